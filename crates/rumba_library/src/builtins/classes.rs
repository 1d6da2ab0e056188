//! `isinstance`, decided by types, so that branches on it are compiled only where they can run.

use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::{Code, Diagnostic, Span};
use rumba_types::{FunctionRef, Type, TypeKind};

impl Emitter<'_> {
    /// A literal bool; a bool where a value may be None.
    pub(crate) fn is_instance(&mut self, value: Value, classes: Value, span: Span) -> Emit {
        let ty = self.ty(value).widen();
        let classes = self.ty(classes);
        if let TypeKind::Optional(inner) = ty.kind() {
            let some = belongs(*inner, classes, span)?;
            let none = belongs(Type::none(), classes, span)?;
            if some != none {
                let present = self.b.field(value, 0);
                return Ok(if some { present } else { self.b.not(present) });
            }
            return Ok(self.literal_bool(some));
        }
        let belongs = belongs(ty, classes, span)?;
        Ok(self.literal_bool(belongs))
    }
}

/// Whether values of type `ty` are instances of `class`, or of one of a tuple of classes.
fn belongs(ty: Type, class: Type, span: Span) -> Emit<bool> {
    match class.kind() {
        TypeKind::Tuple(classes) => {
            let mut found = false;
            for class in classes {
                found |= belongs(ty, *class, span)?;
            }
            return Ok(found);
        }
        TypeKind::Function(FunctionRef::Library(path)) => {
            if let Some(found) = belongs_to_library_class(ty, path) {
                return Ok(found);
            }
        }
        TypeKind::DType(dtype) => return Ok(ty == *dtype),
        TypeKind::None => {}
        TypeKind::NamedTupleClass(class) => {
            return Ok(matches!(ty.kind(), TypeKind::NamedTuple(other, _) if other == class));
        }
        TypeKind::Class { object, .. } => {
            return Ok(ty.as_instance().is_some_and(|class| class.ancestors.contains(object)));
        }
        TypeKind::Function(FunctionRef::Extended { object, .. }) => {
            return Ok(matches!(ty.kind(), TypeKind::Struct(ty) if ty.class == Some(*object)));
        }
        TypeKind::EnumClass { object, .. } => {
            return Ok(ty.enum_class() == Some(*object));
        }
        TypeKind::ExceptionClass(class) => {
            return Ok(
                matches!(ty.kind(), TypeKind::Exception(made, _) if made.ancestors.contains(&class.object)),
            );
        }
        _ => {}
    }
    let message = format!("isinstance() cannot decide about {class}");
    let diagnostic = Diagnostic::new(Code::ArgumentType, span, message);
    Err(diagnostic
        .note("it takes classes of numbers, tuples, arrays, named tuples and enums, and tuples of these")
        .into())
}

/// `None` for paths that name no class we know.
fn belongs_to_library_class(ty: Type, path: &str) -> Option<bool> {
    let is_bool = ty.is_bool();
    let is_signed = ty.is_signed_int();
    let is_numpy_number = ty.is_number() && !is_bool;
    Some(match path {
        "builtins.bool" | "numpy.bool" | "numpy.bool_" => is_bool,
        "builtins.int" => ty.is_int() || is_bool,
        "builtins.float" => ty.is_float(),
        "builtins.complex" => ty.is_complex(),
        "builtins.tuple" => ty.as_tuple().is_some(),
        "builtins.str" => ty.is_str(),
        "builtins.list" => matches!(ty.kind(), TypeKind::List(_)),
        "collections.deque" => matches!(ty.kind(), TypeKind::Deque(_)),
        "builtins.dict" => matches!(ty.kind(), TypeKind::Dict(..)),
        "collections.defaultdict" | "collections.Counter" | "collections.OrderedDict" => {
            ty.dict_kind().is_some_and(|kind| path.strip_prefix("collections.") == Some(kind.name()))
        }
        "builtins.set" => matches!(ty.kind(), TypeKind::Set(_, false)),
        "builtins.bytes" => matches!(ty.kind(), TypeKind::Bytes),
        "builtins.range" => matches!(ty.kind(), TypeKind::Range(_)),
        "builtins.slice" => matches!(ty.kind(), TypeKind::Slice(_)),
        "builtins.object" => true,
        "builtins.frozenset" => ty.is_frozenset(),
        "types.NoneType" | "builtins.NoneType" => ty.is_none(),
        "numpy.ndarray" => matches!(ty.kind(), TypeKind::Array(_)),
        "numpy.generic" => ty.is_number(),
        "numpy.number" => is_numpy_number,
        "numpy.integer" => ty.is_int(),
        "numpy.signedinteger" => is_signed,
        "numpy.unsignedinteger" => ty.is_int() && !is_signed,
        "numpy.inexact" => ty.is_float() || ty.is_complex(),
        "numpy.floating" => ty.is_float(),
        "numpy.complexfloating" => ty.is_complex(),
        _ => return None,
    })
}

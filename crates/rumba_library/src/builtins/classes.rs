//! `type`, `isinstance`, `callable` and unions of classes, decided by types, so that branches on them are compiled only
//! where they can run.

use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::{Code, Diagnostic, Span};
use rumba_types::{DictKind, FunctionRef, Type, TypeKind};

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

    /// `type(value)`.
    pub fn class_of(&mut self, value: Value) -> Emit {
        let ty = self.ty(value).widen();
        match class_of(ty) {
            Some(class) => Ok(self.b.unit(class)),
            None => {
                let message = format!("the class of {} is not known in compiled code", ty.shown());
                let diagnostic = self.diagnostic(Code::ArgumentType, message);
                Err(match ty.kind() {
                    TypeKind::Optional(_) => diagnostic.note("ask whether it is None before").into(),
                    _ => diagnostic.into(),
                })
            }
        }
    }

    /// `callable(value)`. Instances are asked by inference, which knows their methods.
    pub fn callable(&mut self, value: Value) -> Emit {
        let can_be_called = |ty: Type| {
            matches!(
                ty.kind(),
                TypeKind::Function(_)
                    | TypeKind::OneOf(_)
                    | TypeKind::Method(..)
                    | TypeKind::BoundMethod { .. }
                    | TypeKind::Closure { .. }
                    | TypeKind::DType(_)
                    | TypeKind::Class { .. }
                    | TypeKind::EnumClass { .. }
                    | TypeKind::ExceptionClass(_)
                    | TypeKind::NamedTupleClass(_)
            )
        };
        match self.ty(value).kind() {
            TypeKind::Optional(inner) if can_be_called(*inner) => Ok(self.b.field(value, 0)),
            _ => {
                let is_callable = can_be_called(self.ty(value));
                Ok(self.literal_bool(is_callable))
            }
        }
    }

    /// `int | float`: a tuple of classes, which is what `isinstance` takes it for. `None` if a side is no class.
    pub(crate) fn union_of_classes(&mut self, lhs: Value, rhs: Value) -> Option<Value> {
        if self.ty(lhs).is_none() && self.ty(rhs).is_none() {
            return None;
        }
        let mut classes = Vec::new();
        for side in [self.ty(lhs), self.ty(rhs)] {
            match side.kind() {
                TypeKind::Tuple(types) if !types.is_empty() && types.iter().all(|ty| is_class(*ty)) => {
                    classes.extend_from_slice(types);
                }
                TypeKind::None => classes.push(Type::library_function(NONE_TYPE)),
                _ if is_class(side) => classes.push(side),
                _ => return None,
            }
        }
        let classes = classes.into_iter().map(|class| self.b.unit(class)).collect();
        Some(self.tuple(classes))
    }
}

const NONE_TYPE: &str = "types.NoneType";

/// Whether values of this type are classes that `isinstance` knows.
fn is_class(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::Function(FunctionRef::Library(path)) => {
            belongs_to_library_class(Type::none(), path).is_some()
        }
        TypeKind::DType(_)
        | TypeKind::Class { .. }
        | TypeKind::EnumClass { .. }
        | TypeKind::ExceptionClass(_)
        | TypeKind::NamedTupleClass(_)
        | TypeKind::Function(FunctionRef::Extended { .. }) => true,
        _ => false,
    }
}

/// The class of values of this type, as a type of its own. Numbers of 64 bits are Python's.
fn class_of(ty: Type) -> Option<Type> {
    let path = match ty.kind() {
        TypeKind::None => NONE_TYPE,
        TypeKind::Bool => "builtins.bool",
        _ if ty == Type::int64() => "builtins.int",
        _ if ty == Type::float64() => "builtins.float",
        _ if ty == Type::complex128() => "builtins.complex",
        TypeKind::Int(_) | TypeKind::Float(_) | TypeKind::Complex(_) => {
            return Some(TypeKind::DType(ty).into());
        }
        TypeKind::Str => "builtins.str",
        TypeKind::Bytes => "builtins.bytes",
        TypeKind::Tuple(_) => "builtins.tuple",
        TypeKind::NamedTuple(class, _) => return Some(TypeKind::NamedTupleClass(class.clone()).into()),
        TypeKind::List(_) | TypeKind::MixedList(_) => "builtins.list",
        TypeKind::Deque(_) => "collections.deque",
        TypeKind::Set(_, false) => "builtins.set",
        TypeKind::Set(_, true) => "builtins.frozenset",
        TypeKind::Dict(_, _, kind) => match kind {
            DictKind::Plain => "builtins.dict",
            DictKind::Ordered => "collections.OrderedDict",
            DictKind::Counter => "collections.Counter",
            DictKind::Default(_) => "collections.defaultdict",
        },
        TypeKind::Range(_) => "builtins.range",
        TypeKind::Slice(_) => "builtins.slice",
        TypeKind::Array(_) => "numpy.ndarray",
        TypeKind::Instance(class) => {
            return Some(TypeKind::Class { object: class.object, name: class.name.clone() }.into());
        }
        TypeKind::EnumMember { class, class_name, .. } => {
            return Some(TypeKind::EnumClass { object: *class, name: class_name.clone() }.into());
        }
        TypeKind::Exception(class, _) => return Some(TypeKind::ExceptionClass(class.clone()).into()),
        _ => return None,
    };
    Some(Type::library_function(path))
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
        "builtins.tuple" => ty.as_tuple().is_some() && !ty.is_mixed_list(),
        "builtins.str" => ty.is_str(),
        "builtins.list" => matches!(ty.kind(), TypeKind::List(_) | TypeKind::MixedList(_)),
        "collections.deque" => matches!(ty.kind(), TypeKind::Deque(_)),
        "builtins.dict" => {
            matches!(ty.kind(), TypeKind::Dict(..) | TypeKind::MixedDict(..) | TypeKind::Keywords(..))
        }
        "collections.defaultdict" | "collections.Counter" | "collections.OrderedDict" => {
            ty.dict_kind().is_some_and(|kind| path.strip_prefix("collections.") == Some(kind.name()))
        }
        "builtins.set" => matches!(ty.kind(), TypeKind::Set(_, false)),
        "builtins.bytes" => matches!(ty.kind(), TypeKind::Bytes),
        "builtins.range" => matches!(ty.kind(), TypeKind::Range(_)),
        "builtins.slice" => matches!(ty.kind(), TypeKind::Slice(_)),
        "builtins.object" => true,
        "builtins.frozenset" => ty.is_frozenset(),
        NONE_TYPE => ty.is_none(),
        "numpy.ndarray" => matches!(ty.kind(), TypeKind::Array(_)),
        "numpy.datetime64" => ty.is_datetime(),
        "numpy.timedelta64" => ty.time_unit().is_some() && !ty.is_datetime(),
        "numpy.generic" => ty.is_number() || ty.time_unit().is_some(),
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

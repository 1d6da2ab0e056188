//! What is asked of classes: `issubclass`, `type` of what was caught, `callable` of instances.
//!
//! The library decides what types say; which class inherits from which other one, the interpreter is asked.

use crate::exceptions::class_of_caught;
use crate::inference::Inference;
use rumba_ir::Value;
use rumba_library::declaration::Call;
use rumba_library::{Emit, Emitter};
use rumba_source::{Code, Diagnostic};
use rumba_types::{ClassRef, FunctionRef, Type, TypeKind};

impl Inference<'_> {
    pub(crate) fn is_subclass(&mut self, e: &mut Emitter<'_>, call: &Call) -> Emit<Value> {
        let class = class_at(e, call, 0, e.ty(call.args[0]))?;
        let others = e.ty(call.args[1]);
        let others = match others.kind() {
            TypeKind::Tuple(types) => types.clone(),
            _ => vec![others],
        };
        let mut found = false;
        for other in others {
            let other = class_at(e, call, 1, other)?;
            found |= match self.env.is_subclass(&class, &other) {
                Some(found) => found,
                None => return Err(no_class(call, 1, e.ty(call.args[1])).into()),
            };
        }
        Ok(e.literal_bool(found))
    }

    pub(crate) fn class_of_value(&mut self, e: &mut Emitter<'_>, call: &Call) -> Emit<Value> {
        match e.ty(call.args[0]) == Type::caught_exception() {
            true => Ok(class_of_caught(e, call.args[0])),
            false => e.class_of(call.args[0]),
        }
    }

    pub(crate) fn is_callable(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit<Value> {
        match e.ty(call.args[0]).as_instance() {
            Some(_) => {
                let found = self.finds_attribute(e, idx, call.args[0], "__call__");
                Ok(e.literal_bool(found))
            }
            None => e.callable(call.args[0]),
        }
    }
}

/// Where the interpreter finds the class that a value of this type is.
fn class_at(e: &Emitter<'_>, call: &Call, idx: usize, ty: Type) -> Emit<ClassRef> {
    Ok(match ty.kind() {
        TypeKind::Function(FunctionRef::Library(path)) => ClassRef::Path(path.clone()),
        TypeKind::Function(FunctionRef::Extended { object, .. })
        | TypeKind::Class { object, .. }
        | TypeKind::EnumClass { object, .. } => ClassRef::Object(*object),
        TypeKind::ExceptionClass(class) => ClassRef::Object(class.object),
        TypeKind::NamedTupleClass(class) => class.class.clone(),
        TypeKind::DType(ty) if ty.is_number() => ClassRef::Path(format!("numpy.{ty}").into()),
        _ => return Err(no_class(call, idx, e.ty(call.args[idx])).into()),
    })
}

fn no_class(call: &Call, idx: usize, ty: Type) -> Diagnostic {
    let message = format!("issubclass() cannot decide about {}", ty.shown());
    Diagnostic::new(Code::ArgumentType, call.spans[idx], message)
        .note("it takes classes and tuples of classes")
}

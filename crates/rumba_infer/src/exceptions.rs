//! What is raised and caught: classes that `except` names, causes, exceptions that are made.

use crate::Constant;
use crate::inference::Inference;
use rumba_ir::runtime_function::{CATCH_MADE, EXCEPTION_MATCHES, RAISE_CAUGHT, SET_CAUSE};
use rumba_ir::{Edge, ExceptionRef, Payload, SiteKind, Terminator, Value as IrValue};
use rumba_library::{Emit, Emitter};
use rumba_source::Code as ErrorCode;
use rumba_types::{ExceptionClass, Type, TypeKind};
use std::sync::Arc;

/// Whether values of this type can be raised.
pub(crate) fn is_exception(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::ExceptionClass(_) | TypeKind::Exception(..) | TypeKind::CaughtException => true,
        TypeKind::Optional(inner) => is_exception(*inner),
        _ => false,
    }
}

/// Ends the current block by raising.
pub(crate) fn emit_raise(e: &mut Emitter<'_>, exception: IrValue) {
    let (class, args) = match e.ty(exception).kind() {
        TypeKind::ExceptionClass(class) => (class.clone(), Vec::new()),
        TypeKind::Exception(class, types) => {
            (class.clone(), (0..types.len()).map(|idx| e.b.field(exception, idx)).collect())
        }
        TypeKind::CaughtException => {
            let site = e.call_site();
            e.b.call_runtime(&RAISE_CAUGHT, vec![exception], Type::none(), Some(site));
            return e.b.terminate(Terminator::Unreachable);
        }
        TypeKind::Optional(_) => {
            let present = e.b.field(exception, 0);
            e.raise_unless(present, "TypeError", "exceptions must derive from BaseException", &[]);
            let exception = e.b.field(exception, 1);
            return emit_raise(e, exception);
        }
        ty => unreachable!("inference refuses to raise {ty:?}"),
    };
    let kind = SiteKind::Raise {
        exception: ExceptionRef::Object(class.object, class.name.clone()),
        payload: Payload::Arguments,
    };
    let site = e.host_site(kind, &args);
    e.b.terminate(Terminator::Raise { site, args, cleanup: Vec::new() });
}

/// `raise … from cause`. A cause that was never raised is made by raising it, to where it is caught at once.
pub(crate) fn set_cause(e: &mut Emitter<'_>, raised: IrValue, cause: IrValue) -> Emit<IrValue> {
    let ty = e.ty(cause);
    let cause = match ty.kind() {
        TypeKind::None => e.b.address(0),
        TypeKind::CaughtException => cause,
        _ if is_exception(ty) && !matches!(ty.kind(), TypeKind::Optional(_)) => {
            let [made, caught] = std::array::from_fn(|_| e.b.function.add_block());
            e.b.jump(made, Vec::new());
            e.b.switch_to(made);
            e.b.function.block_mut(made).handler = Some(Edge { block: caught, args: Vec::new() });
            emit_raise(e, cause);
            e.b.switch_to(caught);
            e.b.call_runtime(&CATCH_MADE, Vec::new(), Type::caught_exception(), None)
        }
        _ => {
            let message = format!("the cause of an exception is another one or None, not {}", ty.shown());
            return e.error(ErrorCode::NotAnException, message);
        }
    };
    Ok(e.b.call_runtime(&SET_CAUSE, vec![raised, cause], Type::none(), None))
}

impl Inference<'_> {
    /// `except class`, where `class` may be a tuple of classes.
    pub(crate) fn match_exception(
        &mut self,
        e: &mut Emitter<'_>,
        caught: IrValue,
        class: IrValue,
    ) -> Emit<IrValue> {
        let mut classes = Vec::new();
        match e.ty(class).kind() {
            TypeKind::Tuple(types) => {
                for ty in types {
                    classes.push(exception_class(e, *ty)?);
                }
            }
            _ => classes.push(exception_class(e, e.ty(class))?),
        }
        let base = match self.env.resolve_builtin("BaseException") {
            Some(Constant::ExceptionClass(base)) => Some(base.object),
            _ => None,
        };
        if classes.iter().any(|class| Some(class.object) == base) {
            return Ok(e.literal_bool(true));
        }
        let mut any = None;
        for class in classes {
            let id = e.b.int64(i64::from(class.object.0));
            let fits = e.b.call_runtime(&EXCEPTION_MATCHES, vec![caught, id], Type::bool(), None);
            any = Some(any.map_or(fits, |any| e.b.or(any, fits)));
        }
        Ok(any.unwrap_or_else(|| e.literal_bool(false)))
    }
}

fn exception_class(e: &Emitter<'_>, ty: Type) -> Emit<Arc<ExceptionClass>> {
    if let TypeKind::ExceptionClass(class) = ty.kind() {
        return Ok(class.clone());
    }
    let message = format!("`except` catches exception classes, not {}", ty.shown());
    let diagnostic = e.diagnostic(ErrorCode::NotAnException, message);
    Err(diagnostic.note("name a class or a tuple of classes that is known when compiling").into())
}

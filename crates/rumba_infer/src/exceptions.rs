//! What is raised and caught: classes that `except` names, causes, exceptions that are made.

use crate::Constant;
use crate::inference::Inference;
use rumba_ir::runtime_function::{CATCH_MADE, EXCEPTION_MATCHES, RAISE_CAUGHT, SET_CAUSE};
use rumba_ir::{Edge, ExceptionRef, Payload, SiteKind, Terminator, Value as IrValue};
use rumba_library::declaration::Argument;
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

/// The class of a caught exception, which is not known when compiling, is a method of this path, bound to the exception.
const CLASS_OF_CAUGHT: &str = "exception.__class__";

/// What `__exit__` gets as the class of the exception.
pub(crate) fn class_of_caught(e: &mut Emitter<'_>, caught: IrValue) -> IrValue {
    let ty = TypeKind::Method(CLASS_OF_CAUGHT.into(), e.ty(caught)).into();
    e.b.make(ty, vec![caught])
}

fn is_class_of_caught(ty: Type) -> bool {
    matches!(ty.kind(), TypeKind::Method(path, _) if **path == *CLASS_OF_CAUGHT)
}

/// Refuses to compare the class of a caught exception with another class: which one it is, only the interpreter knows.
pub(crate) fn refuse_comparison(e: &Emitter<'_>, operands: [IrValue; 2]) -> Emit<()> {
    let types = operands.map(|operand| e.ty(operand));
    if !types.into_iter().any(is_class_of_caught) || types.into_iter().any(Type::is_none) {
        return Ok(());
    }
    let diagnostic = e.diagnostic(
        ErrorCode::OperandTypes,
        "the class of a caught exception is compared with None, and nothing else",
    );
    Err(diagnostic.note("ask for it with `issubclass(…)`").into())
}

impl Inference<'_> {
    /// `isinstance(caught, classes)`, or `issubclass` of the class of a caught exception; `None` for all else.
    pub(crate) fn is_caught(
        &mut self,
        e: &mut Emitter<'_>,
        path: &str,
        arguments: &[Argument],
    ) -> Emit<Option<IrValue>> {
        let [Argument { keyword: None, value, .. }, Argument { keyword: None, value: classes, .. }] =
            arguments
        else {
            return Ok(None);
        };
        let ty = e.ty(*value);
        let caught = match path {
            "builtins.isinstance" if matches!(ty.kind(), TypeKind::CaughtException) => *value,
            "builtins.issubclass" if is_class_of_caught(ty) => e.b.field(*value, 0),
            _ => return Ok(None),
        };
        self.match_exception(e, caught, *classes).map(Some)
    }

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

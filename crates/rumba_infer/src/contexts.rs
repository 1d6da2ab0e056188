//! `with`: what entering and leaving a context manager calls.
//!
//! Instances have methods for that, managers of `contextlib` functions of the prelude.

use crate::classes::class_of;
use crate::environment::Extensible;
use crate::exceptions::class_of_caught;
use crate::inference::Inference;
use rumba_ir::Value;
use rumba_library::declaration::Argument;
use rumba_library::{Call, Emit, Emitter};
use rumba_types::{ContextKind, TypeKind};

/// What functions with the decorator `contextlib.contextmanager` call: a function, its arguments and its keywords.
pub(crate) const GENERATOR_MANAGER: &str = "contextlib._GeneratorContextManager";

impl Inference<'_> {
    /// `with manager as …`: what is bound.
    pub(crate) fn enter_context(&mut self, e: &mut Emitter<'_>, idx: usize, manager: Value) -> Emit {
        if class_of(e.ty(manager)).is_some() {
            return self.require_method(e, idx, manager, "__enter__", &[], "is no context manager");
        }
        let TypeKind::ContextManager(kind, _) = *e.ty(manager).kind() else {
            return e.no_context_manager(manager);
        };
        let of = e.b.field(manager, 0);
        match kind {
            ContextKind::Null | ContextKind::Closing => Ok(of),
            ContextKind::Suppressing => Ok(e.b.none()),
            ContextKind::Generator => self.call_prelude(e, idx, "contextlib._entered", &[of]),
        }
    }

    /// The end of a `with` block: whether an exception is not to be raised again.
    pub(crate) fn exit_context(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        manager: Value,
        caught: Option<Value>,
    ) -> Emit {
        if class_of(e.ty(manager)).is_some() {
            let none = e.b.none();
            let args = match caught {
                Some(caught) => [class_of_caught(e, caught), caught, none],
                None => [none; 3],
            };
            return self.require_method(e, idx, manager, "__exit__", &args, "is no context manager");
        }
        // Entering anything else was refused.
        let TypeKind::ContextManager(kind, _) = *e.ty(manager).kind() else {
            return Ok(e.literal_bool(false));
        };
        let of = e.b.field(manager, 0);
        match (kind, caught) {
            (ContextKind::Suppressing, Some(caught)) => self.match_exception(e, caught, of),
            (ContextKind::Null | ContextKind::Suppressing, _) => Ok(e.literal_bool(false)),
            (ContextKind::Closing, _) => {
                self.call_prelude(e, idx, "contextlib._closed", &[of])?;
                Ok(e.literal_bool(false))
            }
            (ContextKind::Generator, None) => self.call_prelude(e, idx, "contextlib._left", &[of]),
            (ContextKind::Generator, Some(caught)) => {
                self.call_prelude(e, idx, "contextlib._left", &[of, caught])
            }
        }
    }

    /// `func(*args, **kwds)`, which gives a generator, for `with`.
    pub(crate) fn generator_manager(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit {
        let [func, args, kwds] = call.args[..] else { unreachable!("the declaration has three parameters") };
        let names = match e.ty(kwds).kind() {
            TypeKind::Keywords(names, _) => names.clone(),
            _ => Vec::new(),
        };
        let n_args = e.ty(args).as_tuple().map_or(0, |elements| elements.len());
        let keywords = std::iter::repeat_n(None, n_args).chain(names.into_iter().map(Some));
        let parts = (0..n_args).map(|position| (args, position));
        let parts = parts.chain((0..e.ty(kwds).parts().len()).map(|position| (kwds, position)));
        let arguments: Vec<Argument> = keywords
            .zip(parts)
            .map(|(keyword, (of, position))| Argument {
                keyword: keyword.map(|name| (*name).into()),
                value: e.b.field(of, position),
                span: e.span,
            })
            .collect();
        let generator = self.call_value(e, idx, func, arguments)?;
        Ok(e.context_manager(ContextKind::Generator, generator))
    }

    fn call_prelude(&mut self, e: &mut Emitter<'_>, idx: usize, path: &str, args: &[Value]) -> Emit {
        let argument = |value: &Value| Argument { keyword: None, value: *value, span: e.span };
        let arguments = args.iter().map(argument).collect();
        self.call_extended(e, idx, &Extensible::Library(path.into()), path, arguments)
    }
}

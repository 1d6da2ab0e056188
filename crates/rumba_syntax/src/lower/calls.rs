//! Calls: the callee, then positional arguments, then keyword arguments.
//!
//! `f(k=g(1), *g(2))` evaluates `g(2)` first: CPython takes all positional arguments before any keyword.

use super::{Lowering, Place};
use crate::hir::{Argument, ArgumentKind, Inst, Value};
use ruff_python_ast::{Expr, ExprCall};

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn call(&mut self, call: &'a ExprCall) -> Value {
        let span = self.span(call);
        if self.is_bare_super(call) {
            return self.unsupported_class_cell(span);
        }
        let callee = self.expr(&call.func);
        let mut args = Vec::with_capacity(call.arguments.args.len() + call.arguments.keywords.len());
        for arg in &call.arguments.args {
            let (kind, value) = match arg {
                Expr::Starred(starred) => (ArgumentKind::Starred, &*starred.value),
                _ => (ArgumentKind::Positional, arg),
            };
            let value = self.argument(value, callee);
            args.push(Argument { kind, value, span: self.span(arg) });
        }
        for keyword in &call.arguments.keywords {
            // CPython does not mangle these.
            let kind = match &keyword.arg {
                Some(name) => ArgumentKind::Keyword(self.intern(name)),
                None => ArgumentKind::DoubleStarred,
            };
            let value = self.argument(&keyword.value, callee);
            args.push(Argument { kind, value, span: self.span(keyword) });
        }
        self.emit(Inst::Call { callee, args }, span)
    }

    /// `super()` takes the class and the object from the frame, which compiled code has not.
    fn is_bare_super(&mut self, call: &'a ExprCall) -> bool {
        let Expr::Name(name) = &*call.func else {
            return false;
        };
        name.id == "super" && call.arguments.args.is_empty() && matches!(self.place(&name.id), Place::Free)
    }
}

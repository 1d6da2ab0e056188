//! Calls: the callee, then positional arguments, then keyword arguments.
//!
//! `f(k=g(1), *g(2))` evaluates `g(2)` first: CPython takes all positional arguments before any keyword.

use super::{Lowering, Place};
use crate::hir::{Argument, ArgumentKind, Inst, Value};
use ruff_python_ast::{Expr, ExprCall, Identifier, Keyword};
use rumba_source::Span;

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn call(&mut self, call: &'a ExprCall) -> Value {
        let span = self.span(call);
        if self.is_bare_super(call) {
            // What the class is, the function knows; the object is its first argument.
            let Some(receiver) = self.receiver() else {
                return self.unsupported_class_cell(span);
            };
            let callee = self.expr(&call.func);
            let value = self.read_name(receiver, span);
            let args = vec![Argument { kind: ArgumentKind::Positional, value, span }];
            return self.emit(Inst::Call { callee, args }, span);
        }
        if let Some(value) = self.consume_generator(call) {
            return value;
        }
        let callee = self.expr(&call.func);
        let args = self.arguments(callee, &call.arguments.args, &call.arguments.keywords);
        self.emit(Inst::Call { callee, args }, span)
    }

    pub(super) fn arguments(
        &mut self,
        callee: Value,
        positional: &'a [Expr],
        keywords: &'a [Keyword],
    ) -> Vec<Argument> {
        let mut args = Vec::with_capacity(positional.len() + keywords.len());
        for arg in positional {
            let (kind, value) = match arg {
                Expr::Starred(starred) => (ArgumentKind::Starred, &*starred.value),
                _ => (ArgumentKind::Positional, arg),
            };
            let value = self.argument(value, callee);
            args.push(Argument { kind, value, span: self.span(arg) });
        }
        for keyword in keywords {
            self.keyword_argument(
                keyword.arg.as_ref(),
                &keyword.value,
                self.span(keyword),
                callee,
                &mut args,
            );
        }
        args
    }

    /// `name=value` or, without a name, `**value`.
    fn keyword_argument(
        &mut self,
        name: Option<&'a Identifier>,
        value: &'a Expr,
        span: Span,
        callee: Value,
        args: &mut Vec<Argument>,
    ) {
        if name.is_none()
            && let Expr::Dict(dict) = value
            && dict.items.iter().all(|item| matches!(&item.key, None | Some(Expr::StringLiteral(_))))
        {
            // `**{"a": 1}` is `a=1`.
            for item in &dict.items {
                match &item.key {
                    Some(Expr::StringLiteral(key)) => {
                        let kind = ArgumentKind::Keyword(key.value.to_str().into());
                        let value = self.argument(&item.value, callee);
                        args.push(Argument { kind, value, span: self.span(&item.value) });
                    }
                    _ => self.keyword_argument(None, &item.value, self.span(&item.value), callee, args),
                }
            }
            return;
        }
        // CPython does not mangle these.
        let kind = match name {
            Some(name) => ArgumentKind::Keyword(self.intern(name)),
            None => ArgumentKind::DoubleStarred,
        };
        let value = self.argument(value, callee);
        args.push(Argument { kind, value, span });
    }

    /// The first parameter, in a method itself and not in a function in it.
    fn receiver(&self) -> Option<&'a str> {
        self.shared.found.receiver().filter(|_| self.shared.scopes.len() == 1)
    }

    /// `super()` takes the class and the object from the frame.
    fn is_bare_super(&mut self, call: &'a ExprCall) -> bool {
        let Expr::Name(name) = &*call.func else {
            return false;
        };
        name.id == "super" && call.arguments.args.is_empty() && matches!(self.place(&name.id), Place::Free)
    }
}

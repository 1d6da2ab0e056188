//! `try` and `raise`.
//!
//! A block that is made while `Ssa::handler` is set leads there when something in it raises. The suite of `finally` is
//! lowered for every way that leads through it, as in CPython: the one without an exception, the one with one, and each
//! `break`, `continue` and `return`.

use super::{Around, Lowering};
use crate::hir::{Argument, ArgumentKind, Block, Constant, Inst, Terminator, Value};
use ruff_python_ast::{ExceptHandler, ExceptHandlerExceptHandler, Identifier, Stmt, StmtRaise, StmtTry};
use rumba_source::Span;

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn try_stmt(&mut self, stmt: &'a StmtTry) {
        if stmt.is_star {
            self.unsupported_except_star(stmt);
        }
        let span = self.span(stmt);
        if stmt.finalbody.is_empty() {
            self.try_except(stmt, span);
        } else {
            self.try_finally(stmt, span);
        }
    }

    fn try_except(&mut self, stmt: &'a StmtTry, span: Span) {
        if stmt.handlers.is_empty() {
            return self.body(&stmt.body);
        }
        let [caught_here, after] = std::array::from_fn(|_| self.ssa.new_block());
        self.handled_by(Some(caught_here), span, |lowering| lowering.body(&stmt.body));
        self.body(&stmt.orelse);
        self.jump(after, span);

        self.enter(caught_here);
        let caught = self.emit(Inst::Caught, span);
        for handler in &stmt.handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            let next = self.ssa.new_block();
            if let Some(class) = &handler.type_ {
                let class_span = self.span(&**class);
                let class = self.expr(class);
                let fits = self.ssa.new_block();
                let condition = self.emit(Inst::MatchException { caught, class }, class_span);
                self.branch(condition, fits, next, class_span);
                self.enter(fits);
            }
            self.except_clause(handler, caught);
            self.jump(after, span);
            self.enter(next);
        }
        self.end(Terminator::Reraise(caught), span);
        self.enter(after);
    }

    fn except_clause(&mut self, handler: &'a ExceptHandlerExceptHandler, caught: Value) {
        let span = self.span(handler);
        let name = handler.name.as_ref();
        if let Some(name) = name {
            let span = self.span(name);
            let value = self.emit(Inst::Copy(caught), span);
            self.bind_name(name, value, span);
        }
        self.handling(caught, name, span, |lowering| lowering.body(&handler.body));
    }

    fn try_finally(&mut self, stmt: &'a StmtTry, span: Span) {
        let [caught_here, after] = std::array::from_fn(|_| self.ssa.new_block());
        let handler = self.ssa.handler;
        self.handled_by(Some(caught_here), span, |lowering| {
            lowering.around.push(Around::Finally { suite: &stmt.finalbody, handler });
            lowering.try_except(stmt, span);
            lowering.around.pop();
        });
        self.quiet_finally(&stmt.finalbody);
        self.jump(after, span);

        self.enter(caught_here);
        let caught = self.emit(Inst::Caught, span);
        self.handling(caught, None, span, |lowering| lowering.body(&stmt.finalbody));
        self.end(Terminator::Reraise(caught), span);
        self.enter(after);
    }

    /// A `finally` suite on a way on which nothing was raised.
    fn quiet_finally(&mut self, suite: &'a [Stmt]) {
        self.n_quiet_finallys += 1;
        self.body(suite);
        self.n_quiet_finallys -= 1;
    }

    /// Lowers what goes to `handler` when it raises. Goes on in a new block that does not.
    pub(super) fn handled_by(&mut self, handler: Option<Block>, span: Span, lower: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.ssa.handler, handler);
        let inside = self.ssa.new_block();
        self.jump(inside, span);
        self.enter(inside);
        lower(self);
        self.ssa.handler = outer;
        let outside = self.ssa.new_block();
        self.jump(outside, span);
        self.enter(outside);
    }

    /// Lowers what happens while an exception is handled: another one that leaves it gets the first as its context.
    /// The name that the exception was bound to is unbound at the end, whichever way that is.
    pub(super) fn handling(
        &mut self,
        caught: Value,
        name: Option<&'a Identifier>,
        span: Span,
        lower: impl FnOnce(&mut Self),
    ) {
        let handler = self.ssa.handler;
        let raised_here = self.ssa.new_block();
        self.handled_by(Some(raised_here), span, |lowering| {
            lowering.around.push(Around::Handling { caught, name, handler });
            lower(lowering);
            lowering.around.pop();
        });
        self.unbind(name);
        let after = self.ssa.new_block();
        self.jump(after, span);

        self.enter(raised_here);
        let raised = self.emit(Inst::Caught, span);
        self.emit(Inst::ChainException { raised, handled: caught }, span);
        self.unbind(name);
        self.end(Terminator::Reraise(raised), span);
        self.enter(after);
    }

    fn unbind(&mut self, name: Option<&'a Identifier>) {
        if let Some(name) = name {
            let span = self.span(name);
            let text = self.intern(name);
            let undefined = self.emit(Inst::Undefined { name: text }, span);
            self.bind_name(name, undefined, span);
        }
    }

    /// Leaves the statements around the current point but for the `n_kept` outermost ones, and ends the block as
    /// `end` says.
    pub(super) fn leave(&mut self, n_kept: usize, span: Span, end: impl FnOnce(&mut Self)) {
        let handler = self.ssa.handler;
        let mut left = Vec::new();
        while self.around.len() > n_kept {
            let around = self.around.pop().expect("longer than what is kept");
            match around {
                Around::Loop(_) => {}
                Around::Finally { suite, handler } => {
                    self.handled_outside(handler, span);
                    self.quiet_finally(suite);
                }
                Around::With { manager, span, handler } => {
                    self.handled_outside(handler, span);
                    self.emit(Inst::ExitContext { manager, caught: None }, span);
                }
                Around::Handling { name, handler, .. } => {
                    self.handled_outside(handler, span);
                    self.unbind(name);
                }
            }
            left.push(around);
        }
        end(self);
        self.around.extend(left.into_iter().rev());
        self.ssa.handler = handler;
        // What follows cannot be reached, but is in the `try` again.
        let rest = self.ssa.new_block();
        self.enter(rest);
    }

    fn handled_outside(&mut self, handler: Option<Block>, span: Span) {
        self.ssa.handler = handler;
        let next = self.ssa.new_block();
        self.jump(next, span);
        self.enter(next);
    }

    pub(super) fn raise_stmt(&mut self, stmt: &'a StmtRaise) {
        let span = self.span(stmt);
        let Some(exception) = &stmt.exc else {
            return self.raise_again(span);
        };
        let exception = self.expr(exception);
        let Some(cause) = &stmt.cause else {
            return self.end(Terminator::Raise(exception), span);
        };
        let cause_span = self.span(&**cause);
        let cause = self.expr(cause);
        let with_cause = self.ssa.new_block();
        self.handled_by(Some(with_cause), span, |lowering| {
            lowering.end(Terminator::Raise(exception), span);
        });
        self.enter(with_cause);
        let raised = self.emit(Inst::Caught, span);
        self.emit(Inst::SetCause { raised, cause }, cause_span);
        self.end(Terminator::Reraise(raised), span);
    }

    /// `raise` alone: the exception that is being handled.
    fn raise_again(&mut self, span: Span) {
        let handled = self.around.iter().rev().find_map(|around| match around {
            Around::Handling { caught, .. } => Some(*caught),
            _ => None,
        });
        match handled {
            Some(caught) => self.end(Terminator::Reraise(caught), span),
            None if self.n_quiet_finallys > 0 => {
                let callee = self.emit(Inst::Builtin("RuntimeError"), span);
                let message = Constant::Str("No active exception to reraise".into());
                let value = self.emit(Inst::Const(message), span);
                let args = vec![Argument { kind: ArgumentKind::Positional, value, span }];
                let exception = self.emit(Inst::Call { callee, args }, span);
                self.end(Terminator::Raise(exception), span);
            }
            None => self.unsupported_raise_again(span),
        }
    }
}

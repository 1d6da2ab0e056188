//! `with`: a `try` whose end is the exit of the context manager.
//!
//! Types decide whether the exit does anything. Where it does not, nothing is left of it but that exceptions pass by.

use super::{Around, Lowering};
use crate::hir::{Inst, Terminator};
use ruff_python_ast::{Stmt, StmtWith, WithItem};

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn with_stmt(&mut self, stmt: &'a StmtWith) {
        if let Some(call) = Self::as_objmode(stmt) {
            return self.interpreted_block(stmt, call);
        }
        self.in_contexts(&stmt.items, &stmt.body);
    }

    fn in_contexts(&mut self, items: &'a [WithItem], body: &'a [Stmt]) {
        let Some((item, inner)) = items.split_first() else {
            return self.body(body);
        };
        let span = self.span(&item.context_expr);
        let manager = self.expr(&item.context_expr);
        let entered = self.emit(Inst::EnterContext(manager), span);
        let [caught_here, after] = std::array::from_fn(|_| self.ssa.new_block());
        let handler = self.ssa.handler;
        self.handled_by(Some(caught_here), span, |lowering| {
            lowering.around.push(Around::With { manager, span, handler });
            if let Some(target) = &item.optional_vars {
                let value = lowering.own_value(entered, span);
                lowering.assign(target, value);
            }
            lowering.in_contexts(inner, body);
            lowering.around.pop();
        });
        self.emit(Inst::ExitContext { manager, caught: None }, span);
        self.jump(after, span);

        self.enter(caught_here);
        let caught = self.emit(Inst::Caught, span);
        let outcome = self.temporary();
        self.handling(caught, None, span, |lowering| {
            let exit = lowering.emit(Inst::ExitContext { manager, caught: Some(caught) }, span);
            lowering.set(outcome, exit);
        });
        let outcome = self.get(outcome, span);
        let is_done = self.emit(Inst::Truth(outcome), span);
        let again = self.ssa.new_block();
        self.branch(is_done, after, again, span);
        self.enter(again);
        self.end(Terminator::Reraise(caught), span);
        self.enter(after);
    }
}

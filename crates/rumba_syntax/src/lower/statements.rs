//! Statements, but for assignments, loops, `match`, and those about exceptions and context managers.

use super::{Lowering, Place};
use crate::hir::{Argument, ArgumentKind, Inst, Terminator};
use ruff_python_ast::{Expr, Stmt, StmtAssert, StmtIf, StmtReturn};

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn body(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.inner_def(def),
            Stmt::Return(stmt) => self.return_stmt(stmt),
            Stmt::Delete(stmt) => stmt.targets.iter().for_each(|target| self.delete(target)),
            Stmt::Assign(stmt) => self.assign_stmt(stmt),
            Stmt::AugAssign(stmt) => self.aug_assign_stmt(stmt),
            Stmt::AnnAssign(stmt) => self.ann_assign_stmt(stmt),
            Stmt::For(stmt) => self.for_stmt(stmt),
            Stmt::While(stmt) => self.while_stmt(stmt),
            Stmt::If(stmt) => self.if_stmt(stmt),
            Stmt::Match(stmt) => self.match_stmt(stmt),
            Stmt::Raise(stmt) => self.raise_stmt(stmt),
            Stmt::Assert(stmt) => self.assert_stmt(stmt),
            Stmt::Expr(stmt) => self.expr_stmt(&stmt.value),
            Stmt::Pass(_) => {}
            Stmt::Break(stmt) => self.leave_loop(|targets| targets.break_to, stmt.range),
            Stmt::Continue(stmt) => self.leave_loop(|targets| targets.continue_to, stmt.range),
            Stmt::Try(stmt) => self.try_stmt(stmt),
            Stmt::With(with) if !with.is_async => self.with_stmt(with),
            Stmt::Nonlocal(nonlocal) => {
                let is_free = |name| matches!(self.place(name), Place::Free);
                if nonlocal.names.iter().map(|name| name.as_str()).any(is_free) {
                    self.unsupported_stmt(stmt);
                }
            }
            Stmt::ClassDef(_)
            | Stmt::TypeAlias(_)
            | Stmt::With(_)
            | Stmt::Import(_)
            | Stmt::ImportFrom(_)
            | Stmt::Global(_)
            | Stmt::IpyEscapeCommand(_) => self.unsupported_stmt(stmt),
        }
    }

    /// Constants, docstrings above all, are not evaluated, as in CPython.
    fn expr_stmt(&mut self, expr: &'a Expr) {
        if !expr.is_literal_expr() {
            self.expr(expr);
        }
    }

    fn return_stmt(&mut self, stmt: &'a StmtReturn) {
        let span = self.span(stmt);
        let value = match &stmt.value {
            Some(value) => self.expr(value),
            None => self.none(span),
        };
        self.leave(0, span, |lowering| lowering.end(Terminator::Return(value), span));
    }

    fn if_stmt(&mut self, stmt: &'a StmtIf) {
        let span = self.span(stmt);
        let join = self.ssa.new_block();
        let first = (Some(&*stmt.test), &*stmt.body);
        let others = stmt.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &*clause.body));
        for (test, body) in std::iter::once(first).chain(others) {
            // `else` has no test; nothing comes after it.
            let Some(test) = test else {
                self.body(body);
                break;
            };
            let then = self.ssa.new_block();
            let otherwise = self.ssa.new_block();
            self.condition(test, then, otherwise);
            self.enter(then);
            self.body(body);
            self.jump(join, span);
            self.enter(otherwise);
        }
        self.jump(join, span);
        self.enter(join);
    }

    /// The message is evaluated only if the assertion fails.
    fn assert_stmt(&mut self, stmt: &'a StmtAssert) {
        let span = self.span(stmt);
        let test = self.ssa.new_block();
        let pass = self.ssa.new_block();
        let fail = self.ssa.new_block();
        // False under `python -O`; a global variable cannot have this name.
        let name = self.intern("__debug__");
        let debug = self.emit(Inst::Name(name), span);
        let condition = self.emit(Inst::Truth(debug), span);
        self.branch(condition, test, pass, span);
        self.enter(test);
        self.condition(&stmt.test, pass, fail);
        self.enter(fail);
        let callee = self.emit(Inst::Builtin("AssertionError"), span);
        let mut args = Vec::new();
        if let Some(message) = &stmt.msg {
            let value = self.expr(message);
            args.push(Argument { kind: ArgumentKind::Positional, value, span: self.span(&**message) });
        }
        let exception = self.emit(Inst::Call { callee, args }, span);
        self.end(Terminator::Raise(exception), span);
        self.enter(pass);
    }
}

//! `with`.
//!
//! The context managers that compiled code knows do nothing when they are left, whichever way that is.

use super::Lowering;
use crate::hir::Inst;
use ruff_python_ast::StmtWith;

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn with_stmt(&mut self, stmt: &'a StmtWith) {
        if let Some(call) = Self::as_objmode(stmt) {
            return self.interpreted_block(stmt, call);
        }
        for item in &stmt.items {
            let span = self.span(&item.context_expr);
            let manager = self.expr(&item.context_expr);
            let entered = self.emit(Inst::EnterContext(manager), span);
            if let Some(target) = &item.optional_vars {
                let value = self.own_value(entered, span);
                self.assign(target, value);
            }
        }
        self.body(&stmt.body);
    }
}

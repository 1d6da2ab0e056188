//! Assignment in all its forms, and `del`.

use super::{Lowering, Place};
use crate::hir::{Inst, Value};
use ruff_python_ast::{Expr, ExprNamed, StmtAnnAssign, StmtAssign, StmtAugAssign};
use rumba_source::Span;

impl<'a> Lowering<'a, '_, '_> {
    /// `a = b = value`: the value first, then the targets from left to right.
    pub(super) fn assign_stmt(&mut self, stmt: &'a StmtAssign) {
        if let ([Expr::Name(name)], Expr::Lambda(lambda)) = (&*stmt.targets, &*stmt.value) {
            return self.named_lambda(name, lambda);
        }
        let value = self.expr(&stmt.value);
        for target in &stmt.targets {
            let value = if target.is_name_expr() {
                let span = self.span(&*stmt.value);
                self.own_value(value, span)
            } else {
                value
            };
            self.assign(target, value);
        }
    }

    /// `target: annotation = value`. The annotation has no meaning; alone, it only makes a name local.
    pub(super) fn ann_assign_stmt(&mut self, stmt: &'a StmtAnnAssign) {
        if let Some(value) = &stmt.value {
            let span = self.span(&**value);
            let value = self.expr(value);
            let value = self.own_value(value, span);
            self.assign(&stmt.target, value);
            return;
        }
        // CPython evaluates the parts of `a[i]: int`, and does nothing with them.
        match &*stmt.target {
            Expr::Attribute(target) => {
                self.expr(&target.value);
            }
            Expr::Subscript(target) => {
                self.expr(&target.value);
                self.expr(&target.slice);
            }
            _ => {}
        }
    }

    pub(super) fn walrus(&mut self, named: &'a ExprNamed) -> Value {
        let value = self.expr(&named.value);
        let span = self.span(&*named.value);
        let value = self.own_value(value, span);
        self.assign(&named.target, value);
        value
    }

    pub(super) fn assign(&mut self, target: &'a Expr, value: Value) {
        let span = self.span(target);
        match target {
            Expr::Name(name) => self.bind_name(&name.id, value, span),
            Expr::Attribute(target) => {
                let object = self.expr(&target.value);
                let name = self.public_name(&target.attr);
                self.emit(Inst::StoreAttribute { value: object, name, new: value }, span);
            }
            Expr::Subscript(target) => {
                let object = self.expr(&target.value);
                let index = self.index_of(&target.slice, object);
                self.emit(Inst::StoreSubscript { value: object, index, new: value }, span);
            }
            Expr::Tuple(target) => self.unpack(&target.elts, value, span),
            Expr::List(target) => self.unpack(&target.elts, value, span),
            // The parser lets nothing else stand here.
            _ => self.unsupported_expr(target, "this assignment target"),
        }
    }

    /// All items are taken before the first is assigned: `a[1], a[0] = a` swaps.
    fn unpack(&mut self, targets: &'a [Expr], value: Value, span: Span) {
        let star = targets.iter().position(Expr::is_starred_expr);
        let n_before = star.unwrap_or(targets.len()) as u32;
        let n_after = star.map_or(0, |star| targets.len() - star - 1) as u32;
        let unpacked = self.emit(Inst::Unpack { value, n_before, n_after, starred: star.is_some() }, span);
        let mut items = Vec::with_capacity(targets.len());
        for (position, target) in targets.iter().enumerate() {
            let span = self.span(target);
            items.push(self.emit(Inst::UnpackItem { unpacked, position: position as u32 }, span));
        }
        for (target, item) in targets.iter().zip(items) {
            match target {
                Expr::Starred(starred) => self.assign(&starred.value, item),
                _ => self.assign(target, item),
            }
        }
    }

    /// `target op= value`: the parts of the target once, then the value, then the operation.
    pub(super) fn aug_assign_stmt(&mut self, stmt: &'a StmtAugAssign) {
        let span = self.span(stmt);
        let target_span = self.span(&*stmt.target);
        let op = super::expressions::binary_op(stmt.op);
        let combine = |lowering: &mut Self, lhs: Value| {
            let rhs = lowering.expr(&stmt.value);
            lowering.emit(Inst::Binary { op, lhs, rhs, in_place: true }, span)
        };
        match &*stmt.target {
            Expr::Name(name) => {
                let old = self.read_name(&name.id, target_span);
                let new = combine(self, old);
                self.bind_name(&name.id, new, target_span);
            }
            Expr::Attribute(target) => {
                let value = self.expr(&target.value);
                let name = self.public_name(&target.attr);
                let old = self.emit(Inst::Attribute { value, name: name.clone() }, target_span);
                let new = combine(self, old);
                self.emit(Inst::StoreAttribute { value, name, new }, target_span);
            }
            Expr::Subscript(target) => {
                let value = self.expr(&target.value);
                let index = self.index_of(&target.slice, value);
                let old = self.emit(Inst::Subscript { value, index }, target_span);
                let new = combine(self, old);
                self.emit(Inst::StoreSubscript { value, index, new }, target_span);
            }
            target => self.unsupported_expr(target, "this assignment target"),
        }
    }

    pub(super) fn delete(&mut self, target: &'a Expr) {
        let span = self.span(target);
        match target {
            Expr::Name(name) => self.delete_name(&name.id, span),
            Expr::Subscript(target) => {
                let value = self.expr(&target.value);
                let index = self.index_of(&target.slice, value);
                self.emit(Inst::DeleteSubscript { value, index }, span);
            }
            Expr::Tuple(target) => target.elts.iter().for_each(|target| self.delete(target)),
            Expr::List(target) => target.elts.iter().for_each(|target| self.delete(target)),
            _ => self.unsupported_expr(target, "`del` of an attribute"),
        }
    }

    /// The name must be bound, and is not from here on.
    fn delete_name(&mut self, name: &'a str, span: Span) {
        if matches!(self.place(name), Place::Free) {
            return;
        }
        self.read_name(name, span);
        let text = self.intern(name);
        let undefined = self.emit(Inst::Undefined { name: text }, span);
        self.bind_name(name, undefined, span);
    }
}

//! Conditions: `and`, `or`, `not` and chained comparisons as control flow, and as values.
//!
//! Where a condition is asked for, no value is made of `a and b`: each operand branches on its own.

use super::Lowering;
use crate::hir::{Block, Constant, Inst, Value};
use crate::ssa::Variable;
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, ExprBoolOp, ExprCompare, ExprIf, Number};
use rumba_source::operators::{Comparison, UnaryOperator};

impl<'a> Lowering<'a, '_, '_> {
    /// Goes to `then` if the expression is true and to `otherwise` if not.
    pub(super) fn condition(&mut self, expr: &'a Expr, then: Block, otherwise: Block) {
        let span = self.span(expr);
        if let Some(truth) = constant_truth(expr) {
            return self.jump(if truth { then } else { otherwise }, span);
        }
        match expr {
            Expr::UnaryOp(unary) if unary.op == ast::UnaryOp::Not => {
                self.condition(&unary.operand, otherwise, then);
            }
            Expr::BoolOp(bool_op) => self.bool_op_condition(bool_op, then, otherwise),
            Expr::Compare(compare) => self.compare_condition(compare, then, otherwise),
            _ => {
                let value = self.expr(expr);
                let condition = self.emit(Inst::Truth(value), span);
                self.branch(condition, then, otherwise, span);
            }
        }
    }

    fn bool_op_condition(&mut self, expr: &'a ExprBoolOp, then: Block, otherwise: Block) {
        let Some((last, others)) = expr.values.split_last() else {
            return;
        };
        for value in others {
            let next = self.ssa.new_block();
            match expr.op {
                BoolOp::And => self.condition(value, next, otherwise),
                BoolOp::Or => self.condition(value, then, next),
            }
            self.enter(next);
        }
        self.condition(last, then, otherwise);
    }

    fn compare_condition(&mut self, expr: &'a ExprCompare, then: Block, otherwise: Block) {
        let span = self.span(expr);
        self.compare_chain(expr, |lowering, result, is_last| {
            let condition = lowering.emit(Inst::Truth(result), span);
            let next = if is_last { then } else { lowering.ssa.new_block() };
            lowering.branch(condition, next, otherwise, span);
            lowering.enter(next);
        });
    }

    /// `a < b < c`: `step` gets the result of each comparison in turn and arranges that the next is
    /// made only if it holds. Each operand is evaluated once.
    fn compare_chain(&mut self, expr: &'a ExprCompare, mut step: impl FnMut(&mut Self, Value, bool)) {
        let mut lhs = self.expr(&expr.left);
        let mut start = self.span(&*expr.left);
        for (idx, (op, right)) in expr.ops.iter().zip(&expr.comparators).enumerate() {
            let rhs = self.expr(right);
            let end = self.span(right);
            let span = rumba_source::Span { end: end.end, ..start };
            let span = if expr.ops.len() == 1 { self.span(expr) } else { span };
            let result = self.emit(Inst::Compare { op: compare_op(*op), lhs, rhs }, span);
            step(self, result, idx + 1 == expr.ops.len());
            (lhs, start) = (rhs, end);
        }
    }

    /// The value of `a < b < c` is that of the first comparison that does not hold, or of the last.
    pub(super) fn compare(&mut self, expr: &'a ExprCompare) -> Value {
        let span = self.span(expr);
        if expr.ops.len() == 1 {
            let lhs = self.expr(&expr.left);
            let rhs = self.expr(&expr.comparators[0]);
            return self.emit(Inst::Compare { op: compare_op(expr.ops[0]), lhs, rhs }, span);
        }
        let join = self.ssa.new_block();
        let outcome = self.temporary();
        self.compare_chain(expr, |lowering, result, is_last| {
            lowering.set(outcome, result);
            if is_last {
                lowering.jump(join, span);
            } else {
                let condition = lowering.emit(Inst::Truth(result), span);
                let next = lowering.ssa.new_block();
                lowering.branch(condition, next, join, span);
                lowering.enter(next);
            }
        });
        self.enter(join);
        self.get(outcome, span)
    }

    /// `a and b` is `a` if that is false, and `b` otherwise.
    pub(super) fn bool_op(&mut self, expr: &'a ExprBoolOp) -> Value {
        let span = self.span(expr);
        let join = self.ssa.new_block();
        let outcome = self.temporary();
        let Some((last, others)) = expr.values.split_last() else {
            return self.none(span);
        };
        for operand in others {
            let next = self.ssa.new_block();
            self.decide(operand, Decision { stops_at: expr.op == BoolOp::Or, outcome, join, next });
            self.enter(next);
        }
        let value = self.expr(last);
        let value = self.own_value(value, self.span(last));
        self.set(outcome, value);
        self.jump(join, span);
        self.enter(join);
        self.get(outcome, span)
    }

    /// Evaluates an operand that stops the evaluation if its truth is `stops_at`. In `a and b or c`,
    /// a false `a` leads to `c` at once, so that the type of `a` has no part in the result.
    fn decide(&mut self, operand: &'a Expr, decision: Decision) {
        let Decision { stops_at, outcome, join, next } = decision;
        let Expr::BoolOp(inner) = operand else {
            let span = self.span(operand);
            let value = self.expr(operand);
            let value = self.own_value(value, span);
            self.set(outcome, value);
            let condition = self.emit(Inst::Truth(value), span);
            let (then, otherwise) = if stops_at { (join, next) } else { (next, join) };
            return self.branch(condition, then, otherwise, span);
        };
        let Some((last, others)) = inner.values.split_last() else {
            return;
        };
        let inner_stops_at = inner.op == BoolOp::Or;
        for operand in others {
            let following = self.ssa.new_block();
            if inner_stops_at == stops_at {
                self.decide(operand, Decision { next: following, ..decision });
            } else if inner_stops_at {
                self.condition(operand, next, following);
            } else {
                self.condition(operand, following, next);
            }
            self.enter(following);
        }
        self.decide(last, decision);
    }

    /// `not (a and b)` is a condition too: `a` and `b` need no common type.
    pub(super) fn not(&mut self, operand: &'a Expr, whole: &'a Expr) -> Value {
        let span = self.span(whole);
        if !matches!(operand, Expr::BoolOp(_)) {
            let operand = self.expr(operand);
            return self.emit(Inst::Unary { op: UnaryOperator::Not, operand }, span);
        }
        let [when_true, when_false, join] = std::array::from_fn(|_| self.ssa.new_block());
        let outcome = self.temporary();
        self.condition(operand, when_true, when_false);
        for (block, result) in [(when_true, false), (when_false, true)] {
            self.enter(block);
            let value = self.emit(Inst::Const(Constant::Bool(result)), span);
            self.set(outcome, value);
            self.jump(join, span);
        }
        self.enter(join);
        self.get(outcome, span)
    }

    /// `body if test else orelse`
    pub(super) fn if_expr(&mut self, expr: &'a ExprIf) -> Value {
        let span = self.span(expr);
        let [then, otherwise, join] = std::array::from_fn(|_| self.ssa.new_block());
        let outcome = self.temporary();
        self.condition(&expr.test, then, otherwise);
        for (block, branch) in [(then, &expr.body), (otherwise, &expr.orelse)] {
            self.enter(block);
            let branch_span = self.span(&**branch);
            let value = self.expr(branch);
            let value = self.own_value(value, branch_span);
            self.set(outcome, value);
            self.jump(join, span);
        }
        self.enter(join);
        self.get(outcome, span)
    }
}

/// Where an operand of `and` or `or` leads.
#[derive(Clone, Copy)]
struct Decision {
    /// The truth at which the operand is the result.
    stops_at: bool,
    outcome: Variable,
    join: Block,
    next: Block,
}

/// The truth of a literal. As in CPython, `while True` does not end but by `break`, and a variable
/// bound in it is bound after it.
fn constant_truth(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::BooleanLiteral(literal) => Some(literal.value),
        Expr::NoneLiteral(_) => Some(false),
        Expr::EllipsisLiteral(_) => Some(true),
        Expr::StringLiteral(literal) => Some(!literal.value.is_empty()),
        Expr::BytesLiteral(literal) => Some(literal.value.iter().any(|part| !part.value.is_empty())),
        Expr::NumberLiteral(literal) => Some(match &literal.value {
            Number::Int(value) => value.as_u64() != Some(0),
            Number::Float(value) => *value != 0.0,
            Number::Complex { real, imag } => *real != 0.0 || *imag != 0.0,
        }),
        _ => None,
    }
}

fn compare_op(op: CmpOp) -> Comparison {
    match op {
        CmpOp::Eq => Comparison::Eq,
        CmpOp::NotEq => Comparison::Ne,
        CmpOp::Lt => Comparison::Lt,
        CmpOp::LtE => Comparison::Le,
        CmpOp::Gt => Comparison::Gt,
        CmpOp::GtE => Comparison::Ge,
        CmpOp::Is => Comparison::Is,
        CmpOp::IsNot => Comparison::IsNot,
        CmpOp::In => Comparison::In,
        CmpOp::NotIn => Comparison::NotIn,
    }
}

//! Expressions, but for conditions, calls and literals.

use super::Lowering;
use crate::hir::{Element, Inst, Value};
use crate::nesting::binary_spine;
use ruff_python_ast::{self as ast, Expr, ExprDict, ExprSlice, ExprSubscript, ExprUnaryOp, Operator};
use rumba_source::operators::{BinaryOperator, UnaryOperator};

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn expr(&mut self, expr: &'a Expr) -> Value {
        match expr {
            Expr::Name(name) => {
                let span = self.span(name);
                self.read_name(&name.id, span)
            }
            Expr::BinOp(_) => self.binary(expr),
            Expr::UnaryOp(unary) => self.unary(unary, expr),
            Expr::BoolOp(bool_op) => self.bool_op(bool_op),
            Expr::Compare(compare) => self.compare(compare),
            Expr::If(if_expr) => self.if_expr(if_expr),
            Expr::Named(named) => self.walrus(named),
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::Call(call) => self.call(call),
            Expr::Attribute(attribute) => self.attribute(attribute),
            Expr::Subscript(subscript) => self.subscript(subscript),
            Expr::Slice(slice) => self.slice(slice),
            Expr::Tuple(tuple) => {
                let elements = self.elements(&tuple.elts);
                let span = self.span(tuple);
                self.emit(Inst::Tuple(elements), span)
            }
            Expr::List(list) => {
                let elements = self.elements(&list.elts);
                let span = self.span(list);
                self.emit(Inst::List { elements, taken_by: None }, span)
            }
            Expr::Set(set) => {
                let elements = self.elements(&set.elts);
                let span = self.span(set);
                self.emit(Inst::Set(elements), span)
            }
            Expr::Dict(dict) => self.dict(dict),
            Expr::ListComp(comprehension) => self.list_comprehension(comprehension),
            Expr::SetComp(comprehension) => self.set_comprehension(comprehension),
            Expr::DictComp(comprehension) => self.dict_comprehension(comprehension),
            Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::BytesLiteral(_) => self.literal(expr),
            Expr::FString(fstring) => self.fstring(fstring),
            Expr::Generator(generator) => self.generator_expression(generator),
            Expr::Yield(expr) => self.yield_expr(expr),
            Expr::YieldFrom(expr) => self.yield_from(expr),
            Expr::TString(_) | Expr::Await(_) | Expr::Starred(_) | Expr::IpyEscapeCommand(_) => {
                self.unsupported_expr_kind(expr)
            }
        }
    }

    /// A chain of binary operators, in a loop: sums of hundreds of terms are common in generated code.
    fn binary(&mut self, expr: &'a Expr) -> Value {
        let (first, operations) = binary_spine(expr);
        let mut lhs = self.expr(first);
        for operation in operations.into_iter().rev() {
            let rhs = self.expr(&operation.right);
            let span = self.span(operation);
            lhs = self.emit(Inst::Binary { op: binary_op(operation.op), lhs, rhs, in_place: false }, span);
        }
        lhs
    }

    fn unary(&mut self, unary: &'a ExprUnaryOp, whole: &'a Expr) -> Value {
        let op = match unary.op {
            ast::UnaryOp::Not => return self.not(&unary.operand, whole),
            ast::UnaryOp::Invert => UnaryOperator::Invert,
            ast::UnaryOp::UAdd => UnaryOperator::Pos,
            ast::UnaryOp::USub => UnaryOperator::Neg,
        };
        let operand = self.expr(&unary.operand);
        let span = self.span(unary);
        self.emit(Inst::Unary { op, operand }, span)
    }

    fn attribute(&mut self, attribute: &'a ast::ExprAttribute) -> Value {
        let value = self.expr(&attribute.value);
        let name = self.public_name(&attribute.attr);
        let span = self.span(attribute);
        self.emit(Inst::Attribute { value, name }, span)
    }

    fn subscript(&mut self, subscript: &'a ExprSubscript) -> Value {
        let value = self.expr(&subscript.value);
        let index = self.index_of(&subscript.slice, value);
        let span = self.span(subscript);
        self.emit(Inst::Subscript { value, index }, span)
    }

    /// An expression that `taker` is called with or indexed by: see `Inst::List`.
    pub(super) fn argument(&mut self, expr: &'a Expr, taker: Value) -> Value {
        let Expr::List(list) = expr else { return self.expr(expr) };
        let mut elements = Vec::with_capacity(list.elts.len());
        for element in &list.elts {
            elements.push(match element {
                Expr::Starred(starred) => Element::Starred(self.expr(&starred.value)),
                _ => Element::One(self.argument(element, taker)),
            });
        }
        let span = self.span(list);
        self.emit(Inst::List { elements, taken_by: Some(taker) }, span)
    }

    /// What stands between the brackets behind `value`.
    pub(super) fn index_of(&mut self, index: &'a Expr, value: Value) -> Value {
        match index {
            Expr::List(_) => self.argument(index, value),
            Expr::Tuple(tuple) if tuple.elts.iter().any(Expr::is_list_expr) => {
                let mut elements = Vec::with_capacity(tuple.elts.len());
                for element in &tuple.elts {
                    elements.push(match element {
                        Expr::Starred(starred) => Element::Starred(self.expr(&starred.value)),
                        _ => Element::One(self.argument(element, value)),
                    });
                }
                let span = self.span(tuple);
                self.emit(Inst::Tuple(elements), span)
            }
            _ => self.index(index),
        }
    }

    /// What stands between brackets. `a[*index]` is `a[(*index,)]`.
    pub(super) fn index(&mut self, index: &'a Expr) -> Value {
        if index.is_starred_expr() {
            let elements = self.elements(std::slice::from_ref(index));
            let span = self.span(index);
            return self.emit(Inst::Tuple(elements), span);
        }
        self.expr(index)
    }

    fn slice(&mut self, slice: &'a ExprSlice) -> Value {
        let mut part = |part: &'a Option<Box<Expr>>| part.as_ref().map(|part| self.expr(part));
        let (start, stop, step) = (part(&slice.lower), part(&slice.upper), part(&slice.step));
        let span = self.span(slice);
        self.emit(Inst::Slice { start, stop, step }, span)
    }

    fn elements(&mut self, elements: &'a [Expr]) -> Vec<Element> {
        let mut lowered = Vec::with_capacity(elements.len());
        for element in elements {
            lowered.push(match element {
                Expr::Starred(starred) => Element::Starred(self.expr(&starred.value)),
                _ => Element::One(self.expr(element)),
            });
        }
        lowered
    }

    fn dict(&mut self, dict: &'a ExprDict) -> Value {
        let mut items = Vec::with_capacity(dict.items.len());
        for item in &dict.items {
            let key = item.key.as_ref().map(|key| self.expr(key));
            items.push((key, self.expr(&item.value)));
        }
        let span = self.span(dict);
        self.emit(Inst::Dict(items), span)
    }
}

pub(super) fn binary_op(op: Operator) -> BinaryOperator {
    match op {
        Operator::Add => BinaryOperator::Add,
        Operator::Sub => BinaryOperator::Sub,
        Operator::Mult => BinaryOperator::Mul,
        Operator::MatMult => BinaryOperator::MatMul,
        Operator::Div => BinaryOperator::Div,
        Operator::FloorDiv => BinaryOperator::FloorDiv,
        Operator::Mod => BinaryOperator::Mod,
        Operator::Pow => BinaryOperator::Pow,
        Operator::LShift => BinaryOperator::LShift,
        Operator::RShift => BinaryOperator::RShift,
        Operator::BitAnd => BinaryOperator::BitAnd,
        Operator::BitOr => BinaryOperator::BitOr,
        Operator::BitXor => BinaryOperator::BitXor,
    }
}

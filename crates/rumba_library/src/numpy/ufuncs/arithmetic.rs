//! Arithmetic on numbers of one dtype, in its own width.

use crate::operators::BinaryOperator;
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, UnaryOp, Value};
use rumba_types::TypeKind;

impl Emitter<'_> {
    /// `+`, `-` or `*`; of bools `+` is or, `*` is and.
    pub(super) fn ufunc_arithmetic(&mut self, op: BinaryOp, lhs: Value, rhs: Value) -> Emit {
        match (self.ty(lhs).kind(), op) {
            (TypeKind::Bool, BinaryOp::Add) => Ok(self.b.or(lhs, rhs)),
            (TypeKind::Bool, BinaryOp::Mul) => Ok(self.b.and(lhs, rhs)),
            (TypeKind::Complex(_), BinaryOp::Add) => self.complex_arithmetic(BinaryOperator::Add, lhs, rhs),
            (TypeKind::Complex(_), BinaryOp::Sub) => self.complex_arithmetic(BinaryOperator::Sub, lhs, rhs),
            (TypeKind::Complex(_), BinaryOp::Mul) => self.complex_arithmetic(BinaryOperator::Mul, lhs, rhs),
            _ => Ok(self.b.binary(op, lhs, rhs)),
        }
    }

    pub(super) fn ufunc_divide(&mut self, lhs: Value, rhs: Value) -> Value {
        if self.ty(lhs).is_complex() { self.complex_divide(lhs, rhs) } else { self.div(lhs, rhs) }
    }

    pub(super) fn ufunc_floor_divide(&mut self, lhs: Value, rhs: Value) -> Value {
        if self.ty(lhs).is_int() {
            return self.int_division(BinaryOp::FloorDiv, lhs, rhs);
        }
        self.float_floor_div_mod(lhs, rhs).0
    }

    pub(super) fn ufunc_remainder(&mut self, lhs: Value, rhs: Value) -> Value {
        if self.ty(lhs).is_int() {
            return self.int_division(BinaryOp::FloorMod, lhs, rhs);
        }
        self.float_floor_div_mod(lhs, rhs).1
    }

    pub(super) fn ufunc_divmod(&mut self, lhs: Value, rhs: Value) -> Value {
        let quotient = self.ufunc_floor_divide(lhs, rhs);
        let remainder = self.ufunc_remainder(lhs, rhs);
        self.tuple(vec![quotient, remainder])
    }

    pub(super) fn ufunc_fmod(&mut self, lhs: Value, rhs: Value) -> Value {
        if self.ty(lhs).is_int() { self.int_fmod(lhs, rhs) } else { self.fmod(lhs, rhs) }
    }

    pub(super) fn ufunc_power(&mut self, base: Value, exponent: Value) -> Emit {
        match self.ty(base).kind() {
            TypeKind::Int(_) => self.int_power(base, exponent),
            TypeKind::Complex(_) => Ok(self.complex_power(base, exponent)),
            _ => Ok(self.float_kernel("pow", vec![base, exponent])),
        }
    }

    pub(super) fn ufunc_negative(&mut self, value: Value) -> Value {
        if self.ty(value).is_complex() { self.map_parts(value, Self::neg) } else { self.neg(value) }
    }

    pub(super) fn ufunc_absolute(&mut self, value: Value) -> Value {
        match self.ty(value).kind() {
            TypeKind::Int(_) => self.int_abs(value),
            TypeKind::Float(_) => self.b.unary(UnaryOp::Abs, value),
            TypeKind::Complex(_) => self.complex_abs(value),
            _ => value,
        }
    }

    /// -1, 0 or 1; nan of nan; `z / |z|` of complex numbers.
    pub(super) fn ufunc_sign(&mut self, value: Value) -> Value {
        let ty = self.ty(value);
        if ty.is_complex() {
            return self.complex_sign(value);
        }
        let zero = self.b.zero(ty);
        let one = match ty.kind() {
            TypeKind::Float(_) => self.b.float(1.0, ty),
            _ => self.b.int(1, ty),
        };
        let minus_one = self.b.sub(zero, one);
        let positive = self.greater(value, zero);
        // Zero is positive zero; a nan stays.
        let is_zero = self.equal(value, zero);
        let rest = self.b.select(is_zero, zero, value);
        let negative = self.less(value, zero);
        let rest = self.b.select(negative, minus_one, rest);
        self.b.select(positive, one, rest)
    }

    pub(super) fn ufunc_reciprocal(&mut self, value: Value) -> Value {
        match self.ty(value).kind() {
            TypeKind::Int(_) => self.int_reciprocal(value),
            TypeKind::Complex(_) => self.complex_reciprocal(value),
            _ => {
                let one = self.float_like(1.0, value);
                self.div(one, value)
            }
        }
    }

    /// Rounding of floats, and of the parts of complex numbers; integers are whole.
    pub(super) fn ufunc_round(&mut self, op: UnaryOp, value: Value) -> Value {
        match self.ty(value).kind() {
            TypeKind::Float(_) => self.b.unary(op, value),
            TypeKind::Complex(_) => self.map_parts(value, |e, part| e.b.unary(op, part)),
            _ => value,
        }
    }
}

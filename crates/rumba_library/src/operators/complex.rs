//! Arithmetic on complex numbers, by the formulas of CPython's `complexobject.c`.

use super::BinaryOperator;
use crate::{Emit, Emitter, ErrorModel};
use rumba_ir::{BinaryOp, CompareOp, UnaryOp, Value};

impl Emitter<'_> {
    pub(crate) fn complex_parts(&mut self, value: Value) -> (Value, Value) {
        (self.b.field(value, 0), self.b.field(value, 1))
    }

    /// `lhs op rhs` of complex numbers of one type.
    pub(crate) fn complex_arithmetic(&mut self, op: BinaryOperator, lhs: Value, rhs: Value) -> Emit {
        let ty = self.ty(lhs);
        let (a, b) = self.complex_parts(lhs);
        let (c, d) = self.complex_parts(rhs);
        let (real, imag) = match op {
            BinaryOperator::Add => (self.b.add(a, c), self.b.add(b, d)),
            BinaryOperator::Sub => (self.b.sub(a, c), self.b.sub(b, d)),
            BinaryOperator::Mul => self.complex_product((a, b), (c, d)),
            BinaryOperator::Div => {
                if self.error_model == ErrorModel::Python {
                    let zero = self.b.zero(self.ty(c));
                    let real_not_zero = self.b.compare(CompareOp::Ne, c, zero);
                    let imag_not_zero = self.b.compare(CompareOp::Ne, d, zero);
                    let fine = self.b.or(real_not_zero, imag_not_zero);
                    self.raise_unless(fine, "ZeroDivisionError", "complex division by zero", &[]);
                }
                self.complex_quotient((a, b), (c, d))
            }
            _ => return self.unsupported_operands(op.symbol(), ty, ty),
        };
        Ok(self.b.make(ty, vec![real, imag]))
    }

    pub(crate) fn complex_product(
        &mut self,
        (a, b): (Value, Value),
        (c, d): (Value, Value),
    ) -> (Value, Value) {
        let ac = self.b.mul(a, c);
        let bd = self.b.mul(b, d);
        let ad = self.b.mul(a, d);
        let bc = self.b.mul(b, c);
        (self.b.sub(ac, bd), self.b.add(ad, bc))
    }

    /// Smith's method (CACM 5(8), 1962): scales by the larger part of the divisor.
    fn complex_quotient(&mut self, (a, b): (Value, Value), (c, d): (Value, Value)) -> (Value, Value) {
        let abs_c = self.b.unary(UnaryOp::Abs, c);
        let abs_d = self.b.unary(UnaryOp::Abs, d);
        let real_larger = self.b.compare(CompareOp::Ge, abs_c, abs_d);
        // With x + iy the numerator in the order of the larger part, and s the sign of the mixed term.
        let large = self.b.select(real_larger, c, d);
        let small = self.b.select(real_larger, d, c);
        let ratio = self.b.binary(BinaryOp::Div, small, large);
        let scaled = self.b.mul(small, ratio);
        let denominator = self.b.add(large, scaled);
        let first = self.b.select(real_larger, a, b);
        let second = self.b.select(real_larger, b, a);
        let second_scaled = self.b.mul(second, ratio);
        let real = self.b.add(first, second_scaled);
        let first_scaled = self.b.mul(first, ratio);
        let imag = self.b.sub(second, first_scaled);
        // For the smaller real part the imaginary term is b*ratio - a, which is -(a - b*ratio).
        let negated = self.b.sub(first_scaled, second);
        let imag = self.b.select(real_larger, imag, negated);
        (self.b.binary(BinaryOp::Div, real, denominator), self.b.binary(BinaryOp::Div, imag, denominator))
    }
}

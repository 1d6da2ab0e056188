//! `+ - * / // %` on numbers. Integers wrap at 64 bits; division by zero raises unless the function's
//! error model is NumPy's.

use super::BinaryOperator;
use crate::{Emit, Emitter, ErrorModel};
use rumba_ir::{BinaryOp, CompareOp, RuntimeFunction, UnaryOp, Value};
use rumba_types::{Type, TypeKind, arithmetic_result, true_division_result};

static FMOD_F64: RuntimeFunction = RuntimeFunction::pure("rumba_fmod_f64");
static FMOD_F32: RuntimeFunction = RuntimeFunction::pure("rumba_fmod_f32");

impl Emitter<'_> {
    /// `lhs op rhs` of plain numbers.
    pub(crate) fn arithmetic(&mut self, op: BinaryOperator, lhs: Value, rhs: Value) -> Emit {
        use BinaryOperator as B;
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        let common = match op {
            B::Div => true_division_result(lhs_type, rhs_type),
            _ => arithmetic_result(lhs_type, rhs_type),
        };
        let Some(common) = common else {
            return self.unsupported_operands(op.symbol(), lhs_type, rhs_type);
        };
        let lhs = self.coerce(lhs, common)?;
        let rhs = self.coerce(rhs, common)?;
        if common.is_complex() {
            return self.complex_arithmetic(op, lhs, rhs);
        }
        Ok(match op {
            B::Add => self.b.add(lhs, rhs),
            B::Sub => self.b.sub(lhs, rhs),
            B::Mul => self.b.mul(lhs, rhs),
            B::Div => {
                let message = if lhs_type.is_float() || rhs_type.is_float() {
                    "float division by zero"
                } else {
                    "division by zero"
                };
                self.check_divisor(rhs, message);
                self.b.binary(BinaryOp::Div, lhs, rhs)
            }
            B::FloorDiv if common.is_int() => self.int_division(BinaryOp::FloorDiv, lhs, rhs),
            B::Mod if common.is_int() => self.int_division(BinaryOp::FloorMod, lhs, rhs),
            B::FloorDiv => {
                self.check_divisor(rhs, "float floor division by zero");
                self.float_floor_div_mod(lhs, rhs).0
            }
            B::Mod => {
                self.check_divisor(rhs, "float modulo");
                self.float_floor_div_mod(lhs, rhs).1
            }
            _ => return self.unsupported_operands(op.symbol(), lhs_type, rhs_type),
        })
    }

    /// Raises `ZeroDivisionError` for a zero divisor, in the error model that does.
    pub(crate) fn check_divisor(&mut self, divisor: Value, message: &str) {
        if self.error_model == ErrorModel::Python {
            let zero = self.b.zero(self.ty(divisor));
            let fine = self.b.compare(CompareOp::Ne, divisor, zero);
            self.raise_unless(fine, "ZeroDivisionError", message, &[]);
        }
    }

    /// Floor division or modulo of ints of one type. In NumPy's error model, by zero: 0.
    pub(crate) fn int_division(&mut self, op: BinaryOp, lhs: Value, rhs: Value) -> Value {
        let ty = self.ty(rhs);
        if self.b.as_const_int(rhs).is_some_and(|divisor| divisor != 0) {
            return self.b.binary(op, lhs, rhs);
        }
        let message = match op {
            BinaryOp::FloorMod => "integer modulo by zero",
            _ => "integer division or modulo by zero",
        };
        self.check_divisor(rhs, message);
        if self.error_model == ErrorModel::Python {
            return self.b.binary(op, lhs, rhs);
        }
        let by_zero = self.is_zero(rhs);
        let one = self.b.int(1, ty);
        let divisor = self.b.select(by_zero, one, rhs);
        let quotient = self.b.binary(op, lhs, divisor);
        let zero = self.b.zero(ty);
        self.b.select(by_zero, zero, quotient)
    }

    /// C's `fmod` of floats of one type.
    pub(crate) fn fmod(&mut self, lhs: Value, rhs: Value) -> Value {
        let ty = self.ty(lhs);
        let function = if ty == Type::float64() { &FMOD_F64 } else { &FMOD_F32 };
        self.b.call_runtime(function, vec![lhs, rhs], ty, None)
    }

    /// Floor quotient and remainder of floats as CPython's `float_divmod` defines them: the remainder
    /// has the sign of the divisor, the quotient is `(lhs - remainder) / rhs` rounded to an integer.
    /// With a zero divisor: `lhs / 0` (inf or nan) and nan.
    pub(crate) fn float_floor_div_mod(&mut self, lhs: Value, rhs: Value) -> (Value, Value) {
        let ty = self.ty(lhs);
        let zero = self.b.zero(ty);
        let remainder = self.fmod(lhs, rhs);
        let not_zero = self.not_equal(remainder, zero);
        let remainder_negative = self.less(remainder, zero);
        let divisor_negative = self.less(rhs, zero);
        let signs_differ = self.not_equal(remainder_negative, divisor_negative);
        let adjust = self.b.and(not_zero, signs_differ);
        let adjusted = self.b.add(remainder, rhs);
        let signed_zero = self.b.binary(BinaryOp::CopySign, zero, rhs);
        let modulo = self.b.select(adjust, adjusted, remainder);
        let modulo = self.b.select(not_zero, modulo, signed_zero);

        // The quotient uses the unadjusted difference, minus one where the remainder was adjusted.
        let difference = self.b.sub(lhs, remainder);
        let quotient = self.b.binary(BinaryOp::Div, difference, rhs);
        let one = self.b.float(1.0, ty);
        let lower = self.b.sub(quotient, one);
        let quotient = self.b.select(adjust, lower, quotient);
        let floored = self.b.unary(UnaryOp::Floor, quotient);
        let fraction = self.b.sub(quotient, floored);
        let half = self.b.float(0.5, ty);
        let round_up = self.b.compare(CompareOp::Gt, fraction, half);
        let upper = self.b.add(floored, one);
        let rounded = self.b.select(round_up, upper, floored);
        let ratio = self.b.binary(BinaryOp::Div, lhs, rhs);
        let zero_quotient = self.b.binary(BinaryOp::CopySign, zero, ratio);
        let quotient_not_zero = self.not_equal(quotient, zero);
        let result = self.b.select(quotient_not_zero, rounded, zero_quotient);
        let by_zero = self.equal(rhs, zero);
        let result = self.b.select(by_zero, ratio, result);
        (result, modulo)
    }

    /// `divmod(lhs, rhs)`: a pair.
    pub(crate) fn divmod(&mut self, lhs: Value, rhs: Value) -> Emit {
        let (lhs, rhs) = (self.plain(lhs), self.plain(rhs));
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        if let Some(result) = self.time_operation("divmod", &[lhs, rhs])? {
            return Ok(result);
        }
        let common = match arithmetic_result(lhs_type, rhs_type) {
            Some(common) if !matches!(common.kind(), TypeKind::Complex(_)) => common,
            _ => return self.unsupported_operands("divmod", lhs_type, rhs_type),
        };
        let lhs = self.coerce(lhs, common)?;
        let rhs = self.coerce(rhs, common)?;
        let (quotient, remainder) = if common.is_int() {
            self.check_divisor(rhs, "integer division or modulo by zero");
            let quotient = self.int_division(BinaryOp::FloorDiv, lhs, rhs);
            (quotient, self.int_division(BinaryOp::FloorMod, lhs, rhs))
        } else {
            self.check_divisor(rhs, "float divmod()");
            self.float_floor_div_mod(lhs, rhs)
        };
        Ok(self.b.make(Type::tuple(vec![common, common]), vec![quotient, remainder]))
    }
}

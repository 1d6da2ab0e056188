//! What is defined for integers only: bits, divisors.

use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, CompareOp, RuntimeFunction, UnaryOp, Value};
use rumba_types::Type;

static GCD: RuntimeFunction = RuntimeFunction::pure("rumba_gcd");
static POWER: RuntimeFunction = RuntimeFunction::pure("rumba_ipow_i64");

impl Emitter<'_> {
    /// The absolute value; of the smallest number itself.
    pub(super) fn int_abs(&mut self, value: Value) -> Value {
        if !self.ty(value).is_signed_int() {
            return value;
        }
        let negative = self.is_negative(value);
        let negated = self.neg(value);
        self.b.select(negative, negated, value)
    }

    fn magnitudes(&mut self, operands: [Value; 2]) -> [Value; 2] {
        operands.map(|value| {
            let magnitude = self.int_abs(value);
            let ty = self.ty(magnitude);
            // The magnitude of the smallest number is right as an unsigned one of its width.
            let unsigned = self.b.convert(magnitude, Type::int(ty.item_size() as u8 * 8, false));
            self.b.convert(unsigned, Type::uint64())
        })
    }

    pub(super) fn gcd(&mut self, lhs: Value, rhs: Value) -> Value {
        let ty = self.ty(lhs);
        let magnitudes = self.magnitudes([lhs, rhs]);
        let divisor = self.b.call_runtime(&GCD, magnitudes.to_vec(), Type::uint64(), None);
        self.b.convert(divisor, ty)
    }

    /// The lowest common multiple, which wraps; 0 where either is.
    pub(super) fn lcm(&mut self, lhs: Value, rhs: Value) -> Value {
        let ty = self.ty(lhs);
        let [a, b] = self.magnitudes([lhs, rhs]);
        let divisor = self.b.call_runtime(&GCD, vec![a, b], Type::uint64(), None);
        let both_zero = self.is_zero(divisor);
        let one = self.b.int(1, Type::uint64());
        let divisor = self.b.select(both_zero, one, divisor);
        let quotient = self.b.binary(BinaryOp::TruncDiv, a, divisor);
        let multiple = self.b.mul(quotient, b);
        self.b.convert(multiple, ty)
    }

    /// The number of one bits of the magnitude, as uint8.
    pub(super) fn bitwise_count(&mut self, value: Value) -> Value {
        let magnitude = self.int_abs(value);
        let count = self.b.unary(UnaryOp::CountOnes, magnitude);
        self.b.convert(count, Type::uint8())
    }

    /// A power of integers of one type, which wraps. A negative exponent raises `ValueError`.
    pub(super) fn int_power(&mut self, base: Value, exponent: Value) -> Emit {
        let ty = self.ty(base);
        if ty.is_signed_int() {
            let zero = self.b.zero(ty);
            let fine = self.b.compare(CompareOp::Ge, exponent, zero);
            self.raise_unless(
                fine,
                "ValueError",
                "Integers to negative integer powers are not allowed.",
                &[],
            );
        }
        let [base, exponent] = [base, exponent].map(|value| self.b.convert(value, Type::int64()));
        let result = self.b.call_runtime(&POWER, vec![base, exponent], Type::int64(), None);
        Ok(self.b.convert(result, ty))
    }

    /// `1 / value` cut off: 1 and -1 of themselves, 0 of others. Of 0, what NumPy gives on x86-64.
    pub(super) fn int_reciprocal(&mut self, value: Value) -> Value {
        let ty = self.ty(value);
        let zero = self.b.zero(ty);
        let one = self.b.int(1, ty);
        let is_one = self.equal(value, one);
        let mut result = self.b.select(is_one, value, zero);
        if ty.is_signed_int() {
            let minus_one = self.b.int(-1, ty);
            let is_minus_one = self.equal(value, minus_one);
            result = self.b.select(is_minus_one, value, result);
        }
        let of_zero = match ty {
            _ if ty == Type::int32() => i64::from(i32::MIN),
            _ if ty == Type::int64() => i64::MIN,
            _ => return result,
        };
        let of_zero = self.b.int(of_zero, ty);
        let is_zero = self.equal(value, zero);
        self.b.select(is_zero, of_zero, result)
    }

    /// C's remainder: the sign of the dividend; 0 by 0.
    pub(super) fn int_fmod(&mut self, lhs: Value, rhs: Value) -> Value {
        self.int_division(BinaryOp::TruncMod, lhs, rhs)
    }
}

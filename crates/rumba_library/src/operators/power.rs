//! `x ** y`.

use crate::{Emit, Emitter, ErrorModel};
use rumba_ir::{BinaryOp, CompareOp, RuntimeFunction, Scalar, UnaryOp, Value};
use rumba_types::{Type, arithmetic_result};

static POW_INT: RuntimeFunction = RuntimeFunction::pure("rumba_ipow_i64");
static POW_F64: RuntimeFunction = RuntimeFunction::pure("rumba_pow_f64");
static POW_F32: RuntimeFunction = RuntimeFunction::pure("rumba_pow_f32");
static POW_COMPLEX: RuntimeFunction = RuntimeFunction::effect("rumba_pow_c128");

/// Powers up to this exponent are products.
const MAX_UNROLLED_EXPONENT: i128 = 16;

impl Emitter<'_> {
    /// `base ** exponent` of plain numbers; `literal` is the exponent when it is known.
    ///
    /// An int to an int is an int (as in Numba); to a negative exponent it is an error at run time, or
    /// a float when the exponent is a literal.
    pub(crate) fn power(&mut self, base: Value, exponent: Value, literal: Option<i128>) -> Emit {
        let (base_type, exponent_type) = (self.ty(base), self.ty(exponent));
        let integral = |ty: Type| ty.is_int() || ty.is_bool();
        if integral(base_type) && integral(exponent_type) {
            if let Some(literal) = literal {
                if literal < 0 {
                    let base = self.coerce(base, Type::float64())?;
                    return self.float_power(base, exponent, Some(literal));
                }
                let unsigned = base_type.is_int() && !base_type.is_signed_int();
                let base = self.coerce(base, Type::int(64, !unsigned))?;
                if literal <= MAX_UNROLLED_EXPONENT {
                    return Ok(self.product_power(base, literal as u32));
                }
            }
            let common =
                if base_type.is_int() && !base_type.is_signed_int() { Type::uint64() } else { Type::int64() };
            if exponent_type.is_signed_int() {
                let zero = self.b.zero(exponent_type);
                let fine = self.b.compare(CompareOp::Ge, exponent, zero);
                self.raise_unless(
                    fine,
                    "ValueError",
                    "Integers to negative integer powers are not allowed.",
                    &[],
                );
            }
            let base = self.coerce(base, common)?;
            let exponent = self.coerce(exponent, common)?;
            // Wrapping multiplication is the same for both signs.
            return Ok(self.b.call_runtime(&POW_INT, vec![base, exponent], common, None));
        }
        let Some(common) = arithmetic_result(base_type, exponent_type) else {
            return self.unsupported_operands("**", base_type, exponent_type);
        };
        if common.is_complex() {
            let base = self.coerce(base, Type::complex128())?;
            if let Some(literal @ 0..=MAX_UNROLLED_EXPONENT) = literal {
                let result = self.complex_product_power(base, literal as u32);
                return self.coerce(result, common);
            }
            let exponent = self.coerce(exponent, Type::complex128())?;
            self.check_complex_power(base, exponent);
            let result = self.b.call_runtime(&POW_COMPLEX, vec![base, exponent], Type::complex128(), None);
            return self.coerce(result, common);
        }
        // A float32 to any int power stays float32.
        let common = if base_type == Type::float32() && integral(exponent_type) { base_type } else { common };
        let base = self.coerce(base, common)?;
        self.float_power(base, exponent, literal)
    }

    /// Raises for zero to a negative or complex power, in the error model that does.
    fn check_complex_power(&mut self, base: Value, exponent: Value) {
        if self.error_model != ErrorModel::Python {
            return;
        }
        let zero = self.b.float(0.0, Type::float64());
        let (a, b) = self.complex_parts(base);
        let (c, d) = self.complex_parts(exponent);
        let parts = [self.equal(a, zero), self.equal(b, zero)];
        let base_is_zero = self.b.and(parts[0], parts[1]);
        let negative = self.less(c, zero);
        let not_real = self.not_equal(d, zero);
        let unusual = self.b.or(negative, not_real);
        let wrong = self.b.and(base_is_zero, unusual);
        self.raise_if(wrong, "ZeroDivisionError", "0.0 to a negative or complex power", &[]);
    }

    fn float_power(&mut self, base: Value, exponent: Value, literal: Option<i128>) -> Emit {
        let ty = self.ty(base);
        if let Some(literal @ 0..=2) = literal {
            return Ok(self.product_power(base, literal as u32));
        }
        let exponent = self.coerce(exponent, ty)?;
        if self.b.as_constant(exponent) == Some(Scalar::Float(0.5)) {
            return Ok(self.square_root_power(base));
        }
        if self.error_model == ErrorModel::Python && literal.is_none_or(|literal| literal < 0) {
            let zero = self.b.zero(ty);
            let base_fine = self.not_equal(base, zero);
            let exponent_fine = self.b.compare(CompareOp::Ge, exponent, zero);
            let not_a_number = self.not_equal(exponent, exponent);
            let exponent_fine = self.b.or(exponent_fine, not_a_number);
            let infinite = self.b.float(f64::NEG_INFINITY, ty);
            let infinite = self.equal(exponent, infinite);
            let exponent_fine = self.b.or(exponent_fine, infinite);
            let fine = self.b.or(base_fine, exponent_fine);
            self.raise_unless(fine, "ZeroDivisionError", "0.0 cannot be raised to a negative power", &[]);
        }
        let function = if ty == Type::float64() { &POW_F64 } else { &POW_F32 };
        Ok(self.b.call_runtime(function, vec![base, exponent], ty, None))
    }

    /// `base ** 0.5`: the square root, but positive for -0.0 and infinite for -inf as `pow` has it.
    fn square_root_power(&mut self, base: Value) -> Value {
        let ty = self.ty(base);
        let root = self.b.unary(UnaryOp::Sqrt, base);
        let zero = self.b.float(0.0, ty);
        let root = self.b.add(root, zero);
        let lowest = self.b.float(f64::NEG_INFINITY, ty);
        let is_lowest = self.equal(base, lowest);
        let infinite = self.b.float(f64::INFINITY, ty);
        self.b.select(is_lowest, infinite, root)
    }

    /// By repeated squaring; exact for ints, and for floats used only where it rounds as `pow` does.
    fn product_power(&mut self, base: Value, exponent: u32) -> Value {
        let ty = self.ty(base);
        if exponent == 0 {
            return if ty.is_float() { self.b.float(1.0, ty) } else { self.b.int(1, ty) };
        }
        let mut result = None;
        let mut square = base;
        let mut rest = exponent;
        loop {
            if rest & 1 == 1 {
                result = Some(match result {
                    Some(result) => self.b.binary(BinaryOp::Mul, result, square),
                    None => square,
                });
            }
            rest >>= 1;
            match (rest, result) {
                (0, Some(result)) => return result,
                _ => square = self.b.mul(square, square),
            }
        }
    }

    fn complex_product_power(&mut self, base: Value, exponent: u32) -> Value {
        let ty = self.ty(base);
        let parts = self.complex_parts(base);
        let one = self.b.float(1.0, Type::float64());
        let zero = self.b.float(0.0, Type::float64());
        let mut result = (one, zero);
        let mut square = parts;
        let mut rest = exponent;
        while rest > 0 {
            if rest & 1 == 1 {
                result = if result == (one, zero) { square } else { self.complex_product(result, square) };
            }
            rest >>= 1;
            if rest > 0 {
                square = self.complex_product(square, square);
            }
        }
        self.b.make(ty, vec![result.0, result.1])
    }
}

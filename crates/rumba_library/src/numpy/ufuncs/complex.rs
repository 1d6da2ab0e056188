//! Complex numbers, by the formulas of NumPy's loops where it has its own.

use crate::Emitter;
use rumba_ir::{CompareOp, RuntimeFunction, UnaryOp, Value};

static POWER: RuntimeFunction = RuntimeFunction::effect("rumba_pow_c128");

impl Emitter<'_> {
    /// Both parts through `map`.
    pub(super) fn map_parts(&mut self, value: Value, map: impl Fn(&mut Self, Value) -> Value) -> Value {
        let (real, imag) = self.complex_parts(value);
        let (real, imag) = (map(self, real), map(self, imag));
        self.make_complex(real, imag)
    }

    pub(super) fn complex_abs(&mut self, value: Value) -> Value {
        let (real, imag) = self.complex_parts(value);
        self.float_kernel("hypot", vec![real, imag])
    }

    pub(crate) fn conjugate_number(&mut self, value: Value) -> Value {
        if !self.ty(value).is_complex() {
            return value;
        }
        let (real, imag) = self.complex_parts(value);
        let imag = self.neg(imag);
        self.make_complex(real, imag)
    }

    /// `lhs / rhs` as NumPy divides: Smith's method with one division at its end.
    pub(super) fn complex_divide(&mut self, lhs: Value, rhs: Value) -> Value {
        let (a, b) = self.complex_parts(lhs);
        let (c, d) = self.complex_parts(rhs);
        let [abs_c, abs_d] = [c, d].map(|part| self.b.unary(UnaryOp::Abs, part));
        let real_larger = self.b.compare(CompareOp::Ge, abs_c, abs_d);
        let large = self.b.select(real_larger, c, d);
        let small = self.b.select(real_larger, d, c);
        let ratio = self.div(small, large);
        let product = self.b.mul(small, ratio);
        let denominator = self.b.add(large, product);
        let one = self.float_like(1.0, a);
        let scale = self.div(one, denominator);
        let first = self.b.select(real_larger, a, b);
        let second = self.b.select(real_larger, b, a);
        let second_part = self.b.mul(second, ratio);
        let real = self.b.add(first, second_part);
        let first_part = self.b.mul(first, ratio);
        let imag = self.b.sub(second, first_part);
        let negated = self.b.sub(first_part, second);
        let imag = self.b.select(real_larger, imag, negated);
        let real = self.b.mul(real, scale);
        let imag = self.b.mul(imag, scale);
        // By zero: each part by zero, for inf and nan of the right signs.
        let zero = self.b.zero(self.ty(a));
        let [real_zero, imag_zero] = [abs_c, abs_d].map(|part| self.equal(part, zero));
        let by_zero = self.b.and(real_zero, imag_zero);
        let [real_by_zero, imag_by_zero] = [a, b].map(|part| self.div(part, abs_c));
        let real = self.b.select(by_zero, real_by_zero, real);
        let imag = self.b.select(by_zero, imag_by_zero, imag);
        self.make_complex(real, imag)
    }

    pub(super) fn complex_reciprocal(&mut self, value: Value) -> Value {
        let (a, b) = self.complex_parts(value);
        let [abs_a, abs_b] = [a, b].map(|part| self.b.unary(UnaryOp::Abs, part));
        let real_larger = self.b.compare(CompareOp::Le, abs_b, abs_a);
        let large = self.b.select(real_larger, a, b);
        let small = self.b.select(real_larger, b, a);
        let ratio = self.div(small, large);
        let product = self.b.mul(small, ratio);
        let denominator = self.b.add(large, product);
        let one = self.float_like(1.0, a);
        let scale = self.div(one, denominator);
        let scaled_ratio = self.div(ratio, denominator);
        let real = self.b.select(real_larger, scale, scaled_ratio);
        let imag = self.b.select(real_larger, scaled_ratio, scale);
        let imag = self.neg(imag);
        self.make_complex(real, imag)
    }

    /// `value / |value|`; 0 of 0, a unit along the infinite part, nan of two infinite parts.
    pub(super) fn complex_sign(&mut self, value: Value) -> Value {
        let (real, imag) = self.complex_parts(value);
        let magnitude = self.complex_abs(value);
        let zero = self.b.zero(self.ty(real));
        let one = self.float_like(1.0, real);
        let is_zero = self.equal(magnitude, zero);
        let infinite = self.is_infinite(magnitude);
        let [real_infinite, imag_infinite] = [real, imag].map(|part| self.is_infinite(part));
        // An infinite part is one unit long, a finite one beside it 0; inf/inf is nan where both are.
        let both = self.b.and(real_infinite, imag_infinite);
        let parts = [(real, real_infinite), (imag, imag_infinite)].map(|(part, part_infinite)| {
            let unit = self.b.binary(rumba_ir::BinaryOp::CopySign, one, part);
            let beside = self.b.select(part_infinite, unit, zero);
            let quotient = self.div(part, magnitude);
            let finite = self.b.select(is_zero, zero, quotient);
            let keep = self.b.not(both);
            let use_unit = self.b.and(infinite, keep);
            self.b.select(use_unit, beside, finite)
        });
        self.make_complex(parts[0], parts[1])
    }

    pub(super) fn complex_power(&mut self, base: Value, exponent: Value) -> Value {
        self.call_complex(&POWER, &[base, exponent])
    }

    pub(super) fn complex_exp2(&mut self, value: Value) -> Value {
        let scaled = self.map_parts(value, |e, part| {
            let factor = e.float_like(std::f64::consts::LN_2, part);
            e.b.mul(part, factor)
        });
        self.of_complex("exp", scaled)
    }

    /// The logarithm to a base whose reciprocal natural logarithm is `factor`.
    pub(super) fn complex_log_scaled(&mut self, value: Value, factor: f64) -> Value {
        let log = self.of_complex("log", value);
        self.map_parts(log, |e, part| {
            let factor = e.float_like(factor, part);
            e.b.mul(part, factor)
        })
    }

    pub(super) fn complex_expm1(&mut self, value: Value) -> Value {
        let (real, imag) = self.complex_parts(value);
        let half = self.float_like(0.5, imag);
        let half_angle = self.b.mul(imag, half);
        let sine = self.float_kernel("sin", vec![half_angle]);
        let less_one = self.float_kernel("expm1", vec![real]);
        let cosine = self.float_kernel("cos", vec![imag]);
        let first = self.b.mul(less_one, cosine);
        let two = self.float_like(2.0, sine);
        let square = self.b.mul(two, sine);
        let square = self.b.mul(square, sine);
        let new_real = self.b.sub(first, square);
        let length = self.float_kernel("exp", vec![real]);
        let full_sine = self.float_kernel("sin", vec![imag]);
        let new_imag = self.b.mul(length, full_sine);
        self.make_complex(new_real, new_imag)
    }

    pub(super) fn complex_log1p(&mut self, value: Value) -> Value {
        let (real, imag) = self.complex_parts(value);
        let one = self.float_like(1.0, real);
        let shifted = self.b.add(real, one);
        let length = self.float_kernel("hypot", vec![shifted, imag]);
        let new_real = self.float_kernel("log", vec![length]);
        let new_imag = self.float_kernel("atan2", vec![imag, shifted]);
        self.make_complex(new_real, new_imag)
    }
}

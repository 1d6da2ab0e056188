//! `log`, `log2`, `log10`, `log1p`, and the logarithm of a double-double that other families use.
//!
//! Method: `x = 2^k (1 + f)` with `1 + f` in [sqrt(1/2), sqrt(2)), `s = f / (2 + f)` and a minimax
//! polynomial in `s^2` for `log(1 + f) = 2 s + 2/3 s^3 + ...`, put together as
//! `f - (f^2/2 - s (f^2/2 + R(s^2)))` so that the leading terms are exact (K. C. Ng's arrangement).

use super::bits::{fma, magnitude, select};
use super::double_double::{DoubleDouble, fast_two_sum, two_sum};
use super::polynomial::interleaved;

/// `ln 2` with a high part of 42 bits: `k * LN2.hi` is exact.
const LN2: DoubleDouble = DoubleDouble { hi: 0.6931471805598903, lo: 5.497923018708371e-14 };
/// `log10(2)`, split in the same way.
const LOG10_2: DoubleDouble = DoubleDouble { hi: 0.30102999566395283, lo: 2.8363394551044964e-14 };
const LOG2_E: DoubleDouble = DoubleDouble { hi: core::f64::consts::LOG2_E, lo: 2.0355273740931033e-17 };
const LOG10_E: DoubleDouble = DoubleDouble { hi: core::f64::consts::LOG10_E, lo: 1.098319650216765e-17 };

/// `(log((1+s)/(1-s)) - 2s) / s^3` as a polynomial in `s^2`.
const LOG: [f64; 7] = [
    0.666666666666671,
    0.3999999999951718,
    0.2857142873001154,
    0.22222199005369292,
    0.18183576432250617,
    0.15313030141264575,
    0.1481193663456078,
];

const MANTISSA: u64 = (1 << 52) - 1;
/// The bits of sqrt(1/2): where mantissas are cut.
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;

/// `x = 2^k m` with `m` in [sqrt(1/2), sqrt(2)).
pub struct Split {
    pub k: f64,
    pub m: f64,
    /// The bits of `2^(1-k)` (zero for the largest `k`).
    pub inverse_bits: u64,
}

/// Splits a positive normal `x`.
#[inline(always)]
pub fn split_normal(x: f64) -> Split {
    // Bits are compared with those of sqrt(1/2); the exponent comes out biased, so no signed shift is needed.
    let shifted = x.to_bits().wrapping_add((1023 << 52) - SQRT_HALF);
    let biased = shifted >> 52;
    let k = f64::from_bits(biased | 0x4330_0000_0000_0000) - 4503599627371519.0; // 2^52 + 1023
    let m = f64::from_bits((shifted & MANTISSA) + SQRT_HALF);
    Split { k, m, inverse_bits: 2047u64.wrapping_sub(biased) << 52 }
}

/// Splits a positive finite `x`, subnormal or not.
#[inline(always)]
pub fn split(x: f64) -> Split {
    let subnormal = x < f64::MIN_POSITIVE;
    let scale = select(subnormal, 18014398509481984.0, 1.0); // 2^54
    let Split { k, m, inverse_bits } = split_normal(x * scale);
    Split { k: k - select(subnormal, 54.0, 0.0), m, inverse_bits }
}

/// `log(1 + f)` for `1 + f` in [sqrt(1/2), sqrt(2)]; `lo` may reach a twentieth of `hi`.
#[inline(always)]
pub fn log_of_mantissa(f: f64) -> DoubleDouble {
    let s = f / (2.0 + f);
    let z = s * s;
    let series = z * interleaved(z, &LOG);
    let half = 0.5 * f;
    let half_square = half * f;
    let half_square_error = fma(half, f, -half_square);
    let hi = f - half_square;
    let lo = ((f - hi) - half_square) - half_square_error;
    DoubleDouble { hi, lo: fma(s, half_square + series, lo) }
}

/// `k log(2) + value`, rounded, where `value` is as [`log_of_mantissa`] returns it.
#[inline(always)]
fn plus_exponent(k: f64, value: DoubleDouble) -> DoubleDouble {
    let sum = fast_two_sum(k * LN2.hi, value.hi);
    DoubleDouble { hi: sum.hi, lo: sum.lo + fma(k, LN2.lo, value.lo) }
}

/// Puts in the results for zero, negative numbers, infinity and nan.
#[inline(always)]
fn with_special_cases(x: f64, result: f64) -> f64 {
    let result = select(x < f64::INFINITY, result, x);
    let result = select(x < 0.0, f64::NAN, result);
    select(x == 0.0, f64::NEG_INFINITY, result)
}

/// The natural logarithm. Error below 0.7 ulp.
#[inline(always)]
pub fn log(x: f64) -> f64 {
    let Split { k, m, .. } = split(x);
    with_special_cases(x, plus_exponent(k, log_of_mantissa(m - 1.0)).rounded())
}

/// `value` times the constant `scale`.
#[inline(always)]
fn in_base(value: DoubleDouble, scale: DoubleDouble) -> DoubleDouble {
    let hi = value.hi * scale.hi;
    let lo = fma(value.hi, scale.hi, -hi);
    DoubleDouble { hi, lo: fma(value.lo, scale.hi, fma(value.hi, scale.lo, lo)) }
}

/// The logarithm to base 2. Error below 0.7 ulp; exact for powers of two.
#[inline(always)]
pub fn log2(x: f64) -> f64 {
    let Split { k, m, .. } = split(x);
    let value = in_base(log_of_mantissa(m - 1.0), LOG2_E);
    let sum = fast_two_sum(k, value.hi);
    with_special_cases(x, sum.hi + (sum.lo + value.lo))
}

/// The logarithm to base 10. Error below 0.7 ulp; exact for powers of ten.
#[inline(always)]
pub fn log10(x: f64) -> f64 {
    let Split { k, m, .. } = split(x);
    let value = in_base(log_of_mantissa(m - 1.0), LOG10_E);
    let sum = fast_two_sum(k * LOG10_2.hi, value.hi);
    with_special_cases(x, sum.hi + (sum.lo + fma(k, LOG10_2.lo, value.lo)))
}

/// `log(1 + u)` for a double-double `-1 < u < 2^1000`, relative error about 2^-56.
#[inline(always)]
pub fn log1p_of(u: DoubleDouble) -> DoubleDouble {
    let one_plus = two_sum(1.0, u.hi);
    let rest = one_plus.lo + u.lo;
    let Split { k, m, inverse_bits } = split_normal(one_plus.hi);
    let f = m - 1.0;
    // d log(1 + f) = df / (1 + f); `df` is so small that three terms of the geometric series are enough.
    let df = 0.5 * rest * f64::from_bits(inverse_bits);
    let value = log_of_mantissa(f);
    let slope = fma(f, fma(f, fma(f, -0.75, 1.0), -1.0), 1.0);
    plus_exponent(k, DoubleDouble { hi: value.hi, lo: fma(df, slope, value.lo) })
}

/// `log(1 + x)`. Error below 0.9 ulp.
#[inline(always)]
pub fn log1p(x: f64) -> f64 {
    let result = log1p_of(DoubleDouble { hi: x, lo: 0.0 }).rounded();
    let result = select(magnitude(x) < f64::from_bits((1023 - 54) << 52), x, result);
    let result = select(x < f64::INFINITY, result, x);
    let result = select(x < -1.0, f64::NAN, result);
    select(x == -1.0, f64::NEG_INFINITY, result)
}

//! `exp`, `exp2`, `expm1`.
//!
//! Method: `x = k ln 2 + r` with `|r| <= ln(2)/2`, the remainder as a double-double (W. J. Cody and
//! W. Waite, "Software Manual for the Elementary Functions", 1980), a minimax polynomial for `e^r`, and
//! scaling by `2^k` in two steps, so that subnormal results and results next to overflow come out right.

use super::bits::{ROUNDER, fma, power_of_two, select};
use super::double_double::{DoubleDouble, fast_two_sum};
use super::polynomial::interleaved;

const LOG2_E: f64 = core::f64::consts::LOG2_E;
const LN2: DoubleDouble = DoubleDouble { hi: core::f64::consts::LN_2, lo: 2.3190468138462996e-17 };

/// `(e^r - 1 - r - r^2/2) / r^3` for `|r| <= ln(2)/2`, with an error of 2^-55 / r^2.
const EXP: [f64; 9] = [
    0.1666666666666668,
    0.041666666666619556,
    0.008333333333319093,
    0.001388888892070444,
    0.00019841269893866118,
    2.4801516079181487e-05,
    2.755723570463727e-06,
    2.7622341435498396e-07,
    2.5112132254639994e-08,
];

/// The same with an error of 2^-60 / r^2, for when the 1 goes away.
const EXPM1: [f64; 10] = [
    0.16666666666666674,
    0.04166666666666667,
    0.008333333333322172,
    0.0013888888888880918,
    0.00019841269886699926,
    2.480158733403087e-05,
    2.755724221351069e-06,
    2.755726422638177e-07,
    2.511009630403349e-08,
    2.091817130916585e-09,
];

/// `x = k ln 2 + r`.
pub struct Reduced {
    /// `k` in the low bits (see [`ROUNDER`]).
    pub k_bits: u64,
    pub k: f64,
    pub r: DoubleDouble,
}

/// Splits `x`, `|x| < 2000`; for other arguments the parts are meaningless.
#[inline(always)]
pub fn reduce(x: f64) -> Reduced {
    let rounded = fma(x, LOG2_E, ROUNDER);
    let k = rounded - ROUNDER;
    let t = fma(-k, LN2.hi, x);
    let hi = fma(-k, LN2.lo, t);
    let lo = fma(-k, LN2.lo, t - hi);
    Reduced { k_bits: rounded.to_bits(), k, r: DoubleDouble { hi, lo } }
}

/// `e^r - 1 - r.hi` for `|r| <= ln(2)/2`.
#[inline(always)]
pub fn exp_tail(r: DoubleDouble) -> f64 {
    tail_by(&EXP, r)
}

/// `e^r - 1 - r.hi` for `|r| <= ln(2)/2`, by one of the polynomials above.
#[inline(always)]
fn tail_by<const N: usize>(coefficients: &[f64; N], r: DoubleDouble) -> f64 {
    let square = r.hi * r.hi;
    let cubic = fma(interleaved(r.hi, coefficients), r.hi, 0.5);
    fma(square, cubic, fma(r.lo, r.hi, r.lo))
}

/// `(1 + r_hi + tail) 2^k`, with overflow and underflow, for |k| < 1100.
#[inline(always)]
pub fn scaled_exp(r_hi: f64, tail: f64, k: f64, k_bits: u64) -> f64 {
    let one_plus = fast_two_sum(1.0, r_hi);
    scaled(one_plus.hi + (one_plus.lo + tail), k, k_bits)
}

/// `value 2^k`, with overflow and underflow, for |k| < 1100 and `value` near 1.
#[inline(always)]
pub fn scaled(value: f64, k: f64, k_bits: u64) -> f64 {
    // Scaling down by 2^k alone would leave the range of normal factors; so would 2^1024.
    let tiny = k < -1000.0;
    let second = select(tiny, f64::from_bits((1023 - 128) << 52), 2.0);
    let offset = super::bits::select_bits(tiny, 128, u64::MAX);
    value * power_of_two(k_bits.wrapping_add(offset), 0) * second
}

/// `e^x`. Error below 0.6 ulp for normal results, 0.8 ulp for subnormal ones.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let Reduced { k_bits, k, r } = reduce(x);
    let result = scaled_exp(r.hi, exp_tail(r), k, k_bits);
    let result = select(x > 709.782712893384, f64::INFINITY, result);
    select(x < -745.1332191019412, 0.0, result)
}

/// `2^x`. Error below 0.6 ulp for normal results, 0.8 ulp for subnormal ones; exact for integers.
#[inline(always)]
pub fn exp2(x: f64) -> f64 {
    let rounded = x + ROUNDER;
    let k = rounded - ROUNDER;
    let fraction = x - k;
    let hi = fraction * LN2.hi;
    let lo = fma(fraction, LN2.lo, fma(fraction, LN2.hi, -hi));
    let tail = exp_tail(DoubleDouble { hi, lo });
    let result = scaled_exp(hi, tail, k, rounded.to_bits());
    let result = select(x >= 1024.0, f64::INFINITY, result);
    select(x < -1075.0, 0.0, result)
}

/// `e^x - 1` as `hi + lo`, relative error about 2^-56, halved, for -40 < x < 710.
#[inline(always)]
pub fn half_expm1(x: f64) -> DoubleDouble {
    let Reduced { k_bits, r, .. } = reduce(x);
    let tail = tail_by(&EXPM1, r);
    // Half of everything, because 2^1024 is not a number.
    let factor = power_of_two(k_bits, -1);
    let less_half = factor - 0.5;
    let less_half_error = (factor - less_half) - 0.5;
    let start = fast_two_sum(less_half, factor * r.hi);
    // For k = 0 `start.hi` is exactly r.hi / 2.
    DoubleDouble { hi: start.hi, lo: fma(factor, tail, start.lo + less_half_error) }
}

/// `e^x - 1`. Error below 0.9 ulp.
#[inline(always)]
pub fn expm1(x: f64) -> f64 {
    let half = half_expm1(x);
    let result = half.rounded() * 2.0;
    let result = select(super::bits::magnitude(x) < f64::from_bits((1023 - 54) << 52), x, result);
    let result = select(x > 709.782712893384, f64::INFINITY, result);
    select(x < -40.0, -1.0, result)
}

//! `sinh`, `cosh`, `tanh`.
//!
//! With `|x| = k ln 2 + r`: `sinh |x| = A cosh r + B sinh r` and `cosh |x| = B cosh r + A sinh r`, where
//! `A = (2^k - 2^-k)/2` and `B = (2^k + 2^-k)/2`. The polynomials of `sinh r` and `cosh r` have half the
//! terms each, nothing cancels, and there is no division. `tanh x = E / (E + 2)` with `E = e^(2x) - 1`.

use super::bits::{fma, magnitude, power_of_two, select, with_sign};
use super::double_double::{DoubleDouble, fast_two_sum, two_sum};
use super::exponential::{half_expm1, reduce};
use super::polynomial::interleaved;

/// `(sinh r - r) / r^3` as a polynomial in `r^2`, for `|r| <= ln(2)/2`.
const SINH: [f64; 5] = [
    0.16666666666666674,
    0.008333333333322172,
    0.00019841269886699926,
    2.755724221351069e-06,
    2.511009630403349e-08,
];

/// `(cosh r - 1 - r^2/2) / r^4` as a polynomial in `r^2`, for `|r| <= ln(2)/2`.
const COSH: [f64; 5] = [
    0.04166666666666667,
    0.0013888888888880918,
    2.480158733403087e-05,
    2.755726422638177e-07,
    2.091817130916585e-09,
];

/// Beyond this both functions overflow.
const OVERFLOW: f64 = 710.4758600739439;

/// A quarter of sinh and cosh of `0 <= x <= OVERFLOW`, before their last rounding.
#[inline(always)]
fn quarters(x: f64) -> (DoubleDouble, DoubleDouble) {
    let parts = reduce(x);
    let r = parts.r;
    let z = r.hi * r.hi;
    let sinh_tail = fma(z * r.hi, interleaved(z, &SINH), r.lo);
    let cosh_tail = fma(z, fma(z, interleaved(z, &COSH), 0.5), r.hi * r.lo);
    // 2^k / 8 and 2^-k / 8; the latter is of no consequence for large k, where it may be subnormal.
    let up = power_of_two(parts.k_bits, -3);
    let down = select(x > 100.0, 0.0, power_of_two(0u64.wrapping_sub(parts.k_bits), -3));
    let minus = fast_two_sum(up, -down);
    let plus = fast_two_sum(up, down);
    let sinh = fast_two_sum(minus.hi, plus.hi * r.hi);
    let sinh_error = fma(plus.hi, r.hi, -(plus.hi * r.hi));
    let sinh_lo = fma(minus.hi, cosh_tail, fma(plus.hi, sinh_tail, sinh.lo + sinh_error + minus.lo));
    let cosh = fast_two_sum(plus.hi, minus.hi * r.hi);
    let cosh_error = fma(minus.hi, r.hi, -(minus.hi * r.hi));
    let cosh_lo = fma(plus.hi, cosh_tail, fma(minus.hi, sinh_tail, cosh.lo + cosh_error + plus.lo));
    (DoubleDouble { hi: sinh.hi, lo: sinh_lo }, DoubleDouble { hi: cosh.hi, lo: cosh_lo })
}

/// The hyperbolic sine. Error below 0.8 ulp.
#[inline(always)]
pub fn sinh(x: f64) -> f64 {
    let size = magnitude(x);
    let (quarter, _) = quarters(select(size > OVERFLOW, 1.0, size));
    let result = with_sign(4.0 * quarter.rounded(), x);
    let result = select(size > OVERFLOW, x * f64::INFINITY, result);
    let result = select(size < 1.0e-9, x, result);
    select(x.is_nan(), x, result)
}

/// The hyperbolic cosine. Error below 0.8 ulp.
#[inline(always)]
pub fn cosh(x: f64) -> f64 {
    let size = magnitude(x);
    let (_, quarter) = quarters(select(size > OVERFLOW, 1.0, size));
    let result = select(size > OVERFLOW, f64::INFINITY, 4.0 * quarter.rounded());
    select(x.is_nan(), x, result)
}

/// The hyperbolic tangent. Error below 0.7 ulp.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    let size = magnitude(x);
    let half = half_expm1(select(size < 20.0, 2.0 * size, 40.0));
    let half = half.normalized();
    let bottom = two_sum(1.0, half.hi);
    let bottom = DoubleDouble { hi: bottom.hi, lo: bottom.lo + half.lo };
    let result = with_sign(half.divided_by(bottom).rounded(), x);
    let result = select(size < 1.0e-9, x, result);
    select(x.is_nan(), x, result)
}

//! `asin`, `acos`, `atan`, `atan2`.
//!
//! Arc tangent: `atan(a/b) = atan(c) + atan((a - c b) / (b + c a))` with the `c` in {0, 1/2, 1, 2, infinity}
//! next to `a/b`, so that the last argument stays below 0.2361 and one division, carried out in
//! double-double, serves `atan` and `atan2` alike. Arc sine: a polynomial up to 1/2 and
//! `acos(x) = 2 asin(sqrt((1 - x)/2))` beyond, with the rounding error of the root put back in.

use super::bits::{fma, magnitude, select, times_sign, with_sign};
use super::double_double::{DoubleDouble, fast_two_sum};
use super::polynomial::interleaved;

/// `(atan t - t) / t^3` as a polynomial in `t^2`.
const ATAN: [f64; 9] = [
    -0.33333333333333326,
    0.19999999999993695,
    -0.14285714284087603,
    0.11111110918432225,
    -0.09090896614436585,
    0.07691828697367471,
    -0.06655431064815069,
    0.05723248489567323,
    -0.039915284901633825,
];

/// `(asin x - x) / x^3` as a polynomial in `x^2`.
const ASIN: [f64; 13] = [
    0.16666666666666702,
    0.07499999999984425,
    0.04464285716374379,
    0.030381943138356373,
    0.022372205133791824,
    0.017351752625038293,
    0.013979523139739882,
    0.01140669830229254,
    0.010750760692931046,
    0.0037700243474546157,
    0.021656878689564413,
    -0.021060058041668085,
    0.03274148389621834,
];

const PI: DoubleDouble = DoubleDouble { hi: core::f64::consts::PI, lo: 1.2246467991473532e-16 };
const HALF_PI: DoubleDouble = DoubleDouble { hi: core::f64::consts::FRAC_PI_2, lo: 6.123233995736766e-17 };
const QUARTER_PI: DoubleDouble = DoubleDouble { hi: core::f64::consts::FRAC_PI_4, lo: 3.061616997868383e-17 };
const ATAN_HALF: DoubleDouble = DoubleDouble { hi: 0.4636476090008061, lo: 2.2698777452961687e-17 };
const ATAN_2: DoubleDouble = DoubleDouble { hi: 1.1071487177940904, lo: 9.40447137356638e-17 };

/// The angle of the point (b, a) for `a >= 0`, `b >= 0`, not both zero, `a` below 2^500 and `b` too.
#[inline(always)]
fn angle(a: f64, b: f64) -> DoubleDouble {
    // Borders: the tangents of the angles halfway between the neighbouring `atan(c)`.
    let from_half = a >= b * 0.2361;
    let from_one = a >= b * 0.7208;
    let from_two = a >= b * 1.3874;
    let from_infinity = a >= b * 4.2361;
    let pick = |zero: f64, half: f64, one: f64, two: f64, infinity: f64| {
        let low = select(from_one, one, select(from_half, half, zero));
        select(from_infinity, infinity, select(from_two, two, low))
    };
    let c = pick(0.0, 0.5, 1.0, 2.0, 1.0);
    // For infinity: atan(a/b) = pi/2 + atan(-b/a).
    let p = select(from_infinity, 0.0, a);
    let q = select(from_infinity, a, b);
    let cb = c * b;
    let ca = select(from_infinity, 0.0, c * a);
    // Both products are exact, but the sums need not be.
    let top = p - cb;
    let top_error = (p - (top + cb)) + 0.0;
    let bottom = q + ca;
    let bottom_part = bottom - q;
    let bottom_error = (q - (bottom - bottom_part)) + (ca - bottom_part);
    let t = DoubleDouble { hi: top, lo: top_error }.divided_by(DoubleDouble { hi: bottom, lo: bottom_error });
    let z = t.hi * t.hi;
    let tail = fma(z * t.hi, interleaved(z, &ATAN), t.lo);
    let hi = pick(0.0, ATAN_HALF.hi, QUARTER_PI.hi, ATAN_2.hi, HALF_PI.hi);
    let lo = pick(0.0, ATAN_HALF.lo, QUARTER_PI.lo, ATAN_2.lo, HALF_PI.lo);
    let sum = fast_two_sum(hi, t.hi);
    DoubleDouble { hi: sum.hi, lo: sum.lo + (lo + tail) }
}

/// The arc tangent. Error below 0.7 ulp.
#[inline(always)]
pub fn atan(x: f64) -> f64 {
    let size = magnitude(x);
    let limited = select(size > 1.0e20, 1.0e20, size);
    let result = with_sign(angle(limited, 1.0).rounded(), x);
    select(size < 1.0e-9, x, result)
}

/// The angle of the point (x, y), from -pi to pi. Error below 0.7 ulp.
#[inline(always)]
pub fn atan2(y: f64, x: f64) -> f64 {
    let nan = x + y;
    let (a, b) = (magnitude(y), magnitude(x));
    // Infinities: only whether each is infinite matters.
    let a_infinite = a == f64::INFINITY;
    let b_infinite = b == f64::INFINITY;
    let a = select(b_infinite, select(a_infinite, 1.0, 0.0), a);
    let b = select(b_infinite, 1.0, select(a_infinite, 0.0, b));
    let a = select(a_infinite, 1.0, a);
    // Bring the larger one near 1; the smaller may vanish only where the quotient below takes over.
    let largest = select(a > b, a, b);
    let scale = select(largest > 1.0e150, f64::from_bits((1023 - 600) << 52), 1.0);
    let scale = select(largest < 1.0e-150, f64::from_bits((1023 + 600) << 52), scale);
    let both_zero = largest == 0.0;
    let a_scaled = a * scale;
    let b_scaled = select(both_zero, 1.0, b * scale);
    let negative = (x.to_bits() >> 63) != 0;
    let theta = angle(a_scaled, b_scaled);
    let mirrored = fast_two_sum(PI.hi, -theta.hi);
    let mirrored = mirrored.hi + (mirrored.lo + (PI.lo - theta.lo));
    let small = (a_scaled < b_scaled * 1.0e-9) & !negative;
    let result = select(negative, mirrored, theta.rounded());
    let result = select(small, a / select(b == 0.0, 1.0, b), result);
    let result = with_sign(result, y);
    select(nan.is_nan() & (x.is_nan() | y.is_nan()), nan, result)
}

/// What `asin` and `acos` share: for `|x| <= 1/2` the arc sine of `|x|`, else that of
/// `sqrt((1 - |x|)/2)`, as a double-double.
#[inline(always)]
fn reduced_asin(size: f64) -> DoubleDouble {
    let large = size > 0.5;
    // Exact: 1 - size loses nothing for size >= 1/2.
    let half_rest = fma(size, -0.5, 0.5);
    let z = select(large, half_rest, size * size);
    let root = z.sqrt();
    // sqrt(z) = root + (z - root^2) / (2 root)
    let root_error = fma(-root, root, z) / (root + root);
    let hi = select(large, root, size);
    let lo = select(large & (root > 0.0), root_error, 0.0);
    DoubleDouble { hi, lo: fma(z * hi, interleaved(z, &ASIN), lo) }
}

/// The arc sine. Error below 0.7 ulp.
#[inline(always)]
pub fn asin(x: f64) -> f64 {
    let size = magnitude(x);
    let small = reduced_asin(size);
    let mirrored = fast_two_sum(HALF_PI.hi, -2.0 * small.hi);
    let mirrored = mirrored.hi + (mirrored.lo + fma(-2.0, small.lo, HALF_PI.lo));
    let result = select(size > 0.5, mirrored, small.rounded());
    // Beyond 1 the root was nan already, and so is the result for nan.
    with_sign(result, x) + select(size <= 1.0, 0.0 * x, f64::NAN)
}

/// The arc cosine. Error below 0.7 ulp.
#[inline(always)]
pub fn acos(x: f64) -> f64 {
    let size = magnitude(x);
    let small = reduced_asin(size);
    let large = size > 0.5;
    // |x| <= 1/2: pi/2 - asin x. x > 1/2: 2 asin(..). x < -1/2: pi - 2 asin(..).
    let factor = select(large, 2.0, 1.0);
    let hi = times_sign(small.hi * factor, x);
    let lo = times_sign(small.lo * factor, x);
    let above = large & (x > 0.0);
    let base_hi = select(above, 0.0, select(large, PI.hi, HALF_PI.hi));
    let base_lo = select(above, 0.0, select(large, PI.lo, HALF_PI.lo));
    // The sign of what is added: minus asin x for small x, plus for x > 1/2, and times_sign gave minus
    // for x < -1/2 already.
    let negate = select(large, 1.0, -1.0);
    let sum = fast_two_sum(base_hi, negate * hi);
    let result = sum.hi + (sum.lo + fma(negate, lo, base_lo));
    select(size <= 1.0, result, f64::NAN)
}

//! `asinh`, `acosh`, `atanh`, each as `log(1 + u)` of a double-double `u`.

use super::bits::{fma, magnitude, select, with_sign};
use super::double_double::{DoubleDouble, fast_two_sum, two_product, two_sum};
use super::logarithm::log1p_of;

const LN2: DoubleDouble = DoubleDouble { hi: core::f64::consts::LN_2, lo: 2.3190468138462996e-17 };

/// From here on `asinh x = acosh x = log(2x)` within 2^-56.
const LARGE: f64 = 536870912.0; // 2^29

/// The square root of `square`, which is positive or zero.
#[inline(always)]
fn root(square: DoubleDouble) -> DoubleDouble {
    let hi = square.hi.sqrt();
    let rest = fma(-hi, hi, square.hi) + square.lo;
    DoubleDouble { hi, lo: select(hi > 0.0, 0.5 * rest / hi, 0.0) }
}

/// `log(1 + u)`, or `log(2 x)` if `x` is large (`u` must then be about `x`).
#[inline(always)]
fn finish(x: f64, u: DoubleDouble) -> f64 {
    let large = x >= LARGE;
    let less_one = fast_two_sum(x, -1.0);
    let u = DoubleDouble { hi: select(large, less_one.hi, u.hi), lo: select(large, less_one.lo, u.lo) };
    let value = log1p_of(u);
    let sum = fast_two_sum(value.hi, select(large, LN2.hi, 0.0));
    sum.hi + (sum.lo + (value.lo + select(large, LN2.lo, 0.0)))
}

/// The inverse hyperbolic sine. Error below 0.7 ulp.
#[inline(always)]
pub fn asinh(x: f64) -> f64 {
    let size = magnitude(x);
    let limited = select(size < LARGE, size, 1.0);
    // u = x + (sqrt(1 + x^2) - 1)
    let square = two_product(limited, limited);
    let sum = two_sum(1.0, square.hi);
    let hypotenuse = root(fast_two_sum(sum.hi, sum.lo + square.lo));
    let rest = fast_two_sum(hypotenuse.hi - 1.0, hypotenuse.lo);
    let u = fast_two_sum(limited, rest.hi);
    let u = DoubleDouble { hi: u.hi, lo: u.lo + rest.lo };
    let result = with_sign(finish(size, u), x);
    let result = select(size < 1.0e-9, x, result);
    select(size < f64::INFINITY, result, x)
}

/// The inverse hyperbolic cosine. Error below 0.7 ulp.
#[inline(always)]
pub fn acosh(x: f64) -> f64 {
    let limited = select(x < LARGE, x, 2.0);
    // With t = x - 1: u = t + sqrt(2t + t^2)
    let t = limited - 1.0;
    let t_error = limited - (t + 1.0);
    let square = two_product(t, t);
    let sum = two_sum(2.0 * t, square.hi);
    let low = sum.lo + fma(2.0 * t_error, limited, square.lo);
    let side = root(fast_two_sum(sum.hi, low));
    // The root is the larger one.
    let u = fast_two_sum(side.hi, t);
    let u = DoubleDouble { hi: u.hi, lo: u.lo + (side.lo + t_error) };
    let result = finish(x, u);
    let result = select(x < f64::INFINITY, result, x);
    select(x < 1.0, f64::NAN, result)
}

/// The inverse hyperbolic tangent. Error below 0.7 ulp.
#[inline(always)]
pub fn atanh(x: f64) -> f64 {
    let size = magnitude(x);
    let limited = select(size < 1.0, size, 0.5);
    // u = 2x / (1 - x)
    let bottom = fast_two_sum(1.0, -limited);
    let u = DoubleDouble { hi: 2.0 * limited, lo: 0.0 }.divided_by(bottom);
    let result = with_sign(0.5 * log1p_of(u).rounded(), x);
    let result = select(size < 1.0e-9, x, result);
    let result = select(size == 1.0, x * f64::INFINITY, result);
    select(size <= 1.0, result, f64::NAN)
}

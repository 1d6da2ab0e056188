//! `erf`, `erfc`.
//!
//! Method: up to about 1 a polynomial in `x^2` for `erf`; beyond, `erfc x = e^(-x^2) g(t) / (1 + 2x)` with
//! `t = (x - 3)/(x + 3)`, where one polynomial `g` serves up to 28 (M. M. Shepherd and J. G. Laframboise,
//! "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x", 1981).

use super::bits::{magnitude, select, times_sign, with_sign};
use super::double_double::{DoubleDouble, fast_two_sum, two_product, two_sum};
use super::exponential::{Reduced, exp_tail, reduce, scaled};
use super::polynomial::horner;

/// `erf x / x - 1` as a polynomial in `x^2`.
const ERF: [f64; 13] = [
    0.1283791670955126,
    -0.3761263890318375,
    0.11283791670954885,
    -0.026866170645077833,
    0.005223977624828032,
    -0.0008548326981402211,
    0.00012055331132086519,
    -1.4925595750832298e-05,
    1.6461008128022831e-06,
    -1.635039243894378e-07,
    1.4660302776751456e-08,
    -1.1374853589833807e-09,
    5.960509497876247e-11,
];

/// `g(t)`.
const ERFC: [f64; 21] = [
    1.2530080582697296,
    -0.13562110612458156,
    -0.04756229435345096,
    0.12964515870281929,
    -0.11927366341530804,
    0.06830802734140289,
    -0.023770514917847603,
    0.0025293918677905917,
    0.001888690329157274,
    -0.000779832837109629,
    -0.00010515933350939988,
    0.00012510297645826438,
    4.945650975961135e-06,
    -2.0114486795593426e-05,
    -7.133789851969316e-07,
    3.5032023681755517e-06,
    3.069229474629951e-07,
    -6.500086381438798e-07,
    -6.587517631888894e-08,
    1.0762608674872867e-07,
    -1.1041257809517276e-08,
];

/// Below the first border `erfc` is computed from `erf`; beyond the second one `erf` from `erfc`.
const ERFC_BORDER: f64 = 0.75;
const ERF_BORDER: f64 = 0.85;

/// `erfc x` for `ERFC_BORDER <= x <= 28`.
#[inline(always)]
fn erfc_of_large(x: f64) -> f64 {
    let sum = two_sum(x, 3.0);
    let t = DoubleDouble { hi: x - 3.0, lo: 0.0 }.divided_by(sum).rounded();
    let g = horner(t, &ERFC);
    let square = two_product(x, x);
    let Reduced { k_bits, k, r } = reduce(-square.hi);
    let r = two_sum(r.hi, r.lo - square.lo);
    let tail = exp_tail(r);
    let power = fast_two_sum(1.0, r.hi);
    let power = fast_two_sum(power.hi, power.lo + tail);
    let top = power.times(DoubleDouble { hi: g, lo: 0.0 });
    let bottom = fast_two_sum(2.0 * x, 1.0);
    let value = top.divided_by(bottom);
    scaled(value.rounded(), k, k_bits)
}

/// `erf x` for `0 <= x <= ERF_BORDER`, as `x + tail`.
#[inline(always)]
fn erf_tail(x: f64) -> f64 {
    x * horner(x * x, &ERF)
}

/// The error function. Error below 0.9 ulp.
#[inline(always)]
pub fn erf(x: f64) -> f64 {
    let size = magnitude(x);
    let small = size + erf_tail(size);
    let limited = select(size < 6.0, size, 6.0);
    let large = 1.0 - erfc_of_large(select(size < ERF_BORDER, 1.0, limited));
    let result = with_sign(select(size < ERF_BORDER, small, large), x);
    select(x.is_nan(), x, result)
}

/// The complementary error function, `1 - erf x`. Error below 2 ulp.
#[inline(always)]
pub fn erfc(x: f64) -> f64 {
    let size = magnitude(x);
    let limited = select(size < 28.0, size, 28.0);
    let tail = erf_tail(size);
    let sum = two_sum(1.0, -with_sign(size, x));
    let small = sum.hi + (sum.lo - times_sign(tail, x));
    let large = erfc_of_large(select(size < ERFC_BORDER, 1.0, limited));
    let large = select(x < 0.0, 2.0 - large, large);
    let result = select(size < ERFC_BORDER, small, large);
    select(x.is_nan(), x, result)
}

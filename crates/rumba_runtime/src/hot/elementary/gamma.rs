//! `tgamma`, `lgamma`: scalar, with branches; the branches differ too much to compute all of them.
//!
//! Method: Stirling's series from 12 on, with the leading terms in double-double; smaller arguments are
//! moved up by `gamma(x) = gamma(x + n) / (x (x + 1) ... (x + n - 1))` in double-double; negative ones are
//! reflected. Next to its zeros at 1 and 2 `lgamma` is a polynomial.

use super::bits::fma;
use super::double_double::{DoubleDouble, fast_two_sum, two_sum};
use super::polynomial::horner;
use super::power::{exp2_accurate, log2_accurate};
use super::trigonometric::sin_of_half_turns;

const LN2: DoubleDouble = DoubleDouble { hi: core::f64::consts::LN_2, lo: 2.3190468138462996e-17 };
const LOG2_E: DoubleDouble = DoubleDouble { hi: core::f64::consts::LOG2_E, lo: 2.0355273740931033e-17 };
const PI: DoubleDouble = DoubleDouble { hi: core::f64::consts::PI, lo: 1.2246467991473532e-16 };
/// `log2(2 pi) / 2`
const HALF_LOG2_TAU: DoubleDouble = DoubleDouble { hi: 1.3257480647361595, lo: -7.153413670427599e-17 };

/// `B(2n) / (2n (2n - 1))`: Stirling's series in `1/x^2`, after a factor `1/x`.
const STIRLING: [f64; 8] = [
    0.08333333333333333,
    -0.002777777777777778,
    0.0007936507936507937,
    -0.0005952380952380953,
    0.0008417508417508417,
    -0.0019175269175269176,
    0.00641025641025641,
    -0.029550653594771242,
];

/// `lgamma(1 + d) / d` for `|d| <= 0.3`.
const LGAMMA_1: (DoubleDouble, [f64; 21]) = (
    DoubleDouble { hi: -0.5772156649015329, lo: 4.942915152430645e-18 },
    [
        0.8224670334241132,
        -0.40068563438653115,
        0.2705808084277824,
        -0.20738555102880005,
        0.16955717699796774,
        -0.14404989674712235,
        0.1255096694556248,
        -0.11133426778674058,
        0.10009946227332049,
        -0.09095391865085299,
        0.08335363978901215,
        -0.07693566117978964,
        0.07143838619786452,
        -0.06660454008171031,
        0.062404512789679296,
        -0.05965788863470868,
        0.056663712774776484,
        -0.04601527770998972,
        0.042131597266744134,
        -0.07603534700980004,
        0.0759307848208551,
    ],
);

/// `lgamma(2 + d) / d` for `|d| <= 0.3`.
const LGAMMA_2: (DoubleDouble, [f64; 15]) = (
    DoubleDouble { hi: 0.42278433509846713, lo: 4.942915152430645e-18 },
    [
        0.3224670334241132,
        -0.06735230105319819,
        0.020580808427784782,
        -0.007385551028652714,
        0.0028905103307084365,
        -0.0011927539135899174,
        0.0005096695268539239,
        -0.0002231546763556498,
        9.945744085987037e-05,
        -4.492817359324458e-05,
        2.0508609878726498e-05,
        -9.414255709464672e-06,
        4.359375981426775e-06,
        -2.209014365022261e-06,
        1.0459169762846371e-06,
    ],
);

/// From here on Stirling's series is accurate.
const STIRLING_FROM: f64 = 12.0;

/// `log2 gamma(x)` for `x >= STIRLING_FROM`, absolute error about 2^-62 for small results.
#[inline(always)]
fn log2_gamma_of_large(x: f64) -> DoubleDouble {
    let log = log2_accurate(x);
    let factor = fast_two_sum(x, -0.5);
    let inverse = 1.0 / x;
    let series = inverse * horner(inverse * inverse, &STIRLING);
    let main = log.times(factor).normalized();
    let x_scaled = DoubleDouble { hi: x, lo: 0.0 }.times(LOG2_E).normalized();
    let difference = two_sum(main.hi, -x_scaled.hi);
    let low = difference.lo + (main.lo - x_scaled.lo);
    let sum = two_sum(difference.hi, HALF_LOG2_TAU.hi);
    let rest = fma(series, LOG2_E.hi, sum.lo + (low + HALF_LOG2_TAU.lo));
    fast_two_sum(sum.hi, rest)
}

/// `log2 gamma(x + n)` and the product `x (x + 1) ... (x + n - 1)`, for `0 < x < 1e300`.
#[inline(always)]
fn shifted(x: f64) -> (DoubleDouble, DoubleDouble) {
    let mut product = DoubleDouble { hi: 1.0, lo: 0.0 };
    let mut argument = DoubleDouble { hi: x, lo: 0.0 };
    while argument.hi < STIRLING_FROM {
        product = product.times(argument).normalized();
        let next = two_sum(argument.hi, 1.0);
        argument = fast_two_sum(next.hi, next.lo + argument.lo);
    }
    let value = log2_gamma_of_large(argument.hi);
    // The derivative: digamma(x) / ln 2, where digamma(x) = ln x - 1/(2x) - 1/(12 x^2) + ...
    let inverse = 1.0 / argument.hi;
    let slope = fma(-LOG2_E.hi * inverse, fma(inverse, 1.0 / 12.0, 0.5), log2_accurate(argument.hi).hi);
    let low = fma(argument.lo, slope, value.lo);
    (DoubleDouble { hi: value.hi, lo: low }, product)
}

/// The gamma function. Error below 2.5 ulp.
#[inline(always)]
pub fn tgamma(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x == 0.0 {
        return 1.0 / x;
    }
    let size = x.abs();
    if x < 0.0 && x.trunc() == x {
        return f64::NAN;
    }
    if x > 172.0 {
        return f64::INFINITY;
    }
    if size < 1.0e-17 {
        return 1.0 / x;
    }
    if x < -190.0 {
        // Zero, with the sign of the sine.
        let floor = -(size.trunc() + 1.0);
        let even = (floor * 0.5).trunc() == floor * 0.5;
        return if even { 0.0 } else { -0.0 };
    }
    let (log, product) = shifted(size);
    if x > 0.0 {
        let power = exp2_accurate(log);
        if x >= STIRLING_FROM {
            return power;
        }
        return (DoubleDouble { hi: power, lo: 0.0 }).divided_by(product).rounded();
    }
    // gamma(-s) = -pi / (s sin(pi s) gamma(s))
    let sine = sin_of_half_turns(size);
    let bottom = sine.times(DoubleDouble { hi: size, lo: 0.0 }).normalized();
    let factor = PI.times(product).normalized().divided_by(bottom).rounded();
    // In two steps, because the power alone may be subnormal.
    let scaled = DoubleDouble { hi: 256.0 - log.hi, lo: 0.0 };
    let error = (256.0 - scaled.hi) - log.hi;
    let power = exp2_accurate(DoubleDouble { hi: scaled.hi, lo: error - log.lo });
    -(factor * power) * f64::from_bits((1023 - 256) << 52)
}

/// `d (c[0] + c[1] d + ...)`, the sum with more than double precision.
#[inline(always)]
fn near_zero<const N: usize>(d: f64, (first, rest): &(DoubleDouble, [f64; N])) -> f64 {
    let sum = fast_two_sum(first.hi, d * horner(d, rest));
    fma(d, sum.hi, d * (sum.lo + first.lo))
}

/// The logarithm of the absolute value of the gamma function. Error below 2 ulp for positive `x`; for
/// negative `x` the absolute error is below 2^-50 next to the zeros.
#[inline(always)]
pub fn lgamma(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let size = x.abs();
    if size == f64::INFINITY || x == 0.0 || (x < 0.0 && x.trunc() == x) {
        return f64::INFINITY;
    }
    let d = x - 1.0;
    if d.abs() <= 0.3 {
        return near_zero(d, &LGAMMA_1);
    }
    let d = x - 2.0;
    if d.abs() <= 0.3 {
        return near_zero(d, &LGAMMA_2);
    }
    if size < 1.0e-20 {
        return -(log2_accurate(size).times(LN2).rounded());
    }
    if x > 1.0e300 {
        let log = log2_accurate(x).times(LN2);
        return x * (log.hi - 1.0);
    }
    let (log, product) = shifted(size);
    let product_log = log2_accurate(product.hi);
    let product_low = fma(product.lo / product.hi, LOG2_E.hi, product_log.lo);
    let sum = two_sum(log.hi, -product_log.hi);
    let mut result = fast_two_sum(sum.hi, sum.lo + (log.lo - product_low));
    if x < 0.0 {
        // |gamma(-s)| = pi / (s |sin(pi s)| gamma(s))
        let sine = sin_of_half_turns(size);
        let bottom = sine.times(DoubleDouble { hi: size, lo: 0.0 }).normalized();
        let factor = PI.divided_by(bottom).normalized();
        let factor_log = log2_accurate(factor.hi.abs());
        let factor_low = fma(factor.lo / factor.hi, LOG2_E.hi, factor_log.lo);
        let sum = two_sum(factor_log.hi, -result.hi);
        result = fast_two_sum(sum.hi, sum.lo + (factor_low - result.lo));
    }
    result.times(LN2).rounded()
}

//! `pow`.
//!
//! Method: `log2 |x|` as a double-double with a relative error of about 2^-67, the product with `y` as a
//! double-double, and `2^p`. Special cases fall out of giving `log2` its limits at zero and infinity; what
//! remains are the sign and the nans.

use super::bits::{ROUNDER, SIGN, fma, magnitude, select};
use super::double_double::{DoubleDouble, fast_two_sum};
use super::exponential::{exp_tail, scaled_exp};
use super::logarithm::{Split, split};
use super::polynomial::interleaved;

const LN2: DoubleDouble = DoubleDouble { hi: core::f64::consts::LN_2, lo: 2.3190468138462996e-17 };
/// `2 / ln 2` and `2/3 / ln 2`: the first two coefficients of `log2((1+s)/(1-s))`.
const FIRST: DoubleDouble = DoubleDouble { hi: 2.8853900817779268, lo: 4.0710547481862066e-17 };
const SECOND: DoubleDouble = DoubleDouble { hi: 0.9617966939259756, lo: 5.0577616648125907e-17 };

/// The others, as a polynomial in `s^2`.
const LOG2_TAIL: [f64; 8] = [
    0.5770780163555853,
    0.4121985831111953,
    0.32059889794828045,
    0.26230819452400833,
    0.2219525346497119,
    0.19239186526530222,
    0.16862927223527524,
    0.171449899504346,
];

/// `log2 x` for positive finite `x`.
#[inline(always)]
pub fn log2_accurate(x: f64) -> DoubleDouble {
    let Split { k, m, .. } = split(x);
    let f = DoubleDouble { hi: m - 1.0, lo: 0.0 };
    let s = f.divided_by(fast_two_sum(2.0, f.hi));
    // k + FIRST s does not wait for the polynomial.
    let linear = s.times(FIRST);
    let start = fast_two_sum(k, linear.hi);
    let z = s.times(s);
    let cube = s.times(z);
    let second = fast_two_sum(SECOND.hi, z.hi * interleaved(z.hi, &LOG2_TAIL));
    let rest = cube.times(DoubleDouble { hi: second.hi, lo: second.lo + SECOND.lo });
    let sum = fast_two_sum(start.hi, rest.hi);
    DoubleDouble { hi: sum.hi, lo: sum.lo + (rest.lo + (start.lo + linear.lo)) }
}

/// `2^p`, or zero or infinity if that is out of range. `p.lo` is ignored if `p.hi` is infinite or nan, and
/// the result is meaningless for nan.
#[inline(always)]
pub fn exp2_accurate(p: DoubleDouble) -> f64 {
    // scaled_exp is good for 2^-1080 and 2^1025, which are zero and infinity.
    let hi = select(p.hi > 1025.0, 1025.0, p.hi);
    let hi = select(hi < -1080.0, -1080.0, hi);
    let rest = select(magnitude(p.hi) < 1100.0, p.lo, 0.0);
    let rounded = hi + ROUNDER;
    let k = rounded - ROUNDER;
    let fraction = hi - k;
    let r_hi = fraction * LN2.hi;
    let r_lo = fma(fraction, LN2.lo, fma(fraction, LN2.hi, -r_hi));
    // The rest is as large as the unit of `p.hi`, which is far above that of the fraction.
    let r = fast_two_sum(r_hi, fma(rest, LN2.hi, r_lo));
    scaled_exp(r.hi, exp_tail(r), k, rounded.to_bits())
}

/// `x` to the power `y`. Error below 0.8 ulp.
#[inline(always)]
pub fn pow(x: f64, y: f64) -> f64 {
    let size = magnitude(x);
    let log = log2_accurate(size);
    let log_hi = select(size == 0.0, f64::NEG_INFINITY, log.hi);
    let log_hi = select(size < f64::INFINITY, log_hi, size);
    let hi = y * log_hi;
    let product = DoubleDouble { hi, lo: fma(y, log.lo, fma(y, log_hi, -hi)) };
    // One to the power infinity is one.
    let one = (size == 1.0) | (y == 0.0);
    let product = DoubleDouble { hi: select(one, 0.0, product.hi), lo: select(one, 0.0, product.lo) };
    let result = exp2_accurate(product);

    let negative = x.to_bits() & SIGN;
    let integer = y.trunc() == y;
    let half = 0.5 * y;
    let odd = integer & (half.trunc() != half);
    let result = f64::from_bits(result.to_bits() ^ (negative & (odd as u64).wrapping_neg()));
    // `trunc` of infinity is infinity: an even integer. Zero and infinity have no sign to lose.
    let undefined = (x < 0.0) & (size < f64::INFINITY) & !integer;
    let result = select(undefined | x.is_nan() | y.is_nan(), f64::NAN, result);
    select((y == 0.0) | (x == 1.0), 1.0, result)
}

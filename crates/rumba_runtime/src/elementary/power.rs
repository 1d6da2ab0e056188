//! `pow`.
//!
//! Method: `log2 |x|` as a double-double with a relative error of about 2^-67, the product with `y` as a
//! double-double, and `2^p`. Special cases fall out of giving `log2` its limits at zero and infinity; what
//! remains are the sign and the nans.

use super::bits::{ROUNDER, SIGN, fma, magnitude, select};
use super::double_double::{DoubleDouble, fast_two_sum};
use super::exponential::{exp_tail, scaled_exp};
use super::logarithm::{Split, split};
use super::polynomial::horner;

const LN2: DoubleDouble = DoubleDouble {
    hi: core::f64::consts::LN_2,
    lo: 2.3190468138462996e-17,
};
const LOG2_E: DoubleDouble = DoubleDouble {
    hi: core::f64::consts::LOG2_E,
    lo: 2.0355273740931033e-17,
};
const TWO_THIRDS: DoubleDouble = DoubleDouble {
    hi: 0.6666666666666666,
    lo: 3.700743415417188e-17,
};

/// `(log((1+s)/(1-s)) - 2s - 2/3 s^3) / s^5` as a polynomial in `s^2`.
const LOG_TAIL: [f64; 8] = [
    0.39999999999999997,
    0.2857142857143293,
    0.2222222222034762,
    0.18181818547208606,
    0.15384577361058138,
    0.13335587897131312,
    0.1168849046097565,
    0.1188400144487234,
];

/// `log2 x` for positive finite `x`.
#[inline(always)]
pub fn log2_accurate(x: f64) -> DoubleDouble {
    let Split { k, m, .. } = split(x);
    let f = DoubleDouble { hi: m - 1.0, lo: 0.0 };
    let s = f.divided_by(fast_two_sum(2.0, f.hi));
    let z = s.times(s);
    let sum = fast_two_sum(TWO_THIRDS.hi, z.hi * horner(z.hi, &LOG_TAIL));
    let cubic = z.times(DoubleDouble {
        hi: sum.hi,
        lo: sum.lo + TWO_THIRDS.lo,
    });
    let factor = fast_two_sum(2.0, cubic.hi);
    let log = s.times(DoubleDouble {
        hi: factor.hi,
        lo: factor.lo + cubic.lo,
    });
    let log2 = log.times(LOG2_E);
    let sum = fast_two_sum(k, log2.hi);
    DoubleDouble {
        hi: sum.hi,
        lo: sum.lo + log2.lo,
    }
}

/// `2^p`, or zero or infinity if that is out of range. `p.hi` may be infinite, `p.lo` is then ignored.
#[inline(always)]
pub fn exp2_accurate(p: DoubleDouble) -> f64 {
    let in_range = magnitude(p.hi) < 1100.0;
    let hi = select(in_range, p.hi, 0.0);
    let rest = select(in_range, p.lo, 0.0);
    let rounded = hi + ROUNDER;
    let k = rounded - ROUNDER;
    let fraction = hi - k;
    let r_hi = fraction * LN2.hi;
    let r_lo = fma(fraction, LN2.lo, fma(fraction, LN2.hi, -r_hi));
    // The rest is as large as the unit of `p.hi`, which is far above that of the fraction.
    let r = fast_two_sum(r_hi, fma(rest, LN2.hi, r_lo));
    let result = scaled_exp(r.hi, exp_tail(r), k, rounded.to_bits());
    let result = select(p.hi > 1025.0, f64::INFINITY, result);
    select(p.hi < -1080.0, 0.0, result)
}

/// `x` to the power `y`. Error below 0.7 ulp for normal results.
#[inline(always)]
pub fn pow(x: f64, y: f64) -> f64 {
    let size = magnitude(x);
    let log = log2_accurate(size);
    let log_hi = select(size == 0.0, f64::NEG_INFINITY, log.hi);
    let log_hi = select(size < f64::INFINITY, log_hi, size);
    let hi = y * log_hi;
    let product = DoubleDouble {
        hi,
        lo: fma(y, log.lo, fma(y, log_hi, -hi)),
    };
    // One to the power infinity is one.
    let one = (size == 1.0) | (y == 0.0);
    let product = DoubleDouble {
        hi: select(one, 0.0, product.hi),
        lo: select(one, 0.0, product.lo),
    };
    let result = exp2_accurate(product);
    // exp2_accurate took a nan for out of range.
    let result = select(product.hi.is_nan(), f64::NAN, result);

    let negative = x.to_bits() & SIGN;
    let integer = y.trunc() == y;
    let half = 0.5 * y;
    let odd = integer & (half.trunc() != half);
    let result = f64::from_bits(result.to_bits() ^ (negative & (odd as u64).wrapping_neg()));
    // `trunc` of infinity is infinity: an even integer. Zero and infinity have no sign to lose.
    let result = select((x < 0.0) & (size < f64::INFINITY) & !integer, f64::NAN, result);
    let result = select(x.is_nan() | y.is_nan(), f64::NAN, result);
    select((y == 0.0) | (x == 1.0), 1.0, result)
}

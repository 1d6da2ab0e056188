//! `sin`, `cos`, `tan`.
//!
//! Method: `x = k pi/2 + r` with `|r| <= pi/4`, the remainder as a double-double, then minimax
//! polynomials for sine and cosine. Up to [`LIMIT`] the reduction subtracts `k` times three parts of pi/2
//! (W. J. Cody and W. Waite, 1980; with fused multiply-adds three parts give 160 bits). Beyond it the
//! quadrant and fraction are cut out of the product with 1280 bits of 2/pi (M. H. Payne and R. N. Hanek,
//! "Radian reduction for trigonometric functions", 1983), in cold `rumba_rare_*` functions.

use super::bits::{ROUNDER, SIGN, fma, magnitude, select, select_bits};
use super::double_double::{DoubleDouble, fast_two_sum};
use super::polynomial::interleaved;

/// Arguments from here on, infinities and nan take the cold path.
const LIMIT: f64 = 1073741824.0; // 2^30

const TWO_OVER_PI: f64 = core::f64::consts::FRAC_2_PI;
/// pi/2 in three parts.
const HALF_PI: [f64; 3] = [core::f64::consts::FRAC_PI_2, 6.123233995736766e-17, -1.4973849048591698e-33];

/// `(sin r - r) / r^3` as a polynomial in `r^2`.
const SIN: [f64; 6] = [
    -0.1666666666666664,
    0.008333333333323624,
    -0.00019841269830108815,
    2.7557313638500214e-06,
    -2.5050732378961625e-08,
    1.5894579740654464e-10,
];

/// `(cos r - 1 + r^2/2) / r^4` as a polynomial in `r^2`.
const COS: [f64; 6] = [
    0.04166666666666665,
    -0.0013888888888882816,
    2.4801587294605744e-05,
    -2.755731573025875e-07,
    2.0875896367140662e-09,
    -1.1367900016364881e-11,
];

/// The bits of 2/pi after 64 zero bits, most significant word first.
const TWO_OVER_PI_BITS: [u64; 21] = [
    0,
    0xa2f9836e4e441529,
    0xfc2757d1f534ddc0,
    0xdb6295993c439041,
    0xfe5163abdebbc561,
    0xb7246e3a424dd2e0,
    0x06492eea09d1921c,
    0xfe1deb1cb129a73e,
    0xe88235f52ebb4484,
    0xe99c7026b45f7e41,
    0x3991d639835339f4,
    0x9c845f8bbdf9283b,
    0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f,
    0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea,
    0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab,
    0xf0cfbc209af4361d,
];

/// `x = k pi/2 + r`, `|r| <= pi/4` (and a little).
#[derive(Clone, Copy)]
struct Reduced {
    /// `k` modulo four in the two low bits.
    quadrant: u64,
    r: DoubleDouble,
}

/// The reduction for `|x| < LIMIT`.
#[inline(always)]
fn reduce(x: f64) -> Reduced {
    let rounded = fma(x, TWO_OVER_PI, ROUNDER);
    let k = rounded - ROUNDER;
    // Exact: the product is a multiple of 2^-52 and the difference below 1.
    let t = fma(-k, HALF_PI[0], x);
    let second = k * HALF_PI[1];
    let second_error = fma(k, HALF_PI[1], -second);
    let hi = t - second;
    // Exact also if `t` is the smaller one, because both are multiples of the unit of `second`.
    let lo = (t - hi) - second;
    let lo = lo - fma(k, HALF_PI[2], second_error);
    Reduced { quadrant: rounded.to_bits(), r: DoubleDouble { hi, lo } }
}

/// The reduction for finite `|x| >= 2^-10`.
#[inline(always)]
fn reduce_huge(x: f64) -> Reduced {
    let bits = x.to_bits();
    let mantissa = (bits & ((1 << 52) - 1)) | (1 << 52);
    // |x| = mantissa 2^e. Bits of 2/pi that weigh four or more after scaling by 2^e do not matter: the
    // window of 192 bits starts at the one that weighs two.
    let e = ((bits >> 52) & 2047) as i64 - 1075;
    let start = (e + 62) as u64;
    // For infinity and nan `start` is 1034 too.
    let word = ((start >> 6) & 31) as usize;
    let word = if word > 17 { 17 } else { word };
    let shift = start & 63;
    // SAFETY: `word` is at most 17 and the table has 21 words.
    let [w0, w1, w2, w3] = unsafe { *(TWO_OVER_PI_BITS.as_ptr().add(word) as *const [u64; 4]) };
    let join = |high: u64, low: u64| (high << shift) | ((low >> 1) >> (63 - shift));
    let (high, middle, low) = (join(w0, w1), join(w1, w2), join(w2, w3));
    let product = |w: u64| mantissa as u128 * w as u128;
    // The product modulo four, in units of 2^-126.
    let turns = (product(high) << 64).wrapping_add(product(middle)).wrapping_add(product(low) >> 64);
    let quadrant = (turns.wrapping_add(1 << 125) >> 126) as u64;
    let fraction = (turns << 2) as i128;
    let size = fraction.unsigned_abs();
    let zeros = size.leading_zeros();
    let digits = size << (zeros & 127);
    let scale = f64::from_bits((1023 - 53 - zeros as u64) << 52);
    let hi = (digits >> 75) as u64 as f64 * scale;
    let lo = ((digits >> 22) as u64 & ((1 << 53) - 1)) as f64 * scale * f64::from_bits((1023 - 53) << 52);
    let quarter = DoubleDouble { hi, lo };
    let r = quarter.times(DoubleDouble { hi: HALF_PI[0], lo: HALF_PI[1] });
    let r = fast_two_sum(r.hi, r.lo);
    let fraction_sign = ((fraction < 0) as u64) << 63;
    let sign = fraction_sign ^ (bits & SIGN);
    let signed = |v: f64| f64::from_bits(v.to_bits() ^ sign);
    let quadrant = select_bits(bits & SIGN != 0, quadrant.wrapping_neg(), quadrant);
    Reduced { quadrant, r: DoubleDouble { hi: signed(r.hi), lo: signed(r.lo) } }
}

/// `sin r - r.hi`.
#[inline(always)]
fn sin_tail(r: DoubleDouble) -> f64 {
    let z = r.hi * r.hi;
    let cubic = (z * r.hi) * interleaved(z, &SIN);
    fma(r.lo, fma(z, -0.5, 1.0), cubic)
}

/// `cos r` as `hi + lo`.
#[inline(always)]
fn cos_parts(r: DoubleDouble) -> DoubleDouble {
    let z = r.hi * r.hi;
    let z_error = fma(r.hi, r.hi, -z);
    let half = 0.5 * z;
    let hi = 1.0 - half;
    let lo = ((1.0 - hi) - half) - 0.5 * z_error;
    DoubleDouble { hi, lo: lo + fma(z * z, interleaved(z, &COS), -(r.hi * r.lo)) }
}

/// The sine of `(quadrant pi/2) + r`.
#[inline(always)]
fn sin_in_quadrant(Reduced { quadrant, r }: Reduced) -> f64 {
    let odd = quadrant & 1 != 0;
    let result = select(odd, cos_parts(r).rounded(), r.hi + sin_tail(r));
    f64::from_bits(result.to_bits() ^ ((quadrant & 2) << 62))
}

/// The tangent of `(quadrant pi/2) + r`.
#[inline(always)]
fn tan_in_quadrant(Reduced { quadrant, r }: Reduced) -> f64 {
    let sine = fast_two_sum(r.hi, sin_tail(r));
    let cosine = cos_parts(r).normalized();
    let odd = quadrant & 1 != 0;
    let top = DoubleDouble { hi: select(odd, cosine.hi, sine.hi), lo: select(odd, cosine.lo, sine.lo) };
    let bottom = DoubleDouble { hi: select(odd, sine.hi, cosine.hi), lo: select(odd, sine.lo, cosine.lo) };
    let result = top.divided_by(bottom).rounded();
    f64::from_bits(result.to_bits() ^ ((quadrant & 1) << 63))
}

#[inline(always)]
fn next_quadrant(Reduced { quadrant, r }: Reduced) -> Reduced {
    Reduced { quadrant: quadrant.wrapping_add(1), r }
}

/// `sin x` for `|x|` from 2^30 on, infinite or nan.
#[cold]
#[inline(never)]
#[unsafe(no_mangle)]
pub extern "C" fn rumba_rare_sin_f64(x: f64) -> f64 {
    select(magnitude(x) < f64::INFINITY, sin_in_quadrant(reduce_huge(x)), f64::NAN)
}

/// `cos x` for `|x|` from 2^30 on, infinite or nan.
#[cold]
#[inline(never)]
#[unsafe(no_mangle)]
pub extern "C" fn rumba_rare_cos_f64(x: f64) -> f64 {
    select(magnitude(x) < f64::INFINITY, sin_in_quadrant(next_quadrant(reduce_huge(x))), f64::NAN)
}

/// `tan x` for `|x|` from 2^30 on, infinite or nan.
#[cold]
#[inline(never)]
#[unsafe(no_mangle)]
pub extern "C" fn rumba_rare_tan_f64(x: f64) -> f64 {
    select(magnitude(x) < f64::INFINITY, tan_in_quadrant(reduce_huge(x)), f64::NAN)
}

/// Below this the sine and the tangent are their argument, sign of zero included.
const TINY: f64 = 1.0e-9;

/// The sine. Error below 0.8 ulp.
#[inline(always)]
pub fn sin(x: f64) -> f64 {
    let size = magnitude(x);
    let result = select(size < TINY, x, sin_in_quadrant(reduce(x)));
    if size < LIMIT { result } else { rumba_rare_sin_f64(x) }
}

/// The cosine. Error below 0.8 ulp.
#[inline(always)]
pub fn cos(x: f64) -> f64 {
    let result = sin_in_quadrant(next_quadrant(reduce(x)));
    if magnitude(x) < LIMIT { result } else { rumba_rare_cos_f64(x) }
}

/// The tangent. Error below 0.95 ulp.
#[inline(always)]
pub fn tan(x: f64) -> f64 {
    let size = magnitude(x);
    let result = select(size < TINY, x, tan_in_quadrant(reduce(x)));
    if size < LIMIT { result } else { rumba_rare_tan_f64(x) }
}

/// `sin(pi x)` for `0 <= x < 2^52`.
#[inline(always)]
pub(super) fn sin_of_half_turns(x: f64) -> DoubleDouble {
    let rounded = x + x + ROUNDER;
    let halves = rounded - ROUNDER;
    let rest = DoubleDouble { hi: fma(-0.5, halves, x), lo: 0.0 };
    let r = rest.times(DoubleDouble { hi: 2.0 * HALF_PI[0], lo: 2.0 * HALF_PI[1] }).normalized();
    let sine = fast_two_sum(r.hi, sin_tail(r));
    let cosine = cos_parts(r).normalized();
    let quadrant = rounded.to_bits();
    let odd = quadrant & 1 != 0;
    let sign = (quadrant & 2) << 62;
    let part = |sine: f64, cosine: f64| f64::from_bits(select(odd, cosine, sine).to_bits() ^ sign);
    DoubleDouble { hi: part(sine.hi, cosine.hi), lo: part(sine.lo, cosine.lo) }
}

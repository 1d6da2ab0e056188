//! The functions of `f32`, computed in `f64` with polynomials of about 2^-30.
//!
//! The methods are those of the double-precision families, without their error terms: twice the bits make
//! remainders and sums exact enough, exponents cannot overflow on the way, and converting the result back
//! rounds subnormal numbers correctly. All errors are below 0.6 ulp unless a function says otherwise.

use super::bits::{ROUNDER, SIGN, fma, magnitude, power_of_two, select, select_bits, with_sign};
use super::logarithm::{Split, split_normal};
use super::polynomial::interleaved;

const LN2: f64 = core::f64::consts::LN_2;
const LOG2_E: f64 = core::f64::consts::LOG2_E;
const LOG10_E: f64 = core::f64::consts::LOG10_E;
const LOG10_2: f64 = core::f64::consts::LOG10_2;
const PI: f64 = core::f64::consts::PI;
const HALF_PI: f64 = core::f64::consts::FRAC_PI_2;
const HALF_PI_LOW: f64 = 6.123233995736766e-17;

/// `(e^r - 1 - r) / r^2`
const EXP: [f64; 6] = [
    0.5000000081043168,
    0.1666666675667091,
    0.041666239859114496,
    0.008333285931483048,
    0.0013948640637153269,
    0.00019907637995300235,
];

/// `(log(1 + f) - f) / f^2`
const LOG: [f64; 11] = [
    -0.5000000043129933,
    0.333333334472648,
    -0.2499991785545597,
    0.1999993508100085,
    -0.16671053043925013,
    0.14291439340446346,
    -0.12405398468262378,
    0.10938976825108854,
    -0.10841609476672436,
    0.1113565952506962,
    -0.06516399758703179,
];

/// `(log((1+s)/(1-s)) - 2s) / s^3` as a polynomial in `s^2`.
const LOG_QUOTIENT: [f64; 4] =
    [0.6666666575420193, 0.4000033985236886, 0.28535986637010496, 0.23618725588716027];

/// `(sin r - r) / r^3` as a polynomial in `r^2`.
const SIN: [f64; 4] =
    [-0.16666666644130387, 0.008333329317112522, -0.0001983925755123383, 2.7173113224042363e-06];

/// `(cos r - 1 + r^2/2) / r^4` as a polynomial in `r^2`.
const COS: [f64; 3] = [0.04166665461582458, -0.001388765192429621, 2.4463501823193594e-05];

/// `(tan r - r) / r^3` as a polynomial in `r^2`.
const TAN: [f64; 8] = [
    0.3333333246818085,
    0.13333393231328788,
    0.05395610712230428,
    0.02198010586741049,
    0.00833194801520642,
    0.005017714425786579,
    -0.0006438617928096719,
    0.002068953718418718,
];

/// `(atan t - t) / t^3` as a polynomial in `t^2`, up to 1.
const ATAN: [f64; 10] = [
    -0.3333332966915659,
    0.19999751213412226,
    -0.14280606014470815,
    0.11061642217589644,
    -0.08818456538508629,
    0.06747514182737607,
    -0.04463931240341158,
    0.022396525108780305,
    -0.00720869597373415,
    0.0010844927497793049,
];

/// `(asin x - x) / x^3` as a polynomial in `x^2`, up to 1/2.
const ASIN: [f64; 6] = [
    0.16666662207552732,
    0.07500430094214522,
    0.044523384157936684,
    0.03180167401587813,
    0.014326212392009189,
    0.03781945774081464,
];

/// `(sinh r - r) / r^3` as a polynomial in `r^2`.
const SINH: [f64; 3] = [0.1666666675667091, 0.008333285931483048, 0.00019907637995300235];

/// `(cosh r - 1 - r^2/2) / r^4` as a polynomial in `r^2`.
const COSH: [f64; 2] = [0.04166648704031653, 0.0013933688358108926];

/// `erf x / x` as a polynomial in `x^2`, up to 3/4.
const ERF: [f64; 7] = [
    1.1283791670701173,
    -0.37612638456798664,
    0.11283778852931914,
    -0.02686478774497744,
    0.005216844199428956,
    -0.0008357793249512987,
    9.475594414971925e-05,
];

/// `(1 + 2x) e^(x^2) erfc x` as a polynomial in `(x - 3)/(x + 3)`, from 3/4 to 11.
const ERFC: [f64; 10] = [
    1.2530080573484048,
    -0.13562109234190614,
    -0.047562159628005314,
    0.129644473482392,
    -0.1192768163883677,
    0.06831755531971702,
    -0.023744617080546607,
    0.0024755506223291843,
    0.0018013281521239734,
    -0.000646838551533513,
];

/// `e^r - 1`
#[inline(always)]
fn expm1_of_remainder(r: f64) -> f64 {
    fma(r * r, interleaved(r, &EXP), r)
}

/// The low bits of `k` (see [`ROUNDER`]) and `r` of `x = k ln 2 + r`, for |x| < 2000 or nan.
#[inline(always)]
fn reduce(x: f64) -> (u64, f64) {
    let rounded = fma(x, LOG2_E, ROUNDER);
    (rounded.to_bits(), fma(-(rounded - ROUNDER), LN2, x))
}

/// `x` moved into [-limit, limit]; nan stays.
#[inline(always)]
fn limited(x: f64, limit: f64) -> f64 {
    let x = select(x > limit, limit, x);
    select(x < -limit, -limit, x)
}

/// `e^x` for |x| < 700 or nan.
#[inline(always)]
fn exp_of(x: f64) -> f64 {
    let (k_bits, r) = reduce(x);
    (1.0 + expm1_of_remainder(r)) * power_of_two(k_bits, 0)
}

/// `2^x` for |x| < 1000 or nan.
#[inline(always)]
fn exp2_of(x: f64) -> f64 {
    let rounded = x + ROUNDER;
    let r = (x - (rounded - ROUNDER)) * LN2;
    (1.0 + expm1_of_remainder(r)) * power_of_two(rounded.to_bits(), 0)
}

/// `e^x - 1` for |x| < 700 or nan.
#[inline(always)]
fn expm1_of(x: f64) -> f64 {
    let (k_bits, r) = reduce(x);
    let factor = power_of_two(k_bits, 0);
    fma(factor, expm1_of_remainder(r), factor - 1.0)
}

#[inline(always)]
pub fn exp(x: f32) -> f32 {
    exp_of(limited(x as f64, 200.0)) as f32
}

#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    exp2_of(limited(x as f64, 200.0)) as f32
}

#[inline(always)]
pub fn expm1(x: f32) -> f32 {
    let wide = x as f64;
    select(wide == 0.0, wide, expm1_of(limited(wide, 200.0))) as f32
}

/// `log(1 + f)` for `1 + f` in [sqrt(1/2), sqrt(2)].
#[inline(always)]
fn log_of_mantissa(f: f64) -> f64 {
    fma(f * f, interleaved(f, &LOG), f)
}

/// Puts in the results for zero, negative numbers, infinity and nan.
#[inline(always)]
fn with_log_special_cases(x: f64, result: f64) -> f64 {
    let result = select(x < f64::INFINITY, result, x);
    let result = select(x < 0.0, f64::NAN, result);
    select(x == 0.0, f64::NEG_INFINITY, result)
}

#[inline(always)]
pub fn log(x: f32) -> f32 {
    let x = x as f64;
    let Split { k, m, .. } = split_normal(x);
    with_log_special_cases(x, fma(k, LN2, log_of_mantissa(m - 1.0))) as f32
}

#[inline(always)]
pub fn log2(x: f32) -> f32 {
    let x = x as f64;
    let Split { k, m, .. } = split_normal(x);
    with_log_special_cases(x, fma(log_of_mantissa(m - 1.0), LOG2_E, k)) as f32
}

#[inline(always)]
pub fn log10(x: f32) -> f32 {
    let x = x as f64;
    let Split { k, m, .. } = split_normal(x);
    with_log_special_cases(x, fma(log_of_mantissa(m - 1.0), LOG10_E, k * LOG10_2)) as f32
}

/// `log(1 + u)` for finite `u > -1`, relative error about 2^-31.
#[inline(always)]
fn log1p_of(u: f64) -> f64 {
    let Split { k, m, .. } = split_normal(1.0 + u);
    // For k = 0 the sum may have rounded `u` away.
    let f = select(k == 0.0, u, m - 1.0);
    fma(k, LN2, log_of_mantissa(f))
}

#[inline(always)]
pub fn log1p(x: f32) -> f32 {
    let x = x as f64;
    let result = select(x < f64::INFINITY, log1p_of(x), x);
    let result = select(x < -1.0, f64::NAN, result);
    let result = select(x == -1.0, f64::NEG_INFINITY, result);
    select(x == 0.0, x, result) as f32
}

/// From here on, for infinities and nan the trigonometric functions take the cold path.
const LIMIT: f32 = 1073741824.0; // 2^30

/// The quadrant (in the two low bits) and remainder of `x`, for `|x| < LIMIT`.
#[inline(always)]
fn reduce_turns(x: f64) -> (u64, f64) {
    let rounded = fma(x, core::f64::consts::FRAC_2_PI, ROUNDER);
    let k = rounded - ROUNDER;
    (rounded.to_bits(), fma(-k, HALF_PI_LOW, fma(-k, HALF_PI, x)))
}

#[inline(always)]
fn sin_in_quadrant(quadrant: u64, r: f64) -> f64 {
    let z = r * r;
    let sine = r * fma(z, interleaved(z, &SIN), 1.0);
    let cosine = fma(z, fma(z, interleaved(z, &COS), -0.5), 1.0);
    f64::from_bits(select(quadrant & 1 != 0, cosine, sine).to_bits() ^ ((quadrant & 2) << 62))
}

/// `sin x` for `|x|` from 2^30 on, infinite or nan.
#[cold]
#[inline(never)]
#[unsafe(no_mangle)]
pub extern "C" fn rumba_rare_sin_f32(x: f32) -> f32 {
    super::trigonometric::rumba_rare_sin_f64(x as f64) as f32
}

/// `cos x` for `|x|` from 2^30 on, infinite or nan.
#[cold]
#[inline(never)]
#[unsafe(no_mangle)]
pub extern "C" fn rumba_rare_cos_f32(x: f32) -> f32 {
    super::trigonometric::rumba_rare_cos_f64(x as f64) as f32
}

/// `tan x` for `|x|` from 2^30 on, infinite or nan.
#[cold]
#[inline(never)]
#[unsafe(no_mangle)]
pub extern "C" fn rumba_rare_tan_f32(x: f32) -> f32 {
    super::trigonometric::rumba_rare_tan_f64(x as f64) as f32
}

#[inline(always)]
pub fn sin(x: f32) -> f32 {
    let (quadrant, r) = reduce_turns(x as f64);
    let result = sin_in_quadrant(quadrant, r) as f32;
    if x.abs() < LIMIT { result } else { rumba_rare_sin_f32(x) }
}

#[inline(always)]
pub fn cos(x: f32) -> f32 {
    let (quadrant, r) = reduce_turns(x as f64);
    let result = sin_in_quadrant(quadrant.wrapping_add(1), r) as f32;
    if x.abs() < LIMIT { result } else { rumba_rare_cos_f32(x) }
}

#[inline(always)]
pub fn tan(x: f32) -> f32 {
    let (quadrant, r) = reduce_turns(x as f64);
    let z = r * r;
    let tangent = r * fma(z, interleaved(z, &TAN), 1.0);
    // In odd quadrants -1/tan.
    let odd = quadrant & 1 != 0;
    let result = (select(odd, -1.0, tangent) / select(odd, tangent, 1.0)) as f32;
    if x.abs() < LIMIT { result } else { rumba_rare_tan_f32(x) }
}

/// The arc tangent of `a / b` for `a >= 0`, `b >= 0`, not both zero or infinite.
#[inline(always)]
fn angle(a: f64, b: f64) -> f64 {
    let steep = a > b;
    let t = select(steep, b, a) / select(steep, a, b);
    let z = t * t;
    let result = t * fma(z, interleaved(z, &ATAN), 1.0);
    select(steep, HALF_PI - result, result)
}

#[inline(always)]
pub fn atan(x: f32) -> f32 {
    let x = x as f64;
    with_sign(angle(magnitude(x), 1.0), x) as f32
}

#[inline(always)]
pub fn atan2(y: f32, x: f32) -> f32 {
    let (y, x) = (y as f64, x as f64);
    // A million is infinite enough where only the other one's infinity matters.
    let (a, b) = (magnitude(y), magnitude(x));
    let both_infinite = (a == f64::INFINITY) & (b == f64::INFINITY);
    let both_zero = (a == 0.0) & (b == 0.0);
    let a = select(both_infinite, 1.0, a);
    let b = select(both_infinite | both_zero, 1.0, b);
    let theta = angle(a, b);
    let theta = select((x.to_bits() & SIGN) != 0, PI - theta, theta);
    let result = with_sign(theta, y);
    select(x.is_nan() | y.is_nan(), f64::NAN, result) as f32
}

/// The arc sine of `|x| <= 1/2`, else that of `sqrt((1 - |x|)/2)`.
#[inline(always)]
fn reduced_asin(size: f64) -> f64 {
    let large = size > 0.5;
    let z = select(large, fma(size, -0.5, 0.5), size * size);
    let root = select(large, z.sqrt(), size);
    root * fma(z, interleaved(z, &ASIN), 1.0)
}

#[inline(always)]
pub fn asin(x: f32) -> f32 {
    let x = x as f64;
    let size = magnitude(x);
    let small = reduced_asin(size);
    let result = select(size > 0.5, fma(-2.0, small, HALF_PI), small);
    select(size <= 1.0, with_sign(result, x), f64::NAN) as f32
}

#[inline(always)]
pub fn acos(x: f32) -> f32 {
    let x = x as f64;
    let size = magnitude(x);
    let small = reduced_asin(size);
    let large = size > 0.5;
    let outer = select(x < 0.0, fma(-2.0, small, PI), 2.0 * small);
    let inner = HALF_PI - with_sign(small, x);
    select(size <= 1.0, select(large, outer, inner), f64::NAN) as f32
}

/// Hyperbolic sine and cosine of |x| < 700.
#[inline(always)]
fn sinh_cosh(x: f64) -> (f64, f64) {
    let (k_bits, r) = reduce(x);
    let z = r * r;
    let sinh = r * fma(z, interleaved(z, &SINH), 1.0);
    let cosh = fma(z, fma(z, interleaved(z, &COSH), 0.5), 1.0);
    let up = power_of_two(k_bits, -1);
    let down = power_of_two(0u64.wrapping_sub(k_bits), -1);
    let (minus, plus) = (up - down, up + down);
    (fma(plus, sinh, minus * cosh), fma(plus, cosh, minus * sinh))
}

#[inline(always)]
pub fn sinh(x: f32) -> f32 {
    let x = x as f64;
    with_sign(sinh_cosh(limited(x, 200.0)).0, x) as f32
}

#[inline(always)]
pub fn cosh(x: f32) -> f32 {
    sinh_cosh(limited(x as f64, 200.0)).1 as f32
}

#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let x = x as f64;
    let e = expm1_of(2.0 * limited(x, 20.0));
    with_sign(e / (e + 2.0), x) as f32
}

#[inline(always)]
pub fn asinh(x: f32) -> f32 {
    let x = x as f64;
    let size = magnitude(x);
    let square = size * size;
    let u = size + square / (1.0 + (1.0 + square).sqrt());
    let result = select(size < f64::INFINITY, log1p_of(u), size);
    with_sign(result, x) as f32
}

#[inline(always)]
pub fn acosh(x: f32) -> f32 {
    let x = x as f64;
    let t = x - 1.0;
    let result = select(x < f64::INFINITY, log1p_of(t + fma(t, t, t + t).sqrt()), x);
    select(x < 1.0, f64::NAN, result) as f32
}

#[inline(always)]
pub fn atanh(x: f32) -> f32 {
    let x = x as f64;
    let size = magnitude(x);
    let result = 0.5 * log1p_of((size + size) / (1.0 - size));
    let result = select(size == 1.0, f64::INFINITY, result);
    select(size <= 1.0, with_sign(result, x), f64::NAN) as f32
}

#[inline(always)]
pub fn pow(x: f32, y: f32) -> f32 {
    let (x, y) = (x as f64, y as f64);
    let size = magnitude(x);
    let Split { k, m, .. } = split_normal(size);
    let f = m - 1.0;
    let s = f / (f + 2.0);
    let z = s * s;
    let log = fma(s * fma(z, interleaved(z, &LOG_QUOTIENT), 2.0), LOG2_E, k);
    let log = select(size == 0.0, f64::NEG_INFINITY, log);
    let log = select(size < f64::INFINITY, log, size);
    let one = (size == 1.0) | (y == 0.0);
    let result = exp2_of(limited(select(one, 0.0, y * log), 400.0));

    let integer = y.trunc() == y;
    let half = 0.5 * y;
    let odd = integer & (half.trunc() != half);
    let result = f64::from_bits(result.to_bits() ^ (x.to_bits() & select_bits(odd, SIGN, 0)));
    let result = select((x < 0.0) & (size < f64::INFINITY) & !integer, f64::NAN, result);
    let result = select(x.is_nan() | y.is_nan(), f64::NAN, result);
    select((y == 0.0) | (x == 1.0), 1.0, result) as f32
}

#[inline(always)]
pub fn hypot(x: f32, y: f32) -> f32 {
    let (x, y) = (x as f64, y as f64);
    let result = fma(x, x, y * y).sqrt();
    let infinite = (magnitude(x) == f64::INFINITY) | (magnitude(y) == f64::INFINITY);
    select(infinite, f64::INFINITY, result) as f32
}

#[inline(always)]
pub fn cbrt(x: f32) -> f32 {
    super::root::cbrt_approximation(x as f64) as f32
}

/// `erfc x` for `3/4 <= x <= 11`.
#[inline(always)]
fn erfc_of_large(x: f64) -> f64 {
    let (top, bottom) = (x - 3.0, x + 3.0);
    // One division for both quotients.
    let factor = fma(2.0, x, 1.0);
    let inverse = 1.0 / (bottom * factor);
    let t = top * inverse * factor;
    exp_of(-x * x) * interleaved(t, &ERFC) * (inverse * bottom)
}

/// The error function.
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    let x = x as f64;
    let size = magnitude(x);
    let small = size * interleaved(size * size, &ERF);
    let large = 1.0 - erfc_of_large(select(size > 11.0, 11.0, select(size < 0.75, 1.0, size)));
    with_sign(select(size < 0.75, small, large), x) as f32
}

/// The complementary error function.
#[inline(always)]
pub fn erfc(x: f32) -> f32 {
    let x = x as f64;
    let size = magnitude(x);
    let small = fma(-x, interleaved(size * size, &ERF), 1.0);
    let large = erfc_of_large(select(size > 11.0, 11.0, select(size < 0.75, 1.0, size)));
    let large = select(x < 0.0, 2.0 - large, large);
    select(size < 0.75, small, large) as f32
}

#[inline(always)]
pub fn tgamma(x: f32) -> f32 {
    super::gamma::tgamma(x as f64) as f32
}

#[inline(always)]
pub fn lgamma(x: f32) -> f32 {
    super::gamma::lgamma(x as f64) as f32
}

/// The remainder, exact: that of two `f32` is an `f32`.
#[inline(always)]
pub fn fmod(x: f32, y: f32) -> f32 {
    super::remainder::fmod(x as f64, y as f64) as f32
}

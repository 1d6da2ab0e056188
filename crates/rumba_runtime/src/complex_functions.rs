//! The functions of `cmath`: CPython's formulas (W. Kahan, "Branch cuts for complex elementary
//! functions"), and C99 Annex G's results for infinities, NaN and zeros.
//!
//! Where CPython raises `ValueError` or `OverflowError`, these give the infinity or NaN of Annex G.

use crate::float_parts::rumba_ldexp_f64 as ldexp;
use std::f64::consts::{E, FRAC_PI_2, FRAC_PI_4, LN_2, LN_10, PI};

type Complex = (f64, f64);

macro_rules! exported {
    ($($symbol:ident = $function:ident),+ $(,)?) => {
        $(
            /// Fills `out` with the real and the imaginary part.
            ///
            /// # Safety
            /// `out` points to two slots.
            pub unsafe extern "C" fn $symbol(real: f64, imag: f64, out: *mut [f64; 2]) {
                let (real, imag) = $function((real, imag));
                // SAFETY: promised by the caller.
                unsafe { *out = [real, imag] };
            }
        )+
    };
}

exported! {
    rumba_acos_c128 = acos,
    rumba_acosh_c128 = acosh,
    rumba_asin_c128 = asin,
    rumba_asinh_c128 = asinh,
    rumba_atan_c128 = atan,
    rumba_atanh_c128 = atanh,
    rumba_cos_c128 = cos,
    rumba_cosh_c128 = cosh,
    rumba_exp_c128 = exp,
    rumba_log_c128 = log,
    rumba_log10_c128 = log10,
    rumba_rect_c128 = rect,
    rumba_sin_c128 = sin,
    rumba_sinh_c128 = sinh,
    rumba_sqrt_c128 = sqrt,
    rumba_tan_c128 = tan,
    rumba_tanh_c128 = tanh,
}

/// Beyond this magnitude, squares and sums of parts may overflow.
const LARGE: f64 = f64::MAX / 4.0;
const SQRT_LARGE: f64 = 6.703903964971298e153;
const LOG_LARGE: f64 = 708.3964185322641;
const SQRT_SMALLEST_NORMAL: f64 = 1.4916681462400413e-154;
const MANTISSA_BITS: i64 = 53;

const N: f64 = f64::NAN;
const I: f64 = f64::INFINITY;
const P: f64 = PI;
const P12: f64 = FRAC_PI_2;
const P14: f64 = FRAC_PI_4;
const P34: f64 = 3.0 * FRAC_PI_4;

/// Results where a part is not finite, by the class of the real part (row) and of the imaginary part
/// (column): -inf, negative, -0, 0, positive, inf, nan. Entries of finite arguments are not used.
type SpecialValues = [[Complex; 7]; 7];
const U: Complex = (N, N);

/// The class of a float in [`SpecialValues`].
fn class(x: f64) -> usize {
    if x.is_nan() {
        return 6;
    }
    let (zero, other, infinite) = if x.is_sign_negative() { (2, 1, 0) } else { (3, 4, 5) };
    if x == 0.0 {
        zero
    } else if x.is_infinite() {
        infinite
    } else {
        other
    }
}

fn special((x, y): Complex, table: &SpecialValues) -> Option<Complex> {
    (!x.is_finite() || !y.is_finite()).then(|| table[class(x)][class(y)])
}

/// A row whose inner entries belong to finite arguments.
const fn outer(first: Complex, sixth: Complex, nan: Complex) -> [Complex; 7] {
    [first, U, U, U, U, sixth, nan]
}

fn negate((x, y): Complex) -> Complex {
    (-x, -y)
}

/// `-i g(i z)`.
fn rotated(z: Complex, g: fn(Complex) -> Complex) -> Complex {
    let (x, y) = g((-z.1, z.0));
    (y, -x)
}

fn is_large((x, y): Complex) -> bool {
    x.abs() > LARGE || y.abs() > LARGE
}

/// `log(|z| / 2)`, where `|z|` may overflow.
fn log_of_half((x, y): Complex) -> f64 {
    (x / 2.0).hypot(y / 2.0).ln()
}

/// Whether the result is infinite (or zero) in a direction that the imaginary part says: an infinite
/// real part, and a finite imaginary one that is not zero.
fn has_direction((x, y): Complex) -> bool {
    x.is_infinite() && y.is_finite() && y != 0.0
}

fn acos(z: Complex) -> Complex {
    const TABLE: SpecialValues = [
        [(P34, I), (P, I), (P, I), (P, -I), (P, -I), (P34, -I), (N, I)],
        outer((P12, I), (P12, -I), U),
        outer((P12, I), (P12, -I), (P12, N)),
        outer((P12, I), (P12, -I), (P12, N)),
        outer((P12, I), (P12, -I), U),
        [(P14, I), (0.0, I), (0.0, I), (0.0, -I), (0.0, -I), (P14, -I), (N, I)],
        [(N, I), U, U, U, U, (N, -I), U],
    ];
    if let Some(result) = special(z, &TABLE) {
        return result;
    }
    let (x, y) = z;
    if is_large(z) {
        let length = log_of_half(z) + LN_2 * 2.0;
        // The two forms differ for y = 0, on the branch cut.
        let imag = if x < 0.0 { -length.copysign(y) } else { length.copysign(-y) };
        return (y.abs().atan2(x), imag);
    }
    let below = sqrt((1.0 - x, -y));
    let above = sqrt((1.0 + x, y));
    (2.0 * below.0.atan2(above.0), (above.0 * below.1 - above.1 * below.0).asinh())
}

fn acosh(z: Complex) -> Complex {
    const TABLE: SpecialValues = [
        [(I, -P34), (I, -P), (I, -P), (I, P), (I, P), (I, P34), (I, N)],
        outer((I, -P12), (I, P12), U),
        outer((I, -P12), (I, P12), U),
        outer((I, -P12), (I, P12), U),
        outer((I, -P12), (I, P12), U),
        [(I, -P14), (I, -0.0), (I, -0.0), (I, 0.0), (I, 0.0), (I, P14), (I, N)],
        [(I, N), U, U, U, U, (I, N), U],
    ];
    if let Some(result) = special(z, &TABLE) {
        return result;
    }
    let (x, y) = z;
    if is_large(z) {
        return (log_of_half(z) + LN_2 * 2.0, y.atan2(x));
    }
    let below = sqrt((x - 1.0, y));
    let above = sqrt((x + 1.0, y));
    ((below.0 * above.0 + below.1 * above.1).asinh(), 2.0 * below.1.atan2(above.0))
}

fn asin(z: Complex) -> Complex {
    rotated(z, asinh)
}

fn asinh(z: Complex) -> Complex {
    const TABLE: SpecialValues = [
        [(-I, -P14), (-I, -0.0), (-I, -0.0), (-I, 0.0), (-I, 0.0), (-I, P14), (-I, N)],
        outer((-I, -P12), (-I, P12), U),
        outer((-I, -P12), (-I, P12), U),
        outer((I, -P12), (I, P12), U),
        outer((I, -P12), (I, P12), U),
        [(I, -P14), (I, -0.0), (I, -0.0), (I, 0.0), (I, 0.0), (I, P14), (I, N)],
        [(I, N), U, (N, -0.0), (N, 0.0), U, (I, N), U],
    ];
    if let Some(result) = special(z, &TABLE) {
        return result;
    }
    let (x, y) = z;
    if is_large(z) {
        let length = log_of_half(z) + LN_2 * 2.0;
        let real = if y >= 0.0 { length.copysign(x) } else { -length.copysign(-x) };
        return (real, y.atan2(x.abs()));
    }
    let first = sqrt((1.0 + y, -x));
    let second = sqrt((1.0 - y, x));
    let real = (first.0 * second.1 - second.0 * first.1).asinh();
    (real, y.atan2(first.0 * second.0 - first.1 * second.1))
}

fn atan(z: Complex) -> Complex {
    rotated(z, atanh)
}

fn atanh(z: Complex) -> Complex {
    const TABLE: SpecialValues = [
        [(-0.0, -P12), (-0.0, -P12), (-0.0, -P12), (-0.0, P12), (-0.0, P12), (-0.0, P12), (-0.0, N)],
        outer((-0.0, -P12), (-0.0, P12), U),
        outer((-0.0, -P12), (-0.0, P12), (-0.0, N)),
        outer((0.0, -P12), (0.0, P12), (0.0, N)),
        outer((0.0, -P12), (0.0, P12), U),
        [(0.0, -P12), (0.0, -P12), (0.0, -P12), (0.0, P12), (0.0, P12), (0.0, P12), (0.0, N)],
        [(0.0, -P12), U, U, U, U, (0.0, P12), U],
    ];
    if let Some(result) = special(z, &TABLE) {
        return result;
    }
    let (x, y) = z;
    if x.is_sign_negative() {
        return negate(atanh(negate(z)));
    }
    let magnitude = y.abs();
    if x > SQRT_LARGE || magnitude > SQRT_LARGE {
        let half = (x / 2.0).hypot(y / 2.0);
        return (x / 4.0 / half / half, -FRAC_PI_2.copysign(-y));
    }
    if x == 1.0 && magnitude < SQRT_SMALLEST_NORMAL {
        if magnitude == 0.0 {
            return (I, y);
        }
        let real = -(magnitude.sqrt() / magnitude.hypot(2.0).sqrt()).ln();
        return (real, (2f64.atan2(-magnitude) / 2.0).copysign(y));
    }
    let square = magnitude * magnitude;
    let real = (4.0 * x / ((1.0 - x) * (1.0 - x) + square)).ln_1p() / 4.0;
    (real, -(-2.0 * y).atan2((1.0 - x) * (1.0 + x) - square) / 2.0)
}

fn cos(z: Complex) -> Complex {
    cosh((-z.1, z.0))
}

fn cosh(z: Complex) -> Complex {
    const TABLE: SpecialValues = [
        [(I, N), U, (I, 0.0), (I, -0.0), U, (I, N), (I, N)],
        [U; 7],
        outer((N, 0.0), (N, 0.0), (N, 0.0)),
        outer((N, 0.0), (N, 0.0), (N, 0.0)),
        [U; 7],
        [(I, N), U, (I, -0.0), (I, 0.0), U, (I, N), (I, N)],
        [U, U, (N, 0.0), (N, 0.0), U, U, U],
    ];
    let (x, y) = z;
    if has_direction(z) {
        return (I.copysign(y.cos()), x * 1f64.copysign(y.sin()));
    }
    if let Some(result) = special(z, &TABLE) {
        return result;
    }
    if x.abs() > LOG_LARGE {
        // Where cosh(x) overflows, but the result perhaps not.
        let less = x - 1f64.copysign(x);
        return (y.cos() * less.cosh() * E, y.sin() * less.sinh() * E);
    }
    (y.cos() * x.cosh(), y.sin() * x.sinh())
}

fn exp(z: Complex) -> Complex {
    const TABLE: SpecialValues = [
        [(0.0, 0.0), U, (0.0, -0.0), (0.0, 0.0), U, (0.0, 0.0), (0.0, 0.0)],
        [U; 7],
        [U; 7],
        [U; 7],
        [U; 7],
        [(I, N), U, (I, -0.0), (I, 0.0), U, (I, N), (I, N)],
        [U, U, (N, -0.0), (N, 0.0), U, U, U],
    ];
    let (x, y) = z;
    if has_direction(z) {
        let length: f64 = if x > 0.0 { I } else { 0.0 };
        return (length.copysign(y.cos()), length.copysign(y.sin()));
    }
    if let Some(result) = special(z, &TABLE) {
        return result;
    }
    if x > LOG_LARGE {
        let length = (x - 1.0).exp();
        return (length * y.cos() * E, length * y.sin() * E);
    }
    let length = x.exp();
    (length * y.cos(), length * y.sin())
}

fn log(z: Complex) -> Complex {
    const TABLE: SpecialValues = [
        [(I, -P34), (I, -P), (I, -P), (I, P), (I, P), (I, P34), (I, N)],
        outer((I, -P12), (I, P12), U),
        outer((I, -P12), (I, P12), U),
        outer((I, -P12), (I, P12), U),
        outer((I, -P12), (I, P12), U),
        [(I, -P14), (I, -0.0), (I, -0.0), (I, 0.0), (I, 0.0), (I, P14), (I, N)],
        [(I, N), U, U, U, U, (I, N), U],
    ];
    if let Some(result) = special(z, &TABLE) {
        return result;
    }
    let (x, y) = (z.0.abs(), z.1.abs());
    let real = if is_large(z) {
        log_of_half(z) + LN_2
    } else if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        if x == 0.0 && y == 0.0 {
            -I
        } else {
            // The modulus of subnormal parts has few bits.
            ldexp(x, MANTISSA_BITS).hypot(ldexp(y, MANTISSA_BITS)).ln() - MANTISSA_BITS as f64 * LN_2
        }
    } else {
        let modulus = x.hypot(y);
        if (0.71..=1.73).contains(&modulus) {
            let (larger, smaller) = if x > y { (x, y) } else { (y, x) };
            ((larger - 1.0) * (larger + 1.0) + smaller * smaller).ln_1p() / 2.0
        } else {
            modulus.ln()
        }
    };
    (real, z.1.atan2(z.0))
}

fn log10(z: Complex) -> Complex {
    let (real, imag) = log(z);
    (real / LN_10, imag / LN_10)
}

/// From modulus and angle.
fn rect(z: Complex) -> Complex {
    const TABLE: SpecialValues = [
        [(I, N), U, (-I, 0.0), (-I, -0.0), U, (I, N), (I, N)],
        [U; 7],
        outer((0.0, 0.0), (0.0, 0.0), (0.0, 0.0)),
        outer((0.0, 0.0), (0.0, 0.0), (0.0, 0.0)),
        [U; 7],
        [(I, N), U, (I, -0.0), (I, 0.0), U, (I, N), (I, N)],
        [U, U, (N, 0.0), (N, 0.0), U, U, U],
    ];
    let (modulus, angle) = z;
    if has_direction(z) {
        return (modulus * 1f64.copysign(angle.cos()), modulus * 1f64.copysign(angle.sin()));
    }
    if let Some(result) = special(z, &TABLE) {
        return result;
    }
    if angle == 0.0 {
        return (modulus, modulus * angle);
    }
    (modulus * angle.cos(), modulus * angle.sin())
}

fn sin(z: Complex) -> Complex {
    rotated(z, sinh)
}

fn sinh(z: Complex) -> Complex {
    const TABLE: SpecialValues = [
        [(I, N), U, (-I, -0.0), (-I, 0.0), U, (I, N), (I, N)],
        [U; 7],
        outer((0.0, N), (0.0, N), (0.0, N)),
        outer((0.0, N), (0.0, N), (0.0, N)),
        [U; 7],
        [(I, N), U, (I, -0.0), (I, 0.0), U, (I, N), (I, N)],
        [U, U, (N, -0.0), (N, 0.0), U, U, U],
    ];
    let (x, y) = z;
    if has_direction(z) {
        return (x * 1f64.copysign(y.cos()), I.copysign(y.sin()));
    }
    if let Some(result) = special(z, &TABLE) {
        return result;
    }
    if x.abs() > LOG_LARGE {
        let less = x - 1f64.copysign(x);
        return (y.cos() * less.sinh() * E, y.sin() * less.cosh() * E);
    }
    (y.cos() * x.sinh(), y.sin() * x.cosh())
}

fn sqrt(z: Complex) -> Complex {
    const TABLE: SpecialValues = [
        [(I, -I), (0.0, -I), (0.0, -I), (0.0, I), (0.0, I), (I, I), (N, I)],
        outer((I, -I), (I, I), U),
        outer((I, -I), (I, I), U),
        outer((I, -I), (I, I), U),
        outer((I, -I), (I, I), U),
        [(I, -I), (I, -0.0), (I, -0.0), (I, 0.0), (I, 0.0), (I, I), (I, N)],
        [(I, -I), U, U, U, U, (I, I), U],
    ];
    if let Some(result) = special(z, &TABLE) {
        return result;
    }
    if z.0 == 0.0 && z.1 == 0.0 {
        return (0.0, z.1);
    }
    let (x, y) = (z.0.abs(), z.1.abs());
    let larger = if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        // The modulus of subnormal parts has few bits: scaled by 2^53, and with the factor 2 by 2^54.
        let x = ldexp(x, 53);
        ldexp((x + x.hypot(ldexp(y, 53))).sqrt(), -27)
    } else {
        let x = x / 8.0;
        2.0 * (x + x.hypot(y / 8.0)).sqrt()
    };
    let smaller = y / (2.0 * larger);
    if z.0 >= 0.0 { (larger, smaller.copysign(z.1)) } else { (smaller, larger.copysign(z.1)) }
}

fn tan(z: Complex) -> Complex {
    rotated(z, tanh)
}

fn tanh(z: Complex) -> Complex {
    const TABLE: SpecialValues = [
        [(-1.0, 0.0), U, (-1.0, -0.0), (-1.0, 0.0), U, (-1.0, 0.0), (-1.0, 0.0)],
        [U; 7],
        [U; 7],
        [U; 7],
        [U; 7],
        [(1.0, 0.0), U, (1.0, -0.0), (1.0, 0.0), U, (1.0, 0.0), (1.0, 0.0)],
        [U, U, (N, -0.0), (N, 0.0), U, U, U],
    ];
    let (x, y) = z;
    if has_direction(z) {
        return (1f64.copysign(x), 0f64.copysign(2.0 * y.sin() * y.cos()));
    }
    if let Some(result) = special(z, &TABLE) {
        return result;
    }
    if x.abs() > LOG_LARGE {
        return (1f64.copysign(x), 4.0 * y.sin() * y.cos() * (-2.0 * x.abs()).exp());
    }
    let (tanh_x, tan_y) = (x.tanh(), y.tan());
    let sech_x = 1.0 / x.cosh();
    let product = tanh_x * tan_y;
    let denominator = 1.0 + product * product;
    (tanh_x * (1.0 + tan_y * tan_y) / denominator, tan_y / denominator * sech_x * sech_x)
}

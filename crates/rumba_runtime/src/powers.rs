//! Powers that are not elementary functions of floats.

/// `base ** exponent` modulo 2^64, by repeated squaring; the exponent is read as unsigned.
pub extern "C" fn rumba_ipow_i64(base: i64, exponent: i64) -> i64 {
    let (mut square, mut rest, mut result) = (base, exponent as u64, 1i64);
    while rest > 0 {
        if rest & 1 == 1 {
            result = result.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        rest >>= 1;
    }
    result
}

/// Integers up to this are multiplied out.
const MAX_MULTIPLIED: f64 = 100.0;

fn product((a, b): (f64, f64), (c, d): (f64, f64)) -> (f64, f64) {
    (a * c - b * d, a * d + b * c)
}

/// `base ** exponent` by repeated squaring.
fn integer_power(base: (f64, f64), exponent: u32) -> (f64, f64) {
    let (mut square, mut rest, mut result) = (base, exponent, (1.0, 0.0));
    while rest > 0 {
        if rest & 1 == 1 {
            result = product(result, square);
        }
        square = product(square, square);
        rest >>= 1;
    }
    result
}

/// `1 / (c + di)` by Smith's method.
fn reciprocal((c, d): (f64, f64)) -> (f64, f64) {
    if c.abs() >= d.abs() {
        let ratio = d / c;
        let denominator = c + d * ratio;
        (1.0 / denominator, -ratio / denominator)
    } else {
        let ratio = c / d;
        let denominator = c * ratio + d;
        (ratio / denominator, -1.0 / denominator)
    }
}

/// `(a + bi) ** (c + di)`, as CPython's `complex_pow` computes it: small integer powers by multiplication,
/// others in polar form; fills `out` with the
/// real and the imaginary part.
///
/// # Safety
/// `out` points to two slots.
pub unsafe extern "C" fn rumba_pow_c128(a: f64, b: f64, c: f64, d: f64, out: *mut f64) {
    let (real, imag) = if c == 0.0 && d == 0.0 {
        (1.0, 0.0)
    } else if d == 0.0 && c == c.floor() && c.abs() <= MAX_MULTIPLIED {
        let power = integer_power((a, b), c.abs() as u32);
        if c > 0.0 { power } else { reciprocal(power) }
    } else if a == 0.0 && b == 0.0 {
        (0.0, 0.0)
    } else {
        let modulus = a.hypot(b);
        let angle = b.atan2(a);
        let mut length = modulus.powf(c);
        let mut phase = angle * c;
        if d != 0.0 {
            length /= (angle * d).exp();
            phase += d * modulus.ln();
        }
        (length * phase.cos(), length * phase.sin())
    };
    // SAFETY: promised by the caller.
    unsafe {
        *out = real;
        *out.add(1) = imag;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_powers_wrap() {
        assert_eq!(rumba_ipow_i64(3, 4), 81);
        assert_eq!(rumba_ipow_i64(-2, 63), i64::MIN);
        assert_eq!(rumba_ipow_i64(2, 64), 0);
        assert_eq!(rumba_ipow_i64(0, 0), 1);
    }
}

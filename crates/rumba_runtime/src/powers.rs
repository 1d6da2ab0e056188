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

/// Whole exponents up to this are computed by products.
const MAX_PRODUCT_EXPONENT: f64 = 100.0;

fn complex_product((a, b): (f64, f64), (c, d): (f64, f64)) -> (f64, f64) {
    (a * c - b * d, a * d + b * c)
}

fn complex_product_power(base: (f64, f64), exponent: u32) -> (f64, f64) {
    let (mut result, mut square, mut rest) = ((1.0, 0.0), base, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            result = complex_product(result, square);
        }
        square = complex_product(square, square);
        rest >>= 1;
    }
    result
}

/// `1 / (c + di)`, scaled by the larger part.
fn complex_reciprocal((c, d): (f64, f64)) -> (f64, f64) {
    if c.abs() >= d.abs() {
        let ratio = d / c;
        let denominator = c + d * ratio;
        (1.0 / denominator, (0.0 - ratio) / denominator)
    } else {
        let ratio = c / d;
        let denominator = c * ratio + d;
        (ratio / denominator, -1.0 / denominator)
    }
}

/// `(a + bi) ** (c + di)` as CPython's `complex_pow` computes it: by products for small whole exponents,
/// else in polar form. Fills `out` with the real and the imaginary part.
///
/// # Safety
/// `out` points to two slots.
pub unsafe extern "C" fn rumba_pow_c128(a: f64, b: f64, c: f64, d: f64, out: *mut f64) {
    let (real, imag) = if d == 0.0 && c == c.floor() && c.abs() <= MAX_PRODUCT_EXPONENT {
        let power = complex_product_power((a, b), c.abs() as u32);
        if c > 0.0 { power } else { complex_reciprocal(power) }
    } else if c == 0.0 && d == 0.0 {
        (1.0, 0.0)
    } else if a == 0.0 && b == 0.0 {
        // Python's operator has raised ZeroDivisionError for what NumPy makes nan, and takes nan for positive.
        if c > 0.0 || c.is_nan() && d == 0.0 { (0.0, 0.0) } else { (f64::NAN, f64::NAN) }
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

    #[test]
    fn complex_powers_as_cpython() {
        let power = |base: (f64, f64), exponent: (f64, f64)| {
            let mut out = [0.0; 2];
            // SAFETY: `out` has two slots.
            unsafe { rumba_pow_c128(base.0, base.1, exponent.0, exponent.1, out.as_mut_ptr()) };
            (out[0], out[1])
        };
        assert_eq!(power((1.0, 1.0), (2.0, 0.0)), (0.0, 2.0));
        assert_eq!(power((1.0, 2.0), (-3.0, 0.0)), (-0.08800000000000001, 0.016));
        assert_eq!(power((3.0, 4.0), (0.0, 0.0)), (1.0, 0.0));
        assert_eq!(power((0.0, 0.0), (2.5, 0.0)), (0.0, 0.0));
        let (real, imag) = power((1.0, 2.0), (0.5, 1.0));
        assert!((real - 0.1042330549168707).abs() < 1e-15 && (imag - 0.48309593926990946).abs() < 1e-15);
    }
}

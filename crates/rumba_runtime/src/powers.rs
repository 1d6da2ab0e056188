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

/// `(a + bi) ** (c + di)` in polar form, as CPython's `complex_pow` computes it; fills `out` with the
/// real and the imaginary part.
///
/// # Safety
/// `out` points to two slots.
pub unsafe extern "C" fn rumba_pow_c128(a: f64, b: f64, c: f64, d: f64, out: *mut f64) {
    let (real, imag) = if c == 0.0 && d == 0.0 {
        (1.0, 0.0)
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

//! `fmod`: exact, bit by bit; scalar, because the number of steps depends on the arguments.

/// The remainder of `x / y` with the sign of `x`, exact.
#[inline(always)]
pub fn fmod(x: f64, y: f64) -> f64 {
    const SIGN: u64 = 1 << 63;
    const HIDDEN: u64 = 1 << 52;
    let (x_bits, y_bits) = (x.to_bits() & !SIGN, y.to_bits() & !SIGN);
    let infinity = f64::INFINITY.to_bits();
    if y_bits == 0 || y_bits > infinity || x_bits >= infinity {
        return f64::NAN;
    }
    if x_bits < y_bits {
        return x;
    }
    // Value = significand * 2^(exponent - 1075), exponent at least 1.
    let parts = |bits: u64| {
        let exponent = bits >> 52;
        if exponent == 0 { (bits, 1) } else { ((bits & (HIDDEN - 1)) | HIDDEN, exponent) }
    };
    let (mut remainder, x_exponent) = parts(x_bits);
    let (divisor, y_exponent) = parts(y_bits);
    let mut steps = x_exponent - y_exponent;
    // Zero was returned above; stated once more so that the compiler drops the check for it.
    let divisor = if divisor == 0 { 1 } else { divisor };
    remainder %= divisor;
    // 53 bits and 11 more fit into a word.
    while steps >= 11 {
        remainder = (remainder << 11) % divisor;
        steps -= 11;
    }
    remainder = (remainder << steps) % divisor;
    // Normalise.
    let shift = (remainder.leading_zeros() as u64).wrapping_sub(11);
    let magnitude = if remainder == 0 {
        0
    } else if y_exponent > shift {
        // The hidden bit adds one to the exponent.
        (remainder << (shift & 63)) + ((y_exponent - shift - 1) << 52)
    } else {
        remainder << ((y_exponent - 1) & 63)
    };
    f64::from_bits(magnitude | (x.to_bits() & SIGN))
}

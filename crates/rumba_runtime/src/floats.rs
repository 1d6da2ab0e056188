//! Parts and neighbours of floats, and divisors of integers, as NumPy's ufuncs define them.

/// `value * 2**exponent`, rounded once.
pub extern "C" fn rumba_numpy_ldexp_f64(value: f64, exponent: i64) -> f64 {
    // Each factor is a power of two in the normal range. Where a step down has rounded to a subnormal
    // number, the last factor is below 2**-53 and leaves nothing that could be rounded twice.
    let mut rest = exponent.clamp(-2200, 2200);
    let mut result = value;
    while rest > 1023 {
        result *= power_of_two(1023);
        rest -= 1023;
    }
    while rest < -1022 {
        result *= power_of_two(-1022) * power_of_two(53);
        rest += 969;
    }
    result * power_of_two(rest)
}

/// In single precision: exact in double precision until the one rounding at the end.
pub extern "C" fn rumba_numpy_ldexp_f32(value: f32, exponent: i64) -> f32 {
    let rest = exponent.clamp(-400, 400);
    (f64::from(value) * power_of_two(rest)) as f32
}

/// For exponents of normal numbers.
fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

/// Mantissa (in [0.5, 1)) and exponent; 0, inf and nan as they are with exponent 0.
///
/// # Safety
/// `out` points to two slots.
pub unsafe extern "C" fn rumba_numpy_frexp_f64(value: f64, out: *mut u64) {
    let (mantissa, exponent) = frexp(value);
    // SAFETY: promised by the caller.
    unsafe {
        *out = mantissa.to_bits();
        *out.add(1) = exponent as u64;
    }
}

fn frexp(value: f64) -> (f64, i64) {
    if value == 0.0 || !value.is_finite() {
        return (value, 0);
    }
    let (normal, shift) =
        if value.abs() < f64::MIN_POSITIVE { (value * power_of_two(54), 54) } else { (value, 0) };
    let bits = normal.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64 - 1022;
    let mantissa = f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52);
    (mantissa, exponent - shift)
}

macro_rules! neighbours {
    ($nextafter:ident, $spacing:ident, $float:ty) => {
        /// The next float after `from` towards `towards`.
        pub extern "C" fn $nextafter(from: $float, towards: $float) -> $float {
            if from.is_nan() || towards.is_nan() {
                from + towards
            } else if from == towards {
                towards
            } else if towards > from {
                from.next_up()
            } else {
                from.next_down()
            }
        }

        /// The distance to the next float away from zero, with the sign of the value.
        pub extern "C" fn $spacing(value: $float) -> $float {
            if !value.is_finite() {
                return <$float>::NAN;
            }
            let next =
                if value.is_sign_negative() && value != 0.0 { value.next_down() } else { value.next_up() };
            next - value
        }
    };
}

neighbours!(rumba_numpy_nextafter_f64, rumba_numpy_spacing_f64, f64);
neighbours!(rumba_numpy_nextafter_f32, rumba_numpy_spacing_f32, f32);

pub extern "C" fn rumba_numpy_gcd_u64(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The lowest common multiple, wrapping.
pub extern "C" fn rumba_numpy_lcm_u64(a: u64, b: u64) -> u64 {
    match rumba_numpy_gcd_u64(a, b) {
        0 => 0,
        divisor => (a / divisor).wrapping_mul(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ldexp_over_the_whole_range() {
        assert_eq!(rumba_numpy_ldexp_f64(1.0, 10), 1024.0);
        assert_eq!(rumba_numpy_ldexp_f64(1.0, -1074), 5e-324);
        assert_eq!(rumba_numpy_ldexp_f64(5e-324, 2000), 5e-324 * 2f64.powi(1000) * 2f64.powi(1000));
        assert_eq!(rumba_numpy_ldexp_f64(1.0, 1024), f64::INFINITY);
        assert_eq!(rumba_numpy_ldexp_f64(f64::MAX, -4000), 0.0);
        assert_eq!(rumba_numpy_ldexp_f64(1.0, i64::MIN), 0.0);
        assert_eq!(rumba_numpy_ldexp_f64(1.5, -1074), 1e-323, "ties to even");
        let just_above_half = (1.0 + f64::EPSILON) * 2f64.powi(-60);
        assert_eq!(rumba_numpy_ldexp_f64(just_above_half, -1015), 5e-324, "rounded once");
        assert_eq!(rumba_numpy_ldexp_f64(f64::MAX, -2098), 5e-324, "0.99 of the smallest number, rounded");
        assert_eq!(rumba_numpy_ldexp_f32(1.0, -149), f32::from_bits(1));
        assert_eq!(rumba_numpy_ldexp_f32(3.0, i64::MAX), f32::INFINITY);
    }

    #[test]
    fn frexp_is_undone_by_ldexp() {
        for value in [1.0, -0.75, 5e-324, f64::MAX, 1e-310, 3.25e17] {
            let (mantissa, exponent) = frexp(value);
            assert!((0.5..1.0).contains(&mantissa.abs()));
            assert_eq!(rumba_numpy_ldexp_f64(mantissa, exponent), value);
        }
        assert_eq!(frexp(0.0), (0.0, 0));
        assert_eq!(frexp(f64::INFINITY), (f64::INFINITY, 0));
    }

    #[test]
    fn neighbours_and_spacing() {
        assert_eq!(rumba_numpy_nextafter_f64(0.0, -1.0), -5e-324);
        assert_eq!(rumba_numpy_nextafter_f64(1.0, f64::INFINITY), 1.0 + f64::EPSILON);
        assert_eq!(rumba_numpy_spacing_f64(1.0), f64::EPSILON);
        assert_eq!(rumba_numpy_spacing_f64(-1.0), -f64::EPSILON);
        assert_eq!(rumba_numpy_spacing_f32(1.0), f32::EPSILON);
        assert!(rumba_numpy_spacing_f64(f64::NEG_INFINITY).is_nan());
    }

    #[test]
    fn divisors() {
        assert_eq!(rumba_numpy_gcd_u64(12, 18), 6);
        assert_eq!(rumba_numpy_gcd_u64(0, 5), 5);
        assert_eq!(rumba_numpy_lcm_u64(4, 6), 12);
        assert_eq!(rumba_numpy_lcm_u64(0, 0), 0);
    }
}

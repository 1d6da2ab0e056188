//! Functions of `math` that take floats apart and put them together; all are exact or correctly rounded.

use crate::integers::raising;

type Outcome<T> = Result<T, (&'static str, &'static str)>;

/// `math.frexp`: fills `out` with the mantissa (as bits of a double) and the exponent.
///
/// # Safety
/// `out` points to two slots.
pub unsafe extern "C" fn rumba_frexp_f64(x: f64, out: *mut u64) {
    let (mantissa, exponent) = frexp(x);
    // SAFETY: promised by the caller.
    unsafe {
        *out = mantissa.to_bits();
        *out.add(1) = exponent as u64;
    }
}

fn frexp(x: f64) -> (f64, i64) {
    const EXPONENT_BITS: u64 = 0x7ff << 52;
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let (scaled, correction) = if x.abs() < f64::MIN_POSITIVE { (x * 2f64.powi(54), 54) } else { (x, 0) };
    let bits = scaled.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64 - 1022 - correction;
    (f64::from_bits(bits & !EXPONENT_BITS | 1022 << 52), exponent)
}

/// `10 ** n` of a natural number.
pub extern "C" fn rumba_power_of_ten(n: i64) -> f64 {
    format!("1e{}", n.clamp(0, 400)).parse().expect("the text of a float")
}

/// `math.ldexp`: `x * 2 ** n`, rounded once.
pub extern "C" fn rumba_ldexp_f64(x: f64, n: i64) -> f64 {
    let (largest, smallest) = (2f64.powi(1023), 2f64.powi(-1022));
    let mut n = n.clamp(-3000, 3000) as i32;
    let mut y = x;
    // Large steps are exact, except that a step down keeps 53 bits above the subnormal numbers, so that
    // only the last multiplication rounds.
    for _ in 0..2 {
        if n > 1023 {
            y *= largest;
            n -= 1023;
        } else if n < -1022 {
            y *= smallest * 2f64.powi(53);
            n += 1022 - 53;
        }
    }
    y * f64::from_bits(((n.clamp(-1022, 1023) + 1023) as u64) << 52)
}

macro_rules! neighbours {
    ($float:ident, $nextafter:ident, $ulp:ident, $remainder:ident) => {
        /// `math.nextafter(x, y, steps=steps)`.
        pub extern "C" fn $nextafter(x: $float, y: $float, steps: u64) -> $float {
            if x.is_nan() || y.is_nan() {
                return x + y;
            }
            if x == y || steps == 0 {
                return if steps == 0 { x } else { y };
            }
            // In the order of floats, counted from zero.
            let place = |value: $float| {
                let magnitude = value.abs().to_bits() as i128;
                if value.is_sign_negative() { -magnitude } else { magnitude }
            };
            let (from, to) = (place(x), place(y));
            let place = if from < to {
                (from + i128::from(steps)).min(to)
            } else {
                (from - i128::from(steps)).max(to)
            };
            let magnitude = $float::from_bits(place.unsigned_abs() as _);
            let negative = place < 0 || place == 0 && x.is_sign_negative();
            if negative { -magnitude } else { magnitude }
        }

        /// `math.ulp`.
        pub extern "C" fn $ulp(x: $float) -> $float {
            let x = x.abs();
            if !x.is_finite() {
                return x;
            }
            if x == $float::MAX { x - x.next_down() } else { x.next_up() - x }
        }

        /// `math.remainder`: `x - n * y` for the integer n nearest to `x / y`, ties to even.
        pub extern "C" fn $remainder(x: $float, y: $float) -> $float {
            if x.is_nan() || y.is_nan() {
                return x + y;
            }
            if x.is_infinite() || y == 0.0 {
                return $float::NAN;
            }
            if y.is_infinite() {
                return x;
            }
            let (magnitude, divisor) = (x.abs(), y.abs());
            // Both remainders are exact; so is the distance to the next multiple.
            let below = magnitude % divisor;
            let above = divisor - below;
            let nearest = if below < above {
                below
            } else if below > above {
                -above
            } else {
                below - 2.0 * ((0.5 * (magnitude - below)) % divisor)
            };
            (1.0 as $float).copysign(x) * nearest
        }
    };
}

neighbours!(f64, rumba_nextafter_f64, rumba_ulp_f64, rumba_remainder_f64);
neighbours!(f32, rumba_nextafter_f32, rumba_ulp_f32, rumba_remainder_f32);

/// `math.fma`: one rounding.
pub extern "C" fn rumba_fma_f64(x: f64, y: f64, z: f64) -> f64 {
    x.mul_add(y, z)
}

/// `float.as_integer_ratio`: fills `out` with numerator and denominator, or raises `ValueError` for NaN
/// and `OverflowError` for infinities and parts beyond int64.
///
/// # Safety
/// `ctx` is the thread's context, `out` points to two slots.
pub unsafe extern "C" fn rumba_integer_ratio_f64(
    ctx: *mut crate::context::ExecutionContext,
    x: f64,
    out: *mut [i64; 2],
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe { crate::integers::deliver(ctx, out, integer_ratio(x)) }
}

fn integer_ratio(x: f64) -> Outcome<[i64; 2]> {
    const TOO_LARGE: Outcome<[i64; 2]> = Err(("OverflowError", crate::integers::TOO_LARGE));
    if x.is_nan() {
        return Err(("ValueError", "cannot convert NaN to integer ratio"));
    }
    if x.is_infinite() {
        return Err(("OverflowError", "cannot convert Infinity to integer ratio"));
    }
    let (mantissa, exponent) = frexp(x);
    let whole = (mantissa * 2f64.powi(53)) as i64;
    if whole == 0 {
        return Ok([0, 1]);
    }
    let exponent = exponent - 53 + i64::from(whole.trailing_zeros());
    let odd = whole >> whole.trailing_zeros();
    match exponent {
        0..=62 => match odd.checked_mul(1 << exponent) {
            Some(numerator) => Ok([numerator, 1]),
            None => TOO_LARGE,
        },
        -62..0 => Ok([odd, 1 << -exponent]),
        _ => TOO_LARGE,
    }
}

/// Euclidean length of `n` coordinates, within one unit in the last place.
///
/// # Safety
/// `coordinates` points to `n` doubles.
pub unsafe extern "C" fn rumba_vector_length(coordinates: *const f64, n: i64) -> f64 {
    // SAFETY: promised by the caller.
    vector_length(unsafe { std::slice::from_raw_parts(coordinates, n as usize) })
}

fn vector_length(coordinates: &[f64]) -> f64 {
    if coordinates.iter().any(|x| x.is_infinite()) {
        return f64::INFINITY;
    }
    if coordinates.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    let largest = coordinates.iter().fold(0.0f64, |largest, x| largest.max(x.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    // Scaled by a power of two so that squares neither overflow nor vanish, summed in twice the precision.
    let (_, exponent) = frexp(largest);
    let (mut high, mut low) = (0.0f64, 0.0f64);
    for x in coordinates {
        let x = rumba_ldexp_f64(*x, -exponent);
        let square = x * x;
        let square_error = x.mul_add(x, -square);
        let sum = high + square;
        let virtual_square = sum - high;
        let sum_error = (high - (sum - virtual_square)) + (square - virtual_square);
        high = sum;
        low += sum_error + square_error;
    }
    let root = (high + low).sqrt();
    let residual = (-root).mul_add(root, high) + low;
    rumba_ldexp_f64(root + residual / (2.0 * root), exponent)
}

raising! {
    /// `math.fsum` of `n` doubles that stand `stride` bytes apart.
    rumba_fsum_f64 = fsum_f64(data: *const u8, n: i64, stride: i64) -> f64;
    /// The same for single precision, as a double.
    rumba_fsum_f32 = fsum_f32(data: *const u8, n: i64, stride: i64) -> f64;
}

fn strided<T: Copy>(data: *const u8, n: i64, stride: i64) -> impl Iterator<Item = T> {
    (0..n).map(move |position| {
        // SAFETY: compiled code passes the extent and stride of a live array, or of packed slots.
        unsafe { data.offset((position * stride) as isize).cast::<T>().read_unaligned() }
    })
}

fn fsum_f64(data: *const u8, n: i64, stride: i64) -> Outcome<f64> {
    exact_sum(strided::<f64>(data, n, stride))
}

fn fsum_f32(data: *const u8, n: i64, stride: i64) -> Outcome<f64> {
    exact_sum(strided::<f32>(data, n, stride).map(f64::from))
}

/// Shewchuk's algorithm, as CPython's `math.fsum`: the sum is kept as partials that do not overlap, so
/// nothing is lost until the end.
fn exact_sum(values: impl Iterator<Item = f64>) -> Outcome<f64> {
    let mut partials: Vec<f64> = Vec::new();
    let (mut special_sum, mut infinite_sum) = (0.0, 0.0);
    for value in values {
        let mut x = value;
        let mut kept = 0;
        for idx in 0..partials.len() {
            let mut y = partials[idx];
            if x.abs() < y.abs() {
                (x, y) = (y, x);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        partials.truncate(kept);
        if x.is_finite() {
            if x != 0.0 {
                partials.push(x);
            }
            continue;
        }
        if value.is_finite() {
            return Err(("OverflowError", "intermediate overflow in fsum"));
        }
        if value.is_infinite() {
            infinite_sum += value;
        }
        special_sum += value;
        partials.clear();
    }
    if special_sum != 0.0 {
        if f64::is_nan(infinite_sum) {
            return Err(("ValueError", "-inf + inf in fsum"));
        }
        return Ok(special_sum);
    }
    let Some(mut high) = partials.pop() else {
        return Ok(0.0);
    };
    while let Some(y) = partials.pop() {
        let x = high;
        high = x + y;
        let low = y - (high - x);
        if low != 0.0 {
            // Exactly half way: the next partial says to which side.
            if partials.last().is_some_and(|next| (low < 0.0) == (*next < 0.0)) {
                let doubled = low * 2.0;
                let candidate = high + doubled;
                if candidate - high == doubled {
                    high = candidate;
                }
            }
            break;
        }
    }
    Ok(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mantissa_and_exponent() {
        assert_eq!(frexp(8.0), (0.5, 4));
        assert_eq!(frexp(-0.75), (-0.75, 0));
        assert_eq!(frexp(5e-324), (0.5, -1073));
        assert_eq!(frexp(f64::MAX), (0.9999999999999999, 1024));
        assert_eq!(frexp(f64::INFINITY), (f64::INFINITY, 0));
        assert_eq!(rumba_ldexp_f64(0.5, 4), 8.0);
        assert_eq!(rumba_ldexp_f64(0.5, -1073), 5e-324);
        assert_eq!(rumba_ldexp_f64(5e-324, 2097), rumba_ldexp_f64(1.0, 1023));
        assert_eq!(rumba_ldexp_f64(f64::MAX, -2098), 5e-324);
        assert_eq!(rumba_ldexp_f64(f64::MAX, -2099), 0.0);
        assert_eq!(rumba_ldexp_f64(1.0, i64::MAX), f64::INFINITY);
        assert_eq!(rumba_ldexp_f64(1.0, i64::MIN), 0.0);
        // One rounding: 0x1.8000000000001p-1 * 2**-1073 is just above the tie.
        assert_eq!(rumba_ldexp_f64(1.5000000000000002, -1074), 1e-323);
        assert_eq!(rumba_ldexp_f64(0.5000000000000001, -1074), 5e-324);
    }

    #[test]
    fn neighbours_of_floats() {
        assert_eq!(rumba_nextafter_f64(1.0, 2.0, 1), 1.0000000000000002);
        assert_eq!(rumba_nextafter_f64(0.0, -1.0, 1), -5e-324);
        assert_eq!(rumba_nextafter_f64(-5e-324, 1.0, 3), 1e-323);
        assert_eq!(rumba_nextafter_f64(f64::MAX, f64::INFINITY, 1), f64::INFINITY);
        assert!(rumba_nextafter_f64(0.0, -0.0, 1).is_sign_negative());
        assert!(rumba_nextafter_f64(-5e-324, 1.0, 1).is_sign_negative());
        assert_eq!(rumba_nextafter_f32(1.0, 2.0, 1), 1.000_000_1);
        assert_eq!(rumba_nextafter_f64(1.0, 2.0, u64::MAX), 2.0);
        assert_eq!(rumba_ulp_f64(1.0), f64::EPSILON);
        assert_eq!(rumba_ulp_f64(-0.0), 5e-324);
        assert_eq!(rumba_ulp_f64(f64::MAX), 2f64.powi(971));
    }

    #[test]
    fn nearest_remainders() {
        assert_eq!(rumba_remainder_f64(5.0, 2.0), 1.0);
        assert_eq!(rumba_remainder_f64(3.0, 2.0), -1.0);
        assert_eq!(rumba_remainder_f64(-7.5, 2.0), 0.5);
        assert_eq!(rumba_remainder_f64(1.0, f64::INFINITY), 1.0);
        assert!(rumba_remainder_f64(1.0, 0.0).is_nan());
        assert!(rumba_remainder_f64(-4.0, 2.0).is_sign_negative());
    }

    #[test]
    fn ratios() {
        assert_eq!(integer_ratio(0.75), Ok([3, 4]));
        assert_eq!(integer_ratio(-10.0), Ok([-10, 1]));
        assert_eq!(integer_ratio(-0.0), Ok([0, 1]));
        assert_eq!(integer_ratio(-(2f64.powi(62))), Ok([-(1 << 62), 1]));
        assert!(integer_ratio(1e300).is_err() && integer_ratio(1e-300).is_err());
    }

    #[test]
    fn lengths() {
        assert_eq!(vector_length(&[3.0, -4.0, 12.0]), 13.0);
        assert_eq!(vector_length(&[1e300, 1e300]), 1.4142135623730951e300);
        assert_eq!(vector_length(&[5e-324, 0.0]), 5e-324);
        assert_eq!(vector_length(&[f64::NAN, f64::INFINITY]), f64::INFINITY);
        assert_eq!(vector_length(&[]), 0.0);
    }

    #[test]
    fn exact_sums() {
        let sum = |values: &[f64]| exact_sum(values.iter().copied());
        assert_eq!(sum(&[0.1; 10]), Ok(1.0));
        assert_eq!(sum(&[0.1, 0.2, 0.3, 1e300, -1e300]), Ok(0.6));
        assert_eq!(sum(&[1e16, 1.0, 1e-16]), Ok(10000000000000002.0));
        assert_eq!(sum(&[]), Ok(0.0));
        assert_eq!(sum(&[f64::INFINITY, 1.0]), Ok(f64::INFINITY));
        assert!(sum(&[f64::NAN]).is_ok_and(f64::is_nan));
        assert_eq!(sum(&[f64::INFINITY, f64::NEG_INFINITY]), Err(("ValueError", "-inf + inf in fsum")));
        assert_eq!(sum(&[1e308, 1e308]), Err(("OverflowError", "intermediate overflow in fsum")));
    }
}

//! `round(x, n)` as CPython defines it: the decimal value nearest to the exact value of `x`, ties to
//! even, and of that the nearest float.

use crate::integers::{TOO_LARGE, raising};

type Outcome<T> = Result<T, (&'static str, &'static str)>;

raising! {
    /// `round(x, n_digits)` of a float.
    rumba_round_digits_f64 = round_float(x: f64, n_digits: i64) -> f64;
    /// `round(x, n_digits)` of an int.
    rumba_round_digits_i64 = round_int(x: i64, n_digits: i64) -> i64;
}

/// With more digits than this behind the point every double stays as it is.
const MOST_DIGITS: i64 = 323;
/// Rounded to more digits than this before the point every double is zero.
const FEWEST_DIGITS: i64 = -308;

fn round_float(x: f64, n_digits: i64) -> Outcome<f64> {
    if !x.is_finite() || x == 0.0 || n_digits > MOST_DIGITS {
        return Ok(x);
    }
    if n_digits < FEWEST_DIGITS {
        return Ok(0.0 * x);
    }
    let magnitude = x.abs();
    // The standard library formats the exact value, ties to even.
    let text = if n_digits >= 0 {
        format!("{magnitude:.precision$}", precision = n_digits as usize)
    } else {
        round_before_point(magnitude, n_digits.unsigned_abs() as usize)
    };
    let rounded: f64 = text.parse().expect("digits with at most one point");
    if rounded.is_infinite() {
        return Err(("OverflowError", "rounded value too large to represent"));
    }
    Ok(rounded.copysign(x))
}

/// The multiple of `10 ** n_zeros` nearest to `x`, in digits.
fn round_before_point(x: f64, n_zeros: usize) -> String {
    let whole = x.trunc();
    let digits = format!("{whole:0>width$.0}", width = n_zeros + 1);
    let (head, tail) = digits.split_at(digits.len() - n_zeros);
    let half = format!("{:0<n_zeros$}", 5);
    let above_half = tail > half.as_str() || tail == half && whole != x;
    let is_odd = head.ends_with(['1', '3', '5', '7', '9']);
    let mut head = head.as_bytes().to_vec();
    if above_half || tail == half && is_odd {
        increment(&mut head);
    }
    head.resize(head.len() + n_zeros, b'0');
    String::from_utf8_lossy(&head).into_owned()
}

/// Adds one to a number in decimal digits.
fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return;
        }
    }
    digits.insert(0, b'1');
}

fn round_int(x: i64, n_digits: i64) -> Outcome<i64> {
    if n_digits >= 0 {
        return Ok(x);
    }
    // Half of 10 ** 20 is more than any int64.
    let Ok(n_zeros @ 0..=19) = u32::try_from(n_digits.unsigned_abs()) else {
        return Ok(0);
    };
    let unit = 10i128.pow(n_zeros);
    let x = i128::from(x);
    let (quotient, remainder) = (x.div_euclid(unit), x.rem_euclid(unit));
    let up = 2 * remainder > unit || 2 * remainder == unit && quotient % 2 != 0;
    i64::try_from((quotient + i128::from(up)) * unit).map_err(|_| ("OverflowError", TOO_LARGE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_as_cpython_rounds_them() {
        let cases = [
            (2.55, 1, 2.5),
            (2.675, 2, 2.67),
            (0.5, 0, 0.0),
            (1.5, 0, 2.0),
            (2.5, 0, 2.0),
            (0.05, 1, 0.1),
            (0.25, 1, 0.2),
            (0.125, 2, 0.12),
            (0.375, 2, 0.38),
            (1234.5678, -2, 1200.0),
            (1250.0, -2, 1200.0),
            (1350.0, -2, 1400.0),
            (1250.0001, -2, 1300.0),
            (50.0, -2, 0.0),
            (50.5, -2, 100.0),
            (5.0, -1, 0.0),
            (15.0, -1, 20.0),
            (999.0, -1, 1000.0),
            (49.0, -5, 0.0),
            (1e300, 5, 1e300),
            (1e23, -22, 1e23),
            (5e-324, 400, 5e-324),
            (5e-324, 323, 0.0),
            (1.5, -400, 0.0),
        ];
        for (x, n_digits, expected) in &cases {
            assert_eq!(round_float(*x, *n_digits), Ok(*expected), "round({x}, {n_digits})");
            assert_eq!(round_float(-x, *n_digits), Ok(-expected), "round(-{x}, {n_digits})");
        }
        assert_eq!(
            round_float(1.6e308, -308),
            Err(("OverflowError", "rounded value too large to represent"))
        );
        assert_eq!(round_float(1.4e308, -308), Ok(1e308));
        assert!(round_float(-0.0, 3).is_ok_and(|zero| zero.is_sign_negative()));
        assert!(round_float(-0.04, 1).is_ok_and(|zero| zero == 0.0 && zero.is_sign_negative()));
        assert!(round_float(f64::NAN, 1).is_ok_and(f64::is_nan));
        assert_eq!(round_float(f64::INFINITY, -1), Ok(f64::INFINITY));
    }

    #[test]
    fn ints_to_even_tens() {
        let cases =
            [(1250, -2, 1200), (1350, -2, 1400), (-1250, -2, -1200), (-15, -1, -20), (15, -1, 20), (7, 2, 7)];
        for (x, n_digits, expected) in cases {
            assert_eq!(round_int(x, n_digits), Ok(expected), "round({x}, {n_digits})");
        }
        assert_eq!(round_int(i64::MAX, -18), Ok(9_000_000_000_000_000_000));
        assert_eq!(round_int(i64::MAX, -19), Err(("OverflowError", TOO_LARGE)));
        assert_eq!(round_int(i64::MAX, -20), Ok(0));
        assert_eq!(round_int(i64::MAX, i64::MIN), Ok(0));
        assert_eq!(round_int(7, -5), Ok(0));
    }
}

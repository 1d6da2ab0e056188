//! Functions of integers from `math` and `pow` with three arguments. Where the result does not fit
//! int64 they raise `OverflowError`; Python's ints have no end.

use crate::context::ExecutionContext;

/// The message of an `OverflowError` for a result beyond int64.
pub const TOO_LARGE: &str = "the result does not fit a 64-bit integer";

/// What a kernel gives: a result, or a built-in exception class with its message.
type Outcome<T> = Result<T, (&'static str, &'static str)>;

/// Fills `out` or raises.
///
/// # Safety
/// `ctx` is the thread's context, `out` points to a `T`.
pub(crate) unsafe fn deliver<T>(ctx: *mut ExecutionContext, out: *mut T, outcome: Outcome<T>) -> i32 {
    match outcome {
        Ok(value) => {
            // SAFETY: promised by the caller.
            unsafe { out.write(value) };
            0
        }
        Err((class, message)) => {
            // SAFETY: promised by the caller.
            unsafe { (*ctx).raise(class, message) };
            1
        }
    }
}

/// Exports a function of scalars that can raise, and gives one value.
macro_rules! raising {
    ($($(#[$doc:meta])* $symbol:ident = $function:ident ( $($argument:ident : $ty:ty),+ ) -> $result:ty;)+) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// `ctx` is the thread's context, `out` points to one slot.
            pub unsafe extern "C" fn $symbol(
                ctx: *mut $crate::context::ExecutionContext,
                $($argument: $ty,)+
                out: *mut $result,
            ) -> i32 {
                // SAFETY: promised by the caller.
                unsafe { $crate::integers::deliver(ctx, out, $function($($argument),+)) }
            }
        )+
    };
}
pub(crate) use raising;

raising! {
    /// `math.isqrt`.
    rumba_isqrt = isqrt(n: i64) -> i64;
    /// `math.factorial`.
    rumba_factorial = factorial(n: i64) -> i64;
    /// `math.comb`.
    rumba_comb = comb(n: i64, k: i64) -> i64;
    /// `math.perm` with two arguments.
    rumba_perm = perm(n: i64, k: i64) -> i64;
    /// `pow(base, exponent, modulus)`.
    rumba_pow_mod = pow_mod(base: i64, exponent: i64, modulus: i64) -> i64;
    /// The least common multiple of magnitudes.
    rumba_lcm = lcm(a: u64, b: u64) -> u64;
}

/// The greatest common divisor of magnitudes.
pub extern "C" fn rumba_gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn lcm(a: u64, b: u64) -> Outcome<u64> {
    if a == 0 || b == 0 {
        return Ok(0);
    }
    (a / rumba_gcd(a, b)).checked_mul(b).ok_or(("OverflowError", TOO_LARGE))
}

fn isqrt(n: i64) -> Outcome<i64> {
    if n < 0 {
        return Err(("ValueError", "isqrt() argument must be nonnegative"));
    }
    Ok(n.isqrt())
}

fn factorial(n: i64) -> Outcome<i64> {
    match n {
        ..0 => Err(("ValueError", "factorial() not defined for negative values")),
        0..=20 => Ok((1..=n).product()),
        21.. => Err(("OverflowError", TOO_LARGE)),
    }
}

fn check_counts(n: i64, k: i64) -> Outcome<()> {
    if n < 0 {
        return Err(("ValueError", "n must be a non-negative integer"));
    }
    if k < 0 {
        return Err(("ValueError", "k must be a non-negative integer"));
    }
    Ok(())
}

fn to_int64(value: u128) -> Outcome<i64> {
    i64::try_from(value).map_err(|_| ("OverflowError", TOO_LARGE))
}

fn comb(n: i64, k: i64) -> Outcome<i64> {
    check_counts(n, k)?;
    if k > n {
        return Ok(0);
    }
    // With k at most n / 2 every step at least doubles the value, so there are less than 64 steps.
    let k = k.min(n - k) as u128;
    let n = n as u128;
    let mut result = 1u128;
    for taken in 0..k {
        result = result * (n - taken) / (taken + 1);
        to_int64(result)?;
    }
    to_int64(result)
}

fn perm(n: i64, k: i64) -> Outcome<i64> {
    check_counts(n, k)?;
    if k > n {
        return Ok(0);
    }
    let mut result = 1u128;
    for taken in 0..k as u128 {
        result *= n as u128 - taken;
        to_int64(result)?;
        if n as u128 - taken == 1 {
            break;
        }
    }
    to_int64(result)
}

fn pow_mod(base: i64, exponent: i64, modulus: i64) -> Outcome<i64> {
    if modulus == 0 {
        return Err(("ValueError", "pow() 3rd argument cannot be 0"));
    }
    let n = u128::from(modulus.unsigned_abs());
    let mut square = (i128::from(base)).rem_euclid(n as i128) as u128;
    if exponent < 0 {
        let inverse = inverse_modulo(square as i128, n as i128);
        square = inverse.ok_or(("ValueError", "base is not invertible for the given modulus"))?;
    }
    let mut rest = exponent.unsigned_abs();
    let mut result = 1 % n;
    while rest > 0 {
        if rest & 1 == 1 {
            result = result * square % n;
        }
        square = square * square % n;
        rest >>= 1;
    }
    // The result has the sign of the modulus, and is less in magnitude.
    let result = result as i128;
    Ok(if modulus < 0 && result > 0 { result + i128::from(modulus) } else { result } as i64)
}

/// The number in `0..n` whose product with `a` is 1 modulo `n`, by Euclid's extended algorithm.
fn inverse_modulo(a: i128, n: i128) -> Option<u128> {
    let (mut remainder, mut next_remainder) = (n, a);
    let (mut factor, mut next_factor) = (0i128, 1i128);
    while next_remainder != 0 {
        let quotient = remainder / next_remainder;
        (remainder, next_remainder) = (next_remainder, remainder - quotient * next_remainder);
        (factor, next_factor) = (next_factor, factor - quotient * next_factor);
    }
    (remainder == 1).then(|| factor.rem_euclid(n) as u128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisors_and_multiples() {
        assert_eq!(rumba_gcd(12, 18), 6);
        assert_eq!(rumba_gcd(0, 5), 5);
        assert_eq!(rumba_gcd(0, 0), 0);
        assert_eq!(rumba_gcd(1 << 63, 1 << 62), 1 << 62);
        assert_eq!(lcm(4, 6), Ok(12));
        assert_eq!(lcm(0, 6), Ok(0));
        assert_eq!(lcm(u64::MAX, u64::MAX - 1), Err(("OverflowError", TOO_LARGE)));
    }

    #[test]
    fn integer_square_roots() {
        assert_eq!(isqrt(0), Ok(0));
        assert_eq!(isqrt(99), Ok(9));
        assert_eq!(isqrt(i64::MAX), Ok(3037000499));
        assert_eq!(isqrt(3037000499 * 3037000499 - 1), Ok(3037000498));
        assert!(isqrt(-1).is_err());
    }

    #[test]
    fn counting() {
        assert_eq!(factorial(20), Ok(2432902008176640000));
        assert_eq!(factorial(21), Err(("OverflowError", TOO_LARGE)));
        assert_eq!(comb(60, 30), Ok(118264581564861424));
        assert_eq!(comb(66, 33), Ok(7219428434016265740));
        assert_eq!(comb(67, 33), Err(("OverflowError", TOO_LARGE)));
        assert_eq!(comb(i64::MAX, i64::MAX - 1), Ok(i64::MAX));
        assert_eq!(comb(5, 7), Ok(0));
        assert_eq!(perm(20, 20), Ok(2432902008176640000));
        assert_eq!(perm(5, 2), Ok(20));
        assert_eq!(perm(5, 6), Ok(0));
        assert_eq!(perm(i64::MAX, 2), Err(("OverflowError", TOO_LARGE)));
        assert_eq!(comb(-1, 2), Err(("ValueError", "n must be a non-negative integer")));
    }

    #[test]
    fn powers_modulo() {
        // Expected values from CPython.
        assert_eq!(pow_mod(3, 5, 7), Ok(5));
        assert_eq!(pow_mod(-3, 5, 7), Ok(2));
        assert_eq!(pow_mod(3, 5, -7), Ok(-2));
        assert_eq!(pow_mod(3, 0, 1), Ok(0));
        assert_eq!(pow_mod(123456789, 987654321, 998244353), Ok(730701112));
        assert_eq!(pow_mod(i64::MIN, 3, i64::MAX), Ok(9223372036854775806));
        assert_eq!(pow_mod(7, 100, i64::MIN), Ok(-5494919546169320863));
        assert_eq!(pow_mod(3, -1, 7), Ok(5));
        assert_eq!(pow_mod(3, -2, -7), Ok(-3));
        assert_eq!(pow_mod(2, -1, 4), Err(("ValueError", "base is not invertible for the given modulus")));
        assert_eq!(pow_mod(2, 1, 0), Err(("ValueError", "pow() 3rd argument cannot be 0")));
    }
}

//! Selecting between values by bit masks, and the few bit patterns of `f64` that every family needs.

/// Adding this rounds to an integer (ties to even) and leaves the integer in the low bits of the sum.
pub const ROUNDER: f64 = 6755399441055744.0; // 1.5 * 2^52

pub const SIGN: u64 = 1 << 63;

/// `if condition { a } else { b }` without a branch.
#[inline(always)]
pub fn select(condition: bool, a: f64, b: f64) -> f64 {
    f64::from_bits(select_bits(condition, a.to_bits(), b.to_bits()))
}

/// [`select`] for integers.
#[inline(always)]
pub fn select_bits(condition: bool, a: u64, b: u64) -> u64 {
    let mask = (condition as u64).wrapping_neg();
    (a & mask) | (b & !mask)
}

/// `a * b + c`, rounded once.
#[inline(always)]
pub fn fma(a: f64, b: f64, c: f64) -> f64 {
    a.mul_add(b, c)
}

/// `2^k` for -1022 <= k <= 1023, where `k` is the low bits of `rounded` (see [`ROUNDER`]) plus `offset`.
#[inline(always)]
pub fn power_of_two(rounded: u64, offset: i64) -> f64 {
    f64::from_bits(rounded.wrapping_add((1023 + offset) as u64) << 52)
}

/// The magnitude of `x` with the sign of `sign`.
#[inline(always)]
pub fn with_sign(x: f64, sign: f64) -> f64 {
    f64::from_bits((x.to_bits() & !SIGN) | (sign.to_bits() & SIGN))
}

/// Changes the sign of `x` if `sign` is negative (or -0.0).
#[inline(always)]
pub fn times_sign(x: f64, sign: f64) -> f64 {
    f64::from_bits(x.to_bits() ^ (sign.to_bits() & SIGN))
}

/// The magnitude of `x`.
#[inline(always)]
pub fn magnitude(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & !SIGN)
}

//! Evaluating polynomials whose coefficients are constants.

use super::bits::fma;

/// `c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule; `N >= 1`. Unrolls completely.
#[inline(always)]
pub fn horner<const N: usize>(x: f64, c: &[f64; N]) -> f64 {
    let mut sum = c[N - 1];
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = fma(sum, x, c[i]);
    }
    sum
}

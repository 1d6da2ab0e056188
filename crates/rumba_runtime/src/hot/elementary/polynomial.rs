//! Evaluating polynomials whose coefficients are constants. The loops unroll completely.

use super::bits::fma;

/// `c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule: the fewest operations and the smallest error.
#[inline(always)]
pub fn horner<const N: usize>(x: f64, c: &[f64; N]) -> f64 {
    every(1, 0, x, c)
}

/// The same with interleaved chains of every second or fourth coefficient.
///
/// One or two multiplications more than Horner's rule and about half its latency: loops that vectorise do not
/// get slower (measured), code that waits for each result gets faster.
#[inline(always)]
pub fn interleaved<const N: usize>(x: f64, c: &[f64; N]) -> f64 {
    let square = x * x;
    if N < 8 {
        return fma(every(2, 1, square, c), x, every(2, 0, square, c));
    }
    let fourth = square * square;
    let low = fma(every(4, 1, fourth, c), x, every(4, 0, fourth, c));
    let high = fma(every(4, 3, fourth, c), x, every(4, 2, fourth, c));
    fma(high, square, low)
}

/// `c[first] + c[first + step] x + c[first + 2 step] x^2 + ...`; there is a `c[first]`.
#[inline(always)]
fn every<const N: usize>(step: usize, first: usize, x: f64, c: &[f64; N]) -> f64 {
    let mut i = N - 1 - (N - 1 - first) % step;
    let mut sum = c[i];
    while i > first {
        i -= step;
        sum = fma(sum, x, c[i]);
    }
    sum
}

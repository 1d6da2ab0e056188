//! `hypot`, `cbrt`.

use super::bits::{ROUNDER, fma, magnitude, power_of_two, select, with_sign};
use super::double_double::{fast_two_sum, two_product};
use super::logarithm::{Split, split, split_normal};
use super::polynomial::interleaved;

/// `m^(-1/3)` for `m` in [sqrt(1/2), sqrt(2)].
const RECIPROCAL_CBRT: [f64; 6] = [
    1.9991748497243178,
    -2.4859424770555023,
    2.792258904473027,
    -1.8981828123916307,
    0.7007648032813151,
    -0.10806942134792952,
];

/// `sqrt(x^2 + y^2)` without overflow on the way. Error below 0.6 ulp, 0.8 ulp for subnormal results.
#[inline(always)]
pub fn hypot(x: f64, y: f64) -> f64 {
    let (x_size, y_size) = (magnitude(x), magnitude(y));
    let swap = x_size < y_size;
    let a = select(swap, y_size, x_size);
    let b = select(swap, x_size, y_size);
    // Squares stay in range, error terms too, once the larger side is between 1e-150 and 1e150.
    let big = a > 1.0e150;
    let small = a < 1.0e-140;
    let down = f64::from_bits((1023 - 600) << 52);
    let up = f64::from_bits((1023 + 600) << 52);
    let scale = select(big, down, select(small, up, 1.0));
    let unscale = select(big, up, select(small, down, 1.0));
    let (a, b) = (a * scale, b * scale);
    let a2 = two_product(a, a);
    let b2 = two_product(b, b);
    let sum = fast_two_sum(a2.hi, b2.hi);
    let low = sum.lo + (a2.lo + b2.lo);
    let root = sum.hi.sqrt();
    let correction = 0.5 * (fma(-root, root, sum.hi) + low) / root;
    let result = (root + select(root > 0.0, correction, 0.0)) * unscale;
    let result = select(x.is_nan() | y.is_nan(), f64::NAN, result);
    select((x_size == f64::INFINITY) | (y_size == f64::INFINITY), f64::INFINITY, result)
}

/// `x = w 2^(3n)`; `w^(-1/3)` within 2^-47; `2^n`.
struct CubeRootParts {
    w: f64,
    reciprocal: f64,
    scale: f64,
}

/// By a polynomial and one step of third order, for positive finite `x`.
#[inline(always)]
fn cube_root_parts(Split { k, m, .. }: Split) -> CubeRootParts {
    let rounded = fma(k, 1.0 / 3.0, ROUNDER);
    let third = rounded - ROUNDER;
    let rest = fma(-3.0, third, k);
    // w = m 2^rest, rest in {-1, 0, 1}
    let w = m * select(rest > 0.5, 2.0, select(rest < -0.5, 0.5, 1.0));
    let step = select(rest > 0.5, 0.7937005259840998, select(rest < -0.5, 1.2599210498948732, 1.0));
    let t = interleaved(m, &RECIPROCAL_CBRT) * step;
    let e = fma(-w * t, t * t, 1.0);
    let reciprocal = fma(t * e, fma(e, 2.0 / 9.0, 1.0 / 3.0), t);
    CubeRootParts { w, reciprocal, scale: power_of_two(rounded.to_bits(), 0) }
}

/// The cube root. Error below 0.6 ulp.
#[inline(always)]
pub fn cbrt(x: f64) -> f64 {
    let size = magnitude(x);
    let CubeRootParts { w, reciprocal, scale } = cube_root_parts(split(size));
    let y = w * reciprocal * reciprocal;
    // y + (w - y^3) / (3 y^2), the residue in double-double
    let square = two_product(y, y);
    let cube = two_product(square.hi, y);
    let residue = (w - cube.hi) - fma(square.lo, y, cube.lo);
    let root = fma(residue, reciprocal * reciprocal * (1.0 / 3.0), y);
    let result = with_sign(root * scale, x);
    select((size < f64::INFINITY) & (size > 0.0), result, x)
}

/// The cube root of an `f32`, error about 2^-45.
#[inline(always)]
pub fn cbrt_approximation(x: f64) -> f64 {
    let size = magnitude(x);
    let CubeRootParts { w, reciprocal, scale } = cube_root_parts(split_normal(size));
    let result = with_sign(w * reciprocal * reciprocal * scale, x);
    select((size < f64::INFINITY) & (size > 0.0), result, x)
}

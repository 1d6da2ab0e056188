//! Whether two arrays of one shape are equal, or nearly: looked at a block at a time, up to the first that differs.

use super::reductions::out_slice;
use super::{Bool, C64, C128, Element, Result, View, kernels};

kernels! {
    all_equal<T: all>(a: View<'_, T>, b: View<'_, T>, equal_nan: bool) -> bool;
    close<T: inexact>(a: View<'_, T>, b: View<'_, T>, rtol: f64, atol: f64, equal_nan: bool, out: View<'_, Bool>) -> ();
    all_close<T: inexact>(a: View<'_, T>, b: View<'_, T>, rtol: f64, atol: f64, equal_nan: bool) -> bool;
}

const BLOCK: usize = 1024;

/// Whether a condition holds for all pairs of elements.
#[inline(always)]
fn all_pairs<T: Element>(a: View<'_, T>, b: View<'_, T>, holds: impl Fn(T, T) -> bool) -> bool {
    match (a.as_slice(), b.as_slice()) {
        // Without early exits within a block, which is then looked at as a whole.
        (Some(a), Some(b)) => a
            .chunks(BLOCK)
            .zip(b.chunks(BLOCK))
            .all(|(a, b)| a.iter().zip(b).fold(true, |all, (a, b)| all & holds(*a, *b))),
        _ => a.iter().zip(b.iter()).all(|(a, b)| holds(a, b)),
    }
}

trait Comparable: Element {
    fn equals(self, other: Self) -> bool;
}

macro_rules! comparable {
    ($($T:ty),*) => {$(
        impl Comparable for $T {
            #[inline(always)]
            fn equals(self, other: $T) -> bool {
                self == other
            }
        }
    )*};
}

comparable!(i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, C64, C128);

impl Comparable for Bool {
    #[inline(always)]
    fn equals(self, other: Bool) -> bool {
        self.get() == other.get()
    }
}

fn all_equal<T: Comparable>(a: View<'_, T>, b: View<'_, T>, equal_nan: bool) -> Result<bool> {
    Ok(match equal_nan {
        false => all_pairs(a, b, T::equals),
        true => all_pairs(a, b, |a, b| a.equals(b) | (a.is_nan() & b.is_nan())),
    })
}

/// A number that may be near another, by tolerances in its precision.
trait Near: Comparable {
    fn is_near(self, other: Self, rtol: f64, atol: f64) -> bool;
}

macro_rules! near {
    ($($T:ty, $F:ty: $magnitude:expr, $is_finite:expr;)*) => {$(
        impl Near for $T {
            #[inline(always)]
            fn is_near(self, other: $T, rtol: f64, atol: f64) -> bool {
                let tolerance = atol as $F + rtol as $F * $magnitude(other);
                ($magnitude(self - other) <= tolerance) & $is_finite(other) | self.equals(other)
            }
        }
    )*};
}

near! {
    f32, f32: f32::abs, f32::is_finite;
    f64, f64: f64::abs, f64::is_finite;
    C64, f32: C64::norm, C64::is_finite;
    C128, f64: C128::norm, C128::is_finite;
}

fn close<T: Near>(
    a: View<'_, T>,
    b: View<'_, T>,
    rtol: f64,
    atol: f64,
    equal_nan: bool,
    out: View<'_, Bool>,
) -> Result<()> {
    let is_close = |a: T, b: T| (a.is_near(b, rtol, atol) | equal_nan & a.is_nan() & b.is_nan()).into();
    match (a.as_slice(), b.as_slice(), out_slice(out)) {
        (Some(a), Some(b), out) => {
            out.iter_mut().zip(a.iter().zip(b)).for_each(|(out, (a, b))| *out = is_close(*a, *b));
        }
        (_, _, out) => {
            out.iter_mut().zip(a.iter().zip(b.iter())).for_each(|(out, (a, b))| *out = is_close(a, b))
        }
    }
    Ok(())
}

fn all_close<T: Near>(a: View<'_, T>, b: View<'_, T>, rtol: f64, atol: f64, equal_nan: bool) -> Result<bool> {
    Ok(match equal_nan {
        false => all_pairs(a, b, |a, b| a.is_near(b, rtol, atol)),
        true => all_pairs(a, b, |a, b| a.is_near(b, rtol, atol) | (a.is_nan() & b.is_nan())),
    })
}

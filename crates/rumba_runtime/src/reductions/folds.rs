//! Reductions that take one element after the other.

use super::{Number, Reduction};
use crate::kernels::Bool;
use crate::vectorised::vectorised;
use std::marker::PhantomData;

pub struct Product<T>(PhantomData<T>);

impl<T: Number> Reduction for Product<T> {
    type Element = T;
    type Result = T::Total;
    const IDENTITY: Option<T::Total> = Some(T::ONE);

    #[inline(always)]
    fn start(element: T) -> T::Total {
        element.widened()
    }

    #[inline(always)]
    fn step(acc: T::Total, element: T) -> T::Total {
        T::times(acc, element.widened())
    }
}

/// The sum of spans of time: NaT, the least count, if one is.
pub struct SpanSum<T>(PhantomData<T>);

/// The count that is no time.
pub const NAT: i64 = i64::MIN;

impl Reduction for SpanSum<i64> {
    type Element = i64;
    type Result = i64;
    const IDENTITY: Option<i64> = Some(0);

    #[inline(always)]
    fn start(element: i64) -> i64 {
        element
    }

    #[inline(always)]
    fn step(acc: i64, element: i64) -> i64 {
        if acc == NAT || element == NAT { NAT } else { acc.wrapping_add(element) }
    }

    #[inline]
    fn run(acc: i64, elements: &[i64]) -> i64 {
        elements.chunks(256).fold(acc, |acc, chunk| match any_nat(chunk) {
            true => NAT,
            false => Self::step(acc, sum_of_counts(chunk)),
        })
    }
}

/// A count of a unit of time.
trait TimeCount: Copy + Into<i64> {}

impl TimeCount for i64 {}

vectorised! {
    fn any_nat<T: TimeCount>(counts: &[T]) -> bool {
        counts.iter().fold(false, |any, count| any | ((*count).into() == NAT))
    }

    fn sum_of_counts<T: TimeCount>(counts: &[T]) -> i64 {
        counts.iter().fold(0, |sum: i64, count| sum.wrapping_add((*count).into()))
    }
}

/// The largest (`MAX`) or smallest element. A nan is the result, unless nans are skipped.
pub struct Extreme<T, const MAX: bool, const SKIP_NAN: bool>(PhantomData<T>);

impl<T: Number, const MAX: bool, const SKIP_NAN: bool> Reduction for Extreme<T, MAX, SKIP_NAN> {
    type Element = T;
    type Result = T;
    const IDENTITY: Option<T> = None;

    #[inline(always)]
    fn start(element: T) -> T {
        element
    }

    #[inline(always)]
    fn step(acc: T, element: T) -> T {
        let is_nan = if SKIP_NAN { element.is_nan() } else { acc.is_nan() };
        let keeps = if MAX { acc.at_least(element) } else { element.at_least(acc) };
        if keeps || is_nan { acc } else { element }
    }

    #[inline]
    fn run(acc: T, elements: &[T]) -> T {
        if elements.len() < 16 {
            return elements.iter().fold(acc, |acc, element| Self::step(acc, *element));
        }
        if MAX {
            largest_of_run::<Skipping<T, SKIP_NAN>>(acc, elements)
        } else {
            smallest_of_run::<Skipping<T, SKIP_NAN>>(acc, elements)
        }
    }
}

/// An element type, and whether nans are skipped.
trait Extremes {
    type T: Number;
    const SKIP_NAN: bool;
}

struct Skipping<T, const SKIP_NAN: bool>(PhantomData<T>);

impl<T: Number, const SKIP_NAN: bool> Extremes for Skipping<T, SKIP_NAN> {
    type T = T;
    const SKIP_NAN: bool = SKIP_NAN;
}

#[inline(always)]
fn extreme_of_run<E: Extremes, const MAX: bool>(acc: E::T, elements: &[E::T]) -> E::T {
    if !E::SKIP_NAN {
        return E::T::extreme_of::<MAX>(acc, elements);
    }
    // Blocks without nan are as those of which none is skipped.
    elements.chunks(1024).fold(acc, |acc, block| {
        let extreme = E::T::extreme_of::<MAX>(acc, block);
        match extreme.is_nan() {
            true => block.iter().fold(acc, |acc, element| Extreme::<E::T, MAX, true>::step(acc, *element)),
            false => extreme,
        }
    })
}

vectorised! {
    fn largest_of_run<E: Extremes>(acc: E::T, elements: &[E::T]) -> E::T {
        extreme_of_run::<E, true>(acc, elements)
    }

    fn smallest_of_run<E: Extremes>(acc: E::T, elements: &[E::T]) -> E::T {
        extreme_of_run::<E, false>(acc, elements)
    }
}

/// Whether any element is true.
pub struct Any<T>(PhantomData<T>);

impl<T: Number> Reduction for Any<T> {
    type Element = T;
    type Result = Bool;
    const IDENTITY: Option<Bool> = Some(Bool(0));

    #[inline(always)]
    fn start(element: T) -> Bool {
        element.is_true().into()
    }

    #[inline(always)]
    fn step(acc: Bool, element: T) -> Bool {
        Bool(acc.0 | u8::from(element.is_true()))
    }

    #[inline]
    fn run(acc: Bool, elements: &[T]) -> Bool {
        (acc.get() || elements.chunks(256).any(|chunk| any_true(chunk))).into()
    }
}

/// Whether all elements are true.
pub struct All<T>(PhantomData<T>);

impl<T: Number> Reduction for All<T> {
    type Element = T;
    type Result = Bool;
    const IDENTITY: Option<Bool> = Some(Bool(1));

    #[inline(always)]
    fn start(element: T) -> Bool {
        element.is_true().into()
    }

    #[inline(always)]
    fn step(acc: Bool, element: T) -> Bool {
        Bool(acc.0 & u8::from(element.is_true()))
    }

    #[inline]
    fn run(acc: Bool, elements: &[T]) -> Bool {
        (acc.get() && elements.chunks(256).all(|chunk| all_true(chunk))).into()
    }
}

/// The number of elements that are true.
pub struct Count<T>(PhantomData<T>);

impl<T: Number> Reduction for Count<T> {
    type Element = T;
    type Result = i64;
    const IDENTITY: Option<i64> = Some(0);

    #[inline(always)]
    fn start(element: T) -> i64 {
        i64::from(element.is_true())
    }

    #[inline(always)]
    fn step(acc: i64, element: T) -> i64 {
        acc + i64::from(element.is_true())
    }

    #[inline]
    fn run(acc: i64, elements: &[T]) -> i64 {
        acc + count_true(elements)
    }
}

vectorised! {
    fn any_true<T: Number>(elements: &[T]) -> bool {
        elements.iter().fold(false, |any, element| any | element.is_true())
    }

    fn all_true<T: Number>(elements: &[T]) -> bool {
        elements.iter().fold(true, |all, element| all & element.is_true())
    }

    fn count_true<T: Number>(elements: &[T]) -> i64 {
        // Counts of a few elements fit in bytes, of which a vector holds many.
        elements
            .chunks(255)
            .map(|chunk| i64::from(chunk.iter().fold(0u8, |n, element| n + u8::from(element.is_true()))))
            .sum()
    }
}

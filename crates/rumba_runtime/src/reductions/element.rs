//! What reductions do to elements of each type.

use super::pairwise::{PairwiseState, pairwise_sum};
use crate::kernels::{Bool, C64, C128, Element};
use num_complex::Complex;

/// An element that reductions add, multiply and compare, as NumPy does.
pub trait Number: Element {
    /// What sums and products are computed in.
    type Total: Number<Total = Self::Total>;

    const ZERO: Self::Total;
    const ONE: Self::Total;

    fn widened(self) -> Self::Total;
    fn plus(a: Self::Total, b: Self::Total) -> Self::Total;
    fn times(a: Self::Total, b: Self::Total) -> Self::Total;
    fn is_true(self) -> bool;
    /// Whether a part is nan.
    fn is_nan(self) -> bool;
    /// Whether nothing is larger (`MAX`) or smaller, or beyond a nan: the first such element is the extreme.
    #[inline(always)]
    fn is_final<const MAX: bool>(self) -> bool {
        self.is_nan()
    }
    /// `self >= other`; complex numbers by their real part first.
    fn at_least(self, other: Self) -> bool;

    /// The sum of elements in NumPy's order.
    #[inline(always)]
    fn sum_of(elements: &[Self]) -> Self::Total {
        elements.iter().fold(Self::ZERO, |sum, element| Self::plus(sum, element.widened()))
    }

    /// The largest (`MAX`) or smallest of elements and `acc`, or a nan where there is one.
    #[inline(always)]
    fn extreme_of<const MAX: bool>(acc: Self, elements: &[Self]) -> Self {
        let keeps =
            |acc: Self, element: Self| if MAX { acc.at_least(element) } else { element.at_least(acc) };
        let step =
            |acc: Self, element: &Self| if keeps(acc, *element) || acc.is_nan() { acc } else { *element };
        elements.iter().fold(acc, step)
    }

    /// The position of the first element that is `wanted`: a nan, or a number that is equal.
    #[inline(always)]
    fn position_of(wanted: Self, elements: &[Self]) -> Option<usize> {
        let is_it = |element: &Self| match wanted.is_nan() {
            true => element.is_nan(),
            false => element.at_least(wanted) && wanted.at_least(*element),
        };
        // Without early exits within a chunk, which is then looked at as a whole.
        let chunk = elements
            .chunks(32)
            .position(|chunk| chunk.iter().fold(false, |any, element| any | is_it(element)))?;
        elements[32 * chunk..].iter().position(is_it).map(|idx| 32 * chunk + idx)
    }

    /// The sum of a block and what was before it.
    ///
    /// # Safety
    /// As `Reduction::block`.
    unsafe fn sum_of_block(state: *mut u8, block: &[Self], done: i64, _total: i64) -> Self::Total {
        let state = state.cast::<Self::Total>();
        // SAFETY: promised by the caller; the block before this one wrote the state.
        unsafe {
            let before = if done == 0 { Self::ZERO } else { state.read() };
            let sum = Self::plus(before, Self::sum_of(block));
            state.write(sum);
            sum
        }
    }
}

macro_rules! integers {
    ($($T:ty => $Total:ty),*) => {$(
        impl Number for $T {
            type Total = $Total;
            const ZERO: $Total = 0;
            const ONE: $Total = 1;

            #[inline(always)]
            fn widened(self) -> $Total {
                self as $Total
            }
            #[inline(always)]
            fn plus(a: $Total, b: $Total) -> $Total {
                a.wrapping_add(b)
            }
            #[inline(always)]
            fn times(a: $Total, b: $Total) -> $Total {
                a.wrapping_mul(b)
            }
            #[inline(always)]
            fn is_true(self) -> bool {
                self != 0
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                false
            }
            #[inline(always)]
            fn at_least(self, other: Self) -> bool {
                self >= other
            }
        }
    )*};
}

integers!(i8 => i64, i16 => i64, i32 => i64, i64 => i64, u8 => u64, u16 => u64, u32 => u64, u64 => u64);

impl Number for Bool {
    type Total = i64;
    const ZERO: i64 = 0;
    const ONE: i64 = 1;

    #[inline(always)]
    fn widened(self) -> i64 {
        i64::from(self.get())
    }
    #[inline(always)]
    fn plus(a: i64, b: i64) -> i64 {
        a + b
    }
    #[inline(always)]
    fn times(a: i64, b: i64) -> i64 {
        a * b
    }
    #[inline(always)]
    fn is_true(self) -> bool {
        self.get()
    }
    #[inline(always)]
    fn is_final<const MAX: bool>(self) -> bool {
        self.get() == MAX
    }
    #[inline(always)]
    fn is_nan(self) -> bool {
        false
    }
    #[inline(always)]
    fn at_least(self, other: Self) -> bool {
        self.get() >= other.get()
    }
}

macro_rules! floats {
    ($($T:ty: $Bits:ty, $lanes:literal;)*) => {$(
        impl Number for $T {
            type Total = $T;
            const ZERO: $T = 0.0;
            const ONE: $T = 1.0;

            #[inline(always)]
            fn widened(self) -> $T {
                self
            }
            #[inline(always)]
            fn plus(a: $T, b: $T) -> $T {
                a + b
            }
            #[inline(always)]
            fn times(a: $T, b: $T) -> $T {
                a * b
            }
            #[inline(always)]
            fn is_true(self) -> bool {
                self != 0.0
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                self.is_nan()
            }
            #[inline(always)]
            fn at_least(self, other: Self) -> bool {
                self >= other
            }
            #[inline(always)]
            fn sum_of(elements: &[$T]) -> $T {
                pairwise_sum(elements)
            }
            #[inline(always)]
            fn extreme_of<const MAX: bool>(acc: $T, elements: &[$T]) -> $T {
                // Written so that it is one instruction; nan does not win.
                let step = |acc: $T, element: $T| {
                    let wins = if MAX { element > acc } else { element < acc };
                    if wins { element } else { acc }
                };
                let (chunks, rest) = elements.as_chunks::<$lanes>();
                let mut lanes = [acc; $lanes];
                let mut nans = [0.0; $lanes];
                for chunk in chunks {
                    for ((lane, nan), element) in lanes.iter_mut().zip(&mut nans).zip(chunk) {
                        *lane = step(*lane, *element);
                        *nan = if element.is_nan() { *element } else { *nan };
                    }
                }
                let is_nan = |element: &&$T| element.is_nan();
                if let Some(nan) = [acc].iter().chain(&nans).chain(rest).find(is_nan) {
                    return *nan;
                }
                lanes.iter().chain(rest).fold(acc, |acc, element| step(acc, *element))
            }
            #[inline(always)]
            fn position_of(wanted: $T, elements: &[$T]) -> Option<usize> {
                let is_it = |element: &$T| *element == wanted || (wanted.is_nan() && element.is_nan());
                let chunk = elements.chunks(32).position(|chunk| {
                    chunk.iter().fold(0, |any: $Bits, element| any | if is_it(element) { 1 } else { 0 }) != 0
                })?;
                elements[32 * chunk..].iter().position(is_it).map(|idx| 32 * chunk + idx)
            }
            unsafe fn sum_of_block(state: *mut u8, block: &[$T], done: i64, total: i64) -> $T {
                // SAFETY: promised by the caller.
                unsafe { PairwiseState::sum_of_block(state, block, done, total) }
            }
        }
    )*};
}

// How many extremes are computed beside each other, because LLVM may not do so by itself: with as many nans they fill
// half of the registers.
floats! {
    f32: u32, 32;
    f64: u64, 16;
}

macro_rules! complex_numbers {
    ($($T:ty),*) => {$(
        impl Number for Complex<$T> {
            type Total = Self;
            const ZERO: Self = Complex { re: 0.0, im: 0.0 };
            const ONE: Self = Complex { re: 1.0, im: 0.0 };

            #[inline(always)]
            fn widened(self) -> Self {
                self
            }
            #[inline(always)]
            fn plus(a: Self, b: Self) -> Self {
                a + b
            }
            #[inline(always)]
            fn times(a: Self, b: Self) -> Self {
                Complex { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re }
            }
            #[inline(always)]
            fn is_true(self) -> bool {
                self.re != 0.0 || self.im != 0.0
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                self.re.is_nan() || self.im.is_nan()
            }
            #[inline(always)]
            fn at_least(self, other: Self) -> bool {
                self.re > other.re && !self.im.is_nan() && !other.im.is_nan()
                    || self.re == other.re && self.im >= other.im
            }
            #[inline(always)]
            fn sum_of(elements: &[Self]) -> Self {
                pairwise_sum(elements)
            }
            unsafe fn sum_of_block(state: *mut u8, block: &[Self], done: i64, total: i64) -> Self {
                // SAFETY: promised by the caller.
                unsafe { PairwiseState::sum_of_block(state, block, done, total) }
            }
        }
    )*};
}

complex_numbers!(f32, f64);

const _: () = assert!(size_of::<C64>() == 8 && size_of::<C128>() == 16);

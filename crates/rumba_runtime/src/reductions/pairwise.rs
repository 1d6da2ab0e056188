//! Sums of floats are pairwise, exactly as NumPy's of contiguous arrays: blocks of at most 128 numbers in eight partial
//! sums, joined along a binary tree (`pairwise_sum` of NumPy's loops; Higham, SIAM J. Sci. Comput. 14(4), 1993).

use super::{Number, Reduction, STATE_BYTES};
use crate::vectorised::vectorised;
use num_complex::Complex;
use std::marker::PhantomData;
use std::ops::Add;

/// The most numbers of a leaf of the tree.
const LEAF: usize = 128;

/// How many sums wait at most for their other half, and halves for their turn: as many as the tree is deep.
const MAX_WAITING: usize = 64;

pub struct Sum<T>(PhantomData<T>);

impl<T: Number> Reduction for Sum<T> {
    type Element = T;
    type Result = T::Total;
    const IDENTITY: Option<T::Total> = Some(T::ZERO);
    const IS_PAIRWISE: bool = true;

    #[inline(always)]
    fn start(element: T) -> T::Total {
        element.widened()
    }

    #[inline(always)]
    fn step(acc: T::Total, element: T) -> T::Total {
        T::plus(acc, element.widened())
    }

    #[inline(always)]
    fn run(acc: T::Total, elements: &[T]) -> T::Total {
        T::plus(acc, T::sum_of(elements))
    }

    unsafe fn block(state: *mut u8, block: &[T], done: i64, total: i64) -> T::Total {
        // SAFETY: promised by the caller.
        unsafe { T::sum_of_block(state, block, done, total) }
    }
}

/// What is summed pairwise.
pub trait Pairwise: Copy + Default + Add<Output = Self> {
    /// Numbers per element: those of real and imaginary parts count.
    const PARTS: usize;

    /// The sum of at most [`LEAF`] numbers.
    fn sum_of_leaf(elements: &[Self]) -> Self;
}

macro_rules! pairwise {
    ($($T:ty),*) => {$(
        impl Pairwise for $T {
            const PARTS: usize = 1;

            #[inline(always)]
            fn sum_of_leaf(elements: &[$T]) -> $T {
                let (eights, rest) = elements.as_chunks::<8>();
                let Some((first, eights)) = eights.split_first() else {
                    // What added to any number gives that number, -0.0 included.
                    return rest.iter().fold(-0.0, |sum, element| sum + *element);
                };
                let mut sums = *first;
                for eight in eights {
                    for (sum, element) in sums.iter_mut().zip(eight) {
                        *sum += *element;
                    }
                }
                let sum =
                    ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
                rest.iter().fold(sum, |sum, element| sum + *element)
            }
        }

        impl Pairwise for Complex<$T> {
            const PARTS: usize = 2;

            #[inline(always)]
            fn sum_of_leaf(elements: &[Self]) -> Self {
                let (fours, rest) = elements.as_chunks::<4>();
                let Some((first, fours)) = fours.split_first() else {
                    return rest.iter().fold(Complex { re: -0.0, im: -0.0 }, |sum, element| sum + *element);
                };
                let mut sums = *first;
                for four in fours {
                    for (sum, element) in sums.iter_mut().zip(four) {
                        *sum += *element;
                    }
                }
                rest.iter().fold((sums[0] + sums[1]) + (sums[2] + sums[3]), |sum, element| sum + *element)
            }
        }
    )*};
}

pairwise!(f32, f64);

/// The length of the left half of so many elements.
fn left_half<T: Pairwise>(n: usize) -> usize {
    let half = n * T::PARTS / 2;
    (half - half % 8) / T::PARTS
}

vectorised! {
    fn sum_of_long_leaf<T: Pairwise>(elements: &[T]) -> T {
        T::sum_of_leaf(elements)
    }
}

/// The sum of elements; -0.0 of none.
pub fn pairwise_sum<T: Pairwise>(elements: &[T]) -> T {
    if elements.len() * T::PARTS <= LEAF {
        return if elements.len() < 32 { T::sum_of_leaf(elements) } else { sum_of_long_leaf(elements) };
    }
    let (left, right) = elements.split_at(left_half::<T>(elements.len()));
    pairwise_sum(left) + pairwise_sum(right)
}

/// The sum of what `map` makes of elements.
pub fn pairwise_sum_of<S: Copy, T: Pairwise>(elements: &[S], map: impl Fn(S) -> T + Copy) -> T {
    if elements.len() * T::PARTS <= LEAF {
        let mut leaf = [T::default(); LEAF];
        for (target, element) in leaf.iter_mut().zip(elements) {
            *target = map(*element);
        }
        return T::sum_of_leaf(&leaf[..elements.len()]);
    }
    let (left, right) = elements.split_at(left_half::<T>(elements.len()));
    pairwise_sum_of(left, map) + pairwise_sum_of(right, map)
}

/// A pairwise sum whose elements come in blocks.
#[repr(C)]
pub struct PairwiseState<T> {
    waiting: [Waiting<T>; MAX_WAITING],
    n_waiting: usize,
    /// The length of the current leaf, and the elements of it that have come.
    leaf_length: usize,
    n_elements: usize,
    elements: [T; LEAF],
}

#[derive(Clone, Copy)]
enum Waiting<T> {
    /// So many elements, which come when what is on their left is summed.
    Right(usize),
    /// The sum of a left half.
    Left(T),
}

const _: () = assert!(size_of::<PairwiseState<Complex<f64>>>() <= STATE_BYTES);

impl<T: Pairwise> PairwiseState<T> {
    fn push(&mut self, waiting: Waiting<T>) {
        self.waiting[self.n_waiting] = waiting;
        self.n_waiting += 1;
    }

    /// Goes down to the leftmost leaf of the next so many elements.
    fn descend(&mut self, mut n: usize) {
        while n * T::PARTS > LEAF {
            let left = left_half::<T>(n);
            self.push(Waiting::Right(n - left));
            n = left;
        }
        self.leaf_length = n;
        self.n_elements = 0;
    }

    /// The sum of all elements, once the last leaf is summed.
    fn finish_leaf(&mut self, mut sum: T) -> Option<T> {
        while self.n_waiting > 0 {
            self.n_waiting -= 1;
            match self.waiting[self.n_waiting] {
                Waiting::Left(left) => sum = left + sum,
                Waiting::Right(n) => {
                    self.push(Waiting::Left(sum));
                    self.descend(n);
                    return None;
                }
            }
        }
        Some(sum)
    }

    fn add(&mut self, mut block: &[T]) -> T {
        let mut result = None;
        while !block.is_empty() {
            let n_missing = self.leaf_length - self.n_elements;
            if self.n_elements == 0 && block.len() >= n_missing {
                let (leaf, rest) = block.split_at(n_missing);
                block = rest;
                result = self.finish_leaf(T::sum_of_leaf(leaf));
                continue;
            }
            let (part, rest) = block.split_at(n_missing.min(block.len()));
            block = rest;
            self.elements[self.n_elements..][..part.len()].copy_from_slice(part);
            self.n_elements += part.len();
            if self.n_elements == self.leaf_length {
                let sum = T::sum_of_leaf(&self.elements[..self.leaf_length]);
                result = self.finish_leaf(sum);
            }
        }
        result.unwrap_or_default()
    }

    /// As `Reduction::block`.
    ///
    /// # Safety
    /// As there.
    pub unsafe fn sum_of_block(state: *mut u8, block: &[T], done: i64, total: i64) -> T {
        // The default is 0.0: sums of no element, or of -0.0 alone, are.
        if block.len() as i64 == total {
            return T::default() + pairwise_sum(block);
        }
        let state = state.cast::<PairwiseState<T>>();
        // SAFETY: promised by the caller; the fields are written before they are read.
        unsafe {
            if done == 0 {
                (*state).n_waiting = 0;
                (*state).descend(total as usize);
            }
            T::default() + (*state).add(block)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(align(64))]
    struct State([u8; STATE_BYTES]);

    /// NumPy's algorithm, written down recursively.
    fn expected(elements: &[f64]) -> f64 {
        if elements.len() < 8 {
            return elements.iter().fold(-0.0, |sum, element| sum + element);
        }
        if elements.len() > LEAF {
            let half = elements.len() / 2;
            let half = half - half % 8;
            return expected(&elements[..half]) + expected(&elements[half..]);
        }
        let n_eights = elements.len() / 8;
        let lane =
            |lane: usize| (1..n_eights).fold(elements[lane], |sum, idx| sum + elements[8 * idx + lane]);
        let sum = ((lane(0) + lane(1)) + (lane(2) + lane(3))) + ((lane(4) + lane(5)) + (lane(6) + lane(7)));
        elements[8 * n_eights..].iter().fold(sum, |sum, element| sum + element)
    }

    #[test]
    fn blocks_of_every_size_give_the_sum_of_the_whole() {
        let elements: Vec<f64> = (0..5000).map(|idx| ((idx * 7919) % 1000) as f64 * 0.1 - 31.7).collect();
        for n in [0, 1, 7, 8, 9, 127, 128, 129, 136, 255, 256, 257, 1000, 1024, 5000] {
            let whole = expected(&elements[..n]);
            for length in [1, 3, 100, 128, 1000, 1024, 5000] {
                let mut state = State([0; STATE_BYTES]);
                let mut done = 0;
                let sum = loop {
                    let block = &elements[done..n.min(done + length)];
                    // SAFETY: the state is large enough, and the block as long as it says.
                    let sum = unsafe {
                        PairwiseState::sum_of_block(state.0.as_mut_ptr(), block, done as i64, n as i64)
                    };
                    done += block.len();
                    if done == n {
                        break sum;
                    }
                };
                assert_eq!(sum, 0.0 + whole, "{n} in blocks of {length}");
            }
        }
    }
}

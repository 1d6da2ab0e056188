//! Reductions of whole arrays, a block of elements at a time.
//!
//! Every function takes the state of the reduction, a block, the number of elements before it, and the number of all; the
//! value for the last block is the result. State is whatever the function keeps in [`STATE_BYTES`] bytes between
//! blocks: nothing where one block is all, which is why there is no function to begin with.
//!
//! Sums of floats are pairwise, exactly as NumPy's of contiguous arrays: blocks of at most 128 elements in eight partial
//! sums, joined along a binary tree (`pairwise_sum` of NumPy's loops; Higham, SIAM J. Sci. Comput. 14(4), 1993).

/// Bytes of state that compiled code has for a reduction.
pub const STATE_BYTES: usize = 2304;

/// The most elements of a leaf of the tree.
const LEAF: usize = 128;

/// How many sums wait at most for their other half, and halves for their turn: twice the depth of the tree.
const MAX_WAITING: usize = 64;

trait Float: Copy + std::ops::Add<Output = Self> {
    /// What added to any number gives that number, -0.0 included.
    const NOTHING: Self;
    const ZERO: Self;
}

impl Float for f64 {
    const NOTHING: f64 = -0.0;
    const ZERO: f64 = 0.0;
}

impl Float for f32 {
    const NOTHING: f32 = -0.0;
    const ZERO: f32 = 0.0;
}

/// The sum of at most [`LEAF`] elements.
#[inline]
fn sum_of_leaf<T: Float>(elements: &[T]) -> T {
    let (eights, rest) = elements.as_chunks::<8>();
    let Some((first, eights)) = eights.split_first() else {
        return rest.iter().fold(T::NOTHING, |sum, element| sum + *element);
    };
    let mut sums = *first;
    for eight in eights {
        for (sum, element) in sums.iter_mut().zip(eight) {
            *sum = *sum + *element;
        }
    }
    let sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    rest.iter().fold(sum, |sum, element| sum + *element)
}

/// The length of the left half of so many elements.
fn left_half(n: usize) -> usize {
    n / 2 - n / 2 % 8
}

fn pairwise_sum<T: Float>(elements: &[T]) -> T {
    if elements.len() <= LEAF {
        return sum_of_leaf(elements);
    }
    let (left, right) = elements.split_at(left_half(elements.len()));
    pairwise_sum(left) + pairwise_sum(right)
}

/// A pairwise sum whose elements come in blocks.
#[repr(C)]
struct PairwiseState<T> {
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

const _: () = assert!(size_of::<PairwiseState<f64>>() <= STATE_BYTES);

impl<T: Float> PairwiseState<T> {
    fn push(&mut self, waiting: Waiting<T>) {
        self.waiting[self.n_waiting] = waiting;
        self.n_waiting += 1;
    }

    /// Goes down to the leftmost leaf of the next so many elements.
    fn descend(&mut self, mut n: usize) {
        while n > LEAF {
            let left = left_half(n);
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
                result = self.finish_leaf(sum_of_leaf(leaf));
                continue;
            }
            let (part, rest) = block.split_at(n_missing.min(block.len()));
            block = rest;
            self.elements[self.n_elements..][..part.len()].copy_from_slice(part);
            self.n_elements += part.len();
            if self.n_elements == self.leaf_length {
                let sum = sum_of_leaf(&self.elements[..self.leaf_length]);
                result = self.finish_leaf(sum);
            }
        }
        result.unwrap_or(T::ZERO)
    }
}

/// # Safety
/// As the functions below.
unsafe fn add_pairwise<T: Float>(state: *mut u8, data: *const T, n: i64, done: i64, total: i64) -> T {
    // SAFETY: promised by the caller; an empty block may have no address.
    let block = if n == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, n as usize) } };
    if n == total {
        return T::ZERO + pairwise_sum(block);
    }
    let state = state.cast::<PairwiseState<T>>();
    // SAFETY: promised by the caller; the fields are written before they are read.
    unsafe {
        if done == 0 {
            (*state).n_waiting = 0;
            (*state).descend(total as usize);
        }
        T::ZERO + (*state).add(block)
    }
}

macro_rules! pairwise_sums {
    ($($name:ident: $T:ty;)*) => {$(
        /// # Safety
        /// `state` points to [`STATE_BYTES`] bytes, aligned to a cache line, which are this reduction's; `data` to `n`
        /// elements.
        pub unsafe extern "C" fn $name(
            state: *mut u8,
            data: *const $T,
            n: i64,
            done: i64,
            total: i64,
        ) -> $T {
            // SAFETY: promised by the caller.
            unsafe { add_pairwise(state, data, n, done, total) }
        }
    )*};
}

pairwise_sums! {
    rumba_sum_f64: f64;
    rumba_sum_f32: f32;
}

macro_rules! wrapping_sums {
    ($($name:ident: $T:ty;)*) => {$(
        /// # Safety
        /// As [`rumba_sum_f64`].
        pub unsafe extern "C" fn $name(
            state: *mut u8,
            data: *const $T,
            n: i64,
            done: i64,
            _total: i64,
        ) -> $T {
            let state = state.cast::<$T>();
            // SAFETY: promised by the caller; an empty block may have no address.
            unsafe {
                let block = if n == 0 { &[] } else { std::slice::from_raw_parts(data, n as usize) };
                let before = if done == 0 { 0 } else { *state };
                let sum = block.iter().fold(before, |sum, element| sum.wrapping_add(*element));
                *state = sum;
                sum
            }
        }
    )*};
}

wrapping_sums! {
    rumba_sum_i64: i64;
    rumba_sum_u64: u64;
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
                        let state = state.0.as_mut_ptr();
                        rumba_sum_f64(state, block.as_ptr(), block.len() as i64, done as i64, n as i64)
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

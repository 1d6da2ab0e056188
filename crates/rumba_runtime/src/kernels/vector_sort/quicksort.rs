//! Quicksort and selection in place: parts that are too long for a network are divided by a pivot.

use super::lanes::{Key, Lanes, Place};
use super::networks;

const MOST_LANES: usize = 32;

/// How many vectors are held back at each end, and read at once.
const K: usize = 8;

/// Moves what is less than the pivot to the front; gives how many that are.
///
/// `K` vectors of each end are held in registers, so that there is room to write at both. The `K` that are read next come
/// from the side with less room, so that each has room for all of them, wherever they go. Which side that is cannot be
/// predicted, so it is asked rarely.
///
/// # Safety
/// That of [`Lanes`]; there are twice `K` vectors of elements at least.
#[inline(always)]
unsafe fn partition<V: Lanes>(place: V::Place, n: usize, pivot: <V::Place as Place>::Key) -> usize {
    debug_assert!(n >= 2 * K * V::N);
    // SAFETY: promised by the caller.
    unsafe {
        let pivots = V::Keys::splat(pivot);
        let n_loose = n % V::N;
        // Written: before `left` and from `right` on. Not read yet: from `first` to `last`.
        let (mut left, mut right) = (0, n);
        let (mut first, mut last) = (K * V::N, n - n_loose - K * V::N);
        let held =
            |start: usize| -> [V; K] { std::array::from_fn(|idx| V::load(place.at(start + idx * V::N))) };
        let (heads, tails) = (held(0), held(last));
        let mut loose = [place.read(); MOST_LANES];
        for (idx, item) in loose[..n_loose].iter_mut().enumerate() {
            *item = place.at(n - n_loose + idx).read();
        }
        macro_rules! divide {
            ($vector:expr) => {
                let vector = $vector;
                let less = vector.less(pivots);
                vector.divide(less, place.at(left), place.at(right));
                let n_less = less.count_ones() as usize;
                left += n_less;
                right -= V::N - n_less;
            };
        }
        macro_rules! next {
            ($n:expr) => {
                if right - last < first - left {
                    last -= $n;
                    last
                } else {
                    first += $n;
                    first - $n
                }
            };
        }
        while last - first >= K * V::N {
            let start = next!(K * V::N);
            for vector in held(start) {
                divide!(vector);
            }
        }
        while last > first {
            let start = next!(V::N);
            divide!(V::load(place.at(start)));
        }
        // Before those held, whose last is stored where there is room for one vector exactly.
        for item in loose.into_iter().take(n_loose) {
            place.at(left).write(item);
            place.at(right - 1).write(item);
            let is_less = V::Place::key_of(item) < pivot;
            left += usize::from(is_less);
            right -= usize::from(!is_less);
        }
        for vector in heads.into_iter().chain(tails) {
            divide!(vector);
        }
        left
    }
}

/// The median of vectors of keys from all over.
///
/// # Safety
/// That of [`Lanes`]; there are twice `K` vectors of elements at least.
#[inline(always)]
unsafe fn pivot<V: Lanes>(place: V::Place, n: usize) -> <V::Place as Place>::Key {
    let n_rows = if n < 128 * V::N { 2 } else { 8 };
    let mut samples = [<V::Place as Place>::Key::LARGEST; 8 * MOST_LANES];
    let distance = n / n_rows;
    // SAFETY: promised by the caller.
    unsafe {
        for row in 0..n_rows {
            let sample = V::Keys::load(place.keys().add(row * distance + (distance - V::N) / 2));
            sample.store_first(samples.as_mut_ptr().add(row * V::N), V::N);
        }
        networks::sort_matrix::<V::Keys>(samples.as_mut_ptr(), n_rows * V::N);
    }
    samples[n_rows * V::N / 2]
}

/// Sorts in at most n log n steps, whatever the order was.
///
/// # Safety
/// There are so many elements.
unsafe fn heap_sort<P: Place>(place: P, n: usize) {
    // SAFETY: all indices are less than `n`.
    let sift = |mut idx: usize, n: usize| unsafe {
        let item = place.at(idx).read();
        while 2 * idx + 1 < n {
            let mut child = 2 * idx + 1;
            if child + 1 < n && place.at(child).read() < place.at(child + 1).read() {
                child += 1;
            }
            if item >= place.at(child).read() {
                break;
            }
            place.at(idx).write(place.at(child).read());
            idx = child;
        }
        place.at(idx).write(item);
    };
    (0..n / 2).rev().for_each(|idx| sift(idx, n));
    for end in (1..n).rev() {
        // SAFETY: as above.
        unsafe {
            let (greatest, last) = (place.read(), place.at(end).read());
            place.at(end).write(greatest);
            place.write(last);
        }
        sift(0, end);
    }
}

/// The functions that are compiled for given instructions.
macro_rules! compiled_for {
    ($name:ident, $features:literal) => {
        pub mod $name {
            use super::*;

            #[target_feature(enable = $features)]
            unsafe fn partition<V: Lanes>(
                place: V::Place,
                n: usize,
                pivot: <V::Place as Place>::Key,
            ) -> usize {
                // SAFETY: promised by the caller.
                unsafe { super::partition::<V>(place, n, pivot) }
            }

            #[target_feature(enable = $features)]
            unsafe fn pivot<V: Lanes>(place: V::Place, n: usize) -> <V::Place as Place>::Key {
                // SAFETY: promised by the caller.
                unsafe { super::pivot::<V>(place, n) }
            }

            #[target_feature(enable = $features)]
            unsafe fn sort_matrix<V: Lanes>(place: V::Place, n: usize) {
                // SAFETY: promised by the caller.
                unsafe { networks::sort_matrix::<V>(place, n) }
            }

            /// Sorts twice as many elements as a network does.
            #[target_feature(enable = $features)]
            unsafe fn sort_few<V: Lanes>(place: V::Place, n: usize) {
                let n_first = V::N_ROWS * V::N;
                // SAFETY: promised by the caller.
                unsafe {
                    if n <= n_first {
                        return sort_matrix::<V>(place, n);
                    }
                    sort_matrix::<V>(place, n_first);
                    sort_matrix::<V>(place.at(n_first), n - n_first);
                    networks::merge_matrices::<V>(place, n);
                }
            }

            /// Sorts. After `n_levels` pivots another algorithm takes over.
            ///
            /// # Safety
            /// That of [`Lanes`].
            #[target_feature(enable = $features)]
            pub unsafe fn sort<V: Lanes>(mut place: V::Place, mut n: usize, mut n_levels: u32) {
                // A key that none is less than.
                let mut bound = None;
                // SAFETY: promised by the caller; parts lie within the whole.
                unsafe {
                    while n > 2 * V::N_ROWS * V::N {
                        if n_levels == 0 {
                            return heap_sort(place, n);
                        }
                        n_levels -= 1;
                        let pivot = pivot::<V>(place, n);
                        let n_before;
                        if bound.is_some_and(|bound| bound >= pivot) {
                            // All that are equal to the pivot come first, and need no further division.
                            n_before = match pivot.above() {
                                Some(above) => partition::<V>(place, n, above),
                                None => n,
                            };
                            place.sort_equal(n_before);
                        } else {
                            n_before = partition::<V>(place, n, pivot);
                            sort::<V>(place, n_before, n_levels);
                        }
                        bound = Some(pivot);
                        place = place.at(n_before);
                        n -= n_before;
                    }
                    sort_few::<V>(place, n);
                }
            }

            /// Lets position `k` have the element that sorting would put there, smaller ones before and larger ones
            /// behind it.
            ///
            /// # Safety
            /// That of [`Lanes`]; there is an element at position `k`.
            #[target_feature(enable = $features)]
            pub unsafe fn select<V: Lanes>(
                mut place: V::Place,
                mut n: usize,
                mut k: usize,
                mut n_levels: u32,
            ) {
                let mut bound = None;
                // SAFETY: promised by the caller; parts lie within the whole.
                unsafe {
                    while n > 2 * V::N_ROWS * V::N {
                        if n_levels == 0 {
                            return heap_sort(place, n);
                        }
                        n_levels -= 1;
                        let pivot = pivot::<V>(place, n);
                        let is_least = bound.is_some_and(|bound| bound >= pivot);
                        let divisor = if is_least { pivot.above() } else { Some(pivot) };
                        let n_before = divisor.map_or(n, |divisor| partition::<V>(place, n, divisor));
                        if k < n_before {
                            if is_least {
                                return;
                            }
                            n = n_before;
                        } else {
                            bound = Some(pivot);
                            place = place.at(n_before);
                            (n, k) = (n - n_before, k - n_before);
                        }
                    }
                    sort_few::<V>(place, n);
                }
            }
        }
    };
}

compiled_for!(avx2, "avx2,bmi1,bmi2,lzcnt,popcnt");
compiled_for!(avx512, "avx512f,avx512dq,avx512vl,avx512bw,avx2,bmi1,bmi2,lzcnt,popcnt");
compiled_for!(vbmi2, "avx512vbmi2,avx512f,avx512dq,avx512vl,avx512bw,avx2,bmi1,bmi2,lzcnt,popcnt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heap_sort_of_keys_and_pairs() {
        for n in 0..70usize {
            let mut keys: Vec<i32> = (0..n as i32).map(|idx| idx * 37 % 11 - 5).collect();
            let mut expected = keys.clone();
            expected.sort_unstable();
            // SAFETY: so many elements.
            unsafe { heap_sort(keys.as_mut_ptr(), n) };
            assert_eq!(keys, expected);
        }
        let (mut keys, mut values) = ([3u64, 1, 3, 2, 3], [0i64, 1, 2, 3, 4]);
        // SAFETY: so many elements.
        unsafe { heap_sort((keys.as_mut_ptr(), values.as_mut_ptr()), 5) };
        assert_eq!((keys, values), ([1, 2, 3, 3, 3], [1, 3, 0, 2, 4]));
    }
}

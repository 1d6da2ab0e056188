//! Sorting by networks: a few vectors, held in registers, are the rows of a matrix.
//!
//! First every column is sorted, which compares whole vectors. Then columns are merged, two by two, until all are one;
//! each step leaves what it merged in order of rows. In a bitonic merge of two sorted halves the first is compared with
//! the reversed second, so the second vector of a pair is reversed in the lanes that are merged.

use super::lanes::{Exchange, Lanes, Place};

/// Compares rows in place.
macro_rules! exchange {
    ($rows:ident, $(($a:literal, $b:literal))*) => {$(
        // SAFETY: promised by the caller.
        ($rows[$a], $rows[$b]) = unsafe { $rows[$a].sort2($rows[$b]) };
    )*};
}

/// Sorts all columns, by the networks with the fewest comparisons that are known.
///
/// # Safety
/// That of [`Exchange`]; the length is 1, 2, 4, 8 or 16.
#[inline(always)]
unsafe fn sort_columns<V: Exchange, const R: usize>(rows: &mut [V; R]) {
    if R == 2 {
        exchange!(rows, (0, 1));
    }
    if R == 4 {
        exchange!(rows, (0, 1)(2, 3)(0, 2)(1, 3)(1, 2));
    }
    if R == 8 {
        exchange!(rows, (0, 2)(1, 3)(4, 6)(5, 7));
        exchange!(rows, (0, 4)(1, 5)(2, 6)(3, 7));
        exchange!(rows, (0, 1)(2, 3)(4, 5)(6, 7));
        exchange!(rows, (2, 4)(3, 5));
        exchange!(rows, (1, 4)(3, 6));
        exchange!(rows, (1, 2)(3, 4)(5, 6));
    }
    if R == 16 {
        exchange!(rows, (0, 13)(1, 12)(2, 15)(3, 14)(4, 8)(5, 6)(7, 11)(9, 10));
        exchange!(rows, (0, 5)(1, 7)(2, 9)(3, 4)(6, 13)(8, 14)(10, 15)(11, 12));
        exchange!(rows, (0, 1)(2, 3)(4, 5)(6, 8)(7, 9)(10, 11)(12, 13)(14, 15));
        exchange!(rows, (0, 2)(1, 3)(4, 10)(5, 11)(6, 7)(8, 9)(12, 14)(13, 15));
        exchange!(rows, (1, 2)(3, 12)(4, 6)(5, 7)(8, 10)(9, 11)(13, 14));
        exchange!(rows, (1, 4)(2, 6)(5, 8)(7, 10)(9, 13)(11, 14));
        exchange!(rows, (2, 4)(3, 6)(9, 12)(11, 13));
        exchange!(rows, (3, 5)(6, 8)(7, 9)(10, 12));
        exchange!(rows, (3, 4)(5, 6)(7, 8)(9, 10)(11, 12));
        exchange!(rows, (6, 7)(8, 9));
    }
}

/// Compares rows with reversed ones in place.
macro_rules! exchange_reversed {
    ($M:ident, $rows:ident, $(($a:literal, $b:literal))*) => {$(
        // SAFETY: promised by the caller.
        ($rows[$a], $rows[$b]) = unsafe { $rows[$a].sort2($rows[$b].swap::<$M>()) };
    )*};
}

/// Makes sorted groups of `M + 1` columns of sorted groups of half as many.
///
/// # Safety
/// That of [`Lanes`].
#[inline(always)]
unsafe fn merge<V: Lanes, const R: usize, const M: usize>(rows: &mut [V; R]) {
    if R == 16 {
        exchange_reversed!(M, rows, (0, 15)(1, 14)(2, 13)(3, 12)(4, 11)(5, 10)(6, 9)(7, 8));
        exchange_reversed!(M, rows, (8, 15)(9, 14)(10, 13)(11, 12));
    }
    if R >= 8 {
        exchange_reversed!(M, rows, (0, 7)(1, 6)(2, 5)(3, 4));
    }
    if R == 16 {
        exchange_reversed!(M, rows, (8, 11)(9, 10)(12, 15)(13, 14));
    }
    if R >= 8 {
        exchange_reversed!(M, rows, (4, 7)(5, 6));
    }
    if R >= 4 {
        exchange_reversed!(M, rows, (0, 3)(1, 2));
    }
    if R == 16 {
        exchange_reversed!(M, rows, (8, 9)(10, 11)(12, 13)(14, 15));
    }
    if R >= 8 {
        exchange_reversed!(M, rows, (4, 5)(6, 7));
    }
    if R >= 4 {
        exchange_reversed!(M, rows, (2, 3));
    }
    if R >= 2 {
        exchange_reversed!(M, rows, (0, 1));
    }
    for row in rows {
        // SAFETY: promised by the caller.
        unsafe {
            *row = row.sort_lanes::<M>();
            if M >= 31 {
                *row = row.sort_lanes::<8>();
            }
            if M >= 15 {
                *row = row.sort_lanes::<4>();
            }
            if M >= 7 {
                *row = row.sort_lanes::<2>();
            }
            if M >= 3 {
                *row = row.sort_lanes::<1>();
            }
        }
    }
}

/// Sorts what `R` vectors hold, and more than half as many do.
///
/// # Safety
/// That of [`Lanes`].
#[inline(always)]
unsafe fn sort_rows<V: Lanes, const R: usize>(place: V::Place, n: usize) {
    // SAFETY: promised by the caller; no more than `n` elements are loaded and stored.
    unsafe {
        let mut rows = [V::largest(); R];
        for (idx, row) in rows.iter_mut().enumerate() {
            let first = idx * V::N;
            *row = match idx < R / 2 {
                true => V::load(place.at(first)),
                false => V::load_first(place.at(first), n.saturating_sub(first)),
            };
        }
        sort_columns(&mut rows);
        if V::N >= 2 {
            merge::<V, R, 1>(&mut rows);
        }
        if V::N >= 4 {
            merge::<V, R, 3>(&mut rows);
        }
        if V::N >= 8 {
            merge::<V, R, 7>(&mut rows);
        }
        if V::N >= 16 {
            merge::<V, R, 15>(&mut rows);
        }
        if V::N >= 32 {
            merge::<V, R, 31>(&mut rows);
        }
        for (idx, row) in rows.into_iter().enumerate() {
            let first = idx * V::N;
            row.store_first(place.at(first), n.saturating_sub(first));
        }
    }
}

/// Sorts at most `V::N_ROWS` vectors of elements.
///
/// # Safety
/// That of [`Lanes`].
#[inline(always)]
pub unsafe fn sort_matrix<V: Lanes>(place: V::Place, n: usize) {
    // SAFETY: promised by the caller.
    unsafe {
        match n.div_ceil(V::N) {
            0 | 1 => sort_rows::<V, 1>(place, n),
            2 => sort_rows::<V, 2>(place, n),
            3 | 4 => sort_rows::<V, 4>(place, n),
            5..=8 => sort_rows::<V, 8>(place, n),
            _ if V::N_ROWS == 16 => sort_rows::<V, 16>(place, n),
            _ => unreachable!("too many elements for a network"),
        }
    }
}

/// Sorts the rows of a matrix whose elements are a bitonic sequence: rising, then falling, or the other way round.
///
/// # Safety
/// That of [`Lanes`].
#[inline(always)]
unsafe fn sort_bitonic<V: Lanes, const R: usize>(rows: &mut [V; R]) {
    if R == 16 {
        exchange!(rows, (0, 8)(1, 9)(2, 10)(3, 11)(4, 12)(5, 13)(6, 14)(7, 15));
        exchange!(rows, (8, 12)(9, 13)(10, 14)(11, 15));
    }
    exchange!(rows, (0, 4)(1, 5)(2, 6)(3, 7)(0, 2)(1, 3)(4, 6)(5, 7)(0, 1)(2, 3)(4, 5)(6, 7));
    if R == 16 {
        exchange!(rows, (8, 10)(9, 11)(12, 14)(13, 15)(8, 9)(10, 11)(12, 13)(14, 15));
    }
    for row in rows {
        // SAFETY: promised by the caller.
        unsafe {
            if V::N >= 32 {
                *row = row.sort_lanes::<16>();
            }
            if V::N >= 16 {
                *row = row.sort_lanes::<8>();
            }
            if V::N >= 8 {
                *row = row.sort_lanes::<4>();
            }
            *row = row.sort_lanes::<2>().sort_lanes::<1>();
        }
    }
}

/// Merges `R` full vectors of sorted elements with the sorted ones behind them, at most as many.
///
/// # Safety
/// That of [`Lanes`].
#[inline(always)]
unsafe fn merge_rows<V: Lanes, const R: usize>(place: V::Place, n: usize) {
    // SAFETY: promised by the caller; no more than `n` elements are loaded and stored.
    unsafe {
        let n_after = |idx: usize| n.saturating_sub(idx * V::N);
        let (mut lesser, mut greater) = ([V::largest(); R], [V::largest(); R]);
        for idx in 0..R {
            let last = 2 * R - 1 - idx;
            let reversed = V::load_first(place.at(last * V::N), n_after(last)).reverse();
            // That the lanes of the greater ones stay reversed does not matter: they are a bitonic sequence anyway.
            (lesser[idx], greater[R - 1 - idx]) = V::load(place.at(idx * V::N)).sort2(reversed);
        }
        sort_bitonic(&mut lesser);
        for (idx, row) in lesser.into_iter().enumerate() {
            row.store_first(place.at(idx * V::N), V::N);
        }
        sort_bitonic(&mut greater);
        for (idx, row) in greater.into_iter().enumerate() {
            row.store_first(place.at((R + idx) * V::N), n_after(R + idx));
        }
    }
}

/// Merges `V::N_ROWS` full vectors of sorted elements with the sorted ones behind them, at most as many.
///
/// # Safety
/// That of [`Lanes`].
#[inline(always)]
pub unsafe fn merge_matrices<V: Lanes>(place: V::Place, n: usize) {
    // SAFETY: promised by the caller.
    unsafe {
        match V::N_ROWS {
            16 => merge_rows::<V, 16>(place, n),
            _ => merge_rows::<V, 8>(place, n),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 64 columns of bits: the lesser of two is their conjunction.
    impl Exchange for u64 {
        unsafe fn sort2(self, other: u64) -> (u64, u64) {
            (self & other, self | other)
        }
    }

    /// A network that sorts all sequences of zeros and ones sorts everything.
    fn sorts_zeros_and_ones<const R: usize>() {
        for first in (0..1u32 << R).step_by(64) {
            let bit = |input: u32, row: usize| u64::from(input >> row & 1);
            let inputs = first..first + 64;
            let mut rows: [u64; R] =
                std::array::from_fn(|row| inputs.clone().fold(0, |bits, input| bits << 1 | bit(input, row)));
            // SAFETY: needs no instructions of its own.
            unsafe { sort_columns(&mut rows) };
            assert!(rows.is_sorted_by(|a, b| a & !b == 0), "of {R} rows, inputs from {first:#b}");
        }
    }

    #[test]
    fn columns() {
        sorts_zeros_and_ones::<2>();
        sorts_zeros_and_ones::<4>();
        sorts_zeros_and_ones::<8>();
        sorts_zeros_and_ones::<16>();
    }
}

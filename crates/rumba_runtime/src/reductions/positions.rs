//! Where the first extreme is: `argmax` and `argmin`.

use super::{Number, Reduction};
use crate::vectorised::vectorised;
use std::marker::PhantomData;

/// Elements that are looked at together.
const BLOCK: usize = 512;

/// Whether an element that comes later is the one to choose: it is larger (`MAX`) or smaller, or the first nan.
#[inline(always)]
pub fn is_beyond<T: Number, const MAX: bool>(element: T, best: T) -> bool {
    let keeps = if MAX { best.at_least(element) } else { element.at_least(best) };
    !keeps && !best.is_nan()
}

/// The first extreme among `best`, which is at `position`, and the elements behind, the first of which is at `offset`.
#[inline(always)]
fn extreme_behind<T: Number, const MAX: bool>(
    mut best: T,
    mut position: i64,
    elements: &[T],
    offset: i64,
) -> (T, i64) {
    for (block_idx, block) in elements.chunks(BLOCK).enumerate() {
        if best.is_final::<MAX>() {
            break;
        }
        let extreme = T::extreme_of::<MAX>(block[0], block);
        if is_beyond::<T, MAX>(extreme, best) {
            // The sign of zero is no matter: neither is beyond the other.
            let idx = T::position_of(extreme, block).expect("the extreme is one of the elements");
            best = block[idx];
            position = offset + (block_idx * BLOCK + idx) as i64;
        }
    }
    (best, position)
}

vectorised! {
    fn largest_behind<T: Number>(best: T, position: i64, elements: &[T], offset: i64) -> (T, i64) {
        extreme_behind::<T, true>(best, position, elements, offset)
    }

    fn smallest_behind<T: Number>(best: T, position: i64, elements: &[T], offset: i64) -> (T, i64) {
        extreme_behind::<T, false>(best, position, elements, offset)
    }
}

fn behind<T: Number, const MAX: bool>(best: T, position: i64, elements: &[T], offset: i64) -> (T, i64) {
    if elements.len() < 16 {
        let is_next = |(best, position): (T, i64), (idx, element): (usize, &T)| {
            if is_beyond::<T, MAX>(*element, best) {
                (*element, offset + idx as i64)
            } else {
                (best, position)
            }
        };
        return elements.iter().enumerate().fold((best, position), is_next);
    }
    match MAX {
        true => largest_behind(best, position, elements, offset),
        false => smallest_behind(best, position, elements, offset),
    }
}

/// The position of the first extreme of elements, of which there is one at least.
pub fn first_extreme<T: Number, const MAX: bool>(elements: &[T]) -> i64 {
    behind::<T, MAX>(elements[0], 0, elements, 0).1
}

pub struct Position<T, const MAX: bool>(PhantomData<T>);

impl<T: Number, const MAX: bool> Reduction for Position<T, MAX> {
    type Element = T;
    type Result = i64;
    const IDENTITY: Option<i64> = None;

    fn start(_: T) -> i64 {
        0
    }

    fn step(_: i64, _: T) -> i64 {
        unreachable!("positions are found in blocks")
    }

    unsafe fn block(state: *mut u8, block: &[T], done: i64, _total: i64) -> i64 {
        let state = state.cast::<(T, i64)>();
        let Some(first) = block.first() else { return 0 };
        // SAFETY: promised by the caller; the block before this one wrote the state.
        let (best, position) = if done == 0 { (*first, 0) } else { unsafe { state.read() } };
        let (best, position) = behind::<T, MAX>(best, position, block, done);
        // SAFETY: promised by the caller.
        unsafe { state.write((best, position)) };
        position
    }
}

//! Sorting along an axis, the order that sorts, partitions, and searching what is sorted.

use super::{Element, NewArray, Raise, Result, View, kernels, vector_sort};
use std::borrow::Cow;

kernels! {
    sort<T: all>(array: View<'_, T>, axis: i64, stable: bool) -> ();
    argsort<T: all>(array: View<'_, T>, axis: i64) -> NewArray<i64>;
    partition<T: all>(array: View<'_, T>, positions: View<'_, i64>, axis: i64) -> ();
    argpartition<T: all>(array: View<'_, T>, positions: View<'_, i64>, axis: i64) -> NewArray<i64>;
    reorder<T: all>(array: View<'_, T>, order: View<'_, i64>, axis: i64) -> ();
    lexsort_rows<T: all>(keys: View<'_, T>, axis: i64) -> NewArray<i64>;
    search_sorted<T: all>(array: View<'_, T>, values: View<'_, T>, right: bool, sorter: Option<View<'_, i64>>) -> NewArray<i64>;
}

/// Sorts an array in place.
fn sort<T: Element>(array: View<'_, T>, axis: i64, stable: bool) -> Result<()> {
    for mut lane in array.lanes(axis as usize) {
        lane.with_mut_slice(|elements| match stable {
            // Equal integers cannot be told apart.
            true if !T::IS_INTEGER => elements.sort_by(Element::order),
            _ => sort_elements(elements),
        });
    }
    Ok(())
}

/// Sorts in any order of equal elements.
pub(super) fn sort_elements<T: Element>(elements: &mut [T]) {
    let (numbers, nans) = numbers_first(elements);
    nans.sort_unstable_by(Element::order);
    if !vector_sort::sort(numbers) && !sort_by_counting(numbers) {
        numbers.sort_unstable_by(Element::order_of_numbers);
    }
}

/// Moves what is nan, or has one in it, to the end; gives both parts. The order of numbers is a plain comparison.
fn numbers_first<T: Element>(elements: &mut [T]) -> (&mut [T], &mut [T]) {
    // Blocks are looked at without a branch.
    let has_nan = |block: &[T]| block.iter().fold(false, |any, element| any | element.is_nan());
    if !elements.chunks(256).any(has_nan) {
        return (elements, &mut []);
    }
    let mut n_numbers = 0;
    for idx in 0..elements.len() {
        if !elements[idx].is_nan() {
            elements.swap(idx, n_numbers);
            n_numbers += 1;
        }
    }
    elements.split_at_mut(n_numbers)
}

/// Sorts many elements of few values: counts each. `false` if nothing was done.
fn sort_by_counting<T: Element>(elements: &mut [T]) -> bool {
    let n_values = match T::KEY_BITS {
        8 => 1 << 8,
        16 => 1 << 16,
        _ => return false,
    };
    if elements.len() < n_values / 8 {
        return false;
    }
    // Several tables in turn, if they are small: to count the same value again at once would wait for memory.
    let n_tables = if n_values > 256 { 1 } else { 4 };
    let mut counts = vec![0usize; n_tables * n_values];
    for group in elements.chunks(n_tables) {
        for (table, element) in group.iter().enumerate() {
            counts[table * n_values + element.key() as usize] += 1;
        }
    }
    let mut rest = elements;
    for value in 0..n_values {
        let count = (0..n_tables).map(|table| counts[table * n_values + value]).sum();
        let (run, behind) = rest.split_at_mut(count);
        run.fill(T::from_key(value as u64));
        rest = behind;
    }
    true
}

/// The positions of the elements of a lane in sorted order; those of equal ones in their own order.
pub(super) fn sorted_order<T: Element>(elements: &[T]) -> Vec<i64> {
    if let Some(mut packed) = keys_with_positions(elements) {
        sort_elements(&mut packed);
        return packed.into_iter().map(|packed| packed as u32 as i64).collect();
    }
    let mut order: Vec<i64> = (0..elements.len() as i64).collect();
    if T::KEY_BITS == 0 || !vector_sort::sort_pairs(&mut keys(elements), &mut order) {
        order.sort_by(|a, b| elements[*a as usize].order(&elements[*b as usize]));
    }
    order
}

fn keys<T: Element>(elements: &[T]) -> Vec<u64> {
    elements.iter().map(Element::key).collect()
}

/// Key and position in one integer, if there is room: equal keys are told apart by their positions, so any sort of these
/// is stable.
fn keys_with_positions<T: Element>(elements: &[T]) -> Option<Vec<u64>> {
    let fit = (1..=32).contains(&T::KEY_BITS) && elements.len() <= u32::MAX as usize;
    fit.then(|| elements.iter().zip(0..).map(|(element, idx)| element.key() << 32 | idx).collect())
}

/// New arrays of positions, made lane by lane along an axis.
fn along_lanes<T: Element>(
    array: &View<'_, T>,
    axis: i64,
    order: impl Fn(&[T]) -> Result<Vec<i64>>,
) -> Result<NewArray<i64>> {
    let mut result = NewArray::of_shape(array.extents())?;
    for (lane, mut target) in array.lanes(axis as usize).zip(result.view().lanes(axis as usize)) {
        let copy;
        let elements = match lane.as_slice() {
            Some(elements) => elements,
            None => {
                copy = lane.iter().collect::<Vec<T>>();
                &copy[..]
            }
        };
        let order = order(elements)?;
        order.into_iter().enumerate().for_each(|(idx, position)| target.set(idx, position));
    }
    Ok(result)
}

fn argsort<T: Element>(array: View<'_, T>, axis: i64) -> Result<NewArray<i64>> {
    along_lanes(&array, axis, |elements| Ok(sorted_order(elements)))
}

/// Positions of a partition, wrapped, checked and in rising order.
fn partition_positions(positions: &View<'_, i64>, n: usize) -> Result<Vec<usize>> {
    let wrapped = positions.iter().map(|position| {
        let wrapped = if position < 0 { position + n as i64 } else { position };
        match usize::try_from(wrapped) {
            Ok(wrapped) if wrapped < n => Ok(wrapped),
            _ => Err(Raise::value_error(format!("kth(={wrapped}) out of bounds ({n})"))),
        }
    });
    let mut positions = wrapped.collect::<Result<Vec<_>>>()?;
    positions.sort_unstable();
    positions.dedup();
    Ok(positions)
}

/// Lets a position have the element that sorting would put there, smaller ones before and larger ones behind it. There is
/// no nan.
pub(super) fn select<T: Element>(elements: &mut [T], position: usize) {
    if !vector_sort::select(elements, position) {
        elements.select_nth_unstable_by(position, Element::order_of_numbers);
    }
}

/// Calls a selection for every position, which ascend: with how many elements are in their place already.
fn select_all(positions: &[usize], mut select: impl FnMut(usize, usize)) {
    let mut first = 0;
    for position in positions {
        select(first, position - first);
        first = position + 1;
    }
}

fn partition<T: Element>(array: View<'_, T>, positions: View<'_, i64>, axis: i64) -> Result<()> {
    let positions = partition_positions(&positions, array.extent(axis as usize))?;
    for mut lane in array.lanes(axis as usize) {
        lane.with_mut_slice(|elements| {
            let (numbers, nans) = numbers_first(elements);
            nans.sort_unstable_by(Element::order);
            let positions = &positions[..positions.partition_point(|position| *position < numbers.len())];
            select_all(positions, |first, position| select(&mut numbers[first..], position));
        });
    }
    Ok(())
}

fn argpartition<T: Element>(
    array: View<'_, T>,
    positions: View<'_, i64>,
    axis: i64,
) -> Result<NewArray<i64>> {
    let positions = partition_positions(&positions, array.extent(axis as usize))?;
    along_lanes(&array, axis, |elements| {
        if let Some(mut packed) = keys_with_positions(elements) {
            select_all(&positions, |first, position| select(&mut packed[first..], position));
            return Ok(packed.into_iter().map(|packed| packed as u32 as i64).collect());
        }
        let mut order: Vec<i64> = (0..elements.len() as i64).collect();
        let mut keys = if T::KEY_BITS == 0 { Vec::new() } else { keys(elements) };
        select_all(&positions, |first, position| {
            let order = &mut order[first..];
            if T::KEY_BITS == 0 || !vector_sort::select_pairs(&mut keys[first..], order, position) {
                order.select_nth_unstable_by(position, |a, b| {
                    elements[*a as usize].order(&elements[*b as usize])
                });
            }
        });
        Ok(order)
    })
}

/// Sorts positions by the elements there; positions of equal ones stay in order. One step of `np.lexsort`.
fn reorder<T: Element>(array: View<'_, T>, order: View<'_, i64>, axis: i64) -> Result<()> {
    if array.extents() != order.extents() {
        return Err(Raise::value_error("all keys need to be the same shape"));
    }
    for (lane, mut order) in array.lanes(axis as usize).zip(order.lanes(axis as usize)) {
        order.with_mut_slice(|order| sort_by_key(&lane.iter().collect::<Vec<T>>(), order));
    }
    Ok(())
}

fn sort_by_key<T: Element>(key: &[T], order: &mut [i64]) {
    order.sort_by(|a, b| key[*a as usize].order(&key[*b as usize]));
}

/// `np.lexsort` by the rows of an array, the last of which decides first.
fn lexsort_rows<T: Element>(keys: View<'_, T>, axis: i64) -> Result<NewArray<i64>> {
    let (n_keys, extents, strides) = (keys.extent(0), &keys.extents()[1..], &keys.strides()[1..]);
    let axis = axis as usize;
    let mut result = NewArray::of_shape(extents)?;
    for mut target in result.view().lanes(axis) {
        target.with_mut_slice(|order| order.iter_mut().zip(0..).for_each(|(target, idx)| *target = idx));
    }
    for idx in 0..n_keys {
        let row = keys.data().wrapping_byte_offset(idx as isize * keys.strides()[0] as isize);
        // SAFETY: one row of the keys.
        let row = unsafe { View::new(row, extents, strides) };
        reorder(row, result.view(), axis as i64)?;
    }
    Ok(result)
}

/// The elements at the positions that a `sorter` gives.
pub(super) fn in_order_of<'a, T: Copy>(
    elements: Cow<'a, [T]>,
    sorter: Option<View<'_, i64>>,
) -> Result<Cow<'a, [T]>> {
    let Some(sorter) = sorter else { return Ok(elements) };
    if sorter.size() != elements.len() {
        return Err(Raise::value_error("sorter.size must equal a.size"));
    }
    let permuted = sorter.iter().map(|position| {
        let element = usize::try_from(position).ok().and_then(|position| elements.get(position));
        element.copied().ok_or_else(|| Raise::value_error("Sorter index out of range."))
    });
    Ok(permuted.collect::<Result<Vec<T>>>()?.into())
}

/// Where values would be inserted into a sorted array: before what is equal, or behind it.
fn search_sorted<T: Element>(
    array: View<'_, T>,
    values: View<'_, T>,
    right: bool,
    sorter: Option<View<'_, i64>>,
) -> Result<NewArray<i64>> {
    let sorted = array.as_slice().map_or_else(|| array.to_vec().into(), Cow::Borrowed);
    let sorted = in_order_of(sorted, sorter)?;
    let mut result = NewArray::of_shape(values.extents())?;
    let targets = result.as_mut_slice().iter_mut();
    match right {
        false => targets.zip(values.iter()).for_each(|(target, value)| {
            *target = sorted.partition_point(|element| element.less(&value)) as i64;
        }),
        true => targets.zip(values.iter()).for_each(|(target, value)| {
            *target = sorted.partition_point(|element| !value.less(element)) as i64;
        }),
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_last() {
        let mut elements = [f64::NAN, 2.0, -1.0, f64::NAN, f64::INFINITY];
        sort_elements(&mut elements);
        assert_eq!(elements[..3], [-1.0, 2.0, f64::INFINITY]);
        assert!(elements[3..].iter().all(|element| element.is_nan()));
    }

    #[test]
    fn order_of_equal_elements() {
        assert_eq!(sorted_order(&[0.0, -0.0, f64::NAN, -1.0, -f64::NAN]), [3, 0, 1, 2, 4]);
        assert_eq!(sorted_order(&[5i8, -128, 5, 127]), [1, 0, 2, 3]);
    }
}

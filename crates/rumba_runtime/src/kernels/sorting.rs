//! Sorting along an axis, the order that sorts, partitions, and searching what is sorted.

use super::{Element, NewArray, Raise, Result, View, kernels, vector_sort};

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
    if vector_sort::sort(elements) || sort_by_counting(elements) {
        return;
    }
    // Without nans the order is a plain comparison, which takes no branch.
    let mut n_numbers = elements.len();
    if (0..n_numbers).any(|idx| elements[idx].is_nan()) {
        n_numbers = 0;
        for idx in 0..elements.len() {
            if !elements[idx].is_nan() {
                elements.swap(idx, n_numbers);
                n_numbers += 1;
            }
        }
        elements[n_numbers..].sort_unstable_by(Element::order);
    }
    elements[..n_numbers].sort_unstable_by(Element::order_of_numbers);
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
    let mut counts = vec![(0usize, T::default()); n_values];
    for element in elements.iter() {
        let count = &mut counts[element.key() as usize];
        *count = (count.0 + 1, *element);
    }
    let mut rest = elements;
    for (count, element) in counts {
        let (run, behind) = rest.split_at_mut(count);
        run.fill(element);
        rest = behind;
    }
    true
}

/// The positions of the elements of a lane in sorted order; those of equal ones in their own order.
pub(super) fn sorted_order<T: Element>(elements: &[T]) -> Vec<i64> {
    let n = elements.len();
    if T::KEY_BITS == 0 || n > u32::MAX as usize {
        let mut order: Vec<i64> = (0..n as i64).collect();
        order.sort_by(|a, b| elements[*a as usize].order(&elements[*b as usize]));
        return order;
    }
    // Key and position in one integer: equal keys are told apart by their positions, so any sort is stable.
    if T::KEY_BITS <= 32 {
        let mut packed: Vec<u64> =
            elements.iter().zip(0..).map(|(element, idx)| element.key() << 32 | idx).collect();
        packed.sort_unstable();
        return packed.into_iter().map(|packed| packed as u32 as i64).collect();
    }
    let mut packed: Vec<u128> =
        elements.iter().zip(0..).map(|(element, idx)| u128::from(element.key()) << 64 | idx).collect();
    packed.sort_unstable();
    packed.into_iter().map(|packed| packed as u32 as i64).collect()
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

/// Lets every position have the element that sorting would put there, smaller ones before and larger ones behind it.
fn select_all<E>(elements: &mut [E], positions: &[usize], order: impl Fn(&E, &E) -> std::cmp::Ordering) {
    let mut first = 0;
    for position in positions {
        elements[first..].select_nth_unstable_by(position - first, &order);
        first = *position;
    }
}

fn partition<T: Element>(array: View<'_, T>, positions: View<'_, i64>, axis: i64) -> Result<()> {
    let positions = partition_positions(&positions, array.extent(axis as usize))?;
    for mut lane in array.lanes(axis as usize) {
        lane.with_mut_slice(|elements| select_all(elements, &positions, Element::order));
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
        let mut paired: Vec<(T, i64)> = elements.iter().copied().zip(0..).collect();
        select_all(&mut paired, &positions, |a, b| a.0.order(&b.0));
        Ok(paired.into_iter().map(|(_, position)| position).collect())
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

/// Where values would be inserted into a sorted array: before what is equal, or behind it.
fn search_sorted<T: Element>(
    array: View<'_, T>,
    values: View<'_, T>,
    right: bool,
    sorter: Option<View<'_, i64>>,
) -> Result<NewArray<i64>> {
    let mut sorted = array.as_slice().map_or_else(|| array.to_vec().into(), std::borrow::Cow::Borrowed);
    if let Some(sorter) = sorter {
        if sorter.size() != sorted.len() {
            return Err(Raise::value_error("sorter.size must equal a.size"));
        }
        let permuted = sorter.iter().map(|position| {
            let element = usize::try_from(position).ok().and_then(|position| sorted.get(position));
            element.copied().ok_or_else(|| Raise::value_error("Sorter index out of range."))
        });
        sorted = permuted.collect::<Result<Vec<T>>>()?.into();
    }
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

//! Several arrays in one. Elements are moved by their size.

use super::{NewArray, Raise, Result, View, Views, kernels};

kernels! {
    concatenate<T: raw>(arrays: Views<'_, T>, axis: i64) -> NewArray<T>;
    copy<T: raw>(array: View<'_, T>) -> NewArray<T>;
    resize<T: raw>(array: View<'_, T>, extents: &[i64]) -> NewArray<T>;
}

/// Arrays of one rank behind each other along an axis.
fn concatenate<T: Copy + Default + 'static>(arrays: Views<'_, T>, axis: i64) -> Result<NewArray<T>> {
    let axis = axis as usize;
    let mut extents = arrays[0].extents().to_vec();
    for (idx, array) in arrays.iter().enumerate().skip(1) {
        for (other, (first, own)) in extents.iter_mut().zip(array.extents()).enumerate() {
            if other == axis {
                *first = first.saturating_add(*own);
            } else if first != own {
                return Err(Raise::value_error(format!(
                    "all the input array dimensions except for the concatenation axis must match exactly, \
                     but along dimension {other}, the array at index 0 has size {first} and the array at \
                     index {idx} has size {own}"
                )));
            }
        }
    }
    let mut result = NewArray::of_shape(&extents)?;
    let target = result.view();
    let mut start = 0;
    for array in arrays.iter() {
        target.part(axis, start, array.extents()).copy_from(array);
        start += array.extents()[axis];
    }
    Ok(result)
}

/// A copy in C order.
fn copy<T: Copy + Default + 'static>(array: View<'_, T>) -> Result<NewArray<T>> {
    let mut result = NewArray::of_shape(array.extents())?;
    result.view().copy_from(&array);
    Ok(result)
}

/// The elements in C order, and again from the first, as many as fill a shape.
fn resize<T: Copy + Default + 'static>(array: View<'_, T>, extents: &[i64]) -> Result<NewArray<T>> {
    if extents.iter().any(|extent| *extent < 0) {
        return Err(Raise::value_error("all elements of `new_shape` must be non-negative"));
    }
    let size = array.size();
    if size == 0 {
        let extents: Vec<usize> = extents.iter().map(|extent| *extent as usize).collect();
        return NewArray::zeros(&extents);
    }
    let mut result = NewArray::of_shape(extents)?;
    let source = array.to_vec();
    for chunk in result.as_mut_slice().chunks_mut(size) {
        chunk.copy_from_slice(&source[..chunk.len()]);
    }
    Ok(result)
}

//! Elements repeated, rolled, left out, put in between and around. They are moved by their size.

use super::{NewArray, Raise, Result, View, kernels};

kernels! {
    repeat<T: raw>(array: View<'_, T>, axis: i64, counts: View<'_, i64>) -> NewArray<T>;
    roll<T: raw>(array: View<'_, T>, shifts: &[i64]) -> NewArray<T>;
    delete<T: raw>(array: View<'_, T>, axis: i64, positions: View<'_, i64>) -> NewArray<T>;
    insert<T: raw>(array: View<'_, T>, axis: i64, positions: View<'_, i64>, values: View<'_, T>, single: bool) -> NewArray<T>;
    pad<T: raw>(array: View<'_, T>, widths: &[i64], mode: i64, constants: View<'_, T>) -> NewArray<T>;
}

/// The extents with that of one axis replaced.
fn with_extent(extents: &[i64], axis: usize, extent: i64) -> Vec<i64> {
    let mut extents = extents.to_vec();
    extents[axis] = extent;
    extents
}

/// Each slice along an axis as often as its count says; one count is for all of them.
fn repeat<T: Copy + Default + 'static>(
    array: View<'_, T>,
    axis: i64,
    counts: View<'_, i64>,
) -> Result<NewArray<T>> {
    let (axis, counts) = (axis as usize, counts.to_vec());
    let length = array.extents()[axis];
    if counts.len() != 1 && counts.len() as i64 != length {
        let message =
            format!("operands could not be broadcast together with shape ({length},) ({},)", counts.len());
        return Err(Raise::value_error(message));
    }
    if counts.iter().any(|count| *count < 0) {
        return Err(Raise::value_error("repeats may not contain negative values."));
    }
    let count_of = |position: usize| if counts.len() == 1 { counts[0] } else { counts[position] } as usize;
    let total = (0..length as usize).try_fold(0usize, |sum, position| sum.checked_add(count_of(position)));
    let total = total.and_then(|total| i64::try_from(total).ok()).unwrap_or(i64::MAX);
    let mut result = NewArray::of_shape(&with_extent(array.extents(), axis, total))?;
    if axis + 1 == array.ndim() {
        for (source, mut target) in array.lanes(axis).zip(result.view().lanes(axis)) {
            target.with_mut_slice(|target| {
                let mut start = 0;
                for (position, element) in source.iter().enumerate() {
                    let end = start + count_of(position);
                    target[start..end].fill(element);
                    start = end;
                }
            });
        }
        return Ok(result);
    }
    let (view, slice) = (result.view(), with_extent(array.extents(), axis, 1));
    let mut next = 0;
    for position in 0..length {
        for _ in 0..count_of(position as usize) {
            view.part(axis, next, &slice).copy_from(&array.part(axis, position, &slice));
            next += 1;
        }
    }
    Ok(result)
}

/// Elements moved along every axis, those at the end to the front.
fn roll<T: Copy + Default + 'static>(array: View<'_, T>, shifts: &[i64]) -> Result<NewArray<T>> {
    let extents = array.extents();
    let mut result = NewArray::of_shape(extents)?;
    if extents.contains(&0) {
        return Ok(result);
    }
    let target = result.view();
    let shifts: Vec<i64> =
        shifts.iter().zip(extents).map(|(shift, extent)| shift.rem_euclid(*extent)).collect();
    let moved: Vec<usize> = (0..extents.len()).filter(|axis| shifts[*axis] != 0).collect();
    // Every axis that moves has two parts, which change places: one copy for each choice of parts.
    for choice in 0..1usize << moved.len() {
        let mut part = extents.to_vec();
        let (mut from, mut to) = (vec![0; extents.len()], vec![0; extents.len()]);
        for (bit, axis) in moved.iter().enumerate() {
            let shift = shifts[*axis];
            if choice >> bit & 1 == 0 {
                (part[*axis], to[*axis]) = (extents[*axis] - shift, shift);
            } else {
                (part[*axis], from[*axis]) = (shift, extents[*axis] - shift);
            }
        }
        block(&target, &to, &part).copy_from(&block(&array, &from, &part));
    }
    Ok(result)
}

/// The part of an array that begins at a position along every axis. No extent is 0.
pub(super) fn block<'v, T: Copy + 'static>(
    view: &View<'v, T>,
    start: &[i64],
    extents: &'v [i64],
) -> View<'v, T> {
    let mut offset = 0;
    for axis in 0..extents.len() {
        let fits = 0 <= start[axis] && start[axis] + extents[axis] <= view.extents()[axis];
        assert!(fits, "a block is within its array");
        offset += start[axis] * view.strides()[axis];
    }
    // SAFETY: the block is within the view.
    unsafe { View::new(view.data().wrapping_byte_offset(offset as isize), extents, view.strides()) }
}

fn wrapped(position: i64, length: i64, highest: i64, axis: usize) -> Result<i64> {
    let wrapped = if position < 0 { position + length } else { position };
    if (0..highest).contains(&wrapped) {
        return Ok(wrapped);
    }
    let message = format!("index {position} is out of bounds for axis {axis} with size {length}");
    Err(Raise::new("IndexError", message))
}

/// Copies the slices along an axis whose positions `kept` gives, to places that follow each other or to `places`.
fn move_slices<T: Copy + 'static>(
    source: &View<'_, T>,
    target: &View<'_, T>,
    axis: usize,
    pairs: &[(i64, i64)],
) {
    let mut rest = pairs;
    while let Some((from, to)) = rest.first() {
        // Neighbours that stay neighbours are moved together.
        let following = (1..).zip(&rest[1..]);
        let n_more = following.take_while(|(idx, pair)| **pair == (from + idx, to + idx)).count();
        let extents = with_extent(source.extents(), axis, 1 + n_more as i64);
        target.part(axis, *to, &extents).copy_from(&source.part(axis, *from, &extents));
        rest = &rest[1 + n_more..];
    }
}

/// The array without the slices at these positions along an axis.
fn delete<T: Copy + Default + 'static>(
    array: View<'_, T>,
    axis: i64,
    positions: View<'_, i64>,
) -> Result<NewArray<T>> {
    let axis = axis as usize;
    let length = array.extents()[axis];
    let mut kept = vec![true; length as usize];
    for position in positions.iter() {
        kept[wrapped(position, length, length, axis)? as usize] = false;
    }
    let kept = (0..length).filter(|position| kept[*position as usize]);
    let pairs: Vec<(i64, i64)> = kept.zip(0..).collect();
    let mut result = NewArray::of_shape(&with_extent(array.extents(), axis, pairs.len() as i64))?;
    move_slices(&array, &result.view(), axis, &pairs);
    Ok(result)
}

/// The array with slices of `values` before these positions along an axis. Of a single position all values go there.
fn insert<T: Copy + Default + 'static>(
    array: View<'_, T>,
    axis: i64,
    positions: View<'_, i64>,
    values: View<'_, T>,
    single: bool,
) -> Result<NewArray<T>> {
    let axis = axis as usize;
    let length = array.extents()[axis];
    let positions = positions.to_vec();
    let n_new = if single { values.extents()[axis] } else { positions.len() as i64 };
    let mut places = Vec::with_capacity(n_new as usize);
    if single {
        let start = insertion(positions[0], length, axis)?;
        places.extend(start..start + n_new);
    } else {
        let mut order = Vec::with_capacity(positions.len());
        for (idx, position) in positions.iter().enumerate() {
            order.push((insertion_of_many(*position, length, length + n_new, axis)?, idx));
        }
        order.sort();
        places.resize(n_new as usize, 0);
        for (rank, (position, idx)) in order.into_iter().enumerate() {
            let place = position + rank as i64;
            if place >= length + n_new {
                let size = length + n_new;
                let message = format!("index {place} is out of bounds for axis {axis} with size {size}");
                return Err(Raise::new("IndexError", message));
            }
            places[idx] = place;
        }
    }
    let shape = with_extent(array.extents(), axis, n_new);
    // The values broadcast to the new slices.
    let mut strides = Vec::with_capacity(shape.len());
    for (idx, (own, wanted)) in values.extents().iter().zip(&shape).enumerate() {
        if own != wanted && *own != 1 {
            let shown = |extents: &[i64]| {
                let parts: Vec<String> = extents.iter().map(i64::to_string).collect();
                format!("({}{})", parts.join(","), if parts.len() == 1 { "," } else { "" })
            };
            let (from, into) = (shown(values.extents()), shown(&shape));
            let message = format!(
                "shape mismatch: value array of shape {from} could not be broadcast to indexing result of shape {into}"
            );
            return Err(Raise::value_error(message));
        }
        strides.push(if own == wanted { values.strides()[idx] } else { 0 });
    }
    // SAFETY: where a stride is not that of the values, it is 0.
    let values = unsafe { View::new(values.data(), &shape, &strides) };
    let mut result = NewArray::of_shape(&with_extent(array.extents(), axis, length + n_new))?;
    let mut is_new = vec![false; (length + n_new) as usize];
    places.iter().for_each(|place| is_new[*place as usize] = true);
    let old = (0..length + n_new).filter(|place| !is_new[*place as usize]);
    let pairs: Vec<(i64, i64)> = (0..).zip(old).collect();
    move_slices(&array, &result.view(), axis, &pairs);
    let pairs: Vec<(i64, i64)> = (0..).zip(places).collect();
    move_slices(&values, &result.view(), axis, &pairs);
    Ok(result)
}

/// The place of a single insertion.
fn insertion(position: i64, length: i64, axis: usize) -> Result<i64> {
    if position < -length || position > length {
        let message = format!("index {position} is out of bounds for axis {axis} with size {length}");
        return Err(Raise::new("IndexError", message));
    }
    Ok(if position < 0 { position + length } else { position })
}

/// The place of one of several insertions, which NumPy checks when all are made.
fn insertion_of_many(position: i64, length: i64, total: i64, axis: usize) -> Result<i64> {
    let wrapped = if position < 0 { position + length } else { position };
    if wrapped < 0 || wrapped >= total {
        let message = format!("index {wrapped} is out of bounds for axis {axis} with size {total}");
        return Err(Raise::new("IndexError", message));
    }
    Ok(wrapped)
}

/// The array with elements around it. `widths` are before and after, by axis; modes: 0 constants (before and after, by
/// axis), 1 the edge, 2 wrapped around, 3 reflected without the edge, 4 with it, 5 of any value.
fn pad<T: Copy + Default + 'static>(
    array: View<'_, T>,
    widths: &[i64],
    mode: i64,
    constants: View<'_, T>,
) -> Result<NewArray<T>> {
    if widths.iter().any(|width| *width < 0) {
        return Err(Raise::value_error("index can't contain negative values"));
    }
    let before: Vec<i64> = widths.iter().step_by(2).copied().collect();
    let extents: Vec<i64> = array
        .extents()
        .iter()
        .zip(widths.chunks(2))
        .map(|(extent, widths)| extent.saturating_add(widths[0]).saturating_add(widths[1]))
        .collect();
    let mut result = NewArray::of_shape(&extents)?;
    let whole = result.view();
    if !array.extents().contains(&0) {
        block(&whole, &before, array.extents()).copy_from(&array);
    }
    if mode == 5 || extents.contains(&0) {
        return Ok(result);
    }
    let constants = constants.to_vec();
    // Axis by axis: what is around an axis comes from, or lies beside, what the axes before it have.
    for axis in 0..extents.len() {
        let length = array.extents()[axis];
        let widths = [widths[2 * axis], widths[2 * axis + 1]];
        if mode != 0 && length == 0 && widths != [0, 0] {
            let message =
                format!("can't extend empty axis {axis} using modes other than 'constant' or 'empty'");

            return Err(Raise::value_error(message));
        }
        let mut start = before.clone();
        let mut part = array.extents().to_vec();
        for other in 0..axis {
            (start[other], part[other]) = (0, extents[other]);
        }
        part[axis] = 1;
        if part.contains(&0) {
            continue;
        }
        let ends = [(0, widths[0]), (widths[0] + length, extents[axis])];
        for (end, (low, high)) in ends.into_iter().enumerate() {
            for place in low..high {
                start[axis] = place;
                let target = block(&whole, &start, &part);
                if mode == 0 {
                    let strides = vec![0; part.len()];
                    let constant = constants.as_ptr().wrapping_add(2 * axis + end).cast_mut();
                    // SAFETY: one constant, with strides of 0.
                    target.copy_from(&unsafe { View::new(constant, &part, &strides) });
                    continue;
                }
                let position = mirrored(place - widths[0], length, mode);
                start[axis] = widths[0] + position;
                target.copy_from(&block(&whole, &start, &part));
            }
        }
    }
    Ok(result)
}

/// The position within an axis that one outside stands for.
fn mirrored(position: i64, length: i64, mode: i64) -> i64 {
    match mode {
        1 => position.clamp(0, length - 1),
        2 => position.rem_euclid(length),
        3 if length == 1 => 0,
        3 => {
            let folded = position.rem_euclid(2 * (length - 1));
            if folded < length { folded } else { 2 * (length - 1) - folded }
        }
        _ => {
            let folded = position.rem_euclid(2 * length);
            if folded < length { folded } else { 2 * length - 1 - folded }
        }
    }
}

//! Indexing by arrays: `a[i, j]`, `a[mask]`, `np.take`, and the same to write to.
//!
//! Elements are moved by their size. The library has applied integers, slices and new axes already: what arrives is a
//! view whose first axes are those that the index arrays are for, and whose others are kept.

use super::masks::{count_true, for_each_block, split_positions, true_positions};
use super::{Argument, Bool, NewArray, Raise, Result, View, kernels};
use std::borrow::Cow;
use std::slice;

kernels! {
    gather<T: raw>(source: View<'_, T>, n_before: i64, indices: Indices<'_>) -> NewArray<T>;
    scatter<T: raw>(target: View<'_, T>, n_before: i64, indices: Indices<'_>, values: View<'_, T>) -> ();
    take<T: raw>(source: View<'_, T>, axis: i64, indices: Indices<'_>, mode: i64) -> NewArray<T>;
    put<T: raw>(target: View<'_, T>, indices: Indices<'_>, values: View<'_, T>, mode: i64) -> ();
    put_mask<T: raw>(target: View<'_, T>, mask: View<'_, Bool>, values: View<'_, T>) -> ();
    place<T: raw>(target: View<'_, T>, mask: View<'_, Bool>, values: View<'_, T>) -> ();
    take_along_axis<T: raw>(source: View<'_, T>, indices: View<'_, i64>, axis: i64) -> NewArray<T>;
    put_along_axis<T: raw>(target: View<'_, T>, indices: View<'_, i64>, values: View<'_, T>, axis: i64) -> ();
}

/// Index arrays. Slots: how many slots follow; then for each array its element type, in NumPy's order from bool to
/// uint64, the axis of the user's array that it is for, address, rank, extents, strides.
pub struct Indices<'a> {
    slots: &'a [i64],
}

impl Argument for Indices<'_> {
    type Raw = *const i64;

    unsafe fn from_raw(raw: *const i64) -> Self {
        // SAFETY: the first slot says how many follow.
        unsafe { Indices { slots: slice::from_raw_parts(raw.add(1), *raw as usize) } }
    }
}

struct Index<'a> {
    element_type: i64,
    axis: i64,
    data: *mut u8,
    extents: &'a [i64],
    strides: &'a [i64],
}

impl<'a> Indices<'a> {
    fn iter(&self) -> impl Iterator<Item = Index<'a>> {
        let mut rest = self.slots;
        std::iter::from_fn(move || {
            let [element_type, axis, data, ndim, geometry @ ..] = rest else {
                return None;
            };
            let (extents, geometry) = geometry.split_at(*ndim as usize);
            let (strides, behind) = geometry.split_at(*ndim as usize);
            rest = behind;
            Some(Index { element_type: *element_type, axis: *axis, data: *data as *mut u8, extents, strides })
        })
    }
}

impl<'a> Index<'a> {
    fn view<T: Copy + 'static>(&self) -> View<'a, T> {
        // SAFETY: the caller looked at the element type; compiled code passes an array that is valid during the call.
        unsafe { View::new(self.data.cast(), self.extents, self.strides) }
    }

    fn mask(&self) -> Option<View<'a, Bool>> {
        (self.element_type == 0).then(|| self.view())
    }

    /// Integers as int64. A copy if they may lie in memory that is written to.
    fn integers<T: Copy + 'static>(&self, written: Option<&View<'_, T>>) -> Cow<'a, [i64]> {
        macro_rules! converted {
            ($U:ty) => {
                match self.view::<$U>().as_slice() {
                    Some(positions) => positions.iter().map(|position| *position as i64).collect(),
                    None => self.view::<$U>().iter().map(|position| position as i64).collect(),
                }
            };
        }
        match self.element_type {
            1 => converted!(i8),
            2 => converted!(u8),
            3 => converted!(i16),
            4 => converted!(u16),
            5 => converted!(i32),
            6 => converted!(u32),
            _ => {
                let view = self.view::<i64>();
                match view.as_slice() {
                    Some(positions) if !written.is_some_and(|written| written.may_overlap(&view)) => {
                        positions.into()
                    }
                    _ => view.to_vec().into(),
                }
            }
        }
    }
}

/// Positions along an axis, or along several axes whose elements follow each other with one stride.
struct Positions<'a> {
    values: Cow<'a, [i64]>,
    /// The shape of the index array.
    shape: Cow<'a, [i64]>,
    extent: i64,
    stride: isize,
    /// The axis of the user's array, for messages.
    axis: i64,
}

impl Positions<'_> {
    fn out_of_bounds(&self, position: i64) -> Raise {
        let Positions { axis, extent, .. } = self;
        let message = format!("index {position} is out of bounds for axis {axis} with size {extent}");
        Raise::new("IndexError", message)
    }

    /// Byte offsets of the positions.
    fn offsets(&self) -> Result<Vec<isize>> {
        let wrapped = self.values.iter().map(|position| {
            let wrapped = wrap(*position, self.extent).ok_or_else(|| self.out_of_bounds(*position))?;
            Ok(wrapped as isize * self.stride)
        });
        wrapped.collect()
    }
}

/// A negative position counts from the end. `None` out of bounds.
#[inline]
fn wrap(position: i64, extent: i64) -> Option<i64> {
    let wrapped = if position < 0 { position + extent } else { position };
    ((wrapped as u64) < extent as u64).then_some(wrapped)
}

fn product(extents: &[i64]) -> usize {
    extents.iter().product::<i64>() as usize
}

/// What index arrays select of the first axes of an array.
struct Selection<'a> {
    positions: Vec<Positions<'a>>,
    /// The shape that the index arrays broadcast to.
    shape: Vec<i64>,
    n_axes: usize,
}

impl<'a> Selection<'a> {
    /// `written`: the array, if it is written to.
    fn new<T: Copy + 'static>(
        array: &View<'_, T>,
        indices: &Indices<'a>,
        is_written: bool,
    ) -> Result<Selection<'a>> {
        let mut positions = Vec::new();
        let mut n_axes = 0;
        for index in indices.iter() {
            let (extents, strides) = (&array.extents()[n_axes..], &array.strides()[n_axes..]);
            let Some(mask) = index.mask() else {
                positions.push(Positions {
                    values: index.integers(is_written.then_some(array)),
                    shape: index.extents.into(),
                    extent: extents[0],
                    stride: strides[0] as isize,
                    axis: index.axis,
                });
                n_axes += 1;
                continue;
            };
            let ndim = mask.ndim();
            check_mask(&mask, &extents[..ndim], index.axis)?;
            n_axes += ndim;
            let found = true_positions(&dense_mask(&mask));
            let shape = vec![found.len() as i64];
            if ndim == 0 {
                // One position that moves nothing, or none.
                positions.push(Positions {
                    values: found.into(),
                    shape: shape.into(),
                    extent: 1,
                    stride: 0,
                    axis: 0,
                });
            } else if let Some(stride) = single_stride(&extents[..ndim], &strides[..ndim]) {
                let extent = extents[..ndim].iter().product();
                positions.push(Positions {
                    values: found.into(),
                    shape: shape.into(),
                    extent,
                    stride,
                    axis: index.axis,
                });
            } else {
                for (axis, values) in split_positions(&found, &extents[..ndim]).into_iter().enumerate() {
                    let (extent, stride) = (extents[axis], strides[axis] as isize);
                    let shape = shape.clone().into();
                    positions.push(Positions {
                        values: values.into(),
                        shape,
                        extent,
                        stride,
                        axis: index.axis,
                    });
                }
            }
        }
        let shapes: Vec<&[i64]> = positions.iter().map(|positions| &positions.shape[..]).collect();
        let shape = broadcast(&shapes)?;
        Ok(Selection { positions, shape, n_axes })
    }

    /// Byte offsets of what is selected, in C order. Raises `IndexError`.
    fn offsets(&self) -> Result<Vec<isize>> {
        if let [only] = &self.positions[..] {
            return only.offsets();
        }
        let mut sums = vec![0; product(&self.shape)];
        for positions in &self.positions {
            let offsets = positions.offsets()?;
            if positions.shape[..] == self.shape {
                sums.iter_mut().zip(&offsets).for_each(|(sum, offset)| *sum += offset);
                continue;
            }
            // Row by row along the last axis, on which the positions stand still or go along.
            let strides = broadcast_strides(&positions.shape, size_of::<isize>(), self.shape.len());
            let last = self.shape.len() - 1;
            // SAFETY: strides with which the offsets broadcast to the shape.
            let view = unsafe { View::new(offsets.as_ptr().cast_mut(), &self.shape, &strides) };
            for (row, own) in sums.chunks_exact_mut((self.shape[last] as usize).max(1)).zip(view.lanes(last))
            {
                match own.as_slice() {
                    Some(own) => row.iter_mut().zip(own).for_each(|(sum, offset)| *sum += offset),
                    None => row.iter_mut().for_each(|sum| *sum += own.get(0)),
                }
            }
        }
        Ok(sums)
    }
}

/// A mask in C order.
fn dense_mask<'a>(mask: &View<'a, Bool>) -> Cow<'a, [Bool]> {
    mask.as_slice().map_or_else(|| mask.to_vec().into(), Cow::Borrowed)
}

fn check_mask(mask: &View<'_, Bool>, extents: &[i64], first_axis: i64) -> Result<()> {
    for (axis, (own, extent)) in mask.extents().iter().zip(extents).enumerate() {
        if own != extent {
            let axis = first_axis + axis as i64;
            return Err(Raise::new(
                "IndexError",
                format!(
                    "boolean index did not match indexed array along axis {axis}; size of axis is {extent} but size of \
                     corresponding boolean axis is {own}"
                ),
            ));
        }
    }
    Ok(())
}

/// The stride from each element to the next in C order, if it is the same everywhere.
fn single_stride(extents: &[i64], strides: &[i64]) -> Option<isize> {
    let (mut single, mut n_below) = (None, 1);
    for (extent, stride) in extents.iter().zip(strides).rev().filter(|(extent, _)| **extent != 1) {
        match single {
            None => single = Some(*stride),
            Some(single) if single * n_below != *stride => return None,
            Some(_) => {}
        }
        n_below *= extent;
    }
    Some(single.unwrap_or(0) as isize)
}

fn shape_text(shape: &[i64]) -> String {
    let comma = if shape.len() == 1 { "," } else { "" };
    format!("({}{comma})", shape.iter().map(i64::to_string).collect::<Vec<_>>().join(","))
}

/// The shape that index arrays broadcast to. Raises `IndexError`.
fn broadcast(shapes: &[&[i64]]) -> Result<Vec<i64>> {
    let ndim = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let mut common = vec![1; ndim];
    for shape in shapes {
        for (extent, own) in common.iter_mut().rev().zip(shape.iter().rev()) {
            if *own != 1 && *extent != 1 && own != extent {
                let shapes: Vec<String> = shapes.iter().map(|shape| shape_text(shape)).collect();
                let message = "shape mismatch: indexing arrays could not be broadcast together with shapes";
                return Err(Raise::new("IndexError", format!("{message} {} ", shapes.join(" "))));
            }
            if *extent == 1 {
                *extent = *own;
            }
        }
    }
    Ok(common)
}

/// Strides with which a C-contiguous array of a shape broadcasts to `ndim` axes.
fn broadcast_strides(shape: &[i64], item_size: usize, ndim: usize) -> Vec<i64> {
    let mut strides = vec![0; ndim];
    let mut stride = item_size as i64;
    for (own, extent) in strides.iter_mut().rev().zip(shape.iter().rev()) {
        *own = if *extent == 1 { 0 } else { stride };
        stride *= extent;
    }
    strides
}

/// What is kept of an array: the axes that stand before those of the index arrays in the result, and behind them.
fn kept<'a, T: Copy + 'static>(array: &View<'a, T>, n_axes: usize, n_before: i64) -> [View<'a, T>; 2] {
    let (extents, strides) = (&array.extents()[n_axes..], &array.strides()[n_axes..]);
    let (before, after) = extents.split_at(n_before as usize);
    let (before_strides, after_strides) = strides.split_at(n_before as usize);
    // SAFETY: axes of the array.
    unsafe {
        [View::new(array.data(), before, before_strides), View::new(array.data(), after, after_strides)]
    }
}

/// New array: `source[indices]`.
fn gather<T: Copy + Default + 'static>(
    source: View<'_, T>,
    n_before: i64,
    indices: Indices<'_>,
) -> Result<NewArray<T>> {
    if let Some((mask, stride)) = only_mask(&source, &indices)? {
        return gather_true(&source, stride, &dense_mask(&mask));
    }
    if let Some(positions) = only_positions(&source, &indices, false) {
        return gather_line(&source, &positions);
    }
    gather_selected(&source, n_before, &Selection::new(&source, &indices, false)?)
}

/// The integers that are the only index of an array of one axis.
fn only_positions<'a, T: Copy + 'static>(
    array: &View<'_, T>,
    indices: &Indices<'a>,
    is_written: bool,
) -> Option<Positions<'a>> {
    let mut all = indices.iter();
    let (Some(index), None, 1) = (all.next(), all.next(), array.ndim()) else {
        return None;
    };
    index.mask().is_none().then(|| Positions {
        values: index.integers(is_written.then_some(array)),
        shape: index.extents.into(),
        extent: array.extents()[0],
        stride: array.strides()[0] as isize,
        axis: index.axis,
    })
}

fn gather_line<T: Copy + Default + 'static>(
    source: &View<'_, T>,
    positions: &Positions<'_>,
) -> Result<NewArray<T>> {
    let mut result = NewArray::of_shape(&positions.shape)?;
    let (data, extent, stride) = (source.data(), positions.extent, positions.stride);
    for (target, position) in result.as_mut_slice().iter_mut().zip(positions.values.iter()) {
        let Some(wrapped) = wrap(*position, extent) else {
            return Err(positions.out_of_bounds(*position));
        };
        // SAFETY: the position is within the axis.
        *target = unsafe { data.wrapping_byte_offset(wrapped as isize * stride).read_unaligned() };
    }
    Ok(result)
}

fn gather_selected<T: Copy + Default + 'static>(
    source: &View<'_, T>,
    n_before: i64,
    selection: &Selection<'_>,
) -> Result<NewArray<T>> {
    let [before, after] = kept(source, selection.n_axes, n_before);
    let shape = result_shape(&before, selection, &after);
    let mut result = NewArray::of_shape(&shape)?;
    let mut targets = result.as_mut_slice();
    let offsets = selection.offsets()?;
    let n_row = after.size();
    if n_row == 1 {
        for (base, targets) in before.addresses().zip(targets.chunks_exact_mut(offsets.len().max(1))) {
            for (target, offset) in targets.iter_mut().zip(&offsets) {
                // SAFETY: the address of an element.
                *target = unsafe { base.wrapping_byte_offset(*offset).read_unaligned() };
            }
        }
        return Ok(result);
    }
    let inner = (!after.is_contiguous()).then(|| after.offsets());
    for base in before.addresses() {
        for offset in &offsets {
            let row = base.wrapping_byte_offset(*offset);
            let (target, rest) = targets.split_at_mut(n_row);
            targets = rest;
            match &inner {
                // SAFETY: addresses of elements.
                Some(inner) => target.iter_mut().zip(inner).for_each(|(target, offset)| unsafe {
                    *target = row.wrapping_byte_offset(*offset).read_unaligned();
                }),
                // SAFETY: the row is a contiguous run of elements, and the target is new.
                None if n_row >= 8 => unsafe {
                    std::ptr::copy_nonoverlapping(
                        row.cast::<u8>(),
                        target.as_mut_ptr().cast(),
                        size_of_val(target),
                    );
                },
                // SAFETY: as above.
                None => target.iter_mut().enumerate().for_each(|(idx, target)| unsafe {
                    *target = row.wrapping_add(idx).read_unaligned();
                }),
            }
        }
    }
    Ok(result)
}

fn result_shape<T: Copy + 'static>(
    before: &View<'_, T>,
    selection: &Selection<'_>,
    after: &View<'_, T>,
) -> Vec<i64> {
    [before.extents(), &selection.shape, after.extents()].concat()
}

/// The mask that is the only index and is for all axes, if the elements follow each other with one stride.
fn only_mask<'a, T: Copy + 'static>(
    array: &View<'_, T>,
    indices: &Indices<'a>,
) -> Result<Option<(View<'a, Bool>, isize)>> {
    let mut all = indices.iter();
    let (Some(index), None) = (all.next(), all.next()) else {
        return Ok(None);
    };
    let Some(mask) = index.mask().filter(|mask| mask.ndim() == array.ndim() && mask.ndim() > 0) else {
        return Ok(None);
    };
    check_mask(&mask, array.extents(), index.axis)?;
    Ok(single_stride(array.extents(), array.strides()).map(|stride| (mask, stride)))
}

fn gather_true<T: Copy + Default + 'static>(
    source: &View<'_, T>,
    stride: isize,
    mask: &[Bool],
) -> Result<NewArray<T>> {
    let mut result = NewArray::of_shape(&[count_true(mask) as i64])?;
    let targets = result.as_mut_slice();
    let mut n_found = 0;
    for_each_block(mask, |first, bits| {
        let row = source.data().wrapping_byte_offset(first as isize * stride);
        let mut bits = bits;
        // As many turns as there are elements, not as a loop that nobody can predict.
        let n_here = bits.count_ones() as usize;
        let target = &mut targets[n_found..n_found + n_here];
        for target in target {
            let offset = bits.trailing_zeros() as isize * stride;
            // SAFETY: the mask has the shape of the array.
            *target = unsafe { row.wrapping_byte_offset(offset).read_unaligned() };
            bits &= bits - 1;
        }
        n_found += n_here;
    });
    Ok(result)
}

/// What is written: one element everywhere, or each in turn.
enum Values<'a, T: Copy> {
    One(T),
    Each(Cow<'a, [T]>),
}

/// Values that broadcast to a shape, in memory that is not written to. `None` if they do not.
fn expand<'a, T: Copy + 'static>(
    values: &View<'a, T>,
    shape: &[i64],
    target: &View<'_, T>,
) -> Option<Values<'a, T>> {
    if values.size() == 1 {
        return values.iter().next().map(Values::One);
    }
    let surplus = values.ndim().saturating_sub(shape.len());
    if values.extents()[..surplus].iter().any(|extent| *extent != 1) {
        return None;
    }
    let mut strides = vec![0; shape.len()];
    let axes = values.extents()[surplus..].iter().zip(&values.strides()[surplus..]).rev();
    for ((extent, stride), (own, own_stride)) in shape.iter().zip(&mut strides).rev().zip(axes) {
        if own == extent {
            *stride = *own_stride;
        } else if *own != 1 {
            return None;
        }
    }
    let same_shape = values.size() == product(shape);
    Some(Values::Each(match values.as_slice().filter(|_| same_shape && !values.may_overlap(target)) {
        Some(elements) => elements.into(),
        // SAFETY: the values, repeated along axes of stride 0.
        None => unsafe { View::new(values.data(), shape, &strides) }.to_vec().into(),
    }))
}

/// As `expand`. Raises `ValueError`.
fn expand_to<'a, T: Copy + 'static>(
    values: &View<'a, T>,
    shape: &[i64],
    target: &View<'_, T>,
) -> Result<Values<'a, T>> {
    expand(values, shape, target).ok_or_else(|| {
        Raise::value_error(format!(
            "shape mismatch: value array of shape {} could not be broadcast to indexing result of shape {}",
            shape_text(values.extents()),
            shape_text(shape)
        ))
    })
}

/// `target[indices] = values`.
fn scatter<T: Copy + 'static>(
    target: View<'_, T>,
    n_before: i64,
    indices: Indices<'_>,
    values: View<'_, T>,
) -> Result<()> {
    if let Some((mask, stride)) = only_mask(&target, &indices)? {
        let mask = if mask.may_overlap(&target) { mask.to_vec().into() } else { dense_mask(&mask) };
        let n_true = count_true(&mask);
        if values.ndim() > 1 {
            return Err(Raise::value_error(format!(
                "NumPy boolean array indexing assignment requires a 0 or 1-dimensional input, input has {} dimensions",
                values.ndim()
            )));
        }
        let Some(values) = expand(&values, &[n_true as i64], &target) else {
            return Err(Raise::value_error(format!(
                "NumPy boolean array indexing assignment cannot assign {} input values to the {n_true} output values \
                 where the mask is true",
                values.size()
            )));
        };
        match values {
            Values::One(value) => scatter_true(&target, stride, &mask, |_| value),
            Values::Each(values) => scatter_true(&target, stride, &mask, |idx| values[idx]),
        }
        return Ok(());
    }
    if let Some(positions) = only_positions(&target, &indices, true) {
        return scatter_line(&target, &positions, &values);
    }
    let selection = Selection::new(&target, &indices, true)?;
    let [before, after] = kept(&target, selection.n_axes, n_before);
    let shape = result_shape(&before, &selection, &after);
    let values = expand_to(&values, &shape, &target)?;
    let offsets = selection.offsets()?;
    match values {
        Values::One(value) => write_selected(&before, &offsets, &after, || value),
        Values::Each(values) => {
            let mut values = values.iter();
            write_selected(&before, &offsets, &after, || *values.next().expect("as many values as elements"));
        }
    }
    Ok(())
}

fn scatter_line<T: Copy + 'static>(
    target: &View<'_, T>,
    positions: &Positions<'_>,
    values: &View<'_, T>,
) -> Result<()> {
    write_line(target, positions, expand_to(values, &positions.shape, target)?)
}

fn write_line<T: Copy + 'static>(
    target: &View<'_, T>,
    positions: &Positions<'_>,
    values: Values<'_, T>,
) -> Result<()> {
    let (data, extent, stride) = (target.data(), positions.extent, positions.stride);
    // All positions are checked before anything is written.
    if let Some(position) = positions.values.iter().find(|position| wrap(**position, extent).is_none()) {
        return Err(positions.out_of_bounds(*position));
    }
    let addresses = positions.values.iter().map(|position| {
        let wrapped = if *position < 0 { position + extent } else { *position };
        data.wrapping_byte_offset(wrapped as isize * stride)
    });
    match values {
        // SAFETY: the addresses of elements.
        Values::One(value) => addresses.for_each(|address| unsafe { address.write_unaligned(value) }),
        Values::Each(values) => {
            // SAFETY: as above.
            addresses
                .zip(values.iter())
                .for_each(|(address, value)| unsafe { address.write_unaligned(*value) });
        }
    }
    Ok(())
}

fn scatter_true<T: Copy + 'static>(
    target: &View<'_, T>,
    stride: isize,
    mask: &[Bool],
    value: impl Fn(usize) -> T,
) {
    let mut n_found = 0;
    for_each_block(mask, |first, bits| {
        let row = target.data().wrapping_byte_offset(first as isize * stride);
        let mut bits = bits;
        for _ in 0..bits.count_ones() {
            let offset = bits.trailing_zeros() as isize * stride;
            // SAFETY: the mask has the shape of the array.
            unsafe { row.wrapping_byte_offset(offset).write_unaligned(value(n_found)) };
            n_found += 1;
            bits &= bits - 1;
        }
    });
}

fn write_selected<T: Copy + 'static>(
    before: &View<'_, T>,
    offsets: &[isize],
    after: &View<'_, T>,
    mut value: impl FnMut() -> T,
) {
    let inner = after.offsets();
    for base in before.addresses() {
        for offset in offsets {
            let row = base.wrapping_byte_offset(*offset);
            for offset in &inner {
                // SAFETY: the address of an element.
                unsafe { row.wrapping_byte_offset(*offset).write_unaligned(value()) };
            }
        }
    }
}

/// `np.take` along an axis. Modes: 0 raises, 1 wraps around, 2 clips.
fn take<T: Copy + Default + 'static>(
    source: View<'_, T>,
    axis: i64,
    indices: Indices<'_>,
    mode: i64,
) -> Result<NewArray<T>> {
    let first = |values: &[i64]| -> Vec<i64> {
        let mut values = values.to_vec();
        values[..=axis as usize].rotate_right(1);
        values
    };
    let (extents, strides) = (first(source.extents()), first(source.strides()));
    // SAFETY: the axes in another order.
    let source = unsafe { View::new(source.data(), &extents, &strides) };
    let mut selection = Selection::new(&source, &indices, false)?;
    for positions in &mut selection.positions {
        positions.apply_mode(mode, "cannot do a non-empty take from an empty axes.")?;
    }
    match &selection.positions[..] {
        [only] if source.ndim() == 1 => gather_line(&source, only),
        _ => gather_selected(&source, axis, &selection),
    }
}

impl Positions<'_> {
    fn apply_mode(&mut self, mode: i64, empty: &str) -> Result<()> {
        let extent = self.extent;
        if extent == 0 && !self.values.is_empty() {
            return Err(Raise::new("IndexError", empty));
        }
        match mode {
            0 => {}
            1 => self.values.to_mut().iter_mut().for_each(|position| *position = position.rem_euclid(extent)),
            _ => self
                .values
                .to_mut()
                .iter_mut()
                .for_each(|position| *position = (*position).clamp(0, extent - 1)),
        }
        Ok(())
    }
}

/// `np.put`: writes to positions in C order, values in turn and again from the first.
fn put<T: Copy + 'static>(
    target: View<'_, T>,
    indices: Indices<'_>,
    values: View<'_, T>,
    mode: i64,
) -> Result<()> {
    let (Some(index), true) = (indices.iter().next(), values.size() > 0) else {
        return Ok(());
    };
    let single_stride = single_stride(target.extents(), target.strides());
    let mut positions = Positions {
        values: index.integers(Some(&target)),
        shape: index.extents.into(),
        extent: target.size() as i64,
        stride: single_stride.unwrap_or(1),
        axis: 0,
    };
    positions.apply_mode(mode, "cannot replace elements of an empty array")?;
    let mut values = values.to_vec();
    let new = match values[..] {
        [value] => Values::One(value),
        _ => {
            let n_given = values.len();
            (n_given..positions.values.len()).for_each(|idx| values.push(values[idx - n_given]));
            Values::Each(values.into())
        }
    };
    if single_stride.is_some() {
        return write_line(&target, &positions, new);
    }
    let all = target.offsets();
    for (idx, position) in positions.offsets()?.iter().enumerate() {
        let value = match &new {
            Values::One(value) => *value,
            Values::Each(values) => values[idx],
        };
        // SAFETY: the offset is that of an element.
        unsafe { target.data().wrapping_byte_offset(all[*position as usize]).write_unaligned(value) };
    }
    Ok(())
}

/// `np.putmask`: writes where the mask is true what `values`, repeated, has at the same position.
fn put_mask<T: Copy + 'static>(target: View<'_, T>, mask: View<'_, Bool>, values: View<'_, T>) -> Result<()> {
    if mask.size() != target.size() {
        return Err(Raise::value_error("putmask: mask and data must be the same size"));
    }
    let (values, mask) = (values.to_vec(), mask.to_vec());
    if !values.is_empty() {
        for (idx, (address, element)) in target.addresses().zip(mask).enumerate() {
            if element.get() {
                // SAFETY: the address of an element.
                unsafe { address.write_unaligned(values[idx % values.len()]) };
            }
        }
    }
    Ok(())
}

/// `np.place`: writes values in turn where the mask is true.
fn place<T: Copy + 'static>(target: View<'_, T>, mask: View<'_, Bool>, values: View<'_, T>) -> Result<()> {
    if mask.size() != target.size() {
        return Err(Raise::value_error("place: mask and data must be the same size"));
    }
    let (values, mask) = (values.to_vec(), mask.to_vec());
    let places = target.addresses().zip(mask).filter(|(_, element)| element.get());
    if values.is_empty() {
        return match places.count() {
            0 => Ok(()),
            _ => Err(Raise::value_error("Cannot insert from an empty array!")),
        };
    }
    for ((address, _), value) in places.zip(values.iter().cycle()) {
        // SAFETY: the address of an element.
        unsafe { address.write_unaligned(*value) };
    }
    Ok(())
}

/// The shape that two arrays have together but for one axis, along which it is the second's, and strides with which each
/// broadcasts to it.
fn along_axis(
    axis: usize,
    array: (&[i64], &[i64]),
    indices: (&[i64], &[i64]),
) -> Result<(Vec<i64>, [Vec<i64>; 2])> {
    let mut extents = array.0.to_vec();
    extents[axis] = 1;
    let mut own = indices.0.to_vec();
    own[axis] = 1;
    let mut shape = broadcast(&[&extents, &own])?;
    let broadcast_strides = |(extents, strides): (&[i64], &[i64])| -> Vec<i64> {
        let axes = extents.iter().zip(strides).zip(&shape).enumerate();
        axes.map(|(other, ((own, stride), extent))| if other == axis || own == extent { *stride } else { 0 })
            .collect()
    };
    let strides = [broadcast_strides(array), broadcast_strides(indices)];
    shape[axis] = indices.0[axis];
    Ok((shape, strides))
}

fn with_extent(shape: &[i64], axis: usize, extent: i64) -> Vec<i64> {
    let mut shape = shape.to_vec();
    shape[axis] = extent;
    shape
}

fn take_along_axis<T: Copy + Default + 'static>(
    source: View<'_, T>,
    indices: View<'_, i64>,
    axis: i64,
) -> Result<NewArray<T>> {
    let axis = axis as usize;
    let geometry = (source.extents(), source.strides());
    let (shape, [strides, index_strides]) =
        along_axis(axis, geometry, (indices.extents(), indices.strides()))?;
    let extent = source.extents()[axis];
    let extents = with_extent(&shape, axis, extent);
    // SAFETY: the arrays, repeated along axes of stride 0.
    let (source, indices) = unsafe {
        (View::new(source.data(), &extents, &strides), View::new(indices.data(), &shape, &index_strides))
    };
    let mut result = NewArray::<T>::of_shape(&shape)?;
    let targets = result.view().lanes(axis);
    for ((from, positions), mut to) in source.lanes(axis).zip(indices.lanes(axis)).zip(targets) {
        for (idx, position) in positions.iter().enumerate() {
            to.set(idx, from.get(lane_position(position, extent, axis)?));
        }
    }
    Ok(result)
}

fn lane_position(position: i64, extent: i64, axis: usize) -> Result<usize> {
    wrap(position, extent).map(|wrapped| wrapped as usize).ok_or_else(|| {
        let message = format!("index {position} is out of bounds for axis {axis} with size {extent}");
        Raise::new("IndexError", message)
    })
}

fn put_along_axis<T: Copy + 'static>(
    target: View<'_, T>,
    indices: View<'_, i64>,
    values: View<'_, T>,
    axis: i64,
) -> Result<()> {
    let axis = axis as usize;
    let geometry = (target.extents(), target.strides());
    let (shape, [strides, index_strides]) =
        along_axis(axis, geometry, (indices.extents(), indices.strides()))?;
    let new = expand_to(&values, &shape, &target)?;
    let mut new = match new {
        Values::One(value) => vec![value; product(&shape)],
        Values::Each(values) => values.into_owned(),
    };
    let extent = target.extents()[axis];
    let extents = with_extent(&shape, axis, extent);
    let new_strides = broadcast_strides(&shape, size_of::<T>(), shape.len());
    // SAFETY: the arrays, repeated along axes of stride 0, and the new values.
    let (target, indices, new) = unsafe {
        (
            View::new(target.data(), &extents, &strides),
            View::new(indices.data(), &shape, &index_strides),
            View::new(new.as_mut_ptr(), &shape, &new_strides),
        )
    };
    // All positions are checked before anything is written, and read, in case they lie where is written.
    let positions =
        indices.iter().map(|position| lane_position(position, extent, axis).map(|wrapped| wrapped as i64));
    let mut positions = positions.collect::<Result<Vec<i64>>>()?;
    let index_strides = broadcast_strides(&shape, size_of::<i64>(), shape.len());
    // SAFETY: the positions just collected.
    let indices = unsafe { View::new(positions.as_mut_ptr(), &shape, &index_strides) };
    for ((mut to, positions), from) in target.lanes(axis).zip(indices.lanes(axis)).zip(new.lanes(axis)) {
        for (idx, position) in positions.iter().enumerate() {
            to.set(position as usize, from.get(idx));
        }
    }
    Ok(())
}

//! Moves array elements by their size, whatever their dtype.

/// Copies elements between two strided views of one shape. Where their memory overlaps, the source is
/// read whole before anything is written.
///
/// # Safety
/// `geometry` points to `3 * ndim` slots: extents, target strides and source strides in bytes; every
/// element that they reach from `target` and `source` is valid memory of `item_size` bytes.
pub unsafe extern "C" fn rumba_copy_elements(
    target: *mut u8,
    source: *const u8,
    geometry: *const i64,
    ndim: i64,
    item_size: i64,
) {
    let (ndim, item_size) = (ndim as usize, item_size as usize);
    // SAFETY: promised by the caller.
    let geometry = unsafe { std::slice::from_raw_parts(geometry, 3 * ndim) };
    let (extents, strides) = geometry.split_at(ndim);
    let (target_strides, source_strides) = strides.split_at(ndim);
    if extents.contains(&0) {
        return;
    }
    let (target_low, target_high) = reach(target as usize, extents, target_strides, item_size);
    let (source_low, source_high) = reach(source as usize, extents, source_strides, item_size);
    if target_low < source_high && source_low < target_high {
        let n_elements = extents.iter().product::<i64>() as usize;
        let mut buffer = vec![0u8; n_elements * item_size];
        let packed = packed_strides(extents, item_size);
        // SAFETY: the buffer holds every element; the views are valid as promised.
        unsafe {
            copy(buffer.as_mut_ptr(), &packed, source, source_strides, extents, item_size);
            copy(target, target_strides, buffer.as_ptr(), &packed, extents, item_size);
        }
    } else {
        // SAFETY: the views are valid as promised, and do not overlap.
        unsafe { copy(target, target_strides, source, source_strides, extents, item_size) };
    }
}

/// The lowest and one past the highest address of a view.
fn reach(data: usize, extents: &[i64], strides: &[i64], item_size: usize) -> (usize, usize) {
    let (mut low, mut high) = (data, data + item_size);
    for (extent, stride) in extents.iter().zip(strides) {
        let distance = (extent - 1) * stride;
        if distance < 0 {
            low = low.wrapping_add_signed(distance as isize);
        } else {
            high = high.wrapping_add_signed(distance as isize);
        }
    }
    (low, high)
}

fn packed_strides(extents: &[i64], item_size: usize) -> Vec<i64> {
    let mut strides = vec![item_size as i64; extents.len()];
    for axis in (1..extents.len()).rev() {
        strides[axis - 1] = strides[axis] * extents[axis];
    }
    strides
}

/// An axis to copy along.
#[derive(Clone, Copy)]
struct Axis {
    extent: usize,
    target: isize,
    source: isize,
}

/// # Safety
/// As [`rumba_copy_elements`]; source and target do not overlap; no extent is 0.
unsafe fn copy(
    target: *mut u8,
    target_strides: &[i64],
    source: *const u8,
    source_strides: &[i64],
    extents: &[i64],
    item_size: usize,
) {
    let strides = target_strides.iter().zip(source_strides);
    let axes = extents.iter().zip(strides).map(|(extent, (target, source))| Axis {
        extent: *extent as usize,
        target: *target as isize,
        source: *source as isize,
    });
    let mut axes: Vec<Axis> = axes.filter(|axis| axis.extent != 1).collect();
    // The smallest strides of the target innermost.
    axes.sort_by_key(|axis| std::cmp::Reverse((axis.target.unsigned_abs(), axis.source.unsigned_abs())));
    axes.dedup_by(|inner, outer| {
        let extent = inner.extent as isize;
        let continues = outer.target == inner.target * extent && outer.source == inner.source * extent;
        if continues {
            *outer = Axis { extent: outer.extent * inner.extent, ..*inner };
        }
        continues
    });
    let Some(inner) = axes.pop() else {
        // SAFETY: one element each.
        return unsafe { std::ptr::copy_nonoverlapping(source, target, item_size) };
    };
    // Where another axis has the smallest strides of the source, lines of both are in the cache at once.
    let other = (0..axes.len()).min_by_key(|axis| axes[*axis].source.unsigned_abs());
    let crossing =
        other.filter(|other| (1..inner.source.unsigned_abs()).contains(&axes[*other].source.unsigned_abs()));
    let crossing = crossing.map(|other| axes.remove(other));
    walk(&axes, target, source, &mut |target, source| {
        // SAFETY: the lines and planes are within the extents.
        unsafe {
            match crossing {
                None => copy_line(target, inner.target, source, inner.source, inner.extent, item_size),
                Some(outer) => copy_plane(target, source, [outer, inner], item_size),
            }
        }
    });
}

/// Calls `visit` for every position along axes.
fn walk(axes: &[Axis], target: *mut u8, source: *const u8, visit: &mut impl FnMut(*mut u8, *const u8)) {
    let Some((axis, inner)) = axes.split_first() else { return visit(target, source) };
    for position in 0..axis.extent as isize {
        let target = target.wrapping_offset(position * axis.target);
        walk(inner, target, source.wrapping_offset(position * axis.source), visit);
    }
}

/// Elements of a side of what is copied at a time where source and target have different orders.
const TILE: usize = 16;

/// # Safety
/// As [`copy_line`], of every line along the inner axis.
unsafe fn copy_plane(target: *mut u8, source: *const u8, axes: [Axis; 2], item_size: usize) {
    // SAFETY: promised by the caller.
    unsafe {
        match item_size {
            1 => copy_tiles::<u8>(target, source, axes),
            2 => copy_tiles::<u16>(target, source, axes),
            4 => copy_tiles::<u32>(target, source, axes),
            8 => copy_tiles::<u64>(target, source, axes),
            16 => copy_tiles::<u128>(target, source, axes),
            _ => {
                let [outer, inner] = axes;
                for row in 0..outer.extent as isize {
                    let (target, source) =
                        (target.offset(row * outer.target), source.offset(row * outer.source));
                    copy_line(target, inner.target, source, inner.source, inner.extent, item_size);
                }
            }
        }
    }
}

/// # Safety
/// As [`copy_plane`].
unsafe fn copy_tiles<T: Copy>(target: *mut u8, source: *const u8, [outer, inner]: [Axis; 2]) {
    for first_row in (0..outer.extent).step_by(TILE) {
        let rows = first_row as isize..(first_row + TILE).min(outer.extent) as isize;
        for first_column in (0..inner.extent).step_by(TILE) {
            let columns = first_column as isize..(first_column + TILE).min(inner.extent) as isize;
            for row in rows.clone() {
                let (target, source) =
                    (target.wrapping_offset(row * outer.target), source.wrapping_offset(row * outer.source));
                for column in columns.clone() {
                    // SAFETY: promised by the caller.
                    unsafe {
                        let element = source.offset(column * inner.source).cast::<T>().read_unaligned();
                        target.offset(column * inner.target).cast::<T>().write_unaligned(element);
                    }
                }
            }
        }
    }
}

/// Copies elements that are some bytes apart.
///
/// # Safety
/// Source and target are valid for `n` elements of that size and distance, and do not overlap.
pub unsafe fn copy_line(
    target: *mut u8,
    target_stride: isize,
    source: *const u8,
    source_stride: isize,
    n: usize,
    item_size: usize,
) {
    // SAFETY: promised by the caller.
    unsafe {
        match item_size {
            _ if target_stride == item_size as isize && source_stride == target_stride => {
                target.copy_from_nonoverlapping(source, n * item_size);
            }
            1 => copy_items::<u8>(target, target_stride, source, source_stride, n),
            2 => copy_items::<u16>(target, target_stride, source, source_stride, n),
            4 => copy_items::<u32>(target, target_stride, source, source_stride, n),
            8 => copy_items::<u64>(target, target_stride, source, source_stride, n),
            16 => copy_items::<u128>(target, target_stride, source, source_stride, n),
            _ => {
                for idx in 0..n as isize {
                    let source = source.offset(idx * source_stride);
                    target.offset(idx * target_stride).copy_from_nonoverlapping(source, item_size);
                }
            }
        }
    }
}

/// # Safety
/// As [`copy_line`].
unsafe fn copy_items<T: Copy>(
    target: *mut u8,
    target_stride: isize,
    source: *const u8,
    source_stride: isize,
    n: usize,
) {
    // SAFETY: promised by the caller.
    let copy = |target_stride: isize, source_stride: isize| unsafe {
        for idx in 0..n as isize {
            let element = source.offset(idx * source_stride).cast::<T>().read_unaligned();
            target.offset(idx * target_stride).cast::<T>().write_unaligned(element);
        }
    };
    let size = size_of::<T>() as isize;
    // Of the commonest strides the compiler knows how to move several elements at once.
    match (target_stride == size, source_stride) {
        (true, 0) => copy(size, 0),
        (true, stride) if stride == -size => copy(size, -size),
        (true, stride) if stride == 2 * size => copy(size, 2 * size),
        (true, stride) => copy(size, stride),
        (false, stride) if stride == size => copy(target_stride, size),
        (false, stride) => copy(target_stride, stride),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assign(buffer: &mut [i32], target: usize, source: usize, geometry: &[i64]) {
        let base = buffer.as_mut_ptr();
        // SAFETY: the tests' geometries stay within the buffer.
        unsafe {
            rumba_copy_elements(
                base.add(target).cast(),
                base.add(source).cast(),
                geometry.as_ptr(),
                geometry.len() as i64 / 3,
                4,
            );
        }
    }

    #[test]
    fn overlapping_views_in_both_directions() {
        let mut buffer = [1, 2, 3, 4, 5];
        assign(&mut buffer, 1, 0, &[4, 4, 4]);
        assert_eq!(buffer, [1, 1, 2, 3, 4]);
        assign(&mut buffer, 0, 1, &[4, 4, 4]);
        assert_eq!(buffer, [1, 2, 3, 4, 4]);
    }

    #[test]
    fn reversal_in_place() {
        let mut buffer = [1, 2, 3, 4];
        assign(&mut buffer, 0, 3, &[4, 4, -4]);
        assert_eq!(buffer, [4, 3, 2, 1]);
    }

    #[test]
    fn all_orders_of_axes_and_sizes_of_elements() {
        let extents = [3_i64, 37, 20];
        let n_elements: i64 = extents.iter().product();
        for item_size in [1, 2, 3, 4, 8, 16_i64] {
            let source: Vec<u8> = (0..n_elements * item_size).map(|byte| (byte * 7 % 251) as u8).collect();
            for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
                for signs in 0..8 {
                    let (mut strides, mut stride) = ([0; 3], item_size);
                    for axis in order {
                        strides[axis] = stride;
                        stride *= extents[axis];
                    }
                    let mut first = 0;
                    for axis in (0..3).filter(|axis| signs >> axis & 1 == 1) {
                        first += (extents[axis] - 1) * strides[axis];
                        strides[axis] = -strides[axis];
                    }
                    let mut target = vec![0; source.len()];
                    let packed = packed_strides(&extents, item_size as usize);
                    let geometry = [&extents[..], &packed, &strides].concat();
                    // SAFETY: the strides are of permuted and reversed axes of the buffer.
                    unsafe {
                        let from = source.as_ptr().offset(first as isize);
                        rumba_copy_elements(target.as_mut_ptr(), from, geometry.as_ptr(), 3, item_size);
                    }
                    let mut expected = Vec::with_capacity(source.len());
                    for (i, j, k) in
                        (0..3).flat_map(|i| (0..37).flat_map(move |j| (0..20).map(move |k| (i, j, k))))
                    {
                        let at = (first + i * strides[0] + j * strides[1] + k * strides[2]) as usize;
                        expected.extend_from_slice(&source[at..at + item_size as usize]);
                    }
                    assert!(target == expected, "{item_size} {order:?} {signs}");
                }
            }
        }
    }

    #[test]
    fn transposition_of_a_square() {
        let mut buffer = [1, 2, 3, 4];
        assign(&mut buffer, 0, 0, &[2, 2, 8, 4, 4, 8]);
        assert_eq!(buffer, [1, 3, 2, 4]);
    }

    #[test]
    fn empty_and_zero_dimensional() {
        let mut buffer = [1, 2];
        assign(&mut buffer, 0, 1, &[0, 4, 4]);
        assert_eq!(buffer, [1, 2]);
        assign(&mut buffer, 0, 1, &[]);
        assert_eq!(buffer, [2, 2]);
    }
}

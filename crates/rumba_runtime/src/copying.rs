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
    let Some((extent, inner)) = extents.split_first() else {
        // SAFETY: one element each.
        return unsafe { std::ptr::copy_nonoverlapping(source, target, item_size) };
    };
    let size = item_size as i64;
    if inner.is_empty() && target_strides[0] == size && source_strides[0] == size {
        // SAFETY: both are contiguous runs of `extent` elements.
        return unsafe { std::ptr::copy_nonoverlapping(source, target, item_size * *extent as usize) };
    }
    for position in 0..*extent {
        // SAFETY: the positions are within the extents.
        unsafe {
            let target = target.offset((position * target_strides[0]) as isize);
            let source = source.offset((position * source_strides[0]) as isize);
            copy(target, &target_strides[1..], source, &source_strides[1..], inner, item_size);
        }
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

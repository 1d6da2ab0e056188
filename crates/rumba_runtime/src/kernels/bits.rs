//! Bits as elements: `np.packbits` and `np.unpackbits`; and whether arrays share memory.

use super::{Bool, NewArray, Raise, Result, View, kernels};

kernels! {
    pack_bits<T: byte>(array: View<'_, Bool>, axis: i64, little: bool) -> NewArray<T>;
    unpack_bits<T: byte>(array: View<'_, T>, axis: i64, count: Option<&'_ [i64]>, little: bool) -> NewArray<T>;
    shares_memory<T: byte>(a: View<'_, T>, b: View<'_, T>, sizes: &'_ [i64]) -> bool;
}

/// The position of a bit that is so many bits behind the first one.
fn shift(idx: usize, little: bool) -> u32 {
    let within = (idx % 8) as u32;
    if little { within } else { 7 - within }
}

fn with_extent<T>(view: &View<'_, T>, axis: usize, extent: usize) -> Vec<i64>
where
    T: Copy + 'static,
{
    let mut extents = view.extents().to_vec();
    extents[axis] = extent as i64;
    extents
}

fn pack_bits<T: From<u8> + Copy + Default + 'static>(
    array: View<'_, Bool>,
    axis: i64,
    little: bool,
) -> Result<NewArray<T>> {
    let axis = axis as usize;
    let mut result = NewArray::of_shape(&with_extent(&array, axis, array.extent(axis).div_ceil(8)))?;
    for (lane, mut target) in array.lanes(axis).zip(result.view().lanes(axis)) {
        for byte in 0..target.len() {
            let bits = (8 * byte..lane.len().min(8 * byte + 8)).filter(|idx| lane.get(*idx).get());
            target.set(byte, T::from(bits.fold(0, |byte, idx| byte | 1 << shift(idx, little))));
        }
    }
    Ok(result)
}

/// `count`: how many bits to take, those that there are not being 0; negative ones count from the end.
fn unpack_bits<T: Into<u8> + From<u8> + Copy + Default + 'static>(
    array: View<'_, T>,
    axis: i64,
    count: Option<&[i64]>,
    little: bool,
) -> Result<NewArray<T>> {
    let axis = axis as usize;
    let n_bits = 8 * array.extent(axis) as i64;
    let n = match count {
        None => n_bits,
        Some([count]) if *count >= 0 => *count,
        Some(count) => n_bits + count[0],
    };
    if n < 0 {
        let message = format!("-ve count of {} is larger than the number of bits", n - n_bits);
        return Err(Raise::value_error(message));
    }
    let mut result = NewArray::of_shape(&with_extent(&array, axis, n as usize))?;
    for (lane, mut target) in array.lanes(axis).zip(result.view().lanes(axis)) {
        for idx in 0..target.len() {
            let bit =
                if idx < 8 * lane.len() { lane.get(idx / 8).into() >> shift(idx, little) & 1 } else { 0 };
            target.set(idx, T::from(bit));
        }
    }
    Ok(result)
}

/// Whether a byte belongs to elements of both arrays, whose elements have these sizes.
fn shares_memory<T: Copy + 'static>(a: View<'_, T>, b: View<'_, T>, sizes: &[i64]) -> Result<bool> {
    let ranges = |view: &View<'_, T>, size: i64| -> Vec<(usize, usize)> {
        let mut ranges: Vec<(usize, usize)> =
            view.addresses().map(|address| (address as usize, address as usize + size as usize)).collect();
        ranges.sort_unstable();
        ranges
    };
    let (a, b) = (ranges(&a, sizes[0]), ranges(&b, sizes[1]));
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some((a_start, a_end)), Some((b_start, b_end))) = (a.peek(), b.peek()) {
        if a_start < b_end && b_start < a_end {
            return Ok(true);
        }
        if a_end <= b_start {
            a.next();
        } else {
            b.next();
        }
    }
    Ok(false)
}

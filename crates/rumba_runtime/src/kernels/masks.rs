//! Where masks and arrays are true: counting, positions, walking over the true ones.

use super::{Bool, Element, NewArray, Result, View, kernels};

kernels! {
    nonzero<T: all>(array: View<'_, T>) -> Vec<NewArray<i64>>;
    flat_nonzero<T: all>(array: View<'_, T>) -> NewArray<i64>;
    argwhere<T: all>(array: View<'_, T>) -> NewArray<i64>;
}

/// Positions along each axis of what is not zero, in C order.
fn nonzero<T: Element>(array: View<'_, T>) -> Result<Vec<NewArray<i64>>> {
    let flat = flat_positions(&array);
    split_positions(&flat, array.extents()).iter().map(|positions| NewArray::from_slice(positions)).collect()
}

/// Positions in C order of what is not zero.
fn flat_nonzero<T: Element>(array: View<'_, T>) -> Result<NewArray<i64>> {
    NewArray::from_slice(&flat_positions(&array))
}

/// As `nonzero`, as the rows of one array.
fn argwhere<T: Element>(array: View<'_, T>) -> Result<NewArray<i64>> {
    let flat = flat_positions(&array);
    let columns = split_positions(&flat, array.extents());
    let mut rows = NewArray::of_shape(&[flat.len() as i64, columns.len() as i64])?;
    let n_columns = columns.len();
    for (idx, column) in columns.iter().enumerate() {
        let targets = rows.as_mut_slice().iter_mut().skip(idx).step_by(n_columns);
        targets.zip(column).for_each(|(target, position)| *target = *position);
    }
    Ok(rows)
}

/// Positions in C order of what is not zero.
fn flat_positions<T: Element>(array: &View<'_, T>) -> Vec<i64> {
    let copy;
    let elements = match array.as_slice() {
        Some(elements) => elements,
        None => {
            copy = array.to_vec();
            &copy[..]
        }
    };
    let mut positions = Vec::new();
    for (idx, chunk) in elements.chunks(512).enumerate() {
        let mut mask = [Bool(0); 512];
        mask.iter_mut().zip(chunk).for_each(|(target, element)| *target = element.is_true().into());
        push_positions(&mask[..chunk.len()], 512 * idx, &mut positions);
    }
    positions
}

/// Positions of what is true in a mask.
pub(super) fn true_positions(mask: &[Bool]) -> Vec<i64> {
    let mut positions = Vec::with_capacity(count_true(mask) + 8);
    push_positions(mask, 0, &mut positions);
    positions
}

/// Appends the positions of what is true, counted from `base`.
fn push_positions(mask: &[Bool], base: usize, positions: &mut Vec<i64>) {
    for_each_block(mask, |first, bits| {
        // All eight are written, each over the one before if that was not true: no branch that nobody can predict.
        let n_known = positions.len();
        positions.resize(n_known + 8, 0);
        let mut n_found = n_known;
        for idx in 0..8 {
            positions[n_found] = (base + first + idx) as i64;
            n_found += (bits >> idx & 1) as usize;
        }
        positions.truncate(n_found);
    });
}

pub(super) fn count_true(mask: &[Bool]) -> usize {
    // Sums of so few stay within a byte, which vectorises best.
    let count = |chunk: &[Bool]| chunk.iter().map(|element| u8::from(element.get())).sum::<u8>();
    mask.chunks(192).map(|chunk| usize::from(count(chunk))).sum()
}

/// Calls `found` with the position of each run of 8 elements that has a true one, and which of them are, as bits.
pub(super) fn for_each_block(mask: &[Bool], mut found: impl FnMut(usize, u64)) {
    let n_blocks = mask.len() / 8;
    // SAFETY: a bool is a byte; the blocks are within the mask.
    let blocks = unsafe { std::slice::from_raw_parts(mask.as_ptr().cast::<[u8; 8]>(), n_blocks) };
    for (idx, group) in blocks.chunks(8).enumerate() {
        if group.iter().fold(0, |any, block| any | u64::from_ne_bytes(*block)) == 0 {
            continue;
        }
        for (within, block) in group.iter().enumerate() {
            let mut bytes = u64::from_le_bytes(*block);
            if bytes != 0 {
                if bytes & !0x0101_0101_0101_0101 != 0 {
                    bytes = u64::from_le_bytes(block.map(|byte| u8::from(byte != 0)));
                }
                // The lowest bit of every byte moves into the highest byte.
                found(64 * idx + 8 * within, bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56);
            }
        }
    }
    let rest = mask[8 * n_blocks..].iter().enumerate();
    let bits = rest.fold(0, |bits, (idx, element)| bits | u64::from(element.get()) << idx);
    if bits != 0 {
        found(8 * n_blocks, bits);
    }
}

/// Positions along each axis of positions in C order.
pub(super) fn split_positions(flat: &[i64], extents: &[i64]) -> Vec<Vec<i64>> {
    let Some((_, inner)) = extents.split_first() else {
        return Vec::new();
    };
    let mut rest = flat.to_vec();
    let mut columns = Vec::with_capacity(extents.len());
    for extent in inner.iter().rev() {
        // There is an element, so no extent is 0.
        columns.push(rest.iter().map(|position| position % extent).collect());
        rest.iter_mut().for_each(|position| *position /= extent);
    }
    columns.push(rest);
    columns.reverse();
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_and_counts() {
        let mask: Vec<Bool> = [1u8, 0, 2, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1].map(Bool).to_vec();
        assert_eq!(true_positions(&mask), [0, 2, 7, 17]);
        assert_eq!(count_true(&mask), 4);
        assert_eq!(count_true(&vec![Bool(1); 1000]), 1000);
        assert_eq!(true_positions(&[]), [0; 0]);
    }

    #[test]
    fn positions_along_axes() {
        assert_eq!(split_positions(&[1, 5], &[2, 3]), [[0, 1], [1, 2]]);
        assert_eq!(split_positions(&[4], &[7]), [[4]]);
    }
}

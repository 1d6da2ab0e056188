//! Walks several arrays of one shape side by side, in blocks of elements that lie behind each other in memory.
//!
//! A loop over the elements of whole arrays is compiled once, for contiguous operands. Whatever is not contiguous
//! (strided, transposed, broadcast) is gathered into a buffer for the loop to read, and scattered from one after the
//! loop has written it. So no loop is compiled twice, and each is vectorised whatever it runs over.
//!
//! The state of a walk lies in stack memory of the caller, so that an exception in between leaves nothing behind.

use crate::copying::copy_line;
use std::slice;

/// One array, as compiled code packs it: address, item size, rank, extents, strides in bytes.
#[derive(Clone, Copy)]
struct Packed<'a> {
    data: *mut u8,
    item_size: usize,
    extents: &'a [i64],
    strides: &'a [i64],
}

impl<'a> Packed<'a> {
    /// Reads one array off the front of `slots`.
    fn take(slots: &mut &'a [i64]) -> Packed<'a> {
        let ([data, item_size, ndim], rest) = slots.split_first_chunk().expect("the caller packed an array");
        let (extents, rest) = rest.split_at(*ndim as usize);
        let (strides, rest) = rest.split_at(*ndim as usize);
        *slots = rest;
        Packed { data: *data as *mut u8, item_size: *item_size as usize, extents, strides }
    }

    /// The stride along one of `ndim` axes that the array broadcasts to.
    fn stride(&self, axis: usize, ndim: usize) -> isize {
        match (axis + self.extents.len()).checked_sub(ndim) {
            Some(own) if self.extents[own] != 1 => self.strides[own] as isize,
            _ => 0,
        }
    }

    /// The lowest and one past the highest address; nothing for an empty array.
    fn reach(&self) -> Option<(usize, usize)> {
        let (mut low, mut high) = (self.data as usize, self.data as usize + self.item_size);
        for (extent, stride) in self.extents.iter().zip(self.strides) {
            let distance = (extent.checked_sub(1).filter(|last| *last >= 0)? * stride) as isize;
            if distance < 0 {
                low = low.wrapping_add_signed(distance);
            } else {
                high = high.wrapping_add_signed(distance);
            }
        }
        Some((low, high))
    }
}

/// The state of a walk; operands, axes, strides and buffers lie behind it.
///
/// The innermost axes are a *row*: blocks are parts of it, and count elements along it in C order.
#[repr(C)]
struct Header {
    n_operands: usize,
    /// Operands that are read; those behind them are written.
    n_inputs: usize,
    n_axes: usize,
    /// Axes outside of the row.
    n_outer: usize,
    /// The most elements of a block.
    capacity: usize,
    row_length: usize,
    /// Where the block begins in its row.
    row_position: usize,
    block_length: usize,
}

#[repr(C)]
struct Operand {
    /// Where the elements of the block are: what compiled code reads.
    block: *mut u8,
    row: *mut u8,
    item_size: usize,
    /// Null for operands that are contiguous along rows.
    buffer: *mut u8,
    /// Where the buffer's contents are the same for all blocks of a row: after how many elements they repeat themselves. Else 0.
    period: usize,
}

#[repr(C)]
struct Axis {
    extent: usize,
    position: usize,
}

/// Where compiled code finds the address of the first operand's block, and how far the next one's is.
pub const FIRST_BLOCK: usize = size_of::<Header>();
pub const BLOCK_DISTANCE: usize = size_of::<Operand>();

const BUFFER_ALIGNMENT: usize = 64;

/// A row that is not joined to others has at least so many elements, if there are as many.
const LONG_ROW: usize = 256;

/// The most elements of a block where an operand repeats itself.
const SHORT_BLOCK: usize = 512;

/// More axes than NumPy's arrays have.
const MAX_AXES: usize = 64;

/// The bytes of state that a walk takes besides buffers.
pub const fn state_bytes(n_operands: usize, ndim: usize) -> usize {
    let axes = ndim * (size_of::<Axis>() + n_operands * size_of::<isize>());
    size_of::<Header>() + n_operands * size_of::<Operand>() + axes + (n_operands + 1) * BUFFER_ALIGNMENT
}

struct Walk<'s> {
    header: &'s mut Header,
    operands: &'s mut [Operand],
    axes: &'s mut [Axis],
    /// By axis, then operand.
    strides: &'s mut [isize],
}

impl Walk<'_> {
    /// # Safety
    /// `state` was filled by [`rumba_blocks_begin`] and is used by no one else.
    unsafe fn of<'s>(state: *mut u8) -> Walk<'s> {
        // SAFETY: promised by the caller; the parts lie behind each other.
        unsafe {
            let header = &mut *state.cast::<Header>();
            let (n_operands, n_axes) = (header.n_operands, header.n_axes);
            let operands = state.add(size_of::<Header>()).cast::<Operand>();
            let axes = operands.add(n_operands).cast::<Axis>();
            let strides = axes.add(n_axes).cast::<isize>();
            Walk {
                header,
                operands: slice::from_raw_parts_mut(operands, n_operands),
                axes: slice::from_raw_parts_mut(axes, n_axes),
                strides: slice::from_raw_parts_mut(strides, n_axes * n_operands),
            }
        }
    }

    /// Calls `visit` for each line of a part of an operand's row: the address of its first element, the position in
    /// the part, the number of elements, and their stride.
    fn for_each_line(
        &self,
        operand: usize,
        start: usize,
        n_elements: usize,
        mut visit: impl FnMut(*mut u8, usize, usize, isize),
    ) {
        let n_operands = self.operands.len();
        let row = &self.axes[self.header.n_outer..];
        let stride = |axis: usize| self.strides[(self.header.n_outer + axis) * n_operands + operand];
        let mut address = self.operands[operand].row;
        let last = match row.len() {
            0 => return visit(address, 0, n_elements, 0),
            1 => return visit(address.wrapping_offset(start as isize * stride(0)), 0, n_elements, stride(0)),
            n_axes => n_axes - 1,
        };
        let mut position = [0; MAX_AXES];
        let mut rest = start;
        for axis in (0..row.len()).rev() {
            position[axis] = rest % row[axis].extent;
            rest /= row[axis].extent;
            address = address.wrapping_offset(position[axis] as isize * stride(axis));
        }
        let mut done = 0;
        while done < n_elements {
            let length = (row[last].extent - position[last]).min(n_elements - done);
            visit(address, done, length, stride(last));
            done += length;
            // To the first element of the next line.
            address = address.wrapping_offset(-(position[last] as isize) * stride(last));
            position[last] = 0;
            for axis in (0..last).rev() {
                position[axis] += 1;
                address = address.wrapping_offset(stride(axis));
                if position[axis] < row[axis].extent {
                    break;
                }
                address = address.wrapping_offset(-(row[axis].extent as isize) * stride(axis));
                position[axis] = 0;
            }
        }
    }

    /// Gathers a part of an input's row into its buffer.
    fn fill(&self, operand: usize, start: usize, n_elements: usize) {
        let Operand { buffer, item_size, .. } = self.operands[operand];
        self.for_each_line(operand, start, n_elements, |source, at, length, stride| {
            // SAFETY: the line is in the row; the buffer holds `capacity` elements.
            unsafe {
                copy_line(buffer.add(at * item_size), item_size as isize, source, stride, length, item_size)
            };
        });
    }

    fn enter_row(&mut self) {
        let n_elements = self.header.capacity.min(self.header.row_length);
        let is_one_line = self.header.n_axes - self.header.n_outer <= 1;
        for idx in 0..self.header.n_inputs {
            let Operand { buffer, item_size, period, .. } = self.operands[idx];
            if is_one_line && period != 0 {
                self.fill(idx, 0, n_elements);
            } else if period != 0 {
                self.fill(idx, 0, period.min(n_elements));
                let n_bytes = n_elements * item_size;
                let mut n_done = period * item_size;
                while n_done < n_bytes {
                    let n_next = n_done.min(n_bytes - n_done);
                    // SAFETY: the buffer has room for the elements of a block, of which so many bytes are there.
                    unsafe { buffer.add(n_done).copy_from_nonoverlapping(buffer, n_next) };
                    n_done += n_next;
                }
            }
        }
    }

    fn enter_block(&mut self) -> i64 {
        let position = self.header.row_position;
        let length = self.header.capacity.min(self.header.row_length - position);
        self.header.block_length = length;
        for idx in 0..self.operands.len() {
            let operand = &mut self.operands[idx];
            if operand.buffer.is_null() {
                operand.block = operand.row.wrapping_add(position * operand.item_size);
                continue;
            }
            operand.block = operand.buffer;
            if idx < self.header.n_inputs && operand.period == 0 {
                self.fill(idx, position, length);
            }
        }
        length as i64
    }

    /// Writes what was computed into buffers to where it belongs.
    fn leave_block(&mut self) {
        let Header { row_position, block_length, n_inputs, .. } = *self.header;
        for idx in n_inputs..self.operands.len() {
            let Operand { buffer, item_size, .. } = self.operands[idx];
            if !buffer.is_null() {
                self.for_each_line(idx, row_position, block_length, |target, at, length, stride| {
                    // SAFETY: the line is in the row, and the buffer holds its elements.
                    unsafe {
                        let source = buffer.add(at * item_size);
                        copy_line(target, stride, source, item_size as isize, length, item_size)
                    };
                });
            }
        }
    }

    /// Moves on to the next row; false behind the last one.
    fn next_row(&mut self) -> bool {
        let n_operands = self.operands.len();
        for axis_idx in (0..self.header.n_outer).rev() {
            let axis = &mut self.axes[axis_idx];
            axis.position += 1;
            let (is_done, n_back) = (axis.position == axis.extent, axis.extent as isize - 1);
            if is_done {
                axis.position = 0;
            }
            let strides = &self.strides[axis_idx * n_operands..][..n_operands];
            for (operand, stride) in self.operands.iter_mut().zip(strides) {
                let distance = if is_done { -n_back * stride } else { *stride };
                operand.row = operand.row.wrapping_offset(distance);
            }
            if !is_done {
                return true;
            }
        }
        false
    }
}

/// Begins a walk. `spec` has the rank, the numbers of inputs and of targets, the bytes of `state`, the most elements
/// that a block may have, whether the order of a C array matters, the extents, then each operand as [`Packed`].
///
/// Gives the number of elements of the first block; 0 if there is none.
///
/// # Safety
/// `spec` is as described, and every element of the operands that the shape reaches is valid memory; `state` is memory
/// of that many bytes, at least [`state_bytes`], aligned to a cache line.
pub unsafe extern "C" fn rumba_blocks_begin(state: *mut u8, spec: *const i64, n_slots: i64) -> i64 {
    // SAFETY: promised by the caller.
    let spec = unsafe { slice::from_raw_parts(spec, n_slots as usize) };
    let ([ndim, n_inputs, n_targets, n_bytes, max_block, ordered], mut rest) =
        spec.split_first_chunk().expect("the caller packed a walk");
    let (ndim, n_inputs, ordered) = (*ndim as usize, *n_inputs as usize, *ordered != 0);
    let n_operands = n_inputs + *n_targets as usize;
    assert!(*n_bytes as usize >= state_bytes(n_operands, ndim), "the state of a walk has room");
    let extents = &rest[..ndim];
    rest = &rest[ndim..];
    if extents.contains(&0) {
        return 0;
    }
    let arrays: Vec<Packed<'_>> = (0..n_operands).map(|_| Packed::take(&mut rest)).collect();
    let axes = join_axes(extents, &arrays, n_inputs, ordered);

    // A row is as many of the innermost axes as make it long enough.
    let mut n_outer = axes.len();
    let mut row_length = 1;
    while n_outer > 0 && row_length < LONG_ROW {
        n_outer -= 1;
        row_length *= axes[n_outer].0;
    }

    // SAFETY: the caller gave enough memory for header, operands, axes and strides; they are written before they are
    // read, and hold no references.
    let mut walk = unsafe {
        state.cast::<Header>().write(Header {
            n_operands,
            n_inputs,
            n_axes: axes.len(),
            n_outer,
            capacity: *max_block as usize,
            row_length,
            row_position: 0,
            block_length: 0,
        });
        let operands = state.add(size_of::<Header>()).cast::<Operand>();
        for (idx, array) in arrays.iter().enumerate() {
            operands.add(idx).write(Operand {
                block: std::ptr::null_mut(),
                row: array.data,
                item_size: array.item_size,
                buffer: std::ptr::null_mut(),
                period: 0,
            });
        }
        let axes_at = operands.add(n_operands).cast::<Axis>();
        let strides_at = axes_at.add(axes.len()).cast::<isize>();
        for (axis_idx, (extent, axis_strides)) in axes.iter().enumerate() {
            axes_at.add(axis_idx).write(Axis { extent: *extent, position: 0 });
            for (idx, stride) in axis_strides.iter().enumerate() {
                strides_at.add(axis_idx * n_operands + idx).write(*stride);
            }
        }
        Walk::of(state)
    };

    let row = &axes[n_outer..];
    // The bytes from one element of the row to the next, where that is the same everywhere.
    let is_contiguous = |operand: usize| {
        let mut stride = arrays[operand].item_size as isize;
        row.iter().rev().all(|(extent, strides)| {
            let fits = strides[operand] == stride;
            stride *= *extent as isize;
            fits
        })
    };
    // After how many elements of the row an operand repeats itself.
    let period = |operand: usize| {
        let n_zero = row.iter().take_while(|(_, strides)| strides[operand] == 0).count();
        row[n_zero..].iter().map(|(extent, _)| *extent).product::<usize>()
    };
    let buffered: Vec<usize> = (0..n_operands).filter(|operand| !is_contiguous(*operand)).collect();
    let room = *n_bytes as usize - state_bytes(n_operands, ndim);
    let element_bytes: usize = buffered.iter().map(|operand| arrays[*operand].item_size).sum();
    if let Some(n_elements) = room.checked_div(element_bytes) {
        assert!(n_elements > 0, "the state of a walk has room for buffers");
        let mut capacity = n_elements.min(walk.header.capacity);
        // Periods are multiples of each other. What repeats itself is gathered once a row, so that it should be short.
        let periods = buffered.iter().map(|operand| period(*operand));
        let short = capacity.min(SHORT_BLOCK);
        if let Some(longest) = periods.filter(|period| *period <= short).max() {
            capacity = short - short % longest;
        }
        walk.header.capacity = capacity;
        let first = state_bytes(n_operands, ndim) - (n_operands + 1) * BUFFER_ALIGNMENT;
        let mut offset = first.next_multiple_of(BUFFER_ALIGNMENT);
        for idx in buffered {
            let operand = &mut walk.operands[idx];
            operand.buffer = state.wrapping_add(offset);
            if idx < n_inputs && capacity % period(idx) == 0 && period(idx) <= capacity {
                operand.period = period(idx);
            }
            offset = (offset + capacity * operand.item_size).next_multiple_of(BUFFER_ALIGNMENT);
        }
    }
    walk.enter_row();
    walk.enter_block()
}

/// Ends a block and begins the next one. Gives its number of elements; 0 behind the last.
///
/// # Safety
/// `state` is that of a walk whose last block was not empty, and the operands are still valid.
pub unsafe extern "C" fn rumba_blocks_next(state: *mut u8) -> i64 {
    // SAFETY: promised by the caller.
    let mut walk = unsafe { Walk::of(state) };
    walk.leave_block();
    walk.header.row_position += walk.header.block_length;
    if walk.header.row_position == walk.header.row_length {
        if !walk.next_row() {
            return 0;
        }
        walk.header.row_position = 0;
        walk.enter_row();
    }
    walk.enter_block()
}

/// The axes to walk along, from the outermost to the innermost: extent, and a stride per operand. Axes of one element are
/// left out, and such that all operands go on from one to the next joined.
fn join_axes(
    extents: &[i64],
    arrays: &[Packed<'_>],
    n_inputs: usize,
    ordered: bool,
) -> Vec<(usize, Vec<isize>)> {
    let ndim = extents.len();
    let mut axes: Vec<usize> = (0..ndim).filter(|axis| extents[*axis] != 1).collect();
    if !ordered {
        sort_axes(&mut axes, arrays, n_inputs, ndim);
    }
    let mut joined: Vec<(usize, Vec<isize>)> = Vec::new();
    for axis in axes.into_iter().rev() {
        let strides: Vec<isize> = arrays.iter().map(|array| array.stride(axis, ndim)).collect();
        if let Some((extent, inner)) = joined.last_mut() {
            let continues = |(outer, inner): (&isize, &isize)| *outer == *inner * *extent as isize;
            if strides.iter().zip(&*inner).all(continues) {
                *extent *= extents[axis] as usize;
                continue;
            }
        }
        joined.push((extents[axis] as usize, strides));
    }
    joined.reverse();
    joined
}

/// Sorts axes so that the innermost one has the smallest strides: of the targets, then of the inputs.
fn sort_axes(axes: &mut [usize], arrays: &[Packed<'_>], n_inputs: usize, ndim: usize) {
    let (inputs, targets) = arrays.split_at(n_inputs);
    let distances = |axis: usize| -> Vec<usize> {
        targets.iter().chain(inputs).map(|array| array.stride(axis, ndim).unsigned_abs()).collect()
    };
    axes.sort_by(|a, b| {
        // What does not move along an axis has no opinion.
        let opinions = distances(*b).into_iter().zip(distances(*a)).filter(|(b, a)| *a != 0 && *b != 0);
        opinions.map(|(b, a)| b.cmp(&a)).find(|order| order.is_ne()).unwrap_or(a.cmp(b))
    });
}

/// Whether writing the elements of a target while reading an input, in any order, may read what was written: their
/// memory overlaps, and they are not the same elements at the same positions. Both as [`Packed`].
///
/// # Safety
/// Both point to packed arrays of this many slots.
pub unsafe extern "C" fn rumba_arrays_interfere(
    target: *const i64,
    n_target_slots: i64,
    input: *const i64,
    n_input_slots: i64,
) -> bool {
    // SAFETY: promised by the caller.
    let (mut target, mut input) = unsafe {
        (
            slice::from_raw_parts(target, n_target_slots as usize),
            slice::from_raw_parts(input, n_input_slots as usize),
        )
    };
    let (target, input) = (Packed::take(&mut target), Packed::take(&mut input));
    let (Some(target_reach), Some(input_reach)) = (target.reach(), input.reach()) else {
        return false;
    };
    if target_reach.0 >= input_reach.1 || input_reach.0 >= target_reach.1 {
        return false;
    }
    let same_stride = |axis: usize| target.extents[axis] == 1 || target.strides[axis] == input.strides[axis];
    let is_same = target.data == input.data
        && target.item_size == input.item_size
        && target.extents == input.extents
        && (0..target.extents.len()).all(same_stride);
    !is_same
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(align(64))]
    struct State([u8; 4096]);

    struct View {
        first: usize,
        extents: Vec<i64>,
        strides: Vec<i64>,
    }

    fn view(first: usize, extents: &[i64], strides: &[i64]) -> View {
        View { first, extents: extents.to_vec(), strides: strides.iter().map(|stride| stride * 4).collect() }
    }

    fn packed(buffer: &mut [i32], view: &View) -> Vec<i64> {
        let mut slots = vec![buffer[view.first..].as_mut_ptr() as i64, 4, view.extents.len() as i64];
        slots.extend(&view.extents);
        slots.extend(&view.strides);
        slots
    }

    /// `target = 10 * a + b` over the shape; gives the lengths of the blocks.
    fn run(shape: &[i64], buffers: [&mut [i32]; 3], views: [&View; 3], room: usize) -> Vec<i64> {
        let mut state = State([0; 4096]);
        let n_bytes = state_bytes(3, shape.len()) + room;
        assert!(n_bytes <= state.0.len());
        let mut spec = vec![shape.len() as i64, 2, 1, n_bytes as i64, i64::MAX, 0];
        spec.extend(shape);
        for (buffer, view) in buffers.into_iter().zip(views) {
            spec.extend(packed(buffer, view));
        }
        let mut lengths = Vec::new();
        // SAFETY: the spec describes views within the buffers; the blocks are read and written within their lengths.
        unsafe {
            let mut length = rumba_blocks_begin(state.0.as_mut_ptr(), spec.as_ptr(), spec.len() as i64);
            while length > 0 {
                lengths.push(length);
                let block = |operand: usize| {
                    let at = state.0.as_ptr().add(FIRST_BLOCK + operand * BLOCK_DISTANCE);
                    at.cast::<*mut i32>().read()
                };
                for idx in 0..length as usize {
                    *block(2).add(idx) = 10 * *block(0).add(idx) + *block(1).add(idx);
                }
                length = rumba_blocks_next(state.0.as_mut_ptr());
            }
        }
        lengths
    }

    #[test]
    fn contiguous_arrays_are_one_block() {
        let (mut a, mut b, mut c) = ([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [0; 6]);
        let whole = view(0, &[2, 3], &[3, 1]);
        let lengths = run(&[2, 3], [&mut a, &mut b, &mut c], [&whole, &whole, &whole], 64);
        assert_eq!(lengths, [6]);
        assert_eq!(c, [16, 25, 34, 43, 52, 61]);
    }

    #[test]
    fn rows_and_columns_broadcast() {
        let (mut a, mut b, mut c) = ([1, 2, 3], [7, 8], [0; 6]);
        let (row, column) = (view(0, &[3], &[1]), view(0, &[2, 1], &[1, 1]));
        run(&[2, 3], [&mut a, &mut b, &mut c], [&row, &column, &view(0, &[2, 3], &[3, 1])], 64);
        assert_eq!(c, [17, 27, 37, 18, 28, 38]);
    }

    #[test]
    fn everything_strided_in_blocks_of_a_few() {
        // Reversed, every other, and the columns of a transposed array.
        let (mut a, mut b) = ([1, 2, 3, 4, 5, 6], [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
        let mut c = [0; 12];
        let views = [view(5, &[6], &[-1]), view(0, &[6], &[2]), view(1, &[6], &[2])];
        let lengths = run(&[6], [&mut a, &mut b, &mut c], [&views[0], &views[1], &views[2]], 24);
        assert_eq!(lengths, [2, 2, 2]);
        assert_eq!(c, [0, 61, 0, 52, 0, 43, 0, 34, 0, 25, 0, 16]);
    }

    #[test]
    fn transposed_operands_are_walked_in_the_order_of_memory() {
        let (mut a, mut b, mut c) = ([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [0; 6]);
        let columns = view(0, &[3, 2], &[1, 3]);
        let lengths = run(&[3, 2], [&mut a, &mut b, &mut c], [&columns, &columns, &columns], 64);
        assert_eq!(lengths, [6]);
        assert_eq!(c, [16, 25, 34, 43, 52, 61]);
    }

    #[test]
    fn empty_and_zero_dimensional() {
        let (mut a, mut b, mut c) = ([1], [2], [0]);
        let empty = view(0, &[0], &[1]);
        assert_eq!(run(&[0], [&mut a, &mut b, &mut c], [&empty, &empty, &empty], 64), [0; 0]);
        let scalar = view(0, &[], &[]);
        assert_eq!(run(&[], [&mut a, &mut b, &mut c], [&scalar, &scalar, &scalar], 64), [1]);
        assert_eq!(c, [12]);
    }

    #[test]
    fn interference() {
        let mut buffer = [0; 8];
        let mut interfere = |target: View, input: View| {
            let (target, input) = (packed(&mut buffer, &target), packed(&mut buffer, &input));
            // SAFETY: packed arrays.
            unsafe {
                rumba_arrays_interfere(
                    target.as_ptr(),
                    target.len() as i64,
                    input.as_ptr(),
                    input.len() as i64,
                )
            }
        };
        assert!(!interfere(view(0, &[4], &[1]), view(4, &[4], &[1])));
        assert!(interfere(view(0, &[4], &[1]), view(1, &[4], &[1])));
        assert!(!interfere(view(0, &[4], &[1]), view(0, &[4], &[1])));
        assert!(interfere(view(0, &[4], &[1]), view(3, &[4], &[-1])));
        assert!(interfere(view(0, &[2, 4], &[4, 1]), view(0, &[4], &[1])));
        assert!(!interfere(view(0, &[0], &[1]), view(0, &[4], &[1])));
        assert!(!interfere(view(0, &[1, 4], &[9, 1]), view(0, &[1, 4], &[4, 1])));
    }
}

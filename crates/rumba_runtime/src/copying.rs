//! Moves array elements by their size, whatever their dtype.

use crate::vectorised::vectorised;
use std::mem::MaybeUninit;

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

/// From so many elements on a plane is copied in strips.
const LARGE_PLANE: usize = 1 << 14;

/// The bytes of a strip along the source's order: a cache line; and its elements along the target's.
const STRIP_BYTES: usize = 64;
const STRIP_LENGTH: usize = 1024;

/// # Safety
/// As [`copy_line`], of every line along the inner axis.
unsafe fn copy_plane(target: *mut u8, source: *const u8, axes: [Axis; 2], item_size: usize) {
    let plane = Plane { target, source, axes };
    match item_size {
        1 => plane.copy::<u8>(),
        2 => plane.copy::<u16>(),
        4 => plane.copy::<u32>(),
        8 => plane.copy::<u64>(),
        16 => plane.copy::<u128>(),
        _ => plane.lines().for_each(|line| line.copy(item_size)),
    }
}

/// Elements along two axes, the inner one with the smaller strides of the target: made by those who know that all of
/// them are valid, and those of source and target different ones.
#[derive(Clone, Copy)]
struct Plane {
    target: *mut u8,
    source: *const u8,
    axes: [Axis; 2],
}

impl Plane {
    fn copy<T: Copy>(self) {
        let [outer, inner] = self.axes;
        match outer.extent * inner.extent < LARGE_PLANE {
            true => self.copy_tiles::<T>(),
            false => self.copy_strips::<T>(),
        }
    }

    /// The part of so many elements from a position on along both axes.
    fn part(self, starts: [usize; 2], extents: [usize; 2]) -> Plane {
        let [outer, inner] = self.axes;
        let at = |strides: [isize; 2]| starts[0] as isize * strides[0] + starts[1] as isize * strides[1];
        Plane {
            target: self.target.wrapping_offset(at([outer.target, inner.target])),
            source: self.source.wrapping_offset(at([outer.source, inner.source])),
            axes: [Axis { extent: extents[0], ..outer }, Axis { extent: extents[1], ..inner }],
        }
    }

    /// Parts of at most so many elements along each axis.
    fn parts(self, sizes: [usize; 2]) -> impl Iterator<Item = Plane> {
        let [n_outer, n_inner] = self.axes.map(|axis| axis.extent);
        (0..n_outer).step_by(sizes[0]).flat_map(move |row| {
            (0..n_inner).step_by(sizes[1]).map(move |column| {
                self.part([row, column], [sizes[0].min(n_outer - row), sizes[1].min(n_inner - column)])
            })
        })
    }

    fn lines(self) -> impl Iterator<Item = Line> {
        let [outer, inner] = self.axes;
        (0..outer.extent as isize).map(move |row| Line {
            target: self.target.wrapping_offset(row * outer.target),
            target_stride: inner.target,
            source: self.source.wrapping_offset(row * outer.source),
            source_stride: inner.source,
            n: inner.extent,
        })
    }

    fn copy_tiles<T: Copy>(self) {
        for tile in self.parts([TILE; 2]) {
            tile.lines().for_each(Line::copy_each::<T>);
        }
    }

    /// Copies strips: what is read is used up while it is in the cache, and what is written is written in its order. So a
    /// page of each is not left for another before much of it was moved.
    fn copy_strips<T: Copy>(self) {
        let n_lines = STRIP_BYTES / size_of::<T>();
        let mut buffer = [MaybeUninit::<u128>::uninit(); STRIP_BYTES * STRIP_LENGTH / size_of::<u128>()];
        for strip in self.parts([n_lines, STRIP_LENGTH]) {
            let [outer, inner] = strip.axes;
            let size = size_of::<T>() as isize;
            let gathered =
                [Axis { target: size * STRIP_LENGTH as isize, ..outer }, Axis { target: size, ..inner }];
            gather_strip::<T>(Plane {
                target: buffer.as_mut_ptr().cast(),
                source: strip.source,
                axes: gathered,
            });
            let scattered =
                [Axis { source: size * STRIP_LENGTH as isize, ..outer }, Axis { source: size, ..inner }];
            let out = Plane { target: strip.target, source: buffer.as_ptr().cast(), axes: scattered };
            out.lines().for_each(copy_items::<T>);
        }
    }
}

/// Elements that are some bytes apart: made by those who know that they are valid, and those of source and target
/// different ones.
#[derive(Clone, Copy)]
struct Line {
    target: *mut u8,
    target_stride: isize,
    source: *const u8,
    source_stride: isize,
    n: usize,
}

impl Line {
    fn copy(self, item_size: usize) {
        match item_size {
            1 => copy_items::<u8>(self),
            2 => copy_items::<u16>(self),
            4 => copy_items::<u32>(self),
            8 => copy_items::<u64>(self),
            16 => copy_items::<u128>(self),
            _ => {
                for idx in 0..self.n as isize {
                    // SAFETY: whoever made the line promised that its elements are valid.
                    unsafe {
                        let source = self.source.offset(idx * self.source_stride);
                        self.target
                            .offset(idx * self.target_stride)
                            .copy_from_nonoverlapping(source, item_size);
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn copy_each<T: Copy>(self) {
        for idx in 0..self.n as isize {
            // SAFETY: whoever made the line promised that its elements are valid.
            unsafe {
                let element = self.source.offset(idx * self.source_stride).cast::<T>().read_unaligned();
                self.target.offset(idx * self.target_stride).cast::<T>().write_unaligned(element);
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
    Line { target, target_stride, source, source_stride, n }.copy(item_size);
}

vectorised! {
    fn copy_items<T: Copy>(line: Line) {
        let size = size_of::<T>() as isize;
        let with = |target_stride: isize, source_stride: isize| Line { target_stride, source_stride, ..line };
        // Of the commonest strides the compiler knows how to move several elements at once.
        match (line.target_stride == size, line.source_stride) {
            (true, 0) => with(size, 0).copy_each::<T>(),
            // SAFETY: whoever made the line promised that its elements are valid.
            (true, stride) if stride == size => unsafe {
                line.target.copy_from_nonoverlapping(line.source, line.n * size_of::<T>());
            },
            (true, stride) if stride == -size => with(size, -size).copy_each::<T>(),
            (true, stride) if stride == 2 * size => with(size, 2 * size).copy_each::<T>(),
            (true, stride) => with(size, stride).copy_each::<T>(),
            (false, stride) if stride == size => with(line.target_stride, size).copy_each::<T>(),
            (false, _) => line.copy_each::<T>(),
        }
    }

    /// Copies with what lies behind each other in the source as the inner loop.
    fn gather_strip<T: Copy>(strip: Plane) {
        const { assert!(STRIP_BYTES.is_multiple_of(size_of::<T>())) };
        let [outer, inner] = strip.axes;
        let (size, n_lines) = (size_of::<T>() as isize, STRIP_BYTES / size_of::<T>());
        let columns = Plane { axes: [inner, outer], ..strip }.lines();
        match outer.source == size && outer.extent == n_lines {
            // Constants, so that the loop is unrolled.
            true => columns
                .map(|column| Line { target_stride: size * STRIP_LENGTH as isize, source_stride: size, n: n_lines, ..column })
                .for_each(Line::copy_each::<T>),
            false => columns.for_each(Line::copy_each::<T>),
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
    fn all_orders_of_axes_and_sizes_of_elements() {
        copy_in_all_orders([3, 37, 20]);
    }

    #[test]
    fn large_planes_in_strips() {
        copy_in_all_orders([1, STRIP_LENGTH as i64 + 6, 37]);
        copy_in_all_orders([1, 16, STRIP_LENGTH as i64]);
    }

    fn copy_in_all_orders(extents: [i64; 3]) {
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
                    let [planes, rows, columns] = extents;
                    let positions = (0..planes)
                        .flat_map(|i| (0..rows).flat_map(move |j| (0..columns).map(move |k| (i, j, k))));
                    for (i, j, k) in positions {
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

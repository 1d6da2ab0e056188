//! Arrays as kernels see them: views of what compiled code passes, and new ones to give back.

use super::stand_ins::{StandIn, StandIns, stands_in};
use super::{Argument, Outcome, Raise, Result};
use crate::memory;
use std::marker::PhantomData;
use std::slice;

/// A strided view of elements of type `T`. Strides are in bytes and may be negative or 0; elements need not be aligned.
#[derive(Clone, Copy)]
pub struct View<'a, T> {
    data: *mut T,
    extents: &'a [i64],
    strides: &'a [i64],
}

impl<T: 'static> Argument for View<'_, T> {
    /// Slots: address, item size, rank, extents, strides.
    type Raw = *const i64;

    unsafe fn from_raw(raw: *const i64) -> Self {
        // SAFETY: compiled code packed an array whose elements are valid memory, and these slots, during the call.
        unsafe { View::of_slots(raw) }
    }

    unsafe fn stand_in(raw: *const i64, stand_ins: &mut StandIns) -> *const i64 {
        // SAFETY: promised by the caller.
        if stands_in::<T>() { unsafe { stand_ins.of_view(raw) } } else { raw }
    }
}

impl<T> View<'_, T> {
    /// # Safety
    /// The slots are those of an array of such elements, valid as long as the view.
    pub(super) unsafe fn of_slots(raw: *const i64) -> Self {
        // SAFETY: promised by the caller.
        unsafe {
            let ndim = *raw.add(2) as usize;
            View {
                data: *raw as *mut T,
                extents: slice::from_raw_parts(raw.add(3), ndim),
                strides: slice::from_raw_parts(raw.add(3 + ndim), ndim),
            }
        }
    }
}

/// Several arrays of one element type. Slots: how many; then those of each [`View`].
pub struct Views<'a, T>(Vec<View<'a, T>>);

impl<'a, T> std::ops::Deref for Views<'a, T> {
    type Target = [View<'a, T>];

    fn deref(&self) -> &[View<'a, T>] {
        &self.0
    }
}

impl<T: 'static> Argument for Views<'_, T> {
    type Raw = *const i64;

    unsafe fn from_raw(raw: *const i64) -> Self {
        // SAFETY: compiled code packed as many arrays as the first slot says.
        unsafe {
            let mut next = raw.add(1);
            let views = (0..*raw).map(|_| {
                let view = View::from_raw(next);
                next = next.add(3 + 2 * view.extents.len());
                view
            });
            Views(views.collect())
        }
    }

    unsafe fn stand_in(raw: *const i64, stand_ins: &mut StandIns) -> *const i64 {
        // SAFETY: promised by the caller.
        if stands_in::<T>() { unsafe { stand_ins.of_views(raw) } } else { raw }
    }
}

impl<'a, T: Copy + 'static> View<'a, T> {
    /// A view of elements that belong to another view, or as another element type.
    ///
    /// # Safety
    /// What it reaches is memory of elements of type `T`, valid during the call.
    pub unsafe fn new(data: *mut T, extents: &'a [i64], strides: &'a [i64]) -> View<'a, T> {
        View { data, extents, strides }
    }

    /// Whether the memory of two views may be the same somewhere.
    pub fn may_overlap<U: Copy + 'static>(&self, other: &View<'_, U>) -> bool {
        let (low, high) = self.reach();
        let (other_low, other_high) = other.reach();
        low < other_high && other_low < high
    }

    /// The lowest and one past the highest address.
    fn reach(&self) -> (usize, usize) {
        let (mut low, mut high) = (self.data as usize, self.data as usize);
        if self.size() == 0 {
            return (low, high);
        }
        for (extent, stride) in self.extents.iter().zip(self.strides) {
            let distance = ((extent - 1) * stride) as isize;
            let end = if distance < 0 { &mut low } else { &mut high };
            *end = end.wrapping_add_signed(distance);
        }
        (low, high + size_of::<T>())
    }

    /// Byte offsets of the elements in C order.
    pub fn offsets(&self) -> Vec<isize> {
        let origin = View { data: std::ptr::null_mut::<T>(), ..*self };
        origin.addresses().map(|address| address as isize).collect()
    }

    pub fn ndim(&self) -> usize {
        self.extents.len()
    }

    pub fn extents(&self) -> &'a [i64] {
        self.extents
    }

    /// Bytes from one element to the next along each axis.
    pub fn strides(&self) -> &'a [i64] {
        self.strides
    }

    /// The address of the first element.
    pub fn data(&self) -> *mut T {
        self.data
    }

    /// What is behind the first axes, at a position of these that is so many bytes away from the first element.
    pub fn behind(&self, n_axes: usize, offset: isize) -> View<'a, T> {
        View {
            data: self.data.wrapping_byte_offset(offset),
            extents: &self.extents[n_axes..],
            strides: &self.strides[n_axes..],
        }
    }

    /// The extent of one axis.
    pub fn extent(&self, axis: usize) -> usize {
        self.extents[axis] as usize
    }

    /// The number of elements.
    pub fn size(&self) -> usize {
        self.extents.iter().product::<i64>() as usize
    }

    /// Strides of elements of another type in C order.
    pub fn c_strides<U>(&self) -> Vec<i64> {
        let mut strides = vec![size_of::<U>() as i64; self.ndim()];
        for axis in (1..self.ndim()).rev() {
            strides[axis - 1] = strides[axis] * self.extents[axis];
        }
        strides
    }

    /// The same elements with the axes in another order.
    pub fn with_axes<'v>(&self, extents: &'v [i64], strides: &'v [i64]) -> View<'v, T> {
        View { data: self.data, extents, strides }
    }

    /// A view of this shape, with these strides, of elements that are read only.
    pub fn with_elements<'v, U>(&self, elements: &'v [U], strides: &'v [i64]) -> View<'v, U>
    where
        'a: 'v,
    {
        let last: i64 = self.extents.iter().zip(strides).map(|(extent, stride)| (extent - 1) * stride).sum();
        let fits = self.size() == 0
            || strides.iter().all(|stride| *stride >= 0) && (last as usize) < size_of_val(elements);
        assert!(fits, "the view is of the elements");
        View { data: elements.as_ptr().cast_mut(), extents: self.extents, strides }
    }

    /// Whether the elements lie behind each other in C order.
    pub fn is_contiguous(&self) -> bool {
        let mut stride = size_of::<T>() as i64;
        for (extent, own) in self.extents.iter().zip(self.strides).rev() {
            if *extent != 1 && *own != stride {
                return self.size() == 0;
            }
            stride *= extent;
        }
        true
    }

    /// The elements in C order, where that is how they lie in memory.
    pub fn as_slice(&self) -> Option<&'a [T]> {
        if self.size() == 0 {
            return Some(&[]);
        }
        let fits = self.is_contiguous() && self.data.is_aligned();
        // SAFETY: a contiguous, aligned run of elements, valid during the call.
        fits.then(|| unsafe { slice::from_raw_parts(self.data, self.size()) })
    }

    /// As `as_slice`, to write to: for arrays that the kernel is declared to write to, of which it has no other view.
    pub fn as_mut_slice(self) -> Option<&'a mut [T]> {
        if self.size() == 0 {
            return Some(&mut []);
        }
        let fits = self.is_contiguous() && self.data.is_aligned();
        // SAFETY: as in `as_slice`; nothing else refers to the elements.
        fits.then(|| unsafe { slice::from_raw_parts_mut(self.data, self.size()) })
    }

    /// The elements in C order.
    pub fn to_vec(&self) -> Vec<T> {
        match self.as_slice() {
            Some(elements) => elements.to_vec(),
            None => self.iter().collect(),
        }
    }

    /// The elements in C order.
    pub fn iter(&self) -> impl Iterator<Item = T> + use<'a, T> {
        let (ndim, n_inner) = (self.ndim(), self.extents.last().map_or(1, |extent| *extent as usize));
        let outer = View {
            extents: &self.extents[..ndim.saturating_sub(1)],
            strides: &self.strides[..ndim.saturating_sub(1)],
            ..*self
        };
        let stride = self.strides.last().copied().unwrap_or(0);
        outer.addresses().flat_map(move |row| {
            // SAFETY: the address is that of an element of the view.
            (0..n_inner).map(move |idx| unsafe {
                row.wrapping_byte_offset(idx as isize * stride as isize).read_unaligned()
            })
        })
    }

    /// Writes the elements of `source`, which has the same shape and other memory. For arrays that the kernel is declared to
    /// write to, or has made.
    pub fn copy_from(&self, source: &View<'_, T>) {
        assert_eq!(self.extents, source.extents, "elements are copied between arrays of one shape");
        if !self.extents.contains(&0) {
            // SAFETY: both views are valid memory of this shape.
            unsafe { copy(self.data, self.strides, source.data, source.strides, self.extents) }
        }
    }

    /// The view from `start` on along an axis, as long as another of `extents` is.
    pub fn part<'v>(&self, axis: usize, start: i64, extents: &'v [i64]) -> View<'v, T>
    where
        'a: 'v,
    {
        let own = self.extents[axis];
        assert!(0 <= start && extents[axis] <= own - start, "a part of an array is within its bounds");
        let others = |extents: &[i64]| [&extents[..axis], &extents[axis + 1..]].concat();
        debug_assert_eq!(others(self.extents), others(extents), "a part differs along one axis only");
        // Nothing moves the address of what is empty.
        let offset = if extents.contains(&0) { 0 } else { start * self.strides[axis] };
        View { data: self.data.wrapping_byte_offset(offset as isize), extents, strides: self.strides }
    }

    /// The addresses of the elements in C order.
    pub fn addresses(&self) -> impl Iterator<Item = *mut T> + use<'a, T> {
        let (extents, strides) = (self.extents, self.strides);
        let mut position = vec![0; extents.len()];
        let mut next = (!extents.contains(&0)).then_some(self.data);
        std::iter::from_fn(move || {
            let current = next?;
            let mut address = current;
            next = None;
            for axis in (0..extents.len()).rev() {
                position[axis] += 1;
                if position[axis] < extents[axis] {
                    address = address.wrapping_byte_offset(strides[axis] as isize);
                    next = Some(address);
                    break;
                }
                address =
                    address.wrapping_byte_offset(-(extents[axis] - 1) as isize * strides[axis] as isize);
                position[axis] = 0;
            }
            Some(current)
        })
    }

    /// The lines of elements along an axis, in C order of the other axes.
    pub fn lanes(&self, axis: usize) -> impl Iterator<Item = Lane<'a, T>> + use<'a, T> {
        let without = |values: &[i64]| -> Vec<i64> {
            values.iter().enumerate().filter(|(other, _)| *other != axis).map(|(_, value)| *value).collect()
        };
        let (extents, strides) = (without(self.extents), without(self.strides));
        let (length, stride) = (self.extent(axis), self.strides[axis] as isize);
        let data = self.data;
        let n_lanes: i64 = extents.iter().product();
        (0..n_lanes).map(move |flat| {
            let mut rest = flat;
            let mut offset = 0;
            for (extent, stride) in extents.iter().zip(&strides).rev() {
                offset += rest % extent * stride;
                rest /= extent;
            }
            Lane { data: data.wrapping_byte_offset(offset as isize), length, stride, marker: PhantomData }
        })
    }
}

/// # Safety
/// Both are valid memory of elements, which does not overlap; no extent is 0.
unsafe fn copy<T: Copy>(
    target: *mut T,
    target_strides: &[i64],
    source: *const T,
    source_strides: &[i64],
    extents: &[i64],
) {
    let size = size_of::<T>() as i64;
    let [rest @ .., inner] = extents else {
        // SAFETY: one element each.
        return unsafe { target.write_unaligned(source.read_unaligned()) };
    };
    // Axes that lie behind each other in both arrays count as one.
    let (mut n_outer, mut length) = (rest.len(), *inner);
    let dense = target_strides[n_outer] == size && source_strides[n_outer] == size;
    while dense && n_outer > 0 {
        let stride = length * size;
        let follows = target_strides[n_outer - 1] == stride && source_strides[n_outer - 1] == stride;
        if extents[n_outer - 1] != 1 && !follows {
            break;
        }
        n_outer -= 1;
        length *= extents[n_outer];
    }
    let n_runs: i64 = extents[..n_outer].iter().product();
    let (target_stride, source_stride) =
        (*target_strides.last().unwrap_or(&0) as isize, *source_strides.last().unwrap_or(&0) as isize);
    let (mut target, mut source) = (target, source);
    let mut position = vec![0; n_outer];
    for _ in 0..n_runs {
        // SAFETY: the run is within both arrays.
        unsafe {
            if dense {
                std::ptr::copy_nonoverlapping(
                    source.cast::<u8>(),
                    target.cast::<u8>(),
                    (length * size) as usize,
                );
            } else if target_stride == size as isize && target.is_aligned() {
                let run = slice::from_raw_parts_mut(target, length as usize);
                if source_stride == 0 {
                    run.fill(source.read_unaligned());
                } else {
                    let mut from = source;
                    for element in run {
                        *element = from.read_unaligned();
                        from = from.wrapping_byte_offset(source_stride);
                    }
                }
            } else {
                let (mut to, mut from) = (target, source);
                for _ in 0..length {
                    to.write_unaligned(from.read_unaligned());
                    to = to.wrapping_byte_offset(target_stride);
                    from = from.wrapping_byte_offset(source_stride);
                }
            }
        }
        for axis in (0..n_outer).rev() {
            position[axis] += 1;
            let (to, from) = (target_strides[axis] as isize, source_strides[axis] as isize);
            if position[axis] < extents[axis] {
                target = target.wrapping_byte_offset(to);
                source = source.wrapping_byte_offset(from);
                break;
            }
            let back = extents[axis] as isize - 1;
            target = target.wrapping_byte_offset(-back * to);
            source = source.wrapping_byte_offset(-back * from);
            position[axis] = 0;
        }
    }
}

/// A line of elements along one axis. Kernels write only to lanes of arrays that they are declared to write to.
pub struct Lane<'a, T> {
    data: *mut T,
    length: usize,
    stride: isize,
    marker: PhantomData<&'a T>,
}

impl<'a, T: Copy + 'static> Lane<'a, T> {
    pub fn len(&self) -> usize {
        self.length
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn address(&self, idx: usize) -> *mut T {
        assert!(idx < self.length, "an index into a lane is in bounds");
        self.data.wrapping_byte_offset(idx as isize * self.stride)
    }

    pub fn get(&self, idx: usize) -> T {
        // SAFETY: the address of an element.
        unsafe { self.address(idx).read_unaligned() }
    }

    pub fn set(&mut self, idx: usize, value: T) {
        // SAFETY: the address of an element; the array is one that the kernel writes to.
        unsafe { self.address(idx).write_unaligned(value) }
    }

    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.length).map(|idx| self.get(idx))
    }

    /// The elements, where they lie behind each other in memory.
    pub fn as_slice(&self) -> Option<&'a [T]> {
        // SAFETY: a contiguous, aligned run of elements, valid during the call.
        self.is_dense().then(|| unsafe { slice::from_raw_parts(self.data, self.length) })
    }

    /// As `as_slice`, to write to.
    pub fn as_mut_slice(&mut self) -> Option<&mut [T]> {
        // SAFETY: as in `as_slice`; the array is one that the kernel writes to, and the lane is borrowed exclusively.
        self.is_dense().then(|| unsafe { slice::from_raw_parts_mut(self.data, self.length) })
    }

    fn is_dense(&self) -> bool {
        (self.length == 1 || self.stride == size_of::<T>() as isize)
            && self.length > 0
            && self.data.is_aligned()
    }

    /// Lets `change` work on the elements as a slice: on the memory itself where it is contiguous, else on a copy.
    pub fn with_mut_slice<R>(&mut self, change: impl FnOnce(&mut [T]) -> R) -> R {
        if let Some(elements) = self.as_mut_slice() {
            return change(elements);
        }
        let mut copy: Vec<T> = self.iter().collect();
        let result = change(&mut copy);
        copy.into_iter().enumerate().for_each(|(idx, element)| self.set(idx, element));
        result
    }
}

/// An array in C order that a kernel makes.
pub struct NewArray<T> {
    memory: memory::Counted,
    /// Extents, then strides in bytes.
    geometry: Vec<i64>,
    marker: PhantomData<T>,
}

impl<T: Copy + Default + 'static> NewArray<T> {
    /// Zeros of a shape. Raises `MemoryError`, and `ValueError` for shapes that are none.
    pub fn zeros(extents: &[usize]) -> Result<NewArray<T>> {
        let extents: Vec<i64> = extents.iter().map(|extent| *extent as i64).collect();
        NewArray::allocate(&extents, true)
    }

    /// Elements of any value, for a kernel that writes all of them.
    pub fn of_shape(extents: &[i64]) -> Result<NewArray<T>> {
        NewArray::allocate(extents, false)
    }

    fn allocate(extents: &[i64], zeroed: bool) -> Result<NewArray<T>> {
        NewArray::with_size(extents, size_of::<T>(), zeroed)
    }

    /// The array as kernels see arguments, to write to its lanes.
    pub fn view(&mut self) -> View<'_, T> {
        let (extents, strides) = self.geometry.split_at(self.geometry.len() / 2);
        View { data: self.memory.data().cast(), extents, strides }
    }

    /// A one-dimensional array of elements.
    pub fn from_slice(elements: &[T]) -> Result<NewArray<T>> {
        let mut array = NewArray::of_shape(&[elements.len() as i64])?;
        array.as_mut_slice().copy_from_slice(elements);
        Ok(array)
    }

    /// The elements in C order.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        let size = self.view().size();
        // SAFETY: the memory holds as many elements, is aligned to cache lines, and any bytes are elements; nothing else refers to it.
        unsafe { slice::from_raw_parts_mut(self.memory.data().cast::<T>(), size) }
    }
}

impl<T> NewArray<T> {
    fn with_size(extents: &[i64], item_size: usize, zeroed: bool) -> Result<NewArray<T>> {
        let memory = memory::Counted::of_array(extents, item_size, zeroed)
            .map_err(|(class, message)| Raise::new(class, message))?;
        let ndim = extents.len();
        let mut geometry = Vec::with_capacity(2 * ndim);
        geometry.extend_from_slice(extents);
        geometry.resize(2 * ndim, item_size as i64);
        for axis in (1..ndim).rev() {
            geometry[ndim + axis - 1] = geometry[ndim + axis] * extents[axis];
        }
        Ok(NewArray { memory, geometry, marker: PhantomData })
    }
}

impl NewArray<StandIn> {
    /// An array of elements of any size.
    pub(super) fn of_items(extents: &[i64], item_size: usize) -> Result<NewArray<StandIn>> {
        NewArray::with_size(extents, item_size, false)
    }

    /// The bytes of elements that [`NewArray::of_items`] made memory for.
    pub(super) fn bytes(&mut self, n_bytes: usize) -> &mut [u8] {
        let extents = &self.geometry[..self.geometry.len() / 2];
        let item_size = self.geometry.last().map_or(n_bytes as i64, |stride| *stride);
        let reserved = extents.iter().product::<i64>() * item_size;
        assert!(n_bytes as i64 <= reserved, "the bytes are those of the elements");
        // SAFETY: the memory holds as many bytes, and nothing else refers to it.
        unsafe { slice::from_raw_parts_mut(self.memory.data(), n_bytes) }
    }
}

impl<T: 'static> Outcome for NewArray<T> {
    unsafe fn write(self, slots: *mut u64) -> *mut u64 {
        let (owner, data) = self.memory.into_owner_and_data();
        // SAFETY: promised by the caller: address, owner, extents.
        unsafe {
            slots.write(data);
            slots.add(1).write(owner);
            let extents = &self.geometry[..self.geometry.len() / 2];
            for (idx, extent) in extents.iter().enumerate() {
                slots.add(2 + idx).write(*extent as u64);
            }
            slots.add(2 + extents.len())
        }
    }

    fn resolve(self, stand_ins: &StandIns) -> Result<NewArray<T>> {
        if !stands_in::<T>() {
            return Ok(self);
        }
        let NewArray { memory, geometry, .. } = self;
        let resolved = stand_ins.resolve(NewArray { memory, geometry, marker: PhantomData })?;
        Ok(NewArray { memory: resolved.memory, geometry: resolved.geometry, marker: PhantomData })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view<'a>(
        data: &mut [i32],
        slots: &'a mut Vec<i64>,
        extents: &[i64],
        strides: &[i64],
    ) -> View<'a, i32> {
        *slots = vec![data.as_mut_ptr() as i64, 4, extents.len() as i64];
        slots.extend(extents);
        slots.extend(strides.iter().map(|stride| stride * 4));
        // SAFETY: the tests' shapes stay within the data.
        unsafe { View::from_raw(slots.as_ptr()) }
    }

    #[test]
    fn elements_in_c_order() {
        let (mut data, mut slots) = ([1, 2, 3, 4, 5, 6], Vec::new());
        assert_eq!(view(&mut data, &mut slots, &[2, 3], &[3, 1]).as_slice(), Some(&[1, 2, 3, 4, 5, 6][..]));
        assert_eq!(view(&mut data, &mut slots, &[3, 2], &[1, 3]).to_vec(), [1, 4, 2, 5, 3, 6]);
        assert_eq!(view(&mut data, &mut slots, &[], &[]).to_vec(), [1]);
        assert_eq!(view(&mut data, &mut slots, &[2, 0], &[3, 1]).to_vec(), [0; 0]);
        assert_eq!(view(&mut data, &mut slots, &[2, 2], &[0, 1]).to_vec(), [1, 2, 1, 2]);
    }

    #[test]
    fn lanes_along_each_axis() {
        let (mut data, mut slots) = ([1, 2, 3, 4, 5, 6], Vec::new());
        let whole = view(&mut data, &mut slots, &[2, 3], &[3, 1]);
        let lanes =
            |axis: usize| -> Vec<Vec<i32>> { whole.lanes(axis).map(|lane| lane.iter().collect()).collect() };
        assert_eq!(lanes(0), [[1, 4], [2, 5], [3, 6]]);
        assert_eq!(lanes(1), [[1, 2, 3], [4, 5, 6]]);
    }
}

//! Elements of any size, for kernels that only move elements.
//!
//! Kernels are compiled for elements of 1 to 16 bytes. For elements of other sizes (records, text) a kernel is given
//! arrays of the same shapes that hold the elements' addresses. What it does with the addresses is afterwards done
//! with the elements: the array that it gives is made of the elements at the addresses in it, and elements whose
//! address was replaced are overwritten by the elements at the new ones.

use super::{NewArray, Result, View};
use std::any::TypeId;

/// The address of an element. Zero stands for an element of zeros.
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub struct StandIn(u64);

/// Whether elements of this type stand for others.
pub fn stands_in<T: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<StandIn>()
}

/// The arrays that a kernel is given instead of its arguments.
#[derive(Default)]
pub struct StandIns {
    item_size: usize,
    arrays: Vec<Array>,
    lists: Vec<Vec<i64>>,
}

struct Array {
    originals: Vec<*mut u8>,
    /// What the kernel sees, and may change.
    elements: Vec<StandIn>,
    slots: Vec<i64>,
}

impl StandIns {
    /// The slots of an array of addresses for those of an array.
    ///
    /// # Safety
    /// `raw` are the slots of a [`View`] that is valid as long as this value.
    pub unsafe fn of_view(&mut self, raw: *const i64) -> *const i64 {
        // SAFETY: promised by the caller.
        let (view, item_size) = unsafe { (View::<u8>::of_slots(raw), *raw.add(1)) };
        self.item_size = item_size as usize;
        let originals: Vec<*mut u8> = view.addresses().collect();
        let mut elements: Vec<StandIn> = originals.iter().map(|address| StandIn(*address as u64)).collect();
        let mut slots = vec![elements.as_mut_ptr() as i64, size_of::<StandIn>() as i64, view.ndim() as i64];
        slots.extend(view.extents());
        slots.extend(view.c_strides::<StandIn>());
        self.arrays.push(Array { originals, elements, slots });
        self.arrays.last().map_or(std::ptr::null(), |array| array.slots.as_ptr())
    }

    /// The same for the slots of several arrays.
    ///
    /// # Safety
    /// `raw` are the slots of [`super::Views`] that are valid as long as this value.
    pub unsafe fn of_views(&mut self, raw: *const i64) -> *const i64 {
        // SAFETY: promised by the caller: the number of arrays, then the slots of each.
        unsafe {
            let n_arrays = *raw;
            let mut list = vec![n_arrays];
            let mut next = raw.add(1);
            for _ in 0..n_arrays {
                let n_slots = 3 + 2 * *next.add(2) as usize;
                let slots = self.of_view(next);
                list.extend_from_slice(std::slice::from_raw_parts(slots, n_slots));
                next = next.add(n_slots);
            }
            self.lists.push(list);
        }
        self.lists.last().map_or(std::ptr::null(), |list| list.as_ptr())
    }

    /// Overwrites the elements whose addresses the kernel replaced. All are read before any is written.
    pub fn write_back(&self) {
        let size = self.item_size;
        let mut replaced = Vec::new();
        let mut bytes = Vec::new();
        for array in &self.arrays {
            for (original, element) in array.originals.iter().zip(&array.elements) {
                if element.0 != *original as u64 {
                    replaced.push(*original);
                    let start = bytes.len();
                    bytes.resize(start + size, 0);
                    element.read(&mut bytes[start..]);
                }
            }
        }
        for (target, element) in replaced.into_iter().zip(bytes.chunks_exact(size.max(1))) {
            // SAFETY: the address of an element of an array that the kernel writes to.
            unsafe { std::ptr::copy_nonoverlapping(element.as_ptr(), target, size) };
        }
    }

    /// The array of the elements that another has addresses of.
    pub fn resolve(&self, mut addresses: NewArray<StandIn>) -> Result<NewArray<StandIn>> {
        let mut array = NewArray::of_items(addresses.view().extents(), self.item_size)?;
        let items = array.bytes(addresses.view().size() * self.item_size);
        for (element, item) in
            addresses.as_mut_slice().iter().zip(items.chunks_exact_mut(self.item_size.max(1)))
        {
            element.read(item);
        }
        Ok(array)
    }
}

impl StandIn {
    fn read(self, item: &mut [u8]) {
        match self.0 as *const u8 {
            address if address.is_null() => item.fill(0),
            // SAFETY: the address of an element of an argument, whose memory is valid during the call; new memory is
            // not part of it.
            address => unsafe { std::ptr::copy_nonoverlapping(address, item.as_mut_ptr(), item.len()) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slots of a view of elements of three bytes.
    fn slots(data: &mut [u8]) -> Vec<i64> {
        vec![data.as_mut_ptr() as i64, 3, 1, data.len() as i64 / 3, 3]
    }

    #[test]
    fn results_are_made_of_the_elements_that_are_stood_for() {
        let mut data = *b"abcdefghi";
        let slots = slots(&mut data);
        let mut stand_ins = StandIns::default();
        // SAFETY: the slots are those of the data.
        let view = unsafe { View::<StandIn>::of_slots(stand_ins.of_view(slots.as_ptr())) };
        let mut elements: Vec<StandIn> = view.iter().collect();
        elements.reverse();
        elements.push(StandIn::default());
        let addresses = NewArray::from_slice(&elements).ok().expect("there is memory for four addresses");
        let mut resolved = stand_ins.resolve(addresses).ok().expect("there is memory for twelve bytes");
        assert_eq!(resolved.bytes(12), b"ghidefabc\0\0\0");
    }

    #[test]
    fn replaced_elements_are_read_before_they_are_written() {
        let mut data = *b"abcdefghi";
        let slots = slots(&mut data);
        let mut stand_ins = StandIns::default();
        // SAFETY: the slots are those of the data, which nothing else refers to meanwhile.
        let view = unsafe { View::<StandIn>::of_slots(stand_ins.of_view(slots.as_ptr())) };
        let elements = view.as_mut_slice().expect("addresses lie behind each other");
        elements.swap(0, 2);
        stand_ins.write_back();
        assert_eq!(&data, b"ghidefabc");
    }
}

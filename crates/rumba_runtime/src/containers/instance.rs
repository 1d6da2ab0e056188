//! Instances of classes: blocks with a place for each field.

use super::{ElementLayout, OutOfMemory, status};
use crate::allocator::alloc;
use crate::context::ExecutionContext;
use crate::memory::Allocation;
use std::alloc::Layout;

/// The header of an instance; its fields follow. Compiled code reads and writes these, and notes in `changed` what it does:
/// `rumba_library::instances` knows where they are.
#[repr(C)]
pub struct Instance {
    allocation: Allocation,
    /// A bit for each field that differs from the object which the instance was made of; the last one for all further fields.
    pub changed: u64,
    /// The object of the interpreter that refers to this block, as long as there is one, or 0. Only the embedding uses it.
    pub boxed: usize,
    layout: &'static ElementLayout,
}

const _: () = assert!(std::mem::offset_of!(Instance, changed) == 40);
/// Where the fields begin.
const FIELDS: usize = 64;
const _: () = assert!(size_of::<Instance>() <= FIELDS);

impl Instance {
    /// An instance none of whose fields has been set. Behind the words of the layout stand those that it begins with.
    pub fn new(layout: &'static ElementLayout) -> Result<*mut Instance, OutOfMemory> {
        let memory = Layout::from_size_align(FIELDS + layout.size, 8).map_err(|_| OutOfMemory)?;
        // SAFETY: the layout is larger than the header.
        let instance = unsafe { alloc(memory) }.cast::<Instance>();
        if instance.is_null() {
            return Err(OutOfMemory);
        }
        // SAFETY: the block is fresh; the compiler lays out as many words as the fields take.
        unsafe {
            let allocation = Allocation::new(memory, Some(finish));
            instance.write(Instance { allocation, changed: 0, boxed: 0, layout });
            std::ptr::copy_nonoverlapping(layout.end().cast::<u8>(), Instance::fields(instance), layout.size);
        }
        Ok(instance)
    }

    /// Where the fields are.
    pub fn fields(instance: *mut Instance) -> *mut u8 {
        instance.cast::<u8>().wrapping_add(FIELDS)
    }

    /// The object that the instance was made of, or 0.
    pub fn object(&self) -> usize {
        self.allocation.object
    }

    /// # Safety
    /// The caller has a reference to the object, which is the instance's from here on.
    pub unsafe fn set_object(&mut self, object: usize) {
        self.allocation.object = object;
    }
}

unsafe fn finish(allocation: *mut Allocation) {
    let instance = allocation.cast::<Instance>();
    // SAFETY: the header is that of an instance, which nobody else refers to any more.
    unsafe { (*instance).layout.release(Instance::fields(instance), 1) };
}

/// `(layout)`: an instance none of whose fields has been set.
///
/// # Safety
/// As compiled code calls it: `ctx` is the thread's context, `layout` lives for ever, `out` has a slot.
unsafe extern "C" fn rumba_instance_new(
    ctx: *mut ExecutionContext,
    layout: *const ElementLayout,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        status(ctx, || {
            *out = Instance::new(&*layout)? as u64;
            Ok(())
        })
    }
}

pub(crate) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    table.push(("rumba_instance_new", rumba_instance_new as *const () as usize));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{rumba_release, rumba_retain};

    /// A link and a number.
    fn node(next: u64) -> u64 {
        let layout = ElementLayout::of_words_and_more(&[16, 1, 0, 0, 7], 2);
        let node = Instance::new(layout).expect("there is memory for some bytes");
        // SAFETY: there is room for two words.
        unsafe {
            let fields = Instance::fields(node).cast::<u64>();
            assert_eq!(fields.add(1).read(), 7);
            fields.write(next);
        }
        node as u64
    }

    #[test]
    fn long_chains_end_without_deep_recursion() {
        let mut first = node(0);
        let last = first;
        // SAFETY: the reference is given up below.
        unsafe { rumba_retain(last) };
        for _ in 0..1_000_000 {
            first = node(first);
        }
        // SAFETY: both references are this test's.
        unsafe {
            rumba_release(first);
            assert_eq!(Instance::fields(last as *mut Instance).cast::<u64>().read(), 0);
            rumba_release(last);
        }
    }
}

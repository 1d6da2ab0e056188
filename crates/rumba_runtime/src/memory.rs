//! Memory of arrays: counted allocations.
//!
//! An array's owner is a word that says who keeps its memory alive:
//! - 0: nobody needs to (constants);
//! - an address with the lowest bit set: an object of the interpreter (address without the bit), which
//!   outlives the call because the caller holds it;
//! - any other address: an [`Allocation`] with a reference count.

use crate::context::ExecutionContext;
use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::sync::atomic::{AtomicUsize, Ordering, fence};

/// Elements start at a multiple of this: a cache line, and the widest vector register.
const ALIGNMENT: usize = 64;

/// Header of a counted block; the elements follow [`ALIGNMENT`] bytes behind its start.
#[repr(C)]
pub struct Allocation {
    references: AtomicUsize,
    layout: Layout,
}

const _: () = assert!(size_of::<Allocation>() <= ALIGNMENT);

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The number of allocations that are alive: what leak tests count.
pub fn live_allocations() -> usize {
    LIVE.load(Ordering::Relaxed)
}

/// Allocates `n_bytes` for array elements, set to zero if `zeroed`. Fills `out` with owner and data.
/// Raises `MemoryError`, and `ValueError` for a negative size (an overflowed product of extents).
///
/// # Safety
/// `ctx` is the thread's context, `out` points to two slots.
pub unsafe extern "C" fn rumba_array_allocate(
    ctx: *mut ExecutionContext,
    n_bytes: i64,
    zeroed: bool,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    let ctx = unsafe { &mut *ctx };
    let Ok(n_bytes) = usize::try_from(n_bytes) else {
        ctx.raise("ValueError", "array is too big");
        return 1;
    };
    let layout = n_bytes.checked_add(ALIGNMENT).and_then(|size| Layout::from_size_align(size, ALIGNMENT).ok());
    let block = layout.map_or(std::ptr::null_mut(), |layout| {
        // SAFETY: the layout's size is at least ALIGNMENT, so not zero.
        unsafe { if zeroed { alloc_zeroed(layout) } else { alloc(layout) } }
    });
    let (Some(layout), false) = (layout, block.is_null()) else {
        ctx.raise("MemoryError", format!("cannot allocate {n_bytes} bytes for an array"));
        return 1;
    };
    LIVE.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the block is fresh, aligned, and large enough for the header and `n_bytes` behind it.
    unsafe {
        block.cast::<Allocation>().write(Allocation { references: AtomicUsize::new(1), layout });
        *out = block as u64;
        *out.add(1) = block.add(ALIGNMENT) as u64;
    }
    0
}

fn allocation(owner: u64) -> Option<*const Allocation> {
    (owner != 0 && owner & 1 == 0).then_some(owner as *const Allocation)
}

/// One more reference to what an array's owner word names.
///
/// # Safety
/// `owner` is an owner word of a live array.
pub unsafe extern "C" fn rumba_retain(owner: u64) {
    if let Some(allocation) = allocation(owner) {
        // SAFETY: the allocation is alive because a counted reference exists.
        unsafe { (*allocation).references.fetch_add(1, Ordering::Relaxed) };
    }
}

/// Gives one reference up and frees the memory with the last.
///
/// # Safety
/// `owner` is an owner word, and the caller owns one counted reference to it.
pub unsafe extern "C" fn rumba_release(owner: u64) {
    let Some(allocation) = allocation(owner) else { return };
    // SAFETY: the caller's reference keeps the allocation alive until here; whoever takes the count to
    // zero is the only one left and frees the block with the layout that it was allocated with.
    unsafe {
        if (*allocation).references.fetch_sub(1, Ordering::Release) == 1 {
            fence(Ordering::Acquire);
            let layout = (*allocation).layout;
            dealloc(allocation as *mut u8, layout);
            LIVE.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

//! Counted allocations: the memory of arrays and text, containers, and caught exceptions.
//!
//! An owner is a word that says who keeps its memory alive:
//! - 0: nobody needs to (constants);
//! - an address with the lowest bit set: an object of the interpreter (address without the bit), which
//!   outlives the call because the caller holds it;
//! - any other address: an [`Allocation`] with a reference count.

use crate::allocator::{alloc, alloc_zeroed, dealloc};
use crate::context::{ExecutionContext, Pending};
use crate::host::host;
use std::alloc::{Layout, handle_alloc_error};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

/// Elements start at a multiple of this: a cache line, and the widest vector register.
const ALIGNMENT: usize = 64;

/// What the system's allocator gives without being asked. To ask for more costs the way around its caches of small
/// blocks, and zeroed memory that it need not write.
const NATURAL_ALIGNMENT: usize = 16;

/// Header of a counted block; the elements of an array follow [`ALIGNMENT`] bytes behind its start.
#[repr(C)]
pub struct Allocation {
    references: AtomicUsize,
    /// Size and alignment of the memory that the block lies in, and how far behind its beginning the header is.
    size: usize,
    alignment: u32,
    lead: u32,
    /// Gives up what the block's contents own, before its memory is freed.
    finish: Option<unsafe fn(*mut Allocation)>,
    /// An object of the interpreter that lives as long as the block, or 0.
    pub(crate) object: usize,
}

const _: () = assert!(size_of::<Allocation>() <= ALIGNMENT);
const _: () = assert!(std::mem::offset_of!(Allocation, object) == 32);

impl Allocation {
    /// One reference again: what ends the block may have it in hand meanwhile.
    pub(crate) fn revive(&self) {
        self.references.store(1, Ordering::Relaxed);
    }

    /// The header of a block of this layout, with one reference counted.
    pub(crate) fn new(layout: Layout, finish: Option<unsafe fn(*mut Allocation)>) -> Allocation {
        LIVE.fetch_add(1, Ordering::Relaxed);
        let alignment = u32::try_from(layout.align()).expect("no block asks for more than a cache line");
        Allocation {
            references: AtomicUsize::new(1),
            size: layout.size(),
            alignment,
            lead: 0,
            finish,
            object: 0,
        }
    }
}

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The number of allocations that are alive: what leak tests count.
pub fn live_allocations() -> usize {
    LIVE.load(Ordering::Relaxed)
}

const NEGATIVE_EXTENT: i64 = -1;
const TOO_BIG: i64 = -2;

/// The bytes that an array of these extents takes, or what is wrong with them: a negative number for
/// [`rumba_array_allocate`] to raise.
///
/// # Safety
/// `extents` points to `ndim` slots.
pub unsafe extern "C" fn rumba_array_bytes(extents: *const i64, ndim: i64, item_size: i64) -> i64 {
    // SAFETY: promised by the caller.
    let extents = unsafe { std::slice::from_raw_parts(extents, ndim as usize) };
    if extents.iter().any(|extent| *extent < 0) {
        return NEGATIVE_EXTENT;
    }
    // As NumPy: an extent of 0 does not excuse others that are too large.
    let product = extents
        .iter()
        .filter(|extent| **extent != 0)
        .try_fold(item_size, |product, extent| product.checked_mul(*extent));
    match product {
        Some(_) if extents.contains(&0) => 0,
        Some(n_bytes) => n_bytes,
        None => TOO_BIG,
    }
}

/// Allocates `n_bytes` for array elements, set to zero if `zeroed`. Fills `out` with owner and data.
/// Raises `MemoryError`, and `ValueError` for what [`rumba_array_bytes`] found wrong.
///
/// # Safety
/// `ctx` is the thread's context, `out` points to two slots.
pub unsafe extern "C" fn rumba_array_allocate(
    ctx: *mut ExecutionContext,
    n_bytes: i64,
    zeroed: bool,
    out: *mut u64,
) -> i32 {
    match Counted::new(n_bytes, zeroed) {
        Ok(memory) => {
            let (owner, data) = memory.into_owner_and_data();
            // SAFETY: promised by the caller.
            unsafe {
                *out = owner;
                *out.add(1) = data;
            }
            0
        }
        Err((class, message)) => {
            // SAFETY: promised by the caller.
            unsafe { (*ctx).raise(class, message) };
            1
        }
    }
}

/// New memory for an array, with one reference counted, which whoever has this owns.
pub struct Counted {
    block: *mut u8,
}

impl Counted {
    /// Memory for an array of this shape. The error is the class and the message of an exception.
    pub fn of_array(
        extents: &[i64],
        item_size: usize,
        zeroed: bool,
    ) -> Result<Counted, (&'static str, String)> {
        // SAFETY: a slice of extents.
        let n_bytes = unsafe { rumba_array_bytes(extents.as_ptr(), extents.len() as i64, item_size as i64) };
        Counted::new(n_bytes, zeroed)
    }

    /// `n_bytes`, or what is wrong with them, as [`rumba_array_bytes`] says.
    fn new(n_bytes: i64, zeroed: bool) -> Result<Counted, (&'static str, String)> {
        let Ok(n_bytes) = usize::try_from(n_bytes) else {
            let message = match n_bytes {
                NEGATIVE_EXTENT => "negative dimensions are not allowed",
                _ => {
                    "array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size."
                }
            };
            return Err(("ValueError", message.into()));
        };
        let layout = n_bytes
            .checked_add(2 * ALIGNMENT - NATURAL_ALIGNMENT)
            .and_then(|size| Layout::from_size_align(size, NATURAL_ALIGNMENT).ok());
        let memory = layout.map_or(std::ptr::null_mut(), |layout| {
            // SAFETY: the layout's size is at least ALIGNMENT, so not zero.
            unsafe { if zeroed { alloc_zeroed(layout) } else { alloc(layout) } }
        });
        let (Some(layout), false) = (layout, memory.is_null()) else {
            return Err(("MemoryError", format!("cannot allocate {n_bytes} bytes for an array")));
        };
        let lead = memory.align_offset(ALIGNMENT);
        let header = Allocation { lead: lead as u32, ..Allocation::new(layout, None) };
        let block = memory.wrapping_add(lead);
        // SAFETY: the memory is fresh, and large enough for the header and what follows, with what alignment skips.
        unsafe { block.cast::<Allocation>().write(header) };
        Ok(Counted { block })
    }

    /// A block without elements that owns a reference to an object of the interpreter, and gives it up at its end.
    pub fn of_object(object: usize) -> Result<Counted, (&'static str, String)> {
        let counted = Counted::new(0, false)?;
        // SAFETY: the block has a header, which nobody else knows yet.
        unsafe { (*counted.block.cast::<Allocation>()).object = object };
        Ok(counted)
    }

    /// A block that holds a caught exception.
    pub fn of_exception(exception: Arc<Pending>) -> Counted {
        unsafe fn finish(block: *mut Allocation) {
            // SAFETY: the exception stands behind the header; nobody refers to the block any more.
            drop(unsafe { block.byte_add(ALIGNMENT).cast::<Arc<Pending>>().read() });
        }
        let layout = Layout::new::<Arc<Pending>>();
        let counted =
            Counted::new(layout.size() as i64, false).unwrap_or_else(|_| handle_alloc_error(layout));
        // SAFETY: the block is fresh, with space for the exception behind the header.
        unsafe {
            (*counted.block.cast::<Allocation>()).finish = Some(finish);
            counted.data().cast::<Arc<Pending>>().write(exception);
        }
        counted
    }

    /// Where the elements are.
    pub fn data(&self) -> *mut u8 {
        self.block.wrapping_add(ALIGNMENT)
    }

    /// Owner word and address, with the reference.
    pub fn into_owner_and_data(self) -> (u64, u64) {
        let parts = (self.block as u64, self.data() as u64);
        std::mem::forget(self);
        parts
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // SAFETY: the reference is this value's.
        unsafe { rumba_release(self.block as u64) };
    }
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
    let Some(allocation) = allocation(owner) else {
        return;
    };
    // SAFETY: the caller's reference keeps the allocation alive until here; whoever takes the count to
    // zero is the only one left and frees the block with the layout that it was allocated with.
    unsafe {
        if (*allocation).references.fetch_sub(1, Ordering::Release) == 1 {
            fence(Ordering::Acquire);
            match (*allocation).finish {
                Some(_) => free_with_contents(allocation.cast_mut()),
                None => free(allocation.cast_mut()),
            }
        }
    }
}

/// # Safety
/// Nobody refers to the block.
unsafe fn free(allocation: *mut Allocation) {
    // SAFETY: promised by the caller; the block has the layout that it was allocated with.
    unsafe {
        let Allocation { size, alignment, lead, object, finish, .. } = *allocation;
        if let Some(finish) = finish {
            finish(allocation);
        }
        let memory = allocation.cast::<u8>().sub(lead as usize);
        dealloc(memory, Layout::from_size_align_unchecked(size, alignment as usize));
        LIVE.fetch_sub(1, Ordering::Relaxed);
        if object > crate::containers::TYPED
            && let Some(host) = host()
        {
            (host.release)(object);
        }
    }
}

/// Blocks whose contents are being given up on this thread, one within the other.
const MAX_DEPTH: u32 = 50;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// The first of the blocks that end when those around them have ended; each has the address of the next one in place of
    /// its count, which is 0.
    static DEFERRED: Cell<usize> = const { Cell::new(0) };
}

/// As [`free`]; a chain of any length, such as a linked list, takes a limited amount of stack.
///
/// # Safety
/// As [`free`].
unsafe fn free_with_contents(allocation: *mut Allocation) {
    let depth = DEPTH.get();
    if depth == MAX_DEPTH {
        let next = DEFERRED.replace(allocation as usize);
        // SAFETY: promised by the caller.
        return unsafe { (*allocation).references.store(next, Ordering::Relaxed) };
    }
    DEPTH.set(depth + 1);
    // SAFETY: promised by the caller, and by those who deferred blocks.
    unsafe {
        free(allocation);
        if depth == 0 {
            loop {
                let next = DEFERRED.get() as *mut Allocation;
                if next.is_null() {
                    break;
                }
                DEFERRED.set((*next).references.load(Ordering::Relaxed));
                free(next);
            }
        }
    }
    DEPTH.set(depth);
}

/// The owner word under which a container keeps what `owner` keeps alive, for as long as it likes: objects of the
/// interpreter, which the caller holds during the call only, are given a counted block of their own. The result counts
/// one reference.
///
/// # Safety
/// `owner` is an owner word of a live value.
pub unsafe extern "C" fn rumba_keep(owner: u64) -> u64 {
    if owner & 1 == 0 {
        // SAFETY: promised by the caller.
        unsafe { rumba_retain(owner) };
        return owner;
    }
    let object = owner as usize & !1;
    let Some(host) = host() else { return owner };
    (host.retain)(object);
    match Counted::of_object(object) {
        Ok(counted) => counted.into_owner_and_data().0,
        // Without memory for a few words the object is kept for ever.
        Err(_) => owner,
    }
}

/// Whether anybody but the caller refers to an allocation.
///
/// # Safety
/// `owner` is the address of an allocation that the caller has a reference to.
pub unsafe fn is_shared(owner: u64) -> bool {
    // SAFETY: promised by the caller.
    allocation(owner)
        .is_some_and(|allocation| unsafe { (*allocation).references.load(Ordering::Acquire) > 1 })
}

/// The object of the interpreter that an owner word refers to; 0 if there is none.
///
/// # Safety
/// `owner` is an owner word of a live value.
pub unsafe fn object_of(owner: u64) -> usize {
    match allocation(owner) {
        // SAFETY: promised by the caller.
        Some(allocation) => unsafe { (*allocation).object },
        None => owner as usize & !1,
    }
}

/// The caught exception that an owner word refers to; none if that is 0.
///
/// # Safety
/// `owner` is 0, or the owner word of a caught exception.
pub unsafe fn exception_of(owner: u64) -> Option<Arc<Pending>> {
    // SAFETY: promised by the caller.
    allocation(owner).map(|block| unsafe { (*block.byte_add(ALIGNMENT).cast::<Arc<Pending>>()).clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(extents: &[i64]) -> i64 {
        // SAFETY: a slice of extents.
        unsafe { rumba_array_bytes(extents.as_ptr(), extents.len() as i64, 8) }
    }

    #[test]
    fn bytes_of_an_array() {
        assert_eq!(bytes(&[]), 8);
        assert_eq!(bytes(&[3, 4]), 96);
        assert_eq!(bytes(&[3, 0]), 0);
        assert_eq!(bytes(&[3, -1]), NEGATIVE_EXTENT);
        assert_eq!(bytes(&[1 << 61]), TOO_BIG);
        assert_eq!(bytes(&[1 << 31, 1 << 31, 0]), TOO_BIG);
    }

    #[test]
    fn allocations_are_counted_and_freed() {
        let mut ctx = ExecutionContext::new(0);
        let mut out = [0u64; 2];
        // SAFETY: as the functions ask; the block is released as often as it is retained and made.
        unsafe {
            assert_eq!(rumba_array_allocate(&mut ctx, 80, true, out.as_mut_ptr()), 0);
            assert_eq!(out[1] % ALIGNMENT as u64, 0);
            assert_eq!(std::slice::from_raw_parts(out[1] as *const u8, 80), [0; 80]);
            rumba_retain(out[0]);
            rumba_release(out[0]);
            rumba_release(out[0]);
            assert_eq!(rumba_array_allocate(&mut ctx, NEGATIVE_EXTENT, true, out.as_mut_ptr()), 1);
        }
        assert!(ctx.pending.is_some());
    }
}

//! Memory for arrays and containers: as `std::alloc`, but blocks that were freed are kept for the next ones of their size,
//! where they are large.
//!
//! The system's allocator hands large blocks back, and each page of a new one faults when it is touched, which takes longer
//! than most loops over it. So a dict that grows anew in each call, or an array expression in a loop, finds the memory
//! of the last time.
//!
//! On Linux the largest blocks are pages of their own, which are asked to be huge. From a heap that others use they would be in
//! part small ones, and a loop over an array would take up to twice the time.

use std::alloc::Layout;
use std::sync::Mutex;

/// From this size on the system's allocator asks the kernel for memory.
const LARGE: usize = 128 << 10;

/// The most bytes that are kept.
const MOST_KEPT: usize = 32 << 20;

/// From this size on huge pages are asked for, as NumPy does. Sizes above are multiples of a sixteenth of this.
const HUGE: usize = 4 << 20;

/// Freed blocks, the oldest first.
static KEPT: Mutex<Kept> = Mutex::new(Kept { blocks: Vec::new(), n_bytes: 0 });

struct Kept {
    blocks: Vec<Block>,
    n_bytes: usize,
}

struct Block {
    memory: *mut u8,
    /// Of memory that the system's allocator gave.
    layout: Layout,
}

// SAFETY: the memory of a kept block is nobody else's.
unsafe impl Send for Block {}

impl Block {
    fn free(self) {
        // SAFETY: the block was allocated with this layout, and nobody uses it.
        unsafe { give_back(self.memory, self.layout) };
    }
}

impl Kept {
    /// The youngest block of this layout.
    fn take(&mut self, layout: Layout) -> Option<*mut u8> {
        let position = self.blocks.iter().rposition(|block| block.layout == layout)?;
        self.n_bytes -= layout.size();
        Some(self.blocks.remove(position).memory)
    }

    fn keep(&mut self, block: Block) {
        self.n_bytes += block.layout.size();
        self.blocks.push(block);
        let mut n_freed = 0;
        while self.n_bytes > MOST_KEPT {
            self.n_bytes -= self.blocks[n_freed].layout.size();
            n_freed += 1;
        }
        self.blocks.drain(..n_freed).for_each(Block::free);
    }
}

/// Something of the kept blocks. Where another thread is at them, or was when the process forked, there are none.
fn with_kept<R>(action: impl FnOnce(&mut Kept) -> Option<R>) -> Option<R> {
    KEPT.try_lock().ok().and_then(|mut kept| action(&mut kept))
}

/// What the system's allocator is asked for: of large sizes eight to sixteen between powers of two, so that they recur.
fn rounded(layout: Layout) -> Option<Layout> {
    if layout.size() < LARGE {
        return Some(layout);
    }
    let step = layout.size().checked_next_power_of_two()? >> 4;
    Layout::from_size_align(layout.size().checked_next_multiple_of(step)?, layout.align()).ok()
}

/// # Safety
/// As [`std::alloc::alloc`].
pub unsafe fn alloc(layout: Layout) -> *mut u8 {
    let Some(layout) = rounded(layout) else { return std::ptr::null_mut() };
    if layout.size() >= LARGE
        && let Some(memory) = with_kept(|kept| kept.take(layout))
    {
        return memory;
    }
    // SAFETY: promised by the caller.
    unsafe { fresh(layout, false) }
}

/// # Safety
/// As [`std::alloc::alloc_zeroed`].
pub unsafe fn alloc_zeroed(layout: Layout) -> *mut u8 {
    let Some(layout) = rounded(layout) else { return std::ptr::null_mut() };
    // Fresh pages are zero: from some size on that is cheaper than to write zeros.
    if (LARGE..HUGE).contains(&layout.size())
        && let Some(memory) = with_kept(|kept| kept.take(layout))
    {
        // SAFETY: the block has that many bytes.
        unsafe { memory.write_bytes(0, layout.size()) };
        return memory;
    }
    // SAFETY: promised by the caller.
    unsafe { fresh(layout, true) }
}

/// # Safety
/// The layout is rounded, and its size not zero.
unsafe fn fresh(layout: Layout, zeroed: bool) -> *mut u8 {
    // SAFETY: promised by the caller.
    let memory = unsafe { acquire(layout, zeroed) };
    if !memory.is_null() {
        return memory;
    }
    let freed = with_kept(|kept| Some(std::mem::replace(kept, Kept { blocks: Vec::new(), n_bytes: 0 })));
    freed.into_iter().flat_map(|kept| kept.blocks).for_each(Block::free);
    // SAFETY: as above.
    unsafe { acquire(layout, zeroed) }
}

/// Memory of the system.
///
/// # Safety
/// The layout is rounded, and its size not zero.
unsafe fn acquire(layout: Layout, zeroed: bool) -> *mut u8 {
    #[cfg(target_os = "linux")]
    if layout.size() >= HUGE {
        return pages::map(layout.size());
    }
    // SAFETY: promised by the caller.
    unsafe { if zeroed { std::alloc::alloc_zeroed(layout) } else { std::alloc::alloc(layout) } }
}

/// # Safety
/// The memory was acquired with this layout, and nobody uses it.
unsafe fn give_back(memory: *mut u8, layout: Layout) {
    #[cfg(target_os = "linux")]
    if layout.size() >= HUGE {
        // SAFETY: promised by the caller.
        return unsafe { pages::unmap(memory, layout.size()) };
    }
    // SAFETY: promised by the caller.
    unsafe { std::alloc::dealloc(memory, layout) };
}

/// # Safety
/// As [`std::alloc::dealloc`], of memory that this module gave.
pub unsafe fn dealloc(memory: *mut u8, layout: Layout) {
    let layout = rounded(layout).expect("memory of this layout was allocated");
    let block = Block { memory, layout };
    if !(LARGE..=MOST_KEPT).contains(&layout.size()) {
        return block.free();
    }
    match KEPT.try_lock() {
        Ok(mut kept) => kept.keep(block),
        Err(_) => block.free(),
    }
}

/// # Safety
/// As [`std::alloc::realloc`], of memory that this module gave.
pub unsafe fn realloc(memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
    let wanted = Layout::from_size_align(new_size, layout.align()).ok().and_then(rounded);
    let (Some(old), Some(new)) = (rounded(layout), wanted) else { return std::ptr::null_mut() };
    if old == new {
        return memory;
    }
    if new.size() >= LARGE
        && let Some(place) = with_kept(|kept| kept.take(new))
    {
        // SAFETY: both blocks have at least so many bytes; the old one is the caller's to give up.
        unsafe {
            place.copy_from_nonoverlapping(memory, layout.size().min(new_size));
            dealloc(memory, layout);
        }
        return place;
    }
    #[cfg(target_os = "linux")]
    match (old.size() >= HUGE, new.size() >= HUGE) {
        (false, false) => {}
        // SAFETY: pages of this size are there, and their owner's.
        (true, true) => return unsafe { pages::resize(memory, old.size(), new.size()) },
        _ => {
            // SAFETY: both blocks have at least so many bytes; the old one is the caller's to give up.
            unsafe {
                let place = fresh(new, false);
                if !place.is_null() {
                    place.copy_from_nonoverlapping(memory, layout.size().min(new_size));
                    dealloc(memory, layout);
                }
                return place;
            }
        }
    }
    // SAFETY: the memory has the old layout, rounded.
    unsafe { std::alloc::realloc(memory, old, new.size()) }
}

/// Pages of the system, which are zero at first. Sizes are multiples of the size of a small page, wherever Linux runs.
#[cfg(target_os = "linux")]
mod pages {
    use std::ptr::null_mut;

    /// The size of a huge page of most machines. Only whole ones, at multiples of it, are backed by one.
    const HUGE_PAGE: usize = 2 << 20;

    /// So many bytes from the start of a huge page on; null if there are none.
    pub fn map(n_bytes: usize) -> *mut u8 {
        let Some(length) = n_bytes.checked_add(HUGE_PAGE) else { return null_mut() };
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: new memory, wherever there is room for it.
        let start = unsafe { libc::mmap(null_mut(), length, access, kind, -1, 0) };
        if start == libc::MAP_FAILED {
            return null_mut();
        }
        let start: *mut u8 = start.cast();
        let n_before = start.align_offset(HUGE_PAGE);
        let memory = start.wrapping_add(n_before);
        // SAFETY: what was just mapped, but for the bytes that are asked for.
        unsafe {
            unmap(start, n_before);
            unmap(memory.wrapping_add(n_bytes), HUGE_PAGE - n_before);
        }
        prefer_huge(memory, n_bytes);
        memory
    }

    /// # Safety
    /// The pages were mapped, and nobody uses them.
    pub unsafe fn unmap(memory: *mut u8, n_bytes: usize) {
        if n_bytes > 0 {
            // SAFETY: promised by the caller.
            unsafe { libc::munmap(memory.cast(), n_bytes) };
        }
    }

    /// Null, and nothing has happened, if there is no room.
    ///
    /// # Safety
    /// So many pages were mapped, and nobody else uses them.
    pub unsafe fn resize(memory: *mut u8, n_bytes: usize, new: usize) -> *mut u8 {
        // SAFETY: promised by the caller.
        let moved = unsafe { libc::mremap(memory.cast(), n_bytes, new, libc::MREMAP_MAYMOVE) };
        if moved == libc::MAP_FAILED {
            return null_mut();
        }
        prefer_huge(moved.cast(), new);
        moved.cast()
    }

    fn prefer_huge(memory: *mut u8, n_bytes: usize) {
        // SAFETY: it is advice, which may be ignored, and changes no contents.
        unsafe { libc::madvise(memory.cast(), n_bytes, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 16).expect("a small layout")
    }

    #[test]
    fn sizes_are_rounded_by_an_eighth_at_most() {
        for size in (1..1000).map(|n| n * 7919).chain([1 << 20, (1 << 20) + 1]) {
            let rounded = rounded(layout(size)).expect("fits").size();
            assert!(size <= rounded && rounded <= size + size / 8);
            assert!(size >= LARGE || rounded == size);
        }
        assert!(super::rounded(layout(isize::MAX as usize - 15)).is_none());
    }

    #[test]
    fn the_youngest_block_is_used_again_and_old_ones_are_freed() {
        let mut kept = Kept { blocks: Vec::new(), n_bytes: 0 };
        let size = MOST_KEPT / 4;
        // SAFETY: sizes are not zero; what is taken is freed once.
        unsafe {
            let blocks: Vec<*mut u8> = (0..5).map(|_| acquire(layout(size), false)).collect();
            blocks.iter().for_each(|memory| kept.keep(Block { memory: *memory, layout: layout(size) }));
            assert_eq!(kept.n_bytes, MOST_KEPT);
            assert_eq!(kept.take(layout(size / 2)), None);
            for memory in blocks[1..].iter().rev() {
                assert_eq!(kept.take(layout(size)), Some(*memory));
                give_back(*memory, layout(size));
            }
            assert_eq!((kept.take(layout(size)), kept.n_bytes), (None, 0));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn pages_are_zero_keep_their_contents_and_begin_a_huge_page() {
        for n_bytes in [HUGE, HUGE + HUGE / 16, 3 * HUGE] {
            let memory = pages::map(n_bytes);
            assert_eq!(memory.align_offset(2 << 20), 0);
            // SAFETY: so many bytes are mapped, resized, and unmapped once.
            unsafe {
                assert!(std::slice::from_raw_parts(memory, n_bytes).iter().all(|byte| *byte == 0));
                memory.write_bytes(7, n_bytes);
                let grown = pages::resize(memory, n_bytes, 2 * n_bytes);
                let bytes = std::slice::from_raw_parts(grown, 2 * n_bytes);
                assert!(bytes[..n_bytes].iter().all(|byte| *byte == 7));
                assert!(bytes[n_bytes..].iter().all(|byte| *byte == 0));
                pages::unmap(grown, 2 * n_bytes);
            }
        }
        assert!(pages::map(usize::MAX / 4).is_null() && pages::map(usize::MAX).is_null());
    }

    #[test]
    fn zeroed_and_grown() {
        let sizes = [1, 100, LARGE - 1, LARGE, LARGE + 1, HUGE, 3 * HUGE, MOST_KEPT + 1];
        for (small, large) in sizes.iter().flat_map(|a| sizes.iter().map(move |b| (*a, *b))) {
            // SAFETY: sizes are not zero; bytes are read and written within them, and memory is freed once.
            unsafe {
                let dirty = alloc(layout(small));
                dirty.write_bytes(7, small);
                dealloc(dirty, layout(small));
                let zeros = alloc_zeroed(layout(small));
                assert!(std::slice::from_raw_parts(zeros, small).iter().all(|byte| *byte == 0));
                zeros.write_bytes(9, small);
                let grown = realloc(zeros, layout(small), large);
                let n_copied = small.min(large);
                assert!(std::slice::from_raw_parts(grown, n_copied).iter().all(|byte| *byte == 9));
                grown.write_bytes(1, large);
                dealloc(grown, layout(large));
            }
        }
    }
}

//! Memory for arrays and containers: as `std::alloc`, but blocks that were freed are kept for the next ones of their size,
//! where they are large.
//!
//! The system's allocator hands large blocks back, and each page of a new one faults when it is touched, which takes longer
//! than most loops over it. So a dict that grows anew in each call, or an array expression in a loop, finds the memory
//! of the last time.

use std::alloc::Layout;
use std::sync::Mutex;

/// From this size on the system's allocator asks the kernel for memory.
const LARGE: usize = 128 << 10;

/// The most bytes that are kept.
const MOST_KEPT: usize = 32 << 20;

/// From this size on huge pages are asked for, as NumPy does.
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
        unsafe { std::alloc::dealloc(self.memory, self.layout) };
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
    unsafe { fresh(layout, std::alloc::alloc) }
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
    unsafe { fresh(layout, std::alloc::alloc_zeroed) }
}

/// # Safety
/// `allocate` may be called with the layout.
unsafe fn fresh(layout: Layout, allocate: unsafe fn(Layout) -> *mut u8) -> *mut u8 {
    // SAFETY: promised by the caller.
    let mut memory = unsafe { allocate(layout) };
    if memory.is_null() {
        let freed = with_kept(|kept| Some(std::mem::replace(kept, Kept { blocks: Vec::new(), n_bytes: 0 })));
        freed.into_iter().flat_map(|kept| kept.blocks).for_each(Block::free);
        // SAFETY: as above.
        memory = unsafe { allocate(layout) };
    }
    #[cfg(target_os = "linux")]
    if layout.size() >= HUGE && !memory.is_null() {
        prefer_huge_pages(memory, layout.size());
    }
    memory
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
    // SAFETY: the memory has the old layout, rounded.
    unsafe { std::alloc::realloc(memory, old, new.size()) }
}

/// Asks the system to back memory that was not used yet by huge pages: a page fault for each 2 MB instead of each 4 KB.
#[cfg(target_os = "linux")]
fn prefer_huge_pages(memory: *mut u8, n_bytes: usize) {
    /// A multiple of the size of a page, wherever Linux runs.
    const PAGE: usize = 64 << 10;
    let skipped = memory.align_offset(PAGE);
    let length = n_bytes.saturating_sub(skipped) / PAGE * PAGE;
    // SAFETY: whole pages of memory that the caller has for itself; it is advice, which may be ignored, and changes no
    // contents.
    unsafe { libc::madvise(memory.wrapping_add(skipped).cast(), length, libc::MADV_HUGEPAGE) };
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
            let blocks: Vec<*mut u8> = (0..5).map(|_| std::alloc::alloc(layout(size))).collect();
            blocks.iter().for_each(|memory| kept.keep(Block { memory: *memory, layout: layout(size) }));
            assert_eq!(kept.n_bytes, MOST_KEPT);
            assert_eq!(kept.take(layout(size / 2)), None);
            for memory in blocks[1..].iter().rev() {
                assert_eq!(kept.take(layout(size)), Some(*memory));
                std::alloc::dealloc(*memory, layout(size));
            }
            assert_eq!((kept.take(layout(size)), kept.n_bytes), (None, 0));
        }
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

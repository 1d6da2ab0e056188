//! Lists, dicts, sets and instances of classes: counted blocks that own what their elements refer to.
//!
//! Elements are stored as the compiler lays them out (`Type::storage`); all that a container knows of them is their
//! [`ElementLayout`]. Compiled code reads and writes elements itself; what changes the size of a container is here.

mod instance;
mod list;
mod sorting;
mod table;

pub use instance::Instance;
pub use list::List;
pub use table::{Table, TableLayout};

/// Names and addresses of the functions that change containers.
pub(crate) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    instance::symbols(table);
    list::symbols(table);
    table::symbols(table);
    table.push(("rumba_list_sort", sorting::rumba_list_sort as *const () as usize));
}

use crate::context::ExecutionContext;
use crate::memory::{rumba_release, rumba_retain};

/// There is no memory for what a container is to hold.
#[derive(Debug)]
pub struct OutOfMemory;

/// Runs `change`; the status of compiled code: 1 with `MemoryError` pending.
///
/// # Safety
/// `ctx` is the thread's context.
unsafe fn status(ctx: *mut ExecutionContext, change: impl FnOnce() -> Result<(), OutOfMemory>) -> i32 {
    match change() {
        Ok(()) => 0,
        Err(OutOfMemory) => {
            // SAFETY: promised by the caller.
            unsafe { (*ctx).raise("MemoryError", "") };
            1
        }
    }
}

/// What a container is said to be made of that is shared with the interpreter: it is boxed as an object of `rumba.typed`.
pub const TYPED: usize = 1;

/// How elements lie in memory: constant data of compiled code, which is never unloaded.
#[repr(C)]
pub struct ElementLayout {
    /// In bytes; where there are owner words, a multiple of 8.
    pub size: usize,
    n_owners: usize,
    /// The first of `n_owners` distances from the start of an element to owner words.
    owners: [usize; 0],
}

/// The layout of texts: address, owner, length, width.
pub fn text_layout() -> &'static ElementLayout {
    ElementLayout::of_words(&[32, 1, 8])
}

impl ElementLayout {
    /// The layout of these words: size, number of owner words, where they are.
    pub fn of_words(words: &'static [usize]) -> &'static ElementLayout {
        ElementLayout::of_words_and_more(words, 0)
    }

    /// The same, of words that as many others follow.
    pub fn of_words_and_more(words: &'static [usize], n_more: usize) -> &'static ElementLayout {
        assert_eq!(words.len(), words[1] + 2 + n_more, "as many owner words as there are said to be");
        // SAFETY: the words are a layout, and live for ever.
        unsafe { &*words.as_ptr().cast() }
    }

    fn owners(&self) -> &[usize] {
        // SAFETY: the compiler lays the words out as declared.
        unsafe { std::slice::from_raw_parts(self.owners.as_ptr(), self.n_owners) }
    }

    /// What follows the words of the layout.
    fn end(&self) -> *const usize {
        self.owners.as_ptr().wrapping_add(self.n_owners)
    }

    /// Whether copying the bytes of an element copies it.
    pub fn is_plain(&self) -> bool {
        self.n_owners == 0
    }

    /// Counts a reference for each owner word of `n` elements.
    ///
    /// # Safety
    /// The elements are alive.
    pub unsafe fn retain(&self, elements: *const u8, n: usize) {
        // SAFETY: promised by the caller.
        self.each_owner(elements, n, |owner| unsafe { rumba_retain(owner) });
    }

    /// Gives the references of `n` elements up.
    ///
    /// # Safety
    /// The elements are the caller's, who does not look at them again.
    pub unsafe fn release(&self, elements: *const u8, n: usize) {
        // SAFETY: promised by the caller.
        self.each_owner(elements, n, |owner| unsafe { rumba_release(owner) });
    }

    fn each_owner(&self, elements: *const u8, n: usize, visit: impl Fn(u64)) {
        if self.is_plain() {
            return;
        }
        for idx in 0..n {
            for owner in self.owners() {
                // SAFETY: owner words are within the elements, aligned.
                visit(unsafe { elements.add(idx * self.size + owner).cast::<u64>().read() });
            }
        }
    }
}

//! Lists.

use super::{ElementLayout, OutOfMemory, status};
use crate::allocator::{alloc, dealloc, realloc};
use crate::context::ExecutionContext;
use crate::memory::{Allocation, rumba_release};
use std::alloc::{Layout, handle_alloc_error};

/// A list. Compiled code reads `data`, `length` and `capacity`, adds elements where there is room, and notes in `changed` what it does:
/// `rumba_library::lists` knows where they are.
#[repr(C)]
pub struct List {
    allocation: Allocation,
    pub data: *mut u8,
    pub length: usize,
    /// Not 0 once the list differs from the object that it was made of.
    pub changed: u64,
    /// For how many elements there is room from `data` on.
    capacity: usize,
    layout: &'static ElementLayout,
    /// For how many elements there is room before `data`.
    front: usize,
    /// Of a deque: the largest length that compiled code lets it have, `i64::MAX` if there is none.
    limit: i64,
    /// Of a deque: how often its length has changed.
    version: i64,
}

const _: () = assert!(std::mem::offset_of!(List, data) == 40);
const _: () = assert!(std::mem::offset_of!(List, length) == 48);
const _: () = assert!(std::mem::offset_of!(List, changed) == 56);
const _: () = assert!(std::mem::offset_of!(List, capacity) == 64);
const _: () = assert!(std::mem::offset_of!(List, limit) == 88);
const _: () = assert!(std::mem::offset_of!(List, version) == 96);

/// Elements are at multiples of this.
const ALIGNMENT: usize = 8;

impl List {
    /// An empty list with room for `capacity` elements.
    pub fn new(layout: &'static ElementLayout, capacity: usize) -> Result<*mut List, OutOfMemory> {
        // SAFETY: a list is no empty type.
        let list = unsafe { alloc(Layout::new::<List>()) }.cast::<List>();
        if list.is_null() {
            return Err(OutOfMemory);
        }
        // SAFETY: the block is fresh and as large as a list.
        unsafe {
            list.write(List {
                allocation: Allocation::new(Layout::new::<List>(), Some(finish)),
                data: std::ptr::without_provenance_mut(ALIGNMENT),
                length: 0,
                changed: 0,
                capacity: 0,
                layout,
                front: 0,
                limit: i64::MAX,
                version: 0,
            });
            match (*list).reserve(capacity) {
                Ok(()) => Ok(list),
                Err(error) => {
                    rumba_release(list as u64);
                    Err(error)
                }
            }
        }
    }

    fn bytes(&self, capacity: usize) -> Option<Layout> {
        Layout::from_size_align(capacity.checked_mul(self.layout.size)?, ALIGNMENT).ok()
    }

    /// Makes room for `capacity` elements in all.
    pub fn reserve(&mut self, capacity: usize) -> Result<(), OutOfMemory> {
        if capacity <= self.capacity {
            return Ok(());
        }
        if self.layout.size == 0 {
            self.capacity = usize::MAX;
            return Ok(());
        }
        let wanted = self.bytes(capacity).ok_or(OutOfMemory)?;
        self.move_to_front();
        if capacity <= self.capacity {
            return Ok(());
        }
        // SAFETY: the old memory has the layout of the old capacity, and sizes are not zero.
        let data = unsafe {
            match self.capacity {
                0 => alloc(wanted),
                old => realloc(self.data, self.bytes(old).ok_or(OutOfMemory)?, wanted.size()),
            }
        };
        if data.is_null() {
            return Err(OutOfMemory);
        }
        self.data = data;
        self.capacity = capacity;
        Ok(())
    }

    fn grow(&mut self, n_more: usize) -> Result<(), OutOfMemory> {
        let wanted = self.length.checked_add(n_more).ok_or(OutOfMemory)?;
        if wanted <= self.capacity {
            return Ok(());
        }
        // Moving the elements to the front pays where it makes room for as many again.
        if self.front >= wanted {
            self.move_to_front();
            return Ok(());
        }
        self.reserve(wanted.max(self.capacity.saturating_mul(2)).max(4))
    }

    /// Takes the room before the first element for what comes behind the last.
    fn move_to_front(&mut self) {
        let distance = self.front * self.layout.size;
        if distance == 0 {
            return;
        }
        let start = self.data.wrapping_sub(distance);
        // SAFETY: the memory begins with the room before the elements, which are moved as they are.
        unsafe { std::ptr::copy(self.data, start, self.length * self.layout.size) };
        self.data = start;
        self.capacity += self.front;
        self.front = 0;
    }

    /// Makes room for `n` elements before the first one, and for as many again as there are.
    fn grow_front(&mut self, n: usize) -> Result<(), OutOfMemory> {
        if self.front >= n || self.layout.size == 0 {
            return Ok(());
        }
        let size = self.layout.size;
        let slack = self.capacity - self.length;
        if slack / 2 >= n + self.length {
            let distance = slack / 2;
            // SAFETY: there is more room than that behind the last element.
            unsafe {
                let data = self.data.add(distance * size);
                std::ptr::copy(self.data, data, self.length * size);
                self.data = data;
            }
            self.front += distance;
            self.capacity -= distance;
            return Ok(());
        }
        let front = n.checked_add(self.length.max(4)).ok_or(OutOfMemory)?;
        let total = front.checked_add(self.capacity).ok_or(OutOfMemory)?;
        let wanted = self.bytes(total).ok_or(OutOfMemory)?;
        // SAFETY: sizes are not zero; the elements fit behind the room in front of them.
        unsafe {
            let start = alloc(wanted);
            if start.is_null() {
                return Err(OutOfMemory);
            }
            let data = start.add(front * size);
            std::ptr::copy_nonoverlapping(self.data, data, self.length * size);
            self.free_memory();
            self.data = data;
        }
        self.front = front;
        Ok(())
    }

    /// Gives the memory of the elements back.
    ///
    /// # Safety
    /// Nobody reads it any more.
    unsafe fn free_memory(&mut self) {
        let total = self.front + if self.layout.size == 0 { 0 } else { self.capacity };
        if total > 0
            && let Some(layout) = self.bytes(total)
        {
            // SAFETY: the memory begins with the room in front, and was allocated with this layout.
            unsafe { dealloc(self.data.sub(self.front * self.layout.size), layout) };
        }
    }

    /// Of a deque: the largest length, if there is one.
    pub fn limit(&self) -> Option<i64> {
        (self.limit != i64::MAX).then_some(self.limit)
    }

    pub fn set_limit(&mut self, limit: Option<i64>) {
        self.limit = limit.unwrap_or(i64::MAX);
    }

    /// The object that the list was made of, or 0.
    pub fn object(&self) -> usize {
        self.allocation.object
    }

    /// # Safety
    /// The caller has a reference to the object, which is the list's from here on.
    pub unsafe fn set_object(&mut self, object: usize) {
        self.allocation.object = object;
    }

    pub fn layout(&self) -> &'static ElementLayout {
        self.layout
    }

    /// A new list of elements that are given as the words which they consist of.
    pub fn filled<const N: usize>(
        layout: &'static ElementLayout,
        elements: impl ExactSizeIterator<Item = [u64; N]>,
    ) -> *mut List {
        assert_eq!(layout.size, N * 8, "elements of as many words as the layout says");
        let list =
            List::new(layout, elements.len()).unwrap_or_else(|_| handle_alloc_error(Layout::new::<List>()));
        for element in elements {
            // SAFETY: there is room for that many.
            unsafe {
                (*list).at((*list).length).cast::<[u64; N]>().write(element);
                (*list).length += 1;
            }
        }
        list
    }

    /// The address of an element, or of the end.
    pub fn at(&self, idx: usize) -> *mut u8 {
        self.data.wrapping_add(idx * self.layout.size)
    }

    /// Removes `count` elements, whose references are given up unless the caller keeps them.
    ///
    /// # Safety
    /// `list` is alive; the positions are its own.
    pub unsafe fn remove(list: *mut List, start: usize, count: usize, keep: bool) {
        // SAFETY: promised by the caller. References are given up when the list no longer holds them: that may end what
        // refers to the list.
        unsafe {
            let list = &mut *list;
            let layout = list.layout;
            let removed = match keep || layout.is_plain() {
                true => Vec::new(),
                false => {
                    std::slice::from_raw_parts(list.at(start).cast::<u64>(), count * layout.size / 8).to_vec()
                }
            };
            list.close(start, count);
            if !removed.is_empty() {
                layout.release(removed.as_ptr().cast(), count);
            }
        }
    }

    /// Opens a gap of `n` elements before element `idx`, which the caller fills.
    ///
    /// # Safety
    /// The list has that many elements.
    pub unsafe fn open(&mut self, idx: usize, n: usize) -> Result<*mut u8, OutOfMemory> {
        self.version += 1;
        self.changed = 1;
        if idx == 0 && self.length > 0 && self.layout.size > 0 {
            self.grow_front(n)?;
            self.data = self.data.wrapping_sub(n * self.layout.size);
            self.front -= n;
            self.capacity += n;
            self.length += n;
            return Ok(self.data);
        }
        self.grow(n)?;
        // SAFETY: there is room for `n` more elements behind the last.
        unsafe { std::ptr::copy(self.at(idx), self.at(idx + n), (self.length - idx) * self.layout.size) };
        self.length += n;
        Ok(self.at(idx))
    }

    /// Closes the gap of `n` elements from element `idx` on, whose references have been given up or taken over.
    unsafe fn close(&mut self, idx: usize, n: usize) {
        self.version += 1;
        self.changed = 1;
        if idx == 0 && n < self.length && self.layout.size > 0 {
            self.data = self.data.wrapping_add(n * self.layout.size);
            self.front += n;
            self.capacity -= n;
            self.length -= n;
            return;
        }
        // SAFETY: the elements are the list's.
        unsafe { std::ptr::copy(self.at(idx + n), self.at(idx), (self.length - idx - n) * self.layout.size) };
        self.length -= n;
    }
}

unsafe fn finish(allocation: *mut Allocation) {
    // SAFETY: the header is that of a list, which nobody else refers to any more.
    unsafe {
        let list = &mut *allocation.cast::<List>();
        list.layout.release(list.data, list.length);
        list.free_memory();
    }
}

/// `(layout, capacity)`: an empty list.
///
/// # Safety
/// As compiled code calls it: `ctx` is the thread's context, `layout` lives for ever, `out` has a slot.
unsafe extern "C" fn rumba_list_new(
    ctx: *mut ExecutionContext,
    layout: *const ElementLayout,
    capacity: i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        status(ctx, || {
            *out = List::new(&*layout, capacity.max(0) as usize)? as u64;
            Ok(())
        })
    }
}

/// `(list)`: the address for one more element at the end, which the caller fills.
///
/// # Safety
/// As [`rumba_list_new`]; `list` is one.
unsafe extern "C" fn rumba_list_push(ctx: *mut ExecutionContext, list: *mut List, out: *mut u64) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        status(ctx, || {
            let list = &mut *list;
            list.grow(1)?;
            *out = list.at(list.length) as u64;
            list.length += 1;
            list.changed = 1;
            list.version += 1;
            Ok(())
        })
    }
}

/// `(list, position)`: the address of a new element before an existing one, or at the end, which the caller fills.
///
/// # Safety
/// As [`rumba_list_push`]; the position is not behind the end.
unsafe extern "C" fn rumba_list_insert(
    ctx: *mut ExecutionContext,
    list: *mut List,
    position: i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        status(ctx, || {
            *out = (*list).open(position as usize, 1)? as u64;
            Ok(())
        })
    }
}

/// `(list, start, stop, step, count)`: a new list of `count` elements of a list.
///
/// # Safety
/// As [`rumba_list_push`]; the positions are the list's.
unsafe extern "C" fn rumba_list_slice(
    ctx: *mut ExecutionContext,
    list: *const List,
    start: i64,
    step: i64,
    count: i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        status(ctx, || {
            let list = &*list;
            let new = &mut *List::new(list.layout, count as usize)?;
            let size = list.layout.size;
            if step == 1 {
                std::ptr::copy_nonoverlapping(list.at(start as usize), new.data, count as usize * size);
            } else {
                for idx in 0..count {
                    let from = list.at((start + idx * step) as usize);
                    std::ptr::copy_nonoverlapping(from, new.at(idx as usize), size);
                }
            }
            new.length = count as usize;
            new.limit = list.limit;
            new.layout.retain(new.data, new.length);
            *out = &raw mut *new as u64;
            Ok(())
        })
    }
}

/// `(list, other)`: appends the elements of `other`, which may be the list itself.
///
/// # Safety
/// As [`rumba_list_push`], for both.
unsafe extern "C" fn rumba_list_extend(
    ctx: *mut ExecutionContext,
    list: *mut List,
    other: *const List,
    _out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        status(ctx, || {
            let n = (*other).length;
            (*list).grow(n)?;
            let (list, from) = (&mut *list, (*other).data);
            std::ptr::copy_nonoverlapping(from, list.at(list.length), n * list.layout.size);
            list.layout.retain(list.at(list.length), n);
            list.length += n;
            list.changed = 1;
            list.version += 1;
            Ok(())
        })
    }
}

/// `(list, count)`: a new list of the elements of a list `count` times.
///
/// # Safety
/// As [`rumba_list_push`].
unsafe extern "C" fn rumba_list_repeat(
    ctx: *mut ExecutionContext,
    list: *const List,
    count: i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        status(ctx, || {
            let list = &*list;
            let count = count.max(0) as usize;
            let total = list.length.checked_mul(count).ok_or(OutOfMemory)?;
            let new = &mut *List::new(list.layout, total)?;
            let n_bytes = list.length * list.layout.size;
            if n_bytes > 0 {
                for turn in 0..count {
                    std::ptr::copy_nonoverlapping(list.data, new.data.add(turn * n_bytes), n_bytes);
                }
            }
            new.length = total;
            new.layout.retain(new.data, total);
            *out = &raw mut *new as u64;
            Ok(())
        })
    }
}

/// `(list, start, count, keep)`: removes elements, whose references are given up unless the caller keeps them.
///
/// # Safety
/// `list` is one; the positions are its own.
unsafe extern "C" fn rumba_list_remove(list: *mut List, start: i64, count: i64, keep: bool) {
    // SAFETY: promised by the caller.
    unsafe { List::remove(list, start as usize, count as usize, keep) };
}

/// `(list)`: reverses the order of elements.
///
/// # Safety
/// `list` is one.
unsafe extern "C" fn rumba_list_reverse(list: *mut List) {
    // SAFETY: promised by the caller; the elements are disjoint.
    unsafe {
        let list = &mut *list;
        for idx in 0..list.length / 2 {
            let (first, last) = (list.at(idx), list.at(list.length - 1 - idx));
            std::ptr::swap_nonoverlapping(first, last, list.layout.size);
        }
        list.changed = 1;
    }
}

/// Names and addresses of the functions of this file.
pub(crate) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    table.extend([
        ("rumba_list_new", rumba_list_new as *const () as usize),
        ("rumba_list_push", rumba_list_push as *const () as usize),
        ("rumba_list_insert", rumba_list_insert as *const () as usize),
        ("rumba_list_slice", rumba_list_slice as *const () as usize),
        ("rumba_list_extend", rumba_list_extend as *const () as usize),
        ("rumba_list_repeat", rumba_list_repeat as *const () as usize),
        ("rumba_list_remove", rumba_list_remove as *const () as usize),
        ("rumba_list_reverse", rumba_list_reverse as *const () as usize),
    ]);
}

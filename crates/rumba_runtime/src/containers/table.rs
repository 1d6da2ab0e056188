//! Hash tables in the order of insertion: dicts and sets.
//!
//! As CPython's dicts: entries stand in an array in the order in which they were made, and an index of open addressing,
//! which is small, says where. An entry is its hash, the key and the value, as the compiler lays them out. What is
//! inlined into compiled code is in `hot::tables`.

use super::{ElementLayout, Instance, OutOfMemory, status};
use crate::allocator::{alloc, alloc_zeroed, dealloc, realloc};
use crate::context::ExecutionContext;
use crate::hot::tables::{Entries, Found, HASH_SIZE, HEADER_SIZE, LIVE, hash_word, mix};
use crate::memory::{Allocation, rumba_keep, rumba_release};
use crate::text::Text;
use crate::with_chars;
use std::alloc::Layout;

/// What keys consist of, which is how they are hashed and compared. Constant data of compiled code.
#[repr(C)]
pub struct TableLayout {
    /// Of an entry behind its hash: the key, then the value.
    entry: ElementLayout,
}

/// The words of a layout behind those of its entry: see `rumba_library::containers::tables`.
struct KeyParts<'a> {
    /// Bytes of a key.
    size: usize,
    /// How many of the entry's owner words are the key's.
    n_owners: usize,
    /// Pairs of a [`part`] and its distance from the start of the key.
    parts: &'a [[usize; 2]],
}

/// The parts of keys.
mod part {
    /// Bits that are equal when values are: ints, bools, times, of this many bytes.
    pub const BITS_1: usize = 1;
    pub const BITS_2: usize = 2;
    pub const BITS_4: usize = 4;
    pub const BITS_8: usize = 8;
    pub const F32: usize = 14;
    pub const F64: usize = 18;
    /// Four words.
    pub const TEXT: usize = 32;
    /// Three words.
    pub const BYTES: usize = 24;
    /// The address of a table: a frozenset.
    pub const SET: usize = 40;
    /// The address of an instance that is equal to itself only, and counted as other keys that own something.
    pub const ADDRESS: usize = 48;
    /// And from there on, with a number of parts that follow: the address of an instance, and where its fields have these.
    pub const FIELDS: usize = 64;
}

impl TableLayout {
    pub fn of_words(words: &'static [usize]) -> &'static TableLayout {
        // SAFETY: the words are a layout, and live for ever.
        unsafe { &*words.as_ptr().cast() }
    }

    pub fn entry(&self) -> &ElementLayout {
        &self.entry
    }

    fn key(&self) -> KeyParts<'_> {
        // SAFETY: the compiler lays the words out as declared.
        unsafe {
            let words = self.entry.end();
            let [size, n_owners, n_parts] = *words.cast::<[usize; 3]>();
            KeyParts { size, n_owners, parts: std::slice::from_raw_parts(words.add(3).cast(), n_parts) }
        }
    }
}

/// A dict or set.
#[repr(C)]
pub struct Table {
    allocation: Allocation,
    pub entries: Entries,
    layout: &'static TableLayout,
    /// No entry before this number is there, so that taking entries from the start takes constant time.
    first: usize,
}

const _: () = assert!(std::mem::offset_of!(Table, entries) == HEADER_SIZE);

/// The index of a table without room. Nothing is written to it.
static NO_INDEX: u32 = 0;

/// Numbers and [`Entries::mask`] have 32 bits, and two thirds of the slots are used.
const MAX_ENTRIES: usize = (1 << 32) / 3 * 2;

fn mix_with(hash: u64, word: u64) -> u64 {
    mix(hash.rotate_left(29) ^ word)
}

fn hash_bytes(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = mix(bytes.len() as u64);
    for word in words {
        hash = mix_with(hash, u64::from_le_bytes(*word));
    }
    mix_with(hash, last_word(bytes, rest))
}

/// The fewer than eight bytes that `bytes` ends with, as a number. They are read in pieces that may overlap, which takes
/// less time than to copy so few.
#[inline(always)]
fn last_word(bytes: &[u8], rest: &[u8]) -> u64 {
    let n_bits = 8 * rest.len() as u32;
    match (bytes.last_chunk::<8>(), rest.first_chunk::<4>(), rest) {
        (_, _, []) => 0,
        (Some(last), _, _) => u64::from_le_bytes(*last) >> (64 - n_bits),
        (_, Some(first), [.., a, b, c, d]) => {
            let last = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
            u64::from(u32::from_le_bytes(*first)) | last << (n_bits - 32)
        }
        (_, _, [first, middle @ .., last]) => {
            let middle = middle.first().map_or(0, |middle| u64::from(*middle) << 8);
            u64::from(*first) | middle | u64::from(*last) << (n_bits - 8)
        }
        (_, _, [only]) => u64::from(*only),
    }
}

/// The same for equal texts, whatever their widths.
fn hash_text(text: Text<'_>) -> u64 {
    match text.as_narrow() {
        Some(bytes) => hash_bytes(bytes),
        None => with_chars!(text, chars => {
            let narrow: Option<Vec<u8>> = chars.iter().map(|c| u8::try_from(u32::from(*c)).ok()).collect();
            match narrow {
                Some(bytes) => hash_bytes(&bytes),
                None => chars.iter().fold(mix(text.len() as u64), |hash, c| mix_with(hash, u32::from(*c).into())),
            }
        }),
    }
}

/// # Safety
/// The slots of bytes that are alive as long as the result are at the address.
pub(super) unsafe fn bytes_at<'a>(place: *const u8) -> &'a [u8] {
    // SAFETY: promised by the caller.
    unsafe {
        let [data, _, length] = *place.cast::<[u64; 3]>();
        std::slice::from_raw_parts(data as *const u8, length as usize)
    }
}

/// Equal floats have equal bits then.
fn bits_of_float(value: f64) -> u64 {
    if value == 0.0 { 0 } else { value.to_bits() }
}

/// # Safety
/// A key of these parts is at the address.
unsafe fn hash_of(key: *const u8, mut parts: &[[usize; 2]]) -> u64 {
    let mut hash = 0;
    while let Some(([kind, offset], rest)) = parts.split_first() {
        parts = rest;
        let place = key.wrapping_add(*offset);
        // SAFETY: promised by the caller.
        let word = unsafe {
            match *kind {
                part::FIELDS.. => {
                    let (of_fields, rest) = rest.split_at(*kind - part::FIELDS);
                    parts = rest;
                    match place.cast::<*mut Instance>().read() {
                        instance if instance.is_null() => 0,
                        instance => hash_of(Instance::fields(instance), of_fields),
                    }
                }
                part::BITS_1 => u64::from(*place),
                part::BITS_2 => place.cast::<u16>().read().into(),
                part::BITS_4 => place.cast::<u32>().read().into(),
                part::F32 => bits_of_float(place.cast::<f32>().read().into()),
                part::F64 => bits_of_float(place.cast::<f64>().read()),
                part::TEXT => hash_text(Text::from_slots(place.cast())),
                part::BYTES => hash_bytes(bytes_at(place)),
                // In a field that has not been set, there is none.
                part::SET => (*place.cast::<*const Table>()).as_ref().map_or(0, Table::hash_of_all),
                _ => place.cast::<u64>().read(),
            }
        };
        hash = mix_with(hash, word);
    }
    LIVE | hash
}

/// # Safety
/// Keys of these parts are at the addresses.
unsafe fn are_equal(a: *const u8, b: *const u8, mut parts: &[[usize; 2]]) -> bool {
    while let Some(([kind, offset], rest)) = parts.split_first() {
        parts = rest;
        let (a, b) = (a.wrapping_add(*offset), b.wrapping_add(*offset));
        // SAFETY: promised by the caller.
        let same = unsafe {
            match *kind {
                part::FIELDS.. => {
                    let (of_fields, rest) = rest.split_at(*kind - part::FIELDS);
                    parts = rest;
                    let [a, b] = [a, b].map(|place| place.cast::<*mut Instance>().read());
                    let is_null = a.is_null() || b.is_null();
                    a == b || !is_null && are_equal(Instance::fields(a), Instance::fields(b), of_fields)
                }
                part::BITS_1 => *a == *b,
                part::BITS_2 => a.cast::<u16>().read() == b.cast::<u16>().read(),
                part::BITS_4 => a.cast::<u32>().read() == b.cast::<u32>().read(),
                part::BITS_8 | part::ADDRESS => a.cast::<u64>().read() == b.cast::<u64>().read(),
                part::F32 => a.cast::<f32>().read() == b.cast::<f32>().read(),
                part::F64 => a.cast::<f64>().read() == b.cast::<f64>().read(),
                part::BYTES => bytes_at(a) == bytes_at(b),
                part::SET => match [a, b].map(|place| (*place.cast::<*const Table>()).as_ref()) {
                    [Some(a), Some(b)] => {
                        a.entries.n_live == b.entries.n_live && a.live().all(|key| a.has_in(b, key))
                    }
                    [a, b] => a.is_none() && b.is_none(),
                },
                _ => Text::from_slots(a.cast()) == Text::from_slots(b.cast()),
            }
        };
        if !same {
            return false;
        }
    }
    true
}

/// What a key is looked for by.
#[derive(Clone, Copy)]
enum Key {
    /// The bits of a key that is an int64.
    Word(u64),
    /// The address of a key that is a text.
    Text(*const u8),
    /// The address of a key as it is stored.
    At(*const u8),
}

impl Table {
    pub fn new(layout: &'static TableLayout) -> Result<*mut Table, OutOfMemory> {
        // SAFETY: a table is no empty type; the block is fresh.
        unsafe {
            let table = alloc(Layout::new::<Table>()).cast::<Table>();
            if table.is_null() {
                return Err(OutOfMemory);
            }
            table.write(Table {
                allocation: Allocation::new(Layout::new::<Table>(), Some(finish)),
                entries: Table::no_entries(),
                layout,
                first: 0,
            });
            Ok(table)
        }
    }

    fn no_entries() -> Entries {
        Entries {
            n_live: 0,
            changed: 0,
            first: std::ptr::null_mut(),
            n: 0,
            capacity: 0,
            index: (&raw const NO_INDEX).cast_mut(),
            mask: 0,
            end: 0,
        }
    }

    /// A hash of all entries, whatever their order.
    fn hash_of_all(&self) -> u64 {
        let hashes = (0..self.entries.n).map(|number| self.hash_at(number)).filter(|hash| *hash != 0);
        hashes.fold(self.entries.n_live as u64, |all, hash| all.wrapping_add(mix(hash)))
    }

    /// The object that the table was made of, or 0.
    pub fn object(&self) -> usize {
        self.allocation.object
    }

    /// # Safety
    /// The caller has a reference to the object, which is the table's from here on.
    pub unsafe fn set_object(&mut self, object: usize) {
        self.allocation.object = object;
    }

    fn entry_size(&self) -> usize {
        HASH_SIZE + self.layout.entry.size
    }

    fn entry(&self, number: usize) -> *mut u8 {
        self.entries.entry(number, self.entry_size())
    }

    /// The address of the key of an entry.
    fn key_at(&self, number: usize) -> *mut u8 {
        self.entry(number).wrapping_add(HASH_SIZE)
    }

    fn hash_at(&self, number: usize) -> u64 {
        // SAFETY: entries begin with their hash.
        unsafe { self.entry(number).cast::<u64>().read() }
    }

    /// The keys of entries that were not removed, each followed by its value.
    pub fn live(&self) -> impl Iterator<Item = *mut u8> + '_ {
        (0..self.entries.n).filter(|number| self.hash_at(*number) != 0).map(|number| self.key_at(number))
    }

    /// The key of the first entry from a number on that was not removed, which becomes the number after it.
    pub fn live_from(&self, number: &mut usize) -> Option<*mut u8> {
        let found = (*number..self.entries.n).find(|number| self.hash_at(*number) != 0)?;
        *number = found + 1;
        Some(self.key_at(found))
    }

    /// # Safety
    /// The key is one of the table's.
    unsafe fn hash(&self, key: Key) -> u64 {
        match key {
            Key::Word(word) => hash_word(word),
            // SAFETY: promised by the caller.
            Key::Text(key) => LIVE | mix_with(0, hash_text(unsafe { Text::from_slots(key.cast()) })),
            // SAFETY: promised by the caller.
            Key::At(key) => unsafe { hash_of(key, self.layout.key().parts) },
        }
    }

    /// # Safety
    /// The key is one of the table's, the hash its.
    unsafe fn find(&self, key: Key, hash: u64) -> Found {
        let size = self.entry_size();
        // SAFETY: there is an index; keys are compared with one of their type.
        unsafe {
            match key {
                Key::Word(word) => {
                    self.entries.find(hash, size, |stored| stored.cast::<u64>().read() == word)
                }
                Key::Text(key) => {
                    let key = Text::from_slots(key.cast());
                    self.entries.find(hash, size, |stored| Text::from_slots(stored.cast()).is_same(key))
                }
                Key::At(key) => {
                    let parts = self.layout.key().parts;
                    self.entries.find(hash, size, |stored| are_equal(stored, key, parts))
                }
            }
        }
    }

    /// The address of the key of an entry, if there is one.
    ///
    /// # Safety
    /// The key is one of the table's.
    unsafe fn find_key(&self, key: Key) -> Option<*mut u8> {
        // SAFETY: promised by the caller.
        match unsafe { self.find(key, self.hash(key)) } {
            Found::Entry(number) => Some(self.key_at(number)),
            Found::Slot(_) => None,
        }
    }

    fn index_layout(n_slots: usize) -> Result<Layout, OutOfMemory> {
        Layout::array::<u32>(n_slots).map_err(|_| OutOfMemory)
    }

    fn entries_layout(&self, capacity: usize) -> Result<Layout, OutOfMemory> {
        let size = capacity.checked_mul(self.entry_size()).ok_or(OutOfMemory)?;
        Layout::from_size_align(size, 8).map_err(|_| OutOfMemory)
    }

    /// Makes room for one more entry: removes the gaps, or multiplies the room.
    fn grow(&mut self) -> Result<(), OutOfMemory> {
        let Entries { n_live, capacity: old, .. } = self.entries;
        // Small tables grow faster: what is copied again and again is most of their cost.
        let factor = if old < 1 << 16 { 4 } else { 2 };
        let capacity = if n_live * 3 / 2 < old { old } else { (old * factor).max(8) };
        if capacity > MAX_ENTRIES {
            return Err(OutOfMemory);
        }
        // Slots are at most two thirds full.
        let n_slots = (capacity * 3 / 2).next_power_of_two();
        if capacity == old {
            // SAFETY: the index has that many slots.
            unsafe { std::ptr::write_bytes(self.entries.index, 0, n_slots) };
        } else {
            let (wanted, index_layout) = (self.entries_layout(capacity)?, Table::index_layout(n_slots)?);
            // SAFETY: the layouts are those of the blocks, whose sizes are not zero.
            unsafe {
                let index = alloc_zeroed(index_layout);
                if index.is_null() {
                    return Err(OutOfMemory);
                }
                let entries = match old {
                    0 => alloc(wanted),
                    old => realloc(self.entries.first, self.entries_layout(old)?, wanted.size()),
                };
                if entries.is_null() {
                    dealloc(index, index_layout);
                    return Err(OutOfMemory);
                }
                self.free_index();
                (self.entries.first, self.entries.index) = (entries, index.cast());
            }
            (self.entries.capacity, self.entries.mask) = (capacity, n_slots - 1);
        }
        let (size, mut n_kept) = (self.entry_size(), 0);
        for number in 0..self.entries.n {
            let hash = self.hash_at(number);
            if hash == 0 {
                continue;
            }
            // SAFETY: entries are moved to the front, into gaps; the slot is in the index.
            unsafe {
                if n_kept != number {
                    std::ptr::copy_nonoverlapping(self.entry(number), self.entry(n_kept), size);
                }
                self.entries.note(hash as usize & self.entries.mask, hash, n_kept);
            }
            n_kept += 1;
        }
        (self.entries.n, self.entries.end) = (n_kept, n_kept);
        self.first = 0;
        Ok(())
    }

    fn free_index(&mut self) {
        if self.entries.capacity > 0
            && let Ok(layout) = Table::index_layout(self.entries.mask + 1)
        {
            // SAFETY: the block has this layout.
            unsafe { dealloc(self.entries.index.cast(), layout) };
        }
    }

    /// The key of an entry, made if there is none; whether it was. What follows the key is the caller's to fill then.
    ///
    /// # Safety
    /// The key is one of the table's.
    unsafe fn entry_of(&mut self, key: Key) -> Result<(*mut u8, bool), OutOfMemory> {
        // SAFETY: promised by the caller.
        let hash = unsafe { self.hash(key) };
        // SAFETY: promised by the caller.
        let mut slot = match unsafe { self.find(key, hash) } {
            Found::Entry(number) => return Ok((self.key_at(number), false)),
            Found::Slot(slot) => slot,
        };
        if self.entries.n == self.entries.capacity {
            self.grow()?;
            slot = hash as usize & self.entries.mask;
        }
        // SAFETY: there is room for one more entry. The references of its key become the table's.
        unsafe {
            let place = self.entries.push(slot, hash, self.entry_size());
            match key {
                Key::Word(word) => place.cast::<u64>().write(word),
                Key::Text(key) | Key::At(key) => {
                    let KeyParts { size, n_owners, .. } = self.layout.key();
                    std::ptr::copy_nonoverlapping(key, place, size);
                    for owner in &self.layout.entry.owners()[..n_owners] {
                        let word = place.add(*owner).cast::<u64>();
                        word.write(rumba_keep(word.read()));
                    }
                }
            }
            Ok((place, true))
        }
    }

    /// As [`Table::entry_of`], for a key at an address.
    ///
    /// # Safety
    /// The key is one of the table's.
    pub unsafe fn insert(&mut self, key: *const u8) -> Result<(*mut u8, bool), OutOfMemory> {
        // SAFETY: promised by the caller.
        unsafe { self.entry_of(self.key_in(key)) }
    }

    /// The address of the key of an entry, for a key at an address.
    ///
    /// # Safety
    /// The key is one of the table's.
    pub unsafe fn look_up(&self, key: *const u8) -> Option<*mut u8> {
        // SAFETY: promised by the caller.
        unsafe { self.find_key(self.key_in(key)) }
    }

    /// Keys that are int64 are looked for by their bits, and texts without asking what keys consist of.
    ///
    /// # Safety
    /// The key is one of the table's.
    unsafe fn key_in(&self, key: *const u8) -> Key {
        match self.layout.key().parts {
            // SAFETY: promised by the caller.
            [[part::BITS_8, 0]] => Key::Word(unsafe { key.cast::<u64>().read() }),
            [[part::TEXT, 0]] => Key::Text(key),
            _ => Key::At(key),
        }
    }

    /// Removes an entry, whose value's references the caller may have taken over.
    ///
    /// # Safety
    /// `key` is the address of the key of an entry.
    pub unsafe fn remove(&mut self, key: *mut u8, keep_value: bool) {
        let number = (key as usize - self.entries.first as usize) / self.entry_size();
        let n_owners = if keep_value { self.layout.key().n_owners } else { self.layout.entry.owners().len() };
        // SAFETY: the entry is the table's; its owner words are valid.
        unsafe {
            // The index still refers to it, until the table grows.
            self.entry(number).cast::<u64>().write(0);
            let end = self.entries.end;
            if number == self.first {
                self.first = (number..end).find(|next| self.hash_at(*next) != 0).unwrap_or(end);
            }
            if number + 1 == end {
                let last = (self.first..end).rev().find(|last| self.hash_at(*last) != 0);
                self.entries.end = last.map_or(self.first, |last| last + 1);
            }
            let owners: Vec<u64> = self.layout.entry.owners()[..n_owners]
                .iter()
                .map(|owner| key.add(*owner).cast::<u64>().read())
                .collect();
            self.entries.n_live -= 1;
            self.entries.changed = 1;
            // What ends now may refer to the table.
            owners.into_iter().for_each(|owner| rumba_release(owner));
        }
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.free_index();
        let Entries { first, n, capacity, .. } = std::mem::replace(&mut self.entries, Table::no_entries());
        self.entries.changed = 1;
        self.first = 0;
        let (size, layout) = (self.entry_size(), self.entries_layout(capacity));
        // SAFETY: the entries were the table's, and have its layout.
        unsafe {
            for number in 0..n {
                let entry = first.add(number * size);
                if entry.cast::<u64>().read() != 0 {
                    self.layout.entry.release(entry.add(HASH_SIZE), 1);
                }
            }
            if capacity > 0
                && let Ok(layout) = layout
            {
                dealloc(first, layout);
            }
        }
    }

    /// Puts copies of the entries of another table in, in place of those that have the same keys.
    ///
    /// # Safety
    /// The tables have one layout.
    unsafe fn update(&mut self, other: &Table) -> Result<(), OutOfMemory> {
        let (key_size, n_key_owners) = (self.layout.key().size, self.layout.key().n_owners);
        let value_owners = &self.layout.entry.owners()[n_key_owners..];
        for number in 0..other.entries.n {
            if other.hash_at(number) == 0 {
                continue;
            }
            let from = other.key_at(number);
            // SAFETY: promised by the caller; values have the same size and owner words.
            unsafe {
                let (to, is_new) = self.insert(from)?;
                if to == from {
                    continue;
                }
                let old: Vec<u64> = match is_new {
                    true => Vec::new(),
                    false => value_owners.iter().map(|owner| to.add(*owner).cast::<u64>().read()).collect(),
                };
                let value_size = self.layout.entry.size - key_size;
                std::ptr::copy_nonoverlapping(from.add(key_size), to.add(key_size), value_size);
                for owner in value_owners {
                    let word = to.add(*owner).cast::<u64>();
                    word.write(rumba_keep(word.read()));
                }
                old.into_iter().for_each(|owner| rumba_release(owner));
            }
            self.entries.changed = 1;
        }
        Ok(())
    }
}

unsafe fn finish(allocation: *mut Allocation) {
    // SAFETY: the header is that of a table, which nobody else refers to any more.
    unsafe { (*allocation.cast::<Table>()).clear() };
}

/// `(layout)`: an empty table.
///
/// # Safety
/// As compiled code calls it: `ctx` is the thread's context, `layout` lives for ever, `out` has a slot.
unsafe extern "C" fn rumba_table_new(
    ctx: *mut ExecutionContext,
    layout: *const TableLayout,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        status(ctx, || {
            *out = Table::new(&*layout)? as u64;
            Ok(())
        })
    }
}

/// `(table, address of the key)`: the address of the entry's key, or 0.
///
/// # Safety
/// `table` is one, the key one of its type.
unsafe extern "C" fn rumba_table_find(table: *const Table, key: *const u8) -> *const u8 {
    // SAFETY: promised by the caller.
    unsafe { (*table).find_key((*table).key_in(key)).map_or(std::ptr::null(), |place| place.cast_const()) }
}

/// `(table, key)`: the address of the key of an entry, which is made if there is none.
///
/// # Safety
/// `table` is one, whose keys are int64; `ctx` is the thread's context, `out` has a slot.
unsafe extern "C" fn rumba_table_insert_word(
    ctx: *mut ExecutionContext,
    table: *mut Table,
    key: u64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        status(ctx, || {
            (*table).entries.changed = 1;
            *out = (*table).entry_of(Key::Word(key))?.0 as u64;
            Ok(())
        })
    }
}

/// `(table, address of the key)`: as [`rumba_table_insert_word`].
///
/// # Safety
/// As [`rumba_table_find`]; `ctx` is the thread's context, `out` has a slot.
unsafe extern "C" fn rumba_table_insert(
    ctx: *mut ExecutionContext,
    table: *mut Table,
    key: *const u8,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        status(ctx, || {
            (*table).entries.changed = 1;
            *out = (*table).insert(key)?.0 as u64;
            Ok(())
        })
    }
}

/// `(table, address of an entry's key, whether its value has been taken over)`: removes the entry.
///
/// # Safety
/// `table` is one, and the entry one of its.
unsafe extern "C" fn rumba_table_remove(table: *mut Table, key: *mut u8, keep_value: bool) {
    // SAFETY: promised by the caller.
    unsafe { (*table).remove(key, keep_value) };
}

/// `(table)`: removes all entries.
///
/// # Safety
/// `table` is one.
unsafe extern "C" fn rumba_table_clear(table: *mut Table) {
    // SAFETY: promised by the caller.
    unsafe { (*table).clear() };
}

/// `(table, number)`: the number of the first entry from `number` on, or that behind the last.
///
/// # Safety
/// `table` is one.
unsafe extern "C" fn rumba_table_next(table: *const Table, number: i64) -> i64 {
    // SAFETY: promised by the caller.
    let table = unsafe { &*table };
    let mut number = (number as usize).max(table.first);
    while number < table.entries.n && table.hash_at(number) == 0 {
        number += 1;
    }
    number as i64
}

/// `(table)`: the number of the last entry, or -1.
///
/// # Safety
/// `table` is one.
unsafe extern "C" fn rumba_table_last(table: *const Table) -> i64 {
    // SAFETY: promised by the caller.
    let table = unsafe { &*table };
    (table.first..table.entries.end)
        .rev()
        .find(|number| table.hash_at(*number) != 0)
        .map_or(-1, |number| number as i64)
}

/// `(table, other)`: puts copies of the other's entries in.
///
/// # Safety
/// The tables have one layout.
unsafe extern "C" fn rumba_table_update(
    ctx: *mut ExecutionContext,
    table: *mut Table,
    other: *const Table,
    _out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller. A table has all of its own entries.
    unsafe { status(ctx, || if std::ptr::eq(table, other) { Ok(()) } else { (*table).update(&*other) }) }
}

/// `(table, other, what)`: a new set. 0: what both have; 1: what the first has and the other has not;
/// 2: what one of them has.
///
/// # Safety
/// The tables are sets of one layout.
unsafe extern "C" fn rumba_table_combine(
    ctx: *mut ExecutionContext,
    table: *const Table,
    other: *const Table,
    what: i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        status(ctx, || {
            let (table, other) = (&*table, &*other);
            let new = Table::new(table.layout)?;
            *out = new as u64;
            let fill = || {
                for key in table.live() {
                    if table.has_in(other, key) == (what == 0) {
                        (*new).insert(key)?;
                    }
                }
                if what == 2 {
                    for key in other.live() {
                        if !table.has_in(table, key) {
                            (*new).insert(key)?;
                        }
                    }
                }
                Ok(())
            };
            fill().inspect_err(|_| rumba_release(new as u64))
        })
    }
}

impl Table {
    /// Whether `other`, of the same layout, has a key.
    ///
    /// # Safety
    /// The key is one of the layout's.
    unsafe fn has_in(&self, other: &Table, key: *const u8) -> bool {
        // SAFETY: promised by the caller.
        unsafe { other.find_key(other.key_in(key)).is_some() }
    }
}

/// `(table, other)`: whether the other has all keys of the table.
///
/// # Safety
/// The tables have one layout.
unsafe extern "C" fn rumba_table_is_subset(table: *const Table, other: *const Table) -> bool {
    // SAFETY: promised by the caller.
    unsafe { (*table).live().all(|key| (*table).has_in(&*other, key)) }
}

/// Names and addresses of the functions of this file.
pub(crate) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    table.extend([
        ("rumba_table_new", rumba_table_new as *const () as usize),
        ("rumba_table_find", rumba_table_find as *const () as usize),
        ("rumba_table_insert_word", rumba_table_insert_word as *const () as usize),
        ("rumba_table_insert", rumba_table_insert as *const () as usize),
        ("rumba_table_remove", rumba_table_remove as *const () as usize),
        ("rumba_table_clear", rumba_table_clear as *const () as usize),
        ("rumba_table_next", rumba_table_next as *const () as usize),
        ("rumba_table_last", rumba_table_last as *const () as usize),
        ("rumba_table_update", rumba_table_update as *const () as usize),
        ("rumba_table_combine", rumba_table_combine as *const () as usize),
        ("rumba_table_is_subset", rumba_table_is_subset as *const () as usize),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_what_is_left_with_zeros_behind_it() {
        let bytes: Vec<u8> = (1..=40u8).map(|byte| byte.wrapping_mul(37)).collect();
        for length in 0..=bytes.len() {
            let bytes = &bytes[..length];
            let (_, rest) = bytes.as_chunks::<8>();
            let mut padded = [0; 8];
            padded[..rest.len()].copy_from_slice(rest);
            assert_eq!(last_word(bytes, rest), u64::from_le_bytes(padded), "of {length} bytes");
        }
    }
}

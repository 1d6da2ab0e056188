//! Hash tables: where the entry of a key is, and new entries where there is room.
//!
//! Here are the tables whose keys are one word; `containers::table` has all others, and what grows and shrinks.

/// The bytes of a table before its [`Entries`]: the header of its block.
pub const HEADER_SIZE: usize = 40;

/// Set in every hash, so that none is 0.
pub const LIVE: u64 = 1 << 63;

/// The bytes of an entry before its key: its hash.
pub const HASH_SIZE: usize = 8;

/// The entries of a table, in the order in which they were made, and an index of open addressing that says where they
/// are.
#[repr(C)]
pub struct Entries {
    pub n_live: usize,
    /// Not 0 once the table differs from the object that it was made of.
    pub changed: u64,
    /// One behind the other; the hash of one that was removed is 0.
    pub first: *mut u8,
    /// With those that were removed.
    pub n: usize,
    /// For how many there is room.
    pub capacity: usize,
    /// By hash: the number of the entry plus 1, and above it, in the bits that no number has, bits of the hash. 0 where
    /// there is none. It never is full.
    pub index: *mut u32,
    /// The slots of the index, a power of two, minus 1.
    pub mask: usize,
    /// No live entry has this number or one behind it.
    pub end: usize,
}

/// Where a key is, or was to be.
pub enum Found {
    /// The number of its entry.
    Entry(usize),
    /// The slot of the index where it would be noted.
    Slot(usize),
}

impl Entries {
    /// The address of an entry.
    #[inline(always)]
    pub fn entry(&self, number: usize, entry_size: usize) -> *mut u8 {
        self.first.wrapping_add(number.wrapping_mul(entry_size))
    }

    /// The bits of a hash that the index has beside the number of an entry.
    #[inline(always)]
    fn tag(&self, hash: u64) -> u32 {
        (hash >> 32) as u32 & !(self.mask as u32)
    }

    /// Looks for a key, of which `is_at` says whether it is at an address.
    ///
    /// # Safety
    /// There is an index, and entries have this size.
    #[inline(always)]
    pub unsafe fn find(&self, hash: u64, entry_size: usize, is_at: impl Fn(*mut u8) -> bool) -> Found {
        let (mask, tag) = (self.mask, self.tag(hash));
        let mut slot = hash as usize & mask;
        loop {
            // SAFETY: slots are within the index, of which some are empty; numbers are those of entries.
            unsafe {
                let noted = *self.index.add(slot);
                if noted == 0 {
                    return Found::Slot(slot);
                }
                if (noted ^ tag) & !(mask as u32) == 0 {
                    let number = (noted & mask as u32) as usize - 1;
                    let entry = self.entry(number, entry_size);
                    // One that was removed has another hash.
                    if entry.cast::<u64>().read() == hash && is_at(entry.wrapping_add(HASH_SIZE)) {
                        return Found::Entry(number);
                    }
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Notes the number of an entry in the first slot from this one on that is empty.
    ///
    /// # Safety
    /// There is an index; the slot is in it.
    #[inline(always)]
    pub unsafe fn note(&mut self, mut slot: usize, hash: u64, number: usize) {
        // SAFETY: slots are within the index, of which some are empty.
        unsafe {
            while *self.index.add(slot) != 0 {
                slot = (slot + 1) & self.mask;
            }
            *self.index.add(slot) = self.tag(hash) | (number as u32 + 1);
        }
    }

    /// The address of the key of a new entry, which the caller fills. There is room for it.
    ///
    /// # Safety
    /// As [`Entries::note`]; the key is not in the table.
    #[inline(always)]
    pub unsafe fn push(&mut self, slot: usize, hash: u64, entry_size: usize) -> *mut u8 {
        let (number, entry) = (self.n, self.entry(self.n, entry_size));
        // SAFETY: promised by the caller.
        unsafe {
            entry.cast::<u64>().write(hash);
            self.note(slot, hash, number);
        }
        self.n += 1;
        self.end = self.n;
        self.n_live += 1;
        self.changed = 1;
        entry.wrapping_add(HASH_SIZE)
    }
}

#[inline(always)]
pub fn mix(word: u64) -> u64 {
    // A folded product: every bit of the word reaches every bit of the result.
    let product = ((word ^ 0x9e37_79b9_7f4a_7c15) as u128).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (product >> 64) as u64 ^ product as u64
}

/// The hash of a key that is one word.
#[inline(always)]
pub fn hash_word(word: u64) -> u64 {
    mix(word) | LIVE
}

/// `(table, key, size of an entry)`: the address of the key of its entry, or null.
///
/// # Safety
/// `table` is the address of a table of such entries, whose keys are one word.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rumba_table_find_word(table: *const u8, key: u64, entry_size: usize) -> *mut u8 {
    // SAFETY: promised by the caller.
    unsafe {
        let entries = &*table.add(HEADER_SIZE).cast::<Entries>();
        match entries.find(hash_word(key), entry_size, |stored| stored.cast::<u64>().read() == key) {
            Found::Entry(number) => entries.entry(number, entry_size).wrapping_add(HASH_SIZE),
            Found::Slot(_) => core::ptr::null_mut(),
        }
    }
}

/// `(table, key, size of an entry)`: the address of the key of its entry, which is made if there is none; null if there
/// is no room for it.
///
/// # Safety
/// As [`rumba_table_find_word`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rumba_table_entry_of_word(table: *mut u8, key: u64, entry_size: usize) -> *mut u8 {
    // SAFETY: promised by the caller.
    unsafe {
        let entries = &mut *table.add(HEADER_SIZE).cast::<Entries>();
        let hash = hash_word(key);
        match entries.find(hash, entry_size, |stored| stored.cast::<u64>().read() == key) {
            Found::Entry(number) => {
                entries.changed = 1;
                entries.entry(number, entry_size).wrapping_add(HASH_SIZE)
            }
            Found::Slot(_) if entries.n == entries.capacity => core::ptr::null_mut(),
            Found::Slot(slot) => {
                let stored = entries.push(slot, hash, entry_size);
                stored.cast::<u64>().write(key);
                stored
            }
        }
    }
}

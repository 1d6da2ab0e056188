//! What Unicode says of characters, in the version of Unicode that the interpreter has.
//!
//! The interpreter is asked, for a block of characters when one of them is first met, and the answers are kept: so compiled
//! code agrees with it whichever version it is, and needs no tables of its own.

use crate::host::host;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Characters are asked about this many at a time.
pub const BLOCK: usize = 256;

/// Properties of a character, named as the methods of `str` that tell them.
pub mod property {
    pub const ALPHA: u16 = 1;
    pub const DECIMAL: u16 = 1 << 1;
    pub const DIGIT: u16 = 1 << 2;
    pub const NUMERIC: u16 = 1 << 3;
    pub const PRINTABLE: u16 = 1 << 4;
    pub const SPACE: u16 = 1 << 5;
    pub const LOWER: u16 = 1 << 6;
    pub const UPPER: u16 = 1 << 7;
    /// `Lt`, such as ǅ.
    pub const TITLE: u16 = 1 << 8;
    pub const CASED: u16 = 1 << 9;
    pub const CASE_IGNORABLE: u16 = 1 << 10;
    /// May begin an identifier.
    pub const IDENTIFIER_START: u16 = 1 << 11;
    /// May continue one.
    pub const IDENTIFIER: u16 = 1 << 12;
}

/// Up to three characters; those behind the last one are 0.
pub type Mapping = [u32; 3];

#[derive(Clone, Copy, Default)]
pub struct Character {
    /// A set of [`property`].
    pub properties: u16,
    /// The value of a decimal digit.
    pub decimal: u8,
    pub lower: Mapping,
    pub upper: Mapping,
    pub title: Mapping,
    pub folded: Mapping,
}

impl Character {
    pub fn has(&self, property: u16) -> bool {
        self.properties & property != 0
    }
}

/// The characters of a mapping; of the character 0, itself.
pub fn mapped(mapping: &Mapping) -> impl Iterator<Item = u32> {
    let n = mapping.iter().rposition(|c| *c != 0).map_or(1, |last| last + 1);
    mapping[..n].iter().copied()
}

const N_BLOCKS: usize = 0x11_0000 / BLOCK;

static BLOCKS: [AtomicPtr<[Character; BLOCK]>; N_BLOCKS] =
    [const { AtomicPtr::new(std::ptr::null_mut()) }; N_BLOCKS];

/// What the interpreter says of a character; without one, it has no properties and maps to nothing.
#[inline]
pub fn character(c: u32) -> &'static Character {
    let block = &BLOCKS[c as usize / BLOCK % N_BLOCKS];
    let known = block.load(Ordering::Acquire);
    let characters = if known.is_null() { ask(block, c) } else { known };
    // SAFETY: blocks are never freed.
    unsafe { &(*characters)[c as usize % BLOCK] }
}

#[cold]
fn ask(block: &AtomicPtr<[Character; BLOCK]>, c: u32) -> *mut [Character; BLOCK] {
    let mut characters = Box::new([Character::default(); BLOCK]);
    if let Some(host) = host() {
        (host.characters)(c / BLOCK as u32 * BLOCK as u32, &mut characters);
    }
    // Two threads may have asked at once; the answers are the same.
    let mine = Box::into_raw(characters);
    match block.compare_exchange(std::ptr::null_mut(), mine, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => mine,
        Err(theirs) => {
            // SAFETY: nobody else knows it.
            drop(unsafe { Box::from_raw(mine) });
            theirs
        }
    }
}

/// White space as `str.split` and `str.strip` see it: what Unicode says is, and the separators of information.
pub fn is_space(c: u32) -> bool {
    matches!(c, 0x1c..=0x1f) || char::from_u32(c).is_some_and(char::is_whitespace)
}

/// White space in `bytes`.
pub fn is_ascii_space(c: u32) -> bool {
    matches!(c, 9..=13 | 32)
}

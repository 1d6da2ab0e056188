//! Text: characters of one width, as the interpreter stores them, in memory that an owner word keeps alive.
//!
//! The width need not be the narrowest that holds the characters: a part of a text is a view of it, and has its width.

use crate::memory::{Allocation, rumba_retain};
use std::alloc::{Layout, alloc, handle_alloc_error};
use std::cmp::Ordering;
use std::marker::PhantomData;
use std::ops::Range;

/// Where the characters of a new text are, behind the start of its block.
const DATA_OFFSET: usize = size_of::<Allocation>().next_multiple_of(16);

/// Characters as they are stored.
#[derive(Clone, Copy)]
pub enum Chars<'a> {
    Narrow(&'a [u8]),
    Medium(&'a [u16]),
    Wide(&'a [u32]),
}

/// A borrowed text.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    data: *const u8,
    owner: u64,
    length: usize,
    width: usize,
    memory: PhantomData<&'a [u8]>,
}

/// Does the same with characters of any width.
#[macro_export]
macro_rules! with_chars {
    ($text:expr, $chars:ident => $body:expr) => {
        match $text.chars() {
            $crate::text::Chars::Narrow($chars) => $body,
            $crate::text::Chars::Medium($chars) => $body,
            $crate::text::Chars::Wide($chars) => $body,
        }
    };
}

impl<'a> Text<'a> {
    /// From the slots of a value: address, owner, length, width.
    ///
    /// # Safety
    /// They are those of a text that is alive as long as the result.
    pub unsafe fn from_slots(slots: *const u64) -> Text<'a> {
        // SAFETY: promised by the caller.
        let [data, owner, length, width] = unsafe { *slots.cast::<[u64; 4]>() };
        Text {
            data: data as *const u8,
            owner,
            length: length as usize,
            width: width as usize,
            memory: PhantomData,
        }
    }

    pub fn len(self) -> usize {
        self.length
    }

    pub fn is_empty(self) -> bool {
        self.length == 0
    }

    pub fn chars(self) -> Chars<'a> {
        // SAFETY: that many characters of this width are at the address, which is aligned to it.
        unsafe {
            match self.width {
                1 => Chars::Narrow(std::slice::from_raw_parts(self.data, self.length)),
                2 => Chars::Medium(std::slice::from_raw_parts(self.data.cast(), self.length)),
                _ => Chars::Wide(std::slice::from_raw_parts(self.data.cast(), self.length)),
            }
        }
    }

    /// The code point at a position.
    pub fn at(self, idx: usize) -> u32 {
        with_chars!(self, chars => chars[idx].into())
    }

    pub fn code_points(self) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + 'a {
        (0..self.length).map(move |idx| self.at(idx))
    }

    /// The part of these positions, in the same memory.
    pub fn part(self, range: Range<usize>) -> Text<'a> {
        assert!(range.start <= range.end && range.end <= self.length, "a part is within its text");
        Text {
            data: self.data.wrapping_add(range.start * self.width),
            length: range.end - range.start,
            ..self
        }
    }

    /// A value of its own, in the same memory.
    pub fn to_owned(self) -> OwnedText {
        // SAFETY: the owner is alive.
        unsafe { rumba_retain(self.owner) };
        OwnedText { data: self.data, owner: self.owner, length: self.length, width: self.width }
    }

    /// The bytes of one byte per character that hold the same text, if it is stored so.
    pub fn as_narrow(self) -> Option<&'a [u8]> {
        match self.chars() {
            Chars::Narrow(chars) => Some(chars),
            _ => None,
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Text<'_>) -> bool {
        if self.length != other.length {
            return false;
        }
        match (self.chars(), other.chars()) {
            (Chars::Narrow(a), Chars::Narrow(b)) => a == b,
            (Chars::Medium(a), Chars::Medium(b)) => a == b,
            (Chars::Wide(a), Chars::Wide(b)) => a == b,
            _ => self.code_points().eq(other.code_points()),
        }
    }
}

impl Eq for Text<'_> {}

impl Ord for Text<'_> {
    /// By code points.
    fn cmp(&self, other: &Text<'_>) -> Ordering {
        match (self.chars(), other.chars()) {
            (Chars::Narrow(a), Chars::Narrow(b)) => a.cmp(b),
            _ => self.code_points().cmp(other.code_points()),
        }
    }
}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Text<'_>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A text that whoever has this owns a reference to.
pub struct OwnedText {
    data: *const u8,
    owner: u64,
    length: usize,
    width: usize,
}

impl OwnedText {
    /// Address, owner, length, width; the reference goes with them.
    pub fn into_slots(self) -> [u64; 4] {
        [self.data as u64, self.owner, self.length as u64, self.width as u64]
    }

    /// The text of these characters.
    pub fn new(chars: Chars<'_>) -> OwnedText {
        match chars {
            Chars::Narrow(chars) => OwnedText::copy(chars),
            Chars::Medium(chars) => OwnedText::copy(chars),
            Chars::Wide(chars) => OwnedText::copy(chars),
        }
    }

    fn copy<C: Copy>(chars: &[C]) -> OwnedText {
        let n_bytes = size_of_val(chars);
        let layout =
            Layout::from_size_align(DATA_OFFSET + n_bytes, 16).expect("as large as what exists already");
        // SAFETY: the layout is not empty; the characters fit behind the header.
        unsafe {
            let block = alloc(layout);
            if block.is_null() {
                handle_alloc_error(layout);
            }
            block.cast::<Allocation>().write(Allocation::new(layout, None));
            let data = block.add(DATA_OFFSET);
            std::ptr::copy_nonoverlapping(chars.as_ptr().cast(), data, n_bytes);
            OwnedText { data, owner: block as u64, length: chars.len(), width: size_of::<C>() }
        }
    }

    pub fn from_code_points(chars: impl IntoIterator<Item = u32>) -> OwnedText {
        let mut builder = TextBuilder::default();
        chars.into_iter().for_each(|c| builder.push(c));
        builder.finish()
    }
}

impl From<&str> for OwnedText {
    fn from(text: &str) -> OwnedText {
        if text.is_ascii() {
            return OwnedText::new(Chars::Narrow(text.as_bytes()));
        }
        OwnedText::from_code_points(text.chars().map(u32::from))
    }
}

/// Text that is put together: as narrow as its characters allow.
pub enum TextBuilder {
    Narrow(Vec<u8>),
    Medium(Vec<u16>),
    Wide(Vec<u32>),
}

impl Default for TextBuilder {
    fn default() -> TextBuilder {
        TextBuilder::Narrow(Vec::new())
    }
}

impl TextBuilder {
    pub fn push(&mut self, c: u32) {
        match self {
            TextBuilder::Narrow(chars) => match u8::try_from(c) {
                Ok(c) => chars.push(c),
                Err(_) => {
                    self.widen(c);
                    self.push(c);
                }
            },
            TextBuilder::Medium(chars) => match u16::try_from(c) {
                Ok(c) => chars.push(c),
                Err(_) => {
                    self.widen(c);
                    self.push(c);
                }
            },
            TextBuilder::Wide(chars) => chars.push(c),
        }
    }

    /// Makes the characters wide enough for one like `c`.
    fn widen(&mut self, c: u32) {
        *self = match (&*self, u16::try_from(c)) {
            (TextBuilder::Narrow(chars), Ok(_)) => {
                TextBuilder::Medium(chars.iter().map(|c| u16::from(*c)).collect())
            }
            (TextBuilder::Narrow(chars), Err(_)) => {
                TextBuilder::Wide(chars.iter().map(|c| u32::from(*c)).collect())
            }
            (TextBuilder::Medium(chars), _) => {
                TextBuilder::Wide(chars.iter().map(|c| u32::from(*c)).collect())
            }
            (TextBuilder::Wide(_), _) => return,
        };
    }

    pub fn push_text(&mut self, text: Text<'_>) {
        match (&mut *self, text.chars()) {
            (TextBuilder::Narrow(chars), Chars::Narrow(more)) => chars.extend_from_slice(more),
            (TextBuilder::Medium(chars), Chars::Medium(more)) => chars.extend_from_slice(more),
            (TextBuilder::Wide(chars), Chars::Wide(more)) => chars.extend_from_slice(more),
            _ => text.code_points().for_each(|c| self.push(c)),
        }
    }

    pub fn push_str(&mut self, text: &str) {
        match self {
            TextBuilder::Narrow(chars) if text.is_ascii() => chars.extend_from_slice(text.as_bytes()),
            _ => text.chars().for_each(|c| self.push(c.into())),
        }
    }

    pub fn finish(self) -> OwnedText {
        match self {
            TextBuilder::Narrow(chars) => OwnedText::new(Chars::Narrow(&chars)),
            TextBuilder::Medium(chars) => OwnedText::new(Chars::Medium(&chars)),
            TextBuilder::Wide(chars) => OwnedText::new(Chars::Wide(&chars)),
        }
    }
}

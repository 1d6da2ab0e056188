//! Text: characters of one width, as the interpreter stores them, in memory that an owner word keeps alive.
//!
//! The width need not be the narrowest that holds the characters: a part of a text is a view of it, and has its width.

use crate::allocator::alloc;
use crate::memory::{Allocation, rumba_release, rumba_retain};
use std::alloc::Layout;
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

/// The width that a character needs.
pub fn width_of(c: u32) -> usize {
    match c {
        0..0x100 => 1,
        0x100..0x1_0000 => 2,
        _ => 4,
    }
}

/// Does the same with characters of any width.
#[macro_export]
macro_rules! with_chars {
    ($text:expr, $chars:ident => $body:expr) => {{
        #[allow(clippy::useless_conversion, reason = "a body converts characters of any width to 32 bits")]
        let result = match $text.chars() {
            $crate::text::Chars::Narrow($chars) => $body,
            $crate::text::Chars::Medium($chars) => $body,
            $crate::text::Chars::Wide($chars) => $body,
        };
        result
    }};
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

    /// Bytes per character.
    pub fn width(self) -> usize {
        self.width
    }

    /// The memory of the characters.
    pub fn bytes(self) -> &'a [u8] {
        // SAFETY: that many characters of this width are at the address.
        unsafe { std::slice::from_raw_parts(self.data, self.length * self.width) }
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

    /// The part between the first and the last character for which the test fails.
    pub fn trimmed(self, at_start: bool, at_end: bool, test: impl Fn(u32) -> bool) -> Text<'a> {
        let n_start = if at_start { self.code_points().take_while(|c| test(*c)).count() } else { 0 };
        let rest = self.part(n_start..self.length);
        let n_end = if at_end { rest.code_points().rev().take_while(|c| test(*c)).count() } else { 0 };
        rest.part(0..rest.length - n_end)
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

    /// The text of these bytes, one per character.
    pub fn narrow(bytes: &'a [u8]) -> Text<'a> {
        Text { data: bytes.as_ptr(), owner: 0, length: bytes.len(), width: 1, memory: PhantomData }
    }

    /// The narrowest width that the characters fit.
    pub fn least_width(self) -> usize {
        match self.chars() {
            Chars::Narrow(_) => 1,
            Chars::Medium(chars) => width_of(chars.iter().fold(0, |all, c| all | u32::from(*c))),
            Chars::Wide(chars) => width_of(chars.iter().copied().max().unwrap_or(0)),
        }
    }

    /// A copy of the characters at this width, which they fit.
    pub fn at_width(self, width: usize) -> OwnedText {
        if width < self.width {
            let mut writer = TextWriter::new(self.length, width);
            self.code_points().for_each(|c| writer.push(c));
            return writer.finish();
        }
        let mut writer = TextWriter::new(self.length, width);
        writer.push_text(self);
        writer.finish()
    }

    /// Equality, for texts that often are the same memory, or short and narrow.
    #[inline(always)]
    pub(crate) fn is_same(self, other: Text<'_>) -> bool {
        self.length == other.length && (self.data == other.data && self.width == other.width || self == other)
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
            (Chars::Medium(a), Chars::Medium(b)) => a.cmp(b),
            (Chars::Wide(a), Chars::Wide(b)) => a.cmp(b),
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
        let slots = [self.data as u64, self.owner, self.length as u64, self.width as u64];
        std::mem::forget(self);
        slots
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
        let writer = TextWriter::new(chars.len(), size_of::<C>());
        // SAFETY: there is room for the characters.
        unsafe { std::ptr::copy_nonoverlapping(chars.as_ptr().cast(), writer.data(), size_of_val(chars)) };
        OwnedText {
            data: writer.data(),
            owner: writer.block as u64,
            length: chars.len(),
            width: writer.width,
        }
    }

    pub fn as_text(&self) -> Text<'_> {
        Text {
            data: self.data,
            owner: self.owner,
            length: self.length,
            width: self.width,
            memory: PhantomData,
        }
    }

    pub fn from_code_points(chars: impl IntoIterator<Item = u32>) -> OwnedText {
        let mut builder = TextBuilder::default();
        chars.into_iter().for_each(|c| builder.push(c));
        builder.finish()
    }
}

impl Drop for OwnedText {
    fn drop(&mut self) {
        // SAFETY: the reference is this value's.
        unsafe { rumba_release(self.owner) };
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

/// Text of a length and width that are known, written from its start.
pub struct TextWriter {
    block: *mut u8,
    length: usize,
    width: usize,
    n_written: usize,
}

impl TextWriter {
    /// Without memory for it, the kernel that runs raises `MemoryError`.
    pub fn new(length: usize, width: usize) -> TextWriter {
        let layout = length
            .checked_mul(width)
            .and_then(|n_bytes| n_bytes.checked_add(DATA_OFFSET))
            .and_then(|size| Layout::from_size_align(size, 16).ok());
        let Some(layout) = layout else { out_of_memory() };
        // SAFETY: the layout is not empty.
        let block = unsafe { alloc(layout) };
        if block.is_null() {
            out_of_memory();
        }
        // SAFETY: the block is fresh, aligned, and large enough for the header.
        unsafe { block.cast::<Allocation>().write(Allocation::new(layout, None)) };
        TextWriter { block, length, width, n_written: 0 }
    }

    fn data(&self) -> *mut u8 {
        self.block.wrapping_add(DATA_OFFSET)
    }

    /// Appends a character, which is no wider than the writer says.
    pub fn push(&mut self, c: u32) {
        self.fill(c, 1);
    }

    /// Appends a character `n` times.
    pub fn fill(&mut self, c: u32, n: usize) {
        assert!(n <= self.length - self.n_written, "a text is as long as it was said to be");
        // SAFETY: there is room for them, at an address that is aligned to the width.
        unsafe {
            let place = self.data().add(self.n_written * self.width);
            match self.width {
                1 => std::slice::from_raw_parts_mut(place, n).fill(c as u8),
                2 => std::slice::from_raw_parts_mut(place.cast(), n).fill(c as u16),
                _ => std::slice::from_raw_parts_mut(place.cast(), n).fill(c),
            }
        }
        self.n_written += n;
    }

    /// Appends a text, which is no wider than the writer says.
    pub fn push_text(&mut self, text: Text<'_>) {
        assert!(text.length <= self.length - self.n_written, "a text is as long as it was said to be");
        assert!(text.width <= self.width, "a text is as wide as it was said to be");
        let place = self.data().wrapping_add(self.n_written * self.width);
        // SAFETY: there is room for the characters, at an address that is aligned to the width.
        unsafe {
            if text.width == self.width {
                std::ptr::copy_nonoverlapping(text.data, place, text.length * text.width);
            } else if self.width == 2 {
                with_chars!(text, chars => widen_into(chars, place.cast::<u16>(), |c| c as u16));
            } else {
                with_chars!(text, chars => widen_into(chars, place.cast::<u32>(), |c| c));
            }
        }
        self.n_written += text.length;
    }

    pub fn finish(self) -> OwnedText {
        assert_eq!(self.n_written, self.length, "a text is as long as it was said to be");
        OwnedText { data: self.data(), owner: self.block as u64, length: self.length, width: self.width }
    }
}

/// # Safety
/// There is room for the characters at the place.
unsafe fn widen_into<C: Copy + Into<u32>, D>(chars: &[C], place: *mut D, widen: impl Fn(u32) -> D) {
    for (idx, c) in chars.iter().enumerate() {
        // SAFETY: promised by the caller.
        unsafe { place.add(idx).write(widen((*c).into())) };
    }
}

/// What a kernel unwinds with where there is no memory for its result.
pub struct OutOfMemory;

pub fn out_of_memory() -> ! {
    std::panic::resume_unwind(Box::new(OutOfMemory))
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

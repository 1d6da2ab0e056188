//! `str` and `bytes`: what looks at many characters.
//!
//! Bytes are passed as text of one byte per character, so that most kernels are the same for both; what kind of values
//! they are is the parameter of a kernel.

mod arrays;
mod casing;
mod codecs;
mod elements;
mod format_spec;
mod formatting;
mod numbers;
mod operators;
mod padding;
mod searching;
mod splitting;

use super::{Argument, Outcome, Raise, Result};
use crate::characters::{is_ascii_space, is_space};
use crate::containers::{ElementLayout, List, text_layout};
use crate::text::{OwnedText, Text};
use std::marker::PhantomData;

pub(super) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    arrays::symbols(table);
    casing::symbols(table);
    codecs::symbols(table);
    elements::symbols(table);
    formatting::symbols(table);
    numbers::symbols(table);
    operators::symbols(table);
    padding::symbols(table);
    searching::symbols(table);
    splitting::symbols(table);
}

/// `str` or `bytes`.
pub trait Kind {
    const N_SLOTS: usize;
    const IS_TEXT: bool;
    /// As messages begin that speak of a part of such a value.
    const PART: &'static str;
    fn layout() -> &'static ElementLayout;
    fn is_space(c: u32) -> bool;
    fn is_line_break(c: u32) -> bool;
}

/// `str`.
pub struct Unicode;

impl Kind for Unicode {
    const N_SLOTS: usize = 4;
    const IS_TEXT: bool = true;
    const PART: &'static str = "substring";

    fn layout() -> &'static ElementLayout {
        text_layout()
    }

    fn is_space(c: u32) -> bool {
        is_space(c)
    }

    fn is_line_break(c: u32) -> bool {
        matches!(c, 0x0a..=0x0d | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029)
    }
}

/// `bytes`.
pub struct Octets;

impl Kind for Octets {
    const N_SLOTS: usize = 3;
    const IS_TEXT: bool = false;
    const PART: &'static str = "subsection";

    /// Address, owner, length.
    fn layout() -> &'static ElementLayout {
        ElementLayout::of_words(&[24, 1, 8])
    }

    fn is_space(c: u32) -> bool {
        is_ascii_space(c)
    }

    fn is_line_break(c: u32) -> bool {
        matches!(c, 0x0a | 0x0d)
    }
}

impl Argument for Text<'_> {
    type Raw = *const i64;

    unsafe fn from_raw(raw: *const i64) -> Self {
        // SAFETY: promised by the caller.
        unsafe { Text::from_slots(raw.cast()) }
    }
}

/// Some texts. Slots: how many; then those of each.
pub struct Several<'a>(Vec<Text<'a>>);

impl Argument for Several<'_> {
    type Raw = *const i64;

    unsafe fn from_raw(raw: *const i64) -> Self {
        // SAFETY: promised by the caller.
        unsafe {
            let n = *raw as usize;
            Several((0..n).map(|idx| Text::from_slots(raw.add(1 + 4 * idx).cast())).collect())
        }
    }
}

impl Outcome for OwnedText {
    unsafe fn write(self, slots: *mut u64) -> *mut u64 {
        // SAFETY: promised by the caller.
        unsafe { New::<Unicode>::of(self).write(slots) }
    }
}

/// A new value, or a part of an argument.
pub struct New<T>(OwnedText, PhantomData<T>);

impl<T> New<T> {
    fn of(text: OwnedText) -> New<T> {
        New(text, PhantomData)
    }

    fn part(text: Text<'_>) -> New<T> {
        New::of(text.to_owned())
    }
}

/// New bytes.
pub(super) fn new_bytes(bytes: &[u8]) -> New<Octets> {
    New::of(Text::narrow(bytes).at_width(1))
}

impl<T: Kind> Outcome for New<T> {
    unsafe fn write(self, slots: *mut u64) -> *mut u64 {
        let words = self.0.into_slots();
        // SAFETY: promised by the caller; bytes have no width.
        unsafe {
            std::ptr::copy_nonoverlapping(words.as_ptr(), slots, T::N_SLOTS);
            slots.add(T::N_SLOTS)
        }
    }
}

/// A list of values that a kernel looks at.
pub struct Listed<'a, T>(&'a List, PhantomData<T>);

impl<T> Argument for Listed<'_, T> {
    type Raw = *const i64;

    unsafe fn from_raw(raw: *const i64) -> Self {
        // SAFETY: promised by the caller.
        Listed(unsafe { &*raw.cast() }, PhantomData)
    }
}

impl<'a, T: Kind> Listed<'a, T> {
    fn texts(&self) -> impl Iterator<Item = Text<'a>> + Clone + 'a {
        let list = self.0;
        (0..list.length).map(move |idx| {
            let mut slots = [0, 0, 0, 1];
            // SAFETY: the elements of the list are values of this kind, which it keeps alive.
            unsafe {
                std::ptr::copy_nonoverlapping(list.at(idx).cast::<u64>(), slots.as_mut_ptr(), T::N_SLOTS);
                Text::from_slots(slots.as_ptr())
            }
        })
    }
}

/// A list of `int64`.
pub struct Integers<'a>(&'a List);

impl Argument for Integers<'_> {
    type Raw = *const i64;

    unsafe fn from_raw(raw: *const i64) -> Self {
        // SAFETY: promised by the caller.
        Integers(unsafe { &*raw.cast() })
    }
}

impl Integers<'_> {
    fn iter(&self) -> impl Iterator<Item = i64> {
        // SAFETY: the elements of the list are integers of this width.
        (0..self.0.length).map(|idx| unsafe { self.0.at(idx).cast::<i64>().read() })
    }
}

/// A new list of values.
pub struct NewList<T>(Vec<OwnedText>, PhantomData<T>);

impl<T> NewList<T> {
    fn of_parts(parts: &[Text<'_>]) -> NewList<T> {
        NewList(parts.iter().copied().map(Text::to_owned).collect(), PhantomData)
    }
}

impl<T: Kind> Outcome for NewList<T> {
    unsafe fn write(self, slots: *mut u64) -> *mut u64 {
        let texts = self.0.into_iter().map(OwnedText::into_slots);
        let list = match T::N_SLOTS {
            4 => List::filled(T::layout(), texts),
            _ => List::filled(T::layout(), texts.map(|[data, owner, length, _]| [data, owner, length])),
        };
        // SAFETY: promised by the caller.
        unsafe {
            *slots = list as u64;
            slots.add(1)
        }
    }
}

/// A length that is computed: an error where it exceeds what there can be.
fn new_length(length: Option<usize>, message: &str) -> Result<usize> {
    match length {
        Some(length) if isize::try_from(length).is_ok() => Ok(length),
        _ => Err(Raise::new("OverflowError", message)),
    }
}

/// `start` and `end` of a method that looks at a part, as positions; `None` where there is no such part, not even an
/// empty one.
fn positions(length: usize, start: i64, end: i64) -> Option<(usize, usize)> {
    let length = length as i64;
    let wrap = |position: i64| if position < 0 { (position + length).max(0) } else { position };
    let (start, end) = (wrap(start), wrap(end.min(length)));
    (start <= end).then_some((start as usize, end as usize))
}

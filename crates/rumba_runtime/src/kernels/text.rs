//! `str`: operators and methods.

use super::{Argument, Outcome, Raise, Result, kernels};
use crate::containers::{List, text_layout};
use crate::text::{OwnedText, Text, TextBuilder};
use crate::with_chars;

impl Argument for Text<'_> {
    type Raw = *const i64;

    unsafe fn from_raw(raw: *const i64) -> Self {
        // SAFETY: promised by the caller.
        unsafe { Text::from_slots(raw.cast()) }
    }
}

impl Outcome for OwnedText {
    unsafe fn write(self, slots: *mut u64) -> *mut u64 {
        // SAFETY: promised by the caller.
        unsafe {
            slots.cast::<[u64; 4]>().write(self.into_slots());
            slots.add(4)
        }
    }
}

/// A list of texts that a kernel looks at.
pub struct Texts<'a>(&'a List);

impl Argument for Texts<'_> {
    type Raw = *const i64;

    unsafe fn from_raw(raw: *const i64) -> Self {
        // SAFETY: promised by the caller.
        Texts(unsafe { &*raw.cast() })
    }
}

impl<'a> Texts<'a> {
    fn iter(&self) -> impl Iterator<Item = Text<'a>> + 'a {
        let list = self.0;
        // SAFETY: the elements of the list are texts, which it keeps alive.
        (0..list.length).map(move |idx| unsafe { Text::from_slots(list.at(idx).cast()) })
    }
}

/// A new list of texts.
pub struct NewTexts(Vec<OwnedText>);

impl Outcome for NewTexts {
    unsafe fn write(self, slots: *mut u64) -> *mut u64 {
        let list = List::filled(text_layout(), self.0.into_iter().map(OwnedText::into_slots));
        // SAFETY: promised by the caller.
        unsafe {
            *slots = list as u64;
            slots.add(1)
        }
    }
}

fn str_equal<T>(text: Text<'_>, other: Text<'_>) -> Result<bool> {
    Ok(text == other)
}

/// -1, 0 or 1, as the first is less than, equal to or greater than the other.
fn str_compare<T>(text: Text<'_>, other: Text<'_>) -> Result<i64> {
    Ok(text.cmp(&other) as i64)
}

fn str_concat<T>(text: Text<'_>, other: Text<'_>) -> Result<OwnedText> {
    let mut builder = TextBuilder::default();
    builder.push_text(text);
    builder.push_text(other);
    Ok(builder.finish())
}

fn str_repeat<T>(text: Text<'_>, count: i64) -> Result<OwnedText> {
    let count = usize::try_from(count).unwrap_or(0);
    match text.len().checked_mul(count) {
        Some(total) if total <= isize::MAX as usize / 4 => {}
        _ => return Err(Raise::new("MemoryError", "")),
    }
    let mut builder = TextBuilder::default();
    (0..count).for_each(|_| builder.push_text(text));
    Ok(builder.finish())
}

/// `count` characters from `start` on, `step` apart.
fn str_slice<T>(text: Text<'_>, start: i64, step: i64, count: i64) -> Result<OwnedText> {
    Ok(OwnedText::from_code_points((0..count).map(|idx| text.at((start + idx * step) as usize))))
}

/// The first position of `part` in `text`, or -1.
fn position_of(text: Text<'_>, part: Text<'_>) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    if let (Some(text), Some(part)) = (text.as_narrow(), part.as_narrow()) {
        return memchr::memmem::find(text, part);
    }
    let last = text.len().checked_sub(part.len())?;
    (0..=last).find(|start| text.part(*start..*start + part.len()) == part)
}

fn str_contains<T>(text: Text<'_>, part: Text<'_>) -> Result<bool> {
    Ok(position_of(text, part).is_some())
}

fn is_space(c: u32) -> bool {
    // `str.isspace`: what Unicode says is white space, and the separators of information.
    matches!(c, 0x1c..=0x1f) || char::from_u32(c).is_some_and(char::is_whitespace)
}

fn str_split<T>(text: Text<'_>, separator: Option<Text<'_>>, at_most: i64) -> Result<NewTexts> {
    let mut rest = text;
    let mut parts = Vec::new();
    let mut n_left = if at_most < 0 { usize::MAX } else { at_most as usize };
    let Some(separator) = separator else {
        let skip_space = |text: Text<'_>| {
            let n = with_chars!(text, chars => chars.iter().take_while(|c| is_space(u32::from(**c))).count());
            n
        };
        loop {
            rest = rest.part(skip_space(rest)..rest.len());
            if rest.is_empty() {
                return Ok(NewTexts(parts));
            }
            let end = with_chars!(rest, chars => chars.iter().position(|c| is_space(u32::from(*c))));
            let end = end.unwrap_or(rest.len());
            if n_left == 0 {
                parts.push(rest.to_owned());
                return Ok(NewTexts(parts));
            }
            parts.push(rest.part(0..end).to_owned());
            rest = rest.part(end..rest.len());
            n_left -= 1;
        }
    };
    if separator.is_empty() {
        return Err(Raise::value_error("empty separator"));
    }
    while n_left > 0
        && let Some(position) = position_of(rest, separator)
    {
        parts.push(rest.part(0..position).to_owned());
        rest = rest.part(position + separator.len()..rest.len());
        n_left -= 1;
    }
    parts.push(rest.to_owned());
    Ok(NewTexts(parts))
}

fn str_join<T>(separator: Text<'_>, texts: Texts<'_>) -> Result<OwnedText> {
    let mut builder = TextBuilder::default();
    for (idx, text) in texts.iter().enumerate() {
        if idx > 0 {
            builder.push_text(separator);
        }
        builder.push_text(text);
    }
    Ok(builder.finish())
}

kernels! {
    str_equal<T: text>(text: Text<'_>, other: Text<'_>) -> bool;
    str_compare<T: text>(text: Text<'_>, other: Text<'_>) -> i64;
    str_concat<T: text>(text: Text<'_>, other: Text<'_>) -> OwnedText;
    str_repeat<T: text>(text: Text<'_>, count: i64) -> OwnedText;
    str_slice<T: text>(text: Text<'_>, start: i64, step: i64, count: i64) -> OwnedText;
    str_contains<T: text>(text: Text<'_>, part: Text<'_>) -> bool;
    str_split<T: text>(text: Text<'_>, separator: Option<Text<'_>>, at_most: i64) -> NewTexts;
    str_join<T: text>(separator: Text<'_>, texts: Texts<'_>) -> OwnedText;
}

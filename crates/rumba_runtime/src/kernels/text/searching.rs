//! Looking for a part: `find`, `count`, `replace`, `startswith` and their relatives.

#![expect(
    clippy::extra_unused_type_parameters,
    reason = "`kernels!` names the kind of values, which not all kernels need to know"
)]

use super::{Kind, New, Several, new_length, positions};
use crate::kernels::{Raise, Result, kernels};
use crate::text::{OwnedText, Text, TextWriter};
use memchr::memmem;

/// Looks for one part again and again.
#[expect(clippy::large_enum_variant, reason = "there is one at a time, on the stack")]
pub(super) enum Finder<'a> {
    /// Between all characters.
    Empty,
    /// It has characters that no text of this width has.
    Nowhere,
    /// Bytes that begin at a character.
    Bytes { finder: memmem::Finder<'a>, width: usize },
}

impl<'a> Finder<'a> {
    /// Finds `part` in texts of this width. What it is found by stays in `memory`.
    pub(super) fn new(part: Text<'a>, width: usize, memory: &'a mut Option<OwnedText>) -> Finder<'a> {
        if part.is_empty() {
            return Finder::Empty;
        }
        if part.width() > width && part.least_width() > width {
            return Finder::Nowhere;
        }
        let part = match part.width() == width {
            true => part,
            false => memory.insert(part.at_width(width)).as_text(),
        };
        Finder::Bytes { finder: memmem::Finder::new(part.bytes()), width }
    }

    pub(super) fn first(&self, text: Text<'_>) -> Option<usize> {
        match self {
            Finder::Empty => Some(0),
            Finder::Nowhere => None,
            Finder::Bytes { finder, width } => {
                let bytes = text.bytes();
                let mut from = 0;
                loop {
                    let at = from + finder.find(&bytes[from..])?;
                    if at % width == 0 {
                        return Some(at / width);
                    }
                    from = at + 1;
                }
            }
        }
    }
}

/// The first position of `part` in `text`.
pub(super) fn position_of(text: Text<'_>, part: Text<'_>) -> Option<usize> {
    Finder::new(part, text.width(), &mut None).first(text)
}

/// The last position of `part` in `text`.
pub(super) fn last_position_of(text: Text<'_>, part: Text<'_>) -> Option<usize> {
    let width = text.width();
    if part.is_empty() {
        return Some(text.len());
    }
    if part.width() > width && part.least_width() > width {
        return None;
    }
    let same_width;
    let part = match part.width() == width {
        true => part,
        false => {
            same_width = part.at_width(width);
            same_width.as_text()
        }
    };
    let finder = memmem::FinderRev::new(part.bytes());
    let mut bytes = text.bytes();
    loop {
        let at = finder.rfind(bytes)?;
        if at % width == 0 {
            return Some(at / width);
        }
        bytes = &bytes[..at + part.bytes().len() - 1];
    }
}

fn first_position(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> Option<i64> {
    let (start, end) = positions(text.len(), start, end)?;
    position_of(text.part(start..end), part).map(|position| (start + position) as i64)
}

fn last_position(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> Option<i64> {
    let (start, end) = positions(text.len(), start, end)?;
    last_position_of(text.part(start..end), part).map(|position| (start + position) as i64)
}

fn str_find<T>(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> Result<i64> {
    Ok(first_position(text, part, start, end).unwrap_or(-1))
}

fn str_rfind<T>(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> Result<i64> {
    Ok(last_position(text, part, start, end).unwrap_or(-1))
}

fn not_found<T: Kind>() -> Raise {
    Raise::value_error(format!("{} not found", T::PART))
}

fn str_index<T: Kind>(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> Result<i64> {
    first_position(text, part, start, end).ok_or_else(not_found::<T>)
}

fn str_rindex<T: Kind>(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> Result<i64> {
    last_position(text, part, start, end).ok_or_else(not_found::<T>)
}

/// Where a part stands that does not overlap the one before.
fn occurrences(text: Text<'_>, part: Text<'_>, at_most: usize, mut visit: impl FnMut(usize)) {
    if part.is_empty() {
        return (0..=text.len()).take(at_most).for_each(visit);
    }
    let mut memory = None;
    let finder = Finder::new(part, text.width(), &mut memory);
    let (mut start, mut n) = (0, 0);
    while n < at_most
        && let Some(position) = finder.first(text.part(start..text.len()))
    {
        visit(start + position);
        start += position + part.len();
        n += 1;
    }
}

fn str_count<T>(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> Result<i64> {
    let Some((start, end)) = positions(text.len(), start, end) else { return Ok(0) };
    let mut count = 0;
    occurrences(text.part(start..end), part, usize::MAX, |_| count += 1);
    Ok(count)
}

fn str_replace<T>(text: Text<'_>, old: Text<'_>, new: Text<'_>, count: i64) -> Result<New<T>> {
    let at_most = usize::try_from(count).unwrap_or(usize::MAX);
    let mut places = Vec::new();
    // Nothing is put into an empty text for which others are to be put in place of parts.
    if !text.is_empty() || old.is_empty() {
        occurrences(text, old, at_most, |position| places.push(position));
    }
    if places.is_empty() {
        return Ok(New::part(text));
    }
    let kept = text.len() - old.len() * places.len();
    let length = new.len().checked_mul(places.len()).and_then(|added| added.checked_add(kept));
    let length = new_length(length, "replace string is too long")?;
    let mut writer = TextWriter::new(length, text.width().max(new.width()));
    let mut start = 0;
    for place in places {
        writer.push_text(text.part(start..place));
        writer.push_text(new);
        start = place + old.len();
    }
    writer.push_text(text.part(start..text.len()));
    Ok(New::of(writer.finish()))
}

/// Whether one of the parts is at the start of the part of `text` from `start` to `end`.
fn str_startswith<T>(text: Text<'_>, parts: Several<'_>, start: i64, end: i64) -> Result<bool> {
    let Some((start, end)) = positions(text.len(), start, end) else { return Ok(false) };
    let text = text.part(start..end);
    Ok(parts.0.iter().any(|part| part.len() <= text.len() && text.part(0..part.len()) == *part))
}

/// Whether one of the parts is at the end of the part of `text` from `start` to `end`.
fn str_endswith<T>(text: Text<'_>, parts: Several<'_>, start: i64, end: i64) -> Result<bool> {
    let Some((start, end)) = positions(text.len(), start, end) else { return Ok(false) };
    let text = text.part(start..end);
    let n = text.len();
    Ok(parts.0.iter().any(|part| part.len() <= n && text.part(n - part.len()..n) == *part))
}

fn str_removeprefix<T>(text: Text<'_>, prefix: Text<'_>) -> Result<New<T>> {
    let has_it = prefix.len() <= text.len() && text.part(0..prefix.len()) == prefix;
    Ok(New::part(if has_it { text.part(prefix.len()..text.len()) } else { text }))
}

fn str_removesuffix<T>(text: Text<'_>, suffix: Text<'_>) -> Result<New<T>> {
    let rest = text.len().saturating_sub(suffix.len());
    let has_it = suffix.len() <= text.len() && text.part(rest..text.len()) == suffix;
    Ok(New::part(if has_it { text.part(0..rest) } else { text }))
}

kernels! {
    str_find<T: text>(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> i64;
    str_rfind<T: text>(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> i64;
    str_index<T: strings>(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> i64;
    str_rindex<T: strings>(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> i64;
    str_count<T: text>(text: Text<'_>, part: Text<'_>, start: i64, end: i64) -> i64;
    str_replace<T: strings>(text: Text<'_>, old: Text<'_>, new: Text<'_>, count: i64) -> New<T>;
    str_startswith<T: text>(text: Text<'_>, parts: Several<'_>, start: i64, end: i64) -> bool;
    str_endswith<T: text>(text: Text<'_>, parts: Several<'_>, start: i64, end: i64) -> bool;
    str_removeprefix<T: strings>(text: Text<'_>, prefix: Text<'_>) -> New<T>;
    str_removesuffix<T: strings>(text: Text<'_>, suffix: Text<'_>) -> New<T>;
}

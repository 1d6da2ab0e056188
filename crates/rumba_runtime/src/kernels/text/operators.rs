//! Operators, and what Python asks of any text: its hash, its number.

#![expect(
    clippy::extra_unused_type_parameters,
    reason = "`kernels!` names the kind of values, which not all kernels need to know"
)]

use super::searching::position_of;
use super::{New, new_length};
use crate::host::host;
use crate::kernels::{Raise, Result, kernels};
use crate::text::{OwnedText, Text, TextWriter};

fn str_equal<T>(text: Text<'_>, other: Text<'_>) -> Result<bool> {
    Ok(text == other)
}

/// -1, 0 or 1, as the first is less than, equal to or greater than the other.
fn str_compare<T>(text: Text<'_>, other: Text<'_>) -> Result<i64> {
    Ok(text.cmp(&other) as i64)
}

/// `hash`: the interpreter's, of the narrowest representation.
fn str_hash<T>(text: Text<'_>) -> Result<i64> {
    let (Some(host), false) = (host(), text.is_empty()) else { return Ok(0) };
    let hash = match text.least_width() {
        width if width == text.width() => (host.hash_bytes)(text.bytes()),
        width => (host.hash_bytes)(text.at_width(width).as_text().bytes()),
    };
    // CPython's hashes are never -1, which means an error there.
    Ok(if hash == -1 { -2 } else { hash })
}

/// `ord`.
fn str_ord<T>(text: Text<'_>) -> Result<i64> {
    match text.len() {
        1 => Ok(text.at(0).into()),
        n => Err(Raise::new(
            "TypeError",
            format!("ord() expected a character, but string of length {n} found"),
        )),
    }
}

/// `chr`.
fn str_chr<T>(code: i64) -> Result<OwnedText> {
    match u32::try_from(code) {
        Ok(code @ ..0x11_0000) => Ok(OwnedText::from_code_points([code])),
        _ => Err(Raise::value_error("chr() arg not in range(0x110000)")),
    }
}

fn str_concat<T>(text: Text<'_>, other: Text<'_>) -> Result<New<T>> {
    let length = new_length(text.len().checked_add(other.len()), "strings are too large to concat")?;
    let mut writer = TextWriter::new(length, text.width().max(other.width()));
    writer.push_text(text);
    writer.push_text(other);
    Ok(New::of(writer.finish()))
}

fn str_repeat<T>(text: Text<'_>, count: i64) -> Result<New<T>> {
    let count = if text.is_empty() { 0 } else { usize::try_from(count).unwrap_or(0) };
    if count == 1 {
        return Ok(New::part(text));
    }
    let length = new_length(text.len().checked_mul(count), "repeated string is too long")?;
    let mut writer = TextWriter::new(length, text.width());
    match text.len() {
        1 => writer.fill(text.at(0), count),
        _ => (0..count).for_each(|_| writer.push_text(text)),
    }
    Ok(New::of(writer.finish()))
}

/// `count` characters from `start` on, `step` apart.
fn str_slice<T>(text: Text<'_>, start: i64, step: i64, count: i64) -> Result<New<T>> {
    let mut writer = TextWriter::new(count as usize, text.width());
    (0..count).for_each(|idx| writer.push(text.at((start + idx * step) as usize)));
    Ok(New::of(writer.finish()))
}

fn str_contains<T>(text: Text<'_>, part: Text<'_>) -> Result<bool> {
    Ok(position_of(text, part).is_some())
}

/// `byte in bytes`.
fn bytes_have<T>(bytes: Text<'_>, byte: i64) -> Result<bool> {
    Ok(memchr::memchr(byte as u8, bytes.bytes()).is_some())
}

kernels! {
    str_equal<T: text>(text: Text<'_>, other: Text<'_>) -> bool;
    str_compare<T: text>(text: Text<'_>, other: Text<'_>) -> i64;
    str_hash<T: text>(text: Text<'_>) -> i64;
    str_ord<T: text>(text: Text<'_>) -> i64;
    str_chr<T: text>(code: i64) -> OwnedText;
    str_concat<T: strings>(text: Text<'_>, other: Text<'_>) -> New<T>;
    str_repeat<T: strings>(text: Text<'_>, count: i64) -> New<T>;
    str_slice<T: strings>(text: Text<'_>, start: i64, step: i64, count: i64) -> New<T>;
    bytes_have<T: text>(bytes: Text<'_>, byte: i64) -> bool;
    str_contains<T: text>(text: Text<'_>, part: Text<'_>) -> bool;
}

//! Characters added at the ends, or taken away.

use super::{Kind, New, new_length};
use crate::kernels::{Raise, Result, kernels};
use crate::text::{Text, TextWriter, width_of};

/// The text between fill characters.
pub(super) fn padded(text: Text<'_>, left: usize, right: usize, fill: u32) -> Result<crate::text::OwnedText> {
    let length = text.len().checked_add(left).and_then(|length| length.checked_add(right));
    let length = new_length(length, "padded string is too long")?;
    let mut writer = TextWriter::new(length, text.width().max(width_of(fill)));
    writer.fill(fill, left);
    writer.push_text(text);
    writer.fill(fill, right);
    Ok(writer.finish())
}

fn fill_character(fill: Text<'_>) -> Result<u32> {
    match fill.len() {
        1 => Ok(fill.at(0)),
        _ => Err(Raise::new("TypeError", "The fill character must be exactly one character long")),
    }
}

/// How many characters are missing.
fn missing(text: Text<'_>, width: i64) -> usize {
    usize::try_from(width).unwrap_or(0).saturating_sub(text.len())
}

fn str_ljust<T>(text: Text<'_>, width: i64, fill: Text<'_>) -> Result<New<T>> {
    let fill = fill_character(fill)?;
    match missing(text, width) {
        0 => Ok(New::part(text)),
        n => Ok(New::of(padded(text, 0, n, fill)?)),
    }
}

fn str_rjust<T>(text: Text<'_>, width: i64, fill: Text<'_>) -> Result<New<T>> {
    let fill = fill_character(fill)?;
    match missing(text, width) {
        0 => Ok(New::part(text)),
        n => Ok(New::of(padded(text, n, 0, fill)?)),
    }
}

fn str_center<T>(text: Text<'_>, width: i64, fill: Text<'_>) -> Result<New<T>> {
    let fill = fill_character(fill)?;
    match missing(text, width) {
        0 => Ok(New::part(text)),
        n => {
            // CPython gives the larger half to the left where the width is odd.
            let left = n / 2 + (n & width as usize & 1);
            Ok(New::of(padded(text, left, n - left, fill)?))
        }
    }
}

fn str_zfill<T>(text: Text<'_>, width: i64) -> Result<New<T>> {
    let n = missing(text, width);
    if n == 0 {
        return Ok(New::part(text));
    }
    let has_sign = !text.is_empty() && matches!(text.at(0), 0x2b | 0x2d);
    let (sign, digits) = (text.part(0..usize::from(has_sign)), text.part(usize::from(has_sign)..text.len()));
    let length = new_length(text.len().checked_add(n), "padded string is too long")?;
    let mut writer = TextWriter::new(length, text.width());
    writer.push_text(sign);
    writer.fill(u32::from('0'), n);
    writer.push_text(digits);
    Ok(New::of(writer.finish()))
}

/// Calls back with each run of characters and with the number of spaces that follow it in place of a tab.
fn expand_tabs<'a>(
    text: Text<'a>,
    tab_size: i64,
    mut visit: impl FnMut(Text<'a>, usize) -> Result<()>,
) -> Result<()> {
    let (mut start, mut column) = (0, 0i64);
    for (idx, c) in text.code_points().enumerate() {
        match c {
            0x09 => {
                let n_spaces = if tab_size > 0 { tab_size - column % tab_size } else { 0 };
                visit(text.part(start..idx), n_spaces as usize)?;
                start = idx + 1;
                column = 0;
            }
            0x0a | 0x0d => column = 0,
            _ => column += 1,
        }
    }
    visit(text.part(start..text.len()), 0)
}

fn str_expandtabs<T>(text: Text<'_>, tab_size: i64) -> Result<New<T>> {
    let mut length = 0usize;
    expand_tabs(text, tab_size, |run, n_spaces| {
        let longer = length.checked_add(run.len()).and_then(|length| length.checked_add(n_spaces));
        length = new_length(longer, "new string is too long")?;
        Ok(())
    })?;
    let mut writer = TextWriter::new(length, text.width());
    expand_tabs(text, tab_size, |run, n_spaces| {
        writer.push_text(run);
        writer.fill(u32::from(' '), n_spaces);
        Ok(())
    })?;
    Ok(New::of(writer.finish()))
}

fn trim<T: Kind>(text: Text<'_>, chars: Option<Text<'_>>, at_start: bool, at_end: bool) -> New<T> {
    New::part(match chars {
        None => text.trimmed(at_start, at_end, T::is_space),
        Some(chars) => text.trimmed(at_start, at_end, |c| chars.code_points().any(|other| other == c)),
    })
}

fn str_strip<T: Kind>(text: Text<'_>, chars: Option<Text<'_>>) -> Result<New<T>> {
    Ok(trim(text, chars, true, true))
}

fn str_lstrip<T: Kind>(text: Text<'_>, chars: Option<Text<'_>>) -> Result<New<T>> {
    Ok(trim(text, chars, true, false))
}

fn str_rstrip<T: Kind>(text: Text<'_>, chars: Option<Text<'_>>) -> Result<New<T>> {
    Ok(trim(text, chars, false, true))
}

kernels! {
    str_ljust<T: strings>(text: Text<'_>, width: i64, fill: Text<'_>) -> New<T>;
    str_rjust<T: strings>(text: Text<'_>, width: i64, fill: Text<'_>) -> New<T>;
    str_center<T: strings>(text: Text<'_>, width: i64, fill: Text<'_>) -> New<T>;
    str_zfill<T: strings>(text: Text<'_>, width: i64) -> New<T>;
    str_expandtabs<T: strings>(text: Text<'_>, tab_size: i64) -> New<T>;
    str_strip<T: strings>(text: Text<'_>, chars: Option<Text<'_>>) -> New<T>;
    str_lstrip<T: strings>(text: Text<'_>, chars: Option<Text<'_>>) -> New<T>;
    str_rstrip<T: strings>(text: Text<'_>, chars: Option<Text<'_>>) -> New<T>;
}

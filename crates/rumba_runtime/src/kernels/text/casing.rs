//! Upper and lower case, and what a text consists of.

#![expect(
    clippy::extra_unused_type_parameters,
    reason = "`kernels!` names the kind of values, which not all kernels need to know"
)]

use super::{Kind, New};
use crate::characters::{Character, Mapping, character, mapped, property as is};
use crate::kernels::{Result, kernels};
use crate::text::{OwnedText, Text, TextBuilder, TextWriter};
use crate::with_chars;

/// The text with each character replaced by what it maps to.
fn map_each(text: Text<'_>, mapping: impl Fn(&'static Character) -> &'static Mapping) -> OwnedText {
    let mut builder = TextBuilder::default();
    text.code_points().for_each(|c| push_mapped(&mut builder, mapping(character(c))));
    builder.finish()
}

fn push_mapped(builder: &mut TextBuilder, mapping: &Mapping) {
    mapped(mapping).for_each(|c| builder.push(c));
}

/// Characters of ASCII, mapped byte by byte.
fn map_ascii(bytes: &[u8], map: impl Fn(u8) -> u8) -> OwnedText {
    let mut writer = TextWriter::new(bytes.len(), 1);
    bytes.iter().for_each(|c| writer.push(map(*c).into()));
    writer.finish()
}

/// The bytes of what is mapped byte by byte: of `bytes`, and of text that is all ASCII.
fn as_ascii<T: Kind>(text: Text<'_>) -> Option<&[u8]> {
    text.as_narrow().filter(|bytes| !T::IS_TEXT || bytes.is_ascii())
}

fn push_lower(builder: &mut TextBuilder, text: Text<'_>, idx: usize) {
    const CAPITAL_SIGMA: u32 = 0x3a3;
    match text.at(idx) {
        CAPITAL_SIGMA => builder.push(lower_sigma(text, idx)),
        c => push_mapped(builder, &character(c).lower),
    }
}

/// Sigma at the end of a word differs: behind a cased letter and not before one, whatever ignorable is between.
fn lower_sigma(text: Text<'_>, idx: usize) -> u32 {
    let is_next_cased = |characters: &mut dyn Iterator<Item = u32>| {
        characters.map(character).find(|c| !c.has(is::CASE_IGNORABLE)).is_some_and(|c| c.has(is::CASED))
    };
    let is_final = is_next_cased(&mut text.part(0..idx).code_points().rev())
        && !is_next_cased(&mut text.part(idx + 1..text.len()).code_points());
    if is_final { 0x3c2 } else { 0x3c3 }
}

fn str_upper<T: Kind>(text: Text<'_>) -> Result<New<T>> {
    Ok(New::of(match as_ascii::<T>(text) {
        Some(bytes) => map_ascii(bytes, |c| c.to_ascii_uppercase()),
        None => map_each(text, |c| &c.upper),
    }))
}

fn str_lower<T: Kind>(text: Text<'_>) -> Result<New<T>> {
    Ok(New::of(match as_ascii::<T>(text) {
        Some(bytes) => map_ascii(bytes, |c| c.to_ascii_lowercase()),
        None => {
            let mut builder = TextBuilder::default();
            (0..text.len()).for_each(|idx| push_lower(&mut builder, text, idx));
            builder.finish()
        }
    }))
}

fn str_casefold<T>(text: Text<'_>) -> Result<OwnedText> {
    Ok(map_each(text, |c| &c.folded))
}

fn swap_ascii_case(c: u8) -> u8 {
    if c.is_ascii_alphabetic() { c ^ 0x20 } else { c }
}

fn str_swapcase<T: Kind>(text: Text<'_>) -> Result<New<T>> {
    if let Some(bytes) = as_ascii::<T>(text) {
        return Ok(New::of(map_ascii(bytes, swap_ascii_case)));
    }
    let mut builder = TextBuilder::default();
    for (idx, c) in text.code_points().enumerate() {
        match character(c) {
            upper if upper.has(is::UPPER) => push_lower(&mut builder, text, idx),
            lower if lower.has(is::LOWER) => push_mapped(&mut builder, &lower.upper),
            _ => builder.push(c),
        }
    }
    Ok(New::of(builder.finish()))
}

fn str_capitalize<T: Kind>(text: Text<'_>) -> Result<New<T>> {
    let mut builder = TextBuilder::default();
    if let Some(bytes) = as_ascii::<T>(text) {
        for (idx, c) in bytes.iter().enumerate() {
            let c = if idx == 0 { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
            builder.push(c.into());
        }
        return Ok(New::of(builder.finish()));
    }
    for (idx, c) in text.code_points().enumerate() {
        match idx {
            0 => push_mapped(&mut builder, &character(c).title),
            _ => push_lower(&mut builder, text, idx),
        }
    }
    Ok(New::of(builder.finish()))
}

fn str_title<T: Kind>(text: Text<'_>) -> Result<New<T>> {
    let mut builder = TextBuilder::default();
    let mut is_inside = false;
    if let Some(bytes) = as_ascii::<T>(text) {
        for c in bytes {
            let c = if is_inside { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
            is_inside = c.is_ascii_alphabetic();
            builder.push(c.into());
        }
        return Ok(New::of(builder.finish()));
    }
    for (idx, c) in text.code_points().enumerate() {
        let properties = character(c);
        match is_inside {
            true => push_lower(&mut builder, text, idx),
            false => push_mapped(&mut builder, &properties.title),
        }
        is_inside = properties.has(is::CASED);
    }
    Ok(New::of(builder.finish()))
}

/// The properties of a character of text, or of a byte.
fn properties<T: Kind>(c: u32) -> u16 {
    if T::IS_TEXT || c < 0x80 { character(c).properties } else { 0 }
}

fn all_are<T: Kind>(text: Text<'_>, properties_wanted: u16) -> bool {
    let all = with_chars!(text, chars => {
        chars.iter().all(|c| properties::<T>((*c).into()) & properties_wanted != 0)
    });
    all && !text.is_empty()
}

fn str_isalpha<T: Kind>(text: Text<'_>) -> Result<bool> {
    Ok(all_are::<T>(text, is::ALPHA))
}

fn str_isdecimal<T: Kind>(text: Text<'_>) -> Result<bool> {
    Ok(all_are::<T>(text, is::DECIMAL))
}

fn str_isdigit<T: Kind>(text: Text<'_>) -> Result<bool> {
    Ok(all_are::<T>(text, is::DIGIT))
}

fn str_isnumeric<T: Kind>(text: Text<'_>) -> Result<bool> {
    Ok(all_are::<T>(text, is::NUMERIC))
}

fn str_isalnum<T: Kind>(text: Text<'_>) -> Result<bool> {
    Ok(all_are::<T>(text, is::ALPHA | is::DECIMAL | is::DIGIT | is::NUMERIC))
}

fn str_isspace<T: Kind>(text: Text<'_>) -> Result<bool> {
    Ok(!text.is_empty() && text.code_points().all(T::is_space))
}

fn str_isascii<T>(text: Text<'_>) -> Result<bool> {
    Ok(with_chars!(text, chars => chars.iter().all(|c| u32::from(*c) < 0x80)))
}

fn str_isprintable<T: Kind>(text: Text<'_>) -> Result<bool> {
    Ok(text.is_empty() || all_are::<T>(text, is::PRINTABLE))
}

fn str_isidentifier<T: Kind>(text: Text<'_>) -> Result<bool> {
    if text.is_empty() {
        return Ok(false);
    }
    let rest = text.part(1..text.len());
    let begins = character(text.at(0)).has(is::IDENTIFIER_START);
    Ok(begins && (rest.is_empty() || all_are::<T>(rest, is::IDENTIFIER)))
}

/// Whether a text has characters of one case, and none of the other or of title case.
fn has_only<T: Kind>(text: Text<'_>, case: u16, others: u16) -> bool {
    let mut found = false;
    for c in text.code_points() {
        let properties = properties::<T>(c);
        if properties & others != 0 {
            return false;
        }
        found |= properties & case != 0;
    }
    found
}

fn str_islower<T: Kind>(text: Text<'_>) -> Result<bool> {
    Ok(has_only::<T>(text, is::LOWER, is::UPPER | is::TITLE))
}

fn str_isupper<T: Kind>(text: Text<'_>) -> Result<bool> {
    Ok(has_only::<T>(text, is::UPPER, is::LOWER | is::TITLE))
}

fn str_istitle<T: Kind>(text: Text<'_>) -> Result<bool> {
    let (mut found, mut is_inside) = (false, false);
    for c in text.code_points() {
        let properties = properties::<T>(c);
        if properties & (is::UPPER | is::TITLE) != 0 {
            if is_inside {
                return Ok(false);
            }
            (found, is_inside) = (true, true);
        } else if properties & is::LOWER != 0 {
            if !is_inside {
                return Ok(false);
            }
            found = true;
        } else {
            is_inside = false;
        }
    }
    Ok(found)
}

kernels! {
    str_upper<T: strings>(text: Text<'_>) -> New<T>;
    str_lower<T: strings>(text: Text<'_>) -> New<T>;
    str_casefold<T: text>(text: Text<'_>) -> OwnedText;
    str_swapcase<T: strings>(text: Text<'_>) -> New<T>;
    str_capitalize<T: strings>(text: Text<'_>) -> New<T>;
    str_title<T: strings>(text: Text<'_>) -> New<T>;
    str_isalpha<T: strings>(text: Text<'_>) -> bool;
    str_isdecimal<T: text>(text: Text<'_>) -> bool;
    str_isdigit<T: strings>(text: Text<'_>) -> bool;
    str_isnumeric<T: text>(text: Text<'_>) -> bool;
    str_isalnum<T: strings>(text: Text<'_>) -> bool;
    str_isspace<T: strings>(text: Text<'_>) -> bool;
    str_isascii<T: text>(text: Text<'_>) -> bool;
    str_isprintable<T: text>(text: Text<'_>) -> bool;
    str_isidentifier<T: text>(text: Text<'_>) -> bool;
    str_islower<T: strings>(text: Text<'_>) -> bool;
    str_isupper<T: strings>(text: Text<'_>) -> bool;
    str_istitle<T: strings>(text: Text<'_>) -> bool;
}

//! Text to bytes and back, and texts as they are written in a program.

#![expect(
    clippy::extra_unused_type_parameters,
    reason = "`kernels!` names the kind of values, which not all kernels need to know"
)]

use super::{Integers, Kind, New, Octets, Unicode, new_length};
use crate::characters::{character, property};
use crate::host::{Coded, host};
use crate::kernels::{Raise, Result, kernels};
use crate::text::{OwnedText, Text, TextBuilder, TextWriter};

/// The encodings that there are, as numbers that compiled code passes.
#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Utf8,
    Latin1,
    Ascii,
}

impl Encoding {
    fn of(number: i64) -> Encoding {
        match number {
            0 => Encoding::Utf8,
            1 => Encoding::Latin1,
            _ => Encoding::Ascii,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Latin1 => "latin-1",
            Encoding::Ascii => "ascii",
        }
    }
}

/// The interpreter raises it, with all that its exception tells.
fn codec_error(coded: Coded<'_>, encoding: Encoding) -> Raise {
    match host() {
        Some(host) => {
            (host.raise_codec_error)(coded, encoding.name());
            Raise::Host
        }
        None => Raise::value_error("there is no interpreter to say what is wrong"),
    }
}

fn str_encode<T>(text: Text<'_>, encoding: i64) -> Result<New<Octets>> {
    let encoding = Encoding::of(encoding);
    let limit = match encoding {
        Encoding::Utf8 => 0x11_0000,
        Encoding::Latin1 => 0x100,
        Encoding::Ascii => 0x80,
    };
    if text.as_narrow().is_some_and(|bytes| bytes.is_ascii() || encoding == Encoding::Latin1) {
        return Ok(New::part(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.code_points() {
        match char::from_u32(c) {
            Some(character) if encoding == Encoding::Utf8 => {
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Some(_) if c < limit => bytes.push(c as u8),
            _ => {
                let codes: Vec<u32> = text.code_points().collect();
                return Err(codec_error(Coded::Text(&codes), encoding));
            }
        }
    }
    Ok(New::of(Text::narrow(&bytes).at_width(1)))
}

fn str_decode<T>(bytes: Text<'_>, encoding: i64) -> Result<New<Unicode>> {
    let encoding = Encoding::of(encoding);
    let octets = bytes.bytes();
    if octets.is_ascii() || encoding == Encoding::Latin1 {
        return Ok(New::part(bytes));
    }
    match std::str::from_utf8(octets) {
        Ok(text) if encoding == Encoding::Utf8 => Ok(New::of(OwnedText::from(text))),
        _ => Err(codec_error(Coded::Bytes(octets), encoding)),
    }
}

fn bytes_hex<T>(bytes: Text<'_>) -> Result<OwnedText> {
    let length = new_length(bytes.len().checked_mul(2), "the text is too long")?;
    let mut writer = TextWriter::new(length, 1);
    for byte in bytes.bytes() {
        for digit in [byte >> 4, byte & 15] {
            writer.push(char::from_digit(digit.into(), 16).map_or(0, u32::from));
        }
    }
    Ok(writer.finish())
}

/// `bytes(n)`.
fn bytes_of_zeros<T>(n: i64) -> Result<New<Octets>> {
    let Ok(n) = usize::try_from(n) else { return Err(Raise::value_error("negative count")) };
    let mut writer = TextWriter::new(n, 1);
    writer.fill(0, n);
    Ok(New::of(writer.finish()))
}

/// `bytes(integers)`.
fn bytes_of_ints<T>(integers: Integers<'_>) -> Result<New<Octets>> {
    let bytes: std::result::Result<Vec<u8>, _> = integers.iter().map(u8::try_from).collect();
    match bytes {
        Ok(bytes) => Ok(New::of(Text::narrow(&bytes).at_width(1))),
        Err(_) => Err(Raise::value_error("bytes must be in range(0, 256)")),
    }
}

/// A character that is not shown as it is.
fn escaped(c: u32) -> String {
    match c {
        0..0x100 => format!("\\x{c:02x}"),
        0x100..0x1_0000 => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

/// Between quotes, with escapes for what `is_shown` says no to.
fn quoted(builder: &mut TextBuilder, text: Text<'_>, is_shown: impl Fn(u32) -> bool) {
    let has = |quote: char| text.code_points().any(|c| c == u32::from(quote));
    let quote = u32::from(if has('\'') && !has('"') { '"' } else { '\'' });
    builder.push(quote);
    for c in text.code_points() {
        match char::from_u32(c) {
            Some('\\') => builder.push_str("\\\\"),
            Some('\t') => builder.push_str("\\t"),
            Some('\n') => builder.push_str("\\n"),
            Some('\r') => builder.push_str("\\r"),
            _ if c == quote => {
                builder.push('\\'.into());
                builder.push(c);
            }
            _ if (0x20..0x7f).contains(&c) || c >= 0x7f && is_shown(c) => builder.push(c),
            _ => builder.push_str(&escaped(c)),
        }
    }
    builder.push(quote);
}

fn is_printable(c: u32) -> bool {
    character(c).has(property::PRINTABLE)
}

fn str_repr<T: Kind>(text: Text<'_>) -> Result<OwnedText> {
    let mut builder = TextBuilder::default();
    if !T::IS_TEXT {
        builder.push('b'.into());
    }
    quoted(&mut builder, text, |c| T::IS_TEXT && is_printable(c));
    Ok(builder.finish())
}

/// `ascii`, of what `repr` gives.
fn str_escaped<T>(text: Text<'_>) -> Result<OwnedText> {
    let mut builder = TextBuilder::default();
    for c in text.code_points() {
        match c {
            0..0x80 => builder.push(c),
            _ => builder.push_str(&escaped(c)),
        }
    }
    Ok(builder.finish())
}

/// `repr` in a message.
pub(super) fn shown(text: Text<'_>) -> String {
    let mut builder = TextBuilder::default();
    quoted(&mut builder, text, is_printable);
    let shown = builder.finish();
    shown.as_text().code_points().take(200).filter_map(char::from_u32).collect()
}

kernels! {
    str_encode<T: text>(text: Text<'_>, encoding: i64) -> New<Octets>;
    str_decode<T: text>(bytes: Text<'_>, encoding: i64) -> New<Unicode>;
    bytes_hex<T: text>(bytes: Text<'_>) -> OwnedText;
    bytes_of_zeros<T: text>(n: i64) -> New<Octets>;
    bytes_of_ints<T: text>(integers: Integers<'_>) -> New<Octets>;
    str_repr<T: strings>(text: Text<'_>) -> OwnedText;
    str_escaped<T: text>(text: Text<'_>) -> OwnedText;
}

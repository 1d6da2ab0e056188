//! `format(value, spec)`, as CPython formats numbers and text.

#![expect(
    clippy::extra_unused_type_parameters,
    reason = "`kernels!` names the kind of values, which not all kernels need to know"
)]

use super::format_spec::FormatSpec;
use super::numbers::{FloatText, Form};
use super::padding::padded;
use super::{New, Unicode};
use crate::kernels::{Raise, Result, kernels};
use crate::text::{OwnedText, Text, TextWriter, out_of_memory, width_of};

/// A number on its way to text.
struct Number<'a> {
    sign: &'static str,
    prefix: &'static str,
    /// In front of the decimal point.
    digits: &'a str,
    /// From the decimal point on, or what takes the place of digits.
    rest: &'a str,
    group_size: usize,
}

/// Digits with separators between groups, and with zeros in front up to `least_width`.
fn grouped(digits: &str, separator: Option<char>, size: usize, least_width: usize) -> String {
    let Some(separator) = separator else {
        let n_zeros = least_width.saturating_sub(digits.len());
        return zeros(n_zeros) + digits;
    };
    let mut reversed = String::new();
    if reversed.try_reserve(least_width).is_err() {
        out_of_memory();
    }
    let mut rest = digits.bytes().rev();
    // How much is missing, which separators count for.
    let mut n_missing = least_width as i64;
    loop {
        let n = rest.len().max(n_missing.max(1) as usize).min(size);
        for _ in 0..n {
            reversed.push(rest.next().map_or('0', char::from));
        }
        n_missing -= n as i64;
        if rest.len() == 0 && n_missing <= 0 {
            return reversed.chars().rev().collect();
        }
        reversed.push(separator);
        n_missing -= 1;
    }
}

fn zeros(n: usize) -> String {
    let mut zeros = String::new();
    if zeros.try_reserve(n).is_err() {
        out_of_memory();
    }
    zeros.extend(std::iter::repeat_n('0', n));
    zeros
}

fn sign_text(is_negative: bool, sign: Option<char>) -> &'static str {
    match sign {
        _ if is_negative => "-",
        Some('+') => "+",
        Some(' ') => " ",
        _ => "",
    }
}

fn format_number(number: &Number<'_>, spec: &FormatSpec) -> OwnedText {
    let width = spec.width.unwrap_or(0);
    let fixed = number.sign.len() + number.prefix.len() + number.rest.len();
    let pads_with_zeros = spec.align == '=' && spec.fill == u32::from('0');
    let least_width = if pads_with_zeros { width.saturating_sub(fixed) } else { 0 };
    let digits = match number.digits.is_empty() {
        true => String::new(),
        false => grouped(number.digits, spec.grouping, number.group_size, least_width),
    };
    let n_padding = width.saturating_sub(fixed + digits.len());
    let (left, inside, right) = match spec.align {
        '<' => (0, 0, n_padding),
        '^' => (n_padding / 2, 0, n_padding - n_padding / 2),
        '=' => (0, n_padding, 0),
        _ => (n_padding, 0, 0),
    };
    let char_width = if n_padding > 0 { width_of(spec.fill) } else { 1 };
    let mut writer = TextWriter::new(fixed + digits.len() + n_padding, char_width);
    writer.fill(spec.fill, left);
    writer.push_text(Text::narrow(number.sign.as_bytes()));
    writer.push_text(Text::narrow(number.prefix.as_bytes()));
    writer.fill(spec.fill, inside);
    writer.push_text(Text::narrow(digits.as_bytes()));
    writer.push_text(Text::narrow(number.rest.as_bytes()));
    writer.fill(spec.fill, right);
    writer.finish()
}

/// What is formatted as an integer.
#[derive(Clone, Copy)]
struct Integer {
    magnitude: u64,
    is_negative: bool,
    type_name: &'static str,
}

fn format_integer(integer: Integer, spec: Text<'_>) -> Result<OwnedText> {
    let Integer { magnitude, is_negative, type_name } = integer;
    let spec = FormatSpec::parse(spec, '>', 'd', type_name)?;
    let kind = char::from_u32(spec.kind).unwrap_or('?');
    if matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') {
        let value = magnitude as f64;
        return format_float(if is_negative { -value } else { value }, &spec, type_name);
    }
    if !matches!(kind, 'b' | 'c' | 'd' | 'n' | 'o' | 'x' | 'X') {
        return Err(spec.unknown_kind(type_name));
    }
    if spec.precision.is_some() {
        return Err(Raise::value_error("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        let message = "Negative zero coercion (z) not allowed in integer format specifier";
        return Err(Raise::value_error(message));
    }
    let sign = sign_text(is_negative, spec.sign);
    if kind == 'c' {
        if spec.sign.is_some() {
            return Err(Raise::value_error("Sign not allowed with integer format specifier 'c'"));
        }
        if spec.alternate {
            let message = "Alternate form (#) not allowed with integer format specifier 'c'";
            return Err(Raise::value_error(message));
        }
        let code = u32::try_from(magnitude).ok().filter(|code| *code < 0x11_0000 && !is_negative);
        let Some(code) = code else {
            return Err(Raise::new("OverflowError", "%c arg not in range(0x110000)"));
        };
        let text = OwnedText::from_code_points([code]);
        return pad(text.as_text(), &spec);
    }
    let (digits, prefix, group_size) = match kind {
        'b' => (format!("{magnitude:b}"), "0b", 4),
        'o' => (format!("{magnitude:o}"), "0o", 4),
        'x' => (format!("{magnitude:x}"), "0x", 4),
        'X' => (format!("{magnitude:X}"), "0X", 4),
        _ => (magnitude.to_string(), "", 3),
    };
    let prefix = if spec.alternate { prefix } else { "" };
    Ok(format_number(&Number { sign, prefix, digits: &digits, rest: "", group_size }, &spec))
}

fn format_float(value: f64, spec: &FormatSpec, type_name: &str) -> Result<OwnedText> {
    let (value, percent) = match char::from_u32(spec.kind) {
        Some('%') => (value * 100.0, "%"),
        _ => (value, ""),
    };
    let (form, default_precision) = match char::from_u32(spec.kind).unwrap_or('?') {
        // As `repr`, or as `g` with a digit behind the point.
        '\0' if spec.precision.is_none() => (Form::Shortest { point_zero: true }, 0),
        '\0' => (Form::General { point_zero: true }, 0),
        'e' | 'E' => (Form::Scientific, 6),
        'f' | 'F' | '%' => (Form::Fixed, 6),
        'g' | 'G' | 'n' => (Form::General { point_zero: false }, 6),
        _ => return Err(spec.unknown_kind(type_name)),
    };
    let precision = spec.precision.unwrap_or(default_precision);
    if i32::try_from(precision).is_err() {
        return Err(Raise::value_error("precision too big"));
    }
    let mut text = FloatText::new(value, form, precision, spec.alternate);
    if matches!(char::from_u32(spec.kind), Some('E' | 'F' | 'G')) {
        text.digits.make_ascii_uppercase();
    }
    if spec.no_negative_zero && text.is_zero() {
        text.is_negative = false;
    }
    text.digits.push_str(percent);
    let n_digits = text.digits.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.digits.split_at(n_digits);
    let sign = sign_text(text.is_negative, spec.sign);
    Ok(format_number(&Number { sign, prefix: "", digits, rest, group_size: 3 }, spec))
}

/// The text within the width, aligned.
fn pad(text: Text<'_>, spec: &FormatSpec) -> Result<OwnedText> {
    let n_padding = spec.width.unwrap_or(0).saturating_sub(text.len());
    let (left, right) = match spec.align {
        '<' => (0, n_padding),
        '^' => (n_padding / 2, n_padding - n_padding / 2),
        _ => (n_padding, 0),
    };
    padded(text, left, right, spec.fill)
}

fn format_int<T>(value: i64, spec: Text<'_>) -> Result<OwnedText> {
    let integer = Integer { magnitude: value.unsigned_abs(), is_negative: value < 0, type_name: "int" };
    format_integer(integer, spec)
}

fn format_unsigned<T>(value: u64, spec: Text<'_>) -> Result<OwnedText> {
    format_integer(Integer { magnitude: value, is_negative: false, type_name: "int" }, spec)
}

fn format_bool<T>(value: bool, spec: Text<'_>) -> Result<OwnedText> {
    format_integer(Integer { magnitude: value.into(), is_negative: false, type_name: "bool" }, spec)
}

fn format_f64<T>(value: f64, spec: Text<'_>) -> Result<OwnedText> {
    let spec = FormatSpec::parse(spec, '>', '\0', "float")?;
    format_float(value, &spec, "float")
}

fn format_text<T>(text: Text<'_>, spec: Text<'_>) -> Result<New<Unicode>> {
    if spec.is_empty() {
        return Ok(New::part(text));
    }
    let spec = FormatSpec::parse(spec, '<', 's', "str")?;
    if spec.kind != u32::from('s') {
        return Err(spec.unknown_kind("str"));
    }
    let refuse =
        |what: &str| Err(Raise::value_error(format!("{what} not allowed in string format specifier")));
    match spec.sign {
        Some(' ') => return refuse("Space"),
        Some(_) => return refuse("Sign"),
        None => {}
    }
    if spec.no_negative_zero {
        return refuse("Negative zero coercion (z)");
    }
    if spec.alternate {
        return refuse("Alternate form (#)");
    }
    if spec.align == '=' {
        return refuse("'=' alignment");
    }
    let kept = spec.precision.map_or(text.len(), |precision| precision.min(text.len()));
    Ok(New::of(pad(text.part(0..kept), &spec)?))
}

kernels! {
    format_int<T: text>(value: i64, spec: Text<'_>) -> OwnedText;
    format_unsigned<T: text>(value: u64, spec: Text<'_>) -> OwnedText;
    format_bool<T: text>(value: bool, spec: Text<'_>) -> OwnedText;
    format_f64<T: text>(value: f64, spec: Text<'_>) -> OwnedText;
    format_text<T: text>(text: Text<'_>, spec: Text<'_>) -> New<Unicode>;
}

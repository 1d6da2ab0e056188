//! Numbers to text and back.

#![expect(
    clippy::extra_unused_type_parameters,
    reason = "`kernels!` names the kind of values, which not all kernels need to know"
)]

use super::codecs::shown;
use crate::characters::{character, is_ascii_space, is_space, property};
use crate::kernels::{Raise, Result, kernels};
use crate::text::{OwnedText, Text, out_of_memory};

/// How a float is written.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// With as few digits as tell it from its neighbours.
    Shortest {
        point_zero: bool,
    },
    Scientific,
    Fixed,
    General {
        point_zero: bool,
    },
}

/// A float as digits, and its sign.
pub(super) struct FloatText {
    pub is_negative: bool,
    pub digits: String,
}

/// No float has more digits than this, on either side of the point.
const MAX_DIGITS: usize = 1100;

impl FloatText {
    /// `precision` counts digits behind the point, or all of them in the general form; `alternate` keeps the point and
    /// zeros at the end. As CPython's `PyOS_double_to_string`.
    pub fn new(value: f64, form: Form, precision: usize, alternate: bool) -> FloatText {
        let is_negative = value.is_sign_negative() && !value.is_nan();
        let value = value.abs();
        let digits = match form {
            _ if value.is_nan() => "nan".into(),
            _ if value.is_infinite() => "inf".into(),
            Form::Shortest { point_zero } => {
                let (digits, exponent) = shortest(value);
                let is_scientific = !(-4..16).contains(&exponent);
                lay_out(&digits, exponent, is_scientific, digits.len() as i64, point_zero, alternate)
            }
            Form::Fixed => {
                let mut text = format!("{value:.*}", precision.min(MAX_DIGITS));
                push_zeros(&mut text, precision.saturating_sub(MAX_DIGITS));
                if alternate && precision == 0 {
                    text.push('.');
                }
                text
            }
            Form::Scientific => {
                let (digits, exponent) = rounded(value, precision.saturating_add(1));
                let n_digits = precision.saturating_add(1);
                lay_out(&digits, exponent, true, n_digits as i64, false, alternate)
            }
            Form::General { point_zero } => {
                let precision = precision.max(1);
                let (digits, exponent) = rounded(value, precision);
                let digits = digits.trim_end_matches('0');
                let digits = if digits.is_empty() { "0" } else { digits };
                let point = exponent + 1;
                let is_scientific = point <= -4 || point > precision as i64 - i64::from(point_zero);
                let end = if alternate { precision } else { digits.len() };
                lay_out(digits, exponent, is_scientific, end as i64, point_zero, alternate)
            }
        };
        FloatText { is_negative, digits }
    }

    /// Whether all digits are zeros.
    pub fn is_zero(&self) -> bool {
        let significant = self.digits.split(['e', 'E']).next().unwrap_or_default();
        significant.bytes().all(|c| matches!(c, b'0' | b'.'))
    }

    fn text(&self) -> String {
        let sign = if self.is_negative { "-" } else { "" };
        format!("{sign}{}", self.digits)
    }
}

fn push_zeros(text: &mut String, n: usize) {
    if text.try_reserve(n).is_err() {
        out_of_memory();
    }
    text.extend(std::iter::repeat_n('0', n));
}

/// The digits of `1.234e5`, and the exponent behind the `e`.
fn parts(scientific: &str) -> (String, i64) {
    let (digits, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    (digits.replace('.', ""), exponent.parse().unwrap_or(0))
}

/// So many significant digits, correctly rounded, and the decimal exponent of the first.
fn rounded(value: f64, n_digits: usize) -> (String, i64) {
    parts(&format!("{value:.*e}", n_digits.clamp(1, MAX_DIGITS) - 1))
}

/// The fewest digits that tell the value from its neighbours, the nearest of these, and of two equally near ones the even
/// one: the standard library takes the other. And the decimal exponent of the first.
fn shortest(value: f64) -> (String, i64) {
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(value);
    let point = text.find(['.', 'e']).unwrap_or(text.len()) as i64;
    let (plain, shift) = parts(text);
    let digits = plain.trim_start_matches('0');
    let exponent = shift + point - 1 - (plain.len() - digits.len()) as i64;
    match digits.trim_end_matches('0') {
        "" => ("0".into(), 0),
        digits => (digits.into(), exponent),
    }
}

/// Digits with the point where it belongs; zeros fill positions up to `end`, counted from the first digit.
fn lay_out(
    digits: &str,
    exponent: i64,
    is_scientific: bool,
    end: i64,
    point_zero: bool,
    keeps_point: bool,
) -> String {
    let point = if is_scientific { 1 } else { exponent + 1 };
    let start = if point <= 0 { point - 1 } else { 0 };
    let end = end.max(if !is_scientific && point_zero { point + 1 } else { point });
    let mut text = String::new();
    if text.try_reserve((end - start) as usize).is_err() {
        out_of_memory();
    }
    for position in start..end {
        if position == point {
            text.push('.');
        }
        let digit = usize::try_from(position).ok().and_then(|position| digits.as_bytes().get(position));
        text.push(digit.map_or('0', |digit| char::from(*digit)));
    }
    if keeps_point && end == point {
        text.push('.');
    }
    if is_scientific {
        let sign = if exponent < 0 { '-' } else { '+' };
        text.push_str(&format!("e{sign}{:02}", exponent.abs()));
    }
    text
}

/// `repr` of a float.
pub(super) fn float_repr(value: f64) -> String {
    FloatText::new(value, Form::Shortest { point_zero: true }, 0, false).text()
}

fn repr_i64<T>(value: i64) -> Result<OwnedText> {
    Ok(OwnedText::from(value.to_string().as_str()))
}

fn repr_u64<T>(value: u64) -> Result<OwnedText> {
    Ok(OwnedText::from(value.to_string().as_str()))
}

fn repr_f64<T>(value: f64) -> Result<OwnedText> {
    Ok(OwnedText::from(float_repr(value).as_str()))
}

fn repr_complex<T>(real: f64, imag: f64) -> Result<OwnedText> {
    let part = |value| FloatText::new(value, Form::Shortest { point_zero: false }, 0, false).text();
    let imag_text = part(imag);
    let text = if real == 0.0 && real.is_sign_positive() {
        format!("{imag_text}j")
    } else {
        let plus = if imag_text.starts_with('-') { "" } else { "+" };
        format!("({}{plus}{imag_text}j)", part(real))
    };
    Ok(OwnedText::from(text.as_str()))
}

/// `bin`, `oct` or `hex`: by the number of bits of a digit.
fn int_digits<T>(magnitude: u64, is_negative: bool, n_bits: i64) -> Result<OwnedText> {
    let sign = if is_negative { "-" } else { "" };
    let text = match n_bits {
        1 => format!("{sign}{magnitude:#b}"),
        3 => format!("{sign}{magnitude:#o}"),
        _ => format!("{sign}{magnitude:#x}"),
    };
    Ok(OwnedText::from(text.as_str()))
}

/// The text in ASCII as numbers are parsed from it: digits of other scripts are digits, and other white space is a blank.
/// What is neither becomes a question mark.
fn as_ascii(text: Text<'_>) -> Vec<u8> {
    if let Some(bytes) = text.as_narrow()
        && bytes.is_ascii()
    {
        return trimmed(bytes).to_vec();
    }
    let ascii = text.code_points().map(|c| match c {
        0..0x80 if !is_space(c) => c as u8,
        _ if is_space(c) => b' ',
        _ if character(c).has(property::DECIMAL) => b'0' + character(c).decimal,
        _ => b'?',
    });
    trimmed(&ascii.collect::<Vec<u8>>()).to_vec()
}

/// Without white space of ASCII at the ends.
fn trimmed(text: &[u8]) -> &[u8] {
    let is_space = |c: &u8| is_ascii_space((*c).into());
    let start = text.iter().position(|c| !is_space(c)).unwrap_or(text.len());
    let end = text.iter().rposition(|c| !is_space(c)).map_or(start, |last| last + 1);
    &text[start..end]
}

/// Without underscores, each of which is between two digits; `None` where one is not.
fn without_underscores(digits: &[u8], is_digit: impl Fn(u8) -> bool) -> Option<Vec<u8>> {
    for (idx, c) in digits.iter().enumerate() {
        if *c == b'_' {
            let before = idx.checked_sub(1).and_then(|before| digits.get(before));
            let is_between =
                [before, digits.get(idx + 1)].into_iter().all(|c| c.is_some_and(|c| is_digit(*c)));
            if !is_between {
                return None;
            }
        }
    }
    Some(digits.iter().copied().filter(|c| *c != b'_').collect())
}

/// The value, which may be too large; `None` where the text is no integer.
fn parse_integer(ascii: &[u8], base: i64) -> Option<std::result::Result<i64, ()>> {
    let (is_negative, mut digits) = match ascii {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, ascii),
    };
    let prefixed = match digits {
        [b'0', b'x' | b'X', ..] => Some(16),
        [b'0', b'o' | b'O', ..] => Some(8),
        [b'0', b'b' | b'B', ..] => Some(2),
        _ => None,
    };
    let is_zero_only = base == 0 && prefixed.is_none() && digits.first() == Some(&b'0');
    if let Some(prefix) = prefixed
        && (base == 0 || base == prefix)
    {
        digits = &digits[2..];
        digits = digits.strip_prefix(b"_").unwrap_or(digits);
    }
    let radix = match (base, prefixed) {
        (0, Some(prefix)) => prefix as u32,
        (0, None) => 10,
        _ => base as u32,
    };
    let digits = without_underscores(digits, |c| char::from(c).is_digit(radix))?;
    if digits.is_empty() || !digits.iter().all(|c| char::from(*c).is_digit(radix)) {
        return None;
    }
    if is_zero_only && digits.iter().any(|c| *c != b'0') {
        return None;
    }
    let mut value = 0i128;
    for digit in digits.iter().filter_map(|c| char::from(*c).to_digit(radix)) {
        value = value * i128::from(radix) + i128::from(digit);
        if value > 1 << 64 {
            return Some(Err(()));
        }
    }
    Some(i64::try_from(if is_negative { -value } else { value }).map_err(|_| ()))
}

fn parse_int<T>(text: Text<'_>, base: i64) -> Result<i64> {
    if base != 0 && !(2..=36).contains(&base) {
        return Err(Raise::value_error("int() base must be >= 2 and <= 36, or 0"));
    }
    match parse_integer(&as_ascii(text), base) {
        Some(Ok(value)) => Ok(value),
        Some(Err(())) => Err(Raise::new("OverflowError", "int too large to convert to int64")),
        None => {
            let message = format!("invalid literal for int() with base {base}: {}", shown(text));
            Err(Raise::value_error(message))
        }
    }
}

fn parse_float<T>(text: Text<'_>) -> Result<f64> {
    let ascii = as_ascii(text);
    let value = without_underscores(&ascii, |c| c.is_ascii_digit())
        .and_then(|plain| std::str::from_utf8(&plain).ok()?.parse().ok());
    value.ok_or_else(|| Raise::value_error(format!("could not convert string to float: {}", shown(text))))
}

kernels! {
    repr_i64<T: text>(value: i64) -> OwnedText;
    repr_u64<T: text>(value: u64) -> OwnedText;
    repr_f64<T: text>(value: f64) -> OwnedText;
    repr_complex<T: text>(real: f64, imag: f64) -> OwnedText;
    int_digits<T: text>(magnitude: u64, is_negative: bool, n_bits: i64) -> OwnedText;
    parse_int<T: text>(text: Text<'_>, base: i64) -> i64;
    parse_float<T: text>(text: Text<'_>) -> f64;
}

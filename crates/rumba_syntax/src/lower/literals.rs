//! Literals: numbers, text, `None`, `True`, `False`, `...`.

use super::Lowering;
use crate::hir::{Constant, Inst, Value};
use ruff_python_ast::{Expr, Int, Number};
use ruff_text_size::TextRange;
use std::sync::Arc;

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn literal(&mut self, expr: &'a Expr) -> Value {
        let constant = match expr {
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(value) => Constant::Int(decimal_digits(value)),
                Number::Float(value) => Constant::Float(*value),
                Number::Complex { imag, .. } => Constant::Imaginary(*imag),
            },
            Expr::BooleanLiteral(literal) => Constant::Bool(literal.value),
            Expr::StringLiteral(literal) => {
                for part in literal.value.iter() {
                    self.check_surrogates(&part.value, part.flags.prefix().is_raw(), part.range);
                }
                Constant::Str(literal.value.to_str().into())
            }
            Expr::BytesLiteral(literal) => {
                let bytes = literal.value.iter().flat_map(|part| part.value.iter().copied());
                Constant::Bytes(bytes.collect())
            }
            Expr::EllipsisLiteral(_) => Constant::Ellipsis,
            _ => Constant::None,
        };
        let span = self.span(expr);
        self.emit(Inst::Const(constant), span)
    }
}

impl Lowering<'_, '_, '_> {
    /// The parser puts U+FFFD in place of a lone surrogate, as `"\ud800"`, so text with both is looked at.
    pub(super) fn check_surrogates(&mut self, text: &str, is_raw: bool, range: TextRange) {
        if !is_raw && text.contains('\u{fffd}') && has_surrogate_escape(&self.shared.file.text()[range]) {
            let span = self.span(range);
            self.unsupported_surrogate(span);
        }
    }
}

/// Whether there is an escape such as `\ud800` or `\U0000dfff`.
fn has_surrogate_escape(source: &str) -> bool {
    source.split('\\').skip(1).any(|escape| {
        let digits = match escape.split_at_checked(1) {
            Some(("u", rest)) => rest.get(..4),
            Some(("U", rest)) => rest.get(..8),
            _ => None,
        };
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        code.is_some_and(|code| (0xd800..0xe000).contains(&code))
    })
}

/// The parser keeps an integer that does not fit 64 bits as it was written: `0xFFFF_FFFF_FFFF_FFFF_FF`.
fn decimal_digits(value: &Int) -> Arc<str> {
    if let Some(value) = value.as_u64() {
        return value.to_string().into();
    }
    let token: String = value.to_string().chars().filter(|&digit| digit != '_').collect();
    let radix = match token.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => return token.into(),
    };
    radix_to_decimal(&token[2..], radix).into()
}

fn radix_to_decimal(digits: &str, radix: u32) -> String {
    const BASE: u64 = 1_000_000_000;
    // Little-endian digits of base 10^9.
    let mut limbs: Vec<u32> = vec![0];
    // Several digits at a time; six hexadecimal ones keep `limb * 16^6 + carry` within 64 bits.
    for chunk in digits.as_bytes().chunks(6) {
        let chunk_value =
            chunk.iter().fold(0, |acc, &digit| acc * radix + char::from(digit).to_digit(radix).unwrap_or(0));
        let mut carry = u64::from(chunk_value);
        let factor = u64::from(radix).pow(chunk.len() as u32);
        for limb in &mut limbs {
            let product = u64::from(*limb) * factor + carry;
            *limb = (product % BASE) as u32;
            carry = product / BASE;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
    }
    let (first, rest) = limbs.split_last().map_or((0, &[][..]), |(first, rest)| (*first, rest));
    let rest = rest.iter().rev().map(|limb| format!("{limb:09}"));
    std::iter::once(first.to_string()).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::radix_to_decimal;

    /// Expected values from CPython: `str(0x…)`.
    #[test]
    fn large_integers_in_other_radices() {
        assert_eq!(radix_to_decimal("10000000000000000", 16), "18446744073709551616");
        assert_eq!(radix_to_decimal("2000000000000000000000", 8), "18446744073709551616");
        assert_eq!(radix_to_decimal(&format!("1{}", "0".repeat(64)), 2), "18446744073709551616");
        assert_eq!(
            radix_to_decimal("ffffffffffffffffffffffffffffffff", 16),
            "340282366920938463463374607431768211455"
        );
        assert_eq!(radix_to_decimal("0", 16), "0");
    }
}

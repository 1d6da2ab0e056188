//! f-strings: `f"{x!r:>10}!"` is `"".join((format(repr(x), ">10"), "!"))`, with Python's own functions.

use super::Lowering;
use crate::hir::{Argument, ArgumentKind, Constant, Element, Inst, Value};
use ruff_python_ast::{
    ConversionFlag, ExprFString, FStringPart, InterpolatedElement, InterpolatedStringElement,
};
use rumba_source::Span;

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn fstring(&mut self, fstring: &'a ExprFString) -> Value {
        let span = self.span(fstring);
        let mut parts = Parts::default();
        for part in fstring.value.as_slice() {
            match part {
                FStringPart::Literal(literal) => {
                    self.check_surrogates(&literal.value, literal.flags.prefix().is_raw(), literal.range);
                    parts.literal.push_str(&literal.value);
                }
                FStringPart::FString(fstring) => {
                    let is_raw = fstring.flags.prefix().is_raw();
                    self.add_elements(&mut parts, &fstring.elements, is_raw, span);
                }
            }
        }
        self.joined(parts, span)
    }

    fn add_elements(
        &mut self,
        parts: &mut Parts,
        elements: impl IntoIterator<Item = &'a InterpolatedStringElement>,
        is_raw: bool,
        span: Span,
    ) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => {
                    self.check_surrogates(&literal.value, is_raw, literal.range);
                    parts.literal.push_str(&literal.value);
                }
                InterpolatedStringElement::Interpolation(field) => {
                    if let Some(text) = &field.debug_text {
                        parts.literal.push_str(text.as_str());
                    }
                    self.end_literal(parts, span);
                    let value = self.field(field, is_raw);
                    parts.values.push(value);
                }
            }
        }
    }

    /// The text of a field.
    fn field(&mut self, field: &'a InterpolatedElement, is_raw: bool) -> Value {
        let span = self.span(&*field.expression);
        let value = self.expr(&field.expression);
        let conversion = match (field.conversion, &field.format_spec) {
            (ConversionFlag::Str, _) => Some("str"),
            (ConversionFlag::Ascii, _) => Some("ascii"),
            (ConversionFlag::Repr, _) => Some("repr"),
            // `{x=}` shows what would make the value again.
            (ConversionFlag::None, None) if field.debug_text.is_some() => Some("repr"),
            (ConversionFlag::None, _) => None,
        };
        let value = match conversion {
            Some(function) => self.call_builtin(function, vec![value], span),
            None => value,
        };
        match &field.format_spec {
            Some(specification) => {
                let mut parts = Parts::default();
                self.add_elements(&mut parts, &specification.elements, is_raw, span);
                let specification = self.joined(parts, span);
                self.call_builtin("format", vec![value, specification], span)
            }
            None if conversion.is_some() => value,
            None => self.call_builtin("format", vec![value], span),
        }
    }

    fn end_literal(&mut self, parts: &mut Parts, span: Span) {
        if !parts.literal.is_empty() {
            let literal = std::mem::take(&mut parts.literal);
            parts.values.push(self.emit(Inst::Const(Constant::Str(literal.into())), span));
        }
    }

    fn joined(&mut self, mut parts: Parts, span: Span) -> Value {
        self.end_literal(&mut parts, span);
        if let [value] = parts.values[..] {
            return value;
        }
        let separator = self.emit(Inst::Const(Constant::Str("".into())), span);
        if parts.values.is_empty() {
            return separator;
        }
        let join = self.emit(Inst::Attribute { value: separator, name: "join".into() }, span);
        let parts = parts.values.into_iter().map(Element::One).collect();
        let parts = self.emit(Inst::Tuple(parts), span);
        self.call_value(join, vec![parts], span)
    }

    pub(super) fn call_builtin(&mut self, name: &'static str, values: Vec<Value>, span: Span) -> Value {
        let callee = self.emit(Inst::Builtin(name), span);
        self.call_value(callee, values, span)
    }

    fn call_value(&mut self, callee: Value, values: Vec<Value>, span: Span) -> Value {
        let argument = |value| Argument { kind: ArgumentKind::Positional, value, span };
        let args = values.into_iter().map(argument).collect();
        self.emit(Inst::Call { callee, args }, span)
    }
}

/// What an f-string is joined of: values, and literal text behind them.
#[derive(Default)]
struct Parts {
    values: Vec<Value>,
    literal: String,
}

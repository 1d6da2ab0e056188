//! Values as text, and text as values: `str`, `repr`, `ascii`, `format`, `chr`, `ord`, `bin`, `oct`, `hex`, and what `int`
//! and `float` make of text.

use super::encodings;
use crate::builtins::Step;
use crate::declaration::{Declaration, Default, Param};
use crate::{Call, Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

const OBJECT: Param = Param::required("obj").positional_only();

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "builtins.str",
        params: &[
            Param::optional("object", Default::Absent),
            Param::optional("encoding", Default::Absent),
            Param::optional("errors", Default::Str("strict")),
        ],
        doc: "The text of a number, text, bytes or None, or of tuples and lists of these. Numbers of NumPy are numbers of Python.",
        rule: str,
    },
    Declaration {
        path: "builtins.bytes",
        params: &[
            Param::optional("source", Default::Absent),
            Param::optional("encoding", Default::Absent),
            Param::optional("errors", Default::Str("strict")),
        ],
        doc: "Bytes: zeros of a number, encoded text, the integers of an iterable.",
        rule: bytes,
    },
    Declaration {
        path: "builtins.repr",
        params: &[OBJECT],
        doc: "A value as it is written in a program: of what `str` takes.",
        rule: |e, call| e.repr(call.args[0]),
    },
    Declaration {
        path: "builtins.ascii",
        params: &[OBJECT],
        doc: "`repr` with escapes for all that is not ASCII.",
        rule: |e, call| e.ascii(call.args[0]),
    },
    Declaration {
        path: "builtins.format",
        params: &[
            Param::required("value").positional_only(),
            Param::optional("format_spec", Default::Str("")).positional_only(),
        ],
        doc: "A number or text as a format specification says; other values as `str` gives them, without one.",
        rule: |e, call| e.formatted(call.args[0], call.args[1]),
    },
    Declaration {
        path: "builtins.chr",
        params: &[Param::required("i").positional_only()],
        doc: "The character of a code point.",
        rule: |e, call| {
            let code = e.as_index(call.args[0], "a code point")?;
            Ok(e.call_text_kernel("str_chr", vec![code], Type::str()))
        },
    },
    Declaration {
        path: "builtins.ord",
        params: &[Param::required("c").positional_only()],
        doc: "The code point of a character.",
        rule: ord,
    },
    Declaration {
        path: "builtins.bin",
        params: &[Param::required("number").positional_only()],
        doc: "An int in base 2.",
        rule: |e, call| int_digits(e, call, 1),
    },
    Declaration {
        path: "builtins.oct",
        params: &[Param::required("number").positional_only()],
        doc: "An int in base 8.",
        rule: |e, call| int_digits(e, call, 3),
    },
    Declaration {
        path: "builtins.hex",
        params: &[Param::required("number").positional_only()],
        doc: "An int in base 16.",
        rule: |e, call| int_digits(e, call, 4),
    },
];

fn str(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let is_given = |idx: usize| e.ty(call.args[idx]) != Type::undefined();
    match (is_given(0), is_given(1)) {
        (false, _) => Ok(e.b.unit(Type::literal_str(""))),
        (true, false) => e.str(call.args[0]),
        (true, true) => {
            let bytes = e.plain_value(call.args[0]);
            if e.ty(bytes) != Type::bytes() {
                let message = format!("only bytes are decoded, not {}", e.ty(bytes).shown());
                return call.argument_error(0, Code::ArgumentType, message);
            }
            let encoding = encodings::encoding(e, call, 1)?;
            let bytes = e.text_argument(bytes);
            Ok(e.call_text_kernel("str_decode", vec![bytes, encoding], Type::str()))
        }
    }
}

fn bytes(e: &mut Emitter<'_>, call: &Call) -> Emit {
    if e.ty(call.args[0]) == Type::undefined() {
        return Ok(e.constant_bytes(b""));
    }
    let source = e.plain_value(call.args[0]);
    let has_encoding = e.ty(call.args[1]) != Type::undefined();
    match e.ty(source).kind() {
        TypeKind::Str if has_encoding => {
            let encoding = encodings::encoding(e, call, 1)?;
            let text = e.text_argument(source);
            Ok(e.call_text_kernel("str_encode", vec![text, encoding], Type::bytes()))
        }
        TypeKind::Str => call.argument_error(0, Code::ArgumentType, "text needs an encoding"),
        _ if has_encoding => call.argument_error(1, Code::ArgumentType, "only text is encoded"),
        TypeKind::Bytes => Ok(source),
        TypeKind::Int(_) => {
            let n = e.as_index(source, "a number of bytes")?;
            Ok(e.call_text_kernel("bytes_of_zeros", vec![n], Type::bytes()))
        }
        _ => {
            let iterator = e.iter(source)?;
            if !e.item_type(e.ty(iterator))?.is_int() {
                let message = format!("expected integers, not {}", e.ty(source).shown());
                return call.argument_error(0, Code::ArgumentType, message);
            }
            let zero = e.b.int64(0);
            let integers = e.new_list(Type::int64(), zero);
            e.for_each_item(iterator, &[], |e, item, _| {
                let item = e.as_index(item, "a byte")?;
                e.list_append(integers, item)?;
                Ok(Step { state: vec![], stop: None })
            })?;
            Ok(e.call_text_kernel("bytes_of_ints", vec![integers], Type::bytes()))
        }
    }
}

fn ord(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.plain_value(call.args[0]);
    if !matches!(e.ty(text).kind(), TypeKind::Str | TypeKind::Bytes) {
        let message = format!("ord() takes a character, not {}", e.ty(text).shown());
        return call.argument_error(0, Code::ArgumentType, message);
    }
    Ok(e.ord(text))
}

fn int_digits(e: &mut Emitter<'_>, call: &Call, n_bits: i64) -> Emit {
    let value = e.plain_value(call.args[0]);
    let ty = e.ty(value);
    if !ty.is_int() && !ty.is_bool() {
        let message = format!("{}() takes an int, not {}", call.short_name(), ty.shown());
        return call.argument_error(0, Code::ArgumentType, message);
    }
    let (negative, magnitude) = if ty.is_signed_int() {
        let wide = e.b.convert(value, Type::int64());
        let negative = e.is_negative(wide);
        let zero = e.b.int64(0);
        let opposite = e.b.sub(zero, wide);
        (negative, e.b.select(negative, opposite, wide))
    } else {
        (e.b.bool(false), value)
    };
    let magnitude = e.b.convert(magnitude, Type::uint64());
    let n_bits = e.b.int64(n_bits);
    Ok(e.call_text_kernel("int_digits", vec![magnitude, negative, n_bits], Type::str()))
}

impl Emitter<'_> {
    /// `ord(text)`.
    pub(crate) fn ord(&mut self, text: Value) -> Value {
        let text = self.text_argument(text);
        self.call_text_kernel("str_ord", vec![text], Type::int64())
    }

    /// `str(value)`.
    pub(crate) fn str(&mut self, value: Value) -> Emit {
        match self.ty(value).kind() {
            _ if self.ty(value).is_str() => Ok(value),
            TypeKind::Optional(_) => self.of_optional(value, Emitter::str),
            _ => self.repr(value),
        }
    }

    /// `repr(value)`.
    pub(crate) fn repr(&mut self, value: Value) -> Emit {
        if matches!(self.ty(value).kind(), TypeKind::Optional(_)) {
            return self.of_optional(value, Emitter::repr);
        }
        let value = match self.ty(value).as_tuple() {
            Some(_) => value,
            None => self.materialise(value),
        };
        let ty = self.ty(value);
        Ok(match ty.kind() {
            TypeKind::None => self.b.unit(Type::literal_str("None")),
            TypeKind::Ellipsis => self.b.unit(Type::literal_str("Ellipsis")),
            TypeKind::Bool => {
                self.if_else(value, |e| Ok(e.constant_text("True")), |e| Ok(e.constant_text("False")))?
            }
            TypeKind::Int(kind) if kind.signed => {
                let wide = self.b.convert(value, Type::int64());
                self.call_text_kernel("repr_i64", vec![wide], Type::str())
            }
            TypeKind::Int(_) => {
                let wide = self.b.convert(value, Type::uint64());
                self.call_text_kernel("repr_u64", vec![wide], Type::str())
            }
            TypeKind::Float(_) => {
                let wide = self.b.convert(value, Type::float64());
                self.call_text_kernel("repr_f64", vec![wide], Type::str())
            }
            TypeKind::Complex(_) => {
                let (real, imag) = self.complex_parts(value);
                let parts = [real, imag].map(|part| self.b.convert(part, Type::float64()));
                self.call_text_kernel("repr_complex", parts.to_vec(), Type::str())
            }
            TypeKind::Str | TypeKind::Bytes => {
                let text = self.text_argument(value);
                self.call_kernel("str_repr", ty, vec![text], Type::str())
            }
            TypeKind::Tuple(_) => {
                let elements = self.tuple_elements(value);
                let end = if elements.len() == 1 { ",)" } else { ")" };
                self.repr_of_parts("(", elements, &[], end)?
            }
            TypeKind::MixedList(_) => {
                let elements = self.tuple_elements(value);
                self.repr_of_parts("[", elements, &[], "]")?
            }
            TypeKind::NamedTuple(class, _) => {
                let elements = self.tuple_elements(value);
                self.repr_of_parts(&format!("{}(", class.name), elements, &class.fields, ")")?
            }
            TypeKind::List(_) => self.repr_of_list(value)?,
            TypeKind::Slice(_) => {
                let parts = (0..3).map(|idx| self.b.field(value, idx)).collect();
                self.repr_of_parts("slice(", parts, &[], ")")?
            }
            TypeKind::Range(_) => {
                let parts: Vec<Value> = (0..3).map(|idx| self.b.field(value, idx)).collect();
                let step = self.materialise(parts[2]);
                let one = self.b.int(1, self.ty(step));
                let is_one = self.equal(step, one);
                self.if_else(
                    is_one,
                    |e| e.repr_of_parts("range(", parts[..2].to_vec(), &[], ")"),
                    |e| e.repr_of_parts("range(", parts.clone(), &[], ")"),
                )?
            }
            _ => {
                let message = format!("{} cannot be made text in compiled code", ty.shown());
                let diagnostic = self.diagnostic(Code::ArgumentType, message);
                let note = "numbers, text, bytes, None, and tuples and lists of these can";
                return Err(diagnostic.note(note).into());
            }
        })
    }

    /// `ascii(value)`.
    pub(crate) fn ascii(&mut self, value: Value) -> Emit {
        let repr = self.repr(value)?;
        let text = self.text_argument(repr);
        Ok(self.call_text_kernel("str_escaped", vec![text], Type::str()))
    }

    fn of_optional(&mut self, value: Value, text: fn(&mut Self, Value) -> Emit) -> Emit {
        let (present, payload) = (self.b.field(value, 0), self.b.field(value, 1));
        let of_payload = |e: &mut Self| {
            let text = text(e, payload)?;
            Ok(e.materialise(text))
        };
        self.if_else(present, of_payload, |e| Ok(e.constant_text("None")))
    }

    fn repr_of_parts(
        &mut self,
        start: &str,
        elements: Vec<Value>,
        names: &[std::sync::Arc<str>],
        end: &str,
    ) -> Emit {
        let mut parts = Vec::new();
        let mut before = String::from(start);
        for (idx, element) in elements.into_iter().enumerate() {
            if idx > 0 {
                before.push_str(", ");
            }
            if let Some(name) = names.get(idx) {
                before.push_str(&format!("{name}="));
            }
            parts.push(self.constant_text(&std::mem::take(&mut before)));
            let repr = self.repr(element)?;
            parts.push(self.materialise(repr));
        }
        before.push_str(end);
        parts.push(self.constant_text(&before));
        Ok(self.concatenate_all(&parts))
    }

    fn repr_of_list(&mut self, list: Value) -> Emit {
        if self.ty(list).as_list() == Some(Type::never()) {
            return Ok(self.b.unit(Type::literal_str("[]")));
        }
        let length = self.list_length(list);
        let texts = self.new_list(Type::str(), length);
        let iterator = self.iter(list)?;
        self.for_each_item(iterator, &[], |e, item, _| {
            let repr = e.repr(item)?;
            e.list_append(texts, repr)?;
            Ok(Step { state: vec![], stop: None })
        })?;
        let separator = self.constant_text(", ");
        let args = vec![self.text_argument(separator), texts];
        let inside = self.call_text_kernel("str_join", args, Type::str());
        let (start, end) = (self.constant_text("["), self.constant_text("]"));
        Ok(self.concatenate_all(&[start, inside, end]))
    }

    /// Texts one behind the other.
    pub(crate) fn concatenate_all(&mut self, texts: &[Value]) -> Value {
        let separator = self.constant_text("");
        let args = vec![self.text_argument(separator), self.several_texts(texts)];
        self.call_text_kernel("str_join_several", args, Type::str())
    }

    /// `format(value, spec)`.
    pub(crate) fn formatted(&mut self, value: Value, spec: Value) -> Emit {
        if !self.ty(spec).is_str() {
            let message = format!("a format specification is a str, not {}", self.ty(spec).shown());
            return self.error(Code::ArgumentType, message);
        }
        // Without a specification, all values give what `str` gives.
        if self.ty(spec).as_literal_str() == Some("") {
            return self.str(value);
        }
        let value = match self.ty(value).kind() {
            TypeKind::EnumMember { .. } => value,
            _ => self.materialise(value),
        };
        let ty = self.ty(value);
        let (kernel, value) = match ty.kind() {
            TypeKind::Bool => ("format_bool", value),
            TypeKind::Int(kind) if kind.signed => ("format_int", self.b.convert(value, Type::int64())),
            TypeKind::Int(_) => ("format_unsigned", self.b.convert(value, Type::uint64())),
            TypeKind::Float(_) => ("format_f64", self.b.convert(value, Type::float64())),
            TypeKind::Str => ("format_text", self.text_argument(value)),
            _ => return self.formatted_by_default(value, spec),
        };
        let spec_argument = self.text_argument(spec);
        let formatted =
            |e: &mut Self| Ok(e.call_text_kernel(kernel, vec![value, spec_argument], Type::str()));
        if self.ty(spec).as_literal_str().is_some() || !ty.is_bool() {
            return formatted(self);
        }
        // A bool is an int only where there is a specification.
        let length = self.text_length(spec);
        let is_empty = self.is_zero(length);
        self.if_else(is_empty, |e| e.repr(value), formatted)
    }

    /// Values that have no format of their own: their text, where there is no specification.
    fn formatted_by_default(&mut self, value: Value, spec: Value) -> Emit {
        let name = match self.ty(value).kind() {
            TypeKind::None => "NoneType",
            TypeKind::Tuple(_) => "tuple",
            TypeKind::List(_) => "list",
            TypeKind::Bytes => "bytes",
            _ => {
                let ty = self.ty(value);
                let message = format!("{} cannot be formatted in compiled code", ty.shown());
                let diagnostic = self.diagnostic(Code::ArgumentType, message);
                return Err(diagnostic.note("numbers and text can; make it text with `str()` first").into());
            }
        };
        let spec = self.materialise(spec);
        let length = self.text_length(spec);
        let is_empty = self.is_zero(length);
        let message = format!("unsupported format string passed to {name}.__format__");
        self.raise_unless(is_empty, "TypeError", &message, &[]);
        self.str(value)
    }

    /// `int(text, base)`.
    pub(crate) fn parse_int(&mut self, text: Value, base: Value) -> Value {
        let text = self.text_argument(text);
        self.call_text_kernel("parse_int", vec![text, base], Type::int64())
    }

    /// `float(text)`.
    pub(crate) fn parse_float(&mut self, text: Value) -> Value {
        let text = self.text_argument(text);
        self.call_text_kernel("parse_float", vec![text], Type::float64())
    }
}

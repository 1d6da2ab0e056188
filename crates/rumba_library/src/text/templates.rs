//! `template % values` and `template.format(*values)`, of templates that are known when compiling: each becomes what an
//! f-string becomes.

use crate::declaration::{Argument, Declaration, Default, Param, lookup};
use crate::{Call, Emit, Emitter};
use rumba_ir::{UnaryOp, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::{Type, TypeKind};

const TEMPLATE: Param = Param { positional_only: true, ..Param::optional("self", Default::Required) };

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "str.format",
        params: &[TEMPLATE, Param::variadic("args"), Param::keywords("kwargs")],
        doc: "A template with values in place of fields in braces; the template is a constant.",
        rule: |e, call| {
            let values = e.tuple_elements(call.args[1]);
            fill_braces(e, call, values, Some(call.args[2]))
        },
    },
    Declaration {
        path: "str.format_map",
        params: &[TEMPLATE, Param::required("mapping").positional_only()],
        doc: "A template with the items of a mapping in place of fields in braces; the template is a constant.",
        rule: |e, call| match e.ty(call.args[1]).as_tuple() {
            Some(_) => call.argument_error(1, Code::ArgumentType, "a tuple is no mapping"),
            None => fill_braces(e, call, Vec::new(), Some(call.args[1])),
        },
    },
];

fn fill_braces(e: &mut Emitter<'_>, call: &Call, values: Vec<Value>, mapping: Option<Value>) -> Emit {
    let Some(template) = e.ty(call.args[0]).as_literal_str() else {
        return constant_template(e);
    };
    Filling { e, values, mapping, n_used: 0, is_numbered: None }.braces(template, true)
}

fn constant_template<T>(e: &Emitter<'_>) -> Emit<T> {
    let diagnostic = e.diagnostic(Code::ArgumentType, "the template is not known when compiling");
    Err(diagnostic.note("write the template where it is used, or an f-string").into())
}

/// A template that is being filled.
struct Filling<'e, 'f> {
    e: &'e mut Emitter<'f>,
    values: Vec<Value>,
    /// What fields with names take: a named tuple of what a call is given by name, or a value that is subscripted.
    mapping: Option<Value>,
    n_used: usize,
    /// Whether fields say which value they take.
    is_numbered: Option<bool>,
}

impl Filling<'_, '_> {
    fn mistake<T>(&self, message: impl Into<String>) -> Emit<T> {
        Err(Diagnostic::new(Code::ArgumentValue, self.e.span, message).into())
    }

    fn finish(&mut self, mut parts: Vec<Value>, literal: String) -> Value {
        if !literal.is_empty() || parts.is_empty() {
            let literal = self.e.constant_text(&literal);
            parts.push(literal);
        }
        match parts[..] {
            [part] => part,
            _ => self.e.concatenate_all(&parts),
        }
    }

    /// Text with fields in braces: a template, or a specification inside of one.
    fn braces(&mut self, template: &str, is_outside: bool) -> Emit {
        let (mut parts, mut literal) = (Vec::new(), String::new());
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            // A specification has no escapes.
            if is_outside && let Some(behind) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = behind;
                continue;
            }
            if brace == "}" {
                return self.mistake("Single '}' encountered in format string");
            }
            let Some(end) = end_of_field(rest) else {
                return self.mistake("expected '}' before end of string");
            };
            if !literal.is_empty() {
                parts.push(self.e.constant_text(&std::mem::take(&mut literal)));
            }
            let text = self.field(&rest[..end], is_outside)?;
            parts.push(self.e.materialise(text));
            rest = &rest[end + 1..];
        }
        literal.push_str(rest);
        Ok(self.finish(parts, literal))
    }

    /// `name!conversion:specification`.
    fn field(&mut self, field: &str, is_outside: bool) -> Emit {
        let (field, specification) = match field.split_once(':') {
            Some((field, specification)) => (field, specification),
            None => (field, ""),
        };
        let (name, conversion) = match field.split_once('!') {
            Some((name, conversion)) => (name, Some(conversion)),
            None => (field, None),
        };
        let value = self.named(name)?;
        let value = match conversion {
            None => value,
            Some("s") => self.e.str(value)?,
            Some("r") => self.e.repr(value)?,
            Some("a") => self.e.ascii(value)?,
            Some(other) => return self.mistake(format!("Unknown conversion specifier '{other}'")),
        };
        let specification = match specification.contains(['{', '}']) {
            true if is_outside => self.braces(specification, false)?,
            true => return self.mistake("Max string recursion exceeded"),
            false => self.e.b.unit(Type::literal_str(specification)),
        };
        self.e.formatted(value, specification)
    }

    /// What a name stands for.
    fn value_of_name(&mut self, name: &str) -> Emit {
        match self.mapping.map(|mapping| (mapping, self.e.ty(mapping).kind())) {
            Some((given, TypeKind::NamedTuple(class, _))) => {
                match class.fields.iter().position(|field| &**field == name) {
                    Some(position) => Ok(self.e.b.field(given, position)),
                    None => self.mistake(format!("nothing is given for the field `{name}`")),
                }
            }
            Some((mapping, _)) => {
                let name = self.e.b.unit(Type::literal_str(name));
                self.e.subscript(mapping, name)
            }
            None => self.mistake("format requires a mapping"),
        }
    }

    /// The value of a field that has no name: the one of this number, or the next.
    fn value_at(&mut self, number: &str) -> Emit {
        let is_numbered = !number.is_empty();
        let position = if is_numbered { number.parse().unwrap_or(usize::MAX) } else { self.n_used };
        self.n_used += usize::from(!is_numbered);
        if self.is_numbered.is_some_and(|before| before != is_numbered) {
            return self.mistake("fields are numbered, or not: not both in one template");
        }
        self.is_numbered = Some(is_numbered);
        match self.values.get(position) {
            Some(value) => Ok(*value),
            None => {
                let message = format!("Replacement index {position} out of range for positional args tuple");
                self.mistake(message)
            }
        }
    }

    /// The value of a field of this name, with attributes and items of it.
    fn named(&mut self, name: &str) -> Emit {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut path) = name.split_at(end);
        let mut value = match first.chars().all(|c| c.is_ascii_digit()) {
            true => self.value_at(first)?,
            false => self.value_of_name(first)?,
        };
        while !path.is_empty() {
            let end = path[1..].find(['.', '[']).map_or(path.len(), |end| end + 1);
            let (step, rest) = path.split_at(end);
            path = rest;
            value = match step.strip_prefix('[') {
                None => self.e.attribute(value, &step[1..])?,
                Some(index) => {
                    let index = index.strip_suffix(']').unwrap_or(index);
                    let index = match index.parse::<i128>() {
                        Ok(index) => self.e.literal_int(index),
                        Err(_) => self.e.b.unit(Type::literal_str(index)),
                    };
                    self.e.subscript(value, index)?
                }
            };
        }
        Ok(value)
    }

    /// Text with fields that begin with `%`.
    fn percents(&mut self, template: &str) -> Emit {
        let (mut parts, mut literal) = (Vec::new(), String::new());
        let mut rest = template;
        while let Some(at) = rest.find('%') {
            literal.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(behind) = rest.strip_prefix('%') {
                literal.push('%');
                rest = behind;
                continue;
            }
            if !literal.is_empty() {
                parts.push(self.e.constant_text(&std::mem::take(&mut literal)));
            }
            let text = self.percent(&mut rest)?;
            parts.push(self.e.materialise(text));
        }
        literal.push_str(rest);
        if self.n_used < self.values.len() && self.mapping.is_none() {
            return self.mistake("not all arguments converted during string formatting");
        }
        Ok(self.finish(parts, literal))
    }

    fn next_value(&mut self) -> Emit {
        let value = self.values.get(self.n_used).copied();
        self.n_used += 1;
        match value {
            Some(value) => Ok(value),
            None => self.mistake("not enough arguments for format string"),
        }
    }

    /// `(name) flags width .precision type`, from the start of `rest`.
    fn percent(&mut self, rest: &mut &str) -> Emit {
        let take_while = |rest: &mut &str, test: fn(char) -> bool| {
            let end = rest.find(|c| !test(c)).unwrap_or(rest.len());
            let (taken, behind) = rest.split_at(end);
            *rest = behind;
            taken.to_owned()
        };
        let named = match rest.strip_prefix('(') {
            None => None,
            Some(behind) => {
                let Some((name, behind)) = behind.split_once(')') else {
                    return self.mistake("incomplete format key");
                };
                *rest = behind;
                Some(self.value_of_name(name)?)
            }
        };
        let flags = take_while(rest, |c| matches!(c, '#' | '0' | '-' | ' ' | '+'));
        let width = take_while(rest, |c| c.is_ascii_digit());
        let given_width = match rest.strip_prefix('*') {
            Some(behind) if width.is_empty() => {
                *rest = behind;
                Some(self.given_size()?)
            }
            _ => None,
        };
        let mut given_precision = None;
        let precision = match rest.strip_prefix('.') {
            None => None,
            Some(behind) => {
                *rest = behind;
                if let Some(behind) = rest.strip_prefix('*') {
                    *rest = behind;
                    let (precision, zero) = (self.given_size()?, self.e.b.int64(0));
                    given_precision = Some(self.e.max(precision, zero));
                }
                Some(take_while(rest, |c| c.is_ascii_digit()))
            }
        };
        take_while(rest, |c| matches!(c, 'l' | 'h' | 'L'));
        let Some(kind) = rest.chars().next() else { return self.mistake("incomplete format") };
        *rest = &rest[kind.len_utf8()..];

        let value = match named {
            Some(value) => value,
            None => self.next_value()?,
        };
        let is_number = matches!(kind, 'd' | 'i' | 'u' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G');
        let has = |flag| flags.contains(flag);
        let mut specification = String::new();
        let fills_with_zeros = is_number && has('0') && !has('-');
        if given_width.is_some() && fills_with_zeros && has('#') {
            return self.mistake("`*` with the flags `0` and `#` is not supported");
        }
        if !fills_with_zeros {
            specification.push(if has('-') { '<' } else { '>' });
        }
        if is_number {
            specification.push_str(if has('+') {
                "+"
            } else if has(' ') {
                " "
            } else {
                ""
            });
            specification.push_str(if has('#') { "#" } else { "" });
            specification.push_str(if fills_with_zeros { "0" } else { "" });
        }
        specification.push_str(&width);
        // `%.f` is `%.0f`.
        let precision = precision.map(|digits| if digits.is_empty() { "0".into() } else { digits });
        let (value, precision) = match (kind, precision) {
            ('s', precision) => (self.e.str(value)?, precision),
            ('r', precision) => (self.e.repr(value)?, precision),
            ('a', precision) => (self.e.ascii(value)?, precision),
            ('c', _) => (self.character(value)?, None),
            ('d' | 'i' | 'u' | 'o' | 'x' | 'X', Some(_)) => {
                return self.mistake(format!("a precision of `%{kind}` is not supported"));
            }
            ('d' | 'i' | 'u', None) => {
                specification.push('d');
                (self.whole_number(value, kind)?, None)
            }
            ('o' | 'x' | 'X', None) => {
                specification.push(kind);
                let value = self.e.plain_value(value);
                if !self.e.ty(value).is_int() && !self.e.ty(value).is_bool() {
                    let shown = self.e.ty(value).shown();
                    return self.mistake(format!("%{kind} format: an integer is required, not {shown}"));
                }
                (value, None)
            }
            ('e' | 'E' | 'f' | 'F' | 'g' | 'G', precision) => {
                let value = self.e.plain_value(value);
                if !self.e.ty(value).is_number() || self.e.ty(value).is_complex() {
                    let shown = self.e.ty(value).shown();
                    return self.mistake(format!("%{kind} format: a real number is required, not {shown}"));
                }
                (self.e.coerce(value, Type::float64())?, precision)
            }
            _ => return self.mistake(format!("unsupported format character '{kind}'")),
        };
        if let Some(precision) = &precision {
            specification.push('.');
            specification.push_str(if given_precision.is_some() { "" } else { precision });
        }
        let ending = match is_number && !specification.ends_with(['d', 'o', 'x', 'X']) {
            true => kind.to_string(),
            false => String::new(),
        };
        let text = match given_precision.filter(|_| precision.is_some()) {
            None => {
                specification.push_str(&ending);
                let specification = self.e.b.unit(Type::literal_str(&specification));
                self.e.formatted(value, specification)?
            }
            Some(given) => {
                let digits = self.e.str(given)?;
                let parts = [self.e.constant_text(&specification), digits, self.e.constant_text(&ending)];
                let specification = self.e.concatenate_all(&parts);
                self.e.formatted(value, specification)?
            }
        };
        match given_width {
            Some(width) => self.widened(text, width, has('-'), fills_with_zeros),
            None => Ok(text),
        }
    }

    /// The number that stands for a `*`.
    fn given_size(&mut self) -> Emit {
        let size = self.next_value()?;
        self.e.as_index(size, "a `*` of a template")
    }

    /// Text in a field of a width that is known when it runs; where it is negative, or should be, the text is on the left.
    fn widened(&mut self, text: Value, width: Value, left: bool, fills_with_zeros: bool) -> Emit {
        let zero = self.e.b.int64(0);
        let opposite = self.e.b.sub(zero, width);
        let first = match (left, fills_with_zeros) {
            (true, _) => "str.ljust",
            (false, true) => "str.zfill",
            (false, false) => "str.rjust",
        };
        // A method does nothing for a negative width.
        let mut text = self.e.materialise(text);
        for (method, width) in [(first, width), ("str.ljust", opposite)] {
            let arguments = [text, width].map(|value| Argument { keyword: None, value, span: self.e.span });
            text = lookup(method).expect("text has methods that fill").call(self.e, &arguments)?;
        }
        Ok(text)
    }

    /// What `%d` takes: a number without its fraction.
    fn whole_number(&mut self, value: Value, kind: char) -> Emit {
        let value = self.e.plain_value(value);
        let ty = self.e.ty(value);
        if ty.is_bool() {
            return self.e.coerce(value, Type::int64());
        }
        if ty.is_int() {
            return Ok(value);
        }
        if ty.is_float() {
            return self.e.rounded_to_int(UnaryOp::Trunc, value, "int");
        }
        self.mistake(format!("%{kind} format: a real number is required, not {}", ty.shown()))
    }

    /// What `%c` takes: a character, or its code point.
    fn character(&mut self, value: Value) -> Emit {
        let value = self.e.plain_value(value);
        match self.e.ty(value).kind() {
            TypeKind::Str => {
                let length = self.e.text_length(value);
                let one = self.e.b.int64(1);
                let fine = self.e.equal(length, one);
                self.e.raise_unless(fine, "TypeError", "%c requires int or char", &[]);
                Ok(value)
            }
            TypeKind::Int(_) => {
                let code = self.e.as_index(value, "a code point")?;
                let limit = self.e.b.int64(0x11_0000);
                let fine = self.e.index_in_bounds(code, limit);
                self.e.raise_unless(fine, "OverflowError", "%c arg not in range(0x110000)", &[]);
                Ok(self.e.call_text_kernel("str_chr", vec![code], Type::str()))
            }
            _ => self.mistake("%c requires int or char"),
        }
    }
}

/// Where the brace is that ends a field, which may have fields in its specification.
fn end_of_field(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (idx, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(idx),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

impl Emitter<'_> {
    /// `template % values`.
    pub(crate) fn fill_percent_template(&mut self, template: Value, values: Value) -> Emit {
        let Some(template) = self.ty(template).as_literal_str() else {
            return constant_template(self);
        };
        let ty = self.ty(values);
        let is_mapping = ty.dict_kind().is_some() || matches!(ty.kind(), TypeKind::MixedDict(..));
        let mapping = is_mapping.then_some(values);
        let values = match self.ty(values).as_tuple() {
            Some(_) => self.tuple_elements(values),
            None => vec![values],
        };
        Filling { e: self, values, mapping, n_used: 0, is_numbered: None }.percents(template)
    }
}

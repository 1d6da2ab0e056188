//! The format specification mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.

use crate::characters::{character, property};
use crate::kernels::{Raise, Result};
use crate::text::Text;

/// A parsed specification.
#[derive(Clone, Copy)]
pub(super) struct FormatSpec {
    pub fill: u32,
    /// `<`, `>`, `^` or `=`.
    pub align: char,
    /// `+`, `-` or a space, if there is one.
    pub sign: Option<char>,
    pub no_negative_zero: bool,
    pub alternate: bool,
    pub width: Option<usize>,
    /// `,` or `_`.
    pub grouping: Option<char>,
    pub precision: Option<usize>,
    /// How the value is presented: `f`, `x`.
    pub kind: u32,
}

fn alignment(c: u32) -> Option<char> {
    char::from_u32(c).filter(|c| matches!(c, '<' | '>' | '^' | '='))
}

/// Reads from the start of what is left of a specification.
struct Reader<'a>(Text<'a>);

impl Reader<'_> {
    fn peek(&self, idx: usize) -> Option<u32> {
        (idx < self.0.len()).then(|| self.0.at(idx))
    }

    fn skip(&mut self, n: usize) {
        self.0 = self.0.part(n..self.0.len());
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_next = self.peek(0) == Some(wanted.into());
        if is_next {
            self.skip(1);
        }
        is_next
    }

    fn integer(&mut self) -> Result<Option<usize>> {
        let mut value: Option<usize> = None;
        while let Some(c) = self.peek(0)
            && character(c).has(property::DECIMAL)
        {
            let digit = usize::from(character(c).decimal);
            let longer = value.unwrap_or(0).checked_mul(10).and_then(|tens| tens.checked_add(digit));
            match longer.filter(|value| isize::try_from(*value).is_ok()) {
                Some(longer) => value = Some(longer),
                None => return Err(Raise::value_error("Too many decimal digits in format string")),
            }
            self.skip(1);
        }
        Ok(value)
    }
}

impl FormatSpec {
    /// The specification for a value of a type, aligned and presented as it says by default.
    pub fn parse(
        spec: Text<'_>,
        default_align: char,
        default_kind: char,
        type_name: &str,
    ) -> Result<FormatSpec> {
        let mut reader = Reader(spec);
        let mut parsed = FormatSpec {
            fill: ' '.into(),
            align: default_align,
            sign: None,
            no_negative_zero: false,
            alternate: false,
            width: None,
            grouping: None,
            precision: None,
            kind: default_kind.into(),
        };
        let (mut has_fill, mut has_align) = (false, false);
        if let Some(align) = reader.peek(1).and_then(alignment) {
            parsed.fill = spec.at(0);
            parsed.align = align;
            (has_fill, has_align) = (true, true);
            reader.skip(2);
        } else if let Some(align) = reader.peek(0).and_then(alignment) {
            parsed.align = align;
            has_align = true;
            reader.skip(1);
        }
        for sign in [' ', '+', '-'] {
            if parsed.sign.is_none() && reader.take(sign) {
                parsed.sign = Some(sign);
            }
        }
        parsed.no_negative_zero = reader.take('z');
        parsed.alternate = reader.take('#');
        if !has_fill && reader.take('0') {
            parsed.fill = '0'.into();
            if !has_align && default_align == '>' {
                parsed.align = '=';
            }
        }
        parsed.width = reader.integer()?;
        let both = || Raise::value_error("Cannot specify both ',' and '_'.");
        if reader.take(',') {
            parsed.grouping = Some(',');
        }
        if reader.take('_') && parsed.grouping.replace('_').is_some() {
            return Err(both());
        }
        if parsed.grouping == Some('_') && reader.peek(0) == Some(','.into()) {
            return Err(both());
        }
        if reader.take('.') {
            parsed.precision = reader.integer()?;
            if parsed.precision.is_none() {
                return Err(Raise::value_error("Format specifier missing precision"));
            }
        }
        match reader.0.len() {
            0 => {}
            1 => parsed.kind = reader.0.at(0),
            _ => {
                let spec: String = spec.code_points().filter_map(char::from_u32).collect();
                let message = format!("Invalid format specifier '{spec}' for object of type '{type_name}'");
                return Err(Raise::value_error(message));
            }
        }
        if let Some(grouping) = parsed.grouping {
            let is_allowed = match char::from_u32(parsed.kind) {
                Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F' | '\0') => true,
                Some('b' | 'o' | 'x' | 'X') => grouping == '_',
                _ => false,
            };
            if !is_allowed {
                let kind = shown_kind(parsed.kind);
                return Err(Raise::value_error(format!("Cannot specify '{grouping}' with '{kind}'.")));
            }
        }
        Ok(parsed)
    }

    /// That values of this type are not presented like that.
    pub fn unknown_kind(&self, type_name: &str) -> Raise {
        let kind = shown_kind(self.kind);
        Raise::value_error(format!("Unknown format code '{kind}' for object of type '{type_name}'"))
    }
}

fn shown_kind(kind: u32) -> String {
    match char::from_u32(kind) {
        Some(kind @ '!'..='\x7f') => kind.to_string(),
        _ => format!("\\x{kind:x}"),
    }
}

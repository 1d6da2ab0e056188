//! `str`: characters of one width in memory that an owner keeps alive. Parts of a text are views of it.
//!
//! What looks at many characters is a kernel, `rumba_runtime::kernels::text`.

mod methods;

pub(crate) use methods::DECLARATIONS;

use crate::operators::Comparison;
use crate::{Emit, Emitter};
use rumba_ir::{CompareOp, Value};
use rumba_types::{Type, TypeKind};

/// Positions in `Type::fields` of text.
mod text_field {
    pub const DATA: usize = 0;
    pub const OWNER: usize = 1;
    pub const LENGTH: usize = 2;
    pub const WIDTH: usize = 3;
}

impl Emitter<'_> {
    /// The text of a literal, as constant data.
    pub(crate) fn constant_text(&mut self, text: &str) -> Value {
        let chars: Vec<u32> = text.chars().map(u32::from).collect();
        let width = match chars.iter().max() {
            Some(0x1_0000..) => 4,
            Some(0x100..) => 2,
            _ => 1,
        };
        let bytes: Vec<u8> =
            chars.iter().flat_map(|c| c.to_le_bytes().into_iter().take(width).collect::<Vec<u8>>()).collect();
        let data = self.b.data(if bytes.is_empty() { &[0] } else { &bytes });
        let parts = vec![
            data,
            self.b.address(0),
            self.b.int64(chars.len() as i64),
            self.b.int64(width as i64),
        ];
        self.b.make(Type::str(), parts)
    }

    pub(crate) fn text_length(&mut self, text: Value) -> Value {
        self.b.field(text, text_field::LENGTH)
    }

    /// A text as kernels take it.
    pub(crate) fn text_argument(&mut self, text: Value) -> Value {
        let text = self.materialise(text);
        self.b.pack(vec![text])
    }

    pub(crate) fn call_text_kernel(&mut self, name: &str, args: Vec<Value>, result: Type) -> Value {
        self.call_kernel(name, Type::str(), args, result)
    }

    /// The part of `count` characters from `start` on.
    pub(crate) fn text_part(&mut self, text: Value, start: Value, count: Value) -> Value {
        let width = self.b.field(text, text_field::WIDTH);
        let data = self.b.field(text, text_field::DATA);
        let distance = self.b.mul(start, width);
        let parts =
            vec![self.b.offset(data, distance), self.b.field(text, text_field::OWNER), count, width];
        self.b.make(Type::str(), parts)
    }

    pub(crate) fn text_subscript(&mut self, text: Value, index: Value) -> Emit {
        let text = self.materialise(text);
        let length = self.text_length(text);
        if let TypeKind::Slice(parts) = self.ty(index).kind() {
            let by_one = parts[2].is_none() || parts[2].as_literal_int() == Some(1);
            let [start, step, count] = self.slice_indices(index, length)?;
            if by_one {
                return Ok(self.text_part(text, start, count));
            }
            let text = self.text_argument(text);
            return Ok(self.call_text_kernel("str_slice", vec![text, start, step, count], Type::str()));
        }
        let index = self.as_index(index, "a string index")?;
        let position = self.wrap_index(index, length);
        let fine = self.index_in_bounds(position, length);
        self.raise_unless(fine, "IndexError", "string index out of range", &[]);
        let one = self.b.int64(1);
        Ok(self.text_part(text, position, one))
    }

    /// `text + text`.
    pub(crate) fn concatenate_texts(&mut self, lhs: Value, rhs: Value) -> Value {
        let args = vec![self.text_argument(lhs), self.text_argument(rhs)];
        self.call_text_kernel("str_concat", args, Type::str())
    }

    /// `text * count`.
    pub(crate) fn repeat_text(&mut self, text: Value, count: Value) -> Emit {
        let count = self.as_index(count, "the number of repetitions")?;
        let text = self.text_argument(text);
        Ok(self.call_text_kernel("str_repeat", vec![text, count], Type::str()))
    }

    pub(crate) fn compare_texts(&mut self, op: CompareOp, lhs: Value, rhs: Value) -> Value {
        let args = vec![self.text_argument(lhs), self.text_argument(rhs)];
        match op {
            CompareOp::Eq => self.call_text_kernel("str_equal", args, Type::bool()),
            CompareOp::Ne => {
                let equal = self.call_text_kernel("str_equal", args, Type::bool());
                self.b.not(equal)
            }
            _ => {
                let ordering = self.call_text_kernel("str_compare", args, Type::int64());
                let zero = self.b.int64(0);
                self.b.compare(op, ordering, zero)
            }
        }
    }

    /// `part in text`.
    pub(crate) fn text_contains(&mut self, text: Value, part: Value) -> Emit {
        if !self.ty(part).is_str() {
            return self.unsupported_operands(Comparison::In.symbol(), self.ty(part), self.ty(text));
        }
        let args = vec![self.text_argument(text), self.text_argument(part)];
        Ok(self.call_text_kernel("str_contains", args, Type::bool()))
    }
}

//! `str`: characters of one width in memory that an owner keeps alive. Parts of a text are views of it. And `bytes`,
//! which are the same without a width.
//!
//! What looks at many characters is a kernel, `rumba_runtime::kernels::text`.

mod conversions;
mod encodings;
mod methods;
mod templates;
mod translation;

use crate::declaration::Declaration;

/// The declarations of this folder.
pub(crate) fn tables() -> [&'static [Declaration]; 7] {
    [
        conversions::DECLARATIONS,
        methods::OF_STR,
        methods::OF_STR_ONLY,
        methods::OF_BYTES,
        methods::OF_BYTES_ONLY,
        templates::DECLARATIONS,
        translation::DECLARATIONS,
    ]
}

use crate::operators::Comparison;
use crate::{Emit, Emitter};
use rumba_ir::{Access, CompareOp, Value};
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
        let parts =
            vec![data, self.b.address(0), self.b.int64(chars.len() as i64), self.b.int64(width as i64)];
        self.b.make(Type::str(), parts)
    }

    pub(crate) fn text_length(&mut self, text: Value) -> Value {
        self.b.field(text, text_field::LENGTH)
    }

    /// Bytes as constant data.
    pub fn constant_bytes(&mut self, bytes: &[u8]) -> Value {
        let data = self.b.data(if bytes.is_empty() { &[0] } else { bytes });
        let parts = vec![data, self.b.address(0), self.b.int64(bytes.len() as i64)];
        self.b.make(Type::bytes(), parts)
    }

    /// A text or bytes as kernels take it.
    pub(crate) fn text_argument(&mut self, text: Value) -> Value {
        let text = self.materialise(text);
        let slots = self.text_slots(text);
        self.b.pack(slots)
    }

    fn text_slots(&mut self, text: Value) -> Vec<Value> {
        match self.ty(text) == Type::bytes() {
            true => vec![text, self.b.int64(1)],
            false => vec![text],
        }
    }

    /// Texts or bytes as a kernel's `Several` takes them.
    pub(crate) fn several_texts(&mut self, texts: &[Value]) -> Value {
        let mut slots = vec![self.b.int64(texts.len() as i64)];
        for text in texts {
            slots.extend(self.text_slots(*text));
        }
        self.b.pack(slots)
    }

    pub(crate) fn call_text_kernel(&mut self, name: &str, args: Vec<Value>, result: Type) -> Value {
        self.call_kernel(name, Type::str(), args, result)
    }

    /// The part of `count` characters from `start` on.
    pub(crate) fn text_part(&mut self, text: Value, start: Value, count: Value) -> Value {
        if self.ty(text) == Type::bytes() {
            let data = self.b.field(text, text_field::DATA);
            let parts = vec![self.b.offset(data, start), self.b.field(text, text_field::OWNER), count];
            return self.b.make(Type::bytes(), parts);
        }
        let width = self.b.field(text, text_field::WIDTH);
        let data = self.b.field(text, text_field::DATA);
        let distance = self.b.mul(start, width);
        let parts = vec![self.b.offset(data, distance), self.b.field(text, text_field::OWNER), count, width];
        self.b.make(Type::str(), parts)
    }

    /// The item at a position that is within the text or the bytes: a text, or an int.
    pub(crate) fn text_item_unchecked(&mut self, text: Value, position: Value) -> Value {
        if self.ty(text) == Type::bytes() {
            let data = self.b.field(text, text_field::DATA);
            let place = self.b.offset(data, position);
            let byte = self.b.load(place, Type::uint8(), Access::aligned(false));
            return self.b.convert(byte, Type::int64());
        }
        let one = self.b.int64(1);
        self.text_part(text, position, one)
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
            let kind = self.ty(text);
            let text = self.text_argument(text);
            return Ok(self.call_kernel("str_slice", kind, vec![text, start, step, count], kind));
        }
        let is_bytes = self.ty(text) == Type::bytes();
        let index = self.as_index(index, if is_bytes { "a byte index" } else { "a string index" })?;
        let position = self.wrap_index(index, length);
        let fine = self.index_in_bounds(position, length);
        let message = if is_bytes { "index out of range" } else { "string index out of range" };
        self.raise_unless(fine, "IndexError", message, &[]);
        Ok(self.text_item_unchecked(text, position))
    }

    /// `text + text`.
    pub(crate) fn concatenate_texts(&mut self, lhs: Value, rhs: Value) -> Value {
        let kind = self.ty(lhs).widen();
        let args = vec![self.text_argument(lhs), self.text_argument(rhs)];
        self.call_kernel("str_concat", kind, args, kind)
    }

    /// `text * count`.
    pub(crate) fn repeat_text(&mut self, text: Value, count: Value) -> Emit {
        let count = self.as_index(count, "the number of repetitions")?;
        let kind = self.ty(text).widen();
        let text = self.text_argument(text);
        Ok(self.call_kernel("str_repeat", kind, vec![text, count], kind))
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
        let is_bytes = self.ty(text) == Type::bytes();
        if is_bytes && self.ty(part).widen().is_int() {
            return self.bytes_contain(text, part);
        }
        if self.ty(part).widen() != self.ty(text).widen() {
            return self.unsupported_operands(Comparison::In.symbol(), self.ty(part), self.ty(text));
        }
        let args = vec![self.text_argument(text), self.text_argument(part)];
        Ok(self.call_text_kernel("str_contains", args, Type::bool()))
    }

    /// An int that is a byte.
    pub(crate) fn byte(&mut self, byte: Value) -> Emit {
        let byte = self.as_index(byte, "a byte")?;
        let limit = self.b.int64(256);
        let fine = self.index_in_bounds(byte, limit);
        self.raise_unless(fine, "ValueError", "byte must be in range(0, 256)", &[]);
        Ok(byte)
    }

    /// The bytes that consist of one byte, an int.
    pub(crate) fn byte_as_bytes(&mut self, byte: Value) -> Emit {
        let byte = self.byte(byte)?;
        let all = self.constant_bytes(&std::array::from_fn::<u8, 256, _>(|byte| byte as u8));
        let one = self.b.int64(1);
        Ok(self.text_part(all, byte, one))
    }

    /// `byte in bytes`.
    fn bytes_contain(&mut self, bytes: Value, byte: Value) -> Emit {
        let byte = self.byte(byte)?;
        let bytes = self.text_argument(bytes);
        Ok(self.call_text_kernel("bytes_have", vec![bytes, byte], Type::bool()))
    }
}

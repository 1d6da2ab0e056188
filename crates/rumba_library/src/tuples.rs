//! Tuples: building, joining, taking elements.

use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{ClassRef, NamedTupleClass, Type, TypeKind};

/// Tuples longer than this are refused: each element is a value of its own in compiled code.
const MAX_LENGTH: usize = 1000;

impl Emitter<'_> {
    pub fn tuple(&mut self, elements: Vec<Value>) -> Value {
        let ty = Type::tuple(self.types(&elements));
        self.b.make(ty, elements)
    }

    /// A named tuple of a class of a library, which is at this dotted path.
    pub(crate) fn named_tuple(&mut self, path: &str, fields: &[(&str, Value)]) -> Value {
        let (names, values): (Vec<_>, Vec<Value>) =
            fields.iter().map(|(name, value)| ((*name).into(), *value)).unzip();
        let class = NamedTupleClass {
            class: ClassRef::Path(path.into()),
            name: path.rsplit('.').next().unwrap_or(path).into(),
            fields: names,
        };
        let ty = TypeKind::NamedTuple(class.into(), self.types(&values));
        self.b.make(ty.into(), values)
    }

    /// The elements of a tuple or named tuple.
    pub fn tuple_elements(&mut self, tuple: Value) -> Vec<Value> {
        let n_elements = self.ty(tuple).as_tuple().map_or(0, <[Type]>::len);
        (0..n_elements).map(|idx| self.b.field(tuple, idx)).collect()
    }

    pub(crate) fn concatenate_tuples(&mut self, lhs: Value, rhs: Value) -> Value {
        let mut elements = self.tuple_elements(lhs);
        elements.extend(self.tuple_elements(rhs));
        self.tuple(elements)
    }

    pub(crate) fn repeat_tuple(&mut self, tuple: Value, count: Value) -> Emit {
        let Some(count) = self.ty(count).as_literal_int() else {
            let diagnostic = self.diagnostic(Code::OperandTypes, "a tuple is repeated by a constant only");
            return Err(diagnostic.note("the length of a tuple is part of its type").into());
        };
        let elements = self.tuple_elements(tuple);
        let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
        if elements.len().saturating_mul(count) > MAX_LENGTH {
            return self.error(
                Code::OperandTypes,
                format!("a tuple of more than {MAX_LENGTH} elements is not supported"),
            );
        }
        let repeated = elements.repeat(count);
        Ok(self.tuple(repeated))
    }

    /// `tuple[index]`: by a constant, or by any int when all elements have one type.
    pub(crate) fn tuple_item(&mut self, tuple: Value, index: Value) -> Emit {
        let ty = self.ty(tuple);
        let n_elements = ty.as_tuple().map_or(0, <[Type]>::len);
        if let Some(literal) = self.ty(index).as_literal_int() {
            let position = if literal < 0 { literal + n_elements as i128 } else { literal };
            return match usize::try_from(position) {
                Ok(position) if position < n_elements => Ok(self.b.field(tuple, position)),
                _ => self.error(
                    Code::IndexConstant,
                    format!("index {literal} is out of range for a tuple of length {n_elements}"),
                ),
            };
        }
        let elements = self.tuple_elements(tuple);
        let Some(common) = self.common_type(&elements) else {
            let message =
                format!("the elements of {} have several types: its index must be a constant", ty.shown());
            let diagnostic = self.diagnostic(Code::IndexType, message);
            return Err(diagnostic
                .note("write the index as a number, or convert the elements to one type")
                .into());
        };
        let index = self.as_index(index, "tuple index")?;
        let length = self.b.int64(n_elements as i64);
        let position = self.wrap_index(index, length);
        let fine = self.index_in_bounds(position, length);
        self.raise_unless(fine, "IndexError", "tuple index out of range", &[]);
        self.tuple_item_unchecked(&elements, common, position)
    }

    /// The element at `position`, known to be in bounds, as `common`.
    pub(crate) fn tuple_item_unchecked(&mut self, elements: &[Value], common: Type, position: Value) -> Emit {
        let Some((last, rest)) = elements.split_last() else {
            return self.error(Code::NotIndexable, "an empty tuple has no elements");
        };
        let mut result = self.coerce(*last, common)?;
        for (idx, element) in rest.iter().enumerate().rev() {
            let element = self.coerce(*element, common)?;
            let here = self.b.int64(idx as i64);
            let is_here = self.equal(position, here);
            result = self.b.select(is_here, element, result);
        }
        Ok(result)
    }

    /// The type of all values when they are of one type, literals taken as numbers, or functions.
    pub(crate) fn common_type(&self, values: &[Value]) -> Option<Type> {
        let mut types = values.iter().map(|value| self.ty(*value).widen());
        let first = types.next()?;
        if first.alternatives().is_some() {
            return types.try_fold(first, rumba_types::join);
        }
        types.all(|ty| ty == first).then_some(first)
    }

    /// `tuple[start:stop:step]` with constant parts.
    pub(crate) fn tuple_slice(&mut self, tuple: Value, slice: [Type; 3]) -> Emit {
        let elements = self.tuple_elements(tuple);
        let constant = |ty: Type| match ty.kind() {
            TypeKind::None => Some(None),
            _ => ty.as_literal_int().map(Some),
        };
        let [Some(start), Some(stop), Some(step)] = slice.map(constant) else {
            let diagnostic = self.diagnostic(Code::IndexType, "a tuple is sliced by constants only");
            return Err(diagnostic
                .note("the number of elements must be known when compiling; an array has no such limit")
                .into());
        };
        let step = step.unwrap_or(1);
        if step == 0 {
            return self.error(Code::IndexConstant, "slice step cannot be zero");
        }
        let length = elements.len() as i128;
        let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let normalise = |part: Option<i128>, absent: i128| match part {
            None => absent,
            Some(part) if part < 0 => (part + length).clamp(lowest, highest),
            Some(part) => part.clamp(lowest, highest),
        };
        let (first, end) = if step > 0 { (lowest, highest) } else { (highest, lowest) };
        let (mut position, stop) = (normalise(start, first), normalise(stop, end));
        let mut taken = Vec::new();
        while (step > 0 && position < stop) || (step < 0 && position > stop) {
            taken.push(elements[position as usize]);
            position += step;
        }
        Ok(self.tuple(taken))
    }
}

//! Tuples: building, joining, taking elements; the methods of named tuples.

use crate::declaration::{Declaration, Param};
use crate::{Call, Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{ClassRef, NamedTupleClass, Type, TypeKind, join};
use std::sync::Arc;

const SELF: Param = Param::required("self").positional_only();

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "namedtuple:_fields",
        params: &[SELF],
        doc: "The names of the fields.",
        rule: |e, call| {
            let class = class_of(e, call);
            Ok(e.field_names(&class))
        },
    },
    Declaration {
        path: "namedtuple._replace",
        params: &[SELF, Param::keywords("kwargs")],
        doc: "The named tuple with other values of the fields that are given by name.",
        rule: replace,
    },
    Declaration {
        path: "namedtuple._asdict",
        params: &[SELF],
        doc: "A dict of the names of the fields and their values.",
        rule: |e, call| {
            let class = class_of(e, call);
            let elements = e.tuple_elements(call.args[0]);
            let fields: Vec<(&str, Value)> = class.fields.iter().map(|name| &**name).zip(elements).collect();
            let named = e.named_tuple("keywords", &fields);
            e.dict_with(None, named, rumba_types::DictKind::Plain)
        },
    },
    Declaration {
        path: "namedtuple._make",
        params: &[SELF, Param::required("iterable").positional_only()],
        doc: "A named tuple of the items of an iterable; TypeError if there are not as many as fields.",
        rule: make,
    },
];

/// The class of the receiver, which is a named tuple or the class itself.
fn class_of(e: &Emitter<'_>, call: &Call) -> Arc<NamedTupleClass> {
    match e.ty(call.args[0]).kind() {
        TypeKind::NamedTuple(class, _) | TypeKind::NamedTupleClass(class) => class.clone(),
        ty => unreachable!("{ty:?} is no named tuple"),
    }
}

fn replace(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let class = class_of(e, call);
    let mut elements = e.tuple_elements(call.args[0]);
    let TypeKind::NamedTuple(given, _) = e.ty(call.args[1]).kind() else {
        unreachable!("what is given by name is a named tuple");
    };
    for (name, new) in given.fields.iter().zip(e.tuple_elements(call.args[1])) {
        let Some(position) = class.fields.iter().position(|field| field == name) else {
            let message = format!("Got unexpected field names: ['{name}']");
            let diagnostic = e.diagnostic(Code::ArgumentCount, message);
            return Err(diagnostic.note(format!("its fields are {}", class.fields.join(", "))).into());
        };
        elements[position] = new;
    }
    let ty = TypeKind::NamedTuple(class, e.types(&elements)).into();
    Ok(e.b.make(ty, elements))
}

fn make(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let class = class_of(e, call);
    let n_fields = class.fields.len();
    let items = call.args[1];
    let elements = match e.ty(items).as_tuple() {
        Some(elements) if elements.len() == n_fields => e.tuple_elements(items),
        Some(elements) => {
            let message = format!("Expected {n_fields} arguments, got {}", elements.len());
            return call.argument_error(1, Code::ArgumentCount, message);
        }
        None => {
            let list = e.list_of(items)?;
            let (length, wanted) = (e.list_length(list), e.b.int64(n_fields as i64));
            let fine = e.equal(length, wanted);
            let message = format!("Expected {n_fields} arguments, got {{}}");
            e.raise_unless(fine, "TypeError", &message, &[length]);
            let positions: Vec<Value> = (0..n_fields as i64).map(|idx| e.b.int64(idx)).collect();
            positions.into_iter().map(|idx| e.list_item_unchecked(list, idx)).collect::<Emit<_>>()?
        }
    };
    let ty = TypeKind::NamedTuple(class, e.types(&elements)).into();
    Ok(e.b.make(ty, elements))
}

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

    /// The names of the fields of a named tuple, as a tuple.
    pub fn field_names(&mut self, class: &NamedTupleClass) -> Value {
        let names = class.fields.iter().map(|name| self.b.unit(Type::literal_str(name))).collect();
        self.tuple(names)
    }

    /// The names and values of what a call was given by name.
    pub(crate) fn named_items(&mut self, named: Value) -> Vec<(Value, Value)> {
        let TypeKind::NamedTuple(class, _) = self.ty(named).kind() else {
            unreachable!("what is given by name is a named tuple");
        };
        let names: Vec<Value> =
            class.fields.iter().map(|name| self.b.unit(Type::literal_str(name))).collect();
        names.into_iter().zip(self.tuple_elements(named)).collect()
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
        let Some(common) = self.common_type(&elements).or_else(|| self.common_number(&elements)) else {
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

    /// The type of numbers that holds all values.
    fn common_number(&self, values: &[Value]) -> Option<Type> {
        let mut types = values.iter().map(|value| self.ty(*value).widen());
        types.try_fold(Type::never(), |common, ty| join(common, ty).filter(|_| ty.is_number()))
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

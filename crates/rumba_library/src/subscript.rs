//! `value[index]`, `value[index] = new`, unpacking, and length.

use crate::declaration::{Argument, lookup};
use crate::records::names_fields;
use crate::{Emit, Emitter};
use rumba_ir::{CompareOp, Value};
use rumba_source::Code;
use rumba_types::{FunctionRef, IteratorKind, Literal, Type, TypeKind, join};

impl Emitter<'_> {
    /// A slice object from its parts.
    pub fn slice(&mut self, parts: [Value; 3]) -> Emit {
        let mut fields = Vec::with_capacity(3);
        for part in parts {
            let ty = self.ty(part);
            let fine = ty.is_none()
                || ty.widen().is_int()
                || matches!(ty.kind(), TypeKind::Optional(inner) if inner.is_int());
            if !fine {
                return self.error(
                    Code::IndexType,
                    format!("slice indices must be integers or None, not {}", ty.shown()),
                );
            }
            fields.push(part);
        }
        let ty = TypeKind::Slice([0, 1, 2].map(|idx| self.ty(fields[idx]))).into();
        Ok(self.b.make(ty, fields))
    }

    pub fn subscript(&mut self, value: Value, index: Value) -> Emit {
        let (ty, index_type) = (self.ty(value), self.ty(index));
        match (ty.kind(), index_type.kind()) {
            (TypeKind::Tuple(_) | TypeKind::NamedTuple(..), TypeKind::Slice(slice)) => {
                self.tuple_slice(value, *slice)
            }
            (TypeKind::MixedList(_), TypeKind::Slice(slice)) => {
                let part = self.tuple_slice(value, *slice)?;
                Ok(self.like_sequence(value, part))
            }
            (TypeKind::Tuple(_) | TypeKind::NamedTuple(..) | TypeKind::MixedList(_), _) => {
                self.tuple_item(value, index)
            }
            (TypeKind::Record(_), _) => self.field_item(value, index),
            (TypeKind::Array(array), _) if array.dtype.as_record().is_some() && names_fields(index_type) => {
                self.field_item(value, index)
            }
            (TypeKind::Array(_), _) => {
                let index = self.index_of_arrays(index)?;
                self.array_item(value, index)
            }
            (TypeKind::Str | TypeKind::Bytes | TypeKind::Literal(Literal::Str(_)), _) => {
                self.text_subscript(value, index)
            }
            (TypeKind::List(_) | TypeKind::Deque(_), _) => self.list_subscript(value, index),
            (TypeKind::Dict(..), _) => self.dict_item(value, index),
            (TypeKind::MixedDict(..), _) => self.mixed_item(value, index),
            (TypeKind::CPointer(to), _) if !to.is_none() => self.pointer_item(value, *to, index),
            (TypeKind::Range(_), TypeKind::Slice(_)) => self.range_slice(value, index),
            (TypeKind::Range(_), _) => self.range_item(value, index),
            (TypeKind::Optional(_), _) => {
                let value = self.plain(value);
                self.subscript(value, index)
            }
            // Objects of NumPy that are indexed instead of called.
            (TypeKind::Function(FunctionRef::Library(path)), _)
                if let Some(declaration) = lookup(&format!("{path}.__getitem__")) =>
            {
                declaration.call(self, &[Argument { keyword: None, value: index, span: self.span }])
            }
            _ => self.error(Code::NotIndexable, format!("{} cannot be indexed", ty.shown())),
        }
    }

    pub fn store_subscript(&mut self, value: Value, index: Value, new: Value) -> Emit<()> {
        let ty = self.ty(value);
        match ty.kind() {
            TypeKind::Record(_) => self.set_field_item(value, index, new),
            TypeKind::Array(array) if array.dtype.as_record().is_some() && names_fields(self.ty(index)) => {
                self.set_field_item(value, index, new)
            }
            TypeKind::Array(_) => {
                let index = self.index_of_arrays(index)?;
                self.set_array_item(value, index, new)
            }
            TypeKind::List(_) | TypeKind::Deque(_) => self.set_list_item(value, index, new),
            TypeKind::Dict(..) => self.set_dict_item(value, index, new),
            TypeKind::MixedDict(..) => self.refuse_change("dict whose values"),
            TypeKind::MixedList(_) => self.refuse_change("list whose items"),
            TypeKind::CPointer(to) if !to.is_none() => self.set_pointer_item(value, *to, index, new),
            TypeKind::Optional(_) => {
                let value = self.plain(value);
                self.store_subscript(value, index, new)
            }
            TypeKind::Tuple(_) | TypeKind::NamedTuple(..) => {
                let diagnostic = self.diagnostic(Code::NotIndexable, "a tuple cannot be changed");
                Err(diagnostic.note("build a new tuple from the elements").into())
            }
            _ => self.error(Code::NotIndexable, format!("items of {} cannot be assigned", ty.shown())),
        }
    }

    pub fn delete_subscript(&mut self, value: Value, index: Value) -> Emit<()> {
        match self.ty(value).kind() {
            TypeKind::List(_) | TypeKind::Deque(_) => self.delete_list_item(value, index),
            TypeKind::Dict(..) => self.delete_dict_item(value, index),
            TypeKind::MixedDict(..) => self.refuse_change("dict whose values"),
            TypeKind::MixedList(_) => self.refuse_change("list whose items"),
            _ => {
                let message = format!("items of {} cannot be deleted", self.ty(value).shown());
                self.error(Code::UnsupportedStatement, message)
            }
        }
    }

    /// `len(value)`.
    pub fn length(&mut self, value: Value) -> Emit {
        let ty = self.ty(value);
        match ty.kind() {
            TypeKind::Tuple(elements) | TypeKind::NamedTuple(_, elements) | TypeKind::MixedList(elements) => {
                Ok(self.literal_int(elements.len() as i128))
            }
            TypeKind::MixedDict(keys, _) => Ok(self.literal_int(keys.len() as i128)),
            TypeKind::Array(array) if array.ndim == 0 => {
                self.error(Code::ArgumentType, "len() of a 0-dimensional array")
            }
            TypeKind::Array(_) => Ok(self.extent(value, 0)),
            TypeKind::Range(_) => self.range_length(value),
            TypeKind::Str | TypeKind::Bytes => Ok(self.text_length(value)),
            TypeKind::List(_) | TypeKind::Deque(_) => Ok(self.list_length(value)),
            TypeKind::Dict(..) | TypeKind::Set(_, _) => Ok(self.table_length(value)),
            TypeKind::Iterator(IteratorKind::Keys | IteratorKind::Values | IteratorKind::Entries, _) => {
                let table = self.b.field(value, 0);
                Ok(self.table_length(table))
            }
            TypeKind::Record(record) => Ok(self.literal_int(record.layout.fields.len() as i128)),
            TypeKind::Literal(Literal::Str(text)) => Ok(self.literal_int(text.chars().count() as i128)),
            TypeKind::Optional(_) => {
                let value = self.plain(value);
                self.length(value)
            }
            _ => self.error(Code::ArgumentType, format!("{} has no len()", ty.shown())),
        }
    }

    /// The targets of `a, *b, c = value`, from the left; the starred one is a tuple where `value` is one.
    pub fn unpack(&mut self, value: Value, n_before: usize, n_after: usize, starred: bool) -> Emit {
        let value = match self.ty(value).as_record() {
            Some(_) => {
                let fields = self.fields_of_record(value);
                self.tuple(fields)
            }
            None => value,
        };
        let ty = self.ty(value);
        let n_targets = n_before + n_after;
        if ty.as_tuple().is_none() {
            return self.unpack_iterable(value, n_before, n_after, starred);
        }
        let mut elements = self.tuple_elements(value);
        let n_elements = elements.len();
        if n_elements < n_targets || n_elements > n_targets && !starred {
            let relation = if n_elements < n_targets { "not enough" } else { "too many" };
            let message = format!("{relation} values to unpack: {n_elements} into {n_targets}");
            return self.error(Code::Unpack, message);
        }
        if starred {
            let rest: Vec<Value> = elements.splice(n_before..n_elements - n_after, []).collect();
            let rest = self.tuple(rest);
            elements.insert(n_before, rest);
        }
        Ok(self.tuple(elements))
    }

    /// What a list of these items holds, if they are all numbers or of one type.
    pub fn item_of_list(&self, items: &[Value]) -> Option<Type> {
        let mut types = items.iter().map(|item| self.ty(*item).widen());
        let first = types.next().unwrap_or(Type::never());
        let is_number = |ty: Type| matches!(ty.kind(), TypeKind::Int(_) | TypeKind::Float(_));
        let is_item = |ty: Type| {
            let is_container = matches!(
                ty.kind(),
                TypeKind::Bool
                    | TypeKind::Complex(_)
                    | TypeKind::Array(_)
                    | TypeKind::List(_)
                    | TypeKind::Set(..)
                    | TypeKind::Dict(..)
                    | TypeKind::Instance(_)
            );
            is_container || is_number(ty) || ty.is_text() || ty == Type::never()
        };
        let is_plain = |ty: Type| {
            is_item(ty) || ty.as_tuple().is_some_and(|parts| parts.iter().all(|part| is_item(*part)))
        };
        types
            .try_fold(first, |all, ty| match all == ty || is_number(all) && is_number(ty) {
                true => join(all, ty),
                false => None,
            })
            .filter(|ty| is_plain(*ty))
    }

    /// The same of what has a length that is known when it runs; the starred target is a list.
    fn unpack_iterable(&mut self, value: Value, n_before: usize, n_after: usize, starred: bool) -> Emit {
        let is_sequence = match self.ty(value).kind() {
            TypeKind::Array(array) => array.ndim > 0,
            TypeKind::List(_) | TypeKind::Deque(_) | TypeKind::Range(_) => true,
            _ => self.ty(value).is_text(),
        };
        let is_iterable = matches!(
            self.ty(value).kind(),
            TypeKind::Array(_)
                | TypeKind::Dict(..)
                | TypeKind::Set(..)
                | TypeKind::Iterator(..)
                | TypeKind::GeneratorIterator(_)
        );
        let value = match (is_sequence, is_iterable) {
            (true, _) if !starred || matches!(self.ty(value).kind(), TypeKind::List(_)) => value,
            (false, false) => {
                let ty = self.ty(value);
                return self.error(Code::Unpack, format!("{} cannot be unpacked", ty.shown()));
            }
            _ => self.list_of(value)?,
        };
        let n_targets = n_before + n_after;
        let length = self.length(value)?;
        let length = self.materialise(length);
        let wanted = self.b.int64(n_targets as i64);
        let enough = self.b.compare(CompareOp::Ge, length, wanted);
        let at_least = if starred { "at least " } else { "" };
        let site = format!("not enough values to unpack (expected {at_least}{n_targets}, got {{}})");
        self.raise_unless(enough, "ValueError", &site, &[length]);
        if !starred {
            let not_more = self.b.compare(CompareOp::Le, length, wanted);
            let message = format!("too many values to unpack (expected {n_targets})");
            self.raise_unless(not_more, "ValueError", &message, &[]);
        }
        let mut items = Vec::with_capacity(n_targets + 1);
        for idx in 0..n_before as i64 {
            let position = self.b.int64(idx);
            items.push(self.item_unpacked(value, position)?);
        }
        let behind = self.b.int64(n_after as i64);
        let end = self.b.sub(length, behind);
        if starred {
            let start = self.b.int64(n_before as i64);
            let none = self.b.none();
            let middle = self.slice([start, end, none])?;
            items.push(self.list_subscript(value, middle)?);
        }
        for idx in 0..n_after as i64 {
            let distance = self.b.int64(idx);
            let position = self.b.add(end, distance);
            items.push(self.item_unpacked(value, position)?);
        }
        Ok(self.tuple(items))
    }

    /// An item at a position that has been checked.
    fn item_unpacked(&mut self, value: Value, position: Value) -> Emit {
        match self.ty(value).kind() {
            TypeKind::Array(_) => self.array_row(value, position),
            TypeKind::List(_) => self.list_item_unchecked(value, position),
            _ => self.subscript(value, position),
        }
    }

    /// Whether a sequence pattern with this many sub-patterns matches: decided by the type, but for lists.
    pub fn match_sequence(&mut self, value: Value, n_before: usize, n_after: usize, starred: bool) -> Value {
        let ty = self.ty(value);
        let n_patterns = n_before + n_after;
        if ty.as_list().is_some() {
            let length = self.list_length(value);
            let wanted = self.b.int64(n_patterns as i64);
            let op = if starred { CompareOp::Ge } else { CompareOp::Eq };
            return self.b.compare(op, length, wanted);
        }
        let matches = match ty.kind() {
            TypeKind::Tuple(elements) | TypeKind::NamedTuple(_, elements) | TypeKind::MixedList(elements) => {
                elements.len() == n_patterns || starred && elements.len() > n_patterns
            }
            _ => false,
        };
        self.b.unit(Type::literal_bool(matches))
    }
}

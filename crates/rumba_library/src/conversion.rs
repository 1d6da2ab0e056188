//! Making a value of one type into a value of another.

use crate::{Emit, Emitter};
use rumba_ir::{CompareOp, Value};
use rumba_source::Code;
use rumba_types::{FloatKind, Layout, Literal, Type, TypeKind};

impl Emitter<'_> {
    /// The value as `ty`, which must hold it: how definitions meet, arguments reach parameters, numbers
    /// become floats. Fails with `CannotConvert`.
    pub fn coerce(&mut self, value: Value, ty: Type) -> Emit {
        let from = self.ty(value);
        if from == ty {
            return Ok(value);
        }
        match (from.kind(), ty.kind()) {
            (TypeKind::Undefined, TypeKind::MaybeUndefined(_)) | (TypeKind::None, TypeKind::Optional(_)) => {
                return Ok(self.b.zero(ty));
            }
            (TypeKind::MaybeUndefined(_), TypeKind::MaybeUndefined(inner))
            | (TypeKind::Optional(_), TypeKind::Optional(inner)) => {
                let present = self.b.field(value, 0);
                let payload = self.b.field(value, 1);
                let payload = self.coerce(payload, *inner)?;
                return Ok(self.b.make(ty, vec![present, payload]));
            }
            (_, TypeKind::MaybeUndefined(inner) | TypeKind::Optional(inner)) => {
                let payload = self.coerce(value, *inner)?;
                let present = self.b.bool(true);
                return Ok(self.b.make(ty, vec![present, payload]));
            }
            (TypeKind::Literal(_) | TypeKind::EnumMember { .. }, _) if from.widen() != from => {
                let widened = self.materialise(value);
                return self.coerce(widened, ty);
            }
            (TypeKind::Optional(inner), _) => {
                let payload = self.unwrap_optional(value, *inner);
                return self.coerce(payload, ty);
            }
            (_, TypeKind::OneOf(wanted))
                if let Some(result) = self.coerce_function(value, ty, wanted) =>
            {
                return Ok(result);
            }
            (_, TypeKind::FunctionPointer(signature)) if from.has_pointer() => {
                return Ok(self.function_pointer(value, ty, signature));
            }
            // Of nothing: it is empty, and nobody adds to it.
            (TypeKind::List(empty), TypeKind::List(_))
            | (TypeKind::Deque(empty), TypeKind::Deque(_))
            | (TypeKind::Dict(empty, _, _), TypeKind::Dict(..))
            | (TypeKind::Set(empty, _), TypeKind::Set(_, _))
                if *empty == Type::never() && from.dict_kind() == ty.dict_kind()
                    && from.is_frozenset() == ty.is_frozenset() =>
            {
                return self.another_empty(value, ty);
            }
            (TypeKind::Array(_), TypeKind::Array(_)) => {
                if let Some(result) = self.coerce_array(value, ty) {
                    return Ok(result);
                }
            }
            (TypeKind::DateTime(unit), TypeKind::DateTime(wanted))
            | (TypeKind::TimeDelta(unit), TypeKind::TimeDelta(wanted))
                // As units meet: to a finer one.
                if unit.common(*wanted, [from.is_datetime(); 2]) == Some(*wanted) =>
            {
                return self.cast_number(value, ty);
            }
            (TypeKind::Record(record), TypeKind::Record(wanted))
                if record.layout == wanted.layout && wanted.readonly =>
            {
                let parts = [0, 1].map(|idx| self.b.field(value, idx));
                return Ok(self.b.make(ty, parts.to_vec()));
            }
            (TypeKind::Complex(_), TypeKind::Complex(kind)) => {
                let parts = [self.b.field(value, 0), self.b.field(value, 1)];
                let parts = parts.map(|part| self.b.convert(part, Type::float(*kind)));
                return Ok(self.b.make(ty, parts.to_vec()));
            }
            (_, TypeKind::Complex(kind)) if from.is_number() => {
                let real = self.b.convert(value, Type::float(*kind));
                let imag = self.b.zero(Type::float(*kind));
                return Ok(self.b.make(ty, vec![real, imag]));
            }
            (TypeKind::Complex(_), TypeKind::Bool) => return self.truth(value),
            _ if from.is_number() && !from.is_complex() && ty.is_number() => {
                return Ok(self.b.convert(value, ty));
            }
            (_, TypeKind::Constant(_)) if from.without_constants() == ty.without_constants() => {
                let block = self.b.field(value, 0);
                return Ok(self.b.make(ty, vec![block]));
            }
            (TypeKind::List(_) | TypeKind::Deque(_) | TypeKind::Set(_, _) | TypeKind::Dict(..), _) => {}
            (TypeKind::Constant(_), _) => {}
            _ if std::mem::discriminant(from.kind()) == std::mem::discriminant(ty.kind()) => {
                let (from_fields, fields) =
                    (from.fields().unwrap_or_default(), ty.fields().unwrap_or_default());
                if from_fields.len() == fields.len() && !fields.is_empty() {
                    let mut parts = Vec::with_capacity(fields.len());
                    for (idx, field_type) in fields.into_iter().enumerate() {
                        let part = self.b.field(value, idx);
                        parts.push(self.coerce(part, field_type)?);
                    }
                    return Ok(self.b.make(ty, parts));
                }
            }
            _ => {}
        }
        self.error(Code::CannotConvert, format!("{} does not convert to {}", from.shown(), ty.shown()))
    }

    /// A function as one of several.
    fn coerce_function(&mut self, value: Value, ty: Type, wanted: &[Type]) -> Option<Value> {
        let given = self.ty(value).alternatives()?;
        let numbers: Option<Vec<usize>> =
            given.iter().map(|function| wanted.iter().position(|other| other == function)).collect();
        let (last, rest) = numbers.as_deref()?.split_last()?;
        let mut number = self.b.int64(*last as i64);
        for (idx, to) in rest.iter().enumerate() {
            let (from, here, to) =
                (self.b.field(value, 0), self.b.int64(idx as i64), self.b.int64(*to as i64));
            let is_here = self.equal(from, here);
            number = self.b.select(is_here, to, number);
        }
        Some(self.b.make(ty, vec![number]))
    }

    /// A number from a literal; other values as they are. Also inside tuples and slices.
    pub fn materialise(&mut self, value: Value) -> Value {
        let ty = self.ty(value);
        let wide = ty.widen();
        if wide == ty {
            return value;
        }
        match ty.kind() {
            TypeKind::Literal(Literal::Bool(value)) => self.b.bool(*value),
            TypeKind::Literal(Literal::Str(text)) => self.constant_text(text),
            // Beyond int64 the type is uint64: the same bits.
            TypeKind::Literal(Literal::Int(value)) => self.b.int(*value as i64, wide),
            TypeKind::EnumMember { value: literal, .. } => {
                let unit = self.b.unit(*literal);
                self.materialise(unit)
            }
            _ => {
                let n_fields = ty.fields().map_or(0, |fields| fields.len());
                let parts = (0..n_fields)
                    .map(|idx| {
                        let part = self.b.field(value, idx);
                        self.materialise(part)
                    })
                    .collect();
                self.b.make(wide, parts)
            }
        }
    }

    fn unwrap_optional(&mut self, value: Value, inner: Type) -> Value {
        let present = self.b.field(value, 0);
        self.raise_unless(present, "TypeError", &format!("expected {inner}, got None"), &[]);
        self.b.field(value, 1)
    }

    /// A plain value: literals materialised but for text, which may stand for something else (a date, a dtype); optionals
    /// unwrapped (None raises `TypeError`).
    pub fn plain(&mut self, value: Value) -> Value {
        match self.ty(value).kind() {
            TypeKind::Optional(inner) => self.unwrap_optional(value, *inner),
            TypeKind::Literal(Literal::Str(_)) => value,
            _ => self.materialise(value),
        }
    }

    /// A plain value, text included.
    pub(crate) fn plain_value(&mut self, value: Value) -> Value {
        let value = self.plain(value);
        self.materialise(value)
    }

    fn coerce_array(&mut self, value: Value, ty: Type) -> Option<Value> {
        let (from, to) = (self.ty(value).as_array()?, ty.as_array()?);
        if from.dtype != to.dtype
            || from.ndim != to.ndim
            || (from.layout != to.layout && to.layout != Layout::A)
        {
            return None;
        }
        let mut parts = vec![self.array_data(value), self.array_owner(value)];
        parts.extend(self.extents(value));
        if to.layout == Layout::A {
            parts.extend(self.strides(value));
        }
        Some(self.b.make(ty, parts))
    }

    /// `bool(value)`: a literal bool where the type decides it, else a bool.
    pub fn truth(&mut self, value: Value) -> Emit {
        let ty = self.ty(value);
        let decided = match ty.kind() {
            TypeKind::Bool => return Ok(value),
            TypeKind::Literal(Literal::Bool(value)) => *value,
            TypeKind::Literal(Literal::Int(value)) => *value != 0,
            TypeKind::Literal(Literal::Str(value)) => !value.is_empty(),
            TypeKind::None => false,
            TypeKind::Ellipsis
            | TypeKind::Function(_)
            | TypeKind::FunctionPointer(_)
            | TypeKind::Method(..)
            | TypeKind::Closure { .. }
            | TypeKind::Module { .. }
            | TypeKind::DType(_)
            | TypeKind::ExceptionClass(_)
            | TypeKind::NamedTupleClass(_)
            | TypeKind::Class { .. }
            | TypeKind::Instance(_)
            | TypeKind::BoundMethod { .. }
            | TypeKind::Super { .. }
            | TypeKind::Exception(..)
            | TypeKind::CaughtException
            | TypeKind::GeneratorIterator(_)
            | TypeKind::ContextManager(..)
            | TypeKind::NotImplemented
            | TypeKind::Slice(_)
            | TypeKind::EnumClass { .. }
            | TypeKind::Generator
            | TypeKind::BitGenerator
            | TypeKind::EnumMember { is_int: false, is_flag: false, .. } => true,
            TypeKind::OneOf(_) if ty.is_flag() => {
                let bits = self.member_value(value)?;
                return self.truth(bits);
            }
            TypeKind::OneOf(_) => true,
            TypeKind::Tuple(elements)
            | TypeKind::NamedTuple(_, elements)
            | TypeKind::MixedList(elements)
            | TypeKind::MixedDict(_, elements)
            | TypeKind::Keywords(_, elements) => !elements.is_empty(),
            TypeKind::Constant(container) => {
                let block = self.b.field(value, 0);
                let container = self.b.make(*container, vec![block]);
                return self.truth(container);
            }
            TypeKind::EnumMember { value: literal, .. } => {
                let unit = self.b.unit(*literal);
                return self.truth(unit);
            }
            TypeKind::DateTime(_) | TypeKind::TimeDelta(_) => {
                let count = self.b.field(value, 0);
                return self.truth(count);
            }
            TypeKind::CPointer(_) => {
                let (address, null) = (self.b.field(value, 0), self.b.address(0));
                return Ok(self.not_equal(address, null));
            }
            TypeKind::Int(_) | TypeKind::Float(_) => {
                let zero = self.b.zero(ty);
                return Ok(self.b.compare(CompareOp::Ne, value, zero));
            }
            TypeKind::Complex(_) => {
                let real = self.b.field(value, 0);
                let imag = self.b.field(value, 1);
                let real = self.truth(real)?;
                let imag = self.truth(imag)?;
                return Ok(self.b.or(real, imag));
            }
            TypeKind::Optional(_) => {
                let present = self.b.field(value, 0);
                let payload = self.b.field(value, 1);
                let payload = self.truth(payload)?;
                let payload = self.coerce(payload, Type::bool())?;
                return Ok(self.b.and(present, payload));
            }
            TypeKind::Range(_)
            | TypeKind::Str
            | TypeKind::Bytes
            | TypeKind::List(_)
            | TypeKind::Deque(_)
            | TypeKind::Set(_, _)
            | TypeKind::Dict(..) => {
                let length = self.length(value)?;
                return self.truth(length);
            }
            TypeKind::Array(_) => {
                let size = self.array_size(value);
                let one = self.b.int64(1);
                let single = self.equal(size, one);
                self.raise_unless(
                    single,
                    "ValueError",
                    "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()",
                    &[],
                );
                let data = self.array_data(value);
                let element = self.element_at(value, data);
                return self.truth(element);
            }
            TypeKind::Undefined
            | TypeKind::MaybeUndefined(_)
            | TypeKind::Never
            | TypeKind::Pointer
            | TypeKind::FixedText { .. }
            | TypeKind::Record(_)
            | TypeKind::Struct(_)
            | TypeKind::Cell { .. }
            | TypeKind::Frame(_)
            | TypeKind::Iterator(..) => {
                return self.error(Code::OperandTypes, format!("{} has no truth value", ty.shown()));
            }
        };
        Ok(self.literal_bool(decided))
    }

    pub fn literal_bool(&mut self, value: bool) -> Value {
        self.b.unit(Type::literal_bool(value))
    }

    pub fn literal_int(&mut self, value: i128) -> Value {
        self.b.unit(Type::literal_int(value))
    }

    /// An index or extent as int64. `what` names it in the message. Bools and floats are refused.
    pub fn as_index(&mut self, value: Value, what: &str) -> Emit {
        let value = self.plain(value);
        let ty = self.ty(value);
        if !ty.is_int() {
            return self.error(Code::IndexType, format!("{what} must be an integer, not {}", ty.shown()));
        }
        self.coerce(value, Type::int64())
    }

    /// Any number as float64.
    pub fn as_float64(&mut self, value: Value) -> Emit {
        let value = self.plain(value);
        self.coerce(value, Type::float(FloatKind::F64))
    }
}

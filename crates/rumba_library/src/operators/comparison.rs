//! `== != < <= > >=` and `in`, on numbers, tuples, and values that are known when compiling.

use super::Comparison;
use crate::containers::sets::is_view;
use crate::{Emit, Emitter};
use rumba_ir::{CompareOp, Value};
use rumba_source::Code;
use rumba_types::{DictKind, IteratorKind, Literal, Type, TypeKind, arithmetic_result};

/// `None` for `is` and `in`.
fn ir_comparison(op: Comparison) -> Option<CompareOp> {
    Some(match op {
        Comparison::Eq => CompareOp::Eq,
        Comparison::Ne => CompareOp::Ne,
        Comparison::Lt => CompareOp::Lt,
        Comparison::Le => CompareOp::Le,
        Comparison::Gt => CompareOp::Gt,
        Comparison::Ge => CompareOp::Ge,
        Comparison::Is | Comparison::IsNot | Comparison::In | Comparison::NotIn => return None,
    })
}

/// Values of different sorts are never equal: a tuple is no number, and neither is None.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Equality {
    Number,
    None,
    Text,
    Bytes,
    Tuple,
    List,
    Deque,
    Dict,
    Set,
    Range,
    Slice,
    Function,
    /// Equal only to itself, which is a type of its own.
    Identity,
}

impl Equality {
    /// `None` for arrays, which compare element by element, and for what is no value of the user's.
    fn of(ty: Type) -> Option<Equality> {
        Some(match ty.kind() {
            _ if ty.widen().is_number() => Equality::Number,
            TypeKind::None => Equality::None,
            TypeKind::Str | TypeKind::Literal(Literal::Str(_)) => Equality::Text,
            TypeKind::Bytes => Equality::Bytes,
            TypeKind::List(_) | TypeKind::MixedList(_) => Equality::List,
            TypeKind::Deque(_) => Equality::Deque,
            TypeKind::Dict(..) => Equality::Dict,
            TypeKind::Set(_, _) => Equality::Set,
            TypeKind::Tuple(_) | TypeKind::NamedTuple(..) => Equality::Tuple,
            TypeKind::Range(_) => Equality::Range,
            TypeKind::Slice(_) => Equality::Slice,
            TypeKind::Closure { .. } | TypeKind::Method(..) | TypeKind::BoundMethod { .. } => {
                Equality::Function
            }
            TypeKind::DType(_)
            | TypeKind::Ellipsis
            | TypeKind::Function(_)
            | TypeKind::Module { .. }
            | TypeKind::ExceptionClass(_)
            | TypeKind::NamedTupleClass(_)
            | TypeKind::EnumClass { .. }
            | TypeKind::Class { .. }
            // Of others than those that it may be.
            | TypeKind::OneOf(_)
            | TypeKind::EnumMember { is_int: false, .. } => Equality::Identity,
            // Compared with what is never None: there, None is as unequal as any other sort.
            TypeKind::Optional(inner) => return Equality::of(*inner),
            _ => return None,
        })
    }
}

fn is_optional(ty: Type) -> bool {
    matches!(ty.kind(), TypeKind::Optional(_))
}

/// What a comparison says of an ordering.
fn decide(op: CompareOp, ordering: std::cmp::Ordering) -> bool {
    match op {
        CompareOp::Eq => ordering.is_eq(),
        CompareOp::Ne => ordering.is_ne(),
        CompareOp::Lt => ordering.is_lt(),
        CompareOp::Le => ordering.is_le(),
        CompareOp::Gt => ordering.is_gt(),
        CompareOp::Ge => ordering.is_ge(),
    }
}

impl Emitter<'_> {
    /// `lhs op rhs`: a bool, literal where the types decide it.
    pub fn comparison(&mut self, op: Comparison, lhs: Value, rhs: Value) -> Emit {
        match op {
            Comparison::Is => self.identity(lhs, rhs, true),
            Comparison::IsNot => self.identity(lhs, rhs, false),
            Comparison::In => self.contains(rhs, lhs),
            Comparison::NotIn => {
                let contained = self.contains(rhs, lhs)?;
                self.unary(super::UnaryOperator::Not, contained)
            }
            Comparison::Eq | Comparison::Ne if let Some(same) = self.is_same_function(lhs, rhs) => {
                Ok(if op == Comparison::Eq { same } else { self.b.not(same) })
            }
            _ => {
                let ir_op = ir_comparison(op).expect("the other comparisons were handled above");
                self.rich_comparison(op, ir_op, lhs, rhs)
            }
        }
    }

    fn rich_comparison(&mut self, op: Comparison, ir_op: CompareOp, lhs: Value, rhs: Value) -> Emit {
        if is_view(self.ty(lhs)) || is_view(self.ty(rhs)) {
            let [lhs, rhs] = self.views_as_sets([lhs, rhs])?;
            return self.rich_comparison(op, ir_op, lhs, rhs);
        }
        let (lhs, rhs) = (self.plain_member(lhs), self.plain_member(rhs));
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        if let Some(compared) = self.compare_records(op, lhs, rhs)? {
            return Ok(compared);
        }
        if let Some(compared) = self.compare_fixed_text(ir_op, lhs, rhs)? {
            return Ok(compared);
        }
        if lhs_type.as_array().is_some() || rhs_type.as_array().is_some() {
            return self.comparison_of_arrays(op, lhs, rhs);
        }
        let is_equality = matches!(ir_op, CompareOp::Eq | CompareOp::Ne);
        let refuse = |e: &Emitter<'_>| e.unsupported_operands(op.symbol(), lhs_type, rhs_type);
        match (lhs_type.kind(), rhs_type.kind()) {
            (TypeKind::Literal(Literal::Int(a)), TypeKind::Literal(Literal::Int(b))) => {
                return Ok(self.literal_bool(decide(ir_op, a.cmp(b))));
            }
            (TypeKind::Literal(Literal::Str(a)), TypeKind::Literal(Literal::Str(b))) => {
                return Ok(self.literal_bool(decide(ir_op, a.cmp(b))));
            }
            (TypeKind::None, TypeKind::None) if is_equality => {
                return Ok(self.literal_bool(ir_op == CompareOp::Eq));
            }
            (TypeKind::Optional(_), TypeKind::None) if is_equality => {
                return self.identity(lhs, rhs, ir_op == CompareOp::Eq);
            }
            (TypeKind::None, TypeKind::Optional(_)) if is_equality => {
                return self.identity(lhs, rhs, ir_op == CompareOp::Eq);
            }
            (
                TypeKind::Tuple(_) | TypeKind::NamedTuple(..),
                TypeKind::Tuple(_) | TypeKind::NamedTuple(..),
            ) => {
                return self.compare_tuples(op, ir_op, lhs, rhs);
            }
            (TypeKind::MixedList(_), TypeKind::MixedList(_)) => {
                return self.compare_tuples(op, ir_op, lhs, rhs);
            }
            // A dtype equals the name of its type too: `a.dtype == "float64"`.
            (TypeKind::DType(dtype), TypeKind::Literal(Literal::Str(name)))
            | (TypeKind::Literal(Literal::Str(name)), TypeKind::DType(dtype))
                if is_equality =>
            {
                let equal = crate::arrays::dtypes::by_name(name) == Some(*dtype);
                return Ok(self.literal_bool(equal == (ir_op == CompareOp::Eq)));
            }
            _ if lhs_type.is_text() && lhs_type.widen() == rhs_type.widen() => {
                return Ok(self.compare_texts(ir_op, lhs, rhs));
            }
            (TypeKind::List(_), TypeKind::List(_)) | (TypeKind::Deque(_), TypeKind::Deque(_))
                if is_equality =>
            {
                let equal = self.equal_lists(lhs, rhs)?;
                return Ok(if ir_op == CompareOp::Eq { equal } else { self.b.not(equal) });
            }
            (TypeKind::List(_), TypeKind::List(_)) | (TypeKind::Deque(_), TypeKind::Deque(_)) => {
                return self.order_lists(op, ir_op, lhs, rhs);
            }
            (TypeKind::Dict(..), TypeKind::Dict(..)) if is_equality => {
                let is_ordered = |ty: Type| ty.dict_kind() == Some(DictKind::Ordered);
                let mut equal = self.equal_dicts(lhs, rhs)?;
                if is_ordered(lhs_type) && is_ordered(rhs_type) {
                    let same_order = self.equal_ordered_dicts(lhs, rhs)?;
                    equal = self.b.and(equal, same_order);
                }
                return Ok(if ir_op == CompareOp::Eq { equal } else { self.b.not(equal) });
            }
            (TypeKind::Set(_, _), TypeKind::Set(_, _)) => return self.compare_sets(ir_op, lhs, rhs),
            (TypeKind::Slice(_), TypeKind::Slice(_)) if is_equality => {
                let [a, b] = [lhs, rhs].map(|slice| {
                    let parts = [0, 1, 2].map(|idx| self.b.field(slice, idx));
                    self.tuple(parts.to_vec())
                });
                return self.compare_tuples(op, ir_op, a, b);
            }
            (TypeKind::Range(_), TypeKind::Range(_)) if is_equality => {
                let equal = self.equal_ranges(lhs, rhs)?;
                return Ok(if ir_op == CompareOp::Eq { equal } else { self.b.not(equal) });
            }
            (TypeKind::Slice(_), TypeKind::Slice(_)) | (TypeKind::Range(_), TypeKind::Range(_)) => {
                return refuse(self);
            }
            (TypeKind::Instance(a), TypeKind::Instance(b)) if is_equality => {
                return match self.equal_instances(lhs, rhs, [a, b])? {
                    Some(equal) if ir_op == CompareOp::Eq => Ok(equal),
                    Some(equal) => self.unary(super::UnaryOperator::Not, equal),
                    None => refuse(self),
                };
            }
            _ => {}
        }
        if is_equality
            && !(is_optional(lhs_type) && is_optional(rhs_type))
            && let (Some(a), Some(b)) = (Equality::of(lhs_type), Equality::of(rhs_type))
        {
            if a != b {
                return Ok(self.literal_bool(ir_op == CompareOp::Ne));
            }
            if a == Equality::Identity {
                return Ok(self.literal_bool((lhs_type == rhs_type) == (ir_op == CompareOp::Eq)));
            }
        }
        if is_equality && is_optional(lhs_type) {
            return self.optional_equality(ir_op, lhs, rhs);
        }
        if is_equality && is_optional(rhs_type) {
            return self.optional_equality(ir_op, rhs, lhs);
        }
        let (lhs, rhs) = (self.plain(lhs), self.plain(rhs));
        if self.ty(lhs).time_unit().is_some() || self.ty(rhs).time_unit().is_some() {
            return self.compare_times(op, lhs, rhs);
        }
        if !self.ty(lhs).is_number() || !self.ty(rhs).is_number() {
            return refuse(self);
        }
        self.compare_numbers(ir_op, lhs, rhs).map_or_else(|| refuse(self), Ok)
    }

    /// `optional == other`, or `!=`: None equals None, and nothing else.
    fn optional_equality(&mut self, op: CompareOp, optional: Value, other: Value) -> Emit {
        let (present, payload) = (self.b.field(optional, 0), self.b.field(optional, 1));
        let equal = self.comparison(Comparison::Eq, payload, other)?;
        let equal = self.coerce(equal, Type::bool())?;
        let mut equal = self.b.and(present, equal);
        if is_optional(self.ty(other)) {
            let other_present = self.b.field(other, 0);
            let any_present = self.b.or(present, other_present);
            let both_none = self.b.not(any_present);
            equal = self.b.or(equal, both_none);
        }
        Ok(if op == CompareOp::Eq { equal } else { self.b.not(equal) })
    }

    /// Numbers compare by value, also int64 with uint64. `None` where complex numbers are ordered.
    pub(crate) fn compare_numbers(&mut self, op: CompareOp, lhs: Value, rhs: Value) -> Option<Value> {
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        if lhs_type.is_int() && rhs_type.is_int() && lhs_type.is_signed_int() != rhs_type.is_signed_int() {
            return Some(self.compare_mixed_signs(op, lhs, rhs));
        }
        // Arithmetic takes a bool for an int64, which an uint64 does not fit.
        let common = match (lhs_type.kind(), rhs_type.kind()) {
            (TypeKind::Bool, _) if rhs_type.is_int() => rhs_type,
            (_, TypeKind::Bool) if lhs_type.is_int() => lhs_type,
            _ => arithmetic_result(lhs_type, rhs_type)?,
        };
        let lhs = self.coerce(lhs, common).ok()?;
        let rhs = self.coerce(rhs, common).ok()?;
        if !common.is_complex() {
            return Some(self.b.compare(op, lhs, rhs));
        }
        let [real, imag] = [0, 1].map(|idx| {
            let (a, b) = (self.b.field(lhs, idx), self.b.field(rhs, idx));
            self.b.compare(op, a, b)
        });
        match op {
            CompareOp::Eq => Some(self.b.and(real, imag)),
            CompareOp::Ne => Some(self.b.or(real, imag)),
            _ => None,
        }
    }

    /// A negative number is less than any unsigned one; otherwise both compare as unsigned.
    fn compare_mixed_signs(&mut self, op: CompareOp, lhs: Value, rhs: Value) -> Value {
        let left_signed = self.ty(lhs).is_signed_int();
        let signed = if left_signed { lhs } else { rhs };
        let negative = self.is_negative(signed);
        let a = self.b.convert(lhs, Type::uint64());
        let b = self.b.convert(rhs, Type::uint64());
        let as_unsigned = self.b.compare(op, a, b);
        // For a negative signed side: the left one is less, or the right one is.
        let ordering = if left_signed { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
        let if_negative = self.b.bool(decide(op, ordering));
        self.b.select(negative, if_negative, as_unsigned)
    }

    /// Lexicographic, as Python's tuples.
    fn compare_tuples(&mut self, op: Comparison, ir_op: CompareOp, lhs: Value, rhs: Value) -> Emit {
        let n_lhs = self.ty(lhs).as_tuple().map_or(0, <[Type]>::len);
        let n_rhs = self.ty(rhs).as_tuple().map_or(0, <[Type]>::len);
        if matches!(ir_op, CompareOp::Eq | CompareOp::Ne) && n_lhs != n_rhs {
            return Ok(self.literal_bool(ir_op == CompareOp::Ne));
        }
        // From the last pair to the first: where a pair is equal, the rest decides.
        let mut result = self.b.bool(decide(ir_op, n_lhs.cmp(&n_rhs)));
        for idx in (0..n_lhs.min(n_rhs)).rev() {
            let (a, b) = (self.b.field(lhs, idx), self.b.field(rhs, idx));
            let equal = self.comparison(Comparison::Eq, a, b)?;
            let equal = self.coerce(equal, Type::bool())?;
            let here = match ir_op {
                CompareOp::Eq => self.b.bool(false),
                CompareOp::Ne => self.b.bool(true),
                _ => {
                    let here = self.comparison(op, a, b)?;
                    self.coerce(here, Type::bool())?
                }
            };
            result = self.b.select(equal, result, here);
        }
        Ok(result)
    }

    /// `item in container`.
    fn contains(&mut self, container: Value, item: Value) -> Emit {
        let (container_type, item_type) = (self.ty(container), self.ty(item));
        match container_type.kind() {
            TypeKind::Tuple(elements) | TypeKind::NamedTuple(_, elements) | TypeKind::MixedList(elements) => {
                let mut found = self.b.bool(false);
                for idx in 0..elements.len() {
                    let element = self.b.field(container, idx);
                    let equal = self.comparison(Comparison::Eq, element, item)?;
                    let equal = self.coerce(equal, Type::bool())?;
                    found = self.b.or(found, equal);
                }
                Ok(found)
            }
            TypeKind::Range(_) => self.range_contains(container, item),
            TypeKind::MixedDict(..) => {
                let keys = self.mixed_keys(container);
                self.contains(keys, item)
            }
            TypeKind::EnumClass { object, .. } if item_type.members().is_some() => {
                Ok(self.literal_bool(item_type.enum_class() == Some(*object)))
            }
            _ if container_type.is_flag() && container_type.enum_class() == item_type.enum_class() => {
                self.flags_contain(container, item)
            }
            TypeKind::Array(array) => {
                let is_comparable = array.dtype.as_record().is_none() || self.ty(item).as_record().is_some();
                if !is_comparable {
                    return self.unsupported_operands("in", item_type, container_type);
                }
                let contained = self.b.bool(false);
                self.for_each_element(container, &[contained], |e, element, state| {
                    let equal = e.comparison(Comparison::Eq, element, item)?;
                    let equal = e.coerce(equal, Type::bool())?;
                    Ok(vec![e.b.or(state[0], equal)])
                })
                .map(|state| state[0])
            }
            TypeKind::Literal(Literal::Str(text)) if item_type.as_literal_str().is_some() => {
                let found = item_type.as_literal_str().is_some_and(|item| text.contains(item));
                Ok(self.literal_bool(found))
            }
            TypeKind::Str | TypeKind::Bytes | TypeKind::Literal(Literal::Str(_)) => {
                self.text_contains(container, item)
            }
            TypeKind::Dict(..) | TypeKind::Set(_, _) => self.table_contains(container, item),
            TypeKind::Iterator(IteratorKind::Keys, _) => {
                let table = self.b.field(container, 0);
                self.table_contains(table, item)
            }
            TypeKind::Iterator(..) | TypeKind::GeneratorIterator(_) => {
                // What comes before the item is taken, and so is the item.
                let no = self.b.bool(false);
                let found = self.for_each_item(container, &[no], |e, element, _| {
                    let equal = e.comparison(Comparison::Eq, element, item)?;
                    let equal = e.coerce(equal, Type::bool())?;
                    Ok(crate::builtins::Step { state: vec![equal], stop: Some(equal) })
                })?;
                Ok(found[0])
            }
            TypeKind::List(_) | TypeKind::Deque(_) => {
                let position = self.list_find(container, item)?;
                let length = self.list_length(container);
                Ok(self.less(position, length))
            }
            _ => self.error(
                Code::OperandTypes,
                format!("`in` is not defined for {} and {}", item_type.shown(), container_type.shown()),
            ),
        }
    }
}

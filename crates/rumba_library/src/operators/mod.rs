//! Python's operators on typed values.

mod arithmetic;
mod arrays;
mod bitwise;
mod comparison;
mod complex;
mod identity;
mod power;
mod unary;

use crate::containers::sets::is_view;
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
pub use rumba_source::operators::{BinaryOperator, Comparison, UnaryOperator};
use rumba_types::{Type, TypeKind};

impl Emitter<'_> {
    /// `lhs op rhs`.
    pub fn binary(&mut self, op: BinaryOperator, lhs: Value, rhs: Value) -> Emit {
        use BinaryOperator as B;
        let (lhs, rhs) = (self.plain_member(lhs), self.plain_member(rhs));
        if let Some(folded) = self.fold_literals(op, lhs, rhs) {
            return Ok(folded);
        }
        if (is_view(self.ty(lhs)) || is_view(self.ty(rhs)))
            && matches!(op, B::BitOr | B::BitAnd | B::Sub | B::BitXor)
        {
            let sets = [self.set_of(lhs, false)?, self.set_of(rhs, false)?];
            let [lhs, rhs] = self.views_as_sets(sets)?;
            return self.combine_sets(op, lhs, rhs);
        }
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        match (lhs_type.as_tuple(), rhs_type.as_tuple()) {
            (Some(_), Some(_)) if op == B::Add && lhs_type.is_mixed_list() == rhs_type.is_mixed_list() => {
                let both = self.concatenate_tuples(lhs, rhs);
                return Ok(self.like_sequence(lhs, both));
            }
            (Some(_), None) if op == B::Mul => {
                let repeated = self.repeat_tuple(lhs, rhs)?;
                return Ok(self.like_sequence(lhs, repeated));
            }
            (None, Some(_)) if op == B::Mul => {
                let repeated = self.repeat_tuple(rhs, lhs)?;
                return Ok(self.like_sequence(rhs, repeated));
            }
            _ => {}
        }
        if op == B::BitOr
            && let Some(union) = self.union_of_classes(lhs, rhs)
        {
            return Ok(union);
        }
        if lhs_type.as_array().is_some() || rhs_type.as_array().is_some() {
            return self.binary_of_arrays(op, lhs, rhs);
        }
        match (lhs_type.kind(), rhs_type.kind()) {
            _ if op == B::Mod && lhs_type.is_str() => return self.fill_percent_template(lhs, rhs),
            _ if op == B::Add && lhs_type.is_text() && lhs_type.widen() == rhs_type.widen() => {
                return Ok(self.concatenate_texts(lhs, rhs));
            }
            _ if op == B::Mul && lhs_type.is_text() => return self.repeat_text(lhs, rhs),
            _ if op == B::Mul && rhs_type.is_text() => return self.repeat_text(rhs, lhs),
            (TypeKind::List(_), TypeKind::List(_)) if op == B::Add => {
                return self.concatenate_lists(lhs, rhs);
            }
            (TypeKind::Set(_, _), TypeKind::Set(_, _))
                if matches!(op, B::BitOr | B::BitAnd | B::Sub | B::BitXor) =>
            {
                return self.combine_sets(op, lhs, rhs);
            }
            (TypeKind::Dict(..), TypeKind::Dict(..)) if op == B::BitOr => {
                let Some(ty) = Emitter::united_dicts(lhs_type, rhs_type) else {
                    return self.unsupported_operands(op.symbol(), lhs_type, rhs_type);
                };
                let union = self.new_table(ty)?;
                self.dict_update(union, lhs)?;
                self.dict_update(union, rhs)?;
                return Ok(union);
            }
            (TypeKind::List(_), _) if op == B::Mul => return self.repeat_list(lhs, rhs),
            (_, TypeKind::List(_)) if op == B::Mul => return self.repeat_list(rhs, lhs),
            _ => {}
        }
        let right_literal = rhs_type.as_literal_int();
        if op == B::Pow
            && let (Some(base), Some(exponent)) = (lhs_type.as_literal_int(), right_literal)
            && base.unsigned_abs() > 1
            && exponent > 0
        {
            return self.error(Code::UnsupportedValue, "the integer does not fit 64 bits");
        }
        let (lhs, rhs) = (self.plain(lhs), self.plain(rhs));
        if self.ty(lhs).time_unit().is_some() || self.ty(rhs).time_unit().is_some() {
            return self.binary_of_times(op, lhs, rhs);
        }
        if !self.ty(lhs).is_number() || !self.ty(rhs).is_number() {
            return self.unsupported_operands(op.symbol(), lhs_type, rhs_type);
        }
        match op {
            B::Add | B::Sub | B::Mul | B::Div | B::FloorDiv | B::Mod => self.arithmetic(op, lhs, rhs),
            B::Pow => self.power(lhs, rhs, right_literal),
            B::LShift | B::RShift | B::BitAnd | B::BitOr | B::BitXor => self.bitwise(op, lhs, rhs),
            B::MatMul => self.unsupported_operands(op.symbol(), lhs_type, rhs_type),
        }
    }

    pub(crate) fn unsupported_operands<T>(&self, symbol: &str, lhs: Type, rhs: Type) -> Emit<T> {
        let message = format!("`{symbol}` is not defined for {} and {}", lhs.shown(), rhs.shown());
        let diagnostic = self.diagnostic(Code::OperandTypes, message);
        let has = |test: fn(Type) -> bool| test(lhs) || test(rhs);
        let note = if has(Type::is_none) {
            "None takes part in no arithmetic: test for it with `is None` beforehand, or use a number such as 0 or nan"
        } else if self.fields_of(lhs).is_some() || self.fields_of(rhs).is_some() {
            "compute with the fields of records, such as `r.x` or `a[\"x\"]`"
        } else if has(|ty| ty.as_tuple().is_some()) {
            "compute with the elements of a tuple, or make it an array: `np.array(t)`"
        } else {
            return Err(diagnostic.into());
        };
        Err(diagnostic.note(note).into())
    }

    /// Arithmetic on integer literals stays a literal as long as it fits 64 bits. Powers and shifts are
    /// computed at full size, and so is what is made of them: `2**64 - 1` is what it says. Inference refuses
    /// to make a machine integer of what is too large.
    fn fold_literals(&mut self, op: BinaryOperator, lhs: Value, rhs: Value) -> Option<Value> {
        let (a, b) = (self.ty(lhs).as_literal_int()?, self.ty(rhs).as_literal_int()?);
        let fits = |value: i128| i64::try_from(value).is_ok() || u64::try_from(value).is_ok();
        let folded = match op {
            BinaryOperator::Add => a.checked_add(b)?,
            BinaryOperator::Sub => a.checked_sub(b)?,
            BinaryOperator::Mul => a.checked_mul(b)?,
            BinaryOperator::FloorDiv if b != 0 => floor_div(a, b),
            BinaryOperator::Mod if b != 0 => a - b * floor_div(a, b),
            // What exceeds even 128 bits only has to stay too large.
            BinaryOperator::Pow if b >= 0 => a.checked_pow(u32::try_from(b).ok()?).unwrap_or(i128::MAX),
            BinaryOperator::LShift if b >= 0 => {
                a.checked_mul(1 << b.min(126)).filter(|_| b <= 126 || a == 0).unwrap_or(i128::MAX)
            }
            BinaryOperator::RShift if (0..64).contains(&b) => a >> b,
            BinaryOperator::BitAnd => a & b,
            BinaryOperator::BitOr => a | b,
            BinaryOperator::BitXor => a ^ b,
            _ => return None,
        };
        let is_full_size = matches!(op, BinaryOperator::Pow | BinaryOperator::LShift) || !fits(a) || !fits(b);
        (is_full_size || fits(folded)).then(|| self.literal_int(folded))
    }
}

fn floor_div(a: i128, b: i128) -> i128 {
    let quotient = a / b;
    if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

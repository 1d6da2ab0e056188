//! `-x`, `+x`, `~x`, `not x`, and `abs(x)`.

use super::UnaryOperator;
use crate::{Emit, Emitter};
use rumba_ir::{UnaryOp, Value};
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

impl Emitter<'_> {
    pub fn unary(&mut self, op: UnaryOperator, operand: Value) -> Emit {
        let ty = self.ty(operand);
        if op == UnaryOperator::Not {
            let truth = self.truth(operand)?;
            return Ok(match self.ty(truth).as_literal_bool() {
                Some(value) => self.literal_bool(!value),
                None => self.b.not(truth),
            });
        }
        if ty.as_array().is_some() {
            return self.unary_of_array(op, operand);
        }
        if let Some(value) = ty.as_literal_int() {
            let folded = match op {
                UnaryOperator::Neg => -value,
                UnaryOperator::Invert => !value,
                UnaryOperator::Pos | UnaryOperator::Not => value,
            };
            let fits = |value: i128| i64::try_from(value).is_ok() || u64::try_from(value).is_ok();
            if fits(folded) || !fits(value) {
                return Ok(self.literal_int(folded));
            }
        }
        let value = self.plain(operand);
        let plain_type = self.ty(value);
        if plain_type.time_unit().is_some()
            && let Some(result) = self.unary_of_time(op, value)?
        {
            return Ok(result);
        }
        match (op, plain_type.kind()) {
            // Arithmetic on bools is arithmetic on ints; `~True` is False as in NumPy and Numba.
            (UnaryOperator::Invert, TypeKind::Bool) => Ok(self.b.not(value)),
            (_, TypeKind::Bool) => {
                let value = self.b.convert(value, Type::int64());
                self.unary(op, value)
            }
            (UnaryOperator::Pos, _) if plain_type.is_number() => Ok(value),
            (UnaryOperator::Neg, TypeKind::Int(kind)) => {
                let value = self.b.convert(value, Type::int(64, kind.signed));
                Ok(self.b.unary(UnaryOp::Neg, value))
            }
            (UnaryOperator::Neg, TypeKind::Float(_)) => Ok(self.b.unary(UnaryOp::Neg, value)),
            (UnaryOperator::Neg, TypeKind::Complex(_)) => {
                let parts = [self.b.field(value, 0), self.b.field(value, 1)];
                let parts = parts.map(|part| self.b.unary(UnaryOp::Neg, part));
                Ok(self.b.make(plain_type, parts.to_vec()))
            }
            (UnaryOperator::Invert, TypeKind::Int(kind)) => {
                let value = self.b.convert(value, Type::int(64, kind.signed));
                Ok(self.b.unary(UnaryOp::BitNot, value))
            }
            _ => self.error(Code::OperandTypes, format!("`{op}` is not defined for {}", ty.shown())),
        }
    }
}

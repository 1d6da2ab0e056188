//! `<< >> & | ^` on bools and ints.

use super::BinaryOperator;
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, CompareOp, Value};
use rumba_types::{Type, TypeKind, arithmetic_result};

impl Emitter<'_> {
    pub(crate) fn bitwise(&mut self, op: BinaryOperator, lhs: Value, rhs: Value) -> Emit {
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        let integral = |ty: Type| ty.is_bool() || ty.is_int();
        if !integral(lhs_type) || !integral(rhs_type) {
            return self.unsupported_operands(op.symbol(), lhs_type, rhs_type);
        }
        let ir_op = match op {
            BinaryOperator::BitAnd => BinaryOp::And,
            BinaryOperator::BitOr => BinaryOp::Or,
            BinaryOperator::BitXor => BinaryOp::Xor,
            BinaryOperator::LShift => return self.shift(BinaryOp::Shl, lhs, rhs),
            BinaryOperator::RShift => return self.shift(BinaryOp::Shr, lhs, rhs),
            _ => return self.unsupported_operands(op.symbol(), lhs_type, rhs_type),
        };
        if lhs_type.is_bool() && rhs_type.is_bool() {
            return Ok(self.b.binary(ir_op, lhs, rhs));
        }
        let Some(common) = arithmetic_result(lhs_type, rhs_type) else {
            return self.unsupported_operands(op.symbol(), lhs_type, rhs_type);
        };
        let lhs = self.coerce(lhs, common)?;
        let rhs = self.coerce(rhs, common)?;
        Ok(self.b.binary(ir_op, lhs, rhs))
    }

    /// Shifts in 64 bits with the signedness of the left operand. A negative count raises; one of 64 or
    /// more shifts everything out.
    fn shift(&mut self, op: BinaryOp, lhs: Value, count: Value) -> Emit {
        let unsigned = matches!(self.ty(lhs).kind(), TypeKind::Int(kind) if !kind.signed);
        let ty = Type::int(64, !unsigned);
        let lhs = self.coerce(lhs, ty)?;
        if self.ty(count).is_signed_int() {
            let zero = self.b.zero(self.ty(count));
            let fine = self.b.compare(CompareOp::Ge, count, zero);
            self.raise_unless(fine, "ValueError", "negative shift count", &[]);
        }
        let count = self.coerce(count, ty)?;
        Ok(self.b.binary(op, lhs, count))
    }
}

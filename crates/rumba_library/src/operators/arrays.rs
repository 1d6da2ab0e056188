//! Python's operators on arrays: each is a ufunc.

use super::{BinaryOperator, Comparison, UnaryOperator};
use crate::numpy::ufuncs::{Ufunc, ufunc};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_types::{Type, TypeKind};

/// The ufunc that an operator is on arrays. `None` for the matrix product, which is none.
fn ufunc_of(op: BinaryOperator) -> Option<&'static Ufunc> {
    use BinaryOperator as B;
    ufunc(match op {
        B::Add => "numpy.add",
        B::Sub => "numpy.subtract",
        B::Mul => "numpy.multiply",
        B::MatMul => return None,
        B::Div => "numpy.divide",
        B::FloorDiv => "numpy.floor_divide",
        B::Mod => "numpy.remainder",
        B::Pow => "numpy.power",
        B::LShift => "numpy.left_shift",
        B::RShift => "numpy.right_shift",
        B::BitAnd => "numpy.bitwise_and",
        B::BitOr => "numpy.bitwise_or",
        B::BitXor => "numpy.bitwise_xor",
    })
}

impl Emitter<'_> {
    /// An operand of an operator that has an array on one side: an array, which is made of a list, a number or a literal.
    /// `None` for others.
    fn array_operand(&mut self, value: Value) -> Option<Value> {
        let is_number = |ty: Type| ty.widen().is_number() || ty.time_unit().is_some();
        match self.ty(value).kind() {
            TypeKind::Optional(inner) if is_number(*inner) => Some(self.plain(value)),
            TypeKind::Array(array) => is_number(array.dtype).then_some(value),
            TypeKind::List(_) => self.array_of(value).ok(),
            _ if is_number(self.ty(value)) => Some(value),
            _ => None,
        }
    }

    /// `lhs op rhs` where one side is an array.
    pub(super) fn binary_of_arrays(&mut self, op: BinaryOperator, lhs: Value, rhs: Value) -> Emit {
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        let exponent = self.small_exponent(rhs);
        let operands = (self.array_operand(lhs), self.array_operand(rhs));
        if let (BinaryOperator::MatMul, (Some(lhs), Some(rhs))) = (op, operands)
            && self.has_axes(lhs)
            && self.has_axes(rhs)
        {
            return self.matmul(lhs, rhs);
        }
        let (Some(ufunc), (Some(lhs), Some(rhs))) = (ufunc_of(op), operands) else {
            return self.unsupported_operands(op.symbol(), lhs_type, rhs_type);
        };
        // NumPy takes these for arrays to the power of a Python number. Only a literal may change the type of the result:
        // other constants are known when code is emitted, but not when types are inferred.
        let easier = match exponent {
            Some(Exponent::Half) if self.is_inexact(lhs) => Some("numpy.sqrt"),
            Some(Exponent::One) if self.is_inexact(lhs) => Some("numpy.positive"),
            Some(Exponent::Two) => Some("numpy.square"),
            Some(Exponent::TwoAsFloat) if self.is_inexact(lhs) => Some("numpy.square"),
            Some(Exponent::MinusOne) if self.is_inexact(lhs) => Some("numpy.reciprocal"),
            _ => None,
        };
        match easier.and_then(crate::numpy::ufuncs::ufunc) {
            Some(easier) if op == BinaryOperator::Pow && self.has_axes(lhs) => easier.apply(self, &[lhs]),
            _ => ufunc.apply(self, &[lhs, rhs]),
        }
    }

    fn is_inexact(&self, value: Value) -> bool {
        self.ty(value).as_array().is_some_and(|array| array.dtype.is_float() || array.dtype.is_complex())
    }

    fn small_exponent(&self, value: Value) -> Option<Exponent> {
        if let Some(literal) = self.ty(value).as_literal_int() {
            return match literal {
                -1 => Some(Exponent::MinusOne),
                1 => Some(Exponent::One),
                2 => Some(Exponent::Two),
                _ => None,
            };
        }
        match self.b.as_constant(value) {
            Some(rumba_ir::Scalar::Float(0.5)) => Some(Exponent::Half),
            Some(rumba_ir::Scalar::Float(2.0)) if self.ty(value) == Type::float64() => {
                Some(Exponent::TwoAsFloat)
            }
            _ => None,
        }
    }

    /// `lhs op= rhs`: arrays are changed in place.
    pub fn binary_in_place(&mut self, op: BinaryOperator, lhs: Value, rhs: Value) -> Emit {
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        if lhs_type.as_array().is_none() {
            return if self.change_in_place(op, lhs, rhs)? { Ok(lhs) } else { self.binary(op, lhs, rhs) };
        }
        let operands = (self.array_operand(lhs), self.array_operand(rhs));
        if let (BinaryOperator::MatMul, (Some(lhs), Some(rhs))) = (op, operands)
            && self.has_axes(lhs)
            && self.has_axes(rhs)
        {
            return self.matmul_in_place(lhs, rhs);
        }
        let (Some(ufunc), (Some(_), Some(rhs))) = (ufunc_of(op), operands) else {
            return self.unsupported_operands(op.symbol(), lhs_type, rhs_type);
        };
        ufunc.apply_into(self, lhs, &[lhs, rhs])
    }

    /// `lhs op rhs` where one side is an array.
    pub(super) fn comparison_of_arrays(&mut self, op: Comparison, lhs: Value, rhs: Value) -> Emit {
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        let row = match op {
            Comparison::Eq => "numpy.equal",
            Comparison::Ne => "numpy.not_equal",
            Comparison::Lt => "numpy.less",
            Comparison::Le => "numpy.less_equal",
            Comparison::Gt => "numpy.greater",
            Comparison::Ge => "numpy.greater_equal",
            Comparison::Is | Comparison::IsNot | Comparison::In | Comparison::NotIn => {
                unreachable!("these compare no elements")
            }
        };
        match (ufunc(row), self.array_operand(lhs), self.array_operand(rhs)) {
            (Some(ufunc), Some(lhs), Some(rhs)) => ufunc.apply(self, &[lhs, rhs]),
            _ => self.unsupported_operands(op.symbol(), lhs_type, rhs_type),
        }
    }

    /// `op operand` of an array.
    pub(super) fn unary_of_array(&mut self, op: UnaryOperator, operand: Value) -> Emit {
        let row = match op {
            UnaryOperator::Neg => "numpy.negative",
            UnaryOperator::Pos => "numpy.positive",
            UnaryOperator::Invert => "numpy.invert",
            UnaryOperator::Not => unreachable!("`not` asks for the truth of the whole array"),
        };
        ufunc(row).expect("the operators have rows").apply(self, &[operand])
    }
}

/// Exponents that have a ufunc of their own.
enum Exponent {
    MinusOne,
    Half,
    One,
    Two,
    TwoAsFloat,
}

//! Numbers converted as `astype` converts them: integers wrap, floats are cut off.

use crate::{Emit, Emitter};
use rumba_ir::{CompareOp, Value};
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

impl Emitter<'_> {
    /// A number that meets arrays whose operation computes in `ty`. Raises `OverflowError` for an int that does not fit, as
    /// NumPy does for Python's ints.
    pub(crate) fn weak_number(&mut self, value: Value, ty: Type) -> Emit {
        let literal = self.ty(value).as_literal_int();
        let value = self.materialise(value);
        let from = self.ty(value);
        if let (TypeKind::Int(from_kind), TypeKind::Int(kind)) = (from.kind(), ty.kind())
            && from == Type::int64()
            && (kind.min() > from_kind.min() || kind.max() < from_kind.max())
        {
            let low = self.b.int64(kind.min() as i64);
            let high = self.b.int64(kind.max().min(i128::from(i64::MAX)) as i64);
            let not_low = self.b.compare(CompareOp::Ge, value, low);
            let not_high = self.b.compare(CompareOp::Le, value, high);
            let fits = self.b.and(not_low, not_high);
            if let (Some(constant), Some(false)) = (literal, self.b.as_const_bool(fits)) {
                let message = format!("the integer {constant} is out of bounds for {ty}");
                let diagnostic = self.diagnostic(Code::ArgumentValue, message);
                return Err(diagnostic
                    .note("a Python int takes the dtype of the array: convert the array first, as by `.astype(np.int64)`")
                    .into());
            }
            let message = format!("Python integer {{}} out of bounds for {ty}");
            self.raise_unless(fits, "OverflowError", &message, &[value]);
        }
        self.coerce(value, ty)
    }

    /// An operand of an operation that computes in `ty`: an array with axes as it is, others as numbers of that type;
    /// `beside_arrays` if an operand is an array.
    pub(crate) fn operand_as(&mut self, operand: Value, ty: Type, beside_arrays: bool) -> Emit {
        match self.ty(operand).as_array() {
            Some(array) if array.ndim > 0 => Ok(operand),
            None if beside_arrays => self.weak_number(operand, ty),
            _ => {
                let number = self.scalar_of(operand);
                self.coerce(number, ty)
            }
        }
    }

    /// A plain number as `ty`, as `np.asarray(value).astype(ty)` has it on x86-64.
    pub fn cast_number(&mut self, value: Value, ty: Type) -> Emit {
        let value = self.plain(value);
        if let Some(time) = self.cast_time(value, ty)? {
            return Ok(time);
        }
        match (self.ty(value).kind(), ty.kind()) {
            (TypeKind::Complex(_), TypeKind::Int(_) | TypeKind::Float(_)) => {
                let real = self.b.field(value, 0);
                self.cast_number(real, ty)
            }
            (TypeKind::Float(_), TypeKind::Int(kind)) if kind.bits < 64 => {
                // By way of int64, so that a negative float wraps in an unsigned type.
                let wide = self.b.convert(value, Type::int64());
                Ok(self.b.convert(wide, ty))
            }
            (TypeKind::Float(_), TypeKind::Int(kind)) if !kind.signed => {
                let negative = self.is_negative(value);
                let signed = self.b.convert(value, Type::int64());
                let wrapped = self.b.convert(signed, ty);
                let direct = self.b.convert(value, ty);
                Ok(self.b.select(negative, wrapped, direct))
            }
            _ => self.coerce(value, ty),
        }
    }
}

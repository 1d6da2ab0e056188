//! Numbers converted as `astype` converts them: integers wrap, floats are cut off.

use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_types::{Type, TypeKind};

impl Emitter<'_> {
    /// A plain number as `ty`, as `np.asarray(value).astype(ty)` has it on x86-64.
    pub fn cast_number(&mut self, value: Value, ty: Type) -> Emit {
        let value = self.plain(value);
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

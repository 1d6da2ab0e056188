//! `is` and `is not`.

use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Literal, Type, TypeKind};

impl Emitter<'_> {
    /// Of functions, where it is not known when compiling which one a side is.
    pub(crate) fn is_same_function(&mut self, lhs: Value, rhs: Value) -> Option<Value> {
        let inner = |ty: Type| match ty.kind() {
            TypeKind::Optional(inner) => *inner,
            _ => ty,
        };
        let (lhs_type, rhs_type) = (inner(self.ty(lhs)), inner(self.ty(rhs)));
        let is_open = [lhs_type, rhs_type].iter().any(|ty| matches!(ty.kind(), TypeKind::OneOf(_)));
        if !is_open || lhs_type.alternatives().is_none() || rhs_type.alternatives().is_none() {
            return None;
        }
        let common = Type::optional(rumba_types::join(lhs_type, rhs_type)?);
        let (lhs, rhs) = (self.coerce(lhs, common).ok()?, self.coerce(rhs, common).ok()?);
        let [(some, function), (other_some, other)] = [lhs, rhs].map(|value| {
            let function = self.b.field(value, 1);
            (self.b.field(value, 0), self.b.field(function, 0))
        });
        // Where there is none, the number is that of nothing.
        let nothing = self.b.int64(-1);
        let function = self.b.select(some, function, nothing);
        let other = self.b.select(other_some, other, nothing);
        Some(self.equal(function, other))
    }

    /// `lhs is rhs`, or `is not`. Decided by the types wherever these are values of their own (None,
    /// functions, dtypes); bools compare by value; other numbers have no identity.
    pub(crate) fn identity(&mut self, lhs: Value, rhs: Value, positive: bool) -> Emit {
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        if let Some(same) = self.is_same_function(lhs, rhs) {
            return Ok(if positive { same } else { self.b.not(same) });
        }
        let same = match (lhs_type.kind(), rhs_type.kind()) {
            (TypeKind::Optional(_), TypeKind::None) => {
                let present = self.b.field(lhs, 0);
                return Ok(if positive { self.b.not(present) } else { present });
            }
            (TypeKind::None, TypeKind::Optional(_)) => return self.identity(rhs, lhs, positive),
            (TypeKind::None, _) | (_, TypeKind::None) => lhs_type == rhs_type,
            (
                TypeKind::Bool | TypeKind::Literal(Literal::Bool(_)),
                TypeKind::Bool | TypeKind::Literal(Literal::Bool(_)),
            ) => {
                let lhs = self.coerce(lhs, Type::bool())?;
                let rhs = self.coerce(rhs, Type::bool())?;
                return Ok(if positive { self.equal(lhs, rhs) } else { self.not_equal(lhs, rhs) });
            }
            (TypeKind::Optional(_), TypeKind::Instance(_)) => return self.identity(rhs, lhs, positive),
            (TypeKind::Instance(_), TypeKind::Optional(inner)) if inner.as_instance().is_some() => {
                let (present, other) = (self.b.field(rhs, 0), self.b.field(rhs, 1));
                let same = self.identity(lhs, other, true)?;
                let same = self.coerce(same, Type::bool())?;
                let same = self.b.and(present, same);
                return Ok(if positive { same } else { self.b.not(same) });
            }
            (TypeKind::Optional(a), TypeKind::Optional(b)) if a == b && a.as_instance().is_some() => {
                // Without a value, the address is that of nothing.
                let [a, b] = [lhs, rhs].map(|value| {
                    let (present, instance) = (self.b.field(value, 0), self.b.field(value, 1));
                    let (address, nothing) = (self.b.field(instance, 0), self.b.address(0));
                    self.b.select(present, address, nothing)
                });
                return Ok(if positive { self.equal(a, b) } else { self.not_equal(a, b) });
            }
            (
                TypeKind::Instance(_) | TypeKind::List(_) | TypeKind::Dict(..) | TypeKind::Set(..),
                TypeKind::Instance(_) | TypeKind::List(_) | TypeKind::Dict(..) | TypeKind::Set(..),
            ) if lhs_type == rhs_type => {
                let (a, b) = (self.b.field(lhs, 0), self.b.field(rhs, 0));
                return Ok(if positive { self.equal(a, b) } else { self.not_equal(a, b) });
            }
            (TypeKind::Array(_), TypeKind::Array(_)) if lhs_type == rhs_type => {
                // The same memory seen in the same way.
                let (a, b) = (self.array_data(lhs), self.array_data(rhs));
                let mut same = self.equal(a, b);
                let mut lhs_parts = self.extents(lhs);
                lhs_parts.extend(self.strides(lhs));
                let mut rhs_parts = self.extents(rhs);
                rhs_parts.extend(self.strides(rhs));
                for (a, b) in lhs_parts.into_iter().zip(rhs_parts) {
                    let equal = self.equal(a, b);
                    same = self.b.and(same, equal);
                }
                return Ok(if positive { same } else { self.b.not(same) });
            }
            _ if lhs_type.scalars().is_empty() && rhs_type.scalars().is_empty() => lhs_type == rhs_type,
            _ if lhs_type.widen() != rhs_type.widen() => false,
            _ => {
                let message =
                    format!("`is` is not defined for {} and {}", lhs_type.shown(), rhs_type.shown());
                return Err(self
                    .diagnostic(Code::OperandTypes, message)
                    .note("compare values with `==`")
                    .into());
            }
        };
        Ok(self.literal_bool(same == positive))
    }
}

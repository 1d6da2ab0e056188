//! The result types of arithmetic on scalars, as Numba has them.
//!
//! Integers are computed in at least 64 bits: two unsigned operands give uint64, any other pair int64.
//! An integer and a float32 give float32 for signed integers up to 16 bits and unsigned ones of 8,
//! otherwise float64.

use crate::{FloatKind, IntKind, Type, TypeKind};

/// The type in which `lhs op rhs` is computed for `+ - * // % **`, for numbers that are not literals.
pub fn arithmetic_result(lhs: Type, rhs: Type) -> Option<Type> {
    use TypeKind::{Bool, Complex, Float, Int};
    let result = match (lhs.kind(), rhs.kind()) {
        (Bool | Int(_), Bool | Int(_)) => {
            let unsigned = |ty: Type| matches!(ty.kind(), Int(kind) if !kind.signed);
            let both_unsigned = unsigned(lhs) && unsigned(rhs);
            if both_unsigned { Type::uint64() } else { Type::int64() }
        }
        (Float(a), Float(b)) => Type::float(*a.max(b)),
        (Float(kind), Bool | Int(_)) => Type::float(float_with_int(*kind, rhs)),
        (Bool | Int(_), Float(kind)) => Type::float(float_with_int(*kind, lhs)),
        (Complex(a), Complex(b) | Float(b)) | (Float(a), Complex(b)) => Type::complex(*a.max(b)),
        (Complex(kind), Bool | Int(_)) => Type::complex(float_with_int(*kind, rhs)),
        (Bool | Int(_), Complex(kind)) => Type::complex(float_with_int(*kind, lhs)),
        _ => return None,
    };
    Some(result)
}

/// The type in which `lhs / rhs` is computed.
pub fn true_division_result(lhs: Type, rhs: Type) -> Option<Type> {
    let common = arithmetic_result(lhs, rhs)?;
    Some(if common.is_int() { Type::float64() } else { common })
}

/// The float type that an integer type meets a float type in.
fn float_with_int(kind: FloatKind, int: Type) -> FloatKind {
    match int.kind() {
        TypeKind::Int(IntKind { bits: 32 | 64, .. } | IntKind { bits: 16, signed: false }) => FloatKind::F64,
        _ => kind,
    }
}

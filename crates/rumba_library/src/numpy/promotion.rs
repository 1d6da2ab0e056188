//! NumPy's rules for dtypes: which converts to which without loss, and the smallest that holds two.

use rumba_types::{FloatKind, IntKind, Type, TypeKind};

/// All element types, in the order of NumPy's type numbers: a ufunc prefers the first that fits.
pub fn all_dtypes() -> [Type; 13] {
    [
        Type::bool(),
        Type::int8(),
        Type::uint8(),
        Type::int16(),
        Type::uint16(),
        Type::int32(),
        Type::uint32(),
        Type::int64(),
        Type::uint64(),
        Type::float32(),
        Type::float64(),
        Type::complex64(),
        Type::complex128(),
    ]
}

/// `np.can_cast(from, to, "safe")`.
pub fn can_cast_safely(from: Type, to: Type) -> bool {
    use TypeKind::{Bool, Complex, Float, Int};
    match (from.kind(), to.kind()) {
        _ if from == to => true,
        (Bool, Int(_) | Float(_) | Complex(_)) => true,
        (Int(a), Int(b)) => match (a.signed, b.signed) {
            (true, false) => false,
            (false, true) => b.bits > a.bits,
            _ => b.bits >= a.bits,
        },
        (Int(int), Float(float) | Complex(float)) => float_holds(*float, *int),
        (Float(a), Float(b) | Complex(b)) | (Complex(a), Complex(b)) => b >= a,
        _ => false,
    }
}

/// `np.can_cast(from, to, "same_kind")`: safely, or within the kind: bool, unsigned, signed, float, complex.
pub fn can_cast_same_kind(from: Type, to: Type) -> bool {
    kind(from) <= kind(to)
}

/// Kinds of numbers in the order in which one gives way to the other.
fn kind(ty: Type) -> u8 {
    match ty.kind() {
        TypeKind::Bool => 0,
        TypeKind::Int(int) if !int.signed => 1,
        TypeKind::Int(_) => 2,
        TypeKind::Float(_) => 3,
        _ => 4,
    }
}

/// The dtypes with which operands, arrays and numbers, take part in choosing a dtype. Beside arrays, numbers of the
/// types that Python's numbers have (int64, float64, complex128) only say of what kind they are (NEP 50).
pub fn effective_dtypes(operands: &[Type]) -> Vec<Type> {
    let of_array = |ty: &Type| ty.as_array().map(|array| array.dtype);
    if !operands.iter().any(|ty| of_array(ty).is_some()) {
        return operands.to_vec();
    }
    let python_types = [Type::bool(), Type::int64(), Type::float64(), Type::complex128()];
    let is_weak = |ty: &Type| of_array(ty).is_none() && python_types.contains(ty);
    let strong = operands.iter().filter(|ty| !is_weak(ty)).map(|ty| of_array(ty).unwrap_or(*ty));
    let strong = strong.reduce(|a, b| promote(a, b).unwrap_or(a)).expect("one operand is an array");
    let of_weak = |ty: Type| match (ty.kind(), strong.kind()) {
        (TypeKind::Bool, _) => ty,
        (TypeKind::Int(_), TypeKind::Bool) => ty,
        (TypeKind::Int(_), _) => strong,
        (TypeKind::Float(_), TypeKind::Float(_) | TypeKind::Complex(_)) => strong,
        (TypeKind::Complex(_), TypeKind::Float(FloatKind::F32)) => Type::complex64(),
        (TypeKind::Complex(_), TypeKind::Complex(_)) => strong,
        _ => ty,
    };
    operands.iter().map(|ty| if is_weak(ty) { of_weak(*ty) } else { of_array(ty).unwrap_or(*ty) }).collect()
}

/// 64-bit integers count as held by float64.
fn float_holds(float: FloatKind, int: IntKind) -> bool {
    float == FloatKind::F64 || int.bits <= 16
}

/// `np.promote_types(a, b)`: the first dtype that holds both. `None` for what is no dtype.
pub fn promote(a: Type, b: Type) -> Option<Type> {
    if a == b {
        return Some(a);
    }
    if a.time_unit().is_some() || b.time_unit().is_some() {
        return rumba_types::join(a, b);
    }
    if let (Some((own, kind)), Some((other, other_kind))) = (a.as_fixed_text(), b.as_fixed_text()) {
        return (kind == other_kind).then_some(if own < other { b } else { a });
    }
    all_dtypes().into_iter().find(|ty| can_cast_safely(a, *ty) && can_cast_safely(b, *ty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promotion_as_numpy() {
        let promoted = |a, b| promote(a, b).map(|ty: Type| ty.to_string()).unwrap_or_default();
        assert_eq!(promoted(Type::int8(), Type::uint8()), "int16");
        assert_eq!(promoted(Type::int64(), Type::uint64()), "float64");
        assert_eq!(promoted(Type::int16(), Type::float32()), "float32");
        assert_eq!(promoted(Type::int32(), Type::float32()), "float64");
        assert_eq!(promoted(Type::int32(), Type::complex64()), "complex128");
        assert_eq!(promoted(Type::bool(), Type::bool()), "bool");
        assert_eq!(promoted(Type::uint16(), Type::int16()), "int32");
    }

    #[test]
    fn promotion_is_commutative_and_holds_both() {
        for a in all_dtypes() {
            for b in all_dtypes() {
                let common = promote(a, b).expect("any two dtypes have a common one");
                assert_eq!(promote(b, a), Some(common));
                assert!(can_cast_safely(a, common) && can_cast_safely(b, common));
            }
        }
    }
}

//! The least common type of two definitions that meet: block parameters, returns, `a if c else b`.

use crate::{
    FloatKind, GeneratorType, IntKind, Layout, RecordType, Type, TypeKind, arithmetic_result, functions,
};

/// The type that holds every value of `a` and of `b`, or `None` when there is no such type.
/// Commutative, associative and idempotent; `int64` and `uint64` meet in `float64` as in Numba.
pub fn join(a: Type, b: Type) -> Option<Type> {
    if a == b {
        return Some(a);
    }
    use TypeKind as K;
    let joined = match (a.kind(), b.kind()) {
        (K::Never, _) => b,
        (_, K::Never) => a,
        (K::Undefined, K::MaybeUndefined(_)) => b,
        (K::MaybeUndefined(_), K::Undefined) => a,
        (K::Undefined, _) => K::MaybeUndefined(b).into(),
        (_, K::Undefined) => K::MaybeUndefined(a).into(),
        (K::MaybeUndefined(x), K::MaybeUndefined(y)) => K::MaybeUndefined(join(*x, *y)?).into(),
        (K::MaybeUndefined(x), _) => K::MaybeUndefined(join(*x, b)?).into(),
        (_, K::MaybeUndefined(y)) => K::MaybeUndefined(join(a, *y)?).into(),
        (K::Optional(x), K::Optional(y)) => Type::optional(join(*x, *y)?),
        (K::None, K::Optional(_)) => b,
        (K::Optional(_), K::None) => a,
        (K::None, _) => Type::optional(joinable_with_none(b)?),
        (_, K::None) => Type::optional(joinable_with_none(a)?),
        (K::Optional(x), _) => Type::optional(join(*x, b)?),
        (_, K::Optional(y)) => Type::optional(join(a, *y)?),
        (K::Tuple(xs), K::Tuple(ys)) => Type::tuple(join_all(xs, ys)?),
        (K::NamedTuple(class, xs), K::NamedTuple(other, ys)) if class == other => {
            K::NamedTuple(class.clone(), join_all(xs, ys)?).into()
        }
        (K::MixedList(xs), K::MixedList(ys)) => K::MixedList(join_all(xs, ys)?).into(),
        (K::MixedDict(keys, xs), K::MixedDict(others, ys)) if keys == others => {
            K::MixedDict(keys.clone(), join_all(xs, ys)?).into()
        }
        (K::Slice(xs), K::Slice(ys)) => K::Slice(join_three(xs, ys)?).into(),
        (K::Range(xs), K::Range(ys)) => K::Range(join_three(xs, ys)?).into(),
        (K::Iterator(kind, xs), K::Iterator(other, ys)) if kind == other => {
            K::Iterator(*kind, join_all(xs, ys)?).into()
        }
        (K::Closure { code, name, captures: xs }, K::Closure { code: other, captures: ys, .. })
            if code == other =>
        {
            K::Closure { code: *code, name: name.clone(), captures: join_all(xs, ys)? }.into()
        }
        // While types are inferred, as with containers.
        (K::GeneratorIterator(x), K::GeneratorIterator(y)) if x.resume == y.resume => {
            let (item, sent) = (join(x.item, y.item)?, join(x.sent, y.sent)?);
            let returned = join(x.returned, y.returned)?;
            K::GeneratorIterator(GeneratorType { item, sent, returned, ..(**x).clone() }.into()).into()
        }
        (K::Exception(class, xs), K::Exception(other, ys)) if class == other => {
            K::Exception(class.clone(), join_all(xs, ys)?).into()
        }
        (K::Array(x), K::Array(y)) if x.dtype == y.dtype && x.ndim == y.ndim => {
            let mut array = *x;
            array.layout = if x.layout == y.layout { x.layout } else { Layout::A };
            array.readonly |= y.readonly;
            array.aligned &= y.aligned;
            K::Array(array).into()
        }
        // While types are inferred: what meets is made of one type in the end.
        (K::List(x), K::List(y)) | (K::Deque(x), K::Deque(y)) => a.with_element(join(*x, *y)?),
        (K::Set(x, frozen), K::Set(y, other)) if frozen == other => K::Set(join(*x, *y)?, *frozen).into(),
        (K::Dict(key, value, kind), K::Dict(other, other_value, other_kind)) if kind == other_kind => {
            a.with_entries(join(*key, *other)?, join(*value, *other_value)?)
        }
        // The same memory: nothing is written to what may be a constant.
        (K::Constant(_), _) if a.without_constants() == b.without_constants() => a,
        (_, K::Constant(_)) if a.without_constants() == b.without_constants() => b,
        (K::Keywords(names, xs), K::Keywords(others, ys)) if names == others => {
            K::Keywords(names.clone(), join_all(xs, ys)?).into()
        }
        (K::DateTime(x), K::DateTime(y)) => Type::datetime(x.common(*y, [true; 2])?),
        (K::TimeDelta(x), K::TimeDelta(y)) => Type::timedelta(x.common(*y, [false; 2])?),
        (K::Record(x), K::Record(y)) if x.layout == y.layout => {
            K::Record(RecordType { layout: x.layout.clone(), readonly: true }).into()
        }
        (K::FunctionPointer(_), _) if b.has_pointer() => a,
        (_, K::FunctionPointer(_)) if a.has_pointer() => b,
        (K::Function(_) | K::Closure { .. } | K::OneOf(_) | K::EnumMember { is_int: false, .. }, _) => {
            functions::join_functions(a, b)?
        }
        _ => join_numbers(a.widen(), b.widen())?,
    };
    Some(joined)
}

/// Whether a value of type `own` is one of type `ty` as it is, where it holds nothing: an empty list is a list of anything.
pub fn is_empty_of(own: Type, ty: Type) -> bool {
    use TypeKind as K;
    let fits = |own: Type, ty: Type| own == Type::never() || is_empty_of(own, ty);
    own == ty
        || match (own.kind(), ty.kind()) {
            (K::List(own), K::List(ty)) | (K::Deque(own), K::Deque(ty)) => fits(*own, *ty),
            (K::Set(own, false), K::Set(ty, false)) => fits(*own, *ty),
            (K::Dict(own_key, own_value, own_kind), K::Dict(key, value, kind)) => {
                own_kind == kind && fits(*own_key, *key) && fits(*own_value, *value)
            }
            (K::Tuple(own), K::Tuple(ty)) => {
                own.len() == ty.len() && own.iter().zip(ty).all(|(own, ty)| is_empty_of(*own, *ty))
            }
            _ => false,
        }
}

fn joinable_with_none(ty: Type) -> Option<Type> {
    let widened = ty.widen();
    if let Some(alternatives) = ty.alternatives() {
        return Some(TypeKind::OneOf(alternatives).into());
    }
    // Values that exist only at compile time have no optional.
    (!widened.scalars().is_empty() || widened.as_tuple().is_some()).then_some(widened)
}

fn join_all(xs: &[Type], ys: &[Type]) -> Option<Vec<Type>> {
    (xs.len() == ys.len()).then(|| xs.iter().zip(ys).map(|(x, y)| join(*x, *y)).collect())?
}

fn join_three(xs: &[Type; 3], ys: &[Type; 3]) -> Option<[Type; 3]> {
    Some([join(xs[0], ys[0])?, join(xs[1], ys[1])?, join(xs[2], ys[2])?])
}

fn join_numbers(a: Type, b: Type) -> Option<Type> {
    if a == b {
        return Some(a);
    }
    match (a.kind(), b.kind()) {
        (TypeKind::Int(x), TypeKind::Int(y)) => Some(join_ints(*x, *y)),
        (TypeKind::Bool, TypeKind::Int(_)) => Some(b),
        (TypeKind::Int(_), TypeKind::Bool) => Some(a),
        _ if a.is_number() && b.is_number() => arithmetic_result(a, b),
        _ => None,
    }
}

fn join_ints(x: IntKind, y: IntKind) -> Type {
    if x.signed == y.signed {
        return Type::int(x.bits.max(y.bits), x.signed);
    }
    let (signed, unsigned) = if x.signed { (x, y) } else { (y, x) };
    if signed.bits > unsigned.bits {
        Type::int(signed.bits, true)
    } else if unsigned.bits < 64 {
        Type::int(unsigned.bits * 2, true)
    } else {
        Type::float(FloatKind::F64)
    }
}

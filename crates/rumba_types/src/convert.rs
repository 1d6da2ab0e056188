//! Which type converts to which, and how well: what overload resolution ranks by.

use crate::{FloatKind, Layout, Type, TypeKind};

/// How one type converts to another, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Conversion {
    Exact,
    /// To a wider type of the same sort.
    Promote,
    /// Keeps the value, up to rounding of 64-bit integers to float64.
    Safe,
    /// May lose the value.
    Unsafe,
}

/// How `from` converts to `to`; `None` when it does not.
pub fn conversion(from: Type, to: Type) -> Option<Conversion> {
    use Conversion::{Exact, Promote, Safe, Unsafe};
    use TypeKind as K;
    if from == to {
        return Some(Exact);
    }
    match (from.kind(), to.kind()) {
        (K::Literal(_), K::Literal(_)) => None,
        (K::Literal(_), _) if from.widen() != from => conversion(from.widen(), to),
        (K::EnumMember { .. }, _) if from.widen() != from => conversion(from.widen(), to),
        (K::None, K::Optional(_)) => Some(Promote),
        (K::Optional(x), K::Optional(y)) => conversion(*x, *y),
        (_, K::Optional(y)) => conversion(from, *y).map(|rank| rank.max(Promote)),
        (K::Optional(x), _) => conversion(*x, to).map(|_| Unsafe),
        (K::Bool, K::Int(_) | K::Float(_) | K::Complex(_)) => Some(Safe),
        (K::Int(_) | K::Float(_), K::Bool) => Some(Unsafe),
        (K::Int(x), K::Int(y)) if x.signed == y.signed => {
            Some(if y.bits > x.bits { Promote } else { Unsafe })
        }
        (K::Int(x), K::Int(y)) => Some(if !x.signed && y.bits > x.bits { Safe } else { Unsafe }),
        (K::Int(x), K::Float(y) | K::Complex(y)) => {
            Some(if *y == FloatKind::F64 || x.bits <= 16 { Safe } else { Unsafe })
        }
        (K::Float(_), K::Int(_)) => Some(Unsafe),
        // As in Python, a complex number is made real by asking for its parts.
        (K::Complex(_), K::Bool | K::Int(_) | K::Float(_)) => None,
        (K::Float(x), K::Float(y)) | (K::Complex(x), K::Complex(y)) => {
            Some(if y > x { Promote } else { Unsafe })
        }
        (K::Float(x), K::Complex(y)) => Some(if y >= x { Safe } else { Unsafe }),
        (_, K::FunctionPointer(_)) if from.has_pointer() => Some(Safe),
        (K::List(x), K::List(y)) if matches!(y.kind(), K::FunctionPointer(_)) => conversion(*x, *y),
        (K::Dict(key, x, kind), K::Dict(other, y, other_kind))
            if key == other && kind == other_kind && matches!(y.kind(), K::FunctionPointer(_)) =>
        {
            conversion(*x, *y)
        }
        (K::Tuple(xs), K::Tuple(ys)) if xs.len() == ys.len() => worst(xs, ys),
        (K::NamedTuple(class, xs), K::NamedTuple(other, ys)) if class == other => worst(xs, ys),
        (K::Slice(xs), K::Slice(ys)) | (K::Range(xs), K::Range(ys)) => worst(xs, ys),
        (K::Array(x), K::Array(y)) => {
            let fits = x.dtype == y.dtype
                && x.ndim == y.ndim
                && (y.layout == Layout::A || x.layout == y.layout)
                && (y.readonly || !x.readonly)
                && (x.aligned || !y.aligned);
            fits.then_some(Safe)
        }
        (K::DateTime(x), K::DateTime(y)) => (x.common(*y, [true; 2])? == *y).then_some(Safe),
        (K::TimeDelta(x), K::TimeDelta(y)) => (x.common(*y, [false; 2])? == *y).then_some(Safe),
        (K::Record(x), K::Record(y)) => (x.layout == y.layout && y.readonly).then_some(Safe),
        _ => None,
    }
}

fn worst(xs: &[Type], ys: &[Type]) -> Option<Conversion> {
    let mut worst = Conversion::Exact;
    for (x, y) in xs.iter().zip(ys) {
        worst = worst.max(conversion(*x, *y)?);
    }
    Some(worst)
}

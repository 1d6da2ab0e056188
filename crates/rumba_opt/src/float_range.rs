//! Intervals of floats that are certain, and what arithmetic makes of them: for `decide_comparisons`.
//!
//! IEEE arithmetic rounds monotonically, so that the result for the ends bounds the results in between. A range has
//! finite ends, and what has a range is not NaN; what may overflow or be NaN has none.

use rumba_ir::{BinaryOp, CompareOp, UnaryOp};

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FloatRange {
    low: f64,
    high: f64,
}

impl FloatRange {
    pub fn of(value: f64) -> Option<FloatRange> {
        FloatRange::between([value])
    }

    /// Of ints from `low` to `high`, as floats.
    pub fn of_ints(low: i64, high: i64) -> FloatRange {
        FloatRange { low: low as f64, high: high as f64 }
    }

    fn between(ends: impl IntoIterator<Item = f64> + Clone) -> Option<FloatRange> {
        let all_finite = ends.clone().into_iter().all(f64::is_finite);
        let (low, high) = ends
            .into_iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), end| (low.min(end), high.max(end)));
        all_finite.then_some(FloatRange { low, high })
    }

    pub fn union(self, other: FloatRange) -> FloatRange {
        FloatRange { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// `x if x op y else y` for these ranges of x and y.
    pub fn chosen(op: CompareOp, x: FloatRange, y: FloatRange) -> FloatRange {
        match op {
            CompareOp::Lt | CompareOp::Le => FloatRange { low: x.low.min(y.low), high: x.high.min(y.high) },
            CompareOp::Gt | CompareOp::Ge => FloatRange { low: x.low.max(y.low), high: x.high.max(y.high) },
            CompareOp::Eq | CompareOp::Ne => x.union(y),
        }
    }

    pub fn unary(op: UnaryOp, x: FloatRange) -> Option<FloatRange> {
        let monotone = |f: fn(f64) -> f64| FloatRange::between([f(x.low), f(x.high)]);
        match op {
            UnaryOp::Neg => FloatRange::between([-x.low, -x.high]),
            UnaryOp::Abs if x.low >= 0.0 => Some(x),
            UnaryOp::Abs => Some(FloatRange { low: 0.0, high: x.high.max(-x.low) }),
            UnaryOp::Sqrt if x.low >= 0.0 => monotone(f64::sqrt),
            UnaryOp::Floor => monotone(f64::floor),
            UnaryOp::Ceil => monotone(f64::ceil),
            UnaryOp::Trunc => monotone(f64::trunc),
            UnaryOp::RoundEven => monotone(f64::round_ties_even),
            _ => None,
        }
    }

    pub fn binary(op: BinaryOp, x: FloatRange, y: FloatRange) -> Option<FloatRange> {
        let of_ends = |f: fn(f64, f64) -> f64| {
            FloatRange::between([f(x.low, y.low), f(x.low, y.high), f(x.high, y.low), f(x.high, y.high)])
        };
        match op {
            BinaryOp::Add => of_ends(|x, y| x + y),
            BinaryOp::Sub => of_ends(|x, y| x - y),
            BinaryOp::Mul => of_ends(|x, y| x * y),
            BinaryOp::Div if y.low > 0.0 || y.high < 0.0 => of_ends(|x, y| x / y),
            _ => None,
        }
    }

    /// Whether `x op y`, if it is certain.
    pub fn decide(op: CompareOp, x: FloatRange, y: FloatRange) -> Option<bool> {
        let less = |x: FloatRange, y: FloatRange| match () {
            () if x.high < y.low => Some(true),
            () if x.low >= y.high => Some(false),
            () => None,
        };
        match op {
            CompareOp::Lt => less(x, y),
            CompareOp::Gt => less(y, x),
            CompareOp::Le => less(y, x).map(|truth| !truth),
            CompareOp::Ge => less(x, y).map(|truth| !truth),
            CompareOp::Eq | CompareOp::Ne => {
                (x.high < y.low || y.high < x.low).then_some(op == CompareOp::Ne)
            }
        }
    }
}

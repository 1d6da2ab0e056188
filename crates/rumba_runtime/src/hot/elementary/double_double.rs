//! Numbers as unevaluated sums of two `f64`: error-free sums and products.
//!
//! T. J. Dekker, "A floating-point technique for extending the available precision", 1971;
//! D. E. Knuth, TAOCP 2, section 4.2.2. Products use a fused multiply-add.

use super::bits::fma;

/// The value `hi + lo`, usually with `|lo|` at most half a unit in the last place of `hi`.
#[derive(Clone, Copy)]
pub struct DoubleDouble {
    pub hi: f64,
    pub lo: f64,
}

/// `a + b` exactly, if `|a| >= |b|` or `a == 0`.
#[inline(always)]
pub fn fast_two_sum(a: f64, b: f64) -> DoubleDouble {
    let hi = a + b;
    DoubleDouble { hi, lo: b - (hi - a) }
}

/// `a + b` exactly.
#[inline(always)]
pub fn two_sum(a: f64, b: f64) -> DoubleDouble {
    let hi = a + b;
    let b_part = hi - a;
    DoubleDouble { hi, lo: (a - (hi - b_part)) + (b - b_part) }
}

/// `a * b` exactly, barring underflow.
#[inline(always)]
pub fn two_product(a: f64, b: f64) -> DoubleDouble {
    let hi = a * b;
    DoubleDouble { hi, lo: fma(a, b, -hi) }
}

impl DoubleDouble {
    /// The product, with a relative error of some 2^-104.
    #[inline(always)]
    pub fn times(self, other: DoubleDouble) -> DoubleDouble {
        let hi = self.hi * other.hi;
        let lo = fma(self.hi, other.hi, -hi);
        DoubleDouble { hi, lo: fma(self.hi, other.lo, fma(self.lo, other.hi, lo)) }
    }

    /// The quotient by one division; the relative error is below 2^-100.
    #[inline(always)]
    pub fn divided_by(self, other: DoubleDouble) -> DoubleDouble {
        let inverse = 1.0 / other.hi;
        let hi = self.hi * inverse;
        let remainder = fma(-hi, other.hi, self.hi) + fma(-hi, other.lo, self.lo);
        DoubleDouble { hi, lo: remainder * inverse }
    }

    /// The same value with `lo` at most half a unit in the last place of `hi`, if `|hi| >= |lo|`.
    #[inline(always)]
    pub fn normalized(self) -> DoubleDouble {
        fast_two_sum(self.hi, self.lo)
    }

    /// The nearest `f64`.
    #[inline(always)]
    pub fn rounded(self) -> f64 {
        self.hi + self.lo
    }
}

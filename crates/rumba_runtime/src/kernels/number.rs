//! Arithmetic that kernels do on every element type that arithmetic computes in.

use num_complex::Complex;

/// Numbers that are multiplied and added; integers wrap.
pub(super) trait Number: Copy + Default + PartialEq + 'static {
    fn from_i64(value: i64) -> Self;
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn conjugate(self) -> Self {
        self
    }
}

macro_rules! numbers {
    ($($T:ty: $plus:expr, $times:expr;)*) => {$(
        impl Number for $T {
            fn from_i64(value: i64) -> $T {
                value as $T
            }

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                $plus(self, other)
            }

            #[inline(always)]
            fn times(self, other: Self) -> Self {
                $times(self, other)
            }
        }
    )*};
}

numbers! {
    i64: i64::wrapping_add, i64::wrapping_mul;
    u64: u64::wrapping_add, u64::wrapping_mul;
    f32: std::ops::Add::add, std::ops::Mul::mul;
    f64: std::ops::Add::add, std::ops::Mul::mul;
}

macro_rules! complex_numbers {
    ($($T:ty),*) => {$(
        impl Number for Complex<$T> {
            fn from_i64(value: i64) -> Self {
                Complex::new(value as $T, 0.0)
            }

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self + other
            }

            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self * other
            }

            fn conjugate(self) -> Self {
                self.conj()
            }
        }
    )*};
}

complex_numbers!(f32, f64);

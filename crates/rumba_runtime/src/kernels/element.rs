//! Element types of arrays.

use num_complex::Complex;
use std::cmp::Ordering;

pub type C64 = Complex<f32>;
pub type C128 = Complex<f64>;

/// An element of 16 bytes, for what only moves elements.
pub type Raw16 = [u64; 2];

/// A byte that is true when it is not 0.
#[repr(transparent)]
#[derive(Clone, Copy, Default)]
pub struct Bool(pub u8);

impl Bool {
    pub fn get(self) -> bool {
        self.0 != 0
    }
}

impl From<bool> for Bool {
    fn from(value: bool) -> Bool {
        Bool(u8::from(value))
    }
}

/// An element of an array.
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// The order in which NumPy sorts: nan behind everything else, complex numbers by their real part first.
    fn order(&self, other: &Self) -> Ordering;

    /// Whether it is not zero.
    fn is_true(&self) -> bool;
}

macro_rules! ordered_elements {
    ($($T:ty),*) => {$(
        impl Element for $T {
            #[inline]
            fn order(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }

            #[inline]
            fn is_true(&self) -> bool {
                *self != 0
            }
        }
    )*};
}

ordered_elements!(i8, u8, i16, u16, i32, u32, i64, u64);

impl Element for Bool {
    #[inline]
    fn order(&self, other: &Self) -> Ordering {
        self.get().cmp(&other.get())
    }

    #[inline]
    fn is_true(&self) -> bool {
        self.get()
    }
}

macro_rules! float_elements {
    ($($T:ty),*) => {$(
        impl Element for $T {
            #[inline]
            fn order(&self, other: &Self) -> Ordering {
                self.partial_cmp(other).unwrap_or_else(|| self.is_nan().cmp(&other.is_nan()))
            }

            #[inline]
            fn is_true(&self) -> bool {
                *self != 0.0
            }
        }

        impl Element for Complex<$T> {
            #[inline]
            fn order(&self, other: &Self) -> Ordering {
                // Numbers with a nan in them stand behind all others, those with a real part first.
                let has_nan = |z: &Self| z.re.is_nan() || z.im.is_nan();
                let by_nan = has_nan(self).cmp(&has_nan(other));
                by_nan.then_with(|| self.re.order(&other.re)).then_with(|| self.im.order(&other.im))
            }

            #[inline]
            fn is_true(&self) -> bool {
                self.re != 0.0 || self.im != 0.0
            }
        }
    )*};
}

float_elements!(f32, f64);

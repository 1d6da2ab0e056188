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

    /// Whether it stands before the other in that order.
    #[inline]
    fn less(&self, other: &Self) -> bool {
        self.order(other).is_lt()
    }

    /// `order` where neither is nan, nor has one in it.
    #[inline]
    fn order_of_numbers(&self, other: &Self) -> Ordering {
        self.order(other)
    }

    /// Whether it is nan, or has one in it.
    #[inline]
    fn is_nan(&self) -> bool {
        false
    }

    /// Whether it is not zero.
    fn is_true(&self) -> bool;

    /// Whether equal elements are the same in every bit.
    const IS_INTEGER: bool = false;

    /// The bits of `key`; 0 where there are no keys.
    const KEY_BITS: u32;

    /// An unsigned integer with the same order; equal elements have equal ones.
    fn key(&self) -> u64;

    /// An element with this key.
    fn from_key(key: u64) -> Self;
}

macro_rules! ordered_elements {
    ($($T:ty, $U:ty);*) => {$(
        impl Element for $T {
            #[inline]
            fn order(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }

            #[inline]
            fn is_true(&self) -> bool {
                *self != 0
            }

            const IS_INTEGER: bool = true;

            const KEY_BITS: u32 = <$T>::BITS;

            #[inline]
            fn key(&self) -> u64 {
                // The lowest integer becomes 0.
                u64::from((*self as $U) ^ (<$T>::MIN as $U))
            }

            #[inline]
            fn from_key(key: u64) -> $T {
                (key as $U ^ (<$T>::MIN as $U)) as $T
            }
        }
    )*};
}

ordered_elements!(i8, u8; u8, u8; i16, u16; u16, u16; i32, u32; u32, u32; i64, u64; u64, u64);

impl Element for Bool {
    #[inline]
    fn order(&self, other: &Self) -> Ordering {
        self.get().cmp(&other.get())
    }

    #[inline]
    fn is_true(&self) -> bool {
        self.get()
    }

    const KEY_BITS: u32 = 8;

    #[inline]
    fn key(&self) -> u64 {
        u64::from(self.get())
    }

    #[inline]
    fn from_key(key: u64) -> Bool {
        Bool(key as u8)
    }
}

macro_rules! float_elements {
    ($($T:ty, $U:ty);*) => {$(
        impl Element for $T {
            #[inline]
            fn order(&self, other: &Self) -> Ordering {
                self.partial_cmp(other).unwrap_or_else(|| self.is_nan().cmp(&other.is_nan()))
            }

            #[inline]
            fn order_of_numbers(&self, other: &Self) -> Ordering {
                self.partial_cmp(other).unwrap_or(Ordering::Equal)
            }

            #[inline]
            fn less(&self, other: &Self) -> bool {
                self < other || other.is_nan() && !self.is_nan()
            }

            #[inline]
            fn is_nan(&self) -> bool {
                <$T>::is_nan(*self)
            }

            #[inline]
            fn is_true(&self) -> bool {
                *self != 0.0
            }

            const KEY_BITS: u32 = <$U>::BITS;

            #[inline]
            fn key(&self) -> u64 {
                // Adding 0 makes -0.0 the same as 0.0; all nans are one.
                let bits = (*self + 0.0).to_bits();
                let sign = <$U>::MAX << (<$U>::BITS - 1);
                let ordered = if bits & sign != 0 { !bits } else { bits | sign };
                u64::from(if self.is_nan() { <$U>::MAX } else { ordered })
            }

            #[inline]
            fn from_key(key: u64) -> $T {
                let (ordered, sign) = (key as $U, 1 << (<$U>::BITS - 1));
                <$T>::from_bits(if ordered & sign != 0 { ordered ^ sign } else { !ordered })
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
            fn is_nan(&self) -> bool {
                self.re.is_nan() || self.im.is_nan()
            }

            #[inline]
            fn is_true(&self) -> bool {
                self.re != 0.0 || self.im != 0.0
            }

            const KEY_BITS: u32 = 0;

            fn key(&self) -> u64 {
                unreachable!("complex numbers have no keys")
            }

            fn from_key(_key: u64) -> Self {
                unreachable!("complex numbers have no keys")
            }
        }
    )*};
}

float_elements!(f32, u32; f64, u64);

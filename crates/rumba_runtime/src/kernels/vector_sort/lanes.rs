//! What the sorts need of a processor's vectors, and of where elements stand.

/// A key that elements are ordered by: there are no nans among them.
pub trait Key: Copy + PartialOrd {
    const LARGEST: Self;

    /// The least key that is greater, if there is one.
    fn above(self) -> Option<Self>;
}

macro_rules! keys {
    ($($T:ty, $largest:expr, |$key:ident| $above:expr;)*) => {$(
        impl Key for $T {
            const LARGEST: $T = $largest;

            fn above(self) -> Option<$T> {
                let $key = self;
                $above
            }
        }
    )*};
}

keys! {
    i16, i16::MAX, |key| key.checked_add(1);
    u16, u16::MAX, |key| key.checked_add(1);
    i32, i32::MAX, |key| key.checked_add(1);
    u32, u32::MAX, |key| key.checked_add(1);
    i64, i64::MAX, |key| key.checked_add(1);
    u64, u64::MAX, |key| key.checked_add(1);
    f32, f32::INFINITY, |key| (key < f32::INFINITY).then(|| key.next_up());
    f64, f64::INFINITY, |key| (key < f64::INFINITY).then(|| key.next_up());
}

/// Where elements stand: an address, or one of keys and one of the positions that go with them.
///
/// What is read or written must be within the memory that the caller passed.
pub trait Place: Copy {
    type Key: Key;
    type Item: Copy + PartialOrd;

    /// The place that is so many elements further; it may lie behind the memory.
    fn at(self, distance: usize) -> Self;
    fn keys(self) -> *mut Self::Key;
    unsafe fn read(self) -> Self::Item;
    unsafe fn write(self, item: Self::Item);

    fn key_of(item: Self::Item) -> Self::Key;

    /// Sorts items with equal keys.
    unsafe fn sort_equal(self, n: usize);
}

impl<K: Key> Place for *mut K {
    type Key = K;
    type Item = K;

    #[inline(always)]
    fn at(self, distance: usize) -> Self {
        self.wrapping_add(distance)
    }

    #[inline(always)]
    fn keys(self) -> *mut K {
        self
    }

    #[inline(always)]
    unsafe fn read(self) -> K {
        // SAFETY: promised by the caller.
        unsafe { *self }
    }

    #[inline(always)]
    unsafe fn write(self, item: K) {
        // SAFETY: promised by the caller.
        unsafe { *self = item }
    }

    #[inline(always)]
    fn key_of(item: K) -> K {
        item
    }

    unsafe fn sort_equal(self, _n: usize) {}
}

impl Place for (*mut u64, *mut i64) {
    type Key = u64;
    type Item = (u64, i64);

    #[inline(always)]
    fn at(self, distance: usize) -> Self {
        (self.0.wrapping_add(distance), self.1.wrapping_add(distance))
    }

    #[inline(always)]
    fn keys(self) -> *mut u64 {
        self.0
    }

    #[inline(always)]
    unsafe fn read(self) -> (u64, i64) {
        // SAFETY: promised by the caller.
        unsafe { (*self.0, *self.1) }
    }

    #[inline(always)]
    unsafe fn write(self, item: (u64, i64)) {
        // SAFETY: promised by the caller.
        unsafe { (*self.0, *self.1) = item }
    }

    #[inline(always)]
    fn key_of(item: (u64, i64)) -> u64 {
        item.0
    }

    unsafe fn sort_equal(self, n: usize) {
        // SAFETY: promised by the caller.
        super::sort(unsafe { std::slice::from_raw_parts_mut(self.1, n) });
    }
}

/// Vectors as elements of a sorting network.
pub trait Exchange: Copy {
    /// In every lane the lesser, and the greater. Neither loses a bit: of zeros of different sign each is given once.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn sort2(self, other: Self) -> (Self, Self);
}

/// A vector of elements.
///
/// # Safety
/// Of all methods: the processor has the instructions, and places are within the memory as far as they are accessed.
/// They are inlined into functions that are compiled for these instructions.
pub trait Lanes: Exchange {
    type Place: Place;
    /// A vector of keys alone.
    type Keys: Lanes<Place = *mut <Self::Place as Place>::Key>;

    const N: usize;
    /// How many vectors a network sorts at most: 8 or 16.
    const N_ROWS: usize;

    unsafe fn splat(item: <Self::Place as Place>::Item) -> Self;
    /// In all lanes what is greater than every element, or equal in every bit.
    unsafe fn largest() -> Self;
    unsafe fn load(place: Self::Place) -> Self;
    /// The first `n` from memory, at most a vector, and the largest behind them.
    unsafe fn load_first(place: Self::Place, n: usize) -> Self;
    /// Stores the first `n`, at most a vector.
    unsafe fn store_first(self, place: Self::Place, n: usize);
    /// A bit for every lane that is less than the pivot's.
    unsafe fn less(self, pivot: Self::Keys) -> u32;
    /// Stores the lanes of the mask from `left` on, and the others so that they end before `right`. A whole vector of
    /// memory behind `left` and before `right` may be overwritten; these may be the same one, or apart.
    unsafe fn divide(self, less: u32, left: Self::Place, right: Self::Place);
    /// Exchanges lanes: that of index `i` comes from index `i ^ M`.
    unsafe fn swap<const M: usize>(self) -> Self;
    unsafe fn reverse(self) -> Self;
    /// Sorts each lane with that whose index is `^ M`.
    unsafe fn sort_lanes<const M: usize>(self) -> Self;
}

/// A bit for each of the lanes that `sort_lanes::<M>` gives the greater element.
pub const fn upper(m: usize) -> u32 {
    let mut mask = 0;
    let mut lane = 0;
    while lane < 32 {
        if lane ^ m < lane {
            mask |= 1 << lane;
        }
        lane += 1;
    }
    mask
}

/// Defines `Pairs` of vectors `U64` and `I64`: keys with positions, which decide between equal keys.
macro_rules! pairs {
    (mask $Mask:ty, |$a:ident, $b:ident| $greater:expr, |$toggled:ident, $m:ident| $toggle_upper:expr,
     |$c:ident, $d:ident, $mask:ident| $blend:expr) => {
        #[derive(Clone, Copy)]
        pub struct Pairs {
            keys: U64,
            positions: I64,
        }

        impl Pairs {
            #[inline(always)]
            unsafe fn greater(self, $b: Self) -> $Mask {
                let $a = self;
                // SAFETY: promised by the caller.
                unsafe { $greater }
            }

            /// The mask with the lanes turned around that `sort_lanes::<M>` gives the greater element.
            #[inline(always)]
            unsafe fn toggle_upper<const M: usize>($toggled: $Mask) -> $Mask {
                let $m = M;
                $toggle_upper
            }

            /// The other's lanes where the mask is set.
            #[inline(always)]
            unsafe fn blend(self, $d: Self, $mask: $Mask) -> Self {
                let $c = self;
                // SAFETY: promised by the caller.
                unsafe { $blend }
            }
        }

        impl Exchange for Pairs {
            #[inline(always)]
            unsafe fn sort2(self, other: Self) -> (Self, Self) {
                // SAFETY: promised by the caller.
                unsafe {
                    let greater = self.greater(other);
                    (self.blend(other, greater), other.blend(self, greater))
                }
            }
        }

        impl Lanes for Pairs {
            type Place = (*mut u64, *mut i64);
            type Keys = U64;

            const N: usize = U64::N;
            const N_ROWS: usize = U64::N_ROWS / 2;

            #[inline(always)]
            unsafe fn splat((key, position): (u64, i64)) -> Self {
                // SAFETY: promised by the caller.
                unsafe { Pairs { keys: U64::splat(key), positions: I64::splat(position) } }
            }

            #[inline(always)]
            unsafe fn largest() -> Self {
                // SAFETY: promised by the caller.
                unsafe { Pairs { keys: U64::largest(), positions: I64::largest() } }
            }

            #[inline(always)]
            unsafe fn load(place: Self::Place) -> Self {
                // SAFETY: promised by the caller.
                unsafe { Pairs { keys: U64::load(place.0), positions: I64::load(place.1) } }
            }

            #[inline(always)]
            unsafe fn load_first(place: Self::Place, n: usize) -> Self {
                // SAFETY: promised by the caller.
                unsafe { Pairs { keys: U64::load_first(place.0, n), positions: I64::load_first(place.1, n) } }
            }

            #[inline(always)]
            unsafe fn store_first(self, place: Self::Place, n: usize) {
                // SAFETY: promised by the caller.
                unsafe {
                    self.keys.store_first(place.0, n);
                    self.positions.store_first(place.1, n);
                }
            }

            #[inline(always)]
            unsafe fn less(self, pivot: U64) -> u32 {
                // SAFETY: promised by the caller.
                unsafe { self.keys.less(pivot) }
            }

            #[inline(always)]
            unsafe fn divide(self, less: u32, left: Self::Place, right: Self::Place) {
                // SAFETY: promised by the caller.
                unsafe {
                    self.keys.divide(less, left.0, right.0);
                    self.positions.divide(less, left.1, right.1);
                }
            }

            #[inline(always)]
            unsafe fn swap<const M: usize>(self) -> Self {
                // SAFETY: promised by the caller.
                unsafe { Pairs { keys: self.keys.swap::<M>(), positions: self.positions.swap::<M>() } }
            }

            #[inline(always)]
            unsafe fn reverse(self) -> Self {
                // SAFETY: promised by the caller.
                unsafe { self.swap::<{ Self::N - 1 }>() }
            }

            #[inline(always)]
            unsafe fn sort_lanes<const M: usize>(self) -> Self {
                // SAFETY: promised by the caller.
                unsafe {
                    let other = self.swap::<M>();
                    self.blend(other, Self::toggle_upper::<M>(self.greater(other)))
                }
            }
        }
    };
}
pub(super) use pairs;

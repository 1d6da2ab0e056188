//! Vectors of 256 bits.

use super::lanes::{Exchange, Key, Lanes, pairs, upper};

use std::arch::x86_64::*;

/// By the bits of lanes: the lanes that are set, in order, then the others, as a permutation of parts of 32 bits.
const fn divisions<const N: usize>(parts_per_lane: usize) -> [[i32; 8]; N] {
    let mut table = [[0; 8]; N];
    let mut mask = 0;
    while mask < N {
        let (mut pass, mut position) = (0, 0);
        while pass < 2 {
            let mut lane = 0;
            while lane < 8 / parts_per_lane {
                let mut part = 0;
                while part < parts_per_lane && (mask >> lane & 1 == 1) == (pass == 0) {
                    table[mask][position] = (lane * parts_per_lane + part) as i32;
                    position += 1;
                    part += 1;
                }
                lane += 1;
            }
            pass += 1;
        }
        mask += 1;
    }
    table
}

static DIVISIONS_OF_4: [[i32; 8]; 16] = divisions(2);
static DIVISIONS_OF_8: [[i32; 8]; 256] = divisions(1);

/// Per lane: what `swap::<M>` takes, and whether `sort_lanes::<M>` gives it the greater element. For vectors of 4 and 8.
struct Swap<const M: usize>;

impl<const M: usize> Swap<M> {
    const OF_4: ([i32; 8], [i32; 8]) = Self::of(2);
    const OF_8: ([i32; 8], [i32; 8]) = Self::of(1);

    const fn of(parts_per_lane: usize) -> ([i32; 8], [i32; 8]) {
        let (mut indices, mut is_upper) = ([0; 8], [0; 8]);
        let mut part = 0;
        while part < 8 {
            let lane = part / parts_per_lane;
            indices[part] = (((lane ^ M) * parts_per_lane + part % parts_per_lane) % 8) as i32;
            is_upper[part] = if upper(M) >> lane & 1 == 1 { -1 } else { 0 };
            part += 1;
        }
        (indices, is_upper)
    }
}

#[inline(always)]
unsafe fn load_parts(parts: &[i32; 8]) -> __m256i {
    // SAFETY: promised by the caller; it is as long as a vector.
    unsafe { _mm256_loadu_si256(parts.as_ptr().cast()) }
}

/// Divides 4 lanes: both parts in one vector, which is stored twice.
#[inline(always)]
unsafe fn divide_64(lanes: __m256i, less: u32, left: *mut i64, right: *mut i64) {
    // SAFETY: promised by the caller; there is an entry for every mask.
    unsafe {
        let divided =
            _mm256_permutevar8x32_epi32(lanes, load_parts(DIVISIONS_OF_4.get_unchecked(less as usize)));
        _mm256_storeu_si256(left.cast(), divided);
        _mm256_storeu_si256(right.wrapping_sub(4).cast(), divided);
    }
}

/// Divides 8 lanes likewise.
#[inline(always)]
pub unsafe fn divide_32(lanes: __m256i, less: u32, left: *mut i32, right: *mut i32) {
    // SAFETY: promised by the caller; there is an entry for every mask.
    unsafe {
        let divided =
            _mm256_permutevar8x32_epi32(lanes, load_parts(DIVISIONS_OF_8.get_unchecked(less as usize)));
        _mm256_storeu_si256(left.cast(), divided);
        _mm256_storeu_si256(right.wrapping_sub(8).cast(), divided);
    }
}

macro_rules! lanes {
    ($name:ident, $T:ty, $n:literal, $of:ident, $divide:ident, |$item:ident| $splat:expr, $mask_load:ident, $mask_store:ident,
     |$count:ident| $first:expr, |$bits:ident| $movemask:expr, |$a:ident, $b:ident| $less:expr,
     |$c:ident, $d:ident| $min_max:expr, |$e:ident, $f:ident| $swapped_min_max:expr) => {
        #[derive(Clone, Copy)]
        pub struct $name(__m256i);

        impl $name {
            #[inline(always)]
            unsafe fn less_lanes($a: __m256i, $b: __m256i) -> __m256i {
                // SAFETY: promised by the caller.
                unsafe { $less }
            }

            #[inline(always)]
            unsafe fn first($count: usize) -> __m256i {
                // SAFETY: promised by the caller.
                unsafe { $first }
            }
        }

        impl Exchange for $name {
            #[inline(always)]
            unsafe fn sort2(self, other: Self) -> (Self, Self) {
                let ($c, $d) = (self.0, other.0);
                // SAFETY: promised by the caller.
                let (lesser, greater) = unsafe { $min_max };
                ($name(lesser), $name(greater))
            }
        }

        impl Lanes for $name {
            type Place = *mut $T;
            type Keys = Self;

            const N: usize = $n;
            const N_ROWS: usize = 16;

            #[inline(always)]
            unsafe fn splat($item: $T) -> Self {
                // SAFETY: promised by the caller.
                $name(unsafe { $splat })
            }

            #[inline(always)]
            unsafe fn largest() -> Self {
                // SAFETY: promised by the caller.
                unsafe { Self::splat(<$T>::LARGEST) }
            }

            #[inline(always)]
            unsafe fn load(place: *mut $T) -> Self {
                // SAFETY: promised by the caller.
                unsafe { $name(_mm256_loadu_si256(place.cast())) }
            }

            #[inline(always)]
            unsafe fn load_first(place: *mut $T, n: usize) -> Self {
                // SAFETY: promised by the caller.
                unsafe {
                    let largest = Self::largest();
                    match n {
                        0 => largest,
                        $n.. => Self::load(place),
                        _ => {
                            let first = Self::first(n);
                            let loaded = $mask_load(place.cast(), first);
                            $name(_mm256_blendv_epi8(largest.0, loaded, first))
                        }
                    }
                }
            }

            #[inline(always)]
            unsafe fn store_first(self, place: *mut $T, n: usize) {
                // SAFETY: promised by the caller.
                unsafe {
                    match n {
                        0 => {}
                        $n.. => _mm256_storeu_si256(place.cast(), self.0),
                        _ => $mask_store(place.cast(), Self::first(n), self.0),
                    }
                }
            }

            #[inline(always)]
            unsafe fn less(self, pivot: Self) -> u32 {
                // SAFETY: promised by the caller.
                unsafe {
                    let $bits = Self::less_lanes(self.0, pivot.0);
                    $movemask as u32
                }
            }

            #[inline(always)]
            unsafe fn divide(self, less: u32, left: *mut $T, right: *mut $T) {
                // SAFETY: promised by the caller.
                unsafe { $divide(self.0, less, left.cast(), right.cast()) }
            }

            #[inline(always)]
            unsafe fn swap<const M: usize>(self) -> Self {
                // SAFETY: promised by the caller.
                unsafe { $name(_mm256_permutevar8x32_epi32(self.0, load_parts(const { &Swap::<M>::$of.0 }))) }
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
                    let ($e, $f) = (self.0, self.swap::<M>().0);
                    let (lesser, greater) = $swapped_min_max;
                    $name(_mm256_blendv_epi8(lesser, greater, load_parts(const { &Swap::<M>::$of.1 })))
                }
            }
        }
    };
    // Of 64 bits.
    (4 $name:ident, $T:ty, |$item:ident| $splat:expr, |$a:ident, $b:ident| $less:expr,
     |$c:ident, $d:ident| $min_max:expr, |$e:ident, $f:ident| $swapped_min_max:expr) => {
        lanes!($name, $T, 4, OF_4, divide_64, |$item| $splat, _mm256_maskload_epi64, _mm256_maskstore_epi64,
            |n| _mm256_cmpgt_epi64(_mm256_set1_epi64x(n as i64), _mm256_setr_epi64x(0, 1, 2, 3)),
            |bits| _mm256_movemask_pd(_mm256_castsi256_pd(bits)),
            |$a, $b| $less, |$c, $d| $min_max, |$e, $f| $swapped_min_max);
    };
    // Of 32 bits.
    (8 $name:ident, $T:ty, |$item:ident| $splat:expr, |$a:ident, $b:ident| $less:expr,
     |$c:ident, $d:ident| $min_max:expr, |$e:ident, $f:ident| $swapped_min_max:expr) => {
        lanes!($name, $T, 8, OF_8, divide_32, |$item| $splat, _mm256_maskload_epi32, _mm256_maskstore_epi32,
            |n| _mm256_cmpgt_epi32(_mm256_set1_epi32(n as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)),
            |bits| _mm256_movemask_ps(_mm256_castsi256_ps(bits)),
            |$a, $b| $less, |$c, $d| $min_max, |$e, $f| $swapped_min_max);
    };
}

/// The lesser and the greater of integers that can be compared only.
macro_rules! by_comparison {
    ($name:ident, $a:ident, $b:ident) => {{
        let greater = $name::less_lanes($b, $a);
        (_mm256_blendv_epi8($a, $b, greater), _mm256_blendv_epi8($b, $a, greater))
    }};
}

/// Of equal operands the instructions give the second: so that none is lost, operands change places for the greater one
/// if both results are kept, and do not if each lane keeps one.
macro_rules! of_floats {
    ($to:ident, $from:ident, $min:ident, $max:ident, $a:ident, $b:ident, $c:ident, $d:ident) => {
        ($from($min($to($a), $to($b))), $from($max($to($c), $to($d))))
    };
}

/// Integers without a sign are compared as those with one, whose highest bit is the other one.
macro_rules! flipped {
    ($a:ident, $splat:expr) => {
        _mm256_xor_si256($a, $splat)
    };
}

lanes!(4 I64, i64, |item| _mm256_set1_epi64x(item), |a, b| _mm256_cmpgt_epi64(b, a),
    |a, b| by_comparison!(I64, a, b), |a, b| by_comparison!(I64, a, b));
lanes!(4 U64, u64, |item| _mm256_set1_epi64x(item as i64),
    |a, b| _mm256_cmpgt_epi64(flipped!(b, _mm256_set1_epi64x(i64::MIN)), flipped!(a, _mm256_set1_epi64x(i64::MIN))),
    |a, b| by_comparison!(U64, a, b), |a, b| by_comparison!(U64, a, b));
lanes!(4 F64, f64, |item| _mm256_castpd_si256(_mm256_set1_pd(item)),
    |a, b| _mm256_castpd_si256(_mm256_cmp_pd::<_CMP_LT_OQ>(_mm256_castsi256_pd(a), _mm256_castsi256_pd(b))),
    |a, b| of_floats!(_mm256_castsi256_pd, _mm256_castpd_si256, _mm256_min_pd, _mm256_max_pd, a, b, b, a),
    |a, b| of_floats!(_mm256_castsi256_pd, _mm256_castpd_si256, _mm256_min_pd, _mm256_max_pd, a, b, a, b));
lanes!(8 I32, i32, |item| _mm256_set1_epi32(item), |a, b| _mm256_cmpgt_epi32(b, a),
    |a, b| (_mm256_min_epi32(a, b), _mm256_max_epi32(a, b)), |a, b| (_mm256_min_epi32(a, b), _mm256_max_epi32(a, b)));
lanes!(8 U32, u32, |item| _mm256_set1_epi32(item as i32),
    |a, b| _mm256_cmpgt_epi32(flipped!(b, _mm256_set1_epi32(i32::MIN)), flipped!(a, _mm256_set1_epi32(i32::MIN))),
    |a, b| (_mm256_min_epu32(a, b), _mm256_max_epu32(a, b)), |a, b| (_mm256_min_epu32(a, b), _mm256_max_epu32(a, b)));
lanes!(8 F32, f32, |item| _mm256_castps_si256(_mm256_set1_ps(item)),
    |a, b| _mm256_castps_si256(_mm256_cmp_ps::<_CMP_LT_OQ>(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b))),
    |a, b| of_floats!(_mm256_castsi256_ps, _mm256_castps_si256, _mm256_min_ps, _mm256_max_ps, a, b, b, a),
    |a, b| of_floats!(_mm256_castsi256_ps, _mm256_castps_si256, _mm256_min_ps, _mm256_max_ps, a, b, a, b));

pairs! {
    mask __m256i,
    |a, b| _mm256_or_si256(
        U64::less_lanes(b.keys.0, a.keys.0),
        _mm256_and_si256(
            _mm256_cmpeq_epi64(a.keys.0, b.keys.0),
            _mm256_cmpgt_epi64(a.positions.0, b.positions.0),
        ),
    ),
    |mask, _m| {
        // SAFETY: promised by the caller.
        unsafe { _mm256_xor_si256(mask, load_parts(const { &Swap::<M>::OF_4.1 })) }
    },
    |a, b, mask| Pairs {
        keys: U64(_mm256_blendv_epi8(a.keys.0, b.keys.0, mask)),
        positions: I64(_mm256_blendv_epi8(a.positions.0, b.positions.0, mask)),
    }
}

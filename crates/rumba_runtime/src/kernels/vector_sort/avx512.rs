//! Vectors of 512 bits.

use super::avx2;
use super::lanes::{Exchange, Key, Lanes, pairs, upper};

use std::arch::x86_64::*;

/// The lanes that `swap::<M>` takes, for vectors of 8, 16 and 32.
struct Swap<const M: usize>;

impl<const M: usize> Swap<M> {
    const OF_8: [i64; 8] = {
        let mut indices = [0; 8];
        let mut lane = 0;
        while lane < 8 {
            indices[lane] = ((lane ^ M) % 8) as i64;
            lane += 1;
        }
        indices
    };
    const OF_16: [i32; 16] = {
        let mut indices = [0; 16];
        let mut lane = 0;
        while lane < 16 {
            indices[lane] = ((lane ^ M) % 16) as i32;
            lane += 1;
        }
        indices
    };
    const OF_32: [i16; 32] = {
        let mut indices = [0; 32];
        let mut lane = 0;
        while lane < 32 {
            indices[lane] = ((lane ^ M) % 32) as i16;
            lane += 1;
        }
        indices
    };
}

/// Divides 8 lanes: both parts in one vector, which is stored twice.
#[inline(always)]
unsafe fn divide_64(lanes: __m512i, less: u32, left: *mut i64, right: *mut i64) {
    // SAFETY: promised by the caller; there is an entry for every mask.
    unsafe {
        let indices = DIVISIONS_OF_8.get_unchecked(less as usize).as_ptr();
        let divided = _mm512_permutexvar_epi64(_mm512_cvtepu8_epi64(_mm_loadl_epi64(indices.cast())), lanes);
        _mm512_storeu_epi64(left, divided);
        _mm512_storeu_epi64(right.wrapping_sub(8), divided);
    }
}

/// Divides 16 lanes: one half after the other, as there is no table of 16 bits.
#[inline(always)]
unsafe fn divide_32(lanes: __m512i, less: u32, left: *mut i32, right: *mut i32) {
    let (first, second) = (less & 0xff, less >> 8);
    let n_less = first.count_ones() as usize;
    // SAFETY: promised by the caller.
    unsafe {
        avx2::divide_32(_mm512_castsi512_si256(lanes), first, left, right);
        let (left, right) = (left.wrapping_add(n_less), right.wrapping_sub(8 - n_less));
        avx2::divide_32(_mm512_extracti64x4_epi64::<1>(lanes), second, left, right);
    }
}

/// Divides 32 lanes.
#[inline(always)]
unsafe fn divide_16(lanes: __m512i, less: u32, left: *mut i16, right: *mut i16) {
    let n_rest = (!less).count_ones();
    let first_rest = ((1u64 << n_rest) - 1) as u32;
    // SAFETY: promised by the caller.
    unsafe {
        _mm512_storeu_epi16(left, _mm512_maskz_compress_epi16(less, lanes));
        let rest = _mm512_maskz_compress_epi16(!less, lanes);
        _mm512_mask_storeu_epi16(right.wrapping_sub(n_rest as usize), first_rest, rest);
    }
}

/// By the bits of lanes: the lanes that are set, in order, then the others.
static DIVISIONS_OF_8: [[u8; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut mask = 0;
    while mask < 256 {
        let (mut n_set, mut lane) = (0, 0);
        let n_all_set = (mask as u8).count_ones() as usize;
        while lane < 8 {
            let is_set = mask >> lane & 1 == 1;
            table[mask][if is_set { n_set } else { n_all_set + lane - n_set }] = lane as u8;
            n_set += is_set as usize;
            lane += 1;
        }
        mask += 1;
    }
    table
};

macro_rules! lanes {
    ($name:ident, $T:ty, $V:ty, $n:literal, $Mask:ty, $indices:ident, [$($integer:ty)?], $splat:ident, $load:ident, $mask_load:ident,
     $mask_store:ident, $min:ident, $max:ident, $mask_max:ident, $permute:ident, $divide:ident(|$v:ident| $bits:expr),
     |$a:ident, $b:ident| $less:expr) => {
        #[derive(Clone, Copy)]
        pub struct $name($V);

        impl $name {
            #[inline(always)]
            fn first(n: usize) -> $Mask {
                ((1u64 << n.min($n)) - 1) as $Mask
            }
        }

        impl Exchange for $name {
            #[inline(always)]
            unsafe fn sort2(self, other: Self) -> (Self, Self) {
                // Of equal operands the instructions give the second.
                // SAFETY: promised by the caller.
                unsafe { ($name($min(self.0, other.0)), $name($max(other.0, self.0))) }
            }
        }

        impl Lanes for $name {
            type Place = *mut $T;
            type Keys = Self;

            const N: usize = $n;
            const N_ROWS: usize = 16;

            #[inline(always)]
            unsafe fn splat(item: $T) -> Self {
                // SAFETY: promised by the caller.
                unsafe { $name($splat(item $(as $integer)?)) }
            }

            #[inline(always)]
            unsafe fn largest() -> Self {
                // SAFETY: promised by the caller.
                unsafe { Self::splat(<$T>::LARGEST) }
            }

            #[inline(always)]
            unsafe fn load(place: *mut $T) -> Self {
                // SAFETY: promised by the caller.
                unsafe { $name($load(place.cast())) }
            }

            #[inline(always)]
            unsafe fn load_first(place: *mut $T, n: usize) -> Self {
                // SAFETY: promised by the caller.
                unsafe { $name($mask_load(Self::largest().0, Self::first(n), place.cast())) }
            }

            #[inline(always)]
            unsafe fn store_first(self, place: *mut $T, n: usize) {
                // SAFETY: promised by the caller.
                unsafe { $mask_store(place.cast(), Self::first(n), self.0) }
            }

            #[inline(always)]
            unsafe fn less(self, pivot: Self) -> u32 {
                let ($a, $b) = (self.0, pivot.0);
                // SAFETY: promised by the caller.
                u32::from(unsafe { $less })
            }

            #[inline(always)]
            unsafe fn divide(self, less: u32, left: *mut $T, right: *mut $T) {
                let $v = self.0;
                // SAFETY: promised by the caller.
                unsafe { $divide($bits, less, left.cast(), right.cast()) }
            }

            #[inline(always)]
            unsafe fn swap<const M: usize>(self) -> Self {
                // SAFETY: promised by the caller; so many indices.
                unsafe {
                    let indices = _mm512_loadu_si512(const { &Swap::<M>::$indices }.as_ptr().cast());
                    $name($permute(indices, self.0))
                }
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
                    let lesser = $min(self.0, other.0);
                    $name($mask_max(lesser, const { upper(M) as $Mask }, self.0, other.0))
                }
            }
        }
    };
}

lanes!(
    I64,
    i64,
    __m512i,
    8,
    u8,
    OF_8,
    [],
    _mm512_set1_epi64,
    _mm512_loadu_epi64,
    _mm512_mask_loadu_epi64,
    _mm512_mask_storeu_epi64,
    _mm512_min_epi64,
    _mm512_max_epi64,
    _mm512_mask_max_epi64,
    _mm512_permutexvar_epi64,
    divide_64(|v| v),
    |a, b| _mm512_cmplt_epi64_mask(a, b)
);
lanes!(
    U64,
    u64,
    __m512i,
    8,
    u8,
    OF_8,
    [i64],
    _mm512_set1_epi64,
    _mm512_loadu_epi64,
    _mm512_mask_loadu_epi64,
    _mm512_mask_storeu_epi64,
    _mm512_min_epu64,
    _mm512_max_epu64,
    _mm512_mask_max_epu64,
    _mm512_permutexvar_epi64,
    divide_64(|v| v),
    |a, b| _mm512_cmplt_epu64_mask(a, b)
);
lanes!(
    F64,
    f64,
    __m512d,
    8,
    u8,
    OF_8,
    [],
    _mm512_set1_pd,
    _mm512_loadu_pd,
    _mm512_mask_loadu_pd,
    _mm512_mask_storeu_pd,
    _mm512_min_pd,
    _mm512_max_pd,
    _mm512_mask_max_pd,
    _mm512_permutexvar_pd,
    divide_64(|v| _mm512_castpd_si512(v)),
    |a, b| _mm512_cmp_pd_mask::<_CMP_LT_OQ>(a, b)
);
lanes!(
    I32,
    i32,
    __m512i,
    16,
    u16,
    OF_16,
    [],
    _mm512_set1_epi32,
    _mm512_loadu_epi32,
    _mm512_mask_loadu_epi32,
    _mm512_mask_storeu_epi32,
    _mm512_min_epi32,
    _mm512_max_epi32,
    _mm512_mask_max_epi32,
    _mm512_permutexvar_epi32,
    divide_32(|v| v),
    |a, b| _mm512_cmplt_epi32_mask(a, b)
);
lanes!(
    U32,
    u32,
    __m512i,
    16,
    u16,
    OF_16,
    [i32],
    _mm512_set1_epi32,
    _mm512_loadu_epi32,
    _mm512_mask_loadu_epi32,
    _mm512_mask_storeu_epi32,
    _mm512_min_epu32,
    _mm512_max_epu32,
    _mm512_mask_max_epu32,
    _mm512_permutexvar_epi32,
    divide_32(|v| v),
    |a, b| _mm512_cmplt_epu32_mask(a, b)
);
lanes!(
    F32,
    f32,
    __m512,
    16,
    u16,
    OF_16,
    [],
    _mm512_set1_ps,
    _mm512_loadu_ps,
    _mm512_mask_loadu_ps,
    _mm512_mask_storeu_ps,
    _mm512_min_ps,
    _mm512_max_ps,
    _mm512_mask_max_ps,
    _mm512_permutexvar_ps,
    divide_32(|v| _mm512_castps_si512(v)),
    |a, b| _mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b)
);
// `divide_16` needs VBMI2.
lanes!(
    I16,
    i16,
    __m512i,
    32,
    u32,
    OF_32,
    [],
    _mm512_set1_epi16,
    _mm512_loadu_epi16,
    _mm512_mask_loadu_epi16,
    _mm512_mask_storeu_epi16,
    _mm512_min_epi16,
    _mm512_max_epi16,
    _mm512_mask_max_epi16,
    _mm512_permutexvar_epi16,
    divide_16(|v| v),
    |a, b| _mm512_cmplt_epi16_mask(a, b)
);
lanes!(
    U16,
    u16,
    __m512i,
    32,
    u32,
    OF_32,
    [i16],
    _mm512_set1_epi16,
    _mm512_loadu_epi16,
    _mm512_mask_loadu_epi16,
    _mm512_mask_storeu_epi16,
    _mm512_min_epu16,
    _mm512_max_epu16,
    _mm512_mask_max_epu16,
    _mm512_permutexvar_epi16,
    divide_16(|v| v),
    |a, b| _mm512_cmplt_epu16_mask(a, b)
);

pairs! {
    mask u8,
    |a, b| _mm512_cmpgt_epu64_mask(a.keys.0, b.keys.0)
        | _mm512_mask_cmpgt_epi64_mask(
            _mm512_cmpeq_epi64_mask(a.keys.0, b.keys.0),
            a.positions.0,
            b.positions.0,
        ),
    |mask, m| mask ^ upper(m) as u8,
    |a, b, mask| Pairs {
        keys: U64(_mm512_mask_blend_epi64(mask, a.keys.0, b.keys.0)),
        positions: I64(_mm512_mask_blend_epi64(mask, a.positions.0, b.positions.0)),
    }
}

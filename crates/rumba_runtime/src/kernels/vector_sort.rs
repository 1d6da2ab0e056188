//! Sorting integers and floats of 32 and 64 bits by vector instructions, where the processor has them.
//!
//! Floats are sorted as integers of the same order: -0.0 before 0.0, all nans as one behind everything else. A quicksort
//! divides in one pass: what is less than the pivot is packed to the left, the rest into a buffer, a vector at a time.
//! Short runs are left to the standard library.

use std::any::TypeId;
use std::arch::x86_64::*;

/// Below this many, moving data about costs more than it gains.
const FEWEST: usize = 128;
/// What is left to the standard library, which sorts so few fastest.
const RUN: usize = 64;

/// Sorts elements of a type that can be sorted so. `false` if nothing was done.
pub(super) fn sort<T: Copy + 'static>(elements: &mut [T]) -> bool {
    if elements.len() < FEWEST || !has_avx2() {
        return false;
    }
    let (data, n) = (elements.as_mut_ptr(), elements.len());
    let is = |ty: TypeId| TypeId::of::<T>() == ty;
    // SAFETY: the element type was looked at; integers of the same size have the same alignment, and any bits are one.
    unsafe {
        let as_i64 = || std::slice::from_raw_parts_mut(data.cast::<i64>(), n);
        let as_i32 = || std::slice::from_raw_parts_mut(data.cast::<i32>(), n);
        if is(TypeId::of::<i64>()) {
            i64::sort(as_i64());
        } else if is(TypeId::of::<i32>()) {
            i32::sort(as_i32());
        } else if is(TypeId::of::<u64>()) {
            with_keys(as_i64(), |x| x ^ i64::MIN, |key| key ^ i64::MIN, i64::sort);
        } else if is(TypeId::of::<u32>()) {
            with_keys(as_i32(), |x| x ^ i32::MIN, |key| key ^ i32::MIN, i32::sort);
        } else if is(TypeId::of::<f64>()) {
            // The bits of negative floats but the sign are turned around.
            let turned = |x: i64| x ^ (((x >> 63) as u64) >> 1) as i64;
            let key = |x: i64| if f64::from_bits(x as u64).is_nan() { i64::MAX } else { turned(x) };
            with_keys(as_i64(), key, turned, i64::sort);
        } else if is(TypeId::of::<f32>()) {
            let turned = |x: i32| x ^ (((x >> 31) as u32) >> 1) as i32;
            let key = |x: i32| if f32::from_bits(x as u32).is_nan() { i32::MAX } else { turned(x) };
            with_keys(as_i32(), key, turned, i32::sort);
        } else {
            return false;
        }
    }
    true
}

fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
}

fn with_keys<K: Copy>(
    elements: &mut [K],
    key: impl Fn(K) -> K,
    element: impl Fn(K) -> K,
    sort: impl Fn(&mut [K]),
) {
    elements.iter_mut().for_each(|x| *x = key(*x));
    sort(elements);
    elements.iter_mut().for_each(|x| *x = element(*x));
}

trait Key: Sized {
    /// Needs AVX2.
    fn sort(elements: &mut [Self]);
}

macro_rules! sorted_keys {
    ($K:ty, $avx2:ident, $partition_avx2:ident, $avx512:ident, $partition_avx512:ident) => {
        impl Key for $K {
            fn sort(elements: &mut [$K]) {
                // A vector may be stored at the end of what is used.
                let mut buffer: Vec<$K> = Vec::with_capacity(elements.len() + 16);
                let n_levels = 2 * elements.len().ilog2();
                // SAFETY: the processor has the instructions, the buffer the room.
                unsafe {
                    match is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
                        true => $avx512(elements, buffer.as_mut_ptr(), n_levels),
                        false => $avx2(elements, buffer.as_mut_ptr(), n_levels),
                    }
                }
            }
        }
        sorted_keys!(@one $K, $avx2, $partition_avx2, "avx2,bmi1,bmi2,popcnt");
        sorted_keys!(@one $K, $avx512, $partition_avx512, "avx512f,avx512vl,avx2,bmi1,bmi2,popcnt");
    };
    (@one $K:ty, $sort:ident, $partition:ident, $features:literal) => {
        /// # Safety
        /// The buffer has room for all elements and a vector more.
        #[target_feature(enable = $features)]
        unsafe fn $sort(mut elements: &mut [$K], buffer: *mut $K, mut n_levels: u32) {
            while elements.len() > RUN {
                if n_levels == 0 {
                    // Pivots were bad too often.
                    return elements.sort_unstable();
                }
                n_levels -= 1;
                let pivot = pivot(elements);
                // SAFETY: promised by the caller.
                let n_less = unsafe { $partition(elements, pivot, buffer) };
                if n_less == 0 {
                    // The pivot is the least: all that equal it are in their place.
                    let Some(above) = pivot.checked_add(1) else {
                        return;
                    };
                    // SAFETY: promised by the caller.
                    let n_equal = unsafe { $partition(elements, above, buffer) };
                    elements = &mut elements[n_equal..];
                    continue;
                }
                let (less, rest) = elements.split_at_mut(n_less);
                // SAFETY: promised by the caller.
                unsafe { $sort(less, buffer, n_levels) };
                elements = rest;
            }
            elements.sort_unstable();
        }
    };
}

sorted_keys!(i64, sort_i64_avx2, partition_i64_avx2, sort_i64_avx512, partition_i64_avx512);
sorted_keys!(i32, sort_i32_avx2, partition_i32_avx2, sort_i32_avx512, partition_i32_avx512);

/// The median of elements from all over.
#[inline]
fn pivot<K: Copy + Ord>(elements: &[K]) -> K {
    const N_SAMPLES: usize = 15;
    let distance = elements.len() / N_SAMPLES;
    let mut samples = [elements[0]; N_SAMPLES];
    samples
        .iter_mut()
        .enumerate()
        .for_each(|(idx, sample)| *sample = elements[idx * distance + distance / 2]);
    samples.sort_unstable();
    samples[N_SAMPLES / 2]
}

/// Moves what is less than the pivot to the left; gives how many that are. The loop is the same for all vectors.
macro_rules! partition {
    ($name:ident, $K:ty, $n_lanes:literal, $features:literal, |$pivot:ident| $broadcast:expr, |$address:ident| $load:expr,
     |$v:ident, $p:ident| $less:expr, |$packed:ident, $mask:ident| $pack:expr, |$target:ident, $value:ident| $store:expr) => {
        /// # Safety
        /// The buffer has room for all elements and a vector more.
        #[target_feature(enable = $features)]
        unsafe fn $name(elements: &mut [$K], $pivot: $K, buffer: *mut $K) -> usize {
            const N_LANES: usize = $n_lanes;
            let n = elements.len();
            let data = elements.as_mut_ptr();
            let (mut n_less, mut n_rest) = (0, 0);
            let $p = $broadcast;
            let n_vectors = n / N_LANES;
            for idx in 0..n_vectors {
                // SAFETY: what is less is stored where it was read before: as much as is stored, or more, was loaded.
                unsafe {
                    let $address = data.add(idx * N_LANES);
                    let $v = $load;
                    let less: u32 = $less;
                    let count = less.count_ones() as usize;
                    for (target, mask) in
                        [(data.add(n_less), less), (buffer.add(n_rest), !less & ((1 << N_LANES) - 1))]
                    {
                        let ($packed, $mask, $target) = ($v, mask, target);
                        let $value = $pack;
                        $store;
                    }
                    n_less += count;
                    n_rest += N_LANES - count;
                }
            }
            for idx in n_vectors * N_LANES..n {
                // SAFETY: within the elements and the buffer.
                unsafe {
                    let element = *data.add(idx);
                    if element < $pivot {
                        *data.add(n_less) = element;
                        n_less += 1;
                    } else {
                        *buffer.add(n_rest) = element;
                        n_rest += 1;
                    }
                }
            }
            // SAFETY: both parts together are all elements.
            unsafe { std::ptr::copy_nonoverlapping(buffer, data.add(n_less), n_rest) };
            n_less
        }
    };
}

partition!(
    partition_i64_avx512,
    i64,
    8,
    "avx512f,avx512vl,avx2,bmi1,bmi2,popcnt",
    |pivot| _mm512_set1_epi64(pivot),
    |address| _mm512_loadu_epi64(address),
    |v, p| u32::from(_mm512_cmplt_epi64_mask(v, p)),
    |packed, mask| _mm512_maskz_compress_epi64(mask as u8, packed),
    |target, value| _mm512_storeu_epi64(target, value)
);
partition!(
    partition_i32_avx512,
    i32,
    16,
    "avx512f,avx512vl,avx2,bmi1,bmi2,popcnt",
    |pivot| _mm512_set1_epi32(pivot),
    |address| _mm512_loadu_epi32(address),
    |v, p| u32::from(_mm512_cmplt_epi32_mask(v, p)),
    |packed, mask| _mm512_maskz_compress_epi32(mask as u16, packed),
    |target, value| _mm512_storeu_epi32(target, value)
);
partition!(
    partition_i64_avx2,
    i64,
    4,
    "avx2,bmi1,bmi2,popcnt",
    |pivot| _mm256_set1_epi64x(pivot),
    |address| _mm256_loadu_si256(address.cast()),
    |v, p| _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(p, v))) as u32,
    |packed, mask| _mm256_permutevar8x32_epi32(
        packed,
        _mm256_loadu_si256(PAIRS[mask as usize].as_ptr().cast())
    ),
    |target, value| _mm256_storeu_si256(target.cast(), value)
);
partition!(
    partition_i32_avx2,
    i32,
    8,
    "avx2,bmi1,bmi2,popcnt",
    |pivot| _mm256_set1_epi32(pivot),
    |address| _mm256_loadu_si256(address.cast()),
    |v, p| _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(p, v))) as u32,
    |packed, mask| _mm256_permutevar8x32_epi32(
        packed,
        _mm256_loadu_si256(SINGLES[mask as usize].as_ptr().cast())
    ),
    |target, value| _mm256_storeu_si256(target.cast(), value)
);

/// By the bits of lanes: the lanes that are set, in order, as a permutation of parts of 32 bits.
const fn permutations<const N: usize>(parts_per_lane: usize) -> [[i32; 8]; N] {
    let mut table = [[0; 8]; N];
    let mut mask = 0;
    while mask < N {
        let (mut lane, mut position) = (0, 0);
        while lane < 8 / parts_per_lane {
            let mut part = 0;
            while mask >> lane & 1 == 1 && part < parts_per_lane {
                table[mask][position] = (lane * parts_per_lane + part) as i32;
                position += 1;
                part += 1;
            }
            lane += 1;
        }
        mask += 1;
    }
    table
}

static PAIRS: [[i32; 8]; 16] = permutations(2);
static SINGLES: [[i32; 8]; 256] = permutations(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> impl Iterator<Item = Vec<i64>> {
        let mut state = 1u64;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 20) as i64
        };
        [128usize, 129, 200, 1000, 4097].into_iter().flat_map(move |n| {
            let numbers: Vec<i64> = (0..n).map(|_| random() - (1 << 43)).collect();
            let few = numbers.iter().map(|x| x % 3).collect();
            let rising = (0..n as i64).collect();
            let falling = (0..n as i64).rev().collect();
            let extreme = (0..n).map(|idx| if idx % 3 == 0 { i64::MIN } else { i64::MAX }).collect();
            [numbers, few, rising, falling, vec![7; n], extreme]
        })
    }

    fn check<K: Copy + Ord + std::fmt::Debug>(input: &[K], sort: impl Fn(&mut [K])) {
        let (mut sorted, mut expected) = (input.to_vec(), input.to_vec());
        sort(&mut sorted);
        expected.sort_unstable();
        assert_eq!(sorted, expected);
    }

    #[test]
    fn every_variant_sorts() {
        for input in inputs() {
            let narrow: Vec<i32> = input.iter().map(|x| (x >> 12) as i32).collect();
            check(&input, |x| assert!(sort(x) || !has_avx2() || x.len() < FEWEST));
            if has_avx2() {
                let mut buffer: Vec<i64> = Vec::with_capacity(input.len() + 16);
                let mut narrow_buffer: Vec<i32> = Vec::with_capacity(input.len() + 16);
                let (buffer, narrow_buffer) = (buffer.as_mut_ptr(), narrow_buffer.as_mut_ptr());
                // SAFETY: the processor has the instructions, the buffers have the room.
                check(&input, |x| unsafe { sort_i64_avx2(x, buffer, 40) });
                // SAFETY: as above.
                check(&narrow, |x| unsafe { sort_i32_avx2(x, narrow_buffer, 40) });
                check(&narrow, |x| assert!(sort(x)));
                let unsigned: Vec<u64> = input.iter().map(|x| *x as u64).collect();
                check(&unsigned, |x| assert!(sort(x)));
            }
        }
    }

    #[test]
    fn floats_with_nan() {
        let mut floats: Vec<f64> = (0..100).map(|idx| f64::from(idx * 37 % 100) - 50.0).collect();
        floats[3] = -f64::NAN;
        floats[4] = f64::NAN;
        floats[5] = f64::NEG_INFINITY;
        let mut expected = floats.clone();
        expected.sort_by(|a, b| a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())));
        if sort(&mut floats) {
            assert_eq!(floats[..98], expected[..98]);
            assert!(floats[98..].iter().all(|x| x.is_nan()));
        }
    }
}

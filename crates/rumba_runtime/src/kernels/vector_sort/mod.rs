//! Sorting and selecting integers and floats by vector instructions, where the processor has them.
//!
//! A quicksort in place for every type of 32 and 64 bits, with AVX-512 of 16 bits too, and for keys with positions. What
//! is generic is in `quicksort` and `networks`, over the vectors of `avx2` and `avx512`.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod lanes;
#[cfg(target_arch = "x86_64")]
mod networks;
#[cfg(target_arch = "x86_64")]
mod quicksort;

/// The instructions that the processor has; each includes those before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Level {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Vbmi2,
}

impl Level {
    #[cfg(target_arch = "x86_64")]
    fn of_processor() -> Level {
        macro_rules! has {
            ($($feature:tt)*) => { true $(&& is_x86_feature_detected!($feature))* };
        }
        if !has!("avx2" "bmi1" "bmi2" "lzcnt" "popcnt") {
            Level::Plain
        } else if !has!("avx512f" "avx512dq" "avx512vl" "avx512bw") {
            Level::Avx2
        } else if !has!("avx512vbmi2") {
            Level::Avx512
        } else {
            Level::Vbmi2
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn of_processor() -> Level {
        Level::Plain
    }
}

/// Sorts elements, among which there is no nan. `false` if nothing was done: elements of this type are not sorted so.
pub(super) fn sort<T: Copy + 'static>(elements: &mut [T]) -> bool {
    run(Level::of_processor(), elements, None)
}

/// Lets a position have the element that sorting would put there, smaller ones before and larger ones behind it. There
/// is no nan. `false` if nothing was done.
pub(super) fn select<T: Copy + 'static>(elements: &mut [T], position: usize) -> bool {
    assert!(position < elements.len());
    run(Level::of_processor(), elements, Some(position))
}

/// Sorts keys and, in the same way, the positions that go with them; these decide between equal keys. `false` if nothing
/// was done.
pub(super) fn sort_pairs(keys: &mut [u64], positions: &mut [i64]) -> bool {
    run_pairs(Level::of_processor(), keys, positions, None)
}

/// [`select`] among keys with positions. `false` if nothing was done.
pub(super) fn select_pairs(keys: &mut [u64], positions: &mut [i64], position: usize) -> bool {
    assert!(position < keys.len());
    run_pairs(Level::of_processor(), keys, positions, Some(position))
}

/// The number of pivots after which they were bad.
fn n_levels(n: usize) -> u32 {
    2 * n.max(1).ilog2()
}

#[cfg(target_arch = "x86_64")]
macro_rules! sort_or_select {
    ($module:ident, $V:ty, $place:expr, $n:expr, $position:expr) => {{
        let n = $n;
        // SAFETY: the level says that the processor has the instructions; so many elements are the caller's.
        unsafe {
            match $position {
                None => quicksort::$module::sort::<$V>($place, n, n_levels(n)),
                Some(position) => quicksort::$module::select::<$V>($place, n, position, n_levels(n)),
            }
        }
        return true;
    }};
}

#[cfg(target_arch = "x86_64")]
fn run<T: Copy + 'static>(level: Level, elements: &mut [T], position: Option<usize>) -> bool {
    macro_rules! by_type {
        ($($level:pat, $T:ty, $module:ident, $lanes:ident;)*) => {
            $(if matches!(level, $level) && std::any::TypeId::of::<T>() == std::any::TypeId::of::<$T>() {
                sort_or_select!($module, $module::$lanes, elements.as_mut_ptr().cast::<$T>(), elements.len(), position);
            })*
        };
    }
    by_type! {
        Level::Avx512 | Level::Vbmi2, i64, avx512, I64;
        Level::Avx512 | Level::Vbmi2, u64, avx512, U64;
        Level::Avx512 | Level::Vbmi2, f64, avx512, F64;
        Level::Avx512 | Level::Vbmi2, i32, avx512, I32;
        Level::Avx512 | Level::Vbmi2, u32, avx512, U32;
        Level::Avx512 | Level::Vbmi2, f32, avx512, F32;
        Level::Avx2, i64, avx2, I64;
        Level::Avx2, u64, avx2, U64;
        Level::Avx2, f64, avx2, F64;
        Level::Avx2, i32, avx2, I32;
        Level::Avx2, u32, avx2, U32;
        Level::Avx2, f32, avx2, F32;
    }
    use avx512 as vbmi2;
    by_type! {
        Level::Vbmi2, i16, vbmi2, I16;
        Level::Vbmi2, u16, vbmi2, U16;
    }
    false
}

#[cfg(not(target_arch = "x86_64"))]
fn run<T: Copy + 'static>(_level: Level, _elements: &mut [T], _position: Option<usize>) -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
fn run_pairs(level: Level, keys: &mut [u64], positions: &mut [i64], position: Option<usize>) -> bool {
    assert_eq!(keys.len(), positions.len());
    let place = (keys.as_mut_ptr(), positions.as_mut_ptr());
    match level {
        Level::Plain => false,
        Level::Avx2 => sort_or_select!(avx2, avx2::Pairs, place, keys.len(), position),
        Level::Avx512 | Level::Vbmi2 => sort_or_select!(avx512, avx512::Pairs, place, keys.len(), position),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn run_pairs(_level: Level, _keys: &mut [u64], _positions: &mut [i64], _position: Option<usize>) -> bool {
    false
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEVELS: [Level; 3] = [Level::Avx2, Level::Avx512, Level::Vbmi2];

    fn levels() -> impl Iterator<Item = Level> {
        LEVELS.into_iter().filter(|level| *level <= Level::of_processor())
    }

    /// Orders in which elements may come; each says from what in `0..n` an element is made.
    #[derive(Clone, Copy, Debug)]
    enum Pattern {
        Random,
        Sorted,
        Reversed,
        Equal,
        FewValues,
        OrganPipe,
        Sawtooth,
        AlmostSorted,
        Extremes,
    }

    const PATTERNS: [Pattern; 9] = [
        Pattern::Random,
        Pattern::Sorted,
        Pattern::Reversed,
        Pattern::Equal,
        Pattern::FewValues,
        Pattern::OrganPipe,
        Pattern::Sawtooth,
        Pattern::AlmostSorted,
        Pattern::Extremes,
    ];

    /// 64 bits per element, of which types take the highest.
    fn bits(pattern: Pattern, n: usize, seed: u64) -> Vec<u64> {
        let mut state = seed;
        let mut random = || {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ z >> 31
        };
        let step = u64::MAX / n.max(1) as u64;
        (0..n)
            .map(|idx| match pattern {
                Pattern::Random => random(),
                Pattern::Sorted => idx as u64 * step,
                Pattern::Reversed => (n - idx) as u64 * step,
                Pattern::Equal => seed,
                Pattern::FewValues => (random() % 5) << 61,
                Pattern::OrganPipe => idx.min(n - idx) as u64 * step,
                Pattern::Sawtooth => (idx % 17) as u64 * (u64::MAX / 17),
                Pattern::AlmostSorted => match random() % 16 {
                    0 => random(),
                    _ => idx as u64 * step,
                },
                Pattern::Extremes => match random() % 3 {
                    0 => 0,
                    1 => u64::MAX,
                    _ => random(),
                },
            })
            .collect()
    }

    /// An element type, as made of bits, without nans.
    trait Sample: Copy + PartialOrd + std::fmt::Debug + 'static {
        const FIRST_LEVEL: Level = Level::Avx2;
        fn from_bits(bits: u64) -> Self;
        fn to_bits(self) -> u64;
    }

    macro_rules! integers {
        ($($T:ty, $level:expr;)*) => {$(
            impl Sample for $T {
                const FIRST_LEVEL: Level = $level;
                fn from_bits(bits: u64) -> $T {
                    ((bits >> (64 - <$T>::BITS)) as $T).wrapping_add(<$T>::MIN)
                }
                fn to_bits(self) -> u64 {
                    self as u64
                }
            }
        )*};
    }

    integers! {
        i64, Level::Avx2; u64, Level::Avx2; i32, Level::Avx2; u32, Level::Avx2; i16, Level::Vbmi2; u16, Level::Vbmi2;
    }

    macro_rules! floats {
        ($($T:ty, $Bits:ty;)*) => {$(
            impl Sample for $T {
                fn from_bits(bits: u64) -> $T {
                    let float = <$T>::from_bits((bits >> (64 - <$Bits>::BITS)) as $Bits);
                    match bits % 8 {
                        0 => 0.0,
                        1 => -0.0,
                        2 => <$T>::INFINITY,
                        _ if float.is_nan() => <$T>::NEG_INFINITY,
                        _ => float,
                    }
                }
                fn to_bits(self) -> u64 {
                    u64::from(<$T>::to_bits(self))
                }
            }
        )*};
    }

    floats! { f64, u64; f32, u32; }

    fn counted<T: Sample>(elements: &[T]) -> Vec<u64> {
        let mut bits: Vec<u64> = elements.iter().map(|element| element.to_bits()).collect();
        bits.sort_unstable();
        bits
    }

    /// The result has the same elements, to the bit, in order.
    fn check_sort<T: Sample>(bits: &[u64], levels: impl Iterator<Item = Level>) {
        let elements: Vec<T> = bits.iter().map(|bits| T::from_bits(*bits)).collect();
        for level in levels {
            let mut sorted = elements.clone();
            assert_eq!(run(level, &mut sorted, None), level >= T::FIRST_LEVEL);
            assert_eq!(counted(&sorted), counted(&elements), "{level:?}");
            assert!(level < T::FIRST_LEVEL || sorted.is_sorted(), "{level:?}: {sorted:?}");
        }
    }

    fn check_select<T: Sample>(bits: &[u64], position: usize) {
        let elements: Vec<T> = bits.iter().map(|bits| T::from_bits(*bits)).collect();
        for level in levels().filter(|level| *level >= T::FIRST_LEVEL) {
            let mut divided = elements.clone();
            assert!(run(level, &mut divided, Some(position)));
            assert_eq!(counted(&divided), counted(&elements), "{level:?}");
            let middle = divided[position];
            assert!(divided[..position].iter().all(|element| *element <= middle), "{level:?}");
            assert!(divided[position..].iter().all(|element| *element >= middle), "{level:?}");
        }
    }

    fn check_pairs(bits: &[u64], position: usize) {
        let mut expected: Vec<(u64, i64)> = bits.iter().copied().zip(0..).collect();
        expected.sort_unstable();
        for level in levels() {
            let (mut keys, mut positions) = (bits.to_vec(), (0..bits.len() as i64).collect::<Vec<_>>());
            assert!(run_pairs(level, &mut keys, &mut positions, None));
            assert!(expected.iter().copied().eq(keys.into_iter().zip(positions)), "{level:?}");
            if position < bits.len() {
                let (mut keys, mut positions) = (bits.to_vec(), (0..bits.len() as i64).collect::<Vec<_>>());
                assert!(run_pairs(level, &mut keys, &mut positions, Some(position)));
                assert_eq!(keys[position], expected[position].0, "{level:?}");
                assert!(keys[..position].iter().all(|key| *key <= keys[position]), "{level:?}");
                assert!(keys[position..].iter().all(|key| *key >= keys[position]), "{level:?}");
                let mut pairs: Vec<(u64, i64)> = keys.into_iter().zip(positions).collect();
                pairs.sort_unstable();
                assert_eq!(pairs, expected, "{level:?}");
            }
        }
    }

    fn check_all(bits: &[u64], position: usize) {
        macro_rules! types {
            ($($T:ty),*) => {$(
                check_sort::<$T>(bits, levels());
                if position < bits.len() {
                    check_select::<$T>(bits, position);
                }
            )*};
        }
        types!(i64, u64, f64, i32, u32, f32, i16, u16);
        check_pairs(bits, position);
    }

    /// Levels take turns: unoptimised, this takes its time.
    #[test]
    fn every_size() {
        for n in 0..=600 {
            let bits = bits(Pattern::Random, n, n as u64);
            macro_rules! types {
                ($($T:ty),*) => {$(
                    let level = levels().nth(n % levels().count().max(1));
                    check_sort::<$T>(&bits, level.into_iter());
                )*};
            }
            types!(i64, u64, f64, i32, u32, f32, i16, u16);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn patterns(pattern in proptest::sample::select(&PATTERNS), n in 0usize..600, seed: u64, position in 0usize..600) {
            check_all(&bits(pattern, n, seed), position);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(9))]

        #[test]
        fn patterns_of_many(pattern in proptest::sample::select(&PATTERNS), n in 600usize..6000, seed: u64, part in 0.0..1.0) {
            check_all(&bits(pattern, n, seed), (n as f64 * part) as usize);
        }
    }

    /// Pivots run out at once: the rest is sorted all the same.
    #[test]
    fn after_bad_pivots() {
        let elements = bits(Pattern::Random, 2000, 1);
        let mut expected = elements.clone();
        expected.sort_unstable();
        for n_levels in 0..3 {
            if Level::of_processor() >= Level::Avx2 {
                let (mut sorted, n) = (elements.clone(), elements.len());
                // SAFETY: the processor has the instructions.
                unsafe { quicksort::avx2::sort::<avx2::U64>(sorted.as_mut_ptr(), n, n_levels) };
                assert_eq!(sorted, expected);
            }
            if Level::of_processor() >= Level::Avx512 {
                let (mut sorted, n) = (elements.clone(), elements.len());
                // SAFETY: the processor has the instructions.
                unsafe { quicksort::avx512::select::<avx512::U64>(sorted.as_mut_ptr(), n, 1000, n_levels) };
                assert_eq!(sorted[1000], expected[1000]);
            }
        }
    }
}

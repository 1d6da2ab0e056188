//! Shuffling, permutations and choices.

use super::Source;
use crate::context::ExecutionContext;
use crate::kernels::{Argument, NewArray, Raise, Result, View, run};
use crate::random::BitGenerator;

/// The order in which a shuffle leaves `n` things.
fn shuffled(source: Source, n: usize) -> Vec<i64> {
    let mut order: Vec<i64> = (0..n as i64).collect();
    shuffle_slice(source, &mut order);
    order
}

fn shuffle_slice<T>(source: Source, elements: &mut [T]) {
    for i in (1..elements.len()).rev() {
        elements.swap(i, source.interval(i as u64) as usize);
    }
}

/// Shuffles an array along an axis, the others going along: `(bits or null, array, axis)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn shuffle<T: Copy + 'static>(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    array: *const i64,
    axis: i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            let array = View::<T>::from_raw(array);
            if array.size() == 0 {
                return Ok(());
            }
            if array.ndim() == 1 {
                for mut lane in array.lanes(0) {
                    lane.with_mut_slice(|elements| shuffle_slice(source, elements));
                }
                return Ok(());
            }
            let order = shuffled(source, array.extent(axis as usize));
            for mut lane in array.lanes(axis as usize) {
                let before: Vec<T> = lane.iter().collect();
                for (idx, from) in order.iter().enumerate() {
                    lane.set(idx, before[*from as usize]);
                }
            }
            Ok(())
        })
    }
}

/// Shuffles each line along an axis on its own: `(bits or null, array, axis)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn permute<T: Copy + 'static>(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    array: *const i64,
    axis: i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            for mut lane in View::<T>::from_raw(array).lanes(axis as usize) {
                lane.with_mut_slice(|elements| shuffle_slice(source, elements));
            }
            Ok(())
        })
    }
}

/// The integers from 0 to below `n` in random order: `(bits or null, n)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn permutation(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    n: i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe { run(ctx, out, || NewArray::from_slice(&shuffled(Source::new(ctx, bits)?, n.max(0) as usize))) }
}

/// What to choose, and how.
struct Choice<'a> {
    population: i64,
    /// Whether the population is the elements of an array.
    of_array: bool,
    replace: bool,
    shuffle: bool,
    probabilities: Option<View<'a, f64>>,
    /// How far the sum of the probabilities may be from 1.
    tolerance: f64,
}

/// Positions of what is chosen: `(bits or null, shape or null, population, whether that is of an array, replace, shuffle,
/// probabilities or null, tolerance of their sum)`; one position if there is no shape.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn choice(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    size: *const i64,
    population: i64,
    of_array: bool,
    replace: bool,
    shuffle: bool,
    probabilities: *const i64,
    tolerance: f64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            let size = Option::<&[i64]>::from_raw(size).unwrap_or_default();
            let probabilities = Option::from_raw(probabilities);
            let choice = Choice { population, of_array, replace, shuffle, probabilities, tolerance };
            let n = size.iter().fold(1, |n: i64, extent| n.saturating_mul(*extent));
            let positions = choice.positions(source, n)?;
            let mut array = NewArray::of_shape(size)?;
            array.as_mut_slice().copy_from_slice(&positions);
            Ok(array)
        })
    }
}

impl Choice<'_> {
    fn positions(&self, source: Source, n: i64) -> Result<Vec<i64>> {
        let message =
            |legacy: &str, new: &str| Err(Raise::value_error(if source.legacy { legacy } else { new }));
        if self.population <= 0 && n != 0 {
            return match self.of_array {
                true => message(
                    "'a' cannot be empty unless no samples are taken",
                    "a cannot be empty unless no samples are taken",
                ),
                false => message(
                    "a must be greater than 0 unless no samples are taken",
                    "a must be a positive integer unless no samples are taken",
                ),
            };
        }
        let probabilities = self.probabilities.as_ref().map(View::to_vec);
        if let Some(p) = &probabilities {
            let [size, nan, negative, sum] = if source.legacy {
                [
                    "'a' and 'p' must have same size",
                    "probabilities contain NaN",
                    "probabilities are not non-negative",
                    "probabilities do not sum to 1",
                ]
            } else {
                [
                    "a and p must have same size",
                    "Probabilities contain NaN",
                    "Probabilities are not non-negative",
                    "Probabilities do not sum to 1. See Notes section of docstring for more information.",
                ]
            };
            let total = compensated_sum(p);
            let wrong = if p.len() as i64 != self.population {
                Some(size)
            } else if total.is_nan() {
                Some(nan)
            } else if p.iter().any(|p| *p < 0.0) {
                Some(negative)
            } else if (total - 1.0).abs() > self.tolerance {
                Some(sum)
            } else {
                None
            };
            if let Some(message) = wrong {
                return Err(Raise::value_error(message));
            }
        }
        if n < 0 {
            return message("Negative dimensions are not allowed", "negative dimensions are not allowed");
        }
        if !self.replace && n > self.population {
            return message(
                "Cannot take a larger sample than population when 'replace=False'",
                "Cannot take a larger sample than population when replace is False",
            );
        }
        Ok(match (probabilities, self.replace) {
            (Some(p), true) => {
                let sums = cumulative(&p);
                (0..n).map(|_| position(&sums, source.double())).collect()
            }
            (Some(p), false) => distinct(source, p, n as usize)?,
            (None, true) => {
                let mut positions = vec![0; n as usize];
                if n > 0 {
                    let range = (self.population - 1) as u64;
                    // SAFETY: the source is alive, and the vector has room for as many.
                    unsafe {
                        (source.numpy.random_bounded_uint64_fill)(
                            source.bits,
                            0,
                            range,
                            n as isize,
                            source.legacy,
                            positions.as_mut_ptr().cast(),
                        )
                    };
                }
                positions
            }
            (None, false) if source.legacy => {
                let mut order = shuffled(source, self.population as usize);
                order.truncate(n as usize);
                order
            }
            (None, false) => self.sample(source, n),
        })
    }

    /// Distinct positions, as `Generator` chooses them: the tail of a shuffle where many are asked for, else by Floyd's
    /// algorithm.
    fn sample(&self, source: Source, n: i64) -> Vec<i64> {
        let population = self.population;
        let cutoff = if self.shuffle { 50 } else { 20 };
        if population > 10_000 && n > population / cutoff {
            let mut order: Vec<i64> = (0..population).collect();
            shuffle_tail(source, &mut order, (population - n).max(1) as usize);
            return order.split_off((population - n) as usize);
        }
        let mut chosen = std::collections::HashSet::with_capacity(n as usize);
        let mut positions = Vec::with_capacity(n as usize);
        for last in population - n..population {
            let drawn = source.bounded(last as u64) as i64;
            let position = if chosen.insert(drawn) { drawn } else { last };
            chosen.insert(position);
            positions.push(position);
        }
        if self.shuffle {
            shuffle_tail(source, &mut positions, 1);
        }
        positions
    }
}

/// Shuffles what is behind the first elements, drawing as `Generator.integers` does.
fn shuffle_tail(source: Source, positions: &mut [i64], first: usize) {
    for i in (first..positions.len()).rev() {
        positions.swap(i, source.bounded(i as u64) as usize);
    }
}

/// Positions drawn with these probabilities, none twice: those that come again are drawn again.
fn distinct(source: Source, mut p: Vec<f64>, n: usize) -> Result<Vec<i64>> {
    if p.iter().filter(|p| **p > 0.0).count() < n {
        return Err(Raise::value_error("Fewer non-zero entries in p than size"));
    }
    let mut found: Vec<i64> = Vec::with_capacity(n);
    while found.len() < n {
        let drawn: Vec<f64> = (found.len()..n).map(|_| source.double()).collect();
        for position in &found {
            p[*position as usize] = 0.0;
        }
        let sums = cumulative(&p);
        let n_before = found.len();
        for number in drawn {
            let position = position(&sums, number);
            if !found[n_before..].contains(&position) {
                found.push(position);
            }
        }
    }
    Ok(found)
}

/// Sums up to each element, over the last of them.
fn cumulative(p: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums: Vec<f64> = p
        .iter()
        .map(|p| {
            sum += p;
            sum
        })
        .collect();
    sums.iter_mut().for_each(|partial| *partial /= sum);
    sums
}

/// Behind all that is not larger.
fn position(sums: &[f64], number: f64) -> i64 {
    sums.partition_point(|sum| *sum <= number) as i64
}

/// Kahan's sum.
pub(super) fn compensated_sum(numbers: &[f64]) -> f64 {
    let Some((first, rest)) = numbers.split_first() else { return 0.0 };
    let (mut sum, mut lost) = (*first, 0.0);
    for number in rest {
        let corrected = number - lost;
        let total = sum + corrected;
        lost = (total - sum) - corrected;
        sum = total;
    }
    sum
}

pub(super) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    macro_rules! by_size {
        ($($suffix:ident $T:ty),*) => {$(
            table.push((concat!("rumba_random_shuffle_", stringify!($suffix)), shuffle::<$T> as *const () as usize));
            table.push((concat!("rumba_random_permute_", stringify!($suffix)), permute::<$T> as *const () as usize));
        )*};
    }
    by_size!(raw1 u8, raw2 u16, raw4 u32, raw8 u64, raw16 crate::kernels::element::Raw16);
    table.push(("rumba_random_permutation", permutation as *const () as usize));
    table.push(("rumba_random_choice", choice as *const () as usize));
}

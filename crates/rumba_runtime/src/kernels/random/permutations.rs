//! Shuffling, permutations and choices.

use super::Source;
use crate::context::ExecutionContext;
use crate::kernels::{Argument, NewArray, Raise, Result, View, run};
use crate::random::BitGenerator;
use std::collections::HashSet;

/// The integers from 0 to below `n`. Raises `MemoryError`.
pub(super) fn counting(n: i64) -> Result<Vec<i64>> {
    let mut numbers = Vec::new();
    if numbers.try_reserve_exact(n.max(0) as usize).is_err() {
        return Err(Raise::new("MemoryError", format!("cannot allocate memory for {n} integers")));
    }
    numbers.extend(0..n);
    Ok(numbers)
}

/// The order in which a shuffle leaves `n` things.
fn shuffled(source: Source, n: i64) -> Result<Vec<i64>> {
    let mut order = counting(n)?;
    shuffle_slice(source, &mut order);
    Ok(order)
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
            let order = shuffled(source, array.extents()[axis as usize])?;
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

/// Shuffles all elements of an array, in order F where the strides of another are so or, if that is null, its own are those of a
/// contiguous array: `(bits or null, array, other)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn permute_whole<T: Copy + 'static>(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    array: *const i64,
    like: *const i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            let array = View::<T>::from_raw(array);
            let strides = match Option::<View<'_, T>>::from_raw(like) {
                Some(like) => like.strides().to_vec(),
                None => array.strides().to_vec(),
            };
            let mut order: Vec<usize> = (0..array.ndim()).collect();
            order.sort_by_key(|axis| std::cmp::Reverse(strides[*axis].unsigned_abs()));
            let in_order = |values: &[i64]| -> Vec<i64> { order.iter().map(|axis| values[*axis]).collect() };
            let (extents, strides) = (in_order(array.extents()), in_order(array.strides()));
            let ordered = array.with_axes(&extents, &strides);
            // A copy that is in order C or F, as NumPy shuffles it; others are shuffled in order C.
            let axes: Vec<usize> = order.into_iter().filter(|axis| array.extents()[*axis] != 1).collect();
            let is_fortran = axes.is_sorted_by(|a, b| a > b);
            let is_one_run = !like.is_null() || ordered.is_contiguous();
            let elements = if is_fortran && is_one_run { ordered } else { array };
            let mut shuffled: Vec<T> = elements.iter().collect();
            shuffle_slice(source, &mut shuffled);
            for (address, element) in elements.addresses().zip(shuffled) {
                // SAFETY: the address of an element; the array is one that is written to.
                address.write_unaligned(element);
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
    unsafe { run(ctx, out, || NewArray::from_slice(&shuffled(Source::new(ctx, bits)?, n)?)) }
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
            choice.check(source, n)?;
            let mut array = NewArray::of_shape(size)?;
            choice.choose(source, array.as_mut_slice())?;
            Ok(array)
        })
    }
}

impl Choice<'_> {
    /// Raises what is wrong with choosing `n`, in NumPy's words.
    fn check(&self, source: Source, n: i64) -> Result<()> {
        let [empty, not_positive, size, nan, negative, sum, negative_size, too_many] = if source.legacy {
            [
                "'a' cannot be empty unless no samples are taken",
                "a must be greater than 0 unless no samples are taken",
                "'a' and 'p' must have same size",
                "probabilities contain NaN",
                "probabilities are not non-negative",
                "probabilities do not sum to 1",
                "Negative dimensions are not allowed",
                "Cannot take a larger sample than population when 'replace=False'",
            ]
        } else {
            [
                "a cannot be empty unless no samples are taken",
                "a must be a positive integer unless no samples are taken",
                "a and p must have same size",
                "Probabilities contain NaN",
                "Probabilities are not non-negative",
                "Probabilities do not sum to 1. See Notes section of docstring for more information.",
                "negative dimensions are not allowed",
                "Cannot take a larger sample than population when replace is False",
            ]
        };
        let fail_if = |condition: bool, message: &str| {
            if condition { Err(Raise::value_error(message)) } else { Ok(()) }
        };
        fail_if(self.population <= 0 && n != 0, if self.of_array { empty } else { not_positive })?;
        if let Some(p) = &self.probabilities {
            let p = p.to_vec();
            let total = compensated_sum(&p);
            fail_if(p.len() as i64 != self.population, size)?;
            fail_if(total.is_nan(), nan)?;
            fail_if(p.iter().any(|p| *p < 0.0), negative)?;
            fail_if((total - 1.0).abs() > self.tolerance, sum)?;
        }
        fail_if(n < 0, negative_size)?;
        fail_if(!self.replace && n > self.population, too_many)
    }

    fn choose(&self, source: Source, positions: &mut [i64]) -> Result<()> {
        match (self.probabilities.as_ref().map(View::to_vec), self.replace) {
            (Some(p), true) => {
                let sums = cumulative(&p);
                positions.fill_with(|| position(&sums, source.double()));
            }
            (Some(p), false) => choose_distinct(source, p, positions)?,
            (None, true) if positions.is_empty() => {}
            (None, true) => {
                let (first, n) = (positions.as_mut_ptr().cast(), positions.len() as isize);
                let range = (self.population - 1) as u64;
                // SAFETY: the source is alive, and the slice has room for as many.
                unsafe {
                    (source.numpy.random_bounded_uint64_fill)(source.bits, 0, range, n, source.legacy, first)
                };
            }
            (None, false) if source.legacy => {
                positions.copy_from_slice(&shuffled(source, self.population)?[..positions.len()]);
            }
            (None, false) => self.sample(source, positions)?,
        }
        Ok(())
    }

    /// Distinct positions, as `Generator` chooses them: the tail of a shuffle where many are asked for, else by Floyd's
    /// algorithm.
    fn sample(&self, source: Source, positions: &mut [i64]) -> Result<()> {
        let (population, n) = (self.population, positions.len() as i64);
        let cutoff = if self.shuffle { 50 } else { 20 };
        if population > 10_000 && n > population / cutoff {
            let mut order = counting(population)?;
            shuffle_tail(source, &mut order, (population - n).max(1) as usize);
            positions.copy_from_slice(&order[(population - n) as usize..]);
            return Ok(());
        }
        let mut chosen = HashSet::with_capacity(positions.len());
        for (position, last) in positions.iter_mut().zip(population - n..population) {
            let drawn = source.bounded(last as u64) as i64;
            *position = if chosen.insert(drawn) { drawn } else { last };
            chosen.insert(*position);
        }
        if self.shuffle {
            shuffle_tail(source, positions, 1);
        }
        Ok(())
    }
}

/// Shuffles what is behind the first elements, drawing as `Generator.integers` does.
fn shuffle_tail(source: Source, positions: &mut [i64], first: usize) {
    for i in (first..positions.len()).rev() {
        positions.swap(i, source.bounded(i as u64) as usize);
    }
}

/// Draws positions with these probabilities, none twice: those that come again are drawn again.
fn choose_distinct(source: Source, mut p: Vec<f64>, positions: &mut [i64]) -> Result<()> {
    if p.iter().filter(|p| **p > 0.0).count() < positions.len() {
        return Err(Raise::value_error("Fewer non-zero entries in p than size"));
    }
    let mut n_found = 0;
    while n_found < positions.len() {
        let drawn: Vec<f64> = (n_found..positions.len()).map(|_| source.double()).collect();
        for position in &positions[..n_found] {
            p[*position as usize] = 0.0;
        }
        let sums = cumulative(&p);
        let mut is_new = vec![true; p.len()];
        for number in drawn {
            let position = position(&sums, number);
            if std::mem::take(&mut is_new[position as usize]) {
                positions[n_found] = position;
                n_found += 1;
            }
        }
    }
    Ok(())
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
            table.push((concat!("rumba_random_permute_whole_", stringify!($suffix)), permute_whole::<$T> as *const () as usize));
        )*};
    }
    by_size!(raw1 u8, raw2 u16, raw4 u32, raw8 u64, raw16 crate::kernels::element::Raw16);
    table.push(("rumba_random_permutation", permutation as *const () as usize));
    table.push(("rumba_random_choice", choice as *const () as usize));
}

//! Fourier transforms along an axis: `np.fft`.
//!
//! A few lines of elements are transformed at a time. They are transformed where they are to stand if they lie there behind each
//! other, else in a buffer: then so many that what is read and written across lines comes in whole cache lines.

use super::{Lane, NewArray, Result, View, kernels};
use num_complex::Complex;
use rumba_fft::{Float, FromHalf, ToHalf, Transform, half_length};

kernels! {
    fourier<T: floats>(from: Option<View<'_, Complex<T>>>, out: View<'_, Complex<T>>, axis: i64, inverse: bool, scale: f64) -> ();
    fourier_of_real<T: floats>(from: View<'_, T>, out: View<'_, Complex<T>>, axis: i64, inverse: bool, scale: f64) -> ();
    fourier_to_half<T: floats>(from: View<'_, T>, n: i64, out: View<'_, Complex<T>>, axis: i64, inverse: bool, scale: f64) -> ();
    fourier_from_half<T: floats>(from: View<'_, Complex<T>>, out: View<'_, T>, axis: i64, inverse: bool, scale: f64) -> ();
    sample_frequencies<T: double>(n: i64, distance: f64, half: bool) -> NewArray<T>;
}

/// As many numbers are transformed at a time, if they are not of one line.
const NUMBERS_AT_ONCE: usize = 4096;
/// At least as many lines are transformed at a time that do not lie behind each other.
const MIN_LINES: usize = 8;

/// Reads lines that are shorter or longer than `n` into a buffer of `n` elements for each: what is missing is 0.
fn gather<T: Copy + Default + 'static>(lines: &[Lane<'_, T>], n: usize, buffer: &mut [T]) {
    let length = lines[0].len().min(n);
    for (line, target) in lines.iter().zip(buffer.chunks_exact_mut(n)) {
        target[length..].fill(T::default());
        if let Some(elements) = line.as_slice() {
            target[..length].copy_from_slice(&elements[..length]);
        }
    }
    if length > 0 && lines[0].as_slice().is_none() {
        for idx in 0..length {
            lines.iter().enumerate().for_each(|(number, line)| buffer[number * n + idx] = line.get(idx));
        }
    }
}

/// Writes what `gather` reads.
fn scatter<T: Copy + 'static>(lines: &mut [Lane<'_, T>], buffer: &[T]) {
    let n = lines[0].len();
    for idx in 0..n {
        lines.iter_mut().enumerate().for_each(|(number, line)| line.set(idx, buffer[number * n + idx]));
    }
}

/// Lets `transform` make the lines of `out` along an axis, a few at a time: of the lines of `from`, and into a slice in which
/// they lie behind each other. Without `from`, they are in that slice beforehand.
fn for_lines<S: Copy + Default + 'static, R: Copy + Default + 'static>(
    from: Option<View<'_, S>>,
    out: View<'_, R>,
    axis: i64,
    mut transform: impl FnMut(&[Lane<'_, S>], &mut [R]),
) {
    let axis = axis as usize;
    let n = out.extent(axis);
    if out.size() == 0 {
        return;
    }
    let lie_behind_each_other = out.extents()[axis + 1..].iter().all(|extent| *extent == 1);
    let whole = if lie_behind_each_other { out.as_mut_slice() } else { None };
    let n_lines = (NUMBERS_AT_ONCE / n).max(if whole.is_some() { 1 } else { MIN_LINES });
    let mut sources = from.iter().flat_map(|from| from.lanes(axis));
    let mut next_sources = || -> Vec<Lane<'_, S>> { sources.by_ref().take(n_lines).collect() };
    if let Some(whole) = whole {
        whole.chunks_mut(n_lines * n).for_each(|part| transform(&next_sources(), part));
        return;
    }
    let mut buffer = vec![R::default(); n_lines * n];
    let mut targets = out.lanes(axis);
    loop {
        let mut lines: Vec<Lane<'_, R>> = targets.by_ref().take(n_lines).collect();
        if lines.is_empty() {
            return;
        }
        let part = &mut buffer[..lines.len() * n];
        if from.is_none() {
            gather(&lines, n, part);
        }
        transform(&next_sources(), part);
        scatter(&mut lines, part);
    }
}

/// The transform of complex numbers; without `from` of those in `out`.
fn fourier<T: Float>(
    from: Option<View<'_, Complex<T>>>,
    out: View<'_, Complex<T>>,
    axis: i64,
    inverse: bool,
    scale: f64,
) -> Result<()> {
    let (n, scale) = (out.extent(axis as usize), T::rounded(scale));
    let mut transform = Transform::new(n, inverse);
    for_lines(from, out, axis, |sources, part| {
        if !sources.is_empty() {
            gather(sources, n, part);
        }
        transform.run(part, scale);
    });
    Ok(())
}

/// The whole transform of real numbers. Each half of it is the conjugate of the other.
fn fourier_of_real<T: Float>(
    from: View<'_, T>,
    out: View<'_, Complex<T>>,
    axis: i64,
    inverse: bool,
    scale: f64,
) -> Result<()> {
    let (n, scale) = (out.extent(axis as usize), T::rounded(scale));
    let mut transform = ToHalf::new(n);
    let mut numbers = Vec::new();
    for_lines(Some(from), out, axis, |sources, part| {
        numbers.resize(part.len(), T::default());
        gather(sources, n, &mut numbers);
        for (numbers, line) in numbers.chunks_exact_mut(n).zip(part.chunks_exact_mut(n)) {
            let (half, rest) = line.split_at_mut(half_length(n));
            transform.run(numbers, half, scale);
            if inverse {
                half.iter_mut().for_each(|number| *number = number.conj());
            }
            rest.iter_mut().rev().zip(&half[1..]).for_each(|(target, number)| *target = number.conj());
        }
    });
    Ok(())
}

/// The half of the transform of `n` real numbers on each line; that of the inverse one is its conjugate.
fn fourier_to_half<T: Float>(
    from: View<'_, T>,
    n: i64,
    out: View<'_, Complex<T>>,
    axis: i64,
    inverse: bool,
    scale: f64,
) -> Result<()> {
    let (n, scale) = (n as usize, T::rounded(scale));
    let mut transform = ToHalf::new(n);
    let mut numbers = Vec::new();
    for_lines(Some(from), out, axis, |sources, part| {
        numbers.resize(sources.len() * n, T::default());
        gather(sources, n, &mut numbers);
        for (numbers, half) in numbers.chunks_exact_mut(n).zip(part.chunks_exact_mut(half_length(n))) {
            transform.run(numbers, half, scale);
        }
        if inverse {
            part.iter_mut().for_each(|number| *number = number.conj());
        }
    });
    Ok(())
}

/// The inverse transforms of what the lines are halves of, or the forward ones, which are those of the conjugates.
fn fourier_from_half<T: Float>(
    from: View<'_, Complex<T>>,
    out: View<'_, T>,
    axis: i64,
    inverse: bool,
    scale: f64,
) -> Result<()> {
    let (n, scale) = (out.extent(axis as usize), T::rounded(scale));
    let mut transform = FromHalf::new(n);
    let mut halves = Vec::new();
    for_lines(Some(from), out, axis, |sources, part| {
        halves.resize(sources.len() * half_length(n), Complex::default());
        gather(sources, half_length(n), &mut halves);
        if !inverse {
            halves.iter_mut().for_each(|number| *number = number.conj());
        }
        for (half, numbers) in halves.chunks_exact_mut(half_length(n)).zip(part.chunks_exact_mut(n)) {
            transform.run(half, numbers, scale);
        }
    });
    Ok(())
}

/// The frequencies that a transform of `n` samples has, from 0 up and then the negative ones; of a half from 0 up.
fn sample_frequencies<T: From<f64> + Copy + Default + 'static>(
    n: i64,
    distance: f64,
    half: bool,
) -> Result<NewArray<T>> {
    let step = 1.0 / (n as f64 * distance);
    let (n_up, n_down) = if half { (n / 2 + 1, 0) } else { ((n + 1) / 2, n / 2) };
    let mut frequencies = NewArray::of_shape(&[n_up + n_down])?;
    let numbers = (0..n_up).chain(-n_down..0);
    for (frequency, number) in frequencies.as_mut_slice().iter_mut().zip(numbers) {
        *frequency = T::from(number as f64 * step);
    }
    Ok(frequencies)
}

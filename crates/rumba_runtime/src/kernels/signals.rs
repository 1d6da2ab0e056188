//! Sequences of samples: products of one that slides along another, straight lines between points, phases.

use super::number::Number;
use super::statistics::Middle;
use super::{NewArray, Raise, Result, View, kernels};
use num_complex::Complex;

kernels! {
    sliding_products<T: wide>(a: View<'_, T>, v: View<'_, T>, mode: i64, is_convolution: bool) -> NewArray<T>;
    interp<T: doubles>(x: View<'_, f64>, xp: View<'_, f64>, fp: View<'_, T>, ends: View<'_, T>, has_left: bool, has_right: bool, period: f64) -> NewArray<T>;
    unwrap<T: floats>(phases: View<'_, T>, axis: i64, jump: f64, period: f64) -> NewArray<T>;
    unwrap_integers<T: real>(phases: View<'_, T>, axis: i64, jump: f64, period: f64) -> NewArray<f64>;
}

/// The convolution, or the correlation, of two sequences. Modes: 0 valid, 1 same, 2 full.
fn sliding_products<T: Number>(
    a: View<'_, T>,
    v: View<'_, T>,
    mode: i64,
    is_convolution: bool,
) -> Result<NewArray<T>> {
    let (a, mut v) = (a.to_vec(), v.to_vec());
    if a.is_empty() || v.is_empty() {
        let message = match (is_convolution, a.is_empty()) {
            (true, true) => "a cannot be empty",
            (true, false) => "v cannot be empty",
            (false, true) => "first array argument cannot be empty",
            (false, false) => "second array argument cannot be empty",
        };
        return Err(Raise::value_error(message));
    }
    if !is_convolution {
        v.reverse();
        v.iter_mut().for_each(|element| *element = element.conjugate());
    }
    convolved(&a, &v, mode, is_convolution)
}

/// The convolution of two sequences that have elements; of a correlation, with the second one reversed.
pub(super) fn convolved<T: Number>(a: &[T], v: &[T], mode: i64, is_convolution: bool) -> Result<NewArray<T>> {
    let (long, short) = if a.len() >= v.len() { (a, v) } else { (v, a) };
    let (n, m) = (long.len(), short.len());
    let (first, length) = match mode {
        0 => (m - 1, n - m + 1),
        // A correlation whose second sequence is longer counts from the other end.
        1 if !is_convolution && a.len() < v.len() => (m - 1 - (m - m / 2 - 1), n),
        1 => ((m - 1) / 2, n),
        _ => (0, n + m - 1),
    };
    let mut result = NewArray::<T>::zeros(&[length])?;
    // Result `i` is the sum over `j` of `long[first + i - j] * short[j]`: for blocks of results that stay in the cache.
    const BLOCK: usize = 1024;
    for (block, sums) in result.as_mut_slice().chunks_mut(BLOCK).enumerate() {
        let start = first + block * BLOCK;
        for (j, factor) in short.iter().enumerate() {
            // Results from `low` to `high` of the block have this product.
            let low = j.saturating_sub(start);
            let high = sums.len().min((n + j).saturating_sub(start));
            if low >= high {
                continue;
            }
            let elements = &long[start + low - j..start + high - j];
            for (sum, element) in sums[low..high].iter_mut().zip(elements) {
                *sum = sum.plus(element.times(*factor));
            }
        }
    }
    Ok(result)
}

/// What is interpolated: each of its parts by itself.
trait Value: Copy + Default + 'static {
    /// The value at `x` on the line through two points; from the second one where the first gives nan.
    fn on_line(x: f64, start: (f64, Self), end: (f64, Self)) -> Self;
}

impl Value for f64 {
    #[inline]
    fn on_line(x: f64, start: (f64, f64), end: (f64, f64)) -> f64 {
        let slope = (end.1 - start.1) / (end.0 - start.0);
        let value = slope * (x - start.0) + start.1;
        if !value.is_nan() {
            return value;
        }
        // As NumPy, where infinities cancel.
        let value = slope * (x - end.0) + end.1;
        if value.is_nan() && start.1 == end.1 { start.1 } else { value }
    }
}

impl Value for Complex<f64> {
    #[inline]
    fn on_line(x: f64, start: (f64, Self), end: (f64, Self)) -> Self {
        let part = |a, b| f64::on_line(x, (start.0, a), (end.0, b));
        Complex::new(part(start.1.re, end.1.re), part(start.1.im, end.1.im))
    }
}

/// A period of 0 is none.
fn interp<T: Value + From<f64>>(
    x: View<'_, f64>,
    xp: View<'_, f64>,
    fp: View<'_, T>,
    ends: View<'_, T>,
    has_left: bool,
    has_right: bool,
    period: f64,
) -> Result<NewArray<T>> {
    let (mut xp, mut fp, ends) = (xp.to_vec(), fp.to_vec(), ends.to_vec());
    if period == 0.0 && xp.is_empty() {
        return Err(Raise::value_error("array of sample points is empty"));
    }
    if xp.len() != fp.len() {
        return Err(Raise::value_error("fp and xp are not of the same length."));
    }
    let remainder = |x: f64| {
        let period = period.abs();
        let remainder = x % period;
        if remainder < 0.0 { remainder + period } else { remainder }
    };
    if period != 0.0 {
        if xp.is_empty() {
            return Err(Raise::value_error("array of sample points is empty"));
        }
        let mut points: Vec<(f64, T)> = xp.iter().map(|x| remainder(*x)).zip(fp).collect();
        points.sort_by(|a, b| super::Element::order(&a.0, &b.0));
        let (first, last) = (points[0], points[points.len() - 1]);
        points.insert(0, (last.0 - period.abs(), last.1));
        points.push((first.0 + period.abs(), first.1));
        (xp, fp) = points.into_iter().unzip();
    }
    let last = xp.len() - 1;
    let left = if has_left && period == 0.0 { ends[0] } else { fp[0] };
    let right = if has_right && period == 0.0 { ends[1] } else { fp[last] };
    let mut result = NewArray::of_shape(x.extents())?;
    let mut guess = 0;
    for (value, x) in result.as_mut_slice().iter_mut().zip(x.iter()) {
        let x = if period == 0.0 { x } else { remainder(x) };
        *value = if last == 0 {
            if x < xp[0] {
                left
            } else if x > xp[0] {
                right
            } else {
                fp[0]
            }
        } else if x.is_nan() {
            T::from(x)
        } else if x > xp[last] {
            right
        } else if x < xp[0] {
            left
        } else {
            // Neighbours are mostly between the same points.
            if !(xp[guess] <= x && guess < last && x < xp[guess + 1]) {
                guess = xp.partition_point(|point| *point <= x).saturating_sub(1);
            }
            match guess {
                _ if guess == last || xp[guess] == x => fp[guess],
                _ => T::on_line(x, (xp[guess], fp[guess]), (xp[guess + 1], fp[guess + 1])),
            }
        };
    }
    Ok(result)
}

/// Floats of both precisions, by way of f64 where nothing is lost.
trait Phase: Copy + Default + 'static + std::ops::Sub<Output = Self> + std::ops::Add<Output = Self> {
    fn to_f64(self) -> f64;
    fn from_f64(value: f64) -> Self;
}

macro_rules! phases {
    ($($T:ty),*) => {$(
        impl Phase for $T {
            fn to_f64(self) -> f64 {
                self.into()
            }

            fn from_f64(value: f64) -> $T {
                value as $T
            }
        }
    )*};
}

phases!(f32, f64);

/// Phases without jumps of a period between neighbours along an axis.
fn unwrap<T: Phase>(phases: View<'_, T>, axis: i64, jump: f64, period: f64) -> Result<NewArray<T>> {
    unwrapped(phases, axis, jump, period, |phase| phase, |phase, before| (phase - before).to_f64())
}

/// Integers as floats; their differences wrap, as NumPy's do.
fn unwrap_integers<T: Middle>(
    phases: View<'_, T>,
    axis: i64,
    jump: f64,
    period: f64,
) -> Result<NewArray<f64>> {
    unwrapped(phases, axis, jump, period, T::as_f64, T::distance)
}

fn unwrapped<T: Copy + 'static, P: Phase>(
    phases: View<'_, T>,
    axis: i64,
    jump: f64,
    period: f64,
    phase_of: impl Fn(T) -> P,
    distance: impl Fn(T, T) -> f64,
) -> Result<NewArray<P>> {
    let axis = axis as usize;
    let mut result = NewArray::of_shape(phases.extents())?;
    let half = P::from_f64(period / 2.0).to_f64();
    let whole = P::from_f64(period).to_f64();
    let rounded = |value: f64| P::from_f64(value).to_f64();
    for (source, mut target) in phases.lanes(axis).zip(result.view().lanes(axis)) {
        let mut correction = P::default();
        for idx in 0..source.len() {
            let phase = phase_of(source.get(idx));
            if idx > 0 {
                let distance = distance(source.get(idx), source.get(idx - 1));
                let shifted = rounded(distance + half);
                let mut remainder = shifted % whole;
                if remainder != 0.0 && (remainder < 0.0) != (whole < 0.0) {
                    remainder = rounded(remainder + whole);
                }
                let mut nearest = rounded(remainder - half);
                if nearest == -half && distance > 0.0 {
                    nearest = half;
                }
                if distance.abs() >= jump || distance.is_nan() {
                    correction = correction + P::from_f64(nearest - distance);
                }
                target.set(idx, phase + correction);
            } else {
                target.set(idx, phase);
            }
        }
    }
    Ok(result)
}

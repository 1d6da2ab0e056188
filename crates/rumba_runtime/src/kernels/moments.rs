//! Means and variances along axes.
//!
//! The variance is computed as NumPy does: the mean, then the sum of squared distances from it, in the order in which
//! `kernels::reductions` sums.

use super::reductions::{TILE, is_reduced, out_slice, reduce};
use super::{Bool, Element, Result, View, kernels};
use crate::reductions::{Count, Number, Pairwise, Sum, pairwise_sum_of};
use crate::vectorised::vectorised;
use num_complex::Complex;

kernels! {
    divide<T: inexact>(array: View<'_, T>, divisor: f64) -> ();
    nan_mean<T: inexact>(array: View<'_, T>, mask: i64, out: View<'_, T>) -> ();
    nan_variance<T: inexact>(array: View<'_, T>, mask: i64, out: View<'_, <T as Moment>::Real>, correction: f64, is_root: bool) -> ();
    variance<T: inexact>(array: View<'_, T>, mask: i64, out: View<'_, <T as Moment>::Real>, correction: f64, is_root: bool) -> ();
}

/// A variance.
pub trait Variance: Number<Total = Self> + Moment + Pairwise {
    fn root(self) -> Self;
}

/// A number that has a mean.
pub trait Moment: Number<Total = Self> {
    /// Of squared distances.
    type Real: Variance;

    /// As NumPy divides by an integer and rounds.
    fn divided(self, divisor: f64) -> Self;
    fn squared_distance(self, mean: Self) -> Self::Real;
    fn minus(self, other: Self) -> Self;
    /// Multiplied by, and divided by, a number of the element's precision.
    fn scaled(self, factor: f64) -> Self;
    fn over(self, divisor: f64) -> Self;
}

macro_rules! moments {
    ($($T:ty),*) => {$(
        impl Moment for $T {
            type Real = $T;

            #[inline(always)]
            fn divided(self, divisor: f64) -> $T {
                (f64::from(self) / divisor) as $T
            }
            #[inline(always)]
            fn squared_distance(self, mean: $T) -> $T {
                (self - mean) * (self - mean)
            }
            fn minus(self, other: $T) -> $T {
                self - other
            }
            fn scaled(self, factor: f64) -> $T {
                self * factor as $T
            }
            fn over(self, divisor: f64) -> $T {
                self / divisor as $T
            }
        }

        impl Variance for $T {
            fn root(self) -> $T {
                self.sqrt()
            }
        }

        impl Moment for Complex<$T> {
            type Real = $T;

            #[inline(always)]
            fn divided(self, divisor: f64) -> Self {
                let (re, im) = (f64::from(self.re), f64::from(self.im));
                if divisor == 0.0 {
                    return Complex { re: (re / divisor) as $T, im: (im / divisor) as $T };
                }
                // Smith's division by a number whose imaginary part is 0.
                let scale = 1.0 / divisor;
                Complex { re: ((re + im * 0.0) * scale) as $T, im: ((im - re * 0.0) * scale) as $T }
            }
            #[inline(always)]
            fn squared_distance(self, mean: Self) -> $T {
                let (re, im) = (self.re - mean.re, self.im - mean.im);
                re * re + im * im
            }
            fn minus(self, other: Self) -> Self {
                self - other
            }
            fn scaled(self, factor: f64) -> Self {
                self * factor as $T
            }
            fn over(self, divisor: f64) -> Self {
                self.divided(divisor)
            }
        }
    )*};
}

moments!(f32, f64);

fn divide<T: Moment>(array: View<'_, T>, divisor: f64) -> Result<()> {
    let elements = array.as_mut_slice().expect("sums are contiguous");
    elements.iter_mut().for_each(|element| *element = element.divided(divisor));
    Ok(())
}

fn variance<T: Moment>(
    array: View<'_, T>,
    mask: i64,
    out: View<'_, T::Real>,
    correction: f64,
    is_root: bool,
) -> Result<()> {
    let out = out_slice(out);
    let reduced = |axis: &usize| is_reduced(mask, *axis);
    let count: i64 = (0..array.ndim()).filter(reduced).map(|axis| array.extents()[axis]).product();
    let mut means = vec![T::default(); out.len()];
    reduce::<Sum<T>>(array, mask, &mut means, false, "add")?;
    means.iter_mut().for_each(|mean| *mean = mean.divided(count as f64));
    sum_squared_distances(array, mask, &means, out)?;
    let freedom = (count as f64 - correction).max(0.0);
    for result in out {
        *result = result.divided(freedom);
        if is_root {
            *result = result.root();
        }
    }
    Ok(())
}

/// What becomes of the elements of an array, in the order in which these lie in memory, and strides of a view of it. `change` is
/// given each element and the number of the result that it belongs to.
fn changed<T: Moment, U: Copy + 'static>(
    array: &View<'_, T>,
    mask: i64,
    mut change: impl FnMut(T, usize) -> U,
) -> (Vec<U>, Vec<i64>) {
    let mut order: Vec<usize> = (0..array.ndim()).collect();
    order.sort_by_key(|axis| std::cmp::Reverse(array.strides()[*axis].unsigned_abs()));
    let of_results = result_strides::<i64>(array.extents(), mask);
    let in_order = |values: &[i64]| -> Vec<i64> { order.iter().map(|axis| values[*axis]).collect() };
    let extents = in_order(array.extents());
    let [own, of_results] = [in_order(array.strides()), in_order(&of_results)];
    let elements = array.with_axes(&extents, &own);
    let n_results: i64 =
        (0..array.ndim()).filter(|axis| !is_reduced(mask, *axis)).map(|axis| array.extents()[axis]).product();
    let numbers: Vec<i64> = (0..n_results).collect();
    let numbers = elements.with_elements(&numbers, &of_results);
    let values =
        elements.iter().zip(numbers.iter()).map(|(element, result)| change(element, result as usize));
    let mut strides = vec![0; array.ndim()];
    for (axis, stride) in order.iter().zip(elements.c_strides::<U>()) {
        strides[*axis] = stride;
    }
    (values.collect(), strides)
}

/// For each result the mean of the elements that are not nan, and how many they are.
fn means_without_nan<T: Moment>(
    array: &View<'_, T>,
    mask: i64,
    means: &mut [T],
    counts: &mut [i64],
) -> Result<()> {
    let (numbers, strides) =
        changed(array, mask, |element, _| if Element::is_nan(&element) { T::default() } else { element });
    reduce::<Sum<T>>(array.with_elements(&numbers, &strides), mask, means, false, "add")?;
    let (counted, strides) = changed(array, mask, |element, _| Bool::from(!Element::is_nan(&element)));
    reduce::<Count<Bool>>(array.with_elements(&counted, &strides), mask, counts, false, "add")?;
    means.iter_mut().zip(counts).for_each(|(mean, count)| *mean = mean.divided(*count as f64));
    Ok(())
}

fn nan_mean<T: Moment>(array: View<'_, T>, mask: i64, out: View<'_, T>) -> Result<()> {
    let out = out_slice(out);
    let mut counts = vec![0; out.len()];
    means_without_nan(&array, mask, out, &mut counts)
}

fn nan_variance<T: Moment>(
    array: View<'_, T>,
    mask: i64,
    out: View<'_, T::Real>,
    correction: f64,
    is_root: bool,
) -> Result<()> {
    let out = out_slice(out);
    let (mut means, mut counts) = (vec![T::default(); out.len()], vec![0; out.len()]);
    means_without_nan(&array, mask, &mut means, &mut counts)?;
    let (squares, strides) = changed(&array, mask, |element, result| match Element::is_nan(&element) {
        true => T::Real::default(),
        false => element.squared_distance(means[result]),
    });
    reduce::<Sum<T::Real>>(array.with_elements(&squares, &strides), mask, out, false, "add")?;
    for (result, count) in out.iter_mut().zip(counts) {
        let freedom = count as f64 - correction;
        *result = result.divided(if freedom > 0.0 { freedom } else { f64::NAN });
        if is_root {
            *result = result.root();
        }
    }
    Ok(())
}

/// For each result the sum of squared distances from its mean.
fn sum_squared_distances<T: Moment>(
    array: View<'_, T>,
    mask: i64,
    means: &[T],
    out: &mut [T::Real],
) -> Result<()> {
    let ndim = array.ndim();
    let n_leading = (0..ndim).take_while(|axis| is_reduced(mask, *axis)).count();
    let n_trailing = (0..ndim).rev().take_while(|axis| is_reduced(mask, *axis)).count();
    let n_reduced = (0..ndim).filter(|axis| is_reduced(mask, *axis)).count();
    let elements = array.as_slice().unwrap_or_default();
    if !elements.is_empty() && n_trailing == n_reduced {
        // Runs that lie behind each other in memory.
        let length = elements.len() / out.len();
        for ((result, mean), run) in out.iter_mut().zip(means).zip(elements.chunks_exact(length)) {
            *result = pairwise_sum_of(run, |element| element.squared_distance(*mean));
            *result = T::Real::plus(T::Real::ZERO, *result);
        }
        return Ok(());
    }
    if !elements.is_empty() && n_leading == n_reduced {
        let length = out.len();
        out.fill(T::Real::ZERO);
        for first in (0..length).step_by(TILE) {
            let tile = first..length.min(first + TILE);
            for row in elements.chunks_exact(length) {
                add_squared_distances(&mut out[tile.clone()], &row[tile.clone()], &means[tile.clone()]);
            }
        }
        return Ok(());
    }
    // As NumPy's array of distances lies in memory: in the order of the array's axes there.
    let mut order: Vec<usize> = (0..ndim).collect();
    order.sort_by_key(|axis| std::cmp::Reverse(array.strides()[*axis].unsigned_abs()));
    let of_means = result_strides::<T>(array.extents(), mask);
    let in_order = |values: &[i64]| -> Vec<i64> { order.iter().map(|axis| values[*axis]).collect() };
    let extents = in_order(array.extents());
    let [strides, of_means] = [in_order(array.strides()), in_order(&of_means)];
    let elements = array.with_axes(&extents, &strides);
    let means = elements.with_elements(means, &of_means);
    let distances: Vec<T::Real> =
        elements.iter().zip(means.iter()).map(|(element, mean)| element.squared_distance(mean)).collect();
    let mut strides = vec![0; ndim];
    for (axis, stride) in order.iter().zip(elements.c_strides::<T::Real>()) {
        strides[*axis] = stride;
    }
    reduce::<Sum<T::Real>>(array.with_elements(&distances, &strides), mask, out, false, "add")
}

/// Strides of the results along the axes of what they are made of.
fn result_strides<T>(extents: &[i64], mask: i64) -> Vec<i64> {
    let mut strides = vec![0; extents.len()];
    let mut stride = size_of::<T>() as i64;
    for axis in (0..extents.len()).rev().filter(|axis| !is_reduced(mask, *axis)) {
        strides[axis] = stride;
        stride *= extents[axis];
    }
    strides
}

vectorised! {
    fn add_squared_distances<T: Moment>(acc: &mut [T::Real], row: &[T], means: &[T]) {
        for ((acc, element), mean) in acc.iter_mut().zip(row).zip(means) {
            *acc = T::Real::plus(*acc, element.squared_distance(*mean));
        }
    }
}

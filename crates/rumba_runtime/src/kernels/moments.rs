//! Means, variances, averages and integrals along axes.
//!
//! The variance is computed as NumPy does: the mean, then the sum of squared distances from it, in the order in which
//! `kernels::reductions` sums.

use super::reductions::{TILE, is_reduced, out_slice, reduce};
use super::{Bool, Element, Raise, Result, View, kernels};
use crate::reductions::{Count, Number, Pairwise, Sum, pairwise_sum_of};
use crate::vectorised::vectorised;
use num_complex::Complex;
use std::borrow::Cow;
use std::ops::{Div, Mul};

kernels! {
    divide<T: inexact>(array: View<'_, T>, divisor: f64) -> ();
    nan_mean<T: inexact>(array: View<'_, T>, mask: i64, out: View<'_, T>) -> ();
    nan_variance<T: inexact>(array: View<'_, T>, mask: i64, out: View<'_, <T as Moment>::Real>, correction: f64, is_root: bool) -> ();
    variance_where<T: inexact>(array: View<'_, T>, mask: i64, condition: View<'_, Bool>, out: View<'_, <T as Moment>::Real>, correction: f64, is_root: bool, or_nan: bool) -> ();
    average<T: floats>(array: View<'_, T>, weights: View<'_, T>, mask: i64, out: View<'_, T>, scale: View<'_, T>) -> ();
    trapezoid<T: floats>(later: View<'_, T>, earlier: View<'_, T>, distances: View<'_, T>, mask: i64, out: View<'_, T>) -> ();
    trapezoid_at<T: floats>(later: View<'_, T>, earlier: View<'_, T>, ends: View<'_, T>, starts: View<'_, T>, mask: i64, out: View<'_, T>) -> ();
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

/// Which elements count.
trait Counted<T>: Copy {
    /// `condition` is that of the element, where there are conditions.
    fn counts(self, element: T, condition: bool) -> bool;
}

#[derive(Clone, Copy)]
struct Numbers;

impl<T: Element> Counted<T> for Numbers {
    #[inline(always)]
    fn counts(self, element: T, _condition: bool) -> bool {
        !element.is_nan()
    }
}

#[derive(Clone, Copy)]
struct Chosen;

impl<T> Counted<T> for Chosen {
    #[inline(always)]
    fn counts(self, _element: T, condition: bool) -> bool {
        condition
    }
}

/// An array of which some elements count: those for which a condition holds, or whatever `counted` says.
struct Part<'a, T, C> {
    array: View<'a, T>,
    /// Of the array's shape.
    condition: Option<View<'a, Bool>>,
    counted: C,
    /// The axes that are reduced.
    mask: i64,
}

impl<T: Moment, C: Counted<T>> Part<'_, T, C> {
    /// What becomes of the elements, in the order in which these lie in memory, and strides of a view of it. `change` is given
    /// each element, whether it counts, and the number of the result that it belongs to.
    fn changed<U: Copy + 'static>(&self, mut change: impl FnMut(T, bool, usize) -> U) -> (Vec<U>, Vec<i64>) {
        let array = &self.array;
        let order = memory_order(array);
        let of_results = result_strides::<i64>(array.extents(), self.mask);
        let in_order = |values: &[i64]| -> Vec<i64> { order.iter().map(|axis| values[*axis]).collect() };
        let extents = in_order(array.extents());
        let [own, of_results] = [in_order(array.strides()), in_order(&of_results)];
        let elements = array.with_axes(&extents, &own);
        let numbers: Vec<i64> = (0..self.n_results()).collect();
        let numbers = elements.with_elements(&numbers, &of_results);
        let pairs = elements.iter().zip(numbers.iter());
        let mut change = |element, condition, result| {
            change(element, self.counted.counts(element, condition), result as usize)
        };
        let values = match &self.condition {
            None => pairs.map(|(element, result)| change(element, true, result)).collect(),
            Some(condition) => {
                let strides = in_order(condition.strides());
                let conditions = condition.with_axes(&extents, &strides);
                let pairs = pairs.zip(conditions.iter());
                pairs.map(|((element, result), condition)| change(element, condition.get(), result)).collect()
            }
        };
        (values, strides_of_order::<U>(&order, &elements))
    }

    fn n_results(&self) -> i64 {
        let kept = (0..self.array.ndim()).filter(|axis| !is_reduced(self.mask, *axis));
        kept.map(|axis| self.array.extents()[axis]).product()
    }

    /// For each result the mean of the elements that count, and how many they are.
    fn means(&self, means: &mut [T], counts: &mut [i64]) -> Result<()> {
        let (numbers, strides) =
            self.changed(|element, counts, _| if counts { element } else { T::default() });
        reduce::<Sum<T>>(self.array.with_elements(&numbers, &strides), self.mask, means, false, "add")?;
        let (counted, strides) = self.changed(|_, counts, _| Bool::from(counts));
        reduce::<Count<Bool>>(self.array.with_elements(&counted, &strides), self.mask, counts, false, "add")?;
        means.iter_mut().zip(counts).for_each(|(mean, count)| *mean = mean.divided(*count as f64));
        Ok(())
    }

    /// The variances; where no degrees of freedom are left, nan if `or_nan`.
    fn variances(&self, out: &mut [T::Real], correction: f64, is_root: bool, or_nan: bool) -> Result<()> {
        let (mut means, mut counts) = (vec![T::default(); out.len()], vec![0; out.len()]);
        self.means(&mut means, &mut counts)?;
        let (squares, strides) = self.changed(|element, counts, result| match counts {
            true => element.squared_distance(means[result]),
            false => T::Real::default(),
        });
        reduce::<Sum<T::Real>>(self.array.with_elements(&squares, &strides), self.mask, out, false, "add")?;
        for (result, count) in out.iter_mut().zip(counts) {
            let freedom = count as f64 - correction;
            let none = if or_nan { f64::NAN } else { 0.0 };
            *result = result.divided(if freedom > 0.0 { freedom } else { none });
            if is_root {
                *result = result.root();
            }
        }
        Ok(())
    }
}

fn nan_mean<T: Moment>(array: View<'_, T>, mask: i64, out: View<'_, T>) -> Result<()> {
    let out = out_slice(out);
    let mut counts = vec![0; out.len()];
    Part { array, condition: None, counted: Numbers, mask }.means(out, &mut counts)
}

fn nan_variance<T: Moment>(
    array: View<'_, T>,
    mask: i64,
    out: View<'_, T::Real>,
    correction: f64,
    is_root: bool,
) -> Result<()> {
    let part = Part { array, condition: None, counted: Numbers, mask };
    part.variances(out_slice(out), correction, is_root, true)
}

/// The variance of the elements for which a condition holds.
fn variance_where<T: Moment>(
    array: View<'_, T>,
    mask: i64,
    condition: View<'_, Bool>,
    out: View<'_, T::Real>,
    correction: f64,
    is_root: bool,
    or_nan: bool,
) -> Result<()> {
    let part = Part { array, condition: Some(condition), counted: Chosen, mask };
    part.variances(out_slice(out), correction, is_root, or_nan)
}

/// The sums of products with weights of the array's shape, divided by the sums of these, which go to `scale`.
fn average<T: Variance + Mul<Output = T> + Div<Output = T>>(
    array: View<'_, T>,
    weights: View<'_, T>,
    mask: i64,
    out: View<'_, T>,
    scale: View<'_, T>,
) -> Result<()> {
    let (out, scale) = (out_slice(out), out_slice(scale));
    reduce::<Sum<T>>(weights, mask, scale, false, "add")?;
    if scale.iter().any(|scale| !scale.is_true()) {
        return Err(Raise::new("ZeroDivisionError", "Weights sum to zero, can't be normalized"));
    }
    sum_of_combined([array, weights], mask, out, |[element, weight]| element * weight)?;
    out.iter_mut().zip(scale).for_each(|(sum, scale)| *sum = *sum / *scale);
    Ok(())
}

/// The integrals of straight lines between elements, by their distances. All arrays have one shape.
fn trapezoid<T: Variance + Mul<Output = T>>(
    later: View<'_, T>,
    earlier: View<'_, T>,
    distances: View<'_, T>,
    mask: i64,
    out: View<'_, T>,
) -> Result<()> {
    sum_of_combined([later, earlier, distances], mask, out_slice(out), |[later, earlier, distance]| {
        (distance * T::plus(later, earlier)).over(2.0)
    })
}

/// As `trapezoid`, by the places of the later and the earlier elements.
fn trapezoid_at<T: Variance + Mul<Output = T>>(
    later: View<'_, T>,
    earlier: View<'_, T>,
    ends: View<'_, T>,
    starts: View<'_, T>,
    mask: i64,
    out: View<'_, T>,
) -> Result<()> {
    let arrays = [later, earlier, ends, starts];
    sum_of_combined(arrays, mask, out_slice(out), |[later, earlier, end, start]| {
        (end.minus(start) * T::plus(later, earlier)).over(2.0)
    })
}

/// Sums of what becomes of the elements of arrays of one shape.
fn sum_of_combined<T: Variance, const N: usize>(
    arrays: [View<'_, T>; N],
    mask: i64,
    out: &mut [T],
    combine: impl Fn([T; N]) -> T,
) -> Result<()> {
    // In the order in which the first array lies in memory, as NumPy's temporary does.
    let order = memory_order(&arrays[0]);
    let in_order = |values: &[i64]| -> Vec<i64> { order.iter().map(|axis| values[*axis]).collect() };
    let extents = in_order(arrays[0].extents());
    let strides = arrays.each_ref().map(|array| in_order(array.strides()));
    let elements: [Cow<'_, [T]>; N] = std::array::from_fn(|idx| {
        let array = arrays[idx].with_axes(&extents, &strides[idx]);
        array.as_slice().map_or_else(|| array.to_vec().into(), Cow::Borrowed)
    });
    let n = elements[0].len();
    let slices = elements.each_ref().map(|elements| &elements[..n]);
    let combined: Vec<T> = (0..n).map(|idx| combine(slices.map(|slice| slice[idx]))).collect();
    let own = arrays[0].with_axes(&extents, &extents);
    let strides = strides_of_order::<T>(&order, &own);
    reduce::<Sum<T>>(arrays[0].with_elements(&combined, &strides), mask, out, false, "add")
}

/// The axes in the order in which an array lies in memory.
fn memory_order<T: Copy + 'static>(array: &View<'_, T>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..array.ndim()).collect();
    order.sort_by_key(|axis| std::cmp::Reverse(array.strides()[*axis].unsigned_abs()));
    order
}

/// Strides along the axes of an array of what lies behind each other in another order of its axes.
fn strides_of_order<U: Copy + 'static>(
    order: &[usize],
    in_order: &View<'_, impl Copy + 'static>,
) -> Vec<i64> {
    let mut strides = vec![0; order.len()];
    for (axis, stride) in order.iter().zip(in_order.c_strides::<U>()) {
        strides[*axis] = stride;
    }
    strides
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
    let order = memory_order(&array);
    let of_means = result_strides::<T>(array.extents(), mask);
    let in_order = |values: &[i64]| -> Vec<i64> { order.iter().map(|axis| values[*axis]).collect() };
    let extents = in_order(array.extents());
    let [strides, of_means] = [in_order(array.strides()), in_order(&of_means)];
    let elements = array.with_axes(&extents, &strides);
    let means = elements.with_elements(means, &of_means);
    let distances: Vec<T::Real> =
        elements.iter().zip(means.iter()).map(|(element, mean)| element.squared_distance(mean)).collect();
    let strides = strides_of_order::<T::Real>(&order, &elements);
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

//! Counting: `bincount`, histograms, `digitize`.

use super::reductions::out_slice;
use super::{Element, NewArray, Raise, Result, View, kernels};
use crate::reductions::{Extreme, Number, Reduction};
use std::cmp::Ordering;

kernels! {
    bincount<T: index>(positions: View<'_, T>, min_length: i64) -> NewArray<i64>;
    bincount_weights<T: index>(positions: View<'_, T>, weights: View<'_, f64>, min_length: i64) -> NewArray<f64>;
    bin_edges<T: floats>(array: View<'_, T>, n: i64, has_range: bool, first: f64, last: f64) -> NewArray<T>;
    histogram<T: floats>(array: View<'_, T>, edges: View<'_, T>, uniform: bool) -> NewArray<i64>;
    histogram_weights<T: floats>(array: View<'_, T>, edges: View<'_, T>, uniform: bool, weights: View<'_, f64>) -> NewArray<f64>;
    digitize<T: wide>(array: View<'_, T>, bins: View<'_, T>, right: bool, out: View<'_, i64>) -> ();
}

/// How many bins there are, and the elements.
fn bins<T: Into<i64> + Copy + 'static>(positions: View<'_, T>, min_length: i64) -> Result<(usize, Vec<i64>)> {
    if min_length < 0 {
        return Err(Raise::value_error("'minlength' must not be negative"));
    }
    let positions: Vec<i64> = positions.iter().map(T::into).collect();
    let (smallest, largest) = positions
        .iter()
        .fold((0, -1), |(smallest, largest), position| (*position.min(&smallest), *position.max(&largest)));
    if smallest < 0 {
        return Err(Raise::value_error("'list' argument must have no negative elements"));
    }
    let n =
        largest.checked_add(1).ok_or_else(|| Raise::new("MemoryError", "the bins do not fit into memory"))?;
    Ok((n.max(min_length) as usize, positions))
}

fn bincount<T: Into<i64> + Copy + 'static>(positions: View<'_, T>, min_length: i64) -> Result<NewArray<i64>> {
    let (n, positions) = bins(positions, min_length)?;
    let mut counts = NewArray::zeros(&[n])?;
    let slice = counts.as_mut_slice();
    positions.iter().for_each(|position| slice[*position as usize] += 1);
    Ok(counts)
}

fn bincount_weights<T: Into<i64> + Copy + 'static>(
    positions: View<'_, T>,
    weights: View<'_, f64>,
    min_length: i64,
) -> Result<NewArray<f64>> {
    let (n, positions) = bins(positions, min_length)?;
    let mut sums = NewArray::zeros(&[n])?;
    let slice = sums.as_mut_slice();
    positions.iter().zip(weights.iter()).for_each(|(position, weight)| slice[*position as usize] += weight);
    Ok(sums)
}

/// A float, as histograms compute with it.
trait Coordinate:
    Number<Total = Self> + PartialOrd + std::ops::Sub<Output = Self> + std::ops::Div<Output = Self>
{
    fn from_f64(value: f64) -> Self;
    fn to_f64(self) -> f64;
}

macro_rules! coordinates {
    ($($T:ty),*) => {$(
        impl Coordinate for $T {
            fn from_f64(value: f64) -> $T {
                value as $T
            }
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
        }
    )*};
}

coordinates!(f32, f64);

/// `n` bins of equal width over a range, or over all elements.
fn bin_edges<T: Coordinate>(
    array: View<'_, T>,
    n: i64,
    has_range: bool,
    first: f64,
    last: f64,
) -> Result<NewArray<T>> {
    if n < 1 {
        return Err(Raise::value_error("`bins` must be positive, when an integer"));
    }
    let (mut first, mut last) = (first, last);
    let has_ends = has_range || array.size() == 0;
    if has_range {
        if first > last {
            return Err(Raise::value_error("max must be larger than min in range parameter."));
        }
    } else if array.size() == 0 {
        (first, last) = (0.0, 1.0);
    } else {
        let elements = array.to_vec();
        first = Extreme::<T, false, false>::run(elements[0], &elements).to_f64();
        last = Extreme::<T, true, false>::run(elements[0], &elements).to_f64();
    }
    if !first.is_finite() || !last.is_finite() {
        let what = if has_range { "supplied" } else { "autodetected" };
        let show = |value: f64| if value.is_nan() { "nan".to_string() } else { value.to_string() };
        return Err(Raise::value_error(format!(
            "{what} range of [{}, {}] is not finite",
            show(first),
            show(last)
        )));
    }
    if first == last {
        (first, last) = (first - 0.5, last + 0.5);
    }
    let n = usize::try_from(n).map_err(|_| Raise::value_error("too many bins"))?;
    let mut edges = NewArray::<T>::zeros(&[n + 1])?;
    let slice = edges.as_mut_slice();
    if has_ends {
        let step = (last - first) / n as f64;
        slice.iter_mut().enumerate().for_each(|(idx, edge)| *edge = T::from_f64(idx as f64 * step + first));
    } else {
        let (first, last) = (T::from_f64(first), T::from_f64(last));
        let step = (last - first) / T::from_f64(n as f64);
        for (idx, edge) in slice.iter_mut().enumerate() {
            *edge = T::plus(T::times(T::from_f64(idx as f64), step), first);
        }
    }
    slice[n] = T::from_f64(last);
    Ok(edges)
}

/// Calls `add` with the position in C order of each element that is in a bin, and the bin.
fn for_each_bin<T: Coordinate>(
    array: View<'_, T>,
    edges: View<'_, T>,
    uniform: bool,
    mut add: impl FnMut(usize, usize),
) -> Result<usize> {
    let edges = edges.to_vec();
    let Some(n) = edges.len().checked_sub(1) else { return Ok(0) };
    if edges.windows(2).any(|pair| pair[0] > pair[1]) {
        return Err(Raise::value_error("`bins` must increase monotonically, when an array"));
    }
    let (first, last) = (edges[0], edges[n]);
    let width = last - first;
    let count = T::from_f64(n as f64);
    let mut visit = |idx: usize, element: T| {
        if !(element >= first && element <= last) {
            return;
        }
        let bin = if uniform {
            // As NumPy: computed, then corrected by what rounding has done.
            let mut bin = (T::times((element - first) / width, count).to_f64() as usize).min(n - 1);
            if element < edges[bin] {
                bin -= 1;
            } else if bin != n - 1 && element >= edges[bin + 1] {
                bin += 1;
            }
            bin
        } else {
            edges.partition_point(|edge| *edge <= element).saturating_sub(1).min(n.saturating_sub(1))
        };
        add(idx, bin);
    };
    match array.as_slice() {
        Some(elements) => elements.iter().enumerate().for_each(|(idx, element)| visit(idx, *element)),
        None => array.iter().enumerate().for_each(|(idx, element)| visit(idx, element)),
    }
    Ok(n)
}

fn n_bins<T: Element>(edges: View<'_, T>) -> usize {
    edges.size().saturating_sub(1)
}

fn histogram<T: Coordinate>(array: View<'_, T>, edges: View<'_, T>, uniform: bool) -> Result<NewArray<i64>> {
    let mut counts = NewArray::zeros(&[n_bins(edges)])?;
    let slice = counts.as_mut_slice();
    if !slice.is_empty() {
        for_each_bin(array, edges, uniform, |_, bin| slice[bin] += 1)?;
    }
    Ok(counts)
}

fn histogram_weights<T: Coordinate>(
    array: View<'_, T>,
    edges: View<'_, T>,
    uniform: bool,
    weights: View<'_, f64>,
) -> Result<NewArray<f64>> {
    let mut sums = NewArray::zeros(&[n_bins(edges)])?;
    let (slice, weights) = (sums.as_mut_slice(), weights.to_vec());
    if !slice.is_empty() {
        for_each_bin(array, edges, uniform, |idx, bin| slice[bin] += weights[idx])?;
    }
    Ok(sums)
}

fn digitize<T: Number>(array: View<'_, T>, bins: View<'_, T>, right: bool, out: View<'_, i64>) -> Result<()> {
    let (bins, out) = (bins.to_vec(), out_slice(out));
    let is_in_order = |wrong: Ordering| bins.windows(2).all(|pair| pair[0].order(&pair[1]) != wrong);
    let ascends = is_in_order(Ordering::Greater);
    if !ascends && !is_in_order(Ordering::Less) {
        return Err(Raise::value_error("bins must be monotonically increasing or decreasing"));
    }
    for (target, element) in out.iter_mut().zip(array.iter()) {
        let n_before = match (ascends, right) {
            (true, true) => bins.partition_point(|bin| bin.order(&element) == Ordering::Less),
            (true, false) => bins.partition_point(|bin| bin.order(&element) != Ordering::Greater),
            (false, true) => bins.partition_point(|bin| bin.order(&element) != Ordering::Less),
            (false, false) => bins.partition_point(|bin| bin.order(&element) == Ordering::Greater),
        };
        *target = n_before as i64;
    }
    Ok(())
}

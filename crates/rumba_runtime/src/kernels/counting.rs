//! Counting: `bincount`, histograms, `digitize`.

use super::reductions::out_slice;
use super::{Element, NewArray, Raise, Result, View, Views, kernels};
use crate::reductions::{Extreme, Number, Reduction};
use std::cmp::Ordering;

kernels! {
    bincount<T: index>(positions: View<'_, T>, min_length: i64) -> NewArray<i64>;
    bincount_weights<T: index>(positions: View<'_, T>, weights: View<'_, f64>, min_length: i64) -> NewArray<f64>;
    bin_edges<T: floats>(array: View<'_, T>, n: i64, has_range: bool, first: f64, last: f64) -> NewArray<T>;
    histogram<T: floats>(array: View<'_, T>, edges: View<'_, T>, uniform: bool) -> NewArray<i64>;
    histogram_weights<T: floats>(array: View<'_, T>, edges: View<'_, T>, uniform: bool, weights: View<'_, f64>) -> NewArray<f64>;
    estimated_bins<T: floats>(array: View<'_, T>, method: i64, has_range: bool, first: f64, last: f64, integers: bool) -> i64;
    histogram_nd<T: floats>(samples: Views<'_, T>, edges: Views<'_, T>, weights: Option<View<'_, f64>>, density: bool, out: View<'_, f64>) -> ();
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
    let has_ends = has_range || array.size() == 0;
    let (first, last) = outer_edges(&array, has_range, first, last)?;
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

/// Where the first bin begins and the last one ends: the range that is given, or that of the elements, with some room if it is
/// a single number.
fn outer_edges<T: Coordinate>(
    array: &View<'_, T>,
    has_range: bool,
    mut first: f64,
    mut last: f64,
) -> Result<(f64, f64)> {
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
    Ok((first, last))
}

/// The methods that choose how many bins there are, in the order in which the library numbers them.
#[derive(Clone, Copy)]
enum Method {
    Auto,
    Doane,
    Fd,
    Rice,
    Scott,
    Sqrt,
    Stone,
    Sturges,
}

const METHODS: [Method; 8] = [
    Method::Auto,
    Method::Doane,
    Method::Fd,
    Method::Rice,
    Method::Scott,
    Method::Sqrt,
    Method::Stone,
    Method::Sturges,
];

/// How many bins a method chooses for elements, `integers` of which are not divided among bins.
fn estimated_bins<T: Coordinate>(
    array: View<'_, T>,
    method: i64,
    has_range: bool,
    first: f64,
    last: f64,
    integers: bool,
) -> Result<i64> {
    let (first, last) = outer_edges(&array, has_range, first, last)?;
    let is_inside = |x: &f64| !has_range || *x >= first && *x <= last;
    let elements: Vec<f64> = array.iter().map(T::to_f64).filter(is_inside).collect();
    if elements.is_empty() {
        return Ok(1);
    }
    let mut width = METHODS[method as usize].width(&elements, first, last)?;
    if width == 0.0 {
        return Ok(1);
    }
    if integers && width < 1.0 {
        width = 1.0;
    }
    Ok(((last - first) / width).ceil() as i64)
}

impl Method {
    /// The width of bins; 0 where the method cannot say.
    fn width(self, elements: &[f64], first: f64, last: f64) -> Result<f64> {
        let n = elements.len() as f64;
        let extreme = |fold: fn(f64, f64) -> f64| elements.iter().copied().fold(elements[0], fold);
        let range = extreme(f64::max) - extreme(f64::min);
        let mean = |values: &[f64]| f64::sum_of(values) / n;
        let deviation = || {
            let center = mean(elements);
            mean(&elements.iter().map(|x| (x - center) * (x - center)).collect::<Vec<f64>>()).sqrt()
        };
        Ok(match self {
            Method::Auto => {
                let by_quartiles = Method::Fd.width(elements, first, last)?;
                let by_root = Method::Sqrt.width(elements, first, last)?;
                by_quartiles.max(by_root / 2.0).min(Method::Sturges.width(elements, first, last)?)
            }
            Method::Doane => {
                let sigma = if elements.len() > 2 { deviation() } else { 0.0 };
                if sigma <= 0.0 {
                    return Ok(0.0);
                }
                let spread = (6.0 * (n - 2.0) / ((n + 1.0) * (n + 3.0))).sqrt();
                let center = mean(elements);
                let cubes: Vec<f64> = elements.iter().map(|x| ((x - center) / sigma).powi(3)).collect();
                range / (1.0 + n.log2() + (1.0 + mean(&cubes).abs() / spread).log2())
            }
            Method::Fd => {
                let mut sorted = elements.to_vec();
                sorted.sort_by(|a, b| a.order(b));
                let quantile = |q: f64| {
                    let place = (n - 1.0) * q;
                    let idx = place as usize;
                    let next = sorted[(idx + 1).min(sorted.len() - 1)];
                    let (gamma, distance) = (place - idx as f64, next - sorted[idx]);
                    if gamma >= 0.5 {
                        next - distance * (1.0 - gamma)
                    } else {
                        sorted[idx] + distance * gamma
                    }
                };
                2.0 * (quantile(0.75) - quantile(0.25)) * n.powf(-1.0 / 3.0)
            }
            Method::Rice => range / (2.0 * n.powf(1.0 / 3.0)),
            Method::Scott => (24.0 * std::f64::consts::PI.sqrt() / n).powf(1.0 / 3.0) * deviation(),
            Method::Sqrt => range / n.sqrt(),
            Method::Stone => {
                if elements.len() <= 1 || range == 0.0 {
                    return Ok(0.0);
                }
                let mut array = NewArray::from_slice(elements)?;
                let mut best = (f64::INFINITY, 1);
                for n_bins in 1..=100.max(n.sqrt() as i64) {
                    let mut edges = bin_edges(array.view(), n_bins, true, first, last)?;
                    let mut counts = histogram(array.view(), edges.view(), true)?;
                    let squares: f64 =
                        counts.as_mut_slice().iter().map(|count| (*count as f64 / n).powi(2)).sum();
                    let error = (2.0 - (n + 1.0) * squares) / (range / n_bins as f64);
                    if error < best.0 {
                        best = (error, n_bins);
                    }
                }
                range / best.1 as f64
            }
            Method::Sturges => range / (n.log2() + 1.0),
        })
    }
}

/// Counts, or sums of weights, of points that are given by one array for each axis, in bins between edges along each axis.
fn histogram_nd<T: Coordinate>(
    samples: Views<'_, T>,
    edges: Views<'_, T>,
    weights: Option<View<'_, f64>>,
    density: bool,
    out: View<'_, f64>,
) -> Result<()> {
    let edges: Vec<Vec<T>> = edges.iter().map(View::to_vec).collect();
    for (axis, edges) in edges.iter().enumerate() {
        if edges.windows(2).any(|pair| pair[0] > pair[1]) {
            let message = format!("`bins[{axis}]` must be monotonically increasing, when an array");
            return Err(Raise::value_error(message));
        }
    }
    let sums = out_slice(out);
    sums.fill(0.0);
    let columns: Vec<Vec<T>> = samples.iter().map(View::to_vec).collect();
    let weights = weights.map(|weights| weights.to_vec());
    'points: for point in 0..columns[0].len() {
        let mut place = 0;
        for (column, edges) in columns.iter().zip(&edges) {
            let (x, n_bins) = (column[point], edges.len() - 1);
            // What lies on the last edge belongs to the last bin.
            let n_below = edges.partition_point(|edge| *edge <= x) - usize::from(edges[n_bins] == x);
            if !(1..=n_bins).contains(&n_below) || Element::is_nan(&x) {
                continue 'points;
            }
            place = place * n_bins + n_below - 1;
        }
        sums[place] += weights.as_ref().map_or(1.0, |weights| weights[point]);
    }
    if density {
        let total = f64::sum_of(sums);
        for (place, sum) in sums.iter_mut().enumerate() {
            let mut rest = place;
            for edges in edges.iter().rev() {
                let bin = rest % (edges.len() - 1);
                rest /= edges.len() - 1;
                *sum /= (edges[bin + 1] - edges[bin]).to_f64();
            }
            *sum /= total;
        }
    }
    Ok(())
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

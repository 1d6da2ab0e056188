//! Order statistics along axes, and covariances.

use super::moments::Moment;
use super::products::offset_of;
use super::reductions::{for_each_group, is_reduced, out_slice};
use super::{C128, NewArray, Raise, Result, View, kernels, sorting};
use crate::reductions::{NAT, Number};
use crate::vectorised::vectorised;
use num_complex::Complex;
use rumba_linalg::{Real, Scalar};

kernels! {
    median<T: all>(array: View<'_, T>, mask: i64, out: View<'_, <T as Middle>::Mean>, skip_nan: bool) -> ();
    quantile<T: real>(array: View<'_, T>, mask: i64, q: View<'_, f64>, options: i64, out: View<'_, f64>) -> ();
    quantile_single<T: single>(array: View<'_, T>, mask: i64, q: View<'_, f64>, options: i64, out: View<'_, f32>) -> ();
    median_span<T: index>(array: View<'_, T>, mask: i64, out: View<'_, T>, skip_nat: bool) -> ();
    quantile_time<T: index>(array: View<'_, T>, mask: i64, q: View<'_, f64>, options: i64, out: View<'_, T>) -> ();
    weighted_quantile<T: real>(array: View<'_, T>, weights: View<'_, f64>, mask: i64, q: View<'_, f64>, options: i64, out: View<'_, T>) -> ();
    order_statistic<T: real>(array: View<'_, T>, mask: i64, q: View<'_, f64>, options: i64, out: View<'_, T>) -> ();
    covariance<T: doubles>(data: View<'_, T>, frequencies: View<'_, f64>, weights: View<'_, f64>, ddof: f64, normalise: bool) -> NewArray<T>;
}

/// An element that has neighbours in order.
pub trait Middle: Number {
    type Mean: Number + Moment;
    fn mean(self, other: Self) -> Self::Mean;
    /// `self - other` as NumPy interpolates with it: integers wrap.
    fn distance(self, other: Self) -> f64;
    fn as_f64(self) -> f64;
    fn not_a_number() -> Self;
}

macro_rules! integers {
    ($($T:ty),*) => {$(
        impl Middle for $T {
            type Mean = f64;

            fn mean(self, other: $T) -> f64 {
                (self as f64 + other as f64) / 2.0
            }
            fn distance(self, other: $T) -> f64 {
                self.wrapping_sub(other) as f64
            }
            fn as_f64(self) -> f64 {
                self as f64
            }
            fn not_a_number() -> $T {
                0
            }
        }
    )*};
}

integers!(i8, u8, i16, u16, i32, u32, i64, u64);

impl Middle for super::Bool {
    type Mean = f64;

    fn mean(self, other: Self) -> f64 {
        (self.as_f64() + other.as_f64()) / 2.0
    }
    fn distance(self, other: Self) -> f64 {
        self.as_f64() - other.as_f64()
    }
    fn as_f64(self) -> f64 {
        f64::from(u8::from(self.get()))
    }
    fn not_a_number() -> Self {
        super::Bool(0)
    }
}

macro_rules! floats {
    ($($T:ty),*) => {$(
        impl Middle for $T {
            type Mean = $T;

            fn mean(self, other: $T) -> $T {
                (0.0 + self + other).divided(2.0)
            }
            fn distance(self, other: $T) -> f64 {
                f64::from(self - other)
            }
            fn as_f64(self) -> f64 {
                f64::from(self)
            }
            fn not_a_number() -> $T {
                <$T>::NAN
            }
        }

        impl Middle for Complex<$T> {
            type Mean = Self;

            fn mean(self, other: Self) -> Self {
                (self + other).divided(2.0)
            }
            fn distance(self, other: Self) -> f64 {
                f64::from(self.re - other.re)
            }
            fn as_f64(self) -> f64 {
                f64::from(self.re)
            }
            fn not_a_number() -> Self {
                Complex { re: <$T>::NAN, im: 0.0 }
            }
        }
    )*};
}

floats!(f32, f64);

/// The element that would be at each of these positions, which ascend, if the elements were sorted; there is no nan.
fn select<T: Number>(elements: &mut [T], positions: &[usize], mut visit: impl FnMut(usize, T)) {
    if positions.len() > 8 {
        sorting::sort_elements(elements);
        positions.iter().for_each(|position| visit(*position, elements[*position]));
        return;
    }
    let (mut rest, mut first) = (elements, 0);
    for position in positions {
        if *position >= first {
            sorting::select(rest, position - first);
            visit(*position, rest[position - first]);
            (rest, first) = (&mut std::mem::take(&mut rest)[position - first + 1..], position + 1);
        }
    }
}

fn median<T: Middle>(array: View<'_, T>, mask: i64, out: View<'_, T::Mean>, skip_nan: bool) -> Result<()> {
    let out = out_slice(out);
    for_each_group(array, mask, |position, elements: &mut Vec<T>| {
        let first_nan = elements.iter().position(|element| element.is_nan());
        out[position] = match first_nan {
            Some(idx) if !skip_nan => elements[idx].mean(elements[idx]),
            _ => {
                if first_nan.is_some() {
                    elements.retain(|element| !element.is_nan());
                }
                middle(elements)
            }
        };
        Ok(())
    })
}

pub(super) fn middle<T: Middle>(elements: &mut [T]) -> T::Mean {
    let n = elements.len();
    if n == 0 {
        // The mean of nothing.
        return T::Mean::default().divided(0.0);
    }
    sorting::select(elements, n / 2);
    let (below, element) = (&elements[..n / 2], elements[n / 2]);
    if n % 2 == 1 {
        return element.mean(element);
    }
    let before = below.iter().copied().max_by(T::order).expect("there are two elements at least");
    before.mean(element)
}

/// The median of spans of time, where two are in the middle their mean rounded to zero.
fn median_span<T: Into<i64> + From<i64> + Number>(
    array: View<'_, T>,
    mask: i64,
    out: View<'_, T>,
    skip_nat: bool,
) -> Result<()> {
    let out = out_slice(out);
    for_each_group(array, mask, |position, elements: &mut Vec<T>| {
        let mut counts: Vec<i64> = elements.iter().map(|element| (*element).into()).collect();
        let n = counts.len();
        counts.retain(|count| *count != NAT);
        out[position] = T::from(match counts.len() {
            0 => NAT,
            left if left < n && !skip_nat => NAT,
            left => {
                let (below, count, _) = counts.select_nth_unstable(left / 2);
                match below.iter().max() {
                    Some(before) if left.is_multiple_of(2) => before.wrapping_add(*count) / 2,
                    _ => *count,
                }
            }
        });
        Ok(())
    })
}

/// How positions follow from quantiles, in the order in which `rumba_library::numpy::statistics` names them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    InvertedCdf,
    AveragedInvertedCdf,
    ClosestObservation,
    InterpolatedInvertedCdf,
    Hazen,
    Weibull,
    Linear,
    MedianUnbiased,
    NormalUnbiased,
    Lower,
    Higher,
    Midpoint,
    Nearest,
}

const METHODS: [Method; 13] = [
    Method::InvertedCdf,
    Method::AveragedInvertedCdf,
    Method::ClosestObservation,
    Method::InterpolatedInvertedCdf,
    Method::Hazen,
    Method::Weibull,
    Method::Linear,
    Method::MedianUnbiased,
    Method::NormalUnbiased,
    Method::Lower,
    Method::Higher,
    Method::Midpoint,
    Method::Nearest,
];

/// What a call says besides array and quantiles, in bits: the method, percents, whether nan is skipped, and whether weighted
/// quantiles are float32.
struct Options {
    method: Method,
    is_percent: bool,
    skip_nan: bool,
    is_single: bool,
}

impl Options {
    fn of(bits: i64) -> Options {
        Options {
            method: METHODS[(bits & 15) as usize],
            is_percent: bits & 16 != 0,
            skip_nan: bits & 32 != 0,
            is_single: bits & 64 != 0,
        }
    }
}

impl Options {
    /// Quantiles as numbers from 0 to 1.
    fn fractions(&self, q: View<'_, f64>) -> Result<Vec<f64>> {
        let fraction = |q: f64| {
            let q = match (self.is_percent, self.is_single) {
                (true, true) => f64::from(q as f32 / 100.0),
                (true, false) => q / 100.0,
                (false, true) => f64::from(q as f32),
                (false, false) => q,
            };
            if (0.0..=1.0).contains(&q) {
                return Ok(q);
            }
            Err(Raise::value_error(match self.is_percent {
                true => "Percentiles must be in the range [0, 100]",
                false => "Quantiles must be in the range [0, 1]",
            }))
        };
        q.iter().map(fraction).collect()
    }
}

/// A quantile's neighbours among `n` sorted elements, and how far it is between them.
struct Place {
    previous: usize,
    next: usize,
    gamma: f64,
}

impl Place {
    fn of(method: Method, n: usize, q: f64) -> Place {
        let (count, last) = (n as f64, (n - 1) as f64);
        // In the order in which NumPy adds.
        let formula = |alpha: f64, beta: f64| count * q + (alpha + q * (1.0 - alpha - beta)) - 1.0;
        let scaled = last * q;
        let at = |position: f64| {
            let position = (position.max(0.0) as usize).min(n - 1);
            Place { previous: position, next: position, gamma: 0.0 }
        };
        let index = match method {
            Method::Lower => return at(scaled.floor()),
            Method::Higher => return at(scaled.ceil()),
            Method::Nearest => return at(scaled.round_ties_even()),
            Method::InvertedCdf | Method::ClosestObservation => {
                let index = count * q - 1.0;
                let index = if method == Method::ClosestObservation { index - 0.5 } else { index };
                let previous = index.floor();
                let is_even = method == Method::InvertedCdf || previous.rem_euclid(2.0) == 1.0;
                return at(if index == previous && is_even { previous } else { previous + 1.0 });
            }
            Method::AveragedInvertedCdf => count * q - 1.0,
            Method::InterpolatedInvertedCdf => formula(0.0, 1.0),
            Method::Hazen => formula(0.5, 0.5),
            Method::Weibull => formula(0.0, 0.0),
            Method::Linear => scaled,
            Method::MedianUnbiased => formula(1.0 / 3.0, 1.0 / 3.0),
            Method::NormalUnbiased => formula(3.0 / 8.0, 3.0 / 8.0),
            Method::Midpoint => 0.5 * (scaled.floor() + scaled.ceil()),
        };
        let gamma = index - index.floor();
        let gamma = match method {
            Method::AveragedInvertedCdf => {
                if gamma == 0.0 {
                    0.5
                } else {
                    1.0
                }
            }
            Method::Midpoint => {
                if gamma == 0.0 {
                    0.0
                } else {
                    0.5
                }
            }
            _ => gamma,
        };
        if index < 0.0 {
            return Place { gamma, ..at(0.0) };
        }
        if index >= last {
            return Place { gamma, ..at(last) };
        }
        let previous = index.floor() as usize;
        Place { previous, next: previous + 1, gamma }
    }
}

/// Calls `write` with the index of a result, the neighbours and the distance between them, for every quantile of every group.
/// `nan` is what is given where nothing is left, and `is_nan` says what is one.
fn quantiles<T: Middle>(
    array: View<'_, T>,
    mask: i64,
    q: View<'_, f64>,
    options: i64,
    n_results: usize,
    (nan, is_nan): (T, impl Fn(&T) -> bool),
    mut write: impl FnMut(usize, T, T, f64),
) -> Result<()> {
    let options = Options::of(options);
    let q = options.fractions(q)?;
    if q.is_empty() {
        return Ok(());
    }
    let n_groups = n_results / q.len();
    for_each_group(array, mask, |group, elements: &mut Vec<T>| {
        let first_nan = elements.iter().position(&is_nan);
        if let Some(nan) = first_nan.filter(|_| !options.skip_nan).map(|idx| elements[idx]) {
            (0..q.len()).for_each(|idx| write(idx * n_groups + group, nan, nan, 0.0));
            return Ok(());
        }
        if first_nan.is_some() {
            elements.retain(|element| !is_nan(element));
        }
        if elements.is_empty() {
            if !options.skip_nan {
                return Err(Raise::new("IndexError", "index -1 is out of bounds for axis 0 with size 0"));
            }
            (0..q.len()).for_each(|idx| write(idx * n_groups + group, nan, nan, 0.0));
            return Ok(());
        }
        let places: Vec<Place> = q.iter().map(|q| Place::of(options.method, elements.len(), *q)).collect();
        let mut positions: Vec<usize> =
            places.iter().flat_map(|place| [place.previous, place.next]).collect();
        positions.sort_unstable();
        positions.dedup();
        let mut found = Vec::with_capacity(positions.len());
        select(elements, &positions, |_, element| found.push(element));
        let element = |position: usize| {
            found[positions.binary_search(&position).expect("the positions of all places are selected")]
        };
        for (idx, place) in places.iter().enumerate() {
            write(idx * n_groups + group, element(place.previous), element(place.next), place.gamma);
        }
        Ok(())
    })
}

fn quantile<T: Middle>(
    array: View<'_, T>,
    mask: i64,
    q: View<'_, f64>,
    options: i64,
    out: View<'_, f64>,
) -> Result<()> {
    interpolated(array, mask, q, options, out)
}

/// In float32, as NumPy does for a quantile that is a number of Python's.
fn quantile_single<T: Middle>(
    array: View<'_, T>,
    mask: i64,
    q: View<'_, f64>,
    options: i64,
    out: View<'_, f32>,
) -> Result<()> {
    interpolated(array, mask, q, options, out)
}

/// Quantiles between elements, computed in the precision of the result.
fn interpolated<T: Middle, R: Real>(
    array: View<'_, T>,
    mask: i64,
    q: View<'_, f64>,
    options: i64,
    out: View<'_, R>,
) -> Result<()> {
    let out = out_slice(out);
    let nan = (T::not_a_number(), <T as super::Element>::is_nan as fn(&T) -> bool);
    quantiles(array, mask, q, options, out.len(), nan, |idx, previous, next, gamma| {
        let distance = R::from_f64(next.distance(previous));
        out[idx] = match gamma >= 0.5 {
            true => R::from_f64(next.as_f64()) - distance * R::from_f64(1.0 - gamma),
            false => R::from_f64(previous.as_f64()) + distance * R::from_f64(gamma),
        };
    })
}

/// Quantiles of times, by their counts: what is between two is rounded to the one that is farther from it.
fn quantile_time<T: Middle + Into<i64> + From<i64>>(
    array: View<'_, T>,
    mask: i64,
    q: View<'_, f64>,
    options: i64,
    out: View<'_, T>,
) -> Result<()> {
    let out = out_slice(out);
    let nat = (T::from(NAT), |element: &T| Into::<i64>::into(*element) == NAT);
    quantiles(array, mask, q, options, out.len(), nat, |idx, previous, next, gamma| {
        let [previous, next] = [previous, next].map(Into::<i64>::into);
        let distance = next.wrapping_sub(previous) as f64;
        out[idx] = T::from(match gamma >= 0.5 {
            true => next.wrapping_sub((distance * (1.0 - gamma)) as i64),
            false => previous.wrapping_add((distance * gamma) as i64),
        });
    })
}

/// The first elements up to which there is this share of all weights. Weights have the shape of the array.
fn weighted_quantile<T: Middle>(
    array: View<'_, T>,
    weights: View<'_, f64>,
    mask: i64,
    q: View<'_, f64>,
    options: i64,
    out: View<'_, T>,
) -> Result<()> {
    let (options, out) = (Options::of(options), out_slice(out));
    let q = options.fractions(q)?;
    if weights.iter().any(|weight| weight < 0.0) {
        return Err(Raise::value_error("Weights must be non-negative."));
    }
    let (reduced, kept): (Vec<usize>, Vec<usize>) =
        (0..array.ndim()).partition(|axis| is_reduced(mask, *axis));
    let of = |axes: &[usize], values: &[i64]| -> Vec<i64> { axes.iter().map(|axis| values[*axis]).collect() };
    let (extents, outer) = (of(&reduced, array.extents()), of(&kept, array.extents()));
    let [inner_strides, outer_strides] = [&reduced, &kept].map(|axes| of(axes, array.strides()));
    let [inner_weights, outer_weights] = [&reduced, &kept].map(|axes| of(axes, weights.strides()));
    let n_groups = out.len() / q.len().max(1);
    for group in 0..n_groups {
        let data = array.data().wrapping_byte_offset(offset_of(group, &outer, &outer_strides));
        let its_weights = weights.data().wrapping_byte_offset(offset_of(group, &outer, &outer_weights));
        // SAFETY: both lead to elements of the arrays, which have the same shape.
        let (elements, its_weights) = unsafe {
            (View::new(data, &extents, &inner_strides), View::new(its_weights, &extents, &inner_weights))
        };
        let mut pairs: Vec<(T, f64)> = elements.iter().zip(its_weights.iter()).collect();
        let is_nan = |pair: &(T, f64)| <T as super::Element>::is_nan(&pair.0);
        let n = pairs.len();
        if options.skip_nan {
            pairs.retain(|pair| !is_nan(pair));
        }
        let whole = match pairs.iter().find(|pair| is_nan(pair)) {
            Some((nan, _)) => Some(*nan),
            None if pairs.is_empty() && n > 0 => Some(T::not_a_number()),
            None if pairs.is_empty() => {
                return Err(Raise::new("IndexError", "index -1 is out of bounds for axis 0 with size 0"));
            }
            None => None,
        };
        pairs.sort_by(|a, b| a.0.order(&b.0));
        let mut sum = 0.0;
        let mut shares: Vec<f64> = pairs
            .iter()
            .map(|pair| {
                sum += pair.1;
                sum
            })
            .collect();
        for share in &mut shares {
            *share /= sum;
            if options.is_single {
                *share = f64::from(*share as f32);
            }
            // What weighs nothing is not the first element.
            if *share == 0.0 {
                *share = -1.0;
            }
        }
        if shares.last().is_some_and(|share| share.is_nan()) {
            return Err(Raise::value_error("Weights included NaN, inf or were all zero."));
        }
        for (idx, q) in q.iter().enumerate() {
            let position = shares.partition_point(|share| share < q).min(shares.len().saturating_sub(1));
            out[idx * n_groups + group] = whole.unwrap_or_else(|| pairs[position].0);
        }
    }
    Ok(())
}

fn order_statistic<T: Middle>(
    array: View<'_, T>,
    mask: i64,
    q: View<'_, f64>,
    options: i64,
    out: View<'_, T>,
) -> Result<()> {
    let out = out_slice(out);
    let nan = (T::not_a_number(), <T as super::Element>::is_nan as fn(&T) -> bool);
    quantiles(array, mask, q, options, out.len(), nan, |idx, previous, _, _| out[idx] = previous)
}

/// A number whose covariances are computed.
trait Double: Moment + Scalar {
    fn conjugate_product(self, other: Self) -> Self;
    /// Both parts within -1 and 1.
    fn clipped(self) -> Self;
    fn conjugate(self) -> Self;
}

impl Double for f64 {
    #[inline(always)]
    fn conjugate_product(self, other: f64) -> f64 {
        self * other
    }
    fn clipped(self) -> f64 {
        self.clamp(-1.0, 1.0)
    }
    fn conjugate(self) -> f64 {
        self
    }
}

impl Double for C128 {
    #[inline(always)]
    fn conjugate_product(self, other: C128) -> C128 {
        self * other.conj()
    }
    fn clipped(self) -> C128 {
        Complex { re: self.re.clamp(-1.0, 1.0), im: self.im.clamp(-1.0, 1.0) }
    }
    fn conjugate(self) -> C128 {
        self.conj()
    }
}

/// The covariance matrix of variables (rows) with observations (columns), as `np.cov`; normalised it is that of
/// correlation coefficients. Frequencies and weights are as many as observations, or none.
fn covariance<T: Double>(
    data: View<'_, T>,
    frequencies: View<'_, f64>,
    weights: View<'_, f64>,
    ddof: f64,
    normalise: bool,
) -> Result<NewArray<T>> {
    let (n_variables, n) = (data.extent(0), data.extent(1));
    let mut rows = data.to_vec();
    let (frequencies, weights) = (frequencies.to_vec(), weights.to_vec());
    for (values, name) in [(&frequencies, "fweights"), (&weights, "aweights")] {
        if !values.is_empty() && values.len() != n {
            return Err(Raise::new("RuntimeError", format!("incompatible numbers of samples and {name}")));
        }
        if values.iter().any(|value| *value < 0.0) {
            return Err(Raise::value_error(format!("{name} cannot be negative")));
        }
    }
    let combined: Option<Vec<f64>> = match (frequencies.is_empty(), weights.is_empty()) {
        (true, true) => None,
        (false, true) => Some(frequencies),
        (true, false) => Some(weights.clone()),
        (false, false) => Some(frequencies.iter().zip(&weights).map(|(f, a)| f * a).collect()),
    };
    let total = combined.as_ref().map_or(n as f64, |w| f64::sum_of(w));
    if combined.is_some() && total == 0.0 && n_variables > 0 {
        return Err(Raise::new("ZeroDivisionError", "Weights sum to zero, can't be normalized"));
    }
    let factor = match (&combined, weights.is_empty()) {
        (None, _) => n as f64 - ddof,
        (Some(_), _) if ddof == 0.0 => total,
        (Some(_), true) => total - ddof,
        (Some(w), false) => {
            let squares: Vec<f64> = w.iter().zip(&weights).map(|(w, a)| w * a).collect();
            total - ddof * f64::sum_of(&squares) / total
        }
    };
    let factor = factor.max(0.0);
    for row in rows.chunks_exact_mut(n.max(1)) {
        let sum = match &combined {
            None => T::sum_of(row),
            Some(w) => T::sum_of(&row.iter().zip(w).map(|(x, w)| x.scaled(*w)).collect::<Vec<T>>()),
        };
        let mean = sum.divided(total);
        row.iter_mut().for_each(|x| *x = x.minus(mean));
    }
    let weighed: Option<Vec<T>> =
        combined.map(|w| rows.iter().zip(w.iter().cycle()).map(|(x, w)| x.scaled(*w)).collect());
    let others = weighed.as_deref().unwrap_or(&rows);
    let mut result = NewArray::zeros(&[n_variables, n_variables])?;
    let matrix = result.as_mut_slice();
    // Of many variables it is a product of matrices; of others, as much of each row as stays in the cache.
    const LENGTH: usize = 2048;
    const MANY: usize = 12;
    if n_variables >= MANY && n > 0 {
        let (whole, across) = (n as isize, n_variables as isize);
        let shape = [n_variables, n_variables, n];
        let dst = rumba_linalg::Place { data: matrix.as_mut_ptr(), row_stride: 1, col_stride: across };
        let lhs = rumba_linalg::Place { data: others.as_ptr(), row_stride: whole, col_stride: 1 };
        let rhs = rumba_linalg::Place { data: rows.as_ptr(), row_stride: 1, col_stride: whole };
        // SAFETY: the matrices have these shapes, and the result is none of the others.
        unsafe { T::multiply(shape, dst, lhs, rhs, true) };
    }
    for first in (0..n).step_by(LENGTH).take_while(|_| n_variables < MANY) {
        let range = first..n.min(first + LENGTH);
        for i in 0..n_variables {
            let row = &rows[i * n..][range.clone()];
            for j in i..n_variables {
                let product = conjugate_dot(row, &others[j * n..][range.clone()]);
                matrix[i * n_variables + j] = T::plus(matrix[i * n_variables + j], product);
            }
        }
    }
    for i in 0..n_variables {
        for j in i..n_variables {
            // Of no observations there are no products, and nothing is 0.
            let value = matrix[i * n_variables + j].divided(factor);
            matrix[i * n_variables + j] = value;
            matrix[j * n_variables + i] = if i == j { value } else { value.conjugate() };
        }
    }
    if normalise {
        let deviations: Vec<f64> =
            (0..n_variables).map(|i| matrix[i * n_variables + i].real().to_f64().sqrt()).collect();
        for i in 0..n_variables {
            for j in 0..n_variables {
                let value = &mut matrix[i * n_variables + j];
                *value = value.divided(deviations[i]).divided(deviations[j]).clipped();
            }
        }
    }
    Ok(result)
}

vectorised! {
    fn conjugate_dot<T: Double>(a: &[T], b: &[T]) -> T {
        let (a_chunks, a_rest) = a.as_chunks::<16>();
        let (b_chunks, b_rest) = b.as_chunks::<16>();
        let mut sums = [T::default(); 16];
        for (a, b) in a_chunks.iter().zip(b_chunks) {
            for lane in 0..16 {
                sums[lane] = T::plus(sums[lane], a[lane].conjugate_product(b[lane]));
            }
        }
        let rest = a_rest.iter().zip(b_rest).fold(T::default(), |sum, (a, b)| T::plus(sum, a.conjugate_product(*b)));
        sums.iter().fold(rest, |sum, lane| T::plus(sum, *lane))
    }
}

//! Order statistics along axes, and covariances.

use super::moments::Moment;
use super::reductions::{for_each_group, out_slice};
use super::{C128, NewArray, Raise, Result, View, kernels, sorting};
use crate::reductions::Number;
use crate::vectorised::vectorised;
use num_complex::Complex;
use rumba_linalg::Real;

kernels! {
    median<T: all>(array: View<'_, T>, mask: i64, out: View<'_, <T as Middle>::Mean>, skip_nan: bool) -> ();
    quantile<T: real>(array: View<'_, T>, mask: i64, q: View<'_, f64>, options: i64, out: View<'_, f64>) -> ();
    quantile_single<T: single>(array: View<'_, T>, mask: i64, q: View<'_, f64>, options: i64, out: View<'_, f32>) -> ();
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

fn middle<T: Middle>(elements: &mut [T]) -> T::Mean {
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

/// What a call says besides array and quantiles, in bits: the method, percents, whether nan is skipped.
struct Options {
    method: Method,
    is_percent: bool,
    skip_nan: bool,
}

impl Options {
    fn of(bits: i64) -> Options {
        Options {
            method: METHODS[(bits & 15) as usize],
            is_percent: bits & 16 != 0,
            skip_nan: bits & 32 != 0,
        }
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
fn quantiles<T: Middle>(
    array: View<'_, T>,
    mask: i64,
    q: View<'_, f64>,
    options: i64,
    n_results: usize,
    mut write: impl FnMut(usize, T, T, f64),
) -> Result<()> {
    let options = Options::of(options);
    let mut q = q.to_vec();
    for q in &mut q {
        let scale = if options.is_percent { 100.0 } else { 1.0 };
        *q /= scale;
        if !(0.0..=1.0).contains(q) {
            return Err(Raise::value_error(match options.is_percent {
                true => "Percentiles must be in the range [0, 100]",
                false => "Quantiles must be in the range [0, 1]",
            }));
        }
    }
    if q.is_empty() {
        return Ok(());
    }
    let n_groups = n_results / q.len();
    for_each_group(array, mask, |group, elements: &mut Vec<T>| {
        let first_nan = elements.iter().position(|element| element.is_nan());
        if let Some(nan) = first_nan.filter(|_| !options.skip_nan).map(|idx| elements[idx]) {
            (0..q.len()).for_each(|idx| write(idx * n_groups + group, nan, nan, 0.0));
            return Ok(());
        }
        if first_nan.is_some() {
            elements.retain(|element| !element.is_nan());
        }
        if elements.is_empty() {
            if !options.skip_nan {
                return Err(Raise::new("IndexError", "index -1 is out of bounds for axis 0 with size 0"));
            }
            let nan = T::not_a_number();
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
    quantiles(array, mask, q, options, out.len(), |idx, previous, next, gamma| {
        let distance = R::from_f64(next.distance(previous));
        out[idx] = match gamma >= 0.5 {
            true => R::from_f64(next.as_f64()) - distance * R::from_f64(1.0 - gamma),
            false => R::from_f64(previous.as_f64()) + distance * R::from_f64(gamma),
        };
    })
}

fn order_statistic<T: Middle>(
    array: View<'_, T>,
    mask: i64,
    q: View<'_, f64>,
    options: i64,
    out: View<'_, T>,
) -> Result<()> {
    let out = out_slice(out);
    quantiles(array, mask, q, options, out.len(), |idx, previous, _, _| out[idx] = previous)
}

/// A number whose covariances are computed.
trait Double: Moment {
    fn conjugate_product(self, other: Self) -> Self;
    fn real(self) -> f64;
    /// Both parts within -1 and 1.
    fn clipped(self) -> Self;
    fn conjugate(self) -> Self;
}

impl Double for f64 {
    #[inline(always)]
    fn conjugate_product(self, other: f64) -> f64 {
        self * other
    }
    fn real(self) -> f64 {
        self
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
    fn real(self) -> f64 {
        self.re
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
    // A few rows at a time, and of these as much as stays in the cache.
    const LENGTH: usize = 2048;
    for first in (0..n).step_by(LENGTH) {
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
            (0..n_variables).map(|i| matrix[i * n_variables + i].real().sqrt()).collect();
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

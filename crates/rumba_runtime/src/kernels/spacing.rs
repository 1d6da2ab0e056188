//! Evenly spaced numbers between the elements of two arrays of one shape, along a new first axis.

use super::{Element, NewArray, Raise, Result, View, kernels};
use rumba_linalg::{Real, Scalar};

kernels! {
    spaced<T: inexact>(start: View<'_, T>, stop: View<'_, T>, n: i64, endpoint: bool) -> NewArray<T>;
    geometric<T: floats>(start: View<'_, T>, stop: View<'_, T>, n: i64, endpoint: bool) -> NewArray<T>;
}

fn new_rows<T: Element>(ends: &View<'_, T>, n: i64) -> Result<NewArray<T>> {
    NewArray::of_shape(&[&[n], ends.extents()].concat())
}

/// As `np.linspace`: where there is a step of 0, all are computed without steps, which may be too small to be told from 0.
fn spaced<T: Scalar + Element>(
    start: View<'_, T>,
    stop: View<'_, T>,
    n: i64,
    endpoint: bool,
) -> Result<NewArray<T>> {
    let mut result = new_rows(&start, n)?;
    let (start, stop) = (start.to_vec(), stop.to_vec());
    let number = |number: i64| T::from_real(T::Real::from_f64(number as f64));
    let n_steps = n - i64::from(endpoint);
    let distances: Vec<T> = stop.iter().zip(&start).map(|(stop, start)| *stop - *start).collect();
    let steps: Vec<T> = match n_steps > 0 {
        true => distances.iter().map(|distance| *distance / number(n_steps)).collect(),
        false => distances.clone(),
    };
    let is_flat = n_steps > 0 && steps.contains(&T::ZERO);
    let rows = result.as_mut_slice().chunks_exact_mut(start.len().max(1));
    for (idx, row) in rows.enumerate() {
        let (factor, of) = match is_flat {
            true => (number(idx as i64) / number(n_steps), &distances),
            false => (number(idx as i64), &steps),
        };
        let is_last = endpoint && n > 1 && idx as i64 == n - 1;
        for ((place, factor_of), (start, stop)) in row.iter_mut().zip(of).zip(start.iter().zip(&stop)) {
            *place = if is_last { *stop } else { factor * *factor_of + *start };
        }
    }
    Ok(result)
}

/// As `np.geomspace`, computed in double precision.
fn geometric<T: Real + Element>(
    start: View<'_, T>,
    stop: View<'_, T>,
    n: i64,
    endpoint: bool,
) -> Result<NewArray<T>> {
    if start.iter().chain(stop.iter()).any(|end| end == T::ZERO) {
        return Err(Raise::value_error("Geometric sequence cannot include zero"));
    }
    let mut result = new_rows(&start, n)?;
    let ends: Vec<(T, T)> = start.iter().zip(stop.iter()).collect();
    let n_steps = (n - i64::from(endpoint)).max(1) as f64;
    for (idx, row) in result.as_mut_slice().chunks_exact_mut(ends.len().max(1)).enumerate() {
        let is_last = endpoint && n > 1 && idx as i64 == n - 1;
        for (place, (start, stop)) in row.iter_mut().zip(&ends) {
            let [first, last] = [start.to_f64(), stop.to_f64()];
            let sign = if first.is_nan() { first } else { first.signum() };
            let [from, to] = [first / sign, last / sign].map(f64::log10);
            *place = match idx {
                0 => *start,
                _ if is_last => *stop,
                _ => T::from_f64(10f64.powf(from + idx as f64 * ((to - from) / n_steps)) * sign),
            };
        }
    }
    Ok(result)
}

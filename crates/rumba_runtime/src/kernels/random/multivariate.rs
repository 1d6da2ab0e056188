//! Distributions whose numbers come in rows: multinomial, Dirichlet, multivariate normal and hypergeometric.

use super::Source;
use super::distribution::{Constraint, Walk};
use super::permutations::compensated_sum;
use crate::context::ExecutionContext;
use crate::kernels::{Argument, NewArray, Raise, Result, View, run};
use crate::random::BitGenerator;
use crate::random::numpy::Binomial;
use rumba_linalg::{Scalar, Vectors};

/// Rows of counts: `(bits or null, number of experiments as a view, probabilities, shape without the last axis or null)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn multinomial(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    n: *const i64,
    probabilities: *const i64,
    size: *const i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            let n = View::<u64>::from_raw(n);
            let probabilities = View::<f64>::from_raw(probabilities);
            draw_multinomial(source, n, probabilities, Option::from_raw(size))
        })
    }
}

fn draw_multinomial(
    source: Source,
    n: View<'_, u64>,
    probabilities: View<'_, f64>,
    size: Option<&[i64]>,
) -> Result<NewArray<i64>> {
    let (last, outer) = match probabilities.extents().split_last() {
        Some((last, outer)) => (*last as usize, outer),
        None => (0, &[][..]),
    };
    if last == 0 && !source.legacy {
        let message =
            "pvals must have at least 1 dimension and the last dimension of pvals must be greater than 0.";
        return Err(Raise::value_error(message));
    }
    let p = probabilities.to_vec();
    let is_table = n.ndim() > 0 || !outer.is_empty();
    for p in &p {
        Constraint::Probability.check(*p, "pvals", true)?;
    }
    for row in p.chunks_exact(last.max(1)) {
        if compensated_sum(&row[..row.len() - 1]) > 1.0 + 1e-12 {
            let slice = if outer.is_empty() { "[:-1]" } else { "[...,:-1]" };
            return Err(Raise::value_error(format!("sum(pvals{slice}) > 1.0")));
        }
    }
    for n in n.iter() {
        Constraint::NonNegative.check(n as i64 as f64, "n", is_table)?;
    }
    // Where each row of probabilities begins, which broadcasts with `n`.
    let rows: Vec<u64> = (0..p.len() / last.max(1)).map(|row| row as u64).collect();
    let mut strides = vec![8; outer.len()];
    for axis in (1..outer.len()).rev() {
        strides[axis - 1] = strides[axis] * outer[axis];
    }
    // SAFETY: the view is of the vector, in C order.
    let rows = unsafe { View::new(rows.as_ptr().cast_mut(), outer, &strides) };
    let walk = match size {
        None => Walk::over(&[n, rows], None)?,
        Some(size) => Walk::over(&[n, rows], Some(size))?,
    };
    let mut extents: Vec<usize> = walk.extents.iter().map(|extent| *extent as usize).collect();
    if walk.extents.iter().any(|extent| *extent < 0) {
        return Err(Raise::value_error("negative dimensions are not allowed"));
    }
    extents.push(last);
    let mut counts = NewArray::<i64>::zeros(&extents)?;
    let mut binomial = Binomial::default();
    for (row, words) in counts.as_mut_slice().chunks_exact_mut(last.max(1)).zip(walk) {
        let p = &p[words[1] as usize * last..][..last];
        // SAFETY: the source is alive; row and probabilities have as many elements.
        unsafe {
            (source.numpy.random_multinomial)(
                source.bits,
                words[0] as i64,
                row.as_mut_ptr(),
                p.as_ptr(),
                last as isize,
                &mut binomial,
            )
        };
    }
    Ok(counts)
}

/// Rows that sum to 1: `(bits or null, alpha, shape without the last axis or null)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn dirichlet(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    alpha: *const i64,
    size: *const i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            let alpha = View::<f64>::from_raw(alpha).to_vec();
            draw_dirichlet(source, &alpha, Option::<&[i64]>::from_raw(size).unwrap_or_default())
        })
    }
}

fn draw_dirichlet(source: Source, alpha: &[f64], size: &[i64]) -> Result<NewArray<f64>> {
    if source.legacy && alpha.iter().any(|alpha| *alpha <= 0.0) {
        return Err(Raise::value_error("alpha <= 0"));
    }
    if alpha.iter().any(|alpha| *alpha < 0.0) {
        return Err(Raise::value_error("alpha < 0"));
    }
    let mut numbers = rows_of(size, alpha.len())?;
    if alpha.is_empty() {
        return Ok(numbers);
    }
    let small = !source.legacy && alpha.iter().all(|alpha| *alpha < 0.1);
    // Sums from the right.
    let mut sums = alpha.to_vec();
    for idx in (0..sums.len() - 1).rev() {
        sums[idx] += sums[idx + 1];
    }
    if small && sums[0] <= 0.0 {
        return Ok(numbers);
    }
    for row in numbers.as_mut_slice().chunks_exact_mut(alpha.len()) {
        if small {
            // By breaking a stick: gamma numbers of small shapes may all be 0.
            let mut rest = 1.0;
            let (last, first) = row.split_last_mut().expect("a row is not empty");
            for (idx, number) in first.iter_mut().enumerate() {
                // SAFETY: the source is alive.
                let part = unsafe { (source.numpy.random_beta)(source.bits, alpha[idx], sums[idx + 1]) };
                *number = rest * part;
                rest *= 1.0 - part;
                if sums[idx + 1] == 0.0 {
                    break;
                }
            }
            *last = rest;
            continue;
        }
        let mut sum = 0.0;
        for (number, alpha) in row.iter_mut().zip(alpha) {
            // SAFETY: the source is alive.
            *number = unsafe {
                if source.legacy {
                    source.stream().standard_gamma(*alpha)
                } else {
                    (source.numpy.random_standard_gamma)(source.bits, *alpha)
                }
            };
            sum += *number;
        }
        let factor = 1.0 / sum;
        row.iter_mut().for_each(|number| *number *= factor);
    }
    Ok(numbers)
}

/// Zeros: rows of a length, in this shape.
fn rows_of<T: Copy + Default + 'static>(size: &[i64], length: usize) -> Result<NewArray<T>> {
    if size.iter().any(|extent| *extent < 0) {
        return Err(Raise::value_error("negative dimensions are not allowed"));
    }
    let mut extents: Vec<usize> = size.iter().map(|extent| *extent as usize).collect();
    extents.push(length);
    NewArray::zeros(&extents)
}

/// Rows of counts of colours: `(bits, how many there are of each, how many are drawn, whether by counting, shape without the
/// last axis or null)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn multivariate_hypergeometric(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    colors: *const i64,
    n: i64,
    counts: bool,
    size: *const i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            let colors = View::<i64>::from_raw(colors).to_vec();
            draw_hypergeometric(
                source,
                &colors,
                n,
                counts,
                Option::<&[i64]>::from_raw(size).unwrap_or_default(),
            )
        })
    }
}

fn draw_hypergeometric(
    source: Source,
    colors: &[i64],
    n: i64,
    counts: bool,
    size: &[i64],
) -> Result<NewArray<i64>> {
    let total = colors.iter().try_fold(0i64, |sum, color| sum.checked_add(*color));
    let largest_index = i64::MAX / 8;
    let message = match total {
        _ if n < 0 => "nsample must be nonnegative.".to_owned(),
        _ if colors.iter().any(|color| *color < 0) => format!(
            "colors must be a one-dimensional sequence of nonnegative integers not exceeding {}.",
            i64::MAX
        ),
        None => {
            format!("sum(colors) must not exceed the maximum value of a 64 bit signed integer ({})", i64::MAX)
        }
        Some(total) if !counts && total >= 1_000_000_000 => {
            "When method is \"marginals\", sum(colors) must be less than 1000000000.".to_owned()
        }
        Some(total) if counts && total > largest_index => {
            format!("When method is 'count', sum(colors) must not exceed {largest_index}")
        }
        Some(total) if n > total => "nsample > sum(colors)".to_owned(),
        Some(_) => String::new(),
    };
    let (Some(total), true) = (total, message.is_empty()) else { return Err(Raise::value_error(message)) };
    let mut numbers = rows_of::<i64>(size, colors.len())?;
    if colors.is_empty() {
        return Ok(numbers);
    }
    let rows = numbers.as_mut_slice();
    let n_rows = rows.len() / colors.len();
    // SAFETY: the source is alive; there are as many colours, and as many rows of them.
    unsafe {
        let (first, out) = (colors.as_ptr(), rows.as_mut_ptr());
        if !counts {
            (source.numpy.random_multivariate_hypergeometric_marginals)(
                source.bits,
                total,
                colors.len(),
                first,
                n,
                n_rows,
                out,
            );
        } else if (source.numpy.random_multivariate_hypergeometric_count)(
            source.bits,
            total,
            colors.len(),
            first,
            n,
            n_rows,
            out,
        ) == -1
        {
            let message = format!(
                "Insufficient memory for multivariate_hypergeometric with method='count' and sum(colors)={total}"
            );
            return Err(Raise::new("MemoryError", message));
        }
    }
    Ok(numbers)
}

/// How a covariance matrix is factorised, in the order in which `rumba_library` numbers them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Factorisation {
    Svd,
    Eigh,
    Cholesky,
}

const FACTORISATIONS: [Factorisation; 3] = [Factorisation::Svd, Factorisation::Eigh, Factorisation::Cholesky];

/// Rows of normal numbers with a covariance: `(bits or null, means, covariance, method, whether it must be semidefinite, by
/// which tolerance, shape without the last axis or null)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn multivariate_normal(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    mean: *const i64,
    covariance: *const i64,
    method: i64,
    check: bool,
    tolerance: f64,
    size: *const i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            let mean = View::<f64>::from_raw(mean).to_vec();
            let covariance = View::<f64>::from_raw(covariance);
            let size = Option::<&[i64]>::from_raw(size).unwrap_or_default();
            let n = mean.len();
            if covariance.extent(0) != covariance.extent(1) {
                return Err(Raise::value_error("cov must be 2 dimensional and square"));
            }
            if covariance.extent(0) != n {
                return Err(Raise::value_error("mean and cov must have same length"));
            }
            let mut numbers = rows_of::<f64>(size, n)?;
            // The numbers are drawn first, also for a matrix that has no factors.
            for number in numbers.as_mut_slice() {
                *number = match source.legacy {
                    true => source.stream().gauss(),
                    false => (source.numpy.random_standard_normal)(source.bits),
                };
            }
            let method = FACTORISATIONS[method as usize];
            let tolerance = check.then_some(tolerance);
            let factor = factor_of(&covariance.to_vec(), n, method, source.legacy, tolerance)?;
            for row in numbers.as_mut_slice().chunks_exact_mut(n.max(1)) {
                let standard = row.to_vec();
                for ((number, mean), weights) in row.iter_mut().zip(&mean).zip(factor.chunks_exact(n)) {
                    let deviation: f64 = weights.iter().zip(&standard).map(|(w, x)| w * x).sum();
                    *number = mean + deviation;
                }
            }
            Ok(numbers)
        })
    }
}

/// A matrix, row by row, whose product with its transpose is the covariance.
fn factor_of(
    rows: &[f64],
    n: usize,
    method: Factorisation,
    legacy: bool,
    tolerance: Option<f64>,
) -> Result<Vec<f64>> {
    let error = |message: &str| Raise::new("LinAlgError", message);
    let is_finite = rows.iter().all(|element| element.is_finite());
    let transpose = |of: &[f64]| -> Vec<f64> { (0..n * n).map(|idx| of[idx % n * n + idx / n]).collect() };
    let mut columns = transpose(rows);
    let semidefinite = |is_it: bool| match tolerance.is_some() && !is_it {
        true => Err(Raise::value_error("covariance is not symmetric positive-semidefinite.")),
        false => Ok(()),
    };
    Ok(match method {
        Factorisation::Cholesky => {
            if !is_finite || !f64::cholesky(&mut columns, n) {
                return Err(error("Matrix is not positive definite"));
            }
            let lower = transpose(&columns);
            let is_above = |idx: &usize| idx % n > idx / n;
            (0..n * n).map(|idx| if is_above(&idx) { 0.0 } else { lower[idx] }).collect()
        }
        Factorisation::Eigh => {
            let solution = if is_finite { f64::eigh(&columns, n, true) } else { None };
            let (values, vectors) = solution.ok_or_else(|| error("Eigenvalues did not converge"))?;
            semidefinite(values.iter().all(|value| *value >= -tolerance.unwrap_or_default()))?;
            (0..n * n).map(|idx| vectors[idx % n * n + idx / n] * values[idx % n].abs().sqrt()).collect()
        }
        Factorisation::Svd => {
            let solution = if is_finite { f64::svd(&columns, n, n, Vectors::Full) } else { None };
            let parts = solution.ok_or_else(|| error("SVD did not converge"))?;
            let right = |value: usize, col: usize| parts.vh[col * n + value];
            // It is symmetric and semidefinite if the same vectors are on both sides.
            if let Some(tolerance) = tolerance {
                semidefinite((0..n * n).all(|idx| {
                    let (row, col) = (idx / n, idx % n);
                    let again: f64 = (0..n).map(|k| right(k, row) * parts.s[k] * right(k, col)).sum();
                    (again - rows[idx]).abs() <= tolerance + tolerance * rows[idx].abs()
                }))?;
            }
            let vector = |value: usize, row: usize| match legacy {
                true => right(value, row),
                false => parts.u[value * n + row],
            };
            (0..n * n).map(|idx| vector(idx % n, idx / n) * parts.s[idx % n].sqrt()).collect()
        }
    })
}

pub(super) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    table.push(("rumba_random_multinomial", multinomial as *const () as usize));
    table.push(("rumba_random_dirichlet", dirichlet as *const () as usize));
    table.push(("rumba_random_multivariate_normal", multivariate_normal as *const () as usize));
    table.push((
        "rumba_random_multivariate_hypergeometric",
        multivariate_hypergeometric as *const () as usize,
    ));
}

//! Polynomials as arrays of coefficients, the lowest power first, as `np.polynomial.polynomial` has them; and what needs
//! eigenvalues or least squares of those with the highest power first.

use super::{Element, NewArray, Raise, Result, View, kernels};
use num_complex::Complex;
use rumba_linalg::{Real, Scalar};

kernels! {
    series_add<T: inexact>(a: View<'_, T>, b: View<'_, T>, subtract: bool) -> NewArray<T>;
    series_mul<T: inexact>(a: View<'_, T>, b: View<'_, T>) -> NewArray<T>;
    series_div<T: inexact>(a: View<'_, T>, b: View<'_, T>) -> (NewArray<T>, NewArray<T>);
    series_pow<T: inexact>(a: View<'_, T>, power: i64, max_power: i64) -> NewArray<T>;
    series_val<T: inexact>(coefficients: View<'_, T>, x: View<'_, T>) -> NewArray<T>;
    series_der<T: inexact>(coefficients: View<'_, T>, order: i64, scale: View<'_, T>) -> NewArray<T>;
    series_int<T: inexact>(coefficients: View<'_, T>, order: i64, constants: View<'_, T>, lower: View<'_, T>, scale: View<'_, T>) -> NewArray<T>;
    series_from_roots<T: inexact>(roots: View<'_, T>) -> NewArray<T>;
    series_roots<T: inexact>(coefficients: View<'_, T>) -> NewArray<Complex<<T as Scalar>::Real>>;
    roots<T: inexact>(coefficients: View<'_, T>) -> NewArray<Complex<<T as Scalar>::Real>>;
    polydiv<T: inexact>(a: View<'_, T>, b: View<'_, T>) -> (NewArray<T>, NewArray<T>);
    poly<T: inexact>(roots: View<'_, T>) -> NewArray<T>;
}

/// The coefficients without those of the highest powers that are 0; one is left.
fn series<T: Scalar + Element>(coefficients: View<'_, T>) -> Result<Vec<T>> {
    if coefficients.size() == 0 {
        return Err(Raise::value_error("Coefficient array is empty"));
    }
    Ok(trimmed(coefficients.to_vec()))
}

fn trimmed<T: Scalar>(mut coefficients: Vec<T>) -> Vec<T> {
    while coefficients.len() > 1 && coefficients.last() == Some(&T::ZERO) {
        coefficients.pop();
    }
    coefficients
}

fn series_add<T: Scalar + Element>(a: View<'_, T>, b: View<'_, T>, subtract: bool) -> Result<NewArray<T>> {
    let (mut sum, b) = (series(a)?, series(b)?);
    sum.resize(sum.len().max(b.len()), T::ZERO);
    for (place, coefficient) in sum.iter_mut().zip(b) {
        *place = if subtract { *place - coefficient } else { *place + coefficient };
    }
    NewArray::from_slice(&trimmed(sum))
}

fn product<T: Scalar>(a: &[T], b: &[T]) -> Vec<T> {
    let mut result = vec![T::ZERO; a.len() + b.len() - 1];
    for (first, x) in a.iter().enumerate() {
        result[first..].iter_mut().zip(b).for_each(|(place, y)| *place += *x * *y);
    }
    result
}

fn series_mul<T: Scalar + Element>(a: View<'_, T>, b: View<'_, T>) -> Result<NewArray<T>> {
    NewArray::from_slice(&trimmed(product(&series(a)?, &series(b)?)))
}

fn series_div<T: Scalar + Element>(a: View<'_, T>, b: View<'_, T>) -> Result<(NewArray<T>, NewArray<T>)> {
    let (mut a, b) = (series(a)?, series(b)?);
    let (last, lower) = b.split_last().expect("a series has a coefficient");
    if *last == T::ZERO {
        return Err(Raise::new("ZeroDivisionError", "polynomial division by zero"));
    }
    if a.len() < b.len() {
        return Ok((NewArray::from_slice(&[a[0] * T::ZERO])?, NewArray::from_slice(&a)?));
    }
    if lower.is_empty() {
        let rest = a[0] * T::ZERO;
        a.iter_mut().for_each(|coefficient| *coefficient = *coefficient / *last);
        return Ok((NewArray::from_slice(&a)?, NewArray::from_slice(&[rest])?));
    }
    let lower: Vec<T> = lower.iter().map(|coefficient| *coefficient / *last).collect();
    for first in (0..=a.len() - b.len()).rev() {
        let factor = a[first + lower.len()];
        a[first..].iter_mut().zip(&lower).for_each(|(place, coefficient)| *place -= *coefficient * factor);
    }
    let quotient: Vec<T> = a[lower.len()..].iter().map(|coefficient| *coefficient / *last).collect();
    a.truncate(lower.len());
    Ok((NewArray::from_slice(&quotient)?, NewArray::from_slice(&trimmed(a))?))
}

/// `max_power` is negative where there is no limit.
fn series_pow<T: Scalar + Element>(a: View<'_, T>, power: i64, max_power: i64) -> Result<NewArray<T>> {
    let base = series(a)?;
    if power < 0 {
        return Err(Raise::value_error("Power must be a non-negative integer."));
    }
    if max_power >= 0 && power > max_power {
        return Err(Raise::value_error("Power is too large"));
    }
    let mut result = if power == 0 { vec![T::ONE] } else { base.clone() };
    (1..power).for_each(|_| result = product(&result, &base));
    NewArray::from_slice(&result)
}

/// The value at a place, from the highest power down.
fn value<T: Scalar>(coefficients: &[T], x: T) -> T {
    let (last, rest) = coefficients.split_last().expect("a series has a coefficient");
    rest.iter().rev().fold(*last + x * T::ZERO, |sum, coefficient| *coefficient + sum * x)
}

fn series_val<T: Scalar + Element>(coefficients: View<'_, T>, x: View<'_, T>) -> Result<NewArray<T>> {
    let coefficients = coefficients.to_vec();
    if coefficients.is_empty() {
        return Err(Raise::new("IndexError", "index -1 is out of bounds for axis 0 with size 0"));
    }
    let mut result = NewArray::of_shape(x.extents())?;
    result.as_mut_slice().iter_mut().zip(x.iter()).for_each(|(target, x)| *target = value(&coefficients, x));
    Ok(result)
}

fn power<T: Scalar>(n: usize) -> T {
    T::from_real(T::Real::from_f64(n as f64))
}

fn series_der<T: Scalar + Element>(
    coefficients: View<'_, T>,
    order: i64,
    scale: View<'_, T>,
) -> Result<NewArray<T>> {
    let (mut coefficients, scale) = (coefficients.to_vec(), scale.to_vec()[0]);
    if order < 0 {
        return Err(Raise::value_error("The order of derivation must be non-negative"));
    }
    if order as u64 >= coefficients.len() as u64 && order > 0 {
        coefficients.truncate(1);
        coefficients.iter_mut().for_each(|coefficient| *coefficient = *coefficient * T::ZERO);
        return NewArray::from_slice(&coefficients);
    }
    for _ in 0..order {
        coefficients.remove(0);
        for (idx, coefficient) in coefficients.iter_mut().enumerate() {
            *coefficient = power::<T>(idx + 1) * (*coefficient * scale);
        }
    }
    NewArray::from_slice(&coefficients)
}

fn series_int<T: Scalar + Element>(
    coefficients: View<'_, T>,
    order: i64,
    constants: View<'_, T>,
    lower: View<'_, T>,
    scale: View<'_, T>,
) -> Result<NewArray<T>> {
    let (mut coefficients, constants) = (coefficients.to_vec(), constants.to_vec());
    let (lower, scale) = (lower.to_vec()[0], scale.to_vec()[0]);
    if order < 0 {
        return Err(Raise::value_error("The order of integration must be non-negative"));
    }
    if constants.len() as i64 > order {
        return Err(Raise::value_error("Too many integration constants"));
    }
    if coefficients.is_empty() {
        return Err(Raise::new("IndexError", "index 0 is out of bounds for axis 0 with size 0"));
    }
    for step in 0..order as usize {
        let constant = constants.get(step).copied().unwrap_or(T::ZERO);
        coefficients.iter_mut().for_each(|coefficient| *coefficient = *coefficient * scale);
        if coefficients.len() == 1 && coefficients[0] == T::ZERO {
            coefficients[0] += constant;
            continue;
        }
        let mut integral = vec![coefficients[0] * T::ZERO];
        let divided = coefficients.iter().enumerate();
        integral.extend(divided.map(|(idx, coefficient)| *coefficient / power::<T>(idx + 1)));
        let at_lower = value(&integral, lower);
        integral[0] += constant - at_lower;
        coefficients = integral;
    }
    NewArray::from_slice(&coefficients)
}

/// The product of `x - root` for all roots, by pairs, which keeps the errors small.
fn series_from_roots<T: Scalar + Element>(roots: View<'_, T>) -> Result<NewArray<T>> {
    let mut roots = roots.to_vec();
    if roots.is_empty() {
        return NewArray::from_slice(&[T::ONE]);
    }
    roots.sort_by(T::order);
    let mut factors: Vec<Vec<T>> = roots.into_iter().map(|root| vec![T::ZERO - root, T::ONE]).collect();
    while factors.len() > 1 {
        let half = factors.len() / 2;
        let mut products: Vec<Vec<T>> =
            (0..half).map(|idx| trimmed(product(&factors[idx], &factors[idx + half]))).collect();
        if factors.len() % 2 == 1 {
            products[0] = trimmed(product(&products[0], &factors[2 * half]));
        }
        factors = products;
    }
    NewArray::from_slice(&factors[0])
}

/// The eigenvalues of the matrix with these elements in column-major order.
fn eigenvalues<T: Scalar>(matrix: &[T], n: usize) -> Result<Vec<Complex<T::Real>>> {
    let error = |message: &str| Raise::new("LinAlgError", message);
    if !matrix.iter().all(|element| element.finite()) {
        return Err(error("Array must not contain infs or NaNs"));
    }
    let [values, _] = T::eig(matrix, n, false).ok_or_else(|| error("Eigenvalues did not converge"))?;
    Ok(values)
}

/// The roots in the order in which NumPy sorts complex numbers.
fn series_roots<T>(coefficients: View<'_, T>) -> Result<NewArray<Complex<T::Real>>>
where
    T: Scalar + Element,
    Complex<T::Real>: Element,
{
    let coefficients = series(coefficients)?;
    let (last, lower) = coefficients.split_last().expect("a series has a coefficient");
    let n = lower.len();
    if n == 0 {
        return NewArray::from_slice(&[]);
    }
    // The companion matrix, turned by half a turn, which makes errors smaller.
    let mut matrix = vec![T::ZERO; n * n];
    for idx in 0..n - 1 {
        matrix[(idx + 1) * n + idx] = T::ONE;
    }
    for (idx, coefficient) in lower.iter().rev().enumerate() {
        matrix[idx] -= *coefficient / *last;
    }
    let mut roots = eigenvalues(&matrix, n)?;
    roots.sort_by(|a, b| a.order(b));
    NewArray::from_slice(&roots)
}

/// Roots of a polynomial that begins with the highest power: eigenvalues of its companion matrix, and a 0 for each
/// coefficient of 0 at the end.
fn roots<T>(coefficients: View<'_, T>) -> Result<NewArray<Complex<T::Real>>>
where
    T: Scalar + Element,
    Complex<T::Real>: Element,
{
    let mut coefficients = coefficients.to_vec();
    let n_leading = coefficients.iter().take_while(|coefficient| **coefficient == T::ZERO).count();
    coefficients.drain(..n_leading);
    let n_zeros = coefficients.iter().rev().take_while(|coefficient| **coefficient == T::ZERO).count();
    coefficients.truncate(coefficients.len() - n_zeros);
    let mut result = Vec::new();
    if let [first, rest @ ..] = &coefficients[..]
        && !rest.is_empty()
    {
        let n = rest.len();
        let mut matrix = vec![T::ZERO; n * n];
        for idx in 0..n - 1 {
            matrix[idx * n + idx + 1] = T::ONE;
        }
        for (idx, coefficient) in rest.iter().enumerate() {
            matrix[idx * n] = (T::ZERO - *coefficient) / *first;
        }
        result = eigenvalues(&matrix, n)?;
    }
    result.resize(result.len() + n_zeros, Complex::default());
    NewArray::from_slice(&result)
}

/// Quotient and remainder of polynomials that begin with the highest power.
fn polydiv<T: Scalar + Element>(a: View<'_, T>, b: View<'_, T>) -> Result<(NewArray<T>, NewArray<T>)> {
    let (mut rest, divisor) = (a.to_vec(), b.to_vec());
    let (Some(first), false) = (divisor.first(), rest.is_empty()) else {
        return Err(Raise::new("IndexError", "index 0 is out of bounds for axis 0 with size 0"));
    };
    let n_steps = (rest.len() + 1).saturating_sub(divisor.len());
    let mut quotient = vec![T::ZERO; n_steps.max(1)];
    let scale = T::ONE / *first;
    for step in 0..n_steps {
        let factor = scale * rest[step];
        quotient[step] = factor;
        rest[step..].iter_mut().zip(&divisor).for_each(|(place, element)| *place -= factor * *element);
    }
    // What is nearly 0 is left by rounding.
    let n_zeros = rest.iter().take_while(|element| element.modulus().to_f64() <= 1e-8).count();
    let n_zeros = n_zeros.min(rest.len() - 1);
    Ok((NewArray::from_slice(&quotient)?, NewArray::from_slice(&rest[n_zeros..])?))
}

/// The polynomial with these roots, the highest power first.
fn poly<T: Scalar + Element>(roots: View<'_, T>) -> Result<NewArray<T>> {
    let mut coefficients = vec![T::ONE];
    for root in roots.iter() {
        coefficients = product(&coefficients, &[T::ONE, T::ZERO - root]);
    }
    NewArray::from_slice(&coefficients)
}

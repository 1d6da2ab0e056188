//! Polynomials as arrays of coefficients, the highest power first.

use super::number::Number;
use super::signals::convolved;
use super::{NewArray, Raise, Result, View, kernels};

kernels! {
    polyval<T: wide>(coefficients: View<'_, T>, x: View<'_, T>) -> NewArray<T>;
    polyadd<T: wide>(a: View<'_, T>, b: View<'_, T>) -> NewArray<T>;
    polysub<T: wide>(a: View<'_, T>, b: View<'_, T>) -> NewArray<T>;
    polymul<T: wide>(a: View<'_, T>, b: View<'_, T>) -> NewArray<T>;
    polyder<T: wide>(coefficients: View<'_, T>, order: i64) -> NewArray<T>;
    polyint<T: doubles>(coefficients: View<'_, T>, order: i64, constant: View<'_, T>) -> NewArray<T>;
}

/// The values of a polynomial whose coefficients begin with that of the highest power.
fn polyval<T: Number>(coefficients: View<'_, T>, x: View<'_, T>) -> Result<NewArray<T>> {
    let mut result =
        NewArray::<T>::zeros(&x.extents().iter().map(|extent| *extent as usize).collect::<Vec<_>>())?;
    let coefficients = coefficients.to_vec();
    let x = x.to_vec();
    const BLOCK: usize = 1024;
    for (values, x) in result.as_mut_slice().chunks_mut(BLOCK).zip(x.chunks(BLOCK)) {
        for coefficient in &coefficients {
            for (value, x) in values.iter_mut().zip(x) {
                *value = value.times(*x).plus(*coefficient);
            }
        }
    }
    Ok(result)
}

fn polyadd<T: Number>(a: View<'_, T>, b: View<'_, T>) -> Result<NewArray<T>> {
    sum(&a.to_vec(), &b.to_vec())
}

fn polysub<T: Number>(a: View<'_, T>, b: View<'_, T>) -> Result<NewArray<T>> {
    let minus_one = T::from_i64(-1);
    let negated: Vec<T> = b.iter().map(|coefficient| coefficient.times(minus_one)).collect();
    sum(&a.to_vec(), &negated)
}

/// The sum of polynomials, which end with the same power.
fn sum<T: Number>(a: &[T], b: &[T]) -> Result<NewArray<T>> {
    let mut result = NewArray::<T>::zeros(&[a.len().max(b.len())])?;
    for coefficients in [a, b] {
        let places = result.as_mut_slice().iter_mut().rev();
        places
            .zip(coefficients.iter().rev())
            .for_each(|(place, coefficient)| *place = place.plus(*coefficient));
    }
    Ok(result)
}

fn polymul<T: Number>(a: View<'_, T>, b: View<'_, T>) -> Result<NewArray<T>> {
    // A polynomial without coefficients is 0.
    let trimmed = |coefficients: Vec<T>| {
        let n_zeros = coefficients.iter().take_while(|coefficient| **coefficient == T::default()).count();
        let rest = coefficients[n_zeros..].to_vec();
        if rest.is_empty() { vec![T::default()] } else { rest }
    };
    convolved(&trimmed(a.to_vec()), &trimmed(b.to_vec()), 2, true)
}

fn order_of(order: i64, what: &str) -> Result<usize> {
    let message = || Raise::value_error(format!("Order of {what} must be positive (see polyint)"));
    usize::try_from(order).map_err(|_| message())
}

fn polyder<T: Number>(coefficients: View<'_, T>, order: i64) -> Result<NewArray<T>> {
    let order = order_of(order, "derivative")?;
    let mut coefficients = coefficients.to_vec();
    for _ in 0..order.min(coefficients.len()) {
        coefficients.pop();
        let powers = (1..).zip(coefficients.iter_mut().rev());
        powers.for_each(|(power, coefficient)| *coefficient = coefficient.times(T::from_i64(power)));
    }
    NewArray::from_slice(&coefficients)
}

fn polyint<T>(coefficients: View<'_, T>, order: i64, constant: View<'_, T>) -> Result<NewArray<T>>
where
    T: Number + std::ops::Div<f64, Output = T>,
{
    /// After as many divisions by 2 or more every number is 0, or infinite as it was.
    const ENOUGH: usize = 2200;
    let order = order_of(order, "integral")?;
    let n = coefficients.size();
    let too_many = || Raise::new("MemoryError", "the integral has too many coefficients");
    let mut result = NewArray::of_shape(&[n.checked_add(order).ok_or_else(too_many)? as i64])?;
    let (of_powers, constants) = result.as_mut_slice().split_at_mut(n);
    for (power, (place, coefficient)) in (0..n).rev().zip(of_powers.iter_mut().zip(coefficients.iter())) {
        let powers = power + 1..=power + order.min(ENOUGH);
        *place = powers.fold(coefficient, |value, power| value / power as f64);
    }
    // A constant is divided as often as it is integrated after it was added.
    let mut constant = constant.to_vec()[0];
    for (power, place) in constants.iter_mut().rev().enumerate() {
        if (1..=ENOUGH).contains(&power) {
            constant = constant / power as f64;
        }
        *place = constant;
    }
    Ok(result)
}

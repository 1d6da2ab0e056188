//! Arrays that are made by a rule.

#![expect(
    clippy::extra_unused_type_parameters,
    reason = "a kernel has an element type, also where it is always the same"
)]

use super::{NewArray, Raise, Result, View, kernels};
use std::f64::consts::PI;

kernels! {
    matrix_with_diagonal<T: raw>(diagonal: View<'_, T>, offset: i64) -> NewArray<T>;
    vander<T: wide>(base: View<'_, T>, n_columns: i64, increasing: bool) -> NewArray<T>;
    positions_of_shape<T: index>(extents: &[i64]) -> NewArray<i64>;
    window<T: double>(n_points: f64, kind: i64, beta: f64) -> NewArray<f64>;
    bessel_i0<T: double>(array: View<'_, f64>) -> NewArray<f64>;
}

/// A square matrix of zeros with an array on a diagonal.
fn matrix_with_diagonal<T: Copy + Default + 'static>(
    diagonal: View<'_, T>,
    offset: i64,
) -> Result<NewArray<T>> {
    let too_large = || Raise::new("MemoryError", "the matrix is too large");
    let distance = usize::try_from(offset.unsigned_abs()).map_err(|_| too_large())?;
    let n = diagonal.size().checked_add(distance).ok_or_else(too_large)?;
    let mut result = NewArray::zeros(&[n, n])?;
    let first = if offset > 0 { distance } else { distance.saturating_mul(n) };
    let places = result.as_mut_slice().iter_mut().skip(first).step_by(n + 1);
    places.zip(diagonal.iter()).for_each(|(place, element)| *place = element);
    Ok(result)
}

/// Powers of each element along the columns.
fn vander<T>(base: View<'_, T>, n_columns: i64, increasing: bool) -> Result<NewArray<T>>
where
    T: Copy + Default + Powers + 'static,
{
    let mut result = NewArray::of_shape(&[base.size() as i64, n_columns])?;
    if n_columns == 0 {
        return Ok(result);
    }
    for (row, element) in result.as_mut_slice().chunks_mut(n_columns as usize).zip(base.iter()) {
        let mut power = T::one();
        let mut fill = |place: &mut T| {
            *place = power;
            power = power.times(element);
        };
        if increasing { row.iter_mut().for_each(fill) } else { row.iter_mut().rev().for_each(&mut fill) }
    }
    Ok(result)
}

/// What can be multiplied; integers wrap.
trait Powers {
    fn one() -> Self;
    fn times(self, other: Self) -> Self;
}

macro_rules! powers {
    ($($T:ty: $one:expr, $times:expr;)*) => {$(
        impl Powers for $T {
            fn one() -> Self {
                $one
            }

            fn times(self, other: Self) -> Self {
                let times: fn($T, $T) -> $T = $times;
                times(self, other)
            }
        }
    )*};
}

powers! {
    i64: 1, i64::wrapping_mul;
    u64: 1, u64::wrapping_mul;
    f32: 1.0, |a, b| a * b;
    f64: 1.0, |a, b| a * b;
    num_complex::Complex<f32>: num_complex::Complex::new(1.0, 0.0), |a, b| a * b;
    num_complex::Complex<f64>: num_complex::Complex::new(1.0, 0.0), |a, b| a * b;
}

/// For each axis the position along it, at every position of a shape.
fn positions_of_shape<T>(extents: &[i64]) -> Result<NewArray<i64>> {
    let shape: Vec<i64> = [&[extents.len() as i64], extents].concat();
    let mut result = NewArray::of_shape(&shape)?;
    let size = extents.iter().product::<i64>() as usize;
    if size == 0 {
        return Ok(result);
    }
    let mut inner = size;
    for (positions, extent) in result.as_mut_slice().chunks_mut(size).zip(extents) {
        inner /= *extent as usize;
        for (idx, run) in positions.chunks_mut(inner).enumerate() {
            run.fill(idx as i64 % extent);
        }
    }
    Ok(result)
}

/// A window: 0 Bartlett, 1 Blackman, 2 Hamming, 3 Hann, 4 Kaiser.
fn window<T>(n_points: f64, kind: i64, beta: f64) -> Result<NewArray<f64>> {
    if kind == 4 {
        if n_points == 1.0 {
            return NewArray::from_slice(&[1.0]);
        }
        let n = n_points.ceil().max(0.0);
        let alpha = (n_points - 1.0) / 2.0;
        let mut result = NewArray::of_shape(&[n as i64])?;
        for (idx, value) in result.as_mut_slice().iter_mut().enumerate() {
            let distance = (idx as f64 - alpha) / alpha;
            *value = i0(beta * (1.0 - distance * distance).sqrt()) / i0(beta);
        }
        return Ok(result);
    }
    if n_points < 1.0 {
        return NewArray::from_slice(&[]);
    }
    if n_points == 1.0 {
        return NewArray::from_slice(&[1.0]);
    }
    let last = n_points - 1.0;
    let n = n_points.ceil() as i64;
    let mut result = NewArray::of_shape(&[n])?;
    for (idx, value) in result.as_mut_slice().iter_mut().enumerate() {
        // As NumPy counts: from -last in steps of 2.
        let n = 2.0 * idx as f64 - last;
        let angle = PI * n / last;
        *value = match kind {
            0 if n <= 0.0 => 1.0 + n / last,
            0 => 1.0 - n / last,
            1 => 0.42 + 0.5 * angle.cos() + 0.08 * (2.0 * angle).cos(),
            2 => 0.54 + 0.46 * angle.cos(),
            _ => 0.5 + 0.5 * angle.cos(),
        };
    }
    Ok(result)
}

fn bessel_i0<T>(array: View<'_, f64>) -> Result<NewArray<f64>> {
    let mut result = NewArray::of_shape(array.extents())?;
    result.as_mut_slice().iter_mut().zip(array.iter()).for_each(|(value, x)| *value = i0(x));
    Ok(result)
}

/// The modified Bessel function of the first kind of order 0, by
/// Chebyshev sums (those of Cephes, which NumPy uses).
fn i0(x: f64) -> f64 {
    let x = x.abs();
    if x <= 8.0 {
        x.exp() * chebyshev(x / 2.0 - 2.0, &SMALL)
    } else {
        x.exp() * chebyshev(32.0 / x - 2.0, &LARGE) / x.sqrt()
    }
}

fn chebyshev(x: f64, coefficients: &[f64]) -> f64 {
    let (mut b0, mut b1, mut b2) = (coefficients[0], 0.0, 0.0);
    for coefficient in &coefficients[1..] {
        b2 = b1;
        b1 = b0;
        b0 = x * b1 - b2 + coefficient;
    }
    0.5 * (b0 - b2)
}

/// Coefficients of exp(-x) I0(x) for x up to 8.
const SMALL: [f64; 30] = [
    -4.4153416464793395e-18,
    3.3307945188222384e-17,
    -2.431279846547955e-16,
    1.715391285555133e-15,
    -1.1685332877993451e-14,
    7.676185498604936e-14,
    -4.856446783111929e-13,
    2.95505266312964e-12,
    -1.726826291441556e-11,
    9.675809035373237e-11,
    -5.189795601635263e-10,
    2.6598237246823866e-09,
    -1.300025009986248e-08,
    6.046995022541919e-08,
    -2.670793853940612e-07,
    1.1173875391201037e-06,
    -4.4167383584587505e-06,
    1.6448448070728896e-05,
    -5.754195010082104e-05,
    0.00018850288509584165,
    -0.0005763755745385824,
    0.0016394756169413357,
    -0.004324309995050576,
    0.010546460394594998,
    -0.02373741480589947,
    0.04930528423967071,
    -0.09490109704804764,
    0.17162090152220877,
    -0.3046826723431984,
    0.6767952744094761,
];

/// Coefficients of exp(-x) sqrt(x) I0(x) for x from 8 on.
const LARGE: [f64; 25] = [
    -7.233180487874754e-18,
    -4.830504485944182e-18,
    4.46562142029676e-17,
    3.461222867697461e-17,
    -2.8276239805165836e-16,
    -3.425485619677219e-16,
    1.7725601330565263e-15,
    3.8116806693526224e-15,
    -9.554846698828307e-15,
    -4.150569347287222e-14,
    1.54008621752141e-14,
    3.8527783827421426e-13,
    7.180124451383666e-13,
    -1.7941785315068062e-12,
    -1.3215811840447713e-11,
    -3.1499165279632416e-11,
    1.1889147107846439e-11,
    4.94060238822497e-10,
    3.3962320257083865e-09,
    2.266668990498178e-08,
    2.0489185894690638e-07,
    2.8913705208347567e-06,
    6.889758346916825e-05,
    0.0033691164782556943,
    0.8044904110141088,
];

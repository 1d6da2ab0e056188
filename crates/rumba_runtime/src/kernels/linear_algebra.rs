//! `np.linalg`: systems of equations, factorisations, eigenvalues and norms of matrices, over any leading axes.
//!
//! Each matrix is copied in column-major order, worked on, and stored into the result.

use super::products::offset_of;
use super::{Element, NewArray, Raise, Result, View, kernels};
use num_complex::Complex;
use rumba_linalg::{Real, Scalar, Vectors};

type RealOf<T> = <T as Scalar>::Real;
type ComplexOf<T> = Complex<<T as Scalar>::Real>;

kernels! {
    solve<T: inexact>(a: View<'_, T>, b: View<'_, T>, out: View<'_, T>) -> ();
    inverse<T: inexact>(a: View<'_, T>, out: View<'_, T>) -> ();
    determinant<T: inexact>(a: View<'_, T>, out: View<'_, T>) -> ();
    log_determinant<T: inexact>(a: View<'_, T>, signs: View<'_, T>, logs: View<'_, RealOf<T>>) -> ();
    cholesky<T: inexact>(a: View<'_, T>, out: View<'_, T>, upper: bool) -> ();
    qr<T: inexact>(a: View<'_, T>, q: View<'_, T>, r: View<'_, T>, full: bool) -> ();
    qr_raw<T: inexact>(a: View<'_, T>, h: View<'_, T>, tau: View<'_, T>) -> ();
    eigh<T: inexact>(a: View<'_, T>, values: View<'_, RealOf<T>>, vectors: View<'_, T>, upper: bool) -> ();
    eigvalsh<T: inexact>(a: View<'_, T>, values: View<'_, RealOf<T>>, upper: bool) -> ();
    eig<T: inexact>(a: View<'_, T>, values: View<'_, ComplexOf<T>>, vectors: View<'_, ComplexOf<T>>) -> ();
    eigvals<T: inexact>(a: View<'_, T>, values: View<'_, ComplexOf<T>>) -> ();
    svd<T: inexact>(a: View<'_, T>, u: View<'_, T>, s: View<'_, RealOf<T>>, vh: View<'_, T>, full: bool) -> ();
    svdvals<T: inexact>(a: View<'_, T>, s: View<'_, RealOf<T>>) -> ();
    pinv<T: inexact>(a: View<'_, T>, out: View<'_, T>, rtol: f64) -> ();
    lstsq<T: inexact>(a: View<'_, T>, b: View<'_, T>, rcond: f64) -> (NewArray<T>, NewArray<RealOf<T>>, i64, NewArray<RealOf<T>>);
    polyfit<T: doubles>(x: View<'_, T>, y: View<'_, T>, degree: i64, weights: Option<View<'_, T>>, rcond: f64, ascending: bool) -> NewArray<T>;
    polyfit_full<T: doubles>(x: View<'_, T>, y: View<'_, T>, degree: i64, weights: Option<View<'_, T>>, rcond: f64, ascending: bool) -> LeastSquares<T>;
    polyfit_covariance<T: doubles>(x: View<'_, T>, y: View<'_, T>, degree: i64, weights: Option<View<'_, T>>, rcond: f64, ascending: bool, scaled: bool) -> (NewArray<T>, NewArray<RealOf<T>>);
    matrix_rank<T: inexact>(a: View<'_, T>, out: View<'_, i64>, tolerance: f64, relative: bool) -> ();
    vector_norm<T: inexact>(a: View<'_, T>, out: View<'_, RealOf<T>>, ord: f64) -> ();
    matrix_norm<T: inexact>(a: View<'_, T>, out: View<'_, RealOf<T>>, ord: f64) -> ();
    condition<T: inexact>(a: View<'_, T>, out: View<'_, RealOf<T>>, ord: f64) -> ();
}

/// How the library writes orders that are no numbers.
const FROBENIUS: f64 = 1e300;
const NUCLEAR: f64 = 2e300;

fn error(message: &str) -> Raise {
    Raise::new("LinAlgError", message)
}

const NO_CONVERGENCE: &str = "Eigenvalues did not converge";

/// The number of matrices, or of vectors, behind the leading axes.
fn count<T: Copy + 'static>(view: &View<'_, T>, n_trailing: usize) -> usize {
    view.extents()[..view.ndim() - n_trailing].iter().product::<i64>() as usize
}

/// The extents of the last two axes.
fn shape<T: Copy + 'static>(view: &View<'_, T>) -> (usize, usize) {
    (view.extent(view.ndim() - 2), view.extent(view.ndim() - 1))
}

/// The address behind the leading axes, and the strides of the last `N`.
fn trailing<T: Copy + 'static, const N: usize>(view: &View<'_, T>, number: usize) -> (*mut T, [isize; N]) {
    let n_leading = view.ndim() - N;
    let offset = offset_of(number, &view.extents()[..n_leading], &view.strides()[..n_leading]);
    (
        view.data().wrapping_byte_offset(offset),
        std::array::from_fn(|axis| view.strides()[n_leading + axis] as isize),
    )
}

/// Copies a matrix in column-major order.
fn load<T: Copy + 'static>(view: &View<'_, T>, number: usize, into: &mut Vec<T>) {
    let (n_rows, n_cols) = shape(view);
    let (data, [row_stride, col_stride]) = trailing(view, number);
    into.clear();
    into.reserve(n_rows * n_cols);
    for col in 0..n_cols {
        let column = data.wrapping_byte_offset(col as isize * col_stride);
        // SAFETY: in bounds of the view.
        into.extend(
            (0..n_rows).map(|row| unsafe {
                column.wrapping_byte_offset(row as isize * row_stride).read_unaligned()
            }),
        );
    }
}

/// Stores a matrix that is given in column-major order.
fn store<T: Copy + 'static>(view: &View<'_, T>, number: usize, elements: &[T]) {
    let (n_rows, n_cols) = shape(view);
    assert!(elements.len() == n_rows * n_cols, "the matrix has the shape of its place");
    let (data, [row_stride, col_stride]) = trailing(view, number);
    for row in 0..n_rows {
        let line = data.wrapping_byte_offset(row as isize * row_stride);
        for col in 0..n_cols {
            // SAFETY: in bounds of the view, which the kernel is declared to write to.
            unsafe {
                line.wrapping_byte_offset(col as isize * col_stride)
                    .write_unaligned(elements[col * n_rows + row])
            };
        }
    }
}

fn store_vector<T: Copy + 'static>(view: &View<'_, T>, number: usize, elements: &[T]) {
    let (data, [stride]) = trailing(view, number);
    assert!(elements.len() == view.extent(view.ndim() - 1), "the vector has the length of its place");
    for (idx, element) in elements.iter().enumerate() {
        // SAFETY: in bounds of the view, which the kernel is declared to write to.
        unsafe { data.wrapping_byte_offset(idx as isize * stride).write_unaligned(*element) };
    }
}

fn store_number<T: Copy + 'static>(view: &View<'_, T>, number: usize, value: T) {
    let (data, []) = trailing(view, number);
    // SAFETY: in bounds of the view, which the kernel is declared to write to.
    unsafe { data.write_unaligned(value) };
}

fn all_finite<T: Scalar>(elements: &[T]) -> bool {
    elements.iter().all(|element| element.finite())
}

fn solve<T: Scalar + Element>(a: View<'_, T>, b: View<'_, T>, out: View<'_, T>) -> Result<()> {
    let (n, n_rhs) = shape(&b);
    let (mut matrix, mut columns, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..count(&out, 2) {
        load(&a, number, &mut matrix);
        load(&b, number, &mut columns);
        factorise(&mut matrix, n, &mut rows)?;
        T::lu_solve(&matrix, n, &rows, &mut columns, n_rhs);
        store(&out, number, &columns);
    }
    Ok(())
}

/// The factors of a matrix that has an inverse.
fn factorise<T: Scalar>(matrix: &mut [T], n: usize, rows: &mut Vec<usize>) -> Result<()> {
    T::lu(matrix, n, rows);
    match (0..n).any(|idx| matrix[idx * n + idx] == T::ZERO) {
        true => Err(error("Singular matrix")),
        false => Ok(()),
    }
}

fn invert<T: Scalar>(mut matrix: Vec<T>, n: usize) -> Result<Vec<T>> {
    let mut rows = Vec::new();
    factorise(&mut matrix, n, &mut rows)?;
    let mut inverse = vec![T::ZERO; n * n];
    (0..n).for_each(|idx| inverse[idx * n + idx] = T::ONE);
    T::lu_solve(&matrix, n, &rows, &mut inverse, n);
    Ok(inverse)
}

fn inverse<T: Scalar + Element>(a: View<'_, T>, out: View<'_, T>) -> Result<()> {
    let n = shape(&a).0;
    for number in 0..count(&out, 2) {
        let mut matrix = Vec::new();
        load(&a, number, &mut matrix);
        store(&out, number, &invert(matrix, n)?);
    }
    Ok(())
}

/// Lets `use_diagonal` see, for each matrix, whether rows were exchanged an odd number of times, and the diagonal whose
/// product then is the determinant but for its sign.
fn with_diagonals<T: Scalar>(
    a: &View<'_, T>,
    mut use_diagonal: impl FnMut(usize, bool, &mut dyn Iterator<Item = T>),
) {
    let n = shape(a).0;
    let (mut matrix, mut rows) = (Vec::new(), Vec::new());
    for number in 0..count(a, 2) {
        load(a, number, &mut matrix);
        let odd = T::lu(&mut matrix, n, &mut rows);
        // Behind a pivot of 0 there may be anything.
        let singular = (0..n).any(|idx| matrix[idx * n + idx] == T::ZERO);
        let mut diagonal = (0..n).map(|idx| if singular { T::ZERO } else { matrix[idx * n + idx] });
        use_diagonal(number, odd, &mut diagonal);
    }
}

fn determinant<T: Scalar + Element>(a: View<'_, T>, out: View<'_, T>) -> Result<()> {
    with_diagonals(&a, |number, odd, diagonal| {
        let sign = if odd { T::ZERO - T::ONE } else { T::ONE };
        store_number(&out, number, diagonal.fold(sign, |product, element| product * element));
    });
    Ok(())
}

fn log_determinant<T: Scalar + Element>(
    a: View<'_, T>,
    signs: View<'_, T>,
    logs: View<'_, RealOf<T>>,
) -> Result<()> {
    with_diagonals(&a, |number, odd, diagonal| {
        let mut sign = if odd { T::ZERO - T::ONE } else { T::ONE };
        let mut log = 0.0;
        for element in diagonal {
            let modulus = element.modulus();
            log += modulus.to_f64().ln();
            sign = if element == T::ZERO { T::ZERO } else { sign * (element / T::from_real(modulus)) };
        }
        store_number(&signs, number, sign);
        store_number(&logs, number, RealOf::<T>::from_f64(log));
    });
    Ok(())
}

fn cholesky<T: Scalar + Element>(a: View<'_, T>, out: View<'_, T>, upper: bool) -> Result<()> {
    let n = shape(&a).0;
    let mut matrix = Vec::new();
    for number in 0..count(&a, 2) {
        load(&a, number, &mut matrix);
        if upper {
            adjoint(&mut matrix, n);
        }
        // The triangle decides, and it is positive definite if there is nothing in it that is no number.
        let lower_is_finite = (0..n).all(|col| all_finite(&matrix[col * n + col..(col + 1) * n]));
        if !lower_is_finite || !T::cholesky(&mut matrix, n) {
            return Err(error("Matrix is not positive definite"));
        }
        for col in 1..n {
            matrix[col * n..col * n + col].fill(T::ZERO);
        }
        if upper {
            adjoint(&mut matrix, n);
        }
        store(&out, number, &matrix);
    }
    Ok(())
}

/// The conjugate transpose of a square matrix, in place.
fn adjoint<T: Scalar>(matrix: &mut [T], n: usize) {
    for col in 0..n {
        for row in 0..=col {
            let (upper, lower) = (matrix[col * n + row], matrix[row * n + col]);
            matrix[col * n + row] = lower.conj();
            matrix[row * n + col] = upper.conj();
        }
    }
}

fn qr<T: Scalar + Element>(a: View<'_, T>, q: View<'_, T>, r: View<'_, T>, full: bool) -> Result<()> {
    let (m, n) = shape(&a);
    let mut matrix = Vec::new();
    for number in 0..count(&a, 2) {
        load(&a, number, &mut matrix);
        let (q_elements, r_elements) = T::qr(&matrix, m, n, full);
        store(&q, number, &q_elements);
        store(&r, number, &r_elements);
    }
    Ok(())
}

/// The reflections of a QR factorisation as LAPACK has them, transposed: above the diagonal R, below it the vectors, whose first
/// element is 1; and their factors.
fn qr_raw<T: Scalar + Element>(a: View<'_, T>, h: View<'_, T>, tau: View<'_, T>) -> Result<()> {
    let (m, n) = shape(&a);
    let mut matrix = Vec::new();
    for number in 0..count(&a, 2) {
        load(&a, number, &mut matrix);
        let mut factors = vec![T::ZERO; m.min(n)];
        for (idx, factor) in factors.iter_mut().enumerate() {
            let (before, behind) = matrix.split_at_mut((idx + 1) * m);
            let column = &mut before[idx * m + idx..];
            let (first, rest) = column.split_first_mut().expect("the diagonal is in the matrix");
            let alpha = *first;
            let square = |element: &T| (*element * element.conj()).real().to_f64();
            let below: f64 = rest.iter().map(square).sum();
            if below == 0.0 && alpha.complex().im == RealOf::<T>::ZERO {
                continue;
            }
            let length = (square(&alpha) + below).sqrt();
            let beta = -length.copysign(alpha.real().to_f64());
            let beta = T::from_real(RealOf::<T>::from_f64(beta));
            *factor = (beta - alpha) / beta;
            rest.iter_mut().for_each(|element| *element = *element / (alpha - beta));
            *first = beta;
            for other in behind.chunks_exact_mut(m) {
                let (top, bottom) = other[idx..].split_first_mut().expect("as long as the column");
                let products = rest.iter().zip(&*bottom).map(|(v, x)| v.conj() * *x);
                let along = products.fold(*top, |sum, product| sum + product) * factor.conj();
                *top -= along;
                bottom.iter_mut().zip(&*rest).for_each(|(x, v)| *x -= *v * along);
            }
        }
        let transposed: Vec<T> = (0..m * n).map(|idx| matrix[idx % n * m + idx / n]).collect();
        store(&h, number, &transposed);
        store_vector(&tau, number, &factors);
    }
    Ok(())
}

/// Eigenvalues and eigenvectors of each Hermitian matrix.
fn hermitian<T: Scalar>(
    a: &View<'_, T>,
    upper: bool,
    vectors: bool,
    mut give: impl FnMut(usize, Vec<RealOf<T>>, Vec<T>),
) -> Result<()> {
    let n = shape(a).0;
    let mut matrix = Vec::new();
    for number in 0..count(a, 2) {
        load(a, number, &mut matrix);
        if upper {
            adjoint(&mut matrix, n);
        }
        for idx in 0..n {
            // As LAPACK: a diagonal is real.
            matrix[idx * n + idx] = T::from_real(matrix[idx * n + idx].real());
        }
        let lower_is_finite = (0..n).all(|col| all_finite(&matrix[col * n + col..(col + 1) * n]));
        let solution = if lower_is_finite { T::eigh(&matrix, n, vectors) } else { None };
        let (values, columns) = solution.ok_or_else(|| error(NO_CONVERGENCE))?;
        give(number, values, columns);
    }
    Ok(())
}

fn eigh<T: Scalar + Element>(
    a: View<'_, T>,
    values: View<'_, RealOf<T>>,
    vectors: View<'_, T>,
    upper: bool,
) -> Result<()> {
    hermitian(&a, upper, true, |number, w, v| {
        store_vector(&values, number, &w);
        store(&vectors, number, &v);
    })
}

fn eigvalsh<T: Scalar + Element>(a: View<'_, T>, values: View<'_, RealOf<T>>, upper: bool) -> Result<()> {
    hermitian(&a, upper, false, |number, w, _| store_vector(&values, number, &w))
}

/// Eigenvalues and eigenvectors of each matrix.
fn general<T: Scalar>(
    a: &View<'_, T>,
    vectors: bool,
    mut give: impl FnMut(usize, Vec<ComplexOf<T>>, Vec<ComplexOf<T>>),
) -> Result<()> {
    let n = shape(a).0;
    let mut matrix = Vec::new();
    for number in 0..count(a, 2) {
        load(a, number, &mut matrix);
        if !all_finite(&matrix) {
            return Err(error("Array must not contain infs or NaNs"));
        }
        let [values, columns] = T::eig(&matrix, n, vectors).ok_or_else(|| error(NO_CONVERGENCE))?;
        give(number, values, columns);
    }
    Ok(())
}

fn eig<T: Scalar + Element>(
    a: View<'_, T>,
    values: View<'_, ComplexOf<T>>,
    vectors: View<'_, ComplexOf<T>>,
) -> Result<()> {
    general(&a, true, |number, w, v| {
        store_vector(&values, number, &w);
        store(&vectors, number, &v);
    })
}

fn eigvals<T: Scalar + Element>(a: View<'_, T>, values: View<'_, ComplexOf<T>>) -> Result<()> {
    general(&a, false, |number, w, _| store_vector(&values, number, &w))
}

fn decompose<T: Scalar>(matrix: &[T], m: usize, n: usize, vectors: Vectors) -> Result<rumba_linalg::Svd<T>> {
    let solution = if all_finite(matrix) { T::svd(matrix, m, n, vectors) } else { None };
    solution.ok_or_else(|| error("SVD did not converge"))
}

fn singular_values<T: Scalar>(matrix: &[T], m: usize, n: usize) -> Result<Vec<RealOf<T>>> {
    let solution = if all_finite(matrix) { T::singular_values(matrix, m, n) } else { None };
    solution.ok_or_else(|| error("SVD did not converge"))
}

fn svd<T: Scalar + Element>(
    a: View<'_, T>,
    u: View<'_, T>,
    s: View<'_, RealOf<T>>,
    vh: View<'_, T>,
    full: bool,
) -> Result<()> {
    let (m, n) = shape(&a);
    let mut matrix = Vec::new();
    for number in 0..count(&a, 2) {
        load(&a, number, &mut matrix);
        let parts = decompose(&matrix, m, n, if full { Vectors::Full } else { Vectors::Thin })?;
        store(&u, number, &parts.u);
        store_vector(&s, number, &parts.s);
        store(&vh, number, &parts.vh);
    }
    Ok(())
}

fn svdvals<T: Scalar + Element>(a: View<'_, T>, s: View<'_, RealOf<T>>) -> Result<()> {
    let (m, n) = shape(&a);
    let mut matrix = Vec::new();
    for number in 0..count(&a, 2) {
        load(&a, number, &mut matrix);
        store_vector(&s, number, &singular_values(&matrix, m, n)?);
    }
    Ok(())
}

/// The product of `n × k`, conjugated and transposed from `k × n`, and `k × m`, conjugated and transposed, with the
/// columns of the left one divided by singular values above a limit, and left out below.
fn pseudo_inverse<T: Scalar>(parts: &rumba_linalg::Svd<T>, m: usize, n: usize, limit: RealOf<T>) -> Vec<T> {
    let mut result = vec![T::ZERO; n * m];
    let size = m.min(n);
    for (idx, value) in parts.s.iter().enumerate().filter(|(_, value)| **value > limit) {
        for col in 0..m {
            let factor = parts.u[idx * m + col].conj() / T::from_real(*value);
            for row in 0..n {
                result[col * n + row] += parts.vh[row * size + idx].conj() * factor;
            }
        }
    }
    result
}

fn largest<R: Real>(values: &[R]) -> R {
    values.first().copied().unwrap_or_default()
}

fn pinv<T: Scalar + Element>(a: View<'_, T>, out: View<'_, T>, rtol: f64) -> Result<()> {
    let (m, n) = shape(&a);
    let mut matrix = Vec::new();
    for number in 0..count(&a, 2) {
        load(&a, number, &mut matrix);
        let parts = decompose(&matrix, m, n, Vectors::Thin)?;
        let limit = RealOf::<T>::from_f64(rtol * largest(&parts.s).to_f64());
        store(&out, number, &pseudo_inverse(&parts, m, n, limit));
    }
    Ok(())
}

/// Solutions, sums of squared residuals, rank, and singular values.
type LeastSquares<T> = (NewArray<T>, NewArray<RealOf<T>>, i64, NewArray<RealOf<T>>);

fn lstsq<T: Scalar + Element>(a: View<'_, T>, b: View<'_, T>, rcond: f64) -> Result<LeastSquares<T>> {
    let (mut matrix, mut columns) = (Vec::new(), Vec::new());
    load(&a, 0, &mut matrix);
    load(&b, 0, &mut columns);
    least_squares(&matrix, shape(&a), &columns, shape(&b).1, rcond)
}

/// Of a matrix and right sides in column-major order.
fn least_squares<T: Scalar + Element>(
    matrix: &[T],
    (m, n): (usize, usize),
    columns: &[T],
    n_rhs: usize,
    rcond: f64,
) -> Result<LeastSquares<T>> {
    let converged = if all_finite(matrix) { T::svd(matrix, m, n, Vectors::Thin) } else { None };
    let parts = converged.ok_or_else(|| error("SVD did not converge in Linear Least Squares"))?;
    // As LAPACK has it, which takes limits beyond the largest singular value for none.
    let rcond = if rcond > 0.0 && rcond < 1.0 { rcond } else { T::EPSILON };
    let limit = RealOf::<T>::from_f64(rcond * largest(&parts.s).to_f64());
    let rank = parts.s.iter().filter(|value| **value > limit).count();
    let size = m.min(n);
    let mut x = NewArray::zeros(&[n, n_rhs])?;
    let mut residuals = NewArray::zeros(&[if rank == n && m > n { n_rhs } else { 0 }])?;
    for (rhs, column) in columns.chunks_exact(m.max(1)).enumerate() {
        let mut rest = column.to_vec();
        let mut solution = vec![T::ZERO; n];
        for (idx, value) in parts.s.iter().enumerate().take(rank) {
            let direction = &parts.u[idx * m..(idx + 1) * m];
            let along = direction.iter().zip(column).fold(T::ZERO, |sum, (u, b)| sum + u.conj() * *b);
            direction.iter().zip(&mut rest).for_each(|(u, rest)| *rest -= *u * along);
            let factor = along / T::from_real(*value);
            for (row, element) in solution.iter_mut().enumerate() {
                *element += parts.vh[row * size + idx].conj() * factor;
            }
        }
        for (row, element) in solution.into_iter().enumerate() {
            x.as_mut_slice()[row * n_rhs + rhs] = element;
        }
        if let Some(residual) = residuals.as_mut_slice().get_mut(rhs) {
            *residual =
                rest.iter().map(|r| (*r * r.conj()).real()).fold(Default::default(), |sum, r| sum + r);
        }
    }
    Ok((x, residuals, rank as i64, NewArray::from_slice(&parts.s)?))
}

/// The coefficients of the polynomial that fits values at places best.
fn polyfit<T: Scalar + Element>(
    x: View<'_, T>,
    y: View<'_, T>,
    degree: i64,
    weights: Option<View<'_, T>>,
    rcond: f64,
    ascending: bool,
) -> Result<NewArray<T>> {
    Ok(fit(x, y, degree, weights, rcond, ascending)?.solution.0)
}

fn polyfit_full<T: Scalar + Element>(
    x: View<'_, T>,
    y: View<'_, T>,
    degree: i64,
    weights: Option<View<'_, T>>,
    rcond: f64,
    ascending: bool,
) -> Result<LeastSquares<T>> {
    Ok(fit(x, y, degree, weights, rcond, ascending)?.solution)
}

/// The coefficients and their covariances: without `scaled` as if the values had a variance of 1.
fn polyfit_covariance<T: Scalar + Element>(
    x: View<'_, T>,
    y: View<'_, T>,
    degree: i64,
    weights: Option<View<'_, T>>,
    rcond: f64,
    ascending: bool,
    scaled: bool,
) -> Result<(NewArray<T>, NewArray<RealOf<T>>)> {
    let n_values = x.extent(0);
    let Fit { solution: (coefficients, mut residuals, ..), powers, lengths } =
        fit(x, y, degree, weights, rcond, ascending)?;
    let n = powers.len();
    let product = |row: usize, col: usize| {
        let products = powers[row].iter().zip(&powers[col]).map(|(a, b)| (*a * *b).real());
        products.fold(Default::default(), |sum: RealOf<T>, product| sum + product)
    };
    let inverse = invert((0..n * n).map(|idx| product(idx / n, idx % n)).collect(), n)?;
    let mut factor = RealOf::<T>::ONE;
    if scaled {
        if n_values <= n {
            let message = "the number of data points must exceed order to scale the covariance matrix";
            return Err(Raise::value_error(message));
        }
        let freedom = RealOf::<T>::from_f64((n_values - n) as f64);
        factor = match residuals.as_mut_slice() {
            [residual] => *residual / freedom,
            _ => {
                let message = format!("operands could not be broadcast together with shapes ({n},{n}) (0,) ");
                return Err(Raise::value_error(message));
            }
        };
    }
    let mut covariances = NewArray::zeros(&[n, n])?;
    for (idx, covariance) in covariances.as_mut_slice().iter_mut().enumerate() {
        let scale = lengths[idx / n].real() * lengths[idx % n].real();
        *covariance = inverse[idx] / scale * factor;
    }
    Ok((coefficients, covariances))
}

/// A polynomial that fits, and what it was fitted by.
struct Fit<T: Scalar> {
    solution: LeastSquares<T>,
    /// Weighed powers of the places, scaled to length 1, and what they were divided by.
    powers: Vec<Vec<T>>,
    lengths: Vec<T>,
}

/// Least squares of powers that are scaled to length 1.
fn fit<T: Scalar + Element>(
    x: View<'_, T>,
    y: View<'_, T>,
    degree: i64,
    weights: Option<View<'_, T>>,
    rcond: f64,
    ascending: bool,
) -> Result<Fit<T>> {
    let (m, n) = (x.extent(0), degree as usize + 1);
    let (x, mut y) = (x.to_vec(), y.to_vec());
    let weights = weights.map(|weights| weights.to_vec());
    let mut power = vec![T::ONE; m];
    let mut powers = Vec::with_capacity(n);
    for _ in 0..n {
        powers.push(power.clone());
        power.iter_mut().zip(&x).for_each(|(power, x)| *power = *power * *x);
    }
    if !ascending {
        powers.reverse();
    }
    if let Some(weights) = &weights {
        for values in powers.iter_mut().chain([&mut y]) {
            values.iter_mut().zip(weights).for_each(|(value, weight)| *value = *value * *weight);
        }
    }
    let mut lengths = Vec::with_capacity(n);
    for values in &mut powers {
        let squares = values.iter().fold(0.0, |sum, value| sum + (*value * value.conj()).real().to_f64());
        let length = if squares == 0.0 { 1.0 } else { squares.sqrt() };
        let length = T::from_real(RealOf::<T>::from_f64(length));
        values.iter_mut().for_each(|value| *value = *value / length);
        lengths.push(length);
    }
    let (mut result, residuals, rank, values) = least_squares(&powers.concat(), (m, n), &y, 1, rcond)?;
    let coefficients = result.as_mut_slice();
    coefficients
        .iter_mut()
        .zip(&lengths)
        .for_each(|(coefficient, length)| *coefficient = *coefficient / *length);
    let solution = (NewArray::from_slice(coefficients)?, residuals, rank, values);
    Ok(Fit { solution, powers, lengths })
}

fn matrix_rank<T: Scalar + Element>(
    a: View<'_, T>,
    out: View<'_, i64>,
    tolerance: f64,
    relative: bool,
) -> Result<()> {
    let (m, n) = shape(&a);
    let mut matrix = Vec::new();
    for number in 0..count(&a, 2) {
        load(&a, number, &mut matrix);
        let s = singular_values(&matrix, m, n)?;
        let limit = if relative { tolerance * largest(&s).to_f64() } else { tolerance };
        store_number(&out, number, s.iter().filter(|value| value.to_f64() > limit).count() as i64);
    }
    Ok(())
}

/// The larger of two, nan if one is.
fn larger(a: f64, b: f64) -> f64 {
    if b > a || b.is_nan() { b } else { a }
}

fn smaller(a: f64, b: f64) -> f64 {
    if b < a || b.is_nan() { b } else { a }
}

fn extreme(values: impl Iterator<Item = f64>, ord: f64) -> Result<f64> {
    let (name, choose): (_, fn(f64, f64) -> f64) =
        if ord > 0.0 { ("maximum", larger) } else { ("minimum", smaller) };
    values.reduce(choose).ok_or_else(|| {
        Raise::value_error(format!("zero-size array to reduction operation {name} which has no identity"))
    })
}

/// Norms over the last axes, those that `out` lacks.
fn vector_norm<T: Scalar + Element>(a: View<'_, T>, out: View<'_, RealOf<T>>, ord: f64) -> Result<()> {
    let n_kept = out.ndim();
    for number in 0..count(&out, 0) {
        let offset = offset_of(number, &a.extents()[..n_kept], &a.strides()[..n_kept]);
        let part = a.behind(n_kept, offset);
        let norm = match part.as_slice() {
            Some(elements) if ord == 2.0 => sum_of_squares(elements).sqrt(),
            Some(elements) => norm_of(elements.iter().copied(), ord)?,
            None => norm_of(part.iter(), ord)?,
        };
        store_number(&out, number, RealOf::<T>::from_f64(norm));
    }
    Ok(())
}

/// The sum of squares of absolute values, in several sums so that it is not one long chain of additions.
fn sum_of_squares<T: Scalar>(elements: &[T]) -> f64 {
    const LANES: usize = 8;
    let square = |x: &T| (*x * x.conj()).real().to_f64();
    let runs = elements.chunks_exact(LANES);
    let rest: f64 = runs.remainder().iter().map(square).sum();
    let mut sums = [0.0; LANES];
    for run in runs {
        for lane in 0..LANES {
            sums[lane] += square(&run[lane]);
        }
    }
    sums.into_iter().fold(rest, |a, b| a + b)
}

fn norm_of<T: Scalar>(elements: impl Iterator<Item = T>, ord: f64) -> Result<f64> {
    let moduli = elements.map(|element| element.modulus().to_f64());
    Ok(match ord {
        0.0 => moduli.filter(|modulus| *modulus != 0.0).count() as f64,
        1.0 => moduli.sum(),
        2.0 => moduli.map(|modulus| modulus * modulus).sum::<f64>().sqrt(),
        f64::INFINITY | f64::NEG_INFINITY => extreme(moduli, ord)?,
        _ => moduli.map(|modulus| modulus.powf(ord)).sum::<f64>().powf(1.0 / ord),
    })
}

/// The norm of a matrix in column-major order.
fn norm_of_matrix<T: Scalar>(matrix: &[T], m: usize, n: usize, ord: f64) -> Result<f64> {
    let modulus = |row: usize, col: usize| matrix[col * m + row].modulus().to_f64();
    let of_columns = || (0..n).map(|col| (0..m).map(|row| modulus(row, col)).sum());
    let of_rows = || (0..m).map(|row| (0..n).map(|col| modulus(row, col)).sum());
    let values =
        || -> Result<Vec<f64>> { Ok(singular_values(matrix, m, n)?.into_iter().map(Real::to_f64).collect()) };
    match ord {
        FROBENIUS => Ok(sum_of_squares(matrix).sqrt()),
        NUCLEAR => Ok(values()?.into_iter().sum()),
        2.0 | -2.0 => extreme(values()?.into_iter(), ord),
        1.0 | -1.0 => extreme(of_columns(), ord),
        f64::INFINITY | f64::NEG_INFINITY => extreme(of_rows(), ord),
        _ => Err(Raise::value_error("Invalid norm order for matrices.")),
    }
}

fn matrix_norm<T: Scalar + Element>(a: View<'_, T>, out: View<'_, RealOf<T>>, ord: f64) -> Result<()> {
    let (m, n) = shape(&a);
    let mut matrix = Vec::new();
    for number in 0..count(&out, 0) {
        load(&a, number, &mut matrix);
        store_number(&out, number, RealOf::<T>::from_f64(norm_of_matrix(&matrix, m, n, ord)?));
    }
    Ok(())
}

/// Infinite for a singular matrix.
fn condition<T: Scalar + Element>(a: View<'_, T>, out: View<'_, RealOf<T>>, ord: f64) -> Result<()> {
    let (m, n) = shape(&a);
    let mut matrix = Vec::new();
    for number in 0..count(&out, 0) {
        load(&a, number, &mut matrix);
        let condition = match ord {
            2.0 | -2.0 => {
                let s = singular_values(&matrix, m, n)?;
                let (first, last) = (largest(&s).to_f64(), s.last().copied().unwrap_or_default().to_f64());
                if ord > 0.0 { first / last } else { last / first }
            }
            _ => {
                let norm = norm_of_matrix(&matrix, m, n, ord)?;
                match invert(matrix.clone(), n) {
                    Ok(inverse) => norm * norm_of_matrix(&inverse, n, n, ord)?,
                    Err(_) => f64::INFINITY,
                }
            }
        };
        // 0 / 0 stands for a matrix of zeros.
        let has_nan = matrix.iter().any(|element| element.modulus().to_f64().is_nan());
        let condition = if condition.is_nan() && !has_nan { f64::INFINITY } else { condition };
        store_number(&out, number, RealOf::<T>::from_f64(condition));
    }
    Ok(())
}

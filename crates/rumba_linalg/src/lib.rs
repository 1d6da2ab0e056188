//! Dense linear algebra for kernels: products, factorisations and what is computed by them, for floats and complex
//! numbers of both sizes.
//!
//! Matrices are slices in column-major order; only products take any strides. The crate is the only one that knows the
//! library that does the work, and everything generic of that library is compiled here, once per type.

mod small;

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::{cholesky, evd, householder, lu, matmul, qr, svd};
use faer::{Accum, Conj, Mat, MatMut, MatRef, Par};
use num_complex::Complex;
use std::borrow::Cow;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// Matrices up to this size are factorised by plain loops: setting up blocked algorithms takes longer.
const SMALL: usize = 24;

/// Where a matrix lies: the address of its first element, and strides in elements.
#[derive(Clone, Copy)]
pub struct Place<P> {
    pub data: P,
    pub row_stride: isize,
    pub col_stride: isize,
}

/// Which singular vectors to compute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Vectors {
    Thin,
    Full,
}

/// Singular vectors by column, singular values in descending order, and the conjugate transpose of the others.
pub struct Svd<T: Scalar> {
    pub u: Vec<T>,
    pub s: Vec<T::Real>,
    pub vh: Vec<T>,
}

/// The real type of a scalar, as much of it as algorithms here need.
pub trait Real: Scalar<Real = Self> + PartialOrd + Neg<Output = Self> {
    fn sqrt(self) -> Self;
    fn is_finite(self) -> bool;
    fn smallest_normal() -> Self;
    fn from_f64(value: f64) -> Self;
    fn to_f64(self) -> f64;
}

/// A number that matrices hold.
pub trait Scalar:
    Copy
    + Default
    + PartialEq
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + SubAssign
{
    type Real: Real;

    const ZERO: Self;
    const ONE: Self;
    const EPSILON: f64;

    fn conj(self) -> Self;
    fn real(self) -> Self::Real;
    fn from_real(value: Self::Real) -> Self;
    /// The absolute value.
    fn modulus(self) -> Self::Real;
    /// A number of the order of the absolute value: what pivots are chosen by.
    fn size(self) -> Self::Real;
    fn finite(self) -> bool;
    fn complex(self) -> Complex<Self::Real>;

    /// `dst = lhs · rhs` for `m × k` and `k × n`, the left one conjugated on demand.
    ///
    /// # Safety
    /// The places are valid for these shapes and strides; that of `dst` overlaps no other, and none of its elements
    /// another.
    unsafe fn multiply(
        shape: [usize; 3],
        dst: Place<*mut Self>,
        lhs: Place<*const Self>,
        rhs: Place<*const Self>,
        conjugate: bool,
    );

    /// Factorises into a permutation and packed triangles, in place: row `i` of the product is row `rows[i]` of the
    /// matrix. Gives whether the permutation is odd.
    fn lu(a: &mut [Self], n: usize, rows: &mut Vec<usize>) -> bool;

    /// Solves for `n_rhs` columns with what `lu` gave.
    fn lu_solve(lu: &[Self], n: usize, rows: &[usize], b: &mut [Self], n_rhs: usize);

    /// The lower triangle of the Cholesky factorisation of the matrix with this lower triangle, in place; what stands
    /// above the diagonal is left. `false` where the matrix is not positive definite.
    fn cholesky(a: &mut [Self], n: usize) -> bool;

    /// Q and R: `m × k` and `k × n` for the smaller `k` of the two, `m × m` and `m × n` if `full`.
    fn qr(a: &[Self], m: usize, n: usize, full: bool) -> (Vec<Self>, Vec<Self>);

    /// Eigenvalues in ascending order, and the eigenvectors by column if they are asked for, of the Hermitian matrix with
    /// this lower triangle. `None` without convergence.
    fn eigh(a: &[Self], n: usize, vectors: bool) -> Option<(Vec<Self::Real>, Vec<Self>)>;

    /// Eigenvalues, and the eigenvectors by column if they are asked for. `None` without convergence.
    fn eig(a: &[Self], n: usize, vectors: bool) -> Option<[Vec<Complex<Self::Real>>; 2]>;

    /// `None` without convergence.
    fn svd(a: &[Self], m: usize, n: usize, vectors: Vectors) -> Option<Svd<Self>>;

    /// Singular values in descending order. `None` without convergence.
    fn singular_values(a: &[Self], m: usize, n: usize) -> Option<Vec<Self::Real>>;
}

macro_rules! scalars {
    ($($F:ty),*) => {$(
        impl Real for $F {
            fn sqrt(self) -> Self {
                <$F>::sqrt(self)
            }

            fn is_finite(self) -> bool {
                <$F>::is_finite(self)
            }

            fn smallest_normal() -> Self {
                <$F>::MIN_POSITIVE
            }

            fn from_f64(value: f64) -> Self {
                value as $F
            }

            fn to_f64(self) -> f64 {
                f64::from(self)
            }
        }

        impl Scalar for $F {
            type Real = $F;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const EPSILON: f64 = <$F>::EPSILON as f64;

            fn conj(self) -> Self {
                self
            }

            fn real(self) -> $F {
                self
            }

            fn from_real(value: $F) -> Self {
                value
            }

            fn modulus(self) -> $F {
                self.abs()
            }

            fn size(self) -> $F {
                self.abs()
            }

            fn finite(self) -> bool {
                self.is_finite()
            }

            fn complex(self) -> Complex<$F> {
                Complex::new(self, 0.0)
            }

            scalars!(@methods $F);
        }

        impl Scalar for Complex<$F> {
            type Real = $F;
            const ZERO: Self = Complex::new(0.0, 0.0);
            const ONE: Self = Complex::new(1.0, 0.0);
            const EPSILON: f64 = <$F>::EPSILON as f64;

            fn conj(self) -> Self {
                Complex::conj(&self)
            }

            fn real(self) -> $F {
                self.re
            }

            fn from_real(value: $F) -> Self {
                Complex::new(value, 0.0)
            }

            fn modulus(self) -> $F {
                self.re.hypot(self.im)
            }

            fn size(self) -> $F {
                self.re.abs() + self.im.abs()
            }

            fn finite(self) -> bool {
                self.re.is_finite() && self.im.is_finite()
            }

            fn complex(self) -> Complex<$F> {
                self
            }

            scalars!(@methods $F);
        }
    )*};
    (@methods $F:ty) => {
        fn eig(a: &[Self], n: usize, vectors: bool) -> Option<[Vec<Complex<$F>>; 2]> {
            let (a, scale) = scaled(a);
            let a = matrix(&a, n, n);
            let of_size = |value: &Complex<$F>| value * scale;
            if !vectors {
                return Some([a.eigenvalues().ok()?.iter().map(of_size).collect(), Vec::new()]);
            }
            let eigen = a.eigen().ok()?;
            let values = eigen.S().column_vector().iter().map(of_size).collect();
            Some([values, normalised(to_vec(eigen.U()), n)])
        }

        unsafe fn multiply(
            [m, n, k]: [usize; 3],
            dst: Place<*mut Self>,
            lhs: Place<*const Self>,
            rhs: Place<*const Self>,
            conjugate: bool,
        ) {
            // SAFETY: promised by the caller.
            let (dst, lhs, rhs) = unsafe {
                (
                    MatMut::from_raw_parts_mut(dst.data, m, n, dst.row_stride, dst.col_stride),
                    MatRef::from_raw_parts(lhs.data, m, k, lhs.row_stride, lhs.col_stride),
                    MatRef::from_raw_parts(rhs.data, k, n, rhs.row_stride, rhs.col_stride),
                )
            };
            let conj = if conjugate { Conj::Yes } else { Conj::No };
            matmul::matmul_with_conj(dst, Accum::Replace, lhs, conj, rhs, Conj::No, Self::ONE, Par::Seq);
        }

        fn lu(a: &mut [Self], n: usize, rows: &mut Vec<usize>) -> bool {
            rows.clear();
            rows.extend(0..n);
            if n <= SMALL {
                return small::lu(a, n, rows);
            }
            let mut inverse = vec![0; n];
            let scratch = lu::partial_pivoting::factor::lu_in_place_scratch::<usize, Self>(n, n, Par::Seq, Default::default());
            let a = MatMut::from_column_major_slice_mut(a, n, n);
            let mut buffer = MemBuffer::new(scratch);
            let stack = MemStack::new(&mut buffer);
            let (info, _) = lu::partial_pivoting::factor::lu_in_place(a, rows, &mut inverse, Par::Seq, stack, Default::default());
            info.transposition_count % 2 == 1
        }

        fn lu_solve(lu: &[Self], n: usize, rows: &[usize], b: &mut [Self], n_rhs: usize) {
            if n <= SMALL {
                return small::lu_solve(lu, n, rows, b, n_rhs);
            }
            for column in b.chunks_exact_mut(n) {
                let permuted: Vec<Self> = rows.iter().map(|row| column[*row]).collect();
                column.copy_from_slice(&permuted);
            }
            let lu = matrix(lu, n, n);
            let mut b = MatMut::from_column_major_slice_mut(b, n, n_rhs);
            lu.solve_unit_lower_triangular_in_place(b.as_mut());
            lu.solve_upper_triangular_in_place(b);
        }

        fn cholesky(a: &mut [Self], n: usize) -> bool {
            if n <= SMALL {
                return small::cholesky(a, n);
            }
            let scratch = cholesky::llt::factor::cholesky_in_place_scratch::<Self>(n, Par::Seq, Default::default());
            let a = MatMut::from_column_major_slice_mut(a, n, n);
            let mut buffer = MemBuffer::new(scratch);
            let stack = MemStack::new(&mut buffer);
            cholesky::llt::factor::cholesky_in_place(a, Default::default(), Par::Seq, stack, Default::default()).is_ok()
        }

        fn qr(a: &[Self], m: usize, n: usize, full: bool) -> (Vec<Self>, Vec<Self>) {
            let size = m.min(n);
            let n_columns = if full { m } else { size };
            let mut packed = matrix(a, m, n).to_owned();
            let block_size = qr::no_pivoting::factor::recommended_block_size::<Self>(m, n);
            let mut coefficients = Mat::<Self>::zeros(block_size, size);
            let scratch = qr::no_pivoting::factor::qr_in_place_scratch::<Self>(m, n, block_size, Par::Seq, Default::default());
            let mut buffer = MemBuffer::new(scratch);
            let stack = MemStack::new(&mut buffer);
            qr::no_pivoting::factor::qr_in_place(packed.as_mut(), coefficients.as_mut(), Par::Seq, stack, Default::default());
            let mut q = Mat::<Self>::zeros(m, n_columns);
            q.diagonal_mut().fill(Self::ONE);
            let scratch = householder::apply_block_householder_sequence_on_the_left_in_place_scratch::<Self>(m, block_size, n_columns);
            let mut buffer = MemBuffer::new(scratch);
            let stack = MemStack::new(&mut buffer);
            householder::apply_block_householder_sequence_on_the_left_in_place_with_conj(
                packed.get(.., ..size),
                coefficients.as_ref(),
                Conj::No,
                q.as_mut(),
                Par::Seq,
                stack,
            );
            let mut r = vec![Self::default(); n_columns * n];
            for col in 0..n {
                for row in 0..(col + 1).min(size) {
                    r[col * n_columns + row] = packed[(row, col)];
                }
            }
            (to_vec(q.as_ref()), r)
        }

        fn eigh(a: &[Self], n: usize, vectors: bool) -> Option<(Vec<$F>, Vec<Self>)> {
            if n == 0 {
                return Some((Vec::new(), Vec::new()));
            }
            let (a, scale) = scaled(a);
            let mut values = Diag::<Self>::zeros(n);
            let mut columns = Mat::<Self>::zeros(if vectors { n } else { 0 }, if vectors { n } else { 0 });
            let wanted = if vectors { evd::ComputeEigenvectors::Yes } else { evd::ComputeEigenvectors::No };
            let scratch = evd::self_adjoint_evd_scratch::<Self>(n, wanted, Par::Seq, Default::default());
            let mut buffer = MemBuffer::new(scratch);
            let stack = MemStack::new(&mut buffer);
            let target = vectors.then(|| columns.as_mut());
            evd::self_adjoint_evd(matrix(&a, n, n), values.as_mut(), target, Par::Seq, stack, Default::default()).ok()?;
            Some((values.column_vector().iter().map(|value| value.real() * scale).collect(), to_vec(columns.as_ref())))
        }

        fn svd(a: &[Self], m: usize, n: usize, vectors: Vectors) -> Option<Svd<Self>> {
            let (a, scale) = scaled(a);
            let size = m.min(n);
            let (wanted, n_left, n_right) = match vectors {
                Vectors::Thin => (svd::ComputeSvdVectors::Thin, size, size),
                Vectors::Full => (svd::ComputeSvdVectors::Full, m, n),
            };
            let (mut u, mut v) = (Mat::<Self>::zeros(m, n_left), Mat::<Self>::zeros(n, n_right));
            let mut s = Diag::<Self>::zeros(size);
            let scratch = svd::svd_scratch::<Self>(m, n, wanted, wanted, Par::Seq, Default::default());
            let mut buffer = MemBuffer::new(scratch);
            let stack = MemStack::new(&mut buffer);
            let (left, right) = (Some(u.as_mut()), Some(v.as_mut()));
            svd::svd(matrix(&a, m, n), s.as_mut(), left, right, Par::Seq, stack, Default::default()).ok()?;
            let mut vh = Vec::with_capacity(n * n_right);
            for col in 0..n {
                vh.extend((0..n_right).map(|row| v[(col, row)].conj()));
            }
            let s = s.column_vector().iter().map(|value| value.real() * scale).collect();
            Some(Svd { u: to_vec(u.as_ref()), s, vh })
        }

        fn singular_values(a: &[Self], m: usize, n: usize) -> Option<Vec<$F>> {
            let (a, scale) = scaled(a);
            Some(matrix(&a, m, n).singular_values().ok()?.iter().map(|value| value * scale).collect())
        }
    };
}

scalars!(f32, f64);

fn matrix<T>(elements: &[T], n_rows: usize, n_cols: usize) -> MatRef<'_, T> {
    MatRef::from_column_major_slice(elements, n_rows, n_cols)
}

/// A matrix of which no algorithm here squares an element beyond what a float holds, and what to multiply its eigenvalues and
/// singular values by: LAPACK's limits (`dgesvd`), and a power of two.
fn scaled<T: Scalar>(a: &[T]) -> (Cow<'_, [T]>, T::Real) {
    let largest = a.iter().map(|element| element.size().to_f64()).fold(0.0, f64::max);
    let least = T::Real::smallest_normal().to_f64().sqrt() / T::EPSILON;
    if largest == 0.0 || (least..=1.0 / least).contains(&largest) {
        return (Cow::Borrowed(a), T::Real::ONE);
    }
    // Not to the end, where the power or its inverse is no normal number.
    let limit = -T::Real::smallest_normal().to_f64().log2() - 4.0;
    let power = largest.log2().floor().clamp(-limit, limit).exp2();
    let inverse = T::from_real(T::Real::from_f64(1.0 / power));
    (a.iter().map(|element| *element * inverse).collect(), T::Real::from_f64(power))
}

fn to_vec<T: Copy>(matrix: MatRef<'_, T>) -> Vec<T> {
    let mut elements = Vec::with_capacity(matrix.nrows() * matrix.ncols());
    for col in 0..matrix.ncols() {
        elements.extend((0..matrix.nrows()).map(|row| *matrix.get(row, col)));
    }
    elements
}

/// Columns of length 1, turned so that the largest component of each is real, as LAPACK gives them.
fn normalised<F: Real>(mut vectors: Vec<Complex<F>>, n: usize) -> Vec<Complex<F>>
where
    Complex<F>: Scalar<Real = F>,
{
    for column in vectors.chunks_exact_mut(n.max(1)) {
        let largest = column.iter().map(|z| z.size()).fold(F::default(), |a, b| if b > a { b } else { a });
        if largest == F::default() {
            continue;
        }
        let scaled = column.iter().map(|z| (z.re / largest, z.im / largest));
        let norm = scaled.map(|(re, im)| re * re + im * im).fold(F::default(), |a, b| a + b).sqrt() * largest;
        let longest =
            column.iter().map(|z| z.modulus()).enumerate().fold((0, F::default()), |best, (idx, length)| {
                if length > best.1 { (idx, length) } else { best }
            });
        let turn = match column[longest.0] {
            z if z.im == F::default() => Complex { re: F::ONE / norm, im: F::default() },
            z => z.conj() / Complex { re: longest.1 * norm, im: F::default() },
        };
        for z in column.iter_mut() {
            *z = *z * turn;
        }
        column[longest.0].im = F::default();
    }
    vectors
}

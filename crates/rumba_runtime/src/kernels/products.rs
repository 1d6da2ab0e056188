//! Products of vectors and matrices: `@`, `np.dot`, `np.einsum` and their kin.
//!
//! The library arranges views so that a product is one of many matrices, whose leading axes broadcast by strides of 0.

use super::{Bool, C64, C128, Element, NewArray, Raise, Result, View, Views, kernels};
use crate::threads::map_parts;
use rumba_linalg::{Place, Scalar};

kernels! {
    inner_product<T: all>(a: View<'_, T>, b: View<'_, T>, conjugate: bool) -> T;
    matrix_product<T: all>(a: View<'_, T>, b: View<'_, T>, out: View<'_, T>, conjugate: bool) -> ();
    chain_product<T: all>(matrices: Views<'_, T>) -> NewArray<T>;
    matrix_power<T: all>(a: View<'_, T>, out: View<'_, T>, exponent: u64) -> ();
    sum_of_products<T: all>(a: View<'_, T>, b: View<'_, T>, out: View<'_, T>) -> ();
    outer_product<T: all>(a: View<'_, T>, b: View<'_, T>) -> NewArray<T>;
    trace<T: all>(a: View<'_, T>, out: View<'_, T>, offset: i64) -> ();
    cross_product<T: all>(a: View<'_, T>, b: View<'_, T>, out: View<'_, T>) -> ();
}

/// Products with fewer multiplications than this are done by plain loops: to set up blocks takes longer.
const SMALL: usize = 1 << 10;

/// Products with so many multiplications are shared by threads: to start one takes as long as some ten thousand.
const LARGE: usize = 1 << 22;

/// The most rows and columns of a product, and elements of a product of vectors, that a thread computes at a time. For each
/// part rows and columns are copied anew, so that small ones are slow.
const PART_LINES: usize = 512;
const PART_ELEMENTS: usize = 1 << 16;

/// What products are made of. Integers wrap; bools are joined by `and` and `or`.
trait Ring: Element {
    const ZERO: Self;
    const ONE: Self;

    fn add(self, other: Self) -> Self;
    fn multiply(self, other: Self) -> Self;
    fn negate(self) -> Self;

    fn conjugate(self) -> Self {
        self
    }

    /// The product of matrices by blocks, if there is one for the type and the places.
    fn multiply_blocks(_: &Product<Self>) -> bool {
        false
    }
}

/// Every element of one array times every one of another, in C order of both.
fn outer_product<T: Ring>(a: View<'_, T>, b: View<'_, T>) -> Result<NewArray<T>> {
    let mut result = NewArray::of_shape(&[a.size() as i64, b.size() as i64])?;
    let b = b.as_slice().map_or_else(|| b.to_vec().into(), std::borrow::Cow::Borrowed);
    for (row, a) in result.as_mut_slice().chunks_exact_mut(b.len().max(1)).zip(a.iter()) {
        row.iter_mut().zip(&*b).for_each(|(product, b)| *product = a.multiply(*b));
    }
    Ok(result)
}

impl Ring for Bool {
    const ZERO: Self = Bool(0);
    const ONE: Self = Bool(1);

    fn add(self, other: Self) -> Self {
        (self.get() | other.get()).into()
    }

    fn multiply(self, other: Self) -> Self {
        (self.get() & other.get()).into()
    }

    fn negate(self) -> Self {
        self
    }
}

macro_rules! integers {
    ($($T:ty),*) => {$(
        impl Ring for $T {
            const ZERO: Self = 0;
            const ONE: Self = 1;

            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            fn multiply(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }

            fn negate(self) -> Self {
                self.wrapping_neg()
            }
        }
    )*};
}

integers!(i8, u8, i16, u16, i32, u32, i64, u64);

macro_rules! inexact {
    ($($T:ty),*) => {$(
        impl Ring for $T {
            const ZERO: Self = <$T as Scalar>::ZERO;
            const ONE: Self = <$T as Scalar>::ONE;

            fn add(self, other: Self) -> Self {
                self + other
            }

            fn multiply(self, other: Self) -> Self {
                self * other
            }

            fn negate(self) -> Self {
                -self
            }

            fn conjugate(self) -> Self {
                Scalar::conj(self)
            }

            fn multiply_blocks(product: &Product<Self>) -> bool {
                product.multiply_blocks()
            }
        }
    )*};
}

inexact!(f32, f64, C64, C128);

/// A matrix: strides in bytes.
#[derive(Clone, Copy)]
struct Matrix<T> {
    data: *mut T,
    row_stride: isize,
    col_stride: isize,
}

impl<T> Matrix<T> {
    fn at(&self, row: usize, col: usize) -> *mut T {
        let offset = row as isize * self.row_stride + col as isize * self.col_stride;
        self.data.wrapping_byte_offset(offset)
    }

    /// The matrix in strides of elements, where that is possible.
    fn place(&self) -> Option<Place<*mut T>> {
        let size = size_of::<T>() as isize;
        let fits = self.data.is_aligned() && self.row_stride % size == 0 && self.col_stride % size == 0;
        fits.then(|| Place {
            data: self.data,
            row_stride: self.row_stride / size,
            col_stride: self.col_stride / size,
        })
    }
}

/// `out = a · b` for `m × k` and `k × n`.
struct Product<T> {
    m: usize,
    n: usize,
    k: usize,
    a: Matrix<T>,
    b: Matrix<T>,
    out: Matrix<T>,
    conjugate: bool,
}

// SAFETY: the matrices are valid during the call; threads read the same elements, and write different ones.
unsafe impl<T: Send> Sync for Product<T> {}

impl<T: Scalar> Product<T> {
    fn multiply_blocks(&self) -> bool {
        let places = || Some((self.a.place()?, self.b.place()?, self.out.place()?));
        if places().is_none() {
            return false;
        }
        let multiplications = self.m.saturating_mul(self.n).saturating_mul(self.k);
        let is_shared = multiplications >= LARGE;
        let part_of = |extent: usize| match is_shared {
            true => extent.div_ceil(extent.div_ceil(PART_LINES)),
            false => extent,
        };
        let (n_rows, n_columns) = (part_of(self.m), part_of(self.n));
        let n_across = self.n.div_ceil(n_columns);
        let n_parts = self.m.div_ceil(n_rows) * n_across;
        map_parts(n_parts, |part| {
            let (mut a, mut b, mut out) = places().expect("they are there");
            let (row, column) = (part / n_across * n_rows, part % n_across * n_columns);
            let shape = [n_rows.min(self.m - row), n_columns.min(self.n - column), self.k];
            a.data = a.data.wrapping_offset(row as isize * a.row_stride);
            b.data = b.data.wrapping_offset(column as isize * b.col_stride);
            out.data =
                out.data.wrapping_offset(row as isize * out.row_stride + column as isize * out.col_stride);
            let readable = |place: Place<*mut T>| Place {
                data: place.data.cast_const(),
                row_stride: place.row_stride,
                col_stride: place.col_stride,
            };
            // SAFETY: the views are valid during the call, and `out` is an array of its own, of which each part has other
            // elements.
            unsafe { T::multiply(shape, out, readable(a), readable(b), self.conjugate) };
        });
        true
    }
}

impl<T: Ring> Product<T> {
    fn run(&self) {
        let by_blocks = self.m * self.n * self.k >= SMALL && T::multiply_blocks(self);
        if !by_blocks {
            self.multiply_plainly();
        }
    }

    fn left(&self, row: usize, inner: usize) -> T {
        // SAFETY: in bounds of the view.
        let element = unsafe { self.a.at(row, inner).read_unaligned() };
        if self.conjugate { element.conjugate() } else { element }
    }

    fn right(&self, inner: usize, col: usize) -> T {
        // SAFETY: in bounds of the view.
        unsafe { self.b.at(inner, col).read_unaligned() }
    }

    fn multiply_plainly(&self) {
        let size = size_of::<T>() as isize;
        let rows_are_dense = self.b.col_stride == size && self.out.col_stride == size;
        if rows_are_dense && self.n >= 8 && self.b.place().is_some() && self.out.place().is_some() {
            return self.add_up_rows();
        }
        for row in 0..self.m {
            for col in 0..self.n {
                let mut sum = T::ZERO;
                for inner in 0..self.k {
                    sum = sum.add(self.left(row, inner).multiply(self.right(inner, col)));
                }
                // SAFETY: in bounds of the view, which the kernel is declared to write to.
                unsafe { self.out.at(row, col).write_unaligned(sum) };
            }
        }
    }

    /// Rows of the result as sums of multiples of rows.
    fn add_up_rows(&self) {
        for row in 0..self.m {
            // SAFETY: the rows are contiguous and aligned, and `out` is an array of its own.
            let sums = unsafe { std::slice::from_raw_parts_mut(self.out.at(row, 0), self.n) };
            sums.fill(T::ZERO);
            for inner in 0..self.k {
                let factor = self.left(row, inner);
                // SAFETY: as above.
                let elements = unsafe { std::slice::from_raw_parts(self.b.at(inner, 0), self.n) };
                for (sum, element) in sums.iter_mut().zip(elements) {
                    *sum = sum.add(factor.multiply(*element));
                }
            }
        }
    }
}

/// Where the matrix at a position of the leading axes, given by its number in C order, begins.
pub(super) fn offset_of(mut number: usize, extents: &[i64], strides: &[i64]) -> isize {
    let mut offset = 0;
    for (extent, stride) in extents.iter().zip(strides).rev() {
        offset += (number % *extent as usize) as isize * *stride as isize;
        number /= *extent as usize;
    }
    offset
}

/// The matrix at a position of the leading axes.
fn matrix_at<T: Copy + 'static>(view: &View<'_, T>, number: usize) -> Matrix<T> {
    let n_leading = view.ndim() - 2;
    let offset = offset_of(number, &view.extents()[..n_leading], &view.strides()[..n_leading]);
    Matrix {
        data: view.data().wrapping_byte_offset(offset),
        row_stride: view.strides()[n_leading] as isize,
        col_stride: view.strides()[n_leading + 1] as isize,
    }
}

fn inner_product<T: Ring>(a: View<'_, T>, b: View<'_, T>, conjugate: bool) -> Result<T> {
    let k = a.extent(0);
    let mut result = T::ZERO;
    let row = Matrix { data: a.data(), row_stride: 0, col_stride: a.strides()[0] as isize };
    let column = Matrix { data: b.data(), row_stride: b.strides()[0] as isize, col_stride: 0 };
    let out = Matrix { data: &raw mut result, row_stride: 0, col_stride: 0 };
    let product = Product { m: 1, n: 1, k, a: row, b: column, out, conjugate };
    match (a.as_slice(), b.as_slice(), conjugate) {
        (Some(a), Some(b), false) => {
            let n_parts = k.div_ceil(PART_ELEMENTS).max(1);
            let part = |part: usize| {
                let range = part * PART_ELEMENTS..k.min((part + 1) * PART_ELEMENTS);
                dense_product(&a[range.clone()], &b[range])
            };
            return Ok(map_parts(n_parts, part).into_iter().fold(T::ZERO, T::add));
        }
        _ => product.run(),
    }
    Ok(result)
}

/// The product of two runs of elements, in several sums so that it is not one long chain of additions.
fn dense_product<T: Ring>(a: &[T], b: &[T]) -> T {
    const LANES: usize = 16;
    let mut sums = [T::ZERO; LANES];
    let (a_runs, b_runs) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let mut sum = T::ZERO;
    for (x, y) in a_runs.remainder().iter().zip(b_runs.remainder()) {
        sum = sum.add(x.multiply(*y));
    }
    for (x, y) in a_runs.zip(b_runs) {
        for lane in 0..LANES {
            sums[lane] = sums[lane].add(x[lane].multiply(y[lane]));
        }
    }
    sums.into_iter().fold(sum, T::add)
}

/// The views have the same leading axes.
fn matrix_product<T: Ring>(a: View<'_, T>, b: View<'_, T>, out: View<'_, T>, conjugate: bool) -> Result<()> {
    let n_leading = out.ndim() - 2;
    let (m, n, k) = (out.extent(n_leading), out.extent(n_leading + 1), a.extent(n_leading + 1));
    if m == 0 || n == 0 {
        return Ok(());
    }
    let count: i64 = out.extents()[..n_leading].iter().product();
    for number in 0..count as usize {
        let [a, b, out] = [&a, &b, &out].map(|view| matrix_at(view, number));
        Product { m, n, k, a, b, out, conjugate }.run();
    }
    Ok(())
}

/// The product of a chain of matrices, in the order that needs the fewest multiplications (Cormen et al., Introduction to
/// Algorithms, 15.2), as NumPy chooses it.
fn chain_product<T: Ring>(matrices: Views<'_, T>) -> Result<NewArray<T>> {
    let n = matrices.len();
    let mut sizes = vec![matrices[0].extent(0)];
    for (idx, matrix) in matrices.iter().enumerate() {
        if matrix.extent(0) != sizes[idx] {
            let message = format!(
                "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature \
                 (n?,k),(k,m?)->(n?,m?) (size {} is different from {})",
                matrix.extent(0),
                sizes[idx]
            );
            return Err(Raise::value_error(message));
        }
        sizes.push(matrix.extent(1));
    }
    // By first and last matrix: the multiplications of their product, and behind which matrix it is divided.
    let mut costs = vec![vec![0.0; n]; n];
    let mut splits = vec![vec![0; n]; n];
    for length in 1..n {
        for first in 0..n - length {
            let last = first + length;
            let whole = |split: usize| {
                let own = sizes[first] as f64 * sizes[split + 1] as f64 * sizes[last + 1] as f64;
                costs[first][split] + costs[split + 1][last] + own
            };
            let best =
                (first..last).min_by(|a, b| whole(*a).total_cmp(&whole(*b))).expect("there is a split");
            costs[first][last] = whole(best);
            splits[first][last] = best;
        }
    }
    fn product<T: Ring>(
        matrices: &[View<'_, T>],
        splits: &[Vec<usize>],
        first: usize,
        last: usize,
    ) -> Result<NewArray<T>> {
        let split = splits[first][last];
        let part = |first: usize, last: usize| match first == last {
            true => Ok(None),
            false => product(matrices, splits, first, last).map(Some),
        };
        let (mut left, mut right) = (part(first, split)?, part(split + 1, last)?);
        let a = left.as_mut().map_or(matrices[first], NewArray::view);
        let b = right.as_mut().map_or(matrices[last], NewArray::view);
        let mut result = NewArray::of_shape(&[a.extents()[0], b.extents()[1]])?;
        matrix_product(a, b, result.view(), false)?;
        Ok(result)
    }
    product(&matrices, &splits, 0, n - 1)
}

/// Powers of square matrices, by repeated squaring.
fn matrix_power<T: Ring>(a: View<'_, T>, out: View<'_, T>, exponent: u64) -> Result<()> {
    let n = a.extent(a.ndim() - 1);
    let count: i64 = a.extents()[..a.ndim() - 2].iter().product();
    let multiply = |x: &[T], y: &[T]| -> Vec<T> {
        let mut result = vec![T::ZERO; n * n];
        let dense = |data: *mut T| Matrix {
            data,
            row_stride: (n * size_of::<T>()) as isize,
            col_stride: size_of::<T>() as isize,
        };
        let (a, b) = (dense(x.as_ptr().cast_mut()), dense(y.as_ptr().cast_mut()));
        Product { m: n, n, k: n, a, b, out: dense(result.as_mut_ptr()), conjugate: false }.run();
        result
    };
    for number in 0..if n == 0 { 0 } else { count as usize } {
        let (matrix, target) = (matrix_at(&a, number), matrix_at(&out, number));
        let places = (0..n).flat_map(|row| (0..n).map(move |col| (row, col)));
        // SAFETY: in bounds of the view.
        let mut square: Vec<T> =
            places.clone().map(|(row, col)| unsafe { matrix.at(row, col).read_unaligned() }).collect();
        let mut result: Option<Vec<T>> = None;
        let mut rest = exponent;
        while rest > 0 {
            if rest & 1 == 1 {
                result = Some(result.map_or_else(|| square.clone(), |result| multiply(&result, &square)));
            }
            rest >>= 1;
            if rest > 0 {
                square = multiply(&square, &square);
            }
        }
        for (row, col) in places {
            let identity = if row == col { T::ONE } else { T::ZERO };
            let element = result.as_ref().map_or(identity, |result| result[row * n + col]);
            // SAFETY: in bounds of the view, which the kernel is declared to write to.
            unsafe { target.at(row, col).write_unaligned(element) };
        }
    }
    Ok(())
}

/// Sums of products along the last axes, those that `out` lacks: the views have the same axes in the same order, with
/// strides of 0 where they lack one.
fn sum_of_products<T: Ring>(a: View<'_, T>, b: View<'_, T>, out: View<'_, T>) -> Result<()> {
    let (n_axes, n_kept) = (a.ndim(), out.ndim());
    let size = |extents: &[i64]| extents.iter().product::<i64>() as usize;
    let n_inner = if n_axes > n_kept { a.extent(n_axes - 1) } else { 1 };
    let step = |view: &View<'_, T>| if n_axes > n_kept { view.strides()[n_axes - 1] as isize } else { 0 };
    let (a_step, b_step) = (step(&a), step(&b));
    let n_summed = n_axes.saturating_sub(1).max(n_kept);
    for number in 0..size(out.extents()) {
        let start =
            |view: &View<'_, T>| offset_of(number, &view.extents()[..n_kept], &view.strides()[..n_kept]);
        let (a_start, b_start) = (start(&a), start(&b));
        let mut sum = T::ZERO;
        for summed in 0..size(&a.extents()[n_kept..n_summed]) {
            let offset = |view: &View<'_, T>| {
                offset_of(summed, &view.extents()[n_kept..n_summed], &view.strides()[n_kept..n_summed])
            };
            let x = a.data().wrapping_byte_offset(a_start + offset(&a));
            let y = b.data().wrapping_byte_offset(b_start + offset(&b));
            for inner in 0..n_inner as isize {
                // SAFETY: in bounds of the views.
                let (x, y) = unsafe {
                    (
                        x.wrapping_byte_offset(inner * a_step).read_unaligned(),
                        y.wrapping_byte_offset(inner * b_step).read_unaligned(),
                    )
                };
                sum = sum.add(x.multiply(y));
            }
        }
        let target = out.data().wrapping_byte_offset(start(&out));
        // SAFETY: in bounds of the view, which the kernel is declared to write to.
        unsafe { target.write_unaligned(sum) };
    }
    Ok(())
}

/// Sums along a diagonal of the last two axes.
fn trace<T: Ring>(a: View<'_, T>, out: View<'_, T>, offset: i64) -> Result<()> {
    let n_leading = out.ndim();
    let (m, n) = (a.extents()[n_leading], a.extents()[n_leading + 1]);
    let (row, col) = if offset < 0 { (offset.saturating_neg(), 0) } else { (0, offset) };
    let length = (m - row).min(n - col).max(0) as usize;
    let count: i64 = out.extents().iter().product();
    for number in 0..count as usize {
        let matrix = matrix_at(&a, number);
        let mut sum = T::ZERO;
        for step in 0..length {
            // SAFETY: in bounds of the view.
            sum = sum.add(unsafe { matrix.at(row as usize + step, col as usize + step).read_unaligned() });
        }
        let target = out.data().wrapping_byte_offset(offset_of(number, out.extents(), out.strides()));
        // SAFETY: in bounds of the view, which the kernel is declared to write to.
        unsafe { target.write_unaligned(sum) };
    }
    Ok(())
}

/// Cross products along the last axes, of 3 elements; `a` and `b` may have 2.
fn cross_product<T: Ring>(a: View<'_, T>, b: View<'_, T>, out: View<'_, T>) -> Result<()> {
    let axis = out.ndim() - 1;
    let vector = |view: &View<'_, T>, number: usize| -> [T; 3] {
        let start = view.data().wrapping_byte_offset(offset_of(
            number,
            &view.extents()[..axis],
            &view.strides()[..axis],
        ));
        let stride = view.strides()[axis] as isize;
        std::array::from_fn(|idx| match idx < view.extent(axis) {
            // SAFETY: in bounds of the view.
            true => unsafe { start.wrapping_byte_offset(idx as isize * stride).read_unaligned() },
            false => T::ZERO,
        })
    };
    let count: i64 = out.extents()[..axis].iter().product();
    for number in 0..count as usize {
        let (x, y) = (vector(&a, number), vector(&b, number));
        let start = out.data().wrapping_byte_offset(offset_of(
            number,
            &out.extents()[..axis],
            &out.strides()[..axis],
        ));
        for idx in 0..3 {
            let (next, last) = ((idx + 1) % 3, (idx + 2) % 3);
            let value = x[next].multiply(y[last]).add(x[last].multiply(y[next]).negate());
            let target = start.wrapping_byte_offset(idx as isize * out.strides()[axis] as isize);
            // SAFETY: in bounds of the view, which the kernel is declared to write to.
            unsafe { target.write_unaligned(value) };
        }
    }
    Ok(())
}

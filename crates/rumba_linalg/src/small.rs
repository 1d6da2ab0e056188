//! Factorisations of small matrices, by the loops of the textbook and without memory of their own.

use crate::{Real, Scalar};

/// As `Scalar::lu`; `rows` is the identity.
pub(crate) fn lu<T: Scalar>(a: &mut [T], n: usize, rows: &mut [usize]) -> bool {
    assert!(a.len() == n * n && rows.len() == n, "the matrix is square");
    let mut odd = false;
    for step in 0..n {
        let column = &a[step * n..(step + 1) * n];
        let mut pivot = step;
        for row in step + 1..n {
            if column[row].size() > column[pivot].size() {
                pivot = row;
            }
        }
        if column[pivot] == T::default() {
            continue;
        }
        if pivot != step {
            odd = !odd;
            rows.swap(pivot, step);
            for col in 0..n {
                a.swap(col * n + pivot, col * n + step);
            }
        }
        let (left, right) = a.split_at_mut((step + 1) * n);
        let column = &mut left[step * n..];
        let divisor = column[step];
        for element in &mut column[step + 1..] {
            *element = *element / divisor;
        }
        for other in right.chunks_exact_mut(n) {
            let factor = other[step];
            for (element, below) in other[step + 1..].iter_mut().zip(&column[step + 1..]) {
                *element -= *below * factor;
            }
        }
    }
    odd
}

/// As `Scalar::lu_solve`.
pub(crate) fn lu_solve<T: Scalar>(lu: &[T], n: usize, rows: &[usize], b: &mut [T], n_rhs: usize) {
    assert!(lu.len() == n * n && rows.len() == n && b.len() == n * n_rhs, "the shapes fit");
    let mut permuted = [T::default(); crate::SMALL];
    for x in b.chunks_exact_mut(n.max(1)) {
        for (element, row) in permuted.iter_mut().zip(rows) {
            *element = x[*row];
        }
        x.copy_from_slice(&permuted[..n]);
        for col in 0..n {
            let factor = x[col];
            for row in col + 1..n {
                x[row] -= lu[col * n + row] * factor;
            }
        }
        for col in (0..n).rev() {
            x[col] = x[col] / lu[col * n + col];
            let factor = x[col];
            for row in 0..col {
                x[row] -= lu[col * n + row] * factor;
            }
        }
    }
}

/// As `Scalar::cholesky`.
pub(crate) fn cholesky<T: Scalar>(a: &mut [T], n: usize) -> bool {
    assert!(a.len() == n * n, "the matrix is square");
    for col in 0..n {
        let mut diagonal = a[col * n + col].real();
        for before in 0..col {
            let element = a[before * n + col];
            diagonal -= (element * element.conj()).real();
        }
        // Nan is not.
        let is_positive = diagonal > <T::Real as Default>::default();
        if !is_positive {
            return false;
        }
        let root = diagonal.sqrt();
        a[col * n + col] = T::from_real(root);
        for row in col + 1..n {
            let mut element = a[col * n + row];
            for before in 0..col {
                element -= a[before * n + row] * a[before * n + col].conj();
            }
            a[col * n + row] = element / T::from_real(root);
        }
    }
    true
}

//! Diagonals and triangles.

use super::{NewArray, Raise, Result, View, kernels};

kernels! {
    triangle<T: raw>(matrices: View<'_, T>, k: i64, upper: bool) -> NewArray<T>;
    fill_diagonal<T: raw>(array: View<'_, T>, values: View<'_, T>, wrap: bool) -> ();
    triangle_indices<T: index>(n_rows: i64, n_columns: i64, k: i64, upper: bool) -> (NewArray<T>, NewArray<T>);
}

/// The columns of a row that are in a triangle.
fn columns(row: i64, n_columns: i64, k: i64, upper: bool) -> std::ops::Range<usize> {
    let diagonal = row.saturating_add(k);
    match upper {
        true => diagonal.clamp(0, n_columns) as usize..n_columns as usize,
        false => 0..diagonal.saturating_add(1).clamp(0, n_columns) as usize,
    }
}

/// Copies with zeros outside of a triangle along the last two axes.
fn triangle<T: Copy + Default + 'static>(matrices: View<'_, T>, k: i64, upper: bool) -> Result<NewArray<T>> {
    let mut result = NewArray::of_shape(matrices.extents())?;
    let [.., n_rows, n_columns] = *matrices.extents() else {
        return Ok(result);
    };
    let last = matrices.ndim() - 1;
    let rows = matrices.lanes(last).zip(result.view().lanes(last)).zip((0..n_rows).cycle());
    for ((source, mut target), row) in rows {
        let inside = columns(row, n_columns, k, upper);
        target.with_mut_slice(|target| {
            target[..inside.start].fill(T::default());
            target[inside.end..].fill(T::default());
            match source.as_slice() {
                Some(source) => target[inside.clone()].copy_from_slice(&source[inside]),
                None => inside.for_each(|column| target[column] = source.get(column)),
            }
        });
    }
    Ok(result)
}

/// Writes values in turn to the diagonal, which begins again below the last column if it is to wrap.
fn fill_diagonal<T: Copy + 'static>(array: View<'_, T>, values: View<'_, T>, wrap: bool) -> Result<()> {
    let extents = array.extents();
    let size = array.size();
    let (step, end) = match extents {
        [_, n_columns] => {
            (n_columns + 1, if wrap { size } else { size.min((n_columns * n_columns) as usize) })
        }
        _ if extents.iter().any(|extent| *extent != extents[0]) => {
            return Err(Raise::value_error("All dimensions of input must be of equal length"));
        }
        _ => (extents.iter().fold((0, 1), |(sum, stride), extent| (sum + stride, stride * extent)).0, size),
    };
    let values = values.to_vec();
    let addresses = array.addresses().take(end).step_by(step as usize);
    for (address, value) in addresses.zip(values.iter().cycle()) {
        // SAFETY: the address of an element.
        unsafe { address.write_unaligned(*value) };
    }
    Ok(())
}

/// Positions of what is in a triangle of a matrix.
fn triangle_indices<T: Copy + Default + From<i64> + 'static>(
    n_rows: i64,
    n_columns: i64,
    k: i64,
    upper: bool,
) -> Result<(NewArray<T>, NewArray<T>)> {
    let (n_rows, n_columns) = (n_rows.max(0), n_columns.max(0));
    let n_inside: usize = (0..n_rows).map(|row| columns(row, n_columns, k, upper).len()).sum();
    let mut rows = NewArray::of_shape(&[n_inside as i64])?;
    let mut inside = NewArray::of_shape(&[n_inside as i64])?;
    let positions =
        (0..n_rows).flat_map(|row| columns(row, n_columns, k, upper).map(move |column| (row, column)));
    let targets = rows.as_mut_slice().iter_mut().zip(inside.as_mut_slice());
    targets
        .zip(positions)
        .for_each(|(targets, (row, column))| (*targets.0, *targets.1) = (row.into(), (column as i64).into()));
    Ok((rows, inside))
}

//! Reductions along axes.
//!
//! As NumPy does, elements are looked at in the order in which they lie in memory. So where the axis with the smallest
//! strides is reduced, a run of elements at a time becomes one number; otherwise rows of elements are added to rows of
//! results. This decides in what order floats are summed.
//!
//! `mask` has a bit for each axis that is reduced. `out` has an element for each position along the other axes, in C order;
//! with `accumulate` it holds what the reductions begin with.

use super::{Bool, Element, Raise, Result, View, kernels};
use crate::reductions::{All, Any, Count, Extreme, Number, Product, Reduction, SpanSum, Sum, is_beyond};
use crate::vectorised::vectorised;
use rumba_linalg::Scalar;

kernels! {
    reduce_sum<T: all>(array: View<'_, T>, mask: i64, out: View<'_, <T as Number>::Total>, accumulate: bool) -> ();
    reduce_prod<T: all>(array: View<'_, T>, mask: i64, out: View<'_, <T as Number>::Total>, accumulate: bool) -> ();
    reduce_max<T: all>(array: View<'_, T>, mask: i64, out: View<'_, T>, accumulate: bool) -> ();
    reduce_min<T: all>(array: View<'_, T>, mask: i64, out: View<'_, T>, accumulate: bool) -> ();
    reduce_fmax<T: inexact>(array: View<'_, T>, mask: i64, out: View<'_, T>, accumulate: bool) -> ();
    reduce_fmin<T: inexact>(array: View<'_, T>, mask: i64, out: View<'_, T>, accumulate: bool) -> ();
    reduce_any<T: all>(array: View<'_, T>, mask: i64, out: View<'_, Bool>, accumulate: bool) -> ();
    reduce_all<T: all>(array: View<'_, T>, mask: i64, out: View<'_, Bool>, accumulate: bool) -> ();
    reduce_count<T: all>(array: View<'_, T>, mask: i64, out: View<'_, i64>, accumulate: bool) -> ();
    reduce_span_sum<T: index>(array: View<'_, T>, mask: i64, out: View<'_, T>, accumulate: bool) -> ();
    reduce_argmax<T: all>(array: View<'_, T>, mask: i64, out: View<'_, i64>) -> ();
    reduce_argmin<T: all>(array: View<'_, T>, mask: i64, out: View<'_, i64>) -> ();
    reduce_nanargmax<T: inexact>(array: View<'_, T>, mask: i64, out: View<'_, i64>) -> ();
    reduce_nanargmin<T: inexact>(array: View<'_, T>, mask: i64, out: View<'_, i64>) -> ();
}

macro_rules! reduction_kernels {
    ($($name:ident: $Reduction:ty, $numpy_name:literal;)*) => {$(
        fn $name<T: Number>(
            array: View<'_, T>,
            mask: i64,
            out: View<'_, <$Reduction as Reduction>::Result>,
            accumulate: bool,
        ) -> Result<()> {
            let out = out_slice(out);
            reduce::<$Reduction>(array, mask, out, accumulate, $numpy_name)
        }
    )*};
}

reduction_kernels! {
    reduce_sum: Sum<T>, "add";
    reduce_prod: Product<T>, "multiply";
    reduce_max: Extreme<T, true, false>, "maximum";
    reduce_min: Extreme<T, false, false>, "minimum";
    reduce_fmax: Extreme<T, true, true>, "fmax";
    reduce_fmin: Extreme<T, false, true>, "fmin";
    reduce_any: Any<T>, "logical_or";
    reduce_all: All<T>, "logical_and";
    reduce_count: Count<T>, "add";
}

fn reduce_span_sum<T>(array: View<'_, T>, mask: i64, out: View<'_, T>, accumulate: bool) -> Result<()>
where
    T: Element,
    SpanSum<T>: Reduction<Element = T, Result = T>,
{
    reduce::<SpanSum<T>>(array, mask, out_slice(out), accumulate, "add")
}

/// Elements of a row that are worked on together, so that their results stay in the nearest cache.
pub(super) const TILE: usize = 1024;

/// How many elements NumPy copies at a time where it reduces all of an array that is not contiguous.
const NUMPY_BUFFER: usize = 8192;

/// Some of the axes of a walk, the one with the smallest stride last. Strides are in bytes of the array, and in elements of
/// the results.
#[derive(Clone, Copy)]
struct Axis {
    extent: usize,
    stride: isize,
    out_stride: isize,
    is_reduced: bool,
}

/// How to walk over an array and the results that its elements belong to.
struct Plan {
    axes: Vec<Axis>,
}

impl Plan {
    /// The array is not empty.
    fn new<T: Element>(array: View<'_, T>, mask: i64) -> Plan {
        let mut axes: Vec<Axis> = Vec::with_capacity(array.ndim());
        let mut out_stride = 1;
        for axis in (0..array.ndim()).rev() {
            let (extent, stride) = (array.extent(axis), array.strides()[axis] as isize);
            let is_reduced = is_reduced(mask, axis);
            if extent != 1 {
                axes.push(Axis {
                    extent,
                    stride,
                    out_stride: if is_reduced { 0 } else { out_stride },
                    is_reduced,
                });
            }
            if !is_reduced {
                out_stride *= extent as isize;
            }
        }
        axes.reverse();
        axes.sort_by_key(|axis| std::cmp::Reverse(axis.stride.unsigned_abs()));
        let mut joined: Vec<Axis> = Vec::with_capacity(axes.len());
        for axis in axes {
            if let Some(outer) = joined.last_mut()
                && outer.is_reduced == axis.is_reduced
                && outer.stride == axis.stride * axis.extent as isize
                && outer.out_stride == axis.out_stride * axis.extent as isize
            {
                *outer = Axis { extent: outer.extent * axis.extent, ..axis };
            } else {
                joined.push(axis);
            }
        }
        Plan { axes: joined }
    }

    /// The innermost axis where it is reduced, and the others that are or are not.
    fn split(&self) -> (Option<Axis>, Vec<Axis>, Vec<Axis>) {
        let mut axes = self.axes.clone();
        let inner = axes.pop_if(|axis| axis.is_reduced);
        let (reduced, kept) = axes.into_iter().partition(|axis| axis.is_reduced);
        (inner, reduced, kept)
    }
}

pub(super) fn is_reduced(mask: i64, axis: usize) -> bool {
    mask >> axis & 1 == 1
}

/// Calls `visit` for every position along axes with the offsets in the array, in bytes, and of the result.
fn walk(axes: &[Axis], offset: isize, out: isize, visit: &mut impl FnMut(isize, isize)) {
    let Some((axis, inner)) = axes.split_first() else { return visit(offset, out) };
    let positions =
        (0..axis.extent as isize).map(|idx| (offset + idx * axis.stride, out + idx * axis.out_stride));
    match inner {
        [] => positions.for_each(|(offset, out)| visit(offset, out)),
        _ => positions.for_each(|(offset, out)| walk(inner, offset, out, visit)),
    }
}

/// Elements of an array by their offsets from the first one in bytes.
#[derive(Clone, Copy)]
struct Elements<T> {
    data: *const T,
}

impl<T: Copy> Elements<T> {
    /// # Safety
    /// The offset is that of an element, and elements are aligned.
    unsafe fn get(self, offset: isize) -> T {
        // SAFETY: promised by the caller.
        unsafe { self.data.byte_offset(offset).read() }
    }

    /// # Safety
    /// As for `get`, for `n` elements behind each other.
    unsafe fn run<'a>(self, offset: isize, n: usize) -> &'a [T] {
        // SAFETY: promised by the caller.
        unsafe { std::slice::from_raw_parts(self.data.byte_offset(offset), n) }
    }

    /// `n` elements that are `stride` bytes apart; `buffer` is for those that do not lie behind each other.
    ///
    /// # Safety
    /// As for `get`, for all of them.
    #[inline]
    unsafe fn lane(self, offset: isize, n: usize, stride: isize, buffer: &mut Vec<T>) -> &[T] {
        // SAFETY: promised by the caller.
        unsafe {
            if stride == size_of::<T>() as isize {
                return self.run(offset, n);
            }
            buffer.clear();
            buffer.extend((0..n as isize).map(|idx| self.get(offset + idx * stride)));
            buffer
        }
    }
}

/// Results to write, which compiled code has laid out in C order.
pub(super) fn out_slice<T: Copy + 'static>(out: View<'_, T>) -> &mut [T] {
    out.as_mut_slice().expect("results are contiguous")
}

/// Calls `visit` for each result with its position and the elements that are reduced to it, in any order.
pub(super) fn for_each_group<T: Element>(
    array: View<'_, T>,
    mask: i64,
    mut visit: impl FnMut(usize, &mut Vec<T>) -> Result<()>,
) -> Result<()> {
    let (mut copy, mut strides) = (Vec::new(), Vec::new());
    let array = aligned(array, &mut copy, &mut strides);
    let is_empty = |axis: &usize| array.extent(*axis) == 0;
    if (0..array.ndim()).filter(|axis| !is_reduced(mask, *axis)).any(|axis| is_empty(&axis)) {
        return Ok(());
    }
    let (reduced, kept): (Vec<Axis>, Vec<Axis>) =
        Plan::new(array, mask).axes.into_iter().partition(|axis| axis.is_reduced);
    let elements = Elements { data: array.data() };
    let mut buffer = Vec::new();
    let mut result = Ok(());
    walk(&kept, 0, 0, &mut |offset, position| {
        if result.is_err() {
            return;
        }
        buffer.clear();
        match reduced[..] {
            [axis] if axis.stride == size_of::<T>() as isize => {
                // SAFETY: the axes lead to elements of the array, which are aligned.
                buffer.extend_from_slice(unsafe { elements.run(offset, axis.extent) });
            }
            _ => walk(&reduced, offset, 0, &mut |offset, _| {
                // SAFETY: as above.
                buffer.push(unsafe { elements.get(offset) });
            }),
        }
        result = visit(position as usize, &mut buffer);
    });
    result
}

/// The array itself, or an aligned copy of it.
fn aligned<'v, T: Element>(
    array: View<'v, T>,
    copy: &'v mut Vec<T>,
    strides: &'v mut Vec<i64>,
) -> View<'v, T> {
    let is_aligned = array.data().is_aligned()
        && array.strides().iter().all(|stride| (*stride as usize).is_multiple_of(align_of::<T>()));
    if is_aligned {
        return array;
    }
    *copy = array.to_vec();
    *strides = array.c_strides::<T>();
    array.with_elements(copy, strides)
}

pub(super) fn reduce<R: Reduction<Element: Element>>(
    array: View<'_, R::Element>,
    mask: i64,
    out: &mut [R::Result],
    accumulate: bool,
    name: &str,
) -> Result<()> {
    let of_nothing = (0..array.ndim()).any(|axis| is_reduced(mask, axis) && array.extent(axis) == 0);
    if array.size() == 0 || of_nothing {
        match R::IDENTITY {
            _ if accumulate || !of_nothing => {}
            Some(identity) => out.fill(identity),
            None => return Err(no_identity(name)),
        }
        return Ok(());
    }
    let (mut copy, mut strides) = (Vec::new(), Vec::new());
    let array = aligned(array, &mut copy, &mut strides);
    let plan = Plan::new(array, mask);
    let elements = Elements { data: array.data() };
    // SAFETY: a plan leads to elements of the array only, which are aligned.
    unsafe {
        match plan.split() {
            (Some(inner), reduced, kept) => {
                reduce_lanes::<R>(elements, inner, &reduced, &kept, out, accumulate)
            }
            (None, reduced, kept) => reduce_rows::<R>(elements, &reduced, &kept, out, accumulate),
        }
    }
    Ok(())
}

fn no_identity(name: &str) -> Raise {
    Raise::value_error(format!("zero-size array to reduction operation {name} which has no identity"))
}

/// # Safety
/// The axes lead to elements, and to those of `out`.
unsafe fn reduce_lanes<R: Reduction>(
    elements: Elements<R::Element>,
    inner: Axis,
    reduced: &[Axis],
    kept: &[Axis],
    out: &mut [R::Result],
    accumulate: bool,
) {
    let mut buffer = Vec::new();
    walk(kept, 0, 0, &mut |offset, position| {
        let result = &mut out[position as usize];
        let mut acc = match R::IDENTITY {
            _ if accumulate => *result,
            Some(identity) => identity,
            // SAFETY: promised by the caller.
            None => R::start(unsafe { elements.get(offset) }),
        };
        if R::IS_PAIRWISE && kept.is_empty() && !reduced.is_empty() {
            // As many whole lanes as NumPy's buffer holds are summed together.
            let n_together = (NUMPY_BUFFER / inner.extent).max(1) * inner.extent;
            walk(reduced, offset, 0, &mut |offset, _| {
                walk(&[inner], offset, 0, &mut |offset, _| {
                    // SAFETY: promised by the caller.
                    buffer.push(unsafe { elements.get(offset) });
                });
                if buffer.len() == n_together {
                    acc = R::run(acc, &buffer);
                    buffer.clear();
                }
            });
            *result = R::run(acc, &buffer);
            return;
        }
        walk(reduced, offset, 0, &mut |offset, _| {
            // SAFETY: promised by the caller.
            let lane = unsafe { elements.lane(offset, inner.extent, inner.stride, &mut buffer) };
            acc = R::run(acc, lane);
        });
        *result = acc;
    });
}

/// # Safety
/// As [`reduce_lanes`].
unsafe fn reduce_rows<R: Reduction>(
    elements: Elements<R::Element>,
    reduced: &[Axis],
    kept: &[Axis],
    out: &mut [R::Result],
    accumulate: bool,
) {
    if !accumulate {
        match R::IDENTITY {
            Some(identity) => out.fill(identity),
            None => walk(kept, 0, 0, &mut |offset, position| {
                // SAFETY: promised by the caller.
                out[position as usize] = R::start(unsafe { elements.get(offset) });
            }),
        }
    }
    let one = Axis { extent: 1, stride: 0, out_stride: 0, is_reduced: false };
    let (row, kept) = kept.split_last().map_or((one, kept), |(row, kept)| (*row, kept));
    let (rows, reduced) = reduced.split_last().map_or((one, reduced), |(rows, reduced)| (*rows, reduced));
    let is_dense = row.stride == size_of::<R::Element>() as isize && row.out_stride == 1;
    walk(kept, 0, 0, &mut |offset, position| {
        if !is_dense {
            walk(reduced, offset, position, &mut |offset, position| {
                walk(&[rows, row], offset, position, &mut |offset, position| {
                    let acc = &mut out[position as usize];
                    // SAFETY: promised by the caller.
                    *acc = R::step(*acc, unsafe { elements.get(offset) });
                });
            });
            return;
        }
        for (tile_idx, acc) in out[position as usize..][..row.extent].chunks_mut(TILE).enumerate() {
            let offset = offset + (tile_idx * TILE * size_of::<R::Element>()) as isize;
            walk(reduced, offset, 0, &mut |offset, _| {
                let n = acc.len();
                // SAFETY: promised by the caller.
                let row_at = |idx: usize| unsafe { elements.run(offset + idx as isize * rows.stride, n) };
                match n {
                    2 => few::<R, 2>(acc, rows.extent, row_at),
                    3 => few::<R, 3>(acc, rows.extent, row_at),
                    4 => few::<R, 4>(acc, rows.extent, row_at),
                    _ => {
                        let mut idx = 0;
                        while idx + 4 <= rows.extent {
                            add_rows::<R>(acc, std::array::from_fn(|next| row_at(idx + next)));
                            idx += 4;
                        }
                        for idx in idx..rows.extent {
                            add_row::<R>(acc, row_at(idx));
                        }
                    }
                }
            });
        }
    });
}

/// Reduces rows of a few elements, whose results stay in registers.
#[inline]
fn few<'a, R: Reduction, const N: usize>(
    results: &mut [R::Result],
    n_rows: usize,
    row_at: impl Fn(usize) -> &'a [R::Element],
) {
    let mut acc: [R::Result; N] = std::array::from_fn(|idx| results[idx]);
    for row in 0..n_rows {
        let row = row_at(row);
        for idx in 0..N {
            acc[idx] = R::step(acc[idx], row[idx]);
        }
    }
    results.copy_from_slice(&acc);
}

vectorised! {
    fn add_row<R: Reduction>(acc: &mut [R::Result], row: &[R::Element]) {
        for (acc, element) in acc.iter_mut().zip(row) {
            *acc = R::step(*acc, *element);
        }
    }

    fn add_rows<R: Reduction>(acc: &mut [R::Result], rows: [&[R::Element]; 4]) {
        let [a, b, c, d] = rows.map(|row| &row[..acc.len()]);
        for idx in 0..acc.len() {
            acc[idx] = R::step(R::step(R::step(R::step(acc[idx], a[idx]), b[idx]), c[idx]), d[idx]);
        }
    }
}

fn reduce_argmax<T: Number>(array: View<'_, T>, mask: i64, out: View<'_, i64>) -> Result<()> {
    positions::<T, true>(array, mask, out, "argmax")
}

fn reduce_argmin<T: Number>(array: View<'_, T>, mask: i64, out: View<'_, i64>) -> Result<()> {
    positions::<T, false>(array, mask, out, "argmin")
}

fn reduce_nanargmax<T: Number + Scalar>(array: View<'_, T>, mask: i64, out: View<'_, i64>) -> Result<()> {
    positions_without_nan::<T, true>(array, mask, out, "argmax")
}

fn reduce_nanargmin<T: Number + Scalar>(array: View<'_, T>, mask: i64, out: View<'_, i64>) -> Result<()> {
    positions_without_nan::<T, false>(array, mask, out, "argmin")
}

/// As [`positions`] of an array with the infinity that is no extreme for each nan. Raises where there is nothing else.
fn positions_without_nan<T: Number + Scalar, const MAX: bool>(
    array: View<'_, T>,
    mask: i64,
    out: View<'_, i64>,
    name: &str,
) -> Result<()> {
    let infinity = if MAX { f64::NEG_INFINITY } else { f64::INFINITY };
    let infinity = T::from_real(<T::Real as rumba_linalg::Real>::from_f64(infinity));
    let elements = array.to_vec();
    let is_nan: Vec<Bool> = elements.iter().map(|element| Bool::from(Element::is_nan(element))).collect();
    let is_something = (0..array.ndim()).all(|axis| !is_reduced(mask, axis) || array.extent(axis) > 0);
    let mut all_nan = vec![Bool::default(); out.size()];
    let strides = array.c_strides::<Bool>();
    reduce::<All<Bool>>(array.with_elements(&is_nan, &strides), mask, &mut all_nan, false, "logical_and")?;
    if is_something && all_nan.iter().any(|all| all.get()) {
        return Err(Raise::value_error("All-NaN slice encountered"));
    }
    let replaced: Vec<T> = elements
        .into_iter()
        .map(|element| if Element::is_nan(&element) { infinity } else { element })
        .collect();
    let strides = array.c_strides::<T>();
    positions::<T, MAX>(array.with_elements(&replaced, &strides), mask, out, name)
}

/// Along one axis, or all of them in C order: the first extremes.
fn positions<T: Number, const MAX: bool>(
    array: View<'_, T>,
    mask: i64,
    out: View<'_, i64>,
    name: &str,
) -> Result<()> {
    let out = out_slice(out);
    let of_nothing = (0..array.ndim()).any(|axis| is_reduced(mask, axis) && array.extent(axis) == 0);
    if of_nothing {
        return Err(Raise::value_error(format!("attempt to get {name} of an empty sequence")));
    }
    if array.size() == 0 {
        return Ok(());
    }
    let is_all = (0..array.ndim()).all(|axis| is_reduced(mask, axis));
    if is_all {
        let elements = array.as_slice().map_or_else(|| array.to_vec().into(), std::borrow::Cow::Borrowed);
        out[0] = crate::reductions::first_extreme::<T, MAX>(&elements);
        return Ok(());
    }
    let axis = mask.trailing_zeros() as usize;
    let (mut copy, mut strides) = (Vec::new(), Vec::new());
    let array = aligned(array, &mut copy, &mut strides);
    // Only the order along the axis matters, which is as it is.
    let along = Axis {
        extent: array.extent(axis),
        stride: array.strides()[axis] as isize,
        out_stride: 0,
        is_reduced: true,
    };
    let mut out_stride = 1;
    let mut kept: Vec<Axis> = Vec::with_capacity(array.ndim());
    for other in (0..array.ndim()).rev().filter(|other| *other != axis) {
        let (extent, stride) = (array.extent(other), array.strides()[other] as isize);
        kept.push(Axis { extent, stride, out_stride, is_reduced: false });
        out_stride *= extent as isize;
    }
    kept.reverse();
    let elements = Elements { data: array.data() };
    let is_dense = |row: &Axis| row.stride == size_of::<T>() as isize && row.extent > 4;
    match kept.split_last() {
        Some((row, outer)) if along.stride != size_of::<T>() as isize && is_dense(row) => {
            let mut best = Vec::with_capacity(TILE.min(row.extent));
            walk(outer, 0, 0, &mut |offset, position| {
                for (tile_idx, places) in out[position as usize..][..row.extent].chunks_mut(TILE).enumerate()
                {
                    let offset = offset + (tile_idx * TILE * size_of::<T>()) as isize;
                    let n = places.len();
                    // SAFETY: the axes lead to elements of the array.
                    let row_at =
                        |idx: usize| unsafe { elements.run(offset + idx as isize * along.stride, n) };
                    best.clear();
                    best.extend_from_slice(row_at(0));
                    places.fill(0);
                    for idx in 1..along.extent {
                        let row = row_at(idx);
                        match MAX {
                            true => note_larger(&mut best, places, row, idx as i64),
                            false => note_smaller(&mut best, places, row, idx as i64),
                        }
                    }
                }
            });
        }
        _ => {
            let mut buffer = Vec::new();
            walk(&kept, 0, 0, &mut |offset, position| {
                // SAFETY: the axes lead to elements of the array.
                let lane = unsafe { elements.lane(offset, along.extent, along.stride, &mut buffer) };
                out[position as usize] = crate::reductions::first_extreme::<T, MAX>(lane);
            });
        }
    }
    Ok(())
}

#[inline(always)]
fn note_beyond<T: Number, const MAX: bool>(best: &mut [T], places: &mut [i64], row: &[T], idx: i64) {
    for ((best, place), element) in best.iter_mut().zip(places).zip(row) {
        let is_beyond = is_beyond::<T, MAX>(*element, *best);
        *place = if is_beyond { idx } else { *place };
        *best = if is_beyond { *element } else { *best };
    }
}

vectorised! {
    fn note_larger<T: Number>(best: &mut [T], places: &mut [i64], row: &[T], idx: i64) {
        note_beyond::<T, true>(best, places, row, idx);
    }

    fn note_smaller<T: Number>(best: &mut [T], places: &mut [i64], row: &[T], idx: i64) {
        note_beyond::<T, false>(best, places, row, idx);
    }
}

//! Scans along an axis: what the elements up to each one reduce to; and differences.

use super::moments::Moment;
use super::reductions::out_slice;
use super::{Bool, C64, C128, Element, NewArray, Raise, Result, View, kernels};
use crate::reductions::{All, Any, Extreme, Number, Product, Reduction, SpanSum, Sum};
use std::borrow::Cow;

kernels! {
    scan_sum<T: all>(array: View<'_, T>, axis: i64, out: View<'_, <T as Number>::Total>) -> ();
    scan_prod<T: all>(array: View<'_, T>, axis: i64, out: View<'_, <T as Number>::Total>) -> ();
    scan_max<T: all>(array: View<'_, T>, axis: i64, out: View<'_, T>) -> ();
    scan_min<T: all>(array: View<'_, T>, axis: i64, out: View<'_, T>) -> ();
    scan_fmax<T: inexact>(array: View<'_, T>, axis: i64, out: View<'_, T>) -> ();
    scan_fmin<T: inexact>(array: View<'_, T>, axis: i64, out: View<'_, T>) -> ();
    scan_any<T: all>(array: View<'_, T>, axis: i64, out: View<'_, Bool>) -> ();
    scan_all<T: all>(array: View<'_, T>, axis: i64, out: View<'_, Bool>) -> ();
    scan_span_sum<T: index>(array: View<'_, T>, axis: i64, out: View<'_, T>) -> ();
    reduceat_sum<T: all>(array: View<'_, T>, axis: i64, indices: View<'_, i64>, out: View<'_, <T as Number>::Total>) -> ();
    reduceat_prod<T: all>(array: View<'_, T>, axis: i64, indices: View<'_, i64>, out: View<'_, <T as Number>::Total>) -> ();
    reduceat_max<T: all>(array: View<'_, T>, axis: i64, indices: View<'_, i64>, out: View<'_, T>) -> ();
    reduceat_min<T: all>(array: View<'_, T>, axis: i64, indices: View<'_, i64>, out: View<'_, T>) -> ();
    reduceat_fmax<T: inexact>(array: View<'_, T>, axis: i64, indices: View<'_, i64>, out: View<'_, T>) -> ();
    reduceat_fmin<T: inexact>(array: View<'_, T>, axis: i64, indices: View<'_, i64>, out: View<'_, T>) -> ();
    reduceat_any<T: all>(array: View<'_, T>, axis: i64, indices: View<'_, i64>, out: View<'_, Bool>) -> ();
    reduceat_all<T: all>(array: View<'_, T>, axis: i64, indices: View<'_, i64>, out: View<'_, Bool>) -> ();
    differences<T: all>(array: View<'_, T>, axis: i64, n: i64) -> NewArray<T>;
    gradient<T: inexact>(array: View<'_, T>, axis: i64, out: View<'_, T>, positions: View<'_, f64>, edge_order: i64) -> ();
}

macro_rules! scan_kernels {
    ($($scan:ident, $reduceat:ident, $ufunc:literal: $Reduction:ty;)*) => {$(
        fn $scan<T: Number>(
            array: View<'_, T>,
            axis: i64,
            out: View<'_, <$Reduction as Reduction>::Result>,
        ) -> Result<()> {
            scan::<$Reduction>(array, axis as usize, out);
            Ok(())
        }

        fn $reduceat<T: Number>(
            array: View<'_, T>,
            axis: i64,
            indices: View<'_, i64>,
            out: View<'_, <$Reduction as Reduction>::Result>,
        ) -> Result<()> {
            reduceat::<$Reduction>(array, axis as usize, indices, out, $ufunc)
        }
    )*};
}

scan_kernels! {
    scan_sum, reduceat_sum, "add": Sum<T>;
    scan_prod, reduceat_prod, "multiply": Product<T>;
    scan_max, reduceat_max, "maximum": Extreme<T, true, false>;
    scan_min, reduceat_min, "minimum": Extreme<T, false, false>;
    scan_fmax, reduceat_fmax, "fmax": Extreme<T, true, true>;
    scan_fmin, reduceat_fmin, "fmin": Extreme<T, false, true>;
    scan_any, reduceat_any, "logical_or": Any<T>;
    scan_all, reduceat_all, "logical_and": All<T>;
}

fn scan_span_sum<T>(array: View<'_, T>, axis: i64, out: View<'_, T>) -> Result<()>
where
    T: Element,
    SpanSum<T>: Reduction<Element = T, Result = T>,
{
    scan::<SpanSum<T>>(array, axis as usize, out);
    Ok(())
}

/// Reduces the elements from each index to the next, or to the end; one element where the next index is not larger.
fn reduceat<R: Reduction<Element: Element, Result: Element>>(
    array: View<'_, R::Element>,
    axis: usize,
    indices: View<'_, i64>,
    out: View<'_, R::Result>,
    ufunc: &str,
) -> Result<()> {
    let (n, indices) = (array.extent(axis), indices.to_vec());
    if let Some(index) = indices.iter().find(|index| !(0..n as i64).contains(*index)) {
        let message = format!("index {index} out-of-bounds in {ufunc}.reduceat [0, {n})");
        return Err(Raise::new("IndexError", message));
    }
    for (lane, mut target) in array.lanes(axis).zip(out.lanes(axis)) {
        let elements = lane.as_slice().map_or_else(|| lane.iter().collect(), Cow::Borrowed);
        for (number, first) in indices.iter().enumerate() {
            let first = *first as usize;
            let end = indices.get(number + 1).map_or(n, |next| *next as usize);
            let end = end.max(first + 1);
            target.set(number, R::run(R::start(elements[first]), &elements[first + 1..end]));
        }
    }
    Ok(())
}

/// `out` has the shape of the array and is contiguous.
fn scan<R: Reduction<Element: Element, Result: Element>>(
    array: View<'_, R::Element>,
    axis: usize,
    out: View<'_, R::Result>,
) {
    let (n, inner) = (array.extent(axis), array.extents()[axis + 1..].iter().product::<i64>() as usize);
    if array.size() == 0 {
        return;
    }
    let Some(elements) = array.as_slice() else {
        for (lane, mut target) in array.lanes(axis).zip(out.lanes(axis)) {
            let mut acc = R::start(lane.get(0));
            target.set(0, acc);
            for idx in 1..n {
                acc = R::step(acc, lane.get(idx));
                target.set(idx, acc);
            }
        }
        return;
    };
    let out = out_slice(out);
    for (block, target) in elements.chunks_exact(n * inner).zip(out.chunks_exact_mut(n * inner)) {
        if inner == 1 {
            let mut acc = R::start(block[0]);
            target[0] = acc;
            for (target, element) in target.iter_mut().zip(block).skip(1) {
                acc = R::step(acc, *element);
                *target = acc;
            }
            continue;
        }
        let (first, rest) = target.split_at_mut(inner);
        first.iter_mut().zip(block).for_each(|(target, element)| *target = R::start(*element));
        let mut before = first;
        for (row, target) in block[inner..].chunks_exact(inner).zip(rest.chunks_exact_mut(inner)) {
            for ((target, before), element) in target.iter_mut().zip(&*before).zip(row) {
                *target = R::step(*before, *element);
            }
            before = target;
        }
    }
}

/// An element that has a distance from another of its type: integers wrap, and of bools it is whether they differ.
trait Difference: Element {
    fn minus(self, other: Self) -> Self;
}

macro_rules! difference {
    ($($T:ty: $minus:expr;)*) => {$(
        impl Difference for $T {
            #[inline]
            fn minus(self, other: $T) -> $T {
                $minus(self, other)
            }
        }
    )*};
}

difference! {
    i8: i8::wrapping_sub;
    u8: u8::wrapping_sub;
    i16: i16::wrapping_sub;
    u16: u16::wrapping_sub;
    i32: i32::wrapping_sub;
    u32: u32::wrapping_sub;
    i64: i64::wrapping_sub;
    u64: u64::wrapping_sub;
    f32: |a, b| a - b;
    f64: |a, b| a - b;
    C64: |a, b| a - b;
    C128: |a, b| a - b;
    Bool: |a: Bool, b: Bool| (a.get() != b.get()).into();
}

/// Differences of neighbours along an axis, `n` times.
fn differences<T: Difference>(array: View<'_, T>, axis: i64, n: i64) -> Result<NewArray<T>> {
    let axis = axis as usize;
    let mut extents = array.extents().to_vec();
    extents[axis] = (extents[axis] - n).max(0);
    let mut result = NewArray::of_shape(&extents)?;
    if extents[axis] == 0 {
        return Ok(result);
    }
    for (lane, mut target) in array.lanes(axis).zip(result.view().lanes(axis)) {
        let mut elements: Vec<T> = lane.iter().collect();
        for _ in 0..n {
            for idx in 1..elements.len() {
                elements[idx - 1] = Difference::minus(elements[idx], elements[idx - 1]);
            }
            elements.pop();
        }
        target.with_mut_slice(|target| target.copy_from_slice(&elements));
    }
    Ok(result)
}

/// Second-order differences inside, of order `edge_order` at both ends. `positions` has the distance of elements, or where
/// each of them is.
fn gradient<T: Moment>(
    array: View<'_, T>,
    axis: i64,
    out: View<'_, T>,
    positions: View<'_, f64>,
    edge_order: i64,
) -> Result<()> {
    let axis = axis as usize;
    let n = array.extent(axis);
    if (n as i64) < edge_order + 1 {
        return Err(Raise::value_error(
            "Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) elements are required.",
        ));
    }
    let positions = positions.to_vec();
    let mut distances: Vec<f64> = positions.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // Equal distances are one distance.
    let uniform = match (&positions[..], &distances[..]) {
        ([distance], _) => Some(*distance),
        (_, [first, ..]) if distances.iter().all(|distance| distance == first) => Some(*first),
        _ => None,
    };
    if let Some(distance) = uniform {
        distances = vec![distance; n - 1];
    } else if positions.len() != n {
        return Err(Raise::value_error(
            "when 1d, distances must match the length of the corresponding dimension",
        ));
    }
    for (lane, mut target) in array.lanes(axis).zip(out.lanes(axis)) {
        let weighed = |weights: [f64; 3], first: usize| {
            let terms: [T; 3] = std::array::from_fn(|idx| lane.get(first + idx).scaled(weights[idx]));
            T::plus(T::plus(terms[0], terms[1]), terms[2])
        };
        for idx in 1..n - 1 {
            let (before, after) = (distances[idx - 1], distances[idx]);
            target.set(
                idx,
                match uniform {
                    Some(distance) => lane.get(idx + 1).minus(lane.get(idx - 1)).over(2.0 * distance),
                    None => weighed(
                        [
                            -after / (before * (before + after)),
                            (after - before) / (before * after),
                            before / (after * (before + after)),
                        ],
                        idx - 1,
                    ),
                },
            );
        }
        if edge_order == 1 {
            target.set(0, lane.get(1).minus(lane.get(0)).over(distances[0]));
            target.set(n - 1, lane.get(n - 1).minus(lane.get(n - 2)).over(distances[n - 2]));
            continue;
        }
        let first = match uniform {
            Some(distance) => [-1.5 / distance, 2.0 / distance, -0.5 / distance],
            None => {
                let (a, b) = (distances[0], distances[1]);
                [-(2.0 * a + b) / (a * (a + b)), (a + b) / (a * b), -a / (b * (a + b))]
            }
        };
        let last = match uniform {
            Some(distance) => [0.5 / distance, -2.0 / distance, 1.5 / distance],
            None => {
                let (a, b) = (distances[n - 3], distances[n - 2]);
                [b / (a * (a + b)), -(b + a) / (a * b), (2.0 * b + a) / (b * (a + b))]
            }
        };
        target.set(0, weighed(first, 0));
        target.set(n - 1, weighed(last, n - 3));
    }
    Ok(())
}

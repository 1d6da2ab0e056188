//! Objects of NumPy that are indexed instead of called: `np.mgrid[0:5, 0:3]`, `np.r_[a, b]`, `np.s_[1:3]`.

use super::joining::join;
use crate::arrays::creation::value_as_array;
use crate::declaration::{Call, Declaration, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type, TypeKind};

const KEY: &[Param] = &[Param::required("key").positional_only()];

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.mgrid.__getitem__",
        params: KEY,
        doc: "Positions along each axis of a grid, given by slices with an integer stop and step.",
        rule: |e, call| {
            let lines = lines(e, call)?;
            if !is_tuple(e, call) {
                return Ok(lines[0]);
            }
            let mut extents: Vec<Value> = lines.iter().map(|line| e.extent(*line, 0)).collect();
            let n_axes = lines.len();
            extents.insert(0, e.b.int64(n_axes as i64));
            let grid = e.allocate_array(Type::int64(), &extents, Layout::C, false)?;
            for (axis, line) in lines.into_iter().enumerate() {
                let position = e.b.int64(axis as i64);
                let target = e.array_row(grid, position)?;
                let line = along(e, line, axis, n_axes);
                e.assign_array(target, line)?;
            }
            Ok(grid)
        },
    },
    Declaration {
        path: "numpy.ogrid.__getitem__",
        params: KEY,
        doc: "Positions along each axis of a grid, as a tuple of arrays that broadcast to it.",
        rule: |e, call| {
            let lines = lines(e, call)?;
            if !is_tuple(e, call) {
                return Ok(lines[0]);
            }
            let n_axes = lines.len();
            let lines = lines.into_iter().enumerate().map(|(axis, line)| along(e, line, axis, n_axes));
            let lines = lines.collect();
            Ok(e.tuple(lines))
        },
    },
    Declaration {
        path: "numpy.r_.__getitem__",
        params: KEY,
        doc: "Arrays, numbers and slices, which stand for positions, behind each other along the first axis.",
        rule: |e, call| {
            let mut arrays = Vec::new();
            for part in parts(e, call) {
                let array = array_of(e, call, part)?;
                arrays.push(e.at_least_1d(array)?);
            }
            let axis = e.b.int64(0);
            joined(e, call, &arrays, axis)
        },
    },
    Declaration {
        path: "numpy.c_.__getitem__",
        params: KEY,
        doc: "As `np.r_` along the last axis; what has one axis is a column.",
        rule: |e, call| {
            let mut arrays = Vec::new();
            for part in parts(e, call) {
                let array = array_of(e, call, part)?;
                let array = e.at_least_1d(array)?;
                let is_line = e.array_type(array).ndim == 1;
                arrays.push(if is_line { e.with_new_axes(array, 1, 2) } else { array });
            }
            let last = arrays.first().map_or(0, |array| e.array_type(*array).ndim - 1);
            let axis = e.b.int64(last.into());
            joined(e, call, &arrays, axis)
        },
    },
    Declaration {
        path: "numpy.s_.__getitem__",
        params: KEY,
        doc: "The index itself.",
        rule: |_, call| Ok(call.args[0]),
    },
    Declaration {
        path: "numpy.index_exp.__getitem__",
        params: KEY,
        doc: "The index as a tuple.",
        rule: |e, call| Ok(if is_tuple(e, call) { call.args[0] } else { e.tuple(vec![call.args[0]]) }),
    },
];

fn is_tuple(e: &Emitter<'_>, call: &Call) -> bool {
    e.ty(call.args[0]).as_tuple().is_some()
}

fn parts(e: &mut Emitter<'_>, call: &Call) -> Vec<Value> {
    if is_tuple(e, call) { e.tuple_elements(call.args[0]) } else { vec![call.args[0]] }
}

fn joined(e: &mut Emitter<'_>, call: &Call, arrays: &[Value], axis: Value) -> Emit {
    if arrays.is_empty() {
        return call.argument_error(0, Code::ArgumentCount, "need at least one array to concatenate");
    }
    join(e, call, arrays, axis, None)
}

/// A slice as the positions that it stands for; else an array or number as an array.
fn array_of(e: &mut Emitter<'_>, call: &Call, part: Value) -> Emit {
    if matches!(e.ty(part).kind(), TypeKind::Slice(_)) {
        line(e, call, part)
    } else {
        value_as_array(e, call, 0, part)
    }
}

/// The positions of each slice.
fn lines(e: &mut Emitter<'_>, call: &Call) -> Emit<Vec<Value>> {
    let parts = parts(e, call);
    if parts.is_empty() || parts.iter().any(|part| !matches!(e.ty(*part).kind(), TypeKind::Slice(_))) {
        return call.argument_error(0, Code::IndexType, "a grid is given by slices");
    }
    parts.into_iter().map(|part| line(e, call, part)).collect()
}

/// The integers from the start of a slice, or 0, to its stop.
fn line(e: &mut Emitter<'_>, call: &Call, slice: Value) -> Emit {
    let [start, stop, step] = [0, 1, 2].map(|part| e.b.field(slice, part));
    if e.ty(stop).is_none() {
        return call.argument_error(0, Code::IndexType, "a slice that stands for positions has a stop");
    }
    let mut given = |part: Value, otherwise: i64| match e.ty(part).is_none() {
        true => Ok(e.b.int64(otherwise)),
        false => e.as_index(part, "a part of a slice"),
    };
    let parts = [given(start, 0)?, given(stop, 0)?, given(step, 1)?];
    let range = e.range(parts)?;
    let length = e.range_length(range)?;
    let line = e.allocate_array(Type::int64(), &[length], Layout::C, false)?;
    let second = e.b.add(parts[0], parts[2]);
    e.fill_progression(line, parts[0], second);
    Ok(line)
}

/// An array of one axis as one of several, all others of one element.
fn along(e: &mut Emitter<'_>, line: Value, axis: usize, ndim: usize) -> Value {
    let one = e.b.int64(1);
    let mut extents = vec![one; ndim];
    extents[axis] = e.extent(line, 0);
    let ty = ArrayType { ndim: ndim as u8, ..e.array_type(line) };
    e.view_as(line, ty, &extents, &[])
}

//! The same elements in another shape: `reshape`, `ravel`, `transpose` and their kin.

use super::assign::shape_placeholders;
use super::creation::{array_like, value_as_array};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, CompareOp, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::{ArrayType, Layout, Type, TypeKind};

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "array.reshape",
        params: &[
            Param::required("self"),
            Param::variadic("shape"),
            Param::optional("order", Default::Str("C")).keyword_only(),
        ],
        doc: "The elements in another shape: a view of an array that is contiguous in that order, else a copy.",
        rule: |e, call| {
            let parts = e.tuple_elements(call.args[1]);
            let shape = match parts[..] {
                [single] => single,
                _ => call.args[1],
            };
            reshape(e, call, call.args[0], shape)
        },
    },
    Declaration {
        path: "numpy.reshape",
        params: &[
            Param::required("a"),
            Param::required("shape"),
            Param::optional("order", Default::Str("C")),
        ],
        doc: "The elements in another shape: a view of an array that is contiguous in that order, else a copy.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            reshape(e, call, array, call.args[1])
        },
    },
    Declaration {
        path: "array.ravel",
        params: &[Param::required("self"), Param::optional("order", Default::Str("C"))],
        doc: "The elements in one axis: a view of an array that is contiguous in that order, else a copy; order 'K' of contiguous arrays.",
        rule: ravel,
    },
    Declaration {
        path: "numpy.ravel",
        params: &[Param::required("a"), Param::optional("order", Default::Str("C"))],
        doc: "The elements in one axis: a view of an array that is contiguous in that order, else a copy; order 'K' of contiguous arrays.",
        rule: ravel,
    },
    Declaration {
        path: "array.flatten",
        params: &[Param::required("self"), Param::optional("order", Default::Str("C"))],
        doc: "A copy of the elements in one axis.",
        rule: |e, call| {
            in_order(e, call, 1, call.args[0], |e, array| {
                let copy = e.copy_array(array, Layout::C)?;
                Ok(e.one_axis(copy))
            })
        },
    },
    Declaration {
        path: "array.transpose",
        params: &[Param::required("self"), Param::variadic("axes")],
        doc: "A view with its axes reversed, or in the order given by constants.",
        rule: |e, call| {
            let parts = e.tuple_elements(call.args[1]);
            match parts[..] {
                [] => Ok(e.transposed(call.args[0])),
                [single] if e.ty(single).is_none() => Ok(e.transposed(call.args[0])),
                [single] if e.ty(single).as_tuple().is_some() => permute(e, call, call.args[0], single),
                _ => permute(e, call, call.args[0], call.args[1]),
            }
        },
    },
    Declaration {
        path: "numpy.transpose",
        params: &[Param::required("a"), Param::optional("axes", Default::None)],
        doc: "A view with its axes reversed, or in the order given by a tuple of constants.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            if e.ty(call.args[1]).is_none() {
                return Ok(e.transposed(array));
            }
            permute(e, call, array, call.args[1])
        },
    },
    Declaration {
        path: "array.swapaxes",
        params: &[Param::required("self"), Param::required("axis1"), Param::required("axis2")],
        doc: "A view with two axes exchanged; the axes are constants.",
        rule: swap_axes,
    },
    Declaration {
        path: "numpy.swapaxes",
        params: &[Param::required("a"), Param::required("axis1"), Param::required("axis2")],
        doc: "A view with two axes exchanged; the axes are constants.",
        rule: swap_axes,
    },
    Declaration {
        path: "numpy.expand_dims",
        params: &[Param::required("a"), Param::required("axis")],
        doc: "A view with a new axis of one element; the axis is a constant.",
        rule: expand_dims,
    },
    Declaration {
        path: "array.squeeze",
        params: &[Param::required("self"), Param::optional("axis", Default::None)],
        doc: "A view without an axis of one element, which is given as a constant.",
        rule: squeeze,
    },
    Declaration {
        path: "numpy.squeeze",
        params: &[Param::required("a"), Param::optional("axis", Default::None)],
        doc: "A view without an axis of one element, which is given as a constant.",
        rule: squeeze,
    },
    Declaration {
        path: "numpy.atleast_1d",
        params: &[Param::variadic("arys")],
        doc: "Arrays; numbers and arrays without axes as arrays of one element. A tuple of several.",
        rule: |e, call| each(e, call, |e, array| e.at_least_1d(array)),
    },
    Declaration {
        path: "numpy.atleast_2d",
        params: &[Param::variadic("arys")],
        doc: "Views with at least two axes, new ones in front. A tuple of several.",
        rule: |e, call| each(e, call, |e, array| e.at_least_2d(array)),
    },
    Declaration {
        path: "numpy.atleast_3d",
        params: &[Param::variadic("arys")],
        doc: "Views with at least three axes. A tuple of several.",
        rule: |e, call| each(e, call, |e, array| Ok(e.at_least_3d(array))),
    },
    Declaration {
        path: "numpy.moveaxis",
        params: &[Param::required("a"), Param::required("source"), Param::required("destination")],
        doc: "A view with axes in other places, which are constants.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let ndim = usize::from(e.array_type(array).ndim);
            let [from, to] = [constant_axes(e, call, 1, ndim)?, constant_axes(e, call, 2, ndim)?];
            if from.len() != to.len() {
                let message = "`source` and `destination` must have the same number of elements";
                return call.argument_error(1, Code::ArgumentValue, message);
            }
            let mut axes: Vec<usize> = (0..ndim).filter(|axis| !from.contains(axis)).collect();
            let mut moves: Vec<(usize, usize)> = to.into_iter().zip(from).collect();
            moves.sort_unstable();
            for (to, from) in moves {
                axes.insert(to, from);
            }
            Ok(e.with_axes(array, &axes))
        },
    },
    Declaration {
        path: "numpy.rollaxis",
        params: &[Param::required("a"), Param::required("axis"), Param::optional("start", Default::Int(0))],
        doc: "A view with an axis before another; both are constants.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let ndim = usize::from(e.array_type(array).ndim);
            let axis = constant_axis(e, call, 1, call.args[1], ndim)?;
            let start = match e.ty(call.args[2]).as_literal_int() {
                Some(start) if start == ndim as i128 => ndim,
                _ => constant_axis(e, call, 2, call.args[2], ndim)?,
            };
            Ok(e.with_axis_moved(array, axis, if axis < start { start - 1 } else { start }))
        },
    },
    Declaration {
        path: "numpy.matrix_transpose",
        params: &[Param::required("x").positional_only()],
        doc: "A view with the last two axes exchanged.",
        rule: matrix_transpose,
    },
    Declaration {
        path: "array:mT",
        params: &[Param::required("self")],
        doc: "A view with the last two axes exchanged.",
        rule: matrix_transpose,
    },
    Declaration {
        path: "numpy.broadcast_arrays",
        params: &[Param::variadic("args")],
        doc: "A tuple of read-only views of arrays and numbers that have one shape.",
        rule: |e, call| {
            let mut arrays = Vec::new();
            for part in e.tuple_elements(call.args[0]) {
                arrays.push(value_as_array(e, call, 0, part)?);
            }
            let extents = e.broadcast_extents(&arrays)?;
            let mut views = Vec::with_capacity(arrays.len());
            for array in arrays {
                let strides = e.strides_for(array, &extents, "")?;
                let ty = e.array_type(array);
                let view = ArrayType { ndim: extents.len() as u8, layout: Layout::A, readonly: true, ..ty };
                views.push(e.view_as(array, view, &extents, &strides));
            }
            Ok(e.tuple(views))
        },
    },
    Declaration {
        path: "numpy.broadcast_shapes",
        params: &[Param::variadic("args")],
        doc: "The shape that shapes broadcast to.",
        rule: broadcast_shapes,
    },
    Declaration {
        path: "numpy.lib.stride_tricks.sliding_window_view",
        params: &[
            Param::required("x"),
            Param::required("window_shape"),
            Param::optional("axis", Default::None),
            Param::optional("subok", Default::Bool(false)).keyword_only(),
            Param::optional("writeable", Default::Bool(false)).keyword_only(),
        ],
        doc: "A view of all windows of a shape, read-only unless a constant says otherwise; the axes are constants.",
        rule: sliding_windows,
    },
    Declaration {
        path: "numpy.lib.stride_tricks.as_strided",
        params: &[
            Param::required("x"),
            Param::optional("shape", Default::None),
            Param::optional("strides", Default::None),
            Param::optional("subok", Default::Bool(false)),
            Param::optional("writeable", Default::Bool(true)),
        ],
        doc: "A view with another shape and other strides, which are tuples; within the memory of the array's elements only.",
        rule: as_strided,
    },
    Declaration {
        path: "numpy.broadcast_to",
        params: &[Param::required("array"), Param::required("shape")],
        doc: "A read-only view of another shape that repeats the elements.",
        rule: broadcast_to,
    },
];

/// The layout of a view with all axes reversed.
pub(crate) fn transposed_layout(layout: Layout) -> Layout {
    match layout {
        Layout::C => Layout::F,
        Layout::F => Layout::C,
        Layout::A => Layout::A,
    }
}

/// An argument that must be an array.
pub(crate) fn array_argument(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let value = e.plain(call.args[idx]);
    let ty = e.ty(value);
    if ty.as_array().is_none() {
        return call.argument_error(
            idx,
            Code::ArgumentType,
            format!("expected an array, not {}", ty.shown()),
        );
    }
    Ok(value)
}

/// A bool that must be a constant; `Default` values are.
pub(crate) fn constant_bool(e: &Emitter<'_>, call: &Call, idx: usize, name: &str) -> Emit<bool> {
    match e.ty(call.args[idx]).as_literal_bool() {
        Some(value) => Ok(value),
        None => call.argument_error(
            idx,
            Code::ArgumentValue,
            format!("`{name}` must be a constant True or False"),
        ),
    }
}

/// What `in_c_order` gives for the array, or for the reversed one where order F is asked for. 'A' (and 'K' where it is the
/// same) is F for arrays that are contiguous in Fortran order only.
fn in_order(
    e: &mut Emitter<'_>,
    call: &Call,
    idx: usize,
    array: Value,
    in_c_order: fn(&mut Emitter<'_>, Value) -> Emit,
) -> Emit {
    let ty = e.array_type(array);
    let reversed = |e: &mut Emitter<'_>| {
        let reversed = e.transposed(array);
        in_c_order(e, reversed)
    };
    match e.ty(call.args[idx]).as_literal_str() {
        Some("C") => in_c_order(e, array),
        Some("F") => reversed(e),
        Some("A" | "K") if ty.ndim < 2 || ty.layout == Layout::C => in_c_order(e, array),
        Some("A" | "K") if ty.layout == Layout::F => {
            // One that is contiguous in both orders has the same elements in both.
            reversed(e)
        }
        Some("A") => {
            let (c, f) = (e.is_contiguous(array, Layout::C), e.is_contiguous(array, Layout::F));
            let not_c = e.b.not(c);
            let only_f = e.b.and(f, not_c);
            e.if_else(only_f, reversed, |e| in_c_order(e, array))
        }
        _ => {
            let message = "`order` is one of the constants 'C', 'F' and 'A', or 'K' of contiguous arrays";
            call.argument_error(idx, Code::ArgumentValue, message)
        }
    }
}

/// `a.reshape(shape, order=…)`.
fn reshape(e: &mut Emitter<'_>, call: &Call, array: Value, shape: Value) -> Emit {
    let new = shape_argument(e, call, 1, shape)?;
    let size = e.array_size(array);
    let extents = e.reshaped_extents(size, &new)?;
    let ty = e.array_type(array);
    let in_fortran_order = match e.ty(call.args[2]).as_literal_str() {
        Some("C") => false,
        Some("F") => true,
        Some("A") if ty.layout != Layout::A || ty.ndim < 2 => ty.layout == Layout::F,
        _ => {
            let message = "`order` is one of the constants 'C' and 'F', or 'A' of contiguous arrays";
            return call.argument_error(2, Code::ArgumentValue, message);
        }
    };
    if !in_fortran_order {
        let array = e.contiguous(array, Layout::C)?;
        let ty = e.array_type(array);
        return Ok(e.view_as(array, ArrayType { ndim: extents.len() as u8, ..ty }, &extents, &[]));
    }
    let reversed = e.transposed(array);
    let reversed = e.contiguous(reversed, Layout::C)?;
    let extents: Vec<Value> = extents.into_iter().rev().collect();
    let ty = e.array_type(reversed);
    let view = e.view_as(reversed, ArrayType { ndim: extents.len() as u8, ..ty }, &extents, &[]);
    Ok(e.transposed(view))
}

/// The axis that an argument gives as a constant; negative ones count from the end.
pub(crate) fn constant_axis(
    e: &Emitter<'_>,
    call: &Call,
    idx: usize,
    value: Value,
    ndim: usize,
) -> Emit<usize> {
    let Some(axis) = e.ty(value).as_literal_int() else {
        let diagnostic =
            Diagnostic::new(Code::ArgumentValue, call.spans[idx], "an axis must be a constant here");
        return Err(diagnostic.note("the type of the result depends on it").into());
    };
    let wrapped = if axis < 0 { axis + ndim as i128 } else { axis };
    match usize::try_from(wrapped) {
        Ok(position) if position < ndim => Ok(position),
        _ => {
            let message = format!("axis {axis} is out of bounds for an array of dimension {ndim}");
            call.argument_error(idx, Code::ArgumentValue, message)
        }
    }
}

/// Extents that an argument gives as an int or a tuple of ints.
pub(crate) fn shape_argument(e: &mut Emitter<'_>, call: &Call, idx: usize, shape: Value) -> Emit<Vec<Value>> {
    let shape = e.plain(shape);
    let parts = if e.ty(shape).as_tuple().is_some() { e.tuple_elements(shape) } else { vec![shape] };
    let mut extents = Vec::with_capacity(parts.len());
    for part in parts {
        let part = e.plain(part);
        let ty = e.ty(part);
        if !ty.is_int() {
            let message = format!("a shape is an int or a tuple of ints, not {}", ty.shown());
            return call.argument_error(idx, Code::ArgumentType, message);
        }
        extents.push(e.b.convert(part, Type::int64()));
    }
    Ok(extents)
}

fn ravel(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    in_order(e, call, 1, array, |e, array| {
        let array = e.contiguous(array, Layout::C)?;
        Ok(e.one_axis(array))
    })
}

/// Axes that an argument gives as a constant or a tuple of constants, none twice.
fn constant_axes(e: &mut Emitter<'_>, call: &Call, idx: usize, ndim: usize) -> Emit<Vec<usize>> {
    let given = call.args[idx];
    let parts = if e.ty(given).as_tuple().is_some() { e.tuple_elements(given) } else { vec![given] };
    let mut axes = Vec::with_capacity(parts.len());
    for part in parts {
        let axis = constant_axis(e, call, idx, part, ndim)?;
        if axes.contains(&axis) {
            return call.argument_error(idx, Code::ArgumentValue, "repeated axis");
        }
        axes.push(axis);
    }
    Ok(axes)
}

/// What `shape` makes of an argument, or a tuple of what it makes of several.
fn each(e: &mut Emitter<'_>, call: &Call, shape: fn(&mut Emitter<'_>, Value) -> Emit) -> Emit {
    let mut arrays = Vec::new();
    for part in e.tuple_elements(call.args[0]) {
        let array = value_as_array(e, call, 0, part)?;
        arrays.push(shape(e, array)?);
    }
    Ok(if let [array] = arrays[..] { array } else { e.tuple(arrays) })
}

fn matrix_transpose(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ndim = usize::from(e.array_type(array).ndim);
    if ndim < 2 {
        return call.argument_error(0, Code::ArgumentType, "matrix transpose with ndim < 2 is undefined");
    }
    let mut axes: Vec<usize> = (0..ndim).collect();
    axes.swap(ndim - 2, ndim - 1);
    Ok(e.with_axes(array, &axes))
}

fn broadcast_shapes(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let mut shapes = Vec::new();
    for part in e.tuple_elements(call.args[0]) {
        shapes.push(shape_argument(e, call, 0, part)?);
    }
    let ndim = shapes.iter().map(Vec::len).max().unwrap_or(0);
    let one = e.b.int64(1);
    let mut extents = vec![one; ndim];
    for shape in &shapes {
        for (own, extent) in shape.iter().rev().zip(extents.iter_mut().rev()) {
            let negative = e.is_negative(*own);
            e.raise_if(negative, "ValueError", "negative dimensions are not allowed", &[]);
            let equal = e.equal(*own, *extent);
            let (own_single, single) = (e.equal(*own, one), e.equal(*extent, one));
            let fits = e.b.or(own_single, single);
            let fits = e.b.or(fits, equal);
            let message = "shape mismatch: objects cannot be broadcast to a single shape";
            e.raise_unless(fits, "ValueError", message, &[]);
            *extent = e.b.select(single, *own, *extent);
        }
    }
    Ok(e.tuple(extents))
}

fn as_strided(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_argument(e, call, 0)?;
    let ty = e.array_type(array);
    let (own_extents, own_strides) = (e.extents(array), e.strides(array));
    let extents = match e.ty(call.args[1]).is_none() {
        true => own_extents.clone(),
        false => shape_argument(e, call, 1, call.args[1])?,
    };
    let strides = match e.ty(call.args[2]).is_none() {
        true => own_strides.clone(),
        false => shape_argument(e, call, 2, call.args[2])?,
    };
    if strides.len() != extents.len() {
        let message = "strides, if given, must be the same length as shape";
        return call.argument_error(2, Code::ArgumentValue, message);
    }
    let (zero, one) = (e.b.int64(0), e.b.int64(1));
    for extent in &extents {
        let negative = e.is_negative(*extent);
        e.raise_if(negative, "ValueError", "negative dimensions are not allowed", &[]);
    }
    // The lowest and the highest element, in bytes from the first one; as floats, which do not wrap.
    let reach = |e: &mut Emitter<'_>, extents: &[Value], strides: &[Value]| {
        let nothing = e.b.float(0.0, Type::float64());
        let (mut low, mut high) = (nothing, nothing);
        for (extent, stride) in extents.iter().zip(strides) {
            let last = e.b.sub(*extent, one);
            let [last, stride] = [last, *stride].map(|number| e.b.convert(number, Type::float64()));
            let distance = e.b.mul(last, stride);
            let is_up = e.less(nothing, distance);
            let (down, up) = (e.b.select(is_up, nothing, distance), e.b.select(is_up, distance, nothing));
            (low, high) = (e.b.add(low, down), e.b.add(high, up));
        }
        (low, high)
    };
    let (own_low, own_high) = reach(e, &own_extents, &own_strides);
    let (low, high) = reach(e, &extents, &strides);
    let above = e.b.compare(CompareOp::Le, own_low, low);
    let below = e.b.compare(CompareOp::Le, high, own_high);
    let inside = e.b.and(above, below);
    // An empty view reaches nothing, and of nothing there are only empty views.
    let is_empty = |e: &mut Emitter<'_>, extents: &[Value]| {
        extents.iter().fold(e.b.bool(false), |any, extent| {
            let none = e.equal(*extent, zero);
            e.b.or(any, none)
        })
    };
    let (own_empty, empty) = (is_empty(e, &own_extents), is_empty(e, &extents));
    let some = e.b.not(own_empty);
    let fits = e.b.and(inside, some);
    let fits = e.b.or(fits, empty);
    let message = "the view would reach beyond the memory of the array's elements";
    e.raise_unless(fits, "ValueError", message, &[]);
    let readonly = ty.readonly || !constant_bool(e, call, 4, "writeable")?;
    // Strides decide whether elements are aligned: nothing is known.
    let alignment = e.b.int64(crate::numpy::dtypes::alignment(ty.dtype) as i64);
    for stride in &strides {
        let rest = e.b.binary(BinaryOp::TruncMod, *stride, alignment);
        let aligned = e.equal(rest, zero);
        e.raise_unless(aligned, "ValueError", "strides are multiples of the alignment of elements", &[]);
    }
    let view = ArrayType { ndim: extents.len() as u8, layout: Layout::A, readonly, ..ty };
    Ok(e.view_as(array, view, &extents, &strides))
}

fn sliding_windows(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    let ndim = usize::from(ty.ndim);
    let windows = shape_argument(e, call, 1, call.args[1])?;
    let axes = if e.ty(call.args[2]).is_none() {
        (0..ndim).collect()
    } else {
        // An axis may have several windows.
        let given = call.args[2];
        let parts = if e.ty(given).as_tuple().is_some() { e.tuple_elements(given) } else { vec![given] };
        let axes: Emit<Vec<usize>> =
            parts.into_iter().map(|part| constant_axis(e, call, 2, part, ndim)).collect();
        axes?
    };
    if windows.len() != axes.len() {
        let message = "there must be one window for each axis";
        return call.argument_error(1, Code::ArgumentValue, message);
    }
    let (mut extents, mut strides) = (e.extents(array), e.strides(array));
    let one = e.b.int64(1);
    for (axis, window) in axes.into_iter().zip(windows) {
        let negative = e.is_negative(window);
        e.raise_if(negative, "ValueError", "`window_shape` cannot contain negative values", &[]);
        let fits = e.b.compare(CompareOp::Le, window, extents[axis]);
        e.raise_unless(fits, "ValueError", "window shape cannot be larger than input array shape", &[]);
        let less = e.b.sub(window, one);
        extents[axis] = e.b.sub(extents[axis], less);
        extents.push(window);
        strides.push(strides[axis]);
    }
    let readonly = ty.readonly || !constant_bool(e, call, 4, "writeable")?;
    let view = ArrayType { ndim: extents.len() as u8, layout: Layout::A, readonly, ..ty };
    Ok(e.view_as(array, view, &extents, &strides))
}

fn swap_axes(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ndim = usize::from(e.array_type(array).ndim);
    let first = constant_axis(e, call, 1, call.args[1], ndim)?;
    let second = constant_axis(e, call, 2, call.args[2], ndim)?;
    let mut axes: Vec<usize> = (0..ndim).collect();
    axes.swap(first, second);
    Ok(e.with_axes(array, &axes))
}

/// The array with its axes in the order of a tuple of constants.
fn permute(e: &mut Emitter<'_>, call: &Call, array: Value, order: Value) -> Emit {
    let ndim = usize::from(e.array_type(array).ndim);
    let parts = if e.ty(order).as_tuple().is_some() { e.tuple_elements(order) } else { vec![order] };
    let mut axes = Vec::with_capacity(ndim);
    for part in parts {
        let axis = constant_axis(e, call, 1, part, ndim)?;
        if axes.contains(&axis) {
            return call.argument_error(1, Code::ArgumentValue, "repeated axis in transpose");
        }
        axes.push(axis);
    }
    if axes.len() != ndim {
        return call.argument_error(1, Code::ArgumentValue, "axes don't match array");
    }
    Ok(e.with_axes(array, &axes))
}

fn expand_dims(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    let axis = constant_axis(e, call, 1, call.args[1], usize::from(ty.ndim) + 1)?;
    Ok(e.with_new_axes(array, axis, ty.ndim + 1))
}

fn squeeze(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    let ndim = usize::from(ty.ndim);
    if e.ty(call.args[1]).is_none() {
        let diagnostic = e.diagnostic(Code::ArgumentValue, "squeeze() needs the axis to remove");
        return Err(diagnostic.note("without it the rank of the result depends on run-time extents").into());
    }
    let parts = if e.ty(call.args[1]).as_tuple().is_some() {
        e.tuple_elements(call.args[1])
    } else {
        vec![call.args[1]]
    };
    let mut removed = Vec::new();
    for part in parts {
        removed.push(constant_axis(e, call, 1, part, ndim)?);
    }
    let (mut extents, mut strides) = (Vec::new(), Vec::new());
    let (old_extents, old_strides) = (e.extents(array), e.strides(array));
    for axis in 0..ndim {
        if removed.contains(&axis) {
            let one = e.b.int64(1);
            let single = e.equal(old_extents[axis], one);
            let message = "cannot select an axis to squeeze out which has size not equal to one";
            e.raise_unless(single, "ValueError", message, &[]);
        } else {
            extents.push(old_extents[axis]);
            strides.push(old_strides[axis]);
        }
    }
    Ok(e.view_as(array, ArrayType { ndim: extents.len() as u8, ..ty }, &extents, &strides))
}

fn broadcast_to(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = e.plain(call.args[0]);
    let array = if e.ty(array).is_number() {
        e.array_of_numbers(&[array], &[], e.ty(array))?
    } else {
        array_like(e, call, 0)?
    };
    let extents = shape_argument(e, call, 1, call.args[1])?;
    let ty = e.array_type(array);
    if usize::from(ty.ndim) > extents.len() {
        let message = "input operand has more dimensions than allowed by the axis remapping";
        return call.argument_error(1, Code::ArgumentValue, message);
    }
    for extent in &extents {
        let negative = e.is_negative(*extent);
        e.raise_if(negative, "ValueError", "all elements of broadcast shape must be non-negative", &[]);
    }
    let from = shape_placeholders(usize::from(ty.ndim));
    let to = shape_placeholders(extents.len());
    let message = format!(
        "operands could not be broadcast together with remapped shapes [original->remapped]: {from}  \
         and requested shape {to}"
    );
    let strides = e.strides_for(array, &extents, &message)?;
    let view = ArrayType { ndim: extents.len() as u8, layout: Layout::A, readonly: true, ..ty };
    Ok(e.view_as(array, view, &extents, &strides))
}

fn reshape_message(places: &[&str]) -> String {
    let comma = if places.len() == 1 { "," } else { "" };
    format!("cannot reshape array of size {{}} into shape ({}{comma})", places.join(","))
}

impl Emitter<'_> {
    /// The memory of `array` as an array of another type.
    pub(crate) fn view_as(
        &mut self,
        array: Value,
        ty: ArrayType,
        extents: &[Value],
        strides: &[Value],
    ) -> Value {
        let data = self.array_data(array);
        let owner = self.array_owner(array);
        self.make_array(ty, data, owner, extents, strides)
    }

    /// A view whose axis `i` is axis `axes[i]` of the array.
    pub(crate) fn with_axes(&mut self, array: Value, axes: &[usize]) -> Value {
        let ty = self.array_type(array);
        let ndim = axes.len();
        let reversed = axes.iter().rev().copied().eq(0..ndim);
        let layout = match ty.layout {
            layout if axes.iter().copied().eq(0..ndim) => layout,
            layout if reversed => transposed_layout(layout),
            _ => Layout::A,
        };
        let (extents, strides) = (self.extents(array), self.strides(array));
        let extents: Vec<Value> = axes.iter().map(|axis| extents[*axis]).collect();
        let strides: Vec<Value> = axes.iter().map(|axis| strides[*axis]).collect();
        self.view_as(array, ArrayType { layout, ..ty }, &extents, &strides)
    }

    /// A view with one axis in another place.
    pub(crate) fn with_axis_moved(&mut self, array: Value, from: usize, to: usize) -> Value {
        let mut axes: Vec<usize> = (0..usize::from(self.array_type(array).ndim)).collect();
        axes.remove(from);
        axes.insert(to, from);
        self.with_axes(array, &axes)
    }

    /// A view of `ndim` axes, those that are missing inserted before axis `position`, with one element each.
    pub(crate) fn with_new_axes(&mut self, array: Value, position: usize, ndim: u8) -> Value {
        let ty = self.array_type(array);
        let (mut extents, mut strides) = (self.extents(array), self.strides(array));
        for _ in ty.ndim..ndim {
            extents.insert(position, self.b.int64(1));
            strides.insert(position, self.b.int64(0));
        }
        // An axis of one element has no influence on contiguity, so layouts stay.
        self.view_as(array, ArrayType { ndim, ..ty }, &extents, &strides)
    }

    /// A C-contiguous array as one axis.
    pub(crate) fn one_axis(&mut self, array: Value) -> Value {
        let ty = self.array_type(array);
        let size = self.array_size(array);
        self.view_as(array, ArrayType { ndim: 1, ..ty }, &[size], &[])
    }

    /// The array in layout C or F: a view where its memory is contiguous in that order, else a copy.
    pub fn contiguous(&mut self, array: Value, layout: Layout) -> Emit {
        let ty = self.array_type(array);
        if ty.layout == layout {
            return Ok(array);
        }
        let extents = self.extents(array);
        let wanted = ArrayType { layout, ..ty };
        if ty.ndim <= 1 && ty.layout != Layout::A {
            return Ok(self.view_as(array, wanted, &extents, &[]));
        }
        let fits = self.is_contiguous(array, layout);
        self.if_else(
            fits,
            |e| Ok(e.view_as(array, wanted, &extents, &[])),
            |e| {
                let copy = e.copy_array(array, layout)?;
                // A copy may stand in for a read-only or unaligned array.
                let ty = e.array_type(copy);
                let data = e.array_data(copy);
                let owner = e.array_owner(copy);
                let extents = e.extents(copy);
                debug_assert_eq!((ty.layout, ty.dtype), (wanted.layout, wanted.dtype));
                Ok(e.make_array(wanted, data, owner, &extents, &[]))
            },
        )
    }

    /// The extents of a shape for `size` elements, its -1 (in NumPy any negative one) worked out. Raises
    /// `ValueError`.
    fn reshaped_extents(&mut self, size: Value, shape: &[Value]) -> Emit<Vec<Value>> {
        let (zero, one) = (self.b.int64(0), self.b.int64(1));
        let float_one = self.b.float(1.0, Type::float64());
        let (mut known, mut estimate, mut n_unknown) = (one, float_one, zero);
        let mut unknown = Vec::with_capacity(shape.len());
        for extent in shape {
            let is_unknown = self.is_negative(*extent);
            let factor = self.b.select(is_unknown, one, *extent);
            known = self.b.mul(known, factor);
            let factor = self.b.convert(factor, Type::float64());
            estimate = self.b.mul(estimate, factor);
            let count = self.b.select(is_unknown, one, zero);
            n_unknown = self.b.add(n_unknown, count);
            unknown.push(is_unknown);
        }
        let at_most_one = self.b.compare(CompareOp::Le, n_unknown, one);
        self.raise_unless(at_most_one, "ValueError", "can only specify one unknown dimension", &[]);

        // A product that might have wrapped is not the size of any array, unless a factor is 0.
        let limit = self.b.float(4.611686018427388e18, Type::float64());
        let exact = self.less(estimate, limit);
        let has_unknown = self.equal(n_unknown, one);
        let known_is_zero = self.equal(known, zero);
        let divisor = self.b.select(known_is_zero, one, known);
        let remainder = self.b.binary(BinaryOp::TruncMod, size, divisor);
        let quotient = self.b.binary(BinaryOp::TruncDiv, size, divisor);
        let known_not_zero = self.b.not(known_is_zero);
        let whole = self.equal(remainder, zero);
        let divides = self.b.and(known_not_zero, whole);
        let same = self.equal(known, size);
        let fits = self.b.select(has_unknown, divides, same);
        let fine = self.b.and(exact, fits);
        self.raise_unless_reshapes(fine, size, shape, &unknown);
        let fill_in = |(extent, is_unknown): (&Value, Value)| self.b.select(is_unknown, quotient, *extent);
        Ok(shape.iter().zip(unknown).map(fill_in).collect())
    }

    /// Raises `ValueError` with the shape as NumPy shows it: `newaxis` stands for the unknown extent.
    fn raise_unless_reshapes(&mut self, fine: Value, size: Value, shape: &[Value], unknown: &[Value]) {
        for axis in 0..shape.len() {
            let known = self.b.not(unknown[axis]);
            let fine_or_known = self.b.or(fine, known);
            let mut places = vec!["{}"; shape.len()];
            places[axis] = "newaxis";
            let mut args = vec![size];
            args.extend(
                shape.iter().enumerate().filter(|(other, _)| *other != axis).map(|(_, extent)| *extent),
            );
            self.raise_unless(fine_or_known, "ValueError", &reshape_message(&places), &args);
        }
        let mut args = vec![size];
        args.extend_from_slice(shape);
        self.raise_unless(fine, "ValueError", &reshape_message(&vec!["{}"; shape.len()]), &args);
    }

    /// `np.atleast_1d` of a number or an array.
    pub(crate) fn at_least_1d(&mut self, value: Value) -> Emit {
        let value = self.plain(value);
        let ty = self.ty(value);
        match ty.kind() {
            TypeKind::Array(array) if array.ndim == 0 => {
                let one = self.b.int64(1);
                Ok(self.view_as(value, ArrayType { ndim: 1, layout: Layout::C, ..*array }, &[one], &[]))
            }
            TypeKind::Array(_) => Ok(value),
            _ if ty.is_number() => self.array_of_numbers(&[value], &[1], ty),
            _ => self.error(Code::ArgumentType, format!("expected an array or a number, not {}", ty.shown())),
        }
    }
}

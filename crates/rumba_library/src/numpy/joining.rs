//! Joining arrays: `np.concatenate`, `np.stack`, `np.block`, `np.append` and their kin.

use super::dtypes::optional_dtype;
use super::promotion::{can_cast_safely, can_cast_same_kind, promote};
use super::selecting::into_out;
use crate::arrays::creation::{array_like, value_as_array};
use crate::arrays::reshaping::{constant_axis, shape_argument};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type};

const AXIS: Param = Param::optional("axis", Default::Int(0));
const OUT: Param = Param::optional("out", Default::None);
const DTYPE: Param = Param::optional("dtype", Default::None).keyword_only();
const CASTING: Param = Param::optional("casting", Default::Str("same_kind")).keyword_only();
const TUP: Param = Param::required("tup");

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.concatenate",
        params: &[Param::required("arrays"), AXIS, OUT, DTYPE, CASTING],
        doc: "The arrays of a tuple or list behind each other along an axis, which may be known at run time only.",
        rule: concatenate,
    },
    Declaration {
        path: "numpy.concat",
        params: &[Param::required("arrays"), AXIS, OUT, DTYPE, CASTING],
        doc: "The arrays of a tuple or list behind each other along an axis, which may be known at run time only.",
        rule: concatenate,
    },
    Declaration {
        path: "numpy.stack",
        params: &[Param::required("arrays"), AXIS, OUT, DTYPE, CASTING],
        doc: "The arrays of a tuple or list behind each other along a new axis, which is a constant.",
        rule: |e, call| {
            if let Some(list) = list_argument(e, call, 0)? {
                let first = list.first(e)?;
                let ndim = e.array_type(first).ndim + 1;
                let axis = constant_axis(e, call, 1, call.args[1], usize::from(ndim))?;
                let list = list.prepared(move |e, array| Ok(e.with_new_axes(array, axis, ndim)));
                let axis = e.b.int64(axis as i64);
                return join_list(e, call, &list, axis, Some(3), Some(2));
            }
            let arrays = arrays_argument(e, call, 0)?;
            let ndim = e.array_type(arrays[0]).ndim + 1;
            same_rank(e, call, &arrays)?;
            let axis = constant_axis(e, call, 1, call.args[1], usize::from(ndim))?;
            let arrays: Vec<Value> =
                arrays.into_iter().map(|array| e.with_new_axes(array, axis, ndim)).collect();
            let axis = e.b.int64(axis as i64);
            let dtype = dtype_and_casting(e, call, 3, &arrays)?;
            let result = join(e, call, &arrays, axis, dtype)?;
            into_out(e, call, 2, result)
        },
    },
    Declaration {
        path: "numpy.vstack",
        params: &[TUP, DTYPE, CASTING],
        doc: "The arrays of a tuple or list below each other; an array of one axis is a row.",
        rule: |e, call| stack_as(e, call, |e, array| e.at_least_2d(array), |_| 0),
    },
    Declaration {
        path: "numpy.row_stack",
        params: &[TUP, DTYPE, CASTING],
        doc: "The arrays of a tuple or list below each other; an array of one axis is a row.",
        rule: |e, call| stack_as(e, call, |e, array| e.at_least_2d(array), |_| 0),
    },
    Declaration {
        path: "numpy.hstack",
        params: &[TUP, DTYPE, CASTING],
        doc: "The arrays of a tuple or list beside each other.",
        rule: |e, call| stack_as(e, call, |e, array| e.at_least_1d(array), |ndim| i64::from(ndim > 1)),
    },
    Declaration {
        path: "numpy.dstack",
        params: &[TUP],
        doc: "The arrays of a tuple or list behind each other along the third axis.",
        rule: |e, call| stack_as(e, call, |e, array| Ok(e.at_least_3d(array)), |_| 2),
    },
    Declaration {
        path: "numpy.column_stack",
        params: &[TUP],
        doc: "The arrays of a tuple or list beside each other; an array of one axis is a column.",
        rule: |e, call| {
            stack_as(
                e,
                call,
                |e, array| match e.array_type(array).ndim {
                    1 => Ok(e.with_new_axes(array, 1, 2)),
                    _ => e.at_least_2d(array),
                },
                |_| 1,
            )
        },
    },
    Declaration {
        path: "numpy.block",
        params: &[Param::required("arrays")],
        doc: "An array of blocks in nested tuples (NumPy takes lists only), the innermost of which go along the last axis.",
        rule: |e, call| {
            let depth = depth(e, call.args[0]);
            let ndim = largest_rank(e, call.args[0]).max(depth);
            let result = block(e, call, call.args[0], depth, ndim)?;
            // A single block is copied, as everything else is.
            if depth == 0 { e.copy_array(result, Layout::C) } else { Ok(result) }
        },
    },
    Declaration {
        path: "numpy.append",
        params: &[Param::required("arr"), Param::required("values"), Param::optional("axis", Default::None)],
        doc: "An array and values behind it along an axis, or in one axis.",
        rule: |e, call| {
            let arrays = [array_like(e, call, 0)?, array_like(e, call, 1)?];
            join_along(e, call, &arrays, 2, None)
        },
    },
    Declaration {
        path: "numpy.resize",
        params: &[Param::required("a"), Param::required("new_shape")],
        doc: "The elements in another shape, again from the first where it has room for more.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let extents = shape_argument(e, call, 1, call.args[1])?;
            let dtype = e.array_type(array).dtype;
            let args = vec![e.view_argument(array), e.integers_argument(&extents)];
            let result = Type::array(dtype, extents.len() as u8, Layout::C);
            Ok(e.call_kernel_by_size("resize", dtype, args, result))
        },
    },
];

/// Arrays of one shape along a new first axis.
pub(crate) fn stack_arrays(e: &mut Emitter<'_>, call: &Call, arrays: &[Value]) -> Emit {
    same_rank(e, call, arrays)?;
    let ndim = e.array_type(arrays[0]).ndim + 1;
    let arrays: Vec<Value> = arrays.iter().map(|array| e.with_new_axes(*array, 0, ndim)).collect();
    let axis = e.b.int64(0);
    join(e, call, &arrays, axis, None)
}

fn concatenate(e: &mut Emitter<'_>, call: &Call) -> Emit {
    if let Some(list) = list_argument(e, call, 0)? {
        if e.ty(call.args[1]).is_none() {
            let list = list.prepared(|e, array| {
                let array = e.contiguous(array, Layout::C)?;
                Ok(e.one_axis(array))
            });
            let axis = e.b.int64(0);
            return join_list(e, call, &list, axis, Some(3), Some(2));
        }
        let first = list.first(e)?;
        let axis = e.run_time_axis(call, 1, first)?;
        return join_list(e, call, &list, axis, Some(3), Some(2));
    }
    let arrays = arrays_argument(e, call, 0)?;
    let dtype = dtype_and_casting(e, call, 3, &arrays)?;
    let result = join_along(e, call, &arrays, 1, dtype)?;
    into_out(e, call, 2, result)
}

/// The elements of a tuple, at least one, as arrays.
pub(crate) fn arrays_argument(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit<Vec<Value>> {
    if e.ty(call.args[idx]).as_tuple().is_none() {
        let message = format!("expected a tuple or list of arrays, not {}", e.ty(call.args[idx]).shown());
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    let mut arrays = Vec::new();
    for part in e.tuple_elements(call.args[idx]) {
        arrays.push(value_as_array(e, call, idx, part)?);
    }
    if arrays.is_empty() {
        return call.argument_error(idx, Code::ArgumentValue, "need at least one array");
    }
    Ok(arrays)
}

/// The items of a list as arrays, of which there are as many as the list turns out to have.
struct ListOfArrays<'c> {
    call: &'c Call,
    idx: usize,
    list: Value,
    /// What is made of each array.
    prepare: Prepare<'c>,
}

type Prepare<'c> = Box<dyn Fn(&mut Emitter<'_>, Value) -> Emit + 'c>;

fn list_argument<'c>(e: &mut Emitter<'_>, call: &'c Call, idx: usize) -> Emit<Option<ListOfArrays<'c>>> {
    let list = e.plain(call.args[idx]);
    if e.ty(list).as_list().is_none() {
        return Ok(None);
    }
    let (zero, length) = (e.b.int64(0), e.list_length(list));
    let some = e.less(zero, length);
    e.raise_unless(some, "ValueError", "need at least one array to concatenate", &[]);
    Ok(Some(ListOfArrays { call, idx, list, prepare: Box::new(|_, array| Ok(array)) }))
}

impl<'c> ListOfArrays<'c> {
    fn prepared(self, prepare: impl Fn(&mut Emitter<'_>, Value) -> Emit + 'c) -> Self {
        ListOfArrays { prepare: Box::new(prepare), ..self }
    }

    fn array(&self, e: &mut Emitter<'_>, position: Value) -> Emit {
        let item = e.list_item_unchecked(self.list, position)?;
        let array = value_as_array(e, self.call, self.idx, item)?;
        (self.prepare)(e, array)
    }

    fn first(&self, e: &mut Emitter<'_>) -> Emit {
        let zero = e.b.int64(0);
        self.array(e, zero)
    }
}

/// The arrays of a list behind each other along an axis that they have, as the arguments `dtype` and `out` demand.
///
/// The kernel is not asked, because it takes all arrays at once: here each is kept alive while it is read.
fn join_list(
    e: &mut Emitter<'_>,
    call: &Call,
    list: &ListOfArrays<'_>,
    axis: Value,
    dtype: Option<usize>,
    out: Option<usize>,
) -> Emit {
    let first = list.first(e)?;
    let own = e.array_type(first).dtype;
    let wanted = match dtype {
        Some(idx) => dtype_and_casting(e, call, idx, &[first])?,
        None => None,
    };
    let extents = e.extents(first);
    let (zero, length) = (e.b.int64(0), e.list_length(list.list));
    let mut is_joined = Vec::new();
    for other in 0..extents.len() {
        let other = e.b.int64(other as i64);
        is_joined.push(e.equal(axis, other));
    }
    let total = e.counted_loop(length, &[zero], |e, position, total| {
        let array = list.array(e, position)?;
        let mut total = total[0];
        for (other, own) in e.extents(array).into_iter().enumerate() {
            let alike = e.equal(own, extents[other]);
            let fits = e.b.or(is_joined[other], alike);
            let message = format!(
                "all the input array dimensions except for the concatenation axis must match exactly, but along \
                 dimension {other}, the array at index 0 has size {{}} and the array at index {{}} has size {{}}"
            );
            e.raise_unless(fits, "ValueError", &message, &[extents[other], position, own]);
            let part = e.b.select(is_joined[other], own, zero);
            total = e.b.add(total, part);
        }
        Ok(vec![total])
    })?;
    let shape: Vec<Value> =
        extents.iter().zip(&is_joined).map(|(own, joined)| e.b.select(*joined, total[0], *own)).collect();
    let result = e.allocate_array(own, &shape, Layout::C, false)?;
    let strides = e.strides(result);
    let part_type = ArrayType { layout: Layout::A, ..e.array_type(result) };
    e.counted_loop(length, &[zero], |e, position, start| {
        let array = list.array(e, position)?;
        let (data, owner) = (e.array_data(result), e.array_owner(result));
        let data = e.b.offset(data, start[0]);
        let extents = e.extents(array);
        let part = e.make_array(part_type, data, owner, &extents, &strides);
        let source_strides = e.strides(array);
        e.copy_elements(part, array, &source_strides);
        let mut next = start[0];
        for (idx, joined) in is_joined.iter().enumerate() {
            let bytes = e.b.mul(extents[idx], strides[idx]);
            let bytes = e.b.select(*joined, bytes, zero);
            next = e.b.add(next, bytes);
        }
        Ok(vec![next])
    })?;
    let result = match wanted {
        Some(dtype) if dtype != own => e.cast_array(result, dtype, Layout::C)?,
        _ => result,
    };
    match out {
        Some(idx) => into_out(e, call, idx, result),
        None => Ok(result),
    }
}

/// What `dtype` and `casting` ask for.
fn dtype_and_casting(e: &mut Emitter<'_>, call: &Call, idx: usize, arrays: &[Value]) -> Emit<Option<Type>> {
    let allowed: fn(Type, Type) -> bool = match e.ty(call.args[idx + 1]).as_literal_str() {
        Some("unsafe") => |_, _| true,
        Some("same_kind") => can_cast_same_kind,
        Some("safe") => can_cast_safely,
        Some("no" | "equiv") => |from, to| from == to,
        _ => {
            return call.argument_error(
                idx + 1,
                Code::ArgumentValue,
                "`casting` is a constant such as 'same_kind'",
            );
        }
    };
    let Some(dtype) = optional_dtype(e, call, idx)? else {
        return Ok(None);
    };
    for array in arrays {
        let from = e.array_type(*array).dtype;
        if !allowed(from, dtype) {
            let message = format!("an array of {from} is not cast to {dtype} by this `casting`");
            return call.argument_error(idx, Code::CannotConvert, message);
        }
    }
    Ok(Some(dtype))
}

fn same_rank(e: &Emitter<'_>, call: &Call, arrays: &[Value]) -> Emit<()> {
    let first = e.array_type(arrays[0]).ndim;
    for (idx, array) in arrays.iter().enumerate().skip(1) {
        let ndim = e.array_type(*array).ndim;
        if ndim != first {
            let message = format!(
                "all the input arrays must have same number of dimensions, but the array at index 0 has {first} \
                 dimension(s) and the array at index {idx} has {ndim} dimension(s)"
            );
            return call.argument_error(0, Code::ArgumentType, message);
        }
    }
    Ok(())
}

/// Arrays along the axis of an argument; in one axis if it is None.
fn join_along(e: &mut Emitter<'_>, call: &Call, arrays: &[Value], axis: usize, dtype: Option<Type>) -> Emit {
    if !e.ty(call.args[axis]).is_none() {
        if e.array_type(arrays[0]).ndim == 0 {
            return call.argument_error(
                0,
                Code::ArgumentType,
                "zero-dimensional arrays cannot be concatenated",
            );
        }
        let axis = e.run_time_axis(call, axis, arrays[0])?;
        return join(e, call, arrays, axis, dtype);
    }
    let mut flat = Vec::with_capacity(arrays.len());
    for array in arrays {
        let array = e.contiguous(*array, Layout::C)?;
        flat.push(e.one_axis(array));
    }
    let axis = e.b.int64(0);
    join(e, call, &flat, axis, dtype)
}

/// Arrays of one rank behind each other along an axis that they have.
pub(crate) fn join(
    e: &mut Emitter<'_>,
    call: &Call,
    arrays: &[Value],
    axis: Value,
    dtype: Option<Type>,
) -> Emit {
    same_rank(e, call, arrays)?;
    let dtypes = arrays.iter().map(|array| e.array_type(*array).dtype);
    let common = dtypes.reduce(|a, b| promote(a, b).unwrap_or(a)).expect("there is an array");
    let dtype = dtype.unwrap_or(common);
    let mut alike = Vec::with_capacity(arrays.len());
    for array in arrays {
        alike.push(e.as_dtype(*array, dtype)?);
    }
    let args = vec![e.views_argument(&alike), axis];
    let result = Type::array(dtype, e.array_type(alike[0]).ndim, Layout::C);
    Ok(e.call_kernel_by_size("concatenate", dtype, args, result))
}

/// `vstack` and its kin: what becomes of each array, and the axis for arrays of that rank.
fn stack_as(
    e: &mut Emitter<'_>,
    call: &Call,
    prepare: fn(&mut Emitter<'_>, Value) -> Emit,
    axis: fn(u8) -> i64,
) -> Emit {
    if let Some(list) = list_argument(e, call, 0)? {
        let list = list.prepared(prepare);
        let first = list.first(e)?;
        let axis = axis(e.array_type(first).ndim);
        let axis = e.b.int64(axis);
        return join_list(e, call, &list, axis, (call.args.len() > 1).then_some(1), None);
    }
    let mut arrays = arrays_argument(e, call, 0)?;
    for array in &mut arrays {
        *array = prepare(e, *array)?;
    }
    let dtype = if call.args.len() > 1 { dtype_and_casting(e, call, 1, &arrays)? } else { None };
    let axis = axis(e.array_type(arrays[0]).ndim);
    let axis = e.b.int64(axis);
    join(e, call, &arrays, axis, dtype)
}

/// How deep tuples are nested.
fn depth(e: &mut Emitter<'_>, value: Value) -> u8 {
    if e.ty(value).as_tuple().is_none() {
        return 0;
    }
    let parts = e.tuple_elements(value);
    1 + parts.into_iter().map(|part| depth(e, part)).max().unwrap_or(0)
}

fn largest_rank(e: &mut Emitter<'_>, value: Value) -> u8 {
    let parts = e.tuple_elements(value);
    let own = e.ty(value).as_array().map_or(0, |array| array.ndim);
    parts.into_iter().map(|part| largest_rank(e, part)).max().unwrap_or(0).max(own)
}

/// Blocks joined along the axis that is `depth` from the end, each made of what is nested in it.
fn block(e: &mut Emitter<'_>, call: &Call, value: Value, depth: u8, ndim: u8) -> Emit {
    if e.ty(value).as_list().is_some() {
        return call.argument_error(0, Code::ArgumentType, "the lists of blocks are written in the call");
    }
    if e.ty(value).as_tuple().is_none() {
        if depth > 0 {
            return call.argument_error(0, Code::ArgumentType, "the blocks are not all nested equally deep");
        }
        let array = value_as_array(e, call, 0, value)?;
        return Ok(e.with_new_axes(array, 0, ndim));
    }
    let mut arrays = Vec::new();
    for part in e.tuple_elements(value) {
        arrays.push(block(e, call, part, depth - 1, ndim)?);
    }
    if arrays.is_empty() {
        return call.argument_error(0, Code::ArgumentType, "a tuple of blocks cannot be empty");
    }
    let axis = e.b.int64(i64::from(ndim - depth));
    join(e, call, &arrays, axis, None)
}

impl Emitter<'_> {
    /// `np.atleast_2d` of an array.
    pub(crate) fn at_least_2d(&mut self, array: Value) -> Emit {
        let ndim = self.array_type(array).ndim.max(2);
        Ok(self.with_new_axes(array, 0, ndim))
    }

    /// `np.atleast_3d` of an array.
    pub(crate) fn at_least_3d(&mut self, array: Value) -> Value {
        match self.array_type(array).ndim {
            0 | 1 => {
                let array = self.with_new_axes(array, 0, 2);
                self.with_new_axes(array, 2, 3)
            }
            2 => self.with_new_axes(array, 2, 3),
            _ => array,
        }
    }
}

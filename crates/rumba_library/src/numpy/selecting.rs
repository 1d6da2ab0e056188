//! Choosing elements by conditions and positions: `np.where`, `np.nonzero`, `np.take`, `np.select` and their kin.

use super::promotion::{can_cast_safely, can_cast_same_kind, effective_dtypes, promote};
use super::sorting::array_and_axis;
use crate::arrays::creation::{array_like, value_as_array};
use crate::arrays::reshaping::array_argument;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Layout, Type};

const NO_AXIS: Param = Param::optional("axis", Default::None);
const LAST_AXIS: Param = Param::optional("axis", Default::Int(-1));
const OUT: Param = Param::optional("out", Default::None);
const MODE: Param = Param::optional("mode", Default::Str("raise"));
const SELF: Param = Param::required("self");

const TAKE: &str =
    "The elements at positions along an axis, or in C order; the axis may be known at run time only.";
const PUT: &str = "Writes to positions in C order, values in turn and again from the first.";
const NONZERO: &str = "Positions along each axis of the elements that are not zero, in C order.";
const CHOOSE: &str =
    "At each place the element of the choice whose number stands there; choices are a tuple or an array.";
const COMPRESS: &str = "The slices along an axis, or the elements in C order, for which a condition is true.";

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.where",
        params: &[
            Param::required("condition").positional_only(),
            Param::optional("x", Default::Absent).positional_only(),
            Param::optional("y", Default::Absent).positional_only(),
        ],
        doc: "Of two arrays or numbers, the first where a condition holds: a number if all are; without them the positions where it holds.",
        rule: where_,
    },
    Declaration { path: "numpy.nonzero", params: &[Param::required("a")], doc: NONZERO, rule: nonzero },
    Declaration { path: "array.nonzero", params: &[SELF], doc: NONZERO, rule: nonzero },
    Declaration {
        path: "numpy.flatnonzero",
        params: &[Param::required("a")],
        doc: "Positions in C order of the elements that are not zero.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            e.positions_of_nonzero(array)
        },
    },
    Declaration {
        path: "numpy.argwhere",
        params: &[Param::required("a")],
        doc: "Positions of the elements that are not zero, one row each.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let dtype = e.array_type(array).dtype;
            let view = e.view_argument(array);
            Ok(e.call_kernel("argwhere", dtype, vec![view], Type::array(Type::int64(), 2, Layout::C)))
        },
    },
    Declaration {
        path: "numpy.take",
        params: &[Param::required("a"), Param::required("indices"), NO_AXIS, OUT, MODE],
        doc: TAKE,
        rule: take,
    },
    Declaration {
        path: "array.take",
        params: &[SELF, Param::required("indices"), NO_AXIS, OUT, MODE],
        doc: TAKE,
        rule: take,
    },
    Declaration {
        path: "numpy.take_along_axis",
        params: &[Param::required("arr"), Param::required("indices"), LAST_AXIS],
        doc: "The elements at positions along an axis that differ from line to line.",
        rule: |e, call| {
            let (array, axis, indices) = along_axis(e, call, 2)?;
            Ok(take_along(e, array, indices, axis))
        },
    },
    Declaration {
        path: "numpy.put_along_axis",
        params: &[
            Param::required("arr"),
            Param::required("indices"),
            Param::required("values"),
            Param::required("axis"),
        ],
        doc: "Writes to positions along an axis that differ from line to line.",
        rule: |e, call| {
            let values = number_or_array(e, call, 2)?;
            let (array, axis, indices) = along_axis(e, call, 3)?;
            e.check_writable(array)?;
            let dtype = e.array_type(array).dtype;
            let values = e.new_elements(array, values)?;
            let args = vec![e.view_argument(array), e.view_argument(indices), values, axis];
            Ok(e.call_kernel_by_size("put_along_axis", dtype, args, Type::none()))
        },
    },
    Declaration {
        path: "numpy.put",
        params: &[Param::required("a"), Param::required("ind"), Param::required("v"), MODE],
        doc: PUT,
        rule: put,
    },
    Declaration {
        path: "array.put",
        params: &[SELF, Param::required("indices"), Param::required("values"), MODE],
        doc: PUT,
        rule: put,
    },
    Declaration {
        path: "numpy.putmask",
        params: &[Param::required("a"), Param::required("mask"), Param::required("values")],
        doc: "Writes where a mask is true what the values, repeated, have at the same position.",
        rule: |e, call| write_where(e, call, "put_mask"),
    },
    Declaration {
        path: "numpy.place",
        params: &[Param::required("arr"), Param::required("mask"), Param::required("vals")],
        doc: "Writes values in turn, and again from the first, where a mask is true.",
        rule: |e, call| write_where(e, call, "place"),
    },
    Declaration {
        path: "numpy.copyto",
        params: &[
            Param::required("dst"),
            Param::required("src"),
            Param::optional("casting", Default::Str("same_kind")),
            Param::optional("where", Default::Bool(true)),
        ],
        doc: "Writes numbers or the elements of another array into an array, everywhere or where a mask is true.",
        rule: copy_to,
    },
    Declaration {
        path: "numpy.compress",
        params: &[Param::required("condition"), Param::required("a"), NO_AXIS, OUT],
        doc: COMPRESS,
        rule: |e, call| compress(e, call, [0, 1]),
    },
    Declaration {
        path: "array.compress",
        params: &[SELF, Param::required("condition"), NO_AXIS, OUT],
        doc: COMPRESS,
        rule: |e, call| compress(e, call, [1, 0]),
    },
    Declaration {
        path: "numpy.extract",
        params: &[Param::required("condition"), Param::required("arr")],
        doc: "The elements, in C order, where a condition is true.",
        rule: |e, call| {
            let condition = array_like(e, call, 0)?;
            let positions = e.positions_of_nonzero(condition)?;
            let array = array_like(e, call, 1)?;
            let array = e.contiguous(array, Layout::C)?;
            let array = e.one_axis(array);
            let axis = e.b.int64(0);
            Ok(take_positions(e, array, axis, positions, 0))
        },
    },
    Declaration {
        path: "numpy.choose",
        params: &[Param::required("a"), Param::required("choices"), OUT, MODE],
        doc: CHOOSE,
        rule: choose,
    },
    Declaration {
        path: "array.choose",
        params: &[SELF, Param::required("choices"), OUT, MODE],
        doc: CHOOSE,
        rule: choose,
    },
    Declaration {
        path: "numpy.select",
        params: &[
            Param::required("condlist"),
            Param::required("choicelist"),
            Param::optional("default", Default::Int(0)),
        ],
        doc: "At each place the element of the first choice whose condition holds there; both are tuples.",
        rule: select,
    },
];

/// A number as it is, anything else as an array.
fn number_or_array(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let value = e.plain(call.args[idx]);
    let is_scalar = e.ty(value).is_number() || e.ty(value).time_unit().is_some();
    if is_scalar { Ok(value) } else { array_like(e, call, idx) }
}

/// The dtype that operands have together, and the operands with numbers converted to it.
fn common_operands(
    e: &mut Emitter<'_>,
    call: &Call,
    idx: usize,
    operands: &[Value],
) -> Emit<(Type, Vec<Value>)> {
    let effective = effective_dtypes(&e.types(operands));
    let Some(dtype) = effective.into_iter().reduce(|a, b| promote(a, b).unwrap_or(a)) else {
        return call.argument_error(idx, Code::ArgumentValue, "there must be at least one choice");
    };
    let has_arrays = operands.iter().any(|operand| e.ty(*operand).as_array().is_some());
    let mut converted = Vec::with_capacity(operands.len());
    for operand in operands {
        converted.push(e.operand_as(*operand, dtype, has_arrays)?);
    }
    Ok((dtype, converted))
}

/// What `body` gives for elements of the operands: an array, or a number if all of them are numbers.
pub(crate) fn map_or_apply(
    e: &mut Emitter<'_>,
    operands: &[Value],
    body: impl FnOnce(&mut Emitter<'_>, &[Value]) -> Emit,
) -> Emit {
    if operands.iter().any(|operand| e.has_axes(*operand)) {
        return e.map(operands, body);
    }
    let numbers: Vec<Value> = operands.iter().map(|operand| e.scalar_of(*operand)).collect();
    body(e, &numbers)
}

fn where_(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let given = |e: &Emitter<'_>, idx: usize| e.ty(call.args[idx]) != Type::undefined();
    if !given(e, 1) {
        return nonzero(e, call);
    }
    if !given(e, 2) {
        return call.argument_error(
            1,
            Code::ArgumentCount,
            "either both or neither of x and y should be given",
        );
    }
    let condition = number_or_array(e, call, 0)?;
    let operands = [number_or_array(e, call, 1)?, number_or_array(e, call, 2)?];
    let (dtype, operands) = common_operands(e, call, 1, &operands)?;
    map_or_apply(e, &[condition, operands[0], operands[1]], |e, elements| {
        let condition = e.truth(elements[0])?;
        let condition = e.coerce(condition, Type::bool())?;
        let (x, y) = (e.coerce(elements[1], dtype)?, e.coerce(elements[2], dtype)?);
        Ok(e.b.select(condition, x, y))
    })
}

fn nonzero(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    if ty.ndim == 0 {
        let message = "positions of what is not zero are those of an array with axes: use np.atleast_1d()";
        return call.argument_error(0, Code::ArgumentType, message);
    }
    if !ty.dtype.is_number() {
        let message = format!("elements of {} are neither true nor false", ty.dtype);
        return call.argument_error(0, Code::ArgumentType, message);
    }
    let view = e.view_argument(array);
    let positions = Type::array(Type::int64(), 1, Layout::C);
    let result = Type::tuple(vec![positions; usize::from(ty.ndim)]);
    Ok(e.call_kernel("nonzero", ty.dtype, vec![view], result))
}

/// The number of a `mode` as kernels take it.
pub(crate) fn mode_argument(e: &Emitter<'_>, call: &Call, idx: usize) -> Emit<i64> {
    match e.ty(call.args[idx]).as_literal_str() {
        Some("raise") => Ok(0),
        Some("wrap") => Ok(1),
        Some("clip") => Ok(2),
        _ => {
            let message = "`mode` is one of the constants 'raise', 'wrap' and 'clip'";
            call.argument_error(idx, Code::ArgumentValue, message)
        }
    }
}

/// Integers that are positions, as an array.
pub(crate) fn positions_argument(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let array = array_like(e, call, idx)?;
    let dtype = e.array_type(array).dtype;
    if dtype.is_bool() {
        return e.cast_array(array, Type::int64(), Layout::C);
    }
    if !dtype.is_int() {
        let message = format!("positions are integers, not {dtype}");
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    Ok(array)
}

/// Elements at positions along an axis. A number if the result has no axes.
fn take_positions(e: &mut Emitter<'_>, array: Value, axis: Value, positions: Value, mode: i64) -> Value {
    let result = gather(e, array, axis, positions, mode);
    e.scalar_of(result)
}

/// Elements at positions along an axis, as an array.
pub(crate) fn gather(e: &mut Emitter<'_>, array: Value, axis: Value, positions: Value, mode: i64) -> Value {
    let ty = e.array_type(array);
    let ndim = ty.ndim - 1 + e.array_type(positions).ndim;
    let indices = e.index_arrays_argument(&[(positions, axis)]);
    let args = vec![e.view_argument(array), axis, indices, e.b.int64(mode)];
    e.call_kernel_by_size("take", ty.dtype, args, Type::array(ty.dtype, ndim, Layout::C))
}

fn take(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let positions = positions_argument(e, call, 1)?;
    let (array, axis) = array_and_axis(e, call, array, 2)?;
    let mode = mode_argument(e, call, 4)?;
    let result = take_positions(e, array, axis, positions, mode);
    into_out(e, call, 3, result)
}

/// The elements at positions along an axis that differ from line to line.
pub(crate) fn take_along(e: &mut Emitter<'_>, array: Value, positions: Value, axis: Value) -> Value {
    let ty = e.array_type(array);
    let args = vec![e.view_argument(array), e.view_argument(positions), axis];
    let result = Type::array(ty.dtype, ty.ndim, Layout::C);
    e.call_kernel_by_size("take_along_axis", ty.dtype, args, result)
}

/// The result, or `out` with the result in it.
pub(crate) fn into_out(e: &mut Emitter<'_>, call: &Call, idx: usize, result: Value) -> Emit {
    if e.ty(call.args[idx]).is_none() {
        return Ok(result);
    }
    let out = array_argument(e, call, idx)?;
    let (own, given) = (e.ty(result).as_array(), e.array_type(out));
    if own.map_or(0, |array| array.ndim) != given.ndim {
        let message = "`out` must have as many axes as the result";
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    e.check_writable(out)?;
    if let Some(own) = own {
        if !can_cast_same_kind(own.dtype, given.dtype) {
            let message =
                format!("the result is {}, which is not stored into an array of {}", own.dtype, given.dtype);
            return call.argument_error(idx, Code::CannotConvert, message);
        }
        let mut fits = e.b.bool(true);
        for (own, given) in e.extents(result).into_iter().zip(e.extents(out)) {
            let equal = e.equal(own, given);
            fits = e.b.and(fits, equal);
        }
        e.raise_unless(fits, "ValueError", "output array does not match result of the function", &[]);
    }
    e.assign_array(out, result)?;
    Ok(out)
}

/// Array, axis and positions, which have as many axes as the array.
fn along_axis(e: &mut Emitter<'_>, call: &Call, axis: usize) -> Emit<(Value, Value, Value)> {
    let array = array_argument(e, call, 0)?;
    let positions = positions_argument(e, call, 1)?;
    if e.ty(call.args[axis]).is_none()
        && e.array_type(array).ndim != 1
        && call.short_name() == "put_along_axis"
    {
        let message = "an axis is needed to write to an array of several axes";
        return call.argument_error(axis, Code::ArgumentValue, message);
    }
    let (array, axis) = array_and_axis(e, call, array, axis)?;
    if e.array_type(positions).ndim != e.array_type(array).ndim {
        let message = "`indices` and `arr` must have the same number of axes";
        return call.argument_error(1, Code::ArgumentType, message);
    }
    let positions = e.as_dtype(positions, Type::int64())?;
    Ok((array, axis, positions))
}

fn put(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_argument(e, call, 0)?;
    e.check_writable(array)?;
    let positions = positions_argument(e, call, 1)?;
    let values = number_or_array(e, call, 2)?;
    let mode = mode_argument(e, call, 3)?;
    let dtype = e.array_type(array).dtype;
    let values = e.new_elements(array, values)?;
    let axis = e.b.int64(0);
    let indices = e.index_arrays_argument(&[(positions, axis)]);
    let args = vec![e.view_argument(array), indices, values, e.b.int64(mode)];
    Ok(e.call_kernel_by_size("put", dtype, args, Type::none()))
}

/// `putmask` and `place`.
fn write_where(e: &mut Emitter<'_>, call: &Call, kernel: &'static str) -> Emit {
    let array = array_argument(e, call, 0)?;
    e.check_writable(array)?;
    let mask = array_like(e, call, 1)?;
    let mask = e.as_dtype(mask, Type::bool())?;
    let values = number_or_array(e, call, 2)?;
    let dtype = e.array_type(array).dtype;
    let from = effective_dtypes(&e.types(&[array, values]))[1];
    if !can_cast_safely(from, dtype) {
        let message = format!("{from} is not stored into an array of {dtype} by casting 'safe'");
        return call.argument_error(2, Code::CannotConvert, message);
    }
    let values = e.new_elements(array, values)?;
    let args = vec![e.view_argument(array), e.view_argument(mask), values];
    Ok(e.call_kernel_by_size(kernel, dtype, args, Type::none()))
}

fn copy_to(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let target = array_argument(e, call, 0)?;
    e.check_writable(target)?;
    let dtype = e.array_type(target).dtype;
    if dtype.as_record().is_some() && e.ty(call.args[3]).as_literal_bool() == Some(true) {
        e.assign_array(target, call.args[1])?;
        return Ok(e.b.none());
    }
    let source = number_or_array(e, call, 1)?;
    let effective = effective_dtypes(&e.types(&[target, source]));
    let allowed = match e.ty(call.args[2]).as_literal_str() {
        Some("unsafe") => true,
        Some("same_kind") => effective.get(1).is_none_or(|from| can_cast_same_kind(*from, dtype)),
        _ => {
            let message = "`casting` is one of the constants 'same_kind' and 'unsafe'";
            return call.argument_error(2, Code::ArgumentValue, message);
        }
    };
    if !allowed {
        let message =
            format!("{} is not stored into an array of {dtype} by casting 'same_kind'", effective[1]);
        return call.argument_error(1, Code::CannotConvert, message);
    }
    let mask = number_or_array(e, call, 3)?;
    let message =
        |from: &str, to: &str| format!("could not broadcast input array from shape {from} into shape {to}");
    e.map_into(target, &[source, mask, target], message, |e, elements| {
        let new = e.cast_number(elements[0], dtype)?;
        let condition = e.truth(elements[1])?;
        let condition = e.coerce(condition, Type::bool())?;
        Ok(e.b.select(condition, new, elements[2]))
    })?;
    Ok(e.b.none())
}

fn compress(e: &mut Emitter<'_>, call: &Call, [condition, array]: [usize; 2]) -> Emit {
    let mask = array_like(e, call, condition)?;
    if e.array_type(mask).ndim != 1 {
        return call.argument_error(condition, Code::ArgumentType, "a condition of one axis is needed");
    }
    let positions = e.positions_of_nonzero(mask)?;
    let array = array_like(e, call, array)?;
    let (array, axis) = array_and_axis(e, call, array, 2)?;
    let result = take_positions(e, array, axis, positions, 0);
    into_out(e, call, 3, result)
}

fn choose(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let numbers = number_or_array(e, call, 0)?;
    let dtype = e.ty(numbers).as_array().map_or(e.ty(numbers), |array| array.dtype);
    if !dtype.is_int() && !dtype.is_bool() {
        return call.argument_error(
            0,
            Code::ArgumentType,
            format!("choices are numbered by integers, not {dtype}"),
        );
    }
    let mode = mode_argument(e, call, 3)?;
    let choices = e.plain(call.args[1]);
    let result = if e.ty(choices).as_tuple().is_some() {
        choose_of_tuple(e, call, numbers, choices, mode)?
    } else {
        choose_of_rows(e, call, numbers, mode)?
    };
    into_out(e, call, 2, result)
}

/// The position of a choice, as the mode has it.
fn choice(e: &mut Emitter<'_>, number: Value, n_choices: Value, mode: i64) -> Emit {
    let number = e.coerce(number, Type::int64())?;
    Ok(e.position_by_mode(number, n_choices, mode, "invalid entry in choice array"))
}

fn choose_of_tuple(e: &mut Emitter<'_>, call: &Call, numbers: Value, choices: Value, mode: i64) -> Emit {
    let mut operands = Vec::new();
    for choice in e.tuple_elements(choices) {
        operands.push(number_or_array_value(e, call, 1, choice)?);
    }
    let (dtype, mut operands) = common_operands(e, call, 1, &operands)?;
    operands.insert(0, numbers);
    map_or_apply(e, &operands, |e, elements| {
        let n_choices = e.b.int64(elements.len() as i64 - 1);
        let position = choice(e, elements[0], n_choices, mode)?;
        e.tuple_item_unchecked(&elements[1..], dtype, position)
    })
}

/// A number as it is, or an array; a list or tuple as an array.
fn number_or_array_value(e: &mut Emitter<'_>, call: &Call, idx: usize, value: Value) -> Emit {
    let value = e.plain(value);
    if e.ty(value).as_list().is_some() || e.ty(value).as_tuple().is_some() {
        return value_as_array(e, call, idx, value);
    }
    let value = e.scalar_of(value);
    if e.ty(value).is_number() || e.has_axes(value) {
        return Ok(value);
    }
    let message = format!("expected an array or a number, not {}", e.ty(value).shown());
    call.argument_error(idx, Code::ArgumentType, message)
}

/// The rows of an array are the choices.
fn choose_of_rows(e: &mut Emitter<'_>, call: &Call, numbers: Value, mode: i64) -> Emit {
    let choices = array_like(e, call, 1)?;
    let ty = e.array_type(choices);
    if ty.ndim == 0 {
        return call.argument_error(1, Code::ArgumentType, "choices are a tuple, or the rows of an array");
    }
    let n_choices = e.extent(choices, 0);
    let some = e.b.int64(0);
    let some = e.less(some, n_choices);
    e.raise_unless(some, "ValueError", "0-length sequence.", &[]);
    let positions =
        map_or_apply(e, &[numbers, n_choices], |e, elements| choice(e, elements[0], elements[1], mode))?;
    let positions =
        if e.has_axes(positions) { positions } else { e.array_of_numbers(&[positions], &[], Type::int64())? };
    // Both with as many axes, the rows' first.
    let ndim = ty.ndim.max(e.array_type(positions).ndim + 1);
    let choices = e.with_new_axes(choices, 1, ndim);
    let positions = e.with_new_axes(positions, 0, ndim);
    let axis = e.b.int64(0);
    let args = vec![e.view_argument(choices), e.view_argument(positions), axis];
    let result =
        e.call_kernel_by_size("take_along_axis", ty.dtype, args, Type::array(ty.dtype, ndim, Layout::C));
    let row = e.array_row(result, axis)?;
    Ok(row)
}

fn select(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let lists = [e.plain(call.args[0]), e.plain(call.args[1])];
    for (idx, list) in lists.iter().enumerate() {
        if e.ty(*list).as_tuple().is_none() {
            return call.argument_error(idx, Code::ArgumentType, "expected a tuple of arrays");
        }
    }
    let [conditions, choices] = lists.map(|list| e.tuple_elements(list));
    if conditions.len() != choices.len() {
        let message = "list of cases must be same length as list of conditions";
        return call.argument_error(1, Code::ArgumentValue, message);
    }
    let mut operands = Vec::new();
    for choice in choices {
        operands.push(number_or_array_value(e, call, 1, choice)?);
    }
    operands.push(number_or_array_value(e, call, 2, call.args[2])?);
    let (dtype, mut operands) = common_operands(e, call, 1, &operands)?;
    let n_choices = conditions.len();
    for condition in conditions {
        let condition = number_or_array_value(e, call, 0, condition)?;
        if !e.ty(condition).as_array().map_or(e.ty(condition), |array| array.dtype).is_bool() {
            return call.argument_error(0, Code::ArgumentType, "conditions are arrays of bools");
        }
        operands.push(condition);
    }
    map_or_apply(e, &operands, |e, elements| {
        let mut result = e.coerce(elements[n_choices], dtype)?;
        for idx in (0..n_choices).rev() {
            let choice = e.coerce(elements[idx], dtype)?;
            result = e.b.select(elements[n_choices + 1 + idx], choice, result);
        }
        Ok(result)
    })
}

impl Emitter<'_> {
    /// `np.flatnonzero`.
    pub(crate) fn positions_of_nonzero(&mut self, array: Value) -> Emit {
        let dtype = self.array_type(array).dtype;
        if !dtype.is_number() {
            return self.error(Code::ArgumentType, format!("elements of {dtype} are neither true nor false"));
        }
        let view = self.view_argument(array);
        Ok(self.call_kernel("flat_nonzero", dtype, vec![view], Type::array(Type::int64(), 1, Layout::C)))
    }
}

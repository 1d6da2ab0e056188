//! Elements repeated, rolled, reversed, left out and put in between: `np.repeat`, `np.roll`, `np.delete` and their kin.

use super::promotion::can_cast_safely;
use super::selecting::positions_argument;
use super::sorting::array_and_axis;
use crate::arrays::creation::{array_like, value_as_array};
use crate::arrays::reshaping::constant_axis;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, CompareOp, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type, TypeKind};

const A: Param = Param::required("a");
const M: Param = Param::required("m");
const SELF: Param = Param::required("self");
const NO_AXIS: Param = Param::optional("axis", Default::None);
const REPEATS: Param = Param::required("repeats");

const REPEAT: &str =
    "Each element, or each slice along an axis, as often as one number or an array of numbers says.";

pub const DECLARATIONS: &[Declaration] = &[
    Declaration { path: "numpy.repeat", params: &[A, REPEATS, NO_AXIS], doc: REPEAT, rule: repeat },
    Declaration { path: "array.repeat", params: &[SELF, REPEATS, NO_AXIS], doc: REPEAT, rule: repeat },
    Declaration {
        path: "numpy.tile",
        params: &[Param::required("A"), Param::required("reps")],
        doc: "The array as often along each axis as a number or a tuple of numbers says.",
        rule: tile,
    },
    Declaration {
        path: "numpy.roll",
        params: &[A, Param::required("shift"), NO_AXIS],
        doc: "Elements moved along an axis, or along several, those at the end to the front.",
        rule: roll,
    },
    Declaration {
        path: "numpy.flip",
        params: &[M, NO_AXIS],
        doc: "A view with the elements in reverse order along one axis, several or all of them.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let ndim = usize::from(e.array_type(array).ndim);
            let yes = e.b.bool(true);
            let mut reversed = vec![e.b.bool(false); ndim];
            match e.ty(call.args[1]).kind() {
                TypeKind::None => reversed.fill(yes),
                TypeKind::Tuple(_) => {
                    for axis in e.tuple_elements(call.args[1]) {
                        reversed[constant_axis(e, call, 1, axis, ndim)?] = yes;
                    }
                }
                _ => {
                    let axis = e.run_time_axis(call, 1, array)?;
                    for (position, flag) in reversed.iter_mut().enumerate() {
                        let position = e.b.int64(position as i64);
                        *flag = e.equal(axis, position);
                    }
                }
            }
            let view = e.reversed_along(array, &reversed);
            Ok(e.scalar_of(view))
        },
    },
    Declaration {
        path: "numpy.flipud",
        params: &[M],
        doc: "A view with the rows in reverse order.",
        rule: |e, call| flip_one(e, call, 0),
    },
    Declaration {
        path: "numpy.fliplr",
        params: &[M],
        doc: "A view with the columns in reverse order.",
        rule: |e, call| flip_one(e, call, 1),
    },
    Declaration {
        path: "numpy.rot90",
        params: &[M, Param::optional("k", Default::Int(1)), Param::optional("axes", Default::Absent)],
        doc: "A view turned by right angles in the plane of two axes, which are constants.",
        rule: rot90,
    },
    Declaration {
        path: "numpy.delete",
        params: &[Param::required("arr"), Param::required("obj"), NO_AXIS],
        doc: "The array without the slices at an int, a slice, positions or a mask along an axis, or in one axis.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let (array, axis) = array_and_axis(e, call, array, 2)?;
            let positions = positions_along(e, call, 1, array, axis)?;
            let ty = e.array_type(array);
            let args = vec![e.view_argument(array), axis, e.view_argument(positions)];
            Ok(e.call_kernel_by_size("delete", ty.dtype, args, Type::array(ty.dtype, ty.ndim, Layout::C)))
        },
    },
    Declaration {
        path: "numpy.insert",
        params: &[Param::required("arr"), Param::required("obj"), Param::required("values"), NO_AXIS],
        doc: "The array with values before an int, a slice or positions along an axis (a constant), or in one axis.",
        rule: insert,
    },
    Declaration {
        path: "numpy.pad",
        params: &[
            Param::required("array"),
            Param::required("pad_width"),
            Param::optional("mode", Default::Str("constant")),
            Param::optional("constant_values", Default::Int(0)).keyword_only(),
            Param::optional("reflect_type", Default::Str("even")).keyword_only(),
            Param::optional("stat_length", Default::None).keyword_only(),
            Param::optional("end_values", Default::Int(0)).keyword_only(),
        ],
        doc: "The array with elements around it, by a constant mode.",
        rule: pad,
    },
    Declaration {
        path: "numpy.trim_zeros",
        params: &[Param::required("filt"), Param::optional("trim", Default::Str("fb"))],
        doc: "A view of an array of one axis without the zeros at its ends.",
        rule: trim_zeros,
    },
];

fn repeat(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let counts = positions_argument(e, call, 1)?;
    let ty = e.array_type(counts);
    if ty.ndim > 1 {
        return call.argument_error(1, Code::ArgumentType, "repeats are a number or an array of one axis");
    }
    if !can_cast_safely(ty.dtype, Type::int64()) {
        let message = format!("repeats are integers that int64 holds, not {}", ty.dtype);
        return call.argument_error(1, Code::ArgumentType, message);
    }
    let counts = e.as_dtype(counts, Type::int64())?;
    let (array, axis) = array_and_axis(e, call, array, 2)?;
    let ty = e.array_type(array);
    let args = vec![e.view_argument(array), axis, e.view_argument(counts)];
    Ok(e.call_kernel_by_size("repeat", ty.dtype, args, Type::array(ty.dtype, ty.ndim, Layout::C)))
}

fn tile(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let given = e.plain(call.args[1]);
    let given = if e.ty(given).as_tuple().is_some() { e.tuple_elements(given) } else { vec![given] };
    let mut counts = Vec::with_capacity(given.len());
    for count in given {
        counts.push(e.as_index(count, "a number of repetitions")?);
    }
    let ndim = counts.len().max(usize::from(e.array_type(array).ndim));
    while counts.len() < ndim {
        counts.insert(0, e.b.int64(1));
    }
    let array = e.with_new_axes(array, 0, ndim as u8);
    let dtype = e.array_type(array).dtype;
    // Every axis becomes two: one that repeats, and the axis itself.
    let (own_extents, own_strides) = (e.extents(array), e.strides(array));
    let zero = e.b.int64(0);
    let (mut extents, mut strides, mut results) = (Vec::new(), Vec::new(), Vec::new());
    for axis in 0..ndim {
        extents.extend([counts[axis], own_extents[axis]]);
        strides.extend([zero, own_strides[axis]]);
        results.push(e.b.mul(counts[axis], own_extents[axis]));
    }
    let data = e.array_data(array);
    let args = vec![e.view_slots(data, dtype, &extents, &strides)];
    let copy = e.call_kernel_by_size("copy", dtype, args, Type::array(dtype, 2 * ndim as u8, Layout::C));
    let ty = ArrayType { ndim: ndim as u8, ..e.array_type(copy) };
    Ok(e.view_as(copy, ty, &results, &[]))
}

/// An argument that is an int or a tuple of ints.
fn integers(e: &mut Emitter<'_>, value: Value, what: &str) -> Emit<Vec<Value>> {
    let value = e.plain(value);
    let parts = if e.ty(value).as_tuple().is_some() { e.tuple_elements(value) } else { vec![value] };
    parts.into_iter().map(|part| e.as_index(part, what)).collect()
}

fn roll(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let shape = e.extents(array);
    let mut shifts = integers(e, call.args[1], "a shift")?;
    let is_flat = e.ty(call.args[2]).is_none();
    let array = if is_flat {
        let array = e.contiguous(array, Layout::C)?;
        e.one_axis(array)
    } else {
        array
    };
    let ndim = usize::from(e.array_type(array).ndim);
    let zero = e.b.int64(0);
    let mut by_axis = vec![zero; ndim];
    if is_flat {
        for shift in shifts {
            by_axis[0] = e.b.add(by_axis[0], shift);
        }
    } else if e.ty(call.args[2]).as_tuple().is_some() {
        let mut axes = Vec::new();
        for axis in e.tuple_elements(call.args[2]) {
            axes.push(constant_axis(e, call, 2, axis, ndim)?);
        }
        if shifts.len() == 1 {
            shifts = vec![shifts[0]; axes.len()];
        } else if axes.len() == 1 {
            axes = vec![axes[0]; shifts.len()];
        } else if shifts.len() != axes.len() {
            let message = "`shift` and `axis` must be equally long, or one of them a single number";
            return call.argument_error(1, Code::ArgumentValue, message);
        }
        for (shift, axis) in shifts.into_iter().zip(axes) {
            by_axis[axis] = e.b.add(by_axis[axis], shift);
        }
    } else {
        let axis = e.run_time_axis(call, 2, array)?;
        let total = shifts.into_iter().reduce(|a, b| e.b.add(a, b)).unwrap_or(zero);
        for (position, shift) in by_axis.iter_mut().enumerate() {
            let position = e.b.int64(position as i64);
            let here = e.equal(axis, position);
            *shift = e.b.select(here, total, zero);
        }
    }
    let ty = e.array_type(array);
    let args = vec![e.view_argument(array), e.integers_argument(&by_axis)];
    let result = e.call_kernel_by_size("roll", ty.dtype, args, Type::array(ty.dtype, ty.ndim, Layout::C));
    let ty = ArrayType { ndim: shape.len() as u8, ..e.array_type(result) };
    Ok(e.view_as(result, ty, &shape, &[]))
}

fn flip_one(e: &mut Emitter<'_>, call: &Call, axis: usize) -> Emit {
    let array = array_like(e, call, 0)?;
    let ndim = usize::from(e.array_type(array).ndim);
    if ndim <= axis {
        return call.argument_error(0, Code::ArgumentType, format!("Input must be >= {}-d.", axis + 1));
    }
    let mut reversed = vec![e.b.bool(false); ndim];
    reversed[axis] = e.b.bool(true);
    Ok(e.reversed_along(array, &reversed))
}

fn rot90(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ndim = usize::from(e.array_type(array).ndim);
    let k = e.as_index(call.args[1], "k")?;
    let axes = if e.ty(call.args[2]) == Type::undefined() {
        if ndim < 2 {
            return call.argument_error(0, Code::ArgumentType, "an array of at least two axes is needed");
        }
        [0, 1]
    } else {
        let parts = e.tuple_elements(call.args[2]);
        let [first, second] = parts[..] else {
            return call.argument_error(2, Code::ArgumentValue, "len(axes) must be 2.");
        };
        [constant_axis(e, call, 2, first, ndim)?, constant_axis(e, call, 2, second, ndim)?]
    };
    if axes[0] == axes[1] {
        return call.argument_error(2, Code::ArgumentValue, "Axes must be different.");
    }
    let four = e.b.int64(4);
    let quarter = e.b.binary(BinaryOp::FloorMod, k, four);
    let is = |e: &mut Emitter<'_>, turns: i64| {
        let turns = e.b.int64(turns);
        e.equal(quarter, turns)
    };
    let (once, twice, thrice) = (is(e, 1), is(e, 2), is(e, 3));
    let mut reversed = vec![e.b.bool(false); ndim];
    reversed[axes[0]] = e.b.or(twice, thrice);
    reversed[axes[1]] = e.b.or(once, twice);
    let turned = e.reversed_along(array, &reversed);
    let odd = e.b.or(once, thrice);
    let (mut extents, mut strides) = (e.extents(turned), e.strides(turned));
    for values in [&mut extents, &mut strides] {
        let [first, second] = axes.map(|axis| values[axis]);
        values[axes[0]] = e.b.select(odd, second, first);
        values[axes[1]] = e.b.select(odd, first, second);
    }
    let ty = e.array_type(turned);
    Ok(e.view_as(turned, ty, &extents, &strides))
}

/// The positions along an axis that an int, a slice, integers or a mask stand for, as an array of int64.
fn positions_along(e: &mut Emitter<'_>, call: &Call, idx: usize, array: Value, axis: Value) -> Emit {
    let obj = call.args[idx];
    let extents = e.extents(array);
    let length = e.tuple_item_unchecked(&extents, Type::int64(), axis)?;
    if matches!(e.ty(obj).kind(), TypeKind::Slice(_)) {
        let [start, step, length] = e.slice_indices(obj, length)?;
        let positions = e.allocate_array(Type::int64(), &[length], Layout::C, false)?;
        let second = e.b.add(start, step);
        e.fill_progression(positions, start, second);
        return Ok(positions);
    }
    let value = value_as_array(e, call, idx, obj)?;
    let ty = e.array_type(value);
    if ty.dtype.is_bool() && ty.ndim > 0 {
        if ty.ndim != 1 {
            return call.argument_error(idx, Code::ArgumentType, "a mask along an axis has one axis");
        }
        let n_flags = e.array_size(value);
        let fits = e.equal(n_flags, length);
        let message =
            "boolean array argument obj to delete must be one dimensional and match the axis length of {}";
        e.raise_unless(fits, "ValueError", message, &[length]);
        return e.positions_of_nonzero(value);
    }
    if !ty.dtype.is_int() {
        let message = format!("positions are integers, not {}", ty.dtype);
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    e.as_dtype(value, Type::int64())
}

fn insert(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let flat = e.ty(call.args[3]).is_none();
    let (array, axis) = if flat {
        let array = e.contiguous(array, Layout::C)?;
        (e.one_axis(array), 0)
    } else {
        (array, constant_axis(e, call, 3, call.args[3], usize::from(e.array_type(array).ndim))?)
    };
    let ty = e.array_type(array);
    let axis_value = e.b.int64(axis as i64);
    let positions = positions_along(e, call, 1, array, axis_value)?;
    let n_axes = e.array_type(positions).ndim;
    if n_axes > 1 {
        let message = "index array argument obj to insert must be one dimensional or scalar";
        return call.argument_error(1, Code::ArgumentType, message);
    }
    let values = array_like(e, call, 2)?;
    let values = e.as_dtype(values, ty.dtype)?;
    if e.array_type(values).ndim > ty.ndim {
        return call.argument_error(2, Code::ArgumentType, "the values have more axes than the array");
    }
    let mut values = e.with_new_axes(values, 0, ty.ndim);
    if n_axes == 0 {
        values = e.with_axis_moved(values, 0, axis);
    }
    let n_positions = e.array_size(positions);
    let one = e.b.int64(1);
    let single = e.b.compare(CompareOp::Eq, n_positions, one);
    let args =
        vec![e.view_argument(array), axis_value, e.view_argument(positions), e.view_argument(values), single];
    Ok(e.call_kernel_by_size("insert", ty.dtype, args, Type::array(ty.dtype, ty.ndim, Layout::C)))
}

/// Pairs, one for each axis, of what a number, a pair, or a tuple of those gives.
fn pairs(e: &mut Emitter<'_>, call: &Call, idx: usize, ndim: usize) -> Emit<Vec<Value>> {
    let value = e.plain(call.args[idx]);
    let parts = if e.ty(value).as_tuple().is_some() { e.tuple_elements(value) } else { vec![value] };
    let nested = parts.iter().any(|part| e.ty(*part).as_tuple().is_some());
    let rows = if nested { parts } else { vec![value] };
    let mut pairs = Vec::with_capacity(rows.len());
    for row in rows {
        let row = if e.ty(row).as_tuple().is_some() { e.tuple_elements(row) } else { vec![row] };
        match row[..] {
            [both] => pairs.push([both; 2]),
            [before, after] => pairs.push([before, after]),
            _ => return call.argument_error(idx, Code::ArgumentValue, "expected a pair for each axis"),
        }
    }
    if pairs.len() == 1 {
        pairs = vec![pairs[0]; ndim];
    }
    if pairs.len() != ndim {
        return call.argument_error(
            idx,
            Code::ArgumentValue,
            format!("expected {ndim} pairs, one for each axis"),
        );
    }
    Ok(pairs.concat())
}

/// Modes of `np.pad`, in the order in which kernels number them: those that move elements, and those that compute.
const MOVING: [&str; 6] = ["constant", "edge", "wrap", "reflect", "symmetric", "empty"];
const COMPUTING: [&str; 5] = ["maximum", "minimum", "mean", "median", "linear_ramp"];
/// Modes that compute with a `reflect_type` of 'odd'; kernels number them behind those that compute always.
const REFLECTING: [&str; 2] = ["reflect", "symmetric"];

fn pad(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    let ndim = usize::from(ty.ndim);
    let given = e.ty(call.args[2]).as_literal_str().unwrap_or_default();
    let number_in = |modes: &[&str]| modes.iter().position(|mode| *mode == given);
    if let Some(mode) = number_in(&COMPUTING) {
        return pad_computed(e, call, array, mode);
    }
    let Some(mode) = number_in(&MOVING) else {
        let modes = [&MOVING[..], &COMPUTING].concat().join(", ");
        let message = format!("`mode` is one of the constants {modes}");
        return call.argument_error(2, Code::ArgumentValue, message);
    };
    match (e.ty(call.args[4]).as_literal_str(), REFLECTING.iter().position(|mode| *mode == given)) {
        (Some("even"), _) => {}
        (Some("odd"), Some(mode)) => return pad_computed(e, call, array, COMPUTING.len() + mode),
        (Some("odd"), None) => {
            let message = "`reflect_type` 'odd' is for the modes 'reflect' and 'symmetric'";
            return call.argument_error(4, Code::ArgumentValue, message);
        }
        _ => {
            let message = "`reflect_type` is one of the constants 'even' and 'odd'";
            return call.argument_error(4, Code::ArgumentValue, message);
        }
    }
    let widths = widths_argument(e, call, ndim)?;
    let constants = pairs(e, call, 3, ndim)?;
    let constants = e.array_of_numbers(&constants, &[2 * ndim], ty.dtype)?;
    let args = vec![e.view_argument(array), widths, e.b.int64(mode as i64), e.view_argument(constants)];
    Ok(e.call_kernel_by_size("pad", ty.dtype, args, Type::array(ty.dtype, ty.ndim, Layout::C)))
}

fn widths_argument(e: &mut Emitter<'_>, call: &Call, ndim: usize) -> Emit {
    let mut widths = Vec::new();
    for width in pairs(e, call, 1, ndim)? {
        widths.push(e.as_index(width, "a width")?);
    }
    Ok(e.integers_argument(&widths))
}

/// By a mode that computes: `stat_length` and `end_values` are those of the modes that have them.
fn pad_computed(e: &mut Emitter<'_>, call: &Call, array: Value, mode: usize) -> Emit {
    let ty = e.array_type(array);
    let ndim = usize::from(ty.ndim);
    let widths = widths_argument(e, call, ndim)?;
    let mut lengths = Vec::new();
    if e.ty(call.args[5]).is_none() {
        lengths = vec![e.b.int64(-1); 2 * ndim];
    } else {
        for length in pairs(e, call, 5, ndim)? {
            let length = e.as_index(length, "a length")?;
            let negative = e.is_negative(length);
            e.raise_if(negative, "ValueError", "index can't contain negative values", &[]);
            lengths.push(length);
        }
    }
    let ends = pairs(e, call, 6, ndim)?;
    let ends = e.array_of_numbers(&ends, &[2 * ndim], Type::complex128())?;
    let args = vec![
        e.view_argument(array),
        widths,
        e.b.int64(mode as i64),
        e.integers_argument(&lengths),
        e.view_argument(ends),
    ];
    Ok(e.call_kernel("pad_computed", ty.dtype, args, Type::array(ty.dtype, ty.ndim, Layout::C)))
}

fn trim_zeros(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    if ty.ndim != 1 {
        return call.argument_error(0, Code::ArgumentType, "only arrays of one axis are trimmed");
    }
    let trim = e.ty(call.args[1]).as_literal_str().map(str::to_lowercase);
    let Some(trim @ ("fb" | "bf" | "f" | "b")) = trim.as_deref() else {
        return call.argument_error(
            1,
            Code::ArgumentValue,
            "`trim` is one of the constants 'fb', 'f' and 'b'",
        );
    };
    let positions = e.positions_of_nonzero(array)?;
    let n_positions = e.array_size(positions);
    let length = e.array_size(array);
    let (zero, one) = (e.b.int64(0), e.b.int64(1));
    let some = e.not_equal(n_positions, zero);
    let last = e.b.sub(n_positions, one);
    let start = if trim.contains('f') {
        e.if_else(some, |e| Ok(e.load_element(positions, &[zero])), |_| Ok(zero))?
    } else {
        zero
    };
    let end = if trim.contains('b') {
        e.if_else(
            some,
            |e| {
                let last = e.load_element(positions, &[last]);
                Ok(e.b.add(last, one))
            },
            |_| Ok(zero),
        )?
    } else {
        e.b.select(some, length, zero)
    };
    let extent = e.b.sub(end, start);
    let stride = e.strides(array)[0];
    let offset = e.b.mul(start, stride);
    let data = e.array_data(array);
    let data = e.b.offset(data, offset);
    let owner = e.array_owner(array);
    Ok(e.make_array(ty, data, owner, &[extent], &[stride]))
}

impl Emitter<'_> {
    /// A view with the elements in reverse order along the axes whose flags are true.
    fn reversed_along(&mut self, array: Value, reversed: &[Value]) -> Value {
        let ty = self.array_type(array);
        let (extents, mut strides) = (self.extents(array), self.strides(array));
        let (zero, one) = (self.b.int64(0), self.b.int64(1));
        let mut offset = zero;
        for axis in 0..extents.len() {
            let last = self.b.sub(extents[axis], one);
            let distance = self.b.mul(last, strides[axis]);
            let distance = self.b.select(reversed[axis], distance, zero);
            offset = self.b.add(offset, distance);
            let negated = self.b.sub(zero, strides[axis]);
            strides[axis] = self.b.select(reversed[axis], negated, strides[axis]);
        }
        let size = self.product(&extents);
        let empty = self.is_zero(size);
        let offset = self.b.select(empty, zero, offset);
        let data = self.array_data(array);
        let data = self.b.offset(data, offset);
        let owner = self.array_owner(array);
        let layout = if extents.is_empty() { ty.layout } else { Layout::A };
        self.make_array(ArrayType { layout, ..ty }, data, owner, &extents, &strides)
    }
}

//! Methods of ufuncs: `outer` and `at` of all of them, `reduce`, `accumulate` and `reduceat` of those with two operands.
//!
//! What sums and their kin have in the runtime is declared in `reductions` and `scans`; here are loops over the ufunc's
//! scalar operation, whatever it is.

use super::{OPTIONS, Ufunc, operand, with_options};
use crate::arrays::assign::shape_placeholders;
use crate::arrays::creation::array_like;
use crate::arrays::reshaping::{array_argument, constant_axis, constant_bool};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::numpy::dtypes::optional_dtype;
use crate::numpy::promotion::{can_cast_same_kind, promote};
use crate::numpy::reductions::{Axes, axes_argument};
use crate::numpy::selecting::into_out;
use crate::{Emit, Emitter, ErrorModel};
use rumba_ir::{Access, CompareOp, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type};
use std::sync::LazyLock;

const ARRAY: Param = Param::required("array");
const AXIS: Param = Param::optional("axis", Default::Int(0));
const DTYPE: Param = Param::optional("dtype", Default::None);
const OUT: Param = Param::optional("out", Default::None);
const REDUCE: &[Param] = &[
    ARRAY,
    AXIS,
    DTYPE,
    OUT,
    Param::optional("keepdims", Default::Bool(false)),
    Param::optional("initial", Default::Absent),
    Param::optional("where", Default::Bool(true)),
];
const ACCUMULATE: &[Param] = &[ARRAY, AXIS, DTYPE, OUT];
const REDUCEAT: &[Param] = &[ARRAY, Param::required("indices"), AXIS, DTYPE, OUT];
const AT: &[Param] = &[Param::required("a").positional_only(), Param::required("indices").positional_only()];
const AT_WITH: &[Param] = &[AT[0], AT[1], Param::required("b").positional_only()];
const OUTER: &[Param] = &[
    Param::required("A").positional_only(),
    Param::required("B").positional_only(),
    OPTIONS[0].keyword_only(),
    OPTIONS[1],
    OPTIONS[2],
    OPTIONS[3],
    OPTIONS[4],
    OPTIONS[5],
];

/// Ufuncs whose `reduce`, `accumulate` and `reduceat` the runtime has.
pub const IN_RUNTIME: [&str; 8] =
    ["add", "multiply", "maximum", "minimum", "fmax", "fmin", "logical_or", "logical_and"];

/// What nothing reduces to, of those of the others that know; they are also those whose operands may change places.
const IDENTITIES: [(&str, f64); 8] = [
    ("bitwise_and", -1.0),
    ("bitwise_or", 0.0),
    ("bitwise_xor", 0.0),
    ("logical_xor", 0.0),
    ("gcd", 0.0),
    ("hypot", 0.0),
    ("logaddexp", f64::NEG_INFINITY),
    ("logaddexp2", f64::NEG_INFINITY),
];

/// The declarations: one per ufunc and method.
pub fn declarations() -> &'static [Declaration] {
    static DECLARATIONS: LazyLock<Vec<Declaration>> = LazyLock::new(|| {
        let mut all = Vec::new();
        for ufunc in super::ufuncs() {
            let mut declare = |method: &str, params, doc, rule| {
                let path = format!("{}.{method}", ufunc.path).leak();
                all.push(Declaration { path, params, doc, rule });
            };
            // Those with two results have no such methods.
            let has_one_result = !["divmod", "modf", "frexp"].contains(&ufunc.name());
            let is_binary = ufunc.n_inputs == 2;
            if is_binary {
                declare("outer", OUTER, "The ufunc of every element of A and every element of B.", outer);
            }
            if has_one_result {
                let doc = "Applies the ufunc in place to the elements at an index, to each as often as it is there.";
                declare("at", if is_binary { AT_WITH } else { AT }, doc, at);
            }
            let reduces = is_binary && has_one_result && ufunc.repeats();
            if reduces && !IN_RUNTIME.contains(&ufunc.name()) {
                let doc = "What the elements along an axis reduce to; the axis is a constant.";
                declare("reduce", REDUCE, doc, reduce);
                let doc = "What the elements up to each one reduce to; the axis is a constant.";
                declare("accumulate", ACCUMULATE, doc, accumulate);
                let doc = "What the elements from each index to the next reduce to; the axis is a constant.";
                declare("reduceat", REDUCEAT, doc, reduceat);
            }
        }
        all
    });
    &DECLARATIONS
}

/// The ufunc of a method that is called.
fn ufunc_of(call: &Call) -> &'static Ufunc {
    let (path, _) = call.path.rsplit_once('.').expect("a method has the ufunc in its path");
    super::ufunc(path).expect("the declarations are made from the rows")
}

fn outer(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let ufunc = ufunc_of(call);
    let [mut first, second] = [operand(e, call, ufunc, 0)?, operand(e, call, ufunc, 1)?];
    if e.has_axes(first) && e.has_axes(second) {
        let (own, others) = (e.array_type(first).ndim, e.array_type(second).ndim);
        first = e.with_new_axes(first, usize::from(own), own + others);
    }
    // Numbers take part in choosing the dtype as arrays do.
    let dtype_of = |e: &Emitter<'_>, value: Value| {
        e.ty(value).as_array().map_or(e.ty(value).widen(), |array| array.dtype)
    };
    let strong = [first, second].iter().any(|value| !e.has_axes(*value));
    let dtype = if strong { promote(dtype_of(e, first), dtype_of(e, second)) } else { None };
    with_options(e, call, ufunc, &[first, second], dtype)
}

fn at(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let ufunc = ufunc_of(call);
    let array = array_argument(e, call, 0)?;
    e.check_writable(array)?;
    let dtype = e.array_type(array).dtype;
    let index = call.args[1];
    let extents = e.extents(array);
    let by_position = e.array_type(array).ndim == 1
        && e.ty(index).as_array().is_some_and(|index| index.dtype.is_int() && index.ndim > 0);
    let positions = if by_position {
        // The array itself may be the index.
        e.cast_array(index, Type::int64(), Layout::C)?
    } else {
        // The index selects from all positions in C order what it would select from the array.
        let size = e.array_size(array);
        let all = e.allocate_array(Type::int64(), &[size], Layout::C, false)?;
        let (zero, one) = (e.b.int64(0), e.b.int64(1));
        e.fill_progression(all, zero, one);
        let ty = ArrayType { ndim: extents.len() as u8, ..e.array_type(all) };
        let all = e.view_as(all, ty, &extents, &[]);
        e.array_item(all, index)?
    };
    let positions =
        if e.is_array(positions) { positions } else { e.array_of_numbers(&[positions], &[], Type::int64())? };
    let shape = e.extents(positions);
    // The other operand may be the array itself: it is read before anything is written.
    let other = match call.args.get(2) {
        None => None,
        Some(_) => {
            let value = operand(e, call, ufunc, 2)?;
            let value = e.scalar_of(value);
            match e.ty(value).as_array() {
                None => Some((value, None)),
                Some(ty) => {
                    let copy = e.cast_array(value, ty.dtype, Layout::C)?;
                    let [from, to] = [ty.ndim.into(), shape.len()].map(shape_placeholders);
                    let message = format!(
                        "array is not broadcastable to correct shape: {from} does not fit the shape of the index, {to}"
                    );
                    let strides = e.strides_for(copy, &shape, &message)?;
                    Some((copy, Some(strides)))
                }
            }
        }
    };
    let operands: Vec<Value> = [array].into_iter().chain(other.as_ref().map(|(value, _)| *value)).collect();
    let computed = ufunc.convert_operands(e, &operands, None)?;
    let error_model = std::mem::replace(&mut e.error_model, ErrorModel::Numpy);
    let result = e.for_each_position(&shape, &[], |e, place, _| {
        let position = e.load_element(positions, place);
        let own = if by_position {
            let wrapped = e.wrap_index(position, extents[0]);
            let fine = e.index_in_bounds(wrapped, extents[0]);
            let message = "index {} is out of bounds for axis 0 with size {}";
            e.raise_unless(fine, "IndexError", message, &[position, extents[0]]);
            vec![wrapped]
        } else {
            e.positions_in_c_order(array, position)
        };
        let element = e.load_element(array, &own);
        let mut elements = vec![e.coerce(element, computed[0].1)?];
        if let Some((_, strides)) = &other {
            let (value, ty) = computed[1];
            let value = match strides {
                None => value,
                Some(strides) => {
                    let mut bytes = e.b.int64(0);
                    for (position, stride) in place.iter().zip(strides) {
                        let distance = e.b.mul(*position, *stride);
                        bytes = e.b.add(bytes, distance);
                    }
                    let data = e.array_data(value);
                    let address = e.b.offset(data, bytes);
                    let ty = e.array_type(value);
                    e.b.load(address, ty.dtype, Access::aligned(true))
                }
            };
            elements.push(e.coerce(value, ty)?);
        }
        let value = (ufunc.scalar)(e, &elements)?;
        if !can_cast_same_kind(e.ty(value), dtype) {
            let message = format!(
                "the result of np.{}() is {}, which is not stored into an array of {dtype}",
                ufunc.name(),
                e.ty(value)
            );
            return call.argument_error(0, Code::CannotConvert, message);
        }
        let value = e.cast_number(value, dtype)?;
        e.store_element(array, &own, value)?;
        Ok(vec![])
    });
    e.error_model = error_model;
    result?;
    Ok(e.b.none())
}

/// An array whose last axis is the one to reduce along, and the dtype to compute in.
fn lines(
    e: &mut Emitter<'_>,
    ufunc: &Ufunc,
    array: Value,
    axis: usize,
    dtype: Option<Type>,
) -> Emit<(Value, Type)> {
    let from = dtype.unwrap_or(e.array_type(array).dtype);
    let Some(computed) = ufunc.resolve(&[from, from]) else {
        let message = format!("np.{}() is not defined for {from}", ufunc.name());
        return e.error(Code::ArgumentType, message);
    };
    let ndim = usize::from(e.array_type(array).ndim);
    let order: Vec<usize> = (0..ndim).filter(|other| *other != axis).chain([axis]).collect();
    // Of what is compared as it is, the result is a bool; all others compute in one dtype.
    let is_truth = matches!(ufunc.inputs, super::Inputs::Any);
    Ok((e.with_axes(array, &order), if is_truth { Type::bool() } else { computed[0] }))
}

impl Ufunc {
    /// Whether its result can be its first operand again.
    fn repeats(&self) -> bool {
        match self.inputs {
            super::Inputs::Any => self.name() == "logical_xor",
            super::Inputs::FloatAndInt => false,
            _ => true,
        }
    }

    fn identity(&self) -> Option<f64> {
        IDENTITIES.iter().find(|(name, _)| *name == self.name()).map(|(_, identity)| *identity)
    }

    /// The ufunc of what was before and an element.
    fn step(&self, e: &mut Emitter<'_>, before: Value, element: Value, dtype: Type) -> Emit {
        let element = e.cast_number(element, dtype)?;
        let error_model = std::mem::replace(&mut e.error_model, ErrorModel::Numpy);
        let result = (self.scalar)(e, &[before, element]);
        e.error_model = error_model;
        e.cast_number(result?, dtype)
    }
}

/// Reduces the elements of a line from `first` to `end`, of which there is one or more.
fn reduce_line(
    e: &mut Emitter<'_>,
    ufunc: &'static Ufunc,
    array: Value,
    dtype: Type,
    place: &[Value],
    [first, end]: [Value; 2],
) -> Emit {
    let at = |place: &[Value], position: Value| [place, &[position]].concat();
    let element = e.load_element(array, &at(place, first));
    let start = e.cast_number(element, dtype)?;
    let one = e.b.int64(1);
    let first = e.b.add(first, one);
    let n = e.b.sub(end, first);
    let place = place.to_vec();
    let state = e.counted_loop(n, &[start], |e, idx, state| {
        let position = e.b.add(first, idx);
        let element = e.load_element(array, &at(&place, position));
        Ok(vec![ufunc.step(e, state[0], element, dtype)?])
    })?;
    Ok(state[0])
}

fn reduce(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let ufunc = ufunc_of(call);
    let mut array = array_like(e, call, 0)?;
    if e.ty(call.args[6]).as_literal_bool() != Some(true) {
        let message = format!("`where` of np.{}.reduce() is not supported", ufunc.name());
        return call.argument_error(6, Code::ArgumentValue, message);
    }
    let ndim = usize::from(e.array_type(array).ndim);
    let Axes::Known(reduced) = axes_argument(e, call, 1, call.args[1], array)? else {
        return call.argument_error(1, Code::ArgumentValue, "the axis must be a constant here");
    };
    let axes: Vec<usize> = (0..ndim).filter(|axis| reduced[*axis]).collect();
    if axes.len() > 1 && ufunc.identity().is_none() {
        let message = format!(
            "reduction operation '{}' is not reorderable, so at most one axis may be specified",
            ufunc.name()
        );
        return call.argument_error(1, Code::ArgumentValue, message);
    }
    let keepdims = constant_bool(e, call, 4, "keepdims")?;
    let dtype = optional_dtype(e, call, 2)?;
    let initial = match e.ty(call.args[5]) {
        ty if ty == Type::undefined() => None,
        _ => Some(crate::arrays::creation::number_argument(e, call, 5)?),
    };
    for axis in axes.iter().rev() {
        array = reduced_along(e, ufunc, array, *axis, dtype, initial)?;
    }
    if keepdims {
        array = axes.iter().fold(array, |array, axis| e.with_single_axis(array, *axis));
    }
    let result = e.scalar_of(array);
    into_out(e, call, 3, result)
}

fn reduced_along(
    e: &mut Emitter<'_>,
    ufunc: &'static Ufunc,
    array: Value,
    axis: usize,
    dtype: Option<Type>,
    initial: Option<Value>,
) -> Emit {
    let (array, dtype) = lines(e, ufunc, array, axis, dtype)?;
    let mut extents = e.extents(array);
    let n = extents.pop().expect("there is an axis to reduce");
    let out = e.allocate_array(dtype, &extents, Layout::C, false)?;
    let zero = e.b.int64(0);
    let start = match (initial, ufunc.identity()) {
        (Some(initial), _) => Some(e.cast_number(initial, dtype)?),
        (None, Some(identity)) => {
            let identity = e.b.float(identity, Type::float64());
            Some(e.cast_number(identity, dtype)?)
        }
        (None, None) => {
            let some = e.less(zero, n);
            let message =
                format!("zero-size array to reduction operation {} which has no identity", ufunc.name());
            e.raise_unless(some, "ValueError", &message, &[]);
            None
        }
    };
    e.for_each_position(&extents, &[], |e, place, _| {
        let result = match start {
            None => reduce_line(e, ufunc, array, dtype, place, [zero, n])?,
            Some(start) => {
                let place = place.to_vec();
                let state = e.counted_loop(n, &[start], |e, position, state| {
                    let element = e.load_element(array, &[&place[..], &[position]].concat());
                    Ok(vec![ufunc.step(e, state[0], element, dtype)?])
                })?;
                state[0]
            }
        };
        e.store_element(out, place, result)?;
        Ok(vec![])
    })?;
    Ok(out)
}

/// The array with its last axis where another was.
fn with_last_axis_at(e: &mut Emitter<'_>, array: Value, axis: usize) -> Value {
    let ndim = usize::from(e.array_type(array).ndim);
    let mut order: Vec<usize> = (0..ndim - 1).collect();
    order.insert(axis, ndim - 1);
    e.with_axes(array, &order)
}

fn accumulate(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let ufunc = ufunc_of(call);
    let array = array_like(e, call, 0)?;
    let axis = constant_axis(e, call, 1, call.args[1], usize::from(e.array_type(array).ndim))?;
    let dtype = optional_dtype(e, call, 2)?;
    let (array, dtype) = lines(e, ufunc, array, axis, dtype)?;
    let extents = e.extents(array);
    let out = e.allocate_array(dtype, &extents, Layout::C, false)?;
    let (n, outer) = extents.split_last().expect("there is an axis");
    let one = e.b.int64(1);
    let start = e.b.zero(dtype);
    e.for_each_position(outer, &[], |e, place, _| {
        let place = place.to_vec();
        e.counted_loop(*n, &[start], |e, position, state| {
            let place = [&place[..], &[position]].concat();
            let element = e.load_element(array, &place);
            let is_first = e.less(position, one);
            let result = e.if_else(
                is_first,
                |e| e.cast_number(element, dtype),
                |e| ufunc.step(e, state[0], element, dtype),
            )?;
            e.store_element(out, &place, result)?;
            Ok(vec![result])
        })?;
        Ok(vec![])
    })?;
    let result = with_last_axis_at(e, out, axis);
    into_out(e, call, 3, result)
}

fn reduceat(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let ufunc = ufunc_of(call);
    let array = array_like(e, call, 0)?;
    let axis = constant_axis(e, call, 2, call.args[2], usize::from(e.array_type(array).ndim))?;
    let dtype = optional_dtype(e, call, 3)?;
    let (array, dtype) = lines(e, ufunc, array, axis, dtype)?;
    let indices = indices_argument(e, call)?;
    let mut extents = e.extents(array);
    let n = extents.pop().expect("there is an axis");
    let n_indices = e.array_size(indices);
    let outer = extents.clone();
    extents.push(n_indices);
    let out = e.allocate_array(dtype, &extents, Layout::C, false)?;
    let (zero, one) = (e.b.int64(0), e.b.int64(1));
    e.counted_loop(n_indices, &[], |e, idx, _| {
        let first = e.load_element(indices, &[idx]);
        let fine = e.index_in_bounds(first, n);
        let message = format!("index {{}} out-of-bounds in {}.reduceat [0, {{}})", ufunc.name());
        e.raise_unless(fine, "IndexError", &message, &[first, n]);
        Ok(vec![])
    })?;
    e.for_each_position(&outer, &[], |e, place, _| {
        let place = place.to_vec();
        e.counted_loop(n_indices, &[], |e, idx, _| {
            let first = e.load_element(indices, &[idx]);
            let next = e.b.add(idx, one);
            let has_next = e.less(next, n_indices);
            // The last part ends where the line does; one that does not go up is a single element.
            let next = e.b.select(has_next, next, zero);
            let end = e.load_element(indices, &[next]);
            let end = e.b.select(has_next, end, n);
            let goes_up = e.b.compare(CompareOp::Lt, first, end);
            let single = e.b.add(first, one);
            let end = e.b.select(goes_up, end, single);
            let result = reduce_line(e, ufunc, array, dtype, &place, [first, end])?;
            e.store_element(out, &[&place[..], &[idx]].concat(), result)?;
            Ok(vec![])
        })?;
        Ok(vec![])
    })?;
    let result = with_last_axis_at(e, out, axis);
    into_out(e, call, 4, result)
}

/// Where the parts to reduce begin, as an array of int64.
pub(crate) fn indices_argument(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let indices = array_like(e, call, 1)?;
    let ty = e.array_type(indices);
    if ty.ndim != 1 || !ty.dtype.is_int() {
        return call.argument_error(1, Code::ArgumentType, "the indices are integers in one dimension");
    }
    e.as_dtype(indices, Type::int64())
}

//! Scans and differences: `np.cumsum`, `np.diff`, `np.gradient`, `np.trapezoid` and their kin.

use super::reductions::{ALL, ANY, Axes, FMAX, FMIN, Fold, MAX, MIN, PROD, SUM, axes_argument, nan_replaced};
use crate::arrays::assign::shape_placeholders;
use crate::arrays::creation::array_like;
use crate::arrays::reshaping::{constant_axis, constant_bool};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::numpy::dtypes::optional_dtype;
use crate::numpy::promotion::promote;
use crate::numpy::ufuncs::methods::indices_argument;
use crate::numpy::ufuncs::ufunc;
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::{Code, Diagnostic};
use rumba_types::{ArrayType, Layout, Type};

const A: Param = Param::required("a");
const AXIS: Param = Param::optional("axis", Default::None);
const LAST_AXIS: Param = Param::optional("axis", Default::Int(-1));
const DTYPE: Param = Param::optional("dtype", Default::None);
const OUT: Param = Param::optional("out", Default::None);

const OF_ARRAY: &[Param] = &[A, AXIS, DTYPE, OUT];
const OF_SELF: &[Param] = &[Param::required("self"), AXIS, DTYPE, OUT];
const ACCUMULATE: &[Param] =
    &[Param::required("array"), Param::optional("axis", Default::Int(0)), DTYPE, OUT];
const REDUCEAT: &[Param] = &[
    Param::required("array"),
    Param::required("indices"),
    Param::optional("axis", Default::Int(0)),
    DTYPE,
    OUT,
];
const CUMULATIVE: &[Param] = &[
    Param::required("x").positional_only(),
    AXIS.keyword_only(),
    DTYPE.keyword_only(),
    OUT.keyword_only(),
    Param::optional("include_initial", Default::Bool(false)).keyword_only(),
];

const fn declare_reduceat(path: &'static str, rule: fn(&mut Emitter<'_>, &Call) -> Emit) -> Declaration {
    let doc = "What the elements from each index to the next reduce to.";
    Declaration { path, params: REDUCEAT, doc, rule }
}

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.cumsum",
        params: OF_ARRAY,
        doc: "The sums up to each element.",
        rule: |e, call| scan(e, call, &SUM, None),
    },
    Declaration {
        path: "array.cumsum",
        params: OF_SELF,
        doc: "The sums up to each element.",
        rule: |e, call| scan(e, call, &SUM, None),
    },
    Declaration {
        path: "numpy.cumprod",
        params: OF_ARRAY,
        doc: "The products up to each element.",
        rule: |e, call| scan(e, call, &PROD, None),
    },
    Declaration {
        path: "array.cumprod",
        params: OF_SELF,
        doc: "The products up to each element.",
        rule: |e, call| scan(e, call, &PROD, None),
    },
    Declaration {
        path: "numpy.nancumsum",
        params: OF_ARRAY,
        doc: "The sums up to each element, nan as 0.",
        rule: |e, call| scan(e, call, &SUM, Some(0.0)),
    },
    Declaration {
        path: "numpy.nancumprod",
        params: OF_ARRAY,
        doc: "The products up to each element, nan as 1.",
        rule: |e, call| scan(e, call, &PROD, Some(1.0)),
    },
    Declaration {
        path: "numpy.cumulative_sum",
        params: CUMULATIVE,
        doc: "The sums up to each element, of an array with several axes along one of them.",
        rule: |e, call| cumulative(e, call, &SUM, 0),
    },
    Declaration {
        path: "numpy.cumulative_prod",
        params: CUMULATIVE,
        doc: "The products up to each element, of an array with several axes along one of them.",
        rule: |e, call| cumulative(e, call, &PROD, 1),
    },
    Declaration {
        path: "numpy.add.accumulate",
        params: ACCUMULATE,
        doc: "What the elements up to each one reduce to.",
        rule: |e, call| scan(e, call, &SUM, None),
    },
    Declaration {
        path: "numpy.multiply.accumulate",
        params: ACCUMULATE,
        doc: "What the elements up to each one reduce to.",
        rule: |e, call| scan(e, call, &PROD, None),
    },
    Declaration {
        path: "numpy.maximum.accumulate",
        params: ACCUMULATE,
        doc: "What the elements up to each one reduce to.",
        rule: |e, call| scan(e, call, &MAX, None),
    },
    Declaration {
        path: "numpy.minimum.accumulate",
        params: ACCUMULATE,
        doc: "What the elements up to each one reduce to.",
        rule: |e, call| scan(e, call, &MIN, None),
    },
    Declaration {
        path: "numpy.fmax.accumulate",
        params: ACCUMULATE,
        doc: "What the elements up to each one reduce to.",
        rule: |e, call| scan(e, call, &FMAX, None),
    },
    Declaration {
        path: "numpy.fmin.accumulate",
        params: ACCUMULATE,
        doc: "What the elements up to each one reduce to.",
        rule: |e, call| scan(e, call, &FMIN, None),
    },
    Declaration {
        path: "numpy.logical_or.accumulate",
        params: ACCUMULATE,
        doc: "What the elements up to each one reduce to.",
        rule: |e, call| scan(e, call, &ANY, None),
    },
    Declaration {
        path: "numpy.logical_and.accumulate",
        params: ACCUMULATE,
        doc: "What the elements up to each one reduce to.",
        rule: |e, call| scan(e, call, &ALL, None),
    },
    declare_reduceat("numpy.add.reduceat", |e, call| reduceat(e, call, &SUM)),
    declare_reduceat("numpy.multiply.reduceat", |e, call| reduceat(e, call, &PROD)),
    declare_reduceat("numpy.maximum.reduceat", |e, call| reduceat(e, call, &MAX)),
    declare_reduceat("numpy.minimum.reduceat", |e, call| reduceat(e, call, &MIN)),
    declare_reduceat("numpy.fmax.reduceat", |e, call| reduceat(e, call, &FMAX)),
    declare_reduceat("numpy.fmin.reduceat", |e, call| reduceat(e, call, &FMIN)),
    declare_reduceat("numpy.logical_or.reduceat", |e, call| reduceat(e, call, &ANY)),
    declare_reduceat("numpy.logical_and.reduceat", |e, call| reduceat(e, call, &ALL)),
    Declaration {
        path: "numpy.diff",
        params: &[
            A,
            Param::optional("n", Default::Int(1)),
            LAST_AXIS,
            Param::optional("prepend", Default::Absent),
            Param::optional("append", Default::Absent),
        ],
        doc: "Differences of neighbours along an axis, `n` times; beside `prepend` and `append` the axis is a constant.",
        rule: diff,
    },
    Declaration {
        path: "numpy.ediff1d",
        params: &[
            Param::required("ary"),
            Param::optional("to_end", Default::None),
            Param::optional("to_begin", Default::None),
        ],
        doc: "Differences of neighbours in C order, with numbers before and behind.",
        rule: ediff1d,
    },
    Declaration {
        path: "numpy.gradient",
        params: &[
            Param::required("f"),
            Param::variadic("varargs"),
            AXIS.keyword_only(),
            Param::optional("edge_order", Default::Int(1)).keyword_only(),
        ],
        doc: "The gradient by differences, an array per axis; axes and `edge_order` are constants.",
        rule: gradient,
    },
    Declaration {
        path: "numpy.trapezoid",
        params: &[
            Param::required("y"),
            Param::optional("x", Default::None),
            Param::optional("dx", Default::Float(1.0)),
            LAST_AXIS,
        ],
        doc: "The integral along an axis by the trapezoidal rule; the axis is a constant.",
        rule: trapezoid,
    },
];

/// The array, and the axis of a scan: all elements in C order where the argument is None.
fn array_and_axis(e: &mut Emitter<'_>, call: &Call) -> Emit<(Value, Value)> {
    let array = array_like(e, call, 0)?;
    let idx = call.position("axis").expect("scans have an axis");
    if e.ty(call.args[idx]).is_none() {
        let array = if e.array_type(array).ndim == 1 {
            array
        } else {
            let array = e.contiguous(array, Layout::C)?;
            e.one_axis(array)
        };
        return Ok((array, e.b.int64(0)));
    }
    Ok((array, e.run_time_axis(call, idx, array)?))
}

pub(crate) fn scan(e: &mut Emitter<'_>, call: &Call, fold: &Fold, nan: Option<f64>) -> Emit {
    let (mut array, axis) = array_and_axis(e, call)?;
    if let Some(number) = nan {
        array = nan_replaced(e, array, number)?;
    }
    let out = out_argument(e, call)?;
    let out_dtype = out.map(|out| e.array_type(out).dtype);
    let dtype = optional_dtype(e, call, 2)?.or(out_dtype);
    let result = e.scan(fold, array, axis, dtype)?;
    finish(e, call, result, out)
}

/// Reduces the elements from each index to the next.
fn reduceat(e: &mut Emitter<'_>, call: &Call, fold: &Fold) -> Emit {
    let (array, axis) = array_and_axis(e, call)?;
    let indices = indices_argument(e, call)?;
    let out = out_argument(e, call)?;
    let out_dtype = out.map(|out| e.array_type(out).dtype);
    let from = e.array_type(array).dtype;
    let dtype = optional_dtype(e, call, 3)?.or(out_dtype).unwrap_or(fold.result(from));
    let (array, fold) =
        fold.computed_in(e, array, dtype, |e, array| e.cast_array(array, dtype, Layout::C))?;
    let from = e.array_type(array).dtype;
    let fold = fold.of(from);
    let n_indices = e.array_size(indices);
    let mut extents = e.extents(array);
    for (position, extent) in extents.iter_mut().enumerate() {
        let position = e.b.int64(position as i64);
        let is_it = e.equal(position, axis);
        *extent = e.b.select(is_it, n_indices, *extent);
    }
    let result = e.allocate_array(fold.result(from), &extents, Layout::C, false)?;
    let args = vec![e.view_argument(array), axis, e.view_argument(indices), e.view_argument(result)];
    e.call_kernel(&format!("reduceat_{}", fold.name()), from, args, Type::none());
    let result = e.cast_value(result, dtype)?;
    finish(e, call, result, out)
}

/// `out` of a call that may have one.
pub(crate) fn out_argument(e: &mut Emitter<'_>, call: &Call) -> Emit<Option<Value>> {
    let Some(idx) = call.position("out") else { return Ok(None) };
    let out = call.args[idx];
    if e.ty(out).is_none() {
        return Ok(None);
    }
    match e.ty(out).as_array() {
        Some(array) if array.readonly => call.argument_error(idx, Code::ReadOnly, "the array is read-only"),
        Some(_) => Ok(Some(out)),
        None => {
            let message = format!("`out` is an array or None, not {}", e.ty(out).shown());
            call.argument_error(idx, Code::ArgumentType, message)
        }
    }
}

/// Stores a result into `out`, which has its shape.
pub(crate) fn finish(e: &mut Emitter<'_>, call: &Call, result: Value, out: Option<Value>) -> Emit {
    let Some(out) = out else { return Ok(result) };
    let own = e.extents(out);
    let wanted = if e.is_array(result) { e.extents(result) } else { Vec::new() };
    if own.len() != wanted.len() {
        let idx = call.position("out").expect("there is an argument for it");
        let message = format!("`out` has {} axes, the result has {}", own.len(), wanted.len());
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    let mut fits = e.b.bool(true);
    for (own, wanted) in own.iter().zip(&wanted) {
        let same = e.equal(*own, *wanted);
        fits = e.b.and(fits, same);
    }
    let places = shape_placeholders(own.len());
    let message = format!("provided out has shape {places}, the result has shape {places}");
    e.raise_unless(fits, "ValueError", &message, &[own, wanted].concat());
    let dtype = e.array_type(out).dtype;
    let message = |_: &str, _: &str| "the shape of `out` was checked".to_string();
    e.map_into(out, &[result], message, |e, values| e.cast_number(values[0], dtype))?;
    Ok(out)
}

impl Emitter<'_> {
    /// What the elements up to each one reduce to, along an axis.
    pub(crate) fn scan(&mut self, fold: &Fold, array: Value, axis: Value, dtype: Option<Type>) -> Emit {
        let from = self.array_type(array).dtype;
        let dtype = dtype.unwrap_or(fold.result(from));
        let (array, fold) =
            fold.computed_in(self, array, dtype, |e, array| e.cast_array(array, dtype, Layout::C))?;
        let from = self.array_type(array).dtype;
        let fold = fold.of(from);
        let extents = self.extents(array);
        let out = self.allocate_array(fold.result(from), &extents, Layout::C, false)?;
        let args = vec![self.view_argument(array), axis, self.view_argument(out)];
        self.call_kernel(&format!("scan_{}", fold.name()), from, args, Type::none());
        self.cast_value(out, dtype)
    }

    /// The elements from `first` on along an axis, `shorter` fewer than there are; none if these are too many.
    fn shortened(&mut self, array: Value, axis: usize, first: i64, shorter: i64) -> Value {
        let ty = self.array_type(array);
        let (mut extents, strides) = (self.extents(array), self.strides(array));
        let shorter = self.b.int64(shorter);
        let length = self.b.sub(extents[axis], shorter);
        let zero = self.b.int64(0);
        extents[axis] = self.max(length, zero);
        let first = self.b.int64(first);
        // An array that has too few elements is left where it is: none of them is looked at.
        let fits = self.less(zero, extents[axis]);
        let first = self.b.select(fits, first, zero);
        let bytes = self.b.mul(first, strides[axis]);
        let data = self.array_data(array);
        let data = self.b.offset(data, bytes);
        let owner = self.array_owner(array);
        let layout = if ty.ndim == 1 && ty.layout != Layout::A { Layout::C } else { Layout::A };
        self.make_array(ArrayType { layout, ..ty }, data, owner, &extents, &strides)
    }

    /// Differences of neighbours along an axis.
    fn differences(&mut self, array: Value, axis: usize) -> Emit {
        let [later, earlier] = [1, 0].map(|first| self.shortened(array, axis, first, 1));
        let name = if self.array_type(array).dtype.is_bool() { "numpy.not_equal" } else { "numpy.subtract" };
        ufunc(name).expect("both are ufuncs").apply(self, &[later, earlier])
    }
}

/// `cumulative_sum` and `cumulative_prod`, which may begin with what nothing reduces to.
pub(crate) fn cumulative(e: &mut Emitter<'_>, call: &Call, fold: &Fold, identity: i64) -> Emit {
    let array = array_like(e, call, 0)?;
    let ndim = usize::from(e.array_type(array).ndim);
    let axis = if e.ty(call.args[1]).is_none() {
        if ndim != 1 {
            let message = "For arrays which have more than one dimension ``axis`` argument is required.";
            return call.argument_error(0, Code::ArgumentType, message);
        }
        0
    } else {
        constant_axis(e, call, 1, call.args[1], ndim)?
    };
    let out = out_argument(e, call)?;
    let out_dtype = out.map(|out| e.array_type(out).dtype);
    let dtype = optional_dtype(e, call, 2)?.or(out_dtype);
    let axis_value = e.b.int64(axis as i64);
    let scanned = e.scan(fold, array, axis_value, dtype)?;
    let result = if constant_bool(e, call, 4, "include_initial")? {
        let dtype = e.array_type(scanned).dtype;
        let mut extents = e.extents(scanned);
        let one = e.b.int64(1);
        extents[axis] = e.b.add(extents[axis], one);
        let whole = e.allocate_array(dtype, &extents, Layout::C, false)?;
        let identity = e.b.int64(identity);
        e.fill_array(whole, identity)?;
        let behind = e.shortened(whole, axis, 1, 1);
        e.assign_array(behind, scanned)?;
        whole
    } else {
        scanned
    };
    finish(e, call, result, out)
}

fn diff(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let mut array = array_like(e, call, 0)?;
    let ndim = usize::from(e.array_type(array).ndim);
    let n = match e.ty(call.args[1]).as_literal_int() {
        Some(0) => return Ok(array),
        Some(n) if n < 0 => {
            let message = format!("order must be non-negative but got {n}");
            return call.argument_error(1, Code::ArgumentValue, message);
        }
        n => n,
    };
    if ndim == 0 {
        let message = "diff requires input that is at least one dimensional";
        return call.argument_error(0, Code::ArgumentType, message);
    }
    let mut ends = [None, None];
    for (end, idx) in ends.iter_mut().zip([3, 4]) {
        if e.ty(call.args[idx]) != Type::undefined() {
            *end = Some(array_like(e, call, idx)?);
        }
    }
    if ends != [None, None] {
        let axis = constant_axis(e, call, 2, call.args[2], ndim)?;
        array = extended(e, array, axis, ends)?;
    }
    let ty = e.array_type(array);
    let has_constant_axis = e.ty(call.args[2]).as_literal_int().is_some();
    let n = match n {
        // A few times is fused with what is done with the differences.
        Some(n) if has_constant_axis && (n <= 2 || ty.dtype.time_unit().is_some()) => {
            let axis = constant_axis(e, call, 2, call.args[2], ndim)?;
            for _ in 0..n {
                array = e.differences(array, axis)?;
            }
            return Ok(array);
        }
        _ => e.as_index(call.args[1], "n")?,
    };
    if ty.dtype.time_unit().is_some() {
        let message = "`n` and the axis of times are constants";
        return call.argument_error(1, Code::ArgumentValue, message);
    }
    let negative = e.is_negative(n);
    e.raise_if(negative, "ValueError", "order must be non-negative but got {}", &[n]);
    let axis = e.run_time_axis(call, 2, array)?;
    let args = vec![e.view_argument(array), axis, n];
    Ok(e.call_kernel("differences", ty.dtype, args, Type::array(ty.dtype, ty.ndim, Layout::C)))
}

/// The array with others before and behind along an axis; those without axes are repeated along the others.
fn extended(e: &mut Emitter<'_>, array: Value, axis: usize, ends: [Option<Value>; 2]) -> Emit {
    let ty = e.array_type(array);
    let extents = e.extents(array);
    let (zero, one) = (e.b.int64(0), e.b.int64(1));
    let mut dtype = ty.dtype;
    let mut lengths = [zero, zero];
    for (end, length) in ends.iter().zip(&mut lengths) {
        let Some(end) = *end else { continue };
        let own = e.array_type(end);
        dtype = promote(dtype, own.dtype).unwrap_or(dtype);
        *length = one;
        if own.ndim == 0 {
            continue;
        }
        if own.ndim != ty.ndim {
            let message = format!("all arrays have {} axes, but this has {}", ty.ndim, own.ndim);
            return e.error(Code::ArgumentType, message);
        }
        let own = e.extents(end);
        *length = own[axis];
        for other in (0..extents.len()).filter(|other| *other != axis) {
            let same = e.equal(own[other], extents[other]);
            let message = format!(
                "all the input array dimensions except for the concatenation axis must match exactly, but along \
                 dimension {other}, they are {{}} and {{}}"
            );
            e.raise_unless(same, "ValueError", &message, &[extents[other], own[other]]);
        }
    }
    let mut whole_extents = extents.clone();
    whole_extents[axis] = e.b.add(extents[axis], lengths[0]);
    whole_extents[axis] = e.b.add(whole_extents[axis], lengths[1]);
    let whole = e.allocate_array(dtype, &whole_extents, Layout::C, false)?;
    let mut first = zero;
    let parts = [(ends[0], lengths[0]), (Some(array), extents[axis]), (ends[1], lengths[1])];
    for (part, length) in parts {
        let Some(part) = part else { continue };
        let mut part_extents = extents.clone();
        part_extents[axis] = length;
        let strides = e.strides(whole);
        let bytes = e.b.mul(first, strides[axis]);
        let data = e.array_data(whole);
        let data = e.b.offset(data, bytes);
        let owner = e.array_owner(whole);
        let view = ArrayType { layout: Layout::A, ..e.array_type(whole) };
        let target = e.make_array(view, data, owner, &part_extents, &strides);
        e.assign_array(target, part)?;
        first = e.b.add(first, length);
    }
    Ok(whole)
}

fn ediff1d(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let array = e.contiguous(array, Layout::C)?;
    let array = e.one_axis(array);
    let dtype = e.array_type(array).dtype;
    let differences = e.differences(array, 0)?;
    let mut ends = [None, None];
    // `to_begin` stands first in the result.
    for (end, idx) in ends.iter_mut().zip([2, 1]) {
        if e.ty(call.args[idx]).is_none() {
            continue;
        }
        let value = array_like(e, call, idx)?;
        let from = e.array_type(value).dtype;
        if !crate::numpy::promotion::can_cast_same_kind(from, dtype) {
            let message = format!(
                "dtype of this must be compatible with the array's, {dtype}, under the same_kind rule"
            );
            return call.argument_error(idx, Code::ArgumentType, message);
        }
        let value = e.cast_array(value, dtype, Layout::C)?;
        let value = e.one_axis(value);
        *end = Some(value);
    }
    if ends == [None, None] { Ok(differences) } else { extended(e, differences, 0, ends) }
}

fn gradient(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    let ndim = usize::from(ty.ndim);
    let axes: Vec<usize> = match axes_argument(e, call, 2, call.args[2], array)? {
        // A tuple gives them in an order of its own.
        Axes::Known(_) if e.ty(call.args[2]).as_tuple().is_some() => {
            let parts = e.tuple_elements(call.args[2]);
            parts.into_iter().map(|part| constant_axis(e, call, 2, part, ndim)).collect::<Emit<_>>()?
        }
        Axes::Known(reduced) => (0..ndim).filter(|axis| reduced[*axis]).collect(),
        Axes::One { .. } => {
            let diagnostic =
                Diagnostic::new(Code::ArgumentValue, call.spans[2], "an axis must be a constant here");
            return Err(diagnostic.into());
        }
    };
    let edge_order = match e.ty(call.args[3]).as_literal_int() {
        Some(order @ (1 | 2)) => order as i64,
        _ => return call.argument_error(3, Code::ArgumentValue, "`edge_order` is 1 or 2, a constant"),
    };
    if ty.dtype.is_bool() {
        return call.argument_error(0, Code::ArgumentType, "the gradient of bools is not defined");
    }
    let spacing = e.tuple_elements(call.args[1]);
    let is_number = |e: &Emitter<'_>, value: Value| e.ty(value).widen().is_number();
    let spacing: Vec<Option<Value>> = match spacing[..] {
        [] => vec![None; axes.len()],
        [one] if is_number(e, one) => vec![Some(one); axes.len()],
        _ if spacing.len() == axes.len() => spacing.into_iter().map(Some).collect(),
        _ => return call.argument_error(1, Code::ArgumentCount, "one distance, or one for each axis"),
    };
    let dtype = if ty.dtype.is_int() { Type::float64() } else { ty.dtype };
    let array = if ty.dtype == dtype { array } else { e.cast_array(array, dtype, Layout::C)? };
    let extents = e.extents(array);
    let mut results = Vec::with_capacity(axes.len());
    for (axis, spacing) in axes.into_iter().zip(spacing) {
        let positions = match spacing {
            None => {
                let one = e.b.float(1.0, Type::float64());
                e.array_of_numbers(&[one], &[1], Type::float64())?
            }
            Some(value) => {
                let value = e.scalar_of(value);
                let value = e.plain(value);
                match e.ty(value).as_array() {
                    None if e.ty(value).is_number() && !e.ty(value).is_complex() => {
                        let value = e.as_float64(value)?;
                        e.array_of_numbers(&[value], &[1], Type::float64())?
                    }
                    Some(positions) if positions.ndim == 1 && !positions.dtype.is_complex() => {
                        let length = e.extents(value)[0];
                        let fits = e.equal(length, extents[axis]);
                        let message =
                            "when 1d, distances must match the length of the corresponding dimension";
                        e.raise_unless(fits, "ValueError", message, &[]);
                        e.cast_array(value, Type::float64(), Layout::C)?
                    }
                    _ => {
                        let message = "distances are numbers or arrays of one dimension";
                        return call.argument_error(1, Code::ArgumentType, message);
                    }
                }
            }
        };
        let out = e.allocate_array(dtype, &extents, Layout::C, false)?;
        let [array, out_view, positions] = [array, out, positions].map(|array| e.view_argument(array));
        let axis = e.b.int64(axis as i64);
        let edge_order = e.b.int64(edge_order);
        e.call_kernel("gradient", dtype, vec![array, axis, out_view, positions, edge_order], Type::none());
        results.push(out);
    }
    Ok(if let [result] = results[..] { result } else { e.tuple(results) })
}

fn trapezoid(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let y = array_like(e, call, 0)?;
    let ndim = usize::from(e.array_type(y).ndim);
    let axis = constant_axis(e, call, 3, call.args[3], ndim)?;
    let [later, earlier] = [1, 0].map(|first| e.shortened(y, axis, first, 1));
    let dtype = e.array_type(y).dtype;
    let distance = if e.ty(call.args[1]).is_none() {
        let dx = e.scalar_of(call.args[2]);
        let dx = e.plain(dx);
        if !e.ty(dx).is_number() {
            let message = format!("`dx` is a number, not {}", e.ty(dx).shown());
            return call.argument_error(2, Code::ArgumentType, message);
        }
        // Numbers take the precision of arrays.
        if dtype.is_float() && !e.ty(dx).is_complex() {
            return trapezoid_by_kernel(e, "trapezoid", axis, &[later, earlier, dx]);
        }
        dx
    } else {
        let x = array_like(e, call, 1)?;
        let ty = e.array_type(x);
        if ty.ndim == 1 {
            if dtype.is_float() && ty.dtype == dtype {
                let places = [1, 0].map(|first| e.shortened(x, 0, first, 1));
                let [ends, starts] = places.map(|places| along(e, places, axis, ndim));
                return trapezoid_by_kernel(e, "trapezoid_at", axis, &[later, earlier, ends, starts]);
            }
            let differences = e.differences(x, 0)?;
            along(e, differences, axis, ndim)
        } else {
            let axis = constant_axis(e, call, 3, call.args[3], usize::from(ty.ndim))?;
            e.differences(x, axis)?
        }
    };
    let [add, multiply, divide] =
        ["numpy.add", "numpy.multiply", "numpy.divide"].map(|name| ufunc(name).expect("all are ufuncs"));
    let sum = add.apply(e, &[later, earlier])?;
    let product = multiply.apply(e, &[distance, sum])?;
    let two = e.b.float(2.0, Type::float64());
    let terms = divide.apply(e, &[product, two])?;
    let terms_ndim = usize::from(e.array_type(terms).ndim);
    let axis = axis + terms_ndim - ndim;
    let axes = Axes::Known((0..terms_ndim).map(|other| other == axis).collect());
    e.fold(&SUM, terms, &axes, false, None)
}

/// The integral where all of it is computed in one precision: of operands that broadcast.
fn trapezoid_by_kernel(e: &mut Emitter<'_>, name: &str, axis: usize, operands: &[Value]) -> Emit {
    let ty = e.array_type(operands[0]);
    let ndim = usize::from(ty.ndim);
    let extents = e.broadcast_extents(operands)?;
    let axes = Axes::Known((0..ndim).map(|other| other == axis).collect());
    let mut args = Vec::new();
    for operand in operands {
        args.push(e.repeated_view(*operand, ty.dtype, &extents)?);
    }
    args.push(axes.mask(e));
    let extents = (ndim > 1).then(|| axes.reduced_extents(e, &extents, false));
    e.filled_by_kernel(name, ty.dtype, args, ty.dtype, extents.as_deref(), Vec::new())
}

/// An array of one axis as one of several, all others of one element.
fn along(e: &mut Emitter<'_>, array: Value, axis: usize, ndim: usize) -> Value {
    let ty = e.array_type(array);
    let (one, zero) = (e.b.int64(1), e.b.int64(0));
    let (mut extents, mut strides) = (vec![one; ndim], vec![zero; ndim]);
    extents[axis] = e.extents(array)[0];
    strides[axis] = e.strides(array)[0];
    // Axes of one element have no influence on contiguity.
    e.view_as(array, ArrayType { ndim: ndim as u8, ..ty }, &extents, &strides)
}

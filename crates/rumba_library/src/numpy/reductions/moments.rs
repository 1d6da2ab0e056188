//! `mean`, `var`, `std` and `average`.

use super::nan::may_have_nan;
use super::request::{Axes, Request};
use super::{ANY, SUM};
use crate::arrays::creation::array_like;
use crate::arrays::reshaping::constant_bool;
use crate::declaration::Call;
use crate::numpy::promotion::promote;
use crate::numpy::ufuncs::ufunc;
use crate::{Emit, Emitter};
use rumba_ir::{Access, BinaryOp, UnaryOp, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::{ArrayType, Layout, Type, TypeKind};

/// What means of this dtype are computed in.
pub(super) fn inexact(dtype: Type) -> Type {
    if dtype.is_int() || dtype.is_bool() { Type::float64() } else { dtype }
}

/// The dtype of the squared distance of two numbers.
fn real(dtype: Type) -> Type {
    match dtype.kind() {
        TypeKind::Complex(kind) => Type::float(*kind),
        _ => dtype,
    }
}

pub(super) fn mean(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let request = Request::of(e, call)?;
    let dtype = request.dtype.unwrap_or(inexact(request.array_dtype(e)));
    let result = mean_of(e, &request, dtype, request.keepdims)?;
    request.finish(e, result)
}

/// The mean of the elements as another dtype.
pub(super) fn mean_of(e: &mut Emitter<'_>, request: &Request, dtype: Type, keepdims: bool) -> Emit {
    let zero = e.b.int64(0);
    let array = request.masked(e, zero)?;
    let array = e.elements_as(array, dtype, &request.axes)?;
    let sum = e.fold(&SUM, array, &request.axes, keepdims, None)?;
    let sum = e.cast_value(sum, dtype)?;
    let count = request.count(e, keepdims)?;
    e.divided(sum, count)
}

/// `mean=`, `ddof` and `correction` of a call.
struct Options {
    mean: Option<Value>,
    /// What is taken off the number of elements: a float64.
    correction: Value,
}

impl Options {
    fn of(e: &mut Emitter<'_>, call: &Call) -> Emit<Options> {
        let given = |e: &Emitter<'_>, name: &str| {
            call.position(name).filter(|idx| e.ty(call.args[*idx]) != Type::undefined())
        };
        let ddof = given(e, "ddof").expect("there is a default");
        let number = match given(e, "correction") {
            Some(idx) if e.ty(call.args[ddof]).as_literal_int() != Some(0) => {
                let message = "ddof and correction can't be provided simultaneously";
                return call.argument_error(idx, Code::ArgumentValue, message);
            }
            Some(idx) => idx,
            None => ddof,
        };
        let value = e.scalar_of(call.args[number]);
        let value = e.plain(value);
        if !e.ty(value).is_number() || e.ty(value).is_complex() {
            let message = format!("this is a real number, not {}", e.ty(value).shown());
            return call.argument_error(number, Code::ArgumentType, message);
        }
        let correction = e.as_float64(value)?;
        let mean = given(e, "mean").map(|idx| call.args[idx]);
        if let (Some(mean), Some(idx)) = (mean, given(e, "mean"))
            && !e.has_axes(mean)
        {
            let mean = e.scalar_of(mean);
            if !e.ty(mean).widen().is_number() {
                let message = format!("`mean` is an array, not {}", e.ty(mean).shown());
                return call.argument_error(idx, Code::ArgumentType, message);
            }
        }
        Ok(Options { mean, correction })
    }
}

pub(super) fn variance(e: &mut Emitter<'_>, call: &Call, is_root: bool) -> Emit {
    let request = Request::of(e, call)?;
    variance_of(e, call, &request, is_root, false)
}

/// The variance of the elements that are not nan by the runtime's kernel, where that has it.
pub(super) fn nan_variance(
    e: &mut Emitter<'_>,
    call: &Call,
    request: &Request,
    is_root: bool,
) -> Emit<Option<Value>> {
    let options = Options::of(e, call)?;
    let dtype = request.array_dtype(e);
    let plain = request.mask.is_none() && request.dtype.is_none() && options.mean.is_none();
    if !may_have_nan(dtype) || !plain {
        return Ok(None);
    }
    let args = vec![e.view_argument(request.array), request.axes.mask(e)];
    let extents = request.result_extents(e);
    let more = vec![options.correction, e.b.bool(is_root)];
    let variances = e.filled_by_kernel("nan_variance", dtype, args, real(dtype), extents.as_deref(), more)?;
    request.finish(e, variances).map(Some)
}

/// Where no degrees of freedom are left, the result is nan if `or_nan`.
pub(super) fn variance_of(
    e: &mut Emitter<'_>,
    call: &Call,
    request: &Request,
    is_root: bool,
    or_nan: bool,
) -> Emit {
    let options = Options::of(e, call)?;
    let dtype = inexact(request.dtype.unwrap_or(request.array_dtype(e)));
    let result = if let Some(mean) = options.mean {
        let mean = e.scalar_of(mean);
        let count = request.count(e, request.keepdims)?;
        let deviations = e.squared_distances(request.array, mean, request.mask, dtype)?;
        let sum = e.fold(&SUM, deviations, &request.axes, request.keepdims, None)?;
        e.variance_from(sum, count, options.correction, is_root, or_nan)?
    } else {
        variance_by_kernel(e, request, dtype, options.correction, [is_root, or_nan])?
    };
    let result = match request.dtype {
        Some(dtype) => e.cast_value(result, real(dtype))?,
        None => result,
    };
    request.finish(e, result)
}

/// The variance by the runtime's kernels.
fn variance_by_kernel(
    e: &mut Emitter<'_>,
    request: &Request,
    dtype: Type,
    correction: Value,
    [is_root, or_nan]: [bool; 2],
) -> Emit {
    let array = e.elements_as(request.array, dtype, &Axes::Known(vec![false]))?;
    let mut args = vec![e.view_argument(array), request.axes.mask(e)];
    let mut more = vec![correction, e.b.bool(is_root)];
    let kernel = match request.mask {
        Some(mask) => {
            let extents = e.extents(array);
            args.push(e.repeated_view(mask, Type::bool(), &extents)?);
            more.push(e.b.bool(or_nan));
            "variance_where"
        }
        None => "variance",
    };
    let extents = request.result_extents(e);
    e.filled_by_kernel(kernel, dtype, args, real(dtype), extents.as_deref(), more)
}

impl Emitter<'_> {
    /// A number, or an array that broadcasts to a shape, as a view of this shape, as kernels take it.
    pub(crate) fn repeated_view(&mut self, value: Value, dtype: Type, extents: &[Value]) -> Emit {
        if self.is_array(value) {
            let strides = self.strides_for(value, extents, "the shapes were compared already")?;
            let data = self.array_data(value);
            return Ok(self.view_slots(data, dtype, extents, &strides));
        }
        let value = self.coerce(value, dtype)?;
        let data = self.b.stack_memory(dtype.item_size() as u32);
        self.b.store(data, value, Access::aligned(true));
        let zero = self.b.int64(0);
        let strides = vec![zero; extents.len()];
        Ok(self.view_slots(data, dtype, extents, &strides))
    }

    /// A sum, or an array of sums, divided by so many: an int64 or an array of them. An array of sums may be overwritten.
    pub(super) fn divided(&mut self, sum: Value, count: Value) -> Emit {
        let dtype = self.ty(sum).as_array().map_or(self.ty(sum), |array| array.dtype);
        let quotient = |e: &mut Emitter<'_>, values: &[Value]| -> Emit {
            let wide = if dtype.is_complex() { Type::complex128() } else { Type::float64() };
            let [sum, count] = [e.coerce(values[0], wide)?, e.coerce(values[1], wide)?];
            let quotient = ufunc("numpy.divide").expect("np.divide is a ufunc").apply(e, &[sum, count])?;
            e.cast_number(quotient, dtype)
        };
        if !self.has_axes(sum) {
            return quotient(self, &[sum, count]);
        }
        if self.has_axes(count) || dtype.is_int() || dtype.is_bool() {
            return self.map(&[sum, count], quotient);
        }
        let count = self.as_float64(count)?;
        let view = self.view_argument(sum);
        self.call_kernel("divide", dtype, vec![view, count], Type::none());
        Ok(sum)
    }

    /// `abs(x - mean) ** 2` of every element; 0 where `mask` is false.
    pub(super) fn squared_distances(
        &mut self,
        array: Value,
        mean: Value,
        mask: Option<Value>,
        dtype: Type,
    ) -> Emit {
        let operands: Vec<Value> = [array, mean].into_iter().chain(mask).collect();
        self.map(&operands, |e, values| {
            let dtype = promote(dtype, e.ty(values[1]).widen()).unwrap_or(dtype);
            let element = e.cast_number(values[0], dtype)?;
            let mean = e.cast_number(values[1], dtype)?;
            let square = |e: &mut Emitter<'_>, x: Value, y: Value| {
                let distance = e.b.sub(x, y);
                e.b.mul(distance, distance)
            };
            let distance = if dtype.is_complex() {
                let [re, im] = [0, 1].map(|part| {
                    let (x, y) = (e.b.field(element, part), e.b.field(mean, part));
                    square(e, x, y)
                });
                e.b.add(re, im)
            } else {
                square(e, element, mean)
            };
            let Some(condition) = values.get(2) else { return Ok(distance) };
            let condition = e.coerce(*condition, Type::bool())?;
            let zero = e.b.zero(e.ty(distance));
            Ok(e.b.select(condition, distance, zero))
        })
    }

    /// The variance from the sum of squared distances; the standard deviation if `is_root`.
    pub(super) fn variance_from(
        &mut self,
        sum: Value,
        count: Value,
        correction: Value,
        is_root: bool,
        or_nan: bool,
    ) -> Emit {
        let dtype = self.ty(sum).as_array().map_or(self.ty(sum), |array| array.dtype);
        let compute = |e: &mut Emitter<'_>, values: &[Value]| -> Emit {
            let count = e.as_float64(values[1])?;
            let freedom = e.b.sub(count, values[2]);
            let zero = e.b.zero(Type::float64());
            let is_positive = e.less(zero, freedom);
            let none = if or_nan { e.b.float(f64::NAN, Type::float64()) } else { zero };
            let freedom = e.b.select(is_positive, freedom, none);
            let sum = e.as_float64(values[0])?;
            let variance = e.b.binary(BinaryOp::Div, sum, freedom);
            let variance = e.b.convert(variance, dtype);
            Ok(if is_root { e.b.unary(UnaryOp::Sqrt, variance) } else { variance })
        };
        let operands = [sum, count, correction];
        if self.has_axes(sum) { self.map(&operands, compute) } else { compute(self, &operands) }
    }
}

pub(super) fn average(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let request = Request::of(e, call)?;
    let returned = constant_bool(e, call, 3, "returned")?;
    if e.ty(call.args[2]).is_none() {
        let dtype = inexact(request.array_dtype(e));
        let average = mean_of(e, &request, dtype, request.keepdims)?;
        let count = request.count(e, request.keepdims)?;
        let scale = e.cast_number(count, dtype)?;
        return with_scale(e, average, scale, returned);
    }
    let weights = array_like(e, call, 2)?;
    let (array_type, weights_type) = (e.array_type(request.array), e.array_type(weights));
    let mut dtype = promote(array_type.dtype, weights_type.dtype).unwrap_or(array_type.dtype);
    if array_type.dtype.is_int() || array_type.dtype.is_bool() {
        dtype = promote(dtype, Type::float64()).unwrap_or(dtype);
    }
    let weights = weights_like(e, call, &request, weights, [1, 2])?;
    if dtype.is_float() {
        let array = e.elements_as(request.array, dtype, &Axes::Known(vec![false]))?;
        let weights = e.elements_as(weights, dtype, &Axes::Known(vec![false]))?;
        let extents = request.result_extents(e);
        let scale = match &extents {
            Some(extents) => e.allocate_array(dtype, extents, Layout::C, false)?,
            None => e.allocate_array(dtype, &[], Layout::C, false)?,
        };
        let args = vec![e.view_argument(array), e.view_argument(weights), request.axes.mask(e)];
        let more = vec![e.view_argument(scale)];
        let average = e.filled_by_kernel("average", dtype, args, dtype, extents.as_deref(), more)?;
        let scale = e.scalar_of(scale);
        return with_scale(e, average, scale, returned);
    }
    let weights = e.elements_as(weights, dtype, &request.axes)?;
    let scale = e.fold(&SUM, weights, &request.axes, request.keepdims, None)?;
    let scale = e.cast_value(scale, dtype)?;
    let is_zero = |e: &mut Emitter<'_>, values: &[Value]| {
        let truth = e.truth(values[0])?;
        let truth = e.coerce(truth, Type::bool())?;
        Ok(e.b.not(truth))
    };
    let any_zero = if e.has_axes(scale) {
        let zeros = e.map(&[scale], is_zero)?;
        let axes = Axes::all(usize::from(e.array_type(zeros).ndim));
        e.fold(&ANY, zeros, &axes, false, None)?
    } else {
        is_zero(e, &[scale])?
    };
    e.raise_if(any_zero, "ZeroDivisionError", "Weights sum to zero, can't be normalized", &[]);
    let multiply = ufunc("numpy.multiply").expect("np.multiply is a ufunc");
    let product = e.map(&[request.array, weights], |e, values| {
        let [a, b] = [e.cast_number(values[0], dtype)?, e.cast_number(values[1], dtype)?];
        multiply.apply(e, &[a, b])
    })?;
    let sum = e.fold(&SUM, product, &request.axes, request.keepdims, None)?;
    let sum = e.cast_value(sum, dtype)?;
    let divide = ufunc("numpy.divide").expect("np.divide is a ufunc");
    let average = divide.apply(e, &[sum, scale])?;
    with_scale(e, average, scale, returned)
}

/// Weights of the shape of the array: those of one axis are repeated along the others. The numbers are those of the arguments
/// for axis and weights.
pub(crate) fn weights_like(
    e: &mut Emitter<'_>,
    call: &Call,
    request: &Request,
    weights: Value,
    [axis_idx, weights_idx]: [usize; 2],
) -> Emit {
    let has_axis = !e.ty(call.args[axis_idx]).is_none();
    let (class, mismatch) = match has_axis {
        true => ("ValueError", "Shape of weights must be consistent with shape of a along specified axis."),
        false => ("TypeError", "Axis must be specified when shapes of a and weights differ."),
    };
    let (array, own) = (e.array_type(request.array), e.array_type(weights));
    let extents = e.extents(request.array);
    if own.ndim == array.ndim {
        let own = e.extents(weights);
        let mut same = e.b.bool(true);
        for (own, extent) in own.iter().zip(&extents) {
            let equal = e.equal(*own, *extent);
            same = e.b.and(same, equal);
        }
        e.raise_unless(same, class, mismatch, &[]);
        return Ok(weights);
    }
    if own.ndim != 1 || !has_axis || e.ty(call.args[axis_idx]).as_tuple().is_some() {
        let diagnostic = Diagnostic::new(
            Code::ArgumentType,
            call.spans[weights_idx],
            format!("the weights have {} axes, the array has {}", own.ndim, array.ndim),
        );
        return Err(diagnostic
            .note("weights have the shape of the array, or are those of the one axis given")
            .into());
    }
    let extent = request.axes.count(e, &extents);
    let (length, stride) = (e.extents(weights)[0], e.strides(weights)[0]);
    let fits = e.equal(length, extent);
    e.raise_unless(fits, class, mismatch, &[]);
    let zero = e.b.int64(0);
    let mut strides = Vec::with_capacity(extents.len());
    for position in 0..extents.len() {
        strides.push(match &request.axes {
            Axes::Known(reduced) => {
                if reduced[position] {
                    stride
                } else {
                    zero
                }
            }
            Axes::One { axis, .. } => {
                let position = e.b.int64(position as i64);
                let is_it = e.equal(position, *axis);
                e.b.select(is_it, stride, zero)
            }
        });
    }
    let ty = ArrayType { ndim: array.ndim, layout: Layout::A, readonly: true, ..own };
    Ok(e.view_as(weights, ty, &extents, &strides))
}

/// An average, and what it was divided by if that is asked for.
fn with_scale(e: &mut Emitter<'_>, average: Value, scale: Value, returned: bool) -> Emit {
    if !returned {
        return Ok(average);
    }
    let scale = if e.has_axes(average) && !e.has_axes(scale) {
        let dtype = e.ty(scale);
        let extents = e.extents(average);
        let filled = e.allocate_array(dtype, &extents, Layout::C, false)?;
        e.fill_array(filled, scale)?;
        filled
    } else {
        scale
    };
    Ok(e.tuple(vec![average, scale]))
}

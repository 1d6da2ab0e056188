//! Sequences of samples: `np.convolve`, `np.correlate`, `np.interp` and `np.unwrap`.

use super::promotion::promote;
use super::sorting::array_and_axis;
use crate::arrays::creation::{array_like, number_argument};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_source::Code;
use rumba_types::{Layout, Type, TypeKind};

const A: Param = Param::required("a");
const V: Param = Param::required("v");

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.convolve",
        params: &[A, V, Param::optional("mode", Default::Str("full"))],
        doc: "The convolution of two arrays of one axis.",
        rule: |e, call| products(e, call, true),
    },
    Declaration {
        path: "numpy.correlate",
        params: &[A, V, Param::optional("mode", Default::Str("valid"))],
        doc: "The correlation of two arrays of one axis, the second conjugated.",
        rule: |e, call| products(e, call, false),
    },
    Declaration {
        path: "numpy.interp",
        params: &[
            Param::required("x"),
            Param::required("xp"),
            Param::required("fp"),
            Param::optional("left", Default::None),
            Param::optional("right", Default::None),
            Param::optional("period", Default::None),
        ],
        doc: "Values at places between those given, which are increasing, on straight lines.",
        rule: interp,
    },
    Declaration {
        path: "numpy.unwrap",
        params: &[
            Param::required("p"),
            Param::optional("discont", Default::None),
            Param::optional("axis", Default::Int(-1)),
            Param::optional("period", Default::Float(std::f64::consts::TAU)).keyword_only(),
        ],
        doc: "Phases without the jumps of a period between neighbours, as floats; of floats and int64.",
        rule: unwrap,
    },
];

/// What products are summed in: narrow integers as wide ones, which give the same when they are cut off.
pub(crate) fn computed_in(dtype: Type) -> Type {
    match dtype.kind() {
        TypeKind::Bool => Type::int64(),
        TypeKind::Int(kind) => Type::int(64, kind.signed),
        _ => dtype,
    }
}

fn products(e: &mut Emitter<'_>, call: &Call, is_convolution: bool) -> Emit {
    let mut arrays = Vec::with_capacity(2);
    for idx in 0..2 {
        let array = array_like(e, call, idx)?;
        // A number counts as an array of one element.
        let array = if e.array_type(array).ndim == 0 { e.at_least_1d(array)? } else { array };
        if e.array_type(array).ndim != 1 {
            return call.argument_error(idx, Code::ArgumentType, "object too deep for desired array");
        }
        arrays.push(array);
    }
    let mode = match e.ty(call.args[2]).as_literal_str() {
        Some("valid") => 0,
        Some("same") => 1,
        Some("full") => 2,
        _ => {
            let message = "`mode` is one of the constants 'full', 'same' and 'valid'";
            return call.argument_error(2, Code::ArgumentValue, message);
        }
    };
    let [first, second] = [arrays[0], arrays[1]].map(|array| e.array_type(array).dtype);
    let dtype = promote(first, second).unwrap_or(first);
    let computed = computed_in(dtype);
    let mut args = Vec::with_capacity(4);
    for array in arrays {
        let array = e.as_dtype(array, computed)?;
        args.push(e.view_argument(array));
    }
    args.push(e.b.int64(mode));
    args.push(e.b.bool(is_convolution));
    let result = e.call_kernel("sliding_products", computed, args, Type::array(computed, 1, Layout::C));
    e.as_dtype(result, dtype)
}

fn interp(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let x = e.scalar_of(call.args[0]);
    let is_number = e.ty(x).widen().is_number();
    let x = array_like(e, call, 0)?;
    let (xp, fp) = (array_like(e, call, 1)?, array_like(e, call, 2)?);
    for (idx, array) in [(0, x), (1, xp)] {
        if e.array_type(array).dtype.is_complex() {
            return call.argument_error(idx, Code::ArgumentType, "places are real numbers");
        }
    }
    for (idx, array) in [(1, xp), (2, fp)] {
        if e.array_type(array).ndim != 1 {
            return call.argument_error(idx, Code::ArgumentType, "Data points must be 1-D sequences");
        }
    }
    let dtype = if e.array_type(fp).dtype.is_complex() { Type::complex128() } else { Type::float64() };
    let (x, xp) = (e.as_dtype(x, Type::float64())?, e.as_dtype(xp, Type::float64())?);
    let fp = e.as_dtype(fp, dtype)?;
    let ndim = e.array_type(x).ndim;
    let mut ends = Vec::with_capacity(2);
    let mut given = Vec::with_capacity(2);
    for idx in [3, 4] {
        let is_given = !e.ty(call.args[idx]).is_none();
        given.push(e.b.bool(is_given));
        let number = if is_given { number_argument(e, call, idx)? } else { e.b.zero(dtype) };
        ends.push(e.coerce(number, dtype)?);
    }
    let ends = e.array_of_numbers(&ends, &[2], dtype)?;
    let has_period = !e.ty(call.args[5]).is_none();
    let period = if has_period {
        let period = number_argument(e, call, 5)?;
        let period = e.as_float64(period)?;
        let zero = e.b.zero(Type::float64());
        let fine = e.not_equal(period, zero);
        e.raise_unless(fine, "ValueError", "period must be a non-zero value", &[]);
        period
    } else {
        e.b.zero(Type::float64())
    };
    let mut args = vec![e.view_argument(x), e.view_argument(xp), e.view_argument(fp), e.view_argument(ends)];
    args.extend(given);
    args.push(period);
    let result = e.call_kernel("interp", dtype, args, Type::array(dtype, ndim, Layout::C));
    Ok(if is_number { e.scalar_of(result) } else { result })
}

fn unwrap(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let given = e.array_type(array).dtype;
    if !given.is_float() && !given.is_int() {
        let message = format!("phases are integers or floats, not {given}");
        return call.argument_error(0, Code::ArgumentType, message);
    }
    if e.ty(call.args[2]).is_none() {
        return call.argument_error(2, Code::ArgumentType, "an axis is an integer, not None");
    }
    let (array, axis) = array_and_axis(e, call, array, 2)?;
    let ty = e.array_type(array);
    let period = number_argument(e, call, 3)?;
    if e.ty(period).is_int() && !ty.dtype.is_float() {
        let message = "an integer `period` of integers is not supported: use a float";
        return call.argument_error(3, Code::ArgumentType, message);
    }
    let period = e.as_float64(period)?;
    let jump = if e.ty(call.args[1]).is_none() {
        let half = e.b.float(0.5, Type::float64());
        e.b.mul(period, half)
    } else {
        let jump = number_argument(e, call, 1)?;
        e.as_float64(jump)?
    };
    let args = vec![e.view_argument(array), axis, jump, period];
    let (kernel, result) =
        if given.is_float() { ("unwrap", given) } else { ("unwrap_integers", Type::float64()) };
    Ok(e.call_kernel(kernel, given, args, Type::array(result, ty.ndim, Layout::C)))
}

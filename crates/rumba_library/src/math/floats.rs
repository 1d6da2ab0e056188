//! Functions of `math` that take floats apart, put them together, and test them.

use super::integers::int_argument;
use crate::operators::BinaryOperator;
use crate::{Call, Emit, Emitter};
use rumba_ir::{BinaryOp, CompareOp, RuntimeFunction, Scalar, UnaryOp, Value};
use rumba_types::Type;

static FREXP: RuntimeFunction = RuntimeFunction::effect("rumba_frexp_f64");
static LDEXP: RuntimeFunction = RuntimeFunction::pure("rumba_ldexp_f64");
static FMA: RuntimeFunction = RuntimeFunction::pure("rumba_fma_f64");
static NEXTAFTER_F64: RuntimeFunction = RuntimeFunction::pure("rumba_nextafter_f64");
static NEXTAFTER_F32: RuntimeFunction = RuntimeFunction::pure("rumba_nextafter_f32");

/// All arguments as floats of one type.
fn floats(e: &mut Emitter<'_>, call: &Call) -> Emit<(Vec<Value>, Type)> {
    e.floats_of_one_type(call.short_name(), &call.args)
}

/// The only argument as a float.
fn float(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (args, _) = e.floats_of_one_type(call.short_name(), &call.args[..1])?;
    Ok(args[0])
}

pub(super) fn log(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let [x, base] = [call.args[0], call.args[1]];
    if e.ty(base) == Type::undefined() {
        return e.elementary("log", &[x]);
    }
    let (args, _) = floats(e, call)?;
    let numerator = e.elementary("log", &args[..1])?;
    let denominator = e.elementary("log", &args[1..])?;
    e.binary(BinaryOperator::Div, numerator, denominator)
}

pub(super) fn sqrt(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let x = float(e, call)?;
    Ok(e.b.unary(UnaryOp::Sqrt, x))
}

pub(super) fn fabs(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let x = float(e, call)?;
    Ok(e.b.unary(UnaryOp::Abs, x))
}

fn scaled(e: &mut Emitter<'_>, call: &Call, factor: f64) -> Emit {
    let x = float(e, call)?;
    let factor = e.b.float(factor, e.ty(x));
    Ok(e.b.mul(x, factor))
}

pub(super) fn degrees(e: &mut Emitter<'_>, call: &Call) -> Emit {
    scaled(e, call, 180.0 / std::f64::consts::PI)
}

pub(super) fn radians(e: &mut Emitter<'_>, call: &Call) -> Emit {
    scaled(e, call, std::f64::consts::PI / 180.0)
}

pub(super) fn modf(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let x = float(e, call)?;
    let ty = e.ty(x);
    let whole = e.b.unary(UnaryOp::Trunc, x);
    let difference = e.b.sub(x, whole);
    // inf - inf is NaN, but the fraction of an infinity is zero.
    let infinite = e.is_infinite(x);
    let zero = e.b.zero(ty);
    let fraction = e.b.select(infinite, zero, difference);
    let fraction = e.copy_sign(fraction, x);
    Ok(e.tuple(vec![fraction, whole]))
}

pub(super) fn frexp(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let x = float(e, call)?;
    let ty = e.ty(x);
    let wide = e.coerce(x, Type::float64())?;
    let pair = Type::tuple(vec![Type::float64(), Type::int64()]);
    let parts = e.b.call_runtime(&FREXP, vec![wide], pair, None);
    let mantissa = e.b.field(parts, 0);
    let mantissa = e.coerce(mantissa, ty)?;
    let exponent = e.b.field(parts, 1);
    Ok(e.tuple(vec![mantissa, exponent]))
}

pub(super) fn ldexp(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let x = float(e, call)?;
    let ty = e.ty(x);
    let wide = e.coerce(x, Type::float64())?;
    let exponent = int_argument(e, call, 1)?;
    let result = e.b.call_runtime(&LDEXP, vec![wide, exponent], Type::float64(), None);
    e.coerce(result, ty)
}

pub(super) fn copysign(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (args, _) = floats(e, call)?;
    Ok(e.copy_sign(args[0], args[1]))
}

pub(super) fn nextafter(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (mut args, ty) = e.floats_of_one_type(call.short_name(), &call.args[..2])?;
    let steps = if e.ty(call.args[2]).is_none() {
        e.b.int64(1)
    } else {
        let steps = int_argument(e, call, 2)?;
        let negative = e.is_negative(steps);
        e.raise_if(negative, "ValueError", "steps must be a non-negative integer", &[]);
        steps
    };
    args.push(e.b.convert(steps, Type::uint64()));
    let function = if ty == Type::float64() { &NEXTAFTER_F64 } else { &NEXTAFTER_F32 };
    Ok(e.b.call_runtime(function, args, ty, None))
}

pub(super) fn fma(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = call.args.iter().map(|arg| e.as_float64(*arg)).collect::<Emit<Vec<_>>>()?;
    Ok(e.b.call_runtime(&FMA, args, Type::float64(), None))
}

/// A test of a float; ints give `of_ints`.
pub(super) fn test<'f>(
    e: &mut Emitter<'f>,
    call: &Call,
    test: fn(&mut Emitter<'f>, Value) -> Value,
    of_ints: bool,
) -> Emit {
    let ty = e.ty(call.args[0]).widen();
    if ty.is_int() || ty.is_bool() {
        return Ok(e.literal_bool(of_ints));
    }
    let x = float(e, call)?;
    Ok(test(e, x))
}

/// Raises `ValueError` for negative tolerances, which constants are known not to be.
fn check_tolerance(e: &mut Emitter<'_>, tolerance: Value) {
    if !matches!(e.b.as_constant(tolerance), Some(Scalar::Float(value)) if value >= 0.0) {
        let negative = e.is_negative(tolerance);
        e.raise_if(negative, "ValueError", "tolerances must be non-negative", &[]);
    }
}

/// Whether a distance is within the tolerances, for magnitudes `a` and `b`: `(a, b, rel_tol, abs_tol)`.
fn within(e: &mut Emitter<'_>, distance: Value, [a, b, relative, absolute]: [Value; 4]) -> Value {
    let scaled_a = e.b.mul(relative, a);
    let scaled_b = e.b.mul(relative, b);
    let near_a = e.b.compare(CompareOp::Le, distance, scaled_a);
    let near_b = e.b.compare(CompareOp::Le, distance, scaled_b);
    let near = e.b.compare(CompareOp::Le, distance, absolute);
    let relative = e.b.or(near_a, near_b);
    e.b.or(relative, near)
}

pub(super) fn is_close(e: &mut Emitter<'_>, call: &Call) -> Emit {
    if call.args[..2].iter().any(|arg| e.ty(*arg).is_complex()) {
        return call.argument_error(0, rumba_source::Code::ArgumentType, "math.isclose() takes real numbers");
    }
    is_close_by(
        e,
        call,
        |e, value| e.as_float64(value),
        |e, value| Ok(e.b.unary(UnaryOp::Abs, value)),
        |e, a, b| Ok(e.b.sub(a, b)),
    )
}

/// `isclose` of numbers that `convert` brings to one type, with their magnitude and difference.
pub(crate) fn is_close_by<'f>(
    e: &mut Emitter<'f>,
    call: &Call,
    convert: impl Fn(&mut Emitter<'f>, Value) -> Emit,
    magnitude: impl Fn(&mut Emitter<'f>, Value) -> Emit,
    difference: impl Fn(&mut Emitter<'f>, Value, Value) -> Emit,
) -> Emit {
    let a = convert(e, call.args[0])?;
    let b = convert(e, call.args[1])?;
    let relative = e.as_float64(call.args[2])?;
    let absolute = e.as_float64(call.args[3])?;
    check_tolerance(e, relative);
    check_tolerance(e, absolute);
    let equal = e.comparison(crate::operators::Comparison::Eq, a, b)?;
    let distance = difference(e, a, b)?;
    let distance = magnitude(e, distance)?;
    let magnitude_a = magnitude(e, a)?;
    let magnitude_b = magnitude(e, b)?;
    let near = within(e, distance, [magnitude_a, magnitude_b, relative, absolute]);
    // An infinity is close to itself only.
    let infinite_a = e.is_infinite(magnitude_a);
    let infinite_b = e.is_infinite(magnitude_b);
    let infinite = e.b.or(infinite_a, infinite_b);
    let finite = e.b.not(infinite);
    let near = e.b.binary(BinaryOp::And, near, finite);
    Ok(e.b.or(equal, near))
}

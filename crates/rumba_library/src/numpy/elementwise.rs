//! Functions of each element that are no ufuncs: `np.clip`, `np.round`, `np.isclose`, `np.nan_to_num` and their kin.
//! Those that NumPy puts together from ufuncs are put together here; the compiler makes one loop of them.

use super::promotion::{can_cast_same_kind, effective_dtypes, promote};
use super::selecting::map_or_apply;
use super::ufuncs::ufunc;
use crate::arrays::creation::value_as_array;
use crate::arrays::reshaping::{array_argument, constant_bool};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::kernels::block_reduction;
use crate::{Emit, Emitter};
use rumba_ir::{RuntimeFunction, UnaryOp, Value};
use rumba_source::Code;
use rumba_types::{FloatKind, Type, TypeKind};
use std::f64::consts::PI;

const A: Param = Param::required("a");
const B: Param = Param::required("b");
const X: Param = Param::required("x");
const SELF: Param = Param::required("self");
const OUT: Param = Param::optional("out", Default::None);
const DECIMALS: Param = Param::optional("decimals", Default::Int(0));
const EQUAL_NAN: Param = Param::optional("equal_nan", Default::Bool(false));
const RTOL: Param = Param::optional("rtol", Default::Float(1e-5));
const ATOL: Param = Param::optional("atol", Default::Float(1e-8));

const CLIP: &str = "The numbers, those below the least as the least and those above the largest as the largest; None is no bound.";
const ROUND: &str = "The numbers rounded to a number of decimals, ties to even.";

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.clip",
        params: &[
            A,
            Param::optional("a_min", Default::Absent),
            Param::optional("a_max", Default::Absent),
            OUT,
            Param::optional("min", Default::Absent).keyword_only(),
            Param::optional("max", Default::Absent).keyword_only(),
        ],
        doc: CLIP,
        rule: clip,
    },
    Declaration {
        path: "array.clip",
        params: &[SELF, Param::optional("min", Default::None), Param::optional("max", Default::None), OUT],
        doc: CLIP,
        rule: clip,
    },
    Declaration { path: "numpy.round", params: &[A, DECIMALS, OUT], doc: ROUND, rule: round },
    Declaration { path: "numpy.around", params: &[A, DECIMALS, OUT], doc: ROUND, rule: round },
    Declaration { path: "array.round", params: &[SELF, DECIMALS, OUT], doc: ROUND, rule: round },
    Declaration {
        path: "numpy.fix",
        params: &[X, OUT],
        doc: "The number rounded towards zero.",
        rule: |e, call| {
            let value = operand(e, call, 0)?;
            apply_with_out(e, call, "trunc", &[value], 1)
        },
    },
    Declaration {
        path: "numpy.isclose",
        params: &[A, B, RTOL, ATOL, EQUAL_NAN],
        doc: "Whether numbers are equal within a tolerance.",
        rule: is_close,
    },
    Declaration {
        path: "numpy.allclose",
        params: &[A, B, RTOL, ATOL, EQUAL_NAN],
        doc: "Whether all numbers are equal within a tolerance.",
        rule: all_close,
    },
    Declaration {
        path: "numpy.array_equal",
        params: &[Param::required("a1"), Param::required("a2"), EQUAL_NAN],
        doc: "Whether two arrays have the same shape and elements.",
        rule: array_equal,
    },
    Declaration {
        path: "numpy.array_equiv",
        params: &[Param::required("a1"), Param::required("a2")],
        doc: "Whether two arrays broadcast to the same elements.",
        rule: array_equiv,
    },
    Declaration {
        path: "numpy.nan_to_num",
        params: &[
            X,
            Param::optional("copy", Default::Bool(true)),
            Param::optional("nan", Default::Float(0.0)),
            Param::optional("posinf", Default::None),
            Param::optional("neginf", Default::None),
        ],
        doc: "The numbers with others, given as numbers, for nan and infinities; in place if `copy` is False.",
        rule: nan_to_num,
    },
    Declaration {
        path: "numpy.sinc",
        params: &[X],
        doc: "The sine of pi x, divided by pi x; 1 at 0.",
        rule: |e, call| {
            let value = operand(e, call, 0)?;
            let factor = e.b.float(PI, Type::float64());
            let scaled = apply(e, "multiply", &[value, factor])?;
            let tiny = match element_type(e, scaled).kind() {
                TypeKind::Float(FloatKind::F32) => f64::from(f32::EPSILON),
                TypeKind::Float(_) => f64::EPSILON,
                _ => 1e-20,
            };
            let shifted = map_or_apply(e, &[scaled], |e, elements| {
                let truth = e.truth(elements[0])?;
                let ty = e.ty(elements[0]);
                let tiny = e.b.float(tiny, Type::float64());
                let tiny = e.cast_number(tiny, ty)?;
                Ok(e.b.select(truth, elements[0], tiny))
            })?;
            let sine = apply(e, "sin", &[shifted])?;
            apply(e, "divide", &[sine, shifted])
        },
    },
    Declaration {
        path: "numpy.angle",
        params: &[Param::required("z"), Param::optional("deg", Default::Bool(false))],
        doc: "The angle of complex numbers, in radians or degrees; `deg` is a constant.",
        rule: |e, call| {
            let value = operand(e, call, 0)?;
            let degrees = constant_bool(e, call, 1, "deg")?;
            let (real, imag) = if element_type(e, value).is_complex() {
                let part = |e: &mut Emitter<'_>, idx: usize| {
                    map_or_apply(e, &[value], |e, elements| Ok(e.b.field(elements[0], idx)))
                };
                (part(e, 0)?, part(e, 1)?)
            } else {
                (value, e.literal_int(0))
            };
            let angle = apply(e, "arctan2", &[imag, real])?;
            if !degrees {
                return Ok(angle);
            }
            let factor = e.b.float(180.0 / PI, Type::float64());
            apply(e, "multiply", &[angle, factor])
        },
    },
    Declaration {
        path: "numpy.iscomplex",
        params: &[X],
        doc: "Whether numbers have an imaginary part that is not 0.",
        rule: |e, call| is_complex(e, call, true),
    },
    Declaration {
        path: "numpy.isreal",
        params: &[X],
        doc: "Whether numbers have no imaginary part, or one of 0.",
        rule: |e, call| is_complex(e, call, false),
    },
    Declaration {
        path: "numpy.iscomplexobj",
        params: &[X],
        doc: "Whether the dtype is complex.",
        rule: |e, call| {
            let is_complex = is_complex_type(e.ty(call.args[0]));
            Ok(e.literal_bool(is_complex))
        },
    },
    Declaration {
        path: "numpy.isrealobj",
        params: &[X],
        doc: "Whether the dtype is not complex.",
        rule: |e, call| {
            let is_complex = is_complex_type(e.ty(call.args[0]));
            Ok(e.literal_bool(!is_complex))
        },
    },
    Declaration {
        path: "numpy.isscalar",
        params: &[Param::required("element")],
        doc: "Whether the value is a number or a string.",
        rule: |e, call| {
            let ty = e.ty(call.args[0]);
            Ok(e.literal_bool(ty.widen().is_number() || ty.as_literal_str().is_some()))
        },
    },
    Declaration {
        path: "numpy.isposinf",
        params: &[X, OUT],
        doc: "Whether numbers are positive infinity.",
        rule: |e, call| is_infinity(e, call, f64::INFINITY),
    },
    Declaration {
        path: "numpy.isneginf",
        params: &[X, OUT],
        doc: "Whether numbers are negative infinity.",
        rule: |e, call| is_infinity(e, call, f64::NEG_INFINITY),
    },
];

/// An argument that is a number, an array, or nested tuples of numbers as one.
fn operand(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let value = call.args[idx];
    if e.ty(value).as_array().is_some() || e.ty(value).as_literal_int().is_some() {
        return Ok(value);
    }
    let value = e.plain(value);
    if e.ty(value).is_number() { Ok(value) } else { value_as_array(e, call, idx, value) }
}

/// The dtype of an array, the type of a number.
fn element_type(e: &Emitter<'_>, value: Value) -> Type {
    let ty = e.ty(value).widen();
    ty.as_array().map_or(ty, |array| array.dtype)
}

/// The ufunc of this name.
fn apply(e: &mut Emitter<'_>, name: &str, operands: &[Value]) -> Emit {
    ufunc(&format!("numpy.{name}")).expect("a row of the table").apply(e, operands)
}

/// The ufunc of this name, into `out` if one is given.
fn apply_with_out(e: &mut Emitter<'_>, call: &Call, name: &str, operands: &[Value], out: usize) -> Emit {
    if e.ty(call.args[out]).is_none() {
        return apply(e, name, operands);
    }
    let out = array_argument(e, call, out)?;
    ufunc(&format!("numpy.{name}")).expect("a row of the table").apply_into(e, out, operands)
}

/// What `body` gives for each element, into `out` if one is given.
fn map_with_out(
    e: &mut Emitter<'_>,
    call: &Call,
    out: usize,
    operands: &[Value],
    body: impl FnOnce(&mut Emitter<'_>, &[Value]) -> Emit,
) -> Emit {
    if e.ty(call.args[out]).is_none() {
        return map_or_apply(e, operands, body);
    }
    let idx = out;
    let out = array_argument(e, call, idx)?;
    e.check_writable(out)?;
    let dtype = e.array_type(out).dtype;
    let fit = |from: &str, to: &str| {
        format!("non-broadcastable output operand with shape {to} doesn't match the broadcast shape {from}")
    };
    e.map_into(out, operands, fit, |e, elements| {
        let value = body(e, elements)?;
        let from = e.ty(value);
        if !can_cast_same_kind(from, dtype) {
            let message = format!("the result is {from}, which is not stored into an array of {dtype}");
            return call.argument_error(idx, Code::CannotConvert, message);
        }
        e.cast_number(value, dtype)
    })?;
    Ok(out)
}

/// Where the least and the largest stand in a call of `clip`.
pub(crate) fn clip_bounds(e: &Emitter<'_>, call: &Call) -> Emit<[usize; 2]> {
    if call.path == "array.clip" {
        return Ok([1, 2]);
    }
    let given = |idx: usize| e.ty(call.args[idx]) != Type::undefined();
    match (given(1), given(2)) {
        (true, true) if given(4) || given(5) => {
            let message = "`min` and `max` are not given beside `a_min` and `a_max`";
            call.argument_error(4, Code::ArgumentCount, message)
        }
        (true, true) => Ok([1, 2]),
        (false, false) => Ok([4, 5]),
        _ => call.argument_error(0, Code::ArgumentCount, "clip() needs both `a_min` and `a_max`"),
    }
}

fn clip(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (bounds, out) = (clip_bounds(e, call)?, 3);
    let array = operand(e, call, 0)?;
    let dtype = element_type(e, array);
    let mut steps: Vec<(&str, Value)> = Vec::new();
    for (idx, name) in bounds.into_iter().zip(["maximum", "minimum"]) {
        let ty = e.ty(call.args[idx]);
        if ty.is_none() || ty == Type::undefined() {
            continue;
        }
        let mut bound = operand(e, call, idx)?;
        // A Python int that is out of range on the side where it has no effect is none.
        if let (TypeKind::Int(kind), true) = (dtype.kind(), e.ty(bound).widen() == Type::int64()) {
            let limit = if name == "maximum" { kind.min() } else { kind.max() };
            if let Some(literal) = e.ty(bound).as_literal_int() {
                if (name == "maximum" && literal <= limit) || (name == "minimum" && literal >= limit) {
                    continue;
                }
            } else if let Ok(limit) = i64::try_from(limit) {
                let limit = e.b.int64(limit);
                bound = if name == "maximum" { e.max(bound, limit) } else { e.min(bound, limit) };
            }
        }
        steps.push((name, bound));
    }
    let Some((last, bound)) = steps.pop() else {
        if dtype.is_bool() {
            return call.argument_error(0, Code::ArgumentType, "clip() of bools needs a bound");
        }
        return apply_with_out(e, call, "positive", &[array], out);
    };
    let mut value = array;
    if let [(first, least)] = steps[..] {
        // All three decide on the dtype, not the first two alone.
        let types: Vec<Type> = e.types(&[array, least, bound]).into_iter().map(Type::widen).collect();
        let common = effective_dtypes(&types).into_iter().reduce(|a, b| promote(a, b).unwrap_or(a));
        value = apply(e, first, &[array, least])?;
        let common = common.unwrap_or(dtype);
        if element_type(e, value) != common {
            value = map_or_apply(e, &[value], |e, elements| e.coerce(elements[0], common))?;
        }
    }
    apply_with_out(e, call, last, &[value, bound], out)
}

/// `value * 10**decimals` or `value / 10**-decimals`, rounded, and back.
fn round(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = operand(e, call, 0)?;
    let array = e.materialise(array);
    let dtype = element_type(e, array);
    if dtype.is_bool() {
        return call.argument_error(
            0,
            Code::ArgumentType,
            "bools are not rounded (NumPy makes float16 of them)",
        );
    }
    let decimals = e.as_index(call.args[1], "decimals")?;
    let constant = e.b.as_const_int(decimals);
    if constant == Some(0) {
        return match dtype.is_int() {
            true => map_with_out(e, call, 2, &[array], |_, elements| Ok(elements[0])),
            false => apply_with_out(e, call, "rint", &[array], 2),
        };
    }
    let computed = if dtype.is_int() { Type::float64() } else { dtype };
    let part_type = match computed.kind() {
        TypeKind::Complex(kind) => Type::float(*kind),
        _ => computed,
    };
    let negative = e.is_negative(decimals);
    let power = match constant {
        Some(decimals) => e.b.float(power_of_ten(decimals.unsigned_abs()), Type::float64()),
        None => {
            let zero = e.b.int64(0);
            let negated = e.b.sub(zero, decimals);
            let magnitude = e.max(decimals, negated);
            static POWER_OF_TEN: RuntimeFunction = RuntimeFunction::pure("rumba_power_of_ten");
            e.b.call_runtime(&POWER_OF_TEN, vec![magnitude], Type::float64(), None)
        }
    };
    let power = e.b.convert(power, part_type);
    let round_part = |e: &mut Emitter<'_>, part: Value, negative: Value, power: Value| {
        let scaled = |e: &mut Emitter<'_>, value: Value, divide: Value| {
            let quotient = e.b.binary(rumba_ir::BinaryOp::Div, value, power);
            let product = e.b.mul(value, power);
            e.b.select(divide, quotient, product)
        };
        let value = scaled(e, part, negative);
        let whole = e.b.unary(UnaryOp::RoundEven, value);
        let positive = e.b.not(negative);
        scaled(e, whole, positive)
    };
    map_with_out(e, call, 2, &[array, negative, power], |e, elements| {
        let [element, negative, power] = elements[..] else { unreachable!("three operands were given") };
        if let TypeKind::Complex(_) = dtype.kind() {
            let parts = [0, 1].map(|idx| e.b.field(element, idx));
            let parts = parts.map(|part| round_part(e, part, negative, power));
            return Ok(e.b.make(dtype, parts.to_vec()));
        }
        if !dtype.is_int() {
            return Ok(round_part(e, element, negative, power));
        }
        // An integer changes before the point only.
        let wide = e.coerce(element, computed)?;
        let rounded = round_part(e, wide, negative, power);
        let rounded = e.cast_number(rounded, dtype)?;
        Ok(e.b.select(negative, rounded, element))
    })
}

/// As C's `pow` gives it.
fn power_of_ten(exponent: u64) -> f64 {
    format!("1e{}", exponent.min(400)).parse().expect("a float literal")
}

fn is_close(e: &mut Emitter<'_>, call: &Call) -> Emit {
    if let Some(Near { dtype, args, extents }) = near_arguments(e, call)? {
        return e.filled_by_kernel("close", dtype, args, Type::bool(), Some(&extents), Vec::new());
    }
    let [x, y, rtol, atol] = [0, 1, 2, 3].map(|idx| operand(e, call, idx));
    let [x, y, rtol, atol] = [x?, y?, rtol?, atol?];
    // As an inexact number, so that the least integer has a magnitude.
    let of_y = element_type(e, y);
    let one = Type::float64();
    let types = effective_dtypes(&[e.ty(y).widen(), one]);
    let inexact =
        if of_y.is_float() || of_y.is_complex() { of_y } else { promote(types[0], types[1]).unwrap_or(one) };
    let y = match e.has_axes(y) {
        true if of_y == inexact => y,
        true => e.map(&[y], |e, elements| e.coerce(elements[0], inexact))?,
        false => {
            let y = e.scalar_of(y);
            e.coerce(y, inexact)?
        }
    };
    // A bool is subtracted as a number.
    let difference = apply(e, "subtract", &[x, y])?;
    let distance = apply(e, "absolute", &[difference])?;
    let magnitude = apply(e, "absolute", &[y])?;
    let relative = apply(e, "multiply", &[rtol, magnitude])?;
    let tolerance = apply(e, "add", &[atol, relative])?;
    let near = apply(e, "less_equal", &[distance, tolerance])?;
    let finite = apply(e, "isfinite", &[y])?;
    let near = apply(e, "logical_and", &[near, finite])?;
    let equal = apply(e, "equal", &[x, y])?;
    let close = apply(e, "logical_or", &[near, equal])?;
    with_equal_nan(e, call, close, x, y)
}

fn all_close(e: &mut Emitter<'_>, call: &Call) -> Emit {
    if let Some(Near { dtype, args, .. }) = near_arguments(e, call)? {
        return Ok(e.call_kernel("all_close", dtype, args, Type::bool()));
    }
    let close = is_close(e, call)?;
    all_true(e, close)
}

/// What kernels take that look for elements that are near each other, and the shape that these broadcast to.
struct Near {
    dtype: Type,
    args: Vec<Value>,
    extents: Vec<Value>,
}

/// The arguments of `isclose` and `allclose` as kernels take them, which have arrays of one dtype, and one tolerance for all.
fn near_arguments(e: &mut Emitter<'_>, call: &Call) -> Emit<Option<Near>> {
    let [x, y, rtol, atol] = [0, 1, 2, 3].map(|idx| operand(e, call, idx));
    let [x, y, rtol, atol] = [x?, y?, rtol?, atol?];
    let [of_x, of_y] = [x, y].map(|value| element_type(e, value));
    let dtype = if of_y.is_float() || of_y.is_complex() { of_y } else { Type::float64() };
    let fits = |ty: Type| ty == dtype || ty.is_int() && dtype == Type::float64();
    let is_real = |e: &Emitter<'_>, value: Value| {
        let ty = e.ty(value).widen();
        ty.is_float() || ty.is_int()
    };
    let are_arrays = e.has_axes(x) && e.has_axes(y);
    if !are_arrays || !fits(of_x) || !fits(of_y) || !is_real(e, rtol) || !is_real(e, atol) {
        return Ok(None);
    }
    let (mut args, extents) = pairs_argument(e, [x, y], dtype)?;
    for tolerance in [rtol, atol] {
        let tolerance = e.scalar_of(tolerance);
        args.push(e.as_float64(tolerance)?);
    }
    let equal_nan = e.truth(call.args[4])?;
    args.push(e.coerce(equal_nan, Type::bool())?);
    Ok(Some(Near { dtype, args, extents }))
}

/// Two arrays that broadcast, as a kernel takes them that compares them element by element, and their shape.
fn pairs_argument(e: &mut Emitter<'_>, pair: [Value; 2], dtype: Type) -> Emit<(Vec<Value>, Vec<Value>)> {
    let extents = e.broadcast_extents(&pair)?;
    let mut args = Vec::with_capacity(2);
    for array in pair {
        let array = e.as_dtype(array, dtype)?;
        let strides = e.strides_for(array, &extents, "the shapes do not fit")?;
        let data = e.array_data(array);
        args.push(e.view_slots(data, dtype, &extents, &strides));
    }
    Ok((args, extents))
}

/// Whether all elements of two arrays of numbers are equal, which broadcast.
fn all_equal(e: &mut Emitter<'_>, call: &Call, pair: [Value; 2]) -> Emit {
    let [dtype, other] = pair.map(|value| element_type(e, value));
    let idx = call.position("equal_nan");
    if dtype != other || dtype.time_unit().is_some() || !pair.iter().all(|value| e.has_axes(*value)) {
        let equal = apply(e, "equal", &pair)?;
        let equal = match idx {
            Some(_) => with_equal_nan(e, call, equal, pair[0], pair[1])?,
            None => equal,
        };
        return all_true(e, equal);
    }
    let (mut args, _) = pairs_argument(e, pair, dtype)?;
    args.push(match idx {
        Some(idx) => {
            let equal_nan = e.truth(call.args[idx])?;
            e.coerce(equal_nan, Type::bool())?
        }
        None => e.b.bool(false),
    });
    Ok(e.call_kernel("all_equal", dtype, args, Type::bool()))
}

/// True also where both are nan, if `equal_nan` says so.
fn with_equal_nan(e: &mut Emitter<'_>, call: &Call, close: Value, x: Value, y: Value) -> Emit {
    let idx = call.args.len() - 1;
    let wanted = e.truth(call.args[idx])?;
    if e.ty(wanted).as_literal_bool() == Some(false) {
        return Ok(close);
    }
    let wanted = e.coerce(wanted, Type::bool())?;
    let nans = [apply(e, "isnan", &[x])?, apply(e, "isnan", &[y])?];
    let nans = apply(e, "logical_and", &nans)?;
    let nans = apply(e, "logical_and", &[nans, wanted])?;
    apply(e, "logical_or", &[close, nans])
}

/// Whether all bools of an array, or the bool, are true.
fn all_true(e: &mut Emitter<'_>, values: Value) -> Emit {
    if !e.has_axes(values) {
        return e.coerce(values, Type::bool());
    }
    let function = block_reduction("all", Type::bool());
    e.reduce_elements(function, &[values], Type::bool(), |_, elements| Ok(elements[0]))
}

/// Extents of an array; none of a number.
fn extents_of(e: &mut Emitter<'_>, value: Value) -> Vec<Value> {
    if e.has_axes(value) { e.extents(value) } else { Vec::new() }
}

fn array_equal(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (x, y) = (operand(e, call, 0)?, operand(e, call, 1)?);
    let (own, other) = (extents_of(e, x), extents_of(e, y));
    if own.len() != other.len() {
        return Ok(e.b.bool(false));
    }
    let mut same = e.b.bool(true);
    for (own, other) in own.into_iter().zip(other) {
        let equal = e.equal(own, other);
        same = e.b.and(same, equal);
    }
    e.if_else(same, |e| all_equal(e, call, [x, y]), |e| Ok(e.b.bool(false)))
}

fn array_equiv(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (x, y) = (operand(e, call, 0)?, operand(e, call, 1)?);
    let (own, other) = (extents_of(e, x), extents_of(e, y));
    let one = e.b.int64(1);
    let mut fits = e.b.bool(true);
    for (own, other) in own.into_iter().rev().zip(other.into_iter().rev()) {
        let equal = e.equal(own, other);
        let (own_single, other_single) = (e.equal(own, one), e.equal(other, one));
        let single = e.b.or(own_single, other_single);
        let fine = e.b.or(equal, single);
        fits = e.b.and(fits, fine);
    }
    e.if_else(fits, |e| all_equal(e, call, [x, y]), |e| Ok(e.b.bool(false)))
}

fn nan_to_num(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = operand(e, call, 0)?;
    let array = e.materialise(array);
    let dtype = element_type(e, array);
    let in_place = !constant_bool(e, call, 1, "copy")? && e.has_axes(array);
    let kind = match dtype.kind() {
        TypeKind::Float(kind) | TypeKind::Complex(kind) => *kind,
        _ if in_place => return Ok(array),
        _ => return map_or_apply(e, &[array], |_, elements| Ok(elements[0])),
    };
    let largest = if kind == FloatKind::F32 { f64::from(f32::MAX) } else { f64::MAX };
    let part_type = Type::float(kind);
    let mut operands = vec![array];
    for (idx, default) in [(2, 0.0), (3, largest), (4, -largest)] {
        operands.push(if e.ty(call.args[idx]).is_none() {
            e.b.float(default, part_type)
        } else {
            let number = crate::arrays::creation::number_argument(e, call, idx)?;
            e.cast_number(number, part_type)?
        });
    }
    let replaced = |e: &mut Emitter<'_>, part: Value, others: &[Value]| {
        let is_nan = e.is_nan(part);
        let mut result = e.b.select(is_nan, others[0], part);
        for (other, infinity) in others[1..].iter().zip([f64::INFINITY, f64::NEG_INFINITY]) {
            let infinity = e.b.float(infinity, part_type);
            let is_infinite = e.equal(part, infinity);
            result = e.b.select(is_infinite, *other, result);
        }
        result
    };
    let body = |e: &mut Emitter<'_>, elements: &[Value]| {
        if !dtype.is_complex() {
            return Ok(replaced(e, elements[0], &elements[1..]));
        }
        let parts = [0, 1].map(|idx| e.b.field(elements[0], idx));
        let parts = parts.map(|part| replaced(e, part, &elements[1..]));
        Ok(e.b.make(dtype, parts.to_vec()))
    };
    if !in_place {
        return map_or_apply(e, &operands, body);
    }
    e.check_writable(array)?;
    e.map_into(array, &operands, |_, _| String::new(), body)?;
    Ok(array)
}

/// Whether elements have an imaginary part that is not 0, or the contrary.
fn is_complex(e: &mut Emitter<'_>, call: &Call, expected: bool) -> Emit {
    let value = operand(e, call, 0)?;
    let value = e.materialise(value);
    map_or_apply(e, &[value], |e, elements| {
        if !e.ty(elements[0]).is_complex() {
            return Ok(e.b.bool(!expected));
        }
        let imag = e.b.field(elements[0], 1);
        let zero = e.b.zero(e.ty(imag));
        Ok(if expected { e.not_equal(imag, zero) } else { e.equal(imag, zero) })
    })
}

/// Whether a number, an array, or any part of nested tuples is complex.
fn is_complex_type(ty: Type) -> bool {
    if let Some(parts) = ty.as_tuple() {
        return parts.iter().any(|part| is_complex_type(*part));
    }
    ty.as_array().map_or(ty, |array| array.dtype).is_complex()
}

fn is_infinity(e: &mut Emitter<'_>, call: &Call, infinity: f64) -> Emit {
    let value = operand(e, call, 0)?;
    let value = e.materialise(value);
    if element_type(e, value).is_complex() {
        return call.argument_error(0, Code::ArgumentType, "infinity has no sign among complex numbers");
    }
    map_with_out(e, call, 1, &[value], |e, elements| {
        if !e.ty(elements[0]).is_float() {
            return Ok(e.b.bool(false));
        }
        let infinity = e.b.float(infinity, e.ty(elements[0]));
        Ok(e.equal(elements[0], infinity))
    })
}

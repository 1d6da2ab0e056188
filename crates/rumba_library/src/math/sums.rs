//! Functions of `math` over many numbers: lengths and sums.

use crate::operators::BinaryOperator;
use crate::{Call, Emit, Emitter};
use rumba_ir::{RuntimeFunction, UnaryOp, Value};
use rumba_source::Code;
use rumba_types::{Type, arithmetic_result};

static VECTOR_LENGTH: RuntimeFunction = RuntimeFunction::effect("rumba_vector_length");
static FSUM_F64: RuntimeFunction = RuntimeFunction::raising("rumba_fsum_f64");
static FSUM_F32: RuntimeFunction = RuntimeFunction::raising("rumba_fsum_f32");

pub(super) fn hypot(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let coordinates = e.tuple_elements(call.args[0]);
    vector_length(e, &coordinates)
}

fn vector_length(e: &mut Emitter<'_>, coordinates: &[Value]) -> Emit {
    let (floats, ty) = e.floats_of_one_type("hypot", coordinates)?;
    match floats[..] {
        [] => Ok(e.b.float(0.0, ty)),
        [x] => Ok(e.b.unary(UnaryOp::Abs, x)),
        [_, _] => e.elementary("hypot", &floats),
        _ => {
            let floats =
                floats.into_iter().map(|x| e.coerce(x, Type::float64())).collect::<Emit<Vec<_>>>()?;
            let n = e.b.int64(floats.len() as i64);
            let pointer = e.b.pack(floats);
            let length = e.b.call_runtime(&VECTOR_LENGTH, vec![pointer, n], Type::float64(), None);
            e.coerce(length, ty)
        }
    }
}

pub(super) fn dist(e: &mut Emitter<'_>, call: &Call) -> Emit {
    for (idx, arg) in call.args.iter().enumerate() {
        let ty = e.ty(*arg);
        if ty.as_tuple().is_none() {
            return call.argument_error(
                idx,
                Code::ArgumentType,
                format!("dist() takes tuples, not {}", ty.shown()),
            );
        }
    }
    let p = e.tuple_elements(call.args[0]);
    let q = e.tuple_elements(call.args[1]);
    if p.len() != q.len() {
        let message = "both points must have the same number of dimensions";
        return call.argument_error(1, Code::ArgumentValue, message);
    }
    let mut differences = Vec::with_capacity(p.len());
    for (p, q) in p.into_iter().zip(q) {
        let (pair, _) = e.floats_of_one_type("dist", &[p, q])?;
        differences.push(e.b.sub(pair[0], pair[1]));
    }
    vector_length(e, &differences)
}

pub(super) fn fsum(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let sequence = match e.ty(call.args[0]).as_list() {
        Some(_) => e.array_of_list(call, 0, call.args[0])?,
        None => call.args[0],
    };
    let ty = e.ty(sequence);
    let (function, data, n, stride) = if ty.as_tuple().is_some() {
        let elements = e.tuple_elements(sequence);
        let floats = elements.into_iter().map(|x| real_as_float64(e, call, x)).collect::<Emit<Vec<_>>>()?;
        let n = e.b.int64(floats.len() as i64);
        let stride = e.b.int64(8);
        (&FSUM_F64, e.b.pack(floats), n, stride)
    } else {
        match ty.as_array() {
            Some(array) if array.ndim == 1 && array.dtype.is_float() => {
                let function = if array.dtype == Type::float64() { &FSUM_F64 } else { &FSUM_F32 };
                let stride = e.strides(sequence)[0];
                (function, e.array_data(sequence), e.extent(sequence, 0), stride)
            }
            _ => {
                let message = format!(
                    "fsum() takes a tuple, a list or a one-dimensional array of floats, not {}",
                    ty.shown()
                );
                return call.argument_error(0, Code::ArgumentType, message);
            }
        }
    };
    let site = e.call_site();
    Ok(e.b.call_runtime(function, vec![data, n, stride], Type::float64(), Some(site)))
}

fn real_as_float64(e: &mut Emitter<'_>, call: &Call, value: Value) -> Emit {
    let (floats, _) = e.floats_of_one_type(call.short_name(), &[value])?;
    e.coerce(floats[0], Type::float64())
}

pub(super) fn sumprod(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let [p, q] = [call.args[0], call.args[1]];
    if e.ty(p).as_tuple().is_some() && e.ty(q).as_tuple().is_some() {
        let (p, q) = (e.tuple_elements(p), e.tuple_elements(q));
        if p.len() != q.len() {
            return call.argument_error(1, Code::ArgumentValue, "Inputs are not the same length");
        }
        let zero = e.literal_int(0);
        return p.into_iter().zip(q).try_fold(zero, |sum, (p, q)| {
            let product = e.binary(BinaryOperator::Mul, p, q)?;
            e.binary(BinaryOperator::Add, sum, product)
        });
    }
    let arrays = [p, q].map(|arg| e.ty(arg).as_array().filter(|array| array.ndim == 1));
    let [Some(p_type), Some(q_type)] = arrays else {
        let message = "sumprod() takes two tuples, or two one-dimensional arrays";
        return call.argument_error(0, Code::ArgumentType, message);
    };
    let Some(ty) = arithmetic_result(p_type.dtype, q_type.dtype) else {
        return call.argument_error(0, Code::ArgumentType, "sumprod() takes numbers");
    };
    let n = e.extent(p, 0);
    let other = e.extent(q, 0);
    let same = e.equal(n, other);
    e.raise_unless(same, "ValueError", "Inputs are not the same length", &[]);
    let zero = e.b.zero(ty);
    let state = e.counted_loop(n, &[zero], |e, position, state| {
        let p = e.load_element(p, &[position]);
        let q = e.load_element(q, &[position]);
        let product = e.binary(BinaryOperator::Mul, p, q)?;
        let sum = e.binary(BinaryOperator::Add, state[0], product)?;
        Ok(vec![e.coerce(sum, ty)?])
    })?;
    Ok(state[0])
}

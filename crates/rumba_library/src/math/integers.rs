//! Functions of `math` on ints.

use crate::builtins::TOO_LARGE;
use crate::{Call, Emit, Emitter};
use rumba_ir::{RuntimeFunction, Value};
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

static FACTORIAL: RuntimeFunction = RuntimeFunction::raising("rumba_factorial");
static ISQRT: RuntimeFunction = RuntimeFunction::raising("rumba_isqrt");
static COMB: RuntimeFunction = RuntimeFunction::raising("rumba_comb");
static PERM: RuntimeFunction = RuntimeFunction::raising("rumba_perm");
static LCM: RuntimeFunction = RuntimeFunction::raising("rumba_lcm");
static GCD: RuntimeFunction = RuntimeFunction::pure("rumba_gcd");

/// The argument at a position, a bool or int, as int64; `OverflowError` where a uint64 does not fit.
pub(crate) fn int_argument(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let value = int_value(e, call, idx, call.args[idx])?;
    let is_unsigned = !e.ty(value).is_signed_int();
    let value = e.b.convert(value, Type::int64());
    if is_unsigned {
        let negative = e.is_negative(value);
        e.raise_if(negative, "OverflowError", TOO_LARGE, &[]);
    }
    Ok(value)
}

pub(crate) fn int_arguments(e: &mut Emitter<'_>, call: &Call, positions: &[usize]) -> Emit<Vec<Value>> {
    positions.iter().map(|idx| int_argument(e, call, *idx)).collect()
}

/// A bool or int in 64 bits, with its signedness. The message points at the argument `idx`.
fn int_value(e: &mut Emitter<'_>, call: &Call, idx: usize, value: Value) -> Emit {
    let value = e.as_number(value);
    match e.ty(value).kind() {
        TypeKind::Int(kind) => Ok(e.b.convert(value, Type::int(64, kind.signed || kind.bits < 64))),
        _ => {
            let message = format!("{}() takes an int here, not {}", call.short_name(), e.ty(value).shown());
            call.argument_error(idx, Code::ArgumentType, message)
        }
    }
}

/// Calls a kernel that takes int64 and gives int64.
fn call_kernel(e: &mut Emitter<'_>, kernel: &'static RuntimeFunction, args: Vec<Value>) -> Emit {
    let site = e.call_site();
    Ok(e.b.call_runtime(kernel, args, Type::int64(), Some(site)))
}

pub(super) fn factorial(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = int_arguments(e, call, &[0])?;
    call_kernel(e, &FACTORIAL, args)
}

pub(super) fn isqrt(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = int_arguments(e, call, &[0])?;
    call_kernel(e, &ISQRT, args)
}

pub(super) fn comb(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = int_arguments(e, call, &[0, 1])?;
    call_kernel(e, &COMB, args)
}

pub(super) fn perm(e: &mut Emitter<'_>, call: &Call) -> Emit {
    if e.ty(call.args[1]).is_none() {
        return factorial(e, call);
    }
    let args = int_arguments(e, call, &[0, 1])?;
    call_kernel(e, &PERM, args)
}

pub(super) fn gcd(e: &mut Emitter<'_>, call: &Call) -> Emit {
    of_magnitudes(e, call, 0, |e, a, b| e.b.call_runtime(&GCD, vec![a, b], Type::uint64(), None))
}

pub(super) fn lcm(e: &mut Emitter<'_>, call: &Call) -> Emit {
    of_magnitudes(e, call, 1, |e, a, b| {
        let site = e.call_site();
        e.b.call_runtime(&LCM, vec![a, b], Type::uint64(), Some(site))
    })
}

/// Folds the magnitudes of all arguments. The result is int64, or uint64 when all arguments are that.
fn of_magnitudes<'f>(
    e: &mut Emitter<'f>,
    call: &Call,
    of_nothing: i128,
    combine: impl Fn(&mut Emitter<'f>, Value, Value) -> Value,
) -> Emit {
    let mut result = None;
    let mut all_unsigned = true;
    for value in e.tuple_elements(call.args[0]) {
        let value = int_value(e, call, 0, value)?;
        all_unsigned &= !e.ty(value).is_signed_int();
        let magnitude = e.absolute(value)?;
        let magnitude = e.b.convert(magnitude, Type::uint64());
        result = Some(match result {
            None => magnitude,
            Some(result) => combine(e, result, magnitude),
        });
    }
    let Some(result) = result else {
        return Ok(e.literal_int(of_nothing));
    };
    if all_unsigned {
        return Ok(result);
    }
    let result = e.b.convert(result, Type::int64());
    let negative = e.is_negative(result);
    e.raise_if(negative, "OverflowError", TOO_LARGE, &[]);
    Ok(result)
}

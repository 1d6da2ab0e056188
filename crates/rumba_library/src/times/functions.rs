//! Functions of arrays of times: computed on their counts, or on unsigned integers in the same order.

use crate::declaration::{Argument, Call, Declaration, lookup};
use crate::numpy::dtypes::dtype_argument;
use crate::operators::BinaryOperator;
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, NAT, TimeUnit, Type};

/// How a function of numbers is computed on times.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// The counts: NaT is the least.
    Counts,
    /// Unsigned integers in the same order, with NaT behind all others.
    Keys,
}

/// Functions that compare and move elements: results of the dtype that is computed in are elements, others are positions
/// or truth.
fn computed_by(path: &str) -> Option<By> {
    const COUNTS: &[&str] = &["min", "amin", "argmin"];
    const KEYS: &[&str] = &[
        "max",
        "amax",
        "argmax",
        "sort",
        "argsort",
        "partition",
        "argpartition",
        "searchsorted",
        "unique",
        "union1d",
        "intersect1d",
        "setdiff1d",
        "setxor1d",
        "isin",
    ];
    let name = path.strip_prefix("numpy.").or_else(|| path.strip_prefix("array."))?;
    if COUNTS.contains(&name) {
        return Some(By::Counts);
    }
    KEYS.contains(&name).then_some(By::Keys)
}

/// A call of a function of numbers with times among its arguments; `None` where it takes times as they are, or not at
/// all.
pub(crate) fn call(
    e: &mut Emitter<'_>,
    declaration: &'static Declaration,
    call: &Call,
) -> Emit<Option<Value>> {
    let Some(ty) = common_time(e, call)? else { return Ok(None) };
    if let Some(by) = computed_by(declaration.path) {
        return computed(e, declaration, call, ty, by).map(Some);
    }
    match declaration.path {
        "numpy.arange" => arange(e, declaration, call).map(Some),
        "numpy.sum" | "array.sum" if !ty.is_datetime() => sum(e, declaration, call, ty).map(Some),
        "numpy.mean" | "array.mean" if !ty.is_datetime() => mean(e, call, ty).map(Some),
        _ => Ok(None),
    }
}

fn element(ty: Type) -> Type {
    ty.as_array().map_or(ty, |array| array.dtype)
}

/// The type that holds all times among the arguments.
fn common_time(e: &Emitter<'_>, call: &Call) -> Emit<Option<Type>> {
    let mut common: Option<Type> = None;
    for arg in &call.args {
        let ty = element(e.ty(*arg));
        if ty.time_unit().is_none() {
            continue;
        }
        common = Some(match common {
            None => ty,
            // Dates and spans of time meet in `arange` only.
            Some(other) => rumba_types::join(other, ty).unwrap_or(other),
        });
    }
    Ok(common)
}

/// Parameters that are elements, in functions that are computed by counts or keys.
const ELEMENTS: &[&str] = &["a", "self", "ar", "ar1", "ar2", "element", "test_elements", "v", "x"];

const LEAST: i64 = NAT + 1;

fn to_numbers(e: &mut Emitter<'_>, value: Value, ty: Type, by: By) -> Emit {
    let convert = |e: &mut Emitter<'_>, elements: &[Value]| {
        let value = e.cast_number(elements[0], ty)?;
        let count = e.count_of(value);
        Ok(match by {
            By::Counts => count,
            By::Keys => {
                let key = e.b.convert(count, Type::uint64());
                let least = e.b.int(LEAST, Type::uint64());
                e.b.sub(key, least)
            }
        })
    };
    if e.is_array(value) { e.map(&[value], convert) } else { convert(e, &[value]) }
}

fn from_number(e: &mut Emitter<'_>, number: Value, ty: Type, by: By) -> Value {
    let count = match by {
        By::Counts => number,
        By::Keys => {
            let least = e.b.int(LEAST, Type::uint64());
            let count = e.b.add(number, least);
            e.b.convert(count, Type::int64())
        }
    };
    e.b.make(ty, vec![count])
}

/// Numbers of the type that was computed in, as times; also in arrays and tuples.
fn from_numbers(e: &mut Emitter<'_>, value: Value, ty: Type, by: By) -> Emit {
    let numbers = if by == By::Keys { Type::uint64() } else { Type::int64() };
    if e.ty(value).as_tuple().is_some() {
        let parts = e.tuple_elements(value);
        let parts = parts.into_iter().map(|part| from_numbers(e, part, ty, by)).collect::<Emit<Vec<_>>>()?;
        return Ok(e.tuple(parts));
    }
    match e.ty(value).as_array() {
        Some(array) if array.dtype == numbers => {
            e.map(&[value], |e, elements| Ok(from_number(e, elements[0], ty, by)))
        }
        None if e.ty(value) == numbers => Ok(from_number(e, value, ty, by)),
        _ => Ok(value),
    }
}

fn computed(e: &mut Emitter<'_>, declaration: &Declaration, call: &Call, ty: Type, by: By) -> Emit {
    for name in ["out", "initial"] {
        let given =
            |idx: &usize| !e.ty(call.args[*idx]).is_none() && e.ty(call.args[*idx]) != Type::undefined();
        if let Some(idx) = call.position(name).filter(given) {
            return call.argument_error(
                idx,
                Code::ArgumentValue,
                format!("`{name}` of times is not supported"),
            );
        }
    }
    let mut args = call.args.clone();
    for (idx, arg) in args.iter_mut().enumerate() {
        let arg_type = e.ty(*arg);
        if ELEMENTS.contains(&declaration.params[idx].name) {
            if element(arg_type.widen()).time_unit().is_none() && !element(arg_type.widen()).is_int() {
                let message = format!("{} is not compared with {ty}", arg_type.shown());
                return call.argument_error(idx, Code::ArgumentType, message);
            }
            *arg = to_numbers(e, *arg, ty, by)?;
        } else if element(arg_type).time_unit().is_some() {
            let message = format!("`{}` is no time", declaration.params[idx].name);
            return call.argument_error(idx, Code::ArgumentType, message);
        }
    }
    let is_in_place = matches!(declaration.path, "array.sort" | "array.partition");
    if is_in_place {
        e.check_writable(call.args[0])?;
    }
    let numbers = args[0];
    let result = (declaration.rule)(e, &Call { path: call.path, args, spans: call.spans.clone() })?;
    if is_in_place {
        let sorted = from_numbers(e, numbers, ty, by)?;
        e.assign_array(call.args[0], sorted)?;
        return Ok(result);
    }
    // Positions of the least are of the dtype of counts.
    if call.short_name().starts_with("arg") { Ok(result) } else { from_numbers(e, result, ty, by) }
}

/// `np.arange` of times: of their counts.
fn arange(e: &mut Emitter<'_>, declaration: &Declaration, call: &Call) -> Emit {
    let mut unit = TimeUnit::GENERIC;
    let mut is_date = false;
    for arg in &call.args[..3] {
        let value = e.scalar_of(*arg);
        if let Some(other) = e.ty(value).time_unit() {
            let of_date = e.ty(value).is_datetime();
            let Some(common) = unit.common(other, [is_date, of_date]) else {
                return e.error(
                    Code::ArgumentType,
                    format!("units of time {unit} and {other} have no common one"),
                );
            };
            unit = common;
            is_date |= of_date;
        }
    }
    let ty = if is_date { Type::datetime(unit) } else { Type::timedelta(unit) };
    let mut args = call.args.clone();
    for (idx, arg) in args[..3].iter_mut().enumerate() {
        let value = e.scalar_of(*arg);
        if e.ty(value).is_none() || e.ty(value) == Type::undefined() {
            continue;
        }
        let value = e.plain(value);
        let from = e.ty(value);
        *arg = match from.time_unit() {
            Some(own) => {
                let count = e.count_of(value);
                e.convert_count(count, own, unit, from.is_datetime())?
            }
            None if from.is_int() => e.b.convert(value, Type::int64()),
            None => return call.argument_error(idx, Code::ArgumentType, "a time or an int is needed"),
        };
    }
    // A stop that is a span of time, or an int, is counted from the start.
    let stop = e.scalar_of(call.args[1]);
    if is_date && !e.ty(stop).is_none() && !e.ty(stop).is_datetime() {
        args[1] = e.b.add(args[0], args[1]);
    }
    args[3] = e.b.none();
    let counts = (declaration.rule)(e, &Call { path: call.path, args, spans: call.spans.clone() })?;
    let (extents, strides) = (e.extents(counts), e.strides(counts));
    let view = ArrayType { dtype: ty, ..e.array_type(counts) };
    let times = e.view_as(counts, view, &extents, &strides);
    match e.ty(call.args[3]).is_none() {
        true => Ok(times),
        false => {
            let dtype = dtype_argument(e, call, 3)?;
            e.as_dtype(times, dtype)
        }
    }
}

/// Calls a reduction for another one with the same axes.
fn reduce(e: &mut Emitter<'_>, path: &str, call: &Call, array: Value) -> Emit {
    let declaration = lookup(path).expect("the reductions are declared");
    let mut arguments = vec![Argument { keyword: None, value: array, span: call.spans[0] }];
    for name in ["axis", "keepdims"] {
        if let Some(idx) = call.position(name) {
            arguments.push(Argument {
                keyword: Some(name.into()),
                value: call.args[idx],
                span: call.spans[idx],
            });
        }
    }
    declaration.call(e, &arguments)
}

fn is_nat_each(e: &mut Emitter<'_>, array: Value) -> Emit {
    e.map(&[array], |e, elements| {
        let count = e.count_of(elements[0]);
        Ok(e.is_nat(count))
    })
}

/// The sum of spans of time: NaT if one is.
fn sum(e: &mut Emitter<'_>, declaration: &Declaration, call: &Call, ty: Type) -> Emit {
    for name in ["dtype", "out", "initial", "where"] {
        let Some(idx) = call.position(name) else { continue };
        let given = e.ty(call.args[idx]);
        if !given.is_none() && given != Type::undefined() && given.as_literal_bool() != Some(true) {
            return call.argument_error(
                idx,
                Code::ArgumentValue,
                format!("`{name}` of times is not supported"),
            );
        }
    }
    let array = e.as_array_of_times(call.args[0], call)?;
    let counts = to_numbers(e, array, ty, By::Counts)?;
    let mut args = call.args.clone();
    args[0] = counts;
    let total = (declaration.rule)(e, &Call { path: call.path, args, spans: call.spans.clone() })?;
    let is_nat = is_nat_each(e, array)?;
    let any = reduce(e, "numpy.any", call, is_nat)?;
    let combine = |e: &mut Emitter<'_>, elements: &[Value]| {
        let count = e.nat_if(elements[1], elements[0]);
        Ok(e.b.make(ty, vec![count]))
    };
    if e.is_array(total) { e.map(&[total, any], combine) } else { combine(e, &[total, any]) }
}

fn mean(e: &mut Emitter<'_>, call: &Call, ty: Type) -> Emit {
    let array = e.as_array_of_times(call.args[0], call)?;
    let total = reduce(e, "numpy.sum", call, array)?;
    let n_elements = e.array_size(array);
    let n_each = match e.is_array(total) {
        false => n_elements,
        true => {
            let n_results = e.array_size(total);
            let one = e.b.int64(1);
            let n_results = e.max(n_results, one);
            e.b.binary(BinaryOp::TruncDiv, n_elements, n_results)
        }
    };
    debug_assert!(!ty.is_datetime());
    e.binary(BinaryOperator::Div, total, n_each)
}

impl Emitter<'_> {
    fn as_array_of_times(&mut self, value: Value, call: &Call) -> Emit {
        match self.is_array(value) {
            true => Ok(value),
            false => call.argument_error(0, Code::ArgumentType, "an array of times is needed"),
        }
    }
}

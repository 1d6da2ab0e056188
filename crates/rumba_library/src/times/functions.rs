//! Functions of arrays of times: computed on their counts, or on unsigned integers in the same order.

use crate::declaration::{Argument, Call, Declaration, lookup};
use crate::numpy::dtypes::dtype_argument;
use crate::numpy::elementwise::clip_bounds;
use crate::numpy::reductions::{Request, SPAN_SUM, arithmetic_of};
use crate::numpy::scans::{cumulative, finish, out_argument, scan};
use crate::numpy::selecting::map_or_apply;
use crate::numpy::statistics::quantile_of;
use crate::numpy::ufuncs::ufunc;
use crate::operators::BinaryOperator;
use crate::{Emit, Emitter};
use rumba_ir::Value;
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

/// How a function that compares and moves elements is computed, and whether it gives elements: results of the dtype that
/// is computed in are elements then, others are positions or truth.
fn computed_by(path: &str) -> Option<(By, bool)> {
    const COUNTS: &[&str] =
        &["min", "amin", "nanmax", "minimum.reduce", "minimum.accumulate", "fmax.reduce", "fmax.accumulate"];
    const KEYS: &[&str] = &[
        "max",
        "amax",
        "nanmin",
        "maximum.reduce",
        "maximum.accumulate",
        "fmin.reduce",
        "fmin.accumulate",
        "sort",
        "partition",
        "unique",
        "union1d",
        "intersect1d",
        "setdiff1d",
        "setxor1d",
    ];
    const ASKED_OF_COUNTS: &[&str] =
        &["argmin", "any", "all", "count_nonzero", "nonzero", "flatnonzero", "argwhere"];
    const ASKED_OF_KEYS: &[&str] = &["argmax", "argsort", "argpartition", "searchsorted", "isin"];
    let name = path.strip_prefix("numpy.").or_else(|| path.strip_prefix("array."))?;
    let lists = [
        (COUNTS, By::Counts, true),
        (KEYS, By::Keys, true),
        (ASKED_OF_COUNTS, By::Counts, false),
        (ASKED_OF_KEYS, By::Keys, false),
    ];
    lists.into_iter().find(|(names, ..)| names.contains(&name)).map(|(_, by, gives)| (by, gives))
}

/// A call of a function of numbers with times among its arguments; `None` where it takes times as they are, or not at
/// all.
pub(crate) fn call(
    e: &mut Emitter<'_>,
    declaration: &'static Declaration,
    call: &Call,
) -> Emit<Option<Value>> {
    let Some(ty) = common_time(e, declaration, call)? else { return Ok(None) };
    if let Some((by, gives_times)) = computed_by(declaration.path) {
        return computed(e, declaration, call, ty, by, gives_times).map(Some);
    }
    let is_span = !ty.is_datetime();
    let name = declaration.path.strip_prefix("numpy.").or_else(|| declaration.path.strip_prefix("array."));
    match name.unwrap_or_default() {
        "arange" => arange(e, declaration, call).map(Some),
        "clip" => clip(e, call).map(Some),
        "ptp" => peak_to_peak(e, call).map(Some),
        "sum" | "nansum" | "add.reduce" if is_span => sum(e, declaration, call, ty).map(Some),
        "mean" if is_span => mean(e, declaration, call, ty).map(Some),
        "cumsum" | "nancumsum" | "add.accumulate" | "cumulative_sum" if is_span => {
            cumulative_sum(e, declaration, call, ty).map(Some)
        }
        "median" | "nanmedian" if is_span => median(e, declaration, call, ty).map(Some),
        "quantile" | "percentile" | "nanquantile" | "nanpercentile" => {
            quantile(e, declaration, call, ty).map(Some)
        }
        _ => Ok(None),
    }
}

fn element(ty: Type) -> Type {
    ty.as_array().map_or(ty, |array| array.dtype)
}

/// The type that holds all times among the arguments. What a reduction begins with and where results are stored have no
/// say in it.
fn common_time(e: &Emitter<'_>, declaration: &Declaration, call: &Call) -> Emit<Option<Type>> {
    let mut common: Option<Type> = None;
    for (param, arg) in declaration.params.iter().zip(&call.args) {
        let ty = element(e.ty(*arg).widen());
        if ty.time_unit().is_none() || matches!(param.name, "initial" | "out") {
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
const ELEMENTS: &[&str] =
    &["a", "self", "array", "ar", "ar1", "ar2", "element", "test_elements", "v", "x", "initial"];

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

/// Unsigned integers in the order of times, with NaT behind all others.
pub(crate) fn sort_keys(e: &mut Emitter<'_>, times: Value) -> Emit {
    let ty = element(e.ty(times));
    to_numbers(e, times, ty, By::Keys)
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

/// The call with numbers instead of times. If it gives times, `out` is not part of it.
fn in_numbers(
    e: &mut Emitter<'_>,
    declaration: &Declaration,
    call: &Call,
    ty: Type,
    by: By,
    gives_times: bool,
) -> Emit<Call> {
    let mut args = call.args.clone();
    for (idx, arg) in args.iter_mut().enumerate() {
        let arg_type = e.ty(*arg);
        let name = declaration.params[idx].name;
        if ELEMENTS.contains(&name) && arg_type != Type::undefined() {
            let own = element(arg_type.widen());
            let fits = match name {
                "initial" => own.time_unit().is_some_and(|_| own.is_datetime() == ty.is_datetime()),
                _ => own.time_unit().is_some(),
            };
            if !fits && !own.is_int() {
                let message = format!("{} is not compared with {ty}", arg_type.shown());
                return call.argument_error(idx, Code::ArgumentType, message);
            }
            *arg = to_numbers(e, *arg, ty, by)?;
        } else if name == "out" && gives_times {
            *arg = e.b.none();
        } else if name == "dtype" && !arg_type.is_none() {
            return call.argument_error(idx, Code::ArgumentValue, "`dtype` of times is not supported");
        } else if element(arg_type).time_unit().is_some() {
            return call.argument_error(idx, Code::ArgumentType, format!("`{name}` is no time"));
        }
    }
    Ok(Call { path: call.path, args, spans: call.spans.clone() })
}

/// Numbers as times, in `out` if one is given.
fn as_result(e: &mut Emitter<'_>, call: &Call, numbers: Value, ty: Type, by: By) -> Emit {
    let times = from_numbers(e, numbers, ty, by)?;
    let out = out_argument(e, call)?;
    finish(e, call, times, out)
}

fn computed(
    e: &mut Emitter<'_>,
    declaration: &Declaration,
    call: &Call,
    ty: Type,
    by: By,
    gives_times: bool,
) -> Emit {
    let is_in_place = matches!(declaration.path, "array.sort" | "array.partition");
    if is_in_place {
        e.check_writable(call.args[0])?;
    }
    let numbers = in_numbers(e, declaration, call, ty, by, gives_times)?;
    let result = (declaration.rule)(e, &numbers)?;
    if is_in_place {
        let sorted = from_numbers(e, numbers.args[0], ty, by)?;
        e.assign_array(call.args[0], sorted)?;
        return Ok(result);
    }
    if gives_times { as_result(e, call, result, ty, by) } else { Ok(result) }
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

/// The sum of spans of time: NaT if one is.
fn sum(e: &mut Emitter<'_>, declaration: &Declaration, call: &Call, ty: Type) -> Emit {
    let numbers = in_numbers(e, declaration, call, ty, By::Counts, true)?;
    let request = Request::of(e, &numbers)?;
    let total = arithmetic_of(e, &request, &SPAN_SUM)?;
    as_result(e, call, total, ty, By::Counts)
}

fn mean(e: &mut Emitter<'_>, declaration: &Declaration, call: &Call, ty: Type) -> Emit {
    let numbers = in_numbers(e, declaration, call, ty, By::Counts, true)?;
    let request = Request::of(e, &numbers)?;
    let total = arithmetic_of(e, &request, &SPAN_SUM)?;
    let count = request.count(e, request.keepdims)?;
    let mean = map_or_apply(e, &[total, count], |e, values| {
        let span = from_number(e, values[0], ty, By::Counts);
        e.binary(BinaryOperator::Div, span, values[1])
    })?;
    as_result(e, call, mean, ty, By::Counts)
}

fn cumulative_sum(e: &mut Emitter<'_>, declaration: &Declaration, call: &Call, ty: Type) -> Emit {
    let numbers = in_numbers(e, declaration, call, ty, By::Counts, true)?;
    let sums = match call.position("include_initial") {
        Some(_) => cumulative(e, &numbers, &SPAN_SUM, 0)?,
        None => scan(e, &numbers, &SPAN_SUM, None)?,
    };
    as_result(e, call, sums, ty, By::Counts)
}

/// The largest less the smallest time, a span.
fn peak_to_peak(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let mut ends = Vec::with_capacity(2);
    for path in ["numpy.max", "numpy.min"] {
        let mut arguments = vec![Argument { keyword: None, value: call.args[0], span: call.spans[0] }];
        for name in ["axis", "keepdims"] {
            let idx = call.position(name).expect("ptp has these parameters");
            arguments.push(Argument {
                keyword: Some(name.into()),
                value: call.args[idx],
                span: call.spans[idx],
            });
        }
        ends.push(lookup(path).expect("the reductions are declared").call(e, &arguments)?);
    }
    let range = e.binary(BinaryOperator::Sub, ends[0], ends[1])?;
    let out = out_argument(e, call)?;
    finish(e, call, range, out)
}

fn clip(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let mut times = call.args[0];
    for (idx, name) in clip_bounds(e, call)?.into_iter().zip(["numpy.maximum", "numpy.minimum"]) {
        let bound = call.args[idx];
        if !e.ty(bound).is_none() && e.ty(bound) != Type::undefined() {
            times = ufunc(name).expect("both are ufuncs").apply(e, &[times, bound])?;
        }
    }
    if times == call.args[0] {
        return call.argument_error(0, Code::ArgumentType, "clip() of times needs a bound");
    }
    let out = out_argument(e, call)?;
    finish(e, call, times, out)
}

fn median(e: &mut Emitter<'_>, declaration: &Declaration, call: &Call, ty: Type) -> Emit {
    let numbers = in_numbers(e, declaration, call, ty, By::Counts, true)?;
    let request = Request::of(e, &numbers)?;
    let args = vec![e.view_argument(request.array), request.axes.mask(e)];
    let extents = request.result_extents(e);
    let skip_nat = e.b.bool(call.short_name().starts_with("nan"));
    let count = Type::int64();
    let counts = e.filled_by_kernel("median_span", count, args, count, extents.as_deref(), vec![skip_nat])?;
    as_result(e, call, counts, ty, By::Counts)
}

fn quantile(e: &mut Emitter<'_>, declaration: &Declaration, call: &Call, ty: Type) -> Emit {
    let numbers = in_numbers(e, declaration, call, ty, By::Counts, true)?;
    let counts = quantile_of(e, &numbers, true)?;
    as_result(e, call, counts, ty, By::Counts)
}

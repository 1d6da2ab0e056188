//! `min` and `max`: the first argument that no other one is less (or greater) than, by Python's
//! comparisons, so that NaN counts only where it comes first.

use super::folding::Step;
use crate::operators::Comparison;
use crate::{Call, Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind, join};

pub(super) fn min(e: &mut Emitter<'_>, call: &Call) -> Emit {
    extreme(e, call, Comparison::Lt)
}

pub(super) fn max(e: &mut Emitter<'_>, call: &Call) -> Emit {
    extreme(e, call, Comparison::Gt)
}

/// `better` says when a later value replaces an earlier one.
fn extreme(e: &mut Emitter<'_>, call: &Call, better: Comparison) -> Emit {
    let name = call.short_name();
    let args = e.tuple_elements(call.args[0]);
    let has_default = e.ty(call.args[1]) != Type::undefined();
    let default = has_default.then_some(call.args[1]);
    match args[..] {
        [] => e.error(Code::ArgumentCount, format!("{name} expected at least 1 argument, got 0")),
        [iterable] => of_iterable(e, call, iterable, default, better),
        _ if has_default => {
            let message = format!("Cannot specify a default for {name}() with multiple positional arguments");
            call.argument_error(1, Code::ArgumentCount, message)
        }
        _ => of_values(e, call, args, better),
    }
}

fn of_values(e: &mut Emitter<'_>, call: &Call, values: Vec<Value>, better: Comparison) -> Emit {
    let literals: Option<Vec<i128>> = values.iter().map(|value| e.ty(*value).as_literal_int()).collect();
    if let Some(literals) = literals {
        let least = literals.iter().min().copied().unwrap_or_default();
        let greatest = literals.iter().max().copied().unwrap_or_default();
        return Ok(e.literal_int(if better == Comparison::Lt { least } else { greatest }));
    }
    let values: Vec<Value> = values.into_iter().map(|value| e.plain(value)).collect();
    let common = common_type(e, call, &values)?;
    let values = values.into_iter().map(|value| e.coerce(value, common)).collect::<Emit<Vec<_>>>()?;
    let mut best = values[0];
    for value in &values[1..] {
        best = better_of(e, *value, best, better)?;
    }
    Ok(best)
}

fn common_type(e: &Emitter<'_>, call: &Call, values: &[Value]) -> Emit<Type> {
    let mut common = e.ty(values[0]).widen();
    for value in &values[1..] {
        let ty = e.ty(*value).widen();
        match join(common, ty) {
            Some(joined) => common = joined,
            None => {
                let message = format!(
                    "{}() of {} and {}: they have no common type",
                    call.short_name(),
                    common.shown(),
                    ty.shown()
                );
                return e.error(Code::OperandTypes, message);
            }
        }
    }
    Ok(common)
}

/// `candidate` if it is better than `best`, else `best`; both have one type.
fn better_of(e: &mut Emitter<'_>, candidate: Value, best: Value, better: Comparison) -> Emit {
    let replace = e.comparison(better, candidate, best)?;
    let replace = e.coerce(replace, Type::bool())?;
    Ok(e.b.select(replace, candidate, best))
}

fn of_iterable(
    e: &mut Emitter<'_>,
    call: &Call,
    iterable: Value,
    default: Option<Value>,
    better: Comparison,
) -> Emit {
    let ty = e.ty(iterable);
    let empty = format!("{}() arg is an empty sequence", call.short_name());
    if ty.as_tuple().is_some() {
        let elements = e.tuple_elements(iterable);
        return match (elements.is_empty(), default) {
            (false, _) => of_values(e, call, elements, better),
            (true, Some(default)) => Ok(default),
            (true, None) => call.argument_error(0, Code::ArgumentValue, empty),
        };
    }
    let is_range = matches!(ty.kind(), TypeKind::Range(_));
    let iterator = match e.iter(iterable) {
        Err(_) if ty.as_array().is_none() => {
            let message = format!(
                "{}() of one argument needs something to iterate over, not {}",
                call.short_name(),
                ty.shown()
            );
            return call.argument_error(0, Code::ArgumentType, message);
        }
        iterator => iterator?,
    };
    let has_items = e.iter_has_next(iterator)?;
    let Some(default) = default else {
        e.raise_unless(has_items, "ValueError", &empty, &[]);
        return of_items(e, iterable, iterator, better);
    };
    let default = e.plain_value(default);
    if e.ty(default) != Type::int64() && is_range {
        return call.argument_error(1, Code::ArgumentType, "the default of a range must be an int");
    }
    let default_type = e.ty(default);
    e.if_else(
        has_items,
        |e| {
            let best = of_items(e, iterable, iterator, better)?;
            e.coerce(best, default_type)
        },
        |_| Ok(default),
    )
}

/// The best item of an iterator that has one.
fn of_items(e: &mut Emitter<'_>, iterable: Value, iterator: Value, better: Comparison) -> Emit {
    if matches!(e.ty(iterable).kind(), TypeKind::Range(_)) {
        // The first or the last.
        let [start, _, step] = e.range_parts(iterable);
        let length = e.range_length(iterable)?;
        let one = e.b.int64(1);
        let last_position = e.b.sub(length, one);
        let distance = e.b.mul(last_position, step);
        let last = e.b.add(start, distance);
        return better_of(e, last, start, better);
    }
    let first = e.iter_item(iterator)?;
    let rest = e.iter_advance(iterator)?;
    let state = e.for_each_item(rest, &[first], |e, item, state| {
        let best = better_of(e, item, state[0], better)?;
        Ok(Step { state: vec![best], stop: None })
    })?;
    Ok(state[0])
}

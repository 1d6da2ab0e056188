//! Business days: `np.busday_count`, `np.busday_offset` and `np.is_busday`, by kernels over days that are counted from
//! 1970. The days of the week that are ones are constants.

use super::making::parse_date;
use crate::arrays::creation::array_like;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::numpy::scans::{finish, out_argument};
use crate::{Emit, Emitter};
use rumba_ir::{Access, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::{ArrayType, Layout, TimeBase, TimeUnit, Type};

const WEEKMASK: Param = Param::optional("weekmask", Default::Str("1111100"));
const HOLIDAYS: Param = Param::optional("holidays", Default::None);
const CALENDAR: Param = Param::optional("busdaycal", Default::None);
const OUT: Param = Param::optional("out", Default::None);

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.busday_count",
        params: &[
            Param::required("begindates"),
            Param::required("enddates"),
            WEEKMASK,
            HOLIDAYS,
            CALENDAR,
            OUT,
        ],
        doc: "How many business days there are from one date to before another; the mask of weekdays is a constant.",
        rule: |e, call| {
            let dates = [days_argument(e, call, 0)?, days_argument(e, call, 1)?];
            computed(e, call, "busday_count", &dates, &[], Type::int64())
        },
    },
    Declaration {
        path: "numpy.busday_offset",
        params: &[
            Param::required("dates"),
            Param::required("offsets"),
            Param::optional("roll", Default::Str("raise")),
            WEEKMASK,
            HOLIDAYS,
            CALENDAR,
            OUT,
        ],
        doc: "Dates so many business days later; how other days become business days, and the mask of weekdays, are constants.",
        rule: offset,
    },
    Declaration {
        path: "numpy.is_busday",
        params: &[Param::required("dates"), WEEKMASK, HOLIDAYS, CALENDAR, OUT],
        doc: "Whether dates are business days; the mask of weekdays is a constant.",
        rule: |e, call| {
            let dates = [days_argument(e, call, 0)?];
            computed(e, call, "is_busday", &dates, &[], Type::bool())
        },
    },
];

/// In the order in which `rumba_runtime::kernels::calendar` has them.
const ROLLS: [&[&str]; 6] = [
    &["raise"],
    &["nat"],
    &["forward", "following"],
    &["backward", "preceding"],
    &["modifiedfollowing"],
    &["modifiedpreceding"],
];

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn day() -> Type {
    Type::datetime(TimeUnit::of(TimeBase::Day))
}

fn offset(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let dates = days_argument(e, call, 0)?;
    let mut offsets = e.scalar_of(call.args[1]);
    if !e.is_array(offsets) {
        offsets = e.plain(offsets);
    }
    let own = e.ty(offsets).as_array().map_or(e.ty(offsets), |array| array.dtype);
    if !own.is_int() && !own.is_bool() {
        return call.argument_error(1, Code::ArgumentType, "offsets are integers");
    }
    let offsets = e.cast_value(offsets, Type::int64())?;
    let roll = e.ty(call.args[2]).as_literal_str();
    let roll = roll.and_then(|roll| ROLLS.iter().position(|names| names.contains(&roll)));
    let Some(roll) = roll else {
        let diagnostic = Diagnostic::new(Code::ArgumentValue, call.spans[2], "`roll` is a constant string");
        return Err(diagnostic.note(format!("it is one of {}", ROLLS.concat().join(", "))).into());
    };
    let roll = e.b.int64(roll as i64);
    computed(e, call, "busday_offset", &[dates, offsets], &[roll], day())
}

/// Dates as days: a date, an array of dates, or a constant text.
fn days_argument(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    if let Some(text) = e.ty(call.args[idx]).as_literal_str() {
        if parse_date(text).is_none() {
            let message = format!("'{text}' is no date in ISO 8601");
            return call.argument_error(idx, Code::ArgumentValue, message);
        }
        return e.cast_number(call.args[idx], day());
    }
    let mut dates = e.scalar_of(call.args[idx]);
    if !e.is_array(dates) {
        dates = e.plain(dates);
    }
    let own = e.ty(dates).as_array().map_or(e.ty(dates), |array| array.dtype);
    // Days of shorter units would lose their time.
    let fits = own.is_datetime() && own.time_unit().is_some_and(|unit| unit.base <= TimeBase::Day);
    if !fits {
        let message = format!("dates are needed, in days or longer units, not {}", e.ty(dates).shown());
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    e.cast_value(dates, day())
}

/// Bits of the weekdays that are business days, Monday first.
fn weekmask(e: &mut Emitter<'_>, call: &Call) -> Emit<i64> {
    let idx = call.position("weekmask").expect("all three have a mask");
    let message = "a mask of weekdays has seven ones and zeros, or three-letter names such as 'Mon Tue'";
    let refuse = || call.argument_error(idx, Code::ArgumentValue, message);
    let mut bits = 0;
    if let Some(text) = e.ty(call.args[idx]).as_literal_str() {
        if text.len() == 7 && text.bytes().all(|digit| matches!(digit, b'0' | b'1')) {
            bits = text.bytes().enumerate().map(|(day, digit)| i64::from(digit == b'1') << day).sum();
        } else {
            let names: String = text.split_whitespace().collect();
            let mut rest = names.as_str();
            while !rest.is_empty() {
                let Some(name) = rest.get(..3) else { return refuse() };
                let Some(day) = WEEKDAYS.iter().position(|weekday| *weekday == name) else { return refuse() };
                bits |= 1 << day;
                rest = &rest[3..];
            }
        }
    } else {
        let parts = match e.ty(call.args[idx]).as_tuple() {
            Some(parts) if parts.len() == 7 => parts.to_vec(),
            _ => return refuse(),
        };
        for (day, part) in parts.into_iter().enumerate() {
            let is_set = part.as_literal_bool().or(part.as_literal_int().map(|number| number != 0));
            let Some(is_set) = is_set else { return refuse() };
            bits |= i64::from(is_set) << day;
        }
    }
    if bits == 0 {
        let message = "the business day weekmask must have at least one valid business day";
        return call.argument_error(idx, Code::ArgumentValue, message);
    }
    Ok(bits)
}

/// What a kernel gives for operands that broadcast: counts of days, or numbers.
fn computed(
    e: &mut Emitter<'_>,
    call: &Call,
    kernel: &str,
    operands: &[Value],
    more: &[Value],
    result: Type,
) -> Emit {
    let calendar = call.position("busdaycal").expect("all three have a calendar");
    if !e.ty(call.args[calendar]).is_none() {
        let message = "calendars are given by `weekmask` and `holidays`";
        return call.argument_error(calendar, Code::ArgumentType, message);
    }
    let mask = weekmask(e, call)?;
    let holidays = call.position("holidays").expect("all three have holidays");
    let holidays = match e.ty(call.args[holidays]).is_none() {
        true => e.b.address(0),
        false => {
            let array = array_like(e, call, holidays)?;
            let own = e.array_type(array);
            if own.ndim != 1 || !own.dtype.is_datetime() {
                let message = "holidays are dates along one axis";
                return call.argument_error(holidays, Code::ArgumentType, message);
            }
            let days = e.cast_value(array, day())?;
            e.view_argument(days)
        }
    };
    let has_axes = operands.iter().any(|operand| e.has_axes(*operand));
    let extents = if has_axes { e.broadcast_extents(operands)? } else { Vec::new() };
    let mut args = Vec::new();
    for operand in operands {
        args.push(match e.is_array(*operand) {
            true => {
                // The shapes were checked together.
                let strides = e.strides_for(*operand, &extents, "the shapes do not fit")?;
                let ty = ArrayType { layout: Layout::A, ..e.array_type(*operand) };
                let view =
                    e.view_as(*operand, ArrayType { ndim: extents.len() as u8, ..ty }, &extents, &strides);
                e.view_argument(view)
            }
            false => {
                let number = *operand;
                let ty = e.ty(number);
                let count = if ty.time_unit().is_some() { e.b.field(number, 0) } else { number };
                let memory = e.b.stack_memory(8);
                e.b.store(memory, count, Access::aligned(true));
                let zero = e.b.int64(0);
                let strides = vec![zero; extents.len()];
                e.view_slots(memory, Type::int64(), &extents, &strides)
            }
        });
    }
    args.push(e.b.int64(mask));
    args.push(holidays);
    args.extend_from_slice(more);
    let counts = if result.is_bool() { Type::bool() } else { Type::int64() };
    let results = e.filled_by_kernel(
        kernel,
        Type::int64(),
        args,
        counts,
        has_axes.then_some(&extents[..]),
        Vec::new(),
    )?;
    let results = match result.time_unit() {
        Some(_) if has_axes => {
            let (extents, strides) = (e.extents(results), e.strides(results));
            let view = ArrayType { dtype: result, ..e.array_type(results) };
            e.view_as(results, view, &extents, &strides)
        }
        Some(_) => e.b.make(result, vec![results]),
        None => results,
    };
    let out = out_argument(e, call)?;
    finish(e, call, results, out)
}

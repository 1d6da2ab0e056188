//! Ranges and slices from their parts; what tuples contain.

use crate::operators::Comparison;
use crate::{Call, Emit, Emitter};
use rumba_ir::{BinaryOp, Value};
use rumba_source::Code;
use rumba_types::{Literal, Type, TypeKind};

/// Start, stop and step of a call with one to three arguments; `first` and `last` stand for what is not given.
fn parts(e: &mut Emitter<'_>, call: &Call, name: &str, first: Value, last: Value) -> Emit<[Value; 3]> {
    match e.tuple_elements(call.args[0])[..] {
        [stop] => Ok([first, stop, last]),
        [start, stop] => Ok([start, stop, last]),
        [start, stop, step] => Ok([start, stop, step]),
        ref args => {
            e.error(Code::ArgumentCount, format!("{name}() takes 1 to 3 arguments, not {}", args.len()))
        }
    }
}

pub(super) fn range(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let zero = e.literal_int(0);
    let one = e.literal_int(1);
    let parts = parts(e, call, "range", zero, one)?;
    let parts = parts.map(|part| if e.ty(part).widen().is_bool() { e.as_number(part) } else { part });
    e.range(parts)
}

pub(super) fn slice(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let none = e.b.none();
    let parts = parts(e, call, "slice", none, none)?;
    e.slice(parts)
}

/// Whether each element of the tuple equals the value: bools.
fn equal_to_each(e: &mut Emitter<'_>, call: &Call) -> Emit<Vec<Value>> {
    let elements = e.tuple_elements(call.args[0]);
    elements
        .into_iter()
        .map(|element| {
            let equal = e.comparison(Comparison::Eq, element, call.args[1])?;
            e.coerce(equal, Type::bool())
        })
        .collect()
}

pub(super) fn count(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let mut count = e.b.int64(0);
    for equal in equal_to_each(e, call)? {
        let one = e.b.convert(equal, Type::int64());
        count = e.b.add(count, one);
    }
    Ok(count)
}

pub(super) fn index(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let mut found = e.b.bool(false);
    let mut position = e.b.int64(0);
    let equal = equal_to_each(e, call)?;
    let goes_over_all = e.ty(call.args[2]).as_literal_int() == Some(0) && e.ty(call.args[3]).is_none();
    let bounds = match goes_over_all {
        true => None,
        false => {
            let (none, length) = (e.b.none(), e.b.int64(equal.len() as i64));
            let part = e.slice([call.args[2], call.args[3], none])?;
            Some(e.slice_bounds(part, length)?)
        }
    };
    for (idx, mut equal) in equal.into_iter().enumerate().rev() {
        let here = e.b.int64(idx as i64);
        if let Some([start, stop, _]) = bounds {
            let too_early = e.less(here, start);
            let from_start = e.b.not(too_early);
            let before_stop = e.less(here, stop);
            let inside = e.b.and(from_start, before_stop);
            equal = e.b.and(equal, inside);
        }
        position = e.b.select(equal, here, position);
        found = e.b.or(found, equal);
    }
    e.raise_unless(found, "ValueError", "tuple.index(x): x not in tuple", &[]);
    Ok(position)
}

/// `range.index`.
pub(super) fn index_in_range(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let [range, item] = [call.args[0], call.args[1]];
    let contained = e.comparison(Comparison::In, item, range)?;
    let contained = e.coerce(contained, Type::bool())?;
    let item = e.plain(item);
    match e.ty(item).is_float() {
        true => e.raise_unless(contained, "ValueError", "sequence.index(x): x not in sequence", &[]),
        false => e.raise_unless(contained, "ValueError", "{} is not in range", &[item]),
    }
    let item = e.coerce(item, Type::int64())?;
    let [start, _, step] = e.range_parts(range);
    let distance = e.b.sub(item, start);
    Ok(e.b.binary(BinaryOp::TruncDiv, distance, step))
}

pub(super) fn zip(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let iterables = e.tuple_elements(call.args[0]);
    match e.ty(call.args[1]).kind() {
        TypeKind::Literal(Literal::Bool(strict)) => e.zip(&iterables, *strict),
        _ => call.argument_error(1, Code::ArgumentValue, "`strict` of zip() is a constant"),
    }
}

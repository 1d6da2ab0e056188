//! `collections.deque`: a list that has room in front of its items, and a largest length. What needs no rule is in the
//! prelude (`python/rumba/prelude/collections_.py`).

use super::collections::in_prelude;
use super::lists;
use crate::builtins::given;
use crate::declaration::{Declaration, Default, Param};
use crate::{Call, Emit, Emitter, Failure};
use rumba_ir::Value;
use rumba_types::{Type, join};

const DEQUE: Param = Param::required("self").positional_only();
const ITEM: Param = Param::required("x").positional_only();
const ITERABLE: Param = Param::required("iterable").positional_only();

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "collections.deque",
        params: &[Param::optional("iterable", Default::Absent), Param::optional("maxlen", Default::None)],
        doc: "A sequence that grows and shrinks at both ends in constant time; with a largest length, it drops items at the other end.",
        rule: make,
    },
    Declaration {
        path: "deque:maxlen",
        params: &[DEQUE],
        doc: "The largest length, or None.",
        rule: |e, call| {
            let limit = e.deque_limit(call.args[0]);
            let none = e.b.int64(i64::MAX);
            let unlimited = e.equal(limit, none);
            let ty = Type::optional(Type::int64());
            e.if_else(
                unlimited,
                |e| {
                    let none = e.b.none();
                    e.coerce(none, ty)
                },
                |e| e.coerce(limit, ty),
            )
        },
    },
    Declaration {
        path: "deque.append",
        params: &[DEQUE, ITEM],
        doc: "Adds an item at the right end.",
        rule: |e, call| {
            e.list_append(call.args[0], call.args[1])?;
            e.keep_within_limit(call.args[0], true)?;
            Ok(e.b.none())
        },
    },
    Declaration {
        path: "deque.appendleft",
        params: &[DEQUE, ITEM],
        doc: "Adds an item at the left end.",
        rule: |e, call| {
            let zero = e.b.int64(0);
            e.list_insert_at(call.args[0], zero, call.args[1])?;
            e.keep_within_limit(call.args[0], false)?;
            Ok(e.b.none())
        },
    },
    Declaration {
        path: "deque.pop",
        params: &[DEQUE],
        doc: "Removes the item at the right end and gives it.",
        rule: |e, call| take(e, call.args[0], false),
    },
    Declaration {
        path: "deque.popleft",
        params: &[DEQUE],
        doc: "Removes the item at the left end and gives it.",
        rule: |e, call| take(e, call.args[0], true),
    },
    Declaration {
        path: "deque.clear",
        params: &[DEQUE],
        doc: "Removes all items.",
        rule: |e, call| {
            let (zero, length) = (e.b.int64(0), e.list_length(call.args[0]));
            Ok(e.list_remove(call.args[0], zero, length, false))
        },
    },
    Declaration {
        path: "deque.copy",
        params: &[DEQUE],
        doc: "A new deque of the same items and largest length.",
        rule: |e, call| Ok(e.list_copy(call.args[0])),
    },
    Declaration {
        path: "deque.count",
        params: &[DEQUE, ITEM],
        doc: "The number of items that equal a value.",
        rule: lists::count,
    },
    Declaration {
        path: "deque.reverse",
        params: &[DEQUE],
        doc: "Reverses the order of the items.",
        rule: |e, call| Ok(e.b.call_runtime(&lists::REVERSE, vec![call.args[0]], Type::none(), None)),
    },
    Declaration {
        path: "deque.extend",
        params: &[DEQUE, ITERABLE],
        doc: "Adds the items of an iterable at the right end.",
        rule: in_prelude,
    },
    Declaration {
        path: "deque.extendleft",
        params: &[DEQUE, ITERABLE],
        doc: "Adds the items of an iterable at the left end, each before the last.",
        rule: in_prelude,
    },
    Declaration {
        path: "deque.rotate",
        params: &[DEQUE, Param::optional("n", Default::Int(1)).positional_only()],
        doc: "Moves items from the right end to the left one, or back where the number is negative.",
        rule: in_prelude,
    },
    Declaration {
        path: "deque.index",
        params: &[
            DEQUE,
            ITEM,
            Param::optional("start", Default::Absent).positional_only(),
            Param::optional("stop", Default::Absent).positional_only(),
        ],
        doc: "The position of the first item that equals a value; ValueError if there is none.",
        rule: in_prelude,
    },
    Declaration {
        path: "deque.insert",
        params: &[DEQUE, Param::required("i").positional_only(), ITEM],
        doc: "Adds an item before the one at a position; IndexError if there is no room.",
        rule: |e, call| {
            let (length, limit) = (e.list_length(call.args[0]), e.deque_limit(call.args[0]));
            let has_room = e.less(length, limit);
            e.raise_unless(has_room, "IndexError", "deque already at its maximum size", &[]);
            lists::insert(e, call)
        },
    },
    Declaration {
        path: "deque.remove",
        params: &[DEQUE, ITEM],
        doc: "Removes the first item that equals a value; ValueError if there is none.",
        rule: |e, call| lists::remove_item(e, call, "{!r} is not in deque"),
    },
];

fn make(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let limit = match e.ty(call.args[1]) {
        ty if ty.is_none() => None,
        _ => {
            let limit = e.plain_value(call.args[1]);
            let limit = e.as_index(limit, "the largest length")?;
            let zero = e.b.int64(0);
            let is_negative = e.less(limit, zero);
            let fine = e.b.not(is_negative);
            e.raise_unless(fine, "ValueError", "maxlen must be non-negative", &[]);
            Some(limit)
        }
    };
    let Some(items) = given(e, call, 0) else { return Ok(e.new_deque(Type::never(), limit)) };
    let element = match e.ty(items).as_tuple() {
        Some(parts) => {
            let joined = parts.iter().try_fold(Type::never(), |common, part| join(common, part.widen()));
            match joined {
                Some(element) => element,
                None => {
                    let message = "the items of a deque have one type";
                    return call.argument_error(0, rumba_source::Code::CannotUnify, message);
                }
            }
        }
        None => {
            let iterator = e.iter(items)?;
            e.item_type(e.ty(iterator))?
        }
    };
    let deque = e.new_deque(element, limit);
    e.for_each_of(items, |e, item| {
        e.list_append(deque, item)?;
        e.keep_within_limit(deque, true)
    })?;
    Ok(deque)
}

fn take(e: &mut Emitter<'_>, deque: Value, left: bool) -> Emit {
    let length = e.list_length(deque);
    let zero = e.b.int64(0);
    let some = e.less(zero, length);
    e.raise_unless(some, "IndexError", "pop from an empty deque", &[]);
    if e.ty(deque) == Type::deque(Type::never()) {
        return Err(Failure::NeverReturns);
    }
    let one = e.b.int64(1);
    let position = if left { zero } else { e.b.sub(length, one) };
    Ok(e.take_list_item(deque, position))
}

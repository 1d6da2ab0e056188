//! Lists.

use crate::declaration::{Declaration, Param};
use crate::operators::Comparison;
use crate::{Call, Emit, Emitter, Failure};
use rumba_ir::{Access, Changes, CompareOp, RuntimeFunction, Value};
use rumba_source::Code;
use rumba_types::{IteratorKind, Type, TypeKind, join};

/// Where a list has the address of its elements, how many there are, whether it has changed, and how many there is room for:
/// `rumba_runtime::containers::List`.
mod place {
    pub const DATA: i64 = 40;
    pub const LENGTH: i64 = 48;
    pub const CHANGED: i64 = 56;
    pub const CAPACITY: i64 = 64;
    /// Of deques: the largest length, and how often the length has changed.
    pub const LIMIT: i64 = 88;
    pub const VERSION: i64 = 96;
}

/// `(list, start, count, keep)`.
static REMOVE: RuntimeFunction = RuntimeFunction::effect("rumba_list_remove");
/// `(list, list of keys, order of the keys, reverse)`.
static SORT: RuntimeFunction = RuntimeFunction::effect("rumba_list_sort");
/// `(list, start, step, count)`: a new list.
static SLICE: RuntimeFunction = RuntimeFunction::raising("rumba_list_slice").changing(Changes::Nothing);
/// `(list, count)`: a new list.
static REPEAT: RuntimeFunction = RuntimeFunction::raising("rumba_list_repeat").changing(Changes::Nothing);
/// `(list, other)`.
static EXTEND: RuntimeFunction = RuntimeFunction::raising("rumba_list_extend").changing(Changes::First);
pub(super) static REVERSE: RuntimeFunction = RuntimeFunction::effect("rumba_list_reverse");

const LIST: Param = Param::required("self").positional_only();

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "list.append",
        params: &[LIST, Param::required("object").positional_only()],
        doc: "Adds an item at the end.",
        rule: |e, call| {
            e.list_append(call.args[0], call.args[1])?;
            Ok(e.b.none())
        },
    },
    Declaration {
        path: "list.extend",
        params: &[LIST, Param::required("iterable").positional_only()],
        doc: "Adds the items of an iterable at the end.",
        rule: |e, call| {
            e.list_extend(call.args[0], call.args[1])?;
            Ok(e.b.none())
        },
    },
    Declaration {
        path: "list.insert",
        params: &[
            LIST,
            Param::required("index").positional_only(),
            Param::required("object").positional_only(),
        ],
        doc: "Adds an item before the one at a position.",
        rule: insert,
    },
    Declaration {
        path: "list.pop",
        params: &[LIST, Param::optional("index", crate::Default::Int(-1)).positional_only()],
        doc: "Removes the item at a position, the last one if none is given, and gives it.",
        rule: pop,
    },
    Declaration {
        path: "list.remove",
        params: &[LIST, Param::required("value").positional_only()],
        doc: "Removes the first item that equals a value; ValueError if there is none.",
        rule: |e, call| remove_item(e, call, "list.remove(x): x not in list"),
    },
    Declaration {
        path: "list.clear",
        params: &[LIST],
        doc: "Removes all items.",
        rule: |e, call| {
            let (zero, length) = (e.b.int64(0), e.list_length(call.args[0]));
            Ok(e.list_remove(call.args[0], zero, length, false))
        },
    },
    Declaration {
        path: "list.reverse",
        params: &[LIST],
        doc: "Reverses the order of the items.",
        rule: |e, call| Ok(e.b.call_runtime(&REVERSE, vec![call.args[0]], Type::none(), None)),
    },
    Declaration {
        path: "list.copy",
        params: &[LIST],
        doc: "A new list of the same items.",
        rule: |e, call| Ok(e.list_copy(call.args[0])),
    },
    Declaration {
        path: "list.index",
        params: &[
            LIST,
            Param::required("value").positional_only(),
            Param::optional("start", crate::Default::Int(0)).positional_only(),
            Param::optional("stop", crate::Default::None).positional_only(),
        ],
        doc: "The position of the first item, from `start` on and before `stop`, that equals a value; ValueError if there is none.",
        rule: |e, call| {
            let length = e.list_length(call.args[0]);
            let none = e.b.none();
            let part = e.slice([call.args[2], call.args[3], none])?;
            let [start, stop, _] = e.slice_bounds(part, length)?;
            let position = e.list_find_from(call.args[0], call.args[1], start)?;
            let found = e.less(position, stop);
            let value = e.materialise(call.args[1]);
            e.raise_unless(found, "ValueError", "{!r} is not in list", &[value]);
            Ok(position)
        },
    },
    Declaration {
        path: "list.getitem_unchecked",
        params: &[LIST, Param::required("index").positional_only()],
        doc: "The item at a position, which is checked all the same.",
        rule: |e, call| e.list_subscript(call.args[0], call.args[1]),
    },
    Declaration {
        path: "list.sort",
        params: &[
            LIST,
            Param::optional("key", crate::Default::None).keyword_only(),
            Param::optional("reverse", crate::Default::Bool(false)).keyword_only(),
        ],
        doc: "Sorts the items, or by the keys that a function gives for them; items that are equal keep their order, NaN comes last.",
        rule: |e, call| {
            e.sort_list(call.args[0], call.args[0], call.args[2])?;
            Ok(e.b.none())
        },
    },
    Declaration {
        path: "list.count",
        params: &[LIST, Param::required("value").positional_only()],
        doc: "The number of items that equal a value.",
        rule: count,
    },
];

impl Emitter<'_> {
    fn element_type(&self, list: Value) -> Type {
        self.ty(list).as_list().expect("the receiver is a list")
    }

    fn list_word(&mut self, list: Value, place: i64, ty: Type) -> Value {
        let address = self.b.field(list, 0);
        let place = self.b.int64(place);
        let place = self.b.offset(address, place);
        self.b.load(place, ty, Access::aligned(true))
    }

    fn set_list_word(&mut self, list: Value, place: i64, word: Value) {
        let address = self.b.field(list, 0);
        let place = self.b.int64(place);
        let place = self.b.offset(address, place);
        self.b.store(place, word, Access::aligned(true));
    }

    pub(crate) fn list_data(&mut self, list: Value) -> Value {
        self.list_word(list, place::DATA, Type::pointer())
    }

    pub(crate) fn list_length(&mut self, list: Value) -> Value {
        self.list_word(list, place::LENGTH, Type::int64())
    }

    /// The address of the item at a position that is within the list.
    fn item_address(&mut self, list: Value, position: Value) -> Value {
        let size = self.b.int64(i64::from(self.element_type(list).storage().size));
        let data = self.list_data(list);
        let distance = self.b.mul(position, size);
        self.b.offset(data, distance)
    }

    /// Fails where there are no items, whatever the position.
    pub(crate) fn list_item_unchecked(&mut self, list: Value, position: Value) -> Emit {
        let element = self.element_type(list);
        if element == Type::never() {
            return Err(Failure::NeverReturns);
        }
        let address = self.item_address(list, position);
        Ok(self.load_stored(address, element))
    }

    /// A position that is within the list; `IndexError` otherwise.
    fn position_in_list(&mut self, list: Value, index: Value, message: &str) -> Emit {
        let index = self.as_index(index, "a list index")?;
        let length = self.list_length(list);
        let position = self.wrap_index(index, length);
        let fine = self.index_in_bounds(position, length);
        let message = if self.is_deque(list) { "deque index out of range" } else { message };
        self.raise_unless(fine, "IndexError", message, &[]);
        Ok(position)
    }

    /// `[items]`, of elements of a type that all items have.
    pub fn list(&mut self, element: Type, items: &[Value]) -> Emit {
        let capacity = self.b.int64(items.len() as i64);
        let list = self.new_list(element, capacity);
        for item in items {
            self.list_append(list, *item)?;
        }
        Ok(list)
    }

    /// An empty list with room for this many elements.
    pub(crate) fn new_list(&mut self, element: Type, capacity: Value) -> Value {
        self.new_sequence(Type::list(element), capacity)
    }

    fn new_sequence(&mut self, ty: Type, capacity: Value) -> Value {
        let layout = self.element_layout(ty.as_list().expect("a sequence is a list or deque"));
        self.call_raising("list_new", vec![layout, capacity], ty)
    }

    /// An empty sequence of another type, which holds as much as this one.
    pub(super) fn another_empty_sequence(&mut self, sequence: Value, ty: Type) -> Value {
        let zero = self.b.int64(0);
        let new = self.new_sequence(ty, zero);
        if self.is_deque(sequence) {
            let limit = self.deque_limit(sequence);
            self.set_list_word(new, place::LIMIT, limit);
        }
        new
    }

    // Deques.

    pub(crate) fn is_deque(&self, value: Value) -> bool {
        matches!(self.ty(value).kind(), TypeKind::Deque(_))
    }

    pub(crate) fn deque_version(&mut self, deque: Value) -> Value {
        self.list_word(deque, place::VERSION, Type::int64())
    }

    /// The largest length, `i64::MAX` where there is none.
    pub(super) fn deque_limit(&mut self, deque: Value) -> Value {
        self.list_word(deque, place::LIMIT, Type::int64())
    }

    /// `deque(items, maxlen)`, of items of a type that all have.
    pub(super) fn new_deque(&mut self, element: Type, limit: Option<Value>) -> Value {
        let zero = self.b.int64(0);
        let deque = self.new_sequence(Type::deque(element), zero);
        if let Some(limit) = limit {
            self.set_list_word(deque, place::LIMIT, limit);
        }
        deque
    }

    /// Removes an item at the left or at the right where there is one too many.
    pub(super) fn keep_within_limit(&mut self, deque: Value, left: bool) -> Emit<()> {
        let (limit, length) = (self.deque_limit(deque), self.list_length(deque));
        let exceeds = self.less(limit, length);
        self.if_else(
            exceeds,
            |e| {
                let one = e.b.int64(1);
                let position = if left { e.b.int64(0) } else { e.b.sub(length, one) };
                Ok(e.list_remove(deque, position, one, false))
            },
            |e| Ok(e.b.none()),
        )?;
        Ok(())
    }

    /// Adds an item before the one at a position that is within the list, or at the end.
    pub(super) fn list_insert_at(&mut self, list: Value, position: Value, item: Value) -> Emit<()> {
        let ty = self.ty(list);
        let item =
            self.as_element(list, item, self.element_type(list), |element| ty.with_element(element))?;
        let address = self.call_raising("list_insert", vec![list, position], Type::pointer());
        self.b.store_new(address, item);
        Ok(())
    }

    /// Removes the item at a position and gives it.
    pub(super) fn take_list_item(&mut self, list: Value, position: Value) -> Value {
        let address = self.item_address(list, position);
        let item = self.b.take_stored(address, self.element_type(list));
        let one = self.b.int64(1);
        self.list_remove(list, position, one, true);
        item
    }

    pub(crate) fn list_append(&mut self, list: Value, item: Value) -> Emit<()> {
        let ty = self.ty(list);
        let item =
            self.as_element(list, item, self.element_type(list), |element| ty.with_element(element))?;
        let length = self.list_length(list);
        let capacity = self.list_word(list, place::CAPACITY, Type::int64());
        let has_room = self.b.compare(CompareOp::Ne, length, capacity);
        let address = self.if_else(
            has_room,
            |e| {
                let address = e.item_address(list, length);
                let one = e.b.int64(1);
                let length = e.b.add(length, one);
                e.set_list_word(list, place::LENGTH, length);
                e.note_change(list);
                if e.is_deque(list) {
                    let version = e.deque_version(list);
                    let next = e.b.add(version, one);
                    e.set_list_word(list, place::VERSION, next);
                }
                Ok(address)
            },
            |e| Ok(e.call_raising("list_push", vec![list], Type::pointer())),
        )?;
        self.b.store_new(address, item);
        Ok(())
    }

    pub(crate) fn list_extend(&mut self, list: Value, items: Value) -> Emit<()> {
        if self.ty(list) == self.ty(items) {
            self.call_runtime(&EXTEND, vec![list, items], Type::none());
            return Ok(());
        }
        self.for_each_of(items, |e, item| e.list_append(list, item))
    }

    /// Visits the items of an iterable, those of a tuple one by one, since each has a type of its own.
    pub(super) fn for_each_of(
        &mut self,
        items: Value,
        mut visit: impl FnMut(&mut Emitter<'_>, Value) -> Emit<()>,
    ) -> Emit<()> {
        if self.ty(items).as_tuple().is_some() {
            return self.tuple_elements(items).into_iter().try_for_each(|item| visit(self, item));
        }
        let iterator = self.iter(items)?;
        self.for_each_item(iterator, &[], |e, item, _| {
            visit(e, item)?;
            Ok(crate::builtins::Step { state: vec![], stop: None })
        })?;
        Ok(())
    }

    /// `list(iterable)`.
    pub fn list_of(&mut self, items: Value) -> Emit {
        let iterator = self.iter(items)?;
        let element = self.item_type(self.ty(iterator))?;
        let zero = self.b.int64(0);
        let list = self.new_list(element, zero);
        self.list_extend(list, iterator)?;
        Ok(list)
    }

    fn refuse_slice(&self, list: Value, index: Value) -> Emit<()> {
        if self.is_deque(list) && matches!(self.ty(index).kind(), TypeKind::Slice(_)) {
            let diagnostic = self.diagnostic(Code::NotIndexable, "a deque cannot be sliced");
            return Err(diagnostic.note("make a list of it: `list(d)[start:stop]`").into());
        }
        Ok(())
    }

    pub(crate) fn list_subscript(&mut self, list: Value, index: Value) -> Emit {
        self.refuse_slice(list, index)?;
        if matches!(self.ty(index).kind(), TypeKind::Slice(_)) {
            let length = self.list_length(list);
            let [start, step, count] = self.slice_indices(index, length)?;
            let ty = self.ty(list);
            return Ok(self.call_runtime(&SLICE, vec![list, start, step, count], ty));
        }
        let position = self.position_in_list(list, index, "list index out of range")?;
        self.list_item_unchecked(list, position)
    }

    pub(crate) fn set_list_item(&mut self, list: Value, index: Value, new: Value) -> Emit<()> {
        self.refuse_slice(list, index)?;
        if matches!(self.ty(index).kind(), TypeKind::Slice(_)) {
            return self.set_list_slice(list, index, new);
        }
        let ty = self.ty(list);
        let new = self.as_element(list, new, self.element_type(list), |element| ty.with_element(element))?;
        let position = self.position_in_list(list, index, "list assignment index out of range")?;
        let address = self.item_address(list, position);
        self.b.replace_stored(address, new);
        self.note_change(list);
        Ok(())
    }

    /// `list[slice] = items`.
    fn set_list_slice(&mut self, list: Value, slice: Value, items: Value) -> Emit<()> {
        // A list of its own: what is stored may be the list itself, and an iterator may change the list.
        let zero = self.b.int64(0);
        let new = if self.ty(items) == self.ty(list) {
            self.list_copy(items)
        } else {
            let element = self.element_type(list);
            let new = self.new_list(element, zero);
            self.for_each_of(items, |e, item| {
                let item = e.as_element(list, item, element, Type::list)?;
                e.list_append(new, item)
            })?;
            new
        };
        let length = self.list_length(list);
        let [start, step, count] = self.slice_indices(slice, length)?;
        let n_new = self.list_length(new);
        let same_length = self.equal(n_new, count);
        self.if_else(
            same_length,
            |e| {
                let iterator = e.iterator(IteratorKind::List, vec![new, zero]);
                e.for_each_item(iterator, &[start], |e, item, state| {
                    let address = e.item_address(list, state[0]);
                    e.b.replace_stored(address, item);
                    let next = e.b.add(state[0], step);
                    Ok(crate::builtins::Step { state: vec![next], stop: None })
                })?;
                e.note_change(list);
                Ok(e.b.none())
            },
            |e| {
                let one = e.b.int64(1);
                let is_plain = e.equal(step, one);
                let message = "attempt to assign sequence of size {} to extended slice of size {}";
                e.raise_unless(is_plain, "ValueError", message, &[n_new, count]);
                let stop = e.b.add(start, count);
                let n_behind = e.b.sub(length, stop);
                let ty = e.ty(list);
                let behind = e.call_runtime(&SLICE, vec![list, stop, one, n_behind], ty);
                e.list_extend(new, behind)?;
                e.replace_from(list, start, new)?;
                Ok(e.b.none())
            },
        )?;
        Ok(())
    }

    /// `del list[slice]`.
    fn delete_list_slice(&mut self, list: Value, slice: Value) -> Emit<()> {
        let length = self.list_length(list);
        let [start, step, count] = self.slice_indices(slice, length)?;
        let (zero, one) = (self.b.int64(0), self.b.int64(1));
        // The same positions upwards. Where there is none, the start may be outside of the list.
        let backward = self.is_negative(step);
        let n_steps = self.b.sub(count, one);
        let distance = self.b.mul(n_steps, step);
        let last = self.b.add(start, distance);
        let opposite = self.b.sub(zero, step);
        let first = self.b.select(backward, last, start);
        let is_empty = self.equal(count, zero);
        let start = self.b.select(is_empty, zero, first);
        let step = self.b.select(backward, opposite, step);
        let is_plain = self.equal(step, one);
        let is_one = self.b.compare(CompareOp::Le, count, one);
        let is_run = self.b.or(is_plain, is_one);
        self.if_else(
            is_run,
            |e| Ok(e.list_remove(list, start, count, false)),
            |e| {
                let element = e.element_type(list);
                let kept = e.new_list(element, zero);
                let positions = e.iterator(IteratorKind::RangeUp, vec![start, length]);
                e.for_each_item(positions, &[start, zero], |e, position, state| {
                    let (next, n_deleted) = (state[0], state[1]);
                    let at_next = e.equal(position, next);
                    let some_left = e.less(n_deleted, count);
                    let is_deleted = e.b.and(at_next, some_left);
                    e.if_else(
                        is_deleted,
                        |e| Ok(e.b.none()),
                        |e| {
                            let item = e.list_item_unchecked(list, position)?;
                            e.list_append(kept, item)?;
                            Ok(e.b.none())
                        },
                    )?;
                    let further = e.b.add(next, step);
                    let one_more = e.b.add(n_deleted, one);
                    let next = e.b.select(is_deleted, further, next);
                    let n_deleted = e.b.select(is_deleted, one_more, n_deleted);
                    Ok(crate::builtins::Step { state: vec![next, n_deleted], stop: None })
                })?;
                e.replace_from(list, start, kept)?;
                Ok(e.b.none())
            },
        )?;
        Ok(())
    }

    /// Puts the items of another list of its type in place of those from a position on.
    fn replace_from(&mut self, list: Value, start: Value, items: Value) -> Emit<()> {
        let length = self.list_length(list);
        let n_replaced = self.b.sub(length, start);
        self.list_remove(list, start, n_replaced, false);
        self.list_extend(list, items)
    }

    pub(crate) fn delete_list_item(&mut self, list: Value, index: Value) -> Emit<()> {
        self.refuse_slice(list, index)?;
        if matches!(self.ty(index).kind(), TypeKind::Slice(_)) {
            return self.delete_list_slice(list, index);
        }
        let position = self.position_in_list(list, index, "list assignment index out of range")?;
        let one = self.b.int64(1);
        self.list_remove(list, position, one, false);
        Ok(())
    }

    fn note_change(&mut self, list: Value) {
        let one = self.b.int64(1);
        self.set_list_word(list, place::CHANGED, one);
    }

    pub(super) fn list_remove(&mut self, list: Value, start: Value, count: Value, keep: bool) -> Value {
        let keep = self.b.bool(keep);
        self.b.call_runtime(&REMOVE, vec![list, start, count, keep], Type::none(), None)
    }

    /// `list + list`.
    pub(crate) fn concatenate_lists(&mut self, lhs: Value, rhs: Value) -> Emit {
        let Some(ty) = join(self.ty(lhs), self.ty(rhs)) else {
            return self.unsupported_operands("+", self.ty(lhs), self.ty(rhs));
        };
        let (n_lhs, n_rhs) = (self.list_length(lhs), self.list_length(rhs));
        let capacity = self.b.add(n_lhs, n_rhs);
        let list = self.new_list(ty.as_list().expect("lists meet in a list"), capacity);
        self.list_extend(list, lhs)?;
        self.list_extend(list, rhs)?;
        Ok(list)
    }

    /// `list * count`.
    pub(crate) fn repeat_list(&mut self, list: Value, count: Value) -> Emit {
        let count = self.as_index(count, "the number of repetitions")?;
        let ty = self.ty(list);
        Ok(self.call_runtime(&REPEAT, vec![list, count], ty))
    }

    /// `list *= count`.
    pub(crate) fn repeat_list_in_place(&mut self, list: Value, count: Value) -> Emit<()> {
        let count = self.as_index(count, "the number of repetitions")?;
        let (zero, one) = (self.b.int64(0), self.b.int64(1));
        let stays = self.less(zero, count);
        self.if_else(
            stays,
            |e| {
                let items = e.list_copy(list);
                let further = e.iterator(IteratorKind::RangeUp, vec![one, count]);
                e.for_each_item(further, &[], |e, _, _| {
                    e.list_extend(list, items)?;
                    Ok(crate::builtins::Step { state: vec![], stop: None })
                })?;
                Ok(e.b.none())
            },
            |e| {
                let length = e.list_length(list);
                Ok(e.list_remove(list, zero, length, false))
            },
        )?;
        Ok(())
    }

    pub(super) fn list_copy(&mut self, list: Value) -> Value {
        let (zero, one) = (self.b.int64(0), self.b.int64(1));
        let length = self.list_length(list);
        let ty = self.ty(list);
        self.call_runtime(&SLICE, vec![list, zero, one, length], ty)
    }

    /// Sorts a list by keys, which are the list itself or in another one.
    pub fn sort_list(&mut self, list: Value, keys: Value, reverse: Value) -> Emit<()> {
        let key = self.element_type(keys);
        let Some(order) = rumba_types::order(key) else {
            let message = format!("{} has no order that can be sorted by", key.shown());
            return self.error(Code::OperandTypes, message);
        };
        let order = self.words(&order);
        let reverse = self.truth(reverse)?;
        let reverse = self.coerce(reverse, Type::bool())?;
        self.b.call_runtime(&SORT, vec![list, keys, order, reverse], Type::none(), None);
        Ok(())
    }

    /// The position of the first item that equals `value`, or the length.
    pub(crate) fn list_find(&mut self, list: Value, value: Value) -> Emit {
        let zero = self.b.int64(0);
        self.list_find_from(list, value, zero)
    }

    /// The same from a position on.
    fn list_find_from(&mut self, list: Value, value: Value, start: Value) -> Emit {
        let iterator = self.iterator(IteratorKind::List, vec![list, start]);
        let found = self.for_each_item(iterator, &[start], |e, item, state| {
            let equal = e.comparison(Comparison::Eq, item, value)?;
            let equal = e.coerce(equal, Type::bool())?;
            let one = e.b.int64(1);
            let next = e.b.add(state[0], one);
            let position = e.b.select(equal, state[0], next);
            Ok(crate::builtins::Step { state: vec![position], stop: Some(equal) })
        })?;
        Ok(found[0])
    }

    /// `<` and its kin of lists: the first items that are unequal decide, or else the lengths.
    pub(crate) fn order_lists(&mut self, op: Comparison, ir_op: CompareOp, lhs: Value, rhs: Value) -> Emit {
        let (n_lhs, n_rhs) = (self.list_length(lhs), self.list_length(rhs));
        let zero = self.b.int64(0);
        let iterator = self.iterator(IteratorKind::List, vec![lhs, zero]);
        let state = self.for_each_item(iterator, &[zero], |e, item, state| {
            let in_both = e.less(state[0], n_rhs);
            let equal = e.if_else(
                in_both,
                |e| {
                    let other = e.list_item_unchecked(rhs, state[0])?;
                    let equal = e.comparison(Comparison::Eq, item, other)?;
                    e.coerce(equal, Type::bool())
                },
                |e| Ok(e.b.bool(false)),
            )?;
            let one = e.b.int64(1);
            let next = e.b.add(state[0], one);
            let position = e.b.select(equal, next, state[0]);
            let stop = e.b.not(equal);
            Ok(crate::builtins::Step { state: vec![position], stop: Some(stop) })
        })?;
        let position = state[0];
        let in_lhs = self.less(position, n_lhs);
        let in_rhs = self.less(position, n_rhs);
        let in_both = self.b.and(in_lhs, in_rhs);
        self.if_else(
            in_both,
            |e| {
                let item = e.list_item_unchecked(lhs, position)?;
                let other = e.list_item_unchecked(rhs, position)?;
                let result = e.comparison(op, item, other)?;
                e.coerce(result, Type::bool())
            },
            |e| Ok(e.b.compare(ir_op, n_lhs, n_rhs)),
        )
    }

    /// `==` of lists.
    pub(crate) fn equal_lists(&mut self, lhs: Value, rhs: Value) -> Emit {
        let (n_lhs, n_rhs) = (self.list_length(lhs), self.list_length(rhs));
        let same_length = self.equal(n_lhs, n_rhs);
        self.if_else(
            same_length,
            |e| {
                let zero = e.b.int64(0);
                let yes = e.b.bool(true);
                let iterator = e.iterator(IteratorKind::List, vec![lhs, zero]);
                let state = e.for_each_item(iterator, &[zero, yes], |e, item, state| {
                    let other = e.list_item_unchecked(rhs, state[0])?;
                    let equal = e.comparison(Comparison::Eq, item, other)?;
                    let equal = e.coerce(equal, Type::bool())?;
                    let one = e.b.int64(1);
                    let next = e.b.add(state[0], one);
                    let stop = e.b.not(equal);
                    Ok(crate::builtins::Step { state: vec![next, equal], stop: Some(stop) })
                })?;
                Ok(state[1])
            },
            |e| Ok(e.b.bool(false)),
        )
    }
}

pub(super) fn insert(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let list = call.args[0];
    let index = e.as_index(call.args[1], "a list index")?;
    let length = e.list_length(list);
    let zero = e.b.int64(0);
    let wrapped = e.wrap_index(index, length);
    let at_least = e.max(wrapped, zero);
    let position = e.min(at_least, length);
    e.list_insert_at(list, position, call.args[2])?;
    Ok(e.b.none())
}

fn pop(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let list = call.args[0];
    let length = e.list_length(list);
    let zero = e.b.int64(0);
    let some = e.less(zero, length);
    e.raise_unless(some, "IndexError", "pop from empty list", &[]);
    let position = e.position_in_list(list, call.args[1], "pop index out of range")?;
    Ok(e.take_list_item(list, position))
}

pub(super) fn remove_item(e: &mut Emitter<'_>, call: &Call, message: &str) -> Emit {
    let position = e.list_find(call.args[0], call.args[1])?;
    let length = e.list_length(call.args[0]);
    let found = e.less(position, length);
    let value = e.materialise(call.args[1]);
    let shown: &[Value] = if message.contains("{!r}") { &[value] } else { &[] };
    e.raise_unless(found, "ValueError", message, shown);
    let one = e.b.int64(1);
    Ok(e.list_remove(call.args[0], position, one, false))
}

pub(super) fn count(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let zero = e.b.int64(0);
    let iterator = e.iterator(IteratorKind::List, vec![call.args[0], zero]);
    let count = e.for_each_item(iterator, &[zero], |e, item, state| {
        let equal = e.comparison(Comparison::Eq, item, call.args[1])?;
        let equal = e.coerce(equal, Type::bool())?;
        let one = e.b.convert(equal, Type::int64());
        let count = e.b.add(state[0], one);
        Ok(crate::builtins::Step { state: vec![count], stop: None })
    })?;
    Ok(count[0])
}

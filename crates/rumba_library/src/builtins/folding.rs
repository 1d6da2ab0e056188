//! Running over the items of an iterable: `sum`, `any`, `all`, and what other modules build on the same.

use crate::emitter::returning;
use crate::operators::BinaryOperator;
use crate::{Call, Emit, Emitter};
use rumba_ir::{Edge, Value};
use rumba_source::Code;
use rumba_types::{Type, TypeKind, arithmetic_result};

/// What one item does: the new state, and when to stop before the end.
pub(crate) struct Step {
    pub state: Vec<Value>,
    pub stop: Option<Value>,
}

impl<'f> Emitter<'f> {
    /// Runs `body` for every item that is left of `iterator`, carrying `state` along; gives its last values.
    pub(crate) fn for_each_item(
        &mut self,
        iterator: Value,
        state: &[Value],
        body: impl FnOnce(&mut Emitter<'f>, Value, &[Value]) -> Emit<Step>,
    ) -> Emit<Vec<Value>> {
        let header = self.b.function.add_block();
        let inside = self.b.function.add_block();
        let after = self.b.function.add_block();
        let types = self.types(state);
        let current = self.b.function.add_param(header, self.ty(iterator));
        let carried: Vec<Value> = types.iter().map(|ty| self.b.function.add_param(header, *ty)).collect();
        let results: Vec<Value> = types.iter().map(|ty| self.b.function.add_param(after, *ty)).collect();

        let mut args = vec![iterator];
        args.extend_from_slice(state);
        self.b.jump(header, args);

        self.b.switch_to(header);
        let more = self.iter_has_next(current)?;
        let leave = Edge { block: after, args: carried.clone() };
        self.b.branch(more, Edge { block: inside, args: vec![] }, leave);

        self.b.switch_to(inside);
        let step = match returning(self.iter_item(current))? {
            Some(item) => returning(body(self, item, &carried))?,
            None => None,
        };
        let Some(Step { state, stop }) = step else {
            self.b.switch_to(after);
            return Ok(results);
        };
        let mut args = vec![self.iter_advance(current)?];
        args.extend_from_slice(&state);
        match stop {
            None => self.b.jump(header, args),
            Some(stop) => {
                let leave = Edge { block: after, args: state };
                self.b.branch(stop, leave, Edge { block: header, args });
            }
        }
        self.b.switch_to(after);
        Ok(results)
    }
}

/// `start op item op item …` over the first argument, from the second: `sum` and `math.prod`.
pub(crate) fn fold_items(e: &mut Emitter<'_>, call: &Call, op: BinaryOperator) -> Emit {
    let [iterable, start] = [call.args[0], call.args[1]];
    if e.ty(iterable).as_tuple().is_some() {
        let elements = e.tuple_elements(iterable);
        return elements.into_iter().try_fold(start, |acc, element| e.binary(op, acc, element));
    }
    let iterator = e.iter(iterable)?;
    let start = e.plain(start);
    // The type that stays the same when one more item joins in.
    let item_type = e.item_type(e.ty(iterator))?;
    if item_type == Type::never() {
        return Ok(start);
    }
    if let (BinaryOperator::Add, TypeKind::List(_), TypeKind::List(_)) =
        (op, e.ty(start).kind(), item_type.kind())
    {
        return sum_of_lists(e, call, iterator, start, item_type);
    }
    let result_type = e.item_type(e.ty(iterator)).ok().filter(|item| item.is_number()).and_then(|item| {
        let first = arithmetic_result(e.ty(start), item)?;
        arithmetic_result(first, item)
    });
    let Some(ty) = result_type else {
        let message =
            format!("{}() is not defined for items of {}", call.short_name(), e.ty(iterable).shown());
        return call.argument_error(0, Code::ArgumentType, message);
    };
    let start = e.coerce(start, ty)?;
    let state = e.for_each_item(iterator, &[start], |e, item, state| {
        let result = e.binary(op, state[0], item)?;
        Ok(Step { state: vec![e.coerce(result, ty)?], stop: None })
    })?;
    Ok(state[0])
}

/// `sum(lists, start)`, in one list that grows.
fn sum_of_lists(e: &mut Emitter<'_>, call: &Call, lists: Value, start: Value, item: Type) -> Emit {
    let Some(element) = rumba_types::join(e.ty(start), item).and_then(Type::as_list) else {
        let message = format!("the start is {}, but the items are {}", e.ty(start).shown(), item.shown());
        return call.argument_error(1, Code::CannotUnify, message);
    };
    let sum = e.list(element, &[])?;
    e.list_extend(sum, start)?;
    e.for_each_item(lists, &[], |e, list, _| {
        e.list_extend(sum, list)?;
        Ok(Step { state: vec![], stop: None })
    })?;
    Ok(sum)
}

/// `any(iterable)` where `decisive` is true, `all(iterable)` where it is false.
pub(super) fn any_or_all(e: &mut Emitter<'_>, iterable: Value, decisive: bool) -> Emit {
    if e.ty(iterable).as_tuple().is_some() {
        let mut undecided = e.literal_bool(!decisive);
        for element in e.tuple_elements(iterable) {
            let truth = e.truth(element)?;
            match e.ty(truth).as_literal_bool() {
                Some(value) if value == decisive => return Ok(truth),
                Some(_) => {}
                None => {
                    undecided = e.coerce(undecided, Type::bool())?;
                    undecided = if decisive { e.b.or(undecided, truth) } else { e.b.and(undecided, truth) };
                }
            }
        }
        return Ok(undecided);
    }
    let iterator = e.iter(iterable)?;
    let undecided = e.b.bool(!decisive);
    let state = e.for_each_item(iterator, &[undecided], |e, item, _| {
        let truth = e.truth(item)?;
        let truth = e.coerce(truth, Type::bool())?;
        let stop = if decisive { truth } else { e.b.not(truth) };
        Ok(Step { state: vec![truth], stop: Some(stop) })
    })?;
    Ok(state[0])
}

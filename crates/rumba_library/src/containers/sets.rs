//! Sets.

use super::tables::Combination;
use crate::declaration::{Declaration, Param};
use crate::operators::BinaryOperator;
use crate::{Call, Emit, Emitter, Failure};
use rumba_ir::{CompareOp, Value};
use rumba_types::{IteratorKind, Type, TypeKind};

const SET: Param = Param::required("self").positional_only();
const ITEM: Param = Param::required("elem").positional_only();
const OTHER: Param = Param::required("other").positional_only();
const OTHERS: Param = Param::variadic("others");

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "set.add",
        params: &[SET, ITEM],
        doc: "Adds an item.",
        rule: |e, call| {
            e.set_add(call.args[0], call.args[1])?;
            Ok(e.b.none())
        },
    },
    Declaration {
        path: "set.discard",
        params: &[SET, ITEM],
        doc: "Removes an item if it is there.",
        rule: |e, call| remove(e, call, false),
    },
    Declaration {
        path: "set.remove",
        params: &[SET, ITEM],
        doc: "Removes an item; KeyError if it is not there.",
        rule: |e, call| remove(e, call, true),
    },
    Declaration {
        path: "set.pop",
        params: &[SET],
        doc: "Removes an item and gives it; KeyError if there is none. Which one, CPython decides otherwise.",
        rule: pop,
    },
    Declaration {
        path: "set.clear",
        params: &[SET],
        doc: "Removes all items.",
        rule: |e, call| {
            e.clear_table(call.args[0]);
            Ok(e.b.none())
        },
    },
    Declaration {
        path: "set.copy",
        params: &[SET],
        doc: "A new set of the same items.",
        rule: |e, call| e.copy_table(call.args[0]),
    },
    Declaration {
        path: "set.update",
        params: &[SET, OTHERS],
        doc: "Adds the items of iterables.",
        rule: |e, call| {
            for other in e.tuple_elements(call.args[1]) {
                e.set_update(call.args[0], other)?;
            }
            Ok(e.b.none())
        },
    },
    Declaration {
        path: "set.union",
        params: &[SET, OTHERS],
        doc: "A new set of the items of all.",
        rule: |e, call| fold(e, call, BinaryOperator::BitOr),
    },
    Declaration {
        path: "set.intersection",
        params: &[SET, OTHERS],
        doc: "A new set of the items that all have.",
        rule: |e, call| fold(e, call, BinaryOperator::BitAnd),
    },
    Declaration {
        path: "set.difference",
        params: &[SET, OTHERS],
        doc: "A new set of the items that no other has.",
        rule: |e, call| fold(e, call, BinaryOperator::Sub),
    },
    Declaration {
        path: "set.symmetric_difference",
        params: &[SET, OTHER],
        doc: "A new set of the items that one of both has.",
        rule: |e, call| e.combine_sets(BinaryOperator::BitXor, call.args[0], call.args[1]),
    },
    Declaration {
        path: "set.intersection_update",
        params: &[SET, OTHERS],
        doc: "Keeps the items that all others have as well.",
        rule: |e, call| fold_into(e, call, BinaryOperator::BitAnd),
    },
    Declaration {
        path: "set.difference_update",
        params: &[SET, OTHERS],
        doc: "Removes the items that any other has.",
        rule: |e, call| fold_into(e, call, BinaryOperator::Sub),
    },
    Declaration {
        path: "set.symmetric_difference_update",
        params: &[SET, OTHER],
        doc: "Removes the items that the other has, and adds those that only it has.",
        rule: |e, call| update(e, call, BinaryOperator::BitXor),
    },
    Declaration {
        path: "set.issubset",
        params: &[SET, OTHER],
        doc: "Whether the other has all items.",
        rule: is_subset_of,
    },
    Declaration {
        path: "set.issuperset",
        params: &[SET, OTHER],
        doc: "Whether it has all items of the other.",
        rule: is_superset_of,
    },
    Declaration {
        path: "set.isdisjoint",
        params: &[SET, OTHER],
        doc: "Whether there is no item that both have.",
        rule: is_disjoint,
    },
    Declaration {
        path: "frozenset.union",
        params: &[SET, OTHERS],
        doc: "A frozenset of the items of all.",
        rule: |e, call| fold(e, call, BinaryOperator::BitOr),
    },
    Declaration {
        path: "frozenset.intersection",
        params: &[SET, OTHERS],
        doc: "A frozenset of the items that all have.",
        rule: |e, call| fold(e, call, BinaryOperator::BitAnd),
    },
    Declaration {
        path: "frozenset.difference",
        params: &[SET, OTHERS],
        doc: "A frozenset of the items that no other has.",
        rule: |e, call| fold(e, call, BinaryOperator::Sub),
    },
    Declaration {
        path: "frozenset.symmetric_difference",
        params: &[SET, OTHER],
        doc: "A new frozenset of the items that one of both has.",
        rule: |e, call| e.combine_sets(BinaryOperator::BitXor, call.args[0], call.args[1]),
    },
    Declaration {
        path: "frozenset.issubset",
        params: &[SET, OTHER],
        doc: "Whether the other has all items.",
        rule: is_subset_of,
    },
    Declaration {
        path: "frozenset.issuperset",
        params: &[SET, OTHER],
        doc: "Whether it has all items of the other.",
        rule: is_superset_of,
    },
    Declaration {
        path: "frozenset.isdisjoint",
        params: &[SET, OTHER],
        doc: "Whether there is no item that both have.",
        rule: is_disjoint,
    },
    Declaration {
        path: "frozenset.copy",
        params: &[SET],
        doc: "The frozenset itself.",
        rule: |_, call| Ok(call.args[0]),
    },
];

impl Emitter<'_> {
    /// `{item, …}`, of items of a type that all have.
    pub fn set(&mut self, element: Type, items: &[Value]) -> Emit {
        let set = self.new_table(Type::set(element))?;
        for item in items {
            self.set_add(set, *item)?;
        }
        Ok(set)
    }

    pub(crate) fn set_add(&mut self, set: Value, item: Value) -> Emit<()> {
        let TypeKind::Set(element, frozen) = self.ty(set).kind() else {
            unreachable!("the receiver is a set")
        };
        self.check_is_key(self.ty(item).widen())?;
        let of = |element| TypeKind::Set(element, *frozen).into();
        let item = self.as_element(set, item, *element, of)?;
        self.entry_of(set, item)?;
        Ok(())
    }

    pub(crate) fn set_update(&mut self, set: Value, items: Value) -> Emit<()> {
        if self.ty(set) == self.ty(items) {
            self.update_table(set, items);
            return Ok(());
        }
        let iterator = self.iter(items)?;
        self.for_each_item(iterator, &[], |e, item, _| {
            e.set_add(set, item)?;
            Ok(crate::builtins::Step { state: vec![], stop: None })
        })?;
        Ok(())
    }

    /// `set(iterable)`.
    pub(crate) fn set_of(&mut self, items: Value, frozen: bool) -> Emit {
        if frozen && self.ty(items).is_frozenset() {
            return Ok(items);
        }
        let iterator = self.iter(items)?;
        let element = self.item_type(self.ty(iterator))?;
        let set = self.new_table(TypeKind::Set(element, frozen).into())?;
        self.set_update(set, iterator)?;
        Ok(set)
    }

    /// Another set, or the items of an iterable, as a set of the same type.
    fn as_set_like(&mut self, set: Value, other: Value) -> Emit {
        if self.ty(set) == self.ty(other) {
            return Ok(other);
        }
        let new = self.new_table(self.ty(set))?;
        self.set_update(new, other)?;
        Ok(new)
    }

    /// `|`, `&`, `-` and `^` of sets.
    pub(crate) fn combine_sets(&mut self, op: BinaryOperator, lhs: Value, rhs: Value) -> Emit {
        let rhs = self.as_set_like(lhs, rhs)?;
        let what = match op {
            BinaryOperator::BitAnd => Combination::Intersection,
            BinaryOperator::Sub => Combination::Difference,
            BinaryOperator::BitXor => Combination::SymmetricDifference,
            _ => {
                let union = self.copy_table(lhs)?;
                self.update_table(union, rhs);
                return Ok(union);
            }
        };
        Ok(self.combine_tables(lhs, rhs, what))
    }

    /// `set op= other`, of what leaves items out.
    pub(crate) fn combine_into_set(&mut self, op: BinaryOperator, set: Value, other: Value) -> Emit<()> {
        let combined = self.combine_sets(op, set, other)?;
        self.clear_table(set);
        self.set_update(set, combined)
    }

    /// `==`, `<=` and their kin of sets: equality and inclusion.
    pub(crate) fn compare_sets(&mut self, op: CompareOp, lhs: Value, rhs: Value) -> Emit {
        let rhs = self.as_set_like(lhs, rhs)?;
        let (lesser, greater) =
            if matches!(op, CompareOp::Ge | CompareOp::Gt) { (rhs, lhs) } else { (lhs, rhs) };
        let (n_lesser, n_greater) = (self.table_length(lesser), self.table_length(greater));
        let is_subset = self.is_subset(lesser, greater);
        let same_size = self.equal(n_lesser, n_greater);
        Ok(match op {
            CompareOp::Le | CompareOp::Ge => is_subset,
            CompareOp::Eq => self.b.and(is_subset, same_size),
            CompareOp::Ne => {
                let equal = self.b.and(is_subset, same_size);
                self.b.not(equal)
            }
            CompareOp::Lt | CompareOp::Gt => {
                let differs = self.b.not(same_size);
                self.b.and(is_subset, differs)
            }
        })
    }
}

/// An operation of a set and one other after the other.
fn fold(e: &mut Emitter<'_>, call: &Call, op: BinaryOperator) -> Emit {
    let others = e.tuple_elements(call.args[1]);
    if others.is_empty() {
        return e.copy_table(call.args[0]);
    }
    others.into_iter().try_fold(call.args[0], |set, other| e.combine_sets(op, set, other))
}

fn is_subset_of(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let other = e.as_set_like(call.args[0], call.args[1])?;
    Ok(e.is_subset(call.args[0], other))
}

fn is_superset_of(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let other = e.as_set_like(call.args[0], call.args[1])?;
    Ok(e.is_subset(other, call.args[0]))
}

fn is_disjoint(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let other = e.as_set_like(call.args[0], call.args[1])?;
    let common = e.combine_tables(call.args[0], other, Combination::Intersection);
    let n_common = e.table_length(common);
    Ok(e.is_zero(n_common))
}

fn fold_into(e: &mut Emitter<'_>, call: &Call, op: BinaryOperator) -> Emit {
    for other in e.tuple_elements(call.args[1]) {
        e.combine_into_set(op, call.args[0], other)?;
    }
    Ok(e.b.none())
}

fn update(e: &mut Emitter<'_>, call: &Call, op: BinaryOperator) -> Emit {
    e.combine_into_set(op, call.args[0], call.args[1])?;
    Ok(e.b.none())
}

fn remove(e: &mut Emitter<'_>, call: &Call, must_exist: bool) -> Emit {
    let set = call.args[0];
    let Some(item) = e.as_key(set, call.args[1])? else {
        if !must_exist {
            return Ok(e.b.none());
        }
        let no = e.b.bool(false);
        let item = e.materialise(call.args[1]);
        e.raise_key_error_unless(no, item);
        return Err(Failure::NeverReturns);
    };
    let entry = e.find_in_table(set, item);
    let missing = e.is_null(entry);
    let found = e.b.not(missing);
    if must_exist {
        e.raise_key_error_unless(found, item);
        e.remove_entry(set, entry, false);
        return Ok(e.b.none());
    }
    e.if_else(
        found,
        |e| {
            e.remove_entry(set, entry, false);
            Ok(e.b.none())
        },
        |e| Ok(e.b.none()),
    )
}

fn pop(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let set = call.args[0];
    if e.ty(set) == Type::set(Type::never()) {
        let no = e.b.bool(false);
        e.raise_unless(no, "KeyError", "pop from an empty set", &[]);
        return Err(Failure::NeverReturns);
    }
    let iterator = e.iter_table(set, IteratorKind::Keys);
    let some = e.table_has_next(iterator);
    e.raise_unless(some, "KeyError", "pop from an empty set", &[]);
    let item = e.table_item(iterator, IteratorKind::Keys)?;
    let entry = e.find_in_table(set, item);
    e.remove_entry(set, entry, false);
    Ok(item)
}

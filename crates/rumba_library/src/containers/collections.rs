//! The dicts of `collections`: `defaultdict`, `Counter` and `OrderedDict` are dicts that differ in what a missing key
//! gives, and in methods of their own. Those that need no rule are in the prelude (`python/rumba/prelude/collections_.py`).

use crate::builtins::{Step, given};
use crate::declaration::{Declaration, Default, Param};
use crate::{Call, Emit, Emitter, lookup};
use rumba_ir::{Access, Value};
use rumba_source::Code;
use rumba_types::{DictKind, IteratorKind, Type, TypeKind};

const SELF: Param = Param::required("self").positional_only();
const ITERABLE: Param = Param::optional("iterable", Default::Absent).positional_only();
const NAMED: Param = Param::keywords("kwargs");

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "collections.defaultdict",
        params: &[Param::optional("default_factory", Default::None).positional_only(), ITERABLE, NAMED],
        doc: "A dict that puts what a function without arguments gives in place of missing keys.",
        rule: |e, call| {
            let factory = e.ty(call.args[0]);
            if !is_factory(factory) {
                let message = format!("{} cannot be the factory of a defaultdict", factory.shown());
                let note = "compiled code takes classes, jitted functions, and inner functions that capture no variables";
                let error = rumba_source::Diagnostic::new(Code::ArgumentType, call.spans[0], message);
                return Err(error.note(note).into());
            }
            dict_of_kind(e, given(e, call, 1), call.args[2], DictKind::Default(factory))
        },
    },
    Declaration {
        path: "collections.OrderedDict",
        params: &[ITERABLE, NAMED],
        doc: "A dict whose order is part of what it is equal to.",
        rule: |e, call| dict_of_kind(e, given(e, call, 0), call.args[1], DictKind::Ordered),
    },
    Declaration {
        path: "collections.Counter",
        params: &[ITERABLE, NAMED],
        doc: "A dict of how often there is what: of the items of an iterable, of another mapping, or of counts by name.",
        rule: |e, call| {
            let items = given(e, call, 0).filter(|items| !e.ty(*items).is_none());
            match items {
                Some(_) if !e.tuple_elements(call.args[1]).is_empty() => {
                    let message = "Counter() takes what it counts, or counts by name, not both here";
                    e.error(Code::ArgumentCount, message)
                }
                Some(items) if e.ty(items).dict_kind().is_none() => count(e, items),
                items => dict_of_kind(e, items, call.args[1], DictKind::Counter),
            }
        },
    },
    Declaration {
        path: "defaultdict:default_factory",
        params: &[SELF],
        doc: "What gives the values of missing keys.",
        rule: |e, call| match e.ty(call.args[0]).dict_kind() {
            Some(DictKind::Default(factory)) => Ok(e.b.unit(factory)),
            kind => unreachable!("{kind:?} has no factory"),
        },
    },
    Declaration {
        path: "OrderedDict.popitem",
        params: &[SELF, Param::optional("last", Default::Bool(true))],
        doc: "Removes the last or the first pair of key and value, and gives it.",
        rule: |e, call| e.pop_item(call.args[0], call.args[1], "dictionary is empty"),
    },
    Declaration {
        path: "OrderedDict.move_to_end",
        params: &[SELF, Param::required("key"), Param::optional("last", Default::Bool(true))],
        doc: "Moves a key behind all others, or in front of them, which takes time in proportion to their number.",
        rule: in_prelude,
    },
    Declaration {
        path: "Counter.most_common",
        params: &[SELF, Param::optional("n", Default::None)],
        doc: "A list of keys and counts, the largest counts first.",
        rule: in_prelude,
    },
    Declaration {
        path: "Counter.elements",
        params: &[SELF],
        doc: "Each key as often as its count says, to iterate over.",
        rule: in_prelude,
    },
    Declaration { path: "Counter.total", params: &[SELF], doc: "The sum of all counts.", rule: in_prelude },
    Declaration {
        path: "Counter.update",
        params: &[SELF, ITERABLE],
        doc: "Counts the items of an iterable as well, or adds the counts of another mapping.",
        rule: in_prelude,
    },
    Declaration {
        path: "Counter.subtract",
        params: &[SELF, ITERABLE],
        doc: "Takes the items of an iterable, or the counts of another mapping, away.",
        rule: in_prelude,
    },
];

/// Stands for a rule: the prelude has a function of the path behind `collections.`.
pub(crate) fn in_prelude(_: &mut Emitter<'_>, call: &Call) -> Emit {
    call.argument_error(0, Code::ArgumentType, format!("`{}` is a function of the prelude", call.path))
}

/// Whether the prelude implements what is declared at a path.
pub fn is_in_prelude(path: &str) -> bool {
    let rule: fn(&mut Emitter<'_>, &Call) -> Emit = in_prelude;
    lookup(path).is_some_and(|declaration| std::ptr::fn_addr_eq(declaration.rule, rule))
}

/// What has no state: the type says all that there is to know.
fn is_factory(ty: Type) -> bool {
    let can_be_called = matches!(
        ty.kind(),
        TypeKind::None
            | TypeKind::Function(_)
            | TypeKind::Closure { .. }
            | TypeKind::Class { .. }
            | TypeKind::NamedTupleClass(_)
            | TypeKind::DType(_)
    );
    can_be_called && ty.scalars().is_empty()
}

fn dict_of_kind(e: &mut Emitter<'_>, items: Option<Value>, named: Value, kind: DictKind) -> Emit {
    let items = items.filter(|items| !e.ty(*items).is_none());
    e.dict_with(items, named, kind)
}

/// `Counter(iterable)`.
fn count(e: &mut Emitter<'_>, items: Value) -> Emit {
    let iterator = e.iter(items)?;
    let item = e.item_type(e.ty(iterator))?;
    let counter = e.new_table(TypeKind::Dict(item, Type::int64(), DictKind::Counter).into())?;
    e.for_each_item(iterator, &[], |e, item, _| {
        let item =
            e.coerce(item, rumba_types::entry_types(e.ty(counter)).expect("a counter is a table").0)?;
        let (entry, is_new) = e.entry_of(counter, item)?;
        let address = e.value_address(counter, entry);
        let one = e.b.int64(1);
        let count = e.if_else(
            is_new,
            |_| Ok(one),
            |e| {
                let count = e.b.load(address, Type::int64(), Access::aligned(true));
                Ok(e.b.add(count, one))
            },
        )?;
        e.b.store(address, count, Access::aligned(true));
        Ok(Step { state: vec![], stop: None })
    })?;
    Ok(counter)
}

impl Emitter<'_> {
    /// `dict[key]` of a `defaultdict`: what is missing is made and put in.
    pub fn item_or_made(&mut self, dict: Value, key: Value, make: impl FnOnce(&mut Self) -> Emit) -> Emit {
        let Some(wanted) = self.as_key(dict, key)? else {
            let made = make(self)?;
            self.set_dict_item(dict, key, made)?;
            return Ok(made);
        };
        let found = self.find_in_table(dict, wanted);
        let is_missing = self.is_null(found);
        let entry = self.if_else(
            is_missing,
            |e| {
                let made = make(e)?;
                e.set_dict_item(dict, key, made)?;
                Ok(e.find_in_table(dict, wanted))
            },
            |_| Ok(found),
        )?;
        Ok(self.value_of_entry(dict, entry))
    }

    /// `counter[key]`: what is missing has been counted no times.
    pub(crate) fn dict_item_or_zero(&mut self, counter: Value, key: Value) -> Emit {
        let zero = self.literal_int(0);
        self.dict_get(counter, key, zero)
    }

    /// Whether the entries of two dicts are equal and in the same order.
    pub(crate) fn equal_ordered_dicts(&mut self, lhs: Value, rhs: Value) -> Emit {
        let [lhs, rhs] = [lhs, rhs].map(|dict| self.iter_table(dict, IteratorKind::Keys));
        let [lhs, rhs] = [self.list_of(lhs)?, self.list_of(rhs)?];
        self.equal_lists(lhs, rhs)
    }

    /// `lhs | rhs` of dicts of two classes: which class the result is of.
    pub(crate) fn united_dicts(lhs: Type, rhs: Type) -> Option<Type> {
        let (TypeKind::Dict(key, value, own), TypeKind::Dict(other_key, other_value, other)) =
            (lhs.kind(), rhs.kind())
        else {
            return None;
        };
        let kind = match (own, other) {
            (DictKind::Plain, kind) | (kind, DictKind::Plain) => kind,
            (own, other) if own == other => own,
            _ => return None,
        };
        let (key, value) = (rumba_types::join(*key, *other_key)?, rumba_types::join(*value, *other_value)?);
        Some(TypeKind::Dict(key, value, *kind).into())
    }
}

/// The function of the prelude for an operator of `operator` between values of these types, if there is one.
pub fn operator_in_prelude(path: &str, operands: &[Type]) -> Option<String> {
    let is_counter = |ty: &Type| ty.dict_kind() == Some(DictKind::Counter);
    let is_deque = |ty: &Type| matches!(ty.kind(), TypeKind::Deque(_));
    let name = path.strip_prefix("operator.")?;
    let is_of_deques = match name {
        "add" => operands.iter().all(is_deque),
        "mul" => operands.iter().any(is_deque) && operands.iter().any(|ty| ty.widen().is_int()),
        "iadd" => is_deque(&operands[0]),
        "imul" => is_deque(&operands[0]) && operands[1].widen().is_int(),
        _ => false,
    };
    if is_of_deques {
        return Some(format!("collections.deque.{name}"));
    }
    let applies = match name {
        "add" | "sub" | "and_" | "or_" | "eq" | "ne" | "le" | "lt" | "ge" | "gt" => {
            operands.iter().all(is_counter)
        }
        "iadd" | "isub" | "iand" | "ior" => is_counter(&operands[0]) && operands[1].dict_kind().is_some(),
        "pos" | "neg" | "delitem" => is_counter(&operands[0]),
        _ => false,
    };
    applies.then(|| format!("collections.Counter.{name}"))
}

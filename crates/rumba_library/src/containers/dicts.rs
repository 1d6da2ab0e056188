//! Dicts.

use crate::builtins::given;
use crate::declaration::{Declaration, Default, Param};
use crate::operators::Comparison;
use crate::{Call, Emit, Emitter, Failure};
use rumba_ir::{ExceptionRef, Payload, SiteKind, Value};
use rumba_source::Code;
use rumba_types::{DictKind, IteratorKind, Type, TypeKind, join};

const DICT: Param = Param::required("self").positional_only();
const KEY: Param = Param::required("key").positional_only();

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "dict.get",
        params: &[DICT, KEY, Param::optional("default", Default::None).positional_only()],
        doc: "The value of a key, or the default if there is none.",
        rule: |e, call| e.dict_get(call.args[0], call.args[1], call.args[2]),
    },
    Declaration {
        path: "dict.setdefault",
        params: &[DICT, KEY, Param::required("default").positional_only()],
        doc: "The value of a key, which is set to the default before if there is none.",
        rule: set_default,
    },
    Declaration {
        path: "dict.pop",
        params: &[DICT, KEY, Param::optional("default", Default::Absent).positional_only()],
        doc: "Removes a key and gives its value; the default, or KeyError, if there is none.",
        rule: pop,
    },
    Declaration {
        path: "dict.popitem",
        params: &[DICT],
        doc: "Removes the pair of key and value that was added last, and gives it.",
        rule: |e, call| {
            let last = e.literal_bool(true);
            e.pop_item(call.args[0], last, "popitem(): dictionary is empty")
        },
    },
    Declaration {
        path: "dict.keys",
        params: &[DICT],
        doc: "The keys, to iterate over.",
        rule: |e, call| Ok(e.iter_table(call.args[0], IteratorKind::Keys)),
    },
    Declaration {
        path: "dict.values",
        params: &[DICT],
        doc: "The values, to iterate over.",
        rule: |e, call| Ok(e.iter_table(call.args[0], IteratorKind::Values)),
    },
    Declaration {
        path: "dict.items",
        params: &[DICT],
        doc: "The pairs of key and value, to iterate over.",
        rule: |e, call| Ok(e.iter_table(call.args[0], IteratorKind::Entries)),
    },
    Declaration {
        path: "dict.update",
        params: &[
            DICT,
            Param::optional("other", Default::Absent).positional_only(),
            Param::keywords("kwargs"),
        ],
        doc: "Takes the pairs of another dict, or of an iterable of pairs, over, and then what is given by name.",
        rule: |e, call| {
            if let Some(other) = given(e, call, 1) {
                e.dict_update(call.args[0], other)?;
            }
            for (name, value) in e.named_items(call.args[2]) {
                e.set_dict_item(call.args[0], name, value)?;
            }
            Ok(e.b.none())
        },
    },
    Declaration {
        path: "dict.clear",
        params: &[DICT],
        doc: "Removes all keys.",
        rule: |e, call| {
            e.clear_table(call.args[0]);
            Ok(e.b.none())
        },
    },
    Declaration {
        path: "dict.copy",
        params: &[DICT],
        doc: "A new dict of the same pairs.",
        rule: |e, call| e.copy_table(call.args[0]),
    },
];

impl Emitter<'_> {
    fn value_type(&self, dict: Value) -> Type {
        match self.ty(dict).kind() {
            TypeKind::Dict(_, value, _) => *value,
            ty => unreachable!("{ty:?} is no dict"),
        }
    }

    /// `{key: value, …}`, of keys and values of types that all have.
    pub fn dict(&mut self, ty: Type, items: &[(Value, Value)]) -> Emit {
        let dict = self.new_table(ty)?;
        for (key, value) in items {
            self.set_dict_item(dict, *key, *value)?;
        }
        Ok(dict)
    }

    pub(crate) fn set_dict_item(&mut self, dict: Value, key: Value, value: Value) -> Emit<()> {
        let ty = self.ty(dict);
        let TypeKind::Dict(key_type, value_type, _) = ty.kind() else {
            unreachable!("the receiver is a dict");
        };
        self.check_is_key(self.ty(key).widen())?;
        let wide_value = self.ty(value).widen();
        let with_value = join(*value_type, wide_value).unwrap_or(wide_value);
        let key = self.as_element(dict, key, *key_type, |key| ty.with_entries(key, with_value))?;
        let value = self.as_element(dict, value, *value_type, |value| ty.with_entries(*key_type, value))?;
        let (entry, is_new) = self.entry_of(dict, key)?;
        let address = self.value_address(dict, entry);
        self.store_or_replace(address, value, is_new)
    }

    fn store_or_replace(&mut self, address: Value, value: Value, is_new: Value) -> Emit<()> {
        if !self.ty(value).is_managed() {
            self.b.store_new(address, value);
            return Ok(());
        }
        self.if_else(
            is_new,
            |e| {
                e.b.store_new(address, value);
                Ok(e.b.none())
            },
            |e| {
                e.b.replace_stored(address, value);
                Ok(e.b.none())
            },
        )?;
        Ok(())
    }

    /// Raises `KeyError` with the key unless it was found.
    pub(crate) fn raise_key_error_unless(&mut self, found: Value, key: Value) {
        let kind =
            SiteKind::Raise { exception: ExceptionRef::Builtin("KeyError"), payload: Payload::Arguments };
        let site = self.host_site(kind, &[key]);
        self.b.raise_unless(found, vec![key], site);
    }

    /// The address of the entry of a key that is there. `KeyError` otherwise.
    fn entry_that_exists(&mut self, dict: Value, key: Value) -> Emit {
        match self.as_key(dict, key)? {
            Some(key) => {
                let entry = self.find_in_table(dict, key);
                let missing = self.is_null(entry);
                let found = self.b.not(missing);
                self.raise_key_error_unless(found, key);
                Ok(entry)
            }
            None => {
                let (no, key) = (self.b.bool(false), self.materialise(key));
                self.raise_key_error_unless(no, key);
                Err(Failure::NeverReturns)
            }
        }
    }

    pub fn dict_item(&mut self, dict: Value, key: Value) -> Emit {
        if self.ty(dict).dict_kind() == Some(DictKind::Counter) {
            return self.dict_item_or_zero(dict, key);
        }
        let entry = self.entry_that_exists(dict, key)?;
        Ok(self.value_of_entry(dict, entry))
    }

    pub(crate) fn delete_dict_item(&mut self, dict: Value, key: Value) -> Emit<()> {
        let entry = self.entry_that_exists(dict, key)?;
        self.remove_entry(dict, entry, false);
        Ok(())
    }

    /// `key in table`.
    pub(crate) fn table_contains(&mut self, table: Value, key: Value) -> Emit {
        Ok(match self.as_key(table, key)? {
            Some(key) => {
                let entry = self.find_in_table(table, key);
                let missing = self.is_null(entry);
                self.b.not(missing)
            }
            None => self.literal_bool(false),
        })
    }

    pub(crate) fn dict_get(&mut self, dict: Value, key: Value, default: Value) -> Emit {
        let value_type = self.value_type(dict);
        let Some(key) = self.as_key(dict, key)? else { return Ok(default) };
        let default_type = self.ty(default).widen();
        let Some(ty) = join(value_type, default_type) else {
            let message =
                format!("the values are {}, but the default is {}", value_type.shown(), default_type.shown());
            return self.error(Code::CannotUnify, message);
        };
        let entry = self.find_in_table(dict, key);
        let missing = self.is_null(entry);
        self.if_else(
            missing,
            |e| e.coerce(default, ty),
            |e| {
                let value = e.value_of_entry(dict, entry);
                e.coerce(value, ty)
            },
        )
    }

    pub(crate) fn dict_update(&mut self, dict: Value, other: Value) -> Emit<()> {
        if self.ty(dict) == self.ty(other) {
            self.update_table(dict, other);
            return Ok(());
        }
        let iterator = match self.ty(other).kind() {
            TypeKind::Dict(..) => self.iter_table(other, IteratorKind::Entries),
            _ => self.iter(other)?,
        };
        self.for_each_item(iterator, &[], |e, item, _| {
            let pair = e.unpack(item, 2, 0, false)?;
            let (key, value) = (e.b.field(pair, 0), e.b.field(pair, 1));
            e.set_dict_item(dict, key, value)?;
            Ok(crate::builtins::Step { state: vec![], stop: None })
        })?;
        Ok(())
    }

    /// `dict(items, name=value, …)`, or another class of dicts.
    pub(crate) fn dict_with(&mut self, items: Option<Value>, named: Value, kind: DictKind) -> Emit {
        let first = items.map(|items| self.dict_of(items, kind)).transpose()?;
        let named = self.named_items(named);
        let (mut key, mut value) = match first.map(|first| self.ty(first).kind()) {
            Some(TypeKind::Dict(key, value, _)) => (*key, *value),
            _ => (Type::never(), Type::never()),
        };
        match first {
            Some(first) if named.is_empty() => return Ok(first),
            _ => {}
        }
        for (name, item) in &named {
            for (common, new) in [(&mut key, *name), (&mut value, *item)] {
                let ty = self.ty(new).widen();
                let Some(joined) = join(*common, ty) else {
                    let (ty, common) = (ty.shown(), common.shown());
                    let message = format!("this dict would have {ty} next to {common}");
                    let diagnostic = self.diagnostic(Code::CannotUnify, message);
                    return Err(diagnostic
                        .note("the keys of a dict have one type, and so have its values")
                        .into());
                };
                *common = joined;
            }
        }
        let dict = self.new_table(TypeKind::Dict(key, value, kind).into())?;
        if let Some(first) = first {
            self.dict_update(dict, first)?;
        }
        for (name, item) in named {
            self.set_dict_item(dict, name, item)?;
        }
        Ok(dict)
    }

    /// `dict(iterable)`, or another class of dicts.
    pub(crate) fn dict_of(&mut self, items: Value, kind: DictKind) -> Emit {
        if let TypeKind::Dict(key, value, _) = self.ty(items).kind() {
            let copy = self.new_table(TypeKind::Dict(*key, *value, kind).into())?;
            self.update_table(copy, items);
            return Ok(copy);
        }
        let iterator = self.iter(items)?;
        let pair = self.item_type(self.ty(iterator))?;
        let Some([key, value]) = pair.as_tuple() else {
            let message = format!("a dict is made of pairs, not of {}", pair.shown());
            return self.error(Code::ArgumentType, message);
        };
        let dict = self.new_table(TypeKind::Dict(key.widen(), value.widen(), kind).into())?;
        self.dict_update(dict, iterator)?;
        Ok(dict)
    }

    /// Removes the last pair of key and value, or the first, and gives it.
    pub(crate) fn pop_item(&mut self, dict: Value, last: Value, message: &str) -> Emit {
        if self.value_type(dict) == Type::never() {
            let no = self.b.bool(false);
            self.raise_unless(no, "KeyError", message, &[]);
            return Err(Failure::NeverReturns);
        }
        let last = self.truth(last)?;
        let (entry, exists) = match self.ty(last).as_literal_bool() {
            Some(last) => self.end_entry(dict, last),
            None => {
                let ((first, exists), (last_entry, _)) =
                    (self.end_entry(dict, false), self.end_entry(dict, true));
                (self.b.select(last, last_entry, first), exists)
            }
        };
        self.raise_unless(exists, "KeyError", message, &[]);
        let key = self.key_of_entry(dict, entry);
        let value = take_value(self, dict, entry);
        Ok(self.tuple(vec![key, value]))
    }

    /// `==` of dicts.
    pub(crate) fn equal_dicts(&mut self, lhs: Value, rhs: Value) -> Emit {
        let (n_lhs, n_rhs) = (self.table_length(lhs), self.table_length(rhs));
        let same_length = self.equal(n_lhs, n_rhs);
        let iterator = self.iter_table(lhs, IteratorKind::Entries);
        let state = self.for_each_item(iterator, &[same_length], |e, item, state| {
            let (key, value) = (e.b.field(item, 0), e.b.field(item, 1));
            let Some(key) = e.as_key(rhs, key)? else {
                let stop = e.b.bool(true);
                return Ok(crate::builtins::Step { state: vec![state[0]], stop: Some(stop) });
            };
            let entry = e.find_in_table(rhs, key);
            let missing = e.is_null(entry);
            let equal = e.if_else(
                missing,
                |e| Ok(e.b.bool(false)),
                |e| {
                    let other = e.value_of_entry(rhs, entry);
                    let equal = e.comparison(Comparison::Eq, value, other)?;
                    e.coerce(equal, Type::bool())
                },
            )?;
            let equal = e.b.and(state[0], equal);
            let stop = e.b.not(equal);
            Ok(crate::builtins::Step { state: vec![equal], stop: Some(stop) })
        })?;
        Ok(state[0])
    }
}

fn set_default(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let [dict, key, default] = [call.args[0], call.args[1], call.args[2]];
    let ty = e.ty(dict);
    let TypeKind::Dict(key_type, value_type, _) = ty.kind() else {
        unreachable!("the receiver is a dict");
    };
    e.check_is_key(e.ty(key).widen())?;
    let with_value = join(*value_type, e.ty(default).widen()).unwrap_or(e.ty(default).widen());
    let key = e.as_element(dict, key, *key_type, |key| ty.with_entries(key, with_value))?;
    let default = e.as_element(dict, default, *value_type, |value| ty.with_entries(*key_type, value))?;
    let (entry, is_new) = e.entry_of(dict, key)?;
    let address = e.value_address(dict, entry);
    e.if_else(
        is_new,
        |e| {
            e.b.store_new(address, default);
            Ok(e.b.none())
        },
        |e| Ok(e.b.none()),
    )?;
    Ok(e.value_of_entry(dict, entry))
}

fn pop(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let [dict, key, default] = [call.args[0], call.args[1], call.args[2]];
    let value_type = e.value_type(dict);
    if e.ty(default) == Type::undefined() {
        let entry = e.entry_that_exists(dict, key)?;
        let value = take_value(e, dict, entry);
        return Ok(value);
    }
    let Some(key) = e.as_key(dict, key)? else { return Ok(default) };
    let default_type = e.ty(default).widen();
    let Some(ty) = join(value_type, default_type) else {
        let message =
            format!("the values are {}, but the default is {}", value_type.shown(), default_type.shown());
        return call.argument_error(2, Code::CannotUnify, message);
    };
    let entry = e.find_in_table(dict, key);
    let missing = e.is_null(entry);
    e.if_else(
        missing,
        |e| e.coerce(default, ty),
        |e| {
            let value = take_value(e, dict, entry);
            e.coerce(value, ty)
        },
    )
}

/// Removes an entry and gives its value.
fn take_value(e: &mut Emitter<'_>, dict: Value, entry: Value) -> Value {
    let address = e.value_address(dict, entry);
    let value = e.b.take_stored(address, e.value_type(dict));
    e.remove_entry(dict, entry, true);
    value
}

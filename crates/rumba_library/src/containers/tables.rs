//! What dicts and sets have in common: the hash tables of the runtime, `rumba_runtime::containers::Table`.

use crate::{Emit, Emitter, Failure};
use rumba_ir::{Access, Changes, RuntimeFunction, Value};
use rumba_source::Code;
use rumba_types::{IteratorKind, Type, TypeKind, entry_size, entry_types, is_key, join, table_layout};

/// Where a table has the number of its entries, whether it has changed, the address of the first entry, and the number of
/// entries with those that were removed.
mod place {
    pub const N_LIVE: i64 = 40;
    pub const ENTRIES: i64 = 56;
    pub const N_ENTRIES: i64 = 64;
}

/// The bytes of an entry before its key.
const HASH_SIZE: i64 = 8;

/// `(table, int64, size of an entry)`: the address of the entry's key, or 0.
static FIND_WORD: RuntimeFunction =
    RuntimeFunction::effect("rumba_table_find_word").changing(Changes::Nothing);
/// The same of an entry that is made if there is none; 0 if there is no room for it.
static ENTRY_OF_WORD: RuntimeFunction = RuntimeFunction::effect("rumba_table_entry_of_word");
/// `(table, address of a packed key)`: the address of the entry's key, or 0.
static FIND: RuntimeFunction = RuntimeFunction::effect("rumba_table_find").changing(Changes::Nothing);
/// `(table, address of an entry's key, whether its value has been taken over)`.
static REMOVE: RuntimeFunction = RuntimeFunction::effect("rumba_table_remove");
static CLEAR: RuntimeFunction = RuntimeFunction::effect("rumba_table_clear");
/// `(table, number)`: the number of the first entry from there on.
static NEXT: RuntimeFunction = RuntimeFunction::effect("rumba_table_next").changing(Changes::Nothing);
static LAST: RuntimeFunction = RuntimeFunction::effect("rumba_table_last").changing(Changes::Nothing);
static IS_SUBSET: RuntimeFunction =
    RuntimeFunction::effect("rumba_table_is_subset").changing(Changes::Nothing);
/// `(table, other)`: what is in the other, too.
static UPDATE: RuntimeFunction = RuntimeFunction::raising("rumba_table_update").changing(Changes::First);
/// `(table, other, Combination)`: a new table.
static COMBINE: RuntimeFunction = RuntimeFunction::raising("rumba_table_combine").changing(Changes::Nothing);

/// What [`Emitter::combine_tables`] makes of two sets.
#[derive(Clone, Copy)]
pub(crate) enum Combination {
    Intersection = 0,
    Difference = 1,
    SymmetricDifference = 2,
}

impl Emitter<'_> {
    pub(crate) fn check_is_key(&self, ty: Type) -> Emit<()> {
        if is_key(ty) {
            return Ok(());
        }
        let diagnostic = self.diagnostic(Code::ArgumentType, format!("{} is no key", ty.shown()));
        let note = match ty.as_instance() {
            Some(_) => {
                "instances are keys where their class has no `__eq__`, or `dataclass` has made it and `__hash__`"
            }
            None => "numbers, texts, times, instances, and tuples of these are keys",
        };
        Err(diagnostic.note(note).into())
    }

    pub(crate) fn new_table(&mut self, ty: Type) -> Emit {
        let (key, _) = entry_types(ty).expect("a table is a dict or set");
        self.check_is_key(key)?;
        let words = table_layout(ty).expect("keys were checked");
        let layout = self.words(&words);
        Ok(self.call_raising("table_new", vec![layout], ty))
    }

    fn table_word(&mut self, table: Value, place: i64, ty: Type) -> Value {
        let address = self.b.field(table, 0);
        let place = self.b.int64(place);
        let place = self.b.offset(address, place);
        self.b.load(place, ty, Access::aligned(true))
    }

    pub(crate) fn table_length(&mut self, table: Value) -> Value {
        self.table_word(table, place::N_LIVE, Type::int64())
    }

    /// A value as a key that is looked for. It must be of a type that fits the keys; `None` while there are none.
    pub(crate) fn as_key(&mut self, table: Value, key: Value) -> Emit<Option<Value>> {
        let (wanted, _) = entry_types(self.ty(table)).expect("a table is a dict or set");
        if wanted == Type::never() {
            return Ok(None);
        }
        let ty = self.ty(key).widen();
        let joined = join(wanted, ty);
        if let (Some(joined), Some(_)) = (joined.filter(|joined| *joined != wanted), ty.members()) {
            // Of members of an enum, others may be looked for than are there.
            let to = match self.ty(table).kind() {
                TypeKind::Set(_, frozen) => TypeKind::Set(joined, *frozen).into(),
                TypeKind::Dict(_, value, _) => self.ty(table).with_entries(joined, *value),
                ty => unreachable!("{ty:?} is no table"),
            };
            return Err(Failure::Widen { container: table, to });
        }
        if joined != Some(wanted) {
            let message = format!("the keys of {} are not of type {}", self.ty(table).shown(), ty.shown());
            return self.error(Code::OperandTypes, message);
        }
        Ok(Some(self.coerce(key, wanted)?))
    }

    /// The address of the key in the table, null if it is not there. The key is of the type of keys.
    pub(crate) fn find_in_table(&mut self, table: Value, key: Value) -> Value {
        if self.ty(key) == Type::int64() {
            let size = self.entry_size(table);
            return self.b.call_runtime(&FIND_WORD, vec![table, key, size], Type::pointer(), None);
        }
        let key = self.b.pack(vec![key]);
        self.b.call_runtime(&FIND, vec![table, key], Type::pointer(), None)
    }

    /// The address of the key of an entry, made if there is none, and whether it was made: then its value is to be stored.
    pub(crate) fn entry_of(&mut self, table: Value, key: Value) -> Emit<(Value, Value)> {
        let before = self.table_length(table);
        let place = if self.ty(key) == Type::int64() {
            let size = self.entry_size(table);
            let place = self.b.call_runtime(&ENTRY_OF_WORD, vec![table, key, size], Type::pointer(), None);
            let is_full = self.is_null(place);
            self.if_else(
                is_full,
                |e| Ok(e.call_raising("table_insert_word", vec![table, key], Type::pointer())),
                |_| Ok(place),
            )?
        } else {
            let key = self.b.pack(vec![key]);
            self.call_raising("table_insert", vec![table, key], Type::pointer())
        };
        let after = self.table_length(table);
        let is_old = self.equal(before, after);
        Ok((place, self.b.not(is_old)))
    }

    /// The bytes of an entry of a table.
    fn entry_size(&mut self, table: Value) -> Value {
        let (key, value) = entry_types(self.ty(table)).expect("a table is a dict or set");
        self.b.int64(HASH_SIZE + i64::from(entry_size(key, value)))
    }

    /// Where the value of an entry is, from the address of its key.
    pub(crate) fn value_address(&mut self, table: Value, key: Value) -> Value {
        let (key_type, _) = entry_types(self.ty(table)).expect("a table is a dict or set");
        let distance = self.b.int64(i64::from(key_type.slots().size));
        self.b.offset(key, distance)
    }

    pub(crate) fn is_null(&mut self, address: Value) -> Value {
        let null = self.b.address(0);
        self.equal(address, null)
    }

    pub(crate) fn remove_entry(&mut self, table: Value, key: Value, keep_value: bool) {
        let keep = self.b.bool(keep_value);
        self.b.call_runtime(&REMOVE, vec![table, key, keep], Type::none(), None);
    }

    pub(crate) fn clear_table(&mut self, table: Value) {
        self.b.call_runtime(&CLEAR, vec![table], Type::none(), None);
    }

    pub(crate) fn update_table(&mut self, table: Value, other: Value) {
        self.call_runtime(&UPDATE, vec![table, other], Type::none());
    }

    /// A new table of the same entries.
    pub(crate) fn copy_table(&mut self, table: Value) -> Emit {
        let copy = self.new_table(self.ty(table))?;
        self.update_table(copy, table);
        Ok(copy)
    }

    pub(crate) fn combine_tables(&mut self, table: Value, other: Value, what: Combination) -> Value {
        let ty = self.ty(table);
        let what = self.b.int64(what as i64);
        self.call_runtime(&COMBINE, vec![table, other, what], ty)
    }

    pub(crate) fn is_subset(&mut self, table: Value, other: Value) -> Value {
        self.b.call_runtime(&IS_SUBSET, vec![table, other], Type::bool(), None)
    }

    /// The address of the key of an entry, by its number.
    fn entry_address(&mut self, table: Value, number: Value) -> Value {
        let entries = self.table_word(table, place::ENTRIES, Type::pointer());
        let (size, hash_size) = (self.entry_size(table), self.b.int64(HASH_SIZE));
        let distance = self.b.mul(number, size);
        let distance = self.b.add(distance, hash_size);
        self.b.offset(entries, distance)
    }

    pub(crate) fn key_of_entry(&mut self, table: Value, key: Value) -> Value {
        let (key_type, _) = entry_types(self.ty(table)).expect("a table is a dict or set");
        self.load_from(key, key_type, key_type.slots())
    }

    pub(crate) fn value_of_entry(&mut self, table: Value, key: Value) -> Value {
        let (_, value) = entry_types(self.ty(table)).expect("a table is a dict or set");
        let address = self.value_address(table, key);
        self.load_stored(address, value)
    }

    /// The address of the key of the entry that was made last, or first, and whether there is one.
    pub(crate) fn end_entry(&mut self, table: Value, last: bool) -> (Value, Value) {
        let zero = self.b.int64(0);
        let number = match last {
            true => self.b.call_runtime(&LAST, vec![table], Type::int64(), None),
            false => self.b.call_runtime(&NEXT, vec![table, zero], Type::int64(), None),
        };
        let length = self.table_length(table);
        let is_empty = self.equal(length, zero);
        (self.entry_address(table, number), self.b.not(is_empty))
    }

    // Iterators: the table, the number of an entry at or before the next one, and how many there were.

    pub(crate) fn iter_table(&mut self, table: Value, kind: IteratorKind) -> Value {
        let (zero, length) = (self.b.int64(0), self.table_length(table));
        self.iterator(kind, vec![table, zero, length])
    }

    fn next_number(&mut self, iterator: Value) -> Value {
        let (table, number) = (self.b.field(iterator, 0), self.b.field(iterator, 1));
        self.b.call_runtime(&NEXT, vec![table, number], Type::int64(), None)
    }

    pub(crate) fn table_has_next(&mut self, iterator: Value) -> Value {
        let (table, length) = (self.b.field(iterator, 0), self.b.field(iterator, 2));
        let now = self.table_length(table);
        let unchanged = self.equal(now, length);
        let message = match self.ty(table).kind() {
            TypeKind::Dict(..) => "dictionary changed size during iteration",
            _ => "Set changed size during iteration",
        };
        self.raise_unless(unchanged, "RuntimeError", message, &[]);
        let number = self.next_number(iterator);
        let n_entries = self.table_word(table, place::N_ENTRIES, Type::int64());
        self.less(number, n_entries)
    }

    pub(crate) fn table_item(&mut self, iterator: Value, kind: IteratorKind) -> Emit {
        let table = self.b.field(iterator, 0);
        if entry_types(self.ty(table)).is_some_and(|(key, _)| key == Type::never()) {
            return Err(crate::Failure::NeverReturns);
        }
        let number = self.next_number(iterator);
        let entry = self.entry_address(table, number);
        Ok(match kind {
            IteratorKind::Keys => self.key_of_entry(table, entry),
            IteratorKind::Values => self.value_of_entry(table, entry),
            _ => {
                let parts = vec![self.key_of_entry(table, entry), self.value_of_entry(table, entry)];
                self.tuple(parts)
            }
        })
    }

    /// The number after that of the current entry.
    pub(crate) fn number_after(&mut self, iterator: Value) -> Value {
        let (number, one) = (self.next_number(iterator), self.b.int64(1));
        self.b.add(number, one)
    }
}

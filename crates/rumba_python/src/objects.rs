//! Ids of Python objects, as the compiler knows them.
//!
//! One table for the process. Ordinary objects (modules, classes, functions, arrays) stay alive once they
//! have an id: compiled code refers to them. Dispatchers take themselves out when they die; their id is
//! never used again.

use pyo3::ffi::PyObject;
use pyo3::prelude::*;
use rumba_types::ObjectId;
use rustc_hash::FxHashMap;
use std::sync::Mutex;

enum Entry {
    Alive(Py<PyAny>),
    /// Not counted; `forget` clears it before the object's memory goes.
    Borrowed(*mut PyObject),
    Dead,
}

// SAFETY: a borrowed pointer is followed only with the interpreter attached.
unsafe impl Send for Entry {}

#[derive(Default)]
struct Table {
    entries: Vec<Entry>,
    by_address: FxHashMap<usize, ObjectId>,
}

static TABLE: Mutex<Option<Table>> = Mutex::new(None);

fn with_table<R>(action: impl FnOnce(&mut Table) -> R) -> R {
    let mut guard = TABLE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    action(guard.get_or_insert_default())
}

impl Table {
    fn add(&mut self, address: usize, entry: Entry) -> ObjectId {
        let id = ObjectId(u32::try_from(self.entries.len()).expect("fewer than 2^32 objects"));
        self.entries.push(entry);
        self.by_address.insert(address, id);
        id
    }
}

/// The id of an object, which from now on lives as long as the process (except dispatchers, which have
/// their id already).
pub fn id_of(object: &Bound<'_, PyAny>) -> ObjectId {
    let address = object.as_ptr() as usize;
    let owned = object.clone().unbind();
    with_table(|table| match table.by_address.get(&address) {
        Some(id) => *id,
        None => table.add(address, Entry::Alive(owned)),
    })
}

/// An id for an object that calls [`forget`] when it dies.
pub fn register_borrowed(object: *mut PyObject) -> ObjectId {
    with_table(|table| table.add(object as usize, Entry::Borrowed(object)))
}

/// A borrowed object dies.
pub fn forget(id: ObjectId) {
    with_table(|table| {
        if let Some(Entry::Borrowed(object)) = table.entries.get(id.0 as usize) {
            let address = *object as usize;
            table.by_address.remove(&address);
            table.entries[id.0 as usize] = Entry::Dead;
        }
    });
}

/// The object with this id; `None` if it has died.
pub fn object(py: Python<'_>, id: ObjectId) -> Option<Bound<'_, PyAny>> {
    with_table(|table| match table.entries.get(id.0 as usize)? {
        Entry::Alive(object) => Some(object.bind(py).clone()),
        // SAFETY: the object is alive until it calls `forget`, which it does with the interpreter attached.
        Entry::Borrowed(object) => Some(unsafe { Bound::from_borrowed_ptr(py, *object) }),
        Entry::Dead => None,
    })
}

/// The id of an object that has one already.
pub fn known_id(object: &Bound<'_, PyAny>) -> Option<ObjectId> {
    let address = object.as_ptr() as usize;
    with_table(|table| table.by_address.get(&address).copied())
}

//! `rumba.typed`: containers of compiled code as objects of the interpreter.
//!
//! An object refers to the very container that compiled code works with, so that nothing is converted at a call. Methods that
//! need no speed are in `python/rumba/typed.py`.

use crate::containers::{Stored, words_of};
use crate::holds;
use crate::type_objects::TypeObject;
use crate::type_of::{short_text, type_of};
use pyo3::exceptions::{PyIndexError, PyKeyError, PyMemoryError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PySlice, PyTuple, PyType};
use rumba_runtime::containers::{ElementLayout, List, TYPED, Table, TableLayout};
use rumba_runtime::memory::rumba_release;
use rumba_types::{Type, TypeKind, join};

/// What an object refers to. Without a container, as long as nothing is known of what it will hold.
#[derive(Default)]
pub struct Content {
    ty: Option<Type>,
    slot: u64,
    /// Values of elements or keys, and of a dict's values, on their way.
    first: Option<Stored>,
    second: Option<Stored>,
}

impl Drop for Content {
    fn drop(&mut self) {
        if self.slot != 0 {
            // SAFETY: the reference is this value's.
            unsafe { rumba_release(self.slot) };
        }
    }
}

impl Content {
    /// Takes over a reference to a container.
    fn of(ty: Type, slot: u64) -> Content {
        let (first, second) = match ty.kind() {
            TypeKind::Dict(key, value, _) => {
                (Stored::new(*key, key.slots()), Some(Stored::new(*value, value.storage())))
            }
            TypeKind::Set(key, _) => (Stored::new(*key, key.slots()), None),
            TypeKind::List(element) => (Stored::new(*element, element.storage()), None),
            _ => unreachable!("{ty} is no container"),
        };
        Content { ty: Some(ty), slot, first: Some(first), second }
    }

    fn empty(ty: Type) -> PyResult<Content> {
        let words = words_of(ty);
        // SAFETY: the containers are new; the mark says that they are boxed as objects of this module.
        let slot = unsafe {
            match ty.as_list() {
                Some(_) => {
                    let list = List::new(ElementLayout::of_words(words), 0)
                        .map_err(|_| PyMemoryError::new_err(()))?;
                    (*list).set_object(TYPED);
                    list as u64
                }
                None => {
                    let table =
                        Table::new(TableLayout::of_words(words)).map_err(|_| PyMemoryError::new_err(()))?;
                    (*table).set_object(TYPED);
                    table as u64
                }
            }
        };
        Ok(Content::of(ty, slot))
    }

    /// Whether the container may be read or changed now: what may run Python code comes before.
    #[inline(always)]
    fn check(&self, changes: bool) -> PyResult<()> {
        holds::check(self.slot, changes)
    }

    /// The container and how its elements are stored; an empty one of `ty` first, if there is none yet.
    fn of_type(&mut self, ty: impl FnOnce() -> PyResult<Type>) -> PyResult<&mut Content> {
        if self.ty.is_none() {
            *self = Content::empty(ty()?)?;
        }
        Ok(self)
    }
}

fn type_of_value(value: &Bound<'_, PyAny>) -> PyResult<Type> {
    type_of(value)
        .map_err(|_| PyTypeError::new_err(format!("{} cannot be held in compiled code", short_text(value))))
}

/// Takes the slots of a value; refuses one that the elements' type does not hold.
fn convert(value: &Bound<'_, PyAny>, stored: &mut Stored) -> PyResult<()> {
    if stored.take_plain(value) {
        return Ok(());
    }
    check(value, stored)?;
    stored.convert(value)
}

/// Refuses a value that the elements' type does not hold.
pub fn check(value: &Bound<'_, PyAny>, stored: &Stored) -> PyResult<()> {
    let (ty, wanted) = (type_of_value(value)?, stored.ty());
    if ty == wanted && !stored.holds_containers() {
        return Ok(());
    }
    if ty.contains(&is_container) && container_of(value).is_none() {
        let message = format!(
            "{} is not shared with compiled code: put a container of rumba.typed here",
            short_text(value)
        );
        return Err(PyTypeError::new_err(message));
    }
    if join(wanted, ty) == Some(wanted) {
        return Ok(());
    }
    Err(PyTypeError::new_err(format!("{} is of type {ty}, not {wanted}", short_text(value))))
}

pub fn is_container(ty: Type) -> bool {
    matches!(ty.kind(), TypeKind::List(_) | TypeKind::Deque(_) | TypeKind::Set(_, _) | TypeKind::Dict(..))
}

/// `rumba.typed.List` without the methods that need no speed.
#[pyclass(subclass, name = "TypedList", module = "rumba._core")]
#[derive(Default)]
pub struct TypedList(Content);

impl TypedList {
    fn list(&self) -> Option<*mut List> {
        self.0.ty.map(|_| self.0.slot as *mut List)
    }

    fn length(&self) -> usize {
        // SAFETY: the list is alive by the reference that this object has.
        self.list().map_or(0, |list| unsafe { (*list).length })
    }

    fn position(&self, idx: isize, message: &'static str) -> PyResult<usize> {
        let length = self.length();
        let wrapped = if idx < 0 { idx + length as isize } else { idx };
        usize::try_from(wrapped)
            .ok()
            .filter(|position| *position < length)
            .ok_or_else(|| PyIndexError::new_err(message))
    }

    fn item<'py>(&mut self, py: Python<'py>, position: usize) -> PyResult<Bound<'py, PyAny>> {
        self.0.check(false)?;
        let list = self.0.slot as *mut List;
        let stored = self.0.first.as_mut().expect("a list with items has a type");
        // SAFETY: the position is within the list.
        unsafe { stored.get(py, (*list).at(position)) }
    }
}

#[pymethods]
impl TypedList {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, pyo3::types::PyDict>>) -> TypedList {
        TypedList::default()
    }

    /// Makes an empty list one of this element type.
    fn _set_type(&mut self, element: TypeObject) -> PyResult<()> {
        self.0 = Content::empty(Type::list(element.0))?;
        Ok(())
    }

    #[getter]
    fn _element_type(&self) -> Option<TypeObject> {
        self.0.ty.and_then(Type::as_list).map(TypeObject)
    }

    fn __len__(&self) -> usize {
        self.length()
    }

    /// Slices are the package's.
    fn __getitem__<'py>(this: &Bound<'py, Self>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if index.is_instance_of::<PySlice>() {
            return this.call_method1(pyo3::intern!(this.py(), "_slice"), (index,));
        }
        let idx = index.extract()?;
        let mut this = this.try_borrow_mut()?;
        let position = this.position(idx, "list index out of range")?;
        this.item(index.py(), position)
    }

    fn __setitem__(
        this: &Bound<'_, Self>,
        index: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        if index.is_instance_of::<PySlice>() {
            return this.call_method1(pyo3::intern!(this.py(), "_set_slice"), (index, value)).map(drop);
        }
        let idx = index.extract()?;
        this.try_borrow_mut()?.replace(idx, value)
    }

    fn __delitem__(this: &Bound<'_, Self>, index: &Bound<'_, PyAny>) -> PyResult<()> {
        if index.is_instance_of::<PySlice>() {
            return this.call_method1(pyo3::intern!(this.py(), "_delete_slice"), (index,)).map(drop);
        }
        let idx = index.extract()?;
        this.try_borrow_mut()?.delete(idx)
    }

    fn append(&mut self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let end = self.length();
        self.insert_at(end, value)
    }

    fn insert(&mut self, idx: isize, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let length = self.length();
        let wrapped = if idx < 0 { idx.saturating_add(length as isize) } else { idx };
        self.insert_at((wrapped.max(0) as usize).min(length), value)
    }

    #[pyo3(signature = (idx=-1))]
    fn pop<'py>(&mut self, py: Python<'py>, idx: isize) -> PyResult<Bound<'py, PyAny>> {
        if self.length() == 0 {
            return Err(PyIndexError::new_err("pop from empty list"));
        }
        let position = self.position(idx, "pop index out of range")?;
        let item = self.item(py, position)?;
        self.delete(position as isize)?;
        Ok(item)
    }

    fn clear(&mut self) -> PyResult<()> {
        self.0.check(true)?;
        if let Some(list) = self.list() {
            // SAFETY: all items are the list's.
            unsafe { List::remove(list, 0, (*list).length, false) };
        }
        Ok(())
    }

    /// The items in a list of the interpreter.
    fn _to_list<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let items = PyList::empty(py);
        let mut position = 0;
        while position < self.length() {
            items.append(self.item(py, position)?)?;
            position += 1;
        }
        Ok(items)
    }
}

impl TypedList {
    fn replace(&mut self, idx: isize, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let message = "list assignment index out of range";
        self.position(idx, message)?;
        convert(value, self.0.first.as_mut().expect("a list with items has a type"))?;
        self.0.check(true)?;
        // Converting may have changed the list.
        let position = self.position(idx, message)?;
        let (list, stored) = (self.0.slot as *mut List, self.0.first.as_ref().expect("as above"));
        // SAFETY: the position is within the list.
        unsafe { stored.replace_by_converted((*list).at(position)) };
        Ok(())
    }

    fn delete(&mut self, idx: isize) -> PyResult<()> {
        self.0.check(true)?;
        let position = self.position(idx, "list assignment index out of range")?;
        // SAFETY: the position is within the list.
        unsafe { List::remove(self.0.slot as *mut List, position, 1, false) };
        Ok(())
    }

    fn insert_at(&mut self, position: usize, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let content = self.0.of_type(|| Ok(Type::list(type_of_value(value)?)))?;
        let list = content.slot as *mut List;
        let stored = content.first.as_mut().expect("a list with a type stores its items");
        convert(value, stored)?;
        holds::check(content.slot, true)?;
        // SAFETY: the position is within the list or at its end; the gap is filled right away.
        unsafe {
            let place =
                (*list).open(position.min((*list).length), 1).map_err(|_| PyMemoryError::new_err(()))?;
            stored.keep_converted(place);
        }
        Ok(())
    }
}

/// `rumba.typed.Dict` and `Set` without the methods that need no speed.
#[pyclass(subclass, name = "TypedTable", module = "rumba._core")]
#[derive(Default)]
pub struct TypedTable(Content);

impl TypedTable {
    fn table(&self) -> Option<*mut Table> {
        self.0.ty.map(|_| self.0.slot as *mut Table)
    }

    /// The address of the stored key, if it is there, in a table that is read or changed then.
    fn find(&mut self, key: &Bound<'_, PyAny>, changes: bool) -> PyResult<Option<*mut u8>> {
        let Some(table) = self.table() else { return Ok(None) };
        let keys = self.0.first.as_mut().expect("a table with a type stores its keys");
        if !keys.take_plain(key) {
            if check(key, keys).is_err() {
                return Ok(None);
            }
            keys.convert(key)?;
        }
        holds::check(self.0.slot, changes)?;
        // SAFETY: the table is alive; the slots are a key of its type.
        Ok(unsafe { (*table).look_up(keys.slots().as_ptr().cast()) })
    }

    fn value_at<'py>(&mut self, py: Python<'py>, key: *mut u8) -> PyResult<Bound<'py, PyAny>> {
        let key_size = self.0.first.as_ref().expect("a table with a type stores its keys").size();
        match &mut self.0.second {
            // SAFETY: the value stands behind its key.
            Some(values) => unsafe { values.get(py, key.add(key_size)) },
            None => Ok(py.None().into_bound(py)),
        }
    }
}

#[pymethods]
impl TypedTable {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, pyo3::types::PyDict>>) -> TypedTable {
        TypedTable::default()
    }

    /// Makes an empty table one of these types.
    #[pyo3(signature = (key, value=None))]
    fn _set_type(&mut self, key: TypeObject, value: Option<TypeObject>) -> PyResult<()> {
        let ty = match value {
            Some(value) => Type::dict(key.0, value.0),
            None => Type::set(key.0),
        };
        if !rumba_types::is_key(key.0) {
            return Err(PyTypeError::new_err(format!("{} is no type of keys", key.0)));
        }
        self.0 = Content::empty(ty)?;
        Ok(())
    }

    #[getter]
    fn _types(&self) -> Option<(TypeObject, TypeObject)> {
        let (key, value) = rumba_types::entry_types(self.0.ty?)?;
        Some((TypeObject(key), TypeObject(value)))
    }

    fn __len__(&self) -> usize {
        // SAFETY: the table is alive by the reference that this object has.
        self.table().map_or(0, |table| unsafe { (*table).entries.n_live })
    }

    fn __contains__(&mut self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.find(key, false)?.is_some())
    }

    fn __getitem__<'py>(&mut self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        match self.find(key, false)? {
            Some(place) => self.value_at(key.py(), place),
            None => Err(PyKeyError::new_err(key.clone().unbind())),
        }
    }

    #[pyo3(signature = (key, default=None))]
    fn get<'py>(
        &mut self,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match self.find(key, false)? {
            Some(place) => self.value_at(key.py(), place),
            None => Ok(default.unwrap_or_else(|| key.py().None().into_bound(key.py()))),
        }
    }

    fn __setitem__(&mut self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let content = self.0.of_type(|| {
            let key_type = type_of_value(key)?;
            if !rumba_types::is_key(key_type) {
                return Err(PyTypeError::new_err(format!("{} is no type of keys", key_type)));
            }
            Ok(Type::dict(key_type, type_of_value(value)?))
        })?;
        let table = content.slot as *mut Table;
        let keys = content.first.as_mut().expect("a table with a type stores its keys");
        let Some(values) = &mut content.second else {
            return Err(PyTypeError::new_err("a set has no values"));
        };
        // Both are converted before anything changes.
        convert(key, keys)?;
        convert(value, values)?;
        holds::check(content.slot, true)?;
        // SAFETY: the slots are a key; its value stands behind it, if it was there before.
        unsafe {
            let entry = (*table).insert(keys.slots().as_ptr().cast());
            let (place, is_new) = entry.map_err(|_| PyMemoryError::new_err(()))?;
            let place = place.add(keys.size());
            match is_new {
                true => values.keep_converted(place),
                false => values.replace_by_converted(place),
            }
        }
        Ok(())
    }

    /// Adds an item to a set.
    fn _add(&mut self, item: &Bound<'_, PyAny>) -> PyResult<()> {
        let content = self.0.of_type(|| {
            let ty = type_of_value(item)?;
            match rumba_types::is_key(ty) {
                true => Ok(Type::set(ty)),
                false => Err(PyTypeError::new_err(format!("{ty} is no type of items of a set"))),
            }
        })?;
        let table = content.slot as *mut Table;
        let keys = content.first.as_mut().expect("a table with a type stores its keys");
        convert(item, keys)?;
        holds::check(content.slot, true)?;
        // SAFETY: the slots are a key; there is no value to fill.
        unsafe { (*table).insert(keys.slots().as_ptr().cast()) }.map_err(|_| PyMemoryError::new_err(()))?;
        Ok(())
    }

    fn __delitem__(&mut self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        match self.find(key, true)? {
            // SAFETY: the entry was found in the table.
            Some(place) => unsafe { (*(self.0.slot as *mut Table)).remove(place, false) },
            None => return Err(PyKeyError::new_err(key.clone().unbind())),
        }
        Ok(())
    }

    fn clear(&mut self) -> PyResult<()> {
        self.0.check(true)?;
        if let Some(table) = self.table() {
            // SAFETY: the table is alive.
            unsafe { (*table).clear() };
        }
        Ok(())
    }

    /// Keys, and values unless it is a set, in the order of insertion.
    fn _entries<'py>(&mut self, py: Python<'py>) -> PyResult<Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
        let (mut entries, mut number) = (Vec::new(), 0);
        loop {
            // Making an object of a container runs Python code.
            self.0.check(false)?;
            // SAFETY: the table is alive.
            let place = self.table().and_then(|table| unsafe { (*table).live_from(&mut number) });
            let Some(place) = place else { return Ok(entries) };
            let keys = self.0.first.as_mut().expect("a table with a type stores its keys");
            // SAFETY: as above; nothing runs while an object is made of numbers and text.
            let key = unsafe { keys.get(py, place) }?;
            entries.push((key, self.value_at(py, place)?));
        }
    }
}

/// The class of `rumba.typed` for containers of a type.
fn class_of(py: Python<'_>, ty: Type) -> PyResult<&Bound<'_, PyType>> {
    static LIST: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static DICT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static SET: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    match ty.kind() {
        TypeKind::List(_) => LIST.import(py, "rumba.typed", "List"),
        TypeKind::Dict(..) => DICT.import(py, "rumba.typed", "Dict"),
        _ => SET.import(py, "rumba.typed", "Set"),
    }
}

/// The object of a container that is marked as typed. Consumes the reference.
pub fn box_typed(py: Python<'_>, ty: Type, slot: u64) -> PyResult<Bound<'_, PyAny>> {
    let content = Content::of(ty, slot);
    let object = class_of(py, ty)?.call0()?;
    match ty.as_list() {
        Some(_) => object.cast::<TypedList>()?.borrow_mut().0 = content,
        None => object.cast::<TypedTable>()?.borrow_mut().0 = content,
    }
    Ok(object)
}

/// The type and the slot of the container that an object of this module refers to. The type is missing as long as it is
/// not known.
pub fn container_of(value: &Bound<'_, PyAny>) -> Option<(Option<Type>, u64)> {
    let content = |content: &Content| (content.ty, content.slot);
    if let Ok(list) = value.cast::<TypedList>() {
        return list.try_borrow().ok().map(|list| content(&list.0));
    }
    let table = value.cast::<TypedTable>().ok()?;
    table.try_borrow().ok().map(|table| content(&table.0))
}

//! Lists, dicts and sets of the interpreter as those of compiled code, and back.
//!
//! A container that is an argument is converted when the call begins; what the function changed in it is written back when
//! the call ends, also by an exception. See [`Lent`].

use crate::box_value::{Slots, box_value, retain};
use crate::int_object;
use crate::text::slots_of;
use crate::type_of::{Untyped, describe_instance, type_of, type_of_members};
use crate::typed::{box_typed, container_of, is_container};
use crate::unbox::unbox;
use crate::{dataclasses, objects};
use pyo3::exceptions::{PyMemoryError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyTuple};
use rumba_runtime::containers::{ElementLayout, List, TYPED, Table, TableLayout};
use rumba_runtime::memory::{is_shared, rumba_keep, rumba_release, rumba_retain};
use rumba_types::layout::Storage;
use rumba_types::{DictKind, InstanceClass, Type, TypeKind, is_empty_of, join, table_layout};
use rustc_hash::FxHashMap;
use std::sync::Mutex;

/// What an argument's slots refer to that is not the argument itself: released when the call is over.
#[derive(Default)]
pub struct Lent<'py> {
    /// Containers and instances of compiled code, with their types; each counts a reference.
    containers: Vec<(Type, u64)>,
    /// By class and object: the instances among them.
    instances: FxHashMap<(Type, usize), u64>,
    /// Those whose fields have no values yet, and whether they are being given these.
    pub unfilled: Vec<(Bound<'py, PyAny>, &'static InstanceClass, u64)>,
    pub is_filling: bool,
    /// Objects that elements refer to.
    objects: Vec<Bound<'py, PyAny>>,
}

impl<'py> Lent<'py> {
    pub fn is_empty(&self) -> bool {
        self.containers.is_empty()
    }

    /// Takes over a reference to an instance that was made of an object.
    pub fn add_instance(&mut self, ty: Type, object: usize, slot: u64) {
        self.containers.push((ty, slot));
        self.instances.insert((ty, object), slot);
    }

    /// The instance that was made of an object already.
    pub fn instance_of(&self, ty: Type, object: usize) -> Option<u64> {
        self.instances.get(&(ty, object)).copied()
    }

    /// Keeps an object alive that slots refer to.
    pub fn keep(&mut self, object: Bound<'py, PyAny>) {
        self.objects.push(object);
    }

    /// Writes back what compiled code has changed.
    pub fn write_back(&self, py: Python<'py>) -> PyResult<()> {
        for (ty, container) in &self.containers {
            // SAFETY: what is lent is alive by the reference that `self` has.
            unsafe {
                match ty.as_instance() {
                    Some(class) => dataclasses::write_back(py, class, *container)?,
                    None => write_back(py, *ty, *container)?,
                }
            }
        }
        Ok(())
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        // Containers come before those in them. What is shared by now, compiled code or such a container has kept.
        for (ty, container) in self.containers.drain(..) {
            // SAFETY: the reference is this value's. The objects of elements are still alive.
            unsafe {
                if is_shared(container) {
                    keep_elements(ty, container);
                }
                rumba_release(container);
            }
        }
    }
}

/// Makes the elements of a container outlive the objects that they were made of: somebody has kept the container.
///
/// # Safety
/// The container is alive and of this type.
unsafe fn keep_elements(ty: Type, container: u64) {
    // SAFETY: promised by the caller; elements are stored as their types say.
    unsafe {
        match ty.kind() {
            TypeKind::List(element) | TypeKind::Deque(element) => {
                let (list, stored) = (&*(container as *const List), Stored::new(*element, element.storage()));
                (0..list.length).for_each(|idx| stored.keep_borrowed(list.at(idx)));
            }
            TypeKind::Set(key, _) | TypeKind::Dict(key, _, _) => {
                let (table, keys) = (&*(container as *const Table), Stored::new(*key, key.slots()));
                table.live().for_each(|place| keys.keep_borrowed(place));
                if let TypeKind::Dict(_, value, _) = ty.kind() {
                    let values = Stored::new(*value, value.storage());
                    table.live().for_each(|place| values.keep_borrowed(place.add(keys.size())));
                }
            }
            // The fields of instances are kept from the start.
            _ => {}
        }
    }
}

/// Words that live for ever, made once for each type.
pub fn words_of(ty: Type) -> &'static [usize] {
    static KNOWN: Mutex<Option<FxHashMap<Type, &'static [usize]>>> = Mutex::new(None);
    // A panic cannot leave the table broken.
    let mut known = KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    known.get_or_insert_default().entry(ty).or_insert_with(|| {
        let words = match ty.as_list() {
            Some(element) => element.storage().words(),
            None => table_layout(ty).expect("what is no list is a dict or set of keys"),
        };
        words.into_iter().map(|word| word as usize).collect::<Vec<usize>>().leak()
    })
}

// Types.

/// The type of what all of `values` are; `what` names one of them in messages.
fn common_type<'py>(
    values: impl Iterator<Item = Bound<'py, PyAny>>,
    container: &str,
    what: &str,
) -> Result<Type, Untyped> {
    let mut common = Type::never();
    for (idx, value) in values.enumerate() {
        let ty = type_of(&value)?;
        let ty = with_all_members(&value, ty)?;
        if idx == 0 {
            common = ty;
        } else if let Some(joined) = join(common, ty)
            && stays_itself(common, joined)
            && stays_itself(ty, joined)
        {
            common = joined;
        } else if ty != common {
            return Err(Untyped::unsupported(
                format!(
                    "a {container} whose {what} {idx} is {}, while those before it are of type {}",
                    describe_instance(&value),
                    common.shown()
                ),
                format!("the {what}s of a {container} have one type: convert them, or pass a tuple"),
            ));
        }
    }
    Ok(common)
}

/// Items of an enum, and such in tuples, are any of its members.
fn with_all_members(value: &Bound<'_, PyAny>, ty: Type) -> Result<Type, Untyped> {
    if ty.members().is_some() {
        return Ok(type_of_members(value)?.unwrap_or(ty));
    }
    let Some(elements) = ty.as_tuple() else { return Ok(ty) };
    let mut all = Vec::with_capacity(elements.len());
    for (idx, element) in elements.iter().enumerate() {
        all.push(with_all_members(&value.get_item(idx)?, *element)?);
    }
    Ok(match ty.kind() {
        TypeKind::NamedTuple(class, _) => TypeKind::NamedTuple(class.clone(), all).into(),
        _ => Type::tuple(all),
    })
}

/// Whether values of type `own` come back as what they are once they are of type `ty`, which holds them: an int that
/// became a float would not.
fn stays_itself(own: Type, ty: Type) -> bool {
    let all = |own: &[Type], ty: &[Type]| own.iter().zip(ty).all(|(own, ty)| stays_itself(*own, *ty));
    is_empty_of(own, ty)
        || match (own.kind(), ty.kind()) {
            (TypeKind::Array(_), TypeKind::Array(_)) | (TypeKind::None, TypeKind::Optional(_)) => true,
            (TypeKind::Optional(own), TypeKind::Optional(ty)) => stays_itself(*own, *ty),
            (_, TypeKind::Optional(ty)) => stays_itself(own, *ty),
            (TypeKind::Tuple(own), TypeKind::Tuple(ty)) => all(own, ty),
            (TypeKind::NamedTuple(_, own), TypeKind::NamedTuple(_, ty)) => all(own, ty),
            // Functions and members: each item is one of them.
            _ => own.alternatives().is_some(),
        }
}

pub fn type_of_list(value: &Bound<'_, PyList>) -> Result<Type, Untyped> {
    Ok(Type::list(common_type(value.iter(), "list", "element")?))
}

pub fn type_of_set(value: &Bound<'_, PySet>) -> Result<Type, Untyped> {
    checked(Type::set(common_type(value.iter(), "set", "element")?))
}

pub fn type_of_dict(value: &Bound<'_, PyDict>, kind: DictKind) -> Result<Type, Untyped> {
    let key = common_type(value.iter().map(|(key, _)| key), kind.name(), "key")?;
    let value = common_type(value.iter().map(|(_, value)| value), kind.name(), "value")?;
    checked(TypeKind::Dict(key, value, kind).into())
}

/// A class of `collections`; of an object, whether it is just of that class.
fn class_of_collections<'py>(py: Python<'py>, name: &'static str) -> PyResult<Bound<'py, PyAny>> {
    py.import(pyo3::intern!(py, "collections"))?.getattr(name)
}

/// The type of an instance of a class of `collections`.
pub fn type_in_collections(value: &Bound<'_, PyAny>) -> Result<Option<Type>, Untyped> {
    let py = value.py();
    let class = value.get_type();
    if class.is(&class_of_collections(py, "deque")?) {
        let elements = value.try_iter()?.collect::<PyResult<Vec<_>>>()?;
        return Ok(Some(Type::deque(common_type(elements.into_iter(), "deque", "element")?)));
    }
    let Ok(dict) = value.cast::<PyDict>() else { return Ok(None) };
    for kind in [DictKind::Ordered, DictKind::Counter, DictKind::Default(Type::none())] {
        if !class.is(&class_of_collections(py, kind.name())?) {
            continue;
        }
        let kind = match kind {
            DictKind::Default(_) => {
                let factory = value.getattr(pyo3::intern!(py, "default_factory"))?;
                DictKind::Default(type_of_factory(&factory)?)
            }
            kind => kind,
        };
        return type_of_dict(dict, kind).map(Some);
    }
    Ok(None)
}

fn type_of_factory(factory: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    match type_of(factory) {
        Ok(ty) if ty.scalars().is_empty() => Ok(ty),
        Ok(_) | Err(Untyped::Unsupported { .. }) => Err(Untyped::unsupported(
            format!("a defaultdict whose factory is {}", describe_instance(factory)),
            "compiled code calls classes and jitted functions: decorate the factory with `@njit`",
        )),
        Err(error) => Err(error),
    }
}

pub fn type_of_frozenset(value: &Bound<'_, PyFrozenSet>) -> Result<Type, Untyped> {
    checked(Type::frozenset(common_type(value.iter(), "frozenset", "element")?))
}

fn checked(table: Type) -> Result<Type, Untyped> {
    match table_layout(table) {
        Some(_) => Ok(table),
        None => Err(Untyped::unsupported(
            format!("a {}", table.shown()),
            "numbers, texts, times, instances that are compared by identity or by fields, and tuples of these are keys",
        )),
    }
}

// Values to compiled code.

/// A list, dict or set, lent for the call. Gives its slot.
pub fn unbox_container<'py>(value: &Bound<'py, PyAny>, ty: Type, lent: &mut Lent<'py>) -> PyResult<u64> {
    if let Some((Some(own), slot)) = container_of(value)
        && own == ty
    {
        return Ok(slot);
    }
    // The container may change while the function runs; its elements stay alive.
    let elements = match ty.kind() {
        TypeKind::Dict(_, _, DictKind::Plain) => value.cast::<PyDict>()?.items().to_tuple(),
        TypeKind::Deque(_) => PyTuple::new(value.py(), value.try_iter()?.collect::<PyResult<Vec<_>>>()?)?,
        // An `OrderedDict` has an order of its own.
        TypeKind::Dict(..) => PyTuple::new(
            value.py(),
            value
                .call_method0(pyo3::intern!(value.py(), "items"))?
                .try_iter()?
                .collect::<PyResult<Vec<_>>>()?,
        )?,
        TypeKind::Set(_, true) => {
            PyTuple::new(value.py(), value.cast::<PyFrozenSet>()?.iter().collect::<Vec<_>>())?
        }
        TypeKind::Set(..) => PyTuple::new(value.py(), value.cast::<PySet>()?.iter().collect::<Vec<_>>())?,
        _ => value.cast::<PyList>()?.to_tuple(),
    };
    lent.objects.push(elements.clone().into_any());
    let words = words_of(ty);
    let container = match ty.as_list() {
        Some(_) => List::new(ElementLayout::of_words(words), elements.len())
            .map_err(|_| PyMemoryError::new_err(()))? as u64,
        None => Table::new(TableLayout::of_words(words)).map_err(|_| PyMemoryError::new_err(()))? as u64,
    };
    lent.containers.push((ty, container));
    // SAFETY: the reference to the object is the container's, and given up with it.
    unsafe {
        ffi::Py_INCREF(value.as_ptr());
        match ty.as_list() {
            Some(_) => {
                let list = &mut *(container as *mut List);
                list.set_object(value.as_ptr() as usize);
                if let TypeKind::Deque(_) = ty.kind() {
                    list.set_limit(value.getattr(pyo3::intern!(value.py(), "maxlen"))?.extract()?);
                }
            }
            None => (*(container as *mut Table)).set_object(value.as_ptr() as usize),
        }
    }
    match ty.kind() {
        TypeKind::List(element) | TypeKind::Deque(element) => {
            fill_list(container as *mut List, *element, &elements, lent)?
        }
        TypeKind::Set(key, _) => fill_table(container as *mut Table, *key, None, &elements, lent)?,
        TypeKind::Dict(key, value, _) => {
            fill_table(container as *mut Table, *key, Some(*value), &elements, lent)?
        }
        _ => unreachable!("{ty} is no container"),
    }
    Ok(container)
}

/// The block of a list, dict or set as it is now, which is never given up: a constant of compiled code.
pub fn keep(value: &Bound<'_, PyAny>, ty: Type) -> PyResult<u64> {
    let mut lent = Lent::default();
    let block = unbox_container(value, ty, &mut lent)?;
    if lent.is_empty() {
        // A container of `rumba.typed`, which the table of objects keeps alive.
        objects::id_of(value);
    }
    std::mem::forget(lent);
    Ok(block)
}

fn fill_list<'py>(
    list: *mut List,
    element: Type,
    elements: &Bound<'py, PyTuple>,
    lent: &mut Lent<'py>,
) -> PyResult<()> {
    let mut stored = Stored::new(element, element.storage());
    for value in elements.iter() {
        // SAFETY: the list has room for all elements.
        unsafe {
            stored.put(&value, (*list).at((*list).length), lent)?;
            (*list).length += 1;
        }
    }
    Ok(())
}

fn fill_table<'py>(
    table: *mut Table,
    key: Type,
    value: Option<Type>,
    elements: &Bound<'py, PyTuple>,
    lent: &mut Lent<'py>,
) -> PyResult<()> {
    let mut keys = Stored::new(key, key.slots());
    let mut values = value.map(|value| Stored::new(value, value.storage()));
    let key_size = key.slots().size as usize;
    let has_instances = key.contains(&|ty| ty.as_instance().is_some());
    for element in elements.iter() {
        let (key, value) = match &mut values {
            None => (element, None),
            Some(values) => {
                let pair = element.cast_into::<PyTuple>()?;
                (pair.get_item(0)?, Some((values, pair.get_item(1)?)))
            }
        };
        match has_instances {
            true => dataclasses::unbox_key(lent, |lent| keys.unbox(&key, lent))?,
            false => keys.unbox(&key, lent)?,
        }
        // SAFETY: packed slots are a key; the entry is new, because the interpreter's keys differ, and its value is
        // filled right away.
        unsafe {
            let (place, _) =
                (*table).insert(keys.slots.as_ptr().cast()).map_err(|_| PyMemoryError::new_err(()))?;
            if let Some((values, value)) = value {
                values.put(&value, place.add(key_size), lent)?;
            }
        }
    }
    // SAFETY: the table is alive.
    unsafe { (*table).entries.changed = 0 };
    Ok(())
}

/// Numbers and text, which are known by the class of their objects: nothing else is asked of them then.
#[derive(Clone, Copy)]
enum Plain {
    Int64,
    Float64,
    Text,
}

impl Plain {
    fn of(ty: Type) -> Option<Plain> {
        match ty {
            ty if ty == Type::int64() => Some(Plain::Int64),
            ty if ty == Type::float64() => Some(Plain::Float64),
            ty if ty == Type::str() => Some(Plain::Text),
            _ => None,
        }
    }

    /// Puts the slots of a value at the end of others, if the object is of the class; whether it is.
    fn push_slots(self, value: &Bound<'_, PyAny>, slots: &mut Vec<u64>) -> bool {
        let (object, class) = (value.as_ptr(), value.get_type_ptr());
        // SAFETY: comparing addresses of the interpreter's static types; the objects are read as what they are.
        unsafe {
            match self {
                Plain::Int64 if class == &raw mut ffi::PyLong_Type => {
                    int_object::as_i64(object).map(|number| slots.push(number.cast_unsigned())).is_some()
                }
                Plain::Float64 if class == &raw mut ffi::PyFloat_Type => {
                    slots.push(ffi::PyFloat_AS_DOUBLE(object).to_bits());
                    true
                }
                Plain::Text if class == &raw mut ffi::PyUnicode_Type => {
                    slots_of(object).map(|text| slots.extend_from_slice(&text)).is_some()
                }
                _ => false,
            }
        }
    }

    /// The object of a number in memory.
    ///
    /// # Safety
    /// One is there.
    unsafe fn number<'py>(self, py: Python<'py>, place: *const u8) -> Option<Bound<'py, PyAny>> {
        // SAFETY: promised by the caller.
        unsafe {
            match self {
                Plain::Int64 => Some(PyInt::new(py, place.cast::<i64>().read()).into_any()),
                Plain::Float64 => Some(PyFloat::new(py, place.cast::<f64>().read()).into_any()),
                Plain::Text => None,
            }
        }
    }
}

/// Values of a type on their way into and out of the memory of containers.
pub struct Stored {
    ty: Type,
    storage: Storage,
    sizes: Vec<usize>,
    slots: Vec<u64>,
    holds_containers: bool,
    plain: Option<Plain>,
}

impl Stored {
    pub fn new(ty: Type, storage: Storage) -> Stored {
        let size = |scalar: Type| if scalar == Type::pointer() { 8 } else { scalar.item_size() as usize };
        let sizes = ty.scalars().into_iter().map(size).collect();
        let (holds_containers, plain) = (ty.contains(&is_container), Plain::of(ty));
        Stored { ty, storage, sizes, slots: Vec::new(), holds_containers, plain }
    }

    pub fn holds_containers(&self) -> bool {
        self.holds_containers
    }

    pub fn ty(&self) -> Type {
        self.ty
    }

    /// In bytes.
    pub fn size(&self) -> usize {
        self.storage.size as usize
    }

    pub fn slots(&self) -> &[u64] {
        &self.slots
    }

    /// Takes the slots of a number or text whose class says that it is of the type. Whether it is one.
    pub fn take_plain(&mut self, value: &Bound<'_, PyAny>) -> bool {
        self.slots.clear();
        self.plain.is_some_and(|plain| plain.push_slots(value, &mut self.slots))
    }

    /// Takes the slots of a value that the type holds, and that is made of no container of the interpreter.
    pub fn convert(&mut self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.slots.clear();
        unbox(value, self.ty, &mut self.slots, &mut Lent::default())
    }

    /// Puts a value that the type holds into memory, as it is.
    ///
    /// # Safety
    /// There is room for a value.
    pub unsafe fn put_converted(&mut self, value: &Bound<'_, PyAny>, place: *mut u8) -> PyResult<()> {
        self.convert(value)?;
        // SAFETY: promised by the caller; each scalar stands in the first bytes of its slot.
        unsafe { self.write(place) };
        Ok(())
    }

    /// Puts a value into memory in place of another, which it outlives the object with.
    ///
    /// # Safety
    /// A value is there.
    pub unsafe fn replace(&mut self, value: &Bound<'_, PyAny>, place: *mut u8) -> PyResult<()> {
        self.convert(value)?;
        // SAFETY: promised by the caller.
        unsafe { self.replace_by_converted(place) };
        Ok(())
    }

    /// As [`replace`](Self::replace), with the value that was converted last.
    ///
    /// # Safety
    /// As `replace`.
    pub unsafe fn replace_by_converted(&self, place: *mut u8) {
        // SAFETY: promised by the caller; the old references are given up when the new value is there.
        unsafe {
            let word = |owner: &u32| place.add(*owner as usize).cast::<u64>().read();
            let old: Vec<u64> = self.storage.owners.iter().map(word).collect();
            self.keep_converted(place);
            old.into_iter().for_each(|owner| rumba_release(owner));
        }
    }

    /// Puts the value that was converted last into memory that holds none, which it outlives the object with.
    ///
    /// # Safety
    /// There is room for a value.
    pub unsafe fn keep_converted(&self, place: *mut u8) {
        // SAFETY: promised by the caller; each scalar stands in the first bytes of its slot.
        unsafe {
            self.write(place);
            self.keep_owners(place);
        }
    }

    /// Makes the owner words of a value in memory such that outlive objects of the interpreter.
    ///
    /// # Safety
    /// A value is there, whose references are borrowed.
    pub unsafe fn keep_owners(&self, place: *mut u8) {
        for owner in &self.storage.owners {
            // SAFETY: promised by the caller.
            unsafe {
                let word = place.add(*owner as usize).cast::<u64>();
                word.write(rumba_keep(word.read()));
            }
        }
    }

    /// Makes those owner words of a value in memory outlive objects of the interpreter that are not counted yet.
    ///
    /// # Safety
    /// A value is there, and the objects that it refers to are alive.
    unsafe fn keep_borrowed(&self, place: *mut u8) {
        for owner in &self.storage.owners {
            // SAFETY: promised by the caller; an owner word with the lowest bit set counts nothing.
            unsafe {
                let word = place.add(*owner as usize).cast::<u64>();
                if word.read() & 1 != 0 {
                    word.write(rumba_keep(word.read()));
                }
            }
        }
    }

    /// Gives up the references of a value in memory.
    ///
    /// # Safety
    /// A value is there, whose references are the caller's.
    pub unsafe fn release(&self, place: *const u8) {
        for owner in &self.storage.owners {
            // SAFETY: promised by the caller.
            unsafe { rumba_release(place.add(*owner as usize).cast::<u64>().read()) };
        }
    }

    /// # Safety
    /// There is room for a value.
    unsafe fn write(&self, place: *mut u8) {
        for ((slot, offset), size) in self.slots.iter().zip(&self.storage.offsets).zip(&self.sizes) {
            // SAFETY: promised by the caller; each scalar stands in the first bytes of its slot.
            unsafe {
                let from = (&raw const *slot).cast::<u8>();
                std::ptr::copy_nonoverlapping(from, place.add(*offset as usize), *size);
            }
        }
    }

    fn unbox<'py>(&mut self, value: &Bound<'py, PyAny>, lent: &mut Lent<'py>) -> PyResult<()> {
        // Of several functions, which one it is is looked for below.
        let is_choice = matches!(self.ty.kind(), TypeKind::OneOf(_) | TypeKind::FunctionPointer(_));
        let fits = |own| own == self.ty || stays_itself(own, self.ty) && join(own, self.ty) == Some(self.ty);
        if !is_choice && !type_of(value).is_ok_and(fits) {
            return Err(PyTypeError::new_err("the container has changed while it was converted"));
        }
        self.slots.clear();
        unbox(value, self.ty, &mut self.slots, lent)
    }

    /// Puts a value into memory. References are counted for it.
    ///
    /// # Safety
    /// There is room for a value.
    unsafe fn put<'py>(
        &mut self,
        value: &Bound<'py, PyAny>,
        place: *mut u8,
        lent: &mut Lent<'py>,
    ) -> PyResult<()> {
        self.unbox(value, lent)?;
        // SAFETY: promised by the caller.
        unsafe {
            self.write(place);
            for owner in &self.storage.owners {
                rumba_retain(place.add(*owner as usize).cast::<u64>().read());
            }
        }
        Ok(())
    }

    /// As [`Stored::put`], of a value that the type holds but need not be of it, and that outlives the call.
    ///
    /// # Safety
    /// There is room for a value.
    pub unsafe fn put_lent<'py>(
        &mut self,
        value: &Bound<'py, PyAny>,
        place: *mut u8,
        lent: &mut Lent<'py>,
    ) -> PyResult<()> {
        self.slots.clear();
        unbox(value, self.ty, &mut self.slots, lent)?;
        // SAFETY: promised by the caller.
        unsafe {
            self.write(place);
            self.keep_owners(place);
        }
        Ok(())
    }

    /// The object of a value in memory, which keeps its references.
    ///
    /// # Safety
    /// A value is there.
    pub unsafe fn get<'py>(&mut self, py: Python<'py>, place: *const u8) -> PyResult<Bound<'py, PyAny>> {
        if let Some(plain) = self.plain
            // SAFETY: promised by the caller; a number is one scalar.
            && let Some(number) = unsafe { plain.number(py, place.add(self.storage.offsets[0] as usize)) }
        {
            return Ok(number);
        }
        self.slots.clear();
        for (offset, size) in self.storage.offsets.iter().zip(&self.sizes) {
            let mut slot = 0u64;
            // SAFETY: promised by the caller.
            unsafe {
                let to = (&raw mut slot).cast::<u8>();
                std::ptr::copy_nonoverlapping(place.add(*offset as usize), to, *size);
            }
            self.slots.push(slot);
        }
        retain(self.ty, &self.slots);
        box_value(py, self.ty, &mut Slots::new(&self.slots))
    }
}

// And back.

fn new_dict(py: Python<'_>, kind: DictKind) -> PyResult<Bound<'_, PyAny>> {
    match kind {
        DictKind::Plain => Ok(PyDict::new(py).into_any()),
        DictKind::Ordered | DictKind::Counter => class_of_collections(py, kind.name())?.call0(),
        DictKind::Default(factory) => {
            let factory = box_value(py, factory, &mut Slots::new(&[]))?;
            class_of_collections(py, kind.name())?.call1((factory,))
        }
    }
}

/// The objects of the elements, in a new container.
///
/// # Safety
/// The container is alive and of this type.
unsafe fn box_elements<'py>(py: Python<'py>, ty: Type, container: u64) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: promised by the caller; elements are stored as their types say.
    unsafe {
        match ty.kind() {
            TypeKind::List(element) | TypeKind::Deque(element) => {
                let (list, objects) = (&*(container as *const List), PyList::empty(py));
                let mut stored = Stored::new(*element, element.storage());
                for idx in 0..list.length {
                    objects.append(stored.get(py, list.at(idx))?)?;
                }
                match ty.kind() {
                    TypeKind::Deque(_) => class_of_collections(py, "deque")?.call1((objects, list.limit())),
                    _ => Ok(objects.into_any()),
                }
            }
            TypeKind::Set(key, frozen) => {
                let (table, objects) = (&*(container as *const Table), PySet::empty(py)?);
                let mut keys = Stored::new(*key, key.slots());
                for place in table.live() {
                    objects.add(dataclasses::box_key(py, || keys.get(py, place))?)?;
                }
                match frozen {
                    true => Ok(PyFrozenSet::new(py, objects)?.into_any()),
                    false => Ok(objects.into_any()),
                }
            }
            TypeKind::Dict(key, value, kind) => {
                let (table, objects) = (&*(container as *const Table), new_dict(py, *kind)?);
                let mut keys = Stored::new(*key, key.slots());
                let mut values = Stored::new(*value, value.storage());
                let key_size = key.slots().size as usize;
                for place in table.live() {
                    let key = dataclasses::box_key(py, || keys.get(py, place))?;
                    objects.set_item(key, values.get(py, place.add(key_size))?)?;
                }
                Ok(objects.into_any())
            }
            _ => unreachable!("{ty} is no container"),
        }
    }
}

/// The object that a container was made of, or 0.
///
/// # Safety
/// As [`box_elements`].
pub unsafe fn object_of(ty: Type, container: u64) -> usize {
    // SAFETY: promised by the caller.
    unsafe {
        match ty.as_list() {
            Some(_) => (*(container as *const List)).object(),
            None => (*(container as *const Table)).object(),
        }
    }
}

/// # Safety
/// As [`box_elements`]; the container was made of an object.
unsafe fn write_back(py: Python<'_>, ty: Type, container: u64) -> PyResult<()> {
    // SAFETY: promised by the caller; the container keeps the object alive.
    unsafe {
        let changed = match ty.as_list() {
            Some(_) => &mut (*(container as *mut List)).changed,
            None => &mut (*(container as *mut Table)).entries.changed,
        };
        if std::mem::replace(changed, 0) == 0 {
            return Ok(());
        }
        let elements = box_elements(py, ty, container)?;
        let object = Bound::from_borrowed_ptr(py, object_of(ty, container) as *mut ffi::PyObject);
        if let TypeKind::List(_) = ty.kind() {
            let object = object.cast_into::<PyList>()?;
            return object.set_slice(0, object.len(), &elements);
        }
        object.call_method0(pyo3::intern!(py, "clear"))?;
        let refill = match ty.kind() {
            TypeKind::Deque(_) => pyo3::intern!(py, "extend"),
            _ => pyo3::intern!(py, "update"),
        };
        object.call_method1(refill, (elements,)).map(drop)
    }
}

/// The object of a container: the argument that it was made of, or a new one. Consumes the reference.
pub fn box_container(py: Python<'_>, ty: Type, slot: u64) -> PyResult<Bound<'_, PyAny>> {
    // SAFETY: the slot is an owned container.
    if unsafe { object_of(ty, slot) } == TYPED {
        return box_typed(py, ty, slot);
    }
    // SAFETY: the slot is an owned container.
    unsafe {
        let boxed = match object_of(ty, slot) {
            0 => box_elements(py, ty, slot),
            object => {
                write_back(py, ty, slot).map(|()| Bound::from_borrowed_ptr(py, object as *mut ffi::PyObject))
            }
        };
        rumba_release(slot);
        boxed
    }
}

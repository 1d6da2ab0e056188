//! Classes that are shared with compiled code: their objects, the attributes of these, and what names are in classes.
//!
//! An object refers to the very block that compiled code works with, and the block knows its object as long as there is one, so
//! that an instance has one object however often it is handed over. `python/rumba/classes.py` makes the classes.

use crate::containers::{Lent, Stored};
use crate::type_objects::TypeObject;
use crate::type_of::short_text;
use crate::typed::{check, is_container};
use crate::{dataclasses, dispatcher, objects};
use pyo3::exceptions::{PyAttributeError, PyMemoryError, PyTypeError};
use pyo3::ffi::{self, PyObject, PyTypeObject};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFunction, PyString, PyTuple, PyType};
use rumba_infer::{ClassKind, Member, Purpose};
use rumba_runtime::containers::{ElementLayout, Instance as Block, List, TYPED, Table};
use rumba_runtime::memory::rumba_release;
use rumba_types::{
    ClassField, Equality, FloatKind, InstanceClass, IntKind, ObjectId, Type, TypeKind, conversion,
};
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::sync::{Arc, Mutex};

/// By address: the classes that were declared. They live for ever.
static DECLARED: Mutex<Option<FxHashMap<usize, &'static InstanceClass>>> = Mutex::new(None);

fn declared(class: *mut PyTypeObject) -> Option<&'static InstanceClass> {
    let guard = DECLARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    guard.as_ref()?.get(&(class as usize)).copied()
}

/// The declared class that `class` is, or inherits from.
fn declared_ancestor(class: &Bound<'_, PyType>) -> Option<&'static InstanceClass> {
    if let Some(found) = declared(class.as_type_ptr()) {
        return Some(found);
    }
    class.mro().iter().find_map(|base| declared(base.as_ptr().cast()))
}

/// The ids of a class and of those that it inherits from.
pub fn ancestors(class: &Bound<'_, PyType>) -> Vec<ObjectId> {
    class.mro().iter().map(|base| objects::id_of(&base)).collect()
}

/// Makes a class of the interpreter one that compiled code shares; gives the type of its instances.
#[pyfunction]
pub fn declare_class(class: &Bound<'_, PyType>, name: &str) -> PyResult<TypeObject> {
    set_equality(class)?;
    let made = InstanceClass::shared(objects::id_of(class.as_any()), name, ancestors(class));
    let mut guard = DECLARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    guard.get_or_insert_default().insert(class.as_ptr() as usize, made);
    Ok(TypeObject(Type::instance(made)))
}

/// Gives a declared class its fields; returns the attributes of its objects.
#[pyfunction]
pub fn define_class(class: &Bound<'_, PyType>, fields: Vec<(String, TypeObject)>) -> PyResult<Vec<Field>> {
    let Some(declared) = declared(class.as_type_ptr()) else {
        return Err(PyTypeError::new_err("the class was not declared"));
    };
    let fields = fields.into_iter().map(|(name, ty)| ClassField { name: name.into(), ty: ty.0 });
    declared.define(fields.collect());
    Ok(fields_of(class.py(), declared).iter().map(Field).collect())
}

/// The type of the instances of a dataclass whose fields are of the types of its annotations, which `define_type` is told later.
#[pyfunction]
pub fn declare_dataclass(class: &Bound<'_, PyType>, name: &str) -> PyResult<TypeObject> {
    set_equality(class)?;
    let object = objects::id_of(class.as_any());
    Ok(TypeObject(Type::instance(InstanceClass::annotated(object, name, ancestors(class)))))
}

/// Says how instances of a class are compared: where its `__eq__` is the user's, what has no calls does not know.
pub fn set_equality(class: &Bound<'_, PyType>) -> PyResult<()> {
    let py = class.py();
    let class = class.as_any();
    let object = py.get_type::<PyAny>();
    let [equal, hash] = ["__eq__", "__hash__"].map(|name| class.getattr(name));
    let [object_equal, object_hash] = ["__eq__", "__hash__"].map(|name| object.getattr(name));
    let (equal, hash) = (equal?, hash?);
    let equality = if equal.is(&object_equal?) {
        if !hash.is(&object_hash?) {
            return Ok(());
        }
        Equality::Identity
    } else if dataclasses::is_dataclass(class)? && dataclasses::has_made(&equal, "__eq__")? {
        Equality::Fields {
            compared: dataclasses::fields_for(class, Purpose::Compare)?,
            hashed: match !hash.is_none() && dataclasses::has_made(&hash, "__hash__")? {
                true => Some(dataclasses::fields_for(class, Purpose::Hash)?),
                false => None,
            },
        }
    } else {
        return Ok(());
    };
    rumba_types::set_equality(objects::id_of(class), equality);
    Ok(())
}

/// Gives the fields to the class of a type.
#[pyfunction]
pub fn define_type(ty: TypeObject, fields: Vec<(String, TypeObject)>) {
    if let Some(class) = ty.0.as_instance() {
        let fields = fields.into_iter().map(|(name, ty)| ClassField { name: name.into(), ty: ty.0 });
        class.define(fields.collect());
    }
}

/// The type of the instances of a declared class.
#[pyfunction]
pub fn instance_type(class: &Bound<'_, PyType>) -> PyResult<TypeObject> {
    declared(class.as_type_ptr())
        .map(|class| TypeObject(Type::instance(class)))
        .ok_or_else(|| PyTypeError::new_err(format!("{} is no jitclass", short_text(class.as_any()))))
}

// Structs: `python/rumba/experimental/structref.py`.

/// A class of types of structs.
struct Struct {
    /// The names of the fields, once there is a constructor.
    fields: Vec<Arc<str>>,
    /// The class of objects, once there is one.
    proxy: Option<Py<PyAny>>,
}

/// By the id of the class of their types.
static STRUCTS: Mutex<Option<FxHashMap<ObjectId, Struct>>> = Mutex::new(None);

fn with_struct<T>(id: ObjectId, action: impl FnOnce(&mut Struct) -> T) -> T {
    let mut guard = STRUCTS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    action(guard.get_or_insert_default().entry(id).or_insert(Struct { fields: Vec::new(), proxy: None }))
}

fn known_struct<T>(id: ObjectId, action: impl FnOnce(&Struct) -> Option<T>) -> Option<T> {
    let guard = STRUCTS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    action(guard.as_ref()?.get(&id)?)
}

/// Lets compiled code make structs, with a value for each of these fields.
#[pyfunction]
pub fn register_struct(types: &Bound<'_, PyType>, fields: Vec<String>) {
    with_struct(objects::id_of(types.as_any()), |known| {
        known.fields = fields.into_iter().map(Into::into).collect();
    });
}

/// Says which class the objects of structs have.
#[pyfunction]
pub fn register_proxy(types: &Bound<'_, PyType>, proxy: &Bound<'_, PyType>) {
    objects::id_of(proxy.as_any());
    with_struct(objects::id_of(types.as_any()), |known| {
        known.proxy = Some(proxy.clone().into_any().unbind())
    });
}

/// The type of structs with these fields.
#[pyfunction]
pub fn structref_type(types: &Bound<'_, PyType>, fields: Vec<(String, TypeObject)>) -> PyResult<TypeObject> {
    let fields = fields.into_iter().map(|(name, ty)| ClassField { name: name.into(), ty: ty.0 }).collect();
    let (object, name) = (objects::id_of(types.as_any()), types.name()?);
    let class = InstanceClass::generic(object, &name.to_string_lossy(), true, ancestors(types), fields);
    Ok(TypeObject(Type::instance(class)))
}

/// The class of structs with these fields, as its class of types makes it.
pub fn struct_class(types: &Bound<'_, PyAny>, fields: &[ClassField]) -> PyResult<&'static InstanceClass> {
    let fields = fields.iter().map(|field| (&*field.name, TypeObject(field.ty))).collect::<Vec<_>>();
    let ty: TypeObject = types.call1((fields,))?.extract()?;
    ty.0.as_instance().ok_or_else(|| PyTypeError::new_err("a class of structs makes types of these"))
}

/// A struct of this type, an object of `class`.
#[pyfunction]
pub fn new_struct<'py>(
    class: &Bound<'py, PyType>,
    ty: TypeObject,
    values: &Bound<'py, PyTuple>,
) -> PyResult<Bound<'py, PyAny>> {
    let Some(made) = ty.0.as_instance().filter(|made| made.is_shared && made.fields().is_some()) else {
        return Err(PyTypeError::new_err(format!("{} is no type of structs", ty.0)));
    };
    let object = object_of(class.as_any(), made, new_block(made)? as u64)?;
    let instance = object.cast::<Instance>()?.get();
    for (field, value) in fields_of(class.py(), made).iter().zip(values.iter()) {
        field.set(instance, &value)?;
    }
    Ok(object)
}

/// Makes sure that a class has its fields: the package works out what it was declared with.
pub fn define(py: Python<'_>, class: &'static InstanceClass) -> PyResult<()> {
    if class.fields().is_none() && class.is_shared {
        let object = class_object(py, class)?;
        py.import("rumba.classes")?.call_method1("define", (object,))?;
    }
    Ok(())
}

/// The class of the interpreter.
pub fn class_object<'py>(py: Python<'py>, class: &InstanceClass) -> PyResult<Bound<'py, PyAny>> {
    let proxy = known_struct(class.object, |known| Some(known.proxy.as_ref()?.clone_ref(py).into_bound(py)));
    proxy
        .or_else(|| objects::object(py, class.object))
        .ok_or_else(|| PyTypeError::new_err(format!("the class {} no longer exists", class.name)))
}

/// The same, for guards.
pub fn python_class(class: &InstanceClass) -> Option<*mut PyTypeObject> {
    // SAFETY: guards are made with the interpreter attached.
    let py = unsafe { Python::assume_attached() };
    Some(class_object(py, class).ok()?.as_ptr().cast())
}

/// Words that live for ever, made once for each class.
pub fn layout_of(class: &'static InstanceClass) -> &'static ElementLayout {
    static KNOWN: Mutex<Option<FxHashMap<u32, &'static ElementLayout>>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    known.get_or_insert_default().entry(class.id).or_insert_with(|| {
        let words: Vec<usize> = class.layout_words().into_iter().map(|word| word as usize).collect();
        let n_fields = words[0] / 8;
        ElementLayout::of_words_and_more(words.leak(), n_fields)
    })
}

pub fn new_block(class: &'static InstanceClass) -> PyResult<*mut Block> {
    Block::new(layout_of(class)).map_err(|_| PyMemoryError::new_err(()))
}

thread_local! {
    /// Class and block of the object that is made next on this thread, instead of a new one.
    static TAKEN: Cell<Option<(&'static InstanceClass, u64)>> = const { Cell::new(None) };
}

/// The base of all classes that compiled code shares.
#[pyclass(subclass, frozen, weakref, name = "Instance", module = "rumba._core")]
pub struct Instance {
    class: &'static InstanceClass,
    slot: u64,
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: the reference is this object's, which the block forgets.
        unsafe {
            (*(self.slot as *mut Block)).boxed = 0;
            rumba_release(self.slot);
        }
    }
}

impl Instance {
    pub fn class(&self) -> &'static InstanceClass {
        self.class
    }

    fn fields(&self) -> *mut u8 {
        Block::fields(self.slot as *mut Block)
    }
}

#[pymethods]
impl Instance {
    #[new]
    #[classmethod]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        cls: &Bound<'_, PyType>,
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Instance> {
        if let Some((class, slot)) = TAKEN.take() {
            return Ok(Instance { class, slot });
        }
        let Some(class) = declared_ancestor(cls) else {
            return Err(PyTypeError::new_err("a class that compiled code shares is made by `jitclass`"));
        };
        define(cls.py(), class)?;
        Ok(Instance { class, slot: new_block(class)? as u64 })
    }

    /// Class and fields, each in a tuple that is empty where it has not been set.
    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let py = this.py();
        let mut values = Vec::new();
        for field in fields_of(py, this.get().class) {
            // What has not been set is left out.
            values.push(match field.get(py, this.get()) {
                Ok(value) => PyTuple::new(py, [value])?.into_any(),
                Err(error) if error.is_instance_of::<PyAttributeError>(py) => PyTuple::empty(py).into_any(),
                Err(error) => return Err(error),
            });
        }
        let new = py.import("copyreg")?.getattr("__newobj__")?;
        let class = PyTuple::new(py, [this.get_type()])?;
        PyTuple::new(py, [new, class.into_any(), PyTuple::new(py, values)?.into_any()])
    }

    fn __setstate__(this: &Bound<'_, Self>, state: &Bound<'_, PyTuple>) -> PyResult<()> {
        let instance = this.get();
        for (field, value) in fields_of(this.py(), instance.class).iter().zip(state.iter()) {
            if let Ok(value) = value.cast::<PyTuple>()?.get_item(0) {
                field.set(instance, &value)?;
            }
        }
        Ok(())
    }
}

/// The instance that an object refers to.
pub fn as_instance<'a>(value: &'a Bound<'_, PyAny>) -> Option<&'a Instance> {
    value.cast::<Instance>().ok().map(|instance| instance.get())
}

/// The slot of an object of a shared class; the block learns who refers to it.
///
/// # Safety
/// The object is one, and the interpreter is attached.
pub unsafe fn lend(object: *mut PyObject) -> u64 {
    // SAFETY: promised by the caller.
    unsafe {
        let py = Python::assume_attached();
        let bound = Bound::from_borrowed_ptr(py, object);
        let slot = bound.cast_unchecked::<Instance>().get().slot;
        (*(slot as *mut Block)).boxed = object as usize;
        slot
    }
}

/// The slot of an instance.
pub fn unbox_instance<'py>(
    value: &Bound<'py, PyAny>,
    class: &'static InstanceClass,
    lent: &mut Lent<'py>,
) -> PyResult<u64> {
    match as_instance(value) {
        // SAFETY: the object is an instance.
        Some(instance) if instance.class == class => Ok(unsafe { lend(value.as_ptr()) }),
        None if !class.is_shared => dataclasses::unbox(value, class, lent),
        _ => Err(PyTypeError::new_err(format!("{} is no {}", short_text(value), class.name))),
    }
}

/// The object of an instance. Consumes the reference.
pub fn box_instance<'py>(
    py: Python<'py>,
    class: &'static InstanceClass,
    slot: u64,
) -> PyResult<Bound<'py, PyAny>> {
    if !class.is_shared {
        return dataclasses::box_instance(py, class, slot);
    }
    let block = slot as *mut Block;
    // SAFETY: the block is alive by the reference; an object whose count is zero is being freed.
    unsafe {
        let object = (*block).boxed as *mut PyObject;
        if !object.is_null() && ffi::Py_REFCNT(object) > 0 {
            let object = Bound::from_borrowed_ptr(py, object);
            rumba_release(slot);
            return Ok(object);
        }
    }
    match class_object(py, class) {
        Ok(object) => object_of(&object, class, slot),
        Err(error) => {
            // SAFETY: the reference was handed to this function.
            unsafe { rumba_release(slot) };
            Err(error)
        }
    }
}

/// A new object of a block. Consumes the reference.
fn object_of<'py>(
    python_class: &Bound<'py, PyAny>,
    class: &'static InstanceClass,
    slot: u64,
) -> PyResult<Bound<'py, PyAny>> {
    let py = python_class.py();
    let base = py.get_type::<Instance>();
    let made = match python_class.cast::<PyType>().is_ok_and(|own| own.is_subclass(&base).unwrap_or(false)) {
        true => {
            let arguments = PyTuple::empty(py);
            TAKEN.set(Some((class, slot)));
            // SAFETY: the class inherits from `Instance`, whose constructor takes the block.
            unsafe {
                let new = (*base.as_type_ptr()).tp_new.expect("the class has a constructor");
                let object = new(python_class.as_ptr().cast(), arguments.as_ptr(), std::ptr::null_mut());
                Bound::from_owned_ptr_or_err(py, object)
            }
        }
        false => Err(PyTypeError::new_err(format!("there is no class for objects of {}", class.name))),
    };
    match made {
        Ok(object) => {
            // SAFETY: the block is alive by the object.
            unsafe { (*(slot as *mut Block)).boxed = object.as_ptr() as usize };
            Ok(object)
        }
        Err(error) => {
            TAKEN.set(None);
            // SAFETY: the reference was handed to this function, and no object has taken it.
            unsafe { rumba_release(slot) };
            Err(error)
        }
    }
}

/// Whether an object is of a class with these fields.
///
/// # Safety
/// The object's class is the class's, and the interpreter is attached.
pub unsafe fn is_of(object: *mut PyObject, class: &'static InstanceClass) -> bool {
    // SAFETY: promised by the caller.
    unsafe {
        let py = Python::assume_attached();
        Bound::from_borrowed_ptr(py, object).cast_unchecked::<Instance>().get().class == class
    }
}

/// How an attribute is read and written.
#[derive(Clone, Copy)]
enum Access {
    Float,
    Int,
    Bool,
    Other,
}

/// Where a field is, and how it is read and written.
pub struct FieldAccess {
    class: &'static InstanceClass,
    position: usize,
    ty: Type,
    access: Access,
    /// Where its scalars are.
    offsets: Vec<u32>,
    name: Py<PyString>,
    /// Taken by whoever reads or writes the field; who comes meanwhile makes another.
    stored: Mutex<Stored>,
}

/// The fields of a class, made once.
pub fn fields_of(py: Python<'_>, class: &'static InstanceClass) -> &'static [FieldAccess] {
    static KNOWN: Mutex<Option<FxHashMap<u32, &'static [FieldAccess]>>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    known.get_or_insert_default().entry(class.id).or_insert_with(|| {
        let n_fields = class.fields().map_or(0, <[ClassField]>::len);
        (0..n_fields).map(|position| FieldAccess::new(py, class, position)).collect::<Vec<_>>().leak()
    })
}

impl FieldAccess {
    fn new(py: Python<'_>, class: &'static InstanceClass, position: usize) -> FieldAccess {
        let field = &class.fields().expect("the class is defined")[position];
        let access = match field.ty.kind() {
            TypeKind::Float(FloatKind::F64) => Access::Float,
            TypeKind::Int(IntKind { bits: 64, signed: true }) => Access::Int,
            TypeKind::Bool => Access::Bool,
            _ => Access::Other,
        };
        FieldAccess {
            class,
            position,
            ty: field.ty,
            access,
            offsets: class.offsets(position),
            name: PyString::new(py, &field.name).unbind(),
            stored: Mutex::new(Stored::new(field.ty, class.field_storage(position))),
        }
    }

    pub fn name<'py>(&self, py: Python<'py>) -> &Bound<'py, PyString> {
        self.name.bind(py)
    }

    pub fn ty(&self) -> Type {
        self.ty
    }

    pub fn with_stored<T>(&self, action: impl FnOnce(&mut Stored) -> T) -> T {
        match self.stored.try_lock() {
            Ok(mut stored) => action(&mut stored),
            Err(_) => action(&mut Stored::new(self.ty, self.class.field_storage(self.position))),
        }
    }

    /// The address of the only scalar, or of the first.
    fn place(&self, fields: *mut u8) -> *mut u8 {
        fields.wrapping_add(self.offsets.first().map_or(0, |offset| *offset as usize))
    }

    fn not_set(&self, py: Python<'_>) -> PyErr {
        let message = format!("'{}' of '{}' has not been set", self.name(py), self.class.name);
        PyAttributeError::new_err(message)
    }

    fn get<'py>(&self, py: Python<'py>, instance: &Instance) -> PyResult<Bound<'py, PyAny>> {
        let fields = instance.fields();
        let place = self.place(fields);
        // SAFETY: the block has a value of the field's type there.
        unsafe {
            Ok(match self.access {
                Access::Float => {
                    Bound::from_owned_ptr_or_err(py, ffi::PyFloat_FromDouble(place.cast::<f64>().read()))?
                }
                Access::Int => {
                    Bound::from_owned_ptr_or_err(py, ffi::PyLong_FromLongLong(place.cast::<i64>().read()))?
                }
                Access::Bool => pyo3::types::PyBool::new(py, place.read() != 0).to_owned().into_any(),
                Access::Other => {
                    if !prepare(self.ty, fields, &mut self.offsets.iter().copied()) {
                        return Err(self.not_set(py));
                    }
                    self.with_stored(|stored| stored.get(py, fields))?
                }
            })
        }
    }

    fn set(&self, instance: &Instance, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let is_number = crate::type_of::type_of(value)
            .is_ok_and(|ty| ty.is_number() && self.ty.is_number() && conversion(ty, self.ty).is_some());
        self.with_stored(|stored| {
            if !is_number {
                check(value, stored).map_err(|error| {
                    let (py, error) = (value.py(), error.value(value.py()));
                    PyTypeError::new_err(format!("'{}' of '{}': {error}", self.name(py), self.class.name))
                })?;
            }
            // SAFETY: the block has a value of the field's type there.
            unsafe { stored.replace(value, instance.fields()) }
        })
    }
}

/// The attribute of a field: a descriptor.
#[pyclass(frozen, name = "Field", module = "rumba._core")]
pub struct Field(&'static FieldAccess);

impl Field {
    fn instance<'a>(&self, object: &'a Bound<'_, PyAny>) -> PyResult<&'a Instance> {
        match as_instance(object) {
            Some(instance) if instance.class == self.0.class => Ok(instance),
            _ => {
                let (field, class) = (self.0.name(object.py()), &self.0.class.name);
                let message = format!("{} has no field '{field}' of {class}", short_text(object));
                Err(PyTypeError::new_err(message))
            }
        }
    }
}

#[pymethods]
impl Field {
    fn __get__<'py>(
        this: &Bound<'py, Self>,
        object: Option<&Bound<'py, PyAny>>,
        _class: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match object {
            Some(object) => this.get().0.get(this.py(), this.get().instance(object)?),
            None => Ok(this.clone().into_any()),
        }
    }

    fn __set__(&self, object: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let instance = self.instance(object)?;
        let place = self.0.place(instance.fields());
        // SAFETY: comparing addresses of the interpreter's static types; the block has a value of the field's type there.
        unsafe {
            match self.0.access {
                Access::Float if value.get_type_ptr() == &raw mut ffi::PyFloat_Type => {
                    place.cast::<f64>().write(ffi::PyFloat_AS_DOUBLE(value.as_ptr()));
                    return Ok(());
                }
                Access::Int if value.get_type_ptr() == &raw mut ffi::PyLong_Type => {
                    if let Some(value) = crate::int_object::as_i64(value.as_ptr()) {
                        place.cast::<i64>().write(value);
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        self.0.set(instance, value)
    }

    fn __delete__(&self, object: &Bound<'_, PyAny>) -> PyResult<()> {
        let message = format!("the field '{}' cannot be deleted", self.0.name(object.py()));
        Err(PyAttributeError::new_err(message))
    }

    #[getter]
    fn __name__(&self, py: Python<'_>) -> Py<PyString> {
        self.0.name.clone_ref(py)
    }

    #[getter]
    fn r#type(&self) -> TypeObject {
        TypeObject(self.0.ty)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<field '{}' of '{}': {}>", self.0.name(py), self.0.class.name, self.0.ty)
    }
}

/// Marks containers, so that they are boxed as objects that share them. Whether all that the value refers to has been set.
///
/// # Safety
/// The scalars of a value of the type are at the offsets from `fields`.
unsafe fn prepare(ty: Type, fields: *mut u8, offsets: &mut impl Iterator<Item = u32>) -> bool {
    let mut place = || fields.wrapping_add(offsets.next().map_or(0, |offset| offset as usize));
    // SAFETY: promised by the caller; containers have a word for what they were made of.
    unsafe {
        match ty.kind() {
            _ if is_container(ty) => {
                let container = place().cast::<u64>().read();
                match ty.as_list() {
                    _ if container == 0 => return false,
                    Some(_) => {
                        let list = &mut *(container as *mut List);
                        if list.object() == 0 {
                            list.set_object(TYPED);
                        }
                    }
                    None => {
                        let table = &mut *(container as *mut Table);
                        if table.object() == 0 {
                            table.set_object(TYPED);
                        }
                    }
                }
                true
            }
            _ if ty.refers_to_something() => {
                let address = place().cast::<u64>().read();
                (1..ty.scalars().len()).for_each(|_| _ = place());
                address != 0
            }
            TypeKind::Optional(inner) => {
                let present = place().read() != 0;
                let is_set = prepare(*inner, fields, offsets);
                !present || is_set
            }
            TypeKind::Tuple(parts) | TypeKind::NamedTuple(_, parts) => {
                let mut is_set = true;
                for part in parts {
                    is_set &= prepare(*part, fields, offsets);
                }
                is_set
            }
            _ => {
                for _ in 0..ty.scalars().len() {
                    place();
                }
                true
            }
        }
    }
}

// What compiled code asks.

/// The id of a class that compiled code makes instances of; of objects of structs, that of their types.
pub fn identity(class: &Bound<'_, PyType>) -> PyResult<Option<ObjectId>> {
    if let Some(types) = class.as_any().getattr_opt(pyo3::intern!(class.py(), "_rumba_struct"))? {
        return Ok(Some(objects::id_of(&types)));
    }
    let is_known = declared(class.as_type_ptr()).is_some() || dataclasses::is_dataclass(class.as_any())?;
    Ok(is_known.then(|| objects::id_of(class.as_any())))
}

pub fn kind_of(class: &Bound<'_, PyAny>) -> PyResult<Option<ClassKind>> {
    if let Some(class) = declared(class.as_ptr().cast()) {
        return Ok(Some(ClassKind::Shared(class)));
    }
    let fields = known_struct(objects::id_of(class), |known| Some(known.fields.clone()));
    match fields {
        Some(fields) => Ok(Some(ClassKind::Struct(fields))),
        None => dataclasses::kind_of(class),
    }
}

/// What a name is in the namespace of a class or of one that it inherits from.
pub fn member(class: &Bound<'_, PyAny>, name: &str) -> PyResult<Option<Member>> {
    let class = class.cast::<PyType>()?;
    member_of(class.mro().iter(), name, dataclasses::is_dataclass(class.as_any())?)
}

/// What a name is in the first of these classes that has it.
fn member_of<'py>(
    classes: impl Iterator<Item = Bound<'py, PyAny>>,
    name: &str,
    is_dataclass: bool,
) -> PyResult<Option<Member>> {
    for class in classes {
        let py = class.py();
        if class.is(py.get_type::<Instance>()) || class.is(py.get_type::<PyAny>()) {
            continue;
        }
        let Ok(value) = class.getattr("__dict__")?.get_item(name) else { continue };
        return classify(&value, name, is_dataclass);
    }
    Ok(None)
}

/// What a name is for `super()` in a method, of an instance of a class.
pub fn super_member(
    function: &Bound<'_, PyAny>,
    class: &Bound<'_, PyAny>,
    name: &str,
) -> PyResult<Option<Member>> {
    let Some(start) = crate::environment::look_up(function, "__class__")? else { return Ok(None) };
    let mut order = Vec::new();
    add_order(class, &mut order)?;
    for (position, base) in order.iter().enumerate() {
        if defined(base)?.is(&start) {
            let behind = order.into_iter().skip(position + 1);
            return member_of(behind, name, dataclasses::is_dataclass(class)?);
        }
    }
    Ok(None)
}

/// The class that a jitclass was made of, which its methods know; other classes themselves.
fn defined<'py>(class: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match declared(class.as_ptr().cast()) {
        Some(_) => class.getattr("class_type")?.getattr("class_def"),
        None => Ok(class.clone()),
    }
}

/// Adds a class and those that it inherits from, also those that jitclasses among them were made of.
fn add_order<'py>(class: &Bound<'py, PyAny>, order: &mut Vec<Bound<'py, PyAny>>) -> PyResult<()> {
    order.push(class.clone());
    for base in defined(class)?.cast_into::<PyType>()?.mro().iter().skip(1) {
        if !order.iter().any(|known| known.is(&base)) {
            match declared(base.as_ptr().cast()) {
                Some(_) => add_order(&base, order)?,
                None => order.push(base),
            }
        }
    }
    Ok(())
}

fn classify(value: &Bound<'_, PyAny>, name: &str, is_dataclass: bool) -> PyResult<Option<Member>> {
    let py = value.py();
    // What all enums, or all named tuples, have: a class method is of its function's module.
    let module = value.getattr_opt("__module__")?;
    if module.is_some_and(|module| ["enum", "collections"].iter().any(|own| module.eq(own).unwrap_or(false)))
    {
        return Ok(None);
    }
    let builtins = py.import(pyo3::intern!(py, "builtins"))?;
    let is = |class: &str| -> PyResult<bool> { value.is_instance(&builtins.getattr(class)?) };
    let named = |function: &Bound<'_, PyAny>| -> PyResult<(ObjectId, Arc<str>)> {
        let name: String = function.getattr("__name__")?.extract()?;
        Ok((id_of_function(function), name.into()))
    };
    if value.is_instance_of::<PyFunction>() || dispatcher::state_of(value).is_some() {
        if is_dataclass && dataclasses::has_made(value, name)? {
            return Ok(Some(Member::Generated));
        }
        let (function, name) = named(value)?;
        return Ok(Some(Member::Method { function, name }));
    }
    if is("staticmethod")? || is("classmethod")? {
        let (function, name) = named(&value.getattr("__func__")?)?;
        return Ok(Some(match is("staticmethod")? {
            true => Member::Static { function, name },
            false => Member::ClassMethod { function, name },
        }));
    }
    if is("property")? {
        let accessor = |name: &str| -> PyResult<Option<ObjectId>> {
            let function = value.getattr(name)?;
            Ok((!function.is_none()).then(|| id_of_function(&function)))
        };
        return Ok(Some(Member::Property { getter: accessor("fget")?, setter: accessor("fset")? }));
    }
    if value.is_instance_of::<Field>() {
        return Ok(None);
    }
    Ok(Some(Member::Value(crate::environment::constant(value)?)))
}

fn id_of_function(function: &Bound<'_, PyAny>) -> ObjectId {
    dispatcher::state_of(function).map_or_else(|| objects::id_of(function), dispatcher::State::id)
}

//! Dataclasses of the interpreter: their types, and their instances to compiled code and back.
//!
//! An instance that is an argument is converted when the call begins; fields that the function has changed are written back
//! when the call ends, as with containers. See [`Lent`].

use crate::classes::{self, ancestors, class_object, new_block};
use crate::containers::Lent;
use crate::environment::constant;
use crate::objects;
use crate::type_objects::TypeObject;
use crate::type_of::{Untyped, short_text, type_of as type_of_value};
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFunction, PyTuple, PyType};
use rumba_infer::{ClassKind, Constant, DataClass, DataField, Purpose, field_type};
use rumba_runtime::containers::Instance as Block;
use rumba_runtime::memory::{rumba_release, rumba_retain};
use rumba_types::{ClassField, InstanceClass, ObjectId, Type, TypeKind};
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex};

/// What is known of a dataclass from its decorator and annotations.
struct Description {
    ancestors: Vec<ObjectId>,
    fields: Vec<(Arc<str>, Option<Type>)>,
    /// By the types of their fields: the types of instances that were seen.
    seen: Mutex<FxHashMap<Vec<Type>, Type>>,
}

/// Whether `dataclass` has made a method: there is no source of it.
pub fn has_made(method: &Bound<'_, PyAny>, name: &str) -> PyResult<bool> {
    // Since 3.13, the decorator against endless recursion around `__repr__` is another module's.
    let inner = method.getattr_opt(pyo3::intern!(method.py(), "__wrapped__"))?;
    let filename = inner.as_ref().unwrap_or(method).getattr("__code__")?.getattr("co_filename")?;
    let module = method.py().import("dataclasses")?;
    Ok(makes(name) && (filename.eq("<string>")? || filename.eq(module.getattr("__file__")?)?))
}

fn makes(name: &str) -> bool {
    matches!(
        name,
        "__init__"
            | "__repr__"
            | "__eq__"
            | "__lt__"
            | "__le__"
            | "__gt__"
            | "__ge__"
            | "__hash__"
            | "__setattr__"
            | "__delattr__"
            | "__replace__"
            | "__getstate__"
            | "__setstate__"
    )
}

fn fields_of<'py>(class: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyDict>>> {
    let fields = class.getattr_opt(pyo3::intern!(class.py(), "__dataclass_fields__"))?;
    Ok(fields.and_then(|fields| fields.cast_into::<PyDict>().ok()))
}

pub fn is_dataclass(class: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(class.is_instance_of::<PyType>() && fields_of(class)?.is_some())
}

/// The fields themselves: class variables and parameters of `__init__` alone are no fields.
fn real_fields<'py>(class: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let py = class.py();
    static FIELDS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let fields = FIELDS.import(py, "dataclasses", "fields")?;
    Ok(fields.call1((class,))?.cast::<PyTuple>()?.iter().collect())
}

fn describe(class: &Bound<'_, PyType>) -> PyResult<Arc<Description>> {
    static KNOWN: Mutex<Option<FxHashMap<ObjectId, Arc<Description>>>> = Mutex::new(None);
    // From here on the class lives as long as the process.
    let id = objects::id_of(class.as_any());
    let known = || KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(description) = known().as_ref().and_then(|known| known.get(&id)) {
        return Ok(description.clone());
    }
    let py = class.py();
    let types = py.import("rumba.classes")?.call_method1("types_of_annotations", (class,))?;
    let mut fields = Vec::new();
    for field in real_fields(class.as_any())? {
        let name: String = field.getattr("name")?.extract()?;
        let declared: Option<TypeObject> = types.call_method1("get", (&name,))?.extract()?;
        fields.push((name.into(), declared.map(|ty| ty.0)));
    }
    classes::set_equality(class)?;
    let description = Arc::new(Description { ancestors: ancestors(class), fields, seen: Mutex::default() });
    known().get_or_insert_default().insert(id, description.clone());
    Ok(description)
}

/// Instances within instances up to this depth: a dataclass may refer to itself.
const MAX_DEPTH: u32 = 16;

/// The type of an instance of a dataclass; `None` for other values.
pub fn type_of(value: &Bound<'_, PyAny>) -> Result<Option<Type>, Untyped> {
    thread_local! {
        static DEPTH: Cell<u32> = const { Cell::new(0) };
    }
    let class = value.get_type();
    if fields_of(class.as_any())?.is_none() {
        return Ok(None);
    }
    let name = || class.name().map_or_else(|_| "?".to_owned(), |name| name.to_string_lossy().into_owned());
    if DEPTH.get() == MAX_DEPTH {
        return Err(Untyped::unsupported(
            format!("an instance of {} in an instance, {MAX_DEPTH} deep", name()),
            "dataclasses that refer to each other without end have no type: use a jitclass",
        ));
    }
    let description = describe(&class)?;
    DEPTH.set(DEPTH.get() + 1);
    let types =
        description.fields.iter().map(|(name, declared)| type_in_field(&value.getattr(&**name)?, *declared));
    let types: Result<Vec<Type>, Untyped> = types.collect();
    DEPTH.set(DEPTH.get() - 1);
    let types = types.map_err(|error| match error {
        Untyped::Unsupported { what, note } => {
            Untyped::Unsupported { what: format!("an instance of {} with {what} in a field", name()), note }
        }
        other => other,
    })?;
    let seen = || description.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(ty) = seen().get(&types) {
        return Ok(Some(*ty));
    }
    let fields = description.fields.iter().zip(&types);
    let fields = fields.map(|((name, _), ty)| ClassField { name: name.clone(), ty: *ty }).collect();
    let object = objects::id_of(class.as_any());
    let ancestors = description.ancestors.clone();
    let ty = Type::instance(InstanceClass::converted(object, &name(), ancestors, fields));
    seen().insert(types, ty);
    Ok(Some(ty))
}

/// The type of a field of this declared type that has the value.
fn type_in_field(value: &Bound<'_, PyAny>, declared: Option<Type>) -> Result<Type, Untyped> {
    let class = declared.and_then(|ty| match ty.kind() {
        TypeKind::Optional(inner) => inner.as_instance(),
        _ => ty.as_instance(),
    });
    match (declared, class) {
        // Whether the instance's own fields are of the types of the annotations shows when it is converted: there may be many
        // behind each other.
        (Some(declared), Some(class)) if !class.is_shared && class.fields().is_some() => {
            let own = class_object(value.py(), class)?;
            let is_none = value.is_none() && declared.as_instance().is_none();
            if is_none || value.get_type().is(&own) {
                return Ok(declared);
            }
        }
        _ => {}
    }
    Ok(field_type(declared, type_of_value(value)?))
}

/// Makes an instance of an object, lent for the call. Its fields follow when those around it have theirs, so that a chain of
/// any length takes no stack.
pub fn unbox<'py>(
    value: &Bound<'py, PyAny>,
    class: &'static InstanceClass,
    lent: &mut Lent<'py>,
) -> PyResult<u64> {
    let ty = Type::instance(class);
    let object = value.as_ptr();
    if let Some(slot) = lent.instance_of(ty, object as usize) {
        return Ok(slot);
    }
    let block = new_block(class)?;
    lent.add_instance(ty, object as usize, block as u64);
    // SAFETY: the reference to the object is the block's, and given up with it.
    unsafe {
        ffi::Py_INCREF(object);
        (*block).set_object(object as usize);
    }
    lent.unfilled.push((value.clone(), class, block as u64));
    if !std::mem::replace(&mut lent.is_filling, true) {
        let filled = fill(lent, 0);
        lent.is_filling = false;
        filled?;
    }
    Ok(block as u64)
}

/// Makes what is to be a key of a container, whose fields cannot follow later: it is hashed.
pub fn unbox_key<'py>(
    lent: &mut Lent<'py>,
    unbox: impl FnOnce(&mut Lent<'py>) -> PyResult<()>,
) -> PyResult<()> {
    let n_before = lent.unfilled.len();
    unbox(lent)?;
    fill(lent, n_before)
}

/// Gives instances their fields, but for those that were there before.
fn fill(lent: &mut Lent<'_>, n_before: usize) -> PyResult<()> {
    while lent.unfilled.len() > n_before
        && let Some((object, class, block)) = lent.unfilled.pop()
    {
        let (py, block) = (object.py(), block as *mut Block);
        for field in classes::fields_of(py, class) {
            let (name, value) = (field.name(py), object.getattr(field.name(py))?);
            if type_in_field(&value, Some(field.ty())).ok() != Some(field.ty()) {
                let message = format!(
                    "{} in field '{name}' of {} is no {}",
                    short_text(&value),
                    class.name,
                    field.ty()
                );
                return Err(PyTypeError::new_err(message));
            }
            // SAFETY: the block is alive by the reference that `lent` has, and has room for the field.
            unsafe { field.with_stored(|stored| stored.put_lent(&value, Block::fields(block), lent))? };
        }
    }
    Ok(())
}

/// An instance whose object is to be given the values of its fields.
struct Unassigned {
    class: &'static InstanceClass,
    /// A reference is counted.
    slot: u64,
    object: Py<PyAny>,
    /// A bit for each field, see `rumba_runtime::containers::Instance`.
    fields: u64,
    is_new: bool,
}

impl Drop for Unassigned {
    fn drop(&mut self) {
        // SAFETY: the reference is this value's.
        unsafe { rumba_release(self.slot) };
    }
}

thread_local! {
    /// What is to be assigned.
    static UNASSIGNED: RefCell<Vec<Unassigned>> = const { RefCell::new(Vec::new()) };
    /// Whether a value is being made that is to be assigned: the fields of what is in it follow.
    static IS_MAKING: Cell<bool> = const { Cell::new(false) };
}

/// Assigns fields, and those of instances in them, one object after the other: a chain of any length takes no stack.
fn assign_later(py: Python<'_>, unassigned: Unassigned) -> PyResult<()> {
    UNASSIGNED.with_borrow_mut(|pending| pending.push(unassigned));
    if IS_MAKING.get() { Ok(()) } else { assign_all(py, 0) }
}

/// Makes the object of what is to be a key, which has its fields then: it is hashed.
pub fn box_key<'py>(
    py: Python<'py>,
    make: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let n_before = UNASSIGNED.with_borrow(Vec::len);
    let made = make();
    assign_all(py, n_before)?;
    made
}

/// Assigns the fields of objects, but for those that were there before.
fn assign_all(py: Python<'_>, n_before: usize) -> PyResult<()> {
    let next =
        || UNASSIGNED.with_borrow_mut(|pending| if pending.len() > n_before { pending.pop() } else { None });
    let mut result = Ok(());
    while let Some(next) = next() {
        result = result.and_then(|()| assign(py, &next));
    }
    result
}

fn assign(py: Python<'_>, unassigned: &Unassigned) -> PyResult<()> {
    let Unassigned { class, slot, fields, is_new, .. } = unassigned;
    let object = unassigned.object.bind(py);
    for (position, field) in classes::fields_of(py, class).iter().enumerate() {
        if fields & 1 << position.min(63) == 0 {
            continue;
        }
        let was_making = IS_MAKING.replace(true);
        // SAFETY: the instance is alive by the reference, and has the field.
        let value = unsafe { field.with_stored(|stored| stored.get(py, Block::fields(*slot as *mut Block))) };
        IS_MAKING.set(was_making);
        let value = value?;
        match is_new {
            // Also where the class is frozen.
            true => {
                let set = pyo3::intern!(py, "__setattr__");
                py.get_type::<PyAny>().call_method1(set, (object, field.name(py), value))?;
            }
            false => object.setattr(field.name(py), value)?,
        }
    }
    Ok(())
}

/// Assigns the fields that compiled code has changed.
///
/// # Safety
/// The instance is alive, and was made of an object.
pub unsafe fn write_back(py: Python<'_>, class: &'static InstanceClass, slot: u64) -> PyResult<()> {
    let block = slot as *mut Block;
    // SAFETY: promised by the caller; the block keeps the object alive.
    let unassigned = unsafe {
        let fields = std::mem::replace(&mut (*block).changed, 0);
        if fields == 0 {
            return Ok(());
        }
        rumba_retain(slot);
        let object = Bound::from_borrowed_ptr(py, (*block).object() as *mut ffi::PyObject).unbind();
        Unassigned { class, slot, object, fields, is_new: false }
    };
    assign_later(py, unassigned)
}

/// The object of an instance: the argument that it was made of, or a new one. Consumes the reference.
pub fn box_instance<'py>(
    py: Python<'py>,
    class: &'static InstanceClass,
    slot: u64,
) -> PyResult<Bound<'py, PyAny>> {
    let block = slot as *mut Block;
    // SAFETY: the slot is an owned instance, which keeps its object alive.
    unsafe {
        let known = (*block).object() as *mut ffi::PyObject;
        if !known.is_null() {
            let object = Bound::from_borrowed_ptr(py, known);
            let written = write_back(py, class, slot);
            rumba_release(slot);
            return written.map(|()| object);
        }
    }
    let made = class_object(py, class)
        .and_then(|class| py.get_type::<PyAny>().call_method1(pyo3::intern!(py, "__new__"), (class,)));
    match made {
        Ok(object) => {
            // SAFETY: as above; from here on it is the instance's object.
            unsafe {
                (*block).set_object(object.clone().into_ptr() as usize);
                (*block).changed = 0;
            }
            let unassigned =
                Unassigned { class, slot, object: object.clone().unbind(), fields: !0, is_new: true };
            assign_later(py, unassigned).map(|()| object)
        }
        Err(error) => {
            // SAFETY: the reference was handed to this function.
            unsafe { rumba_release(slot) };
            Err(error)
        }
    }
}

// What compiled code asks.

pub fn kind_of(class: &Bound<'_, PyAny>) -> PyResult<Option<ClassKind>> {
    if !is_dataclass(class)? {
        return Ok(None);
    }
    let py = class.py();
    let description = describe(class.cast::<PyType>()?)?;
    let dataclasses = py.import("dataclasses")?;
    let missing = dataclasses.getattr("MISSING")?;
    let parameter = dataclasses.getattr("_FIELD_INITVAR")?;
    let real = real_fields(class)?;
    let mut fields = Vec::new();
    // All, class variables left out: those that are parameters of `__init__` alone go to `__post_init__`.
    for field in fields_of(class)?.into_iter().flatten().map(|(_, field)| field) {
        let is_parameter = field.getattr("_field_type")?.is(&parameter);
        let position = real.iter().position(|other| other.is(&field));
        if position.is_none() && !is_parameter {
            continue;
        }
        let name: Arc<str> = field.getattr("name")?.extract::<String>()?.into();
        let declared = position.and_then(|position| description.fields[position].1);
        let given = |name: &str| -> PyResult<Option<Bound<'_, PyAny>>> {
            let value = field.getattr(name)?;
            Ok((!value.is(&missing)).then_some(value))
        };
        let (default, factory) = (given("default")?, given("default_factory")?);
        fields.push(DataField {
            name,
            declared,
            is_parameter,
            is_factory: factory.is_some(),
            default: default.or(factory).map(|value| made_by(&value)).transpose()?,
            in_init: field.getattr("init")?.is_truthy()?,
            keyword_only: field.getattr("kw_only")?.is_truthy()?,
        });
    }
    Ok(Some(ClassKind::Data(DataClass { ancestors: description.ancestors.clone(), fields })))
}

/// A default, or the function that makes it, which need not be jitted.
fn made_by(value: &Bound<'_, PyAny>) -> PyResult<Constant> {
    if value.is_instance_of::<PyFunction>() {
        let name: String = value.getattr("__name__")?.extract()?;
        return Ok(Constant::Jitted { object: objects::id_of(value), name: name.into() });
    }
    constant(value)
}

pub fn is_frozen(class: &Bound<'_, PyAny>) -> PyResult<bool> {
    match class.getattr_opt("__dataclass_params__")? {
        Some(params) if is_dataclass(class)? => params.getattr("frozen")?.is_truthy(),
        _ => Ok(false),
    }
}

pub fn fields_for(class: &Bound<'_, PyAny>, purpose: Purpose) -> PyResult<Vec<Arc<str>>> {
    let mut names = Vec::new();
    for field in real_fields(class)? {
        let hashed = field.getattr("hash")?;
        let flag = match purpose {
            Purpose::Show => "repr",
            Purpose::Hash if !hashed.is_none() => "hash",
            Purpose::Hash | Purpose::Compare => "compare",
        };
        if field.getattr(flag)?.is_truthy()? {
            names.push(field.getattr("name")?.extract::<String>()?.into());
        }
    }
    Ok(names)
}

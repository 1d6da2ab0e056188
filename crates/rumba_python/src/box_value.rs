//! Packed slots to Python objects.
//!
//! Boxing consumes the slots: each owner word (of an array, of a random generator) is one counted reference that ends up in the
//! object, or is released when boxing fails.

use crate::classes::box_instance;
use crate::containers::box_container;
use crate::element_types::{dtype_by_name, is_dtype};
use crate::generators::GeneratorObject;
use crate::numpy::{as_array, as_void, flag, numpy};
use crate::text::{box_bytes, box_text};
use crate::{function_pointers, library_path, objects, raise};
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyComplex, PyDict, PyFloat, PyInt, PyList, PyRange, PyString, PyTuple};
use rumba_runtime::memory::{exception_of, object_of, rumba_release, rumba_retain};
use rumba_types::{
    ArrayType, ClassRef, DictKind, FloatKind, FunctionRef, IntKind, Layout, Literal, NamedTupleClass,
    ObjectId, RecordType, TimeUnit, Type, TypeKind,
};
use std::ffi::c_void;

/// Reads packed slots in order.
pub struct Slots<'a> {
    rest: &'a [u64],
}

impl<'a> Slots<'a> {
    pub fn new(slots: &'a [u64]) -> Slots<'a> {
        Slots { rest: slots }
    }

    fn next(&mut self) -> u64 {
        let (first, rest) = self.rest.split_first().expect("as many slots as the type has scalars");
        self.rest = rest;
        *first
    }

    fn skip(&mut self, n_slots: usize) -> &'a [u64] {
        let (skipped, rest) = self.rest.split_at(n_slots);
        self.rest = rest;
        skipped
    }
}

/// The value of an int's slot: the bits above its width are undefined.
#[inline]
pub fn int_of_slot(slot: u64, kind: IntKind) -> i128 {
    let unused = 64 - u32::from(kind.bits);
    if kind.signed {
        i128::from((slot << unused) as i64 >> unused)
    } else {
        i128::from(slot << unused >> unused)
    }
}

#[inline]
pub fn bool_of_slot(slot: u64) -> bool {
    slot & 0xff != 0
}

#[inline]
pub fn float_of_slot(slot: u64, kind: FloatKind) -> f64 {
    match kind {
        FloatKind::F64 => f64::from_bits(slot),
        FloatKind::F32 => f64::from(f32::from_bits(slot as u32)),
    }
}

/// The object of a value. On failure all references in the value's slots have been released.
pub fn box_value<'py>(py: Python<'py>, ty: Type, slots: &mut Slots<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match ty.kind() {
        TypeKind::None => py.None().into_bound(py),
        TypeKind::Ellipsis => py.Ellipsis().into_bound(py),
        TypeKind::Literal(Literal::Bool(value)) => PyBool::new(py, *value).to_owned().into_any(),
        TypeKind::Literal(Literal::Int(value)) => value.into_pyobject(py)?.into_any(),
        TypeKind::Literal(Literal::Str(value)) => PyString::new(py, value).into_any(),
        TypeKind::Bool => PyBool::new(py, bool_of_slot(slots.next())).to_owned().into_any(),
        TypeKind::Int(kind) => match int_of_slot(slots.next(), *kind) {
            value if kind.signed => PyInt::new(py, value as i64).into_any(),
            value => PyInt::new(py, value as u64).into_any(),
        },
        TypeKind::OneOf(alternatives) => {
            let function = alternatives[slots.next() as usize];
            box_value(py, function, slots)?
        }
        TypeKind::FunctionPointer(_) => function_pointers::object_at(py, slots.next())?,
        TypeKind::CPointer(_) => PyInt::new(py, slots.next()).into_any(),
        TypeKind::Float(kind) => PyFloat::new(py, float_of_slot(slots.next(), *kind)).into_any(),
        TypeKind::Complex(kind) => {
            let real = float_of_slot(slots.next(), *kind);
            PyComplex::from_doubles(py, real, float_of_slot(slots.next(), *kind)).into_any()
        }
        TypeKind::Optional(inner) => {
            if bool_of_slot(slots.next()) {
                box_value(py, *inner, slots)?
            } else {
                slots.skip(inner.scalars().len());
                py.None().into_bound(py)
            }
        }
        TypeKind::Tuple(elements) => PyTuple::new(py, box_all(py, elements, slots)?)?.into_any(),
        TypeKind::NamedTuple(class, elements) => {
            let elements = PyTuple::new(py, box_all(py, elements, slots)?)?;
            named_tuple_class(py, class)?.call_method1("_make", (elements,))?
        }
        TypeKind::MixedList(items) => PyList::new(py, box_all(py, items, slots)?)?.into_any(),
        TypeKind::MixedDict(keys, values) => {
            let dict = PyDict::new(py);
            for (key, value) in keys.iter().zip(box_all(py, values, slots)?) {
                dict.set_item(&**key, value)?;
            }
            dict.into_any()
        }
        TypeKind::Struct(ty) => {
            let fields = PyTuple::new(py, box_all(py, &ty.types, slots)?)?;
            interpreter_object(py, ty.object, &ty.name)?.getattr("make_value")?.call1(fields)?
        }
        TypeKind::Slice(parts) => {
            let parts = box_all(py, parts, slots)?;
            // SAFETY: the interpreter is attached and the parts are objects.
            unsafe {
                let slice = ffi::PySlice_New(parts[0].as_ptr(), parts[1].as_ptr(), parts[2].as_ptr());
                Bound::from_owned_ptr_or_err(py, slice)?
            }
        }
        TypeKind::Range(parts) => {
            let parts = box_all(py, parts, slots)?;
            py.get_type::<PyRange>().call1((&parts[0], &parts[1], &parts[2]))?
        }
        TypeKind::Array(array) => box_array(py, *array, slots.skip(array.n_slots()))?,
        TypeKind::Str => box_text(py, slots.skip(4))?,
        TypeKind::Bytes => box_bytes(py, slots.skip(3))?,
        TypeKind::Instance(class) => box_instance(py, class, slots.next())?,
        TypeKind::List(_) | TypeKind::Deque(_) | TypeKind::Set(_, _) | TypeKind::Dict(..) => {
            box_container(py, ty, slots.next())?
        }
        TypeKind::Constant(_) => return box_value(py, ty.without_constants(), slots),
        TypeKind::Keywords(names, types) => {
            let dict = PyDict::new(py);
            for (name, value) in names.iter().zip(box_all(py, types, slots)?) {
                dict.set_item(&**name, value)?;
            }
            dict.into_any()
        }
        // SAFETY: lives as long as the interpreter.
        TypeKind::NotImplemented => unsafe { Bound::from_borrowed_ptr(py, ffi::Py_NotImplemented()) },
        TypeKind::GeneratorIterator(generator) => {
            Bound::new(py, GeneratorObject::new(generator, slots.next()))?.into_any()
        }
        TypeKind::DateTime(_) | TypeKind::TimeDelta(_) => box_time(py, ty, slots.next() as i64)?,
        TypeKind::Record(record) => box_record(py, record, slots.skip(2))?,
        TypeKind::Generator | TypeKind::BitGenerator => {
            slots.next();
            box_owner(py, slots.next())
        }
        TypeKind::DType(ty) => {
            let descr = numpy().descr(py, *ty)?;
            // SAFETY: `descr` returns a new reference.
            unsafe { Bound::from_owned_ptr(py, descr.cast()) }
        }
        TypeKind::Function(FunctionRef::Library(path)) => library_path::resolve(py, path)?,
        TypeKind::Function(FunctionRef::Jitted { object, name } | FunctionRef::Extended { object, name })
        | TypeKind::Module { object, name }
        | TypeKind::EnumClass { object, name }
        | TypeKind::Class { object, name } => interpreter_object(py, *object, name)?,
        TypeKind::ExceptionClass(class) => interpreter_object(py, class.object, &class.name)?,
        TypeKind::NamedTupleClass(class) => named_tuple_class(py, class)?,
        TypeKind::Exception(class, arguments) => {
            let arguments = PyTuple::new(py, box_all(py, arguments, slots)?)?;
            interpreter_object(py, class.object, &class.name)?.call1(arguments)?
        }
        TypeKind::CaughtException => box_exception(py, slots.next())?,
        TypeKind::EnumMember { class, class_name, member, value, .. } => {
            let class = interpreter_object(py, *class, class_name)?;
            match class.getattr_opt(&**member)? {
                Some(member) => member,
                // A combination of flags.
                None => class.call1((box_value(py, *value, &mut Slots::new(&[]))?,))?,
            }
        }
        TypeKind::MaybeUndefined(inner) => {
            if bool_of_slot(slots.next()) {
                return box_value(py, *inner, slots);
            }
            slots.skip(inner.scalars().len());
            py.import("rumba.interpreted")?.getattr("UNBOUND")?
        }
        TypeKind::Undefined
        | TypeKind::Never
        | TypeKind::Pointer
        | TypeKind::Function(FunctionRef::C(_))
        | TypeKind::FixedText { .. }
        | TypeKind::Iterator(..)
        | TypeKind::ContextManager(..)
        | TypeKind::Method(..)
        | TypeKind::BoundMethod { .. }
        | TypeKind::Super { .. }
        | TypeKind::Closure { .. }
        | TypeKind::Cell { .. }
        | TypeKind::Frame(_) => {
            release(ty, slots.skip(ty.scalars().len()));
            return Err(PyTypeError::new_err(format!("a value of type {ty} cannot be handed to Python")));
        }
    })
}

/// Whether values of a type can be handed to Python.
pub fn is_boxable(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::Undefined
        | TypeKind::MaybeUndefined(_)
        | TypeKind::Pointer
        | TypeKind::FixedText { .. }
        | TypeKind::Iterator(..)
        | TypeKind::ContextManager(..)
        | TypeKind::Method(..)
        | TypeKind::BoundMethod { .. }
        | TypeKind::Super { .. }
        | TypeKind::Closure { .. }
        | TypeKind::Cell { .. }
        | TypeKind::Frame(_) => false,
        TypeKind::Optional(inner)
        | TypeKind::List(inner)
        | TypeKind::Deque(inner)
        | TypeKind::Constant(inner)
        | TypeKind::Set(inner, _) => is_boxable(*inner),
        TypeKind::Dict(key, value, kind) => {
            let factory = match kind {
                DictKind::Default(factory) => *factory,
                _ => Type::none(),
            };
            [*key, *value, factory].into_iter().all(is_boxable)
        }
        TypeKind::GeneratorIterator(generator) => {
            [generator.item, generator.returned].into_iter().all(is_boxable)
        }
        TypeKind::Tuple(parts)
        | TypeKind::Keywords(_, parts)
        | TypeKind::NamedTuple(_, parts)
        | TypeKind::MixedList(parts)
        | TypeKind::MixedDict(_, parts)
        | TypeKind::OneOf(parts)
        | TypeKind::Exception(_, parts) => parts.iter().all(|part| is_boxable(*part)),
        TypeKind::Struct(ty) => ty.types.iter().all(|part| is_boxable(*part)),
        _ => true,
    }
}

fn box_all<'py>(py: Python<'py>, types: &[Type], slots: &mut Slots<'_>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let mut boxed = Vec::with_capacity(types.len());
    for (idx, ty) in types.iter().enumerate() {
        match box_value(py, *ty, slots) {
            Ok(object) => boxed.push(object),
            Err(error) => {
                for rest in &types[idx + 1..] {
                    release(*rest, slots.skip(rest.scalars().len()));
                }
                return Err(error);
            }
        }
    }
    Ok(boxed)
}

/// The positions of owner words among the slots of a type.
fn owner_positions(ty: Type, first: usize, positions: &mut Vec<usize>) -> usize {
    match (ty.owner_field(), ty.fields()) {
        (Some(owner), _) => {
            positions.push(first + owner);
            first + ty.scalars().len()
        }
        (None, None) => first + 1,
        (None, Some(fields)) => {
            fields.into_iter().fold(first, |at, field| owner_positions(field, at, positions))
        }
    }
}

/// Gives up the references of an owned value.
pub fn release(ty: Type, slots: &[u64]) {
    let mut positions = Vec::new();
    owner_positions(ty, 0, &mut positions);
    for position in positions {
        // SAFETY: the slots are an owned value, whose references are given up here.
        unsafe { rumba_release(slots[position]) };
    }
}

/// Takes a reference for every array in a borrowed value, so that boxing may consume it.
pub fn retain(ty: Type, slots: &[u64]) {
    if ty.is_managed() {
        let mut positions = Vec::new();
        owner_positions(ty, 0, &mut positions);
        for position in positions {
            // SAFETY: the value is alive, so its owner words are.
            unsafe { rumba_retain(slots[position]) };
        }
    }
}

/// The object of the interpreter that an owner word refers to. The word's reference is given up.
fn box_owner(py: Python<'_>, owner: u64) -> Bound<'_, PyAny> {
    // SAFETY: the slots are an owned value, whose reference keeps the object alive until it has one of its own.
    unsafe {
        let object = Bound::from_borrowed_ptr(py, object_of(owner) as *mut PyObject);
        rumba_release(owner);
        object
    }
}

/// A caught exception. The word's reference is given up.
fn box_exception(py: Python<'_>, owner: u64) -> PyResult<Bound<'_, PyAny>> {
    // SAFETY: the slots are an owned value, whose reference keeps the exception alive until it is no longer needed.
    let exception = unsafe { exception_of(owner) };
    // SAFETY: the reference is this function's.
    unsafe { rumba_release(owner) };
    let exception = exception.ok_or_else(|| PyTypeError::new_err("a caught exception is none"))?;
    Ok(raise::exception(py, &exception).into_value(py).into_bound(py).into_any())
}

fn interpreter_object<'py>(py: Python<'py>, id: ObjectId, name: &str) -> PyResult<Bound<'py, PyAny>> {
    objects::object(py, id).ok_or_else(|| {
        PyRuntimeError::new_err(format!("`{name}`, which compiled code refers to, no longer exists"))
    })
}

pub fn named_tuple_class<'py>(py: Python<'py>, class: &NamedTupleClass) -> PyResult<Bound<'py, PyAny>> {
    match &class.class {
        ClassRef::Object(object) => interpreter_object(py, *object, &class.name),
        ClassRef::Path(path) => library_path::resolve(py, path),
    }
}

unsafe extern "C" fn release_memory(capsule: *mut PyObject) {
    // SAFETY: the capsule was made by `box_array` with an owner word that it owns.
    unsafe { rumba_release(ffi::PyCapsule_GetPointer(capsule, MEMORY_NAME.as_ptr()) as u64) };
}

const MEMORY_NAME: &std::ffi::CStr = c"rumba.memory";

/// The array object of an array value: the argument itself if it is the same array, else a view of
/// whatever owns the memory.
pub fn box_array<'py>(py: Python<'py>, ty: ArrayType, slots: &[u64]) -> PyResult<Bound<'py, PyAny>> {
    let n_axes = usize::from(ty.ndim);
    let (data, owner) = (slots[0] as *mut u8, slots[1]);
    let mut extents = [0isize; MAX_RANK];
    let mut strides = [0isize; MAX_RANK];
    if n_axes > MAX_RANK {
        // SAFETY: the reference is ours.
        unsafe { rumba_release(owner) };
        return Err(PyTypeError::new_err(format!(
            "an array of {n_axes} dimensions cannot be handed to Python"
        )));
    }
    for axis in 0..n_axes {
        extents[axis] = slots[2 + axis] as isize;
    }
    let item_size = ty.dtype.item_size() as isize;
    match ty.layout {
        Layout::A => {
            for axis in 0..n_axes {
                strides[axis] = slots[2 + n_axes + axis] as isize;
            }
        }
        Layout::C => fill_strides(&extents, &mut strides, (0..n_axes).rev(), item_size),
        Layout::F => fill_strides(&extents, &mut strides, 0..n_axes, item_size),
    }
    let (extents, strides) = (&extents[..n_axes], &strides[..n_axes]);
    // SAFETY: the array value is valid; its owner keeps the memory alive and becomes the base.
    unsafe {
        if owner == 0 {
            let nobody = std::ptr::null_mut();
            let view = numpy().new_array(ty.dtype, data, extents, Some(strides), false, nobody)?;
            let copy = view.call_method0("copy")?;
            copy.getattr("flags")?.setattr("writeable", !ty.readonly)?;
            Ok(copy)
        } else if owner & 1 != 0 {
            let base = (owner & !1) as *mut PyObject;
            ffi::Py_INCREF(base);
            if is_same_array(base, ty, data, extents, strides) {
                return Ok(Bound::from_owned_ptr(py, base));
            }
            numpy().new_array(ty.dtype, data, extents, Some(strides), !ty.readonly, base)
        } else {
            let base = ffi::PyCapsule_New(owner as *mut c_void, MEMORY_NAME.as_ptr(), Some(release_memory));
            if base.is_null() {
                rumba_release(owner);
                return Err(PyErr::fetch(py));
            }
            numpy().new_array(ty.dtype, data, extents, Some(strides), !ty.readonly, base)
        }
    }
}

/// A NumPy scalar of times.
fn box_time(py: Python<'_>, ty: Type, count: i64) -> PyResult<Bound<'_, PyAny>> {
    let dtype = dtype_by_name(py, ty)?;
    // Dates without a unit are NaT, and are made of no number.
    match ty.is_datetime() && ty.time_unit() == Some(TimeUnit::GENERIC) {
        true => dtype.getattr("type")?.call1(("NaT",)),
        false => {
            let unit = py.import("numpy")?.getattr("datetime_data")?.call1((&dtype,))?;
            dtype.getattr("type")?.call1((count, unit))
        }
    }
}

/// The scalar of a record: the argument itself if it is the same record, else one that refers to the memory, as the
/// element of an array without axes does.
fn box_record<'py>(py: Python<'py>, record: &RecordType, slots: &[u64]) -> PyResult<Bound<'py, PyAny>> {
    let dtype = Type::record(record.layout.clone());
    let (data, owner) = (slots[0] as *mut u8, slots[1]);
    if owner & 1 != 0 {
        // SAFETY: the owner is a live object, whose class is checked before it is read as a scalar.
        unsafe {
            let base = Bound::from_borrowed_ptr(py, (owner & !1) as *mut PyObject);
            if ffi::PyObject_TypeCheck(base.as_ptr(), numpy().void_type) != 0 {
                let scalar = as_void(base.as_ptr());
                let writable = scalar.flags & flag::WRITEABLE != 0;
                if scalar.data == data && writable != record.readonly && is_dtype(scalar.descr, dtype) {
                    return Ok(base);
                }
            }
        }
    }
    let array = ArrayType { dtype, ndim: 0, layout: Layout::C, readonly: record.readonly, aligned: true };
    box_array(py, array, slots)?.get_item(PyTuple::empty(py))
}

/// NumPy's limit (32 before NumPy 2).
const MAX_RANK: usize = 64;

fn fill_strides(
    extents: &[isize],
    strides: &mut [isize],
    axes: impl Iterator<Item = usize>,
    item_size: isize,
) {
    let mut stride = item_size;
    for axis in axes {
        strides[axis] = stride;
        stride *= extents[axis].max(1);
    }
}

/// Whether the value is exactly what the array object `base` is.
///
/// # Safety
/// `base` is a live object.
unsafe fn is_same_array(
    base: *mut PyObject,
    ty: ArrayType,
    data: *mut u8,
    extents: &[isize],
    strides: &[isize],
) -> bool {
    // SAFETY: the class is checked before the object is read as an array; extents and strides have `nd` elements.
    unsafe {
        if ffi::PyObject_TypeCheck(base, numpy().array_type) == 0 {
            return false;
        }
        let array = as_array(base);
        array.data == data
            && array.nd as usize == extents.len()
            && (array.flags & flag::WRITEABLE == 0 || !ty.readonly)
            && (array.flags & flag::WRITEABLE != 0 || ty.readonly)
            && is_dtype(array.descr, ty.dtype)
            && (0..extents.len()).all(|axis| *array.dimensions.add(axis) == extents[axis])
            && same_strides(array.strides, extents, strides)
    }
}

/// Whether the strides agree wherever they matter: along axes of more than one element.
///
/// # Safety
/// `actual` has as many elements as `strides`.
unsafe fn same_strides(actual: *const isize, extents: &[isize], strides: &[isize]) -> bool {
    if extents.contains(&0) {
        return true;
    }
    // SAFETY: promised by the caller.
    strides
        .iter()
        .enumerate()
        .all(|(axis, stride)| extents[axis] == 1 || unsafe { *actual.add(axis) } == *stride)
}

//! The Rumba type of a Python value.

use crate::buffers::array_of_buffer;
use crate::containers::{type_in_collections, type_of_dict, type_of_frozenset, type_of_list, type_of_set};
use crate::element_types::{Refused, element_type};
use crate::extensions::{extended_object, type_of_instance};
use crate::generators::generator_of;
use crate::int_object::{self, IntValue};
use crate::numpy::{as_array, as_time, as_void, flag, is_array, numpy};
use crate::typed::container_of;
use crate::{c_functions, classes, dataclasses};
use crate::{dispatcher, library_path, objects, random};
use pyo3::ffi::{self, PyTypeObject};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyModule, PyString, PyTuple, PyType};
use rumba_types::{
    ArrayType, ClassRef, DictKind, ExceptionClass, FunctionRef, Layout, Literal, NamedTupleClass, RecordType,
    Type, TypeKind,
};
use std::sync::Arc;

/// Why a value has no type.
#[derive(Debug)]
pub enum Untyped {
    /// An int that fits neither int64 nor uint64; its text.
    Overflow(String),
    /// `what` continues "`x` is"; `note` says what would work.
    Unsupported {
        what: String,
        note: Option<String>,
    },
    Raised(PyErr),
}

impl From<PyErr> for Untyped {
    fn from(error: PyErr) -> Untyped {
        Untyped::Raised(error)
    }
}

impl Untyped {
    pub fn unsupported(what: impl Into<String>, note: impl Into<String>) -> Untyped {
        Untyped::Unsupported { what: what.into(), note: Some(note.into()) }
    }
}

/// The type of the keywords that were given for `**keywords`.
pub fn type_of_keywords(keywords: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    let (mut names, mut types) = (Vec::new(), Vec::new());
    for (name, value) in keywords.cast::<PyDict>().map_err(PyErr::from)?.iter() {
        names.push(name.extract::<String>()?.into());
        types.push(type_of(&value)?);
    }
    Ok(TypeKind::Keywords(names, types).into())
}

/// The type of `value`; ints, floats and NumPy scalars are numbers, not literals.
pub fn type_of(value: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    let class = value.get_type_ptr();
    // SAFETY: comparing addresses of the interpreter's static types; the casts follow the comparisons.
    unsafe {
        if class == &raw mut ffi::PyLong_Type {
            return type_of_int(value);
        }
        if class == &raw mut ffi::PyFloat_Type {
            return Ok(Type::float64());
        }
        if class == numpy().array_type {
            return type_of_array(value);
        }
        if class == &raw mut ffi::PyBool_Type {
            return Ok(Type::bool());
        }
        if class == &raw mut ffi::PyComplex_Type {
            return Ok(Type::complex128());
        }
        if value.is_none() {
            return Ok(Type::none());
        }
        if class == &raw mut ffi::PyTuple_Type {
            return Ok(Type::tuple(element_types(value.cast_unchecked())?));
        }
        if class == &raw mut ffi::PyUnicode_Type {
            return Ok(Type::str());
        }
        if class == &raw mut ffi::PyBytes_Type {
            return Ok(Type::bytes());
        }
        if class == &raw mut ffi::PyList_Type {
            return type_of_list(value.cast_unchecked());
        }
        if class == &raw mut ffi::PyDict_Type {
            return type_of_dict(value.cast_unchecked(), DictKind::Plain);
        }
        if class == &raw mut ffi::PySet_Type {
            return type_of_set(value.cast_unchecked());
        }
        if class == &raw mut ffi::PyFrozenSet_Type {
            return type_of_frozenset(value.cast_unchecked());
        }
        if class == &raw mut ffi::PySlice_Type {
            return type_of_slice(value);
        }
        if class == &raw mut ffi::PyRange_Type {
            return type_of_range(value);
        }
        if value.as_ptr() == ffi::Py_Ellipsis() {
            return Ok(Type::ellipsis());
        }
    }
    if let Some(ty) = numpy().scalar_type(class) {
        return Ok(ty);
    }
    // SAFETY: the object is alive.
    if let Some((ty, _)) = unsafe { as_time(value.as_ptr()) } {
        return Ok(ty);
    }
    if let Some(ty) = dispatcher::type_of_dispatcher(value.as_ptr()) {
        return Ok(ty);
    }
    // SAFETY: only reads the class of the object.
    unsafe {
        // Elements of arrays of text.
        if ffi::PyObject_TypeCheck(value.as_ptr(), numpy().generic_type) != 0 {
            if ffi::PyUnicode_Check(value.as_ptr()) != 0 {
                return Ok(Type::str());
            }
            if ffi::PyBytes_Check(value.as_ptr()) != 0 {
                return Ok(Type::bytes());
            }
        }
    }
    type_of_other(value)
}

fn type_of_int(value: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    // SAFETY: the callers have checked that it is an int.
    match unsafe { int_object::value(value.as_ptr()) } {
        IntValue::Signed(_) => Ok(Type::int64()),
        IntValue::Unsigned(_) => Ok(Type::uint64()),
        IntValue::TooLarge => Err(Untyped::Overflow(short_text(value))),
    }
}

/// `str(value)`, shortened.
pub fn short_text(value: &Bound<'_, PyAny>) -> String {
    // Python refuses to print ints of many thousand digits.
    let text =
        value.str().map_or_else(|_| "an int of thousands of digits".to_owned(), |text| text.to_string());
    if text.chars().count() <= 60 { text } else { text.chars().take(57).chain("...".chars()).collect() }
}

fn element_types(tuple: &Bound<'_, PyTuple>) -> Result<Vec<Type>, Untyped> {
    // Types print and compile in time proportional to their size.
    const MAX_ELEMENTS: usize = 1000;
    if tuple.len() > MAX_ELEMENTS {
        return Err(Untyped::unsupported(
            format!("a tuple of {} elements", tuple.len()),
            format!(
                "tuples of up to {MAX_ELEMENTS} elements are supported; for more use an array: `np.array(t)`"
            ),
        ));
    }
    tuple.iter().enumerate().map(|(idx, element)| nested(&element, || format!("element {idx} is"))).collect()
}

/// The type of a part, with messages that say which part it is.
fn nested(value: &Bound<'_, PyAny>, place: impl Fn() -> String) -> Result<Type, Untyped> {
    type_of(value).map_err(|error| match error {
        Untyped::Unsupported { what, note } => {
            Untyped::Unsupported { what: format!("a tuple whose {} {what}", place()), note }
        }
        other => other,
    })
}

fn type_of_slice(value: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    let mut parts = [Type::none(); 3];
    for (part, name) in parts.iter_mut().zip(["start", "stop", "step"]) {
        let bound = value.getattr(name)?;
        if bound.is_none() {
            continue;
        }
        // SAFETY: the interpreter is attached.
        if unsafe { ffi::PyIndex_Check(bound.as_ptr()) } == 0 {
            return Err(Untyped::unsupported(
                format!("a slice whose {name} is {}", describe_instance(&bound)),
                "slices hold ints and None",
            ));
        }
        *part = Type::int64();
    }
    Ok(TypeKind::Slice(parts).into())
}

fn type_of_range(value: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    for name in ["start", "stop", "step"] {
        let bound = value.getattr(name)?;
        // SAFETY: the attributes of a range are ints.
        if unsafe { int_object::as_i64(bound.as_ptr()) }.is_none() {
            return Err(Untyped::Overflow(short_text(&bound)));
        }
    }
    Ok(TypeKind::Range([Type::int64(); 3]).into())
}

/// The type of an `ndarray` or of an instance of a subclass, from its descriptor and flags.
fn type_of_array(value: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    // SAFETY: the callers have checked that it is an array.
    let array = unsafe { as_array(value.as_ptr()) };
    // SAFETY: an array has a descriptor.
    let dtype = unsafe { Bound::from_borrowed_ptr(value.py(), array.descr.cast()) };
    let dtype = element_type(&dtype)?.map_err(|Refused { what, note }| Untyped::Unsupported {
        what: format!("an array of {what}"),
        note: note.map(str::to_owned),
    })?;
    Ok(TypeKind::Array(ArrayType {
        dtype,
        ndim: u8::try_from(array.nd).expect("NumPy's arrays have at most 64 dimensions"),
        layout: layout_of_flags(array.flags),
        readonly: array.flags & flag::WRITEABLE == 0,
        aligned: array.flags & flag::ALIGNED != 0,
    })
    .into())
}

/// The type of an instance of `numpy.void`.
fn type_of_record(value: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    // SAFETY: the callers have checked the class.
    let (dtype, flags) = unsafe {
        let scalar = as_void(value.as_ptr());
        (Bound::from_borrowed_ptr(value.py(), scalar.descr.cast()), scalar.flags)
    };
    let element = element_type(&dtype)?.map_err(|Refused { what, note }| Untyped::Unsupported {
        what: format!("a scalar of {what}"),
        note: note.map(str::to_owned),
    })?;
    let layout = element.as_record().expect("scalars of this class are of structured dtypes").layout.clone();
    Ok(TypeKind::Record(RecordType { layout, readonly: flags & flag::WRITEABLE == 0 }).into())
}

pub fn layout_of_flags(flags: std::ffi::c_int) -> Layout {
    if flags & flag::C_CONTIGUOUS != 0 {
        Layout::C
    } else if flags & flag::F_CONTIGUOUS != 0 {
        Layout::F
    } else {
        Layout::A
    }
}

fn type_of_other(value: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    let py = value.py();
    if value.is_instance(enum_class(py)?)? {
        return type_of_enum_member(value);
    }
    let class = value.get_type();
    if is_array(value) {
        if is_masked_array(value)? {
            return Err(Untyped::unsupported(
                "a masked array",
                "pass the data and the mask as two arrays: `a.data, np.ma.getmaskarray(a)`",
            ));
        }
        return type_of_array(value);
    }
    // SAFETY: as above.
    if unsafe { ffi::PyObject_TypeCheck(value.as_ptr(), numpy().void_type) != 0 } {
        return type_of_record(value);
    }
    // SAFETY: as above.
    if unsafe { ffi::PyObject_TypeCheck(value.as_ptr(), numpy().generic_type) != 0 } {
        return Err(Untyped::unsupported(
            format!("a NumPy scalar of class {}", class_name(value)),
            "pass a number that is supported: `float(x)`, `int(x)`, or a float64, float32, int64 … scalar",
        ));
    }
    // SAFETY: as above.
    if unsafe { ffi::PyObject_TypeCheck(value.as_ptr(), numpy().descr_type) != 0 } {
        return type_of_dtype(value).map(|ty| TypeKind::DType(ty).into());
    }
    if let Ok(tuple) = value.cast::<PyTuple>() {
        return match named_tuple_class(class.as_any())? {
            Some(class) => Ok(TypeKind::NamedTuple(class, element_types(tuple)?).into()),
            None => Err(Untyped::unsupported(
                format!("an instance of {}, a subclass of tuple", class_name(value)),
                "pass a tuple or a named tuple",
            )),
        };
    }
    if let Ok(class) = value.cast::<PyType>() {
        return type_of_class(class);
    }
    if let Ok(module) = value.cast::<PyModule>() {
        let name = module.name().map_or_else(|_| "module".to_owned(), |name| name.to_string());
        return Ok(TypeKind::Module { object: objects::id_of(value), name: name.into() }.into());
    }
    if let Some(ty) = type_in_collections(value)? {
        return Ok(ty);
    }
    if c_functions::is_library(value) {
        let name = class_name(value).into();
        return Ok(TypeKind::Module { object: objects::id_of(value), name }.into());
    }
    if let Some(ty) = random::type_of(value) {
        return Ok(ty);
    }
    if let Some((ty, _)) = generator_of(value) {
        return Ok(ty);
    }
    if let Some((ty, _)) = container_of(value) {
        return ty.ok_or_else(|| {
            Untyped::unsupported(
                "a container of which it is not known yet what it will hold",
                "make it by `List.empty_list(type)` or `Dict.empty(key_type, value_type)`, or put an item into it before",
            )
        });
    }
    if let Some(ty) = type_of_instance(value)? {
        return Ok(ty);
    }
    if let Some(instance) = classes::as_instance(value) {
        return Ok(Type::instance(instance.class()));
    }
    if let Some(ty) = dataclasses::type_of(value)? {
        return Ok(ty);
    }
    if let Some(ty) = c_functions::type_of(value)? {
        return Ok(ty);
    }
    if let Some(function) = dispatcher::jitable(value) {
        return Ok(TypeKind::Function(FunctionRef::Jitted { object: function.0, name: function.1 }).into());
    }
    // Also where it has a path by now: an intrinsic of ours is registered before its module has it.
    if let Some((object, name)) = extended_object(value) {
        return Ok(TypeKind::Function(FunctionRef::Extended { object, name }).into());
    }
    if let Some(path) = library_path::of(value) {
        return Ok(Type::library_function(&path));
    }
    if let Some(ty) = c_functions::type_of_wrapper(value)? {
        return Ok(ty);
    }
    // SAFETY: the interpreter is attached.
    if unsafe { ffi::PyLong_Check(value.as_ptr()) } != 0 {
        return type_of_int(value);
    }
    if value.is_instance_of::<pyo3::types::PyFloat>() {
        return Ok(Type::float64());
    }
    if value.is_instance_of::<pyo3::types::PyComplex>() {
        return Ok(Type::complex128());
    }
    if let Some(array) = array_of_buffer(value)? {
        return type_of_array(&array);
    }
    Err(unsupported_instance(value))
}

fn unsupported_instance(value: &Bound<'_, PyAny>) -> Untyped {
    let note = if value.is_instance_of::<pyo3::types::PyFunction>() {
        "decorate it with `@rumba.njit`, or mark it with `@rumba.extending.register_jitable`"
    } else {
        "numbers, arrays of numbers, tuples, named tuples, None, enum members and jitted functions are supported"
    };
    Untyped::unsupported(describe_instance(value), note)
}

/// How messages name a value: "a str", "an instance of Foo".
pub fn describe_instance(value: &Bound<'_, PyAny>) -> String {
    let name = class_name(value);
    let class = value.get_type();
    let builtin = class.module().is_ok_and(|module| module.to_string_lossy() == "builtins");
    if value.is_instance_of::<pyo3::types::PyFunction>() {
        let function = value.getattr("__name__").map_or_else(|_| "?".to_owned(), |name| name.to_string());
        return format!("the Python function `{function}`, which is not jitted");
    }
    if builtin {
        let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} {name}")
    } else {
        format!("an instance of {name}")
    }
}

fn class_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().qualname().map_or_else(|_| "an unnamed class".to_owned(), |name| name.to_string())
}

pub fn enum_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "enum", "Enum")
}

pub fn flag_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "enum", "Flag")
}

/// The type of a value that says which value it is, where there is one.
pub fn literal_type_of(value: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(TypeKind::Literal(Literal::Bool(flag.is_true())).into());
    }
    if value.is_instance_of::<pyo3::types::PyInt>() {
        // SAFETY: checked to be an int.
        return match unsafe { int_object::value(value.as_ptr()) } {
            IntValue::Signed(value) => Ok(Type::literal_int(i128::from(value))),
            IntValue::Unsigned(value) => Ok(Type::literal_int(i128::from(value))),
            IntValue::TooLarge => Err(Untyped::Overflow(short_text(value))),
        };
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Type::literal_str(&text.to_string_lossy()));
    }
    match value.cast_exact::<PyTuple>() {
        Ok(elements) => {
            let elements = elements.iter().map(|element| literal_type_of(&element));
            Ok(Type::tuple(elements.collect::<Result<_, _>>()?))
        }
        Err(_) => type_of(value),
    }
}

/// The type of this member and all others of the enum that it is of, if they can be told apart when code runs.
pub fn type_of_members(member: &Bound<'_, PyAny>) -> Result<Option<Type>, Untyped> {
    let mut common = type_of(member)?;
    for other in member.get_type().try_iter()? {
        match rumba_types::join(common, type_of(&other?)?) {
            Some(joined) => common = joined,
            None => return Ok(None),
        }
    }
    Ok(common.members().map(|_| common))
}

fn type_of_enum_member(value: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    let class = value.get_type();
    let inner = value.getattr("value")?;
    let is_int = value.is_instance_of::<pyo3::types::PyInt>() || value.is_instance_of::<PyString>();
    let name = value.getattr("name")?;
    let inner_type = literal_type_of(&inner)?;
    Ok(TypeKind::EnumMember {
        class: objects::id_of(class.as_any()),
        class_name: class.name()?.to_string_lossy().into(),
        member: if name.is_none() { "".into() } else { name.str()?.to_string_lossy().into() },
        value: inner_type,
        is_int,
        is_flag: value.is_instance(flag_class(value.py())?)?,
    }
    .into())
}

fn is_masked_array(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let modules = value.py().import("sys")?.getattr("modules")?;
    let Ok(module) = modules.get_item("numpy.ma") else {
        return Ok(false);
    };
    value.is_instance(&module.getattr("MaskedArray")?)
}

/// The element type that a `numpy.dtype` object stands for.
pub fn type_of_dtype(dtype: &Bound<'_, PyAny>) -> Result<Type, Untyped> {
    element_type(dtype)?.map_err(|_| {
        Untyped::unsupported(
            format!("the dtype {}", short_text(dtype)),
            "bool, int8 … uint64, float32, float64, complex64, complex128, times, and records of these are supported",
        )
    })
}

fn type_of_class(class: &Bound<'_, PyType>) -> Result<Type, Untyped> {
    if let Some(ty) = numpy().scalar_type(class.as_type_ptr()) {
        return Ok(TypeKind::DType(ty).into());
    }
    if let Some(ty) = c_functions::type_of_class(class)? {
        return Ok(TypeKind::DType(ty).into());
    }
    if let Some(class) = exception_class(class)? {
        return Ok(TypeKind::ExceptionClass(class).into());
    }
    if class.is(class.py().None().bind(class.py()).get_type()) {
        return Ok(Type::library_function("types.NoneType"));
    }
    if let Some(path) = library_path::of(class.as_any()) {
        return Ok(Type::library_function(&path));
    }
    if class.is_subclass(enum_class(class.py())?)? {
        let name = class.name()?.to_string_lossy().into();
        return Ok(TypeKind::EnumClass { object: objects::id_of(class.as_any()), name }.into());
    }
    if let Some(class) = named_tuple_class(class.as_any())? {
        return Ok(TypeKind::NamedTupleClass(class).into());
    }
    if let Some((object, name)) = extended_object(class.as_any()) {
        return Ok(TypeKind::Function(FunctionRef::Extended { object, name }).into());
    }
    if let Some(object) = classes::identity(class)? {
        let name = class.name()?.to_string_lossy().into();
        return Ok(TypeKind::Class { object, name }.into());
    }
    let name = class.qualname()?;
    Err(Untyped::unsupported(
        format!("the class {name}"),
        "dataclasses, classes decorated with `@jitclass`, exception classes, enums, named tuples and number types are supported",
    ))
}

/// An exception class, if `class` is one.
pub fn exception_class(class: &Bound<'_, PyType>) -> PyResult<Option<Arc<ExceptionClass>>> {
    // SAFETY: the interpreter's class lives as long as the process.
    let base: *mut PyTypeObject = unsafe { ffi::PyExc_BaseException.cast() };
    // SAFETY: both are type objects.
    if unsafe { ffi::PyType_IsSubtype(class.as_type_ptr(), base) } == 0 {
        return Ok(None);
    }
    let object = objects::id_of(class.as_any());
    let name = class.name()?.to_string_lossy().into();
    Ok(Some(Arc::new(ExceptionClass { object, name, ancestors: classes::ancestors(class) })))
}

/// A named tuple class, if `class` is one: a subclass of tuple whose `_fields` are its elements in order.
pub fn named_tuple_class(class: &Bound<'_, PyAny>) -> PyResult<Option<Arc<NamedTupleClass>>> {
    let Ok(class) = class.cast::<PyType>() else {
        return Ok(None);
    };
    if !class.is_subclass_of::<PyTuple>()? {
        return Ok(None);
    }
    let Ok(fields) = class.getattr("_fields") else {
        return Ok(None);
    };
    let Ok(fields) = fields.extract::<Vec<String>>() else {
        return Ok(None);
    };
    if !class.hasattr("_make")? {
        return Ok(None);
    }
    Ok(Some(Arc::new(NamedTupleClass {
        class: library_path::of(class.as_any())
            .map_or_else(|| ClassRef::Object(objects::id_of(class.as_any())), ClassRef::Path),
        name: class.name()?.to_string_lossy().into(),
        fields: fields.into_iter().map(Into::into).collect(),
    })))
}

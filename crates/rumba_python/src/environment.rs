//! What free names of a function refer to, and what its options and defaults are.
//!
//! The compiler runs without the interpreter lock; each question takes it. An exception that Python code
//! raises while a question is answered is kept and becomes the result of the compilation.

use crate::int_object::{self, IntValue};
use crate::numpy::{as_array, as_time, as_void, is_array, numpy};
use crate::type_objects::TypeObject;
use crate::type_of::{self, Untyped};
use crate::{
    classes, containers, dataclasses, dispatcher, extensions, library_path, objects, random, source,
};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyComplex, PyDict, PyFloat, PyInt, PyModule, PyString, PyTuple, PyType};
use rumba_infer::{
    ArgumentType, ClassKind, Constant, EnumClass, Environment, Extensible, FunctionOptions, FunctionSource,
    Implementation, Interpreted, InterpretedBlock, Member, NotInterpreted, NumberBits, Purpose, Refusal,
};
use rumba_source::Diagnostic;
use rumba_types::{
    ArrayType, ClassField, ClassRef, FunctionRef, InstanceClass, NAT, ObjectId, RecordType, Type, TypeKind,
};
use rustc_hash::FxHashSet;
use std::cell::RefCell;
use std::sync::Arc;

/// The running interpreter.
pub struct PythonEnvironment;

thread_local! {
    static ERROR: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// The first exception that Python code raised during the last compilation of this thread.
pub fn take_error() -> Option<PyErr> {
    ERROR.take()
}

pub fn keep_error(error: PyErr) {
    ERROR.with_borrow_mut(|kept| {
        kept.get_or_insert(error);
    });
}

/// The Python function behind an id: the function itself, or that of a dispatcher.
pub fn function_of<'py>(py: Python<'py>, id: ObjectId) -> Option<Bound<'py, PyAny>> {
    let object = objects::object(py, id)?;
    match dispatcher::state_of(&object) {
        Some(state) => Some(state.py_func.bind(py).clone()),
        None => Some(object),
    }
}

/// Answers a question, or keeps the exception and gives the default answer.
fn ask<T: Default>(question: impl FnOnce(Python<'_>) -> PyResult<T>) -> T {
    Python::attach(|py| {
        question(py).unwrap_or_else(|error| {
            keep_error(error);
            T::default()
        })
    })
}

/// See `Environment::interpreted`.
fn interpreted(
    py: Python<'_>,
    function: ObjectId,
    block: &InterpretedBlock,
) -> PyResult<Result<Interpreted, NotInterpreted>> {
    let Some(function) = function_of(py, function) else {
        return Ok(Err((None, "the function no longer exists".into())));
    };
    let inputs: Vec<&str> = block.inputs.iter().map(|name| &**name).collect();
    let outputs: Vec<&str> = block.outputs.iter().map(|(name, ..)| &**name).collect();
    let module = py.import("rumba.interpreted")?;
    let made = module.getattr("make_function")?.call1((
        &function,
        &*block.text,
        block.first_line,
        inputs,
        outputs,
    ))?;
    let evaluate = module.getattr("evaluate_type")?;
    let mut types = Vec::with_capacity(block.outputs.len());
    for (idx, (_, annotation, _)) in block.outputs.iter().enumerate() {
        match evaluate.call1((&function, &**annotation)).and_then(|ty| Ok(ty.extract::<TypeObject>()?.0)) {
            Ok(ty) => types.push(ty),
            Err(error) => return Ok(Err((Some(idx), error.value(py).to_string()))),
        }
    }
    Ok(Ok((objects::id_of(&made), types)))
}

impl Environment for PythonEnvironment {
    fn resolve_name(&self, function: ObjectId, name: &str) -> Option<Constant> {
        ask(|py| {
            let Some(function) = function_of(py, function) else {
                return Ok(None);
            };
            look_up(&function, name)?.map(|value| constant(&value)).transpose()
        })
    }

    fn resolve_builtin(&self, name: &str) -> Option<Constant> {
        ask(|py| py.import("builtins")?.getattr_opt(name)?.map(|value| constant(&value)).transpose())
    }

    fn resolve_attribute(&self, object: ObjectId, name: &str) -> Option<Constant> {
        ask(|py| {
            let Some(object) = objects::object(py, object) else {
                return Ok(None);
            };
            object.getattr_opt(name)?.map(|value| constant(&value)).transpose()
        })
    }

    fn source(&self, function: ObjectId) -> Result<FunctionSource, Diagnostic> {
        Python::attach(|py| source::of(py, function))
    }

    fn defaults(&self, callee: ObjectId) -> Vec<(Arc<str>, Constant)> {
        ask(|py| match function_of(py, callee) {
            Some(class) if class.is_instance_of::<PyType>() => field_defaults(&class),
            Some(function) => defaults(&function),
            None => Ok(Vec::new()),
        })
    }

    fn enum_class(&self, class: ObjectId) -> Option<EnumClass> {
        ask(|py| objects::object(py, class).map(|class| enum_class(&class)).transpose())
    }

    fn member_attribute(&self, class: ObjectId, member: &str, name: &str) -> Option<Constant> {
        ask(|py| {
            let Some(class) = objects::object(py, class) else { return Ok(None) };
            let Some(member) = class.getattr_opt(member)? else { return Ok(None) };
            member.getattr_opt(name)?.map(|value| constant(&value)).transpose()
        })
    }

    fn enum_member(&self, class: ObjectId, value: i128) -> Option<Constant> {
        member_of(class, value, |member| Ok(member.clone()))
    }

    fn inverted_member(&self, class: ObjectId, value: i128) -> Option<Constant> {
        member_of(class, value, |member| member.bitnot())
    }

    fn options(&self, function: ObjectId) -> FunctionOptions {
        ask(|py| {
            let object = objects::object(py, function);
            let state = object.as_ref().and_then(dispatcher::state_of);
            Ok(match state {
                Some(state) => state.options.clone(),
                None => dispatcher::jitable_options(function).unwrap_or_default(),
            })
        })
    }

    fn interpreted(
        &self,
        function: ObjectId,
        block: &InterpretedBlock,
    ) -> Result<Interpreted, NotInterpreted> {
        Python::attach(|py| {
            interpreted(py, function, block).unwrap_or_else(|error| Err((None, error.to_string())))
        })
    }

    fn interpreter_function(&self, name: &str) -> Option<ObjectId> {
        ask(|py| Ok(Some(objects::id_of(&py.import("rumba.interpreted")?.getattr(name)?))))
    }

    fn class(&self, class: ObjectId) -> Option<ClassKind> {
        ask(|py| match objects::object(py, class) {
            Some(class) => classes::kind_of(&class),
            None => Ok(None),
        })
    }

    fn struct_class(&self, class: ObjectId, fields: &[ClassField]) -> Option<&'static InstanceClass> {
        ask(|py| match objects::object(py, class) {
            Some(class) => classes::struct_class(&class, fields).map(Some),
            None => Ok(None),
        })
    }

    fn is_subclass(&self, class: &ClassRef, of: &ClassRef) -> Option<bool> {
        ask(|py| {
            let find = |class: &ClassRef| match class {
                ClassRef::Object(id) => objects::object(py, *id),
                ClassRef::Path(path) => library_path::resolve(py, path).ok(),
            };
            let (Some(class), Some(of)) = (find(class), find(of)) else { return Ok(None) };
            match (class.cast::<PyType>(), of.cast::<PyType>()) {
                (Ok(class), Ok(of)) => class.is_subclass(of).map(Some),
                _ => Ok(None),
            }
        })
    }

    fn member(&self, class: ObjectId, name: &str) -> Option<Member> {
        ask(|py| match objects::object(py, class) {
            Some(class) => classes::member(&class, name),
            None => Ok(None),
        })
    }

    fn super_member(&self, function: ObjectId, class: ObjectId, name: &str) -> Option<Member> {
        ask(|py| match (function_of(py, function), objects::object(py, class)) {
            (Some(function), Some(class)) => classes::super_member(&function, &class, name),
            _ => Ok(None),
        })
    }

    fn define(&self, class: &'static InstanceClass) {
        ask(|py| classes::define(py, class));
    }

    fn is_frozen(&self, class: ObjectId) -> bool {
        ask(|py| match objects::object(py, class) {
            Some(class) => dataclasses::is_frozen(&class),
            None => Ok(false),
        })
    }

    fn data_fields(&self, class: ObjectId, purpose: Purpose) -> Vec<Arc<str>> {
        ask(|py| match objects::object(py, class) {
            Some(class) => dataclasses::fields_for(&class, purpose),
            None => Ok(Vec::new()),
        })
    }

    fn extended(&self) -> Arc<FxHashSet<Extensible>> {
        extensions::extended()
    }

    fn is_prelude(&self, path: &str) -> bool {
        extensions::is_prelude(path)
    }

    fn is_implemented(&self, path: &str) -> bool {
        extensions::is_implemented(path)
    }

    fn has_method(&self, receiver: Type, name: &Arc<str>) -> bool {
        ask(|py| extensions::has_method(py, receiver, name))
    }

    fn implementation(
        &self,
        what: &Extensible,
        args: &[ArgumentType],
    ) -> Result<Option<Implementation>, Refusal> {
        Python::attach(|py| extensions::implementation(py, what, args))
    }
}

/// The value of a free name: closure cell, global, builtin.
pub fn look_up<'py>(function: &Bound<'py, PyAny>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let free_names: Vec<String> = function.getattr("__code__")?.getattr("co_freevars")?.extract()?;
    if let Some(idx) = free_names.iter().position(|free| free == name) {
        let cell = function.getattr("__closure__")?.get_item(idx)?;
        // An empty cell raises ValueError: the name is not bound yet.
        return Ok(cell.getattr("cell_contents").ok());
    }
    let globals = function.getattr("__globals__")?.cast_into::<PyDict>()?;
    if let Some(value) = globals.get_item(name)? {
        return Ok(Some(value));
    }
    function.getattr("__builtins__")?.cast::<PyDict>()?.get_item(name)
}

fn defaults(function: &Bound<'_, PyAny>) -> PyResult<Vec<(Arc<str>, Constant)>> {
    let code = function.getattr("__code__")?;
    let names: Vec<String> = code.getattr("co_varnames")?.extract()?;
    let n_positional: usize = code.getattr("co_argcount")?.extract()?;
    let mut defaults = Vec::new();
    if let Ok(values) = function.getattr("__defaults__")?.cast::<PyTuple>() {
        let first = n_positional - values.len().min(n_positional);
        for (name, value) in names[first..n_positional].iter().zip(values.iter()) {
            defaults.push((name.as_str().into(), constant(&value)?));
        }
    }
    if let Ok(values) = function.getattr("__kwdefaults__")?.cast::<PyDict>() {
        for (name, value) in values.iter() {
            defaults.push((name.cast::<PyString>()?.to_string_lossy().into(), constant(&value)?));
        }
    }
    Ok(defaults)
}

/// What `part` gives for the member of a value, if that is a member of the class.
fn member_of(
    class: ObjectId,
    value: i128,
    part: impl for<'py> Fn(&Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>,
) -> Option<Constant> {
    ask(|py| {
        let Some(class) = objects::object(py, class) else { return Ok(None) };
        match class.call1((value,)).and_then(|member| part(&member)) {
            Ok(member) if member.is_instance(&class)? => constant(&member).map(Some),
            // Of a class whose combinations may be plain ints.
            Ok(_) => Ok(None),
            Err(error) if error.is_instance_of::<pyo3::exceptions::PyValueError>(py) => Ok(None),
            Err(error) => Err(error),
        }
    })
}

fn enum_class(class: &Bound<'_, PyAny>) -> PyResult<EnumClass> {
    let py = class.py();
    let is_flag = class.cast::<PyType>()?.is_subclass(type_of::flag_class(py)?)?;
    let base = if is_flag { type_of::flag_class(py)? } else { type_of::enum_class(py)? };
    let members = class.try_iter()?.collect::<PyResult<Vec<_>>>()?;
    let mut flags = 0;
    let mut names = Vec::new();
    for item in class.getattr("__members__")?.call_method0("items")?.try_iter()? {
        let (name, member): (String, Bound<'_, PyAny>) = item?.extract()?;
        if is_flag {
            flags |= member.getattr("value")?.extract::<i128>()?;
        }
        names.push((name.into(), constant(&member)?));
    }
    let takes_unknown_bits = is_flag
        && !class
            .getattr("_boundary_")?
            .is(&py.import("enum")?.getattr("FlagBoundary")?.getattr("STRICT")?);
    let missing = [class, base.as_any()].map(|class| class.getattr("_missing_")?.getattr("__func__"));
    let [own, inherited] = missing;
    Ok(EnumClass {
        name: class.getattr("__qualname__")?.extract()?,
        members: members.iter().map(constant).collect::<PyResult<_>>()?,
        names,
        flags: is_flag.then_some(flags),
        has_missing: takes_unknown_bits || !own?.is(&inherited?),
    })
}

/// The defaults of a class of named tuples.
fn field_defaults(class: &Bound<'_, PyAny>) -> PyResult<Vec<(Arc<str>, Constant)>> {
    let defaults = class.getattr_opt(pyo3::intern!(class.py(), "_field_defaults"))?;
    let Some(Ok(defaults)) = defaults.map(|defaults| defaults.cast_into::<PyDict>()) else {
        return Ok(Vec::new());
    };
    let named = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        Ok((name.str()?.to_string_lossy().into(), constant(&value)?))
    };
    defaults.iter().map(named).collect()
}

/// The constant that a Python object is to compiled code.
pub fn constant(value: &Bound<'_, PyAny>) -> PyResult<Constant> {
    if value.is_none() {
        return Ok(Constant::None);
    }
    if let Ok(flag) = value.cast_exact::<PyBool>() {
        return Ok(Constant::Bool(flag.is_true()));
    }
    if value.is_exact_instance_of::<PyInt>() {
        return Ok(int_constant(value));
    }
    if let Ok(float) = value.cast_exact::<PyFloat>() {
        return Ok(Constant::Float(float.value()));
    }
    if let Ok(complex) = value.cast_exact::<PyComplex>() {
        return Ok(Constant::Complex(complex.real(), complex.imag()));
    }
    if let Ok(text) = value.cast_exact::<PyString>() {
        return Ok(match text.to_str() {
            Ok(text) => Constant::Str(text.into()),
            Err(_) => {
                Constant::Unsupported { description: "a str with lone surrogates".to_owned(), note: None }
            }
        });
    }
    if let Ok(bytes) = value.cast_exact::<PyBytes>() {
        return Ok(Constant::Bytes(bytes.as_bytes().into()));
    }
    // SAFETY: compares with the interpreter's object.
    if value.as_ptr() == unsafe { ffi::Py_Ellipsis() } {
        return Ok(Constant::Ellipsis);
    }
    // SAFETY: as above.
    if value.as_ptr() == unsafe { ffi::Py_NotImplemented() } {
        return Ok(Constant::NotImplemented);
    }
    if let Some((object, name)) = dispatcher::jitable(value) {
        return Ok(Constant::Jitted { object, name });
    }
    if let Ok(module) = value.cast::<PyModule>() {
        return Ok(Constant::Module {
            object: objects::id_of(value),
            name: module.name()?.to_string_lossy().into(),
        });
    }
    if let Ok(ty) = value.cast::<TypeObject>() {
        return Ok(Constant::DType(ty.get().0));
    }
    if let Ok(ty) = value.extract::<TypeObject>() {
        return Ok(Constant::DType(ty.0));
    }
    if let Some(ty) = numpy().scalar_type(value.get_type_ptr()) {
        // SAFETY: the class is the scalar class of `ty`.
        let [first, second] = unsafe { numpy().scalar_slots(ty, value.as_ptr()) };
        return Ok(Constant::Scalar(ty, number_bits(ty, first, second)));
    }
    match type_of::type_of(value) {
        Ok(ty) => constant_of_type(value, ty),
        Err(Untyped::Raised(error)) => Err(error),
        Err(Untyped::Overflow(_)) => Ok(Constant::Int(None)),
        Err(Untyped::Unsupported { what, note }) => {
            // What has no type as an argument may be a constant, such as text.
            if let Some(path) = standard_stream(value)? {
                return Ok(Constant::Library(path.into()));
            }
            if let Some(classes) = classes_of_union(value)? {
                return Ok(Constant::Tuple(elements(&classes)?));
            }
            if let Some(namespace) = namespace(value)? {
                return Ok(namespace);
            }
            if value.is_exact_instance_of::<PyTuple>() {
                let elements = elements(value)?;
                if !elements.iter().any(|element| matches!(element, Constant::Unsupported { .. })) {
                    return Ok(Constant::Tuple(elements));
                }
            }
            Ok(Constant::Unsupported { description: what, note })
        }
    }
}

/// What is only read from: a class that Python code defines, or a `types.SimpleNamespace`. As arguments they are refused,
/// because what is in them is a constant of the compiled code, and may be another at the next call.
fn namespace(value: &Bound<'_, PyAny>) -> PyResult<Option<Constant>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = value.py();
    if value.is_instance(CLASS.import(py, "types", "SimpleNamespace")?)? {
        return Ok(Some(Constant::Module { object: objects::id_of(value), name: "".into() }));
    }
    // What knows the type of the instances of a jitclass: `Node.class_type.instance_type`.
    let class = value.get_type();
    if class.name()? == "ClassType" && class.module()? == "rumba.classes" {
        return Ok(Some(Constant::Module { object: objects::id_of(value), name: "".into() }));
    }
    let Ok(class) = value.cast::<PyType>() else { return Ok(None) };
    // SAFETY: reads the flags of a class that is alive.
    let is_of_python = unsafe { ffi::PyType_HasFeature(class.as_type_ptr(), ffi::Py_TPFLAGS_HEAPTYPE) } != 0;
    if !is_of_python {
        return Ok(None);
    }
    let name = class.name()?.to_string_lossy().into();
    Ok(Some(Constant::Class { object: objects::id_of(value), name }))
}

/// The path of `sys.stdout` or `sys.stderr`, if the value is what it refers to at present.
fn standard_stream(value: &Bound<'_, PyAny>) -> PyResult<Option<&'static str>> {
    let sys = value.py().import("sys")?;
    for (path, name) in [("sys.stdout", "stdout"), ("sys.stderr", "stderr")] {
        if sys.getattr_opt(name)?.is_some_and(|stream| stream.is(value)) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// The classes of `int | float`, and of what `typing` writes instead.
fn classes_of_union<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let class = value.get_type();
    let (module, name) = (class.module()?, class.name()?);
    let is_union = matches!(
        (&*module.to_string_lossy(), &*name.to_string_lossy()),
        ("types", "UnionType") | ("typing", "Union" | "_UnionGenericAlias")
    );
    Ok(if is_union { Some(value.getattr("__args__")?) } else { None })
}

fn int_constant(value: &Bound<'_, PyAny>) -> Constant {
    // SAFETY: the callers have checked that it is an int.
    Constant::Int(match unsafe { int_object::value(value.as_ptr()) } {
        IntValue::Signed(value) => Some(i128::from(value)),
        IntValue::Unsigned(value) => Some(i128::from(value)),
        IntValue::TooLarge => None,
    })
}

fn number_bits(ty: Type, first: u64, second: u64) -> NumberBits {
    use crate::box_value::{bool_of_slot, float_of_slot, int_of_slot};
    match ty.kind() {
        TypeKind::Float(kind) => NumberBits::Float(float_of_slot(first, *kind)),
        TypeKind::Complex(kind) => {
            NumberBits::Complex(float_of_slot(first, *kind), float_of_slot(second, *kind))
        }
        TypeKind::Int(kind) => NumberBits::Int(int_of_slot(first, *kind) as i64),
        _ => NumberBits::Int(i64::from(bool_of_slot(first))),
    }
}

/// The constant of a value that has a type and is none of the simple ones.
fn constant_of_type(value: &Bound<'_, PyAny>, ty: Type) -> PyResult<Constant> {
    Ok(match ty.kind() {
        TypeKind::Tuple(_) => Constant::Tuple(elements(value)?),
        TypeKind::NamedTuple(class, _) => Constant::NamedTuple(class.clone(), elements(value)?),
        // Other memory could not change its size any more.
        TypeKind::Array(_) if !is_array(value) => Constant::Unsupported {
            description: type_of::describe_instance(value),
            note: Some("pass it as an argument".to_owned()),
        },
        TypeKind::Array(array) => array_constant(value, *array),
        TypeKind::DateTime(_) | TypeKind::TimeDelta(_) => {
            // SAFETY: the object is alive.
            let count = unsafe { as_time(value.as_ptr()) }.map_or(NAT, |(_, count)| count);
            Constant::Time { ty, count }
        }
        TypeKind::Record(record) => {
            objects::id_of(value);
            // SAFETY: only scalars of this class have record types.
            let data = unsafe { as_void(value.as_ptr()) }.data as u64;
            let ty = TypeKind::Record(RecordType { layout: record.layout.clone(), readonly: true }).into();
            Constant::Record { ty, data }
        }
        TypeKind::Generator | TypeKind::BitGenerator => {
            // Kept alive by the table of objects.
            objects::id_of(value);
            Constant::RandomObject {
                ty,
                bits: random::bits_of(value, ty)? as u64,
                owner: value.as_ptr() as u64 | 1,
            }
        }
        TypeKind::List(_) | TypeKind::Deque(_) | TypeKind::Set(..) | TypeKind::Dict(..) => {
            Constant::Container { ty: ty.as_constant(), address: containers::keep(value, ty)? }
        }
        TypeKind::Instance(class) if class.is_shared => {
            // Kept alive by the table of objects.
            objects::id_of(value);
            // SAFETY: only objects of shared classes have such types.
            Constant::Instance { ty, address: unsafe { classes::lend(value.as_ptr()) } }
        }
        TypeKind::DType(ty) => Constant::DType(*ty),
        TypeKind::ExceptionClass(class) => Constant::ExceptionClass(class.clone()),
        TypeKind::NamedTupleClass(class) => Constant::NamedTupleClass(class.clone()),
        TypeKind::Class { object, name } => Constant::Class { object: *object, name: name.clone() },
        TypeKind::EnumClass { object, name } => Constant::EnumClass { object: *object, name: name.clone() },
        TypeKind::EnumMember { class, class_name, member, is_int, is_flag, .. } => Constant::EnumMember {
            class: *class,
            class_name: class_name.clone(),
            member: member.clone(),
            value: Box::new(constant(&value.getattr("value")?)?),
            is_int: *is_int,
            is_flag: *is_flag,
        },
        TypeKind::Function(FunctionRef::Library(path)) => Constant::Library(path.clone()),
        TypeKind::Function(FunctionRef::C(_)) => Constant::CFunction(ty),
        TypeKind::Module { object, name } => Constant::Module { object: *object, name: name.clone() },
        TypeKind::Function(FunctionRef::Extended { object, name }) => {
            Constant::Extended { object: *object, name: name.clone() }
        }
        TypeKind::Int(_) => int_constant(value),
        TypeKind::Float(_) => Constant::Float(value.extract()?),
        TypeKind::Complex(_) => {
            let value = value.cast::<PyComplex>()?;
            Constant::Complex(value.real(), value.imag())
        }
        _ => Constant::Unsupported { description: type_of::describe_instance(value), note: None },
    })
}

fn elements(tuple: &Bound<'_, PyAny>) -> PyResult<Vec<Constant>> {
    tuple.cast::<PyTuple>()?.iter().map(|element| constant(&element)).collect()
}

/// An array that compiled code reads where it is; the table of objects keeps it alive.
fn array_constant(value: &Bound<'_, PyAny>, array: ArrayType) -> Constant {
    objects::id_of(value);
    // SAFETY: only arrays have array types; NumPy's arrays have `nd` extents and strides.
    let (data, extents, strides) = unsafe {
        let object = as_array(value.as_ptr());
        let n_axes = object.nd as usize;
        let read = |first: *const isize| (0..n_axes).map(|axis| *first.add(axis) as i64).collect::<Vec<_>>();
        (object.data as u64, read(object.dimensions), read(object.strides))
    };
    let ty = TypeKind::Array(ArrayType { readonly: true, ..array }).into();
    Constant::Array { ty, data, extents, strides }
}

//! Functions that C code calls, `@cfunc`, and functions of C that compiled code calls.

use crate::dispatcher_functions::{params_of, state};
use crate::type_objects::TypeObject;
use crate::type_of::Untyped;
use crate::{gate, objects, raise, thread};
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;
use rumba_driver::{CHooks, Request};
use rumba_runtime::context::ExecutionContext;
use rumba_types::{CFunctionType, FunctionRef, ObjectId, Type, TypeKind};

/// Compiled for C code, as long as the process lives.
#[pyclass(subclass, frozen, module = "rumba._core", dict)]
pub struct CFunction {
    /// What compiled code calls.
    #[pyo3(get)]
    pub dispatcher: Py<PyAny>,
    /// Where the machine code is.
    #[pyo3(get)]
    address: usize,
    /// The symbol of the machine code.
    #[pyo3(get)]
    native_name: String,
}

#[pymethods]
impl CFunction {
    #[new]
    fn new(dispatcher: &Bound<'_, PyAny>, args: Vec<TypeObject>, result: TypeObject) -> PyResult<CFunction> {
        let state = state(dispatcher)?;
        let params = params_of(state, args)?;
        let result = result.0;
        let foreign = params.iter().copied().find(|ty| !is_of_c(*ty));
        let foreign = foreign.or_else(|| Some(result).filter(|ty| !ty.is_none() && !is_of_c(*ty)));
        if let Some(ty) = foreign {
            return Err(PyTypeError::new_err(format!(
                "cfunc: C has no type {ty}; `{}` can take and return numbers that are not complex, bool and `types.CPointer(...)`",
                state.name
            )));
        }
        let id = state.id();
        let hooks = CHooks {
            enter: enter as *const () as u64,
            failed: failed as *const () as u64,
            function: u64::from(id.0),
        };
        let request = Request { function: id, params, result: Some(result), c_hooks: Some(hooks) };
        let compiled = gate::compile(dispatcher.py(), &state.name, &request, &[], || None, Ok)?;
        let address =
            compiled.c_function.ok_or_else(|| PyRuntimeError::new_err("cfunc: no code was made"))?;
        Ok(CFunction {
            dispatcher: dispatcher.clone().unbind(),
            address,
            native_name: rumba_driver::c_symbol(compiled.instance),
        })
    }
}

/// Whether C passes values of this type as Rumba has them: one machine scalar.
fn is_of_c(ty: Type) -> bool {
    ty.is_bool() || ty.is_int() || ty.is_float() || matches!(ty.kind(), TypeKind::CPointer(_))
}

/// The type of addresses of values of a type; of none, `void *`.
#[pyfunction]
pub fn c_pointer_type(to: TypeObject) -> PyResult<TypeObject> {
    if !to.0.is_none() && !to.0.is_element() {
        return Err(PyTypeError::new_err(format!("a pointer to {}: C has no such values", to.0)));
    }
    Ok(TypeObject(TypeKind::CPointer(to.0).into()))
}

extern "C" fn enter() -> *mut ExecutionContext {
    thread::context()
}

/// C code has no way to hear of an exception: it is told to whoever looks (`sys.unraisablehook`), and the result is zero.
extern "C" fn failed(ctx: *mut ExecutionContext, function: u64) {
    Python::attach(|py| {
        let object = u32::try_from(function).ok().and_then(|id| objects::object(py, ObjectId(id)));
        // SAFETY: `ctx` is this thread's context, in which code that has just returned left an exception; the object is
        // alive, or null as the interpreter allows.
        unsafe {
            raise::raise_pending(ctx);
            ffi::PyErr_WriteUnraisable(object.map_or(std::ptr::null_mut(), |object| object.as_ptr()));
        }
    });
}

/// The type of a function or pointer of ctypes or cffi; none for other objects. That of a function names its address.
pub fn type_of(value: &Bound<'_, PyAny>) -> Result<Option<Type>, Untyped> {
    let py = value.py();
    if !is_imported(py, "_ctypes")? && !is_imported(py, "_cffi_backend")? {
        return Ok(None); // What was not imported made no values.
    }
    let described = py.import("rumba.foreign")?.getattr("describe")?.call1((value,))?;
    if described.is_none() {
        return Ok(None);
    }
    type_described(value, &described)
}

/// The type of an object that says where its machine code is: `WrapperAddressProtocol`.
pub fn type_of_wrapper(value: &Bound<'_, PyAny>) -> Result<Option<Type>, Untyped> {
    if !value.hasattr("__wrapper_address__")? || value.is_instance_of::<PyType>() {
        return Ok(None);
    }
    let described = value.py().import("rumba.foreign")?.getattr("describe_wrapper")?.call1((value,))?;
    type_described(value, &described)
}

fn type_described(value: &Bound<'_, PyAny>, described: &Bound<'_, PyAny>) -> Result<Option<Type>, Untyped> {
    if let Ok(path) = described.extract::<String>() {
        return Ok(Some(Type::library_function(&path)));
    }
    if let Ok(pointer) = described.extract::<TypeObject>() {
        return Ok(Some(pointer.0));
    }
    if let Ok((what, note)) = described.extract::<(String, String)>() {
        return Err(Untyped::unsupported(what, note));
    }
    let (name, address, params, result): (String, u64, Vec<TypeObject>, TypeObject) = described.extract()?;
    // The address is good as long as the library is there, which the function keeps.
    objects::id_of(value);
    let params = params.into_iter().map(|ty| ty.0).collect();
    let function = CFunctionType { name: name.into(), address, params, result: result.0 };
    Ok(Some(TypeKind::Function(FunctionRef::C(function.into())).into()))
}

/// The type that a class of ctypes says: of numbers and pointers.
pub fn type_of_class(class: &Bound<'_, PyType>) -> PyResult<Option<Type>> {
    let py = class.py();
    if !is_imported(py, "_ctypes")? {
        return Ok(None);
    }
    let described = py.import("rumba.foreign")?.getattr("describe_class")?.call1((class,))?;
    if described.is_none() { Ok(None) } else { Ok(Some(described.extract::<TypeObject>()?.0)) }
}

/// The address that a pointer of ctypes or cffi has.
pub fn address_of(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    value.py().import("rumba.foreign")?.getattr("address_of")?.call1((value,))?.extract()
}

/// Whether the object is a library of C code, or what else has functions of C for attributes.
pub fn is_library(value: &Bound<'_, PyAny>) -> bool {
    let class = value.get_type();
    let (Ok(module), Ok(name)) = (class.module(), class.name()) else { return false };
    match &*module.to_string_lossy() {
        "ctypes" => name == "CDLL",
        "_cffi_backend" => name == "Lib" || name == "FFI",
        // Each library has a class of its own.
        "cffi.api" => name == "FFI" || name.to_string_lossy().starts_with("FFILibrary"),
        _ => false,
    }
}

fn is_imported(py: Python<'_>, module: &str) -> PyResult<bool> {
    py.import("sys")?.getattr("modules")?.contains(module)
}

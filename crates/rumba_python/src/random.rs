//! NumPy's random generators: which objects are some, the bits that they draw from, and how new ones are made.

use pyo3::exceptions::PyTypeError;
use pyo3::ffi::{self, PyObject, PyTypeObject};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyString, PyType};
use rumba_runtime::host::{NewRandom, RandomObject, Seed};
use rumba_types::{Type, TypeKind};
use std::ffi::{CStr, c_void};

const CAPSULE_NAME: &CStr = c"BitGenerator";

/// A class of NumPy's, once its module is loaded: before that, no object can be an instance.
fn loaded_class<'py>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<PyType>>,
    module: &str,
    name: &str,
) -> Option<&'py Bound<'py, PyType>> {
    if cell.get(py).is_none() {
        let module = py.import("sys").ok()?.getattr("modules").ok()?.get_item(module).ok()?;
        let class = module.getattr(name).ok()?.cast_into::<PyType>().ok()?;
        let _ = cell.set(py, class.unbind());
    }
    cell.get(py).map(|class| class.bind(py))
}

fn generator_class(py: Python<'_>) -> Option<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    loaded_class(py, &CLASS, "numpy.random._generator", "Generator")
}

fn bit_generator_class(py: Python<'_>) -> Option<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    loaded_class(py, &CLASS, "numpy.random.bit_generator", "BitGenerator")
}

/// The type of a generator or bit generator; none for other objects. Subclasses of `Generator` may draw differently.
pub fn type_of(value: &Bound<'_, PyAny>) -> Option<Type> {
    let py = value.py();
    if generator_class(py).is_some_and(|class| value.get_type().is(class)) {
        return Some(Type::generator());
    }
    let is_bits = bit_generator_class(py).is_some_and(|class| value.is_instance(class).unwrap_or(false));
    is_bits.then(Type::bit_generator)
}

/// Whether the class of an object is `np.random.Generator`.
///
/// # Safety
/// The interpreter is attached.
pub unsafe fn is_generator_class(class: *mut PyTypeObject) -> bool {
    // SAFETY: promised by the caller.
    let py = unsafe { Python::assume_attached() };
    generator_class(py).is_some_and(|generator| generator.as_type_ptr() == class)
}

/// The `bitgen_t` of an object of this type. It lives as long as the object.
pub fn bits_of(value: &Bound<'_, PyAny>, ty: Type) -> PyResult<usize> {
    let py = value.py();
    let bit_generator = match ty.kind() {
        TypeKind::Generator => value.getattr(pyo3::intern!(py, "bit_generator"))?,
        _ => value.clone(),
    };
    let capsule = bit_generator.getattr(pyo3::intern!(py, "capsule"))?;
    // SAFETY: the interpreter is attached; what is no capsule of this name gives an exception and null.
    let bits = unsafe { ffi::PyCapsule_GetPointer(capsule.as_ptr(), CAPSULE_NAME.as_ptr()) };
    if bits.is_null() { Err(PyErr::fetch(py)) } else { Ok(bits as usize) }
}

/// As [`bits_of`] a generator, of an object that may be any; none if it is not one.
///
/// # Safety
/// The interpreter is attached, and `value` is a live object whose class is `np.random.Generator`.
pub unsafe fn generator_bits(value: *mut PyObject) -> Option<usize> {
    // SAFETY: promised by the caller.
    let value = unsafe { Bound::from_borrowed_ptr(Python::assume_attached(), value) };
    bits_of(&value, Type::generator()).ok()
}

/// Makes what compiled code asks for.
pub fn make(py: Python<'_>, what: NewRandom<'_>) -> PyResult<RandomObject> {
    let module = py.import("numpy.random")?;
    let (made, ty) = match what {
        NewRandom::Of { bit_generator } => {
            // SAFETY: compiled code keeps the bit generator alive.
            let bits = unsafe { Bound::from_borrowed_ptr(py, bit_generator as *mut PyObject) };
            (module.getattr("Generator")?.call1((bits,))?, Type::generator())
        }
        NewRandom::BitsOf { generator } => {
            // SAFETY: compiled code keeps the generator alive.
            let generator = unsafe { Bound::from_borrowed_ptr(py, generator as *mut PyObject) };
            (generator.getattr(pyo3::intern!(py, "bit_generator"))?, Type::bit_generator())
        }
        NewRandom::Spawned { generator } => {
            // SAFETY: compiled code keeps the generator alive.
            let generator = unsafe { Bound::from_borrowed_ptr(py, generator as *mut PyObject) };
            let children = generator.call_method1(pyo3::intern!(py, "spawn"), (1,))?;
            (children.get_item(0)?, Type::generator())
        }
        NewRandom::Seeded { class, seed } => {
            let seed = match seed {
                Seed::None => py.None().into_bound(py),
                Seed::Int(seed) => seed.into_pyobject(py)?.into_any(),
                Seed::Ints(seeds) => PyList::new(py, seeds)?.into_any(),
            };
            let ty = if class == "default_rng" { Type::generator() } else { Type::bit_generator() };
            (module.getattr(class)?.call1((seed,))?, ty)
        }
    };
    let bits = bits_of(&made, ty)?;
    Ok(RandomObject { bits, object: made.into_ptr() as usize })
}

/// The addresses of functions that NumPy's module of distributions exports; 0 for those that it does not.
pub fn exported(py: Python<'_>, names: &[&CStr]) -> PyResult<Vec<usize>> {
    let module = py.import("numpy.random._generator")?;
    let path: Bound<'_, PyString> = module.getattr("__file__")?.cast_into()?;
    let path = std::ffi::CString::new(path.to_str()?)
        .map_err(|_| PyTypeError::new_err("the path of NumPy's module holds a zero byte"))?;
    // SAFETY: the path ends in a zero byte. The library is loaded already, by the import, and stays loaded: its handle is
    // not closed.
    unsafe {
        let library: *mut c_void = libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_NOLOAD);
        if library.is_null() {
            return Ok(Vec::new());
        }
        Ok(names.iter().map(|name| libc::dlsym(library, name.as_ptr()) as usize).collect())
    }
}

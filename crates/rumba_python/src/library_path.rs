//! Names functions and classes of Python, its standard library and NumPy by their canonical dotted path.
//!
//! An object has a path only if the path leads back to the very object, so that neither a monkey-patched
//! module nor a look-alike is mistaken for the original.

use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};
use std::sync::Arc;

/// Modules whose functions the library may declare. Those of NumPy and Rumba count with all below them.
const MODULES: &[&str] = &[
    "builtins",
    "math",
    "cmath",
    "operator",
    "bisect",
    "collections",
    "contextlib",
    "copy",
    "ctypes",
    "dataclasses",
    "functools",
    "heapq",
    "itertools",
    "random",
    "statistics",
    "struct",
    "time",
    "numpy",
    "rumba",
    "types",
];

/// Objects without names that the library declares.
const NAMELESS: &[&str] =
    &["numpy.mgrid", "numpy.ogrid", "numpy.r_", "numpy.c_", "numpy.s_", "numpy.index_exp"];

/// The path of an object, if it belongs to one of [`MODULES`].
pub fn of(object: &Bound<'_, PyAny>) -> Option<Arc<str>> {
    let py = object.py();
    let Some(name) = text_attribute(object, "__qualname__").or_else(|| text_attribute(object, "__name__"))
    else {
        let is_it = |path: &&&str| resolve(py, path).is_ok_and(|found| found.is(object));
        return NAMELESS.iter().find(is_it).map(|path| (*path).into());
    };
    let module = text_attribute(object, "__module__");
    // C modules hide behind public ones: `_operator`, `_functools`.
    let module = module.as_deref().map(|module| module.trim_start_matches('_'));
    let plain = text_attribute(object, "__name__").unwrap_or_else(|| name.clone());
    let mut candidates = Vec::new();
    if let Some(module) = module
        && MODULES.contains(&module.split('.').next().unwrap_or(module))
    {
        candidates.push(format!("{module}.{name}"));
    }
    if object.hasattr("__self__").unwrap_or(false) {
        // `np.random.normal` and `random.gauss` are methods of hidden generators.
        candidates.push(format!("numpy.random.{plain}"));
        candidates.push(format!("random.{plain}"));
    }
    if !object.is_instance_of::<PyType>() {
        // Ufuncs do not always say where they are from.
        candidates.push(format!("numpy.{plain}"));
    }
    candidates
        .into_iter()
        .find(|path| resolve(py, path).is_ok_and(|found| is_same(&found, object)))
        .map(|path| public(&path).into())
}

fn is_same(found: &Bound<'_, PyAny>, object: &Bound<'_, PyAny>) -> bool {
    // Bound methods of one object are made anew at each look-up, and compare equal.
    found.is(object) || (object.hasattr("__self__").unwrap_or(false) && found.eq(object).unwrap_or(false))
}

/// Python's own name of a path that NumPy spells with a private module.
fn public(path: &str) -> String {
    if let Some((_, name)) = path.strip_prefix("numpy.random.").and_then(|rest| rest.split_once('.')) {
        return format!("numpy.random.{name}");
    }
    path.replace("numpy._core.", "numpy.").replace("numpy.core.", "numpy.")
}

fn text_attribute(object: &Bound<'_, PyAny>, name: &str) -> Option<String> {
    let value = object.getattr_opt(name).ok()??;
    Some(value.cast::<PyString>().ok()?.to_string_lossy().into_owned())
}

/// The object at a path. Imports nothing: what was not imported cannot be what a name refers to.
pub fn resolve<'py>(py: Python<'py>, path: &str) -> PyResult<Bound<'py, PyAny>> {
    let modules = py.import("sys")?.getattr("modules")?;
    let mut module = path;
    while let Some((parent, _)) = module.rsplit_once('.') {
        module = parent;
        if let Ok(found) = modules.get_item(module) {
            return path[module.len() + 1..].split('.').try_fold(found, |object, name| object.getattr(name));
        }
    }
    Err(pyo3::exceptions::PyImportError::new_err(format!("{path} is not imported")))
}

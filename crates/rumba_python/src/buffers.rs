//! Memory of `bytearray`, `memoryview` and `array.array` as arrays of NumPy, which compiled code sees it as.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyMemoryView, PyType};

/// An array of the memory of a value that is none itself; `None` for what is no such value. As long as it lives, a
/// bytearray does not change its size.
pub fn array_of_buffer<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    if !value.is_instance_of::<PyByteArray>()
        && !value.is_instance_of::<PyMemoryView>()
        && !is_python_array(value)?
    {
        return Ok(None);
    }
    let view = PyMemoryView::from(value)?;
    value.py().import("numpy")?.getattr("asarray")?.call1((view,)).map(Some)
}

/// Whether a value is an `array.array`. Where nobody has imported the module there is none.
fn is_python_array(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = value.py();
    if CLASS.get(py).is_none() && !py.import("sys")?.getattr("modules")?.contains("array")? {
        return Ok(false);
    }
    value.is_instance(CLASS.import(py, "array", "array")?)
}

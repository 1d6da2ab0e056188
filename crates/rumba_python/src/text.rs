//! `str` and `bytes` objects, and those of compiled code, which are the memory of an object as long as it is an argument.

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use rumba_runtime::memory::rumba_release;

/// The slots of a `str`: address, owner, length, width of a character.
///
/// # Safety
/// `text` is a `str`, the interpreter is attached.
#[inline]
pub unsafe fn slots_of(text: *mut PyObject) -> Option<[u64; 4]> {
    // SAFETY: promised by the caller.
    unsafe {
        // Before 3.12, strings of an old kind are made as others are at their first use.
        #[cfg(not(Py_3_12))]
        if ffi::PyUnicode_READY(text) != 0 {
            ffi::PyErr_Clear();
            return None;
        }
        let length = ffi::PyUnicode_GET_LENGTH(text) as u64;
        Some([
            ffi::PyUnicode_DATA(text) as u64,
            text as u64 | 1,
            length,
            u64::from(ffi::PyUnicode_KIND(text)),
        ])
    }
}

/// The object of a text: the argument itself if it is all of it, or a new one. Consumes the reference.
pub fn box_text<'py>(py: Python<'py>, slots: &[u64]) -> PyResult<Bound<'py, PyAny>> {
    let [data, owner, length, width] = [slots[0], slots[1], slots[2], slots[3]];
    // SAFETY: the slots are those of an owned text; owners with the lowest bit set are live objects.
    unsafe {
        if owner & 1 != 0 {
            let object = (owner & !1) as *mut PyObject;
            if ffi::PyUnicode_CheckExact(object) != 0
                && slots_of(object) == Some([data, owner, length, width])
            {
                return Ok(Bound::from_borrowed_ptr(py, object));
            }
        }
        let object = ffi::PyUnicode_FromKindAndData(width as i32, data as *const _, length as isize);
        rumba_release(owner);
        Bound::from_owned_ptr_or_err(py, object)
    }
}

/// The slots of `bytes`: address, owner, length.
///
/// # Safety
/// `bytes` is a `bytes` object, the interpreter is attached.
#[inline]
pub unsafe fn slots_of_bytes(bytes: *mut PyObject) -> [u64; 3] {
    // SAFETY: promised by the caller.
    unsafe {
        let length = ffi::PyBytes_Size(bytes) as u64;
        [ffi::PyBytes_AsString(bytes) as u64, bytes as u64 | 1, length]
    }
}

/// The object of bytes: the argument itself if it is all of it, or a new one. Consumes the reference.
pub fn box_bytes<'py>(py: Python<'py>, slots: &[u64]) -> PyResult<Bound<'py, PyAny>> {
    let [data, owner, length] = [slots[0], slots[1], slots[2]];
    // SAFETY: the slots are those of owned bytes; owners with the lowest bit set are live objects.
    unsafe {
        if owner & 1 != 0 {
            let object = (owner & !1) as *mut PyObject;
            if ffi::PyBytes_CheckExact(object) != 0 && slots_of_bytes(object) == [data, owner, length] {
                return Ok(Bound::from_borrowed_ptr(py, object));
            }
        }
        let object = ffi::PyBytes_FromStringAndSize(data as *const _, length as isize);
        rumba_release(owner);
        Bound::from_owned_ptr_or_err(py, object)
    }
}

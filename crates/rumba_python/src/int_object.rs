//! Reads Python ints without a call where they are small.

use pyo3::ffi::{self, PyObject};
use std::ffi::c_int;

/// What an int object holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IntValue {
    Signed(i64),
    /// Above the largest int64.
    Unsigned(u64),
    TooLarge,
}

/// The beginning of `PyLongObject`.
#[cfg(not(Py_3_12))]
#[repr(C)]
struct LongObject {
    ob_base: ffi::PyVarObject,
    digits: [u32; 1],
}

#[cfg(Py_3_12)]
#[repr(C)]
struct LongObject {
    ob_base: PyObject,
    tag: usize,
    digits: [u32; 1],
}

/// The value if the int has at most one digit (30 bits).
///
/// # Safety
/// `object` is an int.
#[inline]
unsafe fn small_value(object: *mut PyObject) -> Option<i64> {
    let long = object.cast::<LongObject>();
    // SAFETY: every int object has room for one digit; in 3.11 the digit of zero may be unset, and is
    // multiplied by 0.
    unsafe {
        #[cfg(not(Py_3_12))]
        {
            let size = (*long).ob_base.ob_size;
            (size.unsigned_abs() <= 1)
                .then(|| if size == 0 { 0 } else { size as i64 * i64::from((*long).digits[0]) })
        }
        #[cfg(Py_3_12)]
        {
            let tag = (*long).tag;
            // The lowest two bits are 0 for positive, 1 for zero, 2 for negative ints.
            (tag < 2 << 3).then(|| (1 - (tag & 3) as i64) * i64::from((*long).digits[0]))
        }
    }
}

/// The value if it fits into an int64.
///
/// # Safety
/// `object` is an int (or an instance of a subclass); the interpreter is attached.
#[inline]
pub unsafe fn as_i64(object: *mut PyObject) -> Option<i64> {
    // SAFETY: promised by the caller.
    unsafe {
        if let Some(value) = small_value(object) {
            return Some(value);
        }
        let mut overflow: c_int = 0;
        let value = ffi::PyLong_AsLongLongAndOverflow(object, &mut overflow);
        (overflow == 0).then_some(value)
    }
}

/// # Safety
/// As [`as_i64`].
pub unsafe fn value(object: *mut PyObject) -> IntValue {
    // SAFETY: promised by the caller.
    unsafe {
        if let Some(value) = as_i64(object) {
            return IntValue::Signed(value);
        }
        let value = ffi::PyLong_AsUnsignedLongLong(object);
        if value == u64::MAX && !ffi::PyErr_Occurred().is_null() {
            ffi::PyErr_Clear();
            return IntValue::TooLarge;
        }
        IntValue::Unsigned(value)
    }
}

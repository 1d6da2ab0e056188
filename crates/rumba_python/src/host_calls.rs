//! What the interpreter does for running compiled code: signal handlers, printing, calls of Python objects,
//! random generators.

use crate::containers::Stored;
use crate::type_of::{short_text, type_of};
use crate::{characters, gate, holds, objects, raise, random};
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rumba_ir::SiteKind;
use rumba_runtime::context::{ExecutionContext, Raised, SiteToken};
use rumba_runtime::host::{Host, NewRandom, RandomObject, install};
use rumba_types::{ObjectId, Type, conversion};
use std::ffi::CStr;

/// Installs the callbacks; called by the module's initialisation.
pub fn install_host() {
    install(Host {
        context: crate::thread::context,
        check_signals,
        call,
        retain,
        release,
        release_operands,
        take_exception,
        exception_matches,
        numpy_random_functions,
        new_random,
        characters: characters::describe,
        hash_bytes: characters::hash_bytes,
        raise_codec_error: characters::raise_codec_error,
    });
}

fn retain(object: usize) {
    Python::attach(|_| {
        // SAFETY: the caller of compiled code holds the object; the interpreter is attached.
        unsafe { ffi::Py_INCREF(object as *mut ffi::PyObject) }
    });
}

fn release(object: usize) {
    Python::attach(|_| {
        // SAFETY: the reference is compiled code's, which gives it up; the interpreter is attached.
        unsafe { ffi::Py_DECREF(object as *mut ffi::PyObject) }
    });
}

fn release_operands(token: SiteToken, slots: &[u64]) {
    raise::release_operands(token, slots);
}

fn take_exception() -> usize {
    Python::attach(|py| PyErr::fetch(py).into_value(py).into_ptr() as usize)
}

fn exception_matches(raised: &Raised, class: u32) -> bool {
    Python::attach(|py| raise::is_of_class(py, raised, ObjectId(class)).unwrap_or(false))
}

fn numpy_random_functions(names: &[&CStr]) -> Vec<usize> {
    // Without them, drawing raises.
    Python::attach(|py| random::exported(py, names).unwrap_or_default())
}

fn new_random(ctx: &mut ExecutionContext, what: NewRandom<'_>) -> Option<RandomObject> {
    Python::attach(|py| match gate::catch_panic(py, "host call", || random::make(py, what)) {
        Ok(made) => Some(made),
        Err(error) => {
            keep_exception(py, ctx, error);
            None
        }
    })
}

fn check_signals(ctx: &mut ExecutionContext) -> bool {
    Python::attach(|py| {
        holds::hold_before_python();
        // SAFETY: attached.
        let fine = unsafe { ffi::PyErr_CheckSignals() } == 0;
        if !fine {
            keep_exception(py, ctx, PyErr::fetch(py));
        }
        fine
    })
}

fn call(ctx: &mut ExecutionContext, token: SiteToken, slots: *const u64) -> bool {
    Python::attach(|py| {
        holds::hold_before_python();
        match gate::catch_panic(py, "host call", || call_site(py, token, slots)) {
            Ok(()) => true,
            Err(error) => {
                keep_exception(py, ctx, error);
                false
            }
        }
    })
}

/// Leaves the exception with the interpreter until compiled code has returned: it runs no Python until then.
fn keep_exception(py: Python<'_>, ctx: &mut ExecutionContext, error: PyErr) {
    error.restore(py);
    ctx.set(Raised::Host);
}

fn call_site(py: Python<'_>, token: SiteToken, slots: *const u64) -> PyResult<()> {
    let site = raise::find_site(token)?;
    let n_slots = site.operand_types.iter().map(|ty| ty.scalars().len()).sum();
    let slots = if n_slots == 0 {
        &[]
    } else {
        // SAFETY: compiled code passes the packed operands of the site.
        unsafe { std::slice::from_raw_parts(slots, n_slots) }
    };
    let box_operands = |types: &[Type]| PyTuple::new(py, raise::box_borrowed_operands(py, types, slots)?);
    match &site.kind {
        SiteKind::Print { separator, end, to_errors, flush } => {
            let operands = box_operands(&site.operand_types)?;
            let options = PyDict::new(py);
            options.set_item("sep", &**separator)?;
            options.set_item("end", &**end)?;
            if *to_errors {
                options.set_item("file", py.import("sys")?.getattr("stderr")?)?;
            }
            options.set_item("flush", *flush)?;
            py.import("builtins")?.getattr("print")?.call(operands, Some(&options))?;
            Ok(())
        }
        SiteKind::CallObject { object, results } => {
            let callable = objects::object(py, *object).ok_or_else(|| {
                PyRuntimeError::new_err("the object that compiled code calls no longer exists")
            })?;
            let (_, types) = site.operand_types.split_last().expect("the last operand is an address");
            let given = callable.call1(box_operands(types)?)?;
            let address = slots[n_slots - 1] as *mut u8;
            // SAFETY: there is memory for results of these types.
            unsafe { put_results(results, &given, address) }
        }
        SiteKind::Raise { .. } | SiteKind::Call => {
            Err(PyRuntimeError::new_err("compiled code called the host at a place that calls nothing"))
        }
    }
}

/// Puts the items of a tuple into memory, with references of their own.
///
/// # Safety
/// There is room for values of these types, one behind the other.
unsafe fn put_results(types: &[Type], given: &Bound<'_, PyAny>, address: *mut u8) -> PyResult<()> {
    let given = given.cast::<PyTuple>()?;
    let mut put: Vec<(Stored, *mut u8)> = Vec::with_capacity(types.len());
    let mut end = 0;
    for (ty, item) in types.iter().zip(given) {
        let mut stored = Stored::new(*ty, ty.storage());
        let place = address.wrapping_add(end);
        end = (end + stored.size()).next_multiple_of(8);
        // SAFETY: promised by the caller; compiled code gets all of the results or none.
        unsafe {
            let fits = type_of(&item).is_ok_and(|own| conversion(own, *ty).is_some());
            let converted = match fits {
                true => stored.put_converted(&item, place),
                false => Err(PyTypeError::new_err(format!("an output is {}, not {ty}", short_text(&item)))),
            };
            if let Err(error) = converted {
                put.into_iter().for_each(|(stored, place)| stored.release(place));
                return Err(error);
            }
            stored.keep_owners(place);
        }
        put.push((stored, place));
    }
    Ok(())
}

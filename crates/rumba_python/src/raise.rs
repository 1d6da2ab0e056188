//! The exception that compiled code left pending becomes a Python exception, with a traceback whose frames
//! are the user's functions and lines.

use crate::box_value::{self, Slots};
use crate::source::is_prelude_file;
use crate::{gate, objects};
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyTuple, PyType};
use rumba_ir::{ExceptionRef, MessagePart, Payload, Site, SiteKind};
use rumba_runtime::context::{ExecutionContext, Passed, Pending, Raised, SiteToken};
use rumba_source::SourceMap;
use rumba_types::{ObjectId, Type};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use std::ffi::CString;
use std::sync::{Arc, Mutex};

/// Sets the pending exception as Python's current one. Returns null, as functions that failed do.
///
/// # Safety
/// `ctx` is the thread's context; compiled code has just returned status 1; the interpreter is attached.
#[cold]
pub unsafe fn raise_pending(ctx: *mut ExecutionContext) -> *mut PyObject {
    // SAFETY: promised by the caller.
    let (py, pending) = unsafe { (Python::assume_attached(), (*ctx).pending.take()) };
    let error = match pending {
        Some(pending) => {
            gate::catch_panic(py, "raise", || Ok(exception(py, &pending))).unwrap_or_else(|error| error)
        }
        None => PyRuntimeError::new_err("compiled code failed without an exception"),
    };
    error.restore(py);
    std::ptr::null_mut()
}

/// The exception as Python's, with its traceback and the exceptions that led to it.
pub fn exception(py: Python<'_>, pending: &Arc<Pending>) -> PyErr {
    // Those that led to it, each once: by address.
    let mut made: FxHashMap<*const Pending, PyErr> = FxHashMap::default();
    let mut work = vec![pending.clone()];
    let mut all = Vec::new();
    while let Some(next) = work.pop() {
        if let Entry::Vacant(vacant) = made.entry(Arc::as_ptr(&next)) {
            vacant.insert(build(py, &next));
            let Passed { cause, context, .. } = next.passed().clone();
            work.extend(cause.flatten().into_iter().chain(context));
            all.push(next);
        }
    }
    for pending in all {
        let error = &made[&Arc::as_ptr(&pending)];
        let Passed { cause, context, .. } = pending.passed().clone();
        let of = |pending: &Arc<Pending>| made[&Arc::as_ptr(pending)].clone_ref(py);
        if let Some(context) = context {
            // Exceptions take any other for their context. As an object, it has its traceback.
            let context = of(&context).into_value(py);
            let _ = error.value(py).setattr(pyo3::intern!(py, "__context__"), context);
        }
        if let Some(cause) = cause {
            // `None` suppresses the context, too.
            error.set_cause(py, cause.as_ref().map(of));
        }
    }
    made.remove(&Arc::as_ptr(pending)).expect("the first that was made")
}

fn build(py: Python<'_>, pending: &Pending) -> PyErr {
    let error = match &pending.raised {
        Raised::Host => PyErr::take(py)
            .unwrap_or_else(|| PyRuntimeError::new_err("a callback failed without an exception")),
        Raised::Object(object) => {
            // SAFETY: the caught exception has a reference to the object.
            PyErr::from_value(unsafe { Bound::from_borrowed_ptr(py, *object as *mut PyObject) })
        }
        Raised::Builtin { class, message } => builtin_exception(py, class, message),
        Raised::Site { token, slots } => site_exception(py, *token, slots).unwrap_or_else(|error| error),
    };
    // A traceback that cannot be built is not worth losing the exception for.
    let _ = add_traceback(py, &error, &pending.traceback());
    error
}

fn builtin_exception(py: Python<'_>, class: &str, message: &str) -> PyErr {
    let made = library_exception(py, class).and_then(|class| class.call1((message,)));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// The exception class that compiled code or the runtime names: one of Python's or of NumPy's.
fn library_exception<'py>(py: Python<'py>, class: &str) -> PyResult<Bound<'py, PyAny>> {
    let module = match class {
        "AxisError" => "numpy.exceptions",
        "LinAlgError" => "numpy.linalg",
        _ => "builtins",
    };
    py.import(module)?.getattr(class)
}

fn site_exception(py: Python<'_>, token: SiteToken, slots: &[u64]) -> PyResult<PyErr> {
    let site = find_site(token)?;
    let SiteKind::Raise { exception, payload } = &site.kind else {
        return Err(PyRuntimeError::new_err("compiled code raised at a place that raises nothing"));
    };
    let class = class_of(py, exception)?;
    let operands = box_borrowed_operands(py, &site.operand_types, slots)?;
    let instance = match payload {
        Payload::Arguments => class.call1(PyTuple::new(py, operands)?)?,
        Payload::Message(parts) if parts.is_empty() => class.call0()?,
        Payload::Message(parts) => class.call1((message(&operands, parts)?,))?,
    };
    Ok(PyErr::from_value(instance))
}

fn class_of<'py>(py: Python<'py>, exception: &ExceptionRef) -> PyResult<Bound<'py, PyAny>> {
    match exception {
        ExceptionRef::Builtin(name) => library_exception(py, name),
        ExceptionRef::Object(id, name) => objects::object(py, *id)
            .ok_or_else(|| PyRuntimeError::new_err(format!("the exception class `{name}` no longer exists"))),
    }
}

/// Whether `except class` catches what was raised: subclasses as they are, whatever `__subclasscheck__` says.
pub fn is_of_class(py: Python<'_>, raised: &Raised, class: ObjectId) -> PyResult<bool> {
    /// By what was raised and the id of the class.
    type Known = FxHashMap<(u64, u32), bool>;
    static KNOWN: Mutex<Option<Known>> = Mutex::new(None);
    let lock = || KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let key = match raised {
        Raised::Site { token, .. } => Some(token.0),
        // A place in memory is no token.
        Raised::Builtin { class, .. } => Some(class.as_ptr() as u64 | 1 << 63),
        Raised::Host | Raised::Object(_) => None,
    };
    let key = key.map(|key| (key, class.0));
    if let Some(known) = key.and_then(|key| lock().get_or_insert_default().get(&key).copied()) {
        return Ok(known);
    }
    let raised_class = match raised {
        Raised::Site { token, .. } => match find_site(*token)?.kind {
            SiteKind::Raise { exception, .. } => class_of(py, &exception)?,
            _ => return Ok(false),
        },
        Raised::Builtin { class, .. } => library_exception(py, class)?,
        Raised::Object(object) => {
            // SAFETY: the caught exception has a reference to the object.
            let object = unsafe { Bound::from_borrowed_ptr(py, *object as *mut PyObject) };
            object.get_type().into_any()
        }
        Raised::Host => return Ok(false),
    };
    let Some(class) = objects::object(py, class) else { return Ok(false) };
    let (raised_class, class) = (raised_class.cast_into::<PyType>()?, class.cast_into::<PyType>()?);
    // SAFETY: both are type objects.
    let fits = unsafe { ffi::PyType_IsSubtype(raised_class.as_type_ptr(), class.as_type_ptr()) } != 0;
    if let Some(key) = key {
        lock().get_or_insert_default().insert(key, fits);
    }
    Ok(fits)
}

/// Gives up the references that an exception's operands hold.
pub fn release_operands(token: SiteToken, slots: &[u64]) {
    let Some(site) = rumba_driver::site(token) else { return };
    let mut rest = slots;
    for ty in site.operand_types {
        let Some((operand, behind)) = rest.split_at_checked(ty.scalars().len()) else { return };
        box_value::release(ty, operand);
        rest = behind;
    }
}

/// The operands of a site as Python objects, which take over one reference to the memory of each.
fn box_operands<'py>(py: Python<'py>, types: &[Type], slots: &[u64]) -> PyResult<Vec<Bound<'py, PyAny>>> {
    split_operands(types, slots)?
        .into_iter()
        .map(|(ty, operand)| box_value::box_value(py, ty, &mut Slots::new(operand)))
        .collect()
}

/// The operands of a site as Python objects; compiled code keeps its own references.
pub fn box_borrowed_operands<'py>(
    py: Python<'py>,
    types: &[Type],
    slots: &[u64],
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    for (ty, operand) in split_operands(types, slots)? {
        box_value::retain(ty, operand);
    }
    box_operands(py, types, slots)
}

fn split_operands<'s>(types: &[Type], slots: &'s [u64]) -> PyResult<Vec<(Type, &'s [u64])>> {
    let mut rest = slots;
    let mut operands = Vec::with_capacity(types.len());
    for ty in types {
        let (operand, behind) = rest
            .split_at_checked(ty.scalars().len())
            .ok_or_else(|| PyRuntimeError::new_err("compiled code passed too few operands"))?;
        rest = behind;
        operands.push((*ty, operand));
    }
    Ok(operands)
}

fn message(operands: &[Bound<'_, PyAny>], parts: &[MessagePart]) -> PyResult<String> {
    let mut text = String::new();
    for part in parts {
        match part {
            MessagePart::Text(part) => text.push_str(part),
            MessagePart::Repr(idx) => text.push_str(&operands[*idx as usize].repr()?.to_string_lossy()),
            MessagePart::Argument(idx) => text.push_str(&operands[*idx as usize].str()?.to_string_lossy()),
        }
    }
    Ok(text)
}

pub fn find_site(token: SiteToken) -> PyResult<Site> {
    rumba_driver::site(token).ok_or_else(|| {
        PyRuntimeError::new_err(format!("compiled code names the unknown place {:#x}", token.0))
    })
}

/// Puts one frame per place in front of the exception's traceback: the outermost comes first.
fn add_traceback(py: Python<'_>, error: &PyErr, tokens: &[SiteToken]) -> PyResult<()> {
    static TRACEBACK_TYPE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let make = TRACEBACK_TYPE
        .get_or_try_init(py, || py.import("types")?.getattr("TracebackType").map(Bound::unbind))?
        .bind(py);
    let mut traceback = error.traceback(py).map(Bound::into_any);
    let is_shown = |place: SiteToken| {
        find_site(place).is_ok_and(|site| !is_prelude_file(&SourceMap::file(site.span.file).name))
    };
    for (place, n_repeats) in places(tokens).into_iter().filter(|(place, _)| is_shown(*place)) {
        for _ in 0..n_repeats {
            let (code, line) = code_object(py, place)?;
            let frame = new_frame(py, &code)?;
            // The position is that of the first instruction, which spans the whole expression.
            traceback = Some(make.call1((traceback, frame, 0, line))?);
        }
    }
    if let Some(traceback) = traceback {
        error.set_traceback(py, Some(traceback.cast_into()?));
    }
    Ok(())
}

/// The places of a traceback, innermost first, with inlined calls resolved, and how often each comes in a
/// row. A deep recursion would fill a traceback that nobody can read: a place is kept [`MAX_REPEATS`] times
/// in a row, and of many places those at both ends are kept.
fn places(tokens: &[SiteToken]) -> Vec<(SiteToken, usize)> {
    const MAX_REPEATS: usize = 200;
    const MAX_PLACES: usize = 200;
    let mut passed: Vec<(SiteToken, usize)> = Vec::new();
    for token in tokens {
        match passed.last_mut() {
            Some((last, count)) if last == token => *count = (*count + 1).min(MAX_REPEATS),
            _ => passed.push((*token, 1)),
        }
    }
    if passed.len() > MAX_PLACES {
        passed.drain(MAX_PLACES / 2..passed.len() - MAX_PLACES / 2);
    }
    let mut places = Vec::new();
    for (token, count) in passed {
        let mut inlined_into = Some(token);
        let mut chain = Vec::new();
        while let Some(token) = inlined_into {
            chain.push(token);
            let caller = rumba_driver::site(token).and_then(|site| site.caller);
            inlined_into = caller.map(|site| SiteToken::new(token.instance(), site.index() as u32));
        }
        match chain.as_slice() {
            [place] => places.push((*place, count)),
            _ => (0..count).for_each(|_| places.extend(chain.iter().map(|place| (*place, 1)))),
        }
    }
    places
}

/// A code object that names the user's file and function and has one line: that of the place.
fn code_object<'py>(py: Python<'py>, token: SiteToken) -> PyResult<(Bound<'py, PyAny>, u32)> {
    /// By token: the code object and its line.
    type Codes = FxHashMap<u64, (Py<PyAny>, u32)>;
    static CACHE: Mutex<Option<Codes>> = Mutex::new(None);
    let lock = || CACHE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some((code, line)) = lock().get_or_insert_default().get(&token.0) {
        return Ok((code.bind(py).clone(), *line));
    }
    let site = find_site(token)?;
    let file = SourceMap::file(site.span.file);
    let line = file.line(site.span.start);
    let end_line = file.line(site.span.end);
    let column = |line: u32, offset: u32| offset - file.line_start(line).unwrap_or(offset).min(offset);
    let positions = PyBytes::new(
        py,
        &position_table(end_line - line, column(line, site.span.start), column(end_line, site.span.end)),
    );
    let text = |text: &str| CString::new(text.replace('\0', "")).unwrap_or_default();
    let (filename, name) = (text(&file.name), text(&site.function_name));
    // SAFETY: the strings end with 0; the result is a new reference or null with an exception set.
    let code = unsafe {
        let code = ffi::PyCode_NewEmpty(filename.as_ptr(), name.as_ptr(), line as i32);
        Bound::from_owned_ptr_or_err(py, code.cast())?
    };
    let changes = PyDict::new(py);
    changes.set_item("co_linetable", positions)?;
    let code = code.call_method("replace", (), Some(&changes))?;
    lock().get_or_insert_default().insert(token.0, (code.clone().unbind(), line));
    Ok((code, line))
}

/// One entry of CPython's location table in its long form: eight instructions at the code's first line.
fn position_table(n_lines: u32, column: u32, end_column: u32) -> Vec<u8> {
    const LONG_FORM: u8 = 14;
    const N_INSTRUCTIONS: u8 = 8;
    let mut table = vec![0x80 | LONG_FORM << 3 | (N_INSTRUCTIONS - 1)];
    for value in [0, n_lines, column + 1, end_column + 1] {
        // Six bits per byte; the seventh says that another byte follows. The first value is signed, and 0.
        let mut rest = value;
        while rest >= 64 {
            table.push(0x40 | (rest & 0x3f) as u8);
            rest >>= 6;
        }
        table.push(rest as u8);
    }
    table
}

fn new_frame<'py>(py: Python<'py>, code: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let globals = PyDict::new(py);
    // SAFETY: the interpreter is attached; `code` is a code object; the frame is a new reference.
    unsafe {
        let frame = ffi::PyFrame_New(
            ffi::PyThreadState_Get(),
            code.as_ptr().cast(),
            globals.as_ptr(),
            std::ptr::null_mut(),
        );
        Bound::from_owned_ptr_or_err(py, frame.cast())
    }
}

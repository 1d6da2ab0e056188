//! The one gate into the compiler.
//!
//! One compilation at a time: whoever waits, waits without the interpreter lock, and so does whoever
//! compiles, except while the environment answers questions. Panics become `rumba.errors.InternalError`.

use crate::environment::PythonEnvironment;
use crate::{dispatcher, entry_points, errors, holds, thread};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyList;
use rumba_driver::{Compiled, Request, Stage};
use rumba_source::Diagnostic;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, Once};
use std::time::Instant;

/// Whether somebody compiles.
static COMPILING: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

/// The right to compile, until it is dropped.
struct Turn;

impl Turn {
    /// Waits, without the interpreter lock.
    fn take(py: Python<'_>) -> Turn {
        py.detach(|| {
            let mut is_taken = COMPILING.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            while *is_taken {
                is_taken = COMPILING.1.wait(is_taken).unwrap_or_else(|poisoned| poisoned.into_inner());
            }
            *is_taken = true;
        });
        IS_COMPILING.set(true);
        Turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        IS_COMPILING.set(false);
        *COMPILING.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = false;
        COMPILING.1.notify_one();
    }
}

thread_local! {
    static IS_FORKING: Cell<bool> = const { Cell::new(false) };
    static IS_COMPILING: Cell<bool> = const { Cell::new(false) };
    /// Message and place of the last panic that `catch_panic` is to report.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
    static IS_CATCHING: Cell<bool> = const { Cell::new(false) };
}

/// Compiles `request`, unless `find` says (once it is our turn) that somebody else did; `add` takes the code.
pub fn compile<T>(
    py: Python<'_>,
    name: &str,
    request: &Request,
    short_extents: &[usize],
    find: impl Fn() -> Option<T>,
    add: impl FnOnce(Arc<Compiled>) -> PyResult<T>,
) -> PyResult<T> {
    entry_points::load(py)?;
    exclusively(py, || {
        if let Some(found) = find() {
            return Ok(found);
        }
        let start = Instant::now();
        let compiled =
            enter(py, "compile", || rumba_driver::compile(&PythonEnvironment, request, short_extents))?;
        let compiled = add(compiled)?;
        announce(py, name, request, start.elapsed().as_secs_f64())?;
        Ok(compiled)
    })
}

/// The text of a stage.
pub fn inspect(py: Python<'_>, request: &Request, stage: Stage) -> PyResult<String> {
    exclusively(py, || enter(py, "inspect", || rumba_driver::inspect(&PythonEnvironment, request, stage)))
}

/// A child process must not inherit a compiler that another thread is in the middle of.
#[pyfunction]
pub fn before_fork(py: Python<'_>) {
    crate::warm_up::join_warm_up(py);
    if !IS_COMPILING.get() {
        std::mem::forget(Turn::take(py));
        IS_FORKING.set(true);
    }
}

#[pyfunction]
pub fn after_fork() {
    if IS_FORKING.replace(false) {
        drop(Turn);
    }
}

/// The child has none of the parent's threads.
#[pyfunction]
pub fn after_fork_in_child() {
    rumba_runtime::interrupt::after_fork_in_child();
    thread::after_fork_in_child();
    holds::after_fork_in_child();
    after_fork();
}

/// Runs `action` while no other thread compiles.
fn exclusively<T>(py: Python<'_>, action: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    if IS_COMPILING.get() {
        return Err(PyRuntimeError::new_err(
            "a jitted function was called for the first time by code that runs while Rumba looks up a name for another one",
        ));
    }
    let _turn = Turn::take(py);
    action()
}

fn enter<T: Send>(
    py: Python<'_>,
    stage: &str,
    action: impl Fn() -> Result<T, Vec<Diagnostic>> + Sync,
) -> PyResult<T> {
    let result = catch_panic(py, stage, || Ok(py.detach(|| with_enough_stack(&action))))?;
    // An exception that the environment met (in a module's `__getattr__`, say) is the better message.
    if let Some(error) = crate::environment::take_error() {
        return Err(error);
    }
    result.map_err(|diagnostics| errors::from_diagnostics(py, &diagnostics))
}

/// Runs `action` on a thread of its own if this one was made with a small stack, or has used most of it.
fn with_enough_stack<T: Send>(action: impl Fn() -> T + Sync) -> T {
    if !thread::is_short_of_stack() {
        return action();
    }
    let run = || {
        IS_COMPILING.set(true);
        IS_CATCHING.set(true);
        let result = catch_unwind(AssertUnwindSafe(&action));
        (result, PANIC.take(), crate::environment::take_error())
    };
    std::thread::scope(|scope| {
        let spawned = std::thread::Builder::new().stack_size(4 * thread::COMPILING).spawn_scoped(scope, run);
        // Without memory for a thread the stack at hand has to do.
        let Ok(spawned) = spawned else { return action() };
        let (result, panic, error) = spawned.join().expect("panics are caught inside");
        error.into_iter().for_each(crate::environment::keep_error);
        result.unwrap_or_else(|payload| {
            PANIC.set(panic);
            std::panic::resume_unwind(payload)
        })
    })
}

/// Turns a panic into an `InternalError` that says what broke, where, and in which version.
pub fn catch_panic<T>(py: Python<'_>, stage: &str, action: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    install_hook();
    let outer = IS_CATCHING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(action));
    IS_CATCHING.set(outer);
    result.unwrap_or_else(|_| {
        let what = PANIC.take().unwrap_or_else(|| "a panic".to_owned());
        let version = env!("CARGO_PKG_VERSION");
        Err(errors::exception(
            py,
            "InternalError",
            &format!(
                "this is a bug in Rumba {version}, not in your code ({stage}): {what}\n  \
                 = note: please report it with the function and the types of its arguments"
            ),
        ))
    })
}

/// Panics inside `catch_panic` are reported by an exception; others print as usual.
fn install_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if IS_CATCHING.get() {
                let message = info.payload_as_str().unwrap_or("a panic");
                let place = info.location().map(|place| format!(" at {}:{}", place.file(), place.line()));
                PANIC.set(Some(format!("{message}{}", place.unwrap_or_default())));
            } else {
                previous(info);
            }
        }));
    });
}

/// Calls the listeners of `rumba.events`.
fn announce(py: Python<'_>, name: &str, request: &Request, seconds: f64) -> PyResult<()> {
    let listeners = listeners(py);
    if listeners.is_empty() {
        return Ok(());
    }
    let signature = format!("({})", dispatcher::list_types(&request.params));
    // A listener may add or remove listeners.
    for listener in listeners.iter().collect::<Vec<_>>() {
        listener.call1((name, &signature, seconds))?;
    }
    Ok(())
}

/// The list that `rumba.events` adds listeners to.
pub fn listeners(py: Python<'_>) -> Bound<'_, PyList> {
    static LISTENERS: pyo3::sync::PyOnceLock<Py<PyList>> = pyo3::sync::PyOnceLock::new();
    LISTENERS.get_or_init(py, || PyList::empty(py).unbind()).bind(py).clone()
}

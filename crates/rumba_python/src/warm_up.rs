//! Lets LLVM initialise itself, and looks for extensions, on a background thread while the program imports the rest.

use crate::entry_points;
use pyo3::prelude::*;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

static THREAD: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);

/// Starts the thread.
pub fn start(py: Python<'_>) {
    let folders = entry_points::folders(py);
    let thread = std::thread::Builder::new().name("rumba-warm-up".into()).spawn(move || {
        rumba_driver::warm_up();
        entry_points::search(&folders);
    });
    *THREAD.lock().unwrap_or_else(PoisonError::into_inner) = thread.ok();
}

/// Waits for the thread, some milliseconds at most. Neither the end of the process, which destroys LLVM's
/// tables, nor a fork, which would keep its locks taken, may happen while it runs.
#[pyfunction]
pub fn join_warm_up(py: Python<'_>) {
    let thread = THREAD.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(thread) = thread {
        // A panic in there has no consequence.
        let _ = py.detach(|| thread.join());
    }
}

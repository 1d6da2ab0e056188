//! Diagnostics to Python exceptions: the one place where the text of a compile error is given to Python.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use rumba_source::{Code, Diagnostic, SourceMap, render_all};

/// An exception of a class in `rumba.errors`.
pub fn exception(py: Python<'_>, class: &str, message: &str) -> PyErr {
    let made = py.import("rumba.errors").and_then(|errors| errors.getattr(class)?.call1((message,)));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// The code of every kind of mistake, with the name of the exception class that reports it.
#[pyfunction]
pub fn error_codes() -> Vec<(&'static str, &'static str)> {
    Code::ALL.iter().map(|code| (code.text(), code.exception_class())).collect()
}

/// An exception for a mistake without a place in the source: a call from Python.
pub fn plain(py: Python<'_>, code: Code, message: &str, notes: &[String]) -> PyErr {
    let mut text = format!("error[{}]: {message}", code.text());
    let remedy = code.remedy().filter(|_| notes.is_empty());
    for note in notes.iter().map(String::as_str).chain(remedy) {
        text.push_str("\n  = note: ");
        text.push_str(note);
    }
    exception(py, code.exception_class(), &text)
}

/// The exception for the diagnostics of a failed compilation.
pub fn from_diagnostics(py: Python<'_>, diagnostics: &[Diagnostic]) -> PyErr {
    let Some(first) = diagnostics.first() else {
        return exception(py, "InternalError", "the compiler failed without saying why");
    };
    let error = exception(py, first.code.exception_class(), &render_all(diagnostics));
    match list_diagnostics(py, diagnostics).and_then(|list| error.value(py).setattr("diagnostics", list)) {
        Ok(()) => error,
        Err(other) => other,
    }
}

/// One dict per diagnostic, for tools and tests.
fn list_diagnostics<'py>(py: Python<'py>, diagnostics: &[Diagnostic]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for diagnostic in diagnostics {
        let file = SourceMap::file(diagnostic.primary.span.file);
        let place = file.line_column(diagnostic.primary.span.start);
        let dict = PyDict::new(py);
        dict.set_item("code", diagnostic.code.text())?;
        dict.set_item("message", &diagnostic.message)?;
        dict.set_item("filename", &*file.name)?;
        dict.set_item("line", place.line)?;
        dict.set_item("column", place.column)?;
        dict.set_item("label", &diagnostic.primary.text)?;
        dict.set_item("notes", &diagnostic.notes)?;
        list.append(dict)?;
    }
    Ok(list)
}

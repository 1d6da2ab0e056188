//! Where the text of a function is: its file, `linecache` (notebooks, the prompt), the module's loader
//! (zip imports), or the command line (`python -c`).
//!
//! A file that was changed after the function was decorated is compiled again by the interpreter; unless
//! the very same code object comes out, the text is not what runs, and is refused.

use crate::environment;
use pyo3::prelude::*;
use pyo3::types::{PyAnyMethods, PyDict, PyString};
use rumba_infer::FunctionSource;
use rumba_source::{Code, Diagnostic, SourceMap, Span};
use rumba_types::ObjectId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex};

/// Modification time in nanoseconds and size of a file.
type Stamp = (i64, i64, u64);

/// The stamps of files when a function of theirs was decorated for the first time.
static STAMPS: Mutex<Option<FxHashMap<String, Option<Stamp>>>> = Mutex::new(None);

/// Files of the prelude of which something was compiled.
static PRELUDE_FILES: Mutex<Option<FxHashSet<String>>> = Mutex::new(None);

/// Whether the file is one of Rumba's own, which tracebacks leave out as they do code of CPython's in C.
pub fn is_prelude_file(filename: &str) -> bool {
    let guard = PRELUDE_FILES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    guard.as_ref().is_some_and(|files| files.contains(filename))
}

fn stamp_of(filename: &str) -> Option<Stamp> {
    let metadata = std::fs::metadata(filename).ok()?;
    Some((metadata.mtime(), metadata.mtime_nsec(), metadata.size()))
}

/// Remembers what a function's file looks like now, right after it was imported.
pub fn remember_file(function: &Bound<'_, PyAny>) -> PyResult<()> {
    let filename: String = function.getattr("__code__")?.getattr("co_filename")?.extract()?;
    let mut guard = STAMPS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    guard.get_or_insert_default().entry(filename).or_insert_with_key(|filename| stamp_of(filename));
    Ok(())
}

/// The source of a function, or why it cannot be had.
pub fn of(py: Python<'_>, id: ObjectId) -> Result<FunctionSource, Diagnostic> {
    let Some(function) = environment::function_of(py, id) else {
        return Err(missing("<unknown>", 1, "the function no longer exists", "keep a reference to it"));
    };
    describe(&function).unwrap_or_else(|error| {
        let message = format!("the source of the function cannot be read: {}", error.value(py));
        Err(missing("<unknown>", 1, &message, "define the function in a file"))
    })
}

fn missing(filename: &str, line: u32, message: &str, note: &str) -> Diagnostic {
    diagnostic(Code::SourceMissing, filename, line, message, note)
}

/// A diagnostic about a file whose text is not there: it points at the line where the function begins.
fn diagnostic(code: Code, filename: &str, line: u32, message: &str, note: &str) -> Diagnostic {
    let n_lines = line.saturating_sub(1).min(1_000_000);
    let text: Arc<str> = "\n".repeat(n_lines as usize).into();
    let file = SourceMap::add(filename, text);
    Diagnostic::new(code, Span::new(file, n_lines, n_lines), message).note(note)
}

fn describe(function: &Bound<'_, PyAny>) -> PyResult<Result<FunctionSource, Diagnostic>> {
    let code = function.getattr("__code__")?;
    let filename: String = code.getattr("co_filename")?.extract()?;
    let name: String = code.getattr("co_name")?.extract()?;
    let first_line: u32 = code.getattr("co_firstlineno")?.extract()?;
    let text = match text(function, &code, &filename, &name, first_line)? {
        Ok(text) => text,
        Err(diagnostic) => return Ok(Err(diagnostic)),
    };
    // What a decorator has made has the name of the decorated function's module.
    let module = function.getattr("__globals__")?.get_item("__name__");
    let module = module.and_then(|name| name.extract::<String>()).unwrap_or_default();
    let is_prelude = module.starts_with("rumba.prelude.") || module == "contextlib";
    if is_prelude {
        let mut guard = PRELUDE_FILES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        guard.get_or_insert_default().insert(filename.clone());
    }
    let count = |name: &str| -> PyResult<usize> { code.getattr(name)?.extract() };
    let flags = count("co_flags")?;
    let n_args = count("co_argcount")? + count("co_kwonlyargcount")? + (flags >> 2 & 1) + (flags >> 3 & 1);
    let names: Vec<String> = code.getattr("co_varnames")?.extract()?;
    Ok(Ok(FunctionSource {
        filename: filename.into(),
        text: text.into(),
        qualname: code.getattr("co_qualname")?.extract::<String>()?.into(),
        name: name.into(),
        first_line,
        arg_names: names.into_iter().take(n_args).map(Into::into).collect(),
        body_position: body_position(&code)?,
        is_prelude,
    }))
}

/// The first position that an instruction of the body has; those of the header are empty.
fn body_position(code: &Bound<'_, PyAny>) -> PyResult<Option<(u32, u32, u32, u32)>> {
    type Position = (Option<u32>, Option<u32>, Option<u32>, Option<u32>);
    for position in code.call_method0("co_positions")?.try_iter()? {
        if let (Some(line), Some(end_line), Some(column), Some(end_column)) =
            position?.extract::<Position>()?
            && (line, column) != (end_line, end_column)
        {
            return Ok(Some((line, column, end_line, end_column)));
        }
    }
    Ok(None)
}

fn text(
    function: &Bound<'_, PyAny>,
    code: &Bound<'_, PyAny>,
    filename: &str,
    name: &str,
    first_line: u32,
) -> PyResult<Result<String, Diagnostic>> {
    let py = function.py();
    // A loop that object mode made a function of: it is in no file.
    if let Some(text) = function.getattr_opt("_rumba_text")? {
        return text.extract().map(Ok);
    }
    let globals = function.getattr("__globals__")?.cast_into::<PyDict>()?;
    if filename == "<string>"
        && let Some(text) = command_line(py, &globals)?
    {
        return Ok(Ok(text));
    }
    let linecache = py.import("linecache")?;
    let known = {
        let guard = STAMPS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        guard.as_ref().and_then(|stamps| stamps.get(filename).copied()).flatten()
    };
    let now = stamp_of(filename);
    if now.is_some() && (known.is_none() || known == now) {
        // Not through linecache, which may hold an older text; tokenize.open knows about encodings.
        return read_file(py, filename).map(Ok);
    }
    let lines: Vec<String> = linecache.call_method1("getlines", (filename, &globals))?.extract()?;
    if !lines.is_empty() {
        let text = lines.concat();
        if known.is_none() || contains_code(py, &text, filename, code)? {
            return Ok(Ok(text));
        }
    }
    if now.is_some() {
        let text = read_file(py, filename)?;
        if contains_code(py, &text, filename, code)? {
            return Ok(Ok(text));
        }
        let message = format!("the file of `{name}` has changed since the function was defined");
        let note = "reload the module, or restart the interpreter, so that what runs is what the file says";
        return Ok(Err(diagnostic(Code::SourceChanged, filename, first_line, &message, note)));
    }
    let note = if filename.starts_with('<') {
        "define the function in a file or a notebook cell; for code made by `exec`, put its text into `linecache.cache` \
         under the name that it was compiled with"
    } else {
        "Rumba compiles from source: keep the .py file beside the compiled one, at the path shown above"
    };
    Ok(Err(missing(filename, first_line, &format!("the source of `{name}` cannot be found"), note)))
}

fn read_file(py: Python<'_>, filename: &str) -> PyResult<String> {
    if let Ok(bytes) = std::fs::read(filename)
        && let Ok(text) = String::from_utf8(bytes)
        && !text.lines().take(2).any(|line| line.contains("coding"))
    {
        return Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text));
    }
    let file = py.import("tokenize")?.call_method1("open", (filename,))?;
    let text = file.call_method0("read").and_then(|text| text.extract());
    file.call_method0("close")?;
    text
}

/// The text of `python -c TEXT`, for functions of the main module.
fn command_line(py: Python<'_>, globals: &Bound<'_, PyDict>) -> PyResult<Option<String>> {
    let is_main = globals.get_item("__name__")?.is_some_and(|name| name.eq("__main__").unwrap_or(false));
    if !is_main {
        return Ok(None);
    }
    let arguments: Vec<String> = py.import("sys")?.getattr("orig_argv")?.extract()?;
    // Options may be joined, the text too: `-ic TEXT`, `-cTEXT`. What follows `-c` is the text.
    for (idx, argument) in arguments.iter().enumerate().skip(1) {
        if !argument.starts_with('-') || argument.starts_with("--") {
            // Either the script or the value of an option such as `-X dev`.
            let is_value = matches!(arguments[idx - 1].as_str(), "-X" | "-W");
            if is_value || argument.starts_with("--") {
                continue;
            }
            return Ok(None);
        }
        if let Some(at) = argument.find('c') {
            let joined = &argument[at + 1..];
            let text =
                if joined.is_empty() { arguments.get(idx + 1).cloned() } else { Some(joined.to_owned()) };
            return Ok(text);
        }
    }
    Ok(None)
}

/// Whether compiling `text` gives, among others, this very code object.
fn contains_code(py: Python<'_>, text: &str, filename: &str, code: &Bound<'_, PyAny>) -> PyResult<bool> {
    let compile = py.import("builtins")?.getattr("compile")?;
    let options = PyDict::new(py);
    options.set_item("dont_inherit", true)?;
    let flags = code.getattr("co_flags")?.call_method1("__and__", (FUTURE_FLAGS,))?;
    let Ok(module) = compile.call((PyString::new(py, text), filename, "exec", flags), Some(&options)) else {
        return Ok(false);
    };
    let class = code.get_type();
    let mut rest = vec![module];
    while let Some(candidate) = rest.pop() {
        if candidate.eq(code)? {
            return Ok(true);
        }
        for constant in candidate.getattr("co_consts")?.try_iter()? {
            let constant = constant?;
            if constant.is_instance(&class)? {
                rest.push(constant);
            }
        }
    }
    Ok(false)
}

/// `CO_FUTURE_ANNOTATIONS` and its older siblings: what `from __future__` imports switch on.
const FUTURE_FLAGS: u32 = 0x01fe_0000;

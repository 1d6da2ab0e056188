//! What extensions have registered, and their answers.
//!
//! Which functions, methods and attributes are extended is known here, so that inference need not ask the interpreter
//! for the others. The functions that choose an implementation are kept, and called, by `rumba.extending`; an answer
//! is remembered by the types of the arguments.

use crate::type_objects::{TypeObject, object_of_type, type_of_object};
use crate::{dispatcher, environment, library_path, objects, source};
use pyo3::exceptions::{PyException, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rumba_infer::{ArgumentType, Extensible, FunctionOptions, Implementation, Recorded, Refusal, Step};
use rumba_ir::Scalar;
use rumba_types::{ObjectId, Type, TypeKind};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// Modules of Python's library that are implemented, in part, in `rumba/prelude/`, by a file each.
const PRELUDE: &[&str] = &[
    "bisect",
    "builtins",
    "collections",
    "contextlib",
    "copy",
    "functools",
    "heapq",
    "itertools",
    "operator",
    "statistics",
    "struct",
    "time",
];

/// By what is called and the types of the arguments.
type Answers = FxHashMap<(Extensible, Vec<ArgumentType>), Option<Implementation>>;

#[derive(Default)]
struct Table {
    extended: Arc<FxHashSet<Extensible>>,
    /// The paths that the files of the prelude implement which were loaded.
    prelude: FxHashSet<Arc<str>>,
    /// Classes whose instances `rumba.extending` knows the types of.
    classes: FxHashSet<ObjectId>,
    answers: Answers,
}

static TABLE: Mutex<Option<Table>> = Mutex::new(None);

fn with_table<R>(action: impl FnOnce(&mut Table) -> R) -> R {
    let mut guard: MutexGuard<'_, Option<Table>> =
        TABLE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    action(guard.get_or_insert_default())
}

pub fn extended() -> Arc<FxHashSet<Extensible>> {
    with_table(|table| table.extended.clone())
}

/// Whether the prelude has a file for the module that a path begins with.
pub fn is_prelude(path: &str) -> bool {
    path.split_once('.').is_some_and(|(module, _)| PRELUDE.contains(&module))
}

/// Whether extensions or the prelude, as far as it was loaded, implement the function or class at a path.
pub fn is_implemented(path: &str) -> bool {
    with_table(|table| {
        table.prelude.contains(path) || table.extended.contains(&Extensible::Library(path.into()))
    })
}

/// Whether calls of this object are extended: its id and name.
pub fn extended_object(value: &Bound<'_, PyAny>) -> Option<(ObjectId, Arc<str>)> {
    let id = objects::known_id(value)?;
    if !with_table(|table| table.extended.contains(&Extensible::Object(id))) {
        return None;
    }
    let name = value.getattr("__name__").and_then(|name| name.extract::<String>());
    let name =
        name.unwrap_or_else(|_| value.get_type().name().map_or_else(|_| "?".into(), |name| name.to_string()));
    Some((id, name.into()))
}

/// The type of an instance of a class that was registered, or of a class below one.
pub fn type_of_instance(value: &Bound<'_, PyAny>) -> PyResult<Option<Type>> {
    let has_classes = with_table(|table| !table.classes.is_empty());
    if !has_classes {
        return Ok(None);
    }
    let is_known = value.get_type().mro().iter().any(|class| {
        objects::known_id(&class).is_some_and(|id| with_table(|table| table.classes.contains(&id)))
    });
    if !is_known {
        return Ok(None);
    }
    let found = value.py().import("rumba.extending")?.call_method1("_type_of", (value,))?;
    if found.is_none() { Ok(None) } else { Ok(Some(type_of_object(&found)?.0)) }
}

/// Has the types of the instances of a class asked for.
#[pyfunction]
pub fn register_class(class: &Bound<'_, PyAny>) {
    let id = objects::id_of(class);
    with_table(|table| table.classes.insert(id));
}

/// Registers that something is extended, and gives the key by which `rumba.extending` knows it: of a function its
/// path or number, of a method or an attribute its name. The prelude's own (`is_ours`) are asked for only where the
/// library knows nothing.
#[pyfunction]
pub fn extend<'py>(kind: &str, what: &Bound<'py, PyAny>, is_ours: bool) -> PyResult<Bound<'py, PyAny>> {
    let py = what.py();
    let name = || what.extract::<String>().map(Arc::<str>::from);
    let (what, key) = match kind {
        "method" => (Extensible::Method(name()?), what.clone()),
        "attribute" => (Extensible::Attribute(name()?), what.clone()),
        // Of what says by itself where it is from.
        "path" => (Extensible::Library(name()?), what.clone()),
        "function" => match library_path::of(what) {
            Some(path) => (Extensible::Library(path.clone()), path.into_pyobject(py)?.into_any()),
            None => {
                let id = objects::id_of(what);
                (Extensible::Object(id), id.0.into_pyobject(py)?.into_any())
            }
        },
        _ => return Err(PyValueError::new_err(format!("there is no extension of kind {kind:?}"))),
    };
    with_table(|table| {
        table.answers.retain(|(other, _), _| *other != what);
        match what {
            Extensible::Library(path) if is_ours => drop(table.prelude.insert(path)),
            what => drop(Arc::make_mut(&mut table.extended).insert(what)),
        }
    });
    Ok(key)
}

pub fn has_method(py: Python<'_>, receiver: Type, name: &str) -> PyResult<bool> {
    let extending = py.import("rumba.extending")?;
    extending.call_method1("_has_method", (object_of_type(py, receiver)?, name))?.extract()
}

pub fn implementation(
    py: Python<'_>,
    what: &Extensible,
    args: &[ArgumentType],
) -> Result<Option<Implementation>, Refusal> {
    let key = (what.clone(), args.to_vec());
    if let Some(answer) = with_table(|table| table.answers.get(&key).cloned()) {
        return Ok(answer);
    }
    let answer = ask(py, what, args).map_err(|error| refusal(py, &error))?;
    with_table(|table| table.answers.insert(key, answer.clone()));
    Ok(answer)
}

fn ask(py: Python<'_>, what: &Extensible, args: &[ArgumentType]) -> PyResult<Option<Implementation>> {
    let (kind, key) = match what {
        Extensible::Library(path) => ("function", path.into_pyobject(py)?.into_any()),
        Extensible::Object(id) => ("function", id.0.into_pyobject(py)?.into_any()),
        Extensible::Method(name) => ("method", name.into_pyobject(py)?.into_any()),
        Extensible::Attribute(name) => ("attribute", name.into_pyobject(py)?.into_any()),
    };
    let is_prelude = matches!(what, Extensible::Library(path) if is_prelude(path));
    let (mut positional, keywords) = (Vec::new(), PyDict::new(py));
    for (keyword, ty) in args {
        let ty = object_of_type(py, *ty)?;
        match keyword {
            Some(keyword) => keywords.set_item(&**keyword, ty)?,
            None => positional.push(ty),
        }
    }
    let positional = PyTuple::new(py, positional)?;
    let extending = py.import("rumba.extending")?;
    let chosen = extending.call_method1("_choose", (kind, key, is_prelude, positional, keywords))?;
    if chosen.is_none() {
        return Ok(None);
    }
    let (chosen, params): (Bound<'_, PyAny>, Option<Vec<TypeObject>>) = chosen.extract()?;
    let params = params.map(|params| params.into_iter().map(|ty| ty.0).collect());
    match dispatcher::jitable(&chosen) {
        Some((object, _)) => Ok(Some(Implementation::Function { object, params })),
        None if let Ok(ty) = chosen.extract::<TypeObject>() => Ok(Some(Implementation::Struct(ty.0))),
        None if let Some(recorded) = recorded(&chosen)? => Ok(Some(Implementation::Code(recorded.into()))),
        None => {
            Err(PyTypeError::new_err("an overload gives a function, a signature and a function, or None"))
        }
    }
}

/// What a code generator has recorded (`rumba.intrinsics.Recorded`).
fn recorded(chosen: &Bound<'_, PyAny>) -> PyResult<Option<Recorded>> {
    type Parts<'py> = (Vec<TypeObject>, Vec<Bound<'py, PyAny>>, usize, TypeObject);
    let Ok((params, steps, result, result_type)) = chosen.extract::<Parts<'_>>() else { return Ok(None) };
    let step = |step: Bound<'_, PyAny>| {
        type Parts<'py> = (String, Vec<usize>, Option<TypeObject>, Option<Bound<'py, PyAny>>);
        let (name, operands, ty, number): Parts<'_> = step.extract()?;
        // A place of a pointer's is an address.
        let ty = ty.map(|ty| {
            if matches!(ty.0.kind(), TypeKind::CPointer(_)) && name != "make" {
                Type::pointer()
            } else {
                ty.0
            }
        });
        let number = match (number, ty) {
            (None, _) => None,
            (Some(number), Some(ty)) if ty.is_bool() => Some(Scalar::Bool(number.is_truthy()?)),
            (Some(number), Some(ty)) if ty.is_float() => Some(Scalar::Float(number.extract()?)),
            (Some(number), Some(ty)) if ty == Type::pointer() => Some(Scalar::Address(number.extract()?)),
            (Some(number), _) => Some(Scalar::Int(number.extract()?)),
        };
        Ok(Step { name: name.into(), operands, ty, number })
    };
    let steps = steps.into_iter().map(step).collect::<PyResult<_>>()?;
    let params = params.into_iter().map(|ty| ty.0).collect();
    Ok(Some(Recorded { params, steps, result, result_type: result_type.0 }))
}

/// What the exception of a chooser says. A `TypingError` speaks for itself; others are named.
fn refusal(py: Python<'_>, error: &PyErr) -> Refusal {
    let class = error.get_type(py);
    let is_refusal = py
        .import("rumba.errors")
        .and_then(|errors| class.is_subclass(&errors.getattr("RumbaError")?))
        .unwrap_or(false);
    let text = error.value(py).str().map_or_else(|_| String::new(), |text| text.to_string());
    if is_refusal {
        return Refusal { message: text, note: None };
    }
    if !class.is_subclass_of::<PyException>().unwrap_or(false) {
        environment::keep_error(error.clone_ref(py));
    }
    let name = class.name().map_or_else(|_| "exception".into(), |name| name.to_string());
    Refusal {
        message: format!("its overload raised {name}: {text}"),
        note: place(py, error).map(|place| format!("raised at {place}")),
    }
}

/// File and line of the innermost frame.
fn place(py: Python<'_>, error: &PyErr) -> Option<String> {
    let mut traceback = error.traceback(py)?.into_any();
    while let Ok(next) = traceback.getattr("tb_next")
        && !next.is_none()
    {
        traceback = next;
    }
    let code = traceback.getattr("tb_frame").ok()?.getattr("f_code").ok()?;
    let (file, line) = (code.getattr("co_filename").ok()?, traceback.getattr("tb_lineno").ok()?);
    // Where the chooser is called: the call does not fit its parameters.
    let is_ours = code.getattr("co_name").is_ok_and(|name| name.eq("_choose").unwrap_or(false));
    (!is_ours).then(|| format!("{file}:{line}"))
}

/// Lets compiled code call a function that an overload gave.
#[pyfunction]
pub fn adopt(function: &Bound<'_, PyAny>, options: &Bound<'_, PyDict>) -> PyResult<()> {
    let options: FunctionOptions = crate::dispatcher_functions::options_of(options)?;
    if dispatcher::jitable(function).is_none() {
        source::remember_file(function)?;
        dispatcher::register_jitable(function, options);
    }
    Ok(())
}

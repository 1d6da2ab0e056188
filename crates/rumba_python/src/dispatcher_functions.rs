//! What the Python package does with dispatchers, apart from calling them.

use crate::dispatcher::{self, State, state_of};
use crate::object_mode::{self, ObjectMode};
use crate::type_objects::TypeObject;
use crate::{gate, source};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rumba_driver::{Request, Stage};
use rumba_infer::{ErrorModel, FunctionOptions};
use rumba_types::Type;
use std::sync::atomic::Ordering;

pub fn state<'a>(object: &'a Bound<'_, PyAny>) -> PyResult<&'a State> {
    state_of(object).ok_or_else(|| PyTypeError::new_err("a jitted function is needed"))
}

/// The options by their names in the decorator; the package has checked them.
pub fn options_of(options: &Bound<'_, PyDict>) -> PyResult<FunctionOptions> {
    let mut parsed = FunctionOptions::default();
    for (name, value) in options {
        let name: String = name.extract()?;
        match name.as_str() {
            "error_model" => {
                parsed.error_model = match value.extract::<String>()?.as_str() {
                    "python" => ErrorModel::Python,
                    "numpy" => ErrorModel::Numpy,
                    other => {
                        return Err(PyValueError::new_err(format!(
                            "error_model is 'python' or 'numpy', not {other:?}"
                        )));
                    }
                }
            }
            "boundscheck" => parsed.boundscheck = value.is_truthy()?,
            "fastmath" => parsed.fastmath = value.extract()?,
            "locals" => {
                for (name, ty) in value.cast::<PyDict>()? {
                    parsed.locals.push((name.extract::<String>()?.into(), ty.extract::<TypeObject>()?.0));
                }
            }
            _ => {
                return Err(PyTypeError::new_err(format!("the compiler has no option {name:?}")));
            }
        }
    }
    Ok(parsed)
}

/// A dispatcher for a Python function; with `interpreted` (see `rumba.object_mode`) for one that need not be compiled, and
/// with `is_forced` for one that is not.
#[pyfunction]
#[pyo3(signature = (function, options, releases_lock, interpreted = None, is_forced = false))]
pub fn make_dispatcher<'py>(
    function: &Bound<'py, PyAny>,
    options: &Bound<'py, PyDict>,
    releases_lock: bool,
    interpreted: Option<Bound<'py, PyAny>>,
    is_forced: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let options = options_of(options)?;
    source::remember_file(function)?;
    let object_mode = interpreted.map(|interpreted| ObjectMode::new(interpreted, is_forced));
    dispatcher::create(function, options, releases_lock, object_mode)
}

/// Lets compiled code call a plain Python function.
#[pyfunction]
pub fn register_jitable(function: &Bound<'_, PyAny>, options: &Bound<'_, PyDict>) -> PyResult<()> {
    let options = options_of(options)?;
    source::remember_file(function)?;
    dispatcher::register_jitable(function, options);
    Ok(())
}

/// Runs a loop that was made a function if it compiles for the arguments; `NotImplemented` if not.
#[pyfunction]
pub fn run_loop<'py>(
    py: Python<'py>,
    dispatcher: Option<Bound<'py, PyAny>>,
    args: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let result = match &dispatcher {
        Some(dispatcher) => {
            let state = state(dispatcher)?;
            gate::catch_panic(py, "loop", || object_mode::run_loop(py, state, &args))?
        }
        None => None,
    };
    Ok(result.unwrap_or_else(|| py.NotImplemented().into_bound(py)))
}

#[pyfunction]
pub fn py_func<'py>(dispatcher: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    Ok(state(dispatcher)?.py_func.bind(dispatcher.py()).clone())
}

/// The number by which the compiler knows a dispatcher.
#[pyfunction]
pub fn dispatcher_id(dispatcher: &Bound<'_, PyAny>) -> PyResult<u32> {
    Ok(state(dispatcher)?.id().0)
}

/// Compiles for argument types unless that has been done.
#[pyfunction]
#[pyo3(signature = (dispatcher, args, return_type = None))]
pub fn compile(
    dispatcher: &Bound<'_, PyAny>,
    args: Vec<TypeObject>,
    return_type: Option<TypeObject>,
) -> PyResult<()> {
    let state = state(dispatcher)?;
    let params = params_of(state, args)?;
    if state.find(&params).is_none() {
        if !state.can_compile.load(Ordering::Relaxed) {
            return Err(pyo3::exceptions::PyRuntimeError::new_err(format!(
                "compilation of `{}` is disabled",
                state.name
            )));
        }
        let short_extents = state.former_short_extents(&params);
        state.compile(dispatcher.py(), params, return_type.map(|ty| ty.0), &short_extents)?;
    }
    Ok(())
}

pub fn params_of(state: &State, args: Vec<TypeObject>) -> PyResult<Vec<Type>> {
    let n_params = state.parameters.len();
    if args.len() != n_params {
        return Err(PyTypeError::new_err(format!(
            "the signature has {} argument types, but `{}` has {n_params} parameters",
            args.len(),
            state.name
        )));
    }
    Ok(args.into_iter().map(|ty| ty.0).collect())
}

/// What is compiled, in order: argument types, result type, seconds per stage.
#[pyfunction]
pub fn compiled<'py>(dispatcher: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
    let py = dispatcher.py();
    let describe = |specialisation: &dispatcher::Specialisation| {
        let compiled = &specialisation.compiled;
        let args = PyTuple::new(py, compiled.params.iter().map(|ty| TypeObject(*ty)))?;
        let timings = PyDict::new(py);
        for (stage, seconds) in &compiled.timings {
            timings.set_item(stage, seconds)?;
        }
        (args, TypeObject(compiled.result), timings).into_pyobject(py)
    };
    state(dispatcher)?.current().iter().map(|specialisation| describe(specialisation)).collect()
}

/// Forgets what is compiled; returns the argument types of it.
#[pyfunction]
pub fn clear<'py>(dispatcher: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
    let py = dispatcher.py();
    let types = state(dispatcher)?.clear();
    types.into_iter().map(|types| PyTuple::new(py, types.into_iter().map(TypeObject))).collect()
}

#[pyfunction]
pub fn set_can_compile(dispatcher: &Bound<'_, PyAny>, value: bool) -> PyResult<()> {
    state(dispatcher)?.can_compile.store(value, Ordering::Relaxed);
    Ok(())
}

/// The text of a stage for argument types.
#[pyfunction]
pub fn inspect(dispatcher: &Bound<'_, PyAny>, args: Vec<TypeObject>, stage: &str) -> PyResult<String> {
    let state = state(dispatcher)?;
    let stage = match stage {
        "typed" => Stage::TypedIr,
        "ir" => Stage::OptimisedIr,
        "llvm" => Stage::Llvm,
        "optimised" => Stage::OptimisedLlvm,
        "assembly" => Stage::Assembly,
        _ => return Err(PyValueError::new_err(format!("there is no stage {stage:?}"))),
    };
    let request =
        Request { function: state.id(), params: params_of(state, args)?, result: None, c_hooks: None };
    gate::inspect(dispatcher.py(), &request, stage)
}

/// The types of positional arguments, as a call would see them.
#[pyfunction]
pub fn argument_types_of<'py>(arguments: Vec<Bound<'py, PyAny>>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    arguments.iter().map(crate::type_objects::typeof_).collect()
}

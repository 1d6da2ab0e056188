//! Pointers to functions, `types.FunctionType`: the interpreter's functions for them, and back.

use crate::c_functions::CFunction;
use crate::dispatcher::state_of;
use crate::dispatcher_functions::params_of;
use crate::type_objects::TypeObject;
use crate::{gate, objects};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use rumba_driver::Request;
use rumba_types::{FunctionSignature, Type, TypeKind};
use rustc_hash::FxHashMap;
use std::sync::{Mutex, PoisonError};

/// By address: the functions that pointers were made of. They stay alive, as their code does.
static FUNCTIONS: Mutex<Option<FxHashMap<u64, Py<PyAny>>>> = Mutex::new(None);

/// The type of functions that take arguments of these types and return this one.
#[pyfunction]
pub fn function_pointer_type(
    py: Python<'_>,
    params: Vec<TypeObject>,
    result: TypeObject,
) -> PyResult<TypeObject> {
    let maker = objects::id_of(&py.import("rumba.foreign")?.getattr("made_pointer")?);
    let params: Vec<Type> = params.into_iter().map(|ty| ty.0).collect();
    let signature = FunctionSignature { params, result: result.0, maker };
    Ok(TypeObject(TypeKind::FunctionPointer(signature.into()).into()))
}

/// The address of a function's entry for the signature; none of what is no function.
pub fn address_of(value: &Bound<'_, PyAny>, signature: &FunctionSignature) -> PyResult<Option<u64>> {
    let py = value.py();
    let wrapped = match value.cast::<CFunction>() {
        Ok(function) => function.get().dispatcher.bind(py).clone(),
        Err(_) if state_of(value).is_some() => value.clone(),
        Err(_) => py.import("rumba.foreign")?.getattr("as_dispatcher")?.call1((value,))?,
    };
    let Some(state) = state_of(&wrapped) else { return Ok(None) };
    let FunctionSignature { params, result, .. } = signature;
    let params = match state.parameters.len() {
        // `def f(*args)`, whose tuple is packed as its elements are.
        1 if state.parameters.is_variadic() => vec![Type::tuple(params.clone())],
        _ => params_of(state, params.iter().map(|ty| TypeObject(*ty)).collect())?,
    };
    let compiled = match state.find(&params) {
        Some(known) if known.compiled.result == *result => known.compiled.clone(),
        _ => {
            let request = Request { function: state.id(), params, result: Some(*result), c_hooks: None };
            gate::compile(py, &state.name, &request, &[], || None, Ok)?
        }
    };
    let address = compiled.entry as usize as u64;
    let mut functions = FUNCTIONS.lock().unwrap_or_else(PoisonError::into_inner);
    functions.get_or_insert_default().entry(address).or_insert_with(|| value.clone().unbind());
    Ok(Some(address))
}

/// The function that a pointer was made of.
pub fn object_at(py: Python<'_>, address: u64) -> PyResult<Bound<'_, PyAny>> {
    let functions = FUNCTIONS.lock().unwrap_or_else(PoisonError::into_inner);
    let function = functions.as_ref().and_then(|functions| functions.get(&address));
    let function = function.map(|function| function.bind(py).clone());
    function.ok_or_else(|| PyTypeError::new_err("a function pointer without a value is handed to Python"))
}

//! Object mode: calls that fall back to the interpreter, and loops of interpreted functions that run compiled.
//!
//! What the interpreter runs is made by `rumba/object_mode.py`.

use crate::dispatcher::State;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use rumba_types::{Type, TypeKind};
use rustc_hash::FxHashSet;
use std::sync::{Mutex, OnceLock};

/// How a function runs that need not be compiled.
pub struct ObjectMode {
    /// What `rumba.object_mode` knows of the function.
    host: Py<PyAny>,
    /// What the interpreter runs, once it is needed.
    function: OnceLock<Py<PyAny>>,
    /// Whether nothing is compiled but loops.
    pub is_forced: bool,
}

/// The argument types for which it is known that nothing can be compiled.
#[derive(Default)]
pub struct Refusals(Mutex<FxHashSet<Vec<Type>>>);

impl Refusals {
    fn contains(&self, types: &[Type]) -> bool {
        self.lock().contains(types)
    }

    fn insert(&self, types: Vec<Type>) {
        self.lock().insert(types);
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, FxHashSet<Vec<Type>>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl ObjectMode {
    pub fn new(host: Bound<'_, PyAny>, is_forced: bool) -> ObjectMode {
        ObjectMode { host: host.unbind(), function: OnceLock::new(), is_forced }
    }

    /// What the interpreter runs.
    pub fn function(&self, py: Python<'_>) -> PyResult<&Py<PyAny>> {
        if let Some(function) = self.function.get() {
            return Ok(function);
        }
        let made = self.host.bind(py).call_method0("make")?.unbind();
        Ok(self.function.get_or_init(|| made))
    }

    /// The objects that this refers to, for the garbage collector.
    pub fn objects(&self) -> impl Iterator<Item = &Py<PyAny>> {
        std::iter::once(&self.host).chain(self.function.get())
    }

    /// Calls compiled code with one object per parameter; `None` if the interpreter has to run the function, of which
    /// the user is told the reason.
    pub fn attempt<'py>(
        &self,
        py: Python<'py>,
        state: &State,
        args: &[Bound<'py, PyAny>],
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let explain = |error: PyErr| {
            if !error.is_instance_of::<PyException>(py) {
                return Err(error); // Ctrl-C while compiling, say.
            }
            self.host.bind(py).call_method1("explain", (error.into_value(py),)).map(|_| None)
        };
        let types = match state.types_of(py, args) {
            Ok(types) => types,
            Err(error) => return explain(error),
        };
        if state.refusals.contains(&types) {
            return Ok(None);
        }
        match state.prepare(py, args, types.clone()) {
            Ok(prepared) => prepared.run(py).map(Some),
            Err(error) => {
                // What was compiled did not take the values, such as a list with an element of another type further on.
                if state.find(&types).is_none() {
                    state.refusals.insert(types);
                }
                explain(error)
            }
        }
    }
}

/// Runs a loop that was made a function; `None`, and nothing has run, where it does not compile for these arguments, or
/// where the interpreter could see that it was compiled.
pub fn run_loop<'py>(
    py: Python<'py>,
    state: &State,
    args: &[Bound<'py, PyAny>],
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let is_quiet = |error: PyErr| if error.is_instance_of::<PyException>(py) { Ok(None) } else { Err(error) };
    let types = match state.types_of(py, args) {
        Ok(types) => types,
        Err(error) => return is_quiet(error),
    };
    if state.refusals.contains(&types)
        || !types.iter().all(|ty| is_shareable(*ty))
        || have_aliases(args, &types)
    {
        return Ok(None);
    }
    match state.prepare(py, args, types.clone()) {
        Ok(prepared) if is_plain(prepared.result_type()) => prepared.run(py).map(Some),
        Ok(_) => {
            state.refusals.insert(types);
            Ok(None)
        }
        Err(error) => {
            if state.find(&types).is_none() {
                state.refusals.insert(types);
            }
            is_quiet(error)
        }
    }
}

/// Whether a value can be handed out anew without anybody noticing: it is not changed in place, or its memory is shared.
fn is_plain(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::None
        | TypeKind::Literal(_)
        | TypeKind::Bool
        | TypeKind::Int(_)
        | TypeKind::Float(_)
        | TypeKind::Complex(_)
        | TypeKind::Str
        | TypeKind::Bytes
        | TypeKind::DateTime(_)
        | TypeKind::TimeDelta(_)
        | TypeKind::Array(_)
        | TypeKind::EnumMember { .. } => true,
        TypeKind::Optional(inner) => is_plain(*inner),
        TypeKind::Tuple(elements) | TypeKind::NamedTuple(_, elements) => {
            elements.iter().all(|ty| is_plain(*ty))
        }
        _ => false,
    }
}

/// Whether what compiled code does to a value is what its caller sees: containers are converted one by one, so that one
/// inside of another would lose who shares it.
fn is_shareable(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::List(item) | TypeKind::Deque(item) | TypeKind::Set(item, _) => is_plain(*item),
        TypeKind::Dict(key, value, _) => is_plain(*key) && is_plain(*value),
        TypeKind::Tuple(elements) | TypeKind::NamedTuple(_, elements) => {
            elements.iter().all(|ty| is_plain(*ty))
        }
        TypeKind::Optional(inner) => is_plain(*inner),
        TypeKind::Instance(class) => class.is_shared,
        _ => true,
    }
}

/// Whether a container is passed twice: each argument is converted by itself.
fn have_aliases(args: &[Bound<'_, PyAny>], types: &[Type]) -> bool {
    let containers = args.iter().zip(types).filter(|(_, ty)| crate::typed::is_container(**ty));
    let mut seen = FxHashSet::default();
    !containers.into_iter().all(|(argument, _)| seen.insert(argument.as_ptr() as usize))
}

//! The object that `@njit` makes: a heap type with vectorcall.
//!
//! A call first walks the list of specialisations, newest first: each compares the arguments with its
//! guards and unpacks them in the same pass, without allocating. The list only grows (or is replaced as a
//! whole by `recompile`), and its nodes live as long as the dispatcher, so walking it needs no lock.
//! Everything else (keywords, defaults, unknown types, conversions, compiling) is in `call_slowly`.

use crate::binding::{Parameters, n_arguments};
use crate::c_functions::CFunction;
use crate::containers::Lent;
use crate::generators::GeneratorObject;
use crate::guard::{self, Guard};
use crate::holds::{AllGiven, Kept};
use crate::numpy::{as_array, is_array};
use crate::object_mode::{ObjectMode, Refusals};
use crate::type_of::{Untyped, literal_type_of, short_text, type_of, type_of_keywords};
use crate::{box_value, errors, gate, holds, objects, overloads, raise, thread, unbox};
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::ffi::{self, PyObject, PyTypeObject};
use pyo3::prelude::*;
use rumba_driver::{Compiled, Entry, Request};
use rumba_infer::FunctionOptions;
use rumba_runtime::context::{ExecutionContext, Raised};
use rumba_runtime::interrupt;
use rumba_source::Code;
use rumba_types::{FloatKind, FunctionRef, IntKind, ObjectId, Type, TypeKind};
use rustc_hash::FxHashMap;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// Slots that fit on the stack of a call; specialisations with more take the slow path.
const N_STACK_SLOTS: usize = 64;
/// Results that fit on the stack of a call.
const N_STACK_RESULTS: usize = 24;
/// Longer lists are searched by hash, in the slow path.
const N_FAST_SPECIALISATIONS: usize = 16;

#[repr(C)]
struct DispatcherObject {
    ob_base: PyObject,
    vectorcall: Option<ffi::vectorcallfunc>,
    dict: *mut PyObject,
    weak_references: *mut PyObject,
    state: *mut State,
}

/// What a dispatcher knows; immutable but for the specialisations.
pub struct State {
    pub py_func: Py<PyAny>,
    /// By which the compiler knows the function; `recompile` takes a new one.
    id: AtomicU32,
    pub name: Arc<str>,
    pub options: FunctionOptions,
    /// Whether compiled code runs without the interpreter lock.
    releases_lock: bool,
    pub parameters: Parameters,
    /// `usize::MAX` where every call must be folded.
    n_plain_args: usize,
    newest: AtomicPtr<Specialisation>,
    specialisations: Mutex<Specialisations>,
    pub can_compile: AtomicBool,
    /// Where the interpreter runs what is not compiled; `None` where that is an error.
    object_mode: Option<ObjectMode>,
    pub refusals: Refusals,
    /// A bit for each parameter for whose values the function is compiled one by one.
    literal_params: AtomicU64,
}

/// A call that is ready to run.
pub struct Prepared<'py> {
    specialisation: Arc<Specialisation>,
    slots: Vec<u64>,
    lent: Lent<'py>,
}

#[derive(Default)]
struct Specialisations {
    /// In order of compilation.
    current: Vec<Arc<Specialisation>>,
    by_types: FxHashMap<Vec<Type>, Arc<Specialisation>>,
    /// Replaced by `recompile`; a call may still run them.
    retired: Vec<Arc<Specialisation>>,
}

/// Compiled code for given argument types, ready to be called.
pub struct Specialisation {
    /// Older ones. Valid as long as the dispatcher.
    next: *const Specialisation,
    guards: Box<[Guard]>,
    /// Whether the fast path may take it.
    is_fast: bool,
    // Copies of what is in `compiled`, side by side for the fast path.
    entry: Entry,
    polls: bool,
    releases_lock: bool,
    given: AllGiven,
    result: Type,
    n_results: usize,
    pub compiled: Arc<Compiled>,
}

// SAFETY: `next` points to immutable nodes that the same dispatcher owns.
unsafe impl Send for Specialisation {}
// SAFETY: as above.
unsafe impl Sync for Specialisation {}

static TYPE: OnceLock<usize> = OnceLock::new();

fn dispatcher_type() -> *mut PyTypeObject {
    TYPE.get().map_or(std::ptr::null_mut(), |address| *address as *mut PyTypeObject)
}

impl State {
    /// Calls with one object per parameter.
    ///
    /// # Safety
    /// `args` holds as many live objects as there are parameters; the interpreter is attached.
    #[inline(always)]
    unsafe fn call(&self, args: *const *mut PyObject) -> *mut PyObject {
        // SAFETY: promised by the caller.
        unsafe { self.call_fast(args).unwrap_or_else(|| self.call_slowly(args)) }
    }

    /// Calls the specialisation whose guards accept the arguments, if there is one.
    ///
    /// # Safety
    /// As `call`.
    #[inline(always)]
    unsafe fn call_fast(&self, args: *const *mut PyObject) -> Option<*mut PyObject> {
        let mut slots = [MaybeUninit::<u64>::uninit(); N_STACK_SLOTS];
        let mut current = self.newest.load(Ordering::Acquire).cast_const();
        // SAFETY: nodes live as long as the dispatcher, which the caller keeps alive; guards are possible
        // only for specialisations whose slots fit.
        unsafe {
            while let Some(specialisation) = current.as_ref() {
                let mut out = slots.as_mut_ptr().cast::<u64>();
                let fits = specialisation
                    .guards
                    .iter()
                    .enumerate()
                    .all(|(idx, guard)| guard.unpack(*args.add(idx), &mut out));
                if fits {
                    return Some(specialisation.run(slots.as_ptr().cast()));
                }
                current = specialisation.next;
            }
            None
        }
    }

    /// # Safety
    /// As `call`.
    #[cold]
    unsafe fn call_slowly(&self, args: *const *mut PyObject) -> *mut PyObject {
        // SAFETY: promised by the caller.
        unsafe {
            let py = Python::assume_attached();
            let args: Vec<Bound<'_, PyAny>> =
                (0..self.parameters.len()).map(|idx| Bound::from_borrowed_ptr(py, *args.add(idx))).collect();
            into_pointer(py, gate::catch_panic(py, "dispatch", || self.dispatch(py, &args)))
        }
    }

    fn dispatch<'py>(&self, py: Python<'py>, args: &[Bound<'py, PyAny>]) -> PyResult<Bound<'py, PyAny>> {
        let types = self.types_of(py, args)?;
        self.prepare(py, args, types)?.run(py)
    }

    pub fn types_of(&self, py: Python<'_>, args: &[Bound<'_, PyAny>]) -> PyResult<Vec<Type>> {
        let typed = |(idx, argument): (usize, &Bound<'_, PyAny>)| {
            let ty = if self.parameters.var_keyword() == Some(idx) {
                type_of_keywords(argument)
            } else if self.is_literal(idx) {
                literal_type_of(argument)
            } else {
                type_of(argument)
            };
            ty.map_err(|error| self.argument_error(py, idx, error))
        };
        args.iter().enumerate().map(typed).collect()
    }

    /// Finds or compiles what takes arguments of these types, and unpacks them.
    pub fn prepare<'py>(
        &self,
        py: Python<'py>,
        args: &[Bound<'py, PyAny>],
        types: Vec<Type>,
    ) -> PyResult<Prepared<'py>> {
        let specialisation = match self.find(&types) {
            Some(specialisation) => specialisation,
            None if self.can_compile.load(Ordering::Relaxed) => {
                let short_extents = short_extents(args, &types);
                match self.compile(py, types.clone(), None, &short_extents) {
                    // The attempt has found out which values it needs to know.
                    Err(_) if self.find_literals() => {
                        let types = self.types_of(py, args)?;
                        return self.prepare(py, args, types);
                    }
                    compiled => compiled?,
                }
            }
            None => self.resolve(&types)?,
        };
        let mut slots = Vec::with_capacity(16);
        let mut lent = Lent::default();
        for (idx, (argument, ty)) in args.iter().zip(&specialisation.compiled.params).enumerate() {
            unbox::unbox(argument, *ty, &mut slots, &mut lent)
                .map_err(|error| self.conversion_error(py, idx, error))?;
        }
        Ok(Prepared { specialisation, slots, lent })
    }

    fn resolve(&self, types: &[Type]) -> PyResult<Arc<Specialisation>> {
        let candidates = self.current();
        let parameters: Vec<&[Type]> =
            candidates.iter().map(|candidate| &*candidate.compiled.params).collect();
        match overloads::resolve(types, &parameters) {
            overloads::Resolution::One(idx) => Ok(candidates[idx].clone()),
            overloads::Resolution::Ambiguous(best) => Err(PyTypeError::new_err(format!(
                "Ambiguous overloading for {}({}): {}",
                self.name,
                list_types(types),
                best.iter()
                    .map(|idx| format!("({})", list_types(parameters[*idx])))
                    .collect::<Vec<_>>()
                    .join(", ")
            ))),
            overloads::Resolution::None => Err(PyTypeError::new_err(format!(
                "No matching definition for argument type(s) {} of {}, which compiles no more; it is defined for {}",
                list_types(types),
                self.name,
                parameters
                    .iter()
                    .map(|types| format!("({})", list_types(types)))
                    .collect::<Vec<_>>()
                    .join(", ")
            ))),
        }
    }

    /// Whether the function is compiled for each value of a parameter.
    fn is_literal(&self, parameter: usize) -> bool {
        parameter < 64 && self.literal_params.load(Ordering::Relaxed) & 1 << parameter != 0
    }

    /// Asks which parameters are such; whether there are new ones.
    fn find_literals(&self) -> bool {
        let found = rumba_driver::literal_params(self.id());
        let bits = found.into_iter().filter(|param| *param < 64).fold(0, |bits, param| bits | 1 << param);
        self.literal_params.fetch_or(bits, Ordering::Relaxed) & bits != bits
    }

    fn argument_error(&self, py: Python<'_>, idx: usize, error: Untyped) -> PyErr {
        let place = format!("argument `{}` of `{}`", self.parameters.name(idx), self.name);
        match error {
            Untyped::Overflow(text) => {
                PyOverflowError::new_err(format!("{place}: {text} fits neither int64 nor uint64"))
            }
            Untyped::Unsupported { what, note } => errors::plain(
                py,
                Code::ArgumentType,
                &format!("{place} is {what}: compiled code cannot take it"),
                note.as_slice(),
            ),
            Untyped::Raised(error) => error,
        }
    }

    fn conversion_error(&self, py: Python<'_>, idx: usize, error: PyErr) -> PyErr {
        let text =
            format!("argument `{}` of `{}`: {}", self.parameters.name(idx), self.name, error.value(py));
        if error.is_instance_of::<PyOverflowError>(py) {
            PyOverflowError::new_err(text)
        } else if error.is_instance_of::<PyTypeError>(py) {
            PyTypeError::new_err(text)
        } else {
            error
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Specialisations> {
        self.specialisations.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub fn find(&self, types: &[Type]) -> Option<Arc<Specialisation>> {
        self.lock().by_types.get(types).cloned()
    }

    /// In order of compilation.
    pub fn current(&self) -> Vec<Arc<Specialisation>> {
        self.lock().current.clone()
    }

    /// Compiles for these types, and arrays with axes of the given extents, unless another thread does or did.
    pub fn compile(
        &self,
        py: Python<'_>,
        params: Vec<Type>,
        result: Option<Type>,
        short_extents: &[usize],
    ) -> PyResult<Arc<Specialisation>> {
        let request = Request { function: self.id(), params, result, c_hooks: None };
        gate::compile(
            py,
            &self.name,
            &request,
            short_extents,
            || self.find(&request.params),
            |compiled| self.add(&request, compiled),
        )
    }

    fn add(&self, request: &Request, compiled: Arc<Compiled>) -> PyResult<Arc<Specialisation>> {
        if !box_value::is_boxable(compiled.result) {
            return Err(PyTypeError::new_err(format!(
                "`{}` returns a value of type {}, which cannot be handed to Python",
                self.name, compiled.result
            )));
        }
        let mut guard = self.lock();
        if let Some(known) = guard.by_types.get(&compiled.params).cloned() {
            guard.by_types.insert(request.params.clone(), known.clone());
            return Ok(known);
        }
        let n_slots: usize = compiled.params.iter().map(|ty| ty.scalars().len()).sum();
        let guards: Box<[Guard]> = compiled.params.iter().map(|ty| Guard::of(*ty)).collect();
        let is_fast = n_slots <= N_STACK_SLOTS
            && guards.iter().all(Guard::is_possible)
            && guard.current.iter().filter(|known| known.is_fast).count() < N_FAST_SPECIALISATIONS;
        let specialisation = Arc::new(Specialisation {
            next: self.newest.load(Ordering::Acquire),
            guards,
            is_fast,
            entry: compiled.entry,
            polls: compiled.polls,
            releases_lock: self.releases_lock,
            given: AllGiven::to(&compiled),
            result: compiled.result,
            n_results: compiled.result.scalars().len(),
            compiled,
        });
        if is_fast {
            self.newest.store(Arc::as_ptr(&specialisation).cast_mut(), Ordering::Release);
        }
        guard.current.push(specialisation.clone());
        for params in [&request.params, &specialisation.compiled.params] {
            guard.by_types.insert(params.clone(), specialisation.clone());
        }
        Ok(specialisation)
    }

    pub fn id(&self) -> ObjectId {
        ObjectId(self.id.load(Ordering::Relaxed))
    }

    pub fn ty(&self) -> Type {
        TypeKind::Function(FunctionRef::Jitted { object: self.id(), name: self.name.clone() }).into()
    }

    /// The extents that code for these types was compiled with before it was forgotten.
    pub fn former_short_extents(&self, params: &[Type]) -> Vec<usize> {
        let guard = self.lock();
        let former = guard.retired.iter().rev().find(|former| former.compiled.params == params);
        former.map_or_else(Vec::new, |former| former.compiled.short_extents.clone())
    }

    /// Forgets what is compiled; returns the types of it, in order. To the compiler the function is a new
    /// one from here on, whose globals it has not read yet.
    pub fn clear(&self) -> Vec<Vec<Type>> {
        self.refusals.clear();
        let mut guard = self.lock();
        if let Some(id) = objects::renew(self.id()) {
            self.id.store(id.0, Ordering::Relaxed);
        }
        self.newest.store(std::ptr::null_mut(), Ordering::Release);
        guard.by_types.clear();
        let current = std::mem::take(&mut guard.current);
        let types = current.iter().map(|specialisation| specialisation.compiled.params.clone()).collect();
        guard.retired.extend(current);
        types
    }
}

impl<'py> Prepared<'py> {
    pub fn result_type(&self) -> Type {
        self.specialisation.compiled.result
    }

    /// Runs the code; the arguments that it was prepared with are still alive.
    pub fn run(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        // SAFETY: the slots are those of the specialisation's parameters; the arguments and `lent` keep the objects alive.
        let result =
            unsafe { Bound::from_owned_ptr_or_err(py, self.specialisation.run(self.slots.as_ptr())) };
        if !self.lent.is_empty() {
            self.lent.write_back(py)?;
        }
        result
    }
}

/// The extents of the arguments' short axes, each once.
fn short_extents(args: &[Bound<'_, PyAny>], types: &[Type]) -> Vec<usize> {
    let arrays =
        args.iter().zip(types).filter(|(argument, ty)| ty.as_array().is_some() && is_array(argument));
    let shapes = arrays.map(|(argument, _)| {
        // SAFETY: it is an array, whose axes have an extent each.
        unsafe {
            let array = as_array(argument.as_ptr());
            (0..array.nd as usize).map(|axis| *array.dimensions.add(axis) as usize).collect::<Vec<_>>()
        }
    });
    let mut extents: Vec<usize> = shapes.filter_map(|shape| rumba_driver::short_extent(&shape)).collect();
    extents.sort_unstable();
    extents.dedup();
    extents
}

pub fn list_types(types: &[Type]) -> String {
    types.iter().map(Type::to_string).collect::<Vec<_>>().join(", ")
}

impl Specialisation {
    /// Runs the code and boxes its result.
    ///
    /// # Safety
    /// `slots` are the packed arguments; the objects they come from are alive; the interpreter is attached.
    #[inline(always)]
    unsafe fn run(&self, slots: *const u64) -> *mut PyObject {
        let ctx = thread::context();
        if self.polls {
            interrupt::arm();
        }
        // SAFETY: the entry reads the parameters' slots and writes the result's.
        unsafe {
            if self.n_results > N_STACK_RESULTS {
                let mut results = vec![0u64; self.n_results];
                if self.enter(ctx, slots, results.as_mut_ptr()) != 0 {
                    return raise::raise_pending(ctx);
                }
                return box_result(self.result, &results);
            }
            let mut results = [MaybeUninit::<u64>::uninit(); N_STACK_RESULTS];
            if self.enter(ctx, slots, results.as_mut_ptr().cast()) != 0 {
                return raise::raise_pending(ctx);
            }
            let results = std::slice::from_raw_parts(results.as_ptr().cast::<u64>(), self.n_results);
            match self.result.kind() {
                TypeKind::Int(IntKind { bits: 64, signed: true }) => {
                    ffi::PyLong_FromLongLong(results[0] as i64)
                }
                TypeKind::Float(FloatKind::F64) => ffi::PyFloat_FromDouble(f64::from_bits(results[0])),
                TypeKind::None => {
                    ffi::Py_INCREF(ffi::Py_None());
                    ffi::Py_None()
                }
                TypeKind::Bool => {
                    let object =
                        if box_value::bool_of_slot(results[0]) { ffi::Py_True() } else { ffi::Py_False() };
                    ffi::Py_INCREF(object);
                    object
                }
                TypeKind::GeneratorIterator(_) if !self.given.is_empty() => {
                    self.box_generator(slots, results)
                }
                _ => box_result(self.result, results),
            }
        }
    }
}

impl Specialisation {
    /// A generator, which holds what it was given whenever it goes on.
    ///
    /// # Safety
    /// As `run`; `results` are the slots of an owned generator.
    unsafe fn box_generator(&self, slots: *const u64, results: &[u64]) -> *mut PyObject {
        // SAFETY: promised by the caller.
        unsafe {
            let object = box_result(self.result, results);
            let boxed = Bound::from_borrowed_ptr_or_opt(Python::assume_attached(), object);
            if let Some(generator) = boxed.as_ref().and_then(|boxed| boxed.cast::<GeneratorObject>().ok()) {
                generator.borrow_mut().keep(Kept::of(&self.given, slots, self.compiled.generator_changes));
            }
            object
        }
    }

    /// # Safety
    /// As `run`; `results` has room for the result.
    #[inline(always)]
    unsafe fn enter(&self, ctx: *mut ExecutionContext, slots: *const u64, results: *mut u64) -> i32 {
        // SAFETY: promised by the caller.
        unsafe {
            match self.given.is_empty() {
                true => self.enter_code(ctx, slots, results),
                false => self.enter_holding(ctx, slots, results),
            }
        }
    }

    /// As `enter`, of code that is given containers.
    ///
    /// # Safety
    /// As `enter`.
    #[inline(never)]
    unsafe fn enter_holding(&self, ctx: *mut ExecutionContext, slots: *const u64, results: *mut u64) -> i32 {
        // SAFETY: promised by the caller.
        unsafe {
            let code = || self.enter_code(ctx, slots, results);
            holds::while_holding(&self.given, slots, self.releases_lock, code).unwrap_or_else(|error| {
                error.restore(Python::assume_attached());
                (*ctx).set(Raised::Host);
                1
            })
        }
    }

    /// # Safety
    /// As `enter`.
    #[inline(always)]
    unsafe fn enter_code(&self, ctx: *mut ExecutionContext, slots: *const u64, results: *mut u64) -> i32 {
        // SAFETY: promised by the caller; callbacks take the lock themselves.
        unsafe {
            if !self.releases_lock {
                return (self.entry)(ctx, slots, results);
            }
            let thread = ffi::PyEval_SaveThread();
            let status = (self.entry)(ctx, slots, results);
            ffi::PyEval_RestoreThread(thread);
            status
        }
    }
}

/// # Safety
/// `results` are the slots of an owned value of type `ty`; the interpreter is attached.
unsafe fn box_result(ty: Type, results: &[u64]) -> *mut PyObject {
    // SAFETY: promised by the caller.
    let py = unsafe { Python::assume_attached() };
    into_pointer(
        py,
        gate::catch_panic(py, "boxing", || box_value::box_value(py, ty, &mut box_value::Slots::new(results))),
    )
}

fn into_pointer(py: Python<'_>, result: PyResult<Bound<'_, PyAny>>) -> *mut PyObject {
    match result {
        Ok(object) => object.into_ptr(),
        Err(error) => {
            error.restore(py);
            std::ptr::null_mut()
        }
    }
}

unsafe extern "C" fn vectorcall(
    callable: *mut PyObject,
    args: *const *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: the interpreter calls this on dispatchers only, attached, with arguments that it keeps alive.
    unsafe {
        let state = &*(*callable.cast::<DispatcherObject>()).state;
        let n_args = n_arguments(nargsf);
        if n_args == state.n_plain_args && kwnames.is_null() {
            return state.call(args);
        }
        call_folded(state, args, n_args, kwnames)
    }
}

fn pointers_of(objects: &[Bound<'_, PyAny>]) -> Vec<*mut PyObject> {
    objects.iter().map(Bound::as_ptr).collect()
}

/// # Safety
/// As `vectorcall`.
#[cold]
unsafe fn call_folded(
    state: &State,
    args: *const *mut PyObject,
    n_args: usize,
    kwnames: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: promised by the caller; `bound` keeps the objects alive during the call.
    unsafe {
        let py = Python::assume_attached();
        if let Some(object_mode) = &state.object_mode {
            return call_in_object_mode(state, object_mode, args, n_args, kwnames);
        }
        match state.parameters.bind(py, args, n_args, kwnames) {
            Ok(bound) => {
                let pointers = pointers_of(&bound);
                state.call(pointers.as_ptr())
            }
            Err(error) => {
                error.restore(py);
                std::ptr::null_mut()
            }
        }
    }
}

/// Runs compiled code if there can be some, and otherwise the function of the interpreter, which has its own words for
/// calls that do not fit.
///
/// # Safety
/// As `vectorcall`.
unsafe fn call_in_object_mode(
    state: &State,
    object_mode: &ObjectMode,
    args: *const *mut PyObject,
    n_args: usize,
    kwnames: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: promised by the caller; `bound` keeps the objects alive during the call.
    unsafe {
        let py = Python::assume_attached();
        if !object_mode.is_forced
            && let Ok(bound) = state.parameters.bind(py, args, n_args, kwnames)
        {
            let pointers = pointers_of(&bound);
            if let Some(result) = state.call_fast(pointers.as_ptr()) {
                return result;
            }
            match gate::catch_panic(py, "dispatch", || object_mode.attempt(py, state, &bound)) {
                Ok(None) => {}
                Ok(Some(result)) => return result.into_ptr(),
                Err(error) => {
                    error.restore(py);
                    return std::ptr::null_mut();
                }
            }
        }
        match object_mode.function(py) {
            Ok(function) => ffi::PyObject_Vectorcall(function.as_ptr(), args, n_args, kwnames),
            Err(error) => {
                error.restore(py);
                std::ptr::null_mut()
            }
        }
    }
}

unsafe extern "C" {
    // Public, but missing from pyo3-ffi.
    fn PyMethod_New(function: *mut PyObject, instance: *mut PyObject) -> *mut PyObject;
}

unsafe extern "C" fn descr_get(
    this: *mut PyObject,
    instance: *mut PyObject,
    _class: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: the interpreter passes live objects.
    unsafe {
        if instance.is_null() || instance == ffi::Py_None() {
            ffi::Py_INCREF(this);
            this
        } else {
            PyMethod_New(this, instance)
        }
    }
}

unsafe extern "C" fn traverse(this: *mut PyObject, visit: ffi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: the collector calls this on live dispatchers; a new one has no state yet.
    unsafe {
        let dispatcher = this.cast::<DispatcherObject>();
        let Some(state) = (*dispatcher).state.as_ref() else {
            return 0;
        };
        let class = ffi::Py_TYPE(this).cast::<PyObject>();
        let objects = [class, (*dispatcher).dict, state.py_func.as_ptr()];
        let defaults = state.parameters.defaults().map(|object| object.as_ptr());
        let interpreted =
            state.object_mode.iter().flat_map(ObjectMode::objects).map(|object| object.as_ptr());
        for object in
            objects.into_iter().chain(defaults).chain(interpreted).filter(|object| !object.is_null())
        {
            let status = visit(object, arg);
            if status != 0 {
                return status;
            }
        }
    }
    0
}

/// Clears the attributes. The function needs no clearing: it has its own.
unsafe extern "C" fn clear(this: *mut PyObject) -> c_int {
    // SAFETY: the collector calls this on live dispatchers.
    unsafe {
        let dispatcher = this.cast::<DispatcherObject>();
        let dict = std::mem::replace(&mut (*dispatcher).dict, std::ptr::null_mut());
        ffi::Py_XDECREF(dict);
    }
    0
}

unsafe extern "C" fn dealloc(this: *mut PyObject) {
    // SAFETY: the reference count is 0: nobody else uses the object.
    unsafe {
        let dispatcher = this.cast::<DispatcherObject>();
        ffi::PyObject_GC_UnTrack(this.cast());
        if let Some(state) = (*dispatcher).state.as_ref() {
            objects::forget(state.id());
        }
        if !(*dispatcher).weak_references.is_null() {
            ffi::PyObject_ClearWeakRefs(this);
        }
        clear(this);
        if !(*dispatcher).state.is_null() {
            drop(Box::from_raw((*dispatcher).state));
        }
        let class = ffi::Py_TYPE(this);
        ffi::PyObject_GC_Del(this.cast());
        ffi::Py_DECREF(class.cast());
    }
}

unsafe extern "C" fn repr(this: *mut PyObject) -> *mut PyObject {
    // SAFETY: the interpreter calls this on live dispatchers.
    let (py, state) = unsafe { (Python::assume_attached(), &*(*this.cast::<DispatcherObject>()).state) };
    let text = state
        .py_func
        .bind(py)
        .repr()
        .map(|text| format!("<jitted {}", text.to_string_lossy().trim_start_matches('<')));
    into_pointer(py, text.map(|text| pyo3::types::PyString::new(py, &text).into_any()))
}

/// Makes the type; called once by the module's initialisation.
pub fn create_type(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let offset = |offset: usize| offset as isize;
    let member = |name: &'static std::ffi::CStr, at: usize| ffi::PyMemberDef {
        name: name.as_ptr(),
        type_code: ffi::Py_T_PYSSIZET,
        offset: offset(at),
        flags: ffi::Py_READONLY,
        doc: std::ptr::null(),
    };
    // SAFETY: all-zero is the sentinel of the interpreter's tables.
    let members: &'static mut [ffi::PyMemberDef; 4] = Box::leak(Box::new([
        member(c"__vectorcalloffset__", std::mem::offset_of!(DispatcherObject, vectorcall)),
        member(c"__dictoffset__", std::mem::offset_of!(DispatcherObject, dict)),
        member(c"__weaklistoffset__", std::mem::offset_of!(DispatcherObject, weak_references)),
        unsafe { std::mem::zeroed() },
    ]));
    // SAFETY: as above.
    let getset: &'static mut [ffi::PyGetSetDef; 2] = Box::leak(Box::new(unsafe {
        [
            ffi::PyGetSetDef {
                name: c"__dict__".as_ptr(),
                get: Some(ffi::PyObject_GenericGetDict),
                set: Some(ffi::PyObject_GenericSetDict),
                doc: std::ptr::null(),
                closure: std::ptr::null_mut(),
            },
            std::mem::zeroed(),
        ]
    }));
    let slot = |slot: c_int, pfunc: *mut c_void| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(ffi::Py_tp_members, members.as_mut_ptr().cast()),
        slot(ffi::Py_tp_getset, getset.as_mut_ptr().cast()),
        slot(ffi::Py_tp_call, ffi::PyVectorcall_Call as *mut c_void),
        slot(ffi::Py_tp_descr_get, descr_get as *mut c_void),
        slot(ffi::Py_tp_traverse, traverse as *mut c_void),
        slot(ffi::Py_tp_clear, clear as *mut c_void),
        slot(ffi::Py_tp_dealloc, dealloc as *mut c_void),
        slot(ffi::Py_tp_repr, repr as *mut c_void),
        slot(0, std::ptr::null_mut()),
    ];
    let mut spec = ffi::PyType_Spec {
        name: c"rumba.Dispatcher".as_ptr(),
        basicsize: size_of::<DispatcherObject>() as c_int,
        itemsize: 0,
        flags: (ffi::Py_TPFLAGS_DEFAULT
            | ffi::Py_TPFLAGS_HAVE_GC
            | ffi::Py_TPFLAGS_HAVE_VECTORCALL
            // A method call passes `self` as the first argument without making a bound method.
            | ffi::Py_TPFLAGS_METHOD_DESCRIPTOR
            | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION) as u32,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the spec's tables live for ever or are copied; the type is immortal because TYPE holds it.
    unsafe {
        let class = Bound::from_owned_ptr_or_err(py, ffi::PyType_FromSpec(&mut spec))?;
        guard::initialise();
        if TYPE.set(class.as_ptr() as usize).is_ok() {
            ffi::Py_INCREF(class.as_ptr());
        }
        Ok(class)
    }
}

/// A dispatcher for a Python function.
pub fn create<'py>(
    function: &Bound<'py, PyAny>,
    options: FunctionOptions,
    releases_lock: bool,
    object_mode: Option<ObjectMode>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = function.py();
    let parameters = Parameters::of(function)?;
    let name: String = function.getattr("__name__")?.extract()?;
    let name: Arc<str> = name.into();
    // SAFETY: the new object is all zero, which `traverse` and `dealloc` understand, until `state` is set.
    unsafe {
        let class = dispatcher_type();
        let object = ffi::PyType_GenericAlloc(class, 0);
        if object.is_null() {
            return Err(PyErr::fetch(py));
        }
        let id = objects::register_borrowed(object);
        let state = State {
            py_func: function.clone().unbind(),
            id: AtomicU32::new(id.0),
            options,
            releases_lock,
            name,
            n_plain_args: parameters.n_plain().filter(|_| object_mode.is_none()).unwrap_or(usize::MAX),
            parameters,
            newest: AtomicPtr::new(std::ptr::null_mut()),
            specialisations: Mutex::default(),
            can_compile: AtomicBool::new(true),
            object_mode,
            refusals: Refusals::default(),
            literal_params: AtomicU64::new(0),
        };
        let dispatcher = object.cast::<DispatcherObject>();
        (*dispatcher).vectorcall = Some(vectorcall);
        (*dispatcher).dict = std::ptr::null_mut();
        (*dispatcher).weak_references = std::ptr::null_mut();
        (*dispatcher).state = Box::into_raw(Box::new(state));
        Ok(Bound::from_owned_ptr(py, object))
    }
}

/// The state of a dispatcher; `None` for other objects.
pub fn state_of<'a>(object: &'a Bound<'_, PyAny>) -> Option<&'a State> {
    // SAFETY: the class is checked; the state lives as long as the object, which the caller holds.
    unsafe {
        (object.get_type_ptr() == dispatcher_type())
            .then(|| &*(*object.as_ptr().cast::<DispatcherObject>()).state)
    }
}

pub fn type_of_dispatcher(object: *mut PyObject) -> Option<Type> {
    // SAFETY: the object is alive (callers hold it); its class is checked.
    unsafe {
        (ffi::Py_TYPE(object) == dispatcher_type())
            .then(|| (*(*object.cast::<DispatcherObject>()).state).ty())
    }
}

/// Functions marked with `register_jitable`, and their options.
static JITABLE: Mutex<Option<FxHashMap<ObjectId, FunctionOptions>>> = Mutex::new(None);

/// Lets compiled code call a plain Python function.
pub fn register_jitable(function: &Bound<'_, PyAny>, options: FunctionOptions) {
    let id = objects::id_of(function);
    let mut guard = JITABLE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    guard.get_or_insert_default().insert(id, options);
}

/// The options of a function that was marked with `register_jitable`.
pub fn jitable_options(id: ObjectId) -> Option<FunctionOptions> {
    let guard = JITABLE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    guard.as_ref()?.get(&id).cloned()
}

/// Id and name of a function that compiled code may call: a dispatcher, or one marked `register_jitable`.
pub fn jitable(object: &Bound<'_, PyAny>) -> Option<(ObjectId, Arc<str>)> {
    if let Some(state) = state_of(object) {
        return Some((state.id(), state.name.clone()));
    }
    if let Ok(function) = object.cast::<CFunction>() {
        return jitable(function.get().dispatcher.bind(object.py()));
    }
    if !object.is_instance_of::<pyo3::types::PyFunction>() {
        return None;
    }
    if let Some(generator) = generator_of_manager(object) {
        // What the user writes is the generator function; the decorator has made `object` of it, which calls that.
        for function in [object, &generator] {
            let is_known = objects::known_id(function).is_some_and(|id| jitable_options(id).is_some());
            if !is_known && function.is_instance_of::<pyo3::types::PyFunction>() {
                register_jitable(function, FunctionOptions::default());
            }
        }
    }
    let id = objects::known_id(object)?;
    jitable_options(id)?;
    let name: String = object.getattr("__name__").ok()?.extract().ok()?;
    Some((id, name.into()))
}

/// The function that `contextlib.contextmanager` has decorated, if it has made this one.
fn generator_of_manager<'py>(object: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let module = object.getattr("__globals__").ok()?.get_item("__name__").ok()?;
    let name = object.getattr("__code__").ok()?.getattr("co_name").ok()?;
    (module.eq("contextlib").ok()? && name.eq("helper").ok()?).then(|| object.getattr("__wrapped__").ok())?
}

/// The message of a value that has no type, for `rumba.typeof`.
pub fn untyped_error(value: &Bound<'_, PyAny>, error: Untyped) -> PyErr {
    match error {
        Untyped::Overflow(_) => {
            PyOverflowError::new_err(format!("{} fits neither int64 nor uint64", short_text(value)))
        }
        Untyped::Unsupported { what, note } => errors::plain(
            value.py(),
            Code::UnsupportedValue,
            &format!("{what} has no type in compiled code"),
            note.as_slice(),
        ),
        Untyped::Raised(error) => error,
    }
}

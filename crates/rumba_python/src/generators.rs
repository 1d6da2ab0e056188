//! Generators of compiled code as objects of the interpreter.

use crate::containers::Stored;
use crate::holds::Kept;
use crate::thread;
use crate::{gate, raise};
use pyo3::exceptions::{PyStopIteration, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyType;
use rumba_runtime::context::{ExecutionContext, Passed, Pending, Raised};
use rumba_runtime::generators::{Generator, NEXT, Raises, THROW};
use rumba_runtime::interrupt;
use rumba_runtime::memory::rumba_release;
use rumba_types::{GeneratorType, Place, Type, TypeKind};
use std::sync::Arc;

/// What a compiled generator function gives.
#[pyclass(name = "generator", module = "rumba")]
pub struct GeneratorObject {
    ty: Arc<GeneratorType>,
    slot: u64,
    item: (Stored, u32),
    sent: (Stored, u32),
    returned: (Stored, u32),
    given: Kept,
}

impl Drop for GeneratorObject {
    fn drop(&mut self) {
        // SAFETY: the reference is this object's.
        unsafe { rumba_release(self.slot) };
    }
}

impl GeneratorObject {
    /// Takes over a reference to a generator.
    pub fn new(ty: &Arc<GeneratorType>, slot: u64) -> GeneratorObject {
        let places = ty.places();
        let stored = |place: Place| (Stored::new(place.ty, place.ty.storage()), place.offset);
        GeneratorObject {
            slot,
            item: stored(places.item),
            sent: stored(places.sent),
            returned: stored(places.returned),
            ty: ty.clone(),
            given: Kept::default(),
        }
    }

    /// Says what containers its function was given.
    pub fn keep(&mut self, given: Kept) {
        self.given = given;
    }

    fn generator(&self) -> *mut Generator {
        self.slot as *mut Generator
    }

    fn resume<'py>(&mut self, py: Python<'py>, how: u64) -> PyResult<Bound<'py, PyAny>> {
        let ctx = thread::context();
        interrupt::arm();
        // What it returned is told once.
        // SAFETY: this object holds the generator.
        let returns = !unsafe { (*self.generator()).is_finished() };
        // SAFETY: the context is this thread's; this object holds the generator, and nobody else runs it meanwhile.
        let resume = || unsafe { Generator::resume(self.generator(), ctx, how) };
        let resumed = self.given.while_holding(resume).inspect_err(|_| {
            // What was to be thrown into it, if anything.
            // SAFETY: the context is this thread's.
            drop(unsafe { (*ctx).pending.take() });
        })?;
        match resumed {
            Ok(true) => value_at(py, &mut self.item, self.slot),
            Ok(false) if returns && self.ty.returned != Type::never() && !self.ty.returned.is_none() => {
                Err(PyStopIteration::new_err(value_at(py, &mut self.returned, self.slot)?.unbind()))
            }
            Ok(false) => Err(PyStopIteration::new_err(())),
            Err(Raises) => Err(raised(py, ctx)),
        }
    }
}

/// The value that stands in a generator's block.
fn value_at<'py>(
    py: Python<'py>,
    (stored, offset): &mut (Stored, u32),
    slot: u64,
) -> PyResult<Bound<'py, PyAny>> {
    gate::catch_panic(py, "boxing", || {
        // SAFETY: the generator's block holds a value of the type there.
        unsafe { stored.get(py, (slot as *mut u8).add(*offset as usize)) }
    })
}

/// The exception that compiled code has raised. What leaves a generator is no `StopIteration`.
fn raised(py: Python<'_>, ctx: *mut ExecutionContext) -> PyErr {
    // SAFETY: the context is this thread's; an exception is pending.
    unsafe { raise::raise_pending(ctx) };
    let error = PyErr::fetch(py);
    if !error.is_instance_of::<PyStopIteration>(py) {
        return error;
    }
    let stopped = pyo3::exceptions::PyRuntimeError::new_err("generator raised StopIteration");
    stopped.set_cause(py, Some(error.clone_ref(py)));
    stopped
}

/// A generator that runs is not entered again.
fn idle<'py>(this: &Bound<'py, GeneratorObject>) -> PyResult<PyRefMut<'py, GeneratorObject>> {
    this.try_borrow_mut().map_err(|_| PyValueError::new_err("generator already executing"))
}

#[pymethods]
impl GeneratorObject {
    fn __iter__(this: Bound<'_, Self>) -> Bound<'_, Self> {
        this
    }

    fn __next__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        idle(this)?.resume(this.py(), NEXT)
    }

    fn send<'py>(this: &Bound<'py, Self>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let mut generator = idle(this)?;
        let generator = &mut *generator;
        // SAFETY: this object holds the generator.
        if !value.is_none() && unsafe { (*generator.generator()).is_starting() } {
            return Err(PyTypeError::new_err("can't send non-None value to a just-started generator"));
        }
        if !generator.ty.sent.is_none() {
            let (stored, offset) = &mut generator.sent;
            // SAFETY: the generator's block has room for the value; the old one's references are given up.
            unsafe {
                let place = (generator.slot as *mut u8).add(*offset as usize);
                stored.convert(value)?;
                stored.release(place);
                stored.put_converted(value, place)?;
                stored.keep_owners(place);
            }
        }
        generator.resume(this.py(), NEXT)
    }

    /// The older form, with the class first, is taken as well.
    #[pyo3(signature = (exception, value=None, traceback=None))]
    fn throw<'py>(
        this: &Bound<'py, Self>,
        exception: &Bound<'py, PyAny>,
        value: Option<&Bound<'py, PyAny>>,
        traceback: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _ = traceback;
        let exception = match (exception.cast::<PyType>(), value) {
            (Ok(class), Some(value)) if value.is_instance(class)? => value.clone(),
            (Ok(class), Some(value)) if !value.is_none() => class.call1((value,))?,
            (Ok(class), _) => class.call0()?,
            (Err(_), _) => exception.clone(),
        };
        if !exception.is_instance_of::<pyo3::exceptions::PyBaseException>() {
            let class = exception.get_type().name()?;
            let message =
                format!("exceptions must be classes or instances deriving from BaseException, not {class}");
            return Err(PyTypeError::new_err(message));
        }
        let mut generator = idle(this)?;
        let raised = Raised::Object(exception.into_ptr() as usize);
        // SAFETY: the context is this thread's.
        unsafe { (*thread::context()).pending = Some(Pending::new(raised, Passed::default())) };
        generator.resume(this.py(), THROW)
    }

    fn close(this: &Bound<'_, Self>) -> PyResult<()> {
        let generator = idle(this)?;
        let ctx = thread::context();
        // SAFETY: as for `resume`.
        let close = || unsafe { Generator::close(generator.generator(), ctx) };
        match generator.given.while_holding(close)? {
            Ok(()) => Ok(()),
            Err(Raises) => Err(raised(this.py(), ctx)),
        }
    }

    #[getter]
    fn __name__(&self) -> &str {
        &self.ty.name
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        let address = this.as_ptr();
        Ok(format!("<generator object {} at {address:?}>", this.getattr("__name__")?))
    }
}

/// The type and the block of a generator.
pub fn generator_of(value: &Bound<'_, PyAny>) -> Option<(Type, u64)> {
    let generator = value.cast::<GeneratorObject>().ok()?.try_borrow().ok()?;
    Some((TypeKind::GeneratorIterator(generator.ty.clone()).into(), generator.slot))
}

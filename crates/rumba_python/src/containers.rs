//! Lists of the interpreter as lists of compiled code, and back.
//!
//! A list that is an argument is converted when the call begins; what the function changed in it is written back when the
//! call ends, also by an exception. See [`Lent`].

use crate::box_value::{Slots, box_value, retain};
use crate::type_of::{Untyped, describe_instance, type_of};
use crate::unbox::unbox;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use rumba_runtime::containers::{ElementLayout, List};
use rumba_runtime::memory::{rumba_release, rumba_retain};
use rumba_types::Type;
use rustc_hash::FxHashMap;
use std::sync::Mutex;

/// What an argument's slots refer to that is not the argument itself: released when the call is over.
#[derive(Default)]
pub struct Lent<'py> {
    /// With their element types; each counts a reference.
    lists: Vec<(Type, *mut List)>,
    /// Objects that elements of lists refer to.
    objects: Vec<Bound<'py, PyAny>>,
}

impl<'py> Lent<'py> {
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.objects.is_empty()
    }

    /// Writes back what compiled code has changed.
    pub fn write_back(&self, py: Python<'py>) -> PyResult<()> {
        for (element, list) in &self.lists {
            // SAFETY: the list is alive by the reference that `self` has.
            unsafe { write_back(py, *element, *list) }?;
        }
        Ok(())
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        for (_, list) in &self.lists {
            // SAFETY: the reference is this value's.
            unsafe { rumba_release(*list as u64) };
        }
    }
}

/// How elements of this type are stored.
fn layout_of(element: Type) -> &'static ElementLayout {
    static KNOWN: Mutex<Option<FxHashMap<Type, &'static ElementLayout>>> = Mutex::new(None);
    // A panic cannot leave the table broken.
    let mut known = KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    known.get_or_insert_default().entry(element).or_insert_with(|| {
        let storage = element.storage();
        let words = [storage.size as usize, storage.owners.len()];
        let owners = storage.owners.into_iter().map(|owner| owner as usize);
        ElementLayout::of_words(words.into_iter().chain(owners).collect::<Vec<usize>>().leak())
    })
}

/// The type of a list: that of its elements, which are all of one.
pub fn type_of_list(value: &Bound<'_, PyList>) -> Result<Type, Untyped> {
    let mut element_type = Type::never();
    for (idx, element) in value.iter().enumerate() {
        let ty = type_of(&element)?;
        if idx == 0 {
            element_type = ty;
        } else if ty != element_type {
            return Err(Untyped::unsupported(
                format!(
                    "a list whose element {idx} is {}, while those before it are of type {}",
                    describe_instance(&element),
                    element_type.shown()
                ),
                "the elements of a list have one type: convert them, or pass a tuple",
            ));
        }
    }
    Ok(Type::list(element_type))
}

/// Appends the slot of a list, which is made of `value` and lent for the call.
pub fn unbox_list<'py>(
    value: &Bound<'py, PyList>,
    element: Type,
    slots: &mut Vec<u64>,
    lent: &mut Lent<'py>,
) -> PyResult<()> {
    // The list may change while the function runs; its elements stay alive.
    let elements = value.to_tuple();
    let list = List::new(layout_of(element), elements.len())
        .map_err(|_| pyo3::exceptions::PyMemoryError::new_err(()))?;
    lent.lists.push((element, list));
    lent.objects.push(elements.clone().into_any());
    // SAFETY: the reference to the object is the list's, and given up with it.
    unsafe {
        ffi::Py_INCREF(value.as_ptr());
        (*list).set_object(value.as_ptr() as usize);
    }
    fill(list, element, &elements, lent)?;
    slots.push(list as u64);
    Ok(())
}

fn fill<'py>(
    list: *mut List,
    element: Type,
    elements: &Bound<'py, PyTuple>,
    lent: &mut Lent<'py>,
) -> PyResult<()> {
    let (storage, scalars) = (element.storage(), element.scalars());
    let mut slots = Vec::new();
    for value in elements.iter() {
        if type_of(&value).ok() != Some(element) {
            return Err(pyo3::exceptions::PyTypeError::new_err("the list has changed while it was converted"));
        }
        slots.clear();
        unbox(&value, element, &mut slots, lent)?;
        // SAFETY: the list has room for all elements, each of which is stored as its type says. The references of what
        // is lent are counted once more for the list.
        unsafe {
            let place = (*list).at((*list).length);
            for ((slot, offset), scalar) in slots.iter().zip(&storage.offsets).zip(&scalars) {
                let size = scalar_size(*scalar);
                std::ptr::copy_nonoverlapping((&raw const *slot).cast::<u8>(), place.add(*offset as usize), size);
            }
            for owner in &storage.owners {
                rumba_retain(place.add(*owner as usize).cast::<u64>().read());
            }
            (*list).length += 1;
        }
    }
    Ok(())
}

fn scalar_size(scalar: Type) -> usize {
    if scalar == Type::pointer() { 8 } else { scalar.item_size() as usize }
}

/// The objects of the elements, in a new list.
///
/// # Safety
/// The list is alive and has elements of this type.
unsafe fn box_elements<'py>(py: Python<'py>, element: Type, list: *const List) -> PyResult<Bound<'py, PyList>> {
    let (storage, scalars) = (element.storage(), element.scalars());
    let mut slots = vec![0u64; scalars.len()];
    let objects = PyList::empty(py);
    // SAFETY: promised by the caller; elements are stored as their type says.
    let n_elements = unsafe { (*list).length };
    for idx in 0..n_elements {
        unsafe {
            let place = (*list).at(idx);
            for ((slot, offset), scalar) in slots.iter_mut().zip(&storage.offsets).zip(&scalars) {
                *slot = 0;
                let size = scalar_size(*scalar);
                std::ptr::copy_nonoverlapping(place.add(*offset as usize), (&raw mut *slot).cast::<u8>(), size);
            }
        }
        retain(element, &slots);
        objects.append(box_value(py, element, &mut Slots::new(&slots))?)?;
    }
    Ok(objects)
}

/// # Safety
/// As [`box_elements`].
unsafe fn write_back(py: Python<'_>, element: Type, list: *mut List) -> PyResult<()> {
    // SAFETY: promised by the caller; the object is a list, which the list of compiled code keeps alive.
    unsafe {
        if std::mem::replace(&mut (*list).changed, 0) == 0 {
            return Ok(());
        }
        let object = Bound::from_borrowed_ptr(py, (*list).object() as *mut ffi::PyObject);
        let elements = box_elements(py, element, list)?;
        let object = object.cast_into::<PyList>()?;
        object.set_slice(0, object.len(), elements.as_any())
    }
}

/// The object of a list: the argument that it was made of, or a new one. Consumes the reference.
pub fn box_list(py: Python<'_>, element: Type, slot: u64) -> PyResult<Bound<'_, PyAny>> {
    let list = slot as *mut List;
    // SAFETY: the slot is an owned list.
    unsafe {
        let boxed = match (*list).object() {
            0 => box_elements(py, element, list).map(Bound::into_any),
            object => write_back(py, element, list)
                .map(|()| Bound::from_borrowed_ptr(py, object as *mut ffi::PyObject)),
        };
        rumba_release(slot);
        boxed
    }
}

//! Python values to packed slots, with conversion to a given type.
//!
//! Used where the fast path of the dispatcher does not apply: tuples, named tuples, conversions for eager
//! signatures. A value whose own type (`type_of`) equals the target always unboxes.

use crate::buffers::array_of_buffer;
use crate::classes::unbox_instance;
use crate::containers::{Lent, unbox_container};
use crate::element_types::dtype_by_name;
use crate::generators::generator_of;
use crate::int_object::{self, IntValue};
use crate::numpy::{as_array, as_time, as_void, is_array, numpy};
use crate::text;
use crate::type_of::{short_text, type_of};
use crate::{c_functions, function_pointers, objects, random};
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyAnyMethods, PyDict, PyTuple};
use rumba_types::{FloatKind, IntKind, Layout, Type, TypeKind};

/// Appends the slots of `value`, converted to `ty`. Objects are borrowed: `value` and `lent` must outlive the slots.
pub fn unbox<'py>(
    value: &Bound<'py, PyAny>,
    ty: Type,
    slots: &mut Vec<u64>,
    lent: &mut Lent<'py>,
) -> PyResult<()> {
    match ty.kind() {
        TypeKind::Bool => slots.push(u64::from(value.is_truthy()?)),
        TypeKind::Int(kind) => slots.push(unbox_int(value, *kind, ty)?),
        TypeKind::Float(kind) => slots.push(float_bits(real_part(value)?, *kind)),
        TypeKind::Complex(kind) => {
            let complex = complex_parts(value)?;
            slots.extend(complex.map(|part| float_bits(part, *kind)));
        }
        TypeKind::Optional(inner) | TypeKind::MaybeUndefined(inner) => {
            if value.is_none() {
                slots.resize(slots.len() + ty.scalars().len(), 0);
            } else {
                slots.push(1);
                unbox(value, *inner, slots, lent)?;
            }
        }
        TypeKind::Tuple(elements) | TypeKind::NamedTuple(_, elements) => {
            let tuple = value.cast::<PyTuple>()?;
            if tuple.len() != elements.len() {
                return Err(mismatch(value, ty));
            }
            for (element, ty) in tuple.iter().zip(elements) {
                unbox(&element, *ty, slots, lent)?;
            }
        }
        TypeKind::Keywords(names, types) => {
            let keywords = value.cast::<PyDict>()?;
            for (name, ty) in names.iter().zip(types) {
                let given = keywords.get_item(&**name)?.ok_or_else(|| mismatch(value, *ty))?;
                unbox(&given, *ty, slots, lent)?;
            }
        }
        TypeKind::Struct(of) => {
            let object = objects::object(value.py(), of.object).ok_or_else(|| mismatch(value, ty))?;
            let fields = object.getattr("fields_of_value")?.call1((value,))?.cast_into::<PyTuple>()?;
            if fields.len() != of.types.len() {
                return Err(mismatch(value, ty));
            }
            for (field, ty) in fields.iter().zip(&of.types) {
                unbox(&field, *ty, slots, lent)?;
                // It may be made anew at each look-up.
                lent.keep(field);
            }
        }
        TypeKind::Slice(parts) | TypeKind::Range(parts) => {
            for (name, part) in ["start", "stop", "step"].into_iter().zip(parts) {
                unbox(&value.getattr(name)?, *part, slots, lent)?;
            }
        }
        TypeKind::Array(array) => {
            let of_buffer = if is_array(value) { None } else { array_of_buffer(value)? };
            let value = match &of_buffer {
                Some(array) => array,
                None if is_array(value) => value,
                _ => return Err(mismatch(value, ty)),
            };
            // SAFETY: checked above; NumPy's arrays have `nd` extents and strides.
            unsafe {
                let object = as_array(value.as_ptr());
                if object.nd != i32::from(array.ndim) {
                    return Err(mismatch(value, ty));
                }
                let n_extents = usize::from(array.ndim);
                slots.push(object.data as u64);
                slots.push(value.as_ptr() as u64 | 1);
                for axis in 0..n_extents {
                    slots.push(*object.dimensions.add(axis) as u64);
                }
                if array.layout == Layout::A {
                    for axis in 0..n_extents {
                        slots.push(*object.strides.add(axis) as u64);
                    }
                }
            }
            if let Some(array) = of_buffer {
                lent.keep(array);
            }
        }
        TypeKind::OneOf(alternatives) => {
            let own = type_of(value).ok();
            let number = alternatives.iter().position(|ty| Some(*ty) == own);
            slots.push(number.ok_or_else(|| mismatch(value, ty))? as u64);
        }
        TypeKind::FunctionPointer(signature) => {
            slots.push(function_pointers::address_of(value, signature)?.ok_or_else(|| mismatch(value, ty))?);
        }
        TypeKind::CPointer(_) if !value.is_instance_of::<pyo3::types::PyInt>() => {
            if type_of(value).ok() != Some(ty) {
                return Err(mismatch(value, ty));
            }
            slots.push(c_functions::address_of(value)?);
        }
        // As an address.
        TypeKind::CPointer(_) => slots.push(unbox_int(value, IntKind { bits: 64, signed: false }, ty)?),
        TypeKind::DateTime(_) | TypeKind::TimeDelta(_) => {
            // SAFETY: the object is alive.
            let time = match unsafe { as_time(value.as_ptr()) } {
                Some((own, count)) if own == ty => count,
                Some(_) => {
                    let dtype = dtype_by_name(value.py(), ty)?;
                    let converted = value.call_method1("astype", (dtype,))?;
                    // SAFETY: as above.
                    unsafe { as_time(converted.as_ptr()) }.ok_or_else(|| mismatch(value, ty))?.1
                }
                None => return Err(mismatch(value, ty)),
            };
            slots.push(time as u64);
        }
        TypeKind::Record(_) => {
            // SAFETY: only reads the class of the object.
            if unsafe { ffi::PyObject_TypeCheck(value.as_ptr(), numpy().void_type) } == 0 {
                return Err(mismatch(value, ty));
            }
            // SAFETY: checked above.
            slots.push(unsafe { as_void(value.as_ptr()) }.data as u64);
            slots.push(value.as_ptr() as u64 | 1);
        }
        TypeKind::Generator | TypeKind::BitGenerator => {
            if random::type_of(value) != Some(ty) {
                return Err(mismatch(value, ty));
            }
            slots.push(random::bits_of(value, ty)? as u64);
            slots.push(value.as_ptr() as u64 | 1);
        }
        TypeKind::Str => {
            // SAFETY: the class is checked before the object is read as text.
            let text = unsafe {
                if ffi::PyUnicode_Check(value.as_ptr()) == 0 { None } else { text::slots_of(value.as_ptr()) }
            };
            slots.extend(text.ok_or_else(|| mismatch(value, ty))?);
        }
        TypeKind::Bytes => {
            // SAFETY: the class is checked before the object is read as bytes.
            let bytes = unsafe {
                if ffi::PyBytes_Check(value.as_ptr()) == 0 {
                    return Err(mismatch(value, ty));
                }
                text::slots_of_bytes(value.as_ptr())
            };
            slots.extend(bytes);
        }
        TypeKind::GeneratorIterator(_) => {
            let generator = generator_of(value).filter(|(own, _)| *own == ty);
            slots.push(generator.ok_or_else(|| mismatch(value, ty))?.1);
        }
        TypeKind::Instance(class) => slots.push(unbox_instance(value, class, lent)?),
        TypeKind::List(_) | TypeKind::Deque(_) | TypeKind::Set(_, _) | TypeKind::Dict(..) => {
            slots.push(unbox_container(value, ty, lent)?);
        }
        // All other types carry their value themselves.
        _ => debug_assert!(ty.scalars().is_empty(), "{ty} has no conversion from Python"),
    }
    Ok(())
}

fn mismatch(value: &Bound<'_, PyAny>, ty: Type) -> PyErr {
    PyTypeError::new_err(format!("{} does not convert to {ty}", short_text(value)))
}

/// An int converted to `kind`; floats are truncated, as an eager signature asks for.
fn unbox_int(value: &Bound<'_, PyAny>, kind: IntKind, ty: Type) -> PyResult<u64> {
    // SAFETY: the interpreter is attached; each object is checked or made to be an int.
    let int = unsafe {
        if ffi::PyLong_Check(value.as_ptr()) != 0 {
            int_object::value(value.as_ptr())
        } else {
            let converted = Bound::from_owned_ptr_or_err(value.py(), ffi::PyNumber_Long(value.as_ptr()))?;
            int_object::value(converted.as_ptr())
        }
    };
    let number = match int {
        IntValue::Signed(number) => i128::from(number),
        IntValue::Unsigned(number) => i128::from(number),
        IntValue::TooLarge => i128::MAX,
    };
    if number < kind.min() || number > kind.max() {
        return Err(PyOverflowError::new_err(format!("{} does not fit {ty}", short_text(value))));
    }
    Ok(number as u64)
}

fn real_part(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    let [real, imaginary] = match value.extract::<f64>() {
        Ok(real) => return Ok(real),
        Err(_) => complex_parts(value)?,
    };
    if imaginary != 0.0 {
        return Err(PyTypeError::new_err(format!("{} does not convert to a real number", short_text(value))));
    }
    Ok(real)
}

fn complex_parts(value: &Bound<'_, PyAny>) -> PyResult<[f64; 2]> {
    // SAFETY: the interpreter is attached; a failed conversion leaves an exception, which `fetch` takes.
    let complex = unsafe { ffi::PyComplex_AsCComplex(value.as_ptr()) };
    if complex.real == -1.0
        && let Some(error) = PyErr::take(value.py())
    {
        return Err(error);
    }
    Ok([complex.real, complex.imag])
}

/// The slot of a float.
pub fn float_bits(value: f64, kind: FloatKind) -> u64 {
    match kind {
        FloatKind::F64 => value.to_bits(),
        FloatKind::F32 => u64::from((value as f32).to_bits()),
    }
}

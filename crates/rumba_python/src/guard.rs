//! Guards: the tests of arguments on the fast path of a call, each of which unpacks its argument as it looks at it.

use crate::classes;
use crate::element_types::is_dtype;
use crate::generators::generator_of;
use crate::int_object;
use crate::numpy::{as_array, as_time_object, as_void, flag, numpy};
use crate::text;
use crate::type_of::{literal_type_of, type_of};
use crate::typed::container_of;
use crate::{objects, random};
use pyo3::ffi::{self, PyObject, PyTypeObject};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};
use rumba_types::{FloatKind, InstanceClass, IntKind, Layout, StructType, TimeUnit, Type, TypeKind};
use std::ffi::c_int;

/// The test of one argument on the fast path.
pub enum Guard {
    Int64,
    Float64,
    Bool,
    Complex128,
    None,
    Array {
        ndim: c_int,
        descr: *mut crate::numpy::DescrObject,
        dtype: Type,
        flags: c_int,
        strided: bool,
    },
    Scalar {
        ty: Type,
        n_slots: usize,
    },
    Record {
        /// The dtype of most such records.
        descr: *mut crate::numpy::DescrObject,
        dtype: Type,
        class: *mut PyTypeObject,
        flags: c_int,
    },
    Time {
        class: *mut PyTypeObject,
        unit: TimeUnit,
    },
    Text,
    Bytes,
    /// An object of `rumba.typed`; others are converted elsewhere.
    Container(Type),
    /// An object of a class that is shared with compiled code.
    Instance(*mut PyTypeObject, &'static InstanceClass),
    Generator,
    GeneratorIterator(Type),
    Tuple(Box<[Guard]>),
    /// An instance of this class, whose attributes of these names are numbers.
    Struct {
        class: *mut PyTypeObject,
        fields: Box<[(Py<PyString>, Guard)]>,
    },
    /// Compares the type of the argument, which has no slots.
    Other(Type),
    Never,
}

const GUARDED_FLAGS: c_int = flag::C_CONTIGUOUS | flag::ALIGNED | flag::WRITEABLE;

impl Guard {
    pub fn of(ty: Type) -> Guard {
        match ty.kind() {
            TypeKind::Int(IntKind { bits: 64, signed: true }) => Guard::Int64,
            TypeKind::Float(FloatKind::F64) => Guard::Float64,
            TypeKind::Bool => Guard::Bool,
            TypeKind::Complex(FloatKind::F64) => Guard::Complex128,
            TypeKind::None => Guard::None,
            TypeKind::Int(_) | TypeKind::Float(_) | TypeKind::Complex(_) => {
                Guard::Scalar { ty, n_slots: ty.scalars().len() }
            }
            TypeKind::Array(array) => {
                let mut flags = 0;
                if array.layout == Layout::C {
                    flags |= flag::C_CONTIGUOUS;
                }
                if array.aligned {
                    flags |= flag::ALIGNED;
                }
                if !array.readonly {
                    flags |= flag::WRITEABLE;
                }
                let Some(descr) = descriptor(array.dtype) else { return Guard::Never };
                // C arrays may be Fortran-contiguous too (one dimension); the others are told apart.
                flags |= if array.layout == Layout::F { flag::F_CONTIGUOUS } else { 0 };
                Guard::Array {
                    ndim: c_int::from(array.ndim),
                    descr,
                    dtype: array.dtype,
                    flags,
                    strided: array.layout == Layout::A,
                }
            }
            TypeKind::DateTime(unit) => Guard::Time { class: numpy().datetime_type, unit: *unit },
            TypeKind::TimeDelta(unit) => Guard::Time { class: numpy().timedelta_type, unit: *unit },
            TypeKind::Record(record) => {
                let dtype = Type::record(record.layout.clone());
                let Some(descr) = descriptor(dtype) else { return Guard::Never };
                let class = if record.layout.is_np_record { numpy().record_type } else { numpy().void_type };
                Guard::Record {
                    descr,
                    dtype,
                    class,
                    flags: if record.readonly { 0 } else { flag::WRITEABLE },
                }
            }
            TypeKind::Str => Guard::Text,
            TypeKind::Bytes => Guard::Bytes,
            TypeKind::List(_) | TypeKind::Deque(_) | TypeKind::Set(_, _) | TypeKind::Dict(..) => {
                Guard::Container(ty)
            }
            TypeKind::Instance(class) if class.is_shared => {
                classes::python_class(class).map_or(Guard::Never, |python| Guard::Instance(python, class))
            }
            TypeKind::Generator => Guard::Generator,
            TypeKind::GeneratorIterator(_) => Guard::GeneratorIterator(ty),
            TypeKind::Tuple(elements) => Guard::Tuple(elements.iter().map(|ty| Guard::of(*ty)).collect()),
            TypeKind::Struct(of) => Guard::of_struct(of).unwrap_or(Guard::Never),
            _ if ty.scalars().is_empty() => Guard::Other(ty),
            _ => Guard::Never,
        }
    }

    /// A guard for a struct whose fields are attributes that are numbers: nothing has to keep them alive.
    fn of_struct(of: &StructType) -> Option<Guard> {
        // SAFETY: guards are made with the interpreter attached.
        let py = unsafe { Python::assume_attached() };
        let object = objects::object(py, of.object)?;
        let class = object.getattr("class_with_fields").ok()?.cast_into::<PyType>().ok()?;
        let mut fields = Vec::with_capacity(of.fields.len());
        for (name, ty) in of.fields.iter().zip(&of.types) {
            let guard = Guard::of(*ty);
            let is_number = matches!(
                guard,
                Guard::Int64 | Guard::Float64 | Guard::Bool | Guard::Complex128 | Guard::Scalar { .. }
            );
            if !is_number {
                return None;
            }
            fields.push((PyString::intern(py, name).unbind(), guard));
        }
        // The class lives as long as the type that refers to it.
        Some(Guard::Struct { class: class.as_type_ptr(), fields: fields.into() })
    }

    pub fn is_possible(&self) -> bool {
        match self {
            Guard::Never => false,
            Guard::Tuple(guards) => guards.iter().all(Guard::is_possible),
            _ => true,
        }
    }

    /// Whether `argument` has the guard's type; if so, its slots are at `*out`, which moves behind them.
    ///
    /// # Safety
    /// `argument` is a live object, `*out` has room for the slots, the interpreter is attached.
    #[inline(always)]
    pub unsafe fn unpack(&self, argument: *mut PyObject, out: &mut *mut u64) -> bool {
        // SAFETY: classes are compared before objects are read as instances; see above for the rest.
        unsafe {
            let class = ffi::Py_TYPE(argument);
            match self {
                Guard::Int64 => {
                    if class != &raw mut ffi::PyLong_Type {
                        return self.unpack_rare(argument, class, out);
                    }
                    let Some(value) = int_object::as_i64(argument) else {
                        return false;
                    };
                    push(out, value as u64);
                }
                Guard::Float64 => {
                    if class != &raw mut ffi::PyFloat_Type {
                        return self.unpack_rare(argument, class, out);
                    }
                    push(out, ffi::PyFloat_AS_DOUBLE(argument).to_bits());
                }
                Guard::Array { ndim, descr, dtype, flags, strided } => {
                    if class != numpy_array_type() {
                        return false;
                    }
                    let array = as_array(argument);
                    let mask = if *flags & flag::C_CONTIGUOUS != 0 {
                        GUARDED_FLAGS
                    } else {
                        GUARDED_FLAGS | flag::F_CONTIGUOUS
                    };
                    if array.nd != *ndim || array.flags & mask != *flags {
                        return false;
                    }
                    if array.descr != *descr && !is_dtype(array.descr, *dtype) {
                        return false;
                    }
                    push(out, array.data as u64);
                    push(out, argument as u64 | 1);
                    let n_axes = *ndim as usize;
                    for axis in 0..n_axes {
                        push(out, *array.dimensions.add(axis) as u64);
                    }
                    if *strided {
                        for axis in 0..n_axes {
                            push(out, *array.strides.add(axis) as u64);
                        }
                    }
                }
                _ => return self.unpack_rare(argument, class, out),
            }
        }
        true
    }

    /// # Safety
    /// As `unpack`.
    unsafe fn unpack_rare(
        &self,
        argument: *mut PyObject,
        class: *mut PyTypeObject,
        out: &mut *mut u64,
    ) -> bool {
        // SAFETY: as in `unpack`.
        unsafe {
            match self {
                Guard::Int64 => return unpack_scalar(Type::int64(), 1, argument, class, out),
                Guard::Float64 => return unpack_scalar(Type::float64(), 1, argument, class, out),
                Guard::Bool => {
                    if class != &raw mut ffi::PyBool_Type {
                        return unpack_scalar(Type::bool(), 1, argument, class, out);
                    }
                    push(out, u64::from(argument == ffi::Py_True()));
                }
                Guard::Complex128 => {
                    if class != &raw mut ffi::PyComplex_Type {
                        return unpack_scalar(Type::complex128(), 2, argument, class, out);
                    }
                    let value = ffi::PyComplex_AsCComplex(argument);
                    push(out, value.real.to_bits());
                    push(out, value.imag.to_bits());
                }
                Guard::Record { descr, dtype, class: wanted, flags } => {
                    if class != *wanted {
                        return false;
                    }
                    let scalar = as_void(argument);
                    if scalar.flags & flag::WRITEABLE != *flags
                        || scalar.descr != *descr && !is_dtype(scalar.descr, *dtype)
                    {
                        return false;
                    }
                    push(out, scalar.data as u64);
                    push(out, argument as u64 | 1);
                }
                Guard::Time { class: wanted, unit } => {
                    if class != *wanted {
                        return false;
                    }
                    let scalar = as_time_object(argument);
                    if scalar.unit.unit() != Some(*unit) {
                        return false;
                    }
                    push(out, scalar.count as u64);
                }
                Guard::None => return argument == ffi::Py_None(),
                Guard::Scalar { ty, n_slots } => {
                    if *ty == Type::uint64() && class == &raw mut ffi::PyLong_Type {
                        let int_object::IntValue::Unsigned(value) = int_object::value(argument) else {
                            return false;
                        };
                        push(out, value);
                        return true;
                    }
                    return unpack_scalar(*ty, *n_slots, argument, class, out);
                }
                Guard::Text => {
                    if class != &raw mut ffi::PyUnicode_Type {
                        return false;
                    }
                    let Some(slots) = text::slots_of(argument) else { return false };
                    slots.into_iter().for_each(|slot| push(out, slot));
                }
                Guard::Bytes => {
                    if class != &raw mut ffi::PyBytes_Type {
                        return false;
                    }
                    text::slots_of_bytes(argument).into_iter().for_each(|slot| push(out, slot));
                }
                Guard::Container(ty) => {
                    let py = Python::assume_attached();
                    let Some((Some(own), slot)) = container_of(&Bound::from_borrowed_ptr(py, argument))
                    else {
                        return false;
                    };
                    if own != *ty {
                        return false;
                    }
                    push(out, slot);
                }
                Guard::GeneratorIterator(ty) => {
                    let py = Python::assume_attached();
                    match generator_of(&Bound::from_borrowed_ptr(py, argument)) {
                        Some((own, slot)) if own == *ty => push(out, slot),
                        _ => return false,
                    }
                }
                Guard::Instance(wanted, known) => {
                    if class != *wanted || !classes::is_of(argument, known) {
                        return false;
                    }
                    push(out, classes::lend(argument));
                }
                Guard::Generator => {
                    if !random::is_generator_class(class) {
                        return false;
                    }
                    let Some(bits) = random::generator_bits(argument) else {
                        return false;
                    };
                    push(out, bits as u64);
                    push(out, argument as u64 | 1);
                }
                Guard::Tuple(guards) => {
                    if class != &raw mut ffi::PyTuple_Type
                        || ffi::PyTuple_GET_SIZE(argument) as usize != guards.len()
                    {
                        return false;
                    }
                    for (idx, guard) in guards.iter().enumerate() {
                        if !guard.unpack(ffi::PyTuple_GET_ITEM(argument, idx as isize), out) {
                            return false;
                        }
                    }
                }
                Guard::Struct { class: wanted, fields } => {
                    if class != *wanted {
                        return false;
                    }
                    for (name, guard) in fields {
                        let field = ffi::PyObject_GetAttr(argument, name.as_ptr());
                        if field.is_null() {
                            ffi::PyErr_Clear();
                            return false;
                        }
                        let fits = guard.unpack(field, out);
                        ffi::Py_DECREF(field);
                        if !fits {
                            return false;
                        }
                    }
                }
                Guard::Other(ty) => {
                    let argument = Bound::from_borrowed_ptr(Python::assume_attached(), argument);
                    let actual = match ty.kind() {
                        TypeKind::Literal(_) => literal_type_of(&argument),
                        _ => type_of(&argument),
                    };
                    return actual.is_ok_and(|actual| actual == *ty);
                }
                Guard::Array { .. } | Guard::Never => return false,
            }
        }
        true
    }
}

/// # Safety
/// `out` has room for one more slot.
#[inline(always)]
unsafe fn push(out: &mut *mut u64, slot: u64) {
    // SAFETY: promised by the caller.
    unsafe {
        **out = slot;
        *out = out.add(1);
    }
}

/// # Safety
/// As [`Guard::unpack`].
unsafe fn unpack_scalar(
    ty: Type,
    n_slots: usize,
    argument: *mut PyObject,
    class: *mut PyTypeObject,
    out: &mut *mut u64,
) -> bool {
    if numpy().scalar_type(class) != Some(ty) {
        return false;
    }
    // SAFETY: the class is the scalar class of `ty`.
    unsafe {
        let slots = numpy().scalar_slots(ty, argument);
        for slot in &slots[..n_slots] {
            push(out, *slot);
        }
    }
    true
}

/// A descriptor that lives for ever: guards are made once per specialisation.
fn descriptor(dtype: Type) -> Option<*mut crate::numpy::DescrObject> {
    // SAFETY: guards are made with the interpreter attached.
    let py = unsafe { Python::assume_attached() };
    numpy().descr(py, dtype).ok()
}

/// Set once by `initialise`; read without a check on the fast path.
static mut ARRAY_TYPE: *mut PyTypeObject = std::ptr::null_mut();

/// # Safety
/// The interpreter is attached, and no dispatcher exists yet.
pub unsafe fn initialise() {
    // SAFETY: nobody reads or writes it meanwhile.
    unsafe { ARRAY_TYPE = numpy().array_type };
}

#[inline(always)]
fn numpy_array_type() -> *mut PyTypeObject {
    // SAFETY: written once, before any dispatcher exists.
    unsafe { ARRAY_TYPE }
}

//! NumPy's C interface, as far as the boundary needs it: the layout of array objects, the functions that
//! make arrays, and the correspondence of element types.
//!
//! The table of functions is taken from the capsule that NumPy publishes for this purpose; positions in it
//! and the layouts below are part of NumPy's stable ABI (1.26 to 2.x).

use crate::element_types::{dtype_by_name, dtype_of_record};
use pyo3::ffi::{self, PyObject, PyTypeObject};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods, PyModule};
use rumba_types::{FloatKind, TimeUnit, Type, TypeKind};
use rustc_hash::FxHashMap;
use std::ffi::{c_char, c_int, c_void};
use std::sync::OnceLock;

/// `PyArrayObject`.
#[repr(C)]
pub struct ArrayObject {
    pub ob_base: PyObject,
    pub data: *mut u8,
    pub nd: c_int,
    pub dimensions: *mut isize,
    pub strides: *mut isize,
    pub base: *mut PyObject,
    pub descr: *mut DescrObject,
    pub flags: c_int,
}

/// The beginning of `PyArray_Descr`, which NumPy 1 and 2 share.
#[repr(C)]
pub struct DescrObject {
    pub ob_base: PyObject,
    pub typeobj: *mut PyTypeObject,
    pub kind: c_char,
    pub type_char: c_char,
    pub byteorder: c_char,
    pub former_flags: c_char,
    pub type_num: c_int,
}

pub mod flag {
    use std::ffi::c_int;

    pub const C_CONTIGUOUS: c_int = 0x0001;
    pub const F_CONTIGUOUS: c_int = 0x0002;
    pub const ALIGNED: c_int = 0x0100;
    pub const WRITEABLE: c_int = 0x0400;
}

/// A `PyVoidScalarObject`: a scalar of a structured dtype.
#[repr(C)]
pub struct VoidObject {
    pub ob_base: ffi::PyVarObject,
    pub data: *mut u8,
    pub descr: *mut DescrObject,
    pub flags: c_int,
    pub base: *mut PyObject,
}

/// The unit of a dtype of times, `PyArray_DatetimeMetaData`.
#[repr(C)]
pub struct TimeMetadata {
    pub base: c_int,
    pub multiple: c_int,
}

/// `PyDatetimeScalarObject`, and that of timedelta64.
#[repr(C)]
pub struct TimeObject {
    pub ob_base: PyObject,
    pub count: i64,
    pub unit: TimeMetadata,
}

/// `NPY_TYPES`, on platforms where `long` has 64 bits.
pub mod type_num {
    use std::ffi::c_int;

    pub const BOOL: c_int = 0;
    pub const LONGDOUBLE: c_int = 13;
    pub const CLONGDOUBLE: c_int = 16;
    pub const OBJECT: c_int = 17;
    pub const STRING: c_int = 18;
    pub const UNICODE: c_int = 19;
    pub const VOID: c_int = 20;
    pub const DATETIME: c_int = 21;
    pub const TIMEDELTA: c_int = 22;
    pub const HALF: c_int = 23;
}

type NewFromDescr = unsafe extern "C" fn(
    *mut PyTypeObject,
    *mut DescrObject,
    c_int,
    *const isize,
    *const isize,
    *mut c_void,
    c_int,
    *mut PyObject,
) -> *mut PyObject;

type DescrFromType = unsafe extern "C" fn(c_int) -> *mut DescrObject;
type SetBaseObject = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> c_int;
type ScalarAsCtype = unsafe extern "C" fn(*mut PyObject, *mut c_void);

/// What is looked up once in NumPy.
pub struct Numpy {
    pub array_type: *mut PyTypeObject,
    pub descr_type: *mut PyTypeObject,
    /// `numpy.generic`: the base of all NumPy scalars.
    pub generic_type: *mut PyTypeObject,
    pub datetime_type: *mut PyTypeObject,
    pub timedelta_type: *mut PyTypeObject,
    /// Where a descriptor keeps the unit of times: in bytes from its beginning.
    time_metadata: usize,
    /// `numpy.void`, and its subclass whose fields are attributes.
    pub void_type: *mut PyTypeObject,
    pub record_type: *mut PyTypeObject,
    /// The class of arrays of `numpy.record`.
    recarray_type: *mut PyTypeObject,
    new_from_descr: NewFromDescr,
    descr_from_type: DescrFromType,
    set_base_object: SetBaseObject,
    scalar_as_ctype: ScalarAsCtype,
    /// Scalar classes of supported types, by address.
    scalar_types: FxHashMap<usize, Type>,
}

// SAFETY: the pointers are to immortal type objects and functions; they are used with the interpreter attached.
unsafe impl Send for Numpy {}
// SAFETY: as above; nothing here is written after initialisation.
unsafe impl Sync for Numpy {}

static NUMPY: OnceLock<Numpy> = OnceLock::new();

/// The element type of arrays with this `type_num`, if Rumba supports it.
pub fn type_of_num(number: c_int) -> Option<Type> {
    Some(match number {
        type_num::BOOL => Type::bool(),
        1 => Type::int8(),
        2 => Type::uint8(),
        3 => Type::int16(),
        4 => Type::uint16(),
        5 => Type::int32(),
        6 => Type::uint32(),
        7 | 9 => Type::int64(),
        8 | 10 => Type::uint64(),
        11 => Type::float32(),
        12 => Type::float64(),
        14 => Type::complex64(),
        15 => Type::complex128(),
        _ => return None,
    })
}

fn num_of_type(ty: Type) -> Option<c_int> {
    Some(match ty.kind() {
        TypeKind::Bool => type_num::BOOL,
        TypeKind::Int(kind) => {
            let signed = match kind.bits {
                8 => 1,
                16 => 3,
                32 => 5,
                _ => 7,
            };
            signed + c_int::from(!kind.signed)
        }
        TypeKind::Float(FloatKind::F32) => 11,
        TypeKind::Float(FloatKind::F64) => 12,
        TypeKind::Complex(FloatKind::F32) => 14,
        TypeKind::Complex(FloatKind::F64) => 15,
        _ => return None,
    })
}

/// Imports NumPy and fills the table; later calls do nothing.
pub fn initialise(py: Python<'_>) -> PyResult<()> {
    if NUMPY.get().is_some() {
        return Ok(());
    }
    let module = py.import("numpy")?;
    let umath =
        py.import("numpy._core._multiarray_umath").or_else(|_| py.import("numpy.core._multiarray_umath"))?;
    let capsule = umath.getattr("_ARRAY_API")?.cast_into::<PyCapsule>()?;
    let table = capsule.pointer_checked(None)?.as_ptr().cast::<*mut c_void>().cast_const();
    let mut scalar_types = FxHashMap::default();
    for (name, ty) in [
        ("bool_", Type::bool()),
        ("int8", Type::int8()),
        ("int16", Type::int16()),
        ("int32", Type::int32()),
        ("int64", Type::int64()),
        ("longlong", Type::int64()),
        ("uint8", Type::uint8()),
        ("uint16", Type::uint16()),
        ("uint32", Type::uint32()),
        ("uint64", Type::uint64()),
        ("ulonglong", Type::uint64()),
        ("float32", Type::float32()),
        ("float64", Type::float64()),
        ("complex64", Type::complex64()),
        ("complex128", Type::complex128()),
    ] {
        scalar_types.insert(module.getattr(name)?.into_ptr() as usize, ty);
    }
    let class = |module: &str, name: &str| -> PyResult<*mut PyTypeObject> {
        Ok(py.import(module)?.getattr(name)?.into_ptr().cast())
    };
    // SAFETY: the capsule's table has these entries at these positions in every NumPy since 1.7.
    let numpy = unsafe {
        Numpy {
            array_type: (*table.add(2)).cast(),
            descr_type: (*table.add(3)).cast(),
            generic_type: class("numpy", "generic")?,
            datetime_type: class("numpy", "datetime64")?,
            timedelta_type: class("numpy", "timedelta64")?,
            time_metadata: time_metadata(&module)?,
            void_type: class("numpy", "void")?,
            record_type: class("numpy", "record")?,
            recarray_type: class("numpy", "recarray")?,
            new_from_descr: std::mem::transmute::<*mut c_void, NewFromDescr>(*table.add(94)),
            descr_from_type: std::mem::transmute::<*mut c_void, DescrFromType>(*table.add(45)),
            set_base_object: std::mem::transmute::<*mut c_void, SetBaseObject>(*table.add(282)),
            scalar_as_ctype: std::mem::transmute::<*mut c_void, ScalarAsCtype>(*table.add(62)),
            scalar_types,
        }
    };
    let _ = NUMPY.set(numpy);
    Ok(())
}

/// The table; the module's initialisation has filled it.
#[inline]
pub fn numpy() -> &'static Numpy {
    NUMPY.get().expect("the module initialises NumPy before anything else")
}

impl Numpy {
    /// The type of a NumPy scalar class.
    pub fn scalar_type(&self, class: *mut PyTypeObject) -> Option<Type> {
        self.scalar_types.get(&(class as usize)).copied()
    }

    /// The unit of a descriptor of times.
    ///
    /// # Safety
    /// `descr` is a live descriptor of `datetime64` or `timedelta64`.
    pub unsafe fn unit_of_descr(&self, descr: *const DescrObject) -> Option<TimeUnit> {
        /// `NpyAuxData`, in front of the unit: two functions, and two words for later.
        const HEADER: usize = 32;
        // SAFETY: such descriptors have metadata at this place, of which the unit follows the header.
        unsafe {
            let metadata = *descr.cast::<u8>().add(self.time_metadata).cast::<*const u8>();
            metadata.add(HEADER).cast::<TimeMetadata>().as_ref().and_then(TimeMetadata::unit)
        }
    }

    /// The value of a NumPy scalar as packed slots: one, or two for complex numbers.
    ///
    /// # Safety
    /// `scalar` is an instance of a class that `scalar_type` knows as `ty`.
    pub unsafe fn scalar_slots(&self, ty: Type, scalar: *mut PyObject) -> [u64; 2] {
        let mut slots = [0u64; 2];
        // SAFETY: a supported scalar has at most 16 bytes.
        unsafe { (self.scalar_as_ctype)(scalar, slots.as_mut_ptr().cast()) };
        match ty.kind() {
            // Two 4-byte parts lie in the first slot.
            TypeKind::Complex(FloatKind::F32) => [slots[0] & 0xffff_ffff, slots[0] >> 32],
            _ => slots,
        }
    }

    /// NumPy's descriptor of an element type; a new reference. The interpreter is attached.
    pub fn descr(&self, py: Python<'_>, ty: Type) -> PyResult<*mut DescrObject> {
        if let Some(record) = ty.as_record() {
            return Ok(dtype_of_record(py, &record.layout)?.into_ptr().cast());
        }
        if ty.time_unit().is_some() || ty.as_fixed_text().is_some() {
            return Ok(dtype_by_name(py, ty)?.into_ptr().cast());
        }
        let number = num_of_type(ty).expect("an element type of arrays");
        // SAFETY: the number is one of NumPy's.
        Ok(unsafe { (self.descr_from_type)(number) })
    }

    /// A new array object over `data` (or over fresh memory if it is null). Steals `base`, which may be null.
    ///
    /// # Safety
    /// `data` is null or valid for the extents and strides as long as `base` lives; the interpreter is attached.
    pub unsafe fn new_array<'py>(
        &self,
        ty: Type,
        data: *mut u8,
        extents: &[isize],
        strides: Option<&[isize]>,
        writeable: bool,
        base: *mut PyObject,
    ) -> PyResult<Bound<'py, PyAny>> {
        // SAFETY: promised by the caller, whose reference this was.
        let (py, base) = unsafe {
            let py = Python::assume_attached();
            (py, Bound::from_owned_ptr_or_opt(py, base))
        };
        let class = match ty.as_record() {
            Some(record) if record.layout.is_np_record => self.recarray_type,
            _ => self.array_type,
        };
        let flags = if writeable { flag::WRITEABLE } else { 0 };
        // SAFETY: promised by the caller; the descriptor's reference is stolen by NumPy.
        unsafe {
            let array = (self.new_from_descr)(
                class,
                self.descr(py, ty)?,
                extents.len() as c_int,
                extents.as_ptr(),
                strides.map_or(std::ptr::null(), <[isize]>::as_ptr),
                data.cast(),
                flags,
                std::ptr::null_mut(),
            );
            let array = Bound::from_owned_ptr_or_err(py, array)?;
            if let Some(base) = base
                && (self.set_base_object)(array.as_ptr(), base.into_ptr()) < 0
            {
                return Err(PyErr::fetch(py));
            }
            Ok(array)
        }
    }
}

impl TimeMetadata {
    pub fn unit(&self) -> Option<TimeUnit> {
        TimeUnit::from_numpy(self.base, self.multiple)
    }
}

/// Where descriptors have `c_metadata`, which NumPy 2 moved.
fn time_metadata(numpy: &Bound<'_, PyModule>) -> PyResult<usize> {
    let version = numpy.getattr("__version__")?.str()?.to_string_lossy().into_owned();
    Ok(if version.starts_with("1.") { 80 } else { 112 })
}

/// A scalar of class `numpy.datetime64` or `numpy.timedelta64`.
///
/// # Safety
/// `object` is an instance of one of the classes.
#[inline]
pub unsafe fn as_time_object<'a>(object: *mut PyObject) -> &'a TimeObject {
    // SAFETY: promised by the caller.
    unsafe { &*object.cast::<TimeObject>() }
}

/// The type and the count of a scalar of times; `None` for other objects.
///
/// # Safety
/// `object` is a live object.
#[inline]
pub unsafe fn as_time(object: *mut PyObject) -> Option<(Type, i64)> {
    // SAFETY: the class is compared before the object is read as a scalar.
    unsafe {
        let class = ffi::Py_TYPE(object);
        let of: fn(TimeUnit) -> Type = if class == numpy().datetime_type {
            Type::datetime
        } else if class == numpy().timedelta_type {
            Type::timedelta
        } else {
            return None;
        };
        let scalar = as_time_object(object);
        Some((of(scalar.unit.unit()?), scalar.count))
    }
}

/// A scalar of class `numpy.void`.
///
/// # Safety
/// `object` is an instance of `numpy.void`.
#[inline]
pub unsafe fn as_void<'a>(object: *mut PyObject) -> &'a VoidObject {
    // SAFETY: promised by the caller.
    unsafe { &*object.cast::<VoidObject>() }
}

/// Whether an object is an `ndarray`, or an instance of a subclass.
pub fn is_array(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: only reads the class of the object.
    unsafe { ffi::PyObject_TypeCheck(object.as_ptr(), numpy().array_type) != 0 }
}

/// The descriptor of an array object.
///
/// # Safety
/// `object` is an `ndarray` (or an instance of a subclass).
#[inline]
pub unsafe fn as_array<'a>(object: *mut PyObject) -> &'a ArrayObject {
    // SAFETY: promised by the caller.
    unsafe { &*object.cast::<ArrayObject>() }
}

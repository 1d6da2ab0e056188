//! NumPy's dtypes as element types, structured ones included.

use crate::numpy::{DescrObject, numpy, type_num, type_of_num};
use crate::objects;
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyTuple};
use rumba_types::{ObjectId, RecordField, RecordLayout, RecordType, Type, TypeKind};
use rustc_hash::FxHashMap;
use std::ffi::c_char;
use std::sync::{Arc, Mutex, PoisonError};

/// Each field of a record may be a value of its own in compiled code.
const MAX_FIELDS: usize = 1000;

/// Why there are no arrays of a dtype: `what` continues "an array of", `note` says what would work.
pub struct Refused {
    pub what: String,
    pub note: Option<&'static str>,
}

fn refused(what: impl Into<String>, note: &'static str) -> Refused {
    Refused { what: what.into(), note: Some(note) }
}

/// The element type of arrays of a dtype. The outer error is an exception of Python's.
pub fn element_type(dtype: &Bound<'_, PyAny>) -> PyResult<Result<Type, Refused>> {
    // SAFETY: the callers have checked that it is a dtype.
    let descr = unsafe { &*dtype.as_ptr().cast::<DescrObject>() };
    if descr.byteorder == b'>' as c_char {
        let note = "convert it first: `a.astype(a.dtype.newbyteorder('='))`";
        return Ok(Err(refused("byte-swapped elements", note)));
    }
    if let Some(ty) = type_of_num(descr.type_num) {
        return Ok(Ok(ty));
    }
    Ok(Err(match descr.type_num {
        type_num::VOID => return record_type(dtype, descr),
        type_num::HALF => refused("float16 elements", "convert it first: `a.astype(np.float32)`"),
        type_num::LONGDOUBLE | type_num::CLONGDOUBLE => {
            refused("long double elements", "convert it first: `a.astype(np.float64)`")
        }
        type_num::OBJECT => refused("object elements", "convert it to an array of numbers first"),
        type_num::STRING | type_num::UNICODE => match text_length(dtype, descr)? {
            0 => refused("text elements of no characters", "give them a length: `np.zeros(n, \"U8\")`"),
            length => {
                let is_bytes = descr.type_num == type_num::STRING;
                return Ok(Ok(TypeKind::FixedText { length, is_bytes }.into()));
            }
        },
        type_num::DATETIME | type_num::TIMEDELTA => {
            // SAFETY: the descriptor is one of times.
            match unsafe { numpy().unit_of_descr(descr) } {
                Some(unit) if descr.type_num == type_num::DATETIME => return Ok(Ok(Type::datetime(unit))),
                Some(unit) => return Ok(Ok(Type::timedelta(unit))),
                None => refused("times of an unknown unit", "pass `a.view(np.int64)` instead"),
            }
        }
        _ => refused(
            "elements of a user-defined dtype",
            "only arrays of numbers, bools, records, times and text are supported",
        ),
    }))
}

/// Whether a descriptor is of this element type.
///
/// # Safety
/// `descr` is a live descriptor; the interpreter is attached.
pub unsafe fn is_dtype(descr: *mut DescrObject, ty: Type) -> bool {
    // SAFETY: promised by the caller.
    let (descr, object) =
        unsafe { (&*descr, Bound::from_borrowed_ptr(Python::assume_attached(), descr.cast())) };
    if ty.is_number() {
        return descr.byteorder != b'>' as c_char && type_of_num(descr.type_num) == Some(ty);
    }
    if let Some(unit) = ty.time_unit() {
        let number = if ty.is_datetime() { type_num::DATETIME } else { type_num::TIMEDELTA };
        // SAFETY: the number says that the descriptor is one of times.
        return descr.type_num == number
            && descr.byteorder != b'>' as c_char
            && unsafe { numpy().unit_of_descr(descr) } == Some(unit);
    }
    // What Python raises here, it has raised before, when the type was made.
    matches!(descr.type_num, type_num::VOID | type_num::STRING | type_num::UNICODE)
        && matches!(element_type(&object), Ok(Ok(other)) if other == ty)
}

/// The number of characters of a dtype of text.
fn text_length(dtype: &Bound<'_, PyAny>, descr: &DescrObject) -> PyResult<u32> {
    let n_bytes: u32 = dtype.getattr("itemsize")?.extract()?;
    Ok(if descr.type_num == type_num::UNICODE { n_bytes / 4 } else { n_bytes })
}

fn record_type(dtype: &Bound<'_, PyAny>, descr: &DescrObject) -> PyResult<Result<Type, Refused>> {
    let names = dtype.getattr("names")?;
    if names.is_none() {
        return Ok(Err(refused(
            "raw bytes",
            "name what they consist of: `a.view([(\"x\", np.float64), …])`",
        )));
    }
    let names = names.cast_into::<PyTuple>()?;
    let item_size: u64 = dtype.getattr("itemsize")?.extract()?;
    if item_size == 0 || names.is_empty() {
        return Ok(Err(refused("records of no bytes or no fields", "a record needs a field")));
    }
    if names.len() > MAX_FIELDS {
        let what = format!("records of {} fields", names.len());
        return Ok(Err(refused(what, "up to 1000 fields are supported; use an array in one field")));
    }
    let described = dtype.getattr("fields")?.cast_into::<PyMapping>()?;
    let mut fields = Vec::with_capacity(names.len());
    for name in names.iter() {
        let field = described.get_item(&name)?.cast_into::<PyTuple>()?;
        let title =
            if field.len() > 2 { Some(field.get_item(2)?.str()?.to_string_lossy().into()) } else { None };
        let mut ty = field.get_item(0)?;
        let mut shape = Vec::new();
        loop {
            let inner = ty.getattr("subdtype")?;
            if inner.is_none() {
                break;
            }
            let (base, inner_shape): (Bound<'_, PyAny>, Vec<u64>) = inner.extract()?;
            shape.extend(inner_shape);
            ty = base;
        }
        let name: Arc<str> = name.str()?.to_string_lossy().into();
        let ty = match element_type(&ty)? {
            Ok(ty) => ty,
            Err(Refused { what, .. }) => {
                let what = format!("records whose field `{name}` has {what}");
                return Ok(Err(refused(what, "pass the other fields as arrays of their own: `a[\"x\"]`")));
            }
        };
        fields.push(RecordField { name, title, ty, shape, offset: field.get_item(1)?.extract()? });
    }
    let is_np_record = descr.typeobj == numpy().record_type;
    let layout = |dtype| {
        Arc::new(RecordLayout { fields: fields.clone(), item_size, is_np_record, dtype, is_selection: false })
    };
    // A dtype object stays alive once a type has it: only for types that are new.
    let kind = |dtype| TypeKind::Record(RecordType { layout: layout(dtype), readonly: false });
    let existing = Type::existing(&kind(ObjectId(0)));
    Ok(Ok(existing.unwrap_or_else(|| kind(objects::id_of(dtype)).into())))
}

/// NumPy's dtype of a type of times or text, which is known by its name: the same object for each.
pub fn dtype_by_name(py: Python<'_>, ty: Type) -> PyResult<Bound<'_, PyAny>> {
    static DTYPES: Mutex<Option<FxHashMap<Type, Py<PyAny>>>> = Mutex::new(None);
    // A panic cannot leave the table broken.
    let lock = || DTYPES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(dtype) = lock().get_or_insert_default().get(&ty) {
        return Ok(dtype.bind(py).clone());
    }
    let name = ty.to_string().replace("[generic]", "");
    let dtype = py.import("numpy")?.getattr("dtype")?.call1((name,))?;
    lock().get_or_insert_default().insert(ty, dtype.clone().unbind());
    Ok(dtype)
}

/// NumPy's dtype of a record type.
pub fn dtype_of_record<'py>(py: Python<'py>, layout: &RecordLayout) -> PyResult<Bound<'py, PyAny>> {
    let mut dtype = objects::object(py, layout.dtype).expect("the dtype of a type stays alive");
    if layout.is_selection {
        let names: Vec<&str> = layout.fields.iter().map(|field| &*field.name).collect();
        dtype = dtype.get_item(names)?;
    }
    // SAFETY: the object is a dtype.
    let is_np_record = unsafe { (*dtype.as_ptr().cast::<DescrObject>()).typeobj == numpy().record_type };
    if is_np_record == layout.is_np_record {
        return Ok(dtype);
    }
    let class = py.import("numpy")?.getattr(if layout.is_np_record { "record" } else { "void" })?;
    py.import("numpy")?.getattr("dtype")?.call1(((class, dtype),))
}

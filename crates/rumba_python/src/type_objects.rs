//! Rumba's types and signatures as Python objects.

use crate::type_of::{type_of, type_of_dtype};
use crate::{dispatcher, objects};
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyIterator, PySlice, PyTuple, PyType};
use rumba_types::{
    ArrayType, DictKind, FunctionRef, Layout, Literal, RecordField, RecordLayout, StructType, TimeUnit, Type,
    TypeKind, conversion,
};
use rustc_hash::FxHashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

/// A type, as `rumba.typeof` gives it and signatures are written with it: `float64[:, ::1]`.
#[pyclass(frozen, name = "Type", module = "rumba.types")]
#[derive(Clone, Copy)]
pub struct TypeObject(pub Type);

/// Argument types and, if declared, the result type of a function: `float64(int64, float64[:])`.
#[pyclass(frozen, name = "Signature", module = "rumba.types", from_py_object)]
#[derive(Clone)]
pub struct SignatureObject {
    pub args: Vec<Type>,
    pub result: Option<Type>,
}

impl<'a, 'py> FromPyObject<'a, 'py> for TypeObject {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<TypeObject> {
        type_of_object(&object)
    }
}

/// The one object that stands for a type, so that `x is types.int64` holds where it is meant to.
pub fn object_of_type(py: Python<'_>, ty: Type) -> PyResult<Bound<'_, PyAny>> {
    if let TypeKind::Struct(of) = ty.kind()
        && let Some(object) = objects::object(py, of.object)
    {
        return Ok(object);
    }
    static OBJECTS: Mutex<Option<FxHashMap<Type, Py<TypeObject>>>> = Mutex::new(None);
    let lock = || OBJECTS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(known) = lock().get_or_insert_default().get(&ty) {
        return Ok(known.bind(py).clone().into_any());
    }
    let made = Bound::new(py, TypeObject(ty))?;
    let mut guard = lock();
    let first = guard.get_or_insert_default().entry(ty).or_insert_with(|| made.unbind());
    Ok(first.bind(py).clone().into_any())
}

/// The type that an object stands for.
pub fn type_of_object(object: &Bound<'_, PyAny>) -> PyResult<TypeObject> {
    if let Ok(ty) = object.cast::<TypeObject>() {
        return Ok(*ty.get());
    }
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = object.py();
    if object.get_type().is_subclass(CLASS.import(py, "rumba.types", "Type")?)? {
        // A type of an extension says which fields its values have, once it is needed.
        return Ok(*object.call_method0("struct_type")?.cast::<TypeObject>()?.get());
    }
    Err(PyTypeError::new_err(format!("{} is not a type", object.repr()?)))
}

fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[pymethods]
impl TypeObject {
    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn __richcmp__(&self, other: &Bound<'_, PyAny>, op: CompareOp) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let Ok(other) = other.extract::<TypeObject>() else {
            return Ok(py.NotImplemented());
        };
        let equal = self.0 == other.0;
        Ok(match op {
            CompareOp::Eq => equal.into_pyobject(py)?.to_owned().into_any().unbind(),
            CompareOp::Ne => (!equal).into_pyobject(py)?.to_owned().into_any().unbind(),
            _ => py.NotImplemented(),
        })
    }

    fn __hash__(&self) -> u64 {
        hash_of(self.0)
    }

    /// `float64[:, ::1]`: an array type; of a tuple type the type of an element.
    fn __getitem__<'py>(&self, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        match self.0.as_tuple() {
            Some(_) => self.types(index.py())?.as_any().get_item(index),
            None => object_of_type(index.py(), self.array_of(index)?),
        }
    }

    fn __len__(&self) -> PyResult<usize> {
        self.0
            .as_tuple()
            .map(<[Type]>::len)
            .ok_or_else(|| PyTypeError::new_err(format!("the type {} has no length", self.0)))
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        match self.0.as_tuple() {
            Some(_) => self.types(py)?.try_iter(),
            None => Err(PyTypeError::new_err(format!("the type {} is no sequence of types", self.0))),
        }
    }

    /// `float64(int64)`: a signature; `float64(x)`: the conversion of a number.
    #[pyo3(signature = (*args))]
    fn __call__<'py>(&self, args: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let py = args.py();
        if args.len() == 1
            && self.0.is_number()
            && let Ok(value) = args.get_item(0)
            && value.extract::<TypeObject>().is_err()
        {
            let dtype = crate::box_value::box_value(
                py,
                TypeKind::DType(self.0).into(),
                &mut crate::box_value::Slots::new(&[]),
            )?;
            return dtype.getattr("type")?.call1((value,));
        }
        let args = args.iter().map(|arg| Ok(arg.extract::<TypeObject>()?.0)).collect::<PyResult<_>>()?;
        Ok(Bound::new(py, SignatureObject { args, result: Some(self.0) })?.into_any())
    }

    /// What sort of type it is: `"int"`, `"array"`, `"tuple"` …
    #[getter]
    fn kind(&self) -> &'static str {
        match self.0.kind() {
            TypeKind::Bool => "bool",
            TypeKind::Int(_) => "int",
            TypeKind::Float(_) => "float",
            TypeKind::Complex(_) => "complex",
            TypeKind::None => "none",
            TypeKind::Optional(_) => "optional",
            TypeKind::Tuple(_) => "tuple",
            TypeKind::NamedTuple(..) => "namedtuple",
            TypeKind::MixedList(_) => "list of several types",
            TypeKind::MixedDict(..) => "dict of several types",
            TypeKind::Struct(_) => "struct",
            TypeKind::Array(_) => "array",
            TypeKind::Record(_) => "record",
            TypeKind::DateTime(_) => "datetime",
            TypeKind::TimeDelta(_) => "timedelta",
            TypeKind::Str => "str",
            TypeKind::Bytes => "bytes",
            TypeKind::List(_) => "list",
            TypeKind::Deque(_) => "deque",
            TypeKind::Set(_, true) => "frozenset",
            TypeKind::Set(..) => "set",
            TypeKind::Dict(.., kind) => match kind {
                DictKind::Plain => "dict",
                DictKind::Ordered => "ordered dict",
                DictKind::Counter => "counter",
                DictKind::Default(_) => "default dict",
            },
            TypeKind::Instance(_) => "instance",
            TypeKind::Generator => "generator",
            TypeKind::GeneratorIterator(_) => "generator iterator",
            TypeKind::BitGenerator => "bit generator",
            TypeKind::CPointer(_) => "pointer",
            TypeKind::Slice(_) => "slice",
            TypeKind::Range(_) => "range",
            TypeKind::DType(_) => "dtype",
            TypeKind::Function(_) | TypeKind::OneOf(_) => "function",
            TypeKind::FunctionPointer(_) => "function pointer",
            TypeKind::Module { .. } => "module",
            TypeKind::ExceptionClass(_) => "exception class",
            TypeKind::EnumMember { .. } => "enum member",
            TypeKind::EnumClass { .. } => "enum class",
            TypeKind::Literal(Literal::Int(_)) => "int literal",
            TypeKind::Literal(Literal::Bool(_)) => "bool literal",
            TypeKind::Literal(Literal::Str(_)) => "str literal",
            TypeKind::Closure { .. } => "closure",
            TypeKind::Never => "never",
            _ => "other",
        }
    }

    #[getter]
    fn name(&self) -> String {
        self.0.to_string()
    }

    #[getter]
    fn bitwidth(&self) -> PyResult<u64> {
        if self.0.is_number() && !self.0.is_bool() {
            return Ok(8 * self.0.item_size());
        }
        Err(no_attribute(self.0, "bitwidth"))
    }

    #[getter]
    fn signed(&self) -> PyResult<bool> {
        if self.0.is_int() { Ok(self.0.is_signed_int()) } else { Err(no_attribute(self.0, "signed")) }
    }

    /// Element type of an array, a list, a set, a homogeneous tuple or a dtype.
    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let dtype = match self.0.kind() {
            TypeKind::Array(array) => array.dtype,
            TypeKind::DType(ty)
            | TypeKind::List(ty)
            | TypeKind::Deque(ty)
            | TypeKind::Set(ty, _)
            | TypeKind::CPointer(ty) => *ty,
            TypeKind::Tuple(elements) | TypeKind::NamedTuple(_, elements) => match elements.as_slice() {
                [first, rest @ ..] if rest.iter().all(|ty| ty == first) => *first,
                _ => return Err(no_attribute(self.0, "dtype")),
            },
            _ => return Err(no_attribute(self.0, "dtype")),
        };
        object_of_type(py, dtype)
    }

    /// The type of the value of an optional.
    #[getter]
    fn r#type<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.0.kind() {
            TypeKind::Optional(inner) => object_of_type(py, *inner),
            _ => Err(no_attribute(self.0, "type")),
        }
    }

    /// The type of the items of a list.
    #[getter]
    fn item_type<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        object_of_type(py, self.0.as_list().ok_or_else(|| no_attribute(self.0, "item_type"))?)
    }

    #[getter]
    fn key_type<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.0.kind() {
            TypeKind::Dict(key, _, _) => object_of_type(py, *key),
            _ => Err(no_attribute(self.0, "key_type")),
        }
    }

    #[getter]
    fn value_type<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.0.kind() {
            TypeKind::Dict(_, value, _) => object_of_type(py, *value),
            _ => Err(no_attribute(self.0, "value_type")),
        }
    }

    /// The value of a literal type.
    #[getter]
    fn literal_value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(match self.0.kind() {
            TypeKind::Literal(Literal::Int(value)) => value.into_pyobject(py)?.into_any(),
            TypeKind::Literal(Literal::Bool(value)) => PyBool::new(py, *value).to_owned().into_any(),
            TypeKind::Literal(Literal::Str(value)) => value.into_pyobject(py)?.into_any(),
            _ => return Err(no_attribute(self.0, "literal_value")),
        })
    }

    /// The type of a literal's value; other types are as they are.
    fn unliteral<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        object_of_type(py, self.0.widen())
    }

    /// The function or class that a type of functions stands for, if it is an object of its own.
    #[getter]
    fn instance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let object = match self.0.kind() {
            TypeKind::Function(FunctionRef::Jitted { object, .. } | FunctionRef::Extended { object, .. }) => {
                objects::object(py, *object)
            }
            // The class that makes such types.
            TypeKind::Instance(class) => objects::object(py, class.object),
            _ => None,
        };
        object.ok_or_else(|| no_attribute(self.0, "instance"))
    }

    #[getter]
    fn key(&self) -> String {
        self.0.to_string()
    }

    #[getter]
    fn is_c_contig(&self) -> PyResult<bool> {
        let array = self.array("is_c_contig")?;
        Ok(array.layout == Layout::C || array.ndim == 0)
    }

    #[getter]
    fn is_f_contig(&self) -> PyResult<bool> {
        let array = self.array("is_f_contig")?;
        Ok(array.layout == Layout::F || array.layout == Layout::C && array.ndim <= 1)
    }

    #[getter]
    fn is_contig(&self) -> PyResult<bool> {
        Ok(self.array("is_contig")?.layout != Layout::A)
    }

    /// The array type with some things changed.
    #[pyo3(signature = (dtype = None, ndim = None, layout = None, readonly = None))]
    fn copy<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<TypeObject>,
        ndim: Option<u8>,
        layout: Option<&str>,
        readonly: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let array = self.array("copy")?;
        let changed = array_type(
            dtype.unwrap_or(TypeObject(array.dtype)),
            ndim.unwrap_or(array.ndim),
            layout.unwrap_or(self.layout()?),
            readonly.unwrap_or(array.readonly),
            array.aligned,
        )?;
        object_of_type(py, changed.0)
    }

    #[getter]
    fn ndim(&self) -> PyResult<u8> {
        Ok(self.array("ndim")?.ndim)
    }

    #[getter]
    fn layout(&self) -> PyResult<&'static str> {
        Ok(match self.array("layout")?.layout {
            Layout::C => "C",
            Layout::F => "F",
            Layout::A => "A",
        })
    }

    #[getter]
    fn mutable(&self) -> PyResult<bool> {
        Ok(!self.array("mutable")?.readonly)
    }

    #[getter]
    fn readonly(&self) -> PyResult<bool> {
        Ok(self.array("readonly")?.readonly)
    }

    #[getter]
    fn aligned(&self) -> PyResult<bool> {
        Ok(self.array("aligned")?.aligned)
    }

    /// Element types of a tuple or named tuple.
    #[getter]
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let elements = self.0.as_tuple().ok_or_else(|| no_attribute(self.0, "types"))?;
        let elements: Vec<_> = elements.iter().map(|ty| object_of_type(py, *ty)).collect::<PyResult<_>>()?;
        PyTuple::new(py, elements)
    }

    #[getter]
    fn count(&self) -> PyResult<usize> {
        Ok(self.0.as_tuple().ok_or_else(|| no_attribute(self.0, "count"))?.len())
    }

    /// The unit of times, such as `ms`; empty where it is any.
    #[getter]
    fn unit(&self) -> PyResult<String> {
        let unit = self.0.time_unit().ok_or_else(|| no_attribute(self.0, "unit"))?;
        Ok(if unit == TimeUnit::GENERIC { String::new() } else { unit.to_string() })
    }

    /// Bytes of a record.
    #[getter]
    fn size(&self) -> PyResult<u64> {
        Ok(self.record("size")?.item_size)
    }

    /// Names and element types of the fields of a record.
    #[getter]
    fn members(&self) -> PyResult<Vec<(String, TypeObject)>> {
        let fields = &self.record("members")?.fields;
        Ok(fields.iter().map(|field| (field.name.to_string(), TypeObject(field.ty))).collect())
    }

    /// The element type of a field.
    fn r#typeof(&self, key: &str) -> PyResult<TypeObject> {
        Ok(TypeObject(self.field(key)?.ty))
    }

    /// Where a field begins in its record.
    fn offset(&self, key: &str) -> PyResult<u64> {
        Ok(self.field(key)?.offset)
    }

    /// The NumPy dtype of a number type or of an array's elements.
    fn as_numpy_dtype<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let element = self.0.as_array().map_or(self.0, |array| array.dtype);
        if !element.is_element() && element.as_record().is_none() {
            return Err(PyTypeError::new_err(format!("{} has no NumPy dtype", self.0)));
        }
        crate::box_value::box_value(
            py,
            TypeKind::DType(element).into(),
            &mut crate::box_value::Slots::new(&[]),
        )
    }

    /// Whether values of this type convert to `other`: `"exact"`, `"promote"`, `"safe"`, `"unsafe"`, or None.
    fn can_convert_to(&self, other: &TypeObject) -> Option<&'static str> {
        conversion(self.0, other.0).map(|conversion| match conversion {
            rumba_types::Conversion::Exact => "exact",
            rumba_types::Conversion::Promote => "promote",
            rumba_types::Conversion::Safe => "safe",
            rumba_types::Conversion::Unsafe => "unsafe",
        })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let core = py.import("rumba._core")?;
        let object = |ty: &Type| Bound::new(py, TypeObject(*ty)).map(Bound::into_any);
        let make = |name: &str, args: Bound<'py, PyTuple>| Ok((core.getattr(name)?, args));
        match self.0.kind() {
            TypeKind::Array(array) => {
                let layout = self.layout()?;
                let args = (object(&array.dtype)?, array.ndim, layout, array.readonly, array.aligned);
                make("array_type", args.into_pyobject(py)?)
            }
            TypeKind::Tuple(elements) => {
                let elements = elements.iter().map(object).collect::<PyResult<Vec<_>>>()?;
                make("tuple_type", PyTuple::new(py, [PyTuple::new(py, elements)?])?)
            }
            TypeKind::NamedTuple(class, elements) => {
                let elements = elements.iter().map(object).collect::<PyResult<Vec<_>>>()?;
                let class = crate::box_value::named_tuple_class(py, class)?;
                make("named_tuple_type", PyTuple::new(py, [PyTuple::new(py, elements)?.into_any(), class])?)
            }
            TypeKind::Optional(inner) => make("optional_type", PyTuple::new(py, [object(inner)?])?),
            TypeKind::Record(_) | TypeKind::DateTime(_) | TypeKind::TimeDelta(_) => {
                make("from_dtype", PyTuple::new(py, [self.as_numpy_dtype(py)?])?)
            }
            TypeKind::List(element) => {
                make("container_type", ("list", [object(element)?]).into_pyobject(py)?)
            }
            TypeKind::Deque(element) => {
                make("container_type", ("deque", [object(element)?]).into_pyobject(py)?)
            }
            TypeKind::Set(item, frozen) => {
                let kind = if *frozen { "frozenset" } else { "set" };
                make("container_type", (kind, [object(item)?]).into_pyobject(py)?)
            }
            TypeKind::Dict(key, value, DictKind::Plain) => {
                make("container_type", ("dict", [object(key)?, object(value)?]).into_pyobject(py)?)
            }
            TypeKind::Instance(class) if class.is_shared && class.is_generic => {
                let fields = class.fields().unwrap_or_default().iter();
                let fields = fields.map(|field| (&*field.name, TypeObject(field.ty))).collect::<Vec<_>>();
                let types = crate::objects::object(py, class.object);
                let types = types.ok_or_else(|| unpicklable(self.0))?;
                make("structref_type", (types, fields).into_pyobject(py)?)
            }
            TypeKind::Instance(class) if class.is_shared => {
                make("instance_type", PyTuple::new(py, [crate::classes::class_object(py, class)?])?)
            }
            TypeKind::FunctionPointer(signature) => {
                let params = signature.params.iter().map(object).collect::<PyResult<Vec<_>>>()?;
                make("function_pointer_type", (params, object(&signature.result)?).into_pyobject(py)?)
            }
            TypeKind::CPointer(to) => make("c_pointer_type", PyTuple::new(py, [object(to)?])?),
            _ if find_named(&self.0.to_string()).is_some() => {
                make("named_type", PyTuple::new(py, [self.0.to_string()])?)
            }
            _ => Err(unpicklable(self.0)),
        }
    }
}

impl TypeObject {
    fn array_of(&self, index: &Bound<'_, PyAny>) -> PyResult<Type> {
        if !self.0.is_element() {
            return Err(PyTypeError::new_err(format!("arrays of {} are not supported", self.0)));
        }
        let axes: Vec<Bound<'_, PyAny>> = match index.cast::<PyTuple>() {
            Ok(tuple) => tuple.iter().collect(),
            Err(_) if index.is(index.py().Ellipsis()) => Vec::new(),
            Err(_) => vec![index.clone()],
        };
        let mut contiguous = Vec::with_capacity(axes.len());
        for axis in &axes {
            let axis = axis.cast::<PySlice>().map_err(|_| shape_error())?;
            let step = axis.getattr("step")?;
            if !axis.getattr("start")?.is_none() || !axis.getattr("stop")?.is_none() {
                return Err(shape_error());
            }
            contiguous.push(match step.is_none() {
                true => false,
                false if step.eq(1)? => true,
                false => return Err(shape_error()),
            });
        }
        let last = contiguous.len().wrapping_sub(1);
        let layout = match contiguous.iter().position(|is_contiguous| *is_contiguous) {
            _ if contiguous.iter().filter(|is_contiguous| **is_contiguous).count() > 1 => {
                return Err(shape_error());
            }
            None if contiguous.is_empty() => Layout::C,
            None => Layout::A,
            Some(axis) if axis == last => Layout::C,
            Some(0) => Layout::F,
            Some(_) => return Err(shape_error()),
        };
        let ndim = u8::try_from(axes.len()).ok().filter(|ndim| *ndim <= 64).ok_or_else(shape_error)?;
        Ok(Type::array(self.0, ndim, layout))
    }

    fn record(&self, attribute: &str) -> PyResult<&'static RecordLayout> {
        self.0.as_record().map(|record| &*record.layout).ok_or_else(|| no_attribute(self.0, attribute))
    }

    fn field(&self, name: &str) -> PyResult<&'static RecordField> {
        let layout = self.record("field")?;
        let position = layout.position(name);
        position.map(|position| &layout.fields[position]).ok_or_else(|| PyKeyError::new_err(name.to_owned()))
    }

    fn array(&self, attribute: &str) -> PyResult<ArrayType> {
        self.0.as_array().ok_or_else(|| no_attribute(self.0, attribute))
    }
}

fn unpicklable(ty: Type) -> PyErr {
    PyTypeError::new_err(format!("the type {ty} belongs to this process and cannot be pickled"))
}

fn no_attribute(ty: Type, name: &str) -> PyErr {
    pyo3::exceptions::PyAttributeError::new_err(format!("the type {ty} has no attribute '{name}'"))
}

fn shape_error() -> PyErr {
    PyTypeError::new_err(
        "an array type is written `dtype[:]`, `dtype[:, :]`, C-contiguous `dtype[:, ::1]`, F-contiguous `dtype[::1, :]`",
    )
}

#[pymethods]
impl SignatureObject {
    #[new]
    #[pyo3(signature = (args, return_type = None))]
    fn new(args: Vec<TypeObject>, return_type: Option<TypeObject>) -> SignatureObject {
        SignatureObject {
            args: args.into_iter().map(|ty| ty.0).collect(),
            result: return_type.map(|ty| ty.0),
        }
    }

    #[getter]
    fn args<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let args = self.args.iter().map(|ty| object_of_type(py, *ty));
        PyTuple::new(py, args.collect::<PyResult<Vec<_>>>()?)
    }

    #[getter]
    fn return_type<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.result.map(|ty| object_of_type(py, ty)).transpose()
    }

    fn __repr__(&self) -> String {
        let args = dispatcher::list_types(&self.args);
        match self.result {
            Some(result) => format!("({args}) -> {result}"),
            None => format!("({args})"),
        }
    }

    fn __richcmp__(&self, other: &Bound<'_, PyAny>, op: CompareOp) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let Ok(other) = other.cast::<SignatureObject>() else {
            return Ok(py.NotImplemented());
        };
        let equal = self.args == other.get().args && self.result == other.get().result;
        Ok(match op {
            CompareOp::Eq => equal.into_pyobject(py)?.to_owned().into_any().unbind(),
            CompareOp::Ne => (!equal).into_pyobject(py)?.to_owned().into_any().unbind(),
            _ => py.NotImplemented(),
        })
    }

    fn __hash__(&self) -> u64 {
        hash_of((&self.args, self.result))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let class = py.get_type::<SignatureObject>().into_any();
        Ok((class, PyTuple::new(py, [self.args(py)?.into_any(), self.return_type(py)?.into_pyobject(py)?])?))
    }
}

/// The type of a number or of None, by the name that it prints as.
#[pyfunction]
pub fn named_type<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let found = find_named(name);
    object_of_type(
        py,
        found.ok_or_else(|| PyValueError::new_err(format!("there is no type named {name:?}")))?,
    )
}

fn find_named(name: &str) -> Option<Type> {
    let named = [
        Type::none(),
        Type::bool(),
        Type::int8(),
        Type::int16(),
        Type::int32(),
        Type::int64(),
        Type::uint8(),
        Type::uint16(),
        Type::uint32(),
        Type::uint64(),
        Type::float32(),
        Type::float64(),
        Type::complex64(),
        Type::complex128(),
        Type::str(),
        Type::bytes(),
    ];
    named.into_iter().find(|ty| ty.to_string() == name)
}

#[pyfunction]
pub fn array_type(
    dtype: TypeObject,
    ndim: u8,
    layout: &str,
    readonly: bool,
    aligned: bool,
) -> PyResult<TypeObject> {
    if !dtype.0.is_element() {
        return Err(PyTypeError::new_err(format!("arrays of {} are not supported", dtype.0)));
    }
    if ndim > 64 {
        return Err(PyValueError::new_err("arrays have at most 64 dimensions"));
    }
    let layout = match layout {
        "C" => Layout::C,
        "F" if ndim > 1 => Layout::F,
        "F" => Layout::C,
        "A" => Layout::A,
        _ => {
            return Err(PyValueError::new_err(format!(
                "the layout of an array is 'C', 'F' or 'A', not {layout:?}"
            )));
        }
    };
    Ok(TypeObject(TypeKind::Array(ArrayType { dtype: dtype.0, ndim, layout, readonly, aligned }).into()))
}

/// The type of elements of a dtype.
#[pyfunction]
pub fn from_dtype(dtype: &Bound<'_, PyAny>) -> PyResult<TypeObject> {
    let dtype = dtype.py().import("numpy")?.getattr("dtype")?.call1((dtype,))?;
    type_of_dtype(&dtype).map(TypeObject).map_err(|error| dispatcher::untyped_error(&dtype, error))
}

/// The type of a value that is known when compiling: an int, a bool or a str.
#[pyfunction]
pub fn literal_type<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let ty = if let Ok(value) = value.cast_exact::<PyBool>() {
        Type::literal_bool(value.is_true())
    } else if let Ok(text) = value.extract::<String>() {
        Type::literal_str(&text)
    } else {
        Type::literal_int(value.extract::<i128>()?)
    };
    object_of_type(value.py(), ty)
}

/// A type of an extension, which `object` stands for, with fields of these names and types; `class` is that of its
/// values, or None.
#[pyfunction]
pub fn struct_type(
    object: &Bound<'_, PyAny>,
    class: &Bound<'_, PyAny>,
    name: &str,
    fields: Vec<String>,
    types: Vec<TypeObject>,
) -> TypeObject {
    let ty = StructType {
        object: objects::id_of(object),
        class: (!class.is_none()).then(|| objects::id_of(class)),
        name: name.into(),
        fields: fields.into_iter().map(Into::into).collect(),
        types: types.into_iter().map(|ty| ty.0).collect(),
    };
    TypeObject(TypeKind::Struct(Arc::new(ty)).into())
}

/// `list`, `set` or `dict` of these types.
#[pyfunction]
pub fn container_type(kind: &str, parts: Vec<TypeObject>) -> PyResult<TypeObject> {
    let parts: Vec<Type> = parts.into_iter().map(|ty| ty.0).collect();
    let ty = match (kind, parts.as_slice()) {
        ("list", [element]) => return Ok(TypeObject(Type::list(*element))),
        ("deque", [element]) => return Ok(TypeObject(Type::deque(*element))),
        ("set", [item]) => Type::set(*item),
        ("frozenset", [item]) => Type::frozenset(*item),
        ("dict", [key, value]) => Type::dict(*key, *value),
        _ => return Err(PyValueError::new_err(format!("{kind} of {} types", parts.len()))),
    };
    if rumba_types::table_layout(ty).is_none() {
        return Err(PyTypeError::new_err(format!("{} is no type of keys", parts[0])));
    }
    Ok(TypeObject(ty))
}

#[pyfunction]
pub fn tuple_type(elements: Vec<TypeObject>) -> TypeObject {
    TypeObject(Type::tuple(elements.into_iter().map(|ty| ty.0).collect()))
}

#[pyfunction]
pub fn named_tuple_type(elements: Vec<TypeObject>, class: &Bound<'_, PyAny>) -> PyResult<TypeObject> {
    let class = crate::type_of::named_tuple_class(class)?
        .filter(|class| class.fields.len() == elements.len())
        .ok_or_else(|| {
            PyTypeError::new_err("a named tuple class with one field per element type is needed")
        })?;
    Ok(TypeObject(TypeKind::NamedTuple(class, elements.into_iter().map(|ty| ty.0).collect()).into()))
}

#[pyfunction]
pub fn optional_type(inner: TypeObject) -> TypeObject {
    TypeObject(Type::optional(inner.0))
}

/// The type of a value, as a call of a jitted function would see it.
#[pyfunction]
#[pyo3(name = "typeof")]
pub fn typeof_<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let ty = type_of(value).map_err(|error| dispatcher::untyped_error(value, error))?;
    object_of_type(value.py(), ty)
}

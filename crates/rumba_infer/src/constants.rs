//! Values of the world around a function, as values in it.

use crate::{Constant, NumberBits};
use rumba_ir::{Scalar, Value};
use rumba_library::Emitter;
use rumba_types::{FunctionRef, Type, TypeKind};

/// A constant that compiled code cannot have: what it is, and what would work.
pub(crate) struct Unusable {
    pub what: String,
    pub note: Option<String>,
}

impl From<String> for Unusable {
    fn from(what: String) -> Unusable {
        Unusable { what, note: None }
    }
}

/// The constant as a value.
pub(crate) fn emit_constant(e: &mut Emitter<'_>, constant: &Constant) -> Result<Value, Unusable> {
    let unit = |e: &mut Emitter<'_>, kind: TypeKind| Ok(e.b.unit(kind.into()));
    match constant {
        Constant::None => Ok(e.b.none()),
        Constant::Ellipsis => unit(e, TypeKind::Ellipsis),
        Constant::Bool(value) => Ok(e.literal_bool(*value)),
        Constant::Int(Some(value)) => Ok(e.literal_int(*value)),
        Constant::Int(None) => Err("an integer that does not fit 64 bits".to_string().into()),
        Constant::Float(value) => Ok(e.b.float(*value, Type::float64())),
        Constant::Complex(real, imag) => Ok(complex(e, *real, *imag, Type::complex128(), Type::float64())),
        Constant::Str(text) => Ok(e.b.unit(Type::literal_str(text))),
        Constant::Bytes(bytes) => Ok(e.constant_bytes(bytes)),
        Constant::Scalar(ty, bits) => scalar(e, *ty, *bits),
        Constant::Tuple(elements) => {
            let elements =
                elements.iter().map(|element| emit_constant(e, element)).collect::<Result<_, _>>()?;
            Ok(e.tuple(elements))
        }
        Constant::NamedTuple(class, elements) => {
            let elements: Vec<Value> =
                elements.iter().map(|element| emit_constant(e, element)).collect::<Result<_, _>>()?;
            let ty = TypeKind::NamedTuple(class.clone(), e.types(&elements)).into();
            Ok(e.b.make(ty, elements))
        }
        Constant::Array { ty, data, extents, strides } => {
            let Some(array) = ty.as_array() else { return Err(format!("an array of type {ty}").into()) };
            let data = e.b.address(*data);
            let owner = e.b.address(0);
            let extents: Vec<Value> = extents.iter().map(|extent| e.b.int64(*extent)).collect();
            let strides: Vec<Value> = strides.iter().map(|stride| e.b.int64(*stride)).collect();
            Ok(e.make_array(array, data, owner, &extents, &strides))
        }
        Constant::Time { ty, count } => {
            let count = e.b.int64(*count);
            Ok(e.b.make(*ty, vec![count]))
        }
        Constant::Record { ty, data } => {
            let parts = vec![e.b.address(*data), e.b.address(0)];
            Ok(e.b.make(*ty, parts))
        }
        Constant::RandomObject { ty, bits, owner } => {
            let fields = vec![e.b.address(*bits), e.b.address(*owner)];
            Ok(e.b.make(*ty, fields))
        }
        Constant::NotImplemented => unit(e, TypeKind::NotImplemented),
        Constant::Container { ty, address } | Constant::Instance { ty, address } => {
            let address = e.b.address(*address);
            Ok(e.b.make(*ty, vec![address]))
        }
        Constant::Module { object, name } => {
            unit(e, TypeKind::Module { object: *object, name: name.clone() })
        }
        Constant::Library(path) => unit(e, TypeKind::Function(FunctionRef::Library(path.clone()))),
        Constant::Jitted { object, name } => {
            unit(e, TypeKind::Function(FunctionRef::Jitted { object: *object, name: name.clone() }))
        }
        Constant::Extended { object, name } => {
            unit(e, TypeKind::Function(FunctionRef::Extended { object: *object, name: name.clone() }))
        }
        Constant::CFunction(ty) => Ok(e.b.unit(*ty)),
        Constant::DType(ty) => unit(e, TypeKind::DType(*ty)),
        Constant::ExceptionClass(class) => unit(e, TypeKind::ExceptionClass(class.clone())),
        Constant::NamedTupleClass(class) => unit(e, TypeKind::NamedTupleClass(class.clone())),
        Constant::EnumClass { object, name } => {
            unit(e, TypeKind::EnumClass { object: *object, name: name.clone() })
        }
        Constant::Class { object, name } => unit(e, TypeKind::Class { object: *object, name: name.clone() }),
        Constant::EnumMember { class, class_name, member, value, is_int, is_flag } => {
            let value = emit_constant(e, value)?;
            let value = e.ty(value);
            unit(
                e,
                TypeKind::EnumMember {
                    class: *class,
                    class_name: class_name.clone(),
                    member: member.clone(),
                    value,
                    is_int: *is_int,
                    is_flag: *is_flag,
                },
            )
        }
        Constant::Unsupported { description, note } => {
            Err(Unusable { what: description.clone(), note: note.clone() })
        }
    }
}

fn scalar(e: &mut Emitter<'_>, ty: Type, bits: NumberBits) -> Result<Value, Unusable> {
    Ok(match (bits, ty.kind()) {
        (NumberBits::Int(value), TypeKind::Bool) => e.b.bool(value != 0),
        (NumberBits::Int(value), TypeKind::Int(_)) => e.b.constant(Scalar::Int(value), ty),
        (NumberBits::Float(value), TypeKind::Float(_)) => e.b.float(value, ty),
        (NumberBits::Complex(real, imag), TypeKind::Complex(kind)) => {
            complex(e, real, imag, ty, Type::float(*kind))
        }
        _ => return Err(format!("a NumPy scalar of type {ty}").into()),
    })
}

fn complex(e: &mut Emitter<'_>, real: f64, imag: f64, ty: Type, part: Type) -> Value {
    let parts = vec![e.b.float(real, part), e.b.float(imag, part)];
    e.b.make(ty, parts)
}

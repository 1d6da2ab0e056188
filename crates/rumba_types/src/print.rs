//! Types print as users write them: `float64`, `array(float64, 2d, C)`, `UniTuple(int64 x 2)`.

use crate::{FloatKind, FunctionRef, Layout, Literal, Type, TypeKind};
use std::fmt::{Display, Formatter, Result};

impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.kind() {
            TypeKind::Undefined => write!(f, "undefined"),
            TypeKind::MaybeUndefined(inner) => write!(f, "maybe undefined {inner}"),
            TypeKind::None => write!(f, "none"),
            TypeKind::Ellipsis => write!(f, "ellipsis"),
            TypeKind::Literal(Literal::Bool(value)) => {
                write!(f, "Literal[bool]({})", if *value { "True" } else { "False" })
            }
            TypeKind::Literal(Literal::Int(value)) => write!(f, "Literal[int]({value})"),
            TypeKind::Literal(Literal::Str(value)) => write!(f, "Literal[str]({value:?})"),
            TypeKind::Bool => write!(f, "bool"),
            TypeKind::Int(kind) => write!(f, "{}{}", if kind.signed { "int" } else { "uint" }, kind.bits),
            TypeKind::Float(kind) => write!(f, "float{}", kind.bits()),
            TypeKind::Complex(kind) => write!(f, "complex{}", 2 * u32::from(kind.bits())),
            TypeKind::Pointer => write!(f, "voidptr"),
            TypeKind::Optional(inner) => write!(f, "Optional({inner})"),
            TypeKind::Tuple(elements) => write_tuple(f, elements),
            TypeKind::NamedTuple(class, elements) => {
                write!(f, "{}(", class.name)?;
                for (idx, (field, ty)) in class.fields.iter().zip(elements).enumerate() {
                    write!(f, "{}{field}: {ty}", if idx > 0 { ", " } else { "" })?;
                }
                write!(f, ")")
            }
            TypeKind::Slice([start, stop, step]) => write!(f, "slice({start}, {stop}, {step})"),
            TypeKind::Range(_) => write!(f, "range"),
            TypeKind::Iterator(kind, _) => write!(f, "{kind:?}Iterator"),
            TypeKind::Array(array) => {
                let layout = match array.layout {
                    Layout::C => "C",
                    Layout::F => "F",
                    Layout::A => "A",
                };
                write!(f, "array({}, {}d, {layout}", array.dtype, array.ndim)?;
                if array.readonly {
                    write!(f, ", readonly")?;
                }
                if !array.aligned {
                    write!(f, ", unaligned")?;
                }
                write!(f, ")")
            }
            TypeKind::DType(ty) => write!(f, "dtype({ty})"),
            TypeKind::Function(FunctionRef::Library(path)) => write!(f, "function {path}"),
            TypeKind::Function(FunctionRef::Jitted { name, .. }) => write!(f, "function {name}"),
            TypeKind::Method(path, receiver) => {
                write!(f, "method {} of {receiver}", path.rsplit('.').next().unwrap_or(path))
            }
            TypeKind::Closure { name, .. } => write!(f, "function {name}"),
            TypeKind::Module { name, .. } => write!(f, "module {name}"),
            TypeKind::ExceptionClass(class) => write!(f, "class {}", class.name),
            TypeKind::NamedTupleClass(class) => write!(f, "class {}", class.name),
            TypeKind::Exception(class, _) => write!(f, "{}", class.name),
            TypeKind::EnumMember { class_name, member, .. } => write!(f, "{class_name}.{member}"),
            TypeKind::EnumClass { name, .. } => write!(f, "class {name}"),
        }
    }
}

fn write_tuple(f: &mut Formatter<'_>, elements: &[Type]) -> Result {
    match elements {
        [] => write!(f, "Tuple()"),
        [first, rest @ ..] if rest.iter().all(|ty| ty == first) => {
            write!(f, "UniTuple({first} x {})", elements.len())
        }
        _ => {
            write!(f, "Tuple(")?;
            for (idx, ty) in elements.iter().enumerate() {
                write!(f, "{}{ty}", if idx > 0 { ", " } else { "" })?;
            }
            write!(f, ")")
        }
    }
}

impl FloatKind {
    pub fn name(self) -> &'static str {
        match self {
            FloatKind::F32 => "float32",
            FloatKind::F64 => "float64",
        }
    }
}

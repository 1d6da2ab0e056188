//! Types print as users write them: `float64`, `array(float64, 2d, C)`, `UniTuple(int64 x 2)`.
//!
//! In messages, [`Type::shown`] leaves out what only the compiler knows of a value: the literal `3` is an
//! `int64` there, and `none` is Python's `None`.

use crate::{ArrayType, FloatKind, FunctionRef, Layout, Literal, RecordType, Type, TypeKind};
use std::fmt::{Display, Formatter, Result};

impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write_type(f, *self, Style::Exact)
    }
}

/// A type as messages name it.
#[derive(Clone, Copy)]
pub struct Shown(Type);

impl Type {
    /// The type as messages name it.
    pub fn shown(self) -> Shown {
        Shown(self)
    }
}

impl Display for Shown {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write_type(f, self.0, Style::Message)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Style {
    Exact,
    Message,
}

fn write_type(f: &mut Formatter<'_>, ty: Type, style: Style) -> Result {
    let in_message = style == Style::Message;
    match ty.kind() {
        TypeKind::Undefined if in_message => write!(f, "unbound"),
        TypeKind::Undefined => write!(f, "undefined"),
        TypeKind::MaybeUndefined(inner) if in_message => write_type(f, *inner, style),
        TypeKind::MaybeUndefined(inner) => write!(f, "maybe undefined {inner}"),
        TypeKind::Never => write!(f, "never"),
        TypeKind::None if in_message => write!(f, "None"),
        TypeKind::None => write!(f, "none"),
        TypeKind::Ellipsis => write!(f, "ellipsis"),
        TypeKind::Literal(Literal::Str(_)) if in_message => write!(f, "str"),
        TypeKind::Literal(_) if in_message => write_type(f, ty.widen(), style),
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
        TypeKind::CPointer(to) if to.is_none() && in_message => write!(f, "voidptr"),
        TypeKind::CPointer(to) => write!(f, "CPointer({to})"),
        TypeKind::Str => write!(f, "str"),
        TypeKind::Bytes => write!(f, "bytes"),
        TypeKind::List(element) => write_generic(f, "list", &[*element], style),
        TypeKind::Deque(element) => write_generic(f, "deque", &[*element], style),
        TypeKind::Set(element, frozen) => {
            write_generic(f, if *frozen { "frozenset" } else { "set" }, &[*element], style)
        }
        TypeKind::Dict(key, value, kind) => write_generic(f, kind.name(), &[*key, *value], style),
        TypeKind::Optional(inner) => {
            write!(f, "Optional(")?;
            write_type(f, *inner, style)?;
            write!(f, ")")
        }
        TypeKind::Tuple(elements) => write_tuple(f, elements, style),
        TypeKind::NamedTuple(class, elements) => {
            write!(f, "{}(", class.name)?;
            for (idx, (field, ty)) in class.fields.iter().zip(elements).enumerate() {
                write!(f, "{}{field}: ", if idx > 0 { ", " } else { "" })?;
                write_type(f, *ty, style)?;
            }
            write!(f, ")")
        }
        TypeKind::MixedList(items) => write_generic(f, "list", items, style),
        TypeKind::MixedDict(keys, values) => {
            write!(f, "dict(")?;
            for (idx, (key, ty)) in keys.iter().zip(values).enumerate() {
                write!(f, "{}{key:?}: ", if idx > 0 { ", " } else { "" })?;
                write_type(f, *ty, style)?;
            }
            write!(f, ")")
        }
        TypeKind::Struct(ty) => write!(f, "{}", ty.name),
        TypeKind::Slice(_) if in_message => write!(f, "slice"),
        TypeKind::Slice([start, stop, step]) => write!(f, "slice({start}, {stop}, {step})"),
        TypeKind::Range(_) => write!(f, "range"),
        TypeKind::Iterator(..) if in_message => write!(f, "an iterator"),
        TypeKind::Iterator(kind, _) => write!(f, "{kind:?}Iterator"),
        TypeKind::Array(array) => {
            write!(f, "array({}", array.dtype)?;
            array.write_axes(f)
        }
        TypeKind::DateTime(unit) => write!(f, "datetime64[{unit}]"),
        TypeKind::TimeDelta(unit) => write!(f, "timedelta64[{unit}]"),
        TypeKind::FixedText { length, is_bytes } => {
            write!(f, "{}{length}", if *is_bytes { 'S' } else { 'U' })
        }
        TypeKind::Record(record) => write_record(f, record),
        TypeKind::GeneratorIterator(generator) => write_generic(f, "generator", &[generator.item], style),
        TypeKind::Generator => write!(f, "Generator"),
        TypeKind::BitGenerator => write!(f, "BitGenerator"),
        TypeKind::DType(ty) => write!(f, "dtype({ty})"),
        TypeKind::Function(FunctionRef::Library(path)) if in_message => {
            write!(f, "function {}", path.strip_prefix("builtins.").unwrap_or(path))
        }
        TypeKind::Function(FunctionRef::Library(path)) => write!(f, "function {path}"),
        TypeKind::Function(FunctionRef::Jitted { name, .. } | FunctionRef::Extended { name, .. }) => {
            write!(f, "function {name}")
        }
        TypeKind::Function(FunctionRef::C(function)) => write!(f, "C function {}", function.name),
        TypeKind::FunctionPointer(signature) => {
            write!(f, "FunctionType[{}(", signature.result)?;
            for (idx, ty) in signature.params.iter().enumerate() {
                write!(f, "{}{ty}", if idx > 0 { ", " } else { "" })?;
            }
            write!(f, ")]")
        }
        TypeKind::OneOf(alternatives) => {
            for (idx, ty) in alternatives.iter().enumerate() {
                write!(f, "{}", if idx > 0 { " or " } else { "" })?;
                write_type(f, *ty, style)?;
            }
            Ok(())
        }
        TypeKind::Method(path, receiver) => {
            write!(f, "method {} of ", path.rsplit('.').next().unwrap_or(path))?;
            write_type(f, *receiver, style)
        }
        TypeKind::Super { receiver, .. } => {
            write!(f, "super of ")?;
            write_type(f, *receiver, style)
        }
        TypeKind::BoundMethod { name, receiver, .. } => {
            write!(f, "method {name} of ")?;
            write_type(f, *receiver, style)
        }
        TypeKind::Instance(class) if class.is_shared && !class.is_generic || in_message => {
            write!(f, "{}", class.name)
        }
        TypeKind::Instance(class) => {
            write!(f, "{}(", class.name)?;
            for (idx, field) in class.fields().unwrap_or_default().iter().enumerate() {
                // By names alone further down: a class may refer to itself.
                write!(f, "{}{}: {}", if idx > 0 { ", " } else { "" }, field.name, field.ty.shown())?;
            }
            write!(f, ")")
        }
        TypeKind::Closure { name, .. } => write!(f, "function {name}"),
        TypeKind::Frame(content) => write!(f, "frame of {content}"),
        TypeKind::Cell { .. } => write!(f, "a shared variable"),
        TypeKind::Module { name, .. } if name.is_empty() => write!(f, "namespace"),
        TypeKind::Module { name, .. } => write!(f, "module {name}"),
        TypeKind::ExceptionClass(class) => write!(f, "class {}", class.name),
        TypeKind::NamedTupleClass(class) => write!(f, "class {}", class.name),
        TypeKind::Exception(class, _) => write!(f, "{}", class.name),
        TypeKind::ContextManager(..) => write!(f, "context manager"),
        TypeKind::Constant(container) => {
            write!(f, "constant ")?;
            write_type(f, container.without_constants(), style)
        }
        TypeKind::Keywords(names, types) => {
            write!(f, "keywords(")?;
            for (idx, (name, ty)) in names.iter().zip(types).enumerate() {
                write!(f, "{}{name}=", if idx == 0 { "" } else { ", " })?;
                write_type(f, *ty, style)?;
            }
            write!(f, ")")
        }
        TypeKind::NotImplemented => write!(f, "NotImplemented"),
        TypeKind::CaughtException => write!(f, "caught exception"),
        TypeKind::EnumMember { class_name, member, value, .. } if member.is_empty() => {
            write!(f, "{class_name}({value})")
        }
        TypeKind::EnumMember { class_name, member, .. } => write!(f, "{class_name}.{member}"),
        TypeKind::EnumClass { name, .. } | TypeKind::Class { name, .. } => write!(f, "class {name}"),
    }
}

/// `list(int64)`, or `list` as long as it is not known of what.
fn write_generic(f: &mut Formatter<'_>, name: &str, parts: &[Type], style: Style) -> Result {
    write!(f, "{name}")?;
    if parts.contains(&Type::never()) && style == Style::Message {
        return Ok(());
    }
    for (idx, part) in parts.iter().enumerate() {
        write!(f, "{}", if idx == 0 { "(" } else { ", " })?;
        write_type(f, *part, style)?;
    }
    write!(f, ")")
}

fn write_tuple(f: &mut Formatter<'_>, elements: &[Type], style: Style) -> Result {
    let shown: Vec<String> = elements
        .iter()
        .map(|ty| match style {
            Style::Exact => ty.to_string(),
            Style::Message => ty.shown().to_string(),
        })
        .collect();
    match shown.as_slice() {
        [] => write!(f, "Tuple()"),
        [first, rest @ ..] if rest.iter().all(|text| text == first) => {
            write!(f, "UniTuple({first} x {})", elements.len())
        }
        _ => write!(f, "Tuple({})", shown.join(", ")),
    }
}

impl ArrayType {
    /// What stands behind the element type: `, 2d, C, readonly)`.
    pub fn write_axes(&self, f: &mut Formatter<'_>) -> Result {
        let layout = match self.layout {
            Layout::C => "C",
            Layout::F => "F",
            Layout::A => "A",
        };
        write!(f, ", {}d, {layout}", self.ndim)?;
        if self.readonly {
            write!(f, ", readonly")?;
        }
        if !self.aligned {
            write!(f, ", unaligned")?;
        }
        write!(f, ")")
    }
}

/// `Record(x: float64, corners: int32[2, 2])`; where fields do not follow each other, with their offsets and the size.
fn write_record(f: &mut Formatter<'_>, record: &RecordType) -> Result {
    let layout = &record.layout;
    write!(f, "{}(", if layout.is_np_record { "np.record" } else { "Record" })?;
    let mut end = 0;
    for (idx, field) in layout.fields.iter().enumerate() {
        write!(f, "{}{}: {}", if idx > 0 { ", " } else { "" }, field.name, field.ty)?;
        if !field.shape.is_empty() {
            let extents: Vec<String> = field.shape.iter().map(u64::to_string).collect();
            write!(f, "[{}]", extents.join(", "))?;
        }
        if field.offset != end {
            write!(f, " at {}", field.offset)?;
        }
        end = field.offset + field.size();
    }
    if layout.item_size != end {
        write!(f, "; {} bytes", layout.item_size)?;
    }
    write!(f, "{})", if record.readonly { "; readonly" } else { "" })
}

impl FloatKind {
    pub fn name(self) -> &'static str {
        match self {
            FloatKind::F32 => "float32",
            FloatKind::F64 => "float64",
        }
    }
}

//! Dtypes as values: arguments that name one, `np.dtype(...)`, `np.float32(x)`, attributes.

use crate::arrays::dtypes::by_name;
use crate::declaration::{Argument, Call, Declaration, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::{Code, Diagnostic};
use rumba_types::{FloatKind, FunctionRef, Literal, Type, TypeKind};

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.dtype",
        params: &[Param::required("dtype")],
        doc: "The dtype of a scalar class, a name or a dtype; byte-swapped dtypes are not supported.",
        rule: |e, call| {
            let dtype = dtype_argument(e, call, 0)?;
            Ok(e.b.unit(TypeKind::DType(dtype).into()))
        },
    },
    Declaration {
        path: "dtype:type",
        params: &[Param::required("self")],
        doc: "The scalar class.",
        rule: |_, call| Ok(call.args[0]),
    },
    Declaration {
        path: "dtype:itemsize",
        params: &[Param::required("self")],
        doc: "Bytes of one element.",
        rule: |e, call| {
            let dtype = of_value(e, call.args[0])?;
            Ok(e.literal_int(i128::from(dtype.item_size())))
        },
    },
    Declaration {
        path: "dtype:alignment",
        params: &[Param::required("self")],
        doc: "Alignment in bytes.",
        rule: |e, call| {
            let dtype = of_value(e, call.args[0])?;
            Ok(e.literal_int(i128::from(alignment(dtype))))
        },
    },
    Declaration {
        path: "dtype:kind",
        params: &[Param::required("self")],
        doc: "One of `b i u f c M m V`.",
        rule: |e, call| text(e, call, kind),
    },
    Declaration {
        path: "dtype:char",
        params: &[Param::required("self")],
        doc: "The one-letter code.",
        rule: |e, call| text(e, call, character),
    },
    Declaration {
        path: "dtype:name",
        params: &[Param::required("self")],
        doc: "The name, such as `float64`.",
        rule: |e, call| {
            text(e, call, |dtype| match dtype.as_record() {
                Some(record) => {
                    let class = if record.layout.is_np_record { "record" } else { "void" };
                    format!("{class}{}", 8 * dtype.item_size())
                }
                None => dtype.to_string().replace("[generic]", ""),
            })
        },
    },
    Declaration {
        path: "dtype:names",
        params: &[Param::required("self")],
        doc: "The names of the fields; None where there are none.",
        rule: |e, call| {
            let dtype = of_value(e, call.args[0])?;
            let Some(record) = dtype.as_record() else { return Ok(e.b.none()) };
            let names = &record.layout.fields;
            let names = names.iter().map(|field| e.b.unit(Type::literal_str(&field.name))).collect();
            Ok(e.tuple(names))
        },
    },
    Declaration {
        path: "dtype:str",
        params: &[Param::required("self")],
        doc: "The name with byte order and size, such as `<f8`.",
        rule: |e, call| {
            text(e, call, |dtype| {
                if let Some(unit) = dtype.time_unit() {
                    return format!("<{}8[{unit}]", kind(dtype)).replace("[generic]", "");
                }
                let has_order = dtype.item_size() > 1 && dtype.is_number();
                let order = if has_order { '<' } else { '|' };
                format!("{order}{}{}", kind(dtype), dtype.item_size())
            })
        },
    },
    Declaration {
        path: "dtype:num",
        params: &[Param::required("self")],
        doc: "NumPy's number of the type.",
        rule: |e, call| {
            let dtype = of_value(e, call.args[0])?;
            Ok(e.literal_int(number(dtype)))
        },
    },
];

fn of_value(e: &Emitter<'_>, value: Value) -> Emit<Type> {
    match e.ty(value).kind() {
        TypeKind::DType(dtype) => Ok(*dtype),
        _ => e.error(Code::ArgumentType, "not a dtype"),
    }
}

fn text(e: &mut Emitter<'_>, call: &Call, of: impl Fn(Type) -> String) -> Emit {
    let dtype = of_value(e, call.args[0])?;
    Ok(e.b.unit(Type::literal_str(&of(dtype))))
}

fn kind(dtype: Type) -> String {
    match dtype.kind() {
        TypeKind::Bool => "b",
        TypeKind::Int(kind) if kind.signed => "i",
        TypeKind::Int(_) => "u",
        TypeKind::Float(_) => "f",
        TypeKind::Record(_) => "V",
        TypeKind::DateTime(_) => "M",
        TypeKind::TimeDelta(_) => "m",
        TypeKind::FixedText { is_bytes: true, .. } => "S",
        TypeKind::FixedText { .. } => "U",
        _ => "c",
    }
    .into()
}

fn character(dtype: Type) -> String {
    const CODES: [&str; 13] = ["?", "b", "B", "h", "H", "i", "I", "l", "L", "f", "d", "F", "D"];
    if !dtype.is_number() {
        return kind(dtype);
    }
    let position = super::promotion::all_dtypes().iter().position(|ty| *ty == dtype);
    position.map_or("", |position| CODES[position]).into()
}

fn number(dtype: Type) -> i128 {
    match dtype.kind() {
        TypeKind::Float(FloatKind::F32) => 11,
        TypeKind::Float(FloatKind::F64) => 12,
        TypeKind::Complex(FloatKind::F32) => 14,
        TypeKind::Complex(FloatKind::F64) => 15,
        TypeKind::Record(_) => 20,
        TypeKind::DateTime(_) => 21,
        TypeKind::TimeDelta(_) => 22,
        TypeKind::FixedText { is_bytes: true, .. } => 18,
        TypeKind::FixedText { .. } => 19,
        _ => super::promotion::all_dtypes().iter().position(|ty| *ty == dtype).map_or(-1, |idx| idx as i128),
    }
}

/// Alignment of elements in bytes.
pub fn alignment(dtype: Type) -> u64 {
    match dtype.kind() {
        TypeKind::Complex(_) => dtype.item_size() / 2,
        // Fields are read and written wherever they stand.
        TypeKind::Record(_) | TypeKind::FixedText { is_bytes: true, .. } => 1,
        TypeKind::FixedText { .. } => 4,
        _ => dtype.item_size(),
    }
}

/// The dtype that a type names when it is given as an argument: a dtype or scalar class, `int`, `float`,
/// `bool`, `complex`, or a literal string.
pub fn named_by(ty: Type) -> Option<Type> {
    match ty.kind() {
        TypeKind::DType(dtype) => Some(*dtype),
        TypeKind::Literal(Literal::Str(name)) => by_name(name),
        TypeKind::Function(FunctionRef::Library(path)) => Some(match &**path {
            "builtins.bool" => Type::bool(),
            "builtins.int" => Type::int64(),
            "builtins.float" => Type::float64(),
            "builtins.complex" => Type::complex128(),
            _ => return None,
        }),
        _ => None,
    }
}

/// The dtype that an argument names.
pub fn dtype_argument(e: &Emitter<'_>, call: &Call, idx: usize) -> Emit<Type> {
    let ty = e.ty(call.args[idx]);
    match named_by(ty) {
        Some(dtype) => Ok(dtype),
        None => {
            let message = match ty.kind() {
                TypeKind::Literal(Literal::Str(name)) => format!("'{name}' is not a supported dtype"),
                _ => format!("{} is not a dtype", ty.shown()),
            };
            let diagnostic = Diagnostic::new(Code::ArgumentType, call.spans[idx], message);
            Err(diagnostic
                .note("a dtype is a class such as `np.float32`, an array's `dtype`, or a constant string")
                .into())
        }
    }
}

/// The dtype that an optional argument names; `None` where it is `None`.
pub fn optional_dtype(e: &Emitter<'_>, call: &Call, idx: usize) -> Emit<Option<Type>> {
    if e.ty(call.args[idx]).is_none() { Ok(None) } else { dtype_argument(e, call, idx).map(Some) }
}

/// `np.float32(x)`: a number converted as `astype` does.
pub fn call_dtype(e: &mut Emitter<'_>, dtype: Type, arguments: &[Argument]) -> Emit {
    if !dtype.is_number() {
        let message = format!("{dtype} is not called");
        return e.error(Code::NotCallable, message);
    }
    let argument = match arguments {
        [] => return Ok(e.b.zero(dtype)),
        [argument] if argument.keyword.is_none() => argument,
        _ => return e.error(Code::ArgumentCount, format!("{dtype}() takes one number")),
    };
    let value = e.scalar_of(argument.value);
    let value = e.plain(value);
    let ty = e.ty(value);
    if ty.is_number() {
        return e.cast_number(value, dtype);
    }
    let diagnostic = Diagnostic::new(
        Code::ArgumentType,
        argument.span,
        format!("{dtype}() takes a number, not {}", ty.shown()),
    );
    if ty.as_array().is_some() {
        return Err(diagnostic.note(format!("an array is converted by `.astype(np.{dtype})`")).into());
    }
    Err(diagnostic.into())
}

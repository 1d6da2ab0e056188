//! Questions about dtypes, answered when compiling: `np.can_cast`, `np.result_type`, `np.issubdtype` and their kin.

use super::dtypes::named_by;
use super::promotion::{can_cast_safely, can_cast_same_kind, effective_dtypes, promote};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::{Code, Diagnostic};
use rumba_types::{FunctionRef, Layout, Type, TypeKind};

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.can_cast",
        params: &[
            Param::required("from_").positional_only(),
            Param::required("to").positional_only(),
            Param::optional("casting", Default::Str("safe")),
        ],
        doc: "Whether a dtype, or that of an array, converts to another by a rule; a constant.",
        rule: can_cast,
    },
    Declaration {
        path: "numpy.result_type",
        params: &[Param::variadic("arrays_and_dtypes")],
        doc: "The dtype that arrays, numbers and dtypes have together.",
        rule: result_type,
    },
    Declaration {
        path: "numpy.promote_types",
        params: &[Param::required("type1").positional_only(), Param::required("type2").positional_only()],
        doc: "The smallest dtype to which both convert safely.",
        rule: |e, call| {
            let [first, second] = [dtype_of(e, call, 0, false)?, dtype_of(e, call, 1, false)?];
            Ok(dtype(e, promote(first, second).unwrap_or(first)))
        },
    },
    Declaration {
        path: "numpy.common_type",
        params: &[Param::variadic("arrays")],
        doc: "The floating dtype that arrays have together; integers count as float64.",
        rule: |e, call| {
            let mut common = Type::float32();
            let parts = e.tuple_elements(call.args[0]);
            for part in &parts {
                let own = match e.ty(*part).as_array().map(|array| array.dtype) {
                    Some(own) if own.is_int() => Type::float64(),
                    Some(own) if !own.is_bool() => own,
                    _ => return call.argument_error(0, Code::ArgumentType, "arrays of numbers are expected"),
                };
                common = promote(common, own).unwrap_or(common);
            }
            // Of no arrays it is float16, which there is not.
            if parts.is_empty() {
                return call.argument_error(0, Code::ArgumentCount, "an array is expected");
            }
            Ok(dtype(e, common))
        },
    },
    Declaration {
        path: "numpy.issubdtype",
        params: &[Param::required("arg1"), Param::required("arg2")],
        doc: "Whether a dtype is of a class of dtypes, or the same; a constant.",
        rule: is_subtype,
    },
    Declaration {
        path: "numpy.isdtype",
        params: &[Param::required("dtype"), Param::required("kind")],
        doc: "Whether a dtype is of a kind, given as text, a dtype, or a tuple of these; a constant.",
        rule: is_of_kind,
    },
    Declaration {
        path: "numpy.isfortran",
        params: &[Param::required("a")],
        doc: "Whether an array is contiguous in Fortran order and not in C order.",
        rule: |e, call| {
            let array = crate::arrays::reshaping::array_argument(e, call, 0)?;
            let [c, f] = [Layout::C, Layout::F].map(|layout| e.is_contiguous(array, layout));
            let not_c = e.b.not(c);
            Ok(e.b.and(f, not_c))
        },
    },
];

fn dtype(e: &mut Emitter<'_>, ty: Type) -> Value {
    e.b.unit(TypeKind::DType(ty).into())
}

/// The dtype that an argument names, or that an array has where this is allowed.
fn dtype_of(e: &Emitter<'_>, call: &Call, idx: usize, or_array: bool) -> Emit<Type> {
    let ty = e.ty(call.args[idx]);
    let of_array = ty.as_array().filter(|_| or_array).map(|array| array.dtype);
    match of_array.or_else(|| named_by(ty)) {
        Some(dtype) => Ok(dtype),
        None => {
            let message = format!("{} is not a dtype", ty.shown());
            let diagnostic = Diagnostic::new(Code::ArgumentType, call.spans[idx], message);
            Err(diagnostic
                .note("a dtype is a class such as `np.float32`, an array's `dtype`, or a constant string")
                .into())
        }
    }
}

fn can_cast(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (from, to) = (dtype_of(e, call, 0, true)?, dtype_of(e, call, 1, false)?);
    let result = match e.ty(call.args[2]).as_literal_str() {
        Some("no" | "equiv") => from == to,
        Some("safe") => can_cast_safely(from, to),
        Some("same_kind") => can_cast_same_kind(from, to),
        Some("unsafe") => true,
        _ => {
            let message = "`casting` is one of the constants 'no', 'equiv', 'safe', 'same_kind' and 'unsafe'";
            return call.argument_error(2, Code::ArgumentValue, message);
        }
    };
    Ok(e.literal_bool(result))
}

fn result_type(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let mut operands = Vec::new();
    for part in e.tuple_elements(call.args[0]) {
        let ty = e.ty(part);
        let strong = ty.as_array().map(|array| array.dtype).or_else(|| named_by(ty));
        operands.push(match strong {
            // Dtypes, and arrays without axes, count as arrays do.
            Some(dtype) => Type::array(dtype, 1, Layout::C),
            None if ty.widen().is_number() => ty.widen(),
            None => {
                let message = format!("{} is neither an array nor a number nor a dtype", ty.shown());
                return call.argument_error(0, Code::ArgumentType, message);
            }
        });
    }
    match effective_dtypes(&operands).into_iter().reduce(|a, b| promote(a, b).unwrap_or(a)) {
        Some(common) => Ok(dtype(e, common)),
        None => call.argument_error(0, Code::ArgumentCount, "at least one array or dtype is required"),
    }
}

/// Whether a dtype belongs to a class of NumPy's that stands above the dtypes; `None` if it is no such class.
fn belongs_to_class(dtype: Type, class: &str) -> Option<bool> {
    let is_integer = dtype.is_int();
    let is_signed = dtype.is_signed_int();
    Some(match class {
        "generic" => true,
        "number" => !dtype.is_bool(),
        "integer" => is_integer,
        "signedinteger" => is_signed,
        "unsignedinteger" => is_integer && !is_signed,
        "inexact" => dtype.is_float() || dtype.is_complex(),
        "floating" => dtype.is_float(),
        "complexfloating" => dtype.is_complex(),
        "flexible" | "character" => false,
        _ => return None,
    })
}

fn is_subtype(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let first = dtype_of(e, call, 0, false)?;
    if let TypeKind::Function(FunctionRef::Library(path)) = e.ty(call.args[1]).kind()
        && let Some(belongs) = path.strip_prefix("numpy.").and_then(|class| belongs_to_class(first, class))
    {
        return Ok(e.literal_bool(belongs));
    }
    let second = dtype_of(e, call, 1, false)?;
    Ok(e.literal_bool(first == second))
}

fn is_of_kind(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let TypeKind::DType(own) = e.ty(call.args[0]).kind() else {
        return call.argument_error(0, Code::ArgumentType, "`dtype` is a dtype");
    };
    let parts = match e.ty(call.args[1]).as_tuple() {
        Some(_) => e.tuple_elements(call.args[1]),
        None => vec![call.args[1]],
    };
    let mut belongs = false;
    for part in parts {
        let ty = e.ty(part);
        let class = match ty.as_literal_str() {
            Some("bool") => {
                belongs |= own.is_bool();
                continue;
            }
            Some("signed integer") => "signedinteger",
            Some("unsigned integer") => "unsignedinteger",
            Some("integral") => "integer",
            Some("real floating") => "floating",
            Some("complex floating") => "complexfloating",
            Some("numeric") => "number",
            _ => match ty.kind() {
                TypeKind::DType(dtype) => {
                    belongs |= own == dtype;
                    continue;
                }
                _ => {
                    let diagnostic = Diagnostic::new(Code::ArgumentValue, call.spans[1], "no kind of dtypes");
                    return Err(diagnostic
                        .note(
                            "kinds are 'bool', 'signed integer', 'unsigned integer', 'integral', 'real floating', \
                             'complex floating' and 'numeric'",
                        )
                        .into());
                }
            },
        };
        belongs |= belongs_to_class(*own, class) == Some(true);
    }
    Ok(e.literal_bool(belongs))
}

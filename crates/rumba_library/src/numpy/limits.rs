//! `np.iinfo` and `np.finfo`: what numbers a dtype holds.

use super::dtypes::named_by;
use crate::declaration::{Call, Declaration, Param};
use crate::{Emit, Emitter};
use rumba_source::Code;
use rumba_types::{FloatKind, IntKind, Type, TypeKind};

const SELF: &[Param] = &[Param::required("self")];

/// An attribute whose value is a literal int, by the float kind.
macro_rules! float_int {
    ($name:literal, $doc:literal, $double:literal, $single:literal) => {
        Declaration {
            path: concat!("numpy.finfo:", $name),
            params: SELF,
            doc: $doc,
            rule: |e, call| {
                let value = if float_kind(e, call)? == FloatKind::F64 { $double } else { $single };
                Ok(e.literal_int(value))
            },
        }
    };
}

/// An attribute whose value is a float of the dtype.
macro_rules! float_float {
    ($name:literal, $doc:literal, $double:expr, $single:expr) => {
        Declaration {
            path: concat!("numpy.finfo:", $name),
            params: SELF,
            doc: $doc,
            rule: |e, call| {
                let kind = float_kind(e, call)?;
                let value = if kind == FloatKind::F64 { $double } else { f64::from($single) };
                Ok(e.b.float(value, Type::float(kind)))
            },
        }
    };
}

macro_rules! int_int {
    ($name:literal, $doc:literal, |$kind:ident| $value:expr) => {
        Declaration {
            path: concat!("numpy.iinfo:", $name),
            params: SELF,
            doc: $doc,
            rule: |e, call| {
                let $kind = int_kind(e, call)?;
                Ok(e.literal_int($value))
            },
        }
    };
}

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.iinfo",
        params: &[Param::required("type")],
        doc: "The limits of an integer type, or of the type of a number.",
        rule: |e, call| limits(e, call, "numpy.iinfo"),
    },
    Declaration {
        path: "numpy.finfo",
        params: &[Param::required("dtype")],
        doc: "The limits of a floating-point type, or of the type of a number.",
        rule: |e, call| limits(e, call, "numpy.finfo"),
    },
    int_int!("min", "The smallest number.", |kind| kind.min()),
    int_int!("max", "The largest number.", |kind| kind.max()),
    int_int!("bits", "The width.", |kind| i128::from(kind.bits)),
    float_float!("eps", "The distance from 1 to the next larger float.", f64::EPSILON, f32::EPSILON),
    float_float!(
        "epsneg",
        "The distance from 1 to the next smaller float.",
        f64::EPSILON / 2.0,
        f32::EPSILON / 2.0
    ),
    float_float!("max", "The largest float.", f64::MAX, f32::MAX),
    float_float!("min", "The smallest float.", f64::MIN, f32::MIN),
    float_float!("tiny", "The smallest positive normal float.", f64::MIN_POSITIVE, f32::MIN_POSITIVE),
    float_float!(
        "smallest_normal",
        "The smallest positive normal float.",
        f64::MIN_POSITIVE,
        f32::MIN_POSITIVE
    ),
    float_float!("smallest_subnormal", "The smallest positive float.", f64::from_bits(1), f32::from_bits(1)),
    float_float!("resolution", "10 to the power of minus the precision.", 1e-15, 1e-6f32),
    float_int!("bits", "The width.", 64, 32),
    float_int!("nmant", "Bits of the mantissa.", 52, 23),
    float_int!("nexp", "Bits of the exponent and sign.", 11, 8),
    float_int!("iexp", "Bits of the exponent.", 11, 8),
    float_int!("maxexp", "The smallest power of 2 that overflows.", 1024, 128),
    float_int!("minexp", "The smallest power of 2 that is normal.", -1022, -126),
    float_int!("precision", "Decimal digits that hold for sure.", 15, 6),
];

/// The dtype of the argument, bound to the group of attributes.
fn limits(e: &mut Emitter<'_>, call: &Call, group: &str) -> Emit {
    let ty = e.ty(call.args[0]);
    let dtype = match named_by(ty) {
        Some(dtype) => dtype,
        None => ty.widen(),
    };
    let fits = if group == "numpy.iinfo" { dtype.is_int() } else { dtype.is_float() || dtype.is_complex() };
    if !fits {
        let (name, what) =
            if group == "numpy.iinfo" { ("iinfo", "an integer") } else { ("finfo", "an inexact") };
        return call.argument_error(
            0,
            Code::ArgumentType,
            format!("{name}() takes {what} type, not {dtype}"),
        );
    }
    let dtype = e.b.unit(TypeKind::DType(dtype).into());
    let ty = TypeKind::Method(group.into(), e.ty(dtype));
    Ok(e.b.make(ty.into(), vec![dtype]))
}

fn int_kind(e: &Emitter<'_>, call: &Call) -> Emit<IntKind> {
    if let TypeKind::DType(dtype) = e.ty(call.args[0]).kind()
        && let TypeKind::Int(kind) = dtype.kind()
    {
        return Ok(*kind);
    }
    e.error(Code::ArgumentType, "not the limits of an integer type")
}

fn float_kind(e: &Emitter<'_>, call: &Call) -> Emit<FloatKind> {
    if let TypeKind::DType(dtype) = e.ty(call.args[0]).kind()
        && let TypeKind::Float(kind) | TypeKind::Complex(kind) = dtype.kind()
    {
        return Ok(*kind);
    }
    e.error(Code::ArgumentType, "not the limits of a floating-point type")
}

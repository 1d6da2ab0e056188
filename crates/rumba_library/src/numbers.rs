//! Attributes and methods of numbers. Bools have those of ints.

use crate::containers::collections::in_prelude;
use crate::declaration::{Declaration, Default, Param};
use crate::numpy::dtypes::dtype_argument;
use crate::{Call, Emit, Emitter};
use rumba_ir::{RuntimeFunction, UnaryOp, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::{FloatKind, Type, TypeKind};

const SELF: &[Param] = &[Param::required("self").positional_only()];

type Rule = fn(&mut Emitter<'_>, &Call) -> Emit;

const fn of_self(path: &'static str, rule: Rule, doc: &'static str) -> Declaration {
    Declaration { path, params: SELF, doc, rule }
}

pub const DECLARATIONS: &[Declaration] = &[
    of_self("number:real", real, "The real part; of a real number, itself."),
    of_self("number:imag", imag, "The imaginary part; of a real number, zero."),
    of_self("number:numerator", numerator, "An int itself."),
    of_self("number:denominator", denominator, "1, of an int."),
    of_self("number.conjugate", conjugate, "The number with the sign of its imaginary part changed."),
    of_self("number.bit_length", bit_length, "The number of bits of an int's magnitude."),
    of_self("number.bit_count", bit_count, "The number of ones in the bits of an int's magnitude."),
    of_self("number.is_integer", is_integer, "Whether a real number has no fraction."),
    of_self(
        "number.as_integer_ratio",
        as_integer_ratio,
        "A pair of ints whose quotient is the number; OverflowError where they do not fit int64.",
    ),
    Declaration {
        path: "number.to_bytes",
        params: &[
            Param::required("self").positional_only(),
            Param::optional("length", Default::Int(1)),
            Param::optional("byteorder", Default::Str("big")),
            Param::optional("signed", Default::Bool(false)).keyword_only(),
        ],
        doc: "The bytes of an int.",
        rule: in_prelude,
    },
    of_self("number.hex", in_prelude, "A float in hexadecimal digits."),
    Declaration {
        path: "number.view",
        params: &[Param::required("self").positional_only(), Param::required("dtype")],
        doc: "The number of another type of the same size that has the same bits.",
        rule: view,
    },
    of_self("number.item", |e, call| Ok(e.plain(call.args[0])), "The number itself."),
];

/// The number of another type with the same bits.
fn view(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let value = receiver(e, call);
    let (from, to) = (e.ty(value), dtype_argument(e, call, 1)?);
    if from.is_complex() || !(to.is_int() || to.is_float()) || from.item_size() != to.item_size() {
        let message = format!("{from} is not viewed as {to}");
        let diagnostic = Diagnostic::new(Code::ArgumentType, call.spans[1], message);
        return Err(diagnostic.note("ints and floats of one size are viewed as each other").into());
    }
    Ok(if from == to { value } else { e.b.reinterpret(value, to) })
}

/// Where the prelude has what is declared here; an error where numbers of the receiver's type do not have it.
pub fn in_prelude_of_numbers(e: &Emitter<'_>, call: &Call) -> Emit<&'static str> {
    let ty = e.ty(call.args[0]);
    match call.short_name() {
        "to_bytes" if ty.is_int() || ty.is_bool() => Ok("builtins.int.to_bytes"),
        "hex" if ty.is_float() => Ok("builtins.float.hex"),
        name => e.error(Code::UnknownAttribute, format!("{} has no attribute `{name}`", ty.shown())),
    }
}

/// The number, bools as int64.
fn receiver(e: &mut Emitter<'_>, call: &Call) -> Value {
    e.as_number(call.args[0])
}

/// The receiver, which must be an int.
fn int_receiver(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let value = receiver(e, call);
    let ty = e.ty(value);
    if !ty.is_int() {
        return e.error(Code::UnknownAttribute, format!("{ty} has no attribute `{}`", call.short_name()));
    }
    Ok(value)
}

fn real(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let value = receiver(e, call);
    Ok(if e.ty(value).is_complex() { e.b.field(value, 0) } else { value })
}

fn imag(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let value = receiver(e, call);
    let ty = e.ty(value);
    Ok(if ty.is_complex() { e.b.field(value, 1) } else { e.b.zero(ty) })
}

fn numerator(e: &mut Emitter<'_>, call: &Call) -> Emit {
    int_receiver(e, call)
}

fn denominator(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let value = int_receiver(e, call)?;
    let ty = e.ty(value);
    Ok(e.b.int(1, ty))
}

fn conjugate(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let value = receiver(e, call);
    let ty = e.ty(value);
    if !ty.is_complex() {
        return Ok(value);
    }
    let (real, imag) = e.complex_parts(value);
    let imag = e.b.unary(UnaryOp::Neg, imag);
    Ok(e.b.make(ty, vec![real, imag]))
}

/// The magnitude of an int as uint64.
fn magnitude(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let value = int_receiver(e, call)?;
    let signed = e.ty(value).is_signed_int();
    let wide = e.b.convert(value, Type::int(64, signed));
    let magnitude = e.absolute(wide)?;
    Ok(e.b.convert(magnitude, Type::uint64()))
}

fn bit_length(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let magnitude = magnitude(e, call)?;
    let zeros = e.b.unary(UnaryOp::LeadingZeros, magnitude);
    let zeros = e.b.convert(zeros, Type::int64());
    let width = e.b.int64(64);
    Ok(e.b.sub(width, zeros))
}

fn bit_count(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let magnitude = magnitude(e, call)?;
    let ones = e.b.unary(UnaryOp::CountOnes, magnitude);
    Ok(e.b.convert(ones, Type::int64()))
}

fn is_integer(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let value = receiver(e, call);
    match e.ty(value).kind() {
        TypeKind::Int(_) => Ok(e.literal_bool(true)),
        TypeKind::Float(_) => {
            let whole = e.b.unary(UnaryOp::Trunc, value);
            let same = e.equal(whole, value);
            let finite = e.is_finite(value);
            Ok(e.b.and(same, finite))
        }
        _ => e.error(Code::UnknownAttribute, "a complex number has no attribute `is_integer`"),
    }
}

fn as_integer_ratio(e: &mut Emitter<'_>, call: &Call) -> Emit {
    static RATIO: RuntimeFunction = RuntimeFunction::raising("rumba_integer_ratio_f64");
    let value = receiver(e, call);
    match e.ty(value).kind() {
        TypeKind::Int(_) => {
            let one = e.b.int64(1);
            Ok(e.tuple(vec![value, one]))
        }
        TypeKind::Float(_) => {
            let wide = e.coerce(value, Type::float(FloatKind::F64))?;
            let site = e.call_site();
            let pair = Type::tuple(vec![Type::int64(), Type::int64()]);
            Ok(e.b.call_runtime(&RATIO, vec![wide], pair, Some(site)))
        }
        _ => e.error(Code::UnknownAttribute, "a complex number has no attribute `as_integer_ratio`"),
    }
}

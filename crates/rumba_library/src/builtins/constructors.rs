//! The classes of numbers and tuples, called.

use crate::{Call, Emit, Emitter};
use rumba_ir::{UnaryOp, Value};
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

/// The argument at a position, if it was given.
pub(crate) fn given(e: &Emitter<'_>, call: &Call, idx: usize) -> Option<Value> {
    (e.ty(call.args[idx]) != Type::undefined()).then_some(call.args[idx])
}

pub(super) fn int(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let base = given(e, call, 1);
    if let Some(value) = given(e, call, 0)
        && is_text(e.ty(value))
    {
        let text = e.plain(value);
        let base = match base {
            Some(base) => e.as_index(base, "the base of int()")?,
            None => e.b.int64(10),
        };
        return Ok(e.parse_int(text, base));
    }
    if base.is_some() {
        return call.argument_error(
            0,
            Code::ArgumentType,
            "int() can't convert non-string with explicit base",
        );
    }
    match given(e, call, 0) {
        None => Ok(e.literal_int(0)),
        Some(value) => match e.ty(value).as_literal_bool() {
            Some(literal) => Ok(e.literal_int(i128::from(literal))),
            None => e.rounded_to_int(UnaryOp::Trunc, value, "int"),
        },
    }
}

fn is_text(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::Optional(inner) => inner.is_text(),
        _ => ty.is_text(),
    }
}

pub(super) fn float(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let Some(value) = given(e, call, 0) else {
        return Ok(e.b.float(0.0, Type::float64()));
    };
    let value = e.plain(value);
    let ty = e.ty(value);
    if ty.is_text() {
        return Ok(e.parse_float(value));
    }
    if !ty.is_number() || ty.is_complex() {
        return call.argument_error(
            0,
            Code::ArgumentType,
            format!("float() takes a real number, not {}", ty.shown()),
        );
    }
    e.coerce(value, Type::float64())
}

pub(super) fn complex(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let ty = Type::complex128();
    let zero = e.b.float(0.0, Type::float64());
    let mut parts = [None; 2];
    for (idx, part) in parts.iter_mut().enumerate() {
        let Some(value) = given(e, call, idx) else {
            continue;
        };
        let value = e.plain(value);
        if !e.ty(value).is_number() {
            let message = format!("complex() takes numbers, not {}", e.ty(value).shown());
            return call.argument_error(idx, Code::ArgumentType, message);
        }
        *part = Some(value);
    }
    let (mut real, mut imag) = (zero, zero);
    if let Some(value) = parts[0] {
        let value = e.coerce(value, ty)?;
        (real, imag) = e.complex_parts(value);
    }
    if let Some(value) = parts[1] {
        let is_complex = e.ty(value).is_complex();
        let real_is_complex = parts[0].is_some_and(|value| e.ty(value).is_complex());
        let value = e.coerce(value, ty)?;
        // (a + bi) + (c + di) i
        let (c, d) = e.complex_parts(value);
        if is_complex {
            real = e.b.sub(real, d);
        }
        imag = if real_is_complex { e.b.add(imag, c) } else { c };
    }
    Ok(e.b.make(ty, vec![real, imag]))
}

pub(super) fn bool(e: &mut Emitter<'_>, call: &Call) -> Emit {
    match given(e, call, 0) {
        None => Ok(e.literal_bool(false)),
        Some(value) => e.truth(value),
    }
}

pub(super) fn tuple(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let Some(value) = given(e, call, 0) else {
        return Ok(e.tuple(Vec::new()));
    };
    let ty = e.ty(value);
    if ty.as_tuple().is_some() {
        let elements = e.tuple_elements(value);
        return Ok(e.tuple(elements));
    }
    if let TypeKind::Range(parts) = ty.kind()
        && let [Some(start), Some(stop), Some(step)] = parts.map(Type::as_literal_int)
    {
        const MAX_LENGTH: usize = 1000;
        let items = std::iter::successors(Some(start), |item| Some(item + step))
            .take_while(|item| if step > 0 { *item < stop } else { *item > stop })
            .take(MAX_LENGTH + 1);
        let items: Vec<Value> = items.map(|item| e.literal_int(item)).collect();
        if items.len() <= MAX_LENGTH {
            return Ok(e.tuple(items));
        }
    }
    let diagnostic = e.diagnostic(Code::ArgumentType, format!("tuple() of {} is not supported", ty.shown()));
    Err(diagnostic
        .note("the length of a tuple is part of its type, so it must be known when compiling")
        .into())
}

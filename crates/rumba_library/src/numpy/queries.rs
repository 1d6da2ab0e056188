//! Functions that tell facts of arrays and numbers: `np.shape`, `np.ndim`, `np.size`.

use crate::arrays::creation::value_as_array;
use crate::declaration::{Call, Declaration, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_types::TypeKind;

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.shape",
        params: &[Param::required("a")],
        doc: "The extents of an array; `()` of a number.",
        rule: |e, call| {
            let value = array_or_number(e, call)?;
            let extents = if e.ty(value).as_array().is_some() { e.extents(value) } else { Vec::new() };
            Ok(e.tuple(extents))
        },
    },
    Declaration {
        path: "numpy.ndim",
        params: &[Param::required("a")],
        doc: "The number of axes of an array; 0 of a number.",
        rule: |e, call| {
            let value = array_or_number(e, call)?;
            let ndim = e.ty(value).as_array().map_or(0, |array| array.ndim);
            Ok(e.literal_int(i128::from(ndim)))
        },
    },
    Declaration {
        path: "numpy.size",
        params: &[Param::required("a")],
        doc: "The number of elements of an array; 1 of a number.",
        rule: |e, call| {
            let value = array_or_number(e, call)?;
            if e.ty(value).as_array().is_none() {
                return Ok(e.literal_int(1));
            }
            Ok(e.array_size(value))
        },
    },
    Declaration {
        path: "numpy.iterable",
        params: &[Param::required("y")],
        doc: "Whether a value can be looped over; a constant.",
        rule: |e, call| {
            let iterable = match e.ty(call.args[0]).kind() {
                TypeKind::Array(array) => array.ndim > 0,
                TypeKind::Tuple(_)
                | TypeKind::NamedTuple(..)
                | TypeKind::Range(_)
                | TypeKind::Iterator(..) => true,
                _ => e.ty(call.args[0]).as_literal_str().is_some(),
            };
            Ok(e.literal_bool(iterable))
        },
    },
    Declaration {
        path: "numpy.real",
        params: &[Param::required("val")],
        doc: "The real part of a number; of an array a view.",
        rule: |e, call| {
            let value = array_or_number(e, call)?;
            match e.ty(value).kind() {
                TypeKind::Array(_) => e.real_part(value),
                TypeKind::Complex(_) => Ok(e.b.field(value, 0)),
                _ => Ok(value),
            }
        },
    },
    Declaration {
        path: "numpy.imag",
        params: &[Param::required("val")],
        doc: "The imaginary part of a number; of an array a view.",
        rule: |e, call| {
            let value = array_or_number(e, call)?;
            match e.ty(value).kind() {
                TypeKind::Array(_) => e.imaginary_part(value),
                TypeKind::Complex(_) => Ok(e.b.field(value, 1)),
                _ => Ok(e.b.zero(e.ty(value))),
            }
        },
    },
];

fn array_or_number(e: &mut Emitter<'_>, call: &Call) -> Emit<Value> {
    let value = e.plain(call.args[0]);
    if e.ty(value).is_number() { Ok(value) } else { value_as_array(e, call, 0, value) }
}

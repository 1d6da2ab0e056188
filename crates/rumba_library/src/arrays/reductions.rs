//! Reductions: `a.sum()` and its kin.

use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::RuntimeFunction;
use rumba_source::Code;
use rumba_types::{FloatKind, IntKind, Type, TypeKind};

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.sum",
        params: &[Param::required("a"), Param::optional("axis", Default::None)],
        doc: "The sum of all elements, pairwise for floats.",
        rule: sum,
    },
    Declaration {
        path: "array.sum",
        params: &[Param::required("self"), Param::optional("axis", Default::None)],
        doc: "The sum of all elements, pairwise for floats.",
        rule: sum,
    },
];

fn sum(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = call.args[0];
    let Some(ty) = e.ty(array).as_array() else {
        return call.argument_error(0, Code::ArgumentType, "not an array");
    };
    static F64: RuntimeFunction = RuntimeFunction::effect("rumba_sum_f64");
    static F32: RuntimeFunction = RuntimeFunction::effect("rumba_sum_f32");
    static I64: RuntimeFunction = RuntimeFunction::effect("rumba_sum_i64");
    static U64: RuntimeFunction = RuntimeFunction::effect("rumba_sum_u64");
    let (function, computed) = match ty.dtype.kind() {
        TypeKind::Float(FloatKind::F32) => (&F32, Type::float32()),
        TypeKind::Float(FloatKind::F64) => (&F64, Type::float64()),
        TypeKind::Int(IntKind { signed: false, .. }) => (&U64, Type::uint64()),
        _ => (&I64, Type::int64()),
    };
    e.reduce_elements(function, &[array], computed, |e, elements| e.coerce(elements[0], computed))
}

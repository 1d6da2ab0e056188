//! Memory of others, which compiled code is given the address of.

use crate::arrays::reshaping::shape_argument;
use crate::declaration::{Declaration, Default, Param};
use crate::numpy::dtypes::optional_dtype;
use crate::{Call, Emit, Emitter};
use rumba_source::{Code, Diagnostic};
use rumba_types::{ArrayType, Layout, TypeKind};

const PARAMS: &[Param] = &[
    Param::required("ptr").positional_only(),
    Param::required("shape"),
    Param::optional("dtype", Default::None),
];

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "rumba.carray",
        params: PARAMS,
        doc: "The memory at a C pointer as an array in C order, which does not own it.",
        rule: |e, call| array_at(e, call, Layout::C),
    },
    Declaration {
        path: "rumba.farray",
        params: PARAMS,
        doc: "The memory at a C pointer as an array in Fortran order, which does not own it.",
        rule: |e, call| array_at(e, call, Layout::F),
    },
];

fn array_at(e: &mut Emitter<'_>, call: &Call, layout: Layout) -> Emit {
    let pointer = e.plain(call.args[0]);
    let TypeKind::CPointer(to) = e.ty(pointer).kind() else {
        let message = format!("{} is no C pointer", e.ty(pointer).shown());
        let diagnostic = Diagnostic::new(Code::ArgumentType, call.spans[0], message);
        return Err(diagnostic.note("a parameter of a cfunc is one: `types.CPointer(types.float64)`").into());
    };
    let extents = shape_argument(e, call, 1, call.args[1])?;
    let given = optional_dtype(e, call, 2)?;
    let dtype = match given {
        Some(dtype) if to.is_none() || dtype == *to => dtype,
        Some(dtype) => {
            let message = format!("the pointer is to {to}, not to {dtype}");
            return call.argument_error(2, Code::ArgumentType, message);
        }
        None if to.is_element() => *to,
        None => {
            let message = "an array at a `void *` needs a dtype";
            return call.argument_error(0, Code::ArgumentType, message);
        }
    };
    let ndim = extents.len();
    // Of fewer than two axes, both orders are one.
    let layout = if ndim < 2 { Layout::C } else { layout };
    let Ok(ndim) = u8::try_from(ndim) else {
        return call.argument_error(1, Code::ArgumentValue, "an array has at most 64 axes");
    };
    let ty = ArrayType { dtype, ndim, layout, readonly: false, aligned: true };
    let (data, owner) = (e.b.field(pointer, 0), e.b.address(0));
    Ok(e.make_array(ty, data, owner, &extents, &[]))
}

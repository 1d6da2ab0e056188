//! Functions that call functions which are their arguments. What they do is in `rumba_infer::functionals`, because rules of
//! the library cannot call what is not of the library.

use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_source::Code;

const ARGS: Param = Param::variadic("args");

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.fromfunction",
        params: &[
            Param::required("function"),
            Param::required("shape"),
            Param::optional("dtype", Default::Str("float64")).keyword_only(),
        ],
        doc: "What a compiled function gives for the positions along each axis of a shape, which are arrays.",
        rule: by_inference,
    },
    Declaration {
        path: "numpy.apply_along_axis",
        params: &[Param::required("func1d"), Param::required("axis"), Param::required("arr"), ARGS],
        doc: "A compiled function of each line along an axis, which is a constant; without keyword arguments for it.",
        rule: by_inference,
    },
    Declaration {
        path: "numpy.apply_over_axes",
        params: &[Param::required("func"), Param::required("a"), Param::required("axes")],
        doc: "A compiled function of an array and an axis, for one axis after the other; these are constants.",
        rule: by_inference,
    },
    Declaration {
        path: "numpy.piecewise",
        params: &[Param::required("x"), Param::required("condlist"), Param::required("funclist"), ARGS],
        doc: "Numbers, or what compiled functions give, where conditions hold; both are tuples.",
        rule: by_inference,
    },
    Declaration {
        path: "numpy.mask_indices",
        params: &[Param::required("n"), Param::required("mask_func"), Param::optional("k", Default::Int(0))],
        doc: "Positions of what a function such as `np.triu` leaves of a matrix of ones.",
        rule: by_inference,
    },
];

/// Inference does not call this rule; whoever does so in another way has no functions to call.
fn by_inference(e: &mut Emitter<'_>, call: &Call) -> Emit {
    e.error(Code::UnsupportedFunction, format!("`{}` cannot be called here", call.path))
}

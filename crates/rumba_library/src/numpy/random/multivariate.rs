//! Distributions whose numbers come in rows: `multinomial`, `dirichlet`, `multivariate_hypergeometric`.

use super::{SELF, SIZE, bits, is_method, optional_extents, parameter, position, size_argument};
use crate::arrays::creation::array_like;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_source::Code;
use rumba_types::{Layout, Type};

const ALPHA: Param = Param::required("alpha");
const N: Param = Param::required("n");
const PVALS: Param = Param::required("pvals");

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "generator.dirichlet",
        params: &[SELF, ALPHA, SIZE],
        doc: "Rows of numbers that sum to 1.",
        rule: dirichlet,
    },
    Declaration {
        path: "numpy.random.dirichlet",
        params: &[ALPHA, SIZE],
        doc: "Rows of numbers that sum to 1.",
        rule: dirichlet,
    },
    Declaration {
        path: "generator.multinomial",
        params: &[SELF, N, PVALS, SIZE],
        doc: "Rows of counts, of each outcome of a number of experiments.",
        rule: multinomial,
    },
    Declaration {
        path: "numpy.random.multinomial",
        params: &[N, PVALS, SIZE],
        doc: "Rows of counts, of each outcome of a number of experiments.",
        rule: multinomial,
    },
    Declaration {
        path: "generator.multivariate_hypergeometric",
        params: &[
            SELF,
            Param::required("colors"),
            Param::required("nsample"),
            SIZE,
            Param::optional("method", Default::Str("marginals")),
        ],
        doc: "Rows of counts, of each color in a sample without replacement.",
        rule: multivariate_hypergeometric,
    },
];

fn dirichlet(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let idx = position(call, "alpha");
    let alpha = array_like(e, call, idx)?;
    let ty = e.array_type(alpha);
    if ty.ndim != 1 || ty.dtype.is_complex() {
        return call.argument_error(idx, Code::ArgumentType, "alpha is real and has one axis");
    }
    let alpha = e.elements_argument(alpha, Type::float64())?;
    let size = size_argument(e, call)?;
    let args = vec![bits(e, call), alpha, optional_extents(e, size.as_deref())];
    let ndim = size.map_or(0, |size| size.len()) as u8 + 1;
    Ok(e.call_raising("random_dirichlet", args, Type::array(Type::float64(), ndim, Layout::C)))
}

fn multinomial(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (n_idx, p_idx) = (position(call, "n"), position(call, "pvals"));
    let n = parameter(e, call, n_idx, Type::int64())?;
    let n_ndim = e.ty(n).as_array().map_or(0, |array| array.ndim);
    let pvals = array_like(e, call, p_idx)?;
    let ty = e.array_type(pvals);
    if ty.ndim == 0 || ty.dtype.is_complex() {
        return call.argument_error(p_idx, Code::ArgumentType, "pvals is real and has at least one axis");
    }
    if !is_method(call) && (n_ndim > 0 || ty.ndim > 1) {
        let idx = if n_ndim > 0 { n_idx } else { p_idx };
        let message = "np.random.multinomial takes one number of experiments and one row of probabilities";
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    let size = size_argument(e, call)?;
    let args = vec![
        bits(e, call),
        e.elements_argument(n, Type::int64())?,
        e.elements_argument(pvals, Type::float64())?,
        optional_extents(e, size.as_deref()),
    ];
    let outer = size.map_or(n_ndim.max(ty.ndim - 1), |size| size.len() as u8);
    Ok(e.call_raising("random_multinomial", args, Type::array(Type::int64(), outer + 1, Layout::C)))
}

fn multivariate_hypergeometric(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let colors = array_like(e, call, 1)?;
    let ty = e.array_type(colors);
    if ty.ndim != 1 || !ty.dtype.is_int() {
        let message = "colors are integers, and have one axis";
        return call.argument_error(1, Code::ArgumentType, message);
    }
    let nsample = e.plain(call.args[2]);
    if !e.ty(nsample).is_int() {
        return call.argument_error(2, Code::ArgumentType, "nsample must be an integer");
    }
    let counts = match e.ty(call.args[4]).as_literal_str() {
        Some("count") => true,
        Some("marginals") => false,
        _ => {
            let message = "`method` is one of the constants 'count' and 'marginals'";
            return call.argument_error(4, Code::ArgumentValue, message);
        }
    };
    let size = size_argument(e, call)?;
    let args = vec![
        bits(e, call),
        e.elements_argument(colors, Type::int64())?,
        e.coerce(nsample, Type::int64())?,
        e.b.bool(counts),
        optional_extents(e, size.as_deref()),
    ];
    let ndim = size.map_or(0, |size| size.len()) as u8 + 1;
    Ok(e.call_raising(
        "random_multivariate_hypergeometric",
        args,
        Type::array(Type::int64(), ndim, Layout::C),
    ))
}

//! Distributions whose numbers come in rows: `multinomial`, `dirichlet`, `multivariate_normal`,
//! `multivariate_hypergeometric`.

use super::{SELF, SIZE, bits, is_method, optional_extents, parameter, position, size_argument};
use crate::arrays::creation::{array_like, number_argument};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_source::Code;
use rumba_types::{Layout, Type};

const ALPHA: Param = Param::required("alpha");
const N: Param = Param::required("n");
const PVALS: Param = Param::required("pvals");
const MEAN: Param = Param::required("mean");
const COV: Param = Param::required("cov");
const CHECK_VALID: Param = Param::optional("check_valid", Default::Str("warn"));
const TOL: Param = Param::optional("tol", Default::Float(1e-8));

const NORMAL: &str = "Rows of normal numbers with means and a covariance matrix. By 'svd' and 'eigh' the rows may be others than NumPy's, of the same distribution.";

/// In the order in which the kernel numbers them.
const FACTORISATIONS: [&str; 3] = ["svd", "eigh", "cholesky"];

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
        path: "generator.multivariate_normal",
        params: &[
            SELF,
            MEAN,
            COV,
            SIZE,
            CHECK_VALID,
            TOL,
            Param::optional("method", Default::Str("svd")).keyword_only(),
        ],
        doc: NORMAL,
        rule: multivariate_normal,
    },
    Declaration {
        path: "numpy.random.multivariate_normal",
        params: &[MEAN, COV, SIZE, CHECK_VALID, TOL],
        doc: NORMAL,
        rule: multivariate_normal,
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

fn multivariate_normal(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let mut args = vec![bits(e, call)];
    for (name, ndim) in [("mean", 1), ("cov", 2)] {
        let idx = position(call, name);
        let array = array_like(e, call, idx)?;
        let ty = e.array_type(array);
        if ty.ndim != ndim || ty.dtype.is_complex() {
            let message =
                format!("`{name}` is real and has {ndim} {}", if ndim == 1 { "axis" } else { "axes" });
            return call.argument_error(idx, Code::ArgumentType, message);
        }
        args.push(e.elements_argument(array, Type::float64())?);
    }
    let method = match call.position("method") {
        None => 0,
        Some(idx) => {
            let method = e.ty(call.args[idx]).as_literal_str();
            match method.and_then(|method| FACTORISATIONS.iter().position(|other| *other == method)) {
                Some(method) => method,
                None => {
                    let message = "`method` is one of the constants 'svd', 'eigh' and 'cholesky'";
                    return call.argument_error(idx, Code::ArgumentValue, message);
                }
            }
        }
    };
    args.push(e.b.int64(method as i64));
    let check = position(call, "check_valid");
    let must_be_valid = match e.ty(call.args[check]).as_literal_str() {
        Some("raise") => true,
        // Warnings of NumPy are not given.
        Some("warn" | "ignore") => false,
        _ => {
            let message = "`check_valid` is one of the constants 'warn', 'raise' and 'ignore'";
            return call.argument_error(check, Code::ArgumentValue, message);
        }
    };
    args.push(e.b.bool(must_be_valid));
    let tolerance = number_argument(e, call, position(call, "tol"))?;
    args.push(e.as_float64(tolerance)?);
    let size = size_argument(e, call)?;
    args.push(optional_extents(e, size.as_deref()));
    let ndim = size.map_or(0, |size| size.len()) as u8 + 1;
    Ok(e.call_raising("random_multivariate_normal", args, Type::array(Type::float64(), ndim, Layout::C)))
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

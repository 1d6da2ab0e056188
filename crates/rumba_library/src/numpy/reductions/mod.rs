//! Reductions: `np.sum`, `a.max()` and their kin, of whole arrays and along axes.
//!
//! A row of a table says what is computed; what its arguments mean is worked out once, in `request`. Reductions of all
//! elements fuse with what computes these; those along axes are kernels.

mod folds;
mod moments;
mod nan;
mod positions;
mod request;

use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use folds::*;
use std::sync::LazyLock;

pub(crate) use folds::{ALL, ANY, FMAX, FMIN, Fold, MAX, MIN, PROD, SPAN_SUM, SUM, arithmetic_of};
pub(crate) use moments::weights_like;
pub(crate) use nan::replaced as nan_replaced;
pub(crate) use request::{Axes, Request, axes_argument};

const A: Param = Param::required("a");
const SELF: Param = Param::required("self");
const AXIS: Param = Param::optional("axis", Default::None);
const DTYPE: Param = Param::optional("dtype", Default::None);
const OUT: Param = Param::optional("out", Default::None);
const DDOF: Param = Param::optional("ddof", Default::Int(0));
const KEEPDIMS: Param = Param::optional("keepdims", Default::Bool(false));
const KEEPDIMS_KEYWORD: Param = KEEPDIMS.keyword_only();
const INITIAL: Param = Param::optional("initial", Default::Absent);
const WHERE: Param = Param::optional("where", Default::Bool(true));
const WHERE_KEYWORD: Param = WHERE.keyword_only();
const MEAN: Param = Param::optional("mean", Default::Absent).keyword_only();
const CORRECTION: Param = Param::optional("correction", Default::Absent).keyword_only();
const WEIGHTS: Param = Param::optional("weights", Default::None);
const RETURNED: Param = Param::optional("returned", Default::Bool(false));

/// A reduction: what follows the array in the parameters, and what it computes.
struct Row {
    /// The name as a function and, if it is one, as a method.
    paths: &'static [&'static str],
    params: &'static [Param],
    doc: &'static str,
    rule: fn(&mut Emitter<'_>, &Call) -> Emit,
}

const ARRAY: Param = Param::required("array");
const FIRST_AXIS: Param = Param::optional("axis", Default::Int(0));

/// Parameters of `np.add.reduce` and its kin.
const REDUCE: &[Param] = &[FIRST_AXIS, DTYPE, OUT, KEEPDIMS, INITIAL, WHERE];

macro_rules! both {
    ($name:literal) => {
        &[concat!("numpy.", $name), concat!("array.", $name)]
    };
}

const ROWS: &[Row] = &[
    Row {
        paths: both!("sum"),
        params: &[AXIS, DTYPE, OUT, KEEPDIMS, INITIAL, WHERE],
        doc: "The sum, pairwise for floats.",
        rule: |e, call| arithmetic(e, call, &SUM),
    },
    Row {
        paths: both!("prod"),
        params: &[AXIS, DTYPE, OUT, KEEPDIMS, INITIAL, WHERE],
        doc: "The product.",
        rule: |e, call| arithmetic(e, call, &PROD),
    },
    Row {
        paths: &["numpy.max", "array.max", "numpy.amax"],
        params: &[AXIS, OUT, KEEPDIMS, INITIAL, WHERE],
        doc: "The largest element, or nan if there is one.",
        rule: |e, call| extreme(e, call, &MAX, &ANY),
    },
    Row {
        paths: &["numpy.min", "array.min", "numpy.amin"],
        params: &[AXIS, OUT, KEEPDIMS, INITIAL, WHERE],
        doc: "The smallest element, or nan if there is one.",
        rule: |e, call| extreme(e, call, &MIN, &ALL),
    },
    Row {
        paths: both!("any"),
        params: &[AXIS, OUT, KEEPDIMS, WHERE_KEYWORD],
        doc: "Whether any element is true.",
        rule: |e, call| truth(e, call, &ANY),
    },
    Row {
        paths: both!("all"),
        params: &[AXIS, OUT, KEEPDIMS, WHERE_KEYWORD],
        doc: "Whether all elements are true.",
        rule: |e, call| truth(e, call, &ALL),
    },
    Row {
        paths: &["numpy.count_nonzero"],
        params: &[AXIS, KEEPDIMS_KEYWORD],
        doc: "How many elements are true.",
        rule: |e, call| truth(e, call, &COUNT),
    },
    Row {
        paths: &["numpy.ptp"],
        params: &[AXIS, OUT, KEEPDIMS],
        doc: "The largest minus the smallest element.",
        rule: peak_to_peak,
    },
    Row {
        paths: both!("argmax"),
        params: &[AXIS, OUT, KEEPDIMS_KEYWORD],
        doc: "The position of the first largest element, or of the first nan.",
        rule: |e, call| positions::position(e, call, "argmax"),
    },
    Row {
        paths: both!("argmin"),
        params: &[AXIS, OUT, KEEPDIMS_KEYWORD],
        doc: "The position of the first smallest element, or of the first nan.",
        rule: |e, call| positions::position(e, call, "argmin"),
    },
    Row {
        paths: both!("mean"),
        params: &[AXIS, DTYPE, OUT, KEEPDIMS, WHERE_KEYWORD],
        doc: "The mean.",
        rule: moments::mean,
    },
    Row {
        paths: both!("var"),
        params: &[AXIS, DTYPE, OUT, DDOF, KEEPDIMS, WHERE_KEYWORD, MEAN, CORRECTION],
        doc: "The variance.",
        rule: |e, call| moments::variance(e, call, false),
    },
    Row {
        paths: both!("std"),
        params: &[AXIS, DTYPE, OUT, DDOF, KEEPDIMS, WHERE_KEYWORD, MEAN, CORRECTION],
        doc: "The standard deviation.",
        rule: |e, call| moments::variance(e, call, true),
    },
    Row {
        paths: &["numpy.average"],
        params: &[AXIS, WEIGHTS, RETURNED, KEEPDIMS_KEYWORD],
        doc: "The weighted mean, and the sum of weights if it is asked for.",
        rule: moments::average,
    },
    Row {
        paths: &["numpy.nansum"],
        params: &[AXIS, DTYPE, OUT, KEEPDIMS, INITIAL, WHERE],
        doc: "The sum, nan as 0.",
        rule: |e, call| nan::arithmetic(e, call, &SUM),
    },
    Row {
        paths: &["numpy.nanprod"],
        params: &[AXIS, DTYPE, OUT, KEEPDIMS, INITIAL, WHERE],
        doc: "The product, nan as 1.",
        rule: |e, call| nan::arithmetic(e, call, &PROD),
    },
    Row {
        paths: &["numpy.nanmax"],
        params: &[AXIS, OUT, KEEPDIMS, INITIAL, WHERE],
        doc: "The largest element that is not nan.",
        rule: |e, call| extreme(e, call, &FMAX, &ANY),
    },
    Row {
        paths: &["numpy.nanmin"],
        params: &[AXIS, OUT, KEEPDIMS, INITIAL, WHERE],
        doc: "The smallest element that is not nan.",
        rule: |e, call| extreme(e, call, &FMIN, &ALL),
    },
    Row {
        paths: &["numpy.nanargmax"],
        params: &[AXIS, OUT, KEEPDIMS_KEYWORD],
        doc: "The position of the first largest element that is not nan.",
        rule: |e, call| nan::position(e, call, "argmax"),
    },
    Row {
        paths: &["numpy.nanargmin"],
        params: &[AXIS, OUT, KEEPDIMS_KEYWORD],
        doc: "The position of the first smallest element that is not nan.",
        rule: |e, call| nan::position(e, call, "argmin"),
    },
    Row {
        paths: &["numpy.nanmean"],
        params: &[AXIS, DTYPE, OUT, KEEPDIMS, WHERE_KEYWORD],
        doc: "The mean of the elements that are not nan.",
        rule: nan::mean,
    },
    Row {
        paths: &["numpy.nanvar"],
        params: &[AXIS, DTYPE, OUT, DDOF, KEEPDIMS, WHERE_KEYWORD, MEAN, CORRECTION],
        doc: "The variance of the elements that are not nan.",
        rule: |e, call| nan::variance(e, call, false),
    },
    Row {
        paths: &["numpy.nanstd"],
        params: &[AXIS, DTYPE, OUT, DDOF, KEEPDIMS, WHERE_KEYWORD, MEAN, CORRECTION],
        doc: "The standard deviation of the elements that are not nan.",
        rule: |e, call| nan::variance(e, call, true),
    },
    Row {
        paths: &["numpy.add.reduce"],
        params: REDUCE,
        doc: "The sum along the first axis, or along others.",
        rule: |e, call| arithmetic(e, call, &SUM),
    },
    Row {
        paths: &["numpy.multiply.reduce"],
        params: REDUCE,
        doc: "The product along the first axis, or along others.",
        rule: |e, call| arithmetic(e, call, &PROD),
    },
    Row {
        paths: &["numpy.maximum.reduce"],
        params: REDUCE,
        doc: "The largest elements along the first axis, or along others.",
        rule: |e, call| extreme(e, call, &MAX, &ANY),
    },
    Row {
        paths: &["numpy.minimum.reduce"],
        params: REDUCE,
        doc: "The smallest elements along the first axis, or along others.",
        rule: |e, call| extreme(e, call, &MIN, &ALL),
    },
    Row {
        paths: &["numpy.fmax.reduce"],
        params: REDUCE,
        doc: "The largest elements that are not nan along the first axis, or along others.",
        rule: |e, call| extreme(e, call, &FMAX, &ANY),
    },
    Row {
        paths: &["numpy.fmin.reduce"],
        params: REDUCE,
        doc: "The smallest elements that are not nan along the first axis, or along others.",
        rule: |e, call| extreme(e, call, &FMIN, &ALL),
    },
    Row {
        paths: &["numpy.logical_or.reduce"],
        params: REDUCE,
        doc: "Whether any element is true along the first axis, or along others.",
        rule: |e, call| truth(e, call, &ANY),
    },
    Row {
        paths: &["numpy.logical_and.reduce"],
        params: REDUCE,
        doc: "Whether all elements are true along the first axis, or along others.",
        rule: |e, call| truth(e, call, &ALL),
    },
];

/// The declarations of functions and methods.
pub fn declarations() -> &'static [Declaration] {
    static DECLARATIONS: LazyLock<Vec<Declaration>> = LazyLock::new(|| {
        let declare = |row: &'static Row| {
            row.paths.iter().map(|path| {
                let first = match path {
                    path if path.starts_with("array.") => SELF,
                    path if path.ends_with(".reduce") => ARRAY,
                    _ => A,
                };
                let params: Vec<Param> = std::iter::once(first).chain(row.params.iter().copied()).collect();
                Declaration { path, params: params.leak(), doc: row.doc, rule: row.rule }
            })
        };
        ROWS.iter().flat_map(declare).collect()
    });
    &DECLARATIONS
}

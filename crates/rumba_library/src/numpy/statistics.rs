//! Order statistics, covariances, histograms and counts: `np.median`, `np.percentile`, `np.cov`, `np.histogram` and their
//! kin.

use super::reductions::{Axes, Request, SUM, weights_like};
use super::ufuncs::ufunc;
use crate::arrays::creation::{array_like, value_as_array};
use crate::arrays::reshaping::constant_bool;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::numpy::dtypes::optional_dtype;
use crate::numpy::promotion::{can_cast_safely, promote};
use crate::{Emit, Emitter};
use rumba_ir::{Access, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::{ArrayType, FloatKind, Layout, Type, TypeKind};

const A: Param = Param::required("a");
const Q: Param = Param::required("q");
const AXIS: Param = Param::optional("axis", Default::None);
const OUT: Param = Param::optional("out", Default::None);
const OVERWRITE: Param = Param::optional("overwrite_input", Default::Bool(false));
const METHOD: Param = Param::optional("method", Default::Str("linear"));
const KEEPDIMS: Param = Param::optional("keepdims", Default::Bool(false));
const WEIGHTS: Param = Param::optional("weights", Default::None).keyword_only();
const MEDIAN: &[Param] = &[A, AXIS, OUT, OVERWRITE, KEEPDIMS];
const QUANTILE: &[Param] = &[A, Q, AXIS, OUT, OVERWRITE, METHOD, KEEPDIMS, WEIGHTS];
const Y: Param = Param::optional("y", Default::None);
const ROWVAR: Param = Param::optional("rowvar", Default::Bool(true));
const DTYPE: Param = Param::optional("dtype", Default::None).keyword_only();
const BINS: Param = Param::optional("bins", Default::Int(10));
const RANGE: Param = Param::optional("range", Default::None);

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.median",
        params: MEDIAN,
        doc: "The median. The array stays as it is, also with `overwrite_input`.",
        rule: |e, call| median(e, call, false),
    },
    Declaration {
        path: "numpy.nanmedian",
        params: MEDIAN,
        doc: "The median of the elements that are not nan.",
        rule: |e, call| median(e, call, true),
    },
    Declaration {
        path: "numpy.quantile",
        params: QUANTILE,
        doc: "Quantiles, by a constant method.",
        rule: quantile,
    },
    Declaration {
        path: "numpy.percentile",
        params: QUANTILE,
        doc: "Percentiles, by a constant method.",
        rule: quantile,
    },
    Declaration {
        path: "numpy.nanquantile",
        params: QUANTILE,
        doc: "Quantiles of the elements that are not nan.",
        rule: quantile,
    },
    Declaration {
        path: "numpy.nanpercentile",
        params: QUANTILE,
        doc: "Percentiles of the elements that are not nan.",
        rule: quantile,
    },
    Declaration {
        path: "numpy.cov",
        params: &[
            Param::required("m"),
            Y,
            ROWVAR,
            Param::optional("bias", Default::Bool(false)),
            Param::optional("ddof", Default::None),
            Param::optional("fweights", Default::None),
            Param::optional("aweights", Default::None),
            DTYPE,
        ],
        doc: "The covariance matrix; a number for one array of one dimension only.",
        rule: covariance,
    },
    Declaration {
        path: "numpy.corrcoef",
        params: &[Param::required("x"), Y, ROWVAR, DTYPE],
        doc: "The matrix of correlation coefficients; a number for one array of one dimension only.",
        rule: covariance,
    },
    Declaration {
        path: "numpy.histogram",
        params: &[
            A,
            BINS,
            RANGE,
            Param::optional("density", Default::None),
            Param::optional("weights", Default::None),
        ],
        doc: "Counts, or sums of weights, and the edges of bins; bins are their number, their edges, or the name of a method that chooses them.",
        rule: histogram,
    },
    Declaration {
        path: "numpy.histogram2d",
        params: &[
            Param::required("x"),
            Param::required("y"),
            BINS,
            RANGE,
            Param::optional("density", Default::None),
            Param::optional("weights", Default::None),
        ],
        doc: "Counts, or sums of weights, of points in a plane, and the edges of bins along both axes.",
        rule: |e, call| {
            let samples = [array_like(e, call, 0)?, array_like(e, call, 1)?];
            let (counts, edges) = histogram_of(e, call, &samples, 2)?;
            Ok(e.tuple([vec![counts], edges].concat()))
        },
    },
    Declaration {
        path: "numpy.histogramdd",
        params: &[
            Param::required("sample"),
            BINS,
            RANGE,
            Param::optional("density", Default::None),
            Param::optional("weights", Default::None),
        ],
        doc: "Counts, or sums of weights, of points given by a tuple of arrays, one for each axis, and a tuple of the edges of bins.",
        rule: |e, call| {
            if e.ty(call.args[0]).as_tuple().is_none_or(<[Type]>::is_empty) {
                let message = "the points are a tuple of arrays, one for each axis";
                let diagnostic = Diagnostic::new(Code::ArgumentType, call.spans[0], message);
                return Err(diagnostic.note("the rank of the result depends on how many there are").into());
            }
            let mut samples = Vec::new();
            for part in e.tuple_elements(call.args[0]) {
                samples.push(value_as_array(e, call, 0, part)?);
            }
            let (counts, edges) = histogram_of(e, call, &samples, 1)?;
            let edges = e.tuple(edges);
            Ok(e.tuple(vec![counts, edges]))
        },
    },
    Declaration {
        path: "numpy.histogram_bin_edges",
        params: &[A, BINS, RANGE, Param::optional("weights", Default::None)],
        doc: "The edges of bins.",
        rule: |e, call| Ok(histogram_bins(e, call)?.edges),
    },
    Declaration {
        path: "numpy.bincount",
        params: &[
            Param::required("x").positional_only(),
            Param::optional("weights", Default::None),
            Param::optional("minlength", Default::Int(0)),
        ],
        doc: "How often each integer occurs, or the sums of its weights.",
        rule: bincount,
    },
    Declaration {
        path: "numpy.digitize",
        params: &[
            Param::required("x"),
            Param::required("bins"),
            Param::optional("right", Default::Bool(false)),
        ],
        doc: "The bins that numbers belong to.",
        rule: digitize,
    },
];

impl Emitter<'_> {
    /// Calls a kernel that fills an array of these extents, or gives a number.
    pub(crate) fn filled_by_kernel(
        &mut self,
        name: &str,
        dtype: Type,
        mut args: Vec<Value>,
        result: Type,
        extents: Option<&[Value]>,
        more: Vec<Value>,
    ) -> Emit {
        let Some(extents) = extents else {
            let memory = self.b.stack_memory(result.item_size() as u32);
            args.push(self.number_view(memory, result));
            args.extend(more);
            self.call_kernel(name, dtype, args, Type::none());
            return Ok(self.b.load(memory, result, Access::aligned(true)));
        };
        let out = self.allocate_array(result, extents, Layout::C, false)?;
        args.push(self.view_argument(out));
        args.extend(more);
        self.call_kernel(name, dtype, args, Type::none());
        Ok(out)
    }
}

fn median(e: &mut Emitter<'_>, call: &Call, skip_nan: bool) -> Emit {
    constant_bool(e, call, 3, "overwrite_input")?;
    let request = Request::of(e, call)?;
    let dtype = request.array_dtype(e);
    let result = if dtype.is_int() || dtype.is_bool() { Type::float64() } else { dtype };
    let args = vec![e.view_argument(request.array), request.axes.mask(e)];
    let extents = request.result_extents(e);
    let skip_nan = e.b.bool(skip_nan);
    let result = e.filled_by_kernel("median", dtype, args, result, extents.as_deref(), vec![skip_nan])?;
    request.finish(e, result)
}

/// In the order in which `rumba_runtime::kernels::statistics` has them.
const METHODS: [&str; 13] = [
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
    "lower",
    "higher",
    "midpoint",
    "nearest",
];
/// Those that give an element of the array.
const DISCRETE: [&str; 5] = ["inverted_cdf", "closest_observation", "lower", "higher", "nearest"];

/// What a kernel is told beside the method.
const PERCENT: i64 = 16;
const SKIP_NAN: i64 = 32;
const SINGLE: i64 = 64;

fn quantile(e: &mut Emitter<'_>, call: &Call) -> Emit {
    quantile_of(e, call, false)
}

/// Quantiles of numbers, or of counts of times.
pub(crate) fn quantile_of(e: &mut Emitter<'_>, call: &Call, of_times: bool) -> Emit {
    let name = call.short_name();
    let percent = if name.ends_with("percentile") { PERCENT } else { 0 };
    let options = percent | if name.starts_with("nan") { SKIP_NAN } else { 0 };
    constant_bool(e, call, 4, "overwrite_input")?;
    let mut method = match e.ty(call.args[5]).as_literal_str() {
        Some(method) if METHODS.contains(&method) => method.to_string(),
        _ => {
            let diagnostic =
                Diagnostic::new(Code::ArgumentValue, call.spans[5], "`method` is a constant string");
            return Err(diagnostic.note(format!("it is one of {}", METHODS.join(", "))).into());
        }
    };
    let has_weights = !e.ty(call.args[7]).is_none();
    if has_weights && (method != "inverted_cdf" || of_times) {
        let message = "`weights` are for numbers, and for the method 'inverted_cdf'";
        return call.argument_error(7, Code::ArgumentValue, message);
    }
    let request = Request::of(e, call)?;
    let dtype = request.array_dtype(e);
    if dtype.is_complex() {
        return call.argument_error(0, Code::ArgumentType, "quantiles are of real numbers");
    }
    let number = e.plain(call.args[1]);
    let is_number = e.ty(number).is_number();
    let q = if is_number { number } else { array_like(e, call, 1)? };
    let (q_dtype, q_ndim) = e.ty(q).as_array().map_or((e.ty(q), 0), |array| (array.dtype, array.ndim));
    if q_dtype.is_complex() {
        return call.argument_error(1, Code::ArgumentType, "quantiles are real numbers");
    }
    if options & PERCENT == 0 && q_dtype.is_int() && method == "linear" {
        // The least or the largest: no interpolation.
        method = "lower".into();
    }
    let is_discrete = DISCRETE.contains(&method.as_str());
    if dtype.is_bool() && !is_discrete {
        return call.argument_error(0, Code::ArgumentType, "bools are not interpolated");
    }
    let is_single = is_number && dtype == Type::float32();
    let (kernel, result) = match (is_discrete, is_single) {
        _ if of_times => ("quantile_time", dtype),
        (true, _) => ("order_statistic", dtype),
        (false, true) => ("quantile_single", dtype),
        (false, false) => ("quantile", Type::float64()),
    };
    let bits = options + METHODS.iter().position(|other| *other == method).expect("it was looked up") as i64;
    let mut extents = if is_number { Vec::new() } else { e.extents(q) };
    let has_axes = q_ndim > 0;
    let reduced = request.result_extents(e);
    extents.extend(reduced.clone().unwrap_or_default());
    let extents = (has_axes || reduced.is_some()).then_some(extents);
    let q = if is_number {
        e.repeated_view(q, Type::float64(), &[])?
    } else {
        let q = e.as_dtype(q, Type::float64())?;
        e.view_argument(q)
    };
    if has_weights {
        let weights = array_like(e, call, 7)?;
        if e.array_type(weights).dtype.is_complex() {
            return call.argument_error(7, Code::ArgumentType, "weights are real numbers");
        }
        let weights = weights_like(e, call, &request, weights, [2, 7])?;
        let weights = e.cast_value(weights, Type::float64())?;
        // In the precision of the quantiles: percents are divided by a number of the array's dtype.
        let of_array =
            is_single || q_dtype == Type::float32() && (options & PERCENT == 0 || dtype != Type::float64());
        let bits = e.b.int64(bits | if of_array { SINGLE } else { 0 });
        let args =
            vec![e.view_argument(request.array), e.view_argument(weights), request.axes.mask(e), q, bits];
        let result =
            e.filled_by_kernel("weighted_quantile", dtype, args, dtype, extents.as_deref(), Vec::new())?;
        return request.finish(e, result);
    }
    let args = vec![e.view_argument(request.array), request.axes.mask(e), q, e.b.int64(bits)];
    let result = e.filled_by_kernel(kernel, dtype, args, result, extents.as_deref(), Vec::new())?;
    request.finish(e, result)
}

/// An argument as a matrix whose rows are variables.
fn variables(e: &mut Emitter<'_>, call: &Call, idx: usize, rows: bool, dtype: Type) -> Emit {
    let array = array_like(e, call, idx)?;
    let ty = e.array_type(array);
    let array = match ty.ndim {
        0 | 1 => {
            let array = if ty.ndim == 0 { e.at_least_1d(array)? } else { array };
            let (one, zero) = (e.b.int64(1), e.b.int64(0));
            let (length, stride) = (e.extents(array)[0], e.strides(array)[0]);
            let view = ArrayType { ndim: 2, layout: Layout::A, ..ty };
            e.view_as(array, view, &[one, length], &[zero, stride])
        }
        2 if rows => array,
        2 => e.transposed(array),
        _ => return call.argument_error(idx, Code::ArgumentType, "the array has more than 2 dimensions"),
    };
    if e.array_type(array).dtype == dtype { Ok(array) } else { e.cast_array(array, dtype, Layout::C) }
}

fn covariance(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let normalise = call.short_name() == "corrcoef";
    let rows = constant_bool(e, call, 2, "rowvar")?;
    let dtype_idx = call.position("dtype").expect("both have a dtype");
    let first = array_like(e, call, 0)?;
    let has_y = !e.ty(call.args[1]).is_none();
    let second = if has_y { Some(array_like(e, call, 1)?) } else { None };
    let mut natural = e.array_type(first).dtype;
    if let Some(second) = second {
        natural = promote(natural, e.array_type(second).dtype).unwrap_or(natural);
    }
    let result = match optional_dtype(e, call, dtype_idx)? {
        Some(dtype) => dtype,
        None => promote(natural, Type::float64()).unwrap_or(Type::float64()),
    };
    if result.is_int() || result.is_bool() {
        return call.argument_error(
            dtype_idx,
            Code::ArgumentType,
            "covariances are floats or complex numbers",
        );
    }
    let dtype = if result.is_complex() { Type::complex128() } else { Type::float64() };
    let mut data = variables(e, call, 0, rows, dtype)?;
    if has_y {
        let other = variables(e, call, 1, rows, dtype)?;
        data = stacked(e, data, other)?;
    }
    let mut weights = Vec::new();
    let mut ddof = e.b.float(1.0, Type::float64());
    let empty = {
        let (nowhere, zero) = (e.b.address(0), e.b.int64(0));
        e.view_slots(nowhere, Type::float64(), &[zero], &[zero])
    };
    if normalise {
        weights = vec![empty, empty];
    } else {
        let bias = constant_bool(e, call, 3, "bias")?;
        if !e.ty(call.args[4]).is_none() {
            let value = e.scalar_of(call.args[4]);
            let value = e.plain(value);
            if !e.ty(value).is_int() {
                return call.argument_error(4, Code::ArgumentType, "ddof must be integer");
            }
            ddof = e.as_float64(value)?;
        } else if bias {
            ddof = e.b.float(0.0, Type::float64());
        }
        for idx in [5, 6] {
            if e.ty(call.args[idx]).is_none() {
                weights.push(empty);
                continue;
            }
            let array = array_like(e, call, idx)?;
            let ty = e.array_type(array);
            if ty.ndim != 1 || ty.dtype.is_complex() || idx == 5 && !ty.dtype.is_int() {
                let kind = if idx == 5 { "integers" } else { "real numbers" };
                return call.argument_error(
                    idx,
                    Code::ArgumentType,
                    format!("weights are {kind} in one dimension"),
                );
            }
            let array = e.cast_array(array, Type::float64(), Layout::C)?;
            weights.push(e.view_argument(array));
        }
    }
    let is_number = !has_y && e.array_type(first).ndim < 2;
    let mut args = vec![e.view_argument(data)];
    args.extend(weights);
    args.push(ddof);
    args.push(e.b.bool(normalise));
    let matrix =
        TypeKind::Array(ArrayType { dtype, ndim: 2, layout: Layout::C, readonly: false, aligned: true });
    let matrix = e.call_kernel("covariance", dtype, args, matrix.into());
    if is_number {
        let zero = e.b.int64(0);
        let number = e.load_element(matrix, &[zero, zero]);
        return e.cast_number(number, result);
    }
    e.cast_value(matrix, result)
}

/// Two matrices above each other.
fn stacked(e: &mut Emitter<'_>, above: Value, below: Value) -> Emit {
    let ty = e.array_type(above);
    let (first, second) = (e.extents(above), e.extents(below));
    let same = e.equal(first[1], second[1]);
    let message = "all the input array dimensions except for the concatenation axis must match exactly, but along \
                   dimension 1, the array at index 0 has size {} and the array at index 1 has size {}";
    e.raise_unless(same, "ValueError", message, &[first[1], second[1]]);
    let height = e.b.add(first[0], second[0]);
    let whole = e.allocate_array(ty.dtype, &[height, first[1]], Layout::C, false)?;
    let strides = e.strides(whole);
    let offset = e.b.mul(first[0], strides[0]);
    let zero = e.b.int64(0);
    for (part, extents, offset) in [(above, &first, zero), (below, &second, offset)] {
        let data = e.array_data(whole);
        let data = e.b.offset(data, offset);
        let owner = e.array_owner(whole);
        let target = e.make_array(e.array_type(whole), data, owner, extents, &[]);
        e.assign_array(target, part)?;
    }
    Ok(whole)
}

/// The bins of a histogram.
struct Bins {
    /// As the function gives them back.
    edges: Value,
    /// As the kernel computes with them: of `dtype`.
    computed: Value,
    dtype: Type,
    uniform: bool,
    array: Value,
}

/// In the order in which `rumba_runtime::kernels::counting` has them.
const BIN_METHODS: [&str; 8] = ["auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges"];

/// Whether there is a range, and its ends.
fn range_of(e: &mut Emitter<'_>, call: &Call, idx: usize, range: Value) -> Emit<[Value; 3]> {
    let zero = e.b.zero(Type::float64());
    if e.ty(range).is_none() {
        return Ok([e.b.bool(false), zero, zero]);
    }
    let message = "`range` is a tuple of two numbers";
    let mut result = [e.b.bool(true), zero, zero];
    let parts = match e.ty(range).as_tuple() {
        Some(parts) if parts.len() == 2 => e.tuple_elements(range),
        _ => return call.argument_error(idx, Code::ArgumentType, message),
    };
    for (end, part) in result[1..].iter_mut().zip(parts) {
        let part = e.plain(part);
        if !e.ty(part).is_number() || e.ty(part).is_complex() {
            return call.argument_error(idx, Code::ArgumentType, message);
        }
        *end = e.as_float64(part)?;
    }
    Ok(result)
}

fn histogram_bins(e: &mut Emitter<'_>, call: &Call) -> Emit<Bins> {
    let array = array_like(e, call, 0)?;
    let from = e.array_type(array).dtype;
    if from.is_complex() {
        return call.argument_error(0, Code::ArgumentType, "histograms are of real numbers");
    }
    let (dtype, kind) = match from.kind() {
        TypeKind::Float(FloatKind::F32) => (Type::float32(), FloatKind::F32),
        _ => (Type::float64(), FloatKind::F64),
    };
    let bins = e.scalar_of(call.args[1]);
    let bins = e.plain(bins);
    let method = e.ty(bins).as_literal_str();
    if e.ty(bins).is_int() || method.is_some() {
        let [has_range, first, last] = range_of(e, call, 2, call.args[2])?;
        let computed = e.cast_value(array, dtype)?;
        let n = match method {
            None => e.b.convert(bins, Type::int64()),
            Some(method) => {
                let Some(method) = BIN_METHODS.iter().position(|other| *other == method) else {
                    let message = format!("{method:?} is not a valid estimator for `bins`");
                    let diagnostic = Diagnostic::new(Code::ArgumentValue, call.spans[1], message);
                    return Err(diagnostic.note(format!("there are {}", BIN_METHODS.join(", "))).into());
                };
                let weights = call.position("weights").expect("histograms have weights");
                if !e.ty(call.args[weights]).is_none() {
                    let message = "no method chooses bins for weighted data";
                    return call.argument_error(weights, Code::ArgumentType, message);
                }
                let method = e.b.int64(method as i64);
                let integers = e.b.bool(from.is_int());
                let args = vec![e.view_argument(computed), method, has_range, first, last, integers];
                e.call_kernel("estimated_bins", dtype, args, Type::int64())
            }
        };
        let args = vec![e.view_argument(computed), n, has_range, first, last];
        let edges = Type::array(Type::float(kind), 1, Layout::C);
        let edges = e.call_kernel("bin_edges", dtype, args, edges);
        return Ok(Bins { edges, computed: edges, dtype, uniform: true, array: computed });
    }
    let edges = array_like(e, call, 1)?;
    let ty = e.array_type(edges);
    if ty.ndim != 1 || ty.dtype.is_complex() {
        return call.argument_error(
            1,
            Code::ArgumentType,
            "`bins` is an int or one dimension of real numbers",
        );
    }
    if from != Type::float32() || ty.dtype != Type::float32() {
        let computed = e.cast_value(edges, Type::float64())?;
        let array = e.cast_value(array, Type::float64())?;
        return Ok(Bins { edges, computed, dtype: Type::float64(), uniform: false, array });
    }
    Ok(Bins { edges, computed: edges, dtype, uniform: false, array })
}

/// The histogram of points, given by an array for each axis, and the edges along each. `bins` is the first of four arguments:
/// bins, range, density, weights.
fn histogram_of(
    e: &mut Emitter<'_>,
    call: &Call,
    samples: &[Value],
    bins: usize,
) -> Emit<(Value, Vec<Value>)> {
    let mut dtype = Type::float32();
    let n = e.array_size(samples[0]);
    for sample in samples {
        let ty = e.array_type(*sample);
        if ty.ndim != 1 || ty.dtype.is_complex() {
            return call.argument_error(
                0,
                Code::ArgumentType,
                "points are arrays of one axis of real numbers",
            );
        }
        if ty.dtype != Type::float32() {
            dtype = Type::float64();
        }
        let own = e.array_size(*sample);
        let same = e.equal(own, n);
        e.raise_unless(same, "ValueError", "x and y must have the same length.", &[]);
    }
    let n_axes = samples.len();
    let given = call.args[bins];
    let by_axis = match e.ty(given).as_tuple() {
        Some(parts) if parts.len() == n_axes => e.tuple_elements(given),
        Some(_) => {
            let message = "The dimension of bins must be equal to the dimension of the sample x.";
            return call.argument_error(bins, Code::ArgumentValue, message);
        }
        None => vec![given; n_axes],
    };
    let ranges = match e.ty(call.args[bins + 1]) {
        ty if ty.is_none() => vec![call.args[bins + 1]; n_axes],
        ty if ty.as_tuple().is_some_and(|parts| parts.len() == n_axes) => {
            e.tuple_elements(call.args[bins + 1])
        }
        _ => {
            let message = "range argument must have one entry per dimension";
            return call.argument_error(bins + 1, Code::ArgumentValue, message);
        }
    };
    // What edges are given back, and what is computed with.
    let (mut edges, mut computed) = (Vec::new(), Vec::new());
    let mut converted = Vec::new();
    for sample in samples {
        converted.push(e.cast_value(*sample, dtype)?);
    }
    for (axis, own) in by_axis.into_iter().enumerate() {
        let own = e.scalar_of(own);
        let own = e.plain(own);
        if e.ty(own).is_int() {
            let n_bins = e.b.convert(own, Type::int64());
            let [has_range, first, last] = range_of(e, call, bins + 1, ranges[axis])?;
            let args = vec![e.view_argument(converted[axis]), n_bins, has_range, first, last];
            edges.push(e.call_kernel("bin_edges", dtype, args, Type::array(dtype, 1, Layout::C)));
            continue;
        }
        let own = value_as_array(e, call, bins, own)?;
        let ty = e.array_type(own);
        if ty.ndim != 1 || ty.dtype.is_complex() {
            let message = "bins are an int or one dimension of real numbers, or a tuple of these";
            return call.argument_error(bins, Code::ArgumentType, message);
        }
        let n_edges = e.array_size(own);
        let zero = e.b.int64(0);
        let some = e.less(zero, n_edges);
        e.raise_unless(some, "ValueError", "bins need at least one edge", &[]);
        if ty.dtype != dtype {
            dtype = Type::float64();
        }
        edges.push(own);
    }
    let mut extents = Vec::with_capacity(n_axes);
    let one = e.b.int64(1);
    for edges in &edges {
        computed.push(e.cast_value(*edges, dtype)?);
        let n_edges = e.array_size(*edges);
        extents.push(e.b.sub(n_edges, one));
    }
    for sample in &mut converted {
        *sample = e.cast_value(*sample, dtype)?;
    }
    let density = match e.ty(call.args[bins + 2]).is_none() {
        true => false,
        false => constant_bool(e, call, bins + 2, "density")?,
    };
    let weights = if e.ty(call.args[bins + 3]).is_none() {
        e.b.address(0)
    } else {
        let weights = array_like(e, call, bins + 3)?;
        let ty = e.array_type(weights);
        if ty.ndim != 1 || ty.dtype.is_complex() {
            let message = "weights are real numbers in one dimension";
            return call.argument_error(bins + 3, Code::ArgumentType, message);
        }
        let n_weights = e.array_size(weights);
        let same = e.equal(n_weights, n);
        e.raise_unless(same, "ValueError", "The weights and list don't have the same length.", &[]);
        let weights = e.cast_value(weights, Type::float64())?;
        e.view_argument(weights)
    };
    let out = e.allocate_array(Type::float64(), &extents, Layout::C, false)?;
    let args = vec![
        e.views_argument(&converted),
        e.views_argument(&computed),
        weights,
        e.b.bool(density),
        e.view_argument(out),
    ];
    e.call_kernel("histogram_nd", dtype, args, Type::none());
    Ok((out, edges))
}

fn histogram(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let bins = histogram_bins(e, call)?;
    let density = match e.ty(call.args[3]).is_none() {
        true => false,
        false => constant_bool(e, call, 3, "density")?,
    };
    let uniform = e.b.bool(bins.uniform);
    let args = vec![e.view_argument(bins.array), e.view_argument(bins.computed), uniform];
    let counts = if e.ty(call.args[4]).is_none() {
        e.call_kernel("histogram", bins.dtype, args, Type::array(Type::int64(), 1, Layout::C))
    } else {
        let weights = array_like(e, call, 4)?;
        let from = e.array_type(weights).dtype;
        if from.is_bool() {
            return call.argument_error(4, Code::ArgumentType, "weights are numbers, not bools");
        }
        let (own, wanted) = (e.extents(weights), e.extents(bins.array));
        let mut same = e.b.bool(own.len() == wanted.len());
        for (own, wanted) in own.iter().zip(&wanted) {
            let equal = e.equal(*own, *wanted);
            same = e.b.and(same, equal);
        }
        e.raise_unless(same, "ValueError", "weights should have the same shape as a.", &[]);
        let sum = |e: &mut Emitter<'_>, weights: Value| {
            let mut args = args.clone();
            args.push(e.view_argument(weights));
            e.call_kernel("histogram_weights", bins.dtype, args, Type::array(Type::float64(), 1, Layout::C))
        };
        if from.is_complex() {
            // The sums of the parts.
            let mut sums = Vec::with_capacity(2);
            for part in 0..2 {
                let part = e.map(&[weights], |e, values| {
                    let part = e.b.field(values[0], part);
                    e.as_float64(part)
                })?;
                sums.push(sum(e, part));
            }
            let complex = e.map(&sums, |e, parts| Ok(e.b.make(Type::complex128(), parts.to_vec())))?;
            e.cast_value(complex, from)?
        } else {
            let weights = e.cast_value(weights, Type::float64())?;
            let sums = sum(e, weights);
            e.cast_value(sums, from)?
        }
    };
    if !density {
        return Ok(e.tuple(vec![counts, bins.edges]));
    }
    let total = e.fold(&SUM, counts, &Axes::all(1), false, None)?;
    let wide = if e.ty(total).is_complex() { Type::complex128() } else { Type::float64() };
    let total = e.coerce(total, wide)?;
    let divide = ufunc("numpy.divide").expect("np.divide is a ufunc");
    let length = e.extents(counts)[0];
    let strides = e.strides(bins.edges);
    let edges_type = e.array_type(bins.edges);
    let data = e.array_data(bins.edges);
    let owner = e.array_owner(bins.edges);
    let behind = e.b.offset(data, strides[0]);
    let view = ArrayType { layout: Layout::A, ..edges_type };
    let [lower, upper] = [data, behind].map(|data| e.make_array(view, data, owner, &[length], &strides));
    let densities = e.map(&[counts, lower, upper, total], |e, values| {
        let (lower, upper) = (e.as_float64(values[1])?, e.as_float64(values[2])?);
        let width = e.b.sub(upper, lower);
        let count = e.coerce(values[0], wide)?;
        let share = divide.apply(e, &[count, width])?;
        divide.apply(e, &[share, values[3]])
    })?;
    Ok(e.tuple(vec![densities, bins.edges]))
}

fn bincount(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let positions = array_like(e, call, 0)?;
    let ty = e.array_type(positions);
    if ty.ndim != 1 {
        return call.argument_error(0, Code::ArgumentType, "bincount() takes an array of one dimension");
    }
    if !ty.dtype.is_int() && !ty.dtype.is_bool() {
        let message = format!("bincount() takes integers, not {}", ty.dtype);
        return call.argument_error(0, Code::ArgumentType, message);
    }
    let positions = e.cast_value(positions, Type::int64())?;
    let min_length = e.as_index(call.args[2], "`minlength`")?;
    let mut args = vec![e.view_argument(positions)];
    if e.ty(call.args[1]).is_none() {
        args.push(min_length);
        return Ok(e.call_kernel("bincount", Type::int64(), args, Type::array(Type::int64(), 1, Layout::C)));
    }
    let weights = array_like(e, call, 1)?;
    let ty = e.array_type(weights);
    if ty.ndim != 1 || !can_cast_safely(ty.dtype, Type::float64()) {
        return call.argument_error(1, Code::ArgumentType, "weights are real numbers in one dimension");
    }
    let (own, wanted) = (e.extents(weights)[0], e.extents(positions)[0]);
    let same = e.equal(own, wanted);
    e.raise_unless(same, "ValueError", "The weights and list don't have the same length.", &[]);
    let weights = e.cast_value(weights, Type::float64())?;
    args.push(e.view_argument(weights));
    args.push(min_length);
    Ok(e.call_kernel("bincount_weights", Type::int64(), args, Type::array(Type::float64(), 1, Layout::C)))
}

fn digitize(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (array, bins) = (array_like(e, call, 0)?, array_like(e, call, 1)?);
    let (array_type, bins_type) = (e.array_type(array), e.array_type(bins));
    let right = constant_bool(e, call, 2, "right")?;
    if bins_type.ndim != 1 {
        return call.argument_error(1, Code::ArgumentType, "`bins` has one dimension");
    }
    let common = promote(array_type.dtype, bins_type.dtype).unwrap_or(array_type.dtype);
    let dtype = match common.kind() {
        TypeKind::Float(_) => Type::float64(),
        TypeKind::Int(kind) if !kind.signed => Type::uint64(),
        TypeKind::Int(_) | TypeKind::Bool => Type::int64(),
        _ => return call.argument_error(0, Code::ArgumentType, "x may not be complex"),
    };
    let (array, bins) = (e.cast_value(array, dtype)?, e.cast_value(bins, dtype)?);
    let args = vec![e.view_argument(array), e.view_argument(bins), e.b.bool(right)];
    let extents = e.extents(array);
    let extents = (array_type.ndim > 0).then_some(extents);
    e.filled_by_kernel("digitize", dtype, args, Type::int64(), extents.as_deref(), Vec::new())
}

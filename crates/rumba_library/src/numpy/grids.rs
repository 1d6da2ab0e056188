//! Arrays that are made by a rule: `np.diag`, `np.tri`, `np.vander`, `np.meshgrid`, `np.logspace`, windows.

use super::diagonals::diagonal_view;
use super::dtypes::optional_dtype;
use super::promotion::promote;
use super::ufuncs::ufunc;
use crate::arrays::creation::{array_like, number_argument, number_of_samples, spaced_arrays};
use crate::arrays::reshaping::{constant_bool, shape_argument};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type};

const DTYPE: Param = Param::optional("dtype", Default::None);
const K: Param = Param::optional("k", Default::Int(0));
const M: Param = Param::required("M");
const NUM: Param = Param::optional("num", Default::Int(50));
const ENDPOINT: Param = Param::optional("endpoint", Default::Bool(true));

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.diag",
        params: &[Param::required("v"), K],
        doc: "A matrix with an array on a diagonal; of a matrix a read-only view of a diagonal.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let offset = e.as_index(call.args[1], "k")?;
            match e.array_type(array).ndim {
                1 => with_diagonal(e, array, offset),
                2 => Ok(diagonal_view(e, array, offset, [0, 1])),
                _ => call.argument_error(0, Code::ArgumentType, "Input must be 1- or 2-d."),
            }
        },
    },
    Declaration {
        path: "numpy.diagflat",
        params: &[Param::required("v"), K],
        doc: "A matrix with the elements of an array on a diagonal.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let array = e.contiguous(array, Layout::C)?;
            let array = e.one_axis(array);
            let offset = e.as_index(call.args[1], "k")?;
            with_diagonal(e, array, offset)
        },
    },
    Declaration {
        path: "numpy.tri",
        params: &[Param::required("N"), Param::optional("M", Default::None), K, DTYPE],
        doc: "A matrix with ones on and below a diagonal.",
        rule: |e, call| {
            let n_rows = e.as_index(call.args[0], "N")?;
            let n_columns =
                if e.ty(call.args[1]).is_none() { n_rows } else { e.as_index(call.args[1], "M")? };
            let zero = e.b.int64(0);
            let extents = [n_rows, n_columns].map(|extent| e.max(extent, zero));
            let offset = e.as_index(call.args[2], "k")?;
            let dtype = optional_dtype(e, call, 3)?.unwrap_or(Type::float64());
            let one = e.b.int64(1);
            let ones = e.array_of_numbers(&[one], &[1], dtype)?;
            let data = e.array_data(ones);
            let args = vec![e.view_slots(data, dtype, &extents, &[zero, zero]), offset, e.b.bool(false)];
            Ok(e.call_kernel_by_size("triangle", dtype, args, Type::array(dtype, 2, Layout::C)))
        },
    },
    Declaration {
        path: "numpy.vander",
        params: &[
            Param::required("x"),
            Param::optional("N", Default::None),
            Param::optional("increasing", Default::Bool(false)),
        ],
        doc: "A matrix of the powers of an array, one column each.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let ty = e.array_type(array);
            if ty.ndim != 1 {
                return call.argument_error(
                    0,
                    Code::ArgumentType,
                    "x must be a one-dimensional array or sequence.",
                );
            }
            let dtype = promote(ty.dtype, Type::int64()).unwrap_or(Type::int64());
            let array = e.as_dtype(array, dtype)?;
            let n = if e.ty(call.args[1]).is_none() {
                e.array_size(array)
            } else {
                e.as_index(call.args[1], "N")?
            };
            let increasing = e.truth(call.args[2])?;
            let increasing = e.coerce(increasing, Type::bool())?;
            let args = vec![e.view_argument(array), n, increasing];
            Ok(e.call_kernel("vander", dtype, args, Type::array(dtype, 2, Layout::C)))
        },
    },
    Declaration {
        path: "numpy.indices",
        params: &[
            Param::required("dimensions"),
            Param::optional("dtype", Default::None),
            Param::optional("sparse", Default::Bool(false)),
        ],
        doc: "The positions along each axis of a shape, which is a tuple; without `sparse`.",
        rule: |e, call| {
            if constant_bool(e, call, 2, "sparse")? {
                return call.argument_error(
                    2,
                    Code::ArgumentValue,
                    "`sparse` is not supported: use np.ix_()",
                );
            }
            let extents = shape_argument(e, call, 0, call.args[0])?;
            let args = vec![e.integers_argument(&extents)];
            let result = Type::array(Type::int64(), 1 + extents.len() as u8, Layout::C);
            let positions = e.call_kernel("positions_of_shape", Type::int64(), args, result);
            let dtype = optional_dtype(e, call, 1)?.unwrap_or(Type::int64());
            e.as_dtype(positions, dtype)
        },
    },
    Declaration {
        path: "numpy.meshgrid",
        params: &[
            Param::variadic("xi"),
            Param::optional("copy", Default::Bool(true)).keyword_only(),
            Param::optional("sparse", Default::Bool(false)).keyword_only(),
            Param::optional("indexing", Default::Str("xy")).keyword_only(),
        ],
        doc: "A tuple of arrays with the coordinates of a grid; the options are constants, and `copy` is True.",
        rule: meshgrid,
    },
    Declaration {
        path: "numpy.logspace",
        params: &[
            Param::required("start"),
            Param::required("stop"),
            NUM,
            ENDPOINT,
            Param::optional("base", Default::Float(10.0)),
            DTYPE,
            Param::optional("axis", Default::Int(0)),
        ],
        doc: "Powers of a number whose exponents are evenly spaced, between numbers or arrays.",
        rule: |e, call| {
            let exponents = evenly_spaced(e, call)?;
            let base = number_argument(e, call, 4)?;
            let base = e.as_float64(base)?;
            let computed = e.array_type(exponents).dtype;
            let base = e.cast_number(base, computed)?;
            let powers = ufunc("numpy.power").expect("a row of the table").apply(e, &[base, exponents])?;
            let dtype = optional_dtype(e, call, 5)?.unwrap_or(computed);
            e.as_dtype(powers, dtype)
        },
    },
    Declaration {
        path: "numpy.geomspace",
        params: &[
            Param::required("start"),
            Param::required("stop"),
            NUM,
            ENDPOINT,
            DTYPE,
            Param::optional("axis", Default::Int(0)),
        ],
        doc: "Real numbers from start to stop, which are numbers or arrays, each the same multiple of the one before.",
        rule: |e, call| {
            let numbers = spaced_arrays(e, call, "geometric")?;
            match optional_dtype(e, call, 4)? {
                Some(dtype) => e.as_dtype(numbers, dtype),
                None => Ok(numbers),
            }
        },
    },
    Declaration {
        path: "numpy.bartlett",
        params: &[M],
        doc: "The Bartlett window of a number of points.",
        rule: |e, call| window(e, call, 0),
    },
    Declaration {
        path: "numpy.blackman",
        params: &[M],
        doc: "The Blackman window of a number of points.",
        rule: |e, call| window(e, call, 1),
    },
    Declaration {
        path: "numpy.hamming",
        params: &[M],
        doc: "The Hamming window of a number of points.",
        rule: |e, call| window(e, call, 2),
    },
    Declaration {
        path: "numpy.hanning",
        params: &[M],
        doc: "The Hann window of a number of points.",
        rule: |e, call| window(e, call, 3),
    },
    Declaration {
        path: "numpy.kaiser",
        params: &[M, Param::required("beta")],
        doc: "The Kaiser window of a number of points.",
        rule: |e, call| window(e, call, 4),
    },
    Declaration {
        path: "numpy.i0",
        params: &[Param::required("x")],
        doc: "The modified Bessel function of order 0 of real numbers, as an array.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let ty = e.array_type(array);
            if ty.dtype.is_complex() {
                return call.argument_error(0, Code::ArgumentType, "i0 not supported for complex values");
            }
            let array = e.as_dtype(array, Type::float64())?;
            let view = e.view_argument(array);
            let result = Type::array(Type::float64(), ty.ndim, Layout::C);
            let result = e.call_kernel("bessel_i0", Type::float64(), vec![view], result);
            if ty.dtype == Type::float32() { e.as_dtype(result, ty.dtype) } else { Ok(result) }
        },
    },
];

/// A matrix of zeros with an array on a diagonal.
fn with_diagonal(e: &mut Emitter<'_>, array: Value, offset: Value) -> Emit {
    let dtype = e.array_type(array).dtype;
    let args = vec![e.view_argument(array), offset];
    Ok(e.call_kernel_by_size("matrix_with_diagonal", dtype, args, Type::array(dtype, 2, Layout::C)))
}

fn meshgrid(e: &mut Emitter<'_>, call: &Call) -> Emit {
    if !constant_bool(e, call, 1, "copy")? {
        return call.argument_error(1, Code::ArgumentValue, "only copies are supported");
    }
    let sparse = constant_bool(e, call, 2, "sparse")?;
    let swapped = match e.ty(call.args[3]).as_literal_str() {
        Some("xy") => true,
        Some("ij") => false,
        _ => {
            let message = "Valid values for `indexing` are 'xy' and 'ij'.";
            return call.argument_error(3, Code::ArgumentValue, message);
        }
    };
    let mut lines = Vec::new();
    for part in e.tuple_elements(call.args[0]) {
        let array = crate::arrays::creation::value_as_array(e, call, 0, part)?;
        let array = e.contiguous(array, Layout::C)?;
        lines.push(e.one_axis(array));
    }
    let ndim = lines.len();
    // Line `i` goes along axis `i`, but the first two axes change places for 'xy'.
    let axis_of = |line: usize| if swapped && ndim > 1 && line < 2 { 1 - line } else { line };
    let (zero, one) = (e.b.int64(0), e.b.int64(1));
    let mut whole = vec![one; ndim];
    for (line, array) in lines.iter().enumerate() {
        whole[axis_of(line)] = e.array_size(*array);
    }
    let mut grids = Vec::with_capacity(ndim);
    for (line, array) in lines.into_iter().enumerate() {
        let ty = e.array_type(array);
        let axis = axis_of(line);
        let mut extents = if sparse { vec![one; ndim] } else { whole.clone() };
        extents[axis] = whole[axis];
        let mut strides = vec![zero; ndim];
        strides[axis] = e.b.int64(ty.dtype.item_size() as i64);
        let data = e.array_data(array);
        let args = vec![e.view_slots(data, ty.dtype, &extents, &strides)];
        let result = Type::array(ty.dtype, ndim as u8, Layout::C);
        let grid = e.call_kernel_by_size("copy", ty.dtype, args, result);
        grids.push(e.view_as(grid, ArrayType { ..e.array_type(grid) }, &extents, &[]));
    }
    Ok(e.tuple(grids))
}

/// The exponents of `logspace`.
fn evenly_spaced(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let needs_kernel = |end: &Value| e.has_axes(*end) || e.ty(*end).widen().is_complex();
    if call.args[..2].iter().any(needs_kernel) {
        return spaced_arrays(e, call, "spaced");
    }
    let mut ends = Vec::with_capacity(2);
    for idx in 0..2 {
        let end = number_argument(e, call, idx)?;
        ends.push(e.as_float64(end)?);
    }
    let (n, endpoint) = number_of_samples(e, call)?;
    let axis = call.args.len() - 1;
    if !matches!(e.ty(call.args[axis]).as_literal_int(), Some(0 | -1)) {
        return call.argument_error(axis, Code::ArgumentValue, "between numbers there is axis 0 only");
    }
    let array = e.allocate_array(Type::float64(), &[n], Layout::C, false)?;
    e.fill_linspace(array, [ends[0], ends[1]], endpoint, false);
    Ok(array)
}

fn window(e: &mut Emitter<'_>, call: &Call, kind: i64) -> Emit {
    let n_points = number_argument(e, call, 0)?;
    let n_points = e.as_float64(n_points)?;
    let beta = match call.args.get(1) {
        Some(_) => number_argument(e, call, 1)?,
        None => e.b.float(0.0, Type::float64()),
    };
    let args = vec![n_points, e.b.int64(kind), e.as_float64(beta)?];
    Ok(e.call_kernel("window", Type::float64(), args, Type::array(Type::float64(), 1, Layout::C)))
}

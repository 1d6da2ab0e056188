//! `np.polynomial.polynomial`: polynomials as arrays of coefficients, the lowest power first; and roots, division and fits of
//! those with the highest power first.

use super::promotion::promote;
use crate::arrays::creation::{array_like, number_argument};
use crate::arrays::reshaping::constant_bool;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{FloatKind, Layout, Type, TypeKind};

const C: Param = Param::required("c");
const C1: Param = Param::required("c1");
const C2: Param = Param::required("c2");
const X: Param = Param::required("x");
const M: Param = Param::optional("m", Default::Int(1));
const SCL: Param = Param::optional("scl", Default::Int(1));
const AXIS: Param = Param::optional("axis", Default::Int(0));

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.polynomial.polynomial.polyadd",
        params: &[C1, C2],
        doc: "The sum of two polynomials.",
        rule: |e, call| sum(e, call, false),
    },
    Declaration {
        path: "numpy.polynomial.polynomial.polysub",
        params: &[C1, C2],
        doc: "The difference of two polynomials.",
        rule: |e, call| sum(e, call, true),
    },
    Declaration {
        path: "numpy.polynomial.polynomial.polymul",
        params: &[C1, C2],
        doc: "The product of two polynomials.",
        rule: |e, call| {
            let (dtype, args) = two(e, call)?;
            Ok(e.call_kernel("series_mul", dtype, args, line(dtype)))
        },
    },
    Declaration {
        path: "numpy.polynomial.polynomial.polydiv",
        params: &[C1, C2],
        doc: "Quotient and remainder of two polynomials.",
        rule: |e, call| {
            let (dtype, args) = two(e, call)?;
            Ok(e.call_kernel("series_div", dtype, args, Type::tuple(vec![line(dtype); 2])))
        },
    },
    Declaration {
        path: "numpy.polynomial.polynomial.polypow",
        params: &[C, Param::required("pow"), Param::optional("maxpower", Default::None)],
        doc: "A power of a polynomial.",
        rule: |e, call| {
            let (dtype, coefficients) = one(e, call, 0)?;
            let power = e.as_index(call.args[1], "pow")?;
            let most = match e.ty(call.args[2]).is_none() {
                true => e.b.int64(-1),
                false => e.as_index(call.args[2], "maxpower")?,
            };
            let args = vec![e.view_argument(coefficients), power, most];
            Ok(e.call_kernel("series_pow", dtype, args, line(dtype)))
        },
    },
    Declaration {
        path: "numpy.polynomial.polynomial.polyval",
        params: &[X, C, Param::optional("tensor", Default::Bool(true))],
        doc: "The values of a polynomial, whose coefficients are an array of one axis.",
        rule: values,
    },
    Declaration {
        path: "numpy.polynomial.polynomial.polyder",
        params: &[C, M, SCL, AXIS],
        doc: "The derivative of a polynomial of some order.",
        rule: |e, call| {
            along_first_axis(e, call, 3)?;
            let (dtype, coefficients) = one(e, call, 0)?;
            let order = e.as_index(call.args[1], "m")?;
            let scale = number(e, call, 2, dtype)?;
            let args = vec![e.view_argument(coefficients), order, scale];
            Ok(e.call_kernel("series_der", dtype, args, line(dtype)))
        },
    },
    Declaration {
        path: "numpy.polynomial.polynomial.polyint",
        params: &[
            C,
            M,
            Param::optional("k", Default::Absent),
            Param::optional("lbnd", Default::Int(0)),
            SCL,
            AXIS,
        ],
        doc: "The integral of a polynomial of some order; constants are a number or a tuple.",
        rule: |e, call| {
            along_first_axis(e, call, 5)?;
            let (dtype, coefficients) = one(e, call, 0)?;
            let order = e.as_index(call.args[1], "m")?;
            let constants = if e.ty(call.args[2]) == Type::undefined() {
                e.array_of_numbers(&[], &[0], dtype)?
            } else {
                let constants = array_like(e, call, 2)?;
                let constants = e.at_least_1d(constants)?;
                if e.array_type(constants).ndim != 1 {
                    return call.argument_error(2, Code::ArgumentType, "constants are a number or a tuple");
                }
                e.as_dtype(constants, dtype)?
            };
            let constants = e.view_argument(constants);
            let (lower, scale) = (number(e, call, 3, dtype)?, number(e, call, 4, dtype)?);
            let args = vec![e.view_argument(coefficients), order, constants, lower, scale];
            Ok(e.call_kernel("series_int", dtype, args, line(dtype)))
        },
    },
    Declaration {
        path: "numpy.polynomial.polynomial.polyfromroots",
        params: &[Param::required("roots")],
        doc: "The polynomial with these roots.",
        rule: |e, call| {
            let (dtype, roots) = one(e, call, 0)?;
            let args = vec![e.view_argument(roots)];
            Ok(e.call_kernel("series_from_roots", dtype, args, line(dtype)))
        },
    },
    Declaration {
        path: "numpy.polynomial.polynomial.polyroots",
        params: &[C],
        doc: "The roots of a polynomial, which are complex, also where NumPy gives real ones.",
        rule: |e, call| roots(e, call, "series_roots"),
    },
    Declaration {
        path: "numpy.polynomial.polynomial.polyvander",
        params: &[X, Param::required("deg")],
        doc: "The powers of each element, from 0 to the degree, along a new last axis.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let array = e.at_least_1d(array)?;
            let dtype = inexact(e.array_type(array).dtype);
            let array = e.as_dtype(array, dtype)?;
            let degree = e.as_index(call.args[1], "deg")?;
            let negative = e.is_negative(degree);
            e.raise_if(negative, "ValueError", "deg must be non-negative", &[]);
            let one = e.b.int64(1);
            let n_powers = e.b.add(degree, one);
            let mut extents = e.extents(array);
            let array = e.contiguous(array, Layout::C)?;
            let flat = e.one_axis(array);
            let args = vec![e.view_argument(flat), n_powers, e.b.bool(true)];
            let matrix = e.call_kernel("vander", dtype, args, Type::array(dtype, 2, Layout::C));
            extents.push(n_powers);
            let ty = rumba_types::ArrayType { ndim: extents.len() as u8, ..e.array_type(matrix) };
            Ok(e.view_as(matrix, ty, &extents, &[]))
        },
    },
    Declaration {
        path: "numpy.roots",
        params: &[Param::required("p")],
        doc: "The roots of a polynomial, which are complex, also where NumPy gives real ones.",
        rule: |e, call| roots(e, call, "roots"),
    },
    Declaration {
        path: "numpy.poly",
        params: &[Param::required("seq_of_zeros")],
        doc: "The polynomial with these roots, complex where they are; of arrays of one axis.",
        rule: |e, call| {
            let (dtype, roots) = one(e, call, 0)?;
            let args = vec![e.view_argument(roots)];
            Ok(e.call_kernel("poly", dtype, args, line(dtype)))
        },
    },
    Declaration {
        path: "numpy.polydiv",
        params: &[Param::required("u"), Param::required("v")],
        doc: "Quotient and remainder of two polynomials.",
        rule: |e, call| {
            let (dtype, args) = two(e, call)?;
            Ok(e.call_kernel("polydiv", dtype, args, Type::tuple(vec![line(dtype); 2])))
        },
    },
    Declaration {
        path: "numpy.polyfit",
        params: &[
            X,
            Param::required("y"),
            Param::required("deg"),
            Param::optional("rcond", Default::None),
            Param::optional("full", Default::Bool(false)),
            Param::optional("w", Default::None),
            Param::optional("cov", Default::Bool(false)),
        ],
        doc: "The polynomial of a degree that fits best, the highest power first, for arrays of one axis; `full` and `cov` are constants.",
        rule: |e, call| {
            let full = constant_bool(e, call, 4, "full")?;
            let scaled = match e.ty(call.args[6]).as_literal_str() {
                Some("unscaled") => Some(false),
                _ => constant_bool(e, call, 6, "cov")?.then_some(true),
            };
            let (dtype, mut args) = fit_arguments(e, call, 5, false)?;
            let real = Type::float64();
            if full {
                let rcond = args[4];
                let parts = [line(dtype), line(real), Type::int64(), line(real)];
                let solution = e.call_kernel("polyfit_full", dtype, args, Type::tuple(parts.to_vec()));
                let parts = e.tuple_elements(solution);
                return Ok(e.tuple([parts, vec![rcond]].concat()));
            }
            let Some(scaled) = scaled else {
                return Ok(e.call_kernel("polyfit", dtype, args, line(dtype)));
            };
            args.push(e.b.bool(scaled));
            let result = Type::tuple(vec![line(dtype), Type::array(real, 2, Layout::C)]);
            Ok(e.call_kernel("polyfit_covariance", dtype, args, result))
        },
    },
    Declaration {
        path: "numpy.polynomial.polynomial.polyfit",
        params: &[
            X,
            Param::required("y"),
            Param::required("deg"),
            Param::optional("rcond", Default::None),
            Param::optional("full", Default::Bool(false)),
            Param::optional("w", Default::None),
        ],
        doc: "The polynomial of a degree that fits best, for arrays of one axis; without `full`.",
        rule: |e, call| {
            if constant_bool(e, call, 4, "full")? {
                return call.argument_error(4, Code::ArgumentValue, "`full` is not supported");
            }
            let (dtype, args) = fit_arguments(e, call, 5, true)?;
            Ok(e.call_kernel("polyfit", dtype, args, line(dtype)))
        },
    },
];

fn line(dtype: Type) -> Type {
    Type::array(dtype, 1, Layout::C)
}

/// What polynomials with coefficients of a dtype are computed in.
fn inexact(dtype: Type) -> Type {
    if dtype.is_float() || dtype.is_complex() { dtype } else { Type::float64() }
}

/// Coefficients that an argument gives as an array of one axis, or as a number.
fn coefficients(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let array = array_like(e, call, idx)?;
    let array = e.at_least_1d(array)?;
    if e.array_type(array).ndim != 1 {
        return call.argument_error(idx, Code::ArgumentType, "the coefficients are an array of one axis");
    }
    Ok(array)
}

fn one(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit<(Type, Value)> {
    let array = coefficients(e, call, idx)?;
    let dtype = inexact(e.array_type(array).dtype);
    Ok((dtype, e.as_dtype(array, dtype)?))
}

/// The first two arguments in the dtype that they have together, as kernels take them.
fn two(e: &mut Emitter<'_>, call: &Call) -> Emit<(Type, Vec<Value>)> {
    let arrays = [coefficients(e, call, 0)?, coefficients(e, call, 1)?];
    let [first, second] = arrays.map(|array| inexact(e.array_type(array).dtype));
    let dtype = promote(first, second).unwrap_or(first);
    let mut args = Vec::with_capacity(2);
    for array in arrays {
        let array = e.as_dtype(array, dtype)?;
        args.push(e.view_argument(array));
    }
    Ok((dtype, args))
}

fn sum(e: &mut Emitter<'_>, call: &Call, subtract: bool) -> Emit {
    let (dtype, mut args) = two(e, call)?;
    args.push(e.b.bool(subtract));
    Ok(e.call_kernel("series_add", dtype, args, line(dtype)))
}

/// A number as a kernel takes an array without axes.
fn number(e: &mut Emitter<'_>, call: &Call, idx: usize, dtype: Type) -> Emit {
    let value = number_argument(e, call, idx)?;
    if e.ty(value).is_complex() && !dtype.is_complex() {
        return call.argument_error(idx, Code::ArgumentType, "a real number is expected");
    }
    e.elements_argument(value, dtype)
}

fn along_first_axis(e: &Emitter<'_>, call: &Call, idx: usize) -> Emit<()> {
    match e.ty(call.args[idx]).as_literal_int() {
        Some(0 | -1) => Ok(()),
        _ => call.argument_error(idx, Code::ArgumentValue, "the coefficients have one axis, 0"),
    }
}

fn values(e: &mut Emitter<'_>, call: &Call) -> Emit {
    constant_bool(e, call, 2, "tensor")?;
    let coefficients = coefficients(e, call, 1)?;
    let x = e.scalar_of(call.args[0]);
    let is_number = e.ty(x).widen().is_number();
    let own = inexact(e.array_type(coefficients).dtype);
    let x = array_like(e, call, 0)?;
    let of_x = e.array_type(x).dtype;
    // Numbers of Python's types are weak.
    let types = super::promotion::effective_dtypes(&[Type::array(own, 1, Layout::C), of_x]);
    let dtype = if is_number { promote(own, types[1]) } else { promote(own, of_x) };
    let dtype = dtype.unwrap_or(own);
    let (coefficients, x) = (e.as_dtype(coefficients, dtype)?, e.as_dtype(x, dtype)?);
    let ndim = e.array_type(x).ndim;
    let args = vec![e.view_argument(coefficients), e.view_argument(x)];
    let result = e.call_kernel("series_val", dtype, args, Type::array(dtype, ndim, Layout::C));
    Ok(e.scalar_of(result))
}

fn roots(e: &mut Emitter<'_>, call: &Call, kernel: &str) -> Emit {
    let (dtype, coefficients) = one(e, call, 0)?;
    let result = match dtype.kind() {
        TypeKind::Float(FloatKind::F32) | TypeKind::Complex(FloatKind::F32) => Type::complex64(),
        _ => Type::complex128(),
    };
    let args = vec![e.view_argument(coefficients)];
    Ok(e.call_kernel(kernel, dtype, args, line(result)))
}

/// What kernels that fit polynomials take, and the dtype they compute in; `ascending` says the order of powers.
fn fit_arguments(
    e: &mut Emitter<'_>,
    call: &Call,
    weights: usize,
    ascending: bool,
) -> Emit<(Type, Vec<Value>)> {
    let (x, y) = (array_like(e, call, 0)?, array_like(e, call, 1)?);
    for (idx, array) in [(0, x), (1, y)] {
        if e.array_type(array).ndim != 1 {
            return call.argument_error(idx, Code::ArgumentType, "expected 1D vector");
        }
    }
    if e.array_type(x).dtype.is_complex() {
        return call.argument_error(0, Code::ArgumentType, "places are real numbers");
    }
    let degree = e.as_index(call.args[2], "deg")?;
    let negative = e.is_negative(degree);
    e.raise_if(negative, "ValueError", "expected deg >= 0", &[]);
    let (n, n_values) = (e.array_size(x), e.array_size(y));
    let is_empty = e.is_zero(n);
    e.raise_if(is_empty, "TypeError", "expected non-empty vector for x", &[]);
    let same = e.equal(n, n_values);
    e.raise_unless(same, "TypeError", "expected x and y to have same length", &[]);
    let dtype = if e.array_type(y).dtype.is_complex() { Type::complex128() } else { Type::float64() };
    let (x, y) = (e.as_dtype(x, dtype)?, e.as_dtype(y, dtype)?);
    let w = if e.ty(call.args[weights]).is_none() {
        e.b.address(0)
    } else {
        let w = array_like(e, call, weights)?;
        if e.array_type(w).ndim != 1 || e.array_type(w).dtype.is_complex() {
            return call.argument_error(
                weights,
                Code::ArgumentType,
                "expected a 1-d array of real numbers for weights",
            );
        }
        let n_weights = e.array_size(w);
        let same = e.equal(n, n_weights);
        e.raise_unless(same, "TypeError", "expected w and y to have the same length", &[]);
        let w = e.as_dtype(w, dtype)?;
        e.view_argument(w)
    };
    let rcond = match e.ty(call.args[3]).is_none() {
        true => {
            let n = e.b.convert(n, Type::float64());
            let epsilon = e.b.float(f64::EPSILON, Type::float64());
            e.b.mul(n, epsilon)
        }
        false => {
            let rcond = number_argument(e, call, 3)?;
            e.as_float64(rcond)?
        }
    };
    let args = vec![e.view_argument(x), e.view_argument(y), degree, w, rcond, e.b.bool(ascending)];
    Ok((dtype, args))
}

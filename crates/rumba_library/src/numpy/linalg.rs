//! `np.linalg`: systems of equations, factorisations, eigenvalues and norms.
//!
//! Rules work out shapes and make the arrays of results, which kernels fill for any leading axes.

use super::products::{axis_of, common_dtype, converted};
use super::promotion::promote;
use crate::arrays::creation::array_like;
use crate::arrays::reshaping::constant_bool;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{ArrayType, FloatKind, Layout, Type, TypeKind};

const A: Param = Param::required("a");
const X: Param = Param::required("x").positional_only();
const UPLO: Param = Param::optional("UPLO", Default::Str("L"));
const HERMITIAN: Param = Param::optional("hermitian", Default::Bool(false));
const ORD: Param = Param::optional("ord", Default::None);
const AXIS: Param = Param::optional("axis", Default::None);
const KEEPDIMS: Param = Param::optional("keepdims", Default::Bool(false));

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.linalg.solve",
        params: &[A, Param::required("b")],
        doc: "The solutions of systems of linear equations.",
        rule: solve,
    },
    Declaration { path: "numpy.linalg.inv", params: &[A], doc: "The inverse.", rule: inverse },
    Declaration { path: "numpy.linalg.det", params: &[A], doc: "The determinant.", rule: determinant },
    Declaration {
        path: "numpy.linalg.slogdet",
        params: &[A],
        doc: "The sign and the logarithm of the absolute value of the determinant.",
        rule: log_determinant,
    },
    Declaration {
        path: "numpy.linalg.cholesky",
        params: &[A.positional_only(), Param::optional("upper", Default::Bool(false)).keyword_only()],
        doc: "The Cholesky factor; `upper` is a constant.",
        rule: cholesky,
    },
    Declaration {
        path: "numpy.linalg.qr",
        params: &[A, Param::optional("mode", Default::Str("reduced"))],
        doc: "The QR factorisation; the mode is a constant: 'reduced', 'complete', 'r' or 'raw'.",
        rule: qr,
    },
    Declaration {
        path: "numpy.linalg.eigh",
        params: &[A, UPLO],
        doc: "Eigenvalues, in ascending order, and eigenvectors of Hermitian matrices.",
        rule: |e, call| eigh(e, call, true),
    },
    Declaration {
        path: "numpy.linalg.eigvalsh",
        params: &[A, UPLO],
        doc: "Eigenvalues of Hermitian matrices, in ascending order.",
        rule: |e, call| eigh(e, call, false),
    },
    Declaration {
        path: "numpy.linalg.eig",
        params: &[A],
        doc: "Eigenvalues and eigenvectors, which are complex, also where NumPy gives real ones.",
        rule: |e, call| eig(e, call, true),
    },
    Declaration {
        path: "numpy.linalg.eigvals",
        params: &[A],
        doc: "Eigenvalues, which are complex, also where NumPy gives real ones.",
        rule: |e, call| eig(e, call, false),
    },
    Declaration {
        path: "numpy.linalg.svd",
        params: &[
            A,
            Param::optional("full_matrices", Default::Bool(true)),
            Param::optional("compute_uv", Default::Bool(true)),
            HERMITIAN,
        ],
        doc: "Singular values and vectors; the flags are constants, and `hermitian` makes no difference.",
        rule: svd,
    },
    Declaration {
        path: "numpy.linalg.svdvals",
        params: &[X],
        doc: "Singular values, in descending order.",
        rule: |e, call| {
            let a = matrices(e, call, 0)?;
            singular_values(e, a)
        },
    },
    Declaration {
        path: "numpy.linalg.pinv",
        params: &[
            A,
            Param::optional("rcond", Default::None),
            HERMITIAN,
            Param::optional("rtol", Default::Absent).keyword_only(),
        ],
        doc: "The pseudo-inverse; the limits are numbers, and `hermitian` makes no difference.",
        rule: pseudo_inverse,
    },
    Declaration {
        path: "numpy.linalg.lstsq",
        params: &[A, Param::required("b"), Param::optional("rcond", Default::None)],
        doc: "Least squares: the solution, sums of squared residuals, the rank and the singular values.",
        rule: least_squares,
    },
    Declaration {
        path: "numpy.linalg.matrix_rank",
        params: &[
            Param::required("A"),
            Param::optional("tol", Default::None),
            HERMITIAN,
            Param::optional("rtol", Default::None).keyword_only(),
        ],
        doc: "The number of singular values above a limit, which is a number; `hermitian` makes no difference.",
        rule: matrix_rank,
    },
    Declaration {
        path: "numpy.linalg.cond",
        params: &[Param::required("x"), Param::optional("p", Default::None)],
        doc: "The condition number; the order is a constant.",
        rule: condition,
    },
    Declaration {
        path: "numpy.linalg.norm",
        params: &[Param::required("x"), ORD, AXIS, KEEPDIMS],
        doc: "The norm of vectors or matrices; axes and `keepdims` are constants.",
        rule: norm,
    },
    Declaration {
        path: "numpy.linalg.vector_norm",
        params: &[
            X,
            AXIS.keyword_only(),
            KEEPDIMS.keyword_only(),
            Param::optional("ord", Default::Int(2)).keyword_only(),
        ],
        doc: "The norm of vectors along axes, which are constants.",
        rule: vector_norm,
    },
    Declaration {
        path: "numpy.linalg.matrix_norm",
        params: &[X, KEEPDIMS.keyword_only(), Param::optional("ord", Default::Str("fro")).keyword_only()],
        doc: "The norm of the matrices in the last two axes.",
        rule: matrix_norm,
    },
    Declaration {
        path: "numpy.linalg.matrix_power",
        params: &[A, Param::required("n")],
        doc: "The power of square matrices; a negative one of integers is given as a constant.",
        rule: matrix_power,
    },
    Declaration {
        path: "numpy.linalg.multi_dot",
        params: &[Param::required("arrays")],
        doc: "The product of a tuple of matrices; the first and the last may be vectors.",
        rule: multi_dot,
    },
    Declaration {
        path: "numpy.linalg.matrix_transpose",
        params: &[X],
        doc: "A view with the last two axes exchanged.",
        rule: |e, call| {
            let a = array_like(e, call, 0)?;
            let ndim = usize::from(e.array_type(a).ndim);
            if ndim < 2 {
                return call.argument_error(
                    0,
                    Code::ArgumentType,
                    "the array must be at least two-dimensional",
                );
            }
            let mut order: Vec<usize> = (0..ndim).collect();
            order.swap(ndim - 2, ndim - 1);
            Ok(e.with_axes(a, &order))
        },
    },
    Declaration {
        path: "numpy.linalg.diagonal",
        params: &[X, Param::optional("offset", Default::Int(0)).keyword_only()],
        doc: "A read-only view of a diagonal of the last two axes.",
        rule: |e, call| {
            let a = array_like(e, call, 0)?;
            let ndim = usize::from(e.array_type(a).ndim);
            if ndim < 2 {
                return call.argument_error(
                    0,
                    Code::ArgumentType,
                    "diag requires an array of at least two dimensions",
                );
            }
            let offset = e.as_index(call.args[1], "the offset of a diagonal")?;
            Ok(super::diagonals::diagonal_view(e, a, offset, [ndim - 2, ndim - 1]))
        },
    },
    Declaration {
        path: "numpy.linalg.tensorinv",
        params: &[A, Param::optional("ind", Default::Int(2))],
        doc: "The inverse of an array as a map of arrays; `ind` is a constant.",
        rule: tensor_inverse,
    },
    Declaration {
        path: "numpy.linalg.tensorsolve",
        params: &[A, Param::required("b"), Param::optional("axes", Default::None)],
        doc: "The solution of equations between arrays; `axes` are constants.",
        rule: tensor_solve,
    },
];

/// How orders of norms that are no numbers are passed; `rumba_runtime::kernels::linear_algebra` knows them.
const FROBENIUS: f64 = 1e300;
const NUCLEAR: f64 = 2e300;

/// The float or complex type that elements of a type are computed in.
fn computed(dtype: Type) -> Type {
    if dtype.is_float() || dtype.is_complex() { dtype } else { Type::float64() }
}

/// The type of absolute values.
fn real_of(dtype: Type) -> Type {
    match dtype.kind() {
        TypeKind::Complex(FloatKind::F32) | TypeKind::Float(FloatKind::F32) => Type::float32(),
        _ => Type::float64(),
    }
}

fn complex_of(dtype: Type) -> Type {
    if real_of(dtype) == Type::float32() { Type::complex64() } else { Type::complex128() }
}

fn epsilon(dtype: Type) -> f64 {
    if real_of(dtype) == Type::float32() { f64::from(f32::EPSILON) } else { f64::EPSILON }
}

/// An argument as an array of floats or complex numbers.
fn inexact(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let array = array_like(e, call, idx)?;
    let dtype = computed(e.array_type(array).dtype);
    converted(e, array, dtype)
}

/// An argument that has at least two axes.
fn matrices(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let array = inexact(e, call, idx)?;
    let ndim = e.array_type(array).ndim;
    if ndim < 2 {
        let message = format!("{ndim}-dimensional array given. Array must be at least two-dimensional");
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    Ok(array)
}

fn squares(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let array = matrices(e, call, idx)?;
    check_square(e, array);
    Ok(array)
}

fn check_square(e: &mut Emitter<'_>, array: Value) {
    let [m, n] = e.matrix_shape(array);
    let square = e.equal(m, n);
    e.raise_unless(square, "LinAlgError", "Last 2 dimensions of the array must be square", &[]);
}

/// Runs a kernel over views of these arrays, and other arguments.
fn run(e: &mut Emitter<'_>, name: &str, dtype: Type, arrays: &[Value], others: &[Value]) {
    let mut args: Vec<Value> = arrays.iter().map(|array| e.view_argument(*array)).collect();
    args.extend_from_slice(others);
    e.call_kernel(name, dtype, args, Type::none());
}

fn solve(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = squares(e, call, 0)?;
    let b = inexact(e, call, 1)?;
    e.solve(a, b)
}

fn inverse(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = squares(e, call, 0)?;
    let (dtype, extents) = (e.array_type(a).dtype, e.extents(a));
    let out = e.allocate_array(dtype, &extents, Layout::C, false)?;
    run(e, "inverse", dtype, &[a, out], &[]);
    Ok(out)
}

fn determinant(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = squares(e, call, 0)?;
    let dtype = e.array_type(a).dtype;
    let out = e.new_behind(a, dtype, &[])?;
    run(e, "determinant", dtype, &[a, out], &[]);
    Ok(e.scalar_of(out))
}

fn log_determinant(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = squares(e, call, 0)?;
    let dtype = e.array_type(a).dtype;
    let signs = e.new_behind(a, dtype, &[])?;
    let logs = e.new_behind(a, real_of(dtype), &[])?;
    run(e, "log_determinant", dtype, &[a, signs, logs], &[]);
    let [sign, logabsdet] = [signs, logs].map(|array| e.scalar_of(array));
    Ok(e.named_tuple("numpy.linalg._linalg.SlogdetResult", &[("sign", sign), ("logabsdet", logabsdet)]))
}

fn cholesky(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = squares(e, call, 0)?;
    let upper = constant_bool(e, call, 1, "upper")?;
    let (dtype, extents) = (e.array_type(a).dtype, e.extents(a));
    let out = e.allocate_array(dtype, &extents, Layout::C, false)?;
    let upper = e.b.bool(upper);
    run(e, "cholesky", dtype, &[a, out], &[upper]);
    Ok(out)
}

fn qr(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = matrices(e, call, 0)?;
    let dtype = e.array_type(a).dtype;
    let full = match e.ty(call.args[1]).as_literal_str() {
        Some("reduced" | "r") => false,
        Some("complete") => true,
        Some("raw") => {
            let [m, n] = e.matrix_shape(a);
            let h = e.new_behind(a, dtype, &[n, m])?;
            let size = e.min(m, n);
            let tau = e.new_behind(a, dtype, &[size])?;
            run(e, "qr_raw", dtype, &[a, h, tau], &[]);
            return Ok(e.tuple(vec![h, tau]));
        }
        _ => {
            let message = "`mode` is one of the constants 'reduced', 'complete', 'r' and 'raw'";
            return call.argument_error(1, Code::ArgumentValue, message);
        }
    };
    let [m, n] = e.matrix_shape(a);
    let k = if full { m } else { e.min(m, n) };
    let q = e.new_behind(a, dtype, &[m, k])?;
    let r = e.new_behind(a, dtype, &[k, n])?;
    let full = e.b.bool(full);
    run(e, "qr", dtype, &[a, q, r], &[full]);
    if e.ty(call.args[1]).as_literal_str() == Some("r") {
        return Ok(r);
    }
    Ok(e.named_tuple("numpy.linalg._linalg.QRResult", &[("Q", q), ("R", r)]))
}

fn eigh(e: &mut Emitter<'_>, call: &Call, vectors: bool) -> Emit {
    let a = squares(e, call, 0)?;
    let upper = match e.ty(call.args[1]).as_literal_str() {
        Some("L" | "l") => false,
        Some("U" | "u") => true,
        _ => return call.argument_error(1, Code::ArgumentValue, "UPLO argument must be 'L' or 'U'"),
    };
    let upper = e.b.bool(upper);
    let dtype = e.array_type(a).dtype;
    let [n, _] = e.matrix_shape(a);
    let values = e.new_behind(a, real_of(dtype), &[n])?;
    if !vectors {
        run(e, "eigvalsh", dtype, &[a, values], &[upper]);
        return Ok(values);
    }
    let columns = e.new_behind(a, dtype, &[n, n])?;
    run(e, "eigh", dtype, &[a, values, columns], &[upper]);
    let fields = [("eigenvalues", values), ("eigenvectors", columns)];
    Ok(e.named_tuple("numpy.linalg._linalg.EighResult", &fields))
}

fn eig(e: &mut Emitter<'_>, call: &Call, vectors: bool) -> Emit {
    let a = squares(e, call, 0)?;
    let dtype = e.array_type(a).dtype;
    let [n, _] = e.matrix_shape(a);
    let values = e.new_behind(a, complex_of(dtype), &[n])?;
    if !vectors {
        run(e, "eigvals", dtype, &[a, values], &[]);
        return Ok(values);
    }
    let columns = e.new_behind(a, complex_of(dtype), &[n, n])?;
    run(e, "eig", dtype, &[a, values, columns], &[]);
    let fields = [("eigenvalues", values), ("eigenvectors", columns)];
    Ok(e.named_tuple("numpy.linalg._linalg.EigResult", &fields))
}

fn singular_values(e: &mut Emitter<'_>, a: Value) -> Emit {
    let dtype = e.array_type(a).dtype;
    let [m, n] = e.matrix_shape(a);
    let k = e.min(m, n);
    let s = e.new_behind(a, real_of(dtype), &[k])?;
    run(e, "svdvals", dtype, &[a, s], &[]);
    Ok(s)
}

fn svd(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = matrices(e, call, 0)?;
    let full = constant_bool(e, call, 1, "full_matrices")?;
    if !constant_bool(e, call, 2, "compute_uv")? {
        return singular_values(e, a);
    }
    let dtype = e.array_type(a).dtype;
    let [m, n] = e.matrix_shape(a);
    let k = e.min(m, n);
    let u = e.new_behind(a, dtype, &[m, if full { m } else { k }])?;
    let s = e.new_behind(a, real_of(dtype), &[k])?;
    let vh = e.new_behind(a, dtype, &[if full { n } else { k }, n])?;
    let full = e.b.bool(full);
    run(e, "svd", dtype, &[a, u, s, vh], &[full]);
    Ok(e.named_tuple("numpy.linalg._linalg.SVDResult", &[("U", u), ("S", s), ("Vh", vh)]))
}

/// A limit that an argument gives as a number.
fn limit(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit<Option<Value>> {
    let ty = e.ty(call.args[idx]);
    if ty.is_none() || ty == Type::undefined() {
        return Ok(None);
    }
    let value = e.scalar_of(call.args[idx]);
    let value = e.plain(value);
    if !e.ty(value).is_int() && !e.ty(value).is_float() {
        return call.argument_error(idx, Code::ArgumentType, "the limit is a number");
    }
    e.as_float64(value).map(Some)
}

/// The precision times the larger extent of a matrix.
fn default_limit(e: &mut Emitter<'_>, a: Value) -> Value {
    let [m, n] = e.matrix_shape(a);
    let extent = e.max(m, n);
    let extent = e.b.convert(extent, Type::float64());
    let epsilon = e.b.float(epsilon(e.array_type(a).dtype), Type::float64());
    e.b.mul(extent, epsilon)
}

fn pseudo_inverse(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = matrices(e, call, 0)?;
    let dtype = e.array_type(a).dtype;
    let rtol = match (limit(e, call, 1)?, limit(e, call, 3)?) {
        (Some(limit), None) | (None, Some(limit)) => limit,
        (Some(_), Some(_)) => {
            return call.argument_error(3, Code::ArgumentValue, "`rtol` and `rcond` can't be both set.");
        }
        // NumPy's default is 1e-15 where `rtol` is not given, and depends on the matrix where it is None.
        (None, None) if e.ty(call.args[3]).is_none() => default_limit(e, a),
        (None, None) => e.b.float(1e-15, Type::float64()),
    };
    let [m, n] = e.matrix_shape(a);
    let out = e.new_behind(a, dtype, &[n, m])?;
    run(e, "pinv", dtype, &[a, out], &[rtol]);
    Ok(out)
}

fn least_squares(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (a, b) = (matrices(e, call, 0)?, inexact(e, call, 1)?);
    let dtype = common_dtype(e, a, b);
    let is_vector = e.array_type(b).ndim == 1;
    if e.array_type(a).ndim != 2 || !(1..=2).contains(&e.array_type(b).ndim) {
        return call.argument_error(0, Code::ArgumentType, "least squares are of two-dimensional arrays");
    }
    let [m, n] = e.matrix_shape(a);
    let n_equations = e.extent(b, 0);
    let fits = e.equal(m, n_equations);
    e.raise_unless(fits, "LinAlgError", "Incompatible dimensions", &[]);
    let rcond = match limit(e, call, 2)? {
        Some(limit) => limit,
        None => {
            let extent = e.max(m, n);
            let extent = e.b.convert(extent, Type::float64());
            let epsilon = e.b.float(epsilon(dtype), Type::float64());
            e.b.mul(extent, epsilon)
        }
    };
    let [a, b] = [converted(e, a, dtype)?, converted(e, b, dtype)?];
    let columns = if is_vector { e.with_single_axis(b, 1) } else { b };
    let array = |dtype, ndim| Type::array(dtype, ndim, Layout::C);
    let real = real_of(dtype);
    let result = Type::tuple(vec![array(dtype, 2), array(real, 1), Type::int64(), array(real, 1)]);
    let args = vec![e.view_argument(a), e.view_argument(columns), rcond];
    let result = e.call_kernel("lstsq", dtype, args, result);
    let mut parts = e.tuple_elements(result);
    if is_vector {
        parts[0] = e.one_axis(parts[0]);
    }
    Ok(e.tuple(parts))
}

fn matrix_rank(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = matrices(e, call, 0)?;
    let dtype = e.array_type(a).dtype;
    let (tolerance, relative) = match (limit(e, call, 1)?, limit(e, call, 3)?) {
        (Some(limit), None) => (limit, false),
        (None, Some(limit)) => (limit, true),
        (Some(_), Some(_)) => {
            return call.argument_error(3, Code::ArgumentValue, "`tol` and `rtol` can't be both set.");
        }
        (None, None) => (default_limit(e, a), true),
    };
    let out = e.new_behind(a, Type::int64(), &[])?;
    let relative = e.b.bool(relative);
    run(e, "matrix_rank", dtype, &[a, out], &[tolerance, relative]);
    Ok(e.scalar_of(out))
}

/// An order of norms as kernels know it; `None` where None is given.
fn order(e: &mut Emitter<'_>, call: &Call, idx: usize, of_matrices: bool) -> Emit<Option<Value>> {
    let ty = e.ty(call.args[idx]);
    let text = ty.as_literal_str().map(str::to_owned);
    let known = match text.as_deref() {
        Some("fro" | "f") if of_matrices => FROBENIUS,
        Some("nuc") if of_matrices => NUCLEAR,
        Some(_) if of_matrices => {
            return call.argument_error(idx, Code::ArgumentValue, "Invalid norm order for matrices.");
        }
        Some(text) => {
            return call.argument_error(
                idx,
                Code::ArgumentValue,
                format!("Invalid norm order '{text}' for vectors"),
            );
        }
        None if ty.is_none() => return Ok(None),
        None => {
            let value = e.plain(call.args[idx]);
            if !e.ty(value).is_int() && !e.ty(value).is_float() {
                let message = "an order of norms is a number or a constant string";
                return call.argument_error(idx, Code::ArgumentType, message);
            }
            return e.as_float64(value).map(Some);
        }
    };
    Ok(Some(e.b.float(known, Type::float64())))
}

fn condition(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = matrices(e, call, 0)?;
    let dtype = e.array_type(a).dtype;
    let given = order(e, call, 1, true)?;
    let two = e.b.float(2.0, Type::float64());
    let ord = given.unwrap_or(two);
    let by_values = given.is_none() || matches!(e.ty(call.args[1]).as_literal_int(), Some(2 | -2));
    if !by_values {
        check_square(e, a);
    }
    let out = e.new_behind(a, real_of(dtype), &[])?;
    run(e, "condition", dtype, &[a, out], &[ord]);
    Ok(e.scalar_of(out))
}

fn norm(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = inexact(e, call, 0)?;
    let keepdims = constant_bool(e, call, 3, "keepdims")?;
    let ndim = usize::from(e.array_type(a).ndim);
    let axes = axes_of(e, call, 2, ndim)?;
    let has_order = !e.ty(call.args[1]).is_none();
    let axes = match axes {
        Some(axes) => axes,
        // Without an order it is the norm of all elements in one vector.
        None if !has_order => {
            let two = e.b.float(2.0, Type::float64());
            return e.norm_along(a, &(0..ndim).collect::<Vec<_>>(), "vector_norm", two, keepdims);
        }
        None => (0..ndim).collect(),
    };
    match axes.len() {
        1 => {
            let two = e.b.float(2.0, Type::float64());
            let ord = order(e, call, 1, false)?.unwrap_or(two);
            e.norm_along(a, &axes, "vector_norm", ord, keepdims)
        }
        2 => {
            let frobenius = e.b.float(FROBENIUS, Type::float64());
            let ord = order(e, call, 1, true)?.unwrap_or(frobenius);
            e.norm_along(a, &axes, "matrix_norm", ord, keepdims)
        }
        _ => call.argument_error(0, Code::ArgumentValue, "Improper number of dimensions to norm."),
    }
}

/// Axes that an argument gives as constants. `None` where None is given.
fn axes_of(e: &mut Emitter<'_>, call: &Call, idx: usize, ndim: usize) -> Emit<Option<Vec<usize>>> {
    let value = call.args[idx];
    if e.ty(value).is_none() {
        return Ok(None);
    }
    let parts = if e.ty(value).as_tuple().is_some() { e.tuple_elements(value) } else { vec![value] };
    let mut axes = Vec::with_capacity(parts.len());
    for part in parts {
        let axis = axis_of(e, call, idx, part, ndim)?;
        if axes.contains(&axis) {
            return call.argument_error(idx, Code::ArgumentValue, "Duplicate axes given.");
        }
        axes.push(axis);
    }
    Ok(Some(axes))
}

fn vector_norm(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = inexact(e, call, 0)?;
    let ndim = usize::from(e.array_type(a).ndim);
    let axes = axes_of(e, call, 1, ndim)?.unwrap_or_else(|| (0..ndim).collect());
    let keepdims = constant_bool(e, call, 2, "keepdims")?;
    let two = e.b.float(2.0, Type::float64());
    let ord = order(e, call, 3, false)?.unwrap_or(two);
    e.norm_along(a, &axes, "vector_norm", ord, keepdims)
}

fn matrix_norm(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = matrices(e, call, 0)?;
    let ndim = usize::from(e.array_type(a).ndim);
    let keepdims = constant_bool(e, call, 1, "keepdims")?;
    let frobenius = e.b.float(FROBENIUS, Type::float64());
    let ord = order(e, call, 2, true)?.unwrap_or(frobenius);
    e.norm_along(a, &[ndim - 2, ndim - 1], "matrix_norm", ord, keepdims)
}

fn matrix_power(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let mut a = array_like(e, call, 0)?;
    if e.array_type(a).ndim < 2 {
        let message = format!(
            "{}-dimensional array given. Array must be at least two-dimensional",
            e.array_type(a).ndim
        );
        return call.argument_error(0, Code::ArgumentType, message);
    }
    check_square(e, a);
    let literal = e.ty(call.args[1]).as_literal_int();
    let mut exponent = e.as_index(call.args[1], "the exponent of a matrix")?;
    if literal.is_some_and(|n| n < 0) {
        let dtype = computed(e.array_type(a).dtype);
        a = converted(e, a, dtype)?;
    }
    let dtype = e.array_type(a).dtype;
    let extents = e.extents(a);
    let negative = e.is_negative(exponent);
    if dtype.is_float() || dtype.is_complex() {
        let source = a;
        let inverse = e.allocate_array(dtype, &extents, Layout::C, false)?;
        e.if_else(
            negative,
            |e| {
                run(e, "inverse", dtype, &[source, inverse], &[]);
                Ok(e.b.none())
            },
            |e| {
                e.assign_array(inverse, source)?;
                Ok(e.b.none())
            },
        )?;
        a = inverse;
        let zero = e.b.int64(0);
        let opposite = e.b.sub(zero, exponent);
        exponent = e.b.select(negative, opposite, exponent);
    } else {
        let message = "a negative power of a matrix of integers must be given as a constant";
        e.raise_if(negative, "ValueError", message, &[]);
    }
    let out = e.allocate_array(dtype, &extents, Layout::C, false)?;
    let exponent = e.b.convert(exponent, Type::uint64());
    run(e, "matrix_power", dtype, &[a, out], &[exponent]);
    Ok(out)
}

fn multi_dot(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let arrays = match e.ty(call.args[0]).as_tuple() {
        Some(parts) if parts.len() >= 2 && parts.iter().all(|part| part.as_array().is_some()) => {
            e.tuple_elements(call.args[0])
        }
        _ => {
            let message = "multi_dot() takes a tuple of at least two arrays";
            return call.argument_error(0, Code::ArgumentType, message);
        }
    };
    let last = arrays.len() - 1;
    for (idx, array) in arrays.iter().enumerate() {
        let ndim = e.array_type(*array).ndim;
        if ndim != 2 && !(ndim == 1 && (idx == 0 || idx == last)) {
            let message = format!("{ndim}-dimensional array given. Array must be two-dimensional");
            return call.argument_error(0, Code::ArgumentType, message);
        }
    }
    if let [a, b] = arrays[..] {
        return e.matmul(a, b);
    }
    let dtype =
        arrays.iter().map(|array| e.array_type(*array).dtype).reduce(|a, b| promote(a, b).unwrap_or(a));
    let dtype = dtype.expect("there are arrays");
    let ndims = [arrays[0], arrays[last]].map(|array| e.array_type(array).ndim);
    let mut matrices = Vec::with_capacity(arrays.len());
    for (idx, array) in arrays.into_iter().enumerate() {
        let array = converted(e, array, dtype)?;
        // The first vector is a row, the last one a column.
        let is_vector = e.array_type(array).ndim == 1;
        matrices.push(if is_vector { e.with_single_axis(array, usize::from(idx > 0)) } else { array });
    }
    let args = vec![e.views_argument(&matrices)];
    let product = e.call_kernel("chain_product", dtype, args, Type::array(dtype, 2, Layout::C));
    let kept: Vec<usize> = (0..2).filter(|side| ndims[*side] == 2).collect();
    let extents: Vec<Value> = kept.iter().map(|side| e.extent(product, *side)).collect();
    let ty = ArrayType { ndim: extents.len() as u8, ..e.array_type(product) };
    let product = e.view_as(product, ty, &extents, &[]);
    Ok(e.scalar_of(product))
}

fn tensor_inverse(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let a = inexact(e, call, 0)?;
    let ndim = usize::from(e.array_type(a).ndim);
    let ind = match e.ty(call.args[1]).as_literal_int().map(usize::try_from) {
        Some(Ok(ind)) if ind > 0 && ind <= ndim => ind,
        _ => return call.argument_error(1, Code::ArgumentValue, "Invalid ind argument."),
    };
    let extents = e.extents(a);
    let (m, n) = (e.product(&extents[..ind]), e.product(&extents[ind..]));
    let matrix = e.as_matrix(a, [m, n])?;
    check_square(e, matrix);
    let dtype = e.array_type(a).dtype;
    let out = e.allocate_array(dtype, &[n, m], Layout::C, false)?;
    run(e, "inverse", dtype, &[matrix, out], &[]);
    let extents = [&extents[ind..], &extents[..ind]].concat();
    let ty = ArrayType { ndim: ndim as u8, ..e.array_type(out) };
    Ok(e.view_as(out, ty, &extents, &[]))
}

fn tensor_solve(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (mut a, b) = (inexact(e, call, 0)?, inexact(e, call, 1)?);
    if !e.ty(call.args[2]).is_none() {
        // These axes are moved to the end, one after the other.
        let given = call.args[2];
        let ndim = usize::from(e.array_type(a).ndim);
        let parts = if e.ty(given).as_tuple().is_some() { e.tuple_elements(given) } else { vec![given] };
        let mut order: Vec<usize> = (0..ndim).collect();
        for part in parts {
            let axis = axis_of(e, call, 2, part, ndim)?;
            order.retain(|other| *other != axis);
            order.push(axis);
        }
        a = e.with_axes(a, &order);
    }
    let (a_extents, b_ndim) = (e.extents(a), usize::from(e.array_type(b).ndim));
    if a_extents.len() < b_ndim {
        return call.argument_error(1, Code::ArgumentValue, "the right side has more axes than the left");
    }
    let unknown = a_extents[b_ndim..].to_vec();
    let n = e.product(&unknown);
    let m = e.product(&a_extents[..b_ndim]);
    let fits = e.equal(m, n);
    let message =
        "Input arrays must satisfy the requirement prod(a.shape[b.ndim:]) == prod(a.shape[:b.ndim])";
    e.raise_unless(fits, "LinAlgError", message, &[]);
    let matrix = e.as_matrix(a, [m, n])?;
    let right = e.contiguous(b, Layout::C)?;
    let right = e.one_axis(right);
    let solution = e.solve(matrix, right)?;
    let ty = ArrayType { ndim: unknown.len() as u8, ..e.array_type(solution) };
    Ok(e.view_as(solution, ty, &unknown, &[]))
}

impl Emitter<'_> {
    /// The extents of the last two axes.
    fn matrix_shape(&mut self, array: Value) -> [Value; 2] {
        let ndim = usize::from(self.array_type(array).ndim);
        [self.extent(array, ndim - 2), self.extent(array, ndim - 1)]
    }

    /// A new array with the leading axes of an array of matrices, and others.
    fn new_behind(&mut self, matrices: Value, dtype: Type, others: &[Value]) -> Emit {
        let mut extents = self.extents(matrices);
        extents.truncate(extents.len() - 2);
        extents.extend_from_slice(others);
        self.allocate_array(dtype, &extents, Layout::C, false)
    }

    /// `np.linalg.solve` of square matrices and a vector or matrices.
    fn solve(&mut self, a: Value, b: Value) -> Emit {
        let dtype = promote(self.array_type(a).dtype, self.array_type(b).dtype).expect("both are inexact");
        if self.array_type(b).ndim == 0 {
            return self.error(Code::ArgumentType, "the right side is an array with at least one axis");
        }
        let [a, b] = [converted(self, a, dtype)?, converted(self, b, dtype)?];
        let is_vector = self.array_type(b).ndim == 1;
        let columns = if is_vector { self.with_single_axis(b, 1) } else { b };
        let [n, _] = self.matrix_shape(a);
        let [n_equations, n_columns] = self.matrix_shape(columns);
        let fits = self.equal(n, n_equations);
        let message = "solve: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature \
                       (m,m),(m,n)->(m,n) (size {} is different from {})";
        self.raise_unless(fits, "ValueError", message, &[n_equations, n]);
        let leading = self.leading_axes(&[(a, 2), (columns, 2)])?;
        let a = self.broadcast_leading(a, 2, &leading)?;
        let columns = self.broadcast_leading(columns, 2, &leading)?;
        let mut extents = leading;
        extents.push(n);
        if !is_vector {
            extents.push(n_columns);
        }
        let out = self.allocate_array(dtype, &extents, Layout::C, false)?;
        let target = if is_vector { self.with_single_axis(out, extents.len()) } else { out };
        run(self, "solve", dtype, &[a, columns, target], &[]);
        Ok(out)
    }

    /// The norms along axes, by a kernel that takes them as the last ones.
    fn norm_along(&mut self, a: Value, axes: &[usize], kernel: &str, ord: Value, keepdims: bool) -> Emit {
        let ndim = usize::from(self.array_type(a).ndim);
        let dtype = self.array_type(a).dtype;
        let rest: Vec<usize> = (0..ndim).filter(|axis| !axes.contains(axis)).collect();
        let view = self.with_axes(a, &[&rest[..], axes].concat());
        let extents = self.extents(view)[..rest.len()].to_vec();
        let out = self.allocate_array(real_of(dtype), &extents, Layout::C, false)?;
        run(self, kernel, dtype, &[view, out], &[ord]);
        if !keepdims {
            return Ok(self.scalar_of(out));
        }
        let mut sorted = axes.to_vec();
        sorted.sort_unstable();
        Ok(sorted.into_iter().fold(out, |out, axis| self.with_single_axis(out, axis)))
    }
}

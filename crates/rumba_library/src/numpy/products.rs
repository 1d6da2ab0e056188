//! Products of vectors and matrices: `@`, `np.dot`, `np.einsum` and their kin.
//!
//! Each is arranged as a product of many matrices, by views; the kernel copies nothing.

use crate::arrays::creation::{array_like, value_as_array};
use crate::arrays::reshaping::constant_bool;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::numpy::promotion::{can_cast_same_kind, promote};
use crate::numpy::ufuncs::ufunc;
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type};

const A: Param = Param::required("a");
const B: Param = Param::required("b");
const X1: Param = Param::required("x1").positional_only();
const X2: Param = Param::required("x2").positional_only();
const OUT: Param = Param::optional("out", Default::None);
const OFFSET: Param = Param::optional("offset", Default::Int(0));
const AXIS1: Param = Param::optional("axis1", Default::Int(0));
const AXIS2: Param = Param::optional("axis2", Default::Int(1));
const DTYPE: Param = Param::optional("dtype", Default::None);

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.matmul",
        params: &[X1, X2, OUT],
        doc: "The product of matrices, over leading axes that broadcast; a vector is a row on the left, a column on the right.",
        rule: |e, call| {
            let [a, b] = two_arrays(e, call)?;
            let result = e.matmul(a, b)?;
            store_into_out(e, call, 2, result)
        },
    },
    Declaration {
        path: "numpy.dot",
        params: &[A, B, OUT],
        doc: "Products along the last axis of the first array and the last but one of the second.",
        rule: dot,
    },
    Declaration {
        path: "array.dot",
        params: &[Param::required("self"), B, OUT],
        doc: "Products along the last axis of the array and the last but one of the other.",
        rule: dot,
    },
    Declaration {
        path: "numpy.vdot",
        params: &[A.positional_only(), B.positional_only()],
        doc: "The sum of products of all elements, those of the first array conjugated.",
        rule: |e, call| {
            let [a, b] = two_arrays(e, call)?;
            let [a, b] = [flat(e, a)?, flat(e, b)?];
            e.inner(a, b, true)
        },
    },
    Declaration {
        path: "numpy.inner",
        params: &[A.positional_only(), B.positional_only()],
        doc: "Products along the last axes.",
        rule: |e, call| {
            let [a, b] = two_arrays(e, call)?;
            if !e.has_axes(a) || !e.has_axes(b) {
                return multiply(e, a, b);
            }
            let axis = usize::from(e.array_type(b).ndim) - 1;
            e.dot_along(a, b, axis)
        },
    },
    Declaration {
        path: "numpy.outer",
        params: &[A, B, OUT],
        doc: "Every element of the first array times every one of the second.",
        rule: |e, call| {
            let [a, b] = two_arrays(e, call)?;
            let result = e.outer(a, b)?;
            store_into_out(e, call, 2, result)
        },
    },
    Declaration {
        path: "numpy.linalg.outer",
        params: &[X1, X2],
        doc: "Every element of the first vector times every one of the second.",
        rule: |e, call| {
            let [a, b] = two_arrays(e, call)?;
            if e.array_type(a).ndim != 1 || e.array_type(b).ndim != 1 {
                return e.error(Code::ArgumentValue, "Input arrays must be one-dimensional");
            }
            e.outer(a, b)
        },
    },
    Declaration {
        path: "numpy.tensordot",
        params: &[A, B, Param::optional("axes", Default::Int(2))],
        doc: "Sums of products along axes, which are constants: a number of them, or a pair of axes or tuples of axes.",
        rule: tensordot,
    },
    Declaration { path: "numpy.kron", params: &[A, B], doc: "The Kronecker product.", rule: kron },
    Declaration {
        path: "numpy.cross",
        params: &[
            A,
            B,
            Param::optional("axisa", Default::Int(-1)),
            Param::optional("axisb", Default::Int(-1)),
            Param::optional("axisc", Default::Int(-1)),
            Param::optional("axis", Default::None),
        ],
        doc: "Cross products of vectors of 3 elements, or of 2 and 3; the axes are constants.",
        rule: |e, call| {
            let axes = if e.ty(call.args[5]).is_none() { [2, 3, 4] } else { [5, 5, 5] };
            cross(e, call, axes, true)
        },
    },
    Declaration {
        path: "numpy.linalg.cross",
        params: &[X1, X2, Param::optional("axis", Default::Int(-1)).keyword_only()],
        doc: "Cross products of vectors of 3 elements; the axis is a constant.",
        rule: |e, call| cross(e, call, [2, 2, 2], false),
    },
    Declaration {
        path: "numpy.trace",
        params: &[A, OFFSET, AXIS1, AXIS2, DTYPE, OUT],
        doc: "The sum along a diagonal; the axes are constants.",
        rule: |e, call| trace(e, call, [2, 3]),
    },
    Declaration {
        path: "array.trace",
        params: &[Param::required("self"), OFFSET, AXIS1, AXIS2, DTYPE, OUT],
        doc: "The sum along a diagonal; the axes are constants.",
        rule: |e, call| trace(e, call, [2, 3]),
    },
    Declaration {
        path: "numpy.linalg.trace",
        params: &[
            Param::required("x").positional_only(),
            OFFSET.keyword_only(),
            Param::optional("axis1", Default::Int(-2)).keyword_only(),
            Param::optional("axis2", Default::Int(-1)).keyword_only(),
            DTYPE.keyword_only(),
            OUT.keyword_only(),
        ],
        doc: "The sum along a diagonal of the last two axes.",
        rule: |e, call| trace(e, call, [2, 3]),
    },
    Declaration {
        path: "numpy.vecdot",
        params: &[X1, X2, OUT],
        doc: "Products of vectors along the last axes, the first ones conjugated.",
        rule: |e, call| of_vectors(e, call, [true, true], true),
    },
    Declaration {
        path: "numpy.matvec",
        params: &[X1, X2, OUT],
        doc: "Products of matrices and vectors.",
        rule: |e, call| of_vectors(e, call, [false, true], false),
    },
    Declaration {
        path: "numpy.vecmat",
        params: &[X1, X2, OUT],
        doc: "Products of vectors, conjugated, and matrices.",
        rule: |e, call| of_vectors(e, call, [true, false], true),
    },
    Declaration {
        path: "numpy.linalg.vecdot",
        params: &[X1, X2, Param::optional("axis", Default::Int(-1)).keyword_only()],
        doc: "Products of vectors along an axis, the first ones conjugated; the axis is a constant.",
        rule: |e, call| {
            let [a, b] = two_arrays(e, call)?;
            let [a, b] = [last_axis(e, call, a, 2)?, last_axis(e, call, b, 2)?];
            e.product_over(a, b, [true, true], true)
        },
    },
    Declaration {
        path: "numpy.linalg.matmul",
        params: &[X1, X2],
        doc: "The product of matrices, over leading axes that broadcast.",
        rule: |e, call| {
            let [a, b] = two_arrays(e, call)?;
            e.matmul(a, b)
        },
    },
    Declaration {
        path: "numpy.linalg.tensordot",
        params: &[X1, X2, Param::optional("axes", Default::Int(2)).keyword_only()],
        doc: "Sums of products along axes, which are constants.",
        rule: tensordot,
    },
    Declaration {
        path: "numpy.einsum",
        params: &[
            Param::required("subscripts").positional_only(),
            Param::variadic("operands"),
            OUT.keyword_only(),
            DTYPE.keyword_only(),
            Param::optional("order", Default::Str("K")).keyword_only(),
            Param::optional("casting", Default::Str("safe")).keyword_only(),
            Param::optional("optimize", Default::Bool(false)).keyword_only(),
        ],
        doc: "Sums of products by Einstein's convention; the subscripts are a constant.",
        rule: einsum,
    },
];

/// The letters of an ellipsis in subscripts begin here, in a range that no text has.
const ELLIPSIS: u32 = 0xf0000;

fn two_arrays(e: &mut Emitter<'_>, call: &Call) -> Emit<[Value; 2]> {
    Ok([array_like(e, call, 0)?, array_like(e, call, 1)?])
}

fn flat(e: &mut Emitter<'_>, array: Value) -> Emit {
    let array = e.contiguous(array, Layout::C)?;
    Ok(e.one_axis(array))
}

/// `np.multiply` of arrays, the way it is for numbers where both have no axes.
fn multiply(e: &mut Emitter<'_>, a: Value, b: Value) -> Emit {
    ufunc("numpy.multiply").expect("multiplication is a ufunc").apply(e, &[a, b])
}

/// Stores a result into the array that an argument names, if it names one, and gives what the call gives.
pub(crate) fn store_into_out(e: &mut Emitter<'_>, call: &Call, idx: usize, result: Value) -> Emit {
    if e.ty(call.args[idx]).is_none() {
        return Ok(result);
    }
    let out = e.plain(call.args[idx]);
    let Some(ty) = e.ty(out).as_array() else {
        return call.argument_error(idx, Code::ArgumentType, "`out` is an array or None");
    };
    e.check_writable(out)?;
    let result = value_as_array(e, call, idx, result)?;
    let from = e.array_type(result);
    if from.ndim != ty.ndim || !can_cast_same_kind(from.dtype, ty.dtype) {
        let message =
            format!("the result, {}, cannot be stored into {}", e.ty(result).shown(), e.ty(out).shown());
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    for (have, want) in e.extents(result).into_iter().zip(e.extents(out)) {
        let fits = e.equal(have, want);
        e.raise_unless(fits, "ValueError", "output array does not have the shape of the result", &[]);
    }
    e.assign_array(out, result)?;
    Ok(out)
}

fn dot(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let [a, b] = two_arrays(e, call)?;
    let result = if !e.has_axes(a) || !e.has_axes(b) {
        multiply(e, a, b)?
    } else {
        let axis = usize::from(e.array_type(b).ndim).saturating_sub(2);
        e.dot_along(a, b, axis)?
    };
    store_into_out(e, call, 2, result)
}

fn of_vectors(e: &mut Emitter<'_>, call: &Call, are_vectors: [bool; 2], conjugate: bool) -> Emit {
    let [a, b] = two_arrays(e, call)?;
    let result = e.product_over(a, b, are_vectors, conjugate)?;
    store_into_out(e, call, 2, result)
}

/// An axis that an argument gives as a constant.
pub(crate) fn axis_of(e: &Emitter<'_>, call: &Call, idx: usize, value: Value, ndim: usize) -> Emit<usize> {
    crate::arrays::reshaping::constant_axis(e, call, idx, value, ndim)
}

/// The array with the axis that an argument gives as the last.
fn last_axis(e: &mut Emitter<'_>, call: &Call, array: Value, idx: usize) -> Emit {
    let ndim = usize::from(e.array_type(array).ndim);
    let axis = axis_of(e, call, idx, call.args[idx], ndim)?;
    let order: Vec<usize> = (0..ndim).filter(|other| *other != axis).chain([axis]).collect();
    Ok(e.with_axes(array, &order))
}

fn tensordot(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let [a, b] = two_arrays(e, call)?;
    let [a_ndim, b_ndim] = [a, b].map(|array| usize::from(e.array_type(array).ndim));
    let (mut a_axes, mut b_axes) = (Vec::new(), Vec::new());
    if let Some(n) = e.ty(call.args[2]).as_literal_int() {
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        if n > a_ndim || n > b_ndim {
            return call.argument_error(2, Code::ArgumentValue, "shape-mismatch for sum");
        }
        a_axes.extend(a_ndim - n..a_ndim);
        b_axes.extend(0..n);
    } else {
        let parts = match e.ty(call.args[2]).as_tuple() {
            Some([_, _]) => e.tuple_elements(call.args[2]),
            _ => {
                return call.argument_error(
                    2,
                    Code::ArgumentValue,
                    "`axes` is a constant number or a pair of axes",
                );
            }
        };
        for (part, ndim, axes) in [(parts[0], a_ndim, &mut a_axes), (parts[1], b_ndim, &mut b_axes)] {
            let items = if e.ty(part).as_tuple().is_some() { e.tuple_elements(part) } else { vec![part] };
            for item in items {
                axes.push(axis_of(e, call, 2, item, ndim)?);
            }
        }
        let repeats = |axes: &[usize]| axes.iter().enumerate().any(|(idx, axis)| axes[..idx].contains(axis));
        if a_axes.len() != b_axes.len() || repeats(&a_axes) || repeats(&b_axes) {
            return call.argument_error(2, Code::ArgumentValue, "shape-mismatch for sum");
        }
    }
    for (x, y) in a_axes.iter().zip(&b_axes) {
        let [x, y] = [e.extent(a, *x), e.extent(b, *y)];
        let fits = e.equal(x, y);
        e.raise_unless(fits, "ValueError", "shape-mismatch for sum", &[]);
    }
    e.contract(a, b, &a_axes, &b_axes)
}

fn kron(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let [a, b] = two_arrays(e, call)?;
    if !e.has_axes(a) && !e.has_axes(b) {
        return multiply(e, a, b);
    }
    let ndim = e.array_type(a).ndim.max(e.array_type(b).ndim);
    let one = e.b.int64(1);
    let zero = e.b.int64(0);
    let mut extents = vec![one; usize::from(ndim)];
    let mut spread = Vec::new();
    for (array, place) in [(a, 0), (b, 1)] {
        let ty = e.array_type(array);
        let missing = usize::from(ndim - ty.ndim);
        let (mut own, mut strides) = (vec![one; 2 * usize::from(ndim)], vec![zero; 2 * usize::from(ndim)]);
        let (array_extents, array_strides) = (e.extents(array), e.strides(array));
        for (axis, (extent, stride)) in array_extents.into_iter().zip(array_strides).enumerate() {
            own[2 * (missing + axis) + place] = extent;
            strides[2 * (missing + axis) + place] = stride;
            extents[missing + axis] = e.b.mul(extents[missing + axis], extent);
        }
        let view = ArrayType { ndim: 2 * ndim, layout: Layout::A, ..ty };
        spread.push(e.view_as(array, view, &own, &strides));
    }
    let result = ufunc("numpy.multiply").expect("multiplication is a ufunc").apply(e, &spread)?;
    let ty = e.array_type(result);
    Ok(e.view_as(result, ArrayType { ndim, ..ty }, &extents, &[]))
}

/// `axes`: the arguments that give the axes of the vectors and of the result.
fn cross(e: &mut Emitter<'_>, call: &Call, axes: [usize; 3], two_allowed: bool) -> Emit {
    let [a, b] = two_arrays(e, call)?;
    if !e.has_axes(a) || !e.has_axes(b) {
        return e.error(Code::ArgumentValue, "cross products are of arrays with at least one axis");
    }
    let dtype = common_dtype(e, a, b);
    let [a, b] = [last_axis(e, call, a, axes[0])?, last_axis(e, call, b, axes[1])?];
    let (two, three) = (e.b.int64(2), e.b.int64(3));
    let mut any_three = e.b.bool(false);
    for array in [a, b] {
        let axis = usize::from(e.array_type(array).ndim) - 1;
        let extent = e.extent(array, axis);
        let is_three = e.equal(extent, three);
        let is_two = if two_allowed { e.equal(extent, two) } else { e.b.bool(false) };
        let fits = e.b.or(is_three, is_two);
        any_three = e.b.or(any_three, is_three);
        let message = "incompatible dimensions for cross product (dimension must be 2 or 3)";
        e.raise_unless(fits, "ValueError", message, &[]);
    }
    let message = "cross products of two vectors of 2 elements are numbers, which is not supported";
    e.raise_unless(any_three, "ValueError", message, &[]);
    let [a, b] = [converted(e, a, dtype)?, converted(e, b, dtype)?];
    let leading = e.leading_axes(&[(a, 1), (b, 1)])?;
    let [a, b] = [e.broadcast_leading(a, 1, &leading)?, e.broadcast_leading(b, 1, &leading)?];
    let mut extents = leading;
    extents.push(three);
    let out = e.allocate_array(dtype, &extents, Layout::C, false)?;
    let args = [a, b, out].map(|array| e.view_argument(array)).to_vec();
    e.call_kernel("cross_product", dtype, args, Type::none());
    let ndim = extents.len();
    let axis = axis_of(e, call, axes[2], call.args[axes[2]], ndim)?;
    let mut order: Vec<usize> = (0..ndim - 1).collect();
    order.insert(axis, ndim - 1);
    Ok(e.with_axes(out, &order))
}

fn trace(e: &mut Emitter<'_>, call: &Call, axes: [usize; 2]) -> Emit {
    let array = array_like(e, call, 0)?;
    let ndim = usize::from(e.array_type(array).ndim);
    if ndim < 2 {
        return call.argument_error(
            0,
            Code::ArgumentType,
            "diag requires an array of at least two dimensions",
        );
    }
    let first = axis_of(e, call, axes[0], call.args[axes[0]], ndim)?;
    let second = axis_of(e, call, axes[1], call.args[axes[1]], ndim)?;
    if first == second {
        return call.argument_error(axes[1], Code::ArgumentValue, "axis1 and axis2 cannot be the same");
    }
    let offset = e.as_index(call.args[1], "the offset of a diagonal")?;
    let natural = match e.array_type(array).dtype {
        dtype if dtype.is_bool() => Type::int64(),
        dtype if dtype.is_int() => {
            if can_cast_same_kind(dtype, Type::uint64()) {
                Type::uint64()
            } else {
                Type::int64()
            }
        }
        dtype => dtype,
    };
    let dtype = crate::numpy::dtypes::optional_dtype(e, call, 4)?.unwrap_or(natural);
    let array = converted(e, array, dtype)?;
    let order: Vec<usize> =
        (0..ndim).filter(|axis| ![first, second].contains(axis)).chain([first, second]).collect();
    let array = e.with_axes(array, &order);
    let extents = e.extents(array)[..ndim - 2].to_vec();
    let out = e.allocate_array(dtype, &extents, Layout::C, false)?;
    let mut args = [array, out].map(|array| e.view_argument(array)).to_vec();
    args.push(offset);
    e.call_kernel("trace", dtype, args, Type::none());
    let result = e.scalar_of(out);
    store_into_out(e, call, 5, result)
}

/// The dtype that two arrays are multiplied in.
pub(crate) fn common_dtype(e: &Emitter<'_>, a: Value, b: Value) -> Type {
    let [a, b] = [a, b].map(|array| e.array_type(array).dtype);
    promote(a, b).expect("any two dtypes have a common one")
}

/// The array as one of another dtype: itself if it has it.
pub(crate) fn converted(e: &mut Emitter<'_>, array: Value, dtype: Type) -> Emit {
    if e.array_type(array).dtype == dtype { Ok(array) } else { e.cast_array(array, dtype, Layout::C) }
}

fn einsum(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let Some(text) = e.ty(call.args[0]).as_literal_str() else {
        return call.argument_error(0, Code::ArgumentValue, "the subscripts are a constant string");
    };
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (inputs, output) = match text.split_once("->") {
        Some((inputs, output)) => (inputs, Some(output)),
        None => (text.as_str(), None),
    };
    let operands = e.tuple_elements(call.args[1]);
    if inputs.split(',').count() != operands.len() {
        let message = "fewer or more operands provided to einstein sum function than specified in the subscripts string";
        return call.argument_error(0, Code::ArgumentValue, message);
    }
    let mut arrays = Vec::new();
    for operand in operands {
        arrays.push(value_as_array(e, call, 1, operand)?);
    }
    // An ellipsis is as many letters as there are other axes; the last ones of all operands are the same.
    let ellipsis =
        |n: usize| (0..n).rev().filter_map(|idx| char::from_u32(ELLIPSIS + idx as u32)).collect::<String>();
    let mut longest = 0;
    let mut terms: Vec<Vec<char>> = Vec::new();
    for (term, array) in inputs.split(',').zip(&arrays) {
        let n_letters = term.chars().filter(|c| *c != '.').count();
        let n_others = usize::from(e.array_type(*array).ndim).saturating_sub(n_letters);
        if term.contains("...") {
            longest = longest.max(n_others);
        }
        terms.push(term.replacen("...", &ellipsis(n_others), 1).chars().collect());
    }
    let letters: Vec<char> = terms.concat();
    let is_of_ellipsis = |c: char| c as u32 >= ELLIPSIS;
    if letters.iter().any(|c| !c.is_ascii_alphabetic() && !is_of_ellipsis(*c)) {
        return call.argument_error(0, Code::ArgumentValue, "subscripts are letters and an ellipsis, `...`");
    }
    if longest > 0 && output.is_some_and(|output| !output.contains("...")) {
        let message = "output has no ellipsis, but there are axes that one in an input stands for";
        return call.argument_error(0, Code::ArgumentValue, message);
    }
    let output: Vec<char> = match output {
        Some(output) => output.replacen("...", &ellipsis(longest), 1).chars().collect(),
        None => {
            let mut once: Vec<char> = letters
                .iter()
                .copied()
                .filter(|c| letters.iter().filter(|other| *other == c).count() == 1 && !is_of_ellipsis(*c))
                .collect();
            once.sort_unstable();
            ellipsis(longest).chars().chain(once).collect()
        }
    };
    for (idx, letter) in output.iter().enumerate() {
        if !letters.contains(letter) || output[..idx].contains(letter) {
            let message = format!(
                "einstein sum subscripts string included output subscript '{letter}' which never appeared in an input, or twice"
            );
            return call.argument_error(0, Code::ArgumentValue, message);
        }
    }
    if e.ty(call.args[4]).as_literal_str() != Some("K") || e.ty(call.args[5]).as_literal_str() != Some("safe")
    {
        return call.argument_error(
            4,
            Code::ArgumentValue,
            "`order` and `casting` of einsum() are not supported",
        );
    }
    // What order the products are made in does not change the result but for rounding.
    constant_bool(e, call, 6, "optimize")?;
    let natural =
        arrays.iter().map(|array| e.array_type(*array).dtype).reduce(|a, b| promote(a, b).unwrap_or(a));
    let dtype = crate::numpy::dtypes::optional_dtype(e, call, 3)?.or(natural).unwrap_or(Type::float64());
    let mut factors: Vec<(Value, Vec<char>)> = Vec::new();
    for (array, term) in arrays.into_iter().zip(terms) {
        if usize::from(e.array_type(array).ndim) != term.len() {
            let message = "einstein sum subscripts string does not have as many subscripts for an operand as it has dimensions";
            return call.argument_error(1, Code::ArgumentValue, message);
        }
        let array = converted(e, array, dtype)?;
        factors.push(e.with_letters_once(array, &term)?);
    }
    // One after the other, each product with what is needed later.
    let mut product = factors.remove(0);
    if factors.is_empty() {
        let one = e.array_of_numbers_one(dtype)?;
        factors.push((one, Vec::new()));
    }
    while !factors.is_empty() {
        let factor = factors.remove(0);
        let needed =
            |letter: &char| output.contains(letter) || factors.iter().any(|(_, term)| term.contains(letter));
        let kept: Vec<char> = if factors.is_empty() {
            output.clone()
        } else {
            let mut all: Vec<char> = product.1.clone();
            all.extend(factor.1.iter().filter(|letter| !product.1.contains(letter)));
            all.into_iter().filter(needed).collect()
        };
        let array = e.sum_of_products(&product, &factor, &kept)?;
        product = (array, kept);
    }
    let result = e.scalar_of(product.0);
    store_into_out(e, call, 2, result)
}

impl Emitter<'_> {
    fn array_of_numbers_one(&mut self, dtype: Type) -> Emit {
        let one = self.b.int64(1);
        self.array_of_numbers(&[one], &[], dtype)
    }

    /// The array with each letter at one axis: those that are repeated stand for a diagonal.
    fn with_letters_once(&mut self, array: Value, term: &[char]) -> Emit<(Value, Vec<char>)> {
        let (mut letters, mut extents, mut strides) = (Vec::<char>::new(), Vec::new(), Vec::new());
        let (own_extents, own_strides) = (self.extents(array), self.strides(array));
        for (idx, letter) in term.iter().enumerate() {
            match letters.iter().position(|other| other == letter) {
                Some(axis) => {
                    let same = self.equal(extents[axis], own_extents[idx]);
                    let message = "dimensions in single operand for collapsing index don't match";
                    self.raise_unless(same, "ValueError", message, &[]);
                    strides[axis] = self.b.add(strides[axis], own_strides[idx]);
                }
                None => {
                    letters.push(*letter);
                    extents.push(own_extents[idx]);
                    strides.push(own_strides[idx]);
                }
            }
        }
        if letters.len() == term.len() {
            return Ok((array, letters));
        }
        let ty = ArrayType { ndim: letters.len() as u8, layout: Layout::A, ..self.array_type(array) };
        Ok((self.view_as(array, ty, &extents, &strides), letters))
    }

    /// The sum of products of two arrays whose axes have letters, over the letters that are not kept.
    fn sum_of_products(&mut self, a: &(Value, Vec<char>), b: &(Value, Vec<char>), kept: &[char]) -> Emit {
        let dtype = self.array_type(a.0).dtype;
        let mut letters: Vec<char> = kept.to_vec();
        letters.extend(a.1.iter().chain(&b.1).filter(|letter| !kept.contains(letter)));
        let mut seen = Vec::new();
        letters.retain(|letter| {
            let is_new = !seen.contains(letter);
            seen.push(*letter);
            is_new
        });
        let (one, zero) = (self.b.int64(1), self.b.int64(0));
        // By letter: its extent, and the strides in both arrays.
        let mut extents = Vec::with_capacity(letters.len());
        let mut strides = [Vec::new(), Vec::new()];
        for letter in &letters {
            let mut extent = one;
            let mut own = [zero, zero];
            for (place, (array, term)) in [a, b].into_iter().enumerate() {
                let Some(axis) = term.iter().position(|other| other == letter) else { continue };
                let (have, stride) = (self.extent(*array, axis), self.strides(*array)[axis]);
                let single = self.equal(have, one);
                own[place] = self.b.select(single, zero, stride);
                let equal = self.equal(have, extent);
                let other_single = self.equal(extent, one);
                let fits = self.b.or(equal, single);
                let fits = self.b.or(fits, other_single);
                let message = "operands could not be broadcast together with remapped shapes";
                self.raise_unless(fits, "ValueError", message, &[]);
                extent = self.b.select(other_single, have, extent);
            }
            extents.push(extent);
            strides[0].push(own[0]);
            strides[1].push(own[1]);
        }
        let out = self.allocate_array(dtype, &extents[..kept.len()], Layout::C, false)?;
        let in_both = |letter: &char| a.1.contains(letter) && b.1.contains(letter);
        let position = |test: &dyn Fn(&char) -> bool| -> Vec<usize> {
            (0..letters.len()).filter(|idx| test(&letters[*idx])).collect()
        };
        let rows = position(&|letter| kept.contains(letter) && a.1.contains(letter) && !b.1.contains(letter));
        let columns =
            position(&|letter| kept.contains(letter) && b.1.contains(letter) && !a.1.contains(letter));
        let shared = position(&|letter| kept.contains(letter) && in_both(letter));
        let summed = position(&|letter| !kept.contains(letter) && in_both(letter));
        let only_pairs = position(&|letter| !kept.contains(letter)) == summed;
        let matrix_view = |e: &mut Self,
                           array: Value,
                           letter_strides: &[Value],
                           leading: &[usize],
                           axes: [Option<usize>; 2]| {
            let ty = ArrayType { ndim: leading.len() as u8 + 2, layout: Layout::A, ..e.array_type(array) };
            let places = leading.iter().copied().map(Some).chain(axes);
            let (view_extents, view_strides): (Vec<Value>, Vec<Value>) = places
                .map(|place| place.map_or((one, zero), |idx| (extents[idx], letter_strides[idx])))
                .unzip();
            e.view_as(array, ty, &view_extents, &view_strides)
        };
        if only_pairs && summed.len() == 1 && rows.len() + columns.len() > 0 {
            // A product of matrices, one for each place along the other axes.
            let out_strides = self.strides(out);
            let [row, column] = [rows.last().copied(), columns.last().copied()];
            let leading: Vec<usize> = shared
                .iter()
                .chain(&rows[..rows.len().saturating_sub(1)])
                .chain(&columns[..columns.len().saturating_sub(1)])
                .copied()
                .collect();
            let x = matrix_view(self, a.0, &strides[0], &leading, [row, Some(summed[0])]);
            let y = matrix_view(self, b.0, &strides[1], &leading, [Some(summed[0]), column]);
            let target = matrix_view(self, out, &out_strides, &leading, [row, column]);
            let mut args = [x, y, target].map(|array| self.view_argument(array)).to_vec();
            args.push(self.b.bool(false));
            self.call_kernel("matrix_product", dtype, args, Type::none());
            return Ok(out);
        }
        let all_axes = |e: &mut Self, array: Value, letter_strides: &[Value]| {
            let ty = ArrayType { ndim: letters.len() as u8, layout: Layout::A, ..e.array_type(array) };
            e.view_as(array, ty, &extents, letter_strides)
        };
        let x = all_axes(self, a.0, &strides[0]);
        let y = all_axes(self, b.0, &strides[1]);
        let args = [x, y, out].map(|array| self.view_argument(array)).to_vec();
        self.call_kernel("sum_of_products", dtype, args, Type::none());
        Ok(out)
    }

    /// `a @ b`.
    pub(crate) fn matmul(&mut self, a: Value, b: Value) -> Emit {
        let are_vectors = [a, b].map(|array| self.array_type(array).ndim == 1);
        self.product_over(a, b, are_vectors, false)
    }

    /// `a @= b`.
    pub(crate) fn matmul_in_place(&mut self, a: Value, b: Value) -> Emit {
        self.check_writable(a)?;
        let product = self.matmul(a, b)?;
        let (from, ty) = (self.ty(product), self.array_type(a));
        let fits = from
            .as_array()
            .is_some_and(|from| from.ndim == ty.ndim && can_cast_same_kind(from.dtype, ty.dtype));
        if !fits {
            let message =
                format!("the product, {}, cannot be stored into {}", from.shown(), self.ty(a).shown());
            return self.error(Code::OperandTypes, message);
        }
        for (have, want) in self.extents(product).into_iter().zip(self.extents(a)) {
            let same = self.equal(have, want);
            self.raise_unless(
                same,
                "ValueError",
                "the product does not have the shape of the array it is stored into",
                &[],
            );
        }
        self.assign_array(a, product)?;
        Ok(a)
    }

    /// The product of one-dimensional arrays.
    pub(crate) fn inner(&mut self, a: Value, b: Value, conjugate: bool) -> Emit {
        let dtype = common_dtype(self, a, b);
        let [m, n] = [self.extent(a, 0), self.extent(b, 0)];
        let fits = self.equal(m, n);
        let message = "shapes ({},) and ({},) not aligned: {} (dim 0) != {} (dim 0)";
        self.raise_unless(fits, "ValueError", message, &[m, n, m, n]);
        let [a, b] = [converted(self, a, dtype)?, converted(self, b, dtype)?];
        let mut args = [a, b].map(|array| self.view_argument(array)).to_vec();
        args.push(self.b.bool(conjugate));
        Ok(self.call_kernel("inner_product", dtype, args, dtype))
    }

    /// The product of matrices over leading axes that broadcast. Vectors, one axis at the end, are rows on the left and
    /// columns on the right, and the axis of one element is left out of the result.
    fn product_over(&mut self, a: Value, b: Value, are_vectors: [bool; 2], conjugate: bool) -> Emit {
        let n_own = are_vectors.map(|is_vector| if is_vector { 1 } else { 2 });
        for (array, n_own) in [(a, n_own[0]), (b, n_own[1])] {
            if usize::from(self.array_type(array).ndim) < n_own {
                let message =
                    format!("{} does not have enough dimensions for this product", self.ty(array).shown());
                return self.error(Code::ArgumentType, message);
            }
        }
        let ndims = [a, b].map(|array| usize::from(self.array_type(array).ndim));
        if are_vectors == [true, true] && ndims == [1, 1] {
            return self.inner(a, b, conjugate);
        }
        let dtype = common_dtype(self, a, b);
        let inner = self.extent(a, ndims[0] - 1);
        let other = self.extent(b, ndims[1] - n_own[1]);
        let fits = self.equal(inner, other);
        let message = "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature \
                       (n?,k),(k,m?)->(n?,m?) (size {} is different from {})";
        self.raise_unless(fits, "ValueError", message, &[other, inner]);
        let [a, b] = [converted(self, a, dtype)?, converted(self, b, dtype)?];
        let leading = self.leading_axes(&[(a, n_own[0]), (b, n_own[1])])?;
        let a = self.broadcast_leading(a, n_own[0], &leading)?;
        let b = self.broadcast_leading(b, n_own[1], &leading)?;
        let n_leading = leading.len();
        let mut extents = leading;
        if !are_vectors[0] {
            extents.push(self.extent(a, n_leading));
        }
        if !are_vectors[1] {
            extents.push(self.extent(b, n_leading + 1));
        }
        let out = self.allocate_array(dtype, &extents, Layout::C, false)?;
        let x = if are_vectors[0] { self.with_single_axis(a, n_leading) } else { a };
        let y = if are_vectors[1] { self.with_single_axis(b, n_leading + 1) } else { b };
        let mut target = out;
        if are_vectors[1] {
            target = self.with_single_axis(target, extents.len());
        }
        if are_vectors[0] {
            target = self.with_single_axis(target, n_leading);
        }
        let mut args = [x, y, target].map(|array| self.view_argument(array)).to_vec();
        args.push(self.b.bool(conjugate));
        self.call_kernel("matrix_product", dtype, args, Type::none());
        Ok(self.scalar_of(out))
    }

    /// Sums of products along the last axis of `a` and an axis of `b`, for all other axes of both.
    pub(crate) fn dot_along(&mut self, a: Value, b: Value, axis: usize) -> Emit {
        let ndims = [a, b].map(|array| usize::from(self.array_type(array).ndim));
        if ndims == [1, 1] {
            return self.inner(a, b, false);
        }
        let [m, n] = [self.extent(a, ndims[0] - 1), self.extent(b, axis)];
        let fits = self.equal(m, n);
        let mut shapes = self.extents(a);
        shapes.extend(self.extents(b));
        shapes.extend([m, n]);
        let [from, to] = ndims.map(crate::arrays::assign::shape_placeholders);
        let message =
            format!("shapes {from} and {to} not aligned: {{}} (dim {}) != {{}} (dim {axis})", ndims[0] - 1);
        self.raise_unless(fits, "ValueError", &message, &shapes);
        let dtype = common_dtype(self, a, b);
        let [a, b] = [converted(self, a, dtype)?, converted(self, b, dtype)?];
        let (one, zero) = (self.b.int64(1), self.b.int64(0));
        let (mut a_axes, mut b_axes): (Vec<_>, Vec<_>) = {
            let (a_extents, a_strides) = (self.extents(a), self.strides(a));
            let (b_extents, b_strides) = (self.extents(b), self.strides(b));
            (a_extents.into_iter().zip(a_strides).collect(), b_extents.into_iter().zip(b_strides).collect())
        };
        let a_inner = a_axes.pop().expect("the array has axes");
        let b_inner = b_axes.remove(axis);
        let extents: Vec<Value> = a_axes.iter().chain(&b_axes).map(|(extent, _)| *extent).collect();
        let out = self.allocate_array(dtype, &extents, Layout::C, false)?;
        let mut out_axes: Vec<(Value, Value)> = extents.iter().copied().zip(self.strides(out)).collect();
        let mut out_of_b = out_axes.split_off(a_axes.len());
        // The last of the other axes of each are rows and columns; the rest are places of matrices.
        let single = (one, zero);
        let [row, out_row] = [a_axes.pop().unwrap_or(single), out_axes.pop().unwrap_or(single)];
        let [column, out_column] = [b_axes.pop().unwrap_or(single), out_of_b.pop().unwrap_or(single)];
        let repeated =
            |axes: &[(Value, Value)]| axes.iter().map(|(extent, _)| (*extent, zero)).collect::<Vec<_>>();
        let a_view = [&a_axes[..], &repeated(&b_axes), &[row, a_inner]].concat();
        let b_view = [&repeated(&a_axes)[..], &b_axes, &[b_inner, column]].concat();
        let out_view = [&out_axes[..], &out_of_b, &[out_row, out_column]].concat();
        let mut args = Vec::new();
        for (array, axes) in [(a, a_view), (b, b_view), (out, out_view)] {
            let (extents, strides): (Vec<Value>, Vec<Value>) = axes.into_iter().unzip();
            let ty = ArrayType { ndim: extents.len() as u8, layout: Layout::A, ..self.array_type(array) };
            let view = self.view_as(array, ty, &extents, &strides);
            args.push(self.view_argument(view));
        }
        args.push(self.b.bool(false));
        self.call_kernel("matrix_product", dtype, args, Type::none());
        Ok(out)
    }

    pub(crate) fn outer(&mut self, a: Value, b: Value) -> Emit {
        let [own, other] = [a, b].map(|array| self.array_type(array).dtype);
        let dtype = promote(own, other).unwrap_or(own);
        let [a, b] = [self.as_dtype(a, dtype)?, self.as_dtype(b, dtype)?];
        let args = vec![self.view_argument(a), self.view_argument(b)];
        Ok(self.call_kernel("outer_product", dtype, args, Type::array(dtype, 2, Layout::C)))
    }

    /// Sums of products along these axes, whose extents are known to agree.
    fn contract(&mut self, a: Value, b: Value, a_axes: &[usize], b_axes: &[usize]) -> Emit {
        let free = |e: &Self, array: Value, axes: &[usize]| -> Vec<usize> {
            (0..usize::from(e.array_type(array).ndim)).filter(|axis| !axes.contains(axis)).collect()
        };
        let (a_free, b_free) = (free(self, a, a_axes), free(self, b, b_axes));
        let a = self.with_axes(a, &[&a_free[..], a_axes].concat());
        let b = self.with_axes(b, &[b_axes, &b_free[..]].concat());
        let (a_extents, b_extents) = (self.extents(a), self.extents(b));
        let extents = [&a_extents[..a_free.len()], &b_extents[b_axes.len()..]].concat();
        let (m, k) = (self.product(&a_extents[..a_free.len()]), self.product(&a_extents[a_free.len()..]));
        let n = self.product(&b_extents[b_axes.len()..]);
        let a = self.as_matrix(a, [m, k])?;
        let b = self.as_matrix(b, [k, n])?;
        let product = self.matmul(a, b)?;
        let ty = ArrayType { ndim: extents.len() as u8, ..self.array_type(product) };
        Ok(self.view_as(product, ty, &extents, &[]))
    }

    /// The elements in C order as a matrix of this shape. An array with two axes stays as it is.
    pub(crate) fn as_matrix(&mut self, array: Value, shape: [Value; 2]) -> Emit {
        if self.array_type(array).ndim == 2 && self.extents(array) == shape {
            return Ok(array);
        }
        let array = self.contiguous(array, Layout::C)?;
        let ty = ArrayType { ndim: 2, ..self.array_type(array) };
        Ok(self.view_as(array, ty, &shape, &[]))
    }

    /// What the axes in front of the last so many of each array broadcast to.
    pub(crate) fn leading_axes(&mut self, arrays: &[(Value, usize)]) -> Emit<Vec<Value>> {
        let mut views = Vec::new();
        for (array, n_own) in arrays {
            let ty = self.array_type(*array);
            let n_leading = usize::from(ty.ndim) - n_own;
            if n_leading > 0 {
                let (extents, strides) = (self.extents(*array), self.strides(*array));
                let ty = ArrayType { ndim: n_leading as u8, layout: Layout::A, ..ty };
                views.push(self.view_as(*array, ty, &extents[..n_leading], &strides[..n_leading]));
            }
        }
        self.broadcast_extents(&views)
    }

    /// The array with these leading axes in front of its last `n_own`; they are known to fit.
    pub(crate) fn broadcast_leading(&mut self, array: Value, n_own: usize, leading: &[Value]) -> Emit {
        let ty = self.array_type(array);
        let n_leading = usize::from(ty.ndim) - n_own;
        let (extents, strides) = (self.extents(array), self.strides(array));
        if extents[..n_leading] == *leading {
            return Ok(array);
        }
        let (one, zero) = (self.b.int64(1), self.b.int64(0));
        let mut new_strides = vec![zero; leading.len() - n_leading];
        for axis in 0..n_leading {
            let single = self.equal(extents[axis], one);
            new_strides.push(self.b.select(single, zero, strides[axis]));
        }
        new_strides.extend_from_slice(&strides[n_leading..]);
        let new_extents = [leading, &extents[n_leading..]].concat();
        let ty = ArrayType { ndim: new_extents.len() as u8, layout: Layout::A, ..ty };
        Ok(self.view_as(array, ty, &new_extents, &new_strides))
    }

    /// A view with a new axis of one element.
    pub(crate) fn with_single_axis(&mut self, array: Value, axis: usize) -> Value {
        let ty = self.array_type(array);
        let (mut extents, mut strides) = (self.extents(array), self.strides(array));
        extents.insert(axis, self.b.int64(1));
        strides.insert(axis, self.b.int64(0));
        let layout = if ty.ndim == 0 { Layout::C } else { ty.layout };
        self.view_as(array, ArrayType { ndim: ty.ndim + 1, layout, ..ty }, &extents, &strides)
    }
}

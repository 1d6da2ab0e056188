//! Polynomials as arrays of coefficients, the highest power first: `np.polyval`, `np.polyadd`, `np.polyder` and their kin.

use super::promotion::promote;
use super::signals::computed_in;
use crate::arrays::creation::{array_like, number_argument};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_source::Code;
use rumba_types::{Layout, Type};

const A1: Param = Param::required("a1");
const A2: Param = Param::required("a2");
const P: Param = Param::required("p");
const M: Param = Param::optional("m", Default::Int(1));

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.polyval",
        params: &[Param::required("p"), Param::required("x")],
        doc: "The values of a polynomial, whose coefficients begin with that of the highest power.",
        rule: polyval,
    },
    Declaration {
        path: "numpy.polyadd",
        params: &[A1, A2],
        doc: "The sum of two polynomials.",
        rule: |e, call| of_two(e, call, "polyadd"),
    },
    Declaration {
        path: "numpy.polysub",
        params: &[A1, A2],
        doc: "The difference of two polynomials.",
        rule: |e, call| of_two(e, call, "polysub"),
    },
    Declaration {
        path: "numpy.polymul",
        params: &[A1, A2],
        doc: "The product of two polynomials, without leading zeros of the factors.",
        rule: |e, call| of_two(e, call, "polymul"),
    },
    Declaration {
        path: "numpy.polyder",
        params: &[P, M],
        doc: "The derivative of a polynomial of some order.",
        rule: |e, call| {
            let coefficients = coefficients(e, call, 0)?;
            let ty = e.array_type(coefficients).dtype;
            let order = e.as_index(call.args[1], "m")?;
            // Of order 0 it is the polynomial itself.
            let unchanged = e.ty(call.args[1]).as_literal_int() == Some(0);
            let dtype = if unchanged { ty } else { promote(ty, Type::int64()).unwrap_or(ty) };
            let computed = computed_in(dtype);
            let coefficients = e.as_dtype(coefficients, computed)?;
            let args = vec![e.view_argument(coefficients), order];
            let result = e.call_kernel("polyder", computed, args, Type::array(computed, 1, Layout::C));
            e.as_dtype(result, dtype)
        },
    },
    Declaration {
        path: "numpy.polyint",
        params: &[P, M, Param::optional("k", Default::None)],
        doc: "The integral of a polynomial of some order, with one number for all constants; none is 0.",
        rule: |e, call| {
            let coefficients = coefficients(e, call, 0)?;
            let ty = e.array_type(coefficients).dtype;
            let dtype = if ty.is_float() || ty.is_complex() { ty } else { Type::float64() };
            let dtype = promote(dtype, Type::float64()).unwrap_or(dtype);
            let order = e.as_index(call.args[1], "m")?;
            if e.ty(call.args[1]).as_literal_int() == Some(0) {
                return Ok(coefficients);
            }
            let constant = match e.ty(call.args[2]).is_none() {
                true => e.b.int64(0),
                false => number_argument(e, call, 2)?,
            };
            let constant = e.array_of_numbers(&[constant], &[1], dtype)?;
            let coefficients = e.as_dtype(coefficients, dtype)?;
            let args = vec![e.view_argument(coefficients), order, e.view_argument(constant)];
            Ok(e.call_kernel("polyint", dtype, args, Type::array(dtype, 1, Layout::C)))
        },
    },
];

/// An argument that is an array of one axis, or a number as one.
fn coefficients(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let array = array_like(e, call, idx)?;
    let array = e.at_least_1d(array)?;
    if e.array_type(array).ndim != 1 {
        return call.argument_error(idx, Code::ArgumentType, "the coefficients are an array of one axis");
    }
    Ok(array)
}

fn of_two(e: &mut Emitter<'_>, call: &Call, kernel: &str) -> Emit {
    let arrays = [coefficients(e, call, 0)?, coefficients(e, call, 1)?];
    let [first, second] = arrays.map(|array| e.array_type(array).dtype);
    let dtype = promote(first, second).unwrap_or(first);
    if dtype.is_bool() {
        return call.argument_error(0, Code::ArgumentType, "the coefficients are numbers, not bools");
    }
    let computed = computed_in(dtype);
    let mut args = Vec::with_capacity(2);
    for array in arrays {
        let array = e.as_dtype(array, computed)?;
        args.push(e.view_argument(array));
    }
    let result = e.call_kernel(kernel, computed, args, Type::array(computed, 1, Layout::C));
    e.as_dtype(result, dtype)
}

fn polyval(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let coefficients = array_like(e, call, 0)?;
    if e.array_type(coefficients).ndim != 1 {
        return call.argument_error(0, Code::ArgumentType, "the coefficients are an array of one axis");
    }
    let is_number = e.ty(call.args[1]).widen().is_number();
    let x = array_like(e, call, 1)?;
    let dtype = promote(e.array_type(coefficients).dtype, e.array_type(x).dtype);
    let dtype = dtype.unwrap_or(Type::float64());
    let computed = computed_in(dtype);
    let (coefficients, x) = (e.as_dtype(coefficients, computed)?, e.as_dtype(x, computed)?);
    let ndim = e.array_type(x).ndim;
    let args = vec![e.view_argument(coefficients), e.view_argument(x)];
    let result = e.call_kernel("polyval", computed, args, Type::array(computed, ndim, Layout::C));
    let result = e.as_dtype(result, dtype)?;
    Ok(if is_number { e.scalar_of(result) } else { result })
}

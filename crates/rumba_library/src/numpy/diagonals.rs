//! Diagonals and triangles: `np.diagonal`, `np.tril`, `np.triu_indices` and their kin.

use crate::arrays::creation::array_like;
use crate::arrays::reshaping::{array_argument, constant_axis};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type};

const SELF: Param = Param::required("self");
const A: Param = Param::required("a");
const N: Param = Param::required("n");
const ARR: Param = Param::required("arr");
const K: Param = Param::optional("k", Default::Int(0));
const OFFSET: Param = Param::optional("offset", Default::Int(0));
const AXIS1: Param = Param::optional("axis1", Default::Int(0));
const AXIS2: Param = Param::optional("axis2", Default::Int(1));

const DIAGONAL: &str = "A read-only view of a diagonal along two axes, which are constants.";

pub const DECLARATIONS: &[Declaration] = &[
    Declaration { path: "numpy.diagonal", params: &[A, OFFSET, AXIS1, AXIS2], doc: DIAGONAL, rule: diagonal },
    Declaration {
        path: "array.diagonal",
        params: &[SELF, OFFSET, AXIS1, AXIS2],
        doc: DIAGONAL,
        rule: diagonal,
    },
    Declaration {
        path: "numpy.fill_diagonal",
        params: &[A, Param::required("val"), Param::optional("wrap", Default::Bool(false))],
        doc: "Writes a number, or values in turn, to the diagonal of an array.",
        rule: |e, call| {
            let array = array_argument(e, call, 0)?;
            e.check_writable(array)?;
            let ty = e.array_type(array);
            if ty.ndim < 2 {
                return call.argument_error(0, Code::ArgumentType, "array must be at least 2-d");
            }
            let value = e.plain(call.args[1]);
            let value = if e.ty(value).is_number() { value } else { array_like(e, call, 1)? };
            let values = e.new_elements(array, value)?;
            let wrap = e.truth(call.args[2])?;
            let wrap = e.coerce(wrap, Type::bool())?;
            let args = vec![e.view_argument(array), values, wrap];
            Ok(e.call_kernel_by_size("fill_diagonal", ty.dtype, args, Type::none()))
        },
    },
    Declaration {
        path: "numpy.tril",
        params: &[Param::required("m"), K],
        doc: "A copy with zeros above a diagonal.",
        rule: |e, call| triangle(e, call, false),
    },
    Declaration {
        path: "numpy.triu",
        params: &[Param::required("m"), K],
        doc: "A copy with zeros below a diagonal.",
        rule: |e, call| triangle(e, call, true),
    },
    Declaration {
        path: "numpy.tril_indices",
        params: &[N, K, Param::optional("m", Default::None)],
        doc: "Positions of what is on or below a diagonal of a matrix.",
        rule: |e, call| indices(e, call, false),
    },
    Declaration {
        path: "numpy.triu_indices",
        params: &[N, K, Param::optional("m", Default::None)],
        doc: "Positions of what is on or above a diagonal of a matrix.",
        rule: |e, call| indices(e, call, true),
    },
    Declaration {
        path: "numpy.tril_indices_from",
        params: &[ARR, K],
        doc: "Positions of what is on or below a diagonal of an array of two axes.",
        rule: |e, call| indices_from(e, call, false),
    },
    Declaration {
        path: "numpy.triu_indices_from",
        params: &[ARR, K],
        doc: "Positions of what is on or above a diagonal of an array of two axes.",
        rule: |e, call| indices_from(e, call, true),
    },
    Declaration {
        path: "numpy.diag_indices",
        params: &[N, Param::optional("ndim", Default::Int(2))],
        doc: "Positions of the diagonal of an array with as many axes as a constant says.",
        rule: |e, call| {
            let n = e.as_index(call.args[0], "n")?;
            match e.ty(call.args[1]).as_literal_int().and_then(|ndim| usize::try_from(ndim).ok()) {
                Some(ndim) if ndim <= 32 => diagonal_indices(e, n, ndim),
                _ => call.argument_error(1, Code::ArgumentValue, "`ndim` is a small constant"),
            }
        },
    },
    Declaration {
        path: "numpy.diag_indices_from",
        params: &[ARR],
        doc: "Positions of the diagonal of an array whose axes are equally long.",
        rule: |e, call| {
            let array = array_argument(e, call, 0)?;
            let extents = e.extents(array);
            if extents.len() < 2 {
                return call.argument_error(0, Code::ArgumentType, "input array must be at least 2-d");
            }
            for extent in &extents[1..] {
                let equal = e.equal(*extent, extents[0]);
                e.raise_unless(equal, "ValueError", "All dimensions of input must be of equal length", &[]);
            }
            diagonal_indices(e, extents[0], extents.len())
        },
    },
];

fn diagonal(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    let ndim = usize::from(ty.ndim);
    if ndim < 2 {
        return call.argument_error(
            0,
            Code::ArgumentType,
            "diag requires an array of at least two dimensions",
        );
    }
    let offset = e.as_index(call.args[1], "the offset")?;
    let rows = constant_axis(e, call, 2, call.args[2], ndim)?;
    let columns = constant_axis(e, call, 3, call.args[3], ndim)?;
    if rows == columns {
        return call.argument_error(3, Code::ArgumentValue, "axis1 and axis2 cannot be the same");
    }
    Ok(diagonal_view(e, array, offset, [rows, columns]))
}

/// A read-only view of a diagonal along two axes.
pub(crate) fn diagonal_view(
    e: &mut Emitter<'_>,
    array: Value,
    offset: Value,
    [rows, columns]: [usize; 2],
) -> Value {
    let ty = e.array_type(array);
    let (mut extents, mut strides) = (e.extents(array), e.strides(array));
    let zero = e.b.int64(0);
    let (right, down) = (e.max(offset, zero), e.min(offset, zero));
    let n_rows = e.b.add(extents[rows], down);
    let n_columns = e.b.sub(extents[columns], right);
    let length = e.min(n_rows, n_columns);
    let length = e.max(length, zero);
    // An empty diagonal may begin outside: it must not move the address there.
    let across = e.b.mul(right, strides[columns]);
    let along = e.b.mul(down, strides[rows]);
    let distance = e.b.sub(across, along);
    let empty = e.is_zero(length);
    let distance = e.b.select(empty, zero, distance);
    let stride = e.b.add(strides[rows], strides[columns]);
    for axis in [rows.max(columns), rows.min(columns)] {
        extents.remove(axis);
        strides.remove(axis);
    }
    extents.push(length);
    strides.push(stride);
    let data = e.array_data(array);
    let data = e.b.offset(data, distance);
    let owner = e.array_owner(array);
    let view = ArrayType { ndim: ty.ndim - 1, layout: Layout::A, readonly: true, ..ty };
    e.make_array(view, data, owner, &extents, &strides)
}

fn triangle(e: &mut Emitter<'_>, call: &Call, upper: bool) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    let (mut extents, mut strides) = (e.extents(array), e.strides(array));
    match extents.len() {
        0 => return call.argument_error(0, Code::ArgumentType, "a number has no triangles"),
        1 => {
            // As NumPy: a square with the array in every row.
            extents.push(extents[0]);
            strides.insert(0, e.b.int64(0));
        }
        _ => {}
    }
    let data = e.array_data(array);
    let view = e.view_slots(data, ty.dtype, &extents, &strides);
    let args = vec![view, e.as_index(call.args[1], "k")?, e.b.bool(upper)];
    let result = Type::array(ty.dtype, extents.len() as u8, Layout::C);
    Ok(e.call_kernel_by_size("triangle", ty.dtype, args, result))
}

fn indices(e: &mut Emitter<'_>, call: &Call, upper: bool) -> Emit {
    let n_rows = e.as_index(call.args[0], "n")?;
    let n_columns = if e.ty(call.args[2]).is_none() { n_rows } else { e.as_index(call.args[2], "m")? };
    triangle_indices(e, call, [n_rows, n_columns], upper)
}

fn indices_from(e: &mut Emitter<'_>, call: &Call, upper: bool) -> Emit {
    let array = array_argument(e, call, 0)?;
    let extents = e.extents(array);
    let [n_rows, n_columns] = extents[..] else {
        return call.argument_error(0, Code::ArgumentType, "input array must be 2-d");
    };
    triangle_indices(e, call, [n_rows, n_columns], upper)
}

fn triangle_indices(e: &mut Emitter<'_>, call: &Call, [n_rows, n_columns]: [Value; 2], upper: bool) -> Emit {
    let args = vec![n_rows, n_columns, e.as_index(call.args[1], "k")?, e.b.bool(upper)];
    let positions = Type::array(Type::int64(), 1, Layout::C);
    Ok(e.call_kernel("triangle_indices", Type::int64(), args, Type::tuple(vec![positions; 2])))
}

fn diagonal_indices(e: &mut Emitter<'_>, n: Value, ndim: usize) -> Emit {
    let zero = e.b.int64(0);
    let one = e.b.int64(1);
    let n = e.max(n, zero);
    let positions = e.allocate_array(Type::int64(), &[n], Layout::C, false)?;
    e.fill_progression(positions, zero, one);
    Ok(e.tuple(vec![positions; ndim]))
}

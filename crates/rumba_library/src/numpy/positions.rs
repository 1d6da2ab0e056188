//! Positions in arrays: along all axes from those in C order and back, grids of them, and walks over them.

use super::selecting::{map_or_apply, mode_argument};
use crate::arrays::creation::{array_like, value_as_array};
use crate::arrays::reshaping::shape_argument;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, IteratorKind, Layout, Type};

const ORDER: Param = Param::optional("order", Default::Str("C"));

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.ravel_multi_index",
        params: &[
            Param::required("multi_index"),
            Param::required("dims"),
            Param::optional("mode", Default::Str("raise")),
            ORDER,
        ],
        doc: "Positions in C or Fortran order from positions along each axis, a tuple; with one mode for all axes.",
        rule: ravel_multi_index,
    },
    Declaration {
        path: "numpy.unravel_index",
        params: &[Param::required("indices"), Param::required("shape"), ORDER],
        doc: "Positions along each axis from positions in C or Fortran order.",
        rule: unravel_index,
    },
    Declaration {
        path: "numpy.ix_",
        params: &[Param::variadic("args")],
        doc: "Index arrays that select a grid: one for each axis, from positions or masks along it.",
        rule: grid,
    },
    Declaration {
        path: "numpy.ndindex",
        params: &[Param::variadic("shape")],
        doc: "The positions along each axis of all elements of an array of this shape, in C order, to loop over.",
        rule: |e, call| {
            let parts = e.tuple_elements(call.args[0]);
            let shape = match parts[..] {
                [single] => single,
                _ => call.args[0],
            };
            let extents = shape_argument(e, call, 0, shape)?;
            for extent in &extents {
                let negative = e.is_negative(*extent);
                e.raise_if(negative, "ValueError", "negative dimensions are not allowed", &[]);
            }
            Ok(e.positions_within(&extents))
        },
    },
    Declaration {
        path: "numpy.ndenumerate",
        params: &[Param::required("arr")],
        doc: "The positions along each axis and the element there, in C order, to loop over.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let extents = e.extents(array);
            let positions = e.positions_within(&extents);
            Ok(e.iterator(IteratorKind::Items, vec![array, positions]))
        },
    },
    Declaration {
        path: "numpy.nditer",
        params: &[Param::required("op")],
        doc: "Read-only views without axes of the elements of an array, or of those of a tuple of arrays that broadcast, to loop over in C order, or in Fortran order if all arrays have that.",
        rule: |e, call| {
            let is_tuple = e.ty(call.args[0]).as_tuple().is_some_and(|parts| !parts.is_empty());
            let parts = if is_tuple { e.tuple_elements(call.args[0]) } else { vec![call.args[0]] };
            let mut arrays = Vec::with_capacity(parts.len());
            for part in parts {
                arrays.push(value_as_array(e, call, 0, part)?);
            }
            let ndim = e.array_type(arrays[0]).ndim;
            let in_fortran_order = arrays.iter().all(|array| {
                let ty = e.array_type(*array);
                ty.layout == Layout::F && ty.ndim == ndim
            });
            if in_fortran_order {
                arrays.iter_mut().for_each(|array| *array = e.transposed(*array));
            }
            let extents = e.broadcast_extents(&arrays)?;
            let mut views = Vec::with_capacity(arrays.len());
            for array in arrays {
                let strides = e.strides_for(array, &extents, "")?;
                let ty = e.array_type(array);
                let view = ArrayType { ndim: extents.len() as u8, layout: Layout::A, readonly: true, ..ty };
                views.push(e.view_as(array, view, &extents, &strides));
            }
            let size = e.product(&extents);
            let is_empty = e.is_zero(size);
            e.raise_if(is_empty, "ValueError", "Iteration of zero-sized operands is not enabled", &[]);
            let positions = e.positions_within(&extents);
            let operands = if is_tuple { e.tuple(views) } else { views[0] };
            Ok(e.iterator(IteratorKind::Views, vec![operands, positions]))
        },
    },
];

/// Strides in elements of an array of these extents, in C or Fortran order.
fn strides_in_elements(e: &mut Emitter<'_>, call: &Call, idx: usize, extents: &[Value]) -> Emit<Vec<Value>> {
    let layout = match e.ty(call.args[idx]).as_literal_str() {
        Some("C") => Layout::C,
        Some("F") => Layout::F,
        _ => {
            let message = "`order` is one of the constants 'C' and 'F'";
            return call.argument_error(idx, Code::ArgumentValue, message);
        }
    };
    // Elements of one byte.
    Ok(e.contiguous_strides(extents, Type::bool(), layout))
}

/// Integers that are positions: arrays as they are, numbers as int64.
fn positions_operand(e: &mut Emitter<'_>, call: &Call, idx: usize, value: Value) -> Emit {
    let value = e.plain(value);
    let value = e.scalar_of(value);
    let dtype = e.ty(value).as_array().map_or(e.ty(value), |array| array.dtype);
    if dtype.is_int() || dtype.is_bool() {
        return Ok(value);
    }
    let message = format!("positions are integers, not {}", dtype.shown());
    call.argument_error(idx, Code::ArgumentType, message)
}

fn ravel_multi_index(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let extents = shape_argument(e, call, 1, call.args[1])?;
    let n_axes = extents.len();
    let mode = mode_argument(e, call, 2)?;
    let strides = strides_in_elements(e, call, 3, &extents)?;
    let given = e.plain(call.args[0]);
    let given = if e.ty(given).as_tuple().is_some() {
        e.tuple_elements(given)
    } else {
        let rows = array_like(e, call, 0)?;
        e.unpacked_rows(rows, n_axes)?
    };
    if given.len() != n_axes {
        let message = format!("parameter multi_index must be a sequence of length {n_axes}");
        return call.argument_error(0, Code::ArgumentValue, message);
    }
    let mut operands = Vec::new();
    for value in given {
        operands.push(positions_operand(e, call, 0, value)?);
    }
    operands.extend(extents);
    operands.extend(strides);
    map_or_apply(e, &operands, |e, elements| {
        let (positions, rest) = elements.split_at(n_axes);
        let (extents, strides) = rest.split_at(n_axes);
        let mut flat = e.b.int64(0);
        for ((position, extent), stride) in positions.iter().zip(extents).zip(strides) {
            let position = e.coerce(*position, Type::int64())?;
            let position = e.position_by_mode(position, *extent, mode, "invalid entry in coordinates array");
            let distance = e.b.mul(position, *stride);
            flat = e.b.add(flat, distance);
        }
        Ok(flat)
    })
}

fn unravel_index(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let extents = shape_argument(e, call, 1, call.args[1])?;
    let n_axes = extents.len();
    if n_axes == 0 {
        return call.argument_error(
            1,
            Code::ArgumentValue,
            "an array of dimension 0 has no positions along axes",
        );
    }
    let strides = strides_in_elements(e, call, 2, &extents)?;
    let indices = positions_operand(e, call, 0, call.args[0])?;
    let size = e.product(&extents);
    let mut operands = vec![indices, size];
    operands.extend(extents);
    operands.extend(strides);
    let result = map_or_apply(e, &operands, |e, elements| {
        let index = e.coerce(elements[0], Type::int64())?;
        let size = elements[1];
        let fits = e.index_in_bounds(index, size);
        let message = "index {} is out of bounds for array with size {}";
        e.raise_unless(fits, "ValueError", message, &[index, size]);
        let (extents, strides) = elements[2..].split_at(n_axes);
        let mut positions = Vec::new();
        for (extent, stride) in extents.iter().zip(strides) {
            // There is an element, so no extent is 0, nor is a stride.
            let above = e.b.binary(BinaryOp::TruncDiv, index, *stride);
            positions.push(e.b.binary(BinaryOp::TruncMod, above, *extent));
        }
        Ok(if n_axes == 1 { positions[0] } else { e.tuple(positions) })
    })?;
    Ok(if n_axes == 1 { e.tuple(vec![result]) } else { result })
}

fn grid(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let given = e.tuple_elements(call.args[0]);
    let n_axes = given.len();
    let mut arrays = Vec::new();
    for (axis, value) in given.into_iter().enumerate() {
        let value = positions_or_tuple(e, call, value)?;
        let ty = e.array_type(value);
        if !ty.dtype.is_int() && !ty.dtype.is_bool() {
            let message = format!("positions are integers, not {}", ty.dtype);
            return call.argument_error(0, Code::ArgumentType, message);
        }
        if ty.ndim != 1 {
            return call.argument_error(0, Code::ArgumentType, "Cross index must be 1 dimensional");
        }
        let positions = if ty.dtype.is_bool() { e.positions_of_nonzero(value)? } else { value };
        let ty = e.array_type(positions);
        let one = e.b.int64(1);
        let (mut extents, mut strides) = (vec![one; n_axes], vec![one; n_axes]);
        extents[axis] = e.extent(positions, 0);
        strides[axis] = e.strides(positions)[0];
        arrays.push(e.view_as(positions, ArrayType { ndim: n_axes as u8, ..ty }, &extents, &strides));
    }
    Ok(e.tuple(arrays))
}

fn positions_or_tuple(e: &mut Emitter<'_>, call: &Call, value: Value) -> Emit {
    // One argument of several, as if it were the only one.
    let single = Call { path: call.path, args: vec![value], spans: vec![call.spans[0]] };
    array_like(e, &single, 0)
}

impl Emitter<'_> {
    /// An iterator over all positions within extents, in C order.
    fn positions_within(&mut self, extents: &[Value]) -> Value {
        let remaining = self.product(extents);
        let extents = self.tuple(extents.to_vec());
        let zero = self.b.int64(0);
        let n_axes = self.ty(extents).as_tuple().map_or(0, <[Type]>::len);
        let positions = self.tuple(vec![zero; n_axes]);
        self.iterator(IteratorKind::Positions, vec![extents, positions, remaining])
    }

    /// The rows of an array that must have as many. Raises `ValueError`.
    fn unpacked_rows(&mut self, array: Value, n_rows: usize) -> Emit<Vec<Value>> {
        let rows = self.unpack(array, n_rows, 0, false)?;
        Ok(self.tuple_elements(rows))
    }

    /// A position as a mode has it: 0 raises `ValueError`, 1 wraps around, 2 clips.
    pub(crate) fn position_by_mode(
        &mut self,
        position: Value,
        extent: Value,
        mode: i64,
        message: &str,
    ) -> Value {
        match mode {
            0 => {
                let fits = self.index_in_bounds(position, extent);
                self.raise_unless(fits, "ValueError", message, &[]);
                position
            }
            1 => {
                let rest = self.b.binary(BinaryOp::TruncMod, position, extent);
                let negative = self.is_negative(rest);
                let from_end = self.b.add(rest, extent);
                self.b.select(negative, from_end, rest)
            }
            _ => {
                let (zero, one) = (self.b.int64(0), self.b.int64(1));
                let last = self.b.sub(extent, one);
                let not_above = self.min(position, last);
                self.max(not_above, zero)
            }
        }
    }
}

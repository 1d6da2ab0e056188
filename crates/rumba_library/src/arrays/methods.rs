//! Methods of arrays that copy, convert, fill or take elements.

use super::creation::{Order, as_np_record, order_argument};
use super::reshaping::constant_bool;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::numpy::dtypes::{alignment, dtype_argument};
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type, TypeKind};

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "array.copy",
        params: &[Param::required("self"), Param::optional("order", Default::Str("C"))],
        doc: "A copy in C order, or in the order given.",
        rule: |e, call| {
            let order = order_argument(e, call, 1)?;
            let layout = order.layout(Some(e.array_type(call.args[0])));
            e.copy_array(call.args[0], layout)
        },
    },
    Declaration {
        path: "array.astype",
        params: &[
            Param::required("self"),
            Param::required("dtype"),
            Param::optional("order", Default::Str("K")),
            Param::optional("casting", Default::Str("unsafe")),
            Param::optional("subok", Default::Bool(true)),
            Param::optional("copy", Default::Bool(true)),
        ],
        doc: "The elements as another dtype. Order 'K' keeps order C or F and makes any other order C.",
        rule: astype,
    },
    Declaration {
        path: "numpy.astype",
        params: &[
            Param::required("x").positional_only(),
            Param::required("dtype").positional_only(),
            Param::optional("copy", Default::Bool(true)).keyword_only(),
            Param::optional("device", Default::None).keyword_only(),
        ],
        doc: "The elements as another dtype.",
        rule: |e, call| {
            let array = super::reshaping::array_argument(e, call, 0)?;
            let dtype = dtype_argument(e, call, 1)?;
            let ty = e.array_type(array);
            if !constant_bool(e, call, 2, "copy")? && ty.dtype == dtype {
                return Ok(array);
            }
            e.cast_array(array, dtype, Order::Keep.layout(Some(ty)))
        },
    },
    Declaration {
        path: "array.tolist",
        params: &[Param::required("self")],
        doc: "The elements as numbers of Python in a list, or in nested lists.",
        rule: |e, call| e.nested_list(call.args[0], &[]),
    },
    Declaration {
        path: "array.fill",
        params: &[Param::required("self"), Param::required("value")],
        doc: "Sets every element to a number.",
        rule: fill,
    },
    Declaration {
        path: "array.item",
        params: &[Param::required("self"), Param::variadic("args")],
        doc: "An element as a number: the only one, the one at a position in C order, or at an index.",
        rule: item,
    },
    Declaration {
        path: "array.view",
        params: &[Param::required("self"), Param::optional("dtype", Default::None)],
        doc: "The same memory as elements of another dtype; of another size only where the last axis is contiguous; records as `np.recarray`.",
        rule: view,
    },
    Declaration {
        path: "array.conj",
        params: &[Param::required("self")],
        doc: "The complex conjugates; the array itself if its elements are real.",
        rule: conjugate,
    },
    Declaration {
        path: "array.conjugate",
        params: &[Param::required("self")],
        doc: "The complex conjugates; the array itself if its elements are real.",
        rule: conjugate,
    },
];

/// Methods and attributes of NumPy's arrays that compiled code does not have yet.
const NOT_YET: &[&str] = &[
    "base",
    "byteswap",
    "data",
    "device",
    "dump",
    "dumps",
    "getfield",
    "resize",
    "setfield",
    "setflags",
    "tobytes",
    "tofile",
    "to_device",
];

/// Whether NumPy's arrays have an attribute of this name.
pub(crate) fn is_numpy_attribute(name: &str) -> bool {
    NOT_YET.contains(&name)
}

impl Emitter<'_> {
    /// What stands behind these positions, one for each of the first axes: a number, a list of numbers, or a list of lists.
    fn nested_list(&mut self, array: Value, positions: &[Value]) -> Emit {
        let ty = self.array_type(array);
        let n_lists = usize::from(ty.ndim) - positions.len();
        if n_lists == 0 {
            let element = self.load_element(array, positions);
            return self.coerce(element, as_python(ty.dtype));
        }
        let item = (1..n_lists).fold(as_python(ty.dtype), |item, _| Type::list(item));
        let length = self.extent(array, positions.len());
        let list = self.new_list(item, length);
        self.counted_loop(length, &[], |e, position, _| {
            let mut positions = positions.to_vec();
            positions.push(position);
            let item = e.nested_list(array, &positions)?;
            e.list_append(list, item)?;
            Ok(vec![])
        })?;
        Ok(list)
    }
}

/// The type of the Python number that an element becomes.
fn as_python(dtype: Type) -> Type {
    match dtype {
        dtype if dtype == Type::uint64() || dtype.is_bool() => dtype,
        dtype if dtype.is_int() => Type::int64(),
        dtype if dtype.is_float() => Type::float64(),
        dtype if dtype.is_complex() => Type::complex128(),
        dtype => dtype,
    }
}

fn astype(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = call.args[0];
    let ty = e.array_type(array);
    let dtype = dtype_argument(e, call, 1)?;
    let order = order_argument(e, call, 2)?;
    if e.ty(call.args[3]).as_literal_str() != Some("unsafe") {
        return call.argument_error(3, Code::ArgumentValue, "only casting 'unsafe' is supported");
    }
    let layout = order.layout(Some(ty));
    let fits = ty.layout == layout || order == Order::Keep;
    if !constant_bool(e, call, 5, "copy")? && ty.dtype == dtype && fits {
        return Ok(array);
    }
    e.cast_array(array, dtype, layout)
}

fn fill(e: &mut Emitter<'_>, call: &Call) -> Emit {
    if e.array_type(call.args[0]).readonly {
        return call.argument_error(0, Code::ReadOnly, "the array is read-only");
    }
    if !e.array_type(call.args[0]).dtype.is_number() {
        e.assign_array(call.args[0], call.args[1])?;
        return Ok(e.b.none());
    }
    let value = e.scalar_of(call.args[1]);
    let value = e.plain(value);
    if !e.ty(value).is_number() {
        let message = format!("an array is filled with a number, not {}", e.ty(value).shown());
        return call.argument_error(1, Code::ArgumentType, message);
    }
    e.fill_array(call.args[0], value)?;
    Ok(e.b.none())
}

fn item(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = call.args[0];
    let ty = e.array_type(array);
    let parts = e.tuple_elements(call.args[1]);
    match parts[..] {
        [] => {
            let size = e.array_size(array);
            let one = e.b.int64(1);
            let single = e.equal(size, one);
            e.raise_unless(
                single,
                "ValueError",
                "can only convert an array of size 1 to a Python scalar",
                &[],
            );
            let data = e.array_data(array);
            let element = e.element_at(array, data);
            plain_item(e, element)
        }
        [position] if ty.ndim != 1 && e.ty(position).as_tuple().is_none() => {
            let position = e.as_index(position, "the position of item()")?;
            let size = e.array_size(array);
            let wrapped = e.wrap_index(position, size);
            let fine = e.index_in_bounds(wrapped, size);
            e.raise_unless(fine, "IndexError", "index {} is out of bounds for size {}", &[position, size]);
            let positions = e.positions_in_c_order(array, wrapped);
            let element = e.load_element(array, &positions);
            plain_item(e, element)
        }
        [index] if e.ty(index).as_tuple().is_some() => element_at(e, call, array, index),
        _ => element_at(e, call, array, call.args[1]),
    }
}

fn element_at(e: &mut Emitter<'_>, call: &Call, array: Value, index: Value) -> Emit {
    let n_given = e.ty(index).as_tuple().map_or(0, <[Type]>::len);
    if n_given != usize::from(e.array_type(array).ndim) {
        return call.argument_error(1, Code::ArgumentCount, "item() needs one index per axis");
    }
    let element = e.array_item(array, index)?;
    plain_item(e, element)
}

/// An element as Python's own: a record as a tuple.
fn plain_item(e: &mut Emitter<'_>, element: Value) -> Emit {
    if e.ty(element).as_record().is_some() { e.record_as_tuple(element) } else { Ok(element) }
}

fn conjugate(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = call.args[0];
    let ty = e.array_type(array);
    if !ty.dtype.is_complex() {
        return Ok(array);
    }
    let layout = Order::Keep.layout(Some(ty));
    let extents = e.extents(array);
    let result = e.allocate_array(ty.dtype, &extents, layout, false)?;
    e.for_each_position(&extents, &[], |e, positions, _| {
        let element = e.load_element(array, positions);
        let element = e.conjugate_number(element);
        e.store_element(result, positions, element)?;
        Ok(vec![])
    })?;
    Ok(result)
}

fn view(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = call.args[0];
    if e.ty(call.args[1]).is_none() {
        return Ok(array);
    }
    let ty = e.array_type(array);
    let dtype = match as_np_record(ty.dtype) {
        Some(dtype) if is_recarray(e.ty(call.args[1])) => dtype,
        _ => dtype_argument(e, call, 1)?,
    };
    let (old_size, new_size) = (ty.dtype.item_size() as i64, dtype.item_size() as i64);
    let aligned = ty.aligned && alignment(dtype) <= alignment(ty.dtype);
    let mut extents = e.extents(array);
    let mut strides = e.strides(array);
    if old_size == new_size {
        return Ok(e.view_as(array, ArrayType { dtype, aligned, ..ty }, &extents, &strides));
    }
    let Some(last) = extents.len().checked_sub(1) else {
        let message =
            "changing the dtype of an array without axes is only supported if the item size is unchanged";
        return call.argument_error(1, Code::ArgumentValue, message);
    };
    let layout = if ty.ndim > 1 && ty.layout == Layout::F { Layout::A } else { ty.layout };
    if layout == Layout::A {
        let old = e.b.int64(old_size);
        let one = e.b.int64(1);
        let adjacent = e.equal(strides[last], old);
        let single = e.equal(extents[last], one);
        let fine = e.b.or(adjacent, single);
        let message = "To change to a dtype of a different size, the last axis must be contiguous";
        e.raise_unless(fine, "ValueError", message, &[]);
    }
    if new_size < old_size {
        let ratio = e.b.int64(old_size / new_size);
        extents[last] = e.b.mul(extents[last], ratio);
    } else {
        let ratio = e.b.int64(new_size / old_size);
        let remainder = e.b.binary(BinaryOp::TruncMod, extents[last], ratio);
        let whole = e.is_zero(remainder);
        let message = "When changing to a larger dtype, its size must be a divisor of the total size in bytes \
                       of the last axis of the array.";
        e.raise_unless(whole, "ValueError", message, &[]);
        extents[last] = e.b.binary(BinaryOp::TruncDiv, extents[last], ratio);
    }
    strides[last] = e.b.int64(new_size);
    Ok(e.view_as(array, ArrayType { dtype, aligned, layout, ..ty }, &extents, &strides))
}

/// Whether a value is the class `np.recarray`.
fn is_recarray(ty: Type) -> bool {
    [Type::library_function("numpy.rec.recarray"), Type::library_function("numpy.recarray")].contains(&ty)
}

impl Emitter<'_> {
    /// The positions along each axis of the element that is at `position` in C order.
    pub(crate) fn positions_in_c_order(&mut self, array: Value, position: Value) -> Vec<Value> {
        let extents = self.extents(array);
        let mut positions = vec![position; extents.len()];
        let mut rest = self.b.convert(position, Type::uint64());
        for axis in (1..extents.len()).rev() {
            // The array has an element, so no extent is 0.
            let extent = self.b.convert(extents[axis], Type::uint64());
            let inner = self.b.binary(BinaryOp::TruncMod, rest, extent);
            rest = self.b.binary(BinaryOp::TruncDiv, rest, extent);
            positions[axis] = self.b.convert(inner, Type::int64());
        }
        if let Some(first) = positions.first_mut() {
            *first = self.b.convert(rest, Type::int64());
        }
        positions
    }

    pub(crate) fn is_array(&self, value: Value) -> bool {
        matches!(self.ty(value).kind(), TypeKind::Array(_))
    }
}

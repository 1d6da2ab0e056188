//! Arrays of the memory of something else: `np.frombuffer`.

use super::dtypes::dtype_argument;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::BinaryOp;
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type};

pub const DECLARATIONS: &[Declaration] = &[Declaration {
    path: "numpy.frombuffer",
    params: &[
        Param::required("buffer"),
        Param::optional("dtype", Default::Absent),
        Param::optional("count", Default::Int(-1)),
        Param::optional("offset", Default::Int(0)),
    ],
    doc: "The elements that are in `bytes`, as an array that cannot be written.",
    rule: from_buffer,
}];

fn from_buffer(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let bytes = e.plain_value(call.args[0]);
    if e.ty(bytes) != Type::bytes() {
        let message = format!("frombuffer() takes bytes, not {}", e.ty(bytes).shown());
        return call.argument_error(0, Code::ArgumentType, message);
    }
    let dtype = match e.ty(call.args[1]) == Type::undefined() {
        true => Type::float64(),
        false => dtype_argument(e, call, 1)?,
    };
    let count = e.as_index(call.args[2], "count")?;
    let offset = e.as_index(call.args[3], "offset")?;
    let (data, owner, length) = (e.b.field(bytes, 0), e.b.field(bytes, 1), e.text_length(bytes));
    let item_size = e.b.int64(dtype.item_size() as i64);

    let one = e.b.int64(1);
    let end = e.b.add(length, one);
    let fine = e.index_in_bounds(offset, end);
    let message = "offset must be non-negative and no greater than buffer length ({})";
    e.raise_unless(fine, "ValueError", message, &[length]);
    let n_bytes = e.b.sub(length, offset);
    let fits = e.b.binary(BinaryOp::TruncDiv, n_bytes, item_size);
    let takes_all = e.is_negative(count);
    let rest = e.b.binary(BinaryOp::TruncMod, n_bytes, item_size);
    let is_whole = e.is_zero(rest);
    let not_all = e.b.not(takes_all);
    let fine = e.b.or(not_all, is_whole);
    e.raise_unless(fine, "ValueError", "buffer size must be a multiple of element size", &[]);
    let too_many = e.less(fits, count);
    e.raise_if(too_many, "ValueError", "buffer is smaller than requested size", &[]);
    let n = e.b.select(takes_all, fits, count);
    let ty = ArrayType { dtype, ndim: 1, layout: Layout::C, readonly: true, aligned: dtype.item_size() == 1 };
    let data = e.b.offset(data, offset);
    Ok(e.make_array(ty, data, owner, &[n], &[item_size]))
}

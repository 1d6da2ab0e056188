//! Bits as elements, and memory that arrays share: `np.packbits`, `np.unpackbits`, `np.shares_memory`.

use super::sorting::array_and_axis;
use crate::arrays::creation::array_like;
use crate::arrays::reshaping::array_argument;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::{CompareOp, Value};
use rumba_source::Code;
use rumba_types::{Layout, Type};

const A: Param = Param::required("a").positional_only();
const B: Param = Param::required("b").positional_only();
const AXIS: Param = Param::optional("axis", Default::None);
const BITORDER: Param = Param::optional("bitorder", Default::Str("big"));
const MAX_WORK: Param = Param::optional("max_work", Default::None);

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.packbits",
        params: &[A, AXIS, BITORDER],
        doc: "Eight elements of bools or integers, which are true or not, as the bits of one uint8.",
        rule: |e, call| {
            let little = bit_order(e, call, 2)?;
            let array = array_like(e, call, 0)?;
            let dtype = e.array_type(array).dtype;
            if !dtype.is_bool() && !dtype.is_int() {
                let message = "Expected an input array of integer or boolean data type";
                return call.argument_error(0, Code::ArgumentType, message);
            }
            let array = e.as_dtype(array, Type::bool())?;
            pack(e, call, "pack_bits", array, Vec::new(), little)
        },
    },
    Declaration {
        path: "numpy.unpackbits",
        params: &[A, AXIS, Param::optional("count", Default::None), BITORDER],
        doc: "The bits of uint8 elements as elements, as many as `count` says.",
        rule: |e, call| {
            let little = bit_order(e, call, 3)?;
            let array = array_like(e, call, 0)?;
            if e.array_type(array).dtype != Type::uint8() {
                return call.argument_error(
                    0,
                    Code::ArgumentType,
                    "Expected an input array of unsigned byte data type",
                );
            }
            let count = match e.ty(call.args[2]).is_none() {
                true => e.b.address(0),
                false => {
                    let count = e.as_index(call.args[2], "count")?;
                    e.integers_argument(&[count])
                }
            };
            pack(e, call, "unpack_bits", array, vec![count], little)
        },
    },
    Declaration {
        path: "numpy.may_share_memory",
        params: &[A, B, MAX_WORK],
        doc: "Whether the bounds of the memory of two arrays overlap.",
        rule: |e, call| {
            let arrays = [array_argument(e, call, 0)?, array_argument(e, call, 1)?];
            Ok(e.bounds_overlap(arrays))
        },
    },
    Declaration {
        path: "numpy.shares_memory",
        params: &[A, B, MAX_WORK],
        doc: "Whether two arrays have a byte of memory in common.",
        rule: |e, call| {
            let arrays = [array_argument(e, call, 0)?, array_argument(e, call, 1)?];
            let overlap = e.bounds_overlap(arrays);
            e.if_else(
                overlap,
                |e| {
                    let sizes = arrays.map(|array| e.b.int64(e.array_type(array).dtype.item_size() as i64));
                    let mut args = arrays.map(|array| e.view_argument(array)).to_vec();
                    args.push(e.integers_argument(&sizes));
                    Ok(e.call_kernel("shares_memory", Type::uint8(), args, Type::bool()))
                },
                |e| Ok(e.b.bool(false)),
            )
        },
    },
];

/// Whether the first bit of a byte is the lowest one.
fn bit_order(e: &Emitter<'_>, call: &Call, idx: usize) -> Emit<bool> {
    match e.ty(call.args[idx]).as_literal_str() {
        Some("big") => Ok(false),
        Some("little") => Ok(true),
        _ => {
            let message = "`bitorder` is one of the constants 'big' and 'little'";
            call.argument_error(idx, Code::ArgumentValue, message)
        }
    }
}

fn pack(
    e: &mut Emitter<'_>,
    call: &Call,
    kernel: &str,
    array: Value,
    more: Vec<Value>,
    little: bool,
) -> Emit {
    let array = if e.array_type(array).ndim == 0 { e.at_least_1d(array)? } else { array };
    let (array, axis) = array_and_axis(e, call, array, 1)?;
    let mut args = vec![e.view_argument(array), axis];
    args.extend(more);
    args.push(e.b.bool(little));
    let ndim = e.array_type(array).ndim;
    Ok(e.call_kernel(kernel, Type::uint8(), args, Type::array(Type::uint8(), ndim, Layout::C)))
}

impl Emitter<'_> {
    /// Whether the memory between the lowest and the highest address of one array overlaps that of the other.
    fn bounds_overlap(&mut self, arrays: [Value; 2]) -> Value {
        let zero = self.b.int64(0);
        let one = self.b.int64(1);
        let mut bounds = Vec::new();
        let mut any_empty = self.b.bool(false);
        for array in arrays {
            let data = self.array_data(array);
            let data = self.b.reinterpret(data, Type::int64());
            let (extents, strides) = (self.extents(array), self.strides(array));
            let (mut low, mut high) = (data, data);
            for (extent, stride) in extents.iter().zip(&strides) {
                let last = self.b.sub(*extent, one);
                let distance = self.b.mul(last, *stride);
                let down = self.min(distance, zero);
                let up = self.max(distance, zero);
                low = self.b.add(low, down);
                high = self.b.add(high, up);
            }
            let size = self.b.int64(self.array_type(array).dtype.item_size() as i64);
            bounds.push([low, self.b.add(high, size)]);
            let n_elements = self.product(&extents);
            let is_empty = self.is_zero(n_elements);
            any_empty = self.b.or(any_empty, is_empty);
        }
        let first = self.b.compare(CompareOp::Lt, bounds[0][0], bounds[1][1]);
        let second = self.b.compare(CompareOp::Lt, bounds[1][0], bounds[0][1]);
        let both = self.b.and(first, second);
        let some = self.b.not(any_empty);
        self.b.and(both, some)
    }
}

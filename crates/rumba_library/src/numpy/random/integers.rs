//! `Generator.integers` and `np.random.randint`.

use super::{SELF, SIZE, bits, dtype_or, optional_extents, parameter, position, size_argument};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::{Access, Value};
use rumba_source::Code;
use rumba_types::{Layout, Type};

const LOW: Param = Param::required("low");
const HIGH: Param = Param::optional("high", Default::None);
const DTYPE: Param = Param::optional("dtype", Default::Absent);

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "generator.integers",
        params: &[SELF, LOW, HIGH, SIZE, DTYPE, Param::optional("endpoint", Default::Bool(false))],
        doc: "Integers of any dtype between bounds, which are integers; of int64 unless a dtype is given.",
        rule: integers,
    },
    Declaration {
        path: "numpy.random.randint",
        params: &[LOW, HIGH, SIZE, DTYPE],
        doc: "Integers of any dtype between bounds, which are integers; of int64 unless a dtype is given.",
        rule: integers,
    },
    Declaration {
        path: "generator.bytes",
        params: &[SELF, Param::required("length")],
        doc: "So many random bytes.",
        rule: bytes,
    },
    Declaration {
        path: "numpy.random.bytes",
        params: &[Param::required("length")],
        doc: "So many random bytes.",
        rule: bytes,
    },
];

fn bytes(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let length = e.as_index(call.args[position(call, "length")], "length")?;
    let args = vec![bits(e, call), length];
    Ok(e.call_raising("random_bytes", args, Type::bytes()))
}

fn integers(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let dtype = dtype_or(e, call, Type::int64(), |dtype| dtype.is_int() || dtype.is_bool())?;
    let endpoint = match call.position("endpoint") {
        Some(idx) => {
            let endpoint = e.plain(call.args[idx]);
            if !e.ty(endpoint).is_bool() {
                return call.argument_error(idx, Code::ArgumentType, "`endpoint` is a bool");
            }
            endpoint
        }
        None => e.b.bool(false),
    };
    let (low, high) = (position(call, "low"), position(call, "high"));
    let [low, high] = if e.ty(call.args[high]).is_none() {
        [Bound { value: e.b.int64(0), is_unsigned: false }, bound(e, call, low)?]
    } else {
        [bound(e, call, low)?, bound(e, call, high)?]
    };
    let size = size_argument(e, call)?;
    let ranks = [low.value, high.value].map(|value| e.ty(value).as_array().map(|array| array.ndim));
    let ndim = ranks.into_iter().flatten().max();
    let bits = bits(e, call);
    let unsigned = [low.is_unsigned, high.is_unsigned].map(|is_unsigned| e.b.bool(is_unsigned));
    if size.is_none() && ndim.is_none() {
        let args = vec![bits, low.value, unsigned[0], high.value, unsigned[1], endpoint];
        return Ok(e.call_kernel("random_integer", dtype, args, dtype));
    }
    let views = [low.view(e)?, high.view(e)?];
    let extents = optional_extents(e, size.as_deref());
    let args = vec![bits, views[0], unsigned[0], views[1], unsigned[1], endpoint, extents];
    let ndim = size.map_or(ndim.unwrap_or(0), |size| size.len() as u8);
    Ok(e.call_kernel("random_integers", dtype, args, Type::array(dtype, ndim, Layout::C)))
}

/// A bound: the 64 bits of an int, or an array.
struct Bound {
    value: Value,
    is_unsigned: bool,
}

fn bound(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit<Bound> {
    let given = e.plain(call.args[idx]);
    let given = e.scalar_of(given);
    if e.ty(given) == Type::uint64() {
        return Ok(Bound { value: e.b.reinterpret(given, Type::int64()), is_unsigned: true });
    }
    let value = parameter(e, call, idx, Type::int64())?;
    let is_unsigned = e.ty(value).as_array().is_some_and(|array| array.dtype == Type::uint64());
    Ok(Bound { value, is_unsigned })
}

impl Bound {
    fn view(&self, e: &mut Emitter<'_>) -> Emit {
        match e.ty(self.value).as_array() {
            Some(array) if array.dtype == Type::uint64() => Ok(e.view_argument(self.value)),
            Some(_) => e.elements_argument(self.value, Type::int64()),
            None => {
                let data = e.b.stack_memory(8);
                e.b.store(data, self.value, Access::aligned(true));
                Ok(e.view_slots(data, Type::int64(), &[], &[]))
            }
        }
    }
}

//! Random numbers of NumPy: methods of `np.random.Generator`, and the functions of `np.random`.
//!
//! Both are declared side by side, because their rules are the same: what differs is where the bits come from, a generator
//! or the thread's stream, and which algorithms of the runtime draw with them (`rumba_runtime::kernels::random`).

pub mod distributions;
pub mod integers;
pub mod making;
pub mod multivariate;
pub mod permutations;

use crate::arrays::creation::array_like;
use crate::arrays::reshaping::{array_argument, shape_argument};
use crate::declaration::{Call, Default, Param};
use crate::numpy::dtypes::named_by;
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Layout, Type};

const SELF: Param = Param::required("self");
const SIZE: Param = Param::optional("size", Default::None);

/// Whether the call is of a generator's method, rather than of a function of `np.random`.
fn is_method(call: &Call) -> bool {
    call.path.starts_with("generator.")
}

/// `generator` or `legacy`: how functions of the runtime are called that draw by different algorithms.
fn family(call: &Call) -> &'static str {
    if is_method(call) { "generator" } else { "legacy" }
}

/// The bit generator to draw from; a null address for the thread's stream.
fn bits(e: &mut Emitter<'_>, call: &Call) -> Value {
    if is_method(call) { e.b.field(call.args[0], 0) } else { e.b.address(0) }
}

/// The position of a parameter that the function has.
fn position(call: &Call, name: &str) -> usize {
    call.position(name).unwrap_or_else(|| panic!("{} has a parameter `{name}`", call.path))
}

/// The extents that `size` asks for.
fn size_argument(e: &mut Emitter<'_>, call: &Call) -> Emit<Option<Vec<Value>>> {
    let idx = position(call, "size");
    if e.ty(call.args[idx]).is_none() {
        Ok(None)
    } else {
        shape_argument(e, call, idx, call.args[idx]).map(Some)
    }
}

/// Extents as a kernel takes them that may get none.
fn optional_extents(e: &mut Emitter<'_>, extents: Option<&[Value]>) -> Value {
    match extents {
        Some(extents) => e.integers_argument(extents),
        None => e.b.address(0),
    }
}

/// A parameter of a distribution: a number of this dtype, or an array.
fn parameter(e: &mut Emitter<'_>, call: &Call, idx: usize, dtype: Type) -> Emit {
    let value = e.plain(call.args[idx]);
    let value = e.scalar_of(value);
    let is_number = e.ty(value).is_number();
    let value = if is_number { value } else { array_like(e, call, idx)? };
    let from = e.ty(value).as_array().map_or(e.ty(value), |array| array.dtype);
    let fits = if dtype.is_int() { from.is_int() || from.is_bool() } else { !from.is_complex() };
    if !fits {
        let wanted = if dtype.is_int() { "an integer" } else { "a real number" };
        let message = format!("expected {wanted}, not {}", from.shown());
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    if is_number { e.coerce(value, dtype) } else { Ok(value) }
}

/// The dtype that an argument names, or the usual one.
fn dtype_or(e: &Emitter<'_>, call: &Call, usual: Type, allowed: fn(Type) -> bool) -> Emit<Type> {
    let idx = position(call, "dtype");
    let ty = e.ty(call.args[idx]);
    let dtype = if ty == Type::undefined() { Some(usual) } else { named_by(ty) };
    match dtype {
        Some(dtype) if allowed(dtype) => Ok(dtype),
        Some(dtype) => call.argument_error(
            idx,
            Code::ArgumentType,
            format!("unsupported dtype {dtype} for {}", call.short_name()),
        ),
        None => call.argument_error(idx, Code::ArgumentType, format!("{} is not a dtype", ty.shown())),
    }
}

/// `out`, which NumPy demands to be contiguous and of the dtype of the numbers, as a C-ordered view.
fn out_argument(e: &mut Emitter<'_>, call: &Call, dtype: Type, fortran: bool) -> Emit<Option<Value>> {
    let Some(idx) = call.position("out").filter(|idx| !e.ty(call.args[*idx]).is_none()) else {
        return Ok(None);
    };
    let out = array_argument(e, call, idx)?;
    let ty = e.array_type(out);
    if ty.readonly {
        return call.argument_error(idx, Code::ReadOnly, "the array is read-only");
    }
    if ty.dtype != dtype {
        let message = format!("`out` is an array of {dtype}, not of {}", ty.dtype);
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    if !ty.aligned || ty.layout == Layout::A || ty.layout == Layout::F && !fortran {
        return call.argument_error(idx, Code::ArgumentType, "`out` must be contiguous and aligned");
    }
    if let Some(size) = size_argument(e, call)? {
        let own = e.extents(out);
        if own.len() != size.len() {
            return call.argument_error(idx, Code::ArgumentType, "`size` must match the shape of `out`");
        }
        let mut fits = e.b.bool(true);
        for (own, wanted) in own.into_iter().zip(size) {
            let same = e.equal(own, wanted);
            fits = e.b.and(fits, same);
        }
        e.raise_unless(fits, "ValueError", "size must match out.shape when used together", &[]);
    }
    Ok(Some(out))
}

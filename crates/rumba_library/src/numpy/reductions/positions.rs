//! `argmax` and `argmin`.

use super::request::{Axes, Request};
use crate::declaration::Call;
use crate::kernels::block_reduction;
use crate::{Emit, Emitter};
use rumba_ir::{Access, Value};
use rumba_source::Code;
use rumba_types::{Layout, Type};

/// `name` is that of the function.
pub(super) fn position(e: &mut Emitter<'_>, call: &Call, name: &str) -> Emit {
    let request = Request::of(e, call)?;
    check(e, call, &request)?;
    let result = e.position_of(name, request.array, &request.axes, request.keepdims)?;
    request.finish(e, result)
}

/// One axis or all of them, and an `out` of int64.
pub(super) fn check(e: &Emitter<'_>, call: &Call, request: &Request) -> Emit<()> {
    if let Some(idx) = call.position("axis")
        && e.ty(call.args[idx]).as_tuple().is_some()
    {
        let message = format!("the axis of {}() is an int or None", call.short_name());
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    if let (Some(idx), Some(out)) = (call.position("out"), request.out)
        && e.array_type(out).dtype != Type::int64()
    {
        return call.argument_error(idx, Code::ArgumentType, "positions are stored into an array of int64");
    }
    Ok(())
}

impl Emitter<'_> {
    /// The position of the first extreme along an axis, or of all elements in C order.
    pub(super) fn position_of(&mut self, name: &str, array: Value, axes: &Axes, keepdims: bool) -> Emit {
        let ty = self.array_type(array);
        let result = Type::int64();
        let is_number = axes.are_all() && !(keepdims && ty.ndim > 0);
        if is_number && ty.layout == Layout::C {
            self.raise_if_empty(array, &format!("attempt to get {name} of an empty sequence"));
            let function = block_reduction(name, ty.dtype);
            return self.reduce_elements(function, &[array], result, |_, elements| Ok(elements[0]));
        }
        let mut args = vec![self.view_argument(array), axes.mask(self)];
        let name = format!("reduce_{name}");
        if is_number {
            let memory = self.b.stack_memory(result.item_size() as u32);
            args.push(self.number_view(memory, result));
            self.call_kernel(&name, ty.dtype, args, Type::none());
            return Ok(self.b.load(memory, result, Access::aligned(true)));
        }
        let extents = self.extents(array);
        let extents = axes.reduced_extents(self, &extents, keepdims);
        let out = self.allocate_array(result, &extents, Layout::C, false)?;
        args.push(self.view_argument(out));
        self.call_kernel(&name, ty.dtype, args, Type::none());
        Ok(out)
    }
}

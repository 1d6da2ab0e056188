//! Sorting: `np.sort`, `a.sort()`.

use crate::arrays::reshaping::array_argument;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Layout, Type};

const AXIS: Param = Param::optional("axis", Default::Int(-1));
const KIND: Param = Param::optional("kind", Default::None);
const ORDER: Param = Param::optional("order", Default::None);
const STABLE: Param = Param::optional("stable", Default::None).keyword_only();

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.sort",
        params: &[Param::required("a"), AXIS, KIND, ORDER, STABLE],
        doc: "A sorted copy, nan last.",
        rule: |e, call| {
            let array = array_argument(e, call, 0)?;
            let array = e.copy_array(array, Layout::C)?;
            let array = if e.ty(call.args[1]).is_none() { e.one_axis(array) } else { array };
            sort(e, call, array)?;
            Ok(array)
        },
    },
    Declaration {
        path: "array.sort",
        params: &[Param::required("self"), AXIS, KIND, ORDER, STABLE],
        doc: "Sorts the array in place, nan last.",
        rule: |e, call| {
            e.check_writable(call.args[0])?;
            sort(e, call, call.args[0])?;
            Ok(e.b.none())
        },
    },
];

/// Sorts `array` in place as the arguments behind it say.
fn sort(e: &mut Emitter<'_>, call: &Call, array: Value) -> Emit<()> {
    let stable = is_stable(e, call)?;
    let axis = if e.ty(call.args[1]).is_none() { e.b.int64(0) } else { e.run_time_axis(call, 1, array)? };
    let dtype = e.array_type(array).dtype;
    let view = e.view_argument(array);
    let stable = e.b.bool(stable);
    e.call_kernel("sort", dtype, vec![view, axis, stable], Type::none());
    Ok(())
}

fn is_stable(e: &Emitter<'_>, call: &Call) -> Emit<bool> {
    if !e.ty(call.args[3]).is_none() {
        return call.argument_error(3, Code::ArgumentValue, "`order` is for structured arrays");
    }
    let by_kind = match e.ty(call.args[2]).as_literal_str() {
        None if e.ty(call.args[2]).is_none() => false,
        Some("quicksort" | "heapsort") => false,
        Some("mergesort" | "stable") => true,
        _ => {
            let message = "`kind` is one of the constants 'quicksort', 'heapsort', 'mergesort' and 'stable'";
            return call.argument_error(2, Code::ArgumentValue, message);
        }
    };
    Ok(by_kind || e.ty(call.args[4]).as_literal_bool() == Some(true))
}

impl Emitter<'_> {
    /// An axis of an array that may be known at run time only, where the type of the result does not depend on it.
    /// Negative ones count from the end. Raises `AxisError`.
    pub(crate) fn run_time_axis(&mut self, call: &Call, idx: usize, array: Value) -> Emit {
        let ndim = i64::from(self.array_type(array).ndim);
        let axis = self.plain(call.args[idx]);
        if !self.ty(axis).is_int() {
            let message = format!("an axis is an integer, not {}", self.ty(axis).shown());
            return call.argument_error(idx, Code::ArgumentType, message);
        }
        let axis = self.b.convert(axis, Type::int64());
        let ndim_value = self.b.int64(ndim);
        let wrapped = self.wrap_index(axis, ndim_value);
        let fits = self.index_in_bounds(wrapped, ndim_value);
        if let Some(constant) = self.b.as_const_int(wrapped)
            && !(0..ndim).contains(&constant)
        {
            let given = self.b.as_const_int(axis).unwrap_or(constant);
            let message = format!("axis {given} is out of bounds for array of dimension {ndim}");
            return call.argument_error(idx, Code::ArgumentValue, message);
        }
        let message = format!("axis {{}} is out of bounds for array of dimension {ndim}");
        self.raise_unless(fits, "AxisError", &message, &[axis]);
        Ok(wrapped)
    }
}

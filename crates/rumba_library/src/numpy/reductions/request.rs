//! What a call of a reduction asks for.

use crate::arrays::assign::shape_placeholders;
use crate::arrays::creation::array_like;
use crate::arrays::reshaping::{constant_axis, constant_bool};
use crate::declaration::Call;
use crate::numpy::dtypes::optional_dtype;
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type, TypeKind};

/// The axes to reduce. How many they are is known when compiling.
#[derive(Clone)]
pub(crate) enum Axes {
    /// By axis: whether it is reduced.
    Known(Vec<bool>),
    /// One of several, known at run time.
    One { axis: Value, ndim: usize },
}

impl Axes {
    pub fn all(ndim: usize) -> Axes {
        Axes::Known(vec![true; ndim])
    }

    pub fn are_all(&self) -> bool {
        matches!(self, Axes::Known(reduced) if reduced.iter().all(|is_reduced| *is_reduced))
    }

    /// As kernels take them: a bit per axis.
    pub fn mask(&self, e: &mut Emitter<'_>) -> Value {
        match self {
            Axes::Known(reduced) => {
                let bits =
                    reduced.iter().enumerate().map(|(axis, is_reduced)| i64::from(*is_reduced) << axis);
                let mask = bits.sum();
                e.b.int64(mask)
            }
            Axes::One { axis, .. } => {
                let one = e.b.int64(1);
                e.b.binary(BinaryOp::Shl, one, *axis)
            }
        }
    }

    /// The extents of the result.
    pub fn reduced_extents(&self, e: &mut Emitter<'_>, extents: &[Value], keepdims: bool) -> Vec<Value> {
        let one = e.b.int64(1);
        match (self, keepdims) {
            (Axes::Known(reduced), true) => extents
                .iter()
                .zip(reduced)
                .map(|(extent, is_reduced)| if *is_reduced { one } else { *extent })
                .collect(),
            (Axes::Known(reduced), false) => extents
                .iter()
                .zip(reduced)
                .filter(|(_, is_reduced)| !**is_reduced)
                .map(|(extent, _)| *extent)
                .collect(),
            (Axes::One { axis, ndim }, true) => (0..*ndim)
                .map(|position| {
                    let position_value = e.b.int64(position as i64);
                    let is_it = e.equal(position_value, *axis);
                    e.b.select(is_it, one, extents[position])
                })
                .collect(),
            (Axes::One { axis, ndim }, false) => (0..ndim - 1)
                .map(|position| {
                    let position_value = e.b.int64(position as i64);
                    let is_before = e.less(position_value, *axis);
                    e.b.select(is_before, extents[position], extents[position + 1])
                })
                .collect(),
        }
    }

    /// How many elements are reduced to one.
    pub fn count(&self, e: &mut Emitter<'_>, extents: &[Value]) -> Value {
        match self {
            Axes::Known(reduced) => {
                let reduced: Vec<Value> = extents
                    .iter()
                    .zip(reduced)
                    .filter(|(_, is_reduced)| **is_reduced)
                    .map(|(extent, _)| *extent)
                    .collect();
                e.product(&reduced)
            }
            Axes::One { axis, .. } => {
                let mut extent = extents[0];
                for (position, other) in extents.iter().enumerate().skip(1) {
                    let position = e.b.int64(position as i64);
                    let is_it = e.equal(position, *axis);
                    extent = e.b.select(is_it, *other, extent);
                }
                extent
            }
        }
    }
}

/// The arguments of a reduction that have a meaning of their own, whatever is computed.
pub(crate) struct Request {
    pub array: Value,
    pub axes: Axes,
    pub keepdims: bool,
    pub dtype: Option<Type>,
    pub out: Option<Value>,
    pub initial: Option<Value>,
    /// Which elements to reduce: a bool or an array of bools.
    pub mask: Option<Value>,
}

impl Request {
    pub fn of(e: &mut Emitter<'_>, call: &Call) -> Emit<Request> {
        let array = array_like(e, call, 0)?;
        let given = |name: &str| call.position(name).map(|idx| (idx, call.args[idx]));
        let axes = match given("axis") {
            Some((idx, value)) => axes_argument(e, call, idx, value, array)?,
            None => Axes::all(usize::from(e.array_type(array).ndim)),
        };
        let keepdims = match call.position("keepdims") {
            Some(idx) => constant_bool(e, call, idx, "keepdims")?,
            None => false,
        };
        let dtype = match call.position("dtype") {
            Some(idx) => optional_dtype(e, call, idx)?,
            None => None,
        };
        let initial = match given("initial") {
            Some((_, value)) if e.ty(value) == Type::undefined() => None,
            Some((idx, value)) => {
                let value = e.scalar_of(value);
                let value = e.plain(value);
                if !e.ty(value).is_number() {
                    let message = format!("`initial` is a number, not {}", e.ty(value).shown());
                    return call.argument_error(idx, Code::ArgumentType, message);
                }
                Some(value)
            }
            None => None,
        };
        let mask = match given("where") {
            Some((_, value)) if e.ty(value).as_literal_bool() == Some(true) => None,
            Some((idx, value)) => Some(mask_argument(e, call, idx, value)?),
            None => None,
        };
        let mut request = Request { array, axes, keepdims, dtype, out: None, initial, mask };
        if let Some(mask) = request.mask {
            request.broadcast_to_mask(e, call, mask)?;
        }
        if let Some((idx, out)) = given("out").filter(|(_, out)| !e.ty(*out).is_none()) {
            request.out = Some(request.out_argument(e, call, idx, out)?);
        }
        Ok(request)
    }

    pub fn array_dtype(&self, e: &Emitter<'_>) -> Type {
        e.array_type(self.array).dtype
    }

    /// The extents of the result; `None` where it is a number.
    pub fn result_extents(&self, e: &mut Emitter<'_>) -> Option<Vec<Value>> {
        if self.result_ndim(e) == 0 {
            return None;
        }
        let extents = e.extents(self.array);
        Some(self.axes.reduced_extents(e, &extents, self.keepdims))
    }

    /// The rank of the result; numbers have none.
    fn result_ndim(&self, e: &Emitter<'_>) -> usize {
        match &self.axes {
            _ if self.keepdims => usize::from(e.array_type(self.array).ndim),
            Axes::Known(reduced) => reduced.iter().filter(|is_reduced| !**is_reduced).count(),
            Axes::One { ndim, .. } => ndim - 1,
        }
    }

    fn out_argument(&self, e: &mut Emitter<'_>, call: &Call, idx: usize, out: Value) -> Emit {
        let Some(ty) = e.ty(out).as_array() else {
            let message = format!("`out` is an array or None, not {}", e.ty(out).shown());
            return call.argument_error(idx, Code::ArgumentType, message);
        };
        if ty.readonly {
            return call.argument_error(idx, Code::ReadOnly, "the array is read-only");
        }
        let ndim = self.result_ndim(e);
        if usize::from(ty.ndim) != ndim {
            let message = format!("`out` has {} axes, the result has {ndim}", ty.ndim);
            return call.argument_error(idx, Code::ArgumentType, message);
        }
        let extents = e.extents(self.array);
        let wanted = self.axes.reduced_extents(e, &extents, self.keepdims);
        let own = e.extents(out);
        let mut fits = e.b.bool(true);
        for (own, wanted) in own.iter().zip(&wanted) {
            let same = e.equal(*own, *wanted);
            fits = e.b.and(fits, same);
        }
        let places = shape_placeholders(ndim);
        let message =
            format!("output parameter for reduction has shape {places}, the result has shape {places}");
        e.raise_unless(fits, "ValueError", &message, &[own, wanted].concat());
        Ok(out)
    }

    /// A mask that has more elements than the array repeats these.
    fn broadcast_to_mask(&mut self, e: &mut Emitter<'_>, call: &Call, mask: Value) -> Emit<()> {
        let ndim = e.array_type(self.array).ndim;
        if e.ty(mask).as_array().is_some_and(|mask| mask.ndim > ndim) {
            let idx = call.position("where").unwrap_or_default();
            let message = "`where` has more axes than the array";
            return call.argument_error(idx, Code::ArgumentType, message);
        }
        if !e.has_axes(mask) {
            return Ok(());
        }
        let extents = e.broadcast_extents(&[self.array, mask])?;
        let message = format!(
            "operands could not be broadcast together with shapes {} {}",
            shape_placeholders(usize::from(ndim)),
            shape_placeholders(usize::from(ndim))
        );
        let strides = e.strides_for(self.array, &extents, &message)?;
        let ty = ArrayType { layout: Layout::A, readonly: true, ..e.array_type(self.array) };
        self.array = e.view_as(self.array, ty, &extents, &strides);
        Ok(())
    }

    /// The elements that count, and `otherwise` instead of the others.
    pub fn masked(&self, e: &mut Emitter<'_>, otherwise: Value) -> Emit {
        let Some(mask) = self.mask else { return Ok(self.array) };
        let dtype = self.array_dtype(e);
        e.map(&[self.array, mask, otherwise], |e, values| {
            let condition = e.coerce(values[1], Type::bool())?;
            let otherwise = e.cast_number(values[2], dtype)?;
            Ok(e.b.select(condition, values[0], otherwise))
        })
    }

    /// How many elements are reduced to one: an int64, or an array of them where `where` decides.
    pub fn count(&self, e: &mut Emitter<'_>, keepdims: bool) -> Emit {
        let extents = e.extents(self.array);
        let Some(mask) = self.mask else { return Ok(self.axes.count(e, &extents)) };
        let counted = e.map(&[self.array, mask], |e, values| e.coerce(values[1], Type::bool()))?;
        e.fold(&super::COUNT, counted, &self.axes, keepdims, None)
    }

    /// The result, stored into `out` where one is given.
    pub fn finish(&self, e: &mut Emitter<'_>, result: Value) -> Emit {
        let Some(out) = self.out else { return Ok(result) };
        let dtype = e.array_type(out).dtype;
        let message = |_: &str, _: &str| "the shape of `out` was checked".to_string();
        e.map_into(out, &[result], message, |e, values| e.cast_number(values[0], dtype))?;
        Ok(out)
    }
}

/// The axes that an argument names: None, an int, or a tuple of constants.
pub(crate) fn axes_argument(
    e: &mut Emitter<'_>,
    call: &Call,
    idx: usize,
    value: Value,
    array: Value,
) -> Emit<Axes> {
    let ndim = usize::from(e.array_type(array).ndim);
    if e.ty(value).is_none() {
        return Ok(Axes::all(ndim));
    }
    if e.ty(value).as_tuple().is_some() {
        let mut reduced = vec![false; ndim];
        for part in e.tuple_elements(value) {
            let axis = constant_axis(e, call, idx, part, ndim)?;
            if std::mem::replace(&mut reduced[axis], true) {
                return call.argument_error(idx, Code::ArgumentValue, "duplicate value in 'axis'");
            }
        }
        return Ok(Axes::Known(reduced));
    }
    if ndim == 0 && matches!(e.ty(value).as_literal_int(), Some(0 | -1)) {
        return Ok(Axes::all(0));
    }
    let axis = e.run_time_axis(call, idx, array)?;
    if ndim == 1 {
        return Ok(Axes::all(1));
    }
    Ok(match e.b.as_const_int(axis) {
        Some(axis) => Axes::Known((0..ndim as i64).map(|other| other == axis).collect()),
        None => Axes::One { axis, ndim },
    })
}

/// A bool, or an array of bools.
fn mask_argument(e: &mut Emitter<'_>, call: &Call, idx: usize, value: Value) -> Emit {
    let value = e.scalar_of(value);
    let value = if e.has_axes(value) { value } else { e.plain(value) };
    let dtype = e.ty(value).as_array().map_or(e.ty(value), |array| array.dtype);
    match dtype.kind() {
        TypeKind::Bool => Ok(value),
        _ => call.argument_error(
            idx,
            Code::ArgumentType,
            format!("`where` is a bool or an array of bools, not {}", e.ty(value).shown()),
        ),
    }
}

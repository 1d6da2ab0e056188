//! Reductions that take element after element: sums, products, extremes, truth.

use super::request::{Axes, Request};
use crate::declaration::Call;
use crate::kernels::block_reduction;
use crate::numpy::ufuncs::ufunc;
use crate::{Emit, Emitter};
use rumba_ir::{Access, Value};
use rumba_source::Code;
use rumba_types::{Layout, Type, TypeKind};

/// A reduction that the runtime has, over blocks of elements and along axes.
pub(crate) struct Fold {
    /// What the runtime's functions are called: `rumba_<name>_<dtype>`, `rumba_reduce_<name>_<dtype>`.
    name: &'static str,
    /// The ufunc that it repeats.
    ufunc: &'static str,
    /// What elements of a dtype reduce to.
    result: fn(Type) -> Type,
    /// Whether nothing can be reduced.
    has_identity: bool,
}

pub(crate) const SUM: Fold = Fold { name: "sum", ufunc: "add", result: total, has_identity: true };
pub(crate) const PROD: Fold = Fold { name: "prod", ufunc: "multiply", result: total, has_identity: true };
pub(crate) const MAX: Fold =
    Fold { name: "max", ufunc: "maximum", result: |dtype| dtype, has_identity: false };
pub(crate) const MIN: Fold =
    Fold { name: "min", ufunc: "minimum", result: |dtype| dtype, has_identity: false };
pub(crate) const FMAX: Fold =
    Fold { name: "fmax", ufunc: "fmax", result: |dtype| dtype, has_identity: false };
pub(crate) const FMIN: Fold =
    Fold { name: "fmin", ufunc: "fmin", result: |dtype| dtype, has_identity: false };
pub(crate) const ANY: Fold =
    Fold { name: "any", ufunc: "logical_or", result: |_| Type::bool(), has_identity: true };
pub(crate) const ALL: Fold =
    Fold { name: "all", ufunc: "logical_and", result: |_| Type::bool(), has_identity: true };
/// Of counts of spans of time.
pub(crate) const SPAN_SUM: Fold =
    Fold { name: "span_sum", ufunc: "add", result: |_| Type::int64(), has_identity: true };
pub(crate) const COUNT: Fold =
    Fold { name: "count", ufunc: "add", result: |_| Type::int64(), has_identity: true };

/// What sums and products are computed in.
fn total(dtype: Type) -> Type {
    match dtype.kind() {
        TypeKind::Bool => Type::int64(),
        TypeKind::Int(kind) if kind.signed => Type::int64(),
        TypeKind::Int(_) => Type::uint64(),
        _ => dtype,
    }
}

impl Fold {
    pub fn is(&self, other: &Fold) -> bool {
        self.name == other.name
    }

    /// The reduction as the runtime has it for a dtype: where there is no nan, none is skipped.
    pub fn of(&self, dtype: Type) -> &Fold {
        match self.name {
            "fmax" if dtype.is_int() || dtype.is_bool() => &MAX,
            "fmin" if dtype.is_int() || dtype.is_bool() => &MIN,
            _ => self,
        }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What elements of a dtype reduce to.
    pub fn result(&self, dtype: Type) -> Type {
        (self.result)(dtype)
    }

    /// The elements of what is computed in a dtype, and what to compute of them: of sums and products in bools, truth.
    pub fn computed_in<'f>(
        &'f self,
        e: &mut Emitter<'_>,
        array: Value,
        dtype: Type,
        convert: impl FnOnce(&mut Emitter<'_>, Value) -> Emit,
    ) -> Emit<(Value, &'f Fold)> {
        let from = e.array_type(array).dtype;
        let is_arithmetic = self.is(&SUM) || self.is(&PROD);
        if is_arithmetic && dtype.is_bool() {
            return Ok((array, if self.is(&PROD) { &ALL } else { &ANY }));
        }
        // Integers wrap in the end just as well, and truth is seen by itself.
        let both_integral = [from, dtype].iter().all(|ty| ty.is_int() || ty.is_bool());
        let stays = from == dtype || is_arithmetic && both_integral || self.is(&ANY) || self.is(&ALL);
        Ok((if stays { array } else { convert(e, array)? }, self))
    }
}

impl Emitter<'_> {
    /// Reduces an array along axes: to a number if these are all, and `keepdims` does not keep any.
    ///
    /// Raises `ValueError` where nothing is reduced that has no identity.
    pub(crate) fn fold(
        &mut self,
        fold: &Fold,
        array: Value,
        axes: &Axes,
        keepdims: bool,
        initial: Option<Value>,
    ) -> Emit {
        let ty = self.array_type(array);
        let result = (fold.result)(ty.dtype);
        let initial = match initial {
            Some(initial) => Some(self.cast_number(initial, result)?),
            None => None,
        };
        let is_number = axes.are_all() && !(keepdims && ty.ndim > 0);
        if is_number && initial.is_none() && ty.layout != Layout::A {
            return self.fold_all(fold, array, result);
        }
        let mut args = vec![self.view_argument(array), axes.mask(self)];
        let accumulate = self.b.bool(initial.is_some());
        let name = format!("reduce_{}", fold.name);
        if is_number {
            let memory = self.b.stack_memory(result.item_size() as u32);
            let access = Access::aligned(true);
            if let Some(initial) = initial {
                self.b.store(memory, initial, access);
            }
            args.push(self.number_view(memory, result));
            args.push(accumulate);
            self.call_kernel(&name, ty.dtype, args, Type::none());
            return Ok(self.b.load(memory, result, access));
        }
        let extents = self.extents(array);
        let extents = axes.reduced_extents(self, &extents, keepdims);
        let out = self.allocate_array(result, &extents, Layout::C, false)?;
        if let Some(initial) = initial {
            self.fill_array(out, initial)?;
        }
        args.push(self.view_argument(out));
        args.push(accumulate);
        self.call_kernel(&name, ty.dtype, args, Type::none());
        Ok(out)
    }

    /// All elements, fused with what computes them.
    fn fold_all(&mut self, fold: &Fold, array: Value, result: Type) -> Emit {
        // The order matters to sums only, and these are as NumPy's in the order of memory.
        let array = if self.array_type(array).layout == Layout::F { self.transposed(array) } else { array };
        let dtype = self.array_type(array).dtype;
        if !fold.has_identity {
            self.raise_if_empty(array, &no_identity(fold));
        }
        self.reduce_elements(block_reduction(fold.name, dtype), &[array], result, |_, elements| {
            Ok(elements[0])
        })
    }

    pub(super) fn raise_if_empty(&mut self, array: Value, message: &str) {
        let size = self.array_size(array);
        let is_empty = self.is_zero(size);
        self.raise_if(is_empty, "ValueError", message, &[]);
    }

    /// Memory for a number, as a kernel's `View` takes an array without axes.
    pub(crate) fn number_view(&mut self, memory: Value, dtype: Type) -> Value {
        let item_size = self.b.int64(dtype.item_size() as i64);
        let ndim = self.b.int64(0);
        self.b.pack(vec![memory, item_size, ndim])
    }

    /// The elements as another dtype: fused into a reduction of all of them, a copy otherwise.
    pub(super) fn elements_as(&mut self, array: Value, dtype: Type, axes: &Axes) -> Emit {
        if self.array_type(array).dtype == dtype {
            return Ok(array);
        }
        if axes.are_all() && self.has_axes(array) {
            return self.map(&[array], |e, elements| e.cast_number(elements[0], dtype));
        }
        let layout = if self.array_type(array).layout == Layout::F { Layout::F } else { Layout::C };
        self.cast_array(array, dtype, layout)
    }

    /// A number, or the elements of an array, as another dtype.
    pub(crate) fn cast_value(&mut self, value: Value, dtype: Type) -> Emit {
        match self.ty(value).as_array() {
            Some(array) if array.dtype == dtype => Ok(value),
            Some(_) => self.cast_array(value, dtype, Layout::C),
            None => self.cast_number(value, dtype),
        }
    }
}

fn no_identity(fold: &Fold) -> String {
    format!("zero-size array to reduction operation {} which has no identity", fold.ufunc)
}

/// `sum` and `prod`.
pub(super) fn arithmetic(e: &mut Emitter<'_>, call: &Call, fold: &Fold) -> Emit {
    let request = Request::of(e, call)?;
    arithmetic_of(e, &request, fold)
}

pub(crate) fn arithmetic_of(e: &mut Emitter<'_>, request: &Request, fold: &Fold) -> Emit {
    let from = request.array_dtype(e);
    let out_dtype = request.out.map(|out| e.array_type(out).dtype);
    let dtype = request.dtype.or(out_dtype).unwrap_or(total(from));
    let identity = e.b.int64(i64::from(fold.is(&PROD)));
    let array = request.masked(e, identity)?;
    let (array, fold) =
        fold.computed_in(e, array, dtype, |e, array| e.elements_as(array, dtype, &request.axes))?;
    let result = e.fold(fold, array, &request.axes, request.keepdims, request.initial)?;
    let result = e.cast_value(result, dtype)?;
    request.finish(e, result)
}

/// `max` and `min`. Of bools they are `truth`.
pub(super) fn extreme(e: &mut Emitter<'_>, call: &Call, fold: &Fold, truth: &Fold) -> Emit {
    let mut request = Request::of(e, call)?;
    if let Some(dtype) = request.dtype {
        request.array = e.elements_as(request.array, dtype, &request.axes)?;
    }
    let fold = fold.of(request.array_dtype(e));
    extreme_of(e, call, &request, fold, truth)
}

pub(super) fn extreme_of(
    e: &mut Emitter<'_>,
    call: &Call,
    request: &Request,
    fold: &Fold,
    truth: &Fold,
) -> Emit {
    let array = match (request.mask, request.initial) {
        (None, _) => request.array,
        (Some(_), Some(initial)) => request.masked(e, initial)?,
        (Some(_), None) => {
            let idx = call.position("where").unwrap_or_default();
            let message =
                format!("`where` of {}() needs `initial`, because nothing may be left", call.short_name());
            return call.argument_error(idx, Code::ArgumentValue, message);
        }
    };
    let result = if e.array_type(array).dtype.is_bool() {
        if request.initial.is_none() {
            // As truth has an identity, nothing would be something.
            let extents = e.extents(array);
            let count = request.axes.count(e, &extents);
            let is_empty = e.is_zero(count);
            e.raise_if(is_empty, "ValueError", &no_identity(fold), &[]);
        }
        e.fold(truth, array, &request.axes, request.keepdims, request.initial)?
    } else {
        e.fold(fold, array, &request.axes, request.keepdims, request.initial)?
    };
    request.finish(e, result)
}

/// `any`, `all` and `count_nonzero`.
pub(super) fn truth(e: &mut Emitter<'_>, call: &Call, fold: &Fold) -> Emit {
    let request = Request::of(e, call)?;
    if let Some(dtype) = request.dtype.filter(|dtype| !dtype.is_bool()) {
        let idx = call.position("dtype").unwrap_or_default();
        let message = format!("{}() has no results of dtype {dtype}", call.short_name());
        return call.argument_error(idx, Code::ArgumentValue, message);
    }
    let identity = e.b.bool(fold.is(&ALL));
    let array = request.masked(e, identity)?;
    let initial = match request.initial {
        Some(initial) => Some(e.truth(initial)?),
        None => None,
    };
    let result = e.fold(fold, array, &request.axes, request.keepdims, initial)?;
    request.finish(e, result)
}

pub(super) fn peak_to_peak(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let request = Request::of(e, call)?;
    if request.array_dtype(e).is_bool() {
        return call.argument_error(0, Code::ArgumentType, "np.ptp() is not defined for bools");
    }
    let largest = e.fold(&MAX, request.array, &request.axes, request.keepdims, None)?;
    let smallest = e.fold(&MIN, request.array, &request.axes, request.keepdims, None)?;
    let subtract = ufunc("numpy.subtract").expect("np.subtract is a ufunc");
    let result = subtract.apply(e, &[largest, smallest])?;
    request.finish(e, result)
}

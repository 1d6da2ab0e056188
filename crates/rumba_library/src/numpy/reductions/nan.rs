//! Reductions that leave nan out: `np.nansum` and its kin.

use super::Fold;
use super::folds::arithmetic_of;
use super::moments::inexact;
use super::request::Request;
use crate::declaration::Call;
use crate::{Emit, Emitter};
use rumba_ir::{CompareOp, Value};
use rumba_types::{FloatKind, Type, TypeKind};

/// Whether a number is nan, or one of its parts is.
fn is_nan(e: &mut Emitter<'_>, value: Value) -> Value {
    match e.ty(value).kind() {
        TypeKind::Float(_) => e.b.compare(CompareOp::Ne, value, value),
        TypeKind::Complex(_) => {
            let [re, im] = [0, 1].map(|part| e.b.field(value, part));
            let re = is_nan(e, re);
            let im = is_nan(e, im);
            e.b.or(re, im)
        }
        _ => e.b.bool(false),
    }
}

pub(super) fn may_have_nan(dtype: Type) -> bool {
    matches!(dtype.kind(), TypeKind::Float(_) | TypeKind::Complex(_))
}

/// The array with a number instead of each nan.
pub(crate) fn replaced(e: &mut Emitter<'_>, array: Value, number: f64) -> Emit {
    let dtype = e.array_type(array).dtype;
    if !may_have_nan(dtype) {
        return Ok(array);
    }
    e.map(&[array], |e, values| {
        let is_nan = is_nan(e, values[0]);
        let number = e.b.float(number, Type::float(FloatKind::F64));
        let number = e.coerce(number, dtype)?;
        Ok(e.b.select(is_nan, number, values[0]))
    })
}

/// The request with only those elements that are not nan.
fn without_nan(e: &mut Emitter<'_>, request: Request) -> Emit<Request> {
    if !may_have_nan(request.array_dtype(e)) {
        return Ok(request);
    }
    let operands: Vec<Value> = [request.array].into_iter().chain(request.mask).collect();
    let mask = e.map(&operands, |e, values| {
        let is_nan = is_nan(e, values[0]);
        let counts = e.b.not(is_nan);
        let Some(given) = values.get(1) else { return Ok(counts) };
        let given = e.coerce(*given, Type::bool())?;
        Ok(e.b.and(counts, given))
    })?;
    Ok(Request { mask: Some(mask), ..request })
}

pub(super) fn arithmetic(e: &mut Emitter<'_>, call: &Call, fold: &Fold) -> Emit {
    let mut request = Request::of(e, call)?;
    request.array = replaced(e, request.array, if fold.is(&super::PROD) { 1.0 } else { 0.0 })?;
    arithmetic_of(e, &request, fold)
}

pub(super) fn position(e: &mut Emitter<'_>, call: &Call, name: &str) -> Emit {
    let request = Request::of(e, call)?;
    super::positions::check(e, call, &request)?;
    let dtype = request.array_dtype(e);
    if !may_have_nan(dtype) {
        return super::positions::position(e, call, name);
    }
    let args = vec![e.view_argument(request.array), request.axes.mask(e)];
    let extents = request.result_extents(e);
    let kernel = format!("reduce_nan{name}");
    let positions =
        e.filled_by_kernel(&kernel, dtype, args, Type::int64(), extents.as_deref(), Vec::new())?;
    request.finish(e, positions)
}

pub(super) fn mean(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let request = Request::of(e, call)?;
    let own = request.array_dtype(e);
    if may_have_nan(own) && request.mask.is_none() && request.dtype.is_none_or(|dtype| dtype == own) {
        let args = vec![e.view_argument(request.array), request.axes.mask(e)];
        let extents = request.result_extents(e);
        let means = e.filled_by_kernel("nan_mean", own, args, own, extents.as_deref(), Vec::new())?;
        return request.finish(e, means);
    }
    let dtype = request.dtype.unwrap_or(inexact(own));
    let request = without_nan(e, request)?;
    let result = super::moments::mean_of(e, &request, dtype, request.keepdims)?;
    request.finish(e, result)
}

pub(super) fn variance(e: &mut Emitter<'_>, call: &Call, is_root: bool) -> Emit {
    let request = Request::of(e, call)?;
    let request = match super::moments::nan_variance(e, call, &request, is_root)? {
        Some(result) => return Ok(result),
        None => without_nan(e, request)?,
    };
    super::moments::variance_of(e, call, &request, is_root, true)
}

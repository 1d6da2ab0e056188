//! Which functions take elements that are no numbers: records, times and text.
//!
//! Most functions compute with numbers, and their rules and kernels rely on it: others are refused before a rule runs.

use crate::declaration::{Call, Declaration};
use crate::{Emit, Emitter};
use rumba_source::{Code, Diagnostic};
use rumba_types::{Type, TypeKind};

/// Refuses arrays of elements that are no numbers, unless the function takes any elements.
pub(crate) fn check_elements(declaration: &Declaration, e: &Emitter<'_>, call: &Call) -> Emit<()> {
    for (idx, arg) in call.args.iter().enumerate() {
        let Some(element) = unusual_element(e.ty(*arg)) else { continue };
        if takes_any_elements(declaration.path)
            || element.time_unit().is_some() && takes_times(declaration.path)
        {
            return Ok(());
        }
        let message = format!("{}() is not defined for elements of {element}", declaration.short_name());
        let diagnostic = Diagnostic::new(Code::ArgumentType, call.spans[idx], message);
        return Err(match element.as_record() {
            Some(record) => {
                let field = &record.layout.fields[0].name;
                diagnostic.note(format!("it takes the fields, such as `a[\"{field}\"]`")).into()
            }
            None => diagnostic.into(),
        });
    }
    Ok(())
}

/// The element type of arrays in a value, if it is no number; also of a record, and what a dtype names.
fn unusual_element(ty: Type) -> Option<Type> {
    match ty.kind() {
        TypeKind::Array(array) => unusual_element(array.dtype),
        TypeKind::Record(record) => Some(Type::record(record.layout.clone())),
        TypeKind::DateTime(_) | TypeKind::TimeDelta(_) | TypeKind::FixedText { .. } => Some(ty),
        TypeKind::DType(dtype) => unusual_element(*dtype),
        TypeKind::Optional(inner) => unusual_element(*inner),
        TypeKind::Tuple(parts) | TypeKind::NamedTuple(_, parts) | TypeKind::MixedList(parts) => {
            parts.iter().find_map(|part| unusual_element(*part))
        }
        _ => None,
    }
}

/// Whether a function only moves elements, asks about what has nothing to do with them, or orders them.
pub(crate) fn takes_any_elements(path: &str) -> bool {
    const GROUPS: &[&str] = &["builtins.", "record", "dtype", "tuple", "array.flags"];
    const FUNCTIONS: &[&str] = &[
        "array:T",
        "array:mT",
        "array:dtype",
        "array:flat",
        "array:itemsize",
        "array:nbytes",
        "array:ndim",
        "array:shape",
        "array:size",
        "array:strides",
        "array.argsort",
        "array.compress",
        "array.copy",
        "array.astype",
        "array.diagonal",
        "array.fill",
        "array.flatten",
        "array.item",
        "array.put",
        "array.ravel",
        "array.repeat",
        "array.reshape",
        "array.searchsorted",
        "array.sort",
        "array.squeeze",
        "array.swapaxes",
        "array.take",
        "array.transpose",
        "array.view",
        "numpy.append",
        "numpy.argsort",
        "numpy.array",
        "numpy.array_split",
        "numpy.asanyarray",
        "numpy.asarray",
        "numpy.ascontiguousarray",
        "numpy.asfortranarray",
        "numpy.atleast_1d",
        "numpy.atleast_2d",
        "numpy.atleast_3d",
        "numpy.broadcast_arrays",
        "numpy.broadcast_to",
        "numpy.column_stack",
        "numpy.block",
        "numpy.compress",
        "numpy.concat",
        "numpy.concatenate",
        "numpy.copy",
        "numpy.copyto",
        "numpy.delete",
        "numpy.diag",
        "numpy.diagonal",
        "numpy.dsplit",
        "numpy.dstack",
        "numpy.dtype",
        "numpy.empty",
        "numpy.empty_like",
        "numpy.expand_dims",
        "numpy.extract",
        "numpy.fill_diagonal",
        "numpy.flip",
        "numpy.intersect1d",
        "numpy.isin",
        "numpy.lexsort",
        "numpy.lib.stride_tricks.sliding_window_view",
        "numpy.linalg.matrix_transpose",
        "numpy.fliplr",
        "numpy.flipud",
        "numpy.hsplit",
        "numpy.hstack",
        "numpy.insert",
        "numpy.matrix_transpose",
        "numpy.moveaxis",
        "numpy.ndenumerate",
        "numpy.ndim",
        "numpy.place",
        "numpy.put",
        "numpy.put_along_axis",
        "numpy.putmask",
        "numpy.ravel",
        "numpy.rec.recarray",
        "numpy.recarray",
        "numpy.repeat",
        "numpy.reshape",
        "numpy.resize",
        "numpy.roll",
        "numpy.rollaxis",
        "numpy.rot90",
        "numpy.searchsorted",
        "numpy.setdiff1d",
        "numpy.setxor1d",
        "numpy.shape",
        "numpy.size",
        "numpy.sort",
        "numpy.split",
        "numpy.squeeze",
        "numpy.stack",
        "numpy.swapaxes",
        "numpy.take",
        "numpy.take_along_axis",
        "numpy.tile",
        "numpy.tril",
        "numpy.triu",
        "numpy.transpose",
        "numpy.union1d",
        "numpy.unique",
        "numpy.unique_all",
        "numpy.unique_counts",
        "numpy.unique_inverse",
        "numpy.unique_values",
        "numpy.vsplit",
        "numpy.vstack",
        "numpy.zeros",
        "numpy.zeros_like",
    ];
    GROUPS.iter().any(|group| path.starts_with(group)) || FUNCTIONS.contains(&path)
}

/// Whether a function computes with times as it does with numbers.
fn takes_times(path: &str) -> bool {
    const FUNCTIONS: &[&str] = &[
        "numpy.array_equal",
        "numpy.array_equiv",
        "numpy.busday_count",
        "numpy.busday_offset",
        "numpy.datetime64",
        "numpy.datetime_data",
        "numpy.diff",
        "numpy.full",
        "numpy.full_like",
        "numpy.is_busday",
        "numpy.timedelta64",
        "numpy.where",
    ];
    path.starts_with("time") || FUNCTIONS.contains(&path) || crate::numpy::ufuncs::ufunc(path).is_some()
}

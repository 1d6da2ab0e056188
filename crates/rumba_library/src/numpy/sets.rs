//! Sets: `np.unique`, `np.union1d`, `np.isin` and their kin.

use super::numbering::{Comparable, Numbering};
use super::promotion::promote;
use super::selecting::gather;
use crate::arrays::creation::array_like;
use crate::arrays::reshaping::{constant_axis, constant_bool};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_types::{ArrayType, Layout, Type};

const AR1: Param = Param::required("ar1");
const AR2: Param = Param::required("ar2");
const ASSUME_UNIQUE: Param = Param::optional("assume_unique", Default::Bool(false));

const fn flag(name: &'static str) -> Param {
    Param::optional(name, Default::Bool(false))
}

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.unique",
        params: &[
            Param::required("ar"),
            flag("return_index"),
            flag("return_inverse"),
            flag("return_counts"),
            Param::optional("axis", Default::None),
            Param::optional("equal_nan", Default::Bool(true)).keyword_only(),
            Param::optional("sorted", Default::Bool(true)).keyword_only(),
        ],
        doc: "What is unique, sorted, with first positions, numbers of the elements' own, and counts as asked for by \
              constants; the axis is a constant.",
        rule: unique,
    },
    Declaration {
        path: "numpy.unique_values",
        params: &[Param::required("x")],
        doc: "What is unique, sorted; every nan counts.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let equal_nan = e.b.bool(false);
            e.unique(call, array, equal_nan)
        },
    },
    Declaration {
        path: "numpy.unique_counts",
        params: &[Param::required("x")],
        doc: "What is unique, sorted, and counts, as a named tuple; every nan counts.",
        rule: |e, call| unique_result(e, call, "UniqueCountsResult", &[("values", 0), ("counts", 3)]),
    },
    Declaration {
        path: "numpy.unique_inverse",
        params: &[Param::required("x")],
        doc: "What is unique, sorted, and the numbers of the elements' own, as a named tuple; every nan counts.",
        rule: |e, call| {
            unique_result(e, call, "UniqueInverseResult", &[("values", 0), ("inverse_indices", 2)])
        },
    },
    Declaration {
        path: "numpy.unique_all",
        params: &[Param::required("x")],
        doc: "What is unique, sorted, first positions, the numbers of the elements' own, and counts, as a named tuple; every nan counts.",
        rule: |e, call| {
            let fields = [("values", 0), ("indices", 1), ("inverse_indices", 2), ("counts", 3)];
            unique_result(e, call, "UniqueAllResult", &fields)
        },
    },
    Declaration {
        path: "numpy.union1d",
        params: &[AR1, AR2],
        doc: "What is in either of two arrays, sorted.",
        rule: |e, call| {
            let common = common_arrays(e, call, [0, 1])?;
            let args = common.arrays.map(|array| e.view_argument(array)).to_vec();
            let result = Type::array(common.dtype, 1, Layout::C);
            let result = e.call_kernel("union1d", common.dtype, args, result);
            Ok(common.elements(e, result))
        },
    },
    Declaration {
        path: "numpy.intersect1d",
        params: &[AR1, AR2, ASSUME_UNIQUE, flag("return_indices")],
        doc: "What is in both of two arrays, sorted, with the positions there if a constant asks for them.",
        rule: |e, call| {
            let common = common_arrays(e, call, [0, 1])?;
            let mut args = common.arrays.map(|array| e.view_argument(array)).to_vec();
            args.push(truth_argument(e, call, 2)?);
            let positions = Type::array(Type::int64(), 1, Layout::C);
            let result = Type::tuple(vec![Type::array(common.dtype, 1, Layout::C), positions, positions]);
            let result = e.call_kernel("intersect1d", common.dtype, args, result);
            let mut parts = e.tuple_elements(result);
            parts[0] = common.elements(e, parts[0]);
            Ok(if constant_bool(e, call, 3, "return_indices")? { e.tuple(parts) } else { parts[0] })
        },
    },
    Declaration {
        path: "numpy.setxor1d",
        params: &[AR1, AR2, ASSUME_UNIQUE],
        doc: "What is in one of two arrays only, sorted.",
        rule: |e, call| {
            let common = common_arrays(e, call, [0, 1])?;
            let mut args = common.arrays.map(|array| e.view_argument(array)).to_vec();
            args.push(truth_argument(e, call, 2)?);
            let result = Type::array(common.dtype, 1, Layout::C);
            let result = e.call_kernel("setxor1d", common.dtype, args, result);
            Ok(common.elements(e, result))
        },
    },
    Declaration {
        path: "numpy.setdiff1d",
        params: &[AR1, AR2, ASSUME_UNIQUE],
        doc: "What is in the first of two arrays only, sorted; in its own order with a constant `assume_unique`.",
        rule: |e, call| {
            let first = array_like(e, call, 0)?;
            let first = if constant_bool(e, call, 2, "assume_unique")? {
                let first = e.contiguous(first, Layout::C)?;
                e.one_axis(first)
            } else {
                let equal_nan = e.b.bool(true);
                e.unique(call, first, equal_nan)?
            };
            let second = array_like(e, call, 1)?;
            let invert = e.b.bool(true);
            let mask = is_in(e, call, [first, second], invert)?;
            e.array_item(first, mask)
        },
    },
    Declaration {
        path: "numpy.isin",
        params: &[
            Param::required("element"),
            Param::required("test_elements"),
            ASSUME_UNIQUE,
            flag("invert"),
            Param::optional("kind", Default::None).keyword_only(),
        ],
        doc: "Which elements of an array are in another; `assume_unique` and `kind` make no difference.",
        rule: |e, call| {
            let elements = array_like(e, call, 0)?;
            let test = array_like(e, call, 1)?;
            let invert = truth_argument(e, call, 3)?;
            let result = is_in(e, call, [elements, test], invert)?;
            Ok(e.scalar_of(result))
        },
    },
];

/// A bool that may be known at run time only.
fn truth_argument(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let truth = e.truth(call.args[idx])?;
    e.coerce(truth, Type::bool())
}

/// Two arrays with the dtype that they have together.
fn common_arrays(e: &mut Emitter<'_>, call: &Call, idx: [usize; 2]) -> Emit<Comparable<2>> {
    let arrays = [array_like(e, call, idx[0])?, array_like(e, call, idx[1])?];
    comparable(e, call, arrays)
}

fn comparable(e: &mut Emitter<'_>, call: &Call, [first, second]: [Value; 2]) -> Emit<Comparable<2>> {
    let [own, other] = [first, second].map(|array| e.array_type(array).dtype);
    let dtype = promote(own, other).unwrap_or(own);
    let arrays = [e.as_dtype(first, dtype)?, e.as_dtype(second, dtype)?];
    Comparable::of(e, call, arrays)
}

fn is_in(e: &mut Emitter<'_>, call: &Call, arrays: [Value; 2], invert: Value) -> Emit {
    let ndim = e.array_type(arrays[0]).ndim;
    let Comparable { dtype, arrays: [elements, test], .. } = comparable(e, call, arrays)?;
    let args = vec![e.view_argument(elements), e.view_argument(test), invert];
    Ok(e.call_kernel("isin", dtype, args, Type::array(Type::bool(), ndim, Layout::C)))
}

fn unique(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    let equal_nan = truth_argument(e, call, 5)?;
    let mut wanted = Vec::new();
    for (field, name) in [(1, "return_index"), (2, "return_inverse"), (3, "return_counts")] {
        if constant_bool(e, call, field, name)? {
            wanted.push(field);
        }
    }
    if e.ty(call.args[4]).is_none() && wanted.is_empty() {
        return e.unique(call, array, equal_nan);
    }
    let positions = Type::array(Type::int64(), 1, Layout::C);
    if e.ty(call.args[4]).is_none() && wanted == [3] && ty.dtype.is_number() {
        let args = vec![e.view_argument(array), equal_nan];
        return Ok(e.call_kernel(
            "unique_counts",
            ty.dtype,
            args,
            Type::tuple(vec![Type::array(ty.dtype, 1, Layout::C), positions]),
        ));
    }
    let mut results = if e.ty(call.args[4]).is_none() {
        e.unique_all(call, array, equal_nan)?
    } else {
        let axis = constant_axis(e, call, 4, call.args[4], usize::from(ty.ndim))?;
        let array = e.with_axis_moved(array, axis, 0);
        let comparable = Comparable::of(e, call, [array])?;
        let view = e.view_argument(comparable.arrays[0]);
        let values = Type::array(comparable.dtype, ty.ndim, Layout::C);
        let result = Type::tuple(vec![values, positions, positions, positions]);
        let result = e.call_kernel("unique_rows", comparable.dtype, vec![view], result);
        let mut results = e.tuple_elements(result);
        let rows = comparable.elements(e, results[0]);
        results[0] = e.with_axis_moved(rows, 0, axis);
        results
    };
    if wanted.is_empty() {
        return Ok(results.swap_remove(0));
    }
    let results = std::iter::once(0).chain(wanted).map(|field| results[field]).collect();
    Ok(e.tuple(results))
}

/// A named tuple of what `unique_all` gives.
fn unique_result(e: &mut Emitter<'_>, call: &Call, class: &str, fields: &[(&str, usize)]) -> Emit {
    let array = array_like(e, call, 0)?;
    let equal_nan = e.b.bool(false);
    let results = e.unique_all(call, array, equal_nan)?;
    let fields: Vec<_> = fields.iter().map(|(name, field)| (*name, results[*field])).collect();
    Ok(e.named_tuple(&format!("numpy.lib._arraysetops_impl.{class}"), &fields))
}

impl Emitter<'_> {
    /// What is unique, first positions, numbers of the elements' own, and counts.
    fn unique_all(&mut self, call: &Call, array: Value, equal_nan: Value) -> Emit<Vec<Value>> {
        let ty = self.array_type(array);
        if !ty.dtype.is_number() {
            let Numbering { first, numbers, counts } = self.numbering(call, array)?;
            let flat = self.contiguous(array, Layout::C)?;
            let flat = self.one_axis(flat);
            let axis = self.b.int64(0);
            let values = gather(self, flat, axis, first, 0);
            return Ok(vec![values, first, numbers, counts]);
        }
        let positions = Type::array(Type::int64(), 1, Layout::C);
        let result = Type::tuple(vec![Type::array(ty.dtype, 1, Layout::C), positions, positions, positions]);
        let args = vec![self.view_argument(array), equal_nan];
        let result = self.call_kernel("unique_all", ty.dtype, args, result);
        let mut results = self.tuple_elements(result);
        // The numbers stand where the elements stood.
        let extents = self.extents(array);
        let own = ArrayType { ndim: ty.ndim, ..self.array_type(results[2]) };
        results[2] = self.view_as(results[2], own, &extents, &[]);
        Ok(results)
    }

    fn unique(&mut self, call: &Call, array: Value, equal_nan: Value) -> Emit {
        let dtype = self.array_type(array).dtype;
        if !dtype.is_number() {
            return Ok(self.unique_all(call, array, equal_nan)?.swap_remove(0));
        }
        let view = self.view_argument(array);
        Ok(self.call_kernel("unique", dtype, vec![view, equal_nan], Type::array(dtype, 1, Layout::C)))
    }
}

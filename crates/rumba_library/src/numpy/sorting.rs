//! Sorting and searching what is sorted: `np.sort`, `np.argsort`, `np.partition`, `np.searchsorted` and their kin.

use super::numbering::Comparable;
use super::promotion::promote;
use super::selecting::{positions_argument, take_along};
use crate::arrays::creation::array_like;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::times::sort_keys;
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Layout, Type};

const AXIS: Param = Param::optional("axis", Default::Int(-1));
const KIND: Param = Param::optional("kind", Default::None);
const ORDER: Param = Param::optional("order", Default::None);
const STABLE: Param = Param::optional("stable", Default::None).keyword_only();
const SELF: Param = Param::required("self");
const A: Param = Param::required("a");
const KTH: Param = Param::required("kth");
const INTROSELECT: Param = Param::optional("kind", Default::Str("introselect"));
const SIDE: Param = Param::optional("side", Default::Str("left"));
const SORTER: Param = Param::optional("sorter", Default::None);

const ARGSORT: &str = "The positions that sort, nan last; always stable.";
const ARGPARTITION: &str = "The positions that partition at one position or several.";
const SEARCHSORTED: &str = "Where values would be inserted into a sorted array.";

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.sort",
        params: &[Param::required("a"), AXIS, KIND, ORDER, STABLE],
        doc: "A sorted copy, nan last.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
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
    Declaration {
        path: "numpy.argsort",
        params: &[A, AXIS, KIND, ORDER, STABLE],
        doc: ARGSORT,
        rule: argsort,
    },
    Declaration {
        path: "array.argsort",
        params: &[SELF, AXIS, KIND, ORDER, STABLE],
        doc: ARGSORT,
        rule: argsort,
    },
    Declaration {
        path: "numpy.partition",
        params: &[A, KTH, AXIS, INTROSELECT, ORDER],
        doc: "A copy in which sorting would not move the elements at some positions, smaller ones before them.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let array = e.copy_array(array, Layout::C)?;
            let array = if e.ty(call.args[2]).is_none() { e.one_axis(array) } else { array };
            partition(e, call, array)?;
            Ok(array)
        },
    },
    Declaration {
        path: "array.partition",
        params: &[SELF, KTH, AXIS, INTROSELECT, ORDER],
        doc: "Partitions the array in place: sorting would not move the elements at some positions.",
        rule: |e, call| {
            e.check_writable(call.args[0])?;
            partition(e, call, call.args[0])?;
            Ok(e.b.none())
        },
    },
    Declaration {
        path: "numpy.argpartition",
        params: &[A, KTH, AXIS, INTROSELECT, ORDER],
        doc: ARGPARTITION,
        rule: argpartition,
    },
    Declaration {
        path: "array.argpartition",
        params: &[SELF, KTH, AXIS, INTROSELECT, ORDER],
        doc: ARGPARTITION,
        rule: argpartition,
    },
    Declaration {
        path: "numpy.lexsort",
        params: &[Param::required("keys"), AXIS],
        doc: "The positions that sort by several keys, of which the last decides first: a tuple, or the rows of an array.",
        rule: lexsort,
    },
    Declaration {
        path: "numpy.sort_complex",
        params: &[A],
        doc: "A sorted copy as complex numbers.",
        rule: |e, call| {
            let array = array_like(e, call, 0)?;
            let dtype = match e.array_type(array).dtype {
                ty if ty.is_complex() => ty,
                ty if ty.is_int() && ty.item_size() < 4 => Type::complex64(),
                _ => Type::complex128(),
            };
            let array = e.cast_array(array, dtype, Layout::C)?;
            if e.array_type(array).ndim == 0 {
                return call.argument_error(0, Code::ArgumentType, "a number cannot be sorted");
            }
            let axis = e.b.int64(i64::from(e.array_type(array).ndim) - 1);
            let args = vec![e.view_argument(array), axis, e.b.bool(false)];
            e.call_kernel("sort", dtype, args, Type::none());
            Ok(array)
        },
    },
    Declaration {
        path: "numpy.searchsorted",
        params: &[A, Param::required("v"), SIDE, SORTER],
        doc: SEARCHSORTED,
        rule: search_sorted,
    },
    Declaration {
        path: "array.searchsorted",
        params: &[SELF, Param::required("v"), SIDE, SORTER],
        doc: SEARCHSORTED,
        rule: search_sorted,
    },
];

fn argsort(e: &mut Emitter<'_>, call: &Call) -> Emit {
    is_stable(e, call)?;
    let array = array_like(e, call, 0)?;
    let (array, axis) = array_and_axis(e, call, array, 1)?;
    let ty = e.array_type(array);
    if ty.dtype.as_record().is_some() {
        return e.order_of_records(call, array, axis);
    }
    let Comparable { dtype, arrays: [array], .. } = Comparable::of(e, call, [array])?;
    let args = vec![e.view_argument(array), axis];
    Ok(e.call_kernel("argsort", dtype, args, Type::array(Type::int64(), ty.ndim, Layout::C)))
}

fn check_introselect(e: &Emitter<'_>, call: &Call) -> Emit<()> {
    if !e.ty(call.args[4]).is_none() {
        return call.argument_error(4, Code::ArgumentValue, "`order` is for structured arrays");
    }
    if e.ty(call.args[3]).as_literal_str() != Some("introselect") {
        return call.argument_error(3, Code::ArgumentValue, "`kind` is the constant 'introselect'");
    }
    Ok(())
}

/// Partitions `array` in place as the arguments behind it say.
fn partition(e: &mut Emitter<'_>, call: &Call, array: Value) -> Emit<()> {
    check_introselect(e, call)?;
    let positions = partition_positions(e, call)?;
    let axis = if e.ty(call.args[2]).is_none() { e.b.int64(0) } else { e.run_time_axis(call, 2, array)? };
    let dtype = e.array_type(array).dtype;
    let args = vec![e.view_argument(array), positions, axis];
    e.call_kernel("partition", dtype, args, Type::none());
    Ok(())
}

fn argpartition(e: &mut Emitter<'_>, call: &Call) -> Emit {
    check_introselect(e, call)?;
    let array = array_like(e, call, 0)?;
    let (array, axis) = array_and_axis(e, call, array, 2)?;
    let ty = e.array_type(array);
    let args = vec![e.view_argument(array), partition_positions(e, call)?, axis];
    Ok(e.call_kernel("argpartition", ty.dtype, args, Type::array(Type::int64(), ty.ndim, Layout::C)))
}

fn partition_positions(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let positions = positions_argument(e, call, 1)?;
    let positions = e.as_dtype(positions, Type::int64())?;
    Ok(e.view_argument(positions))
}

fn lexsort(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let keys = e.plain(call.args[0]);
    if e.ty(keys).as_tuple().is_none() {
        let keys = array_like(e, call, 0)?;
        let ty = e.array_type(keys);
        if ty.ndim < 2 {
            return call.argument_error(
                0,
                Code::ArgumentType,
                "keys are a tuple of arrays, or the rows of an array",
            );
        }
        let some = e.b.int64(0);
        let n_keys = e.extent(keys, 0);
        let some = e.less(some, n_keys);
        e.raise_unless(some, "TypeError", "need sequence of keys with len > 0 in lexsort", &[]);
        let first = e.b.int64(0);
        let row = e.array_row(keys, first)?;
        let axis = e.run_time_axis(call, 1, row)?;
        let Comparable { dtype, arrays: [keys], .. } = Comparable::of(e, call, [keys])?;
        let args = vec![e.view_argument(keys), axis];
        return Ok(e.call_kernel(
            "lexsort_rows",
            dtype,
            args,
            Type::array(Type::int64(), ty.ndim - 1, Layout::C),
        ));
    }
    let keys = e.tuple_elements(keys);
    let Some(first) = keys.first() else {
        return call.argument_error(0, Code::ArgumentValue, "there must be at least one key");
    };
    for key in &keys {
        if !e.has_axes(*key) {
            return call.argument_error(0, Code::ArgumentType, "each key is an array with axes");
        }
        if e.array_type(*key).ndim != e.array_type(*first).ndim {
            return call.argument_error(0, Code::ArgumentType, "all keys need to be the same shape");
        }
    }
    let axis = e.run_time_axis(call, 1, *first)?;
    e.sorted_by(call, &keys, axis)
}

impl Emitter<'_> {
    /// The positions that sort by one array after the other, each sorting what is equal by all before it.
    fn sorted_by(&mut self, call: &Call, keys: &[Value], axis: Value) -> Emit {
        let mut order = None;
        for key in keys {
            let key = self.sort_key(call, *key)?;
            let ty = self.array_type(key);
            let view = self.view_argument(key);
            order = Some(match order {
                None => {
                    let positions = Type::array(Type::int64(), ty.ndim, Layout::C);
                    self.call_kernel("argsort", ty.dtype, vec![view, axis], positions)
                }
                Some(order) => {
                    let args = vec![view, self.view_argument(order), axis];
                    self.call_kernel("reorder", ty.dtype, args, Type::none());
                    order
                }
            });
        }
        Ok(order.expect("there is a key"))
    }

    /// The positions that sort an array of records along an axis.
    fn order_of_records(&mut self, call: &Call, array: Value, axis: Value) -> Emit {
        let order = call.position("order").expect("sorting has an order");
        let ty = self.ty(call.args[order]);
        let parts = ty.as_tuple().map_or(vec![ty], <[Type]>::to_vec);
        let mut names = Vec::with_capacity(parts.len());
        for part in parts.iter().filter(|part| !part.is_none()) {
            match part.as_literal_str() {
                Some(name) => names.push(name),
                None => {
                    let message = "`order` is the constant name of a field, or a tuple of these";
                    return call.argument_error(order, Code::ArgumentType, message);
                }
            }
        }
        let mut keys = self.sort_keys_of_records(array, &names)?;
        keys.reverse();
        self.sorted_by(call, &keys, axis)
    }

    /// An array of numbers in the order of the elements of another.
    fn sort_key(&mut self, call: &Call, array: Value) -> Emit {
        let dtype = self.array_type(array).dtype;
        match dtype.time_unit() {
            Some(_) => sort_keys(self, array),
            None if dtype.is_number() => Ok(array),
            None => Ok(self.numbering(call, array)?.numbers),
        }
    }
}

fn search_sorted(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 0)?;
    if e.array_type(array).ndim != 1 {
        return call.argument_error(
            0,
            Code::ArgumentType,
            "object too deep for desired array: one axis is searched",
        );
    }
    let values = e.plain(call.args[1]);
    let values = e.scalar_of(values);
    let own = e.array_type(array).dtype;
    let is_one = e.ty(values).is_number() || own.as_fixed_text().is_some() && e.ty(values).is_text();
    let values = if is_one { values } else { array_like(e, call, 1)? };
    let (of_values, ndim) =
        e.ty(values).as_array().map_or((e.ty(values), 0), |array| (array.dtype, array.ndim));
    let dtype = promote(own, of_values).unwrap_or(own);
    let right = match e.ty(call.args[2]).as_literal_str() {
        Some("left") => false,
        Some("right") => true,
        _ => {
            return call.argument_error(
                2,
                Code::ArgumentValue,
                "`side` is one of the constants 'left' and 'right'",
            );
        }
    };
    let sorter = if e.ty(call.args[3]).is_none() {
        e.b.address(0)
    } else {
        let sorter = positions_argument(e, call, 3)?;
        let sorter = e.as_dtype(sorter, Type::int64())?;
        e.view_argument(sorter)
    };
    let positions = Type::array(Type::int64(), ndim, Layout::C);
    let right = e.b.bool(right);
    if let Some((_, kind)) = own.as_fixed_text() {
        let mut args = e.elements_of_text(array);
        let of_text =
            is_one.then(|| e.ty(values).widen()).or(of_values.as_fixed_text().map(|(_, kind)| kind));
        if of_text != Some(kind) {
            let message = format!("{} is not searched for in elements of {own}", e.ty(values).shown());
            return call.argument_error(1, Code::ArgumentType, message);
        }
        let kernel = if is_one {
            args.push(e.text_argument(values));
            "search_text"
        } else {
            args.extend(e.elements_of_text(values));
            "search_elements"
        };
        args.extend([right, sorter]);
        let result = e.call_kernel(kernel, kind, args, positions);
        return Ok(e.scalar_of(result));
    }
    let array = e.as_dtype(array, dtype)?;
    if !dtype.is_number() {
        let values = e.as_dtype(values, dtype)?;
        let Comparable { dtype, arrays, .. } = Comparable::of(e, call, [array, values])?;
        let [array, values] = arrays.map(|array| e.view_argument(array));
        let result = e.call_kernel("search_sorted", dtype, vec![array, values, right, sorter], positions);
        return Ok(e.scalar_of(result));
    }
    let values = e.elements_argument(values, dtype)?;
    let args = vec![e.view_argument(array), values, right, sorter];
    let result = e.call_kernel("search_sorted", dtype, args, positions);
    Ok(e.scalar_of(result))
}

/// An array and the axis to work along; in C order as one axis if none is given.
pub(crate) fn array_and_axis(
    e: &mut Emitter<'_>,
    call: &Call,
    array: Value,
    axis: usize,
) -> Emit<(Value, Value)> {
    if e.ty(call.args[axis]).is_none() {
        let array = e.contiguous(array, Layout::C)?;
        return Ok((e.one_axis(array), e.b.int64(0)));
    }
    let axis = e.run_time_axis(call, axis, array)?;
    Ok((array, axis))
}

/// Sorts `array` in place as the arguments behind it say.
fn sort(e: &mut Emitter<'_>, call: &Call, array: Value) -> Emit<()> {
    let stable = is_stable(e, call)?;
    let axis = if e.ty(call.args[1]).is_none() { e.b.int64(0) } else { e.run_time_axis(call, 1, array)? };
    let dtype = e.array_type(array).dtype;
    if dtype.as_record().is_some() {
        let positions = e.order_of_records(call, array, axis)?;
        let sorted = take_along(e, array, positions, axis);
        return e.assign_array(array, sorted);
    }
    let comparable = Comparable::of(e, call, [array])?;
    let args = vec![e.view_argument(comparable.arrays[0]), axis, e.b.bool(stable)];
    e.call_kernel("sort", comparable.dtype, args, Type::none());
    if dtype.is_number() {
        return Ok(());
    }
    let sorted = comparable.elements(e, comparable.arrays[0]);
    e.assign_array(array, sorted)
}

fn is_stable(e: &Emitter<'_>, call: &Call) -> Emit<bool> {
    let is_structured = e.fields_of(e.ty(call.args[0])).is_some();
    if !e.ty(call.args[3]).is_none() && !is_structured {
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
        if let Some(literal) = self.ty(call.args[idx]).as_literal_int()
            && !(-i128::from(ndim)..i128::from(ndim)).contains(&literal)
        {
            let message = format!("axis {literal} is out of bounds for array of dimension {ndim}");
            return call.argument_error(idx, Code::ArgumentValue, message);
        }
        if ndim == 0 {
            let message = "an array of dimension 0 has no axis, whatever the number";
            return call.argument_error(idx, Code::ArgumentValue, message);
        }
        let axis = self.plain(call.args[idx]);
        if !self.ty(axis).is_int() {
            let message = format!("an axis is an integer, not {}", self.ty(axis).shown());
            return call.argument_error(idx, Code::ArgumentType, message);
        }
        let axis = self.b.convert(axis, Type::int64());
        let ndim_value = self.b.int64(ndim);
        let wrapped = self.wrap_index(axis, ndim_value);
        let fits = self.index_in_bounds(wrapped, ndim_value);
        let message = format!("axis {{}} is out of bounds for array of dimension {ndim}");
        self.raise_unless(fits, "AxisError", &message, &[axis]);
        Ok(wrapped)
    }
}

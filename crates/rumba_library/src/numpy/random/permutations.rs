//! `shuffle`, `permutation`, `permuted` and `choice`.

use super::{SELF, SIZE, bits, is_method, optional_extents, position, size_argument};
use crate::arrays::creation::array_like;
use crate::arrays::reshaping::array_argument;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::numpy::selecting::gather;
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Layout, Type};

const X: Param = Param::required("x");
const AXIS: Param = Param::optional("axis", Default::Int(0));
const A: Param = Param::required("a");
const REPLACE: Param = Param::optional("replace", Default::Bool(true));
const P: Param = Param::optional("p", Default::None);

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "generator.shuffle",
        params: &[SELF, X, AXIS],
        doc: "Shuffles an array in place along an axis.",
        rule: shuffle,
    },
    Declaration {
        path: "numpy.random.shuffle",
        params: &[X],
        doc: "Shuffles an array in place along its first axis.",
        rule: shuffle,
    },
    Declaration {
        path: "generator.permutation",
        params: &[SELF, X, AXIS],
        doc: "A copy of an array shuffled along an axis, or the integers below a number in random order.",
        rule: permutation,
    },
    Declaration {
        path: "numpy.random.permutation",
        params: &[X],
        doc: "A copy of an array shuffled along its first axis, or the integers below a number in random order.",
        rule: permutation,
    },
    Declaration {
        path: "generator.permuted",
        params: &[
            SELF,
            X,
            Param::optional("axis", Default::None).keyword_only(),
            Param::optional("out", Default::None).keyword_only(),
        ],
        doc: "A copy whose lines along an axis are each shuffled on its own; without an axis, all elements.",
        rule: permuted,
    },
    Declaration {
        path: "generator.choice",
        params: &[SELF, A, SIZE, REPLACE, P, AXIS, Param::optional("shuffle", Default::Bool(true))],
        doc: "Elements of an array, or integers below a number, chosen with or without replacement.",
        rule: choice,
    },
    Declaration {
        path: "numpy.random.choice",
        params: &[A, SIZE, REPLACE, P],
        doc: "Elements of an array with one axis, or integers below a number, chosen with or without replacement.",
        rule: choice,
    },
];

/// Where an array is shuffled along: `axis`, or the first.
fn axis_of(e: &mut Emitter<'_>, call: &Call, array: Value) -> Emit {
    match call.position("axis") {
        Some(idx) => e.run_time_axis(call, idx, array),
        None if e.array_type(array).ndim > 0 => Ok(e.b.int64(0)),
        None => call.argument_error(
            position(call, "x"),
            Code::ArgumentType,
            "an array without axes is not shuffled",
        ),
    }
}

fn shuffle_along(e: &mut Emitter<'_>, call: &Call, array: Value, axis: Value) {
    let args = vec![bits(e, call), e.view_argument(array), axis];
    let dtype = e.array_type(array).dtype;
    e.call_kernel_by_size("random_shuffle", dtype, args, Type::none());
}

fn shuffle(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_argument(e, call, position(call, "x"))?;
    e.check_writable(array)?;
    let axis = axis_of(e, call, array)?;
    shuffle_along(e, call, array, axis);
    Ok(e.b.none())
}

fn permutation(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let idx = position(call, "x");
    let value = e.plain(call.args[idx]);
    if e.ty(value).is_int() {
        let args = vec![bits(e, call), e.coerce(value, Type::int64())?];
        return Ok(e.call_raising("random_permutation", args, Type::array(Type::int64(), 1, Layout::C)));
    }
    let array = array_like(e, call, idx)?;
    let axis = axis_of(e, call, array)?;
    let copy = e.copy_array(array, Layout::C)?;
    shuffle_along(e, call, copy, axis);
    Ok(copy)
}

fn permuted(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = array_like(e, call, 1)?;
    let ty = e.array_type(array);
    let (axis_idx, out_idx) = (position(call, "axis"), position(call, "out"));
    let whole = e.ty(call.args[axis_idx]).is_none();
    let is_new = e.ty(call.args[out_idx]).is_none();
    let target = if is_new {
        e.copy_array(array, if ty.layout == Layout::F { Layout::F } else { Layout::C })?
    } else {
        let out = array_argument(e, call, out_idx)?;
        let own = e.array_type(out);
        if own.dtype != ty.dtype || own.ndim != ty.ndim || own.layout != ty.layout {
            let message = "`out` must have the dtype, the number of axes and the order of the array";
            return call.argument_error(out_idx, Code::ArgumentType, message);
        }
        e.check_writable(out)?;
        let mut fits = e.b.bool(true);
        for (own, wanted) in e.extents(out).into_iter().zip(e.extents(array)) {
            let same = e.equal(own, wanted);
            fits = e.b.and(fits, same);
        }
        e.raise_unless(fits, "ValueError", "out must have the same shape as x", &[]);
        e.assign_array(out, array)?;
        out
    };
    if whole && ty.ndim > 1 && ty.layout == Layout::A {
        // In the order in which the elements lie where NumPy copies the array, or in that of `out`.
        let like = if is_new { e.view_argument(array) } else { e.b.address(0) };
        let args = vec![bits(e, call), e.view_argument(target), like];
        e.call_kernel_by_size("random_permute_whole", ty.dtype, args, Type::none());
        return Ok(target);
    }
    if whole {
        // In the order of memory.
        let line = if ty.layout == Layout::F { e.transposed(target) } else { target };
        let line = if ty.ndim == 1 { line } else { e.one_axis(line) };
        let axis = e.b.int64(0);
        shuffle_along(e, call, line, axis);
        return Ok(target);
    }
    let axis = e.run_time_axis(call, axis_idx, target)?;
    let args = vec![bits(e, call), e.view_argument(target), axis];
    e.call_kernel_by_size("random_permute", ty.dtype, args, Type::none());
    Ok(target)
}

fn bool_argument(e: &mut Emitter<'_>, call: &Call, name: &str) -> Emit {
    let Some(idx) = call.position(name) else { return Ok(e.b.bool(true)) };
    let value = e.plain(call.args[idx]);
    if e.ty(value).is_bool() {
        return Ok(value);
    }
    call.argument_error(idx, Code::ArgumentType, format!("`{name}` is a bool, not {}", e.ty(value).shown()))
}

fn choice(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (a_idx, p_idx) = (position(call, "a"), position(call, "p"));
    let given = e.plain(call.args[a_idx]);
    let given = e.scalar_of(given);
    let (array, population, axis) = if e.ty(given).is_int() {
        (None, e.coerce(given, Type::int64())?, e.b.int64(0))
    } else if e.ty(given).is_number() {
        let message = format!("choice takes an array or an integer, not {}", e.ty(given).shown());
        return call.argument_error(a_idx, Code::ArgumentType, message);
    } else {
        let array = array_like(e, call, a_idx)?;
        if !is_method(call) && e.array_type(array).ndim != 1 {
            return call.argument_error(a_idx, Code::ArgumentType, "a must be 1-dimensional");
        }
        let axis = match call.position("axis") {
            Some(idx) => e.run_time_axis(call, idx, array)?,
            None => e.b.int64(0),
        };
        // The extent along an axis that may be known at run time only.
        let mut population = e.extent(array, 0);
        for candidate in 1..usize::from(e.array_type(array).ndim) {
            let number = e.b.int64(candidate as i64);
            let is_axis = e.equal(axis, number);
            let extent = e.extent(array, candidate);
            population = e.b.select(is_axis, extent, population);
        }
        (Some(array), population, axis)
    };
    let (probabilities, tolerance) = if e.ty(call.args[p_idx]).is_none() {
        (e.b.address(0), 0.0)
    } else {
        let p = array_like(e, call, p_idx)?;
        let ty = e.array_type(p);
        if ty.ndim != 1 || ty.dtype.is_complex() {
            return call.argument_error(p_idx, Code::ArgumentType, "p must be 1-dimensional and real");
        }
        let epsilon = if ty.dtype == Type::float32() { f64::from(f32::EPSILON) } else { f64::EPSILON };
        (e.elements_argument(p, Type::float64())?, epsilon.sqrt())
    };
    let size = size_argument(e, call)?;
    let args = vec![
        bits(e, call),
        optional_extents(e, size.as_deref()),
        population,
        e.b.bool(array.is_some()),
        bool_argument(e, call, "replace")?,
        bool_argument(e, call, "shuffle")?,
        probabilities,
        e.b.float(tolerance, Type::float64()),
    ];
    let ndim = size.as_ref().map_or(0, |size| size.len() as u8);
    let positions = e.call_raising("random_choice", args, Type::array(Type::int64(), ndim, Layout::C));
    let chosen = match array {
        Some(array) => gather(e, array, axis, positions, 0),
        None => positions,
    };
    Ok(if size.is_none() { e.scalar_of(chosen) } else { chosen })
}

//! Splitting arrays: `np.split` and its kin. NumPy gives a list; here it is a tuple, so the number of parts is a constant.

use crate::arrays::creation::array_like;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::{ArrayType, Layout};

const ARY: Param = Param::required("ary");
const AXIS: Param = Param::optional("axis", Default::Int(0));
const SECTIONS: Param = Param::required("indices_or_sections");

/// More parts than this are refused: each is a value of its own in compiled code.
const MAX_PARTS: i128 = 100;

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.split",
        params: &[ARY, SECTIONS, AXIS],
        doc: "A tuple of views: as many equal parts as a constant says, or those between the positions in a tuple.",
        rule: |e, call| split(e, call, Axis::Argument(2), true),
    },
    Declaration {
        path: "numpy.array_split",
        params: &[ARY, SECTIONS, AXIS],
        doc: "As `split`, where the parts need not be equal: the first ones have one slice more.",
        rule: |e, call| split(e, call, Axis::Argument(2), false),
    },
    Declaration {
        path: "numpy.hsplit",
        params: &[ARY, SECTIONS],
        doc: "As `split` along the second axis, or the only one.",
        rule: |e, call| split(e, call, Axis::Second, true),
    },
    Declaration {
        path: "numpy.vsplit",
        params: &[ARY, SECTIONS],
        doc: "As `split` along the first of at least two axes.",
        rule: |e, call| split(e, call, Axis::Fixed(0, 2), true),
    },
    Declaration {
        path: "numpy.dsplit",
        params: &[ARY, SECTIONS],
        doc: "As `split` along the third axis.",
        rule: |e, call| split(e, call, Axis::Fixed(2, 3), true),
    },
];

enum Axis {
    Argument(usize),
    /// The second, or the only one.
    Second,
    /// The axis, and the fewest axes that the array may have.
    Fixed(i64, u8),
}

fn split(e: &mut Emitter<'_>, call: &Call, axis: Axis, equal: bool) -> Emit {
    let array = array_like(e, call, 0)?;
    let ndim = e.array_type(array).ndim;
    let least = match axis {
        Axis::Fixed(_, least) => least,
        _ => 1,
    };
    if ndim < least {
        let message = format!("{}() needs an array of {least} or more dimensions", call.short_name());
        return call.argument_error(0, Code::ArgumentType, message);
    }
    let axis = match axis {
        Axis::Argument(idx) => e.run_time_axis(call, idx, array)?,
        Axis::Second => e.b.int64(i64::from(ndim > 1)),
        Axis::Fixed(axis, _) => e.b.int64(axis),
    };
    let extents = e.extents(array);
    let length = e.tuple_item_unchecked(&extents, rumba_types::Type::int64(), axis)?;
    let ends = if e.ty(call.args[1]).as_tuple().is_some() {
        ends_between(e, call, length)?
    } else {
        ends_of_sections(e, call, length, equal)?
    };
    let mut parts = Vec::with_capacity(ends.len());
    for [start, end] in ends {
        parts.push(part(e, array, axis, start, end));
    }
    Ok(e.tuple(parts))
}

/// Start and end of parts between positions, which count from the end if they are negative.
fn ends_between(e: &mut Emitter<'_>, call: &Call, length: Value) -> Emit<Vec<[Value; 2]>> {
    let zero = e.b.int64(0);
    let mut borders = vec![zero];
    for position in e.tuple_elements(call.args[1]) {
        let position = e.as_index(position, "a position to split at")?;
        let position = e.wrap_index(position, length);
        let position = e.max(position, zero);
        borders.push(e.min(position, length));
    }
    borders.push(length);
    let parts = borders.windows(2).map(|ends| {
        let end = e.max(ends[0], ends[1]);
        [ends[0], end]
    });
    Ok(parts.collect())
}

/// Start and end of a number of parts that are equal, or of which the first ones are longer by one.
fn ends_of_sections(e: &mut Emitter<'_>, call: &Call, length: Value, equal: bool) -> Emit<Vec<[Value; 2]>> {
    let Some(n_parts) = e.ty(call.args[1]).as_literal_int() else {
        let message = "the number of parts must be a constant, or positions a tuple";
        let diagnostic = Diagnostic::new(Code::ArgumentValue, call.spans[1], message);
        return Err(diagnostic.note("the parts are a tuple, whose length is part of its type").into());
    };
    if !(1..=MAX_PARTS).contains(&n_parts) {
        let message = format!("the number of parts is between 1 and {MAX_PARTS}");
        return call.argument_error(1, Code::ArgumentValue, message);
    }
    let count = e.b.int64(n_parts as i64);
    let (zero, one) = (e.b.int64(0), e.b.int64(1));
    let each = e.b.binary(BinaryOp::TruncDiv, length, count);
    let surplus = e.b.binary(BinaryOp::TruncMod, length, count);
    if equal {
        let divides = e.equal(surplus, zero);
        e.raise_unless(divides, "ValueError", "array split does not result in an equal division", &[]);
    }
    let mut start = zero;
    let mut ends = Vec::new();
    for idx in 0..n_parts as i64 {
        let idx = e.b.int64(idx);
        let is_longer = e.less(idx, surplus);
        let more = e.b.select(is_longer, one, zero);
        let own = e.b.add(each, more);
        let end = e.b.add(start, own);
        ends.push([start, end]);
        start = end;
    }
    Ok(ends)
}

/// The view from `start` to `end` along an axis.
fn part(e: &mut Emitter<'_>, array: Value, axis: Value, start: Value, end: Value) -> Value {
    let ty = e.array_type(array);
    let (mut extents, strides) = (e.extents(array), e.strides(array));
    let own = e.b.sub(end, start);
    let zero = e.b.int64(0);
    let mut offset = zero;
    for position in 0..extents.len() {
        let here = e.b.int64(position as i64);
        let here = e.equal(axis, here);
        extents[position] = e.b.select(here, own, extents[position]);
        let distance = e.b.mul(start, strides[position]);
        let distance = e.b.select(here, distance, zero);
        offset = e.b.add(offset, distance);
    }
    // An empty part may begin behind the last element: it must not move the address there.
    let size = e.product(&extents);
    let empty = e.is_zero(size);
    let offset = e.b.select(empty, zero, offset);
    let data = e.array_data(array);
    let data = e.b.offset(data, offset);
    let owner = e.array_owner(array);
    let layout = if ty.ndim == 1 { ty.layout } else { Layout::A };
    e.make_array(ArrayType { layout, ..ty }, data, owner, &extents, &strides)
}

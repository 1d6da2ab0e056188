//! `array[index]` for integers, slices, `...` and `None`: elements and views.

use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, CompareOp, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type, TypeKind};

/// One part of an index, in the order of the axes.
enum Part {
    /// An int64 that is in bounds.
    Position(Value),
    /// Start, step, number of elements; `whole` when it is the entire axis in its order, `dense` when the
    /// step is 1.
    Slice {
        start: Value,
        step: Value,
        length: Value,
        whole: bool,
        dense: bool,
    },
    NewAxis,
}

impl Emitter<'_> {
    /// A negative index counts from the end. The result may still be out of bounds.
    pub(crate) fn wrap_index(&mut self, index: Value, length: Value) -> Value {
        if let Some(constant) = self.b.as_const_int(index) {
            return if constant >= 0 { index } else { self.b.add(index, length) };
        }
        let negative = self.is_negative(index);
        let from_end = self.b.add(index, length);
        self.b.select(negative, from_end, index)
    }

    /// `0 <= index < length` in one comparison.
    pub(crate) fn index_in_bounds(&mut self, index: Value, length: Value) -> Value {
        let [index, length] = [index, length].map(|v| self.b.convert(v, Type::uint64()));
        self.b.compare(CompareOp::Lt, index, length)
    }

    /// Wraps and checks an index of `axis`: `IndexError` naming index, axis and size.
    fn checked_position(&mut self, index: Value, axis: usize, length: Value) -> Emit {
        let index = self.plain(index);
        let ty = self.ty(index);
        if !ty.is_int() {
            let what = if ty.is_bool() { "a bool is" } else { "only integers, slices, `...` and `None` are" };
            let message = match ty.is_bool() {
                true => format!("{what} no index of an array"),
                false => format!("{what} indices of an array, not {}", ty.shown()),
            };
            return self.error(Code::IndexType, message);
        }
        // An unsigned index is never negative; as it stands in the message it keeps its type, because a uint64 beyond
        // int64 would read as negative.
        let (position, shown) = if ty.is_signed_int() {
            let index = self.b.convert(index, Type::int64());
            (self.wrap_index(index, length), index)
        } else {
            (self.b.convert(index, Type::int64()), index)
        };
        if self.boundscheck {
            let fine = self.index_in_bounds(position, length);
            let axis = self.b.int64(axis as i64);
            self.raise_unless(
                fine,
                "IndexError",
                "index {} is out of bounds for axis {} with size {}",
                &[shown, axis, length],
            );
        }
        Ok(position)
    }

    /// `array[i]` along the first axis without checks: an element, or a view of one row.
    pub(crate) fn array_row(&mut self, array: Value, position: Value) -> Emit {
        if self.array_type(array).ndim == 1 {
            return Ok(self.load_element(array, &[position]));
        }
        let mut parts = vec![Part::Position(position)];
        let extents = self.extents(array);
        for extent in &extents[1..] {
            parts.push(self.whole_axis(*extent));
        }
        Ok(self.view(array, &parts))
    }

    fn whole_axis(&mut self, extent: Value) -> Part {
        let start = self.b.int64(0);
        let step = self.b.int64(1);
        Part::Slice { start, step, length: extent, whole: true, dense: true }
    }

    /// Start, stop and step of a slice over an axis, as `slice.indices` computes them.
    pub(crate) fn slice_bounds(&mut self, slice: Value, length: Value) -> Emit<[Value; 3]> {
        let parts = [0, 1, 2].map(|idx| self.b.field(slice, idx));
        let zero = self.b.int64(0);
        let one = self.b.int64(1);
        let step = if self.ty(parts[2]).is_none() { one } else { self.slice_part(parts[2], one)? };
        let not_zero = self.not_equal(step, zero);
        self.raise_unless(not_zero, "ValueError", "slice step cannot be zero", &[]);
        let backward = self.is_negative(step);
        let last = self.b.sub(length, one);
        let minus_one = self.b.int64(-1);
        let lowest = self.b.select(backward, minus_one, zero);
        let highest = self.b.select(backward, last, length);
        let default_start = self.b.select(backward, highest, lowest);
        let default_stop = self.b.select(backward, lowest, highest);
        let mut ends = [default_start, default_stop];
        for (idx, default) in [default_start, default_stop].into_iter().enumerate() {
            let part = parts[idx];
            if self.ty(part).is_none() {
                continue;
            }
            let clamped = |e: &mut Self, part: Value| {
                let wrapped = e.wrap_index(part, length);
                let at_least = e.max(wrapped, lowest);
                e.min(at_least, highest)
            };
            ends[idx] = match self.ty(part).kind() {
                TypeKind::Optional(_) => {
                    let present = self.b.field(part, 0);
                    let value = self.b.field(part, 1);
                    let value = self.as_index(value, "a slice index")?;
                    let value = clamped(self, value);
                    self.b.select(present, value, default)
                }
                _ => {
                    let part = self.as_index(part, "a slice index")?;
                    clamped(self, part)
                }
            };
        }
        Ok([ends[0], ends[1], step])
    }

    /// Start, step and number of elements of a slice over an axis.
    pub(crate) fn slice_indices(&mut self, slice: Value, length: Value) -> Emit<[Value; 3]> {
        let [start, stop, step] = self.slice_bounds(slice, length)?;
        let zero = self.b.int64(0);
        let one = self.b.int64(1);
        let minus_one = self.b.int64(-1);
        let backward = self.is_negative(step);
        let length = if self.b.as_const_int(step) == Some(1) {
            let distance = self.b.sub(stop, start);
            self.max(distance, zero)
        } else {
            // The first element, and one for each step that the rest of the distance has room for. The distance is
            // at most the length of the axis, while the step may be any int: nothing may be added to that.
            let distance = self.b.sub(stop, start);
            let sign = self.b.select(backward, minus_one, one);
            let rest = self.b.sub(distance, sign);
            let further = self.b.binary(BinaryOp::TruncDiv, rest, step);
            let count = self.b.add(further, one);
            let wrong_way = {
                let falling = self.less(stop, start);
                let rising = self.less(start, stop);
                let some = self.b.select(backward, falling, rising);
                self.b.not(some)
            };
            self.b.select(wrong_way, zero, count)
        };
        Ok([start, step, length])
    }

    /// A part of a slice that may be an optional int.
    fn slice_part(&mut self, part: Value, default: Value) -> Emit {
        if let TypeKind::Optional(_) = self.ty(part).kind() {
            let present = self.b.field(part, 0);
            let value = self.b.field(part, 1);
            let value = self.as_index(value, "a slice index")?;
            return Ok(self.b.select(present, value, default));
        }
        self.as_index(part, "a slice index")
    }

    /// The parts of `array[index]`, one or more per axis.
    fn index_parts(&mut self, array: Value, index: Value) -> Emit<Vec<Part>> {
        let items = match self.ty(index).as_tuple() {
            Some(_) => self.tuple_elements(index),
            None => vec![index],
        };
        let extents = self.extents(array);
        let ndim = extents.len();
        let is_axis = |ty: Type| !matches!(ty.kind(), TypeKind::None | TypeKind::Ellipsis);
        let n_axes = items.iter().filter(|item| is_axis(self.ty(**item))).count();
        let n_ellipses = items.iter().filter(|item| self.ty(**item) == Type::ellipsis()).count();
        if n_axes > ndim {
            let message =
                format!("too many indices: the array is {ndim}-dimensional, but {n_axes} were indexed");
            return self.error(Code::TooManyIndices, message);
        }
        if n_ellipses > 1 {
            return self.error(Code::IndexType, "an index can only have a single ellipsis ('...')");
        }
        let mut parts = Vec::new();
        let mut axis = 0;
        for item in items {
            let ty = self.ty(item);
            match ty.kind() {
                TypeKind::None => parts.push(Part::NewAxis),
                TypeKind::Ellipsis => {
                    for _ in n_axes..ndim {
                        let part = self.whole_axis(extents[axis]);
                        parts.push(part);
                        axis += 1;
                    }
                }
                TypeKind::Slice(types) => {
                    let dense = types[2].is_none() || types[2].as_literal_int() == Some(1);
                    let whole = dense && types[0].is_none() && types[1].is_none();
                    let [start, step, length] = self.slice_indices(item, extents[axis])?;
                    parts.push(Part::Slice { start, step, length, whole, dense });
                    axis += 1;
                }
                TypeKind::Array(_) => {
                    let diagnostic =
                        self.diagnostic(Code::IndexType, "indexing by an array is not supported yet");
                    return Err(diagnostic.note("write the loop over the indices").into());
                }
                _ => {
                    let position = self.checked_position(item, axis, extents[axis])?;
                    parts.push(Part::Position(position));
                    axis += 1;
                }
            }
        }
        while axis < ndim {
            let part = self.whole_axis(extents[axis]);
            parts.push(part);
            axis += 1;
        }
        Ok(parts)
    }

    /// `array[index]`: an element when every axis has an integer and there is no `...`, else a view.
    pub(crate) fn array_item(&mut self, array: Value, index: Value) -> Emit {
        let parts = self.index_parts(array, index)?;
        match self.all_positions(&parts, index) {
            Some(positions) => Ok(self.load_element(array, &positions)),
            None => Ok(self.view(array, &parts)),
        }
    }

    /// Refuses to write to an array that is read-only.
    pub(crate) fn check_writable(&self, array: Value) -> Emit<()> {
        if !self.array_type(array).readonly {
            return Ok(());
        }
        let diagnostic = self.diagnostic(Code::ReadOnly, "the array is read-only");
        Err(diagnostic
            .note("arrays that the function reads from global or closure variables, and arrays whose `flags.writeable` is False, cannot be written")
            .into())
    }

    fn all_positions(&self, parts: &[Part], index: Value) -> Option<Vec<Value>> {
        let ty = self.ty(index);
        let has_ellipsis =
            ty == Type::ellipsis() || ty.as_tuple().is_some_and(|items| items.contains(&Type::ellipsis()));
        if has_ellipsis {
            return None;
        }
        parts
            .iter()
            .map(|part| if let Part::Position(position) = part { Some(*position) } else { None })
            .collect()
    }

    /// `array[index] = value`.
    pub(crate) fn set_array_item(&mut self, array: Value, index: Value, value: Value) -> Emit<()> {
        let ty = self.array_type(array);
        self.check_writable(array)?;
        let parts = self.index_parts(array, index)?;
        match self.all_positions(&parts, index) {
            Some(positions) => {
                if self.ty(value).as_array().is_some_and(|value| value.ndim > 0) {
                    return self.error(Code::CannotConvert, "an array cannot be stored as one element");
                }
                let value = self.scalar_of(value);
                let from = self.ty(value);
                let is_storable = from.widen().is_number() || matches!(from.kind(), TypeKind::Optional(_));
                if !is_storable || from.is_complex() && !ty.dtype.is_complex() {
                    let message = format!(
                        "{} cannot be stored as an element of {}",
                        from.shown(),
                        self.ty(array).shown()
                    );
                    return self.error(Code::CannotConvert, message);
                }
                self.store_element(array, &positions, value)
            }
            None => {
                let target = self.view(array, &parts);
                self.assign_array(target, value)
            }
        }
    }

    /// The element of a 0-dimensional array; other values as they are.
    pub(crate) fn scalar_of(&mut self, value: Value) -> Value {
        match self.ty(value).as_array() {
            Some(ty) if ty.ndim == 0 => self.load_element(value, &[]),
            _ => value,
        }
    }

    fn view(&mut self, array: Value, parts: &[Part]) -> Value {
        let ty = self.array_type(array);
        let old_strides = self.strides(array);
        let mut bytes = self.b.int64(0);
        let (mut extents, mut strides) = (Vec::new(), Vec::new());
        let mut axis = 0;
        for part in parts {
            match part {
                Part::Position(position) => {
                    let distance = self.b.mul(*position, old_strides[axis]);
                    bytes = self.b.add(bytes, distance);
                    axis += 1;
                }
                Part::Slice { start, step, length, whole, .. } => {
                    if !whole {
                        // An empty slice may start behind the end: it must not move the address there.
                        let zero = self.b.int64(0);
                        let empty = self.equal(*length, zero);
                        let distance = self.b.mul(*start, old_strides[axis]);
                        let distance = self.b.select(empty, zero, distance);
                        bytes = self.b.add(bytes, distance);
                    }
                    extents.push(*length);
                    let stride = self.b.mul(*step, old_strides[axis]);
                    strides.push(stride);
                    axis += 1;
                }
                Part::NewAxis => {
                    extents.push(self.b.int64(1));
                    strides.push(self.b.int64(0));
                }
            }
        }
        let layout = view_layout(ty, parts);
        let data = self.array_data(array);
        let data = self.b.offset(data, bytes);
        let owner = self.array_owner(array);
        let view = ArrayType { ndim: extents.len() as u8, layout, ..ty };
        self.make_array(view, data, owner, &extents, &strides)
    }
}

/// A view stays C-contiguous when only its first axes are fixed, then at most one is a dense slice, and
/// all that follow are whole; F-contiguous likewise from the other end.
fn view_layout(ty: ArrayType, parts: &[Part]) -> Layout {
    fn keeps<'p>(parts: impl Iterator<Item = &'p Part>) -> bool {
        let mut seen_slice = false;
        for part in parts {
            match part {
                Part::NewAxis => return false,
                Part::Position(_) if seen_slice => return false,
                Part::Position(_) => {}
                Part::Slice { whole, dense, .. } => {
                    if seen_slice && !whole || !dense {
                        return false;
                    }
                    seen_slice = true;
                }
            }
        }
        true
    }
    match ty.layout {
        Layout::C if keeps(parts.iter()) => Layout::C,
        Layout::F if keeps(parts.iter().rev()) => Layout::F,
        _ => Layout::A,
    }
}

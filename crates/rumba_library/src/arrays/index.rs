//! `array[index]`: elements and views for integers, slices, `...` and `None`, copies for arrays of integers and masks.
//!
//! What arrays select is moved by kernels; here it is decided which axes they are for and where these stand in the result.

use crate::{Emit, Emitter};
use rumba_ir::{Access, BinaryOp, CompareOp, Value};
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
    /// Integers for one axis, or a mask (an array of bools or a bool) for as many axes as it has.
    Array(Value),
}

/// The memory that the parts of an index name: how far from the array's first element it begins, and the extents and
/// strides of its axes.
struct Geometry {
    bytes: Value,
    /// Axes that are kept, in order.
    kept: Vec<(Value, Value)>,
    /// Axes that index arrays are for.
    indexed: Vec<(Value, Value)>,
}

/// What an index with arrays selects, as kernels take it: the arguments, and the rank of the result.
struct Selection {
    args: Vec<Value>,
    ndim: u8,
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
            let message = format!(
                "only integers, slices, `...`, `None` and arrays of integers or bools are indices of an array, not {}",
                ty.shown()
            );
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
        let n_axes: usize = items.iter().map(|item| n_axes_of(self.ty(*item))).sum();
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
                _ if is_index_array(ty) => {
                    parts.push(Part::Array(self.materialise(item)));
                    axis += n_axes_of(ty);
                }
                TypeKind::Array(array) if array.ndim > 0 => {
                    let message =
                        format!("arrays used as indices are of integers or bools, not of {}", array.dtype);
                    return self.error(Code::IndexType, message);
                }
                _ => {
                    let item = self.scalar_of(item);
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

    /// `array[index]`: a copy where an array is in the index; else an element when every axis has an integer and there is
    /// no `...`; else a view.
    pub(crate) fn array_item(&mut self, array: Value, index: Value) -> Emit {
        let parts = self.index_parts(array, index)?;
        if has_arrays(&parts) {
            let dtype = self.array_type(array).dtype;
            let pieces = self.in_pieces(array);
            let piece = self.array_type(pieces).dtype;
            let parts = self.with_pieces(parts, pieces, array);
            let Selection { args, ndim } = self.selection(pieces, &parts)?;
            let result = Type::array(piece, ndim, Layout::C);
            let gathered = self.call_kernel_by_size("gather", piece, args, result);
            if pieces == array {
                return Ok(gathered);
            }
            let extents = self.extents(gathered);
            let ty = ArrayType { dtype, ndim: ndim - 1, aligned: true, ..self.array_type(gathered) };
            return Ok(self.view_as(gathered, ty, &extents[..usize::from(ndim) - 1], &[]));
        }
        match self.all_positions(&parts, index) {
            Some(positions) => Ok(self.load_element(array, &positions)),
            None => Ok(self.view(array, &parts)),
        }
    }

    /// The parts of an index of an array, and the whole axis that [`Emitter::in_pieces`] added.
    fn with_pieces(&mut self, mut parts: Vec<Part>, pieces: Value, array: Value) -> Vec<Part> {
        if pieces != array {
            let axis = usize::from(self.array_type(array).ndim);
            let extent = self.extent(pieces, axis);
            let part = self.whole_axis(extent);
            parts.push(part);
        }
        parts
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
        if has_arrays(&parts) {
            let pieces = self.in_pieces(array);
            let piece = self.array_type(pieces).dtype;
            let parts = self.with_pieces(parts, pieces, array);
            let Selection { mut args, .. } = self.selection(pieces, &parts)?;
            args.push(if pieces == array {
                self.new_elements(array, value)?
            } else {
                let elements = self.elements_as_array(value, ty.dtype)?;
                let elements = self.in_pieces(elements);
                self.view_argument(elements)
            });
            self.call_kernel_by_size("scatter", piece, args, Type::none());
            return Ok(());
        }
        match self.all_positions(&parts, index) {
            Some(positions) => {
                if self.ty(value).as_array().is_some_and(|value| value.ndim > 0) {
                    return self.error(Code::CannotConvert, "an array cannot be stored as one element");
                }
                let value = self.checked_element(array, value)?;
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

    /// What may be stored as an element of an array.
    fn checked_element(&mut self, array: Value, value: Value) -> Emit {
        let value = self.scalar_of(value);
        let dtype = self.array_type(array).dtype;
        if dtype.as_record().is_none() && !self.has_axes(value) {
            self.check_storable(dtype, value, &format!("an element of {}", self.ty(array).shown()))?;
        }
        Ok(value)
    }

    /// Refuses numbers that are not stored as a dtype, and what is no number.
    pub(crate) fn check_storable(&self, dtype: Type, value: Value, place: &str) -> Emit<()> {
        let from = self.ty(value);
        let is_storable = from.widen().is_number() || matches!(from.kind(), TypeKind::Optional(_));
        if let Some((_, kind)) = dtype.as_fixed_text() {
            return self.check_fixed_text(kind, from, place);
        }
        // Whatever is to become a time, its conversion decides.
        if dtype.time_unit().is_some() || from.time_unit().is_some() && dtype.is_int() {
            return Ok(());
        }
        if is_storable && (!from.is_complex() || dtype.is_complex()) {
            return Ok(());
        }
        let message = format!("{} cannot be stored as {place}", from.shown());
        self.error(Code::CannotConvert, message)
    }

    /// What is written to elements of `array`, as a kernel takes it: an array of its dtype, or a number as one.
    pub(crate) fn new_elements(&mut self, array: Value, value: Value) -> Emit {
        let dtype = self.array_type(array).dtype;
        let value = self.checked_element(array, value)?;
        self.elements_argument(value, dtype)
    }

    /// An array, or a number as one, converted to a dtype, as a kernel takes it.
    pub(crate) fn elements_argument(&mut self, value: Value, dtype: Type) -> Emit {
        let value = self.scalar_of(value);
        if self.is_array(value) || dtype.as_record().is_some() || dtype.as_fixed_text().is_some() {
            let value = self.elements_as_array(value, dtype)?;
            return Ok(self.view_argument(value));
        }
        let data = self.b.stack_memory(dtype.item_size() as u32);
        self.store_at(data, dtype, value, Access::aligned(true))?;
        Ok(self.view_slots(data, dtype, &[], &[]))
    }

    /// An array as one of a dtype, and what is stored as one element as an array without axes.
    fn elements_as_array(&mut self, value: Value, dtype: Type) -> Emit {
        let value = self.as_array_of_records(value);
        if self.is_array(value) && (self.has_axes(value) || self.array_type(value).dtype == dtype) {
            return self.as_dtype(value, dtype);
        }
        let element = self.allocate_array(dtype, &[], Layout::C, false)?;
        self.store_element(element, &[], value)?;
        Ok(element)
    }

    /// An array whose elements kernels do not move by their size, as one of pieces that they do, with one more axis.
    /// Other arrays as they are.
    fn in_pieces(&mut self, array: Value) -> Value {
        let ty = self.array_type(array);
        let size = ty.dtype.item_size();
        if matches!(size, 1 | 2 | 4 | 8 | 16) {
            return array;
        }
        let piece = 1 << size.trailing_zeros().min(3);
        let (mut extents, mut strides) = (self.extents(array), self.strides(array));
        extents.push(self.b.int64((size / piece) as i64));
        strides.push(self.b.int64(piece as i64));
        let layout = if ty.layout == Layout::C { Layout::C } else { Layout::A };
        let dtype = Type::int(8 * piece as u8, false);
        self.view_as(
            array,
            ArrayType { dtype, ndim: ty.ndim + 1, layout, aligned: piece == 1, ..ty },
            &extents,
            &strides,
        )
    }

    /// The arguments of a kernel that gathers or scatters.
    fn selection(&mut self, array: Value, parts: &[Part]) -> Emit<Selection> {
        let Geometry { bytes, kept, mut indexed } = self.geometry(array, parts);
        // An integer counts as an index array here.
        let is_advanced = |part: &Part| matches!(part, Part::Array(_) | Part::Position(_));
        let first = parts.iter().position(is_advanced).unwrap_or(0);
        let last = parts.iter().rposition(is_advanced).unwrap_or(0);
        // Next to each other, the axes that they make stand in their place, else in front.
        let adjacent = parts[first..=last].iter().all(is_advanced);
        let n_before = self.b.int64(if adjacent { first as i64 } else { 0 });
        let (mut axis, mut n_selected) = (0, 0);
        let mut arrays = Vec::new();
        for part in parts {
            match part {
                Part::NewAxis => {}
                Part::Position(_) | Part::Slice { .. } => axis += 1,
                Part::Array(value) => {
                    arrays.push((*value, self.b.int64(axis as i64)));
                    let ty = self.ty(*value);
                    axis += n_axes_of(ty);
                    let is_mask = ty.as_array().is_none_or(|array| array.dtype.is_bool());
                    n_selected =
                        n_selected.max(if is_mask { 1 } else { ty.as_array().map_or(0, |array| array.ndim) });
                }
            }
        }
        let ndim = kept.len() as u8 + n_selected;
        indexed.extend(kept);
        let (extents, strides): (Vec<Value>, Vec<Value>) = indexed.into_iter().unzip();
        let data = self.array_data(array);
        let data = self.b.offset(data, bytes);
        let view = self.view_slots(data, self.array_type(array).dtype, &extents, &strides);
        let indices = self.index_arrays_argument(&arrays);
        Ok(Selection { args: vec![view, n_before, indices], ndim })
    }

    /// Index arrays (and bools), each with the axis that it is for, as kernels take them.
    pub(crate) fn index_arrays_argument(&mut self, arrays: &[(Value, Value)]) -> Value {
        let mut slots = Vec::new();
        for (value, axis) in arrays {
            let axis = *axis;
            match self.ty(*value).as_array() {
                Some(ty) => {
                    slots.extend([self.element_type_number(ty.dtype), axis, self.array_data(*value)]);
                    slots.push(self.b.int64(i64::from(ty.ndim)));
                    slots.extend(self.extents(*value));
                    slots.extend(self.strides(*value));
                }
                None => {
                    let ty = self.ty(*value);
                    let data = self.b.pack(vec![*value]);
                    let ndim = self.b.int64(0);
                    slots.extend([self.element_type_number(ty), axis, data, ndim]);
                }
            }
        }
        slots.insert(0, self.b.int64(slots.len() as i64));
        self.b.pack(slots)
    }

    fn geometry(&mut self, array: Value, parts: &[Part]) -> Geometry {
        let old_extents = self.extents(array);
        let old_strides = self.strides(array);
        let mut bytes = self.b.int64(0);
        let (mut kept, mut indexed) = (Vec::new(), Vec::new());
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
                    let stride = self.b.mul(*step, old_strides[axis]);
                    kept.push((*length, stride));
                    axis += 1;
                }
                Part::NewAxis => kept.push((self.b.int64(1), self.b.int64(0))),
                Part::Array(value) => {
                    for _ in 0..n_axes_of(self.ty(*value)) {
                        indexed.push((old_extents[axis], old_strides[axis]));
                        axis += 1;
                    }
                }
            }
        }
        Geometry { bytes, kept, indexed }
    }

    fn view(&mut self, array: Value, parts: &[Part]) -> Value {
        let ty = self.array_type(array);
        let Geometry { bytes, kept, .. } = self.geometry(array, parts);
        let (extents, strides): (Vec<Value>, Vec<Value>) = kept.into_iter().unzip();
        let layout = view_layout(ty, parts);
        let data = self.array_data(array);
        let data = self.b.offset(data, bytes);
        let owner = self.array_owner(array);
        let view = ArrayType { ndim: extents.len() as u8, layout, ..ty };
        self.make_array(view, data, owner, &extents, &strides)
    }
}

fn has_arrays(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::Array(_)))
}

/// Whether a value of this type is an index array: integers with axes, or a mask.
fn is_index_array(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::Array(array) => array.dtype.is_bool() || array.dtype.is_int() && array.ndim > 0,
        _ => ty.widen().is_bool(),
    }
}

/// How many axes a part of an index is for.
fn n_axes_of(ty: Type) -> usize {
    match ty.kind() {
        TypeKind::None | TypeKind::Ellipsis => 0,
        TypeKind::Array(array) if array.dtype.is_bool() => usize::from(array.ndim),
        _ if ty.widen().is_bool() => 0,
        _ => 1,
    }
}

/// A view stays C-contiguous when only its first axes are fixed, then at most one is a dense slice, and
/// all that follow are whole; F-contiguous likewise from the other end.
fn view_layout(ty: ArrayType, parts: &[Part]) -> Layout {
    fn keeps<'p>(parts: impl Iterator<Item = &'p Part>) -> bool {
        let mut seen_slice = false;
        for part in parts {
            match part {
                Part::NewAxis | Part::Array(_) => return false,
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

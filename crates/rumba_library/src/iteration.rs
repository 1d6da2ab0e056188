//! Ranges and iterators. An iterator is a value: `for` threads it through the loop, and asking it for
//! its item or for the next iterator has no effect.

use crate::emitter::returning;
use crate::operators::BinaryOperator;
use crate::{Emit, Emitter, Failure};
use rumba_ir::{BinaryOp, Block, CompareOp, Function, InstanceId, UnaryOp, Value};
use rumba_source::Code;
use rumba_types::{IteratorKind, Literal, Type, TypeKind};

impl Emitter<'_> {
    // Ranges.

    /// `range(start, stop, step)`; parts are ints or integer literals.
    pub fn range(&mut self, parts: [Value; 3]) -> Emit {
        let mut fields = Vec::with_capacity(3);
        for part in parts {
            let value = if self.ty(part).as_literal_int().is_some_and(|value| i64::try_from(value).is_ok()) {
                part
            } else {
                self.as_index(part, "an argument of range()")?
            };
            fields.push(value);
        }
        match self.ty(fields[2]).as_literal_int() {
            Some(0) => return self.error(Code::ArgumentValue, "range() arg 3 must not be zero"),
            Some(_) => {}
            None => {
                let zero = self.b.int64(0);
                let fine = self.not_equal(fields[2], zero);
                self.raise_unless(fine, "ValueError", "range() arg 3 must not be zero", &[]);
            }
        }
        let ty = TypeKind::Range([0, 1, 2].map(|idx| self.ty(fields[idx]))).into();
        Ok(self.b.make(ty, fields))
    }

    /// Start, stop, step as int64.
    pub(crate) fn range_parts(&mut self, range: Value) -> [Value; 3] {
        [0, 1, 2].map(|idx| {
            let part = self.b.field(range, idx);
            self.materialise(part)
        })
    }

    fn range_step(&self, range: Value) -> Option<i128> {
        match self.ty(range).kind() {
            TypeKind::Range([_, _, step]) => step.as_literal_int(),
            _ => None,
        }
    }

    /// `len(range)`; as uint64 bits it is right even where it exceeds int64.
    pub(crate) fn range_length(&mut self, range: Value) -> Emit {
        let [start, stop, step] = self.range_parts(range);
        let zero = self.b.int64(0);
        let one = self.b.int64(1);
        if self.range_step(range) == Some(1) {
            let length = self.b.sub(stop, start);
            let some = self.less(start, stop);
            return Ok(self.b.select(some, length, zero));
        }
        // Distance and stride are positive numbers of up to 64 bits: computed unsigned.
        let upward = self.b.compare(CompareOp::Gt, step, zero);
        let low = self.b.select(upward, start, stop);
        let high = self.b.select(upward, stop, start);
        let minus_step = self.b.sub(zero, step);
        let stride = self.b.select(upward, step, minus_step);
        let distance = self.b.sub(high, low);
        let distance_less = self.b.sub(distance, one);
        let [distance_less, stride] = [distance_less, stride].map(|v| self.b.convert(v, Type::uint64()));
        let whole = self.b.binary(BinaryOp::TruncDiv, distance_less, stride);
        let whole = self.b.convert(whole, Type::int64());
        let length = self.b.add(whole, one);
        let some = self.less(low, high);
        Ok(self.b.select(some, length, zero))
    }

    pub(crate) fn range_item(&mut self, range: Value, index: Value) -> Emit {
        let index = self.as_index(index, "range index")?;
        let length = self.range_length(range)?;
        let position = self.wrap_index(index, length);
        let fine = self.index_in_bounds(position, length);
        self.raise_unless(fine, "IndexError", "range object index out of range", &[]);
        let [start, _, step] = self.range_parts(range);
        let distance = self.b.mul(position, step);
        Ok(self.b.add(start, distance))
    }

    /// `range[slice]`.
    pub(crate) fn range_slice(&mut self, range: Value, slice: Value) -> Emit {
        let length = self.range_length(range)?;
        let bounds = self.slice_bounds(slice, length)?;
        let [start, _, step] = self.range_parts(range);
        let [first, last, stride] = bounds.map(|bound| self.b.mul(bound, step));
        let [first, last] = [first, last].map(|distance| self.b.add(start, distance));
        self.range([first, last, stride])
    }

    /// Whether two ranges have the same items.
    pub(crate) fn equal_ranges(&mut self, lhs: Value, rhs: Value) -> Emit {
        let (n_lhs, n_rhs) = (self.range_length(lhs)?, self.range_length(rhs)?);
        let ([a, _, a_step], [b, _, b_step]) = (self.range_parts(lhs), self.range_parts(rhs));
        let (zero, one) = (self.b.int64(0), self.b.int64(1));
        let (is_empty, is_one) = (self.equal(n_lhs, zero), self.equal(n_lhs, one));
        let same_length = self.equal(n_lhs, n_rhs);
        let same_start = self.equal(a, b);
        let same_step = self.equal(a_step, b_step);
        let same_step = self.b.or(is_one, same_step);
        let same_items = self.b.and(same_start, same_step);
        let same_items = self.b.or(is_empty, same_items);
        Ok(self.b.and(same_length, same_items))
    }

    pub(crate) fn range_contains(&mut self, range: Value, item: Value) -> Emit {
        let item = self.plain(item);
        let ty = self.ty(item);
        if ty.is_float() {
            // Those that are ints.
            let item = self.coerce(item, Type::float64())?;
            let (whole, magnitude) = (self.b.unary(UnaryOp::Trunc, item), self.absolute(item)?);
            let (is_whole, limit) = (self.equal(whole, item), self.b.float(2f64.powi(63), Type::float64()));
            let fits = self.less(magnitude, limit);
            let is_int = self.b.and(is_whole, fits);
            let zero = self.b.zero(Type::float64());
            let int = self.b.select(is_int, item, zero);
            let int = self.b.convert(int, Type::int64());
            let contained = self.range_contains(range, int)?;
            return Ok(self.b.and(is_int, contained));
        }
        if !ty.is_int() && !ty.is_bool() {
            return self
                .error(Code::OperandTypes, format!("`in` is not defined for {} and range", ty.shown()));
        }
        let item = self.coerce(item, Type::int64())?;
        let [start, stop, step] = self.range_parts(range);
        let zero = self.b.int64(0);
        let upward = self.b.compare(CompareOp::Gt, step, zero);
        let from_start = self.b.compare(CompareOp::Le, start, item);
        let before_stop = self.less(item, stop);
        let rising = self.b.and(from_start, before_stop);
        let up_to_start = self.b.compare(CompareOp::Le, item, start);
        let after_stop = self.less(stop, item);
        let falling = self.b.and(up_to_start, after_stop);
        let inside = self.b.select(upward, rising, falling);
        let distance = self.b.sub(item, start);
        let remainder = self.b.binary(BinaryOp::TruncMod, distance, step);
        let hit = self.equal(remainder, zero);
        Ok(self.b.and(inside, hit))
    }

    // Iterators.

    pub(crate) fn iterator(&mut self, kind: IteratorKind, fields: Vec<Value>) -> Value {
        let ty = TypeKind::Iterator(kind, self.types(&fields)).into();
        self.b.make(ty, fields)
    }

    /// `iter(value)`.
    pub fn iter(&mut self, value: Value) -> Emit {
        let ty = self.ty(value);
        match ty.kind() {
            TypeKind::Iterator(..) | TypeKind::GeneratorIterator(_) => Ok(value),
            TypeKind::Range(_) => {
                let [start, stop, step] = self.range_parts(value);
                Ok(match self.range_step(value) {
                    Some(1) => self.iterator(IteratorKind::RangeUp, vec![start, stop]),
                    Some(-1) => self.iterator(IteratorKind::RangeDown, vec![start, stop]),
                    _ => {
                        let remaining = self.range_length(value)?;
                        let remaining = self.b.convert(remaining, Type::uint64());
                        self.iterator(IteratorKind::RangeStep, vec![start, remaining, step])
                    }
                })
            }
            TypeKind::Str | TypeKind::Bytes | TypeKind::Literal(Literal::Str(_)) => {
                let text = self.materialise(value);
                let start = self.b.int64(0);
                Ok(self.iterator(IteratorKind::Text, vec![text, start]))
            }
            TypeKind::Deque(_) => {
                let (start, version) = (self.b.int64(0), self.deque_version(value));
                Ok(self.iterator(IteratorKind::List, vec![value, start, version]))
            }
            TypeKind::List(_) => {
                let start = self.b.int64(0);
                Ok(self.iterator(IteratorKind::List, vec![value, start]))
            }
            TypeKind::Dict(..) | TypeKind::Set(_, _) => Ok(self.iter_table(value, IteratorKind::Keys)),
            TypeKind::MixedDict(..) => {
                let keys = self.mixed_keys(value);
                self.iter(keys)
            }
            TypeKind::Array(array) if array.ndim == 0 => {
                self.error(Code::NotIterable, "a 0-dimensional array cannot be iterated")
            }
            TypeKind::Array(_) => {
                let start = self.b.int64(0);
                Ok(self.iterator(IteratorKind::Array, vec![value, start]))
            }
            TypeKind::Tuple(_) | TypeKind::NamedTuple(..) | TypeKind::MixedList(_) => {
                let elements = self.tuple_elements(value);
                let common = match elements.is_empty() {
                    true => Some(Type::never()),
                    false => self.common_type(&elements),
                };
                let Some(common) = common else {
                    let message =
                        format!("cannot iterate over {}: its elements have several types", ty.shown());
                    return self.error(Code::NotIterable, message);
                };
                let elements =
                    elements.into_iter().map(|e| self.coerce(e, common)).collect::<Emit<Vec<_>>>()?;
                let tuple = self.tuple(elements);
                let start = self.b.int64(0);
                Ok(self.iterator(IteratorKind::Tuple, vec![tuple, start]))
            }
            TypeKind::Optional(_) => {
                let value = self.plain(value);
                self.iter(value)
            }
            _ => {
                let diagnostic =
                    self.diagnostic(Code::NotIterable, format!("{} is not iterable", ty.shown()));
                Err(match ty.is_int() {
                    true => diagnostic.note("to count up to it, write `range(…)` around it").into(),
                    false => diagnostic.into(),
                })
            }
        }
    }

    /// `enumerate(value, start)`.
    pub(crate) fn enumerate(&mut self, value: Value, start: Value) -> Emit {
        if let Some(elements) = self.elements_of_several_types(value) {
            let first = self.ty(start).as_literal_int();
            let start = self.as_index(start, "the start of enumerate()")?;
            let mut pairs = Vec::with_capacity(elements.len());
            for (position, element) in elements.into_iter().enumerate() {
                let count = match first {
                    Some(first) => self.literal_int(first + position as i128),
                    None => {
                        let position = self.b.int64(position as i64);
                        self.b.add(start, position)
                    }
                };
                pairs.push(self.tuple(vec![count, element]));
            }
            return Ok(self.tuple(pairs));
        }
        let iterator = self.iter(value)?;
        let start = self.as_index(start, "the start of enumerate()")?;
        Ok(self.iterator(IteratorKind::Enumerate, vec![start, iterator]))
    }

    /// `zip(*values, strict=strict)`.
    pub(crate) fn zip(&mut self, values: &[Value], strict: bool) -> Emit {
        if values.is_empty() {
            let zero = self.b.int64(0);
            return Ok(self.iterator(IteratorKind::RangeUp, vec![zero, zero]));
        }
        if let Some(rows) = self.rows_of_several_types(values, strict) {
            return Ok(rows);
        }
        let iterators = values.iter().map(|value| self.iter(*value)).collect::<Emit<Vec<_>>>()?;
        let kind = if strict { IteratorKind::StrictZip } else { IteratorKind::Zip };
        Ok(self.iterator(kind, iterators))
    }

    /// What `zip` gives for tuples of which one has elements of several types: a tuple, over which loops are unrolled.
    fn rows_of_several_types(&mut self, values: &[Value], strict: bool) -> Option<Value> {
        if values.iter().any(|value| self.ty(*value).as_tuple().is_none())
            || values.iter().all(|value| self.elements_of_several_types(*value).is_none())
        {
            return None;
        }
        let columns: Vec<Vec<Value>> = values.iter().map(|value| self.tuple_elements(*value)).collect();
        let shortest = columns.iter().map(Vec::len).min().unwrap_or(0);
        if strict && columns.iter().any(|column| column.len() > shortest) {
            return None;
        }
        let mut rows = Vec::with_capacity(shortest);
        for position in 0..shortest {
            let row = columns.iter().map(|column| column[position]).collect();
            rows.push(self.tuple(row));
        }
        Some(self.tuple(rows))
    }

    /// The elements of a tuple that have no type in common.
    fn elements_of_several_types(&mut self, value: Value) -> Option<Vec<Value>> {
        self.ty(value).as_tuple()?;
        let elements = self.tuple_elements(value);
        match elements.is_empty() || self.common_type(&elements).is_some() {
            true => None,
            false => Some(elements),
        }
    }

    /// `reversed(value)`.
    pub(crate) fn reversed(&mut self, value: Value) -> Emit {
        if let Some(mut elements) = self.elements_of_several_types(value) {
            elements.reverse();
            return Ok(self.tuple(elements));
        }
        let ty = self.ty(value);
        match ty.kind() {
            TypeKind::Range(_) => {
                let [start, _, step] = self.range_parts(value);
                let length = self.range_length(value)?;
                let one = self.b.int64(1);
                let zero = self.b.int64(0);
                // From the last item down to the first; the new stop is one step before the first.
                let last_position = self.b.sub(length, one);
                let distance = self.b.mul(last_position, step);
                let last = self.b.add(start, distance);
                if self.range_step(value) == Some(1) {
                    let before = self.b.sub(start, one);
                    return Ok(self.iterator(IteratorKind::RangeDown, vec![last, before]));
                }
                let minus_step = self.b.sub(zero, step);
                let remaining = self.b.convert(length, Type::uint64());
                Ok(self.iterator(IteratorKind::RangeStep, vec![last, remaining, minus_step]))
            }
            TypeKind::Array(array) if array.ndim > 0 => {
                let length = self.extent(value, 0);
                Ok(self.iterator(IteratorKind::Reversed, vec![length, value]))
            }
            TypeKind::List(_)
            | TypeKind::Deque(_)
            | TypeKind::Str
            | TypeKind::Bytes
            | TypeKind::Literal(Literal::Str(_)) => {
                let value = self.materialise(value);
                let length = self.length(value)?;
                Ok(self.iterator(IteratorKind::Reversed, vec![length, value]))
            }
            TypeKind::Tuple(_) | TypeKind::NamedTuple(..) | TypeKind::MixedList(_) => {
                let mut elements = self.tuple_elements(value);
                elements.reverse();
                let reversed = self.tuple(elements);
                self.iter(reversed)
            }
            TypeKind::Dict(..)
            | TypeKind::Iterator(IteratorKind::Keys | IteratorKind::Values | IteratorKind::Entries, _) => {
                let items = self.list_of(value)?;
                self.reversed(items)
            }
            _ => self.error(Code::NotIterable, format!("{} cannot be reversed", ty.shown())),
        }
    }

    /// Whether the iterator has another item: a bool.
    pub fn iter_has_next(&mut self, iterator: Value) -> Emit {
        if let TypeKind::GeneratorIterator(ty) = self.ty(iterator).kind() {
            return Ok(self.resume_generator(iterator, ty));
        }
        let TypeKind::Iterator(kind, fields) = self.ty(iterator).kind() else {
            return self.error(Code::NotIterable, "not an iterator");
        };
        let first = self.b.field(iterator, 0);
        Ok(match kind {
            IteratorKind::RangeUp => {
                let stop = self.b.field(iterator, 1);
                self.less(first, stop)
            }
            IteratorKind::RangeDown => {
                let stop = self.b.field(iterator, 1);
                self.b.compare(CompareOp::Gt, first, stop)
            }
            IteratorKind::RangeStep => {
                let remaining = self.b.field(iterator, 1);
                let zero = self.b.zero(Type::uint64());
                self.not_equal(remaining, zero)
            }
            IteratorKind::Array => {
                let position = self.b.field(iterator, 1);
                let length = self.extent(first, 0);
                self.less(position, length)
            }
            IteratorKind::Keys | IteratorKind::Values | IteratorKind::Entries => {
                self.table_has_next(iterator)
            }
            IteratorKind::Text | IteratorKind::List => {
                if fields.len() == 3 {
                    let (version, now) = (self.b.field(iterator, 2), self.deque_version(first));
                    let unchanged = self.equal(version, now);
                    self.raise_unless(unchanged, "RuntimeError", "deque mutated during iteration", &[]);
                }
                let position = self.b.field(iterator, 1);
                let length = self.length(first)?;
                self.less(position, length)
            }
            IteratorKind::Flat => {
                let position = self.b.field(iterator, 1);
                let length = self.array_size(first);
                self.less(position, length)
            }
            IteratorKind::Positions => {
                let remaining = self.b.field(iterator, 2);
                let zero = self.b.int64(0);
                self.less(zero, remaining)
            }
            IteratorKind::Items | IteratorKind::Views => {
                let positions = self.b.field(iterator, 1);
                self.iter_has_next(positions)?
            }
            IteratorKind::Tuple => {
                let position = self.b.field(iterator, 1);
                let length = fields[0].as_tuple().map_or(0, <[Type]>::len);
                let length = self.b.int64(length as i64);
                self.less(position, length)
            }
            IteratorKind::Reversed => {
                let zero = self.b.int64(0);
                let more = self.b.compare(CompareOp::Gt, first, zero);
                let sequence = self.b.field(iterator, 1);
                if self.ty(sequence).as_list().is_none() {
                    return Ok(more);
                }
                // It may have become shorter.
                let length = self.list_length(sequence);
                let within = self.b.compare(CompareOp::Le, first, length);
                self.b.and(more, within)
            }
            IteratorKind::Enumerate => {
                let inner = self.b.field(iterator, 1);
                self.iter_has_next(inner)?
            }
            IteratorKind::StrictZip => {
                let go_on = self.iter_has_next(first)?;
                for idx in 1..fields.len() {
                    let inner = self.b.field(iterator, idx);
                    let more = self.iter_has_next(inner)?;
                    let others = match idx {
                        1 => "argument 1".to_string(),
                        _ => format!("arguments 1-{idx}"),
                    };
                    let number = idx + 1;
                    let ended = self.b.not(go_on);
                    let not_shorter = self.b.or(more, ended);
                    let message = format!("zip() argument {number} is shorter than {others}");
                    self.raise_unless(not_shorter, "ValueError", &message, &[]);
                    let not_longer = self.equal(more, go_on);
                    let message = format!("zip() argument {number} is longer than {others}");
                    self.raise_unless(not_longer, "ValueError", &message, &[]);
                }
                go_on
            }
            IteratorKind::Zip => {
                let mut all = self.b.bool(true);
                for (idx, ty) in fields.iter().enumerate() {
                    let inner = self.b.field(iterator, idx);
                    // A generator is not asked where one before it has ended.
                    all = if ty.contains(&|ty| matches!(ty.kind(), TypeKind::GeneratorIterator(_))) {
                        let ended = self.b.bool(false);
                        self.if_else(all, |e| e.iter_has_next(inner), |_| Ok(ended))?
                    } else {
                        let more = self.iter_has_next(inner)?;
                        self.b.and(all, more)
                    };
                }
                all
            }
        })
    }

    /// The current item of an iterator that has one.
    pub fn iter_item(&mut self, iterator: Value) -> Emit {
        if let TypeKind::GeneratorIterator(ty) = self.ty(iterator).kind() {
            return self.generator_item(iterator, ty);
        }
        let TypeKind::Iterator(kind, fields) = self.ty(iterator).kind() else {
            return self.error(Code::NotIterable, "not an iterator");
        };
        let first = self.b.field(iterator, 0);
        match kind {
            IteratorKind::RangeUp | IteratorKind::RangeDown | IteratorKind::RangeStep => Ok(first),
            IteratorKind::Array => {
                let position = self.b.field(iterator, 1);
                self.array_row(first, position)
            }
            IteratorKind::Keys | IteratorKind::Values | IteratorKind::Entries => {
                self.table_item(iterator, *kind)
            }
            IteratorKind::Text => {
                let position = self.b.field(iterator, 1);
                Ok(self.text_item_unchecked(first, position))
            }
            IteratorKind::List => {
                let position = self.b.field(iterator, 1);
                self.list_item_unchecked(first, position)
            }
            IteratorKind::Flat => {
                let position = self.b.field(iterator, 1);
                let positions = self.positions_in_c_order(first, position);
                Ok(self.load_element(first, &positions))
            }
            IteratorKind::Positions => Ok(self.b.field(iterator, 1)),
            IteratorKind::Items => {
                let inner = self.b.field(iterator, 1);
                let positions = self.iter_item(inner)?;
                let along_axes = self.tuple_elements(positions);
                let element = self.load_element(first, &along_axes);
                Ok(self.tuple(vec![positions, element]))
            }
            IteratorKind::Views => {
                let inner = self.b.field(iterator, 1);
                let positions = self.iter_item(inner)?;
                let positions = self.tuple_elements(positions);
                if self.is_array(first) {
                    return Ok(self.element_view(first, &positions));
                }
                let arrays = self.tuple_elements(first);
                let views = arrays.into_iter().map(|array| self.element_view(array, &positions)).collect();
                Ok(self.tuple(views))
            }
            IteratorKind::Tuple => {
                let position = self.b.field(iterator, 1);
                let elements = self.tuple_elements(first);
                let Some(common) = elements.first().map(|element| self.ty(*element)) else {
                    // Nothing is ever taken from it.
                    return Err(Failure::NeverReturns);
                };
                self.tuple_item_unchecked(&elements, common, position)
            }
            IteratorKind::Reversed => {
                let sequence = self.b.field(iterator, 1);
                let one = self.b.int64(1);
                let position = self.b.sub(first, one);
                match self.ty(sequence).kind() {
                    TypeKind::Str | TypeKind::Bytes => Ok(self.text_item_unchecked(sequence, position)),
                    TypeKind::List(_) | TypeKind::Deque(_) => self.list_item_unchecked(sequence, position),
                    _ => self.array_row(sequence, position),
                }
            }
            IteratorKind::Enumerate => {
                let inner = self.b.field(iterator, 1);
                let item = self.iter_item(inner)?;
                Ok(self.tuple(vec![first, item]))
            }
            IteratorKind::Zip | IteratorKind::StrictZip => {
                let mut items = Vec::with_capacity(fields.len());
                for idx in 0..fields.len() {
                    let inner = self.b.field(iterator, idx);
                    items.push(self.iter_item(inner)?);
                }
                Ok(self.tuple(items))
            }
        }
    }

    /// The type of the items of an iterator of this type; `never` if it has none.
    pub(crate) fn item_type(&self, iterator: Type) -> Emit<Type> {
        let mut scratch = Function::new(InstanceId(u32::MAX), "scratch", &[iterator], Type::none());
        let iterator = scratch.params()[0];
        let mut e = Emitter::new(&mut scratch, Block(0), self.function_name.clone());
        e.span = self.span;
        Ok(match returning(e.iter_item(iterator))? {
            Some(item) => e.ty(item).widen(),
            None => Type::never(),
        })
    }

    /// The iterator after its current item, which it has.
    pub fn iter_advance(&mut self, iterator: Value) -> Emit {
        let ty = self.ty(iterator);
        if matches!(ty.kind(), TypeKind::GeneratorIterator(_)) {
            return Ok(iterator);
        }
        let TypeKind::Iterator(kind, fields) = ty.kind() else {
            return self.error(Code::NotIterable, "not an iterator");
        };
        let one = self.b.int64(1);
        let mut parts: Vec<Value> = (0..fields.len()).map(|idx| self.b.field(iterator, idx)).collect();
        match kind {
            IteratorKind::RangeUp => parts[0] = self.b.binary(BinaryOp::AddNoWrap, parts[0], one),
            IteratorKind::RangeDown => {
                let minus_one = self.b.int64(-1);
                parts[0] = self.b.binary(BinaryOp::AddNoWrap, parts[0], minus_one);
            }
            IteratorKind::RangeStep => {
                parts[0] = self.b.add(parts[0], parts[2]);
                let one = self.b.int(1, Type::uint64());
                parts[1] = self.b.sub(parts[1], one);
            }
            IteratorKind::Keys | IteratorKind::Values | IteratorKind::Entries => {
                parts[1] = self.number_after(iterator);
            }
            IteratorKind::Array
            | IteratorKind::Text
            | IteratorKind::List
            | IteratorKind::Flat
            | IteratorKind::Tuple => {
                parts[1] = self.b.binary(BinaryOp::AddNoWrap, parts[1], one);
            }
            IteratorKind::Positions => {
                let extents = self.tuple_elements(parts[0]);
                let mut positions = self.tuple_elements(parts[1]);
                let zero = self.b.int64(0);
                // The last axis moves on; each that is through begins anew and moves the one before it.
                let mut distance = one;
                for (position, extent) in positions.iter_mut().zip(extents).rev() {
                    let next = self.b.add(*position, distance);
                    let is_through = self.equal(next, extent);
                    *position = self.b.select(is_through, zero, next);
                    distance = self.b.select(is_through, one, zero);
                }
                parts[1] = self.tuple(positions);
                parts[2] = self.b.sub(parts[2], one);
            }
            IteratorKind::Items | IteratorKind::Views => parts[1] = self.iter_advance(parts[1])?,
            IteratorKind::Reversed => parts[0] = self.b.sub(parts[0], one),
            IteratorKind::Enumerate => {
                parts[0] = self.binary(BinaryOperator::Add, parts[0], one)?;
                parts[1] = self.iter_advance(parts[1])?;
            }
            IteratorKind::Zip | IteratorKind::StrictZip => {
                for part in &mut parts {
                    *part = self.iter_advance(*part)?;
                }
            }
        }
        Ok(self.b.make(ty, parts))
    }
}

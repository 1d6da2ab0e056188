//! Copying elements between arrays: `a[1:3] = b`, `a[:] = 0`.

use super::creation::nested_extents;
use crate::{Emit, Emitter};
use rumba_ir::runtime_function::COPY_ELEMENTS;
use rumba_ir::{CompareOp, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type};

/// A shape in a message, with a place for each extent, as NumPy writes it: `(2,3)`, `(2,)`, `()`.
pub(crate) fn shape_placeholders(ndim: usize) -> String {
    let comma = if ndim == 1 { "," } else { "" };
    format!("({}{comma})", vec!["{}"; ndim].join(","))
}

impl Emitter<'_> {
    /// Assigns `value` (a number, nested tuples of numbers, or an array, which broadcast) to every element of the view
    /// `target`. Overlapping memory is read before it is written.
    pub fn assign_array(&mut self, target: Value, value: Value) -> Emit<()> {
        let ty = self.array_type(target);
        if let Some(record) = ty.dtype.as_record() {
            return self.assign_records(target, &record.layout, value);
        }
        if ty.dtype.as_fixed_text().is_some() {
            return self.assign_fixed_text(target, value);
        }
        let value = self.scalar_of(value);
        if self.ty(value).as_tuple().is_some()
            && let Some(extents) = nested_extents(self.ty(value))
        {
            let mut numbers = Vec::new();
            self.collect_numbers(value, &mut numbers);
            if ty.dtype.is_complex() || numbers.iter().all(|number| !self.ty(*number).is_complex()) {
                return self.assign_numbers(target, &numbers, &extents);
            }
        }
        let is_array = self.ty(value).as_array().is_some();
        let value = if is_array { value } else { self.plain(value) };
        let from = self.ty(value);
        let stored = from.as_array().map_or(from, |array| array.dtype);
        let is_time = stored.time_unit().is_some() || ty.dtype.time_unit().is_some();
        if !is_time && (!stored.is_number() || stored.is_complex() && !ty.dtype.is_complex()) {
            let message = format!("{} cannot be stored into {}", from.shown(), self.ty(target).shown());
            let diagnostic = self.diagnostic(Code::CannotConvert, message);
            return Err(match stored.is_complex() {
                true => {
                    diagnostic.note("the imaginary part would be lost: store the real part, `.real`").into()
                }
                false => diagnostic.into(),
            });
        }
        if !is_array {
            let value = self.cast_number(value, ty.dtype)?;
            let extents = self.extents(target);
            self.for_each_position(&extents, &[], |e, positions, _| {
                e.store_element(target, positions, value)?;
                Ok(vec![])
            })?;
            return Ok(());
        }
        let message = |from: &str, to: &str| {
            format!("could not broadcast input array from shape {from} into shape {to}")
        };
        self.map_into(target, &[value], message, |e, elements| e.cast_number(elements[0], ty.dtype))
    }

    /// Assigns `numbers`, which are as many as `extents` say.
    fn assign_numbers(&mut self, target: Value, numbers: &[Value], extents: &[usize]) -> Emit<()> {
        let ty = self.array_type(target);
        if ty.ndim != 1 || extents.len() != 1 || numbers.len() == 1 {
            let source = self.array_of_numbers(numbers, extents, ty.dtype)?;
            return self.assign_array(target, source);
        }
        // One number for each element needs no array in between.
        let length = self.extents(target)[0];
        let n_numbers = self.b.int64(numbers.len() as i64);
        let fits = self.equal(length, n_numbers);
        let message =
            format!("could not broadcast input array from shape ({},) into shape ({{}},)", numbers.len());
        self.raise_unless(fits, "ValueError", &message, &[length]);
        for (position, number) in numbers.iter().enumerate() {
            let number = self.cast_number(*number, ty.dtype)?;
            let position = self.b.int64(position as i64);
            self.store_element(target, &[position], number)?;
        }
        Ok(())
    }

    /// Strides with which `source` has these extents: 0 along broadcast axes; leading axes of extent 1 that are
    /// too many are left out. Raises `ValueError` with the message, which has a place for each extent of the
    /// source, then for each one here.
    pub(crate) fn strides_for(
        &mut self,
        source: Value,
        extents: &[Value],
        message: &str,
    ) -> Emit<Vec<Value>> {
        let source_extents = self.extents(source);
        let source_strides = self.strides(source);
        let missing = extents.len().saturating_sub(source_extents.len());
        let surplus = source_extents.len().saturating_sub(extents.len());
        let zero = self.b.int64(0);
        let one = self.b.int64(1);
        let mut strides = vec![zero; missing];
        let mut all_fine = self.b.bool(true);
        for extent in &source_extents[..surplus] {
            let single = self.equal(*extent, one);
            all_fine = self.b.and(all_fine, single);
        }
        for (axis, want) in (surplus..).zip(&extents[missing..]) {
            let (have, want) = (source_extents[axis], *want);
            let equal = self.equal(have, want);
            let single = self.equal(have, one);
            let fine = self.b.or(equal, single);
            all_fine = self.b.and(all_fine, fine);
            strides.push(self.b.select(equal, source_strides[axis], zero));
        }
        let shapes = [&source_extents[..], extents].concat();
        self.raise_unless(all_fine, "ValueError", message, &shapes);
        Ok(strides)
    }

    /// A copy in layout C or F.
    pub fn copy_array(&mut self, array: Value, layout: Layout) -> Emit {
        let ty = self.array_type(array);
        let extents = self.extents(array);
        let copy = self.allocate_array(ty.dtype, &extents, layout, false)?;
        let strides = self.strides(array);
        self.copy_elements(copy, array, &strides);
        Ok(copy)
    }

    /// Moves elements of the same dtype, whatever memory overlaps.
    pub(crate) fn copy_elements(&mut self, target: Value, source: Value, source_strides: &[Value]) {
        let ArrayType { dtype, ndim, .. } = self.array_type(target);
        let mut geometry = self.extents(target);
        geometry.extend(self.strides(target));
        geometry.extend_from_slice(source_strides);
        let geometry = self.b.pack(geometry);
        let target_data = self.array_data(target);
        let source_data = self.array_data(source);
        let ndim = self.b.int64(i64::from(ndim));
        let item_size = self.b.int64(dtype.item_size() as i64);
        let args = vec![target_data, source_data, geometry, ndim, item_size];
        self.b.call_runtime(&COPY_ELEMENTS, args, Type::none(), None);
    }

    /// Whether the memory of an array is contiguous in C order, at run time.
    pub fn is_c_contiguous(&mut self, array: Value) -> Value {
        let ty = self.array_type(array);
        if ty.layout == Layout::C || ty.layout == Layout::F && ty.ndim <= 1 {
            return self.b.bool(true);
        }
        self.is_contiguous(array, Layout::C)
    }

    /// Whether strides are those of a contiguous array in `layout`; axes of extent 1 do not count, and an
    /// empty array is contiguous.
    pub fn is_contiguous(&mut self, array: Value, layout: Layout) -> Value {
        let ty = self.array_type(array);
        let extents = self.extents(array);
        let strides = self.strides(array);
        let wanted = self.contiguous_strides(&extents, ty.dtype, layout);
        let one = self.b.int64(1);
        let mut fine = self.b.bool(true);
        for axis in 0..extents.len() {
            let equal = self.equal(strides[axis], wanted[axis]);
            let single = self.equal(extents[axis], one);
            let axis_fine = self.b.or(equal, single);
            fine = self.b.and(fine, axis_fine);
        }
        let size = self.product(&extents);
        let zero = self.b.int64(0);
        let empty = self.b.compare(CompareOp::Eq, size, zero);
        self.b.or(fine, empty)
    }
}

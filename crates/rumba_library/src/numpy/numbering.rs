//! Elements that kernels of numbers do not take, text and records, as numbers in the same order.
//!
//! What sorts, or compares for sets, is given the number of each element in what is unique, sorted. The elements of the
//! result are found by their numbers.

use super::joining::{join, stack_arrays};
use super::selecting::gather;
use crate::declaration::Call;
use crate::times::sort_keys;
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_types::{Layout, Type};

/// Arrays of one dtype that kernels of numbers take.
pub(crate) struct Comparable<const N: usize> {
    pub dtype: Type,
    pub arrays: [Value; N],
    /// What the numbers stand for; `None` where the elements are numbers themselves.
    values: Option<Value>,
}

/// Of what is unique in an array, sorted: first positions, the number of each element's own in the array's shape, and
/// counts.
pub(crate) struct Numbering {
    pub first: Value,
    pub numbers: Value,
    pub counts: Value,
}

impl<const N: usize> Comparable<N> {
    /// Arrays of one dtype.
    pub fn of(e: &mut Emitter<'_>, call: &Call, arrays: [Value; N]) -> Emit<Comparable<N>> {
        let ty = e.array_type(arrays[0]);
        if ty.dtype.is_number() {
            return Ok(Comparable { dtype: ty.dtype, arrays, values: None });
        }
        let mut flat = Vec::with_capacity(N);
        for array in arrays {
            let array = e.contiguous(array, Layout::C)?;
            flat.push(e.one_axis(array));
        }
        let zero = e.b.int64(0);
        let together = if N == 1 { flat[0] } else { join(e, call, &flat, zero, None)? };
        let Numbering { first, numbers, .. } = e.numbering(call, together)?;
        let values = gather(e, together, zero, first, 0);
        let mut start = zero;
        let mut parts = arrays;
        for part in &mut parts {
            let (extents, size) = (e.extents(*part), e.array_size(*part));
            let own = rumba_types::ArrayType { ndim: extents.len() as u8, ..e.array_type(numbers) };
            let data = e.element_address(numbers, &[start]);
            let owner = e.array_owner(numbers);
            *part = e.make_array(own, data, owner, &extents, &[]);
            start = e.b.add(start, size);
        }
        Ok(Comparable { dtype: Type::int64(), arrays: parts, values: Some(values) })
    }

    /// The elements for an array that a kernel made of the arrays.
    pub fn elements(&self, e: &mut Emitter<'_>, result: Value) -> Value {
        match self.values {
            Some(values) => {
                let axis = e.b.int64(0);
                gather(e, values, axis, result, 0)
            }
            None => result,
        }
    }
}

impl Emitter<'_> {
    /// Numbers the elements of an array of any dtype.
    pub(crate) fn numbering(&mut self, call: &Call, array: Value) -> Emit<Numbering> {
        let ty = self.array_type(array);
        let positions = Type::array(Type::int64(), 1, Layout::C);
        let parts = if ty.dtype.as_record().is_some() {
            // The rows of the numbers of all fields are numbered.
            let array = self.contiguous(array, Layout::C)?;
            let array = self.one_axis(array);
            let mut fields = Vec::new();
            for key in self.sort_keys_of_records(array, &[])? {
                fields.push(self.numbering(call, key)?.numbers);
            }
            let rows = stack_arrays(self, call, &fields)?;
            let rows = self.with_axis_moved(rows, 0, 1);
            let view = self.view_argument(rows);
            let values = Type::array(Type::int64(), 2, Layout::C);
            let result = Type::tuple(vec![values, positions, positions, positions]);
            let result = self.call_kernel("unique_rows", Type::int64(), vec![view], result);
            self.tuple_elements(result).split_off(1)
        } else if let Some((_, kind)) = ty.dtype.as_fixed_text() {
            let args = self.elements_of_text(array);
            let result = Type::tuple(vec![positions; 3]);
            let result = self.call_kernel("unique_elements", kind, args, result);
            self.tuple_elements(result)
        } else {
            let keys = if ty.dtype.time_unit().is_some() { sort_keys(self, array)? } else { array };
            let dtype = self.array_type(keys).dtype;
            let args = vec![self.view_argument(keys), self.b.bool(true)];
            let values = Type::array(dtype, 1, Layout::C);
            let result = Type::tuple(vec![values, positions, positions, positions]);
            let result = self.call_kernel("unique_all", dtype, args, result);
            self.tuple_elements(result).split_off(1)
        };
        let extents = self.extents(array);
        let own = rumba_types::ArrayType { ndim: ty.ndim, ..self.array_type(parts[1]) };
        let numbers = self.view_as(parts[1], own, &extents, &[]);
        Ok(Numbering { first: parts[0], numbers, counts: parts[2] })
    }
}

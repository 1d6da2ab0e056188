//! Runtime kernels over the elements of arrays: filling and converting.

use crate::numpy::promotion::all_dtypes;
use crate::{Emit, Emitter};
use rumba_ir::{RuntimeFunction, Value};
use rumba_source::Code;
use rumba_types::{Layout, Type};

const fn effect(symbol: &'static str) -> RuntimeFunction {
    RuntimeFunction::effect(symbol)
}

/// `(data, extents + strides, ndim, element type, slots of the value)`.
static FILL: RuntimeFunction = effect("rumba_fill_elements");
/// `(target, source, extents + target strides + source strides, ndim, target type, source type)`.
static CONVERT: RuntimeFunction = effect("rumba_convert_elements");
/// `(data, n, element type, slots of the first two)`.
static PROGRESSION: RuntimeFunction = effect("rumba_fill_progression");
/// `(data, n, start, stop, endpoint, floor)`.
static LINSPACE_F64: RuntimeFunction = effect("rumba_fill_linspace_f64");
static LINSPACE_F32: RuntimeFunction = effect("rumba_fill_linspace_f32");

impl Emitter<'_> {
    /// The runtime's number of an element type.
    pub(crate) fn element_type_number(&mut self, dtype: Type) -> Value {
        let number =
            all_dtypes().iter().position(|ty| *ty == dtype).expect("arrays have elements of a dtype");
        self.b.int64(number as i64)
    }

    /// Sets every element to a number, converted as `astype` does.
    pub fn fill_array(&mut self, array: Value, value: Value) -> Emit<()> {
        let ty = self.array_type(array);
        if !ty.dtype.is_number() {
            return self.assign_array(array, value);
        }
        let value = self.cast_number(value, ty.dtype)?;
        let slots = self.b.pack(vec![value]);
        let mut extents = self.extents(array);
        let mut strides = self.strides(array);
        if ty.layout != Layout::A {
            extents = vec![self.product(&extents)];
            strides = vec![self.b.int64(ty.dtype.item_size() as i64)];
        }
        let ndim = self.b.int64(extents.len() as i64);
        extents.extend(strides);
        let geometry = self.b.pack(extents);
        let data = self.array_data(array);
        let number = self.element_type_number(ty.dtype);
        self.b.call_runtime(&FILL, vec![data, geometry, ndim, number, slots], Type::none(), None);
        Ok(())
    }

    /// A new array with the elements as `dtype`, in layout C or F.
    pub fn cast_array(&mut self, array: Value, dtype: Type, layout: Layout) -> Emit {
        let ty = self.array_type(array);
        if ty.dtype == dtype {
            return self.copy_array(array, layout);
        }
        if ty.dtype.time_unit().is_some() || dtype.time_unit().is_some() {
            let result = self.map(&[array], |e, elements| e.cast_number(elements[0], dtype))?;
            return if layout == Layout::F && ty.ndim > 1 {
                self.copy_array(result, layout)
            } else {
                Ok(result)
            };
        }
        if let (Some((_, from)), Some((_, to))) = (ty.dtype.as_fixed_text(), dtype.as_fixed_text())
            && from == to
        {
            let extents = self.extents(array);
            let copy = self.allocate_array(dtype, &extents, layout, false)?;
            self.assign_fixed_text(copy, array)?;
            return Ok(copy);
        }
        if !ty.dtype.is_number() || !dtype.is_number() {
            let message = format!("elements of {} do not convert to {dtype}", self.ty(array).shown());
            return self.error(Code::CannotConvert, message);
        }
        let extents = self.extents(array);
        let copy = self.allocate_array(dtype, &extents, layout, false)?;
        let (ndim, geometry) = if ty.layout == layout || extents.len() <= 1 && ty.layout != Layout::A {
            let size = self.product(&extents);
            let [target, source] = [dtype, ty.dtype].map(|ty| self.b.int64(ty.item_size() as i64));
            (1, vec![size, target, source])
        } else {
            let ndim = extents.len();
            let mut geometry = extents;
            geometry.extend(self.strides(copy));
            geometry.extend(self.strides(array));
            (ndim, geometry)
        };
        let geometry = self.b.pack(geometry);
        let [target, source] = [copy, array].map(|array| self.array_data(array));
        let ndim = self.b.int64(ndim as i64);
        let [target_type, source_type] = [dtype, ty.dtype].map(|ty| self.element_type_number(ty));
        let args = vec![target, source, geometry, ndim, target_type, source_type];
        self.b.call_runtime(&CONVERT, args, Type::none(), None);
        Ok(copy)
    }

    /// The array if its elements are of this dtype, else a converted copy.
    pub(crate) fn as_dtype(&mut self, array: Value, dtype: Type) -> Emit {
        if self.array_type(array).dtype == dtype {
            Ok(array)
        } else {
            self.cast_array(array, dtype, Layout::C)
        }
    }

    /// Fills a C-contiguous array with the progression that starts with two numbers of its dtype.
    pub(crate) fn fill_progression(&mut self, array: Value, first: Value, second: Value) {
        let ty = self.array_type(array);
        let data = self.array_data(array);
        let size = self.array_size(array);
        let number = self.element_type_number(ty.dtype);
        let start = self.b.pack(vec![first, second]);
        self.b.call_runtime(&PROGRESSION, vec![data, size, number, start], Type::none(), None);
    }

    /// Fills a C-contiguous array of floats with evenly spaced numbers of its dtype.
    pub(crate) fn fill_linspace(
        &mut self,
        array: Value,
        [start, stop]: [Value; 2],
        endpoint: Value,
        floor: bool,
    ) {
        let ty = self.array_type(array);
        let function = if ty.dtype == Type::float32() { &LINSPACE_F32 } else { &LINSPACE_F64 };
        let data = self.array_data(array);
        let size = self.array_size(array);
        let floor = self.b.bool(floor);
        self.b.call_runtime(function, vec![data, size, start, stop, endpoint, floor], Type::none(), None);
    }
}

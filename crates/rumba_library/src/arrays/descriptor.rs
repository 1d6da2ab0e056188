//! The parts of an array value: where its elements are, and new arrays from parts.

use crate::{Emit, Emitter};
use rumba_ir::runtime_function::{ALLOCATE, COUNT_BYTES};
use rumba_ir::{Access, Value};
use rumba_types::layout::array_field;
use rumba_types::{ArrayType, Layout, Type, TypeKind};

impl<'f> Emitter<'f> {
    /// The type of a value that is known to be an array.
    pub fn array_type(&self, array: Value) -> ArrayType {
        self.ty(array).as_array().expect("the caller checked that the value is an array")
    }

    pub fn array_data(&mut self, array: Value) -> Value {
        self.b.field(array, array_field::DATA)
    }

    pub fn array_owner(&mut self, array: Value) -> Value {
        self.b.field(array, array_field::OWNER)
    }

    /// The extent of one axis.
    pub fn extent(&mut self, array: Value, axis: usize) -> Value {
        self.b.field(array, array_field::FIRST_EXTENT + axis)
    }

    pub fn extents(&mut self, array: Value) -> Vec<Value> {
        let ndim = usize::from(self.array_type(array).ndim);
        (0..ndim).map(|axis| self.extent(array, axis)).collect()
    }

    /// Bytes from one element to the next along each axis.
    pub fn strides(&mut self, array: Value) -> Vec<Value> {
        let ty = self.array_type(array);
        let ndim = usize::from(ty.ndim);
        if ty.layout == Layout::A {
            return (0..ndim)
                .map(|axis| self.b.field(array, array_field::FIRST_EXTENT + ndim + axis))
                .collect();
        }
        let extents = self.extents(array);
        self.contiguous_strides(&extents, ty.dtype, ty.layout)
    }

    /// Strides of a contiguous array of these extents, in layout `C` or `F`.
    pub fn contiguous_strides(&mut self, extents: &[Value], dtype: Type, layout: Layout) -> Vec<Value> {
        let mut stride = self.b.int64(dtype.item_size() as i64);
        let mut strides = vec![stride; extents.len()];
        let mut axes: Vec<usize> = (0..extents.len()).collect();
        if layout == Layout::C {
            axes.reverse();
        }
        for (position, axis) in axes.iter().enumerate() {
            strides[*axis] = stride;
            if position + 1 < axes.len() {
                stride = self.b.mul(stride, extents[*axis]);
            }
        }
        strides
    }

    /// The number of elements.
    pub fn array_size(&mut self, array: Value) -> Value {
        let extents = self.extents(array);
        self.product(&extents)
    }

    pub fn product(&mut self, values: &[Value]) -> Value {
        let mut product = self.b.int64(1);
        for value in values {
            product = self.b.mul(product, *value);
        }
        product
    }

    /// An array of type `ty` over the memory that `owner` keeps alive. `strides` are used by layout `A` only.
    pub fn make_array(
        &mut self,
        ty: ArrayType,
        data: Value,
        owner: Value,
        extents: &[Value],
        strides: &[Value],
    ) -> Value {
        let mut fields = vec![data, owner];
        fields.extend_from_slice(extents);
        if ty.layout == Layout::A {
            fields.extend_from_slice(strides);
        }
        self.b.make(TypeKind::Array(ty).into(), fields)
    }

    /// A new array in layout `C` or `F`, its elements zero if `zeroed`, else of any value.
    ///
    /// Raises `ValueError` for a negative extent or a size beyond the address space, `MemoryError`.
    pub fn allocate_array(&mut self, dtype: Type, extents: &[Value], layout: Layout, zeroed: bool) -> Emit {
        let geometry = self.b.pack(extents.to_vec());
        let ndim = self.b.int64(extents.len() as i64);
        let item_size = self.b.int64(dtype.item_size() as i64);
        let n_bytes = self.b.call_runtime(&COUNT_BYTES, vec![geometry, ndim, item_size], Type::int64(), None);
        let zeroed = self.b.bool(zeroed);
        let site = self.call_site();
        let pair = Type::tuple(vec![Type::pointer(), Type::pointer()]);
        let block = self.b.call_runtime(&ALLOCATE, vec![n_bytes, zeroed], pair, Some(site));
        let owner = self.b.field(block, 0);
        let data = self.b.field(block, 1);
        let ty = ArrayType { dtype, ndim: extents.len() as u8, layout, readonly: false, aligned: true };
        Ok(self.make_array(ty, data, owner, extents, &[]))
    }

    /// The address of the element at these in-bounds positions.
    pub fn element_address(&mut self, array: Value, positions: &[Value]) -> Value {
        let strides = self.strides(array);
        let mut bytes = self.b.int64(0);
        for (position, stride) in positions.iter().zip(strides) {
            let distance = self.b.mul(*position, stride);
            bytes = self.b.add(bytes, distance);
        }
        let data = self.array_data(array);
        self.b.offset(data, bytes)
    }

    /// A view without axes of the element at these in-bounds positions.
    pub(crate) fn element_view(&mut self, array: Value, positions: &[Value]) -> Value {
        let data = self.element_address(array, positions);
        let owner = self.array_owner(array);
        let ty = ArrayType { ndim: 0, layout: Layout::C, ..self.array_type(array) };
        self.make_array(ty, data, owner, &[], &[])
    }

    pub fn load_element(&mut self, array: Value, positions: &[Value]) -> Value {
        let address = self.element_address(array, positions);
        self.element_at(array, address)
    }

    /// The element of an array at its address.
    pub(crate) fn element_at(&mut self, array: Value, address: Value) -> Value {
        let ty = self.array_type(array);
        let owner = self.array_owner(array);
        self.value_at(address, owner, ty.dtype, ty.readonly, Access::aligned(ty.aligned))
    }

    /// Stores `value`, converted to the dtype as NumPy assigns.
    pub fn store_element(&mut self, array: Value, positions: &[Value], value: Value) -> Emit<()> {
        let ty = self.array_type(array);
        let address = self.element_address(array, positions);
        self.store_at(address, ty.dtype, value, Access::aligned(ty.aligned))
    }

    /// Runs `body` for every element in the order of a C array, carrying `state` along.
    pub fn for_each_element(
        &mut self,
        array: Value,
        state: &[Value],
        body: impl FnOnce(&mut Emitter<'f>, Value, &[Value]) -> Emit<Vec<Value>>,
    ) -> Emit<Vec<Value>> {
        let extents = self.extents(array);
        self.for_each_position(&extents, state, |e, positions, state| {
            let element = e.load_element(array, positions);
            body(e, element, state)
        })
    }

    /// Runs `body` for every position within `extents`, the last axis fastest, carrying `state` along.
    pub fn for_each_position(
        &mut self,
        extents: &[Value],
        state: &[Value],
        body: impl FnOnce(&mut Emitter<'f>, &[Value], &[Value]) -> Emit<Vec<Value>>,
    ) -> Emit<Vec<Value>> {
        type Body<'b, 'f> = Box<dyn FnOnce(&mut Emitter<'f>, &[Value], &[Value]) -> Emit<Vec<Value>> + 'b>;
        fn nest<'f>(
            e: &mut Emitter<'f>,
            extents: &[Value],
            positions: Vec<Value>,
            state: &[Value],
            body: Body<'_, 'f>,
        ) -> Emit<Vec<Value>> {
            match extents.split_first() {
                None => body(e, &positions, state),
                Some((extent, inner)) => e.counted_loop(*extent, state, |e, position, state| {
                    let mut positions = positions;
                    positions.push(position);
                    nest(e, inner, positions, state, body)
                }),
            }
        }
        nest(self, extents, Vec::new(), state, Box::new(body))
    }
}

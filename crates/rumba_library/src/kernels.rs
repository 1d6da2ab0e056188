//! Calls of kernels: functions of the runtime over whole arrays, one per element type.
//!
//! The other side is `rumba_runtime::kernels`, which says what a kernel takes and gives.

use crate::Emitter;
use rumba_ir::{RuntimeFunction, Value};
use rumba_types::{FloatKind, Type, TypeKind};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How symbols of kernels name an element type.
fn suffix(dtype: Type) -> String {
    match dtype.kind() {
        TypeKind::Bool => "bool".into(),
        TypeKind::Int(kind) => format!("{}{}", if kind.signed { 'i' } else { 'u' }, kind.bits),
        TypeKind::Float(kind) => format!("f{}", kind.bits()),
        TypeKind::Complex(FloatKind::F32) => "c64".into(),
        TypeKind::Complex(FloatKind::F64) => "c128".into(),
        TypeKind::Str => "str".into(),
        TypeKind::Bytes => "bytes".into(),
        _ => unreachable!("{dtype} is no element type"),
    }
}

/// The function of the runtime that reduces blocks of elements of this type: see `rumba_ir::Op::Reduce`.
pub fn block_reduction(name: &str, dtype: Type) -> &'static RuntimeFunction {
    let of_symbol: fn(&'static str) -> RuntimeFunction = match name {
        "any" => |symbol| RuntimeFunction::effect(symbol).decided_by(true),
        "all" => |symbol| RuntimeFunction::effect(symbol).decided_by(false),
        _ => RuntimeFunction::effect,
    };
    function_for(format!("rumba_{name}_{}", suffix(dtype)), of_symbol)
}

/// The function of the runtime of this symbol.
fn function_for(symbol: String, of_symbol: fn(&'static str) -> RuntimeFunction) -> &'static RuntimeFunction {
    static KNOWN: Mutex<BTreeMap<String, &'static RuntimeFunction>> = Mutex::new(BTreeMap::new());
    // A panic cannot leave the table broken.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(function) = known.get(&symbol) {
        return function;
    }
    // There are as many as kernels and element types.
    let function: &'static RuntimeFunction =
        Box::leak(Box::new(of_symbol(Box::leak(symbol.clone().into_boxed_str()))));
    known.insert(symbol, function);
    function
}

impl Emitter<'_> {
    /// Calls the kernel for an element type. Arrays are given as [`Emitter::view_argument`]s, numbers as they are.
    pub(crate) fn call_kernel(&mut self, name: &str, dtype: Type, args: Vec<Value>, result: Type) -> Value {
        self.call_kernel_over(name, &suffix(dtype), args, result)
    }

    /// Calls a kernel that only moves elements: as [`Emitter::call_kernel`], by the size of an element.
    pub(crate) fn call_kernel_by_size(
        &mut self,
        name: &str,
        dtype: Type,
        args: Vec<Value>,
        result: Type,
    ) -> Value {
        let elements = match dtype.item_size() {
            size @ (1 | 2 | 4 | 8 | 16) => format!("raw{size}"),
            _ => "raw".into(),
        };
        self.call_kernel_over(name, &elements, args, result)
    }

    fn call_kernel_over(&mut self, name: &str, elements: &str, args: Vec<Value>, result: Type) -> Value {
        let function = function_for(format!("rumba_{name}_{elements}"), RuntimeFunction::kernel);
        self.call_runtime(function, args, result)
    }

    /// Calls a function of the runtime that can raise: `rumba_<name>`.
    pub(crate) fn call_raising(&mut self, name: &str, args: Vec<Value>, result: Type) -> Value {
        self.call_runtime(function_for(format!("rumba_{name}"), RuntimeFunction::raising), args, result)
    }

    /// Calls a function of the runtime that can raise.
    pub(crate) fn call_runtime(
        &mut self,
        function: &'static RuntimeFunction,
        args: Vec<Value>,
        result: Type,
    ) -> Value {
        let site = self.call_site();
        self.b.call_runtime(function, args, result, Some(site))
    }

    /// An array as a kernel's `View` takes it.
    pub(crate) fn view_argument(&mut self, array: Value) -> Value {
        let slots = self.slots_of_array(array);
        self.b.pack(slots)
    }

    /// Arrays of one dtype as a kernel's `Views` takes them.
    pub(crate) fn views_argument(&mut self, arrays: &[Value]) -> Value {
        let mut slots = vec![self.b.int64(arrays.len() as i64)];
        for array in arrays {
            slots.extend(self.slots_of_array(*array));
        }
        self.b.pack(slots)
    }

    /// Integers as a kernel's `&[i64]` takes them.
    pub(crate) fn integers_argument(&mut self, integers: &[Value]) -> Value {
        let mut slots = vec![self.b.int64(integers.len() as i64)];
        slots.extend_from_slice(integers);
        self.b.pack(slots)
    }

    fn slots_of_array(&mut self, array: Value) -> Vec<Value> {
        let ty = self.array_type(array);
        let data = self.array_data(array);
        let (extents, strides) = (self.extents(array), self.strides(array));
        self.slots_of_view(data, ty.dtype, &extents, &strides)
    }

    /// Memory as a kernel's `View` takes it.
    pub(crate) fn view_slots(
        &mut self,
        data: Value,
        dtype: Type,
        extents: &[Value],
        strides: &[Value],
    ) -> Value {
        let slots = self.slots_of_view(data, dtype, extents, strides);
        self.b.pack(slots)
    }

    fn slots_of_view(
        &mut self,
        data: Value,
        dtype: Type,
        extents: &[Value],
        strides: &[Value],
    ) -> Vec<Value> {
        let item_size = self.b.int64(dtype.item_size() as i64);
        let ndim = self.b.int64(extents.len() as i64);
        let mut slots = vec![data, item_size, ndim];
        slots.extend_from_slice(extents);
        slots.extend_from_slice(strides);
        slots
    }
}

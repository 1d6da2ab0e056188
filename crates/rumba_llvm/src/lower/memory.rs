//! Values in memory: array elements and packed slots.
//!
//! A bool is a byte in memory, of which every value but 0 is true, and one bit in a register. A slot is eight bytes
//! with one scalar in the lowest ones.

use llvm_sys::LLVMIntPredicate::LLVMIntNE;
use llvm_sys::LLVMOpcode::LLVMZExt;
use llvm_sys::prelude::LLVMTypeRef;
use rumba_ir::Access;
use rumba_types::Type;

use super::emitter::{Emitter, Ir};

/// The size of a slot in bytes.
const SLOT: u64 = 8;

fn scalar_size(ty: Type) -> u64 {
    if ty == Type::pointer() { 8 } else { ty.item_size() }
}

fn memory_type(emitter: &Emitter<'_>, ty: Type) -> LLVMTypeRef {
    if ty.is_bool() { emitter.int_type(8) } else { emitter.scalar_type(ty) }
}

fn from_memory(emitter: &Emitter<'_>, ty: Type, loaded: Ir) -> Ir {
    if ty.is_bool() {
        return emitter.icmp(LLVMIntNE, loaded, emitter.const_int(emitter.int_type(8), 0));
    }
    loaded
}

pub(super) fn load_scalar(emitter: &Emitter<'_>, ty: Type, pointer: Ir, align: u64) -> Ir {
    let loaded = emitter.load(memory_type(emitter, ty), pointer, align);
    from_memory(emitter, ty, loaded)
}

/// Gives the instruction that stores.
pub(super) fn store_scalar(emitter: &Emitter<'_>, ty: Type, value: Ir, pointer: Ir, align: u64) -> Ir {
    let value = if ty.is_bool() { emitter.cast(LLVMZExt, value, emitter.int_type(8)) } else { value };
    emitter.store(value, pointer, align)
}

/// An array element: a scalar, or the parts of a complex number one after the other.
pub(super) fn load_element(emitter: &mut Emitter<'_>, ty: Type, pointer: Ir, access: Access) -> Vec<Ir> {
    let scalars = emitter.scalars(ty);
    let mut at = 0;
    let load = |scalar: &Type| {
        let size = scalar_size(*scalar);
        let place = emitter.offset_const(pointer, at);
        at += size;
        let (memory_type, align) = (memory_type(emitter, *scalar), if access.aligned { size } else { 1 });
        let loaded = emitter.load(memory_type, place, align);
        mark(emitter, loaded, access);
        from_memory(emitter, *scalar, loaded)
    };
    scalars.iter().map(load).collect()
}

pub(super) fn store_element(emitter: &mut Emitter<'_>, ty: Type, values: &[Ir], pointer: Ir, access: Access) {
    let scalars = emitter.scalars(ty);
    let mut at = 0;
    for (scalar, value) in scalars.iter().zip(values) {
        let size = scalar_size(*scalar);
        let place = emitter.offset_const(pointer, at);
        at += size;
        let stored = store_scalar(emitter, *scalar, *value, place, if access.aligned { size } else { 1 });
        mark(emitter, stored, access);
    }
}

fn mark(emitter: &Emitter<'_>, instruction: Ir, access: Access) {
    if access.independent {
        emitter.mark_independent(instruction);
    }
    emitter.mark_memory(instruction, access.field);
}

/// Stores scalars into slots.
pub(super) fn pack(emitter: &Emitter<'_>, types: &[Type], values: &[Ir], slots: Ir) {
    for (index, (ty, value)) in types.iter().zip(values).enumerate() {
        store_scalar(emitter, *ty, *value, emitter.offset_const(slots, index as u64 * SLOT), SLOT);
    }
}

/// Reads scalars from slots.
pub(super) fn unpack(emitter: &Emitter<'_>, types: &[Type], slots: Ir) -> Vec<Ir> {
    let slot = |index: usize| emitter.offset_const(slots, index as u64 * SLOT);
    types.iter().enumerate().map(|(index, ty)| load_scalar(emitter, *ty, slot(index), SLOT)).collect()
}

//! Values in memory: array elements and packed slots.
//!
//! A bool is a byte in memory, of which every value but 0 is true, and one bit in a register. A slot is eight bytes
//! with one scalar in the lowest ones.

use llvm_sys::LLVMIntPredicate::LLVMIntNE;
use llvm_sys::LLVMOpcode::LLVMZExt;
use rumba_types::Type;

use super::emitter::{Emitter, Ir};

/// The size of a slot in bytes.
const SLOT: u64 = 8;

fn scalar_size(ty: Type) -> u64 {
    if ty == Type::pointer() { 8 } else { ty.item_size() }
}

pub(super) fn load_scalar(emitter: &Emitter<'_>, ty: Type, pointer: Ir, align: u64) -> Ir {
    if ty.is_bool() {
        let byte = emitter.load(emitter.int_type(8), pointer, align);
        return emitter.icmp(LLVMIntNE, byte, emitter.const_int(emitter.int_type(8), 0));
    }
    emitter.load(emitter.scalar_type(ty), pointer, align)
}

pub(super) fn store_scalar(emitter: &Emitter<'_>, ty: Type, value: Ir, pointer: Ir, align: u64) {
    let value = if ty.is_bool() { emitter.cast(LLVMZExt, value, emitter.int_type(8)) } else { value };
    emitter.store(value, pointer, align);
}

/// An array element: a scalar, or the parts of a complex number one after the other.
pub(super) fn load_element(emitter: &mut Emitter<'_>, ty: Type, pointer: Ir, aligned: bool) -> Vec<Ir> {
    let scalars = emitter.scalars(ty);
    let mut at = 0;
    let load = |scalar: &Type| {
        let size = scalar_size(*scalar);
        let place = emitter.offset_const(pointer, at);
        at += size;
        load_scalar(emitter, *scalar, place, if aligned { size } else { 1 })
    };
    scalars.iter().map(load).collect()
}

pub(super) fn store_element(emitter: &mut Emitter<'_>, ty: Type, values: &[Ir], pointer: Ir, aligned: bool) {
    let scalars = emitter.scalars(ty);
    let mut at = 0;
    for (scalar, value) in scalars.iter().zip(values) {
        let size = scalar_size(*scalar);
        store_scalar(
            emitter,
            *scalar,
            *value,
            emitter.offset_const(pointer, at),
            if aligned { size } else { 1 },
        );
        at += size;
    }
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

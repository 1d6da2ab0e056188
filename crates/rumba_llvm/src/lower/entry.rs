//! Entry functions: what the host calls, with packed arguments and results.

use rumba_ir::Function;

use super::emitter::Emitter;
use super::{Callee, entry_symbol, memory};

/// Defines the entry function of an instance. It only repacks and calls the internal function, which other objects
/// may call as well.
pub(super) fn lower_entry(emitter: &mut Emitter<'_>, function: &Function, callee: &Callee) {
    let entry = emitter.declare_entry(&entry_symbol(function.id));
    let block = emitter.append_block(entry.function);
    emitter.position_at_end(block);
    let [ctx, args, results] = [0, 1, 2].map(|index| emitter.param(entry.function, index));
    let param_types: Vec<_> =
        function.param_types().into_iter().flat_map(|ty| emitter.scalars(ty).to_vec()).collect();
    let mut operands = vec![ctx];
    operands.extend(memory::unpack(emitter, &param_types, args));
    let result_types = emitter.scalars(function.result);
    let n_results = result_types.len() + usize::from(callee.can_raise);
    let returned = emitter.call(callee.declaration, &operands, n_results);
    let (status, values) =
        if callee.can_raise { (returned[0], &returned[1..]) } else { (emitter.const_i32(0), &returned[..]) };
    // After an exception these are undefined, and nobody reads them.
    memory::pack(emitter, &result_types, values, results);
    emitter.ret(&[status]);
}

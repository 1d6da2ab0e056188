//! Entry functions: what the host calls, with packed arguments and results, and what C code calls.

use llvm_sys::LLVMIntPredicate::LLVMIntEQ;
use rumba_ir::Function;
use rumba_types::Type;

use super::emitter::Emitter;
use super::{CHooks, Callee, c_symbol, entry_symbol, memory};

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

/// Defines the function of an instance that C code calls: parameters and result are machine scalars.
pub(super) fn lower_c_function(
    emitter: &mut Emitter<'_>,
    function: &Function,
    callee: &Callee,
    hooks: &CHooks,
) {
    let params: Vec<Type> =
        function.param_types().into_iter().flat_map(|ty| emitter.scalars(ty).to_vec()).collect();
    let result = emitter.scalars(function.result).first().copied();
    let defined = emitter.declare_c(&c_symbol(function.id), &params, result);
    let block = emitter.append_block(defined.function);
    emitter.position_at_end(block);
    let enter = emitter.c_function_at(hooks.enter, &[], Some(Type::pointer()));
    let ctx = emitter.call(enter, &[], 1)[0];
    let mut operands = vec![ctx];
    operands.extend((0..params.len()).map(|index| emitter.param(defined.function, index)));
    let n_results = usize::from(result.is_some()) + usize::from(callee.can_raise);
    let returned = emitter.call(callee.declaration, &operands, n_results);
    if !callee.can_raise {
        emitter.ret(&returned);
        return;
    }
    let fine = emitter.icmp(LLVMIntEQ, returned[0], emitter.const_i32(0));
    let (next, failed) = (emitter.append_block(defined.function), emitter.append_block(defined.function));
    emitter.branch_likely(fine, next, failed);
    emitter.position_at_end(next);
    emitter.ret(&returned[1..]);
    emitter.position_at_end(failed);
    let report = emitter.c_function_at(hooks.failed, &[Type::pointer(), Type::uint64()], None);
    emitter.call(report, &[ctx, emitter.const_i64(hooks.function as i64)], 0);
    let zero: Vec<_> = result.iter().map(|ty| emitter.zero(*ty)).collect();
    emitter.ret(&zero);
}

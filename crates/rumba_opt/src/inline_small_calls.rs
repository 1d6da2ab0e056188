//! Copies the bodies of small functions to where they are called, and drops functions that are then
//! called from nowhere.
//!
//! LLVM never optimises an instance again inside of a caller, so this is the only inlining of user code.
//! A body is small when it costs no more than [`LIMIT`], has no loops and does not call itself.
//! A copied site remembers the call that it replaces (`Site::caller`): a traceback shows both frames.

use crate::call_graph::CallGraph;
use crate::copy_blocks::{copy_blocks, handle_from};
use crate::lower_yields::generator_of;
use crate::pipeline::BatchContext;
use rumba_ir::analysis::{Dominators, Loops};
use rumba_ir::{Block, BlockData, Edge, Function, InstanceId, Op, Terminator};

/// What the body of an inlined function may cost, in operations.
const LIMIT: u32 = 30;

/// The same, of what goes on with a generator where that is done in one place: every turn of a loop calls it.
pub const GENERATOR_LIMIT: u32 = 300;

/// A function of more instructions takes no more bodies in.
pub const MAX_CALLER_SIZE: usize = 4000;

pub fn run(functions: &mut Vec<Function>, context: &BatchContext<'_>) {
    if functions.len() < 2 {
        return;
    }
    let graph = CallGraph::of(functions);
    let n_calls = n_calls(functions, &graph);
    let mut inlinable = vec![false; functions.len()];
    for idx in graph.bottom_up.iter().copied() {
        let caller_id = functions[idx].id;
        let is_small_call = |op: &Op| match op {
            Op::Call { callee, .. } => {
                let position = graph.position.get(callee).copied()?;
                (inlinable[position] && (context.may_inline)(caller_id, *callee)).then_some(position)
            }
            _ => None,
        };
        // The caller stands outside of the batch meanwhile: it never inlines itself.
        let placeholder = Function::new(InstanceId(u32::MAX), "", &[], rumba_types::Type::none());
        let mut caller = std::mem::replace(&mut functions[idx], placeholder);
        inline_calls(&mut caller, functions, is_small_call);
        let goes_on_with_generator = generator_of(&caller).is_some();
        let limit = if goes_on_with_generator && n_calls[idx] == 1 { GENERATOR_LIMIT } else { LIMIT };
        inlinable[idx] = !graph.is_recursive[idx] && is_small(&caller, limit);
        functions[idx] = caller;
    }
    drop_uncalled(functions, context.entries);
}

/// By position: how many calls of each function there are.
fn n_calls(functions: &[Function], graph: &CallGraph) -> Vec<usize> {
    let mut n_calls = vec![0; functions.len()];
    for instruction in functions.iter().flat_map(|f| &f.blocks).flat_map(|b| &b.instructions) {
        if let Op::Call { callee, .. } = &instruction.op
            && let Some(position) = graph.position.get(callee)
        {
            n_calls[*position] += 1;
        }
    }
    n_calls
}

fn is_small(function: &Function, limit: u32) -> bool {
    let instructions = function.blocks.iter().flat_map(|block| &block.instructions);
    let mut budget = limit;
    for instruction in instructions {
        let Some(rest) = budget.checked_sub(cost(&instruction.op)) else { return false };
        budget = rest;
    }
    // Looked at last: costs more.
    Loops::of(function, &Dominators::of(function)).is_empty()
}

pub fn cost(op: &Op) -> u32 {
    match op {
        Op::Const(_) | Op::Data(_) | Op::Make(_) | Op::Field { .. } | Op::Reinterpret(_) => 0,
        Op::Unary { .. }
        | Op::Binary { .. }
        | Op::Compare { .. }
        | Op::Select { .. }
        | Op::Convert(_)
        | Op::Load { .. }
        | Op::Store { .. }
        | Op::Offset { .. }
        | Op::RaiseUnless { .. }
        | Op::CheckStack
        | Op::Poll
        | Op::Retain(_)
        | Op::Release(_) => 1,
        Op::Pack(_) | Op::StackMemory { .. } | Op::Call { .. } | Op::CallRuntime { .. } => 5,
        // Worth its size: what follows may be fused with it.
        Op::Elementwise { .. } | Op::Reduce { .. } => 5,
        Op::Own(_) | Op::Adopt(_) | Op::EntryAddress(_) | Op::GeneratorSize(_) => 1,
        // What a frame owns is released at its end, not at the end of a function that it became a part of.
        Op::Cell(_) => GENERATOR_LIMIT + 1,
        Op::CallHost { .. } => 10,
    }
}

fn inline_calls(caller: &mut Function, batch: &[Function], callee_of: impl Fn(&Op) -> Option<usize>) {
    let mut size: usize = caller.blocks.iter().map(|block| block.instructions.len()).sum();
    for block in caller.block_ids() {
        // From the last call to the first, so that every instruction moves once.
        for idx in (0..caller.block(block).instructions.len()).rev() {
            let Some(callee) = callee_of(&caller.block(block).instructions[idx].op) else { continue };
            let callee = &batch[callee];
            size += callee.blocks.iter().map(|block| block.instructions.len()).sum::<usize>();
            if size > MAX_CALLER_SIZE {
                return;
            }
            inline_call(caller, block, idx, callee);
        }
    }
}

/// Replaces the call at a position by the callee's blocks; what follows the call goes to a new block, whose
/// parameter is the result.
fn inline_call(caller: &mut Function, block: Block, idx: usize, callee: &Function) {
    let after = caller.add_block();
    let handler = caller.block(block).handler.clone();
    let data = caller.block_mut(block);
    let rest = data.instructions.split_off(idx + 1);
    let call = data.instructions.pop().expect("the call stands before what follows it");
    let terminator = std::mem::replace(&mut data.terminator, Terminator::Unreachable);
    let params = vec![call.result];
    *caller.block_mut(after) = BlockData { params, handler: None, instructions: rest, terminator };

    let Op::Call { args, .. } = call.op else { unreachable!("only calls are inlined") };
    let first_block = copy_blocks(caller, callee, &args, after, Some(call.site.expect("calls name a site")));
    caller.block_mut(block).terminator = Terminator::Jump(Edge { block: first_block, args: Vec::new() });
    handle_from(caller, after, &handler);
}

/// Drops the functions that no entry comes to call.
fn drop_uncalled(functions: &mut Vec<Function>, entries: &[InstanceId]) {
    let graph = CallGraph::of(functions);
    let mut called: Vec<bool> = functions.iter().map(|function| entries.contains(&function.id)).collect();
    let mut pending: Vec<usize> = (0..functions.len()).filter(|idx| called[*idx]).collect();
    while let Some(caller) = pending.pop() {
        for callee in &graph.callees[caller] {
            if !std::mem::replace(&mut called[*callee], true) {
                pending.push(*callee);
            }
        }
    }
    let mut called = called.into_iter();
    functions.retain(|_| called.next() == Some(true));
}

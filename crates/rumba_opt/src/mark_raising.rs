//! Finds out which functions can raise, exactly as far as calls go, and lets recursive ones check the
//! stack.
//!
//! What a handler of the function catches does not leave it; handlers of blocks in which nothing raises go.
//! A function that cannot raise returns its result without a status, and its callers need no branch.

use crate::call_graph::CallGraph;
use crate::pipeline::BatchContext;
use rumba_ir::{BlockData, Function, Instruction, Op, Terminator};
use rumba_types::Type;

pub fn run(functions: &mut [Function], context: &BatchContext<'_>) {
    let graph = CallGraph::of(functions);
    for (function, is_recursive) in functions.iter_mut().zip(&graph.is_recursive) {
        if *is_recursive {
            check_stack(function);
        }
        function.can_raise = false;
    }
    // From "none raises" up, so that functions that only call each other do not.
    let mut changed = true;
    while changed {
        changed = false;
        for idx in graph.bottom_up.iter().copied() {
            if !functions[idx].can_raise && can_raise(&functions[idx], functions, &graph, context) {
                functions[idx].can_raise = true;
                changed = true;
            }
        }
    }
    for idx in 0..functions.len() {
        let is_idle = |block: &BlockData| !raises(block, functions, &graph, context);
        let idle: Vec<bool> = functions[idx].blocks.iter().map(is_idle).collect();
        for (block, _) in functions[idx].blocks.iter_mut().zip(idle).filter(|(_, is_idle)| *is_idle) {
            block.handler = None;
        }
    }
}

fn can_raise(function: &Function, batch: &[Function], graph: &CallGraph, context: &BatchContext<'_>) -> bool {
    function.blocks.iter().any(|block| block.handler.is_none() && raises(block, batch, graph, context))
}

/// Whether something in the block can raise, be it handled or not.
fn raises(block: &BlockData, batch: &[Function], graph: &CallGraph, context: &BatchContext<'_>) -> bool {
    matches!(block.terminator, Terminator::Raise { .. } | Terminator::Reraise { .. })
        || block.instructions.iter().any(|instruction| match instruction.op {
            Op::Call { callee, .. } => match graph.position.get(&callee) {
                Some(position) => batch[*position].can_raise,
                None => (context.callee_info)(callee).is_none_or(|info| info.can_raise),
            },
            _ => instruction.op.can_raise(),
        })
}

/// Puts the check of the stack first.
fn check_stack(function: &mut Function) {
    if matches!(function.blocks[0].instructions.first(), Some(Instruction { op: Op::CheckStack, .. })) {
        return;
    }
    let site = function.add_own_site();
    let result = function.add_value(Type::none());
    let check = Instruction { result, op: Op::CheckStack, site: Some(site), cleanup: Vec::new() };
    function.blocks[0].instructions.insert(0, check);
}

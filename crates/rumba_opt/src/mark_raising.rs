//! Finds out which functions can raise, exactly as far as calls go, and lets recursive ones check the
//! stack.
//!
//! A function that cannot raise returns its result without a status, and its callers need no branch.

use crate::call_graph::CallGraph;
use crate::pipeline::BatchContext;
use rumba_ir::{Function, Instruction, Op, Terminator};
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
}

fn can_raise(function: &Function, batch: &[Function], graph: &CallGraph, context: &BatchContext<'_>) -> bool {
    function.blocks.iter().any(|block| {
        matches!(block.terminator, Terminator::Raise { .. })
            || block.instructions.iter().any(|instruction| match instruction.op {
                Op::Call { callee, .. } => match graph.position.get(&callee) {
                    Some(position) => batch[*position].can_raise,
                    None => (context.callee_info)(callee).is_none_or(|info| info.can_raise),
                },
                _ => instruction.op.can_raise(),
            })
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

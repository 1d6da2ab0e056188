//! Tells functions that work from functions that have others work.

use crate::call_graph::CallGraph;
use rumba_ir::analysis::{Dominators, Loops};
use rumba_ir::{Function, Op};

/// Whether a batch does little but call kernels: nothing in it happens more than once in a call, and a kernel takes
/// longer than what is around it.
pub fn is_glue(functions: &[Function]) -> bool {
    let mut instructions = functions.iter().flat_map(|f| &f.blocks).flat_map(|block| &block.instructions);
    instructions.any(|i| matches!(&i.op, Op::CallRuntime { function, .. } if function.is_kernel))
        && functions.iter().all(|function| Loops::of(function, &Dominators::of(function)).is_empty())
        && !CallGraph::of(functions).is_recursive.contains(&true)
}

//! Gives every loop one way back to its header.
//!
//! ```python
//! for x in xs:
//!     if x > 0:          # both ways through the `if` lead straight back: with a block in which they
//!         n += 1         # meet, the addition becomes a select instead of a branch
//! ```
//!
//! LLVM splits a header that several edges lead back to into nested loops, and finds no count for either.

use rumba_ir::analysis::{Dominators, Loops};
use rumba_ir::{Block, Edge, Function, Instruction, Terminator, Value};
use rustc_hash::FxHashMap;

pub fn run(function: &mut Function) {
    let dominators = Dominators::of(function);
    let loops = Loops::of(function, &dominators);
    for (_, found) in loops.iter() {
        if found.latches.len() < 2 {
            continue;
        }
        let latch = function.add_block();
        let handler = function.block(found.header).handler.clone();
        // What the edges pass, by position.
        let mut passed: Vec<Vec<Value>> = vec![Vec::new(); function.block(found.header).params.len()];
        for block in &found.latches {
            for edge in function.block_mut(*block).terminator.edges_mut() {
                if edge.block == found.header {
                    edge.block = latch;
                    passed.iter_mut().zip(&edge.args).for_each(|(values, arg)| values.push(*arg));
                }
            }
        }
        // What all of them pass, like the next value of a counter, is defined before they part.
        let differs: Vec<bool> =
            passed.iter().map(|values| values.iter().any(|value| *value != values[0])).collect();
        for block in &found.latches {
            for edge in function.block_mut(*block).terminator.edges_mut() {
                if edge.block == latch {
                    let mut keep = differs.iter();
                    edge.args.retain(|_| keep.next() == Some(&true));
                }
            }
        }
        let args = passed
            .iter()
            .zip(&differs)
            .map(|(values, differs)| match differs {
                true => function.add_param(latch, function.ty(values[0])),
                false => values[0],
            })
            .collect();
        let back = Edge { block: found.header, args };
        function.block_mut(latch).handler =
            handler.map(|handler| handler_before(function, latch, &back, handler));
        function.block_mut(latch).terminator = Terminator::Jump(back);
    }
}

/// The handler of the block that `edge` leads to, as it is for one who is about to follow the edge: `block`, to whose end
/// this appends what computes the arguments.
pub fn handler_before(function: &mut Function, block: Block, edge: &Edge, mut handler: Edge) -> Edge {
    let target = function.block(edge.block);
    let mut known: FxHashMap<Value, Value> =
        target.params.iter().copied().zip(edge.args.iter().copied()).collect();
    let computed = target.instructions[..target.first_to_raise()].to_vec();
    for mut instruction in computed.into_iter().filter(|instruction| instruction.op.is_removable()) {
        instruction.op.operands_mut(|value| *value = known.get(value).copied().unwrap_or(*value));
        let result = function.add_value(function.ty(instruction.result));
        known.insert(instruction.result, result);
        function.block_mut(block).instructions.push(Instruction { result, ..instruction });
    }
    handler.args.iter_mut().for_each(|arg| *arg = known.get(arg).copied().unwrap_or(*arg));
    handler
}

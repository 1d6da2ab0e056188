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
use rumba_ir::{Edge, Function, Terminator, Value};

pub fn run(function: &mut Function) {
    let dominators = Dominators::of(function);
    let loops = Loops::of(function, &dominators);
    for (_, found) in loops.iter() {
        if found.latches.len() < 2 {
            continue;
        }
        let params = function.block(found.header).params.clone();
        let latch = function.add_block();
        for block in &found.latches {
            for edge in function.block_mut(*block).terminator.edges_mut() {
                if edge.block == found.header {
                    edge.block = latch;
                }
            }
        }
        let args: Vec<Value> = params.into_iter().map(|param| function.add_param(latch, function.ty(param))).collect();
        function.block_mut(latch).terminator = Terminator::Jump(Edge { block: found.header, args });
    }
}

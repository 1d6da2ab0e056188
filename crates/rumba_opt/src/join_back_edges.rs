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
        let latch = function.add_block();
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
        function.block_mut(latch).terminator = Terminator::Jump(Edge { block: found.header, args });
    }
}

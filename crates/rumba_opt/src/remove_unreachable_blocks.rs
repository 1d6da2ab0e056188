//! Drops blocks that the entry does not reach and numbers the others anew, in the same order.
//! Inference leaves such blocks behind where a branch is decided by types.

use rumba_ir::{Block, Function};

pub fn run(function: &mut Function) {
    let mut reached = vec![false; function.blocks.len()];
    reached[0] = true;
    let mut pending = vec![function.entry()];
    while let Some(block) = pending.pop() {
        function.block(block).successors(|successor| {
            if !std::mem::replace(&mut reached[successor.index()], true) {
                pending.push(successor);
            }
        });
    }
    if reached.iter().all(|reached| *reached) {
        return;
    }
    let mut next = 0;
    let new_number: Vec<Block> = reached
        .iter()
        .map(|reached| {
            let number = Block(next);
            next += u32::from(*reached);
            number
        })
        .collect();
    let mut keep = reached.iter();
    function.blocks.retain(|_| keep.next() == Some(&true));
    for block in &mut function.blocks {
        for edge in block.edges_mut() {
            edge.block = new_number[edge.block.index()];
        }
    }
}

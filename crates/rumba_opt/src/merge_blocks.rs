//! Joins a block with the one that it jumps to where that has no other way in, and turns branches that
//! lead to the same place either way into jumps.

use crate::remove_unreachable_blocks;
use crate::replacements::Replacements;
use rumba_ir::{Function, Terminator};

pub fn run(function: &mut Function) {
    let mut n_ways_in = vec![0u32; function.blocks.len()];
    for block in &mut function.blocks {
        if let Terminator::Branch { then, otherwise, .. } = &mut block.terminator
            && then == otherwise
        {
            let edge =
                std::mem::replace(then, rumba_ir::Edge { block: rumba_ir::Block(0), args: Vec::new() });
            block.terminator = Terminator::Jump(edge);
        }
        block.successors(|successor| n_ways_in[successor.index()] += 1);
    }
    let mut replacements = Replacements::new(function);
    let mut any = false;
    for block in function.block_ids() {
        // Joined blocks are left empty and end in `Unreachable`, so each is met once.
        while let Terminator::Jump(edge) = &function.block(block).terminator {
            let target = edge.block;
            if n_ways_in[target.index()] != 1
                || target == block
                || function.block(target).handler != function.block(block).handler
            {
                break;
            }
            let args = edge.args.clone();
            let data = function.block_mut(target);
            let params = std::mem::take(&mut data.params);
            let mut instructions = std::mem::take(&mut data.instructions);
            let terminator = std::mem::replace(&mut data.terminator, Terminator::Unreachable);
            for (param, arg) in params.into_iter().zip(args) {
                replacements.replace(param, arg);
            }
            let data = function.block_mut(block);
            data.instructions.append(&mut instructions);
            data.terminator = terminator;
            any = true;
        }
    }
    if any {
        replacements.apply(function);
        remove_unreachable_blocks::run(function);
    }
}

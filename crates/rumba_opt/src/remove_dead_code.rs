//! Drops instructions and block parameters that nothing observable depends on.
//!
//! Marks what is needed, from effects and ends of blocks backwards, and drops the rest, so that values
//! which only feed each other around a loop go too.

use crate::simplify_block_params::drop_params;
use rumba_ir::{Block, Function, Terminator, Value};

#[derive(Clone, Copy)]
enum Definition {
    None,
    Instruction { block: u32, idx: u32 },
    Param { block: u32, idx: u32 },
}

pub fn run(function: &mut Function) {
    let needed = mark(function);
    let entry = function.entry();
    let dropped: Vec<Vec<bool>> = function
        .block_ids()
        .map(|block| {
            let params = &function.block(block).params;
            params.iter().map(|param| block != entry && !needed[param.index()]).collect()
        })
        .collect();
    if dropped.iter().flatten().any(|dropped| *dropped) {
        drop_params(function, &dropped);
    }
    for block in &mut function.blocks {
        block
            .instructions
            .retain(|instruction| !instruction.op.is_removable() || needed[instruction.result.index()]);
    }
}

/// The values that are needed, by index.
fn mark(function: &Function) -> Vec<bool> {
    let mut definitions = vec![Definition::None; function.values.len()];
    let mut predecessors: Vec<Vec<Block>> = vec![Vec::new(); function.blocks.len()];
    let mut needed = vec![false; function.values.len()];
    let mut pending = Vec::new();
    let mut need = |value: Value, pending: &mut Vec<Value>| {
        if !std::mem::replace(&mut needed[value.index()], true) {
            pending.push(value);
        }
    };
    for block in function.block_ids() {
        let data = function.block(block);
        for (idx, param) in data.params.iter().enumerate() {
            definitions[param.index()] = Definition::Param { block: block.0, idx: idx as u32 };
        }
        for (idx, instruction) in data.instructions.iter().enumerate() {
            definitions[instruction.result.index()] =
                Definition::Instruction { block: block.0, idx: idx as u32 };
            if !instruction.op.is_removable() {
                instruction.op.operands(|value| need(value, &mut pending));
                instruction.cleanup.iter().for_each(|value| need(*value, &mut pending));
            }
        }
        match &data.terminator {
            Terminator::Branch { condition, .. } => need(*condition, &mut pending),
            Terminator::Return(value) => need(*value, &mut pending),
            Terminator::Raise { args, cleanup, .. } => {
                args.iter().chain(cleanup).for_each(|value| need(*value, &mut pending));
            }
            Terminator::Reraise { cleanup } => cleanup.iter().for_each(|value| need(*value, &mut pending)),
            Terminator::Jump(_) | Terminator::Yield(_) | Terminator::Unreachable => {}
        }
        data.successors(|successor| predecessors[successor.index()].push(block));
    }
    while let Some(value) = pending.pop() {
        match definitions[value.index()] {
            Definition::None => {}
            Definition::Instruction { block, idx } => {
                let instruction = &function.blocks[block as usize].instructions[idx as usize];
                instruction.op.operands(|operand| need(operand, &mut pending));
            }
            Definition::Param { block, idx } => {
                for predecessor in &predecessors[block as usize] {
                    for edge in function.block(*predecessor).edges() {
                        if edge.block.0 == block {
                            need(edge.args[idx as usize], &mut pending);
                        }
                    }
                }
            }
        }
    }
    needed
}

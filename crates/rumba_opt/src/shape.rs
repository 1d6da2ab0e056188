//! Where values are defined and how often they are used, and which blocks come before which: computed once
//! for all loops of a function, and kept right while loops are cut.

use rumba_ir::analysis::Loop;
use rumba_ir::{Block, Function, Instruction, Op, Scalar, Value};

pub struct Shape {
    /// By value: the block, and the position of the instruction ([`PARAM`] for parameters).
    definitions: Vec<Option<(Block, u32)>>,
    n_uses: Vec<u32>,
    predecessors: Vec<Vec<Block>>,
}

const PARAM: u32 = u32::MAX;

impl Shape {
    pub fn of(function: &Function) -> Shape {
        let mut shape = Shape {
            definitions: vec![None; function.values.len()],
            n_uses: vec![0; function.values.len()],
            predecessors: vec![Vec::new(); function.blocks.len()],
        };
        for block in function.block_ids() {
            let data = function.block(block);
            for param in &data.params {
                shape.definitions[param.index()] = Some((block, PARAM));
            }
            for (idx, instruction) in data.instructions.iter().enumerate() {
                shape.definitions[instruction.result.index()] = Some((block, idx as u32));
                instruction.op.operands(|value| shape.n_uses[value.index()] += 1);
            }
            data.edge_operands(|value| shape.n_uses[value.index()] += 1);
            data.successors(|successor| {
                let before = &mut shape.predecessors[successor.index()];
                if before.last() != Some(&block) {
                    before.push(block);
                }
            });
        }
        shape
    }

    /// The block that a value is defined in.
    pub fn block(&self, value: Value) -> Option<Block> {
        self.definitions[value.index()].map(|(block, _)| block)
    }

    /// The instruction that a value is the result of. Holds before anything is inserted.
    pub fn instruction<'f>(&self, function: &'f Function, value: Value) -> Option<&'f Instruction> {
        let (block, idx) = self.definitions[value.index()]?;
        function.block(block).instructions.get(idx as usize)
    }

    pub fn const_int(&self, function: &Function, value: Value) -> Option<i64> {
        match self.instruction(function, value)?.op {
            Op::Const(Scalar::Int(value)) => Some(value),
            _ => None,
        }
    }

    pub fn n_uses(&self, value: Value) -> u32 {
        self.n_uses[value.index()]
    }

    pub fn predecessors(&self, block: Block) -> &[Block] {
        self.predecessors[block.index()].as_slice()
    }

    /// Those who enter the loop from outside now enter it through `outer`; gives them.
    pub fn enter_elsewhere(&mut self, header: Block, found: &Loop, outer: Block) -> Vec<Block> {
        let before = std::mem::take(&mut self.predecessors[header.index()]);
        let (mut inside, outside): (Vec<Block>, Vec<Block>) =
            before.into_iter().partition(|block| found.latches.contains(block));
        inside.push(outer);
        self.predecessors[header.index()] = inside;
        outside
    }

    /// What went from `old` to `target` now goes from `new`. Of interest for headers of loops only; so blocks
    /// that were added since are not listed.
    pub fn leave_from(&mut self, target: Block, old: Block, new: Block) {
        let before = self.predecessors.get_mut(target.index());
        if let Some(block) = before.into_iter().flatten().find(|block| **block == old) {
            *block = new;
        }
    }
}

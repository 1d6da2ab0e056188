//! Takes away the blocks that lowering made and nothing needs: empty ones, and the seams of straight code.

use super::{Definition, ENTRY, Ssa};
use crate::hir::{Block, Terminator, Value};

impl Ssa {
    /// Leads edges past blocks that do nothing but jump on. Before phis get their operands, so that
    /// nothing refers to such a block.
    pub(super) fn skip_empty_blocks(&mut self) {
        let targets: Vec<Block> =
            (0..self.blocks.len() as u32).map(|idx| self.past_empty(Block(idx))).collect();
        for block in &mut self.blocks {
            let Some((terminator, _)) = &mut block.terminator else {
                continue;
            };
            match terminator {
                Terminator::Jump(edge) | Terminator::Yield { resume: edge, .. } => {
                    edge.block = targets[edge.block.index()];
                }
                Terminator::Branch { then, otherwise, .. } => {
                    then.block = targets[then.block.index()];
                    otherwise.block = targets[otherwise.block.index()];
                    if then.block == otherwise.block {
                        *terminator = Terminator::Jump(then.clone());
                    }
                }
                Terminator::Return(_) | Terminator::Raise(_) | Terminator::Reraise(_) => {}
            }
        }
    }

    /// Where execution does something after entering `block`.
    fn past_empty(&self, mut block: Block) -> Block {
        // `while True: pass` is a ring of empty blocks: any of them will do.
        for _ in 0..self.blocks.len() {
            let data = &self.blocks[block.index()];
            let is_empty = data.insts.is_empty() && data.definitions.is_empty() && block != ENTRY;
            match &data.terminator {
                Some((Terminator::Jump(edge), _)) if is_empty => block = edge.block,
                _ => break,
            }
        }
        block
    }

    /// Joins each block to the one that jumps to it, if nothing else does. Such a block has no phis left.
    pub(super) fn join_straight_blocks(
        &mut self,
        order: &mut Vec<Block>,
        predecessors: &mut [Vec<Block>],
        phis: &[Value],
        is_live: &[bool],
    ) {
        let mut is_joined = vec![false; self.blocks.len()];
        for &block in order.iter().filter(|block| **block != ENTRY) {
            let &[predecessor] = &*predecessors[block.index()] else {
                continue;
            };
            let terminator = &self.blocks[predecessor.index()].terminator;
            let is_jump = matches!(terminator, Some((Terminator::Jump(edge), _)) if edge.block == block);
            if !is_jump
                || predecessor == block
                || !self.handle_alike(predecessor, block, predecessors, phis, is_live)
            {
                continue;
            }
            // In this order a joined block comes after what it was joined to, so that the
            // predecessors of later blocks have been corrected.
            let joined = std::mem::take(&mut self.blocks[block.index()]);
            for successor in joined.terminator.iter().flat_map(|(terminator, _)| terminator.edges()) {
                let of_successor = &mut predecessors[successor.block.index()];
                of_successor.iter_mut().filter(|from| **from == block).for_each(|from| *from = predecessor);
            }
            // The handler is entered from one block less, with the same values.
            if let Some(handler) = joined.handler {
                let of_handler = &mut predecessors[handler.index()];
                let position = of_handler.iter().position(|from| *from == block);
                let position = position.expect("a handler edge makes a predecessor");
                of_handler.remove(position);
                for phi in phis {
                    if let Definition::Phi { block, operands, .. } = &mut self.values[phi.index()].definition
                        && *block == handler
                        && !operands.is_empty()
                    {
                        operands.remove(position);
                    }
                }
            }
            let into = &mut self.blocks[predecessor.index()];
            into.insts.extend(joined.insts);
            into.terminator = joined.terminator;
            is_joined[block.index()] = true;
        }
        order.retain(|block| !is_joined[block.index()]);
    }

    /// Whether two blocks have no handler, or one that is given the same by both.
    fn handle_alike(
        &self,
        one: Block,
        other: Block,
        predecessors: &[Vec<Block>],
        phis: &[Value],
        is_live: &[bool],
    ) -> bool {
        let handler = self.blocks[one.index()].handler;
        if handler != self.blocks[other.index()].handler {
            return false;
        }
        let Some(handler) = handler else { return true };
        let position = |block: Block| predecessors[handler.index()].iter().position(|from| *from == block);
        let (Some(one), Some(other)) = (position(one), position(other)) else { return false };
        phis.iter().filter(|phi| self.is_block_parameter(**phi, is_live) == Some(handler)).all(|phi| {
            let operands = self.phi_operands(*phi);
            operands[one] == operands[other]
        })
    }

    /// Phis that become block parameters: read by something, and not replaced by another value.
    pub(super) fn is_block_parameter(&self, phi: Value, is_live: &[bool]) -> Option<Block> {
        match &self.values[phi.index()].definition {
            Definition::Phi { block, operands, .. } if is_live[phi.index()] && !operands.is_empty() => {
                Some(*block)
            }
            _ => None,
        }
    }
}

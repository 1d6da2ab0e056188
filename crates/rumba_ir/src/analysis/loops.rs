//! Natural loops and how they nest.
//!
//! A loop is a header with all blocks from which a back edge (to a block that dominates its start) is
//! reached without passing through the header. Cycles without such a header do not come from Python.

use crate::analysis::Dominators;
use crate::{Block, Function};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LoopId(pub u32);

#[derive(Clone, Debug)]
pub struct Loop {
    pub header: Block,
    /// Blocks that jump back to the header.
    pub latches: Vec<Block>,
    /// The innermost loop around this one.
    pub parent: Option<LoopId>,
}

pub struct Loops {
    /// Inner loops before those around them.
    loops: Vec<Loop>,
    /// By block: the innermost loop around it.
    innermost: Vec<Option<LoopId>>,
}

impl Loops {
    pub fn of(function: &Function, dominators: &Dominators) -> Loops {
        let n_blocks = function.blocks.len();
        let mut predecessors: Vec<Vec<Block>> = vec![Vec::new(); n_blocks];
        for block in dominators.order() {
            function.block(*block).successors(|successor| {
                if predecessors[successor.index()].last() != Some(block) {
                    predecessors[successor.index()].push(*block);
                }
            });
        }
        let mut found = Loops { loops: Vec::new(), innermost: vec![None; n_blocks] };
        // Inner headers come later in reverse postorder.
        for header in dominators.order().iter().rev() {
            let before = predecessors[header.index()].iter().copied();
            let latches: Vec<Block> = before.filter(|latch| dominators.dominates(*header, *latch)).collect();
            if !latches.is_empty() {
                found.add(*header, latches, &predecessors);
            }
        }
        found
    }

    fn add(&mut self, header: Block, latches: Vec<Block>, predecessors: &[Vec<Block>]) {
        let id = LoopId(self.loops.len() as u32);
        let mut pending = latches.clone();
        self.loops.push(Loop { header, latches, parent: None });
        while let Some(block) = pending.pop() {
            // A block that is in a loop already stands for the outermost one around it found so far.
            match self.innermost[block.index()].map(|inner| self.outermost(inner)) {
                Some(known) if known == id => continue,
                Some(inner) => {
                    self.loops[inner.0 as usize].parent = Some(id);
                    let inner_header = self.loops[inner.0 as usize].header;
                    if inner_header != header {
                        pending.extend(&predecessors[inner_header.index()]);
                    }
                }
                None => {
                    self.innermost[block.index()] = Some(id);
                    if block != header {
                        pending.extend(&predecessors[block.index()]);
                    }
                }
            }
        }
        self.innermost[header.index()] = Some(id);
    }

    fn outermost(&self, mut id: LoopId) -> LoopId {
        while let Some(parent) = self.loops[id.0 as usize].parent {
            id = parent;
        }
        id
    }

    /// Inner loops before those around them.
    pub fn iter(&self) -> impl Iterator<Item = (LoopId, &Loop)> {
        self.loops.iter().enumerate().map(|(idx, found)| (LoopId(idx as u32), found))
    }

    pub fn len(&self) -> usize {
        self.loops.len()
    }

    pub fn is_empty(&self) -> bool {
        self.loops.is_empty()
    }

    /// The innermost loop around a block.
    pub fn innermost(&self, block: Block) -> Option<LoopId> {
        self.innermost[block.index()]
    }

    /// Whether `block` is in the loop, or in one inside of it. Blocks that are younger than the analysis
    /// are in no loop.
    pub fn contains(&self, id: LoopId, block: Block) -> bool {
        let mut around = self.innermost.get(block.index()).copied().flatten();
        while let Some(inner) = around {
            if inner == id {
                return true;
            }
            around = self.loops[inner.0 as usize].parent;
        }
        false
    }
}

//! Which blocks every way to a block passes through.
//!
//! The algorithm of Cooper, Harvey and Kennedy: intersect along the tree until nothing changes, in
//! reverse postorder. Queries take constant time by intervals of a walk over the tree.

use crate::{Block, Function};

pub struct Dominators {
    /// Blocks that the entry reaches, in reverse postorder.
    order: Vec<Block>,
    /// By block; the entry and unreachable blocks have none.
    immediate: Vec<Option<Block>>,
    /// By block: when a walk over the tree enters and leaves it; (0, 0) for unreachable blocks.
    interval: Vec<(u32, u32)>,
}

impl Dominators {
    pub fn of(function: &Function) -> Dominators {
        let order = reverse_postorder(function);
        let n_blocks = function.blocks.len();
        let mut position = vec![u32::MAX; n_blocks];
        for (idx, block) in order.iter().enumerate() {
            position[block.index()] = idx as u32;
        }
        // Predecessors by position in `order`, all in one vector.
        let mut predecessors: Vec<Vec<u32>> = vec![Vec::new(); order.len()];
        for (idx, block) in order.iter().enumerate() {
            function.block(*block).terminator.successors(|successor| {
                predecessors[position[successor.index()] as usize].push(idx as u32);
            });
        }
        let mut immediate = vec![u32::MAX; order.len()];
        immediate[0] = 0;
        let mut changed = true;
        while changed {
            changed = false;
            for idx in 1..order.len() {
                let known =
                    predecessors[idx].iter().copied().filter(|pred| immediate[*pred as usize] != u32::MAX);
                let common = known.reduce(|a, b| intersect(&immediate, a, b));
                let common = common.expect("a reachable block has a predecessor that comes before it");
                changed |= immediate[idx] != common;
                immediate[idx] = common;
            }
        }
        let interval = intervals(&order, &immediate, n_blocks);
        let mut immediate_by_block = vec![None; n_blocks];
        for (block, parent) in order.iter().zip(&immediate).skip(1) {
            immediate_by_block[block.index()] = Some(order[*parent as usize]);
        }
        Dominators { order, immediate: immediate_by_block, interval }
    }

    /// Blocks that the entry reaches, in reverse postorder.
    pub fn order(&self) -> &[Block] {
        &self.order
    }

    pub fn is_reachable(&self, block: Block) -> bool {
        self.interval[block.index()] != (0, 0)
    }

    /// The closest other block that dominates `block`.
    pub fn immediate(&self, block: Block) -> Option<Block> {
        self.immediate[block.index()]
    }

    /// Whether every way from the entry to `below` passes through `above`; a block dominates itself.
    /// False when either is unreachable.
    pub fn dominates(&self, above: Block, below: Block) -> bool {
        let (outer, inner) = (self.interval[above.index()], self.interval[below.index()]);
        outer != (0, 0) && outer.0 <= inner.0 && inner.1 <= outer.1
    }
}

fn intersect(immediate: &[u32], mut a: u32, mut b: u32) -> u32 {
    while a != b {
        while a > b {
            a = immediate[a as usize];
        }
        while b > a {
            b = immediate[b as usize];
        }
    }
    a
}

fn reverse_postorder(function: &Function) -> Vec<Block> {
    let mut visited = vec![false; function.blocks.len()];
    let mut postorder = Vec::with_capacity(function.blocks.len());
    // A block with the successors that are still to be visited; the last one goes first, so that the
    // order follows the text (`then` before `otherwise`).
    let mut stack = vec![(function.entry(), successors(function, function.entry()))];
    visited[0] = true;
    while let Some((block, rest)) = stack.last_mut() {
        match rest.pop() {
            Some(next) if !visited[next.index()] => {
                visited[next.index()] = true;
                stack.push((next, successors(function, next)));
            }
            Some(_) => {}
            None => {
                postorder.push(*block);
                stack.pop();
            }
        }
    }
    postorder.reverse();
    postorder
}

fn successors(function: &Function, block: Block) -> Vec<Block> {
    let mut successors = Vec::new();
    function.block(block).terminator.successors(|successor| successors.push(successor));
    successors
}

fn intervals(order: &[Block], immediate: &[u32], n_blocks: usize) -> Vec<(u32, u32)> {
    // Sizes of subtrees from the leaves up (a parent stands before its children in `order`), then
    // starts from the root down.
    let mut size = vec![1u32; order.len()];
    for idx in (1..order.len()).rev() {
        size[immediate[idx] as usize] += size[idx];
    }
    let mut next_free = vec![1u32; order.len()];
    let mut interval = vec![(0, 0); n_blocks];
    for idx in 0..order.len() {
        let start = if idx == 0 { 1 } else { next_free[immediate[idx] as usize] };
        if idx > 0 {
            next_free[immediate[idx] as usize] += size[idx];
        }
        next_free[idx] = start + 1;
        interval[order[idx].index()] = (start, start + size[idx]);
    }
    interval
}

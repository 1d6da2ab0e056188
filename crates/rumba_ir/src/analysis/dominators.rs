//! Which blocks every way to a block passes through.
//!
//! A block with a handler is two places, its parameters and its instructions: whoever comes to the handler has passed
//! the first, and maybe not the second.
//!
//! The algorithm of Cooper, Harvey and Kennedy: intersect along the tree until nothing changes, in
//! reverse postorder. Queries take constant time by intervals of a walk over the tree.

use crate::{Block, Function};

/// A place by number: a block, or behind all blocks, the instructions of one with a handler.
type Place = usize;

pub struct Dominators {
    /// Blocks that the entry reaches, in reverse postorder.
    order: Vec<Block>,
    /// By block; the entry and unreachable blocks have none.
    immediate: Vec<Option<Block>>,
    /// By place: when a walk over the tree enters and leaves it; (0, 0) for unreachable places.
    interval: Vec<(u32, u32)>,
}

impl Dominators {
    pub fn of(function: &Function) -> Dominators {
        let n_blocks = function.blocks.len();
        let has_handlers = function.blocks.iter().any(|block| block.handler.is_some());
        let n_places = if has_handlers { 2 * n_blocks } else { n_blocks };
        let order = reverse_postorder(function, n_places);
        let mut position = vec![u32::MAX; n_places];
        for (idx, place) in order.iter().enumerate() {
            position[*place] = idx as u32;
        }
        // Predecessors by position in `order`, all in one vector.
        let mut predecessors: Vec<Vec<u32>> = vec![Vec::new(); order.len()];
        for (idx, place) in order.iter().enumerate() {
            for successor in successors(function, *place) {
                predecessors[position[successor] as usize].push(idx as u32);
            }
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
        let interval = intervals(&order, &immediate, n_places);
        let mut immediate_by_block = vec![None; n_blocks];
        for (idx, place) in order.iter().enumerate().skip(1).filter(|(_, place)| **place < n_blocks) {
            // Up to a block whose end has been passed.
            let mut above = immediate[idx] as usize;
            while order[above] < n_blocks && function.blocks[order[above]].handler.is_some() {
                above = immediate[above] as usize;
            }
            immediate_by_block[*place] = Some(Block((order[above] % n_blocks) as u32));
        }
        let order = order.into_iter().filter(|place| *place < n_blocks).map(|place| Block(place as u32));
        Dominators { order: order.collect(), immediate: immediate_by_block, interval }
    }

    /// Blocks that the entry reaches, in reverse postorder.
    pub fn order(&self) -> &[Block] {
        &self.order
    }

    pub fn is_reachable(&self, block: Block) -> bool {
        self.interval[block.index()] != (0, 0)
    }

    /// The closest other block of which every way to `block` passes the end.
    pub fn immediate(&self, block: Block) -> Option<Block> {
        self.immediate[block.index()]
    }

    /// Whether every way from the entry to `below` passes through `above`; a block dominates itself.
    /// False when either is unreachable.
    pub fn dominates(&self, above: Block, below: Block) -> bool {
        self.is_above(above.index(), below.index())
    }

    /// Whether every way from the entry to `below` passes through the instructions of `above`, another block.
    pub fn instructions_dominate(&self, above: Block, below: Block) -> bool {
        let n_blocks = self.immediate.len();
        let instructions =
            self.interval.get(n_blocks + above.index()).filter(|interval| **interval != (0, 0));
        match instructions {
            Some(_) => self.is_above(n_blocks + above.index(), below.index()),
            None => self.dominates(above, below),
        }
    }

    fn is_above(&self, above: Place, below: Place) -> bool {
        let (outer, inner) = (self.interval[above], self.interval[below]);
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

fn reverse_postorder(function: &Function, n_places: usize) -> Vec<Place> {
    let mut visited = vec![false; n_places];
    let mut postorder = Vec::with_capacity(n_places);
    // A place with the successors that are still to be visited; the last one goes first, so that the
    // order follows the text (`then` before `otherwise`).
    let mut stack = vec![(0, successors(function, 0))];
    visited[0] = true;
    while let Some((place, rest)) = stack.last_mut() {
        match rest.pop() {
            Some(next) if !visited[next] => {
                visited[next] = true;
                stack.push((next, successors(function, next)));
            }
            Some(_) => {}
            None => {
                postorder.push(*place);
                stack.pop();
            }
        }
    }
    postorder.reverse();
    postorder
}

fn successors(function: &Function, place: Place) -> Vec<Place> {
    let n_blocks = function.blocks.len();
    let block = &function.blocks[place % n_blocks];
    match &block.handler {
        Some(handler) if place < n_blocks => vec![n_blocks + place, handler.block.index()],
        _ => {
            let mut successors = Vec::new();
            block.terminator.successors(|successor| successors.push(successor.index()));
            successors
        }
    }
}

fn intervals(order: &[Place], immediate: &[u32], n_places: usize) -> Vec<(u32, u32)> {
    // Sizes of subtrees from the leaves up (a parent stands before its children in `order`), then
    // starts from the root down.
    let mut size = vec![1u32; order.len()];
    for idx in (1..order.len()).rev() {
        size[immediate[idx] as usize] += size[idx];
    }
    let mut next_free = vec![1u32; order.len()];
    let mut interval = vec![(0, 0); n_places];
    for idx in 0..order.len() {
        let start = if idx == 0 { 1 } else { next_free[immediate[idx] as usize] };
        if idx > 0 {
            next_free[immediate[idx] as usize] += size[idx];
        }
        next_free[idx] = start + 1;
        interval[order[idx]] = (start, start + size[idx]);
    }
    interval
}

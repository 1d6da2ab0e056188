//! Decides who owns the memory of arrays, and counts references where that is not known when compiling.
//!
//! # Rules
//! - Parameters are borrowed: the caller keeps them alive.
//! - The results of calls, and of allocations, are *roots*: this function owns one reference each.
//! - What is made of a root (fields, views, tuples, pointers to its elements) is *derived* from it, and
//!   keeps it alive without counting: a root lives until the last use of anything derived from it.
//! - A block parameter that is given values of the same roots on every edge is derived from them.
//!   Otherwise it is a root itself: an edge hands over the reference of a root that dies there (a move),
//!   or counts one more.
//! - A returned value hands its roots over, or counts one more reference.
//! - A cell is a root that lives as long as the frame: from where it is made, in the entry block, to every way
//!   out. What is read from it is a root of its own (`Own`).
//! - A root is released where it dies: after its last use, or at the head of a block that it is not
//!   needed in; and on every way out by an exception (`Instruction::cleanup`).
//! - What a handler needs is used by every instruction that can raise in a block whose handler it is, and not
//!   cleaned up there. What has to be counted or released on the way stands in a block in between.
//!
//! So a numeric function whose arrays are all parameters, or views of these, counts nothing.

mod roots;

use crate::remove_unreachable_blocks;
use roots::{RootId, Roots};
use rumba_ir::{Block, BlockData, Edge, Function, Instruction, Op, Terminator, Value};
use rumba_types::Type;
use rustc_hash::FxHashMap;

pub fn run(function: &mut Function) {
    remove_unreachable_blocks::run(function);
    let handles = roots::find_handles(function);
    let roots = Roots::of(function, &handles);
    if roots.len() == 0 {
        count_returned(function);
        return;
    }
    let live_in = live_in(function, &roots);
    let mut inserter = Inserter {
        n_ways_in: n_ways_in(function),
        landings: FxHashMap::default(),
        heads: vec![Vec::new(); function.blocks.len()],
        function,
        roots: &roots,
        live_in,
    };
    for idx in 0..inserter.heads.len() {
        inserter.insert(Block(idx as u32));
    }
    let heads = inserter.heads;
    for (block, mut head) in function.blocks.iter_mut().zip(heads) {
        if !head.is_empty() {
            head.append(&mut block.instructions);
            block.instructions = head;
        }
    }
}

/// Nothing is owned here: only what is borrowed and returned is counted.
fn count_returned(function: &mut Function) {
    if !function.result.is_managed() {
        return;
    }
    for block in function.block_ids() {
        if let Terminator::Return(value) = function.block(block).terminator {
            let result = function.add_value(Type::none());
            let retain = Instruction { result, op: Op::Retain(value), site: None, cleanup: Vec::new() };
            function.block_mut(block).instructions.push(retain);
        }
    }
}

/// A set of roots.
#[derive(Clone, PartialEq)]
struct RootSet(Vec<u64>);

impl RootSet {
    fn new(roots: &Roots) -> RootSet {
        RootSet(vec![0; roots.len().div_ceil(64)])
    }

    fn insert(&mut self, root: RootId) {
        self.0[root as usize / 64] |= 1 << (root % 64);
    }

    fn remove(&mut self, root: RootId) {
        self.0[root as usize / 64] &= !(1 << (root % 64));
    }

    fn contains(&self, root: RootId) -> bool {
        self.0[root as usize / 64] & 1 << (root % 64) != 0
    }

    fn without(&self, other: &RootSet) -> RootSet {
        RootSet(self.0.iter().zip(&other.0).map(|(word, other)| word & !other).collect())
    }

    fn union(&mut self, other: &RootSet) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    fn iter(&self) -> impl Iterator<Item = RootId> + '_ {
        let n_roots = self.0.len() as u32 * 64;
        (0..n_roots).filter(|root| self.0[*root as usize / 64] != 0 && self.contains(*root))
    }
}

fn n_ways_in(function: &Function) -> Vec<u32> {
    let mut n_ways_in = vec![0; function.blocks.len()];
    for block in &function.blocks {
        block.successors(|successor| n_ways_in[successor.index()] += 1);
    }
    n_ways_in
}

/// Calls `visit` for the roots that the end of a block needs: those of a returned value, of what is
/// raised, and of what is handed to parameters that are roots.
fn end_uses(function: &Function, roots: &Roots, terminator: &Terminator, mut visit: impl FnMut(RootId)) {
    if terminator.edges().is_empty() {
        roots.of_frame().for_each(&mut visit);
    }
    terminator.edges().into_iter().for_each(|edge| edge_uses(function, roots, edge, &mut visit));
    let mut visit_value = |value: Value| roots.of_value(value).iter().for_each(|root| visit(*root));
    match terminator {
        Terminator::Return(value) => visit_value(*value),
        Terminator::Raise { args, .. } => args.iter().for_each(|arg| visit_value(*arg)),
        Terminator::Jump(_)
        | Terminator::Branch { .. }
        | Terminator::Reraise { .. }
        | Terminator::Yield(_)
        | Terminator::Unreachable => {}
    }
}

/// Calls `visit` for the roots of what an edge hands to parameters that are roots.
fn edge_uses(function: &Function, roots: &Roots, edge: &Edge, mut visit: impl FnMut(RootId)) {
    for (param, arg) in function.block(edge.block).params.iter().zip(&edge.args) {
        if roots.defined_by(*param).is_some() {
            roots.of_value(*arg).iter().for_each(|root| visit(*root));
        }
    }
}

/// The handler of a block in which something can raise.
fn handler(block: &BlockData) -> Option<&Edge> {
    let raises = matches!(block.terminator, Terminator::Raise { .. } | Terminator::Reraise { .. })
        || block.instructions.iter().any(|instruction| instruction.op.can_raise());
    block.handler.as_ref().filter(|_| raises)
}

/// The roots that are alive where each block begins, other than its own parameters.
fn live_in(function: &Function, roots: &Roots) -> Vec<RootSet> {
    let n_blocks = function.blocks.len();
    let mut defined = vec![RootSet::new(roots); n_blocks];
    let mut live_in = vec![RootSet::new(roots); n_blocks];
    let mut predecessors: Vec<Vec<usize>> = vec![Vec::new(); n_blocks];
    for (idx, block) in function.blocks.iter().enumerate() {
        let used = &mut live_in[idx];
        for param in &block.params {
            roots.defined_by(*param).into_iter().for_each(|root| defined[idx].insert(root));
        }
        for instruction in &block.instructions {
            instruction.op.operands(|value| roots.of_value(value).iter().for_each(|root| used.insert(*root)));
            roots.defined_by(instruction.result).into_iter().for_each(|root| defined[idx].insert(root));
        }
        end_uses(function, roots, &block.terminator, |root| used.insert(root));
        if let Some(handler) = handler(block) {
            edge_uses(function, roots, handler, |root| used.insert(root));
            predecessors[handler.block.index()].push(idx);
        }
        // Definitions stand before uses: what a block defines, it does not need from others.
        defined[idx].iter().for_each(|root| used.remove(root));
        block.terminator.successors(|successor| predecessors[successor.index()].push(idx));
    }
    // Also in a loop without a way out.
    for live in &mut live_in[1..] {
        roots.of_frame().for_each(|root| live.insert(root));
    }
    let mut pending: Vec<usize> = (0..n_blocks).collect();
    while let Some(idx) = pending.pop() {
        for predecessor in &predecessors[idx] {
            let mut live = live_in[idx].clone();
            defined[*predecessor].iter().for_each(|root| live.remove(root));
            live.union(&live_in[*predecessor]);
            if live != live_in[*predecessor] {
                live_in[*predecessor] = live;
                pending.push(*predecessor);
            }
        }
    }
    live_in
}

struct Inserter<'a> {
    function: &'a mut Function,
    roots: &'a Roots,
    live_in: Vec<RootSet>,
    n_ways_in: Vec<u32>,
    /// What leads to a handler instead of the edge that did, where something has to be counted on the way.
    landings: FxHashMap<Edge, Edge>,
    /// What is to stand at the head of each block for the one edge that leads there.
    heads: Vec<Vec<Instruction>>,
}

impl Inserter<'_> {
    fn insert(&mut self, block: Block) {
        let handler = handler(self.function.block(block)).cloned();
        let handled = handler.map_or(RootSet::new(self.roots), |handler| self.handle(block, handler));
        let data = self.function.block_mut(block);
        let instructions = std::mem::take(&mut data.instructions);
        let mut terminator = std::mem::replace(&mut data.terminator, Terminator::Unreachable);

        // The roots that are held where the block ends.
        let mut live = RootSet::new(self.roots);
        end_uses(self.function, self.roots, &terminator, |root| live.insert(root));
        terminator.successors(|successor| live.union(&self.live_in[successor.index()]));
        if let Terminator::Raise { cleanup, .. } | Terminator::Reraise { cleanup } = &mut terminator {
            live.union(&handled);
            *cleanup = self.handles(&live.without(&handled));
        }
        let end = self.end(&mut terminator, &live);

        // Backwards: a root dies at the first use that is met.
        let mut reversed: Vec<Instruction> = end.into_iter().rev().collect();
        for mut instruction in instructions.into_iter().rev() {
            let mut dying = Vec::new();
            let own = self.roots.defined_by(instruction.result);
            own.into_iter().filter(|root| !live.contains(*root)).for_each(|root| dying.push(root));
            own.into_iter().for_each(|root| live.remove(root));
            instruction.op.operands(|value| {
                for root in self.roots.of_value(value) {
                    if !live.contains(*root) {
                        live.insert(*root);
                        dying.push(*root);
                    }
                }
            });
            if instruction.op.can_raise() {
                dying.extend(handled.iter().filter(|root| !live.contains(*root)));
                live.union(&handled);
                instruction.cleanup = self.handles(&live.without(&handled));
            }
            for root in dying.into_iter().rev() {
                let release = self.release(root);
                reversed.push(release);
            }
            reversed.push(instruction);
        }
        for param in self.function.block(block).params.clone() {
            if let Some(root) = self.roots.defined_by(param).filter(|root| !live.contains(*root)) {
                let release = self.release(root);
                reversed.push(release);
            }
        }
        reversed.reverse();
        let data = self.function.block_mut(block);
        data.instructions = reversed;
        data.terminator = terminator;
    }

    fn handles(&self, roots: &RootSet) -> Vec<Value> {
        roots.iter().map(|root| self.roots.handle(root)).collect()
    }

    fn effect(&mut self, op: Op) -> Instruction {
        let result = self.function.add_value(Type::none());
        Instruction { result, op, site: None, cleanup: Vec::new() }
    }

    fn release(&mut self, root: RootId) -> Instruction {
        self.effect(Op::Release(self.roots.handle(root)))
    }

    /// What the end of a block does to the roots that are held there. Gives the instructions that stand
    /// before it.
    fn end(&mut self, terminator: &mut Terminator, held: &RootSet) -> Vec<Instruction> {
        match terminator {
            Terminator::Return(value) => {
                let handed_over = if self.function.result.is_managed() { vec![*value] } else { Vec::new() };
                self.hand_over(&handed_over, held, &RootSet::new(self.roots))
            }
            Terminator::Jump(edge) => self.edge(edge, held),
            Terminator::Branch { then, otherwise, .. } => {
                for edge in [then, otherwise] {
                    let instructions = self.edge(edge, held);
                    if instructions.is_empty() {
                        continue;
                    }
                    if self.n_ways_in[edge.block.index()] == 1 {
                        self.heads[edge.block.index()] = instructions;
                    } else {
                        self.split(edge, instructions);
                    }
                }
                Vec::new()
            }
            Terminator::Yield(_) => unreachable!("generators have been lowered"),
            Terminator::Raise { .. } | Terminator::Reraise { .. } | Terminator::Unreachable => Vec::new(),
        }
    }

    /// The roots that a block's handler takes over or needs.
    fn handle(&mut self, block: Block, handler: Edge) -> RootSet {
        let mut needed = self.live_in[handler.block.index()].clone();
        edge_uses(self.function, self.roots, &handler, |root| needed.insert(root));
        let landing = match self.landings.get(&handler) {
            Some(landing) => landing.clone(),
            None => {
                let instructions = self.edge(&handler, &needed);
                let landing =
                    if instructions.is_empty() { handler.clone() } else { self.land(&handler, instructions) };
                self.landings.insert(handler, landing.clone());
                landing
            }
        };
        self.function.block_mut(block).handler = Some(landing);
        needed
    }

    /// A block before a handler, to which values are passed.
    fn land(&mut self, handler: &Edge, mut instructions: Vec<Instruction>) -> Edge {
        let mut values = handler.args.clone();
        instructions.iter().for_each(|instruction| instruction.op.operands(|value| values.push(value)));
        values.sort_unstable();
        values.dedup();
        let landing = self.function.add_block();
        let params: Vec<Value> =
            values.iter().map(|value| self.function.add_param(landing, self.function.ty(*value))).collect();
        let param = |value: &mut Value| {
            *value = params[values.binary_search(value).expect("every value is passed")];
        };
        instructions.iter_mut().for_each(|instruction| instruction.op.operands_mut(param));
        let mut onward = handler.clone();
        onward.args.iter_mut().for_each(param);
        let data = self.function.block_mut(landing);
        data.instructions = instructions;
        data.terminator = Terminator::Jump(onward);
        Edge { block: landing, args: values }
    }

    fn edge(&mut self, edge: &Edge, held: &RootSet) -> Vec<Instruction> {
        let params = &self.function.block(edge.block).params;
        let owning =
            params.iter().zip(&edge.args).filter(|(param, _)| self.roots.defined_by(**param).is_some());
        let handed_over: Vec<Value> = owning.map(|(_, arg)| *arg).collect();
        let kept = self.live_in[edge.block.index()].clone();
        self.hand_over(&handed_over, held, &kept)
    }

    /// Gives a reference to each of `values` away and those of `held` up that are not `kept`: moves what
    /// may be moved, counts the rest, then releases.
    fn hand_over(&mut self, values: &[Value], held: &RootSet, kept: &RootSet) -> Vec<Instruction> {
        let mut dying = held.clone();
        kept.iter().for_each(|root| dying.remove(root));
        let mut instructions = Vec::new();
        for value in values {
            match self.roots.exactly(*value) {
                Some(moved) if is_subset(moved, &dying) => moved.iter().for_each(|root| dying.remove(*root)),
                _ => instructions.push(self.effect(Op::Retain(*value))),
            }
        }
        for root in dying.iter().collect::<Vec<_>>() {
            instructions.push(self.release(root));
        }
        instructions
    }

    fn split(&mut self, edge: &mut Edge, instructions: Vec<Instruction>) {
        let between = self.function.add_block();
        let onward = std::mem::replace(edge, Edge { block: between, args: Vec::new() });
        let data = self.function.block_mut(between);
        data.instructions = instructions;
        data.terminator = Terminator::Jump(onward);
    }
}

/// Whether each of `roots` occurs once and is in `set`.
fn is_subset(roots: &[RootId], set: &RootSet) -> bool {
    let is_first = |(idx, root): (usize, &RootId)| !roots[..idx].contains(root);
    roots.iter().enumerate().all(is_first) && roots.iter().all(|root| set.contains(*root))
}

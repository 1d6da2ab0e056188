//! One function: blocks, block parameters and ends of blocks.
//!
//! Blocks are lowered in reverse postorder, so that definitions come before their uses; blocks that nothing reaches
//! are left out. A block of the IR can become several in LLVM, because whatever can raise ends one.

use rumba_ir::{Block, Edge, Function, Op, Terminator, Value};
use rumba_types::Type;

use super::emitter::{Emitter, Ir, Label};
use super::raise::{Cause, ColdPath};
use super::{Callee, Callees};

pub(super) struct FunctionLowering<'e, 'm, 'c> {
    pub emitter: &'e mut Emitter<'m>,
    pub callees: &'e mut Callees<'c>,
    pub function: &'e Function,
    pub llvm_function: Ir,
    pub can_raise: bool,
    /// Holds stack slots only.
    frame: Label,
    /// The LLVM block that an IR block begins with; none for blocks that nothing reaches.
    labels: Vec<Option<Label>>,
    /// How many edges lead to a block.
    n_edges_to: Vec<u32>,
    /// The scalars of every value that has been lowered.
    values: Vec<Box<[Ir]>>,
    /// Stack slots for arguments and results that are dead as soon as a call has returned, by their number.
    scratch: Vec<(usize, Ir)>,
    pub cold_paths: Vec<ColdPath<'e>>,
    /// Where exceptions of the block that is lowered are handled.
    pub handler: Option<&'e Edge>,
}

/// Defines the internal function of an instance.
pub(super) fn lower_function(
    emitter: &mut Emitter<'_>,
    callees: &mut Callees<'_>,
    function: &Function,
    callee: &Callee,
) {
    let llvm_function = callee.declaration.function;
    let frame = emitter.append_block(llvm_function);
    let mut lowering = FunctionLowering {
        emitter,
        callees,
        function,
        llvm_function,
        can_raise: callee.can_raise,
        frame,
        labels: vec![None; function.blocks.len()],
        n_edges_to: vec![0; function.blocks.len()],
        values: vec![Box::default(); function.values.len()],
        scratch: Vec::new(),
        cold_paths: Vec::new(),
        handler: None,
    };
    let order = reverse_postorder(function);
    lowering.make_blocks(&order);
    for block in order {
        lowering.lower_block(block);
    }
    lowering.lower_cold_paths();
    let first = lowering.label(function.entry());
    lowering.emitter.position_at_end(frame);
    lowering.emitter.jump(first);
}

impl FunctionLowering<'_, '_, '_> {
    /// The execution context.
    pub fn ctx(&self) -> Ir {
        self.emitter.param(self.llvm_function, 0)
    }

    pub fn scalars_of(&self, value: Value) -> &[Ir] {
        &self.values[value.index()]
    }

    /// The only scalar of a value.
    pub fn scalar(&self, value: Value) -> Ir {
        match self.scalars_of(value) {
            [one] => *one,
            scalars => panic!("{value}: {} has {} scalars", self.function.ty(value), scalars.len()),
        }
    }

    /// The scalars of several values, one after the other.
    pub fn flatten(&self, values: &[Value]) -> Vec<Ir> {
        values.iter().flat_map(|value| self.scalars_of(*value)).copied().collect()
    }

    /// The types of the scalars of several values.
    pub fn flatten_types(&mut self, values: &[Value]) -> Vec<Type> {
        values.iter().flat_map(|value| self.emitter.scalars(self.function.ty(*value)).to_vec()).collect()
    }

    pub fn define(&mut self, value: Value, scalars: impl Into<Box<[Ir]>>) {
        self.values[value.index()] = scalars.into();
    }

    /// Stack slots of the caller's own.
    pub fn slots(&self, n_slots: usize) -> Ir {
        self.emitter.slots(self.frame, n_slots)
    }

    /// Stack memory of the caller's own, aligned to cache lines.
    pub fn stack_memory(&self, bytes: u32) -> Ir {
        self.emitter.stack_memory(self.frame, bytes)
    }

    /// Stack slots that the next call may use and nothing reads later.
    pub fn scratch(&mut self, n_slots: usize) -> Ir {
        if let Some((_, slots)) = self.scratch.iter().find(|(size, _)| *size == n_slots) {
            return *slots;
        }
        let slots = self.slots(n_slots);
        self.scratch.push((n_slots, slots));
        slots
    }

    fn label(&self, block: Block) -> Label {
        self.labels[block.index()].expect("only reachable blocks are branched to")
    }

    /// Makes the blocks with a phi for each scalar of their parameters; the entry's parameters are the function's.
    fn make_blocks(&mut self, order: &[Block]) {
        for &block in order {
            for edge in self.function.block(block).edges() {
                self.n_edges_to[edge.block.index()] += 1;
            }
            let label = self.emitter.append_block(self.llvm_function);
            self.labels[block.index()] = Some(label);
            self.emitter.position_at_end(label);
            // Parameter 0 is the execution context.
            let mut next_param = 1;
            for &param in &self.function.block(block).params {
                let types = self.emitter.scalars(self.function.ty(param));
                let scalars: Box<[Ir]> = types
                    .iter()
                    .map(|ty| {
                        if block == self.function.entry() {
                            next_param += 1;
                            self.emitter.param(self.llvm_function, next_param - 1)
                        } else {
                            self.emitter.phi(*ty)
                        }
                    })
                    .collect();
                self.define(param, scalars);
            }
        }
    }

    fn lower_block(&mut self, block: Block) {
        self.emitter.position_at_end(self.label(block));
        let data = self.function.block(block);
        self.handler = data.handler.as_ref();
        for instruction in &data.instructions {
            self.lower_instruction(instruction);
        }
        match &data.terminator {
            Terminator::Jump(edge) => self.jump(edge),
            Terminator::Branch { condition, then, otherwise } if then == otherwise => {
                debug_assert!(self.function.ty(*condition).is_bool());
                self.jump(then);
            }
            Terminator::Branch { condition, then, otherwise } => {
                let condition = self.scalar(*condition);
                let then_label = self.label(then.block);
                if then.block == otherwise.block {
                    // Two edges with different arguments: LLVM tells them apart by the block they come from.
                    let between = self.emitter.following_block(self.llvm_function);
                    self.emitter.branch(condition, then_label, between);
                    self.pass_arguments(then);
                    self.emitter.position_at_end(between);
                    self.jump(otherwise);
                } else if self.is_between_chunks(then.block) {
                    let ended = self.emitter.not(condition);
                    self.emitter.branch_likely(ended, self.label(otherwise.block), then_label);
                    self.pass_arguments(then);
                    self.pass_arguments(otherwise);
                } else {
                    self.emitter.branch(condition, then_label, self.label(otherwise.block));
                    self.pass_arguments(then);
                    self.pass_arguments(otherwise);
                }
            }
            Terminator::Return(value) => {
                let mut results = Vec::new();
                if self.can_raise {
                    results.push(self.emitter.const_i32(0));
                }
                results.extend_from_slice(self.scalars_of(*value));
                self.emitter.ret(&results);
            }
            Terminator::Raise { site, args, cleanup } => {
                let cause = Cause::Raise { args: args.clone() };
                self.raise_here(Some(*site), cause, cleanup);
            }
            Terminator::Reraise { cleanup } => self.raise_here(None, Cause::Complete, cleanup),
            Terminator::Yield(_) => panic!("generators have been lowered"),
            Terminator::Unreachable => self.emitter.unreachable(),
        }
    }

    /// Whether a block leads from one chunk of a loop to the next: it polls, and then computes where that one ends.
    /// That happens once in so many turns that nothing should be kept in registers for it.
    fn is_between_chunks(&self, block: Block) -> bool {
        let instructions = &self.function.block(block).instructions;
        self.n_edges_to[block.index()] == 1
            && instructions.len() > 1
            && matches!(instructions[0].op, Op::Poll)
    }

    pub fn jump(&mut self, edge: &Edge) {
        self.emitter.jump(self.label(edge.block));
        self.pass_arguments(edge);
    }

    /// Gives the target's phis their values for the edge from the current block.
    fn pass_arguments(&mut self, edge: &Edge) {
        let from = self.emitter.current_block();
        for (param, arg) in self.function.block(edge.block).params.iter().zip(&edge.args) {
            for (phi, value) in self.scalars_of(*param).iter().zip(self.scalars_of(*arg)) {
                self.emitter.add_incoming(*phi, *value, from);
            }
        }
    }
}

/// The reachable blocks, each before the blocks that it dominates.
fn reverse_postorder(function: &Function) -> Vec<Block> {
    let mut postorder = Vec::new();
    let mut seen = vec![false; function.blocks.len()];
    // A block with the successors that are still to be visited.
    let successors = |block: Block| -> Vec<Block> {
        function.block(block).edges().iter().rev().map(|edge| edge.block).collect()
    };
    let mut stack = vec![(function.entry(), successors(function.entry()))];
    seen[function.entry().index()] = true;
    while let Some((block, pending)) = stack.last_mut() {
        match pending.pop() {
            Some(next) if !seen[next.index()] => {
                seen[next.index()] = true;
                stack.push((next, successors(next)));
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

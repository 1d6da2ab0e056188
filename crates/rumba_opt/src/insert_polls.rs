//! Lets Ctrl-C into loops, at no cost to hot ones.
//!
//! A poll reads a flag from memory and can raise, so a loop that polls in every turn is never vectorised.
//! Hence an innermost loop that counts is cut into chunks: an outer loop that polls once per chunk, and the
//! loop itself, which ends with the chunk and otherwise stays as it was.
//!
//! ```text
//! while i < stop:              while True:
//!     body(i)                      end = min(stop, i + CHUNK)
//!     i += 1                       while i < end:
//!                                      body(i)
//!                                      i += 1
//!                                  if not i < stop: break
//!                                  poll()
//! ```
//!
//! Loops that contain a loop, or a call, or do not count, poll in every turn: there it costs little. Loops
//! of a few turns, known when compiling, do not poll, and count as part of the body of the loop around.
//! The pass runs before functions are marked as raising and before ownership, which want to know the polls.

use crate::counted::{Counted, find_counted};
use crate::shape::Shape;
use rumba_ir::analysis::{Dominators, Loop, Loops};
use rumba_ir::{
    BinaryOp, Block, CompareOp, Edge, Function, Instruction, Op, Scalar, Site, SiteId, SiteKind, Terminator,
    Value,
};
use rumba_types::{IntKind, Type, TypeKind};

pub struct Settings {
    /// Loops of at most so many turns need no poll.
    pub few_turns: u64,
    /// About as many operations are executed between two polls of a chunked loop.
    pub operations_per_chunk: u64,
    /// The least and the most turns of a chunk.
    pub turns_per_chunk: (u64, u64),
}

/// Some milliseconds pass between polls.
pub const SETTINGS: Settings =
    Settings { few_turns: 64, operations_per_chunk: 1 << 23, turns_per_chunk: (1 << 10, 1 << 20) };

impl Settings {
    /// A power of two.
    fn n_turns(&self, cost: u64) -> u64 {
        let (least, most) = self.turns_per_chunk;
        let n_turns = (self.operations_per_chunk / cost.max(1)).max(1);
        (1 << n_turns.ilog2()).clamp(least, most)
    }
}

pub fn run(function: &mut Function) {
    run_with(function, &SETTINGS);
}

pub fn run_with(function: &mut Function, settings: &Settings) {
    let dominators = Dominators::of(function);
    let irregular = ends_of_irregular_turns(function, &dominators);
    let loops = Loops::of(function, &dominators);
    if loops.is_empty() && irregular.is_empty() {
        return;
    }
    for block in irregular {
        let site = function.add_own_site();
        push(function, block, Op::Poll, Type::none(), Some(site));
    }
    let shape = Shape::of(function);
    let plans = plan(function, &shape, &loops, settings);
    let mut inserter = Inserter { function, shape };
    for ((id, found), LoopPlan { plan, place }) in loops.iter().zip(plans) {
        match plan {
            Plan::Nothing => {}
            Plan::EveryTurn => {
                // A latch that belongs to a loop inside is executed more often than once per turn.
                // What a turn that ends within a `try` raises there is handled there; the poll comes after it.
                let handled_by = |block: Block| {
                    inserter.function.block(block).handler.as_ref().map(|handler| handler.block)
                };
                let latch = match found.latches[..] {
                    [latch]
                        if loops.innermost(latch) == Some(id)
                            && handled_by(latch) == handled_by(found.header) =>
                    {
                        Some(latch)
                    }
                    _ => None,
                };
                inserter.poll_every_turn(found.header, latch, place);
            }
            Plan::Chunks { counted, n_turns } => inserter.cut_into_chunks(found, &counted, n_turns, place),
        }
    }
}

/// Blocks that lead back into a cycle which is entered in several places, as where a generator goes on in the middle of
/// a loop: no block of it stands for the loop.
fn ends_of_irregular_turns(function: &Function, dominators: &Dominators) -> Vec<Block> {
    let order = dominators.order();
    let mut position = vec![usize::MAX; function.blocks.len()];
    order.iter().enumerate().for_each(|(idx, block)| position[block.index()] = idx);
    let leads_back = |block: &Block| {
        let mut leads_back = false;
        function.block(*block).successors(|next| {
            leads_back |=
                position[next.index()] <= position[block.index()] && !dominators.dominates(next, *block);
        });
        leads_back
    };
    order.iter().copied().filter(leads_back).collect()
}

struct LoopPlan {
    plan: Plan,
    /// The first site in the loop.
    place: Option<SiteId>,
}

enum Plan {
    Nothing,
    EveryTurn,
    Chunks { counted: Counted, n_turns: u64 },
}

/// What is summed up over the blocks of a loop.
#[derive(Clone, Copy, Default)]
struct Summary {
    /// Operations of one turn, loops of few turns inside included.
    cost: u64,
    /// Contains a loop that polls, or a call.
    is_busy: bool,
    place: Option<SiteId>,
}

/// One plan per loop, in the order of `loops`: inner ones first.
fn plan(function: &Function, shape: &Shape, loops: &Loops, settings: &Settings) -> Vec<LoopPlan> {
    let mut summaries = vec![Summary::default(); loops.len()];
    for block in function.block_ids() {
        if let Some(id) = loops.innermost(block) {
            let summary = &mut summaries[id.0 as usize];
            summary.cost += 1;
            for instruction in &function.block(block).instructions {
                summary.cost += 1;
                summary.is_busy |= is_call(&instruction.op);
                summary.place = summary.place.or(instruction.site);
            }
        }
    }
    let mut plans = Vec::with_capacity(loops.len());
    for (id, found) in loops.iter() {
        let Summary { cost, is_busy, place } = summaries[id.0 as usize];
        let counted = find_counted(function, shape, loops, id, found);
        let few_turns = counted
            .as_ref()
            .and_then(|counted| counted.n_turns)
            .filter(|n_turns| *n_turns <= settings.few_turns);
        if let Some(parent) = found.parent {
            let around = &mut summaries[parent.0 as usize];
            around.cost = around.cost.saturating_add(cost.saturating_mul(few_turns.unwrap_or(1)));
            around.is_busy |= is_busy || few_turns.is_none();
            around.place = around.place.or(place);
        }
        let plan = match counted {
            _ if few_turns.is_some() => Plan::Nothing,
            Some(counted) if !is_busy => Plan::Chunks { counted, n_turns: settings.n_turns(cost) },
            _ => Plan::EveryTurn,
        };
        plans.push(LoopPlan { plan, place });
    }
    plans
}

fn is_call(op: &Op) -> bool {
    match op {
        Op::Call { .. } | Op::CallHost { .. } => true,
        Op::CallRuntime { function, .. } => !function.is_pure(),
        _ => false,
    }
}

struct Inserter<'f> {
    function: &'f mut Function,
    shape: Shape,
}

impl Inserter<'_> {
    /// `latch`: the block that every turn ends with, if there is one.
    fn poll_every_turn(&mut self, header: Block, latch: Option<Block>, place: Option<SiteId>) {
        let site = self.poll_site(place);
        let result = self.function.add_value(Type::none());
        let poll = Instruction { result, op: Op::Poll, site: Some(site), cleanup: Vec::new() };
        match latch {
            Some(latch) => self.function.block_mut(latch).instructions.push(poll),
            None => {
                let header = self.function.block_mut(header);
                let passed = header.handler.iter().flat_map(|handler| &handler.args);
                let positions = passed.filter_map(|arg| {
                    header.instructions.iter().position(|instruction| instruction.result == *arg)
                });
                let behind = positions.max().map_or(0, |position| position + 1);
                header.instructions.insert(behind, poll);
            }
        }
    }

    /// A new site for a poll: at the given one, else at the function itself.
    fn poll_site(&mut self, place: Option<SiteId>) -> SiteId {
        let Some(place) = place else { return self.function.add_own_site() };
        let place = self.function.sites[place.index()].clone();
        self.function.add_site(Site { kind: SiteKind::Call, operand_types: Vec::new(), ..place })
    }

    /// The blocks that result:
    ///
    /// ```text
    /// enter(params):      hoisted bound; first = ...; jump outer(params, first)
    /// outer(params, end): jump header(params)
    /// header(params):     ...; branch i < end, body, check
    /// check:              branch i < stop, again, exit
    /// again:              poll; next = ...; jump outer(params of header, next)
    /// ```
    ///
    /// A loop inside of another one is mostly entered with the same start and bound over and over: then LLVM
    /// computes the end of the first chunk once.
    fn cut_into_chunks(&mut self, found: &Loop, counted: &Counted, n_turns: u64, place: Option<SiteId>) {
        let site = self.poll_site(place);
        let function = &mut *self.function;
        let header = found.header;
        let header_params = function.block(header).params.clone();
        let [enter, outer, check, again] = std::array::from_fn(|_| function.add_block());
        let like_header = |function: &mut Function, block: Block| -> Vec<Value> {
            header_params.iter().map(|param| function.add_param(block, function.ty(*param))).collect()
        };

        // Whoever enters the loop now enters the outer one.
        for block in self.shape.enter_elsewhere(header, found, outer) {
            for edge in function.block_mut(block).edges_mut() {
                if edge.block == header {
                    edge.block = enter;
                }
            }
        }
        let mut params = like_header(function, enter);
        function.block_mut(enter).instructions = take_instructions(function, header, &counted.hoisted);
        let first = end_of_chunk(function, enter, counted, params[counted.param_idx], n_turns);
        params.push(first);
        function.block_mut(enter).terminator = Terminator::Jump(Edge { block: outer, args: params });

        let params = like_header(function, outer);
        let end = function.add_param(outer, function.ty(first));
        function.block_mut(outer).terminator = Terminator::Jump(Edge { block: header, args: params });

        let condition_of_header = chunk_condition(function, header, counted, end);
        let Terminator::Branch { condition, otherwise, .. } = &mut function.block_mut(header).terminator
        else {
            unreachable!("the header of a counted loop branches")
        };
        let exit = std::mem::replace(otherwise, Edge { block: check, args: Vec::new() });
        let whole_condition = std::mem::replace(condition, condition_of_header);
        self.shape.leave_from(exit.block, header, check);
        // The whole condition is only needed where the chunk has ended, if nothing else uses it.
        if self.shape.n_uses(whole_condition) == 1 {
            function.block_mut(check).instructions = take_instructions(function, header, &[whole_condition]);
        }
        function.block_mut(check).terminator = Terminator::Branch {
            condition: whole_condition,
            then: Edge { block: again, args: Vec::new() },
            otherwise: exit,
        };
        function.block_mut(again).handler = function.block(header).handler.clone();
        push(function, again, Op::Poll, Type::none(), Some(site));
        let next = end_of_chunk(function, again, counted, header_params[counted.param_idx], n_turns);
        let args = header_params.into_iter().chain([next]).collect();
        function.block_mut(again).terminator = Terminator::Jump(Edge { block: outer, args });
    }
}

fn push(function: &mut Function, block: Block, op: Op, ty: Type, site: Option<SiteId>) -> Value {
    let result = function.add_value(ty);
    function.block_mut(block).instructions.push(Instruction { result, op, site, cleanup: Vec::new() });
    result
}

/// Removes the instructions that define `values` from a block; gives them in order.
fn take_instructions(function: &mut Function, block: Block, values: &[Value]) -> Vec<Instruction> {
    if values.is_empty() {
        return Vec::new();
    }
    let instructions = std::mem::take(&mut function.block_mut(block).instructions);
    let (taken, kept) =
        instructions.into_iter().partition(|instruction| values.contains(&instruction.result));
    function.block_mut(block).instructions = kept;
    taken
}

/// Where the chunk that begins at `current` ends: after `n_turns`, but not behind the bound, and at the
/// bound where the addition wraps.
fn end_of_chunk(
    function: &mut Function,
    block: Block,
    counted: &Counted,
    current: Value,
    n_turns: u64,
) -> Value {
    let ty = function.ty(current);
    let distance = counted.step * n_turns as i64;
    let distance = match ty.kind() {
        TypeKind::Int(IntKind { bits: 32, signed: false }) => i64::from(distance as u32),
        _ => distance,
    };
    let distance = push(function, block, Op::Const(Scalar::Int(distance)), ty, None);
    let limit =
        push(function, block, Op::Binary { op: BinaryOp::Add, lhs: current, rhs: distance }, ty, None);
    let onward = if counted.step > 0 { CompareOp::Gt } else { CompareOp::Lt };
    let before_bound = if counted.step > 0 { CompareOp::Lt } else { CompareOp::Gt };
    let mut compare = |op: CompareOp, lhs: Value, rhs: Value| {
        push(function, block, Op::Compare { op, lhs, rhs }, Type::bool(), None)
    };
    let moves_onward = compare(onward, limit, current);
    let is_before = compare(before_bound, limit, counted.bound);
    let both = Op::Binary { op: BinaryOp::And, lhs: moves_onward, rhs: is_before };
    let condition = push(function, block, both, Type::bool(), None);
    push(function, block, Op::Select { condition, then: limit, otherwise: counted.bound }, ty, None)
}

/// The header's condition with the end of the chunk in place of the bound.
fn chunk_condition(function: &mut Function, header: Block, counted: &Counted, end: Value) -> Value {
    let param = function.block(header).params[counted.param_idx];
    let compare = Op::Compare { op: counted.op, lhs: param, rhs: end };
    let mut condition = push(function, header, compare, Type::bool(), None);
    for other in &counted.other_conditions {
        let both = Op::Binary { op: BinaryOp::And, lhs: condition, rhs: *other };
        condition = push(function, header, both, Type::bool(), None);
    }
    condition
}

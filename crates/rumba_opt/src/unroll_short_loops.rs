//! Unrolls innermost loops that are short, so that the loop around them becomes the innermost one.
//!
//! ```python
//! for x in range(width):
//!     for channel in range(image.shape[2]):    # three turns, but only the array knows
//!         ...
//! ```
//!
//! A loop of three turns costs more to enter and to leave than to run, and keeps the loop around it from being
//! vectorised, and its checks from being taken out. Where the number of turns is known, the loop is unrolled in place.
//! Where it is the extent of an array's last axis, the loop around is copied, and in the copy the extent is a constant:
//!
//! ```text
//! if image.shape[2] == 3:  copy, in which `for channel` is unrolled
//! else:                    the loop as it was
//! ```
//!
//! A copy per extent that might come would cost more compile time than it is worth. The extents that do come are
//! seen: those of the arguments that the function is compiled for, see [`short_extent`]. For any other the code is
//! as correct, and as fast as it was.
//!
//! The pass runs after `decide_comparisons`, because what is left of checks tells which other arrays should have the
//! same extent; it decides comparisons once more in what it changed.

use crate::counted::find_counted;
use crate::pipeline::BatchContext;
use crate::shape::Shape;
use crate::{decide_comparisons, merge_blocks, remove_unreachable_blocks, simplify_block_params};
use rumba_ir::analysis::{Dominators, LoopId, Loops};
use rumba_ir::{Block, BlockData, Builder, CompareOp, Edge, Function, Op, Terminator, Value};
use rumba_types::layout::array_field::FIRST_EXTENT;
use rustc_hash::FxHashMap;

/// The most turns of a short loop, and the longest axis that counts as short.
const MAX_EXTENT: usize = 4;

/// An axis is short because of what it means (colours, coordinates) if the others hold so many times as much;
/// else the array is just small.
const MIN_ROWS: usize = 32;

/// How many instructions a copy may have, before checks are decided in it.
const MAX_SIZE: usize = 400;

/// How many instructions all copies in a function may have together.
const MAX_GROWTH: usize = 1000;

/// The last extent of an array of this shape, if loops over its last axis are worth a copy.
pub fn short_extent(shape: &[usize]) -> Option<usize> {
    let (extent, others) = shape.split_last()?;
    let is_short = (1..=MAX_EXTENT).contains(extent);
    // Saturates, because an array of which one extent is 0 may have any others.
    let n_rows = others.iter().fold(1, |product: usize, extent| product.saturating_mul(*extent));
    (is_short && n_rows >= MIN_ROWS).then_some(*extent)
}

pub fn run(functions: &mut [Function], context: &BatchContext<'_>) {
    for function in functions {
        let mut budget = MAX_GROWTH;
        let mut changed = unroll_all(function, None, &mut budget);
        for extent in context.short_extents {
            changed |= unroll_all(function, Some(*extent), &mut budget);
        }
        if changed {
            merge_blocks::run(function);
            decide_comparisons::run(function);
        }
    }
}

/// Unrolls loops over axes of the given extent, or those whose number of turns is known.
fn unroll_all(function: &mut Function, extent: Option<usize>, budget: &mut usize) -> bool {
    let mut changed = false;
    // The headers of loops that need no second look.
    let mut done = Vec::new();
    loop {
        let dominators = Dominators::of(function);
        let loops = Loops::of(function, &dominators);
        if loops.len() < 2 {
            return changed;
        }
        let shape = Shape::of(function);
        let candidates = loops.iter().filter(|(_, found)| !done.contains(&found.header));
        let next = candidates
            .filter_map(|(id, found)| candidate(function, &shape, &loops, id, found.header, extent))
            .find(|candidate| candidate.size <= *budget);
        let Some(candidate) = next else { return changed };
        done.push(candidate.header);
        let ids = candidate.short.iter().map(|short| short.id).chain([candidate.id]);
        if !ids.into_iter().all(|id| close(function, &loops, &dominators, id)) {
            continue;
        }
        copy(function, &loops, &candidate, extent);
        // What is passed on only once, like where a counter begins, need not hide behind parameters.
        simplify_block_params::run(function);
        *budget -= candidate.size;
        changed = true;
        if extent.is_none() {
            remove_unreachable_blocks::run(function);
            done.clear();
        }
    }
}

/// An extent: the array, and the position of the field.
type Extent = (Value, u32);

/// A loop with nothing but short loops in it.
struct Candidate {
    id: LoopId,
    header: Block,
    short: Vec<ShortLoop>,
    /// What must be equal to the constant; nothing where all counts are known.
    extents: Vec<Extent>,
    /// Of the copy.
    size: usize,
}

struct ShortLoop {
    id: LoopId,
    header: Block,
    counter_idx: usize,
    start: i64,
    n_turns: usize,
}

fn candidate(
    function: &Function,
    shape: &Shape,
    loops: &Loops,
    id: LoopId,
    header: Block,
    extent: Option<usize>,
) -> Option<Candidate> {
    let mut candidate = Candidate { id, header, short: Vec::new(), extents: Vec::new(), size: 0 };
    let extent_of = |value: Value| {
        last_extent(function, shape, value)
            .filter(|(array, _)| shape.block(*array).is_some_and(|block| !loops.contains(id, block)))
    };
    for (inner, found) in
        loops.iter().filter(|(inner, found)| *inner != id && loops.contains(id, found.header))
    {
        if found.parent != Some(id) {
            return None;
        }
        let counted = find_counted(function, shape, loops, inner, found)?;
        if counted.step != 1 || counted.op != CompareOp::Lt || !counted.other_conditions.is_empty() {
            return None;
        }
        let start = counted.start?;
        let n_turns = match counted.n_turns {
            Some(n_turns) => usize::try_from(n_turns).ok().filter(|n_turns| *n_turns <= MAX_EXTENT)?,
            None => {
                candidate.extents.push(extent_of(counted.bound)?);
                extent.filter(|_| start == 0)?
            }
        };
        candidate.short.push(ShortLoop {
            id: inner,
            header: found.header,
            counter_idx: counted.param_idx,
            start,
            n_turns,
        });
    }
    if candidate.short.is_empty() || candidate.extents.is_empty() == extent.is_some() {
        return None;
    }
    for block in function.block_ids().filter(|block| loops.contains(id, *block)) {
        // A copy would need handlers of its own.
        if function.block(block).handler.is_some() {
            return None;
        }
        let inner = candidate.short.iter().find(|short| loops.innermost(block) == Some(short.id));
        let counter = inner.map(|short| function.block(short.header).params[short.counter_idx]);
        for instruction in &function.block(block).instructions {
            candidate.size += inner.map_or(1, |short| short.n_turns);
            match instruction.op {
                Op::Call { .. } | Op::CallHost { .. } => return None,
                Op::CallRuntime { function, .. } if !function.is_pure() => return None,
                // Other arrays that the counter is checked against.
                Op::Compare { op: CompareOp::Lt, lhs, rhs } if extent.is_some() && Some(lhs) == counter => {
                    candidate.extents.extend(extent_of(rhs));
                }
                _ => {}
            }
        }
    }
    candidate.extents.sort_unstable();
    candidate.extents.dedup();
    (candidate.size <= MAX_SIZE).then_some(candidate)
}

/// Which array's last extent the value is, of an array with more than one axis.
fn last_extent(function: &Function, shape: &Shape, value: Value) -> Option<Extent> {
    let Op::Field { value: array, index } = shape.instruction(function, value)?.op else { return None };
    let n_axes = usize::from(function.ty(array).as_array()?.ndim);
    (n_axes >= 2 && index as usize == FIRST_EXTENT + n_axes - 1).then_some((array, index))
}

/// Lets whatever the loop computes leave it through parameters of the blocks behind its exits, so that these may be
/// reached from a copy, too. False, with nothing changed, where a value is used behind several exits.
fn close(function: &mut Function, loops: &Loops, dominators: &Dominators, id: LoopId) -> bool {
    let shape = Shape::of(function);
    let is_inside = |block: Block| loops.contains(id, block);
    let is_exit = |block: &Block| {
        let before = shape.predecessors(*block);
        !is_inside(*block) && !before.is_empty() && before.iter().all(|before| is_inside(*before))
    };
    let exits: Vec<Block> = function.block_ids().filter(is_exit).collect();
    // What is used in which block outside, and behind which exit that is.
    let mut leaving: Vec<(Block, Value, Block)> = Vec::new();
    let mut is_possible = true;
    for block in function.block_ids().filter(|block| !is_inside(*block)) {
        let exit = exits.iter().copied().find(|exit| dominators.dominates(*exit, block));
        let mut look_at = |value: Value| {
            let Some(defined) = shape.block(value).filter(|defined| is_inside(*defined)) else { return };
            match exit {
                Some(exit) if dominators.dominates(defined, exit) => leaving.push((block, value, exit)),
                _ => is_possible = false,
            }
        };
        for instruction in &function.block(block).instructions {
            instruction.op.operands(&mut look_at);
        }
        function.block(block).edge_operands(&mut look_at);
    }
    if !is_possible {
        return false;
    }
    let mut params: FxHashMap<(Block, Value), Value> = FxHashMap::default();
    for (block, value, exit) in leaving {
        let param = *params.entry((exit, value)).or_insert_with(|| {
            for before in shape.predecessors(exit) {
                for edge in function.block_mut(*before).edges_mut() {
                    if edge.block == exit {
                        edge.args.push(value);
                    }
                }
            }
            function.add_param(exit, function.ty(value))
        });
        let replace = |operand: &mut Value| {
            if *operand == value {
                *operand = param;
            }
        };
        let data = function.block_mut(block);
        data.instructions.iter_mut().for_each(|instruction| instruction.op.operands_mut(replace));
        data.edge_operands_mut(replace);
    }
    true
}

/// Copies a closed loop, with its closed short loops unrolled. With an extent, what comes before chooses between
/// the copy and the original; without one, the copy takes its place.
fn copy(function: &mut Function, loops: &Loops, candidate: &Candidate, extent: Option<usize>) {
    let shape = Shape::of(function);
    let blocks: Vec<Block> =
        function.block_ids().filter(|block| loops.contains(candidate.id, *block)).collect();
    let fields: Vec<Value> = function
        .blocks
        .iter()
        .flat_map(|block| &block.instructions)
        .filter(|instruction| match instruction.op {
            Op::Field { value, index } => candidate.extents.contains(&(value, index)),
            _ => false,
        })
        .map(|instruction| instruction.result)
        .collect();
    let mut copier = Copier {
        function,
        loops,
        candidate,
        shape,
        values: FxHashMap::default(),
        blocks: FxHashMap::default(),
        extents: FxHashMap::default(),
    };
    let choice = copier.enter_elsewhere();
    if let Some(extent) = extent {
        let constant = copier.choose(choice, extent);
        copier.extents.extend(fields.into_iter().map(|field| (field, constant)));
    }
    for block in blocks {
        match copier.short(block) {
            None => copier.copy_block(block, None),
            Some(short) => {
                // The header comes once more, where the last turn has ended.
                let is_header = candidate.short[short].header == block;
                for turn in 0..candidate.short[short].n_turns + usize::from(is_header) {
                    copier.copy_block(block, Some(Turn { short, turn }));
                }
            }
        }
    }
}

/// Where in the copy something is; what is in no short loop is in no turn.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Turn {
    /// Position among the candidate's short loops.
    short: usize,
    turn: usize,
}

struct Copier<'a> {
    function: &'a mut Function,
    loops: &'a Loops,
    candidate: &'a Candidate,
    shape: Shape,
    values: FxHashMap<(Option<Turn>, Value), Value>,
    blocks: FxHashMap<(Option<Turn>, Block), Block>,
    /// What is constant in the copy, wherever it is computed.
    extents: FxHashMap<Value, Value>,
}

impl Copier<'_> {
    /// Whoever enters the loop now enters the block that this gives, which goes on to the copy.
    fn enter_elsewhere(&mut self) -> Block {
        let header = self.candidate.header;
        let before = self.function.add_block();
        for block in self.shape.predecessors(header) {
            if !self.loops.contains(self.candidate.id, *block) {
                for edge in self.function.block_mut(*block).edges_mut() {
                    if edge.block == header {
                        edge.block = before;
                    }
                }
            }
        }
        let params: Vec<Value> = self.function.block(header).params.clone();
        let args: Vec<Value> =
            params.iter().map(|param| self.function.add_param(before, self.function.ty(*param))).collect();
        let copied = Edge { block: self.block(header, None), args };
        self.function.block_mut(before).terminator = Terminator::Jump(copied);
        before
    }

    /// Lets a block that goes on to the copy do so only if the extents are as in there; gives the constant.
    fn choose(&mut self, choice: Block, extent: usize) -> Value {
        let Terminator::Jump(copied) = self.function.block(choice).terminator.clone() else {
            unreachable!("the block goes on to the copy")
        };
        let mut b = Builder::new(self.function, choice);
        let constant = b.int64(extent as i64);
        let mut all = None;
        for (array, index) in &self.candidate.extents {
            let field = b.field(*array, *index as usize);
            let is_equal = b.compare(CompareOp::Eq, field, constant);
            all = Some(all.map_or(is_equal, |all| b.and(all, is_equal)));
        }
        let original = Edge { block: self.candidate.header, args: copied.args.clone() };
        b.branch(all.expect("a short axis has an extent"), copied, original);
        constant
    }

    /// The short loop that a block is in.
    fn short(&self, block: Block) -> Option<usize> {
        let id = self.loops.innermost(block)?;
        self.candidate.short.iter().position(|short| short.id == id)
    }

    fn block(&mut self, block: Block, turn: Option<Turn>) -> Block {
        *self.blocks.entry((turn, block)).or_insert_with(|| self.function.add_block())
    }

    fn value(&mut self, value: Value, turn: Option<Turn>) -> Value {
        if let Some(extent) = self.extents.get(&value) {
            return *extent;
        }
        let defined = self.shape.block(value).filter(|block| self.loops.contains(self.candidate.id, *block));
        let Some(defined) = defined else { return value };
        let turn = turn.filter(|turn| self.short(defined) == Some(turn.short));
        *self.values.entry((turn, value)).or_insert_with(|| self.function.add_value(self.function.ty(value)))
    }

    fn edge(&mut self, edge: &Edge, turn: Option<Turn>) -> Edge {
        let mut args: Vec<Value> = edge.args.iter().map(|arg| self.value(*arg, turn)).collect();
        if !self.loops.contains(self.candidate.id, edge.block) {
            return Edge { block: edge.block, args };
        }
        let target_turn = self.short(edge.block).map(|short| {
            let current = turn.filter(|turn| turn.short == short);
            let ShortLoop { header, counter_idx, .. } = self.candidate.short[short];
            if header != edge.block {
                return current.expect("a loop is entered through its header");
            }
            args.remove(counter_idx);
            Turn { short, turn: current.map_or(0, |current| current.turn + 1) }
        });
        Edge { block: self.block(edge.block, target_turn), args }
    }

    fn copy_block(&mut self, block: Block, turn: Option<Turn>) {
        let BlockData { mut params, instructions, terminator, .. } = self.function.block(block).clone();
        let copied = self.block(block, turn);
        let of_header = turn.filter(|turn| self.candidate.short[turn.short].header == block);
        if let Some(Turn { short, turn: number }) = of_header {
            let ShortLoop { counter_idx, start, .. } = self.candidate.short[short];
            let counter = params.remove(counter_idx);
            let ty = self.function.ty(counter);
            let constant = Builder::new(self.function, copied).int(start + number as i64, ty);
            self.values.insert((turn, counter), constant);
        }
        let params = params.into_iter().map(|param| self.value(param, turn)).collect();
        self.function.block_mut(copied).params = params;
        for mut instruction in instructions {
            if self.extents.contains_key(&instruction.result) {
                continue;
            }
            instruction.result = self.value(instruction.result, turn);
            instruction.op.operands_mut(|value| *value = self.value(*value, turn));
            self.function.block_mut(copied).instructions.push(instruction);
        }
        let terminator = match terminator {
            Terminator::Jump(edge) => Terminator::Jump(self.edge(&edge, turn)),
            Terminator::Branch { then, otherwise, .. } if of_header.is_some() => {
                let is_over = turn.is_some_and(|turn| turn.turn == self.candidate.short[turn.short].n_turns);
                Terminator::Jump(self.edge(if is_over { &otherwise } else { &then }, turn))
            }
            Terminator::Branch { condition, then, otherwise } => Terminator::Branch {
                condition: self.value(condition, turn),
                then: self.edge(&then, turn),
                otherwise: self.edge(&otherwise, turn),
            },
            Terminator::Return(_)
            | Terminator::Raise { .. }
            | Terminator::Reraise { .. }
            | Terminator::Yield(_)
            | Terminator::Unreachable => {
                unreachable!("from a block in a loop there is a way back")
            }
        };
        self.function.block_mut(copied).terminator = terminator;
    }
}

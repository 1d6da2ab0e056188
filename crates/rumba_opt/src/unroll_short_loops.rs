//! Unrolls innermost loops over an axis that is short, so that the loop around them becomes the innermost one.
//!
//! ```python
//! for x in range(width):
//!     for channel in range(image.shape[2]):    # three turns, but only the array knows
//!         ...
//! ```
//!
//! A loop of three turns costs more to enter and to leave than to run, and keeps the loop around it from being
//! vectorised. So that loop is copied, and in the copy the extent is a constant:
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
use crate::decide_comparisons;
use crate::pipeline::BatchContext;
use crate::shape::Shape;
use rumba_ir::analysis::{Dominators, LoopId, Loops};
use rumba_ir::{Block, BlockData, Builder, CompareOp, Edge, Function, Op, Terminator, Value};
use rumba_types::layout::array_field::FIRST_EXTENT;
use rustc_hash::FxHashMap;

/// The longest axis that counts as short.
const MAX_EXTENT: usize = 4;

/// An axis is short because of what it means (colours, coordinates) if the others hold so many times as much;
/// else the array is just small.
const MIN_ROWS: usize = 32;

/// How many instructions a copy may have, before checks are decided in it.
const MAX_SIZE: usize = 400;

/// How many instructions all copies in a function may have.
const MAX_GROWTH: usize = 2000;

/// The last extent of an array of this shape, if loops over its last axis are worth a copy.
pub fn short_extent(shape: &[usize]) -> Option<usize> {
    let (extent, others) = shape.split_last()?;
    let is_short = (1..=MAX_EXTENT).contains(extent);
    // Saturates, because an array of which one extent is 0 may have any others.
    let n_rows = others.iter().fold(1, |product: usize, extent| product.saturating_mul(*extent));
    (is_short && n_rows >= MIN_ROWS).then_some(*extent)
}

pub fn run(functions: &mut [Function], context: &BatchContext<'_>) {
    if context.short_extents.is_empty() {
        return;
    }
    for function in functions {
        let n_copied: usize =
            context.short_extents.iter().map(|extent| unroll_all(function, *extent)).sum();
        if n_copied > 0 {
            decide_comparisons::run(function);
        }
    }
}

/// Gives how many loops were copied.
fn unroll_all(function: &mut Function, extent: usize) -> usize {
    let (mut n_copied, mut growth) = (0, 0);
    // Copies come behind what was there before, and are not looked at.
    let n_blocks = function.blocks.len();
    let mut done = Vec::new();
    loop {
        let dominators = Dominators::of(function);
        let loops = Loops::of(function, &dominators);
        let shape = Shape::of(function);
        let next = loops.iter().find_map(|(id, found)| {
            let is_new = found.header.index() < n_blocks && !done.contains(&found.header);
            let candidate = if is_new { candidate(function, &shape, &loops, id, found.header, extent) } else { None };
            candidate.map(|candidate| (found.header, candidate))
        });
        let Some((header, candidate)) = next else { return n_copied };
        done.push(header);
        growth += candidate.size;
        if growth > MAX_GROWTH {
            return n_copied;
        }
        let ids = candidate.short.iter().map(|short| short.id).chain([candidate.id]);
        if ids.into_iter().all(|id| close(function, &loops, &dominators, id)) {
            copy(function, &loops, &candidate, extent);
            n_copied += 1;
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
    /// What must be equal to the constant.
    extents: Vec<Extent>,
    /// Of the copy.
    size: usize,
}

struct ShortLoop {
    id: LoopId,
    header: Block,
    counter_idx: usize,
}

fn candidate(
    function: &Function,
    shape: &Shape,
    loops: &Loops,
    id: LoopId,
    header: Block,
    n_turns: usize,
) -> Option<Candidate> {
    let mut candidate = Candidate { id, header, short: Vec::new(), extents: Vec::new(), size: 0 };
    let extent_of = |value: Value| {
        last_extent(function, shape, value)
            .filter(|(array, _)| shape.block(*array).is_some_and(|block| !loops.contains(id, block)))
    };
    for (inner, found) in loops.iter() {
        if found.parent == Some(id) {
            let counted = find_counted(function, shape, loops, inner, found)?;
            if counted.start != Some(0)
                || counted.step != 1
                || counted.op != CompareOp::Lt
                || !counted.other_conditions.is_empty()
            {
                return None;
            }
            candidate.extents.push(extent_of(counted.bound)?);
            candidate.short.push(ShortLoop {
                id: inner,
                header: found.header,
                counter_idx: counted.param_idx,
            });
        } else if loops.contains(id, found.header) && inner != id {
            return None; // A loop in a loop in this one.
        }
    }
    if candidate.short.is_empty() {
        return None;
    }
    for block in function.block_ids().filter(|block| loops.contains(id, *block)) {
        let inner = loops.innermost(block).filter(|inner| *inner != id);
        for instruction in &function.block(block).instructions {
            candidate.size += if inner.is_some() { n_turns } else { 1 };
            match instruction.op {
                Op::Call { .. } | Op::CallHost { .. } => return None,
                Op::CallRuntime { function, .. } if !function.is_pure => return None,
                // Other arrays that the counter is checked against.
                Op::Compare { op: CompareOp::Lt, lhs, rhs } => {
                    let is_counter = |short: &ShortLoop| {
                        Some(short.id) == inner
                            && function.block(short.header).params[short.counter_idx] == lhs
                    };
                    if candidate.short.iter().any(is_counter) {
                        candidate.extents.extend(extent_of(rhs));
                    }
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
        function.block(block).terminator.operands(&mut look_at);
    }
    if !is_possible {
        return false;
    }
    let mut params: FxHashMap<(Block, Value), Value> = FxHashMap::default();
    for (block, value, exit) in leaving {
        let param = *params.entry((exit, value)).or_insert_with(|| {
            for before in shape.predecessors(exit) {
                for edge in function.block_mut(*before).terminator.edges_mut() {
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
        data.terminator.operands_mut(replace);
    }
    true
}

/// Copies a closed loop, with its closed short loops unrolled, and chooses between both before.
fn copy(function: &mut Function, loops: &Loops, candidate: &Candidate, n_turns: usize) {
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
        n_turns,
        values: FxHashMap::default(),
        blocks: FxHashMap::default(),
        extents: FxHashMap::default(),
    };
    let extent = copier.choose();
    copier.extents.extend(fields.into_iter().map(|field| (field, extent)));
    for block in blocks {
        match copier.short(block) {
            None => copier.copy_block(block, None),
            Some(short) => {
                // The header comes once more, where the last turn has ended.
                let is_header = candidate.short[short].header == block;
                for turn in 0..n_turns + usize::from(is_header) {
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
    n_turns: usize,
    values: FxHashMap<(Option<Turn>, Value), Value>,
    blocks: FxHashMap<(Option<Turn>, Block), Block>,
    /// What is constant in the copy, wherever it is computed.
    extents: FxHashMap<Value, Value>,
}

impl Copier<'_> {
    /// Whoever enters the loop now enters a block that chooses; gives the constant.
    fn choose(&mut self) -> Value {
        let header = self.candidate.header;
        let choice = self.function.add_block();
        for block in self.shape.predecessors(header) {
            if !self.loops.contains(self.candidate.id, *block) {
                for edge in self.function.block_mut(*block).terminator.edges_mut() {
                    if edge.block == header {
                        edge.block = choice;
                    }
                }
            }
        }
        let params: Vec<Value> = self.function.block(header).params.clone();
        let args: Vec<Value> =
            params.iter().map(|param| self.function.add_param(choice, self.function.ty(*param))).collect();
        let copied = self.block(header, None);
        let mut b = Builder::new(self.function, choice);
        let constant = b.int64(self.n_turns as i64);
        let equal = self.candidate.extents.iter().map(|(array, index)| {
            let extent = b.field(*array, *index as usize);
            b.compare(CompareOp::Eq, extent, constant)
        });
        let equal: Vec<Value> = equal.collect();
        let all = equal.into_iter().reduce(|all, one| b.and(all, one));
        let condition = all.expect("a short loop has an extent");
        b.branch(condition, Edge { block: copied, args: args.clone() }, Edge { block: header, args });
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
        let BlockData { mut params, instructions, terminator } = self.function.block(block).clone();
        let copied = self.block(block, turn);
        let of_header = turn.filter(|turn| self.candidate.short[turn.short].header == block);
        if let Some(Turn { short, turn: number }) = of_header {
            let counter = params.remove(self.candidate.short[short].counter_idx);
            let ty = self.function.ty(counter);
            let constant = Builder::new(self.function, copied).int(number as i64, ty);
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
                let is_over = turn.is_some_and(|turn| turn.turn == self.n_turns);
                Terminator::Jump(self.edge(if is_over { &otherwise } else { &then }, turn))
            }
            Terminator::Branch { condition, then, otherwise } => Terminator::Branch {
                condition: self.value(condition, turn),
                then: self.edge(&then, turn),
                otherwise: self.edge(&otherwise, turn),
            },
            Terminator::Return(_) | Terminator::Raise { .. } | Terminator::Unreachable => {
                unreachable!("from a block in a loop there is a way back")
            }
        };
        self.function.block_mut(copied).terminator = terminator;
    }
}

//! Decides comparisons of ints by what loops and branches say about their operands: above all, that an index
//! is not negative, and that it is in bounds.
//!
//! ```python
//! for i in range(1, len(a) - 1):
//!     b[i] = a[i - 1] + a[i + 1]     # nothing to check of `a`; of `b`, that `i < len(b)`
//! ```
//!
//! A walk over the dominator tree knows, for every int64, an interval, and for pairs of them facts of the form
//! `x + distance < y`. Both come from constants, extents of arrays, counting loops, branches, and checks that
//! were passed. What is left of a check compares signed numbers, whose first turn that fails LLVM can compute.
//! The pass runs before `insert_polls`, which hides where a loop begins and ends.
//!
//! Of float64 it knows intervals that follow from constants, ints and arithmetic, so that `int(x)` of what was
//! computed from bytes checks nothing.

use crate::counted::mirrored;
use crate::float_range::FloatRange;
use crate::replacements::Replacements;
use crate::shape::Shape;
use rumba_ir::analysis::{Dominators, LoopId, Loops};
use rumba_ir::{BinaryOp, Block, CompareOp, Function, Instruction, Op, Scalar, Terminator, UnaryOp, Value};
use rumba_types::layout::array_field::FIRST_EXTENT;
use rumba_types::{Type, TypeKind};
use rustc_hash::FxHashMap;

/// Facts that are looked at for one question, youngest first.
const MAX_FACTS: usize = 32;

/// Conditions within a condition that are looked at.
const MAX_DEPTH: u32 = 4;

pub fn run(function: &mut Function) {
    let has_compares = function
        .blocks
        .iter()
        .flat_map(|block| &block.instructions)
        .any(|instruction| matches!(instruction.op, Op::Compare { .. }));
    if !has_compares {
        return;
    }
    let dominators = Dominators::of(function);
    let loops = Loops::of(function, &dominators);
    let mut decider = Decider {
        ops: scalar_ops(function),
        shape: Shape::of(function),
        ranges: vec![Range::ALL; function.values.len()],
        float_ranges: vec![None; function.values.len()],
        sums: vec![None; function.values.len()],
        truths: FxHashMap::default(),
        extents: FxHashMap::default(),
        facts: Vec::new(),
        undo: Vec::new(),
        replacements: Replacements::new(function),
        headers: loops.iter().map(|(id, found)| (found.header, id)).collect(),
        loops: &loops,
        function,
    };
    decider.walk(&dominators);
    let Decider { replacements, .. } = decider;
    replacements.apply(function);
}

/// By value: the operation on scalars that defines it.
fn scalar_ops(function: &Function) -> Vec<Option<Op>> {
    let mut ops = vec![None; function.values.len()];
    for instruction in function.blocks.iter().flat_map(|block| &block.instructions) {
        if matches!(
            instruction.op,
            Op::Const(_) | Op::Unary { .. } | Op::Binary { .. } | Op::Compare { .. } | Op::Convert(_)
        ) {
            ops[instruction.result.index()] = Some(instruction.op.clone());
        }
    }
    ops
}

/// The values that an int64 may have, both ends included.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Range {
    low: i64,
    high: i64,
}

impl Range {
    const ALL: Range = Range { low: i64::MIN, high: i64::MAX };

    fn union(self, other: Range) -> Range {
        Range { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// `None` if an end does not fit, so that the operation may wrap.
    fn checked(low: i128, high: i128) -> Option<Range> {
        Some(Range { low: i64::try_from(low).ok()?, high: i64::try_from(high).ok()? })
    }
}

/// `x + distance < y`
#[derive(Clone, Copy)]
struct Fact {
    x: Value,
    distance: i128,
    y: Value,
}

struct Decider<'a> {
    function: &'a mut Function,
    loops: &'a Loops,
    shape: Shape,
    /// By value: the operation, where it is one of [`scalar_ops`].
    ops: Vec<Option<Op>>,
    headers: FxHashMap<Block, LoopId>,
    ranges: Vec<Range>,
    float_ranges: Vec<Option<FloatRange>>,
    /// Values that are another value and a constant, without wrapping.
    sums: Vec<Option<(Value, i64)>>,
    /// Comparisons that are decided.
    truths: FxHashMap<Value, bool>,
    /// One value for every extent, wherever it is read.
    extents: FxHashMap<(Value, u32), Value>,
    /// What holds in the block that is looked at, and what it replaced.
    facts: Vec<Fact>,
    undo: Vec<(Value, Range)>,
    replacements: Replacements,
}

enum Step {
    Enter(Block),
    Leave { n_facts: usize, n_undo: usize },
}

impl Decider<'_> {
    fn walk(&mut self, dominators: &Dominators) {
        let mut children: Vec<Vec<Block>> = vec![Vec::new(); self.function.blocks.len()];
        for block in dominators.order() {
            if let Some(parent) = dominators.immediate(*block) {
                children[parent.index()].push(*block);
            }
        }
        let mut steps = vec![Step::Enter(self.function.entry())];
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(block) => {
                    steps.push(Step::Leave { n_facts: self.facts.len(), n_undo: self.undo.len() });
                    self.enter(block, dominators);
                    // In reverse postorder, so that a block comes after those that jump to it.
                    steps.extend(children[block.index()].iter().rev().map(|child| Step::Enter(*child)));
                }
                Step::Leave { n_facts, n_undo } => {
                    self.facts.truncate(n_facts);
                    while self.undo.len() > n_undo {
                        let (value, range) = self.undo.pop().expect("longer than it was");
                        self.ranges[value.index()] = range;
                    }
                }
            }
        }
    }

    fn enter(&mut self, block: Block, dominators: &Dominators) {
        self.assume_branch(block, dominators);
        self.look_at_params(block);
        let mut instructions = std::mem::take(&mut self.function.block_mut(block).instructions);
        instructions.retain_mut(|instruction| self.look_at(instruction));
        self.function.block_mut(block).instructions = instructions;
    }

    // Values.

    fn op(&self, value: Value) -> Option<&Op> {
        self.ops[value.index()].as_ref()
    }

    fn int(&self, value: Value) -> Option<i64> {
        match self.op(value) {
            Some(Op::Const(Scalar::Int(value))) => Some(*value),
            _ => None,
        }
    }

    fn is_int(&self, value: Value) -> bool {
        self.function.ty(value) == Type::int64()
    }

    fn range(&self, value: Value) -> Range {
        self.ranges[value.index()]
    }

    /// What an int of any width may be, as a float.
    fn range_as_float(&self, value: Value) -> Option<FloatRange> {
        let TypeKind::Int(kind) = self.function.ty(value).kind() else { return None };
        let Range { low, high } = match (kind.bits, kind.signed) {
            (64, true) => self.range(value),
            (64, false) => return None,
            (bits, true) => Range { low: -1 << (bits - 1), high: (1 << (bits - 1)) - 1 },
            (bits, false) => Range { low: 0, high: (1 << bits) - 1 },
        };
        Some(FloatRange::of_ints(low, high))
    }

    fn float_range(&self, value: Value) -> Option<FloatRange> {
        self.float_ranges[value.index()]
    }

    fn narrow(&mut self, value: Value, range: Range) {
        let old = self.range(value);
        let new = Range { low: old.low.max(range.low), high: old.high.min(range.high) };
        // A contradiction means that the code is never reached; nothing is to be gained there.
        if new != old && new.low <= new.high {
            self.undo.push((value, old));
            self.ranges[value.index()] = new;
        }
    }

    /// The value as another one and a distance; extents are one value each.
    fn sum(&self, value: Value) -> (Value, i64) {
        self.sums[value.index()].unwrap_or((value, 0))
    }

    fn look_at_params(&mut self, block: Block) {
        let header = self.headers.get(&block).copied();
        for (idx, param) in self.function.block(block).params.clone().into_iter().enumerate() {
            if block == self.function.entry() || !self.is_int(param) {
                continue;
            }
            match header {
                Some(id) => self.look_at_counter(id, block, param, idx),
                None => {
                    let incoming = self.incoming(block, idx, |_| true);
                    let ranges = incoming.iter().map(|arg| self.range(*arg));
                    self.ranges[param.index()] = ranges.reduce(Range::union).unwrap_or(Range::ALL);
                }
            }
        }
    }

    fn incoming(&mut self, block: Block, idx: usize, is_wanted: impl Fn(Block) -> bool) -> Vec<Value> {
        let mut incoming = Vec::new();
        for before in self.shape.predecessors(block).iter().filter(|before| is_wanted(**before)) {
            for edge in self.function.block(*before).edges() {
                if edge.block == block {
                    incoming.push(edge.args[idx]);
                }
            }
        }
        incoming.into_iter().map(|value| self.replacements.resolve(value)).collect()
    }

    /// A parameter that every turn moves by a constant in one direction stays on one side of where it began.
    fn look_at_counter(&mut self, id: LoopId, header: Block, param: Value, idx: usize) {
        let (loops, function) = (self.loops, &*self.function);
        let mut direction = None;
        for before in self.shape.predecessors(header) {
            for edge in function.block(*before).edges() {
                if edge.block == header && loops.contains(id, *before) {
                    let step = self.step(id, header, param, edge.args[idx]);
                    if step.is_none() || *direction.get_or_insert(step) != step {
                        return;
                    }
                }
            }
        }
        let Some(Some(is_up)) = direction else { return };
        let first = self.incoming(header, idx, |before| !loops.contains(id, before));
        let ranges = first.iter().map(|arg| self.range(*arg));
        let Some(range) = ranges.reduce(Range::union) else { return };
        let next = self.incoming(header, idx, |before| loops.contains(id, before));
        let end = self.end_of_single_steps(id, header, param, &next, is_up);
        self.ranges[param.index()] = if is_up {
            Range { low: range.low, high: end.map_or(i64::MAX, |end| end.max(range.high)) }
        } else {
            Range { low: end.map_or(i64::MIN, |end| end.min(range.low)), high: range.high }
        };
        if let ([first], false) = (&first[..], is_up) {
            // Never above the first: below what the first is below.
            let (y, distance) = self.sum(*first);
            self.facts.push(Fact { x: param, distance: -i128::from(distance) - 1, y });
        }
    }

    /// Whether `next` is more than `param` (without wrapping), or less.
    fn step(&self, id: LoopId, header: Block, param: Value, next: Value) -> Option<bool> {
        let instruction = self.op(next)?;
        let (op, other) = match *instruction {
            Op::Binary { op, lhs, rhs } if lhs == param => (op, rhs),
            _ => return None,
        };
        let constant = self.int(other)?;
        match op {
            BinaryOp::AddNoWrap if constant != 0 => Some(constant > 0),
            // One step from a number that is below another does not wrap.
            BinaryOp::Add if constant == 1 => self.last_to_go_on(id, header, param, true).map(|_| true),
            BinaryOp::Add if constant == -1 => self.last_to_go_on(id, header, param, false).map(|_| false),
            BinaryOp::Sub if constant == 1 => self.last_to_go_on(id, header, param, false).map(|_| false),
            _ => None,
        }
    }

    /// How far a parameter gets that every turn moves by one.
    fn end_of_single_steps(
        &self,
        id: LoopId,
        header: Block,
        param: Value,
        next: &[Value],
        is_up: bool,
    ) -> Option<i64> {
        let last = self.last_to_go_on(id, header, param, is_up)?;
        let by_one = |next: &Value| match self.op(*next) {
            Some(Op::Binary { op: BinaryOp::Add | BinaryOp::AddNoWrap | BinaryOp::Sub, rhs, .. }) => {
                self.int(*rhs).is_some_and(|constant| constant.unsigned_abs() == 1)
            }
            _ => false,
        };
        next.iter().all(by_one).then(|| if is_up { last + 1 } else { last - 1 })
    }

    /// If the header leaves the loop unless `param` is below (`is_up`) or above some bound: the last number from
    /// which it goes on, at the most. One step from it does not wrap.
    fn last_to_go_on(&self, id: LoopId, header: Block, param: Value, is_up: bool) -> Option<i64> {
        let Terminator::Branch { condition, then, otherwise } = &self.function.block(header).terminator
        else {
            return None;
        };
        let goes_on = then.block != header
            && self.loops.contains(id, then.block)
            && !self.loops.contains(id, otherwise.block);
        let Some(Op::Compare { op, lhs, rhs }) = self.op(*condition).filter(|_| goes_on) else { return None };
        if *lhs != param {
            return None;
        }
        let bound = self.int(*rhs).map_or_else(|| self.range(*rhs), |int| Range { low: int, high: int });
        match op {
            CompareOp::Lt if is_up => Some(bound.high.saturating_sub(1)),
            CompareOp::Gt if !is_up => Some(bound.low.saturating_add(1)),
            CompareOp::Le if is_up => Some(bound.high).filter(|last| *last < i64::MAX),
            CompareOp::Ge if !is_up => Some(bound.low).filter(|last| *last > i64::MIN),
            _ => None,
        }
    }

    // Instructions.

    /// Whether the instruction stays.
    fn look_at(&mut self, instruction: &mut Instruction) -> bool {
        let replacements = &mut self.replacements;
        instruction.op.operands_mut(|value| *value = replacements.resolve(*value));
        let result = instruction.result;
        if self.function.ty(result) == Type::float64() {
            self.float_ranges[result.index()] = self.range_of_float(&instruction.op);
        }
        match instruction.op {
            Op::Const(Scalar::Int(value)) if self.is_int(result) => {
                self.ranges[result.index()] = Range { low: value, high: value };
            }
            Op::Const(Scalar::Bool(value)) => {
                self.truths.insert(result, value);
            }
            Op::Field { value, index } => self.look_at_field(result, value, index),
            Op::Binary { op, lhs, rhs } if self.is_int(result) => self.look_at_binary(result, op, lhs, rhs),
            Op::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), lhs, rhs } => {
                // `true and x` is x, `false and x` is false; `or` the other way round.
                let neutral = op == BinaryOp::And;
                for (one, other) in [(lhs, rhs), (rhs, lhs)] {
                    if let Some(truth) = self.truths.get(&one).copied() {
                        self.replacements.replace(result, if truth == neutral { other } else { one });
                        return false;
                    }
                }
            }
            Op::Select { condition, then, otherwise } => {
                if let Some(truth) = self.truths.get(&condition).copied() {
                    self.replacements.replace(result, if truth { then } else { otherwise });
                    return false;
                }
                if self.is_int(result) {
                    self.ranges[result.index()] = self.range(then).union(self.range(otherwise));
                }
            }
            Op::Compare { op, lhs, rhs } => {
                let (lhs, rhs) = self.as_signed(lhs, rhs).unwrap_or((lhs, rhs));
                instruction.op = Op::Compare { op, lhs, rhs };
                if let Some(truth) = self.decide(op, lhs, rhs) {
                    instruction.op = Op::Const(Scalar::Bool(truth));
                    self.truths.insert(result, truth);
                }
                self.ops[result.index()] = Some(instruction.op.clone());
            }
            Op::RaiseUnless { condition, .. } => {
                if self.truths.get(&condition) == Some(&true) {
                    return false;
                }
                self.assume(condition, true, MAX_DEPTH);
            }
            _ => {}
        }
        true
    }

    /// What an operation that gives a float64 may give. Where the same variable is chosen and compared, as by `min`
    /// and `max`, the lesser or the greater one.
    fn range_of_float(&self, op: &Op) -> Option<FloatRange> {
        match *op {
            Op::Const(Scalar::Float(value)) => FloatRange::of(value),
            Op::Convert(source) => self.range_as_float(source),
            Op::Unary { op, operand } => FloatRange::unary(op, self.float_range(operand)?),
            Op::Binary { op, lhs, rhs } => {
                FloatRange::binary(op, self.float_range(lhs)?, self.float_range(rhs)?)
            }
            Op::Select { condition, then, otherwise } => {
                let (x, y) = (self.float_range(then)?, self.float_range(otherwise)?);
                Some(match self.op(condition) {
                    Some(Op::Compare { op, lhs, rhs }) if (*lhs, *rhs) == (then, otherwise) => {
                        FloatRange::chosen(*op, x, y)
                    }
                    Some(Op::Compare { op, lhs, rhs }) if (*lhs, *rhs) == (otherwise, then) => {
                        FloatRange::chosen(mirrored(*op), x, y)
                    }
                    _ => x.union(y),
                })
            }
            _ => None,
        }
    }

    fn look_at_field(&mut self, result: Value, value: Value, index: u32) {
        if let Some(array) = self.function.ty(value).as_array()
            && (FIRST_EXTENT..FIRST_EXTENT + usize::from(array.ndim)).contains(&(index as usize))
        {
            // NumPy makes no array of more bytes than an address has values.
            let high = i64::MAX / (array.dtype.item_size() as i64).max(1);
            self.ranges[result.index()] = Range { low: 0, high };
            let first = *self.extents.entry((value, index)).or_insert(result);
            self.sums[result.index()] = Some((first, 0));
        }
    }

    fn look_at_binary(&mut self, result: Value, op: BinaryOp, lhs: Value, rhs: Value) {
        let (a, b) = (self.range(lhs), self.range(rhs));
        let [a_low, a_high, b_low, b_high] = [a.low, a.high, b.low, b.high].map(i128::from);
        let range = match op {
            BinaryOp::Add => Range::checked(a_low + b_low, a_high + b_high),
            BinaryOp::AddNoWrap => {
                let clamp = |bound: i128| bound.clamp(i64::MIN.into(), i64::MAX.into());
                Range::checked(clamp(a_low + b_low), clamp(a_high + b_high))
            }
            BinaryOp::Sub => Range::checked(a_low - b_high, a_high - b_low),
            BinaryOp::Mul => {
                let products = [a_low * b_low, a_low * b_high, a_high * b_low, a_high * b_high];
                let ends = products.into_iter().min().zip(products.into_iter().max());
                ends.and_then(|(low, high)| Range::checked(low, high))
            }
            BinaryOp::And if a.low >= 0 || b.low >= 0 => {
                let highs = [a, b].into_iter().filter(|range| range.low >= 0).map(|range| range.high);
                highs.min().map(|high| Range { low: 0, high })
            }
            BinaryOp::FloorMod if b.low > 0 => Some(Range { low: 0, high: b.high - 1 }),
            BinaryOp::FloorDiv if b.low > 0 && a.low >= 0 => Some(Range { low: 0, high: a.high }),
            _ => None,
        };
        let Some(range) = range else { return };
        self.ranges[result.index()] = range;
        // A range says that nothing wraps.
        let (base, distance) = match op {
            BinaryOp::Add | BinaryOp::AddNoWrap if b.low == b.high => (lhs, Some(b.low)),
            BinaryOp::Add | BinaryOp::AddNoWrap if a.low == a.high => (rhs, Some(a.low)),
            BinaryOp::Sub if b.low == b.high => (lhs, b.low.checked_neg()),
            _ => return,
        };
        let (base, more) = self.sum(base);
        self.sums[result.index()] =
            distance.and_then(|distance| distance.checked_add(more)).map(|sum| (base, sum));
    }

    /// Operands of an unsigned comparison as the signed numbers that they are, if neither is negative.
    fn as_signed(&mut self, lhs: Value, rhs: Value) -> Option<(Value, Value)> {
        if self.function.ty(lhs) != Type::uint64() {
            return None;
        }
        let (lhs, rhs) = (self.converted(lhs)?, self.converted(rhs)?);
        let is_natural = |value: Value| self.is_int(value) && self.range(value).low >= 0;
        (is_natural(lhs) && is_natural(rhs)).then_some((lhs, rhs))
    }

    /// What a conversion is of.
    fn converted(&mut self, value: Value) -> Option<Value> {
        match self.ops[value.index()] {
            Some(Op::Convert(source)) => Some(self.replacements.resolve(source)),
            _ => None,
        }
    }

    // Facts.

    fn decide(&mut self, op: CompareOp, lhs: Value, rhs: Value) -> Option<bool> {
        if let (Some(x), Some(y)) = (self.float_range(lhs), self.float_range(rhs)) {
            return FloatRange::decide(op, x, y);
        }
        if !self.is_int(lhs) {
            return None;
        }
        match op {
            CompareOp::Lt => self.is_less(lhs, rhs),
            CompareOp::Gt => self.is_less(rhs, lhs),
            CompareOp::Le => self.is_less(rhs, lhs).map(|truth| !truth),
            CompareOp::Ge => self.is_less(lhs, rhs).map(|truth| !truth),
            CompareOp::Eq | CompareOp::Ne => {
                let (a, b) = (self.range(lhs), self.range(rhs));
                (a.high < b.low || b.high < a.low).then_some(op == CompareOp::Ne)
            }
        }
    }

    /// Whether `x < y`, if it is known.
    fn is_less(&mut self, x: Value, y: Value) -> Option<bool> {
        let (a, b) = (self.range(x), self.range(y));
        if a.high < b.low {
            return Some(true);
        }
        if a.low >= b.high {
            return Some(false);
        }
        let ((x, x_distance), (y, y_distance)) = (self.sum(x), self.sum(y));
        let distance = i128::from(x_distance) - i128::from(y_distance);
        if x == y {
            return Some(distance < 0);
        }
        // Directly, or by one value in between: `x + a < z` and `z + b < y` give `x + a + b + 1 < y`.
        let about = |x: Value| self.facts.iter().rev().take(MAX_FACTS).filter(move |fact| fact.x == x);
        let holds = |x: Value, distance: i128| about(x).any(|fact| fact.y == y && distance <= fact.distance);
        let by_way_of = |fact: &Fact| holds(fact.y, distance - fact.distance - 1);
        (holds(x, distance) || about(x).any(by_way_of)).then_some(true)
    }

    /// What the branch that leads to `block`, if only one does, says.
    fn assume_branch(&mut self, block: Block, dominators: &Dominators) {
        let Some(before) =
            dominators.immediate(block).filter(|before| self.shape.predecessors(block) == [*before])
        else {
            return;
        };
        if let Terminator::Branch { condition, then, otherwise } = &self.function.block(before).terminator {
            let (condition, truth) = (*condition, then.block == block);
            if then.block != otherwise.block {
                let condition = self.replacements.resolve(condition);
                self.assume(condition, truth, MAX_DEPTH);
            }
        }
    }

    fn assume(&mut self, condition: Value, truth: bool, depth: u32) {
        let Some(op) = self.op(condition).cloned() else { return };
        match op {
            _ if depth == 0 => {}
            Op::Unary { op: UnaryOp::Not, operand } => self.assume_resolved(operand, !truth, depth),
            Op::Binary { op, lhs, rhs }
                if (op, truth) == (BinaryOp::And, true) || (op, truth) == (BinaryOp::Or, false) =>
            {
                self.assume_resolved(lhs, truth, depth);
                self.assume_resolved(rhs, truth, depth);
            }
            Op::Compare { op, lhs, rhs } => {
                let (lhs, rhs) = (self.replacements.resolve(lhs), self.replacements.resolve(rhs));
                if self.is_int(lhs) {
                    self.assume_compare(op, lhs, rhs, truth);
                }
            }
            _ => {}
        }
    }

    fn assume_resolved(&mut self, condition: Value, truth: bool, depth: u32) {
        let condition = self.replacements.resolve(condition);
        self.assume(condition, truth, depth - 1);
    }

    fn assume_compare(&mut self, op: CompareOp, lhs: Value, rhs: Value, truth: bool) {
        match (op, truth) {
            (CompareOp::Lt, true) | (CompareOp::Ge, false) => self.assume_less(lhs, rhs, 0),
            (CompareOp::Gt, true) | (CompareOp::Le, false) => self.assume_less(rhs, lhs, 0),
            (CompareOp::Le, true) | (CompareOp::Gt, false) => self.assume_less(lhs, rhs, -1),
            (CompareOp::Ge, true) | (CompareOp::Lt, false) => self.assume_less(rhs, lhs, -1),
            (CompareOp::Eq, true) | (CompareOp::Ne, false) => {
                self.assume_less(lhs, rhs, -1);
                self.assume_less(rhs, lhs, -1);
            }
            (CompareOp::Eq, false) | (CompareOp::Ne, true) => {}
        }
    }

    /// `x + distance < y`, where the distance is 0 or -1.
    fn assume_less(&mut self, x: Value, y: Value, distance: i64) {
        let (a, b) = (self.range(x), self.range(y));
        let least = 1 + distance;
        self.narrow(x, Range { low: i64::MIN, high: b.high.saturating_sub(least) });
        self.narrow(y, Range { low: a.low.saturating_add(least), high: i64::MAX });
        let ((x, x_distance), (y, y_distance)) = (self.sum(x), self.sum(y));
        let distance = i128::from(x_distance) - i128::from(y_distance) + i128::from(distance);
        self.facts.push(Fact { x, distance, y });
    }
}

//! Recognises loops that count: a parameter of the header is moved by a constant on every way back, and the
//! header goes on while it has not reached a bound that the loop does not change.
//!
//! That is how the iterators of `range`, arrays and `enumerate` are lowered; `zip` has several such
//! conditions, of which one is enough.

use crate::shape::Shape;
use rumba_ir::analysis::{Loop, LoopId, Loops};
use rumba_ir::{BinaryOp, CompareOp, Function, Op, Terminator, Value};
use rumba_types::TypeKind;

/// Larger steps are not worth the thought: step times chunk has to fit the type.
const MAX_STEP: i64 = 1 << 8;

/// A counter narrower than this may wrap within a chunk.
const MIN_BITS: u8 = 32;

/// The deepest computation of a bound that is followed.
const MAX_DEPTH: u32 = 8;

pub struct Counted {
    /// Position of the counter among the header's parameters.
    pub param_idx: usize,
    pub step: i64,
    /// Where the counter begins, if that is one constant.
    pub start: Option<i64>,
    /// The loop goes on while `counter op bound`.
    pub op: CompareOp,
    pub bound: Value,
    /// Results in the header that have to be computed before the loop for the bound to be.
    pub hoisted: Vec<Value>,
    /// What else must hold for the loop to go on.
    pub other_conditions: Vec<Value>,
    /// The number of turns, if it is known, unless the loop is left early.
    pub n_turns: Option<u64>,
}

struct Search<'a> {
    function: &'a Function,
    shape: &'a Shape,
    loops: &'a Loops,
    id: LoopId,
    found: &'a Loop,
}

pub fn find_counted(
    function: &Function,
    shape: &Shape,
    loops: &Loops,
    id: LoopId,
    found: &Loop,
) -> Option<Counted> {
    let data = function.block(found.header);
    let Terminator::Branch { condition, then, otherwise } = &data.terminator else { return None };
    let goes_on = loops.contains(id, then.block) && then.block != found.header;
    // The header is executed once more per chunk, so it may only compute.
    let only_computes = data.instructions.iter().all(|instruction| instruction.op.is_removable());
    if !goes_on || loops.contains(id, otherwise.block) || !only_computes {
        return None;
    }
    let search = Search { function, shape, loops, id, found };
    let mut leaves = Vec::new();
    search.conjuncts(*condition, &mut leaves);
    leaves.iter().find_map(|leaf| {
        let mut counted = search.counted_by(*leaf)?;
        counted.other_conditions = leaves.iter().copied().filter(|other| other != leaf).collect();
        // With other conditions the loop may end earlier, but not later.
        Some(counted)
    })
}

impl Search<'_> {
    /// The conditions that together make up `condition`.
    fn conjuncts(&self, condition: Value, leaves: &mut Vec<Value>) {
        let instruction = self.shape.instruction(self.function, condition);
        match instruction.map(|instruction| &instruction.op) {
            Some(Op::Binary { op: BinaryOp::And, lhs, rhs })
                if self.shape.block(condition) == Some(self.found.header) && leaves.len() < 8 =>
            {
                self.conjuncts(*lhs, leaves);
                self.conjuncts(*rhs, leaves);
            }
            _ => leaves.push(condition),
        }
    }

    fn counted_by(&self, condition: Value) -> Option<Counted> {
        let instruction = self.shape.instruction(self.function, condition)?;
        let Op::Compare { op, lhs, rhs } = instruction.op else { return None };
        self.counter_and_bound(op, lhs, rhs).or_else(|| self.counter_and_bound(mirrored(op), rhs, lhs))
    }

    fn counter_and_bound(&self, op: CompareOp, counter: Value, bound: Value) -> Option<Counted> {
        let params = &self.function.block(self.found.header).params;
        let param_idx = params.iter().position(|param| *param == counter)?;
        let TypeKind::Int(kind) = self.function.ty(counter).kind() else { return None };
        if kind.bits < MIN_BITS {
            return None;
        }
        let step = self.step(param_idx)?;
        let approaches = match op {
            CompareOp::Lt | CompareOp::Le => step > 0,
            CompareOp::Gt | CompareOp::Ge => step < 0,
            CompareOp::Ne => step.abs() == 1,
            CompareOp::Eq => false,
        };
        let mut hoisted = Vec::new();
        if !approaches || !self.is_invariant(bound, MAX_DEPTH, &mut hoisted) {
            return None;
        }
        let n_turns = self.n_turns(param_idx, op, bound, step);
        let start = self.start(param_idx);
        Some(Counted { param_idx, step, start, op, bound, hoisted, other_conditions: Vec::new(), n_turns })
    }

    /// By how much every way back moves the parameter.
    fn step(&self, param_idx: usize) -> Option<i64> {
        let param = self.function.block(self.found.header).params[param_idx];
        let mut common = None;
        for arg in self.incoming(param_idx, true) {
            let step = match self.shape.instruction(self.function, arg)?.op {
                Op::Binary { op: BinaryOp::Add | BinaryOp::AddNoWrap, lhs, rhs } => {
                    let other = if lhs == param { rhs } else { lhs };
                    (lhs == param || rhs == param).then(|| self.shape.const_int(self.function, other))?
                }
                Op::Binary { op: BinaryOp::Sub, lhs, rhs } if lhs == param => {
                    self.shape.const_int(self.function, rhs).and_then(i64::checked_neg)
                }
                _ => None,
            }?;
            if *common.get_or_insert(step) != step {
                return None;
            }
        }
        common.filter(|step| *step != 0 && step.unsigned_abs() <= MAX_STEP as u64)
    }

    /// What edges pass for the header's parameter: those from inside or from outside of the loop.
    fn incoming(&self, param_idx: usize, from_inside: bool) -> Vec<Value> {
        let mut incoming = Vec::new();
        for block in self.shape.predecessors(self.found.header) {
            for edge in self.function.block(*block).edges() {
                if edge.block == self.found.header && self.found.latches.contains(block) == from_inside {
                    incoming.push(edge.args[param_idx]);
                }
            }
        }
        incoming
    }

    fn start(&self, param_idx: usize) -> Option<i64> {
        let mut starts = self.incoming(param_idx, false).into_iter();
        let start = self.shape.const_int(self.function, starts.next()?)?;
        starts.all(|other| self.shape.const_int(self.function, other) == Some(start)).then_some(start)
    }

    /// Whether `value` is the same in every turn: defined outside, or computed in the header from such
    /// values; results in the header are gathered, operands first.
    fn is_invariant(&self, value: Value, depth: u32, hoisted: &mut Vec<Value>) -> bool {
        let Some(block) = self.shape.block(value) else { return false };
        if !self.loops.contains(self.id, block) || hoisted.contains(&value) {
            return true;
        }
        let Some(instruction) = self.shape.instruction(self.function, value) else { return false };
        let is_computed =
            instruction.op.is_removable() && !matches!(instruction.op, Op::Load { .. } | Op::Pack(_));
        if block != self.found.header || !is_computed || depth == 0 {
            return false;
        }
        let mut is_invariant = true;
        instruction.op.operands(|operand| {
            is_invariant = is_invariant && self.is_invariant(operand, depth - 1, hoisted);
        });
        hoisted.push(value);
        is_invariant
    }

    fn n_turns(&self, param_idx: usize, op: CompareOp, bound: Value, step: i64) -> Option<u64> {
        let bound = self.small_const(bound)?;
        let mut most = 0;
        for start in self.incoming(param_idx, false) {
            let start = self.small_const(start)?;
            let distance = if step > 0 { bound - start } else { start - bound };
            let distance = distance + i64::from(matches!(op, CompareOp::Le | CompareOp::Ge));
            // `!=` that starts on the wrong side goes all the way round.
            if op == CompareOp::Ne && distance < 0 {
                return None;
            }
            most = most.max(distance.max(0).unsigned_abs());
        }
        Some(most.div_ceil(step.unsigned_abs()))
    }

    /// A constant so small that no step from it wraps, whatever its type.
    fn small_const(&self, value: Value) -> Option<i64> {
        self.shape.const_int(self.function, value).filter(|value| value.unsigned_abs() < 1 << 30)
    }
}

/// `a op b` is `b mirrored(op) a`.
pub fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq => CompareOp::Eq,
        CompareOp::Ne => CompareOp::Ne,
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
    }
}

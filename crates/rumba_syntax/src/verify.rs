//! Checks the invariants of untyped SSA that `hir`'s module comment lists, inner functions included.

use crate::hir::{Block, BlockData, CaptureKind, Function, Inst, Terminator, Value};
use rumba_source::operators::UnaryOperator;

/// `Err` names the first invariant found broken, and where.
pub fn verify(function: &Function) -> Result<(), String> {
    let verifier = Verifier { function, definitions: vec![None; function.value_spans.len()] };
    verifier.run().map_err(|broken| format!("in `{}`: {broken}", function.name))?;
    function.functions.iter().try_for_each(|inner| verify(inner))
}

/// Where a value is defined. Positions in a block: 0 is its parameters, then its instructions.
#[derive(Clone, Copy)]
struct Place {
    block: Block,
    position: usize,
}

struct Verifier<'a> {
    function: &'a Function,
    definitions: Vec<Option<Place>>,
}

type Check = Result<(), String>;

macro_rules! ensure {
    ($condition:expr, $($message:tt)*) => {
        if !$condition {
            return Err(format!($($message)*));
        }
    };
}

impl Verifier<'_> {
    fn run(mut self) -> Check {
        let function = self.function;
        ensure!(!function.blocks.is_empty(), "no entry block");
        ensure!(function.value_names.len() == function.value_spans.len(), "names and spans differ in number");
        self.define_values()?;
        self.check_edges()?;
        let dominators = Dominators::of(&function.blocks);
        for (block, data) in self.blocks() {
            ensure!(dominators.is_reachable(block), "{block} cannot be reached");
            for (idx, (value, inst)) in data.insts.iter().enumerate() {
                for operand in inst.operands() {
                    self.check_use(operand, Place { block, position: idx + 1 }, &dominators)?;
                }
                self.check_inst(*value, inst)?;
            }
            let end = Place { block, position: data.insts.len() + 1 };
            for operand in data.handler.iter().flat_map(|edge| &edge.args) {
                self.check_use(*operand, Place { block, position: 1 }, &dominators)?;
            }
            let passed = data.terminator.edges().into_iter().flat_map(|edge| edge.args.iter().copied());
            for operand in data.terminator.operands().into_iter().chain(passed) {
                self.check_use(operand, end, &dominators)?;
            }
            self.check_condition(data)?;
        }
        self.check_pruned()
    }

    fn blocks(&self) -> impl Iterator<Item = (Block, &BlockData)> {
        self.function.blocks.iter().enumerate().map(|(idx, data)| (Block(idx as u32), data))
    }

    fn define_values(&mut self) -> Check {
        let function = self.function;
        let n_given = function.params.len() + function.captures.len();
        for idx in 0..n_given {
            self.define(Value(idx as u32), Place { block: Block(0), position: 0 })?;
        }
        for (idx, data) in function.blocks.iter().enumerate() {
            let block = Block(idx as u32);
            for &param in &data.params {
                self.define(param, Place { block, position: 0 })?;
            }
            for (idx, (value, _)) in data.insts.iter().enumerate() {
                self.define(*value, Place { block, position: idx + 1 })?;
            }
        }
        match self.definitions.iter().position(Option::is_none) {
            Some(idx) => Err(format!("v{idx} is not defined")),
            None => Ok(()),
        }
    }

    fn define(&mut self, value: Value, place: Place) -> Check {
        let Some(slot) = self.definitions.get_mut(value.index()) else {
            return Err(format!("{value} has no span"));
        };
        ensure!(slot.is_none(), "{value} is defined twice");
        *slot = Some(place);
        Ok(())
    }

    fn check_edges(&self) -> Check {
        let blocks = &self.function.blocks;
        ensure!(blocks[0].params.is_empty(), "the entry block has parameters");
        ensure!(blocks[0].handler.is_none(), "the entry block has a handler");
        for (block, data) in self.blocks() {
            for edge in data.edges() {
                let Some(target) = blocks.get(edge.block.index()) else {
                    return Err(format!("{block} goes to {}, which does not exist", edge.block));
                };
                ensure!(edge.block != Block(0), "{block} goes to the entry block");
                let (given, wanted) = (edge.args.len(), target.params.len());
                ensure!(
                    given == wanted,
                    "{block} passes {given} arguments to {}, which has {wanted}",
                    edge.block
                );
            }
        }
        Ok(())
    }

    fn check_use(&self, value: Value, at: Place, dominators: &Dominators) -> Check {
        let Some(definition) = self.definitions.get(value.index()).copied().flatten() else {
            return Err(format!("{} reads {value}, which does not exist", at.block));
        };
        let dominates = if definition.block == at.block {
            definition.position < at.position
        } else {
            dominators.dominates(definition.block, definition.position > 0, at.block)
        };
        ensure!(dominates, "{value} does not dominate its use in {}", at.block);
        Ok(())
    }

    fn check_inst(&self, value: Value, inst: &Inst) -> Check {
        let Inst::MakeFunction { function, defaults, captures } = inst else {
            return Ok(());
        };
        let Some(inner) = self.function.functions.get(*function as usize) else {
            return Err(format!("{value} makes function {function}, which does not exist"));
        };
        let n_defaults = inner.params.iter().filter(|param| param.has_default).count();
        ensure!(defaults.len() == n_defaults, "{value} passes {} defaults of {n_defaults}", defaults.len());
        let n_captures = inner.captures.iter().filter(|capture| capture.kind != CaptureKind::Itself).count();
        ensure!(captures.len() == n_captures, "{value} passes {} captures of {n_captures}", captures.len());
        Ok(())
    }

    fn check_condition(&self, data: &BlockData) -> Check {
        let Terminator::Branch { condition, then, otherwise } = &data.terminator else {
            return Ok(());
        };
        ensure!(then.block != otherwise.block, "both sides of a branch go to {}", then.block);
        // A condition is computed in the block that branches on it, or in one that dominates it.
        let defined_by = self.definitions[condition.index()].and_then(|place| {
            let insts = &self.function.blocks[place.block.index()].insts;
            insts.get(place.position.wrapping_sub(1)).map(|(_, inst)| inst)
        });
        let is_bool = matches!(
            defined_by,
            Some(
                Inst::Truth(_)
                    | Inst::Unary { op: UnaryOperator::Not, .. }
                    | Inst::IsTuple { .. }
                    | Inst::MatchSequence { .. }
                    | Inst::MatchException { .. }
                    | Inst::IterHasNext(_)
            )
        );
        ensure!(is_bool, "{condition} is no condition");
        Ok(())
    }

    /// Every block parameter is read, by itself or through other block parameters.
    fn check_pruned(&self) -> Check {
        let mut is_read = vec![false; self.definitions.len()];
        let mut work = Vec::new();
        for (_, data) in self.blocks() {
            data.insts.iter().for_each(|(_, inst)| work.extend(inst.operands()));
            work.extend(data.terminator.operands());
        }
        let mut passed: Vec<Vec<Value>> = vec![Vec::new(); self.definitions.len()];
        for (_, data) in self.blocks() {
            for edge in data.edges() {
                let params = &self.function.blocks[edge.block.index()].params;
                for (param, arg) in params.iter().zip(&edge.args) {
                    passed[param.index()].push(*arg);
                }
            }
        }
        while let Some(value) = work.pop() {
            if !std::mem::replace(&mut is_read[value.index()], true) {
                work.extend(&passed[value.index()]);
            }
        }
        let mut params = self.function.blocks.iter().flat_map(|block| &block.params);
        match params.find(|param| !is_read[param.index()]) {
            Some(param) => Err(format!("block parameter {param} is never read")),
            None => Ok(()),
        }
    }
}

/// The dominator tree, after Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". A block with a handler is
/// two places, its parameters and, behind all blocks, its instructions: the handler is entered from the first.
struct Dominators {
    /// Position of each reachable place in reverse postorder.
    order: Vec<Option<usize>>,
    /// By that position: the position of the immediate dominator, which is smaller, but for the entry's.
    immediate: Vec<usize>,
}

impl Dominators {
    fn of(blocks: &[BlockData]) -> Dominators {
        let reverse_postorder = reverse_postorder(blocks);
        let mut order = vec![None; 2 * blocks.len()];
        for (position, &block) in reverse_postorder.iter().enumerate() {
            order[block] = Some(position);
        }
        let mut predecessors = vec![Vec::new(); reverse_postorder.len()];
        for (position, &block) in reverse_postorder.iter().enumerate() {
            for successor in successors(blocks, block) {
                let successor = order[successor].expect("a successor is reachable too");
                predecessors[successor].push(position);
            }
        }
        let mut immediate: Vec<Option<usize>> = vec![None; reverse_postorder.len()];
        immediate[0] = Some(0);
        let mut changed = true;
        while changed {
            changed = false;
            for position in 1..immediate.len() {
                let known = predecessors[position].iter().copied().filter(|from| immediate[*from].is_some());
                let common = known.reduce(|a, b| nearest_common(&immediate, a, b));
                if immediate[position] != common {
                    immediate[position] = common;
                    changed = true;
                }
            }
        }
        Dominators { order, immediate: immediate.into_iter().map(|idx| idx.unwrap_or(0)).collect() }
    }

    fn is_reachable(&self, block: Block) -> bool {
        self.order[block.index()].is_some()
    }

    /// Whether every way to `block` passes `dominator`, or its instructions.
    fn dominates(&self, dominator: Block, by_instructions: bool, block: Block) -> bool {
        let n_blocks = self.order.len() / 2;
        let instructions = self.order[n_blocks + dominator.index()].filter(|_| by_instructions);
        let dominator = instructions.or(self.order[dominator.index()]);
        let (Some(dominator), Some(mut block)) = (dominator, self.order[block.index()]) else {
            return false;
        };
        while block > dominator {
            block = self.immediate[block];
        }
        block == dominator
    }
}

fn nearest_common(immediate: &[Option<usize>], mut a: usize, mut b: usize) -> usize {
    while a != b {
        let further = if a > b { &mut a } else { &mut b };
        *further = immediate[*further].expect("the way to the entry is known");
    }
    a
}

fn successors(blocks: &[BlockData], place: usize) -> Vec<usize> {
    let data = &blocks[place % blocks.len()];
    match &data.handler {
        Some(handler) if place < blocks.len() => vec![blocks.len() + place, handler.block.index()],
        _ => data.terminator.edges().into_iter().map(|edge| edge.block.index()).collect(),
    }
}

fn reverse_postorder(blocks: &[BlockData]) -> Vec<usize> {
    let mut is_visited = vec![false; 2 * blocks.len()];
    is_visited[0] = true;
    let mut postorder = Vec::new();
    let mut stack = vec![(0, successors(blocks, 0))];
    while let Some((block, rest)) = stack.last_mut() {
        match rest.pop() {
            Some(next) if is_visited[next] => {}
            Some(next) => {
                is_visited[next] = true;
                stack.push((next, successors(blocks, next)));
            }
            None => {
                postorder.push(*block);
                stack.pop();
            }
        }
    }
    postorder.reverse();
    postorder
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hir::{Constant, Edge};
    use rumba_source::Span;

    const SPAN: Span = Span { file: rumba_source::FileId(0), start: 0, end: 0 };

    fn block(params: &[u32], insts: Vec<(u32, Inst)>, terminator: Terminator) -> BlockData {
        BlockData {
            params: params.iter().copied().map(Value).collect(),
            handler: None,
            insts: insts.into_iter().map(|(value, inst)| (Value(value), inst)).collect(),
            terminator,
            terminator_span: SPAN,
        }
    }

    fn edge(block: u32, args: &[u32]) -> Edge {
        Edge { block: Block(block), args: args.iter().copied().map(Value).collect() }
    }

    fn jump(block: u32, args: &[u32]) -> Terminator {
        Terminator::Jump(edge(block, args))
    }

    fn none() -> Inst {
        Inst::Const(Constant::None)
    }

    fn truth(value: u32) -> Inst {
        Inst::Truth(Value(value))
    }

    fn branch(condition: u32, then: Edge, otherwise: Edge) -> Terminator {
        Terminator::Branch { condition: Value(condition), then, otherwise }
    }

    fn outcome(n_values: usize, blocks: Vec<BlockData>) -> Result<(), String> {
        verify(&Function {
            name: "f".into(),
            params: Vec::new(),
            captures: Vec::new(),
            blocks,
            value_spans: vec![SPAN; n_values],
            value_names: vec![None; n_values],
            functions: Vec::new(),
            header_span: SPAN,
            is_lambda: false,
            is_generator: false,
        })
    }

    #[track_caller]
    fn check_broken(n_values: usize, blocks: Vec<BlockData>, expected: &str) {
        assert_eq!(outcome(n_values, blocks), Err(format!("in `f`: {expected}")));
    }

    fn returns(value: u32) -> Terminator {
        Terminator::Return(Value(value))
    }

    #[test]
    fn a_loop_is_right() {
        let blocks = vec![
            block(&[], vec![(0, none())], jump(1, &[0])),
            block(&[1], vec![(2, truth(1))], branch(2, edge(2, &[]), edge(3, &[]))),
            block(&[], vec![(3, none())], jump(1, &[3])),
            block(&[], vec![], returns(1)),
        ];
        assert_eq!(outcome(4, blocks), Ok(()));
    }

    #[test]
    fn every_broken_invariant_is_named() {
        check_broken(0, vec![], "no entry block");
        check_broken(1, vec![block(&[], vec![], returns(0))], "v0 is not defined");
        let twice = vec![(0, none()), (0, none())];
        check_broken(1, vec![block(&[], twice, returns(0))], "v0 is defined twice");
        check_broken(
            1,
            vec![block(&[], vec![(0, none())], returns(7))],
            "block0 reads v7, which does not exist",
        );
        let early = vec![(0, truth(1)), (1, none())];
        check_broken(2, vec![block(&[], early, returns(1))], "v1 does not dominate its use in block0");
        let entry = || vec![(0, none()), (1, truth(0))];
        check_broken(2, vec![block(&[], entry(), jump(0, &[]))], "block0 goes to the entry block");
        check_broken(
            2,
            vec![block(&[], entry(), returns(0)), block(&[], vec![], returns(0))],
            "block1 cannot be reached",
        );
        check_broken(
            3,
            vec![block(&[], entry(), jump(1, &[])), block(&[2], vec![], returns(2))],
            "block0 passes 0 arguments to block1, which has 1",
        );
        check_broken(
            3,
            vec![block(&[], entry(), jump(1, &[0])), block(&[2], vec![], returns(0))],
            "block parameter v2 is never read",
        );
        check_broken(
            2,
            vec![block(&[], entry(), branch(1, edge(1, &[]), edge(1, &[]))), block(&[], vec![], returns(0))],
            "both sides of a branch go to block1",
        );
        let sides = || [block(&[], vec![(2, none())], jump(3, &[])), block(&[], vec![], jump(3, &[]))];
        let [then, otherwise] = sides();
        check_broken(
            3,
            vec![
                block(&[], entry(), branch(1, edge(1, &[]), edge(2, &[]))),
                then,
                otherwise,
                block(&[], vec![], returns(2)),
            ],
            "v2 does not dominate its use in block3",
        );
        let [then, otherwise] = sides();
        check_broken(
            3,
            vec![
                block(&[], entry(), branch(0, edge(1, &[]), edge(2, &[]))),
                then,
                otherwise,
                block(&[], vec![], returns(0)),
            ],
            "v0 is no condition",
        );
    }
}

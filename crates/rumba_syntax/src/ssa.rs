//! SSA construction after Braun et al. 2013, "Simple and Efficient Construction of SSA Form".
//!
//! Lowering writes and reads variables block by block. A read that finds no definition in its block
//! makes a phi there, whatever the number of predecessors; its operands are looked up once the whole
//! control flow is known (in the paper's words: no block is sealed before the end). So nothing recurses
//! and edges may be added in any order.
//!
//! A block is made for the `try` that it stands in, whose handler is one of its successors and sees the variables as they
//! are where the block begins: lowering begins a new block where it writes one ([`Ssa::must_end_before_write`]).
//!
//! `finish` then, over the reachable blocks only:
//!
//! 1. leads edges past empty blocks, and drops handlers of blocks in which nothing raises;
//! 2. gives every phi its operands;
//! 3. drops each `CheckBound` that no `Undefined` can reach;
//! 4. removes trivial phis, which leaves a minimal number of them, since Python's control flow is reducible;
//! 5. removes phis that nothing reads, which makes the result pruned;
//! 6. joins straight code into one block;
//! 7. turns the phis left into block parameters and renumbers everything in the order of execution.

mod simplify_blocks;

use crate::hir::{Block, BlockData, Edge, Inst, Terminator, Value};
use rumba_source::Span;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A variable of one function: the user's, or one that lowering made (then it has no name).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Variable(u32);

pub(crate) struct Ssa {
    values: Vec<ValueData>,
    blocks: Vec<BlockBuilder>,
    variables: Vec<Option<Arc<str>>>,
    /// Phis whose operands are not yet known.
    incomplete: Vec<Value>,
    /// The handler of blocks that are made from now on.
    pub(crate) handler: Option<Block>,
}

struct ValueData {
    definition: Definition,
    span: Span,
    name: Option<Arc<str>>,
}

enum Definition {
    /// A parameter or a captured value.
    Given,
    Inst(Inst),
    /// One operand for each edge into the block, in the order of `predecessors`.
    Phi {
        block: Block,
        variable: Variable,
        operands: Vec<Value>,
    },
}

#[derive(Default)]
struct BlockBuilder {
    handler: Option<Block>,
    insts: Vec<Value>,
    terminator: Option<(Terminator, Span)>,
    /// What each variable holds at the end of the block, as far as it has been filled.
    definitions: FxHashMap<Variable, Value>,
}

/// The parts of a `hir::Function` that SSA construction makes.
pub(crate) struct Finished {
    pub(crate) blocks: Vec<BlockData>,
    pub(crate) value_spans: Vec<Span>,
    pub(crate) value_names: Vec<Option<Arc<str>>>,
}

pub(crate) const ENTRY: Block = Block(0);

impl Ssa {
    /// A function with an empty entry block.
    pub(crate) fn new() -> Ssa {
        Ssa {
            values: Vec::new(),
            blocks: vec![BlockBuilder::default()],
            variables: Vec::new(),
            incomplete: Vec::new(),
            handler: None,
        }
    }

    pub(crate) fn new_variable(&mut self, name: Option<Arc<str>>) -> Variable {
        self.variables.push(name);
        Variable(self.variables.len() as u32 - 1)
    }

    pub(crate) fn new_block(&mut self) -> Block {
        self.blocks.push(BlockBuilder { handler: self.handler, ..BlockBuilder::default() });
        Block(self.blocks.len() as u32 - 1)
    }

    fn new_value(&mut self, definition: Definition, span: Span, name: Option<Arc<str>>) -> Value {
        self.values.push(ValueData { definition, span, name });
        Value(self.values.len() as u32 - 1)
    }

    /// A parameter or a captured value.
    pub(crate) fn given(&mut self, name: Arc<str>, span: Span) -> Value {
        self.new_value(Definition::Given, span, Some(name))
    }

    pub(crate) fn emit(&mut self, block: Block, inst: Inst, span: Span) -> Value {
        let value = self.new_value(Definition::Inst(inst), span, None);
        self.blocks[block.index()].insts.push(value);
        value
    }

    pub(crate) fn write(&mut self, block: Block, variable: Variable, value: Value) {
        let name = &mut self.values[value.index()].name;
        if name.is_none() {
            *name = self.variables[variable.0 as usize].clone();
        }
        self.blocks[block.index()].definitions.insert(variable, value);
    }

    /// What `variable` holds at the end of `block` as filled so far. `span` is where it is read.
    pub(crate) fn read(&mut self, block: Block, variable: Variable, span: Span) -> Value {
        if let Some(&value) = self.blocks[block.index()].definitions.get(&variable) {
            return value;
        }
        let name = self.variables[variable.0 as usize].clone();
        let value = if block == ENTRY {
            let undefined = Inst::Undefined { name: name.clone().unwrap_or_default() };
            let value = self.new_value(Definition::Inst(undefined), span, name);
            self.blocks[ENTRY.index()].insts.insert(0, value);
            value
        } else {
            let phi = Definition::Phi { block, variable, operands: Vec::new() };
            let value = self.new_value(phi, span, name);
            self.incomplete.push(value);
            value
        };
        self.blocks[block.index()].definitions.insert(variable, value);
        value
    }

    /// Whether a handler might see that a variable is written in the middle of a block. What lowering makes for itself,
    /// no handler reads.
    pub(crate) fn must_end_before_write(&self, block: Block, variable: Variable) -> bool {
        self.has_handler(block)
            && !self.blocks[block.index()].insts.is_empty()
            && self.variables[variable.0 as usize].is_some()
    }

    pub(crate) fn span(&self, value: Value) -> Span {
        self.values[value.index()].span
    }

    pub(crate) fn has_handler(&self, block: Block) -> bool {
        self.blocks[block.index()].handler.is_some()
    }

    /// Whether a value belongs to a variable already, or is a parameter.
    pub(crate) fn has_name(&self, value: Value) -> bool {
        self.values[value.index()].name.is_some()
    }

    /// Whether a value may turn out to be undefined: so say all phis until their operands are known.
    pub(crate) fn may_be_undefined(&self, value: Value) -> bool {
        match &self.values[value.index()].definition {
            Definition::Given => false,
            Definition::Inst(inst) => matches!(inst, Inst::Undefined { .. }),
            Definition::Phi { .. } => true,
        }
    }

    /// Ends a block. A block ends once; code after a `return` goes to a block that nothing reaches.
    pub(crate) fn terminate(&mut self, block: Block, terminator: Terminator, span: Span) {
        let slot = &mut self.blocks[block.index()].terminator;
        debug_assert!(slot.is_none(), "{block} ends twice");
        *slot = Some((terminator, span));
    }

    /// The blocks that execution may come to after leaving `block`, which may be among them.
    pub(crate) fn reachable_after(&self, block: Block) -> Vec<bool> {
        let mut reached = vec![false; self.blocks.len()];
        let mut work = self.successors(block);
        while let Some(block) = work.pop() {
            if !std::mem::replace(&mut reached[block.index()], true) {
                work.extend(self.successors(block));
            }
        }
        reached
    }

    /// The last one is the handler.
    fn successors(&self, block: Block) -> Vec<Block> {
        let data = &self.blocks[block.index()];
        let edges = data.terminator.iter().flat_map(|(terminator, _)| terminator.edges());
        edges.map(|edge| edge.block).chain(data.handler).collect()
    }

    /// Drops the handlers of blocks in which nothing raises. Where a loop begins, an interrupt may.
    fn drop_idle_handlers(&mut self) {
        let order = self.execution_order();
        let mut position = vec![usize::MAX; self.blocks.len()];
        order.iter().enumerate().for_each(|(idx, block)| position[block.index()] = idx);
        let mut is_header = vec![false; self.blocks.len()];
        for block in &order {
            for successor in self.successors(*block) {
                is_header[successor.index()] |= position[successor.index()] <= position[block.index()];
            }
        }
        for block in order {
            let may_raise = |inst: &Value| match &self.values[inst.index()].definition {
                Definition::Inst(inst) => inst.may_raise(),
                _ => false,
            };
            let data = &self.blocks[block.index()];
            let raises = matches!(data.terminator, Some((Terminator::Raise(_) | Terminator::Reraise(_), _)));
            if !raises && !is_header[block.index()] && !data.insts.iter().any(may_raise) {
                self.blocks[block.index()].handler = None;
            }
        }
    }

    /// Reachable blocks in reverse postorder; the first successor and what follows it come first.
    fn execution_order(&self) -> Vec<Block> {
        let mut visited = vec![false; self.blocks.len()];
        let mut postorder = Vec::new();
        visited[ENTRY.index()] = true;
        let mut stack = vec![(ENTRY, self.successors(ENTRY))];
        while let Some((block, rest)) = stack.last_mut() {
            match rest.pop() {
                Some(next) => {
                    if !std::mem::replace(&mut visited[next.index()], true) {
                        let successors = self.successors(next);
                        stack.push((next, successors));
                    }
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

    /// Every block that can be reached must have been ended.
    pub(crate) fn finish(mut self) -> Finished {
        self.skip_empty_blocks();
        if self.blocks.iter().any(|block| block.handler.is_some()) {
            self.drop_idle_handlers();
        }
        let mut order = self.execution_order();
        let mut predecessors = vec![Vec::new(); self.blocks.len()];
        for &block in &order {
            for successor in self.successors(block) {
                predecessors[successor.index()].push(block);
            }
        }
        let is_reachable: Vec<bool> = {
            let mut reachable = vec![false; self.blocks.len()];
            order.iter().for_each(|block| reachable[block.index()] = true);
            reachable
        };

        let phis = self.complete_phis(&predecessors, &is_reachable);
        let mut forwards = Forwards::new(self.values.len());
        self.drop_needless_checks(&order, &phis, &mut forwards);
        self.remove_trivial_phis(&phis, &mut forwards);
        self.apply_forwards(&order, &phis, &forwards);
        let is_live = self.live_values(&order);
        self.join_straight_blocks(&mut order, &mut predecessors, &phis, &is_live);
        self.number(&order, &predecessors, &phis, &is_live)
    }

    /// Gives every phi of a reachable block its operands, and returns those phis.
    fn complete_phis(&mut self, predecessors: &[Vec<Block>], is_reachable: &[bool]) -> Vec<Value> {
        let mut phis = Vec::new();
        // Reading an operand may make further phis.
        while let Some(phi) = self.incomplete.pop() {
            let Definition::Phi { block, variable, .. } = self.values[phi.index()].definition else {
                unreachable!("only phis are incomplete");
            };
            if !is_reachable[block.index()] {
                continue;
            }
            let span = self.values[phi.index()].span;
            let read_in = |ssa: &mut Ssa, predecessor: &Block| ssa.read(*predecessor, variable, span);
            let known: Vec<Value> =
                predecessors[block.index()].iter().map(|block| read_in(self, block)).collect();
            if let Definition::Phi { operands, .. } = &mut self.values[phi.index()].definition {
                *operands = known;
            }
            phis.push(phi);
        }
        phis
    }

    /// Replaces each `CheckBound` that no `Undefined` reaches through phis by what it checks.
    fn drop_needless_checks(&mut self, order: &[Block], phis: &[Value], forwards: &mut Forwards) {
        let mut readers: FxHashMap<Value, Vec<Value>> = FxHashMap::default();
        for &phi in phis {
            for &operand in self.phi_operands(phi) {
                readers.entry(operand).or_default().push(phi);
            }
        }
        let is_undefined =
            |data: &ValueData| matches!(data.definition, Definition::Inst(Inst::Undefined { .. }));
        let mut may_be_undefined: Vec<bool> = self.values.iter().map(is_undefined).collect();
        let indices = (0..self.values.len()).filter(|&idx| may_be_undefined[idx]);
        let mut work: Vec<Value> = indices.map(|idx| Value(idx as u32)).collect();
        while let Some(value) = work.pop() {
            for &reader in readers.get(&value).into_iter().flatten() {
                if !std::mem::replace(&mut may_be_undefined[reader.index()], true) {
                    work.push(reader);
                }
            }
        }
        for &block in order {
            let values = &self.values;
            self.blocks[block.index()].insts.retain(|&inst| {
                let Definition::Inst(Inst::CheckBound { value, .. }) = values[inst.index()].definition else {
                    return true;
                };
                if !may_be_undefined[value.index()] {
                    forwards.set(inst, value);
                }
                may_be_undefined[value.index()]
            });
        }
    }

    /// A phi is trivial if all its operands are one value, or itself.
    fn remove_trivial_phis(&self, phis: &[Value], forwards: &mut Forwards) {
        let mut candidates = phis.to_vec();
        loop {
            let before = candidates.len();
            // Later phis were made while looking up operands of earlier ones: operands first.
            candidates = candidates.into_iter().rev().collect();
            candidates.retain(|&phi| {
                let mut only = None;
                for &operand in self.phi_operands(phi) {
                    let operand = forwards.get(operand);
                    if operand == phi || only == Some(operand) {
                        continue;
                    }
                    if only.is_some() {
                        return true;
                    }
                    only = Some(operand);
                }
                if let Some(only) = only {
                    forwards.set(phi, only);
                }
                only.is_none()
            });
            if candidates.len() == before {
                return;
            }
        }
    }

    fn apply_forwards(&mut self, order: &[Block], phis: &[Value], forwards: &Forwards) {
        let mut redirect = |value: &mut Value| *value = forwards.get(*value);
        for &phi in phis {
            if let Definition::Phi { operands, .. } = &mut self.values[phi.index()].definition {
                operands.iter_mut().for_each(&mut redirect);
            }
        }
        for &block in order {
            let block = &mut self.blocks[block.index()];
            for inst in &block.insts {
                if let Definition::Inst(inst) = &mut self.values[inst.index()].definition {
                    inst.for_each_operand_mut(&mut redirect);
                }
            }
            if let Some((terminator, _)) = &mut block.terminator {
                terminator.for_each_operand_mut(&mut redirect);
            }
        }
        // A forwarded phi must not become a block parameter.
        for &phi in phis {
            if forwards.get(phi) != phi
                && let Definition::Phi { operands, .. } = &mut self.values[phi.index()].definition
            {
                operands.clear();
            }
        }
    }

    /// The values that some instruction or terminator reads, itself or through phis. Instructions stay
    /// whether or not they are read, but for `Undefined`.
    fn live_values(&mut self, order: &[Block]) -> Vec<bool> {
        let mut work = Vec::new();
        for &block in order {
            let block = &self.blocks[block.index()];
            for inst in &block.insts {
                if let Definition::Inst(inst) = &self.values[inst.index()].definition {
                    work.extend(inst.operands());
                }
            }
            if let Some((terminator, _)) = &block.terminator {
                work.extend(terminator.operands());
            }
        }
        let mut is_live = vec![false; self.values.len()];
        while let Some(value) = work.pop() {
            if !std::mem::replace(&mut is_live[value.index()], true) {
                work.extend(self.phi_operands(value));
            }
        }
        for &block in order {
            let values = &self.values;
            self.blocks[block.index()].insts.retain(|inst| {
                let is_undefined =
                    matches!(values[inst.index()].definition, Definition::Inst(Inst::Undefined { .. }));
                is_live[inst.index()] || !is_undefined
            });
        }
        is_live
    }

    fn phi_operands(&self, value: Value) -> &[Value] {
        match &self.values[value.index()].definition {
            Definition::Phi { operands, .. } => operands,
            _ => &[],
        }
    }

    /// Writes down the result with dense numbers in the order of execution.
    fn number(
        mut self,
        order: &[Block],
        predecessors: &[Vec<Block>],
        phis: &[Value],
        is_live: &[bool],
    ) -> Finished {
        let mut block_phis: FxHashMap<Block, Vec<Value>> = FxHashMap::default();
        for &phi in phis {
            if let Some(block) = self.is_block_parameter(phi, is_live) {
                block_phis.entry(block).or_default().push(phi);
            }
        }
        // In the order in which the program first asked for them.
        block_phis.values_mut().for_each(|phis| phis.sort_unstable());

        let mut numbering = Numbering { new: vec![None; self.values.len()], n_values: 0 };
        let mut finished = Finished { blocks: Vec::new(), value_spans: Vec::new(), value_names: Vec::new() };
        let given = (0..self.values.len() as u32)
            .map(Value)
            .filter(|value| matches!(self.values[value.index()].definition, Definition::Given));
        let in_blocks = order.iter().flat_map(|block| {
            let phis = block_phis.get(block).into_iter().flatten();
            phis.chain(&self.blocks[block.index()].insts).copied()
        });
        for value in given.chain(in_blocks) {
            numbering.define(value);
            let data = &self.values[value.index()];
            finished.value_spans.push(data.span);
            finished.value_names.push(data.name.clone());
        }

        let mut new_blocks: FxHashMap<Block, Block> = FxHashMap::default();
        for (idx, &block) in order.iter().enumerate() {
            new_blocks.insert(block, Block(idx as u32));
        }
        let edge = |ssa: &Ssa, from: Block, to: Block| {
            let from_idx = predecessors[to.index()].iter().position(|&block| block == from);
            let from_idx = from_idx.expect("an edge makes a predecessor");
            let phis = block_phis.get(&to).into_iter().flatten();
            let args = phis.map(|&phi| numbering.get(ssa.phi_operands(phi)[from_idx])).collect();
            Edge { block: new_blocks[&to], args }
        };
        for &block in order {
            let (terminator, terminator_span) =
                self.blocks[block.index()].terminator.take().expect("a reachable block has been ended");
            let mut terminator = match terminator {
                Terminator::Jump(to) => Terminator::Jump(edge(&self, block, to.block)),
                Terminator::Branch { condition, then, otherwise } => Terminator::Branch {
                    condition,
                    then: edge(&self, block, then.block),
                    otherwise: edge(&self, block, otherwise.block),
                },
                Terminator::Yield { value, resume } => {
                    Terminator::Yield { value, resume: edge(&self, block, resume.block) }
                }
                Terminator::Return(_) | Terminator::Raise(_) | Terminator::Reraise(_) => terminator,
            };
            terminator.for_each_operand_mut(&mut |value| *value = numbering.get(*value));
            let handler = self.blocks[block.index()].handler.map(|handler| edge(&self, block, handler));
            let insts = std::mem::take(&mut self.blocks[block.index()].insts);
            let insts = insts.into_iter().map(|value| {
                let definition = &mut self.values[value.index()].definition;
                let Definition::Inst(inst) = std::mem::replace(definition, Definition::Given) else {
                    unreachable!("a block lists instructions");
                };
                let mut inst = inst;
                inst.for_each_operand_mut(&mut |value| *value = numbering.get(*value));
                (numbering.get(value), inst)
            });
            let insts = insts.collect();
            let phis = block_phis.get(&block).into_iter().flatten();
            let params = phis.map(|&phi| numbering.get(phi)).collect();
            finished.blocks.push(BlockData { params, handler, insts, terminator, terminator_span });
        }
        finished
    }
}

/// What each value was replaced by.
struct Forwards(Vec<Value>);

impl Forwards {
    fn new(n_values: usize) -> Forwards {
        Forwards((0..n_values as u32).map(Value).collect())
    }

    fn get(&self, mut value: Value) -> Value {
        while self.0[value.index()] != value {
            value = self.0[value.index()];
        }
        value
    }

    fn set(&mut self, from: Value, to: Value) {
        let to = self.get(to);
        debug_assert!(from != to, "{from} would replace itself");
        self.0[from.index()] = to;
    }
}

struct Numbering {
    new: Vec<Option<Value>>,
    n_values: u32,
}

impl Numbering {
    fn define(&mut self, value: Value) {
        self.new[value.index()] = Some(Value(self.n_values));
        self.n_values += 1;
    }

    fn get(&self, value: Value) -> Value {
        self.new[value.index()].expect("what is read has been defined in a reachable block")
    }
}

//! Copies the bodies of small functions to where they are called, and drops functions that are then
//! called from nowhere.
//!
//! LLVM never optimises an instance again inside of a caller, so this is the only inlining of user code.
//! A body is small when it costs no more than [`LIMIT`], has no loops and does not call itself.
//! A copied site remembers the call that it replaces (`Site::caller`): a traceback shows both frames.

use crate::call_graph::CallGraph;
use crate::pipeline::BatchContext;
use rumba_ir::analysis::{Dominators, Loops};
use rumba_ir::{Block, BlockData, Edge, Function, InstanceId, Instruction, Op, SiteId, Terminator, Value};
use rustc_hash::FxHashMap;

/// What the body of an inlined function may cost, in operations.
const LIMIT: u32 = 30;

/// A function of more instructions takes no more bodies in.
const MAX_CALLER_SIZE: usize = 4000;

pub fn run(functions: &mut Vec<Function>, context: &BatchContext<'_>) {
    if functions.len() < 2 {
        return;
    }
    let graph = CallGraph::of(functions);
    let mut inlinable = vec![false; functions.len()];
    for idx in graph.bottom_up.iter().copied() {
        let caller_id = functions[idx].id;
        let is_small_call = |op: &Op| match op {
            Op::Call { callee, .. } => {
                let position = graph.position.get(callee).copied()?;
                (inlinable[position] && (context.may_inline)(caller_id, *callee)).then_some(position)
            }
            _ => None,
        };
        // The caller stands outside of the batch meanwhile: it never inlines itself.
        let placeholder = Function::new(InstanceId(u32::MAX), "", &[], rumba_types::Type::none());
        let mut caller = std::mem::replace(&mut functions[idx], placeholder);
        inline_calls(&mut caller, functions, is_small_call);
        inlinable[idx] = !graph.is_recursive[idx] && is_small(&caller);
        functions[idx] = caller;
    }
    drop_uncalled(functions, context.entries);
}

fn is_small(function: &Function) -> bool {
    let instructions = function.blocks.iter().flat_map(|block| &block.instructions);
    let mut budget = LIMIT;
    for instruction in instructions {
        let Some(rest) = budget.checked_sub(cost(&instruction.op)) else { return false };
        budget = rest;
    }
    // Looked at last: costs more.
    Loops::of(function, &Dominators::of(function)).is_empty()
}

fn cost(op: &Op) -> u32 {
    match op {
        Op::Const(_) | Op::Make(_) | Op::Field { .. } | Op::Reinterpret(_) => 0,
        Op::Unary { .. }
        | Op::Binary { .. }
        | Op::Compare { .. }
        | Op::Select { .. }
        | Op::Convert(_)
        | Op::Load { .. }
        | Op::Store { .. }
        | Op::Offset { .. }
        | Op::RaiseUnless { .. }
        | Op::CheckStack
        | Op::Poll
        | Op::Retain(_)
        | Op::Release(_) => 1,
        Op::Own(_) => 1,
        // What a frame owns is released at its end, not at the end of a function that it became a part of.
        Op::Cell(_) => LIMIT + 1,
        Op::Pack(_) | Op::Call { .. } | Op::CallRuntime { .. } => 5,
        Op::CallHost { .. } => 10,
    }
}

fn inline_calls(caller: &mut Function, batch: &[Function], callee_of: impl Fn(&Op) -> Option<usize>) {
    let mut size: usize = caller.blocks.iter().map(|block| block.instructions.len()).sum();
    for block in caller.block_ids() {
        // From the last call to the first, so that every instruction moves once.
        for idx in (0..caller.block(block).instructions.len()).rev() {
            let Some(callee) = callee_of(&caller.block(block).instructions[idx].op) else { continue };
            let callee = &batch[callee];
            size += callee.blocks.iter().map(|block| block.instructions.len()).sum::<usize>();
            if size > MAX_CALLER_SIZE {
                return;
            }
            inline_call(caller, block, idx, callee);
        }
    }
}

/// Replaces the call at a position by the callee's blocks; what follows the call goes to a new block, whose
/// parameter is the result.
fn inline_call(caller: &mut Function, block: Block, idx: usize, callee: &Function) {
    let after = caller.add_block();
    let data = caller.block_mut(block);
    let rest = data.instructions.split_off(idx + 1);
    let call = data.instructions.pop().expect("the call stands before what follows it");
    let terminator = std::mem::replace(&mut data.terminator, Terminator::Unreachable);
    *caller.block_mut(after) = BlockData { params: vec![call.result], instructions: rest, terminator };

    let Op::Call { args, .. } = call.op else { unreachable!("only calls are inlined") };
    let first_block = caller.blocks.len() as u32;
    let mut copy = Copy {
        values: vec![None; callee.values.len()],
        sites: FxHashMap::default(),
        first_block,
        after,
        call_site: call.site.expect("calls name a site"),
        caller,
        callee,
    };
    for (param, arg) in callee.params().iter().zip(args) {
        copy.values[param.index()] = Some(arg);
    }
    for callee_block in callee.block_ids() {
        let copied = copy.block(callee_block);
        copy.caller.blocks.push(copied);
    }
    let entry = Edge { block: Block(first_block), args: Vec::new() };
    caller.block_mut(block).terminator = Terminator::Jump(entry);
}

struct Copy<'a> {
    caller: &'a mut Function,
    callee: &'a Function,
    values: Vec<Option<Value>>,
    sites: FxHashMap<SiteId, SiteId>,
    first_block: u32,
    after: Block,
    call_site: SiteId,
}

impl Copy<'_> {
    fn value(&mut self, value: Value) -> Value {
        if let Some(copied) = self.values[value.index()] {
            return copied;
        }
        let copied = self.caller.add_value(self.callee.ty(value));
        self.values[value.index()] = Some(copied);
        copied
    }

    fn all_values(&mut self, values: &[Value]) -> Vec<Value> {
        values.iter().map(|value| self.value(*value)).collect()
    }

    fn site(&mut self, site: SiteId) -> SiteId {
        if let Some(copied) = self.sites.get(&site) {
            return *copied;
        }
        let mut copied = self.callee.sites[site.index()].clone();
        copied.caller = Some(match copied.caller {
            Some(outer) => self.site(outer),
            None => self.call_site,
        });
        let copied = self.caller.add_site(copied);
        self.sites.insert(site, copied);
        copied
    }

    fn block(&mut self, block: Block) -> BlockData {
        let callee = self.callee;
        let data = callee.block(block);
        let params = if block == callee.entry() { Vec::new() } else { self.all_values(&data.params) };
        let instructions =
            data.instructions.iter().map(|instruction| self.instruction(instruction)).collect();
        let terminator = match &data.terminator {
            Terminator::Jump(edge) => Terminator::Jump(self.edge(edge)),
            Terminator::Branch { condition, then, otherwise } => Terminator::Branch {
                condition: self.value(*condition),
                then: self.edge(then),
                otherwise: self.edge(otherwise),
            },
            Terminator::Return(value) => {
                Terminator::Jump(Edge { block: self.after, args: vec![self.value(*value)] })
            }
            Terminator::Raise { site, args, cleanup } => Terminator::Raise {
                site: self.site(*site),
                args: self.all_values(args),
                cleanup: self.all_values(cleanup),
            },
            Terminator::Unreachable => Terminator::Unreachable,
        };
        BlockData { params, instructions, terminator }
    }

    fn instruction(&mut self, instruction: &Instruction) -> Instruction {
        let mut op = instruction.op.clone();
        op.operands_mut(|value| *value = self.value(*value));
        Instruction {
            result: self.value(instruction.result),
            op,
            site: instruction.site.map(|site| self.site(site)),
            cleanup: self.all_values(&instruction.cleanup),
        }
    }

    fn edge(&mut self, edge: &Edge) -> Edge {
        Edge { block: Block(self.first_block + edge.block.0), args: self.all_values(&edge.args) }
    }
}

/// Drops the functions that no entry comes to call.
fn drop_uncalled(functions: &mut Vec<Function>, entries: &[InstanceId]) {
    let graph = CallGraph::of(functions);
    let mut called: Vec<bool> = functions.iter().map(|function| entries.contains(&function.id)).collect();
    let mut pending: Vec<usize> = (0..functions.len()).filter(|idx| called[*idx]).collect();
    while let Some(caller) = pending.pop() {
        for callee in &graph.callees[caller] {
            if !std::mem::replace(&mut called[*callee], true) {
                pending.push(*callee);
            }
        }
    }
    let mut called = called.into_iter();
    functions.retain(|_| called.next() == Some(true));
}

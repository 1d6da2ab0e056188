//! Splits block parameters of composite types into their scalars (and what has an owner, which stays
//! whole: arrays, records, random generators).
//!
//! ```python
//! for i, x in enumerate(values):   # one iterator: (count, (values, position))
//! ```
//! becomes a loop over the parameters `count`, `values` and `position`. Afterwards `values` is seen to be
//! the same on every edge, and `position` to be counted; parameters without run-time representation vanish.

use rumba_ir::analysis::Dominators;
use rumba_ir::{Block, BlockData, Edge, Function, Instruction, Op, Value};
use rumba_types::Type;
use rustc_hash::FxHashMap;

/// The fields to split a value of this type into; `None` for what stays whole.
fn parts(ty: Type) -> Option<Vec<Type>> {
    if ty.owner_field().is_some() { None } else { ty.fields() }
}

pub fn run(function: &mut Function) {
    let is_split: Vec<bool> = function
        .block_ids()
        .map(|block| {
            let params = &function.block(block).params;
            block != function.entry() && params.iter().any(|param| parts(function.ty(*param)).is_some())
        })
        .collect();
    if !is_split.contains(&true) {
        return;
    }
    for block in function.block_ids() {
        split_arguments(function, block, &is_split);
    }
    let mut put_together = FxHashMap::default();
    for block in function.block_ids().filter(|block| is_split[block.index()]) {
        split_params(function, block, &mut put_together);
    }
    if !put_together.is_empty() {
        put_together_for_handlers(function, &put_together);
    }
}

/// Parameters of a block with a handler are known in the handler, what its instructions put together is not: it is put
/// together there once more.
fn put_together_for_handlers(function: &mut Function, put_together: &PutTogether) {
    let dominators = Dominators::of(function);
    for block in function.block_ids() {
        let mut wanted: Vec<Value> = Vec::new();
        let mut look_at = |value: Value| {
            let is_unknown = |(made_in, _): &(Block, Vec<Instruction>)| {
                *made_in != block && !dominators.instructions_dominate(*made_in, block)
            };
            if put_together.get(&value).is_some_and(is_unknown) && !wanted.contains(&value) {
                wanted.push(value);
            }
        };
        let data = function.block(block);
        data.instructions.iter().for_each(|instruction| instruction.op.operands(&mut look_at));
        data.edge_operands(&mut look_at);
        for value in wanted {
            let mut head = Vec::new();
            let mut known: FxHashMap<Value, Value> = FxHashMap::default();
            for mut instruction in put_together[&value].1.clone() {
                instruction
                    .op
                    .operands_mut(|operand| *operand = known.get(operand).copied().unwrap_or(*operand));
                let result = function.add_value(function.ty(instruction.result));
                known.insert(instruction.result, result);
                head.push(Instruction { result, ..instruction });
            }
            let replace = |operand: &mut Value| {
                if *operand == value {
                    *operand = known[&value];
                }
            };
            let data = function.block_mut(block);
            data.instructions.iter_mut().for_each(|instruction| instruction.op.operands_mut(replace));
            data.edge_operands_mut(replace);
            data.instructions.splice(0..0, head);
        }
    }
}

/// By parameter of a block with a handler: the block, and the instructions that put it together from its parts.
type PutTogether = FxHashMap<Value, (Block, Vec<Instruction>)>;

fn split_arguments(function: &mut Function, block: Block, is_split: &[bool]) {
    let mut instructions = Vec::new();
    let mut terminator = function.block(block).terminator.clone();
    for edge in terminator.edges_mut() {
        split_edge(function, edge, is_split, &mut instructions);
    }
    let mut before = Vec::new();
    let mut handler = function.block(block).handler.clone();
    if let Some(handler) = &mut handler {
        split_edge(function, handler, is_split, &mut before);
    }
    let data = function.block_mut(block);
    data.instructions.append(&mut instructions);
    data.terminator = terminator;
    let position = data.first_to_raise();
    data.instructions.splice(position..position, before);
    data.handler = handler;
}

fn split_edge(function: &mut Function, edge: &mut Edge, is_split: &[bool], into: &mut Vec<Instruction>) {
    if is_split[edge.block.index()] {
        let mut leaves = Vec::new();
        for arg in &edge.args {
            take_apart(function, *arg, into, &mut leaves);
        }
        edge.args = leaves;
    }
}

fn take_apart(function: &mut Function, value: Value, into: &mut Vec<Instruction>, leaves: &mut Vec<Value>) {
    let Some(fields) = parts(function.ty(value)) else {
        leaves.push(value);
        return;
    };
    for (index, field) in fields.into_iter().enumerate() {
        let result = function.add_value(field);
        let op = Op::Field { value, index: index as u32 };
        into.push(Instruction { result, op, site: None, cleanup: Vec::new() });
        take_apart(function, result, into, leaves);
    }
}

fn split_params(function: &mut Function, block: Block, known_in_handler: &mut PutTogether) {
    let BlockData { params, instructions, .. } = function.block_mut(block);
    let (old_params, mut rest) = (std::mem::take(params), std::mem::take(instructions));
    let mut head = Vec::new();
    let mut leaves = Vec::new();
    let has_handler = function.block(block).handler.is_some();
    for param in old_params {
        let n_before = head.len();
        put_together(function, param, &mut head, &mut leaves);
        if has_handler && head.len() > n_before {
            known_in_handler.insert(param, (block, head[n_before..].to_vec()));
        }
    }
    head.append(&mut rest);
    let data = function.block_mut(block);
    data.params = leaves;
    data.instructions = head;
}

/// Defines `value` from new parameters.
fn put_together(function: &mut Function, value: Value, into: &mut Vec<Instruction>, leaves: &mut Vec<Value>) {
    let Some(fields) = parts(function.ty(value)) else {
        leaves.push(value);
        return;
    };
    let mut values = Vec::with_capacity(fields.len());
    for field in fields {
        let part = function.add_value(field);
        put_together(function, part, into, leaves);
        values.push(part);
    }
    into.push(Instruction { result: value, op: Op::Make(values), site: None, cleanup: Vec::new() });
}

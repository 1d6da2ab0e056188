//! Takes fields of values that were just made from where they were made from, across blocks.

use crate::replacements::Replacements;
use rumba_ir::{Function, Op, Value};

pub fn run(function: &mut Function) {
    // The operands of each `Make`, all in one vector.
    let mut operands: Vec<Value> = Vec::new();
    let mut made: Vec<Option<usize>> = vec![None; function.values.len()];
    for instruction in function.blocks.iter().flat_map(|block| &block.instructions) {
        if let Op::Make(fields) = &instruction.op {
            made[instruction.result.index()] = Some(operands.len());
            operands.extend(fields);
        }
    }
    if operands.is_empty() {
        return;
    }
    let mut replacements = Replacements::new(function);
    let fields: Vec<(Value, Value, u32)> = function
        .blocks
        .iter()
        .flat_map(|block| &block.instructions)
        .filter_map(|instruction| match instruction.op {
            Op::Field { value, index } => Some((instruction.result, value, index)),
            _ => None,
        })
        .collect();
    // A field of a field is resolved by the next round; rounds are as many as composites are deep,
    // unless blocks stand in another order than they are executed.
    let mut pending = fields;
    loop {
        let n_before = pending.len();
        pending.retain(|(result, value, index)| {
            let value = replacements.resolve(*value);
            let Some(start) = made.get(value.index()).copied().flatten() else { return true };
            replacements.replace(*result, operands[start + *index as usize]);
            false
        });
        if pending.len() == n_before {
            break;
        }
    }
    replacements.apply(function);
}

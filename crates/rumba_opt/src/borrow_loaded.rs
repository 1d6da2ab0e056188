//! Borrows what is read from memory where nothing can give it up before its last use, instead of counting a reference.
//!
//! ```python
//! for i in range(n):
//!     self.position[i] += 1.0   # the array of the field is used here and nowhere else
//! ```
//! Memory may change while a value that was read from it is in use, so that reading counts (`Own`). Between the reading and
//! a last use in the same block it does not, unless something is called there, an address is stored, or a reference is given
//! up. What keeps the memory alive also keeps alive what is derived from it, as long as that is used (`insert_ownership`).

use crate::replacements::Replacements;
use rumba_ir::{Effects, Function, Op, Value};
use rumba_types::Type;

pub fn run(function: &mut Function) {
    let owns = |op: &Op| matches!(op, Op::Own(_));
    if !function.blocks.iter().any(|block| block.instructions.iter().any(|instruction| owns(&instruction.op)))
    {
        return;
    }
    let outside = used_outside(function);
    let mut replacements = Replacements::new(function);
    let mut borrowed = vec![false; function.values.len()];
    for block in &function.blocks {
        for (position, instruction) in block.instructions.iter().enumerate() {
            let Op::Own(value) = instruction.op else { continue };
            let rest = &block.instructions[position + 1..];
            let mut derived = vec![instruction.result];
            let mut may_end = false;
            let fits = rest.iter().all(|next| {
                let mut uses = false;
                next.op.operands(|operand| uses |= derived.contains(&operand));
                may_end |= may_give_up(function, &next.op);
                if uses && has_addresses(function.ty(next.result)) {
                    derived.push(next.result);
                }
                !uses || !may_end
            });
            if fits && derived.iter().all(|value| !outside[value.index()]) {
                borrowed[instruction.result.index()] = true;
                replacements.replace(instruction.result, value);
            }
        }
    }
    for block in &mut function.blocks {
        block.instructions.retain(|instruction| !borrowed[instruction.result.index()]);
    }
    replacements.apply(function);
}

fn has_addresses(ty: Type) -> bool {
    ty.scalars().contains(&Type::pointer())
}

/// Whether executing this may end a reference that memory has.
fn may_give_up(function: &Function, op: &Op) -> bool {
    match op {
        Op::CallRuntime { function, .. } => function.effects == Effects::Any,
        Op::Store { value, .. } => has_addresses(function.ty(*value)),
        Op::Call { .. }
        | Op::CallHost { .. }
        | Op::Elementwise { .. }
        | Op::Reduce { .. }
        | Op::Poll
        | Op::Cell(_)
        | Op::Adopt(_)
        | Op::Release(_) => true,
        Op::Const(_)
        | Op::Make(_)
        | Op::Field { .. }
        | Op::Unary { .. }
        | Op::Binary { .. }
        | Op::Compare { .. }
        | Op::Select { .. }
        | Op::Convert(_)
        | Op::Reinterpret(_)
        | Op::Load { .. }
        | Op::Offset { .. }
        | Op::Pack(_)
        | Op::StackMemory { .. }
        | Op::Data(_)
        | Op::EntryAddress(_)
        | Op::GeneratorSize(_)
        | Op::RaiseUnless { .. }
        | Op::CheckStack
        | Op::Own(_)
        | Op::Retain(_) => false,
    }
}

/// The values that ends of blocks use, or blocks other than their own.
fn used_outside(function: &Function) -> Vec<bool> {
    let mut block_of = vec![usize::MAX; function.values.len()];
    for (idx, block) in function.blocks.iter().enumerate() {
        block.instructions.iter().for_each(|instruction| block_of[instruction.result.index()] = idx);
    }
    let mut outside = vec![false; function.values.len()];
    for (idx, block) in function.blocks.iter().enumerate() {
        for instruction in &block.instructions {
            instruction.op.operands(|value| outside[value.index()] |= block_of[value.index()] != idx);
        }
        block.edge_operands(|value: Value| outside[value.index()] = true);
    }
    outside
}

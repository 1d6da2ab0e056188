//! Computes a temporary array where it is used, instead of storing it.
//!
//! ```python
//! t = a * b            # elementwise body0(a, b) into fresh (t)
//! s = (t + c).sum()    # elementwise body1(t, c) into fresh (u); reduce sum body2(u)
//! ```
//! becomes one reduction over `a`, `b` and `c`, whatever the variables are called.
//!
//! A temporary is memory allocated here, that one operation writes as a whole, and one later operation of the same
//! block reads as a whole; nothing in between may change what the first one read. It is computed once per element of
//! the second operation, so nothing expensive is fused into what it broadcasts to.

use crate::arrays::Definitions;
use crate::copy_blocks::copy_blocks;
use rumba_ir::{Block, BodyId, Effects, Function, Instruction, Op, Scalar, Value};
use rumba_types::Type;
use rumba_types::layout::array_field;

/// Bodies of more operations are not joined any further.
const MAX_BODY: usize = 400;

/// A body of more operations costs more than reading what it computed.
const CHEAP: usize = 4;

pub fn run(function: &mut Function) {
    if function.bodies.len() < 2 {
        return;
    }
    let definitions = Definitions::of(function);
    let mut uses = Uses::of(function);
    for block in function.block_ids() {
        let mut idx = 0;
        while idx < function.block(block).instructions.len() {
            while let Some((producer, allocation)) = find_producer(function, &definitions, &uses, block, idx)
            {
                fuse(function, &definitions, block, producer, idx);
                function.block_mut(block).instructions.remove(producer);
                idx -= 1;
                if forget_allocation(function, allocation) == Some(block) {
                    idx += 1;
                }
                uses = Uses::of(function);
            }
            idx += 1;
        }
    }
}

/// Nothing uses the memory any more: its address becomes null, and what was made of it dead code. Gives the block that now
/// begins with one more instruction.
fn forget_allocation(function: &mut Function, allocation: Value) -> Option<Block> {
    let is_it = |instruction: &Instruction| instruction.result == allocation;
    let block = function.block_ids().find(|block| function.block(*block).instructions.iter().any(is_it))?;
    let null = function.add_value(Type::pointer());
    let instructions = &mut function.block_mut(block).instructions;
    for instruction in instructions.iter_mut().filter(|instruction| is_it(instruction)) {
        (instruction.op, instruction.site) = (Op::Make(vec![null, null]), None);
    }
    let op = Op::Const(Scalar::Address(0));
    instructions.insert(0, Instruction { result: null, op, site: None, cleanup: Vec::new() });
    Some(block)
}

/// How often each value is used.
struct Uses(Vec<u32>);

impl Uses {
    fn of(function: &Function) -> Uses {
        let mut counts = vec![0; function.values.len()];
        for block in &function.blocks {
            for instruction in &block.instructions {
                instruction.op.operands(|value| counts[value.index()] += 1);
            }
            block.edge_operands(|value| counts[value.index()] += 1);
        }
        Uses(counts)
    }

    fn count(&self, value: Value) -> u32 {
        self.0[value.index()]
    }
}

fn inputs_of(op: &Op) -> Option<(&[Value], BodyId)> {
    match op {
        Op::Elementwise { body, inputs, .. } | Op::Reduce { body, inputs, .. } => Some((inputs, *body)),
        _ => None,
    }
}

/// The operation of the same block that computes an input of the one at `consumer` and can be fused into it, and the
/// allocation of what it computes.
fn find_producer(
    function: &Function,
    definitions: &Definitions,
    uses: &Uses,
    block: Block,
    consumer: usize,
) -> Option<(usize, Value)> {
    let instructions = &function.block(block).instructions;
    let (inputs, body) = inputs_of(&instructions[consumer].op)?;
    if size(function, body) > MAX_BODY {
        return None;
    }
    inputs.iter().find_map(|input| {
        let allocation = definitions.allocation(function, *input)?;
        let producer = instructions[..consumer].iter().rposition(|instruction| {
            matches!(&instruction.op, Op::Elementwise { targets, fresh: true, .. }
                if targets.len() == 1 && definitions.allocation(function, targets[0]) == Some(allocation))
        })?;
        let Op::Elementwise { body: produced, targets, inputs: read, .. } = &instructions[producer].op else {
            unreachable!("producers are elementwise")
        };
        let is_whole = definitions.same(*input, targets[0]);
        let fits = is_whole
            && size(function, *produced) <= MAX_BODY
            && !can_raise(function, *produced)
            && is_only_for(
                function,
                definitions,
                uses,
                allocation,
                &instructions[producer],
                &instructions[consumer],
            )
            && instructions[producer + 1..consumer]
                .iter()
                .all(|between| !may_change(function, definitions, between, read))
            && (has_all_elements(function, definitions, *input, &instructions[consumer].op)
                || size(function, *produced) <= CHEAP);
        fits.then_some((producer, allocation))
    })
}

fn size(function: &Function, body: BodyId) -> usize {
    function.bodies[body.index()].blocks.iter().map(|block| block.instructions.len()).sum()
}

fn can_raise(function: &Function, body: BodyId) -> bool {
    function.bodies[body.index()].blocks.iter().any(|block| {
        matches!(block.terminator, rumba_ir::Terminator::Raise { .. })
            || block.instructions.iter().any(|instruction| instruction.op.can_raise())
    })
}

/// Whether nothing but these two operations uses the memory of an allocation.
fn is_only_for(
    function: &Function,
    definitions: &Definitions,
    uses: &Uses,
    allocation: Value,
    producer: &Instruction,
    consumer: &Instruction,
) -> bool {
    let mut used = 0;
    let mut arrays = 0;
    let mut visit = |value: Value| {
        if definitions.allocation(function, value) == Some(allocation) {
            used += 1;
        }
    };
    producer.op.operands(&mut visit);
    consumer.op.operands(&mut visit);
    for instruction in function.blocks.iter().flat_map(|block| &block.instructions) {
        match &instruction.op {
            // Owner and data, for the arrays that are made of it.
            Op::Field { value, .. } if *value == allocation => {
                let makes = |i: &Instruction| match &i.op {
                    Op::Make(fields) if definitions.allocation(function, i.result) == Some(allocation) => {
                        fields.iter().filter(|field| **field == instruction.result).count() as u32
                    }
                    _ => 0,
                };
                let all =
                    function.blocks.iter().flat_map(|block| &block.instructions).map(makes).sum::<u32>();
                if all != uses.count(instruction.result) {
                    return false;
                }
            }
            Op::Make(_) if definitions.allocation(function, instruction.result) == Some(allocation) => {
                arrays += uses.count(instruction.result);
            }
            // Extents that are taken of it count for nothing.
            Op::Field { value, index }
                if *index as usize >= array_field::FIRST_EXTENT
                    && definitions.allocation(function, *value) == Some(allocation) =>
            {
                return false;
            }
            _ => {}
        }
    }
    arrays == used
}

/// Whether an instruction may write memory that one of `read` refers to.
fn may_change(function: &Function, definitions: &Definitions, between: &Instruction, read: &[Value]) -> bool {
    let reads_array = read.iter().any(|value| function.ty(*value).as_array().is_some());
    match &between.op {
        Op::Elementwise { fresh: true, targets, .. } => {
            // Fresh memory is no one else's, unless the producer reads it.
            let written = |target: &Value| definitions.allocation(function, *target);
            targets.iter().any(|target| {
                written(target).is_none()
                    || read.iter().any(|value| definitions.allocation(function, *value) == written(target))
            })
        }
        Op::CallRuntime { function, .. } => reads_array && function.effects == Effects::Any,
        Op::Store { .. }
        | Op::Elementwise { .. }
        | Op::Call { .. }
        | Op::CallHost { .. }
        | Op::Poll
        | Op::Reduce { .. } => reads_array && !matches!(between.op, Op::Reduce { .. }),
        _ => false,
    }
}

/// Whether the operation has one element per element of its input: it does not broadcast it, as far as one can tell.
fn has_all_elements(function: &Function, definitions: &Definitions, input: Value, op: &Op) -> bool {
    let shape: Vec<Value> = match op {
        Op::Elementwise { targets, .. } => {
            let ndim = function.ty(targets[0]).as_array().map_or(0, |array| usize::from(array.ndim));
            match definitions.fields(targets[0]) {
                Some(fields) => fields[array_field::FIRST_EXTENT..][..ndim].to_vec(),
                None => return true,
            }
        }
        Op::Reduce { extents, .. } => extents.clone(),
        _ => unreachable!("only operations on whole arrays are fused"),
    };
    let Some(fields) = definitions.fields(input) else { return true };
    let ndim = function.ty(input).as_array().map_or(0, |array| usize::from(array.ndim));
    let extents = &fields[array_field::FIRST_EXTENT..][..ndim];
    let broadcasts = |(own, extent): (&Value, &Value)| {
        definitions.const_int(*own) == Some(1) && definitions.const_int(*extent) != Some(1)
    };
    ndim == shape.len() && !extents.iter().zip(&shape).any(broadcasts)
}

/// Makes the consumer compute what the producer did. Neither is removed.
fn fuse(function: &mut Function, definitions: &Definitions, block: Block, producer: usize, consumer: usize) {
    let instructions = &function.block(block).instructions;
    let Op::Elementwise { body: first, inputs: read, targets, .. } = instructions[producer].op.clone() else {
        unreachable!("producers are elementwise")
    };
    let (consumed, second) = inputs_of(&instructions[consumer].op).expect("consumers have inputs");
    let is_temporary: Vec<bool> = consumed.iter().map(|input| definitions.same(*input, targets[0])).collect();

    // Inputs of both, each once.
    let mut inputs: Vec<Value> = Vec::new();
    let mut position = |value: Value| {
        inputs.iter().position(|input| *input == value).unwrap_or_else(|| {
            inputs.push(value);
            inputs.len() - 1
        })
    };
    let read_positions: Vec<usize> = read.iter().map(|value| position(*value)).collect();
    let consumed_positions: Vec<Option<usize>> = consumed
        .iter()
        .zip(&is_temporary)
        .map(|(value, is_temporary)| (!is_temporary).then(|| position(*value)))
        .collect();

    let (first, second) = (&function.bodies[first.index()], &function.bodies[second.index()]);
    let element = |value: &Value| {
        let ty = function.ty(*value);
        ty.as_array().map_or(ty, |array| array.dtype)
    };
    let params: Vec<_> = inputs.iter().map(element).collect();
    let mut body = Function::new(second.id, second.name.clone(), &params, second.result);
    let params = body.params().to_vec();
    let between = body.add_block();
    let produced = body.add_param(between, first.result);
    let end = body.add_block();
    let result = body.add_param(end, second.result);
    body.block_mut(end).terminator = rumba_ir::Terminator::Return(result);
    let args: Vec<Value> = read_positions.iter().map(|idx| params[*idx]).collect();
    let entry = copy_blocks(&mut body, first, &args, between, None);
    let go_to = |block| rumba_ir::Terminator::Jump(rumba_ir::Edge { block, args: Vec::new() });
    body.block_mut(Block(0)).terminator = go_to(entry);
    let args: Vec<Value> =
        consumed_positions.iter().map(|idx| idx.map_or(produced, |idx| params[idx])).collect();
    let entry = copy_blocks(&mut body, second, &args, end, None);
    body.block_mut(between).terminator = go_to(entry);

    let fused = function.add_body(body);
    match &mut function.block_mut(block).instructions[consumer].op {
        Op::Elementwise { body, inputs: old, .. } | Op::Reduce { body, inputs: old, .. } => {
            *body = fused;
            *old = inputs;
        }
        _ => unreachable!("consumers have inputs"),
    }
}

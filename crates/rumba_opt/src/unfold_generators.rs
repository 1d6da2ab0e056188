//! Puts the function of a generator around the loop that consumes it.
//!
//! Where one loop consumes a generator that nothing else refers to, no block of memory has to say where the generator
//! stopped: its function yields by going to the loop's body, and the loop's next turn goes on behind the `yield`.
//!
//! ```text
//! block1:                                    block1:
//!   v1 = call maker(v0)                        jump block9            (the function's first block)
//!   jump block2                              block10:
//! block2:                                      … compute v20 …        (up to the `yield`)
//!   v2 = call resume(v1, 0)                    jump block3
//!   branch v2, block3, block4                block3:
//! block3:                                      … v20 …
//!   v3 = load [v1 + item]                      jump block2
//!   … v3 …                                   block2:
//!   jump block2                                jump block11           (behind the `yield`)
//! ```
//! The head of the loop is there twice, once for the way in. If the function yields in several places, the head looks at
//! which of them was the last. What was a place in the generator's block is a value with several definitions, and so is
//! what the head computes: [`Repair`] makes block parameters of them.

use crate::call_graph::CallGraph;
use crate::copy_blocks::{copy_blocks, handle_from};
use crate::inline_small_calls::{GENERATOR_LIMIT, MAX_CALLER_SIZE, cost};
use crate::lower_yields::generator_of;
use crate::pipeline::BatchContext;
use crate::remove_unreachable_blocks;
use crate::repair_ssa::{Repair, live_in};
use crate::replacements::Replacements;
use rumba_ir::analysis::{Dominators, Loops};
use rumba_ir::{
    Block, BlockData, Builder, CompareOp, Edge, Function, InstanceId, Instruction, Op, Scalar, Terminator,
    Value,
};
use rumba_types::{GeneratorType, Place, Type, TypeKind};
use rustc_hash::{FxHashMap, FxHashSet};

/// How a generator is resumed by a loop.
const NEXT: i64 = 0;

pub fn run(functions: &mut [Function], context: &BatchContext<'_>) {
    if !functions.iter().any(|function| generator_of(function).is_some()) {
        return;
    }
    let graph = CallGraph::of(functions);
    for idx in graph.bottom_up.iter().copied() {
        let id = functions[idx].id;
        // The consumer stands outside of the batch meanwhile.
        let placeholder = Function::new(InstanceId(u32::MAX), "", &[], Type::none());
        let mut function = std::mem::replace(&mut functions[idx], placeholder);
        let find = |instance: InstanceId| graph.position.get(&instance).map(|position| &functions[*position]);
        while let Some((consumer, body)) = find_consumer(
            &function,
            |resume| {
                let position = *graph.position.get(&resume)?;
                let may = !graph.is_recursive[position] && (context.may_inline)(id, resume);
                if may { Body::of(&functions[position]) } else { None }
            },
            &find,
        ) {
            unfold(&mut function, &consumer, &body);
        }
        functions[idx] = function;
    }
}

/// A loop that consumes a generator.
struct Consumer {
    /// Where the generator is made, and of what.
    made: (Block, usize),
    args: Vec<Value>,
    generator: Value,
    /// The block that resumes the generator last of all, and where it goes then.
    head: Block,
    then: Edge,
    otherwise: Edge,
    /// The blocks that lead to the head before the generator has begun.
    ways_in: Vec<Block>,
    /// Whether there are other ways to the head.
    repeats: bool,
}

/// The function of a generator that can be unfolded.
struct Body<'a> {
    function: &'a Function,
    ty: &'a GeneratorType,
}

/// A scalar of a generator's block.
#[derive(Clone, Copy)]
enum Part {
    Item { scalar: usize },
    Param { param: usize, scalar: usize },
}

fn part_at(ty: &GeneratorType, offset: u32) -> Option<Part> {
    let places = ty.places();
    let scalar_at = |place: &Place| {
        let offsets = place.ty.storage().offsets;
        offsets.iter().position(|scalar| place.offset + scalar == offset)
    };
    if let Some(scalar) = scalar_at(&places.item) {
        return Some(Part::Item { scalar });
    }
    let param = |(param, place)| Some(Part::Param { param, scalar: scalar_at(place)? });
    places.params.iter().enumerate().find_map(param)
}

/// Addresses in a generator's block, by the values that they are in: how far behind its beginning.
fn addresses(function: &Function, generator: Value) -> FxHashMap<Value, i64> {
    let mut constants: FxHashMap<Value, i64> = FxHashMap::default();
    let instructions = || function.blocks.iter().flat_map(|block| &block.instructions);
    for instruction in instructions() {
        if let Op::Const(Scalar::Int(value)) = instruction.op {
            constants.insert(instruction.result, value);
        }
    }
    let mut addresses = FxHashMap::default();
    for instruction in instructions() {
        if matches!(instruction.op, Op::Field { value, index: 0 } if value == generator) {
            addresses.insert(instruction.result, 0);
        }
    }
    for instruction in instructions() {
        if let Op::Offset { pointer, bytes } = instruction.op
            && let (Some(0), Some(bytes)) = (addresses.get(&pointer), constants.get(&bytes))
        {
            addresses.insert(instruction.result, *bytes);
        }
    }
    addresses
}

/// The part that an instruction reads or writes.
fn part_of(op: &Op, addresses: &FxHashMap<Value, i64>, ty: &GeneratorType) -> Option<Part> {
    let (Op::Load { pointer, .. } | Op::Store { pointer, .. }) = op else { return None };
    part_at(ty, u32::try_from(*addresses.get(pointer)?).ok()?)
}

/// Whether a generator is used for nothing but to reach parts of its block, and for what is `allowed`.
fn is_private(
    function: &Function,
    generator: Value,
    addresses: &FxHashMap<Value, i64>,
    allowed: impl Fn(Block, &Instruction) -> bool,
) -> bool {
    let is_of_block = |value: Value| value == generator || addresses.contains_key(&value);
    function.block_ids().all(|block| {
        let data = function.block(block);
        let mut leaves = false;
        data.edge_operands(|value| leaves |= is_of_block(value));
        !leaves
            && data.instructions.iter().all(|instruction| {
                let mut uses = false;
                instruction.op.operands(|value| uses |= is_of_block(value));
                let stored = matches!(instruction.op, Op::Store { value, .. } if is_of_block(value));
                !stored
                    && (!uses || addresses.contains_key(&instruction.result) || allowed(block, instruction))
            })
    })
}

impl<'a> Body<'a> {
    fn of(function: &'a Function) -> Option<Body<'a>> {
        let TypeKind::GeneratorIterator(ty) = function.ty(*function.params().first()?).kind() else {
            return None;
        };
        if generator_of(function).is_none() || ty.item.is_managed() || !ty.sent.is_none() {
            return None;
        }
        // What handles exceptions has to hear of it when the generator is given up.
        if function.blocks.iter().any(|block| block.handler.is_some()) {
            return None;
        }
        let mut budget = GENERATOR_LIMIT;
        for instruction in function.blocks.iter().flat_map(|block| &block.instructions) {
            budget = budget.checked_sub(cost(&instruction.op))?;
        }
        let addresses = addresses(function, function.params()[0]);
        let yields = |block: Block| matches!(function.block(block).terminator, Terminator::Yield(_));
        let is_private =
            is_private(function, function.params()[0], &addresses, |block, instruction| {
                match (part_of(&instruction.op, &addresses, ty), &instruction.op) {
                    (Some(Part::Item { .. }), Op::Store { .. }) => yields(block),
                    (Some(Part::Param { .. }), Op::Load { .. }) => block == function.entry(),
                    _ => false,
                }
            });
        let n_scalars = ty.item.scalars().len();
        let all_store_items = function.block_ids().skip(1).filter(|block| yields(*block)).all(|block| {
            let parts = function.block(block).instructions.iter().map(|instruction| &instruction.op);
            parts.filter(|op| part_of(op, &addresses, ty).is_some()).count() == n_scalars
        });
        (is_private && all_store_items).then_some(Body { function, ty })
    }
}

/// The instance that goes on with the generators that a function makes, if it does nothing else.
fn maker_of(function: &Function) -> Option<InstanceId> {
    let TypeKind::GeneratorIterator(ty) = function.result.kind() else { return None };
    let [BlockData { instructions, terminator: Terminator::Return(result), .. }] = &function.blocks[..]
    else {
        return None;
    };
    let makes = |instruction: &Instruction| {
        let is_new = matches!(
            &instruction.op,
            Op::CallRuntime { function, .. } if function.symbol == "rumba_generator_new"
        );
        is_new && instruction.result == *result
    };
    instructions.iter().any(makes).then_some(InstanceId(ty.resume))
}

fn find_consumer<'a>(
    function: &Function,
    body_of: impl Fn(InstanceId) -> Option<Body<'a>>,
    find: &impl Fn(InstanceId) -> Option<&'a Function>,
) -> Option<(Consumer, Body<'a>)> {
    let size: usize = function.blocks.iter().map(|block| block.instructions.len()).sum();
    let mut shape = None;
    for block in function.block_ids() {
        for (idx, instruction) in function.block(block).instructions.iter().enumerate() {
            let Op::Call { callee, args } = &instruction.op else { continue };
            let Some(resume) = find(*callee).and_then(maker_of) else { continue };
            let Some(body) = body_of(resume) else { continue };
            if size + body.function.blocks.iter().map(|block| block.instructions.len()).sum::<usize>()
                > MAX_CALLER_SIZE
            {
                continue;
            }
            let (dominators, loops) = shape.get_or_insert_with(|| {
                let dominators = Dominators::of(function);
                let loops = Loops::of(function, &dominators);
                (dominators, loops)
            });
            let made = (block, idx);
            let generator = instruction.result;
            if let Some(consumer) = consumer_of(function, made, generator, args, body.ty, dominators, loops) {
                return Some((consumer, body));
            }
        }
    }
    None
}

fn consumer_of(
    function: &Function,
    made: (Block, usize),
    generator: Value,
    args: &[Value],
    ty: &GeneratorType,
    dominators: &Dominators,
    loops: &Loops,
) -> Option<Consumer> {
    let resume = InstanceId(ty.resume);
    let is_resume =
        |op: &Op| matches!(op, Op::Call { callee, args } if *callee == resume && args[0] == generator);
    let mut heads = function
        .block_ids()
        .filter(|block| function.block(*block).instructions.iter().any(|other| is_resume(&other.op)));
    let (head, None) = (heads.next()?, heads.next()) else { return None };
    let data = function.block(head);
    let call = data.instructions.last().filter(|last| is_resume(&last.op))?;
    if data.instructions.iter().filter(|other| is_resume(&other.op)).count() > 1 {
        return None;
    }
    let Op::Call { args: resumed_with, .. } = &call.op else { unreachable!("it is a call") };
    let is_next = |instruction: &Instruction| {
        instruction.result == resumed_with[1] && instruction.op == Op::Const(Scalar::Int(NEXT))
    };
    if !function.blocks.iter().flat_map(|block| &block.instructions).any(is_next) {
        return None;
    }
    let Terminator::Branch { condition, then, otherwise } = &data.terminator else { return None };
    let mut n_uses = 0;
    for block in &function.blocks {
        block.instructions.iter().for_each(|other| {
            other.op.operands(|value| n_uses += usize::from(value == call.result));
        });
        block.edge_operands(|value| n_uses += usize::from(value == call.result));
    }
    if *condition != call.result || n_uses != 1 {
        return None;
    }
    // Items are read where only the loop's body comes.
    let addresses = addresses(function, generator);
    let mut n_ways_to_body = 0;
    function.blocks.iter().for_each(|block| {
        block.successors(|successor| n_ways_to_body += usize::from(successor == then.block));
    });
    let is_private = is_private(function, generator, &addresses, |block, instruction| {
        let reads_item = matches!(instruction.op, Op::Load { .. })
            && matches!(part_of(&instruction.op, &addresses, ty), Some(Part::Item { .. }))
            && dominators.is_reachable(block)
            && dominators.dominates(then.block, block);
        reads_item || is_resume(&instruction.op)
    });
    if n_ways_to_body != 1 || !is_private || !dominators.is_reachable(head) {
        return None;
    }
    // The generator is made anew whenever the loop begins.
    let own_loop = loops.iter().find(|(_, found)| found.header == head);
    let around = own_loop.map_or_else(|| loops.innermost(head), |(_, found)| found.parent);
    let own_loop = own_loop.map(|(id, _)| id);
    // An end is not resumed again.
    let ends_inside = own_loop.is_some_and(|id| loops.contains(id, otherwise.block));
    if loops.innermost(made.0) != around || ends_inside {
        return None;
    }
    let mut ways_in = Vec::new();
    let mut repeats = false;
    for block in dominators.order() {
        let mut leads = false;
        function.block(*block).successors(|successor| leads |= successor == head);
        match own_loop.is_some_and(|id| loops.contains(id, *block)) {
            true => repeats |= leads,
            false if leads => ways_in.push(*block),
            false => {}
        }
    }
    // A handler's block cannot be told from what leads to it.
    let handles =
        function.blocks.iter().any(|block| block.handler.as_ref().is_some_and(|edge| edge.block == head));
    (!handles).then(|| Consumer {
        made,
        args: args.to_vec(),
        generator,
        head,
        then: then.clone(),
        otherwise: otherwise.clone(),
        ways_in,
        repeats,
    })
}

fn to(block: Block) -> Edge {
    Edge { block, args: Vec::new() }
}

fn unfold(function: &mut Function, consumer: &Consumer, body: &Body<'_>) {
    let Consumer { generator, head, .. } = *consumer;
    let mut repair = Repair::default();
    let call = function.block_mut(head).instructions.pop().expect("the head ends with the call");
    function.block_mut(consumer.made.0).instructions.remove(consumer.made.1);
    let handler = function.block(head).handler.clone();
    // The head, for the way in.
    let first_head = if consumer.repeats { copy_head(function, consumer, &mut repair) } else { head };

    let after = function.add_block();
    function.add_param(after, Type::bool());
    let first_block = function.blocks.len() as u32;
    let how = function.add_value(Type::int64());
    let entry = copy_blocks(
        function,
        body.function,
        &[generator, how],
        after,
        Some(call.site.expect("calls name a site")),
    );
    let next = Instruction { result: how, op: Op::Const(Scalar::Int(NEXT)), site: None, cleanup: Vec::new() };
    function.block_mut(entry).instructions.insert(0, next);
    function.block_mut(after).terminator = Terminator::Jump(consumer.otherwise.clone());
    read_params(function, entry, consumer, body);

    // Where it stops, the loop's body comes; its entry, which stops too, is where it begins.
    let mut stops = Vec::new();
    for block in (first_block..function.blocks.len() as u32).map(Block) {
        let Terminator::Yield(edge) = function.block(block).terminator.clone() else { continue };
        if block == entry {
            function.block_mut(block).terminator = Terminator::Jump(edge);
            continue;
        }
        function.block_mut(block).terminator = Terminator::Jump(consumer.then.clone());
        let behind = function.add_block();
        function.block_mut(behind).terminator = Terminator::Jump(edge);
        stops.push((block, behind));
    }
    handle_from(function, after, &handler);
    function.block_mut(first_head).terminator = Terminator::Jump(to(entry));
    pass_items(function, consumer, body.ty, &stops);
    if consumer.repeats {
        go_on(function, consumer, entry, first_head, &stops, &mut repair);
    }
    repair.run(function);
    remove_unreachable_blocks::run(function);
}

/// Copies the loop's head to where the loop is entered. What the head computes has two definitions then.
fn copy_head(function: &mut Function, consumer: &Consumer, repair: &mut Repair) -> Block {
    let head = function.block(consumer.head).clone();
    let copy = function.add_block();
    let mut copied: FxHashMap<Value, Value> = FxHashMap::default();
    let results = head.instructions.iter().map(|instruction| instruction.result);
    for value in head.params.iter().copied().chain(results) {
        let new = function.add_value(function.ty(value));
        copied.insert(value, new);
        repair.definitions.insert(value, vec![(copy, new)]);
    }
    let rename = |value: &mut Value| *value = copied.get(value).copied().unwrap_or(*value);
    let mut data = head;
    data.params.iter_mut().for_each(rename);
    for instruction in &mut data.instructions {
        rename(&mut instruction.result);
        instruction.op.operands_mut(rename);
    }
    data.terminator = Terminator::Unreachable;
    data.edge_operands_mut(rename);
    *function.block_mut(copy) = data;
    for block in &consumer.ways_in {
        for edge in function.block_mut(*block).terminator.edges_mut() {
            if edge.block == consumer.head {
                edge.block = copy;
            }
        }
    }
    copy
}

/// Has the copy of the function read its parameters from what the generator was made of.
fn read_params(function: &mut Function, entry: Block, consumer: &Consumer, body: &Body<'_>) {
    let addresses = addresses(function, consumer.generator);
    let instructions = std::mem::take(&mut function.block_mut(entry).instructions);
    let mut replacements = Replacements::new(function);
    let mut b = Builder::new(function, entry);
    for instruction in instructions {
        let Some(Part::Param { param, scalar }) = part_of(&instruction.op, &addresses, body.ty) else {
            b.function.block_mut(entry).instructions.push(instruction);
            continue;
        };
        let read = scalar_of(&mut b, consumer.args[param], scalar);
        replacements.replace(instruction.result, read);
    }
    replacements.apply(function);
}

/// The nth scalar of a value.
fn scalar_of(b: &mut Builder<'_>, value: Value, mut n: usize) -> Value {
    let Some(fields) = b.ty(value).fields() else { return value };
    for (idx, field) in fields.into_iter().enumerate() {
        let n_scalars = field.scalars().len();
        if n < n_scalars {
            let field = b.field(value, idx);
            return scalar_of(b, field, n);
        }
        n -= n_scalars;
    }
    unreachable!("a value has as many scalars as its type")
}

/// Hands what is yielded to the loop's body, as parameters of its first block.
fn pass_items(function: &mut Function, consumer: &Consumer, ty: &GeneratorType, stops: &[(Block, Block)]) {
    let addresses = addresses(function, consumer.generator);
    let scalars = ty.item.scalars().into_iter();
    let params: Vec<Value> = scalars.map(|scalar| function.add_param(consumer.then.block, scalar)).collect();
    let mut replacements = Replacements::new(function);
    for block in function.block_ids() {
        let mut items: FxHashMap<usize, Value> = FxHashMap::default();
        let data = function.block_mut(block);
        data.instructions.retain(|instruction| {
            if let Some(Part::Item { scalar }) = part_of(&instruction.op, &addresses, ty) {
                match instruction.op {
                    Op::Store { value, .. } => {
                        items.insert(scalar, value);
                    }
                    _ => replacements.replace(instruction.result, params[scalar]),
                }
                return false;
            }
            !addresses.contains_key(&instruction.result)
        });
        if let (true, Terminator::Jump(edge)) =
            (stops.iter().any(|(stop, _)| *stop == block), &mut data.terminator)
        {
            edge.args.extend((0..params.len()).map(|scalar| items[&scalar]));
        }
    }
    replacements.apply(function);
}

/// Has the loop's next turn go on behind where the function stopped.
fn go_on(
    function: &mut Function,
    consumer: &Consumer,
    entry: Block,
    first_head: Block,
    stops: &[(Block, Block)],
    repair: &mut Repair,
) {
    let head = consumer.head;
    match stops {
        [] => function.block_mut(head).terminator = Terminator::Unreachable,
        [(_, behind)] => function.block_mut(head).terminator = Terminator::Jump(to(*behind)),
        [rest @ .., (_, last)] => {
            // What is alive behind one stop need not have been computed on the way to another.
            let live_in = live_in(function);
            let copied = |block: Block| block > entry;
            let defined: FxHashSet<Value> = function
                .block_ids()
                .filter(|block| copied(*block))
                .flat_map(|block| {
                    let data = function.block(block);
                    let results = data.instructions.iter().map(|instruction| instruction.result);
                    data.params.iter().copied().chain(results).collect::<Vec<_>>()
                })
                .collect();
            let mut alive: Vec<Value> = stops
                .iter()
                .flat_map(|(_, behind)| &live_in[behind.index()])
                .copied()
                .filter(|value| defined.contains(value))
                .collect();
            alive.sort_unstable();
            alive.dedup();
            let mut b = Builder::new(function, first_head);
            for value in alive {
                let nothing = b.zero(b.ty(value));
                repair.definitions.entry(value).or_default().push((first_head, nothing));
            }
            let last_one = b.int64(0);
            let mut numbers = Vec::new();
            for (number, (stop, _)) in stops.iter().enumerate() {
                b.switch_to(*stop);
                numbers.push((*stop, b.int64(number as i64)));
            }
            repair.definitions.insert(last_one, numbers);
            b.switch_to(head);
            for (number, (_, behind)) in rest.iter().enumerate() {
                let this = b.int64(number as i64);
                // Not yet of a constant, which the builder would decide.
                let is_last = Op::Compare { op: CompareOp::Eq, lhs: last_one, rhs: this };
                let is_this = b.operation(is_last, Type::bool());
                let next = b.function.add_block();
                b.branch(is_this, to(*behind), to(next));
                b.switch_to(next);
            }
            b.terminate(Terminator::Jump(to(*last)));
        }
    }
}

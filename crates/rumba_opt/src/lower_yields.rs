//! Makes functions that can be entered again of those that stop in the middle.
//!
//! A generator's function ends its entry block, which only reads the parameters from the generator's block, with a
//! `Yield`, as it does wherever the user's code yields. Here each becomes a return that leaves behind, in the generator's
//! block, which one it was and what is alive there; and the entry goes on where the last one was:
//!
//! ```text
//! block1:                         block1:
//!   v7: float64 = mul v5, v6        v7: float64 = mul v5, v6
//!   yield block2                    store [generator + 80], v7
//! block2:                           store [generator + 48], 2
//!   … v7 …                          return true
//!                                 block8:            (from the entry, if 2 is stored there)
//!                                   v20: float64 = load [generator + 80]
//!                                   branch given up, block9, block2
//!                                 block2:
//!                                   … v20 …
//! ```
//! A value that is alive at a `Yield` has several definitions afterwards, and block parameters where they meet. What is
//! cheap to compute again is, from what is stored. References move to the block and back without being counted for
//! those who read them; what is alive when a generator is given up is released as on any other way out.

use crate::repair_ssa::{Repair, live_in, replace_in};
use rumba_ir::{
    Access, Block, Builder, CompareOp, Edge, Function, InstanceId, Instruction, Op, Scalar, Terminator, Value,
};
use rumba_types::{GeneratorType, Type, TypeKind};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the runtime knows of a generator's block, and what it calls resuming functions with:
/// `rumba_runtime::generators`.
pub mod protocol {
    /// Where the block says how to go on.
    pub const STATE: u32 = 48;
    pub const STARTING: i64 = 0;
    /// Also while the generator runs.
    pub const FINISHED: i64 = 1;

    /// Of the `k`th place where it stops, from 1 on.
    pub const fn state(k: i64, is_handled: bool) -> i64 {
        2 * k + is_handled as i64
    }

    /// The exception that is pending is raised where it stopped.
    pub const THROW: i64 = 1;
    /// All is released.
    pub const GIVE_UP: i64 = 2;
}

pub fn run(functions: &mut [Function]) {
    let mut sizes: FxHashMap<InstanceId, u32> = FxHashMap::default();
    for function in functions.iter_mut() {
        if let Some(generator) = generator_of(function) {
            sizes.insert(function.id, lower(function, &generator));
        }
    }
    if sizes.is_empty() {
        return;
    }
    for instruction in functions.iter_mut().flat_map(|f| &mut f.blocks).flat_map(|b| &mut b.instructions) {
        if let Op::GeneratorSize(instance) = instruction.op {
            instruction.op = Op::Const(Scalar::Int(i64::from(sizes[&instance])));
        }
    }
}

/// The generator that a function goes on with, if it does.
pub fn generator_of(function: &Function) -> Option<Arc<GeneratorType>> {
    match function.ty(*function.params().first()?).kind() {
        TypeKind::GeneratorIterator(generator) if generator.resume == function.id.0 => {
            Some(generator.clone())
        }
        _ => None,
    }
}

/// A place where the function stops, and a block of its own behind it.
struct Stop {
    before: Block,
    after: Block,
    /// What is alive there and is stored, and what is computed again, operands first.
    stored: Vec<Value>,
    computed: Vec<Value>,
}

const ALIGNED: Access = Access::aligned(true);

/// Gives the size of the generator's block.
fn lower(function: &mut Function, generator: &GeneratorType) -> u32 {
    let [this, how] = function.params()[..] else {
        unreachable!("a generator is resumed with itself and how it goes on")
    };
    repeat_operations(function);
    let stops = find_stops(function);
    // If nothing handles exceptions, nothing needs to be thrown into a generator that is given up.
    let is_handled = function.blocks.iter().any(|block| block.handler.is_some());
    let definitions = definitions(function);
    let mut size = generator.places().end;
    let mut repair = Repair::default();

    let mut b = Builder::new(function, Block(0));
    let address = b.field(this, 0);
    let place = b.at(address, protocol::STATE);
    let state = b.load(place, Type::int64(), ALIGNED);
    let finished = b.int64(protocol::FINISHED);
    b.store(place, finished, ALIGNED);
    let [is_over, throws] = std::array::from_fn(|_| b.function.add_block());
    for (k, stop) in stops.iter().enumerate() {
        let [enter, next] = std::array::from_fn(|_| b.function.add_block());
        let number = if k == 0 { protocol::STARTING } else { protocol::state(k as i64, is_handled) };
        let here = b.int64(number);
        let is_here = b.compare(CompareOp::Eq, state, here);
        b.branch(is_here, to(enter), to(next));

        b.switch_to(enter);
        let places = places(generator, b.function, &stop.stored);
        size = size.max(places.last().map_or(0, |(value, place)| place + b.ty(*value).storage().size));
        let mut again: FxHashMap<Value, Value> = FxHashMap::default();
        for (value, offset) in &places {
            let (place, ty) = (b.at(address, *offset), b.ty(*value));
            again.insert(*value, b.take_stored(place, ty));
        }
        for value in &stop.computed {
            let mut op = definitions[value].clone();
            op.operands_mut(|operand| *operand = again.get(operand).copied().unwrap_or(*operand));
            let ty = b.ty(*value);
            again.insert(*value, b.operation(op, ty));
        }
        // Before it has begun, nothing handles what is thrown.
        let (exception, way) = if k == 0 { (protocol::THROW, throws) } else { (protocol::GIVE_UP, is_over) };
        let exception = b.int64(exception);
        let is_exception = b.compare(CompareOp::Eq, how, exception);
        b.branch(is_exception, to(way), to(stop.after));
        for (value, new) in again {
            repair.definitions.entry(value).or_default().push((enter, new));
        }

        if k > 0 {
            b.switch_to(stop.before);
            for (value, offset) in &places {
                let place = b.at(address, *offset);
                b.store_new(place, *value);
            }
            let place = b.at(address, protocol::STATE);
            let number = b.int64(number);
            b.store(place, number, ALIGNED);
            let has_item = b.bool(true);
            b.ret(has_item);
        }
        b.switch_to(next);
    }
    let throw = b.int64(protocol::THROW);
    let is_thrown = b.compare(CompareOp::Eq, how, throw);
    b.branch(is_thrown, to(throws), to(is_over));
    b.switch_to(throws);
    b.terminate(Terminator::Reraise { cleanup: Vec::new() });
    b.switch_to(is_over);
    let has_item = b.bool(false);
    b.ret(has_item);
    repair.run(function);
    size.next_multiple_of(8)
}

fn to(block: Block) -> Edge {
    Edge { block, args: Vec::new() }
}

/// Where each stored value is, one behind the other.
fn places(generator: &GeneratorType, function: &Function, stored: &[Value]) -> Vec<(Value, u32)> {
    let mut end = generator.places().end;
    let place = |value: &Value| {
        let offset = end;
        end = (offset + function.ty(*value).storage().size).next_multiple_of(8);
        (*value, offset)
    };
    stored.iter().map(place).collect()
}

/// Makes constants in each block that reads them, so that they are alive nowhere else; also addresses within what a
/// value owns, since they belong to one definition of it.
fn repeat_operations(function: &mut Function) {
    let mut repeated = definitions(function);
    repeated.retain(|value, op| {
        let ty = function.ty(*value);
        match op {
            Op::Const(_) | Op::Data(_) | Op::EntryAddress(_) | Op::GeneratorSize(_) => true,
            Op::Make(fields) if fields.is_empty() => true,
            Op::Make(_) | Op::Field { .. } | Op::Offset { .. } => {
                ty.scalars().contains(&Type::pointer()) && !ty.is_managed()
            }
            _ => false,
        }
    });
    // What the entry defines holds everywhere.
    for instruction in &function.blocks[0].instructions {
        if !matches!(instruction.op, Op::Const(_) | Op::Make(_)) {
            repeated.remove(&instruction.result);
        }
    }
    for block in function.block_ids() {
        let data = function.block(block);
        let own: FxHashSet<Value> = data.instructions.iter().map(|instruction| instruction.result).collect();
        let mut read = BTreeSet::new();
        let mut note = |value: Value| {
            if repeated.contains_key(&value) && !own.contains(&value) {
                read.insert(value);
            }
        };
        data.instructions.iter().for_each(|instruction| instruction.op.operands(&mut note));
        data.edge_operands(note);
        let mut again: FxHashMap<Value, Value> = FxHashMap::default();
        let mut head = Vec::new();
        for value in read {
            repeat(function, &repeated, value, &mut again, &mut head);
        }
        again.into_iter().for_each(|(old, new)| replace_in(function, block, old, new));
        let data = function.block_mut(block);
        head.append(&mut data.instructions);
        data.instructions = head;
    }
}

/// Computes a value again, and what it is computed from.
fn repeat(
    function: &mut Function,
    repeated: &FxHashMap<Value, Op>,
    value: Value,
    again: &mut FxHashMap<Value, Value>,
    head: &mut Vec<Instruction>,
) -> Value {
    let Some(op) = repeated.get(&value) else { return value };
    if let Some(known) = again.get(&value) {
        return *known;
    }
    let mut op = op.clone();
    op.operands_mut(|operand| *operand = repeat(function, repeated, *operand, again, head));
    let result = function.add_value(function.ty(value));
    head.push(Instruction { result, op, site: None, cleanup: Vec::new() });
    again.insert(value, result);
    result
}

/// The entry's comes first.
fn find_stops(function: &mut Function) -> Vec<Stop> {
    let mut stops = Vec::new();
    for before in function.block_ids() {
        let Terminator::Yield(edge) = function.block(before).terminator.clone() else { continue };
        let after = function.add_block();
        function.block_mut(before).terminator = Terminator::Yield(to(after));
        function.block_mut(after).terminator = Terminator::Jump(edge);
        stops.push(Stop { before, after, stored: Vec::new(), computed: Vec::new() });
    }
    let live_in = live_in(function);
    let definitions = definitions(function);
    let mut of_entry: FxHashSet<Value> = function.params().iter().copied().collect();
    of_entry.extend(function.blocks[0].instructions.iter().map(|instruction| instruction.result));
    for stop in &mut stops {
        let mut needs = Needs { function, definitions: &definitions, seen: of_entry.clone(), stop };
        live_in[needs.stop.after.index()].iter().for_each(|value| needs.add(*value));
    }
    stops
}

fn definitions(function: &Function) -> FxHashMap<Value, Op> {
    let instructions = function.blocks.iter().flat_map(|block| &block.instructions);
    instructions.map(|instruction| (instruction.result, instruction.op.clone())).collect()
}

/// Finds what has to be there again behind a stop.
struct Needs<'a> {
    function: &'a Function,
    definitions: &'a FxHashMap<Value, Op>,
    /// What is there already: what the entry defines, and what has been added.
    seen: FxHashSet<Value>,
    stop: &'a mut Stop,
}

impl Needs<'_> {
    fn add(&mut self, value: Value) {
        if !self.seen.insert(value) {
            return;
        }
        let is_cheap = match self.definitions.get(&value) {
            Some(Op::Field { .. } | Op::Offset { .. }) => true,
            // Of addresses and an owner: what counts the reference is stored.
            Some(Op::Make(_)) => self.function.ty(value).owner_field().is_none(),
            _ => false,
        };
        if is_cheap {
            let mut operands = Vec::new();
            self.definitions[&value].operands(|operand| operands.push(operand));
            operands.into_iter().for_each(|operand| self.add(operand));
            self.stop.computed.push(value);
        } else {
            self.stop.stored.push(value);
        }
    }
}

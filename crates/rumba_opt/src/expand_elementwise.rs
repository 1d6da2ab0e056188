//! Makes loops of whole-array operations.
//!
//! ```python
//! b[:] = a * 2 + 1     # elementwise body(a) into (b)
//! ```
//! becomes one loop over blocks of contiguous elements, and in it one over the elements of a block:
//!
//! ```text
//!            dense?  ── yes ──► block(all elements, addresses of the arrays) ──► done
//!              │ no                ▲          │ next block, if not dense
//!              ▼                   │          ▼
//!           blocks_begin ──► addresses ◄── blocks_next
//! ```
//! Where all operands are contiguous and have one shape, which mostly is known when compiling, there is one block and
//! nothing else. Otherwise the runtime walks over the operands (`rumba_runtime::blocks`).
//!
//! A reduction has its body write blocks of results into a buffer, which the reducing function is given; without a
//! body to speak of, it is given the elements where they are.

use crate::arrays::{Definitions, is_identity, item_size};
use crate::copy_blocks::{copy_blocks, handle_from};
use rumba_ir::runtime_function::{
    ALLOCATE, ARRAYS_INTERFERE, BLOCKS_BEGIN, BLOCKS_NEXT, COPY_ELEMENTS, COUNT_BYTES, REDUCTION_STATE_BYTES,
    walk,
};
use rumba_ir::{
    Access, BinaryOp, Block, BlockData, Builder, CompareOp, Edge, Function, Instruction, Op, RuntimeFunction,
    SiteId, Terminator, Value,
};
use rumba_types::layout::array_field;
use rumba_types::{ArrayType, Layout, Type, TypeKind};

/// Elements of a block that is computed into a buffer.
const BUFFERED: i64 = 1024;

/// What a walk's state has for buffers, per byte of an element of all operands; and at most in all.
const STAGED: usize = 256;
const MOST_STAGED: usize = 16 << 10;

pub fn run(function: &mut Function) {
    if function.bodies.is_empty() {
        return;
    }
    let mut definitions = Definitions::of(function);
    let bodies = std::mem::take(&mut function.bodies);
    let mut position = (Block(0), 0);
    while position.0.index() < function.blocks.len() {
        let (block, idx) = position;
        let is_whole = |i: &Instruction| matches!(i.op, Op::Elementwise { .. } | Op::Reduce { .. });
        match function.block(block).instructions[idx..].iter().position(is_whole) {
            Some(distance) => {
                expand(function, &mut definitions, &bodies, block, idx + distance);
                // What followed is now the start of a later block.
                position = (Block(block.0 + 1), 0);
            }
            None => position = (Block(block.0 + 1), 0),
        }
    }
}

/// Replaces the instruction at a position.
fn expand(
    function: &mut Function,
    definitions: &mut Definitions,
    bodies: &[Function],
    block: Block,
    idx: usize,
) {
    let after = function.add_block();
    let handler = function.block(block).handler.clone();
    let data = function.block_mut(block);
    let rest = data.instructions.split_off(idx + 1);
    let instruction = data.instructions.pop().expect("the instruction stands before what follows it");
    let terminator = std::mem::replace(&mut data.terminator, Terminator::Unreachable);
    *function.block_mut(after) =
        BlockData { params: Vec::new(), handler: None, instructions: rest, terminator };

    let mut expansion = Expansion { b: Builder::new(function, block), definitions, after };
    match instruction.op {
        Op::Elementwise { body, inputs, targets, fresh } => {
            let site = instruction.site.expect("an elementwise operation names a site");
            expansion.elementwise(&bodies[body.index()], &inputs, &targets, fresh, site);
        }
        Op::Reduce { function, body, inputs, extents } => {
            expansion.reduce(function, &bodies[body.index()], &inputs, &extents, instruction.result);
        }
        op => unreachable!("{op:?} is no operation on whole arrays"),
    }
    handle_from(function, after, &handler);
}

/// An array that a loop runs over.
#[derive(Clone)]
struct Operand {
    ty: ArrayType,
    data: Value,
    extents: Vec<Value>,
    strides: Vec<Value>,
}

/// An input of a body.
enum Input {
    Array(Operand),
    /// The same for every element.
    Scalar(Value),
}

impl Input {
    fn array(&self) -> Option<&Operand> {
        match self {
            Input::Array(operand) => Some(operand),
            Input::Scalar(_) => None,
        }
    }
}

struct Expansion<'e> {
    b: Builder<'e>,
    definitions: &'e mut Definitions,
    after: Block,
}

impl Expansion<'_> {
    fn elementwise(
        &mut self,
        body: &Function,
        inputs: &[Value],
        targets: &[Value],
        fresh: bool,
        site: SiteId,
    ) {
        let inputs = self.inputs(inputs);
        let mut target_operands: Vec<Operand> =
            targets.iter().map(|target| self.operand(*target).expect("targets are arrays")).collect();
        let extents = target_operands[0].extents.clone();
        let read: Vec<Operand> = inputs.iter().filter_map(Input::array).cloned().collect();

        if let (true, [source]) = (is_identity(body), &read[..]) {
            // Moves elements, whatever overlaps.
            self.copy(&target_operands[0], source);
            self.b.jump(self.after, vec![]);
            return;
        }
        let interferes = match fresh {
            true => self.b.bool(false),
            false => self.interferes(&read, &target_operands),
        };
        let may_interfere = self.b.as_const_bool(interferes) != Some(false);
        let real_targets = target_operands.clone();
        if may_interfere {
            for (operand, target) in target_operands.iter_mut().zip(targets) {
                *operand = self.stand_in(interferes, operand, *target, site);
            }
        }

        let all: Vec<Operand> = read.iter().chain(&target_operands).cloned().collect();
        let finish = if may_interfere { self.b.function.add_block() } else { self.after };
        let enter = self.enter_blocks(&all, target_operands.len(), &extents, None, false);
        // One block, or the walk's.
        self.b.switch_to(enter.block);
        self.each(enter.length, |e, position| {
            let args = e.elements(&inputs, &enter.addresses, position);
            let result = e.body(body, &args);
            for (idx, target) in target_operands.iter().enumerate() {
                let value = if target_operands.len() == 1 { result } else { e.b.field(result, idx) };
                let address = enter.addresses[read.len() + idx];
                e.store(target.ty, address, position, value);
            }
        });
        self.leave_block(&enter, finish);
        if may_interfere {
            self.b.switch_to(finish);
            let write_back = self.b.function.add_block();
            let edge = |block| Edge { block, args: vec![] };
            self.b.branch(interferes, edge(write_back), edge(self.after));
            self.b.switch_to(write_back);
            for (target, stand_in) in real_targets.iter().zip(&target_operands) {
                self.copy(target, stand_in);
            }
            self.b.jump(self.after, vec![]);
        }
    }

    fn reduce(
        &mut self,
        function: &'static RuntimeFunction,
        body: &Function,
        inputs: &[Value],
        extents: &[Value],
        result: Value,
    ) {
        self.b.function.block_mut(self.after).params.push(result);
        let inputs = self.inputs(inputs);
        let read: Vec<Operand> = inputs.iter().filter_map(Input::array).cloned().collect();
        let state = self.b.stack_memory(REDUCTION_STATE_BYTES);
        // The function takes aligned elements; others go through the buffer.
        let is_direct = is_identity(body) && matches!(&read[..], [operand] if operand.ty.aligned);
        let limit = (!is_direct).then_some(BUFFERED);
        let enter = self.enter_blocks(&read, 0, extents, limit, true);
        self.b.switch_to(enter.block);
        let results = if is_direct {
            enter.addresses[0]
        } else {
            let buffer = self.b.stack_memory((BUFFERED * item_size(body.result)) as u32);
            let dtype =
                ArrayType { dtype: body.result, ndim: 1, layout: Layout::C, readonly: false, aligned: true };
            self.each(enter.length, |e, position| {
                let args = e.elements(&inputs, &enter.addresses, position);
                let value = e.body(body, &args);
                e.store(dtype, buffer, position, value);
            });
            buffer
        };
        let args = vec![state, results, enter.length, enter.done, enter.total];
        let ty = self.b.ty(result);
        let reduced = self.b.call_runtime(function, args, ty, None);
        let decided = function.decided.filter(|_| enter.limit.is_some() || enter.walk.is_some());
        if let Some(result) = decided {
            let is_final = if result { reduced } else { self.b.not(reduced) };
            let go_on = self.b.function.add_block();
            let finish = Edge { block: self.after, args: vec![reduced] };
            self.b.branch(is_final, finish, Edge { block: go_on, args: vec![] });
            self.b.switch_to(go_on);
        }
        let leave = self.b.function.add_block();
        self.leave_block(&enter, leave);
        self.b.switch_to(leave);
        self.b.jump(self.after, vec![reduced]);
    }

    // Operands.

    fn inputs(&mut self, values: &[Value]) -> Vec<Input> {
        let input = |value: &Value| self.operand(*value).map_or(Input::Scalar(*value), Input::Array);
        values.iter().map(input).collect()
    }

    fn operand(&mut self, value: Value) -> Option<Operand> {
        let ty = self.b.ty(value).as_array()?;
        let ndim = usize::from(ty.ndim);
        let n_fields = self.b.ty(value).fields().map_or(0, |fields| fields.len());
        let fields: Vec<Value> = match self.definitions.fields(value) {
            Some(fields) => fields.to_vec(),
            None => (0..n_fields).map(|idx| self.field(value, idx)).collect(),
        };
        let extents = fields[array_field::FIRST_EXTENT..][..ndim].to_vec();
        let strides = if ty.layout == Layout::A {
            fields[array_field::FIRST_EXTENT + ndim..].to_vec()
        } else {
            self.dense_strides(ty, &extents)
        };
        Some(Operand { ty, data: fields[array_field::DATA], extents, strides })
    }

    fn field(&mut self, value: Value, idx: usize) -> Value {
        let field = self.b.field(value, idx);
        self.definitions.record(field, Op::Field { value, index: idx as u32 });
        field
    }

    /// Strides of a contiguous array.
    fn dense_strides(&mut self, ty: ArrayType, extents: &[Value]) -> Vec<Value> {
        let mut stride = self.b.int64(item_size(ty.dtype));
        let mut strides = vec![stride; extents.len()];
        for position in 0..extents.len() {
            let axis = if ty.layout == Layout::F { position } else { extents.len() - 1 - position };
            strides[axis] = stride;
            if position + 1 < extents.len() {
                stride = self.b.mul(stride, extents[axis]);
            }
        }
        strides
    }

    /// As the runtime is given an array.
    fn packed(&mut self, operand: &Operand) -> Vec<Value> {
        let data = self.b.reinterpret(operand.data, Type::int64());
        let item_size = self.b.int64(item_size(operand.ty.dtype));
        let ndim = self.b.int64(operand.extents.len() as i64);
        let mut slots = vec![data, item_size, ndim];
        slots.extend(&operand.extents);
        slots.extend(&operand.strides);
        slots
    }

    fn same_extent(&mut self, a: Value, b: Value) -> Value {
        if self.definitions.same(a, b) {
            return self.b.bool(true);
        }
        self.b.compare(CompareOp::Eq, a, b)
    }

    /// Whether the elements of all operands lie in memory as those of a C array of this shape do.
    fn all_dense(&mut self, operands: &[Operand], extents: &[Value]) -> Value {
        let mut dense = self.b.bool(true);
        for operand in operands {
            if operand.extents.len() != extents.len() {
                return self.b.bool(false);
            }
            for (own, extent) in operand.extents.iter().zip(extents) {
                let same = self.same_extent(*own, *extent);
                dense = self.b.and(dense, same);
            }
            let is_c = operand.ty.layout == Layout::C || operand.ty.layout == Layout::F && extents.len() <= 1;
            if !is_c {
                let as_c = ArrayType { layout: Layout::C, ..operand.ty };
                let wanted = self.dense_strides(as_c, &operand.extents);
                for (stride, wanted) in operand.strides.iter().zip(wanted) {
                    let same = self.b.compare(CompareOp::Eq, *stride, wanted);
                    dense = self.b.and(dense, same);
                }
            }
        }
        dense
    }

    /// Whether writing a target may change what is still to be read of an input.
    fn interferes(&mut self, inputs: &[Operand], targets: &[Operand]) -> Value {
        let mut any = self.b.bool(false);
        for target in targets {
            let [target_slots, n_target_slots] = self.packed_slots(target);
            for input in inputs {
                let is_same = self.definitions.same(input.data, target.data)
                    && input.ty.dtype == target.ty.dtype
                    && self.definitions.all_same(&input.extents, &target.extents)
                    && (input.ty.layout == target.ty.layout && input.ty.layout != Layout::A
                        || self.definitions.all_same(&input.strides, &target.strides));
                if is_same {
                    continue;
                }
                let [slots, n_slots] = self.packed_slots(input);
                let args = vec![target_slots, n_target_slots, slots, n_slots];
                let interferes = self.b.call_runtime(&ARRAYS_INTERFERE, args, Type::bool(), None);
                any = self.b.or(any, interferes);
            }
        }
        any
    }

    fn packed_slots(&mut self, operand: &Operand) -> [Value; 2] {
        let slots = self.packed(operand);
        let n_slots = self.b.int64(slots.len() as i64);
        [self.b.pack(slots), n_slots]
    }

    /// Fresh memory instead of a target where inputs interfere with it.
    fn stand_in(&mut self, interferes: Value, target: &Operand, value: Value, site: SiteId) -> Operand {
        let as_c = ArrayType { layout: Layout::C, ..target.ty };
        let any_layout: Type = TypeKind::Array(ArrayType { layout: Layout::A, ..target.ty }).into();
        let [fresh, chosen] = std::array::from_fn(|_| self.b.function.add_block());
        let param = self.b.function.add_param(chosen, any_layout);
        let owner = self.b.field(value, array_field::OWNER);
        let itself = self.array(any_layout, target.data, owner, &target.extents, &target.strides);
        let edge = |block, args| Edge { block, args };
        self.b.branch(interferes, edge(fresh, vec![]), edge(chosen, vec![itself]));

        self.b.switch_to(fresh);
        let geometry = self.b.pack(target.extents.clone());
        let ndim = self.b.int64(target.extents.len() as i64);
        let size = self.b.int64(item_size(target.ty.dtype));
        let n_bytes = self.b.call_runtime(&COUNT_BYTES, vec![geometry, ndim, size], Type::int64(), None);
        let zeroed = self.b.bool(false);
        let pair = Type::tuple(vec![Type::pointer(); 2]);
        let memory = self.b.call_runtime(&ALLOCATE, vec![n_bytes, zeroed], pair, Some(site));
        let [owner, data] = [0, 1].map(|idx| self.b.field(memory, idx));
        let strides = self.dense_strides(as_c, &target.extents);
        let stand_in = self.array(any_layout, data, owner, &target.extents, &strides);
        self.b.jump(chosen, vec![stand_in]);

        self.b.switch_to(chosen);
        let n_extents = target.extents.len();
        Operand {
            ty: ArrayType { layout: Layout::A, ..target.ty },
            data: self.b.field(param, array_field::DATA),
            extents: target.extents.clone(),
            strides: (0..n_extents)
                .map(|axis| self.b.field(param, array_field::FIRST_EXTENT + n_extents + axis))
                .collect(),
        }
    }

    fn array(&mut self, ty: Type, data: Value, owner: Value, extents: &[Value], strides: &[Value]) -> Value {
        let fields = [&[data, owner], extents, strides].concat();
        self.b.make(ty, fields)
    }

    /// Copies elements of one dtype; the source broadcasts to the target.
    fn copy(&mut self, target: &Operand, source: &Operand) {
        let missing = target.extents.len() - source.extents.len();
        let zero = self.b.int64(0);
        let mut geometry = [&target.extents[..], &target.strides].concat();
        for (axis, extent) in target.extents.iter().enumerate() {
            geometry.push(match axis.checked_sub(missing) {
                Some(own) => {
                    let same = self.same_extent(source.extents[own], *extent);
                    self.b.select(same, source.strides[own], zero)
                }
                None => zero,
            });
        }
        let geometry = self.b.pack(geometry);
        let ndim = self.b.int64(target.extents.len() as i64);
        let size = self.b.int64(item_size(target.ty.dtype));
        let args = vec![target.data, source.data, geometry, ndim, size];
        self.b.call_runtime(&COPY_ELEMENTS, args, Type::none(), None);
    }

    // Loops.

    /// Up to the first block: decides how to walk over the operands. `limit`: the most elements of a block.
    fn enter_blocks(
        &mut self,
        operands: &[Operand],
        n_targets: usize,
        extents: &[Value],
        limit: Option<i64>,
        is_ordered: bool,
    ) -> Blocks {
        let function = &mut *self.b.function;
        let block = function.add_block();
        let length = function.add_param(block, Type::int64());
        let done = function.add_param(block, Type::int64());
        let addresses: Vec<Value> =
            operands.iter().map(|_| function.add_param(block, Type::pointer())).collect();

        let one = self.b.int64(1);
        let zero = self.b.int64(0);
        let total = extents.iter().fold(one, |product, extent| self.b.mul(product, *extent));
        let mut is_dense = self.all_dense(operands, extents);
        if self.b.as_const_bool(is_dense) != Some(true) {
            // What is empty is one empty block, whatever it looks like.
            let is_empty = self.b.compare(CompareOp::Eq, total, zero);
            is_dense = self.b.or(is_dense, is_empty);
        }
        let first = match limit {
            Some(limit) => self.at_most(limit, total),
            None => total,
        };
        let mut blocks = Blocks {
            block,
            length,
            done,
            addresses,
            total,
            is_dense,
            limit,
            item_sizes: operands.iter().map(|operand| item_size(operand.ty.dtype)).collect(),
            walk: None,
        };
        let mut args = vec![first, zero];
        args.extend(operands.iter().map(|operand| operand.data));
        let dense_edge = Edge { block, args };
        if self.b.as_const_bool(is_dense) == Some(true) {
            self.b.terminate(Terminator::Jump(dense_edge));
            return blocks;
        }
        let function = &mut *self.b.function;
        let [begin, enter] = std::array::from_fn(|_| function.add_block());
        let walk_length = function.add_param(enter, Type::int64());
        let walk_done = function.add_param(enter, Type::int64());
        let element_bytes: usize = blocks.item_sizes.iter().sum::<i64>() as usize;
        let n_buffer_bytes = (element_bytes * STAGED).min(MOST_STAGED.max(element_bytes));
        let n_bytes = walk::state_bytes(operands.len(), extents.len()) + n_buffer_bytes;
        let state = self.b.stack_memory(n_bytes as u32);
        self.b.branch(is_dense, dense_edge, Edge { block: begin, args: vec![] });

        self.b.switch_to(begin);
        let numbers = [
            extents.len() as i64,
            (operands.len() - n_targets) as i64,
            n_targets as i64,
            n_bytes as i64,
            limit.unwrap_or(i64::MAX),
            i64::from(is_ordered),
        ];
        let mut spec: Vec<Value> = numbers.iter().map(|number| self.b.int64(*number)).collect();
        spec.extend(extents);
        for operand in operands {
            let packed = self.packed(operand);
            spec.extend(packed);
        }
        let n_slots = self.b.int64(spec.len() as i64);
        let spec = self.b.pack(spec);
        let length = self.b.call_runtime(&BLOCKS_BEGIN, vec![state, spec, n_slots], Type::int64(), None);
        self.b.jump(enter, vec![length, zero]);

        self.b.switch_to(enter);
        let mut args = vec![walk_length, walk_done];
        for idx in 0..operands.len() {
            let offset = self.b.int64(walk::FIRST_BLOCK + idx as i64 * walk::BLOCK_DISTANCE);
            let place = self.b.offset(state, offset);
            args.push(self.b.load(place, Type::pointer(), Access::aligned(true)));
        }
        self.b.jump(block, args);
        blocks.walk = Some((state, enter));
        blocks
    }

    fn at_most(&mut self, limit: i64, length: Value) -> Value {
        let limit = self.b.int64(limit);
        let less = self.b.compare(CompareOp::Lt, length, limit);
        self.b.select(less, length, limit)
    }

    /// From the end of a block to the next one, or to `finish`.
    fn leave_block(&mut self, blocks: &Blocks, finish: Block) {
        let edge = |block| Edge { block, args: vec![] };
        let next_done = self.b.add(blocks.done, blocks.length);
        if blocks.limit.is_none() && blocks.walk.is_none() {
            self.b.jump(finish, vec![]);
            return;
        }
        let next_dense = if let Some(limit) = blocks.limit {
            let more = self.b.compare(CompareOp::Lt, next_done, blocks.total);
            let next = self.b.function.add_block();
            self.b.branch(more, edge(next), edge(finish));
            self.b.switch_to(next);
            let block = self.b.function.add_block();
            let here = self.b.block();
            self.b.switch_to(block);
            let rest = self.b.sub(blocks.total, next_done);
            let mut args = vec![self.at_most(limit, rest), next_done];
            for (address, size) in blocks.addresses.iter().zip(&blocks.item_sizes) {
                let size = self.b.int64(*size);
                let distance = self.b.mul(blocks.length, size);
                args.push(self.b.offset(*address, distance));
            }
            self.b.jump(blocks.block, args);
            self.b.switch_to(here);
            block
        } else {
            finish
        };
        let Some((state, enter)) = blocks.walk else {
            self.b.jump(next_dense, vec![]);
            return;
        };
        let next_walked = self.b.function.add_block();
        self.b.branch(blocks.is_dense, edge(next_dense), edge(next_walked));
        self.b.switch_to(next_walked);
        let length = self.b.call_runtime(&BLOCKS_NEXT, vec![state], Type::int64(), None);
        let zero = self.b.int64(0);
        let more = self.b.compare(CompareOp::Gt, length, zero);
        self.b.branch(more, Edge { block: enter, args: vec![length, next_done] }, edge(finish));
    }

    /// A loop over the elements of a block.
    fn each(&mut self, length: Value, turn: impl FnOnce(&mut Self, Value)) {
        let function = &mut *self.b.function;
        let [header, inside, end] = std::array::from_fn(|_| function.add_block());
        let position = function.add_param(header, Type::int64());
        let edge = |block| Edge { block, args: vec![] };
        let zero = self.b.int64(0);
        self.b.jump(header, vec![zero]);
        self.b.switch_to(header);
        let more = self.b.compare(CompareOp::Lt, position, length);
        self.b.branch(more, edge(inside), edge(end));
        self.b.switch_to(inside);
        turn(self, position);
        let one = self.b.int64(1);
        let next = self.b.binary(BinaryOp::AddNoWrap, position, one);
        self.b.jump(header, vec![next]);
        self.b.switch_to(end);
    }

    fn place(&mut self, dtype: Type, address: Value, position: Value) -> Value {
        let size = self.b.int64(item_size(dtype));
        let distance = self.b.mul(position, size);
        self.b.offset(address, distance)
    }

    /// What the body is given: elements of arrays at a position of the block, and the inputs that are none.
    fn elements(&mut self, inputs: &[Input], addresses: &[Value], position: Value) -> Vec<Value> {
        let mut addresses = addresses.iter();
        inputs
            .iter()
            .map(|input| match input {
                Input::Array(operand) => {
                    let address = *addresses.next().expect("every array has an address");
                    let place = self.place(operand.ty.dtype, address, position);
                    let access = Access::aligned(operand.ty.aligned).independent();
                    self.b.load(place, operand.ty.dtype, access)
                }
                Input::Scalar(value) => *value,
            })
            .collect()
    }

    fn store(&mut self, ty: ArrayType, address: Value, position: Value, value: Value) {
        let place = self.place(ty.dtype, address, position);
        self.b.store(place, value, Access::aligned(ty.aligned).independent());
    }

    /// Goes through the body; gives its result.
    fn body(&mut self, body: &Function, args: &[Value]) -> Value {
        let after = self.b.function.add_block();
        let result = self.b.function.add_param(after, body.result);
        let here = self.b.block();
        let first = copy_blocks(self.b.function, body, args, after, None);
        self.b.switch_to(here);
        self.b.jump(first, vec![]);
        self.b.switch_to(after);
        result
    }
}

/// The blocks of elements that a loop runs over; the parameters of `block` are those of the current one.
struct Blocks {
    block: Block,
    length: Value,
    /// The number of elements before the block.
    done: Value,
    addresses: Vec<Value>,
    total: Value,
    is_dense: Value,
    limit: Option<i64>,
    item_sizes: Vec<i64>,
    /// The state of a walk, and where one enters its blocks with their length and what is done.
    walk: Option<(Value, Block)>,
}

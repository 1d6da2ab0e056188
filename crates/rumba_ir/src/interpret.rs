//! Executes typed SSA, slowly and with suspicion: what tests compare passes and generated code with.
//!
//! Memory is a list of objects, an address an object and an offset in it, so that every access out of
//! bounds, use of freed memory and miscounted reference is found, as a [`Stop::Fault`].

use crate::{
    BinaryOp, Block, BodyId, CompareOp, Edge, Function, InstanceId, Instruction, Op, RuntimeFunction, Scalar,
    SiteId, Terminator, UnaryOp, Value,
};
use rumba_types::layout::array_field;
use rumba_types::{ArrayType, FloatKind, IntKind, Layout, Type, TypeKind};
use rustc_hash::FxHashMap;

/// A value at run time.
#[derive(Clone, PartialEq, Debug)]
pub enum Datum {
    Bool(bool),
    /// Extended to 64 bits by the signedness of the type, as in [`Scalar::Int`].
    Int(i64),
    Float(f64),
    Pointer(Address),
    Composite(Vec<Datum>),
}

/// `offset` bytes into an object; `object` 0 is no object: the null pointer, and constants' owner.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Address {
    pub object: u32,
    pub offset: i64,
}

/// A counted block of memory.
#[derive(Clone, PartialEq, Debug)]
pub struct Object {
    pub bytes: Vec<u8>,
    /// 0: freed.
    pub references: u32,
}

/// Why execution did not come to a result.
#[derive(Clone, PartialEq, Debug)]
pub enum Stop {
    /// An exception, with the site that raised it (of the innermost function) and its operands.
    Raised { instance: InstanceId, site: SiteId, args: Vec<Datum> },
    /// The code is wrong.
    Fault(String),
    /// Executed as many operations as it was allowed to.
    OutOfFuel,
}

fn fault<T>(message: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Fault(message.into()))
}

/// How runtime functions other than the allocator behave.
pub type Runtime<'a> = &'a dyn Fn(&RuntimeFunction, &[Datum]) -> Datum;

pub struct Interpreter<'a> {
    functions: FxHashMap<InstanceId, &'a Function>,
    runtime: Runtime<'a>,
    /// By number; the first is no object.
    pub objects: Vec<Object>,
    /// Operations that may still be executed.
    pub fuel: u64,
    /// So many of the operations that fail by chance (polls, checks of the stack, allocations) succeed.
    pub n_successes: u64,
    /// What was raised last and went to a handler.
    caught: Option<Stop>,
}

impl<'a> Interpreter<'a> {
    pub fn new(functions: &'a [Function], runtime: Runtime<'a>) -> Interpreter<'a> {
        Interpreter {
            functions: functions.iter().map(|function| (function.id, function)).collect(),
            runtime,
            objects: vec![Object { bytes: Vec::new(), references: 0 }],
            fuel: 1_000_000,
            n_successes: u64::MAX,
            caught: None,
        }
    }

    /// A new object with one reference.
    pub fn allocate(&mut self, bytes: Vec<u8>) -> Address {
        self.objects.push(Object { bytes, references: 1 });
        Address { object: self.objects.len() as u32 - 1, offset: 0 }
    }

    /// The objects that are alive, with their numbers.
    pub fn live_objects(&self) -> impl Iterator<Item = (u32, &Object)> {
        let numbered = self.objects.iter().enumerate().map(|(number, object)| (number as u32, object));
        numbered.filter(|(_, object)| object.references > 0)
    }

    pub fn call(&mut self, instance: InstanceId, args: &[Datum]) -> Result<Datum, Stop> {
        let Some(function) = self.functions.get(&instance).copied() else {
            return fault(format!("{instance} is not in the batch"));
        };
        Frame { function, values: vec![None; function.values.len()] }.execute(self, args)
    }

    fn spend(&mut self) -> Result<(), Stop> {
        self.fuel = self.fuel.checked_sub(1).ok_or(Stop::OutOfFuel)?;
        Ok(())
    }

    /// Whether the next thing that may fail by chance succeeds.
    fn succeeds(&mut self) -> bool {
        let succeeds = self.n_successes > 0;
        self.n_successes = self.n_successes.saturating_sub(1);
        succeeds
    }

    /// `n_bytes` of memory.
    fn memory(&mut self, address: Address, n_bytes: usize) -> Result<&mut [u8], Stop> {
        let object = &mut self.objects[address.object as usize];
        if object.references == 0 {
            return fault(format!("use of object {}, which is freed", address.object));
        }
        let start = usize::try_from(address.offset).ok();
        match start.and_then(|start| object.bytes.get_mut(start..start + n_bytes)) {
            Some(bytes) => Ok(bytes),
            None => fault(format!("access to {n_bytes} bytes at {address:?}")),
        }
    }

    fn load(&mut self, address: Address, ty: Type) -> Result<Datum, Stop> {
        if let TypeKind::Complex(kind) = ty.kind() {
            let part = Type::float(*kind);
            let imaginary = Address { offset: address.offset + part.item_size() as i64, ..address };
            return Ok(Datum::Composite(vec![self.load(address, part)?, self.load(imaginary, part)?]));
        }
        if ty.time_unit().is_some() {
            return Ok(Datum::Composite(vec![self.load(address, Type::int64())?]));
        }
        let n_bytes = memory_size(ty)?;
        let mut bits = [0; 8];
        bits[..n_bytes].copy_from_slice(self.memory(address, n_bytes)?);
        let bits = u64::from_le_bytes(bits);
        Ok(match ty.kind() {
            TypeKind::Bool => Datum::Bool(bits != 0),
            _ => from_bits(bits, ty)?,
        })
    }

    fn store(&mut self, address: Address, datum: &Datum, ty: Type) -> Result<(), Stop> {
        if let (TypeKind::Complex(kind), Datum::Composite(parts)) = (ty.kind(), datum) {
            let part = Type::float(*kind);
            let imaginary = Address { offset: address.offset + part.item_size() as i64, ..address };
            self.store(address, &parts[0], part)?;
            return self.store(imaginary, &parts[1], part);
        }
        if let (Some(_), Datum::Composite(parts)) = (ty.time_unit(), datum) {
            return self.store(address, &parts[0], Type::int64());
        }
        let n_bytes = memory_size(ty)?;
        let bits = to_bits(datum, ty)?.to_le_bytes();
        self.memory(address, n_bytes)?.copy_from_slice(&bits[..n_bytes]);
        Ok(())
    }

    /// Adds `change` to the count of every reference in a value.
    fn count(&mut self, datum: &Datum, ty: Type, change: i32) -> Result<(), Stop> {
        let Datum::Composite(fields) = datum else { return Ok(()) };
        if let Some(owner_field) = ty.owner_field() {
            let Datum::Pointer(owner) = fields[owner_field] else {
                return fault("an owner is an address");
            };
            if owner.object == 0 {
                return Ok(());
            }
            let references = &mut self.objects[owner.object as usize].references;
            if *references == 0 {
                return fault(format!("object {} is freed already", owner.object));
            }
            *references = references.wrapping_add_signed(change);
            return Ok(());
        }
        let types = ty.fields().unwrap_or_default();
        fields.iter().zip(types).try_for_each(|(field, ty)| self.count(field, ty, change))
    }
}

struct Frame<'f> {
    function: &'f Function,
    values: Vec<Option<Datum>>,
}

impl Frame<'_> {
    fn execute(&mut self, world: &mut Interpreter<'_>, args: &[Datum]) -> Result<Datum, Stop> {
        let function = self.function;
        let mut block = function.entry();
        self.define_params(block, args.to_vec());
        'blocks: loop {
            world.spend()?;
            for instruction in &function.block(block).instructions {
                world.spend()?;
                match self.instruction(world, instruction) {
                    Ok(datum) => self.values[instruction.result.index()] = Some(datum),
                    Err(stop) => {
                        block = self.handle(world, block, stop, &instruction.cleanup)?;
                        continue 'blocks;
                    }
                }
            }
            let edge = match &function.block(block).terminator {
                Terminator::Jump(edge) => edge,
                Terminator::Yield(_) => return fault("generators cannot be interpreted"),
                Terminator::Branch { condition, then, otherwise } => {
                    if self.bool(*condition)? {
                        then
                    } else {
                        otherwise
                    }
                }
                Terminator::Return(value) => return self.get(*value),
                Terminator::Raise { site, args, cleanup } => {
                    let raised = self.raised(*site, args)?;
                    block = self.handle(world, block, raised, cleanup)?;
                    continue;
                }
                Terminator::Reraise { cleanup } => {
                    let Some(caught) = world.caught.take() else { return fault("nothing is pending") };
                    block = self.handle(world, block, caught, cleanup)?;
                    continue;
                }
                Terminator::Unreachable => return fault("reached what is never reached"),
            };
            block = self.follow(edge)?;
        }
    }

    /// Where an exception leads to that was raised in `block`, or how execution stops.
    fn handle(
        &mut self,
        world: &mut Interpreter<'_>,
        block: Block,
        stop: Stop,
        cleanup: &[Value],
    ) -> Result<Block, Stop> {
        if !matches!(stop, Stop::Raised { .. }) {
            return Err(stop);
        }
        self.clean_up(world, cleanup)?;
        match &self.function.block(block).handler {
            Some(handler) => {
                world.caught = Some(stop);
                self.follow(handler)
            }
            None => Err(stop),
        }
    }

    fn follow(&mut self, edge: &Edge) -> Result<Block, Stop> {
        let args = self.get_all(&edge.args)?;
        self.define_params(edge.block, args);
        Ok(edge.block)
    }

    fn define_params(&mut self, block: Block, args: Vec<Datum>) {
        for (param, arg) in self.function.block(block).params.iter().zip(args) {
            self.values[param.index()] = Some(arg);
        }
    }

    fn clean_up(&mut self, world: &mut Interpreter<'_>, cleanup: &[Value]) -> Result<(), Stop> {
        for value in cleanup {
            world.count(&self.get(*value)?, self.function.ty(*value), -1)?;
        }
        Ok(())
    }

    fn raised(&self, site: SiteId, args: &[Value]) -> Result<Stop, Stop> {
        Ok(Stop::Raised { instance: self.function.id, site, args: self.get_all(args)? })
    }

    fn get(&self, value: Value) -> Result<Datum, Stop> {
        self.values[value.index()]
            .clone()
            .ok_or_else(|| Stop::Fault(format!("{value} is used before it is defined")))
    }

    fn get_all(&self, values: &[Value]) -> Result<Vec<Datum>, Stop> {
        values.iter().map(|value| self.get(*value)).collect()
    }

    fn bool(&self, value: Value) -> Result<bool, Stop> {
        match self.get(value)? {
            Datum::Bool(value) => Ok(value),
            other => fault(format!("{other:?} is no bool")),
        }
    }

    fn pointer(&self, value: Value) -> Result<Address, Stop> {
        match self.get(value)? {
            Datum::Pointer(address) => Ok(address),
            other => fault(format!("{other:?} is no address")),
        }
    }

    /// Reads all elements before it writes any.
    fn elementwise(
        &self,
        world: &mut Interpreter<'_>,
        body: BodyId,
        inputs: &[Value],
        targets: &[Value],
    ) -> Result<(), Stop> {
        let array = |value: Value| -> Result<Option<Elements>, Stop> {
            let Some(ty) = self.function.ty(value).as_array() else { return Ok(None) };
            let Datum::Composite(fields) = self.get(value)? else { return fault("an array has fields") };
            let Datum::Pointer(data) = fields[array_field::DATA] else { return fault("no data") };
            let (extents, strides) = geometry(ty, &fields)?;
            Ok(Some(Elements { ty, data, extents, strides }))
        };
        let target_arrays: Vec<_> =
            targets.iter().map(|target| array(*target)).collect::<Result<_, Stop>>()?;
        let shape = match &target_arrays[..] {
            [Some(target), ..] => target.extents.clone(),
            _ => return fault("a target is an array"),
        };
        let body = &self.function.bodies[body.index()];
        let n_elements: i64 = shape.iter().product();
        let mut results = Vec::new();
        for flat in 0..n_elements {
            let mut rest = flat;
            let mut position = vec![0; shape.len()];
            for axis in (0..shape.len()).rev() {
                position[axis] = rest % shape[axis];
                rest /= shape[axis];
            }
            let mut args = Vec::new();
            for input in inputs {
                args.push(match array(*input)? {
                    Some(elements) => world.load(elements.place(&position), elements.ty.dtype)?,
                    None => self.get(*input)?,
                });
            }
            let mut frame = Frame { function: body, values: vec![None; body.values.len()] };
            results.push((position, frame.execute(world, &args)?));
        }
        for (position, result) in results {
            for (idx, target) in target_arrays.iter().flatten().enumerate() {
                let element = match (&result, targets.len()) {
                    (Datum::Composite(parts), n) if n > 1 => &parts[idx],
                    (element, _) => element,
                };
                world.store(target.place(&position), element, target.ty.dtype)?;
            }
        }
        Ok(())
    }

    fn instruction(&self, world: &mut Interpreter<'_>, instruction: &Instruction) -> Result<Datum, Stop> {
        let nothing = Datum::Composite(Vec::new());
        let ty = self.function.ty(instruction.result);
        let site = || instruction.site.ok_or_else(|| Stop::Fault("what raises names a site".into()));
        let datum = match &instruction.op {
            Op::Const(scalar) => match *scalar {
                Scalar::Bool(value) => Datum::Bool(value),
                Scalar::Int(value) => Datum::Int(value),
                Scalar::Float(value) => round(value, ty),
                Scalar::Address(0) => Datum::Pointer(Address::default()),
                Scalar::Address(_) => return fault("addresses of the machine cannot be interpreted"),
            },
            Op::Make(fields) => Datum::Composite(self.get_all(fields)?),
            Op::Field { value, index } => match self.get(*value)? {
                Datum::Composite(mut fields) => fields.swap_remove(*index as usize),
                other => return fault(format!("{other:?} has no fields")),
            },
            Op::Unary { op, operand } => unary(*op, self.get(*operand)?, ty)?,
            Op::Binary { op, lhs, rhs } => binary(*op, self.get(*lhs)?, self.get(*rhs)?, ty)?,
            Op::Compare { op, lhs, rhs } => {
                Datum::Bool(compare(*op, &self.get(*lhs)?, &self.get(*rhs)?, self.function.ty(*lhs))?)
            }
            Op::Select { condition, then, otherwise } => {
                self.get(if self.bool(*condition)? { *then } else { *otherwise })?
            }
            Op::Convert(value) => convert(self.get(*value)?, self.function.ty(*value), ty)?,
            Op::Reinterpret(value) => from_bits(to_bits(&self.get(*value)?, self.function.ty(*value))?, ty)?,
            Op::Load { pointer, .. } => world.load(self.pointer(*pointer)?, ty)?,
            Op::Store { pointer, value, .. } => {
                world.store(self.pointer(*pointer)?, &self.get(*value)?, self.function.ty(*value))?;
                nothing
            }
            Op::Offset { pointer, bytes } => {
                let (Address { object, offset }, Datum::Int(bytes)) =
                    (self.pointer(*pointer)?, self.get(*bytes)?)
                else {
                    return fault("an offset is an int");
                };
                Datum::Pointer(Address { object, offset: offset.wrapping_add(bytes) })
            }
            Op::Cell(_) => return fault("memory of frames cannot be interpreted"),
            Op::Adopt(value) => self.get(*value)?,
            Op::EntryAddress(_) | Op::GeneratorSize(_) => return fault("generators cannot be interpreted"),
            Op::Own(value) => {
                world.count(&self.get(*value)?, self.function.ty(*value), 1)?;
                self.get(*value)?
            }
            // Only runtime functions look at it, and these are given it as it is.
            Op::Pack(values) => Datum::Composite(self.get_all(values)?),
            Op::Data(bytes) => Datum::Pointer(world.allocate(bytes.to_vec())),
            Op::StackMemory { bytes } => Datum::Pointer(world.allocate(vec![0; *bytes as usize])),
            Op::Elementwise { body, inputs, targets, .. } => {
                self.elementwise(world, *body, inputs, targets)?;
                nothing
            }
            Op::Reduce { .. } => return fault("reductions are not interpreted"),
            Op::Call { callee, args } => world.call(*callee, &self.get_all(args)?)?,
            Op::CallRuntime { args, .. } if instruction.op.allocates(ty) => {
                if !world.succeeds() {
                    return Err(self.raised(site()?, &[])?);
                }
                let Some(Datum::Int(n_bytes)) = self.get_all(args)?.first().cloned() else {
                    return fault("a size is an int");
                };
                let Ok(n_bytes) = usize::try_from(n_bytes) else { return Err(self.raised(site()?, &[])?) };
                let address = Datum::Pointer(world.allocate(vec![0; n_bytes]));
                Datum::Composite(vec![address.clone(), address])
            }
            Op::CallRuntime { function, args } => (world.runtime)(function, &self.get_all(args)?),
            Op::CallHost { .. } => nothing,
            Op::RaiseUnless { condition, args } => {
                if !self.bool(*condition)? {
                    return Err(self.raised(site()?, args)?);
                }
                nothing
            }
            Op::CheckStack | Op::Poll => {
                if !world.succeeds() {
                    return Err(self.raised(site()?, &[])?);
                }
                nothing
            }
            Op::Retain(value) => {
                world.count(&self.get(*value)?, self.function.ty(*value), 1)?;
                nothing
            }
            Op::Release(value) => {
                world.count(&self.get(*value)?, self.function.ty(*value), -1)?;
                nothing
            }
        };
        Ok(datum)
    }
}

/// Where the elements of an array are.
struct Elements {
    ty: ArrayType,
    data: Address,
    extents: Vec<i64>,
    strides: Vec<i64>,
}

impl Elements {
    /// The address of the element at a position in a shape that the array broadcasts to.
    fn place(&self, position: &[i64]) -> Address {
        let own = &position[position.len() - self.extents.len()..];
        let steps = own.iter().zip(&self.extents).zip(&self.strides);
        let bytes: i64 =
            steps.map(|((idx, extent), stride)| if *extent == 1 { 0 } else { idx * stride }).sum();
        Address { offset: self.data.offset + bytes, ..self.data }
    }
}

/// The extents of an array value and the bytes between its elements along each axis.
fn geometry(array: ArrayType, fields: &[Datum]) -> Result<(Vec<i64>, Vec<i64>), Stop> {
    let ndim = usize::from(array.ndim);
    let int = |datum: &Datum| match datum {
        Datum::Int(value) => Ok(*value),
        other => fault(format!("{other:?} is no extent")),
    };
    let numbers: Vec<i64> =
        fields[array_field::FIRST_EXTENT..].iter().map(int).collect::<Result<_, Stop>>()?;
    let extents = numbers[..ndim].to_vec();
    if array.layout == Layout::A {
        return Ok((extents, numbers[ndim..].to_vec()));
    }
    let mut strides = vec![0; ndim];
    let mut stride = array.dtype.item_size() as i64;
    for position in 0..ndim {
        let axis = if array.layout == Layout::C { ndim - 1 - position } else { position };
        strides[axis] = stride;
        stride *= extents[axis];
    }
    Ok((extents, strides))
}

fn memory_size(ty: Type) -> Result<usize, Stop> {
    match ty.kind() {
        TypeKind::Bool | TypeKind::Int(_) | TypeKind::Float(_) => Ok(ty.item_size() as usize),
        _ => fault(format!("{ty} does not stand in memory")),
    }
}

fn to_bits(datum: &Datum, ty: Type) -> Result<u64, Stop> {
    match (datum, ty.kind()) {
        (Datum::Bool(value), _) => Ok(u64::from(*value)),
        (Datum::Int(value), TypeKind::Int(kind)) => Ok(*value as u64 & (u64::MAX >> (64 - kind.bits))),
        (Datum::Float(value), TypeKind::Float(FloatKind::F32)) => Ok(u64::from((*value as f32).to_bits())),
        (Datum::Float(value), _) => Ok(value.to_bits()),
        _ => fault(format!("{datum:?} has no bits as {ty}")),
    }
}

fn from_bits(bits: u64, ty: Type) -> Result<Datum, Stop> {
    match ty.kind() {
        TypeKind::Bool => Ok(Datum::Bool(bits & 1 != 0)),
        TypeKind::Int(kind) => Ok(wrap(i128::from(bits), *kind)),
        TypeKind::Float(FloatKind::F32) => Ok(Datum::Float(f64::from(f32::from_bits(bits as u32)))),
        TypeKind::Float(FloatKind::F64) => Ok(Datum::Float(f64::from_bits(bits))),
        _ => fault(format!("{ty} is not made of bits")),
    }
}

/// The lowest bits of `value` as a number of this kind.
fn wrap(value: i128, kind: IntKind) -> Datum {
    let unused = 128 - u32::from(kind.bits);
    let shifted = value << unused;
    Datum::Int(if kind.signed { shifted >> unused } else { (shifted as u128 >> unused) as i128 } as i64)
}

fn round(value: f64, ty: Type) -> Datum {
    match ty.kind() {
        TypeKind::Float(FloatKind::F32) => Datum::Float(f64::from(value as f32)),
        _ => Datum::Float(value),
    }
}

/// The mathematical value of an int of this kind.
fn number(value: i64, kind: IntKind) -> i128 {
    if kind.signed { i128::from(value) } else { i128::from(value as u64) }
}

fn unary(op: UnaryOp, operand: Datum, ty: Type) -> Result<Datum, Stop> {
    match (operand, ty.kind()) {
        (Datum::Bool(value), _) if op == UnaryOp::Not => Ok(Datum::Bool(!value)),
        (Datum::Int(value), TypeKind::Int(kind)) => {
            let (value, width) = (number(value, *kind), u32::from(kind.bits));
            let unsigned = (value as u64) & (u64::MAX >> (64 - width));
            let result = match op {
                UnaryOp::Neg => -value,
                UnaryOp::BitNot => !value,
                UnaryOp::CountOnes => i128::from(unsigned.count_ones()),
                UnaryOp::LeadingZeros => i128::from(unsigned.leading_zeros() - (64 - width)),
                UnaryOp::TrailingZeros => i128::from(unsigned.trailing_zeros().min(width)),
                _ => return fault(format!("{op:?} of an int")),
            };
            Ok(wrap(result, *kind))
        }
        (Datum::Float(value), _) => {
            let result = match op {
                UnaryOp::Neg => -value,
                UnaryOp::Abs => value.abs(),
                UnaryOp::Sqrt => value.sqrt(),
                UnaryOp::Floor => value.floor(),
                UnaryOp::Ceil => value.ceil(),
                UnaryOp::Trunc => value.trunc(),
                UnaryOp::RoundEven => value.round_ties_even(),
                _ => return fault(format!("{op:?} of a float")),
            };
            Ok(round(result, ty))
        }
        (operand, _) => fault(format!("{op:?} of {operand:?}")),
    }
}

fn binary(op: BinaryOp, lhs: Datum, rhs: Datum, ty: Type) -> Result<Datum, Stop> {
    match (lhs, rhs, ty.kind()) {
        (Datum::Bool(a), Datum::Bool(b), _) => match op {
            BinaryOp::And => Ok(Datum::Bool(a & b)),
            BinaryOp::Or => Ok(Datum::Bool(a | b)),
            BinaryOp::Xor => Ok(Datum::Bool(a ^ b)),
            _ => fault(format!("{op:?} of bools")),
        },
        (Datum::Int(a), Datum::Int(b), TypeKind::Int(kind)) => {
            binary_ints(op, number(a, *kind), number(b, *kind), *kind)
        }
        (Datum::Float(a), Datum::Float(b), _) => {
            let result = match op {
                BinaryOp::Add => a + b,
                BinaryOp::Sub => a - b,
                BinaryOp::Mul => a * b,
                BinaryOp::Div => a / b,
                BinaryOp::CopySign => a.copysign(b),
                _ => return fault(format!("{op:?} of floats")),
            };
            Ok(round(result, ty))
        }
        (lhs, rhs, _) => fault(format!("{op:?} of {lhs:?} and {rhs:?}")),
    }
}

fn binary_ints(op: BinaryOp, a: i128, b: i128, kind: IntKind) -> Result<Datum, Stop> {
    let divides =
        matches!(op, BinaryOp::FloorDiv | BinaryOp::FloorMod | BinaryOp::TruncDiv | BinaryOp::TruncMod);
    if divides && b == 0 {
        return fault("division by zero");
    }
    // A shift count is read as unsigned.
    let n_bits = u32::from(kind.bits);
    let count = (b as u128) & (u128::MAX >> (128 - n_bits));
    let result = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a.wrapping_mul(b),
        BinaryOp::AddNoWrap => {
            if !(kind.min()..=kind.max()).contains(&(a + b)) {
                return fault("an addition wraps that was known not to");
            }
            a + b
        }
        BinaryOp::FloorDiv => (a - floor_mod(a, b)) / b,
        BinaryOp::FloorMod => floor_mod(a, b),
        BinaryOp::TruncDiv => a / b,
        BinaryOp::TruncMod => a % b,
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        BinaryOp::Shl if count >= u128::from(n_bits) => 0,
        BinaryOp::Shl => a << count,
        BinaryOp::Shr => a >> count.min(127),
        BinaryOp::Div | BinaryOp::CopySign => return fault(format!("{op:?} of ints")),
    };
    Ok(wrap(result, kind))
}

/// The remainder that has the sign of the divisor.
fn floor_mod(a: i128, b: i128) -> i128 {
    let rest = a % b;
    if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
}

fn compare(op: CompareOp, lhs: &Datum, rhs: &Datum, ty: Type) -> Result<bool, Stop> {
    let order = match (lhs, rhs, ty.kind()) {
        (Datum::Bool(a), Datum::Bool(b), _) => Some(a.cmp(b)),
        (Datum::Int(a), Datum::Int(b), TypeKind::Int(kind)) => {
            Some(number(*a, *kind).cmp(&number(*b, *kind)))
        }
        (Datum::Float(a), Datum::Float(b), _) => a.partial_cmp(b),
        (Datum::Pointer(a), Datum::Pointer(b), _) => Some(a.cmp(b)),
        _ => return fault(format!("{op:?} of {lhs:?} and {rhs:?}")),
    };
    Ok(match op {
        CompareOp::Eq => order.is_some_and(|order| order.is_eq()),
        CompareOp::Ne => order.is_none_or(|order| order.is_ne()),
        CompareOp::Lt => order.is_some_and(|order| order.is_lt()),
        CompareOp::Le => order.is_some_and(|order| order.is_le()),
        CompareOp::Gt => order.is_some_and(|order| order.is_gt()),
        CompareOp::Ge => order.is_some_and(|order| order.is_ge()),
    })
}

fn convert(datum: Datum, from: Type, to: Type) -> Result<Datum, Stop> {
    let exact = match (datum, from.kind()) {
        (Datum::Bool(value), _) => i128::from(value),
        (Datum::Int(value), TypeKind::Int(kind)) => number(value, *kind),
        (Datum::Float(value), _) => {
            return Ok(match to.kind() {
                TypeKind::Bool => Datum::Bool(value != 0.0),
                TypeKind::Int(kind) => wrap(value as i128, *kind),
                _ => round(value, to),
            });
        }
        (datum, _) => return fault(format!("{datum:?} is no number")),
    };
    Ok(match to.kind() {
        TypeKind::Bool => Datum::Bool(exact != 0),
        TypeKind::Int(kind) => wrap(exact, *kind),
        TypeKind::Float(FloatKind::F32) => Datum::Float(f64::from(exact as f32)),
        _ => Datum::Float(exact as f64),
    })
}

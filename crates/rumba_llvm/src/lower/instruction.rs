//! Instructions.

use llvm_sys::LLVMIntPredicate::{LLVMIntEQ, LLVMIntUGE};
use rumba_ir::runtime_function::CALL_ENTRY;
use rumba_ir::{Instruction, Op, RuntimeFunction, Scalar, Value};
use rumba_types::Type;

use super::emitter::{Effects, Ir};
use super::function::FunctionLowering;
use super::raise::{Cause, token};
use super::{arithmetic, entry_symbol, memory};

impl FunctionLowering<'_, '_, '_> {
    pub fn lower_instruction(&mut self, instruction: &Instruction) {
        let scalars = self.lower_op(instruction);
        self.define(instruction.result, scalars);
    }

    /// The scalars of the instruction's result.
    fn lower_op(&mut self, instruction: &Instruction) -> Vec<Ir> {
        let ty = self.function.ty(instruction.result);
        match &instruction.op {
            Op::Const(scalar) => vec![self.constant(*scalar, ty)],
            Op::Make(fields) => self.flatten(fields),
            Op::Field { value, index } => self.field(*value, *index as usize),
            Op::Unary { op, operand } => {
                vec![arithmetic::unary(self.emitter, *op, ty, self.scalar(*operand))]
            }
            Op::Binary { op, lhs, rhs } => {
                vec![arithmetic::binary(self.emitter, *op, ty, self.scalar(*lhs), self.scalar(*rhs))]
            }
            Op::Compare { op, lhs, rhs } => {
                let operand_type = self.function.ty(*lhs);
                vec![arithmetic::compare(
                    self.emitter,
                    *op,
                    operand_type,
                    self.scalar(*lhs),
                    self.scalar(*rhs),
                )]
            }
            Op::Select { condition, then, otherwise } => {
                let condition = self.scalar(*condition);
                let pairs = self.scalars_of(*then).iter().zip(self.scalars_of(*otherwise));
                pairs.map(|(then, otherwise)| self.emitter.select(condition, *then, *otherwise)).collect()
            }
            Op::Convert(value) => {
                vec![arithmetic::convert(self.emitter, self.scalar(*value), self.function.ty(*value), ty)]
            }
            Op::Reinterpret(value) => {
                vec![arithmetic::reinterpret(self.emitter, self.scalar(*value), self.function.ty(*value), ty)]
            }
            Op::Load { pointer, access } => {
                let pointer = self.scalar(*pointer);
                memory::load_element(self.emitter, ty, pointer, *access)
            }
            Op::Store { pointer, value, access } => {
                let (pointer, scalars) = (self.scalar(*pointer), self.scalars_of(*value).to_vec());
                memory::store_element(self.emitter, self.function.ty(*value), &scalars, pointer, *access);
                vec![]
            }
            Op::Offset { pointer, bytes } => {
                vec![self.emitter.offset(self.scalar(*pointer), self.scalar(*bytes))]
            }
            Op::Pack(values) => {
                let (types, scalars) = (self.flatten_types(values), self.flatten(values));
                let slots = self.slots(scalars.len());
                memory::pack(self.emitter, &types, &scalars, slots);
                vec![slots]
            }
            Op::Data(bytes) => vec![self.emitter.data(bytes)],
            Op::StackMemory { bytes } => vec![self.stack_memory(*bytes)],
            Op::Elementwise { .. } | Op::Reduce { .. } => {
                panic!("whole-array operations are loops by now: {instruction:?}")
            }
            Op::Cell(value) => {
                let (types, scalars) = (self.flatten_types(&[*value]), self.flatten(&[*value]));
                let slots = self.slots(scalars.len());
                memory::pack(self.emitter, &types, &scalars, slots);
                vec![slots]
            }
            Op::Own(value) => {
                self.retain(*value);
                self.scalars_of(*value).to_vec()
            }
            Op::Adopt(value) => self.scalars_of(*value).to_vec(),
            Op::EntryAddress(instance) => vec![self.emitter.declare_entry(&entry_symbol(*instance)).function],
            Op::GeneratorSize(_) => panic!("sizes of generators are constants by now"),
            Op::Call { callee, args } => {
                let callee = self.callees.get(self.emitter, *callee);
                let mut operands = vec![self.ctx()];
                operands.extend(self.flatten(args));
                let n_results = self.emitter.scalars(ty).len() + usize::from(callee.can_raise);
                let mut results = self.emitter.call(callee.declaration, &operands, n_results);
                if callee.can_raise {
                    let status = results.remove(0);
                    self.go_on_if_ok(status, instruction.site, Cause::Callee, &instruction.cleanup);
                }
                results
            }
            Op::CallRuntime { function, args } if function.symbol == CALL_ENTRY.symbol => {
                self.call_entry(instruction, args, ty)
            }
            Op::CallRuntime { function, args } => self.call_runtime(instruction, function, args, ty),
            Op::CallHost { args } => {
                let (types, scalars) = (self.flatten_types(args), self.flatten(args));
                let slots =
                    if scalars.is_empty() { self.emitter.null() } else { self.scratch(scalars.len()) };
                memory::pack(self.emitter, &types, &scalars, slots);
                let params = [Type::pointer(), Type::uint64(), Type::pointer()];
                let host = self.emitter.declare_runtime(
                    "rumba_call_host",
                    &params,
                    Some(Type::int32()),
                    Effects::Any,
                );
                let token = token(self.emitter, self.function.id, instruction.site);
                let status = self.emitter.call(host, &[self.ctx(), token, slots], 1)[0];
                self.go_on_if_ok(status, instruction.site, Cause::Callee, &instruction.cleanup);
                vec![]
            }
            Op::RaiseUnless { condition, args } => {
                let cause = Cause::Raise { args: args.clone() };
                self.go_on_if(self.scalar(*condition), instruction.site, cause, &instruction.cleanup);
                vec![]
            }
            Op::CheckStack => {
                // The limit is the context's first word, and other threads write it.
                let limit = self.emitter.load_volatile(self.emitter.int_type(64), self.ctx(), 8);
                let stack_pointer = self.emitter.stack_pointer();
                let enough = self.emitter.icmp(LLVMIntUGE, stack_pointer, limit);
                self.ask_unless(enough, "rumba_check_stack", &[stack_pointer], instruction);
                vec![]
            }
            Op::Poll => {
                let flag = self.emitter.runtime_variable("rumba_interrupt_flag", Type::int32());
                let raised = self.emitter.load_volatile(self.emitter.int_type(32), flag, 4);
                let quiet = self.emitter.icmp(LLVMIntEQ, raised, self.emitter.const_i32(0));
                self.ask_unless(quiet, "rumba_poll", &[], instruction);
                vec![]
            }
            Op::Retain(value) => {
                self.retain(*value);
                vec![]
            }
            Op::Release(value) => {
                self.release(*value);
                vec![]
            }
        }
    }

    fn constant(&self, scalar: Scalar, ty: Type) -> Ir {
        let llvm_type = self.emitter.scalar_type(ty);
        match scalar {
            Scalar::Bool(value) => self.emitter.const_bool(value),
            Scalar::Int(value) => self.emitter.const_int(llvm_type, value),
            Scalar::Float(value) => {
                let rounded = if ty == Type::float32() { f64::from(value as f32) } else { value };
                self.emitter.const_float(llvm_type, rounded)
            }
            Scalar::Address(0) => self.emitter.null(),
            Scalar::Address(address) => self.emitter.const_address(address),
        }
    }

    fn field(&mut self, value: Value, index: usize) -> Vec<Ir> {
        let fields = self.function.ty(value).fields().expect("fields are taken of composite values");
        let start: usize = fields[..index].iter().map(|field| self.emitter.scalars(*field).len()).sum();
        let n_scalars = self.emitter.scalars(fields[index]).len();
        self.scalars_of(value)[start..start + n_scalars].to_vec()
    }

    /// Calls the entry function at the address that the first operand is.
    fn call_entry(&mut self, instruction: &Instruction, args: &[Value], result: Type) -> Vec<Ir> {
        let (address, args) = args.split_first().expect("the address is an operand");
        let (types, scalars) = (self.flatten_types(args), self.flatten(args));
        let results = self.emitter.scalars(result);
        // Both at once: they are memory of their own.
        let slots = match scalars.len() + results.len() {
            0 => self.emitter.null(),
            n_slots => self.scratch(n_slots),
        };
        let out = self.emitter.offset_const(slots, 8 * scalars.len() as u64);
        memory::pack(self.emitter, &types, &scalars, slots);
        let entry = self.emitter.entry_at(self.scalar(*address));
        let status = self.emitter.call(entry, &[self.ctx(), slots, out], 1)[0];
        self.go_on_if_ok(status, instruction.site, Cause::Callee, &instruction.cleanup);
        memory::unpack(self.emitter, &results, out)
    }

    /// See [`RuntimeFunction`] for the calling convention.
    fn call_runtime(
        &mut self,
        instruction: &Instruction,
        function: &'static RuntimeFunction,
        args: &[Value],
        result: Type,
    ) -> Vec<Ir> {
        let mut params = self.flatten_types(args);
        let mut operands = self.flatten(args);
        if function.takes_context {
            params.insert(0, Type::pointer());
            operands.insert(0, self.ctx());
        }
        let results = self.emitter.scalars(result);
        let out = (function.can_raise || results.len() > 1).then(|| match results.len() {
            0 => self.emitter.null(),
            n_slots => self.scratch(n_slots),
        });
        if let Some(out) = out {
            params.push(Type::pointer());
            operands.push(out);
        }
        let returned = match (function.can_raise, out) {
            (true, _) => Some(Type::int32()),
            (false, None) => results.first().copied(),
            (false, Some(_)) => None,
        };
        // A function that fills slots writes memory, however pure it is.
        let effects = if function.is_pure() && out.is_none() { Effects::Pure } else { Effects::Any };
        let callee = self.emitter.declare_runtime(function.symbol, &params, returned, effects);
        let direct = self.emitter.call(callee, &operands, usize::from(returned.is_some()));
        if function.can_raise {
            self.go_on_if_ok(direct[0], instruction.site, Cause::Callee, &instruction.cleanup);
        }
        match out {
            Some(out) => memory::unpack(self.emitter, &results, out),
            None => direct,
        }
    }

    /// Unless all is `quiet`, asks a function of the runtime, which may raise; it takes `words` beside context and token.
    fn ask_unless(&mut self, quiet: Ir, function: &'static str, words: &[Ir], instruction: &Instruction) {
        let ask = self.emitter.append_block(self.llvm_function);
        let next = self.emitter.following_block(self.llvm_function);
        self.emitter.branch_likely(quiet, next, ask);
        self.emitter.position_at_end(ask);
        let mut params = vec![Type::pointer(), Type::uint64()];
        params.extend(words.iter().map(|_| Type::uint64()));
        let callee = self.emitter.declare_runtime(function, &params, Some(Type::int32()), Effects::Cold);
        let token = token(self.emitter, self.function.id, instruction.site);
        let operands = [&[self.ctx(), token], words].concat();
        let status = self.emitter.call(callee, &operands, 1)[0];
        self.go_on_if_ok(status, instruction.site, Cause::Complete, &instruction.cleanup);
        self.emitter.jump(next);
        self.emitter.position_at_end(next);
    }
}

const _: () = {
    use rumba_ir::runtime_function::{REDUCTION_STATE_BYTES, walk};
    use rumba_runtime::blocks;
    assert!(walk::FIRST_BLOCK as usize == blocks::FIRST_BLOCK);
    assert!(walk::BLOCK_DISTANCE as usize == blocks::BLOCK_DISTANCE);
    assert!(REDUCTION_STATE_BYTES as usize == rumba_runtime::reductions::STATE_BYTES);
    assert!(walk::state_bytes(1, 0) == blocks::state_bytes(1, 0));
    assert!(walk::state_bytes(3, 4) == blocks::state_bytes(3, 4));
    // `rumba_interrupt_flag` is an i32, and the stack limit a word at offset 0.
    assert!(size_of_val(&rumba_runtime::interrupt::INTERRUPT_FLAG) == 4);
    assert!(std::mem::offset_of!(rumba_runtime::context::ExecutionContext, stack_limit) == 0);
};

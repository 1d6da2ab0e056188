//! Generator functions: an instance is two functions, one that makes the generator and one that goes on with it.
//!
//! The type of the generator holds what it yields and returns, so it is known when these are, and widens with them.
//! The resuming function is emitted with the generator's block as its first argument, where it reads its parameters;
//! it ends where it yields, as if that were possible, and `rumba_opt::lower_yields` makes it so.

use crate::analysis::Facts;
use crate::inference::{Inference, Instance, InstanceKey};
use rumba_ir::{Access, Block, CompareOp, Edge, Function, InstanceId, Terminator, Value};
use rumba_library::{Emit, Emitter, Failure};
use rumba_source::{Code as ErrorCode, Diagnostic, Span};
use rumba_syntax::hir::{self, Inst};
use rumba_types::{GeneratorType, Type, TypeKind, join};
use std::sync::Arc;

/// How a generator is resumed when an exception is to be raised where it stopped: `rumba_runtime::generators`.
const THROW: i64 = 1;

/// The values that a resuming function has for its parameters: the generator, and how it is resumed.
#[derive(Clone, Copy)]
pub(crate) struct Resumed {
    pub generator: Value,
    pub how: Value,
}

impl Instance {
    /// What the instance returns when it is called, if it is a generator function of which enough is known.
    pub fn generator(&self) -> Option<Arc<GeneratorType>> {
        // Without anything to wait for, it yields nothing.
        let is_known = self.facts.yielded.is_some() || self.facts.pending.is_empty();
        is_known.then(|| self.generator_so_far()).flatten()
    }

    /// The same with what is known by now.
    pub fn generator_so_far(&self) -> Option<Arc<GeneratorType>> {
        let resume = self.resume?;
        let Facts { yielded, result, .. } = &self.facts;
        let sent = match yielded {
            _ if !self.reads_sent => Type::none(),
            Some(item) => sent(*item),
            None => sent(Type::never()),
        };
        let ty = GeneratorType {
            resume: resume.0,
            name: self.code.hir.name.clone(),
            params: self.key.params.clone(),
            item: yielded.unwrap_or(Type::never()),
            sent,
            returned: result.unwrap_or(Type::never()),
        };
        Some(Arc::new(ty))
    }
}

/// Whether something is made of what is sent to the generator.
pub(crate) fn reads_sent(function: &hir::Function) -> bool {
    let insts = || function.blocks.iter().flat_map(|block| &block.insts);
    let sent: Vec<hir::Value> =
        insts().filter(|(_, inst)| matches!(inst, Inst::Sent)).map(|(value, _)| *value).collect();
    let of_insts = insts().flat_map(|(_, inst)| inst.operands());
    let of_ends = function.blocks.iter().flat_map(|block| {
        let edges = block.edges().into_iter().flat_map(|edge| edge.args.clone());
        edges.chain(block.terminator.operands()).collect::<Vec<_>>()
    });
    of_insts.chain(of_ends).any(|operand| sent.contains(&operand))
}

/// What `yield` gives: an optional of what was yielded, or of a number where nothing was.
fn sent(item: Type) -> Type {
    let sent = if item.is_none() || item == Type::never() { Type::float64() } else { item };
    join(sent, Type::none()).unwrap_or(Type::none())
}

impl Inference<'_> {
    /// Notes what is yielded. Whether that is news.
    pub(crate) fn join_yielded(&mut self, idx: usize, ty: Type, span: Span) -> bool {
        let facts = &mut self.instances[idx].facts;
        let joined = match facts.yielded {
            None => Some(ty),
            Some(old) => join(old, ty),
        };
        match joined {
            Some(joined) => facts.yielded.replace(joined) != Some(joined),
            None => {
                let old = facts.yielded.map(|old| old.shown().to_string()).unwrap_or_default();
                let message = format!("{} is yielded here, and {old} elsewhere", ty.shown());
                let diagnostic = Diagnostic::new(ErrorCode::CannotUnify, span, message);
                facts.errors.push(diagnostic.note("a generator yields one type: convert one side"));
                false
            }
        }
    }

    /// What a generator is resumed with; raises what is thrown into it.
    pub(crate) fn sent(&mut self, e: &mut Emitter<'_>, idx: usize) -> Emit<Value> {
        // Behind a mistake it may not be known what is yielded.
        let Some(ty) = self.instances[idx].generator() else { return Err(Failure::Pending) };
        let generator = TypeKind::GeneratorIterator(ty.clone()).into();
        let Resumed { generator, how } = self.resumed.unwrap_or_else(|| Resumed {
            generator: e.b.function.add_value(generator),
            how: e.b.function.add_value(Type::int64()),
        });
        let [raises, goes_on] = std::array::from_fn(|_| e.b.function.add_block());
        let throw = e.b.int64(THROW);
        let is_thrown = e.b.compare(CompareOp::Eq, how, throw);
        e.b.branch(is_thrown, to(raises), to(goes_on));
        e.b.switch_to(raises);
        e.b.terminate(Terminator::Reraise { cleanup: Vec::new() });
        e.b.switch_to(goes_on);
        if ty.sent.is_none() {
            return Ok(e.b.none());
        }
        let address = e.generator_place(generator, ty.places().sent);
        let sent = e.b.take_stored(address, ty.sent);
        let none = e.b.zero(ty.sent);
        e.b.store_new(address, none);
        Ok(sent)
    }

    /// The function that makes a generator.
    pub(crate) fn emit_maker(&mut self, idx: usize) -> Function {
        let instance = &self.instances[idx];
        let result = instance.result.expect("inference ended with a result for every instance");
        let mut function = Function::new(instance.id, &*instance.code.hir.name, &instance.key.params, result);
        function.span = instance.code.hir.header_span;
        let args = function.params().to_vec();
        let mut e = Emitter::new(&mut function, Block(0), (&*instance.code.hir.name).into());
        e.span = instance.code.hir.header_span;
        let generator = e.new_generator(result, &args);
        e.b.ret(generator);
        function
    }

    /// The empty function that goes on with a generator, with its parameters and where they are read.
    pub(crate) fn begin_resuming(
        &self,
        idx: usize,
        generator: &Arc<GeneratorType>,
    ) -> (Function, Resumed, Vec<Value>) {
        let instance = &self.instances[idx];
        let ty = TypeKind::GeneratorIterator(generator.clone()).into();
        let id = InstanceId(generator.resume);
        let name = &*instance.code.hir.name;
        let mut function = Function::new(id, name, &[ty, Type::int64()], Type::bool());
        let resumed = Resumed { generator: function.params()[0], how: function.params()[1] };
        let mut e = Emitter::new(&mut function, Block(0), name.into());
        let read = |place: rumba_types::Place| {
            let address = e.generator_place(resumed.generator, place);
            e.b.borrow(address, place.ty, &place.ty.storage().offsets, Access::aligned(true))
        };
        let params = generator.places().params.into_iter().map(read).collect();
        (function, resumed, params)
    }

    /// The key of a resuming function: no call has it.
    pub(crate) fn resuming_key(&self, idx: usize, function: &Function) -> InstanceKey {
        let code = self.instances[idx].key.code;
        InstanceKey { code, params: function.param_types(), result: Some(Type::never()) }
    }
}

pub(crate) fn to(block: Block) -> Edge {
    Edge { block, args: Vec::new() }
}

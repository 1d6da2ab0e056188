//! Typed SSA of an instance whose types are known: the rules run again, this time for their code.

use crate::analysis::decided;
use crate::exceptions::emit_raise;
use crate::generators::to;
use crate::inference::Inference;
use rumba_ir::runtime_function::RERAISE;
use rumba_ir::{Block as IrBlock, Edge, Function, Terminator, Value as IrValue};
use rumba_library::{Emitter, Failure};
use rumba_syntax::hir;
use rumba_types::{GeneratorType, Place, Type};
use std::sync::Arc;

impl Inference<'_> {
    pub(crate) fn emit_instance(&mut self, idx: usize) -> Function {
        let instance = &self.instances[idx];
        let (code, hir) = (instance.code.clone(), instance.code.hir.clone());
        let generator = instance.generator();
        let (mut function, params) = match &generator {
            Some(generator) => {
                let (function, resumed, params) = self.begin_resuming(idx, generator);
                self.resumed = Some(resumed);
                (function, params)
            }
            None => {
                let result = instance.result.expect("inference ended with a result for every instance");
                let function = Function::new(instance.id, &*hir.name, &instance.key.params, result);
                let params = function.params().to_vec();
                (function, params)
            }
        };
        function.span = hir.header_span;
        let mut values: Vec<Option<IrValue>> = vec![None; hir.value_spans.len()];
        for (position, param) in params.into_iter().enumerate() {
            values[position] = Some(param);
        }

        // Blocks that inference reached, with their parameters.
        let mut blocks: Vec<Option<IrBlock>> = vec![None; hir.blocks.len()];
        blocks[0] = Some(function.entry());
        if generator.is_some() {
            let (entry, first) = (function.entry(), function.add_block());
            function.block_mut(entry).terminator = Terminator::Yield(to(first));
            blocks[0] = Some(first);
        }
        for (position, data) in hir.blocks.iter().enumerate().skip(1) {
            if !instance.facts.reached[position] {
                continue;
            }
            let block = function.add_block();
            blocks[position] = Some(block);
            for param in &data.params {
                // A parameter without a type is never given a value: the block is reached by no edge.
                let ty = instance.facts.types[param.index()].unwrap_or(Type::undefined());
                values[param.index()] = Some(function.add_param(block, ty));
            }
        }

        let name: Arc<str> = (&*hir.name).into();
        let mut e = Emitter::new(&mut function, IrBlock(0), name);
        for (position, data) in hir.blocks.iter().enumerate() {
            let Some(block) = blocks[position] else { continue };
            e.b.switch_to(block);
            // What a rule makes of an instruction may take several blocks.
            let n_blocks = e.b.function.blocks.len();
            if let Some(handler) = &data.handler {
                let handler = emit_edge(&mut e, handler, &blocks, &values);
                e.b.function.block_mut(block).handler = Some(handler);
            }
            let mut alive = true;
            for (value, inst) in &data.insts {
                match self.evaluate(&mut e, idx, &code, *value, inst, &values) {
                    Ok(result) => {
                        debug_assert_eq!(
                            Some(e.ty(result)),
                            self.instances[idx].facts.types[value.index()],
                            "{value} of {} has another type when emitted: {inst:?}",
                            hir.name,
                        );
                        values[value.index()] = Some(result);
                    }
                    Err(Failure::NeverReturns) => {
                        alive = false;
                        break;
                    }
                    Err(Failure::Widen { to, .. }) => {
                        unreachable!("inference ended with containers of all types: {to}")
                    }
                    Err(Failure::Pending) => unreachable!("inference ended with a result for every instance"),
                    Err(Failure::Error(diagnostic)) => {
                        unreachable!("a rule that could be typed cannot be emitted: {}", diagnostic.message)
                    }
                }
            }
            if alive {
                e.span = data.terminator_span;
                let resumed = self.resumed.map(|resumed| resumed.generator);
                emit_terminator(&mut e, data, &blocks, &values, resumed.zip(generator.as_deref()));
            }
            let handler = e.b.function.block(block).handler.clone();
            for inner in e.b.function.blocks[n_blocks..].iter_mut().filter(|block| block.handler.is_none()) {
                inner.handler.clone_from(&handler);
            }
        }
        self.resumed = None;
        function
    }
}

fn emit_terminator(
    e: &mut Emitter<'_>,
    data: &hir::BlockData,
    blocks: &[Option<IrBlock>],
    values: &[Option<IrValue>],
    generator: Option<(IrValue, &GeneratorType)>,
) {
    let get = |value: hir::Value| values[value.index()].expect("definitions dominate uses");
    match &data.terminator {
        hir::Terminator::Jump(edge) => {
            let edge = emit_edge(e, edge, blocks, values);
            e.b.terminate(Terminator::Jump(edge));
        }
        hir::Terminator::Branch { condition, then, otherwise } => {
            let condition = get(*condition);
            let terminator = match decided(e.ty(condition)) {
                Some(true) => Terminator::Jump(emit_edge(e, then, blocks, values)),
                Some(false) => Terminator::Jump(emit_edge(e, otherwise, blocks, values)),
                None => {
                    let then = emit_edge(e, then, blocks, values);
                    let otherwise = emit_edge(e, otherwise, blocks, values);
                    Terminator::Branch { condition, then, otherwise }
                }
            };
            e.b.terminate(terminator);
        }
        hir::Terminator::Return(value) => match generator {
            Some((generator, ty)) => {
                if ty.returned != Type::never() {
                    put(e, generator, ty.places().returned, get(*value));
                }
                let has_item = e.b.bool(false);
                e.b.ret(has_item);
            }
            None => {
                let result = e.b.function.result;
                let value = convert(e, get(*value), result);
                e.b.ret(value);
            }
        },
        hir::Terminator::Yield { value, resume } => {
            let (generator, ty) = generator.expect("a function that yields is a generator's");
            put(e, generator, ty.places().item, get(*value));
            let edge = emit_edge(e, resume, blocks, values);
            e.b.terminate(Terminator::Yield(edge));
        }
        hir::Terminator::Raise(exception) => emit_raise(e, get(*exception)),
        hir::Terminator::Reraise(caught) => {
            e.b.call_runtime(&RERAISE, vec![get(*caught)], Type::none(), None);
            e.b.terminate(Terminator::Reraise { cleanup: Vec::new() });
        }
    }
}

/// Puts a value into a generator's block.
fn put(e: &mut Emitter<'_>, generator: IrValue, place: Place, value: IrValue) {
    let value = convert(e, value, place.ty);
    let address = e.generator_place(generator, place);
    e.b.replace_stored(address, value);
}

fn emit_edge(
    e: &mut Emitter<'_>,
    edge: &hir::Edge,
    blocks: &[Option<IrBlock>],
    values: &[Option<IrValue>],
) -> Edge {
    let block = blocks[edge.block.index()].expect("an edge that is taken leads to a reached block");
    let params = e.b.function.block(block).params.clone();
    let args = edge
        .args
        .iter()
        .zip(params)
        .map(|(arg, param)| {
            let arg = values[arg.index()].expect("definitions dominate uses");
            let ty = e.ty(param);
            convert(e, arg, ty)
        })
        .collect();
    Edge { block, args }
}

/// A conversion that joining the types promised.
fn convert(e: &mut Emitter<'_>, value: IrValue, ty: Type) -> IrValue {
    match e.coerce(value, ty) {
        Ok(value) => value,
        Err(_) => unreachable!("{} was joined into {ty}", e.ty(value)),
    }
}

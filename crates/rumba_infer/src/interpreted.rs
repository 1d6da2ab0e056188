//! Blocks that the interpreter runs: `with objmode(…)`.

use crate::code::Code;
use crate::inference::Inference;
use rumba_ir::SiteKind;
use rumba_ir::Value as IrValue;
use rumba_library::{Emit, Emitter};
use rumba_source::{Code as ErrorCode, Diagnostic};
use rumba_syntax::hir::{self, InterpretedBlock};
use rumba_types::{FunctionRef, Type, TypeKind};
use std::sync::Arc;

impl Inference<'_> {
    /// Calls the block with its inputs. A tuple of its outputs.
    pub(crate) fn interpret(
        &mut self,
        e: &mut Emitter<'_>,
        code: &Arc<Code>,
        value: hir::Value,
        manager: IrValue,
        block: &InterpretedBlock,
        inputs: &[IrValue],
    ) -> Emit<IrValue> {
        match e.ty(manager).kind() {
            TypeKind::Function(FunctionRef::Library(path)) if &**path == "rumba.objmode" => {}
            ty => {
                let ty: Type = ty.clone().into();
                let message = format!("`objmode` is {}, not Rumba's", ty.shown());
                return e.error(ErrorCode::UnsupportedStatement, message);
            }
        }
        let passed: Vec<usize> =
            (0..inputs.len()).filter(|idx| e.ty(inputs[*idx]) != Type::undefined()).collect();
        let env = self.env;
        let made = self.interpreted.entry((code.id, value, passed.clone())).or_insert_with(|| {
            let inputs = passed.iter().map(|idx| block.inputs[*idx].clone()).collect();
            let (text, outputs) = (block.text.clone(), block.outputs.clone());
            let block = InterpretedBlock { text, first_line: block.first_line, inputs, outputs };
            env.interpreted(code.object, &block)
        });
        let (object, results) = match made {
            Ok(made) => made.clone(),
            Err((about, message)) => {
                let span = about.and_then(|idx| block.outputs.get(idx)).map_or(e.span, |(_, _, span)| *span);
                let diagnostic = Diagnostic::new(ErrorCode::UnsupportedStatement, span, &**message);
                let note = "an output has a type: `objmode(y=\"float64[:]\")`";
                return Err(if about.is_some() { diagnostic.note(note) } else { diagnostic }.into());
            }
        };
        let mut operands = Vec::with_capacity(passed.len() + 1);
        for idx in passed {
            operands.push(e.materialise(inputs[idx]));
        }
        let mut end = 0;
        let mut places = Vec::with_capacity(results.len());
        for ty in &results {
            places.push(end);
            end = (end + ty.storage().size).next_multiple_of(8);
        }
        let address = e.b.stack_memory(end.max(8));
        operands.push(address);
        let site = e.host_site(SiteKind::CallObject { object, results: results.clone() }, &operands);
        e.b.call_host(operands, site);
        let take = |(ty, place): (&Type, u32)| {
            let address = e.b.at(address, place);
            e.b.take_stored(address, *ty)
        };
        let outputs = results.iter().zip(places).map(take).collect();
        Ok(e.tuple(outputs))
    }
}

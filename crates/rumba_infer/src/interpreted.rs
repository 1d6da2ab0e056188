//! What the interpreter does for compiled code: blocks (`with objmode(…)`), and the text of values.

use crate::code::Code;
use crate::inference::Inference;
use rumba_ir::SiteKind;
use rumba_ir::Value as IrValue;
use rumba_library::declaration::Argument;
use rumba_library::{Emit, Emitter};
use rumba_source::{Code as ErrorCode, Diagnostic};
use rumba_syntax::hir::{self, InterpretedBlock};
use rumba_types::{FunctionRef, ObjectId, Type, TypeKind};
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
        let inputs = passed.into_iter().map(|idx| inputs[idx]).collect();
        let outputs = call_interpreter(e, object, inputs, &results);
        Ok(e.tuple(outputs))
    }

    /// `str`, `repr` and `format` of what the interpreter has to look at: exceptions, arrays, dicts, sets, records, times.
    pub(crate) fn text_by_interpreter(
        &mut self,
        e: &mut Emitter<'_>,
        path: &str,
        arguments: &[Argument],
    ) -> Emit<Option<IrValue>> {
        let name = match path {
            "builtins.str" if arguments.len() == 1 => "text_of",
            "builtins.repr" if arguments.len() == 1 => "repr_of",
            "builtins.format" => "format_of",
            _ => return Ok(None),
        };
        let Some(first) = arguments.first().filter(|argument| argument.keyword.is_none()) else {
            return Ok(None);
        };
        let is_shown = matches!(
            e.ty(first.value).kind(),
            TypeKind::CaughtException
                | TypeKind::Exception(..)
                | TypeKind::Array(_)
                | TypeKind::Deque(_)
                | TypeKind::Dict(..)
                | TypeKind::Set(_, _)
                | TypeKind::Record(_)
                | TypeKind::DateTime(_)
                | TypeKind::TimeDelta(_)
        );
        let Some(function) = is_shown.then(|| self.env.interpreter_function(name)).flatten() else {
            return Ok(None);
        };
        let operands = arguments.iter().map(|argument| argument.value).collect();
        Ok(call_interpreter(e, function, operands, &[Type::str()]).pop())
    }
}

/// Calls a function of the interpreter that gives a tuple of values of these types.
pub(crate) fn call_interpreter(
    e: &mut Emitter<'_>,
    object: ObjectId,
    inputs: Vec<IrValue>,
    results: &[Type],
) -> Vec<IrValue> {
    let mut operands: Vec<IrValue> = inputs.into_iter().map(|input| e.materialise(input)).collect();
    let mut end = 0;
    let mut places = Vec::with_capacity(results.len());
    for ty in results {
        places.push(end);
        end = (end + ty.storage().size).next_multiple_of(8);
    }
    let address = e.b.stack_memory(end.max(8));
    operands.push(address);
    let site = e.host_site(SiteKind::CallObject { object, results: results.to_vec() }, &operands);
    e.b.call_host(operands, site);
    let take = |(ty, place): (&Type, u32)| {
        let address = e.b.at(address, place);
        e.b.take_stored(address, *ty)
    };
    results.iter().zip(places).map(take).collect()
}

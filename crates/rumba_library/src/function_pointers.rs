//! Functions of which only the signature is known, `types.FunctionType(int64(int64))`: pointers to entry functions.
//!
//! All entry functions are called in one way (`rumba_ir/ABI.md`), so that exceptions pass through such a call as through
//! any other. A pointer of a function that compiled code knows is made by the interpreter, which compiles the function
//! for the signature where that has not been done.

use crate::declaration::{Argument, positional_arguments};
use crate::{Emit, Emitter, Failure};
use rumba_ir::Value;
use rumba_ir::runtime_function::CALL_ENTRY;
use rumba_source::{Code, Diagnostic};
use rumba_types::{FunctionSignature, Type};

impl Emitter<'_> {
    pub(crate) fn function_pointer(
        &mut self,
        function: Value,
        ty: Type,
        signature: &FunctionSignature,
    ) -> Value {
        let made = self.call_interpreter(signature.maker, vec![function], &[ty]);
        made[0]
    }
}

/// Calls what a pointer points to.
pub fn call_pointer(
    e: &mut Emitter<'_>,
    callee: Value,
    signature: &FunctionSignature,
    arguments: &[Argument],
) -> Emit {
    let ty = e.ty(callee);
    if let Some(argument) = arguments.iter().find(|argument| argument.keyword.is_some()) {
        let message = format!("{ty} has parameters without names");
        return Err(Diagnostic::new(Code::ArgumentCount, argument.span, message).into());
    }
    if arguments.len() != signature.params.len() {
        let takes = positional_arguments(signature.params.len());
        let message = format!("{ty} takes {takes}, but {} were given", arguments.len());
        return e.error(Code::ArgumentCount, message);
    }
    let mut operands = vec![e.b.field(callee, 0)];
    for (argument, param) in arguments.iter().zip(&signature.params) {
        let given = e.ty(argument.value);
        let converted = e.coerce(argument.value, *param).map_err(|failure| match failure {
            Failure::Error(_) => {
                let message = format!("{ty} takes {} here, not {}", param.shown(), given.shown());
                Diagnostic::new(Code::ArgumentType, argument.span, message).into()
            }
            other => other,
        })?;
        operands.push(converted);
    }
    let site = e.call_site();
    Ok(e.b.call_runtime(&CALL_ENTRY, operands, signature.result, Some(site)))
}

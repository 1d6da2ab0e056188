//! The text of a compilation's stages, for users who want to see.

use crate::session::{Request, internal, with_session};
use rumba_infer::Environment;
use rumba_llvm::compile::{assembly_text, optimized_text};
use rumba_source::Diagnostic;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// As inference emits it.
    TypedIr,
    /// After our own passes.
    OptimisedIr,
    Llvm,
    OptimisedLlvm,
    Assembly,
}

/// The text of a stage, for the same request as `compile`. Loads nothing.
pub fn inspect(
    environment: &dyn Environment,
    request: &Request,
    stage: Stage,
) -> Result<String, Vec<Diagnostic>> {
    with_session(|session| {
        let mut batch = session.infer(environment, request)?;
        if stage != Stage::TypedIr {
            session.optimise(&mut batch, session.short_extents(request));
        }
        if matches!(stage, Stage::TypedIr | Stage::OptimisedIr) {
            let texts: Vec<String> = batch.functions.iter().map(|function| function.to_string()).collect();
            return Ok(texts.join("\n"));
        }
        let (module, level) = (session.lower(&batch), batch.level);
        let text = match stage {
            Stage::Llvm => Ok(module.to_text()),
            Stage::OptimisedLlvm => optimized_text(module, level),
            Stage::TypedIr | Stage::OptimisedIr | Stage::Assembly => assembly_text(module, level),
        };
        Ok(text.unwrap_or_else(|error| internal("LLVM", error)))
    })
}

//! The session: turns a request for a specialisation into loaded code, stage by stage.
//!
//! Invariant: knows no Python.

use rumba_infer::Environment;
use rumba_ir::{InstanceId, Site};
use rumba_runtime::context::{ExecutionContext, SiteToken};
use rumba_source::Diagnostic;
use rumba_types::{ObjectId, Type};
use std::sync::Arc;

/// Compiled code of one instance, kept alive by this handle.
///
/// See `rumba_ir/ABI.md`: packed arguments in, packed results out, a status.
pub type Entry = unsafe extern "C" fn(ctx: *mut ExecutionContext, args: *const u64, results: *mut u64) -> i32;

pub struct Compiled {
    pub instance: InstanceId,
    pub entry: Entry,
    /// One per parameter of the function.
    pub params: Vec<Type>,
    pub result: Type,
    /// Call `rumba_runtime::interrupt::arm` before entering.
    pub polls: bool,
    /// Seconds per stage, in order.
    pub timings: Vec<(&'static str, f64)>,
}

pub struct Request {
    pub function: ObjectId,
    /// One type per parameter; `*args` is a tuple type.
    pub params: Vec<Type>,
    /// From an eager signature: the declared result type.
    pub result: Option<Type>,
}

/// What `inspect` shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    UntypedIr,
    TypedIr,
    Llvm,
    OptimisedLlvm,
    Assembly,
}

/// Compiles one instance and every instance that it calls and that is not compiled yet.
pub fn compile(_environment: &dyn Environment, _request: &Request) -> Result<Arc<Compiled>, Vec<Diagnostic>> {
    Err(Vec::new())
}

/// The text of a stage, for the same request as `compile`.
pub fn inspect(_environment: &dyn Environment, _request: &Request, _stage: Stage) -> Result<String, Vec<Diagnostic>> {
    Err(Vec::new())
}

/// The site that a token of compiled code names.
pub fn site(_token: SiteToken) -> Option<Site> {
    None
}

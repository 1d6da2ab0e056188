//! Finds a function in its file, parses it, resolves scopes, and lowers its AST to untyped SSA.
//!
//! Invariant: knows no types and no Python objects.

mod finding;
pub mod hir;
mod lower;
mod nesting;
mod operands;
mod parsed_file;
mod print;
mod scopes;
mod ssa;
mod verify;

pub use finding::{BodyPosition, FoundFunction, FunctionRequest, find_function, source_text};
pub use lower::{Unrolled, lower, lower_unrolled};
pub use parsed_file::ParsedFile;
pub use verify::verify;

//! Facts about a function's control flow, computed anew by the pass that needs them.

mod dominators;
mod loops;

pub use dominators::Dominators;
pub use loops::{Loop, LoopId, Loops};

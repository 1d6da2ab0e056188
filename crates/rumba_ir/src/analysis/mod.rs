//! Facts about a function's control and data flow, computed anew by the pass that needs them.

mod dominators;

pub use dominators::Dominators;

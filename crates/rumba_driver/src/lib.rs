//! The session: turns a request for a specialisation into loaded code, stage by stage.
//!
//! Invariant: knows no Python.

mod inspect;
mod session;
mod sites;

pub use inspect::{Stage, inspect};
pub use rumba_llvm::lower::{CHooks, c_symbol};
pub use rumba_llvm::warm_up;
pub use rumba_opt::unroll_short_loops::short_extent;
pub use session::{Compiled, Entry, Request, compile, literal_params};
pub use sites::site;

//! The back end: LLVM modules in, loaded machine code out. The only crate that links LLVM.
//!
//! A module ([`Module`]) is built by lowering typed IR, or parsed from LLVM text in tests. [`compile`] takes it through
//! the stages by name: link the runtime's hot functions, verify, optimise ([`passes`]), emit object code. The object
//! code is what the disk cache stores; [`LoadedObject`] puts it into memory and resolves its symbols.
//!
//! Nothing here knows Python. LLVM's errors, fatal ones included, come back as [`Error`].

pub mod compile;
pub mod error;
pub mod hot_functions;
pub mod libcalls;
pub mod loader;
pub mod lower;
pub mod module;
pub mod passes;
pub mod perf_map;
pub mod relocation;
mod shim;
pub mod target;

pub use compile::{ObjectCode, StageTimes, compile, compile_text, warm_up};
pub use error::{Error, Result};
pub use loader::LoadedObject;
pub use module::Module;
pub use passes::Level;

//! Type inference: untyped SSA in, typed SSA out.
//!
//! Invariant: knows neither LLVM nor Python; what a name in the user's function refers to comes through
//! [`Environment`].

mod environment;

pub use environment::{Constant, Environment, ErrorModel, FunctionOptions, FunctionSource, NumberBits};

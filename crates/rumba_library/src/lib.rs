//! What Python and NumPy operations and functions exist, and the typed SSA that each becomes.
//!
//! One rule per operation both types it and emits it: inference runs the rule on a scratch function and
//! looks at the type of the result; when all types are known, the same rule emits the code. So the two
//! can not disagree.
//!
//! Invariant: knows neither LLVM nor Python, and nothing of untyped SSA.

mod admitted_elements;
pub mod declaration;
pub mod emitter;
pub mod kernels;

pub mod arrays;
pub mod attributes;
mod containers;
pub mod conversion;
pub mod enums;
mod generators;
pub mod instances;
pub mod interpreter;
pub mod iteration;
mod keywords;
mod literals;
pub mod operators;
pub mod recorded;
pub mod records;
pub mod subscript;
mod text;
pub mod times;
pub mod tuples;

pub mod builtins;
pub mod cmath;
pub mod contexts;
pub mod function_pointers;
pub mod math;
pub mod numbers;
pub mod numpy;
pub mod operator;
pub mod pointers;
pub mod random;

pub use containers::collections;
pub use declaration::{Call, Declaration, Default, Param, lookup};
pub use emitter::{Emit, Emitter, ErrorModel, Failure};

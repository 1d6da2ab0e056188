//! What compiled code calls: exceptions, memory, interrupts, and the elementary functions.
//!
//! Invariant: never sees the compiler, and knows nothing of Python: what needs the interpreter goes
//! through [`host::Host`], which the embedding installs.
//!
//! Compiled code passes scalars and pointers only; functions here never unwind across the border.

mod allocator;
pub mod blocks;
pub mod characters;
pub mod containers;
pub mod context;
pub mod copying;
pub mod elements;
pub mod exceptions;
pub mod host;
pub mod hot;
pub mod interrupt;
pub mod kernels;
pub mod memory;
pub mod powers;
pub mod random;
pub mod reductions;
pub mod text;
pub mod threads;
mod vectorised;

pub mod complex_functions;
pub mod float_parts;
pub mod generators;
pub mod hashing;
pub mod integers;
pub mod rounding;

mod symbols;

pub use hot::elementary;
pub use symbols::symbol_address;

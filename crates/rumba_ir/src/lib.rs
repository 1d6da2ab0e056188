//! Typed SSA: the compiler's intermediate representation between inference and code generation.
//!
//! Invariant: knows neither LLVM nor Python.
//!
//! # The representation
//! A [`Function`] is one instance (a Python function for given argument types). It owns its blocks and
//! values; blocks take parameters instead of phi functions. Every value has a [`rumba_types::Type`];
//! composite values (tuples, complex numbers, arrays, ranges …) are built by `Op::Make` and taken apart
//! by `Op::Field` along [`Type::fields`](rumba_types::Type::fields), so code generation can keep every
//! machine scalar in a register of its own and nothing composite ever lives in memory.
//!
//! # Invariants (checked by the verifier)
//! - every value is defined once; definitions dominate uses; block 0 is the entry, takes the function's
//!   parameters, and has no predecessors;
//! - an edge passes exactly the target's parameters, type by type;
//! - operand types fit the operation (see [`Op`]); there is no implicit conversion;
//! - integer divisors are known not to be zero, indices to be in bounds: checks are operations of
//!   their own (`Op::RaiseUnless`) that stand before;
//! - an instruction that can raise, and the `Raise` terminator, name a [`Site`];
//! - a block may have a handler ([`BlockData::handler`]): what raises in it goes there. What the block's
//!   instructions define is not known there, so that the edge passes what is wanted of it, defined before
//!   the first instruction that can raise; the entry block has no handler;
//! - after `insert_ownership` every counted reference is released exactly once on every path, the
//!   exceptional ones included (`Instruction::cleanup`).

pub mod analysis;
mod builder;
mod entities;
mod function;
pub mod interpret;
mod ops;
pub mod runtime_function;
mod site;
mod stored;
mod text;
mod verify;

pub use builder::Builder;
pub use entities::{Block, BodyId, InstanceId, SiteId, Value};
pub use function::{BlockData, Edge, Function, Instruction, Terminator, ValueData};
pub use ops::{Access, BinaryOp, CompareOp, Op, Scalar, UnaryOp};
pub use runtime_function::{Changes, Effects, RuntimeFunction};
pub use site::{ExceptionRef, MessagePart, Payload, Site, SiteKind};
pub use text::parse;
pub use verify::verify;

//! Finds a function in its file, parses it, resolves scopes, and lowers its AST to untyped SSA.
//!
//! Invariant: knows no types and no Python objects.

pub mod hir;

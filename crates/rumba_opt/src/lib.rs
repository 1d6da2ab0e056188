//! Passes over typed SSA: what is cheaper to do before LLVM, or needs knowledge that LLVM lacks.
//!
//! Invariant: knows neither LLVM nor Python. Every pass is a file named by a verb phrase; the
//! [`pipeline`] names them in order.

pub mod pipeline;

mod arrays;
mod call_graph;
mod copy_blocks;
mod counted;
mod float_range;
mod glue;
mod repair_ssa;
mod replacements;
mod shape;

pub mod borrow_loaded;
pub mod changed_containers;
pub mod decide_comparisons;
pub mod expand_elementwise;
pub mod fold_fields;
pub mod fuse_elementwise;
pub mod inline_small_calls;
pub mod insert_ownership;
pub mod insert_polls;
pub mod join_back_edges;
pub mod lower_yields;
pub mod mark_raising;
pub mod merge_blocks;
pub mod remove_dead_code;
pub mod remove_unreachable_blocks;
pub mod simplify_block_params;
pub mod split_block_params;
pub mod unfold_generators;
pub mod unroll_short_loops;

pub use glue::is_glue;
pub use pipeline::{BatchContext, CalleeInfo, optimise};

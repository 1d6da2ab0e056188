//! Names the passes in order and times them.

use crate::{
    borrow_loaded, decide_comparisons, expand_elementwise, fold_fields, fuse_elementwise, inline_small_calls,
    insert_ownership, insert_polls, join_back_edges, lower_yields, mark_raising, merge_blocks,
    remove_dead_code, remove_unreachable_blocks, simplify_block_params, split_block_params,
    unfold_generators, unroll_short_loops,
};
use rumba_ir::{Function, InstanceId, verify};
use std::time::Instant;

/// What is known of an instance of an earlier batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CalleeInfo {
    pub can_raise: bool,
}

/// What passes over a whole batch look at besides its functions.
pub struct BatchContext<'a> {
    /// Instances that are called from outside of the batch, which must stay.
    pub entries: &'a [InstanceId],
    /// Extents of short axes that arrays are expected to have, see `unroll_short_loops::short_extent`.
    pub short_extents: &'a [usize],
    /// `None` for instances that are not compiled.
    pub callee_info: &'a dyn Fn(InstanceId) -> Option<CalleeInfo>,
    /// Whether the first may take in the body of the second: not where their arithmetic differs, as with
    /// fast-math flags.
    pub may_inline: &'a dyn Fn(InstanceId, InstanceId) -> bool,
}

enum Run {
    Function(fn(&mut Function)),
    Batch(fn(&mut Vec<Function>, &BatchContext<'_>)),
}

struct Pass {
    name: &'static str,
    run: Run,
}

const fn function_pass(name: &'static str, run: fn(&mut Function)) -> Pass {
    Pass { name, run: Run::Function(run) }
}

const fn batch_pass(name: &'static str, run: fn(&mut Vec<Function>, &BatchContext<'_>)) -> Pass {
    Pass { name, run: Run::Batch(run) }
}

/// The order matters: what is alive where a generator stops is scalars when parameters have been split; inlining wants clean bodies and leaves some to clean; what is inlined may be fused; polls can raise, so whether
/// a function raises is known after they are in; ownership needs every place that can raise.
const PASSES: &[Pass] = &[
    function_pass("remove_unreachable_blocks", remove_unreachable_blocks::run),
    function_pass("split_block_params", split_block_params::run),
    function_pass("fold_fields", fold_fields::run),
    function_pass("simplify_block_params", simplify_block_params::run),
    function_pass("remove_dead_code", remove_dead_code::run),
    function_pass("merge_blocks", merge_blocks::run),
    batch_pass("unfold_generators", |functions, context| unfold_generators::run(functions, context)),
    batch_pass("lower_yields", |functions, _| lower_yields::run(functions)),
    batch_pass("inline_small_calls", inline_small_calls::run),
    function_pass("fold_fields", fold_fields::run),
    function_pass("simplify_block_params", simplify_block_params::run),
    function_pass("remove_dead_code", remove_dead_code::run),
    function_pass("merge_blocks", merge_blocks::run),
    function_pass("fuse_elementwise", fuse_elementwise::run),
    function_pass("expand_elementwise", expand_elementwise::run),
    function_pass("split_block_params", split_block_params::run),
    function_pass("fold_fields", fold_fields::run),
    function_pass("simplify_block_params", simplify_block_params::run),
    function_pass("remove_dead_code", remove_dead_code::run),
    function_pass("merge_blocks", merge_blocks::run),
    function_pass("join_back_edges", join_back_edges::run),
    function_pass("decide_comparisons", decide_comparisons::run),
    batch_pass("unroll_short_loops", |functions, context| unroll_short_loops::run(functions, context)),
    function_pass("remove_dead_code", remove_dead_code::run),
    function_pass("insert_polls", insert_polls::run),
    batch_pass("mark_raising", |functions, context| mark_raising::run(functions, context)),
    function_pass("borrow_loaded", borrow_loaded::run),
    function_pass("insert_ownership", insert_ownership::run),
];

/// Optimises the functions of one batch. Functions that are inlined wherever they are called and that
/// are not among the context's entries are dropped. Gives seconds per pass.
pub fn optimise(functions: &mut Vec<Function>, context: &BatchContext<'_>) -> Vec<(&'static str, f64)> {
    check("inference", functions);
    let mut timings: Vec<(&'static str, f64)> = Vec::new();
    for pass in PASSES {
        let start = Instant::now();
        match pass.run {
            Run::Function(run) => functions.iter_mut().for_each(run),
            Run::Batch(run) => run(functions, context),
        }
        let seconds = start.elapsed().as_secs_f64();
        match timings.iter_mut().find(|(name, _)| *name == pass.name) {
            Some((_, total)) => *total += seconds,
            None => timings.push((pass.name, seconds)),
        }
        check(pass.name, functions);
    }
    timings
}

/// Verifies every function in debug builds.
fn check(stage: &str, functions: &[Function]) {
    if cfg!(debug_assertions) {
        for function in functions {
            if let Err(message) = verify(function) {
                panic!("after {stage}: {message}\n{function}");
            }
        }
    }
}

/// Runs one pass by name over a batch: for tests and tools. `None` if there is no such pass.
pub fn run_pass(name: &str, functions: &mut Vec<Function>, context: &BatchContext<'_>) -> Option<()> {
    let pass = PASSES.iter().find(|pass| pass.name == name)?;
    match pass.run {
        Run::Function(run) => functions.iter_mut().for_each(run),
        Run::Batch(run) => run(functions, context),
    }
    check(name, functions);
    Some(())
}

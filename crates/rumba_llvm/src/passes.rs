//! The pass pipelines.
//!
//! [`Level::Lite`] is what just-in-time compilation uses. Measured on the checked loops of `tests/data` (thread CPU
//! time, milliseconds from module to loaded code; `cargo run --release -p rumba_llvm --example stage_times`):
//!
//! | | Lite | -O3 | run time Lite / -O3 (us) |
//! |---|---|---|---|
//! | scalar add | 0.43 | 0.59 | |
//! | sum of squares, strict | 1.6 | 5.1 | 2.2 / 2.2 |
//! | axpy | 3.7 | 4.6 | 0.43 / 0.37 |
//! | axpy as lowered, with chunks and wrapping indices | 7.1 | 4.2 | 0.43 / 2.3 |
//! | 3-point stencil | 7.1 | 6.9 | 0.32 / 0.59 |
//! | matrix product, n = 100 | 6.1 | 8.2 | 92 / 105 |
//! | matrix product as lowered | 9.1 | 17.1 | 111 / 105 |
//! | sum of exp | 8.1 | 11.7 | 3.5 / 3.0 |
//!
//! (On a busy machine; a quiet one takes about two thirds.)
//!
//! Pipelines and code generators that outlive a module are the better half of this: building the code generator anew
//! takes 0.7 ms per module. Loop strength reduction is off, see `target.rs`.
//!
//! **Bounds checks**: `rumba-version-checked-loops` (`shim/version_checked_loops.h`) makes two loops of an innermost
//! loop with checks: one without, for when all will pass, and the original. What else was tried on the same loops:
//!
//! - nothing: LLVM 22 vectorises loops with several exits if each has a known count. That holds for axpy and stencil,
//!   but not once a check does not change in the loop (matrix product as lowered: 8 times slower) or the loop carries
//!   a reduction (sum of exp: 11.6 instead of 2.5 us).
//! - `irce` after the first `licm`: all but the former vectorise; doubles the compile time of every checked loop (sum 1.5
//!   to 2.9, stencil 4.5 to 6.5 ms). Placed later, it loses the stencil.
//! - `-O3`, which unswitches loops non-trivially: as fast, at twice the compile time (matrix product as lowered).
//!
//! **Negative indices**: `rumba-branch-on-negative-indices` (`shim/branch_on_negative_indices.h`) comes last, when whatever
//! could be vectorised is.
//!
//! **Recurrences through memory** (`y[i] = y[i - 1] * x[i]`, a stencil in place): `loop-load-elim` hands on in a register
//! what the turn before stored: twice as fast. It runs before the vectoriser, which then finds the analysis of the
//! loop's accesses done; behind it, every loop would be analysed once more.
//!
//! **Ordered sums** of floats vectorise (`-force-ordered-reductions`) where terms are expensive; for cheap terms
//! `rumba-mark-strict-sums` (`shim/strict_sums.h`) keeps the loop scalar, because vector code takes 5.6 instead of 1.5 ms
//! to compile and runs no faster.

//!
//! **Independent loops**: `rumba-mark-independent-loops` (`shim/independent_loops.h`) says of the loops over elements of
//! whole arrays that their turns do not depend on each other. Otherwise the vectoriser would compare all addresses with
//! each other before every loop, and leave loops alone that store where they load.

/// How hard LLVM works on a module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// Nothing but what correctness needs. Compiles fastest, runs 40 to 150 times slower; for tests.
    None,
    /// For code that only passes on what functions of the runtime work on: hardly optimised, and by LLVM's fast code
    /// generator. `np.sort(a)` takes a third of the time to compile.
    Glue,
    /// The pipeline for just-in-time compilation: the speed of [`Level::Full`] at a third of its time.
    #[default]
    Lite,
    /// LLVM's own `-O3`.
    Full,
}

/// The passes of [`Level::Lite`] over a function.
const LITE: &str = concat!(
    "function(",
    "rumba-mark-independent-loops,sroa,simplifycfg,early-cse<memssa>,instcombine<max-iterations=1;no-verify-fixpoint>,",
    "loop-mssa(loop-rotate,licm,simple-loop-unswitch),",
    "loop-simplify,lcssa,rumba-version-checked-loops,",
    "loop(loop-idiom,indvars,loop-deletion,loop-unroll-full),",
    "gvn,dse,loop-mssa(licm),",
    "loop-load-elim,rumba-mark-strict-sums,loop-vectorize,instcombine<max-iterations=1;no-verify-fixpoint>,simplifycfg,",
    "slp-vectorizer,loop-mssa(licm),early-cse,rumba-branch-on-negative-indices",
    ")"
);

/// The passes of [`Level::Glue`] over a function: less work for the code generator than they take.
const GLUE: &str =
    "function(sroa,simplifycfg,early-cse<memssa>,instcombine<max-iterations=1;no-verify-fixpoint>)";

impl Level {
    /// Whether code is generated in a hurry.
    pub(crate) fn is_quick(self) -> bool {
        self == Level::Glue
    }

    /// Whether a parsed pipeline may run over several modules. Those around LLVM's inliner may not: they move their
    /// inner passes out as they run.
    pub(crate) fn is_repeatable(self) -> bool {
        match self {
            Level::None | Level::Glue | Level::Lite => true,
            Level::Full => false,
        }
    }

    /// The pipeline in the notation of `opt -passes=`; `has_inlinable` says whether the module holds functions that
    /// must be inlined.
    pub fn pipeline(self, has_inlinable: bool) -> String {
        let passes = match self {
            Level::None => "",
            Level::Glue => GLUE,
            Level::Lite => LITE,
            Level::Full => "default<O3>",
        };
        match (has_inlinable, passes) {
            (true, "") => "always-inline".to_owned(),
            (true, passes) => format!("always-inline,{passes}"),
            (false, passes) => passes.to_owned(),
        }
    }
}

//! The pass pipelines.

/// How hard LLVM works on a module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// Nothing but what correctness needs. Compiles fastest, runs 40 to 150 times slower; for tests.
    None,
    /// The pipeline for just-in-time compilation: the speed of [`Level::Full`] at a third of its time.
    #[default]
    Lite,
    /// LLVM's own `-O3`.
    Full,
}

/// The passes of [`Level::Lite`] over a function.
const LITE: &str = concat!(
    "function(",
    "sroa,simplifycfg,early-cse<memssa>,instcombine<max-iterations=1;no-verify-fixpoint>,",
    "loop-mssa(loop-rotate,licm,simple-loop-unswitch),",
    "loop(loop-idiom,indvars,loop-deletion,loop-unroll-full),",
    "gvn,dse,loop-mssa(licm),",
    "loop-vectorize,instcombine<max-iterations=1;no-verify-fixpoint>,simplifycfg,",
    "slp-vectorizer,loop-mssa(licm),early-cse",
    ")"
);

impl Level {
    /// Whether a parsed pipeline may run over several modules. Those around LLVM's inliner may not: they move their
    /// inner passes out as they run.
    pub(crate) fn is_repeatable(self) -> bool {
        match self {
            Level::None | Level::Lite => true,
            Level::Full => false,
        }
    }

    /// The pipeline in the notation of `opt -passes=`; `has_inlinable` says whether the module holds functions that
    /// must be inlined.
    pub fn pipeline(self, has_inlinable: bool) -> String {
        let passes = match self {
            Level::None => "",
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

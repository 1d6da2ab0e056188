//! Tells functions that work from functions that have others work.

use crate::call_graph::CallGraph;
use rumba_ir::analysis::{Dominators, Loops};
use rumba_ir::{Function, Op};

/// Whether a batch does little but call kernels: nothing in it happens more than once in a call, and a kernel takes
/// longer than what is around it.
pub fn is_glue(functions: &[Function]) -> bool {
    let mut instructions = functions.iter().flat_map(|f| &f.blocks).flat_map(|block| &block.instructions);
    instructions.any(|i| matches!(&i.op, Op::CallRuntime { function, .. } if function.is_kernel))
        && functions.iter().all(|function| Loops::of(function, &Dominators::of(function)).is_empty())
        && !CallGraph::of(functions).is_recursive.contains(&true)
}

#[cfg(test)]
mod tests {
    use super::is_glue;
    use rumba_ir::parse;

    /// Whether a function is glue in which, after the call of a function of the runtime, this comes.
    fn is_glue_before(properties: &str, rest: &str) -> bool {
        let text = format!(
            r#"function instance0 "f"(v0: int64) -> int64 raises at 0:0..1 {{
  site0 = call at 0:2..3 in "f"
block0:
  v1: int64 = call_runtime rumba_f[{properties}](v0) @site0
{rest}
}}
"#
        );
        is_glue(&parse(&text).unwrap_or_else(|message| panic!("{message}\n{text}")))
    }

    #[test]
    fn calls_of_kernels_alone_are() {
        assert!(is_glue_before("context, raises, kernel", "  return v1"));
        assert!(!is_glue_before("context, raises", "  return v1"));
    }

    #[test]
    fn what_happens_again_is_not() {
        assert!(!is_glue_before("context, raises, kernel", "  jump block1\nblock1:\n  jump block1"));
        let recursion = "  v2: int64 = call instance0(v1) @site0\n  return v2";
        assert!(!is_glue_before("context, raises, kernel", recursion));
    }
}

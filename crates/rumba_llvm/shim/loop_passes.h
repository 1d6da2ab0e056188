// Makes Rumba's own passes over loops known by name in pipelines over functions.

#ifndef RUMBA_LOOP_PASSES_H
#define RUMBA_LOOP_PASSES_H

#include "branch_on_negative_indices.h"
#include "independent_loops.h"
#include "strict_sums.h"
#include "version_checked_loops.h"

#include "llvm/Passes/PassBuilder.h"

namespace rumba {

inline void register_loop_passes(llvm::PassBuilder &builder) {
  builder.registerPipelineParsingCallback([](llvm::StringRef name, llvm::FunctionPassManager &passes,
                                             llvm::ArrayRef<llvm::PassBuilder::PipelineElement>) {
    if (name == VersionCheckedLoops::name())
      passes.addPass(VersionCheckedLoops());
    else if (name == MarkIndependentLoops::name())
      passes.addPass(MarkIndependentLoops());
    else if (name == MarkStrictSums::name())
      passes.addPass(MarkStrictSums());
    else if (name == BranchOnNegativeIndices::name())
      passes.addPass(BranchOnNegativeIndices());
    else
      return false;
    return true;
  });
}

} // namespace rumba

#endif

// `rumba-mark-independent-loops` tells the vectoriser which loops it may vectorise without comparing addresses: those in
// which every access to memory is marked as independent of other turns (the loops over elements of whole arrays, which
// know what overlaps). Runs first, before anything merges accesses or moves them.

#ifndef RUMBA_INDEPENDENT_LOOPS_H
#define RUMBA_INDEPENDENT_LOOPS_H

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/VectorUtils.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

namespace rumba {

// Given by lowering to accesses; the operand does not matter.
constexpr const char *INDEPENDENT = "rumba.independent";

struct MarkIndependentLoops : llvm::PassInfoMixin<MarkIndependentLoops> {
  static llvm::StringRef name() { return "rumba-mark-independent-loops"; }

  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses) {
    llvm::LLVMContext &context = function.getContext();
    unsigned kind = context.getMDKindID(INDEPENDENT);
    bool has_any = false;
    for (llvm::Instruction &instruction : llvm::instructions(function))
      has_any |= instruction.hasMetadata(kind);
    if (!has_any)
      return llvm::PreservedAnalyses::all();
    for (llvm::Loop *loop : analyses.getResult<llvm::LoopAnalysis>(function).getLoopsInPreorder()) {
      if (!loop->isInnermost() || !loop->getLoopLatch())
        continue;
      llvm::SmallVector<llvm::Instruction *, 16> accesses;
      bool all = true;
      for (llvm::BasicBlock *block : loop->blocks())
        for (llvm::Instruction &instruction : *block)
          if (instruction.mayReadOrWriteMemory()) {
            accesses.push_back(&instruction);
            all &= instruction.hasMetadata(kind);
          }
      if (!all || accesses.empty())
        continue;
      llvm::MDNode *group = llvm::MDNode::getDistinct(context, {});
      for (llvm::Instruction *access : accesses)
        access->setMetadata(llvm::LLVMContext::MD_access_group, group);
      auto *parallel =
          llvm::MDNode::get(context, {llvm::MDString::get(context, "llvm.loop.parallel_accesses"), group});
      loop->setLoopID(llvm::makePostTransformationMetadata(context, loop->getLoopID(), {}, {parallel}));
    }
    return llvm::PreservedAnalyses::all();
  }
};

} // namespace rumba

#endif

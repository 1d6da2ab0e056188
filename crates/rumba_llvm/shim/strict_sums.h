// `rumba-mark-strict-sums` keeps the vectoriser away from loops that sum floats in order over a cheap body. We let it
// vectorise ordered sums (`-force-ordered-reductions`), which pays when the terms are expensive (exp(a[i])): terms are
// then computed as vectors and added one by one. Where they are cheap, the loop takes the latency of the additions
// either way, and vector code would only take longer to compile. Loops over expensive terms are not interleaved: it
// gains nothing and doubles their compile time.

#ifndef RUMBA_STRICT_SUMS_H
#define RUMBA_STRICT_SUMS_H

#include "llvm/Analysis/IVDescriptors.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

namespace rumba {

// Roughly how many operations a loop's body may have until it takes longer than one ordered addition.
constexpr unsigned CHEAP_BODY = 16;
// What a division, a square root or a call counts for.
constexpr unsigned SLOW_OPERATION = 12;
inline bool has_cheap_body(const llvm::Loop &loop) {
  unsigned cost = 0;
  for (const llvm::BasicBlock *block : loop.blocks()) {
    for (const llvm::Instruction &instruction : *block) {
      switch (instruction.getOpcode()) {
      case llvm::Instruction::PHI:
      case llvm::Instruction::Br:
      case llvm::Instruction::GetElementPtr:
        continue;
      case llvm::Instruction::FDiv:
      case llvm::Instruction::FRem:
      case llvm::Instruction::UDiv:
      case llvm::Instruction::SDiv:
      case llvm::Instruction::URem:
      case llvm::Instruction::SRem:
        cost += SLOW_OPERATION;
        break;
      case llvm::Instruction::Call: {
        const auto *intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
        bool fast = intrinsic && intrinsic->getIntrinsicID() != llvm::Intrinsic::sqrt;
        cost += fast ? 1 : SLOW_OPERATION;
        break;
      }
      default:
        cost += 1;
      }
      if (cost > CHEAP_BODY)
        return false;
    }
  }
  return true;
}

inline bool has_strict_sum(llvm::Loop &loop) {
  for (llvm::PHINode &phi : loop.getHeader()->phis()) {
    llvm::RecurrenceDescriptor reduction;
    if (phi.getType()->isFloatingPointTy() &&
        llvm::RecurrenceDescriptor::isReductionPHI(&phi, &loop, reduction) && reduction.hasExactFPMath())
      return true;
  }
  return false;
}

struct MarkStrictSums : llvm::PassInfoMixin<MarkStrictSums> {
  static llvm::StringRef name() { return "rumba-mark-strict-sums"; }

  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses) {
    auto &loops = analyses.getResult<llvm::LoopAnalysis>(function);
    for (llvm::Loop *loop : loops.getLoopsInPreorder()) {
      if (!loop->isInnermost() || !loop->getLoopPreheader() || !loop->getLoopLatch() || !has_strict_sum(*loop))
        continue;
      const char *hint = has_cheap_body(*loop) ? "llvm.loop.vectorize.width" : "llvm.loop.interleave.count";
      llvm::addStringMetadataToLoop(loop, hint, 1);
    }
    return llvm::PreservedAnalyses::all();
  }
};

} // namespace rumba

#endif

// Two function passes of Rumba's own, around LLVM's loop vectoriser.
//
// `rumba-hoist-checks` runs LLVM's "inductive range check elimination" (irce) where it pays. The vectoriser copes with
// bounds checks in loops by itself, except in loops that also carry a reduction. irce splits such a loop into a main
// part that needs no checks and a rest that keeps exact semantics. It doubles the compile time of the function, so it
// runs only if some loop has both early exits and a reduction that is worth vectorising.
//
// `rumba-mark-strict-sums` keeps the vectoriser away from loops that sum floats in order over a cheap body. We let it
// vectorise ordered sums (`-force-ordered-reductions`), which pays when the terms are expensive (exp(a[i])): terms are
// then computed as vectors and added one by one. Where they are cheap, the loop takes the latency of the additions
// either way, and vector code would only take longer to compile. Loops over expensive terms are not interleaved: it
// gains nothing and doubles their compile time.

#ifndef RUMBA_LOOP_PASSES_H
#define RUMBA_LOOP_PASSES_H

#include "llvm/Analysis/IVDescriptors.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/InductiveRangeCheckElimination.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Utils/LCSSA.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
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

inline bool is_counter(llvm::PHINode &phi, llvm::ScalarEvolution &evolution) {
  return evolution.isSCEVable(phi.getType()) && llvm::isa<llvm::SCEVAddRecExpr>(evolution.getSCEV(&phi));
}

struct HoistChecks : llvm::PassInfoMixin<HoistChecks> {
  static llvm::StringRef name() { return "rumba-hoist-checks"; }

  static bool is_worth_it(llvm::Loop &loop, llvm::ScalarEvolution &evolution) {
    if (loop.getExitingBlock() || !loop.getLoopPreheader() || !loop.getLoopLatch())
      return false;
    bool has_reduction = false;
    for (llvm::PHINode &phi : loop.getHeader()->phis()) {
      if (is_counter(phi, evolution))
        continue;
      llvm::RecurrenceDescriptor reduction;
      if (!llvm::RecurrenceDescriptor::isReductionPHI(&phi, &loop, reduction))
        return false;
      if (reduction.hasExactFPMath() && has_cheap_body(loop))
        return false;
      has_reduction = true;
    }
    return has_reduction;
  }

  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses) {
    auto &loops = analyses.getResult<llvm::LoopAnalysis>(function);
    bool wanted = false;
    for (llvm::Loop *loop : loops.getLoopsInPreorder()) {
      if (loop->isInnermost() && !loop->getExitingBlock())
        wanted |= is_worth_it(*loop, analyses.getResult<llvm::ScalarEvolutionAnalysis>(function));
    }
    if (!wanted)
      return llvm::PreservedAnalyses::all();
    llvm::FunctionPassManager passes;
    passes.addPass(llvm::LoopSimplifyPass());
    passes.addPass(llvm::LCSSAPass());
    passes.addPass(llvm::IRCEPass());
    passes.addPass(llvm::SimplifyCFGPass());
    passes.addPass(llvm::InstCombinePass(llvm::InstCombineOptions().setMaxIterations(1)));
    return passes.run(function, analyses);
  }
};

struct MarkStrictSums : llvm::PassInfoMixin<MarkStrictSums> {
  static llvm::StringRef name() { return "rumba-mark-strict-sums"; }

  static bool has_strict_sum(llvm::Loop &loop) {
    for (llvm::PHINode &phi : loop.getHeader()->phis()) {
      llvm::RecurrenceDescriptor reduction;
      if (phi.getType()->isFloatingPointTy() &&
          llvm::RecurrenceDescriptor::isReductionPHI(&phi, &loop, reduction) && reduction.hasExactFPMath())
        return true;
    }
    return false;
  }

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

// Makes both known by name in pipelines over functions.
inline void register_loop_passes(llvm::PassBuilder &builder) {
  builder.registerPipelineParsingCallback([](llvm::StringRef name, llvm::FunctionPassManager &passes,
                                             llvm::ArrayRef<llvm::PassBuilder::PipelineElement>) {
    if (name == HoistChecks::name())
      passes.addPass(HoistChecks());
    else if (name == MarkStrictSums::name())
      passes.addPass(MarkStrictSums());
    else
      return false;
    return true;
  });
}

} // namespace rumba

#endif

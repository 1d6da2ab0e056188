// `rumba-version-checked-loops`: innermost loops whose checks all pass run without them.
//
// A loop with bounds checks has an exit per check, to a cold block that raises. The pass computes before the loop
// whether every check will pass in every iteration, and makes two loops of one:
//
//     if (all checks will pass)  loop without checks           (vectorises as any other loop)
//     else                       the loop as it was            (raises where the original does)
//
// So exceptions come exactly where they would have come, with everything stored that would have been stored before.
//
// A check is a conditional exit that the branch weights call unlikely. Two kinds of conditions are understood, and
// conjunctions of them: those that do not change in the loop, and comparisons of a counter (an affine recurrence) with something that does not change.
// Negative indices count from the end in Python (`i + (i < 0 ? len : 0)`); that no counter is negative is assumed of
// the loop without checks, and part of the computed condition.
//
// What a counter runs through follows from its first value and from the number of iterations that the loop's ordinary
// exit allows; it is trusted only when it does not wrap around on the way, which is part of the computed condition.
//
// Left alone are loops that the vectoriser could make nothing of (calls, several ordinary exits) or that take the
// latency of an ordered sum anyway: for those the checks cost nothing and a second loop only compile time.

#ifndef RUMBA_VERSION_CHECKED_LOOPS_H
#define RUMBA_VERSION_CHECKED_LOOPS_H

#include "strict_sums.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/PassManager.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/IR/ProfDataUtils.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

namespace rumba {

using namespace llvm;

// An exit is a check if staying is at least this many times as likely.
constexpr uint64_t UNLIKELY = 1000;

inline bool is_unlikely_exit(BranchInst &branch, bool stays_if_true) {
  uint64_t if_true, if_false;
  if (!extractBranchWeights(branch, if_true, if_false))
    return false;
  uint64_t stay = stays_if_true ? if_true : if_false, leave = stays_if_true ? if_false : if_true;
  return stay / UNLIKELY >= leave;
}

struct VersionCheckedLoops : PassInfoMixin<VersionCheckedLoops> {
  static StringRef name() { return "rumba-version-checked-loops"; }

  // What must hold for a check to pass.
  struct Condition {
    Value *value;
    bool must_be;
    // Of a condition that changes: `predicate(counter, bound)` must hold.
    const SCEVAddRecExpr *counter = nullptr;
    const SCEV *bound = nullptr;
    CmpInst::Predicate predicate = CmpInst::BAD_ICMP_PREDICATE;
  };

  // An exit that raises unless all conditions hold.
  struct Check {
    BranchInst *branch;
    bool stays_if_true;
    SmallVector<Condition, 2> conditions;
  };

  struct Plan {
    SmallVector<Check, 8> checks;
    // Comparisons that are not exits, with what they will be throughout.
    SmallVector<Condition, 4> sign_tests;
    // What selects on sign tests then are.
    ValueToSCEVMapTy selected;
    const SCEV *last_iteration = nullptr;
  };

  // Takes apart what must hold; false if the pass cannot express when it does.
  static bool understand(Value *value, bool must_be, SmallVectorImpl<Condition> &conditions, Plan &plan, Loop &loop,
                         ScalarEvolution &evolution) {
    using namespace PatternMatch;
    Value *left, *right;
    if (match(value, m_Not(m_Value(left))))
      return understand(left, !must_be, conditions, plan, loop, evolution);
    if (must_be ? match(value, m_LogicalAnd(m_Value(left), m_Value(right)))
                : match(value, m_LogicalOr(m_Value(left), m_Value(right))))
      return understand(left, must_be, conditions, plan, loop, evolution) &&
             understand(right, must_be, conditions, plan, loop, evolution);
    Condition condition{value, must_be};
    if (!loop.isLoopInvariant(value) && !understand_comparison(condition, plan, loop, evolution))
      return false;
    conditions.push_back(condition);
    return true;
  }

  static bool understand_comparison(Condition &check, Plan &plan, Loop &loop, ScalarEvolution &evolution) {
    auto *comparison = dyn_cast<ICmpInst>(check.value);
    if (!comparison || !comparison->getOperand(0)->getType()->isIntegerTy())
      return false;
    check.predicate = check.must_be ? comparison->getPredicate() : comparison->getInversePredicate();
    auto evolution_of = [&](Value *value) {
      return SCEVParameterRewriter::rewrite(evolution.getSCEV(value), evolution, plan.selected);
    };
    const SCEV *lhs = evolution_of(comparison->getOperand(0));
    const SCEV *rhs = evolution_of(comparison->getOperand(1));
    if (evolution.isLoopInvariant(lhs, &loop)) {
      std::swap(lhs, rhs);
      check.predicate = CmpInst::getSwappedPredicate(check.predicate);
    }
    check.counter = dyn_cast<SCEVAddRecExpr>(lhs);
    check.bound = rhs;
    if (!check.counter || check.counter->getLoop() != &loop || !check.counter->isAffine() ||
        !evolution.isLoopInvariant(rhs, &loop))
      return false;
    // `i != n` as the end of a range: that `i < n` or `i > n` holds throughout is enough.
    auto *step = dyn_cast<SCEVConstant>(check.counter->getStepRecurrence(evolution));
    if (!step)
      return ICmpInst::isRelational(check.predicate);
    if (step->getAPInt().isMinSignedValue())
      return false;
    if (check.predicate == CmpInst::ICMP_NE)
      check.predicate = step->getAPInt().isNegative() ? CmpInst::ICMP_UGT : CmpInst::ICMP_ULT;
    return ICmpInst::isRelational(check.predicate);
  }

  // Python's negative indices: `i + (i < 0 ? len : 0)` is `i` where no `i` is negative.
  static void assume_no_negative_counters(Plan &plan, Loop &loop, ScalarEvolution &evolution) {
    using namespace PatternMatch;
    for (BasicBlock *block : loop.blocks()) {
      for (Instruction &instruction : *block) {
        Value *condition = nullptr, *if_true, *if_false;
        if (!instruction.getType()->isIntegerTy() ||
            !match(&instruction, m_Select(m_Value(condition), m_Value(if_true), m_Value(if_false))) ||
            loop.isLoopInvariant(condition))
          continue;
        bool when_negative;
        if (match(condition, m_SpecificICmp(CmpInst::ICMP_SLT, m_Value(), m_ZeroInt())))
          when_negative = true;
        else if (match(condition, m_SpecificICmp(CmpInst::ICMP_SGT, m_Value(), m_AllOnes())))
          when_negative = false;
        else
          continue;
        Condition test{condition, !when_negative};
        if (!understand_comparison(test, plan, loop, evolution))
          continue;
        plan.selected[&instruction] = evolution.getSCEV(when_negative ? if_false : if_true);
        if (none_of(plan.sign_tests, [&](const Condition &known) { return known.value == condition; }))
          plan.sign_tests.push_back(test);
      }
    }
  }

  static bool make_plan(Loop &loop, ScalarEvolution &evolution, DominatorTree &dominators, Plan &plan) {
    SmallVector<BasicBlock *, 8> exiting;
    loop.getExitingBlocks(exiting);
    if (exiting.size() < 2 || !loop.isLoopSimplifyForm() || !loop.isLCSSAForm(dominators))
      return false;
    assume_no_negative_counters(plan, loop, evolution);
    BasicBlock *ordinary = nullptr;
    for (BasicBlock *block : exiting) {
      auto *branch = dyn_cast<BranchInst>(block->getTerminator());
      if (!branch || !branch->isConditional())
        return false;
      bool stays_if_true = loop.contains(branch->getSuccessor(0));
      if (is_unlikely_exit(*branch, stays_if_true)) {
        Check check{branch, stays_if_true, {}};
        if (!understand(branch->getCondition(), stays_if_true, check.conditions, plan, loop, evolution))
          return false;
        plan.checks.push_back(check);
      } else if (ordinary) {
        return false;
      } else {
        ordinary = block;
      }
    }
    if (!ordinary || plan.checks.empty())
      return false;
    for (BasicBlock *block : loop.blocks())
      for (Instruction &instruction : *block)
        if (isa<CallInst>(instruction) && instruction.mayHaveSideEffects())
          return false;
    if (has_strict_sum(loop) && has_cheap_body(loop))
      return false;
    plan.last_iteration = evolution.getExitCount(&loop, ordinary);
    return !isa<SCEVCouldNotCompute>(plan.last_iteration) &&
           evolution.isLoopInvariant(plan.last_iteration, &loop);
  }

  // Emits code that says whether the condition holds in iterations 0 to `last_iteration`. Null if that is not
  // expressible.
  static Value *holds_throughout(const Condition &check, const SCEV *last_iteration, ScalarEvolution &evolution,
                                  SCEVExpander &expander, IRBuilder<> &builder) {
    if (!check.counter)
      return check.must_be ? check.value : builder.CreateNot(check.value);
    auto *type = cast<IntegerType>(check.counter->getType());
    if (evolution.getTypeSizeInBits(last_iteration->getType()) > type->getBitWidth())
      return nullptr;
    const SCEV *iterations = evolution.getNoopOrZeroExtend(last_iteration, type);
    const SCEV *start = check.counter->getStart();
    const SCEV *any_step = check.counter->getStepRecurrence(evolution);
    if (!isa<SCEVConstant>(any_step))
      return holds_at_any_step(check, any_step, iterations, expander, builder);
    const APInt &step = cast<SCEVConstant>(any_step)->getAPInt();
    const SCEV *last = evolution.getAddExpr(start, evolution.getMulExpr(evolution.getConstant(step), iterations));
    Instruction *at = &*builder.GetInsertPoint();
    if (!expander.isSafeToExpandAt(last, at) || !expander.isSafeToExpandAt(start, at) ||
        !expander.isSafeToExpandAt(check.bound, at))
      return nullptr;
    Value *first_value = expander.expandCodeFor(start, type, at);
    Value *last_value = expander.expandCodeFor(last, type, at);
    Value *bound = expander.expandCodeFor(check.bound, type, at);
    bool is_signed = CmpInst::isSigned(check.predicate);
    bool rises = !step.isNegative();
    Value *least = rises ? first_value : last_value, *greatest = rises ? last_value : first_value;
    // It did not wrap around: over less than the type's whole range it could have done so once only.
    Value *passes = builder.CreateICmp(is_signed ? CmpInst::ICMP_SLE : CmpInst::ICMP_ULE, least, greatest);
    APInt stride = step.abs();
    if (stride.ugt(1)) {
      APInt most = APInt::getMaxValue(type->getBitWidth()).udiv(stride);
      Value *count = expander.expandCodeFor(iterations, type, at);
      passes = builder.CreateAnd(passes, builder.CreateICmpULE(count, ConstantInt::get(type, most)));
    }
    bool is_upper_bound = ICmpInst::isLT(check.predicate) || ICmpInst::isLE(check.predicate);
    Value *extreme = is_upper_bound ? greatest : least;
    return builder.CreateAnd(passes, builder.CreateICmp(check.predicate, extreme, bound));
  }

  // The same for a step that is known only when the loop is reached, like that of `range(start, stop, step)`.
  static Value *holds_at_any_step(const Condition &check, const SCEV *step, const SCEV *iterations,
                                  SCEVExpander &expander, IRBuilder<> &builder) {
    const SCEV *start = check.counter->getStart();
    Instruction *at = &*builder.GetInsertPoint();
    for (const SCEV *operand : {start, step, iterations, check.bound})
      if (!expander.isSafeToExpandAt(operand, at))
        return nullptr;
    Type *type = check.counter->getType();
    Value *zero = ConstantInt::get(type, 0);
    Value *first = expander.expandCodeFor(start, type, at);
    Value *count = expander.expandCodeFor(iterations, type, at);
    Value *stride = expander.expandCodeFor(step, type, at);
    Value *bound = expander.expandCodeFor(check.bound, type, at);
    Value *way = builder.CreateBinaryIntrinsic(Intrinsic::smul_with_overflow, stride, count);
    Value *sum = builder.CreateBinaryIntrinsic(Intrinsic::sadd_with_overflow, first, builder.CreateExtractValue(way, 0));
    Value *last = builder.CreateExtractValue(sum, 0);
    Value *wraps = builder.CreateOr(builder.CreateExtractValue(way, 1), builder.CreateExtractValue(sum, 1));
    Value *passes = builder.CreateAnd(builder.CreateNot(wraps), builder.CreateICmpSGE(count, zero));
    Value *least = builder.CreateBinaryIntrinsic(Intrinsic::smin, first, last);
    Value *greatest = builder.CreateBinaryIntrinsic(Intrinsic::smax, first, last);
    // Between two numbers that are not negative, there is none that is.
    if (!CmpInst::isSigned(check.predicate))
      passes = builder.CreateAnd(passes, builder.CreateICmpSGE(least, zero));
    bool is_upper_bound = ICmpInst::isLT(check.predicate) || ICmpInst::isLE(check.predicate);
    Value *extreme = is_upper_bound ? greatest : least;
    return builder.CreateAnd(passes, builder.CreateICmp(check.predicate, extreme, bound));
  }

  static bool version(Loop &loop, const Plan &plan, ScalarEvolution &evolution, LoopInfo &loops,
                      DominatorTree &dominators) {
    BasicBlock *before = loop.getLoopPreheader();
    Instruction *end = before->getTerminator();
    IRBuilder<> builder(end);
    SCEVExpander expander(evolution, "checks");
    Value *all_pass = nullptr;
    SmallVector<Condition, 12> conditions(plan.sign_tests.begin(), plan.sign_tests.end());
    for (const Check &check : plan.checks)
      conditions.append(check.conditions.begin(), check.conditions.end());
    for (const Condition &condition : conditions) {
      Value *holds = holds_throughout(condition, plan.last_iteration, evolution, expander, builder);
      if (!holds) {
        expander.clear();
        return false; // What has been emitted is dead.
      }
      // The original evaluates it later or never, so it may be poison here.
      holds = builder.CreateFreeze(holds);
      all_pass = all_pass ? builder.CreateAnd(all_pass, holds) : holds;
    }
    expander.clear();
    evolution.forgetLoop(&loop);

    // The original becomes the loop without checks.
    BasicBlock *fast_preheader = SplitBlock(before, end, &dominators, &loops);
    ValueToValueMapTy map;
    SmallVector<BasicBlock *, 16> slow_blocks;
    Loop *slow =
        cloneLoopWithPreheader(fast_preheader, before, &loop, map, ".checked", &loops, &dominators, slow_blocks);
    remapInstructionsInBlocks(slow_blocks, map);
    before->getTerminator()->eraseFromParent();
    builder.SetInsertPoint(before);
    MDNode *weights = MDBuilder(before->getContext()).createBranchWeights(UNLIKELY, 1);
    builder.CreateCondBr(all_pass, fast_preheader, slow->getLoopPreheader(), weights);

    // In LCSSA form everything that leaves a loop does so through a phi in an exit block.
    SmallVector<BasicBlock *, 8> exits;
    loop.getUniqueExitBlocks(exits);
    for (BasicBlock *exit : exits) {
      for (PHINode &phi : exit->phis()) {
        for (unsigned index = 0, n = phi.getNumIncomingValues(); index < n; ++index) {
          BasicBlock *from = phi.getIncomingBlock(index);
          if (!loop.contains(from))
            continue;
          Value *value = phi.getIncomingValue(index);
          auto mapped = map.find(value);
          phi.addIncoming(mapped == map.end() ? value : &*mapped->second, cast<BasicBlock>(map[from]));
        }
      }
    }
    for (const Check &check : plan.checks) {
      BasicBlock *exiting = check.branch->getParent();
      BasicBlock *stay = check.branch->getSuccessor(check.stays_if_true ? 0 : 1);
      BasicBlock *leave = check.branch->getSuccessor(check.stays_if_true ? 1 : 0);
      leave->removePredecessor(exiting, /*KeepOneInputPHIs=*/true);
      check.branch->eraseFromParent();
      BranchInst::Create(stay, exiting);
    }
    for (const Condition &test : plan.sign_tests)
      test.value->replaceAllUsesWith(ConstantInt::getBool(test.value->getContext(), test.must_be));
    addStringMetadataToLoop(slow, "llvm.loop.vectorize.width", 1);
    addStringMetadataToLoop(slow, "llvm.loop.interleave.count", 1);
    addStringMetadataToLoop(slow, "llvm.loop.unroll.disable", 1);
    dominators.recalculate(*before->getParent());
    return true;
  }

  PreservedAnalyses run(Function &function, FunctionAnalysisManager &analyses) {
    auto &loops = analyses.getResult<LoopAnalysis>(function);
    SmallVector<Loop *, 8> candidates;
    for (Loop *loop : loops.getLoopsInPreorder())
      if (loop->isInnermost() && !loop->getExitingBlock())
        candidates.push_back(loop);
    if (candidates.empty())
      return PreservedAnalyses::all();
    auto &evolution = analyses.getResult<ScalarEvolutionAnalysis>(function);
    auto &dominators = analyses.getResult<DominatorTreeAnalysis>(function);
    bool changed = false;
    for (Loop *loop : candidates) {
      Plan plan;
      if (make_plan(*loop, evolution, dominators, plan))
        changed |= version(*loop, plan, evolution, loops, dominators);
    }
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
  }
};

} // namespace rumba

#endif

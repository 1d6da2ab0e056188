// `rumba-branch-on-negative-indices` lets the next load wait for nothing but the index.
//
// Python's negative indices count from the end. As lowered, every index is first made one that is not negative and then
// checked, which suits the passes over loops: they see through it where the index is a counter. What is left in a loop
// at the end of the pipeline is an index from memory or from a computation; it is rarely negative, so a branch costs
// less than the arithmetic:
//
//     index = i + (i < 0 ? len : 0)            if (i unsigned< len)         index = i
//     if (index unsigned>= len) raise          else if (i + len unsigned< len)  index = i + len
//                                              else raise
//
// The same selection without a check, as in `i % len`, is as likely to go either way and stays.

#ifndef RUMBA_BRANCH_ON_NEGATIVE_INDICES_H
#define RUMBA_BRANCH_ON_NEGATIVE_INDICES_H

#include "version_checked_loops.h"

#include "llvm/Transforms/Utils/Local.h"

namespace rumba {

struct BranchOnNegativeIndices : PassInfoMixin<BranchOnNegativeIndices> {
  static StringRef name() { return "rumba-branch-on-negative-indices"; }

  struct Check {
    BranchInst *branch;
    bool stays_if_true;
    Instruction *index;
    // The index as the program has it, and what is added to it if it is negative.
    Value *number, *length;
    BasicBlock *stay() const { return branch->getSuccessor(stays_if_true ? 0 : 1); }
    BasicBlock *leave() const { return branch->getSuccessor(stays_if_true ? 1 : 0); }
  };

  static bool is_wrapped(Check &check) {
    using namespace PatternMatch;
    for (Value *number : check.index->operands()) {
      // `(low + high) // 2` has the sign of `low + high`, of which LLVM knows.
      Value *same_sign = number;
      (void)match(number, m_AShr(m_Value(same_sign), m_ConstantInt()));
      auto is_negative =
          m_SpecificICmp(CmpInst::ICMP_SLT, m_CombineOr(m_Specific(number), m_Specific(same_sign)), m_ZeroInt());
      auto length = m_Specific(check.length);
      if (match(check.index, m_c_Add(m_Specific(number), m_Select(is_negative, length, m_ZeroInt()))) ||
          match(check.index, m_Select(is_negative, m_c_Add(m_Specific(number), length), m_Specific(number)))) {
        check.number = number;
        return true;
      }
    }
    return false;
  }

  static bool understand(BasicBlock &block, Check &check) {
    check.branch = dyn_cast<BranchInst>(block.getTerminator());
    if (!check.branch || !check.branch->isConditional())
      return false;
    auto *comparison = dyn_cast<ICmpInst>(check.branch->getCondition());
    if (!comparison || !comparison->hasOneUse())
      return false;
    check.stays_if_true = comparison->getPredicate() == CmpInst::ICMP_ULT;
    if (!check.stays_if_true && comparison->getPredicate() != CmpInst::ICMP_UGE)
      return false;
    check.index = dyn_cast<Instruction>(comparison->getOperand(0));
    check.length = comparison->getOperand(1);
    return check.index && check.index->getParent() == &block && check.stay() != check.leave() &&
           check.stay()->getSinglePredecessor() && is_unlikely_exit(*check.branch, check.stays_if_true) &&
           is_wrapped(check);
  }

  // Whether the index is used only where it has passed the check.
  static bool is_used_behind(const Check &check, DominatorTree &dominators) {
    return all_of(check.index->uses(), [&](const Use &use) {
      return use.getUser() == check.branch->getCondition() || dominators.dominates(check.stay(), user_block(use));
    });
  }

  static BasicBlock *user_block(const Use &use) {
    auto *user = cast<Instruction>(use.getUser());
    auto *phi = dyn_cast<PHINode>(user);
    return phi ? phi->getIncomingBlock(use) : user->getParent();
  }

  static void transform(const Check &check, DominatorTree &dominators) {
    BasicBlock *block = check.branch->getParent(), *stay = check.stay(), *leave = check.leave();
    FoldSingleEntryPHINodes(stay);
    auto *negative = BasicBlock::Create(block->getContext(), "", block->getParent());
    auto *comparison = cast<Instruction>(check.branch->getCondition());
    MDNode *weights = MDBuilder(block->getContext()).createBranchWeights(1000 * UNLIKELY, 1);

    IRBuilder<> builder(negative);
    Value *from_end = builder.CreateAdd(check.number, check.length);
    builder.CreateCondBr(builder.CreateICmpULT(from_end, check.length), stay, leave, weights);
    leave->replacePhiUsesWith(block, negative);

    builder.SetInsertPoint(check.branch);
    builder.CreateCondBr(builder.CreateICmpULT(check.number, check.length), stay, negative, weights);
    check.branch->eraseFromParent();
    comparison->eraseFromParent();

    builder.SetInsertPoint(stay, stay->begin());
    PHINode *index = builder.CreatePHI(check.index->getType(), 2);
    index->addIncoming(check.number, block);
    index->addIncoming(from_end, negative);
    check.index->replaceAllUsesWith(index);
    RecursivelyDeleteTriviallyDeadInstructions(check.index);
    dominators.recalculate(*block->getParent());
  }

  PreservedAnalyses run(Function &function, FunctionAnalysisManager &analyses) {
    SmallVector<Check, 8> checks;
    for (BasicBlock &block : function) {
      Check check;
      if (understand(block, check))
        checks.push_back(check);
    }
    if (checks.empty())
      return PreservedAnalyses::all();
    auto &loops = analyses.getResult<LoopAnalysis>(function);
    auto &dominators = analyses.getResult<DominatorTreeAnalysis>(function);
    for (const Check &check : checks)
      if (loops.getLoopFor(check.branch->getParent()) && is_used_behind(check, dominators))
        transform(check, dominators);
    return PreservedAnalyses::none();
  }
};

} // namespace rumba

#endif

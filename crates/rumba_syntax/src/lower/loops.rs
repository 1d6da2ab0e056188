//! `while` and `for`, their `else`, `break` and `continue`.

use super::{Around, LoopTargets, Lowering};
use crate::hir::{Block, Constant, Inst, Value};
use ruff_python_ast::{Stmt, StmtFor, StmtWhile};
use ruff_text_size::TextRange;
use rumba_source::Span;

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn while_stmt(&mut self, stmt: &'a StmtWhile) {
        let span = self.span(stmt);
        let [header, body, exhausted, exit] = std::array::from_fn(|_| self.ssa.new_block());
        self.jump(header, span);
        self.enter(header);
        self.condition(&stmt.test, body, exhausted);
        self.enter(body);
        self.loop_body(&stmt.body, LoopTargets { continue_to: header, break_to: exit });
        self.jump(header, span);
        self.enter(exhausted);
        self.body(&stmt.orelse);
        self.jump(exit, span);
        self.enter(exit);
    }

    pub(super) fn for_stmt(&mut self, stmt: &'a StmtFor) {
        if stmt.is_async {
            self.unsupported_async_for(stmt);
        }
        let span = self.span(stmt);
        let iter_span = self.span(&*stmt.iter);
        let [exhausted, exit] = std::array::from_fn(|_| self.ssa.new_block());
        let iterable = self.expr(&stmt.iter);
        self.for_each(iterable, iter_span, exhausted, &mut |lowering, item, next| {
            lowering.assign(&stmt.target, item);
            lowering.loop_body(&stmt.body, LoopTargets { continue_to: next, break_to: exit });
        });
        self.body(&stmt.orelse);
        self.jump(exit, span);
        self.enter(exit);
    }

    /// Does `each` with every item; it is told where the next round begins. Goes on in `exhausted`. Where inference has
    /// found a tuple whose elements have several types, each of them has code of its own, before the loop over all else.
    pub(super) fn for_each(
        &mut self,
        iterable: Value,
        span: Span,
        exhausted: Block,
        each: &mut dyn FnMut(&mut Self, Value, Block),
    ) {
        let unrolled = self.shared.unrolled;
        for &n_elements in unrolled.get(&span).into_iter().flatten() {
            let [elements, otherwise] = std::array::from_fn(|_| self.ssa.new_block());
            let is_one = self.emit(Inst::IsTuple { value: iterable, n_elements }, span);
            self.branch(is_one, elements, otherwise, span);
            self.enter(elements);
            for position in 0..n_elements {
                let next = self.ssa.new_block();
                let index = self.emit(Inst::Const(Constant::Int(position.to_string().into())), span);
                let element = self.emit(Inst::Subscript { value: iterable, index }, span);
                each(self, element, next);
                self.jump(next, span);
                self.enter(next);
            }
            self.jump(exhausted, span);
            self.enter(otherwise);
        }
        self.iterate(iterable, span, exhausted, |lowering, item, header, _| each(lowering, item, header));
    }

    /// Does `each` with every item; it is told where the next round begins, and the iterator after the item. Goes on in
    /// `exhausted`; gives the iterator there.
    /// The iterator is a value too: each round reads its item and goes on with the advanced one.
    pub(super) fn iterate(
        &mut self,
        iterable: Value,
        span: Span,
        exhausted: Block,
        each: impl FnOnce(&mut Self, Value, Block, Value),
    ) -> Value {
        let [header, body] = std::array::from_fn(|_| self.ssa.new_block());
        let iterator = self.temporary();
        let start = self.emit(Inst::Iter(iterable), span);
        self.set(iterator, start);
        self.jump(header, span);

        self.enter(header);
        let current = self.get(iterator, span);
        let has_next = self.emit(Inst::IterHasNext(current), span);
        self.branch(has_next, body, exhausted, span);

        self.enter(body);
        let item = self.emit(Inst::IterItem(current), span);
        let advanced = self.emit(Inst::IterAdvance(current), span);
        self.set(iterator, advanced);
        each(self, item, header, advanced);
        self.jump(header, span);
        self.enter(exhausted);
        current
    }

    fn loop_body(&mut self, body: &'a [Stmt], targets: LoopTargets) {
        self.around.push(Around::Loop(targets));
        self.body(body);
        self.around.pop();
    }

    /// `break` or `continue`. Outside a loop, Python has refused the file.
    pub(super) fn leave_loop(&mut self, target: impl Fn(LoopTargets) -> Block, range: TextRange) {
        let span = self.span(range);
        let innermost = self.around.iter().enumerate().rev().find_map(|(idx, around)| match around {
            Around::Loop(targets) => Some((idx, *targets)),
            _ => None,
        });
        match innermost {
            Some((idx, targets)) => {
                self.leave(idx + 1, span, |lowering| lowering.jump(target(targets), span));
            }
            None => self.misplaced_loop_control(span),
        }
    }
}

//! `yield`, `yield from`, and generator expressions that no builtin consumes at once: functions that are called where they
//! stand.

use super::{Lowering, edge};
use crate::finding::FunctionNode;
use crate::hir::{Argument, ArgumentKind, Inst, Param, ParamKind, Terminator, Value};
use ruff_python_ast::{ExprGenerator, ExprYield, ExprYieldFrom};
use rumba_source::Span;

/// CPython's name for what the first clause of a generator expression iterates over.
const ITERABLE: &str = ".0";

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn yield_expr(&mut self, expr: &'a ExprYield) -> Value {
        let span = self.span(expr);
        let value = match &expr.value {
            Some(value) => self.expr(value),
            None => self.none(span),
        };
        self.yield_value(value, span)
    }

    /// Hands a value out; gives what the generator is resumed with.
    fn yield_value(&mut self, value: Value, span: Span) -> Value {
        self.is_generator = true;
        let resumed = self.ssa.new_block();
        self.end(Terminator::Yield { value, resume: edge(resumed) }, span);
        self.enter(resumed);
        self.emit(Inst::Sent, span)
    }

    pub(super) fn yield_from(&mut self, expr: &'a ExprYieldFrom) -> Value {
        let span = self.span(expr);
        let iterable = self.expr(&expr.value);
        let exhausted = self.ssa.new_block();
        let iterator = self.iterate(iterable, span, exhausted, |lowering, item, _, iterator| {
            let sent = lowering.yield_value(item, span);
            lowering.emit(Inst::Send { iterator, sent }, span);
        });
        self.emit(Inst::Returned(iterator), span)
    }

    pub(super) fn generator_expression(&mut self, generator: &'a ExprGenerator) -> Value {
        let span = self.span(generator);
        let Some(first) = generator.generators.first() else { return self.none(span) };
        let iterable_span = self.span(&first.iter);
        let iterable = self.expr(&first.iter);
        // A tuple of several types has no iterator: the generator is given the tuple.
        let iterator = match self.shared.unrolled.contains_key(&iterable_span) {
            true => iterable,
            false => self.emit(Inst::Iter(iterable), iterable_span),
        };
        let callee = self.make_function(FunctionNode::Generator(generator), None);
        let args = vec![Argument { kind: ArgumentKind::Positional, value: iterator, span: iterable_span }];
        self.emit(Inst::Call { callee, args }, span)
    }

    pub(super) fn iterable_param(&mut self, generator: &'a ExprGenerator) -> Param {
        let name = self.intern(ITERABLE);
        let span = self.span(generator);
        let value = self.ssa.given(name.clone(), span);
        let variable = self.variable(ITERABLE);
        self.set(variable, value);
        Param { name, kind: ParamKind::PositionalOnly, has_default: false, span }
    }

    /// The body of a generator expression.
    pub(super) fn generator_body(&mut self, generator: &'a ExprGenerator) {
        // Even if its clauses were such that nothing is yielded.
        self.is_generator = true;
        let span = self.span(generator);
        let variable = self.variable(ITERABLE);
        let iterable = self.get(variable, span);
        self.generate_from(iterable, &generator.generators, &mut |lowering| {
            let value = lowering.expr(&generator.elt);
            let span = lowering.span(&*generator.elt);
            lowering.yield_value(value, span);
        });
    }
}

//! `match`: each pattern branches to the next case if it does not fit.
//!
//! Names are bound only once the whole pattern has fitted, before the guard, as in CPython.

use super::Lowering;
use crate::hir::{Block, Constant, Inst, Value};
use crate::ssa::Variable;
use ruff_python_ast::{
    Identifier, MatchCase, Pattern, PatternMatchClass, PatternMatchMapping, Singleton, StmtMatch,
};
use rumba_source::Span;
use rumba_source::operators::Comparison;

/// The names that a pattern binds, each with the variable that holds the value until the pattern fits.
type Bindings<'a> = Vec<(&'a Identifier, Variable)>;

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn match_stmt(&mut self, stmt: &'a StmtMatch) {
        let span = self.span(stmt);
        let subject = self.expr(&stmt.subject);
        let exit = self.ssa.new_block();
        for case in &stmt.cases {
            let next = self.ssa.new_block();
            self.case(case, subject, next);
            self.jump(exit, span);
            self.enter(next);
        }
        self.jump(exit, span);
        self.enter(exit);
    }

    fn case(&mut self, case: &'a MatchCase, subject: Value, next: Block) {
        let mut bindings = Bindings::new();
        self.pattern(&case.pattern, subject, next, &mut bindings);
        for (name, variable) in bindings {
            let span = self.span(name);
            let value = self.get(variable, span);
            self.bind_name(name, value, span);
        }
        if let Some(guard) = &case.guard {
            let body = self.ssa.new_block();
            self.condition(guard, body, next);
            self.enter(body);
        }
        self.body(&case.body);
    }

    /// Goes on in the current block if the pattern fits, and in `fail` if not.
    fn pattern(&mut self, pattern: &'a Pattern, subject: Value, fail: Block, bindings: &mut Bindings<'a>) {
        let span = self.span(pattern);
        match pattern {
            Pattern::MatchValue(pattern) => {
                let rhs = self.expr(&pattern.value);
                self.compare_or_fail(Comparison::Eq, subject, rhs, fail, span);
            }
            Pattern::MatchSingleton(pattern) => {
                let constant = match pattern.value {
                    Singleton::None => Constant::None,
                    Singleton::True => Constant::Bool(true),
                    Singleton::False => Constant::Bool(false),
                };
                let rhs = self.emit(Inst::Const(constant), span);
                self.compare_or_fail(Comparison::Is, subject, rhs, fail, span);
            }
            Pattern::MatchSequence(sequence) => {
                self.sequence_pattern(&sequence.patterns, subject, fail, bindings, span);
            }
            Pattern::MatchAs(pattern) => {
                if let Some(pattern) = &pattern.pattern {
                    self.pattern(pattern, subject, fail, bindings);
                }
                if let Some(name) = &pattern.name {
                    self.capture_pattern(name, subject, bindings);
                }
            }
            Pattern::MatchStar(pattern) => {
                if let Some(name) = &pattern.name {
                    self.capture_pattern(name, subject, bindings);
                }
            }
            Pattern::MatchOr(or) => self.or_pattern(&or.patterns, subject, fail, bindings, span),
            Pattern::MatchClass(class) => self.class_pattern(class, subject, fail, bindings, span),
            Pattern::MatchMapping(mapping) => self.mapping_pattern(mapping, subject, fail, bindings, span),
        }
    }

    fn compare_or_fail(&mut self, op: Comparison, lhs: Value, rhs: Value, fail: Block, span: Span) {
        let result = self.emit(Inst::Compare { op, lhs, rhs }, span);
        self.fits_if_true(result, fail, span);
    }

    fn fits_if_true(&mut self, value: Value, fail: Block, span: Span) {
        let condition = self.emit(Inst::Truth(value), span);
        self.fits_if(condition, fail, span);
    }

    fn fits_if(&mut self, condition: Value, fail: Block, span: Span) {
        let fits = self.ssa.new_block();
        self.branch(condition, fits, fail, span);
        self.enter(fits);
    }

    fn capture_pattern(&mut self, name: &'a Identifier, subject: Value, bindings: &mut Bindings<'a>) {
        // The alternatives of `(1, x) | (x, 2)` share one variable.
        let known = bindings.iter().find(|(known, _)| known.id == name.id).map(|&(_, variable)| variable);
        let variable = known.unwrap_or_else(|| {
            let variable = self.temporary();
            bindings.push((name, variable));
            variable
        });
        self.set(variable, subject);
    }

    fn or_pattern(
        &mut self,
        alternatives: &'a [Pattern],
        subject: Value,
        fail: Block,
        bindings: &mut Bindings<'a>,
        span: Span,
    ) {
        let fits = self.ssa.new_block();
        for (idx, alternative) in alternatives.iter().enumerate() {
            let is_last = idx + 1 == alternatives.len();
            let next = if is_last { fail } else { self.ssa.new_block() };
            self.pattern(alternative, subject, next, bindings);
            self.jump(fits, span);
            self.enter(next);
        }
        self.enter(fits);
    }

    fn sequence_pattern(
        &mut self,
        patterns: &'a [Pattern],
        subject: Value,
        fail: Block,
        bindings: &mut Bindings<'a>,
        span: Span,
    ) {
        let star = patterns.iter().position(Pattern::is_match_star);
        let n_before = star.unwrap_or(patterns.len()) as u32;
        let n_after = star.map_or(0, |star| patterns.len() - star - 1) as u32;
        let starred = star.is_some();
        let fits = self.emit(Inst::MatchSequence { value: subject, n_before, n_after, starred }, span);
        self.fits_if(fits, fail, span);
        if patterns.iter().all(is_wildcard) {
            return;
        }
        let unpacked = self.emit(Inst::Unpack { value: subject, n_before, n_after, starred }, span);
        let mut items = Vec::new();
        for (position, pattern) in patterns.iter().enumerate().filter(|(_, pattern)| !is_wildcard(pattern)) {
            let span = self.span(pattern);
            let item = self.emit(Inst::UnpackItem { unpacked, position: position as u32 }, span);
            items.push((pattern, item));
        }
        for (pattern, item) in items {
            self.pattern(pattern, item, fail, bindings);
        }
    }

    /// `Point(0, y=other)`: an instance test, then the attributes.
    fn class_pattern(
        &mut self,
        class: &'a PatternMatchClass,
        subject: Value,
        fail: Block,
        bindings: &mut Bindings<'a>,
        span: Span,
    ) {
        let ty = self.expr(&class.cls);
        let result = self.call_builtin("isinstance", vec![subject, ty], span);
        self.fits_if_true(result, fail, span);
        let mut parts = Vec::new();
        let n = class.arguments.patterns.len() as u32;
        for (position, pattern) in class.arguments.patterns.iter().enumerate() {
            let span = self.span(pattern);
            let part = Inst::MatchPosition { value: subject, class: ty, position: position as u32, n };
            parts.push((pattern, self.emit(part, span)));
        }
        for keyword in &class.arguments.keywords {
            let span = self.span(&keyword.attr);
            let name = self.intern(&keyword.attr);
            let text = self.emit(Inst::Const(Constant::Str(name.clone())), span);
            let has_it = self.call_builtin("hasattr", vec![subject, text], span);
            self.fits_if_true(has_it, fail, span);
            parts.push((&keyword.pattern, self.emit(Inst::Attribute { value: subject, name }, span)));
        }
        for (pattern, part) in parts {
            self.pattern(pattern, part, fail, bindings);
        }
    }

    /// `{"a": x, **rest}`: all keys are looked up before any value is compared.
    fn mapping_pattern(
        &mut self,
        mapping: &'a PatternMatchMapping,
        subject: Value,
        fail: Block,
        bindings: &mut Bindings<'a>,
        span: Span,
    ) {
        let ty = self.emit(Inst::Builtin("dict"), span);
        let result = self.call_builtin("isinstance", vec![subject, ty], span);
        self.fits_if_true(result, fail, span);
        let mut keys = Vec::new();
        let mut parts = Vec::new();
        for (key, pattern) in mapping.keys.iter().zip(&mapping.patterns) {
            let span = self.span(key);
            let key = self.expr(key);
            self.compare_or_fail(Comparison::In, key, subject, fail, span);
            parts.push((pattern, self.emit(Inst::Subscript { value: subject, index: key }, span)));
            keys.push((key, span));
        }
        for (pattern, part) in parts {
            self.pattern(pattern, part, fail, bindings);
        }
        if let Some(name) = &mapping.rest {
            let rest = self.call_builtin("dict", vec![subject], self.span(name));
            for (index, span) in keys {
                self.emit(Inst::DeleteSubscript { value: rest, index }, span);
            }
            self.capture_pattern(name, rest, bindings);
        }
    }
}

fn is_wildcard(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::MatchAs(pattern) => pattern.pattern.is_none() && pattern.name.is_none(),
        Pattern::MatchStar(pattern) => pattern.name.is_none(),
        _ => false,
    }
}

//! Comprehensions: loops that fill a container, with variables of their own. Generator expressions are such loops, too,
//! where a builtin consumes them at once.

use super::{Lowering, Place};
use crate::hir::{Argument, ArgumentKind, Constant, Inst, Value};
use ruff_python_ast::{
    Comprehension, Expr, ExprCall, ExprDictComp, ExprGenerator, ExprListComp, ExprSetComp,
};
use rumba_source::Span;
use rumba_source::operators::BinaryOperator;
use rustc_hash::FxHashMap;

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn list_comprehension(&mut self, comprehension: &'a ExprListComp) -> Value {
        let span = self.span(comprehension);
        let list = self.emit(Inst::List { elements: Vec::new(), taken_by: None }, span);
        self.append_each(list, &comprehension.generators, &comprehension.elt);
        list
    }

    pub(super) fn set_comprehension(&mut self, comprehension: &'a ExprSetComp) -> Value {
        let span = self.span(comprehension);
        let set = self.emit(Inst::Set(Vec::new()), span);
        self.append_each(set, &comprehension.generators, &comprehension.elt);
        set
    }

    pub(super) fn dict_comprehension(&mut self, comprehension: &'a ExprDictComp) -> Value {
        let span = self.span(comprehension);
        let dict = self.emit(Inst::Dict(Vec::new()), span);
        self.generate(&comprehension.generators, &mut |lowering| {
            let Some(key) = &comprehension.key else { return };
            let index = lowering.expr(key);
            let new = lowering.expr(&comprehension.value);
            let span = lowering.span(&**key);
            lowering.emit(Inst::StoreSubscript { value: dict, index, new }, span);
        });
        dict
    }

    /// A call of a builtin, or of `join`, whose first argument is a generator expression, if that is what the call is.
    pub(super) fn consume_generator(&mut self, call: &'a ExprCall) -> Option<Value> {
        /// What takes all items before it does anything that one could see.
        const CONSUMERS: [&str; 8] = ["any", "all", "sum", "min", "max", "list", "set", "sorted"];
        if let (Expr::Attribute(method), [Expr::Generator(generator)], []) =
            (&*call.func, &*call.arguments.args, &*call.arguments.keywords)
            && method.attr.as_str() == "join"
        {
            // `str.join` makes a list of the items, too.
            let span = self.span(call);
            let callee = self.expr(&call.func);
            return Some(self.call_with_list(callee, generator, span));
        }
        let (Expr::Name(name), [Expr::Generator(generator), rest @ ..]) =
            (&*call.func, &*call.arguments.args)
        else {
            return None;
        };
        let consumer = CONSUMERS.into_iter().find(|consumer| *consumer == name.id)?;
        let others = rest.iter().chain(call.arguments.keywords.iter().map(|keyword| &keyword.value));
        // Python evaluates them before the items.
        let is_silent =
            |other: &Expr| other.is_literal_expr() || other.is_name_expr() || other.is_lambda_expr();
        if !others.clone().all(is_silent) || !matches!(self.place(&name.id), Place::Free) {
            return None;
        }
        let span = self.span(call);
        let callee = self.expr(&call.func);
        let generator_span = self.span(generator);
        self.emit(Inst::RequireBuiltin { callee, name: consumer }, generator_span);
        match (consumer, rest, &*call.arguments.keywords) {
            ("any" | "all", [], []) => Some(self.any_or_all(generator, consumer == "any", span)),
            ("sum", [] | [_], []) => Some(self.sum(generator, rest.first(), span)),
            _ => {
                let list = self.emit(Inst::List { elements: Vec::new(), taken_by: None }, generator_span);
                self.append_each(list, &generator.generators, &generator.elt);
                let kind = ArgumentKind::Positional;
                let mut args = vec![Argument { kind, value: list, span: generator_span }];
                args.extend(self.arguments(callee, rest, &call.arguments.keywords));
                Some(self.emit(Inst::Call { callee, args }, span))
            }
        }
    }

    fn call_with_list(&mut self, callee: Value, generator: &'a ExprGenerator, span: Span) -> Value {
        let generator_span = self.span(generator);
        let list = self.emit(Inst::List { elements: Vec::new(), taken_by: None }, generator_span);
        self.append_each(list, &generator.generators, &generator.elt);
        let args = vec![Argument { kind: ArgumentKind::Positional, value: list, span: generator_span }];
        self.emit(Inst::Call { callee, args }, span)
    }

    /// Ends with the first item that decides it.
    fn any_or_all(&mut self, generator: &'a ExprGenerator, is_any: bool, span: Span) -> Value {
        let decided = self.ssa.new_block();
        let outcome = self.temporary();
        self.generate(&generator.generators, &mut |lowering| {
            let [stop, next] = std::array::from_fn(|_| lowering.ssa.new_block());
            let (when_true, when_false) = if is_any { (stop, next) } else { (next, stop) };
            lowering.condition(&generator.elt, when_true, when_false);
            lowering.enter(stop);
            let value = lowering.emit(Inst::Const(Constant::Bool(is_any)), span);
            lowering.set(outcome, value);
            lowering.jump(decided, span);
            lowering.enter(next);
        });
        let value = self.emit(Inst::Const(Constant::Bool(!is_any)), span);
        self.set(outcome, value);
        self.jump(decided, span);
        self.enter(decided);
        self.get(outcome, span)
    }

    fn sum(&mut self, generator: &'a ExprGenerator, start: Option<&'a Expr>, span: Span) -> Value {
        let total = self.temporary();
        let start = match start {
            Some(start) => self.expr(start),
            None => self.emit(Inst::Const(Constant::Int("0".into())), span),
        };
        self.set(total, start);
        self.generate(&generator.generators, &mut |lowering| {
            let item = lowering.expr(&generator.elt);
            let lhs = lowering.get(total, span);
            let op = BinaryOperator::Add;
            let sum = lowering.emit(Inst::Binary { op, lhs, rhs: item, in_place: false }, span);
            lowering.set(total, sum);
        });
        self.get(total, span)
    }

    fn append_each(&mut self, container: Value, generators: &'a [Comprehension], element: &'a Expr) {
        self.generate(generators, &mut |lowering| {
            let value = lowering.expr(element);
            let span = lowering.span(element);
            lowering.emit(Inst::Append { container, value }, span);
        });
    }

    /// Does `each` for everything that the clauses give. What the first one iterates over is evaluated outside.
    fn generate(&mut self, generators: &'a [Comprehension], each: &mut dyn FnMut(&mut Self)) {
        let Some((first, _)) = generators.split_first() else { return };
        let iterable = self.expr(&first.iter);
        self.generate_from(iterable, generators, each);
    }

    /// The same, where the first clause iterates over a value that is there already.
    pub(super) fn generate_from(
        &mut self,
        iterable: Value,
        generators: &'a [Comprehension],
        each: &mut dyn FnMut(&mut Self),
    ) {
        let Some((first, rest)) = generators.split_first() else { return };
        self.open_comprehension();
        self.clause(first, iterable, rest, each);
        self.close_comprehension();
    }

    fn clause(
        &mut self,
        clause: &'a Comprehension,
        iterable: Value,
        rest: &'a [Comprehension],
        each: &mut dyn FnMut(&mut Self),
    ) {
        if clause.is_async {
            self.unsupported_async_comprehension(clause);
        }
        let exhausted = self.ssa.new_block();
        let span = self.span(&clause.iter);
        self.for_each(iterable, span, exhausted, &mut |lowering, item, next| {
            lowering.declare(&clause.target);
            lowering.assign(&clause.target, item);
            for condition in &clause.ifs {
                let holds = lowering.ssa.new_block();
                lowering.condition(condition, holds, next);
                lowering.enter(holds);
            }
            match rest.split_first() {
                Some((inner, rest)) => {
                    let iterable = lowering.expr(&inner.iter);
                    lowering.clause(inner, iterable, rest, each);
                }
                None => each(lowering),
            }
        });
    }

    fn open_comprehension(&mut self) {
        self.comprehensions.push(FxHashMap::default());
    }

    fn close_comprehension(&mut self) {
        let variables = self.comprehensions.pop().unwrap_or_default();
        let scope = self.shared.scopes.last_mut().expect("the function itself has a scope");
        let n_left = scope.comprehension_variables.len() - variables.len();
        scope.comprehension_variables.truncate(n_left);
    }

    /// Makes the names in a target variables of the comprehension.
    fn declare(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => {
                let text = self.intern(&name.id);
                let variables = self.comprehensions.last_mut().expect("a clause is part of a comprehension");
                if variables.contains_key(name.id.as_str()) {
                    return;
                }
                variables.insert(&name.id, self.ssa.new_variable(Some(text)));
                let scope = self.shared.scopes.last_mut().expect("the function itself has a scope");
                scope.comprehension_variables.push(&name.id);
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|element| self.declare(element)),
            Expr::List(list) => list.elts.iter().for_each(|element| self.declare(element)),
            Expr::Starred(starred) => self.declare(&starred.value),
            _ => {}
        }
    }
}

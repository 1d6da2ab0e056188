//! Comprehensions: loops that fill a container, with variables of their own.

use super::Lowering;
use crate::hir::{Inst, Value};
use ruff_python_ast::{Comprehension, Expr, ExprDictComp, ExprListComp, ExprSetComp};
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

    fn append_each(&mut self, container: Value, generators: &'a [Comprehension], element: &'a Expr) {
        self.generate(generators, &mut |lowering| {
            let value = lowering.expr(element);
            let span = lowering.span(element);
            lowering.emit(Inst::Append { container, value }, span);
        });
    }

    /// Does `each` for everything that the clauses give. What the first one iterates over is evaluated outside.
    fn generate(&mut self, generators: &'a [Comprehension], each: &mut dyn FnMut(&mut Self)) {
        let Some((first, rest)) = generators.split_first() else { return };
        let iterable = self.expr(&first.iter);
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
        self.iterate(iterable, span, exhausted, |lowering, item, header| {
            lowering.declare(&clause.target);
            lowering.assign(&clause.target, item);
            for condition in &clause.ifs {
                let holds = lowering.ssa.new_block();
                lowering.condition(condition, holds, header);
                lowering.enter(holds);
            }
            match rest.split_first() {
                Some((next, rest)) => {
                    let iterable = lowering.expr(&next.iter);
                    lowering.clause(next, iterable, rest, each);
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

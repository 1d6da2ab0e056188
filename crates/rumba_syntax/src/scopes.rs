//! Which names are local to a function: its parameters, and what its body binds anywhere.
//!
//! Inner functions, lambdas and comprehensions have scopes of their own. A comprehension's walrus
//! binds in the function around it, as in Python.

use crate::finding::FunctionNode;
use crate::nesting::walk_expr_flat;
use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_pattern, walk_stmt};
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Parameters, Pattern, Stmt};
use rustc_hash::FxHashSet;

/// The names that belong to one function.
#[derive(Default)]
pub(crate) struct Locals<'a> {
    names: FxHashSet<&'a str>,
    /// Names of `global` and `nonlocal` statements, which are not local whatever binds them.
    declared_elsewhere: FxHashSet<&'a str>,
    comprehension_depth: usize,
}

impl<'a> Locals<'a> {
    pub(crate) fn of(node: FunctionNode<'a>) -> Locals<'a> {
        let mut locals = Locals::default();
        for parameter in node.parameters().into_iter().flat_map(Parameters::iter) {
            locals.names.insert(parameter.name());
        }
        match node {
            FunctionNode::Def(def) => locals.visit_body(&def.body),
            FunctionNode::Lambda(lambda) => locals.visit_expr(&lambda.body),
            // Its variables belong to the clauses.
            FunctionNode::Generator(_) => {}
        }
        locals
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.names.contains(name) && !self.declared_elsewhere.contains(name)
    }

    fn bind(&mut self, name: &'a str) {
        self.names.insert(name);
    }

    fn visit_defaults(&mut self, parameters: &'a Parameters) {
        for default in parameters.iter().filter_map(|parameter| parameter.default()) {
            self.visit_expr(default);
        }
    }

    fn visit_comprehension_parts(&mut self, expr: &'a Expr) {
        self.comprehension_depth += 1;
        walk_expr_flat(self, expr);
        self.comprehension_depth -= 1;
    }
}

impl<'a> SourceOrderVisitor<'a> for Locals<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => {
                self.bind(&def.name);
                for decorator in &def.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                self.visit_defaults(&def.parameters);
            }
            Stmt::ClassDef(class) => {
                self.bind(&class.name);
                for decorator in &class.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                if let Some(arguments) = &class.arguments {
                    self.visit_arguments(arguments);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let first_part = alias.name.split('.').next().unwrap_or_default();
                    self.bind(alias.asname.as_ref().map_or(first_part, |name| name.as_str()));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            Stmt::Global(global) => {
                self.declared_elsewhere.extend(global.names.iter().map(|name| name.as_str()));
            }
            Stmt::Nonlocal(nonlocal) => {
                self.declared_elsewhere.extend(nonlocal.names.iter().map(|name| name.as_str()));
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if matches!(name.ctx, ExprContext::Store | ExprContext::Del) => {
                if self.comprehension_depth == 0 {
                    self.bind(&name.id);
                }
            }
            Expr::Named(named) => {
                if let Expr::Name(name) = &*named.target {
                    self.bind(&name.id);
                }
                self.visit_expr(&named.value);
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.visit_defaults(parameters);
                }
            }
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.visit_comprehension_parts(expr);
            }
            _ => walk_expr_flat(self, expr),
        }
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(ty) = &handler.type_ {
            self.visit_expr(ty);
        }
        if let Some(name) = &handler.name {
            self.bind(name);
        }
        self.visit_body(&handler.body);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(pattern) => pattern.name.as_ref(),
            Pattern::MatchStar(pattern) => pattern.name.as_ref(),
            Pattern::MatchMapping(pattern) => pattern.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.bind(name);
        }
        walk_pattern(self, pattern);
    }
}

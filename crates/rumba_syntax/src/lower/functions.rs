//! `def` and `lambda`: parameters, the body, and the creation of inner functions.

use super::captures::find_captured_and_unbound;
use super::{Lowering, Scope, Shared};
use crate::finding::FunctionNode;
use crate::hir::{Argument, ArgumentKind, Function, Inst, Param, ParamKind, Terminator, Value};
use crate::scopes::Locals;
use ruff_python_ast::{Expr, ExprLambda, Parameter, Parameters, StmtFunctionDef};
use rumba_source::Span;
use std::sync::Arc;

pub(super) fn lower_function<'a>(
    shared: &mut Shared<'a, '_>,
    node: FunctionNode<'a>,
    self_name: Option<&'a str>,
) -> Function {
    let header = node.header(shared.file);
    shared.scopes.push(Scope {
        locals: Locals::of(node),
        function: header.start(),
        comprehension_variables: Vec::new(),
    });
    let mut lowering = Lowering::new(shared, self_name);
    let header_span = lowering.span(header);
    let params = match node {
        FunctionNode::Generator(generator) => vec![lowering.iterable_param(generator)],
        _ => lowering.params(node.parameters()),
    };
    lowering.make_cells(header_span);
    match node {
        // Its `await`s are no further mistakes.
        FunctionNode::Def(def) if def.is_async => lowering.unsupported_async_function(header_span),
        FunctionNode::Def(def) => lowering.body(&def.body),
        FunctionNode::Lambda(lambda) => {
            let value = lowering.expr(&lambda.body);
            let span = lowering.span(&*lambda.body);
            lowering.end(Terminator::Return(value), span);
        }
        FunctionNode::Generator(generator) => lowering.generator_body(generator),
    }
    // Where a body ends without `return`; after a lambda, nothing comes here.
    let none = lowering.none(header_span);
    lowering.end(Terminator::Return(none), header_span);
    lowering.find_captured_and_bound_later();
    let name = lowering.intern(node.name());
    let Lowering { ssa, functions, captures, shared, is_generator, .. } = lowering;
    let finished = ssa.finish();
    find_captured_and_unbound(shared, &finished, &functions);
    shared.scopes.pop();
    Function {
        name,
        params,
        captures: captures.into_captures(),
        blocks: finished.blocks,
        value_spans: finished.value_spans,
        value_names: finished.value_names,
        functions,
        header_span,
        is_lambda: matches!(node, FunctionNode::Lambda(_)),
        is_generator,
    }
}

impl<'a> Lowering<'a, '_, '_> {
    /// Parameters in the order of the source.
    fn params(&mut self, parameters: Option<&'a Parameters>) -> Vec<Param> {
        let Some(parameters) = parameters else {
            return Vec::new();
        };
        let mut params = Vec::new();
        let mut add = |parameter: &'a Parameter, kind: ParamKind, has_default: bool| {
            params.push(self.param(parameter, kind, has_default));
        };
        for parameter in &parameters.posonlyargs {
            add(&parameter.parameter, ParamKind::PositionalOnly, parameter.default.is_some());
        }
        for parameter in &parameters.args {
            add(&parameter.parameter, ParamKind::Positional, parameter.default.is_some());
        }
        if let Some(parameter) = &parameters.vararg {
            add(parameter, ParamKind::VarPositional, false);
        }
        for parameter in &parameters.kwonlyargs {
            add(&parameter.parameter, ParamKind::KeywordOnly, parameter.default.is_some());
        }
        if let Some(parameter) = &parameters.kwarg {
            add(parameter, ParamKind::VarKeyword, false);
        }
        params
    }

    fn param(&mut self, parameter: &'a Parameter, kind: ParamKind, has_default: bool) -> Param {
        let name = self.public_name(&parameter.name);
        let span = self.span(&parameter.name);
        let value = self.ssa.given(name.clone(), span);
        let variable = self.variable(&parameter.name);
        self.set(variable, value);
        Param { name, kind, has_default, span }
    }

    /// `def` inside a compiled function: a value bound to a name.
    pub(super) fn inner_def(&mut self, def: &'a StmtFunctionDef) {
        let span = self.span(&def.name);
        if def.decorator_list.is_empty() {
            let value = self.make_function(FunctionNode::Def(def), Some(&def.name));
            self.bind_name(&def.name, value, span);
            self.log_own_binding(&def.name);
            return;
        }
        let callees: Vec<Value> =
            def.decorator_list.iter().map(|decorator| self.expr(&decorator.expression)).collect();
        // By its name the function reads what the decorators have made of it.
        let mut value = self.make_function(FunctionNode::Def(def), None);
        for (decorator, callee) in def.decorator_list.iter().zip(callees).rev() {
            let args = vec![Argument { kind: ArgumentKind::Positional, value, span }];
            value = self.emit(Inst::Call { callee, args }, self.span(&decorator.expression));
        }
        self.bind_name(&def.name, value, span);
    }

    /// `name = lambda …`, in which the lambda may call itself by that name.
    pub(super) fn named_lambda(&mut self, name: &'a ruff_python_ast::ExprName, lambda: &'a ExprLambda) {
        let value = self.make_function(FunctionNode::Lambda(lambda), Some(&name.id));
        let span = self.span(name);
        self.bind_name(&name.id, value, span);
        self.log_own_binding(&name.id);
    }

    pub(super) fn lambda(&mut self, lambda: &'a ExprLambda) -> Value {
        self.make_function(FunctionNode::Lambda(lambda), None)
    }

    /// The variables of this function that have a cell get it before anything else happens.
    fn make_cells(&mut self, span: Span) {
        let function = self.shared.scopes.last().expect("the function itself has a scope").function;
        let own = self.shared.cells.range((function, "")..).take_while(|(owner, _)| *owner == function);
        for name in own.map(|(_, name)| *name).collect::<Vec<_>>() {
            // So far only parameters are variables.
            let initial = self.variables.get(name).copied().map(|parameter| self.get(parameter, span));
            let name_text = self.intern(name);
            let cell = self.emit(Inst::MakeCell { name: name_text, initial }, span);
            self.cells.insert(name, cell);
        }
    }

    /// Defaults are evaluated first, positional before keyword-only ones; then variables are captured.
    pub(super) fn make_function(&mut self, node: FunctionNode<'a>, self_name: Option<&'a str>) -> Value {
        let defaults = node.parameters().map_or(Vec::new(), |parameters| self.defaults(parameters));
        let function = lower_function(self.shared, node, self_name);
        let span = function.header_span;
        let captures = self.capture(&function);
        let idx = self.functions.len() as u32;
        self.functions.push(Arc::new(function));
        self.emit(Inst::MakeFunction { function: idx, defaults, captures }, span)
    }

    fn defaults(&mut self, parameters: &'a Parameters) -> Vec<Value> {
        let parameters = parameters.iter().filter_map(|parameter| parameter.default());
        let defaults: Vec<&'a Expr> = parameters.collect();
        defaults.into_iter().map(|default| self.expr(default)).collect()
    }
}

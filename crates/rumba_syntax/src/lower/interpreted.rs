//! `with objmode(y="float64[:]")`: a block that the interpreter runs. It is not lowered: it gets the variables that it
//! reads, and gives those that the `with` names.

use super::{Lowering, Place};
use crate::hir::{Inst, InterpretedBlock};
use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprContext, Stmt, StmtWith};
use ruff_text_size::{Ranged, TextRange};
use rumba_source::{Code, Diagnostic, Span};
use std::sync::Arc;

impl<'a> Lowering<'a, '_, '_> {
    /// What is called, or stands, in a `with` that means to be interpreted.
    pub(super) fn as_objmode(stmt: &'a StmtWith) -> Option<&'a Expr> {
        let [item] = &*stmt.items else { return None };
        let manager = match &item.context_expr {
            Expr::Call(call) if call.arguments.args.is_empty() => &*call.func,
            other => other,
        };
        let name = match manager {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return None,
        };
        (name == "objmode").then_some(manager)
    }

    pub(super) fn interpreted_block(&mut self, stmt: &'a StmtWith, manager: &'a Expr) {
        let span = self.span(&stmt.items[0].context_expr);
        let manager = self.expr(manager);
        let mut found = Found::default();
        found.visit_body(&stmt.body);
        if let Some((range, what)) = found.leaves {
            let diagnostic = Diagnostic::new(
                Code::UnsupportedStatement,
                self.span(range),
                format!("{what} cannot leave a block that the interpreter runs"),
            );
            self.report(diagnostic.note("set an output in the block, and leave behind it"));
        }
        let mut outputs = Vec::new();
        if let Expr::Call(call) = &stmt.items[0].context_expr {
            for keyword in &call.arguments.keywords {
                let Some(name) = &keyword.arg else { continue };
                let annotation = &self.shared.file.text()[keyword.value.range()];
                outputs.push((name.as_str(), annotation, self.span(&keyword.value)));
            }
        }
        let mut inputs = Vec::new();
        let mut input_names = Vec::new();
        for name in found.read {
            if input_names.iter().any(|known: &Arc<str>| **known == *name) {
                continue;
            }
            let value = match self.place(name) {
                Place::Free => continue,
                Place::Local(variable) => self.get(variable, span),
                _ => self.read_name(name, span),
            };
            inputs.push(value);
            input_names.push(self.intern(name));
        }
        let block = self.block_text(stmt, input_names, &outputs);
        let block = self.emit(Inst::Interpret { manager, block: block.into(), inputs }, span);
        for (position, (name, _, span)) in outputs.iter().enumerate() {
            let item = Inst::UnpackItem { unpacked: block, position: position as u32 };
            let value = self.emit(item, *span);
            self.bind_name(name, value, *span);
        }
        // What else the block binds stays in the interpreter.
        for name in found.bound {
            let is_output = outputs.iter().any(|(output, ..)| *output == name);
            if !is_output && matches!(self.place(name), Place::Local(_)) {
                let text = self.intern(name);
                let undefined = self.emit(Inst::Undefined { name: text }, span);
                self.bind_name(name, undefined, span);
            }
        }
    }

    fn block_text(
        &self,
        stmt: &'a StmtWith,
        inputs: Vec<Arc<str>>,
        outputs: &[(&str, &str, Span)],
    ) -> InterpretedBlock {
        let file = self.shared.file;
        let (first, last) = (stmt.body.first(), stmt.body.last());
        let range = match (first, last) {
            (Some(first), Some(last)) => TextRange::new(first.start(), last.end()),
            _ => stmt.range,
        };
        let start = range.start().to_u32();
        let first_line = file.source.line(start);
        let line_start = file.source.line_start(first_line).unwrap_or(start);
        let indent = " ".repeat((start - line_start).max(1) as usize);
        let outputs =
            outputs.iter().map(|(name, annotation, span)| ((*name).into(), (*annotation).into(), *span));
        InterpretedBlock {
            text: format!("{indent}{}", &file.text()[range]).into(),
            first_line,
            inputs,
            outputs: outputs.collect(),
        }
    }
}

/// The names that a block reads and binds, and what would leave it.
#[derive(Default)]
struct Found<'a> {
    read: Vec<&'a str>,
    bound: Vec<&'a str>,
    leaves: Option<(TextRange, &'static str)>,
    n_loops: usize,
    n_functions: usize,
}

impl<'a> SourceOrderVisitor<'a> for Found<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let what = match stmt {
            Stmt::Return(_) if self.n_functions == 0 => Some("`return`"),
            Stmt::Break(_) if self.n_loops + self.n_functions == 0 => Some("`break`"),
            Stmt::Continue(_) if self.n_loops + self.n_functions == 0 => Some("`continue`"),
            _ => None,
        };
        if let Some(what) = what {
            self.leaves.get_or_insert((stmt.range(), what));
        }
        let (is_loop, is_function) = (
            matches!(stmt, Stmt::For(_) | Stmt::While(_)),
            matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)),
        );
        match stmt {
            Stmt::FunctionDef(def) => self.bound.push(&def.name),
            Stmt::ClassDef(class) => self.bound.push(&class.name),
            Stmt::Import(import) => {
                for alias in &import.names {
                    let first_part = alias.name.split('.').next().unwrap_or_default();
                    self.bound.push(alias.asname.as_ref().map_or(first_part, |name| name.as_str()));
                }
            }
            Stmt::ImportFrom(import) => {
                self.bound.extend(import.names.iter().map(|a| a.asname.as_ref().unwrap_or(&a.name).as_str()));
            }
            Stmt::AugAssign(stmt) => {
                if let Expr::Name(name) = &*stmt.target {
                    self.read.push(&name.id);
                }
            }
            _ => {}
        }
        self.n_loops += usize::from(is_loop);
        self.n_functions += usize::from(is_function);
        walk_stmt(self, stmt);
        self.n_loops -= usize::from(is_loop);
        self.n_functions -= usize::from(is_function);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx == ExprContext::Load => self.read.push(&name.id),
            Expr::Name(name) if self.n_functions == 0 => self.bound.push(&name.id),
            Expr::Yield(_) | Expr::YieldFrom(_) | Expr::Await(_) if self.n_functions == 0 => {
                self.leaves.get_or_insert((expr.range(), "`yield`"));
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}

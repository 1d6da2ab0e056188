//! What is not supported, in the user's words, with what to write instead.

use super::Lowering;
use crate::hir::Value;
use ruff_python_ast::{Comprehension, Expr, Stmt, StmtFor, StmtTry};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rumba_source::{Code, Diagnostic, Span};

const USE_AT_MODULE_LEVEL: &str = "move it to the top of the module";

impl<'a> Lowering<'a, '_, '_> {
    fn unsupported(&mut self, code: Code, span: Span, what: &str, instead: Option<&str>) {
        let diagnostic = Diagnostic::new(code, span, format!("{what} is not supported in compiled code"));
        self.report(match instead {
            Some(instead) => diagnostic.note(instead),
            None => diagnostic,
        });
    }

    /// The keyword that a statement begins with.
    fn keyword(&self, stmt: impl Ranged, keyword: &str) -> Span {
        self.span(TextRange::at(stmt.start(), TextSize::of(keyword)))
    }

    pub(super) fn unsupported_stmt(&mut self, stmt: &'a Stmt) {
        // What stands on one line is marked as a whole, a block at its keyword.
        let (keyword, what, instead): (&str, &str, Option<&str>) = match stmt {
            Stmt::ClassDef(class) => {
                let before_name = &self.shared.file.text()[..class.name.start().to_usize()];
                let keyword = before_name.rfind("class").unwrap_or(before_name.len());
                let span = self.span(TextRange::new(TextSize::new(keyword as u32), class.name.end()));
                return self.unsupported(
                    Code::UnsupportedStatement,
                    span,
                    "`class`",
                    Some("define the class at module level"),
                );
            }
            Stmt::With(with) if with.is_async => ("async with", "`async with`", None),
            Stmt::Import(_) => ("", "`import`", Some(USE_AT_MODULE_LEVEL)),
            Stmt::ImportFrom(_) => ("", "`import`", Some(USE_AT_MODULE_LEVEL)),
            Stmt::Global(_) => ("", "`global`", Some("globals are constants; return the new value instead")),
            Stmt::Nonlocal(_) => {
                let instead = "variables of Python functions are constants; return the new value instead";
                ("", "`nonlocal` of a variable of a Python function", Some(instead))
            }
            Stmt::TypeAlias(_) => ("", "`type`", Some(USE_AT_MODULE_LEVEL)),
            _ => ("", "this statement", None),
        };
        let span = if keyword.is_empty() { self.span(stmt) } else { self.keyword(stmt, keyword) };
        self.unsupported(Code::UnsupportedStatement, span, what, instead);

        // What stands inside may have mistakes of its own.
        if let Stmt::With(with) = stmt {
            for item in &with.items {
                self.expr(&item.context_expr);
                if let Some(target) = &item.optional_vars {
                    let value = self.none(span);
                    self.assign(target, value);
                }
            }
            self.body(&with.body);
        }
    }

    pub(super) fn unsupported_except_star(&mut self, stmt: &'a StmtTry) {
        let span = self.keyword(stmt, "try");
        let instead = "compiled code raises no exception groups: write `except`";
        self.unsupported(Code::UnsupportedStatement, span, "`except*`", Some(instead));
    }

    pub(super) fn unsupported_raise_again(&mut self, span: Span) {
        let instead =
            "it raises again what the `except` or `finally` around it handles; name the exception elsewhere";
        self.unsupported(
            Code::UnsupportedStatement,
            span,
            "`raise` alone outside of `except`",
            Some(instead),
        );
    }

    pub(super) fn unsupported_async_for(&mut self, stmt: &'a StmtFor) {
        let span = self.keyword(stmt, "async for");
        self.unsupported(Code::UnsupportedStatement, span, "`async for`", None);
    }

    pub(super) fn unsupported_async_comprehension(&mut self, clause: &'a Comprehension) {
        let span = self.keyword(clause, "async for");
        self.unsupported(Code::UnsupportedExpression, span, "`async for`", None);
    }

    pub(super) fn unsupported_captured_of_comprehension(&mut self, name: &str, span: Span) -> Value {
        let what = format!("a function in a comprehension that uses its variable `{name}`");
        let instead = "write a loop, or give the function a parameter";
        self.unsupported(Code::UnsupportedExpression, span, &what, Some(instead));
        self.none(span)
    }

    pub(super) fn unsupported_async_function(&mut self, header: Span) {
        self.unsupported(Code::UnsupportedFunction, header, "an `async` function", Some("remove `async`"));
    }

    pub(super) fn misplaced_loop_control(&mut self, span: Span) {
        self.report(Diagnostic::new(Code::SyntaxError, span, "this stands outside a loop"));
    }

    pub(super) fn unsupported_expr(&mut self, expr: &'a Expr, what: &str) {
        let span = self.span(expr);
        self.unsupported(Code::UnsupportedExpression, span, what, None);
    }

    pub(super) fn unsupported_surrogate(&mut self, span: Span) {
        let instead = "make it when it runs: `chr(0xd800)`";
        self.unsupported(Code::UnsupportedExpression, span, "a lone surrogate in a literal", Some(instead));
    }

    pub(super) fn unsupported_class_cell(&mut self, span: Span) -> Value {
        let instead = "call the base class's method by its name";
        self.unsupported(Code::UnsupportedExpression, span, "`super()` or `__class__`", Some(instead));
        self.none(span)
    }

    pub(super) fn unsupported_expr_kind(&mut self, expr: &'a Expr) -> Value {
        let span = self.span(expr);
        let (what, instead) = match expr {
            Expr::TString(_) => ("a t-string", Some("write an f-string")),
            Expr::Await(_) => ("`await`", None),
            Expr::Starred(_) => ("a starred expression here", None),
            _ => ("this expression", None),
        };
        self.unsupported(Code::UnsupportedExpression, span, what, instead);
        self.none(span)
    }
}

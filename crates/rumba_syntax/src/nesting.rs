//! Bounds on how deeply syntax nests, so that no walk over a tree overflows the stack.
//!
//! Walks over a tree recurse, except along the left spine of binary operators: `a + b + … + z` nests as
//! deeply as it is long and is common in generated code, so [`walk_expr_flat`] takes it in a loop.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_pattern, walk_stmt};
use ruff_python_ast::{Expr, Pattern, Stmt};
use ruff_python_parser::Mode;
use ruff_python_parser::lexer::lex;
use ruff_text_size::{Ranged, TextRange};

/// Levels of statements, expressions and patterns inside one another that a compiled function may have.
pub(crate) const MAX_LEVELS: usize = 200;

/// Levels that a walk over a whole file descends. What is nested more deeply is not looked at.
pub(crate) const MAX_FILE_LEVELS: usize = 300;

/// Binary operators on one path through a tree from which on it is too deep to be dropped.
const MAX_OPERATORS: usize = 2000;

/// Lambdas after an equals sign in one logical line.
const MAX_LAMBDA_DEFAULTS: usize = 500;

/// Visits the parts of an expression, those of a chain of binary operators in a loop.
pub(crate) fn walk_expr_flat<'a>(visitor: &mut impl SourceOrderVisitor<'a>, expr: &'a Expr) {
    let (first, operations) = binary_spine(expr);
    if operations.is_empty() {
        walk_expr(visitor, expr);
    } else {
        visitor.visit_expr(first);
        for operation in operations.iter().rev() {
            visitor.visit_expr(&operation.right);
        }
    }
}

/// The leftmost operand of a chain of binary operators, and the operations, outermost first.
pub(crate) fn binary_spine(mut expr: &Expr) -> (&Expr, Vec<&ruff_python_ast::ExprBinOp>) {
    let mut operations = Vec::new();
    while let Expr::BinOp(operation) = expr {
        operations.push(operation);
        expr = &operation.left;
    }
    (expr, operations)
}

/// The first place in a function's body that nests more than [`MAX_LEVELS`] levels deep.
pub(crate) fn too_deep(visit: impl FnOnce(&mut Levels)) -> Option<TextRange> {
    let mut levels = Levels::new(MAX_LEVELS, usize::MAX);
    visit(&mut levels);
    levels.exceeded
}

/// Whether dropping this tree could overflow the stack.
pub(crate) fn is_deep_for_drop(body: &[Stmt]) -> bool {
    let mut levels = Levels::new(MAX_FILE_LEVELS, MAX_OPERATORS);
    for stmt in body {
        levels.visit_stmt(stmt);
    }
    levels.exceeded.is_some()
}

/// Whether the text may hold `lambda a=lambda a=…` so deep that parsing it overflows the stack: this is
/// the one construct for which the parser (0.0.10) does not grow its stack.
pub(crate) fn has_deep_lambda_defaults(text: &str) -> bool {
    if text.matches("lambda").count() <= MAX_LAMBDA_DEFAULTS {
        return false;
    }
    let mut lexer = lex(text, Mode::Module);
    let mut previous = TokenKind::Newline;
    let mut n_lambdas = 0;
    loop {
        let token = lexer.next_token();
        match token {
            TokenKind::EndOfFile => return false,
            TokenKind::Newline => n_lambdas = 0,
            TokenKind::Lambda if previous == TokenKind::Equal => n_lambdas += 1,
            _ => {}
        }
        if n_lambdas > MAX_LAMBDA_DEFAULTS {
            return true;
        }
        if !token.is_trivia() {
            previous = token;
        }
    }
}

/// Counts levels; stops descending at the limit.
pub(crate) struct Levels {
    depth: usize,
    limit: usize,
    n_operators: usize,
    operator_limit: usize,
    exceeded: Option<TextRange>,
}

impl Levels {
    fn new(limit: usize, operator_limit: usize) -> Levels {
        Levels { depth: 0, limit, n_operators: 0, operator_limit, exceeded: None }
    }

    fn level(&mut self, range: TextRange, walk: impl FnOnce(&mut Levels)) {
        if self.depth == self.limit {
            self.exceeded.get_or_insert(range);
            return;
        }
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }
}

impl<'a> SourceOrderVisitor<'a> for Levels {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.level(stmt.range(), |levels| walk_stmt(levels, stmt));
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.level(expr.range(), |levels| {
            let n_operators = binary_spine(expr).1.len();
            levels.n_operators += n_operators;
            if levels.n_operators > levels.operator_limit {
                levels.exceeded.get_or_insert(expr.range());
            }
            walk_expr_flat(levels, expr);
            levels.n_operators -= n_operators;
        });
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.level(pattern.range(), |levels| walk_pattern(levels, pattern));
    }
}

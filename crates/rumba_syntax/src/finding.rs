//! Finds the function in a file that a code object was compiled from.
//!
//! A code object tells its name, its first line, its argument names, and where its instructions stand.
//! The file may have been edited since, so a function is only taken if all of these agree.

use crate::ParsedFile;
use crate::nesting::{MAX_FILE_LEVELS, walk_expr_flat};
use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use ruff_python_ast::{Expr, ExprGenerator, ExprLambda, Parameters, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rumba_source::{Code, Diagnostic, Span};
use std::borrow::Cow;

/// What a code object tells about its source.
#[derive(Clone, Debug, Default)]
pub struct FunctionRequest {
    /// `co_name`: `<lambda>` for a lambda.
    pub name: String,
    /// `co_qualname`, or `__qualname__` of the function. Decides between equals only.
    pub qualname: String,
    /// `co_firstlineno`: the line of the first decorator, if there is one.
    pub first_line: u32,
    /// `co_varnames`, as many as there are parameters: positional, keyword-only, `*args`, `**kwargs`.
    pub arg_names: Vec<String>,
    /// A position of `co_positions()` inside the body, which tells lambdas on one line apart. Not that
    /// of `RESUME`, `MAKE_CELL` or `COPY_FREE_VARS`, which stand for the whole function.
    pub body_position: Option<BodyPosition>,
}

/// Lines count from 1, columns from 0 in UTF-8 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BodyPosition {
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

/// A function in its file.
#[derive(Clone, Copy)]
pub struct FoundFunction<'a> {
    pub(crate) node: FunctionNode<'a>,
    /// The innermost class around it.
    class: Option<&'a str>,
    file: &'a ParsedFile,
}

impl<'a> FoundFunction<'a> {
    /// `def name(...)` up to the colon, or the whole lambda.
    pub fn header_span(&self) -> Span {
        self.file.span(self.node.header(self.file))
    }

    /// From `def` to the end of the body, decorators left out; or the whole lambda.
    pub fn span(&self) -> Span {
        self.file.span(self.node.range_without_decorators(self.file))
    }

    /// The first parameter of a function that stands in a class.
    pub(crate) fn receiver(&self) -> Option<&'a str> {
        self.class?;
        let parameters = self.node.parameters()?;
        parameters.posonlyargs.iter().chain(&parameters.args).next().map(|first| &*first.parameter.name.id)
    }

    /// A name of the source as CPython stores it.
    pub(crate) fn mangled<'n>(&self, name: &'n str) -> Cow<'n, str> {
        mangled(name, self.class)
    }
}

/// The text of a function, for cache keys. Decorators are not part of it.
pub fn source_text<'a>(found: &FoundFunction<'a>) -> &'a str {
    &found.file.text()[found.node.range_without_decorators(found.file)]
}

/// The kinds of functions. Of a generator expression, what its first clause iterates over is the only parameter.
#[derive(Clone, Copy)]
pub(crate) enum FunctionNode<'a> {
    Def(&'a StmtFunctionDef),
    Lambda(&'a ExprLambda),
    Generator(&'a ExprGenerator),
}

impl<'a> FunctionNode<'a> {
    pub(crate) fn name(self) -> &'a str {
        match self {
            FunctionNode::Def(def) => &def.name,
            FunctionNode::Lambda(_) => "<lambda>",
            FunctionNode::Generator(_) => "<genexpr>",
        }
    }

    pub(crate) fn parameters(self) -> Option<&'a Parameters> {
        match self {
            FunctionNode::Def(def) => Some(&def.parameters),
            FunctionNode::Lambda(lambda) => lambda.parameters.as_deref(),
            FunctionNode::Generator(_) => None,
        }
    }

    pub(crate) fn header(self, file: &ParsedFile) -> TextRange {
        match self {
            FunctionNode::Def(def) => {
                let end = def.returns.as_ref().map_or(def.parameters.end(), |returns| returns.end());
                TextRange::new(def_keyword(def, file), end)
            }
            FunctionNode::Lambda(lambda) => lambda.range,
            FunctionNode::Generator(generator) => generator.range,
        }
    }

    fn range_without_decorators(self, file: &ParsedFile) -> TextRange {
        match self {
            FunctionNode::Def(def) => TextRange::new(def_keyword(def, file), def.range.end()),
            FunctionNode::Lambda(lambda) => lambda.range,
            FunctionNode::Generator(generator) => generator.range,
        }
    }

    /// Where the line of `co_firstlineno` is.
    fn first_offset(self, file: &ParsedFile) -> TextSize {
        match self {
            FunctionNode::Def(def) => match def.decorator_list.first() {
                Some(decorator) => decorator.expression.start(),
                None => def_keyword(def, file),
            },
            FunctionNode::Lambda(lambda) => lambda.range.start(),
            FunctionNode::Generator(generator) => generator.range.start(),
        }
    }

    fn body_range(self) -> TextRange {
        match self {
            FunctionNode::Def(def) => match (def.body.first(), def.body.last()) {
                (Some(first), Some(last)) => TextRange::new(first.start(), last.end()),
                _ => def.range,
            },
            FunctionNode::Lambda(lambda) => lambda.body.range(),
            FunctionNode::Generator(generator) => generator.range,
        }
    }

    /// The parameters' names in the order of `co_varnames`.
    fn arg_names(self) -> Vec<&'a str> {
        let Some(parameters) = self.parameters() else {
            return Vec::new();
        };
        let named = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
        let named = named.map(|parameter| parameter.name().as_str());
        let variadic = parameters.vararg.iter().chain(&parameters.kwarg);
        named.chain(variadic.map(|parameter| parameter.name.as_str())).collect()
    }
}

/// Where `def` stands, or `async` before it.
fn def_keyword(def: &StmtFunctionDef, file: &ParsedFile) -> TextSize {
    let before_name = &file.text()[..def.name.start().to_usize()];
    let keyword = if def.is_async { "async" } else { "def" };
    // The keyword is the last word but one before the name, so the nearest occurrence is it.
    let offset = before_name.rfind(keyword).unwrap_or(def.name.start().to_usize());
    TextSize::new(offset as u32)
}

/// The function that `request` describes.
pub fn find_function<'a>(
    file: &'a ParsedFile,
    request: &FunctionRequest,
) -> Result<FoundFunction<'a>, Diagnostic> {
    let mut search =
        Search { file, request, qualname: Vec::new(), class: None, depth: 0, candidates: Vec::new() };
    search.visit_body(file.body());
    let mut candidates = search.candidates;
    candidates.retain(|candidate| {
        let names = candidate.node.arg_names();
        names
            .iter()
            .map(|name| mangled(name, candidate.class))
            .eq(request.arg_names.iter().map(String::as_str))
    });
    if candidates.is_empty() {
        return Err(changed(file, request));
    }
    if candidates.len() > 1
        && let Some(position) = request.body_position
    {
        candidates = innermost_around(file, candidates, position);
        if candidates.is_empty() {
            return Err(changed(file, request));
        }
    }
    if candidates.iter().any(|candidate| candidate.qualname == request.qualname) {
        candidates.retain(|candidate| candidate.qualname == request.qualname);
    }
    let found: Vec<_> = candidates
        .iter()
        .map(|candidate| FoundFunction { node: candidate.node, class: candidate.class, file })
        .collect();
    // Functions with the same text are the same function.
    if found.iter().all(|other| source_text(other) == source_text(&found[0])) {
        return Ok(found[0]);
    }
    Err(ambiguous(&found))
}

struct Candidate<'a> {
    node: FunctionNode<'a>,
    qualname: String,
    class: Option<&'a str>,
}

/// Collects the functions of the requested name that start on the requested line.
struct Search<'a, 'r> {
    file: &'a ParsedFile,
    request: &'r FunctionRequest,
    /// Parts of the qualified name of what is being visited: `["f", "<locals>"]`.
    qualname: Vec<&'a str>,
    /// The innermost class.
    class: Option<&'a str>,
    depth: usize,
    candidates: Vec<Candidate<'a>>,
}

impl<'a> Search<'a, '_> {
    fn consider(&mut self, node: FunctionNode<'a>) {
        if node.name() != self.request.name {
            return;
        }
        let offset = node.first_offset(self.file).to_u32();
        if self.file.source.line(offset) == self.request.first_line {
            let mut parts = self.qualname.clone();
            parts.push(node.name());
            self.candidates.push(Candidate { node, qualname: parts.join("."), class: self.class });
        }
    }

    fn inside(&mut self, parts: &[&'a str], visit: impl FnOnce(&mut Self)) {
        let len = self.qualname.len();
        self.qualname.extend(parts);
        visit(self);
        self.qualname.truncate(len);
    }

    fn level(&mut self, visit: impl FnOnce(&mut Self)) {
        if self.depth < MAX_FILE_LEVELS {
            self.depth += 1;
            visit(self);
            self.depth -= 1;
        }
    }
}

impl<'a> SourceOrderVisitor<'a> for Search<'a, '_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.level(|search| match stmt {
            Stmt::FunctionDef(def) => {
                search.consider(FunctionNode::Def(def));
                for decorator in &def.decorator_list {
                    search.visit_decorator(decorator);
                }
                search.visit_parameters(&def.parameters);
                if let Some(returns) = &def.returns {
                    search.visit_annotation(returns);
                }
                search.inside(&[def.name.as_str(), "<locals>"], |search| search.visit_body(&def.body));
            }
            Stmt::ClassDef(class) => {
                for decorator in &class.decorator_list {
                    search.visit_decorator(decorator);
                }
                if let Some(arguments) = &class.arguments {
                    search.visit_arguments(arguments);
                }
                let outer = search.class.replace(&class.name);
                search.inside(&[class.name.as_str()], |search| search.visit_body(&class.body));
                search.class = outer;
            }
            _ => walk_stmt(search, stmt),
        });
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.level(|search| match expr {
            Expr::Lambda(lambda) => {
                search.consider(FunctionNode::Lambda(lambda));
                if let Some(parameters) = &lambda.parameters {
                    search.visit_parameters(parameters);
                }
                search.inside(&["<lambda>", "<locals>"], |search| search.visit_expr(&lambda.body));
            }
            _ => walk_expr_flat(search, expr),
        });
    }
}

/// Inside a class, CPython stores `__name` as `_Class__name`.
fn mangled<'n>(name: &'n str, class: Option<&str>) -> Cow<'n, str> {
    let is_private = name.starts_with("__") && !name.ends_with("__");
    match class.map(|class| class.trim_start_matches('_')) {
        Some(class) if is_private && !class.is_empty() => format!("_{class}{name}").into(),
        _ => name.into(),
    }
}

/// Of the candidates around a position, those with the smallest body: an inner lambda's instructions
/// stand inside the outer lambda too.
fn innermost_around<'a>(
    file: &ParsedFile,
    mut candidates: Vec<Candidate<'a>>,
    position: BodyPosition,
) -> Vec<Candidate<'a>> {
    let start = file.source.offset(position.line, position.column);
    let end = file.source.offset(position.end_line, position.end_column);
    let (Some(start), Some(end)) = (start, end) else {
        return Vec::new();
    };
    let is_around = |range: TextRange| range.start().to_u32() <= start && end <= range.end().to_u32();
    candidates.retain(|candidate| is_around(candidate.node.body_range()));
    let smallest = candidates.iter().map(|candidate| candidate.node.body_range().len()).min();
    candidates.retain(|candidate| Some(candidate.node.body_range().len()) == smallest);
    candidates
}

fn changed(file: &ParsedFile, request: &FunctionRequest) -> Diagnostic {
    let source = &file.source;
    let line = request.first_line.clamp(1, source.n_lines());
    let start = source.line_start(line).unwrap_or(0);
    let text = source.line_text(line);
    let indent = text.len() - text.trim_start().len();
    let span = Span::new(source.id, start + indent as u32, start + text.trim_end().len().max(indent) as u32);
    let what = describe(&request.name);
    let args = request.arg_names.join(", ");
    Diagnostic::new(
        Code::SourceChanged,
        span,
        format!("{what} is no longer where it was when it was imported"),
    )
    .label(match request.name.as_str() {
        "<lambda>" => format!("`lambda {args}: …` was here"),
        name => format!("`{name}({args})` was here"),
    })
    .note("the file was edited after it was imported; reload the module or restart Python")
}

fn ambiguous(found: &[FoundFunction<'_>]) -> Diagnostic {
    let what = describe(found[0].node.name());
    let message = format!("cannot tell which of {} functions on this line is meant", found.len());
    let mut diagnostic = Diagnostic::new(Code::SourceAmbiguous, found[0].header_span(), message)
        .label(format!("this {what}"))
        .note("put each of them on a line of its own");
    for other in &found[1..] {
        diagnostic = diagnostic.secondary(other.header_span(), "or this one");
    }
    diagnostic
}

fn describe(name: &str) -> String {
    if name == "<lambda>" { "lambda".to_string() } else { format!("`{name}`") }
}

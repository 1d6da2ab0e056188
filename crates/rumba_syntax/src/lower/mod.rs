//! Lowers a function's AST to untyped SSA, in exactly the evaluation order of CPython.
//!
//! One [`Lowering`] per function; inner functions get one of their own while the outer is under way.
//! A construct that is not supported is reported and replaced by `None`, so that one pass reports all
//! of them. Python checks much before a function can exist (`break` outside a loop, duplicate
//! parameters); such code comes here only from a text that never ran, and is not diagnosed twice.

mod assignments;
mod calls;
mod captures;
mod comprehensions;
mod conditions;
mod contexts;
mod exceptions;
mod expressions;
mod fstrings;
mod functions;
mod generators;
mod interpreted;
mod literals;
mod loops;
mod patterns;
mod statements;
mod unsupported;

use crate::finding::FunctionNode;
use crate::hir::{Block, CaptureKind, Constant, Edge, Function, Inst, Terminator, Value};
use crate::nesting::{self, MAX_LEVELS};
use crate::scopes::Locals;
use crate::ssa::{ENTRY, Ssa, Variable};
use crate::{FoundFunction, ParsedFile};
use captures::CaptureLog;
use ruff_python_ast::visitor::source_order::SourceOrderVisitor;
use ruff_python_ast::{Identifier, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rumba_source::{Code, Diagnostic, Span};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The `for` loops over tuples whose elements have several types, by what they loop over: how many elements there are, of all
/// tuples that come there.
pub type Unrolled = FxHashMap<Span, Vec<u32>>;

/// Lowers a function, or reports everything in it that is not supported.
pub fn lower<'a>(
    file: &'a ParsedFile,
    found: &'a FoundFunction<'a>,
) -> Result<Arc<Function>, Vec<Diagnostic>> {
    lower_unrolled(file, found, &Unrolled::default())
}

/// The same, with the body of some loops once per element, where a tuple of that many comes.
pub fn lower_unrolled<'a>(
    file: &'a ParsedFile,
    found: &'a FoundFunction<'a>,
    unrolled: &Unrolled,
) -> Result<Arc<Function>, Vec<Diagnostic>> {
    if let Some(range) = too_deep(found.node) {
        let message = format!("this is nested more than {MAX_LEVELS} levels deep");
        let diagnostic = Diagnostic::new(Code::UnsupportedExpression, file.span(range), message);
        return Err(vec![diagnostic.note("give a name to a part of it")]);
    }
    // Which variables need a cell is known only when all has been lowered; then it is lowered once more.
    let mut cells = BTreeSet::new();
    loop {
        let mut shared = Shared {
            file,
            found,
            scopes: Vec::new(),
            diagnostics: Vec::new(),
            names: FxHashMap::default(),
            cells: &cells,
            further_cells: BTreeSet::new(),
            unrolled,
        };
        let function = functions::lower_function(&mut shared, found.node, None);
        let Shared { diagnostics, further_cells, .. } = shared;
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        if further_cells.is_empty() {
            return Ok(Arc::new(function));
        }
        cells.extend(further_cells);
    }
}

fn too_deep(node: FunctionNode<'_>) -> Option<TextRange> {
    nesting::too_deep(|levels| match node {
        FunctionNode::Def(def) => levels.visit_body(&def.body),
        FunctionNode::Lambda(lambda) => levels.visit_expr(&lambda.body),
        FunctionNode::Generator(generator) => levels.visit_expr(&generator.elt),
    })
}

/// What a function and its inner functions share while they are lowered.
struct Shared<'a, 'c> {
    file: &'a ParsedFile,
    found: &'a FoundFunction<'a>,
    /// The compiled functions around the current point, outermost first.
    scopes: Vec<Scope<'a>>,
    diagnostics: Vec<Diagnostic>,
    names: FxHashMap<&'a str, Arc<str>>,
    /// The variables that have a cell, and those found to need one that have none.
    cells: &'c BTreeSet<CellKey<'a>>,
    further_cells: BTreeSet<CellKey<'a>>,
    unrolled: &'c Unrolled,
}

struct Scope<'a> {
    locals: Locals<'a>,
    /// Where the function stands, which tells it from all others.
    function: TextSize,
    /// Of the comprehensions around the current point.
    comprehension_variables: Vec<&'a str>,
}

/// A function, and a variable of it.
type CellKey<'a> = (TextSize, &'a str);

/// One function while it is lowered.
struct Lowering<'a, 'c, 's> {
    shared: &'s mut Shared<'a, 'c>,
    ssa: Ssa,
    /// The block being filled.
    block: Block,
    variables: FxHashMap<&'a str, Variable>,
    /// The cells of own variables, made in the entry block.
    cells: FxHashMap<&'a str, Value>,
    /// The statements around the current point that `break`, `continue`, `return` or `raise` ask for, outermost first.
    around: Vec<Around<'a>>,
    /// How many `finally` suites are being lowered for ways on which nothing was raised.
    n_quiet_finallys: u32,
    /// The variables of the comprehensions around the current point, outermost first.
    comprehensions: Vec<FxHashMap<&'a str, Variable>>,
    functions: Vec<Arc<Function>>,
    captures: CaptureLog<'a>,
    /// Whether a `yield` was met.
    is_generator: bool,
}

#[derive(Clone, Copy)]
enum Around<'a> {
    Loop(LoopTargets),
    /// The `try` and `except` parts of a statement with this `finally` suite, whose own exceptions go to `handler`.
    Finally {
        suite: &'a [Stmt],
        handler: Option<Block>,
    },
    /// The block of a `with` statement, whose own exceptions go to `handler`.
    With {
        manager: Value,
        span: Span,
        handler: Option<Block>,
    },
    /// Where an exception is handled, under this name.
    Handling {
        caught: Value,
        name: Option<&'a Identifier>,
        handler: Option<Block>,
    },
}

#[derive(Clone, Copy)]
struct LoopTargets {
    continue_to: Block,
    break_to: Block,
}

/// Where a name of the source lives.
enum Place<'a> {
    Local(Variable),
    /// A local that inner functions share.
    Cell(Value),
    /// A local of a compiled function around this one.
    Captured(CellKey<'a>),
    /// The same, if it has a cell.
    CapturedCell,
    /// A variable of a comprehension of a compiled function around this one.
    CapturedOfComprehension,
    /// Free in the outermost function: the environment knows it.
    Free,
}

impl<'a, 'c, 's> Lowering<'a, 'c, 's> {
    /// `self_name` is the variable that the new function is about to be bound to.
    fn new(shared: &'s mut Shared<'a, 'c>, self_name: Option<&'a str>) -> Lowering<'a, 'c, 's> {
        Lowering {
            shared,
            ssa: Ssa::new(),
            block: ENTRY,
            variables: FxHashMap::default(),
            cells: FxHashMap::default(),
            around: Vec::new(),
            n_quiet_finallys: 0,
            comprehensions: Vec::new(),
            functions: Vec::new(),
            captures: CaptureLog::new(self_name),
            is_generator: false,
        }
    }

    fn span(&self, node: impl Ranged) -> Span {
        self.shared.file.span(node.range())
    }

    fn intern(&mut self, name: &'a str) -> Arc<str> {
        self.shared.names.entry(name).or_insert_with(|| name.into()).clone()
    }

    /// The name that others know a global variable, an attribute or a parameter by.
    fn public_name(&mut self, name: &'a str) -> Arc<str> {
        match self.shared.found.mangled(name) {
            Cow::Borrowed(_) => self.intern(name),
            Cow::Owned(mangled) => mangled.into(),
        }
    }

    /// Reports a mistake once: a `finally` suite is lowered for every way that leads through it.
    fn report(&mut self, diagnostic: Diagnostic) {
        let same = |other: &Diagnostic| {
            other.primary.span == diagnostic.primary.span && other.message == diagnostic.message
        };
        if !self.shared.diagnostics.iter().any(same) {
            self.shared.diagnostics.push(diagnostic);
        }
    }

    // Values.

    fn emit(&mut self, inst: Inst, span: Span) -> Value {
        self.ssa.emit(self.block, inst, span)
    }

    fn none(&mut self, span: Span) -> Value {
        self.emit(Inst::Const(Constant::None), span)
    }

    /// A value that is about to be bound to a variable and may belong to another already.
    fn own_value(&mut self, value: Value, span: Span) -> Value {
        if self.ssa.has_name(value) { self.emit(Inst::Copy(value), span) } else { value }
    }

    // Control flow.

    /// Ends the current block. What follows, until `enter`, cannot be reached.
    fn end(&mut self, terminator: Terminator, span: Span) {
        self.ssa.terminate(self.block, terminator, span);
        self.block = self.ssa.new_block();
    }

    fn jump(&mut self, to: Block, span: Span) {
        self.end(Terminator::Jump(edge(to)), span);
    }

    fn branch(&mut self, condition: Value, then: Block, otherwise: Block, span: Span) {
        let terminator = Terminator::Branch { condition, then: edge(then), otherwise: edge(otherwise) };
        self.end(terminator, span);
    }

    /// Goes on in another block. The current one has been ended, or nothing reaches it.
    fn enter(&mut self, block: Block) {
        self.block = block;
    }

    // Names.

    fn place(&mut self, name: &'a str) -> Place<'a> {
        if let Some(&variable) = self.comprehensions.iter().rev().find_map(|variables| variables.get(name)) {
            return Place::Local(variable);
        }
        let (own, enclosing) = self.shared.scopes.split_last().expect("the function itself has a scope");
        if let Some(&cell) = self.cells.get(name) {
            Place::Cell(cell)
        } else if own.locals.contains(name) {
            Place::Local(self.variable(name))
        } else if let Some(owner) = enclosing
            .iter()
            .rev()
            .find(|scope| scope.comprehension_variables.contains(&name) || scope.locals.contains(name))
        {
            if owner.comprehension_variables.contains(&name) {
                return Place::CapturedOfComprehension;
            }
            let key = (owner.function, name);
            if self.shared.cells.contains(&key) { Place::CapturedCell } else { Place::Captured(key) }
        } else {
            Place::Free
        }
    }

    fn variable(&mut self, name: &'a str) -> Variable {
        if let Some(&variable) = self.variables.get(name) {
            return variable;
        }
        let text = self.intern(name);
        let variable = self.ssa.new_variable(Some(text));
        self.variables.insert(name, variable);
        variable
    }

    /// A variable of lowering's own, for a value that meets others where paths meet.
    fn temporary(&mut self) -> Variable {
        self.ssa.new_variable(None)
    }

    fn set(&mut self, variable: Variable, value: Value) {
        if self.ssa.must_end_before_write(self.block, variable) {
            let next = self.ssa.new_block();
            self.jump(next, self.ssa.span(value));
            self.enter(next);
        }
        self.ssa.write(self.block, variable, value);
    }

    fn get(&mut self, variable: Variable, span: Span) -> Value {
        self.ssa.read(self.block, variable, span)
    }

    /// Reads a name of the source.
    fn read_name(&mut self, name: &'a str, span: Span) -> Value {
        match self.place(name) {
            Place::Local(variable) => self.read_local(name, variable, span),
            Place::Captured(_) => self.read_captured(name, CaptureKind::Value, span),
            Place::Cell(cell) => {
                let name = self.intern(name);
                self.emit(Inst::LoadCell { cell, name, is_free: false }, span)
            }
            Place::CapturedCell => {
                let cell = self.read_captured(name, CaptureKind::Cell, span);
                let name = self.intern(name);
                self.emit(Inst::LoadCell { cell, name, is_free: true }, span)
            }
            Place::CapturedOfComprehension => self.unsupported_captured_of_comprehension(name, span),
            Place::Free => {
                if name == "__class__" {
                    return self.unsupported_class_cell(span);
                }
                let name = self.public_name(name);
                self.emit(Inst::Name(name), span)
            }
        }
    }

    fn read_local(&mut self, name: &'a str, variable: Variable, span: Span) -> Value {
        let value = self.get(variable, span);
        if !self.ssa.may_be_undefined(value) {
            return value;
        }
        let name = self.intern(name);
        let value = self.emit(Inst::CheckBound { value, name }, span);
        // From here on the variable is known to be bound; a handler need not know.
        if !self.ssa.has_handler(self.block) {
            self.set(variable, value);
        }
        value
    }

    /// Binds a name of the source, or unbinds it if the value is undefined.
    fn bind_name(&mut self, name: &'a str, value: Value, span: Span) {
        match self.place(name) {
            Place::Local(variable) => {
                self.set(variable, value);
                if self.variables.get(name) == Some(&variable) {
                    self.log_write(name);
                }
            }
            Place::Cell(cell) => {
                let name = self.intern(name);
                self.emit(Inst::StoreCell { cell, value, name, is_free: false }, span);
            }
            // `nonlocal`
            Place::CapturedCell => {
                let cell = self.read_captured(name, CaptureKind::Cell, span);
                let name = self.intern(name);
                self.emit(Inst::StoreCell { cell, value, name, is_free: true }, span);
            }
            Place::Captured(key) => {
                self.shared.further_cells.insert(key);
            }
            // Only after `global`, or `nonlocal` of a Python function's variable, which have been reported.
            Place::CapturedOfComprehension | Place::Free => {}
        }
    }
}

fn edge(block: Block) -> Edge {
    Edge { block, args: Vec::new() }
}

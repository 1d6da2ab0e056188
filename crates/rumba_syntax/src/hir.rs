//! Untyped SSA: a Python function after scope resolution and SSA construction, before types.
//!
//! Invariants:
//! - every value is defined once: by an instruction or as a block parameter; definitions dominate uses;
//! - an edge passes exactly as many arguments as its target block has parameters;
//! - block 0 is the entry; it has no parameters, no predecessors and no handler;
//! - what raises in a block with a handler goes there: the edge passes what holds where the block begins, and
//!   nothing that the block's instructions define is known there; a handler begins with [`Inst::Caught`];
//! - SSA is pruned: a block parameter exists only where its value is read;
//! - every block can be reached; a `Branch` has two different targets.
//!
//! Values are immutable, iterators too: `for x in xs` threads the iterator through the loop header
//! as a block parameter (`IterHasNext`, `IterItem`, `IterAdvance` are pure).

use rumba_source::Span;
use rumba_source::operators::{BinaryOperator, Comparison, UnaryOperator};
use std::sync::Arc;

/// Defines a dense index type.
macro_rules! index {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize { self.0 as usize }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{}{}", $prefix, self.0) }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{}{}", $prefix, self.0) }
        }
    };
}

index!(/// A value of one function.
    Value, "v");
index!(/// A basic block of one function.
    Block, "block");

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    PositionalOnly,
    Positional,
    /// `*args`: a tuple of the remaining positional arguments.
    VarPositional,
    KeywordOnly,
    /// `**kwargs`.
    VarKeyword,
}

#[derive(Clone, Debug)]
pub struct Param {
    pub name: Arc<str>,
    pub kind: ParamKind,
    pub has_default: bool,
    pub span: Span,
}

/// A function, method or lambda. Parameters are values `v0 … v(n_params-1)`; the values of captured
/// variables follow: `v(n_params) …`, in the order of `captures`.
#[derive(Debug)]
pub struct Function {
    pub name: Arc<str>,
    /// In the order of the source: `a, /, b, *args, c, **kwargs`.
    pub params: Vec<Param>,
    /// Names that this inner function takes from an enclosing *compiled* function.
    /// Empty for the outermost function: its free variables are `Inst::Name`.
    pub captures: Vec<Capture>,
    pub blocks: Vec<BlockData>,
    /// Span of the expression that each value came from.
    pub value_spans: Vec<Span>,
    /// The user's variable that each value was first bound to, for messages.
    pub value_names: Vec<Option<Arc<str>>>,
    /// Inner functions and lambdas, which `Inst::MakeFunction` refers to by position.
    pub functions: Vec<Arc<Function>>,
    /// `def name(...)` up to the colon, or the whole lambda.
    pub header_span: Span,
    pub is_lambda: bool,
    /// Whether there is a `yield` in it: a call makes a generator.
    pub is_generator: bool,
}

#[derive(Clone, Debug)]
pub struct Capture {
    pub name: Arc<str>,
    pub kind: CaptureKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CaptureKind {
    /// The variable is not bound again: its value.
    Value,
    /// The cell of a variable that is bound again after the function was created, or by an inner function.
    Cell,
    /// The function's own name, captured by itself (a recursive inner function).
    Itself,
}

#[derive(Debug)]
pub struct BlockData {
    pub params: Vec<Value>,
    /// Where to go on when something in the block raises; without one, the exception leaves the function.
    pub handler: Option<Edge>,
    pub insts: Vec<(Value, Inst)>,
    pub terminator: Terminator,
    pub terminator_span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Constant {
    None,
    Ellipsis,
    Bool(bool),
    /// Decimal digits, with no sign. Any size.
    Int(Arc<str>),
    Float(f64),
    /// The imaginary part of `1j`.
    Imaginary(f64),
    Str(Arc<str>),
    Bytes(Arc<[u8]>),
}

#[derive(Clone, Copy, Debug)]
pub enum Element {
    One(Value),
    Starred(Value),
}

#[derive(Clone, Debug)]
pub struct Argument {
    pub kind: ArgumentKind,
    pub value: Value,
    pub span: Span,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ArgumentKind {
    Positional,
    /// `*value`
    Starred,
    /// `name=value`
    Keyword(Arc<str>),
    /// `**value`
    DoubleStarred,
}

#[derive(Clone, Debug)]
pub enum Inst {
    Const(Constant),
    /// A free variable, global or builtin of the outermost function: the environment knows which.
    Name(Arc<str>),
    /// A builtin, also when the user's module shadows the name (`AssertionError` of `assert`).
    Builtin(&'static str),
    Unary {
        op: UnaryOperator,
        operand: Value,
    },
    /// `in_place`: `lhs op= rhs`.
    Binary {
        op: BinaryOperator,
        lhs: Value,
        rhs: Value,
        in_place: bool,
    },
    Compare {
        op: Comparison,
        lhs: Value,
        rhs: Value,
    },
    /// `bool(x)` as `if` and `while` ask it.
    Truth(Value),
    Attribute {
        value: Value,
        name: Arc<str>,
    },
    /// Yields nothing of use, as every `Store…` and `Delete…`.
    StoreAttribute {
        value: Value,
        name: Arc<str>,
        new: Value,
    },
    Subscript {
        value: Value,
        index: Value,
    },
    StoreSubscript {
        value: Value,
        index: Value,
        new: Value,
    },
    DeleteSubscript {
        value: Value,
        index: Value,
    },
    Tuple(Vec<Element>),
    /// `taken_by`: a list that is written as an argument of this callee or as an index of this value, and that nobody
    /// else sees. NumPy's functions take it as they take a tuple.
    List {
        elements: Vec<Element>,
        taken_by: Option<Value>,
    },
    Set(Vec<Element>),
    /// Adds an item to what a comprehension makes: a list or set. Yields nothing of use.
    Append {
        container: Value,
        value: Value,
    },
    /// `None` as key: `**mapping`.
    Dict(Vec<(Option<Value>, Value)>),
    Slice {
        start: Option<Value>,
        stop: Option<Value>,
        step: Option<Value>,
    },
    Call {
        callee: Value,
        args: Vec<Argument>,
    },
    /// `iter(x)` as `for` asks it.
    Iter(Value),
    IterHasNext(Value),
    IterItem(Value),
    IterAdvance(Value),
    /// Checks that `value` unpacks into `n_before` targets, a starred one if `starred`, and `n_after`.
    /// Yields what `UnpackItem` takes from.
    Unpack {
        value: Value,
        n_before: u32,
        n_after: u32,
        starred: bool,
    },
    /// `position` counts targets from the left; the starred target is at `n_before`.
    UnpackItem {
        unpacked: Value,
        position: u32,
    },
    /// Defaults belong to the last parameters that have one, in the order of `Function::params`.
    MakeFunction {
        function: u32,
        defaults: Vec<Value>,
        captures: Vec<Value>,
    },
    /// A cell for a variable of this function that inner functions share with it: in the entry block.
    /// Without `initial`, the variable is not bound.
    MakeCell {
        name: Arc<str>,
        initial: Option<Value>,
    },
    /// Reads a variable in a cell: `UnboundLocalError` where it is not bound, or `NameError` if it is a free
    /// variable of this function.
    LoadCell {
        cell: Value,
        name: Arc<str>,
        is_free: bool,
    },
    /// Binds a variable in a cell, or unbinds it if `value` is undefined. Yields nothing of use.
    StoreCell {
        cell: Value,
        value: Value,
        name: Arc<str>,
        is_free: bool,
    },
    /// `value` under a further name: `b = a`. A value of its own, so that a message about `b` points here.
    Copy(Value),
    /// A variable that no assignment reaches.
    Undefined {
        name: Arc<str>,
    },
    /// Reads variable `name`, which may be unbound here: `UnboundLocalError` if `value` is undefined.
    CheckBound {
        value: Value,
        name: Arc<str>,
    },
    /// The exception that a handler is entered with.
    Caught,
    /// Whether a caught exception is of a class, or of one in a tuple of classes. A bool.
    MatchException {
        caught: Value,
        class: Value,
    },
    /// `raised` was raised while `handled` was handled: `raised.__context__`. Yields nothing of use.
    ChainException {
        raised: Value,
        handled: Value,
    },
    /// `raise … from cause`. Yields nothing of use.
    SetCause {
        raised: Value,
        cause: Value,
    },
    /// What a generator is resumed with: where it goes on after a `Yield`, first in the block. Raises what was thrown
    /// into it.
    Sent,
    /// Hands what was sent to a generator on to the iterator that it yields from. Yields nothing of use.
    Send {
        iterator: Value,
        sent: Value,
    },
    /// The value of `yield from`: what the iterator returned.
    Returned(Value),
    /// Checks that `callee` is this builtin, which consumes a generator expression. Yields nothing of use.
    RequireBuiltin {
        callee: Value,
        name: &'static str,
    },
    /// `with objmode(…)`: the interpreter runs the block's text. A tuple of its outputs.
    Interpret {
        manager: Value,
        block: Arc<InterpretedBlock>,
        /// The variables that the block reads, in the order of its `inputs`; those that have no value are not passed.
        inputs: Vec<Value>,
    },
    /// Enters a context manager: what `as` binds.
    EnterContext(Value),
    /// Leaves a context manager, without or with an exception: whether that is not to be raised again.
    ExitContext {
        manager: Value,
        caught: Option<Value>,
    },
    /// Whether the type of a value says that it has this many elements, as that of a tuple does. A bool.
    IsTuple {
        value: Value,
        n_elements: u32,
    },
    /// Whether `value` is a sequence of fitting length, for a sequence pattern. A bool.
    MatchSequence {
        value: Value,
        n_before: u32,
        n_after: u32,
        starred: bool,
    },
    /// What part `position` of a class pattern, one of `n` that are written without a name, is compared with: the attribute
    /// that the class names by `__match_args__`. The value is an instance of the class.
    MatchPosition {
        value: Value,
        class: Value,
        position: u32,
        n: u32,
    },
}

/// A part of the source that the interpreter runs.
#[derive(Debug)]
pub struct InterpretedBlock {
    /// With the white space before its first line.
    pub text: Arc<str>,
    /// The line that the text begins at, from 1 on.
    pub first_line: u32,
    pub inputs: Vec<Arc<str>>,
    /// Names, the texts of their types, and where these stand.
    pub outputs: Vec<(Arc<str>, Arc<str>, Span)>,
}

#[derive(Clone, Debug)]
pub struct Edge {
    pub block: Block,
    pub args: Vec<Value>,
}

#[derive(Clone, Debug)]
pub enum Terminator {
    Jump(Edge),
    /// `condition` is the result of a `Truth`, `Not`, `IsTuple`, `MatchSequence`, `MatchException` or `IterHasNext`: a bool.
    Branch {
        condition: Value,
        then: Edge,
        otherwise: Edge,
    },
    Return(Value),
    /// Hands a value out of a generator, which goes on at `resume`.
    Yield {
        value: Value,
        resume: Edge,
    },
    Raise(Value),
    /// Raises a caught exception again, as if it had never been caught.
    Reraise(Value),
}

impl BlockData {
    /// Where the block may lead to: its end, then its handler.
    pub fn edges(&self) -> Vec<&Edge> {
        let mut edges = self.terminator.edges();
        edges.extend(&self.handler);
        edges
    }
}

impl Inst {
    /// Whether the instruction may raise, whatever the types are.
    pub fn may_raise(&self) -> bool {
        match self {
            Inst::Tuple(elements) => elements.iter().any(|element| matches!(element, Element::Starred(_))),
            Inst::Const(_)
            | Inst::Name(_)
            | Inst::Builtin(_)
            | Inst::MakeFunction { .. }
            | Inst::MakeCell { .. }
            | Inst::StoreCell { .. }
            | Inst::Copy(_)
            | Inst::Undefined { .. }
            | Inst::Caught
            | Inst::MatchException { .. }
            | Inst::ChainException { .. }
            | Inst::Returned(_)
            | Inst::RequireBuiltin { .. } => false,
            _ => true,
        }
    }
}

impl Terminator {
    pub fn edges(&self) -> Vec<&Edge> {
        match self {
            Terminator::Jump(edge) | Terminator::Yield { resume: edge, .. } => vec![edge],
            Terminator::Branch { then, otherwise, .. } => vec![then, otherwise],
            Terminator::Return(_) | Terminator::Raise(_) | Terminator::Reraise(_) => vec![],
        }
    }
}

//! Places in the user's source that can raise, with what they raise.
//!
//! Compiled code that raises hands over the number of the site and the run-time values as packed
//! slots; the embedding builds the exception from the site when it reaches Python.

use rumba_source::Span;
use rumba_types::{ObjectId, Type};
use std::sync::Arc;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ExceptionRef {
    /// A built-in exception class, by name.
    Builtin(&'static str),
    /// A class of the interpreter, with its name for messages.
    Object(ObjectId, Arc<str>),
}

#[derive(Clone, PartialEq, Debug)]
pub enum MessagePart {
    /// `repr` of an argument.
    Repr(u32),
    Text(Arc<str>),
    /// The argument at this position, as `str()` shows it.
    Argument(u32),
}

/// What the exception, or the host call, is given.
#[derive(Clone, PartialEq, Debug)]
pub enum Payload {
    /// One string put together from the operands.
    Message(Vec<MessagePart>),
    /// The operands themselves, as Python objects: `raise ValueError(n, x)`.
    Arguments,
}

#[derive(Clone, PartialEq, Debug)]
pub enum SiteKind {
    /// Raises an exception of this class.
    Raise { exception: ExceptionRef, payload: Payload },
    /// Calls something that can raise: only the traceback needs the place.
    Call,
    /// Prints the operands with `separator` between them and `end` behind them to `sys.stdout` or, if `to_errors`, to
    /// `sys.stderr`.
    Print { separator: Arc<str>, end: Arc<str>, to_errors: bool, flush: bool },
    /// Calls the Python object with the operands. Of the tuple that it gives, the items, of these types, are put where the
    /// last operand, an address, says, one behind the other (`Type::storage`), with references of their own.
    CallObject { object: ObjectId, results: Vec<Type> },
}

#[derive(Clone, PartialEq, Debug)]
pub struct Site {
    pub span: Span,
    /// Name of the function whose source the span is in; inlining keeps it.
    pub function_name: Arc<str>,
    pub kind: SiteKind,
    /// Types of the operands, in order; each is packed as its scalars, one 8-byte slot each.
    pub operand_types: Vec<Type>,
    /// For sites that came in by inlining: the call that was replaced.
    pub caller: Option<crate::SiteId>,
}

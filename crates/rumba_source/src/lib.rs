//! Files, spans, line index, diagnostics as data, and the one renderer.
//!
//! Invariant: knows nothing of types, of the IR, or of Python objects.

mod diagnostic;
mod span;

pub use diagnostic::{Code, Diagnostic, Label};
pub use span::{FileId, Span};

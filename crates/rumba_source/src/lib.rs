//! Files, spans, line index, diagnostics as data, and the one renderer; and the operators of the source language.
//!
//! Invariant: knows nothing of types, of the IR, or of Python objects.

mod diagnostic;
pub mod operators;
mod render;
mod source_map;
mod span;

pub use diagnostic::{Code, Diagnostic, Label};
pub use render::{render, render_all};
pub use source_map::{LineColumn, SourceFile, SourceMap};
pub use span::{FileId, Span};

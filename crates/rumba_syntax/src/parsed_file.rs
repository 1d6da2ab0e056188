//! A whole file parsed once, and the bounded process-wide cache of parsed files.

use crate::nesting;
use ruff_python_ast::{Mod, Stmt};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};
use ruff_text_size::TextRange;
use rumba_source::{Code, Diagnostic, FileId, SourceFile, SourceMap, Span};
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex};

/// The syntax tree of one file. Immutable, and shared between threads.
pub struct ParsedFile {
    pub source: Arc<SourceFile>,
    parsed: ManuallyDrop<Parsed<Mod>>,
    is_deep: bool,
}

/// Files that stay parsed: the most recently used ones, last.
static CACHE: Mutex<VecDeque<Arc<ParsedFile>>> = Mutex::new(VecDeque::new());
const CACHE_SIZE: usize = 64;

impl ParsedFile {
    /// Parses a file, or takes it from the cache.
    pub fn get(id: FileId) -> Result<Arc<ParsedFile>, Diagnostic> {
        if let Some(file) = take_cached(id) {
            return Ok(file);
        }
        // Two threads may parse the same file at once; both results are right.
        let file = Arc::new(ParsedFile::parse(SourceMap::file(id))?);
        let mut cache = lock_cache();
        if cache.len() >= CACHE_SIZE {
            cache.pop_front();
        }
        cache.push_back(file.clone());
        Ok(file)
    }

    fn parse(source: Arc<SourceFile>) -> Result<ParsedFile, Diagnostic> {
        if u32::try_from(source.text.len()).is_err() {
            let span = Span::new(source.id, 0, 0);
            return Err(Diagnostic::new(Code::SyntaxError, span, "the file is larger than 4 GiB"));
        }
        // The parser grows its stack itself, in all but one case.
        if nesting::has_deep_lambda_defaults(&source.text) {
            let span = Span::new(source.id, 0, 0);
            let message = "the file does not parse: lambdas are nested too deeply in default values";
            return Err(Diagnostic::new(Code::SyntaxError, span, message));
        }
        let parsed = parse_unchecked(&source.text, ParseOptions::from(Mode::Module));
        let is_deep = match parsed.syntax() {
            Mod::Module(module) => nesting::is_deep_for_drop(&module.body),
            Mod::Expression(_) => false,
        };
        let file = ParsedFile { source, parsed: ManuallyDrop::new(parsed), is_deep };
        match file.parsed.errors().first() {
            None => Ok(file),
            Some(error) => {
                let message = format!("the file does not parse: {}", error.error);
                Err(Diagnostic::new(Code::SyntaxError, file.span(error.location), message))
            }
        }
    }

    pub(crate) fn body(&self) -> &[Stmt] {
        match self.parsed.syntax() {
            Mod::Module(module) => &module.body,
            Mod::Expression(_) => &[],
        }
    }

    pub(crate) fn span(&self, range: TextRange) -> Span {
        Span::new(self.source.id, range.start().to_u32(), range.end().to_u32())
    }

    pub(crate) fn text(&self) -> &str {
        &self.source.text
    }
}

impl Drop for ParsedFile {
    fn drop(&mut self) {
        // Dropping a tree recurses. One nested so deeply that this could overflow the stack is leaked:
        // CPython refuses to compile most such files, so they hardly ever come this far.
        if !self.is_deep {
            // SAFETY: this is the only place that drops `parsed`, and nothing uses it afterwards.
            unsafe { ManuallyDrop::drop(&mut self.parsed) }
        }
    }
}

fn lock_cache() -> std::sync::MutexGuard<'static, VecDeque<Arc<ParsedFile>>> {
    // Nothing panics between two changes that belong together, so poison carries no meaning.
    CACHE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn take_cached(id: FileId) -> Option<Arc<ParsedFile>> {
    let mut cache = lock_cache();
    let idx = cache.iter().position(|file| file.source.id == id)?;
    let file = cache.remove(idx)?;
    cache.push_back(file.clone());
    Some(file)
}

const _: () = {
    const fn is_shareable<T: Send + Sync>() {}
    is_shareable::<ParsedFile>();
};

#[cfg(test)]
mod tests {
    use super::*;

    fn get(name: &str, text: &str) -> Result<Arc<ParsedFile>, Diagnostic> {
        ParsedFile::get(SourceMap::add(name, text.into()))
    }

    #[test]
    fn a_file_parses_once() {
        let first = get("once.py", "x = 1\n").expect("it parses");
        let second = get("once.py", "x = 1\n").expect("it parses");
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let Err(diagnostic) = get("wrong.py", "x = 1\ny = = 2\n") else { panic!("it must not parse") };
        assert_eq!(diagnostic.code, Code::SyntaxError);
        assert_eq!((diagnostic.primary.span.start, diagnostic.primary.span.end), (10, 11));
    }

    #[test]
    fn the_cache_is_bounded() {
        for idx in 0..2 * CACHE_SIZE {
            get(&format!("many{idx}.py"), "").expect("it parses");
        }
        assert!(lock_cache().len() <= CACHE_SIZE);
    }

    #[test]
    fn deep_trees_do_not_overflow_the_stack() {
        let deep = 20_000;
        for text in [
            format!("x = {}1\n", "1 + ".repeat(deep)),
            format!("x = {}1{}\n", "(".repeat(deep), ")".repeat(deep)),
            format!("x = {}1{}\n", "[".repeat(deep), "]".repeat(deep)),
            format!("x = f{}\n", ".a".repeat(deep)),
            format!("x = {}1\n", "not ".repeat(deep)),
            format!("x = {}1\n", "2 ** ".repeat(deep)),
            format!("x = {}\n", "(".repeat(deep)),
        ] {
            let _ = get("deep.py", &text);
        }
    }
}

//! The one renderer: turns a [`Diagnostic`] into the text that users read.
//!
//! ```text
//! error[T0202]: `total` is a float64 here but a str on the other path
//!   --> model.py:9:12
//!    |
//!  5 |         total = 0.0
//!    |         ----- float64
//! ...
//!  9 |     return total
//!    |            ^^^^^ needs one type
//!    |
//!    = note: a variable has one type where paths meet
//! ```
//!
//! Columns are characters; a tab prints as four blanks. A span over several lines is underlined on its
//! first. Labels in another file than the primary one follow under a `:::` line of their own.

use crate::{Diagnostic, FileId, SourceFile, SourceMap, Span};
use std::fmt::Write;

/// The text of one diagnostic, without a line ending at its end.
pub fn render(diagnostic: &Diagnostic) -> String {
    let marks = collect_marks(diagnostic);
    let gutter = marks.iter().map(|mark| mark.line.to_string().len()).max().unwrap_or(1);
    let mut page = Page { lines: Vec::new(), gutter };

    page.lines.push(format!("error[{}]: {}", diagnostic.code.text(), diagnostic.message));
    let primary = diagnostic.primary.span;
    page.place("-->", primary);
    // The text of a file that cannot be read is a series of empty lines.
    let source = SourceMap::file(primary.file);
    let has_excerpt = !source.line_text(source.line(primary.start)).trim().is_empty();
    if has_excerpt {
        page.excerpt(&marks, primary.file);
    }
    let mut shown = vec![primary.file];
    for label in &diagnostic.secondary {
        if !shown.contains(&label.span.file) {
            shown.push(label.span.file);
            page.place(":::", label.span);
            page.excerpt(&marks, label.span.file);
        }
    }
    let notes: Vec<&str> = match diagnostic.notes.is_empty() {
        true => diagnostic.code.remedy().into_iter().collect(),
        false => diagnostic.notes.iter().map(String::as_str).collect(),
    };
    if !notes.is_empty() && has_excerpt {
        page.bar("");
    }
    for note in notes {
        page.lines.push(format!("{:gutter$}  = note: {note}", ""));
    }
    page.lines.join("\n")
}

/// The texts of several diagnostics by position, with an empty line between them.
pub fn render_all(diagnostics: &[Diagnostic]) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| {
        let span = diagnostic.primary.span;
        (span.file, span.start, span.end)
    });
    let texts: Vec<String> = sorted.into_iter().map(render).collect();
    texts.join("\n\n")
}

/// A label on the line where its span begins. Columns are those of the printed line, from 0.
struct Mark<'a> {
    file: FileId,
    line: u32,
    start: usize,
    end: usize,
    is_primary: bool,
    text: &'a str,
}

fn collect_marks(diagnostic: &Diagnostic) -> Vec<Mark<'_>> {
    let secondary = diagnostic.secondary.iter().map(|label| (label, false));
    let labels = std::iter::once((&diagnostic.primary, true)).chain(secondary);
    let place = |Span { file, start, end }: Span| {
        let source = SourceMap::file(file);
        let line = source.line(start);
        let line_start = source.line_start(line).unwrap_or(0);
        let n_columns = |offset: u32| {
            let text = source.line_text(line);
            let before =
                text.char_indices().take_while(|(at, _)| (line_start as usize + at) < offset as usize);
            before.map(|(_, character)| printed_width(character)).sum::<usize>()
        };
        let (start, end) = (n_columns(start), n_columns(end));
        (file, line, start, end.max(start + 1))
    };
    labels
        .map(|(label, is_primary)| {
            let (file, line, start, end) = place(label.span);
            Mark { file, line, start, end, is_primary, text: &label.text }
        })
        .collect()
}

const TAB: &str = "    ";

fn printed_width(character: char) -> usize {
    if character == '\t' { TAB.len() } else { 1 }
}

/// The lines printed so far.
struct Page {
    lines: Vec<String>,
    /// Digits of the largest line number.
    gutter: usize,
}

impl Page {
    /// `  --> file:line:column`
    fn place(&mut self, arrow: &str, span: Span) {
        let file = SourceMap::file(span.file);
        let place = file.line_column(span.start);
        let indent = self.gutter + 1;
        self.lines.push(format!("{:indent$}{arrow} {}:{}:{}", "", file.name, place.line, place.column));
    }

    /// A line beside an empty gutter.
    fn bar(&mut self, text: &str) {
        let line = format!("{:1$} | {text}", "", self.gutter + 1);
        self.lines.push(line.trim_end().to_string());
    }

    fn source_line(&mut self, file: &SourceFile, line: u32) {
        let text = file.line_text(line).replace('\t', TAB);
        let line = format!(" {line:>gutter$} | {text}", gutter = self.gutter);
        self.lines.push(line.trim_end().to_string());
    }

    /// Every line of `file` that has a mark, in order, each followed by its marks.
    fn excerpt(&mut self, marks: &[Mark<'_>], file: FileId) {
        let source = SourceMap::file(file);
        let mut lines: Vec<u32> =
            marks.iter().filter(|mark| mark.file == file).map(|mark| mark.line).collect();
        lines.sort_unstable();
        lines.dedup();
        self.bar("");
        let mut previous = None;
        for line in lines {
            match previous.map(|previous: u32| line - previous) {
                None | Some(1) => {}
                // One line takes no more room than the sign that it is missing.
                Some(2) => self.source_line(&source, line - 1),
                Some(_) => self.lines.push("...".to_string()),
            }
            self.source_line(&source, line);
            let on_line = marks.iter().filter(|mark| mark.file == file && mark.line == line).collect();
            self.marks(on_line);
            previous = Some(line);
        }
    }

    /// Underlines; the text of the mark that ends last beside them, the other texts hanging below.
    fn marks(&mut self, mut marks: Vec<&Mark<'_>>) {
        // Wide marks first, so that narrow ones stay visible on top of them; the primary one last of equals.
        marks.sort_by_key(|mark| (std::cmp::Reverse(mark.end - mark.start), mark.is_primary));
        let mut underline = Vec::new();
        for mark in &marks {
            write_at(&mut underline, mark.start, std::iter::repeat_n(mark.sign(), mark.end - mark.start));
        }

        // From right to left; the first of them stands beside the underlines.
        marks.retain(|mark| !mark.text.is_empty());
        marks.sort_by_key(|mark| std::cmp::Reverse((mark.start, mark.end)));
        let last_end = underline.len();
        let beside = marks.iter().position(|mark| mark.end == last_end).map(|idx| marks.remove(idx));
        let mut first: String = underline.iter().collect();
        if let Some(mark) = beside {
            let _ = write!(first, " {}", mark.text);
        }
        self.bar(&first);

        if marks.is_empty() {
            return;
        }
        self.bar(&connectors(&marks).into_iter().collect::<String>());
        for (idx, mark) in marks.iter().enumerate() {
            let to_the_left: Vec<_> =
                marks[idx + 1..].iter().copied().filter(|m| m.start < mark.start).collect();
            let mut line = connectors(&to_the_left);
            write_at(&mut line, mark.start, mark.text.chars());
            self.bar(&line.into_iter().collect::<String>());
        }
    }
}

impl Mark<'_> {
    fn sign(&self) -> char {
        if self.is_primary { '^' } else { '-' }
    }
}

fn connectors(marks: &[&Mark<'_>]) -> Vec<char> {
    let mut line = Vec::new();
    for mark in marks {
        write_at(&mut line, mark.start, ['|']);
    }
    line
}

/// Writes over a line of characters from a column on, which may be past its end.
fn write_at(line: &mut Vec<char>, start: usize, characters: impl IntoIterator<Item = char>) {
    for (idx, character) in characters.into_iter().enumerate() {
        let column = start + idx;
        if column >= line.len() {
            line.resize(column + 1, ' ');
        }
        line[column] = character;
    }
}

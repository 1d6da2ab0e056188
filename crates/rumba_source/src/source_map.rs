//! The process-wide table of source files, and each file's line index.
//!
//! A line ends at `\n`, `\r\n` or a lone `\r`, as Python's own reader has it. Lines and columns count
//! from 1; a column counts characters, a tab is one of them.

use crate::FileId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

static TABLE: LazyLock<RwLock<Table>> = LazyLock::new(Default::default);

#[derive(Default)]
struct Table {
    files: Vec<Arc<SourceFile>>,
    by_name: HashMap<Arc<str>, Vec<FileId>>,
}

impl Table {
    fn find(&self, name: &str, text: &Arc<str>) -> Option<FileId> {
        let same_text = |id: &FileId| {
            let known = &self.files[id.0 as usize].text;
            Arc::ptr_eq(known, text) || known == text
        };
        self.by_name.get(name)?.iter().copied().find(|id| same_text(id))
    }
}

/// The process-wide table of files. It only grows, so that a [`crate::Span`] stays readable forever.
pub struct SourceMap;

impl SourceMap {
    /// The id of the file with this name and this text; an edited file is another file.
    pub fn add(name: &str, text: Arc<str>) -> FileId {
        if let Some(id) = read_table().find(name, &text) {
            return id;
        }
        let mut table = TABLE.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(id) = table.find(name, &text) {
            return id;
        }
        let id = FileId(u32::try_from(table.files.len()).expect("fewer than 2^32 files"));
        let name: Arc<str> = name.into();
        table.files.push(Arc::new(SourceFile::new(id, name.clone(), text)));
        table.by_name.entry(name).or_default().push(id);
        id
    }

    /// The file with this id. Ids come from [`SourceMap::add`]; for any other, such as that of a default
    /// span, there is an empty file, so that a message about a bug of ours can be printed too.
    pub fn file(id: FileId) -> Arc<SourceFile> {
        let known = read_table().files.get(id.0 as usize).cloned();
        known.unwrap_or_else(|| Arc::new(SourceFile::new(id, "<unknown>".into(), "".into())))
    }
}

fn read_table() -> std::sync::RwLockReadGuard<'static, Table> {
    // The table is consistent between any two statements of `add`, so poison carries no meaning.
    TABLE.read().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A place as people count: both from 1, the column in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LineColumn {
    pub line: u32,
    pub column: u32,
}

/// A named text and where its lines start.
#[derive(Debug)]
pub struct SourceFile {
    pub id: FileId,
    pub name: Arc<str>,
    pub text: Arc<str>,
    /// Byte offset of the start of each line; the first is 0.
    line_starts: Vec<u32>,
}

impl SourceFile {
    fn new(id: FileId, name: Arc<str>, text: Arc<str>) -> SourceFile {
        let bytes = text.as_bytes();
        let mut line_starts = vec![0];
        for (offset, byte) in bytes.iter().enumerate() {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.get(offset + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends_line {
                line_starts.push(offset as u32 + 1);
            }
        }
        SourceFile { id, name, text, line_starts }
    }

    pub fn n_lines(&self) -> u32 {
        self.line_starts.len() as u32
    }

    /// The line that holds a byte offset; offsets past the end are on the last line.
    pub fn line(&self, offset: u32) -> u32 {
        self.line_starts.partition_point(|&start| start <= offset) as u32
    }

    pub fn line_column(&self, offset: u32) -> LineColumn {
        let line = self.line(offset);
        let start = self.line_starts[line as usize - 1] as usize;
        let offset = (offset as usize).saturating_sub(start);
        let characters = self.text[start..].char_indices();
        let column = characters.take_while(|&(at, _)| at < offset).count() as u32 + 1;
        LineColumn { line, column }
    }

    /// Byte offset of the start of a line, if there is such a line.
    pub fn line_start(&self, line: u32) -> Option<u32> {
        let idx = (line as usize).checked_sub(1)?;
        self.line_starts.get(idx).copied()
    }

    /// A line without its ending; empty if there is no such line.
    pub fn line_text(&self, line: u32) -> &str {
        let Some(start) = self.line_start(line) else {
            return "";
        };
        let end = self.line_start(line + 1).map_or(self.text.len(), |next| next as usize);
        self.text[start as usize..end].trim_end_matches(['\n', '\r'])
    }

    /// The byte offset of a position as CPython's code objects give it: a line from 1 and a column
    /// in UTF-8 bytes from 0. `None` if the text has no such place.
    pub fn offset(&self, line: u32, column_bytes: u32) -> Option<u32> {
        let offset = self.line_start(line)?.checked_add(column_bytes)?;
        let end = self.line_start(line + 1).unwrap_or(self.text.len() as u32);
        (offset <= end && self.text.is_char_boundary(offset as usize)).then_some(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Arc<SourceFile> {
        SourceMap::file(SourceMap::add("<test>", text.into()))
    }

    #[test]
    fn same_name_and_text_is_the_same_file() {
        let first = SourceMap::add("<same>", "x = 1\n".into());
        assert_eq!(SourceMap::add("<same>", "x = 1\n".into()), first);
        assert_ne!(SourceMap::add("<same>", "x = 2\n".into()), first);
        assert_ne!(SourceMap::add("<other>", "x = 1\n".into()), first);
        assert_eq!(&*SourceMap::file(first).name, "<same>");
        assert_eq!(&*SourceMap::file(first).text, "x = 1\n");
    }

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let file = file("é = 1\n\tx\n");
        let at = |offset| {
            let place = file.line_column(offset);
            (place.line, place.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(2), (1, 2)); // after the two bytes of é
        assert_eq!(at(6), (1, 6)); // the line ending itself
        assert_eq!(at(7), (2, 1));
        assert_eq!(at(8), (2, 2)); // a tab is one column
        assert_eq!(at(10), (3, 1));
        assert_eq!(at(1000), (3, 1));
    }

    #[test]
    fn every_line_ending_of_python_ends_a_line() {
        let file = file("a\r\nb\rc\nd");
        let lines: Vec<&str> = (1..=file.n_lines()).map(|line| file.line_text(line)).collect();
        assert_eq!(lines, ["a", "b", "c", "d"]);
        assert_eq!(file.line(1), 1);
        assert_eq!(file.line(3), 2);
        assert_eq!(file.line_text(0), "");
        assert_eq!(file.line_text(5), "");
    }

    #[test]
    fn positions_of_code_objects_become_offsets() {
        let file = file("é = 1\nxy");
        assert_eq!(file.offset(1, 0), Some(0));
        assert_eq!(file.offset(1, 1), None); // inside a character
        assert_eq!(file.offset(2, 2), Some(9));
        assert_eq!(file.offset(2, 3), None);
        assert_eq!(file.offset(0, 0), None);
        assert_eq!(file.offset(1, 99), None);
    }

    #[test]
    fn an_unknown_file_is_empty() {
        let file = SourceMap::file(FileId(u32::MAX));
        assert_eq!((&*file.name, &*file.text), ("<unknown>", ""));
    }

    #[test]
    fn an_empty_file_has_one_empty_line() {
        let file = file("");
        assert_eq!(file.n_lines(), 1);
        assert_eq!(file.line_text(1), "");
        assert_eq!(file.line_column(0), LineColumn { line: 1, column: 1 });
    }
}

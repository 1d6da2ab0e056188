//! Runs the Markdown cases in `tests/lowering`: each `python` block is lowered and compared with the
//! `hir` or `errors` block after it. `RUMBA_UPDATE=1` rewrites those blocks; read what it wrote.

mod support;

use rumba_source::render_all;
use rumba_syntax::verify;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn markdown_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lowering");
    let mut pages: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    pages.sort();
    assert!(!pages.is_empty());
    let differing: Vec<String> = pages.iter().filter_map(|page| check_page(page)).collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// What differs on a page, if anything does.
fn check_page(page: &Path) -> Option<String> {
    let text = fs::read_to_string(page).expect("a readable page");
    let updated = rewrite(&text);
    if updated == text {
        return None;
    }
    if std::env::var_os("RUMBA_UPDATE").is_some() {
        fs::write(page, &updated).expect("a writable page");
        return None;
    }
    let first = text.lines().zip(updated.lines()).position(|(old, new)| old != new).unwrap_or(0);
    let context = updated.lines().skip(first.saturating_sub(5)).take(40);
    let context: Vec<&str> = context.collect();
    Some(format!("{}:{} differs; it would read\n{}", page.display(), first + 1, context.join("\n")))
}

/// The page with the block after each `python` block as it should be.
fn rewrite(text: &str) -> String {
    let mut output = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        output += &format!("{line}\n");
        if line != "```python" {
            continue;
        }
        let source: String = block(&mut lines);
        let expected = lines.by_ref().find(|line| !line.is_empty()).expect("a block after the source");
        assert!(["```hir", "```errors"].contains(&expected), "unexpected `{expected}` after\n{source}");
        block(&mut lines);
        output += &format!("{source}```\n\n{}```\n", outcome(&source));
    }
    output
}

fn block<'a>(lines: &mut impl Iterator<Item = &'a str>) -> String {
    lines.take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect()
}

/// The fence and the text of the block that belongs after a source.
fn outcome(source: &str) -> String {
    let file = support::parse(source);
    let mut functions = Vec::new();
    let mut errors = Vec::new();
    for request in support::requests(source) {
        match support::lower_request(&file, &request) {
            Ok(function) => {
                verify(&function).unwrap_or_else(|broken| panic!("{broken}\n{function}"));
                functions.push(function.to_string());
            }
            Err(diagnostics) => errors.extend(diagnostics),
        }
    }
    if errors.is_empty() {
        format!("```hir\n{}", functions.join("\n"))
    } else {
        assert!(functions.is_empty(), "put what is right and what is wrong into two cases:\n{source}");
        format!("```errors\n{}\n", render_all(&errors))
    }
}

//! Runs the cases in `filetests/*.rir`.
//!
//! A file holds cases, each led by a line `; test:` with the passes to run in order. The text before
//! `; expect:` is the input, with remarks as comments; the text behind it, as comments, is what the
//! passes make of it. `; entries:` names the instances that are called from outside; without it, all are.
//!
//! `; short_extents:` are extents that arrays are expected to have.
//!
//! `UPDATE_EXPECT=1 cargo test -p rumba_opt --test filetests` rewrites the expected text. Read it before
//! you commit it.

use rumba_ir::{Function, InstanceId, parse, verify};
use rumba_opt::pipeline::{BatchContext, run_pass};
use std::fmt::Write;
use std::path::Path;

const TEST: &str = "; test:";
const EXPECT: &str = "; expect:";

#[test]
fn filetests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/filetests");
    let mut paths: Vec<_> =
        folder.read_dir().expect("the folder exists").map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut n_failed = 0;
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let start = text.find(TEST).expect("a file has a case");
        let mut updated = text[..start].to_string();
        for case in text[start..].split(TEST).skip(1) {
            let (input, expected) = case.split_once(EXPECT).unwrap_or((case.trim_end(), ""));
            let found = run(&path, input);
            if found.trim() != expected.trim() {
                n_failed += 1;
                if !update {
                    println!(
                        "{}:{}\nexpected:\n{expected}\nfound:\n{found}",
                        path.display(),
                        TEST.to_string() + input
                    );
                }
            }
            write!(updated, "{TEST}{}\n{EXPECT}\n{found}\n", input.trim_end()).unwrap();
        }
        if update {
            std::fs::write(&path, updated.trim_end().to_string() + "\n").expect("a writable file");
        }
    }
    assert!(update || n_failed == 0, "{n_failed} cases differ");
}

/// What the passes make of a case, as comments.
fn run(path: &Path, case: &str) -> String {
    let passes = case.lines().next().expect("a case begins with its passes");
    let mut functions =
        parse(&case[passes.len()..]).unwrap_or_else(|message| panic!("{}: {message}", path.display()));
    for function in &functions {
        verify(function).unwrap_or_else(|message| panic!("{}: {message}", path.display()));
    }
    let entries = case.lines().find_map(|line| line.strip_prefix("; entries:"));
    let is_entry = |function: &&Function| {
        entries.is_none_or(|entries| entries.split(',').any(|entry| entry.trim() == function.id.to_string()))
    };
    let entries: Vec<InstanceId> = functions.iter().filter(is_entry).map(|function| function.id).collect();
    let short_extents: Vec<usize> = case
        .lines()
        .find_map(|line| line.strip_prefix("; short_extents:"))
        .map(|extents| extents.split(',').map(|extent| extent.trim().parse().expect("an extent")).collect())
        .unwrap_or_default();
    let context = BatchContext {
        entries: &entries,
        short_extents: &short_extents,
        callee_info: &|_| None,
        may_inline: &|_, _| true,
    };
    for pass in passes.split(',') {
        run_pass(pass.trim(), &mut functions, &context).unwrap_or_else(|| panic!("there is no pass {pass}"));
    }
    let text: String = functions.iter().map(|function| function.to_string()).collect();
    text.lines().fold(String::new(), |commented, line| commented + "; " + line + "\n")
}

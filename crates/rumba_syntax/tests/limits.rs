//! Deep nesting and long functions: a clear message or a result, never an overflow of the stack, also
//! on the two megabytes that a test's thread has.

mod support;

use rumba_source::{Code, SourceMap};
use rumba_syntax::{ParsedFile, verify};
use support::{lower_request, parse, requests};

/// Lowers the only function of a text; the code of the first diagnostic if that fails.
fn outcome(text: &str) -> Result<(), Code> {
    let file = parse(text);
    let request = &requests(text)[0];
    match lower_request(&file, request) {
        Ok(function) => {
            verify(&function).unwrap_or_else(|broken| panic!("{broken}"));
            Ok(())
        }
        Err(diagnostics) => Err(diagnostics[0].code),
    }
}

/// Each kind of expression inside itself.
fn nested(depth: usize) -> Vec<String> {
    let around = |before: &str, after: &str| {
        format!("def f(a):\n    return {}a{}\n", before.repeat(depth), after.repeat(depth))
    };
    vec![
        around("-", ""),
        around("not ", ""),
        around("(a, ", ")"),
        around("a(", ")"),
        around("a[", "]"),
        around("", ".b"),
        around("", "()"),
        around("1 ** ", ""),
        around("a if a else ", ""),
        around("lambda: ", ""),
        around("(a and ", ")"),
        around("(a < ", ")"),
        around("(b := ", ")"),
        around("[", "]"),
        around("{a: ", "}"),
    ]
}

#[test]
fn two_hundred_levels_are_the_limit() {
    for text in nested(150) {
        assert_eq!(outcome(&text), Ok(()), "{text}");
    }
    for depth in [201, 2000] {
        for text in nested(depth) {
            assert_eq!(outcome(&text), Err(Code::UnsupportedExpression), "{text}");
        }
    }
}

/// The parser does not guard its stack here, so deeper ones do not parse at all.
#[test]
fn lambdas_in_defaults() {
    let text = |depth: usize| {
        format!("def f(a):\n    return {}a{}\n", "lambda b=".repeat(depth), ": b".repeat(depth))
    };
    assert_eq!(outcome(&text(150)), Ok(()));
    assert_eq!(outcome(&text(201)), Err(Code::UnsupportedExpression));
    assert_eq!(parse_error(&text(100_000)), Some(Code::SyntaxError));
    // Many lambdas in one expression are no nesting.
    assert_eq!(parse_error(&format!("f({})\n", "a=lambda: 0, ".repeat(400))), None);
    assert_eq!(parse_error(&"f = lambda: 0\n".repeat(1000)), None);
}

fn parse_error(text: &str) -> Option<Code> {
    let file = ParsedFile::get(SourceMap::add("limits.py", text.into()));
    file.err().map(|diagnostic| diagnostic.code)
}

#[test]
fn sums_may_be_long() {
    let text = format!("def f(a):\n    return a{}\n", " + a".repeat(5000));
    assert_eq!(outcome(&text), Ok(()));
}

#[test]
fn functions_may_be_long() {
    let ifs = "    if a > 1:\n        b = a\n    elif a < 1:\n        c = b\n".repeat(500);
    assert_eq!(outcome(&format!("def f(a, b, c):\n{ifs}    return c\n")), Ok(()));
    let conditions = format!("def f(a):\n    return {}a\n", "a and ".repeat(2000));
    assert_eq!(outcome(&conditions), Ok(()));
    let elifs = "    elif a == 2:\n        b = a\n".repeat(500);
    assert_eq!(outcome(&format!("def f(a):\n    if a:\n        b = 1\n{elifs}    return b\n")), Ok(()));
}

#[test]
fn blocks_may_be_deep() {
    let mut text = "def f(a):\n".to_string();
    for level in 1..=95 {
        text += &format!("{}if a > {level}:\n", " ".repeat(level));
    }
    text += &format!("{}a = 1\n    return a\n", " ".repeat(96));
    let text = text.replace("    return a\n", " return a\n");
    assert_eq!(outcome(&text), Ok(()));
}

//! What users read: one literal text for each shape of diagnostic.

use rumba_source::{Code, Diagnostic, FileId, SourceMap, Span, render, render_all};

const MODEL: &str = "\
import math

def pick(flag, n):
    if flag:
        total = 0.0
    else:
        total = \"none\"
    n = n + 1
    return total
";

fn model() -> FileId {
    SourceMap::add("model.py", MODEL.into())
}

/// The `nth` place where `needle` stands in a file, from 0.
fn span(file: FileId, needle: &str, nth: usize) -> Span {
    let source = SourceMap::file(file);
    let (start, _) = source.text.match_indices(needle).nth(nth).expect("the text has it");
    Span::new(file, start as u32, (start + needle.len()) as u32)
}

#[track_caller]
fn check(diagnostic: &Diagnostic, expected: &str) {
    let expected = expected.strip_prefix('\n').unwrap_or(expected).trim_end();
    let actual = render(diagnostic);
    assert!(actual == expected, "rendered:\n{actual}\nexpected:\n{expected}");
}

#[test]
fn a_caret_without_a_label() {
    let file = model();
    let diagnostic = Diagnostic::new(Code::UnknownAttribute, span(file, "math", 0), "no module `math`");
    check(
        &diagnostic,
        "
error[T0103]: no module `math`
  --> model.py:1:8
   |
 1 | import math
   |        ^^^^",
    );
}

#[test]
fn labels_on_several_lines_with_a_note() {
    let file = model();
    let message = "`total` is a float64 here but a str on the other path";
    let diagnostic = Diagnostic::new(Code::CannotUnify, span(file, "total", 2), message)
        .label("needs one type")
        .secondary(span(file, "total", 0), "float64")
        .secondary(span(file, "total", 1), "str")
        .note("a variable has one type where paths meet")
        .note("use two variables");
    check(
        &diagnostic,
        "
error[T0202]: `total` is a float64 here but a str on the other path
  --> model.py:9:12
   |
 5 |         total = 0.0
   |         ----- float64
 6 |     else:
 7 |         total = \"none\"
   |         ----- str
 8 |     n = n + 1
 9 |     return total
   |            ^^^^^ needs one type
   |
   = note: a variable has one type where paths meet
   = note: use two variables",
    );
}

#[test]
fn lines_far_apart_are_elided() {
    let file = model();
    let diagnostic = Diagnostic::new(Code::CannotUnify, span(file, "total", 2), "`total` is bound to `flag`")
        .label("here")
        .secondary(span(file, "flag", 0), "a parameter");
    check(
        &diagnostic,
        "
error[T0202]: `total` is bound to `flag`
  --> model.py:9:12
   |
 3 | def pick(flag, n):
   |          ---- a parameter
...
 9 |     return total
   |            ^^^^^ here",
    );
}

#[test]
fn several_labels_on_one_line() {
    let file = SourceMap::add("labels.py", "total = price + name\n".into());
    let diagnostic = Diagnostic::new(Code::CannotUnify, span(file, "+", 0), "`+` of float64 and str")
        .label("no such operation")
        .secondary(span(file, "price", 0), "float64")
        .secondary(span(file, "name", 0), "str");
    check(
        &diagnostic,
        "
error[T0202]: `+` of float64 and str
  --> labels.py:1:15
   |
 1 | total = price + name
   |         ----- ^ ---- str
   |         |     |
   |         |     no such operation
   |         float64",
    );
}

#[test]
fn labels_inside_the_primary_one() {
    let file = SourceMap::add("labels.py", "total = price + name\n".into());
    let diagnostic =
        Diagnostic::new(Code::CannotUnify, span(file, "price + name", 0), "`+` of float64 and str")
            .secondary(span(file, "price", 0), "float64")
            .secondary(span(file, "name", 0), "str");
    check(
        &diagnostic,
        "
error[T0202]: `+` of float64 and str
  --> labels.py:1:9
   |
 1 | total = price + name
   |         -----^^^---- str
   |         |
   |         float64",
    );
}

#[test]
fn a_span_over_several_lines_underlines_the_first() {
    let file = SourceMap::add("lines.py", "x = f(1,\r\n      2)\r\n".into());
    let diagnostic =
        Diagnostic::new(Code::ArgumentCount, span(file, "f(1,\r\n      2)", 0), "too many").label("2 given");
    check(
        &diagnostic,
        "
error[T0302]: too many
  --> lines.py:1:5
   |
 1 | x = f(1,
   |     ^^^^ 2 given",
    );
}

#[test]
fn tabs_and_characters_of_several_bytes_align() {
    let file = SourceMap::add("tabs.py", "\tλ = é + ü\n".into());
    let diagnostic = Diagnostic::new(Code::CannotUnify, span(file, "ü", 0), "wrong").label("this");
    check(
        &diagnostic,
        "
error[T0202]: wrong
  --> tabs.py:1:10
   |
 1 |     λ = é + ü
   |             ^ this",
    );
}

#[test]
fn a_label_in_another_file() {
    let caller = SourceMap::add("caller.py", "f('a')\n".into());
    let callee = SourceMap::add("callee.py", "\n\n\n\n\n\n\n\n\ndef f(n): ...\n".into());
    let diagnostic = Diagnostic::new(Code::ArgumentType, span(caller, "'a'", 0), "`f` takes no str")
        .label("str")
        .secondary(span(callee, "n", 0), "this parameter");
    check(
        &diagnostic,
        "
error[T0303]: `f` takes no str
   --> caller.py:1:3
    |
  1 | f('a')
    |   ^^^ str
   ::: callee.py:10:7
    |
 10 | def f(n): ...
    |       - this parameter",
    );
}

#[test]
fn an_empty_span_at_the_end_of_a_line() {
    let file = SourceMap::add("end.py", "x = (\n".into());
    let diagnostic = Diagnostic::new(Code::TooManyIndices, Span::new(file, 5, 5), "unexpected end of line");
    check(
        &diagnostic,
        "
error[T0405]: unexpected end of line
  --> end.py:1:6
   |
 1 | x = (
   |      ^",
    );
}

#[test]
fn an_empty_line_is_not_shown() {
    let file = SourceMap::add("gone.py", "\n\n".into());
    let diagnostic =
        Diagnostic::new(Code::SourceMissing, Span::new(file, 1, 1), "the source of `f` cannot be found");
    check(
        &diagnostic.note("define the function in a file"),
        "
error[S0001]: the source of `f` cannot be found
  --> gone.py:2:1
   = note: define the function in a file",
    );
}

#[test]
fn the_remedy_of_the_code_stands_in_for_a_note() {
    let file = SourceMap::add("call.py", "f = 1(2)\n".into());
    let diagnostic = Diagnostic::new(Code::NotCallable, Span::new(file, 4, 8), "int64 cannot be called");
    let remedy = Code::NotCallable.remedy().expect("there is something that can be called");
    let text = render(&diagnostic);
    assert!(text.ends_with(&format!("   |\n   = note: {remedy}")), "{text}");
    let text = render(&diagnostic.note("leave out the parentheses"));
    assert!(text.ends_with("   |\n   = note: leave out the parentheses"), "{text}");
}

#[test]
fn several_diagnostics_by_position() {
    let file = SourceMap::add("two.py", "a\nb\n".into());
    let later = Diagnostic::new(Code::UnknownAttribute, span(file, "b", 0), "no `b`");
    let earlier = Diagnostic::new(Code::UnknownAttribute, span(file, "a", 0), "no `a`");
    let expected = "\
error[T0103]: no `a`
  --> two.py:1:1
   |
 1 | a
   | ^

error[T0103]: no `b`
  --> two.py:2:1
   |
 2 | b
   | ^";
    assert_eq!(render_all(&[later, earlier]), expected);
    assert_eq!(render_all(&[]), "");
}

//! Which function of a file a code object's facts lead to. The facts are those that CPython 3.11 gives.

mod support;

use rumba_source::{Code, render};
use rumba_syntax::{BodyPosition, FunctionRequest, ParsedFile, find_function, source_text};
use support::parse;

fn request(name: &str, qualname: &str, first_line: u32, arg_names: &[&str]) -> FunctionRequest {
    let arg_names = arg_names.iter().map(|name| name.to_string()).collect();
    FunctionRequest {
        name: name.into(),
        qualname: qualname.into(),
        first_line,
        arg_names,
        body_position: None,
    }
}

fn lambda(first_line: u32, arg_names: &[&str]) -> FunctionRequest {
    request("<lambda>", "<lambda>", first_line, arg_names)
}

/// A position on one line, columns in bytes from 0.
fn at(mut request: FunctionRequest, line: u32, column: u32, end_column: u32) -> FunctionRequest {
    request.body_position = Some(BodyPosition { line, column, end_line: line, end_column });
    request
}

#[track_caller]
fn check(file: &ParsedFile, request: &FunctionRequest, expected: &str) {
    match find_function(file, request) {
        Ok(found) => assert_eq!(source_text(&found), expected),
        Err(diagnostic) => panic!("{}", render(&diagnostic)),
    }
}

#[track_caller]
fn check_error(file: &ParsedFile, request: &FunctionRequest, code: Code) -> String {
    match find_function(file, request) {
        Ok(found) => panic!("found {}", source_text(&found)),
        Err(diagnostic) => {
            assert_eq!(diagnostic.code, code);
            render(&diagnostic)
        }
    }
}

#[test]
fn functions_wherever_they_stand() {
    let file = parse(
        "\
def top(a): return a
if True:
    def conditional(a): return a
else:
    def conditional(a): return -a
class C:
    def method(self): return self
    class D:
        def method(self, x): return x
def outer():
    def inner(): return 1
    return inner
try:
    def tried(): return 2
finally:
    pass
",
    );
    check(&file, &request("top", "top", 1, &["a"]), "def top(a): return a");
    check(&file, &request("conditional", "conditional", 3, &["a"]), "def conditional(a): return a");
    check(&file, &request("conditional", "conditional", 5, &["a"]), "def conditional(a): return -a");
    check(&file, &request("method", "C.method", 7, &["self"]), "def method(self): return self");
    check(&file, &request("method", "C.D.method", 9, &["self", "x"]), "def method(self, x): return x");
    check(&file, &request("inner", "outer.<locals>.inner", 11, &[]), "def inner(): return 1");
    check(&file, &request("tried", "tried", 14, &[]), "def tried(): return 2");
}

#[test]
fn the_first_line_is_that_of_the_first_decorator() {
    let file =
        parse("import rumba\n\n@rumba.njit(\n    cache=True)\n@other\nasync def f(x):\n    return x\n");
    check(&file, &request("f", "f", 3, &["x"]), "async def f(x):\n    return x");
    check_error(&file, &request("f", "f", 6, &["x"]), Code::SourceChanged);
}

#[test]
fn argument_names_in_the_order_of_the_code_object() {
    let file = parse("def f(a, b=1, /, c=2, *args, d, e=3, **kwargs): pass\n");
    let names = ["a", "b", "c", "d", "e", "args", "kwargs"];
    check(&file, &request("f", "f", 1, &names), "def f(a, b=1, /, c=2, *args, d, e=3, **kwargs): pass");
    check_error(&file, &request("f", "f", 1, &["a", "b"]), Code::SourceChanged);
}

#[test]
fn mangled_argument_names() {
    let file = parse("class C:\n    def f(self, __x): pass\n");
    check(&file, &request("f", "C.f", 2, &["self", "_C__x"]), "def f(self, __x): pass");
}

#[test]
fn lambdas_wherever_they_stand() {
    let file = parse(
        "\
f = lambda x: x
g = map(lambda y: y, [])
def h(key=lambda z: z):
    return [lambda: 0]
@(lambda function: function)
def k(): pass
",
    );
    check(&file, &lambda(1, &["x"]), "lambda x: x");
    check(&file, &lambda(2, &["y"]), "lambda y: y");
    check(&file, &lambda(3, &["z"]), "lambda z: z");
    check(&file, &lambda(4, &[]), "lambda: 0");
    check(&file, &lambda(5, &["function"]), "lambda function: function");
}

#[test]
fn several_lambdas_on_a_line() {
    let file = parse("f, g, h = lambda x: x + 1, lambda x: x - 1, lambda y: y\n");
    // Names tell the last one apart, positions the others.
    check(&file, &lambda(1, &["y"]), "lambda y: y");
    check(&file, &at(lambda(1, &["x"]), 1, 20, 25), "lambda x: x + 1");
    check(&file, &at(lambda(1, &["x"]), 1, 37, 42), "lambda x: x - 1");
    check_error(&file, &at(lambda(1, &["x"]), 1, 0, 1), Code::SourceChanged);
    check_error(&file, &at(lambda(1, &["x"]), 7, 0, 1), Code::SourceChanged);
    let text = check_error(&file, &lambda(1, &["x"]), Code::SourceAmbiguous);
    assert_eq!(
        text,
        "\
error[S0003]: cannot tell which of 2 functions on this line is meant
  --> test.py:1:11
   |
 1 | f, g, h = lambda x: x + 1, lambda x: x - 1, lambda y: y
   |           ---------------  --------------- or this one
   |           |
   |           this lambda
   |
   = note: put each of them on a line of its own"
            .replacen("---------------", "^^^^^^^^^^^^^^^", 1)
    );
}

#[test]
fn a_lambda_in_a_lambda() {
    let file = parse("f = lambda x: lambda x: x\n");
    check(&file, &at(lambda(1, &["x"]), 1, 14, 25), "lambda x: lambda x: x");
    check(&file, &at(lambda(1, &["x"]), 1, 24, 25), "lambda x: x");
    // The qualified name decides if there is no position.
    check(&file, &request("<lambda>", "<lambda>.<locals>.<lambda>", 1, &["x"]), "lambda x: x");
    check(&file, &lambda(1, &["x"]), "lambda x: lambda x: x");
}

#[test]
fn lambdas_with_the_same_text_are_the_same() {
    let file = parse("fs = [lambda x: x, lambda x: x]\n");
    check(&file, &lambda(1, &["x"]), "lambda x: x");
}

#[test]
fn columns_are_bytes() {
    let file = parse("é, g = lambda x: 'ü', lambda x: x\n");
    // "é" and "ü" take two bytes each.
    check(&file, &at(lambda(1, &["x"]), 1, 18, 22), "lambda x: 'ü'");
    check(&file, &at(lambda(1, &["x"]), 1, 34, 35), "lambda x: x");
}

#[test]
fn an_edited_file() {
    let file = parse("import math\n\n    # moved\ndef f(a, b):\n    return a\n");
    let text = check_error(&file, &request("f", "f", 3, &["a"]), Code::SourceChanged);
    assert_eq!(
        text,
        "\
error[S0002]: `f` is no longer where it was when it was imported
  --> test.py:3:5
   |
 3 |     # moved
   |     ^^^^^^^ `f(a)` was here
   |
   = note: the file was edited after it was imported; reload the module or restart Python"
    );
    check_error(&file, &request("f", "f", 4, &["a"]), Code::SourceChanged);
    check_error(&file, &request("g", "g", 4, &["a", "b"]), Code::SourceChanged);
    check_error(&file, &request("f", "f", 99, &["a"]), Code::SourceChanged);
    check_error(&file, &request("f", "f", 0, &["a"]), Code::SourceChanged);
}

//! End to end without an interpreter: source text in, numbers out.

use rumba_driver::{Compiled, Request, compile};
use rumba_infer::{Constant, Environment, FunctionOptions, FunctionSource};
use rumba_runtime::context::{ExecutionContext, Raised};
use rumba_source::{Code, Diagnostic, Span};
use rumba_types::{ExceptionClass, Layout, ObjectId, Type};
use std::sync::Arc;

/// A module whose functions call each other; function number `i` is object `first + i`.
struct Module {
    text: &'static str,
    first: u32,
    functions: &'static [(&'static str, u32, &'static [&'static str])],
}

impl Module {
    fn function(&self, object: ObjectId) -> &(&'static str, u32, &'static [&'static str]) {
        &self.functions[(object.0 - self.first) as usize]
    }
}

impl Environment for Module {
    fn resolve_name(&self, _: ObjectId, name: &str) -> Option<Constant> {
        if let Some(position) = self.functions.iter().position(|(function, ..)| *function == name) {
            return Some(Constant::Jitted {
                object: ObjectId(self.first + position as u32),
                name: name.into(),
            });
        }
        self.resolve_builtin(name)
    }

    fn resolve_builtin(&self, name: &str) -> Option<Constant> {
        Some(match name {
            "ValueError" | "AssertionError" => {
                let object = ObjectId(u32::MAX);
                Constant::ExceptionClass(Arc::new(ExceptionClass {
                    object,
                    name: name.into(),
                    ancestors: vec![object],
                }))
            }
            _ => Constant::Library(format!("builtins.{name}").into()),
        })
    }

    fn resolve_attribute(&self, _: ObjectId, _: &str) -> Option<Constant> {
        None
    }

    fn source(&self, function: ObjectId) -> Result<FunctionSource, Diagnostic> {
        let (name, first_line, args) = *self.function(function);
        Ok(FunctionSource {
            filename: format!("test_{}.py", self.first).into(),
            text: self.text.into(),
            name: name.into(),
            qualname: name.into(),
            first_line,
            arg_names: args.iter().map(|arg| (*arg).into()).collect(),
            body_position: None,
            is_prelude: false,
        })
    }

    fn defaults(&self, _: ObjectId) -> Vec<(Arc<str>, Constant)> {
        Vec::new()
    }

    fn options(&self, _: ObjectId) -> FunctionOptions {
        FunctionOptions::default()
    }
}

fn compile_first(module: &Module, params: &[Type]) -> Result<Arc<Compiled>, Vec<Diagnostic>> {
    let function = ObjectId(module.first);
    compile(module, &Request { function, params: params.to_vec(), result: None, c_hooks: None }, &[])
}

fn run(compiled: &Compiled, args: &[u64]) -> Result<Vec<u64>, Raised> {
    let mut ctx = ExecutionContext::new(0);
    let mut results = [0u64; 16];
    // SAFETY: the tests pass one slot per scalar of the parameters.
    let status = unsafe { (compiled.entry)(&mut ctx, args.as_ptr(), results.as_mut_ptr()) };
    match status {
        0 => Ok(results[..compiled.result.scalars().len()].to_vec()),
        _ => Err(ctx.pending.expect("a raised exception is pending").raised.clone()),
    }
}

#[test]
fn adds_and_multiplies() {
    let module = Module {
        text: "def f(a, b):\n    return a * b + 1\n",
        first: 100,
        functions: &[("f", 1, &["a", "b"])],
    };
    let compiled = compile_first(&module, &[Type::int64(), Type::int64()]).unwrap();
    assert_eq!(compiled.result, Type::int64());
    assert_eq!(run(&compiled, &[6, 7]).unwrap(), [43]);
    let compiled = compile_first(&module, &[Type::float64(), Type::int64()]).unwrap();
    assert_eq!(compiled.result, Type::float64());
    assert_eq!(f64::from_bits(run(&compiled, &[1.5f64.to_bits(), 3]).unwrap()[0]), 5.5);
}

#[test]
fn loops_over_an_array() {
    let text = "def total(a):\n    s = 0.0\n    for i in range(len(a)):\n        s += a[i]\n    return s\n";
    let module = Module { text, first: 200, functions: &[("total", 1, &["a"])] };
    let compiled = compile_first(&module, &[Type::array(Type::float64(), 1, Layout::C)]).unwrap();
    let data: Vec<f64> = (0..1000).map(f64::from).collect();
    let result = run(&compiled, &[data.as_ptr() as u64, 1, 1000]).unwrap();
    assert_eq!(f64::from_bits(result[0]), 499500.0);
}

#[test]
fn recursion_compiles_once() {
    let text = "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n";
    let module = Module { text, first: 300, functions: &[("fib", 1, &["n"])] };
    let compiled = compile_first(&module, &[Type::int64()]).unwrap();
    assert_eq!(run(&compiled, &[20]).unwrap(), [6765]);
}

#[test]
fn index_errors_name_index_axis_and_size() {
    let module = Module {
        text: "def get(a, i):\n    return a[i]\n",
        first: 400,
        functions: &[("get", 1, &["a", "i"])],
    };
    let array = Type::array(Type::int64(), 1, Layout::C);
    let compiled = compile_first(&module, &[array, Type::int64()]).unwrap();
    let data = [1i64, 2, 3];
    assert_eq!(run(&compiled, &[data.as_ptr() as u64, 1, 3, -1i64 as u64]).unwrap(), [3]);
    let raised = run(&compiled, &[data.as_ptr() as u64, 1, 3, 3]).unwrap_err();
    let Raised::Site { token, slots } = raised else { panic!("{raised:?}") };
    assert_eq!(slots, [3, 0, 3]);
    assert!(rumba_driver::site(token).is_some());
}

#[test]
fn errors_stand_at_the_expression() {
    let module =
        Module { text: "def f(a):\n    return a + None\n", first: 500, functions: &[("f", 1, &["a"])] };
    let errors = compile_first(&module, &[Type::int64()]).err().unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code, Code::OperandTypes);
    let Span { start, end, .. } = errors[0].primary.span;
    assert_eq!(&module.text[start as usize..end as usize], "a + None");
}

#[test]
fn a_recursion_without_exit_is_reported() {
    let module =
        Module { text: "def f(a):\n    return f(a) + 1\n", first: 600, functions: &[("f", 1, &["a"])] };
    let errors = compile_first(&module, &[Type::int64()]).err().unwrap();
    assert_eq!(errors[0].code, Code::RecursionWithoutExit);
}

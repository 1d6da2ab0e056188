//! Random nests of control flow: what is lowered satisfies every invariant of untyped SSA, and checks
//! for unbound variables stand exactly where a path without assignment leads.

mod support;

use proptest::prelude::*;
use rumba_syntax::hir::{Function, Inst};
use rumba_syntax::verify;
use std::collections::HashSet;

/// A statement over the variables `v0` to `v3`.
#[derive(Clone, Debug)]
enum Stmt {
    Assign(u8, u8),
    Augment(u8, u8),
    Delete(u8),
    Use(u8),
    If(u8, Vec<Stmt>, Vec<Stmt>),
    While(u8, Vec<Stmt>, Vec<Stmt>),
    Forever(Vec<Stmt>),
    For(u8, u8, Vec<Stmt>, Vec<Stmt>),
    Break,
    Continue,
    Return(u8),
    And(u8, u8, u8),
    /// An inner function that binds one variable and reads another, and a call of it.
    Inner(u8, u8),
    Match(u8, Vec<Stmt>, Vec<Stmt>),
}

fn stmts() -> impl Strategy<Value = Vec<Stmt>> {
    let variable = 0..4u8;
    let leaf = prop_oneof![
        4 => (variable.clone(), variable.clone()).prop_map(|(to, from)| Stmt::Assign(to, from)),
        2 => (variable.clone(), variable.clone()).prop_map(|(to, from)| Stmt::Augment(to, from)),
        1 => variable.clone().prop_map(Stmt::Delete),
        1 => (variable.clone(), variable.clone()).prop_map(|(to, from)| Stmt::Inner(to, from)),
        3 => variable.clone().prop_map(Stmt::Use),
        2 => Just(Stmt::Break),
        2 => Just(Stmt::Continue),
        1 => variable.clone().prop_map(Stmt::Return),
        1 => (variable.clone(), variable.clone(), variable).prop_map(|(to, a, b)| Stmt::And(to, a, b)),
    ];
    let stmt = leaf.prop_recursive(5, 60, 5, |inner| {
        let variable = 0..4u8;
        let body = prop::collection::vec(inner, 1..5);
        prop_oneof![
            (variable.clone(), body.clone(), body.clone()).prop_map(|(test, a, b)| Stmt::If(test, a, b)),
            (variable.clone(), body.clone(), body.clone()).prop_map(|(test, a, b)| Stmt::While(test, a, b)),
            body.clone().prop_map(Stmt::Forever),
            (variable.clone(), variable.clone(), body.clone(), body.clone())
                .prop_map(|(to, from, a, b)| Stmt::For(to, from, a, b)),
            (variable, body.clone(), body).prop_map(|(subject, a, b)| Stmt::Match(subject, a, b)),
        ]
    });
    prop::collection::vec(stmt, 1..6)
}

fn write(stmts: &[Stmt], indent: usize, in_loop: bool, text: &mut String) {
    let pad = " ".repeat(indent);
    for stmt in stmts {
        match stmt {
            Stmt::Assign(to, from) => *text += &format!("{pad}v{to} = v{from}\n"),
            Stmt::Augment(to, from) => *text += &format!("{pad}v{to} += v{from}\n"),
            Stmt::Delete(variable) => *text += &format!("{pad}del v{variable}\n"),
            Stmt::Use(variable) => *text += &format!("{pad}use(v{variable})\n"),
            Stmt::Return(variable) => *text += &format!("{pad}return v{variable}\n"),
            Stmt::And(to, a, b) => {
                *text += &format!(
                    "{pad}v{to} = v{a} and v{b} < 1 < v{a} or (v{b} or v{a}) and not (v{a} or v{b})\n"
                )
            }
            Stmt::Inner(to, from) => {
                *text += &format!("{pad}def g():\n{pad} nonlocal v{to}\n{pad} v{to} = v{from}\n{pad}g()\n")
            }
            Stmt::Break if in_loop => *text += &format!("{pad}break\n"),
            Stmt::Continue if in_loop => *text += &format!("{pad}continue\n"),
            Stmt::Break | Stmt::Continue => *text += &format!("{pad}pass\n"),
            Stmt::If(test, then, otherwise) => {
                *text += &format!("{pad}if v{test} or not v{test} < 1:\n");
                write(then, indent + 1, in_loop, text);
                *text += &format!("{pad}else:\n");
                write(otherwise, indent + 1, in_loop, text);
            }
            Stmt::While(test, body, otherwise) => {
                *text += &format!("{pad}while v{test}:\n");
                write(body, indent + 1, true, text);
                *text += &format!("{pad}else:\n");
                write(otherwise, indent + 1, in_loop, text);
            }
            Stmt::Forever(body) => {
                *text += &format!("{pad}while True:\n");
                write(body, indent + 1, true, text);
            }
            Stmt::For(to, from, body, otherwise) => {
                *text += &format!("{pad}for v{to} in v{from}:\n");
                write(body, indent + 1, true, text);
                *text += &format!("{pad}else:\n");
                write(otherwise, indent + 1, in_loop, text);
            }
            Stmt::Match(subject, first, second) => {
                *text += &format!("{pad}match v{subject}:\n{pad} case (v0, 1) | (1, v0):\n");
                write(first, indent + 2, in_loop, text);
                *text += &format!("{pad} case v1 if v1:\n");
                write(second, indent + 2, in_loop, text);
            }
        }
    }
}

/// `v0` and `v1` are parameters, `v2` and `v3` are not.
fn source(stmts: &[Stmt]) -> String {
    let mut text = "def f(v0, v1):\n".to_string();
    write(stmts, 1, false, &mut text);
    text += " v2 = v3 = 1\n";
    text
}

fn lower(text: &str) -> std::sync::Arc<Function> {
    let file = support::parse(text);
    match support::lower_request(&file, &support::requests(text)[0]) {
        Ok(function) => function,
        Err(diagnostics) => panic!("{}", rumba_source::render_all(&diagnostics)),
    }
}

/// Values that may be undefined: `Undefined`, and block parameters that get one.
fn undefined_values(function: &Function) -> HashSet<u32> {
    let insts = function.blocks.iter().flat_map(|block| &block.insts);
    let mut undefined: HashSet<u32> =
        insts.filter(|(_, inst)| matches!(inst, Inst::Undefined { .. })).map(|(value, _)| value.0).collect();
    loop {
        let before = undefined.len();
        for block in &function.blocks {
            for edge in block.terminator.edges() {
                let params = &function.blocks[edge.block.index()].params;
                for (param, arg) in params.iter().zip(&edge.args) {
                    if undefined.contains(&arg.0) {
                        undefined.insert(param.0);
                    }
                }
            }
        }
        if undefined.len() == before {
            return undefined;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn lowered_functions_verify(stmts in stmts()) {
        let text = source(&stmts);
        let function = lower(&text);
        if let Err(broken) = verify(&function) {
            panic!("{broken}\n{text}\n{function}");
        }
    }

    #[test]
    fn only_checks_read_what_may_be_undefined(stmts in stmts()) {
        let text = source(&stmts);
        let function = lower(&text);
        let undefined = undefined_values(&function);
        for block in &function.blocks {
            for (value, inst) in &block.insts {
                let reads_undefined = inst.operands().iter().any(|operand| undefined.contains(&operand.0));
                // A cell may hold what is undefined: after `del`.
                if matches!(inst, Inst::StoreCell { .. }) {
                    continue;
                }
                let is_check = matches!(inst, Inst::CheckBound { .. });
                prop_assert_eq!(reads_undefined, is_check, "{} = {}\n{}\n{}", value, inst, text, function);
            }
            for operand in block.terminator.operands() {
                prop_assert!(!undefined.contains(&operand.0), "{}\n{}", text, function);
            }
        }
    }

    /// No block parameter gets one value, or itself, on every edge.
    #[test]
    fn no_block_parameter_is_trivial(stmts in stmts()) {
        let text = source(&stmts);
        let function = lower(&text);
        for (idx, block) in function.blocks.iter().enumerate() {
            for (position, param) in block.params.iter().enumerate() {
                let edges = function.blocks.iter().flat_map(|block| block.terminator.edges());
                let into = edges.filter(|edge| edge.block.index() == idx);
                let args: HashSet<u32> = into.map(|edge| edge.args[position].0).filter(|arg| *arg != param.0).collect();
                prop_assert!(args.len() > 1, "{} is trivial\n{}\n{}", param, text, function);
            }
        }
    }
}

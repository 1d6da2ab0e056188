//! The printer and the verifier on functions that are built by hand.

use rumba_ir::{BinaryOp, Builder, CompareOp, Edge, Function, InstanceId, Terminator, Value, verify};
use rumba_types::Type;

/// `while i < n: i += 1`
fn count() -> Function {
    let mut function = Function::new(InstanceId(0), "count", &[Type::int64()], Type::int64());
    let n = function.params()[0];
    let (header, body, exit) = (function.add_block(), function.add_block(), function.add_block());
    let i = function.add_param(header, Type::int64());
    let entry = function.entry();
    let mut builder = Builder::new(&mut function, entry);
    let zero = builder.int64(0);
    builder.jump(header, vec![zero]);
    builder.switch_to(header);
    let more = builder.compare(CompareOp::Lt, i, n);
    builder.branch(more, Edge { block: body, args: vec![] }, Edge { block: exit, args: vec![] });
    builder.switch_to(body);
    let one = builder.int64(1);
    let next = builder.binary(BinaryOp::AddNoWrap, i, one);
    builder.jump(header, vec![next]);
    builder.switch_to(exit);
    builder.ret(i);
    function
}

#[test]
fn prints_a_loop() {
    let function = count();
    assert_eq!(verify(&function), Ok(()));
    let expected = r#"function instance0 "count"(v0: int64) -> int64 raises {
block0:
  v2: int64 = const 0
  jump block1(v2)
block1(v1: int64):
  v3: bool = lt v1, v0
  branch v3, block2, block3
block2:
  v4: int64 = const 1
  v5: int64 = add_nowrap v1, v4
  jump block1(v5)
block3:
  return v1
}
"#;
    assert_eq!(function.to_string(), expected);
}

fn message(function: &Function) -> String {
    verify(function).expect_err("the function is broken")
}

#[test]
fn finds_a_use_that_is_not_dominated() {
    let mut function = count();
    function.blocks[3].terminator = Terminator::Return(Value(5));
    assert!(message(&function).contains("the definition of v5 does not dominate the use"));
}

#[test]
fn finds_a_wrong_number_of_arguments() {
    let mut function = count();
    function.blocks[2].terminator.edges_mut()[0].args.clear();
    assert!(message(&function).contains("block2 passes 0 values to block1, which takes 1"));
}

#[test]
fn finds_a_wrong_type() {
    let mut function = count();
    function.blocks[2].terminator.edges_mut()[0].args[0] = Value(3);
    assert!(message(&function).contains("v3: bool is passed for v1: int64"));
}

#[test]
fn finds_a_missing_site() {
    let mut function = count();
    let result = function.add_value(Type::none());
    let poll = rumba_ir::Instruction { result, op: rumba_ir::Op::Poll, site: None, cleanup: vec![] };
    function.blocks[2].instructions.push(poll);
    assert!(message(&function).contains("can raise, but names no site"));
}

#[test]
fn finds_an_edge_to_the_entry() {
    let mut function = count();
    function.blocks[2].terminator.edges_mut()[0].block = function.entry();
    assert!(message(&function).contains("block2 goes to the entry"));
}

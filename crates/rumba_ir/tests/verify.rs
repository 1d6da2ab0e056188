//! The printer and the verifier on functions that are built by hand.

use rumba_ir::{
    BinaryOp, Block, Builder, CompareOp, Edge, Function, InstanceId, Terminator, Value, parse, verify,
};
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

/// `try: x = f(); raise except: return 0`, where `x` is no parameter of the handler.
fn handled(in_handler: impl Fn(Value) -> Value) -> Result<(), String> {
    let text = r#"function instance0 "handled"(v0: int64) -> int64 raises {
  site0 = raise "ValueError" arguments at 0:1..2 in "handled"
block0:
  jump block1(v0)
block1(v1: int64) handler block2:
  v2: int64 = add v0, v1
  raise () @site0
block2:
  return v0
}
"#;
    let mut function = parse(text)?.remove(0);
    function.blocks[2].terminator = Terminator::Return(in_handler(Value(0)));
    verify(&function)
}

#[test]
fn a_handler_knows_parameters_and_not_what_instructions_define() {
    assert_eq!(handled(|param| param), Ok(()));
    assert_eq!(handled(|_| Value(1)), Ok(()));
    let message = handled(|_| Value(2)).expect_err("the handler reads what may not have been computed");
    assert!(message.contains("the definition of v2 does not dominate the use"), "{message}");
}

#[test]
fn finds_a_handler_of_the_entry() {
    let mut function = count();
    function.blocks[0].handler = Some(Edge { block: Block(3), args: vec![] });
    assert!(message(&function).contains("the entry has a handler"));
}

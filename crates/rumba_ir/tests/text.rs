//! The text form round-trips.

use rumba_ir::{parse, verify};

fn round_trip(text: &str) {
    let functions = parse(text).expect("the text is right");
    for function in &functions {
        assert_eq!(verify(function), Ok(()));
    }
    let printed: String = functions.iter().map(|function| function.to_string()).collect();
    assert_eq!(printed, text);
}

#[test]
fn operations_on_whole_arrays() {
    round_trip(
        r#"function instance1 "f"(v0: array(float64, 1d, C), v1: float64) -> float64 raises {
  site0 = call at 0:1..2 in "f"
body0 = function instance1 "f"(v0: float64, v1: float64) -> float64 raises {
block0:
  v2: float64 = add v0, v1
  return v2
}
body1 = function instance1 "f"(v0: float64) -> float64 {
block0:
  return v0
}
block0:
  v2: voidptr = stack_memory 64
  v3: float64 = load.unaligned.independent v2
  store.independent v2, v3
  store.field v2, v3
  elementwise body0(v0, v1) into (v0) @site0
  elementwise body1(v0) into fresh (v0) @site0
  v4: int64 = field v0, 2
  v5: float64 = reduce rumba_sum_f64[] body1(v0) over (v4)
  v6: int64 = call_runtime rumba_array_bytes[private](v2, v4, v4)
  return v5
}
"#,
    );
}

#[test]
fn every_kind_of_operation() {
    round_trip(
        r#"function instance7 "<lambda> \"x\""(v0: array(float64, 2d, A, readonly, unaligned), v1: int64, v2: bool) -> float64 raises at 1:0..9 {
  site0 = call at 1:10..14 in "f"
  site1 = raise "ZeroDivisionError" message("division by ", 0, "\n") at 1:2..3 in "f" (int64) caller site0
  site2 = raise "Mine" #12 arguments at 1:2..3 in "f"
  site3 = print " " "\n" at 1:2..3 in "f" (int64, float64)
  site4 = call_object #5() at 1:2..3 in "f"
block0:
  v27: Frame(array(float64, 2d, A, readonly, unaligned)) = cell v0
  v28: voidptr = field v27, 0
  v29: Cell #7 #3 = make(v28)
  v3: voidptr = field v0, 0
  v4: int64 = const -9223372036854775808
  v5: float64 = const -0.0
  v6: float64 = const nan 0x7ff8000000000001
  v7: float64 = const inf
  v8: float64 = const 1e300
  v9: voidptr = const address 0xff00
  v10: bool = const false
  v11: voidptr = offset v3, v4
  v12: float64 = load.unaligned v11
  store v11, v12
  v13: bool = lt v1, v4
  v14: int64 = select v13, v1, v4
  v15: float64 = convert v14
  v16: int64 = reinterpret v15
  v17: int64 = leading_zeros v16
  v18: int64 = floor_mod v17, v1
  raise_unless v13 (v18) @site1 cleanup(v0)
  call_host(v18, v15) @site3
  call_host() @site4
  check_stack @site0
  poll @site0
  v19: Tuple(voidptr, voidptr) = call_runtime rumba_array_allocate[context, raises](v18, v13) @site0
  v20: float64 = call_runtime sin[pure](v15)
  v21: array(float64, 2d, C) = call instance3(v0, v20) @site0 cleanup(v0)
  v26: array(float64, 2d, C) = own v21
  retain v21
  release v21
  v22: none = make()
  v25: voidptr = pack(v0, v1)
  branch v13, block1(v21, v18), block2
block1(v23: array(float64, 2d, C), v24: int64):
  jump block3
block2:
  raise () @site2 cleanup(v21, v0)
block3:
  branch v2, block4, block5
block4:
  return v15
block5 handler block6(v15):
  unreachable
block6(v30: float64):
  reraise cleanup(v0)
}
function instance8 "second"() -> none {
block0:
  v0: none = make()
  return v0
}
"#,
    );
}

#[test]
fn every_kind_of_type() {
    let types = [
        "undefined",
        "MaybeUndefined(int64)",
        "none",
        "ellipsis",
        "Literal[bool](True)",
        "Literal[bool](False)",
        "Literal[int](-3)",
        "Literal[str](\"a\\\"b\\u{1}\")",
        "bool",
        "int8",
        "uint64",
        "float32",
        "complex128",
        "voidptr",
        "CaughtException",
        "GeneratorIterator \"g\" #7(float64, none, int64) of (int64, array(float64, 1d, C))",
        "NullContext(int64)",
        "SuppressingContext(Tuple())",
        "Constant(list(int64))",
        "Keywords(a: int64, b: Tuple(float64))",
        "NotImplemented",
        "Optional(array(int8, 0d, F))",
        "Tuple()",
        "Tuple(int64, Tuple(float64))",
        "NamedTuple \"Point\" #3(x: int64, y: float64)",
        "slice(none, Literal[int](1), Optional(int64))",
        "range(int64, int64, Literal[int](1))",
        "RangeUpIterator(int64, int64)",
        "EnumerateIterator(int64, ArrayIterator(array(float64, 1d, C), int64))",
        "dtype(float32)",
        "Function \"numpy.zeros\"",
        "Jitted \"f\" #4",
        "Method \"array.reshape\"(array(float64, 1d, C))",
        "Closure \"<lambda>\" #2(int64, bool)",
        "Module \"numpy\" #9",
        "ExceptionClass \"Mine\" #1",
        "Extended \"clamp\" #4",
        "Struct \"Interval\" #7(lo: float64, hi: float64)",
        "Struct \"Nothing\" #7 of #8()",
        "NamedTupleClass \"Point\" #3(x, y)",
        "NamedTuple \"QRResult\" \"numpy.linalg._linalg.QRResult\"(Q: int64, R: float64)",
        "Exception \"Mine\" #1(int64)",
        "EnumMember \"Colour\" #6 \"RED\"(Literal[int](1))",
        "IntEnumMember \"Colour\" #6 \"RED\"(Literal[int](1))",
        "MixedList(int64, str)",
        "MixedDict(\"a\": int64, \"b c\": str)",
        "FlagMember \"Access\" #6 \"READ\"(Literal[int](1))",
        "IntFlagMember \"Access\" #6 \"READ\"(Literal[int](1))",
        "EnumClass \"Colour\" #6",
        "Class \"Node\" #7",
        "BoundMethod \"step\" #8(int64)",
        "Super #8(int64)",
        "datetime64[s]",
        "array(timedelta64[25ms], 1d, C)",
        "Record #3 24(\"x\" \"\" 0: float64, \"corners\" \"c\" 8: int32 2 2)",
        "array(NumpyRecord #3 8(\"x\" \"\" 0: float64), 1d, A)",
        "dtype(Record #3 8(\"x\" \"\" 0: float64))",
        "Record #3 8(\"x\" \"\" 0: float64) readonly",
    ];
    for ty in types {
        round_trip(&format!("function instance0 \"f\"(v0: {ty}) -> {ty} {{\nblock0:\n  return v0\n}}\n"));
    }
}

#[test]
fn errors_name_the_line() {
    let text = "function instance0 \"f\"() -> none {\nblock0:\n  v1: int64 = frobnicate v0\n";
    assert_eq!(parse(text).unwrap_err(), "line 3: there is no operation `frobnicate`");
    let text = "; a comment\nfunction instance0 \"f\"() -> nothing {";
    assert_eq!(parse(text).unwrap_err(), "line 2: there is no type `nothing`");
}

#[test]
fn pointers_to_functions() {
    round_trip(
        r#"function instance1 "f"(v0: FunctionPointer #7(int64, str) to (Tuple(bool))) -> int64 {
block0:
  v1: int64 = const 1
  return v1
}
"#,
    );
}

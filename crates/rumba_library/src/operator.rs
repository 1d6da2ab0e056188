//! Python's `operator`: each function is the operator that it is named after.

use crate::declaration::{Declaration, Param};
use crate::operators::{BinaryOperator, Comparison, UnaryOperator};
use crate::{Call, Emit, Emitter};
use rumba_source::Code;
use rumba_types::Type;

const A: &[Param] = &[Param::required("a").positional_only()];
const A_AND_B: &[Param] = &[Param::required("a").positional_only(), Param::required("b").positional_only()];
const A_B_AND_C: &[Param] = &[
    Param::required("a").positional_only(),
    Param::required("b").positional_only(),
    Param::required("c").positional_only(),
];

/// A declaration per name: its path, its parameters, the Python that it means, and the rule.
macro_rules! operators {
    ($($name:literal $params:ident $doc:literal $rule:expr;)+) => {
        pub const DECLARATIONS: &[Declaration] = &[$(Declaration {
            path: concat!("operator.", $name),
            params: $params,
            doc: concat!("`", $doc, "`."),
            rule: $rule,
        }),+];
    };
}

macro_rules! binary {
    ($op:ident) => {
        |e, call| e.binary(BinaryOperator::$op, call.args[0], call.args[1])
    };
}

macro_rules! comparison {
    ($op:ident) => {
        |e, call| e.comparison(Comparison::$op, call.args[0], call.args[1])
    };
}

macro_rules! unary {
    ($op:ident) => {
        |e, call| e.unary(UnaryOperator::$op, call.args[0])
    };
}

operators! {
    "add" A_AND_B "a + b" binary!(Add);
    "sub" A_AND_B "a - b" binary!(Sub);
    "mul" A_AND_B "a * b" binary!(Mul);
    "matmul" A_AND_B "a @ b" binary!(MatMul);
    "truediv" A_AND_B "a / b" binary!(Div);
    "floordiv" A_AND_B "a // b" binary!(FloorDiv);
    "mod" A_AND_B "a % b" binary!(Mod);
    "pow" A_AND_B "a ** b" binary!(Pow);
    "lshift" A_AND_B "a << b" binary!(LShift);
    "rshift" A_AND_B "a >> b" binary!(RShift);
    "and_" A_AND_B "a & b" binary!(BitAnd);
    "or_" A_AND_B "a | b" binary!(BitOr);
    "xor" A_AND_B "a ^ b" binary!(BitXor);
    "concat" A_AND_B "a + b" concat;
    // The in-place operators change nothing that is a number or tuple: they are the plain ones.
    "iadd" A_AND_B "a += b" binary!(Add);
    "isub" A_AND_B "a -= b" binary!(Sub);
    "imul" A_AND_B "a *= b" binary!(Mul);
    "imatmul" A_AND_B "a @= b" binary!(MatMul);
    "itruediv" A_AND_B "a /= b" binary!(Div);
    "ifloordiv" A_AND_B "a //= b" binary!(FloorDiv);
    "imod" A_AND_B "a %= b" binary!(Mod);
    "ipow" A_AND_B "a **= b" binary!(Pow);
    "ilshift" A_AND_B "a <<= b" binary!(LShift);
    "irshift" A_AND_B "a >>= b" binary!(RShift);
    "iand" A_AND_B "a &= b" binary!(BitAnd);
    "ior" A_AND_B "a |= b" binary!(BitOr);
    "ixor" A_AND_B "a ^= b" binary!(BitXor);
    "iconcat" A_AND_B "a += b" concat;
    "eq" A_AND_B "a == b" comparison!(Eq);
    "ne" A_AND_B "a != b" comparison!(Ne);
    "lt" A_AND_B "a < b" comparison!(Lt);
    "le" A_AND_B "a <= b" comparison!(Le);
    "gt" A_AND_B "a > b" comparison!(Gt);
    "ge" A_AND_B "a >= b" comparison!(Ge);
    "is_" A_AND_B "a is b" comparison!(Is);
    "is_not" A_AND_B "a is not b" comparison!(IsNot);
    "contains" A_AND_B "b in a" |e, call| e.comparison(Comparison::In, call.args[1], call.args[0]);
    "neg" A "-a" unary!(Neg);
    "pos" A "+a" unary!(Pos);
    "inv" A "~a" unary!(Invert);
    "invert" A "~a" unary!(Invert);
    "not_" A "not a" unary!(Not);
    "truth" A "bool(a)" |e, call| e.truth(call.args[0]);
    "abs" A "abs(a)" |e, call| e.absolute(call.args[0]);
    "index" A "a.__index__()" index;
    "getitem" A_AND_B "a[b]" |e, call| e.subscript(call.args[0], call.args[1]);
    "setitem" A_B_AND_C "a[b] = c" |e, call| {
        e.store_subscript(call.args[0], call.args[1], call.args[2])?;
        Ok(e.b.none())
    };
}

fn concat(e: &mut Emitter<'_>, call: &Call) -> Emit {
    for (idx, arg) in call.args.iter().enumerate() {
        let ty = e.ty(*arg);
        if ty.as_tuple().is_none() && ty.as_list().is_none() && !ty.is_text() {
            return call.argument_error(
                idx,
                Code::ArgumentType,
                format!("{} can't be concatenated", ty.shown()),
            );
        }
    }
    e.binary(BinaryOperator::Add, call.args[0], call.args[1])
}

fn index(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let ty = e.ty(call.args[0]);
    if ty.as_literal_int().is_some() {
        return Ok(call.args[0]);
    }
    let value = e.as_number(call.args[0]);
    if !e.ty(value).is_int() {
        let message = format!("{} cannot be interpreted as an integer", ty.shown());
        return call.argument_error(0, Code::ArgumentType, message);
    }
    let signed = e.ty(value).is_signed_int();
    e.coerce(value, Type::int(64, signed))
}

//! How scalar operations are spelled.

use crate::{BinaryOp, CompareOp, UnaryOp};

macro_rules! names {
    ($op:ident: $($variant:ident = $name:literal),* $(,)?) => {
        impl $op {
            pub const ALL: &'static [$op] = &[$($op::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $($op::$variant => $name),* }
            }

            pub fn from_name(name: &str) -> Option<$op> {
                $op::ALL.iter().copied().find(|op| op.name() == name)
            }
        }
    };
}

names!(UnaryOp:
    Neg = "neg",
    Not = "not",
    BitNot = "bit_not",
    Abs = "abs",
    Sqrt = "sqrt",
    Floor = "floor",
    Ceil = "ceil",
    Trunc = "trunc",
    RoundEven = "round_even",
    CountOnes = "count_ones",
    LeadingZeros = "leading_zeros",
    TrailingZeros = "trailing_zeros",
);

names!(BinaryOp:
    Add = "add",
    Sub = "sub",
    Mul = "mul",
    AddNoWrap = "add_nowrap",
    Div = "div",
    FloorDiv = "floor_div",
    FloorMod = "floor_mod",
    TruncDiv = "trunc_div",
    TruncMod = "trunc_mod",
    And = "and",
    Or = "or",
    Xor = "xor",
    Shl = "shl",
    Shr = "shr",
    CopySign = "copysign",
);

names!(CompareOp:
    Eq = "eq",
    Ne = "ne",
    Lt = "lt",
    Le = "le",
    Gt = "gt",
    Ge = "ge",
);

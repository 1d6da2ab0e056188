//! The rows.

use super::{Inputs, Ufunc};
use crate::operators::BinaryOperator;
use rumba_ir::{BinaryOp, CompareOp, UnaryOp};
use std::f64::consts::{LOG2_E, LOG10_E, PI};

const ALL: Inputs = Inputs::Alike("?bBhHiIlLfdFD");
/// A bool counts as int8.
const NUMBERS: Inputs = Inputs::Alike("bBhHiIlLfdFD");
/// A bool is refused.
const NUMBERS_NOT_BOOL: Inputs = Inputs::AlikeNotBool("bBhHiIlLfdFD");
const REAL_NUMBERS: Inputs = Inputs::Alike("bBhHiIlLfd");
const REAL: Inputs = Inputs::Alike("?bBhHiIlLfd");
const BITS: Inputs = Inputs::Alike("?bBhHiIlL");
const INTEGERS: Inputs = Inputs::Alike("bBhHiIlL");
/// A bool is refused.
const DIVISIBLE: Inputs = Inputs::AlikeNotBool("bBhHiIlL");
const FLOATS: Inputs = Inputs::Alike("fd");
const INEXACT: Inputs = Inputs::Alike("fdFD");

macro_rules! unary {
    ($name:literal, $inputs:expr, $doc:literal, |$e:ident, $x:ident| $body:expr) => {
        Ufunc {
            path: concat!("numpy.", $name),
            doc: $doc,
            n_inputs: 1,
            inputs: $inputs,
            scalar: |$e, operands| {
                let [$x] = [operands[0]];
                $body
            },
        }
    };
}

macro_rules! binary {
    ($name:literal, $inputs:expr, $doc:literal, |$e:ident, $x:ident, $y:ident| $body:expr) => {
        Ufunc {
            path: concat!("numpy.", $name),
            doc: $doc,
            n_inputs: 2,
            inputs: $inputs,
            scalar: |$e, operands| {
                let [$x, $y] = [operands[0], operands[1]];
                $body
            },
        }
    };
}

/// An elementary function of floats.
macro_rules! of_floats {
    ($name:literal, $function:ident, $doc:literal) => {
        unary!($name, FLOATS, $doc, |e, x| Ok(e.float_kernel(stringify!($function), vec![x])))
    };
}

/// An elementary function of floats and complex numbers.
macro_rules! of_inexact {
    ($name:literal, $function:ident, $doc:literal) => {
        unary!($name, INEXACT, $doc, |e, x| Ok(if e.ty(x).is_complex() {
            e.of_complex(stringify!($function), x)
        } else {
            e.float_kernel(stringify!($function), vec![x])
        }))
    };
}

/// As `of_inexact`, where the complex function has a formula of its own.
macro_rules! of_inexact_by {
    ($name:literal, $function:ident, $doc:literal, |$e:ident, $z:ident| $complex:expr) => {
        unary!($name, INEXACT, $doc, |$e, $z| Ok(if $e.ty($z).is_complex() {
            $complex
        } else {
            $e.float_kernel(stringify!($function), vec![$z])
        }))
    };
}

pub(super) static UFUNCS: &[Ufunc] = &[
    // Arithmetic.
    binary!("add", ALL, "The sum; of bools, `x1 or x2`.", |e, x, y| e.ufunc_arithmetic(BinaryOp::Add, x, y)),
    binary!("subtract", NUMBERS_NOT_BOOL, "The difference.", |e, x, y| e.ufunc_arithmetic(
        BinaryOp::Sub,
        x,
        y
    )),
    binary!("multiply", ALL, "The product; of bools, `x1 and x2`.", |e, x, y| e.ufunc_arithmetic(
        BinaryOp::Mul,
        x,
        y
    )),
    binary!("divide", Inputs::AlikeTrueDivision("fdFD"), "The quotient.", |e, x, y| Ok(e.ufunc_divide(x, y))),
    binary!("floor_divide", REAL_NUMBERS, "The quotient rounded down; 0 for an integer by 0.", |e, x, y| Ok(
        e.ufunc_floor_divide(x, y)
    )),
    binary!(
        "remainder",
        REAL_NUMBERS,
        "The remainder, with the sign of the divisor; 0 for an integer by 0.",
        |e, x, y| Ok(e.ufunc_remainder(x, y))
    ),
    binary!(
        "fmod",
        REAL_NUMBERS,
        "The remainder, with the sign of the dividend; 0 for an integer by 0.",
        |e, x, y| Ok(e.ufunc_fmod(x, y))
    ),
    binary!("divmod", REAL_NUMBERS, "The quotient rounded down, and the remainder.", |e, x, y| Ok(
        e.ufunc_divmod(x, y)
    )),
    binary!("power", NUMBERS, "The power; a negative exponent of integers raises ValueError.", |e, x, y| e
        .ufunc_power(x, y)),
    binary!("float_power", Inputs::Alike("dD"), "The power in double precision.", |e, x, y| e
        .ufunc_power(x, y)),
    unary!("negative", NUMBERS_NOT_BOOL, "The number with its sign changed.", |e, x| Ok(e.ufunc_negative(x))),
    unary!("positive", NUMBERS_NOT_BOOL, "The number itself.", |_e, x| Ok(x)),
    unary!("absolute", ALL, "The magnitude.", |e, x| Ok(e.ufunc_absolute(x))),
    unary!("fabs", FLOATS, "The magnitude, as a float.", |e, x| Ok(e.ufunc_absolute(x))),
    unary!("sign", NUMBERS_NOT_BOOL, "The sign: -1, 0 or 1; `z / abs(z)` of a complex number.", |e, x| Ok(
        e.ufunc_sign(x)
    )),
    unary!("square", NUMBERS, "The number times itself.", |e, x| e.ufunc_arithmetic(BinaryOp::Mul, x, x)),
    unary!("reciprocal", NUMBERS, "1 divided by the number; cut off for integers.", |e, x| Ok(
        e.ufunc_reciprocal(x)
    )),
    unary!("conjugate", NUMBERS, "The complex conjugate.", |e, x| Ok(e.conjugate_number(x))),
    binary!("gcd", DIVISIBLE, "The greatest common divisor.", |e, x, y| Ok(e.gcd(x, y))),
    binary!("lcm", DIVISIBLE, "The lowest common multiple.", |e, x, y| Ok(e.lcm(x, y))),
    binary!("heaviside", FLOATS, "0 below zero, 1 above, the second operand at zero.", |e, x, y| Ok(
        e.heaviside(x, y)
    )),
    // Rounding.
    unary!("rint", INEXACT, "The number rounded to the nearest integer, ties to even.", |e, x| Ok(
        e.ufunc_round(UnaryOp::RoundEven, x)
    )),
    unary!("floor", REAL, "The number rounded down; integers stay as they are.", |e, x| Ok(
        e.ufunc_round(UnaryOp::Floor, x)
    )),
    unary!("ceil", REAL, "The number rounded up; integers stay as they are.", |e, x| Ok(
        e.ufunc_round(UnaryOp::Ceil, x)
    )),
    unary!("trunc", REAL, "The number rounded to zero; integers stay as they are.", |e, x| Ok(
        e.ufunc_round(UnaryOp::Trunc, x)
    )),
    // Exponentials, logarithms, roots.
    of_inexact!("exp", exp, "`e ** x`."),
    of_inexact_by!("exp2", exp2, "`2 ** x`.", |e, z| e.complex_exp2(z)),
    of_inexact_by!("expm1", expm1, "`exp(x) - 1`, exact near 0.", |e, z| e.complex_expm1(z)),
    of_inexact!("log", log, "The natural logarithm."),
    of_inexact_by!("log2", log2, "The logarithm to base 2.", |e, z| e.complex_log_scaled(z, LOG2_E)),
    of_inexact_by!("log10", log10, "The logarithm to base 10.", |e, z| e.complex_log_scaled(z, LOG10_E)),
    of_inexact_by!("log1p", log1p, "`log(1 + x)`, exact near 0.", |e, z| e.complex_log1p(z)),
    unary!("sqrt", INEXACT, "The square root.", |e, x| Ok(if e.ty(x).is_complex() {
        e.of_complex("sqrt", x)
    } else {
        e.b.unary(UnaryOp::Sqrt, x)
    })),
    of_floats!("cbrt", cbrt, "The cube root."),
    binary!("logaddexp", FLOATS, "`log(exp(x1) + exp(x2))` without overflow.", |e, x, y| Ok(
        e.logaddexp(x, y)
    )),
    binary!(
        "logaddexp2",
        FLOATS,
        "`log2(2**x1 + 2**x2)` without overflow.",
        |e, x, y| Ok(e.logaddexp2(x, y))
    ),
    // Trigonometry.
    of_inexact!("sin", sin, "The sine."),
    of_inexact!("cos", cos, "The cosine."),
    of_inexact!("tan", tan, "The tangent."),
    of_inexact!("arcsin", asin, "The inverse sine."),
    of_inexact!("arccos", acos, "The inverse cosine."),
    of_inexact!("arctan", atan, "The inverse tangent."),
    of_inexact!("sinh", sinh, "The hyperbolic sine."),
    of_inexact!("cosh", cosh, "The hyperbolic cosine."),
    of_inexact!("tanh", tanh, "The hyperbolic tangent."),
    of_inexact!("arcsinh", asinh, "The inverse hyperbolic sine."),
    of_inexact!("arccosh", acosh, "The inverse hyperbolic cosine."),
    of_inexact!("arctanh", atanh, "The inverse hyperbolic tangent."),
    binary!("arctan2", FLOATS, "The angle of the point (x2, x1).", |e, x, y| Ok(
        e.float_kernel("atan2", vec![x, y])
    )),
    binary!("hypot", FLOATS, "The length of the hypotenuse.", |e, x, y| Ok(
        e.float_kernel("hypot", vec![x, y])
    )),
    unary!("degrees", FLOATS, "Radians as degrees.", |e, x| e.scaled(x, 180.0 / PI)),
    unary!("rad2deg", FLOATS, "Radians as degrees.", |e, x| e.scaled(x, 180.0 / PI)),
    unary!("radians", FLOATS, "Degrees as radians.", |e, x| e.scaled(x, PI / 180.0)),
    unary!("deg2rad", FLOATS, "Degrees as radians.", |e, x| e.scaled(x, PI / 180.0)),
    // Bits.
    binary!("bitwise_and", BITS, "The bits that both have.", |e, x, y| Ok(e.b.binary(BinaryOp::And, x, y))),
    binary!("bitwise_or", BITS, "The bits that either has.", |e, x, y| Ok(e.b.binary(BinaryOp::Or, x, y))),
    binary!("bitwise_xor", BITS, "The bits that exactly one has.", |e, x, y| Ok(e.b.binary(
        BinaryOp::Xor,
        x,
        y
    ))),
    unary!("invert", BITS, "All bits inverted; of a bool, `not x`.", |e, x| Ok(if e.ty(x).is_bool() {
        e.b.not(x)
    } else {
        e.b.unary(UnaryOp::BitNot, x)
    })),
    // A negative count is a large one, which shifts everything out.
    binary!("left_shift", INTEGERS, "Bits shifted left.", |e, x, y| Ok(e.b.binary(BinaryOp::Shl, x, y))),
    binary!("right_shift", INTEGERS, "Bits shifted right, the sign kept.", |e, x, y| Ok(e.b.binary(
        BinaryOp::Shr,
        x,
        y
    ))),
    unary!("bitwise_count", INTEGERS, "The number of one bits of the magnitude.", |e, x| Ok(
        e.bitwise_count(x)
    )),
    // Comparisons and logic.
    binary!("greater", Inputs::Any, "`x1 > x2`.", |e, x, y| e.ufunc_compare(CompareOp::Gt, x, y)),
    binary!("greater_equal", Inputs::Any, "`x1 >= x2`.", |e, x, y| e.ufunc_compare(CompareOp::Ge, x, y)),
    binary!("less", Inputs::Any, "`x1 < x2`.", |e, x, y| e.ufunc_compare(CompareOp::Lt, x, y)),
    binary!("less_equal", Inputs::Any, "`x1 <= x2`.", |e, x, y| e.ufunc_compare(CompareOp::Le, x, y)),
    binary!("equal", Inputs::Any, "`x1 == x2`.", |e, x, y| e.ufunc_compare(CompareOp::Eq, x, y)),
    binary!("not_equal", Inputs::Any, "`x1 != x2`.", |e, x, y| e.ufunc_compare(CompareOp::Ne, x, y)),
    binary!("logical_and", Inputs::Any, "Whether both are not zero.", |e, x, y| e.logical(
        BinaryOperator::BitAnd,
        x,
        y
    )),
    binary!("logical_or", Inputs::Any, "Whether either is not zero.", |e, x, y| e.logical(
        BinaryOperator::BitOr,
        x,
        y
    )),
    binary!("logical_xor", Inputs::Any, "Whether exactly one is not zero.", |e, x, y| e.logical(
        BinaryOperator::BitXor,
        x,
        y
    )),
    unary!("logical_not", Inputs::Any, "Whether the number is zero.", |e, x| e.logical_not(x)),
    binary!("maximum", ALL, "The larger; nan if either is.", |e, x, y| e.extreme(CompareOp::Ge, x, y, true)),
    binary!("minimum", ALL, "The smaller; nan if either is.", |e, x, y| e.extreme(CompareOp::Le, x, y, true)),
    binary!("fmax", ALL, "The larger; a nan is ignored.", |e, x, y| e.extreme(CompareOp::Ge, x, y, false)),
    binary!("fmin", ALL, "The smaller; a nan is ignored.", |e, x, y| e.extreme(CompareOp::Le, x, y, false)),
    // Floats.
    unary!("isfinite", ALL, "Whether the number is neither infinite nor nan.", |e, x| Ok(e.classify(
        x,
        |e, x| e.is_finite(x),
        false,
        true
    ))),
    unary!("isinf", ALL, "Whether the number is infinite.", |e, x| Ok(e.classify(
        x,
        |e, x| e.is_infinite(x),
        true,
        false
    ))),
    unary!("isnat", Inputs::Times, "Whether a time is NaT.", |e, _x| Ok(e.b.bool(false))),
    unary!("isnan", ALL, "Whether the number is nan.", |e, x| Ok(e.classify(
        x,
        |e, x| e.is_nan(x),
        true,
        false
    ))),
    unary!("signbit", FLOATS, "Whether the sign is minus.", |e, x| Ok(e.signbit(x))),
    binary!("copysign", FLOATS, "The magnitude of x1 with the sign of x2.", |e, x, y| Ok(e.b.binary(
        BinaryOp::CopySign,
        x,
        y
    ))),
    binary!("nextafter", FLOATS, "The next float after x1 towards x2.", |e, x, y| Ok(e.nextafter(x, y))),
    unary!("spacing", FLOATS, "The distance to the next float away from zero.", |e, x| Ok(e.spacing(x))),
    unary!("modf", FLOATS, "Fraction and whole part.", |e, x| Ok(e.modf(x))),
    unary!("frexp", FLOATS, "Mantissa and exponent (int32).", |e, x| Ok(e.frexp(x))),
    binary!("ldexp", Inputs::FloatAndInt, "`x1 * 2 ** x2`.", |e, x, y| Ok(e.ldexp(x, y))),
];

//! Python's `math`.
//!
//! A function from floats to floats never raises: where CPython raises `ValueError` (domain) or
//! `OverflowError` (range), it gives the NaN or infinity of IEEE 754, as in Numba, because a check per
//! element would keep loops scalar. Functions of integers raise as CPython, and `OverflowError` where the
//! result does not fit int64. Where all arguments are float32, so is the result; ints become float64.

mod elementary;
mod floats;
mod integers;
mod sums;

use crate::declaration::{Declaration, Default, Param};
use crate::operators::BinaryOperator;
use crate::{Call, Emit, Emitter};
use rumba_ir::UnaryOp;

pub(crate) use floats::is_close_by;
pub(crate) use integers::{int_argument, int_arguments};

const X: &[Param] = &[Param::required("x").positional_only()];
const X_AND_Y: &[Param] = &[Param::required("x").positional_only(), Param::required("y").positional_only()];
const Y_AND_X: &[Param] = &[Param::required("y").positional_only(), Param::required("x").positional_only()];
const N: &[Param] = &[Param::required("n").positional_only()];
const INTEGERS: &[Param] = &[Param::variadic("integers")];
const X_AND_BASE: &[Param] =
    &[Param::required("x").positional_only(), Param::optional("base", Default::Absent).positional_only()];

type Rule = fn(&mut Emitter<'_>, &Call) -> Emit;

const fn function(
    path: &'static str,
    params: &'static [Param],
    rule: Rule,
    doc: &'static str,
) -> Declaration {
    Declaration { path, params, doc, rule }
}

/// A function that has a kernel of its own name: arguments are converted to floats of one type.
const fn elementary(path: &'static str, params: &'static [Param], doc: &'static str) -> Declaration {
    function(path, params, |e, call| e.elementary(call.short_name(), &call.args), doc)
}

pub const DECLARATIONS: &[Declaration] = &[
    // Powers, exponentials, logarithms.
    elementary("math.exp", X, "`e ** x`."),
    elementary("math.exp2", X, "`2 ** x`."),
    elementary("math.expm1", X, "`e ** x - 1`, also for small x."),
    function("math.log", X_AND_BASE, floats::log, "The natural logarithm, or that to a base."),
    elementary("math.log1p", X, "The natural logarithm of 1 + x, also for small x."),
    elementary("math.log2", X, "The logarithm to base 2."),
    elementary("math.log10", X, "The logarithm to base 10."),
    elementary("math.pow", X_AND_Y, "`x ** y` as a float."),
    elementary("math.cbrt", X, "The cube root."),
    function("math.sqrt", X, floats::sqrt, "The square root; NaN of negative numbers."),
    // Angles and triangles.
    elementary("math.sin", X, "The sine of an angle in radians."),
    elementary("math.cos", X, "The cosine of an angle in radians."),
    elementary("math.tan", X, "The tangent of an angle in radians."),
    elementary("math.asin", X, "The inverse sine."),
    elementary("math.acos", X, "The inverse cosine."),
    elementary("math.atan", X, "The inverse tangent."),
    elementary("math.atan2", Y_AND_X, "The angle of the point (x, y)."),
    elementary("math.sinh", X, "The hyperbolic sine."),
    elementary("math.cosh", X, "The hyperbolic cosine."),
    elementary("math.tanh", X, "The hyperbolic tangent."),
    elementary("math.asinh", X, "The inverse hyperbolic sine."),
    elementary("math.acosh", X, "The inverse hyperbolic cosine."),
    elementary("math.atanh", X, "The inverse hyperbolic tangent."),
    function(
        "math.hypot",
        &[Param::variadic("coordinates")],
        sums::hypot,
        "The Euclidean length of a vector.",
    ),
    function(
        "math.dist",
        &[Param::required("p").positional_only(), Param::required("q").positional_only()],
        sums::dist,
        "The Euclidean distance of two points, given as tuples.",
    ),
    function("math.degrees", X, floats::degrees, "Radians to degrees."),
    function("math.radians", X, floats::radians, "Degrees to radians."),
    // Special functions.
    elementary("math.erf", X, "The error function."),
    elementary("math.erfc", X, "`1 - erf(x)`, also for large x."),
    function("math.gamma", X, |e, call| e.elementary("tgamma", &call.args), "The gamma function."),
    elementary("math.lgamma", X, "The natural logarithm of the magnitude of the gamma function."),
    // Parts of floats.
    function("math.fabs", X, floats::fabs, "The magnitude as a float."),
    function(
        "math.floor",
        X,
        |e, call| e.rounded_to_int(UnaryOp::Floor, call.args[0], "math.floor"),
        "The largest int not above x.",
    ),
    function(
        "math.ceil",
        X,
        |e, call| e.rounded_to_int(UnaryOp::Ceil, call.args[0], "math.ceil"),
        "The smallest int not below x.",
    ),
    function(
        "math.trunc",
        X,
        |e, call| e.rounded_to_int(UnaryOp::Trunc, call.args[0], "math.trunc"),
        "The number rounded to zero, an int.",
    ),
    function("math.modf", X, floats::modf, "Fraction and whole part, both floats with the sign of x."),
    function(
        "math.frexp",
        X,
        floats::frexp,
        "Mantissa and exponent: `x == m * 2 ** e`, `0.5 <= abs(m) < 1`.",
    ),
    function(
        "math.ldexp",
        &[Param::required("x").positional_only(), Param::required("i").positional_only()],
        floats::ldexp,
        "`x * 2 ** i`; infinity where that is too large.",
    ),
    function("math.copysign", X_AND_Y, floats::copysign, "The magnitude of x with the sign of y."),
    elementary("math.fmod", X_AND_Y, "The remainder of x / y with the sign of x."),
    elementary("math.remainder", X_AND_Y, "`x - n * y` for the int n nearest to `x / y`."),
    function(
        "math.nextafter",
        &[
            Param::required("x").positional_only(),
            Param::required("y").positional_only(),
            Param::optional("steps", Default::None).keyword_only(),
        ],
        floats::nextafter,
        "The next float from x towards y.",
    ),
    elementary("math.ulp", X, "The value of the last bit of x."),
    function(
        "math.fma",
        &[
            Param::required("x").positional_only(),
            Param::required("y").positional_only(),
            Param::required("z").positional_only(),
        ],
        floats::fma,
        "`x * y + z` with one rounding.",
    ),
    // Tests.
    function("math.isnan", X, |e, call| floats::test(e, call, Emitter::is_nan, false), "Whether x is NaN."),
    function(
        "math.isinf",
        X,
        |e, call| floats::test(e, call, Emitter::is_infinite, false),
        "Whether x is an infinity.",
    ),
    function(
        "math.isfinite",
        X,
        |e, call| floats::test(e, call, Emitter::is_finite, true),
        "Whether x is neither infinite nor NaN.",
    ),
    function(
        "math.isclose",
        &[
            Param::required("a"),
            Param::required("b"),
            Param::optional("rel_tol", Default::Float(1e-9)).keyword_only(),
            Param::optional("abs_tol", Default::Float(0.0)).keyword_only(),
        ],
        floats::is_close,
        "Whether two numbers are nearly equal.",
    ),
    // Integers.
    function(
        "math.factorial",
        N,
        integers::factorial,
        "The product of the ints from 1 to n; OverflowError from 21 on.",
    ),
    function("math.isqrt", N, integers::isqrt, "The largest int whose square is not above n."),
    function(
        "math.comb",
        &[Param::required("n").positional_only(), Param::required("k").positional_only()],
        integers::comb,
        "The number of ways to choose k of n things.",
    ),
    function(
        "math.perm",
        &[Param::required("n").positional_only(), Param::optional("k", Default::None).positional_only()],
        integers::perm,
        "The number of ways to line up k of n things.",
    ),
    function("math.gcd", INTEGERS, integers::gcd, "The greatest common divisor."),
    function("math.lcm", INTEGERS, integers::lcm, "The least common multiple."),
    // Sums.
    function(
        "math.fsum",
        &[Param::required("seq").positional_only()],
        sums::fsum,
        "The sum of a tuple, list or array without intermediate rounding.",
    ),
    function(
        "math.prod",
        &[
            Param::required("iterable").positional_only(),
            Param::optional("start", Default::Int(1)).keyword_only(),
        ],
        |e, call| crate::builtins::fold_items(e, call, BinaryOperator::Mul),
        "The product of a tuple, array or range.",
    ),
    function(
        "math.sumprod",
        &[Param::required("p").positional_only(), Param::required("q").positional_only()],
        sums::sumprod,
        "The sum of products of two tuples or arrays of equal length, from the left without compensation.",
    ),
];

//! Python's `cmath`. Real arguments become complex; complex64 is computed in complex128.
//!
//! As in `math`, where CPython raises `ValueError` or `OverflowError` the result is the infinity or NaN
//! of C99 Annex G.

use crate::declaration::{Declaration, Default, Param};
use crate::math::is_close_by;
use crate::operators::BinaryOperator;
use crate::{Call, Emit, Emitter};
use rumba_ir::{RuntimeFunction, Value};
use rumba_source::Code;
use rumba_types::Type;

const Z: &[Param] = &[Param::required("z").positional_only()];

type Rule = fn(&mut Emitter<'_>, &Call) -> Emit;

const fn function(
    path: &'static str,
    params: &'static [Param],
    rule: Rule,
    doc: &'static str,
) -> Declaration {
    Declaration { path, params, doc, rule }
}

/// A function that has a kernel of its own name.
const fn kernel(path: &'static str, doc: &'static str) -> Declaration {
    function(path, Z, |e, call| e.complex_function(call.short_name(), call.args[0]), doc)
}

pub const DECLARATIONS: &[Declaration] = &[
    kernel("cmath.exp", "`e ** z`."),
    function(
        "cmath.log",
        &[Param::required("z").positional_only(), Param::optional("base", Default::Absent).positional_only()],
        log,
        "The natural logarithm, or that to a base.",
    ),
    kernel("cmath.log10", "The logarithm to base 10."),
    kernel("cmath.sqrt", "The square root, in the right half-plane."),
    kernel("cmath.sin", "The sine."),
    kernel("cmath.cos", "The cosine."),
    kernel("cmath.tan", "The tangent."),
    kernel("cmath.asin", "The inverse sine."),
    kernel("cmath.acos", "The inverse cosine."),
    kernel("cmath.atan", "The inverse tangent."),
    kernel("cmath.sinh", "The hyperbolic sine."),
    kernel("cmath.cosh", "The hyperbolic cosine."),
    kernel("cmath.tanh", "The hyperbolic tangent."),
    kernel("cmath.asinh", "The inverse hyperbolic sine."),
    kernel("cmath.acosh", "The inverse hyperbolic cosine."),
    kernel("cmath.atanh", "The inverse hyperbolic tangent."),
    function("cmath.phase", Z, phase, "The angle of a complex number, from -pi to pi."),
    function("cmath.polar", Z, polar, "Modulus and angle."),
    function(
        "cmath.rect",
        &[Param::required("r").positional_only(), Param::required("phi").positional_only()],
        rect,
        "The complex number of a modulus and an angle.",
    ),
    function("cmath.isnan", Z, |e, call| test(e, call, Emitter::is_nan, false), "Whether a part is NaN."),
    function(
        "cmath.isinf",
        Z,
        |e, call| test(e, call, Emitter::is_infinite, false),
        "Whether a part is infinite.",
    ),
    function(
        "cmath.isfinite",
        Z,
        |e, call| test(e, call, Emitter::is_finite, true),
        "Whether both parts are finite.",
    ),
    function(
        "cmath.isclose",
        &[
            Param::required("a"),
            Param::required("b"),
            Param::optional("rel_tol", Default::Float(1e-9)).keyword_only(),
            Param::optional("abs_tol", Default::Float(0.0)).keyword_only(),
        ],
        is_close,
        "Whether two numbers are nearly equal.",
    ),
];

macro_rules! kernels {
    ($($name:ident)+) => {
        static KERNELS: &[(&str, RuntimeFunction)] = &[$((
            stringify!($name),
            RuntimeFunction::effect(concat!("rumba_", stringify!($name), "_c128")),
        )),+];
    };
}

kernels! {
    exp log log10 sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh rect
}

impl Emitter<'_> {
    /// A number as complex128, and the type that a function of it gives.
    fn as_complex128(&mut self, name: &str, value: Value) -> Emit<(Value, Type)> {
        let value = self.plain(value);
        let ty = self.ty(value);
        if !ty.is_number() {
            return self.error(Code::ArgumentType, format!("{name}() takes a number, not {}", ty.shown()));
        }
        let is_single = ty == Type::complex64() || ty == Type::float32();
        let result = if is_single { Type::complex64() } else { Type::complex128() };
        Ok((self.coerce(value, Type::complex128())?, result))
    }

    /// A function of `cmath` by its name: of complex64 or float32 in complex64.
    pub(crate) fn complex_function(&mut self, name: &str, value: Value) -> Emit {
        let (value, result_type) = self.as_complex128(name, value)?;
        let (real, imag) = self.complex_parts(value);
        let result = self.complex_kernel(name, real, imag);
        self.coerce(result, result_type)
    }

    pub(crate) fn complex_kernel(&mut self, name: &str, real: Value, imag: Value) -> Value {
        let kernel = KERNELS.iter().find(|(kernel, _)| *kernel == name);
        let (_, kernel) = kernel.expect("declarations name kernels of the table");
        self.b.call_runtime(kernel, vec![real, imag], Type::complex128(), None)
    }
}

fn log(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let numerator = e.complex_function("log", call.args[0])?;
    if e.ty(call.args[1]) == Type::undefined() {
        return Ok(numerator);
    }
    let denominator = e.complex_function("log", call.args[1])?;
    e.binary(BinaryOperator::Div, numerator, denominator)
}

/// The parts of a number as floats of one type.
fn parts(e: &mut Emitter<'_>, call: &Call) -> Emit<(Value, Value)> {
    let (value, ty) = e.as_complex128(call.short_name(), call.args[0])?;
    let value = e.coerce(value, ty)?;
    Ok(e.complex_parts(value))
}

fn phase(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (real, imag) = parts(e, call)?;
    e.elementary("atan2", &[imag, real])
}

fn polar(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (real, imag) = parts(e, call)?;
    let modulus = e.elementary("hypot", &[real, imag])?;
    let angle = e.elementary("atan2", &[imag, real])?;
    Ok(e.tuple(vec![modulus, angle]))
}

fn rect(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (floats, ty) = e.floats_of_one_type("rect", &call.args)?;
    let floats =
        floats.into_iter().map(|float| e.coerce(float, Type::float64())).collect::<Emit<Vec<_>>>()?;
    let result = e.complex_kernel("rect", floats[0], floats[1]);
    e.coerce(result, if ty == Type::float64() { Type::complex128() } else { Type::complex64() })
}

/// A test that holds for both parts (`both`), or for one.
fn test<'f>(
    e: &mut Emitter<'f>,
    call: &Call,
    test: fn(&mut Emitter<'f>, Value) -> Value,
    both: bool,
) -> Emit {
    let (real, imag) = parts(e, call)?;
    let real = test(e, real);
    let imag = test(e, imag);
    Ok(if both { e.b.and(real, imag) } else { e.b.or(real, imag) })
}

fn is_close(e: &mut Emitter<'_>, call: &Call) -> Emit {
    is_close_by(
        e,
        call,
        |e, value| Ok(e.as_complex128("isclose", value)?.0),
        |e, value| e.absolute(value),
        |e, a, b| e.binary(BinaryOperator::Sub, a, b),
    )
}

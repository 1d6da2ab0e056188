//! `abs`, `round`, and floats to ints with the checks that Python makes.

use crate::numpy::ufuncs::ufunc;
use crate::{Call, Emit, Emitter};
use rumba_ir::{BinaryOp, CompareOp, Edge, RuntimeFunction, UnaryOp, Value};
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

/// The message of an `OverflowError` where Python's int has more than 64 bits.
pub(crate) const TOO_LARGE: &str = "the result does not fit a 64-bit integer";

/// One past the largest int64.
const TWO_TO_63: f64 = 9223372036854775808.0;

static ROUND_FLOAT: RuntimeFunction = RuntimeFunction::raising("rumba_round_digits_f64");
static ROUND_INT: RuntimeFunction = RuntimeFunction::raising("rumba_round_digits_i64");

impl Emitter<'_> {
    /// A plain number, bools as int64.
    pub(crate) fn as_number(&mut self, value: Value) -> Value {
        let value = self.plain(value);
        if self.ty(value).is_bool() { self.b.convert(value, Type::int64()) } else { value }
    }

    /// `abs(value)`.
    pub(crate) fn absolute(&mut self, value: Value) -> Emit {
        if let Some(literal) = self.ty(value).as_literal_int() {
            return Ok(self.literal_int(literal.abs()));
        }
        let value = self.scalar_of(value);
        if self.has_axes(value) || self.ty(value).time_unit().is_some() {
            return ufunc("numpy.absolute").expect("a row of the table").apply(self, &[value]);
        }
        let value = self.as_number(value);
        let ty = self.ty(value);
        match ty.kind() {
            TypeKind::Int(kind) if !kind.signed => Ok(value),
            TypeKind::Int(_) => {
                let zero = self.b.zero(ty);
                let negated = self.b.sub(zero, value);
                let negative = self.less(value, zero);
                Ok(self.b.select(negative, negated, value))
            }
            TypeKind::Float(_) => Ok(self.b.unary(UnaryOp::Abs, value)),
            TypeKind::Complex(_) => {
                let (real, imag) = self.complex_parts(value);
                self.elementary("hypot", &[real, imag])
            }
            _ => self.error(Code::ArgumentType, format!("abs() is not defined for {}", ty.shown())),
        }
    }

    /// A whole float (already rounded) as int64. Raises as CPython for NaN and infinities, and
    /// `OverflowError` beyond int64.
    pub(crate) fn whole_float_to_int(&mut self, value: Value) -> Emit {
        let value = self.coerce(value, Type::float64())?;
        // One test where all is well; the reasons are told apart off the hot path.
        let magnitude = self.b.unary(UnaryOp::Abs, value);
        let limit = self.b.float(TWO_TO_63, Type::float64());
        let fits = self.less(magnitude, limit);
        let unusual = self.b.function.add_block();
        let after = self.b.function.add_block();
        let edge = |block| Edge { block, args: vec![] };
        self.b.branch(fits, edge(after), edge(unusual));

        self.b.switch_to(unusual);
        let is_number = self.equal(value, value);
        self.raise_unless(is_number, "ValueError", "cannot convert float NaN to integer", &[]);
        let infinity = self.b.float(f64::INFINITY, Type::float64());
        let finite = self.not_equal(magnitude, infinity);
        self.raise_unless(finite, "OverflowError", "cannot convert float infinity to integer", &[]);
        let lowest = self.b.float(-TWO_TO_63, Type::float64());
        let is_lowest = self.equal(value, lowest);
        self.raise_unless(is_lowest, "OverflowError", TOO_LARGE, &[]);
        self.b.jump(after, vec![]);

        self.b.switch_to(after);
        Ok(self.b.convert(value, Type::int64()))
    }

    /// A float rounded to an int64 by `op`; ints stay as they are, bools become int64.
    pub(crate) fn rounded_to_int(&mut self, op: UnaryOp, value: Value, name: &str) -> Emit {
        if self.ty(value).as_literal_int().is_some() {
            return Ok(value);
        }
        let value = self.as_number(value);
        let ty = self.ty(value);
        match ty.kind() {
            TypeKind::Int(kind) => Ok(self.b.convert(value, Type::int(64, kind.signed || kind.bits < 64))),
            TypeKind::Float(_) => {
                let whole = self.b.unary(op, value);
                self.whole_float_to_int(whole)
            }
            _ => self.error(Code::ArgumentType, format!("{name}() is not defined for {}", ty.shown())),
        }
    }
}

pub(super) fn round(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let [number, n_digits] = [call.args[0], call.args[1]];
    if e.ty(n_digits).is_none() {
        return e.rounded_to_int(UnaryOp::RoundEven, number, "round");
    }
    let n_digits = crate::math::int_argument(e, call, 1)?;
    let number = e.as_number(number);
    let ty = e.ty(number);
    let site = e.call_site();
    match ty.kind() {
        TypeKind::Float(_) => {
            let wide = e.coerce(number, Type::float64())?;
            let rounded = e.b.call_runtime(&ROUND_FLOAT, vec![wide, n_digits], Type::float64(), Some(site));
            e.coerce(rounded, ty)
        }
        TypeKind::Int(_) => {
            let wide = crate::math::int_argument(e, call, 0)?;
            Ok(e.b.call_runtime(&ROUND_INT, vec![wide, n_digits], Type::int64(), Some(site)))
        }
        _ => call.argument_error(0, Code::ArgumentType, format!("round() is not defined for {}", ty.shown())),
    }
}

impl Emitter<'_> {
    /// Magnitude of the left, sign of the right operand, of floats of one type.
    pub(crate) fn copy_sign(&mut self, magnitude: Value, sign: Value) -> Value {
        self.b.binary(BinaryOp::CopySign, magnitude, sign)
    }

    /// Whether a float is neither infinite nor NaN.
    pub(crate) fn is_finite(&mut self, value: Value) -> Value {
        let magnitude = self.b.unary(UnaryOp::Abs, value);
        let infinity = self.b.float(f64::INFINITY, self.ty(value));
        self.b.compare(CompareOp::Lt, magnitude, infinity)
    }

    pub(crate) fn is_infinite(&mut self, value: Value) -> Value {
        let magnitude = self.b.unary(UnaryOp::Abs, value);
        let infinity = self.b.float(f64::INFINITY, self.ty(value));
        self.equal(magnitude, infinity)
    }

    pub(crate) fn is_nan(&mut self, value: Value) -> Value {
        self.not_equal(value, value)
    }
}

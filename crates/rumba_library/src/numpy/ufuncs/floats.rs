//! What is defined for floats only: their parts and neighbours.

use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, RuntimeFunction, UnaryOp, Value};
use rumba_types::Type;

static LDEXP: RuntimeFunction = RuntimeFunction::pure("rumba_ldexp_f64");
static NEXTAFTER_F64: RuntimeFunction = RuntimeFunction::pure("rumba_nextafter_f64");
static NEXTAFTER_F32: RuntimeFunction = RuntimeFunction::pure("rumba_nextafter_f32");
static FREXP: RuntimeFunction = RuntimeFunction::effect("rumba_frexp_f64");

impl Emitter<'_> {
    pub(super) fn signbit(&mut self, value: Value) -> Value {
        let bits = if self.ty(value) == Type::float32() { Type::int32() } else { Type::int64() };
        let bits = self.b.reinterpret(value, bits);
        self.is_negative(bits)
    }

    /// Fraction and whole part, both with the sign of the value.
    pub(super) fn modf(&mut self, value: Value) -> Value {
        let whole = self.b.unary(UnaryOp::Trunc, value);
        let fraction = self.b.sub(value, whole);
        let infinite = self.is_infinite(value);
        let zero = self.b.zero(self.ty(value));
        let fraction = self.b.select(infinite, zero, fraction);
        let fraction = self.b.binary(BinaryOp::CopySign, fraction, value);
        self.tuple(vec![fraction, whole])
    }

    /// Mantissa in [0.5, 1) and exponent (int32).
    pub(super) fn frexp(&mut self, value: Value) -> Value {
        let ty = self.ty(value);
        let wide = self.b.convert(value, Type::float64());
        let pair = Type::tuple(vec![Type::float64(), Type::int64()]);
        let pair = self.b.call_runtime(&FREXP, vec![wide], pair, None);
        let [mantissa, exponent] = [0, 1].map(|idx| self.b.field(pair, idx));
        let mantissa = self.b.convert(mantissa, ty);
        let exponent = self.b.convert(exponent, Type::int32());
        self.tuple(vec![mantissa, exponent])
    }

    pub(super) fn ldexp(&mut self, value: Value, exponent: Value) -> Value {
        let ty = self.ty(value);
        let exponent = self.b.convert(exponent, Type::int64());
        // A float32 times a power of two is exact in double precision, or far below float32.
        let wide = self.b.convert(value, Type::float64());
        let result = self.b.call_runtime(&LDEXP, vec![wide, exponent], Type::float64(), None);
        self.b.convert(result, ty)
    }

    /// `ln(exp(x) + exp(y))` without overflow.
    pub(super) fn logaddexp(&mut self, x: Value, y: Value) -> Value {
        self.log_sum(x, y, std::f64::consts::LN_2, |e, distance| {
            let power = e.float_kernel("exp", vec![distance]);
            e.float_kernel("log1p", vec![power])
        })
    }

    pub(super) fn logaddexp2(&mut self, x: Value, y: Value) -> Value {
        self.log_sum(x, y, 1.0, |e, distance| {
            let power = e.float_kernel("exp2", vec![distance]);
            let log = e.float_kernel("log1p", vec![power]);
            let factor = e.float_like(std::f64::consts::LOG2_E, log);
            e.b.mul(factor, log)
        })
    }

    fn log_sum(
        &mut self,
        x: Value,
        y: Value,
        equal_adds: f64,
        of_distance: fn(&mut Self, Value) -> Value,
    ) -> Value {
        let equal = self.equal(x, y);
        let shift = self.float_like(equal_adds, x);
        let of_equal = self.b.add(x, shift);
        let difference = self.b.sub(x, y);
        let zero = self.b.zero(self.ty(x));
        let x_larger = self.greater(difference, zero);
        let larger = self.b.select(x_larger, x, y);
        let distance = self.b.unary(UnaryOp::Abs, difference);
        let distance = self.neg(distance);
        let rest = of_distance(self, distance);
        let sum = self.b.add(larger, rest);
        self.b.select(equal, of_equal, sum)
    }

    pub(super) fn heaviside(&mut self, x: Value, at_zero: Value) -> Value {
        let one = self.float_like(1.0, x);
        let zero = self.b.zero(self.ty(x));
        let negative = self.less(x, zero);
        let step = self.b.select(negative, zero, one);
        let is_zero = self.equal(x, zero);
        let step = self.b.select(is_zero, at_zero, step);
        let nan = self.is_nan(x);
        self.b.select(nan, x, step)
    }

    /// The distance to the next float away from zero, with the sign of the value.
    pub(super) fn spacing(&mut self, value: Value) -> Value {
        let ty = self.ty(value);
        let magnitude = self.b.unary(UnaryOp::Abs, value);
        let infinity = self.b.float(f64::INFINITY, ty);
        let next = self.nextafter(magnitude, infinity);
        // Of infinity: inf - inf, which is nan.
        let distance = self.b.sub(next, magnitude);
        let negated = self.neg(distance);
        let negative = self.is_negative(value);
        self.b.select(negative, negated, distance)
    }

    pub(super) fn nextafter(&mut self, from: Value, towards: Value) -> Value {
        let ty = self.ty(from);
        let function = if ty == Type::float32() { &NEXTAFTER_F32 } else { &NEXTAFTER_F64 };
        let one_step = self.b.int(1, Type::uint64());
        self.b.call_runtime(function, vec![from, towards, one_step], ty, None)
    }

    pub(super) fn scaled(&mut self, value: Value, factor: f64) -> Emit {
        let factor = self.float_like(factor, value);
        Ok(self.b.mul(value, factor))
    }
}

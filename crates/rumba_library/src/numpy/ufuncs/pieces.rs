//! Pieces that the scalar functions are put together from.

use crate::Emitter;
use rumba_ir::{BinaryOp, CompareOp, RuntimeFunction, UnaryOp, Value};
use rumba_types::{FloatKind, Type, TypeKind};

impl Emitter<'_> {
    /// An elementary function of a complex number; complex64 is computed in double precision.
    pub(super) fn of_complex(&mut self, name: &str, value: Value) -> Value {
        let wide = self.complex_as(value, FloatKind::F64);
        let (real, imag) = self.complex_parts(wide);
        let result = self.complex_kernel(name, real, imag);
        self.complex_like(result, value)
    }

    /// A runtime function of complex numbers of one type, which it takes in double precision.
    pub(super) fn call_complex(&mut self, function: &'static RuntimeFunction, operands: &[Value]) -> Value {
        let wide = operands.iter().map(|operand| self.complex_as(*operand, FloatKind::F64)).collect();
        let result = self.b.call_runtime(function, wide, Type::complex128(), None);
        self.complex_like(result, operands[0])
    }

    fn complex_like(&mut self, value: Value, like: Value) -> Value {
        match self.ty(like).kind() {
            TypeKind::Complex(kind) => self.complex_as(value, *kind),
            _ => value,
        }
    }

    /// A complex number in another precision.
    pub(super) fn complex_as(&mut self, value: Value, kind: FloatKind) -> Value {
        if self.ty(value) == Type::complex(kind) {
            return value;
        }
        let parts = [0, 1].map(|idx| self.b.field(value, idx));
        let parts = parts.map(|part| self.b.convert(part, Type::float(kind)));
        self.b.make(Type::complex(kind), parts.to_vec())
    }

    pub(super) fn make_complex(&mut self, real: Value, imag: Value) -> Value {
        let kind = if self.ty(real) == Type::float32() { FloatKind::F32 } else { FloatKind::F64 };
        self.b.make(Type::complex(kind), vec![real, imag])
    }

    /// A float constant of the type of `like`.
    pub(super) fn float_like(&mut self, constant: f64, like: Value) -> Value {
        let ty = self.ty(like);
        self.b.float(constant, ty)
    }

    pub(super) fn div(&mut self, lhs: Value, rhs: Value) -> Value {
        self.b.binary(BinaryOp::Div, lhs, rhs)
    }

    pub(super) fn neg(&mut self, value: Value) -> Value {
        self.b.unary(UnaryOp::Neg, value)
    }

    pub(super) fn greater(&mut self, lhs: Value, rhs: Value) -> Value {
        self.b.compare(CompareOp::Gt, lhs, rhs)
    }
}

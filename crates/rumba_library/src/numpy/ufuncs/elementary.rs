//! Calls of the runtime's elementary functions.

use crate::Emitter;
use rumba_ir::{BinaryOp, CompareOp, RuntimeFunction, UnaryOp, Value};
use rumba_types::{FloatKind, Type, TypeKind};

/// `rumba_<name>_f64` or `_f32` of floats of one type.
macro_rules! elementary {
    ($e:expr, $name:ident, $($operand:expr),+) => {{
        static F64: rumba_ir::RuntimeFunction =
            rumba_ir::RuntimeFunction::pure(concat!("rumba_", stringify!($name), "_f64"));
        static F32: rumba_ir::RuntimeFunction =
            rumba_ir::RuntimeFunction::pure(concat!("rumba_", stringify!($name), "_f32"));
        $e.call_elementary([&F64, &F32], vec![$($operand),+])
    }};
}
pub(super) use elementary;

/// `rumba_c<name>_c128` of a complex number; complex64 is computed in double precision.
macro_rules! complex_elementary {
    ($e:expr, $name:ident, $operand:expr) => {{
        static C128: rumba_ir::RuntimeFunction = rumba_ir::RuntimeFunction {
            symbol: concat!("rumba_c", stringify!($name), "_c128"),
            takes_context: false,
            can_raise: false,
            is_pure: false,
        };
        $e.call_complex_elementary(&C128, &[$operand])
    }};
}
pub(super) use complex_elementary;

impl Emitter<'_> {
    pub(super) fn call_elementary(
        &mut self,
        functions: [&'static RuntimeFunction; 2],
        operands: Vec<Value>,
    ) -> Value {
        let ty = self.ty(operands[0]);
        let function = functions[usize::from(ty == Type::float32())];
        self.b.call_runtime(function, operands, ty, None)
    }

    pub(super) fn call_complex_elementary(
        &mut self,
        function: &'static RuntimeFunction,
        operands: &[Value],
    ) -> Value {
        let ty = self.ty(operands[0]);
        let wide = operands.iter().map(|operand| self.complex_as(*operand, FloatKind::F64)).collect();
        let result = self.b.call_runtime(function, wide, Type::complex128(), None);
        match ty.kind() {
            TypeKind::Complex(kind) => self.complex_as(result, *kind),
            _ => result,
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

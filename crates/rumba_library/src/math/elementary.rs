//! Functions from floats to floats that are kernels of the runtime, in double and in single precision.

use crate::{Emit, Emitter};
use rumba_ir::{RuntimeFunction, Value};
use rumba_source::Code;
use rumba_types::Type;

struct Kernels {
    name: &'static str,
    double: RuntimeFunction,
    single: RuntimeFunction,
}

macro_rules! kernels {
    ($($name:ident)+) => {
        static KERNELS: &[Kernels] = &[$(Kernels {
            name: stringify!($name),
            double: RuntimeFunction::pure(concat!("rumba_", stringify!($name), "_f64")),
            single: RuntimeFunction::pure(concat!("rumba_", stringify!($name), "_f32")),
        }),+];
    };
}

kernels! {
    exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh
    pow hypot cbrt erf erfc tgamma lgamma fmod remainder ulp
}

impl Emitter<'_> {
    /// Calls the kernel `name`: in single precision when all arguments are float32, else in double.
    pub(crate) fn elementary(&mut self, name: &str, args: &[Value]) -> Emit {
        let (args, _) = self.floats_of_one_type(name, args)?;
        Ok(self.float_kernel(name, args))
    }

    /// Calls the kernel `name` on floats of one type.
    pub(crate) fn float_kernel(&mut self, name: &str, args: Vec<Value>) -> Value {
        let ty = self.ty(args[0]);
        let kernels = KERNELS.iter().find(|kernels| kernels.name == name);
        let kernels = kernels.expect("declarations name kernels of the table");
        let function = if ty == Type::float64() { &kernels.double } else { &kernels.single };
        self.b.call_runtime(function, args, ty, None)
    }

    /// Real numbers as float32, when all are that, or as float64.
    pub(crate) fn floats_of_one_type(&mut self, name: &str, values: &[Value]) -> Emit<(Vec<Value>, Type)> {
        let mut plain = Vec::with_capacity(values.len());
        for value in values {
            let value = self.plain(*value);
            let ty = self.ty(value);
            if !ty.is_number() || ty.is_complex() {
                let name = if name == "tgamma" { "gamma" } else { name };
                let diagnostic = self.diagnostic(
                    Code::ArgumentType,
                    format!("{name}() takes real numbers, not {}", ty.shown()),
                );
                return Err(match ty.is_complex() {
                    true => diagnostic.note("`cmath` has functions of complex numbers").into(),
                    false => diagnostic.into(),
                });
            }
            plain.push(value);
        }
        let all_single = plain.iter().all(|value| self.ty(*value) == Type::float32());
        let ty = if all_single && !plain.is_empty() { Type::float32() } else { Type::float64() };
        let values = plain.into_iter().map(|value| self.coerce(value, ty)).collect::<Emit<Vec<_>>>()?;
        Ok((values, ty))
    }
}

//! The types that NumPy's functions give, by running their rules on a scratch function.

use rumba_ir::{Function, InstanceId};
use rumba_library::declaration::Argument;
use rumba_library::numpy::promotion::all_dtypes;
use rumba_library::numpy::ufuncs::{Inputs, ufuncs};
use rumba_library::{Emitter, Failure, lookup};
use rumba_source::{Code, Span};
use rumba_types::{ArrayType, Layout, Type, TypeKind};

/// The type of a call with arguments of these types, or the code of the mistake. The function that the
/// call makes must be well-formed.
fn call(path: &str, args: &[Type]) -> Result<Type, Code> {
    let mut function = Function::new(InstanceId(0), "test", args, Type::none());
    let entry = function.entry();
    let params = function.params().to_vec();
    let mut e = Emitter::new(&mut function, entry, "test".into());
    let argument = |value| Argument { keyword: None, value, span: Span::default() };
    let arguments: Vec<Argument> = params.into_iter().map(argument).collect();
    let declaration = lookup(path).unwrap_or_else(|| panic!("{path} is declared"));
    match declaration.call(&mut e, &arguments) {
        Ok(value) => {
            let ty = e.ty(value);
            e.b.ret(value);
            function.result = ty;
            rumba_ir::verify(&function).unwrap_or_else(|error| panic!("{path} of {args:?}: {error:?}"));
            Ok(ty)
        }
        Err(Failure::Error(diagnostic)) => Err(diagnostic.code),
        Err(Failure::Pending | Failure::NeverReturns | Failure::Widen { .. }) => {
            panic!("{path}: all types are known")
        }
    }
}

fn gives(path: &str, args: &[Type], result: &str) {
    assert_eq!(call(path, args).map(|ty| ty.to_string()), Ok(result.to_string()), "{path} of {args:?}");
}

fn refuses(path: &str, args: &[Type], code: Code) {
    assert_eq!(call(path, args), Err(code), "{path} of {args:?}");
}

fn array(ndim: u8, layout: Layout) -> Type {
    Type::array(Type::float64(), ndim, layout)
}

fn int(value: i128) -> Type {
    Type::literal_int(value)
}

fn dtype(ty: Type) -> Type {
    TypeKind::DType(ty).into()
}

fn no_more() -> Type {
    Type::tuple(vec![])
}

#[test]
fn ufuncs_resolve_as_numpy() {
    gives("numpy.sin", &[Type::int64()], "float64");
    gives("numpy.sin", &[Type::float32()], "float32");
    gives("numpy.sin", &[Type::int16()], "float32");
    gives("numpy.sin", &[Type::complex64()], "complex64");
    gives("numpy.add", &[Type::int8(), Type::int8()], "int8");
    gives("numpy.add", &[Type::int8(), Type::uint8()], "int16");
    gives("numpy.add", &[Type::int64(), Type::uint64()], "float64");
    gives("numpy.add", &[Type::bool(), Type::bool()], "bool");
    gives("numpy.divide", &[Type::int8(), Type::int8()], "float64");
    gives("numpy.divide", &[Type::int16(), Type::float32()], "float32");
    gives("numpy.floor", &[Type::int32()], "int32");
    gives("numpy.absolute", &[Type::complex64()], "float32");
    gives("numpy.bitwise_count", &[Type::int64()], "uint8");
    gives("numpy.frexp", &[Type::float32()], "Tuple(float32, int32)");
    gives("numpy.divmod", &[Type::int8(), Type::int16()], "UniTuple(int16 x 2)");
    gives("numpy.ldexp", &[Type::float32(), int(3)], "float32");
    refuses("numpy.subtract", &[Type::bool(), Type::bool()], Code::ArgumentType);
    refuses("numpy.bitwise_and", &[Type::int64(), Type::uint64()], Code::ArgumentType);
    refuses("numpy.floor", &[Type::complex64()], Code::ArgumentType);
    gives("numpy.sin", &[array(1, Layout::C)], "array(float64, 1d, C)");
    refuses("numpy.sin", &[Type::none()], Code::ArgumentType);
}

/// Every ufunc, over every dtype that it is defined for, makes a well-formed function.
#[test]
fn every_ufunc_over_every_dtype() {
    for ufunc in ufuncs() {
        let mut n_defined = 0;
        for a in all_dtypes() {
            for b in all_dtypes() {
                let operands = [a, b];
                let result = call(ufunc.path, &operands[..ufunc.n_inputs]);
                let resolved = ufunc.resolve(&operands[..ufunc.n_inputs]);
                assert_eq!(result.is_ok(), resolved.is_some(), "{} of {operands:?}", ufunc.path);
                n_defined += usize::from(result.is_ok());
            }
        }
        let is_of_numbers = !matches!(ufunc.inputs, Inputs::Times);
        assert_eq!(n_defined > 0, is_of_numbers, "{}", ufunc.path);
    }
}

#[test]
fn views_keep_what_is_known_of_the_memory() {
    gives("array:T", &[array(2, Layout::C)], "array(float64, 2d, F)");
    gives("array:T", &[array(3, Layout::A)], "array(float64, 3d, A)");
    gives("array:T", &[array(1, Layout::C)], "array(float64, 1d, C)");
    gives("array.transpose", &[array(3, Layout::C)], "array(float64, 3d, F)");
    gives("array.reshape", &[array(2, Layout::F), int(-1)], "array(float64, 1d, C)");
    gives("array.ravel", &[array(3, Layout::A)], "array(float64, 1d, C)");
    gives("numpy.swapaxes", &[array(3, Layout::C), int(0), int(1)], "array(float64, 3d, A)");
    gives("numpy.swapaxes", &[array(2, Layout::C), int(0), int(-1)], "array(float64, 2d, F)");
    gives("numpy.expand_dims", &[array(2, Layout::F), int(0)], "array(float64, 3d, F)");
    gives(
        "numpy.broadcast_to",
        &[array(1, Layout::C), Type::tuple(vec![Type::int64(); 2])],
        "array(float64, 2d, A, readonly)",
    );
    let readonly =
        ArrayType { dtype: Type::float64(), ndim: 2, layout: Layout::A, readonly: true, aligned: true };
    gives("array.ravel", &[TypeKind::Array(readonly).into()], "array(float64, 1d, C, readonly)");
    gives("array.copy", &[TypeKind::Array(readonly).into()], "array(float64, 2d, C)");
    refuses("numpy.swapaxes", &[array(2, Layout::C), int(0), int(2)], Code::ArgumentValue);
    refuses("numpy.swapaxes", &[array(2, Layout::C), int(0), Type::int64()], Code::ArgumentValue);
}

#[test]
fn views_of_another_item_size_may_be_unaligned() {
    let bytes = Type::array(Type::int8(), 1, Layout::C);
    gives("array.view", &[bytes, dtype(Type::float64())], "array(float64, 1d, C, unaligned)");
    gives("array.view", &[array(2, Layout::F), dtype(Type::int8())], "array(int8, 2d, A)");
    gives("array.view", &[array(2, Layout::F), dtype(Type::int64())], "array(int64, 2d, F)");
    refuses("array.view", &[array(0, Layout::C), dtype(Type::int8())], Code::ArgumentValue);
}

#[test]
fn new_arrays_have_the_dtype_of_what_they_are_made_from() {
    gives("numpy.zeros", &[Type::int64()], "array(float64, 1d, C)");
    gives("numpy.zeros", &[no_more(), dtype(Type::int8())], "array(int8, 0d, C)");
    gives(
        "numpy.zeros",
        &[Type::int64(), Type::literal_str("u2"), Type::literal_str("F")],
        "array(uint16, 1d, C)",
    );
    gives("numpy.full", &[Type::int64(), Type::bool()], "array(bool, 1d, C)");
    gives("numpy.zeros_like", &[array(2, Layout::F)], "array(float64, 2d, F)");
    gives("numpy.zeros_like", &[array(2, Layout::A), dtype(Type::int8())], "array(int8, 2d, C)");
    gives("numpy.arange", &[Type::int8()], "array(int64, 1d, C)");
    gives("numpy.arange", &[Type::uint64()], "array(float64, 1d, C)");
    gives("numpy.arange", &[Type::float32()], "array(float64, 1d, C)");
    gives("numpy.linspace", &[Type::float32(), Type::float32()], "array(float32, 1d, C)");
    gives("numpy.array", &[Type::tuple(vec![Type::int8(), Type::float32()])], "array(float32, 1d, C)");
    gives("numpy.array", &[array(2, Layout::F)], "array(float64, 2d, F)");
    gives("numpy.asfortranarray", &[array(2, Layout::C)], "array(float64, 2d, F)");
    refuses("numpy.zeros", &[Type::float64()], Code::ArgumentType);
    refuses("numpy.zeros", &[Type::int64(), int(3)], Code::ArgumentType);
    refuses("numpy.array", &[Type::none()], Code::ArgumentType);
}

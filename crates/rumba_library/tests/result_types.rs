//! The types that built-in and `math` functions give, by running their rules on a scratch function.

use rumba_ir::{Function, InstanceId};
use rumba_library::declaration::{Argument, declarations};
use rumba_library::{Emitter, Failure, lookup};
use rumba_source::{Code, Span};
use rumba_types::{Layout, Type, TypeKind};

/// The type of a call with arguments of these types, or the code of the mistake. The function that the
/// call makes must be well-formed.
fn call(path: &str, args: &[Type]) -> Result<Type, Code> {
    let mut function = Function::new(InstanceId(0), "test", args, Type::none());
    let entry = function.entry();
    let params = function.params().to_vec();
    let mut e = Emitter::new(&mut function, entry, "test".into());
    let arguments: Vec<Argument> =
        params.into_iter().map(|value| Argument { keyword: None, value, span: Span::default() }).collect();
    let declaration = lookup(path).unwrap_or_else(|| panic!("{path} is declared"));
    match declaration.call(&mut e, &arguments) {
        Ok(value) => {
            let ty = e.ty(value);
            e.b.ret(value);
            function.result = ty;
            rumba_ir::verify(&function).unwrap_or_else(|error| panic!("{path}: {error:?}"));
            Ok(ty)
        }
        Err(Failure::Error(diagnostic)) => Err(diagnostic.code),
        Err(Failure::Pending | Failure::NeverReturns | Failure::Widen { .. }) => {
            panic!("{path}: all types are known")
        }
    }
}

fn gives(path: &str, args: &[Type], result: Type) {
    assert_eq!(call(path, args), Ok(result), "{path} of {args:?}");
}

fn refuses(path: &str, args: &[Type], code: Code) {
    assert_eq!(call(path, args), Err(code), "{path} of {args:?}");
}

fn class(name: &str) -> Type {
    Type::library_function(name)
}

fn array(dtype: Type) -> Type {
    Type::array(dtype, 1, Layout::A)
}

#[test]
fn paths_are_unique() {
    let mut paths: Vec<_> = declarations().map(|declaration| declaration.path).collect();
    let n_paths = paths.len();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), n_paths);
}

#[test]
fn every_function_of_numbers_types_or_refuses_every_number() {
    let ints = [Type::int8(), Type::int64(), Type::uint8(), Type::uint64()];
    let others = [Type::bool(), Type::float32(), Type::float64(), Type::complex64(), Type::complex128()];
    // Methods are only called on receivers of their sort.
    let prefixes = ["builtins.", "math.", "cmath.", "operator."];
    for declaration in declarations().filter(|it| prefixes.iter().any(|prefix| it.path.starts_with(prefix))) {
        for ty in ints.iter().chain(&others) {
            for n_args in 0..4 {
                let _ = call(declaration.path, &vec![*ty; n_args]);
            }
        }
        for ty in [array(Type::float64()), Type::tuple(vec![Type::int64(), Type::float32()]), Type::none()] {
            let _ = call(declaration.path, &[ty]);
            let _ = call(declaration.path, &[ty, Type::int64()]);
        }
    }
}

#[test]
fn elementary_functions_keep_single_precision() {
    gives("math.sin", &[Type::float32()], Type::float32());
    gives("math.sin", &[Type::int8()], Type::float64());
    gives("math.atan2", &[Type::float32(), Type::float64()], Type::float64());
    gives("math.sqrt", &[Type::bool()], Type::float64());
    gives("math.frexp", &[Type::float32()], Type::tuple(vec![Type::float32(), Type::int64()]));
    gives("cmath.exp", &[Type::complex64()], Type::complex64());
    gives("cmath.exp", &[Type::int64()], Type::complex128());
    gives("cmath.phase", &[Type::complex64()], Type::float32());
    refuses("math.sin", &[Type::complex128()], Code::ArgumentType);
    refuses("math.sin", &[array(Type::float64())], Code::ArgumentType);
}

#[test]
fn rounding_gives_ints() {
    for path in ["builtins.round", "builtins.int", "math.floor", "math.ceil", "math.trunc"] {
        gives(path, &[Type::float64()], Type::int64());
        gives(path, &[Type::float32()], Type::int64());
        gives(path, &[Type::bool()], Type::int64());
        gives(path, &[Type::uint64()], Type::uint64());
        gives(path, &[Type::literal_int(7)], Type::literal_int(7));
        refuses(path, &[Type::complex128()], Code::ArgumentType);
    }
    gives("builtins.round", &[Type::float32(), Type::int64()], Type::float32());
    gives("builtins.round", &[Type::int64(), Type::literal_int(-2)], Type::int64());
}

#[test]
fn extremes_have_the_common_type() {
    gives("builtins.min", &[Type::int8(), Type::int64()], Type::int64());
    gives("builtins.max", &[Type::int64(), Type::float64()], Type::float64());
    gives("builtins.max", &[Type::literal_int(2), Type::literal_int(3)], Type::literal_int(3));
    gives("builtins.min", &[array(Type::float32())], Type::float32());
    gives("builtins.max", &[Type::tuple(vec![Type::int64(), Type::float64()])], Type::float64());
    refuses("builtins.min", &[Type::complex128(), Type::complex128()], Code::OperandTypes);
    refuses("builtins.min", &[Type::tuple(vec![])], Code::ArgumentValue);
    refuses("builtins.min", &[], Code::ArgumentCount);
    refuses("builtins.max", &[Type::int64()], Code::ArgumentType);
}

#[test]
fn sums_stay_in_one_type() {
    gives("builtins.sum", &[array(Type::bool())], Type::int64());
    gives("builtins.sum", &[array(Type::float64())], Type::float64());
    gives("builtins.sum", &[array(Type::complex64())], Type::complex128());
    gives("builtins.sum", &[Type::tuple(vec![])], Type::literal_int(0));
    gives("math.prod", &[array(Type::uint8())], Type::int64());
    refuses("builtins.sum", &[Type::array(Type::float64(), 2, Layout::C)], Code::ArgumentType);
}

#[test]
fn isinstance_is_decided_by_types() {
    let (yes, no) = (Type::literal_bool(true), Type::literal_bool(false));
    gives("builtins.isinstance", &[Type::literal_int(3), class("builtins.int")], yes);
    gives("builtins.isinstance", &[Type::bool(), class("builtins.int")], yes);
    gives("builtins.isinstance", &[Type::int64(), class("builtins.bool")], no);
    gives("builtins.isinstance", &[Type::float32(), TypeKind::DType(Type::float32()).into()], yes);
    gives("builtins.isinstance", &[Type::float64(), TypeKind::DType(Type::float32()).into()], no);
    gives("builtins.isinstance", &[array(Type::int8()), class("numpy.ndarray")], yes);
    let either = Type::tuple(vec![class("builtins.tuple"), class("builtins.float")]);
    gives("builtins.isinstance", &[Type::float64(), either], yes);
    gives("builtins.isinstance", &[Type::complex128(), either], no);
    gives("builtins.isinstance", &[Type::optional(Type::int64()), class("builtins.int")], Type::bool());
    refuses("builtins.isinstance", &[Type::int64(), class("math.sin")], Code::ArgumentType);
}

#[test]
fn numbers_have_the_attributes_of_pythons() {
    gives("number:imag", &[Type::complex64()], Type::float32());
    gives("number:real", &[Type::bool()], Type::int64());
    gives("number.bit_length", &[Type::int8()], Type::int64());
    refuses("number.bit_length", &[Type::float64()], Code::UnknownAttribute);
    gives("number.is_integer", &[Type::float64()], Type::bool());
    for declaration in declarations().filter(|declaration| declaration.path.starts_with("number")) {
        for ty in [Type::bool(), Type::uint8(), Type::float32(), Type::complex128()] {
            let _ = call(declaration.path, &[ty]);
        }
    }
    refuses("number:numerator", &[Type::float64()], Code::UnknownAttribute);
}

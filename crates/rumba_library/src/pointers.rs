//! Memory of others, which compiled code is given the address of, and functions of C.

use crate::arrays::reshaping::{array_argument, shape_argument};
use crate::declaration::{Argument, Declaration, Default, Param, positional_arguments};
use crate::numpy::dtypes::optional_dtype;
use crate::{Call, Emit, Emitter};
use rumba_ir::runtime_function::function_at;
use rumba_ir::{Access, RuntimeFunction, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::{ArrayType, CFunctionType, Layout, Type, TypeKind};
use rustc_hash::FxHashMap;
use std::sync::{Mutex, PoisonError};

const PARAMS: &[Param] = &[
    Param::required("ptr").positional_only(),
    Param::required("shape"),
    Param::optional("dtype", Default::None),
];

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "rumba.carray",
        params: PARAMS,
        doc: "The memory at a C pointer as an array in C order, which does not own it.",
        rule: |e, call| array_at(e, call, Layout::C),
    },
    Declaration {
        path: "rumba.farray",
        params: PARAMS,
        doc: "The memory at a C pointer as an array in Fortran order, which does not own it.",
        rule: |e, call| array_at(e, call, Layout::F),
    },
    Declaration {
        path: "array:ctypes",
        params: &[Param::required("self")],
        doc: "A pointer to the first element, for functions of C; `data` and `data_as` as in NumPy. The array has to outlive its use.",
        rule: |e, call| {
            let array = array_argument(e, call, 0)?;
            Ok(pointer_to_elements(e, array))
        },
    },
    Declaration {
        path: "pointer:data",
        params: &[Param::required("self")],
        doc: "The address as an int.",
        rule: |e, call| {
            let address = e.b.field(call.args[0], 0);
            Ok(e.b.reinterpret(address, Type::int64()))
        },
    },
    Declaration {
        path: "pointer.data_as",
        params: &[Param::required("self"), Param::required("obj")],
        doc: "The address as a pointer of another type: `ctypes.POINTER(...)`, `ctypes.c_void_p`.",
        rule: |e, call| {
            let TypeKind::DType(ty) = *e.ty(call.args[1]).kind() else {
                return call.argument_error(
                    1,
                    Code::ArgumentType,
                    "a type of ctypes is needed, such as `ctypes.POINTER(ctypes.c_double)`",
                );
            };
            if !matches!(ty.kind(), TypeKind::CPointer(_)) {
                return call.argument_error(1, Code::ArgumentType, format!("{ty} is no type of pointers"));
            }
            let address = e.b.field(call.args[0], 0);
            Ok(e.b.make(ty, vec![address]))
        },
    },
    Declaration {
        path: "ctypes.POINTER",
        params: &[Param::required("type").positional_only()],
        doc: "The type of pointers to values of a type of ctypes, for `a.ctypes.data_as`.",
        rule: |e, call| {
            let to = match *e.ty(call.args[0]).kind() {
                TypeKind::DType(ty) if ty.is_element() => ty,
                _ => return call.argument_error(0, Code::ArgumentType, "a number type of ctypes is needed"),
            };
            Ok(e.b.unit(TypeKind::DType(TypeKind::CPointer(to).into()).into()))
        },
    },
    Declaration {
        path: "cffi.FFI.from_buffer",
        params: &[Param::required("python_buffer").positional_only()],
        doc: "A pointer to the elements of an array in C order, which has to outlive its use.",
        rule: |e, call| {
            let array = array_argument(e, call, 0)?;
            if e.array_type(array).layout != Layout::C {
                let message = "from_buffer() takes arrays in C order";
                return call.argument_error(0, Code::ArgumentType, message);
            }
            Ok(pointer_to_elements(e, array))
        },
    },
];

/// `T *` to the memory of an array: derived from it, so that it lives as long as the pointer is used in this function.
fn pointer_to_elements(e: &mut Emitter<'_>, array: Value) -> Value {
    let dtype = e.array_type(array).dtype;
    let data = e.b.field(array, 0);
    e.b.make(TypeKind::CPointer(dtype).into(), vec![data])
}

fn array_at(e: &mut Emitter<'_>, call: &Call, layout: Layout) -> Emit {
    let pointer = e.plain(call.args[0]);
    let TypeKind::CPointer(to) = e.ty(pointer).kind() else {
        let message = format!("{} is no C pointer", e.ty(pointer).shown());
        let diagnostic = Diagnostic::new(Code::ArgumentType, call.spans[0], message);
        return Err(diagnostic.note("a parameter of a cfunc is one: `types.CPointer(types.float64)`").into());
    };
    let extents = shape_argument(e, call, 1, call.args[1])?;
    let given = optional_dtype(e, call, 2)?;
    let dtype = match given {
        Some(dtype) if to.is_none() || dtype == *to => dtype,
        Some(dtype) => {
            let message = format!("the pointer is to {to}, not to {dtype}");
            return call.argument_error(2, Code::ArgumentType, message);
        }
        None if to.is_element() => *to,
        None => {
            let message = "an array at a `void *` needs a dtype";
            return call.argument_error(0, Code::ArgumentType, message);
        }
    };
    let ndim = extents.len();
    // Of fewer than two axes, both orders are one.
    let layout = if ndim < 2 { Layout::C } else { layout };
    let Ok(ndim) = u8::try_from(ndim) else {
        return call.argument_error(1, Code::ArgumentValue, "an array has at most 64 axes");
    };
    let ty = ArrayType { dtype, ndim, layout, readonly: false, aligned: true };
    let (data, owner) = (e.b.field(pointer, 0), e.b.address(0));
    Ok(e.make_array(ty, data, owner, &extents, &[]))
}

impl Emitter<'_> {
    /// `pointer[index]`, as C has it: nothing is known of where the memory ends.
    pub(crate) fn pointer_item(&mut self, pointer: Value, to: Type, index: Value) -> Emit {
        let (address, owner) = (self.pointee_address(pointer, to, index)?, self.b.address(0));
        Ok(self.value_at(address, owner, to, false, Access::aligned(true)))
    }

    pub(crate) fn set_pointer_item(
        &mut self,
        pointer: Value,
        to: Type,
        index: Value,
        new: Value,
    ) -> Emit<()> {
        let address = self.pointee_address(pointer, to, index)?;
        self.store_at(address, to, new, Access::aligned(true))
    }

    fn pointee_address(&mut self, pointer: Value, to: Type, index: Value) -> Emit {
        let index = self.as_index(index, "an index")?;
        let (data, size) = (self.b.field(pointer, 0), self.b.int64(to.item_size() as i64));
        let bytes = self.b.mul(index, size);
        Ok(self.b.offset(data, bytes))
    }
}

/// Calls a function of C.
pub fn call_c(e: &mut Emitter<'_>, function: &CFunctionType, arguments: &[Argument]) -> Emit {
    let name = &function.name;
    if let Some(argument) = arguments.iter().find(|argument| argument.keyword.is_some()) {
        let message = format!("{name}() is a function of C, whose parameters have no names");
        return Err(Diagnostic::new(Code::ArgumentCount, argument.span, message).into());
    }
    if arguments.len() != function.params.len() {
        let takes = positional_arguments(function.params.len());
        let message = format!("{name}() takes {takes}, but {} were given", arguments.len());
        return e.error(Code::ArgumentCount, message);
    }
    let mut args = Vec::with_capacity(arguments.len());
    for (argument, ty) in arguments.iter().zip(&function.params) {
        args.push(c_argument(e, name, argument, *ty)?);
    }
    Ok(e.b.call_runtime(as_runtime_function(function), args, function.result, None))
}

fn c_argument(e: &mut Emitter<'_>, name: &str, argument: &Argument, ty: Type) -> Emit {
    let value = e.plain(argument.value);
    let given = e.ty(value);
    let address = match (given.kind(), ty.kind()) {
        (TypeKind::None, TypeKind::CPointer(_)) => Some(e.b.address(0)),
        (TypeKind::CPointer(from), TypeKind::CPointer(to))
            if from == to || from.is_none() || to.is_none() =>
        {
            Some(e.b.field(value, 0))
        }
        (TypeKind::Int(kind), TypeKind::CPointer(_)) if kind.bits == 64 => {
            Some(e.b.reinterpret(value, Type::pointer()))
        }
        _ => None,
    };
    if let Some(address) = address {
        return Ok(e.b.make(ty, vec![address]));
    }
    let fits = ty.is_float() && given.is_number() && !given.is_complex()
        || ty.is_int() && (given.is_int() || given.is_bool())
        || ty.is_bool() && given.is_bool();
    if !fits {
        let message = format!("{name}() takes {} here, not {}", ty.shown(), given.shown());
        return Err(Diagnostic::new(Code::ArgumentType, argument.span, message).into());
    }
    e.coerce(value, ty)
}

/// Functions of C are called as those of the runtime.
pub(crate) fn as_runtime_function(function: &CFunctionType) -> &'static RuntimeFunction {
    /// By address and types: there are as many as the process has seen.
    type Known = FxHashMap<(u64, Vec<Type>, Type), &'static RuntimeFunction>;
    static KNOWN: Mutex<Option<Known>> = Mutex::new(None);
    let mut guard = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = guard.get_or_insert_default();
    let number = known.len();
    known
        .entry((function.address, function.params.clone(), function.result))
        .or_insert_with(|| Box::leak(Box::new(function_at(function.address, number))))
}

//! `bytearray` and `memoryview`: memory is an array in compiled code.

use super::{Step, given};
use crate::declaration::{Argument, lookup};
use crate::{Call, Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

pub(super) fn bytearray(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let source = match given(e, call, 0) {
        Some(source) => e.plain_value(source),
        None => e.b.int64(0),
    };
    let ty = e.ty(source);
    match ty.kind() {
        TypeKind::Int(_) | TypeKind::Bool => {
            let n = e.as_number(source);
            let n = e.as_index(n, "a number of bytes")?;
            let is_negative = e.is_negative(n);
            e.raise_if(is_negative, "ValueError", "negative count", &[]);
            bytes_of(e, "numpy.zeros", n)
        }
        TypeKind::Array(array) if array.dtype == Type::uint8() && array.ndim == 1 => {
            bytes_of(e, "numpy.array", source)
        }
        TypeKind::Str => call.argument_error(0, Code::ArgumentType, "text is encoded first: `text.encode()`"),
        TypeKind::Bytes => {
            let view = view_of_bytes(e, source)?;
            bytes_of(e, "numpy.array", view)
        }
        _ => {
            let iterator = e.iter(source)?;
            let no_items = e.b.int64(0);
            let integers = e.new_list(Type::int64(), no_items);
            e.for_each_item(iterator, &[], |e, item, _| {
                let byte = e.byte(item)?;
                e.list_append(integers, byte)?;
                Ok(Step { state: vec![], stop: None })
            })?;
            let bytes = library(e, "builtins.bytes", &[integers])?;
            let view = view_of_bytes(e, bytes)?;
            bytes_of(e, "numpy.array", view)
        }
    }
}

pub(super) fn memoryview(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let value = e.plain_value(call.args[0]);
    match e.ty(value).kind() {
        TypeKind::Array(_) => Ok(value),
        TypeKind::Bytes => view_of_bytes(e, value),
        _ => {
            let message = format!("memoryview: {} is no memory of elements", e.ty(value).shown());
            call.argument_error(0, Code::ArgumentType, message)
        }
    }
}

fn view_of_bytes(e: &mut Emitter<'_>, bytes: Value) -> Emit {
    let dtype = byte_type(e);
    library(e, "numpy.frombuffer", &[bytes, dtype])
}

/// What a function of NumPy gives for an argument and the type of bytes.
fn bytes_of(e: &mut Emitter<'_>, path: &str, argument: Value) -> Emit {
    let dtype = byte_type(e);
    library(e, path, &[argument, dtype])
}

fn byte_type(e: &mut Emitter<'_>) -> Value {
    e.b.unit(TypeKind::DType(Type::uint8()).into())
}

fn library(e: &mut Emitter<'_>, path: &str, args: &[Value]) -> Emit {
    let span = e.span;
    let arguments: Vec<_> =
        args.iter().map(|value| Argument { keyword: None, value: *value, span }).collect();
    lookup(path).expect("the library declares what it is called by").call(e, &arguments)
}

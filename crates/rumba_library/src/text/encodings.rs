//! `str.encode` and `bytes.decode`.

use crate::{Call, Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::Type;

pub(super) fn encode(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let encoding = encoding(e, call, 1)?;
    let text = e.text_argument(call.args[0]);
    Ok(e.call_text_kernel("str_encode", vec![text, encoding], Type::bytes()))
}

pub(super) fn decode(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let encoding = encoding(e, call, 1)?;
    let bytes = e.text_argument(call.args[0]);
    Ok(e.call_text_kernel("str_decode", vec![bytes, encoding], Type::str()))
}

/// Which encoding the argument at a position names, as kernels take it; the one behind it says what is done with errors.
pub(super) fn encoding(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit<Value> {
    if e.ty(call.args[idx + 1]).as_literal_str() != Some("strict") {
        let message = "errors can only be \"strict\" in compiled code";
        return call.argument_error(idx + 1, Code::ArgumentValue, message);
    }
    let Some(name) = e.ty(call.args[idx]).as_literal_str() else {
        let message = format!("the encoding must be a constant, not {}", e.ty(call.args[idx]).shown());
        return call.argument_error(idx, Code::ArgumentType, message);
    };
    let number = match name.to_ascii_lowercase().replace(['_', ' '], "-").as_str() {
        "utf-8" | "utf8" | "u8" => 0,
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "l1" => 1,
        "ascii" | "us-ascii" | "646" => 2,
        _ => {
            let message = format!("the encoding {name:?} is not supported: utf-8, latin-1 and ascii are");
            return call.argument_error(idx, Code::ArgumentValue, message);
        }
    };
    Ok(e.b.int64(number))
}

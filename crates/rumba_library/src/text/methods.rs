//! The methods of `str`.

use crate::declaration::{Declaration, Default, Param};
use crate::{Call, Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::Type;

const TEXT: Param = Param::required("self").positional_only();

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "str.split",
        params: &[TEXT, Param::optional("sep", Default::None), Param::optional("maxsplit", Default::Int(-1))],
        doc: "The parts between separators, or between white space.",
        rule: split,
    },
    Declaration {
        path: "str.join",
        params: &[TEXT, Param::required("iterable").positional_only()],
        doc: "The texts of an iterable, with this text between them.",
        rule: join,
    },
];

/// The argument at a position, which is a text or None, as kernels take it.
fn optional_text(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit<Value> {
    match e.ty(call.args[idx]) {
        ty if ty.is_none() => Ok(e.b.address(0)),
        ty if ty.is_str() => Ok(e.text_argument(call.args[idx])),
        ty => call.argument_error(idx, Code::ArgumentType, format!("expected a str, not {}", ty.shown())),
    }
}

fn split(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.text_argument(call.args[0]);
    let separator = optional_text(e, call, 1)?;
    let at_most = e.as_index(call.args[2], "maxsplit")?;
    Ok(e.call_text_kernel("str_split", vec![text, separator, at_most], Type::list(Type::str())))
}

fn join(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let items = call.args[1];
    let texts = match e.ty(items).as_list() {
        Some(_) => items,
        None => e.list_of(items)?,
    };
    if e.ty(texts) != Type::list(Type::str()) {
        let message = format!("expected texts, not {}", e.ty(items).shown());
        return call.argument_error(1, Code::ArgumentType, message);
    }
    let separator = e.text_argument(call.args[0]);
    Ok(e.call_text_kernel("str_join", vec![separator, texts], Type::str()))
}

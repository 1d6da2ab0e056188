//! `print`.

use crate::{Call, Emit, Emitter};
use rumba_ir::SiteKind;
use rumba_source::Code;
use rumba_types::{FunctionRef, TypeKind};
use std::sync::Arc;

pub(super) fn print(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = e.tuple_elements(call.args[0]);
    let separator = text(e, call, 1, "sep", " ")?;
    let end = text(e, call, 2, "end", "\n")?;
    let to_errors = match e.ty(call.args[3]).kind() {
        TypeKind::None => false,
        TypeKind::Function(FunctionRef::Library(path)) if **path == *"sys.stdout" => false,
        TypeKind::Function(FunctionRef::Library(path)) if **path == *"sys.stderr" => true,
        _ => {
            let message = "`file` is `sys.stdout`, `sys.stderr` or None in compiled code";
            return call.argument_error(3, Code::ArgumentValue, message);
        }
    };
    let Some(flush) = e.ty(call.args[4]).as_literal_bool() else {
        return call.argument_error(4, Code::ArgumentValue, "`flush` is a constant in compiled code");
    };
    let site = e.host_site(SiteKind::Print { separator, end, to_errors, flush }, &args);
    e.b.call_host(args, site);
    Ok(e.b.none())
}

/// The text of a keyword argument, which is None or known when compiling.
fn text(e: &Emitter<'_>, call: &Call, idx: usize, name: &str, default: &str) -> Emit<Arc<str>> {
    let ty = e.ty(call.args[idx]);
    match ty.as_literal_str() {
        Some(text) => Ok(text.into()),
        None if ty.is_none() => Ok(default.into()),
        None => call.argument_error(
            idx,
            Code::ArgumentType,
            format!("{name} must be None or a string, not {}", ty.shown()),
        ),
    }
}

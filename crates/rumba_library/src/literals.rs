//! `literally`: a value that has to be known when compiling.

use crate::declaration::{Declaration, Param};
use rumba_source::Code;
use rumba_types::TypeKind;

pub const DECLARATIONS: &[Declaration] = &[Declaration {
    path: "rumba.literals.literally",
    params: &[Param::required("obj").positional_only()],
    doc: "The argument, a constant; a parameter becomes one: the function is compiled for each value.",
    rule: |e, call| {
        let ty = e.ty(call.args[0]);
        if let TypeKind::Literal(_) = ty.kind() {
            return Ok(call.args[0]);
        }
        let message = format!(
            "`literally` needs an int, bool or text that is known when compiling, not {}",
            ty.shown()
        );
        let diagnostic = e.diagnostic(Code::ArgumentValue, message);
        Err(diagnostic.note("pass a constant, or a parameter for which the caller passes one").into())
    },
}];

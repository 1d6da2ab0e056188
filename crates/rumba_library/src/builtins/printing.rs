//! `print`.

use crate::{Call, Emit, Emitter};
use rumba_ir::SiteKind;

pub(super) fn print(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = e.tuple_elements(call.args[0]);
    let site = e.host_site(SiteKind::Print, &args);
    e.b.call_host(args, site);
    Ok(e.b.none())
}

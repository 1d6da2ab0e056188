//! Python's built-in functions.

use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::SiteKind;

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "builtins.range",
        params: &[Param::variadic("args")],
        doc: "The integers from start to stop by step.",
        rule: range,
    },
    Declaration {
        path: "builtins.len",
        params: &[Param::required("obj").positional_only()],
        doc: "The number of items of a tuple, array (first axis) or range.",
        rule: |e, call| e.length(call.args[0]),
    },
    Declaration {
        path: "builtins.enumerate",
        params: &[Param::required("iterable"), Param::optional("start", Default::Int(0))],
        doc: "Pairs of a count and an item.",
        rule: |e, call| e.enumerate(call.args[0], call.args[1]),
    },
    Declaration {
        path: "builtins.print",
        params: &[Param::variadic("args")],
        doc: "Prints numbers, strings, tuples and arrays to `sys.stdout`.",
        rule: print,
    },
];

fn range(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = e.tuple_elements(call.args[0]);
    let zero = e.literal_int(0);
    let one = e.literal_int(1);
    match args[..] {
        [stop] => e.range([zero, stop, one]),
        [start, stop] => e.range([start, stop, one]),
        [start, stop, step] => e.range([start, stop, step]),
        _ => e.error(rumba_source::Code::ArgumentCount, format!("range() takes 1 to 3 arguments, not {}", args.len())),
    }
}

fn print(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = e.tuple_elements(call.args[0]);
    let site = e.host_site(SiteKind::Print, &args);
    e.b.call_host(args, site);
    Ok(e.b.none())
}

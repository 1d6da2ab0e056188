//! The starred target of a tuple, which is a list in Python.
//!
//! ```python
//! first, *rest = a.shape
//! b = np.zeros(tuple(rest))
//! ```
//!
//! A list of compiled code has items of one type, and a length that is not known. So the target stays a tuple where all that is done
//! with it is the same for both, and where its items have no type in common.

use rumba_ir::Value;
use rumba_library::{Emit, Emitter};
use rumba_syntax::hir::{ArgumentKind, Element, Function, Inst, Value as HirValue};

/// Builtins that do the same with a tuple and a list.
const INDIFFERENT: &[&str] = &[
    "tuple",
    "list",
    "set",
    "len",
    "sum",
    "max",
    "min",
    "any",
    "all",
    "sorted",
    "enumerate",
    "zip",
    "reversed",
];

/// Whether a value is the starred target of an assignment and has to be a list there.
pub(crate) fn is_list(hir: &Function, value: HirValue) -> bool {
    let insts = || hir.blocks.iter().flat_map(|block| &block.insts);
    let definition = |of: HirValue| insts().find(|(value, _)| *value == of).map(|(_, inst)| inst);
    let Some(Inst::UnpackItem { unpacked, position }) = definition(value) else { return false };
    let Some(Inst::Unpack { n_before, starred: true, .. }) = definition(*unpacked) else { return false };
    if position != n_before {
        return false;
    }
    let is_same = |inst: &Inst| match inst {
        Inst::Iter(_) | Inst::Subscript { .. } | Inst::Unpack { .. } | Inst::Copy(_) => true,
        Inst::Tuple(elements) | Inst::List { elements, .. } => {
            elements.iter().any(|element| matches!(element, Element::Starred(it) if *it == value))
        }
        Inst::Call { callee, args } => {
            let is_indifferent = match definition(*callee) {
                Some(Inst::Name(name)) => INDIFFERENT.contains(&&**name),
                // A function of a module, such as `np.zeros`.
                Some(Inst::Attribute { value, .. }) => matches!(definition(*value), Some(Inst::Name(_))),
                _ => false,
            };
            let mut given = args.iter().filter(|arg| arg.value == value);
            is_indifferent || given.all(|arg| arg.kind == ArgumentKind::Starred)
        }
        _ => false,
    };
    let goes_on = hir.blocks.iter().any(|block| {
        block.edges().into_iter().any(|edge| edge.args.contains(&value))
            || block.terminator.operands().contains(&value)
    });
    goes_on || insts().any(|(_, inst)| inst.operands().contains(&value) && !is_same(inst))
}

/// A tuple as a list, where its items have one type.
pub(crate) fn as_list(e: &mut Emitter<'_>, tuple: Value) -> Emit<Value> {
    if e.ty(tuple).as_tuple().is_none() {
        return Ok(tuple);
    }
    let items = e.tuple_elements(tuple);
    match e.item_of_list(&items) {
        Some(item) => e.list(item, &items),
        None => Ok(tuple),
    }
}

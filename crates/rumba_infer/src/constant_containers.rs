//! Lists, dicts and sets that are constants: globals of the user's module, and variables of Python functions around it.
//!
//! Their type says that they are ([`TypeKind::Constant`]). What reads one sees the plain container, which is the same memory;
//! what hands it on keeps the type; what would write to it is refused:
//!
//! ```python
//! WEIGHTS = [0.5, 0.25]
//!
//! @njit
//! def weighted(x):
//!     WEIGHTS[0] = 1.0  # refused
//!     return x * WEIGHTS[1]
//! ```

use rumba_ir::Value;
use rumba_library::{Emit, Emitter, lookup};
use rumba_source::Code;
use rumba_source::operators::BinaryOperator;
use rumba_syntax::hir::{self, ArgumentKind, Element, Inst};
use rumba_types::{DictKind, FunctionRef, Type, TypeKind};

/// The methods that change what they are called on.
const CHANGING: &[&str] = &[
    "add",
    "append",
    "appendleft",
    "clear",
    "difference_update",
    "discard",
    "extend",
    "extendleft",
    "insert",
    "intersection_update",
    "move_to_end",
    "pop",
    "popitem",
    "popleft",
    "remove",
    "reverse",
    "rotate",
    "setdefault",
    "sort",
    "subtract",
    "symmetric_difference_update",
    "update",
];

/// The methods that put an argument into what they are called on, or give it back.
const STORING: &[&str] = &["add", "append", "appendleft", "get", "insert", "setdefault"];

/// The functions that look at everything in their arguments, and keep nothing of it.
const COPYING: &[&str] =
    &["builtins.print", "builtins.str", "builtins.repr", "builtins.format", "builtins.bool", "builtins.hash"];

/// How far an operand is seen as a plain container.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// The container itself.
    Outermost,
    /// It and all that it holds.
    All,
}

/// Whether values of a type are constant containers or hold some.
fn is_constant(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::Constant(_) => true,
        TypeKind::Tuple(_)
        | TypeKind::NamedTuple(..)
        | TypeKind::MixedList(_)
        | TypeKind::List(_)
        | TypeKind::Deque(_)
        | TypeKind::Dict(..) => ty.parts().into_iter().any(is_constant),
        _ => false,
    }
}

/// The values as an instruction reads them, where there are constant containers among its operands.
pub(crate) fn read_constants(
    e: &mut Emitter<'_>,
    inst: &Inst,
    values: &[Option<Value>],
) -> Emit<Option<Vec<Option<Value>>>> {
    let given = |value: hir::Value| values[value.index()].expect("operands are known");
    if !inst.operands().into_iter().any(|operand| is_constant(e.ty(given(operand)))) {
        return Ok(None);
    }
    refuse_change(e, inst, &given)?;
    let mut read = values.to_vec();
    for (operand, depth) in operands_read(e, inst, &given) {
        read[operand.index()] = Some(plain(e, given(operand), depth));
    }
    Ok(Some(read))
}

/// The operands that an instruction looks into, and does not just hand on.
fn operands_read(
    e: &Emitter<'_>,
    inst: &Inst,
    given: &dyn Fn(hir::Value) -> Value,
) -> Vec<(hir::Value, Depth)> {
    let outermost = |values: &[hir::Value]| values.iter().map(|value| (*value, Depth::Outermost)).collect();
    match inst {
        Inst::Unary { operand: value, .. }
        | Inst::Truth(value)
        | Inst::Attribute { value, .. }
        | Inst::Iter(value)
        | Inst::Unpack { value, .. }
        | Inst::IsTuple { value, .. }
        | Inst::MatchSequence { value, .. } => outermost(&[*value]),
        Inst::Binary { lhs, rhs, .. } => outermost(&[*lhs, *rhs]),
        Inst::Compare { lhs, rhs, .. } => vec![(*lhs, Depth::All), (*rhs, Depth::All)],
        Inst::Subscript { value, index } => outermost(&[*value, *index]),
        Inst::Tuple(elements) | Inst::Set(elements) | Inst::List { elements, .. } => elements
            .iter()
            .filter_map(|element| match element {
                Element::Starred(value) => Some((*value, Depth::Outermost)),
                Element::One(_) => None,
            })
            .collect(),
        Inst::Dict(items) => items
            .iter()
            .filter(|(key, _)| key.is_none())
            .map(|(_, mapping)| (*mapping, Depth::Outermost))
            .collect(),
        Inst::Call { callee, args } => {
            let depth = depth_of_call(e.ty(given(*callee)));
            args.iter()
                .filter_map(|arg| match arg.kind {
                    ArgumentKind::Starred | ArgumentKind::DoubleStarred => {
                        Some((arg.value, Depth::Outermost))
                    }
                    _ => depth.map(|depth| (arg.value, depth)),
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// How far a callee looks into its arguments; `None` if it hands them on.
fn depth_of_call(callee: Type) -> Option<Depth> {
    match callee.kind() {
        TypeKind::DType(_) => Some(Depth::All),
        TypeKind::Function(FunctionRef::Library(path)) => match lookup(path) {
            Some(_) if path.starts_with("numpy.") || COPYING.contains(&&**path) => Some(Depth::All),
            Some(_) => Some(Depth::Outermost),
            None => None,
        },
        TypeKind::Method(path, _) => match path.rsplit_once('.') {
            Some(("array", _)) => Some(Depth::All),
            Some((_, name)) if !STORING.contains(&name) && lookup(path).is_some() => Some(Depth::Outermost),
            _ => None,
        },
        _ => None,
    }
}

/// The same memory as a container that may be written to, which the caller does not.
fn plain(e: &mut Emitter<'_>, value: Value, depth: Depth) -> Value {
    let ty = e.ty(value);
    match ty.kind() {
        TypeKind::Constant(inner) => {
            let block = e.b.field(value, 0);
            let ty = if depth == Depth::All { inner.without_constants() } else { *inner };
            e.b.make(ty, vec![block])
        }
        _ if depth == Depth::Outermost || !is_constant(ty) => value,
        TypeKind::Tuple(parts) | TypeKind::NamedTuple(_, parts) | TypeKind::MixedList(parts) => {
            let parts = (0..parts.len())
                .map(|position| {
                    let part = e.b.field(value, position);
                    plain(e, part, depth)
                })
                .collect();
            e.b.make(ty.without_constants(), parts)
        }
        _ => {
            let block = e.b.field(value, 0);
            e.b.make(ty.without_constants(), vec![block])
        }
    }
}

/// Refuses an instruction that would write to a constant.
fn refuse_change(e: &Emitter<'_>, inst: &Inst, given: &dyn Fn(hir::Value) -> Value) -> Emit<()> {
    let constant = |value: hir::Value| match e.ty(given(value)).kind() {
        TypeKind::Constant(inner) => Some(*inner),
        _ => None,
    };
    let changed = match inst {
        Inst::StoreSubscript { value, .. } | Inst::DeleteSubscript { value, .. } => constant(*value),
        Inst::Attribute { value, name } if CHANGING.contains(&&**name) => constant(*value),
        Inst::Binary { op, lhs, in_place: true, .. } => {
            constant(*lhs).filter(|container| changes_in_place(*container, *op))
        }
        // A missing key is put in.
        Inst::Subscript { value, .. } => constant(*value)
            .filter(|ty| matches!(ty.dict_kind(), Some(DictKind::Default(factory)) if !factory.is_none())),
        Inst::Call { callee, args } => match (e.ty(given(*callee)).kind(), args.first()) {
            (TypeKind::Function(FunctionRef::Library(path)), Some(first)) if changes_argument(path) => {
                constant(first.value)
            }
            _ => None,
        },
        _ => None,
    };
    let Some(changed) = changed else { return Ok(()) };
    let container = changed.without_constants();
    let kind = match container.kind() {
        TypeKind::List(_) => "list",
        TypeKind::Deque(_) => "deque",
        TypeKind::Set(..) => "set",
        _ => container.dict_kind().map_or("container", DictKind::name),
    };
    let diagnostic = e.diagnostic(Code::ReadOnly, format!("the {kind} is a constant"));
    let note = format!(
        "a {kind} that the function reads from a global or closure variable is what it was when the function was compiled: \
         pass it as an argument to write to it"
    );
    Err(diagnostic.note(note).into())
}

fn changes_in_place(container: Type, op: BinaryOperator) -> bool {
    use BinaryOperator as B;
    match container.kind() {
        TypeKind::List(_) | TypeKind::Deque(_) => matches!(op, B::Add | B::Mul),
        TypeKind::Set(..) => matches!(op, B::BitOr | B::BitAnd | B::BitXor | B::Sub),
        _ => matches!(op, B::BitOr | B::Add | B::Sub | B::BitAnd),
    }
}

/// Whether a function changes its first argument.
fn changes_argument(path: &str) -> bool {
    match path {
        "random.shuffle" | "numpy.random.shuffle" | "operator.setitem" | "operator.delitem" => true,
        _ => path
            .strip_prefix("operator.i")
            .is_some_and(|name| ["add", "and", "concat", "mul", "or", "sub", "xor"].contains(&name)),
    }
}

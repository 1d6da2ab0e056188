//! What instructions do with the keywords of a call, `def f(**keywords)`. The values are the library's to find
//! (`rumba_library/src/keywords.rs`); all that needs a dict gets a new one.

use crate::contexts::GENERATOR_MANAGER;
use rumba_ir::Value;
use rumba_library::{Emit, Emitter};
use rumba_source::Code;
use rumba_source::operators::{Comparison, UnaryOperator};
use rumba_syntax::hir::{self, ArgumentKind, Inst};
use rumba_types::{FunctionRef, Type, TypeKind};

/// The builtins that go over the names.
const GOING_OVER: &[&str] = &[
    "enumerate",
    "frozenset",
    "iter",
    "len",
    "list",
    "max",
    "min",
    "reversed",
    "set",
    "sorted",
    "tuple",
    "zip",
];

pub(crate) fn is_keywords(ty: Type) -> bool {
    matches!(ty.kind(), TypeKind::Keywords(..))
}

/// The rule of an instruction that has keywords as operand, or the values as it reads them.
pub(crate) enum Keywords {
    Result(Value),
    Values(Vec<Option<Value>>),
}

pub(crate) fn of_keywords(
    e: &mut Emitter<'_>,
    inst: &Inst,
    values: &[Option<Value>],
) -> Emit<Option<Keywords>> {
    let given = |value: hir::Value| values[value.index()].expect("operands are known");
    let operands: Vec<hir::Value> =
        inst.operands().into_iter().filter(|operand| is_keywords(e.ty(given(*operand)))).collect();
    if operands.is_empty() {
        return Ok(None);
    }
    let names_of = |e: &mut Emitter<'_>, value: hir::Value| {
        let mut values = values.to_vec();
        values[value.index()] = Some(e.keyword_names(given(value)));
        Ok(Some(Keywords::Values(values)))
    };
    match inst {
        Inst::Subscript { value, index } if is_keywords(e.ty(given(*value))) => {
            e.keyword_item(given(*value), given(*index)).map(|item| Some(Keywords::Result(item)))
        }
        Inst::Compare { op: op @ (Comparison::In | Comparison::NotIn), lhs, rhs }
            if is_keywords(e.ty(given(*rhs))) =>
        {
            let found = e.has_keyword(given(*rhs), given(*lhs))?;
            let found = match op {
                Comparison::In => found,
                _ => e.unary(UnaryOperator::Not, found)?,
            };
            Ok(Some(Keywords::Result(found)))
        }
        Inst::Iter(value) | Inst::Unpack { value, .. } => names_of(e, *value),
        Inst::StoreSubscript { value, .. } | Inst::DeleteSubscript { value, .. }
            if is_keywords(e.ty(given(*value))) =>
        {
            refuse_change(e)
        }
        Inst::Attribute { name, .. }
            if ["clear", "pop", "popitem", "setdefault", "update"].contains(&&**name) =>
        {
            refuse_change(e)
        }
        Inst::Binary { .. } | Inst::Compare { .. } => as_dicts(e, &operands, values),
        Inst::Dict(items) => {
            let unpacked = items.iter().filter(|(key, value)| key.is_none() && operands.contains(value));
            let unpacked: Vec<hir::Value> = unpacked.map(|(_, value)| *value).collect();
            as_dicts(e, &unpacked, values)
        }
        Inst::Call { callee, args } => {
            let goes_over = match e.ty(given(*callee)).kind() {
                TypeKind::Function(FunctionRef::Library(path)) if **path == *GENERATOR_MANAGER => {
                    return Ok(None);
                }
                TypeKind::Function(FunctionRef::Library(path)) => {
                    path.strip_prefix("builtins.").is_some_and(|name| GOING_OVER.contains(&name))
                }
                TypeKind::Method(..) => false,
                _ => return Ok(None),
            };
            let mut read = values.to_vec();
            for arg in args {
                if arg.kind == ArgumentKind::DoubleStarred || !is_keywords(e.ty(given(arg.value))) {
                    continue;
                }
                let value = given(arg.value);
                let seen = if goes_over { e.keyword_names(value) } else { e.dict_of_keywords(value)? };
                read[arg.value.index()] = Some(seen);
            }
            Ok(Some(Keywords::Values(read)))
        }
        _ => Ok(None),
    }
}

/// The values, of which these are dicts instead of keywords.
fn as_dicts(
    e: &mut Emitter<'_>,
    operands: &[hir::Value],
    values: &[Option<Value>],
) -> Emit<Option<Keywords>> {
    let mut read = values.to_vec();
    for operand in operands {
        let keywords = values[operand.index()].expect("operands are known");
        read[operand.index()] = Some(e.dict_of_keywords(keywords)?);
    }
    Ok(Some(Keywords::Values(read)))
}

fn refuse_change<T>(e: &Emitter<'_>) -> Emit<T> {
    let diagnostic = e.diagnostic(Code::ReadOnly, "the keywords of a call are not changed in compiled code");
    let note =
        "name what is taken out: `def f(*, scale=1.0, **keywords)`; or copy: `{**keywords, \"scale\": 1.0}`";
    Err(diagnostic.note(note).into())
}

//! The text form of untyped SSA, for people and tests.
//!
//! ```text
//! def f(v0:n):
//! block0:
//!   v1:total = const 0
//!   v2 = v1 < v0
//!   v3 = truth v2
//!   branch v3 then block1 else block2
//! …
//! ```
//!
//! A definition shows the user's variable after the colon. Inner functions follow, indented.

use crate::hir::{
    Argument, ArgumentKind, Block, BlockData, CaptureKind, Constant, Edge, Element, Function, Inst, Param,
    ParamKind, Terminator, Value,
};
use std::fmt::{Display, Formatter, Result, Write};

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write_function(f, self, "")
    }
}

fn write_function(f: &mut Formatter<'_>, function: &Function, indent: &str) -> Result {
    write!(f, "{indent}{} {}(", if function.is_lambda { "lambda" } else { "def" }, function.name)?;
    write_params(f, &function.params)?;
    f.write_char(')')?;
    if !function.captures.is_empty() {
        f.write_str(" captures (")?;
        let first = function.params.len();
        write_list(f, function.captures.iter().enumerate(), |f, (idx, capture)| {
            let kind = match capture.kind {
                CaptureKind::Value => "",
                CaptureKind::Cell => " cell",
                CaptureKind::Itself => " itself",
            };
            write!(f, "v{}:{}{}", first + idx, capture.name, kind)
        })?;
        f.write_char(')')?;
    }
    f.write_str(":\n")?;
    for (idx, block) in function.blocks.iter().enumerate() {
        write_block(f, function, Block(idx as u32), block, indent)?;
    }
    let inner = format!("{indent}  ");
    for (idx, function) in function.functions.iter().enumerate() {
        writeln!(f, "{indent}function {idx}:")?;
        write_function(f, function, &inner)?;
    }
    Ok(())
}

/// Parameters with `/` and `*` where Python writes them.
fn write_params(f: &mut Formatter<'_>, params: &[Param]) -> Result {
    let mut previous: Option<ParamKind> = None;
    for (idx, param) in params.iter().enumerate() {
        if previous == Some(ParamKind::PositionalOnly) && param.kind != ParamKind::PositionalOnly {
            f.write_str(", /")?;
        }
        if idx > 0 {
            f.write_str(", ")?;
        }
        let needs_star = !matches!(previous, Some(ParamKind::VarPositional | ParamKind::KeywordOnly));
        f.write_str(match param.kind {
            ParamKind::VarPositional => "*",
            ParamKind::VarKeyword => "**",
            ParamKind::KeywordOnly if needs_star => "*, ",
            _ => "",
        })?;
        write!(f, "v{idx}:{}{}", param.name, if param.has_default { "=default" } else { "" })?;
        previous = Some(param.kind);
    }
    if previous == Some(ParamKind::PositionalOnly) { f.write_str(", /") } else { Ok(()) }
}

fn write_block(
    f: &mut Formatter<'_>,
    function: &Function,
    block: Block,
    data: &BlockData,
    indent: &str,
) -> Result {
    let definition = |f: &mut Formatter<'_>, value: Value| match function
        .value_names
        .get(value.index())
        .and_then(Option::as_ref)
    {
        Some(name) => write!(f, "{value}:{name}"),
        None => write!(f, "{value}"),
    };
    write!(f, "{indent}{block}")?;
    if !data.params.is_empty() {
        f.write_char('(')?;
        write_list(f, &data.params, |f, &param| definition(f, param))?;
        f.write_char(')')?;
    }
    if let Some(handler) = &data.handler {
        write!(f, " handler {handler}")?;
    }
    f.write_str(":\n")?;
    for (value, inst) in &data.insts {
        write!(f, "{indent}  ")?;
        definition(f, *value)?;
        writeln!(f, " = {inst}")?;
    }
    writeln!(f, "{indent}  {}", data.terminator)
}

impl Display for Inst {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Inst::Const(constant) => write!(f, "const {constant}"),
            Inst::Name(name) => write!(f, "name {name}"),
            Inst::Builtin(name) => write!(f, "builtin {name}"),
            Inst::Unary { op, operand } => write!(f, "{op} {operand}"),
            Inst::Binary { op, lhs, rhs, in_place } => {
                write!(f, "{lhs} {op}{} {rhs}", if *in_place { "=" } else { "" })
            }
            Inst::Compare { op, lhs, rhs } => write!(f, "{lhs} {op} {rhs}"),
            Inst::Truth(value) => write!(f, "truth {value}"),
            Inst::Attribute { value, name } => write!(f, "{value}.{name}"),
            Inst::StoreAttribute { value, name, new } => write!(f, "store {value}.{name} = {new}"),
            Inst::Subscript { value, index } => write!(f, "{value}[{index}]"),
            Inst::StoreSubscript { value, index, new } => write!(f, "store {value}[{index}] = {new}"),
            Inst::DeleteSubscript { value, index } => write!(f, "delete {value}[{index}]"),
            Inst::Tuple(elements) => write_bracketed(f, "tuple (", elements, ")"),
            Inst::List { elements, taken_by } => {
                write_bracketed(f, "list [", elements, "]")?;
                taken_by.map_or(Ok(()), |value| write!(f, " for {value}"))
            }
            Inst::Append { container, value } => write!(f, "append {container} {value}"),
            Inst::Set(elements) => write_bracketed(f, "set {", elements, "}"),
            Inst::Dict(items) => {
                f.write_str("dict {")?;
                write_list(f, items, |f, (key, value)| match key {
                    Some(key) => write!(f, "{key}: {value}"),
                    None => write!(f, "**{value}"),
                })?;
                f.write_char('}')
            }
            Inst::Slice { start, stop, step } => {
                let text = |part: &Option<Value>| part.map_or("_".to_string(), |value| value.to_string());
                write!(f, "slice {}:{}:{}", text(start), text(stop), text(step))
            }
            Inst::Call { callee, args } => {
                write!(f, "call {callee}(")?;
                write_list(f, args, |f, arg| write!(f, "{arg}"))?;
                f.write_char(')')
            }
            Inst::Iter(value) => write!(f, "iter {value}"),
            Inst::IterHasNext(value) => write!(f, "has_next {value}"),
            Inst::IterItem(value) => write!(f, "item {value}"),
            Inst::IterAdvance(value) => write!(f, "advance {value}"),
            Inst::Unpack { value, n_before, n_after, starred } => {
                write!(f, "unpack {value} as ")?;
                write_shape(f, *n_before, *n_after, *starred)
            }
            Inst::UnpackItem { unpacked, position } => write!(f, "item {position} of {unpacked}"),
            Inst::MakeFunction { function, defaults, captures } => {
                write!(f, "function {function}")?;
                for (what, values) in [("defaults", defaults), ("captures", captures)] {
                    if !values.is_empty() {
                        write!(f, " {what} (")?;
                        write_list(f, values, |f, value| write!(f, "{value}"))?;
                        f.write_char(')')?;
                    }
                }
                Ok(())
            }
            Inst::MakeCell { name, initial: None } => write!(f, "cell {name}"),
            Inst::MakeCell { name, initial: Some(value) } => write!(f, "cell {name} = {value}"),
            Inst::LoadCell { cell, name, is_free } => {
                write!(f, "load {cell} {}{name}", if *is_free { "free " } else { "" })
            }
            Inst::StoreCell { cell, value, name, is_free } => {
                write!(f, "bind {cell} {}{name} = {value}", if *is_free { "free " } else { "" })
            }
            Inst::Copy(value) => write!(f, "copy {value}"),
            Inst::Undefined { name } => write!(f, "undefined {name}"),
            Inst::CheckBound { value, name } => write!(f, "check_bound {value} {name}"),
            Inst::Interpret { manager, inputs, .. } => {
                write!(f, "interpret {manager} (")?;
                write_list(f, inputs, |f, input| write!(f, "{input}"))?;
                f.write_str(")")
            }
            Inst::Sent => write!(f, "sent"),
            Inst::Send { iterator, sent } => write!(f, "send {sent} to {iterator}"),
            Inst::Returned(iterator) => write!(f, "returned {iterator}"),
            Inst::Caught => f.write_str("caught"),
            Inst::MatchException { caught, class } => write!(f, "{caught} matches {class}"),
            Inst::ChainException { raised, handled } => write!(f, "context of {raised} is {handled}"),
            Inst::SetCause { raised, cause } => write!(f, "cause of {raised} is {cause}"),
            Inst::RequireBuiltin { callee, name } => write!(f, "require {callee} is {name}"),
            Inst::EnterContext(value) => write!(f, "enter {value}"),
            Inst::ExitContext { manager, caught: None } => write!(f, "exit {manager}"),
            Inst::ExitContext { manager, caught: Some(caught) } => write!(f, "exit {manager} with {caught}"),
            Inst::IsTuple { value, n_elements } => write!(f, "is_tuple {value} of {n_elements}"),
            Inst::MatchSequence { value, n_before, n_after, starred } => {
                write!(f, "matches {value} as ")?;
                write_shape(f, *n_before, *n_after, *starred)
            }
            Inst::MatchPosition { value, class, position, n } => {
                write!(f, "part {position} of {n} of {value} as {class}")
            }
        }
    }
}

/// The numbers of targets: `2`, or `1 * 2` with a starred one between.
fn write_shape(f: &mut Formatter<'_>, n_before: u32, n_after: u32, starred: bool) -> Result {
    if starred { write!(f, "{n_before} * {n_after}") } else { write!(f, "{n_before}") }
}

fn write_bracketed(f: &mut Formatter<'_>, open: &str, elements: &[Element], close: &str) -> Result {
    f.write_str(open)?;
    write_list(f, elements, |f, element| match element {
        Element::One(value) => write!(f, "{value}"),
        Element::Starred(value) => write!(f, "*{value}"),
    })?;
    f.write_str(close)
}

fn write_list<T>(
    f: &mut Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Formatter<'_>, T) -> Result,
) -> Result {
    for (idx, item) in items.into_iter().enumerate() {
        if idx > 0 {
            f.write_str(", ")?;
        }
        write(f, item)?;
    }
    Ok(())
}

impl Display for Argument {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.kind {
            ArgumentKind::Positional => {}
            ArgumentKind::Starred => f.write_char('*')?,
            ArgumentKind::Keyword(name) => write!(f, "{name}=")?,
            ArgumentKind::DoubleStarred => f.write_str("**")?,
        }
        write!(f, "{}", self.value)
    }
}

impl Display for Constant {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Constant::None => f.write_str("None"),
            Constant::Ellipsis => f.write_str("..."),
            Constant::Bool(true) => f.write_str("True"),
            Constant::Bool(false) => f.write_str("False"),
            Constant::Int(digits) => f.write_str(digits),
            Constant::Float(value) => write!(f, "{value:?}"),
            Constant::Imaginary(value) => write!(f, "{value:?}j"),
            Constant::Str(text) => write!(f, "{text:?}"),
            Constant::Bytes(bytes) => write!(f, "b\"{}\"", bytes.escape_ascii()),
        }
    }
}

impl Display for Terminator {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Terminator::Jump(edge) => write!(f, "jump {edge}"),
            Terminator::Branch { condition, then, otherwise } => {
                write!(f, "branch {condition} then {then} else {otherwise}")
            }
            Terminator::Yield { value, resume } => write!(f, "yield {value} then {resume}"),
            Terminator::Return(value) => write!(f, "return {value}"),
            Terminator::Raise(exception) => write!(f, "raise {exception}"),
            Terminator::Reraise(caught) => write!(f, "reraise {caught}"),
        }
    }
}

impl Display for Edge {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.block)?;
        if self.args.is_empty() {
            return Ok(());
        }
        f.write_char('(')?;
        write_list(f, &self.args, |f, arg| write!(f, "{arg}"))?;
        f.write_char(')')
    }
}

//! The methods of `str` and `bytes`. Most are the same for both: one rule, and one kernel for each.

use super::encodings;
use crate::declaration::{Declaration, Default, Param};
use crate::{Call, Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

const SELF: Param = Param::required("self").positional_only();
const SUB: Param = Param::required("sub").positional_only();
const START: Param = Param::optional("start", Default::None).positional_only();
const END: Param = Param::optional("end", Default::None).positional_only();
const WIDTH: Param = Param::required("width").positional_only();
const FILL: Param = Param::optional("fillchar", Default::Absent).positional_only();
const CHARS: Param = Param::optional("chars", Default::None).positional_only();
const SEPARATOR: Param = Param::optional("sep", Default::None);
const AT_MOST: Param = Param::optional("maxsplit", Default::Int(-1));
const SEARCH: &[Param] = &[SELF, SUB, START, END];
const PADDING: &[Param] = &[SELF, WIDTH, FILL];
const STRIPPING: &[Param] = &[SELF, CHARS];

/// Declares methods of a class.
macro_rules! methods {
    ($table:ident, $class:literal: $($name:literal $params:expr, $doc:literal, $rule:expr;)*) => {
        pub const $table: &[Declaration] = &[$(Declaration {
            path: concat!($class, ".", $name),
            params: $params,
            doc: $doc,
            rule: $rule,
        }),*];
    };
}

macro_rules! methods_of_both {
    ($($entries:tt)*) => {
        methods! { OF_STR, "str": $($entries)* }
        methods! { OF_BYTES, "bytes": $($entries)* }
    };
}

methods_of_both! {
    "find" SEARCH, "The first position of a part, or -1.", search;
    "rfind" SEARCH, "The last position of a part, or -1.", search;
    "index" SEARCH, "The first position of a part; ValueError if there is none.", search;
    "rindex" SEARCH, "The last position of a part; ValueError if there is none.", search;
    "count" SEARCH, "How often a part occurs without overlapping itself.", search;
    "startswith" &[SELF, Param::required("prefix").positional_only(), START, END], "Whether it begins with a part, or with one of a tuple.", begins_or_ends;
    "endswith" &[SELF, Param::required("suffix").positional_only(), START, END], "Whether it ends with a part, or with one of a tuple.", begins_or_ends;
    "replace" &[SELF, Param::required("old").positional_only(), Param::required("new").positional_only(), Param::optional("count", Default::Int(-1))], "With other text in place of a part.", replace;
    "removeprefix" &[SELF, Param::required("prefix").positional_only()], "Without a part that it begins with.", with_part;
    "removesuffix" &[SELF, Param::required("suffix").positional_only()], "Without a part that it ends with.", with_part;
    "split" &[SELF, SEPARATOR, AT_MOST], "The parts between separators, or between white space.", split;
    "rsplit" &[SELF, SEPARATOR, AT_MOST], "The parts between separators, of which the last count first.", split;
    "splitlines" &[SELF, Param::optional("keepends", Default::Bool(false))], "The lines.", split_lines;
    "partition" &[SELF, Param::required("sep").positional_only()], "What is before the first separator, the separator, and what is behind it.", partition;
    "rpartition" &[SELF, Param::required("sep").positional_only()], "What is before the last separator, the separator, and what is behind it.", partition;
    "join" &[SELF, Param::required("iterable").positional_only()], "The items of an iterable, with this between them.", join;
    "strip" STRIPPING, "Without white space, or characters of a set, at the ends.", strip;
    "lstrip" STRIPPING, "Without white space, or characters of a set, at the start.", strip;
    "rstrip" STRIPPING, "Without white space, or characters of a set, at the end.", strip;
    "center" PADDING, "In the middle of a width.", pad;
    "ljust" PADDING, "At the left of a width.", pad;
    "rjust" PADDING, "At the right of a width.", pad;
    "zfill" &[SELF, WIDTH], "At the right of a width, with zeros behind the sign.", zfill;
    "expandtabs" &[SELF, Param::optional("tabsize", Default::Int(8))], "With spaces in place of tabs.", expand_tabs;
    "upper" &[SELF], "In upper case.", changed;
    "lower" &[SELF], "In lower case.", changed;
    "swapcase" &[SELF], "With upper and lower case exchanged.", changed;
    "capitalize" &[SELF], "With the first character in title case, the others in lower case.", changed;
    "title" &[SELF], "With words in title case.", changed;
    "isalnum" &[SELF], "Whether all characters are letters or numbers.", test_of_kind;
    "isalpha" &[SELF], "Whether all characters are letters.", test_of_kind;
    "isdigit" &[SELF], "Whether all characters are digits.", test_of_kind;
    "isspace" &[SELF], "Whether all characters are white space.", test_of_kind;
    "islower" &[SELF], "Whether all cased characters are lower case.", test_of_kind;
    "isupper" &[SELF], "Whether all cased characters are upper case.", test_of_kind;
    "istitle" &[SELF], "Whether words are in title case.", test_of_kind;
    "isascii" &[SELF], "Whether all characters are ASCII.", test;
}

methods! { OF_STR_ONLY, "str":
    "casefold" &[SELF], "For comparison without regard to case.", casefold;
    "isdecimal" &[SELF], "Whether all characters are decimal digits.", test;
    "isnumeric" &[SELF], "Whether all characters are numeric.", test;
    "isprintable" &[SELF], "Whether `repr` shows all characters as they are.", test;
    "isidentifier" &[SELF], "Whether it is an identifier of Python.", test;
    "encode" &[SELF, Param::optional("encoding", Default::Str("utf-8")), Param::optional("errors", Default::Str("strict"))], "The text as bytes, in UTF-8, Latin-1 or ASCII; what does not fit is an error.", |e, call| encodings::encode(e, call);
}

methods! { OF_BYTES_ONLY, "bytes":
    "hex" &[SELF], "Two hexadecimal digits for each byte.", |e, call| {
        let bytes = e.text_argument(call.args[0]);
        Ok(e.call_text_kernel("bytes_hex", vec![bytes], Type::str()))
    };
    "decode" &[SELF, Param::optional("encoding", Default::Str("utf-8")), Param::optional("errors", Default::Str("strict"))], "The bytes as text, in UTF-8, Latin-1 or ASCII; what is not valid is an error.", |e, call| encodings::decode(e, call);
}

impl Emitter<'_> {
    /// Calls the kernel of a method, which is made for both kinds of receivers.
    fn call_kernel_of_kind(&mut self, call: &Call, args: Vec<Value>, result: Type) -> Value {
        let kind = self.ty(call.args[0]).widen();
        self.call_kernel(&format!("str_{}", call.short_name()), kind, args, result)
    }
}

/// The argument at a position, which is of the same kind as the receiver, as kernels take it.
fn same_kind(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit<Value> {
    let value = of_same_kind(e, call, idx, call.args[idx])?;
    Ok(e.text_argument(value))
}

fn of_same_kind(e: &mut Emitter<'_>, call: &Call, idx: usize, value: Value) -> Emit<Value> {
    let kind = e.ty(call.args[0]).widen();
    let value = e.plain_value(value);
    if e.ty(value) == kind {
        return Ok(value);
    }
    let message = format!("expected {}, not {}", kind.shown(), e.ty(value).shown());
    call.argument_error(idx, Code::ArgumentType, message)
}

/// The argument at a position, which is of the receiver's kind or None, as kernels take it.
fn same_kind_or_none(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit<Value> {
    let value = call.args[idx];
    match e.ty(value).kind() {
        TypeKind::None => Ok(e.b.address(0)),
        TypeKind::Optional(_) => {
            let (present, payload) = (e.b.field(value, 0), e.b.field(value, 1));
            let payload = of_same_kind(e, call, idx, payload)?;
            let given = e.text_argument(payload);
            let missing = e.b.address(0);
            Ok(e.b.select(present, given, missing))
        }
        _ => same_kind(e, call, idx),
    }
}

/// `start` or `end`, which may be None.
fn bound(e: &mut Emitter<'_>, value: Value, default: i64) -> Emit {
    let default = e.b.int64(default);
    match e.ty(value).kind() {
        TypeKind::None => Ok(default),
        TypeKind::Optional(_) => {
            let (present, payload) = (e.b.field(value, 0), e.b.field(value, 1));
            let payload = e.as_index(payload, "a slice index")?;
            Ok(e.b.select(present, payload, default))
        }
        _ => e.as_index(value, "a slice index"),
    }
}

fn start_and_end(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit<[Value; 2]> {
    Ok([bound(e, call.args[idx], 0)?, bound(e, call.args[idx + 1], i64::MAX)?])
}

/// `find` and its relatives.
fn search(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.text_argument(call.args[0]);
    let part = match e.ty(call.args[0]) == Type::bytes() && e.ty(call.args[1]).widen().is_int() {
        true => e.byte_as_bytes(call.args[1])?,
        false => call.args[1],
    };
    let part = of_same_kind(e, call, 1, part)?;
    let part = e.text_argument(part);
    let [start, end] = start_and_end(e, call, 2)?;
    let args = vec![text, part, start, end];
    Ok(match call.short_name() {
        "index" | "rindex" => e.call_kernel_of_kind(call, args, Type::int64()),
        name => e.call_text_kernel(&format!("str_{name}"), args, Type::int64()),
    })
}

fn begins_or_ends(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.text_argument(call.args[0]);
    let parts = match e.ty(call.args[1]).as_tuple() {
        Some(_) => e.tuple_elements(call.args[1]),
        None => vec![call.args[1]],
    };
    let parts = parts.into_iter().map(|part| of_same_kind(e, call, 1, part)).collect::<Emit<Vec<_>>>()?;
    let parts = e.several_texts(&parts);
    let [start, end] = start_and_end(e, call, 2)?;
    let name = format!("str_{}", call.short_name());
    Ok(e.call_text_kernel(&name, vec![text, parts, start, end], Type::bool()))
}

fn replace(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.text_argument(call.args[0]);
    let (old, new) = (same_kind(e, call, 1)?, same_kind(e, call, 2)?);
    let count = e.as_index(call.args[3], "count")?;
    let kind = e.ty(call.args[0]).widen();
    Ok(e.call_kernel_of_kind(call, vec![text, old, new, count], kind))
}

fn with_part(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = vec![e.text_argument(call.args[0]), same_kind(e, call, 1)?];
    let kind = e.ty(call.args[0]).widen();
    Ok(e.call_kernel_of_kind(call, args, kind))
}

fn split(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.text_argument(call.args[0]);
    let separator = same_kind_or_none(e, call, 1)?;
    let at_most = e.as_index(call.args[2], "maxsplit")?;
    let kind = e.ty(call.args[0]).widen();
    Ok(e.call_kernel_of_kind(call, vec![text, separator, at_most], Type::list(kind)))
}

fn split_lines(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.text_argument(call.args[0]);
    let keep_ends = e.truth(call.args[1])?;
    let keep_ends = e.coerce(keep_ends, Type::bool())?;
    let kind = e.ty(call.args[0]).widen();
    Ok(e.call_kernel_of_kind(call, vec![text, keep_ends], Type::list(kind)))
}

fn partition(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = vec![e.text_argument(call.args[0]), same_kind(e, call, 1)?];
    let kind = e.ty(call.args[0]).widen();
    Ok(e.call_kernel_of_kind(call, args, Type::tuple(vec![kind; 3])))
}

fn join(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let items = call.args[1];
    let kind = e.ty(call.args[0]).widen();
    let separator = e.text_argument(call.args[0]);
    if e.ty(items).as_tuple().is_some() {
        let texts = e.tuple_elements(items);
        let texts = texts.into_iter().map(|text| of_same_kind(e, call, 1, text)).collect::<Emit<Vec<_>>>()?;
        let texts = e.several_texts(&texts);
        return Ok(e.call_kernel("str_join_several", kind, vec![separator, texts], kind));
    }
    let texts = match e.ty(items).as_list() {
        Some(_) => items,
        None => e.list_of(items)?,
    };
    let texts = match e.ty(texts).as_list() {
        Some(element) if element == kind => texts,
        // Nothing was ever put into it.
        Some(element) if element == Type::never() => e.coerce(texts, Type::list(kind))?,
        _ => {
            let message = format!("expected items of {}, not {}", kind.shown(), e.ty(items).shown());
            return call.argument_error(1, Code::ArgumentType, message);
        }
    };
    Ok(e.call_kernel_of_kind(call, vec![separator, texts], kind))
}

fn strip(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = vec![e.text_argument(call.args[0]), same_kind_or_none(e, call, 1)?];
    let kind = e.ty(call.args[0]).widen();
    Ok(e.call_kernel_of_kind(call, args, kind))
}

fn pad(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.text_argument(call.args[0]);
    let width = e.as_index(call.args[1], "the width")?;
    let fill = match e.ty(call.args[2]) == Type::undefined() {
        true => {
            let blank = e.constant_text(" ");
            e.text_argument(blank)
        }
        false => same_kind(e, call, 2)?,
    };
    let kind = e.ty(call.args[0]).widen();
    Ok(e.call_kernel_of_kind(call, vec![text, width, fill], kind))
}

fn zfill(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = vec![e.text_argument(call.args[0]), e.as_index(call.args[1], "the width")?];
    let kind = e.ty(call.args[0]).widen();
    Ok(e.call_kernel_of_kind(call, args, kind))
}

fn expand_tabs(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = vec![e.text_argument(call.args[0]), e.as_index(call.args[1], "tabsize")?];
    let kind = e.ty(call.args[0]).widen();
    Ok(e.call_kernel_of_kind(call, args, kind))
}

/// A method without arguments that gives a value of the receiver's kind.
fn changed(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.text_argument(call.args[0]);
    let kind = e.ty(call.args[0]).widen();
    Ok(e.call_kernel_of_kind(call, vec![text], kind))
}

fn casefold(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.text_argument(call.args[0]);
    Ok(e.call_text_kernel("str_casefold", vec![text], Type::str()))
}

/// A method without arguments that says whether, for both kinds differently.
fn test_of_kind(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.text_argument(call.args[0]);
    Ok(e.call_kernel_of_kind(call, vec![text], Type::bool()))
}

fn test(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let text = e.text_argument(call.args[0]);
    Ok(e.call_text_kernel(&format!("str_{}", call.short_name()), vec![text], Type::bool()))
}

//! `str.translate`, and `str.maketrans`.

use crate::builtins::Step;
use crate::declaration::{Declaration, Default, Param};
use crate::{Call, Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "str.translate",
        params: &[Param::required("self").positional_only(), Param::required("table").positional_only()],
        doc: "With other text in place of characters, by a dict of code points.",
        rule: translate,
    },
    Declaration {
        path: "builtins.str.maketrans",
        params: &[
            Param::required("x").positional_only(),
            Param::optional("y", Default::Absent).positional_only(),
            Param::optional("z", Default::Absent).positional_only(),
        ],
        doc: "A dict for `str.translate`.",
        rule: make_table,
    },
];

fn translate(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (text, table) = (e.materialise(call.args[0]), call.args[1]);
    match e.ty(table).kind() {
        TypeKind::Dict(key, _, _) if *key == Type::never() => return Ok(text),
        TypeKind::Dict(key, _, _) if key.is_int() => {}
        _ => {
            let message = format!("expected a dict of code points, not {}", e.ty(table).shown());
            return call.argument_error(1, Code::ArgumentType, message);
        }
    }
    let length = e.text_length(text);
    let parts = e.new_list(Type::str(), length);
    let iterator = e.iter(text)?;
    e.for_each_item(iterator, &[], |e, c, _| {
        let code = e.ord(c);
        let is_known = e.table_contains(table, code)?;
        let part = e.if_else(
            is_known,
            |e| {
                let value = e.dict_item(table, code)?;
                translated(e, call, value)
            },
            |_| Ok(c),
        )?;
        e.list_append(parts, part)?;
        Ok(Step { state: vec![], stop: None })
    })?;
    let nothing = e.constant_text("");
    let args = vec![e.text_argument(nothing), parts];
    Ok(e.call_text_kernel("str_join", args, Type::str()))
}

/// What the value of a table stands for: a code point, text, or None for nothing.
fn translated(e: &mut Emitter<'_>, call: &Call, value: Value) -> Emit {
    match e.ty(value).kind() {
        TypeKind::None => Ok(e.constant_text("")),
        TypeKind::Str => Ok(value),
        TypeKind::Int(_) => {
            let code = e.as_index(value, "a code point")?;
            Ok(e.call_text_kernel("str_chr", vec![code], Type::str()))
        }
        TypeKind::Optional(_) => {
            let (present, payload) = (e.b.field(value, 0), e.b.field(value, 1));
            e.if_else(present, |e| translated(e, call, payload), |e| Ok(e.constant_text("")))
        }
        ty => {
            let message =
                format!("characters become ints, text or None, not {}", Type::from(ty.clone()).shown());
            call.argument_error(1, Code::ArgumentType, message)
        }
    }
}

fn make_table(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let is_given = |e: &Emitter<'_>, idx: usize| e.ty(call.args[idx]) != Type::undefined();
    let first = e.plain_value(call.args[0]);
    if !is_given(e, 1) {
        return match e.ty(first).kind() {
            TypeKind::Dict(key, _, _) if key.is_int() => e.copy_table(first),
            TypeKind::Dict(key, value, _) if *key == Type::str() => table_of_characters(e, first, *value),
            ty => {
                let message = format!("expected a dict, not {}", Type::from(ty.clone()).shown());
                call.argument_error(0, Code::ArgumentType, message)
            }
        };
    }
    let second = e.plain_value(call.args[1]);
    for (idx, text) in [first, second].into_iter().enumerate() {
        if e.ty(text) != Type::str() {
            let message = format!("expected str, not {}", e.ty(text).shown());
            return call.argument_error(idx, Code::ArgumentType, message);
        }
    }
    let [n_first, n_second] = [first, second].map(|text| e.text_length(text));
    let are_equal = e.equal(n_first, n_second);
    let message = "the first two maketrans arguments must have equal length";
    e.raise_unless(are_equal, "ValueError", message, &[]);
    let removes = is_given(e, 2);
    let value_type = if removes { Type::optional(Type::int64()) } else { Type::int64() };
    let table = e.dict(Type::dict(Type::int64(), value_type), &[])?;
    let pairs = e.zip(&[first, second], false)?;
    e.for_each_item(pairs, &[], |e, pair, _| {
        let codes = e.tuple_elements(pair);
        let [from, to] = [codes[0], codes[1]].map(|c| e.ord(c));
        let to = e.coerce(to, value_type)?;
        e.set_dict_item(table, from, to)?;
        Ok(Step { state: vec![], stop: None })
    })?;
    if removes {
        let third = e.plain_value(call.args[2]);
        if e.ty(third) != Type::str() {
            let message = format!("expected str, not {}", e.ty(third).shown());
            return call.argument_error(2, Code::ArgumentType, message);
        }
        let characters = e.iter(third)?;
        e.for_each_item(characters, &[], |e, c, _| {
            let code = e.ord(c);
            let nothing = e.b.zero(value_type);
            e.set_dict_item(table, code, nothing)?;
            Ok(Step { state: vec![], stop: None })
        })?;
    }
    Ok(table)
}

/// A table whose keys are the code points of characters.
fn table_of_characters(e: &mut Emitter<'_>, characters: Value, value_type: Type) -> Emit {
    let table = e.dict(Type::dict(Type::int64(), value_type), &[])?;
    let keys = e.iter(characters)?;
    e.for_each_item(keys, &[], |e, key, _| {
        let length = e.text_length(key);
        let one = e.b.int64(1);
        let is_character = e.equal(length, one);
        let message = "string keys in translate table must be of length 1";
        e.raise_unless(is_character, "ValueError", message, &[]);
        let value = e.dict_item(characters, key)?;
        let code = e.ord(key);
        e.set_dict_item(table, code, value)?;
        Ok(Step { state: vec![], stop: None })
    })?;
    Ok(table)
}

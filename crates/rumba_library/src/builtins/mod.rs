//! Python's built-in functions and classes, and the methods of ranges, slices and tuples.

mod buffers;
mod classes;
mod constructors;
mod extremes;
mod folding;
mod hashing;
mod printing;
mod rounding;
mod sequences;

use crate::declaration::{Declaration, Default, Param};
use crate::operators::{BinaryOperator, Comparison};
use crate::{Call, Emit, Emitter};
pub(crate) use constructors::given;
use rumba_ir::RuntimeFunction;
use rumba_source::Code;
use rumba_types::{DictKind, Type, TypeKind};

pub(crate) use folding::{Step, fold_items};
pub(crate) use rounding::TOO_LARGE;

const VALUE: &[Param] = &[Param::required("x").positional_only()];
const ITERABLE: &[Param] = &[Param::required("iterable").positional_only()];
const OPTIONAL_VALUE: &[Param] = &[Param::optional("x", Default::Absent).positional_only()];
const EXTREME: &[Param] = &[
    Param::variadic("args"),
    Param::optional("default", Default::Absent).keyword_only(),
    Param::optional("key", Default::None).keyword_only(),
];
const SELF: &[Param] = &[Param::required("self").positional_only()];
const SELF_AND_VALUE: &[Param] =
    &[Param::required("self").positional_only(), Param::required("value").positional_only()];

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "builtins.range",
        params: &[Param::variadic("args")],
        doc: "The integers from start to stop by step.",
        rule: sequences::range,
    },
    Declaration {
        path: "builtins.len",
        params: &[Param::required("obj").positional_only()],
        doc: "The number of items of a tuple, array (first axis) or range.",
        rule: |e, call| e.length(call.args[0]),
    },
    Declaration {
        path: "builtins.slice",
        params: &[Param::variadic("args")],
        doc: "A slice object.",
        rule: sequences::slice,
    },
    Declaration {
        path: "builtins.enumerate",
        params: &[Param::required("iterable"), Param::optional("start", Default::Int(0))],
        doc: "Pairs of a count and an item.",
        rule: |e, call| e.enumerate(call.args[0], call.args[1]),
    },
    Declaration {
        path: "builtins.zip",
        params: &[
            Param::variadic("iterables"),
            Param::optional("strict", Default::Bool(false)).keyword_only(),
        ],
        doc: "Tuples of one item of each iterable, until the shortest ends; ValueError if strict and they do not end together.",
        rule: sequences::zip,
    },
    Declaration {
        path: "builtins.reversed",
        params: &[Param::required("sequence").positional_only()],
        doc: "The items of a range, tuple, array, list or text, or the keys of a dict, from the last to the first.",
        rule: |e, call| e.reversed(call.args[0]),
    },
    Declaration {
        path: "builtins.print",
        params: &[
            Param::variadic("args"),
            Param::optional("sep", Default::None).keyword_only(),
            Param::optional("end", Default::None).keyword_only(),
            Param::optional("file", Default::None).keyword_only(),
            Param::optional("flush", Default::Bool(false)).keyword_only(),
        ],
        doc: "Prints numbers, strings, tuples and arrays to `sys.stdout` or `sys.stderr`.",
        rule: printing::print,
    },
    // Reductions.
    Declaration {
        path: "builtins.min",
        params: EXTREME,
        doc: "The smallest argument, or item of a tuple, array or range. Numbers of several types are converted to their common type.",
        rule: extremes::min,
    },
    Declaration {
        path: "builtins.max",
        params: EXTREME,
        doc: "The largest argument, or item of a tuple, array or range. Numbers of several types are converted to their common type.",
        rule: extremes::max,
    },
    Declaration {
        path: "builtins.sum",
        params: &[Param::required("iterable").positional_only(), Param::optional("start", Default::Int(0))],
        doc: "The sum of a tuple, array or range, from the left without compensation (as CPython before 3.12); of lists their items.",
        rule: |e, call| folding::fold_items(e, call, BinaryOperator::Add),
    },
    Declaration {
        path: "builtins.any",
        params: ITERABLE,
        doc: "Whether an item of a tuple, array or range is true.",
        rule: |e, call| folding::any_or_all(e, call.args[0], true),
    },
    Declaration {
        path: "builtins.all",
        params: ITERABLE,
        doc: "Whether every item of a tuple, array or range is true.",
        rule: |e, call| folding::any_or_all(e, call.args[0], false),
    },
    // Arithmetic.
    Declaration {
        path: "builtins.abs",
        params: VALUE,
        doc: "The magnitude of a number; of an int in its type, so that the smallest int64 stays as it is.",
        rule: |e, call| e.absolute(call.args[0]),
    },
    Declaration {
        path: "builtins.round",
        params: &[Param::required("number"), Param::optional("ndigits", Default::None)],
        doc: "The nearest int, or the nearest decimal number of `ndigits` digits, ties to even. OverflowError beyond int64.",
        rule: rounding::round,
    },
    Declaration {
        path: "builtins.divmod",
        params: &[Param::required("x").positional_only(), Param::required("y").positional_only()],
        doc: "The pair (x // y, x % y).",
        rule: |e, call| e.divmod(call.args[0], call.args[1]),
    },
    Declaration {
        path: "builtins.pow",
        params: &[Param::required("base"), Param::required("exp"), Param::optional("mod", Default::None)],
        doc: "`base ** exp`, with three ints modulo `mod`.",
        rule: pow,
    },
    Declaration {
        path: "builtins.hash",
        params: VALUE,
        doc: "The hash of a number, text, bytes or tuple, as CPython's; of NaN 0.",
        rule: |e, call| e.hash(call.args[0]),
    },
    // Classes.
    Declaration {
        path: "builtins.int",
        params: &[
            Param::optional("x", Default::Absent).positional_only(),
            Param::optional("base", Default::Absent),
        ],
        doc: "A number truncated to an int, or text parsed as one: uint64 of a uint64, otherwise int64. OverflowError beyond int64.",
        rule: constructors::int,
    },
    Declaration {
        path: "builtins.float",
        params: OPTIONAL_VALUE,
        doc: "A number as float64, or text parsed as one.",
        rule: constructors::float,
    },
    Declaration {
        path: "builtins.complex",
        params: &[Param::optional("real", Default::Absent), Param::optional("imag", Default::Absent)],
        doc: "A complex128 from numbers.",
        rule: constructors::complex,
    },
    Declaration {
        path: "builtins.bool",
        params: OPTIONAL_VALUE,
        doc: "Whether a value is true.",
        rule: constructors::bool,
    },
    Declaration {
        path: "builtins.tuple",
        params: OPTIONAL_VALUE,
        doc: "A tuple from a tuple, or from a range with constant parts.",
        rule: constructors::tuple,
    },
    Declaration {
        path: "builtins.list",
        params: OPTIONAL_VALUE,
        doc: "A list of the items of an iterable.",
        rule: |e, call| match given(e, call, 0) {
            Some(items) => e.list_of(items),
            None => e.list(Type::never(), &[]),
        },
    },
    Declaration {
        path: "builtins.sorted",
        params: &[
            Param::required("iterable").positional_only(),
            Param::optional("key", Default::None).keyword_only(),
            Param::optional("reverse", Default::Bool(false)).keyword_only(),
        ],
        doc: "A new list of the items of an iterable in order, or in that of the keys that a function gives for them; NaN comes last.",
        rule: |e, call| {
            let list = e.list_of(call.args[0])?;
            e.sort_list(list, list, call.args[2])?;
            Ok(list)
        },
    },
    Declaration {
        path: "builtins.getattr",
        params: &[
            Param::required("object").positional_only(),
            Param::required("name").positional_only(),
            Param::optional("default", Default::Absent).positional_only(),
        ],
        doc: "The attribute of a constant name, or the default if there is none of this name.",
        rule: |e, call| {
            let name = attribute_name(e, call)?;
            e.attribute(call.args[0], name)
        },
    },
    Declaration {
        path: "builtins.hasattr",
        params: &[Param::required("object").positional_only(), Param::required("name").positional_only()],
        doc: "Whether there is an attribute of a constant name; a constant.",
        rule: |e, call| {
            let name = attribute_name(e, call)?;
            let found = e.attribute(call.args[0], name).is_ok();
            Ok(e.literal_bool(found))
        },
    },
    Declaration {
        path: "builtins.set",
        params: OPTIONAL_VALUE,
        doc: "A set of the items of an iterable.",
        rule: |e, call| match given(e, call, 0) {
            Some(items) => e.set_of(items, false),
            None => e.set(Type::never(), &[]),
        },
    },
    Declaration {
        path: "builtins.frozenset",
        params: OPTIONAL_VALUE,
        doc: "A set of the items of an iterable that does not change, and is a key.",
        rule: |e, call| match given(e, call, 0) {
            Some(items) => e.set_of(items, true),
            None => e.new_table(Type::frozenset(Type::never())),
        },
    },
    Declaration {
        path: "builtins.dict",
        params: &[Param::optional("x", Default::Absent).positional_only(), Param::keywords("kwargs")],
        doc: "A dict of the pairs of another one, or of an iterable of pairs, and of what is given by name.",
        rule: |e, call| e.dict_with(given(e, call, 0), call.args[1], DictKind::Plain),
    },
    Declaration {
        path: "builtins.isinstance",
        params: &[
            Param::required("obj").positional_only(),
            Param::required("class_or_tuple").positional_only(),
        ],
        doc: "Whether a value is of a class, decided when compiling. `int`, `float` and `complex` stand for all types of their sort.",
        rule: |e, call| e.is_instance(call.args[0], call.args[1], call.spans[1]),
    },
    Declaration {
        path: "builtins.issubclass",
        params: &[
            Param::required("cls").positional_only(),
            Param::required("class_or_tuple").positional_only(),
        ],
        doc: "Whether a class inherits from another one, or from one of a tuple; a constant.",
        // Inference asks the interpreter, where the classes are what the call says.
        rule: |_, call| call.argument_error(0, Code::ArgumentType, "issubclass compares classes"),
    },
    Declaration {
        path: "builtins.type",
        params: &[Param::required("object").positional_only()],
        doc: "The class of a value, to be compared and called. Numbers of 64 bits are Python's.",
        rule: |e, call| e.class_of(call.args[0]),
    },
    Declaration {
        path: "builtins.callable",
        params: &[Param::required("obj").positional_only()],
        doc: "Whether a value can be called.",
        rule: |e, call| e.callable(call.args[0]),
    },
    Declaration {
        path: "builtins.id",
        params: &[Param::required("obj").positional_only()],
        doc: "The address of a list, deque, dict, set, or instance of a class in compiled code, which is not what the interpreter says.",
        rule: id,
    },
    Declaration {
        path: "builtins.bytearray",
        params: &[Param::optional("source", Default::Absent).positional_only()],
        doc: "An array of uint8: zeros of a number, or the bytes of an iterable. Its length does not change.",
        rule: buffers::bytearray,
    },
    Declaration {
        path: "builtins.memoryview",
        params: &[Param::required("object")],
        doc: "The memory of bytes or of an array, as an array.",
        rule: buffers::memoryview,
    },
    // Attributes and methods of ranges, slices and tuples.
    Declaration {
        path: "range:start",
        params: SELF,
        doc: "The first item.",
        rule: |e, call| Ok(e.b.field(call.args[0], 0)),
    },
    Declaration {
        path: "range:stop",
        params: SELF,
        doc: "The end, which the range does not contain.",
        rule: |e, call| Ok(e.b.field(call.args[0], 1)),
    },
    Declaration {
        path: "range:step",
        params: SELF,
        doc: "From one item to the next.",
        rule: |e, call| Ok(e.b.field(call.args[0], 2)),
    },
    Declaration {
        path: "range.count",
        params: SELF_AND_VALUE,
        doc: "1 if the range contains a value, else 0.",
        rule: |e, call| {
            let contained = e.comparison(Comparison::In, call.args[1], call.args[0])?;
            e.coerce(contained, Type::int64())
        },
    },
    Declaration {
        path: "range.index",
        params: SELF_AND_VALUE,
        doc: "The position of a value; ValueError if the range does not contain it.",
        rule: sequences::index_in_range,
    },
    Declaration {
        path: "slice:start",
        params: SELF,
        doc: "Where the slice starts, or None.",
        rule: |e, call| Ok(e.b.field(call.args[0], 0)),
    },
    Declaration {
        path: "slice:stop",
        params: SELF,
        doc: "Where the slice stops, or None.",
        rule: |e, call| Ok(e.b.field(call.args[0], 1)),
    },
    Declaration {
        path: "slice:step",
        params: SELF,
        doc: "From one item to the next, or None.",
        rule: |e, call| Ok(e.b.field(call.args[0], 2)),
    },
    Declaration {
        path: "slice.indices",
        params: &[Param::required("self"), Param::required("len")],
        doc: "Start, stop and step over a sequence of this length.",
        rule: |e, call| {
            let length = e.as_index(call.args[1], "the length")?;
            let negative = e.is_negative(length);
            e.raise_if(negative, "ValueError", "length should not be negative", &[]);
            let bounds = e.slice_bounds(call.args[0], length)?;
            Ok(e.tuple(bounds.to_vec()))
        },
    },
    Declaration {
        path: "tuple.count",
        params: SELF_AND_VALUE,
        doc: "The number of elements equal to a value.",
        rule: sequences::count,
    },
    Declaration {
        path: "tuple.index",
        params: &[
            Param::required("self").positional_only(),
            Param::required("value").positional_only(),
            Param::optional("start", Default::Int(0)).positional_only(),
            Param::optional("stop", Default::None).positional_only(),
        ],
        doc: "The position of the first element, from `start` on and before `stop`, that equals a value; ValueError if there is none.",
        rule: sequences::index,
    },
];

fn pow(e: &mut Emitter<'_>, call: &Call) -> Emit {
    static POW_MOD: RuntimeFunction = RuntimeFunction::raising("rumba_pow_mod");
    let [base, exponent, modulus] = [call.args[0], call.args[1], call.args[2]];
    if e.ty(modulus).is_none() {
        return e.binary(BinaryOperator::Pow, base, exponent);
    }
    let args = crate::math::int_arguments(e, call, &[0, 1, 2])?;
    let site = e.call_site();
    Ok(e.b.call_runtime(&POW_MOD, args, rumba_types::Type::int64(), Some(site)))
}

/// The address of what is an object in compiled code, too.
fn id(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let ty = e.ty(call.args[0]);
    match ty.kind() {
        TypeKind::List(_)
        | TypeKind::Deque(_)
        | TypeKind::Dict(..)
        | TypeKind::Set(..)
        | TypeKind::Instance(_) => {
            let address = e.b.field(call.args[0], 0);
            Ok(e.b.reinterpret(address, Type::int64()))
        }
        _ => {
            let message = format!("{} has no identity in compiled code", ty.shown());
            let diagnostic = rumba_source::Diagnostic::new(Code::ArgumentType, call.spans[0], message);
            Err(diagnostic.note("lists, deques, dicts, sets and instances of classes have one").into())
        }
    }
}

/// The name that `getattr` and its kin are given.
pub fn attribute_name(e: &Emitter<'_>, call: &Call) -> Emit<&'static str> {
    match e.ty(call.args[1]).as_literal_str() {
        Some(name) => Ok(name),
        None => call.argument_error(1, Code::ArgumentValue, "the name of an attribute is a constant here"),
    }
}

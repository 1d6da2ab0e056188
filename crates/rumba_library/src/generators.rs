//! Generators: what a function with `yield` in it gives when it is called.
//!
//! Asking a generator whether it has another item lets its function run on; the item is in the generator's block then. So
//! it is an iterator that is its own successor.

use crate::builtins::given;
use crate::declaration::{Declaration, Default, Param};
use crate::{Call, Emit, Emitter, Failure};
use rumba_ir::{InstanceId, Value};
use rumba_source::Code;
use rumba_types::{GeneratorType, Place, Type, TypeKind};
use std::sync::Arc;

const SELF: Param = Param::required("self").positional_only();

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "builtins.next",
        params: &[
            Param::required("iterator").positional_only(),
            Param::optional("default", Default::Absent).positional_only(),
        ],
        doc: "The next item of a generator; StopIteration, or the default, after the last.",
        rule: next,
    },
    Declaration {
        path: "generator_iterator.send",
        params: &[SELF, Param::required("value").positional_only()],
        doc: "Goes on with a generator, whose `yield` gives the value, to the next item; StopIteration after the last.",
        rule: |e, call| {
            e.send(call.args[0], call.args[1])?;
            e.next_item(call.args[0])
        },
    },
    Declaration {
        path: "generator_iterator.__next__",
        params: &[SELF],
        doc: "The next item; StopIteration after the last.",
        rule: |e, call| e.next_item(call.args[0]),
    },
    Declaration {
        path: "generator_iterator.throw",
        params: &[SELF, Param::required("exception").positional_only()],
        doc: "Raises an exception where the generator has stopped, and gives its next item; StopIteration if it ends.",
        rule: |e, call| {
            call.argument_error(1, Code::NotAnException, format!("{} is thrown", e.ty(call.args[1]).shown()))
        },
    },
    Declaration {
        path: "generator_iterator.close",
        params: &[SELF],
        doc: "Raises GeneratorExit where the generator has stopped.",
        rule: |e, call| Ok(e.call_raising("generator_close", vec![call.args[0]], Type::none())),
    },
];

/// How a generator is resumed: `rumba_runtime::generators`.
const NEXT: i64 = 0;
const THROW: i64 = 1;

impl Emitter<'_> {
    fn generator_type(&self, generator: Value) -> Option<Arc<GeneratorType>> {
        match self.ty(generator).kind() {
            TypeKind::GeneratorIterator(generator) => Some(generator.clone()),
            _ => None,
        }
    }

    /// A generator that has not begun.
    pub fn new_generator(&mut self, ty: Type, args: &[Value]) -> Value {
        let TypeKind::GeneratorIterator(generator) = ty.kind() else { unreachable!("{ty} is no generator") };
        let resume = InstanceId(generator.resume);
        let places = generator.places();
        let layout = [places.end - GeneratorType::HEADER, places.owners.len() as u32];
        let layout = self.words(&[&layout[..], &places.owners].concat());
        let (size, entry) = (self.b.generator_size(resume), self.b.entry_address(resume));
        let new = self.call_raising("generator_new", vec![size, layout, entry], ty);
        for (arg, place) in args.iter().zip(places.params) {
            let address = self.generator_place(new, place);
            self.b.store_new(address, *arg);
        }
        new
    }

    /// The address of a value of a generator's block.
    pub fn generator_place(&mut self, generator: Value, place: Place) -> Value {
        let block = self.b.field(generator, 0);
        self.b.at(block, place.offset)
    }

    /// Lets a generator run on: whether it has another item.
    pub(crate) fn resume_generator(&mut self, generator: Value, ty: &GeneratorType) -> Value {
        self.resume(generator, ty, NEXT)
    }

    fn resume(&mut self, generator: Value, ty: &GeneratorType, how: i64) -> Value {
        let (how, site) = (self.b.int64(how), self.call_site());
        self.b.call(InstanceId(ty.resume), vec![generator, how], Type::bool(), site)
    }

    /// Raises the exception that is pending where a generator has stopped: its next item.
    pub fn resume_with_pending(&mut self, generator: Value) -> Emit {
        let ty = self.generator_type(generator).expect("the receiver is a generator");
        let has_item = self.resume(generator, &ty, THROW);
        self.raise_unless(has_item, "StopIteration", "", &[]);
        self.generator_item(generator, &ty)
    }

    pub(crate) fn generator_item(&mut self, generator: Value, ty: &GeneratorType) -> Emit {
        if ty.item == Type::never() {
            return Err(Failure::NeverReturns);
        }
        let place = ty.places().item;
        let address = self.generator_place(generator, place);
        Ok(self.load_stored(address, place.ty))
    }

    fn next_item(&mut self, generator: Value) -> Emit {
        let Some(ty) = self.generator_type(generator) else {
            let ty = self.ty(generator).shown();
            let diagnostic = self.diagnostic(Code::ArgumentType, format!("{ty} is no generator"));
            let note =
                "`next` takes items from generators: `(x for x in xs)`; a `for` with `break` from everything";
            return Err(diagnostic.note(note).into());
        };
        let has_item = self.resume_generator(generator, &ty);
        self.raise_unless(has_item, "StopIteration", "", &[]);
        self.generator_item(generator, &ty)
    }

    /// Hands a value to the `yield` at which a generator has stopped, if that makes use of it.
    pub fn send(&mut self, iterator: Value, value: Value) -> Emit<()> {
        let Some(ty) = self.generator_type(iterator) else { return Ok(()) };
        if ty.sent.is_none() {
            return Ok(());
        }
        let Ok(value) = self.coerce(value, ty.sent) else {
            let (given, wanted) = (self.ty(value).shown(), ty.sent.shown());
            let message = format!("{given} is sent to a generator that takes {wanted}");
            let diagnostic = self.diagnostic(Code::ArgumentType, message);
            return Err(diagnostic.note("what is sent is of the type that is yielded").into());
        };
        let address = self.generator_place(iterator, ty.places().sent);
        self.b.replace_stored(address, value);
        Ok(())
    }

    /// What a generator has returned; `None` of other iterators.
    pub fn returned(&mut self, iterator: Value) -> Value {
        match self.generator_type(iterator) {
            Some(ty) if ty.returned != Type::never() => {
                let place = ty.places().returned;
                let address = self.generator_place(iterator, place);
                self.load_stored(address, place.ty)
            }
            _ => self.b.none(),
        }
    }
}

fn next(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let generator = call.args[0];
    let (Some(default), Some(ty)) = (given(e, call, 1), e.generator_type(generator)) else {
        return e.next_item(generator);
    };
    let common = rumba_types::join(ty.item, e.ty(default).widen());
    let Some(common) = common else {
        let (item, other) = (ty.item.shown(), e.ty(default).shown());
        let message = format!("the default is {other}, the items are {item}");
        return call.argument_error(1, Code::ArgumentType, message);
    };
    let has_item = e.resume_generator(generator, &ty);
    e.if_else(
        has_item,
        |e| {
            let item = e.generator_item(generator, &ty)?;
            e.coerce(item, common)
        },
        |e| e.coerce(default, common),
    )
}

//! `rumba.typed` in compiled code: the same containers as others, which come back as objects of that module.

use crate::builtins::given;
use crate::declaration::{Declaration, Default, Param};
use crate::{Call, Emit, Emitter};
use rumba_ir::{Access, Value};
use rumba_source::Code;
use rumba_types::{DictKind, Type, TypeKind};

/// Where a container has what it was made of, and what stands there for the objects of `rumba.typed`:
/// `rumba_runtime::containers::TYPED`.
const OBJECT: i64 = 32;
const TYPED: i64 = 1;

const ITEMS: &[Param] = &[Param::optional("iterable", Default::Absent).positional_only()];

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "rumba.typed.List",
        params: ITEMS,
        doc: "A list that comes back as a `rumba.typed.List`.",
        rule: |e, call| {
            let list = match given(e, call, 0) {
                Some(items) => e.list_of(items)?,
                None => e.list(Type::never(), &[])?,
            };
            Ok(e.mark_as_typed(list))
        },
    },
    Declaration {
        path: "rumba.typed.Dict",
        params: ITEMS,
        doc: "A dict that comes back as a `rumba.typed.Dict`.",
        rule: |e, call| {
            let dict = match given(e, call, 0) {
                Some(items) => e.dict_of(items, DictKind::Plain)?,
                None => e.dict(Type::dict(Type::never(), Type::never()), &[])?,
            };
            Ok(e.mark_as_typed(dict))
        },
    },
    Declaration {
        path: "rumba.typed.Set",
        params: ITEMS,
        doc: "A set that comes back as a `rumba.typed.Set`.",
        rule: |e, call| {
            let set = match given(e, call, 0) {
                Some(items) => e.set_of(items)?,
                None => e.set(Type::never(), &[])?,
            };
            Ok(e.mark_as_typed(set))
        },
    },
    Declaration {
        path: "rumba.typed.List.empty_list",
        params: &[Param::required("item_type"), Param::optional("allocated", Default::Int(0))],
        doc: "An empty list of items of a type.",
        rule: |e, call| {
            let element = type_argument(e, call, 0)?;
            let list = e.list(element, &[])?;
            Ok(e.mark_as_typed(list))
        },
    },
    Declaration {
        path: "rumba.typed.Dict.empty",
        params: &[
            Param::required("key_type"),
            Param::required("value_type"),
            Param::optional("n_keys", Default::Int(0)),
        ],
        doc: "An empty dict of keys and values of these types.",
        rule: |e, call| {
            let ty = Type::dict(type_argument(e, call, 0)?, type_argument(e, call, 1)?);
            let dict = e.dict(ty, &[])?;
            Ok(e.mark_as_typed(dict))
        },
    },
];

/// An argument that is a type.
fn type_argument(e: &Emitter<'_>, call: &Call, idx: usize) -> Emit<Type> {
    match e.ty(call.args[idx]).kind() {
        TypeKind::DType(ty) => Ok(*ty),
        _ => {
            let message = format!("expected a type, not {}", e.ty(call.args[idx]).shown());
            call.argument_error(idx, Code::ArgumentType, message)
        }
    }
}

impl Emitter<'_> {
    /// An empty container of another type, in place of one that is empty.
    pub(crate) fn another_empty(&mut self, container: Value, ty: Type) -> Emit {
        let new = match ty.as_list() {
            Some(_) => self.another_empty_sequence(container, ty),
            None => self.new_table(ty)?,
        };
        let [from, to] = [container, new].map(|container| {
            let (address, place) = (self.b.field(container, 0), self.b.int64(OBJECT));
            self.b.offset(address, place)
        });
        let object = self.b.load(from, Type::int64(), Access::aligned(true));
        let (mark, nothing) = (self.b.int64(TYPED), self.b.int64(0));
        let is_typed = self.equal(object, mark);
        let object = self.b.select(is_typed, mark, nothing);
        self.b.store(to, object, Access::aligned(true));
        Ok(new)
    }

    fn mark_as_typed(&mut self, container: Value) -> Value {
        let (address, place) = (self.b.field(container, 0), self.b.int64(OBJECT));
        let place = self.b.offset(address, place);
        let mark = self.b.int64(TYPED);
        self.b.store(place, mark, Access::aligned(true));
        container
    }
}

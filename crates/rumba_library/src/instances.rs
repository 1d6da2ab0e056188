//! Instances of classes: making them, and reading and writing their fields.

use crate::declaration::{Declaration, Param};
use crate::operators::Comparison;
use crate::{Call, Emit, Emitter, Failure};
use rumba_ir::{Access, CompareOp, Value};
use rumba_source::Code;
use rumba_types::{Equality, InstanceClass, Type, TypeKind};
use std::sync::Arc;

/// Where a block has what it says of changes, and where its fields begin: `rumba_runtime::containers::Instance`.
mod place {
    pub const CHANGED: i64 = 40;
    pub const FIELDS: i64 = 64;
}

const ALIGNED: Access = Access::aligned(true);

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "builtins.object.__init__",
        params: &[Param::required("self").positional_only()],
        doc: "Does nothing: what `super().__init__()` calls in a class without bases.",
        rule: |e, _| Ok(e.b.none()),
    },
    Declaration {
        path: "builtins.object.__setattr__",
        params: &[
            Param::required("self").positional_only(),
            Param::required("name").positional_only(),
            Param::required("value").positional_only(),
        ],
        doc: "Assigns a field whose name is a constant, also of a frozen instance.",
        rule: set_attribute,
    },
    Declaration {
        path: "rumba.experimental.structref.new",
        params: &[Param::required("struct_type")],
        doc: "A struct of a type, none of whose fields has been set.",
        rule: |e, call| {
            let class = match e.ty(call.args[0]).kind() {
                TypeKind::DType(ty) => ty.as_instance().filter(|class| class.fields().is_some()),
                _ => None,
            };
            match class {
                Some(class) => Ok(e.new_instance(class)),
                None => call.argument_error(0, Code::ArgumentType, "expected the type of a struct"),
            }
        },
    },
];

fn set_attribute(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let Some(class) = e.ty(call.args[0]).as_instance() else {
        let message = format!("{} has no fields to assign", e.ty(call.args[0]).shown());
        return call.argument_error(0, Code::ArgumentType, message);
    };
    let name = e.ty(call.args[1]).as_literal_str();
    match name.and_then(|name| class.position(name)) {
        Some(position) => e.set_instance_field(call.args[0], class, position, call.args[2])?,
        None => {
            let message = format!("expected the name of a field of {}, as a constant", class.name);
            return call.argument_error(1, Code::ArgumentValue, message);
        }
    }
    Ok(e.b.none())
}

impl Emitter<'_> {
    /// An instance none of whose fields has been set.
    pub fn new_instance(&mut self, class: &'static InstanceClass) -> Value {
        let layout = self.words(&class.layout_words());
        self.call_raising("instance_new", vec![layout], Type::instance(class))
    }

    /// A block of type `ty` with a place for a value of type `content`, all of whose bits are zero.
    pub fn new_block(&mut self, ty: Type, content: Type) -> Value {
        let mut storage = content.storage();
        storage.size = storage.size.next_multiple_of(8);
        let initial = std::iter::repeat_n(0, storage.size as usize / 8);
        let layout = self.words(&storage.words().into_iter().chain(initial).collect::<Vec<_>>());
        self.call_raising("instance_new", vec![layout], ty)
    }

    /// Where the fields of an instance are, or the value in a block.
    pub fn fields_address(&mut self, instance: Value) -> Value {
        let (address, distance) = (self.b.field(instance, 0), self.b.int64(place::FIELDS));
        self.b.offset(address, distance)
    }

    /// The value of a field. A container or instance that has not been set raises `AttributeError`; other fields are zero then.
    pub fn instance_field(&mut self, instance: Value, class: &InstanceClass, position: usize) -> Value {
        let field = &class.fields().expect("the class has its fields")[position];
        let address = self.fields_address(instance);
        let value = self.b.borrow(address, field.ty, &class.offsets(position), Access::field());
        self.check_set(value, &format!("'{}' of '{}' has not been set", field.name, class.name));
        if field.ty.is_managed() { self.b.own(value) } else { value }
    }

    /// Raises where a part of the value refers to nothing, as long as the field has not been set.
    fn check_set(&mut self, value: Value, message: &str) {
        let ty = self.ty(value);
        match ty.kind() {
            _ if ty.refers_to_something() => {
                let (address, nothing) = (self.b.field(value, 0), self.b.address(0));
                let is_set = self.b.compare(CompareOp::Ne, address, nothing);
                self.raise_unless(is_set, "AttributeError", message, &[]);
            }
            TypeKind::Tuple(parts) | TypeKind::NamedTuple(_, parts) => {
                for idx in 0..parts.len() {
                    let part = self.b.field(value, idx);
                    self.check_set(part, message);
                }
            }
            _ => {}
        }
    }

    /// Sets a field to a value, converted to the field's type.
    pub fn set_instance_field(
        &mut self,
        instance: Value,
        class: &InstanceClass,
        position: usize,
        new: Value,
    ) -> Emit<()> {
        let field = &class.fields().expect("the class has its fields")[position];
        let new = self.as_field(new, field.ty, &format!("field `{}` of {}", field.name, class.name))?;
        let address = self.fields_address(instance);
        self.b.replace_scalars(address, new, &class.offsets(position), Access::field());
        if !class.is_shared {
            let (address, distance) = (self.b.field(instance, 0), self.b.int64(place::CHANGED));
            let place = self.b.offset(address, distance);
            let changed = self.b.load(place, Type::int64(), ALIGNED);
            let bit = self.b.int64(1 << position.min(63));
            let changed = self.b.or(changed, bit);
            self.b.store(place, changed, ALIGNED);
        }
        Ok(())
    }

    /// `==` of instances; `None` where a method of their classes decides.
    pub(crate) fn equal_instances(
        &mut self,
        lhs: Value,
        rhs: Value,
        classes: [&'static InstanceClass; 2],
    ) -> Emit<Option<Value>> {
        let [class, other] = classes;
        let (Some(equality), Some(_)) = (class.equality(), other.equality()) else { return Ok(None) };
        match equality {
            Equality::Fields { compared, .. } if class.object == other.object => {
                let [ours, theirs] = [(lhs, class), (rhs, other)]
                    .map(|(value, class)| self.fields_named(value, class, compared));
                self.within(class, "`==`", "__eq__", |e| e.comparison(Comparison::Eq, ours, theirs)).map(Some)
            }
            _ if class == other => self.identity(lhs, rhs, true).map(Some),
            _ => Ok(Some(self.literal_bool(false))),
        }
    }

    /// The hash of an instance that is hashed by its fields; `None` for others.
    pub(crate) fn hash_of_instance(
        &mut self,
        value: Value,
        class: &'static InstanceClass,
    ) -> Emit<Option<Value>> {
        let Some(Equality::Fields { hashed: Some(hashed), .. }) = class.equality() else { return Ok(None) };
        let fields = self.fields_named(value, class, hashed);
        self.within(class, "`hash`", "__hash__", |e| e.hash(fields)).map(Some)
    }

    fn fields_named(&mut self, instance: Value, class: &'static InstanceClass, names: &[Arc<str>]) -> Value {
        let positions = names.iter().filter_map(|name| class.position(name));
        let fields = positions.map(|position| self.instance_field(instance, class, position)).collect();
        self.tuple(fields)
    }

    /// What `look` gives, which looks at the fields of instances of a class: these must not refer to others of it.
    fn within<T>(
        &mut self,
        class: &'static InstanceClass,
        what: &str,
        method: &str,
        look: impl FnOnce(&mut Self) -> Emit<T>,
    ) -> Emit<T> {
        if self.within.contains(&class) {
            let message = format!("instances of {} refer to others, which {what} cannot follow", class.name);
            let diagnostic = self.diagnostic(Code::OperandTypes, message);
            return Err(diagnostic.note(format!("define `{method}` in the class")).into());
        }
        self.within.push(class);
        let seen = look(self);
        self.within.pop();
        seen
    }

    /// `value` as what a place of type `ty` holds: where it is a container of other elements, it is made with these.
    fn as_field(&mut self, value: Value, ty: Type, place: &str) -> Emit {
        let from = self.ty(value).widen();
        if from == ty {
            return Ok(self.materialise(value));
        }
        let container = match ty.kind() {
            TypeKind::Optional(inner) => *inner,
            _ => ty,
        };
        let is_container = matches!(
            container.kind(),
            TypeKind::List(_) | TypeKind::Deque(_) | TypeKind::Set(_, _) | TypeKind::Dict(..)
        );
        if is_container
            && std::mem::discriminant(from.kind()) == std::mem::discriminant(container.kind())
            && from.dict_kind() == container.dict_kind()
            && from.is_frozenset() == container.is_frozenset()
        {
            if from == container {
                return self.coerce(value, ty);
            }
            return Err(Failure::Widen { container: value, to: container });
        }
        let is_readonly = |ty: Type| ty.as_array().is_some_and(|array| array.readonly);
        let coerced = match is_readonly(from) && !is_readonly(container) {
            true => None,
            false => self.coerce(value, ty).ok(),
        };
        match coerced {
            Some(value) => Ok(value),
            None => {
                let message = format!("{place} is of type {}, not {}", ty.shown(), from.shown());
                self.error(Code::CannotConvert, message)
            }
        }
    }
}

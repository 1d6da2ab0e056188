//! How a value of a type is represented at run time: a tree of fields whose leaves are machine
//! scalars. Code generation and the boundary to the interpreter both derive from it.

use crate::{ArrayType, Layout, Type, TypeKind};

impl ArrayType {
    /// The machine scalars of an array: data, owner, extents, and the strides that the layout does not tell.
    pub fn n_slots(&self) -> usize {
        let ndim = usize::from(self.ndim);
        2 + ndim + if self.layout == Layout::A { ndim } else { 0 }
    }
}

impl Type {
    /// The fields of a composite type; `None` for a machine scalar. A type without run-time
    /// representation has no fields.
    ///
    /// | type | fields |
    /// |---|---|
    /// | complex | real, imaginary |
    /// | cell in a frame, frame, C pointer, function pointer | its address |
    /// | optional, maybe-undefined | present: bool, value |
    /// | array | data, owner, one extent per axis, then (layout `A` only) one stride in bytes per axis |
    /// | record | data, owner |
    /// | str | data, owner, length, width of a character: 1, 2 or 4 bytes |
    /// | bytes | data, owner, length |
    /// | list, deque, set, dict, one of these as a constant, generator, counted cell | owner, which is the address of the block |
    /// | datetime, timedelta | the count |
    /// | one of several functions | which one |
    /// | random generator, bit generator | address of NumPy's `bitgen_t`, owner |
    /// | instance of a class | owner, which is the address of its block |
    /// | caught exception | owner |
    /// | tuple, dict of several types, keywords, struct, slice, range, iterator, exception, closure, method, context manager | their parts in order |
    pub fn fields(self) -> Option<Vec<Type>> {
        match self.kind() {
            TypeKind::Bool | TypeKind::Int(_) | TypeKind::Float(_) | TypeKind::Pointer => None,
            TypeKind::Complex(kind) => Some(vec![Type::float(*kind); 2]),
            TypeKind::Undefined
            | TypeKind::Never
            | TypeKind::None
            | TypeKind::Ellipsis
            | TypeKind::Literal(_)
            | TypeKind::FixedText { .. }
            | TypeKind::NotImplemented
            | TypeKind::DType(_)
            | TypeKind::Function(_)
            | TypeKind::Module { .. }
            | TypeKind::ExceptionClass(_)
            | TypeKind::NamedTupleClass(_)
            | TypeKind::EnumMember { .. }
            | TypeKind::EnumClass { .. }
            | TypeKind::Class { .. } => Some(vec![]),
            TypeKind::Optional(inner) | TypeKind::MaybeUndefined(inner) => Some(vec![Type::bool(), *inner]),
            TypeKind::Tuple(elements)
            | TypeKind::NamedTuple(_, elements)
            | TypeKind::MixedList(elements)
            | TypeKind::MixedDict(_, elements)
            | TypeKind::Iterator(_, elements)
            | TypeKind::Keywords(_, elements)
            | TypeKind::Exception(_, elements) => Some(elements.clone()),
            TypeKind::Struct(ty) => Some(ty.types.clone()),
            TypeKind::Closure { captures, .. } => Some(captures.clone()),
            TypeKind::Cell { .. }
            | TypeKind::Frame(_)
            | TypeKind::CPointer(_)
            | TypeKind::FunctionPointer(_)
            | TypeKind::CaughtException => Some(vec![Type::pointer()]),
            TypeKind::Method(_, receiver)
            | TypeKind::BoundMethod { receiver, .. }
            | TypeKind::Super { receiver, .. } => Some(vec![*receiver]),
            TypeKind::ContextManager(_, of) => Some(vec![*of]),
            TypeKind::Slice(parts) | TypeKind::Range(parts) => Some(parts.to_vec()),
            TypeKind::Generator | TypeKind::BitGenerator => Some(vec![Type::pointer(); 2]),
            TypeKind::Array(array) => {
                let mut fields = vec![Type::pointer(); 2];
                fields.resize(array.n_slots(), Type::int64());
                Some(fields)
            }
            TypeKind::DateTime(_) | TypeKind::TimeDelta(_) | TypeKind::OneOf(_) => Some(vec![Type::int64()]),
            TypeKind::Record(_) => Some(vec![Type::pointer(); 2]),
            TypeKind::Str => Some(vec![Type::pointer(), Type::pointer(), Type::int64(), Type::int64()]),
            TypeKind::Bytes => Some(vec![Type::pointer(), Type::pointer(), Type::int64()]),
            TypeKind::List(_)
            | TypeKind::Deque(_)
            | TypeKind::Set(_, _)
            | TypeKind::Dict(..)
            | TypeKind::GeneratorIterator(_)
            | TypeKind::Constant(_)
            | TypeKind::Instance(_) => Some(vec![Type::pointer()]),
        }
    }

    /// The field that says who keeps the memory alive which a value refers to: an owner word.
    pub fn owner_field(self) -> Option<usize> {
        match self.kind() {
            TypeKind::Array(_)
            | TypeKind::Record(_)
            | TypeKind::Generator
            | TypeKind::BitGenerator
            | TypeKind::Str
            | TypeKind::Bytes => Some(array_field::OWNER),
            TypeKind::List(_)
            | TypeKind::Deque(_)
            | TypeKind::Set(_, _)
            | TypeKind::Dict(..)
            | TypeKind::GeneratorIterator(_)
            | TypeKind::Constant(_)
            | TypeKind::Instance(_)
            | TypeKind::Cell { is_counted: true, .. }
            | TypeKind::CaughtException => Some(0),
            _ => None,
        }
    }

    /// The machine scalars that a value consists of, in order.
    pub fn scalars(self) -> Vec<Type> {
        fn collect(ty: Type, scalars: &mut Vec<Type>) {
            match ty.fields() {
                None => scalars.push(ty),
                Some(fields) => fields.into_iter().for_each(|field| collect(field, scalars)),
            }
        }
        let mut scalars = Vec::new();
        collect(self, &mut scalars);
        scalars
    }

    /// Whether the tree of this type's fields has more than `limit` nodes. Types share their parts, so
    /// that a small number of them can describe a tree that no one can walk to its end.
    pub fn is_larger_than(self, limit: usize) -> bool {
        fn spend(ty: Type, budget: &mut usize) -> bool {
            match budget.checked_sub(1) {
                Some(rest) => *budget = rest,
                None => return false,
            }
            ty.fields().is_none_or(|fields| fields.into_iter().all(|field| spend(field, budget)))
        }
        !spend(self, &mut limit.clone())
    }

    /// The types of what a value of this type holds, whether as fields or elsewhere.
    pub fn parts(self) -> Vec<Type> {
        match self.kind() {
            TypeKind::GeneratorIterator(generator) => {
                generator.params.iter().copied().chain([generator.item, generator.returned]).collect()
            }
            TypeKind::List(element) | TypeKind::Deque(element) | TypeKind::Set(element, _) => vec![*element],
            TypeKind::Dict(key, value, _) => vec![*key, *value],
            TypeKind::Constant(container) => container.parts(),
            _ => self.fields().unwrap_or_default(),
        }
    }

    /// Whether `test` holds for the type or for that of a value which a value of it holds.
    pub fn contains(self, test: &impl Fn(Type) -> bool) -> bool {
        test(self) || self.parts().into_iter().any(|part| part.contains(test))
    }

    /// Whether values of this type hold references to memory that is counted (owner words).
    pub fn is_managed(self) -> bool {
        match self.kind() {
            TypeKind::Frame(content) => content.is_managed(),
            _ if self.owner_field().is_some() => true,
            _ => self.fields().is_some_and(|fields| fields.into_iter().any(Type::is_managed)),
        }
    }
}

/// How a value lies in memory: as an element of a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Storage {
    pub size: u32,
    /// Where each machine scalar is, in the order of [`Type::scalars`]. Each is aligned to its size.
    pub offsets: Vec<u32>,
    /// Where owner words are.
    pub owners: Vec<u32>,
}

fn scalar_size(scalar: Type) -> u32 {
    match scalar.kind() {
        TypeKind::Pointer => 8,
        _ => scalar.item_size() as u32,
    }
}

impl Storage {
    /// What the runtime knows of elements (`rumba_runtime::containers::ElementLayout`): their size, and the number and
    /// places of owner words.
    pub fn words(&self) -> Vec<u32> {
        [self.size, self.owners.len() as u32].into_iter().chain(self.owners.iter().copied()).collect()
    }
}

impl Type {
    /// How values of this type are stored in containers: their scalars one behind the other.
    pub fn storage(self) -> Storage {
        let mut storage = Storage { size: 0, offsets: Vec::new(), owners: Vec::new() };
        self.add_to(&mut storage);
        // As elements of an array: each scalar is aligned to its size in all of them.
        let scalars = self.scalars();
        let alignment = scalars.into_iter().map(scalar_size).max().unwrap_or(1);
        storage.size = storage.size.next_multiple_of(alignment);
        storage
    }

    /// How values are stored that are packed into slots before: eight bytes for each scalar.
    pub fn slots(self) -> Storage {
        let mut storage = self.storage();
        let place =
            |at: &u32| storage.offsets.iter().position(|offset| offset == at).expect("an owner is a scalar");
        storage.owners = storage.owners.iter().map(|owner| place(owner) as u32 * 8).collect();
        storage.size = storage.offsets.len() as u32 * 8;
        storage.offsets = (0..storage.offsets.len() as u32).map(|slot| slot * 8).collect();
        storage
    }

    fn add_to(self, storage: &mut Storage) {
        let Some(fields) = self.fields() else {
            let size = scalar_size(self);
            let offset = storage.size.next_multiple_of(size);
            storage.offsets.push(offset);
            storage.size = offset + size;
            return;
        };
        for (idx, field) in fields.into_iter().enumerate() {
            field.add_to(storage);
            if self.owner_field() == Some(idx) {
                storage.owners.extend(storage.offsets.last());
            }
        }
    }
}

/// Positions in [`Type::fields`] of an array; the first two also of a record, of text and of bytes.
pub mod array_field {
    pub const DATA: usize = 0;
    pub const OWNER: usize = 1;
    pub const FIRST_EXTENT: usize = 2;
}

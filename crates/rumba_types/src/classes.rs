//! Classes whose instances compiled code works with: blocks of memory with a place for each field.
//!
//! The identity of such a type is its class, not what its fields are, so that a class may refer to itself:
//!
//! ```python
//! node_type = deferred_type()
//!
//! @jitclass([("value", float64), ("next", optional(node_type))])
//! class Node: ...
//! ```

use crate::layout::Storage;
use crate::{ObjectId, Type, TypeKind};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassField {
    pub name: Arc<str>,
    pub ty: Type,
}

/// A class with the types of its fields. Made once and never freed, as types are.
#[derive(Debug)]
pub struct InstanceClass {
    /// Its number among all of them.
    pub id: u32,
    /// The class in the interpreter.
    pub object: ObjectId,
    pub name: Arc<str>,
    /// Whether objects of the interpreter refer to the very block that compiled code works with; other instances (of
    /// dataclasses) are converted when a call begins and when it ends.
    pub is_shared: bool,
    /// Whether there is a type for each combination of types of fields.
    pub is_generic: bool,
    /// The classes that it inherits from, itself included.
    pub ancestors: Vec<ObjectId>,
}

impl PartialEq for InstanceClass {
    fn eq(&self, other: &InstanceClass) -> bool {
        self.id == other.id
    }
}
impl Eq for InstanceClass {}
impl Hash for InstanceClass {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// How instances are compared and hashed, where no method of the user's does either.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Equality {
    /// Each is equal to itself only.
    Identity,
    /// As tuples of fields.
    Fields {
        compared: Vec<Arc<str>>,
        /// `None` if they have no hash.
        hashed: Option<Vec<Arc<str>>>,
    },
}

/// By the class in the interpreter; none of a class whose methods decide.
static EQUALITIES: Mutex<Vec<(ObjectId, &'static Equality)>> = Mutex::new(Vec::new());

/// Says how instances of a class of the interpreter are compared; once, before there is a type of them.
pub fn set_equality(class: ObjectId, equality: Equality) {
    let mut known = EQUALITIES.lock().expect("no panic happens while equalities are looked at");
    if known.iter().all(|(other, _)| *other != class) {
        known.push((class, Box::leak(Box::new(equality))));
    }
}

/// All classes by their number, with their fields as soon as these are given.
static CLASSES: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

type Entry = (&'static InstanceClass, Option<&'static [ClassField]>);

fn classes() -> MutexGuard<'static, Vec<Entry>> {
    CLASSES.lock().expect("no panic happens while classes are looked at")
}

impl InstanceClass {
    fn add(self, classes: &mut Vec<Entry>, fields: Option<Vec<ClassField>>) -> &'static InstanceClass {
        let class = InstanceClass { id: classes.len() as u32, is_generic: fields.is_some(), ..self };
        let class: &'static InstanceClass = Box::leak(Box::new(class));
        classes.push((class, fields.map(|fields| &*fields.leak())));
        class
    }

    fn new(object: ObjectId, name: &str, is_shared: bool, ancestors: Vec<ObjectId>) -> InstanceClass {
        InstanceClass { id: 0, object, name: name.into(), is_shared, is_generic: false, ancestors }
    }

    /// A class whose instances are shared with the interpreter. Its fields are given later.
    pub fn shared(object: ObjectId, name: &str, ancestors: Vec<ObjectId>) -> &'static InstanceClass {
        InstanceClass::new(object, name, true, ancestors).add(&mut classes(), None)
    }

    /// A class whose instances are converted, whose fields are of the types of its annotations. They are given later, because
    /// they may refer to the class.
    pub fn annotated(object: ObjectId, name: &str, ancestors: Vec<ObjectId>) -> &'static InstanceClass {
        InstanceClass::new(object, name, false, ancestors).add(&mut classes(), None)
    }

    /// A class whose instances are shared or converted, for these types of fields.
    pub fn generic(
        object: ObjectId,
        name: &str,
        is_shared: bool,
        ancestors: Vec<ObjectId>,
        fields: Vec<ClassField>,
    ) -> &'static InstanceClass {
        let mut classes = classes();
        let is_it = |(class, known): &&Entry| {
            class.object == object && class.is_shared == is_shared && *known == Some(&*fields)
        };
        if let Some((class, _)) = classes.iter().find(is_it) {
            return class;
        }
        InstanceClass::new(object, name, is_shared, ancestors).add(&mut classes, Some(fields))
    }

    /// A class whose instances are converted, for these types of fields.
    pub fn converted(
        object: ObjectId,
        name: &str,
        ancestors: Vec<ObjectId>,
        fields: Vec<ClassField>,
    ) -> &'static InstanceClass {
        InstanceClass::generic(object, name, false, ancestors, fields)
    }

    pub fn by_id(id: u32) -> Option<&'static InstanceClass> {
        classes().get(id as usize).map(|(class, _)| *class)
    }

    /// Gives a class its fields, once.
    pub fn define(&self, fields: Vec<ClassField>) {
        // Another thread may have been faster, with the same fields.
        classes()[self.id as usize].1.get_or_insert_with(|| fields.leak());
    }

    /// `None` until they are given.
    pub fn fields(&self) -> Option<&'static [ClassField]> {
        classes()[self.id as usize].1
    }

    pub fn equality(&self) -> Option<&'static Equality> {
        let known = EQUALITIES.lock().expect("no panic happens while equalities are looked at");
        known.iter().find(|(class, _)| *class == self.object).map(|(_, equality)| *equality)
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields()?.iter().position(|field| &*field.name == name)
    }

    /// What a block holds: a tuple of the fields.
    ///
    /// # Panics
    /// If the fields are not given yet.
    pub fn content(&self) -> Type {
        let fields = self.fields().expect("a class has its fields before anybody makes an instance");
        Type::tuple(fields.iter().map(|field| field.ty).collect())
    }

    /// Where the scalars of a field are, behind the header of the block.
    pub fn offsets(&self, position: usize) -> Vec<u32> {
        let fields = self.fields().unwrap_or_default();
        let first: usize = fields[..position].iter().map(|field| field.ty.scalars().len()).sum();
        let n_scalars = fields[position].ty.scalars().len();
        self.content().storage().offsets[first..first + n_scalars].to_vec()
    }

    /// Where a field is, behind the header of the block.
    pub fn field_storage(&self, position: usize) -> Storage {
        let ty = self.fields().unwrap_or_default()[position].ty;
        let alone = ty.storage();
        let offsets = self.offsets(position);
        let scalar = |owner: &u32| alone.offsets.iter().position(|offset| offset == owner);
        let owners = alone.owners.iter().filter_map(scalar).map(|scalar| offsets[scalar]).collect();
        Storage { size: alone.size, offsets, owners }
    }

    /// What the runtime knows of a block (`rumba_runtime::containers::Instance`): the words of its content's layout, and
    /// behind them those that a new block begins with: zeros, but for the addresses of empty arrays and texts.
    pub fn layout_words(&self) -> Vec<u32> {
        let content = self.content();
        let mut storage = content.storage();
        storage.size = storage.size.next_multiple_of(8);
        let mut initial = vec![0; storage.size as usize / 8];
        set_initial(content, &mut storage.offsets.iter().copied(), &mut initial);
        storage.words().into_iter().chain(initial).collect()
    }
}

/// An address that is not null, and a multiple of whatever elements are aligned to.
const NOWHERE: u32 = 64;

fn set_initial(ty: Type, offsets: &mut impl Iterator<Item = u32>, words: &mut [u32]) {
    let place = |offset: Option<u32>| offset.map_or(0, |offset| offset as usize / 8);
    match ty.kind() {
        _ if ty.refers_to_something() => {
            offsets.take(ty.scalars().len()).for_each(|_| {});
        }
        TypeKind::Str | TypeKind::Bytes | TypeKind::Array(_) => {
            words[place(offsets.next())] = NOWHERE;
            let rest = ty.scalars().len() - 1;
            let last = offsets.take(rest).last();
            if ty == Type::str() {
                // Characters of one byte.
                words[place(last)] = 1;
            }
        }
        _ => match ty.fields() {
            Some(fields) => fields.into_iter().for_each(|field| set_initial(field, offsets, words)),
            None => drop(offsets.next()),
        },
    }
}

impl Type {
    pub fn instance(class: &'static InstanceClass) -> Type {
        TypeKind::Instance(class).into()
    }

    /// Whether there is no value of the type that refers to nothing: a field of it that has not been set has an address of 0, its
    /// first scalar. Arrays with axes and text are empty then.
    pub fn refers_to_something(self) -> bool {
        match self.kind() {
            TypeKind::List(_)
            | TypeKind::Deque(_)
            | TypeKind::Set(_, _)
            | TypeKind::Dict(..)
            | TypeKind::Constant(_)
            | TypeKind::Instance(_)
            | TypeKind::Record(_)
            | TypeKind::Generator
            | TypeKind::BitGenerator => true,
            TypeKind::Array(array) => array.ndim == 0,
            _ => false,
        }
    }

    /// The class of an instance.
    pub fn as_instance(self) -> Option<&'static InstanceClass> {
        match self.kind() {
            TypeKind::Instance(class) => Some(class),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_one_behind_the_other() {
        let field = |name: &str, ty| ClassField { name: name.into(), ty };
        let fields = vec![
            field("on", Type::bool()),
            field("pair", Type::tuple(vec![Type::int8(), Type::int64()])),
            field("name", Type::str()),
        ];
        let class = InstanceClass::converted(ObjectId(1), "C", vec![ObjectId(1)], fields.clone());
        assert_eq!(class.offsets(1), [1, 8]);
        assert_eq!(class.offsets(2), [16, 24, 32, 40]);
        assert_eq!(class.layout_words(), [48, 1, 24, 0, 0, NOWHERE, 0, 0, 1]);
        assert_eq!(InstanceClass::converted(ObjectId(1), "C", vec![], fields.clone()), class);
        let later = InstanceClass::annotated(ObjectId(2), "C", vec![]);
        assert_eq!(later.fields(), None);
        later.define(fields.clone());
        assert_eq!(InstanceClass::converted(ObjectId(2), "C", vec![], fields), later);
    }
}

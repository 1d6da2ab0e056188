//! Values in the memory of containers: see `Type::storage`.

use crate::Emitter;
use rumba_ir::{Access, RuntimeFunction, Value};
use rumba_types::Type;
use rumba_types::layout::Storage;

/// `(owner)`: the owner word under which a container keeps what this one keeps alive.
static KEEP: RuntimeFunction = RuntimeFunction::effect("rumba_keep");

const ALIGNED: Access = Access::aligned(true);

impl Emitter<'_> {
    /// What a container knows of its elements: `rumba_runtime::containers::ElementLayout`.
    pub(crate) fn element_layout(&mut self, ty: Type) -> Value {
        self.words(&ty.storage().words())
    }

    /// Constant words in memory.
    pub(crate) fn words(&mut self, words: &[u32]) -> Value {
        let bytes: Vec<u8> = words.iter().flat_map(|word| u64::from(*word).to_ne_bytes()).collect();
        self.b.data(&bytes)
    }

    /// The value in memory, with references of its own: the memory may change while the value is in use.
    pub(crate) fn load_stored(&mut self, address: Value, ty: Type) -> Value {
        self.load_from(address, ty, ty.storage())
    }

    /// As [`Emitter::load_stored`], where the value's scalars are as `storage` says.
    pub(crate) fn load_from(&mut self, address: Value, ty: Type, storage: Storage) -> Value {
        let value = self.borrow(address, ty, &storage.offsets, ALIGNED);
        if ty.is_managed() { self.b.own(value) } else { value }
    }

    /// The value in memory, with the references that the memory has had.
    pub(crate) fn take_stored(&mut self, address: Value, ty: Type) -> Value {
        let value = self.borrow_stored(address, ty);
        if !ty.is_managed() {
            return value;
        }
        let owned = self.b.own(value);
        self.b.release(value);
        owned
    }

    fn borrow_stored(&mut self, address: Value, ty: Type) -> Value {
        self.borrow(address, ty, &ty.storage().offsets, ALIGNED)
    }

    /// The value whose scalars are at these distances from the address; it has the references of the memory.
    pub(crate) fn borrow(&mut self, address: Value, ty: Type, offsets: &[u32], access: Access) -> Value {
        let scalars: Vec<Value> = ty
            .scalars()
            .into_iter()
            .zip(offsets)
            .map(|(scalar, offset)| {
                let offset = self.b.int64(i64::from(*offset));
                let place = self.b.offset(address, offset);
                self.b.load(place, scalar, access)
            })
            .collect();
        self.compose(ty, &mut scalars.into_iter())
    }

    fn compose(&mut self, ty: Type, scalars: &mut impl Iterator<Item = Value>) -> Value {
        match ty.fields() {
            None => scalars.next().expect("a value has as many scalars as its type"),
            Some(fields) => {
                let fields = fields.into_iter().map(|field| self.compose(field, scalars)).collect();
                self.b.make(ty, fields)
            }
        }
    }

    /// Puts a value into memory that holds none, and counts references for it.
    pub(crate) fn store_new(&mut self, address: Value, value: Value) {
        let offsets = self.ty(value).storage().offsets;
        self.store_scalars(address, value, &offsets, ALIGNED);
    }

    fn store_scalars(&mut self, address: Value, value: Value, offsets: &[u32], access: Access) {
        let kept = self.kept(value);
        let mut scalars = Vec::new();
        self.scalars(kept, &mut scalars);
        for (scalar, offset) in scalars.into_iter().zip(offsets) {
            let offset = self.b.int64(i64::from(*offset));
            let place = self.b.offset(address, offset);
            self.b.store(place, scalar, access);
        }
    }

    /// Puts a value into memory in place of another of the same type.
    pub(crate) fn replace_stored(&mut self, address: Value, value: Value) {
        let offsets = self.ty(value).storage().offsets;
        self.replace_scalars(address, value, &offsets, ALIGNED);
    }

    /// As [`Emitter::replace_stored`], where the scalars are at these distances from the address.
    pub(crate) fn replace_scalars(&mut self, address: Value, value: Value, offsets: &[u32], access: Access) {
        let ty = self.ty(value);
        if !ty.is_managed() {
            return self.store_scalars(address, value, offsets, access);
        }
        let old = self.borrow(address, ty, offsets, access);
        self.store_scalars(address, value, offsets, access);
        self.b.release(old);
    }

    fn scalars(&mut self, value: Value, scalars: &mut Vec<Value>) {
        match self.ty(value).fields() {
            None => scalars.push(value),
            Some(fields) => {
                for idx in 0..fields.len() {
                    let field = self.b.field(value, idx);
                    self.scalars(field, scalars);
                }
            }
        }
    }

    /// The value under owner words that last as long as whoever has it likes, each with a reference counted.
    fn kept(&mut self, value: Value) -> Value {
        let ty = self.ty(value);
        if !ty.is_managed() {
            return value;
        }
        let n_fields = ty.fields().map_or(0, |fields| fields.len());
        let fields = (0..n_fields)
            .map(|idx| {
                let field = self.b.field(value, idx);
                match ty.owner_field() {
                    Some(owner) if owner == idx => {
                        self.b.call_runtime(&KEEP, vec![field], Type::pointer(), None)
                    }
                    Some(_) => field,
                    None => self.kept(field),
                }
            })
            .collect();
        self.b.make(ty, fields)
    }
}

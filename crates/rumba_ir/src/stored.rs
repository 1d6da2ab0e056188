//! Values in memory that outlives the frame, of containers and generators: see `Type::storage`.

use crate::runtime_function::KEEP;
use crate::{Access, Builder, Value};
use rumba_types::Type;

const ALIGNED: Access = Access::aligned(true);

impl Builder<'_> {
    /// The value whose scalars are at these distances from the address; it has the references of the memory.
    pub fn borrow(&mut self, address: Value, ty: Type, offsets: &[u32], access: Access) -> Value {
        let scalars: Vec<Value> = ty
            .scalars()
            .into_iter()
            .zip(offsets)
            .map(|(scalar, offset)| {
                let place = self.at(address, *offset);
                self.load(place, scalar, access)
            })
            .collect();
        self.compose(ty, &mut scalars.into_iter())
    }

    fn compose(&mut self, ty: Type, scalars: &mut impl Iterator<Item = Value>) -> Value {
        match ty.fields() {
            None => scalars.next().expect("a value has as many scalars as its type"),
            Some(fields) => {
                let fields = fields.into_iter().map(|field| self.compose(field, scalars)).collect();
                self.make(ty, fields)
            }
        }
    }

    /// The value in memory, with the references that the memory has had.
    pub fn take_stored(&mut self, address: Value, ty: Type) -> Value {
        let value = self.borrow(address, ty, &ty.storage().offsets, ALIGNED);
        if ty.is_managed() { self.adopt(value) } else { value }
    }

    /// Puts a value into memory that holds none, and counts references for it.
    pub fn store_new(&mut self, address: Value, value: Value) {
        let offsets = self.ty(value).storage().offsets;
        self.store_scalars(address, value, &offsets, ALIGNED);
    }

    fn store_scalars(&mut self, address: Value, value: Value, offsets: &[u32], access: Access) {
        let kept = self.kept(value);
        let mut scalars = Vec::new();
        self.scalars(kept, &mut scalars);
        for (scalar, offset) in scalars.into_iter().zip(offsets) {
            let place = self.at(address, *offset);
            self.store(place, scalar, access);
        }
    }

    /// Puts a value into memory in place of another of the same type.
    pub fn replace_stored(&mut self, address: Value, value: Value) {
        let offsets = self.ty(value).storage().offsets;
        self.replace_scalars(address, value, &offsets, ALIGNED);
    }

    /// As [`Builder::replace_stored`], where the scalars are at these distances from the address.
    pub fn replace_scalars(&mut self, address: Value, value: Value, offsets: &[u32], access: Access) {
        let ty = self.ty(value);
        if !ty.is_managed() {
            return self.store_scalars(address, value, offsets, access);
        }
        let old = self.borrow(address, ty, offsets, access);
        self.store_scalars(address, value, offsets, access);
        self.release(old);
    }

    /// An address so many bytes behind another.
    pub fn at(&mut self, address: Value, bytes: u32) -> Value {
        let bytes = self.int64(i64::from(bytes));
        self.offset(address, bytes)
    }

    fn scalars(&mut self, value: Value, scalars: &mut Vec<Value>) {
        match self.ty(value).fields() {
            None => scalars.push(value),
            Some(fields) => {
                for idx in 0..fields.len() {
                    let field = self.field(value, idx);
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
                let field = self.field(value, idx);
                match ty.owner_field() {
                    Some(owner) if owner == idx => {
                        self.call_runtime(&KEEP, vec![field], Type::pointer(), None)
                    }
                    Some(_) => field,
                    None => self.kept(field),
                }
            })
            .collect();
        self.make(ty, fields)
    }
}

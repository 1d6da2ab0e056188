//! Values in the memory of containers: see `Type::storage` and `rumba_ir::Builder::store_new`.

use crate::Emitter;
use rumba_ir::{Access, Value};
use rumba_types::Type;
use rumba_types::layout::Storage;

const ALIGNED: Access = Access::aligned(true);

impl Emitter<'_> {
    /// What a container knows of its elements: `rumba_runtime::containers::ElementLayout`.
    pub(crate) fn element_layout(&mut self, ty: Type) -> Value {
        self.words(&ty.storage().words())
    }

    /// Constant words in memory.
    pub fn words(&mut self, words: &[u32]) -> Value {
        let bytes: Vec<u8> = words.iter().flat_map(|word| u64::from(*word).to_ne_bytes()).collect();
        self.b.data(&bytes)
    }

    /// The value in memory, with references of its own: the memory may change while the value is in use.
    pub(crate) fn load_stored(&mut self, address: Value, ty: Type) -> Value {
        self.load_from(address, ty, ty.storage())
    }

    /// As [`Emitter::load_stored`], where the value's scalars are as `storage` says.
    pub(crate) fn load_from(&mut self, address: Value, ty: Type, storage: Storage) -> Value {
        let value = self.b.borrow(address, ty, &storage.offsets, ALIGNED);
        if ty.is_managed() { self.b.own(value) } else { value }
    }
}

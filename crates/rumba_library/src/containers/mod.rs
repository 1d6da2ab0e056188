//! Lists, dicts and sets. What changes their size is the runtime's (`rumba_runtime::containers`); elements are read and
//! written here.

mod as_arrays;
pub(crate) mod dicts;
pub(crate) mod lists;
pub(crate) mod sets;
mod stored;
mod tables;
pub(crate) mod typed;

use crate::{Emit, Emitter, Failure};
use rumba_ir::Value;
use rumba_types::{Type, join};

impl Emitter<'_> {
    /// `value` as an element of `container`, whose elements are of type `element`. Where that is too narrow, `of` says
    /// which type a container of others has, and inference makes it so where it was created.
    pub(crate) fn as_element(
        &mut self,
        container: Value,
        value: Value,
        element: Type,
        of: impl FnOnce(Type) -> Type,
    ) -> Emit {
        let ty = self.ty(value).widen();
        match join(element, ty) {
            Some(joined) if joined != element => Err(Failure::Widen { container, to: of(joined) }),
            None => Err(Failure::Widen { container, to: of(ty) }),
            Some(_) => match self.coerce(value, element) {
                // A container of a narrower type.
                Err(_) => Err(Failure::Widen { container: value, to: element }),
                coerced => coerced,
            },
        }
    }

    /// Takes the pairs of another dict over.
    pub fn update(&mut self, dict: Value, other: Value) -> Emit<()> {
        self.dict_update(dict, other)
    }

    /// Adds an item to what a comprehension makes.
    pub fn append(&mut self, container: Value, value: Value) -> Emit<()> {
        match self.ty(container).as_list() {
            Some(_) => self.list_append(container, value),
            None => self.set_add(container, value),
        }
    }
}

//! Lists, dicts and sets. What changes their size is the runtime's (`rumba_runtime::containers`); elements are read and
//! written here.

mod as_arrays;
pub mod collections;
pub(crate) mod deques;
pub(crate) mod dicts;
pub(crate) mod lists;
pub(crate) mod mixed_dicts;
pub(crate) mod mixed_lists;
pub(crate) mod sets;
mod stored;
mod tables;
pub(crate) mod typed;

use crate::operators::BinaryOperator;
use crate::{Emit, Emitter, Failure};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind, join};

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

    /// Adds all items of an iterable to a list or set that is being made.
    pub fn append_all(&mut self, container: Value, items: Value) -> Emit<()> {
        match self.ty(container).as_list() {
            Some(_) => self.list_extend(container, items),
            None => self.set_update(container, items),
        }
    }

    /// The type that the items of an iterable have in common.
    pub fn type_of_items(&mut self, items: Value) -> Emit<Type> {
        if let Some(elements) = self.ty(items).as_tuple() {
            let common = elements.iter().try_fold(Type::never(), |common, ty| join(common, ty.widen()));
            return common.map_or_else(
                || self.error(Code::CannotUnify, "the items of this tuple are of several types"),
                Ok,
            );
        }
        let iterator = self.iter(items)?;
        self.item_type(self.ty(iterator))
    }

    /// `container op= other`, where that changes the container: whether it does.
    pub(crate) fn change_in_place(
        &mut self,
        op: BinaryOperator,
        container: Value,
        other: Value,
    ) -> Emit<bool> {
        use BinaryOperator as B;
        match (self.ty(container).kind(), self.ty(other).kind()) {
            // NumPy adds to each item, and makes an array.
            (TypeKind::List(_), TypeKind::Array(_)) => return Ok(false),
            (TypeKind::List(_), _) if op == B::Add => self.list_extend(container, other)?,
            (TypeKind::List(_), _) if op == B::Mul => self.repeat_list_in_place(container, other)?,
            (TypeKind::Set(_, false), TypeKind::Set(..)) => match op {
                B::BitOr => self.set_update(container, other)?,
                B::BitAnd | B::Sub | B::BitXor => self.combine_into_set(op, container, other)?,
                _ => return Ok(false),
            },
            (TypeKind::Dict(..), TypeKind::Dict(..)) if op == B::BitOr => {
                self.dict_update(container, other)?
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

//! Lists of items of several types, such as `[1, "a"]`. Such a list is a value like a tuple: it does not change, and how many
//! items it has is known when compiling. What tuples can do it does as they.

use crate::Emitter;
use crate::declaration::{Declaration, Param};
use rumba_ir::Value;
use rumba_types::TypeKind;

pub const DECLARATIONS: &[Declaration] = &[Declaration {
    path: "mixed_list.copy",
    params: &[Param::required("self").positional_only()],
    doc: "The list itself, since it does not change.",
    rule: |_, call| Ok(call.args[0]),
}];

impl Emitter<'_> {
    /// A list of items that have no type in common.
    pub fn mixed_list(&mut self, items: Vec<Value>) -> Value {
        let ty = TypeKind::MixedList(self.types(&items)).into();
        self.b.make(ty, items)
    }

    /// The elements of a tuple as what another sequence is: a tuple or such a list.
    pub(crate) fn like_sequence(&mut self, sequence: Value, tuple: Value) -> Value {
        if !self.ty(sequence).is_mixed_list() {
            return tuple;
        }
        let items = self.tuple_elements(tuple);
        self.mixed_list(items)
    }
}

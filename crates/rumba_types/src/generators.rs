//! What a generator function gives when it is called: a generator iterator, a counted block that holds where the
//! function stopped and what it needs to go on.

use crate::Type;
use crate::layout::Storage;
use std::sync::Arc;

/// The type of a generator iterator belongs to the function and the types that it was called with.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct GeneratorType {
    /// The instance that goes on with it: `(generator, how: int64) -> bool`, whether there is another item.
    pub resume: u32,
    /// The function's.
    pub name: Arc<str>,
    pub params: Vec<Type>,
    /// What it yields.
    pub item: Type,
    /// What `yield` gives back inside: `none`, or an optional.
    pub sent: Type,
    /// What it returns in the end.
    pub returned: Type,
}

/// A value of a generator's block, and how many bytes behind the block's beginning it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    pub ty: Type,
    pub offset: u32,
}

/// Where the values of a generator's block are, behind the header that the runtime knows
/// (`rumba_runtime::generators::Generator`).
pub struct Places {
    pub item: Place,
    pub sent: Place,
    pub returned: Place,
    pub params: Vec<Place>,
    /// Where owner words are, from the end of the header on.
    pub owners: Vec<u32>,
    /// The end of all that. What is alive where the function stops follows.
    pub end: u32,
}

impl GeneratorType {
    /// The size of the header.
    pub const HEADER: u32 = 64;

    pub fn places(&self) -> Places {
        let (mut owners, mut end) = (Vec::new(), Self::HEADER);
        let mut place = |ty: Type| {
            let Storage { size, owners: of_value, .. } = ty.storage();
            let offset = end;
            owners.extend(of_value.into_iter().map(|owner| offset - Self::HEADER + owner));
            end = (offset + size).next_multiple_of(8);
            Place { ty, offset }
        };
        let [item, sent, returned] = [self.item, self.sent, self.returned].map(&mut place);
        let params = self.params.iter().map(|ty| place(*ty)).collect();
        Places { item, sent, returned, params, owners, end }
    }
}

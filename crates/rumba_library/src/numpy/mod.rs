//! NumPy's functions: ufuncs on scalars, dtypes, facts about arrays. Array creation and reshaping are
//! declared in `arrays`, with the methods of the same names.

pub mod conversion;
pub mod dtypes;
pub mod promotion;
pub mod queries;
pub mod ufuncs;

pub use dtypes::call_dtype;

use crate::declaration::Declaration;

/// The tables of declarations for arrays and NumPy.
pub fn tables() -> Vec<&'static [Declaration]> {
    vec![dtypes::DECLARATIONS, queries::DECLARATIONS, ufuncs::declarations()]
}

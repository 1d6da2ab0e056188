//! NumPy's functions: ufuncs on scalars, dtypes, facts about arrays. Array creation and reshaping are
//! declared in `arrays`, with the methods of the same names.

pub mod conversion;
pub mod dtypes;
pub mod limits;
pub mod linalg;
pub mod products;
pub mod promotion;
pub mod queries;
pub mod sorting;
pub mod ufuncs;

use crate::arrays;
use crate::declaration::Declaration;

pub use dtypes::call_dtype;

/// The tables of declarations for arrays and NumPy.
pub fn tables() -> Vec<&'static [Declaration]> {
    vec![
        arrays::attributes::DECLARATIONS,
        arrays::creation::DECLARATIONS,
        arrays::methods::DECLARATIONS,
        arrays::reductions::DECLARATIONS,
        arrays::reshaping::DECLARATIONS,
        dtypes::DECLARATIONS,
        limits::DECLARATIONS,
        linalg::DECLARATIONS,
        products::DECLARATIONS,
        queries::DECLARATIONS,
        sorting::DECLARATIONS,
        ufuncs::declarations(),
    ]
}

//! NumPy's functions: ufuncs on scalars, dtypes, facts about arrays. Array creation and reshaping are
//! declared in `arrays`, with the methods of the same names.

pub mod bits;
mod buffers;
pub mod casting;
pub mod conversion;
pub mod diagonals;
pub mod dtypes;
pub mod elementwise;
pub mod fourier;
pub mod functionals;
pub mod grids;
pub mod index_objects;
pub mod joining;
pub mod limits;
pub mod linalg;
mod numbering;
pub mod polynomials;
pub mod positions;
pub mod power_series;
pub mod products;
pub mod promotion;
pub mod queries;
pub mod random;
pub mod rearranging;
pub mod reductions;
pub mod scans;
pub mod selecting;
pub mod sets;
pub mod signals;
pub mod sorting;
pub mod splitting;
pub mod statistics;
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
        arrays::reshaping::DECLARATIONS,
        bits::DECLARATIONS,
        buffers::DECLARATIONS,
        casting::DECLARATIONS,
        diagonals::DECLARATIONS,
        dtypes::DECLARATIONS,
        elementwise::DECLARATIONS,
        fourier::DECLARATIONS,
        functionals::DECLARATIONS,
        grids::DECLARATIONS,
        index_objects::DECLARATIONS,
        joining::DECLARATIONS,
        limits::DECLARATIONS,
        polynomials::DECLARATIONS,
        power_series::DECLARATIONS,
        positions::DECLARATIONS,
        linalg::DECLARATIONS,
        products::DECLARATIONS,
        queries::DECLARATIONS,
        reductions::declarations(),
        scans::DECLARATIONS,
        rearranging::DECLARATIONS,
        selecting::DECLARATIONS,
        sets::DECLARATIONS,
        signals::DECLARATIONS,
        sorting::DECLARATIONS,
        statistics::DECLARATIONS,
        splitting::DECLARATIONS,
        ufuncs::declarations(),
        ufuncs::methods::declarations(),
        random::distributions::DECLARATIONS,
        random::integers::DECLARATIONS,
        random::making::DECLARATIONS,
        random::multivariate::DECLARATIONS,
        random::permutations::DECLARATIONS,
    ]
}

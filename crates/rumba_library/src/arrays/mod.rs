//! Arrays: their descriptors, indexing, views, assignment.

pub mod assign;
pub mod descriptor;
pub mod dtypes;
pub mod index;

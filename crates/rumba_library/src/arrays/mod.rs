//! Arrays: their descriptors, indexing, views, assignment, creation, attributes and methods.

pub mod assign;
pub mod attributes;
pub mod creation;
pub mod descriptor;
pub mod dtypes;
pub mod elements;
pub mod elementwise;
mod fixed_text;
pub mod index;
pub mod methods;
pub mod reshaping;

//! What compiled code calls: the elementary functions.

pub mod elementary;

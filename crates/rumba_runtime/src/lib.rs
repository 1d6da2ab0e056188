pub mod context;
pub mod copying;
pub mod elementary;
pub mod host;
pub mod interrupt;
pub mod memory;
pub mod powers;

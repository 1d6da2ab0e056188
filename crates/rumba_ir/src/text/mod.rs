//! The text form of typed SSA: what tests contain and `inspect_types` shows. It round-trips.
//!
//! ```text
//! function instance0 "count"(v0: int64) -> int64 raises {
//!   site0 = call at 0:10..14 in "count"
//! block0:
//!   v1: int64 = const 0
//!   jump block1(v1)
//! block1(v2: int64):
//!   v3: bool = lt v2, v0
//!   branch v3, block2, block3
//! block2:
//!   v4: int64 = const 1
//!   v5: int64 = add_nowrap v2, v4
//!   poll @site0 cleanup(v6)
//!   jump block1(v5)
//! block3:
//!   return v2
//! }
//! ```

mod names;
mod parse;
mod print;

pub use parse::parse;

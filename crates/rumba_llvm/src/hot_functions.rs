//! The runtime's small and hot functions as bitcode, to be inlined into compiled code.
//!
//! `build.rs` compiles `rumba_runtime/src/elementary` a second time, to bitcode, and prepares it (see
//! `shim/prepare_bitcode.cpp`). Reading it is lazy: a module pays for the functions that it calls.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

/// The bitcode. Static, because LLVM reads function bodies from it when they are needed.
pub const BITCODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hot_functions.bc"));

/// The names of the functions that [`BITCODE`] defines.
pub fn names() -> &'static FxHashSet<&'static str> {
    static NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
        include_str!(concat!(env!("OUT_DIR"), "/hot_functions.txt"))
            .lines()
            .collect()
    });
    &NAMES
}

//! The runtime's small and hot functions, to be inlined into compiled code or called by it.
//!
//! `build.rs` compiles `rumba_runtime/src/hot` for us twice. As bitcode, prepared by `shim/prepare_bitcode.cpp`,
//! the functions are inlined into loops and vectorised there; reading it is lazy, so that a module pays for what it
//! uses. As object code they are called from elsewhere: inlining one costs milliseconds of compile time. The copy inside
//! the Rust library would not do, because it is compiled for the oldest CPUs, where a fused multiply-add is a call.

use std::ffi::c_void;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::error::Result;
use crate::loader::LoadedObject;
use crate::module::Module;
use crate::passes::Level;
use crate::target;

/// The bitcode. Static, because LLVM reads function bodies from it when they are needed.
pub const BITCODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hot_functions.bc"));

/// The bitcode as rustc wrote it, with every body.
const RAW_BITCODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hot_functions.raw.bc"));

/// Object code for CPUs that have [`OBJECT_FEATURES`].
const OBJECT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hot_functions.o"));

/// What x86-64-v3, for which [`OBJECT`] is compiled, needs of a CPU.
const OBJECT_FEATURES: [&str; 7] = ["+avx2", "+bmi", "+bmi2", "+f16c", "+fma", "+lzcnt", "+movbe"];

/// The names of the functions, and whether they may be inlined: [`BITCODE`] then defines them.
pub fn names() -> &'static FxHashMap<&'static str, bool> {
    static NAMES: LazyLock<FxHashMap<&str, bool>> = LazyLock::new(|| {
        let lines = include_str!(concat!(env!("OUT_DIR"), "/hot_functions.txt")).lines();
        lines.filter_map(|line| line.split_once(' ')).map(|(name, kind)| (name, kind == "inline")).collect()
    });
    &NAMES
}

/// Where a hot function is that was not inlined; none for other names.
pub fn address(name: &str) -> Option<*const c_void> {
    if !names().contains_key(name) {
        return None;
    }
    static LOADED: LazyLock<Result<LoadedObject>> = LazyLock::new(|| {
        let features = &target::host().features;
        if OBJECT_FEATURES.iter().all(|needed| features.split(',').any(|feature| feature == *needed)) {
            return LoadedObject::load(OBJECT, &|_| None);
        }
        // An old CPU: this takes a while, once.
        LoadedObject::load(&Module::from_bitcode(RAW_BITCODE)?.emit_object(Level::Lite)?, &|_| None)
    });
    // Loading cannot fail on code that is part of this program, short of memory; the symbol is then undefined.
    let loaded = LOADED.as_ref().ok()?;
    loaded.address(name).map(|address| address.as_ptr().cast_const())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_calling_agree() {
        let other = LoadedObject::load(
            &Module::from_bitcode(RAW_BITCODE).unwrap().emit_object(Level::Lite).unwrap(),
            &|_| None,
        );
        let other = other.unwrap();
        for x in [0.0, 1.0, -3.5, 700.0] {
            // SAFETY: the function takes and gives one double.
            let [here, there] =
                [address("rumba_exp_f64").unwrap(), other.address("rumba_exp_f64").unwrap().as_ptr()].map(
                    |address| unsafe {
                        std::mem::transmute::<*const c_void, extern "C" fn(f64) -> f64>(address)(x)
                    },
                );
            assert_eq!(here.to_bits(), there.to_bits());
            assert!((here / x.exp() - 1.0).abs() < 1e-12);
        }
    }
}

//! Functions that LLVM calls on its own: memory blocks, remainders, wide integers.
//!
//! LLVM turns loops into `memset` and `frem` into `fmod`, and expands operations that no instruction exists for.
//! Their symbols resolve here, so that nobody else has to know about them.

use std::ffi::c_void;

unsafe extern "C" {
    fn fmod(x: f64, y: f64) -> f64;
    fn fmodf(x: f32, y: f32) -> f32;
    fn __divti3(a: i128, b: i128) -> i128;
    fn __udivti3(a: u128, b: u128) -> u128;
    fn __modti3(a: i128, b: i128) -> i128;
    fn __umodti3(a: u128, b: u128) -> u128;
    fn __multi3(a: i128, b: i128) -> i128;
}

/// The address behind a symbol that LLVM introduces.
pub fn address(name: &str) -> Option<*const c_void> {
    Some(match name {
        "memcpy" => libc::memcpy as *const c_void,
        "memmove" => libc::memmove as *const c_void,
        "memset" => libc::memset as *const c_void,
        "memcmp" => libc::memcmp as *const c_void,
        // LLVM uses `bcmp` where only equality matters; `memcmp` answers that as well.
        "bcmp" => libc::memcmp as *const c_void,
        "strlen" => libc::strlen as *const c_void,
        "fmod" => fmod as *const c_void,
        "fmodf" => fmodf as *const c_void,
        "__divti3" => __divti3 as *const c_void,
        "__udivti3" => __udivti3 as *const c_void,
        "__modti3" => __modti3 as *const c_void,
        "__umodti3" => __umodti3 as *const c_void,
        "__multi3" => __multi3 as *const c_void,
        _ => return None,
    })
}

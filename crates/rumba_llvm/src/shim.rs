//! Declarations of `shim/shim.cpp`, which documents them, and the conversion of its outcomes to [`Result`].

use std::ffi::{CStr, c_char, c_int, c_void};

use llvm_sys::prelude::{LLVMContextRef, LLVMModuleRef, LLVMValueRef};

use crate::error::{Error, Result};

/// A target machine with its cached pipelines, as C++ knows it.
#[repr(C)]
pub struct RumbaMachine {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    pub fn rumba_llvm_initialize(n_arguments: c_int, arguments: *const *const c_char);
    pub fn rumba_llvm_host_cpu() -> *mut c_char;
    pub fn rumba_llvm_host_features() -> *mut c_char;
    pub fn rumba_llvm_machine_create(
        triple: *const c_char,
        cpu: *const c_char,
        features: *const c_char,
        result: *mut *mut RumbaMachine,
        message: *mut *mut c_char,
    ) -> c_int;
    pub fn rumba_llvm_machine_dispose(machine: *mut RumbaMachine);
    pub fn rumba_llvm_machine_adopt(machine: *mut RumbaMachine, module: LLVMModuleRef);
    pub fn rumba_llvm_parse(
        context: LLVMContextRef,
        text: *const c_char,
        length: usize,
        result: *mut LLVMModuleRef,
        message: *mut *mut c_char,
    ) -> c_int;
    pub fn rumba_llvm_verify(module: LLVMModuleRef, message: *mut *mut c_char) -> c_int;
    pub fn rumba_llvm_link_hot(
        module: LLVMModuleRef,
        functions: *const LLVMValueRef,
        n_functions: usize,
        bitcode: *const u8,
        length: usize,
        message: *mut *mut c_char,
    ) -> c_int;
    pub fn rumba_llvm_run_passes(
        machine: *mut RumbaMachine,
        module: LLVMModuleRef,
        pipeline: *const c_char,
        keep: c_int,
        message: *mut *mut c_char,
    ) -> c_int;
    pub fn rumba_llvm_emit_object(
        machine: *mut RumbaMachine,
        module: LLVMModuleRef,
        quick: c_int,
        data: *mut *const u8,
        length: *mut usize,
        message: *mut *mut c_char,
    ) -> c_int;
    pub fn rumba_llvm_emit_assembly(
        machine: *mut RumbaMachine,
        module: LLVMModuleRef,
        quick: c_int,
        text: *mut *mut c_char,
        message: *mut *mut c_char,
    ) -> c_int;
    #[cfg(test)]
    pub fn rumba_llvm_fail_fatally(message: *mut *mut c_char) -> c_int;
}

/// Takes over a string that C or C++ allocated with `malloc`.
///
/// # Safety
/// `text` is null or a NUL-terminated string allocated with `malloc` that nobody else frees or uses.
pub unsafe fn take_string(text: *mut c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller hands over a valid string.
    let owned = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    // SAFETY: it was allocated with malloc and is not used afterwards.
    unsafe { libc::free(text.cast::<c_void>()) };
    owned
}

/// Runs a function of the shim and turns its outcome into a result; `failed` says what an ordinary failure means.
pub fn check(failed: fn(String) -> Error, call: impl FnOnce(*mut *mut c_char) -> c_int) -> Result<()> {
    let mut message = std::ptr::null_mut();
    let outcome = call(&mut message);
    if outcome == 0 {
        return Ok(());
    }
    // SAFETY: the shim sets the message to a malloced string whenever it does not succeed.
    let text = unsafe { take_string(message) };
    Err(if outcome == 1 { failed(text) } else { Error::Fatal(text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fatal_error_comes_back() {
        crate::target::initialize();
        // SAFETY: the message pointer is valid for a write.
        let result = check(Error::Backend, |message| unsafe { rumba_llvm_fail_fatally(message) });
        assert_eq!(result, Err(Error::Fatal("deliberate".into())));
    }
}

//! An LLVM module with the context that it lives in.
//!
//! Every module has a context of its own, which dies with it: types and constants of compiled functions do not pile
//! up, and threads share nothing. Errors that LLVM reports through the context are collected instead of printed.

use std::ffi::{CStr, CString, c_void};
use std::marker::PhantomData;
use std::ptr;

use llvm_sys::LLVMDiagnosticSeverity;
use llvm_sys::bit_reader::LLVMParseBitcodeInContext2;
use llvm_sys::core::{
    LLVMContextCreate, LLVMContextDispose, LLVMContextSetDiagnosticHandler, LLVMContextSetDiscardValueNames,
    LLVMCreateMemoryBufferWithMemoryRangeCopy, LLVMDisposeMemoryBuffer, LLVMDisposeMessage,
    LLVMDisposeModule, LLVMGetDiagInfoDescription, LLVMGetDiagInfoSeverity, LLVMGetEnumAttributeAtIndex,
    LLVMGetEnumAttributeKindForName, LLVMGetFirstFunction, LLVMGetFirstUse, LLVMGetNextFunction,
    LLVMGetValueName2, LLVMIsDeclaration, LLVMModuleCreateWithNameInContext, LLVMPrintModuleToString,
};
use llvm_sys::prelude::{LLVMContextRef, LLVMDiagnosticInfoRef, LLVMModuleRef, LLVMValueRef};

use crate::error::{Error, Result};
use crate::passes::Level;
use crate::{hot_functions, shim, target};

/// A module and its context. Stays on the thread that made it.
pub struct Module {
    context: LLVMContextRef,
    module: LLVMModuleRef,
    /// Owned by this value; the context's diagnostic handler writes to it.
    errors: *mut Vec<String>,
    _not_send: PhantomData<*mut ()>,
}

impl Module {
    /// An empty module for this machine. Value names cost time and are dropped unless `keep_names`.
    pub fn new(name: &str, keep_names: bool) -> Result<Module> {
        let name = CString::new(name).map_err(|error| Error::Invalid(error.to_string()))?;
        let mut module = Module::with_context(keep_names);
        // SAFETY: a live context and a NUL-terminated name.
        module.module = unsafe { LLVMModuleCreateWithNameInContext(name.as_ptr(), module.context) };
        module.adopt()?;
        Ok(module)
    }

    /// A module from LLVM's text form.
    pub fn parse(text: &str) -> Result<Module> {
        let mut module = Module::with_context(true);
        let context = module.context;
        shim::check(Error::Parse, |message| {
            // LLVM's parser wants a NUL behind the text.
            let copy = CString::new(text).unwrap_or_default();
            // SAFETY: a live context, as many readable bytes as said, valid places for the results.
            unsafe {
                shim::rumba_llvm_parse(
                    context,
                    copy.as_ptr(),
                    copy.as_bytes().len(),
                    &mut module.module,
                    message,
                )
            }
        })?;
        module.adopt()?;
        Ok(module)
    }

    /// A module from bitcode.
    pub(crate) fn from_bitcode(bitcode: &[u8]) -> Result<Module> {
        let mut module = Module::with_context(false);
        // SAFETY: the bytes are readable for the length of the call and copied; the buffer is disposed of once.
        let failed = unsafe {
            let (data, length) = (bitcode.as_ptr().cast(), bitcode.len());
            let buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(data, length, c"bitcode".as_ptr());
            let failed = LLVMParseBitcodeInContext2(module.context, buffer, &mut module.module);
            LLVMDisposeMemoryBuffer(buffer);
            failed != 0
        };
        if failed {
            return Err(Error::Parse("unreadable bitcode".into()));
        }
        module.adopt()?;
        Ok(module)
    }

    fn with_context(keep_names: bool) -> Module {
        target::initialize();
        let errors = Box::into_raw(Box::<Vec<String>>::default());
        // SAFETY: the context is fresh, and `errors` outlives it (see `drop`).
        let context = unsafe {
            let context = LLVMContextCreate();
            LLVMContextSetDiscardValueNames(context, i32::from(!keep_names));
            LLVMContextSetDiagnosticHandler(context, Some(collect_error), errors.cast::<c_void>());
            context
        };
        Module { context, module: ptr::null_mut(), errors, _not_send: PhantomData }
    }

    fn adopt(&mut self) -> Result<()> {
        target::with_machine(|machine| {
            // SAFETY: machine and module are alive and belong to this thread.
            unsafe { shim::rumba_llvm_machine_adopt(machine, self.module) };
            Ok(())
        })
    }

    /// The context, for building IR in the module.
    pub fn context_ref(&self) -> LLVMContextRef {
        self.context
    }

    /// The module, for building IR in it.
    pub fn module_ref(&self) -> LLVMModuleRef {
        self.module
    }

    /// The module in LLVM's text form.
    pub fn to_text(&self) -> String {
        // SAFETY: the module is alive; LLVM returns a string that we dispose of the way it asks.
        unsafe {
            let text = LLVMPrintModuleToString(self.module);
            let owned = CStr::from_ptr(text).to_string_lossy().into_owned();
            LLVMDisposeMessage(text);
            owned
        }
    }

    /// Checks LLVM's rules.
    pub fn verify(&self) -> Result<()> {
        shim::check(Error::Invalid, |message| {
            // SAFETY: the module is alive.
            unsafe { shim::rumba_llvm_verify(self.module, message) }
        })
    }

    /// Links those of the runtime's hot functions that are worth inlining. Others stay calls, which the loader
    /// resolves.
    pub fn link_hot_functions(&mut self) -> Result<()> {
        let is_hot = |function: &LLVMValueRef| {
            // SAFETY: `function` belongs to this live module.
            let used = unsafe { LLVMIsDeclaration(*function) != 0 && !LLVMGetFirstUse(*function).is_null() };
            used && hot_functions::names().get(name_of(*function)) == Some(&true)
        };
        let functions: Vec<LLVMValueRef> = self.functions().filter(is_hot).collect();
        if functions.is_empty() {
            return Ok(());
        }
        let bitcode = hot_functions::BITCODE;
        let (data, length) = (bitcode.as_ptr(), bitcode.len());
        shim::check(Error::Backend, |message| {
            // SAFETY: the functions belong to this live module, and the bitcode is static.
            unsafe {
                shim::rumba_llvm_link_hot(
                    self.module,
                    functions.as_ptr(),
                    functions.len(),
                    data,
                    length,
                    message,
                )
            }
        })
    }

    /// Runs the pipeline of a level.
    pub fn optimize(&mut self, level: Level) -> Result<()> {
        let pipeline = level.pipeline(self.has_inlinable());
        if !pipeline.is_empty() {
            self.run_pipeline(&pipeline, level.is_repeatable())?;
        }
        Ok(())
    }

    /// Runs passes given in the notation of `opt -passes=`.
    pub fn run_passes(&mut self, pipeline: &str) -> Result<()> {
        self.run_pipeline(pipeline, false)
    }

    fn run_pipeline(&mut self, pipeline: &str, keep: bool) -> Result<()> {
        let pipeline = CString::new(pipeline).map_err(|error| Error::Backend(error.to_string()))?;
        target::with_machine(|machine| {
            shim::check(Error::Backend, |message| {
                // SAFETY: machine, module and text are alive.
                unsafe {
                    shim::rumba_llvm_run_passes(
                        machine,
                        self.module,
                        pipeline.as_ptr(),
                        i32::from(keep),
                        message,
                    )
                }
            })?;
            self.reported_errors()
        })
    }

    /// Generates object code. Code generation rewrites the module, hence takes it.
    pub fn emit_object(self, level: Level) -> Result<Vec<u8>> {
        let quick = i32::from(level.is_quick());
        target::with_machine(|machine| {
            let (mut data, mut length) = (ptr::null(), 0);
            shim::check(Error::Backend, |message| {
                // SAFETY: machine and module are alive; valid places for the results.
                unsafe {
                    shim::rumba_llvm_emit_object(machine, self.module, quick, &mut data, &mut length, message)
                }
            })?;
            self.reported_errors()?;
            // SAFETY: the bytes are valid until the machine's next emission.
            Ok(unsafe { std::slice::from_raw_parts(data, length) }.to_vec())
        })
    }

    /// Generates assembly text.
    pub fn emit_assembly(self, level: Level) -> Result<String> {
        let quick = i32::from(level.is_quick());
        target::with_machine(|machine| {
            let mut text = ptr::null_mut();
            shim::check(Error::Backend, |message| {
                // SAFETY: machine and module are alive; valid places for the results.
                unsafe { shim::rumba_llvm_emit_assembly(machine, self.module, quick, &mut text, message) }
            })?;
            self.reported_errors()?;
            // SAFETY: the shim returned a malloced string.
            Ok(unsafe { shim::take_string(text) })
        })
    }

    /// The functions of the module, declarations included.
    fn functions(&self) -> impl Iterator<Item = LLVMValueRef> {
        // SAFETY: the module is alive.
        let mut next = unsafe { LLVMGetFirstFunction(self.module) };
        std::iter::from_fn(move || {
            // LLVM's list ends with null.
            let function = (!next.is_null()).then_some(next)?;
            // SAFETY: `function` is a function of the live module.
            next = unsafe { LLVMGetNextFunction(function) };
            Some(function)
        })
    }

    /// Whether some function must be inlined.
    fn has_inlinable(&self) -> bool {
        let name = "alwaysinline";
        // SAFETY: the name has the given length.
        let kind = unsafe { LLVMGetEnumAttributeKindForName(name.as_ptr().cast(), name.len()) };
        self.functions().any(|function| {
            // SAFETY: `function` belongs to this live module.
            unsafe {
                !LLVMGetEnumAttributeAtIndex(function, llvm_sys::LLVMAttributeFunctionIndex, kind).is_null()
            }
        })
    }

    fn reported_errors(&self) -> Result<()> {
        // SAFETY: owned by this value, and LLVM is not running.
        let errors = unsafe { std::mem::take(&mut *self.errors) };
        if errors.is_empty() { Ok(()) } else { Err(Error::Backend(errors.join("\n"))) }
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        // SAFETY: all three are owned by this value; the context, which may report errors, goes before their list.
        unsafe {
            if !self.module.is_null() {
                LLVMDisposeModule(self.module);
            }
            LLVMContextDispose(self.context);
            drop(Box::from_raw(self.errors));
        }
    }
}

fn name_of<'m>(value: LLVMValueRef) -> &'m str {
    let mut length = 0;
    // SAFETY: `value` is alive; LLVM returns `length` bytes that live as long as the value keeps its name.
    let bytes = unsafe {
        let data = LLVMGetValueName2(value, &mut length);
        std::slice::from_raw_parts(data.cast::<u8>(), length)
    };
    std::str::from_utf8(bytes).unwrap_or_default()
}

extern "C" fn collect_error(info: LLVMDiagnosticInfoRef, errors: *mut c_void) {
    // SAFETY: LLVM passes a live diagnostic and the list given with the handler.
    unsafe {
        if LLVMGetDiagInfoSeverity(info) == LLVMDiagnosticSeverity::LLVMDSError {
            let text = LLVMGetDiagInfoDescription(info);
            (*errors.cast::<Vec<String>>()).push(CStr::from_ptr(text).to_string_lossy().into_owned());
            LLVMDisposeMessage(text);
        }
    }
}

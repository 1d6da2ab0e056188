//! The machine that code is compiled for: the one we run on.
//!
//! A target machine and its parsed pipelines take longer to make than a small function takes to compile, so that every
//! thread keeps one. A machine in which LLVM failed is replaced, because nothing is known about its state.

use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::{LazyLock, Once};

use crate::error::{Error, Result};
use crate::shim::{self, RumbaMachine};

/// The triple of compiled modules. "unknown" is the vendor that rustc writes: linking its bitcode then never warns.
pub const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// LLVM's options, parsed once per process; private to the copy of LLVM that is linked into Rumba.
///
/// - `-disable-lsr`: loop strength reduction takes a third to a half of code generation and gains nothing measurable
///   on the kernels in `tests/data`.
const OPTIONS: &[&str] = &["rumba", "-disable-lsr"];

/// Initialises LLVM; later calls do nothing.
///
/// `RUMBA_LLVM_OPTIONS` holds further options separated by blanks, for those who measure.
pub fn initialize() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let further = std::env::var("RUMBA_LLVM_OPTIONS").unwrap_or_default();
        let options: Vec<CString> = OPTIONS
            .iter()
            .copied()
            .chain(further.split_whitespace())
            .filter_map(|option| CString::new(option).ok())
            .collect();
        let pointers: Vec<*const c_char> = options.iter().map(|option| option.as_ptr()).collect();
        // SAFETY: the array holds `len` NUL-terminated strings, which LLVM copies; called once.
        unsafe { shim::rumba_llvm_initialize(pointers.len() as i32, pointers.as_ptr()) };
    });
}

/// The processor that code is generated for. Part of the key of cached code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host {
    /// LLVM's name of the processor, such as `znver4`.
    pub cpu: String,
    /// Its features as LLVM writes them, sorted by name: `+adx,+aes,-amx-bf16`.
    pub features: String,
}

/// What this machine is.
pub fn host() -> &'static Host {
    static HOST: LazyLock<Host> = LazyLock::new(|| {
        initialize();
        // SAFETY: both functions return fresh malloced strings.
        unsafe {
            Host {
                cpu: shim::take_string(shim::rumba_llvm_host_cpu()),
                features: shim::take_string(shim::rumba_llvm_host_features()),
            }
        }
    });
    &HOST
}

/// The version of the linked LLVM, such as `22.1.8`. Part of the key of cached code.
pub fn llvm_version() -> String {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: three valid places for the numbers.
    unsafe { llvm_sys::core::LLVMGetVersion(&mut major, &mut minor, &mut patch) };
    format!("{major}.{minor}.{patch}")
}

/// A target machine of this thread, owned.
struct Machine(*mut RumbaMachine);

impl Machine {
    fn create() -> Result<Machine> {
        let host = host();
        let text = |text: &str| CString::new(text).map_err(|error| Error::Backend(error.to_string()));
        let (triple, cpu, features) = (text(TRIPLE)?, text(&host.cpu)?, text(&host.features)?);
        let mut machine = ptr::null_mut();
        shim::check(Error::Backend, |message| {
            // SAFETY: NUL-terminated strings and valid places for the results.
            unsafe {
                shim::rumba_llvm_machine_create(
                    triple.as_ptr(),
                    cpu.as_ptr(),
                    features.as_ptr(),
                    &mut machine,
                    message,
                )
            }
        })?;
        Ok(Machine(machine))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // SAFETY: created by `rumba_llvm_machine_create` and owned by this value.
        unsafe { shim::rumba_llvm_machine_dispose(self.0) };
    }
}

thread_local! {
    static MACHINE: RefCell<Option<Machine>> = const { RefCell::new(None) };
}

/// Runs `body` with this thread's target machine, made on first use.
pub(crate) fn with_machine<T>(body: impl FnOnce(*mut RumbaMachine) -> Result<T>) -> Result<T> {
    MACHINE.with(|slot| {
        let machine = match slot.take() {
            Some(machine) => machine,
            None => Machine::create()?,
        };
        let result = body(machine.0);
        match &result {
            // A fatal error left the machine half-way through its work: not even disposing of it is safe.
            Err(Error::Fatal(_)) => std::mem::forget(machine),
            Err(_) => drop(machine),
            Ok(_) => drop(slot.replace(Some(machine))),
        }
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_known() {
        assert!(!host().cpu.is_empty());
        assert!(host().features.contains("+sse2"));
        assert!(llvm_version().starts_with("22."));
    }
}

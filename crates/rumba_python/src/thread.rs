//! The execution context of the current thread.

use rumba_runtime::context::ExecutionContext;
use std::cell::UnsafeCell;

/// Stack that is left for the host, the runtime and functions that do not recurse, at most.
const HEADROOM: usize = 256 * 1024;

thread_local! {
    /// `stack_limit` is 0 until the thread enters compiled code for the first time.
    static CONTEXT: UnsafeCell<ExecutionContext> = const { UnsafeCell::new(ExecutionContext::new(0)) };
}

/// The context of this thread; valid until the thread ends.
#[inline]
pub fn context() -> *mut ExecutionContext {
    let ctx = CONTEXT.with(UnsafeCell::get);
    // SAFETY: only this thread uses the context, and no reference to it is held across calls.
    unsafe {
        if (*ctx).stack_limit == 0 {
            (*ctx).stack_limit = stack_limit();
        }
    }
    ctx
}

#[cold]
fn stack_limit() -> usize {
    // SAFETY: the attributes are initialised by pthread_getattr_np before they are read and destroyed after.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            // Unknown: allow half a megabyte from here, which every thread of CPython has.
            return (&raw const attributes as usize).saturating_sub(512 * 1024);
        }
        let mut lowest = std::ptr::null_mut();
        let mut size = 0;
        libc::pthread_attr_getstack(&attributes, &mut lowest, &mut size);
        libc::pthread_attr_destroy(&mut attributes);
        lowest as usize + (size / 4).min(HEADROOM)
    }
}

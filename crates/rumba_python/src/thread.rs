//! The execution context of the current thread, and how much stack it has.

use rumba_runtime::context::ExecutionContext;
use rumba_runtime::interrupt::WatchedThread;
use rumba_runtime::random::Streams;
use std::cell::{RefCell, UnsafeCell};

/// Stack that is left for the host, the runtime and functions that do not recurse, at most.
const HEADROOM: usize = 256 * 1024;

/// Stack for a compilation: that of an ordinary thread. LLVM takes some hundred kilobytes, more for large functions.
pub const COMPILING: usize = 4 * 1024 * 1024;

thread_local! {
    /// The lowest address is 0 until the thread enters compiled code for the first time.
    static CONTEXT: UnsafeCell<ExecutionContext> = const { UnsafeCell::new(ExecutionContext::new(0)) };
    /// Apart from the context, whose use must not cost a look whether it is destroyed.
    static WATCHED: RefCell<Option<WatchedThread>> = const { RefCell::new(None) };
}

/// The context of this thread; valid until the thread ends.
#[inline]
pub fn context() -> *mut ExecutionContext {
    let ctx = CONTEXT.with(UnsafeCell::get);
    // SAFETY: only this thread uses the context, and no reference to it is held across calls.
    unsafe {
        if (*ctx).lowest() == 0 {
            prepare(ctx);
        }
    }
    ctx
}

/// # Safety
/// The context is this thread's.
#[cold]
unsafe fn prepare(ctx: *mut ExecutionContext) {
    // SAFETY: promised by the caller; the memory of a thread outlives its destructors, which end the watch.
    unsafe {
        (*ctx).set_lowest(stack_limit());
        WATCHED.set(Some(WatchedThread::new(ctx)));
    }
}

/// The child of a fork gets a new watchdog, which this thread makes itself known to when it enters compiled code.
pub fn after_fork_in_child() {
    // The parent's watchdog knew it.
    std::mem::forget(WATCHED.take());
    // SAFETY: the context is this thread's.
    unsafe {
        let ctx = CONTEXT.with(UnsafeCell::get);
        (*ctx).set_lowest(0);
        // Else the child would draw the same random numbers as its parent.
        (*ctx).random = Streams::NONE;
    };
}

/// Whether this thread has little stack left for what a compiler does.
pub fn is_short_of_stack() -> bool {
    let here = 0u8;
    // SAFETY: the context is this thread's.
    (&raw const here as usize) < unsafe { (*context()).lowest() } + COMPILING
}

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

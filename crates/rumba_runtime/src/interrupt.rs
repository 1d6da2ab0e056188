//! Lets Ctrl-C and other signal handlers in while compiled code runs, at no cost to code that is fast.
//!
//! Loops read [`INTERRUPT_FLAG`] now and then (see the pass `insert_polls`). A watchdog thread sets it
//! every [`TICK`] while compiled code that polls is running; the poll that sees it asks the host to run
//! pending signal handlers. The watchdog sleeps when nobody clears the flag: [`arm`] wakes it.

use crate::context::ExecutionContext;
use crate::host::host;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Condvar, Mutex, Once};
use std::time::Duration;

/// Read by compiled code as `rumba_interrupt_flag`: not 0 asks it to call [`rumba_poll`].
pub static INTERRUPT_FLAG: AtomicI32 = AtomicI32::new(0);

/// How long a signal may wait, twice over at most.
const TICK: Duration = Duration::from_millis(25);

static ARMED: AtomicBool = AtomicBool::new(false);
static WATCHDOG: Once = Once::new();
static WAKE: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());

/// Called before code that polls is entered.
#[inline]
pub fn arm() {
    if !ARMED.load(Ordering::Relaxed) {
        wake_watchdog();
    }
}

#[cold]
fn wake_watchdog() {
    WATCHDOG.call_once(|| {
        // Without a watchdog, compiled code cannot be interrupted, but runs right.
        let _ = std::thread::Builder::new().name("rumba-watchdog".into()).stack_size(64 * 1024).spawn(watch);
    });
    let _guard = WAKE.0.lock();
    ARMED.store(true, Ordering::Relaxed);
    WAKE.1.notify_one();
}

fn watch() {
    loop {
        {
            let Ok(mut guard) = WAKE.0.lock() else { return };
            while !ARMED.load(Ordering::Relaxed) {
                guard = match WAKE.1.wait(guard) {
                    Ok(guard) => guard,
                    Err(_) => return,
                };
            }
        }
        std::thread::sleep(TICK);
        if INTERRUPT_FLAG.swap(1, Ordering::Relaxed) != 0 {
            // Nobody polled for a whole tick: no compiled loop is running.
            INTERRUPT_FLAG.store(0, Ordering::Relaxed);
            ARMED.store(false, Ordering::Relaxed);
        }
    }
}

/// Compiled code saw the flag. Returns 0, or 1 with an exception pending.
///
/// # Safety
/// `ctx` is the thread's context.
#[cold]
pub unsafe extern "C" fn rumba_poll(ctx: *mut ExecutionContext, token: u64) -> i32 {
    INTERRUPT_FLAG.store(0, Ordering::Relaxed);
    // SAFETY: promised by the caller.
    let ctx_ref = unsafe { &mut *ctx };
    let fine = host().is_none_or(|host| (host.check_signals)(ctx_ref));
    if !fine {
        // SAFETY: promised by the caller.
        unsafe { crate::context::rumba_propagate(ctx, token) };
    }
    i32::from(!fine)
}

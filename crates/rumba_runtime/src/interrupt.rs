//! Lets Ctrl-C and other signal handlers in while compiled code runs, at no cost to code that is fast.
//!
//! Loops read [`INTERRUPT_FLAG`] now and then (see the pass `insert_polls`). A watchdog thread sets it
//! every [`TICK`] while compiled code that polls is running; the poll that sees it asks the host to run
//! pending signal handlers. The watchdog sleeps when nobody clears the flag: [`arm`] and the next poll wake it.
//!
//! Recursive functions compare the stack pointer with a limit anyway, so they read no flag: the watchdog raises the
//! limit of every thread, and the check that fails polls (`context::rumba_check_stack`).
//!
//! Threads do not survive a fork, and a lock may be taken by one of them: a child process starts anew with
//! [`after_fork_in_child`].

use crate::context::ExecutionContext;
use crate::host::host;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// Read by compiled code as `rumba_interrupt_flag`: not 0 asks it to call [`rumba_poll`].
pub static INTERRUPT_FLAG: AtomicI32 = AtomicI32::new(0);

/// How long a signal may wait, twice over at most.
const TICK: Duration = Duration::from_millis(25);

static ARMED: AtomicBool = AtomicBool::new(false);
static WATCHDOG: AtomicPtr<Watchdog> = AtomicPtr::new(std::ptr::null_mut());

/// How a watchdog is woken. One per process, never freed: its thread looks at it for ever.
#[derive(Default)]
struct Watchdog {
    sleeping: Mutex<()>,
    wake: Condvar,
    /// The watchdog's own thread starts when it is first needed.
    start: OnceLock<()>,
    /// The threads that run compiled code.
    threads: Mutex<Vec<StackLimit>>,
}

/// `ExecutionContext::stack_limit` of a thread that lives.
#[derive(PartialEq)]
struct StackLimit(*const AtomicUsize);

// SAFETY: an atomic is made to be used by several threads.
unsafe impl Send for StackLimit {}

/// Keeps a thread known to the watchdog until it is dropped.
pub struct WatchedThread(*const AtomicUsize);

impl WatchedThread {
    /// # Safety
    /// The context stays where it is until the result is dropped.
    pub unsafe fn new(ctx: *const ExecutionContext) -> WatchedThread {
        // SAFETY: promised by the caller.
        let limit = unsafe { &raw const (*ctx).stack_limit };
        threads(watchdog()).push(StackLimit(limit));
        WatchedThread(limit)
    }
}

impl Drop for WatchedThread {
    fn drop(&mut self) {
        threads(watchdog()).retain(|limit| *limit != StackLimit(self.0));
    }
}

fn threads(watchdog: &Watchdog) -> MutexGuard<'_, Vec<StackLimit>> {
    watchdog.threads.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Called before code that polls is entered.
#[inline]
pub fn arm() {
    if !ARMED.load(Ordering::Relaxed) {
        wake_watchdog();
    }
}

#[cold]
fn wake_watchdog() {
    let watchdog = watchdog();
    watchdog.start.get_or_init(|| {
        // Without its thread, compiled code cannot be interrupted, but runs right.
        let _ = std::thread::Builder::new()
            .name("rumba-watchdog".into())
            .stack_size(64 * 1024)
            .spawn(move || watch(watchdog));
    });
    let _guard = watchdog.sleeping.lock().unwrap_or_else(PoisonError::into_inner);
    ARMED.store(true, Ordering::Relaxed);
    watchdog.wake.notify_one();
}

/// The process's watchdog.
fn watchdog() -> &'static Watchdog {
    let running = WATCHDOG.load(Ordering::Acquire);
    if !running.is_null() {
        // SAFETY: what is stored came from `Box::leak`.
        return unsafe { &*running };
    }
    let new: &'static Watchdog = Box::leak(Box::default());
    let pointer = std::ptr::from_ref(new).cast_mut();
    match WATCHDOG.compare_exchange(std::ptr::null_mut(), pointer, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => new,
        // SAFETY: as above. Another thread was first; the loser's few bytes are not worth taking back.
        Err(first) => unsafe { &*first },
    }
}

/// To be called in a child process right after it was forked, by its only thread, which is not watched any more.
pub fn after_fork_in_child() {
    WATCHDOG.store(std::ptr::null_mut(), Ordering::Release);
    ARMED.store(false, Ordering::Relaxed);
    INTERRUPT_FLAG.store(0, Ordering::Relaxed);
}

fn watch(watchdog: &Watchdog) {
    loop {
        {
            let mut guard = watchdog.sleeping.lock().unwrap_or_else(PoisonError::into_inner);
            while !ARMED.load(Ordering::Relaxed) {
                guard = watchdog.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
            }
        }
        std::thread::sleep(TICK);
        for limit in threads(watchdog).iter() {
            // SAFETY: the thread takes its limit out of the list before it ends.
            unsafe { &*limit.0 }.store(usize::MAX, Ordering::Relaxed);
        }
        if INTERRUPT_FLAG.swap(1, Ordering::Relaxed) != 0 {
            // Nobody polled for a whole tick: no compiled loop is running, or one whose thread has to wait for
            // a processor. The flag stays set, so that the next poll, whenever it comes, wakes this thread.
            ARMED.store(false, Ordering::SeqCst);
            if INTERRUPT_FLAG.load(Ordering::SeqCst) == 0 {
                ARMED.store(true, Ordering::SeqCst);
            }
        }
    }
}

/// Compiled code saw the flag. Returns 0, or 1 with an exception pending.
///
/// # Safety
/// `ctx` is the thread's context.
#[cold]
pub unsafe extern "C" fn rumba_poll(ctx: *mut ExecutionContext, token: u64) -> i32 {
    // The watchdog lets `ARMED` go before it looks at the flag a last time: one of the two sees the other.
    INTERRUPT_FLAG.store(0, Ordering::SeqCst);
    if !ARMED.load(Ordering::SeqCst) {
        wake_watchdog();
    }
    // SAFETY: promised by the caller.
    let ctx_ref = unsafe { &mut *ctx };
    let fine = host().is_none_or(|host| (host.check_signals)(ctx_ref));
    if !fine {
        // SAFETY: promised by the caller.
        unsafe { crate::context::rumba_propagate(ctx, token) };
    }
    i32::from(!fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_until(condition: impl Fn() -> bool) {
        while !condition() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_loop_that_polls_late_is_asked_again() {
        arm();
        // Nobody polls, so the watchdog goes to sleep; it leaves the flag for whoever polls next.
        wait_until(|| !ARMED.load(Ordering::SeqCst));
        assert_eq!(INTERRUPT_FLAG.load(Ordering::SeqCst), 1);
        let mut ctx = ExecutionContext::new(0);
        // SAFETY: the context is this thread's.
        assert_eq!(unsafe { rumba_poll(&mut ctx, 0) }, 0);
        wait_until(|| INTERRUPT_FLAG.load(Ordering::SeqCst) == 1);
    }
}

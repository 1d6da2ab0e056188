//! What a thread carries through compiled code: the limit of its stack, the exception that is on its
//! way to the interpreter, and its streams of random numbers.

use crate::host::host;
use crate::interrupt;
use crate::random::Streams;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Names a [site](../rumba_ir/struct.Site.html) in the whole process: the instance in the upper 32 bits,
/// the site's number in the lower ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SiteToken(pub u64);

impl SiteToken {
    pub fn new(instance: u32, site: u32) -> SiteToken {
        SiteToken(u64::from(instance) << 32 | u64::from(site))
    }

    pub fn instance(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub fn site(self) -> u32 {
        self.0 as u32
    }
}

/// What was raised.
#[derive(Clone, PartialEq, Debug)]
pub enum Raised {
    /// What the site of this token says, with its operands.
    Site { token: SiteToken, slots: Vec<u64> },
    /// An exception of a runtime function: built-in class and message.
    Builtin { class: &'static str, message: String },
    /// The host has the exception itself (from a callback or a signal handler).
    Host,
    /// An exception of the host that compiled code has caught, with a reference of its own.
    Object(usize),
}

/// An exception on its way out of compiled code, or caught in it.
#[derive(Debug)]
pub struct Pending {
    pub raised: Raised,
    passed: Mutex<Passed>,
}

/// What happens to an exception after it was raised.
#[derive(Clone, Default, Debug)]
pub struct Passed {
    /// Where it passed through, innermost first.
    pub traceback: Vec<SiteToken>,
    /// `raise … from cause`; from `None` where there is none.
    pub cause: Option<Option<Arc<Pending>>>,
    /// What was handled when it was raised.
    pub context: Option<Arc<Pending>>,
}

impl Pending {
    pub fn new(raised: Raised, passed: Passed) -> Arc<Pending> {
        Arc::new(Pending { raised, passed: Mutex::new(passed) })
    }

    pub fn passed(&self) -> MutexGuard<'_, Passed> {
        self.passed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn traceback(&self) -> Vec<SiteToken> {
        self.passed().traceback.clone()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        match (&self.raised, host()) {
            (Raised::Site { token, slots }, Some(host)) if !slots.is_empty() => {
                (host.release_operands)(*token, slots);
            }
            (Raised::Object(object), Some(host)) => (host.release)(*object),
            _ => {}
        }
        // Chains may be long: not by recursion.
        let take = |pending: &mut Pending| {
            let Passed { cause, context, .. } = std::mem::take(&mut *pending.passed());
            cause.flatten().into_iter().chain(context)
        };
        let mut led_to: Vec<Arc<Pending>> = take(self).collect();
        while let Some(next) = led_to.pop() {
            led_to.extend(Arc::into_inner(next).iter_mut().flat_map(take));
        }
    }
}

/// One per thread that runs compiled code. Compiled code reads `stack_limit` at offset 0 and passes
/// the pointer on; everything else is the runtime's.
#[repr(C)]
pub struct ExecutionContext {
    /// Below this, the stack pointer of recursive functions makes them call [`rumba_check_stack`]. It is `lowest`,
    /// or the highest address there is when they are to look for signals.
    pub stack_limit: AtomicUsize,
    /// The lowest address that the stack pointer of recursive functions may reach.
    lowest: usize,
    pub pending: Option<Arc<Pending>>,
    /// What this thread draws random numbers from.
    pub random: Streams,
}

const _: () = assert!(std::mem::offset_of!(ExecutionContext, stack_limit) == 0);

impl ExecutionContext {
    pub const fn new(lowest: usize) -> ExecutionContext {
        ExecutionContext {
            stack_limit: AtomicUsize::new(lowest),
            lowest,
            pending: None,
            random: Streams::NONE,
        }
    }

    /// The lowest address that the stack pointer of recursive functions may reach.
    pub fn lowest(&self) -> usize {
        self.lowest
    }

    pub fn set_lowest(&mut self, lowest: usize) {
        self.lowest = lowest;
        self.stack_limit.store(lowest, Ordering::Relaxed);
    }

    /// Makes a runtime function's exception pending; the caller returns status 1.
    pub fn raise(&mut self, class: &'static str, message: impl Into<String>) {
        self.set(Raised::Builtin { class, message: message.into() });
    }

    pub fn set(&mut self, raised: Raised) {
        self.pending = Some(Pending::new(raised, Passed::default()));
    }
}

/// Compiled code raises at a site.
///
/// # Safety
/// `ctx` is the thread's context; `slots` points to `n_slots` packed operands (or `n_slots` is 0).
#[cold]
pub unsafe extern "C" fn rumba_raise(
    ctx: *mut ExecutionContext,
    token: u64,
    n_slots: u64,
    slots: *const u64,
) {
    // SAFETY: promised by the caller.
    let (ctx, slots) = unsafe {
        let slots = if n_slots == 0 { &[] } else { std::slice::from_raw_parts(slots, n_slots as usize) };
        (&mut *ctx, slots)
    };
    let token = SiteToken(token);
    let passed = Passed { traceback: vec![token], ..Passed::default() };
    ctx.pending = Some(Pending::new(Raised::Site { token, slots: slots.to_vec() }, passed));
}

/// The stack pointer of a recursive function is below the limit: the stack is nearly used up, or signals are to be
/// looked for. Returns 0, or 1 with an exception pending.
///
/// # Safety
/// `ctx` is the thread's context.
#[cold]
pub unsafe extern "C" fn rumba_check_stack(
    ctx: *mut ExecutionContext,
    token: u64,
    stack_pointer: u64,
) -> i32 {
    {
        // SAFETY: promised by the caller; the reference ends before the context is passed on.
        let ctx = unsafe { &mut *ctx };
        // Before the poll, which tells the watchdog that it may ask again.
        ctx.stack_limit.store(ctx.lowest, Ordering::Relaxed);
        if stack_pointer as usize >= ctx.lowest {
            // SAFETY: as above.
            return unsafe { interrupt::rumba_poll(ctx, token) };
        }
        ctx.raise("RecursionError", "maximum recursion depth exceeded");
    }
    // SAFETY: as above.
    unsafe { rumba_propagate(ctx, token) };
    1
}

/// A callee raised; the site of the call joins the traceback.
///
/// # Safety
/// `ctx` is the thread's context.
#[cold]
pub unsafe extern "C" fn rumba_propagate(ctx: *mut ExecutionContext, token: u64) {
    // SAFETY: promised by the caller.
    if let Some(pending) = unsafe { &(*ctx).pending } {
        pending.passed().traceback.push(SiteToken(token));
    }
}

//! What compiled code does with exceptions that it catches. A caught exception is the owner word of a counted block.

use crate::context::{ExecutionContext, Passed, Pending, Raised};
use crate::host::host;
use crate::memory::{Counted, exception_of};
use std::sync::Arc;

/// Takes the pending exception over: the owner word of a caught one, with a reference.
///
/// # Safety
/// `ctx` is the thread's context, with an exception pending.
pub unsafe extern "C" fn rumba_catch(ctx: *mut ExecutionContext) -> u64 {
    // SAFETY: promised by the caller.
    let pending = unsafe { (*ctx).pending.take() };
    let pending = pending.expect("a handler is entered with an exception pending");
    let caught = match pending.raised {
        // The host keeps it only until compiled code returns.
        Raised::Host => {
            let object = host().map_or(0, |host| (host.take_exception)());
            Pending::new(Raised::Object(object), pending.passed().clone())
        }
        _ => pending,
    };
    Counted::of_exception(caught).into_owner_and_data().0
}

/// The same, of an exception that was made and never raised: it came from nowhere.
///
/// # Safety
/// As for [`rumba_catch`].
pub unsafe extern "C" fn rumba_catch_made(ctx: *mut ExecutionContext) -> u64 {
    // SAFETY: promised by the caller.
    unsafe {
        if let Some(pending) = &(*ctx).pending {
            pending.passed().traceback.clear();
        }
        rumba_catch(ctx)
    }
}

/// Whether a caught exception is of the class with this id.
///
/// # Safety
/// `caught` is a caught exception.
pub unsafe extern "C" fn rumba_exception_matches(caught: u64, class: i64) -> bool {
    // SAFETY: promised by the caller.
    let exception = unsafe { exception_of(caught) };
    match (exception, host()) {
        (Some(exception), Some(host)) => (host.exception_matches)(&exception.raised, class as u32),
        _ => false,
    }
}

/// A caught exception is pending again.
///
/// # Safety
/// `ctx` is the thread's context; `caught` is a caught exception.
pub unsafe extern "C" fn rumba_reraise(ctx: *mut ExecutionContext, caught: u64) {
    // SAFETY: promised by the caller.
    unsafe { (*ctx).pending = exception_of(caught) };
}

/// `raise caught`. Returns 1.
///
/// # Safety
/// As for [`rumba_reraise`]; nothing is written to `_out`.
pub unsafe extern "C" fn rumba_raise_caught(ctx: *mut ExecutionContext, caught: u64, _out: *mut u64) -> i32 {
    // SAFETY: promised by the caller.
    unsafe { rumba_reraise(ctx, caught) };
    1
}

/// `raised` left the place where `handled` was handled: that is its context, or that of the exceptions which led to it.
///
/// # Safety
/// Both are caught exceptions.
pub unsafe extern "C" fn rumba_chain_exception(raised: u64, handled: u64) {
    // SAFETY: promised by the caller.
    let (Some(raised), Some(handled)) = (unsafe { exception_of(raised) }, unsafe { exception_of(handled) })
    else {
        return;
    };
    // As CPython, so that the chain has an end: what was raised again is no context of what it is the context of.
    let mut last = raised.clone();
    loop {
        if Arc::ptr_eq(&last, &handled) {
            return;
        }
        let Some(next) = last.passed().context.clone() else { break };
        last = next;
    }
    let mut above = handled.clone();
    loop {
        let Some(next) = above.passed().context.clone() else { break };
        if Arc::ptr_eq(&next, &raised) {
            above.passed().context = None;
            break;
        }
        above = next;
    }
    last.passed().context = Some(handled);
}

/// `raise … from cause`; the cause may be 0, for `None`.
///
/// # Safety
/// Both are caught exceptions, or 0.
pub unsafe extern "C" fn rumba_set_cause(raised: u64, cause: u64) {
    // SAFETY: promised by the caller.
    let (raised, cause) = unsafe { (exception_of(raised), exception_of(cause)) };
    let Some(raised) = raised else { return };
    // A cycle would never be freed.
    if cause.as_ref().is_some_and(|cause| leads_to(cause, &raised)) {
        return;
    }
    raised.passed().cause = Some(cause);
}

/// The cause of a caught exception, with a reference, or 0. What the interpreter has raised has none here.
///
/// # Safety
/// `caught` is a caught exception.
pub unsafe extern "C" fn rumba_cause(caught: u64) -> u64 {
    // SAFETY: promised by the caller.
    let exception = unsafe { exception_of(caught) };
    let cause = exception.and_then(|exception| exception.passed().cause.clone().flatten());
    cause.map_or(0, |cause| Counted::of_exception(cause).into_owner_and_data().0)
}

/// Whether one exception is the other, or has it among those that led to it.
fn leads_to(one: &Arc<Pending>, other: &Arc<Pending>) -> bool {
    let mut pending = vec![one.clone()];
    while let Some(next) = pending.pop() {
        if Arc::ptr_eq(&next, other) {
            return true;
        }
        let Passed { cause, context, .. } = next.passed().clone();
        pending.extend(cause.flatten());
        pending.extend(context);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{live_allocations, rumba_release};

    fn caught(ctx: &mut ExecutionContext, class: &'static str) -> u64 {
        ctx.raise(class, "");
        // SAFETY: the context is this thread's.
        unsafe { rumba_catch(ctx) }
    }

    fn context(caught: u64) -> Option<Raised> {
        // SAFETY: a caught exception.
        let exception = unsafe { exception_of(caught) }.expect("it is caught");
        let context = exception.passed().context.clone();
        context.map(|context| context.raised.clone())
    }

    #[test]
    fn contexts_are_chained_without_cycles_and_freed() {
        let before = live_allocations();
        let mut ctx = ExecutionContext::new(0);
        let [first, second, third] =
            ["KeyError", "ValueError", "OSError"].map(|class| caught(&mut ctx, class));
        let raised = |class: &'static str| Raised::Builtin { class, message: String::new() };
        // SAFETY: caught exceptions, each released once.
        unsafe {
            rumba_chain_exception(second, first);
            assert_eq!(context(second), Some(raised("KeyError")));
            rumba_chain_exception(second, second);
            assert_eq!(context(second), Some(raised("KeyError")));
            // `raise first` where `second` is handled.
            rumba_chain_exception(first, second);
            assert_eq!(context(first), Some(raised("ValueError")));
            assert_eq!(context(second), None);
            // `raise second from first` would be a circle.
            rumba_set_cause(second, first);
            assert_eq!(rumba_cause(second), 0);
            rumba_set_cause(second, third);
            assert_eq!(rumba_cause(first), 0);
            let cause = rumba_cause(second);
            assert_eq!(exception_of(cause).map(|it| it.raised.clone()), Some(raised("OSError")));
            rumba_release(cause);
            rumba_release(third);
            rumba_reraise(&mut ctx, second);
            rumba_release(first);
            rumba_release(second);
        }
        assert_eq!(ctx.pending.take().expect("raised again").raised, raised("ValueError"));
        assert_eq!(live_allocations(), before);
    }
}

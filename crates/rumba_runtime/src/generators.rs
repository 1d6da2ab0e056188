//! Generators: counted blocks that say where a function stopped and hold what it needs to go on.
//!
//! Compiled code reads and writes all but the header itself: `rumba_types::GeneratorType::places` says what is where, and
//! `rumba_opt::lower_yields` what the state means.

use crate::allocator::alloc_zeroed;
use crate::containers::ElementLayout;
use crate::context::{ExecutionContext, Pending, Raised};
use crate::host::host;
use crate::memory::Allocation;
use std::alloc::Layout;
use std::sync::Arc;

/// Goes on with a generator: `(generator, how) -> whether there is another item`, packed as for every entry function.
pub type Resume =
    unsafe extern "C" fn(ctx: *mut ExecutionContext, args: *const u64, results: *mut u64) -> i32;

#[repr(C)]
pub struct Generator {
    allocation: Allocation,
    resume: Resume,
    state: i64,
    /// Where owner words are behind the header.
    layout: &'static ElementLayout,
}

const _: () = assert!(size_of::<Generator>() == 64);
const _: () = assert!(std::mem::offset_of!(Generator, state) == 48);

const STARTING: i64 = 0;
/// Also while it runs.
const FINISHED: i64 = 1;
/// Of the states of a generator that has stopped: something in it may handle exceptions.
const IS_HANDLED: i64 = 1;

/// How a generator is resumed: it goes on.
pub const NEXT: u64 = 0;
/// The exception that is pending is raised where it stopped.
pub const THROW: u64 = 1;
/// All that it holds is released.
const GIVE_UP: u64 = 2;

/// An exception is pending.
pub struct Raises;

impl Generator {
    /// Goes on with a generator. Whether there is another item.
    ///
    /// # Safety
    /// `ctx` is the thread's context; the generator is alive and does not run.
    pub unsafe fn resume(this: *mut Generator, ctx: *mut ExecutionContext, how: u64) -> Result<bool, Raises> {
        let mut has_item = 0;
        // SAFETY: promised by the caller; the function belongs to the generator.
        let status = unsafe { ((*this).resume)(ctx, [this as u64, how].as_ptr(), &mut has_item) };
        if status == 0 { Ok(has_item & 1 != 0) } else { Err(Raises) }
    }

    /// Raises `GeneratorExit` where the generator stopped.
    ///
    /// # Safety
    /// As for [`Generator::resume`].
    pub unsafe fn close(this: *mut Generator, ctx: *mut ExecutionContext) -> Result<(), Raises> {
        // SAFETY: promised by the caller.
        unsafe {
            if matches!((*this).state, STARTING | FINISHED) {
                (*this).state = FINISHED;
                return Ok(());
            }
            (*ctx).raise("GeneratorExit", "");
            match Generator::resume(this, ctx, THROW) {
                Ok(false) => Ok(()),
                Ok(true) => {
                    (*ctx).raise("RuntimeError", "generator ignored GeneratorExit");
                    Err(Raises)
                }
                Err(Raises) if (*ctx).pending.as_deref().is_some_and(is_exit) => {
                    (*ctx).pending = None;
                    Ok(())
                }
                Err(Raises) => Err(Raises),
            }
        }
    }

    pub fn is_finished(&self) -> bool {
        self.state == FINISHED
    }

    /// Whether it has not been resumed yet.
    pub fn is_starting(&self) -> bool {
        self.state == STARTING
    }
}

fn is_exit(pending: &Pending) -> bool {
    matches!(pending.raised, Raised::Builtin { class: "GeneratorExit", .. })
}

unsafe fn finish(allocation: *mut Allocation) {
    let this = allocation.cast::<Generator>();
    // SAFETY: the header is that of a generator, which nobody else refers to any more.
    unsafe {
        if !matches!((*this).state, STARTING | FINISHED)
            && let Some(host) = host()
        {
            let ctx = (host.context)();
            let pending: Option<Arc<Pending>> = (*ctx).pending.take();
            (*this).allocation.revive();
            if (*this).state & IS_HANDLED != 0 {
                let _ = Generator::close(this, ctx);
            }
            if (*this).state != FINISHED {
                let _ = Generator::resume(this, ctx, GIVE_UP);
            }
            (*ctx).pending = pending;
        }
        (*this).layout.release(this.add(1).cast(), 1);
    }
}

/// `(size, layout, function)`: a generator that has not begun.
///
/// # Safety
/// As compiled code calls it: `ctx` is the thread's context, `layout` lives for ever, `out` has a slot.
pub unsafe extern "C" fn rumba_generator_new(
    ctx: *mut ExecutionContext,
    size: i64,
    layout: *const ElementLayout,
    resume: Resume,
    out: *mut u64,
) -> i32 {
    let block = Layout::from_size_align(size as usize, 64);
    // SAFETY: the size is at least that of the header; promised by the caller.
    unsafe {
        let memory = match &block {
            Ok(block) => alloc_zeroed(*block),
            Err(_) => std::ptr::null_mut(),
        };
        let (Ok(block), false) = (block, memory.is_null()) else {
            (*ctx).raise("MemoryError", "");
            return 1;
        };
        let allocation = Allocation::new(block, Some(finish));
        let generator = Generator { allocation, resume, state: STARTING, layout: &*layout };
        memory.cast::<Generator>().write(generator);
        *out = memory as u64;
    }
    0
}

/// `(generator)`: see [`Generator::close`].
///
/// # Safety
/// As compiled code calls it; the caller holds the generator.
pub unsafe extern "C" fn rumba_generator_close(ctx: *mut ExecutionContext, generator: *mut Generator) -> i32 {
    // SAFETY: promised by the caller.
    i32::from(unsafe { Generator::close(generator, ctx) }.is_err())
}

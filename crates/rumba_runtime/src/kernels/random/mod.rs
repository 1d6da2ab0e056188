//! Random numbers: the distributions of NumPy's generators, of its legacy functions, and of Python's `random`.
//!
//! Each distribution is one row of a table (`generator.rs`, `legacy.rs`, `python.rs`) from which two functions are made: one
//! draws a number, the other fills an array, whose parameters may be arrays that broadcast.

mod distribution;
mod generator;
mod integers;
mod legacy;
mod multivariate;
mod permutations;
mod python;
mod seeding;

use crate::context::ExecutionContext;
use crate::kernels::Result;
use crate::random::numpy::{NumPy, numpy};
use crate::random::{BitGenerator, NumPyStream};

/// Names and addresses of the kernels of random numbers.
pub(super) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    generator::symbols(table);
    integers::symbols(table);
    legacy::symbols(table);
    multivariate::symbols(table);
    permutations::symbols(table);
    python::symbols(table);
    seeding::symbols(table);
}

/// What a kernel draws from.
#[derive(Clone, Copy)]
struct Source {
    ctx: *mut ExecutionContext,
    /// The bit generator: that of a generator object, or of the thread's stream.
    bits: *mut BitGenerator,
    /// Whether it is the thread's, which is what `np.random` means, with its algorithms.
    legacy: bool,
    numpy: &'static NumPy,
}

impl Source {
    /// # Safety
    /// `ctx` is the thread's context. `bits` is the bit generator of a generator that is alive during the call, or null: the
    /// thread's stream.
    unsafe fn new(ctx: *mut ExecutionContext, bits: *mut BitGenerator) -> Result<Source> {
        let legacy = bits.is_null();
        // SAFETY: promised by the caller.
        let bits = if legacy { unsafe { (*ctx).random.numpy().bits() } } else { bits };
        Ok(Source { ctx, bits, legacy, numpy: numpy()? })
    }

    /// The thread's stream, which `np.random` draws from.
    ///
    /// # Safety
    /// The source is the thread's stream, and no other reference to it is alive.
    unsafe fn stream<'a>(self) -> &'a mut NumPyStream {
        // SAFETY: promised by the caller.
        unsafe { (*self.ctx).random.numpy() }
    }

    /// A float in [0, 1).
    fn double(self) -> f64 {
        // SAFETY: the source is alive, and this thread's.
        unsafe { BitGenerator::double(self.bits) }
    }

    /// An integer from 0 to `max`.
    fn interval(self, max: u64) -> u64 {
        // SAFETY: the source is alive, and this thread's.
        unsafe { (self.numpy.random_interval)(self.bits, max) }
    }

    /// An integer from 0 to `max`, as `Generator` draws it.
    fn bounded(self, max: u64) -> u64 {
        // SAFETY: the source is alive, and this thread's.
        unsafe { (self.numpy.random_bounded_uint64)(self.bits, 0, max, 0, false) }
    }
}

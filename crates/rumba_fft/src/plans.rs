//! The plans that a thread has used last.

use crate::Float;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftDirection, FftPlanner};
use std::cell::RefCell;
use std::sync::Arc;

/// No more plans of a sort than this are kept,
const MAX_PLANS: usize = 16;
/// nor, behind the last one, for more numbers than this together.
const MAX_NUMBERS: usize = 1 << 21;

/// Plans by length, the last used ones last.
pub struct Plans<T: Float> {
    forward: Known<dyn Fft<T>>,
    inverse: Known<dyn Fft<T>>,
    to_half: Known<dyn RealToComplex<T>>,
    from_half: Known<dyn ComplexToReal<T>>,
}

struct Known<P: ?Sized>(RefCell<Vec<(usize, Arc<P>)>>);

impl<T: Float> Default for Plans<T> {
    fn default() -> Self {
        Plans {
            forward: Known(RefCell::default()),
            inverse: Known(RefCell::default()),
            to_half: Known(RefCell::default()),
            from_half: Known(RefCell::default()),
        }
    }
}

// Planners keep whatever they have made: those here are gone with the plan, and keep nothing.
impl<T: Float> Plans<T> {
    pub(crate) fn complex(&self, n: usize, inverse: bool) -> Arc<dyn Fft<T>> {
        let (known, direction) = if inverse {
            (&self.inverse, FftDirection::Inverse)
        } else {
            (&self.forward, FftDirection::Forward)
        };
        known.plan(n, || FftPlanner::new().plan_fft(n, direction))
    }

    pub(crate) fn to_half(&self, n: usize) -> Arc<dyn RealToComplex<T>> {
        self.to_half.plan(n, || RealFftPlanner::new().plan_fft_forward(n))
    }

    pub(crate) fn from_half(&self, n: usize) -> Arc<dyn ComplexToReal<T>> {
        self.from_half.plan(n, || RealFftPlanner::new().plan_fft_inverse(n))
    }
}

impl<P: ?Sized> Known<P> {
    /// The plan for a length, which is now the last used one.
    fn plan(&self, n: usize, make: impl FnOnce() -> Arc<P>) -> Arc<P> {
        let mut plans = self.0.borrow_mut();
        let plan = match plans.iter().rposition(|(length, _)| *length == n) {
            Some(position) => plans.remove(position).1,
            None => make(),
        };
        let mut n_numbers: usize = plans.iter().map(|(length, _)| length).sum();
        while plans.len() >= MAX_PLANS || n_numbers > MAX_NUMBERS {
            n_numbers -= plans.remove(0).0;
        }
        plans.push((n, plan.clone()));
        plan
    }
}

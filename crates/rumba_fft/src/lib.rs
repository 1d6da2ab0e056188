//! Discrete Fourier transforms of one axis for kernels: of complex numbers in place, and between real numbers and the half
//! of their transform that says all.
//!
//! What a length needs (factors of unity, the order of steps) is a plan. The last plans of a thread are kept, because making
//! one takes as long as several transforms. The crate is the only one that knows the libraries that do the work.

mod plans;

use num_complex::Complex;
use realfft::{ComplexToReal, RealToComplex};
use rustfft::{Fft, FftNum};
use std::sync::Arc;
use std::thread::LocalKey;

pub use plans::Plans;

/// A float that is transformed.
pub trait Float: FftNum + Default {
    fn rounded(value: f64) -> Self;
    fn plans() -> &'static LocalKey<Plans<Self>>;
}

macro_rules! floats {
    ($($T:ty),*) => {$(
        impl Float for $T {
            fn rounded(value: f64) -> $T {
                value as $T
            }

            fn plans() -> &'static LocalKey<Plans<$T>> {
                thread_local! {
                    static PLANS: Plans<$T> = Plans::default();
                }
                &PLANS
            }
        }
    )*};
}

floats!(f32, f64);

/// How many numbers of the transform of `n` real numbers say all: the others are conjugates of these.
pub fn half_length(n: usize) -> usize {
    n / 2 + 1
}

/// The transform of `n` complex numbers.
pub struct Transform<T: Float> {
    plan: Arc<dyn Fft<T>>,
    scratch: Vec<Complex<T>>,
}

impl<T: Float> Transform<T> {
    /// # Panics
    /// If `n` is 0.
    pub fn new(n: usize, inverse: bool) -> Transform<T> {
        let plan = T::plans().with(|plans| plans.complex(n, inverse));
        let scratch = vec![Complex::default(); plan.get_inplace_scratch_len()];
        Transform { plan, scratch }
    }

    /// Transforms each `n` numbers that lie behind each other, and multiplies them by `scale`.
    pub fn run(&mut self, numbers: &mut [Complex<T>], scale: T) {
        self.plan.process_with_scratch(numbers, &mut self.scratch);
        if scale != T::one() {
            numbers.iter_mut().for_each(|number| *number = *number * scale);
        }
    }
}

/// The half of the transform of `n` real numbers.
pub struct ToHalf<T: Float> {
    plan: Arc<dyn RealToComplex<T>>,
    scratch: Vec<Complex<T>>,
}

impl<T: Float> ToHalf<T> {
    /// # Panics
    /// If `n` is 0.
    pub fn new(n: usize) -> ToHalf<T> {
        let plan = T::plans().with(|plans| plans.to_half(n));
        let scratch = plan.make_scratch_vec();
        ToHalf { plan, scratch }
    }

    /// Transforms `n` numbers, which are lost, and multiplies the result by `scale`.
    pub fn run(&mut self, numbers: &mut [T], half: &mut [Complex<T>], scale: T) {
        let result = self.plan.process_with_scratch(numbers, half, &mut self.scratch);
        result.expect("the slices have the lengths of the plan");
        if scale != T::one() {
            half.iter_mut().for_each(|number| *number = *number * scale);
        }
    }
}

/// The real numbers whose inverse transform is given by half.
pub struct FromHalf<T: Float> {
    plan: Arc<dyn ComplexToReal<T>>,
    scratch: Vec<Complex<T>>,
}

impl<T: Float> FromHalf<T> {
    /// # Panics
    /// If `n` is 0.
    pub fn new(n: usize) -> FromHalf<T> {
        let plan = T::plans().with(|plans| plans.from_half(n));
        let scratch = plan.make_scratch_vec();
        FromHalf { plan, scratch }
    }

    /// Makes `n` numbers of their half, which is lost, and multiplies them by `scale`. Imaginary parts that such a half
    /// cannot have are left out.
    pub fn run(&mut self, half: &mut [Complex<T>], numbers: &mut [T], scale: T) {
        half[0].im = T::zero();
        if numbers.len().is_multiple_of(2) {
            half[numbers.len() / 2].im = T::zero();
        }
        let result = self.plan.process_with_scratch(half, numbers, &mut self.scratch);
        result.expect("the slices have the lengths of the plan, and the ends are real");
        if scale != T::one() {
            numbers.iter_mut().for_each(|number| *number = *number * scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// Lengths whose transforms take every way there is: powers of two, products of small primes, primes.
    const LENGTHS: [usize; 22] =
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 16, 30, 64, 97, 100, 128, 210, 211, 1000, 1009];

    fn signal(n: usize) -> Vec<Complex<f64>> {
        (0..n as u64)
            .map(|idx| {
                let number = |seed: u64| ((idx * 2654435761 + seed * 40503) % 10007) as f64 / 10007.0 - 0.5;
                Complex::new(number(1), number(2))
            })
            .collect()
    }

    /// By the definition, with angles reduced exactly and sums compensated: an error of a few units of the last place.
    fn by_definition(signal: &[Complex<f64>], sign: f64) -> Vec<Complex<f64>> {
        let n = signal.len();
        let add = |sum: &mut (f64, f64), term: f64| {
            let total = sum.0 + term;
            let lost = if sum.0.abs() >= term.abs() { sum.0 - total + term } else { term - total + sum.0 };
            *sum = (total, sum.1 + lost);
        };
        (0..n)
            .map(|k| {
                let (mut re, mut im) = ((0.0, 0.0), (0.0, 0.0));
                for (idx, x) in signal.iter().enumerate() {
                    let angle = sign * TAU * (idx * k % n) as f64 / n as f64;
                    let (sin, cos) = angle.sin_cos();
                    add(&mut re, x.re * cos);
                    add(&mut re, -x.im * sin);
                    add(&mut im, x.re * sin);
                    add(&mut im, x.im * cos);
                }
                Complex::new(re.0 + re.1, im.0 + im.1)
            })
            .collect()
    }

    fn norm(numbers: impl Iterator<Item = Complex<f64>>) -> f64 {
        numbers.map(|z| z.norm_sqr()).sum::<f64>().sqrt()
    }

    /// The error of a transform grows with the logarithm of its length; that of the definition does not.
    #[track_caller]
    fn check(result: &[Complex<f64>], expected: &[Complex<f64>], eps: f64) {
        let error = norm(result.iter().zip(expected).map(|(a, b)| a - b));
        let bound = 4.0 * eps * (1.0 + (expected.len() as f64).log2());
        assert!(
            error <= bound * norm(expected.iter().copied()),
            "an error of {error} at length {}",
            expected.len()
        );
    }

    #[test]
    fn complex_transforms() {
        for n in LENGTHS {
            let signal = signal(n);
            for (inverse, sign) in [(false, -1.0), (true, 1.0)] {
                let expected = by_definition(&signal, sign);
                let mut result = [&signal[..], &signal].concat();
                Transform::new(n, inverse).run(&mut result, 1.0);
                check(&result[..n], &expected, f64::EPSILON);
                check(&result[n..], &expected, f64::EPSILON);
                let single = |z: &Complex<f64>| Complex::new(z.re as f32, z.im as f32);
                let mut result: Vec<Complex<f32>> = signal.iter().map(single).collect();
                Transform::new(n, inverse).run(&mut result, 1.0);
                let result: Vec<_> = result.iter().map(|z| Complex::new(z.re.into(), z.im.into())).collect();
                check(&result, &expected, f32::EPSILON.into());
            }
        }
    }

    #[test]
    fn real_transforms_there_and_back() {
        for n in LENGTHS {
            let signal: Vec<Complex<f64>> = signal(n).iter().map(|z| z.re.into()).collect();
            let expected = by_definition(&signal, -1.0);
            let mut half = vec![Complex::default(); half_length(n)];
            let mut numbers: Vec<f64> = signal.iter().map(|z| z.re).collect();
            ToHalf::new(n).run(&mut numbers, &mut half, 1.0);
            check(&half, &expected[..half_length(n)], f64::EPSILON);
            // Imaginary parts at the ends count for nothing.
            half[0].im = 7.0;
            if n % 2 == 0 {
                half[n / 2].im = -3.0;
            }
            FromHalf::new(n).run(&mut half, &mut numbers, 1.0 / n as f64);
            let numbers: Vec<Complex<f64>> = numbers.iter().map(|x| (*x).into()).collect();
            check(&numbers, &signal, f64::EPSILON);
        }
    }

    #[test]
    fn few_plans_are_kept() {
        let plan = |n: usize| f32::plans().with(|plans| plans.complex(n, false));
        let first = plan(90);
        assert!(Arc::ptr_eq(&first, &plan(90)), "a plan is made once");
        let weak = Arc::downgrade(&first);
        drop(first);
        (1..=16).for_each(|n| drop(plan(n)));
        assert!(weak.upgrade().is_none(), "those used longest ago are dropped");
    }
}

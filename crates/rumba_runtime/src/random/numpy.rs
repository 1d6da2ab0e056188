//! The distributions that NumPy exports from `numpy.random._generator` for others to call, so that what is drawn is
//! what the installed NumPy draws.

use super::ziggurat::{Exponential, Normal, Ziggurat};
use super::{BitGenerator, MersenneTwister};
use crate::host::host;
use crate::kernels::{Raise, Result};
use std::ffi::CStr;
use std::sync::OnceLock;

/// `binomial_t`: what a binomial distribution works out once for its parameters.
#[repr(C)]
#[derive(Default)]
pub struct Binomial {
    has_binomial: i32,
    psave: f64,
    nsave: i64,
    floats: [f64; 3],
    m: i64,
    rest: [f64; 10],
}

macro_rules! functions {
    ($($name:ident($($ty:ty),*) $(-> $result:ty)?;)*) => {
        /// The addresses, by NumPy's names. Most draw from the generator that they are given.
        pub struct NumPy {
            normal: OnceLock<Ziggurat<Normal>>,
            exponential: OnceLock<Ziggurat<Exponential>>,
            rounds_products: OnceLock<bool>,
            $(pub $name: unsafe extern "C" fn($($ty),*) $(-> $result)?,)*
        }

        const NAMES: &[&CStr] = &[$({
            let name = concat!(stringify!($name), "\0");
            match CStr::from_bytes_with_nul(name.as_bytes()) {
                Ok(name) => name,
                Err(_) => unreachable!(),
            }
        }),*];

        impl NumPy {
            /// # Safety
            /// The addresses are those of the functions in [`NAMES`].
            unsafe fn of_addresses(addresses: &[usize]) -> NumPy {
                let mut next = addresses.iter().copied();
                NumPy {
                    normal: OnceLock::new(),
                    exponential: OnceLock::new(),
                    rounds_products: OnceLock::new(),
                    // SAFETY: promised by the caller; NumPy's headers declare these signatures.
                    $($name: unsafe { std::mem::transmute::<usize, unsafe extern "C" fn($($ty),*) $(-> $result)?>(next.next().expect("an address per name")) },)*
                }
            }
        }
    };
}

type Bits = *mut BitGenerator;

functions! {
    random_standard_uniform_f(Bits) -> f32;
    random_standard_normal(Bits) -> f64;
    random_standard_normal_f(Bits) -> f32;
    random_standard_exponential(Bits) -> f64;
    random_standard_exponential_f(Bits) -> f32;
    random_standard_exponential_inv_fill(Bits, isize, *mut f64);
    random_standard_exponential_inv_fill_f(Bits, isize, *mut f32);
    random_standard_gamma(Bits, f64) -> f64;
    random_standard_gamma_f(Bits, f32) -> f32;
    random_normal(Bits, f64, f64) -> f64;
    random_gamma(Bits, f64, f64) -> f64;
    random_uniform(Bits, f64, f64) -> f64;
    random_beta(Bits, f64, f64) -> f64;
    random_chisquare(Bits, f64) -> f64;
    random_f(Bits, f64, f64) -> f64;
    random_standard_cauchy(Bits) -> f64;
    random_pareto(Bits, f64) -> f64;
    random_weibull(Bits, f64) -> f64;
    random_power(Bits, f64) -> f64;
    random_laplace(Bits, f64, f64) -> f64;
    random_gumbel(Bits, f64, f64) -> f64;
    random_logistic(Bits, f64, f64) -> f64;
    random_lognormal(Bits, f64, f64) -> f64;
    random_rayleigh(Bits, f64) -> f64;
    random_standard_t(Bits, f64) -> f64;
    random_noncentral_chisquare(Bits, f64, f64) -> f64;
    random_noncentral_f(Bits, f64, f64, f64) -> f64;
    random_wald(Bits, f64, f64) -> f64;
    random_vonmises(Bits, f64, f64) -> f64;
    random_triangular(Bits, f64, f64, f64) -> f64;
    random_poisson(Bits, f64) -> i64;
    random_negative_binomial(Bits, f64, f64) -> i64;
    random_binomial(Bits, f64, i64, *mut Binomial) -> i64;
    random_binomial_btpe(Bits, i64, f64, *mut Binomial) -> i64;
    random_binomial_inversion(Bits, i64, f64, *mut Binomial) -> i64;
    random_logseries(Bits, f64) -> i64;
    random_geometric(Bits, f64) -> i64;
    random_geometric_search(Bits, f64) -> i64;
    random_zipf(Bits, f64) -> i64;
    random_hypergeometric(Bits, i64, i64, i64) -> i64;
    random_interval(Bits, u64) -> u64;
    random_multinomial(Bits, i64, *mut i64, *const f64, isize, *mut Binomial);
    random_multivariate_hypergeometric_count(Bits, i64, usize, *const i64, i64, usize, *mut i64) -> i32;
    random_multivariate_hypergeometric_marginals(Bits, i64, usize, *const i64, i64, usize, *mut i64);
    random_bounded_uint64(Bits, u64, u64, u64, bool) -> u64;
    random_bounded_uint64_fill(Bits, u64, u64, isize, bool, *mut u64);
    random_bounded_uint32_fill(Bits, u32, u32, isize, bool, *mut u32);
    random_bounded_uint16_fill(Bits, u16, u16, isize, bool, *mut u16);
    random_bounded_uint8_fill(Bits, u8, u8, isize, bool, *mut u8);
    random_bounded_bool_fill(Bits, u8, u8, isize, bool, *mut u8);
    random_buffered_bounded_uint32(Bits, u32, u32, u32, bool, *mut i32, *mut u32) -> u32;
    random_buffered_bounded_uint16(Bits, u16, u16, u16, bool, *mut i32, *mut u32) -> u16;
    random_buffered_bounded_uint8(Bits, u8, u8, u8, bool, *mut i32, *mut u32) -> u8;
    random_buffered_bounded_bool(Bits, u8, u8, u8, bool, *mut i32, *mut u32) -> u8;
    random_loggam(f64) -> f64;
}

impl NumPy {
    /// What `random_standard_normal` draws.
    ///
    /// # Safety
    /// The generator is alive, and this thread's.
    #[inline]
    pub unsafe fn standard_normal(&self, bits: Bits) -> f64 {
        // SAFETY: NumPy's function; the rest is promised by the caller.
        unsafe { self.normal.get_or_init(|| Ziggurat::of_function(self.random_standard_normal)).draw(bits) }
    }

    /// What `random_normal` draws.
    ///
    /// # Safety
    /// The generator is alive, and this thread's.
    #[inline]
    pub unsafe fn normal(&self, bits: Bits, loc: f64, scale: f64) -> f64 {
        // SAFETY: promised by the caller.
        unsafe {
            match self.rounds_products.get_or_init(|| self.does_round_products()) {
                true => loc + scale * self.standard_normal(bits),
                false => (self.random_normal)(bits, loc, scale),
            }
        }
    }

    /// Whether NumPy was compiled without fused multiplication and addition.
    #[cold]
    fn does_round_products(&self) -> bool {
        let mut twisters = [MersenneTwister::from_seed(1), MersenneTwister::from_seed(1)];
        let [mut first, mut second] = twisters.each_mut().map(|twister| BitGenerator::of_twister(twister));
        let (loc, scale) = (0.1, 1.0 / 3.0);
        // SAFETY: NumPy's functions; the twisters are alive.
        (0..100).all(|_| unsafe {
            (self.random_normal)(&mut first, loc, scale)
                == loc + scale * (self.random_standard_normal)(&mut second)
        })
    }

    /// What `random_standard_exponential` draws.
    ///
    /// # Safety
    /// The generator is alive, and this thread's.
    #[inline]
    pub unsafe fn standard_exponential(&self, bits: Bits) -> f64 {
        // SAFETY: NumPy's function; the rest is promised by the caller.
        unsafe {
            self.exponential
                .get_or_init(|| Ziggurat::of_function(self.random_standard_exponential))
                .draw(bits)
        }
    }
}

/// The functions of the NumPy that the interpreter has loaded.
#[inline]
pub fn numpy() -> Result<&'static NumPy> {
    static TABLE: OnceLock<NumPy> = OnceLock::new();
    match TABLE.get() {
        Some(table) => Ok(table),
        None => load(&TABLE),
    }
}

/// Looks the functions up outside of the lock's initialisation: looking up takes the interpreter lock.
#[cold]
fn load(table: &'static OnceLock<NumPy>) -> Result<&'static NumPy> {
    let addresses = host().map_or_else(Vec::new, |host| (host.numpy_random_functions)(NAMES));
    if let Some(missing) = NAMES.iter().zip(&addresses).find(|(_, address)| **address == 0) {
        let name = missing.0.to_string_lossy();
        return Err(Raise::new(
            "NotImplementedError",
            format!("this NumPy does not export `{name}`, which random numbers in compiled code come from"),
        ));
    }
    if addresses.len() != NAMES.len() {
        return Err(Raise::new(
            "NotImplementedError",
            "NumPy's module of random distributions was not found",
        ));
    }
    // SAFETY: the host has looked these names up.
    Ok(table.get_or_init(|| unsafe { NumPy::of_addresses(&addresses) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binomial_state_is_as_large_as_numpys() {
        // An int, then seventeen numbers of eight bytes.
        assert_eq!(size_of::<Binomial>(), 8 * 17);
        assert_eq!(std::mem::offset_of!(Binomial, m), 8 * 6);
    }
}

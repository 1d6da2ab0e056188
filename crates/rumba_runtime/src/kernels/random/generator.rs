//! The distributions of `np.random.Generator`: NumPy's own functions.

use super::distribution::{Constraint, distributions};
use crate::kernels::{Raise, Result};
use crate::random::BitGenerator;
use crate::random::numpy::Binomial;

distributions! {
    generator_random() -> f64 = |s| BitGenerator::double(s.bits);
    generator_random_f32() -> f32 = |s| (s.numpy.random_standard_uniform_f)(s.bits);
    generator_standard_normal() -> f64 = |s| s.numpy.standard_normal(s.bits);
    generator_standard_normal_f32() -> f32 = |s| (s.numpy.random_standard_normal_f)(s.bits);
    generator_standard_exponential() -> f64 = |s| s.numpy.standard_exponential(s.bits);
    generator_standard_exponential_f32() -> f32 = |s| (s.numpy.random_standard_exponential_f)(s.bits);
    generator_standard_exponential_inv() -> f64 = |s| {
        let mut number = 0.0;
        (s.numpy.random_standard_exponential_inv_fill)(s.bits, 1, &mut number);
        number
    };
    generator_standard_exponential_inv_f32() -> f32 = |s| {
        let mut number = 0.0;
        (s.numpy.random_standard_exponential_inv_fill_f)(s.bits, 1, &mut number);
        number
    };
    generator_standard_gamma(shape: f64 = NonNegative) -> f64 = |s| (s.numpy.random_standard_gamma)(s.bits, shape);
    generator_standard_gamma_f32(shape: f64 = NonNegative) -> f32 = |s| (s.numpy.random_standard_gamma_f)(s.bits, shape as f32);
    generator_standard_cauchy() -> f64 = |s| (s.numpy.random_standard_cauchy)(s.bits);
    generator_uniform(low: f64 = Any, high: f64 = Any) -> f64 where ordered_range(low, high) = |s| (s.numpy.random_uniform)(s.bits, low, high - low);
    generator_normal(loc: f64 = Any, scale: f64 = NonNegative) -> f64 = |s| s.numpy.normal(s.bits, loc, scale);
    generator_exponential(scale: f64 = NonNegative) -> f64 = |s| scale * s.numpy.standard_exponential(s.bits);
    generator_gamma(shape: f64 = NonNegative, scale: f64 = NonNegative) -> f64 = |s| (s.numpy.random_gamma)(s.bits, shape, scale);
    generator_beta(a: f64 = Positive, b: f64 = Positive) -> f64 = |s| (s.numpy.random_beta)(s.bits, a, b);
    generator_chisquare(df: f64 = Positive) -> f64 = |s| (s.numpy.random_chisquare)(s.bits, df);
    generator_f(dfnum: f64 = Positive, dfden: f64 = Positive) -> f64 = |s| (s.numpy.random_f)(s.bits, dfnum, dfden);
    generator_gumbel(loc: f64 = Any, scale: f64 = NonNegative) -> f64 = |s| (s.numpy.random_gumbel)(s.bits, loc, scale);
    generator_laplace(loc: f64 = Any, scale: f64 = NonNegative) -> f64 = |s| (s.numpy.random_laplace)(s.bits, loc, scale);
    generator_logistic(loc: f64 = Any, scale: f64 = NonNegative) -> f64 = |s| (s.numpy.random_logistic)(s.bits, loc, scale);
    generator_lognormal(mean: f64 = Any, sigma: f64 = NonNegative) -> f64 = |s| (s.numpy.random_lognormal)(s.bits, mean, sigma);
    generator_noncentral_chisquare(df: f64 = Positive, nonc: f64 = NonNegative) -> f64 = |s| (s.numpy.random_noncentral_chisquare)(s.bits, df, nonc);
    generator_noncentral_f(dfnum: f64 = Positive, dfden: f64 = Positive, nonc: f64 = NonNegative) -> f64 = |s| (s.numpy.random_noncentral_f)(s.bits, dfnum, dfden, nonc);
    generator_pareto(a: f64 = Positive) -> f64 = |s| (s.numpy.random_pareto)(s.bits, a);
    generator_power(a: f64 = Positive) -> f64 = |s| (s.numpy.random_power)(s.bits, a);
    generator_rayleigh(scale: f64 = NonNegative) -> f64 = |s| (s.numpy.random_rayleigh)(s.bits, scale);
    generator_standard_t(df: f64 = Positive) -> f64 = |s| (s.numpy.random_standard_t)(s.bits, df);
    generator_triangular(left: f64 = Any, mode: f64 = Any, right: f64 = Any) -> f64 where ordered_triangle(left, mode, right) = |s| (s.numpy.random_triangular)(s.bits, left, mode, right);
    generator_vonmises(mu: f64 = Any, kappa: f64 = NonNegative) -> f64 = |s| (s.numpy.random_vonmises)(s.bits, mu, kappa);
    generator_wald(mean: f64 = Positive, scale: f64 = Positive) -> f64 = |s| (s.numpy.random_wald)(s.bits, mean, scale);
    generator_weibull(a: f64 = NonNegative) -> f64 = |s| (s.numpy.random_weibull)(s.bits, a);
    generator_binomial(n: i64 = NonNegative, p: f64 = Probability) -> i64 = |s| (s.numpy.random_binomial)(s.bits, p, n, &mut Binomial::default());
    generator_geometric(p: f64 = PositiveProbability) -> i64 = |s| (s.numpy.random_geometric)(s.bits, p);
    generator_hypergeometric(ngood: i64 = NonNegative, nbad: i64 = NonNegative, nsample: i64 = NonNegative) -> i64 where urn(ngood, nbad, nsample) = |s| (s.numpy.random_hypergeometric)(s.bits, ngood, nbad, nsample);
    generator_logseries(p: f64 = ProbabilityBelow1) -> i64 = |s| (s.numpy.random_logseries)(s.bits, p);
    generator_negative_binomial(n: f64 = PositiveNotNan, p: f64 = PositiveProbability) -> i64 where negative_binomial(n, p) = |s| (s.numpy.random_negative_binomial)(s.bits, n, p);
    generator_poisson(lam: f64 = PoissonMean) -> i64 = |s| (s.numpy.random_poisson)(s.bits, lam);
    generator_zipf(a: f64 = Above1) -> i64 = |s| (s.numpy.random_zipf)(s.bits, a);
}

pub(super) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    distributions(table);
    table.push(("rumba_generator_double", double as *const () as usize));
}

/// `Generator.random()` of one number, which cannot fail.
unsafe extern "C" fn double(bits: *mut BitGenerator) -> f64 {
    // SAFETY: compiled code passes the bit generator of a generator that is alive.
    unsafe { BitGenerator::double(bits) }
}

fn ordered_range(low: f64, high: f64, in_array: bool) -> Result<()> {
    finite_range(
        low,
        high,
        if in_array { "Range exceeds valid bounds" } else { "high - low range exceeds valid bounds" },
    )?;
    Constraint::NonNegative.check(high - low, "high - low", in_array)
}

pub(super) fn finite_range(low: f64, high: f64, message: &str) -> Result<()> {
    if (high - low).is_finite() { Ok(()) } else { Err(Raise::new("OverflowError", message)) }
}

pub(super) fn ordered_triangle(left: f64, mode: f64, right: f64, _in_array: bool) -> Result<()> {
    Err(Raise::value_error(if left > mode {
        "left > mode"
    } else if mode > right {
        "mode > right"
    } else if left == right {
        "left == right"
    } else {
        return Ok(());
    }))
}

fn urn(good: i64, bad: i64, sample: i64, in_array: bool) -> Result<()> {
    const LIMIT: i64 = 1_000_000_000;
    if good >= LIMIT || bad >= LIMIT {
        return Err(Raise::value_error("both ngood and nbad must be less than 1000000000"));
    }
    enough_in_urn(good, bad, sample, in_array)
}

pub(super) fn enough_in_urn(good: i64, bad: i64, sample: i64, _in_array: bool) -> Result<()> {
    if good.wrapping_add(bad) < sample { Err(Raise::value_error("ngood + nbad < nsample")) } else { Ok(()) }
}

/// The numbers are Poisson numbers, which fit int64 only if their mean is not too large.
fn negative_binomial(n: f64, p: f64, _in_array: bool) -> Result<()> {
    if !(n > 0.0 && p > 0.0 && p <= 1.0) {
        // Refused by the constraints.
        return Ok(());
    }
    let largest_mean = i64::MAX as f64 - (i64::MAX as f64).sqrt() * 10.0;
    let mean = (1.0 - p) * (n + 10.0 * n.sqrt()) / p;
    if mean > largest_mean {
        return Err(Raise::value_error("n too large or p too small, see Generator.negative_binomial Notes"));
    }
    Ok(())
}

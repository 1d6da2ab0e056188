//! The distributions of `np.random`: those of `RandomState`, whose streams NumPy keeps as they were. Where `Generator` draws
//! by the same algorithm, the function is NumPy's; the others are here.

use super::Source;
use super::distribution::distributions;
use super::generator::{enough_in_urn, finite_range, ordered_triangle};
use crate::context::ExecutionContext;
use crate::kernels::Result;
use crate::random::NumPyStream;
use crate::random::numpy::Binomial;
use std::f64::consts::PI;

distributions! {
    legacy_random() -> f64 = |s| s.stream().double();
    legacy_standard_normal() -> f64 = |s| s.stream().gauss();
    legacy_standard_exponential() -> f64 = |s| s.stream().standard_exponential();
    legacy_standard_gamma(shape: f64 = NonNegative) -> f64 = |s| s.stream().standard_gamma(shape);
    legacy_standard_cauchy() -> f64 = |s| {
        let numerator = s.stream().gauss();
        numerator / s.stream().gauss()
    };
    legacy_uniform(low: f64 = Any, high: f64 = Any) -> f64 where any_range(low, high) = |s| low + (high - low) * s.stream().double();
    legacy_normal(loc: f64 = Any, scale: f64 = NonNegative) -> f64 = |s| loc + scale * s.stream().gauss();
    legacy_exponential(scale: f64 = NonNegative) -> f64 = |s| scale * s.stream().standard_exponential();
    legacy_gamma(shape: f64 = NonNegative, scale: f64 = NonNegative) -> f64 = |s| scale * s.stream().standard_gamma(shape);
    legacy_beta(a: f64 = Positive, b: f64 = Positive) -> f64 = |s| s.stream().beta(a, b);
    legacy_chisquare(df: f64 = Positive) -> f64 = |s| s.stream().chisquare(df);
    legacy_f(dfnum: f64 = Positive, dfden: f64 = Positive) -> f64 = |s| {
        let numerator = s.stream().chisquare(dfnum) * dfden;
        numerator / (s.stream().chisquare(dfden) * dfnum)
    };
    legacy_gumbel(loc: f64 = Any, scale: f64 = NonNegative) -> f64 = |s| (s.numpy.random_gumbel)(s.bits, loc, scale);
    legacy_laplace(loc: f64 = Any, scale: f64 = NonNegative) -> f64 = |s| (s.numpy.random_laplace)(s.bits, loc, scale);
    legacy_logistic(loc: f64 = Any, scale: f64 = NonNegative) -> f64 = |s| (s.numpy.random_logistic)(s.bits, loc, scale);
    legacy_lognormal(mean: f64 = Any, sigma: f64 = NonNegative) -> f64 = |s| (mean + sigma * s.stream().gauss()).exp();
    legacy_noncentral_chisquare(df: f64 = Positive, nonc: f64 = NonNegative) -> f64 = |s| noncentral_chisquare(s, df, nonc);
    legacy_noncentral_f(dfnum: f64 = Positive, dfden: f64 = Positive, nonc: f64 = NonNegative) -> f64 = |s| {
        let numerator = noncentral_chisquare(s, dfnum, nonc) * dfden;
        numerator / (s.stream().chisquare(dfden) * dfnum)
    };
    legacy_pareto(a: f64 = Positive) -> f64 = |s| (s.stream().standard_exponential() / a).exp() - 1.0;
    legacy_power(a: f64 = Positive) -> f64 = |s| (1.0 - (-s.stream().standard_exponential()).exp()).powf(1.0 / a);
    legacy_rayleigh(scale: f64 = NonNegative) -> f64 = |s| scale * (-2.0 * (-s.stream().double()).ln_1p()).sqrt();
    legacy_standard_t(df: f64 = Positive) -> f64 = |s| {
        let numerator = s.stream().gauss();
        (df / 2.0).sqrt() * numerator / s.stream().standard_gamma(df / 2.0).sqrt()
    };
    legacy_triangular(left: f64 = Any, mode: f64 = Any, right: f64 = Any) -> f64 where ordered_triangle(left, mode, right) = |s| (s.numpy.random_triangular)(s.bits, left, mode, right);
    legacy_vonmises(mu: f64 = Any, kappa: f64 = NonNegative) -> f64 = |s| s.stream().vonmises(mu, kappa);
    legacy_wald(mean: f64 = Positive, scale: f64 = Positive) -> f64 = |s| s.stream().wald(mean, scale);
    legacy_weibull(a: f64 = NonNegative) -> f64 = |s| if a == 0.0 { 0.0 } else { s.stream().standard_exponential().powf(1.0 / a) };
    legacy_binomial(n: i64 = NonNegative, p: f64 = Probability) -> i64 = |s| binomial(s, n, p);
    legacy_geometric(p: f64 = PositiveProbability) -> i64 = |s| if p >= 1.0 / 3.0 {
        (s.numpy.random_geometric_search)(s.bits, p)
    } else {
        as_long(((-s.stream().double()).ln_1p() / (1.0 - p).ln()).ceil())
    };
    legacy_hypergeometric(ngood: i64 = NonNegative, nbad: i64 = NonNegative, nsample: i64 = AtLeast1) -> i64 where enough_in_urn(ngood, nbad, nsample) = |s| hypergeometric(s, ngood, nbad, nsample);
    legacy_logseries(p: f64 = ProbabilityBelow1) -> i64 = |s| s.stream().logseries(p);
    legacy_negative_binomial(n: f64 = Positive, p: f64 = Probability) -> i64 = |s| {
        let mean = (1.0 - p) / p * s.stream().standard_gamma(n);
        (s.numpy.random_poisson)(s.bits, mean)
    };
    legacy_poisson(lam: f64 = PoissonMean) -> i64 = |s| (s.numpy.random_poisson)(s.bits, lam);
    legacy_zipf(a: f64 = Above1) -> i64 = |s| s.stream().zipf(a);
}

pub(super) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    distributions(table);
    table.push(("rumba_legacy_double", double as *const () as usize));
    table.push(("rumba_legacy_gauss", gauss as *const () as usize));
}

/// `np.random.random()` of one number, which cannot fail.
unsafe extern "C" fn double(ctx: *mut ExecutionContext) -> f64 {
    // SAFETY: compiled code passes the thread's context.
    unsafe { (*ctx).random.numpy().double() }
}

/// `np.random.standard_normal()` of one number, which cannot fail.
unsafe extern "C" fn gauss(ctx: *mut ExecutionContext) -> f64 {
    // SAFETY: compiled code passes the thread's context.
    unsafe { (*ctx).random.numpy().gauss() }
}

fn any_range(low: f64, high: f64, _in_array: bool) -> Result<()> {
    finite_range(low, high, "Range exceeds valid bounds")
}

/// As C converts a float to `long`: what does not fit is the smallest one.
fn as_long(value: f64) -> i64 {
    if value >= -(2f64.powi(63)) && value < 2f64.powi(63) { value as i64 } else { i64::MIN }
}

impl NumPyStream {
    #[inline]
    pub(super) fn double(&mut self) -> f64 {
        self.twister.next_f64()
    }

    /// The polar method (Marsaglia), which makes two normal numbers at a time.
    #[inline]
    pub(super) fn gauss(&mut self) -> f64 {
        if let Some(kept) = self.gauss.take() {
            return kept;
        }
        loop {
            let x = 2.0 * self.double() - 1.0;
            let y = 2.0 * self.double() - 1.0;
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.gauss = Some(factor * x);
                return factor * y;
            }
        }
    }

    fn standard_exponential(&mut self) -> f64 {
        -(1.0 - self.double()).ln()
    }

    /// Ahrens and Dieter (1974) for shapes below 1, Marsaglia and Tsang (2000) for those above.
    pub(super) fn standard_gamma(&mut self, shape: f64) -> f64 {
        if shape == 1.0 {
            return self.standard_exponential();
        }
        if shape == 0.0 {
            return 0.0;
        }
        if shape < 1.0 {
            loop {
                let u = self.double();
                let v = self.standard_exponential();
                if u <= 1.0 - shape {
                    let x = u.powf(1.0 / shape);
                    if x <= v {
                        return x;
                    }
                } else {
                    let y = -((1.0 - u) / shape).ln();
                    let x = (1.0 - shape + shape * y).powf(1.0 / shape);
                    if x <= v + y {
                        return x;
                    }
                }
            }
        }
        let b = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * b).sqrt();
        loop {
            let (x, v) = loop {
                let x = self.gauss();
                let v = 1.0 + c * x;
                // A shape of nan ends here, too.
                if v > 0.0 || v.is_nan() {
                    break (x, v);
                }
            };
            let v = v * v * v;
            let u = self.double();
            if u < 1.0 - 0.0331 * (x * x) * (x * x) || u.ln() < 0.5 * x * x + b * (1.0 - v + v.ln()) {
                return b * v;
            }
        }
    }

    fn chisquare(&mut self, df: f64) -> f64 {
        2.0 * self.standard_gamma(df / 2.0)
    }

    /// Jöhnk's method where both parameters are at most 1, else of two gamma numbers.
    fn beta(&mut self, a: f64, b: f64) -> f64 {
        if !(a <= 1.0 && b <= 1.0) {
            let first = self.standard_gamma(a);
            return first / (first + self.standard_gamma(b));
        }
        loop {
            let (u, v) = (self.double(), self.double());
            let (x, y) = (u.powf(1.0 / a), v.powf(1.0 / b));
            if x + y > 1.0 {
                continue;
            }
            if x + y > 0.0 {
                return x / (x + y);
            }
            // Both underflow: compare them by their logarithms.
            let (log_x, log_y) = (u.ln() / a, v.ln() / b);
            let larger = if log_x > log_y { log_x } else { log_y };
            let (log_x, log_y) = (log_x - larger, log_y - larger);
            return (log_x - (log_x.exp() + log_y.exp()).ln()).exp();
        }
    }

    /// Best and Fisher (1979).
    fn vonmises(&mut self, mu: f64, kappa: f64) -> f64 {
        if kappa.is_nan() {
            return kappa;
        }
        if kappa < 1e-8 {
            return PI * (2.0 * self.double() - 1.0);
        }
        let s = if kappa < 1e-5 {
            1.0 / kappa + kappa
        } else {
            let r = 1.0 + (1.0 + 4.0 * kappa * kappa).sqrt();
            let rho = (r - (2.0 * r).sqrt()) / (2.0 * kappa);
            (1.0 + rho * rho) / (2.0 * rho)
        };
        let w = loop {
            // So concentrated that the loop would never end; NumPy's does not.
            if s <= 1.0 {
                break 1.0;
            }
            let u = self.double();
            let z = (PI * u).cos();
            let w = (1.0 + s * z) / (s + z);
            let y = kappa * (s - w);
            let v = self.double();
            if y * (2.0 - y) - v >= 0.0 || (y / v).ln() + 1.0 - y >= 0.0 {
                break w;
            }
        };
        let u = self.double();
        let angle = if u < 0.5 { -w.acos() } else { w.acos() } + mu;
        let wrapped = (angle.abs() + PI) % (2.0 * PI) - PI;
        if angle < 0.0 { -wrapped } else { wrapped }
    }

    /// Michael, Schucany and Haas (1976).
    fn wald(&mut self, mean: f64, scale: f64) -> f64 {
        let ratio = mean / (2.0 * scale);
        let y = self.gauss();
        let y = mean * y * y;
        let x = mean + ratio * (y - (4.0 * scale * y + y * y).sqrt());
        let u = self.double();
        if u <= mean / (mean + x) { x } else { mean * mean / x }
    }

    /// Kemp (1981).
    fn logseries(&mut self, p: f64) -> i64 {
        let r = (1.0 - p).ln();
        loop {
            let v = self.double();
            if v >= p {
                return 1;
            }
            let u = self.double();
            let q = 1.0 - (r * u).exp();
            if v <= q * q {
                let result = as_long((1.0 + v.ln() / q.ln()).floor());
                if result < 1 || v == 0.0 {
                    continue;
                }
                return result;
            }
            return if v >= q { 1 } else { 2 };
        }
    }

    /// Rejection (Devroye, 1986).
    fn zipf(&mut self, a: f64) -> i64 {
        let exponent = a - 1.0;
        let b = 2f64.powf(exponent);
        if b.is_infinite() {
            // NumPy's loop never ends.
            return 1;
        }
        loop {
            let u = 1.0 - self.double();
            let v = self.double();
            let x = u.powf(-1.0 / exponent).floor();
            if x > i64::MAX as f64 || x < 1.0 {
                continue;
            }
            let t = (1.0 + 1.0 / x).powf(exponent);
            if v * x * (t - 1.0) / (b - 1.0) <= t / b {
                return as_long(x);
            }
        }
    }
}

/// # Safety
/// The source is the thread's stream.
unsafe fn noncentral_chisquare(s: Source, df: f64, nonc: f64) -> f64 {
    // SAFETY: promised by the caller; each reference to the stream ends before the next.
    unsafe {
        if nonc == 0.0 {
            return s.stream().chisquare(df);
        }
        if df > 1.0 {
            let central = s.stream().chisquare(df - 1.0);
            let shifted = s.stream().gauss() + nonc.sqrt();
            return central + shifted * shifted;
        }
        let i = (s.numpy.random_poisson)(s.bits, nonc / 2.0);
        let number = s.stream().chisquare(df + i.wrapping_mul(2) as f64);
        if nonc.is_nan() { nonc } else { number }
    }
}

/// # Safety
/// The source is the thread's stream.
unsafe fn binomial(s: Source, n: i64, p: f64) -> i64 {
    let draw = |p: f64| {
        let function = if p * n as f64 <= 30.0 {
            s.numpy.random_binomial_inversion
        } else {
            s.numpy.random_binomial_btpe
        };
        // SAFETY: promised by the caller.
        unsafe { function(s.bits, n, p, &mut Binomial::default()) }
    };
    if p <= 0.5 { draw(p) } else { n - draw(1.0 - p) }
}

/// # Safety
/// The source is the thread's stream.
unsafe fn hypergeometric(s: Source, good: i64, bad: i64, sample: i64) -> i64 {
    match sample {
        // SAFETY: promised by the caller.
        11.. => unsafe { hypergeometric_by_ratio(s, good, bad, sample) },
        // SAFETY: promised by the caller.
        1.. => unsafe { hypergeometric_by_steps(s.stream(), good, bad, sample) },
        _ => 0,
    }
}

/// Draws one after the other.
fn hypergeometric_by_steps(stream: &mut NumPyStream, good: i64, bad: i64, sample: i64) -> i64 {
    let d1 = bad.wrapping_add(good).wrapping_sub(sample);
    let d2 = good.min(bad) as f64;
    let mut y = d2;
    let mut k = sample;
    while y > 0.0 {
        let u = stream.double();
        y -= (u + y / (d1 + k) as f64).floor();
        k -= 1;
        if k == 0 {
            break;
        }
    }
    let z = as_long(d2 - y);
    if good > bad { sample - z } else { z }
}

/// Ratio of uniforms, "HRUA*" (Stadlober, 1990).
///
/// # Safety
/// The source is the thread's stream.
unsafe fn hypergeometric_by_ratio(s: Source, good: i64, bad: i64, sample: i64) -> i64 {
    const D1: f64 = 1.7155277699214135;
    const D2: f64 = 0.8989161620588988;
    // SAFETY: a function of a number.
    let log_gamma = |x: i64| unsafe { (s.numpy.random_loggam)(x as f64) };
    let (fewer, more) = (good.min(bad), good.max(bad));
    let population = good.wrapping_add(bad);
    let m = sample.min(population - sample);
    let d4 = fewer as f64 / population as f64;
    let d5 = 1.0 - d4;
    let d6 = m as f64 * d4 + 0.5;
    let d7 = ((population - m) as f64 * sample as f64 * d4 * d5 / (population - 1) as f64 + 0.5).sqrt();
    let d8 = D1 * d7 + D2;
    let d9 = as_long(((m + 1) as f64 * (fewer + 1) as f64 / population.wrapping_add(2) as f64).floor());
    let logs = |z: i64| {
        log_gamma(z.wrapping_add(1))
            + log_gamma(fewer.wrapping_sub(z).wrapping_add(1))
            + log_gamma(m.wrapping_sub(z).wrapping_add(1))
            + log_gamma((more - m).wrapping_add(z).wrapping_add(1))
    };
    let d10 = logs(d9);
    let d11 = ((m.min(fewer)) as f64 + 1.0).min((d6 + 16.0 * d7).floor());
    let z = loop {
        let (x, y) = (s.double(), s.double());
        let w = d6 + d8 * (y - 0.5) / x;
        if w < 0.0 || w >= d11 {
            continue;
        }
        let z = as_long(w.floor());
        let t = d10 - logs(z);
        if x * (4.0 - x) - 3.0 <= t {
            break z;
        }
        if x * (x - t) >= 1.0 {
            continue;
        }
        if 2.0 * x.ln() <= t {
            break z;
        }
    };
    let z = if good > bad { m - z } else { z };
    if m < sample { good - z } else { z }
}

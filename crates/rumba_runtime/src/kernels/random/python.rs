//! Python's `random`: the algorithms of CPython's `random.py`, drawing from a Mersenne Twister of the thread.

use super::permutations::counting;
use crate::context::ExecutionContext;
use crate::elementary::gamma;
use crate::kernels::{Argument, NewArray, Raise, Result, View, run};
use crate::random::PythonStream;
use std::collections::HashSet;
use std::f64::consts::{E, PI};

const TWO_PI: f64 = 2.0 * PI;

/// `random.random()`, which cannot fail.
///
/// # Safety
/// `ctx` is the thread's context.
unsafe extern "C" fn random(ctx: *mut ExecutionContext) -> f64 {
    // SAFETY: promised by the caller.
    unsafe { (*ctx).random.python().random() }
}

/// `random.gauss()` with mean 0 and deviation 1.
///
/// # Safety
/// `ctx` is the thread's context.
unsafe extern "C" fn gauss(ctx: *mut ExecutionContext) -> f64 {
    // SAFETY: promised by the caller.
    unsafe { (*ctx).random.python().gauss() }
}

/// Python's `x ** y` of positive floats.
fn power(x: f64, y: f64) -> Result<f64> {
    let result = x.powf(y);
    if result.is_infinite() && x.is_finite() && y.is_finite() {
        return Err(Raise::new("OverflowError", "(34, 'Numerical result out of range')"));
    }
    Ok(result)
}

/// Python's `x / y` of floats.
fn divide(x: f64, y: f64) -> Result<f64> {
    if y == 0.0 { Err(Raise::new("ZeroDivisionError", "division by zero")) } else { Ok(x / y) }
}

impl PythonStream {
    fn random(&mut self) -> f64 {
        self.twister.next_f64()
    }

    /// An integer of so many random bits, at most 64.
    fn bits(&mut self, n: u32) -> u64 {
        match n {
            0 => 0,
            1..=32 => u64::from(self.twister.next_u32() >> (32 - n)),
            // Words of 32 bits, the lowest first.
            _ => u64::from(self.twister.next_u32()) | u64::from(self.twister.next_u32() >> (64 - n)) << 32,
        }
    }

    /// An integer from 0 to below `n`, which is at least 1; 2 ** 64 at most.
    fn below(&mut self, n: u128) -> u64 {
        let n_bits = 128 - n.leading_zeros();
        if n_bits > 64 {
            // 65 bits, of which the highest is 0 whenever the number is taken.
            loop {
                let low = self.bits(64);
                if self.bits(1) == 0 {
                    return low;
                }
            }
        }
        loop {
            let number = self.bits(n_bits);
            if u128::from(number) < n {
                return number;
            }
        }
    }

    /// An integer between two, if it is one of less than 2 ** 32.
    fn narrow(&mut self, first: i64, last: i64) -> Option<i64> {
        let n = u32::try_from(last.checked_sub(first)?).ok()?.checked_add(1)?;
        loop {
            let number = self.twister.next_u32() >> n.leading_zeros();
            if number < n {
                return Some(first + i64::from(number));
            }
        }
    }

    /// Two normal numbers at a time, by their polar coordinates.
    fn gauss(&mut self) -> f64 {
        if let Some(kept) = self.gauss.take() {
            return kept;
        }
        let angle = self.random() * TWO_PI;
        let radius = (-2.0 * (1.0 - self.random()).ln()).sqrt();
        self.gauss = Some(angle.sin() * radius);
        angle.cos() * radius
    }

    /// Kinderman and Monahan (1977).
    fn standard_normal(&mut self) -> f64 {
        let magic = 4.0 * (-0.5f64).exp() / 2f64.sqrt();
        loop {
            let u = self.random();
            let v = 1.0 - self.random();
            let z = magic * (u - 0.5) / v;
            if z * z / 4.0 <= -v.ln() {
                return z;
            }
        }
    }

    fn triangular(&mut self, low: f64, high: f64, mode: Option<f64>) -> f64 {
        let u = self.random();
        let c = match mode {
            None => 0.5,
            Some(_) if high == low => return low,
            Some(mode) => (mode - low) / (high - low),
        };
        let (u, c, low, high) = if u > c { (1.0 - u, 1.0 - c, high, low) } else { (u, c, low, high) };
        low + (high - low) * (u * c).sqrt()
    }

    /// Fisher, as in his book of 1993 on circular data.
    fn vonmises(&mut self, mu: f64, kappa: f64) -> f64 {
        if kappa <= 1e-6 {
            return TWO_PI * self.random();
        }
        let s = 0.5 / kappa;
        let r = s + (1.0 + s * s).sqrt();
        let z = loop {
            let z = (PI * self.random()).cos();
            let d = z / (r + z);
            let u = self.random();
            if u < 1.0 - d * d || u <= (1.0 - d) * d.exp() {
                break z;
            }
        };
        let q = 1.0 / r;
        let f = (q + z) / (1.0 + q * z);
        let angle = if self.random() > 0.5 { mu + f.acos() } else { mu - f.acos() };
        // Python's `%`, of a positive divisor.
        let rest = angle % TWO_PI;
        if rest < 0.0 { rest + TWO_PI } else { rest.abs() }
    }

    /// Cheng (1977) for `alpha` above 1, Ahrens and Dieter (1974) below.
    fn gamma(&mut self, alpha: f64, beta: f64) -> Result<f64> {
        if alpha <= 0.0 || beta <= 0.0 {
            return Err(Raise::value_error("gammavariate: alpha and beta must be > 0.0"));
        }
        if alpha > 1.0 {
            let scale = (2.0 * alpha - 1.0).sqrt();
            let first = alpha - 4f64.ln();
            let second = alpha + scale;
            let magic = 1.0 + 4.5f64.ln();
            loop {
                let u = self.random();
                if !(1e-7 < u && u < 0.9999999) {
                    continue;
                }
                let w = 1.0 - self.random();
                let v = (u / (1.0 - u)).ln() / scale;
                let x = alpha * v.exp();
                let z = u * u * w;
                let r = first + second * v - x;
                if r + magic - 4.5 * z >= 0.0 || r >= z.ln() {
                    return Ok(x * beta);
                }
            }
        }
        if alpha == 1.0 {
            return Ok(-(1.0 - self.random()).ln() * beta);
        }
        loop {
            let b = (E + alpha) / E;
            let p = b * self.random();
            let x = if p <= 1.0 { p.powf(1.0 / alpha) } else { -((b - p) / alpha).ln() };
            let u = self.random();
            if if p > 1.0 { u <= power(x, alpha - 1.0)? } else { u <= (-x).exp() } {
                return Ok(x * beta);
            }
        }
    }

    /// Geometric steps (Devroye) for small means, else transformed rejection (Hörmann, 1993).
    fn binomial(&mut self, n: i64, p: f64) -> Result<i64> {
        if n < 0 {
            return Err(Raise::value_error("n must be non-negative"));
        }
        if !(p > 0.0 && p < 1.0) {
            return match p {
                0.0 => Ok(0),
                1.0 => Ok(n),
                _ => Err(Raise::value_error("p must be in the range 0.0 <= p <= 1.0")),
            };
        }
        if n == 1 {
            return Ok(i64::from(self.random() < p));
        }
        if p > 0.5 {
            return Ok(n - self.binomial(n, 1.0 - p)?);
        }
        let size = n as f64;
        if size * p < 10.0 {
            let c = (1.0 - p).log2();
            let (mut x, mut y) = (0, 0.0);
            if c == 0.0 {
                return Ok(0);
            }
            loop {
                y += (self.random().log2() / c).floor() + 1.0;
                if y > size {
                    return Ok(x);
                }
                x += 1;
            }
        }
        let deviation = (size * p * (1.0 - p)).sqrt();
        let b = 1.15 + 2.53 * deviation;
        let a = -0.0873 + 0.0248 * b + 0.01 * p;
        let c = size * p + 0.5;
        let squeeze = 0.92 - 4.2 / b;
        loop {
            let u = self.random() - 0.5;
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + c).floor();
            if k < 0.0 || k > size {
                continue;
            }
            let v = self.random();
            if us >= 0.07 && v <= squeeze {
                return Ok(k as i64);
            }
            let alpha = (2.83 + 5.1 / b) * deviation;
            let log_odds = (p / (1.0 - p)).ln();
            let m = ((size + 1.0) * p).floor();
            let h = gamma::lgamma(m + 1.0) + gamma::lgamma(size - m + 1.0);
            let v = v * (alpha / (a / (us * us) + b));
            if v.ln() <= h - gamma::lgamma(k + 1.0) - gamma::lgamma(size - k + 1.0) + (k - m) * log_odds {
                return Ok(k as i64);
            }
        }
    }
}

/// A function of Python's `random`, of up to three numbers. What is behind `mostly` gives the number, or nothing if it is not
/// that simple.
macro_rules! functions {
    (@mostly; $($rest:tt)*) => {};
    (@mostly ($quick:expr); $ctx:ident, $out:ident, ($($param:ident: $T:ty),*) -> $R:ty) => {
        let quick: fn(&mut PythonStream, $($T),*) -> Option<$R> = $quick;
        // Without what it takes to raise.
        if let Some(number) = quick((*$ctx).random.python(), $($param),*) {
            $out.cast::<$R>().write(number);
            return 0;
        }
    };
    ($($name:ident($($param:ident: $T:ty),*) -> $R:ty $(, mostly ($quick:expr))? = |$stream:ident| $draw:expr;)*) => {
        fn functions(table: &mut Vec<(&'static str, usize)>) {
            $({
                unsafe extern "C" fn entry(ctx: *mut ExecutionContext, $($param: $T,)* out: *mut u64) -> i32 {
                    // SAFETY: compiled code passes its context, and room for the result.
                    unsafe {
                        functions!(@mostly $(($quick))?; ctx, out, ($($param: $T),*) -> $R);
                        run(ctx, out, || -> Result<$R> {
                            let $stream = (*ctx).random.python();
                            $draw
                        })
                    }
                }
                table.push((concat!("rumba_python_", stringify!($name)), entry as *const () as usize));
            })*
        }
    };
}

functions! {
    betavariate(alpha: f64, beta: f64) -> f64 = |s| {
        let y = s.gamma(alpha, 1.0)?;
        if y == 0.0 { Ok(0.0) } else { Ok(y / (y + s.gamma(beta, 1.0)?)) }
    };
    binomialvariate(n: i64, p: f64) -> i64 = |s| s.binomial(n, p);
    expovariate(lambd: f64) -> f64 = |s| divide(-(1.0 - s.random()).ln(), lambd);
    gammavariate(alpha: f64, beta: f64) -> f64 = |s| s.gamma(alpha, beta);
    getrandbits(n: i64) -> u64 = |s| match n {
        0..=64 => Ok(s.bits(n as u32)),
        ..0 => Err(Raise::value_error("number of bits must be non-negative")),
        _ => Err(Raise::new("OverflowError", "at most 64 random bits fit an integer of compiled code")),
    };
    lognormvariate(mu: f64, sigma: f64) -> f64 = |s| {
        let exponent = mu + s.standard_normal() * sigma;
        if exponent.is_finite() && exponent.exp().is_infinite() {
            return Err(Raise::new("OverflowError", "math range error"));
        }
        Ok(exponent.exp())
    };
    normalvariate(mu: f64, sigma: f64) -> f64 = |s| Ok(mu + s.standard_normal() * sigma);
    paretovariate(alpha: f64) -> f64 = |s| {
        let u = 1.0 - s.random();
        power(u, divide(-1.0, alpha)?)
    };
    randint(a: i64, b: i64) -> i64, mostly (PythonStream::narrow) = |s| draw_range(s, a, i128::from(b) + 1, 1);
    randrange(start: i64, stop: i64, step: i64) -> i64, mostly (|s, start, stop, step| match step {
        1 => s.narrow(start, stop.checked_sub(1)?),
        _ => None,
    }) = |s| draw_range(s, start, i128::from(stop), step);
    triangular(low: f64, high: f64, mode: f64, has_mode: bool) -> f64 = |s| Ok(s.triangular(low, high, has_mode.then_some(mode)));
    vonmisesvariate(mu: f64, kappa: f64) -> f64 = |s| Ok(s.vonmises(mu, kappa));
    weibullvariate(alpha: f64, beta: f64) -> f64 = |s| {
        let u = 1.0 - s.random();
        Ok(alpha * power(-u.ln(), divide(1.0, beta)?)?)
    };
}

fn draw_range(stream: &mut PythonStream, start: i64, stop: i128, step: i64) -> Result<i64> {
    let (start, step) = (i128::from(start), i128::from(step));
    let width = stop - start;
    if step == 0 {
        return Err(Raise::value_error("zero step for randrange()"));
    }
    // Rounded up. Dividing takes longer than everything else.
    let n = match step {
        1 => width,
        _ => ((width + step - step.signum()) * step.signum()).div_euclid(step.abs()),
    };
    if n <= 0 {
        let step = if step == 1 { String::new() } else { format!(", {step}") };
        return Err(Raise::value_error(format!("empty range in randrange({start}, {stop}{step})")));
    }
    Ok((start + step * i128::from(stream.below(n as u128))) as i64)
}

/// Positions of `random.sample`: `(size of the population, number)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn sample(ctx: *mut ExecutionContext, n: i64, k: i64, out: *mut u64) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            if !(0..=n).contains(&k) {
                return Err(Raise::value_error("Sample larger than population or is negative"));
            }
            let stream = (*ctx).random.python();
            let mut result = NewArray::of_shape(&[k])?;
            // As CPython chooses, by the memory that a set of what is chosen would take.
            let mut set_size = 21.0;
            if k > 5 {
                set_size += 4f64.powf(((3.0 * k as f64).ln() / 4f64.ln()).ceil());
            }
            if n as f64 <= set_size {
                let mut pool = counting(n)?;
                for place in result.as_mut_slice() {
                    let chosen = stream.below(pool.len() as u128) as usize;
                    *place = pool.swap_remove(chosen);
                }
            } else {
                let mut chosen = HashSet::new();
                if chosen.try_reserve(k as usize).is_err() {
                    return Err(Raise::new(
                        "MemoryError",
                        format!("cannot allocate memory for {k} integers"),
                    ));
                }
                for place in result.as_mut_slice() {
                    *place = stream.below(n as u128) as i64;
                    while !chosen.insert(*place) {
                        *place = stream.below(n as u128) as i64;
                    }
                }
            }
            Ok(result)
        })
    }
}

/// Positions of `random.choices`: `(size of the population, number, weights or null, whether these are cumulative)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn choices(
    ctx: *mut ExecutionContext,
    n: i64,
    k: i64,
    weights: *const i64,
    is_cumulative: bool,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let stream = (*ctx).random.python();
            let mut result = NewArray::of_shape(&[k.max(0)])?;
            let Some(weights) = Option::<View<'_, f64>>::from_raw(weights) else {
                if n == 0 && k > 0 {
                    return Err(Raise::new("IndexError", "list index out of range"));
                }
                result.as_mut_slice().fill_with(|| (stream.random() * n as f64).floor() as i64);
                return Ok(result);
            };
            let mut weights = weights.to_vec();
            if !is_cumulative {
                let mut sum = 0.0;
                weights.iter_mut().for_each(|weight| {
                    sum += *weight;
                    *weight = sum;
                });
            }
            if weights.len() as i64 != n {
                return Err(Raise::value_error("The number of weights does not match the population"));
            }
            let Some(total) = weights.last().copied() else {
                return Err(Raise::new("IndexError", "list index out of range"));
            };
            if total <= 0.0 {
                return Err(Raise::value_error("Total of weights must be greater than zero"));
            }
            if !total.is_finite() {
                return Err(Raise::value_error("Total of weights must be finite"));
            }
            let all_but_last = &weights[..weights.len() - 1];
            for place in result.as_mut_slice() {
                let number = stream.random() * total;
                *place = bisect(all_but_last, number);
            }
            Ok(result)
        })
    }
}

/// CPython's `bisect.bisect`, whatever the order of the weights.
fn bisect(weights: &[f64], number: f64) -> i64 {
    let (mut low, mut high) = (0, weights.len());
    while low < high {
        let middle = (low + high) / 2;
        if number < weights[middle] {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low as i64
}

/// `random.shuffle(x)` of an array with one axis.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn shuffle<T: Copy + 'static>(
    ctx: *mut ExecutionContext,
    array: *const i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let stream = (*ctx).random.python();
            for mut lane in View::<T>::from_raw(array).lanes(0) {
                lane.with_mut_slice(|elements| {
                    for i in (1..elements.len()).rev() {
                        elements.swap(i, stream.below(i as u128 + 1) as usize);
                    }
                });
            }
            Ok(())
        })
    }
}

pub(super) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    table.push(("rumba_python_sample", sample as *const () as usize));
    table.push(("rumba_python_choices", choices as *const () as usize));
    functions(table);
    table.push(("rumba_python_random", random as *const () as usize));
    table.push(("rumba_python_gauss", gauss as *const () as usize));
    macro_rules! by_size {
        ($($suffix:ident $T:ty),*) => {$(
            table.push((concat!("rumba_python_shuffle_", stringify!($suffix)), shuffle::<$T> as *const () as usize));
        )*};
    }
    by_size!(raw1 u8, raw2 u16, raw4 u32, raw8 u64, raw16 crate::kernels::element::Raw16);
}

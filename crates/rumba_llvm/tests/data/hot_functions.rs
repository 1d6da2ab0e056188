//! Stands in for `rumba_runtime/src/hot` where that does not exist: enough for this crate's tests.

/// e to the power x; good to about 1e-13 for |x| < 700.
#[unsafe(no_mangle)]
pub extern "C" fn rumba_exp_f64(x: f64) -> f64 {
    const SHIFT: f64 = 6755399441055744.0;
    let shifted = x.mul_add(std::f64::consts::LOG2_E, SHIFT);
    let k = shifted - SHIFT;
    let r = k.mul_add(-std::f64::consts::LN_2, x);
    let mut sum = 1.0 / 6227020800.0;
    let mut factorial = 6227020800.0_f64;
    let mut n = 13.0;
    while n > 0.5 {
        factorial /= n;
        sum = r.mul_add(sum, 1.0 / factorial);
        n -= 1.0;
    }
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    sum * scale
}

//! The special cases of C99, Annex F.9, for both precisions: zeros with their signs, infinities, nan,
//! arguments outside the domain, overflow and underflow.

use rumba_runtime::elementary::*;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Equal including the sign of zero; any nan equals any other.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

macro_rules! unary {
    ($double:ident, $single:ident: $($x:expr => $result:expr),+ $(,)?) => {
        for (x, expected) in [$(($x as f64, $result as f64)),+] {
            let actual = $double(x);
            assert!(same(actual, expected), "{}({x:?}) = {actual:?}, expected {expected:?}", stringify!($double));
            // The same in single precision, wherever the argument exists there.
            if (x as f32) as f64 == x || x.is_nan() {
                let actual = $single(x as f32);
                let expected = expected as f32;
                assert!(
                    same(actual as f64, expected as f64),
                    "{}({x:?}) = {actual:?}, expected {expected:?}", stringify!($single)
                );
            }
        }
    };
}

macro_rules! binary {
    ($double:ident, $single:ident: $(($x:expr, $y:expr) => $result:expr),+ $(,)?) => {
        for (x, y, expected) in [$(($x as f64, $y as f64, $result as f64)),+] {
            let actual = $double(x, y);
            assert!(
                same(actual, expected),
                "{}({x:?}, {y:?}) = {actual:?}, expected {expected:?}", stringify!($double)
            );
            if ((x as f32) as f64 == x || x.is_nan()) && ((y as f32) as f64 == y || y.is_nan()) {
                let actual = $single(x as f32, y as f32);
                let expected = expected as f32;
                assert!(
                    same(actual as f64, expected as f64),
                    "{}({x:?}, {y:?}) = {actual:?}, expected {expected:?}", stringify!($single)
                );
            }
        }
    };
}

const PI: f64 = std::f64::consts::PI;
const TINY: f64 = 5e-324;

#[test]
fn exponentials() {
    unary!(rumba_exp_f64, rumba_exp_f32: 0.0 => 1.0, -0.0 => 1.0, INF => INF, -INF => 0.0, NAN => NAN,
        1e300 => INF, -1e300 => 0.0, 710.0 => INF, -746.0 => 0.0, TINY => 1.0, f64::MAX => INF, f64::MIN => 0.0);
    unary!(rumba_exp2_f64, rumba_exp2_f32: 0.0 => 1.0, -0.0 => 1.0, INF => INF, -INF => 0.0, NAN => NAN,
        1024.0 => INF, -1075.0 => 0.0, -1074.0 => TINY, -1076.0 => 0.0, 1e300 => INF, -1e300 => 0.0, TINY => 1.0);
    unary!(rumba_expm1_f64, rumba_expm1_f32: 0.0 => 0.0, -0.0 => -0.0, INF => INF, -INF => -1.0, NAN => NAN,
        1e300 => INF, -1e300 => -1.0, -750.0 => -1.0, 710.0 => INF, TINY => TINY, -TINY => -TINY);
    assert_eq!(rumba_exp_f64(709.782712893384), 1.7976931348622732e308);
    assert_eq!(rumba_exp_f64(-745.1332191019411), TINY);
}

#[test]
fn logarithms() {
    unary!(rumba_log_f64, rumba_log_f32: 0.0 => -INF, -0.0 => -INF, 1.0 => 0.0, -1.0 => NAN, INF => INF,
        -INF => NAN, NAN => NAN, -TINY => NAN);
    unary!(rumba_log2_f64, rumba_log2_f32: 0.0 => -INF, -0.0 => -INF, 1.0 => 0.0, -1.0 => NAN, INF => INF,
        -INF => NAN, NAN => NAN, TINY => -1074.0);
    unary!(rumba_log10_f64, rumba_log10_f32: 0.0 => -INF, -0.0 => -INF, 1.0 => 0.0, -1.0 => NAN, INF => INF,
        -INF => NAN, NAN => NAN);
    unary!(rumba_log1p_f64, rumba_log1p_f32: 0.0 => 0.0, -0.0 => -0.0, -1.0 => -INF, -1.5 => NAN, INF => INF,
        -INF => NAN, NAN => NAN, TINY => TINY, -TINY => -TINY, f64::MAX => 709.782712893384);
}

#[test]
fn trigonometry() {
    unary!(rumba_sin_f64, rumba_sin_f32: 0.0 => 0.0, -0.0 => -0.0, INF => NAN, -INF => NAN, NAN => NAN,
        TINY => TINY, -TINY => -TINY);
    unary!(rumba_cos_f64, rumba_cos_f32: 0.0 => 1.0, -0.0 => 1.0, INF => NAN, -INF => NAN, NAN => NAN, TINY => 1.0);
    unary!(rumba_tan_f64, rumba_tan_f32: 0.0 => 0.0, -0.0 => -0.0, INF => NAN, -INF => NAN, NAN => NAN,
        TINY => TINY, -TINY => -TINY);
    unary!(rumba_asin_f64, rumba_asin_f32: 0.0 => 0.0, -0.0 => -0.0, 1.0 => PI / 2.0, -1.0 => -PI / 2.0,
        1.5 => NAN, -1.5 => NAN, INF => NAN, NAN => NAN, TINY => TINY);
    unary!(rumba_acos_f64, rumba_acos_f32: 1.0 => 0.0, -1.0 => PI, 0.0 => PI / 2.0, -0.0 => PI / 2.0,
        1.5 => NAN, -1.5 => NAN, -INF => NAN, NAN => NAN);
    unary!(rumba_atan_f64, rumba_atan_f32: 0.0 => 0.0, -0.0 => -0.0, INF => PI / 2.0, -INF => -PI / 2.0,
        NAN => NAN, 1.0 => PI / 4.0, TINY => TINY, -TINY => -TINY, f64::MAX => PI / 2.0);
    binary!(rumba_atan2_f64, rumba_atan2_f32:
        (0.0, -0.0) => PI, (-0.0, -0.0) => -PI, (0.0, 0.0) => 0.0, (-0.0, 0.0) => -0.0,
        (0.0, -1.0) => PI, (-0.0, -1.0) => -PI, (0.0, 1.0) => 0.0, (-0.0, 1.0) => -0.0,
        (-1.0, 0.0) => -PI / 2.0, (1.0, -0.0) => PI / 2.0, (1.0, 0.0) => PI / 2.0,
        (1.0, -INF) => PI, (-1.0, -INF) => -PI, (1.0, INF) => 0.0, (-1.0, INF) => -0.0,
        (INF, 1.0) => PI / 2.0, (-INF, -1.0) => -PI / 2.0, (0.0, INF) => 0.0, (-0.0, -INF) => -PI,
        (INF, -INF) => 3.0 * (PI / 4.0), (-INF, -INF) => -3.0 * (PI / 4.0), (INF, INF) => PI / 4.0, (-INF, INF) => -PI / 4.0,
        (NAN, 1.0) => NAN, (1.0, NAN) => NAN, (NAN, INF) => NAN, (INF, NAN) => NAN, (0.0, NAN) => NAN,
        (TINY, TINY) => PI / 4.0, (f64::MAX, f64::MAX) => PI / 4.0, (TINY, f64::MAX) => 0.0, (f64::MAX, TINY) => PI / 2.0,
        (TINY, 1.0) => TINY, (TINY, -1.0) => PI, (INF, 0.0) => PI / 2.0, (INF, -0.0) => PI / 2.0);
}

#[test]
fn hyperbolic_functions() {
    unary!(rumba_sinh_f64, rumba_sinh_f32: 0.0 => 0.0, -0.0 => -0.0, INF => INF, -INF => -INF, NAN => NAN,
        711.0 => INF, -711.0 => -INF, TINY => TINY);
    unary!(rumba_cosh_f64, rumba_cosh_f32: 0.0 => 1.0, -0.0 => 1.0, INF => INF, -INF => INF, NAN => NAN,
        711.0 => INF, -711.0 => INF);
    unary!(rumba_tanh_f64, rumba_tanh_f32: 0.0 => 0.0, -0.0 => -0.0, INF => 1.0, -INF => -1.0, NAN => NAN,
        25.0 => 1.0, -1e300 => -1.0, TINY => TINY);
    unary!(rumba_asinh_f64, rumba_asinh_f32: 0.0 => 0.0, -0.0 => -0.0, INF => INF, -INF => -INF, NAN => NAN,
        TINY => TINY, -TINY => -TINY);
    unary!(rumba_acosh_f64, rumba_acosh_f32: 1.0 => 0.0, 0.5 => NAN, -3.0 => NAN, INF => INF, -INF => NAN, NAN => NAN);
    unary!(rumba_atanh_f64, rumba_atanh_f32: 0.0 => 0.0, -0.0 => -0.0, 1.0 => INF, -1.0 => -INF, 1.5 => NAN,
        -1.5 => NAN, INF => NAN, NAN => NAN, TINY => TINY);
}

#[test]
fn powers() {
    binary!(rumba_pow_f64, rumba_pow_f32:
        // pow(+-0, y)
        (0.0, -3.0) => INF, (-0.0, -3.0) => -INF, (0.0, -2.0) => INF, (-0.0, -2.0) => INF, (-0.0, -2.5) => INF,
        (0.0, -INF) => INF, (-0.0, -INF) => INF, (0.0, 3.0) => 0.0, (-0.0, 3.0) => -0.0, (-0.0, 2.0) => 0.0,
        (0.0, 0.5) => 0.0, (-0.0, 0.5) => 0.0, (-0.0, INF) => 0.0, (-0.0, 9007199254740993.0) => 0.0,
        // pow(-1, +-inf), pow(1, y), pow(x, 0)
        (-1.0, INF) => 1.0, (-1.0, -INF) => 1.0, (1.0, NAN) => 1.0, (1.0, INF) => 1.0, (1.0, -7.5) => 1.0,
        (NAN, 0.0) => 1.0, (INF, -0.0) => 1.0, (0.0, 0.0) => 1.0, (-0.0, -0.0) => 1.0, (-3.0, 0.0) => 1.0,
        // Negative base
        (-2.0, 3.0) => -8.0, (-2.0, 2.0) => 4.0, (-2.0, 0.5) => NAN, (-2.0, -1.0) => -0.5, (-1.0, 2e300) => 1.0,
        (-1.0, 4503599627370497.0) => -1.0, (-1.0, 9007199254740992.0) => 1.0, (-1.0, -3.0) => -1.0,
        // pow(x, +-inf)
        (0.5, -INF) => INF, (-0.5, -INF) => INF, (2.0, -INF) => 0.0, (-2.0, -INF) => 0.0,
        (0.5, INF) => 0.0, (-0.5, INF) => 0.0, (2.0, INF) => INF, (-2.0, INF) => INF,
        // pow(+-inf, y)
        (-INF, -3.0) => -0.0, (-INF, -2.0) => 0.0, (-INF, -2.5) => 0.0, (-INF, 3.0) => -INF, (-INF, 2.0) => INF,
        (-INF, 2.5) => INF, (INF, -1.0) => 0.0, (INF, 2.0) => INF, (INF, INF) => INF, (INF, -INF) => 0.0,
        (-INF, INF) => INF, (-INF, -INF) => 0.0,
        // nan
        (NAN, 1.0) => NAN, (2.0, NAN) => NAN, (NAN, NAN) => NAN, (0.0, NAN) => NAN, (-1.0, NAN) => NAN,
        // Overflow and underflow
        (1e300, 2.0) => INF, (-1e300, 3.0) => -INF, (1e300, -2.0) => 0.0, (-1e300, -3.0) => -0.0,
        (10.0, 1e308) => INF, (0.1, 1e308) => 0.0, (2.0, -1074.0) => TINY, (TINY, 1.0) => TINY, (TINY, -1.0) => INF,
        (f64::MAX, 1.0) => f64::MAX, (f64::MAX, TINY) => 1.0, (TINY, TINY) => 1.0);
}

#[test]
fn roots_and_remainders() {
    binary!(rumba_hypot_f64, rumba_hypot_f32:
        (0.0, 0.0) => 0.0, (-0.0, -0.0) => 0.0, (3.0, -4.0) => 5.0, (INF, NAN) => INF, (NAN, -INF) => INF,
        (INF, 1.0) => INF, (NAN, 1.0) => NAN, (1.0, NAN) => NAN, (f64::MAX, f64::MAX) => INF,
        (TINY, 0.0) => TINY, (f64::MAX, 0.0) => f64::MAX, (-2.5, 0.0) => 2.5, (1e-160, 0.0) => 1e-160);
    unary!(rumba_cbrt_f64, rumba_cbrt_f32: 0.0 => 0.0, -0.0 => -0.0, 8.0 => 2.0, -27.0 => -3.0, INF => INF,
        -INF => -INF, NAN => NAN);
    binary!(rumba_fmod_f64, rumba_fmod_f32:
        (0.0, 2.0) => 0.0, (-0.0, 2.0) => -0.0, (1.0, 0.0) => NAN, (INF, 1.0) => NAN, (1.0, INF) => 1.0,
        (-1.0, -INF) => -1.0, (NAN, 1.0) => NAN, (1.0, NAN) => NAN, (5.0, 3.0) => 2.0, (-5.0, 3.0) => -2.0,
        (5.0, -3.0) => 2.0, (-6.0, 3.0) => -0.0, (INF, INF) => NAN, (f64::MAX, TINY) => 0.0);
}

#[test]
fn error_and_gamma_functions() {
    unary!(rumba_erf_f64, rumba_erf_f32: 0.0 => 0.0, -0.0 => -0.0, INF => 1.0, -INF => -1.0, NAN => NAN, 7.0 => 1.0);
    unary!(rumba_erfc_f64, rumba_erfc_f32: 0.0 => 1.0, INF => 0.0, -INF => 2.0, NAN => NAN, -7.0 => 2.0, 30.0 => 0.0);
    unary!(rumba_tgamma_f64, rumba_tgamma_f32: 0.0 => INF, -0.0 => -INF, 1.0 => 1.0, 2.0 => 1.0, 5.0 => 24.0,
        -1.0 => NAN, -170.0 => NAN, -1e300 => NAN, INF => INF, -INF => NAN, NAN => NAN, 200.0 => INF,
        -200.5 => -0.0, -201.5 => 0.0, TINY => INF, 172.0 => INF);
    unary!(rumba_lgamma_f64, rumba_lgamma_f32: 0.0 => INF, -0.0 => INF, 1.0 => 0.0, 2.0 => 0.0, -1.0 => INF,
        -1e300 => INF, INF => INF, -INF => INF, NAN => NAN);
}

//! The errors of the elementary functions, in units in the last place.
//!
//! Double precision is compared with values computed by mpmath (see `elementary_reference.py`); single
//! precision with the double-precision functions. Both sides of a comparison are counted in ulp of the
//! correctly rounded result.

use std::path::PathBuf;

use rumba_runtime::elementary::*;

#[derive(Clone, Copy)]
enum Function {
    Unary(extern "C" fn(f64) -> f64),
    Binary(extern "C" fn(f64, f64) -> f64),
}

use Function::{Binary, Unary};

/// Name, function, largest admitted error. A deep run of 100,000 points each stays within the same bounds.
const DOUBLE: &[(&str, Function, f64)] = &[
    ("exp", Unary(rumba_exp_f64), 0.8),
    ("exp2", Unary(rumba_exp2_f64), 0.8),
    ("expm1", Unary(rumba_expm1_f64), 0.9),
    ("log", Unary(rumba_log_f64), 0.7),
    ("log2", Unary(rumba_log2_f64), 0.7),
    ("log10", Unary(rumba_log10_f64), 0.7),
    ("log1p", Unary(rumba_log1p_f64), 0.9),
    ("sin", Unary(rumba_sin_f64), 0.8),
    ("cos", Unary(rumba_cos_f64), 0.8),
    ("tan", Unary(rumba_tan_f64), 0.95),
    ("asin", Unary(rumba_asin_f64), 0.7),
    ("acos", Unary(rumba_acos_f64), 0.7),
    ("atan", Unary(rumba_atan_f64), 0.7),
    ("atan2", Binary(rumba_atan2_f64), 0.7),
    ("sinh", Unary(rumba_sinh_f64), 0.8),
    ("cosh", Unary(rumba_cosh_f64), 0.8),
    ("tanh", Unary(rumba_tanh_f64), 0.7),
    ("asinh", Unary(rumba_asinh_f64), 0.7),
    ("acosh", Unary(rumba_acosh_f64), 0.7),
    ("atanh", Unary(rumba_atanh_f64), 0.7),
    ("pow", Binary(rumba_pow_f64), 0.8),
    ("hypot", Binary(rumba_hypot_f64), 0.8),
    ("cbrt", Unary(rumba_cbrt_f64), 0.6),
    ("erf", Unary(rumba_erf_f64), 0.9),
    ("erfc", Unary(rumba_erfc_f64), 2.0),
    ("tgamma", Unary(rumba_tgamma_f64), 2.5),
    ("lgamma", Unary(rumba_lgamma_f64), 2.0),
];

/// A float's place in the order of all floats.
fn place(x: f64) -> i64 {
    let bits = x.to_bits() as i64;
    if bits < 0 { i64::MIN - bits } else { bits }
}

fn reference_directory() -> PathBuf {
    match std::env::var_os("RUMBA_ELEMENTARY_REFERENCE") {
        Some(directory) => directory.into(),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/elementary_reference"),
    }
}

#[test]
fn double_precision_is_within_its_bounds() {
    let mut failures = Vec::new();
    for &(name, function, bound) in DOUBLE {
        let path = reference_directory().join(format!("{name}.txt"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut worst = (0.0, Vec::new());
        for line in text.lines() {
            let fields: Vec<&str> = line.split(' ').collect();
            let float = |i: usize| f64::from_bits(u64::from_str_radix(fields[i], 16).unwrap());
            let n = fields.len() - 2;
            let residual: f64 = fields[n + 1].parse::<f64>().unwrap() / 256.0;
            let actual = match function {
                Unary(f) => f(float(0)),
                Binary(f) => f(float(0), float(1)),
            };
            let expected = float(n);
            let error = if actual.is_nan() {
                f64::INFINITY
            } else {
                ((place(actual) as i128 - place(expected) as i128) as f64 - residual).abs()
            };
            if error > worst.0 {
                worst = (error, (0..n).map(float).collect());
            }
        }
        println!("{name:7} {:.3} ulp at {:?}", worst.0, worst.1);
        if worst.0 > bound {
            failures.push(format!("{name}: {:.3} ulp at {:?}, admitted {bound}", worst.0, worst.1));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// How far `actual` is from `exact`, in ulp of the nearest `f32`; nan and infinity must agree.
fn error_of_single(actual: f32, exact: f64) -> f64 {
    let nearest = exact as f32;
    if actual.is_nan() || exact.is_nan() {
        return if actual.is_nan() && exact.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if actual.is_infinite() || nearest.is_infinite() {
        return if actual == nearest { 0.0 } else { f64::INFINITY };
    }
    if actual == 0.0 && exact == 0.0 {
        return if actual.is_sign_negative() == exact.is_sign_negative() { 0.0 } else { f64::INFINITY };
    }
    let exponent = ((nearest.to_bits() >> 23) & 255).max(1) as i32;
    let ulp = 2f64.powi(exponent - 150);
    (actual as f64 - exact).abs() / ulp
}

type UnaryPair = (extern "C" fn(f32) -> f32, extern "C" fn(f64) -> f64);
type BinaryPair = (extern "C" fn(f32, f32) -> f32, extern "C" fn(f64, f64) -> f64);

const SINGLE: &[(&str, UnaryPair)] = &[
    ("exp", (rumba_exp_f32, rumba_exp_f64)),
    ("exp2", (rumba_exp2_f32, rumba_exp2_f64)),
    ("expm1", (rumba_expm1_f32, rumba_expm1_f64)),
    ("log", (rumba_log_f32, rumba_log_f64)),
    ("log2", (rumba_log2_f32, rumba_log2_f64)),
    ("log10", (rumba_log10_f32, rumba_log10_f64)),
    ("log1p", (rumba_log1p_f32, rumba_log1p_f64)),
    ("sin", (rumba_sin_f32, rumba_sin_f64)),
    ("cos", (rumba_cos_f32, rumba_cos_f64)),
    ("tan", (rumba_tan_f32, rumba_tan_f64)),
    ("asin", (rumba_asin_f32, rumba_asin_f64)),
    ("acos", (rumba_acos_f32, rumba_acos_f64)),
    ("atan", (rumba_atan_f32, rumba_atan_f64)),
    ("sinh", (rumba_sinh_f32, rumba_sinh_f64)),
    ("cosh", (rumba_cosh_f32, rumba_cosh_f64)),
    ("tanh", (rumba_tanh_f32, rumba_tanh_f64)),
    ("asinh", (rumba_asinh_f32, rumba_asinh_f64)),
    ("acosh", (rumba_acosh_f32, rumba_acosh_f64)),
    ("atanh", (rumba_atanh_f32, rumba_atanh_f64)),
    ("cbrt", (rumba_cbrt_f32, rumba_cbrt_f64)),
    ("erf", (rumba_erf_f32, rumba_erf_f64)),
    ("erfc", (rumba_erfc_f32, rumba_erfc_f64)),
    ("tgamma", (rumba_tgamma_f32, rumba_tgamma_f64)),
    ("lgamma", (rumba_lgamma_f32, rumba_lgamma_f64)),
];

const SINGLE_BINARY: &[(&str, BinaryPair)] = &[
    ("atan2", (rumba_atan2_f32, rumba_atan2_f64)),
    ("pow", (rumba_pow_f32, rumba_pow_f64)),
    ("hypot", (rumba_hypot_f32, rumba_hypot_f64)),
    ("fmod", (rumba_fmod_f32, rumba_fmod_f64)),
];

/// The error that every single-precision function keeps.
const SINGLE_BOUND: f64 = 0.6;

/// The step between the bit patterns tried; 1 tries all of them.
fn stride() -> usize {
    std::env::var("RUMBA_ELEMENTARY_STRIDE").ok().and_then(|text| text.parse().ok()).unwrap_or(50_021)
}

#[test]
fn single_precision_is_within_its_bound() {
    for &(name, (single, double)) in SINGLE {
        let mut worst = (0.0, 0.0);
        let mut try_at = |x: f32| {
            let error = error_of_single(single(x), double(x as f64));
            if error > worst.0 {
                worst = (error, x);
            }
        };
        (0..=u32::MAX).step_by(stride()).for_each(|bits| try_at(f32::from_bits(bits)));
        // Most bit patterns are far from 1, where most happens.
        (0..20_000).for_each(|i| try_at((i - 10_000) as f32 * 1.37e-3));
        println!("{name:7} {:.3} ulp at {:e}", worst.0, worst.1);
        assert!(worst.0 <= SINGLE_BOUND, "{name}: {} ulp at {:e}", worst.0, worst.1);
    }
}

#[test]
fn single_precision_of_two_arguments_is_within_its_bound() {
    for &(name, (single, double)) in SINGLE_BINARY {
        let mut worst = (0.0, (0.0, 0.0));
        let mut try_at = |x: f32, y: f32| {
            let error = error_of_single(single(x, y), double(x as f64, y as f64));
            if error > worst.0 {
                worst = (error, (x, y));
            }
        };
        // Golden-ratio steps through all pairs of bit patterns, and through pairs near 1.
        for i in 0..100_000u32 {
            let (a, b) = (i.wrapping_mul(2_654_435_769), i.wrapping_mul(1_640_531_527).rotate_left(11));
            try_at(f32::from_bits(a), f32::from_bits(b));
            try_at(a as f32 / 5e8, b as f32 / 5e7 - 43.0);
        }
        println!("{name:7} {:.3} ulp at {:?}", worst.0, worst.1);
        assert!(worst.0 <= SINGLE_BOUND, "{name}: {} ulp at {:?}", worst.0, worst.1);
    }
}

#[test]
fn logarithms_and_powers_of_two_and_ten_are_exact() {
    for k in -1074..1024 {
        // 2^k in two exact steps, because 2^-1074 has no reciprocal.
        let power = 2f64.powi(k / 2) * 2f64.powi(k - k / 2);
        assert_eq!(rumba_log2_f64(power), k as f64);
        assert_eq!(rumba_exp2_f64(k as f64), power);
        assert_eq!(rumba_pow_f64(2.0, k as f64), power);
    }
    for k in 0..=22 {
        let power: f64 = format!("1e{k}").parse().unwrap();
        assert_eq!(rumba_log10_f64(power), k as f64);
        assert_eq!(rumba_pow_f64(10.0, k as f64), power);
    }
    for n in 1..200 {
        let x = n as f64;
        assert_eq!(rumba_cbrt_f64(x * x * x), x);
        assert_eq!(rumba_pow_f64(x, 2.0), x * x);
        assert_eq!(rumba_hypot_f64(3.0 * x, -4.0 * x), 5.0 * x);
    }
    assert_eq!((1..=20).map(|n| n as f64).product::<f64>(), rumba_tgamma_f64(21.0));
}

#[test]
fn lgamma_of_negative_numbers_has_a_small_absolute_error() {
    // Arguments next to the zeros among them; values from mpmath.
    let values = [
        (-0.5, 1.2655121234846454),
        (-1e-10, 23.025850929998178),
        (-0.999999, 13.815510980721177),
        (-1.5, 0.860047015376481),
        (-2.4570247382208006, 5.619192358950097e-17),
        (-2.7476826467274127, 1.733509244024501e-16),
        (-3.14358088834998, 1.6978655906121085e-15),
        (-3.955294284858598, -4.14382750757705e-16),
        (-10.5, -15.147270590717842),
        (-100.25, -363.4009232278215),
        (-1000.125, -5910.886441131111),
    ];
    for (x, expected) in values {
        let error = (rumba_lgamma_f64(x) - expected).abs();
        assert!(error <= 2f64.powi(-50) + expected.abs() * 2f64.powi(-52), "lgamma({x}): {error:e}");
    }
}

#[test]
fn remainders_are_exact() {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        state ^ (state >> 29)
    };
    for i in 0..100_000 {
        let (x, y) = (f64::from_bits(next()), f64::from_bits(next()));
        // Rust's operator is C's fmod. Every second pair has close exponents.
        let y = if i % 2 == 0 { y } else { x * f64::from_bits((y.to_bits() >> 12) | (1021 << 52)) };
        let (actual, expected) = (rumba_fmod_f64(x, y), x % y);
        assert!(
            actual.to_bits() == expected.to_bits() || (actual.is_nan() && expected.is_nan()),
            "fmod({x:e}, {y:e}) = {actual:e}, expected {expected:e}"
        );
    }
}

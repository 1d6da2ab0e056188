//! The elementary functions of Rumba: `rumba_<name>_<f64|f32>`, each a value of its arguments alone.
//!
//! The build script compiles this folder once more, on its own, to LLVM bitcode; compiled loops inline
//! the functions and vectorise across iterations. Hence the rules of this folder:
//!
//! - rustc is told `-Cno-vectorize-slp`: pairs of doubles that it makes within one function would keep the
//!   caller's loop scalar.
//! - Nothing outside it is used, and of `std` only what becomes an LLVM intrinsic (`mul_add`, `sqrt`).
//! - Nothing can panic, nothing calls the C library, nothing keeps state.
//! - The common path has no branch. A choice is a bit mask ([`bits::select`]), because a Rust `if`
//!   between two values may become a branch, which keeps a loop scalar. Where arguments are so rare that
//!   all others should not pay (a sine of 1e20), the function branches to a cold `rumba_rare_*`
//!   function. LLVM vectorises around such a call, one predictable test per lane, when the call carries
//!   a masked `vector-function-abi-variant`; `tests/elementary_vectors.rs` shows the attribute.
//!
//! Errors are stated per function, in units in the last place (ulp) of the result, and asserted by
//! `tests/elementary_accuracy.rs`. Special cases are those of C99 Annex F. Rounding is to nearest; the
//! floating-point exception flags are not maintained. The single-precision functions compute in double
//! precision with short polynomials, which is as fast as compensated single precision and rounds better.
//!
//! Polynomial coefficients come from `tests/elementary_coefficients.py`.

mod bits;
mod double_double;
mod polynomial;

pub mod error_function;
pub mod exponential;
pub mod gamma;
pub mod hyperbolic;
pub mod inverse_hyperbolic;
pub mod inverse_trigonometric;
pub mod logarithm;
pub mod power;
pub mod remainder;
pub mod root;
pub mod single_precision;
pub mod trigonometric;

/// Exports Rust functions under the names that compiled code links to.
macro_rules! export {
    ($($symbol:ident = $family:ident :: $function:ident ( $($argument:ident),+ ) : $ty:ty;)+) => {
        $(
            /// See the function of the same name in its family's module.
            #[unsafe(no_mangle)]
            pub extern "C" fn $symbol($($argument: $ty),+) -> $ty {
                $family::$function($($argument),+)
            }
        )+

        /// Everything that is exported.
        pub const FUNCTIONS: &[Exported] = &[$(Exported {
            symbol: stringify!($symbol),
            body: concat!(stringify!($family), "::", stringify!($function)),
            arity: [$(stringify!($argument)),+].len(),
        }),+];
    };
}

/// A row of [`FUNCTIONS`].
pub struct Exported {
    /// The name that compiled code links to.
    pub symbol: &'static str,
    /// The path of the Rust function below this module.
    pub body: &'static str,
    pub arity: usize,
}

export! {
    rumba_exp_f64 = exponential::exp(x): f64;
    rumba_exp2_f64 = exponential::exp2(x): f64;
    rumba_expm1_f64 = exponential::expm1(x): f64;
    rumba_log_f64 = logarithm::log(x): f64;
    rumba_log2_f64 = logarithm::log2(x): f64;
    rumba_log10_f64 = logarithm::log10(x): f64;
    rumba_log1p_f64 = logarithm::log1p(x): f64;
    rumba_sin_f64 = trigonometric::sin(x): f64;
    rumba_cos_f64 = trigonometric::cos(x): f64;
    rumba_tan_f64 = trigonometric::tan(x): f64;
    rumba_asin_f64 = inverse_trigonometric::asin(x): f64;
    rumba_acos_f64 = inverse_trigonometric::acos(x): f64;
    rumba_atan_f64 = inverse_trigonometric::atan(x): f64;
    rumba_atan2_f64 = inverse_trigonometric::atan2(y, x): f64;
    rumba_sinh_f64 = hyperbolic::sinh(x): f64;
    rumba_cosh_f64 = hyperbolic::cosh(x): f64;
    rumba_tanh_f64 = hyperbolic::tanh(x): f64;
    rumba_asinh_f64 = inverse_hyperbolic::asinh(x): f64;
    rumba_acosh_f64 = inverse_hyperbolic::acosh(x): f64;
    rumba_atanh_f64 = inverse_hyperbolic::atanh(x): f64;
    rumba_pow_f64 = power::pow(x, y): f64;
    rumba_hypot_f64 = root::hypot(x, y): f64;
    rumba_cbrt_f64 = root::cbrt(x): f64;
    rumba_erf_f64 = error_function::erf(x): f64;
    rumba_erfc_f64 = error_function::erfc(x): f64;
    rumba_tgamma_f64 = gamma::tgamma(x): f64;
    rumba_lgamma_f64 = gamma::lgamma(x): f64;
    rumba_fmod_f64 = remainder::fmod(x, y): f64;

rumba_exp_f32 = single_precision::exp(x): f32;
    rumba_exp2_f32 = single_precision::exp2(x): f32;
    rumba_expm1_f32 = single_precision::expm1(x): f32;
    rumba_log_f32 = single_precision::log(x): f32;
    rumba_log2_f32 = single_precision::log2(x): f32;
    rumba_log10_f32 = single_precision::log10(x): f32;
    rumba_log1p_f32 = single_precision::log1p(x): f32;
    rumba_sin_f32 = single_precision::sin(x): f32;
    rumba_cos_f32 = single_precision::cos(x): f32;
    rumba_tan_f32 = single_precision::tan(x): f32;
    rumba_asin_f32 = single_precision::asin(x): f32;
    rumba_acos_f32 = single_precision::acos(x): f32;
    rumba_atan_f32 = single_precision::atan(x): f32;
    rumba_atan2_f32 = single_precision::atan2(y, x): f32;
    rumba_sinh_f32 = single_precision::sinh(x): f32;
    rumba_cosh_f32 = single_precision::cosh(x): f32;
    rumba_tanh_f32 = single_precision::tanh(x): f32;
    rumba_asinh_f32 = single_precision::asinh(x): f32;
    rumba_acosh_f32 = single_precision::acosh(x): f32;
    rumba_atanh_f32 = single_precision::atanh(x): f32;
    rumba_pow_f32 = single_precision::pow(x, y): f32;
    rumba_hypot_f32 = single_precision::hypot(x, y): f32;
    rumba_cbrt_f32 = single_precision::cbrt(x): f32;
    rumba_erf_f32 = single_precision::erf(x): f32;
    rumba_erfc_f32 = single_precision::erfc(x): f32;
    rumba_tgamma_f32 = single_precision::tgamma(x): f32;
    rumba_lgamma_f32 = single_precision::lgamma(x): f32;
    rumba_fmod_f32 = single_precision::fmod(x, y): f32;
}

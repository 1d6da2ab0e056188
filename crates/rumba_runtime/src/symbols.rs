//! The functions that compiled code may call, by name.

use crate::{
    blocks, complex_functions, containers, context, copying, elements, exceptions, float_parts, generators,
    hashing, host, integers, interrupt, kernels, memory, powers, reductions, rounding,
};

use std::collections::HashMap;

macro_rules! symbols {
    ($($path:path),* $(,)?) => {
        /// Names and addresses, in the order of declaration.
        pub fn symbols() -> &'static [(&'static str, usize)] {
            static TABLE: std::sync::OnceLock<Vec<(&'static str, usize)>> = std::sync::OnceLock::new();
            TABLE.get_or_init(|| {
                let mut table = kernels::symbols();
                reductions::symbols(&mut table);
                containers::symbols(&mut table);
                table.extend([$((last_segment(stringify!($path)), $path as *const () as usize)),*]);
                table
            })
        }
    };
}

symbols! {
    context::rumba_raise,
    context::rumba_check_stack,
    context::rumba_propagate,
    exceptions::rumba_catch,
    exceptions::rumba_catch_made,
    exceptions::rumba_exception_matches,
    exceptions::rumba_reraise,
    exceptions::rumba_raise_caught,
    exceptions::rumba_chain_exception,
    exceptions::rumba_cause,
    exceptions::rumba_set_cause,
    generators::rumba_generator_new,
    generators::rumba_generator_close,
    host::rumba_call_host,
    interrupt::rumba_poll,
    memory::rumba_array_bytes,
    memory::rumba_array_allocate,
    memory::rumba_retain,
    memory::rumba_release,
    memory::rumba_keep,
    blocks::rumba_arrays_interfere,
    blocks::rumba_blocks_begin,
    blocks::rumba_blocks_next,
    copying::rumba_copy_elements,
    elements::rumba_fill_elements,
    elements::rumba_convert_elements,
    elements::rumba_fill_progression,
    elements::rumba_fill_linspace_f64,
    elements::rumba_fill_linspace_f32,
    powers::rumba_ipow_i64,
    powers::rumba_pow_c128,
    integers::rumba_gcd,
    integers::rumba_lcm,
    integers::rumba_isqrt,
    integers::rumba_factorial,
    integers::rumba_comb,
    integers::rumba_perm,
    integers::rumba_pow_mod,
    rounding::rumba_round_digits_f64,
    rounding::rumba_round_digits_i64,
    hashing::rumba_hash_i64,
    hashing::rumba_hash_u64,
    hashing::rumba_hash_f64,
    float_parts::rumba_frexp_f64,
    float_parts::rumba_ldexp_f64,
    float_parts::rumba_power_of_ten,
    float_parts::rumba_nextafter_f64,
    float_parts::rumba_nextafter_f32,
    float_parts::rumba_ulp_f64,
    float_parts::rumba_ulp_f32,
    float_parts::rumba_remainder_f64,
    float_parts::rumba_remainder_f32,
    float_parts::rumba_fma_f64,
    float_parts::rumba_integer_ratio_f64,
    float_parts::rumba_vector_length,
    float_parts::rumba_fsum_f64,
    float_parts::rumba_fsum_f32,
    complex_functions::rumba_acos_c128,
    complex_functions::rumba_acosh_c128,
    complex_functions::rumba_asin_c128,
    complex_functions::rumba_asinh_c128,
    complex_functions::rumba_atan_c128,
    complex_functions::rumba_atanh_c128,
    complex_functions::rumba_cos_c128,
    complex_functions::rumba_cosh_c128,
    complex_functions::rumba_exp_c128,
    complex_functions::rumba_log_c128,
    complex_functions::rumba_log10_c128,
    complex_functions::rumba_rect_c128,
    complex_functions::rumba_sin_c128,
    complex_functions::rumba_sinh_c128,
    complex_functions::rumba_sqrt_c128,
    complex_functions::rumba_tan_c128,
    complex_functions::rumba_tanh_c128,
}

fn last_segment(path: &'static str) -> &'static str {
    path.rsplit("::").next().unwrap_or(path).trim()
}

/// The address of the runtime's function or variable of this name.
pub fn symbol_address(name: &str) -> Option<usize> {
    if name == "rumba_interrupt_flag" {
        return Some(&raw const interrupt::INTERRUPT_FLAG as usize);
    }
    static BY_NAME: std::sync::OnceLock<HashMap<&'static str, usize>> = std::sync::OnceLock::new();
    BY_NAME.get_or_init(|| symbols().iter().copied().collect()).get(name).copied()
}

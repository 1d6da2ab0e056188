//! The complex functions give what CPython's `cmath` gives, within a few units in the last place; the
//! reference is made by `complex_reference.py`.

use rumba_runtime::symbol_address;

type Function = unsafe extern "C" fn(f64, f64, *mut [f64; 2]);

fn float(bits: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(bits, 16).expect("the reference holds hexadecimal bits"))
}

fn ulps_between(a: f64, b: f64) -> u64 {
    if a.is_nan() && b.is_nan() {
        return 0;
    }
    if a.is_sign_negative() != b.is_sign_negative() || a.is_nan() != b.is_nan() {
        return u64::MAX;
    }
    a.to_bits().abs_diff(b.to_bits())
}

#[test]
fn equal_to_cpython() {
    let mut wrong = Vec::new();
    for line in include_str!("complex_reference.txt").lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let name = fields[0];
        let [real, imag, expected_real, expected_imag] = [1, 2, 3, 4].map(|idx| float(fields[idx]));
        let address = symbol_address(&format!("rumba_{name}_c128")).expect("every function is exported");
        // SAFETY: all functions of this name pattern have this signature.
        let function: Function = unsafe { std::mem::transmute(address) };
        let mut out = [0.0; 2];
        // SAFETY: `out` holds two doubles.
        unsafe { function(real, imag, &mut out) };
        let error = ulps_between(out[0], expected_real).max(ulps_between(out[1], expected_imag));
        if error > 4 {
            wrong.push(format!(
                "{name}({real:?}, {imag:?}) = {out:?}, expected ({expected_real:?}, {expected_imag:?}): {error} ulp"
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

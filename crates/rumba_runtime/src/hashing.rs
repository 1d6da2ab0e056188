//! `hash(x)` of numbers, equal to CPython's: a rational number modulo the prime 2^61 - 1.

const MODULUS: u64 = (1 << 61) - 1;
const BITS: i32 = 61;
const HASH_OF_INFINITY: i64 = 314159;

/// CPython's hashes are never -1, which means an error there.
fn avoid_minus_one(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

/// `hash` of a signed int.
pub extern "C" fn rumba_hash_i64(value: i64) -> i64 {
    avoid_minus_one(value % MODULUS as i64)
}

/// `hash` of an unsigned int.
pub extern "C" fn rumba_hash_u64(value: u64) -> i64 {
    (value % MODULUS) as i64
}

/// `hash` of a float. NaN hashes to 0; CPython uses the address of the object.
pub extern "C" fn rumba_hash_f64(value: f64) -> i64 {
    if value.is_nan() {
        return 0;
    }
    if value.is_infinite() {
        return if value > 0.0 { HASH_OF_INFINITY } else { -HASH_OF_INFINITY };
    }
    // The value is mantissa * 2 ** exponent; a power of two modulo 2^61 - 1 is a rotation of 61 bits.
    let bits = value.to_bits();
    let biased = (bits >> 52 & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) =
        if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
    let rotation = exponent.rem_euclid(BITS);
    let rotated = (mantissa << rotation & MODULUS) | mantissa >> (BITS - rotation);
    let hash = (rotated % MODULUS) as i64;
    avoid_minus_one(if value < 0.0 { -hash } else { hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_to_cpython() {
        assert_eq!(rumba_hash_i64(0), 0);
        assert_eq!(rumba_hash_i64(-1), -2);
        assert_eq!(rumba_hash_i64((1 << 61) - 1), 0);
        assert_eq!(rumba_hash_i64(i64::MIN), -4);
        assert_eq!(rumba_hash_u64(u64::MAX), 7);
        let floats = [
            (0.0, 0),
            (-0.0, 0),
            (1.0, 1),
            (-1.0, -2),
            (1.5, 1152921504606846977),
            (-2.75, -1729382256910270466),
            (1e300, 1224995262755759164),
            (0.1, 230584300921369408),
            (5e-324, 16777216),
            (f64::INFINITY, 314159),
            (f64::NEG_INFINITY, -314159),
        ];
        for (value, expected) in floats {
            assert_eq!(rumba_hash_f64(value), expected, "hash({value})");
        }
    }
}

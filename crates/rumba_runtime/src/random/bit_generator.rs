//! NumPy's interface of a source of random bits.

use super::MersenneTwister;
use std::ffi::c_void;

/// `bitgen_t`: what NumPy's bit generators show in their `capsule`, and what its distributions draw from.
#[repr(C)]
pub struct BitGenerator {
    pub state: *mut c_void,
    pub next_uint64: unsafe extern "C" fn(*mut c_void) -> u64,
    pub next_uint32: unsafe extern "C" fn(*mut c_void) -> u32,
    pub next_double: unsafe extern "C" fn(*mut c_void) -> f64,
    pub next_raw: unsafe extern "C" fn(*mut c_void) -> u64,
}

impl BitGenerator {
    /// # Safety
    /// The generator is alive, and no other thread draws from it meanwhile.
    #[inline]
    pub unsafe fn double(this: *mut BitGenerator) -> f64 {
        // SAFETY: promised by the caller.
        unsafe { ((*this).next_double)((*this).state) }
    }

    /// # Safety
    /// As [`BitGenerator::double`].
    #[inline]
    pub unsafe fn uint32(this: *mut BitGenerator) -> u32 {
        // SAFETY: promised by the caller.
        unsafe { ((*this).next_uint32)((*this).state) }
    }

    /// # Safety
    /// As [`BitGenerator::double`].
    #[inline]
    pub unsafe fn uint64(this: *mut BitGenerator) -> u64 {
        // SAFETY: promised by the caller.
        unsafe { ((*this).next_uint64)((*this).state) }
    }

    /// The interface of a twister, which must outlive it and not move.
    pub fn of_twister(twister: *mut MersenneTwister) -> BitGenerator {
        BitGenerator {
            state: twister.cast(),
            next_uint64: twister_uint64,
            next_uint32: twister_uint32,
            next_double: twister_double,
            next_raw: twister_raw,
        }
    }
}

unsafe extern "C" fn twister_uint64(state: *mut c_void) -> u64 {
    // SAFETY: the state is the twister that the interface was made of.
    unsafe { (*state.cast::<MersenneTwister>()).next_u64() }
}

unsafe extern "C" fn twister_uint32(state: *mut c_void) -> u32 {
    // SAFETY: as above.
    unsafe { (*state.cast::<MersenneTwister>()).next_u32() }
}

unsafe extern "C" fn twister_double(state: *mut c_void) -> f64 {
    // SAFETY: as above.
    unsafe { (*state.cast::<MersenneTwister>()).next_f64() }
}

unsafe extern "C" fn twister_raw(state: *mut c_void) -> u64 {
    // SAFETY: as above.
    u64::from(unsafe { (*state.cast::<MersenneTwister>()).next_u32() })
}

//! NumPy's ziggurats (Marsaglia and Tsang, 2000): normal and exponential numbers from 64 random bits each.
//!
//! Some bits choose a layer, others a place in it, and nearly always the number is the place times a width. That is computed
//! here, in a third of the time of a call of NumPy's function, which is called for what is left, with the bits that were
//! drawn already. Its tables are not exported: they are found by asking it what it makes of chosen bits. So the stream is
//! that of the installed NumPy; should one compute otherwise, which is checked, its function is called for all numbers.

use super::BitGenerator;
use std::ffi::c_void;
use std::marker::PhantomData;

type Function = unsafe extern "C" fn(*mut BitGenerator) -> f64;

/// How the bits are used.
pub trait Shape {
    const LAYER_SHIFT: u32;
    const PLACE_SHIFT: u32;
    const PLACE_BITS: u32;
    /// The bit that is the sign, moved to where a float has it; 0 where there is none.
    fn sign(random: u64) -> u64;
}

pub struct Normal;

impl Shape for Normal {
    const LAYER_SHIFT: u32 = 0;
    const PLACE_SHIFT: u32 = 9;
    const PLACE_BITS: u32 = 52;

    #[inline]
    fn sign(random: u64) -> u64 {
        (random >> 8 & 1) << 63
    }
}

pub struct Exponential;

impl Shape for Exponential {
    const LAYER_SHIFT: u32 = 3;
    const PLACE_SHIFT: u32 = 11;
    const PLACE_BITS: u32 = 53;

    #[inline]
    fn sign(_random: u64) -> u64 {
        0
    }
}

const N_LAYERS: usize = 256;

#[derive(Clone, Copy, Default)]
struct Layer {
    width: f64,
    /// Places below are taken without another look.
    limit: u64,
}

pub struct Ziggurat<S> {
    layers: [Layer; N_LAYERS],
    /// What NumPy draws such numbers with.
    function: Function,
    shape: PhantomData<S>,
}

impl<S: Shape> Ziggurat<S> {
    /// # Safety
    /// The function is one of NumPy's, which draws such numbers.
    pub unsafe fn of_function(function: Function) -> Ziggurat<S> {
        let mut ziggurat = Ziggurat { layers: [Layer::default(); N_LAYERS], function, shape: PhantomData };
        for layer in 0..N_LAYERS {
            // SAFETY: promised by the caller.
            let probe = |place| unsafe { ziggurat.probe(bits::<S>(layer, place)) };
            let (mut limit, mut beyond) = (0, 1 << S::PLACE_BITS);
            while limit < beyond {
                let middle = limit + (beyond - limit) / 2;
                match probe(middle).1 {
                    true => limit = middle + 1,
                    false => beyond = middle,
                }
            }
            ziggurat.layers[layer] = Layer { width: probe(1).0, limit };
        }
        let mut random = 1u64;
        let computes_so = (0..2000).all(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Both halves vary, the lower bits included.
            let random = random ^ random >> 32;
            // SAFETY: promised by the caller.
            let (number, is_first) = unsafe { ziggurat.probe(random) };
            ziggurat.number(random).map(f64::to_bits) == is_first.then_some(number.to_bits())
        });
        if !computes_so {
            ziggurat.layers.iter_mut().for_each(|layer| layer.limit = 0);
        }
        ziggurat
    }

    /// What the function makes of random bits, and whether these were all that it took.
    ///
    /// # Safety
    /// The function is NumPy's.
    unsafe fn probe(&self, random: u64) -> (f64, bool) {
        unsafe extern "C" fn next_bits<S: Shape>(n_calls: *mut c_void) -> u64 {
            // SAFETY: the state below.
            unsafe { *n_calls.cast::<u32>() += 1 };
            // What every layer takes.
            bits::<S>(2, 1)
        }
        unsafe extern "C" fn next_half_bits(_n_calls: *mut c_void) -> u32 {
            0
        }
        unsafe extern "C" fn next_double(n_calls: *mut c_void) -> f64 {
            // SAFETY: the state below.
            unsafe { *n_calls.cast::<u32>() += 1 };
            0.5
        }
        let mut n_calls = 0u32;
        let mut source = BitGenerator {
            state: (&raw mut n_calls).cast(),
            next_uint64: next_bits::<S>,
            next_uint32: next_half_bits,
            next_double,
            next_raw: next_bits::<S>,
        };
        // SAFETY: promised by the caller; the source is alive.
        let number = unsafe { self.finish(&mut source, random) };
        (number, n_calls == 0)
    }

    /// # Safety
    /// The generator is alive, and no other thread draws from it meanwhile.
    #[inline]
    pub unsafe fn draw(&self, source: *mut BitGenerator) -> f64 {
        // SAFETY: promised by the caller.
        unsafe {
            let random = BitGenerator::uint64(source);
            match self.number(random) {
                Some(number) => number,
                None => self.finish(source, random),
            }
        }
    }

    #[inline]
    fn number(&self, random: u64) -> Option<f64> {
        let layer = &self.layers[(random >> S::LAYER_SHIFT) as usize % N_LAYERS];
        let place = random >> S::PLACE_SHIFT & ((1 << S::PLACE_BITS) - 1);
        // A signed integer is converted in one instruction.
        let number = place as i64 as f64 * layer.width;
        (place < layer.limit).then(|| f64::from_bits(number.to_bits() ^ S::sign(random)))
    }

    /// Calls the function, which draws these bits first.
    #[cold]
    unsafe fn finish(&self, source: *mut BitGenerator, random: u64) -> f64 {
        let mut replay = Replay { first: Some(random), source };
        let mut source = BitGenerator {
            state: (&raw mut replay).cast(),
            next_uint64: Replay::uint64,
            next_uint32: Replay::uint32,
            next_double: Replay::double,
            next_raw: Replay::raw,
        };
        // SAFETY: the function is NumPy's; the source is alive.
        unsafe { (self.function)(&mut source) }
    }
}

/// Bits that choose this place.
fn bits<S: Shape>(layer: usize, place: u64) -> u64 {
    (layer as u64) << S::LAYER_SHIFT | place << S::PLACE_SHIFT
}

/// A source whose first bits are given.
struct Replay {
    first: Option<u64>,
    source: *mut BitGenerator,
}

impl Replay {
    unsafe extern "C" fn uint64(state: *mut c_void) -> u64 {
        // SAFETY: the state is a replay of a source that is alive.
        unsafe {
            let replay = &mut *state.cast::<Replay>();
            replay.first.take().unwrap_or_else(|| BitGenerator::uint64(replay.source))
        }
    }

    unsafe extern "C" fn uint32(state: *mut c_void) -> u32 {
        // SAFETY: as above.
        unsafe { BitGenerator::uint32((*state.cast::<Replay>()).source) }
    }

    unsafe extern "C" fn double(state: *mut c_void) -> f64 {
        // SAFETY: as above.
        unsafe { BitGenerator::double((*state.cast::<Replay>()).source) }
    }

    unsafe extern "C" fn raw(state: *mut c_void) -> u64 {
        // SAFETY: as above.
        unsafe {
            let source = (*state.cast::<Replay>()).source;
            ((*source).next_raw)((*source).state)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::MersenneTwister;

    /// A function of the shape of NumPy's: layers of widths and limits of its own, and doubles where these are exceeded.
    unsafe extern "C" fn layered(source: *mut BitGenerator) -> f64 {
        // SAFETY: the source is alive.
        unsafe {
            loop {
                let random = BitGenerator::uint64(source);
                let (layer, place) = (random & 255, random >> 9 & ((1 << 52) - 1));
                let number = place as f64 * (1.0 + layer as f64 / 7.0) / 2f64.powi(52);
                let number = if random >> 8 & 1 == 1 { -number } else { number };
                if place < layer * (1 << 44) + layer || BitGenerator::double(source) > number.abs() / 100.0 {
                    return number;
                }
            }
        }
    }

    /// One that uses the bits in another way.
    unsafe extern "C" fn other(source: *mut BitGenerator) -> f64 {
        // SAFETY: the source is alive.
        unsafe { BitGenerator::uint64(source) as f64 }
    }

    #[test]
    fn draws_what_the_function_draws() {
        for (function, is_layered) in [(layered as Function, true), (other, false)] {
            // SAFETY: the functions draw from their source only.
            let ziggurat = unsafe { Ziggurat::<Normal>::of_function(function) };
            assert_eq!(ziggurat.layers.iter().any(|layer| layer.limit > 0), is_layered);
            let mut twisters = [MersenneTwister::from_seed(7), MersenneTwister::from_seed(7)];
            let mut sources = twisters.each_mut().map(|twister| BitGenerator::of_twister(twister));
            for _ in 0..20_000 {
                // SAFETY: the twisters are alive.
                let numbers = unsafe { (ziggurat.draw(&mut sources[0]), function(&mut sources[1])) };
                assert_eq!(numbers.0.to_bits(), numbers.1.to_bits());
            }
        }
    }
}

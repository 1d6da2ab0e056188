//! The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998, with the initialisation of 2002).

const N: usize = 624;
const M: usize = 397;

pub struct MersenneTwister {
    key: [u32; N],
    /// The next word of the key to give; `N` when all were given.
    position: usize,
}

impl MersenneTwister {
    pub fn from_seed(seed: u32) -> MersenneTwister {
        let mut key = [0; N];
        key[0] = seed;
        for idx in 1..N {
            let last = key[idx - 1];
            key[idx] = (last ^ (last >> 30)).wrapping_mul(1_812_433_253).wrapping_add(idx as u32);
        }
        MersenneTwister { key, position: N }
    }

    /// Seeded by several words, at least one.
    pub fn from_words(words: &[u32]) -> MersenneTwister {
        let mut twister = MersenneTwister::from_seed(19_650_218);
        let key = &mut twister.key;
        let (mut i, mut j) = (1, 0);
        let step = |key: &mut [u32; N], i: &mut usize| {
            *i += 1;
            if *i >= N {
                key[0] = key[N - 1];
                *i = 1;
            }
        };
        for _ in 0..N.max(words.len()) {
            let last = key[i - 1];
            key[i] = (key[i] ^ (last ^ (last >> 30)).wrapping_mul(1_664_525))
                .wrapping_add(words[j])
                .wrapping_add(j as u32);
            step(key, &mut i);
            j = (j + 1) % words.len();
        }
        for _ in 1..N {
            let last = key[i - 1];
            key[i] = (key[i] ^ (last ^ (last >> 30)).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            step(key, &mut i);
        }
        key[0] = 0x8000_0000;
        twister
    }

    /// Seeded by the operating system.
    pub fn from_entropy() -> MersenneTwister {
        let mut words = [0u32; 64];
        // SAFETY: the buffer has room for as many bytes; requests of up to 256 bytes are not interrupted.
        let given = unsafe { libc::getrandom(words.as_mut_ptr().cast(), size_of_val(&words), 0) };
        if given != size_of_val(&words) as isize {
            // No source of entropy: the clock, and an address, which differs between threads.
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            let now = now.map_or(0, |now| now.as_nanos());
            let address = &raw const words as u64;
            words[..4].copy_from_slice(&[
                now as u32,
                (now >> 32) as u32,
                address as u32,
                (address >> 32) as u32,
            ]);
        }
        MersenneTwister::from_words(&words)
    }

    #[cold]
    fn twist(&mut self) {
        let key = &mut self.key;
        let mix = |high: u32, low: u32| {
            let mixed = (high & 0x8000_0000) | (low & 0x7fff_ffff);
            (mixed >> 1) ^ (0x9908_b0df & (mixed & 1).wrapping_neg())
        };
        // Loops without a wrapping index, which become vector code.
        for idx in 0..N - M {
            key[idx] = key[idx + M] ^ mix(key[idx], key[idx + 1]);
        }
        for idx in N - M..N - 1 {
            key[idx] = key[idx + M - N] ^ mix(key[idx], key[idx + 1]);
        }
        key[N - 1] = key[M - 1] ^ mix(key[N - 1], key[0]);
        self.position = 0;
    }

    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        if self.position >= N {
            self.twist();
        }
        let mut word = self.key[self.position];
        self.position += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let high = u64::from(self.next_u32());
        high << 32 | u64::from(self.next_u32())
    }

    /// A float of 53 random bits in [0, 1).
    #[inline]
    pub fn next_f64(&mut self) -> f64 {
        let (high, low) = (self.next_u32() >> 5, self.next_u32() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers that the authors' program prints (`mt19937ar.out`).
    #[test]
    fn the_published_sequence() {
        let mut twister = MersenneTwister::from_words(&[0x123, 0x234, 0x345, 0x456]);
        let numbers: Vec<u32> = (0..5).map(|_| twister.next_u32()).collect();
        assert_eq!(numbers, [1067595299, 955945823, 477289528, 4107218783, 4228976476]);
        let last = (5..1000).map(|_| twister.next_u32()).last();
        assert_eq!(last, Some(3460025646));
    }
}

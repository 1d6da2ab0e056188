//! The streams of a thread: one for `np.random`, one for Python's `random`, each seeded by the operating system at its
//! first use unless the program seeds it.

use super::{BitGenerator, MersenneTwister};

/// In the thread's context.
#[derive(Default)]
pub struct Streams {
    numpy: Option<Box<NumPyStream>>,
    python: Option<Box<PythonStream>>,
}

/// What `np.random` draws from: the state of a `RandomState`.
pub struct NumPyStream {
    pub twister: MersenneTwister,
    /// The twister as NumPy's functions see it.
    bits: BitGenerator,
    /// Normal numbers are made in pairs.
    pub gauss: Option<f64>,
}

/// What Python's `random` draws from: the state of a `random.Random`.
pub struct PythonStream {
    pub twister: MersenneTwister,
    pub gauss: Option<f64>,
}

impl Streams {
    pub const NONE: Streams = Streams { numpy: None, python: None };

    #[inline]
    pub fn numpy(&mut self) -> &mut NumPyStream {
        if self.numpy.is_none() {
            self.seed_numpy(MersenneTwister::from_entropy());
        }
        self.numpy.as_mut().expect("it was just seeded")
    }

    #[cold]
    pub fn seed_numpy(&mut self, twister: MersenneTwister) {
        let bits = BitGenerator::of_twister(std::ptr::null_mut());
        let stream = self.numpy.insert(Box::new(NumPyStream { twister, bits, gauss: None }));
        stream.bits.state = (&raw mut stream.twister).cast();
    }

    #[inline]
    pub fn python(&mut self) -> &mut PythonStream {
        if self.python.is_none() {
            self.seed_python(MersenneTwister::from_entropy());
        }
        self.python.as_mut().expect("it was just seeded")
    }

    #[cold]
    pub fn seed_python(&mut self, twister: MersenneTwister) {
        self.python = Some(Box::new(PythonStream { twister, gauss: None }));
    }
}

impl NumPyStream {
    pub fn bits(&mut self) -> *mut BitGenerator {
        &raw mut self.bits
    }
}

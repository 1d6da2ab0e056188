//! Where random bits come from: the streams of each thread, NumPy's bit generators, and the functions that NumPy exports.
//!
//! What is drawn with them are kernels: `kernels::random`.

pub mod bit_generator;
mod mersenne_twister;
pub mod numpy;
pub mod streams;
mod ziggurat;

pub use bit_generator::BitGenerator;
pub use mersenne_twister::MersenneTwister;
pub use streams::{NumPyStream, PythonStream, Streams};

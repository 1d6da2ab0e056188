//! What is small and hot enough to be inlined into compiled code.
//!
//! The build script of `rumba_llvm` compiles this folder once more, on its own, to LLVM bitcode. So nothing outside it is
//! used, nothing can panic, and nothing keeps state.

pub mod elementary;
pub mod tables;

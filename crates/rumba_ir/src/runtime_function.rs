//! How compiled code calls a function of the runtime.

/// A C function of `rumba_runtime` (or one compiled from it to bitcode).
///
/// # Calling convention
/// Parameters: the execution context if `takes_context`; then every argument as its machine scalars
/// (bool as a byte, integers in their width, floats, pointers). A result of at most one scalar is
/// returned directly unless the function can raise; otherwise the last parameter points to one 8-byte
/// slot per scalar of the result, which the function fills when it succeeds. A function that can raise
/// returns an `i32`: 0, or 1 with an exception pending in the context.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RuntimeFunction {
    pub symbol: &'static str,
    pub takes_context: bool,
    pub can_raise: bool,
    /// Reads and writes no memory and always returns: calls may be moved, merged and vectorised.
    pub is_pure: bool,
}

impl RuntimeFunction {
    /// A function of its arguments alone.
    pub const fn pure(symbol: &'static str) -> RuntimeFunction {
        RuntimeFunction { symbol, takes_context: false, can_raise: false, is_pure: true }
    }

    /// A function with effects that can raise.
    pub const fn raising(symbol: &'static str) -> RuntimeFunction {
        RuntimeFunction { symbol, takes_context: true, can_raise: true, is_pure: false }
    }
}

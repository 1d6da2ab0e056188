//! What can go wrong behind the IR: all of it our own bug or a limit of the machine, never the user's mistake.

use std::fmt;

/// Why no code came out. The texts are LLVM's or the operating system's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// LLVM text does not parse.
    Parse(String),
    /// A module breaks LLVM's rules.
    Invalid(String),
    /// LLVM refused the module while optimising, linking or generating code.
    Backend(String),
    /// LLVM gave up with a fatal error. The thread's target machine has been replaced.
    Fatal(String),
    /// Object code that this loader does not understand, or a damaged one.
    Object(String),
    /// Loaded code refers to a symbol that nobody defines.
    UndefinedSymbol(String),
    /// The operating system gave no memory for code.
    Memory(String),
}

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Parse(text) => write!(f, "LLVM text does not parse: {text}"),
            Error::Invalid(text) => write!(f, "the LLVM module is invalid: {text}"),
            Error::Backend(text) => write!(f, "LLVM refused the module: {text}"),
            Error::Fatal(text) => write!(f, "LLVM failed: {text}"),
            Error::Object(text) => write!(f, "object code cannot be loaded: {text}"),
            Error::UndefinedSymbol(name) => {
                write!(f, "compiled code refers to the undefined symbol `{name}`")
            }
            Error::Memory(text) => write!(f, "no memory for compiled code: {text}"),
        }
    }
}

impl std::error::Error for Error {}

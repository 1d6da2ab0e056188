//! What the embedding (the Python extension) does for compiled code.

use crate::characters::{BLOCK, Character};
use crate::context::{ExecutionContext, Raised, SiteToken};
use std::ffi::CStr;
use std::sync::OnceLock;

/// Callbacks into the interpreter. Each takes the interpreter lock itself if it needs it, and returns
/// whether all went well; otherwise it has made an exception pending in the context.
pub struct Host {
    /// The execution context of this thread.
    pub context: fn() -> *mut ExecutionContext,
    /// Runs pending signal handlers.
    pub check_signals: fn(&mut ExecutionContext) -> bool,
    /// Does what the site says (printing) with its operands.
    pub call: fn(&mut ExecutionContext, SiteToken, *const u64) -> bool,
    /// Takes a reference to an object that the caller of compiled code holds.
    pub retain: fn(usize),
    /// Gives up a reference to an object that compiled code has owned.
    pub release: fn(usize),
    /// Gives up the references that the operands of a site hold.
    pub release_operands: fn(SiteToken, &[u64]),
    /// Takes the exception that the host keeps for compiled code over: an object, with a reference.
    pub take_exception: fn() -> usize,
    /// Whether what was raised is of the class with this id.
    pub exception_matches: fn(&Raised, u32) -> bool,
    /// What the interpreter says of the characters from this one on.
    pub characters: fn(u32, &mut [Character; BLOCK]),
    /// The interpreter's hash of bytes, of which there is one at least, in its raw form: -1 is not yet replaced.
    pub hash_bytes: fn(&[u8]) -> i64,
    /// Makes the interpreter raise what it raises for text that an encoding does not have, or for bytes that are none.
    pub raise_codec_error: fn(Coded<'_>, &'static str),
    /// The addresses of functions that NumPy's module of random distributions exports; 0 for those that it does not.
    pub numpy_random_functions: fn(&[&CStr]) -> Vec<usize>,
    /// Makes a random generator of NumPy.
    pub new_random: fn(&mut ExecutionContext, NewRandom<'_>) -> Option<RandomObject>,
}

/// What is encoded or decoded.
pub enum Coded<'a> {
    /// Code points.
    Text(&'a [u32]),
    Bytes(&'a [u8]),
}

/// How a random generator is made.
pub enum NewRandom<'a> {
    /// `np.random.<class>(seed)`.
    Seeded { class: &'static str, seed: Seed<'a> },
    /// `np.random.Generator(bit_generator)`.
    Of { bit_generator: usize },
    /// `generator.bit_generator`.
    BitsOf { generator: usize },
    /// `generator.spawn(1)[0]`.
    Spawned { generator: usize },
}

/// What a bit generator is seeded with.
pub enum Seed<'a> {
    None,
    Int(i128),
    Ints(&'a [i64]),
}

/// An object that draws random numbers, with a reference that whoever has this owns.
pub struct RandomObject {
    /// Its `bitgen_t`.
    pub bits: usize,
    pub object: usize,
}

static HOST: OnceLock<Host> = OnceLock::new();

/// Installs the callbacks; the first call wins.
pub fn install(host: Host) {
    let _ = HOST.set(host);
}

pub(crate) fn host() -> Option<&'static Host> {
    HOST.get()
}

/// Compiled code calls the host. Returns 0, or 1 with an exception pending.
///
/// # Safety
/// `ctx` is the thread's context; `slots` points to the packed operands of the site.
pub unsafe extern "C" fn rumba_call_host(ctx: *mut ExecutionContext, token: u64, slots: *const u64) -> i32 {
    // SAFETY: promised by the caller.
    let ctx = unsafe { &mut *ctx };
    match host() {
        Some(host) => i32::from(!(host.call)(ctx, SiteToken(token), slots)),
        None => {
            ctx.raise("RuntimeError", "no interpreter to call");
            1
        }
    }
}

//! How compiled code calls a function of the runtime.

/// What a function of the runtime does besides computing its result.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Effects {
    /// Nothing: it reads and writes no memory and always returns, so calls may be moved, merged and vectorised.
    Pure,
    /// It reads and writes packed arguments and memory that it allocates; nothing that an array refers to.
    Private,
    Any,
}

/// Which of the containers that a function of the runtime is given it may change, and what they hold.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Changes {
    Nothing,
    /// That of the first argument. Others become part of it.
    First,
    All,
}

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
    pub effects: Effects,
    /// Whether it does the work of a function of NumPy's, and whatever code calls it takes little time beside it.
    pub is_kernel: bool,
    pub changes: Changes,
    /// Of a function that reduces blocks to a bool: the result that no other block changes.
    pub decided: Option<bool>,
}

/// `(extents, ndim, item size)`: the bytes that an array takes, or a negative number for [`ALLOCATE`] to raise.
pub static COUNT_BYTES: RuntimeFunction = RuntimeFunction::effect("rumba_array_bytes").private();

/// `(bytes, zeroed)`: owner and data of new memory for an array.
pub static ALLOCATE: RuntimeFunction = RuntimeFunction::raising("rumba_array_allocate").private();

/// `(target data, source data, extents + target strides + source strides, ndim, item size)`: moves elements, whatever
/// memory overlaps.
pub static COPY_ELEMENTS: RuntimeFunction =
    RuntimeFunction::effect("rumba_copy_elements").changing(Changes::First);

/// `(target, its slots, input, its slots)`: whether writing one may change what is read of the other.
pub static ARRAYS_INTERFERE: RuntimeFunction = RuntimeFunction::effect("rumba_arrays_interfere").private();

/// `(state, spec, slots of the spec)`: begins a walk over several arrays; the length of the first block.
pub static BLOCKS_BEGIN: RuntimeFunction = RuntimeFunction::effect("rumba_blocks_begin");

/// `(state)`: the length of the next block, 0 behind the last.
pub static BLOCKS_NEXT: RuntimeFunction = RuntimeFunction::effect("rumba_blocks_next");

/// `(owner)`: the owner word under which memory keeps what this one keeps alive, for as long as it likes.
pub static KEEP: RuntimeFunction = RuntimeFunction::effect("rumba_keep").changing(Changes::Nothing);

/// `()`: the pending exception, which no longer is.
pub static CATCH: RuntimeFunction = RuntimeFunction::effect("rumba_catch").with_context();

/// `()`: the same, of an exception that was made and never raised.
pub static CATCH_MADE: RuntimeFunction = RuntimeFunction::effect("rumba_catch_made").with_context();

/// `(caught, id of a class)`: whether the exception is of the class.
pub static EXCEPTION_MATCHES: RuntimeFunction = RuntimeFunction::effect("rumba_exception_matches");

/// `(caught)`: it is pending again, as if it had never been caught.
pub static RERAISE: RuntimeFunction = RuntimeFunction::effect("rumba_reraise").with_context();

/// `(caught)`: raises it again here.
pub static RAISE_CAUGHT: RuntimeFunction = RuntimeFunction::raising("rumba_raise_caught");

/// `(raised, handled)`: one was raised while the other was handled.
pub static CHAIN_EXCEPTION: RuntimeFunction = RuntimeFunction::effect("rumba_chain_exception");

/// `(caught)`: its cause, or null.
pub static CAUSE: RuntimeFunction = RuntimeFunction::effect("rumba_cause");

/// `(raised, cause)`: `raise … from cause`, which may be null.
pub static SET_CAUSE: RuntimeFunction = RuntimeFunction::effect("rumba_set_cause");

/// `(address, arguments…)`: calls the entry function at an address with packed arguments (ABI.md). There is no such
/// function in the runtime.
pub static CALL_ENTRY: RuntimeFunction = RuntimeFunction::raising("rumba_call_entry");

/// What a function that reduces blocks of elements keeps between them.
pub const REDUCTION_STATE_BYTES: u32 = 3648;

/// How the state of a walk over arrays lies in memory: what compiled code reads of it.
pub mod walk {
    /// Where the address of the first operand's block is.
    pub const FIRST_BLOCK: i64 = 64;
    /// From there to the next operand's.
    pub const BLOCK_DISTANCE: i64 = 40;

    /// The bytes of state that a walk takes besides buffers.
    pub const fn state_bytes(n_operands: usize, ndim: usize) -> usize {
        64 + n_operands * 40 + ndim * (16 + n_operands * 8) + (n_operands + 1) * 64
    }
}

/// A function of C at this address, which compiled code calls as one of the runtime's. Calls of it with other types
/// have another `number`.
pub fn function_at(address: u64, number: usize) -> RuntimeFunction {
    RuntimeFunction::effect(Box::leak(format!("{AT}{address}_{number}").into_boxed_str()))
}

/// The address of [`function_at`] that a symbol stands for.
pub fn address_of_symbol(symbol: &str) -> Option<u64> {
    symbol.strip_prefix(AT)?.split('_').next()?.parse().ok()
}

/// What symbols of functions at addresses begin with.
const AT: &str = "rumba_at_";

impl RuntimeFunction {
    /// A function of its arguments alone.
    pub const fn pure(symbol: &'static str) -> RuntimeFunction {
        RuntimeFunction {
            symbol,
            takes_context: false,
            can_raise: false,
            effects: Effects::Pure,
            is_kernel: false,
            changes: Changes::Nothing,
            decided: None,
        }
    }

    /// A function with effects that does not raise.
    pub const fn effect(symbol: &'static str) -> RuntimeFunction {
        RuntimeFunction { effects: Effects::Any, changes: Changes::All, ..RuntimeFunction::pure(symbol) }
    }

    /// A function with effects that can raise.
    pub const fn raising(symbol: &'static str) -> RuntimeFunction {
        RuntimeFunction { takes_context: true, can_raise: true, ..RuntimeFunction::effect(symbol) }
    }

    /// A kernel over whole arrays, which changes no containers.
    pub const fn kernel(symbol: &'static str) -> RuntimeFunction {
        RuntimeFunction { is_kernel: true, changes: Changes::Nothing, ..RuntimeFunction::raising(symbol) }
    }

    /// The same, given the execution context of the thread.
    pub const fn with_context(self) -> RuntimeFunction {
        RuntimeFunction { takes_context: true, ..self }
    }

    /// The same, whose result is final once it is this one.
    pub const fn decided_by(self, result: bool) -> RuntimeFunction {
        RuntimeFunction { decided: Some(result), ..self }
    }

    pub const fn private(self) -> RuntimeFunction {
        RuntimeFunction { effects: Effects::Private, changes: Changes::Nothing, ..self }
    }

    /// The same, which changes no more containers than these.
    pub const fn changing(self, changes: Changes) -> RuntimeFunction {
        RuntimeFunction { changes, ..self }
    }

    pub fn is_pure(self) -> bool {
        self.effects == Effects::Pure
    }
}

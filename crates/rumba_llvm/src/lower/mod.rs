//! Lowers typed SSA to an LLVM module.
//!
//! `rumba_ir/ABI.md` says how generated code calls and is called; this module emits it. Every value is flattened to
//! its machine scalars, each an LLVM value of its own: nothing composite lives in memory, and block parameters become
//! one phi per scalar. What can raise ends in cold blocks at the end of its function.
//!
//! The IR has been verified: whatever does not fit here is a bug of an earlier stage, and panics with what was
//! expected. Python's semantics are in the IR's operations already; here stands only what LLVM defines otherwise
//! (division overflow, shift counts, conversions that do not fit).

mod arithmetic;
mod emitter;
mod entry;
mod function;
mod instruction;
mod memory;
mod raise;

use rumba_ir::{Function, InstanceId, Op};
use rumba_runtime::context::SiteToken;
use rumba_types::Type;
use rustc_hash::FxHashMap;

use crate::error::Result;
use crate::module::Module;
use emitter::Emitter;

/// LLVM's fast-math flags, by the names that users give them.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct FastMath(u32);

impl FastMath {
    /// Strict IEEE arithmetic.
    pub const NONE: FastMath = FastMath(0);

    /// The flag of this name, or all for `fast`; none for a name that LLVM does not know.
    pub fn by_name(name: &str) -> Option<FastMath> {
        use llvm_sys as llvm;
        let flags = match name {
            "fast" => llvm::LLVMFastMathAll,
            "nnan" => llvm::LLVMFastMathNoNaNs,
            "ninf" => llvm::LLVMFastMathNoInfs,
            "nsz" => llvm::LLVMFastMathNoSignedZeros,
            "arcp" => llvm::LLVMFastMathAllowReciprocal,
            "contract" => llvm::LLVMFastMathAllowContract,
            "afn" => llvm::LLVMFastMathApproxFunc,
            "reassoc" => llvm::LLVMFastMathAllowReassoc,
            _ => return None,
        };
        Some(FastMath(flags))
    }

    /// The flags of both.
    pub fn with(self, other: FastMath) -> FastMath {
        FastMath(self.0 | other.0)
    }
}

/// One function of a batch.
#[derive(Clone, Copy)]
pub struct Instance<'a> {
    pub function: &'a Function,
    /// Whether the host calls it: it then gets an entry function.
    pub is_entry: bool,
    /// Whether C code calls it.
    pub c_hooks: Option<CHooks>,
    pub fast_math: FastMath,
}

/// The functions of the embedding that a function calls which is called by C code: addresses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CHooks {
    /// `fn() -> *mut ExecutionContext`: that of the thread.
    pub enter: u64,
    /// `fn(ctx: *mut ExecutionContext, function: u64)`: reports the exception that is pending.
    pub failed: u64,
    /// What `failed` is told.
    pub function: u64,
}

/// What a caller must know of a function.
#[derive(Clone, PartialEq, Debug)]
pub struct Signature {
    pub params: Vec<Type>,
    pub result: Type,
    pub can_raise: bool,
}

impl Signature {
    /// The signature of a function of this batch or, remembered, of an earlier one.
    pub fn of(function: &Function) -> Signature {
        Signature { params: function.param_types(), result: function.result, can_raise: function.can_raise }
    }
}

/// The symbol of an instance's internal function.
pub fn internal_symbol(id: InstanceId) -> String {
    format!("rumba_i{}", id.0)
}

/// The symbol of an instance's entry function.
pub fn entry_symbol(id: InstanceId) -> String {
    format!("rumba_e{}", id.0)
}

/// The symbol of the function of an instance that C code calls.
pub fn c_symbol(id: InstanceId) -> String {
    format!("rumba_c{}", id.0)
}

/// The symbol whose address is the first site token of an instance. The loader knows its value
/// ([`token_value`]) unless the driver gives it another: code from the disk cache belongs to an instance of another id.
pub fn token_symbol(id: InstanceId) -> String {
    format!("rumba_t{}", id.0)
}

/// What a symbol of [`token_symbol`] stands for; none for other symbols.
pub fn token_value(symbol: &str) -> Option<u64> {
    let instance = symbol.strip_prefix("rumba_t")?.parse().ok()?;
    Some(SiteToken::new(instance, 0).0)
}

/// Lowers a batch. `earlier` gives the signatures of instances outside of the batch that it calls.
pub fn lower(
    name: &str,
    batch: &[Instance<'_>],
    earlier: &dyn Fn(InstanceId) -> Option<Signature>,
) -> Result<Module> {
    let module = Module::new(name, false)?;
    let mut emitter = Emitter::new(&module);
    let mut callees = Callees { known: FxHashMap::default(), earlier };
    for instance in batch {
        let signature = Signature::of(instance.function);
        let callee = emitter.declare_internal(instance.function.id, &signature);
        callees.known.insert(instance.function.id, callee);
    }
    if batch.iter().any(|instance| has_fields(instance.function)) {
        emitter.tell_fields_apart();
    }
    for instance in batch {
        emitter.set_fast_math(instance.fast_math);
        let callee = callees.get(&mut emitter, instance.function.id);
        function::lower_function(&mut emitter, &mut callees, instance.function, &callee);
        if instance.is_entry {
            entry::lower_entry(&mut emitter, instance.function, &callee);
        }
        if let Some(hooks) = &instance.c_hooks {
            entry::lower_c_function(&mut emitter, instance.function, &callee, hooks);
        }
    }
    drop(emitter);
    Ok(module)
}

/// Whether a function reads or writes fields of instances.
fn has_fields(function: &Function) -> bool {
    let is_field = |op: &Op| matches!(op, Op::Load { access, .. } | Op::Store { access, .. } if access.field);
    function.blocks.iter().flat_map(|block| &block.instructions).any(|instruction| is_field(&instruction.op))
}

/// A function that can be called, with its LLVM declaration.
#[derive(Clone)]
struct Callee {
    declaration: emitter::Declaration,
    can_raise: bool,
}

/// The instances that the batch defines or calls.
struct Callees<'a> {
    known: FxHashMap<InstanceId, Callee>,
    earlier: &'a dyn Fn(InstanceId) -> Option<Signature>,
}

impl Callees<'_> {
    fn get(&mut self, emitter: &mut Emitter<'_>, id: InstanceId) -> Callee {
        if let Some(callee) = self.known.get(&id) {
            return callee.clone();
        }
        let signature =
            (self.earlier)(id).unwrap_or_else(|| panic!("{id} is called but nobody has compiled it"));
        let callee = emitter.declare_internal(id, &signature);
        self.known.insert(id, callee.clone());
        callee
    }
}

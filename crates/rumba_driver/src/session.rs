//! The stages of one compilation, in order, and what the process has compiled.

use crate::sites;
use rumba_infer::{CodeTable, Environment, Inferred, InstanceKey, KnownInstance, infer};
use rumba_ir::runtime_function::CALL_ENTRY;
use rumba_ir::{Function, InstanceId, Op};
use rumba_llvm::lower::{
    CHooks, FastMath, Instance, Signature, c_symbol, entry_symbol, internal_symbol, lower,
};
use rumba_llvm::{Level, LoadedObject};
use rumba_opt::changed_containers::{self, ContainerUse};
use rumba_opt::{BatchContext, CalleeInfo};
use rumba_runtime::context::ExecutionContext;
use rumba_source::Diagnostic;
use rumba_types::{ObjectId, Type, TypeKind};
use rustc_hash::FxHashMap;
use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// See `rumba_ir/ABI.md`: packed arguments in, packed results out, a status.
pub type Entry = unsafe extern "C" fn(ctx: *mut ExecutionContext, args: *const u64, results: *mut u64) -> i32;

/// Compiled code of one instance. Code stays loaded as long as the process lives.
pub struct Compiled {
    pub instance: InstanceId,
    pub entry: Entry,
    /// The address of what C code calls, if that was asked for.
    pub c_function: Option<usize>,
    /// One per parameter of the function.
    pub params: Vec<Type>,
    pub result: Type,
    /// Call `rumba_runtime::interrupt::arm` before entering.
    pub polls: bool,
    containers: ContainerUse,
    /// Of a function that gives a generator: whether going on with it may change a container that was given.
    pub generator_changes: bool,
    /// Containers of the interpreter that the code reads, here and in what it calls.
    pub constants: Vec<(Type, u64)>,
    /// What it was compiled with.
    pub short_extents: Vec<usize>,
    /// Seconds per stage, in order.
    pub timings: Vec<(&'static str, f64)>,
}

impl Compiled {
    /// Whether the code may change a container that is a parameter, or what it holds.
    pub fn changes(&self, param: usize) -> bool {
        self.containers.changed & changed_containers::bit_of(param) != 0
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Request {
    pub function: ObjectId,
    /// One type per parameter; `*args` is a tuple type.
    pub params: Vec<Type>,
    /// From an eager signature: the declared result type.
    pub result: Option<Type>,
    /// For a function that C code calls, whose parameters and result are machine scalars.
    pub c_hooks: Option<CHooks>,
}

/// What later batches need of an instance.
struct LoadedInstance {
    signature: Signature,
    polls: bool,
    containers: ContainerUse,
    /// Of its batch.
    constants: Arc<[(Type, u64)]>,
    address: usize,
}

#[derive(Default)]
pub(crate) struct Session {
    codes: CodeTable,
    known: FxHashMap<InstanceKey, KnownInstance>,
    loaded: FxHashMap<InstanceId, LoadedInstance>,
    compiled: FxHashMap<Request, Arc<Compiled>>,
    objects: Vec<LoadedObject>,
    n_instances: u32,
}

static SESSION: Mutex<Option<Session>> = Mutex::new(None);

/// Runs `body` on the process's session. A panic in an earlier compilation left it usable: a batch is
/// registered only when it is complete.
pub(crate) fn with_session<T>(body: impl FnOnce(&mut Session) -> T) -> T {
    let mut guard = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
    body(guard.get_or_insert_default())
}

/// Compiles one instance and every instance that it calls and that is not compiled yet. Loops over axes of
/// `short_extents` get versions of their own: the code does the same without, but slower.
///
/// # Panics
/// On a bug of ours: the embedding reports it as an internal error.
pub fn compile(
    environment: &dyn Environment,
    request: &Request,
    short_extents: &[usize],
) -> Result<Arc<Compiled>, Vec<Diagnostic>> {
    with_session(|session| session.compile(environment, request, short_extents))
}

/// The positions of the parameters of a function that are to be constants, as far as attempts to compile it have found out.
pub fn literal_params(function: ObjectId) -> Vec<usize> {
    with_session(|session| session.codes.literal_params(function))
}

/// A batch on its way through the stages.
pub(crate) struct Batch {
    pub root: InstanceId,
    c_hooks: Option<CHooks>,
    keys: Vec<(InstanceKey, InstanceId, FastMath)>,
    pub functions: Vec<Function>,
    containers: FxHashMap<InstanceId, ContainerUse>,
    constants: Arc<[(Type, u64)]>,
    /// How hard LLVM works on it.
    pub level: Level,
    pub timings: Vec<(&'static str, f64)>,
}

impl Session {
    fn compile(
        &mut self,
        env: &dyn Environment,
        request: &Request,
        short_extents: &[usize],
    ) -> Result<Arc<Compiled>, Vec<Diagnostic>> {
        if let Some(compiled) = self.compiled.get(request) {
            return Ok(compiled.clone());
        }
        let mut batch = self.infer(env, request)?;
        self.optimise(&mut batch, short_extents);
        let module = self.lower(&batch);
        let (object, times) =
            rumba_llvm::compile(module, batch.level).unwrap_or_else(|error| internal("LLVM", error));
        let llvm = [("llvm link", times.link), ("llvm passes", times.optimize), ("llvm code", times.emit)];
        batch.timings.extend(llvm.map(|(name, time)| (name, time.as_secs_f64())));
        Ok(self.load(request, short_extents, batch, &object.0))
    }

    /// Source to typed SSA.
    pub(crate) fn infer(
        &mut self,
        env: &dyn Environment,
        request: &Request,
    ) -> Result<Batch, Vec<Diagnostic>> {
        let start = Instant::now();
        let Session { codes, known, n_instances, .. } = self;
        let mut new_id = || {
            *n_instances += 1;
            InstanceId(*n_instances)
        };
        let lookup = |key: &InstanceKey| known.get(key).copied();
        let Inferred { root, functions } =
            infer(env, codes, &lookup, &mut new_id, request.function, &request.params, request.result)?;
        let c_hooks = request.c_hooks;
        let mut batch = Batch {
            root,
            c_hooks,
            keys: Vec::new(),
            functions: Vec::new(),
            containers: FxHashMap::default(),
            constants: Arc::new([]),
            level: Level::default(),
            timings: Vec::new(),
        };
        for (key, function) in functions {
            let fast_math = codes
                .options(key.code)
                .fastmath
                .iter()
                .filter_map(|name| FastMath::by_name(name))
                .fold(FastMath::NONE, FastMath::with);
            batch.keys.push((key, function.id, fast_math));
            batch.functions.push(function);
        }
        batch.timings.push(("inference", start.elapsed().as_secs_f64()));
        Ok(batch)
    }

    /// Our own passes over typed SSA.
    pub(crate) fn optimise(&self, batch: &mut Batch, short_extents: &[usize]) {
        batch.containers = changed_containers::find(&batch.functions, &|id| {
            self.loaded.get(&id).map(|known| known.containers)
        });
        batch.constants = self.constants(&batch.functions);
        let callee_info = |id: InstanceId| {
            self.loaded.get(&id).map(|loaded| CalleeInfo { can_raise: loaded.signature.can_raise })
        };
        let keys = &batch.keys;
        let may_inline = |caller, callee| fast_math(keys, caller) == fast_math(keys, callee);
        let context = BatchContext {
            entries: &[batch.root],
            short_extents,
            callee_info: &callee_info,
            may_inline: &may_inline,
        };
        let timings = rumba_opt::optimise(&mut batch.functions, &context);
        if rumba_opt::is_glue(&batch.functions) {
            batch.level = Level::Glue;
        }
        batch.timings.extend(timings);
    }

    /// The containers that functions and what they call read as constants, each once.
    fn constants(&self, functions: &[Function]) -> Arc<[(Type, u64)]> {
        let mut constants = changed_containers::constants(functions);
        for instruction in
            functions.iter().flat_map(|function| &function.blocks).flat_map(|b| &b.instructions)
        {
            if let Op::Call { callee, .. } = instruction.op
                && let Some(known) = self.loaded.get(&callee)
            {
                constants.extend(known.constants.iter());
            }
        }
        constants.sort_unstable_by_key(|(_, address)| *address);
        constants.dedup_by_key(|(_, address)| *address);
        constants.into()
    }

    /// What the code for a request was compiled with.
    pub(crate) fn short_extents(&self, request: &Request) -> &[usize] {
        self.compiled.get(request).map_or(&[], |compiled| &compiled.short_extents)
    }

    pub(crate) fn lower(&self, batch: &Batch) -> rumba_llvm::Module {
        // The runtime calls some.
        let instructions = batch.functions.iter().flat_map(|f| &f.blocks).flat_map(|b| &b.instructions);
        let is_called_by_runtime = |instruction: &rumba_ir::Instruction| match instruction.op {
            Op::EntryAddress(id) => Some(id),
            _ => None,
        };
        let mut entries: Vec<InstanceId> = instructions.filter_map(is_called_by_runtime).collect();
        entries.push(batch.root);
        let instances: Vec<Instance<'_>> = batch
            .functions
            .iter()
            .map(|function| Instance {
                function,
                is_entry: entries.contains(&function.id),
                c_hooks: batch.c_hooks.filter(|_| function.id == batch.root),
                fast_math: fast_math(&batch.keys, function.id),
            })
            .collect();
        let earlier = |id: InstanceId| self.loaded.get(&id).map(|loaded| loaded.signature.clone());
        lower("rumba", &instances, &earlier).unwrap_or_else(|error| internal("lowering", error))
    }

    /// Loads the object and registers what it holds.
    fn load(
        &mut self,
        request: &Request,
        short_extents: &[usize],
        mut batch: Batch,
        object: &[u8],
    ) -> Arc<Compiled> {
        let start = Instant::now();
        let resolve = |name: &str| {
            if let Some(address) = rumba_ir::runtime_function::address_of_symbol(name) {
                return Some(address as *const c_void);
            }
            let instance = name.strip_prefix("rumba_i").and_then(|id| id.parse().ok()).map(InstanceId);
            let loaded = instance.and_then(|id| self.loaded.get(&id)).map(|loaded| loaded.address);
            loaded.or_else(|| rumba_runtime::symbol_address(name)).map(|address| address as *const c_void)
        };
        let loaded = LoadedObject::load(object, &resolve).unwrap_or_else(|error| internal("loading", error));
        let entry =
            loaded.address(&entry_symbol(batch.root)).unwrap_or_else(|| internal("loading", "no entry"));
        // SAFETY: the symbol is the entry function of the root, lowered with this signature (ABI.md), and
        // the object is never unloaded.
        let entry: Entry = unsafe { std::mem::transmute(entry.as_ptr()) };
        let root = batch.functions.iter().find(|function| function.id == batch.root);
        let root = root.unwrap_or_else(|| internal("passes", "the root was dropped"));
        let calls_polling = |function: &Function| {
            function.blocks.iter().flat_map(|block| &block.instructions).any(|instruction| match &instruction
                .op
            {
                Op::Poll | Op::CheckStack => true,
                Op::CallRuntime { function, .. } => function.symbol == CALL_ENTRY.symbol,
                Op::Call { callee, .. } => self.loaded.get(callee).is_some_and(|loaded| loaded.polls),
                _ => false,
            })
        };
        let polls = batch.functions.iter().any(calls_polling);
        // In a loop of a caller better code pays.
        let is_for_callers = batch.level != Level::Glue;
        batch.timings.push(("load", start.elapsed().as_secs_f64()));
        let compiled = Arc::new(Compiled {
            instance: batch.root,
            entry,
            c_function: loaded.address(&c_symbol(batch.root)).map(|address| address.as_ptr() as usize),
            // Wider than what was asked for where arguments hold nothing yet.
            params: root.params().iter().map(|param| root.ty(*param)).collect(),
            result: root.result,
            polls,
            generator_changes: match root.result.kind() {
                TypeKind::GeneratorIterator(generator) => {
                    let resume = InstanceId(generator.resume);
                    let known = batch.containers.get(&resume).copied();
                    let known = known.or_else(|| self.loaded.get(&resume).map(|loaded| loaded.containers));
                    known.is_none_or(|resume| resume.changed != 0)
                }
                _ => false,
            },
            containers: batch.containers.get(&batch.root).copied().unwrap_or(ContainerUse::ANY),
            constants: batch.constants.to_vec(),
            short_extents: short_extents.to_vec(),
            timings: batch.timings,
        });
        for function in batch.functions {
            sites::register(function.id, function.sites.clone());
            let Some(address) = loaded.address(&internal_symbol(function.id)) else { continue };
            let signature = Signature::of(&function);
            if let Some((key, ..)) = batch.keys.iter().find(|(_, id, _)| *id == function.id)
                && is_for_callers
            {
                self.known.insert(key.clone(), KnownInstance { id: function.id, result: function.result });
            }
            let containers = batch.containers.get(&function.id).copied().unwrap_or(ContainerUse::ANY);
            let (constants, address) = (batch.constants.clone(), address.as_ptr() as usize);
            self.loaded
                .insert(function.id, LoadedInstance { signature, polls, containers, constants, address });
        }
        self.objects.push(loaded);
        self.compiled.insert(request.clone(), compiled.clone());
        compiled
    }
}

/// The flags of an instance of the batch.
fn fast_math(keys: &[(InstanceKey, InstanceId, FastMath)], instance: InstanceId) -> FastMath {
    keys.iter().find(|(_, id, _)| *id == instance).map(|(_, _, flags)| *flags).unwrap_or_default()
}

/// A stage behind inference failed: a bug of ours.
pub(crate) fn internal(stage: &str, error: impl std::fmt::Display) -> ! {
    panic!("{stage}: {error}")
}

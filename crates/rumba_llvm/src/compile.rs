//! From a module to object code, stage by stage.

use std::ffi::c_void;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::loader::LoadedObject;
use crate::module::Module;
use crate::passes::Level;

/// Relocatable machine code of a module: what the loader takes and the disk cache stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectCode(pub Vec<u8>);

/// How long each stage took.
#[derive(Clone, Copy, Debug, Default)]
pub struct StageTimes {
    pub link: Duration,
    pub verify: Duration,
    pub optimize: Duration,
    pub emit: Duration,
}

impl StageTimes {
    /// All stages together.
    pub fn total(&self) -> Duration {
        self.link + self.verify + self.optimize + self.emit
    }
}

/// Compiles a module.
pub fn compile(module: Module, level: Level) -> Result<(ObjectCode, StageTimes)> {
    let mut times = StageTimes::default();
    let module = prepare(module, level, &mut times)?;
    let start = Instant::now();
    let object = ObjectCode(module.emit_object(level)?);
    times.emit = start.elapsed();
    Ok((object, times))
}

/// The optimised module in LLVM's text form, for `inspect_llvm`.
pub fn optimized_text(module: Module, level: Level) -> Result<String> {
    Ok(prepare(module, level, &mut StageTimes::default())?.to_text())
}

/// The machine code as assembly text, for `inspect_asm`.
pub fn assembly_text(module: Module, level: Level) -> Result<String> {
    prepare(module, level, &mut StageTimes::default())?.emit_assembly(level)
}

/// Every stage before code generation.
fn prepare(mut module: Module, level: Level, times: &mut StageTimes) -> Result<Module> {
    let mut stage = |time: &mut Duration, body: &mut dyn FnMut(&mut Module) -> Result<()>| {
        let start = Instant::now();
        let result = body(&mut module);
        *time = start.elapsed();
        result
    };
    if cfg!(debug_assertions) {
        stage(&mut times.verify, &mut |module| module.verify())?;
    }
    stage(&mut times.link, &mut |module| module.link_hot_functions())?;
    stage(&mut times.optimize, &mut |module| module.optimize(level))?;
    Ok(module)
}

/// Compiles LLVM text and loads it, for tests. The text is verified in all builds.
pub fn compile_text(
    text: &str,
    level: Level,
    resolve: &dyn Fn(&str) -> Option<*const c_void>,
) -> Result<LoadedObject> {
    let module = Module::parse(text)?;
    module.verify()?;
    let (object, _) = compile(module, level)?;
    LoadedObject::load(&object.0, resolve)
}

/// Compiles a small loop and throws it away: the first compilation of a process spends milliseconds on LLVM's own
/// initialisation. Meant for a background thread at import; errors show up again when they matter.
///
/// The thread's own target machine dies with it; what stays warm is the process: LLVM's registries, relocated and
/// paged-in code, the memory allocator.
pub fn warm_up() {
    for level in [Level::Lite, Level::Glue] {
        let _ = Module::parse(include_str!("warm_up.ll")).and_then(|module| compile(module, level));
    }
}

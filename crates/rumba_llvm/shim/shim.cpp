// What Rumba needs of LLVM and LLVM's C interface lacks: pipelines and code generators that live longer than one
// module, linking only what is needed, and errors that come back instead of ending the process.
//
// Every function that may run for long or fail inside LLVM goes through `guarded`:
//
// - A fatal error inside LLVM jumps back to the guard and becomes an error message. What LLVM had allocated by then is
//   lost; the machine it happened in must not be used again, which the Rust side sees to.
// - At process exit LLVM's static objects are destroyed while threads may still be compiling. An exit handler,
//   registered after those objects came to life and therefore run before they die, waits for compilations in flight
//   and keeps new ones from starting.
//
// Messages are allocated with malloc and belong to the caller, who frees them with free.

#include "llvm-c/Core.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

#include <chrono>
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <shared_mutex>

using namespace llvm;

extern "C" {
void LLVMInitializeX86TargetInfo();
void LLVMInitializeX86Target();
void LLVMInitializeX86TargetMC();
void LLVMInitializeX86AsmPrinter();
void LLVMInitializeX86AsmParser();
}

namespace {

enum Outcome { OK = 0, FAILED = 1, FATAL = 2 };

thread_local jmp_buf *guard = nullptr;
thread_local char *fatal_message = nullptr;

void on_fatal_error(void *, const char *reason, bool) {
  if (!guard)
    return; // LLVM prints and ends the process, as it would have without us.
  fatal_message = strdup(reason ? reason : "unknown fatal error");
  longjmp(*guard, 1);
}

// Held shared by whoever is inside LLVM, and for good by the exit handler. Never destroyed.
std::shared_timed_mutex &exit_gate() {
  static auto *gate = new std::shared_timed_mutex();
  return *gate;
}

void wait_for_compilations() {
  // The limit is for the case that the process exits from inside a compilation.
  (void)exit_gate().try_lock_for(std::chrono::seconds(5));
}

char *copy_message(const std::string &text) { return strdup(text.c_str()); }

template <typename Body> int guarded(char **message, Body body) {
  std::shared_lock<std::shared_timed_mutex> inside(exit_gate());
  jmp_buf here;
  jmp_buf *volatile outer = guard;
  if (setjmp(here) == 0) {
    guard = &here;
    int outcome = body();
    guard = outer;
    return outcome;
  }
  guard = outer;
  *message = fatal_message;
  fatal_message = nullptr;
  return FATAL;
}

// A parsed pass pipeline with its analysis managers; analyses are forgotten after every module.
struct Pipeline {
  PassBuilder builder;
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager call_graph;
  ModuleAnalysisManager modules;
  ModulePassManager passes;

  static PipelineTuningOptions tuning() {
    PipelineTuningOptions options;
    options.LoopVectorization = true;
    options.SLPVectorization = true;
    options.LoopInterleaving = true;
    options.LoopUnrolling = true;
    return options;
  }

  explicit Pipeline(TargetMachine *machine) : builder(machine, tuning()) {
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(call_graph);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, call_graph, modules);
  }

  void run(Module &module) {
    passes.run(module, modules);
    loops.clear();
    functions.clear();
    call_graph.clear();
    modules.clear();
  }
};

} // namespace

// A target machine with everything that is worth keeping between modules. Belongs to one thread.
struct RumbaMachine {
  std::unique_ptr<TargetMachine> target;
  StringMap<std::unique_ptr<Pipeline>> pipelines;
  SmallVector<char, 0> output;
  raw_svector_ostream stream{output};
  std::unique_ptr<legacy::PassManager> emitter; // Writes object code to `stream`.
};

extern "C" {

// Initialises the targets and parses LLVM's command line options. Once per process.
void rumba_llvm_initialize(int n_arguments, const char *const *arguments) {
  exit_gate();
  install_fatal_error_handler(on_fatal_error);
  install_bad_alloc_error_handler(on_fatal_error);
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeX86AsmParser();
  cl::ParseCommandLineOptions(n_arguments, arguments, "", &errs());
  std::atexit(wait_for_compilations);
}

char *rumba_llvm_host_cpu() { return copy_message(sys::getHostCPUName().str()); }

char *rumba_llvm_host_features() {
  // Sorted, so that the text can be part of a cache key.
  std::vector<std::string> names;
  for (const auto &feature : sys::getHostCPUFeatures())
    names.push_back((feature.second ? "+" : "-") + feature.first().str());
  std::sort(names.begin(), names.end(),
            [](const std::string &a, const std::string &b) { return a.substr(1) < b.substr(1); });
  std::string text;
  for (const std::string &name : names)
    text += (text.empty() ? "" : ",") + name;
  return copy_message(text);
}

int rumba_llvm_machine_create(const char *triple, const char *cpu, const char *features, RumbaMachine **result,
                              char **message) {
  return guarded(message, [&]() -> int {
    std::string error;
    Triple target_triple(triple);
    const Target *target = TargetRegistry::lookupTarget(target_triple, error);
    if (!target) {
      *message = copy_message(error);
      return FAILED;
    }
    auto machine = std::make_unique<RumbaMachine>();
    TargetOptions options;
    machine->target.reset(target->createTargetMachine(target_triple, cpu, features, options, Reloc::PIC_,
                                                      CodeModel::Small, CodeGenOptLevel::Default));
    if (!machine->target) {
      *message = copy_message("no target machine for " + std::string(triple));
      return FAILED;
    }
    *result = machine.release();
    return OK;
  });
}

void rumba_llvm_machine_dispose(RumbaMachine *machine) { delete machine; }

// Gives a module the machine's triple and data layout.
void rumba_llvm_machine_adopt(RumbaMachine *machine, LLVMModuleRef module) {
  unwrap(module)->setTargetTriple(machine->target->getTargetTriple());
  unwrap(module)->setDataLayout(machine->target->createDataLayout());
}

int rumba_llvm_parse(LLVMContextRef context, const char *text, size_t length, LLVMModuleRef *result,
                     char **message) {
  return guarded(message, [&]() -> int {
    SMDiagnostic diagnostic;
    std::unique_ptr<Module> module =
        parseAssembly(MemoryBufferRef(StringRef(text, length), "text"), diagnostic, *unwrap(context));
    if (!module) {
      std::string error;
      raw_string_ostream stream(error);
      diagnostic.print("", stream, false);
      *message = copy_message(error);
      return FAILED;
    }
    *result = wrap(module.release());
    return OK;
  });
}

int rumba_llvm_verify(LLVMModuleRef module, char **message) {
  return guarded(message, [&]() -> int {
    std::string error;
    raw_string_ostream stream(error);
    if (!verifyModule(*unwrap(module), &stream))
      return OK;
    *message = copy_message(error);
    return FAILED;
  });
}

// Links what the module refers to out of bitcode that must outlive the module, reading no other function of it.
int rumba_llvm_link_needed(LLVMModuleRef module, const char *bitcode, size_t length, char **message) {
  return guarded(message, [&]() -> int {
    Module &into = *unwrap(module);
    auto source = getLazyBitcodeModule(MemoryBufferRef(StringRef(bitcode, length), "rumba_runtime"),
                                       into.getContext());
    if (!source) {
      *message = copy_message(toString(source.takeError()));
      return FAILED;
    }
    (*source)->setTargetTriple(into.getTargetTriple());
    (*source)->setDataLayout(into.getDataLayout());
    if (Linker::linkModules(into, std::move(*source), Linker::Flags::LinkOnlyNeeded)) {
      *message = copy_message("linking the runtime's bitcode failed");
      return FAILED;
    }
    return OK;
  });
}

// Runs a pipeline. `keep` keeps the parsed pipeline for later modules; the passes must then be ones that run any
// number of times, which those around LLVM's inliner are not (they move their inner passes out as they run).
int rumba_llvm_run_passes(RumbaMachine *machine, LLVMModuleRef module, const char *pipeline_text, int keep,
                          char **message) {
  return guarded(message, [&]() -> int {
    std::unique_ptr<Pipeline> fresh;
    std::unique_ptr<Pipeline> &pipeline = keep ? machine->pipelines[pipeline_text] : fresh;
    if (!pipeline) {
      auto parsed = std::make_unique<Pipeline>(machine->target.get());
      if (Error error = parsed->builder.parsePassPipeline(parsed->passes, pipeline_text)) {
        *message = copy_message(toString(std::move(error)));
        return FAILED;
      }
      pipeline = std::move(parsed);
    }
    pipeline->run(*unwrap(module));
    return OK;
  });
}

// Generates object code; changes the module beyond use. The bytes live until the machine's next emission.
int rumba_llvm_emit_object(RumbaMachine *machine, LLVMModuleRef module, const char **data, size_t *length,
                           char **message) {
  return guarded(message, [&]() -> int {
    if (!machine->emitter) {
      // Building this list of passes takes longer than compiling a small function with it.
      auto emitter = std::make_unique<legacy::PassManager>();
      if (machine->target->addPassesToEmitFile(*emitter, machine->stream, nullptr, CodeGenFileType::ObjectFile)) {
        *message = copy_message("the target cannot write object code");
        return FAILED;
      }
      machine->emitter = std::move(emitter);
    }
    machine->output.clear();
    machine->emitter->run(*unwrap(module));
    *data = machine->output.data();
    *length = machine->output.size();
    return OK;
  });
}

// As `rumba_llvm_emit_object`, but assembly text, malloced.
int rumba_llvm_emit_assembly(RumbaMachine *machine, LLVMModuleRef module, char **text, char **message) {
  return guarded(message, [&]() -> int {
    SmallVector<char, 0> output;
    raw_svector_ostream stream(output);
    legacy::PassManager emitter;
    if (machine->target->addPassesToEmitFile(emitter, stream, nullptr, CodeGenFileType::AssemblyFile)) {
      *message = copy_message("the target cannot write assembly");
      return FAILED;
    }
    emitter.run(*unwrap(module));
    *text = copy_message(std::string(output.data(), output.size()));
    return OK;
  });
}

// For the test that a fatal error comes back as an error.
int rumba_llvm_fail_fatally(char **message) {
  return guarded(message, [&]() -> int { report_fatal_error("deliberate", false); });
}

} // extern "C"

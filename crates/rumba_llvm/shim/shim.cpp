// What Rumba needs of LLVM and LLVM's C interface lacks: pipelines and code generators that live longer than one
// module, linking only what is needed, and errors that come back instead of ending the process.
//
// Every function that may fail inside LLVM goes through `guarded`: a fatal error inside LLVM jumps back to the guard and
// becomes an error message. What LLVM had allocated by then is lost; the machine it happened in must not be used again,
// which the Rust side sees to.
//
// At process exit threads may still be compiling, so LLVM's static objects are never destroyed: see `__cxa_atexit`.
//
// Messages are allocated with malloc and belong to the caller, who frees them with free.

#include "loop_passes.h"

#include "llvm-c/Core.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/Dominators.h"
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

#include <csetjmp>
#include <cstring>
#include <memory>

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

// The loops of functions that call something, found when asked for.
class CallerLoops {
  struct Loops {
    DominatorTree dominators;
    LoopInfo loops;
    explicit Loops(Function &function) : dominators(function), loops(dominators) {}
  };
  DenseMap<Function *, std::unique_ptr<Loops>> known;

public:
  bool is_in_innermost_loop(User *user) {
    auto *call = dyn_cast<CallInst>(user);
    if (!call)
      return false;
    std::unique_ptr<Loops> &loops = known[call->getFunction()];
    if (!loops)
      loops = std::make_unique<Loops>(*call->getFunction());
    const Loop *loop = loops->loops.getLoopFor(call->getParent());
    return loop && loop->isInnermost();
  }
};

// See prepare_bitcode.cpp.
constexpr unsigned RARE_LANES = 64;

char *copy_message(const std::string &text) { return strdup(text.c_str()); }

template <typename Body> int guarded(char **message, Body body) {
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
    rumba::register_loop_passes(builder);
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

// Whatever is linked into this library and asks for a destructor of a static object to run at exit asks here. None
// does: another thread may be using the object, and the memory is the operating system's in a moment anyway.
extern "C" __attribute__((visibility("hidden"))) int __cxa_atexit(void (*)(void *), void *, void *) { return 0; }

// A target machine with everything that is worth keeping between modules. Belongs to one thread.
struct RumbaMachine {
  std::unique_ptr<TargetMachine> target;
  std::unique_ptr<TargetMachine> quick_target; // The same, whose code generator is fast and not its code; once it is needed.
  StringMap<std::unique_ptr<Pipeline>> pipelines;
  SmallVector<char, 0> output;
  raw_svector_ostream stream{output};
  std::unique_ptr<legacy::PassManager> emitter; // Writes object code to `stream`.
  std::unique_ptr<legacy::PassManager> quick_emitter;

  TargetMachine &target_for(bool quick) {
    if (quick && !quick_target)
      quick_target.reset(target->getTarget().createTargetMachine(
          target->getTargetTriple(), target->getTargetCPU(), target->getTargetFeatureString(), target->Options,
          Reloc::PIC_, CodeModel::Small, CodeGenOptLevel::None));
    return quick ? *quick_target : *target;
  }
};

extern "C" {

// Initialises the targets and parses LLVM's command line options. Once per process.
void rumba_llvm_initialize(int n_arguments, const char *const *arguments) {
  install_fatal_error_handler(on_fatal_error);
  install_bad_alloc_error_handler(on_fatal_error);
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeX86AsmParser();
  cl::ParseCommandLineOptions(n_arguments, arguments, "", &errs());
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

// Links those of the given declared functions that are worth inlining out of bitcode that must outlive the module,
// reading no other function of it. Worth inlining is what an innermost loop calls, because it may be vectorised there;
// other calls stay calls, which compile in no time.
int rumba_llvm_link_hot(LLVMModuleRef module, const LLVMValueRef *functions, size_t n_functions, const char *bitcode,
                        size_t length, char **message) {
  return guarded(message, [&]() -> int {
    Module &into = *unwrap(module);
    CallerLoops loops;
    SmallVector<std::pair<Function *, std::string>, 8> kept_as_calls;
    for (size_t index = 0; index < n_functions; ++index) {
      auto *function = unwrap<Function>(functions[index]);
      if (!any_of(function->users(), [&](User *user) { return loops.is_in_innermost_loop(user); }))
        kept_as_calls.emplace_back(function, function->getName().str());
    }
    if (kept_as_calls.size() == n_functions)
      return OK;
    // Under another name the linker does not find them.
    for (auto &[function, name] : kept_as_calls)
      function->setName(name + ".call");
    scope_exit give_names_back([&] {
      for (auto &[function, name] : kept_as_calls)
        function->setName(name);
    });
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
    // The vector variants that prepare_bitcode.cpp names; the vectoriser looks for their declarations.
    SmallVector<Function *, 4> rare;
    for (Function &function : into)
      if (function.getName().starts_with("rumba_rare_"))
        rare.push_back(&function);
    for (Function *function : rare) {
      SmallVector<Type *, 3> params;
      for (Argument &argument : function->args())
        params.push_back(FixedVectorType::get(argument.getType(), RARE_LANES));
      params.push_back(FixedVectorType::get(Type::getInt1Ty(into.getContext()), RARE_LANES));
      auto *type = FunctionType::get(FixedVectorType::get(function->getReturnType(), RARE_LANES), params, false);
      into.getOrInsertFunction((function->getName() + "_lanes").str(), type);
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

// Generates object code, `quick` or good; changes the module beyond use. The bytes live until the machine's next emission.
int rumba_llvm_emit_object(RumbaMachine *machine, LLVMModuleRef module, int quick, const char **data, size_t *length,
                           char **message) {
  return guarded(message, [&]() -> int {
    std::unique_ptr<legacy::PassManager> &emitter = quick ? machine->quick_emitter : machine->emitter;
    if (!emitter) {
      // Building this list of passes takes longer than compiling a small function with it.
      auto fresh = std::make_unique<legacy::PassManager>();
      if (machine->target_for(quick).addPassesToEmitFile(*fresh, machine->stream, nullptr, CodeGenFileType::ObjectFile)) {
        *message = copy_message("the target cannot write object code");
        return FAILED;
      }
      emitter = std::move(fresh);
    }
    machine->output.clear();
    emitter->run(*unwrap(module));
    *data = machine->output.data();
    *length = machine->output.size();
    return OK;
  });
}

// As `rumba_llvm_emit_object`, but assembly text, malloced.
int rumba_llvm_emit_assembly(RumbaMachine *machine, LLVMModuleRef module, int quick, char **text, char **message) {
  return guarded(message, [&]() -> int {
    SmallVector<char, 0> output;
    raw_svector_ostream stream(output);
    legacy::PassManager emitter;
    if (machine->target_for(quick).addPassesToEmitFile(emitter, stream, nullptr, CodeGenFileType::AssemblyFile)) {
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

// Prepares the bitcode that rustc wrote for being linked into just-in-time compiled modules; runs when Rumba is built.
//
//   prepare_bitcode IN OUT NAMES
//
// - Every exported function becomes linkonce_odr and hidden: the linker then takes only those a module refers to, and
//   what has been inlined everywhere disappears.
// - Functions become `alwaysinline` unless their source says `#[inline(never)]`: they exist to be inlined.
// - "target-cpu", "target-features" and "probe-stack" go: code follows the machine that it runs on.
// - The names of the exported functions go to the file NAMES, one per line.
// - The triple becomes the one that compiled modules use.

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

int main(int argc, char **argv) {
  if (argc != 4) {
    errs() << "usage: prepare_bitcode IN OUT NAMES\n";
    return 2;
  }
  auto input = MemoryBuffer::getFile(argv[1]);
  if (!input) {
    errs() << argv[1] << ": " << input.getError().message() << "\n";
    return 1;
  }
  LLVMContext context;
  auto parsed = parseBitcodeFile((*input)->getMemBufferRef(), context);
  if (!parsed) {
    errs() << argv[1] << ": " << toString(parsed.takeError()) << "\n";
    return 1;
  }
  Module &module = **parsed;
  if (module.getTargetTriple().isOSLinux() && module.getTargetTriple().isX86())
    module.setTargetTriple(Triple("x86_64-unknown-linux-gnu"));
  module.setModuleIdentifier("rumba_runtime");
  if (NamedMDNode *ident = module.getNamedMetadata("llvm.ident"))
    ident->eraseFromParent();
  // rustc records its PIC level and its personality; neither binds compiled code.
  if (NamedMDNode *flags = module.getModuleFlagsMetadata())
    flags->eraseFromParent();
  for (GlobalVariable &variable : module.globals()) {
    if (!variable.isDeclaration() && !variable.hasLocalLinkage()) {
      variable.setLinkage(GlobalValue::LinkOnceODRLinkage);
      variable.setVisibility(GlobalValue::HiddenVisibility);
    }
  }
  for (Function &function : module) {
    for (const char *name : {"target-cpu", "target-features", "probe-stack", "tune-cpu"})
      function.removeFnAttr(name);
    function.removeFnAttr(Attribute::UWTable);
    if (function.isDeclaration())
      continue;
    function.addFnAttr(Attribute::NoUnwind);
    if (function.hasPersonalityFn())
      function.setPersonalityFn(nullptr);
    if (!function.hasLocalLinkage()) {
      function.setLinkage(GlobalValue::LinkOnceODRLinkage);
      function.setVisibility(GlobalValue::HiddenVisibility);
      function.setDSOLocal(true);
      function.setComdat(nullptr);
    }
    if (!function.hasFnAttribute(Attribute::NoInline))
      function.addFnAttr(Attribute::AlwaysInline);
  }
  std::error_code error;
  raw_fd_ostream output(argv[2], error, sys::fs::OF_None);
  if (error) {
    errs() << argv[2] << ": " << error.message() << "\n";
    return 1;
  }
  WriteBitcodeToFile(module, output);
  raw_fd_ostream names(argv[3], error, sys::fs::OF_None);
  if (error) {
    errs() << argv[3] << ": " << error.message() << "\n";
    return 1;
  }
  for (const Function &function : module)
    if (!function.isDeclaration() && !function.hasLocalLinkage())
      names << function.getName() << "\n";
  return 0;
}

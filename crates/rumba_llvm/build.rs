//! Finds LLVM 22, compiles the C++ shim, links LLVM's static archives and turns the runtime's hot functions into
//! bitcode.
//!
//! LLVM is linked statically and privately: Rumba then lives in one process with other users of LLVM, and imports
//! in milliseconds. Only the components named in [`COMPONENTS`] come along. The system libraries that `llvm-config`
//! would add (z3, xml2, ffi, tinfo) are not needed by any archive member that gets pulled in; zlib and zstd are, and
//! are linked statically too, so that the finished library needs libstdc++, libm, libgcc_s and libc only.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};

/// The parts of LLVM that Rumba uses. A new target adds its `…codegen` (and `…asmparser`) here and its initialiser
/// in `shim/shim.cpp`.
const COMPONENTS: &[&str] = &["x86codegen", "x86asmparser", "passes", "bitreader", "irreader", "linker"];

/// What the program that prepares the runtime's bitcode needs on the machine that builds Rumba.
const BITCODE_TOOL_COMPONENTS: &[&str] = &["bitreader", "bitwriter", "core", "support"];

/// The runtime's functions that are small and hot enough to be inlined into compiled code.
const HOT_FUNCTIONS: &str = "../rumba_runtime/src/hot/mod.rs";

/// Stands in for [`HOT_FUNCTIONS`] in a checkout that does not have them.
const HOT_FUNCTIONS_STAND_IN: &str = "tests/data/hot_functions.rs";

/// The Debian packages that building needs.
const PACKAGES: &str = "llvm-22-dev zlib1g-dev libzstd-dev g++";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=shim");
    println!("cargo:rerun-if-env-changed=RUMBA_LLVM_CONFIG");
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let llvm = Llvm::find();
    llvm.check_same_major_as_rustc();
    build_shim(&llvm);
    link_llvm(&llvm);
    let raw_bitcode = compile_hot_functions(&out_dir);
    prepare_bitcode(&llvm, &out_dir, &raw_bitcode);
}

/// An installed LLVM, spoken to through its `llvm-config`.
struct Llvm {
    config: PathBuf,
    version: String,
}

impl Llvm {
    /// The first of `$RUMBA_LLVM_CONFIG`, `llvm-config-22` and Debian's place for it that answers.
    fn find() -> Llvm {
        let explicit = env::var_os("RUMBA_LLVM_CONFIG").map(PathBuf::from);
        let candidates = match &explicit {
            Some(path) => vec![path.clone()],
            None => vec!["llvm-config-22".into(), "/usr/lib/llvm-22/bin/llvm-config".into()],
        };
        for config in candidates {
            if let Ok(output) = Command::new(&config).arg("--version").output()
                && output.status.success()
            {
                let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                return Llvm { config, version };
            }
        }
        match explicit {
            Some(path) => fail(&format!("RUMBA_LLVM_CONFIG names `{}`, which does not run.", path.display())),
            None => fail(&format!(
                "LLVM 22 was not found: neither `llvm-config-22` nor `/usr/lib/llvm-22/bin/llvm-config` runs.\n\
                 On Debian: apt install {PACKAGES}\n\
                 Elsewhere, point RUMBA_LLVM_CONFIG at the llvm-config of an LLVM 22 with static libraries."
            )),
        }
    }

    /// Bitcode written by rustc is read by the LLVM linked here, and only the same major version surely reads it.
    fn check_same_major_as_rustc(&self) {
        let output = Command::new(rustc()).arg("-vV").output().expect("cargo's rustc runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let rustc_llvm =
            text.lines().find_map(|line| line.strip_prefix("LLVM version: ")).unwrap_or("unknown");
        if major(rustc_llvm) != major(&self.version) {
            fail(&format!(
                "`{}` is LLVM {}, but this rustc carries LLVM {rustc_llvm}. They must have the same major version, \
                 because Rumba links bitcode written by rustc.\n\
                 Use the toolchain of rust-toolchain.toml and LLVM 22 (Debian: apt install {PACKAGES}).",
                self.config.display(),
                self.version
            ));
        }
    }

    fn query(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.config).args(arguments).output().expect("llvm-config ran before");
        if !output.status.success() {
            fail(&format!(
                "`{} {}` failed: {}\nThe static libraries may be missing (Debian: apt install {PACKAGES}).",
                self.config.display(),
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr).trim()
            ));
        }
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The names of the static libraries behind some components, users before what they use.
    fn libraries(&self, components: &[&str]) -> Vec<String> {
        let mut arguments = vec!["--link-static", "--libs"];
        arguments.extend(components);
        let flags = self.query(&arguments);
        flags.split_whitespace().filter_map(|flag| flag.strip_prefix("-l")).map(str::to_owned).collect()
    }

    fn library_dir(&self) -> String {
        self.query(&["--libdir"])
    }

    /// A C++ compiler set up for LLVM's headers: C++17 without exceptions, run-time type information left on as in
    /// Debian's build of LLVM.
    fn cxx(&self) -> cc::Build {
        let mut build = cc::Build::new();
        build.cpp(true).std("c++17").flag("-fno-exceptions").opt_level(2).debug(false);
        build.flag("-isystem").flag(self.query(&["--includedir"]));
        build.cargo_metadata(true).cpp_link_stdlib(None);
        for macro_name in ["__STDC_CONSTANT_MACROS", "__STDC_FORMAT_MACROS", "__STDC_LIMIT_MACROS"] {
            build.define(macro_name, None);
        }
        build
    }
}

fn build_shim(llvm: &Llvm) {
    llvm.cxx().file("shim/shim.cpp").compile("rumba_llvm_shim");
}

fn link_llvm(llvm: &Llvm) {
    println!("cargo:rustc-link-search=native={}", llvm.library_dir());
    for library in llvm.libraries(COMPONENTS) {
        println!("cargo:rustc-link-lib=static:-bundle={library}");
    }
    for (library, package) in [("z", "zlib1g-dev"), ("zstd", "libzstd-dev")] {
        let archive = static_library(llvm, library, package);
        let folder = archive.parent().expect("a file has a folder");
        println!("cargo:rustc-link-search=native={}", folder.display());
        println!("cargo:rustc-link-lib=static:-bundle={library}");
    }
    println!("cargo:rustc-link-lib=dylib=stdc++");
}

/// Where the C++ compiler finds `lib{name}.a`.
fn static_library(llvm: &Llvm, name: &str, package: &str) -> PathBuf {
    let file_name = format!("lib{name}.a");
    let mut command = llvm.cxx().get_compiler().to_command();
    let output =
        command.arg(format!("-print-file-name={file_name}")).output().expect("the C++ compiler runs");
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    // The compiler answers with the bare name when it has no such file.
    if !path.is_absolute() {
        fail(&format!("The static library {file_name} was not found (Debian: apt install {package})."));
    }
    path
}

/// Compiles the runtime's hot functions as a crate of their own, to bitcode for inlining and to object code for calls
/// that are not worth inlining; gives the path of the bitcode.
///
/// Cargo's RUSTFLAGS do not apply: the bitcode must neither depend on the CPU that Rumba is built for nor carry
/// instrumentation. The object code is for CPUs with fused multiply-add, without which these functions are slow; see
/// `src/hot_functions.rs` for the others.
fn compile_hot_functions(out_dir: &Path) -> PathBuf {
    let source = if Path::new(HOT_FUNCTIONS).exists() { HOT_FUNCTIONS } else { HOT_FUNCTIONS_STAND_IN };
    println!(
        "cargo:rerun-if-changed={}",
        Path::new(HOT_FUNCTIONS).parent().expect("a file in a folder").display()
    );
    println!("cargo:rerun-if-changed={source}");
    let bitcode = out_dir.join("hot_functions.raw.bc");
    let object = out_dir.join("hot_functions.o");
    for (cpu, output) in [
        ("x86-64", format!("llvm-bc={}", bitcode.display())),
        ("x86-64-v3", format!("obj={}", object.display())),
    ] {
        let status = Command::new(rustc())
            .args(["--crate-name", "rumba_hot_functions", "--crate-type", "lib", "--edition", "2024"])
            .args(["-Copt-level=3", "-Cpanic=abort", "-Ccodegen-units=1", "-Coverflow-checks=off"])
            .args(["-Cdebug-assertions=off", "-Cdebuginfo=0", "-Crelocation-model=pic", "--cap-lints=allow"])
            .arg(format!("-Ctarget-cpu={cpu}"))
            .arg(format!("--target={}", env::var("TARGET").expect("cargo sets TARGET")))
            .arg(format!("--emit={output}"))
            .arg(source)
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("RUSTC_WRAPPER")
            .status()
            .expect("cargo's rustc runs");
        if !status.success() {
            fail(&format!("`{source}` does not compile as a crate of its own."));
        }
    }
    bitcode
}

/// Builds the small program in `shim/prepare_bitcode.cpp` and runs it over the bitcode that rustc wrote.
fn prepare_bitcode(llvm: &Llvm, out_dir: &Path, raw_bitcode: &Path) {
    let tool = out_dir.join("prepare_bitcode");
    let mut command = llvm.cxx().get_compiler().to_command();
    command.arg("shim/prepare_bitcode.cpp").arg("-o").arg(&tool).arg(format!("-L{}", llvm.library_dir()));
    command.args(llvm.libraries(BITCODE_TOOL_COMPONENTS).iter().map(|library| format!("-l{library}")));
    command.args(["-lz", "-lzstd", "-lpthread", "-ldl", "-lm"]);
    if !command.status().expect("the C++ compiler runs").success() {
        fail("shim/prepare_bitcode.cpp does not build.");
    }
    let prepared = out_dir.join("hot_functions.bc");
    let names = out_dir.join("hot_functions.txt");
    let mut command = Command::new(&tool);
    let status = command.arg(raw_bitcode).arg(&prepared).arg(names).status().expect("it was just built");
    if !status.success() || fs::metadata(&prepared).is_err() {
        fail("The bitcode of the runtime's hot functions could not be prepared.");
    }
}

fn rustc() -> String {
    env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned())
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

fn fail(message: &str) -> ! {
    eprintln!("\nrumba_llvm cannot be built.\n{message}\n");
    exit(1);
}

//! The elementary functions as the code generator meets them: what their bitcode may contain, and that
//! loops over them vectorise.
//!
//! rustc compiles the folder on its own, as the build script does, and together with one loop per
//! function. Functions with a rare path (`rumba_rare_*`) need one more step, because only LLVM knows the
//! attribute that lets a loop vectorise around the call; that part uses `opt` where it is installed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use rumba_runtime::elementary::{Exported, FUNCTIONS};

/// Not vectorised, and why.
const SCALAR: &[(&str, &str)] = &[
    ("fmod", "the number of steps depends on the arguments"),
    ("tgamma", "its ranges use different methods, with a loop that moves small arguments up"),
    ("lgamma", "as tgamma"),
];

/// Vectorised only around a call of their rare path.
const WITH_RARE_PATH: &[&str] = &["sin", "cos", "tan"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/hot/elementary/mod.rs")
}

fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// `sin` and `f64` of `rumba_sin_f64`.
fn name_and_type(symbol: &str) -> (&str, &str) {
    symbol
        .strip_prefix("rumba_")
        .and_then(|rest| rest.rsplit_once('_'))
        .expect("symbols are rumba_<name>_<type>")
}

/// LLVM IR of a library crate, compiled as the build script compiles the runtime.
fn llvm_ir(source: &Path, output: &str, target_cpu: &str) -> String {
    let output = scratch().join(output);
    let result = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args([
            "--edition=2024",
            "--crate-type=lib",
            "--crate-name=elementary",
            "-Copt-level=3",
            "-Cpanic=abort",
        ])
        .args(["-Ccodegen-units=1", "-Coverflow-checks=off", "-Cno-vectorize-slp"])
        .arg(format!("-Ctarget-cpu={target_cpu}"))
        .arg(format!("--emit=llvm-ir={}", output.display()))
        .arg(source)
        .output()
        .expect("rustc runs");
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
    assert!(result.stderr.is_empty(), "warnings: {}", String::from_utf8_lossy(&result.stderr));
    std::fs::read_to_string(output).unwrap()
}

/// The text of every function defined in a module.
fn functions(ir: &str) -> BTreeMap<&str, &str> {
    let mut result = BTreeMap::new();
    for part in ir.split("\ndefine ").skip(1) {
        let name = part.split_once('@').unwrap().1.split('(').next().unwrap();
        result.insert(name, part.split_once("\n}").unwrap().0);
    }
    result
}

/// What a function calls, intrinsics left out.
fn callees(body: &str) -> Vec<&str> {
    body.lines()
        .filter(|line| line.contains("call "))
        .filter_map(|line| line.split_once('@')?.1.split('(').next())
        .filter(|callee| !callee.starts_with("llvm."))
        .collect()
}

#[test]
fn bitcode_depends_on_nothing_and_stays_scalar() {
    let ir = llvm_ir(&source(), "elementary.ll", "x86-64");
    let foreign: Vec<&str> =
        ir.lines().filter(|line| line.starts_with("declare ") && !line.contains("@llvm.")).collect();
    assert!(foreign.is_empty(), "{foreign:#?}");

    let functions = functions(&ir);
    for Exported { symbol, .. } in FUNCTIONS {
        let body = functions.get(symbol).unwrap_or_else(|| panic!("{symbol} is not exported"));
        assert!(!body.contains("panic"), "{symbol} can panic");
        // Two-element vectors made by rustc would keep the caller's loop from being vectorised.
        let (name, _) = name_and_type(symbol);
        if !SCALAR.iter().any(|&(scalar, _)| scalar == name) {
            assert!(!body.contains(" x double>") && !body.contains(" x float>"), "{symbol} holds vectors");
            for callee in callees(body) {
                assert!(callee.starts_with("rumba_rare_"), "{symbol} calls {callee}");
            }
        }
    }
}

/// The source of a crate with one loop `for i in 0..n { out[i] = f(x[i]) }` per function.
fn loops() -> String {
    let mut text = format!("#[path = {:?}]\npub mod elementary;\n", source());
    for Exported { symbol, body, arity } in FUNCTIONS {
        let (name, ty) = name_and_type(symbol);
        let (parameter, length, argument) = match arity {
            1 => (String::new(), "x.len()", ""),
            _ => (format!("y: &[{ty}], "), "x.len().min(y.len())", ", y[i]"),
        };
        text += &format!(
            "#[unsafe(no_mangle)]\n\
             pub fn loop_{name}_{ty}(x: &[{ty}], {parameter}out: &mut [{ty}]) {{\n\
             \x20   for i in 0..{length}.min(out.len()) {{ out[i] = elementary::{body}(x[i]{argument}); }}\n\
             }}\n"
        );
    }
    text
}

/// The IR of [`loops`] for a processor.
fn loops_ir(target_cpu: &str) -> String {
    let source = scratch().join(format!("loops_{target_cpu}.rs"));
    std::fs::write(&source, loops()).unwrap();
    llvm_ir(&source, &format!("loops_{target_cpu}.ll"), target_cpu)
}

/// Checks that the loops of the named functions work on four doubles at a time or more (single precision
/// computes in double precision) and call nothing but rare paths.
fn assert_vectorised(ir: &str, is_included: impl Fn(&str) -> bool) {
    let functions = functions(ir);
    let mut failures = Vec::new();
    for Exported { symbol, .. } in FUNCTIONS {
        let (name, ty) = name_and_type(symbol);
        if !is_included(name) {
            continue;
        }
        let body = functions[format!("loop_{name}_{ty}").as_str()];
        let vector_body = body.contains("vector.body:")
            && ["@llvm.fma.v4f64", "@llvm.fma.v8f64", "@llvm.fma.v16f64"]
                .iter()
                .any(|call| body.contains(call));
        let calls: Vec<_> =
            callees(body).into_iter().filter(|callee| !callee.starts_with("rumba_rare_")).collect();
        if !vector_body || !calls.is_empty() {
            failures.push(format!("{symbol}: vector body {vector_body}, calls {calls:?}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// LLVM's `opt`, if it is installed in a usual place.
fn opt() -> Option<PathBuf> {
    let prefix = std::env::var_os("LLVM_PREFIX").map_or("/usr/lib/llvm-22".into(), PathBuf::from);
    Some(prefix.join("bin/opt")).filter(|path| path.exists())
}

/// Says at every call of a rare path that a masked variant of 64 lanes exists. No loop is that wide, so the
/// variant is never called and need not be defined; but because of it the vectoriser accepts the call, and
/// makes one conditional scalar call per lane of it.
fn with_masked_variants(ir: &str) -> String {
    let mut text = String::new();
    let mut variants = BTreeMap::new();
    for line in ir.lines() {
        match line.split_once("@rumba_rare_") {
            Some((before, after)) if before.contains("call ") => {
                let (name, rest) = after.split_once('(').unwrap();
                let (arguments, rest) = rest.split_once(')').unwrap();
                let ty = if name.ends_with("f64") { "double" } else { "float" };
                variants.insert(name.to_string(), ty);
                text += &format!(
                    "{before}@rumba_rare_{name}({arguments}) \
                     \"vector-function-abi-variant\"=\"_ZGV_LLVM_M64v_rumba_rare_{name}(wide_{name})\"{rest}\n"
                );
            }
            _ => {
                text += line;
                text.push('\n');
            }
        }
    }
    for (name, ty) in &variants {
        text += &format!("declare <64 x {ty}> @wide_{name}(<64 x {ty}>, <64 x i1>)\n");
    }
    let used: Vec<_> = variants.keys().map(|name| format!("ptr @wide_{name}")).collect();
    text += &format!(
        "@llvm.compiler.used = appending global [{} x ptr] [{}], section \"llvm.metadata\"\n",
        used.len(),
        used.join(", ")
    );
    text
}

/// Runs LLVM's usual passes over a module.
fn optimised(opt: &Path, ir: &str, target_cpu: &str) -> String {
    let input = scratch().join(format!("masked_{target_cpu}.ll"));
    let output = scratch().join(format!("vectorised_{target_cpu}.ll"));
    std::fs::write(&input, ir).unwrap();
    let result = Command::new(opt)
        .arg(format!("-mcpu={target_cpu}"))
        .args(["-passes=default<O2>", "-S", "-o"])
        .args([&output, &input])
        .output()
        .expect("opt runs");
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
    std::fs::read_to_string(output).unwrap()
}

#[test]
fn loops_vectorise() {
    let opt = opt();
    if opt.is_none() {
        println!("loops around rare paths are not checked: LLVM's opt is not installed");
    }
    for target_cpu in ["x86-64-v3", "x86-64-v4"] {
        let ir = loops_ir(target_cpu);
        assert_vectorised(&ir, |name| {
            !WITH_RARE_PATH.contains(&name) && !SCALAR.iter().any(|&(scalar, _)| scalar == name)
        });
        if let Some(opt) = &opt {
            let ir = optimised(opt, &with_masked_variants(&ir), target_cpu);
            assert_vectorised(&ir, |name| WITH_RARE_PATH.contains(&name));
        }
    }
}

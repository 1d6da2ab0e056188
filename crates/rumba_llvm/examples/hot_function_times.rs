//! Prints, for every hot function of the runtime, whether a loop over it vectorises, how long the loop takes to
//! compile, and how long it runs per element.
//!
//!     cargo run --release -p rumba_llvm --example hot_function_times [NAME…]

use std::ffi::c_void;
use std::time::Instant;

use rumba_llvm::{Level, LoadedObject, Module, compile, hot_functions};

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let mut names: Vec<&str> = hot_functions::names().keys().copied().collect();
    names.retain(|name| !name.starts_with("rumba_rare_"));
    names.retain(|name| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str())));
    names.sort_unstable();
    println!("{:20} {:>10} {:>11} {:>8} {:>14}", "", "vectorised", "compile ms", "bytes", "ns per element");
    for name in names {
        measure(name);
    }
}

fn measure(name: &str) {
    let text = loop_text(name);
    let optimized = rumba_llvm::compile::optimized_text(Module::parse(&text).expect("parses"), Level::Lite);
    let vectorised = optimized.expect("compiles").contains("\"llvm.loop.isvectorized\"");
    let mut best = f64::INFINITY;
    let mut object = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        object = compile(Module::parse(&text).expect("parses"), Level::Lite).expect("compiles").0.0;
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
    }
    let code = LoadedObject::load(&object, &|_| None::<*const c_void>).expect("loads");
    let address = code.address("kernel").expect("defined").as_ptr();
    // SAFETY: `loop_text` gives the function this type.
    let kernel: extern "C" fn(*mut u8, *const u8, i64) = unsafe { std::mem::transmute(address) };
    let is_double = name.ends_with("f64");
    let input64: Vec<f64> = (0..4096).map(|i| f64::from(i) * 0.0002 + 0.1).collect();
    let input32: Vec<f32> = input64.iter().map(|x| *x as f32).collect();
    let input = if is_double { input64.as_ptr().cast() } else { input32.as_ptr().cast() };
    let mut output = vec![0.0_f64; 4096];
    let mut fastest = f64::INFINITY;
    for _ in 0..20 {
        let start = Instant::now();
        for _ in 0..5 {
            kernel(output.as_mut_ptr().cast(), input, 4096);
        }
        fastest = fastest.min(start.elapsed().as_secs_f64() / 5.0 / 4096.0 * 1e9);
    }
    println!("{name:20} {vectorised:>10} {best:>11.2} {:>8} {fastest:>14.2}", object.len());
}

/// `for i in range(n): out[i] = f(in[i])`, or `f(in[i], in[i])` for functions of two arguments.
fn loop_text(name: &str) -> String {
    let ty = if name.ends_with("f64") { "double" } else { "float" };
    let has_two = ["pow", "atan2", "hypot", "fmod"].iter().any(|part| name.contains(part));
    let (params, args) = if has_two {
        (format!("{ty}, {ty}"), format!("{ty} %x, {ty} %x"))
    } else {
        (ty.into(), format!("{ty} %x"))
    };
    format!(
        "declare {ty} @{name}({params}) nounwind
        define void @kernel(ptr noalias %out, ptr noalias %in, i64 %n) nounwind {{
        entry:
          %empty = icmp slt i64 %n, 1
          br i1 %empty, label %exit, label %loop
        loop:
          %i = phi i64 [ 0, %entry ], [ %next, %loop ]
          %from = getelementptr inbounds {ty}, ptr %in, i64 %i
          %x = load {ty}, ptr %from
          %y = call {ty} @{name}({args})
          %to = getelementptr inbounds {ty}, ptr %out, i64 %i
          store {ty} %y, ptr %to
          %next = add nuw nsw i64 %i, 1
          %more = icmp slt i64 %next, %n
          br i1 %more, label %loop, label %exit
        exit:
          ret void
        }}"
    )
}

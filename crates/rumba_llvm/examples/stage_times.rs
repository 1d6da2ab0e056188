//! Prints how long LLVM takes over the checked loops of `tests/data`, stage by stage, and how long the code runs.
//!
//!     cargo run --release -p rumba_llvm --example stage_times [PIPELINE…]
//!
//! Each argument is one more pipeline in the notation of `opt -passes=`, to be compared with the built-in ones.
//! `RUMBA_LLVM_OPTIONS` passes options to LLVM. Times are the best of several in thread CPU time.

use std::ffi::c_void;

use rumba_llvm::{Level, LoadedObject, Module};

const TEXT: &str = include_str!("../tests/data/checked_loops.ll");
const FUNCTIONS: [&str; 9] = [
    "add",
    "checked_sum",
    "wrapped_sum",
    "checked_axpy",
    "checked_stencil",
    "checked_matmul",
    "lowered_matmul",
    "chunked_axpy",
    "checked_exp_sum",
];

/// Stands for the runtime's variables and functions; no function is called.
static QUIET: u64 = 0;

fn main() {
    let mut pipelines: Vec<(String, String)> = [Level::None, Level::Lite, Level::Full]
        .iter()
        .map(|level| (format!("{level:?}"), level.pipeline(true)))
        .collect();
    pipelines.extend(std::env::args().skip(1).map(|text| (text.chars().take(24).collect(), text)));
    let cold = microseconds();
    rumba_llvm::warm_up();
    println!("warm-up {:.2} ms", (microseconds() - cold) / 1000.0);
    for (name, pipeline) in &pipelines {
        println!(
            "\n{name}\n{:16} {:>7} {:>7} {:>7} {:>7} {:>8} {:>10}",
            "", "build", "passes", "emit", "load", "total", "run us"
        );
        for function in FUNCTIONS {
            measure(function, pipeline);
        }
    }
}

/// Compiles one function a few times and prints the stages of the fastest run.
fn measure(function: &str, pipeline: &str) {
    let text = only(function);
    let mut best = [f64::INFINITY; 5];
    let mut loaded = None;
    for _ in 0..30 {
        let start = microseconds();
        let mut module = Module::parse(&text).expect("the test data parses");
        module.link_hot_functions().expect("links");
        let built = microseconds();
        if !pipeline.is_empty() {
            module.run_passes(pipeline).expect("passes run");
        }
        let optimized = microseconds();
        let object = module.emit_object(Level::Lite).expect("code generation works");
        let emitted = microseconds();
        let code = LoadedObject::load(&object, &|name: &str| {
            matches!(name, "rumba_raise" | "rumba_interrupt_flag")
                .then_some((&raw const QUIET).cast::<c_void>())
        });
        loaded = Some(code.expect("loads"));
        let end = microseconds();
        let times = [built - start, optimized - built, emitted - optimized, end - emitted, end - start];
        if times[4] < best[4] {
            best = times;
        }
    }
    let [build, passes, emit, load, total] = best.map(|time| time / 1000.0);
    let run = run_time(function, &loaded.expect("compiled at least once"));
    println!("{function:16} {build:7.3} {passes:7.3} {emit:7.3} {load:7.3} {total:8.3} {run:10.3}");
}

/// The text with one definition only, so that it is compiled alone as in real use.
fn only(function: &str) -> String {
    let mut kept = String::new();
    let mut skipping = false;
    for line in TEXT.lines() {
        if line.starts_with("define ") {
            skipping = !line.contains(&format!("@{function}("));
        }
        if !skipping {
            kept.push_str(line);
            kept.push('\n');
        }
        if line == "}" {
            skipping = false;
        }
    }
    kept
}

/// Microseconds per call over arrays in the first-level cache.
fn run_time(function: &str, object: &LoadedObject) -> f64 {
    let n = 4096_i64;
    let mut x: Vec<f64> = (0..3 * n).map(|i| (i % 7) as f64 * 0.1).collect();
    let mut y = x.clone();
    let mut z = vec![0.0; 128 * 128];
    let (px, py, pz) = (x.as_mut_ptr(), y.as_mut_ptr(), z.as_mut_ptr());
    let address = object.address(function).expect("an exported function").as_ptr();
    macro_rules! call {
        (($($ty:ty),*), $($argument:expr),*) => {{
            // SAFETY: the type is the function's in tests/data/checked_loops.ll; the arrays are large enough.
            let code: extern "C" fn($($ty),*) -> i32 = unsafe { std::mem::transmute(address) };
            best_time(|| { code($($argument),*); })
        }};
    }
    match function {
        "add" => call!((i64, i64), 1, 2),
        "checked_axpy" => call!((*mut f64, i64, *mut f64, i64, f64, i64), px, n, py, n, 1e-9, n),
        "checked_stencil" => call!((*mut f64, i64, *mut f64, i64, i64), px, n, py, n, n),
        "checked_matmul" => {
            // 100 rows and columns fit into x and y with 12288 elements each.
            let m = 100;
            type Array = (*mut f64, i64, i64);
            let (a, b, c): (Array, Array, Array) = ((px, m, m), (py, m, m), (pz, m, m));
            call!(
                (*mut f64, i64, i64, *mut f64, i64, i64, *mut f64, i64, i64, i64),
                a.0,
                a.1,
                a.2,
                b.0,
                b.1,
                b.2,
                c.0,
                c.1,
                c.2,
                m
            )
        }
        "chunked_axpy" => call!((*mut u8, *mut f64, i64, *mut f64, i64, f64), pz.cast(), px, n, py, n, 1e-9),
        "lowered_matmul" => {
            let m = 100;
            call!(
                (*mut u8, *mut f64, i64, i64, *mut f64, i64, i64, *mut f64, i64, i64),
                pz.cast(),
                px,
                m,
                m,
                py,
                m,
                m,
                pz,
                m,
                m
            )
        }
        _ => call!((*mut f64, i64, i64, *mut f64), px, n, n, pz),
    }
}

fn best_time(mut body: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let start = microseconds();
        let mut rounds = 0;
        while rounds < 20 {
            body();
            rounds += 1;
        }
        best = best.min((microseconds() - start) / f64::from(rounds));
    }
    best
}

/// CPU time of this thread.
fn microseconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid place for the result.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

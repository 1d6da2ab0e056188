//! LLVM text is compiled, loaded and called at every level; errors come back as values.

use std::ffi::c_void;

use rumba_llvm::compile::{assembly_text, optimized_text};
use rumba_llvm::{Error, Level, LoadedObject, Module, compile, compile_text};

const KERNELS: &str = include_str!("data/kernels.ll");
const LEVELS: [Level; 3] = [Level::None, Level::Lite, Level::Full];

extern "C" fn far_add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

fn resolve(name: &str) -> Option<*const c_void> {
    (name == "far_add").then_some(far_add as *const c_void)
}

/// The address of a function as a function pointer.
///
/// # Safety
/// `F` is the type that the loaded function has.
unsafe fn function<F: Copy>(object: &LoadedObject, name: &str) -> F {
    assert_eq!(size_of::<F>(), size_of::<usize>());
    let address = object.address(name).unwrap_or_else(|| panic!("no symbol {name}"));
    // SAFETY: a function pointer and an address have the same size; the caller vouches for the type.
    unsafe { std::mem::transmute_copy(&address) }
}

#[test]
fn every_kind_of_code_runs_at_every_level() {
    for level in LEVELS {
        let object = compile_text(KERNELS, level, &resolve).unwrap();
        // SAFETY: the types are those of tests/data/kernels.ll; pointers refer to live memory of the right size.
        unsafe {
            let add: extern "C" fn(i64, i64) -> i64 = function(&object, "add");
            assert_eq!(add(2, 40), 42);

            let sum: extern "C" fn(*const f64, i64) -> f64 = function(&object, "sum");
            let data: Vec<f64> = (1..=1001).map(f64::from).collect();
            assert_eq!(sum(data.as_ptr(), 1001), 501_501.0);
            assert_eq!(sum(data.as_ptr(), 0), 0.0);

            let fib: extern "C" fn(i64) -> i64 = function(&object, "fib");
            assert_eq!(fib(20), 6765);

            let call_far: extern "C" fn(i64, i64) -> i64 = function(&object, "call_far");
            assert_eq!(call_far(1, 20), 41);
            let address: extern "C" fn() -> *const c_void = function(&object, "address_of_far");
            assert_eq!(address(), far_add as *const c_void);

            let float_constants: extern "C" fn(f64) -> f64 = function(&object, "float_constants");
            assert_eq!(float_constants(2.0), 2.0 * std::f64::consts::PI + std::f64::consts::E);
            let vector_constants: extern "C" fn(*mut i64) = function(&object, "vector_constants");
            let mut four = [0_i64; 4];
            vector_constants(four.as_mut_ptr());
            assert_eq!(four, [11, -22, 33, 44]);

            let switch_table: extern "C" fn(i64) -> i64 = function(&object, "switch_table");
            let answers: Vec<i64> = (-1..=6).map(|n| switch_table(n)).collect();
            assert_eq!(answers, [-1, 100, -7, 2000, -97, 251, 200, -1]);

            let read_table: extern "C" fn(i64) -> i64 = function(&object, "read_table");
            assert_eq!((0..5).map(|i| read_table(i)).collect::<Vec<_>>(), [3, 1, 4, 1, 5]);
            let count: extern "C" fn() -> i64 = function(&object, "count");
            assert_eq!((count(), count()), (41, 42));
            let through_table: extern "C" fn(i64, i64, i64) -> i64 = function(&object, "call_through_table");
            assert_eq!((through_table(0, 1, 2), through_table(1, 3, 4)), (3, 7));

            let fill: extern "C" fn(*mut u8, i64) = function(&object, "fill");
            let mut bytes = [0_u8; 1000];
            fill(bytes.as_mut_ptr(), 999);
            assert!(bytes[..999].iter().all(|&byte| byte == 255) && bytes[999] == 0);
            let remainder: extern "C" fn(f64, f64) -> f64 = function(&object, "remainder");
            assert_eq!(remainder(-7.5, 2.0), -1.5);
            let wide_divide: extern "C" fn(u128, u128) -> u128 = function(&object, "wide_divide");
            assert_eq!(wide_divide(1 << 100, 1 << 70), 1 << 30);

            let exp_all: extern "C" fn(*mut f64, *const f64, i64) = function(&object, "exp_all");
            let input: Vec<f64> = (-50..=50).map(|i| f64::from(i) / 7.0).collect();
            let mut output = vec![0.0; input.len()];
            exp_all(output.as_mut_ptr(), input.as_ptr(), input.len() as i64);
            for (x, y) in input.iter().zip(&output) {
                assert!((y / x.exp() - 1.0).abs() < 1e-12, "exp({x}) = {y}");
            }
        }
    }
}

#[test]
fn hot_functions_are_inlined_and_vectorised() {
    let module = Module::parse(KERNELS).unwrap();
    let text = optimized_text(module, Level::Lite).unwrap();
    assert!(!text.contains("call double @rumba_exp_f64"), "not inlined:\n{text}");
    assert!(!text.contains("define linkonce_odr"), "left behind:\n{text}");
    let body = text.split("define void @exp_all").nth(1).unwrap();
    assert!(body.contains("x double> @llvm.fma.v"), "not vectorised:\n{body}");
}

#[test]
fn text_forms_can_be_inspected() {
    let assembly = assembly_text(Module::parse(KERNELS).unwrap(), Level::Lite).unwrap();
    assert!(assembly.contains("add:") && assembly.contains("far_add@PLT"));
}

#[test]
fn code_from_several_contexts_and_threads_shares_nothing() {
    let handles: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn(|| {
                for round in 0..10 {
                    let object = compile_text(KERNELS, LEVELS[round % 2], &resolve).unwrap();
                    // SAFETY: the type is that of tests/data/kernels.ll.
                    let fib: extern "C" fn(i64) -> i64 = unsafe { function(&object, "fib") };
                    assert_eq!(fib(10), 55);
                }
            })
        })
        .collect();
    for handle in handles {
        handle.join().unwrap();
    }
}

#[test]
fn the_same_module_gives_the_same_bytes_again() {
    let bytes = || compile(Module::parse(KERNELS).unwrap(), Level::Lite).unwrap().0;
    let first = bytes();
    for _ in 0..5 {
        assert_eq!(bytes(), first);
    }
}

#[test]
fn calls_reach_functions_beyond_two_gibibytes() {
    // lea rax, [rdi + rsi]; ret
    let code = [0x48, 0x8d, 0x04, 0x37, 0xc3];
    let hint = 0x1000_0000_0000_usize as *mut c_void;
    // SAFETY: an anonymous mapping of our own, filled before it becomes executable.
    let far = unsafe {
        let (protection, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        let page = libc::mmap(hint, 4096, protection, flags, -1, 0);
        assert_ne!(page, libc::MAP_FAILED);
        page.cast::<u8>().copy_from(code.as_ptr(), code.len());
        assert_eq!(libc::mprotect(page, 4096, libc::PROT_READ | libc::PROT_EXEC), 0);
        page.cast_const()
    };
    let object = compile_text(KERNELS, Level::Lite, &|name| (name == "far_add").then_some(far)).unwrap();
    // SAFETY: the types are those of tests/data/kernels.ll.
    unsafe {
        let address: extern "C" fn() -> *const c_void = function(&object, "address_of_far");
        assert_eq!(address(), far);
        assert!((far as usize).abs_diff(object.address("call_far").unwrap().as_ptr() as usize) > 1 << 31);
        let call_far: extern "C" fn(i64, i64) -> i64 = function(&object, "call_far");
        assert_eq!(call_far(1, 20), 41);
    }
}

#[test]
fn many_objects_are_few_mappings() {
    // Code and constants; what is writable is a mapping of its own.
    const SCALE: &str =
        "define double @scale(double %x) {\n  %y = fmul double %x, 0x3FF3333333333333\n  ret double %y\n}\n";
    let n_mappings = || std::fs::read_to_string("/proc/self/maps").unwrap().lines().count();
    let (object, _) = compile(Module::parse(SCALE).unwrap(), Level::Lite).unwrap();
    let before = n_mappings();
    let objects: Vec<LoadedObject> =
        (0..200).map(|_| LoadedObject::load(&object.0, &resolve).unwrap()).collect();
    let added = n_mappings() - before;
    // Other tests of this process map memory, too.
    assert!(added < objects.len() / 2, "{added} mappings for {} objects", objects.len());
}

#[test]
fn a_process_may_exit_while_it_warms_up() {
    const VARIABLE: &str = "RUMBA_TEST_EXIT_AFTER_MICROSECONDS";
    if let Ok(delay) = std::env::var(VARIABLE) {
        std::thread::spawn(rumba_llvm::warm_up);
        std::thread::sleep(std::time::Duration::from_micros(delay.parse().unwrap()));
        std::process::exit(0);
    }
    let program = std::env::current_exe().unwrap();
    for delay in [0, 300, 1000, 2000, 4000, 8000] {
        let mut command = std::process::Command::new(&program);
        command.args(["--exact", "a_process_may_exit_while_it_warms_up"]).env(VARIABLE, delay.to_string());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{delay}: {:?}", output.status);
    }
}

#[test]
fn errors_are_values() {
    let parse = Module::parse("define i64 @f( {").err();
    assert!(matches!(parse, Some(Error::Parse(_))), "{parse:?}");

    let invalid =
        compile_text("define i64 @f() {\n ret i64 %x\n %x = add i64 1, 2\n}", Level::Lite, &|_| None);
    assert!(matches!(invalid, Err(Error::Parse(_) | Error::Invalid(_))), "{invalid:?}");

    let undefined = compile_text(KERNELS, Level::Lite, &|_| None).err();
    assert_eq!(undefined, Some(Error::UndefinedSymbol("far_add".into())));

    let mut module = Module::parse(KERNELS).unwrap();
    assert!(matches!(module.run_passes("no-such-pass"), Err(Error::Backend(_))));

    // Code generation finds out that there is no such register, and reports it through the context.
    let text = "define void @f() {\n call void asm sideeffect \"nonsense\", \"\"()\n ret void\n}";
    let refused = compile_text(text, Level::Lite, &|_| None).err();
    assert!(matches!(refused, Some(Error::Backend(_) | Error::Fatal(_))), "{refused:?}");

    // The thread works on after all that.
    assert!(compile_text(KERNELS, Level::Lite, &resolve).is_ok());
}

#[test]
fn damaged_objects_are_refused() {
    let (object, _) = compile(Module::parse(KERNELS).unwrap(), Level::Lite).unwrap();
    assert!(matches!(LoadedObject::load(&[], &resolve), Err(Error::Object(_))));
    assert!(LoadedObject::load(&object.0[..object.0.len() / 2], &resolve).is_err());
    // Every single damaged byte either fails to load or loads; it never crashes the loader.
    for position in (0..object.0.len()).step_by(3) {
        let mut damaged = object.0.clone();
        damaged[position] ^= 0xff;
        let _ = LoadedObject::load(&damaged, &resolve);
    }
}

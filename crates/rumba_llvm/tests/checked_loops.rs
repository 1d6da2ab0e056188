//! Checked loops do the same with and without optimisation: same status, same memory, whatever fails where.

use std::ffi::c_void;

use rumba_llvm::compile::optimized_text;
use rumba_llvm::{Level, LoadedObject, Module, compile_text};

/// `for i in range(start, stop, step): y[i + shift] += 1.0` with a check in the given form; the sum of i is returned
/// through `y[100]`. Status 1 when a check fails.
fn counting_loop(step: i64, shift: i64, check: &str) -> String {
    let index = if check == "wrapped" { "wanted" } else { "index" };
    let more = if step > 0 { "slt" } else { "sgt" };
    let flags = if step.abs() == 1 { "nsw" } else { "" };
    let check = match check {
        "unsigned" => "%ok = icmp ult i64 %index, %len".to_owned(),
        "signed" => "%low = icmp sge i64 %index, 0\n br i1 %low, label %next_check, label %raise, !prof !0\n\
             next_check:\n %ok = icmp slt i64 %index, %len"
            .to_owned(),
        "wrapped" => {
            "%is_negative = icmp slt i64 %wanted, 0\n %wrap = select i1 %is_negative, i64 %len, i64 0\n\
             %index = add i64 %wanted, %wrap\n %ok = icmp ult i64 %index, %len"
                .to_owned()
        }
        "invariant" => {
            "%first = icmp ult i64 %index, %len\n br i1 %first, label %next_check, label %raise, !prof !0\n\
             next_check:\n %ok = icmp ugt i64 %len, 3"
                .to_owned()
        }
        other => panic!("{other}"),
    };
    format!(
        "define i32 @kernel(ptr noalias %y, i64 range(i64 0, 9223372036854775807) %len, i64 %start, i64 %stop) nounwind {{
         entry:
           br label %head
         head:
           %i = phi i64 [ %start, %entry ], [ %next, %body ]
           %sum = phi i64 [ 0, %entry ], [ %total, %body ]
           %more = icmp {more} i64 %i, %stop
           br i1 %more, label %check, label %exit
         check:
           %{index} = add i64 %i, {shift}
           {check}
           br i1 %ok, label %body, label %raise, !prof !0
         body:
           %bytes = mul i64 %index, 8
           %place = getelementptr inbounds i8, ptr %y, i64 %bytes
           %old = load double, ptr %place
           %new = fadd double %old, 1.0
           store double %new, ptr %place
           %total = add i64 %sum, %i
           %next = add {flags} i64 %i, {step}
           br label %head
         exit:
           br label %end
         raise:
           br label %end
         end:
           %status = phi i32 [ 0, %exit ], [ 1, %raise ]
           %last = getelementptr inbounds i8, ptr %y, i64 800
           store i64 %sum, ptr %last
           ret i32 %status
         }}
         !0 = !{{!\"branch_weights\", i32 1000000, i32 1}}"
    )
}

type Kernel = extern "C" fn(*mut f64, i64, i64, i64) -> i32;

fn load(text: &str, level: Level) -> (LoadedObject, Kernel) {
    let object = compile_text(text, level, &|_| None::<*const c_void>).unwrap();
    // SAFETY: every loop here has this type.
    let kernel =
        unsafe { std::mem::transmute::<*mut c_void, Kernel>(object.address("kernel").unwrap().as_ptr()) };
    (object, kernel)
}

#[test]
fn checks_fail_exactly_where_they_would() {
    let bounds = [-40, -3, -1, 0, 1, 2, 5, 19, 20, 21, 64, 90, i64::MAX - 1, i64::MAX];
    for step in [1, 2, 3, -1, -2] {
        for shift in [0, -1, 4] {
            for check in ["unsigned", "signed", "invariant", "wrapped"] {
                let text = counting_loop(step, shift, check);
                let (_plain, expected) = load(&text, Level::None);
                let (_optimized, actual) = load(&text, Level::Lite);
                for len in [0, 1, 3, 4, 20, 64, 90] {
                    for start in bounds.into_iter().chain([i64::MIN, i64::MIN + 1]) {
                        for stop in bounds.into_iter().chain([i64::MIN, i64::MIN + 1]) {
                            let run = |kernel: Kernel| {
                                let mut y = [0.0_f64; 101];
                                let status = kernel(y.as_mut_ptr(), len, start, stop);
                                (status, y.map(f64::to_bits))
                            };
                            let (expected, actual) = (run(expected), run(actual));
                            assert!(
                                expected == actual,
                                "range({start}, {stop}, {step}), shift {shift}, {check} check, len {len}: \
                                 {} but should be {}",
                                actual.0,
                                expected.0
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn loops_without_failing_checks_vectorise() {
    for check in ["unsigned", "signed", "invariant", "wrapped"] {
        let text = optimized_text(Module::parse(&counting_loop(1, 0, check)).unwrap(), Level::Lite).unwrap();
        assert!(text.contains("fadd <"), "{check}:\n{text}");
    }
    let kernels =
        optimized_text(Module::parse(include_str!("data/checked_loops.ll")).unwrap(), Level::Lite).unwrap();
    for name in ["checked_axpy", "checked_stencil", "checked_matmul", "lowered_matmul", "checked_exp_sum"] {
        let body = kernels.split(&format!("@{name}(")).nth(1).unwrap().split("\n}").next().unwrap();
        assert!(body.contains("<8 x double>") || body.contains("<4 x double>"), "{name}:\n{body}");
    }
}

/// `for _ in range(count): y[i] += 1.0; i += step` with Python's negative indices; status 1 when a check fails.
const ANY_STEP: &str = "
define i32 @kernel(ptr noalias %y, i64 range(i64 0, 9223372036854775807) %len, i64 %start, i64 %step, i64 %count) {
entry:
  br label %head
head:
  %i = phi i64 [ %start, %entry ], [ %next, %body ]
  %left = phi i64 [ %count, %entry ], [ %less, %body ]
  %more = icmp ne i64 %left, 0
  br i1 %more, label %check, label %exit
check:
  %is_negative = icmp slt i64 %i, 0
  %from_end = add i64 %i, %len
  %index = select i1 %is_negative, i64 %from_end, i64 %i
  %ok = icmp ult i64 %index, %len
  br i1 %ok, label %body, label %raise, !prof !0
body:
  %place = getelementptr inbounds double, ptr %y, i64 %index
  %old = load double, ptr %place
  %new = fadd double %old, 1.0
  store double %new, ptr %place
  %next = add i64 %i, %step
  %less = sub i64 %left, 1
  br label %head
exit:
  ret i32 0
raise:
  ret i32 1
}
!0 = !{!\"branch_weights\", i32 1000000, i32 1}";

#[test]
fn checks_of_counters_with_any_step_fail_exactly_where_they_would() {
    type Kernel = extern "C" fn(*mut f64, i64, i64, i64, i64) -> i32;
    let load = |level| {
        let object = compile_text(ANY_STEP, level, &|_| None::<*const c_void>).unwrap();
        // SAFETY: this is the type of the function above.
        let kernel =
            unsafe { std::mem::transmute::<*mut c_void, Kernel>(object.address("kernel").unwrap().as_ptr()) };
        (object, kernel)
    };
    let (_plain, expected) = load(Level::None);
    let (_optimized, actual) = load(Level::Lite);
    let edges = [i64::MIN, i64::MIN + 1, -64, -5, -3, -1, 0, 1, 2, 7, 19, 20, 63, 64, i64::MAX - 1, i64::MAX];
    for len in [0, 1, 20, 64] {
        for start in edges {
            for step in edges {
                // A step of 0 never leaves the array, so the number of turns stays small.
                for count in [0, 1, 2, 3, 4, 10, 64, 65] {
                    let run = |kernel: Kernel| {
                        let mut y = [0.0_f64; 64];
                        (kernel(y.as_mut_ptr(), len, start, step, count), y.map(f64::to_bits))
                    };
                    assert!(
                        run(expected) == run(actual),
                        "len {len}, start {start}, step {step}, count {count}"
                    );
                }
            }
        }
    }
}

#[test]
fn loops_with_any_step_run_without_checks_where_all_pass() {
    let text = optimized_text(Module::parse(ANY_STEP).unwrap(), Level::Lite).unwrap();
    assert!(text.contains("smul.with.overflow"), "{text}");
    assert_eq!(text.matches("store double").count(), 2, "{text}");
}

/// `for i in range(1, n): y[i] = y[i - 1] * x[i]`, addressed by bytes as lowering does.
const RECURRENCE: &str = "
define void @kernel(ptr %y, ptr %x, i64 %n) {
entry:
  br label %head
head:
  %i = phi i64 [ 1, %entry ], [ %next, %body ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %body, label %exit
body:
  %next = add nsw i64 %i, 1
  %before = sub i64 %i, 1
  %before_bytes = mul i64 %before, 8
  %before_place = getelementptr i8, ptr %y, i64 %before_bytes
  %last = load double, ptr %before_place
  %bytes = mul i64 %i, 8
  %x_place = getelementptr i8, ptr %x, i64 %bytes
  %factor = load double, ptr %x_place
  %new = fmul double %last, %factor
  %place = getelementptr i8, ptr %y, i64 %bytes
  store double %new, ptr %place
  br label %head
exit:
  ret void
}";

#[test]
fn what_the_turn_before_stored_is_not_loaded_again() {
    let text = optimized_text(Module::parse(RECURRENCE).unwrap(), Level::Lite).unwrap();
    assert!(text.contains("phi double"), "{text}");
}

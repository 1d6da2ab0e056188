//! Indices that come from memory do the same with and without optimisation, and are branched on in loops.

use std::ffi::c_void;

use rumba_llvm::compile::optimized_text;
use rumba_llvm::{Level, Module, compile_text};

/// `for i in values: counts[i // 2**shift] += 1`; status 1 when a check fails.
fn histogram(shift: u32) -> String {
    format!(
        "define i32 @kernel(ptr noalias %counts, i64 range(i64 0, 9223372036854775807) %len, ptr %values, i64 %n) {{
         entry:
           br label %head
         head:
           %k = phi i64 [ 0, %entry ], [ %next, %body ]
           %more = icmp slt i64 %k, %n
           br i1 %more, label %check, label %exit
         check:
           %from = getelementptr inbounds i64, ptr %values, i64 %k
           %loaded = load i64, ptr %from
           %wanted = ashr i64 %loaded, {shift}
           %is_negative = icmp slt i64 %wanted, 0
           %from_end = add i64 %wanted, %len
           %index = select i1 %is_negative, i64 %from_end, i64 %wanted
           %ok = icmp ult i64 %index, %len
           br i1 %ok, label %body, label %raise, !prof !0
         body:
           %place = getelementptr inbounds i64, ptr %counts, i64 %index
           %old = load i64, ptr %place
           %new = add i64 %old, 1
           store i64 %new, ptr %place
           %next = add nsw i64 %k, 1
           br label %head
         exit:
           ret i32 0
         raise:
           ret i32 1
         }}
         !0 = !{{!\"branch_weights\", i32 1000000, i32 1}}"
    )
}

type Kernel = extern "C" fn(*mut i64, i64, *const i64, i64) -> i32;

#[test]
fn checks_fail_exactly_where_they_would() {
    let extremes = [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX];
    let values: Vec<i64> = (-13..14).chain(extremes).collect();
    for shift in [0, 1] {
        let objects = [Level::None, Level::Lite].map(|level| {
            compile_text(&histogram(shift), level, &|_| None::<*const c_void>).expect("it compiles")
        });
        for len in 0..7 {
            for value in &values {
                // What comes before the value is in bounds unless there is nothing to index.
                let wanted = [0, -1, *value, 0];
                let outcomes = objects.each_ref().map(|object| {
                    let address = object.address("kernel").expect("it is defined");
                    // SAFETY: the function has this type.
                    let kernel = unsafe { std::mem::transmute::<*mut c_void, Kernel>(address.as_ptr()) };
                    let mut counts = [0; 7];
                    (kernel(counts.as_mut_ptr(), len, wanted.as_ptr(), 4), counts)
                });
                assert_eq!(outcomes[0], outcomes[1], "length {len}, index {value} >> {shift}");
            }
        }
    }
}

#[test]
fn negative_ones_are_branched_on() {
    for shift in [0, 1] {
        let text = optimized_text(Module::parse(&histogram(shift)).expect("it parses"), Level::Lite)
            .expect("it compiles");
        assert!(!text.contains("select"), "{text}");
    }
}

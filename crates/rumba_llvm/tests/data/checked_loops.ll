; Loops whose every index is checked, as Rumba writes them: the check is an unlikely branch to a block that returns a
; status. They decide which passes hoist checks (see src/passes.rs) and serve as tests of what those passes do.

define i64 @add(i64 %a, i64 %b) nounwind {
  %c = add i64 %a, %b
  ret i64 %c
}

; total = 0.0
; for i in range(n): total += a[i] * a[i]        (n is an argument, not len(a))
define i32 @checked_sum(ptr noalias nocapture readonly %a, i64 %len, i64 %n, ptr noalias %out) nounwind {
entry:
  %empty = icmp slt i64 %n, 1
  br i1 %empty, label %exit, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %body ]
  %acc = phi double [ 0.0, %entry ], [ %total, %body ]
  %inside = icmp ult i64 %i, %len
  br i1 %inside, label %body, label %raise, !prof !0
body:
  %place = getelementptr inbounds double, ptr %a, i64 %i
  %value = load double, ptr %place
  %square = fmul double %value, %value
  %total = fadd double %acc, %square
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  %result = phi double [ 0.0, %entry ], [ %total, %body ]
  store double %result, ptr %out
  ret i32 0
raise:
  ret i32 1
}

; The same with negative indices wrapped, as Python asks: `if i < 0: i += len`.
define i32 @wrapped_sum(ptr noalias nocapture readonly %a, i64 %len, i64 %n, ptr noalias %out) nounwind {
entry:
  %len_ok = icmp sge i64 %len, 0
  call void @llvm.assume(i1 %len_ok)
  %empty = icmp slt i64 %n, 1
  br i1 %empty, label %exit, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %body ]
  %acc = phi double [ 0.0, %entry ], [ %total, %body ]
  %negative = icmp slt i64 %i, 0
  %shifted = add i64 %i, %len
  %index = select i1 %negative, i64 %shifted, i64 %i
  %inside = icmp ult i64 %index, %len
  br i1 %inside, label %body, label %raise, !prof !0
body:
  %place = getelementptr inbounds double, ptr %a, i64 %index
  %value = load double, ptr %place
  %square = fmul double %value, %value
  %total = fadd double %acc, %square
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  %result = phi double [ 0.0, %entry ], [ %total, %body ]
  store double %result, ptr %out
  ret i32 0
raise:
  ret i32 1
}

; for i in range(n): y[i] += s * x[i]
define i32 @checked_axpy(ptr noalias %x, i64 %len_x, ptr noalias %y, i64 %len_y, double %s, i64 %n) nounwind {
entry:
  %empty = icmp slt i64 %n, 1
  br i1 %empty, label %exit, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %body ]
  %inside_x = icmp ult i64 %i, %len_x
  br i1 %inside_x, label %check_y, label %raise, !prof !0
check_y:
  %inside_y = icmp ult i64 %i, %len_y
  br i1 %inside_y, label %body, label %raise, !prof !0
body:
  %px = getelementptr inbounds double, ptr %x, i64 %i
  %vx = load double, ptr %px
  %py = getelementptr inbounds double, ptr %y, i64 %i
  %vy = load double, ptr %py
  %product = fmul double %s, %vx
  %sum = fadd double %vy, %product
  store double %sum, ptr %py
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 0
raise:
  ret i32 1
}

; for i in range(1, n - 1): y[i] = x[i - 1] + x[i] + x[i + 1]
define i32 @checked_stencil(ptr noalias %x, i64 %len_x, ptr noalias %y, i64 %len_y, i64 %n) nounwind {
entry:
  %last = sub nsw i64 %n, 1
  %empty = icmp sle i64 %last, 1
  br i1 %empty, label %exit, label %loop
loop:
  %i = phi i64 [ 1, %entry ], [ %next, %body ]
  %before = sub nsw i64 %i, 1
  %inside_before = icmp ult i64 %before, %len_x
  br i1 %inside_before, label %check_i, label %raise, !prof !0
check_i:
  %inside_i = icmp ult i64 %i, %len_x
  br i1 %inside_i, label %check_after, label %raise, !prof !0
check_after:
  %after = add nsw i64 %i, 1
  %inside_after = icmp ult i64 %after, %len_x
  br i1 %inside_after, label %check_y, label %raise, !prof !0
check_y:
  %inside_y = icmp ult i64 %i, %len_y
  br i1 %inside_y, label %body, label %raise, !prof !0
body:
  %p0 = getelementptr inbounds double, ptr %x, i64 %before
  %v0 = load double, ptr %p0
  %p1 = getelementptr inbounds double, ptr %x, i64 %i
  %v1 = load double, ptr %p1
  %p2 = getelementptr inbounds double, ptr %x, i64 %after
  %v2 = load double, ptr %p2
  %s0 = fadd double %v0, %v1
  %s1 = fadd double %s0, %v2
  %py = getelementptr inbounds double, ptr %y, i64 %i
  store double %s1, ptr %py
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %last
  br i1 %more, label %loop, label %exit
exit:
  ret i32 0
raise:
  ret i32 1
}

; for i in range(n):
;     for k in range(n):
;         for j in range(n): c[i, j] += a[i, k] * b[k, j]       (three C-contiguous arrays of rows x cols)
define i32 @checked_matmul(ptr noalias %a, i64 %rows_a, i64 %cols_a, ptr noalias %b, i64 %rows_b, i64 %cols_b,
                           ptr noalias %c, i64 %rows_c, i64 %cols_c, i64 %n) nounwind {
entry:
  %empty = icmp slt i64 %n, 1
  br i1 %empty, label %exit, label %loop_i
loop_i:
  %i = phi i64 [ 0, %entry ], [ %next_i, %latch_i ]
  br label %loop_k
loop_k:
  %k = phi i64 [ 0, %loop_i ], [ %next_k, %latch_k ]
  br label %loop_j
loop_j:
  %j = phi i64 [ 0, %loop_k ], [ %next_j, %body ]
  %i_in_c = icmp ult i64 %i, %rows_c
  br i1 %i_in_c, label %check1, label %raise, !prof !0
check1:
  %j_in_c = icmp ult i64 %j, %cols_c
  br i1 %j_in_c, label %check2, label %raise, !prof !0
check2:
  %i_in_a = icmp ult i64 %i, %rows_a
  br i1 %i_in_a, label %check3, label %raise, !prof !0
check3:
  %k_in_a = icmp ult i64 %k, %cols_a
  br i1 %k_in_a, label %check4, label %raise, !prof !0
check4:
  %k_in_b = icmp ult i64 %k, %rows_b
  br i1 %k_in_b, label %check5, label %raise, !prof !0
check5:
  %j_in_b = icmp ult i64 %j, %cols_b
  br i1 %j_in_b, label %body, label %raise, !prof !0
body:
  %row_c = mul nsw i64 %i, %cols_c
  %at_c = add nsw i64 %row_c, %j
  %pc = getelementptr inbounds double, ptr %c, i64 %at_c
  %row_a = mul nsw i64 %i, %cols_a
  %at_a = add nsw i64 %row_a, %k
  %pa = getelementptr inbounds double, ptr %a, i64 %at_a
  %row_b = mul nsw i64 %k, %cols_b
  %at_b = add nsw i64 %row_b, %j
  %pb = getelementptr inbounds double, ptr %b, i64 %at_b
  %vc = load double, ptr %pc
  %va = load double, ptr %pa
  %vb = load double, ptr %pb
  %product = fmul double %va, %vb
  %sum = fadd double %vc, %product
  store double %sum, ptr %pc
  %next_j = add nuw nsw i64 %j, 1
  %more_j = icmp slt i64 %next_j, %n
  br i1 %more_j, label %loop_j, label %latch_k
latch_k:
  %next_k = add nuw nsw i64 %k, 1
  %more_k = icmp slt i64 %next_k, %n
  br i1 %more_k, label %loop_k, label %latch_i
latch_i:
  %next_i = add nuw nsw i64 %i, 1
  %more_i = icmp slt i64 %next_i, %n
  br i1 %more_i, label %loop_i, label %exit
exit:
  ret i32 0
raise:
  ret i32 1
}

declare double @rumba_exp_f64(double) nounwind

; for i in range(n): total += exp(a[i])
define i32 @checked_exp_sum(ptr noalias nocapture readonly %a, i64 %len, i64 %n, ptr noalias %out) nounwind {
entry:
  %empty = icmp slt i64 %n, 1
  br i1 %empty, label %exit, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %body ]
  %acc = phi double [ 0.0, %entry ], [ %total, %body ]
  %inside = icmp ult i64 %i, %len
  br i1 %inside, label %body, label %raise, !prof !0
body:
  %place = getelementptr inbounds double, ptr %a, i64 %i
  %value = load double, ptr %place
  %exp = call double @rumba_exp_f64(double %value)
  %total = fadd double %acc, %exp
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  %result = phi double [ 0.0, %entry ], [ %total, %body ]
  store double %result, ptr %out
  ret i32 0
raise:
  ret i32 1
}

declare void @llvm.assume(i1)

!0 = !{!"branch_weights", i32 1048575, i32 1}

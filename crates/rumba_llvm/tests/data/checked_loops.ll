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

declare void @rumba_raise(ptr, i64, i64, ptr) cold nounwind

; The same product as lowering emits it: nothing is known of aliasing, loads stand between the checks, and every check
; has a block of its own that raises with what it compared.
define i32 @lowered_matmul(ptr noalias nonnull %ctx,
                           ptr %a, i64 range(i64 0, 9223372036854775807) %rows_a, i64 range(i64 0, 9223372036854775807) %cols_a,
                           ptr %b, i64 range(i64 0, 9223372036854775807) %rows_b, i64 range(i64 0, 9223372036854775807) %cols_b,
                           ptr %c, i64 range(i64 0, 9223372036854775807) %rows_c, i64 range(i64 0, 9223372036854775807) %cols_c) nounwind {
entry:
  %slots = alloca [2 x i64], align 8
  br label %head_i
head_i:
  %i = phi i64 [ 0, %entry ], [ %next_i, %done_k ]
  %more_i = icmp slt i64 %i, %rows_a
  br i1 %more_i, label %body_i, label %exit
body_i:
  %next_i = add nsw i64 %i, 1
  br label %head_k
head_k:
  %k = phi i64 [ 0, %body_i ], [ %next_k, %done_j ]
  %more_k = icmp slt i64 %k, %rows_a
  br i1 %more_k, label %body_k, label %done_k
body_k:
  %next_k = add nsw i64 %k, 1
  br label %head_j
head_j:
  %j = phi i64 [ 0, %body_k ], [ %next_j, %check6 ]
  %more_j = icmp slt i64 %j, %rows_a
  br i1 %more_j, label %body_j, label %done_j
body_j:
  %next_j = add nsw i64 %j, 1
  %ok1 = icmp ult i64 %i, %rows_c
  br i1 %ok1, label %check1, label %raise1, !prof !0
check1:
  %ok2 = icmp ult i64 %j, %cols_c
  br i1 %ok2, label %check2, label %raise2, !prof !0
check2:
  %rowbytes_c = mul i64 %cols_c, 8
  %row_c = mul i64 %i, %rowbytes_c
  %col_c = mul i64 %j, 8
  %at_c = add i64 %row_c, %col_c
  %pc = getelementptr inbounds i8, ptr %c, i64 %at_c
  %vc = load double, ptr %pc
  %ok3 = icmp ult i64 %i, %rows_a
  br i1 %ok3, label %check3, label %raise3, !prof !0
check3:
  %ok4 = icmp ult i64 %k, %cols_a
  br i1 %ok4, label %check4, label %raise4, !prof !0
check4:
  %rowbytes_a = mul i64 %cols_a, 8
  %row_a = mul i64 %i, %rowbytes_a
  %col_a = mul i64 %k, 8
  %at_a = add i64 %row_a, %col_a
  %pa = getelementptr inbounds i8, ptr %a, i64 %at_a
  %va = load double, ptr %pa
  %ok5 = icmp ult i64 %k, %rows_b
  br i1 %ok5, label %check5, label %raise5, !prof !0
check5:
  %ok6 = icmp ult i64 %j, %cols_b
  br i1 %ok6, label %check6, label %raise6, !prof !0
check6:
  %rowbytes_b = mul i64 %cols_b, 8
  %row_b = mul i64 %k, %rowbytes_b
  %col_b = mul i64 %j, 8
  %at_b = add i64 %row_b, %col_b
  %pb = getelementptr inbounds i8, ptr %b, i64 %at_b
  %vb = load double, ptr %pb
  %product = fmul double %va, %vb
  %sum = fadd double %vc, %product
  store double %sum, ptr %pc
  br label %head_j
done_j:
  br label %head_k
done_k:
  br label %head_i
exit:
  ret i32 0
raise1:
  store i64 %i, ptr %slots
  %s1 = getelementptr inbounds i8, ptr %slots, i64 8
  store i64 %rows_c, ptr %s1
  call void @rumba_raise(ptr %ctx, i64 1, i64 2, ptr %slots)
  ret i32 1
raise2:
  store i64 %j, ptr %slots
  %s2 = getelementptr inbounds i8, ptr %slots, i64 8
  store i64 %cols_c, ptr %s2
  call void @rumba_raise(ptr %ctx, i64 2, i64 2, ptr %slots)
  ret i32 1
raise3:
  store i64 %i, ptr %slots
  %s3 = getelementptr inbounds i8, ptr %slots, i64 8
  store i64 %rows_a, ptr %s3
  call void @rumba_raise(ptr %ctx, i64 3, i64 2, ptr %slots)
  ret i32 1
raise4:
  store i64 %k, ptr %slots
  %s4 = getelementptr inbounds i8, ptr %slots, i64 8
  store i64 %cols_a, ptr %s4
  call void @rumba_raise(ptr %ctx, i64 4, i64 2, ptr %slots)
  ret i32 1
raise5:
  store i64 %k, ptr %slots
  %s5 = getelementptr inbounds i8, ptr %slots, i64 8
  store i64 %rows_b, ptr %s5
  call void @rumba_raise(ptr %ctx, i64 5, i64 2, ptr %slots)
  ret i32 1
raise6:
  store i64 %j, ptr %slots
  %s6 = getelementptr inbounds i8, ptr %slots, i64 8
  store i64 %cols_b, ptr %s6
  call void @rumba_raise(ptr %ctx, i64 6, i64 2, ptr %slots)
  ret i32 1
}

; `for i in range(len(x)): y[i] += s * x[i]` as lowering emits it: indices wrap, and the loop is cut into chunks between
; which interrupts are let in.
define i32 @chunked_axpy(ptr noalias nonnull %ctx, ptr %x, i64 range(i64 0, 9223372036854775807) %len_x,
                         ptr %y, i64 range(i64 0, 9223372036854775807) %len_y, double %s) nounwind {
entry:
  %slots = alloca [1 x i64], align 8
  br label %chunk
chunk:
  %first = phi i64 [ 0, %entry ], [ %i, %again ]
  %far = add i64 %first, 131072
  %fits = icmp sge i64 %far, %first
  %nearer = call i64 @llvm.smin.i64(i64 %far, i64 %len_x)
  %end = select i1 %fits, i64 %nearer, i64 %len_x
  br label %head
head:
  %i = phi i64 [ %first, %chunk ], [ %next, %body ]
  %more = icmp slt i64 %i, %end
  br i1 %more, label %check_y, label %chunk_done
check_y:
  %negative_y = icmp slt i64 %i, 0
  %wrap_y = select i1 %negative_y, i64 %len_y, i64 0
  %index_y = add i64 %i, %wrap_y
  %ok_y = icmp ult i64 %index_y, %len_y
  br i1 %ok_y, label %check_x, label %raise_y, !prof !0
check_x:
  %offset_y = mul i64 %index_y, 8
  %py = getelementptr inbounds i8, ptr %y, i64 %offset_y
  %vy = load double, ptr %py
  %negative_x = icmp slt i64 %i, 0
  %wrap_x = select i1 %negative_x, i64 %len_x, i64 0
  %index_x = add i64 %i, %wrap_x
  %ok_x = icmp ult i64 %index_x, %len_x
  br i1 %ok_x, label %body, label %raise_x, !prof !0
body:
  %offset_x = mul i64 %index_x, 8
  %px = getelementptr inbounds i8, ptr %x, i64 %offset_x
  %vx = load double, ptr %px
  %product = fmul double %s, %vx
  %sum = fadd double %vy, %product
  store double %sum, ptr %py
  %next = add nsw i64 %i, 1
  br label %head
chunk_done:
  %unfinished = icmp slt i64 %i, %len_x
  br i1 %unfinished, label %poll, label %exit
poll:
  %flag = load volatile i32, ptr @rumba_interrupt_flag
  %quiet = icmp eq i32 %flag, 0
  br i1 %quiet, label %again, label %exit, !prof !0
again:
  br label %chunk
exit:
  ret i32 0
raise_y:
  store i64 %i, ptr %slots
  call void @rumba_raise(ptr %ctx, i64 1, i64 1, ptr %slots)
  ret i32 1
raise_x:
  store i64 %i, ptr %slots
  call void @rumba_raise(ptr %ctx, i64 2, i64 1, ptr %slots)
  ret i32 1
}

@rumba_interrupt_flag = external global i32
declare i64 @llvm.smin.i64(i64, i64)

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

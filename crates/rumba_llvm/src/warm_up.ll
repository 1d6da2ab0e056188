; Compiled once in the background at import (see compile.rs): a loop over an array with a reduction and a call.
define double @warm_up(ptr %data, i64 %n) nounwind {
entry:
  %empty = icmp slt i64 %n, 1
  br i1 %empty, label %exit, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %sum = phi double [ 0.0, %entry ], [ %total, %loop ]
  %place = getelementptr inbounds double, ptr %data, i64 %i
  %value = load double, ptr %place
  %square = fmul double %value, %value
  %total = fadd double %sum, %square
  %scaled = fmul double %value, 5.000000e-01
  store double %scaled, ptr %place
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  %result = phi double [ 0.0, %entry ], [ %total, %loop ]
  ret double %result
}

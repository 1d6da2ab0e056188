; Small functions that between them need every kind of relocation and section that the loader knows.

define i64 @add(i64 %a, i64 %b) nounwind {
  %c = add i64 %a, %b
  ret i64 %c
}

define double @sum(ptr %data, i64 %n) nounwind {
entry:
  %empty = icmp slt i64 %n, 1
  br i1 %empty, label %exit, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %acc = phi double [ 0.0, %entry ], [ %total, %loop ]
  %place = getelementptr inbounds double, ptr %data, i64 %i
  %value = load double, ptr %place
  %total = fadd double %acc, %value
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  %result = phi double [ 0.0, %entry ], [ %total, %loop ]
  ret double %result
}

define i64 @fib(i64 %n) nounwind {
entry:
  %small = icmp slt i64 %n, 2
  br i1 %small, label %base, label %step
base:
  ret i64 %n
step:
  %a = sub nsw i64 %n, 1
  %x = call i64 @fib(i64 %a)
  %b = sub nsw i64 %n, 2
  %y = call i64 @fib(i64 %b)
  %z = add i64 %x, %y
  ret i64 %z
}

declare i64 @far_add(i64, i64) nounwind

define i64 @call_far(i64 %a, i64 %b) nounwind {
  %x = call i64 @far_add(i64 %a, i64 %b)
  %y = call i64 @far_add(i64 %x, i64 %b)
  ret i64 %y
}

define ptr @address_of_far() nounwind {
  ret ptr @far_add
}

define double @float_constants(double %x) nounwind {
  %a = fmul double %x, 3.141592653589793
  %b = fadd double %a, 2.718281828459045
  ret double %b
}

define void @vector_constants(ptr %out) nounwind {
  store <4 x i64> <i64 11, i64 -22, i64 33, i64 44>, ptr %out, align 8
  ret void
}

define i64 @switch_table(i64 %n) nounwind {
entry:
  switch i64 %n, label %other [
    i64 0, label %c0
    i64 1, label %c1
    i64 2, label %c2
    i64 3, label %c3
    i64 4, label %c4
    i64 5, label %c5
  ]
c0:
  %r0 = call i64 @far_add(i64 %n, i64 100)
  ret i64 %r0
c1:
  ret i64 -7
c2:
  %r2 = mul i64 %n, 1000
  ret i64 %r2
c3:
  %r3 = call i64 @far_add(i64 %n, i64 -100)
  ret i64 %r3
c4:
  %r4 = xor i64 %n, 255
  ret i64 %r4
c5:
  %r5 = sdiv i64 1000, %n
  ret i64 %r5
other:
  ret i64 -1
}

@lookup = internal constant [5 x i64] [i64 3, i64 1, i64 4, i64 1, i64 5]
@counter = internal global i64 40
@zeroed = internal global [4 x i64] zeroinitializer
@table = internal constant [2 x ptr] [ptr @add, ptr @far_add]

define i64 @read_table(i64 %i) nounwind {
  %place = getelementptr inbounds [5 x i64], ptr @lookup, i64 0, i64 %i
  %value = load i64, ptr %place
  ret i64 %value
}

define i64 @count() nounwind {
  %old = load i64, ptr @counter
  %new = add i64 %old, 1
  store i64 %new, ptr @counter
  %place = getelementptr inbounds [4 x i64], ptr @zeroed, i64 0, i64 %old
  %inside = icmp ult i64 %old, 4
  br i1 %inside, label %touch, label %done
touch:
  store i64 1, ptr %place
  br label %done
done:
  ret i64 %new
}

define i64 @call_through_table(i64 %i, i64 %a, i64 %b) nounwind {
  %place = getelementptr inbounds [2 x ptr], ptr @table, i64 0, i64 %i
  %function = load ptr, ptr %place
  %r = call i64 %function(i64 %a, i64 %b)
  ret i64 %r
}

declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)

define void @fill(ptr %data, i64 %n) nounwind {
  call void @llvm.memset.p0.i64(ptr %data, i8 -1, i64 %n, i1 false)
  ret void
}

define double @remainder(double %x, double %y) nounwind {
  %r = frem double %x, %y
  ret double %r
}

define i128 @wide_divide(i128 %x, i128 %y) nounwind {
  %r = udiv i128 %x, %y
  ret i128 %r
}

declare double @rumba_exp_f64(double) nounwind

define void @exp_all(ptr noalias %out, ptr noalias %in, i64 %n) nounwind {
entry:
  %empty = icmp slt i64 %n, 1
  br i1 %empty, label %exit, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %from = getelementptr inbounds double, ptr %in, i64 %i
  %x = load double, ptr %from
  %y = call double @rumba_exp_f64(double %x)
  %to = getelementptr inbounds double, ptr %out, i64 %i
  store double %y, ptr %to
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

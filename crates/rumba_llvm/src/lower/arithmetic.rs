//! Arithmetic, comparisons and conversions of scalars.
//!
//! LLVM leaves undefined what the IR defines: the smallest integer divided by -1, shifts by the width or more, floats
//! that fit no integer. The code here closes each of these gaps; operands that are constant cost nothing, because the
//! builder folds.

use llvm_sys::LLVMIntPredicate::*;
use llvm_sys::LLVMOpcode::*;
use llvm_sys::LLVMRealPredicate::*;
use rumba_ir::{BinaryOp, CompareOp, UnaryOp};
use rumba_types::{Type, TypeKind};

use super::emitter::{Emitter, Ir};

fn is_signed(ty: Type) -> bool {
    ty.is_signed_int()
}

pub(super) fn unary(emitter: &Emitter<'_>, op: UnaryOp, ty: Type, operand: Ir) -> Ir {
    let llvm_type = emitter.scalar_type(ty);
    let intrinsic = |name| emitter.intrinsic(name, &[llvm_type], &[operand]);
    match op {
        UnaryOp::Neg if ty.is_float() => emitter.fneg(operand),
        UnaryOp::Neg => emitter.neg(operand),
        UnaryOp::Not | UnaryOp::BitNot => emitter.not(operand),
        UnaryOp::Abs => intrinsic("llvm.fabs"),
        UnaryOp::Sqrt => intrinsic("llvm.sqrt"),
        UnaryOp::Floor => intrinsic("llvm.floor"),
        UnaryOp::Ceil => intrinsic("llvm.ceil"),
        UnaryOp::Trunc => intrinsic("llvm.trunc"),
        UnaryOp::RoundEven => intrinsic("llvm.roundeven"),
        UnaryOp::CountOnes => intrinsic("llvm.ctpop"),
        UnaryOp::LeadingZeros | UnaryOp::TrailingZeros => {
            let name = if op == UnaryOp::LeadingZeros { "llvm.ctlz" } else { "llvm.cttz" };
            let zero_is_poison = emitter.const_bool(false);
            emitter.intrinsic(name, &[llvm_type], &[operand, zero_is_poison])
        }
    }
}

pub(super) fn binary(emitter: &Emitter<'_>, op: BinaryOp, ty: Type, lhs: Ir, rhs: Ir) -> Ir {
    let float = ty.is_float();
    let pick = |for_float, for_int| emitter.binary(if float { for_float } else { for_int }, lhs, rhs);
    match op {
        BinaryOp::Add => pick(LLVMFAdd, LLVMAdd),
        BinaryOp::Sub => pick(LLVMFSub, LLVMSub),
        BinaryOp::Mul => pick(LLVMFMul, LLVMMul),
        BinaryOp::AddNoWrap => emitter.add_no_wrap(lhs, rhs, is_signed(ty)),
        BinaryOp::Div => emitter.binary(LLVMFDiv, lhs, rhs),
        BinaryOp::FloorDiv | BinaryOp::TruncDiv if !is_signed(ty) => emitter.binary(LLVMUDiv, lhs, rhs),
        BinaryOp::FloorMod | BinaryOp::TruncMod if !is_signed(ty) => emitter.binary(LLVMURem, lhs, rhs),
        BinaryOp::FloorDiv => floor_div(emitter, lhs, rhs),
        BinaryOp::FloorMod => floor_mod(emitter, lhs, rhs),
        BinaryOp::TruncDiv => trunc_div(emitter, lhs, rhs),
        BinaryOp::TruncMod => emitter.binary(LLVMSRem, lhs, safe_divisor(emitter, rhs).0),
        BinaryOp::And => emitter.binary(LLVMAnd, lhs, rhs),
        BinaryOp::Or => emitter.binary(LLVMOr, lhs, rhs),
        BinaryOp::Xor => emitter.binary(LLVMXor, lhs, rhs),
        BinaryOp::Shl => shift(emitter, LLVMShl, ty, lhs, rhs),
        BinaryOp::Shr if is_signed(ty) => {
            // A count beyond the width shifts in as many sign bits as there are: as one less than the width does.
            let llvm_type = emitter.scalar_type(ty);
            let most = emitter.const_int(llvm_type, i64::from(width(ty)) - 1);
            let within = emitter.icmp(LLVMIntULT, rhs, most);
            emitter.binary(LLVMAShr, lhs, emitter.select(within, rhs, most))
        }
        BinaryOp::Shr => shift(emitter, LLVMLShr, ty, lhs, rhs),
        BinaryOp::CopySign => emitter.intrinsic("llvm.copysign", &[emitter.scalar_type(ty)], &[lhs, rhs]),
    }
}

fn width(ty: Type) -> u8 {
    match ty.kind() {
        TypeKind::Int(kind) => kind.bits,
        _ => panic!("{ty} is not an integer type"),
    }
}

/// A shift that gives 0 for counts of the width or more.
fn shift(emitter: &Emitter<'_>, opcode: llvm_sys::LLVMOpcode, ty: Type, lhs: Ir, count: Ir) -> Ir {
    let llvm_type = emitter.scalar_type(ty);
    let within = emitter.icmp(LLVMIntULT, count, emitter.const_int(llvm_type, i64::from(width(ty))));
    let shifted = emitter.binary(opcode, lhs, count);
    emitter.select(within, shifted, emitter.const_int(llvm_type, 0))
}

/// A divisor that is never -1, and whether the original is: dividing the smallest integer by it would trap.
fn safe_divisor(emitter: &Emitter<'_>, divisor: Ir) -> (Ir, Ir) {
    let ty = emitter.type_of(divisor);
    let is_minus_one = emitter.icmp(LLVMIntEQ, divisor, emitter.const_int(ty, -1));
    (emitter.select(is_minus_one, emitter.const_int(ty, 1), divisor), is_minus_one)
}

fn trunc_div(emitter: &Emitter<'_>, lhs: Ir, rhs: Ir) -> Ir {
    let (divisor, is_minus_one) = safe_divisor(emitter, rhs);
    let quotient = emitter.binary(LLVMSDiv, lhs, divisor);
    emitter.select(is_minus_one, emitter.neg(lhs), quotient)
}

/// The exponent of a constant positive power of two.
fn power_of_two(emitter: &Emitter<'_>, value: Ir) -> Option<i64> {
    let constant = emitter.as_const_int(value)?;
    (constant > 0 && constant.count_ones() == 1).then(|| i64::from(constant.trailing_zeros()))
}

/// Whether the remainder of a truncating division must be corrected: it is not zero and its sign is not the divisor's.
fn signs_differ(emitter: &Emitter<'_>, remainder: Ir, divisor: Ir) -> Ir {
    let zero = emitter.const_int(emitter.type_of(remainder), 0);
    let not_zero = emitter.icmp(LLVMIntNE, remainder, zero);
    let differ = emitter.icmp(LLVMIntSLT, emitter.binary(LLVMXor, remainder, divisor), zero);
    emitter.binary(LLVMAnd, not_zero, differ)
}

fn floor_div(emitter: &Emitter<'_>, lhs: Ir, rhs: Ir) -> Ir {
    let ty = emitter.type_of(lhs);
    if let Some(exponent) = power_of_two(emitter, rhs) {
        return emitter.binary(LLVMAShr, lhs, emitter.const_int(ty, exponent));
    }
    let (divisor, is_minus_one) = safe_divisor(emitter, rhs);
    let quotient = emitter.binary(LLVMSDiv, lhs, divisor);
    let remainder = emitter.binary(LLVMSub, lhs, emitter.binary(LLVMMul, quotient, divisor));
    let correction = emitter.cast(LLVMSExt, signs_differ(emitter, remainder, divisor), ty);
    let floored = emitter.binary(LLVMAdd, quotient, correction);
    emitter.select(is_minus_one, emitter.neg(lhs), floored)
}

fn floor_mod(emitter: &Emitter<'_>, lhs: Ir, rhs: Ir) -> Ir {
    let ty = emitter.type_of(lhs);
    if power_of_two(emitter, rhs).is_some() {
        let mask = emitter.binary(LLVMSub, rhs, emitter.const_int(ty, 1));
        return emitter.binary(LLVMAnd, lhs, mask);
    }
    // Everything divides by -1 as by 1: without remainder.
    let (divisor, _) = safe_divisor(emitter, rhs);
    let remainder = emitter.binary(LLVMSRem, lhs, divisor);
    let correct = signs_differ(emitter, remainder, divisor);
    let correction = emitter.select(correct, divisor, emitter.const_int(ty, 0));
    emitter.binary(LLVMAdd, remainder, correction)
}

pub(super) fn compare(emitter: &Emitter<'_>, op: CompareOp, ty: Type, lhs: Ir, rhs: Ir) -> Ir {
    if ty.is_float() {
        let predicate = match op {
            CompareOp::Eq => LLVMRealOEQ,
            // nan != nan
            CompareOp::Ne => LLVMRealUNE,
            CompareOp::Lt => LLVMRealOLT,
            CompareOp::Le => LLVMRealOLE,
            CompareOp::Gt => LLVMRealOGT,
            CompareOp::Ge => LLVMRealOGE,
        };
        return emitter.fcmp(predicate, lhs, rhs);
    }
    let predicate = match (op, is_signed(ty)) {
        (CompareOp::Eq, _) => LLVMIntEQ,
        (CompareOp::Ne, _) => LLVMIntNE,
        (CompareOp::Lt, true) => LLVMIntSLT,
        (CompareOp::Le, true) => LLVMIntSLE,
        (CompareOp::Gt, true) => LLVMIntSGT,
        (CompareOp::Ge, true) => LLVMIntSGE,
        (CompareOp::Lt, false) => LLVMIntULT,
        (CompareOp::Le, false) => LLVMIntULE,
        (CompareOp::Gt, false) => LLVMIntUGT,
        (CompareOp::Ge, false) => LLVMIntUGE,
    };
    emitter.icmp(predicate, lhs, rhs)
}

/// Between bool, ints and floats.
pub(super) fn convert(emitter: &Emitter<'_>, value: Ir, from: Type, to: Type) -> Ir {
    let target = emitter.scalar_type(to);
    let cast = |opcode| emitter.cast(opcode, value, target);
    match (from.kind(), to.kind()) {
        _ if from == to => value,
        (TypeKind::Float(_), TypeKind::Bool) => {
            emitter.fcmp(LLVMRealUNE, value, emitter.const_float(emitter.type_of(value), 0.0))
        }
        (TypeKind::Int(_), TypeKind::Bool) => {
            emitter.icmp(LLVMIntNE, value, emitter.const_int(emitter.type_of(value), 0))
        }
        (TypeKind::Bool, TypeKind::Int(_)) => cast(LLVMZExt),
        (TypeKind::Bool, TypeKind::Float(_)) => cast(LLVMUIToFP),
        (TypeKind::Int(a), TypeKind::Int(b)) if b.bits < a.bits => cast(LLVMTrunc),
        (TypeKind::Int(a), TypeKind::Int(b)) if b.bits == a.bits => value,
        (TypeKind::Int(a), TypeKind::Int(_)) => cast(if a.signed { LLVMSExt } else { LLVMZExt }),
        (TypeKind::Int(a), TypeKind::Float(_)) => cast(if a.signed { LLVMSIToFP } else { LLVMUIToFP }),
        // LLVM gives poison where the result does not fit, which must not reach a branch.
        (TypeKind::Float(_), TypeKind::Int(b)) => {
            emitter.freeze(cast(if b.signed { LLVMFPToSI } else { LLVMFPToUI }))
        }
        (TypeKind::Float(a), TypeKind::Float(b)) => cast(if b > a { LLVMFPExt } else { LLVMFPTrunc }),
        _ => panic!("no conversion from {from} to {to}"),
    }
}

/// The same bits as another type of equal width.
pub(super) fn reinterpret(emitter: &Emitter<'_>, value: Ir, from: Type, to: Type) -> Ir {
    let opcode = match (from == Type::pointer(), to == Type::pointer()) {
        (true, false) => LLVMPtrToInt,
        (false, true) => LLVMIntToPtr,
        _ => LLVMBitCast,
    };
    emitter.cast(opcode, value, emitter.scalar_type(to))
}

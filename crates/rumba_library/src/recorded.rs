//! Code that an `intrinsic` of the user's has recorded: steps in a row, each of which makes a value of those before it.
//!
//! `rumba.intrinsics` records what a code generator does with its builder as these operations. Each step is checked before it
//! is emitted, so that whatever is recorded gives correct typed SSA or a message.

use crate::declaration::Argument;
use crate::{Emit, Emitter, lookup};
use rumba_ir::{Access, BinaryOp, CompareOp, Scalar, UnaryOp, Value};
use rumba_source::Code;
use rumba_types::{Type, TypeKind};
use std::sync::Arc;

/// Values are numbered: first the parameters, then the result of each step.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    pub params: Vec<Type>,
    pub steps: Vec<Step>,
    /// The number of the value that is the result, and its type.
    pub result: usize,
    pub result_type: Type,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    pub name: Arc<str>,
    pub operands: Vec<usize>,
    /// What the result is to be, where the operands do not say it.
    pub ty: Option<Type>,
    /// A number, of constants, fields and sizes.
    pub number: Option<Scalar>,
}

const ALIGNED: Access = Access::aligned(true);

/// Emits the steps for these arguments.
pub fn emit_recorded(e: &mut Emitter<'_>, name: &str, recorded: &Recorded, arguments: &[Argument]) -> Emit {
    if arguments.len() != recorded.params.len() {
        let message = format!(
            "{name}() was given {} arguments, and the signature of its code generator has {}",
            arguments.len(),
            recorded.params.len()
        );
        return e.error(Code::ArgumentCount, message);
    }
    let mut values = Vec::with_capacity(arguments.len() + recorded.steps.len());
    for (argument, ty) in arguments.iter().zip(&recorded.params) {
        values.push(e.coerce(argument.value, *ty)?);
    }
    for step in &recorded.steps {
        let operands: Option<Vec<Value>> =
            step.operands.iter().map(|idx| values.get(*idx).copied()).collect();
        let made = match operands {
            Some(operands) => emit_step(e, step, &operands)?,
            None => None,
        };
        let Some(made) = made else {
            let types: Vec<String> = step
                .operands
                .iter()
                .filter_map(|idx| values.get(*idx))
                .map(|value| e.ty(*value).to_string())
                .collect();
            let message = format!("{name}: `{}` is no operation on ({})", step.name, types.join(", "));
            return e.error(Code::NoImplementation, message);
        };
        values.push(made);
    }
    let result = values.get(recorded.result).copied();
    match result.filter(|value| e.ty(*value) == recorded.result_type) {
        Some(result) => Ok(result),
        None => {
            let given = result.map_or_else(|| "nothing".to_owned(), |value| e.ty(value).to_string());
            let message = format!("{name}: its code generator gives {given}, not {}", recorded.result_type);
            e.error(Code::NoImplementation, message)
        }
    }
}

/// `None`: the operands do not fit.
fn emit_step(e: &mut Emitter<'_>, step: &Step, operands: &[Value]) -> Emit<Option<Value>> {
    let types = e.types(operands);
    let is_of = |test: fn(Type) -> bool| {
        types.first().is_some_and(|first| test(*first) && types.iter().all(|ty| ty == first))
    };
    let (is_int, is_float) = (is_of(Type::is_int), is_of(Type::is_float));
    let is_bits = is_int || is_of(Type::is_bool);
    if let (Some(op), [lhs, rhs]) = (binary_op(&step.name), operands) {
        let fits = match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => is_int || is_float,
            BinaryOp::Div | BinaryOp::CopySign => is_float,
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => is_bits,
            _ => is_int,
        };
        if fits && matches!(op, BinaryOp::TruncDiv | BinaryOp::TruncMod) {
            let is_zero = e.is_zero(*rhs);
            e.raise_if(is_zero, "ZeroDivisionError", "division by zero", &[]);
        }
        return Ok(fits.then(|| e.b.binary(op, *lhs, *rhs)));
    }
    if let (Some(op), [operand]) = (unary_op(&step.name), operands) {
        let fits = match op {
            UnaryOp::Neg => is_int || is_float,
            UnaryOp::Not => is_of(Type::is_bool),
            UnaryOp::BitNot | UnaryOp::CountOnes | UnaryOp::LeadingZeros | UnaryOp::TrailingZeros => is_int,
            _ => is_float,
        };
        return Ok(fits.then(|| e.b.unary(op, *operand)));
    }
    if let (Some(op), [lhs, rhs]) = (compare_op(&step.name), operands) {
        return Ok((is_bits || is_float).then(|| e.b.compare(op, *lhs, *rhs)));
    }
    if let Some(path) = step.name.strip_prefix("call ") {
        let span = e.span;
        let argument = |value: &Value| Argument { keyword: None, value: *value, span };
        let arguments: Vec<Argument> = operands.iter().map(argument).collect();
        return match lookup(path) {
            Some(declaration) if is_float => {
                let result = declaration.call(e, &arguments)?;
                e.coerce(result, types[0]).map(Some)
            }
            _ => Ok(None),
        };
    }
    let is_address = types.first() == Some(&Type::pointer());
    let is_scalar = |ty: Type| ty.is_bool() || ty.is_int() || ty.is_float();
    Ok(match (&*step.name, operands, step.ty, step.number) {
        ("const", [], Some(ty), Some(scalar)) => {
            let fits = match scalar {
                Scalar::Bool(_) => ty.is_bool(),
                Scalar::Int(_) => ty.is_int(),
                Scalar::Float(_) => ty.is_float(),
                Scalar::Address(_) => ty == Type::pointer(),
            };
            fits.then(|| e.b.constant(scalar, ty))
        }
        ("none", [], ..) => Some(e.b.none()),
        ("select", [condition, then, otherwise], ..) => {
            let fits = e.ty(*condition).is_bool() && e.ty(*then) == e.ty(*otherwise);
            fits.then(|| e.b.select(*condition, *then, *otherwise))
        }
        ("convert", [value], Some(ty), _) => {
            (is_scalar(ty) && is_scalar(types[0])).then(|| e.b.convert(*value, ty))
        }
        ("reinterpret", [value], Some(ty), _) => {
            let bits = |ty: Type| match ty.kind() {
                TypeKind::Pointer => Some(64),
                _ if ty.is_int() || ty.is_float() => Some(8 * ty.item_size()),
                _ => None,
            };
            (bits(ty).is_some() && bits(ty) == bits(types[0])).then(|| e.b.reinterpret(*value, ty))
        }
        ("field", [value], _, Some(Scalar::Int(idx))) => {
            let fields = types[0].fields().unwrap_or_default();
            usize::try_from(idx).ok().filter(|idx| *idx < fields.len()).map(|idx| e.b.field(*value, idx))
        }
        ("make", fields, Some(ty), _) => {
            let is_open = matches!(ty.kind(), TypeKind::Tuple(_) | TypeKind::CPointer(_));
            (is_open && ty.fields() == Some(types.clone())).then(|| e.b.make(ty, fields.to_vec()))
        }
        ("load", [_], Some(ty), _) if is_address => {
            (is_scalar(ty) || ty == Type::pointer()).then(|| e.b.load(operands[0], ty, ALIGNED))
        }
        ("store", [pointer, value], ..) if is_address => {
            let ty = types[1];
            (is_scalar(ty) || ty == Type::pointer()).then(|| {
                e.b.store(*pointer, *value, ALIGNED);
                e.b.none()
            })
        }
        ("offset", [pointer, bytes], ..) if is_address => {
            (types[1] == Type::int64()).then(|| e.b.offset(*pointer, *bytes))
        }
        ("stack", [], _, Some(Scalar::Int(bytes))) => {
            u32::try_from(bytes).ok().filter(|bytes| *bytes <= 1 << 16).map(|bytes| e.b.stack_memory(bytes))
        }
        _ => None,
    })
}

fn binary_op(name: &str) -> Option<BinaryOp> {
    Some(match name {
        "add" => BinaryOp::Add,
        "sub" => BinaryOp::Sub,
        "mul" => BinaryOp::Mul,
        "div" => BinaryOp::TruncDiv,
        "rem" => BinaryOp::TruncMod,
        "fdiv" => BinaryOp::Div,
        "and" => BinaryOp::And,
        "or" => BinaryOp::Or,
        "xor" => BinaryOp::Xor,
        "shl" => BinaryOp::Shl,
        "shr" => BinaryOp::Shr,
        "copysign" => BinaryOp::CopySign,
        _ => return None,
    })
}

fn unary_op(name: &str) -> Option<UnaryOp> {
    Some(match name {
        "neg" => UnaryOp::Neg,
        "not" => UnaryOp::Not,
        "bit_not" => UnaryOp::BitNot,
        "fabs" => UnaryOp::Abs,
        "sqrt" => UnaryOp::Sqrt,
        "floor" => UnaryOp::Floor,
        "ceil" => UnaryOp::Ceil,
        "trunc" => UnaryOp::Trunc,
        "round_even" => UnaryOp::RoundEven,
        "ctpop" => UnaryOp::CountOnes,
        "ctlz" => UnaryOp::LeadingZeros,
        "cttz" => UnaryOp::TrailingZeros,
        _ => return None,
    })
}

fn compare_op(name: &str) -> Option<CompareOp> {
    Some(match name {
        "==" => CompareOp::Eq,
        "!=" => CompareOp::Ne,
        "<" => CompareOp::Lt,
        "<=" => CompareOp::Le,
        ">" => CompareOp::Gt,
        ">=" => CompareOp::Ge,
        _ => return None,
    })
}

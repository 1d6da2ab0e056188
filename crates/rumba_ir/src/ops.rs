//! The operations of typed SSA.

use crate::{BodyId, Effects, InstanceId, RuntimeFunction, Value};
use rumba_types::Type;
use std::sync::Arc;

/// A constant machine scalar; the type stands with the value that it defines.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scalar {
    Bool(bool),
    /// The bits, sign- or zero-extended to 64 by the signedness of the type.
    Int(i64),
    /// Rounded to the type when that is float32.
    Float(f64),
    /// A machine address of something that the embedding keeps alive.
    Address(u64),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    /// Ints (wrapping) and floats.
    Neg,
    /// Bool.
    Not,
    /// Ints.
    BitNot,
    /// Floats: clears the sign.
    Abs,
    Sqrt,
    Floor,
    Ceil,
    Trunc,
    /// Floats: to the nearest integer, ties to even.
    RoundEven,
    /// Ints: the number of one bits.
    CountOnes,
    /// Ints: leading zero bits; the width for zero.
    LeadingZeros,
    TrailingZeros,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    /// Ints (wrapping) and floats.
    Add,
    Sub,
    Mul,
    /// Ints that are known not to overflow (the step of a range iterator).
    AddNoWrap,
    /// Floats.
    Div,
    /// Ints, divisor not zero: rounds to minus infinity; the smallest number by -1 wraps.
    FloorDiv,
    /// Ints, divisor not zero: has the sign of the divisor.
    FloorMod,
    /// Ints, divisor not zero: rounds to zero; wraps as `FloorDiv`.
    TruncDiv,
    /// Ints, divisor not zero: has the sign of the dividend.
    TruncMod,
    /// Bool and ints.
    And,
    Or,
    Xor,
    /// Ints: a count (same type, read as unsigned) of the width or more gives 0.
    Shl,
    /// Ints: arithmetic for signed types; a count of the width or more gives 0 or -1.
    Shr,
    /// Floats: magnitude of the left, sign of the right operand.
    CopySign,
}

/// Signedness comes from the type; floats compare ordered, except `Ne`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// What is known of an access to memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Access {
    /// The address is a multiple of the size of the scalar.
    pub aligned: bool,
    /// Turns of the innermost loop around do not depend on each other through this access, whatever
    /// addresses they are: code generation need not compare pointers before it vectorises.
    pub independent: bool,
    /// The memory is a field of an instance, which no element of an array is.
    pub field: bool,
}

impl Access {
    /// Of which nothing is known but this.
    pub const fn aligned(aligned: bool) -> Access {
        Access { aligned, independent: false, field: false }
    }

    /// Of a field of an instance.
    pub const fn field() -> Access {
        Access { aligned: true, independent: false, field: true }
    }

    pub const fn independent(self) -> Access {
        Access { independent: true, ..self }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub enum Op {
    Const(Scalar),
    /// A composite value from its fields, in the order of `Type::fields` of the result type.
    Make(Vec<Value>),
    Field {
        value: Value,
        index: u32,
    },
    Unary {
        op: UnaryOp,
        operand: Value,
    },
    /// Both operands and the result have one scalar type.
    Binary {
        op: BinaryOp,
        lhs: Value,
        rhs: Value,
    },
    /// Bools, ints, floats or pointers of one type; gives a bool. Bools and pointers: as unsigned.
    Compare {
        op: CompareOp,
        lhs: Value,
        rhs: Value,
    },
    /// `condition` is a bool; both others have the result's type, which may be composite.
    Select {
        condition: Value,
        then: Value,
        otherwise: Value,
    },
    /// Between bool, ints and floats. To bool: not equal to zero. Float to int: rounds to zero, any
    /// value where the result does not fit. Int to narrower int: wraps.
    Convert(Value),
    /// The same bits as another scalar type of equal width.
    Reinterpret(Value),
    /// A value in memory: a scalar, a complex number (real part first) or a time; bool is a byte, not 0 is true.
    Load {
        pointer: Value,
        access: Access,
    },
    Store {
        pointer: Value,
        value: Value,
        access: Access,
    },
    /// An address `bytes` (int64) behind `pointer`, in the same object.
    Offset {
        pointer: Value,
        bytes: Value,
    },
    /// The address of stack memory that holds the operands' scalars, one 8-byte slot each (as entry
    /// functions pack arguments): how a runtime function is given an array descriptor, and where a variable is
    /// that inner functions share. The memory is the
    /// instruction's own; executing the instruction again overwrites it.
    Pack(Vec<Value>),
    /// The address of this much stack memory, aligned to cache lines. The memory is the instruction's own, as with
    /// `Pack`, and keeps its contents until the function returns.
    StackMemory {
        bytes: u32,
    },
    /// The address of constant bytes, aligned to 16, that are there as long as the code.
    Data(Arc<[u8]>),
    /// Computes every element of the targets, arrays of one shape, by a body from the elements of the inputs,
    /// which broadcast to that shape; an input that is no array is the same for all. With several targets the
    /// body gives a tuple. Inputs are read as they were before, whatever memory they share with targets; `fresh`
    /// targets share none. The site is for the memory that this may take.
    Elementwise {
        body: BodyId,
        inputs: Vec<Value>,
        targets: Vec<Value>,
        fresh: bool,
    },
    /// Reduces what the body computes, in C order, over inputs that broadcast to these extents. The function
    /// is given a block of results at a time: `(address, length of the block, results before it, all results)`;
    /// what it gives for the last block is the reduction. Of nothing there is one block, an empty one.
    Reduce {
        function: &'static RuntimeFunction,
        body: BodyId,
        inputs: Vec<Value>,
        extents: Vec<Value>,
    },
    /// Another instance, with its parameters in order.
    Call {
        callee: InstanceId,
        args: Vec<Value>,
    },
    CallRuntime {
        function: &'static RuntimeFunction,
        args: Vec<Value>,
    },
    /// Hands the operands to the embedding with the instruction's site (printing). Can raise.
    CallHost {
        args: Vec<Value>,
    },
    /// Raises what the instruction's site says when `condition` (a bool) is false.
    RaiseUnless {
        condition: Value,
        args: Vec<Value>,
    },
    /// Raises `RecursionError` when the stack is nearly used up.
    CheckStack,
    /// Lets a pending interrupt (Ctrl-C) in. Can raise.
    Poll,
    /// Memory of the frame that holds the operand, a slot per scalar, and owns the references which that counts:
    /// what it holds when the frame is left is released. The result is a `Frame` of the operand's type. Only
    /// in the entry block. Memory that owns nothing is made by `Pack`.
    Cell(Value),
    /// The same value, with a reference that is counted for it.
    Own(Value),
    /// The same value, with the reference that memory has counted for it until now.
    Adopt(Value),
    /// The address of an instance's entry function (see ABI.md), of the same batch.
    EntryAddress(InstanceId),
    /// The size of the block of a generator: an int64, known when its `Yield`s have been lowered.
    GeneratorSize(InstanceId),
    /// Counts one more reference to what the value owns.
    Retain(Value),
    /// Gives a counted reference up.
    Release(Value),
}

/// The one list of each operation's operands, for shared and exclusive access.
macro_rules! visit_operands {
    ($op:expr, $visit:expr, $iter:ident) => {{
        let mut visit = $visit;
        match $op {
            Op::Const(_)
            | Op::StackMemory { .. }
            | Op::Data(_)
            | Op::EntryAddress(_)
            | Op::GeneratorSize(_)
            | Op::CheckStack
            | Op::Poll => {}
            Op::Elementwise { inputs, targets: others, .. } | Op::Reduce { inputs, extents: others, .. } => {
                inputs.$iter().for_each(&mut visit);
                others.$iter().for_each(visit);
            }
            Op::Make(values) | Op::Pack(values) => values.$iter().for_each(visit),
            Op::Field { value: operand, .. }
            | Op::Unary { operand, .. }
            | Op::Convert(operand)
            | Op::Reinterpret(operand)
            | Op::Load { pointer: operand, .. }
            | Op::Cell(operand)
            | Op::Own(operand)
            | Op::Adopt(operand)
            | Op::Retain(operand)
            | Op::Release(operand) => visit(operand),
            Op::Binary { lhs, rhs, .. } | Op::Compare { lhs, rhs, .. } => {
                visit(lhs);
                visit(rhs);
            }
            Op::Select { condition, then, otherwise } => {
                visit(condition);
                visit(then);
                visit(otherwise);
            }
            Op::Store { pointer, value, .. } => {
                visit(pointer);
                visit(value);
            }
            Op::Offset { pointer, bytes } => {
                visit(pointer);
                visit(bytes);
            }
            Op::Call { args, .. } | Op::CallRuntime { args, .. } | Op::CallHost { args } => {
                args.$iter().for_each(visit)
            }
            Op::RaiseUnless { condition, args } => {
                visit(condition);
                args.$iter().for_each(visit);
            }
        }
    }};
}

impl Op {
    /// Calls `visit` for each operand, in order.
    pub fn operands(&self, mut visit: impl FnMut(Value)) {
        visit_operands!(self, |value: &Value| visit(*value), iter);
    }

    /// Calls `visit` for each operand, in order.
    pub fn operands_mut(&mut self, mut visit: impl FnMut(&mut Value)) {
        visit_operands!(self, |value: &mut Value| visit(value), iter_mut);
    }

    /// Whether only the effect matters: the result, of type `none`, is never an operand.
    pub fn is_effect(&self) -> bool {
        match self {
            Op::Store { .. }
            | Op::Elementwise { .. }
            | Op::CallHost { .. }
            | Op::RaiseUnless { .. }
            | Op::CheckStack
            | Op::Poll
            | Op::Retain(_)
            | Op::Release(_) => true,
            Op::Const(_)
            | Op::Make(_)
            | Op::Field { .. }
            | Op::Unary { .. }
            | Op::Binary { .. }
            | Op::Compare { .. }
            | Op::Select { .. }
            | Op::Convert(_)
            | Op::Reinterpret(_)
            | Op::Load { .. }
            | Op::Offset { .. }
            | Op::Pack(_)
            | Op::StackMemory { .. }
            | Op::Data(_)
            | Op::Reduce { .. }
            | Op::Cell(_)
            | Op::Own(_)
            | Op::Adopt(_)
            | Op::EntryAddress(_)
            | Op::GeneratorSize(_)
            | Op::Call { .. }
            | Op::CallRuntime { .. } => false,
        }
    }

    /// Whether the operation, with a result of type `result`, allocates memory that is counted: a call
    /// of a runtime function that gives owner and data, a pair of pointers. The function that executes
    /// it then owns one reference, although the pair is no managed type: an array made of the owner
    /// stands for the reference.
    pub fn allocates(&self, result: Type) -> bool {
        matches!(self, Op::CallRuntime { function, .. } if !function.is_pure())
            && matches!(result.as_tuple(), Some([owner, data]) if *owner == Type::pointer() && owner == data)
    }

    /// Whether the operation does nothing but compute its result, so that it may be dropped when the
    /// result is not used. Loads count as such.
    pub fn is_removable(&self) -> bool {
        match self {
            Op::Const(_)
            | Op::Make(_)
            | Op::Field { .. }
            | Op::Unary { .. }
            | Op::Binary { .. }
            | Op::Compare { .. }
            | Op::Select { .. }
            | Op::Convert(_)
            | Op::Reinterpret(_)
            | Op::Load { .. }
            | Op::Pack(_)
            | Op::StackMemory { .. }
            | Op::Data(_)
            | Op::EntryAddress(_)
            | Op::GeneratorSize(_)
            | Op::Offset { .. } => true,
            Op::CallRuntime { function, .. } => function.effects != Effects::Any && !function.can_raise,
            Op::Store { .. }
            | Op::Elementwise { .. }
            | Op::Reduce { .. }
            | Op::Call { .. }
            | Op::CallHost { .. }
            | Op::RaiseUnless { .. }
            | Op::CheckStack
            | Op::Poll
            | Op::Cell(_)
            | Op::Own(_)
            | Op::Adopt(_)
            | Op::Retain(_)
            | Op::Release(_) => false,
        }
    }

    /// Whether the operation can raise; of a call, as far as the operation alone tells. What a body raises does not
    /// count: whoever asks comes after bodies have become loops.
    pub fn can_raise(&self) -> bool {
        match self {
            Op::RaiseUnless { .. } | Op::Call { .. } | Op::CallHost { .. } | Op::CheckStack | Op::Poll => {
                true
            }
            Op::CallRuntime { function, .. } => function.can_raise,
            _ => false,
        }
    }
}

//! Appends instructions to a function, folding what is constant on the way.
//!
//! Folding here keeps the work of every later stage small: field access of a value just made, integer
//! arithmetic on constants, selects and comparisons that are decided.

use crate::{
    Access, BinaryOp, Block, BodyId, CompareOp, Edge, Function, InstanceId, Instruction, Op, RuntimeFunction,
    Scalar, SiteId, Terminator, UnaryOp, Value,
};
use rumba_types::{Type, TypeKind};
use rustc_hash::FxHashMap;

pub struct Builder<'f> {
    pub function: &'f mut Function,
    block: Block,
    constants: FxHashMap<Value, Scalar>,
    made: FxHashMap<Value, Vec<Value>>,
}

impl<'f> Builder<'f> {
    /// Appends to the end of `block`.
    pub fn new(function: &'f mut Function, block: Block) -> Builder<'f> {
        Builder { function, block, constants: FxHashMap::default(), made: FxHashMap::default() }
    }

    pub fn block(&self) -> Block {
        self.block
    }

    /// Continues at the end of another block.
    pub fn switch_to(&mut self, block: Block) {
        self.block = block;
    }

    pub fn ty(&self, value: Value) -> Type {
        self.function.ty(value)
    }

    fn push(&mut self, op: Op, ty: Type, site: Option<SiteId>) -> Value {
        let result = self.function.add_value(ty);
        match &op {
            Op::Const(scalar) => {
                self.constants.insert(result, *scalar);
            }
            Op::Make(fields) => {
                self.made.insert(result, fields.clone());
            }
            _ => {}
        }
        let instruction = Instruction { result, op, site, cleanup: Vec::new() };
        self.function.block_mut(self.block).instructions.push(instruction);
        result
    }

    /// The result of an operation that cannot raise.
    pub fn operation(&mut self, op: Op, ty: Type) -> Value {
        self.push(op, ty, None)
    }

    // Constants and composites.

    pub fn constant(&mut self, scalar: Scalar, ty: Type) -> Value {
        self.push(Op::Const(scalar), ty, None)
    }

    pub fn int(&mut self, value: i64, ty: Type) -> Value {
        self.constant(Scalar::Int(value), ty)
    }

    pub fn int64(&mut self, value: i64) -> Value {
        self.int(value, Type::int64())
    }

    pub fn bool(&mut self, value: bool) -> Value {
        self.constant(Scalar::Bool(value), Type::bool())
    }

    pub fn float(&mut self, value: f64, ty: Type) -> Value {
        self.constant(Scalar::Float(value), ty)
    }

    pub fn address(&mut self, address: u64) -> Value {
        self.constant(Scalar::Address(address), Type::pointer())
    }

    /// The zero of a type: 0, false, null, and composites of these.
    pub fn zero(&mut self, ty: Type) -> Value {
        match ty.kind() {
            TypeKind::Bool => self.bool(false),
            TypeKind::Int(_) => self.int(0, ty),
            TypeKind::Float(_) => self.float(0.0, ty),
            TypeKind::Pointer => self.address(0),
            _ => {
                let fields = ty.fields().expect("a type that is no machine scalar has fields");
                let fields = fields.into_iter().map(|field| self.zero(field)).collect();
                self.make(ty, fields)
            }
        }
    }

    /// A value of composite type `ty` from its fields.
    pub fn make(&mut self, ty: Type, fields: Vec<Value>) -> Value {
        debug_assert_eq!(
            ty.fields(),
            Some(fields.iter().map(|field| self.ty(*field)).collect()),
            "fields of {ty}"
        );
        self.push(Op::Make(fields), ty, None)
    }

    /// The only value of a type without run-time representation.
    pub fn unit(&mut self, ty: Type) -> Value {
        self.make(ty, Vec::new())
    }

    pub fn none(&mut self) -> Value {
        self.unit(Type::none())
    }

    pub fn field(&mut self, value: Value, index: usize) -> Value {
        if let Some(fields) = self.made.get(&value) {
            return fields[index];
        }
        let fields = self.ty(value).fields().expect("fields are taken of composite values");
        self.push(Op::Field { value, index: index as u32 }, fields[index], None)
    }

    /// The constant that a value is known to be. More is known when code is emitted than when types are inferred, so
    /// neither a type nor a mistake of the user may depend on it: literals have types of their own for that.
    pub fn as_constant(&self, value: Value) -> Option<Scalar> {
        self.constants.get(&value).copied()
    }

    pub fn as_const_int(&self, value: Value) -> Option<i64> {
        match self.as_constant(value) {
            Some(Scalar::Int(value)) => Some(value),
            _ => None,
        }
    }

    pub fn as_const_bool(&self, value: Value) -> Option<bool> {
        match self.as_constant(value) {
            Some(Scalar::Bool(value)) => Some(value),
            _ => None,
        }
    }

    // Arithmetic.

    pub fn unary(&mut self, op: UnaryOp, operand: Value) -> Value {
        match (op, self.as_constant(operand)) {
            (UnaryOp::Not, Some(Scalar::Bool(value))) => return self.bool(!value),
            (UnaryOp::Neg, Some(Scalar::Float(value))) => {
                let ty = self.ty(operand);
                return self.float(-value, ty);
            }
            _ => {}
        }
        let ty = self.ty(operand);
        self.push(Op::Unary { op, operand }, ty, None)
    }

    pub fn not(&mut self, operand: Value) -> Value {
        self.unary(UnaryOp::Not, operand)
    }

    pub fn binary(&mut self, op: BinaryOp, lhs: Value, rhs: Value) -> Value {
        let ty = self.ty(lhs);
        debug_assert_eq!(ty, self.ty(rhs), "operands of {op:?}");
        if let Some(folded) = self.fold_binary(op, lhs, rhs) {
            return folded;
        }
        self.push(Op::Binary { op, lhs, rhs }, ty, None)
    }

    fn fold_binary(&mut self, op: BinaryOp, lhs: Value, rhs: Value) -> Option<Value> {
        let ty = self.ty(lhs);
        if ty == Type::int64() {
            match (op, self.as_const_int(lhs), self.as_const_int(rhs)) {
                (BinaryOp::Add | BinaryOp::AddNoWrap, Some(a), Some(b)) => {
                    return Some(self.int64(a.wrapping_add(b)));
                }
                (BinaryOp::Sub, Some(a), Some(b)) => return Some(self.int64(a.wrapping_sub(b))),
                (BinaryOp::Mul, Some(a), Some(b)) => return Some(self.int64(a.wrapping_mul(b))),
                (BinaryOp::Add | BinaryOp::AddNoWrap, Some(0), _) => return Some(rhs),
                (BinaryOp::Add | BinaryOp::AddNoWrap | BinaryOp::Sub, _, Some(0)) => return Some(lhs),
                (BinaryOp::Mul, Some(1), _) => return Some(rhs),
                (BinaryOp::Mul, _, Some(1)) => return Some(lhs),
                _ => {}
            }
        }
        match (op, self.as_const_bool(lhs), self.as_const_bool(rhs)) {
            (BinaryOp::And, Some(true), _) | (BinaryOp::Or, Some(false), _) => Some(rhs),
            (BinaryOp::And, _, Some(true)) | (BinaryOp::Or, _, Some(false)) => Some(lhs),
            (BinaryOp::And, Some(false), _) | (BinaryOp::Or, Some(true), _) => Some(lhs),
            (BinaryOp::And, _, Some(false)) | (BinaryOp::Or, _, Some(true)) => Some(rhs),
            _ => None,
        }
    }

    pub fn add(&mut self, lhs: Value, rhs: Value) -> Value {
        self.binary(BinaryOp::Add, lhs, rhs)
    }

    pub fn sub(&mut self, lhs: Value, rhs: Value) -> Value {
        self.binary(BinaryOp::Sub, lhs, rhs)
    }

    pub fn mul(&mut self, lhs: Value, rhs: Value) -> Value {
        self.binary(BinaryOp::Mul, lhs, rhs)
    }

    pub fn and(&mut self, lhs: Value, rhs: Value) -> Value {
        self.binary(BinaryOp::And, lhs, rhs)
    }

    pub fn or(&mut self, lhs: Value, rhs: Value) -> Value {
        self.binary(BinaryOp::Or, lhs, rhs)
    }

    pub fn compare(&mut self, op: CompareOp, lhs: Value, rhs: Value) -> Value {
        debug_assert_eq!(self.ty(lhs), self.ty(rhs), "operands of {op:?}");
        if self.ty(lhs).is_signed_int()
            && let (Some(a), Some(b)) = (self.as_const_int(lhs), self.as_const_int(rhs))
        {
            let decided = match op {
                CompareOp::Eq => a == b,
                CompareOp::Ne => a != b,
                CompareOp::Lt => a < b,
                CompareOp::Le => a <= b,
                CompareOp::Gt => a > b,
                CompareOp::Ge => a >= b,
            };
            return self.bool(decided);
        }
        self.push(Op::Compare { op, lhs, rhs }, Type::bool(), None)
    }

    pub fn select(&mut self, condition: Value, then: Value, otherwise: Value) -> Value {
        debug_assert_eq!(self.ty(then), self.ty(otherwise), "alternatives of a select");
        if let Some(condition) = self.as_const_bool(condition) {
            return if condition { then } else { otherwise };
        }
        let ty = self.ty(then);
        self.push(Op::Select { condition, then, otherwise }, ty, None)
    }

    /// Between bool, ints and floats.
    pub fn convert(&mut self, value: Value, ty: Type) -> Value {
        let from = self.ty(value);
        if from == ty {
            return value;
        }
        match (self.as_constant(value), ty.kind()) {
            (Some(Scalar::Int(int)), TypeKind::Float(_))
                if from.is_signed_int() && int.unsigned_abs() < (1 << 24) =>
            {
                return self.float(int as f64, ty);
            }
            (Some(Scalar::Int(int)), TypeKind::Int(kind))
                if (kind.min()..=kind.max()).contains(&i128::from(int)) =>
            {
                return self.int(int, ty);
            }
            _ => {}
        }
        self.push(Op::Convert(value), ty, None)
    }

    pub fn reinterpret(&mut self, value: Value, ty: Type) -> Value {
        self.push(Op::Reinterpret(value), ty, None)
    }

    // Memory.

    pub fn load(&mut self, pointer: Value, ty: Type, access: Access) -> Value {
        self.push(Op::Load { pointer, access }, ty, None)
    }

    pub fn store(&mut self, pointer: Value, value: Value, access: Access) {
        self.push(Op::Store { pointer, value, access }, Type::none(), None);
    }

    pub fn offset(&mut self, pointer: Value, bytes: Value) -> Value {
        if self.as_const_int(bytes) == Some(0) {
            return pointer;
        }
        self.push(Op::Offset { pointer, bytes }, Type::pointer(), None)
    }

    /// Stack memory that holds the scalars of `values`, one 8-byte slot each.
    pub fn pack(&mut self, values: Vec<Value>) -> Value {
        self.push(Op::Pack(values), Type::pointer(), None)
    }

    pub fn stack_memory(&mut self, bytes: u32) -> Value {
        self.push(Op::StackMemory { bytes }, Type::pointer(), None)
    }

    pub fn data(&mut self, bytes: &[u8]) -> Value {
        self.push(Op::Data(bytes.into()), Type::pointer(), None)
    }

    // Whole arrays.

    pub fn elementwise(
        &mut self,
        body: BodyId,
        inputs: Vec<Value>,
        targets: Vec<Value>,
        fresh: bool,
        site: SiteId,
    ) {
        self.push(Op::Elementwise { body, inputs, targets, fresh }, Type::none(), Some(site));
    }

    pub fn reduce(
        &mut self,
        function: &'static RuntimeFunction,
        body: BodyId,
        inputs: Vec<Value>,
        extents: Vec<Value>,
        result: Type,
    ) -> Value {
        self.push(Op::Reduce { function, body, inputs, extents }, result, None)
    }

    /// Memory of the frame that holds `value` and owns what it counts.
    pub fn cell(&mut self, value: Value) -> Value {
        let ty = TypeKind::Frame(self.ty(value)).into();
        self.push(Op::Cell(value), ty, None)
    }

    pub fn own(&mut self, value: Value) -> Value {
        self.push(Op::Own(value), self.ty(value), None)
    }

    pub fn adopt(&mut self, value: Value) -> Value {
        self.push(Op::Adopt(value), self.ty(value), None)
    }

    pub fn entry_address(&mut self, instance: InstanceId) -> Value {
        self.push(Op::EntryAddress(instance), Type::pointer(), None)
    }

    pub fn generator_size(&mut self, instance: InstanceId) -> Value {
        self.push(Op::GeneratorSize(instance), Type::int64(), None)
    }

    pub fn retain(&mut self, value: Value) {
        self.push(Op::Retain(value), Type::none(), None);
    }

    pub fn release(&mut self, value: Value) {
        self.push(Op::Release(value), Type::none(), None);
    }

    // Calls and checks.

    pub fn call(&mut self, callee: InstanceId, args: Vec<Value>, result: Type, site: SiteId) -> Value {
        self.push(Op::Call { callee, args }, result, Some(site))
    }

    /// `site` is needed for functions that can raise.
    pub fn call_runtime(
        &mut self,
        function: &'static RuntimeFunction,
        args: Vec<Value>,
        result: Type,
        site: Option<SiteId>,
    ) -> Value {
        debug_assert!(
            site.is_some() || !function.can_raise,
            "{} can raise and needs a site",
            function.symbol
        );
        self.push(Op::CallRuntime { function, args }, result, site)
    }

    pub fn call_host(&mut self, args: Vec<Value>, site: SiteId) {
        self.push(Op::CallHost { args }, Type::none(), Some(site));
    }

    pub fn raise_unless(&mut self, condition: Value, args: Vec<Value>, site: SiteId) {
        if self.as_const_bool(condition) == Some(true) {
            return;
        }
        self.push(Op::RaiseUnless { condition, args }, Type::none(), Some(site));
    }

    pub fn check_stack(&mut self, site: SiteId) {
        self.push(Op::CheckStack, Type::none(), Some(site));
    }

    // Ends of blocks.

    pub fn terminate(&mut self, terminator: Terminator) {
        self.function.block_mut(self.block).terminator = terminator;
    }

    pub fn jump(&mut self, block: Block, args: Vec<Value>) {
        self.terminate(Terminator::Jump(Edge { block, args }));
    }

    pub fn branch(&mut self, condition: Value, then: Edge, otherwise: Edge) {
        match self.as_const_bool(condition) {
            Some(true) => self.terminate(Terminator::Jump(then)),
            Some(false) => self.terminate(Terminator::Jump(otherwise)),
            None => self.terminate(Terminator::Branch { condition, then, otherwise }),
        }
    }

    pub fn ret(&mut self, value: Value) {
        self.terminate(Terminator::Return(value));
    }
}

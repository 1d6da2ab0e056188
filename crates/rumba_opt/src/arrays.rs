//! What array values are made of, as far as a function's code says.

use rumba_ir::{Function, Op, Scalar, Value};
use rumba_types::Type;
use rumba_types::layout::array_field;

/// The operations that define the values of a function, as it was.
pub struct Definitions {
    by_value: Vec<Option<Op>>,
}

impl Definitions {
    pub fn of(function: &Function) -> Definitions {
        let mut by_value = vec![None; function.values.len()];
        for instruction in function.blocks.iter().flat_map(|block| &block.instructions) {
            // Those that tell what a value is.
            if matches!(
                instruction.op,
                Op::Const(_) | Op::Make(_) | Op::Field { .. } | Op::CallRuntime { .. }
            ) {
                by_value[instruction.result.index()] = Some(instruction.op.clone());
            }
        }
        Definitions { by_value }
    }

    /// What a value is that was added since.
    pub fn record(&mut self, value: Value, op: Op) {
        if self.by_value.len() <= value.index() {
            self.by_value.resize(value.index() + 1, None);
        }
        self.by_value[value.index()] = Some(op);
    }

    pub fn get(&self, value: Value) -> Option<&Op> {
        self.by_value.get(value.index())?.as_ref()
    }

    /// What a composite value was made of.
    pub fn fields(&self, value: Value) -> Option<&[Value]> {
        match self.get(value)? {
            Op::Make(fields) => Some(fields),
            _ => None,
        }
    }

    pub fn const_int(&self, value: Value) -> Option<i64> {
        match self.get(value)? {
            Op::Const(Scalar::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// Whether two values are known to be the same.
    pub fn same(&self, a: Value, b: Value) -> bool {
        if a == b {
            return true;
        }
        match (self.get(a), self.get(b)) {
            (Some(Op::Const(a)), Some(Op::Const(b))) => a == b,
            (Some(Op::Field { value: a, index: i }), Some(Op::Field { value: b, index: j })) => {
                i == j && self.same(*a, *b)
            }
            (Some(Op::Make(a)), Some(Op::Make(b))) => self.all_same(a, b),
            _ => false,
        }
    }

    pub fn all_same(&self, a: &[Value], b: &[Value]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.same(*a, *b))
    }

    /// The allocation that an array is the whole memory of: the value of the call that made it.
    pub fn allocation(&self, function: &Function, array: Value) -> Option<Value> {
        function.ty(array).as_array()?;
        let fields = self.fields(array)?;
        let of_call = |field: Value, wanted: u32| match self.get(field)? {
            Op::Field { value, index } if *index == wanted => Some(*value),
            _ => None,
        };
        let call = of_call(fields[array_field::OWNER], 0)?;
        let is_allocation = self.get(call)?.allocates(function.ty(call));
        (is_allocation && of_call(fields[array_field::DATA], 1) == Some(call)).then_some(call)
    }
}

/// Whether a body does nothing but give its only parameter back.
pub fn is_identity(body: &Function) -> bool {
    body.blocks.len() == 1
        && body.params().len() == 1
        && matches!(body.blocks[0].terminator, rumba_ir::Terminator::Return(value) if value == body.params()[0])
}

/// The bytes of one element, a scalar or a complex number.
pub fn item_size(ty: Type) -> i64 {
    ty.item_size() as i64
}

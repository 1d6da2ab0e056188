//! Values that give way to others, gathered by a pass and applied to the whole function at its end.

use rumba_ir::{Function, Terminator, Value};

pub struct Replacements {
    by_value: Vec<Value>,
    any: bool,
}

impl Replacements {
    pub fn new(function: &Function) -> Replacements {
        Replacements { by_value: (0..function.values.len() as u32).map(Value).collect(), any: false }
    }

    /// Uses of `old` become uses of `new`, which is not itself replaced by `old`.
    pub fn replace(&mut self, old: Value, new: Value) {
        let new = self.resolve(new);
        debug_assert_ne!(old, new);
        self.by_value[old.index()] = new;
        self.any = true;
    }

    /// What `value` has become. Values that are younger than this table stand for themselves.
    pub fn resolve(&mut self, value: Value) -> Value {
        let mut last = value;
        while let Some(next) = self.by_value.get(last.index()).filter(|next| **next != last) {
            last = *next;
        }
        // Shorten the way for the next one who asks.
        if let Some(slot) = self.by_value.get_mut(value.index()) {
            *slot = last;
        }
        last
    }

    pub fn apply(mut self, function: &mut Function) {
        if !self.any {
            return;
        }
        for block in &mut function.blocks {
            for instruction in &mut block.instructions {
                instruction.op.operands_mut(|value| *value = self.resolve(*value));
                instruction.cleanup.iter_mut().for_each(|value| *value = self.resolve(*value));
            }
            block.edge_operands_mut(|value| *value = self.resolve(*value));
            if let Terminator::Raise { cleanup, .. } | Terminator::Reraise { cleanup } = &mut block.terminator
            {
                cleanup.iter_mut().for_each(|value| *value = self.resolve(*value));
            }
        }
    }
}

//! The values that an instruction reads: one exhaustive list, from which every walk over operands is made.

use crate::hir::{Element, Inst, Terminator, Value};

impl Inst {
    /// Visits every operand in the order in which the instruction evaluates them.
    pub fn for_each_operand_mut(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        match self {
            Inst::Const(_)
            | Inst::Name(_)
            | Inst::Builtin(_)
            | Inst::Undefined { .. }
            | Inst::Caught
            | Inst::Sent => {}
            Inst::MakeCell { initial, .. } => {
                if let Some(value) = initial {
                    visit(value);
                }
            }
            Inst::LoadCell { cell, .. } => visit(cell),
            Inst::StoreCell { cell, value, .. } => {
                visit(value);
                visit(cell);
            }
            Inst::Unary { operand: value, .. }
            | Inst::Truth(value)
            | Inst::Copy(value)
            | Inst::Attribute { value, .. }
            | Inst::Iter(value)
            | Inst::IterHasNext(value)
            | Inst::IterItem(value)
            | Inst::IterAdvance(value)
            | Inst::Unpack { value, .. }
            | Inst::UnpackItem { unpacked: value, .. }
            | Inst::CheckBound { value, .. }
            | Inst::EnterContext(value)
            | Inst::Returned(value)
            | Inst::RequireBuiltin { callee: value, .. }
            | Inst::IsTuple { value, .. }
            | Inst::MatchSequence { value, .. } => visit(value),
            Inst::ExitContext { manager, caught } => {
                visit(manager);
                if let Some(caught) = caught {
                    visit(caught);
                }
            }
            Inst::MatchException { caught: first, class: second }
            | Inst::MatchPosition { value: first, class: second, .. }
            | Inst::ChainException { raised: first, handled: second }
            | Inst::SetCause { raised: first, cause: second }
            | Inst::Send { iterator: first, sent: second } => {
                visit(first);
                visit(second);
            }
            Inst::Binary { lhs, rhs, .. } | Inst::Compare { lhs, rhs, .. } => {
                visit(lhs);
                visit(rhs);
            }
            Inst::StoreAttribute { value, new, .. } => {
                visit(new);
                visit(value);
            }
            Inst::Subscript { value, index } | Inst::DeleteSubscript { value, index } => {
                visit(value);
                visit(index);
            }
            Inst::StoreSubscript { value, index, new } => {
                visit(new);
                visit(value);
                visit(index);
            }
            Inst::Append { container, value } => {
                visit(container);
                visit(value);
            }
            Inst::List { elements, taken_by } => {
                for element in elements {
                    match element {
                        Element::One(value) | Element::Starred(value) => visit(value),
                    }
                }
                if let Some(value) = taken_by {
                    visit(value);
                }
            }
            Inst::Tuple(elements) | Inst::Set(elements) => {
                for element in elements {
                    match element {
                        Element::One(value) | Element::Starred(value) => visit(value),
                    }
                }
            }
            Inst::Dict(items) => {
                for (key, value) in items {
                    if let Some(key) = key {
                        visit(key);
                    }
                    visit(value);
                }
            }
            Inst::Slice { start, stop, step } => {
                for value in [start, stop, step].into_iter().flatten() {
                    visit(value);
                }
            }
            Inst::Interpret { manager, inputs, .. } => {
                visit(manager);
                inputs.iter_mut().for_each(visit);
            }
            Inst::Call { callee, args } => {
                visit(callee);
                for arg in args {
                    visit(&mut arg.value);
                }
            }
            Inst::MakeFunction { defaults, captures, .. } => {
                for value in defaults.iter_mut().chain(captures) {
                    visit(value);
                }
            }
        }
    }

    pub fn operands(&self) -> Vec<Value> {
        let mut operands = Vec::new();
        self.clone().for_each_operand_mut(&mut |value| operands.push(*value));
        operands
    }
}

impl Terminator {
    /// Visits the values that the terminator itself reads, not those that its edges pass.
    pub fn for_each_operand_mut(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        match self {
            Terminator::Jump(_) => {}
            Terminator::Branch { condition: value, .. }
            | Terminator::Return(value)
            | Terminator::Yield { value, .. }
            | Terminator::Raise(value)
            | Terminator::Reraise(value) => visit(value),
        }
    }

    pub fn operands(&self) -> Vec<Value> {
        let mut operands = Vec::new();
        self.clone().for_each_operand_mut(&mut |value| operands.push(*value));
        operands
    }
}

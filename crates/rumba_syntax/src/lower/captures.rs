//! Variables of an enclosing compiled function that an inner function reads or binds.
//!
//! Python's inner function sees the variable itself; ours gets its value when it is created. The two are
//! the same unless the variable is bound again afterwards:
//!
//! ```python
//! f = lambda: x  # captures x
//! x = 2          # f() gives 2
//! ```
//!
//! Such a variable has a *cell*, which the inner function captures instead of the value. So has one that an
//! inner function binds (`nonlocal`), and one that may be unbound when an inner function is created, because
//! Python raises only where it is read.

use super::{Lowering, Shared};
use crate::hir::{Block, Capture, CaptureKind, Function, Inst, Value};
use crate::ssa::{ENTRY, Finished};
use rumba_source::Span;
use std::sync::Arc;

/// What one function captures, and when its own variables are captured and bound.
pub(super) struct CaptureLog<'a> {
    self_name: Option<&'a str>,
    captures: Vec<(Capture, Value)>,
    creations: Vec<Creation<'a>>,
    writes: Vec<Write<'a>>,
    /// Counts creations and writes: within a block, they happen in this order.
    clock: u32,
}

/// An inner function was created that captures values of variables of this one.
struct Creation<'a> {
    time: u32,
    block: Block,
    variables: Vec<&'a str>,
    /// The binding of the new function to its own name, which is no reassignment.
    own_binding: Option<u32>,
}

struct Write<'a> {
    time: u32,
    block: Block,
    variable: &'a str,
}

impl<'a> CaptureLog<'a> {
    pub(super) fn new(self_name: Option<&'a str>) -> CaptureLog<'a> {
        CaptureLog { self_name, captures: Vec::new(), creations: Vec::new(), writes: Vec::new(), clock: 0 }
    }

    fn tick(&mut self) -> u32 {
        self.clock += 1;
        self.clock
    }

    pub(super) fn into_captures(self) -> Vec<Capture> {
        self.captures.into_iter().map(|(capture, _)| capture).collect()
    }
}

impl<'a> Lowering<'a, '_, '_> {
    /// The value of a variable of a compiled function around this one, or its cell.
    pub(super) fn read_captured(&mut self, name: &'a str, kind: CaptureKind, span: Span) -> Value {
        let known = self.captures.captures.iter().find(|(capture, _)| &*capture.name == name);
        if let Some((_, value)) = known {
            return *value;
        }
        let is_self = kind == CaptureKind::Value && self.captures.self_name == Some(name);
        let kind = if is_self { CaptureKind::Itself } else { kind };
        let name = self.intern(name);
        let value = self.ssa.given(name.clone(), span);
        self.captures.captures.push((Capture { name, kind }, value));
        value
    }

    /// Takes the values and cells that a new inner function captures, and notes which variables they came from.
    pub(super) fn capture(&mut self, function: &Function) -> Vec<Value> {
        let mut variables = Vec::new();
        let mut values = Vec::new();
        for (idx, capture) in function.captures.iter().enumerate() {
            let span = function.value_spans[function.params.len() + idx];
            let (&name, _) =
                self.shared.names.get_key_value(&*capture.name).expect("every name read is interned");
            if capture.kind == CaptureKind::Cell {
                let own = self.cells.get(name).copied();
                values.push(own.unwrap_or_else(|| self.read_captured(name, CaptureKind::Cell, span)));
                continue;
            }
            variables.push(name);
            if capture.kind == CaptureKind::Value {
                values.push(self.read_name(name, span));
            }
        }
        if !variables.is_empty() {
            let (time, block) = (self.captures.tick(), self.block);
            self.captures.creations.push(Creation { time, block, variables, own_binding: None });
        }
        values
    }

    pub(super) fn log_write(&mut self, variable: &'a str) {
        let (time, block) = (self.captures.tick(), self.block);
        self.captures.writes.push(Write { time, block, variable });
    }

    /// The write just logged binds the function just created to its own name.
    pub(super) fn log_own_binding(&mut self, name: &str) {
        let now = self.captures.clock;
        let creation = self.captures.creations.last_mut().filter(|creation| creation.time + 1 == now);
        if let Some(creation) = creation
            && self.captures.writes.last().is_some_and(|write| write.time == now && write.variable == name)
        {
            creation.own_binding = Some(now);
        }
    }

    /// Finds the variables that may be bound again after their value was captured.
    pub(super) fn find_captured_and_bound_later(&mut self) {
        if self.captures.creations.is_empty() {
            return;
        }
        let function = self.shared.scopes.last().expect("the function itself has a scope").function;
        let mut from_entry = self.ssa.reachable_after(ENTRY);
        from_entry[ENTRY.index()] = true;
        let log = &self.captures;
        for creation in log.creations.iter().filter(|creation| from_entry[creation.block.index()]) {
            let after = self.ssa.reachable_after(creation.block);
            let rebinds = |write: &&Write<'a>| {
                creation.variables.contains(&write.variable)
                    && Some(write.time) != creation.own_binding
                    && (after[write.block.index()]
                        || (write.block == creation.block && write.time > creation.time))
            };
            let rebound = log.writes.iter().filter(rebinds);
            self.shared.further_cells.extend(rebound.map(|write| (function, write.variable)));
        }
    }
}

/// Finds the variables that may be unbound where their value is captured: the check stands where the inner
/// function reads the variable.
pub(super) fn find_captured_and_unbound(
    shared: &mut Shared<'_, '_>,
    finished: &Finished,
    functions: &[Arc<Function>],
) {
    let function = shared.scopes.last().expect("the function itself has a scope").function;
    let insts = || finished.blocks.iter().flat_map(|block| &block.insts);
    for (_, inst) in insts() {
        let Inst::MakeFunction { function: inner, captures, .. } = inst else { continue };
        let inner = &functions[*inner as usize];
        let captured = inner.captures.iter().enumerate();
        let captured = captured.filter(|(_, capture)| capture.kind != CaptureKind::Itself);
        for ((idx, capture), value) in captured.zip(captures) {
            let read = inner.value_spans[inner.params.len() + idx];
            let is_checked_here = finished.value_spans[value.index()] == read
                && insts().any(|(checked, inst)| checked == value && matches!(inst, Inst::CheckBound { .. }));
            if is_checked_here {
                let (&name, _) =
                    shared.names.get_key_value(&*capture.name).expect("every name read is interned");
                shared.further_cells.insert((function, name));
            }
        }
    }
}

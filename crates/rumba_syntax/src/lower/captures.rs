//! Variables of an enclosing compiled function that an inner function reads.
//!
//! Python's inner function sees the variable itself; ours gets its value when it is created. The two are
//! the same unless the variable is bound again afterwards, and that is an error here:
//!
//! ```python
//! f = lambda: x  # captures x
//! x = 2          # f() would give 2 in Python
//! ```
//!
//! One difference remains: a variable that is unbound when the function is created raises there, and not
//! when the function reads it.

use super::Lowering;
use crate::hir::{Block, Capture, Function, Value};
use crate::ssa::ENTRY;
use rumba_source::{Code, Diagnostic, Span};
use std::sync::Arc;

/// What one function captures, and when its own variables are captured and bound.
pub(super) struct CaptureLog<'a> {
    self_name: Option<&'a str>,
    captures: Vec<(Capture, Value)>,
    creations: Vec<Creation>,
    writes: Vec<Write>,
    /// Counts creations and writes: within a block, they happen in this order.
    clock: u32,
}

/// An inner function was created that captures variables of this one.
struct Creation {
    time: u32,
    block: Block,
    function_name: Arc<str>,
    /// The variables, and where the inner function first reads each.
    variables: Vec<(Arc<str>, Span)>,
    /// The binding of the new function to its own name, which is no reassignment.
    own_binding: Option<u32>,
}

struct Write {
    time: u32,
    block: Block,
    variable: Arc<str>,
    span: Span,
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

impl<'a> Lowering<'a, '_> {
    /// Reads a variable of a compiled function around this one.
    pub(super) fn read_captured(&mut self, name: &'a str, span: Span) -> Value {
        let known = self.captures.captures.iter().find(|(capture, _)| &*capture.name == name);
        if let Some((_, value)) = known {
            return *value;
        }
        let is_self = self.captures.self_name == Some(name);
        let name = self.intern(name);
        let value = self.ssa.given(name.clone(), span);
        self.captures.captures.push((Capture { name, is_self }, value));
        value
    }

    /// Takes the values that a new inner function captures, and notes which variables they came from.
    pub(super) fn capture(&mut self, function: &Function) -> Vec<Value> {
        let mut variables = Vec::new();
        let mut values = Vec::new();
        for (idx, capture) in function.captures.iter().enumerate() {
            let span = function.value_spans[function.params.len() + idx];
            variables.push((capture.name.clone(), span));
            if !capture.is_self {
                let (&name, _) =
                    self.shared.names.get_key_value(&*capture.name).expect("every name read is interned");
                values.push(self.read_name(name, span));
            }
        }
        if !variables.is_empty() {
            let (time, block) = (self.captures.tick(), self.block);
            let function_name = function.name.clone();
            let creation = Creation { time, block, function_name, variables, own_binding: None };
            self.captures.creations.push(creation);
        }
        values
    }

    pub(super) fn log_write(&mut self, name: &'a str, span: Span) {
        let (time, block) = (self.captures.tick(), self.block);
        let variable = self.intern(name);
        self.captures.writes.push(Write { time, block, variable, span });
    }

    /// The write just logged binds the function just created to its own name.
    pub(super) fn log_own_binding(&mut self, name: &str) {
        let now = self.captures.clock;
        let creation = self.captures.creations.last_mut().filter(|creation| creation.time + 1 == now);
        if let Some(creation) = creation
            && self.captures.writes.last().is_some_and(|write| write.time == now && &*write.variable == name)
        {
            creation.own_binding = Some(now);
        }
    }

    /// Reports each captured variable that may be bound again after it was captured.
    pub(super) fn report_captured_reassigned(&mut self) {
        // Control flow around an unsupported construct is not the program's.
        if !self.shared.diagnostics.is_empty() || self.captures.creations.is_empty() {
            return;
        }
        let mut from_entry = self.ssa.reachable_after(ENTRY);
        from_entry[ENTRY.index()] = true;
        let log = &self.captures;
        let mut found = Vec::new();
        for creation in log.creations.iter().filter(|creation| from_entry[creation.block.index()]) {
            let after = self.ssa.reachable_after(creation.block);
            for (variable, read) in &creation.variables {
                let rebinds = |write: &&Write| {
                    write.variable == *variable
                        && Some(write.time) != creation.own_binding
                        && (after[write.block.index()]
                            || (write.block == creation.block && write.time > creation.time))
                };
                if let Some(write) = log.writes.iter().find(rebinds) {
                    found.push(captured_reassigned(creation, variable, *read, write.span));
                }
            }
        }
        self.shared.diagnostics.extend(found);
    }
}

fn captured_reassigned(creation: &Creation, variable: &str, read: Span, write: Span) -> Diagnostic {
    let function = match &*creation.function_name {
        "<lambda>" => "a lambda".to_string(),
        name => format!("`{name}`"),
    };
    let message = format!("`{variable}` is assigned after {function} captured it");
    Diagnostic::new(Code::CapturedReassigned, write, message)
        .label("assigned here")
        .secondary(read, format!("{function} reads it here"))
        .note("an inner function keeps the value that the variable had when the function was created")
        .note(format!("pass `{variable}` as an argument, or assign to another name"))
}

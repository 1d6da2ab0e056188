//! Variables that a function shares with its inner functions.
//!
//! A cell is memory in the frame of the function that has the variable; inner functions get its address. Its
//! type names the instance and the variable, so that closures which refer to each other through their variables
//! have finite types. What a cell holds is the join of all that is stored into it, by whichever instance: it is
//! known to [`Inference`], and an instance that reads a cell is looked at again when the join widens.
//!
//! No address outlives its frame. A function does not return what refers to a cell of its own, and an inner
//! function stores nothing that refers to a cell into a variable of an enclosing one, whose frame may be older.
//! So whatever a frame can get at refers to cells of itself and of older frames.

use crate::code::Code;
use crate::inference::Inference;
use rumba_ir::Value as IrValue;
use rumba_library::{Emit, Emitter};
use rumba_source::{Code as ErrorCode, Diagnostic, Span};
use rumba_syntax::hir;
use rumba_types::{Type, TypeKind, join};
use std::sync::Arc;

/// What is known of a cell so far.
pub(crate) struct Cell {
    name: Arc<str>,
    /// The join of what is stored; undefined if the variable starts unbound.
    content: Type,
    /// Where the type of the content comes from, for messages.
    span: Span,
    /// Instances that read it, by position.
    readers: Vec<usize>,
}

/// The bytes of a slot: a cell has one for each scalar.
const SLOT_SIZE: i64 = 8;

impl Inference<'_> {
    /// The cell of variable `name` of an instance. It is made once per execution of the instance.
    pub(crate) fn make_cell(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        value: hir::Value,
        name: &Arc<str>,
        initial: Option<IrValue>,
    ) -> Emit<IrValue> {
        if self.instances[idx].resume.is_some() {
            let message = format!(
                "`{name}` is shared with an inner function, and lives longer than a generator's frame"
            );
            let diagnostic = e.diagnostic(ErrorCode::CapturedReassigned, message);
            let note = format!(
                "do not assign `{name}` after the inner function was created, or pass it as an argument"
            );
            return Err(diagnostic.note(note).into());
        }
        let ty: Type = TypeKind::Cell { instance: self.instances[idx].id.0, variable: value.0 }.into();
        let initial = initial.unwrap_or_else(|| e.b.unit(Type::undefined()));
        let initial_type = e.ty(initial).widen();
        let content = match self.cells.get(&ty) {
            Some(cell) => cell.content,
            None => {
                let readers = Vec::new();
                let cell = Cell { name: name.clone(), content: initial_type, span: e.span, readers };
                self.cells.insert(ty, cell);
                initial_type
            }
        };
        let initial = e.coerce(initial, content)?;
        let address = if content.is_managed() {
            e.b.retain(initial);
            let frame = e.b.cell(initial);
            e.b.field(frame, 0)
        } else {
            e.b.pack(vec![initial])
        };
        Ok(e.b.make(ty, vec![address]))
    }

    pub(crate) fn load_cell(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        cell: IrValue,
        name: &str,
        is_free: bool,
    ) -> Emit<IrValue> {
        let data = self.cells.get_mut(&e.ty(cell)).expect("a cell is made before it is captured");
        if !data.readers.contains(&idx) {
            data.readers.push(idx);
        }
        let content = data.content;
        let address = e.b.field(cell, 0);
        let value = load(e, address, content, &mut 0);
        // The variable may be bound again while the value is in use.
        let value = if content.is_managed() { e.b.own(value) } else { value };
        if !is_free {
            return self.check_bound(e, value, name);
        }
        match content.kind() {
            TypeKind::Undefined => {
                let message = format!("the variable `{name}` of the function around this one has no value");
                e.error(ErrorCode::AlwaysUndefined, message)
            }
            TypeKind::MaybeUndefined(_) => {
                let bound = e.b.field(value, 0);
                let message = format!(
                    "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
                );
                e.raise_unless(bound, "NameError", &message, &[]);
                Ok(e.b.field(value, 1))
            }
            _ => Ok(value),
        }
    }

    pub(crate) fn store_cell(
        &mut self,
        e: &mut Emitter<'_>,
        code: &Code,
        cell: IrValue,
        value: IrValue,
        name: &Arc<str>,
        is_free: bool,
    ) -> Emit<()> {
        let value = match self.forced_type_of_variable(code, name) {
            Some(ty) if e.ty(value) != Type::undefined() => e.coerce(value, ty)?,
            _ => value,
        };
        let value_type = e.ty(value).widen();
        if is_free && value_type.contains(&|ty| matches!(ty.kind(), TypeKind::Cell { .. })) {
            let shared = self.shared_variable(value_type).unwrap_or_default();
            let message = format!("a function that uses `{shared}` cannot be bound to `{name}` from here");
            let diagnostic = e.diagnostic(ErrorCode::CapturedReassigned, message);
            return Err(shared_variable_ends(diagnostic, &shared).into());
        }
        let cell_type = e.ty(cell);
        let data = self.cells.get_mut(&cell_type).expect("a cell is made before it is captured");
        let old = data.content;
        let Some(content) = join(old, value_type) else {
            let (old_text, ty) = (old.shown().to_string(), value_type.shown().to_string());
            let message = format!("`{name}` is {ty} here but {old_text} elsewhere");
            let diagnostic = e.diagnostic(ErrorCode::CannotUnify, message).label(ty);
            return Err(diagnostic
                .secondary(data.span, old_text)
                .note(
                    "a variable that inner functions share has one type: use two names, or convert one side",
                )
                .into());
        };
        if content != old {
            data.content = content;
            if !matches!(value_type.kind(), TypeKind::Undefined) {
                data.span = e.span;
            }
            for reader in data.readers.clone() {
                self.enqueue(reader);
            }
        }
        let value = e.coerce(value, content)?;
        let address = e.b.field(cell, 0);
        if !content.is_managed() {
            store(e, address, value, &mut 0);
            return Ok(());
        }
        e.b.retain(value);
        let old = load(e, address, content, &mut 0);
        store(e, address, value, &mut 0);
        e.b.release(old);
        Ok(())
    }

    /// Refuses to return what refers to a cell of the instance.
    pub(crate) fn check_no_own_cell(&mut self, idx: usize, ty: Type, span: Span) {
        let instance = self.instances[idx].id.0;
        let is_own = |ty: Type| matches!(ty.kind(), TypeKind::Cell { instance: of, .. } if *of == instance);
        if self.cells.is_empty() || !ty.contains(&is_own) {
            return;
        }
        let name = self.shared_variable(ty).unwrap_or_default();
        let message = format!("a function that uses `{name}` cannot be returned");
        let diagnostic = Diagnostic::new(ErrorCode::CapturedReassigned, span, message);
        self.instances[idx].facts.errors.push(shared_variable_ends(diagnostic, &name));
    }

    /// A variable whose cell a type refers to.
    fn shared_variable(&self, ty: Type) -> Option<Arc<str>> {
        match self.cells.get(&ty) {
            Some(cell) => Some(cell.name.clone()),
            None => ty.parts().into_iter().find_map(|part| self.shared_variable(part)),
        }
    }
}

fn shared_variable_ends(diagnostic: Diagnostic, name: &str) -> Diagnostic {
    diagnostic
        .note(format!(
            "`{name}` is assigned after the function was created, and ends with the call that has it"
        ))
        .note(format!("pass `{name}` as an argument, or return the new value"))
}

/// The value whose scalars are in slots from `slot` on.
fn load(e: &mut Emitter<'_>, address: IrValue, ty: Type, slot: &mut i64) -> IrValue {
    match ty.fields() {
        None => {
            let place = next_slot(e, address, slot);
            e.b.load(place, ty, rumba_ir::Access::aligned(true))
        }
        Some(fields) => {
            let fields = fields.into_iter().map(|field| load(e, address, field, slot)).collect();
            e.b.make(ty, fields)
        }
    }
}

/// Puts the scalars of a value into slots from `slot` on.
fn store(e: &mut Emitter<'_>, address: IrValue, value: IrValue, slot: &mut i64) {
    match e.ty(value).fields() {
        None => {
            let place = next_slot(e, address, slot);
            e.b.store(place, value, rumba_ir::Access::aligned(true));
        }
        Some(fields) => {
            for idx in 0..fields.len() {
                let field = e.b.field(value, idx);
                store(e, address, field, slot);
            }
        }
    }
}

fn next_slot(e: &mut Emitter<'_>, address: IrValue, slot: &mut i64) -> IrValue {
    let bytes = e.b.int64(*slot * SLOT_SIZE);
    *slot += 1;
    e.b.offset(address, bytes)
}

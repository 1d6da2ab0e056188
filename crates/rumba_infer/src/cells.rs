//! Variables that a function shares with its inner functions.
//!
//! A cell is memory in the frame of the function that has the variable; inner functions get its address. Its
//! type names the instance and the variable, so that closures which refer to each other through their variables
//! have finite types. What a cell holds is the join of all that is stored into it, by whichever instance: it is
//! known to [`Inference`], and an instance that reads a cell is looked at again when the join widens.
//!
//! No address outlives its frame. Where a function returns what refers to a cell of its own, or an inner function
//! stores such a thing into a variable of an enclosing one, whose frame may be older, the instance that has the cells
//! is begun anew with *counted* ones: each is a block that lives as long as somebody refers to it. Those of a generator
//! function are counted from the start. Instances for cells that turn out to be counted are given up.
//!
//! Functions that refer to each other through counted cells would never end, and are refused.

use crate::analysis::Facts;
use crate::code::Code;
use crate::inference::{Inference, Instance};
use rumba_ir::{Access, Value as IrValue};
use rumba_library::{Emit, Emitter, Failure};
use rumba_source::{Code as ErrorCode, Span};
use rumba_syntax::hir;
use rumba_types::{Type, TypeKind, join};
use std::sync::Arc;

/// What is known of a cell so far.
pub(crate) struct Cell {
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
        let instance = &self.instances[idx];
        let is_counted = instance.resume.is_some() || self.counted.contains(&instance.id.0);
        let ty: Type = TypeKind::Cell { instance: instance.id.0, variable: value.0, is_counted }.into();
        let initial = initial.unwrap_or_else(|| e.b.unit(Type::undefined()));
        let initial_type = e.ty(initial).widen();
        let content = match self.cells.get(&ty) {
            Some(cell) => cell.content,
            None => {
                let readers = Vec::new();
                let cell = Cell { content: initial_type, span: e.span, readers };
                self.cells.insert(ty, cell);
                initial_type
            }
        };
        self.check_kept(e, ty, initial_type, name)?;
        let initial = e.coerce(initial, content)?;
        if is_counted {
            let cell = e.new_block(ty, content);
            let place = e.fields_address(cell);
            e.b.store_new(place, initial);
            return Ok(cell);
        }
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
        let value = if is_counted(e.ty(cell)) {
            let place = e.fields_address(cell);
            e.b.borrow(place, content, &content.storage().offsets, Access::field())
        } else {
            let address = e.b.field(cell, 0);
            load(e, address, content, &mut 0)
        };
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
        let cell_type = e.ty(cell);
        let is_of_same_frame =
            |instance| matches!(cell_type.kind(), TypeKind::Cell { instance: of, .. } if *of == instance);
        if is_free && self.count_cells(value_type, &|instance| !is_of_same_frame(instance)) {
            return Err(Failure::Pending);
        }
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
        self.check_kept(e, cell_type, value_type, name)?;
        let value = e.coerce(value, content)?;
        if is_counted(cell_type) {
            let place = e.fields_address(cell);
            e.b.replace_scalars(place, value, &content.storage().offsets, Access::field());
            return Ok(());
        }
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

    /// Has the instance's own cells counted if what it returns or yields refers to one. Whether that is news.
    pub(crate) fn count_own_cells(&mut self, idx: usize, ty: Type) -> bool {
        let own = self.instances[idx].id.0;
        self.count_cells(ty, &|instance| instance == own)
    }

    /// Begins those instances anew, with counted cells, whose cells in frames a value of the type refers to. Whether there are any.
    fn count_cells(&mut self, ty: Type, of: &impl Fn(u32) -> bool) -> bool {
        if self.cells.is_empty() {
            return false;
        }
        let mut found = Vec::new();
        for_each_cell(ty, &mut |ty| match ty.kind() {
            TypeKind::Cell { instance, is_counted: false, .. } if of(*instance) => found.push(*instance),
            _ => {}
        });
        for id in &found {
            self.counted.insert(*id);
            let is_it = |instance: &Instance| instance.id.0 == *id;
            let idx =
                self.instances.iter().position(is_it).expect("cells are those of instances of the request");
            let instance = &mut self.instances[idx];
            instance.facts = Facts::anew(&instance.code.hir, &instance.key.params, &mut instance.facts);
            self.enqueue(idx);
        }
        !found.is_empty()
    }

    /// Whether an instance is for a cell that has turned out to be a counted one.
    pub(crate) fn is_outdated(&self, idx: usize) -> bool {
        let is_outdated = |ty: Type| matches!(ty.kind(), TypeKind::Cell { instance, is_counted: false, .. } if self.counted.contains(instance));
        !self.counted.is_empty() && self.instances[idx].key.params.iter().any(|ty| ty.contains(&is_outdated))
    }

    /// What is stored into a counted cell must not refer to memory of frames, nor to the cell itself.
    fn check_kept(&mut self, e: &Emitter<'_>, cell: Type, stored: Type, name: &str) -> Emit<()> {
        if !is_counted(cell) {
            return Ok(());
        }
        if self.count_cells(stored, &|_| true) {
            return Err(Failure::Pending);
        }
        let mut reached: Vec<Type> = Vec::new();
        let mut next = vec![stored];
        while let Some(ty) = next.pop() {
            for_each_cell(ty, &mut |inner| {
                if !reached.contains(&inner) {
                    reached.push(inner);
                    next.extend(self.cells.get(&inner).map(|known| known.content));
                }
            });
        }
        if !reached.contains(&cell) {
            return Ok(());
        }
        let message = format!("`{name}` refers to itself, and lives longer than the call that has it");
        let diagnostic = e.diagnostic(ErrorCode::CapturedReassigned, message);
        let note = "functions that use each other, and of which one is defined later, can be called, but neither be \
                    returned nor used in a generator function";
        Err(diagnostic.note(note).note("define what a function uses before the function").into())
    }
}

fn is_counted(cell: Type) -> bool {
    matches!(cell.kind(), TypeKind::Cell { is_counted: true, .. })
}

fn for_each_cell(ty: Type, found: &mut impl FnMut(Type)) {
    if matches!(ty.kind(), TypeKind::Cell { .. }) {
        found(ty);
    }
    for part in ty.parts() {
        for_each_cell(part, found);
    }
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

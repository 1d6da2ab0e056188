//! The types of one instance's values, and which of its blocks are reached.

use crate::containers::{Widening, differ_in_content};
use crate::exceptions::is_exception;
use crate::inference::Inference;
use rumba_ir::{Block as IrBlock, Function, InstanceId, Op, Value as IrValue};
use rumba_library::{Emitter, Failure};
use rumba_source::{Code as ErrorCode, Diagnostic, Span};
use rumba_syntax::hir::{self, CaptureKind};
use rumba_types::{Literal, Type, TypeKind, join};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What is known of an instance so far.
pub(crate) struct Facts {
    /// `None`: not reached, or waiting for a recursive call.
    pub types: Vec<Option<Type>>,
    pub reached: Vec<bool>,
    /// Calls that wait for the result of an instance.
    pub pending: Vec<Span>,
    pub errors: Vec<Diagnostic>,
    /// The join of all returns reached so far, and where the first of them is.
    pub result: Option<Type>,
    pub first_return: Option<Span>,
    /// The join of all that is yielded.
    pub yielded: Option<Type>,
    /// Whether a `raise` was reached.
    pub raises: bool,
    /// Set when the instance has a mistake and is looked at again for further ones.
    pub recovery: Option<Recovery>,
    /// Whether containers of which nothing is known by now hold nothing.
    containers_are_settled: bool,
    /// By the instruction that makes it: the type that a container has to have for what goes into it.
    pub containers: FxHashMap<hir::Value, Type>,
    /// By the position of the parameter: the type that a container has to have which callers pass. There is no code for
    /// an instance that wants any.
    pub wanted: FxHashMap<usize, Type>,
}

/// What keeps the consequences of a mistake from being reported.
pub(crate) struct Recovery {
    /// Values that a mistake left without a type, and what depends on them.
    failed: Vec<bool>,
    /// Types that do not meet: each is reported once, for the variable's first conflict.
    conflicts: Vec<Diagnostic>,
}

impl Facts {
    pub fn new(hir: &hir::Function, params: &[Type]) -> Facts {
        let mut types = vec![None; hir.value_spans.len()];
        for (idx, ty) in params.iter().enumerate() {
            types[idx] = Some(*ty);
        }
        let mut reached = vec![false; hir.blocks.len()];
        reached[0] = true;
        Facts {
            types,
            reached,
            pending: Vec::new(),
            errors: Vec::new(),
            result: None,
            first_return: None,
            yielded: None,
            raises: false,
            recovery: None,
            containers_are_settled: false,
            containers: FxHashMap::default(),
            wanted: FxHashMap::default(),
        }
    }

    /// To begin an instance anew: what callers have been told stays.
    pub fn anew(hir: &hir::Function, params: &[Type], facts: &mut Facts) -> Facts {
        let wanted = std::mem::take(&mut facts.wanted);
        let new = match facts.recovery {
            Some(_) => Facts::recovering(hir, params),
            None => Facts::new(hir, params),
        };
        Facts { wanted, ..new }
    }

    /// As `new`, to look for every independent mistake.
    pub fn recovering(hir: &hir::Function, params: &[Type]) -> Facts {
        let recovery = Recovery { failed: vec![false; hir.value_spans.len()], conflicts: Vec::new() };
        Facts { recovery: Some(recovery), ..Facts::new(hir, params) }
    }

    fn has_failed(&self, value: hir::Value) -> bool {
        self.recovery.as_ref().is_some_and(|recovery| recovery.failed[value.index()])
    }

    /// Notes that nothing is to be said about a value any more. Whether that is news.
    fn fail(&mut self, value: hir::Value) -> bool {
        let Some(recovery) = &mut self.recovery else { return false };
        self.types[value.index()] = None;
        !std::mem::replace(&mut recovery.failed[value.index()], true)
    }
}

/// Constants are computed at full size, so that `2**64 - 1` is what it says; what machine code gets must fit.
fn exceeds_64_bits(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::Literal(Literal::Int(value)) => {
            i64::try_from(*value).is_err() && u64::try_from(*value).is_err()
        }
        _ => false,
    }
}

fn too_large(span: Span) -> Diagnostic {
    Diagnostic::new(ErrorCode::UnsupportedValue, span, "the integer does not fit 64 bits")
        .note("integers are computed in 64 bits; write it as a float where an approximation will do")
}

/// The operand that stands for `container` in a rule; of a method, what it is a method of.
fn operand_of(
    hir: &hir::Function,
    inst: &hir::Inst,
    values: &[Option<IrValue>],
    container: IrValue,
) -> hir::Value {
    let operands = inst.operands();
    if let Some(operand) = operands.iter().find(|operand| values[operand.index()] == Some(container)) {
        return *operand;
    }
    let defined =
        |value: hir::Value| hir.blocks.iter().flat_map(|block| &block.insts).find(|(of, _)| *of == value);
    match inst {
        hir::Inst::Call { callee, .. } => match defined(*callee) {
            Some((_, hir::Inst::Attribute { value, .. })) => *value,
            _ => *callee,
        },
        _ => operands[0],
    }
}

/// The inner function that is called, and which of its captures the container is, if it is one.
fn captured(
    inst: &hir::Inst,
    values: &[Option<IrValue>],
    scratch: &Function,
    container: IrValue,
) -> Option<(hir::Value, usize)> {
    let hir::Inst::Call { callee, .. } = inst else { return None };
    let instructions = scratch.blocks.iter().flat_map(|block| &block.instructions);
    let position =
        instructions.filter(|instruction| instruction.result == container).find_map(|instruction| {
            match instruction.op {
                Op::Field { value, index } if values[callee.index()] == Some(value) => Some(index as usize),
                _ => None,
            }
        })?;
    Some((*callee, position))
}

/// What the called function has captured at a position, where it is made here.
fn captured_here(hir: &hir::Function, callee: hir::Value, position: usize) -> Option<hir::Value> {
    let made = hir.blocks.iter().flat_map(|block| &block.insts).find(|(of, _)| *of == callee);
    match made {
        Some((_, hir::Inst::MakeFunction { captures, .. })) => captures.get(position).copied(),
        // A function that calls itself has captured what this call has.
        None => {
            let own = callee.index().checked_sub(hir.params.len())?;
            if hir.captures.get(own)?.kind != CaptureKind::Itself {
                return None;
            }
            let others = (0..hir.captures.len()).filter(|idx| hir.captures[*idx].kind != CaptureKind::Itself);
            Some(hir::Value((hir.params.len() + others.collect::<Vec<_>>().get(position)?) as u32))
        }
        _ => None,
    }
}

/// Conditions that the types decide.
pub(crate) fn decided(ty: Type) -> Option<bool> {
    match ty.kind() {
        TypeKind::Literal(Literal::Bool(value)) => Some(*value),
        _ => None,
    }
}

/// A loop over more elements is not compiled once for each.
const MAX_UNROLLED: u32 = 64;

impl Inference<'_> {
    /// Begins an instance anew whose loop over a tuple, at `span`, has to be compiled for each element. Whether it is one.
    fn unroll(&mut self, idx: usize, inst: &hir::Inst, span: Span) -> bool {
        let hir::Inst::Iter(iterable) = inst else { return false };
        let instance = &self.instances[idx];
        let Some(ty) = instance.facts.types[iterable.index()] else { return false };
        let Some(n_elements) = ty.as_tuple().map(|elements| elements.len() as u32) else { return false };
        if n_elements > MAX_UNROLLED || instance.facts.recovery.is_some() {
            return false;
        }
        let Some(code) = self.codes.with_unrolled(self.env, instance.code.id, span, n_elements) else {
            return false;
        };
        let instance = &mut self.instances[idx];
        instance.code = self.codes.get(code);
        instance.facts = Facts::anew(&instance.code.hir, &instance.key.params, &mut instance.facts);
        true
    }

    /// Brings the facts of an instance up to date with what is known of its callees.
    pub(crate) fn analyse(&mut self, idx: usize) {
        let code = self.instances[idx].code.clone();
        let hir = code.hir.clone();
        let name: Arc<str> = (&*hir.name).into();
        // Rules run on a scratch function; only the types of their results are looked at.
        let mut scratch = Function::new(InstanceId(u32::MAX), "scratch", &[], Type::none());
        let mut values: Vec<Option<IrValue>> = vec![None; hir.value_spans.len()];
        let id = self.instances[idx].id.0;
        let has_counted_cells = self.counted.contains(&id);
        loop {
            self.instances[idx].facts.errors.clear();
            self.instances[idx].facts.pending.clear();
            self.instances[idx].facts.result = None;
            self.instances[idx].facts.first_return = None;
            let mut changed = false;
            'blocks: for block in 0..hir.blocks.len() {
                if !self.instances[idx].facts.reached[block] {
                    continue;
                }
                let data = &hir.blocks[block];
                if let Some(handler) = &data.handler {
                    changed |= self.follow_edge(idx, &hir, handler);
                }
                for (value, inst) in &data.insts {
                    let operands = inst.operands();
                    let known = operands
                        .iter()
                        .all(|operand| self.instances[idx].facts.types[operand.index()].is_some());
                    if !known {
                        let facts = &mut self.instances[idx].facts;
                        facts.types[value.index()] = None;
                        if operands.iter().any(|operand| facts.has_failed(*operand)) {
                            changed |= facts.fail(*value);
                        }
                        continue;
                    }
                    scratch.values.clear();
                    scratch.sites.clear();
                    scratch.blocks.truncate(1);
                    scratch.blocks[0].instructions.clear();
                    for operand in &operands {
                        let ty =
                            self.instances[idx].facts.types[operand.index()].expect("known as checked above");
                        values[operand.index()] = Some(scratch.add_value(ty));
                    }
                    let mut e = Emitter::new(&mut scratch, IrBlock(0), name.clone());
                    e.containers_are_open = !self.instances[idx].facts.containers_are_settled;
                    let evaluated = self.evaluate(&mut e, idx, &code, *value, inst, &values);
                    for needed in std::mem::take(&mut self.needed) {
                        let n_params = self.instances[idx].key.params.len();
                        let param = operands
                            .iter()
                            .map(|operand| operand.index())
                            .find(|operand| *operand < n_params && values[*operand] == Some(needed));
                        self.codes.literal_params.extend(param.map(|param| (code.id, param)));
                    }
                    if has_counted_cells != self.counted.contains(&id) {
                        return self.analyse(idx);
                    }
                    let ty = match evaluated {
                        Ok(result) => {
                            let ty = scratch.ty(result);
                            let wide = operands.iter().find(|operand| {
                                self.instances[idx].facts.types[operand.index()].is_some_and(exceeds_64_bits)
                            });
                            if let Some(wide) = wide
                                && !matches!(ty.kind(), TypeKind::Literal(_))
                            {
                                self.instances[idx]
                                    .facts
                                    .errors
                                    .push(too_large(hir.value_spans[wide.index()]));
                            }
                            Some(ty)
                        }
                        Err(Failure::Pending) => {
                            let facts = &mut self.instances[idx].facts;
                            facts.pending.push(hir.value_spans[value.index()]);
                            // The call may turn out to never return: what follows is not reached so far.
                            if facts.recovery.is_none() {
                                continue 'blocks;
                            }
                            None
                        }
                        Err(Failure::NeverReturns) => continue 'blocks,
                        Err(Failure::Widen { container, to }) => {
                            let captured = captured(inst, &values, &scratch, container);
                            let here =
                                captured.and_then(|(callee, position)| captured_here(&hir, callee, position));
                            if here.is_none()
                                && let Some((callee, position)) = captured
                                && let Some(ty) = self.instances[idx].facts.types[callee.index()]
                                && self.widen_captured(ty, position, to)
                            {
                                self.instances[idx].facts.pending.push(hir.value_spans[value.index()]);
                                continue 'blocks;
                            }
                            let container =
                                here.unwrap_or_else(|| operand_of(&hir, inst, &values, container));
                            if self.widen(
                                idx,
                                &hir,
                                &Widening { container, to },
                                hir.value_spans[value.index()],
                            ) {
                                changed = true;
                            }
                            None
                        }
                        Err(Failure::Error(_)) if self.unroll(idx, inst, hir.value_spans[value.index()]) => {
                            return self.analyse(idx);
                        }
                        Err(Failure::Error(diagnostic)) => {
                            self.instances[idx].facts.errors.push(*diagnostic);
                            None
                        }
                    };
                    let facts = &mut self.instances[idx].facts;
                    facts.types[value.index()] = ty;
                    if ty.is_none() {
                        changed |= facts.fail(*value);
                    }
                }
                changed |= self.follow_terminator(idx, &hir, data);
                if has_counted_cells != self.counted.contains(&id) {
                    return self.analyse(idx);
                }
            }
            if !changed {
                let facts = &mut self.instances[idx].facts;
                let are_settled = std::mem::replace(&mut facts.containers_are_settled, true);
                if !are_settled && (!facts.pending.is_empty() || !facts.errors.is_empty()) {
                    continue;
                }
                if let Some(recovery) = &facts.recovery {
                    facts.errors.extend(recovery.conflicts.iter().cloned());
                }
                return;
            }
        }
    }

    /// Marks what the end of a block leads to. Whether anything new was found.
    fn follow_terminator(&mut self, idx: usize, hir: &hir::Function, block: &hir::BlockData) -> bool {
        match &block.terminator {
            hir::Terminator::Jump(edge) => self.follow_edge(idx, hir, edge),
            hir::Terminator::Branch { condition, then, otherwise } => {
                let Some(ty) = self.instances[idx].facts.types[condition.index()] else {
                    // Either way may be meant, and both may have mistakes of their own.
                    return self.instances[idx].facts.has_failed(*condition)
                        && (self.follow_edge(idx, hir, then) | self.follow_edge(idx, hir, otherwise));
                };
                let mut changed = false;
                if decided(ty) != Some(false) {
                    changed |= self.follow_edge(idx, hir, then);
                }
                if decided(ty) != Some(true) {
                    changed |= self.follow_edge(idx, hir, otherwise);
                }
                changed
            }
            hir::Terminator::Return(value) => {
                if let Some(ty) = self.instances[idx].facts.types[value.index()] {
                    if self.count_own_cells(idx, ty) {
                        return true;
                    }
                    if exceeds_64_bits(ty) {
                        self.instances[idx].facts.errors.push(too_large(hir.value_spans[value.index()]));
                    }
                    self.join_result(idx, ty.widen(), block.terminator_span);
                    let mut changed = false;
                    if let Some(joined) = self.instances[idx].facts.result
                        && differ_in_content(ty, joined)
                    {
                        let widening = Widening { container: *value, to: joined };
                        changed = self.widen(idx, hir, &widening, block.terminator_span);
                    }
                    self.check_declared_result(idx, ty, block.terminator_span);
                    return changed;
                }
                false
            }
            hir::Terminator::Yield { value, resume } => {
                let Some(ty) = self.instances[idx].facts.types[value.index()] else {
                    return self.instances[idx].facts.has_failed(*value)
                        && self.follow_edge(idx, hir, resume);
                };
                if exceeds_64_bits(ty) {
                    self.instances[idx].facts.errors.push(too_large(hir.value_spans[value.index()]));
                }
                let span = hir.value_spans[value.index()];
                let mut changed = self.join_yielded(idx, ty.widen(), span);
                if let Some(joined) = self.instances[idx].facts.yielded
                    && differ_in_content(ty, joined)
                {
                    changed |= self.widen(idx, hir, &Widening { container: *value, to: joined }, span);
                }
                changed | self.follow_edge(idx, hir, resume)
            }
            hir::Terminator::Raise(exception) => {
                self.check_raise(idx, *exception, block.terminator_span);
                false
            }
            hir::Terminator::Reraise(_) => {
                self.instances[idx].facts.raises = true;
                false
            }
        }
    }

    fn follow_edge(&mut self, idx: usize, hir: &hir::Function, edge: &hir::Edge) -> bool {
        let facts = &mut self.instances[idx].facts;
        let mut changed = !std::mem::replace(&mut facts.reached[edge.block.index()], true);
        let params = &hir.blocks[edge.block.index()].params;
        for (param, arg) in params.iter().zip(&edge.args) {
            let facts = &mut self.instances[idx].facts;
            if facts.has_failed(*param) {
                continue;
            }
            if facts.has_failed(*arg) {
                changed |= facts.fail(*param);
                continue;
            }
            let facts = &mut self.instances[idx].facts;
            let Some(incoming) = facts.types[arg.index()] else { continue };
            let old = facts.types[param.index()];
            if exceeds_64_bits(incoming) && old.is_some_and(|old| old != incoming) {
                facts.errors.push(too_large(hir.value_spans[arg.index()]));
            }
            let joined = match old {
                None => Some(incoming),
                Some(old) => join(old, incoming),
            };
            match joined {
                Some(joined) => {
                    changed |= old != Some(joined);
                    facts.types[param.index()] = Some(joined);
                    if differ_in_content(incoming, joined) {
                        let widening = Widening { container: *arg, to: joined };
                        changed |= self.widen(idx, hir, &widening, hir.value_spans[arg.index()]);
                    }
                }
                None => {
                    let diagnostic = cannot_unify(hir, &facts.types, *param, *arg);
                    changed |= facts.fail(*param);
                    match &mut facts.recovery {
                        Some(recovery) => recovery.conflicts.push(diagnostic),
                        None => facts.errors.push(diagnostic),
                    }
                }
            }
        }
        changed
    }

    /// Has a container made of a wider type. Whether that is news; if it cannot be, that is a mistake.
    fn widen(&mut self, idx: usize, hir: &hir::Function, widening: &Widening, span: Span) -> bool {
        let facts = &self.instances[idx].facts;
        let before = (facts.containers.clone(), facts.wanted.clone());
        let from = facts.types[widening.container.index()].unwrap_or(Type::never());
        if self.widen_container(idx, hir, widening) {
            let facts = &self.instances[idx].facts;
            return (&facts.containers, &facts.wanted) != (&before.0, &before.1);
        }
        let message = format!("{} would have to be {}", from.shown(), widening.to.shown());
        let diagnostic = Diagnostic::new(ErrorCode::CannotUnify, span, message).note(
            "the items of a container have one type, which is settled where the container is made: convert the item",
        );
        self.instances[idx].facts.errors.push(diagnostic);
        false
    }

    fn join_result(&mut self, idx: usize, ty: Type, span: Span) {
        let facts = &mut self.instances[idx].facts;
        match facts.result {
            None => {
                facts.result = Some(ty);
                facts.first_return = Some(span);
            }
            Some(old) => match join(old, ty) {
                Some(joined) => facts.result = Some(joined),
                None => {
                    let (ty, old) = (ty.shown(), old.shown());
                    let message = format!("the function returns {ty} here but {old} elsewhere");
                    let mut diagnostic =
                        Diagnostic::new(ErrorCode::CannotUnify, span, message).label(ty.to_string());
                    if let Some(first) = facts.first_return {
                        diagnostic = diagnostic.secondary(first, old.to_string());
                    }
                    facts.errors.push(diagnostic.note("a function returns one type: convert one side"));
                }
            },
        }
    }

    /// What a signature asks for must be what is returned, or what that converts to.
    fn check_declared_result(&mut self, idx: usize, ty: Type, span: Span) {
        let instance = &mut self.instances[idx];
        let Some(declared) = instance.key.result else { return };
        let mut scratch = Function::new(InstanceId(u32::MAX), "scratch", &[], Type::none());
        let value = scratch.add_value(ty);
        let name: Arc<str> = (&*instance.code.hir.name).into();
        if Emitter::new(&mut scratch, IrBlock(0), name).coerce(value, declared).is_err() {
            let ty = ty.shown();
            let message =
                format!("the function returns {ty}, but its signature declares {}", declared.shown());
            let diagnostic = Diagnostic::new(ErrorCode::CannotConvert, span, message).label(ty.to_string());
            instance
                .facts
                .errors
                .push(diagnostic.note("leave the result out of the signature, or convert the value"));
        }
    }

    fn check_raise(&mut self, idx: usize, exception: hir::Value, span: Span) {
        let facts = &mut self.instances[idx].facts;
        facts.raises = true;
        if let Some(ty) = facts.types[exception.index()]
            && !is_exception(ty)
        {
            let message = format!("exceptions are raised, not {}", ty.shown());
            facts.errors.push(Diagnostic::new(ErrorCode::NotAnException, span, message));
        }
    }
}

/// `param` takes the values of several definitions, `arg` among them, whose type does not meet that of
/// another.
fn cannot_unify(
    hir: &hir::Function,
    types: &[Option<Type>],
    param: hir::Value,
    arg: hir::Value,
) -> Diagnostic {
    let type_of = |value: hir::Value| types[value.index()].map(Type::widen);
    let incoming = type_of(arg);
    // The definitions on the other paths; the first that conflicts is the one to show.
    let others = hir.blocks.iter().flat_map(|block| block.edges()).filter_map(|edge| {
        let position = hir.blocks[edge.block.index()].params.iter().position(|other| *other == param)?;
        Some(edge.args[position])
    });
    let others: Vec<hir::Value> =
        others.filter(|other| *other != arg && *other != param && type_of(*other).is_some()).collect();
    let conflicts = |other: &&hir::Value| matches!((type_of(**other), incoming), (Some(other), Some(incoming)) if join(other, incoming).is_none());
    let other = others.iter().find(conflicts).or(others.first()).copied();
    let shown =
        |ty: Option<Type>| ty.map_or_else(|| "of another type".to_string(), |ty| ty.shown().to_string());
    let (first, second) = match other
        .filter(|other| hir.value_spans[other.index()].start < hir.value_spans[arg.index()].start)
    {
        Some(other) => (Some(other), Some(arg)),
        None => (Some(arg), other),
    };
    let type_text = |value: Option<hir::Value>| shown(value.and_then(type_of));
    let (what, label, note) = match &hir.value_names[param.index()] {
        Some(name) => (
            format!("`{name}`"),
            "needs one type",
            "a variable has one type wherever paths meet: use two names, or convert one side",
        ),
        None => ("this expression".to_string(), "", "an expression has one type: convert one side"),
    };
    let message =
        format!("{what} is {} on one path and {} on the other", type_text(first), type_text(second));
    let mut diagnostic =
        Diagnostic::new(ErrorCode::CannotUnify, hir.value_spans[param.index()], message).label(label);
    for definition in [first, second].into_iter().flatten() {
        diagnostic = diagnostic.secondary(hir.value_spans[definition.index()], type_text(Some(definition)));
    }
    diagnostic.note(note)
}

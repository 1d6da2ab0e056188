//! The types of one instance's values, and which of its blocks are reached.

use crate::inference::Inference;
use rumba_ir::{Block as IrBlock, Function, InstanceId, Value as IrValue};
use rumba_library::{Emitter, Failure};
use rumba_source::{Code as ErrorCode, Diagnostic, Span};
use rumba_syntax::hir;
use rumba_types::{Literal, Type, TypeKind, join};
use std::sync::Arc;

/// What is known of an instance so far.
pub(crate) struct Facts {
    /// `None`: not reached, or waiting for a recursive call.
    pub types: Vec<Option<Type>>,
    pub reached: Vec<bool>,
    /// Calls that wait for the result of an instance.
    pub pending: Vec<Span>,
    pub errors: Vec<Diagnostic>,
    /// The join of all returns reached so far.
    pub result: Option<Type>,
}

impl Facts {
    pub fn new(hir: &hir::Function, params: &[Type]) -> Facts {
        let mut types = vec![None; hir.value_spans.len()];
        for (idx, ty) in params.iter().enumerate() {
            types[idx] = Some(*ty);
        }
        let mut reached = vec![false; hir.blocks.len()];
        reached[0] = true;
        Facts { types, reached, pending: Vec::new(), errors: Vec::new(), result: None }
    }
}

/// Conditions that the types decide.
pub(crate) fn decided(ty: Type) -> Option<bool> {
    match ty.kind() {
        TypeKind::Literal(Literal::Bool(value)) => Some(*value),
        _ => None,
    }
}

impl Inference<'_> {
    /// Brings the facts of an instance up to date with what is known of its callees.
    pub(crate) fn analyse(&mut self, idx: usize) {
        let code = self.instances[idx].code.clone();
        let hir = code.hir.clone();
        let name: Arc<str> = (&*hir.name).into();
        // Rules run on a scratch function; only the types of their results are looked at.
        let mut scratch = Function::new(InstanceId(u32::MAX), "scratch", &[], Type::none());
        let mut values: Vec<Option<IrValue>> = vec![None; hir.value_spans.len()];
        loop {
            self.instances[idx].facts.errors.clear();
            self.instances[idx].facts.pending.clear();
            self.instances[idx].facts.result = None;
            let mut changed = false;
            for block in 0..hir.blocks.len() {
                if !self.instances[idx].facts.reached[block] {
                    continue;
                }
                let data = &hir.blocks[block];
                for (value, inst) in &data.insts {
                    let operands = inst.operands();
                    let known = operands.iter().all(|operand| self.instances[idx].facts.types[operand.index()].is_some());
                    if !known {
                        self.instances[idx].facts.types[value.index()] = None;
                        continue;
                    }
                    scratch.values.clear();
                    scratch.sites.clear();
                    scratch.blocks.truncate(1);
                    scratch.blocks[0].instructions.clear();
                    for operand in &operands {
                        let ty = self.instances[idx].facts.types[operand.index()].expect("known as checked above");
                        values[operand.index()] = Some(scratch.add_value(ty));
                    }
                    let mut e = Emitter::new(&mut scratch, IrBlock(0), name.clone());
                    let ty = match self.evaluate(&mut e, idx, &code, *value, inst, &values) {
                        Ok(result) => Some(e.ty(result)),
                        Err(Failure::Pending) => {
                            self.instances[idx].facts.pending.push(hir.value_spans[value.index()]);
                            None
                        }
                        Err(Failure::Error(diagnostic)) => {
                            self.instances[idx].facts.errors.push(*diagnostic);
                            None
                        }
                    };
                    self.instances[idx].facts.types[value.index()] = ty;
                }
                changed |= self.follow_terminator(idx, &hir, data);
            }
            if !changed {
                return;
            }
        }
    }

    /// Marks what the end of a block leads to. Whether anything new was found.
    fn follow_terminator(&mut self, idx: usize, hir: &hir::Function, block: &hir::BlockData) -> bool {
        match &block.terminator {
            hir::Terminator::Jump(edge) => self.follow_edge(idx, hir, edge),
            hir::Terminator::Branch { condition, then, otherwise } => {
                let Some(ty) = self.instances[idx].facts.types[condition.index()] else { return false };
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
                    self.join_result(idx, ty.widen(), block.terminator_span);
                }
                false
            }
            hir::Terminator::Raise { exception, cause } => {
                self.check_raise(idx, *exception, *cause, block.terminator_span);
                false
            }
        }
    }

    fn follow_edge(&mut self, idx: usize, hir: &hir::Function, edge: &hir::Edge) -> bool {
        let facts = &mut self.instances[idx].facts;
        let mut changed = !std::mem::replace(&mut facts.reached[edge.block.index()], true);
        let params = &hir.blocks[edge.block.index()].params;
        for (param, arg) in params.iter().zip(&edge.args) {
            let Some(incoming) = facts.types[arg.index()] else { continue };
            let old = facts.types[param.index()];
            let joined = match old {
                None => Some(incoming),
                Some(old) => join(old, incoming),
            };
            match joined {
                Some(joined) => {
                    changed |= old != Some(joined);
                    facts.types[param.index()] = Some(joined);
                }
                None => {
                    let old = old.expect("only two types can fail to join");
                    let diagnostic = cannot_unify(hir, *param, *arg, old, incoming);
                    facts.errors.push(diagnostic);
                }
            }
        }
        changed
    }

    fn join_result(&mut self, idx: usize, ty: Type, span: Span) {
        let facts = &mut self.instances[idx].facts;
        match facts.result {
            None => facts.result = Some(ty),
            Some(old) => match join(old, ty) {
                Some(joined) => facts.result = Some(joined),
                None => facts.errors.push(
                    Diagnostic::new(
                        ErrorCode::CannotUnify,
                        span,
                        format!("the function returns {ty} here but {old} elsewhere"),
                    )
                    .label("one type is needed"),
                ),
            },
        }
    }

    fn check_raise(&mut self, idx: usize, exception: Option<hir::Value>, cause: Option<hir::Value>, span: Span) {
        let facts = &mut self.instances[idx].facts;
        let Some(exception) = exception else {
            let diagnostic = Diagnostic::new(ErrorCode::UnsupportedStatement, span, "re-raising is not supported yet");
            facts.errors.push(diagnostic.note("name the exception: `raise ValueError(...)`"));
            return;
        };
        if let Some(ty) = facts.types[exception.index()]
            && !matches!(ty.kind(), TypeKind::ExceptionClass(_) | TypeKind::Exception(..))
        {
            let message = format!("exceptions are raised, not {}", ty.widen());
            facts.errors.push(Diagnostic::new(ErrorCode::NotAnException, span, message));
        }
        if let Some(cause) = cause
            && let Some(ty) = facts.types[cause.index()]
            && !ty.is_none()
        {
            facts.errors.push(Diagnostic::new(
                ErrorCode::UnsupportedStatement,
                span,
                "`raise … from` an exception is not supported yet",
            ));
        }
    }
}

fn cannot_unify(hir: &hir::Function, param: hir::Value, arg: hir::Value, old: Type, incoming: Type) -> Diagnostic {
    let (old, incoming) = (old.widen(), incoming.widen());
    let span = hir.value_spans[arg.index()];
    let what = match &hir.value_names[param.index()] {
        Some(name) => format!("`{name}`"),
        None => "the expression".to_string(),
    };
    let mut diagnostic =
        Diagnostic::new(ErrorCode::CannotUnify, span, format!("{what} is {incoming} here but {old} on the other path"))
            .label(incoming.to_string());
    // The other definition: any other argument that reaches the same parameter.
    let others = hir.blocks.iter().flat_map(|block| block.terminator.edges()).filter_map(|edge| {
        let position = hir.blocks[edge.block.index()].params.iter().position(|other| *other == param)?;
        Some(edge.args[position])
    });
    if let Some(other) = others.into_iter().find(|other| *other != arg && *other != param) {
        diagnostic = diagnostic.secondary(hir.value_spans[other.index()], old.to_string());
    }
    diagnostic.note("a variable has one type wherever paths meet: use two names, or convert one side")
}

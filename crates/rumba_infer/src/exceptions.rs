//! What is raised and caught: classes that `except` names, causes, exceptions that are made.

use crate::Constant;
use crate::inference::{Inference, Instance};
use rumba_ir::runtime_function::{CATCH_MADE, CAUSE, EXCEPTION_MATCHES, RAISE_CAUGHT, RERAISE, SET_CAUSE};
use rumba_ir::{CompareOp, Edge, ExceptionRef, Payload, SiteKind, Terminator, Value as IrValue};
use rumba_library::declaration::{Argument, Call};
use rumba_library::{Emit, Emitter};
use rumba_source::Code as ErrorCode;
use rumba_source::operators::{Comparison, UnaryOperator};
use rumba_syntax::hir::{self, Inst};
use rumba_types::{ExceptionClass, ObjectId, Type, TypeKind, join};
use std::sync::Arc;

/// An exception that is raised: its class, and the type of its arguments.
pub(crate) type Raised = (Arc<ExceptionClass>, Type);

/// Whether values of this type can be raised.
pub(crate) fn is_exception(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::ExceptionClass(_) | TypeKind::Exception(..) | TypeKind::CaughtException => true,
        TypeKind::Optional(inner) => is_exception(*inner),
        _ => false,
    }
}

/// Ends the current block by raising.
pub(crate) fn emit_raise(e: &mut Emitter<'_>, exception: IrValue) {
    let (class, args) = match e.ty(exception).kind() {
        TypeKind::ExceptionClass(class) => (class.clone(), Vec::new()),
        TypeKind::Exception(class, types) => {
            (class.clone(), (0..types.len()).map(|idx| e.b.field(exception, idx)).collect())
        }
        TypeKind::CaughtException => {
            let site = e.call_site();
            e.b.call_runtime(&RAISE_CAUGHT, vec![exception], Type::none(), Some(site));
            return e.b.terminate(Terminator::Unreachable);
        }
        TypeKind::Optional(_) => {
            let present = e.b.field(exception, 0);
            e.raise_unless(present, "TypeError", "exceptions must derive from BaseException", &[]);
            let exception = e.b.field(exception, 1);
            return emit_raise(e, exception);
        }
        ty => unreachable!("inference refuses to raise {ty:?}"),
    };
    let kind = SiteKind::Raise {
        exception: ExceptionRef::Object(class.object, class.name.clone()),
        payload: Payload::Arguments,
    };
    let site = e.host_site(kind, &args);
    e.b.terminate(Terminator::Raise { site, args, cleanup: Vec::new() });
}

/// `raise … from cause`. A cause that was never raised is made by raising it, to where it is caught at once.
pub(crate) fn set_cause(e: &mut Emitter<'_>, raised: IrValue, cause: IrValue) -> Emit<IrValue> {
    let ty = e.ty(cause);
    let cause = match (ty.kind(), caught_of(e, cause)) {
        (TypeKind::None, _) => e.b.address(0),
        (_, Some(cause)) => cause,
        (_, None) => {
            let message = format!("the cause of an exception is another one or None, not {}", ty.shown());
            return e.error(ErrorCode::NotAnException, message);
        }
    };
    Ok(e.b.call_runtime(&SET_CAUSE, vec![raised, cause], Type::none(), None))
}

/// An exception as one that was caught, if it is one. What was never raised is made by raising it.
fn caught_of(e: &mut Emitter<'_>, exception: IrValue) -> Option<IrValue> {
    let ty = e.ty(exception);
    match ty.kind() {
        TypeKind::CaughtException => Some(exception),
        TypeKind::Exception(..) | TypeKind::ExceptionClass(_) => {
            let [made, caught] = std::array::from_fn(|_| e.b.function.add_block());
            e.b.jump(made, Vec::new());
            e.b.switch_to(made);
            e.b.function.block_mut(made).handler = Some(Edge { block: caught, args: Vec::new() });
            emit_raise(e, exception);
            e.b.switch_to(caught);
            Some(e.b.call_runtime(&CATCH_MADE, Vec::new(), Type::caught_exception(), None))
        }
        _ => None,
    }
}

/// `generator.throw(exception)`: it is raised where the generator has stopped, which goes on to its next item.
pub(crate) fn throw(e: &mut Emitter<'_>, call: &Call) -> Emit<IrValue> {
    let Some(exception) = caught_of(e, call.args[1]) else {
        let message = format!("an exception is thrown, not {}", e.ty(call.args[1]).shown());
        return call.argument_error(1, ErrorCode::NotAnException, message);
    };
    e.b.call_runtime(&RERAISE, vec![exception], Type::none(), None);
    e.resume_with_pending(call.args[0])
}

/// The class of a caught exception, which is not known when compiling, is a method of this path, bound to the exception.
const CLASS_OF_CAUGHT: &str = "exception.__class__";

/// What `__exit__` gets as the class of the exception.
pub(crate) fn class_of_caught(e: &mut Emitter<'_>, caught: IrValue) -> IrValue {
    let ty = TypeKind::Method(CLASS_OF_CAUGHT.into(), e.ty(caught)).into();
    e.b.make(ty, vec![caught])
}

fn is_class_of_caught(ty: Type) -> bool {
    matches!(ty.kind(), TypeKind::Method(path, _) if **path == *CLASS_OF_CAUGHT)
}

impl Inference<'_> {
    /// `isinstance(caught, classes)`, or `issubclass` of the class of a caught exception; `None` for all else.
    pub(crate) fn is_caught(
        &mut self,
        e: &mut Emitter<'_>,
        path: &str,
        arguments: &[Argument],
    ) -> Emit<Option<IrValue>> {
        let [Argument { keyword: None, value, .. }, Argument { keyword: None, value: classes, .. }] =
            arguments
        else {
            return Ok(None);
        };
        let ty = e.ty(*value);
        let caught = match path {
            "builtins.isinstance" if matches!(ty.kind(), TypeKind::CaughtException) => *value,
            "builtins.isinstance" if ty == Type::optional(Type::caught_exception()) => {
                let (present, caught) = (e.b.field(*value, 0), e.b.field(*value, 1));
                let matches = self.match_exception(e, caught, *classes)?;
                let matches = e.materialise(matches);
                return Ok(Some(e.b.and(present, matches)));
            }
            "builtins.issubclass" if is_class_of_caught(ty) => e.b.field(*value, 0),
            _ => return Ok(None),
        };
        self.match_exception(e, caught, *classes).map(Some)
    }

    /// `type(caught)` compared with a class, which the interpreter does; `None` for all else.
    pub(crate) fn compare_class_of_caught(
        &mut self,
        e: &mut Emitter<'_>,
        op: Comparison,
        lhs: IrValue,
        rhs: IrValue,
    ) -> Emit<Option<IrValue>> {
        let (caught, class) = match [lhs, rhs].map(|side| is_class_of_caught(e.ty(side))) {
            [true, false] => (lhs, rhs),
            [false, true] => (rhs, lhs),
            _ => return Ok(None),
        };
        if e.ty(class).is_none() {
            return Ok(None);
        }
        let TypeKind::ExceptionClass(_) = e.ty(class).kind() else {
            let message = "the class of a caught exception is compared with classes of exceptions and None";
            return e.error(ErrorCode::OperandTypes, message);
        };
        let caught = e.b.field(caught, 0);
        let function = self.env.interpreter_function("is_of_class");
        let function = function.expect("the interpreter has the functions of `rumba.interpreted`");
        let same = e.call_interpreter(function, vec![caught, class], &[Type::bool()]);
        match op {
            Comparison::Eq | Comparison::Is => Ok(same.first().copied()),
            Comparison::Ne | Comparison::IsNot => e.unary(UnaryOperator::Not, same[0]).map(Some),
            _ => e.error(ErrorCode::OperandTypes, format!("`{op}` is not defined for classes")),
        }
    }

    /// An attribute of a caught exception, or of its class; `None` for all else.
    pub(crate) fn attribute_of_caught(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        operand: hir::Value,
        value: IrValue,
        name: &str,
    ) -> Emit<Option<IrValue>> {
        let ty = e.ty(value);
        let (function, caught, result) = match (ty.kind(), name) {
            (TypeKind::CaughtException, "__class__") => return Ok(Some(class_of_caught(e, value))),
            (TypeKind::CaughtException, "__cause__") => {
                let cause = e.b.call_runtime(&CAUSE, vec![value], ty, None);
                let (address, nothing) = (e.b.field(cause, 0), e.b.address(0));
                let present = e.b.compare(CompareOp::Ne, address, nothing);
                return Ok(Some(e.b.make(Type::optional(ty), vec![present, cause])));
            }
            (TypeKind::CaughtException, "args") => {
                let Some(args) = self.caught_args(e, idx, operand)? else { return Ok(None) };
                ("args_of", value, args)
            }
            (_, "__name__") if is_class_of_caught(ty) => ("class_name_of", e.b.field(value, 0), Type::str()),
            _ => return Ok(None),
        };
        let function = self.env.interpreter_function(function);
        let function = function.expect("the interpreter has the functions of `rumba.interpreted`");
        Ok(e.call_interpreter(function, vec![caught], &[result]).pop())
    }

    /// The type of `args` of a caught exception: what all `raise` statements have that may lead to it, or else a message, as
    /// what compiled code raises by itself. `None` if it was caught elsewhere.
    fn caught_args(&self, e: &Emitter<'_>, idx: usize, exception: hir::Value) -> Emit<Option<Type>> {
        let hir = &self.instances[idx].code.hir;
        let mut places = Vec::new();
        caught_at(hir, exception, None, &mut Vec::new(), &mut places);
        if places.is_empty() {
            return Ok(None);
        }
        let mut common: Option<Type> = None;
        for (handler, bound) in places {
            let classes = self.classes_caught(idx, bound);
            let mut raised = self.raised_by_callees(idx);
            self.raised_into(idx, handler, &mut Vec::new(), &mut raised);
            for (class, args) in raised {
                let is_caught =
                    |classes: &Vec<ObjectId>| classes.iter().any(|it| class.ancestors.contains(it));
                if !classes.as_ref().is_none_or(is_caught) {
                    continue;
                }
                let joined = common.map_or(Some(args), |common| join(common, args));
                let Some(joined) = joined else {
                    let (args, common) = (args.shown(), common.unwrap_or(args).shown());
                    let message = format!(
                        "exceptions that are caught here have arguments of several types: {common}, {args}"
                    );
                    let diagnostic = e.diagnostic(ErrorCode::CannotUnify, message);
                    return Err(diagnostic.note("write an `except` for each class of exceptions").into());
                };
                common = Some(joined);
            }
        }
        Ok(Some(common.unwrap_or_else(|| Type::tuple(vec![Type::str()]))))
    }

    /// Keeps what the instances of this request raise for later ones.
    pub(crate) fn note_raised(&mut self) {
        for (idx, instance) in self.instances.iter().enumerate() {
            let mut raised = self.raised_by_callees(idx);
            raised.extend(self.raised_in(idx, |_| true));
            self.codes.raised.insert(instance.key.clone(), raised);
        }
    }

    /// What the functions raise that an instance calls, and those that they call.
    fn raised_by_callees(&self, idx: usize) -> Vec<Raised> {
        let (mut raised, mut seen, mut calling) = (Vec::new(), vec![idx], vec![idx]);
        while let Some(caller) = calling.pop() {
            for key in &self.instances[caller].known_callees {
                raised.extend(self.codes.raised.get(key).into_iter().flatten().cloned());
            }
            for (callee, instance) in self.instances.iter().enumerate() {
                if instance.callers.contains(&caller) && !seen.contains(&callee) {
                    seen.push(callee);
                    calling.push(callee);
                    raised.extend(self.raised_in(callee, |_| true));
                }
            }
        }
        raised
    }

    /// What an instance raises itself where it goes to a handler, also by way of others that raise it again.
    fn raised_into(&self, idx: usize, handler: usize, seen: &mut Vec<usize>, raised: &mut Vec<Raised>) {
        if seen.contains(&handler) {
            return;
        }
        seen.push(handler);
        let goes_there =
            |block: &hir::BlockData| block.handler.as_ref().is_some_and(|edge| edge.block.index() == handler);
        raised.extend(self.raised_in(idx, goes_there));
        let hir = &self.instances[idx].code.hir;
        for block in hir.blocks.iter().filter(|block| goes_there(block)) {
            if let hir::Terminator::Reraise(value) = block.terminator {
                let mut places = Vec::new();
                caught_at(hir, value, None, &mut Vec::new(), &mut places);
                for (place, _) in places {
                    self.raised_into(idx, place, seen, raised);
                }
            }
        }
    }

    /// What the `raise` statements of an instance raise that end such blocks.
    fn raised_in(&self, idx: usize, ends: impl Fn(&hir::BlockData) -> bool) -> Vec<Raised> {
        let Instance { code, facts, .. } = &self.instances[idx];
        let values =
            code.hir.blocks.iter().filter(|block| ends(block)).filter_map(|block| match block.terminator {
                hir::Terminator::Raise(value) => facts.types[value.index()],
                _ => None,
            });
        let raised = values.filter_map(|ty| match ty.kind() {
            TypeKind::Exception(class, types) => {
                Some((class.clone(), Type::tuple(types.iter().map(|ty| ty.widen()).collect())))
            }
            TypeKind::ExceptionClass(class) => Some((class.clone(), Type::tuple(Vec::new()))),
            _ => None,
        });
        raised.collect()
    }

    /// The classes that the `except` of this block names; `None` if it catches all.
    fn classes_caught(&self, idx: usize, mut bound: usize) -> Option<Vec<ObjectId>> {
        let (hir, facts) = (&self.instances[idx].code.hir, &self.instances[idx].facts);
        for _ in 0..hir.blocks.len() {
            let mut leading =
                hir.blocks.iter().enumerate().filter(|(_, block)| {
                    block.terminator.edges().iter().any(|edge| edge.block.index() == bound)
                });
            let (Some((position, block)), None) = (leading.next(), leading.next()) else { return None };
            match &block.terminator {
                hir::Terminator::Jump(_) => bound = position,
                hir::Terminator::Branch { condition, then, .. } if then.block.index() == bound => {
                    let (_, inst) = definition(hir, *condition)?;
                    let Inst::MatchException { class, .. } = inst else { return None };
                    let classes = match facts.types[class.index()]?.kind() {
                        TypeKind::Tuple(classes) => classes.clone(),
                        _ => vec![facts.types[class.index()]?],
                    };
                    let classes = classes.into_iter().map(|class| match class.kind() {
                        TypeKind::ExceptionClass(class) => Some(class.object),
                        _ => None,
                    });
                    return classes.collect();
                }
                _ => return None,
            }
        }
        None
    }

    /// `except class`, where `class` may be a tuple of classes.
    pub(crate) fn match_exception(
        &mut self,
        e: &mut Emitter<'_>,
        caught: IrValue,
        class: IrValue,
    ) -> Emit<IrValue> {
        let mut classes = Vec::new();
        match e.ty(class).kind() {
            TypeKind::Tuple(types) => {
                for ty in types {
                    classes.push(exception_class(e, *ty)?);
                }
            }
            _ => classes.push(exception_class(e, e.ty(class))?),
        }
        let base = match self.env.resolve_builtin("BaseException") {
            Some(Constant::ExceptionClass(base)) => Some(base.object),
            _ => None,
        };
        if classes.iter().any(|class| Some(class.object) == base) {
            return Ok(e.literal_bool(true));
        }
        let mut any = None;
        for class in classes {
            let id = e.b.int64(i64::from(class.object.0));
            let fits = e.b.call_runtime(&EXCEPTION_MATCHES, vec![caught, id], Type::bool(), None);
            any = Some(any.map_or(fits, |any| e.b.or(any, fits)));
        }
        Ok(any.unwrap_or_else(|| e.literal_bool(false)))
    }
}

/// Where a value is defined, if an instruction does that.
fn definition(hir: &hir::Function, value: hir::Value) -> Option<(usize, &Inst)> {
    hir.blocks.iter().enumerate().find_map(|(position, block)| {
        let (_, inst) = block.insts.iter().find(|(of, _)| *of == value)?;
        Some((position, inst))
    })
}

/// The handlers that an exception may have been caught by, each with the block where it was given its name.
fn caught_at(
    hir: &hir::Function,
    exception: hir::Value,
    bound: Option<usize>,
    seen: &mut Vec<hir::Value>,
    places: &mut Vec<(usize, usize)>,
) {
    if seen.contains(&exception) {
        return;
    }
    seen.push(exception);
    match definition(hir, exception) {
        Some((block, Inst::Caught)) => places.push((block, bound.unwrap_or(block))),
        Some((block, Inst::Copy(value))) => caught_at(hir, *value, bound.or(Some(block)), seen, places),
        Some((_, Inst::CheckBound { value, .. })) => caught_at(hir, *value, bound, seen, places),
        Some(_) => {}
        None => {
            let edges = hir.blocks.iter().flat_map(|block| block.edges());
            for edge in edges {
                let params = &hir.blocks[edge.block.index()].params;
                if let Some(position) = params.iter().position(|param| *param == exception) {
                    caught_at(hir, edge.args[position], bound, seen, places);
                }
            }
        }
    }
}

fn exception_class(e: &Emitter<'_>, ty: Type) -> Emit<Arc<ExceptionClass>> {
    if let TypeKind::ExceptionClass(class) = ty.kind() {
        return Ok(class.clone());
    }
    let message = format!("`except` catches exception classes, not {}", ty.shown());
    let diagnostic = e.diagnostic(ErrorCode::NotAnException, message);
    Err(diagnostic.note("name a class or a tuple of classes that is known when compiling").into())
}

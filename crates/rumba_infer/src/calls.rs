//! Calls: library functions, jitted functions, closures, classes.

use crate::code::Code;
use crate::constants::emit_constant;
use crate::evaluate::unsupported_value;
use crate::functionals;
use crate::inference::{Callee, Inference, InstanceKey};
use rumba_ir::Value as IrValue;
use rumba_library::declaration::{Argument, positional_arguments};
use rumba_library::{Emit, Emitter, Failure, lookup};
use rumba_source::{Code as ErrorCode, Diagnostic};
use rumba_syntax::hir::{self, ArgumentKind, CaptureKind, ParamKind};
use rumba_types::{FunctionRef, NamedTupleClass, ObjectId, Type, TypeKind};
use std::sync::Arc;

impl Inference<'_> {
    pub(crate) fn call(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        callee: IrValue,
        args: &[hir::Argument],
        values: &[Option<IrValue>],
    ) -> Emit<IrValue> {
        let arguments = self.arguments(e, args, values)?;
        if let [receiver] = &*arguments
            && e.ty(callee) == Type::library_function("builtins.super")
        {
            return self.super_of(e, idx, receiver.value);
        }
        self.call_value(e, idx, callee, arguments)
    }

    /// The arguments of a call with `*tuple` expanded.
    fn arguments(
        &mut self,
        e: &mut Emitter<'_>,
        args: &[hir::Argument],
        values: &[Option<IrValue>],
    ) -> Emit<Vec<Argument>> {
        let mut arguments = Vec::with_capacity(args.len());
        for arg in args {
            let value =
                values[arg.value.index()].expect("operands are known before an instruction is evaluated");
            let span = arg.span;
            match &arg.kind {
                ArgumentKind::Positional => arguments.push(Argument { keyword: None, value, span }),
                ArgumentKind::Keyword(name) => {
                    arguments.push(Argument { keyword: Some(name.to_string()), value, span });
                }
                ArgumentKind::Starred => {
                    for value in self.expand(e, value)? {
                        arguments.push(Argument { keyword: None, value, span });
                    }
                }
                ArgumentKind::DoubleStarred => {
                    let message = "`**` in a call is not supported yet";
                    let diagnostic = Diagnostic::new(ErrorCode::UnsupportedExpression, span, message);
                    return Err(diagnostic.note("write the keyword arguments out").into());
                }
            }
        }
        Ok(arguments)
    }

    pub(crate) fn call_value(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        callee: IrValue,
        mut arguments: Vec<Argument>,
    ) -> Emit<IrValue> {
        let ty = e.ty(callee);
        match ty.kind() {
            TypeKind::Function(FunctionRef::Library(path)) => {
                match self.builtin_of_instance(e, idx, path, &mut arguments)? {
                    Some(result) => Ok(result),
                    None => self.call_declared(e, idx, path, &arguments),
                }
            }
            TypeKind::Class { object, name } => self.instantiate(e, idx, *object, name, arguments),
            TypeKind::BoundMethod { function, .. } => {
                let receiver = e.b.field(callee, 0);
                arguments.insert(0, Argument { keyword: None, value: receiver, span: e.span });
                self.call_jitted(e, idx, *function, arguments)
            }
            TypeKind::Instance(_) => {
                let method = self.instance_attribute(e, idx, callee, "__call__")?;
                self.call_value(e, idx, method, arguments)
            }
            TypeKind::Method(path, _) => {
                let receiver = e.b.field(callee, 0);
                arguments.insert(0, Argument { keyword: None, value: receiver, span: e.span });
                self.call_declared(e, idx, path, &arguments)
            }
            TypeKind::DType(dtype) => rumba_library::numpy::call_dtype(e, *dtype, &arguments),
            TypeKind::Function(FunctionRef::Jitted { object, .. }) => {
                self.call_jitted(e, idx, *object, arguments)
            }
            TypeKind::Closure { code, captures, .. } => {
                let fields = (0..captures.len()).map(|position| e.b.field(callee, position)).collect();
                self.call_closure(e, idx, *code, fields, arguments)
            }
            TypeKind::ExceptionClass(class) => {
                if let Some(argument) = arguments.iter().find(|argument| argument.keyword.is_some()) {
                    let message = format!("{}() takes no keyword arguments in compiled code", class.name);
                    return Err(Diagnostic::new(ErrorCode::ArgumentCount, argument.span, message).into());
                }
                let fields: Vec<IrValue> = arguments.iter().map(|argument| argument.value).collect();
                let ty = TypeKind::Exception(class.clone(), e.types(&fields)).into();
                Ok(e.b.make(ty, fields))
            }
            TypeKind::NamedTupleClass(class) => make_named_tuple(e, class, &arguments),
            _ => e.error(ErrorCode::NotCallable, format!("{} cannot be called", ty.shown())),
        }
    }

    fn call_declared(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        path: &str,
        arguments: &[Argument],
    ) -> Emit<IrValue> {
        match (functionals::rule(path, arguments), lookup(path)) {
            (Some(rule), Some(declaration)) => {
                let call = declaration.bind(e, arguments)?;
                rule(self, e, idx, &call)
            }
            _ => call_library(e, path, arguments),
        }
    }

    pub(crate) fn call_jitted(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        object: ObjectId,
        arguments: Vec<Argument>,
    ) -> Emit<IrValue> {
        let code = match self.codes.load(self.env, object) {
            Ok(code) => self.codes.get(code),
            Err(diagnostics) => {
                // Reported at the callee's own lines, once.
                for diagnostic in diagnostics {
                    let diagnostic = diagnostic.secondary(e.span, "called here");
                    if !self.source_errors.iter().any(|other| other.primary == diagnostic.primary) {
                        self.source_errors.push(diagnostic);
                    }
                }
                return Err(Failure::Pending);
            }
        };
        let defaults = self.env.defaults(object);
        let default = |e: &mut Emitter<'_>, param: &hir::Param| {
            let constant =
                defaults.iter().find(|(name, _)| **name == *param.name).map(|(_, constant)| constant)?;
            Some(emit_constant(e, constant).or_else(|unusable| {
                unsupported_value(e, &format!("the default of `{}`", param.name), unusable)
            }))
        };
        let args = bind(e, &code, arguments, default)?;
        self.call_instance(e, idx, &code, args)
    }

    fn call_closure(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        code: u32,
        fields: Vec<IrValue>,
        arguments: Vec<Argument>,
    ) -> Emit<IrValue> {
        let code = self.codes.get(code);
        let n_captured =
            code.hir.captures.iter().filter(|capture| capture.kind != CaptureKind::Itself).count();
        let (captured, defaults) = fields.split_at(n_captured);
        let with_default: Vec<&str> =
            code.hir.params.iter().filter(|param| param.has_default).map(|param| &*param.name).collect();
        let default = |_: &mut Emitter<'_>, param: &hir::Param| {
            let position = with_default.iter().position(|name| *name == &*param.name)?;
            Some(Ok(defaults[position]))
        };
        let mut args = bind(e, &code, arguments, default)?;
        let mut captured = captured.iter();
        for capture in &code.hir.captures {
            args.push(if capture.kind == CaptureKind::Itself {
                self.closure(e, code.id, fields.clone())
            } else {
                *captured.next().expect("a closure has a field for each captured variable")
            });
        }
        self.call_instance(e, idx, &code, args)
    }

    fn call_instance(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        code: &Arc<Code>,
        args: Vec<IrValue>,
    ) -> Emit<IrValue> {
        let args: Vec<IrValue> = args.into_iter().map(|arg| e.materialise(arg)).collect();
        let key = InstanceKey { code: code.id, params: e.types(&args), result: None };
        match self.callee(idx, key, e.span) {
            Callee::Pending => Err(Failure::Pending),
            Callee::Ready(known) => {
                let site = e.call_site();
                let result = e.b.call(known.id, args, known.result, site);
                if known.result == Type::never() { Err(Failure::NeverReturns) } else { Ok(result) }
            }
            Callee::Unbounded => {
                let message = format!("`{}` calls itself with ever new argument types", code.hir.name);
                let diagnostic = e.diagnostic(ErrorCode::RecursionUnbounded, message);
                Err(diagnostic
                    .note(
                        "each combination of argument types is compiled on its own: keep the types the same",
                    )
                    .into())
            }
        }
    }
}

/// Arguments in the order of the parameters, as Python binds them.
fn bind(
    e: &mut Emitter<'_>,
    code: &Code,
    arguments: Vec<Argument>,
    default: impl Fn(&mut Emitter<'_>, &hir::Param) -> Option<Emit<IrValue>>,
) -> Emit<Vec<IrValue>> {
    let function = &code.hir;
    let name = &function.name;
    let params = &function.params;
    let mut bound: Vec<Option<IrValue>> = vec![None; params.len()];
    let mut rest = Vec::new();
    let by_position: Vec<usize> = (0..params.len())
        .filter(|position| {
            matches!(params[*position].kind, ParamKind::PositionalOnly | ParamKind::Positional)
        })
        .collect();
    let variadic = params.iter().position(|param| param.kind == ParamKind::VarPositional);
    let mut n_given = 0;
    for argument in arguments {
        match argument.keyword {
            None if n_given < by_position.len() => {
                bound[by_position[n_given]] = Some(argument.value);
                n_given += 1;
            }
            None if variadic.is_some() => rest.push(argument.value),
            None => {
                let message = format!(
                    "{name}() takes {}, but more were given",
                    positional_arguments(by_position.len())
                );
                let diagnostic = Diagnostic::new(ErrorCode::ArgumentCount, argument.span, message);
                return Err(diagnostic.secondary(function.header_span, "defined here").into());
            }
            Some(keyword) => {
                let accepts = |kind| matches!(kind, ParamKind::Positional | ParamKind::KeywordOnly);
                let position = params.iter().position(|param| *param.name == *keyword && accepts(param.kind));
                let Some(position) = position else {
                    let message = format!("{name}() got an unexpected keyword argument '{keyword}'");
                    let diagnostic = Diagnostic::new(ErrorCode::ArgumentCount, argument.span, message);
                    return Err(diagnostic.secondary(function.header_span, "defined here").into());
                };
                if bound[position].is_some() {
                    let message = format!("{name}() got multiple values for argument '{keyword}'");
                    return Err(Diagnostic::new(ErrorCode::ArgumentCount, argument.span, message).into());
                }
                bound[position] = Some(argument.value);
            }
        }
    }
    let mut args = Vec::with_capacity(params.len());
    for (param, bound) in params.iter().zip(bound) {
        args.push(match (bound, param.kind) {
            (Some(value), _) => value,
            (None, ParamKind::VarPositional) => e.tuple(std::mem::take(&mut rest)),
            (None, ParamKind::VarKeyword) => {
                let message = format!("`**{}` is not supported", param.name);
                return Err(Diagnostic::new(ErrorCode::UnsupportedParameter, param.span, message).into());
            }
            (None, _) => match default(e, param) {
                Some(value) => value?,
                None => {
                    let message = format!("{name}() is missing the argument '{}'", param.name);
                    let diagnostic = e.diagnostic(ErrorCode::ArgumentCount, message);
                    return Err(diagnostic.secondary(function.header_span, "defined here").into());
                }
            },
        });
    }
    Ok(args)
}

fn call_library(e: &mut Emitter<'_>, path: &str, arguments: &[Argument]) -> Emit<IrValue> {
    match lookup(path) {
        Some(declaration) => declaration.call(e, arguments),
        None => {
            let path = path.strip_prefix("builtins.").unwrap_or(path);
            e.error(ErrorCode::UnsupportedFunction, format!("`{path}` is not supported yet"))
        }
    }
}

fn make_named_tuple(
    e: &mut Emitter<'_>,
    class: &Arc<NamedTupleClass>,
    arguments: &[Argument],
) -> Emit<IrValue> {
    let mut fields: Vec<Option<IrValue>> = vec![None; class.fields.len()];
    for (position, argument) in arguments.iter().enumerate() {
        let slot = match &argument.keyword {
            None => Some(position),
            Some(keyword) => class.fields.iter().position(|field| **field == **keyword),
        };
        match slot.and_then(|slot| fields.get_mut(slot)) {
            Some(slot) if slot.is_none() => *slot = Some(argument.value),
            _ => {
                let message =
                    format!("{} has {} fields: {}", class.name, class.fields.len(), class.fields.join(", "));
                return Err(Diagnostic::new(ErrorCode::ArgumentCount, argument.span, message).into());
            }
        }
    }
    let mut values = Vec::with_capacity(fields.len());
    for (field, name) in fields.into_iter().zip(&class.fields) {
        match field {
            Some(value) => values.push(value),
            None => {
                return e.error(
                    ErrorCode::ArgumentCount,
                    format!("{}() is missing the field '{name}'", class.name),
                );
            }
        }
    }
    let ty = TypeKind::NamedTuple(class.clone(), e.types(&values)).into();
    Ok(e.b.make(ty, values))
}

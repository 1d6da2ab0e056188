//! Calls: library functions, jitted functions, closures, classes.

use crate::code::Code;
use crate::constants::emit_constant;
use crate::environment::{Constant, Extensible};
use crate::evaluate::unsupported_value;
use crate::extensions::make_struct;
use crate::functionals;
use crate::inference::{Callee, Inference, InstanceKey};
use crate::keywords::is_keywords;
use rumba_ir::{CompareOp, Edge, Value as IrValue};
use rumba_library::declaration::{Argument, Default, positional_arguments};
use rumba_library::function_pointers::call_pointer;
use rumba_library::pointers::call_c;
use rumba_library::{Emit, Emitter, Failure, lookup};
use rumba_source::{Code as ErrorCode, Diagnostic};
use rumba_syntax::hir::{self, ArgumentKind, CaptureKind, ParamKind};
use rumba_types::{ClassRef, FunctionRef, NamedTupleClass, ObjectId, Type, TypeKind, join};
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
        let arguments = self.arguments(e, callee, args, values)?;
        if let [receiver] = &*arguments
            && e.ty(callee) == Type::library_function("builtins.super")
        {
            return self.super_of(e, idx, receiver.value);
        }
        self.call_value(e, idx, callee, arguments)
    }

    /// The arguments of a call with `*items` and `**keywords` expanded.
    fn arguments(
        &mut self,
        e: &mut Emitter<'_>,
        callee: IrValue,
        args: &[hir::Argument],
        values: &[Option<IrValue>],
    ) -> Emit<Vec<Argument>> {
        let mut arguments = Vec::with_capacity(args.len());
        for (position, arg) in args.iter().enumerate() {
            let value =
                values[arg.value.index()].expect("operands are known before an instruction is evaluated");
            let span = arg.span;
            match &arg.kind {
                ArgumentKind::Positional => arguments.push(Argument { keyword: None, value, span }),
                ArgumentKind::Keyword(name) => {
                    arguments.push(Argument { keyword: Some(name.to_string()), value, span });
                }
                ArgumentKind::Starred if is_extreme_of_numbers(e, callee, args, value) => {
                    // With one argument, what it iterates over would be compared.
                    let (length, two) = (e.length(value)?, e.b.int64(2));
                    let are_several = e.b.compare(CompareOp::Ge, length, two);
                    let message = "the arguments are fewer than two numbers";
                    e.raise_unless(are_several, "TypeError", message, &[]);
                    arguments.push(Argument { keyword: None, value, span });
                }
                ArgumentKind::Starred if has_length(e.ty(value)) && self.takes(e.ty(callee)).is_some() => {
                    let (name, n_wanted) = self.takes(e.ty(callee)).expect("checked above");
                    let n_others = arguments.len() + args.len() - position - 1;
                    let is_only = |other: &&hir::Argument| other.kind == ArgumentKind::Positional;
                    if args[position + 1..].iter().all(|other| is_only(&other)) && n_others <= n_wanted {
                        let message = match e.ty(callee).kind() {
                            // As Python's functions in C.
                            TypeKind::Function(FunctionRef::Library(_)) => {
                                let plural = if n_wanted == 1 { "" } else { "s" };
                                format!("{name} expected {n_wanted} argument{plural}, got {{}}")
                            }
                            _ => format!(
                                "{name}() takes {} but {{}} were given",
                                positional_arguments(n_wanted)
                            ),
                        };
                        let items = items_of(e, value, &message, n_wanted - n_others, n_others)?;
                        arguments.extend(items.into_iter().map(|value| Argument {
                            keyword: None,
                            value,
                            span,
                        }));
                        continue;
                    }
                    self.expand(e, value)?;
                }
                ArgumentKind::Starred => {
                    for value in self.expand(e, value)? {
                        arguments.push(Argument { keyword: None, value, span });
                    }
                }
                ArgumentKind::DoubleStarred if is_keywords(e.ty(value)) => {
                    for (name, value) in e.keyword_parts(value) {
                        arguments.push(Argument { keyword: Some(name.to_string()), value, span });
                    }
                }
                ArgumentKind::DoubleStarred => {
                    let ty = e.ty(value).shown();
                    let message = format!("only the keywords of another call are unpacked by `**`, not {ty}");
                    let diagnostic = Diagnostic::new(ErrorCode::Unpack, span, message);
                    let note = "the names of arguments are known when compiling: write them out, or write the dict in the call";
                    return Err(diagnostic.note(note).into());
                }
            }
        }
        Ok(arguments)
    }

    /// The name of a function, and how many arguments by position it takes, if it always takes as many.
    fn takes(&mut self, callee: Type) -> Option<(Arc<str>, usize)> {
        let (code, n_bound) = match callee.kind() {
            TypeKind::Function(FunctionRef::Library(path)) => return taken_by_library(path),
            TypeKind::Function(FunctionRef::Jitted { object, .. }) => {
                (self.codes.load(self.env, *object).ok()?, 0)
            }
            TypeKind::BoundMethod { function, .. } => (self.codes.load(self.env, *function).ok()?, 1),
            TypeKind::Closure { code, .. } => (*code, 0),
            _ => return None,
        };
        let hir = &self.codes.get(code).hir;
        let by_position =
            |param: &&hir::Param| matches!(param.kind, ParamKind::PositionalOnly | ParamKind::Positional);
        let is_open = |param: &hir::Param| param.kind == ParamKind::VarPositional;
        if hir.params.iter().filter(by_position).any(|param| param.has_default)
            || hir.params.iter().any(is_open)
        {
            return None;
        }
        let n_taken = hir.params.iter().filter(by_position).count();
        Some((hir.name.clone(), n_taken.checked_sub(n_bound)?))
    }

    pub(crate) fn call_value(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        callee: IrValue,
        mut arguments: Vec<Argument>,
    ) -> Emit<IrValue> {
        let ty = e.ty(callee);
        if matches!(ty.kind(), TypeKind::Function(FunctionRef::Jitted { .. })) {
            // The function may take items in several places.
            for argument in &mut arguments {
                if e.ty(argument.value).is_spent_iterator() {
                    argument.value = self.stateful_iterator(e, idx, argument.value)?;
                }
            }
        }
        match ty.kind() {
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
            TypeKind::Function(FunctionRef::Library(path)) if **path == *PARTIAL => {
                make_partial(e, arguments)
            }
            TypeKind::Method(path, _) if **path == *PARTIAL => {
                let (function, arguments) = with_bound_arguments(e, callee, arguments);
                self.call_value(e, idx, function, arguments)
            }
            TypeKind::Function(FunctionRef::Library(path)) => {
                if let Some(result) = self.builtin_of_instance(e, idx, path, &mut arguments)? {
                    return Ok(result);
                }
                if let Some(text) = self.text_by_interpreter(e, path, &arguments)? {
                    return Ok(text);
                }
                if let ("builtins.len", [argument]) = (&**path, &*arguments)
                    && let TypeKind::EnumClass { object, .. } = e.ty(argument.value).kind()
                {
                    let members = self.members_of_class(e, *object)?;
                    return e.length(members);
                }
                if let ("rumba.literals.literally", [argument]) = (&**path, &*arguments) {
                    self.literal(e, argument.value);
                }
                let what = Extensible::Library(path.clone());
                let mut arguments = self.iterated(e, idx, path, arguments)?;
                match &**path {
                    // Items of one generator are taken in turn.
                    "builtins.zip" if may_share_generator(e, &arguments) => {
                        return self.call_extended(e, idx, &what, path, arguments);
                    }
                    "builtins.next" if e.ty(arguments[0].value).is_spent_iterator() => {
                        arguments[0].value = self.stateful_iterator(e, idx, arguments[0].value)?;
                    }
                    // The prelude reads text, and knows the hash of None.
                    "builtins.complex"
                        if arguments.first().is_some_and(|first| e.ty(first.value).is_text()) =>
                    {
                        return self.call_extended(e, idx, &what, path, arguments);
                    }
                    "builtins.hash" if arguments.first().is_some_and(|first| e.ty(first.value).is_none()) => {
                        return self.call_extended(e, idx, &what, path, arguments);
                    }
                    _ => {}
                }
                if lookup(path).is_none() {
                    return self.call_extended(e, idx, &what, path, arguments);
                }
                self.or_extension(e, idx, &what, arguments, |inference, e, arguments| {
                    inference.call_declared(e, idx, path, arguments)
                })
            }
            TypeKind::Method(path, _) => {
                let receiver = e.b.field(callee, 0);
                arguments.insert(0, Argument { keyword: None, value: receiver, span: e.span });
                let Some((_, name)) = path.rsplit_once('.') else {
                    return self.call_extended(e, idx, &Extensible::Method(path.clone()), path, arguments);
                };
                self.or_extension(
                    e,
                    idx,
                    &Extensible::Method(name.into()),
                    arguments,
                    |inference, e, arguments| inference.call_declared(e, idx, path, arguments),
                )
            }
            TypeKind::DType(ty) if matches!(ty.kind(), TypeKind::Struct(_)) => {
                make_struct(e, *ty, &arguments)
            }
            TypeKind::DType(dtype) => rumba_library::numpy::call_dtype(e, *dtype, &arguments),
            TypeKind::Function(FunctionRef::Jitted { object, .. }) => {
                self.call_jitted(e, idx, *object, arguments)
            }
            TypeKind::Function(FunctionRef::C(function)) => call_c(e, function, &arguments),
            TypeKind::Function(FunctionRef::Extended { object, name }) => {
                self.call_extended(e, idx, &Extensible::Object(*object), name, arguments)
            }
            TypeKind::Optional(inner) if inner.alternatives().is_some() => {
                let callee = e.plain(callee);
                self.call_value(e, idx, callee, arguments)
            }
            TypeKind::FunctionPointer(signature) => call_pointer(e, callee, signature, &arguments),
            TypeKind::OneOf(alternatives) => self.call_one_of(e, idx, callee, alternatives, &arguments),
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
            TypeKind::EnumClass { object, .. } => self.member_by_value(e, *object, &arguments),
            TypeKind::NamedTupleClass(class) => self.make_named_tuple(e, class, &arguments),
            _ => self.call_of_value(e, idx, callee, arguments),
        }
    }

    /// Calls that one of several functions which the value is.
    fn call_one_of(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        callee: IrValue,
        alternatives: &[Type],
        arguments: &[Argument],
    ) -> Emit<IrValue> {
        let number = e.b.field(callee, 0);
        let mut ways = Vec::with_capacity(alternatives.len());
        for (position, function) in alternatives.iter().enumerate() {
            let otherwise = (position + 1 < alternatives.len()).then(|| {
                let (here, otherwise) = (e.b.function.add_block(), e.b.function.add_block());
                let own = e.b.int64(position as i64);
                let is_it = e.equal(number, own);
                let edge = |block| Edge { block, args: vec![] };
                e.b.branch(is_it, edge(here), edge(otherwise));
                e.b.switch_to(here);
                otherwise
            });
            let arguments = arguments
                .iter()
                .map(|Argument { keyword, value, span }| Argument {
                    keyword: keyword.clone(),
                    value: *value,
                    span: *span,
                })
                .collect();
            let function = e.b.unit(*function);
            match self.call_value(e, idx, function, arguments) {
                Ok(result) => {
                    let result = e.materialise(result);
                    ways.push((e.b.block(), result));
                }
                Err(Failure::NeverReturns) => {}
                Err(failure) => return Err(failure),
            }
            if let Some(otherwise) = otherwise {
                e.b.switch_to(otherwise);
            }
        }
        let mut ty = Type::never();
        for (_, result) in &ways {
            let own = e.ty(*result);
            ty = join(ty, own).ok_or_else(|| {
                let message =
                    format!("the result is {} of one function and {} of another", ty.shown(), own.shown());
                let diagnostic = e.diagnostic(ErrorCode::CannotConvert, message);
                diagnostic.note("functions that are called in one place return values of one type")
            })?;
        }
        if ways.is_empty() {
            return Err(Failure::NeverReturns);
        }
        let after = e.b.function.add_block();
        let joined = e.b.function.add_param(after, ty);
        for (block, result) in ways {
            e.b.switch_to(block);
            let result = e.coerce(result, ty)?;
            e.b.jump(after, vec![result]);
        }
        e.b.switch_to(after);
        Ok(joined)
    }

    fn call_declared(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        path: &str,
        arguments: &[Argument],
    ) -> Emit<IrValue> {
        match (functionals::rule(e, path, arguments), lookup(path)) {
            (Some(rule), Some(declaration)) => {
                let call = declaration.bind(e, arguments)?;
                rule(self, e, idx, &call)
            }
            (_, Some(declaration)) => declaration.call(e, arguments),
            (_, None) => unsupported_function(e, path),
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

    /// A value that is to be a constant: where it is a parameter, the function will be inferred once more.
    fn literal(&mut self, e: &Emitter<'_>, value: IrValue) -> IrValue {
        if !matches!(e.ty(value).kind(), TypeKind::Literal(_)) {
            self.needed.push(value);
        }
        value
    }

    fn call_instance(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        code: &Arc<Code>,
        args: Vec<IrValue>,
    ) -> Emit<IrValue> {
        let mut known = Vec::with_capacity(args.len());
        for (position, arg) in args.into_iter().enumerate() {
            known.push(match self.codes.literal_params.contains(&(code.id, position)) {
                true => self.literal(e, arg),
                false => e.materialise(arg),
            });
        }
        let args = known;
        let key = InstanceKey { code: code.id, params: e.types(&args), result: None };
        match self.callee(idx, key, e.span) {
            Callee::Pending => Err(Failure::Pending),
            Callee::Wants { param, to } => Err(Failure::Widen { container: args[param], to }),
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

impl Inference<'_> {
    fn make_named_tuple(
        &mut self,
        e: &mut Emitter<'_>,
        class: &Arc<NamedTupleClass>,
        arguments: &[Argument],
    ) -> Emit<IrValue> {
        let defaults = self.field_defaults(class);
        let values = bind_fields(e, &class.name, &class.fields, arguments, &defaults)?;
        let ty = TypeKind::NamedTuple(class.clone(), e.types(&values)).into();
        Ok(e.b.make(ty, values))
    }

    /// The fields of a named tuple that need no value, and what they are then.
    pub(crate) fn field_defaults(&self, class: &NamedTupleClass) -> Vec<(Arc<str>, Constant)> {
        match class.class {
            ClassRef::Object(object) => self.env.defaults(object),
            ClassRef::Path(_) => Vec::new(),
        }
    }
}

/// Whether a value has items whose number is known when the code runs.
/// The same of a function of the library. What follows the operands of an elementwise function is named as a rule.
fn taken_by_library(path: &str) -> Option<(Arc<str>, usize)> {
    let params = lookup(path)?.params;
    let by_position = || params.iter().take_while(|param| !param.keyword_only);
    let n_required = by_position().take_while(|param| param.default == Default::Required).count();
    let is_only = match by_position().nth(n_required) {
        Some(next) => next.name == "out" && next.default != Default::Variadic,
        None => true,
    };
    let name = path.rsplit('.').next().unwrap_or(path);
    (is_only && n_required > 0).then(|| (name.into(), n_required))
}

/// Whether a call is `max(*numbers)` or `min(*numbers)`, and `value` these numbers.
fn is_extreme_of_numbers(e: &Emitter<'_>, callee: IrValue, args: &[hir::Argument], value: IrValue) -> bool {
    let is_extreme = ["builtins.max", "builtins.min"].map(Type::library_function).contains(&e.ty(callee));
    let item = match (e.ty(value).as_list(), e.ty(value).as_array()) {
        (Some(item), _) => item,
        (_, Some(array)) if array.ndim == 1 => array.dtype,
        _ => return false,
    };
    let is_number = matches!(item.kind(), TypeKind::Int(_) | TypeKind::Float(_));
    is_extreme && is_number && args.iter().all(|arg| arg.kind != ArgumentKind::Positional)
}

fn has_length(ty: Type) -> bool {
    ty.as_list().is_some() || ty.as_array().is_some_and(|array| array.ndim > 0) || ty.is_text()
}

/// The items of `*items` where a function takes just so many more arguments by position.
fn items_of(
    e: &mut Emitter<'_>,
    items: IrValue,
    message: &str,
    n_items: usize,
    n_others: usize,
) -> Emit<Vec<IrValue>> {
    let (length, wanted) = (e.length(items)?, e.b.int64(n_items as i64));
    let fits = e.equal(length, wanted);
    let others = e.b.int64(n_others as i64);
    let given = e.b.add(length, others);
    e.raise_unless(fits, "TypeError", message, &[given]);
    let unpacked = e.unpack(items, n_items, 0, false)?;
    Ok((0..n_items).map(|position| e.b.field(unpacked, position)).collect())
}

/// What `functools.partial` gives is a method of this path: its receiver has the function, and the arguments by position
/// and by keyword.
const PARTIAL: &str = "functools.partial";

fn make_partial(e: &mut Emitter<'_>, mut arguments: Vec<Argument>) -> Emit<IrValue> {
    if arguments.first().is_none_or(|argument| argument.keyword.is_some()) {
        return e.error(ErrorCode::ArgumentCount, "partial() needs a function as its first argument");
    }
    let function = arguments.remove(0).value;
    let (mut by_position, mut by_keyword, mut fields) = (Vec::new(), Vec::new(), Vec::new());
    for argument in arguments {
        match argument.keyword {
            None => by_position.push(argument.value),
            Some(keyword) => {
                by_keyword.push(argument.value);
                fields.push(keyword.into());
            }
        }
    }
    let class = NamedTupleClass { class: ClassRef::Path(PARTIAL.into()), name: "keywords".into(), fields };
    let ty = TypeKind::NamedTuple(class.into(), e.types(&by_keyword)).into();
    let parts = vec![function, e.tuple(by_position), e.b.make(ty, by_keyword)];
    let receiver = e.tuple(parts);
    let ty = TypeKind::Method(PARTIAL.into(), e.ty(receiver)).into();
    Ok(e.b.make(ty, vec![receiver]))
}

/// The function that was partly applied, and all of its arguments. Keywords of the call win.
fn with_bound_arguments(
    e: &mut Emitter<'_>,
    partial: IrValue,
    mut given: Vec<Argument>,
) -> (IrValue, Vec<Argument>) {
    let receiver = e.b.field(partial, 0);
    let [function, by_position, by_keyword] = [0, 1, 2].map(|part| e.b.field(receiver, part));
    let span = e.span;
    let mut arguments: Vec<Argument> = e
        .tuple_elements(by_position)
        .into_iter()
        .map(|value| Argument { keyword: None, value, span })
        .collect();
    if let TypeKind::NamedTuple(class, _) = e.ty(by_keyword).kind() {
        for (position, name) in class.fields.iter().enumerate() {
            if given.iter().all(|argument| argument.keyword.as_deref() != Some(name)) {
                let value = e.b.field(by_keyword, position);
                given.push(Argument { keyword: Some(name.to_string()), value, span });
            }
        }
    }
    arguments.extend(given);
    (function, arguments)
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
    let mut keywords: Vec<(Arc<str>, IrValue)> = Vec::new();
    let takes_keywords = params.iter().any(|param| param.kind == ParamKind::VarKeyword);
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
                    if takes_keywords && keywords.iter().all(|(name, _)| **name != *keyword) {
                        keywords.push((keyword.into(), argument.value));
                        continue;
                    }
                    if takes_keywords {
                        let message =
                            format!("{name}() got multiple values for keyword argument '{keyword}'");
                        return Err(Diagnostic::new(ErrorCode::ArgumentCount, argument.span, message).into());
                    }
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
                let (names, values): (Vec<Arc<str>>, Vec<IrValue>) = keywords.drain(..).unzip();
                let ty = TypeKind::Keywords(names, e.types(&values)).into();
                e.b.make(ty, values)
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

pub(crate) fn unsupported_function<T>(e: &Emitter<'_>, path: &str) -> Emit<T> {
    let path = path.strip_prefix("builtins.").unwrap_or(path);
    e.error(ErrorCode::UnsupportedFunction, format!("`{path}` is not supported yet"))
}

/// A value for each field of a class of this name.
pub(crate) fn bind_fields(
    e: &mut Emitter<'_>,
    class: &str,
    names: &[Arc<str>],
    arguments: &[Argument],
    defaults: &[(Arc<str>, Constant)],
) -> Emit<Vec<IrValue>> {
    let mut fields: Vec<Option<IrValue>> = vec![None; names.len()];
    for (position, argument) in arguments.iter().enumerate() {
        let slot = match &argument.keyword {
            None => Some(position),
            Some(keyword) => names.iter().position(|field| **field == **keyword),
        };
        match slot.and_then(|slot| fields.get_mut(slot)) {
            Some(slot) if slot.is_none() => *slot = Some(argument.value),
            _ => {
                let message = format!("{class} has {} fields: {}", names.len(), names.join(", "));
                return Err(Diagnostic::new(ErrorCode::ArgumentCount, argument.span, message).into());
            }
        }
    }
    let mut values = Vec::with_capacity(fields.len());
    for (field, name) in fields.into_iter().zip(names) {
        let default = || defaults.iter().find(|(of, _)| of == name).map(|(_, default)| default);
        match (field, default()) {
            (Some(value), _) => values.push(value),
            (None, Some(default)) => {
                values.push(emit_constant(e, default).or_else(|unusable| {
                    unsupported_value(e, &format!("the default of `{name}`"), unusable)
                })?)
            }
            (None, None) => {
                return e.error(ErrorCode::ArgumentCount, format!("{class}() is missing the field '{name}'"));
            }
        }
    }
    Ok(values)
}

/// Whether two arguments may be the same generator.
fn may_share_generator(e: &Emitter<'_>, arguments: &[Argument]) -> bool {
    let generators: Vec<_> = arguments
        .iter()
        .map(|argument| e.ty(argument.value))
        .filter(|ty| matches!(ty.kind(), TypeKind::GeneratorIterator(_)))
        .collect();
    generators.iter().enumerate().any(|(idx, ty)| generators[..idx].contains(ty))
}

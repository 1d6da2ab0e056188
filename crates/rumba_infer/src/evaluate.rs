//! One instruction of untyped SSA: the rule it stands for, run on an emitter.

use crate::code::Code;
use crate::constant_containers::read_constants;
use crate::constants::{Unusable, emit_constant};
use crate::exceptions::set_cause;
use crate::extensions::{binary_path, unary_path};
use crate::inference::Inference;
use crate::keywords::{Keywords, of_keywords};
use crate::starred;
use rumba_ir::Value as IrValue;
use rumba_ir::runtime_function::{CATCH, CHAIN_EXCEPTION};
use rumba_library::declaration::Argument;
use rumba_library::{Emit, Emitter};
use rumba_source::Code as ErrorCode;
use rumba_source::operators::UnaryOperator;
use rumba_syntax::hir::{self, Inst};
use rumba_types::{DictKind, FunctionRef, NamedTupleClass, Type, TypeKind, join};
use std::sync::Arc;

/// Each value of a tuple is a value of its own in compiled code.
const MAX_TUPLE: usize = 1000;

/// A function with so many instances whose tuples got too large is blamed for its recursion.
const MANY_INSTANCES: usize = 4;

impl Inference<'_> {
    /// Runs the rule of `inst`, which defines `value`; `values` maps its operands. Used for typing and for
    /// emitting alike.
    pub(crate) fn evaluate(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        code: &Arc<Code>,
        value: hir::Value,
        inst: &Inst,
        values: &[Option<IrValue>],
    ) -> Emit<IrValue> {
        e.span = code.hir.value_spans[value.index()];
        e.error_model = code.options.error_model;
        e.boundscheck = code.options.boundscheck;
        let read = read_constants(e, inst, values)?;
        let values = read.as_deref().unwrap_or(values);
        let read = match of_keywords(e, inst, values)? {
            Some(Keywords::Result(result)) => return Ok(result),
            Some(Keywords::Values(values)) => Some(values),
            None => None,
        };
        let values = read.as_deref().unwrap_or(values);
        let get = |value: hir::Value| {
            values[value.index()].expect("operands are known before an instruction is evaluated")
        };
        let overloaded = match inst {
            Inst::Const(_) | Inst::Name(_) => None,
            _ => self.overloaded(e, idx, inst, &get)?,
        };
        let result = match inst {
            _ if let Some(result) = overloaded => result,
            Inst::Const(constant) => self.constant(e, constant)?,
            Inst::Name(name) => self.name(e, code, name)?,
            Inst::Builtin(name) => match self.env.resolve_builtin(name) {
                Some(constant) => emit_constant(e, &constant)
                    .or_else(|unusable| unsupported_value(e, &format!("`{name}`"), unusable))?,
                None => return e.error(ErrorCode::UnknownName, format!("name `{name}` is not defined")),
            },
            Inst::Unary { op: UnaryOperator::Invert, operand }
                if let Some(inverted) = self.invert_flags(e, get(*operand))? =>
            {
                inverted
            }
            Inst::Binary { op, lhs, rhs, .. }
                if let Some(combined) = self.combine_flags(e, *op, get(*lhs), get(*rhs))? =>
            {
                combined
            }
            Inst::Unary { op, operand } => {
                self.operation(e, idx, unary_path(*op), &[get(*operand)], |e, operands| {
                    e.unary(*op, operands[0])
                })?
            }
            Inst::Binary { op, lhs, rhs, in_place: true } => {
                self.operation_in_place(e, idx, *op, &[get(*lhs), get(*rhs)])?
            }
            Inst::Binary { op, lhs, rhs, in_place: false } => {
                self.operation(e, idx, binary_path(*op), &[get(*lhs), get(*rhs)], |e, operands| {
                    e.binary(*op, operands[0], operands[1])
                })?
            }
            Inst::Compare { op, lhs, rhs } => self.compare(e, idx, *op, get(*lhs), get(*rhs))?,
            Inst::Truth(value) => {
                self.operation(e, idx, "builtins.bool", &[get(*value)], |e, operands| e.truth(operands[0]))?
            }
            Inst::Attribute { value, name }
                if let Some(result) = self.attribute_of_caught(e, idx, *value, get(*value), name)? =>
            {
                result
            }
            Inst::Attribute { value, name } => self.attribute(e, idx, get(*value), name)?,
            Inst::StoreAttribute { value, name, new } => {
                e.store_attribute(get(*value), name, get(*new))?;
                e.b.none()
            }
            Inst::Subscript { value, index }
                if let TypeKind::EnumClass { object, .. } = e.ty(get(*value)).kind() =>
            {
                self.member_by_name(e, *object, get(*index))?
            }
            Inst::Subscript { value, index }
                if matches!(e.ty(get(*value)).dict_kind(), Some(DictKind::Default(_))) =>
            {
                self.item(e, idx, get(*value), get(*index))?
            }
            Inst::Subscript { value, index } => {
                self.operation(e, idx, "operator.getitem", &[get(*value), get(*index)], |e, operands| {
                    e.subscript(operands[0], operands[1])
                })?
            }
            Inst::StoreSubscript { value, index, new } => {
                let operands = [get(*value), get(*index), get(*new)];
                self.operation(e, idx, "operator.setitem", &operands, |e, operands| {
                    e.store_subscript(operands[0], operands[1], operands[2])?;
                    Ok(e.b.none())
                })?;
                e.b.none()
            }
            Inst::DeleteSubscript { value, index } => {
                self.operation(e, idx, "operator.delitem", &[get(*value), get(*index)], |e, operands| {
                    e.delete_subscript(operands[0], operands[1])?;
                    Ok(e.b.none())
                })?;
                e.b.none()
            }
            Inst::Tuple(elements) => {
                let items = self.items(e, elements, &get)?;
                e.tuple(items)
            }
            Inst::List { elements, .. } | Inst::Set(elements) if has_starred_iterable(e, elements, &get) => {
                let is_list = matches!(inst, Inst::List { .. });
                let wanted = self.instances[idx].facts.containers.get(&value).copied();
                // What goes over the items of instances.
                let mut items = Vec::with_capacity(elements.len());
                for element in elements {
                    items.push(match element {
                        hir::Element::One(value) => (get(*value), false),
                        hir::Element::Starred(value) => (self.iterable(e, idx, get(*value))?, true),
                    });
                }
                display_of_iterables(e, is_list, &items, wanted)?
            }
            Inst::List { elements, taken_by } => {
                let items = self.items(e, elements, &get)?;
                if let Some(taker) = taken_by
                    && let Some(taken) = taken_as(e, get(*taker), &items)?
                {
                    return Ok(taken);
                }
                let wanted = self.instances[idx].facts.containers.get(&value).and_then(|ty| ty.as_list());
                match common_type(e, "item", "list", &items, wanted) {
                    Ok(element) => e.list(element, &items)?,
                    Err(_) if wanted.is_none() => e.mixed_list(items),
                    Err(failure) => return Err(failure),
                }
            }
            Inst::Append { container, value } => {
                e.append(get(*container), get(*value))?;
                e.b.none()
            }
            Inst::Set(elements) => {
                let items = self.items(e, elements, &get)?;
                let wanted =
                    self.instances[idx].facts.containers.get(&value).and_then(|ty| match ty.kind() {
                        TypeKind::Set(element, _) => Some(*element),
                        _ => None,
                    });
                let element = common_type(e, "item", "set", &items, wanted)?;
                e.set(element, &items)?
            }
            Inst::Dict(items) => {
                let wanted = self.instances[idx].facts.containers.get(&value).copied();
                dict(e, items, &get, wanted)?
            }
            Inst::Slice { start, stop, step } => {
                let parts = [start, stop, step].map(|part| match part {
                    Some(value) => get(*value),
                    None => e.b.none(),
                });
                e.slice(parts)?
            }
            Inst::Call { callee, args } => self.call(e, idx, get(*callee), args, values)?,
            Inst::Iter(value) => self.iterator(e, idx, get(*value))?,
            Inst::IterHasNext(iterator) => e.iter_has_next(get(*iterator))?,
            Inst::IterItem(iterator) => e.iter_item(get(*iterator))?,
            Inst::IterAdvance(iterator) => e.iter_advance(get(*iterator))?,
            Inst::Unpack { value, n_before, n_after, starred } => {
                let value = self.iterable(e, idx, get(*value))?;
                e.unpack(value, *n_before as usize, *n_after as usize, *starred)?
            }
            Inst::UnpackItem { unpacked, position } => {
                let item = e.b.field(get(*unpacked), *position as usize);
                match starred::is_list(&code.hir, value) {
                    true => starred::as_list(e, item)?,
                    false => item,
                }
            }
            Inst::MakeFunction { function, defaults, captures } => {
                let inner = self.codes.inner(code.id, *function);
                let fields: Vec<IrValue> = captures.iter().chain(defaults).map(|value| get(*value)).collect();
                self.closure(e, inner, fields)
            }
            Inst::MakeCell { name, initial } => {
                self.make_cell(e, idx, value, name, initial.as_ref().map(|initial| get(*initial)))?
            }
            Inst::LoadCell { cell, name, is_free } => self.load_cell(e, idx, get(*cell), name, *is_free)?,
            Inst::StoreCell { cell, value, name, is_free } => {
                self.store_cell(e, code, get(*cell), get(*value), name, *is_free)?;
                e.b.none()
            }
            Inst::Copy(value) => get(*value),
            Inst::Undefined { .. } => e.b.unit(Type::undefined()),
            Inst::CheckBound { value, name } => self.check_bound(e, get(*value), name)?,
            Inst::Caught => e.b.call_runtime(&CATCH, Vec::new(), Type::caught_exception(), None),
            Inst::MatchException { caught, class } => self.match_exception(e, get(*caught), get(*class))?,
            Inst::ChainException { raised, handled } => {
                let args = vec![get(*raised), get(*handled)];
                e.b.call_runtime(&CHAIN_EXCEPTION, args, Type::none(), None)
            }
            Inst::SetCause { raised, cause } => set_cause(e, get(*raised), get(*cause))?,
            Inst::Sent => self.sent(e, idx)?,
            Inst::Send { iterator, sent } => {
                e.send(get(*iterator), get(*sent))?;
                e.b.none()
            }
            Inst::Returned(iterator) => e.returned(get(*iterator)),
            Inst::RequireBuiltin { callee, name } => require_builtin(e, get(*callee), name)?,
            Inst::Interpret { manager, block, inputs } => {
                let inputs: Vec<IrValue> = inputs.iter().map(|input| get(*input)).collect();
                self.interpret(e, code, value, get(*manager), block, &inputs)?
            }
            Inst::EnterContext(value) => self.enter_context(e, idx, get(*value))?,
            Inst::ExitContext { manager, caught } => {
                self.exit_context(e, idx, get(*manager), caught.as_ref().map(|caught| get(*caught)))?
            }
            Inst::IsTuple { value, n_elements } => {
                let elements = e.ty(get(*value)).as_tuple();
                e.literal_bool(elements.is_some_and(|elements| elements.len() == *n_elements as usize))
            }
            Inst::MatchSequence { value, n_before, n_after, starred } => {
                e.match_sequence(get(*value), *n_before as usize, *n_after as usize, *starred)
            }
            Inst::MatchPosition { value, class, position, n } => {
                self.match_position(e, idx, get(*value), get(*class), *position as usize, *n as usize)?
            }
        };
        let result = match self.instances[idx].facts.containers.get(&value) {
            Some(ty) if *ty != e.ty(result) => e.coerce(result, *ty)?,
            _ => result,
        };
        let is_bound = code.hir.value_names[value.index()].is_some();
        let result = match inst {
            Inst::Call { .. } | Inst::UnpackItem { .. } if is_bound && e.ty(result).is_spent_iterator() => {
                self.stateful_iterator(e, idx, result)?
            }
            _ => result,
        };
        let ty = e.ty(result);
        if (ty.as_tuple().is_some() || matches!(ty.kind(), TypeKind::Closure { .. }))
            && ty.is_larger_than(MAX_TUPLE)
        {
            return self.too_large(e, code);
        }
        match self.forced_type(code, value) {
            Some(ty) if !matches!(inst, Inst::Undefined { .. }) => e.coerce(result, ty),
            _ => Ok(result),
        }
    }

    fn items(
        &mut self,
        e: &mut Emitter<'_>,
        elements: &[hir::Element],
        get: &dyn Fn(hir::Value) -> IrValue,
    ) -> Emit<Vec<IrValue>> {
        let mut items = Vec::new();
        for element in elements {
            match element {
                hir::Element::One(value) => items.push(get(*value)),
                hir::Element::Starred(value) => items.extend(self.expand(e, get(*value))?),
            }
        }
        Ok(items)
    }

    fn too_large(&self, e: &Emitter<'_>, code: &Code) -> Emit<IrValue> {
        let n_instances = self.instances.iter().filter(|instance| instance.key.code == code.id).count();
        let name = &code.hir.name;
        if n_instances >= MANY_INSTANCES {
            let message = format!("the recursion of `{name}` makes ever larger tuples");
            let diagnostic = e.diagnostic(ErrorCode::RecursionUnbounded, message);
            return Err(diagnostic
                .note("each combination of argument types is compiled on its own: keep the types the same")
                .into());
        }
        let message = format!("a tuple of more than {MAX_TUPLE} values is not supported");
        Err(e.diagnostic(ErrorCode::UnsupportedExpression, message).note("use an array").into())
    }

    /// The type that the option `locals` gives to the variable that a value is bound to.
    fn forced_type(&self, code: &Code, value: hir::Value) -> Option<Type> {
        if code.options.locals.is_empty() {
            return None;
        }
        self.forced_type_of_variable(code, code.hir.value_names[value.index()].as_deref()?)
    }

    pub(crate) fn forced_type_of_variable(&self, code: &Code, name: &str) -> Option<Type> {
        code.options.locals.iter().find(|(local, _)| &**local == name).map(|(_, ty)| *ty)
    }

    pub(crate) fn closure(&mut self, e: &mut Emitter<'_>, code: u32, fields: Vec<IrValue>) -> IrValue {
        let name: Arc<str> = (&*self.codes.get(code).hir.name).into();
        let ty = TypeKind::Closure { code, name, captures: e.types(&fields) }.into();
        e.b.make(ty, fields)
    }

    fn constant(&mut self, e: &mut Emitter<'_>, constant: &hir::Constant) -> Emit<IrValue> {
        Ok(match constant {
            hir::Constant::None => e.b.none(),
            hir::Constant::Ellipsis => e.b.unit(Type::ellipsis()),
            hir::Constant::Bool(value) => e.literal_bool(*value),
            hir::Constant::Int(digits) => match digits.parse::<u64>() {
                Ok(value) => e.literal_int(i128::from(value)),
                Err(_) => {
                    let diagnostic =
                        e.diagnostic(ErrorCode::UnsupportedValue, "the integer does not fit 64 bits");
                    return Err(diagnostic.note("write it as a float, such as `1e30`").into());
                }
            },
            hir::Constant::Float(value) => e.b.float(*value, Type::float64()),
            hir::Constant::Imaginary(value) => {
                let parts = vec![e.b.float(0.0, Type::float64()), e.b.float(*value, Type::float64())];
                e.b.make(Type::complex128(), parts)
            }
            hir::Constant::Str(text) => e.b.unit(Type::literal_str(text)),
            hir::Constant::Bytes(bytes) => e.constant_bytes(bytes),
        })
    }

    fn name(&mut self, e: &mut Emitter<'_>, code: &Code, name: &str) -> Emit<IrValue> {
        match self.resolve_name(code.object, &name.into()) {
            Some(constant) => emit_constant(e, &constant)
                .or_else(|unusable| unsupported_value(e, &format!("`{name}`"), unusable)),
            None => e.error(ErrorCode::UnknownName, format!("name `{name}` is not defined")),
        }
    }

    pub(crate) fn attribute(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        value: IrValue,
        name: &str,
    ) -> Emit<IrValue> {
        let ty = e.ty(value);
        if let TypeKind::Function(FunctionRef::Library(path)) = ty.kind()
            && rumba_library::lookup(&format!("{path}.{name}")).is_none()
            && let Some(function) = self.attribute_of_function(e, path, name)
        {
            return Ok(function);
        }
        let object = match ty.kind() {
            TypeKind::Super { function, .. } => return self.super_attribute(e, idx, value, *function, name),
            TypeKind::Class { object, name: class } => return self.class_attribute(e, *object, class, name),
            TypeKind::Module { object, .. } | TypeKind::EnumClass { object, .. } => *object,
            TypeKind::NamedTupleClass(class) if name == "_field_defaults" => {
                return self.dict_of_defaults(e, class);
            }
            _ => return self.attribute_of_value(e, idx, value, name),
        };
        match self.env.resolve_attribute(object, name) {
            Some(constant) => emit_constant(e, &constant)
                .or_else(|unusable| unsupported_value(e, &format!("`{name}`"), unusable)),
            None => {
                let message = format!("{} has no attribute `{name}`", ty.shown());
                let diagnostic = e.diagnostic(ErrorCode::UnknownAttribute, message);
                let closest = match ty.kind() {
                    TypeKind::Module { name: module, .. } => {
                        rumba_library::attributes::closest_in_module(module, name)
                    }
                    _ => None,
                };
                Err(match closest {
                    Some(closest) => diagnostic.note(format!("did you mean `{closest}`?")).into(),
                    None => diagnostic.into(),
                })
            }
        }
    }

    /// `C._field_defaults` of a class of named tuples.
    fn dict_of_defaults(&mut self, e: &mut Emitter<'_>, class: &NamedTupleClass) -> Emit<IrValue> {
        let mut named = Vec::new();
        for (name, default) in self.field_defaults(class) {
            let value = emit_constant(e, &default)
                .or_else(|unusable| unsupported_value(e, &format!("the default of `{name}`"), unusable))?;
            named.push(Argument { keyword: Some(name.to_string()), value, span: e.span });
        }
        rumba_library::lookup("builtins.dict").expect("dict is declared").call(e, &named)
    }

    pub(crate) fn check_bound(&mut self, e: &mut Emitter<'_>, value: IrValue, name: &str) -> Emit<IrValue> {
        match e.ty(value).kind() {
            TypeKind::Undefined => e.error(
                ErrorCode::AlwaysUndefined,
                format!("the variable `{name}` has no value here on any path"),
            ),
            TypeKind::MaybeUndefined(_) => {
                let bound = e.b.field(value, 0);
                let message =
                    format!("cannot access local variable '{name}' where it is not associated with a value");
                e.raise_unless(bound, "UnboundLocalError", &message, &[]);
                Ok(e.b.field(value, 1))
            }
            _ => Ok(value),
        }
    }

    /// The items of `*value`.
    pub(crate) fn expand(&mut self, e: &mut Emitter<'_>, value: IrValue) -> Emit<Vec<IrValue>> {
        let ty = e.ty(value);
        if let TypeKind::Range(_) = ty.kind()
            && let Some(items) = constant_range(e, value)
        {
            return Ok(items);
        }
        match ty.as_tuple() {
            Some(_) => Ok(e.tuple_elements(value)),
            None => {
                let diagnostic = e.diagnostic(
                    ErrorCode::Unpack,
                    format!("only tuples are unpacked by `*`, not {}", ty.shown()),
                );
                Err(diagnostic.note("the number of items must be known when compiling").into())
            }
        }
    }
}

/// The items of a range that is known when compiling.
fn constant_range(e: &mut Emitter<'_>, range: IrValue) -> Option<Vec<IrValue>> {
    let TypeKind::Range(parts) = e.ty(range).kind() else { return None };
    let [start, stop, step] = parts.map(Type::as_literal_int);
    let (start, stop, step) = (start?, stop?, step?);
    let mut items = Vec::new();
    let mut item = start;
    while step > 0 && item < stop || step < 0 && item > stop {
        if items.len() > MAX_TUPLE {
            return None;
        }
        items.push(e.literal_int(item));
        item += step;
    }
    Some(items)
}

/// What a list of these items is for a function of NumPy that is called with it, or an array that is indexed by it.
fn taken_as(e: &mut Emitter<'_>, taker: IrValue, items: &[IrValue]) -> Emit<Option<IrValue>> {
    match e.ty(taker).kind() {
        TypeKind::Function(FunctionRef::Library(path)) if path.starts_with("numpy.") => {}
        TypeKind::Method(path, _) if path.starts_with("array.") || path.starts_with("generator.") => {}
        TypeKind::Record(_) => {}
        TypeKind::Array(_) => {
            let numbers = e.tuple(items.to_vec());
            if items.iter().any(|item| e.ty(*item).is_str()) {
                return Ok(Some(numbers));
            }
            return e.array_of(numbers).map(Some);
        }
        _ => return Ok(None),
    }
    Ok(Some(e.tuple(items.to_vec())))
}

/// The type that all items of a container have, or a wider one that is wanted.
fn common_type(
    e: &Emitter<'_>,
    what: &str,
    container: &str,
    items: &[IrValue],
    wanted: Option<Type>,
) -> Emit<Type> {
    let mut common = wanted.unwrap_or(Type::never());
    for (position, item) in items.iter().enumerate() {
        let ty = e.ty(*item).widen();
        let Some(joined) = join(common, ty) else {
            let (ty, common) = (ty.shown(), common.shown());
            let message =
                format!("{what} {position} of this {container} is {ty}, and those before it are {common}");
            let diagnostic = e.diagnostic(ErrorCode::CannotUnify, message);
            let note = format!("the {what}s of a {container} have one type: use a tuple");
            return Err(diagnostic.note(note).into());
        };
        common = joined;
    }
    Ok(common)
}

/// Whether a display has a `*value` whose number of items the type does not say.
fn has_starred_iterable(
    e: &Emitter<'_>,
    elements: &[hir::Element],
    get: &dyn Fn(hir::Value) -> IrValue,
) -> bool {
    elements.iter().any(|element| match element {
        hir::Element::One(_) => false,
        hir::Element::Starred(value) => e.ty(get(*value)).as_tuple().is_none(),
    })
}

/// `[a, *items]` and `{a, *items}`, where iterables are gone over: values, and whether they stand behind a star.
fn display_of_iterables(
    e: &mut Emitter<'_>,
    is_list: bool,
    elements: &[(IrValue, bool)],
    wanted: Option<Type>,
) -> Emit<IrValue> {
    let what = if is_list { "list" } else { "set" };
    let mut common = match wanted.map(Type::kind) {
        Some(TypeKind::List(element) | TypeKind::Deque(element) | TypeKind::Set(element, _)) => *element,
        _ => Type::never(),
    };
    for (position, (value, is_starred)) in elements.iter().enumerate() {
        let ty = if *is_starred { e.type_of_items(*value)? } else { e.ty(*value).widen() };
        let Some(joined) = join(common, ty) else {
            let (ty, common) = (ty.shown(), common.shown());
            let message = format!("item {position} of this {what} is {ty}, and those before it are {common}");
            return e.error(ErrorCode::CannotUnify, message);
        };
        common = joined;
    }
    let container = if is_list { e.list(common, &[])? } else { e.set(common, &[])? };
    for (value, is_starred) in elements {
        if *is_starred { e.append_all(container, *value)? } else { e.append(container, *value)? }
    }
    Ok(container)
}

/// `{key: value, **mapping}`.
fn dict(
    e: &mut Emitter<'_>,
    items: &[(Option<hir::Value>, hir::Value)],
    get: &dyn Fn(hir::Value) -> IrValue,
    wanted: Option<Type>,
) -> Emit<IrValue> {
    let (mut wanted_key, mut wanted_value) = (None, None);
    if let Some(TypeKind::Dict(key, value, _)) = wanted.map(Type::kind) {
        (wanted_key, wanted_value) = (Some(*key), Some(*value));
    }
    let mut mappings = None;
    for (_, mapping) in items.iter().filter(|(key, _)| key.is_none()) {
        let ty = e.ty(get(*mapping));
        let TypeKind::Dict(key, value, _) = ty.kind() else {
            return e
                .error(ErrorCode::Unpack, format!("only dicts are unpacked by `**`, not {}", ty.shown()));
        };
        let (old_key, old_value) = mappings.unwrap_or((Type::never(), Type::never()));
        mappings = join(old_key, *key).zip(join(old_value, *value));
        let Some((key, value)) = mappings else {
            return e.error(ErrorCode::CannotUnify, "the mappings of this dict are of different types");
        };
        wanted_key = join(wanted_key.unwrap_or(Type::never()), key);
        wanted_value = join(wanted_value.unwrap_or(Type::never()), value);
    }
    let pairs: Vec<(IrValue, IrValue)> =
        items.iter().filter_map(|(key, value)| Some((get((*key)?), get(*value)))).collect();
    let (keys, values): (Vec<IrValue>, Vec<IrValue>) = pairs.into_iter().unzip();
    let is_display = wanted.is_none() && keys.len() == items.len();
    if is_display
        && common_type(e, "value", "dict", &values, wanted_value).is_err()
        && let Some(dict) = e.mixed_dict(&keys, values.clone())
    {
        return Ok(dict);
    }
    let key = common_type(e, "key", "dict", &keys, wanted_key)?;
    let value = common_type(e, "value", "dict", &values, wanted_value)?;
    let dict = e.dict(Type::dict(key, value), &[])?;
    for (key, value) in items {
        match key {
            Some(key) => e.store_subscript(dict, get(*key), get(*value))?,
            None => e.update(dict, get(*value))?,
        }
    }
    Ok(dict)
}

/// A generator expression is only known how to be consumed by the builtin of this name.
fn require_builtin(e: &mut Emitter<'_>, callee: IrValue, name: &str) -> Emit<IrValue> {
    match e.ty(callee).kind() {
        TypeKind::Function(FunctionRef::Library(path)) if path.strip_prefix("builtins.") == Some(name) => {
            Ok(e.b.none())
        }
        _ => {
            let message = format!("`{name}` is not Python's: a generator expression cannot be passed to it");
            let diagnostic = e.diagnostic(ErrorCode::UnsupportedExpression, message);
            Err(diagnostic.note("write a list: `[…]`").into())
        }
    }
}

/// `name`, or what else the user calls it, stands for a value that compiled code cannot have.
pub(crate) fn unsupported_value<T>(e: &Emitter<'_>, name: &str, unusable: Unusable) -> Emit<T> {
    let message = format!("{name} is {}: compiled code cannot use it", unusable.what);
    let diagnostic = e.diagnostic(ErrorCode::UnsupportedValue, message);
    Err(match unusable.note {
        Some(note) => diagnostic.note(note).into(),
        None => diagnostic.into(),
    })
}

//! What extensions implement: functions, operators, methods and attributes, by functions of Python that are compiled
//! like any other callee.
//!
//! The library is asked first. What it rejects, and what it does not know, the environment may have an
//! implementation for: it is told what is called and the types of the arguments, and names a function.

use crate::calls::{bind_fields, unsupported_function};
use crate::constants::emit_constant;
use crate::environment::{Extensible, Implementation, Refusal};
use crate::evaluate::unsupported_value;
use crate::functionals::holds_instances;
use crate::inference::Inference;
use rumba_ir::{Block, Function, InstanceId, Value};
use rumba_library::collections::operator_in_prelude;
use rumba_library::declaration::Argument;
use rumba_library::recorded::emit_recorded;
use rumba_library::{Emit, Emitter, Failure};
use rumba_source::operators::{BinaryOperator, Comparison, UnaryOperator};
use rumba_source::{Code, Diagnostic};
use rumba_types::{FunctionRef, Type, TypeKind};
use std::sync::Arc;

impl Inference<'_> {
    pub(crate) fn is_extended(&self, what: &Extensible) -> bool {
        !self.extended.is_empty() && self.extended.contains(what)
    }

    /// A call of what only extensions know.
    pub(crate) fn call_extended(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        what: &Extensible,
        name: &str,
        arguments: Vec<Argument>,
    ) -> Emit<Value> {
        let shown: Vec<String> = arguments
            .iter()
            .map(|argument| {
                let keyword = argument.keyword.as_ref().map_or_else(String::new, |name| format!("{name}="));
                format!("{keyword}{}", e.ty(argument.value).widen().shown())
            })
            .collect();
        if let Some(result) = self.extension(e, idx, what, name, arguments)? {
            return Ok(result);
        }
        match what {
            Extensible::Library(path) if !self.env.is_implemented(path) => unsupported_function(e, path),
            _ => {
                let message = format!("`{name}` is not implemented for ({})", shown.join(", "));
                e.error(Code::NoImplementation, message)
            }
        }
    }

    /// A call of an extension's function, if one takes these arguments.
    fn extension(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        what: &Extensible,
        name: &str,
        arguments: Vec<Argument>,
    ) -> Emit<Option<Value>> {
        let keyword = |argument: &Argument| argument.keyword.as_deref().map(Arc::from);
        let types: Vec<_> = arguments
            .iter()
            .map(|argument| (keyword(argument), e.ty(argument.value).without_constants()))
            .collect();
        let found = self.env.implementation(what, &types).map_err(|Refusal { message, note }| {
            let diagnostic = e.diagnostic(Code::NoImplementation, format!("{name}: {message}"));
            match note {
                Some(note) => diagnostic.note(note),
                None => diagnostic,
            }
        })?;
        let Some(found) = found else { return Ok(None) };
        match found {
            Implementation::Function { object, params } => {
                let mut arguments = arguments;
                for (argument, ty) in arguments.iter_mut().zip(params.unwrap_or_default()) {
                    argument.value = e.coerce(argument.value, ty)?;
                }
                self.call_jitted(e, idx, object, arguments).map(Some)
            }
            Implementation::Code(recorded) => emit_recorded(e, name, &recorded, &arguments).map(Some),
            Implementation::Struct(ty) => make_struct(e, ty, &arguments).map(Some),
        }
    }

    /// What a rule of the library makes of a call or, if that rejects the arguments, what an extension does.
    pub(crate) fn or_extension(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        what: &Extensible,
        arguments: Vec<Argument>,
        rule: impl Fn(&mut Self, &mut Emitter<'_>, &[Argument]) -> Emit<Value>,
    ) -> Emit<Value> {
        if !self.is_extended(what) {
            return rule(self, e, &arguments);
        }
        match self.rejection(e, &arguments, &rule) {
            None => rule(self, e, &arguments),
            Some(rejection) => {
                let name = match what {
                    Extensible::Library(name) | Extensible::Method(name) | Extensible::Attribute(name) => {
                        name
                    }
                    Extensible::Object(_) => "",
                };
                self.extension(e, idx, what, name, arguments)?.ok_or(Failure::Error(rejection))
            }
        }
    }

    /// Why a rule does not take arguments of these types. It is tried elsewhere, so that what it emits before it fails
    /// is not left behind.
    pub(crate) fn rejection(
        &mut self,
        e: &Emitter<'_>,
        arguments: &[Argument],
        rule: impl Fn(&mut Self, &mut Emitter<'_>, &[Argument]) -> Emit<Value>,
    ) -> Option<Box<Diagnostic>> {
        let types: Vec<Type> = arguments.iter().map(|argument| e.ty(argument.value)).collect();
        let mut scratch = Function::new(InstanceId(u32::MAX), "scratch", &types, Type::none());
        let params = scratch.params().to_vec();
        let mut trial = Emitter::new(&mut scratch, Block(0), e.function_name.clone());
        trial.span = e.span;
        let arguments: Vec<Argument> = arguments
            .iter()
            .zip(params)
            .map(|(argument, value)| Argument {
                keyword: argument.keyword.clone(),
                value,
                span: argument.span,
            })
            .collect();
        match rule(self, &mut trial, &arguments) {
            Err(Failure::Error(rejection)) => Some(rejection),
            _ => None,
        }
    }

    /// An operator, which extensions know by the path of the function that stands for it.
    pub(crate) fn operation(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        path: &str,
        operands: &[Value],
        rule: impl Fn(&mut Emitter<'_>, &[Value]) -> Emit<Value>,
    ) -> Emit<Value> {
        if let Some(function) = operator_in_prelude(path, &e.types(operands)) {
            let arguments = positional(e, operands);
            return self.of_collections(e, idx, &function, arguments);
        }
        if self.extended.is_empty() {
            return rule(e, operands);
        }
        let arguments = positional(e, operands);
        self.or_extension(e, idx, &Extensible::Library(path.into()), arguments, |_, e, arguments| {
            let operands: Vec<Value> = arguments.iter().map(|argument| argument.value).collect();
            rule(e, &operands)
        })
    }

    /// An operator in place: without an extension's `iadd`, its `add`.
    pub(crate) fn operation_in_place(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        op: BinaryOperator,
        operands: &[Value],
    ) -> Emit<Value> {
        if let Some(function) = operator_in_prelude(in_place_path(op), &e.types(operands)) {
            let arguments = positional(e, operands);
            return self.of_collections(e, idx, &function, arguments);
        }
        let rule = |e: &mut Emitter<'_>, operands: &[Value]| e.binary_in_place(op, operands[0], operands[1]);
        if self.extended.is_empty() {
            return rule(e, operands);
        }
        let arguments = positional(e, operands);
        let what = Extensible::Library(in_place_path(op).into());
        if self.is_extended(&what) {
            let rejected = self.rejection(e, &arguments, |_, e, arguments| {
                e.binary_in_place(op, arguments[0].value, arguments[1].value)
            });
            if rejected.is_some()
                && let Some(result) = self.extension(e, idx, &what, in_place_path(op), arguments)?
            {
                return Ok(result);
            }
        }
        self.operation(e, idx, binary_path(op), operands, rule)
    }

    pub(crate) fn compare(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        op: Comparison,
        lhs: Value,
        rhs: Value,
    ) -> Emit<Value> {
        if let Some(result) = self.compare_class_of_caught(e, op, lhs, rhs)? {
            return Ok(result);
        }
        let path = match op {
            Comparison::Eq => "operator.eq",
            Comparison::Ne => "operator.ne",
            Comparison::Lt => "operator.lt",
            Comparison::Le => "operator.le",
            Comparison::Gt => "operator.gt",
            Comparison::Ge => "operator.ge",
            Comparison::Is => "operator.is_",
            Comparison::IsNot => "operator.is_not",
            Comparison::In | Comparison::NotIn
                if e.ty(rhs).as_list().is_some() && holds_instances(e.ty(rhs)) =>
            {
                let arguments = positional(e, &[rhs, lhs]);
                let path = "builtins.list.contains_by_comparison";
                let found = self.call_extended(e, idx, &Extensible::Library(path.into()), path, arguments)?;
                return match op {
                    Comparison::In => Ok(found),
                    _ => e.unary(UnaryOperator::Not, found),
                };
            }
            Comparison::In => {
                return self.operation(e, idx, "operator.contains", &[rhs, lhs], |e, operands| {
                    e.comparison(Comparison::In, operands[1], operands[0])
                });
            }
            Comparison::NotIn if !self.extended.is_empty() => {
                let contained = self.compare(e, idx, Comparison::In, lhs, rhs)?;
                return e.unary(UnaryOperator::Not, contained);
            }
            Comparison::NotIn => return e.comparison(op, lhs, rhs),
        };
        self.operation(e, idx, path, &[lhs, rhs], |e, operands| e.comparison(op, operands[0], operands[1]))
    }

    /// `value.name` of a value with a type.
    pub(crate) fn attribute_of_value(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        value: Value,
        name: &str,
    ) -> Emit<Value> {
        if self.extended.is_empty() {
            return e.attribute(value, name);
        }
        let arguments = positional(e, &[value]);
        let rule =
            |_: &mut Self, e: &mut Emitter<'_>, arguments: &[Argument]| e.attribute(arguments[0].value, name);
        let Some(rejection) = self.rejection(e, &arguments, rule) else { return e.attribute(value, name) };
        match self.extended_attribute(e, idx, value, name)? {
            Some(result) => Ok(result),
            None => Err(Failure::Error(rejection)),
        }
    }

    /// A method or an attribute that extensions add to a value of this type, or what a class of theirs has in Python.
    pub(crate) fn extended_attribute(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        value: Value,
        name: &str,
    ) -> Emit<Option<Value>> {
        let name: Arc<str> = name.into();
        if self.is_extended(&Extensible::Method(name.clone())) && self.env.has_method(e.ty(value), &name) {
            let value = e.materialise(value);
            let ty = TypeKind::Method(name, e.ty(value)).into();
            return Ok(Some(e.b.make(ty, vec![value])));
        }
        if let TypeKind::Function(FunctionRef::Extended { object, .. }) = e.ty(value).kind()
            && let Some(constant) = self.env.resolve_attribute(*object, &name)
        {
            let constant = emit_constant(e, &constant)
                .or_else(|unusable| unsupported_value(e, &format!("`{name}`"), unusable));
            return constant.map(Some);
        }
        let what = Extensible::Attribute(name.clone());
        if !self.is_extended(&what) {
            return Ok(None);
        }
        let arguments = positional(e, &[value]);
        self.extension(e, idx, &what, &name, arguments)
    }

    /// What a loop goes over: of an extension's type, what its `iter` gives.
    pub(crate) fn iterator(&mut self, e: &mut Emitter<'_>, idx: usize, value: Value) -> Emit<Value> {
        let iterable = self.iterable(e, idx, value)?;
        e.iter(iterable)
    }

    /// An iterator that a variable holds, as a generator: whoever takes an item from it takes it from all who know it.
    ///
    /// ```python
    /// pairs = zip(a, b)
    /// first = next(pairs)
    /// rest = list(pairs)
    /// ```
    pub(crate) fn stateful_iterator(&mut self, e: &mut Emitter<'_>, idx: usize, value: Value) -> Emit<Value> {
        let arguments = positional(e, &[value]);
        let path = "builtins.iter";
        let generator = self.extension(e, idx, &Extensible::Library(path.into()), path, arguments)?;
        Ok(generator.expect("the prelude has `iter`"))
    }

    pub(crate) fn iterable(&mut self, e: &mut Emitter<'_>, idx: usize, value: Value) -> Emit<Value> {
        if let Some(items) = self.call_method(e, idx, value, "__iter__", &[])? {
            return Ok(items);
        }
        if let TypeKind::EnumClass { object, .. } = e.ty(value).kind() {
            return self.members_of_class(e, *object);
        }
        let what = Extensible::Library("builtins.iter".into());
        if !matches!(e.ty(value).kind(), TypeKind::Struct(_)) || !self.is_extended(&what) {
            return Ok(value);
        }
        let arguments = positional(e, &[value]);
        Ok(self.extension(e, idx, &what, "iter", arguments)?.unwrap_or(value))
    }

    /// The arguments of a builtin that goes over them.
    pub(crate) fn iterated(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        path: &str,
        mut arguments: Vec<Argument>,
    ) -> Emit<Vec<Argument>> {
        const GOING_OVER: &[&str] = &[
            "all",
            "any",
            "enumerate",
            "frozenset",
            "list",
            "max",
            "min",
            "set",
            "sorted",
            "sum",
            "tuple",
            "zip",
        ];
        let compares = matches!(path, "builtins.max" | "builtins.min") && arguments.len() > 1;
        if !compares && path.strip_prefix("builtins.").is_some_and(|name| GOING_OVER.contains(&name)) {
            for argument in &mut arguments {
                argument.value = self.iterable(e, idx, argument.value)?;
            }
        }
        Ok(arguments)
    }

    /// A call of a value: of an extension's type, its method `__call__`.
    pub(crate) fn call_of_value(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        callee: Value,
        mut arguments: Vec<Argument>,
    ) -> Emit<Value> {
        let name: Arc<str> = "__call__".into();
        let what = Extensible::Method(name.clone());
        if self.is_extended(&what) && self.env.has_method(e.ty(callee), &name) {
            arguments.insert(0, Argument { keyword: None, value: callee, span: e.span });
            return self.call_extended(e, idx, &what, &name, arguments);
        }
        e.error(Code::NotCallable, format!("{} cannot be called", e.ty(callee).shown()))
    }

    /// `path.name` of a function or class of Python's library.
    pub(crate) fn attribute_of_function(
        &mut self,
        e: &mut Emitter<'_>,
        path: &str,
        name: &str,
    ) -> Option<Value> {
        let path: Arc<str> = format!("{path}.{name}").into();
        if !self.env.is_prelude(&path) {
            return None;
        }
        Some(e.b.unit(TypeKind::Function(FunctionRef::Library(path)).into()))
    }
}

/// A value of a type of an extension, from its fields.
pub(crate) fn make_struct(e: &mut Emitter<'_>, ty: Type, arguments: &[Argument]) -> Emit<Value> {
    let TypeKind::Struct(of) = ty.kind() else {
        return e.error(Code::NotCallable, format!("{} cannot be called", ty.shown()));
    };
    let mut values = bind_fields(e, &of.name, &of.fields, arguments, &[])?;
    for (value, ty) in values.iter_mut().zip(&of.types) {
        *value = e.coerce(*value, *ty)?;
    }
    Ok(e.b.make(ty, values))
}

fn positional(e: &Emitter<'_>, values: &[Value]) -> Vec<Argument> {
    values.iter().map(|value| Argument { keyword: None, value: *value, span: e.span }).collect()
}

pub(crate) fn unary_path(op: UnaryOperator) -> &'static str {
    match op {
        UnaryOperator::Neg => "operator.neg",
        UnaryOperator::Pos => "operator.pos",
        UnaryOperator::Invert => "operator.invert",
        UnaryOperator::Not => "operator.not_",
    }
}

/// The function of `operator` for `a + b`, and that for `a += b`.
macro_rules! binary_paths {
    ($($op:ident $path:literal $in_place:literal)+) => {
        pub(crate) fn binary_path(op: BinaryOperator) -> &'static str {
            match op { $(BinaryOperator::$op => concat!("operator.", $path)),+ }
        }

        fn in_place_path(op: BinaryOperator) -> &'static str {
            match op { $(BinaryOperator::$op => concat!("operator.", $in_place)),+ }
        }
    };
}

binary_paths! {
    Add "add" "iadd"
    Sub "sub" "isub"
    Mul "mul" "imul"
    MatMul "matmul" "imatmul"
    Div "truediv" "itruediv"
    FloorDiv "floordiv" "ifloordiv"
    Mod "mod" "imod"
    Pow "pow" "ipow"
    LShift "lshift" "ilshift"
    RShift "rshift" "irshift"
    BitAnd "and_" "iand"
    BitOr "or_" "ior"
    BitXor "xor" "ixor"
}

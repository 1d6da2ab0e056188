//! Instances of classes: attributes, methods, and the operators that methods define.
//!
//! A method is a function like any other whose first argument is the instance, so that what it does is compiled as a call of
//! it. What a name is in a class, the environment says.

use crate::constants::emit_constant;
use crate::defined_members::class_of_value;
use crate::environment::{DataClass, DataField, Extensible, Member, Purpose};
use crate::evaluate::unsupported_value;
use crate::exceptions::class_of_caught;
use crate::inference::Inference;
use crate::{ClassKind, Constant};
use rumba_ir::Value as IrValue;
use rumba_library::attributes::closest;
use rumba_library::declaration::Argument;
use rumba_library::{Emit, Emitter, lookup};
use rumba_source::operators::{BinaryOperator, Comparison, UnaryOperator};
use rumba_source::{Code as ErrorCode, Diagnostic};
use rumba_syntax::hir::{self, Inst};
use rumba_types::{ClassField, FunctionRef, InstanceClass, ObjectId, Type, TypeKind, conversion};
use std::sync::Arc;

/// The method of an operator without the underscores.
pub(crate) fn binary_method(op: BinaryOperator) -> &'static str {
    match op {
        BinaryOperator::Add => "add",
        BinaryOperator::Sub => "sub",
        BinaryOperator::Mul => "mul",
        BinaryOperator::MatMul => "matmul",
        BinaryOperator::Div => "truediv",
        BinaryOperator::FloorDiv => "floordiv",
        BinaryOperator::Mod => "mod",
        BinaryOperator::Pow => "pow",
        BinaryOperator::LShift => "lshift",
        BinaryOperator::RShift => "rshift",
        BinaryOperator::BitAnd => "and",
        BinaryOperator::BitOr => "or",
        BinaryOperator::BitXor => "xor",
    }
}

/// The method of an operator; `None` for `not`.
pub(crate) fn unary_method(op: UnaryOperator) -> Option<&'static str> {
    match op {
        UnaryOperator::Neg => Some("__neg__"),
        UnaryOperator::Pos => Some("__pos__"),
        UnaryOperator::Invert => Some("__invert__"),
        UnaryOperator::Not => None,
    }
}

/// The methods of a comparison, and of the same with exchanged operands. `None` for `is` and `in`.
pub(crate) fn comparison_methods(op: Comparison) -> Option<(&'static str, &'static str)> {
    Some(match op {
        Comparison::Eq => ("__eq__", "__eq__"),
        Comparison::Ne => ("__ne__", "__ne__"),
        Comparison::Lt => ("__lt__", "__gt__"),
        Comparison::Le => ("__le__", "__ge__"),
        Comparison::Gt => ("__gt__", "__lt__"),
        Comparison::Ge => ("__ge__", "__le__"),
        Comparison::Is | Comparison::IsNot | Comparison::In | Comparison::NotIn => return None,
    })
}

/// The methods that a builtin calls: the first that the class has.
fn methods_of_builtin(path: &str) -> &'static [&'static str] {
    match path {
        "builtins.len" => &["__len__"],
        "builtins.abs" => &["__abs__"],
        "builtins.int" => &["__int__", "__index__", "__trunc__"],
        "builtins.float" => &["__float__", "__index__"],
        "builtins.complex" => &["__complex__", "__float__", "__index__"],
        "builtins.hash" => &["__hash__"],
        "builtins.str" | "builtins.format" => &["__str__", "__repr__"],
        "builtins.repr" => &["__repr__"],
        "builtins.iter" => &["__iter__"],
        "builtins.reversed" => &["__reversed__"],
        "builtins.round" => &["__round__"],
        "math.floor" => &["__floor__"],
        "math.ceil" => &["__ceil__"],
        "math.trunc" => &["__trunc__"],
        "operator.index" => &["__index__"],
        _ => &[],
    }
}

/// The classes whose pattern takes one part without a name, which is compared with the value itself.
const MATCHED_AS_A_WHOLE: &[&str] = &[
    "builtins.bool",
    "builtins.bytearray",
    "builtins.bytes",
    "builtins.dict",
    "builtins.float",
    "builtins.frozenset",
    "builtins.int",
    "builtins.list",
    "builtins.set",
    "builtins.str",
    "builtins.tuple",
];

fn positional_patterns(n: usize) -> String {
    match n {
        0 => "no patterns by position".to_string(),
        1 => "1 pattern by position".to_string(),
        _ => format!("{n} patterns by position"),
    }
}

fn positional(e: &Emitter<'_>, values: &[IrValue]) -> Vec<Argument> {
    values.iter().map(|value| Argument { keyword: None, value: *value, span: e.span }).collect()
}

/// An instance without the possibility that it is None, which raises; other values as they are.
fn plain_instance(e: &mut Emitter<'_>, value: IrValue) -> IrValue {
    if class_of(e.ty(value)).is_some() { e.plain(value) } else { value }
}

/// Whether a value is, or may be, an instance.
pub(crate) fn class_of(ty: Type) -> Option<&'static InstanceClass> {
    match ty.kind() {
        TypeKind::Optional(inner) => inner.as_instance(),
        _ => ty.as_instance(),
    }
}

impl Inference<'_> {
    /// What `name` is in the class of an instance.
    pub(crate) fn member(&mut self, class: ObjectId, name: &str) -> Option<Member> {
        let env = self.env;
        self.members.entry((class, name.into())).or_insert_with(|| env.member(class, name)).clone()
    }

    /// Makes sure that a class has its fields.
    fn define(&self, e: &Emitter<'_>, class: &'static InstanceClass) -> Emit<()> {
        if class.fields().is_none() {
            self.env.define(class);
        }
        match class.fields() {
            Some(_) => Ok(()),
            None => e.error(
                ErrorCode::UnsupportedValue,
                format!("the fields of `{}` are not known: a type is still deferred", class.name),
            ),
        }
    }

    pub(crate) fn call_function(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        function: ObjectId,
        args: &[IrValue],
    ) -> Emit<IrValue> {
        let arguments = positional(e, args);
        self.call_jitted(e, idx, function, arguments)
    }

    /// Calls a method of an instance, of a named tuple or of a member of an enum, if its class has it.
    pub(crate) fn call_method(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        receiver: IrValue,
        name: &str,
        args: &[IrValue],
    ) -> Emit<Option<IrValue>> {
        let ty = e.ty(receiver);
        let class = ty.as_instance().map(|class| class.object);
        let Some(class) = class.or_else(|| class_of_value(ty)) else { return Ok(None) };
        match self.member(class, name) {
            Some(Member::Method { function, .. }) => {
                let all = [&[receiver], args].concat();
                self.call_function(e, idx, function, &all).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Calls the method of an operator, if the class has it. `NotImplemented` says that it does not know the operand; types
    /// decide whether it does.
    pub(crate) fn call_operator(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        receiver: IrValue,
        method: &str,
        operand: IrValue,
    ) -> Emit<Option<IrValue>> {
        let result = self.call_method(e, idx, receiver, method, &[operand])?;
        Ok(result.filter(|result| !matches!(e.ty(*result).kind(), TypeKind::NotImplemented)))
    }

    // Attributes.

    /// `instance.name`.
    pub(crate) fn instance_attribute(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        instance: IrValue,
        name: &str,
    ) -> Emit<IrValue> {
        let instance = e.plain(instance);
        let class = e.ty(instance).as_instance().expect("the caller checked that it is an instance");
        self.define(e, class)?;
        if let Some(position) = class.position(name) {
            return Ok(e.instance_field(instance, class, position));
        }
        match self.member(class.object, name) {
            Some(member) => self.member_of_instance(e, idx, instance, class, member, name),
            None if self.is_extended(&Extensible::Method(name.into()))
                || self.is_extended(&Extensible::Attribute(name.into())) =>
            {
                self.attribute_of_value(e, idx, instance, name)
            }
            None => {
                if let Some(result) = self.extended_attribute(e, idx, instance, name)? {
                    return Ok(result);
                }
                let message = format!("{} has no attribute `{name}`", class.name);
                let diagnostic = e.diagnostic(ErrorCode::UnknownAttribute, message);
                Err(with_fields(diagnostic, class, name).into())
            }
        }
    }

    fn member_of_instance(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        instance: IrValue,
        class: &'static InstanceClass,
        member: Member,
        name: &str,
    ) -> Emit<IrValue> {
        match member {
            Member::Method { function, name } => {
                let ty = TypeKind::BoundMethod { function, name, receiver: e.ty(instance) };
                Ok(e.b.make(ty.into(), vec![instance]))
            }
            Member::Property { getter: Some(getter), .. } => self.call_function(e, idx, getter, &[instance]),
            member => self.class_member(e, class.object, &class.name, member, name),
        }
    }

    /// `super()`, which the front end gives the first argument of the method.
    pub(crate) fn super_of(&mut self, e: &mut Emitter<'_>, idx: usize, receiver: IrValue) -> Emit<IrValue> {
        match e.ty(receiver).as_instance() {
            Some(_) => {
                let function = self.instances[idx].code.object;
                let ty = TypeKind::Super { function, receiver: e.ty(receiver) };
                Ok(e.b.make(ty.into(), vec![receiver]))
            }
            None => {
                let diagnostic =
                    e.diagnostic(ErrorCode::UnsupportedFunction, "`super()` has no instance here");
                Err(diagnostic.note("it is called in methods of compiled classes").into())
            }
        }
    }

    /// `super().name`.
    pub(crate) fn super_attribute(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        value: IrValue,
        function: ObjectId,
        name: &str,
    ) -> Emit<IrValue> {
        let instance = e.b.field(value, 0);
        let class = e.ty(instance).as_instance().expect("super() is made of an instance");
        match self.env.super_member(function, class.object, name) {
            Some(member) => self.member_of_instance(e, idx, instance, class, member, name),
            None if name == "__init__" => {
                let ty = TypeKind::Method("builtins.object.__init__".into(), e.ty(instance));
                Ok(e.b.make(ty.into(), vec![instance]))
            }
            None => {
                let message = format!("no class that {} inherits from has an attribute `{name}`", class.name);
                e.error(ErrorCode::UnknownAttribute, message)
            }
        }
    }

    /// `C.name`.
    pub(crate) fn class_attribute(
        &mut self,
        e: &mut Emitter<'_>,
        object: ObjectId,
        class: &Arc<str>,
        name: &str,
    ) -> Emit<IrValue> {
        match self.member(object, name) {
            Some(Member::Method { function, name }) => jitted(e, function, name),
            Some(member) => self.class_member(e, object, class, member, name),
            None => e.error(ErrorCode::UnknownAttribute, format!("class {class} has no attribute `{name}`")),
        }
    }

    /// What a part of a class pattern that has no name is compared with.
    pub(crate) fn match_position(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        value: IrValue,
        class: IrValue,
        position: usize,
        n: usize,
    ) -> Emit<IrValue> {
        let names: Vec<Arc<str>> = match e.ty(class).kind() {
            // `int(x)`, and `np.float64(x)`, which is a subclass of `float`.
            TypeKind::Function(FunctionRef::Library(path)) if MATCHED_AS_A_WHOLE.contains(&&**path) => {
                if n == 1 {
                    return Ok(value);
                }
                Vec::new()
            }
            TypeKind::DType(class) if n == 1 && *class == Type::float64() => return Ok(value),
            TypeKind::NamedTupleClass(class) => class.fields.clone(),
            TypeKind::Class { object, .. } => match self.member(*object, "__match_args__") {
                Some(Member::Value(Constant::Tuple(names))) => {
                    let name = |constant| match constant {
                        Constant::Str(name) => Some(name),
                        _ => None,
                    };
                    names.into_iter().filter_map(name).collect()
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let Some(name) = names.get(position) else {
            let accepted = positional_patterns(names.len());
            let message = format!("{} accepts {accepted}, but {n} are given", e.ty(class).shown());
            let diagnostic = e.diagnostic(ErrorCode::ArgumentCount, message);
            return Err(diagnostic
                .note("`__match_args__` of a class names what they are compared with")
                .into());
        };
        self.attribute_of_any(e, idx, value, name)
    }

    /// What is the same for a class and its instances.
    fn class_member(
        &mut self,
        e: &mut Emitter<'_>,
        object: ObjectId,
        class: &Arc<str>,
        member: Member,
        name: &str,
    ) -> Emit<IrValue> {
        match member {
            Member::Static { function, name } => jitted(e, function, name),
            Member::ClassMethod { function, name } => {
                let receiver = TypeKind::Class { object, name: class.clone() }.into();
                let class = e.b.unit(receiver);
                Ok(e.b.make(TypeKind::BoundMethod { function, name, receiver }.into(), vec![class]))
            }
            Member::Value(constant) => emit_constant(e, &constant)
                .or_else(|unusable| unsupported_value(e, &format!("`{name}`"), unusable)),
            Member::Method { .. } | Member::Property { .. } | Member::Generated => {
                e.error(ErrorCode::UnknownAttribute, format!("`{name}` of {class} cannot be read here"))
            }
        }
    }

    /// `instance.name = new`.
    pub(crate) fn store_instance_attribute(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        instance: IrValue,
        name: &str,
        new: IrValue,
    ) -> Emit<()> {
        let instance = e.plain(instance);
        let class = e.ty(instance).as_instance().expect("the caller checked that it is an instance");
        self.define(e, class)?;
        if class.position(name).is_none()
            && let Some(Member::Property { setter, .. }) = self.member(class.object, name)
        {
            let Some(setter) = setter else {
                let message = format!("property `{name}` of {} has no setter", class.name);
                return e.error(ErrorCode::UnknownAttribute, message);
            };
            self.call_function(e, idx, setter, &[instance, new])?;
            return Ok(());
        }
        let Some(position) = class.position(name) else {
            let message = format!("{} has no field `{name}`", class.name);
            let diagnostic = e.diagnostic(ErrorCode::UnknownAttribute, message);
            return Err(with_fields(diagnostic, class, name)
                .note("the fields of a class are declared with it")
                .into());
        };
        if self.env.is_frozen(class.object) {
            let message = format!("cannot assign to field `{name}`: {} is frozen", class.name);
            return e.error(ErrorCode::ReadOnly, message);
        }
        e.set_instance_field(instance, class, position, new)
    }

    // Making instances.

    /// `C(…)`.
    pub(crate) fn instantiate(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        object: ObjectId,
        name: &Arc<str>,
        arguments: Vec<Argument>,
    ) -> Emit<IrValue> {
        let class = match self.env.class(object) {
            Some(ClassKind::Shared(class)) => class,
            Some(ClassKind::Struct(fields)) => {
                return self.instantiate_struct(e, object, name, &fields, arguments);
            }
            Some(ClassKind::Data(data)) => {
                if !matches!(self.member(object, "__init__"), Some(Member::Method { .. })) {
                    return self.instantiate_data(e, idx, object, name, data, arguments);
                }
                let DataClass { ancestors, fields } = data;
                let declared = fields
                    .into_iter()
                    .filter(|field| !field.is_parameter)
                    .map(|field| Some(ClassField { ty: field.declared?, name: field.name }))
                    .collect::<Option<Vec<_>>>();
                let Some(declared) = declared else {
                    let message =
                        format!("`{name}` has an `__init__` of its own and fields of unknown types");
                    let diagnostic = e.diagnostic(ErrorCode::UnsupportedValue, message);
                    return Err(diagnostic.note("annotate all fields with types of compiled code").into());
                };
                InstanceClass::converted(object, name, ancestors, declared)
            }
            None => {
                let message = format!("instances of `{name}` cannot be made in compiled code");
                let diagnostic = e.diagnostic(ErrorCode::NotCallable, message);
                return Err(diagnostic
                    .note("decorate the class with `@jitclass`, `@dataclass` or `@rumba.extending.struct`")
                    .into());
            }
        };
        self.define(e, class)?;
        let instance = e.new_instance(class);
        match self.member(object, "__init__") {
            Some(Member::Method { function, .. }) => {
                let mut all = positional(e, &[instance]);
                all.extend(arguments);
                self.call_jitted(e, idx, function, all)?;
            }
            _ => {
                if let Some(argument) = arguments.first() {
                    let message = format!("{name}() takes no arguments");
                    return Err(Diagnostic::new(ErrorCode::ArgumentCount, argument.span, message).into());
                }
            }
        }
        Ok(instance)
    }

    /// An instance of a class that takes a value for each field.
    fn instantiate_struct(
        &mut self,
        e: &mut Emitter<'_>,
        object: ObjectId,
        name: &Arc<str>,
        fields: &[Arc<str>],
        arguments: Vec<Argument>,
    ) -> Emit<IrValue> {
        if arguments.len() != fields.len() || arguments.iter().any(|argument| argument.keyword.is_some()) {
            let message = format!("{name}() takes its fields by position: {}", fields.join(", "));
            return e.error(ErrorCode::ArgumentCount, message);
        }
        let values: Vec<IrValue> = arguments.iter().map(|argument| e.materialise(argument.value)).collect();
        let typed = fields.iter().zip(&values);
        let typed: Vec<ClassField> =
            typed.map(|(name, value)| ClassField { name: name.clone(), ty: e.ty(*value) }).collect();
        let Some(class) = self.env.struct_class(object, &typed) else {
            return e.error(ErrorCode::ArgumentType, format!("there is no {name} with such fields"));
        };
        let instance = e.new_instance(class);
        for (position, value) in values.into_iter().enumerate() {
            e.set_instance_field(instance, class, position, value)?;
        }
        Ok(instance)
    }

    /// An instance of a dataclass, as the `__init__` that it is given makes it.
    fn instantiate_data(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        object: ObjectId,
        name: &Arc<str>,
        DataClass { ancestors, fields }: DataClass,
        arguments: Vec<Argument>,
    ) -> Emit<IrValue> {
        let mut values: Vec<Option<IrValue>> = vec![None; fields.len()];
        let mut by_position =
            (0..fields.len()).filter(|position| fields[*position].in_init && !fields[*position].keyword_only);
        for argument in arguments {
            let refuse = |what: String| -> Emit<usize> {
                Err(Diagnostic::new(ErrorCode::ArgumentCount, argument.span, what).into())
            };
            let position = match &argument.keyword {
                None => match by_position.next() {
                    Some(position) => position,
                    None => refuse(format!("{name}() takes fewer arguments"))?,
                },
                Some(keyword) => {
                    let of_name = |field: &DataField| field.in_init && *field.name == **keyword;
                    match fields.iter().position(of_name) {
                        Some(position) => position,
                        None => refuse(format!("{name}() got an unexpected keyword argument '{keyword}'"))?,
                    }
                }
            };
            if values[position].is_some() {
                let field = &fields[position].name;
                refuse(format!("{name}() got multiple values for argument '{field}'"))?;
            }
            values[position] = Some(argument.value);
        }
        let mut all = Vec::with_capacity(fields.len());
        for (field, value) in fields.iter().zip(values) {
            all.push(match (value, &field.default) {
                (Some(value), _) => value,
                (None, Some(constant)) => {
                    let value = emit_constant(e, constant).or_else(|unusable| {
                        unsupported_value(e, &format!("the default of `{}`", field.name), unusable)
                    })?;
                    match field.is_factory {
                        true => {
                            let made = self.call_value(e, idx, value, Vec::new())?;
                            // Nobody else has it yet.
                            match field.declared.filter(|declared| is_empty_of(e.ty(made), *declared)) {
                                Some(declared) => e.coerce(made, declared)?,
                                None => made,
                            }
                        }
                        false => value,
                    }
                }
                (None, None) => {
                    let message = format!("{name}() is missing the argument '{}'", field.name);
                    return e.error(ErrorCode::ArgumentCount, message);
                }
            });
        }
        let (parameters, stored): (Vec<_>, Vec<_>) =
            fields.into_iter().zip(all).partition(|(field, _)| field.is_parameter);
        let typed = stored.iter().map(|(field, value)| {
            let ty = field_type(field.declared, e.ty(*value));
            ClassField { name: field.name.clone(), ty }
        });
        let class = InstanceClass::converted(object, name, ancestors, typed.collect());
        let instance = e.new_instance(class);
        for (position, (_, value)) in stored.into_iter().enumerate() {
            e.set_instance_field(instance, class, position, value)?;
        }
        let parameters: Vec<IrValue> = parameters.into_iter().map(|(_, value)| value).collect();
        self.call_method(e, idx, instance, "__post_init__", &parameters)?;
        Ok(instance)
    }

    // Operators.

    /// The rule of an instruction that has an instance as operand, where a method of its class says what it does; `None` for
    /// all others.
    pub(crate) fn overloaded(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        inst: &Inst,
        get: &dyn Fn(hir::Value) -> IrValue,
    ) -> Emit<Option<IrValue>> {
        let is_instance = |e: &Emitter<'_>, value: hir::Value| class_of(e.ty(get(value))).is_some();
        let is_dict = |e: &Emitter<'_>, value: hir::Value| e.ty(get(value)).dict_kind().is_some();
        match inst {
            Inst::Attribute { value, name } if is_instance(e, *value) => {
                self.instance_attribute(e, idx, get(*value), name).map(Some)
            }
            Inst::StoreAttribute { value, name, new } if is_instance(e, *value) => {
                self.store_instance_attribute(e, idx, get(*value), name, get(*new))?;
                Ok(Some(e.b.none()))
            }
            Inst::Unary { op, operand } if is_instance(e, *operand) => {
                self.unary_of_instance(e, idx, *op, get(*operand)).map(Some)
            }
            Inst::Binary { op, lhs, rhs, in_place } if is_instance(e, *lhs) || is_instance(e, *rhs) => {
                self.binary_of_instances(e, idx, *op, get(*lhs), get(*rhs), *in_place)
            }
            Inst::Compare { op, lhs, rhs } if is_instance(e, *lhs) || is_instance(e, *rhs) => {
                self.compare_instances(e, idx, *op, get(*lhs), get(*rhs))
            }
            // Of tuples, whose items may be instances that are compared by a method.
            Inst::Compare { op: op @ (Comparison::Eq | Comparison::Ne), lhs, rhs }
                if have_instances(e.ty(get(*lhs)), e.ty(get(*rhs))) =>
            {
                let [lhs, rhs] = [lhs, rhs].map(|value| e.tuple_elements(get(*value)));
                let equal = self.compare_each(e, idx, lhs.into_iter().zip(rhs))?;
                match op {
                    Comparison::Eq => Ok(Some(equal)),
                    _ => e.unary(UnaryOperator::Not, equal).map(Some),
                }
            }
            Inst::Truth(value) if is_instance(e, *value) => {
                self.truth_of_instance(e, idx, get(*value)).map(Some)
            }
            Inst::Subscript { value, index } if is_instance(e, *value) => self
                .require_method(e, idx, get(*value), "__getitem__", &[get(*index)], "cannot be indexed")
                .map(Some),
            Inst::Subscript { value, index } if is_instance(e, *index) && !is_dict(e, *value) => {
                let what = "is no index";
                let index = self.require_method(e, idx, get(*index), "__index__", &[], what)?;
                e.subscript(get(*value), index).map(Some)
            }
            Inst::StoreSubscript { value, index, new }
                if is_instance(e, *index) && !is_instance(e, *value) && !is_dict(e, *value) =>
            {
                let index = self.require_method(e, idx, get(*index), "__index__", &[], "is no index")?;
                e.store_subscript(get(*value), index, get(*new))?;
                Ok(Some(e.b.none()))
            }
            Inst::StoreSubscript { value, index, new } if is_instance(e, *value) => {
                let args = [get(*index), get(*new)];
                self.require_method(e, idx, get(*value), "__setitem__", &args, "does not take items")?;
                Ok(Some(e.b.none()))
            }
            Inst::DeleteSubscript { value, index } if is_instance(e, *value) => {
                let args = [get(*index)];
                self.require_method(e, idx, get(*value), "__delitem__", &args, "does not delete items")?;
                Ok(Some(e.b.none()))
            }
            Inst::Iter(value) if is_instance(e, *value) => {
                let items =
                    self.require_method(e, idx, get(*value), "__iter__", &[], "cannot be iterated over")?;
                e.iter(items).map(Some)
            }
            _ => self.defined_by_class(e, idx, inst, get),
        }
    }

    /// Calls a method without which the instance does not do what is asked.
    pub(crate) fn require_method(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        instance: IrValue,
        method: &str,
        args: &[IrValue],
        otherwise: &str,
    ) -> Emit<IrValue> {
        let instance = e.plain(instance);
        match self.call_method(e, idx, instance, method, args)? {
            Some(result) => Ok(result),
            None => {
                let ty = e.ty(instance);
                let diagnostic = e.diagnostic(ErrorCode::OperandTypes, format!("{} {otherwise}", ty.shown()));
                Err(diagnostic.note(format!("its class has no method `{method}`")).into())
            }
        }
    }

    fn unary_of_instance(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        op: UnaryOperator,
        operand: IrValue,
    ) -> Emit<IrValue> {
        let Some(method) = unary_method(op) else {
            let truth = self.truth_of_instance(e, idx, operand)?;
            return e.unary(op, truth);
        };
        self.require_method(e, idx, operand, method, &[], &format!("has no unary `{op}`"))
    }

    fn binary_of_instances(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        op: BinaryOperator,
        lhs: IrValue,
        rhs: IrValue,
        in_place: bool,
    ) -> Emit<Option<IrValue>> {
        let [lhs, rhs] = [lhs, rhs].map(|value| plain_instance(e, value));
        let name = binary_method(op);
        if in_place && let Some(result) = self.call_operator(e, idx, lhs, &format!("__i{name}__"), rhs)? {
            return Ok(Some(result));
        }
        if let Some(result) = self.call_operator(e, idx, lhs, &format!("__{name}__"), rhs)? {
            return Ok(Some(result));
        }
        if let Some(result) = self.call_operator(e, idx, rhs, &format!("__r{name}__"), lhs)? {
            return Ok(Some(result));
        }
        let message = format!("`{op}` is not defined for {} and {}", e.ty(lhs).shown(), e.ty(rhs).shown());
        let diagnostic = e.diagnostic(ErrorCode::OperandTypes, message);
        let note = match e.ty(lhs).as_instance() {
            Some(class) => format!("{} has no method `__{name}__`", class.name),
            None => format!("{} has no method `__r{name}__`", e.ty(rhs).shown()),
        };
        Err(diagnostic.note(note).into())
    }

    pub(crate) fn compare_instances(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        op: Comparison,
        lhs: IrValue,
        rhs: IrValue,
    ) -> Emit<Option<IrValue>> {
        let Some((method, reflected)) = comparison_methods(op) else {
            let is_membership = matches!(op, Comparison::In | Comparison::NotIn);
            if !is_membership || class_of(e.ty(rhs)).is_none() {
                return Ok(None);
            }
            let found = self.require_method(e, idx, rhs, "__contains__", &[lhs], "contains nothing")?;
            let found = self.truth_of(e, idx, found)?;
            return match op {
                Comparison::In => Ok(Some(found)),
                _ => e.unary(UnaryOperator::Not, found).map(Some),
            };
        };
        if matches!(op, Comparison::Eq | Comparison::Ne) {
            if e.ty(lhs).is_none() || e.ty(rhs).is_none() {
                let same = if op == Comparison::Eq { Comparison::Is } else { Comparison::IsNot };
                return e.comparison(same, lhs, rhs).map(Some);
            }
            let is_optional = |value: IrValue| matches!(e.ty(value).kind(), TypeKind::Optional(_));
            if is_optional(lhs) || is_optional(rhs) {
                return self.compare_optional(e, idx, op, lhs, rhs).map(Some);
            }
        }
        let [lhs, rhs] = [lhs, rhs].map(|value| plain_instance(e, value));
        if let Some(result) = self.call_operator(e, idx, lhs, method, rhs)? {
            return Ok(Some(result));
        }
        if let Some(result) = self.call_operator(e, idx, rhs, reflected, lhs)? {
            return Ok(Some(result));
        }
        if op == Comparison::Ne {
            let equal = self.compare_instances(e, idx, Comparison::Eq, lhs, rhs)?;
            let equal = equal.expect("equality is always decided");
            let equal = self.truth_of(e, idx, equal)?;
            return e.unary(UnaryOperator::Not, equal).map(Some);
        }
        let (lhs_class, rhs_class) = (e.ty(lhs).as_instance(), e.ty(rhs).as_instance());
        if let (Some(a), Some(b)) = (lhs_class, rhs_class)
            && a.object == b.object
            && let Some(Member::Generated) = self.member(a.object, method)
        {
            return self.compare_fields(e, idx, op, [lhs, rhs], [a, b]).map(Some);
        }
        if op == Comparison::Eq {
            return match e.ty(lhs) == e.ty(rhs) {
                true => e.comparison(Comparison::Is, lhs, rhs).map(Some),
                false => Ok(Some(e.literal_bool(false))),
            };
        }
        let note = match e.ty(lhs).as_instance() {
            Some(class) => format!("{} has no method `{method}`", class.name),
            None => format!("{} has no method `{reflected}`", e.ty(rhs).shown()),
        };
        let message = format!("`{op}` is not defined for {} and {}", e.ty(lhs).shown(), e.ty(rhs).shown());
        Err(e.diagnostic(ErrorCode::OperandTypes, message).note(note).into())
    }

    /// `==` or `!=` where a side may be None: what is not there equals only what is not there.
    fn compare_optional(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        op: Comparison,
        lhs: IrValue,
        rhs: IrValue,
    ) -> Emit<IrValue> {
        let [(here, lhs), (there, rhs)] = [lhs, rhs].map(|value| match e.ty(value).kind() {
            TypeKind::Optional(_) => (e.b.field(value, 0), e.b.field(value, 1)),
            _ => (e.b.bool(true), value),
        });
        let both = e.b.and(here, there);
        let equal = e.if_else(
            both,
            |e| {
                let equal = match class_of(e.ty(lhs)).or(class_of(e.ty(rhs))) {
                    Some(_) => self
                        .compare_instances(e, idx, Comparison::Eq, lhs, rhs)?
                        .expect("equality is always decided"),
                    None => e.comparison(Comparison::Eq, lhs, rhs)?,
                };
                let equal = self.truth_of(e, idx, equal)?;
                e.coerce(equal, Type::bool())
            },
            |e| Ok(e.equal(here, there)),
        )?;
        match op {
            Comparison::Eq => Ok(equal),
            _ => e.unary(UnaryOperator::Not, equal),
        }
    }

    /// `==` or an order of two instances of a dataclass: that of their fields as tuples.
    fn compare_fields(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        op: Comparison,
        [lhs, rhs]: [IrValue; 2],
        classes: [&'static InstanceClass; 2],
    ) -> Emit<IrValue> {
        let compared = self.env.data_fields(classes[0].object, Purpose::Compare);
        let mut parts = [Vec::new(), Vec::new()];
        for name in &compared {
            for ((instance, class), parts) in [lhs, rhs].into_iter().zip(classes).zip(&mut parts) {
                let position = class.position(name).expect("the class has the fields that it is compared by");
                parts.push(e.instance_field(instance, class, position));
            }
        }
        let [lhs, rhs] = parts;
        let has_instances = lhs.iter().chain(&rhs).any(|field| class_of(e.ty(*field)).is_some());
        if op != Comparison::Eq || !has_instances {
            let (lhs, rhs) = (e.tuple(lhs), e.tuple(rhs));
            return e.comparison(op, lhs, rhs);
        }
        self.enter(e, classes[0], "`==`", "__eq__")?;
        let equal = self.compare_each(e, idx, lhs.into_iter().zip(rhs));
        self.entered.pop();
        equal
    }

    /// Begins to look at the fields of instances of a class, which must not be going on already.
    fn enter(&mut self, e: &Emitter<'_>, class: &InstanceClass, what: &str, method: &str) -> Emit<()> {
        if self.entered.contains(&class.object) {
            let message = format!("instances of {} refer to others, which {what} cannot follow", class.name);
            let diagnostic = e.diagnostic(ErrorCode::OperandTypes, message);
            return Err(diagnostic.note(format!("define `{method}` in the class")).into());
        }
        self.entered.push(class.object);
        Ok(())
    }

    /// Whether all of these pairs are equal.
    fn compare_each(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        pairs: impl Iterator<Item = (IrValue, IrValue)>,
    ) -> Emit<IrValue> {
        let mut equal = e.b.bool(true);
        for (a, b) in pairs {
            let same = match class_of(e.ty(a)).or(class_of(e.ty(b))) {
                Some(_) => {
                    self.compare_instances(e, idx, Comparison::Eq, a, b)?.expect("equality is always decided")
                }
                None => e.comparison(Comparison::Eq, a, b)?,
            };
            let same = self.truth_of(e, idx, same)?;
            let same = e.coerce(same, Type::bool())?;
            equal = e.b.and(equal, same);
        }
        Ok(equal)
    }

    pub(crate) fn truth_of(&mut self, e: &mut Emitter<'_>, idx: usize, value: IrValue) -> Emit<IrValue> {
        match class_of(e.ty(value)) {
            Some(_) => self.truth_of_instance(e, idx, value),
            None => e.truth(value),
        }
    }

    fn truth_of_instance(&mut self, e: &mut Emitter<'_>, idx: usize, value: IrValue) -> Emit<IrValue> {
        let class = class_of(e.ty(value)).expect("the caller checked that it is an instance");
        let method = ["__bool__", "__len__"]
            .into_iter()
            .find(|name| matches!(self.member(class.object, name), Some(Member::Method { .. })));
        let Some(method) = method else { return e.truth(value) };
        if e.ty(value).as_instance().is_none() {
            let (present, instance) = (e.b.field(value, 0), e.b.field(value, 1));
            return e.if_else(
                present,
                |e| {
                    let truth = self.truth_of_instance(e, idx, instance)?;
                    e.coerce(truth, Type::bool())
                },
                |e| Ok(e.b.bool(false)),
            );
        }
        let result = self.call_method(e, idx, value, method, &[])?.expect("the class has the method");
        e.truth(result)
    }

    // Builtins.

    /// A call of a builtin that asks its argument, which is an instance; `None` for others.
    pub(crate) fn builtin_of_instance(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        path: &str,
        arguments: &mut [Argument],
    ) -> Emit<Option<IrValue>> {
        if let Some(result) = self.is_caught(e, path, arguments)? {
            return Ok(Some(result));
        }
        // A cause: what is asked of one that is None raises `TypeError`.
        if let ("builtins.type" | "builtins.str" | "builtins.repr", [argument]) = (path, &mut *arguments)
            && e.ty(argument.value) == Type::optional(Type::caught_exception())
        {
            argument.value = e.plain(argument.value);
        }
        if let ("builtins.type", [Argument { keyword: None, value, .. }]) = (path, &*arguments)
            && matches!(e.ty(*value).kind(), TypeKind::CaughtException)
        {
            return Ok(Some(class_of_caught(e, *value)));
        }
        if path == "dataclasses.replace" {
            return self.replace_fields(e, idx, arguments).map(Some);
        }
        if path == "builtins.print" {
            for argument in arguments.iter_mut().filter(|argument| argument.keyword.is_none()) {
                if e.ty(argument.value).as_instance().is_some() {
                    argument.value = self.text_of_instance(e, idx, argument.value, "builtins.str")?;
                }
            }
            return Ok(None);
        }
        let Some(first) = arguments.first().filter(|argument| argument.keyword.is_none()) else {
            return Ok(None);
        };
        let Some(class) = e.ty(first.value).as_instance() else { return Ok(None) };
        let instance = first.value;
        if path == "builtins.type" && arguments.len() == 1 {
            let ty = TypeKind::Class { object: class.object, name: class.name.clone() };
            return Ok(Some(e.b.unit(ty.into())));
        }
        if path == "builtins.bool" {
            return self.truth_of_instance(e, idx, instance).map(Some);
        }
        if matches!(path, "builtins.str" | "builtins.repr")
            || path == "builtins.format" && arguments.len() == 1
        {
            return self.text_of_instance(e, idx, instance, path).map(Some);
        }
        let rest: Vec<IrValue> = arguments[1..].iter().map(|argument| argument.value).collect();
        for method in methods_of_builtin(path) {
            if let Some(result) = self.call_method(e, idx, instance, method, &rest)? {
                // What the method gives is made what the builtin is to give.
                return match path {
                    "builtins.float" | "builtins.complex" | "builtins.int" => {
                        let arguments = positional(e, &[result]);
                        lookup(path).expect("the builtin is declared").call(e, &arguments).map(Some)
                    }
                    "builtins.hash" if e.ty(result).widen().is_int() => {
                        let hash = e.coerce(result, Type::int64())?;
                        // -1 says in C that there is no hash.
                        let [none, instead] = [-1, -2].map(|value| e.b.int64(value));
                        let is_none = e.equal(hash, none);
                        Ok(Some(e.b.select(is_none, instead, hash)))
                    }
                    _ => Ok(Some(result)),
                };
            }
            if *method == "__hash__"
                && let Some(Member::Generated) = self.member(class.object, method)
            {
                let hashed = self.env.data_fields(class.object, Purpose::Hash);
                let fields = hashed.iter().filter_map(|name| class.position(name));
                let fields = fields.map(|position| e.instance_field(instance, class, position)).collect();
                let fields = e.tuple(fields);
                let arguments = positional(e, &[fields]);
                return lookup(path).expect("hash is declared").call(e, &arguments).map(Some);
            }
        }
        Ok(None)
    }

    /// `dataclasses.replace(instance, name=value, …)`: another instance, made of what is given and of the other fields.
    fn replace_fields(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        arguments: &mut [Argument],
    ) -> Emit<IrValue> {
        let (instances, changes) = arguments.split_at_mut(1.min(arguments.len()));
        let given = instances.first().filter(|first| first.keyword.is_none());
        let found = given.and_then(|first| Some((first.value, e.ty(first.value).as_instance()?)));
        let kind = found.and_then(|(instance, class)| Some((instance, class, self.env.class(class.object)?)));
        let Some((instance, class, ClassKind::Data(DataClass { fields, .. }))) = kind else {
            return e.error(
                ErrorCode::ArgumentType,
                "replace() takes an instance of a dataclass and changes by name",
            );
        };
        let mut all = Vec::new();
        for field in fields.iter().filter(|field| field.in_init) {
            let change = changes.iter().find(|change| change.keyword.as_deref() == Some(&*field.name));
            let value = match (change, class.position(&field.name)) {
                (Some(change), _) => change.value,
                (None, Some(position)) => e.instance_field(instance, class, position),
                // Those that are parameters of `__init__` alone have their defaults, or are missing.
                (None, None) => continue,
            };
            all.push(Argument { keyword: Some(field.name.to_string()), value, span: e.span });
        }
        let known = |change: &&Argument| {
            change
                .keyword
                .as_deref()
                .is_some_and(|name| all.iter().any(|field| field.keyword.as_deref() == Some(name)))
        };
        if let Some(change) = changes.iter().find(|change| !known(change)) {
            let message = format!("replace() cannot change this of {}", class.name);
            return Err(Diagnostic::new(ErrorCode::ArgumentCount, change.span, message).into());
        }
        self.instantiate(e, idx, class.object, &class.name, all)
    }

    /// `str(instance)` or `repr(instance)`.
    fn text_of_instance(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        instance: IrValue,
        path: &str,
    ) -> Emit<IrValue> {
        let methods =
            if path == "builtins.repr" { &["__repr__"][..] } else { methods_of_builtin("builtins.str") };
        for method in methods {
            if let Some(text) = self.call_method(e, idx, instance, method, &[])? {
                return Ok(text);
            }
        }
        let class = e.ty(instance).as_instance().expect("the caller checked that it is an instance");
        if let Some(Member::Generated) = self.member(class.object, "__repr__") {
            self.enter(e, class, "`repr`", "__repr__")?;
            let text = self.text_of_data(e, idx, instance, class);
            self.entered.pop();
            return text;
        }
        let message = format!("{} has no text in compiled code", class.name);
        let diagnostic = e.diagnostic(ErrorCode::OperandTypes, message);
        Err(diagnostic.note("its class has neither `__str__` nor `__repr__`").into())
    }

    /// `C(x=1, y=2)`.
    fn text_of_data(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        instance: IrValue,
        class: &'static InstanceClass,
    ) -> Emit<IrValue> {
        let mut text = e.b.unit(Type::literal_str(&format!("{}(", class.name)));
        let shown = self.env.data_fields(class.object, Purpose::Show);
        for (idx_of_shown, name) in shown.iter().enumerate() {
            let before = format!("{}{name}=", if idx_of_shown > 0 { ", " } else { "" });
            let position = class.position(name).expect("the class has the fields that it shows");
            let before = e.b.unit(Type::literal_str(&before));
            let value = e.instance_field(instance, class, position);
            let value = match e.ty(value).as_instance() {
                Some(_) => self.text_of_instance(e, idx, value, "builtins.repr")?,
                None => {
                    let arguments = positional(e, &[value]);
                    lookup("builtins.repr").expect("repr is declared").call(e, &arguments)?
                }
            };
            text = e.binary(BinaryOperator::Add, text, before)?;
            text = e.binary(BinaryOperator::Add, text, value)?;
        }
        let end = e.b.unit(Type::literal_str(")"));
        e.binary(BinaryOperator::Add, text, end)
    }
}

/// Whether tuples of one length hold instances.
fn have_instances(lhs: Type, rhs: Type) -> bool {
    match (lhs.as_tuple(), rhs.as_tuple()) {
        (Some(lhs), Some(rhs)) => {
            lhs.len() == rhs.len() && lhs.iter().chain(rhs).any(|ty| class_of(*ty).is_some())
        }
        _ => false,
    }
}

pub(crate) fn jitted(e: &mut Emitter<'_>, object: ObjectId, name: Arc<str>) -> Emit<IrValue> {
    emit_constant(e, &Constant::Jitted { object, name })
        .or_else(|unusable| unsupported_value(e, "the method", unusable))
}

/// A diagnostic about a name that is no field.
fn with_fields(diagnostic: Diagnostic, class: &InstanceClass, name: &str) -> Diagnostic {
    let names: Vec<String> =
        class.fields().unwrap_or_default().iter().map(|field| field.name.to_string()).collect();
    match closest(name, names.iter().cloned()) {
        Some(closest) => diagnostic.note(format!("did you mean `{closest}`?")),
        None if names.is_empty() => diagnostic.note("the class has no fields"),
        None => diagnostic.note(format!("its fields are {}", names.join(", "))),
    }
}

/// The type of a dataclass's field that is given a value: what is declared, where that holds such values.
pub fn field_type(declared: Option<Type>, given: Type) -> Type {
    use rumba_types::Conversion::{Exact, Promote, Safe};
    let given = given.widen();
    match declared {
        Some(declared) if is_empty_of(given, declared) => declared,
        Some(declared) => match conversion(given, declared) {
            Some(Exact | Promote | Safe) => declared,
            _ => given,
        },
        None => given,
    }
}

/// Whether `given` is the type of an empty container that can be one of `declared`.
fn is_empty_of(given: Type, declared: Type) -> bool {
    let first = |ty: Type| match ty.kind() {
        TypeKind::List(first)
        | TypeKind::Deque(first)
        | TypeKind::Set(first, _)
        | TypeKind::Dict(first, _, _) => Some(*first),
        _ => None,
    };
    first(given) == Some(Type::never())
        && given.dict_kind() == declared.dict_kind()
        && given.is_frozenset() == declared.is_frozenset()
        && std::mem::discriminant(given.kind()) == std::mem::discriminant(declared.kind())
}

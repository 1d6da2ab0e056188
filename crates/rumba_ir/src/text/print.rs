//! Prints a function. Everything is written, so that the parser gives the same function back, except
//! the numbers of results that are never used (of operations that only have an effect).

use crate::{
    Access, Changes, Edge, Effects, ExceptionRef, Function, Instruction, MessagePart, Op, Payload,
    RuntimeFunction, Scalar, Site, SiteKind, Terminator, Value,
};
use rumba_source::Span;
use rumba_types::{ClassRef, DictKind, FunctionRef, Type, TypeKind};
use std::fmt::{Display, Formatter, Result};

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "function {} {:?}(", self.id, self.name)?;
        write_params(f, self, self.params())?;
        let raises = if self.can_raise { " raises" } else { "" };
        write!(f, ") -> {}{raises}", TypeText(self.result))?;
        if self.span != Span::default() {
            write_span(f, self.span)?;
        }
        writeln!(f, " {{")?;
        for (idx, site) in self.sites.iter().enumerate() {
            write!(f, "  site{idx} = ")?;
            write_site(f, site)?;
            writeln!(f)?;
        }
        for (idx, body) in self.bodies.iter().enumerate() {
            write!(f, "body{idx} = {body}")?;
        }
        for block in self.block_ids() {
            let data = self.block(block);
            write!(f, "{block}")?;
            if block != self.entry() && !data.params.is_empty() {
                write!(f, "(")?;
                write_params(f, self, &data.params)?;
                write!(f, ")")?;
            }
            if let Some(handler) = &data.handler {
                write!(f, " handler ")?;
                write_edge(f, handler)?;
            }
            writeln!(f, ":")?;
            for instruction in &data.instructions {
                write!(f, "  ")?;
                write_instruction(f, self, instruction)?;
                writeln!(f)?;
            }
            write!(f, "  ")?;
            write_terminator(f, &data.terminator)?;
            writeln!(f)?;
        }
        writeln!(f, "}}")
    }
}

fn write_params(f: &mut Formatter<'_>, function: &Function, params: &[Value]) -> Result {
    write_list(f, params, |f, param| write!(f, "{param}: {}", TypeText(function.ty(*param))))
}

fn write_list<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    mut write_item: impl FnMut(&mut Formatter<'_>, &T) -> Result,
) -> Result {
    for (idx, item) in items.iter().enumerate() {
        if idx > 0 {
            write!(f, ", ")?;
        }
        write_item(f, item)?;
    }
    Ok(())
}

/// `v1, v2`
struct Values<'a>(&'a [Value]);

impl Display for Values<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write_list(f, self.0, |f, value| write!(f, "{value}"))
    }
}

fn write_instruction(f: &mut Formatter<'_>, function: &Function, instruction: &Instruction) -> Result {
    if !instruction.op.is_effect() {
        write!(f, "{}: {} = ", instruction.result, TypeText(function.ty(instruction.result)))?;
    }
    write_op(f, &instruction.op)?;
    if let Some(site) = instruction.site {
        write!(f, " @{site}")?;
    }
    write_cleanup(f, &instruction.cleanup)
}

fn write_cleanup(f: &mut Formatter<'_>, cleanup: &[Value]) -> Result {
    if cleanup.is_empty() { Ok(()) } else { write!(f, " cleanup({})", Values(cleanup)) }
}

fn write_op(f: &mut Formatter<'_>, op: &Op) -> Result {
    let suffix = |access: Access| {
        let parts =
            [(!access.aligned, ".unaligned"), (access.independent, ".independent"), (access.field, ".field")];
        parts.into_iter().filter(|(holds, _)| *holds).map(|(_, part)| part).collect::<String>()
    };
    match op {
        Op::Const(scalar) => write!(f, "const {}", ScalarText(*scalar)),
        Op::Make(fields) => write!(f, "make({})", Values(fields)),
        Op::Field { value, index } => write!(f, "field {value}, {index}"),
        Op::Unary { op, operand } => write!(f, "{} {operand}", op.name()),
        Op::Binary { op, lhs, rhs } => write!(f, "{} {lhs}, {rhs}", op.name()),
        Op::Compare { op, lhs, rhs } => write!(f, "{} {lhs}, {rhs}", op.name()),
        Op::Select { condition, then, otherwise } => write!(f, "select {condition}, {then}, {otherwise}"),
        Op::Convert(value) => write!(f, "convert {value}"),
        Op::Reinterpret(value) => write!(f, "reinterpret {value}"),
        Op::Load { pointer, access } => write!(f, "load{} {pointer}", suffix(*access)),
        Op::Store { pointer, value, access } => write!(f, "store{} {pointer}, {value}", suffix(*access)),
        Op::Offset { pointer, bytes } => write!(f, "offset {pointer}, {bytes}"),
        Op::Pack(values) => write!(f, "pack({})", Values(values)),
        Op::Data(bytes) => {
            write!(f, "data {:?}", bytes.iter().map(|byte| char::from(*byte)).collect::<String>())
        }
        Op::StackMemory { bytes } => write!(f, "stack_memory {bytes}"),
        Op::Elementwise { body, inputs, targets, fresh } => {
            let fresh = if *fresh { "fresh " } else { "" };
            write!(f, "elementwise {body}({}) into {fresh}({})", Values(inputs), Values(targets))
        }
        Op::Reduce { function, body, inputs, extents } => {
            let function = RuntimeFunctionText(function);
            write!(f, "reduce {function} {body}({}) over ({})", Values(inputs), Values(extents))
        }
        Op::Call { callee, args } => write!(f, "call {callee}({})", Values(args)),
        Op::CallRuntime { function, args } => {
            write!(f, "call_runtime {}({})", RuntimeFunctionText(function), Values(args))
        }
        Op::CallHost { args } => write!(f, "call_host({})", Values(args)),
        Op::RaiseUnless { condition, args } => write!(f, "raise_unless {condition} ({})", Values(args)),
        Op::CheckStack => write!(f, "check_stack"),
        Op::Poll => write!(f, "poll"),
        Op::Cell(value) => write!(f, "cell {value}"),
        Op::Own(value) => write!(f, "own {value}"),
        Op::Adopt(value) => write!(f, "adopt {value}"),
        Op::EntryAddress(instance) => write!(f, "entry_address {instance}"),
        Op::GeneratorSize(instance) => write!(f, "generator_size {instance}"),
        Op::Retain(value) => write!(f, "retain {value}"),
        Op::Release(value) => write!(f, "release {value}"),
    }
}

/// `rumba_array_allocate[context, raises]`
struct RuntimeFunctionText(&'static RuntimeFunction);

impl Display for RuntimeFunctionText {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let RuntimeFunction { symbol, takes_context, can_raise, effects, is_kernel, changes, decided } =
            *self.0;
        let properties = [
            ("context", takes_context),
            ("raises", can_raise),
            ("pure", effects == Effects::Pure),
            ("private", effects == Effects::Private),
            ("kernel", is_kernel),
            ("reads", effects == Effects::Any && changes == Changes::Nothing && !is_kernel),
            ("changes_first", changes == Changes::First),
            ("decided_by_true", decided == Some(true)),
            ("decided_by_false", decided == Some(false)),
        ];
        let properties: Vec<&str> =
            properties.iter().filter(|(_, holds)| *holds).map(|(name, _)| *name).collect();
        write!(f, "{symbol}[{}]", properties.join(", "))
    }
}

struct ScalarText(Scalar);

impl Display for ScalarText {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.0 {
            Scalar::Bool(value) => write!(f, "{value}"),
            Scalar::Int(value) => write!(f, "{value}"),
            Scalar::Float(value) if value.is_nan() => write!(f, "nan {:#x}", value.to_bits()),
            // With a point, an exponent or `inf`, so that it does not look like an integer.
            Scalar::Float(value) => write!(f, "{value:?}"),
            Scalar::Address(address) => write!(f, "address {address:#x}"),
        }
    }
}

fn write_terminator(f: &mut Formatter<'_>, terminator: &Terminator) -> Result {
    match terminator {
        Terminator::Jump(edge) => {
            write!(f, "jump ")?;
            write_edge(f, edge)
        }
        Terminator::Branch { condition, then, otherwise } => {
            write!(f, "branch {condition}, ")?;
            write_edge(f, then)?;
            write!(f, ", ")?;
            write_edge(f, otherwise)
        }
        Terminator::Yield(edge) => {
            write!(f, "yield ")?;
            write_edge(f, edge)
        }
        Terminator::Return(value) => write!(f, "return {value}"),
        Terminator::Raise { site, args, cleanup } => {
            write!(f, "raise ({}) @{site}", Values(args))?;
            write_cleanup(f, cleanup)
        }
        Terminator::Reraise { cleanup } => {
            write!(f, "reraise")?;
            write_cleanup(f, cleanup)
        }
        Terminator::Unreachable => write!(f, "unreachable"),
    }
}

fn write_edge(f: &mut Formatter<'_>, edge: &Edge) -> Result {
    write!(f, "{}", edge.block)?;
    if edge.args.is_empty() { Ok(()) } else { write!(f, "({})", Values(&edge.args)) }
}

fn write_site(f: &mut Formatter<'_>, site: &Site) -> Result {
    match &site.kind {
        SiteKind::Call => write!(f, "call")?,
        SiteKind::Print { separator, end, to_errors, flush } => {
            write!(f, "print {separator:?} {end:?}")?;
            for (is_set, word) in [(to_errors, " to_errors"), (flush, " flush")] {
                f.write_str(if *is_set { word } else { "" })?;
            }
        }
        SiteKind::CallObject { object, results } => {
            write!(f, "call_object #{}({})", object.0, Types(results))?;
        }
        SiteKind::Raise { exception, payload } => {
            match exception {
                ExceptionRef::Builtin(name) => write!(f, "raise {name:?}")?,
                ExceptionRef::Object(object, name) => write!(f, "raise {name:?} #{}", object.0)?,
            }
            match payload {
                Payload::Arguments => write!(f, " arguments")?,
                Payload::Message(parts) => {
                    write!(f, " message(")?;
                    write_list(f, parts, |f, part| match part {
                        MessagePart::Text(text) => write!(f, "{text:?}"),
                        MessagePart::Repr(position) => write!(f, "repr {position}"),
                        MessagePart::Argument(position) => write!(f, "{position}"),
                    })?;
                    write!(f, ")")?;
                }
            }
        }
    }
    write_span(f, site.span)?;
    write!(f, " in {:?}", site.function_name)?;
    if !site.operand_types.is_empty() {
        write!(f, " ({})", Types(&site.operand_types))?;
    }
    site.caller.map_or(Ok(()), |caller| write!(f, " caller {caller}"))
}

fn write_span(f: &mut Formatter<'_>, span: Span) -> Result {
    write!(f, " at {}:{}..{}", span.file.0, span.start, span.end)
}

struct Types<'a>(&'a [Type]);

impl Display for Types<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write_list(f, self.0, |f, ty| write!(f, "{}", TypeText(*ty)))
    }
}

/// A type with all that distinguishes it; as users write it where that says everything.
pub struct TypeText(pub Type);

impl Display for TypeText {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.0.kind() {
            TypeKind::Undefined
            | TypeKind::Never
            | TypeKind::None
            | TypeKind::Ellipsis
            | TypeKind::Literal(_)
            | TypeKind::Bool
            | TypeKind::Int(_)
            | TypeKind::Float(_)
            | TypeKind::Complex(_)
            | TypeKind::Pointer
            | TypeKind::Str
            | TypeKind::Bytes => write!(f, "{}", self.0),
            TypeKind::List(element) => write!(f, "list({})", TypeText(*element)),
            TypeKind::Deque(element) => write!(f, "deque({})", TypeText(*element)),
            TypeKind::CPointer(to) => write!(f, "CPointer({})", TypeText(*to)),
            TypeKind::FunctionPointer(signature) => {
                let (params, result) = (Types(&signature.params), TypeText(signature.result));
                write!(f, "FunctionPointer #{}({params}) to ({result})", signature.maker.0)
            }
            TypeKind::OneOf(alternatives) => write!(f, "OneOf({})", Types(alternatives)),
            TypeKind::Set(element, frozen) => {
                write!(f, "{}({})", if *frozen { "frozenset" } else { "set" }, TypeText(*element))
            }
            TypeKind::Dict(key, value, kind) => {
                write!(f, "{}({}, {}", kind.name(), TypeText(*key), TypeText(*value))?;
                match kind {
                    DictKind::Default(factory) => write!(f, ", {})", TypeText(*factory)),
                    _ => write!(f, ")"),
                }
            }
            TypeKind::Array(array) => {
                write!(f, "array({}", TypeText(array.dtype))?;
                array.write_axes(f)
            }
            TypeKind::GeneratorIterator(generator) => {
                let [item, sent, returned] =
                    [generator.item, generator.sent, generator.returned].map(TypeText);
                let name = &generator.name;
                write!(f, "GeneratorIterator {name:?} #{}({item}, {sent}, {returned})", generator.resume)?;
                write!(f, " of ({})", Types(&generator.params))
            }
            TypeKind::DateTime(_)
            | TypeKind::TimeDelta(_)
            | TypeKind::FixedText { .. }
            | TypeKind::Generator
            | TypeKind::BitGenerator => write!(f, "{}", self.0),
            TypeKind::Constant(container) => write!(f, "Constant({})", TypeText(*container)),
            TypeKind::Keywords(names, types) => {
                write!(f, "Keywords(")?;
                let items: Vec<_> = names.iter().zip(types).collect();
                write_list(f, &items, |f, (name, ty)| write!(f, "{name}: {}", TypeText(**ty)))?;
                write!(f, ")")
            }
            TypeKind::NotImplemented => write!(f, "NotImplemented"),
            TypeKind::ContextManager(kind, of) => write!(f, "{kind:?}Context({})", TypeText(*of)),
            TypeKind::CaughtException => write!(f, "CaughtException"),
            TypeKind::DType(dtype) => write!(f, "dtype({})", TypeText(*dtype)),
            TypeKind::Record(record) => {
                let layout = &record.layout;
                let kind = if layout.is_np_record { "NumpyRecord" } else { "Record" };
                write!(f, "{kind} #{} {}(", layout.dtype.0, layout.item_size)?;
                write_list(f, &layout.fields, |f, field| {
                    write!(
                        f,
                        "{:?} {:?} {}: {}",
                        field.name,
                        field.title.as_deref().unwrap_or_default(),
                        field.offset,
                        TypeText(field.ty)
                    )?;
                    field.shape.iter().try_for_each(|extent| write!(f, " {extent}"))
                })?;
                write!(f, "){}", if record.readonly { " readonly" } else { "" })
            }
            TypeKind::MaybeUndefined(inner) => write!(f, "MaybeUndefined({})", TypeText(*inner)),
            TypeKind::Optional(inner) => write!(f, "Optional({})", TypeText(*inner)),
            TypeKind::Tuple(elements) => write!(f, "Tuple({})", Types(elements)),
            TypeKind::NamedTuple(class, elements) => {
                write!(f, "NamedTuple {:?} {}(", class.name, ClassText(&class.class))?;
                let fields: Vec<_> = class.fields.iter().zip(elements).collect();
                write_list(f, &fields, |f, (name, ty)| write!(f, "{name}: {}", TypeText(**ty)))?;
                write!(f, ")")
            }
            TypeKind::MixedList(items) => write!(f, "MixedList({})", Types(items)),
            TypeKind::MixedDict(keys, values) => {
                write!(f, "MixedDict(")?;
                let items: Vec<_> = keys.iter().zip(values).collect();
                write_list(f, &items, |f, (key, ty)| write!(f, "{key:?}: {}", TypeText(**ty)))?;
                write!(f, ")")
            }
            TypeKind::Struct(ty) => {
                write!(f, "Struct {:?} #{}", ty.name, ty.object.0)?;
                ty.class.map_or(Ok(()), |class| write!(f, " of #{}", class.0))?;
                write!(f, "(")?;
                let fields: Vec<_> = ty.fields.iter().zip(&ty.types).collect();
                write_list(f, &fields, |f, (name, ty)| write!(f, "{name}: {}", TypeText(**ty)))?;
                write!(f, ")")
            }
            TypeKind::Slice(parts) => write!(f, "slice({})", Types(parts)),
            TypeKind::Range(parts) => write!(f, "range({})", Types(parts)),
            TypeKind::Iterator(kind, parts) => write!(f, "{kind:?}Iterator({})", Types(parts)),
            TypeKind::Function(FunctionRef::Library(path)) => write!(f, "Function {path:?}"),
            TypeKind::Function(FunctionRef::Jitted { object, name }) => {
                write!(f, "Jitted {name:?} #{}", object.0)
            }
            TypeKind::Function(FunctionRef::C(function)) => {
                write!(f, "CFunction {:?} #{}", function.name, function.address)?;
                write!(f, "({}) to ({})", Types(&function.params), TypeText(function.result))
            }
            TypeKind::Function(FunctionRef::Extended { object, name }) => {
                write!(f, "Extended {name:?} #{}", object.0)
            }
            TypeKind::Method(path, receiver) => write!(f, "Method {path:?}({})", TypeText(*receiver)),
            TypeKind::Closure { code, name, captures } => {
                write!(f, "Closure {name:?} #{code}({})", Types(captures))
            }
            TypeKind::Frame(content) => write!(f, "Frame({})", TypeText(*content)),
            TypeKind::Cell { instance, variable, is_counted } => {
                let name = if *is_counted { "CountedCell" } else { "Cell" };
                write!(f, "{name} #{instance} #{variable}")
            }
            TypeKind::Module { object, name } => write!(f, "Module {name:?} #{}", object.0),
            TypeKind::ExceptionClass(class) => {
                write!(f, "ExceptionClass {:?} #{}", class.name, class.object.0)
            }
            TypeKind::NamedTupleClass(class) => {
                let fields = class.fields.join(", ");
                write!(f, "NamedTupleClass {:?} {}({fields})", class.name, ClassText(&class.class))
            }
            TypeKind::Exception(class, args) => {
                write!(f, "Exception {:?} #{}({})", class.name, class.object.0, Types(args))
            }
            TypeKind::EnumMember { class, class_name, member, value, is_int, is_flag } => {
                let kind = match (is_int, is_flag) {
                    (false, false) => "EnumMember",
                    (true, false) => "IntEnumMember",
                    (false, true) => "FlagMember",
                    (true, true) => "IntFlagMember",
                };
                write!(f, "{kind} {class_name:?} #{} {member:?}({})", class.0, TypeText(*value))
            }
            TypeKind::Class { object, name } => write!(f, "Class {name:?} #{}", object.0),
            TypeKind::Instance(class) => write!(f, "Instance {:?} #{}", class.name, class.id),
            TypeKind::Super { function, receiver } => {
                write!(f, "Super #{}({})", function.0, TypeText(*receiver))
            }
            TypeKind::BoundMethod { function, name, receiver } => {
                write!(f, "BoundMethod {name:?} #{}({})", function.0, TypeText(*receiver))
            }
            TypeKind::EnumClass { object, name } => write!(f, "EnumClass {name:?} #{}", object.0),
        }
    }
}

struct ClassText<'a>(&'a ClassRef);

impl Display for ClassText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.0 {
            ClassRef::Object(object) => write!(f, "#{}", object.0),
            ClassRef::Path(path) => write!(f, "{path:?}"),
        }
    }
}

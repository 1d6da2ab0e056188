//! Reads what [`super::print`] writes.
//!
//! Only tests and tools read the text form, so an error is a message with a line number, and the strings
//! that the representation wants for the whole life of the process are leaked (once each).

use crate::{
    Access, BinaryOp, Block, BlockData, BodyId, Changes, CompareOp, Edge, Effects, ExceptionRef, Function,
    InstanceId, Instruction, MessagePart, Op, Payload, RuntimeFunction, Scalar, Site, SiteId, SiteKind,
    Terminator, UnaryOp, Value, ValueData,
};
use rumba_source::{FileId, Span};
use rumba_types::{
    ArrayType, CFunctionType, ClassRef, ContextKind, DictKind, ExceptionClass, FunctionRef,
    FunctionSignature, GeneratorType, InstanceClass, IteratorKind, Layout, Literal, NamedTupleClass,
    ObjectId, RecordField, RecordLayout, RecordType, StructType, TimeUnit, Type, TypeKind,
};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// The functions of `text`, one behind the other. Lines that begin with `;` are comments.
pub fn parse(text: &str) -> Result<Vec<Function>, String> {
    let mut parser = Parser { text, position: 0, pending: None };
    let mut functions = Vec::new();
    loop {
        parser.skip_space();
        if parser.rest().is_empty() {
            return Ok(functions);
        }
        let function = parser.function();
        functions.push(function.map_err(|message| {
            let line = 1 + text[..parser.position.min(text.len())].matches('\n').count();
            format!("line {line}: {message}")
        })?);
    }
}

struct Parser<'t> {
    text: &'t str,
    position: usize,
    /// The function that is being read.
    pending: Option<Function>,
}

type Parse<T> = Result<T, String>;

impl<'t> Parser<'t> {
    // Tokens.

    fn rest(&self) -> &'t str {
        &self.text[self.position..]
    }

    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.position += rest.len() - trimmed.len();
            if !trimmed.starts_with(';') {
                return;
            }
            self.position += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip_space();
        let Some(after) = self.rest().strip_prefix(token) else { return false };
        // A word ends where the word in the text ends.
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if token.ends_with(is_word) && after.starts_with(is_word) {
            return false;
        }
        self.position += token.len();
        true
    }

    fn expect(&mut self, token: &str) -> Parse<()> {
        if self.eat(token) { Ok(()) } else { Err(self.expected(&format!("`{token}`"))) }
    }

    fn expected(&self, what: &str) -> String {
        let found: String = self.rest().chars().take(24).take_while(|c| *c != '\n').collect();
        format!("expected {what}, found `{found}`")
    }

    /// The longest prefix of these characters.
    fn take(&mut self, what: &str, is_part: impl Fn(char) -> bool) -> Parse<&'t str> {
        self.skip_space();
        let rest = self.rest();
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.expected(what));
        }
        self.position += length;
        Ok(&rest[..length])
    }

    fn word(&mut self) -> Parse<&'t str> {
        self.take("a word", |c| c.is_ascii_alphanumeric() || c == '_')
    }

    fn number<T: std::str::FromStr>(&mut self) -> Parse<T> {
        let digits = self.take("a number", |c| c.is_ascii_digit() || c == '-')?;
        digits.parse().map_err(|_| format!("{digits} is out of range"))
    }

    fn hex(&mut self) -> Parse<u64> {
        let word = self.word()?;
        let bits = word.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
        bits.ok_or_else(|| format!("`{word}` is no hexadecimal number of 64 bits"))
    }

    /// A string as `{:?}` writes it.
    fn string(&mut self) -> Parse<String> {
        self.expect("\"")?;
        let mut string = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.position += offset + 1;
                    return Ok(string);
                }
                '\\' => match chars.next().ok_or("the string has no end")?.1 {
                    'n' => string.push('\n'),
                    't' => string.push('\t'),
                    'r' => string.push('\r'),
                    '0' => string.push('\0'),
                    'u' => {
                        let digits: String =
                            chars.by_ref().map(|(_, c)| c).skip(1).take_while(|c| *c != '}').collect();
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        string.push(code.ok_or("no such character")?);
                    }
                    other => string.push(other),
                },
                other => string.push(other),
            }
        }
        Err("the string has no end".into())
    }

    /// `item, item` up to `end`, which is consumed.
    fn list<T>(&mut self, end: &str, mut item: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        let mut items = Vec::new();
        if self.eat(end) {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.eat(end) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }

    fn numbered(&mut self, prefix: &str) -> Parse<u32> {
        self.skip_space();
        let word = self.word()?;
        let number = word.strip_prefix(prefix).and_then(|digits| digits.parse().ok());
        // Tables are as long as the largest number in the text.
        number
            .filter(|number| *number < 1 << 20)
            .ok_or_else(|| format!("expected `{prefix}…`, found `{word}`"))
    }

    fn object(&mut self) -> Parse<ObjectId> {
        self.expect("#")?;
        Ok(ObjectId(self.number()?))
    }

    // Functions.

    fn function(&mut self) -> Parse<Function> {
        self.expect("function")?;
        let id = InstanceId(self.numbered("instance")?);
        let name = self.string()?;
        let mut function = Function::new(id, name, &[], Type::none());
        function.blocks.clear();
        // A body stands within its function.
        let outer = self.pending.replace(function);
        self.expect("(")?;
        let params = self.list(")", Self::typed_value)?;
        self.expect("->")?;
        let result = self.ty()?;
        let can_raise = self.eat("raises");
        let span = if self.eat("at") { self.span()? } else { Span::default() };
        self.expect("{")?;
        while self.looks_at("site") {
            let number = self.numbered("site")?;
            self.expect("=")?;
            let site = self.site()?;
            let sites = &mut self.function_mut().sites;
            if number as usize != sites.len() {
                return Err(format!("site{} comes next", sites.len()));
            }
            sites.push(site);
        }
        while self.looks_at("body") {
            let number = self.numbered("body")?;
            self.expect("=")?;
            let body = self.function()?;
            let bodies = &mut self.function_mut().bodies;
            if number as usize != bodies.len() {
                return Err(format!("body{} comes next", bodies.len()));
            }
            bodies.push(body);
        }
        let mut params = Some(params);
        while !self.eat("}") {
            let block = self.block(params.take())?;
            self.function_mut().blocks.push(block);
        }
        let mut function = self.pending.take().ok_or("no function")?;
        self.pending = outer;
        (function.result, function.can_raise, function.span) = (result, can_raise, span);
        // Results of effects are not written; they come behind all others.
        for block_idx in 0..function.blocks.len() {
            for idx in 0..function.blocks[block_idx].instructions.len() {
                if function.blocks[block_idx].instructions[idx].op.is_effect() {
                    let result = function.add_value(Type::none());
                    function.blocks[block_idx].instructions[idx].result = result;
                }
            }
        }
        Ok(function)
    }

    fn function_mut(&mut self) -> &mut Function {
        self.pending.as_mut().expect("a function is being read")
    }

    fn looks_at(&mut self, prefix: &str) -> bool {
        self.skip_space();
        self.rest().starts_with(prefix)
    }

    /// `v1: int64`
    fn typed_value(&mut self) -> Parse<Value> {
        let value = self.value()?;
        self.expect(":")?;
        let ty = self.ty()?;
        let values = &mut self.function_mut().values;
        if values.len() <= value.index() {
            values.resize(value.index() + 1, ValueData { ty: Type::none() });
        }
        values[value.index()].ty = ty;
        Ok(value)
    }

    fn value(&mut self) -> Parse<Value> {
        Ok(Value(self.numbered("v")?))
    }

    fn values(&mut self) -> Parse<Vec<Value>> {
        self.expect("(")?;
        self.list(")", Self::value)
    }

    fn optional_values(&mut self) -> Parse<Vec<Value>> {
        if self.looks_at("(") { self.values() } else { Ok(Vec::new()) }
    }

    fn block(&mut self, entry_params: Option<Vec<Value>>) -> Parse<BlockData> {
        let number = self.numbered("block")?;
        if number as usize != self.function_mut().blocks.len() {
            return Err(format!("block{} comes next", self.function_mut().blocks.len()));
        }
        let params = match entry_params {
            Some(params) => params,
            None if self.eat("(") => self.list(")", Self::typed_value)?,
            None => Vec::new(),
        };
        let handler = if self.eat("handler") { Some(self.edge()?) } else { None };
        self.expect(":")?;
        let mut instructions = Vec::new();
        loop {
            if let Some(terminator) = self.terminator()? {
                return Ok(BlockData { params, handler, instructions, terminator });
            }
            instructions.push(self.instruction()?);
        }
    }

    fn terminator(&mut self) -> Parse<Option<Terminator>> {
        let terminator = if self.eat("jump") {
            Terminator::Jump(self.edge()?)
        } else if self.eat("branch") {
            let condition = self.value()?;
            self.expect(",")?;
            let then = self.edge()?;
            self.expect(",")?;
            Terminator::Branch { condition, then, otherwise: self.edge()? }
        } else if self.eat("yield") {
            Terminator::Yield(self.edge()?)
        } else if self.eat("return") {
            Terminator::Return(self.value()?)
        } else if self.eat("raise") {
            let args = self.values()?;
            let site = self.instruction_site()?.ok_or("`raise` names a site")?;
            Terminator::Raise { site, args, cleanup: self.cleanup()? }
        } else if self.eat("reraise") {
            Terminator::Reraise { cleanup: self.cleanup()? }
        } else if self.eat("unreachable") {
            Terminator::Unreachable
        } else {
            return Ok(None);
        };
        Ok(Some(terminator))
    }

    fn edge(&mut self) -> Parse<Edge> {
        Ok(Edge { block: Block(self.numbered("block")?), args: self.optional_values()? })
    }

    fn instruction_site(&mut self) -> Parse<Option<SiteId>> {
        if self.eat("@") { Ok(Some(SiteId(self.numbered("site")?))) } else { Ok(None) }
    }

    fn cleanup(&mut self) -> Parse<Vec<Value>> {
        if self.eat("cleanup") { self.values() } else { Ok(Vec::new()) }
    }

    fn instruction(&mut self) -> Parse<Instruction> {
        let at_value = self.looks_at("v") && self.rest()[1..].starts_with(|c: char| c.is_ascii_digit());
        let result = if at_value { Some(self.typed_value()?) } else { None };
        if result.is_some() {
            self.expect("=")?;
        }
        let op = self.op()?;
        if op.is_effect() == result.is_some() {
            return Err("a result belongs exactly to operations that are not effects".into());
        }
        let result = result.unwrap_or(Value(u32::MAX));
        Ok(Instruction { result, op, site: self.instruction_site()?, cleanup: self.cleanup()? })
    }

    fn op(&mut self) -> Parse<Op> {
        let word = self.word()?;
        let op = match word {
            "const" => Op::Const(self.scalar()?),
            "make" => Op::Make(self.values()?),
            "field" => {
                let value = self.value()?;
                self.expect(",")?;
                Op::Field { value, index: self.number()? }
            }
            "select" => {
                let (condition, then) = self.two_values()?;
                self.expect(",")?;
                Op::Select { condition, then, otherwise: self.value()? }
            }
            "convert" => Op::Convert(self.value()?),
            "reinterpret" => Op::Reinterpret(self.value()?),
            "load" => {
                let access = self.access();
                Op::Load { pointer: self.value()?, access }
            }
            "store" => {
                let access = self.access();
                let (pointer, value) = self.two_values()?;
                Op::Store { pointer, value, access }
            }
            "offset" => {
                let (pointer, bytes) = self.two_values()?;
                Op::Offset { pointer, bytes }
            }
            "pack" => Op::Pack(self.values()?),
            // A character for each byte.
            "data" => Op::Data(self.string()?.chars().map(|c| c as u8).collect()),
            "stack_memory" => Op::StackMemory { bytes: self.number()? },
            "elementwise" => {
                let body = BodyId(self.numbered("body")?);
                let inputs = self.values()?;
                self.expect("into")?;
                let fresh = self.eat("fresh");
                Op::Elementwise { body, inputs, targets: self.values()?, fresh }
            }
            "reduce" => {
                let function = self.runtime_function()?;
                let body = BodyId(self.numbered("body")?);
                let inputs = self.values()?;
                self.expect("over")?;
                Op::Reduce { function, body, inputs, extents: self.values()? }
            }
            "call" => Op::Call { callee: InstanceId(self.numbered("instance")?), args: self.values()? },
            "call_runtime" => Op::CallRuntime { function: self.runtime_function()?, args: self.values()? },
            "call_host" => Op::CallHost { args: self.values()? },
            "raise_unless" => Op::RaiseUnless { condition: self.value()?, args: self.values()? },
            "check_stack" => Op::CheckStack,
            "poll" => Op::Poll,
            "cell" => Op::Cell(self.value()?),
            "own" => Op::Own(self.value()?),
            "adopt" => Op::Adopt(self.value()?),
            "entry_address" => Op::EntryAddress(InstanceId(self.numbered("instance")?)),
            "generator_size" => Op::GeneratorSize(InstanceId(self.numbered("instance")?)),
            "retain" => Op::Retain(self.value()?),
            "release" => Op::Release(self.value()?),
            _ => return self.scalar_op(word),
        };
        Ok(op)
    }

    fn access(&mut self) -> Access {
        let aligned = !self.eat(".unaligned");
        let independent = self.eat(".independent");
        Access { aligned, independent, field: self.eat(".field") }
    }

    fn scalar_op(&mut self, word: &str) -> Parse<Op> {
        if let Some(op) = UnaryOp::from_name(word) {
            return Ok(Op::Unary { op, operand: self.value()? });
        }
        if let Some(op) = BinaryOp::from_name(word) {
            let (lhs, rhs) = self.two_values()?;
            return Ok(Op::Binary { op, lhs, rhs });
        }
        if let Some(op) = CompareOp::from_name(word) {
            let (lhs, rhs) = self.two_values()?;
            return Ok(Op::Compare { op, lhs, rhs });
        }
        Err(format!("there is no operation `{word}`"))
    }

    fn two_values(&mut self) -> Parse<(Value, Value)> {
        let first = self.value()?;
        self.expect(",")?;
        Ok((first, self.value()?))
    }

    fn scalar(&mut self) -> Parse<Scalar> {
        if self.eat("true") {
            return Ok(Scalar::Bool(true));
        }
        if self.eat("false") {
            return Ok(Scalar::Bool(false));
        }
        if self.eat("address") {
            return Ok(Scalar::Address(self.hex()?));
        }
        if self.eat("nan") {
            return Ok(Scalar::Float(f64::from_bits(self.hex()?)));
        }
        let word = self.take("a constant", |c| c.is_ascii_alphanumeric() || "+-.".contains(c))?;
        let scalar = if word.contains(['.', 'e', 'i']) {
            word.parse().ok().map(Scalar::Float)
        } else {
            word.parse().ok().map(Scalar::Int)
        };
        scalar.ok_or_else(|| format!("`{word}` is no constant"))
    }

    fn runtime_function(&mut self) -> Parse<&'static RuntimeFunction> {
        let symbol = intern(self.word()?);
        let mut function = RuntimeFunction::effect(symbol);
        self.expect("[")?;
        for property in self.list("]", |parser| parser.word())? {
            match property {
                "context" => function.takes_context = true,
                "raises" => function.can_raise = true,
                "pure" => (function.effects, function.changes) = (Effects::Pure, Changes::Nothing),
                "private" => function = function.private(),
                "reads" => function.changes = Changes::Nothing,
                "changes_first" => function.changes = Changes::First,
                "kernel" => (function.is_kernel, function.changes) = (true, Changes::Nothing),
                "decided_by_true" => function.decided = Some(true),
                "decided_by_false" => function.decided = Some(false),
                _ => return Err(format!("a runtime function has no property `{property}`")),
            }
        }
        static KNOWN: Mutex<Vec<&'static RuntimeFunction>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().map_err(|_| "the table of runtime functions is poisoned")?;
        if let Some(existing) = known.iter().find(|existing| ***existing == function) {
            return Ok(existing);
        }
        let function: &'static RuntimeFunction = Box::leak(Box::new(function));
        known.push(function);
        Ok(function)
    }

    fn span(&mut self) -> Parse<Span> {
        let file = FileId(self.number()?);
        self.expect(":")?;
        let start = self.number()?;
        self.expect("..")?;
        Ok(Span::new(file, start, self.number()?))
    }

    fn site(&mut self) -> Parse<Site> {
        let kind = match self.word()? {
            "call" => SiteKind::Call,
            "print" => SiteKind::Print {
                separator: self.string()?.into(),
                end: self.string()?.into(),
                to_errors: self.eat("to_errors"),
                flush: self.eat("flush"),
            },
            "call_object" => SiteKind::CallObject { object: self.object()?, results: self.type_list()? },
            "raise" => {
                let name = self.string()?;
                let exception = if self.looks_at("#") {
                    ExceptionRef::Object(self.object()?, name.into())
                } else {
                    ExceptionRef::Builtin(intern(&name))
                };
                let payload = if self.eat("arguments") {
                    Payload::Arguments
                } else {
                    self.expect("message")?;
                    self.expect("(")?;
                    Payload::Message(self.list(")", |parser| {
                        if parser.looks_at("\"") {
                            Ok(MessagePart::Text(parser.string()?.into()))
                        } else if parser.eat("repr") {
                            Ok(MessagePart::Repr(parser.number()?))
                        } else {
                            Ok(MessagePart::Argument(parser.number()?))
                        }
                    })?)
                };
                SiteKind::Raise { exception, payload }
            }
            other => return Err(format!("there is no kind of site `{other}`")),
        };
        self.expect("at")?;
        let span = self.span()?;
        self.expect("in")?;
        let function_name = self.string()?.into();
        let operand_types = if self.eat("(") { self.types()? } else { Vec::new() };
        let caller = if self.eat("caller") { Some(SiteId(self.numbered("site")?)) } else { None };
        Ok(Site { span, function_name, kind, operand_types, caller })
    }

    // Types.

    /// Up to the closing parenthesis.
    fn types(&mut self) -> Parse<Vec<Type>> {
        self.list(")", Self::ty)
    }

    fn type_list(&mut self) -> Parse<Vec<Type>> {
        self.expect("(")?;
        self.types()
    }

    fn one_type(&mut self) -> Parse<Type> {
        self.expect("(")?;
        let ty = self.ty()?;
        self.expect(")")?;
        Ok(ty)
    }

    fn three_types(&mut self) -> Parse<[Type; 3]> {
        <[Type; 3]>::try_from(self.type_list()?).map_err(|types| format!("three types, not {}", types.len()))
    }

    fn ty(&mut self) -> Parse<Type> {
        let word = self.word()?;
        let kind = match word {
            "undefined" => TypeKind::Undefined,
            "never" => TypeKind::Never,
            "none" => TypeKind::None,
            "ellipsis" => TypeKind::Ellipsis,
            "bool" => TypeKind::Bool,
            "int8" => return Ok(Type::int8()),
            "int16" => return Ok(Type::int16()),
            "int32" => return Ok(Type::int32()),
            "int64" => return Ok(Type::int64()),
            "uint8" => return Ok(Type::uint8()),
            "uint16" => return Ok(Type::uint16()),
            "uint32" => return Ok(Type::uint32()),
            "uint64" => return Ok(Type::uint64()),
            "float32" => return Ok(Type::float32()),
            "float64" => return Ok(Type::float64()),
            "complex64" => return Ok(Type::complex64()),
            "complex128" => return Ok(Type::complex128()),
            "voidptr" => TypeKind::Pointer,
            "str" => TypeKind::Str,
            "bytes" => TypeKind::Bytes,
            "list" => TypeKind::List(self.one_type()?),
            "deque" => TypeKind::Deque(self.one_type()?),
            "set" | "frozenset" => TypeKind::Set(self.one_type()?, word == "frozenset"),
            "dict" | "OrderedDict" | "Counter" | "defaultdict" => {
                let (key, value, kind) = match (word, &self.type_list()?[..]) {
                    ("dict", [key, value]) => (*key, *value, DictKind::Plain),
                    ("OrderedDict", [key, value]) => (*key, *value, DictKind::Ordered),
                    ("Counter", [key, value]) => (*key, *value, DictKind::Counter),
                    ("defaultdict", [key, value, factory]) => (*key, *value, DictKind::Default(*factory)),
                    _ => return Err("a dict has keys and values".into()),
                };
                TypeKind::Dict(key, value, kind)
            }
            "Literal" => TypeKind::Literal(self.literal()?),
            "MaybeUndefined" => TypeKind::MaybeUndefined(self.one_type()?),
            "Optional" => TypeKind::Optional(self.one_type()?),
            "Tuple" => TypeKind::Tuple(self.type_list()?),
            "NamedTuple" => self.named_tuple()?,
            "Struct" => self.struct_type()?,
            "slice" => TypeKind::Slice(self.three_types()?),
            "range" => TypeKind::Range(self.three_types()?),
            "array" => self.array()?,
            "datetime64" => TypeKind::DateTime(self.time_unit()?),
            "timedelta64" => TypeKind::TimeDelta(self.time_unit()?),
            "Record" | "NumpyRecord" => self.record(word == "NumpyRecord")?,
            word if let Some(kind) = fixed_text(word) => kind,
            "GeneratorIterator" => {
                let name = self.string()?.into();
                self.expect("#")?;
                let resume = self.number()?;
                let [item, sent, returned] = self.three_types()?;
                self.expect("of")?;
                let params = self.type_list()?;
                let generator = GeneratorType { resume, name, params, item, sent, returned };
                TypeKind::GeneratorIterator(generator.into())
            }
            "Generator" => TypeKind::Generator,
            "BitGenerator" => TypeKind::BitGenerator,
            "Constant" => TypeKind::Constant(self.one_type()?),
            "NotImplemented" => TypeKind::NotImplemented,
            "Keywords" => {
                let (names, types) = self.named_types()?;
                TypeKind::Keywords(names, types)
            }
            word if let Some(kind) = context_kind(word) => TypeKind::ContextManager(kind, self.one_type()?),
            "CaughtException" => TypeKind::CaughtException,
            "FunctionPointer" => {
                let (maker, params) = (self.object()?, self.type_list()?);
                self.expect("to")?;
                TypeKind::FunctionPointer(
                    FunctionSignature { params, result: self.one_type()?, maker }.into(),
                )
            }
            "OneOf" => TypeKind::OneOf(self.type_list()?),
            "CPointer" => TypeKind::CPointer(self.one_type()?),
            "dtype" => TypeKind::DType(self.one_type()?),
            "Function" => TypeKind::Function(FunctionRef::Library(self.string()?.into())),
            "Jitted" => {
                let name = self.string()?.into();
                TypeKind::Function(FunctionRef::Jitted { object: self.object()?, name })
            }
            "CFunction" => {
                let name = self.string()?.into();
                self.expect("#")?;
                let (address, params) = (self.number()?, self.type_list()?);
                self.expect("to")?;
                let function = CFunctionType { name, address, params, result: self.one_type()? };
                TypeKind::Function(FunctionRef::C(function.into()))
            }
            "Extended" => {
                let name = self.string()?.into();
                TypeKind::Function(FunctionRef::Extended { object: self.object()?, name })
            }
            "Method" => TypeKind::Method(self.string()?.into(), self.one_type()?),
            "Closure" => {
                let name = self.string()?.into();
                self.expect("#")?;
                TypeKind::Closure { code: self.number()?, name, captures: self.type_list()? }
            }
            "Frame" => TypeKind::Frame(self.one_type()?),
            "Cell" | "CountedCell" => {
                self.expect("#")?;
                let instance = self.number()?;
                self.expect("#")?;
                let variable = self.number()?;
                TypeKind::Cell { instance, variable, is_counted: word == "CountedCell" }
            }
            "Module" => {
                let name = self.string()?.into();
                TypeKind::Module { object: self.object()?, name }
            }
            "ExceptionClass" => TypeKind::ExceptionClass(self.exception_class()?),
            "NamedTupleClass" => TypeKind::NamedTupleClass(self.named_tuple_class()?),
            "Exception" => TypeKind::Exception(self.exception_class()?, self.type_list()?),
            "MixedList" => TypeKind::MixedList(self.type_list()?),
            "MixedDict" => {
                self.expect("(")?;
                let items = self.list(")", |parser| {
                    let key: Arc<str> = parser.string()?.into();
                    parser.expect(":")?;
                    Ok((key, parser.ty()?))
                })?;
                let (keys, values): (Vec<_>, Vec<_>) = items.into_iter().unzip();
                TypeKind::MixedDict(keys.into(), values)
            }
            "EnumMember" | "IntEnumMember" | "FlagMember" | "IntFlagMember" => {
                let class_name = self.string()?.into();
                let class = self.object()?;
                let member = self.string()?.into();
                let value = self.one_type()?;
                let (is_int, is_flag) = (word.starts_with("Int"), word.ends_with("FlagMember"));
                TypeKind::EnumMember { class, class_name, member, value, is_int, is_flag }
            }
            "Class" => {
                let name = self.string()?.into();
                TypeKind::Class { object: self.object()?, name }
            }
            "Instance" => {
                let name = self.string()?;
                let id = self.object()?.0;
                let class = InstanceClass::by_id(id).filter(|class| *class.name == *name);
                TypeKind::Instance(class.ok_or_else(|| format!("there is no class {id} `{name}`"))?)
            }
            "Super" => TypeKind::Super { function: self.object()?, receiver: self.one_type()? },
            "BoundMethod" => {
                let name = self.string()?.into();
                TypeKind::BoundMethod { function: self.object()?, name, receiver: self.one_type()? }
            }
            "EnumClass" => {
                let name = self.string()?.into();
                TypeKind::EnumClass { object: self.object()?, name }
            }
            _ => TypeKind::Iterator(
                iterator_kind(word).ok_or_else(|| format!("there is no type `{word}`"))?,
                self.type_list()?,
            ),
        };
        Ok(kind.into())
    }

    fn exception_class(&mut self) -> Parse<Arc<ExceptionClass>> {
        let name = self.string()?.into();
        let object = self.object()?;
        Ok(Arc::new(ExceptionClass { object, name, ancestors: vec![object] }))
    }

    fn named_tuple_class(&mut self) -> Parse<Arc<NamedTupleClass>> {
        let name = self.string()?.into();
        let class = self.class()?;
        self.expect("(")?;
        let fields = self.list(")", |parser| parser.name())?;
        Ok(Arc::new(NamedTupleClass { class, name, fields }))
    }

    fn class(&mut self) -> Parse<ClassRef> {
        self.skip_space();
        match self.rest().starts_with('"') {
            true => Ok(ClassRef::Path(self.string()?.into())),
            false => self.object().map(ClassRef::Object),
        }
    }

    /// A name as Python has it.
    fn name(&mut self) -> Parse<Arc<str>> {
        Ok(self.take("a name", |c| c.is_alphanumeric() || c == '_')?.into())
    }

    fn struct_type(&mut self) -> Parse<TypeKind> {
        let name = self.string()?.into();
        let object = self.object()?;
        self.skip_space();
        let class = match self.rest().starts_with("of") {
            true => {
                self.expect("of")?;
                Some(self.object()?)
            }
            false => None,
        };
        let (fields, types) = self.named_types()?;
        Ok(TypeKind::Struct(Arc::new(StructType { object, class, name, fields, types })))
    }

    /// `(x: int64, y: float64)`.
    fn named_types(&mut self) -> Parse<(Vec<Arc<str>>, Vec<Type>)> {
        self.expect("(")?;
        let fields = self.list(")", |parser| {
            let field = parser.name()?;
            parser.expect(":")?;
            Ok((field, parser.ty()?))
        })?;
        Ok(fields.into_iter().unzip())
    }

    fn named_tuple(&mut self) -> Parse<TypeKind> {
        let name = self.string()?.into();
        let class = self.class()?;
        let (fields, elements) = self.named_types()?;
        Ok(TypeKind::NamedTuple(Arc::new(NamedTupleClass { class, name, fields }), elements))
    }

    fn time_unit(&mut self) -> Parse<TimeUnit> {
        self.expect("[")?;
        let unit = self.word()?;
        let unit = TimeUnit::parse(unit).ok_or_else(|| format!("there is no unit of time `{unit}`"))?;
        self.expect("]")?;
        Ok(unit)
    }

    /// `Record #3 16("x" "title" 0: float64, "y" "" 8: int32 2)`, behind the first word.
    fn record(&mut self, is_np_record: bool) -> Parse<TypeKind> {
        let dtype = self.object()?;
        let item_size = self.number()?;
        self.expect("(")?;
        let fields = self.list(")", |parser| {
            let name = parser.string()?.into();
            let title = Some(parser.string()?).filter(|title| !title.is_empty()).map(Into::into);
            let offset = parser.number()?;
            parser.expect(":")?;
            let ty = parser.ty()?;
            let mut shape = Vec::new();
            parser.skip_space();
            while parser.rest().starts_with(|c: char| c.is_ascii_digit()) {
                shape.push(parser.number()?);
                parser.skip_space();
            }
            Ok(RecordField { name, title, ty, shape, offset })
        })?;
        let layout = Arc::new(RecordLayout { fields, item_size, is_np_record, dtype, is_selection: false });
        Ok(TypeKind::Record(RecordType { layout, readonly: self.eat("readonly") }))
    }

    fn literal(&mut self) -> Parse<Literal> {
        self.expect("[")?;
        let kind = self.word()?;
        self.expect("]")?;
        self.expect("(")?;
        let literal = match kind {
            "bool" => {
                let value = self.eat("True");
                if !value {
                    self.expect("False")?;
                }
                Literal::Bool(value)
            }
            "int" => Literal::Int(self.number()?),
            "str" => Literal::Str(self.string()?.into()),
            _ => return Err(format!("there are no literals of {kind}")),
        };
        self.expect(")")?;
        Ok(literal)
    }

    /// `array(float64, 2d, C, readonly)`, behind the first word.
    fn array(&mut self) -> Parse<TypeKind> {
        self.expect("(")?;
        let dtype = self.ty()?;
        self.expect(",")?;
        let ndim = self.word()?.strip_suffix('d').and_then(|digits| digits.parse().ok());
        let ndim = ndim.ok_or("the rank of an array ends in `d`")?;
        self.expect(",")?;
        let layout = match self.word()? {
            "C" => Layout::C,
            "F" => Layout::F,
            "A" => Layout::A,
            other => return Err(format!("there is no layout `{other}`")),
        };
        let mut array = ArrayType { dtype, ndim, layout, readonly: false, aligned: true };
        while self.eat(",") {
            match self.word()? {
                "readonly" => array.readonly = true,
                "unaligned" => array.aligned = false,
                other => return Err(format!("an array is not `{other}`")),
            }
        }
        self.expect(")")?;
        Ok(TypeKind::Array(array))
    }
}

fn context_kind(word: &str) -> Option<ContextKind> {
    use ContextKind as K;
    const ALL: [K; 4] = [K::Null, K::Suppressing, K::Closing, K::Generator];
    let name = word.strip_suffix("Context")?;
    ALL.into_iter().find(|kind| format!("{kind:?}") == name)
}

fn iterator_kind(word: &str) -> Option<IteratorKind> {
    use IteratorKind as K;
    const ALL: [K; 18] = [
        K::Text,
        K::List,
        K::Keys,
        K::Values,
        K::Entries,
        K::RangeUp,
        K::RangeDown,
        K::RangeStep,
        K::Array,
        K::Flat,
        K::Positions,
        K::Items,
        K::Views,
        K::Tuple,
        K::Reversed,
        K::Enumerate,
        K::Zip,
        K::StrictZip,
    ];
    let name = word.strip_suffix("Iterator")?;
    ALL.into_iter().find(|kind| format!("{kind:?}") == name)
}

/// The same text for as long as the process lives.
fn intern(text: &str) -> &'static str {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    // A panic cannot leave the set broken, so a poisoned lock is as good as any.
    let mut known = KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(existing) = known.get(text) {
        return existing;
    }
    let leaked: &'static str = Box::leak(text.into());
    known.insert(leaked);
    leaked
}

/// `U8` or `S4`.
fn fixed_text(word: &str) -> Option<TypeKind> {
    let (is_bytes, length) = match word.split_at_checked(1)? {
        ("U", length) => (false, length),
        ("S", length) => (true, length),
        _ => return None,
    };
    Some(TypeKind::FixedText { length: length.parse().ok()?, is_bytes })
}

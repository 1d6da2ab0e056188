//! Code that an `intrinsic` of the user's has recorded: steps in a row, each of which makes a value of those before it, in blocks.
//!
//! `rumba.intrinsics` records what a code generator does with its builder as these operations. Each step is checked before it
//! is emitted, so that whatever is recorded gives correct typed SSA or a message. Steps stand in the order in which they were
//! recorded; a step `block` says in which block those behind it are. Where blocks meet, a `phi` has an `incoming` for each.

use crate::declaration::Argument;
use crate::pointers::as_runtime_function;
use crate::{Emit, Emitter, lookup};
use rumba_ir::{Access, BinaryOp, CompareOp, Edge, Scalar, Terminator, UnaryOp, Value};
use rumba_source::Code;
use rumba_types::{CFunctionType, Type, TypeKind};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Values are numbered: first the parameters, then the result of each step.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    pub params: Vec<Type>,
    pub steps: Vec<Step>,
    /// The number of the value that is the result, and its type.
    pub result: usize,
    pub result_type: Type,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    pub name: Arc<str>,
    pub operands: Vec<usize>,
    /// What the result is to be, where the operands do not say it.
    pub ty: Option<Type>,
    /// A number, of constants, fields and sizes.
    pub number: Option<Scalar>,
}

const ALIGNED: Access = Access::aligned(true);

/// Emits the steps for these arguments.
pub fn emit_recorded(e: &mut Emitter<'_>, name: &str, recorded: &Recorded, arguments: &[Argument]) -> Emit {
    if arguments.len() != recorded.params.len() {
        let message = format!(
            "{name}() was given {} arguments, and the signature of its code generator has {}",
            arguments.len(),
            recorded.params.len()
        );
        return e.error(Code::ArgumentCount, message);
    }
    let mut values = Vec::with_capacity(arguments.len() + recorded.steps.len());
    for (argument, ty) in arguments.iter().zip(&recorded.params) {
        values.push(e.coerce(argument.value, *ty)?);
    }
    let mut blocks = match Blocks::of(recorded) {
        Ok(blocks) => blocks,
        Err(message) => return e.error(Code::NoImplementation, format!("{name}: {message}")),
    };
    let first = blocks.begin(e, recorded);
    for (position, step) in recorded.steps.iter().enumerate() {
        let operands: Option<Vec<Value>> =
            step.operands.iter().map(|idx| values.get(*idx).copied()).collect();
        let made = match operands {
            _ if let Some(made) = first[position] => Some(made),
            Some(operands) if is_about_blocks(&step.name) => blocks.emit(e, step, values.len(), &operands),
            Some(operands) => emit_step(e, step, &operands)?,
            None => None,
        };
        let Some(made) = made else {
            let types: Vec<String> = step
                .operands
                .iter()
                .filter_map(|idx| values.get(*idx))
                .map(|value| e.ty(*value).to_string())
                .collect();
            let message = format!("{name}: `{}` is no operation on ({})", step.name, types.join(", "));
            return e.error(Code::NoImplementation, message);
        };
        values.push(made);
    }
    blocks.end(e, &values);
    let result = values.get(recorded.result).copied();
    match result.filter(|value| e.ty(*value) == recorded.result_type) {
        Some(result) => Ok(result),
        None => {
            let given = result.map_or_else(|| "nothing".to_owned(), |value| e.ty(value).to_string());
            let message = format!("{name}: its code generator gives {given}, not {}", recorded.result_type);
            e.error(Code::NoImplementation, message)
        }
    }
}

/// A block's end.
enum End {
    Jump(usize),
    /// A value, and where to go if it is true and if not.
    Branch(usize, usize, usize),
    /// The class of an exception, and its message.
    Raise(&'static str, Arc<str>),
}

/// Exceptions that recorded code may raise.
const EXCEPTIONS: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "IndexError",
    "KeyError",
    "MemoryError",
    "NotImplementedError",
    "OverflowError",
    "RuntimeError",
    "StopIteration",
    "TypeError",
    "ValueError",
    "ZeroDivisionError",
];

/// Blocks are looked at in pairs.
const MAX_BLOCKS: usize = 256;

/// The blocks of recorded code; the first is where it begins.
struct Blocks {
    /// Of each: how it ends, if it was given an end, and the phis in it, by their numbers as values.
    ends: Vec<Option<End>>,
    phis: Vec<Vec<usize>>,
    /// By phi and block: the value that comes from there.
    incoming: FxHashMap<(usize, usize), usize>,
    /// The last one, behind which the function goes on.
    last: usize,
    current: usize,
    /// Where code of each goes on, once there is some.
    emitted: Vec<rumba_ir::Block>,
    made_phis: FxHashMap<usize, Value>,
}

fn position(number: Option<Scalar>) -> Option<usize> {
    match number {
        Some(Scalar::Int(number)) => usize::try_from(number).ok(),
        _ => None,
    }
}

impl Blocks {
    /// Finds the blocks. The message is for what is no function, such as a value that is used where it need not be known.
    fn of(recorded: &Recorded) -> Result<Blocks, String> {
        let n_params = recorded.params.len();
        let mut blocks = Blocks {
            ends: vec![None],
            phis: vec![Vec::new()],
            incoming: FxHashMap::default(),
            last: 0,
            current: 0,
            emitted: Vec::new(),
            made_phis: FxHashMap::default(),
        };
        // Of each value, the block that it is made in, and of each use, the value and where it has to be known.
        let mut made_in = vec![0; n_params];
        let mut uses = Vec::new();
        let mut block = 0;
        for (idx, step) in recorded.steps.iter().enumerate() {
            let number = position(step.number);
            match (&*step.name, &*step.operands, number) {
                ("block", [], Some(number)) if number < MAX_BLOCKS => {
                    block = number;
                    while blocks.ends.len() <= block {
                        blocks.ends.push(None);
                        blocks.phis.push(Vec::new());
                    }
                    blocks.last = block;
                }
                ("block", ..) => return Err(format!("there are more than {MAX_BLOCKS} blocks")),
                ("phi", ..) => blocks.phis[block].push(n_params + idx),
                ("incoming", [phi, value], Some(from)) => {
                    blocks.incoming.insert((*phi, from), *value);
                    uses.push((*value, from));
                }
                ("const" | "stack", ..) => {}
                (name, operands, _) => {
                    if blocks.ends[block].is_some() {
                        return Err(format!("`{name}` stands behind the end of a block"));
                    }
                    blocks.ends[block] = End::of(step);
                    if let (None, Some(raised)) = (&blocks.ends[block], name.strip_prefix("raise ")) {
                        let class = raised.split(':').next().unwrap_or(raised);
                        return Err(format!("code of intrinsics does not raise {class}"));
                    }
                    uses.extend(operands.iter().map(|operand| (*operand, block)));
                }
            }
            let is_first = matches!(&*step.name, "const" | "stack");
            made_in.push(if is_first { 0 } else { block });
        }
        uses.push((recorded.result, blocks.last));
        blocks.check(&made_in, &uses)?;
        Ok(blocks)
    }

    fn targets(&self, block: usize) -> Vec<usize> {
        match self.ends[block] {
            Some(End::Jump(to)) => vec![to],
            Some(End::Branch(_, then, otherwise)) => vec![then, otherwise],
            Some(End::Raise(..)) | None => vec![],
        }
    }

    fn check(&self, made_in: &[usize], uses: &[(usize, usize)]) -> Result<(), String> {
        let n = self.ends.len();
        let is_open = |block: usize| self.ends[block].is_none();
        if !is_open(self.last) {
            return Err("the builder is left behind the end of a block, where nothing can follow".to_owned());
        }
        if (0..n).any(|block| is_open(block) != (block == self.last)) {
            return Err("a block has no end: it needs a branch".to_owned());
        }
        if (0..n).any(|block| self.targets(block).iter().any(|to| *to >= n || *to == 0)) {
            return Err("a branch leads to no block, or to the one that the code begins with".to_owned());
        }
        // Which blocks every way to a block leads through.
        let mut through = vec![vec![true; n]; n];
        through[0] = (0..n).map(|block| block == 0).collect();
        let mut is_changing = true;
        while is_changing {
            is_changing = false;
            for block in 1..n {
                let before = (0..n).filter(|from| self.targets(*from).contains(&block));
                let mut all = vec![true; n];
                for from in before {
                    all.iter_mut().zip(&through[from]).for_each(|(all, through)| *all &= through);
                }
                all[block] = true;
                is_changing |= all != through[block];
                through[block] = all;
            }
        }
        for (value, block) in uses {
            let is_known =
                made_in.get(*value).is_some_and(|made| through.get(*block).is_some_and(|all| all[*made]));
            if !is_known {
                return Err(
                    "a value is used in a block that other ways lead to: store it, or use a phi".to_owned()
                );
            }
        }
        for (from, to) in (0..n).flat_map(|from| self.targets(from).into_iter().map(move |to| (from, to))) {
            if self.phis[to].iter().any(|phi| !self.incoming.contains_key(&(*phi, from))) {
                return Err("a phi has no value for a block that leads to it".to_owned());
            }
        }
        Ok(())
    }

    /// Makes the blocks, and what is made before anything else: constants, and memory on the stack, by the positions of their
    /// steps.
    fn begin(&mut self, e: &mut Emitter<'_>, recorded: &Recorded) -> Vec<Option<Value>> {
        self.emitted.push(e.b.block());
        for phis in &self.phis[1..] {
            let block = e.b.function.add_block();
            for phi in phis {
                if let Some(ty) = recorded.steps[phi - recorded.params.len()].ty {
                    self.made_phis.insert(*phi, e.b.function.add_param(block, ty));
                }
            }
            self.emitted.push(block);
        }
        let first = |step: &Step| match (&*step.name, step.ty, step.number?) {
            ("const", Some(ty), scalar) => {
                let fits = match scalar {
                    Scalar::Bool(_) => ty.is_bool(),
                    Scalar::Int(_) => ty.is_int(),
                    Scalar::Float(_) => ty.is_float(),
                    Scalar::Address(_) => ty == Type::pointer(),
                };
                fits.then(|| e.b.constant(scalar, ty))
            }
            ("stack", _, Scalar::Int(bytes)) => u32::try_from(bytes)
                .ok()
                .filter(|bytes| *bytes <= 1 << 16)
                .map(|bytes| e.b.stack_memory(bytes)),
            _ => None,
        };
        recorded.steps.iter().map(first).collect()
    }

    /// What a step about blocks gives, whose value has this number. `None`: the operands do not fit.
    fn emit(&mut self, e: &mut Emitter<'_>, step: &Step, number: usize, operands: &[Value]) -> Option<Value> {
        let fits = match (&*step.name, operands) {
            ("block", []) => {
                self.emitted[self.current] = e.b.block();
                self.current = position(step.number)?;
                e.b.switch_to(self.emitted[self.current]);
                true
            }
            ("phi", []) => return self.made_phis.get(&number).copied(),
            ("incoming", [phi, value]) => e.ty(*phi) == e.ty(*value),
            ("branch", [condition]) => e.ty(*condition).is_bool(),
            ("jump", []) => true,
            (_, operands) => operands.is_empty() && End::of(step).is_some(),
        };
        // Nobody looks at it.
        fits.then(|| e.b.bool(false))
    }

    /// Gives the blocks their ends, and goes on behind the last one.
    fn end(mut self, e: &mut Emitter<'_>, values: &[Value]) {
        self.emitted[self.current] = e.b.block();
        let edge = |from: usize, to: usize| {
            let args = self.phis[to].iter().map(|phi| values[self.incoming[&(*phi, from)]]);
            Edge { block: self.emitted[to], args: args.collect() }
        };
        for (block, end) in self.ends.iter().enumerate() {
            e.b.switch_to(self.emitted[block]);
            match end {
                None => {}
                Some(End::Jump(to)) => e.b.terminate(Terminator::Jump(edge(block, *to))),
                Some(End::Branch(condition, then, otherwise)) => {
                    e.b.branch(values[*condition], edge(block, *then), edge(block, *otherwise));
                }
                Some(End::Raise(class, message)) => {
                    let site = e.raise_site_of_text(class, message);
                    e.b.terminate(Terminator::Raise { site, args: vec![], cleanup: vec![] });
                }
            }
        }
        e.b.switch_to(self.emitted[self.last]);
    }
}

impl End {
    fn of(step: &Step) -> Option<End> {
        match (&*step.name, &*step.operands, step.number) {
            ("jump", [], number) => position(number).map(End::Jump),
            ("branch", [condition], Some(Scalar::Int(targets))) => {
                let [then, otherwise] = [targets >> 32, targets & 0xFFFF_FFFF];
                Some(End::Branch(*condition, usize::try_from(then).ok()?, usize::try_from(otherwise).ok()?))
            }
            (name, ..) => {
                let (class, message) = name.strip_prefix("raise ")?.split_once(':')?;
                let class = EXCEPTIONS.iter().find(|known| **known == class)?;
                Some(End::Raise(class, message.into()))
            }
        }
    }
}

fn is_about_blocks(name: &str) -> bool {
    matches!(name, "block" | "phi" | "incoming" | "jump" | "branch") || name.starts_with("raise ")
}

/// `None`: the operands do not fit.
fn emit_step(e: &mut Emitter<'_>, step: &Step, operands: &[Value]) -> Emit<Option<Value>> {
    let types = e.types(operands);
    let is_of = |test: fn(Type) -> bool| {
        types.first().is_some_and(|first| test(*first) && types.iter().all(|ty| ty == first))
    };
    let (is_int, is_float) = (is_of(Type::is_int), is_of(Type::is_float));
    let is_bits = is_int || is_of(Type::is_bool);
    if let (Some(op), [lhs, rhs]) = (binary_op(&step.name), operands) {
        let fits = match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => is_int || is_float,
            BinaryOp::Div | BinaryOp::CopySign => is_float,
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => is_bits,
            _ => is_int,
        };
        if fits && matches!(op, BinaryOp::TruncDiv | BinaryOp::TruncMod) {
            let is_zero = e.is_zero(*rhs);
            e.raise_if(is_zero, "ZeroDivisionError", "division by zero", &[]);
        }
        return Ok(fits.then(|| e.b.binary(op, *lhs, *rhs)));
    }
    if let (Some(op), [operand]) = (unary_op(&step.name), operands) {
        let fits = match op {
            UnaryOp::Neg => is_int || is_float,
            UnaryOp::Not => is_of(Type::is_bool),
            UnaryOp::BitNot | UnaryOp::CountOnes | UnaryOp::LeadingZeros | UnaryOp::TrailingZeros => is_int,
            _ => is_float,
        };
        return Ok(fits.then(|| e.b.unary(op, *operand)));
    }
    if let (Some(op), [lhs, rhs]) = (compare_op(&step.name), operands) {
        return Ok((is_bits || is_float).then(|| e.b.compare(op, *lhs, *rhs)));
    }
    if let Some(path) = step.name.strip_prefix("call ") {
        let span = e.span;
        let argument = |value: &Value| Argument { keyword: None, value: *value, span };
        let arguments: Vec<Argument> = operands.iter().map(argument).collect();
        return match lookup(path) {
            Some(declaration) if is_float => {
                let result = declaration.call(e, &arguments)?;
                e.coerce(result, types[0]).map(Some)
            }
            _ => Ok(None),
        };
    }
    if let (Some(function), [address, args @ ..]) = (step.name.strip_prefix("call_c "), operands) {
        let Some(Scalar::Address(address)) = e.b.as_constant(*address) else { return Ok(None) };
        let is_passed = |ty: Type| ty.is_int() || ty.is_float() || ty == Type::pointer();
        let result = step.ty.unwrap_or(Type::none());
        if !types[1..].iter().copied().all(is_passed) || !is_passed(result) && !result.is_none() {
            return Ok(None);
        }
        let params = types[1..].to_vec();
        let function = CFunctionType { name: function.into(), address, params, result };
        return Ok(Some(e.b.call_runtime(as_runtime_function(&function), args.to_vec(), result, None)));
    }
    let is_address = types.first() == Some(&Type::pointer());
    let is_scalar = |ty: Type| ty.is_bool() || ty.is_int() || ty.is_float();
    Ok(match (&*step.name, operands, step.ty, step.number) {
        ("none", [], ..) => Some(e.b.none()),
        ("select", [condition, then, otherwise], ..) => {
            let fits = e.ty(*condition).is_bool() && e.ty(*then) == e.ty(*otherwise);
            fits.then(|| e.b.select(*condition, *then, *otherwise))
        }
        ("convert", [value], Some(ty), _) => {
            (is_scalar(ty) && is_scalar(types[0])).then(|| e.b.convert(*value, ty))
        }
        ("reinterpret", [value], Some(ty), _) => {
            let bits = |ty: Type| match ty.kind() {
                TypeKind::Pointer => Some(64),
                _ if ty.is_int() || ty.is_float() => Some(8 * ty.item_size()),
                _ => None,
            };
            (bits(ty).is_some() && bits(ty) == bits(types[0])).then(|| e.b.reinterpret(*value, ty))
        }
        ("field", [value], _, Some(Scalar::Int(idx))) => {
            let fields = types[0].fields().unwrap_or_default();
            usize::try_from(idx).ok().filter(|idx| *idx < fields.len()).map(|idx| e.b.field(*value, idx))
        }
        ("make", fields, Some(ty), _) => {
            let is_open =
                matches!(ty.kind(), TypeKind::Tuple(_) | TypeKind::CPointer(_) | TypeKind::Struct(_));
            (is_open && ty.fields() == Some(types.clone())).then(|| e.b.make(ty, fields.to_vec()))
        }
        ("load", [_], Some(ty), _) if is_address => {
            (is_scalar(ty) || ty == Type::pointer()).then(|| e.b.load(operands[0], ty, ALIGNED))
        }
        ("store", [pointer, value], ..) if is_address => {
            let ty = types[1];
            (is_scalar(ty) || ty == Type::pointer()).then(|| {
                e.b.store(*pointer, *value, ALIGNED);
                e.b.none()
            })
        }
        ("offset", [pointer, bytes], ..) if is_address => {
            (types[1] == Type::int64()).then(|| e.b.offset(*pointer, *bytes))
        }
        _ => None,
    })
}

fn binary_op(name: &str) -> Option<BinaryOp> {
    Some(match name {
        "add" => BinaryOp::Add,
        "sub" => BinaryOp::Sub,
        "mul" => BinaryOp::Mul,
        "div" => BinaryOp::TruncDiv,
        "rem" => BinaryOp::TruncMod,
        "fdiv" => BinaryOp::Div,
        "and" => BinaryOp::And,
        "or" => BinaryOp::Or,
        "xor" => BinaryOp::Xor,
        "shl" => BinaryOp::Shl,
        "shr" => BinaryOp::Shr,
        "copysign" => BinaryOp::CopySign,
        _ => return None,
    })
}

fn unary_op(name: &str) -> Option<UnaryOp> {
    Some(match name {
        "neg" => UnaryOp::Neg,
        "not" => UnaryOp::Not,
        "bit_not" => UnaryOp::BitNot,
        "fabs" => UnaryOp::Abs,
        "sqrt" => UnaryOp::Sqrt,
        "floor" => UnaryOp::Floor,
        "ceil" => UnaryOp::Ceil,
        "trunc" => UnaryOp::Trunc,
        "round_even" => UnaryOp::RoundEven,
        "ctpop" => UnaryOp::CountOnes,
        "ctlz" => UnaryOp::LeadingZeros,
        "cttz" => UnaryOp::TrailingZeros,
        _ => return None,
    })
}

fn compare_op(name: &str) -> Option<CompareOp> {
    Some(match name {
        "==" => CompareOp::Eq,
        "!=" => CompareOp::Ne,
        "<" => CompareOp::Lt,
        "<=" => CompareOp::Le,
        ">" => CompareOp::Gt,
        ">=" => CompareOp::Ge,
        _ => return None,
    })
}

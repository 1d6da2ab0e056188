//! Passes change neither results nor effects, and every counted reference is released exactly once, also
//! when something raises: checked on random programs in the interpreter of typed SSA.

use proptest::prelude::*;
use rumba_ir::interpret::{Address, Datum, Interpreter, Object, Stop};
use rumba_ir::{
    BinaryOp, Block, Builder, CompareOp, Edge, ExceptionRef, Function, InstanceId, Payload, RuntimeFunction,
    Site, SiteId, SiteKind, Terminator, Value, verify,
};
use rumba_opt::insert_polls::{self, Settings};
use rumba_opt::pipeline::{BatchContext, run_pass};
use rumba_source::{FileId, Span};
use rumba_types::{IteratorKind, Layout, Type, TypeKind};

// Programs: statements over some int and some array variables.

const N_INTS: usize = 3;
const N_ARRAYS: usize = 3;

/// Elements of every array, all in one row.
const N_ELEMENTS: i64 = 2;

/// The field of an array that says so.
const LAST_EXTENT: usize = 3;

#[derive(Clone, Debug)]
enum Statement {
    Const(usize, i8),
    Arithmetic(usize, BinaryOp, usize, usize),
    If(usize, usize, Vec<Statement>, Vec<Statement>),
    /// `for x in range(y & 3)`, or up to the length of an array.
    For(usize, usize, Vec<Statement>),
    /// `for x in range(start, stop)`, both known
    Few(usize, i8, i8, Vec<Statement>),
    /// `for x in range(len(a) - y, -2, -1)`
    ForDown(usize, i8, Vec<Statement>),
    /// `while x < len(a): ...; x += 1`, from wherever `x` is.
    Until(usize, Vec<Statement>),
    /// Counts in powers of two, so that it is no counted loop.
    While(Vec<Statement>),
    Break,
    Continue,
    Allocate(usize),
    Assign(usize, usize),
    View(usize, usize),
    /// `x, y = y, x`, through a tuple.
    Swap(usize, usize),
    Choose(usize, usize, usize, usize),
    Store(usize, usize),
    Load(usize, usize),
    /// `a[x]`, with its checks; `y` tells which element it was.
    Index(usize, usize, usize),
    /// Shifts into `y` whether `a[x + step]` is in bounds.
    Contains(usize, usize, usize, i8),
    /// Near the largest or the smallest number.
    Extreme(usize, i8),
    /// `x = y + 1` and the like.
    Step(usize, usize, i8),
    Call(usize, usize, usize),
    CallPair(usize, usize, usize),
    Raise(usize, usize),
    RaiseUnless(usize, usize),
    /// `try: … except: …`, which may end with `raise`.
    Try(Vec<Statement>, Vec<Statement>, bool),
    Return,
}

fn statement() -> impl Strategy<Value = Statement> {
    use Statement as S;
    let (int, array) = (0..N_INTS, 0..N_ARRAYS);
    let operators = [BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::Xor];
    let leaf = prop_oneof![
        2 => (int.clone(), any::<i8>()).prop_map(|(x, value)| S::Const(x, value)),
        3 => (int.clone(), proptest::sample::select(operators.to_vec()), int.clone(), int.clone())
            .prop_map(|(x, op, y, z)| S::Arithmetic(x, op, y, z)),
        1 => Just(S::Break),
        1 => Just(S::Continue),
        3 => array.clone().prop_map(S::Allocate),
        2 => (array.clone(), array.clone()).prop_map(|(a, b)| S::Assign(a, b)),
        2 => (array.clone(), array.clone()).prop_map(|(a, b)| S::View(a, b)),
        1 => (array.clone(), array.clone()).prop_map(|(a, b)| S::Swap(a, b)),
        1 => (array.clone(), int.clone(), array.clone(), array.clone())
            .prop_map(|(a, x, b, c)| S::Choose(a, x, b, c)),
        2 => (array.clone(), int.clone()).prop_map(|(a, x)| S::Store(a, x)),
        2 => (int.clone(), array.clone()).prop_map(|(x, a)| S::Load(x, a)),
        4 => (int.clone(), array.clone(), int.clone()).prop_map(|(y, a, x)| S::Index(y, a, x)),
        1 => (int.clone(), any::<i8>()).prop_map(|(x, distance)| S::Extreme(x, distance)),
        3 => (int.clone(), int.clone(), -2..3i8).prop_map(|(x, y, step)| S::Step(x, y, step)),
        2 => (array.clone(), array.clone(), int.clone()).prop_map(|(a, b, x)| S::Call(a, b, x)),
        1 => (array.clone(), array.clone(), int.clone()).prop_map(|(a, b, x)| S::CallPair(a, b, x)),
        1 => (int.clone(), int.clone()).prop_map(|(x, y)| S::Raise(x, y)),
        1 => (int.clone(), int.clone()).prop_map(|(x, y)| S::RaiseUnless(x, y)),
        1 => Just(S::Return),
    ];
    leaf.prop_recursive(3, 24, 5, move |inner| {
        let body = || proptest::collection::vec(inner.clone(), 0..5);
        prop_oneof![
            (int.clone(), int.clone(), body(), body()).prop_map(|(x, y, a, b)| S::If(x, y, a, b)),
            (int.clone(), int.clone(), body()).prop_map(|(x, y, body)| S::For(x, y, body)),
            (int.clone(), -1..2i8, -1..4i8, body())
                .prop_map(|(x, start, stop, body)| S::Few(x, start, stop, body)),
            (int.clone(), -1..3i8, body()).prop_map(|(x, y, body)| S::ForDown(x, y, body)),
            body().prop_map(S::While),
            (body(), body(), any::<bool>()).prop_map(|(body, handler, raises)| S::Try(body, handler, raises)),
        ]
    })
}

/// What comparisons are decided by: loops that count, steps, branches. Every decision can be told from the
/// ints at the end.
fn counting_statement() -> impl Strategy<Value = Statement> {
    use Statement as S;
    // Ints 0 and 1 count, int 2 gathers.
    let (counter, array) = (0..2usize, 0..2usize);
    let leaf = prop_oneof![
        6 => (array, counter.clone(), -2..3i8).prop_map(|(a, x, step)| S::Contains(2, a, x, step)),
        3 => (counter.clone(), counter.clone(), -2..3i8).prop_map(|(x, y, step)| S::Step(x, y, step)),
        1 => (counter.clone(), -2..3i8).prop_map(|(x, value)| S::Const(x, value)),
        1 => (counter.clone(), -2..3i8).prop_map(|(x, distance)| S::Extreme(x, distance)),
        1 => (counter.clone(), Just(BinaryOp::Sub), counter.clone(), counter.clone())
            .prop_map(|(x, op, y, z)| S::Arithmetic(x, op, y, z)),
    ];
    leaf.prop_recursive(3, 20, 5, move |inner| {
        let body = || proptest::collection::vec(inner.clone(), 0..5);
        prop_oneof![
            1 => (counter.clone(), counter.clone(), body(), body()).prop_map(|(x, y, a, b)| S::If(x, y, a, b)),
            3 => (counter.clone(), 0..2usize, body()).prop_map(|(x, y, body)| S::For(x, y, body)),
            2 => (counter.clone(), -1..3i8, body()).prop_map(|(x, y, body)| S::ForDown(x, y, body)),
            2 => (counter.clone(), body()).prop_map(|(x, body)| S::Until(x, body)),
        ]
    })
}

fn program() -> impl Strategy<Value = Vec<Statement>> {
    proptest::collection::vec(statement(), 1..10)
}

// Lowering, as plainly as possible: every block takes every variable.

static ALLOCATE: RuntimeFunction = RuntimeFunction::raising("rumba_array_allocate");

fn array() -> Type {
    Type::array(Type::int64(), 2, Layout::C)
}

struct LoopBlocks {
    again: Block,
    exit: Block,
    /// The iterator that the next turn begins with.
    next: Value,
}

struct Lowering<'f> {
    builder: Builder<'f>,
    ints: Vec<Value>,
    arrays: Vec<Value>,
    loops: Vec<LoopBlocks>,
    /// Where exceptions are handled, innermost last.
    handlers: Vec<Block>,
    /// The instances that `Call` and `CallPair` call.
    callees: Option<(InstanceId, InstanceId)>,
    result: Type,
    /// Nothing follows a `break`.
    is_over: bool,
}

fn lower(
    id: u32,
    program: &[Statement],
    result: Type,
    callees: Option<(InstanceId, InstanceId)>,
    shows_ints: bool,
) -> Function {
    let params = [array(), array(), Type::int64(), Type::int64()];
    let mut function = Function::new(InstanceId(id), format!("f{id}"), &params, result);
    let params = function.params().to_vec();
    let entry = function.entry();
    let mut lowering = Lowering {
        builder: Builder::new(&mut function, entry),
        ints: vec![params[2], params[3], params[2]],
        arrays: vec![params[0], params[1], params[0]],
        loops: Vec::new(),
        handlers: Vec::new(),
        callees,
        result,
        is_over: false,
    };
    lowering.all(program);
    match (lowering.is_over, shows_ints) {
        (true, _) => {}
        (false, true) => lowering.show_ints(),
        (false, false) => lowering.ret(),
    }
    function
}

impl Lowering<'_> {
    fn all(&mut self, statements: &[Statement]) {
        for statement in statements {
            if self.is_over {
                return;
            }
            self.one(statement);
            // A handler sees the variables as they are where a block begins.
            if !self.is_over && !self.handlers.is_empty() {
                let next = self.block(&[]);
                self.jump(next, None);
                self.enter(next);
            }
        }
    }

    fn site(&mut self, kind: SiteKind, operand_types: Vec<Type>) -> SiteId {
        let function = &mut *self.builder.function;
        // The place tells which site it is, whatever number it gets by inlining.
        let span = Span::new(FileId(function.id.0), function.sites.len() as u32, 0);
        let function_name = function.name.as_str().into();
        function.add_site(Site { span, function_name, kind, operand_types, caller: None })
    }

    fn raise_site(&mut self) -> SiteId {
        let exception = ExceptionRef::Builtin("ValueError");
        self.site(SiteKind::Raise { exception, payload: Payload::Arguments }, vec![Type::int64()])
    }

    /// The variables, in the shape in which blocks take them: arrays and ints, these in one tuple.
    fn state(&mut self) -> Vec<Value> {
        let types = vec![Type::int64(); N_INTS];
        let ints = self.builder.make(Type::tuple(types), self.ints.clone());
        let mut state = self.arrays.clone();
        state.push(ints);
        state
    }

    fn block(&mut self, more: &[Type]) -> Block {
        let block = self.builder.function.add_block();
        let types = [vec![array(); N_ARRAYS], vec![Type::tuple(vec![Type::int64(); N_INTS])], more.to_vec()];
        for ty in types.concat() {
            self.builder.function.add_param(block, ty);
        }
        block
    }

    fn jump(&mut self, block: Block, more: Option<Value>) {
        let mut args = self.state();
        args.extend(more);
        self.builder.jump(block, args);
    }

    /// Continues in `block`; gives its parameters behind the variables.
    fn enter(&mut self, block: Block) -> Vec<Value> {
        let params = self.builder.function.block(block).params.clone();
        self.builder.switch_to(block);
        self.arrays = params[..N_ARRAYS].to_vec();
        self.ints = (0..N_INTS).map(|idx| self.builder.field(params[N_ARRAYS], idx)).collect();
        self.is_over = false;
        if let Some(handler) = self.handlers.last().copied() {
            let args = self.state();
            self.builder.function.block_mut(block).handler = Some(Edge { block: handler, args });
        }
        params[N_ARRAYS + 1..].to_vec()
    }

    fn branch(&mut self, condition: Value, then: Block, otherwise: Block) {
        let state = self.state();
        let edge = |block| Edge { block, args: state.clone() };
        self.builder.terminate(Terminator::Branch {
            condition,
            then: edge(then),
            otherwise: edge(otherwise),
        });
    }

    fn less(&mut self, x: usize, y: usize) -> Value {
        self.builder.compare(CompareOp::Lt, self.ints[x], self.ints[y])
    }

    fn ret(&mut self) {
        let value = match self.result.kind() {
            TypeKind::Array(_) => self.arrays[0],
            _ => self.builder.make(self.result, vec![self.arrays[0], self.arrays[1]]),
        };
        self.builder.ret(value);
        self.is_over = true;
    }

    /// `for x in range(start, stop, step)`, with the iterator as a composite parameter.
    fn count(&mut self, x: usize, start: Value, stop: Value, step: i64, body: &[Statement]) {
        let kind = if step > 0 { IteratorKind::RangeUp } else { IteratorKind::RangeDown };
        let iterator = Type::from(TypeKind::Iterator(kind, vec![Type::int64(); 2]));
        let (header, turn, exit) = (self.block(&[iterator]), self.block(&[]), self.block(&[]));
        let first = self.builder.make(iterator, vec![start, stop]);
        self.jump(header, Some(first));
        let current_iterator = self.enter(header)[0];
        let current = self.builder.field(current_iterator, 0);
        let stop = self.builder.field(current_iterator, 1);
        let more = self.builder.compare(if step > 0 { CompareOp::Lt } else { CompareOp::Gt }, current, stop);
        self.branch(more, turn, exit);
        self.enter(turn);
        let step = self.builder.int64(step);
        let next = self.builder.binary(BinaryOp::AddNoWrap, current, step);
        let next = self.builder.make(iterator, vec![next, stop]);
        self.ints[x] = current;
        self.turn(header, exit, next, body);
    }

    fn turn(&mut self, again: Block, exit: Block, next: Value, body: &[Statement]) {
        self.loops.push(LoopBlocks { again, exit, next });
        self.all(body);
        if !self.is_over {
            self.jump(again, Some(next));
        }
        self.loops.pop();
        self.enter(exit);
    }

    fn one(&mut self, statement: &Statement) {
        match statement {
            Statement::Const(x, value) => self.ints[*x] = self.builder.int64(i64::from(*value)),
            Statement::Arithmetic(x, op, y, z) => {
                self.ints[*x] = self.builder.binary(*op, self.ints[*y], self.ints[*z]);
            }
            Statement::If(x, y, then, otherwise) => {
                let condition = self.less(*x, *y);
                let (then_block, else_block, after) = (self.block(&[]), self.block(&[]), self.block(&[]));
                self.branch(condition, then_block, else_block);
                for (block, body) in [(then_block, then), (else_block, otherwise)] {
                    self.enter(block);
                    self.all(body);
                    if !self.is_over {
                        self.jump(after, None);
                    }
                }
                self.enter(after);
            }
            Statement::For(x, y, body) => {
                let mask = self.builder.int64(3);
                let stop = match y {
                    0 => self.builder.field(self.arrays[0], LAST_EXTENT),
                    _ => self.builder.and(self.ints[*y], mask),
                };
                let start = self.builder.int64(0);
                self.count(*x, start, stop, 1, body);
            }
            Statement::Few(x, start, stop, body) => {
                let [start, stop] = [*start, *stop].map(|end| self.builder.int64(i64::from(end)));
                self.count(*x, start, stop, 1, body);
            }
            Statement::ForDown(x, y, body) => {
                let (extent, y) =
                    (self.builder.field(self.arrays[0], LAST_EXTENT), self.builder.int64(i64::from(*y)));
                let (start, stop) = (self.builder.sub(extent, y), self.builder.int64(-2));
                self.count(*x, start, stop, -1, body);
            }
            Statement::Until(x, body) => {
                let (header, turn, exit) = (self.block(&[Type::int64()]), self.block(&[]), self.block(&[]));
                self.jump(header, Some(self.ints[*x]));
                let current = self.enter(header)[0];
                let extent = self.builder.field(self.arrays[0], LAST_EXTENT);
                let more = self.builder.compare(CompareOp::Lt, current, extent);
                self.branch(more, turn, exit);
                self.enter(turn);
                self.ints[*x] = current;
                let one = self.builder.int64(1);
                let next = self.builder.add(current, one);
                self.turn(header, exit, next, body);
            }
            Statement::While(body) => {
                let (header, turn, exit) = (self.block(&[Type::int64()]), self.block(&[]), self.block(&[]));
                let one = self.builder.int64(1);
                self.jump(header, Some(one));
                let current = self.enter(header)[0];
                let limit = self.builder.int64(8);
                let more = self.builder.compare(CompareOp::Lt, current, limit);
                self.branch(more, turn, exit);
                self.enter(turn);
                let next = self.builder.add(current, current);
                self.turn(header, exit, next, body);
            }
            Statement::Break => {
                if let Some(LoopBlocks { exit, .. }) = self.loops.last() {
                    self.jump(*exit, None);
                    self.is_over = true;
                }
            }
            Statement::Continue => {
                if let Some(LoopBlocks { again, next, .. }) = self.loops.last() {
                    self.jump(*again, Some(*next));
                    self.is_over = true;
                }
            }
            Statement::Allocate(a) => {
                let site = self.site(SiteKind::Call, Vec::new());
                let (size, zeroed) = (self.builder.int64(8 * N_ELEMENTS), self.builder.bool(true));
                let pair = Type::tuple(vec![Type::pointer(); 2]);
                let pair = self.builder.call_runtime(&ALLOCATE, vec![size, zeroed], pair, Some(site));
                let (owner, data) = (self.builder.field(pair, 0), self.builder.field(pair, 1));
                let extents = [self.builder.int64(1), self.builder.int64(N_ELEMENTS)];
                self.arrays[*a] = self.builder.make(array(), [vec![data, owner], extents.to_vec()].concat());
            }
            Statement::Assign(a, b) => self.arrays[*a] = self.arrays[*b],
            Statement::View(a, b) => {
                let fields = (0..=LAST_EXTENT).map(|idx| self.builder.field(self.arrays[*b], idx)).collect();
                self.arrays[*a] = self.builder.make(array(), fields);
            }
            Statement::Swap(a, b) => {
                let pair = Type::tuple(vec![array(); 2]);
                let pair = self.builder.make(pair, vec![self.arrays[*b], self.arrays[*a]]);
                self.arrays[*a] = self.builder.field(pair, 0);
                self.arrays[*b] = self.builder.field(pair, 1);
            }
            Statement::Choose(a, x, b, c) => {
                let condition = self.less(*x, 0);
                self.arrays[*a] = self.builder.select(condition, self.arrays[*b], self.arrays[*c]);
            }
            Statement::Store(a, x) => {
                let pointer = self.element(*a);
                self.builder.store(pointer, self.ints[*x], rumba_ir::Access::aligned(true));
            }
            Statement::Load(x, a) => {
                let pointer = self.element(*a);
                self.ints[*x] = self.builder.load(pointer, Type::int64(), rumba_ir::Access::aligned(true));
            }
            Statement::Index(y, a, x) => self.ints[*y] = self.checked_index(*a, *x),
            Statement::Contains(y, a, x, step) => {
                let step = self.builder.int64(i64::from(*step));
                let near = self.builder.add(self.ints[*x], step);
                let (_, is_inside) = self.index(*a, near);
                let (one, zero) = (self.builder.int64(1), self.builder.int64(0));
                let bit = self.builder.select(is_inside, one, zero);
                let shifted = self.builder.add(self.ints[*y], self.ints[*y]);
                self.ints[*y] = self.builder.add(shifted, bit);
            }
            Statement::Extreme(x, distance) => {
                self.ints[*x] = self.builder.int64(i64::MAX.wrapping_add(i64::from(*distance)));
            }
            Statement::Step(x, y, step) => {
                let step = self.builder.int64(i64::from(*step));
                self.ints[*x] = self.builder.add(self.ints[*y], step);
            }
            Statement::Call(a, b, x) => {
                if let Some((callee, _)) = self.callees {
                    let site = self.site(SiteKind::Call, Vec::new());
                    let args = vec![self.arrays[*b], self.arrays[*a], self.ints[*x], self.ints[0]];
                    self.arrays[*a] = self.builder.call(callee, args, array(), site);
                }
            }
            Statement::CallPair(a, b, x) => {
                if let Some((_, callee)) = self.callees {
                    let site = self.site(SiteKind::Call, Vec::new());
                    let args = vec![self.arrays[*b], self.arrays[*a], self.ints[*x], self.ints[0]];
                    let pair = self.builder.call(callee, args, pair(), site);
                    self.arrays[*a] = self.builder.field(pair, 0);
                    self.arrays[*b] = self.builder.field(pair, 1);
                }
            }
            Statement::Raise(x, y) => {
                let condition = self.less(*x, *y);
                let (raise, after) = (self.block(&[]), self.block(&[]));
                self.branch(condition, raise, after);
                self.enter(raise);
                let site = self.raise_site();
                let args = vec![self.ints[0]];
                self.builder.terminate(Terminator::Raise { site, args, cleanup: Vec::new() });
                self.enter(after);
            }
            Statement::RaiseUnless(x, y) => {
                let condition = self.less(*x, *y);
                let site = self.raise_site();
                self.builder.raise_unless(condition, vec![self.ints[1]], site);
            }
            Statement::Try(body, handled, raises) => {
                let (inside, handler, after) = (self.block(&[]), self.block(&[]), self.block(&[]));
                self.jump(inside, None);
                self.handlers.push(handler);
                self.enter(inside);
                self.all(body);
                if !self.is_over {
                    self.jump(after, None);
                }
                self.handlers.pop();
                self.enter(handler);
                self.all(handled);
                match (self.is_over, raises) {
                    (true, _) => {}
                    (false, true) => self.builder.terminate(Terminator::Reraise { cleanup: Vec::new() }),
                    (false, false) => self.jump(after, None),
                }
                self.enter(after);
            }
            Statement::Return => self.ret(),
        }
    }

    fn checked_index(&mut self, a: usize, x: usize) -> Value {
        let index = self.ints[x];
        let (found, is_inside) = self.index(a, index);
        let site = self.raise_site();
        self.builder.raise_unless(is_inside, vec![index], site);
        found
    }

    /// An index as Python has it, negative ones count from the end; and whether it is in bounds.
    fn index(&mut self, a: usize, index: Value) -> (Value, Value) {
        let extent = self.builder.field(self.arrays[a], LAST_EXTENT);
        let zero = self.builder.int64(0);
        let is_negative = self.builder.compare(CompareOp::Lt, index, zero);
        let from_end = self.builder.add(index, extent);
        let found = self.builder.select(is_negative, from_end, index);
        let unsigned = self.builder.convert(found, Type::uint64());
        let bound = self.builder.convert(extent, Type::uint64());
        (found, self.builder.compare(CompareOp::Lt, unsigned, bound))
    }

    /// Ends with an exception that shows every int.
    fn show_ints(&mut self) {
        let exception = ExceptionRef::Builtin("ValueError");
        let kind = SiteKind::Raise { exception, payload: Payload::Arguments };
        let site = self.site(kind, vec![Type::int64(); N_INTS]);
        let args = self.ints.clone();
        self.builder.terminate(Terminator::Raise { site, args, cleanup: Vec::new() });
        self.is_over = true;
    }

    /// The address of the last element.
    fn element(&mut self, a: usize) -> Value {
        let data = self.builder.field(self.arrays[a], 0);
        let distance = self.builder.int64(8 * (N_ELEMENTS - 1));
        self.builder.offset(data, distance)
    }
}

fn pair() -> Type {
    Type::tuple(vec![array(); 2])
}

// Execution.

/// What the caller sees: the result or where it was raised with which operands, and its own arrays.
#[derive(PartialEq, Debug)]
struct Outcome {
    result: Result<Vec<Vec<u8>>, (Span, Vec<Datum>)>,
    arguments: Vec<Vec<u8>>,
}

struct Run {
    outcome: Outcome,
    /// Of the operations that may fail by chance: how many were executed.
    n_chances: u64,
    objects: Vec<Object>,
    returned: Vec<Address>,
}

/// `None`: it takes too long.
fn execute(batch: &[Function], entry: InstanceId, result: Type, n_successes: u64) -> Option<Run> {
    let mut interpreter = Interpreter::new(batch, &|function, _| panic!("{} is not called", function.symbol));
    interpreter.fuel = 4_000;
    interpreter.n_successes = n_successes;
    let mut args = Vec::new();
    for number in [3, 5] {
        let address = interpreter.allocate([number; 8 * N_ELEMENTS as usize].to_vec());
        let (data, owner) = (Datum::Pointer(address), Datum::Pointer(address));
        args.push(Datum::Composite(vec![data, owner, Datum::Int(1), Datum::Int(N_ELEMENTS)]));
    }
    args.extend([Datum::Int(2), Datum::Int(7)]);
    let (result, returned) = match interpreter.call(entry, &args) {
        Ok(Datum::Composite(fields)) => {
            let arrays = if result == array() { vec![Datum::Composite(fields)] } else { fields };
            let owners: Vec<Address> = arrays.iter().map(owner).collect();
            let contents =
                owners.iter().map(|owner| interpreter.objects[owner.object as usize].bytes.clone());
            (Ok(contents.collect()), owners)
        }
        Err(Stop::Raised { instance, site, args }) => {
            let function = batch.iter().find(|function| function.id == instance).expect("it has run");
            (Err((function.sites[site.index()].span, args)), Vec::new())
        }
        Err(Stop::OutOfFuel) => return None,
        other => {
            panic!("{other:?}\n{}", batch.iter().map(|function| function.to_string()).collect::<String>())
        }
    };
    let arguments = (1..=2).map(|number: usize| interpreter.objects[number].bytes.clone()).collect();
    Some(Run {
        outcome: Outcome { result, arguments },
        n_chances: u64::MAX - interpreter.n_successes,
        objects: interpreter.objects,
        returned,
    })
}

fn owner(array: &Datum) -> Address {
    match array {
        Datum::Composite(fields) => match fields[1] {
            Datum::Pointer(owner) => owner,
            _ => panic!("an owner is an address"),
        },
        _ => panic!("an array has fields"),
    }
}

/// The caller has one reference to each argument, and one to each array that it was given.
fn check_references(run: &Run, batch: &[Function]) {
    for (number, object) in run.objects.iter().enumerate().skip(1) {
        let of_caller = u32::from(number <= 2);
        let returned = run.returned.iter().filter(|owner| owner.object as usize == number).count() as u32;
        let text = || batch.iter().map(|function| function.to_string()).collect::<String>();
        assert_eq!(object.references, of_caller + returned, "references to object {number} in\n{}", text());
    }
}

/// Chunks of two turns, and no loop too short for polls.
const OFTEN: Settings = Settings { few_turns: 0, operations_per_chunk: 1, turns_per_chunk: (2, 2) };

fn check(programs: [&[Statement]; 3], result: Type, passes: &[&str]) -> Result<(), TestCaseError> {
    let callees = Some((InstanceId(1), InstanceId(2)));
    let shows_ints = programs[1..].iter().all(|program| program.is_empty());
    let mut batch = vec![
        lower(0, programs[0], result, callees, shows_ints),
        lower(1, programs[1], array(), None, false),
        lower(2, programs[2], pair(), None, false),
    ];
    for function in &batch {
        prop_assert_eq!(verify(function), Ok(()));
    }
    let original = batch.clone();
    let Some(before) = execute(&batch, InstanceId(0), result, u64::MAX) else { return Ok(()) };
    let context = BatchContext {
        entries: &[InstanceId(0)],
        short_extents: &[N_ELEMENTS as usize, 3],
        callee_info: &|_| None,
        may_inline: &|_, _| true,
    };
    for pass in passes {
        match *pass {
            "insert_many_polls" => {
                batch.iter_mut().for_each(|function| insert_polls::run_with(function, &OFTEN))
            }
            pass => run_pass(pass, &mut batch, &context).expect("the pass exists"),
        }
        for function in &batch {
            prop_assert_eq!(verify(function), Ok(()), "after {}", pass);
        }
    }
    // Polls are operations too, so the same fuel may not do.
    let Some(after) = execute(&batch, InstanceId(0), result, u64::MAX) else { return Ok(()) };
    prop_assert_eq!(&before.outcome, &after.outcome);
    if passes.contains(&"insert_ownership") {
        check_references(&after, &batch);
        for n_successes in 0..after.n_chances.min(8) {
            let Some(failed) = execute(&batch, InstanceId(0), result, n_successes) else { continue };
            check_references(&failed, &batch);
            if !passes.iter().any(|pass| pass.contains("polls"))
                && let Some(before) = execute(&original, InstanceId(0), result, n_successes)
            {
                prop_assert_eq!(before.outcome, failed.outcome);
            }
        }
    }
    Ok(())
}

const CLEAN_UP: &[&str] = &[
    "remove_unreachable_blocks",
    "split_block_params",
    "fold_fields",
    "simplify_block_params",
    "remove_dead_code",
    "merge_blocks",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn clean_up(main in program(), callee in program(), pairs in program()) {
        check([&main, &callee, &pairs], pair(), CLEAN_UP)?;
    }

    #[test]
    fn ownership_alone(main in program(), callee in program(), pairs in program()) {
        check([&main, &callee, &pairs], pair(), &["insert_ownership"])?;
    }

    #[test]
    fn ownership_after_clean_up(main in program(), callee in program(), pairs in program()) {
        let passes = [CLEAN_UP, &["mark_raising", "insert_ownership"]].concat();
        check([&main, &callee, &pairs], array(), &passes)?;
    }

    #[test]
    fn polls(main in program(), callee in program(), pairs in program()) {
        let passes = [CLEAN_UP, &["decide_comparisons", "insert_many_polls", "mark_raising", "insert_ownership"]].concat();
        check([&main, &callee, &pairs], array(), &passes)?;
    }

    #[test]
    fn everything(main in program(), callee in program(), pairs in program()) {
        let tail = ["decide_comparisons", "remove_dead_code", "unroll_short_loops", "insert_polls", "mark_raising", "insert_ownership"];
        let passes = [CLEAN_UP, &["inline_small_calls"], &CLEAN_UP[2..], &tail].concat();
        check([&main, &callee, &pairs], pair(), &passes)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comparisons(main in proptest::collection::vec(counting_statement(), 1..6)) {
        let passes = [CLEAN_UP, &["decide_comparisons", "remove_dead_code"]].concat();
        check([&main, &[], &[]], array(), &passes)?;
    }

    #[test]
    fn short_loops(around in program(), short in program(), after in program(), ends in (-1..4i8, -1..4i8)) {
        use Statement as S;
        // `for x in range(y & 3): ...; for y in range(...): ...`, up to an extent or from and to a constant.
        let inner = if ends.0 > 1 { S::For(1, 0, short) } else { S::Few(1, ends.0, ends.1, short) };
        let main = [vec![S::For(0, 2, [around, vec![inner]].concat())], after].concat();
        let tail = ["join_back_edges", "unroll_short_loops", "remove_dead_code", "insert_polls"];
        check([&main, &[], &[]], array(), &[CLEAN_UP, &tail].concat())?;
    }
}

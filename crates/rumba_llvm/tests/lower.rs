//! Typed SSA is lowered, compiled, loaded and called through its entry function.

use std::ffi::c_void;
use std::sync::Arc;

use rumba_ir::runtime_function::CATCH;
use rumba_ir::{
    BinaryOp, Block, Builder, CompareOp, Edge, ExceptionRef, Function, InstanceId, Op, Payload,
    RuntimeFunction, Site, SiteId, SiteKind, Terminator, UnaryOp, Value,
};
use rumba_llvm::lower::{FastMath, Instance, Signature, entry_symbol, lower};
use rumba_llvm::{Level, LoadedObject, compile};
use rumba_runtime::context::{ExecutionContext, Pending, Raised};
use rumba_runtime::memory::live_allocations;
use rumba_types::{Layout, Type};

const LEVELS: [Level; 2] = [Level::None, Level::Lite];

/// Builds a function: `body` gets a builder in the entry block and the parameters.
fn function(
    id: u32,
    params: &[Type],
    result: Type,
    body: impl FnOnce(&mut Builder<'_>, &[Value]),
) -> Function {
    let mut function = Function::new(InstanceId(id), "f", params, result);
    let values = function.params().to_vec();
    let entry = function.entry();
    body(&mut Builder::new(&mut function, entry), &values);
    function
}

fn pure(mut function: Function) -> Function {
    function.can_raise = false;
    function
}

fn site(builder: &mut Builder<'_>, kind: SiteKind) -> SiteId {
    builder.function.add_site(Site {
        span: Default::default(),
        function_name: "f".into(),
        kind,
        operand_types: Vec::new(),
        caller: None,
    })
}

fn raising(builder: &mut Builder<'_>) -> SiteId {
    let exception = ExceptionRef::Builtin("ValueError");
    site(builder, SiteKind::Raise { exception, payload: Payload::Arguments })
}

struct Code {
    object: LoadedObject,
}

/// What a call raised; equal to no other.
#[derive(Debug)]
struct Exception(Arc<Pending>);

impl PartialEq for Exception {
    fn eq(&self, _: &Exception) -> bool {
        false
    }
}

impl std::ops::Deref for Exception {
    type Target = Pending;

    fn deref(&self) -> &Pending {
        &self.0
    }
}

impl Code {
    fn new(functions: &[&Function], level: Level) -> Code {
        Code::linked(functions, level, &|_| None, &[])
    }

    fn linked(
        functions: &[&Function],
        level: Level,
        earlier: &dyn Fn(InstanceId) -> Option<Signature>,
        objects: &[&Code],
    ) -> Code {
        let batch: Vec<Instance<'_>> = functions
            .iter()
            .map(|function| Instance { function, is_entry: true, c_hooks: None, fast_math: FastMath::NONE })
            .collect();
        let module = lower("test", &batch, earlier).unwrap();
        let (object, _) = compile(module, level).unwrap();
        let resolve = |name: &str| {
            let loaded = objects.iter().find_map(|code| code.object.address(name));
            loaded
                .map(|address| address.as_ptr().cast_const())
                .or_else(|| rumba_runtime::symbol_address(name).map(|address| address as *const c_void))
        };
        Code { object: LoadedObject::load(&object.0, &resolve).unwrap() }
    }

    fn call<const N: usize>(&self, id: u32, args: &[u64]) -> Result<[u64; N], Exception> {
        let address = self.object.address(&entry_symbol(InstanceId(id))).unwrap();
        let mut ctx = ExecutionContext::new(0);
        let here = &raw const ctx as usize;
        ctx.set_lowest(here - 200_000);
        let mut results = [0; N];
        // SAFETY: the address is of an entry function; the slots fit its parameters and results.
        let status = unsafe {
            let entry: extern "C" fn(*mut ExecutionContext, *const u64, *mut u64) -> i32 =
                std::mem::transmute(address);
            entry(&mut ctx, args.as_ptr(), results.as_mut_ptr())
        };
        match status {
            0 => Ok(results),
            _ => Err(Exception(ctx.pending.take().expect("status 1 comes with an exception"))),
        }
    }
}

/// Compiles a function of two operands of one type and applies it.
fn check_binary(op: BinaryOp, ty: Type, cases: &[(i64, i64, i64)]) {
    let f = pure(function(1, &[ty, ty], ty, |b, p| {
        let r = b.binary(op, p[0], p[1]);
        b.ret(r);
    }));
    let bits = ty.item_size() as u32 * 8;
    let cut = |value: u64| {
        if bits == 64 { value } else { value & ((1 << bits) - 1) }
    };
    for level in LEVELS {
        let code = Code::new(&[&f], level);
        for &(lhs, rhs, expected) in cases {
            let [result] = code.call(1, &[lhs as u64, rhs as u64]).unwrap();
            assert_eq!(cut(result), cut(expected as u64), "{op:?} {ty} {lhs} {rhs} at {level:?}");
        }
    }
}

const INTERESTING: [i64; 11] = [i64::MIN, i64::MIN + 1, -10, -7, -2, -1, 1, 2, 7, 10, i64::MAX];

#[test]
fn signed_division_rounds_as_python_does() {
    let (mut div, mut rem, mut trunc_div, mut trunc_rem) = (vec![], vec![], vec![], vec![]);
    for a in INTERESTING {
        for b in INTERESTING {
            let (wide_a, wide_b) = (i128::from(a), i128::from(b));
            let floor = wide_a.div_euclid(wide_b) - i128::from(wide_b < 0 && wide_a.rem_euclid(wide_b) != 0);
            div.push((a, b, floor as i64));
            rem.push((a, b, (wide_a - wide_b * floor) as i64));
            trunc_div.push((a, b, a.wrapping_div(b)));
            trunc_rem.push((a, b, a.wrapping_rem(b)));
        }
    }
    // -7 // 2 == -4, -7 % 2 == 1, 7 % -2 == -1
    assert!(div.contains(&(-7, 2, -4)) && rem.contains(&(-7, 2, 1)) && rem.contains(&(7, -2, -1)));
    check_binary(BinaryOp::FloorDiv, Type::int64(), &div);
    check_binary(BinaryOp::FloorMod, Type::int64(), &rem);
    check_binary(BinaryOp::TruncDiv, Type::int64(), &trunc_div);
    check_binary(BinaryOp::TruncMod, Type::int64(), &trunc_rem);
    check_binary(
        BinaryOp::FloorDiv,
        Type::int8(),
        &[(-128, -1, -128), (-7, 2, -4), (7, -2, -4), (100, 7, 14)],
    );
    check_binary(BinaryOp::FloorMod, Type::int8(), &[(-128, -1, 0), (-7, 2, 1), (7, -2, -1), (100, 7, 2)]);
    check_binary(BinaryOp::FloorDiv, Type::uint64(), &[(-1, 2, i64::MAX), (7, -1, 0)]);
    check_binary(BinaryOp::FloorMod, Type::uint8(), &[(250, 7, 5), (250, 255, 250)]);
}

#[test]
fn division_by_constants_rounds_as_python_does() {
    for divisor in [1_i64, 2, 3, 8, -1, -2, -3, 1 << 62, i64::MIN] {
        let f = pure(function(1, &[Type::int64()], Type::tuple(vec![Type::int64(); 2]), |b, p| {
            let d = b.int64(divisor);
            let q = b.binary(BinaryOp::FloorDiv, p[0], d);
            let r = b.binary(BinaryOp::FloorMod, p[0], d);
            let both = b.make(Type::tuple(vec![Type::int64(); 2]), vec![q, r]);
            b.ret(both);
        }));
        let code = Code::new(&[&f], Level::Lite);
        for a in INTERESTING {
            let (wide_a, wide_b) = (i128::from(a), i128::from(divisor));
            let floor = wide_a.div_euclid(wide_b) - i128::from(wide_b < 0 && wide_a.rem_euclid(wide_b) != 0);
            let [q, r] = code.call(1, &[a as u64]).unwrap();
            assert_eq!(
                (q as i64, r as i64),
                (floor as i64, (wide_a - wide_b * floor) as i64),
                "{a} by {divisor}"
            );
        }
    }
}

#[test]
fn shifts_are_defined_for_every_count() {
    let shl = [(1, 3, 8), (1, 63, i64::MIN), (1, 64, 0), (-1, 64, 0), (5, -1, 0)];
    check_binary(BinaryOp::Shl, Type::int64(), &shl);
    let shr = [(-8, 1, -4), (-8, 63, -1), (-8, 64, -1), (8, 64, 0), (-8, -1, -1), (i64::MIN, 62, -2)];
    check_binary(BinaryOp::Shr, Type::int64(), &shr);
    check_binary(BinaryOp::Shr, Type::uint8(), &[(0x80, 7, 1), (0x80, 8, 0), (0xff, 255, 0)]);
    check_binary(BinaryOp::Shr, Type::int8(), &[(-128, 7, -1), (-128, 200, -1), (64, 6, 1)]);
}

#[test]
fn integers_wrap_and_combine() {
    check_binary(BinaryOp::Add, Type::int64(), &[(i64::MAX, 1, i64::MIN)]);
    check_binary(BinaryOp::Mul, Type::int32(), &[(1 << 20, 1 << 20, 0), (-3, 7, -21)]);
    check_binary(BinaryOp::Sub, Type::uint8(), &[(0, 1, 255)]);
    check_binary(BinaryOp::Xor, Type::int64(), &[(0b1100, 0b1010, 0b0110)]);
    check_binary(BinaryOp::And, Type::int64(), &[(0b1100, 0b1010, 0b1000)]);
    check_binary(BinaryOp::Or, Type::int64(), &[(0b1100, 0b1010, 0b1110)]);
}

#[test]
fn unary_operations() {
    let check = |op, ty: Type, operand: u64, expected: u64| {
        let f = pure(function(1, &[ty], ty, |b, p| {
            let r = b.unary(op, p[0]);
            b.ret(r);
        }));
        for level in LEVELS {
            assert_eq!(Code::new(&[&f], level).call(1, &[operand]), Ok([expected]), "{op:?} {operand}");
        }
    };
    let (int, float) = (Type::int64(), Type::float64());
    check(UnaryOp::Neg, int, 5, -5_i64 as u64);
    check(UnaryOp::BitNot, int, 5, !5);
    check(UnaryOp::CountOnes, int, 0b1011, 3);
    check(UnaryOp::LeadingZeros, int, 0, 64);
    check(UnaryOp::LeadingZeros, int, 1, 63);
    check(UnaryOp::TrailingZeros, int, 0, 64);
    check(UnaryOp::TrailingZeros, int, 8, 3);
    for (op, x, y) in [
        (UnaryOp::Neg, 0.0, -0.0),
        (UnaryOp::Abs, -2.5, 2.5),
        (UnaryOp::Sqrt, 2.0, 2.0_f64.sqrt()),
        (UnaryOp::Floor, -2.5, -3.0),
        (UnaryOp::Ceil, -2.5, -2.0),
        (UnaryOp::Trunc, -2.5, -2.0),
        (UnaryOp::RoundEven, 2.5, 2.0),
        (UnaryOp::RoundEven, 3.5, 4.0),
    ] {
        check(op, float, f64::to_bits(x), f64::to_bits(y));
    }
}

#[test]
fn conversions() {
    let check = |from: Type, to: Type, value: u64, expected: u64| {
        let f = pure(function(1, &[from], to, |b, p| {
            let r = b.convert(p[0], to);
            b.ret(r);
        }));
        for level in LEVELS {
            assert_eq!(
                Code::new(&[&f], level).call(1, &[value]),
                Ok([expected]),
                "{from} to {to}: {value:#x}"
            );
        }
    };
    let bits = f64::to_bits;
    check(Type::float64(), Type::int64(), bits(-2.9), -2_i64 as u64);
    check(Type::float64(), Type::uint64(), bits(1.8e19), 18_000_000_000_000_000_000);
    check(Type::float64(), Type::bool(), bits(f64::NAN), 1);
    check(Type::float64(), Type::bool(), bits(-0.0), 0);
    check(Type::int64(), Type::float64(), -3_i64 as u64, bits(-3.0));
    check(Type::uint64(), Type::float64(), u64::MAX, bits(18_446_744_073_709_551_615.0));
    check(Type::int8(), Type::int64(), 0xff, u64::MAX);
    check(Type::uint8(), Type::int64(), 0xff, 255);
    check(Type::int64(), Type::uint8(), 0x1234, 0x34);
    check(Type::int64(), Type::bool(), 1 << 40, 1);
    check(Type::bool(), Type::int64(), 1, 1);
    check(Type::bool(), Type::float64(), 1, bits(1.0));
    check(Type::float32(), Type::float64(), u64::from(1.5_f32.to_bits()), bits(1.5));
    check(Type::float64(), Type::float32(), bits(0.1), u64::from(0.1_f32.to_bits()));
}

#[test]
fn comparisons_know_sign_and_nan() {
    let check = |op, ty: Type, lhs: u64, rhs: u64, expected: bool| {
        let f = pure(function(1, &[ty, ty], Type::bool(), |b, p| {
            let r = b.compare(op, p[0], p[1]);
            b.ret(r);
        }));
        let result = Code::new(&[&f], Level::Lite).call(1, &[lhs, rhs]).unwrap();
        assert_eq!(result, [u64::from(expected)], "{op:?} {ty} {lhs:#x} {rhs:#x}");
    };
    let nan = f64::NAN.to_bits();
    check(CompareOp::Lt, Type::int64(), u64::MAX, 0, true);
    check(CompareOp::Lt, Type::uint64(), u64::MAX, 0, false);
    check(CompareOp::Lt, Type::bool(), 0, 1, true);
    check(CompareOp::Eq, Type::float64(), nan, nan, false);
    check(CompareOp::Ne, Type::float64(), nan, nan, true);
    check(CompareOp::Ge, Type::float64(), nan, nan, false);
    check(CompareOp::Ge, Type::float64(), 0, (-0.0_f64).to_bits(), true);
}

/// `total = 0; for i in range(n): total += a[i]` over a C array with checked indices.
fn checked_sum() -> Function {
    let array = Type::array(Type::float64(), 1, Layout::C);
    function(7, &[array, Type::int64()], Type::float64(), |b, p| {
        let (data, extent) = (b.field(p[0], 0), b.field(p[0], 2));
        let n = p[1];
        let [head, body, done] = [(); 3].map(|()| b.function.add_block());
        let (i, total) =
            (b.function.add_param(head, Type::int64()), b.function.add_param(head, Type::float64()));
        let (zero, none) = (b.int64(0), b.float(0.0, Type::float64()));
        b.jump(head, vec![zero, none]);
        b.switch_to(head);
        let more = b.compare(CompareOp::Lt, i, n);
        b.branch(more, Edge { block: body, args: vec![] }, Edge { block: done, args: vec![] });
        b.switch_to(body);
        let inside = b.compare(CompareOp::Lt, i, extent);
        let here = raising(b);
        b.raise_unless(inside, vec![i, extent], here);
        let size = b.int64(8);
        let bytes = b.mul(i, size);
        let place = b.offset(data, bytes);
        let value = b.load(place, Type::float64(), rumba_ir::Access::aligned(true));
        let sum = b.add(total, value);
        let one = b.int64(1);
        let next = b.binary(BinaryOp::AddNoWrap, i, one);
        b.jump(head, vec![next, sum]);
        b.switch_to(done);
        b.ret(total);
    })
}

#[test]
fn loops_over_arrays_raise_out_of_bounds() {
    let f = checked_sum();
    let data: Vec<f64> = (0..100).map(f64::from).collect();
    let array = [data.as_ptr() as u64, 0, 100];
    for level in LEVELS {
        let code = Code::new(&[&f], level);
        let call = |n: u64| code.call::<1>(7, &[array[0], array[1], array[2], n]);
        assert_eq!(call(100), Ok([4950.0_f64.to_bits()]));
        assert_eq!(call(0), Ok([0]));
        let pending = call(101).unwrap_err();
        let Raised::Site { token, slots } = &pending.raised else { panic!("{pending:?}") };
        assert_eq!((token.instance(), token.site()), (7, 0));
        assert_eq!(slots[..], [100, 100]);
        assert_eq!(pending.traceback(), [*token]);
    }
}

/// `def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)`
fn fib(check_stack: bool) -> Function {
    let mut f = function(3, &[Type::int64()], Type::int64(), |b, p| {
        let call = site(b, SiteKind::Call);
        if check_stack {
            b.check_stack(call);
        }
        let [small, step] = [(); 2].map(|()| b.function.add_block());
        let two = b.int64(2);
        let is_small = b.compare(CompareOp::Lt, p[0], two);
        b.branch(is_small, Edge { block: small, args: vec![] }, Edge { block: step, args: vec![] });
        b.switch_to(small);
        b.ret(p[0]);
        b.switch_to(step);
        let (one, two) = (b.int64(1), b.int64(2));
        let before = b.sub(p[0], one);
        let x = b.call(InstanceId(3), vec![before], Type::int64(), call);
        let earlier = b.sub(p[0], two);
        let y = b.call(InstanceId(3), vec![earlier], Type::int64(), call);
        let sum = b.add(x, y);
        b.ret(sum);
    });
    f.can_raise = check_stack;
    f
}

#[test]
fn recursion_works_and_ends_in_time() {
    for level in LEVELS {
        assert_eq!(Code::new(&[&fib(false)], level).call(3, &[20]), Ok([6765]));
        let code = Code::new(&[&fib(true)], level);
        assert_eq!(code.call(3, &[20]), Ok([6765]));
        let pending = code.call::<1>(3, &[1_000_000]).unwrap_err();
        assert!(
            matches!(pending.raised, Raised::Builtin { class: "RecursionError", .. }),
            "{:?}",
            pending.raised
        );
        assert!(pending.traceback().len() > 100);
    }
}

#[test]
fn composites_stay_in_registers() {
    // def f(flag, a: complex128, b: complex128): return (a if flag else b), flag
    let (flag, complex) = (Type::bool(), Type::complex128());
    let result = Type::tuple(vec![complex, flag]);
    let f = pure(function(1, &[flag, complex, complex], result, |b, p| {
        let chosen = b.select(p[0], p[1], p[2]);
        let pair = b.make(result, vec![chosen, p[0]]);
        let again = b.field(pair, 0);
        let flag = b.field(pair, 1);
        let pair = b.make(result, vec![again, flag]);
        b.ret(pair);
    }));
    for level in LEVELS {
        let code = Code::new(&[&f], level);
        let args =
            |flag: u64| [flag, 1.0_f64.to_bits(), 2.0_f64.to_bits(), 3.0_f64.to_bits(), 4.0_f64.to_bits()];
        assert_eq!(code.call(1, &args(1)), Ok([1.0_f64.to_bits(), 2.0_f64.to_bits(), 1]));
        // Only the lowest byte of a bool's slot counts.
        assert_eq!(code.call(1, &args(0xff00)), Ok([3.0_f64.to_bits(), 4.0_f64.to_bits(), 0]));
    }
}

#[test]
fn both_edges_may_lead_to_one_block() {
    let f = pure(function(1, &[Type::bool()], Type::int64(), |b, p| {
        let join = b.function.add_block();
        let value = b.function.add_param(join, Type::int64());
        let (x, y) = (b.int64(10), b.int64(20));
        b.branch(p[0], Edge { block: join, args: vec![x] }, Edge { block: join, args: vec![y] });
        b.switch_to(join);
        b.ret(value);
    }));
    for level in LEVELS {
        let code = Code::new(&[&f], level);
        assert_eq!((code.call(1, &[1]), code.call(1, &[0])), (Ok([10]), Ok([20])));
    }
}

#[test]
fn elements_of_every_type_load_and_store() {
    for (ty, from, to) in [
        (Type::bool(), vec![2_u8], vec![1_u8]),
        (Type::int8(), vec![0x81], vec![0x81]),
        (Type::uint16(), vec![1, 2], vec![1, 2]),
        (Type::float32(), vec![1, 2, 3, 4], vec![1, 2, 3, 4]),
        (Type::complex64(), (1..=8).collect(), (1..=8).collect()),
        (Type::complex128(), (1..=16).collect(), (1..=16).collect()),
    ] {
        for aligned in [true, false] {
            let f = pure(function(1, &[Type::pointer(); 2], Type::none(), |b, p| {
                let value = b.load(p[0], ty, rumba_ir::Access::aligned(aligned));
                b.store(p[1], value, rumba_ir::Access::aligned(aligned));
                let none = b.none();
                b.ret(none);
            }));
            for level in LEVELS {
                // Aligned memory, or memory that is off by one.
                let mut source = [0_u64; 4];
                let mut target = [0_u64; 4];
                let shift = usize::from(!aligned);
                // SAFETY: 32 bytes each; at most 17 are used.
                let (source, target) = unsafe {
                    let source = source.as_mut_ptr().cast::<u8>().add(shift);
                    source.copy_from(from.as_ptr(), from.len());
                    (source, target.as_mut_ptr().cast::<u8>().add(shift))
                };
                Code::new(&[&f], level).call::<0>(1, &[source as u64, target as u64]).unwrap();
                // SAFETY: as above.
                let copied = unsafe { std::slice::from_raw_parts(target, to.len()) };
                assert_eq!(copied, to, "{ty} aligned {aligned}");
            }
        }
    }
}

static ALLOCATE: RuntimeFunction = RuntimeFunction::raising("rumba_array_allocate");

/// Allocates an array, raises if the flag is set, else gives the array to the caller.
fn allocate_or_raise() -> Function {
    let array = Type::array(Type::float64(), 1, Layout::C);
    let mut f = function(5, &[Type::int64(), Type::bool()], array, |b, p| {
        let call = site(b, SiteKind::Call);
        let zeroed = b.bool(true);
        let pair = Type::tuple(vec![Type::pointer(); 2]);
        let memory = b.call_runtime(&ALLOCATE, vec![p[0], zeroed], pair, Some(call));
        let (owner, data) = (b.field(memory, 0), b.field(memory, 1));
        let made = b.make(array, vec![data, owner, p[0]]);
        let fine = b.not(p[1]);
        let here = raising(b);
        b.raise_unless(fine, vec![], here);
        b.ret(made);
    });
    // As `insert_ownership` would have it.
    let made = f.blocks[0].instructions.iter().find(|i| f.ty(i.result) == array).unwrap().result;
    for instruction in &mut f.blocks[0].instructions {
        if matches!(instruction.op, Op::RaiseUnless { .. }) {
            instruction.cleanup.push(made);
        }
    }
    f
}

#[test]
fn references_are_released_when_something_raises() {
    let array = Type::array(Type::float64(), 1, Layout::C);
    // Calls the function, retains and releases once in vain, and releases what it got.
    let caller = function(6, &[Type::int64(), Type::bool()], Type::int64(), |b, p| {
        let call = site(b, SiteKind::Call);
        let made = b.call(InstanceId(5), vec![p[0], p[1]], array, call);
        let extent = b.field(made, 2);
        b.ret(extent);
    });
    let mut caller = caller;
    let made = caller.blocks[0].instructions[0].result;
    for op in [Op::Retain(made), Op::Release(made), Op::Release(made)] {
        let result = caller.add_value(Type::none());
        caller.blocks[0].instructions.push(rumba_ir::Instruction { result, op, site: None, cleanup: vec![] });
    }
    let allocate = allocate_or_raise();
    for level in LEVELS {
        let code = Code::new(&[&allocate, &caller], level);
        let before = live_allocations();
        assert_eq!(code.call(6, &[80, 0]), Ok([80]));
        let pending = code.call::<1>(6, &[80, 1]).unwrap_err();
        assert_eq!(pending.traceback().iter().map(|token| token.instance()).collect::<Vec<_>>(), [5, 6]);
        // The runtime's own exception, propagated by both functions.
        let pending = code.call::<1>(6, &[-1_i64 as u64, 0]).unwrap_err();
        assert!(matches!(pending.raised, Raised::Builtin { class: "ValueError", .. }));
        assert_eq!(pending.traceback().len(), 2);
        assert_eq!(live_allocations(), before);
    }
}

#[test]
fn a_later_batch_calls_an_earlier_one() {
    let callee = fib(true);
    let caller = function(8, &[Type::int64()], Type::int64(), |b, p| {
        let call = site(b, SiteKind::Call);
        let x = b.call(InstanceId(3), vec![p[0]], Type::int64(), call);
        let one = b.int64(1);
        let y = b.add(x, one);
        b.ret(y);
    });
    let first = Code::new(&[&callee], Level::Lite);
    let signature = Signature::of(&callee);
    let earlier = |id| (id == InstanceId(3)).then(|| signature.clone());
    let second = Code::linked(&[&caller], Level::Lite, &earlier, &[&first]);
    assert_eq!(second.call(8, &[20]), Ok([6766]));
}

#[test]
fn hot_functions_are_called_by_name() {
    static EXP: RuntimeFunction = RuntimeFunction::pure("rumba_exp_f64");
    let f = pure(function(1, &[Type::float64()], Type::float64(), |b, p| {
        let y = b.call_runtime(&EXP, vec![p[0]], Type::float64(), None);
        b.ret(y);
    }));
    let [y] = Code::new(&[&f], Level::Lite).call(1, &[1.0_f64.to_bits()]).unwrap();
    assert!((f64::from_bits(y) - std::f64::consts::E).abs() < 1e-12);
}

#[test]
fn packed_slots_and_polls() {
    // Packs a bool and an int16 and reads the second slot back; polls on the way.
    let f = function(1, &[Type::bool(), Type::int16()], Type::int16(), |b, p| {
        let here = site(b, SiteKind::Call);
        let slots = b.pack(vec![p[0], p[1]]);
        let result = b.function.add_value(Type::none());
        let poll = rumba_ir::Instruction { result, op: Op::Poll, site: Some(here), cleanup: vec![] };
        b.function.block_mut(Block(0)).instructions.push(poll);
        let eight = b.int64(8);
        let second = b.offset(slots, eight);
        let value = b.load(second, Type::int16(), rumba_ir::Access::aligned(true));
        b.ret(value);
    });
    for level in LEVELS {
        let [value] = Code::new(&[&f], level).call(1, &[1, -5_i64 as u64]).unwrap();
        assert_eq!(value as i16, -5);
    }
}

#[test]
fn raising_ends_a_block_and_unreachable_blocks_are_left_out() {
    let f = function(1, &[Type::float64()], Type::int64(), |b, p| {
        let dead = b.function.add_block();
        let here = raising(b);
        b.terminate(Terminator::Raise { site: here, args: vec![p[0]], cleanup: vec![] });
        b.switch_to(dead);
        b.jump(dead, vec![]);
    });
    for level in LEVELS {
        let pending = Code::new(&[&f], level).call::<1>(1, &[2.5_f64.to_bits()]).unwrap_err();
        assert!(matches!(&pending.raised, Raised::Site { slots, .. } if slots[..] == [2.5_f64.to_bits()]));
    }
}

#[test]
fn a_handler_goes_on_with_what_it_is_given_and_the_exception_pending() {
    // try: x = -1; check(a < 10); x = a; check(a < 5) except: return x, once caught, or raised again for x == 7
    let f = function(1, &[Type::int64()], Type::int64(), |b, p| {
        let [first, second, after, handler, again, caught] = std::array::from_fn(|_| b.function.add_block());
        let x = b.function.add_param(handler, Type::int64());
        let edge = |block, args| Edge { block, args };
        let minus_one = b.int64(-1);
        b.jump(first, vec![]);
        for (block, next, limit, x) in [(first, second, 10, minus_one), (second, after, 5, p[0])] {
            b.switch_to(block);
            b.function.block_mut(block).handler = Some(edge(handler, vec![x]));
            let limit = b.int64(limit);
            let fine = b.compare(CompareOp::Lt, p[0], limit);
            let site = raising(b);
            b.raise_unless(fine, vec![], site);
            b.jump(next, vec![]);
        }
        b.switch_to(after);
        b.ret(p[0]);
        b.switch_to(handler);
        let seven = b.int64(7);
        let raises = b.compare(CompareOp::Eq, x, seven);
        b.branch(raises, edge(again, vec![]), edge(caught, vec![]));
        b.switch_to(again);
        b.terminate(Terminator::Reraise { cleanup: vec![] });
        b.switch_to(caught);
        let exception = b.call_runtime(&CATCH, vec![], Type::caught_exception(), None);
        b.release(exception);
        b.ret(x);
    });
    let before = live_allocations();
    for level in LEVELS {
        let code = Code::new(&[&f], level);
        assert_eq!([3, 6, 20].map(|a| code.call::<1>(1, &[a]).unwrap()[0] as i64), [3, 6, -1]);
        let pending = code.call::<1>(1, &[7]).unwrap_err();
        assert!(matches!(&pending.raised, Raised::Site { token, .. } if token.site() == 1));
        assert_eq!(pending.traceback().len(), 1);
    }
    assert_eq!(live_allocations(), before);
}

"""`intrinsic`: functions of compiled code that are made of LLVM's operations."""

import math
import subprocess
import sys

import numpy as np
import pytest
import rumba
from rumba import cfunc, errors, njit, types
from rumba.core import cgutils
from rumba.cpython.unsafe import tuple as unsafe_tuple
from rumba.extending import intrinsic, overload
from rumba.intrinsics import _Context
from rumba.llvm import binding, ir


def of_ints(generate, result=None, n=1):
    """A jitted function of `n` int64 that is one intrinsic."""
    result = result or types.int64

    @intrinsic
    def inner(typingctx, *args):
        def codegen(context, builder, signature, args):
            return generate(builder, *args)

        return result(*args), codegen

    if n == 1:
        return njit(lambda x: inner(x))
    return njit(lambda x, y: inner(x, y))


@intrinsic
def count_ones(typingctx, x):
    """How many bits are set."""
    if isinstance(x, types.Integer):

        def codegen(context, builder, signature, args):
            return builder.ctpop(args[0])

        return x(x), codegen


def test_count_ones():
    @njit
    def f(x):
        return count_ones(x)

    for number in (0, 1, 255, -1, 2**62):
        assert f(number) == (number & (2**64 - 1)).bit_count()
    assert f(np.uint8(255)) == 8 and f(np.int8(-1)) == 8 and f(np.uint64(2**64 - 1)) == 64
    assert count_ones.__doc__ == "How many bits are set." and count_ones.__name__ == "count_ones"
    with pytest.raises(NotImplementedError):
        count_ones(3)
    with pytest.raises(errors.TypingError, match="count_ones"):
        f(1.5)


INTS = [0, 1, -1, 7, -8, 63, 2**62, -(2**63), 2**63 - 1, 0x0123456789ABCDEF]


def wrapped(number):
    return (number + 2**63) % 2**64 - 2**63


def unsigned(number):
    return number % 2**64


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("add", lambda a, b: a + b),
        ("sub", lambda a, b: a - b),
        ("mul", lambda a, b: a * b),
        ("and_", lambda a, b: a & b),
        ("or_", lambda a, b: a | b),
        ("xor", lambda a, b: a ^ b),
        ("udiv", lambda a, b: unsigned(a) // unsigned(b)),
        ("urem", lambda a, b: unsigned(a) % unsigned(b)),
        ("sdiv", lambda a, b: (abs(a) // abs(b)) * (1 if (a < 0) == (b < 0) else -1)),
        ("srem", lambda a, b: math.copysign(1, a) * 0 + (abs(a) % abs(b)) * (1 if a >= 0 else -1)),
    ],
)
def test_arithmetic_of_ints(name, expected):
    f = of_ints(lambda builder, a, b: getattr(builder, name)(a, b), n=2)
    for a in INTS[:-3]:
        for b in INTS[1:-3]:
            assert f(a, b) == wrapped(int(expected(a, b))), (a, b)
    if "div" in name or "rem" in name:
        with pytest.raises(ZeroDivisionError):
            f(1, 0)


def test_shifts():
    shl = of_ints(lambda builder, a, b: builder.shl(a, b), n=2)
    lshr = of_ints(lambda builder, a, b: builder.lshr(a, b), n=2)
    ashr = of_ints(lambda builder, a, b: builder.ashr(a, b), n=2)
    for a in INTS:
        for b in (0, 1, 31, 63):
            assert (shl(a, b), lshr(a, b), ashr(a, b)) == (wrapped(a << b), wrapped(unsigned(a) >> b), a >> b)


def test_bits():
    def leading(x):
        return 64 - unsigned(x).bit_length()

    def trailing(x):
        return 64 if x == 0 else (unsigned(x) & -unsigned(x)).bit_length() - 1

    flag = ir.Constant(ir.IntType(1), 0)
    ctlz = of_ints(lambda builder, x: builder.ctlz(x, flag))
    cttz = of_ints(lambda builder, x: builder.cttz(x, flag))
    bswap = of_ints(lambda builder, x: builder.bswap(x))
    not_ = of_ints(lambda builder, x: builder.not_(x))
    for x in INTS:
        assert (ctlz(x), cttz(x), not_(x)) == (leading(x), trailing(x), ~x)
        assert bswap(x) == int.from_bytes(x.to_bytes(8, "big", signed=True), "little", signed=True)


def test_comparisons_of_ints():
    for op, compare in {"<": int.__lt__, "<=": int.__le__, "==": int.__eq__, "!=": int.__ne__, ">": int.__gt__}.items():
        signed = of_ints(lambda builder, a, b: builder.icmp_signed(op, a, b), types.boolean, 2)
        natural = of_ints(lambda builder, a, b: builder.icmp_unsigned(op, a, b), types.boolean, 2)
        for a in (0, 1, -1, 5):
            for b in (0, 1, -1):
                assert signed(a, b) is compare(a, b)
                assert natural(a, b) is compare(unsigned(a), unsigned(b))


def test_comparisons_of_floats():
    @intrinsic
    def ordered(typingctx, a, b):
        def codegen(context, builder, signature, args):
            ops = ("<", "<=", "==", "!=", ">", ">=", "ord", "uno")
            found = [builder.fcmp_ordered(op, *args) for op in ops[:6]]
            found += [builder.fcmp_unordered(op, *args) for op in ops]
            return context.make_tuple(builder, signature.return_type, found)

        return types.UniTuple(types.boolean, 14)(a, b), codegen

    @njit
    def f(a, b):
        return ordered(a, b)

    nan = math.nan
    for a, b in [(1.0, 2.0), (2.0, 1.0), (1.0, 1.0), (nan, 1.0), (1.0, nan), (nan, nan)]:
        is_ordered = a == a and b == b
        compared = (a < b, a <= b, a == b, a != b, a > b, a >= b)
        # Of what cannot be compared, ordered comparisons are false and unordered ones true.
        expected = tuple(c and is_ordered for c in compared) + tuple(c or not is_ordered for c in compared)
        assert f(a, b) == (*expected, is_ordered, not is_ordered)


@intrinsic
def fma(typingctx, a, b, c):
    if all(isinstance(ty, types.Float) for ty in (a, b, c)) and a == b == c:

        def codegen(context, builder, signature, args):
            return builder.fma(*args)

        return a(a, b, c), codegen


def test_fma():
    @njit
    def f(a, b, c):
        return fma(a, b, c)

    # The product alone would be rounded to 1.
    a = 1.0 + 2.0**-30
    assert f(a, a, -1.0) == 2.0**-29 + 2.0**-60
    assert f(np.float32(3), np.float32(4), np.float32(5)) == 17.0


@pytest.mark.parametrize("name", ["sqrt", "fabs", "floor", "ceil", "trunc", "rint", "exp", "log", "sin"])
def test_functions_of_llvm(name):
    @intrinsic
    def inner(typingctx, x):
        def codegen(context, builder, signature, args):
            function = builder.module.declare_intrinsic(f"llvm.{name}", [args[0].type])
            return builder.call(function, args)

        return x(x), codegen

    @intrinsic
    def inserted(typingctx, x):
        def codegen(context, builder, signature, args):
            double = ir.DoubleType()
            function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(double, [double]), f"llvm.{name}.f64")
            return builder.call(function, args)

        return types.float64(types.float64), codegen

    @njit
    def f(x):
        return inner(x), inserted(x)

    numpys = {"fabs": np.abs}.get(name) or getattr(np, name)
    for x in (0.5, 1.5, 2.5, 100.25):
        assert f(x) == pytest.approx((numpys(x),) * 2, rel=4e-16)


def test_extremes():
    for name, expected in {"smin": min, "smax": max}.items():
        f = of_ints(lambda builder, a, b: builder.call(ir.Function(f"llvm.{name}.i64", None), [a, b]), n=2)
        assert [f(3, -4), f(-4, 3)] == [expected(3, -4)] * 2
    umin = of_ints(lambda builder, a, b: builder.call(ir.Function("llvm.umin.i64", None), [a, b]), n=2)
    assert umin(3, -4) == 3


def test_conversions():
    @intrinsic
    def converted(typingctx, x):
        def codegen(context, builder, signature, args):
            (x,) = args
            i8, i32, i64, double = ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.DoubleType()
            narrow = builder.trunc(x, i8)
            parts = [
                builder.sext(narrow, i64),
                builder.zext(narrow, i64),
                builder.fptosi(builder.sitofp(x, double), i64),
                builder.bitcast(builder.bitcast(x, double), i64),
                builder.zext(builder.trunc(x, ir.IntType(1)), i64),
                builder.sext(builder.icmp_signed("<", x, i64(0)), i64),
                builder.sext(builder.trunc(x, i32), i64),
            ]
            return cgutils.pack_array(builder, parts)

        return types.UniTuple(types.int64, 7)(types.int64), codegen

    @njit
    def f(x):
        return converted(x)

    for x in (0, 3, -3, 200, -200, 2**40 + 129):
        low, word = x & 0xFF, x & 0xFFFFFFFF
        sign = low - 256 if low > 127 else low
        assert f(x) == (sign, low, x, x, x & 1, -1 if x < 0 else 0, word - 2**32 if word >= 2**31 else word)


def test_unsigned_to_float():
    @intrinsic
    def as_float(typingctx, x):
        def codegen(context, builder, signature, args):
            return context.cast(builder, args[0], x, types.float64)

        return types.float64(x), codegen

    @njit
    def f(x):
        return as_float(x)

    assert f(np.uint64(2**63)) == 2.0**63 and f(-5) == -5.0 and f(True) == 1.0 and f(np.uint8(200)) == 200.0


@intrinsic
def tuple_setitem(typingctx, tup, idx, value):
    """As programs for Numba have it: in memory, at an index that is known when the program runs."""
    if isinstance(tup, types.UniTuple) and isinstance(idx, types.Integer):

        def codegen(context, builder, signature, args):
            tup, idx, value = args
            place = cgutils.alloca_once(builder, tup.type)
            builder.store(tup, place)
            builder.store(value, builder.gep(place, [idx.type(0), idx]))
            return builder.load(place)

        return tup(tup, types.int64, tup.dtype), codegen


def test_items_of_tuples():
    @njit
    def f(t, i, x):
        return tuple_setitem(t, i, x)

    for t, x in [((1, 2, 3), 9), ((1.5, 2.5), 0.5), ((True, False), True)]:
        for i in range(len(t)):
            assert f(t, i, x) == t[:i] + (x,) + t[i + 1 :]


def test_tuples_of_several_types():
    @intrinsic
    def swapped(typingctx, t):
        def codegen(context, builder, signature, args):
            first, second = cgutils.unpack_tuple(builder, args[0])
            made = context.get_constant_null(signature.return_type)
            made = builder.insert_value(made, second, 0)
            return builder.insert_value(made, builder.select(cgutils.true_bit, first, first), 1)

        return types.Tuple([t.types[1], t.types[0]])(t), codegen

    @njit
    def f(t):
        return swapped(t)

    assert f((1, 2.5)) == (2.5, 1)


def test_pointers():
    @intrinsic
    def as_pointer(typingctx, address):
        """`address_as_void_pointer`, which programs that call C have."""

        def codegen(context, builder, signature, args):
            return builder.inttoptr(args[0], cgutils.voidptr_t)

        return types.voidptr(types.intp), codegen

    @intrinsic
    def third(typingctx, a):
        def codegen(context, builder, signature, args):
            data = context.make_array(signature.args[0])(context, builder, args[0]).data
            return builder.load(builder.gep(data, [cgutils.intp_t(2)]))

        return a.dtype(a), codegen

    @njit
    def f(a):
        return rumba.carray(as_pointer(a.ctypes.data), a.shape, np.float64)[1], third(a)

    a = np.array([1.5, 2.5, 3.5])
    assert f(a) == (2.5, 3.5)


def test_an_intrinsic_in_an_overload_and_in_a_loop():
    def ones(x):
        return int(x).bit_count()

    @overload(ones)
    def choose(x):
        if isinstance(x, types.Integer):
            return lambda x: count_ones(x)

    @njit
    def f(n):
        total = 0
        for i in range(n):
            total += ones(i)
        return total

    assert f(1000) == sum(i.bit_count() for i in range(1000))


def test_tuple_setitem():
    @njit
    def f(t, i, x):
        return unsafe_tuple.tuple_setitem(t, i, x)

    assert [f((1, 2, 3), i, 9) for i in range(4)] == [(9, 2, 3), (1, 9, 3), (1, 2, 9), (1, 2, 3)]
    assert f((1.5, 2.5), 0, 2) == (2.0, 2.5)
    assert f((1, 2.5), 1, 7.5) == (1, 7.5)
    with pytest.raises(errors.TypingError, match="tuple_setitem takes a tuple and a position"):
        f([1], 0, 2)


def test_literals():
    @intrinsic(prefer_literal=True)
    def times(typingctx, x, factor):
        if isinstance(factor, types.IntegerLiteral):

            def codegen(context, builder, signature, args):
                return builder.mul(args[0], context.get_constant(types.int64, factor.literal_value))

            return types.int64(types.int64, factor), codegen

    @njit
    def f(x):
        return times(x, 5)

    assert f(3) == 15


def test_nothing_is_returned():
    @intrinsic
    def put(typingctx, a, x):
        def codegen(context, builder, signature, args):
            builder.store(args[1], context.make_array(a)(context, builder, args[0]).data)
            return context.get_dummy_value()

        return types.none(a, a.dtype), codegen

    @njit
    def f(a):
        put(a, 7)
        return a[0]

    assert f(np.zeros(2)) == 7.0


def C(name):  # noqa: N802
    return ir.Function(name, ir.FunctionType(ir.IntType(64), [ir.IntType(64)]))


def branch_twice(builder, x):
    after = builder.append_basic_block()
    builder.branch(after)
    builder.branch(after)


def to_the_start(builder, x):
    with builder.if_then(builder.icmp_signed(">", x, x.type(0))):
        builder.branch(ir.Block(builder, 0))
    return x


def used_elsewhere(builder, x):
    with builder.if_then(builder.icmp_signed(">", x, x.type(0))):
        y = builder.add(x, x)
    return builder.add(x, y)


def phi_of(builder, x, come_in):
    start, after, other = builder.block, builder.append_basic_block(), builder.append_basic_block()
    builder.cbranch(builder.icmp_signed(">", x, x.type(0)), after, other)
    builder.position_at_end(other)
    builder.branch(after)
    builder.position_at_end(after)
    phi = builder.phi(x.type)
    come_in(phi, start, other)
    return phi


def incomplete_phi(builder, x):
    return phi_of(builder, x, lambda phi, start, _: phi.add_incoming(x, start))


def wrong_phi(builder, x):
    def come_in(phi, start, other):
        phi.add_incoming(x, start)
        phi.add_incoming(ir.DoubleType()(1.5), other)

    return phi_of(builder, x, come_in)


def many_blocks(builder, x):
    for _ in range(200):
        with builder.if_then(builder.icmp_signed(">", x, x.type(0))):
            pass
    return x


def unknown_exception(builder, x):
    with builder.if_then(builder.icmp_signed(">", x, x.type(0))):
        builder.raise_exception(UnicodeError, ("x",))
    return x


@pytest.mark.parametrize(
    ("generate", "message"),
    [
        (lambda builder, x: builder.add(x, ir.Constant(ir.IntType(32), 1)), "operands of one type, not of i64, i32"),
        (lambda builder, x: builder.fadd(x, x), "takes floats, not i64"),
        (lambda builder, x: builder.sitofp(x, ir.DoubleType()), "gives double, and the signature says int64"),
        (lambda builder, x: builder.trunc(x, ir.IntType(64)), "does not make i64 of i64"),
        (lambda builder, x: builder.add(x, 3), "takes values and constants, not 3"),
        (lambda builder, x: builder.switch(x, builder.append_basic_block("b")), "no `builder.switch`"),
        (lambda builder, x: builder.call(C("labs"), [x, x]), "labs does not take 2 arguments"),
        (lambda builder, x: builder.call(C("labs"), [builder.trunc(x, ir.IntType(32))]), "labs takes i64 here, not i32"),
        (lambda builder, x: builder.call(C("no_such_function"), [x]), "no library that is loaded has a function no_such_function"),
        (lambda builder, x: builder.call(x, []), "functions that a module declares"),
        (lambda builder, x: builder.branch(builder.append_basic_block()) or x, "left behind the end of a block"),
        (lambda builder, x: to_the_start(builder, x), "to the one that the code begins with"),
        (lambda builder, x: builder.position_at_end(builder.append_basic_block()) or x, "a block has no end"),
        (lambda builder, x: branch_twice(builder, x), "the block has an end already"),
        (lambda builder, x: builder.cbranch(x, builder.block, builder.block), "takes an i1, not i64"),
        (lambda builder, x: used_elsewhere(builder, x), "used in a block that other ways lead to"),
        (lambda builder, x: incomplete_phi(builder, x), "a phi has no value for a block"),
        (lambda builder, x: wrong_phi(builder, x), "`incoming` is no operation on (int64, float64)"),
        (lambda builder, x: builder.phi(ir.IntType(64)), "`phi` is no operation"),
        (lambda builder, x: many_blocks(builder, x), "more than 256 blocks"),
        (lambda builder, x: builder.raise_exception(ValueError, ("x",)) or x, "left behind the end of a block"),
        (lambda builder, x: unknown_exception(builder, x), "does not raise UnicodeError"),
        (lambda builder, x: builder.call(ir.Function("llvm.trap", None), []), "no `llvm.trap`"),
        (lambda builder, x: builder.load(x), "takes a pointer, not i64"),
        (lambda builder, x: builder.zext(x, ir.IntType(128)), "not with i128"),
        (lambda builder, x: builder.extract_value(x, 0), "has no element 0"),
        (lambda builder, x: builder.alloca(ir.ArrayType(ir.IntType(64), 1 << 20)) and x, "`stack` is no operation"),
        (lambda builder, x: None, "takes values and constants, not None"),
        (lambda builder, x: 1 // 0, "ZeroDivisionError"),
    ],
)
def test_misuse(generate, message):
    with pytest.raises(errors.TypingError) as raised:
        of_ints(generate)(1)
    assert message in str(raised.value)


def test_branches():
    @of_ints
    def collatz(builder, x):
        odd = builder.trunc(x, ir.IntType(1))
        place = cgutils.alloca_once(builder, x.type)
        with builder.if_else(odd) as (then, otherwise):
            with then:
                builder.store(builder.add(builder.mul(x, x.type(3)), x.type(1)), place)
            with otherwise:
                builder.store(builder.sdiv(x, x.type(2)), place)
        with cgutils.if_unlikely(builder, builder.icmp_signed("==", x, x.type(0))):
            builder.store(x.type(-1), place)
        return builder.load(place)

    assert [collatz(x) for x in (7, 10, 0, 1)] == [22, 5, -1, 4]


def test_phis():
    @of_ints
    def clamped(builder, x):
        def come_in(phi, start, other):
            phi.add_incoming(x, start)
            phi.add_incoming(x.type(0), other)

        return phi_of(builder, x, come_in)

    assert [clamped(x) for x in (5, -5, 0)] == [5, 0, 0]

    @of_ints
    def factorial(builder, x):
        start, head, body, after = (builder.block, *(builder.append_basic_block() for _ in range(3)))
        builder.branch(head)
        builder.position_at_end(head)
        n, product = builder.phi(x.type), builder.phi(x.type)
        builder.cbranch(builder.icmp_signed(">", n, x.type(1)), body, after)
        with builder.goto_block(body):
            n.add_incoming(builder.sub(n, x.type(1)), body)
            product.add_incoming(builder.mul(product, n), body)
            builder.branch(head)
        n.add_incoming(x, start)
        product.add_incoming(x.type(1), start)
        builder.position_at_end(after)
        return product

    assert [factorial(x) for x in (0, 1, 5, 10)] == [math.factorial(x) for x in (0, 1, 5, 10)]


def test_loops():
    @of_ints
    def first_square_above(builder, x):
        found = cgutils.alloca_once_value(builder, x.type(-1))
        with cgutils.for_range(builder, x.type(100), start=x.type(3)) as loop:
            square = builder.mul(loop.index, loop.index)
            with builder.if_then(builder.icmp_signed(">", square, x)):
                builder.store(square, found)
                loop.do_break()
        return builder.load(found)

    assert [first_square_above(x) for x in (0, 9, 50, 99**2)] == [9, 16, 64, -1]

    @intrinsic
    def sum_of_products(typingctx, n, m):
        def codegen(context, builder, signature, args):
            total = cgutils.alloca_once_value(builder, args[0].type(0))
            with cgutils.loop_nest(builder, args, args[0].type) as (i, j):
                builder.store(builder.add(builder.load(total), builder.mul(i, j)), total)
            return builder.load(total)

        return n(n, m), codegen

    assert njit(lambda n, m: sum_of_products(n, m))(4, 3) == sum(i * j for i in range(4) for j in range(3))


def test_exceptions():
    @of_ints
    def reciprocal(builder, x):
        context = _Context()
        with cgutils.if_zero(builder, x):
            context.call_conv.return_user_exc(builder, ValueError, ("no {} of 0",))
        return builder.sdiv(x.type(100), x)

    assert reciprocal(7) == 14
    with pytest.raises(ValueError, match="no {} of 0"):
        reciprocal(0)

    @njit
    def caught(x):
        try:
            return reciprocal(x)
        except ValueError:
            return -1

    assert caught(0) == -1 and caught(5) == 20


def test_functions_of_c():
    @of_ints
    def absolute(builder, x):
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(x.type, [x.type]), "labs")
        return builder.call(function, [x])

    assert [absolute(x) for x in (-5, 5)] == [5, 5]

    @intrinsic
    def hypotenuse(typingctx, x, y):
        def codegen(context, builder, signature, args):
            typ = args[0].type
            with_length = ir.Function(builder.module, ir.FunctionType(typ, [typ, typ]), name="hypot")
            return builder.call(with_length, args)

        return types.float64(types.float64, types.float64), codegen

    f = njit(lambda x, y: hypotenuse(x, y))
    assert f(3.0, 4.0) == 5.0 and f(5, 12) == 13.0


def test_functions_at_addresses_and_symbols():
    @cfunc(types.int64(types.int64))
    def twice(x):
        return 2 * x

    binding.add_symbol("rumba_test_twice", twice.address)

    @of_ints
    def by_name(builder, x):
        return builder.call(C("rumba_test_twice"), [x])

    @of_ints
    def by_address(builder, x):
        pointer = ir.FunctionType(x.type, [x.type]).as_pointer()
        return builder.call(ir.IntType(64)(twice.address).inttoptr(pointer), [x])

    assert by_name(4) == 8 and by_address(5) == 10

    @intrinsic
    def fill(typingctx, a, byte):
        def codegen(context, builder, signature, args):
            pointer = context.make_array(a)(context, builder, args[0]).data
            fnty = ir.FunctionType(ir.PointerType(), [ir.PointerType(), ir.IntType(32), ir.IntType(64)])
            function = cgutils.get_or_insert_function(builder.module, fnty, "memset")
            builder.call(function, [pointer, builder.trunc(args[1], ir.IntType(32)), ir.IntType(64)(4)])
            return context.get_dummy_value()

        return types.none(a, types.int64), codegen

    a = np.zeros(6, np.uint8)
    njit(lambda a: fill(a, 7))(a)
    assert a.tolist() == [7, 7, 7, 7, 0, 0]


def test_what_a_typer_gives():
    @intrinsic
    def odd(typingctx, x):
        return x

    with pytest.raises(errors.TypingError, match="gives a signature and a code generator"):
        njit(lambda x: odd(x))(1)

    @intrinsic
    def asks(typingctx, x):
        return typingctx.unify_types(x)

    with pytest.raises(errors.TypingError, match="no `typingctx.unify_types`"):
        njit(lambda x: asks(x))(1)


def test_types_of_llvmlite_are_understood():
    llvmlite = pytest.importorskip("llvmlite.ir")

    f = of_ints(lambda builder, x: builder.add(x, llvmlite.Constant(llvmlite.IntType(64), -3)))
    assert f(10) == 7
    g = of_ints(lambda builder, x: builder.fptosi(builder.sitofp(x, llvmlite.DoubleType()), llvmlite.IntType(64)))
    assert g(10) == 10


def test_importing_rumba_does_not_load_the_builder():
    code = "import rumba, rumba.extending, sys; assert 'rumba.llvm.ir' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)

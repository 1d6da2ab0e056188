"""Classes as values (`type`, `issubclass`, unions), identity, and numbers as bytes, text and bits."""

import enum
import math
import random
import struct
import sys
import types as python_types
from collections import OrderedDict, defaultdict, deque, namedtuple
from typing import Optional, Union

import numpy as np
import pytest
from differential import check
from rumba import TypingError, njit
from rumba.experimental import jitclass

Pair = namedtuple("Pair", "a b")
Number = int | float
NumberOrNone = Optional[Union[int, float]]  # noqa: UP007, UP045


class Color(enum.Enum):
    RED = 1


class Shade(Exception):
    pass


@jitclass([("x", "int64")])
class Cell:
    def __init__(self, x):
        self.x = x

    def __call__(self):
        return self.x


# Classes


def test_type_is_the_class_of_any_value():
    def f(integer, real, text, data, items, mapping, pair):
        return (
            type(integer) is int,
            type(real) is float,
            type(text) is str,
            type(data) is bytes,
            type(items) is list,
            type(mapping) is dict,
            type(pair) is Pair,
            type((1, 2)) is tuple,
            type(1 > 2) is bool,
            type(None) is type(None),
            type(1j) is complex,
            type({1}) is set,
            type(frozenset(items)) is frozenset,
            type(deque(items)) is deque,
            type(OrderedDict(mapping)) is OrderedDict,
            type(defaultdict(int)) is defaultdict,
            type(np.zeros(2)) is np.ndarray,
            type(range(3)) is range,
            type(Color.RED) is Color,
            type(Shade("x")) is Shade,
            type(np.int8(1)) is np.int8,
            type(integer) is float,
            type(integer) == type(2),
            type(integer) != type(real),
            type(integer) in (float, int),
        )

    check(f, 1, 2.5, "a", b"a", [1], {1: 2}, Pair(1, 2))


def test_type_is_called():
    def f(x, items, pair):
        return type(x)(7.9), type(items)((1, 2)), type(pair)(3, 4), type("")(x)

    check(f, 3, [1], Pair(1, 2))
    check(f, 2.5, [1.5], Pair(1, 2.5))


def test_type_of_instances_and_of_what_was_caught():
    def f(x):
        cell = Cell(x)
        try:
            raise Shade("dark")
        except Exception as error:
            caught = type(error)
            return type(cell)(x + 1).x, issubclass(caught, Shade), issubclass(caught, KeyError)

    assert njit(f)(1) == (2, True, False)


def test_a_branch_on_the_type_is_decided_when_compiling():
    def f(x):
        if type(x) is str:
            return len(x)
        return x + 1

    check(f, "abc")
    check(f, 1)


def test_type_of_what_may_be_none():
    def f(x):
        y = 1 if x else None
        return type(y) is int

    with pytest.raises(TypingError, match="ask whether it is None before"):
        njit(f)(1)


def test_issubclass_is_what_the_interpreter_says():
    def f():
        return (
            issubclass(bool, int),
            issubclass(int, bool),
            issubclass(np.float64, float),
            issubclass(np.int8, np.integer),
            issubclass(np.int8, (np.floating, np.signedinteger)),
            issubclass(Shade, Exception),
            issubclass(KeyError, (IndexError, LookupError)),
            issubclass(Pair, tuple),
            issubclass(Color, enum.Enum),
            issubclass(OrderedDict, dict),
            issubclass(int, object),
            issubclass(int, int | str),
        )

    check(f)


def test_issubclass_of_what_is_no_class():
    with pytest.raises(TypingError, match=r"issubclass\(\) cannot decide about int64"):
        njit(lambda x: issubclass(x, int))(1)
    with pytest.raises(TypingError, match=r"issubclass\(\) cannot decide about function len"):
        njit(lambda: issubclass(int, len))()


@pytest.mark.parametrize("value", [1, 2.5, "a", None, (1, 2), True])
def test_isinstance_of_unions(value):
    def f(x):
        return (
            isinstance(x, int | float),
            isinstance(x, int | str | None),
            isinstance(x, Number),
            isinstance(x, NumberOrNone),
            isinstance(x, (str | tuple, None | bool)),
            isinstance(x, type(None)),
            isinstance(x, python_types.NoneType),
        )

    check(f, value)


def test_a_union_with_what_is_no_class():
    with pytest.raises(TypingError, match="`|` is not defined for"):
        njit(lambda x: isinstance(x, int | 3))(1)


def test_callable():
    def f(x, g, items):
        def inner():
            return x

        return (
            callable(x),
            callable(g),
            callable(inner),
            callable(len),
            callable(int),
            callable(Pair),
            callable(Shade),
            callable(math),
            callable(items.append),
            callable("a"),
            callable(np.float32),
        )

    check(f, 1, abs, [1])
    assert njit(lambda: callable(Cell(1)))() is True


# Identity


def test_id():
    def f(items, mapping):
        same, other = items, items.copy()
        return id(items) == id(same), id(items) == id(other), id(mapping) == id(mapping), id(items) == id(mapping)

    check(f, [1, 2], {1: 2})
    assert njit(lambda: id(Cell(1)) != 0)()


def test_id_of_a_number():
    with pytest.raises(TypingError, match="int64 has no identity in compiled code"):
        njit(lambda x: id(x))(1)


# Numbers as bytes


INTEGERS = [0, 1, -1, 127, 128, -128, -129, 255, 256, 2**62, 2**63 - 1, -(2**63)]


@pytest.mark.parametrize("length", [0, 1, 2, 7, 8, 9, 20])
@pytest.mark.parametrize("signed", [False, True])
def test_to_bytes(length, signed):
    def f(x, length, byteorder, signed):
        return x.to_bytes(length, byteorder, signed=signed)

    for x in INTEGERS:
        check(f, x, length, "big", signed)
        check(f, x, length, "little", signed)


def test_to_bytes_of_unsigned_ints():
    def f(x, n, signed):
        return x.to_bytes(n, "little", signed=signed)

    for n in (7, 8, 9):
        for signed in (False, True):
            check(f, 2**64 - 1, n, signed)


def test_keywords_and_errors_of_to_bytes():
    check(lambda x: (x.to_bytes(), x.to_bytes(length=2), x.to_bytes(byteorder="little", length=3)), 200)
    check(lambda x: x.to_bytes(-1, "big"), 1)
    check(lambda x: x.to_bytes(2, "middle"), 1)
    check(lambda x: x.to_bytes(2, "big"), True)
    with pytest.raises(TypingError, match="float64 has no attribute `to_bytes`"):
        njit(lambda x: x.to_bytes(2, "big"))(1.0)


@pytest.mark.parametrize("length", [0, 1, 2, 7, 8])
def test_from_bytes(length):
    def f(data, byteorder, signed):
        return int.from_bytes(data, byteorder, signed=signed), int.from_bytes(bytes=data, byteorder=byteorder)

    rng = random.Random(length)
    for _ in range(20):
        # The first byte and the last one are small, so that what is unsigned fits int64.
        data = bytes([rng.randrange(128), *rng.randbytes(length), rng.randrange(128)])[:length]
        check(f, data, "big", False)
        check(f, data, "big", True)
        check(f, data[::-1], "little", True)


def test_from_bytes_of_what_is_longer_or_no_bytes():
    def f(data, signed):
        return int.from_bytes(data, signed=signed)

    check(f, bytes(5) + b"\x7f" + b"\xff" * 7, False)
    check(f, b"\xff" * 9 + b"\x80", True)
    check(f, b"\xff" * 3, True)
    check(f, [1, 2, 3], False)
    check(f, [1, 300], False)
    check(lambda data: int.from_bytes(data, "middle"), b"a")
    for data, signed in [(b"\xff" * 8, False), (b"\x01" + bytes(8), True), (b"\xff\x7f" + bytes(7), True)]:
        with pytest.raises(OverflowError):
            njit(f)(data, signed)


# Numbers as text


FLOATS = [0.0, -0.0, 1.0, 0.1, -2.5, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308]


def test_hex_of_floats():
    rng = random.Random(1)
    bits = [struct.unpack("d", rng.randbytes(8))[0] for _ in range(200)]
    for x in [*FLOATS, math.inf, -math.inf, math.nan, *bits]:
        check(lambda x: x.hex(), x)
    with pytest.raises(TypingError, match="int64 has no attribute `hex`"):
        njit(lambda x: x.hex())(1)


HEXADECIMALS = """
    0x1.8p1 1.8p+1 -0X1P-3 +a .8 8. 0x.1p4 inf -Infinity nan 0x0p0 -0x0.0p5 0x1p-1074 0x1p-1075 0x1.8p-1075 0x0.8p-1074
    0x1.fffffffffffff7p0 0x1.fffffffffffff8p0 0x1.fffffffffffff80000000000000001p0 0x1.00000000000008p0 0x1.000000000000080000p0
    0x1.0000000000000800000000000000000000001p0 0x1.00000000000018p0 0x1p1023 0x1p1024 0x1.fffffffffffff8p1023
    0x1.fffffffffffff7p1023 0x123456789abcdef0123456789 0x1p99999999999999999999 0x1p-99999999999999999999 0x0p99999999999999999999
    0x 0x. p1 1p 1p+ 1p+-2 1..2 0x1g 1_0 -- + 0x1p1.0
""".split()


def test_fromhex():
    rng = random.Random(2)
    texts = [*HEXADECIMALS, "", "  0x1p4\n", "0x1 p4", "1p\u0665"]
    for _ in range(200):
        digits = "".join(rng.choices("0123456789abcdef", k=rng.randrange(1, 25)))
        texts.append(f"0x{digits[:5]}.{digits[5:]}p{rng.randrange(-1100, 1030)}")
    for text in texts:
        check(lambda text: float.fromhex(text), text)


COMPLEX = """
    1 1j j -j +j 1+2j 1-2j -1.5e3-2.5e-3j 1e+5j 1e5+1e-5j (1+2j) inf-infj nan+nanj -infinityj 1_0+2_0j
    1+ 1+2 1+2jj (1 1) 1__0 _1 1_ 1+_j --1j +-1j 1e e ej i 1+2i
""".split()


@pytest.mark.parametrize("text", [*COMPLEX, "", "  1+2j\n", "( 1 )", "1 +2j", "1+ 2j", "1\u0665j"])
def test_complex_of_text(text):
    check(lambda text: complex(text), text)


def test_complex_of_text_and_a_number():
    with pytest.raises(TypingError, match="can't take second arg if first is a string"):
        njit(lambda text: complex(text, 1))("1")


# Numbers as bits


@pytest.mark.parametrize("bits", [0, 1, 2**31, 2**52 + 3, 2**63 - 1])
def test_views_of_numpy_scalars(bits):
    def f(x):
        y = x.view(np.float64)
        return y.view(np.int64), y.view("uint64"), np.uint32(x).view(np.float32).view(np.int32), np.int8(x).view(np.uint8)

    # An int of Python's has no views.
    assert njit(f)(bits) == f(np.int64(bits))


def test_a_view_of_another_size():
    with pytest.raises(TypingError, match="float64 is not viewed as int32"):
        njit(lambda x: x.view(np.int32))(1.0)


# Ranges, bytes, lists


@pytest.mark.parametrize("item", [3, 5, 8, 20, True, 5.0, 5.5, math.nan, math.inf, 2.0**63, -(2.0**63)])
def test_count_and_index_of_ranges(item):
    for args in [(2, 20, 3), (20, 2, -3), (5, 5, 1), (0, 9, 1)]:
        check(lambda a, b, c, item: item in range(a, b, c), *args, item)
        check(lambda a, b, c, item: range(a, b, c).count(item), *args, item)
        check(lambda a, b, c, item: range(a, b, c).index(item), *args, item)


@pytest.mark.parametrize("byte", [108, 0, 255, 104, 256, -1])
def test_a_byte_is_searched_in_bytes(byte):
    data = b"hello\xff"
    check(lambda data, byte: (data.find(byte), data.rfind(byte, 1), data.count(byte, 0, 4)), data, byte)
    check(lambda data, byte: data.index(byte), data, byte)
    check(lambda data, byte: data.rindex(byte), data, byte)


@pytest.mark.parametrize("values", [[1], list(range(50)), ["a", "bc", "d"], [(1, 2.5), (3, 4.5), (5, 6.5)], [[1], [2], [3, 4]]])
def test_lists_are_shuffled_and_drawn_from_as_by_the_interpreter(values):
    def f(seed, values):
        random.seed(seed)
        random.shuffle(values)
        return values, random.choice(values), random.sample(values, len(values) // 2), random.choices(values, k=4)

    for seed in range(5):
        assert njit(f)(seed, list(values)) == f(seed, list(values))


def test_an_empty_list_is_shuffled():
    def f(values):
        del values[:]
        random.shuffle(values)
        return values

    check(f, [1, 2])


# Printing


def test_print_to_a_stream_that_was_replaced(capsys):
    @njit
    def f(x):
        print("a", x, file=sys.stderr, sep="-", end="!")
        print(x, file=sys.stdout, flush=True)
        print(x, file=None, flush=False)

    f(1)
    assert capsys.readouterr() == ("1\n1\n", "a-1!")


def test_print_to_something_else():
    with pytest.raises(TypingError, match=r"`file` is `sys.stdout`, `sys.stderr` or None"):
        njit(lambda x: print(x, file=x))(1)
    with pytest.raises(TypingError, match="`flush` is a constant"):
        njit(lambda x: print(x, flush=x > 0))(1)

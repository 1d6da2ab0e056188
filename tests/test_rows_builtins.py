"""A line for each built-in function."""

import math
import sys

import numpy as np
import pytest
from differential import check
from rows import Rows
from rumba import njit
from rumba.errors import RumbaError

row = Rows()


@row("range: one to three arguments", (5, -2, 3), (-5, 7, -3), (0, 0, 1))
def _(a, b, c):
    return list(range(a)), list(range(a, b)), list(range(a, b, c)), list(range(b, a, -1))


@row("range: a step of zero", (5, 0))
def _(n, step):
    return list(range(0, n, step))


@row("range: start, stop, step, len, in", (2, 20, 3), (20, 2, -3), (5, 5, 1))
def _(a, b, c):
    r = range(a, b, c)
    return r.start, r.stop, r.step, len(r), 5 in r, 6 in r


@row("range: index and slice", (2, 20, 3), (20, 2, -3))
def _(a, b, c):
    r = range(a, b, c)
    return r[0], r[-1], r[2], list(r[1:3]), list(r[::-1])


@row("range: an index out of range", (3,))
def _(n):
    return range(n)[n]


@row("range: equality", (0, 10, 3), (0, 0, 1), (5, 6, 9))
def _(a, b, c):
    r = range(a, b, c)
    return r == range(a, b + 2, c), r == range(0), r != range(5, 6), r == r


@row("range: as an argument, in lists, as text", (range(5),), (range(9, 2, -3),), (range(2, 2),))
def _(r):
    ranges = [r, range(1, 4), range(0, 9, 2)]
    return r, [x for x in r], [len(other) for other in ranges], str(r), f"{r!r} {range(3)}", bool(r), list(reversed(r)), sum(r)


@row("range: start, stop and step of slices", (2, 20, 3), (20, 2, -3), (5, 5, 1))
def _(a, b, c):
    r = range(a, b, c)[1:-1:2]
    return r.start, r.stop, r.step, len(r)


@row("range: as a result of a function in compiled code", (3,))
def _(n):
    def numbers(n):
        return range(n, 2 * n)

    total = 0
    for i in numbers(n):
        total += i
    return total


@row("len", ((1, 2.5),), ("é",), (b"ab",), ([1],), ({1: 2},), ({1, 2, 3},), (np.zeros((2, 3)),), ((),))
def _(x):
    return len(x)


@row("len: of a range", (4,))
def _(n):
    return len(range(n)), len(range(1, n, 2))


@row("abs", (-3,), (-2.5,), (3 - 4j,), (True,), (-0.0,), (np.array([-1.5, 2.0]),))
def _(x):
    return abs(x)


@row("min, max: of arguments", (1, 2), (2.5, 1.5), (1, 1))
def _(a, b):
    return min(a, b), max(a, b), min(a, b, a), max(b, a, b)


@row("min, max: of ints and floats that decide", (1, 0.5), (3, 2.5))
def _(a, b):
    return min(a, b) + 0.0, max(b, a) + 0.0


@row("min, max: of iterables", ([3, 1, 2],), ((3, 1, 2),), ({5, 4},), (np.array([2.0, 1.0]),), ("hello",))
def _(items):
    return min(items), max(items)


@row("min: of nothing", ([1],), ([],))
def _(items):
    if len(items) > 0:
        items.pop()
    own = [1]
    own.pop()
    return min(own)


@row("max: default", (0,), (3,))
def _(n):
    return max(range(n), default=-1), min([i * 2 for i in range(n)], default=7)


@row("min, max: key", ([3, -5, 2],))
def _(items):
    return min(items, key=abs), max(items, key=lambda x: -x), max(3, -4, key=abs), min("bA", "c", key=len)


@row("min, max: nan and text", (math.nan, 1.0), (1.0, math.nan))
def _(a, b):
    return max(a, b), min(a, b), max([a, b]), min([a, b]), max("ab", "b")


@row("int: of numbers", (2.7,), (-2.7,), (5,), (True,))
def _(x):
    return int(x), int()


@row("int: of nan", (math.nan,), (math.inf,))
def _(x):
    return int(x)


@row("int: of text and bytes", ("42",), (" -1_000 ",), ("x",), ("",))
def _(text):
    return int(text), int(b"17")


@row("int: with a base", ("ff", 16), ("0b11", 0), ("zz", 36), ("9", 8))
def _(text, base):
    return int(text, base)


@row("float: of numbers", (3,), (2.5,), (True,))
def _(x):
    return float(x), float()


@row("float: of text", ("2.5",), ("1e400",), (" nan ",), ("-inf",), ("1_0.5",), ("x",))
def _(text):
    return float(text)


@row("complex", (1.5, 2), (1, -0.0))
def _(a, b):
    return complex(a), complex(a, b), complex(real=a, imag=b), complex(), complex(1j, b)


@row("bool", (0,), (2.5,), (0j,), ("",), ("a",), ([],), ((),), (None,), (math.nan,))
def _(x):
    return bool(x), bool()


@row("enumerate: start", ([5, 6],))
def _(items):
    return list(enumerate(items)), list(enumerate(items, 1)), list(enumerate("ab", start=-1))


@row("enumerate: of arrays, dicts, sets, tuples, ranges", (np.arange(3.0), {1: 2}))
def _(a, d):
    return list(enumerate(a)), list(enumerate(d)), list(enumerate((1, 2))), list(enumerate(range(3, 5)))


@row("zip", ([1, 2, 3], (4.5, 5.5)))
def _(a, b):
    return list(zip(a, b)), list(zip(a)), list(zip(a, b, range(9), "xyz"))


@row("zip: of nothing")
def _():
    n = 0
    for _ in zip():
        n += 1
    return n


@row("zip: strict", ([1, 2], [3, 4]), ([1, 2], [3]))
def _(a, b):
    return list(zip(a, b, strict=True))


@row("zip, enumerate: nested", ([1, 2], [3.5, 4.5]))
def _(a, b):
    out = []
    for i, (x, y) in enumerate(zip(a, b)):
        out.append(i + x * y)
    return out


@row("round: to an int", (2.5,), (-3.5,), (7,), (0.49999999999999994,))
def _(x):
    return round(x), round(x, None)


@row("round: to digits", (2.675, 2), (1234.5, -2), (1e300, 3), (15, -1), (25, -1), (1.5, 0))
def _(x, n):
    return round(x, n)


def test_print(capfd):
    def f(a, x, text):
        print(a, x, text, True, None)
        print()
        print((1, 2.5), [1, 2], [0.5], np.arange(3), {1: 2.5}, {7})
        print(1, 2, sep="-", end="!\n")
        print(1e22, -0.0, 1 - 2j, (1,), (), "a", ("a", b"b"))

    f(3, 0.1, "text")
    expected = capfd.readouterr().out
    njit(f)(3, 0.1, "text")
    assert capfd.readouterr().out == expected


@row("list", ((3, 1),), ("ab",), ({1: 2},), (np.arange(3),))
def _(x):
    return list(x), list(range(3))


@row("set", ((3, 1, 3),), ("aba",), ([1],), (np.arange(3),))
def _(x):
    return sorted(set(x)), len(set(range(3)))


@row("dict: of pairs", ([(1, 2.5), (3, 4.5), (1, 0.5)],))
def _(pairs):
    return dict(pairs), dict(zip("ab", [1, 2])), dict({1: 2})


@row("dict: keywords", (3,), (2.5,))
def _(n):
    return dict(a=1, b=n), dict([("a", 1)], b=n), dict({"a": n}, a=2, c=3), dict()



@row("tuple", ((1, 2.5),))
def _(t):
    return tuple(t), tuple(range(3)), tuple()


@row("slice", (np.arange(10.0), 2, 8))
def _(a, i, j):
    s = slice(i, j)
    return a[s], a[slice(None, None, -1)], a[slice(3)], s.start, s.stop, s.step


@row("bytes", (3,))
def _(n):
    return bytes(n), bytes([65, 66]), bytes("é", "utf-8"), bytes()


@row("sum", ([1, 2, 3],), ((0.5, 1.5),), (np.arange(4),))
def _(items):
    return sum(items), sum(items, 10), sum(items, start=0.5), sum(range(5))


@row("sum: of lists", ([[1], [2, 3]],), ([],))
def _(lists):
    return sum(lists, []), sum(lists, [9])


@row("sum: of tuples", (3,))
def _(n):
    return sum(((n, 1), (2.5,)), ())



@row("divmod", (7, 2), (-7, 2), (7, -2), (7.5, 2), (-7.5, 2.0), (7, 0), (1.0, 0.0))
def _(a, b):
    return divmod(a, b)


@row("pow", (2, 10), (2.0, -2), (2, 0.5), (1j, 2), (-8.0, 2.0), ulp=1)
def _(a, b):
    return pow(a, b)


@row("pow: modulo", (7, 100, 13), (7, -1, 13), (-3, 5, -7), (2, 3, 0), (2, -1, 4))
def _(a, b, c):
    return pow(a, b, c)


@row("sorted", ([3, 1, 2],), ((3, 1, 2),), ("cab",), (np.array([2.5, 1.5]),), ({2, 1},), ([],))
def _(items):
    return sorted(items), sorted(items, reverse=True)


@row("sorted: key", ([3, -1, -2],))
def _(items):
    return sorted(items, key=abs), sorted(items, key=lambda x: x % 2, reverse=True)


@row("sorted: of tuples and text", ([(2, "b"), (1, "z"), (2, "a")],))
def _(items):
    return sorted(items), sorted(["b", "A", ""])


@row("sorted, min, max: of lists", ([[2], [1, 5], [1], [1, 5]],), ([["b"], ["a", "c"]],), ([(1, [2]), (1, [])],))
def _(lists):
    return sorted(lists), sorted(lists, reverse=True), min(lists), max(lists)


@row("sorted: by lists", (["bb", "a", "cc", "b", "a"],))
def _(texts):
    texts.sort(key=lambda text: [len(text)], reverse=True)
    return texts, sorted(texts, key=lambda text: [-len(text)])



@row("map, filter", ([1, 2, 3], 2))
def _(items, n):
    return (
        list(map(lambda x: x * n, items)),
        list(filter(lambda x: x > 1, items)),
        list(map(lambda x, y: x + y, items, (0.5, 1.5))),
        list(filter(None, [0, 1, 2])),
        list(map(abs, [-1, 2])),
    )


@row("map: of int, float, str", (["1", "22"],))
def _(texts):
    return list(map(int, texts)), list(map(float, texts)), list(map(str, [1, 2])), list(map(len, texts))


@row("iter, next", ([1, 2],))
def _(items):
    it = iter(items)
    a = next(it)
    b = next(it)
    return a, b, next(it, -1)


@row("iterators in variables: what is taken is gone", ([1, 2, 3, 4],))
def _(items):
    pairs, counted, backwards = zip(items, items), enumerate(items), reversed(items)
    seen = []
    for x, _ in pairs:
        seen.append(x)
        if x == 2:
            break
    for _, x in counted:
        seen.append(x * 10)
        break
    for _ in range(2):
        for x in backwards:
            seen.append(-x)
            break
    return seen, list(pairs), list(pairs), list(counted), list(backwards)


@row("zip: of one iterator twice", ([1, 2, 3, 4, 5],), ([1],))
def _(items):
    it = iter(items)
    return list(zip(it, it))


@row("zip: of one generator several times, and a list", ([1, 2, 3, 4, 5, 6],))
def _(items):
    it = (x * 0.5 for x in items)
    return [(a, b, c) for a, b, c in zip(it, items, it)]


@row("next: after the last", ([1],))
def _(items):
    it = iter(items)
    next(it)
    return next(it)


@row("iter of a function and a sentinel", ([0, 1, 2], 3), ([0, 5], 1))
def _(items, stop):
    count = 0

    def step():
        nonlocal count
        count += 1
        return count

    return list(iter(items.pop, 0)), [x * 0.5 for x in iter(step, stop)], count


@row("next: of enumerate, zip, map, reversed, range", ([1, 2],))
def _(items):
    e = enumerate(items)
    z = zip(items, items)
    m = map(abs, items)
    r = reversed(items)
    i = iter(range(3))
    return next(e), next(e), next(z), next(m), next(r), next(i), next(i)


@row("iter: partly used in a loop", ([1, 2, 3, 4],))
def _(items):
    it = iter(items)
    first = next(it)
    rest = [x for x in it]
    return first, rest


@row(
    "isinstance", (1,), (2.5,), (1j,), (True,), ("a",), ([1],), ({1: 2},), ({1},), ((1,),), (None,), (b"a",), (np.zeros(2),)
)
def _(x):
    return (
        isinstance(x, int),
        isinstance(x, float),
        isinstance(x, complex),
        isinstance(x, bool),
        isinstance(x, str),
        isinstance(x, bytes),
        isinstance(x, (list, dict)),
        isinstance(x, set),
        isinstance(x, tuple),
        isinstance(x, np.ndarray),
        isinstance(x, (int, (float, str))),
    )


@row("isinstance: of times, ranges and slices", (np.datetime64("2020-01-01"),), (np.timedelta64(1, "D"),), (range(3),), (slice(2),), ("a",))
def _(x):
    return isinstance(x, np.datetime64), isinstance(x, np.timedelta64), isinstance(x, range), isinstance(x, slice), isinstance(x, np.generic)


def test_isinstance_of_numpy_scalars():
    def f(x):
        return (
            isinstance(x, np.int32),
            isinstance(x, np.float32),
            isinstance(x, np.integer),
            isinstance(x, np.floating),
            isinstance(x, np.number),
        )

    for x in [np.int32(1), np.float32(1), np.uint8(1), np.complex64(1)]:
        check(f, x)


@row("getattr, hasattr", (1 + 2j,))
def _(z):
    return getattr(z, "real"), getattr(z, "nope", 5), hasattr(z, "imag"), hasattr(z, "nope")  # noqa: B009


@row("hash", (1,), (-1,), (2**61,), (2.5,), (0.1,), (-0.0,), (math.inf,), (1 + 2j,), (True,), ((1, 2.5),), ((),), ((1, (2,)),))
def _(x):
    return hash(x)


@row("hash: of text and bytes", ("text",), ("",), ("é",), (b"ab",), (b"",), (("a", 1),))
def _(x):
    return hash(x)


@row("chr, ord", (65,), (0x1F600,))
def _(n):
    return chr(n), ord(chr(n)), ord("é"), ord(b"a")


@row("chr: out of range", (-1,), (0x110000,))
def _(n):
    return chr(n)


@row("ord: of more than a character", ("ab",), ("",))
def _(text):
    return ord(text)


@row("str", (1,), (-2.5,), (1e16,), (1 - 2j,), (True,), (None,), ("a",), ((1, "a"),), ([1.5],), (b"a",))
def _(x):
    return str(x), str()


@row("repr", (1,), (-2.5,), (0.1 + 0.2,), (1j,), (False,), (None,), ("it's\n",), ((1,),), (["a"],), (b"\x00'",))
def _(x):
    return repr(x)


@row("str, repr: of dicts, sets, arrays", ({1: 2.5}, {3}, np.arange(3.0)))
def _(d, s, a):
    return str(d), repr(s), str(a), repr(a)


@row("ascii", ("é",), ("a",))
def _(text):
    return ascii(text)


@row("any, all", ([0, 1],), ((0, 0),), ((),), (np.array([True, False]),), ({0: 1},), ("ab",))
def _(items):
    return any(items), all(items), any(x == 0 for x in items), all([])


@row("reversed", ([1, 2, 3],), ((1, 2),), ("abc",), (np.arange(3),))
def _(items):
    return list(reversed(items)), list(reversed(range(3)))


@row("reversed: of a dict", ({1: 2, 3: 4},), ({},))
def _(d):
    return list(reversed(d)), list(reversed(d.keys())), list(reversed(d.values())), list(reversed(d.items()))



@row("bin, hex, oct", (10,), (-255,), (0,), (2**63 - 1,), (-(2**63),), (True,))
def _(n):
    return bin(n), hex(n), oct(n)


@row("format", (3.14159, "text", 42))
def _(x, text, n):
    return format(x, ".2f"), format(text, ">8"), format(n, "b"), format(n), format(x, "")


@row("object: the identity of None, Ellipsis and NotImplemented", (None,))
def _(x):
    return x is None, ... is Ellipsis


def test_print_to_a_file(capfd):
    def f(x):
        print("to stderr", x, file=sys.stderr)
        print(x, flush=True)

    f(3)
    expected = capfd.readouterr()
    njit(f)(3)
    assert capfd.readouterr() == expected


@row("complex: of text", ("1+2j",), ("-3j",), ("2.5",), ("x",))
def _(text):
    return complex(text)


@row("hash: of None", (None,))
def _(x):
    return hash(x)


@row("type: called and compared", (3,), (2.5,))
def _(x):
    return type(x)(7), type(x) is int, type(x) == float  # noqa: E721


@row("callable", (1,))
def _(x):
    f = lambda y: y  # noqa: E731
    return callable(f), callable(x), callable(len), callable(int)


@row("issubclass")
def _():
    return issubclass(bool, int), issubclass(float, int), issubclass(ValueError, (KeyError, Exception))


@row("id: of the same object", ([1],))
def _(items):
    other = items
    return id(items) == id(other)


@row("bytearray", (3,))
def _(n):
    b = bytearray(n)
    b[0] = 65
    return b[0], len(b)


@row("memoryview", (b"abc",))
def _(data):
    m = memoryview(data)
    return m[0], len(m)


@row("isinstance: a union of classes", (1,), ("a",))
def _(x):
    return isinstance(x, int | float)


@row("range: count, index, floats", (2, 20, 3))
def _(a, b, c):
    r = range(a, b, c)
    return r.count(5), r.index(5), 5.0 in r


@row("frozenset", ([1, 2, 1],))
def _(items):
    return len(frozenset(items)), 1 in frozenset(items)


test_row = row.test()


SCOPE = """
def f(x):
    return {name}(x)
"""


@pytest.mark.parametrize("name", ["open", "input", "eval", "vars", "exec", "globals"])
def test_what_only_the_interpreter_does_is_refused_by_name(name, tmp_path):
    path = tmp_path / f"calls_{name}.py"
    path.write_text(SCOPE.format(name=name))
    scope = {}
    exec(compile(path.read_text(), str(path), "exec"), scope)
    with pytest.raises(RumbaError, match=name):
        njit(scope["f"])("x")

"""A line for each construct of the language: statements, expressions, functions, exceptions, generators.

PYTEST_DONT_REWRITE: the messages of `assert` are compared with the interpreter's.
"""

import math
from collections import namedtuple

import numpy as np
import pytest
import rumba
from differential import check
from rows import Rows
from rumba import njit

row = Rows()


@row("if, elif, else", (-1,), (0,), (5,))
def _(x):
    if x < 0:
        return "negative"
    elif x == 0:
        return "zero"
    else:
        return "positive"


@row("conditional expressions", (3,), (-3,))
def _(x):
    return x if x > 0 else -x


@row("chained comparisons", (1, 2, 3), (3, 2, 1), (1, 1, 1))
def _(a, b, c):
    return a < b < c, a <= b <= c, a == b != c, a < b > c


@row("and, or, not that give values", (0, 5), (3, 0), (0, 0), (2, 7))
def _(a, b):
    return a and b, a or b, not a, not (a and b), a and b or 9


@row("and, or of containers and text", ([2], "x"), ([1], ""))
def _(items, text):
    return items or [7], text and "y", text or "z", not items


@row("while with else and break", (5, 3), (5, 9), (0, 0))
def _(n, stop):
    i = 0
    while i < n:
        if i == stop:
            break
        i += 1
    else:
        return -1
    return i


@row("for with else, continue and pass", (10, 4), (10, 40), (0, 0))
def _(n, stop):
    total = 0
    for i in range(n):
        if i % 2:
            continue
        if i == stop:
            break
        if i > 100:
            pass
        total += i
    else:
        total = -total
    return total


@row("the variable of a loop after the loop", (5,))
def _(n):
    for i in range(n):
        pass
    return i


@row("the variable of a loop that never ran", (0,), (2,))
def _(n):
    for i in range(n):
        pass
    return i


@row("assignment: chained, swapped, to tuples, nested", (1, 2.5))
def _(a, b):
    x = y = a
    a, b = b, a
    (p, (q, r)) = (a, (b, x))
    return x, y, a, b, p, q, r


@row("assignment: starred", ((1, 2, 3, 4),), ((1, 2),))
def _(t):
    first, *rest = t
    *start, last = t
    a, *middle, z = t
    return first, len(rest), rest[-1], start[0], last, a, len(middle), z


@row("assignment: starred, from a list", ([1, 2, 3],), ([1],), ([],))
def _(items):
    first, *rest = items
    return first, rest


@row("assignment: unpacking an array", (np.arange(3.0),), (np.arange(2.0),))
def _(values):
    a, b, c = values
    return a, b, c


@row("assignment: unpacking text and ranges", ("abc",), ("ab",))
def _(text):
    a, b, c = text
    d, e = range(2)
    return a + b + c, d, e


@row("assignment: augmented", (7, 3), (-7, 3))
def _(a, b):
    a += b
    a -= 1
    a *= b
    a //= 2
    a %= 100
    a <<= 2
    a >>= 1
    a &= 255
    a |= 1
    a ^= 6
    c = a / 1
    c /= 4
    c **= 2
    return a, c


@row("assignment: augmented, of an element", (np.arange(4.0), 2), ([1.0, 2.0], 0))
def _(values, i):
    values[i] += 2.5
    values[i] *= 3
    return values[i]


@row("assignment: annotated", (3,))
def _(n: int) -> int:
    x: int = n + 1
    return x


@row("docstrings", (3,))
def _(n):
    """Says what it does."""
    return n


@row("calls: with *args", ((1, 2, 3),))
def _(t):
    def add(a, b, c):
        return a + 10 * b + 100 * c

    return add(*t), add(1, *t[1:]), add(*t[:2], c=5)


@row("definitions: with *args", (1, 2), (1.5, 2))
def _(a, b):
    def total(*numbers):
        result = 0
        for x in numbers:
            result += x
        return result, len(numbers)

    return total(), total(a), total(a, b), total(a, b, a, b)


@row("arguments: by keyword and default", (1,))
def _(a):
    def f(x, y=2, z=3):
        return x + 10 * y + 100 * z

    return f(a), f(a, 5), f(a, z=7), f(z=1, y=2, x=a)


@row("arguments: a default of None decides a branch", (1,))
def _(a):
    def f(x, y=None):
        if y is None:
            return x
        return x * y

    return f(a), f(a, 2.5), f(a, y=3)


@row("arguments: only by keyword", (1,))
def _(a):
    def f(x, *, scale=2, shift):
        return x * scale + shift

    return f(a, shift=1), f(a, shift=2, scale=3)


@row("arguments: only by position", (1,))
def _(a):
    def f(x, y, /, z=1):
        return x - y + z

    return f(a, 2), f(a, 2, z=5)


@row("walrus", (5,), (50,))
def _(n):
    if (m := n * 2) > 20:
        return m
    total = 0
    while (n := n - 1) > 0:
        total += n
    return total + m


@row("walrus: in a comprehension", ([1, 2, 3, 4],))
def _(items):
    last = 0
    kept = [last for x in items if (last := x * x) > 3]
    return kept, last


@row("match: literals, alternatives, wildcard", (0,), (1,), (2,), (5,))
def _(n):
    match n:
        case 0:
            return "none"
        case 1 | 2:
            return "few"
        case _:
            return "many"


@row("match: guards and captures", (3,), (-3,))
def _(n):
    match n:
        case x if x < 0:
            return -x
        case x:
            return x * 10


@row("match: sequences", ((1, 2),), ((1, 2, 3),), ((0,),))
def _(point):
    match point:
        case (0,):
            return 0
        case (x, y):
            return x + y
        case (x, *rest):
            return x + len(rest)


@row("match: text and None", ("go",), ("stop",), ("",))
def _(command):
    match command:
        case "go":
            return 1
        case "stop":
            return 2
        case _:
            return 3


@row("f-strings: text, ints, bools", ("a", 3, True))
def _(text, n, flag):
    return f"{text}-{n}-{flag}"


@row("f-strings: floats, complex numbers, None, tuples, lists", (0.1, 1 - 2j), (1e22, -0.0j), (math.nan, math.inf * 1j))
def _(x, z):
    return f"{x} {z} {None} {(1, x)} {[x, 1.0]}"


@row("f-strings: specifications, conversions, nested fields", (3.14159, "text", 42), (-0.5, "é", -7))
def _(x, text, n):
    return f"{x:8.3f}|{text:>8}|{n:05d}|{n:x}|{text!r}|{x!s:>10}|{n:{n if n > 0 else 3}}|{n = }|{{}}"


@row("comprehensions: lists", (5,), (0,))
def _(n):
    return [i * i for i in range(n)], [i for i in range(n) if i % 2], [i if i else -1 for i in range(n)]


@row("comprehensions: nested lists", (3,), (0,))
def _(n):
    return [[i * j for j in range(i)] for i in range(n)], [(i, j) for i in range(n) for j in range(i)]


@row("comprehensions: an array from a list", (4,))
def _(n):
    return np.array([i * 0.5 for i in range(n)]), np.array([[i + j for j in range(2)] for i in range(n)])


@row("comprehensions: dicts", (4,), (0,))
def _(n):
    return {i: i * 0.5 for i in range(n) if i != 2}


@row("comprehensions: sets", (7,), (0,))
def _(n):
    return sorted({i % 3 for i in range(n)})


@row("generator expressions", (5,), (0,))
def _(n):
    return sum(i * i for i in range(n)), list(x for x in range(n) if x % 2), max((i for i in range(n)), default=-1)


@row("generators: yield", (5,), (0,))
def _(n):
    def numbers(n):
        for i in range(n):
            yield i * 0.5

    total = 0.0
    for x in numbers(n):
        total += x
    return total, list(numbers(n))


@row("generators: yield from", (3,))
def _(n):
    def inner(n):
        for i in range(n):
            yield i
        return n

    def outer(n):
        m = yield from inner(n)
        yield m
        yield from range(2)
        yield from [7, 8]

    return list(outer(n))


@row("generators: send", (3,))
def _(n):
    def running(total):
        while True:
            x = yield total
            total += x

    g = running(0)
    next(g)
    a = g.send(n)
    return a, g.send(5)


@row("generators: close", (3,))
def _(n):
    seen = []

    def numbers(n):
        try:
            for i in range(n):
                yield i
        finally:
            seen.append(n)

    g = numbers(n)
    first = next(g)
    g.close()
    return first, seen, next(g, -1)


def test_generators_returned_to_the_interpreter():
    @njit
    def count(n):
        for i in range(n):
            got = yield i
            if got is not None:
                yield got * 10

    g = count(3)
    assert next(g) == 0
    assert g.send(5) == 50
    assert list(g) == [1, 2]
    g = count(3)
    next(g)
    with pytest.raises(ValueError, match="stop"):
        g.throw(ValueError("stop"))
    g = count(3)
    next(g)
    g.close()
    assert list(g) == []


@row("closures: captured values", (3,))
def _(n):
    m = n * 2

    def add(x):
        return x + m

    return add(1), add(2.5)


@row("closures: lambda", (3,))
def _(n):
    f = lambda x, y=2: x * y + n  # noqa: E731
    return f(1), f(2, 3)


@row("closures: recursive inner functions", (6,))
def _(n):
    def factorial(k):
        return 1 if k < 2 else k * factorial(k - 1)

    return factorial(n)


@row("closures: nonlocal, several times", (4,))
def _(n):
    count = 0
    total = 0.0

    def step(x):
        nonlocal count, total
        count += 1
        total += x

    for i in range(n):
        step(i * 0.5)
    step(1.0)
    return count, total


@row("closures: returned within compiled code", (3,))
def _(n):
    def adder(k):
        def add(x):
            return x + k

        return add

    return adder(n)(4), adder(1.5)(2)


@njit
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@njit
def is_even(n):
    return True if n == 0 else is_odd(n - 1)


@njit
def is_odd(n):
    return False if n == 0 else is_even(n - 1)


@njit
def changing(x, n):
    return x if n == 0 else changing(x * 0.5, n - 1)


@row("recursion: of a function itself", (10,))
def _(n):
    return fibonacci(n)


@row("recursion: mutual", (7,), (8,))
def _(n):
    return is_even(n), is_odd(n)


@row("recursion: with other types", (8, 3))
def _(x, n):
    return changing(x, n)


@row("try: except without a class", (0,), (2,))
def _(n):
    try:
        x = 10 // n
    except:  # noqa: E722
        x = -1
    return x


@row("try: except Exception, else, finally", (0,), (2,))
def _(n):
    steps = []
    try:
        x = 10 // n
    except Exception:
        x = -1
        steps.append("except")
    else:
        steps.append("else")
    finally:
        steps.append("finally")
    return x, steps


@row("try: finally around raise", (0,), (1,))
def _(n):
    items = [0]
    try:
        if n:
            raise ValueError("n")
    finally:
        items[0] += 1
    return items


@row("try: classes and tuples of classes", (0,), (1,), (2,), (3,))
def _(n):
    try:
        if n == 0:
            raise ValueError("v")
        if n == 1:
            raise KeyError("k")
        if n == 2:
            raise TypeError("t")
        return 0
    except ValueError:
        return 1
    except (KeyError, IndexError):
        return 2


@row("try: as, and the text of the exception", (0,), (2,))
def _(n):
    try:
        if n:
            raise ValueError("bad", n)
        raise KeyError("k")
    except (ValueError, KeyError) as e:
        return str(e)


@row("try: raise again", (0,), (1,))
def _(n):
    try:
        return 1 // n
    except ZeroDivisionError:
        raise


@row("try: raise from", (0,), (1,))
def _(n):
    try:
        return 1 // n
    except ZeroDivisionError as e:
        raise ValueError("no") from e


@row("try: return and break in finally and in loops", (3,))
def _(n):
    out = []
    for i in range(n):
        try:
            if i == 1:
                continue
            if i == 2:
                break
            out.append(i)
        finally:
            out.append(-i)
    return out


@row("try: what the runtime raises", (0,), (1,), (2,), (3,))
def _(n):
    items = [1, 2]
    table = {1: 2}
    try:
        if n == 0:
            return items[5]
        if n == 1:
            return table[7]
        if n == 2:
            return int("x")
        return items.index(9)
    except IndexError:
        return -1
    except KeyError:
        return -2
    except ValueError:
        return -3


class Failure(Exception):
    """An exception of a user's."""


@row("raise: a class, arguments, computed text", (0,), (1,), (2,), (3,))
def _(n):
    if n == 0:
        raise ValueError
    if n == 1:
        raise ValueError("at", n, 2.5)
    if n == 2:
        raise IndexError(f"n is {n}")
    raise Failure("mine", n)


@row("assert", (0,), (1,))
def _(n):
    assert n, "n must not be zero"
    assert n == 1
    return n


@row("assert: computed text", (0,), (1,))
def _(n):
    assert n, f"n is {n}"
    return n


def test_with_objmode():
    @njit
    def f(x):
        with rumba.objmode(y="float64[:]"):
            y = np.cumsum(x)[::2].copy()
        return y * 2

    assert f(np.arange(5.0)).tolist() == [0.0, 6.0, 20.0]


@row("with: nullcontext and errstate", (4.0,))
def _(x):
    with np.errstate(divide="ignore"):
        y = np.sqrt(x)
    return y


@row("del: a name", (0,), (1,))
def _(n):
    m = n
    if n:
        del m
    return m


@row("del: elements and slices of lists", ([1, 2, 3, 4, 5],), ([1],))
def _(items):
    own = [1, 2, 3, 4]
    del own[0]
    del own[1:]
    del items[0]
    del items[1:3]
    del items[::2]
    return own, items


@row("del: keys of dicts", (1,), (3,))
def _(key):
    table = {1: 2.0, 2: 3.0}
    del table[key]
    return table


Point = namedtuple("Point", "x y")


@row("attributes", (Point(1, 2.5),))
def _(p):
    return p.x + p.y


@row("attributes: assignment of parts of arrays", (np.array([1 + 2j, 3j]),))
def _(a):
    a.real = 5.0
    b = a.copy()
    b.imag = np.array([1.0, 2.0])
    c = a.imag.copy()
    c.real = b.real
    return a, b, c


@row("loops over tuples of several types: nested, counted, of constant lists", (2,))
def _(n):
    total = 0.0
    for i, x in enumerate(rumba.literal_unroll((1, 2.5, "abc"))):
        for y in rumba.literal_unroll([n, 0.5]):
            total += i * y * (len(x) if isinstance(x, str) else x)
    return total


@row("is, is not", (None,), (1,))
def _(x):
    return x is None, x is not None, True is True


@row("is, is not: of containers", ([1, 2],))
def _(items):
    same, other, d, s = items, items[:], {1: 2}, {1}
    return same is items, other is items, other is not items, d is d, d is d.copy(), s is s, s is not s.copy()


@row("in: of iterators and views", ([1, 2, 3, 4], {1: 2.5}))
def _(items, d):
    it = iter(items)
    return 2 in it, list(it), 9 in (x for x in items), 2.5 in d.values(), (1, 2.5) in d.items(), (1, 3.5) in d.items()


@row("in, not in", (2,), (9,))
def _(x):
    return x in (1, 2), x not in [1, 2], x in {1, 2}, x in {2: 1}, x in range(5), "a" in "cat"


@row("slicing", (np.arange(10.0), 2, 8), (np.arange(10.0), -3, 100))
def _(a, i, j):
    return a[i:j], a[::-1], a[j:i:-2], a[:], a[i:]


@row("Ellipsis and new axes", (np.arange(24.0).reshape(2, 3, 4),))
def _(a):
    return a[..., 0], a[0, ...], a[:, None, 1].shape, a[..., np.newaxis].shape


@row("matrix product", (np.arange(4.0).reshape(2, 2), np.arange(2.0)))
def _(a, v):
    return a @ a, a @ v, v @ v


@row("matrix product: in place", (np.arange(4.0).reshape(2, 2), np.eye(2) * 2))
def _(a, b):
    a @= b
    return a


@row("matrix product: of ints and of more axes", (np.arange(4).reshape(2, 2), np.arange(8.0).reshape(2, 2, 2)))
def _(a, b):
    return a @ a, b @ b


@row("loops over tuples of several types", ((1, 2.5, 3),), ((1, 2.5, True, 4),))
def _(t):
    total = 0.0
    for x in t:
        total += x
    return total


def test_literal_unroll():
    @njit
    def f(t):
        total = 0.0
        for x in rumba.literal_unroll(t):
            total += len(x) if isinstance(x, str) else x
        return total

    assert f((1, 2.5, "abc")) == 6.5
    assert f(("abc",)) == 3.0


@row("constants: globals and attributes of modules")
def _():
    return math.pi, SCALE, np.pi, WORD


SCALE = 2.5
WORD = "word"


@row("numbers: literals of every base, separators, complex")
def _():
    return 0x1F, 0b101, 0o17, 1_000_000, 1e-3, 2.5j, 1e400, "a" "b", "\u00e9\n\x41", r"\n", b"\x00a"


@row("global constants: tuples and arrays", (1,))
def _(i):
    return TABLE[i], ARRAY[i], len(TABLE)


TABLE = (1, 2, 3)
ARRAY = np.array([1.5, 2.5])


@row("statements: several in a line, pass, nested functions without use", (1,))
def _(n):
    a = n; b = a + 1  # noqa: E702
    pass
    ...
    return a, b


@row("text: spread over lines, joined", (1,))
def _(n):
    return "a" \
        "b" + ("c"
               "d")


@row("starred expressions in tuples, lists and sets", ((1, 2),))
def _(t):
    return (0, *t, 3), [*t, 5], sorted({*t, 9}), (*t, *t)


@row("starred expressions of lists and ranges", ([1, 2],))
def _(items):
    return [*items, *range(3), *items]


@row("dict displays with **", (1,))
def _(n):
    a = {1: 2.0}
    return {**a, n + 1: 3.0, **{5: 6.0}}


@row("return without a value", (1,))
def _(n):
    if n:
        return
    return None


@row("return of several types of numbers", (0,), (1,))
def _(n):
    if n:
        return n * 1.0
    return 2.0


@row("an expression as a statement", ([3],))
def _(items):
    items.append(1), items.append(2)
    items
    return items


test_row = row.test()


def test_keyword_only_parameters_from_the_interpreter():
    def f(x, *, scale=2):
        return x * scale

    assert njit(f)(3) == 6
    assert njit(f)(3, scale=2.5) == 7.5
    with pytest.raises(TypeError):
        njit(f)(3, 4)


def test_star_args_from_the_interpreter():
    def f(a, *rest):
        return a, len(rest), rest

    for args in [(1,), (1, 2), (1, 2.5, "x")]:
        check(f, *args)

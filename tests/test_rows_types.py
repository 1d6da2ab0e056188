"""A line for each method and operation of the built-in types: numbers, text, bytes, containers, tuples, enumerations."""

import array
import enum
import math
from collections import namedtuple
from typing import NamedTuple

import numpy as np
import pytest
from differential import check
from rows import Rows
from rumba import njit
from rumba.errors import TypingError, UnsupportedError

row = Rows()


# Numbers


@row("int: arithmetic", (7, 3), (-7, 3), (7, -3), (0, 1), (1, 0))
def _(a, b):
    return a + b, a - b, a * b, a / b, a // b, a % b, -a, +a


@row("int: power", (3, 4), (-2, 3), (0, 0), (5, 1))
def _(a, b):
    return a**b, a**2, 2**b


@row("int: bits", (12, 5), (-12, 3), (0, 1))
def _(a, b):
    return a & b, a | b, a ^ b, ~a, a << b, a >> b


@row("int: comparison", (1, 2), (2, 2), (3, 2))
def _(a, b):
    return a == b, a != b, a < b, a <= b, a > b, a >= b


@row("int: comparison with floats", (2**53, float(2**53)), (1, 1.5), (3, math.nan))
def _(a, b):
    return a == b, a < b, a > b


@row("int: real, imag, conjugate, numerator, denominator", (7,), (-7,), (True,))
def _(n):
    return n.real, n.imag, n.conjugate(), n.numerator, n.denominator


@row("int: bit_length, bit_count", (0,), (255,), (-256,), (2**62,))
def _(n):
    return n.bit_length(), n.bit_count()


@row("int: as_integer_ratio, is_integer", (7,))
def _(n):
    return n.as_integer_ratio()


@row("float: arithmetic", (7.5, 2.0), (-7.5, 2.0), (7.5, -0.0), (math.inf, 2.0), (math.nan, 1.0))
def _(a, b):
    return a + b, a - b, a * b, a / b


@row("float: floor division and remainder", (7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (1.0, 0.0), (-0.0, 3.0))
def _(a, b):
    return a // b, a % b


@row("float: is_integer", (2.0,), (2.5,), (math.inf,), (math.nan,))
def _(x):
    return x.is_integer()


@row("float: as_integer_ratio", (0.5,), (-2.75,), (0.0,), (math.nan,), (math.inf,))
def _(x):
    return x.as_integer_ratio()


@row("float: real, imag, conjugate", (2.5,), (-0.0,))
def _(x):
    return x.real, x.imag, x.conjugate()


@row("complex: arithmetic", (1 + 2j, 3 - 1j), (1j, 2.0), (1 + 1j, 0j))
def _(a, b):
    return a + b, a - b, a * b, -a, a == b, a != b, a / b


@row("complex: real, imag, conjugate, abs, power", (3 + 4j,), (-1j,))
def _(z):
    return z.real, z.imag, z.conjugate(), abs(z), z**2


@row("bool: arithmetic and logic", (True, False), (True, True))
def _(a, b):
    return a + b, a * 3, a & b, a | b, a ^ b, not a, a == b, a < b, -a, a / 2, a**2


def test_item_of_numpy_scalars():
    def f(x):
        return x.item(), x.real, x.imag

    for x in [np.int32(3), np.float32(1.5), np.uint8(200), np.complex64(1 + 2j)]:
        check(f, x)


# Text


@row("str: concatenation and repetition", ("ab", 3), ("", 2), ("é", 0), ("x", -1))
def _(s, n):
    return s + "c", s * n, n * s


@row("str: in", ("b", "abc"), ("", ""), ("é", "caf"))
def _(a, b):
    return a in b, a not in b


@row("str: comparison", ("a", "b"), ("a", "a"), ("é", "z"), ("", "a"), ("ab", "a"))
def _(a, b):
    return a == b, a != b, a < b, a <= b, a > b, a >= b


@row("str: index", ("héllo", 1), ("héllo", -1))
def _(s, i):
    return s[i]


@row("str: index out of range", ("abc", 3), ("", 0))
def _(s, i):
    return s[i]


@row("str: slices", ("héllo wörld", 2, 8), ("abc", -2, 100), ("", 0, 1))
def _(s, i, j):
    return s[i:j], s[::-1], s[::2], s[:i], s[j:i:-1]


@row("str: len, hash, iteration", ("héllo",), ("",), ("\U0001f600",))
def _(s):
    return len(s), hash(s), [c for c in s]


TEXTS = [("hello World",), ("",), ("ÉCOLE ß",), ("123",), ("a\tb\n",), ("ǆ x",), ("Title Case",), ("_id1",), (" \t",)]


@row("str: capitalize", *TEXTS)
def _(s):
    return s.capitalize()


@row("str: casefold", *TEXTS)
def _(s):
    return s.casefold()


@row("str: center", *TEXTS)
def _(s):
    return s.center(10), s.center(15, "*")


@row("str: count", *TEXTS)
def _(s):
    return s.count("l"), s.count(""), s.count("l", 3), s.count("o", 2, 6)


@row("str: endswith", *TEXTS)
def _(s):
    return s.endswith("d"), s.endswith(("3", "ß")), s.endswith("l", 0, 4), s.endswith("")


@row("str: expandtabs", *TEXTS)
def _(s):
    return s.expandtabs(), s.expandtabs(3), s.expandtabs(tabsize=0)


@row("str: find", *TEXTS)
def _(s):
    return s.find("o"), s.find("o", 5), s.find("o", -3, -1), s.find("")


@row("str: index of text", ("hello", "l"), ("hello", "z"))
def _(s, part):
    return s.index(part), s.index(part, 3)


@row("str: isalnum", *TEXTS)
def _(s):
    return s.isalnum()


@row("str: isalpha", *TEXTS)
def _(s):
    return s.isalpha()


@row("str: isascii", *TEXTS)
def _(s):
    return s.isascii()


@row("str: isdecimal", *TEXTS, ("٣",), ("²",))
def _(s):
    return s.isdecimal()


@row("str: isdigit", *TEXTS, ("٣",), ("²",))
def _(s):
    return s.isdigit()


@row("str: isidentifier", *TEXTS)
def _(s):
    return s.isidentifier()


@row("str: islower", *TEXTS)
def _(s):
    return s.islower()


@row("str: isnumeric", *TEXTS, ("½",))
def _(s):
    return s.isnumeric()


@row("str: isprintable", *TEXTS)
def _(s):
    return s.isprintable()


@row("str: isspace", *TEXTS)
def _(s):
    return s.isspace()


@row("str: istitle", *TEXTS)
def _(s):
    return s.istitle()


@row("str: isupper", *TEXTS, ("AB",))
def _(s):
    return s.isupper()


@row("str: join", *TEXTS)
def _(s):
    return s.join(["a", "b"]), s.join(("x",)), s.join([]), "-".join(s), ",".join(str(i) for i in range(3))


@row("str: ljust", *TEXTS)
def _(s):
    return s.ljust(10), s.ljust(15, ".")


@row("str: lower", *TEXTS)
def _(s):
    return s.lower()


@row("str: lstrip", *TEXTS)
def _(s):
    return s.lstrip(), s.lstrip("hel"), s.lstrip(None)


@row("str: partition", *TEXTS)
def _(s):
    return s.partition("l"), s.partition(" ")


@row("str: partition at nothing", ("a",))
def _(s):
    return s.partition("")


@row("str: replace", *TEXTS)
def _(s):
    return s.replace("l", "LL"), s.replace("l", "", 1), s.replace("", "-")


@row("str: rfind", *TEXTS)
def _(s):
    return s.rfind("o"), s.rfind("o", 0, 5), s.rfind("")


@row("str: rindex", ("hello", "l"), ("hello", "z"))
def _(s, part):
    return s.rindex(part)


@row("str: rjust", *TEXTS)
def _(s):
    return s.rjust(10), s.rjust(15, ".")


@row("str: rpartition", *TEXTS)
def _(s):
    return s.rpartition("l")


@row("str: rsplit", *TEXTS)
def _(s):
    return s.rsplit(), s.rsplit("l", 1), s.rsplit(maxsplit=1), s.rsplit(sep="o")


@row("str: rstrip", *TEXTS)
def _(s):
    return s.rstrip(), s.rstrip("dl")


@row("str: split", *TEXTS)
def _(s):
    return s.split(), s.split("l"), s.split("l", 1), s.split(maxsplit=1), s.split(None, 1)


@row("str: splitlines", *TEXTS, ("a\r\nb\n\nc",))
def _(s):
    return s.splitlines(), s.splitlines(True), s.splitlines(keepends=True)


@row("str: startswith", *TEXTS)
def _(s):
    return s.startswith("h"), s.startswith(("T", "1")), s.startswith("l", 2), s.startswith("")


@row("str: strip", *TEXTS)
def _(s):
    return s.strip(), s.strip("hd")


@row("str: swapcase", *TEXTS)
def _(s):
    return s.swapcase()


@row("str: title", *TEXTS, ("they're",))
def _(s):
    return s.title()


@row("str: upper", *TEXTS)
def _(s):
    return s.upper()


@row("str: zfill", *TEXTS, ("-5",), ("+7",))
def _(s):
    return s.zfill(5)


@row("str: encode", ("héllo",), ("",))
def _(s):
    return s.encode(), s.encode("utf-8"), s.encode("latin-1")


@row("str: format", (3, 2.5, "x"))
def _(n, x, text):
    return "{} {:.2f} {!r}".format(n, x, text), "{0}{1}{0}".format(n, x)


@row("str: maketrans, translate", ("hello",))
def _(s):
    return s.translate(str.maketrans("el", "ip")), s.translate(str.maketrans("e", "i", "l")), s.translate({104: "J"})


@row("str: removeprefix, removesuffix", *TEXTS)
def _(s):
    return s.removeprefix("hello"), s.removesuffix("World"), s.removeprefix("")


@row("str: format with names, attributes and items", (3, 2.5))
def _(n, x):
    return "{a} {b:.1f} {a!r:>4} {} {c[0]} {p.x}{p[1]}".format(n, a=n, b=x, c=(1, 2), p=Point(n, x))


@row("str: format_map", (3,))
def _(n):
    return "{a} {b:>4}".format_map({"a": n, "b": 2})


@row("str: format_map of what is missing", ({"a": 1},))
def _(d):
    return "{a} {b}".format_map(d)


@row("str: formatting by % with names", (3, 2.5))
def _(n, x):
    return "%(a)d %(b).1f" % {"a": n, "b": x}, "%(a)3d|%(a)x|%%|" % {"a": n}, "%(a)s" % {"a": "é"}, "-" % {"a": 1}


STARS = [(3, 2.5, 6, 2), (-3, 2.5, -6, 1), (3, -2.5, 0, 0), (3, 1.25, 4, -2)]


@row("str: formatting by % with *", *STARS)
def _(n, x, w, p):
    numbers = "%*d|%-*d|%0*d|%+*d|%.*f|%*.*f" % (w, n, w, n, w, n, w, n, p, x, w, p, x)
    return numbers, "%*s|%-*s|%.*s" % (w, "ab", w, "ab", p, "abcdef")


@row("str: formatting by %", (3, 2.5, "x"), (-3, math.nan, "é"))
def _(n, x, text):
    return "%d %5.1f %s %r %x %%" % (n, x, text, text, abs(n)), "%s" % text, "%05d|%-5d|%+d" % (n, n, n)


@row("str: building in a loop", (200,))
def _(n):
    s = ""
    for i in range(n):
        s += str(i)
    return s


# Bytes and other buffers


@row("bytes: index, slice, iteration, len", (b"hello", 1), (b"\x00\xff", -1))
def _(b, i):
    return b[i], b[i:], b[::-1], [x for x in b], len(b)


@row("bytes: concatenation, repetition, comparison, in", (b"ab", b"b"), (b"", b""), (b"\xff", b"a"))
def _(a, b):
    return a + b, a * 2, a == b, a < b, b in a, 97 in a


@row("bytes: hash, hex, decode", (b"ab",), (b"",))
def _(b):
    return hash(b), b.hex(), b.decode(), b.decode("ascii")


@row("bytes: isascii, find, rfind", (b"hello",), (b"\xff",), (b"",))
def _(b):
    return b.isascii(), b.find(b"l"), b.rfind(b"l"), b.find(b"l", 3)


@row("bytes: startswith, endswith", (b"hello",), (b"",))
def _(b):
    return b.startswith(b"he"), b.endswith((b"lo", b"x")), b.startswith(b"l", 2)


@row("bytes: split, join", (b"a,b,c",), (b"",))
def _(b):
    return b.split(b","), b.split(), b",".join([b"x", b"y"]), b.rsplit(b",", 1)


@row("bytes: ljust, rjust, center, zfill", (b"ab",))
def _(b):
    return b.ljust(4), b.rjust(4, b"*"), b.center(5), b.zfill(5)


@row("bytes: strip, lstrip, rstrip", (b" ab ",), (b"xxaxx",))
def _(b):
    return b.strip(), b.lstrip(), b.rstrip(), b.strip(b"x")


@row("bytes: upper, lower, count, replace, title, swapcase", (b"Hello world",))
def _(b):
    return b.upper(), b.lower(), b.count(b"l"), b.replace(b"l", b"LL"), b.title(), b.swapcase()


@row("bytes: as an array", (b"\x01\x02",))
def _(b):
    return np.frombuffer(b, dtype=np.uint8)


# Lists


@row("lists: displays", (1,))
def _(n):
    return [n, 2, 3], [], [[n], []], ["a"], [(n, 0.5)]


@row("lists: append", ([1],), ([2, 3],))
def _(items):
    own = []
    own.append(0.5)
    items.append(5)
    return items, own


@row("lists: extend", ([1],))
def _(items):
    items.extend([2])
    items.extend((3, 4))
    items.extend(range(2))
    items.extend({9})
    items += [7]
    items.extend(items)
    return items


@row("lists: insert", ([1, 2], 0), ([1, 2], 100), ([1, 2], -1), ([1], -5))
def _(items, i):
    items.insert(i, 9)
    return items


@row("lists: pop", ([1, 2, 3], 0), ([1, 2, 3], -2), ([1], 0), ([1], 5), ([], 0))
def _(items, i):
    return items.pop(i), items


@row("lists: pop the last", ([1, 2],), ([],))
def _(items):
    return items.pop(), items


@row("lists: remove", ([1, 2, 1], 1), ([1], 5))
def _(items, x):
    items.remove(x)
    return items


@row("lists: clear, copy", ([1, 2],))
def _(items):
    other = items.copy()
    items.clear()
    return items, other


@row("lists: count, index", ([1, 2, 1], 1), ([1], 5))
def _(items, x):
    return items.count(x), items.index(x)


@row("lists: index from and to", ([1, 2, 1, 2], 2), ([2, 1, 1, 1], 2))
def _(items, x):
    return items.index(x, 1), items.index(x, -3, 4)


@row("lists: reverse", ([1, 2, 3],), ([],))
def _(items):
    items.reverse()
    return items


@row("lists: sort", ([3, 1, 2],), ([2.5, -1.0, math.inf],), (["b", "a"],), ([],))
def _(items):
    items.sort()
    return items


@row("lists: sort by key, reversed", ([3, -1, 2, -3],))
def _(items):
    items.sort(key=lambda x: x * x, reverse=True)
    other = items.copy()
    other.sort(reverse=True)
    return items, other


@row("lists: slices", ([1, 2, 3, 4, 5],), ([],))
def _(items):
    return items[1:3], items[::-1], items[::2], items[-2:], items[10:]


@row("lists: assignment to slices", ([1, 2, 3, 4, 5],))
def _(items):
    items[1:3] = [7, 8, 9]
    items[::3] = [0, 0]
    items[:0] = [5]
    items[-1:] = []
    return items


@row("lists: assignment to a slice of another length", ([1, 2, 3, 4],))
def _(items):
    items[::2] = [1, 2, 3]
    return items


@row("lists: deletion", ([1, 2, 3, 4, 5], 1), ([1], 3))
def _(items, i):
    del items[i]
    del items[1:2]
    return items


@row("lists: + * += *=", ([1, 2], 2), ([1], 0), ([1], -1))
def _(items, n):
    a = items + [3]
    b = items * n
    a += b
    a *= 2
    return a, b, n * items


@row("lists: comparison", ([1, 2], [1, 3]), ([1], [1]), ([], [1]), ([2], [1, 5]))
def _(a, b):
    return a == b, a != b, a < b, a <= b, a > b, a >= b


@row("lists: in, len, truth", ([1, 2],), ([],))
def _(items):
    return 1 in items, 5 not in items, len(items), bool(items)


@row("lists: index out of range", ([1, 2], 2), ([1, 2], -3), ([], 0))
def _(items, i):
    return items[i]


@row("lists: nested", (3,))
def _(n):
    rows = [[0] * n for _ in range(2)]
    rows[0][1] = 5
    rows.append([7])
    return rows, len(rows[2])


@row("lists: nested, as arguments", ([[1, 2], [3]],))
def _(rows):
    rows[0].append(9)
    rows.append([])
    return rows


@row("lists: of arrays, as arguments", ([np.arange(3.0), np.ones(2)],))
def _(arrays):
    total = 0.0
    for a in arrays:
        total += a.sum()
    arrays[0][0] = 5.0
    return total


@row("lists: of arrays, where NumPy takes several arrays", ([np.arange(3.0), np.ones(3)],), ([np.zeros((2, 3)), np.arange(6.0).reshape(3, 2).T],))
def _(arrays):
    joined = np.concatenate(arrays), np.concatenate(arrays, axis=None), np.concatenate(arrays, -1, dtype=np.float32)
    return joined, np.stack(arrays), np.stack(arrays, axis=-1), np.vstack(arrays), np.hstack(arrays), np.dstack(arrays), np.column_stack(arrays)


@row("lists: of arrays of several lengths", (3,), (1,), (0,))
def _(n):
    parts = []
    for i in range(n):
        parts.append(np.full(i, i))
    whole = np.concatenate([np.zeros(i) + i for i in range(n)] + [np.ones(2)])
    return whole, np.concatenate(parts)


@row("lists: of arrays that do not fit, along an axis", (0,), (1,), (2,), (-1,))
def _(axis):
    return np.concatenate([np.ones((2, i)) for i in range(3)], axis)


@row("lists: of arrays that do not fit into one", (3,))
def _(n):
    try:
        np.array([np.ones(i) for i in range(n)])
    except ValueError as e:
        return str(e).startswith("setting an array element with a sequence.")


@row("lists: of arrays, as an array", ([np.arange(3.0), np.ones(3)],), ([np.arange(4).reshape(2, 2), np.eye(2, dtype=int).T],))
def _(arrays):
    nested = np.array([[a + i for a in arrays] for i in range(2)])
    return np.array(arrays), np.asarray(arrays, dtype=np.float32), np.mean(arrays), np.sum(arrays, axis=0), nested


@row("lists: of lists and tuples, joined", ([[1, 2], [3, 4]], [(1, 2.5), (3, 4.5)]))
def _(lists, tuples):
    return np.concatenate(lists), np.hstack(lists), np.vstack(tuples), np.column_stack(tuples), np.hstack(lists[0]), np.sum([lists[0], lists[1]], axis=0)


@row("lists: where NumPy takes an array", ([3, 1, 2],))
def _(items):
    a = np.array(items)
    changed = np.sort(items), np.sqrt(items), np.maximum(items, 2), np.flip(items), np.diag(items), np.reshape(items, (3, 1)), np.diff(items)
    return changed, np.dot(items, items), np.std(items), np.zeros_like(items), np.shape(items), a + items, items * a, a == items, np.clip(items, 1, 2)


@row("lists: of arrays in lists that are filled later", (np.arange(12.0).reshape(6, 2), 3))
def _(points, k):
    centers = [points[i].copy() for i in range(k)]
    for _ in range(3):
        groups = [[] for _ in range(k)]
        for p in points:
            distances = [((p - c) ** 2).sum() for c in centers]
            groups[distances.index(min(distances))].append(p)
        centers = [np.mean(np.array(g), axis=0) if g else centers[i] for i, g in enumerate(groups)]
    return np.array(centers)


@row("lists: tolist", (np.arange(6, dtype=np.int8).reshape(2, 3),), (np.array([0.5, -0.0], dtype=np.float32),), (np.array(2.5),), (np.zeros((0, 2)),), (np.array([[[1j]]]),), (np.array([True]),))
def _(a):
    return a.tolist()


@row("lists: empty, as arguments", ([],))
def _(items):
    return len(items)


@row("lists: with None, as arguments", ([1, None, 2],), ([None, 5],))
def _(items):
    items.append(None)
    return items, [0 if x is None else x * 2 for x in items]


@row("lists: iteration while growing", ([1, 2],))
def _(items):
    for x in items:
        if len(items) < 6:
            items.append(x * 2)
    return items


@row("lists: of several types, as constants of an index", (1,))
def _(n):
    t = [n, 2.5]
    return t[1]


@row("lists: of several types", (3,), (1,))
def _(n):
    a = [n, "a", 2.5, (n, None)]
    text = ""
    for x in a:
        text += f"{x};"
    first, *_ = a
    return a, a[0], a[-1][0], len(a), a.index("a"), a.count(2.5), "a" in a, a.copy(), a[1:], a + [n, "b"], text, str(a), first, bool(a)


@row("lists: of several types, compared and known", (1,), (2,))
def _(n):
    a = [n, "a"]
    b = [1, "a"] if n > 1 else [2, "b"]
    return a == [1, "a"], a != b, b, isinstance(a, list), isinstance(a, tuple), tuple(a), a * 2


@pytest.mark.parametrize("change", [lambda a: a.append(1), lambda a: a.__setitem__(0, 2)])
def test_lists_of_several_types_have_no_methods_that_change_them(change):
    change = njit(change)
    with pytest.raises(TypingError, match="no attribute"):
        njit(lambda: change([1, "a"]))()


def test_lists_of_several_types_do_not_change():
    def stored():
        a = [1, "a"]
        a[0] = 2

    def deleted():
        a = [1, "a"]
        del a[0]

    for function in (stored, deleted):
        with pytest.raises(TypingError, match="does not change"):
            njit(function)()


@row("lists: an empty argument that grows", ([], 5), ([], 2.5), ([], "a"), ([1], 2))
def _(items, item):
    items.append(item)
    return items


@row("lists: empty arguments that grow in what is called", ([], set()))
def _(items, found):
    def add(to, item):
        to.append([item])
        found.add(item)

    for i in range(3):
        add(items, i)
    items[0].append(7)
    return items, found


@row("lists: empty lists within an argument", ([[1], []],), ([[], [1]],))
def _(rows):
    rows[0].append(1)
    return rows, [sum(row) for row in rows]



@row("lists: an empty argument that may stay empty", ([], 1), ([], -1))
def _(items, x):
    if x > 0:
        items.append(x)
    return sum(items), len(items)


def made_of_itself():
    items = []
    items.append(items)


def filled_with_itself(items):
    items.append(items)


@pytest.mark.parametrize(("function", "args"), [(made_of_itself, ()), (filled_with_itself, ([],))])
def test_a_list_that_would_hold_itself(function, args):
    with pytest.raises(TypingError, match="would have to be"):
        njit(function)(*args)



def test_one_specialisation_for_a_list_and_an_empty_one():
    @njit
    def grow(items):
        items.append(1)

    for items in [[], [5], []]:
        before = list(items)
        grow(items)
        assert items == [*before, 1]
    assert len(grow.signatures) == 1



# Dicts


@row("dicts: displays and dict()", (1,))
def _(n):
    a = {}
    a[n] = 0.5
    b = dict()
    b["k"] = n
    return a, b, {"x": 1, "y": n}, {(1, 2): "t"}


@row("dicts: subscript", ({1: 2.5}, 1), ({1: 2.5}, 2), ({1: 2.5}, True))
def _(d, k):
    return d[k]


@row("dicts: get", ({1: 2.5}, 1), ({1: 2.5}, 2))
def _(d, k):
    return d.get(k, -1.0), d.get(k)


@row("dicts: setdefault", ({1: 2.5}, 1), ({1: 2.5}, 2))
def _(d, k):
    return d.setdefault(k, 9.5), d


@row("dicts: setdefault of a list", (["a", "b", "a"],))
def _(words):
    d = {}
    for i, w in enumerate(words):
        d.setdefault(w, []).append(i)
    return d


@row("dicts: pop", ({1: 2.5}, 1), ({1: 2.5}, 2))
def _(d, k):
    x = d.pop(k, -1.0)
    return x, d, d.pop(k)


@row("dicts: popitem", ({1: 2.5, 2: 3.5},), ({},))
def _(d):
    return d.popitem(), d


@row("dicts: update", ({1: 2.5},))
def _(d):
    d.update({2: 3.5, 1: 0.5})
    d.update([(5, 6.5)])
    return d


@row("dicts: keys, values, items", ({1: 2.5, 3: 4.5},))
def _(d):
    return list(d.keys()), list(d.values()), list(d.items()), [k for k in d], len(d.keys())


@row("dicts: clear, copy", ({1: 2.5},))
def _(d):
    e = d.copy()
    d.clear()
    return d, e


@row("dicts: del, in, len, truth", ({1: 2.5}, 1), ({1: 2.5}, 2))
def _(d, k):
    found = k in d, k not in d, len(d), bool(d)
    del d[k]
    return found, d


@row("dicts: comparison", ({1: 2.5}, {1: 2.5}), ({1: 2.5}, {1: 3.5}), ({1: 2.5, 2: 0.5}, {2: 0.5, 1: 2.5}))
def _(a, b):
    return a == b, a != b


@row("dicts: |, |=", ({1: 2.5}, {1: 3.5, 2: 0.5}))
def _(a, b):
    c = a | b
    a |= b
    return a, c


@row("dicts: fromkeys", ([1, 2],))
def _(keys):
    return dict.fromkeys(keys, 0.5), dict.fromkeys(range(2), 1)


@row("dicts: keys of numbers, text, tuples, bytes, bools", (1,))
def _(n):
    return {n: 1}, {0.5: 1}, {"a": n}, {(n, "a"): 1}, {b"x": 1}, {True: n}, {1j: 2}, {(n, (2, 3)): 1}


@row("dicts: values: text, tuples, lists, sets, dicts, arrays", (1,))
def _(n):
    a = {1: np.ones(2)}
    return {n: "a"}, {n: (1, 2.5)}, {n: [1]}, {n: {n: 2.5}}, a[1].sum(), sorted({n: {5, 6}}[n])


@row("dicts: as arguments that change", ({"a": 1},))
def _(d):
    d["b"] = 2
    d["a"] += 5
    return len(d)


@row("dicts: changed while iterated", ({1: 2, 2: 3},))
def _(d):
    for k in d:
        d[k + 10] = 1
    return d


@row("dicts: update with keywords", ({"a": 1},), ({},))
def _(d):
    d.update(b=2, a=3)
    d.update({"c": 4}, b=5)
    d.update()
    return d


@row("dicts: views are sets", ({1: 2.5, 3: 4.5}, {3: 4.5}), ({1: 2.5}, {1: 2.5}))
def _(a, b):
    k = a.keys()
    sets = k & b.keys(), k | b, k - b.keys(), k ^ b.keys(), k & [1], {1, 5} | k, a.items() & b.items()
    return [sorted(items) for items in sets[:-1]], sorted(sets[-1]), k.isdisjoint(b), k.isdisjoint([7])


@row("dicts: views are compared", ({1: 2.5, 3: 4.5}, {3: 4.5}), ({1: 2.5}, {1: 2.5}), ({1: 2.5}, {}))
def _(a, b):
    k = a.keys()
    return k == b.keys(), k >= b.keys(), k != {1}, {1, 3} == k, a.items() == b.items(), (1, 2.5) in a.items()


@row("dicts: views of nothing", ({}, {1: 2}), ({1: 2}, {}), ({}, {}))
def _(a, b):
    return a.keys() == b.keys(), list(a.keys() & b.keys()), list(a.keys() | b), a.keys() <= b.keys(), a.items() < b.items()


@row("dicts: an empty argument is of the type that its use gives", ({},))
def _(d):
    d[1] = [2]
    d[1].append(3)
    return d



@row("dicts: of text to values of several types", (3,))
def _(n):
    d = {"a": n, "b": 2.5, "c": "text", "t": (n, 1), "l": []}
    d["l"].append(n)
    return d["a"], d["b"], d["c"], d, len(d), "a" in d, "z" in d, d.get("c"), d.get("z"), d.get("z", 5), bool(d)


@row("dicts: of several types: iteration and text", (3,))
def _(n):
    d = {"a": n, "c": "text", "t": (n, 1)}
    total = ""
    for key, value in d.items():
        total += f"{key}={value};"
    for value in d.values():
        total += str(value)
    return total, [k for k in d], [k for k in d.keys()], d.copy(), str(d), "%(a)d %(c)s" % d, "{a} {t[0]}".format_map(d)


@row("dicts: of several types: what is missing", (3,))
def _(n):
    return {"a": n, "c": "text"}["z"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d, key: d.__setitem__("a", 1), "no attribute"),
        (lambda d, key: d[key], "its key must be a constant text"),
    ],
)
def test_dicts_of_several_types_that_are_not_constant(change, message):
    change = njit(change)

    def f(key):
        return change({"a": 1, "c": "text"}, key)

    with pytest.raises(TypingError, match=message):
        njit(f)("a")


def test_dicts_of_several_types_do_not_change():
    def f():
        d = {"a": 1, "c": "text"}
        d["a"] = 2

    with pytest.raises(TypingError, match="does not change"):
        njit(f)()



# Sets


@row("sets: add, discard, remove", ({1, 2}, 2), ({1, 2}, 5))
def _(s, x):
    s.add(7)
    s.discard(x)
    s.discard(x)
    s.remove(7)
    s.remove(x)
    return sorted(s)


@row("sets: pop", ({5},), (set(),))
def _(s):
    return s.pop(), len(s)


@row("sets: clear, copy, update", ({1, 2},))
def _(s):
    t = s.copy()
    s.clear()
    t.update([3, 4])
    t.update({9}, (8,))
    return sorted(s), sorted(t)


@row("sets: union, intersection, difference, symmetric_difference", ({1, 2, 3}, {2, 5}), ({1}, set()))
def _(a, b):
    return (
        sorted(a.union(b)),
        sorted(a.intersection(b)),
        sorted(a.difference(b)),
        sorted(a.symmetric_difference(b)),
        sorted(a | b),
        sorted(a & b),
        sorted(a - b),
        sorted(a ^ b),
    )


@row("sets: of iterables and of several", ({1, 2, 3},))
def _(a):
    return sorted(a.union([7], (8,))), sorted(a.intersection([1, 2], (2, 9))), sorted(a.difference(range(2))), sorted(a.union())


@row("sets: in place", ({1, 2, 3}, {2, 5}))
def _(a, b):
    c, d, e, f = a.copy(), a.copy(), a.copy(), a.copy()
    c.intersection_update(b)
    d.difference_update(b)
    e.symmetric_difference_update(b)
    f |= b
    a &= b
    b -= a
    c ^= b
    return sorted(c), sorted(d), sorted(e), sorted(f), sorted(a), sorted(b)


@row("sets: issubset, issuperset, isdisjoint", ({1}, {1, 2}), ({1, 2}, {1}), ({1}, {2}), ({1}, {1}))
def _(a, b):
    return a.issubset(b), a.issuperset(b), a.isdisjoint(b), a <= b, a < b, a >= b, a > b, a == b, a != b


@row("sets: of text, floats, tuples", (1,))
def _(n):
    return sorted({"b", "a"}), sorted({0.5, n}), sorted({(1, 2), (n, 0)}), len({b"a"}), "a" in {"a"}


@row("sets: iteration and comprehension", ({3, 1, 2},))
def _(s):
    total = 0
    for x in s:
        total += x
    return total, sorted({x * x for x in s}), len(s), 3 in s, bool(s)


@row("sets: set()", (3,))
def _(n):
    s = set()
    for i in range(n):
        s.add(i % 2)
    return sorted(s)


# Tuples


@row("tuples: building, +, *", (1, 2.5))
def _(a, b):
    return (a, b) + (3,), (a,) * 3, 2 * (a, b), (), (a,)


@row("tuples: index and slice", ((1, 2.5, "x"),))
def _(t):
    return t[0], t[-1], t[1:], t[::-1], t[:0]


@row("tuples: index by a variable", ((1, 2, 3), 1), ((1, 2, 3), -1), ((1, 2, 3), 3))
def _(t, i):
    return t[i]


@row("tuples: comparison", ((1, 2), (1, 3)), ((1,), (1, 0)), ((1, 2.5), (1, 2.5)), ((), (1,)))
def _(a, b):
    return a == b, a != b, a < b, a <= b, a > b, a >= b


@row("tuples: in, len, iteration", ((1, 2, 3), 2), ((1, 2, 3), 7))
def _(t, x):
    return x in t, len(t), [y * 2 for y in t]


@row("tuples: index, count", ((1, 2, 1), 1), ((1, 2, 1), 5))
def _(t, x):
    return t.count(x), t.index(x)


@row("tuples: index from and to", ((1, 2, 1), 1, 1, 3), ((1, 2, 1), 1, -1, 9), ((1, 2, 1), 1, 1, 2))
def _(t, x, start, stop):
    return t.index(x, start), t.index(x, start, stop), t.index(x, 0, 1)


@row("tuples: index of several types by a variable", ((1, 2.5), 0), ((1, 2.5), -1), ((1, 2.5), 2))
def _(t, i):
    return t[i] * 1.0



@row("tuples: of a list", ([1, 2],))
def _(items):
    a, b = items
    return (a, b)


@row("tuples: hash, truth", ((1, 2.5),))
def _(t):
    return hash(t), bool(t), not t


def test_tuple_setitem():
    from rumba.extending import overload  # noqa: F401

    def f(t, x):
        return (*t[:1], x, *t[2:])

    check(f, (1, 2, 3), 9)


Point = namedtuple("Point", "x y")


class Typed(NamedTuple):
    """A named tuple with types and a default."""

    a: int
    b: float = 0.5


@row("named tuples: construction", (1, 2.5))
def _(a, b):
    return Point(a, b), Point(x=a, y=b), Point(a, y=b), Typed(a, b), Typed(b=b, a=a)


@row("named tuples: attribute, index, unpacking, comparison", (Point(1, 2.5),), (Point(3, 4),))
def _(p):
    x, y = p
    return p.x, p[1], x, p == Point(1, 2.5), p < Point(2, 0.0), len(p)


@row("named tuples: as arguments and results", (Point(1, (2, Point(3, 4))),))
def _(p):
    return p


@row("named tuples: _replace", (Point(1, 2.5),))
def _(p):
    return p._replace(x=5), p._replace(), p._replace(y=3, x=2.5)


@row("named tuples: _asdict, _fields", (Point(1, 2),))
def _(p):
    return p._asdict(), p._fields, Point._fields


@row("named tuples: _make", ((1, 2),), ([1, 2],), ([1, 2, 3],), ([],))
def _(t):
    return Point._make(t)


class Vector(NamedTuple):
    """A named tuple with what programs define in such classes."""

    x: float
    y: float

    SCALE = 2

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __rmul__(self, factor):
        return Vector(factor * self.x, factor * self.y)

    def __lt__(self, other):
        return self.length < other.length

    @property
    def length(self):
        return math.hypot(self.x, self.y)

    def scaled(self, factor=SCALE):
        return self._replace(x=self.x * factor, y=self.y * factor)

    @classmethod
    def unit(cls, angle):
        return cls(math.cos(angle), math.sin(angle))

    @staticmethod
    def dot(a, b):
        return a.x * b.x + a.y * b.y


@row("named tuples: methods and properties", (Vector(3.0, 4.0), 0.5))
def _(v, angle):
    return v.length, v.scaled(), v.scaled(factor=3), Vector.dot(v, v), v.dot(v, Vector(1.0, 0.0)), Vector.unit(angle), v.unit(0.0), v.SCALE


@row("named tuples: operators of their own", (Vector(3.0, 4.0), Vector(1.0, 0.5)))
def _(v, w):
    total = Vector(0.0, 0.0)
    for u in (v, w):
        total += u
    return v + w, -v, 2.0 * v, v < w, v == w, total, v[0], len(v)


@row("named tuples: defaults", (1, 2.5))
def _(a, b):
    return Typed(a), Typed(b=b, a=a), Typed._field_defaults


def test_named_tuples_without_such_fields():
    def replaced(p):
        return p._replace(z=1)

    with pytest.raises(TypingError, match=r"Got unexpected field names: \['z'\]"):
        njit(replaced)(Point(1, 2))

    def made(t):
        return Point._make(t)

    with pytest.raises(TypingError, match="Expected 2 arguments, got 3"):
        njit(made)((1, 2, 3))

    def constructed(a):
        return Typed(b=a)

    with pytest.raises(TypingError, match="missing the field 'a'"):
        njit(constructed)(1.5)



# Enumerations


class Color(enum.Enum):
    """Members with values of one type."""

    RED = 1
    GREEN = 2


class Size(enum.IntEnum):
    """Members that are ints."""

    SMALL = 1
    LARGE = 10


class Access(enum.Flag):
    """Members that are combined."""

    READ = 1
    WRITE = 2


@row("enums: members, comparison, is", (Color.RED,), (Color.GREEN,))
def _(c):
    return c == Color.RED, c != Color.RED, c is Color.GREEN, Color.RED, c


@row("enums: value, name", (Color.RED,), (Color.GREEN,))
def _(c):
    return c.value, c.name, Color.RED.value, Color.GREEN.name


@row("enums: member by name")
def _():
    return Color["GREEN"].value


@row("enums: ints", (Size.LARGE,), (Size.SMALL,))
def _(s):
    return s + 1, s == 10, s > Size.SMALL, int(s), s * 2.5, s.value


@row("enums: member by value", (1,), (2,), (7,))
def _(n):
    return Color(n), Color(n) == Color.GREEN, Color(n).value, Color(n).name, Color(2), Color(2).name


class Name(enum.Enum):
    """Members whose values are text, one with an alias."""

    FIRST = "a"
    SECOND = "bb"
    ALSO_FIRST = "a"


@row("enums: member by text and by name", ("a", "FIRST"), ("bb", "ALSO_FIRST"), ("c", "FIRST"), ("a", "THIRD"))
def _(text, name):
    return Name(text), Name(text).value, Name(text).name, Name[name], Name("bb"), len(Name)


@row("enums: iteration, len, in", (Color.RED,), (Color.GREEN,))
def _(c):
    total, names = 0, []
    for member in Color:
        total += member.value
        names.append(member.name)
    return total, names, len(Color), c in Color, list(Color), [m for m in Color if m != c]


@row("enums: chosen while it runs", (1,), (-1,), (7,))
def _(x):
    c = Color.RED if x > 0 else Color.GREEN
    match c:
        case Color.RED:
            x = 10
        case Color.GREEN:
            x = 20
    return c, x, c is Color.RED, c != Color.RED, c.value, isinstance(c, Color), c == 1, None if x > 10 else c


@row("enums: as keys and items", (Color.RED,), (Color.GREEN,))
def _(c):
    return [c, Color.GREEN], (c,) == (Color.RED,), {c: 1, Color.GREEN: 2}, {c, Color.RED}, [c], [Color.RED, None][-1]


@row("enums: looked for where not all are", (4,))
def _(n):
    d, s = {Color.RED: [n]}, {Color.GREEN}
    for c in Color:
        if c in d:
            d[c].append(c.value)
    return d, [c in s for c in Color], [c in d for c in Color], d.get(Color.GREEN) is None


@row("enums: in lists and dicts that are arguments", ([Color.RED, Color.GREEN], {Color.RED: 1}), ([Color.GREEN], {Color.GREEN: 2}))
def _(members, d):
    counts = {}
    for c in members:
        counts[c] = counts.get(c, 0) + 1
    members.append(Color.RED)
    return counts, members.count(Color.RED), members.index(Color.GREEN), Color.RED in d, members[0].name, members, d


class Fill(NamedTuple):
    """A part of it is a member of an enum."""

    color: Color
    amount: int


@row("enums: in tuples of lists", ([Fill(Color.RED, 1), Fill(Color.GREEN, 2)], [(1, Color.RED)]), ([Fill(Color.RED, 1)], [(2, Color.GREEN)]))
def _(fills, pairs):
    fills.append(Fill(Color.GREEN, 3))
    total = sum(fill.amount for fill in fills if fill.color is Color.GREEN)
    return total, [fill.color.name for fill in fills], fills[0], pairs, {color: n for n, color in pairs}


@row("enums: flags in lists", ([Access.READ, Access.READ | Access.WRITE],), ([Access.READ | Access.WRITE, Access.WRITE],))
def _(flags):
    return flags, [Access.READ in flag for flag in flags], flags[0]


@row("enums: flags", (Access.READ,), (Access.WRITE,), (Access.READ | Access.WRITE,), (Access(0),))
def _(a):
    b = a & Access.WRITE
    return (a | Access.WRITE).value, bool(b), a | Access.WRITE, b, b.name, ~a, a ^ Access.READ, Access.READ in a, not a


@row("enums: flags that are chosen while it runs", (1, 1), (3, -1), (0, 1), (2, 0))
def _(n, m):
    a = Access(n)
    b = Access.READ if m > 0 else Access.WRITE
    return a | b, a & b, a ^ b, ~a, b in a, (a | b).value, bool(a), a == b, (a & b).name


class Sparse(enum.Flag):
    """Flags far apart, one name for several of them, and one of bits that have no names."""

    LOW = 1
    HIGH = 1 << 40
    BOTH = LOW | HIGH
    OTHERS = 6


@row("enums: flags far apart", (1,), (1 << 40,), ((1 << 40) + 1,), (0,), (6,))
def _(n):
    a = Sparse(n)
    return a, ~a, a | Sparse.LOW, a.name, a.value, Sparse.HIGH in a, len(Sparse), [f.name for f in Sparse], ~Sparse.BOTH


class Mode(enum.IntFlag):
    """Flags that are ints."""

    READ = 1
    WRITE = 2


@row("enums: flags that are ints", (Mode.READ,), (Mode.WRITE,))
def _(m):
    return (m | Mode.WRITE).value, (m | Mode.WRITE).name, (~m).value, m + 1, (m & Mode.WRITE) == 2, Mode(3).name


def test_flags_that_only_the_interpreter_finds():
    with pytest.raises(UnsupportedError, match="says by `_missing_`"):
        njit(lambda n: Mode(n))(8)

    class Many(enum.Flag):
        A, B, C, D, E, F, G = (1 << i for i in range(7))

    with pytest.raises(UnsupportedError, match="too many flags"):
        njit(lambda n: Many(n))(8)



@row("enums: str, repr, f-strings", (1,), (2,))
def _(n):
    c = Color(n)
    return str(c), f"{c} {c!r}", repr(c), f"{c.name}={c.value}", str(Color.RED), repr(Access.READ | Access.WRITE)


class Planet(enum.Enum):
    """Members whose values are tuples."""

    EARTH = (1, "a")
    MARS = (2, "b")


@row("enums: of tuples", (Planet.EARTH, 1), (Planet.MARS, 2), (Planet.MARS, 3))
def _(p, n):
    other = Planet.EARTH if n == 1 else Planet.MARS
    return p.value, p == Planet.EARTH, other.value, Planet((n, "a" if n == 1 else "b")), [q.value[0] for q in Planet]


class Level(enum.Enum):
    """Members whose values are floats, and what they have beside."""

    LOW = 0.5, "l"
    HIGH = 2.5, "hh"

    def __new__(cls, value, text):
        member = object.__new__(cls)
        member._value_ = value
        member.text = text
        return member

    @property
    def squared(self):
        return self.value * self.value

    def above(self, x):
        return self.value > x

    @classmethod
    def usual(cls):
        return cls.LOW

    @staticmethod
    def of(x):
        return Level.HIGH if x > 1 else Level.LOW


@row("enums: of floats", (0.5,), (2.5,), (1.0,))
def _(x):
    level = Level(x)
    return level, level.value, Level.HIGH.value, Level["LOW"].value * 2, [other.value for other in Level]


@row("enums: methods, properties, attributes", (Level.LOW, 2.0), (Level.HIGH, 0.5))
def _(level, x):
    other = Level.of(x)
    return level.squared, other.squared, other.above(1.0), level.text + other.text, Level.usual(), other.usual(), len(level.text)


class Count(enum.IntEnum):
    """Members that are ints, with a method."""

    ONE = 1
    TWO = 2

    def doubled(self):
        return self * 2


@row("enums: methods of ints", (Count.ONE,), (Count.TWO,))
def _(count):
    return count.doubled(), Count.TWO.doubled(), count.bit_length()


class Letter(enum.StrEnum):
    """Members that are text."""

    P = "p"
    Q = "q"


@row("enums: text", (Letter.P,), (Letter.Q,))
def _(s):
    return s == "p", s + "x", s.upper(), s.value, s.name, s is Letter.P, {s: 1}["p" if s == "p" else "q"]



# Slices, char sequences


@row("slices: start, stop, step, indices", (2, 8, 3), (-5, None, -1))
def _(a, b, c):
    s = slice(a, b, c)
    return s.start, s.stop, s.step, s.indices(10), s.indices(0)


@row("slices: as arguments", (np.arange(10), slice(1, 7, 2)), (np.arange(10), slice(None)))
def _(a, s):
    return a[s].copy(), [1, 2, 3][s], "abcdef"[s]


@row("slices: comparison and results", (slice(1, 2),))
def _(s):
    return s == slice(1, 2), s != slice(1, 3), s


@row("slices: in lists and as text", (slice(1, 5, 2),), (slice(None, 3),))
def _(s):
    parts = [slice(0, 2), slice(2, 5)]
    return str(s), f"{s!r}", [np.arange(6)[part].sum() for part in parts], parts, s == slice(1, 5, 2), isinstance(s, slice)


WORDS = np.array(["hello", "World", ""])


@row("text of arrays: index, comparison, len, concatenation", (WORDS, 0), (WORDS, 2))
def _(a, i):
    return a[i] == "hello", len(a[i]), a[i] + "!", str(a[i]), hash(str(a[i])), a[0] < a[1]


@row("text of arrays: methods", (WORDS, 0), (WORDS, 1))
def _(a, i):
    w = a[i]
    return w.upper(), w.isalpha(), w.find("l"), w.startswith("h"), w.split("l"), w.strip("d"), w.center(9), w.join(["a", "b"])


@row("bytes of arrays: index, comparison, methods", (np.array([b"ab", b"c"]), 0))
def _(a, i):
    return a[i] == b"ab", len(a[i]), a[i].upper(), a[i].find(b"b"), bytes(a[i])


@row("text of arrays: int", (np.array(["12", "7"]),))
def _(a):
    return int(a[0]) + int(a[1])


@row("text of arrays: assignment to a field", (np.zeros(2, dtype=[("name", "U4"), ("n", "i8")]),))
def _(a):
    a[0]["name"] = "abcdef"
    a[1]["name"] = "x"
    return a["name"]


def test_view_of_numpy_scalars():
    def g():
        return np.float64(1.0).view(np.int64), np.int32(-1).view(np.uint32)

    check(g)


def test_attributes_of_memoryviews():
    def f(m):
        return m.itemsize, m.nbytes, m.ndim, m.shape, m.strides, m.readonly, m.contiguous, m.c_contiguous

    for view in (memoryview(b"abc"), memoryview(bytearray(4)).cast("B", (2, 2))):
        assert njit(f)(view) == f(view)


@row("int: to_bytes", (1000,), (255,))
def _(n):
    return n.to_bytes(4, "big"), n.to_bytes(2, "little"), n.to_bytes(8, "big", signed=True)


@row("int: from_bytes", (b"\x01\x02",), (b"\xff",), (b"",))
def _(data):
    return int.from_bytes(data, "big"), int.from_bytes(data, "little", signed=True)


@row("float: hex", (0.1,), (-2.0,), (0.0,), (math.inf,), (5e-324,))
def _(x):
    return x.hex()


@row("bytes: find of a number", (b"hello",))
def _(b):
    return b.find(108)


@pytest.mark.parametrize(
    "make", [lambda: bytearray(b"abc"), lambda: memoryview(bytearray(b"abc")), lambda: array.array("d", [1, 2, 3])]
)
def test_buffers_as_arguments(make):
    def f(b):
        b[0] = 65
        b[-1] += 1
        total = 0
        for x in b:
            total += x
        return total, len(b), b[1]

    ours, theirs = make(), make()
    assert njit(f)(ours) == f(theirs)
    assert ours == theirs


@pytest.mark.parametrize("code", "bBhHiIlLqQfd")
def test_arrays_of_the_array_module(code):
    def f(a):
        a[1] = 7
        return a[0], a[1], len(a)

    ours, theirs = array.array(code, [1, 2]), array.array(code, [1, 2])
    assert njit(f)(ours) == f(theirs)
    assert ours == theirs


test_row = row.test()

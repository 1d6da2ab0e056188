"""Arrays whose elements are text of a fixed width, `U` and `S`, compared with NumPy."""

import numpy as np
import pytest
from differential import Cases, check
from rumba import _core, njit
from rumba.errors import RumbaError, TypingError

WORDS = np.array(["", "a", "äbc", "日本語", "a😀", "abc", "b\x00c"])
BYTES = np.array([b"", b"a", b"abc", b"\xff\x80", b"a\x00b"])
GRID = np.array([["a", "b", "c"], ["b", "dd", "a"]])
RECORDS = np.array([("ann", b"x", 1), ("börje", b"yz", 2)], dtype=[("name", "U5"), ("code", "S2"), ("n", "i4")])
PACKED = np.array([(1, "ann"), (2, "日本")], dtype=[("n", "u1"), ("name", "U3")])

cases = Cases()


@cases(*[(a, i) for a in (WORDS, BYTES, WORDS[::2], WORDS[::-1]) for i in (0, 1, -1, 3, 9)])
def read(a, i):
    return a[i], len(a[i]), a[i] + a[0]


@cases((WORDS,), (BYTES,), (WORDS[:0],), (GRID[0],), (WORDS[1::2],))
def iterated(a):
    out = []
    for x in a:
        out.append(x + x)
    return out, [x for x in a], len(a)


@cases((GRID,), (GRID.T,), (GRID[:, ::2],))
def positions(a):
    total = 0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] == "a":
                total += 10 * i + j
    return total, a[1, 1], a[0][1]


@cases((WORDS, 1, "x"), (WORDS, 2, "longer than it fits"), (WORDS, 0, ""), (WORDS, -1, "日"), (BYTES, 1, b"12345"), (BYTES, 2, b""), (WORDS[::2], 1, "q"), (WORDS, 99, "q"))
def written(a, i, text):
    a[i] = text
    return a, a[i]


@cases((WORDS, "ab"), (GRID, "xyz"))
def filled(a, text):
    b = a.copy()
    b[:] = text
    a[1:] = a[:-1]
    c = np.empty_like(a)
    c[...] = b
    return a, b, c


@cases((WORDS, WORDS), (WORDS, WORDS[::-1]), (GRID, GRID[0]), (GRID, GRID[:, 1:2]), (BYTES, BYTES[::-1]), (WORDS, np.array("a")), (WORDS[:5], WORDS[:4]), (WORDS, np.array(["a much longer element"] * 7)))
def compared(a, b):
    return a == b, a != b, a < b, a <= b, a > b, a >= b


@cases((WORDS, "a"), (GRID, "b"), (BYTES, b"abc"), (WORDS, ""))
def compared_with_text(a, text):
    return a == text, text != a, a < text, (a == text).sum(), text in a


@cases((3,), (0,))
def new(n):
    a = np.empty(n, "U5")
    b = np.zeros((n, 2), dtype="S3")
    c = np.zeros(n, np.dtype("<U2"))
    for i in range(n):
        a[i] = f"{i:>7}"
        b[i, 0] = b"ab"
        b[i, 1] = "cdef".encode()
        c[i] = "é"
    return a, b, c


@cases((WORDS,), (GRID,), (BYTES,))
def moved(a):
    mask = a == a
    return (
        a.copy(), a.T, a.reshape(-1), a.ravel()[::-1], a[a != a], a[mask], np.concatenate((a, a)), np.flip(a), a.ravel()[np.array((0, 2))],
        np.repeat(a, 2), a.size, a.itemsize, a.nbytes, a.ndim, mask.sum(), a.dtype.kind, a.dtype.num,
    )  # fmt: skip


@cases((WORDS,))
def other_width(a):
    b = a.astype("U2")
    c = np.empty(a.shape, "U9")
    c[:] = a
    return b, c, b.astype("U7")


@cases((RECORDS, 0, "eva", b"q"), (RECORDS, 1, "konstantin", b""), (PACKED, 1, "日", None), (RECORDS[::-1], 1, "é", b"xyz"))
def in_records(a, i, name, code):
    before = a[i]["name"]
    a[i]["name"] = name
    if code is not None:
        a["code"][i] = code
    names = [r["name"] for r in a]
    return before, a, a["name"], names, a["name"] == "ann", a[0]["n"]


@cases((WORDS,))
def counted(a):
    counts = {}
    for word in a:
        counts[word] = counts.get(word, 0) + 1
    return counts


@cases(("x",), (np.str_("numpy"),), (np.array(["é"])[0],))
def scalars(text):
    return text, text + "!", text == "x", len(text)


@cases((np.bytes_(b"numpy"),))
def scalars_of_bytes(value):
    return value, value + b"!"


test_text_arrays = cases.test()

TABLE = np.array(["zero", "one", "two"])


def test_a_global_array():
    def name(i):
        return TABLE[i]

    check(name, 1)
    with pytest.raises(IndexError):
        njit(name)(3)


def test_elements_are_copies():
    def swap(a):
        first = a[0]
        a[0] = a[1]
        a[1] = first
        return a, first

    check(swap, np.array(["ab", "cd"]))


def test_memory_that_was_never_written_is_no_crash():
    @njit
    def read(a):
        return a[0], a[0] == "x", f"{a[0]!r}"

    array = np.array([0xFFFFFFFF, 0x110000], np.uint32).view("U2")
    assert read(array) == ("\ufffd\ufffd", False, "'\ufffd\ufffd'")


def test_nothing_leaks():
    @njit
    def churn(a):
        b = a.copy()
        for i in range(len(a)):
            b[i] = a[i].upper()
        return b, [x for x in b], a == b

    churn(WORDS)
    before = _core.live_allocations()
    for _ in range(5):
        churn(WORDS)
    assert _core.live_allocations() == before


@pytest.mark.parametrize("function", [
    lambda a: a + a,
    lambda a: a.sum(),
    lambda a: np.sort(a),
    lambda a: np.unique(a),
    lambda a: a.max(),
    lambda a: np.exp(a),
    lambda a: a == 1,
    lambda a: a == b"x",
    lambda a: a.astype(np.float64),
    lambda a: a.astype("S3"),
    lambda a: -a,
    lambda a: a.mean(),
    lambda a: np.cumsum(a),
    lambda a: np.argsort(a),
    lambda a: np.ones(3, "U3"),
    lambda a: np.full(3, 1, "U3"),
    lambda a: np.where(a == "a", a, a),
    lambda a: np.array(["a", "b"]),
    lambda a: np.dot(a, a),
    lambda a: np.isnan(a),
    lambda a: a @ a,
    lambda a: np.diff(a),
    lambda a: np.median(a),
    lambda a: np.histogram(a),
    lambda a: a.view(np.uint8),
    lambda a: a.tolist(),
    lambda a: np.searchsorted(a, "x"),
])  # fmt: skip
def test_what_else_there_is_gives_an_answer_or_a_message(function):
    jitted = njit(function)
    try:
        result = jitted(WORDS)
    except RumbaError:
        return
    expected = jitted.py_func(WORDS)
    assert np.array_equal(result, expected)


def test_wrong_elements():
    def store_number(a):
        a[0] = 1

    def store_bytes(a):
        a[0] = b"x"

    def store_floats(a):
        a[:] = np.zeros(7)

    for function in (store_number, store_bytes, store_floats):
        with pytest.raises(TypingError, match="cannot be stored"):
            njit(function)(WORDS)

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


MANY = np.array([f"{n * 7919 % 1009:04d}{'x' * (n % 3)}"[n % 5 :] for n in range(400)] + ["", "same start, a", "same start, b", "same start,"])
MANY_BYTES = MANY.astype("S20")
SQUARE = MANY[:36].reshape(6, 6)


@cases((WORDS,), (BYTES,), (GRID,), (GRID.T,), (MANY,), (MANY_BYTES,), (MANY[::-3],), (SQUARE[:, ::2],), (WORDS[:0],), (MANY[MANY == MANY[0]],))
def sorted_(a):
    b = a.copy()
    b.sort()
    c = a.copy()
    c.sort(axis=0)
    return np.sort(a), np.sort(a, axis=0), np.sort(a, axis=None), b, c


@cases((WORDS,), (BYTES,), (GRID,), (GRID.T,), (MANY,), (MANY_BYTES,), (MANY[::-3],), (WORDS[:0],))
def order(a):
    return np.argsort(a, kind="stable"), a.argsort(axis=0, kind="stable"), np.lexsort((a, a[::-1]))


@cases((WORDS,), (BYTES,), (GRID,), (MANY,), (MANY_BYTES[::2],), (WORDS[:0],))
def unique(a):
    parts = np.unique(a, return_index=True, return_inverse=True, return_counts=True)
    every = np.unique_all(a)
    return np.unique(a), parts, np.unique(a, return_counts=True), every.values, every.counts, np.unique_inverse(a).inverse_indices, np.sort(np.unique_values(a))


@cases((GRID,), (np.array([["b", "a"], ["a", "b"], ["b", "a"]]),))
def unique_along(a):
    return np.unique(a, axis=0), np.unique(a, axis=1, return_counts=True)


@cases((WORDS, WORDS[::2]), (MANY, MANY[5:90:7]), (MANY, WORDS), (BYTES, MANY_BYTES), (WORDS[:0], WORDS), (WORDS, WORDS[:0]), (GRID, GRID[0]))
def sets(a, b):
    common = np.intersect1d(a, b, return_indices=True)
    return np.union1d(a, b), np.intersect1d(a, b), common, np.setxor1d(a, b), np.setdiff1d(a, b), np.isin(a, b), np.isin(a, b, invert=True)


@cases((WORDS,), (GRID,))
def in_literals(a):
    return np.isin(a, ["a", "abc", "zzzz"]), np.isin(a, "a"), np.setdiff1d(a, ("a", "b")), np.union1d(["z"], a)


@cases((np.sort(WORDS), WORDS), (np.sort(MANY), MANY[::5]), (np.sort(BYTES), BYTES), (np.sort(MANY_BYTES), BYTES), (np.sort(MANY)[::3], SQUARE), (np.sort(MANY.astype("U3")), MANY))
def searched(a, values):
    return np.searchsorted(a, values), a.searchsorted(values, side="right"), np.searchsorted(a[::-1], values, sorter=np.arange(len(a))[::-1])


@cases((np.sort(WORDS), "ab"), (np.sort(MANY), "same start, longer than any"), (np.sort(MANY), ""), (np.sort(BYTES), b"abc"), (np.sort(WORDS), "😀"), (np.sort(WORDS), np.array("abc")))
def searched_for_one(a, text):
    return np.searchsorted(a, text), np.searchsorted(a, text, side="right")


@cases((WORDS, "a\x00"), (WORDS, "\x00"), (BYTES, b"a\x00b\x00"), (GRID.T, "dd"), (MANY[::2], "x"), (np.array("word"), "word"))
def ordered_with_text(a, text):
    return a == text, text != a, a < text, text < a, a <= text, text <= a, a > text, text > a, a >= text, text >= a


@cases(())
def made():
    return (
        np.array(["a", "bcd", ""]), np.array([["x", "日本"], ["😀", "z"]]), np.array("word"), np.array(("",)),
        np.array(["a", "bcd"], dtype="U2"), np.array([b"a", b"bcd"], dtype="S4"), np.asarray(["q", "é"]), np.array([["a", "b"], ["c", "d"]], order="F"),
    )  # fmt: skip


@cases((3,), (0,))
def made_of_lists(n):
    words = [str(i) * i for i in range(n)]
    return np.array(words, "U2"), np.asarray([word.encode() for word in words], dtype="S5")


@cases((WORDS, "U2"), (WORDS, "other"))
def made_of_values(a, text):
    return np.array([a[0], text, "literal"], dtype="U4")


@cases((WORDS, GRID),)
def joined_widths(a, b):
    return np.concatenate((a, b.ravel())), np.vstack((b, np.array(["longer", "", "x"])))


NAMED = np.array([("b", 1, 2.5), ("a", 2, 1.5), ("b", 1, 2.5), ("b", 1, 0.5), ("", 9, 0.0)], dtype=[("name", "U4"), ("n", "i4"), ("x", "f8")])


@cases((NAMED,), (NAMED[::-2],), (NAMED[:0],), (NAMED[["n", "x"]].copy(),), (NAMED[:4].reshape(2, 2),))
def unique_records(a):
    return np.unique(a), np.unique(a, return_index=True, return_inverse=True, return_counts=True), np.sort(a.ravel())


@cases((np.sort(NAMED), NAMED), (np.sort(NAMED), NAMED[1]))
def searched_records(a, values):
    return np.searchsorted(a, values), np.searchsorted(a, values, side="right")


@cases((NAMED, NAMED[1:3]))
def sets_of_records(a, b):
    return np.union1d(a, b), np.intersect1d(a, b), np.setdiff1d(a, b), np.isin(a, b)


test_text_arrays = cases.test()


def test_widths_that_are_not_known():
    def of_values(text):
        return np.array([text, "a"])

    def of_list(text):
        words = [text]
        words.append("a")
        return np.array(words)

    def of_bytes():
        return np.array([b"a"])

    for function, args in ((of_values, ("x",)), (of_list, ("x",)), (of_bytes, ())):
        with pytest.raises(TypingError, match="how many characters") as caught:
            njit(function)(*args)
        assert 'dtype`, such as "U8"' in str(caught.value)


@pytest.mark.parametrize("function", [
    lambda a: np.searchsorted(a, b"x"),
    lambda a: np.searchsorted(a, 1),
    lambda a: np.isin(a, np.array([1, 2])),
    lambda a: np.union1d(a, np.array([b"a"], dtype="S1")),
    lambda a: np.array(["a"], dtype="S2"),
    lambda a: np.array(["a"], dtype=np.float64),
])  # fmt: skip
def test_other_sorts_of_elements_are_refused(function):
    with pytest.raises(TypingError):
        njit(function)(WORDS)


def test_a_sorter_that_does_not_fit():
    def search(a, sorter):
        return np.searchsorted(a, "x", sorter=sorter)

    with pytest.raises(ValueError, match="sorter.size must equal a.size"):
        njit(search)(WORDS, np.arange(3))
    with pytest.raises(ValueError, match="Sorter index out of range"):
        njit(search)(WORDS, np.full(len(WORDS), 99))

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
        c = np.array([a[1], "x"], dtype="U3")
        found = np.searchsorted(np.sort(a), a), np.unique(a), np.isin(a, c), np.argsort(a), a < "x"
        return b, [x for x in b], a == b, found, c

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


def text_for_numbers(a):
    return np.sum("text")


def texts_for_numbers(a):
    return np.max(["a", "b"])


def text_for_numbers_in_a_kernel(a):
    return np.median("a")


def texts_for_numbers_in_a_kernel(a):
    return np.convolve(["a"], ["b"])


@pytest.mark.parametrize(
    "function", [text_for_numbers, texts_for_numbers, text_for_numbers_in_a_kernel, texts_for_numbers_in_a_kernel]
)
def test_text_is_no_array_of_numbers(function):
    with pytest.raises(TypingError):
        njit(function)(np.zeros(2))

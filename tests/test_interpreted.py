"""`with objmode(…)`: blocks that the interpreter runs, the same as without compilation."""

import sys
import traceback

import numpy as np
import pytest
import rumba
from differential import Cases
from rumba import njit, objmode, types
from rumba.errors import TypingError, UnsupportedError

cases = Cases()

SCALE = 3
FLOAT = types.float64
seen = []


def undecorated(xs):
    return sorted(xs, key=lambda x: -x)


@cases((2.0,), (5.0,))
def a_number(x):
    with objmode(y="float64"):
        y = complex(x, 1).real + SCALE
    return y * 2


@cases((np.arange(4.0),), (np.arange(6.0)[::2],))
def an_array(a):
    total = 0.0
    with objmode(b="float64[:]", n="int64"):
        b = np.array(undecorated(a.tolist()))
        n = len({x: str(x) for x in b.tolist()})
    for x in b:
        total = total * 10 + x
    return total, n, b


@cases((3,))
def text_and_tuples(n):
    with objmode(s="unicode_type", t="UniTuple(int64, 2)"):
        s = "/".join(reversed([format(i, "03d") for i in range(n)]))
        t = divmod(n * 7, 4)
    return s + "!", t


@cases((3,))
def in_a_loop(n):
    total = 0
    for i in range(n):
        with objmode(k="int64"):
            k = [i, i + 1].index(i + 1)
            for j in range(3):
                if j == 1:
                    continue
                k += j
        total += k * i
    return total


@cases((np.arange(3.0),))
def changes_an_argument(a):
    with objmode():
        a[1] = 7.0
        a.sort()
    return a.sum()


@cases((3,))
def several_lines(n):
    with objmode(y="int64"):
        text = """a
   b
"""
        y = (len(text)
             + n)  # a comment

        def inner(k):
            return k * 2

        y = inner(y)
    return y


@cases((3,))
def on_one_line(n):
    with objmode(y="int64"): y = n + 1; y += 1
    return y


@cases((4,))
def types_by_name(n):
    with objmode(y=FLOAT, z=types.int64):
        y = n / 2
        z = n
    return y, z


@cases((0,), (1,))
def raises_inside(n):
    try:
        with objmode(y="int64"):
            y = 1 // n
    except ZeroDivisionError:
        return -1
    return y


@cases((0,))
def raises(n):
    with objmode(y="int64"):
        y = [1, 2][n + 5]
    return y


@cases((5,))
def an_output_that_had_a_value(n):
    y = n
    with objmode(y="int64"):
        y = y + 1
    return y


@cases((5,))
def imports(n):
    with objmode(y="float64"):
        import math as m
        from fractions import Fraction

        y = float(Fraction(n, 2)) + m.floor(2.5)
    return y


test_same_as_the_interpreter = cases.test()


def test_captured_variables_of_a_python_function():
    table = {"a": 1}

    @njit
    def f(n):
        with objmode(y="int64"):
            y = table["a"] + n
        return y

    assert f(3) == 4
    table["a"] = 5
    assert f(3) == 8


def test_without_outputs():
    seen.clear()

    @njit
    def f(n):
        for i in range(n):
            with objmode:
                seen.append(i)

    f(3)
    assert seen == [0, 1, 2]


def test_without_the_interpreter_lock():
    @njit(nogil=True)
    def f(a):
        with objmode(y="float64"):
            y = sum(a.tolist())
        return y

    assert f(np.arange(5.0)) == 10.0


def test_the_place_of_an_exception():
    @njit
    def f(n):
        with objmode(y="int64"):
            y = 1
            y = y // n
        return y

    with pytest.raises(ZeroDivisionError) as caught:
        f(0)
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.name, last.line) == ("f", "y = y // n")


def test_an_output_of_another_type():
    @njit
    def f(n):
        with objmode(y="int64"):
            y = "text"
        return y

    with pytest.raises(TypeError):
        f(1)


def test_an_output_that_is_not_bound():
    @njit
    def f(n):
        with objmode(y="int64"):
            if n:
                y = 1
        return y

    assert f(1) == 1
    with pytest.raises(UnboundLocalError):
        f(0)


def test_memory():
    @njit
    def f(n):
        total = 0
        for i in range(n):
            s = "a" * i
            with objmode(a="int64[:]", t="unicode_type"):
                a = np.arange(i)
                t = s + "b"
            total += a.sum() + len(t)
            if i % 2:
                try:
                    with objmode(b="int64[:]", c="int64"):
                        b = np.arange(3)
                        c = "text"
                except TypeError:
                    total += 1
        return total

    f(10)
    before = rumba._core.live_allocations()
    a = np.zeros(1)
    count = sys.getrefcount(a)
    f(50)
    assert rumba._core.live_allocations() == before
    assert sys.getrefcount(a) == count


def test_what_else_is_bound_stays_in_the_interpreter():
    @njit
    def f(n):
        with objmode(y="int64"):
            k = 3
            y = k * n
        return y + k

    with pytest.raises(TypingError, match="`k` has no value here"):
        f(1)


@pytest.mark.parametrize("what", ["return", "break", "continue", "yield"])
def test_what_cannot_leave_the_block(what):
    namespace = {"objmode": objmode}
    source = f"def f(n):\n    for i in range(n):\n        with objmode(y='int64'):\n            y = 1\n            {what}\n    return n\n"
    import linecache

    name = f"<{what} in objmode>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    exec(compile(source, name, "exec"), namespace)
    with pytest.raises(UnsupportedError, match="cannot leave a block that the interpreter runs"):
        njit(namespace["f"])(2)


def test_a_type_that_does_not_exist():
    @njit
    def f(n):
        with objmode(y="int6"):
            y = n
        return y

    with pytest.raises(UnsupportedError, match="int6"):
        f(1)


# Text that the interpreter makes.

texts = Cases()


@texts((0,), (1,), (2,), (3,))
def text_of_exceptions(n):
    try:
        if n == 0:
            raise ValueError("bad", n)
        if n == 1:
            raise KeyError("k")
        n = 1 // (n - 2)
    except (ValueError, KeyError, ZeroDivisionError) as e:
        return str(e), repr(e), f"<{e}> {e!r} {e!s:>12}"
    return "", "", ""


@texts((np.arange(3.0),), (np.zeros((2, 2), np.int64),))
def text_of_arrays(a):
    return str(a), repr(a), f"{a}", format(a)


@texts((3,))
def text_of_containers(n):
    d = {i: i / 2 for i in range(n)}
    return str(d), f"{d!r} {set(d)}", repr(ValueError(n, "x"))


@texts((np.datetime64("2020-01-02"),))
def text_of_times(t):
    return str(t), f"{t} {t - t}"


test_text = texts.test()

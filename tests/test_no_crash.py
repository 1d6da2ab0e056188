"""No input, however wrong, may take the process with it: every one ends in a value or a Python exception."""

import ctypes
import decimal
import fractions
import itertools
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rumba import njit
from subprocesses import run_program


@njit
def scalar(x):
    return x + 1


@njit
def element(a, i):
    return a[i]


@njit
def walk(a):
    total = 0.0
    for i in range(len(a)):
        total += a[i]
    return total


@njit
def rows(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            total += a[i, j]
            a[i, j] = total
    return total


@njit
def reshaped(a, n, m):
    return a.reshape(n, m)


@njit
def made(n, m):
    return np.zeros((n, m))


@njit
def part(a, start, stop, step):
    return a[start:stop:step]


class Odd:
    def __getattr__(self, name):
        raise RuntimeError("asked for " + name)


class LiesAboutItsLength(np.ndarray):
    def __len__(self):
        return 10**9


def recursive_tuple(depth):
    t = (1,)
    for _ in range(depth):
        t = (t, 1)
    return t


VALUES = {
    "none": None,
    "string": "text",
    "bytes": b"bytes",
    "list": [1, 2],
    "dict": {1: 2},
    "set": {1},
    "object": object(),
    "odd": Odd(),
    "class": Odd,
    "module": itertools,
    "function": lambda x: x,
    "generator": (i for i in ()),
    "decimal": decimal.Decimal("1.5"),
    "fraction": fractions.Fraction(1, 3),
    "ctypes": ctypes.c_int(5),
    "namespace": types.SimpleNamespace(shape=(1,)),
    "big int": 10**100,
    "nan": float("nan"),
    "float16": np.float16(1),
    "longdouble": np.longdouble(1),
    "datetime": np.datetime64("2020-01-01"),
    "float16 array": np.zeros(2, np.float16),
    "object array": np.array([None, 1]),
    "string array": np.array(["a", "b"]),
    "record array": np.zeros(2, dtype=[("x", "f8"), ("y", "i4")]),
    "swapped array": np.zeros(2, ">f8"),
    "empty array": np.zeros(0),
    "empty 2d array": np.zeros((0, 5)),
    "0-d array": np.array(1.0),
    "broadcast array": np.broadcast_to(np.array(1.0), (1000, 1000)),
    "32-d array": np.zeros((1,) * 32),
    "masked array": np.ma.array([1.0, 2.0], mask=[True, False]),
    "matrix": np.asmatrix(np.zeros((2, 2))),
    "subclass": np.zeros(3).view(LiesAboutItsLength),
    "memory map": memoryview(b"abc"),
    "empty tuple": (),
    "deep tuple": recursive_tuple(50),
    "long tuple": (1,) * 1000,
    "tuple of odd": (1, Odd()),
    "range": range(3),
    "slice": slice(1, "x"),
    "dtype": np.dtype("f8"),
    "jitted": scalar,
    "ellipsis": ...,
}


@pytest.mark.parametrize("name", VALUES)
def test_any_value_for_any_parameter(name):
    value = VALUES[name]
    for function, args in [
        (scalar, (value,)),
        (element, (value, 0)),
        (element, (np.zeros(3), value)),
        (walk, (value,)),
        (rows, (value,)),
        (reshaped, (value, 1, 1)),
        (reshaped, (np.zeros(4), value, 2)),
        (part, (np.zeros(4), value, 2, 1)),
    ]:
        try:
            function(*args)
        except Exception as error:
            assert str(error) or error.args == (), (name, function)


EXTREMES = [0, 1, -1, 5, -5, 2**31, 2**32, 2**62, -(2**62), 2**63 - 1, -(2**63)]


def test_extreme_indices_and_sizes():
    a = np.arange(6.0)
    for n, m in itertools.product(EXTREMES, repeat=2):
        with pytest.raises(IndexError) if not -6 <= n < 6 else _nothing_raised():
            element(a, n)
        for function, args in [(reshaped, (a, n, m)), (part, (a, n, m, 2)), (part, (a, n, m, -3)), (part, (a, 1, n, m))]:
            try:
                result = function(*args)
            except (ValueError, MemoryError):
                continue
            assert result.size <= 6
        if abs(n) * abs(m) > 2**40:
            with pytest.raises((ValueError, MemoryError)):
                made(n, m)


def _nothing_raised():
    import contextlib

    return contextlib.nullcontext()


def test_step_zero():
    with pytest.raises(ValueError):
        part(np.zeros(3), 0, 3, 0)


def test_an_array_that_is_resized_away():
    a = np.zeros(100)
    assert walk(a) == 0.0
    a.resize(10, refcheck=False)
    assert walk(a) == 0.0
    with pytest.raises(IndexError):
        element(a, 50)


def test_shape_changed_between_calls():
    a = np.arange(12.0).reshape(3, 4)
    assert rows(a.copy()) > 0
    a.shape = (2, 6)
    assert rows(a.copy()) > 0


@given(
    st.lists(st.integers(0, 4), min_size=0, max_size=4),
    st.sampled_from(["f8", "f4", "i8", "i2", "u1", "b1", "c16"]),
    st.booleans(),
    st.booleans(),
)
def test_arrays_of_every_shape(shape, dtype, transpose, backwards):
    a = np.ones(shape, dtype=dtype)
    if transpose:
        a = a.T
    if backwards and a.ndim:
        a = a[::-1]
    for function, args in [(walk, (a,)), (rows, (a,)), (element, (a, 0)), (element, (a, (0,) * a.ndim))]:
        try:
            function(*args)
        except Exception as error:
            assert type(error) not in (SystemError, AssertionError), error


# Programs, not just arguments: what would be undefined behaviour in C, and compilers' own limits.
PROGRAMS = {
    "huge expression": "f = njit(eval_function('x' + ' + x' * 3000))\nprint(f(1))",
    "deep expression": "f = njit(eval_function('(' * 90 + 'x' + ')' * 90))\nprint(f(1))",
    "deep nesting": "f = njit(eval_function('-' * 500 + 'x'))\nprint(f(1))",
    "division overflow": "f = njit(eval_function('x // -1'))\nprint(f(-2**63))",
    "modulo overflow": "f = njit(eval_function('x % -1'))\nprint(f(-2**63))",
    "shift too far": "f = njit(eval_function('(1 << x, 1 >> x)'))\nprint(f(1000))",
    "negative shift": "f = njit(eval_function('1 << x'))\nprint(f(-1))",
    "float to int": "f = njit(eval_function('int(x)'))\nprint(f(1e300))",
    "nan to int": "f = njit(eval_function('int(x)'))\nprint(f(float('nan')))",
    "long sum": "f = njit(eval_function('sum(range(x))'))\nprint(f(10**6))",
}

PRELUDE = """
import linecache, itertools
from rumba import njit

def eval_function(expression, counter=itertools.count()):
    name = f"<expression {next(counter)}>"
    text = f"def f(x):\\n    return {expression}\\n"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    namespace = {}
    exec(compile(text, name, "exec"), namespace)
    return namespace["f"]

"""


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name, tmp_path):
    done = run_program(PRELUDE + PROGRAMS[name], file=tmp_path / "program.py", timeout=120)
    # 0: a value; 1: a Python exception. A signal would be negative.
    assert done.returncode in (0, 1), (done.returncode, done.stderr)


def test_leaving_while_a_thread_compiles(tmp_path):
    program = """
    import threading
    from rumba import njit

    @njit
    def f(x):
        total = 0
        for i in range(x):
            total += i * i % 7
        return total

    threading.Thread(target=lambda: [f(k) for k in (1, 2.0, 3j) if k != 3j], daemon=True).start()
    """
    assert run_program(program, file=tmp_path / "leaving.py").returncode == 0


def test_fork_after_compiling(tmp_path):
    program = """
    import os
    from rumba import njit

    @njit
    def f(x):
        return x + 1

    f(1)
    child = os.fork()
    if child == 0:
        os._exit(0 if f(2) == 3 and f(2.5) == 3.5 else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    done = run_program(program, file=tmp_path / "forking.py")
    assert done.stdout == "0\n", done.stderr

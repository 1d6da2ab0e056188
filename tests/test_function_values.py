"""Functions as values that are chosen while the program runs."""

import ctypes
import ctypes.util
import math
import operator

import numpy as np
import pytest

import rumba
from rumba import cfunc, njit


@njit
def double(x):
    return 2 * x


@njit
def square(x):
    return x * x


@njit
def half(x):
    return x / 2


@njit
def fails(x):
    if x > 2:
        raise ValueError("too large")
    return -x


both = (double, square)


def test_a_function_is_chosen_by_a_condition():
    @njit
    def apply(flag, x):
        f = double if flag else square
        return f(x)

    for args in [(True, 5), (False, 5), (True, 1.5), (False, 1.5)]:
        assert apply(*args) == apply.py_func(*args)
        assert type(apply(*args)) is type(apply.py_func(*args))


def test_a_function_is_chosen_by_an_index():
    functions = (double, square, math.floor, abs)

    @njit
    def of_global(i, x):
        return functions[i](x)

    @njit
    def of_argument(fs, i, x):
        return fs[i](x)

    for i in range(-4, 4):
        assert of_global(i, -3) == of_global.py_func(i, -3)
        assert of_argument(functions, i, -3) == functions[i](-3)
    with pytest.raises(IndexError):
        of_global(4, 1)


def test_a_loop_goes_over_functions():
    @njit
    def composed(x):
        for f in (double, square, double):
            x = f(x)
        return x

    assert composed(3) == composed.py_func(3) == 72

    @njit
    def of_global(x):
        total = x
        for f in both:
            total += f(x)
        return total

    assert of_global(7) == of_global.py_func(7)


def test_functions_in_lists_and_dicts():
    @njit
    def of_list(i, x):
        fs = [double, square]
        fs.append(double)
        return fs[i](x) + len(fs)

    @njit
    def of_dict(name, x):
        fs = {"double": double, "square": square}
        return fs[name](x)

    assert [of_list(i, 5) for i in range(3)] == [13, 28, 13]
    assert [of_dict(name, 5) for name in ("double", "square")] == [10, 25]
    with pytest.raises(KeyError):
        of_dict("triple", 5)


def test_a_list_of_functions_as_an_argument():
    @njit
    def apply_all(fs, x):
        total = 0
        for f in fs:
            total += f(x)
        return total

    assert apply_all([double, square, square], 3) == 24


def test_results_meet():
    @njit
    def apply(flag, x):
        f = double if flag else half
        return f(x)

    assert apply(True, 3) == 6.0 and type(apply(True, 3)) is float
    assert apply(False, 3) == 1.5


def test_the_argument_types_are_those_of_the_call():
    @njit
    def apply(i, xs):
        f = both[i]
        return f(xs[0]) + f(xs).sum()

    xs = np.array([1.5, 2.0, -3.0])
    for i in range(2):
        assert apply(i, xs) == both[i](xs[0]) + both[i](xs).sum()


def test_what_a_chosen_function_raises():
    @njit
    def apply(flag, x):
        f = fails if flag else double
        try:
            return f(x)
        except ValueError:
            return 100

    assert [apply(True, 1), apply(True, 3), apply(False, 3)] == [-1, 100, 6]

    @njit
    def uncaught(flag, x):
        return (fails if flag else double)(x)

    with pytest.raises(ValueError, match="too large"):
        uncaught(True, 3)


def test_a_function_that_only_raises():
    @njit
    def never(x):
        raise KeyError("no")

    @njit
    def apply(flag, x):
        f = never if flag else double
        return f(x)

    assert apply(False, 4) == 8
    with pytest.raises(KeyError):
        apply(True, 4)

    @njit
    def also_never(x):
        raise OSError

    @njit
    def one_or_other(flag, x):
        f = never if flag else also_never
        return f(x)

    with pytest.raises(OSError):
        one_or_other(False, 1)


def test_lambdas_and_functions_of_the_library_meet():
    @njit
    def apply(i, x):
        f = operator.neg
        if i == 1:
            f = lambda x: x + 1  # noqa: E731
        elif i == 2:
            f = double
        return f(x)

    assert [apply(i, 5) for i in range(3)] == [-5, 6, 10]


def test_a_chosen_function_is_passed_on_and_variables_change():
    @njit
    def call(f, x):
        return f(x)

    @njit
    def alternate(n):
        f, g = double, square
        x = 1
        for _ in range(n):
            x = call(f, x)
            f, g = g, f
        return x

    for n in range(6):
        assert alternate(n) == alternate.py_func(n)


def test_keywords_and_defaults():
    @njit
    def add(x, by=1):
        return x + by

    @njit
    def subtract(x, by=2):
        return x - by

    @njit
    def apply(flag, x):
        f = add if flag else subtract
        return f(x), f(x, by=10)

    assert apply(True, 5) == (6, 15)
    assert apply(False, 5) == (3, -5)


def test_results_that_own_memory():
    @njit
    def ones(n):
        return np.ones(n)

    @njit
    def ramp(n):
        return np.arange(n) * 1.0

    @njit
    def total(n):
        s = 0.0
        for i in range(n):
            f = ones if i % 2 else ramp
            s += f(i).sum()
        return s

    from rumba import _core

    before = _core.live_allocations()
    assert total(20) == total.py_func(20)
    assert _core.live_allocations() == before


def test_a_chosen_function_is_returned_to_python():
    @njit
    def choose(flag):
        return double if flag else square

    assert choose(True) is double
    assert choose(False) is square


def test_cfuncs_and_functions_of_ctypes_meet():
    libm = ctypes.CDLL(ctypes.util.find_library("m"))
    cbrt = libm.cbrt
    cbrt.restype, cbrt.argtypes = ctypes.c_double, [ctypes.c_double]

    @cfunc("float64(float64)")
    def third(x):
        return x / 3

    @njit
    def apply(i, x):
        return (cbrt, third, math.sqrt)[i](x)

    assert [apply(i, 27.0) for i in range(3)] == [cbrt(27.0), 9.0, math.sqrt(27.0)]


def test_results_that_do_not_meet_are_an_error():
    @njit
    def text(x):
        return "x"

    @njit
    def apply(flag, x):
        f = text if flag else double
        return f(x)

    with pytest.raises(rumba.errors.TypingError, match="of one function and (.|\n)* of another"):
        apply(True, 1)


def test_one_function_or_none():
    @njit
    def apply(i, x):
        f = None
        if i == 1:
            f = double
        elif i == 2:
            f = square
        return x if f is None else f(x)

    assert [apply(i, 5) for i in range(3)] == [5, 10, 25]


def test_which_function_it_is():
    @njit
    def compare(i):
        f = double if i else square
        g = None
        if i == 1:
            g = double
        elif i == 2:
            g = square
        return f is double, f is not square, f == double, f != double, g is double, g is f, f is half, g is None

    for i in range(3):
        assert compare(i) == compare.py_func(i)

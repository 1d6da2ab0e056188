"""`types.FunctionType`: functions of which only the signature is known."""

import ctypes
import ctypes.util
import pickle

import numpy as np
import pytest

import rumba
from rumba import cfunc, errors, float64, int64, njit, types
from rumba.experimental import jitclass
from rumba.typed import Dict, List

of_int = types.FunctionType(int64(int64))
of_float = types.FunctionType(float64(float64))


@njit
def double(x):
    return 2 * x


@njit
def square(x):
    return x * x


@njit
def fails(x):
    if x > 2:
        raise ValueError("too large")
    return -x


@cfunc(float64(float64))
def half(x):
    return x / 2


def test_the_type():
    assert str(of_int) == "FunctionType[int64(int64)]"
    assert of_int == types.FunctionType("int64(int64)") != of_float
    assert isinstance(of_int, types.FunctionType) and not isinstance(int64, types.FunctionType)
    assert pickle.loads(pickle.dumps(of_int)) == of_int
    with pytest.raises(TypeError, match="made of a signature"):
        types.FunctionType(int64)


def test_functions_as_arguments():
    @njit(int64(of_int, int64))
    def apply(f, x):
        return f(x) + f(x + 1)

    assert apply(double, 3) == 14
    assert apply(square, 3) == 25
    # One version serves every function.
    assert len(apply.signatures) == 1


def test_a_signature_of_text():
    @njit("float64(FunctionType(float64(float64)), float64)")
    def apply(f, x):
        return f(x)

    assert apply(double, 1.5) == 3.0
    assert apply(half, 3) == 1.5


def test_what_a_function_raises():
    @njit(int64(of_int, int64))
    def apply(f, x):
        return f(x)

    assert apply(fails, 1) == -1
    with pytest.raises(ValueError, match="too large"):
        apply(fails, 3)

    @njit(int64(of_int, int64))
    def caught(f, x):
        try:
            return f(x)
        except ValueError:
            return 100

    assert [caught(fails, 1), caught(fails, 3), caught(double, 3)] == [-1, 100, 6]


def test_arrays_and_text_through_pointers():
    arrays = types.FunctionType(float64[:](float64[:], float64))
    texts = types.FunctionType(types.unicode_type(types.unicode_type))

    @njit
    def scaled(a, factor):
        return a * factor

    @njit
    def shout(text):
        return text.upper() + "!"

    @njit(types.Tuple([float64[:], types.unicode_type])(arrays, texts, float64[:]))
    def apply(f, g, a):
        total = a
        for i in range(3):
            total = f(total, 2.0)
        return total, g("ab") + g("c")

    before = rumba._core.live_allocations()
    values, text = apply(scaled, shout, np.arange(4.0)[::1])
    assert values.tolist() == [0, 8, 16, 24] and text == "AB!C!"
    del values
    assert rumba._core.live_allocations() == before


def test_functions_in_tuples_lists_and_dicts():
    @njit(int64(types.UniTuple(of_int, 2), int64, int64))
    def of_tuple(fs, i, x):
        return fs[i](x)

    assert [of_tuple((double, square), i, 5) for i in range(2)] == [10, 25]

    @njit(int64(types.ListType(of_int), int64))
    def of_list(fs, x):
        for f in fs:
            x = f(x)
        return x

    assert of_list([double, square, double], 3) == 72
    functions = List.empty_list(of_int)
    functions.append(double)
    functions.append(square)
    assert of_list(functions, 3) == 36
    by_name = Dict.empty(types.unicode_type, of_int)
    by_name["double"] = double
    by_name["square"] = square

    @njit
    def of_dict(fs, name, x):
        return fs[name](x)

    assert [of_dict(by_name, name, 5) for name in ("double", "square")] == [10, 25]


def test_functions_become_pointers_in_compiled_code():
    @njit(int64(of_int, types.boolean, int64))
    def either(f, flag, x):
        g = f if flag else square
        return g(x)

    assert [either(double, True, 5), either(double, False, 5)] == [10, 25]

    @njit
    def filled(x):
        functions = List.empty_list(of_int)
        functions.append(double)
        functions.append(square)
        functions.append(double if x > 0 else fails)
        total = 0
        for f in functions:
            total += f(x)
        return total

    assert [filled(5), filled(-1)] == [45, 0]


def test_pointers_are_returned():
    @njit(of_int(types.boolean))
    def chosen(flag):
        return double if flag else square

    assert chosen(True) is double and chosen(False) is square

    @njit(of_int(types.UniTuple(of_int, 2), int64))
    def item(fs, i):
        return fs[i]

    assert item((double, square), 1) is square


def test_fields_of_classes():
    @jitclass([("f", of_float), ("n", int64)])
    class Repeated:
        def __init__(self, f, n):
            self.f = f
            self.n = n

        def apply(self, x):
            for _ in range(self.n):
                x = self.f(x)
            return x

    assert Repeated(double, 3).apply(1.0) == 8.0
    assert Repeated(half, 2).apply(1.0) == 0.25


def test_functions_of_c():
    libm = ctypes.CDLL(ctypes.util.find_library("m"))
    libm.cos.argtypes = [ctypes.c_double]
    libm.cos.restype = ctypes.c_double

    @njit(float64(of_float, float64))
    def apply(f, x):
        return f(x)

    assert apply(libm.cos, 0.5) == libm.cos(0.5)
    assert apply(half, 5.0) == 2.5


class Compiled(types.WrapperAddressProtocol):
    """What another compiler has made."""

    def __wrapper_address__(self):
        return half.address

    def signature(self):
        return float64(float64)


def test_objects_with_an_address():
    @njit(float64(of_float, float64))
    def declared(f, x):
        return f(x)

    @njit
    def inferred(f, x):
        return f(x)

    assert declared(Compiled(), 3.0) == inferred(Compiled(), 3.0) == 1.5
    given = Compiled()

    @njit
    def of_global(x):
        return given(x)

    assert of_global(3.0) == 1.5

    class Silent(types.WrapperAddressProtocol):
        pass

    with pytest.raises(errors.RumbaError, match="no signature"):
        inferred(Silent(), 1.0)


def test_what_does_not_fit():
    @njit(int64(of_int, int64))
    def apply(f, x):
        return f(x)

    with pytest.raises(TypeError, match="No matching definition"):
        apply(3, 4)
    with pytest.raises(TypeError, match="2 parameters"):

        @njit
        def two(x, y):
            return x + y

        apply(two, 1)
    with pytest.raises(errors.TypingError, match="returns str, but its signature declares int64"):

        @njit
        def text(x):
            return "text"

        apply(text, 1)

    with pytest.raises(errors.TypingError, match="takes 1 positional argument, but 2 were given"):

        @njit(int64(of_int, int64))
        def wrong_count(f, x):
            return f(x, x)

    with pytest.raises(errors.TypingError, match="takes int64 here, not str"):

        @njit(int64(of_int))
        def wrong_type(f):
            return f("text")


def test_recursion_through_a_pointer():
    @njit
    def factorial(x):
        return 1 if x < 2 else x * factorial(x - 1)

    @njit(int64(of_int, int64))
    def apply(f, x):
        return f(x)

    assert apply(factorial, 10) == 3628800


def test_variadic_functions():
    @njit
    def total(*numbers):
        result = 0
        for number in numbers:
            result += number
        return result

    @njit(int64(types.FunctionType(int64(int64, int64))))
    def apply(f):
        return f(3, 4)

    assert apply(total) == 7

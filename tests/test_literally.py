"""`literally`: parameters whose values are constants to the function."""

import numpy as np
import pytest
import rumba
from rumba import errors, literal_unroll, literally, njit, types
from rumba.extending import overload, register_jitable


def power(x, n):
    raise NotImplementedError


@overload(power)
def overload_power(x, n):
    """Asks for the exponent, and chooses by its value then."""
    if not isinstance(n, types.Literal):
        return lambda x, n: literally(n)
    exponent = n.literal_value
    if exponent == 0:
        return lambda x, n: 1
    if exponent == 1:
        return lambda x, n: x
    return lambda x, n: x * power(x, exponent - 1)


def test_in_the_interpreter():
    assert literally(3) == 3 and rumba.literally is literally


def test_a_parameter_is_compiled_for_each_value():
    @njit
    def f(x, n):
        return power(x, n)

    assert [f(2.0, n) for n in (3, 0, 1, 3)] == [8.0, 1, 2.0, 8.0]
    assert f(3, 2) == 9
    assert [str(params[1]) for params in f.signatures] == ["Literal[int](3)", "Literal[int](0)", "Literal[int](1)", "Literal[int](2)"]


def test_constants_need_no_further_compilation():
    @njit
    def f(x):
        return power(x, 3) + power(x, 1)

    assert f(2) == 10 and len(f.signatures) == 1


def test_the_value_decides_types():
    @njit
    def zeros(ndim, n):
        shape = (n,) * literally(ndim)
        return np.zeros(shape)

    assert zeros(1, 3).shape == (3,) and zeros(2, 3).shape == (3, 3)

    @njit
    def pick(items, i):
        return items[literally(i)]

    assert pick((1, "a", 2.5), 1) == "a" and pick((1, "a", 2.5), 2) == 2.5

    @njit
    def read(record, name):
        return record[literally(name)]

    record = np.array([(1, 2.5)], dtype=[("a", np.int64), ("b", np.float64)])[0]
    assert read(record, "a") == 1 and read(record, "b") == 2.5


def test_through_functions():
    @register_jitable
    def inner(items, i):
        return items[literally(i)]

    @njit
    def middle(items, i):
        return inner(items, i)

    @njit
    def outer(items, i, x):
        return middle(items, i), middle(items, 0), x

    assert outer((1, "a"), 1, 2.5) == ("a", 1, 2.5)
    assert outer((1, "a"), 0, 2.5) == (1, 1, 2.5)
    assert middle((1, "a"), 1) == "a"


def test_bools_and_the_attribute_of_the_module():
    @njit
    def f(x, as_text):
        if rumba.literally(as_text):
            return str(x)
        return x

    assert f(1, True) == "1" and f(1, False) == 1


def test_keywords_and_defaults():
    @njit
    def f(items, *, i=1):
        return items[literally(i)]

    assert f((1, "a")) == "a" and f((1, "a"), i=0) == 1


def test_loops_over_tuples_of_several_types():
    @njit
    def f(items):
        total = 0
        for item in literal_unroll(items):
            total += len(str(item))
        return total

    assert f((1, "abc", 2.5)) == 7


@njit
def computed(x):
    n = x + 1
    return literally(n)


@njit
def of_a_float(x):
    return literally(x)


@pytest.mark.parametrize(("function", "x", "given"), [(computed, 1, "int64"), (of_a_float, 1.5, "float64")])
def test_what_is_no_constant(function, x, given):
    with pytest.raises(errors.TypingError, match=f"`literally` needs an int, bool or text .*, not {given}"):
        function(x)


def test_a_caller_that_computes_the_value():
    @njit
    def f(x, n):
        return power(x, n * 2)

    with pytest.raises(errors.TypingError, match="`literally` needs"):
        f(2, 3)

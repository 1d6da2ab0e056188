"""Generator expressions, where a builtin consumes them at once: the same as in the interpreter."""

import numpy as np
import pytest
from differential import Cases
from rumba import njit
from rumba.errors import UnsupportedError

cases = Cases()


@cases((np.arange(5),), (np.arange(0),))
def total(a):
    return sum(x * x for x in a)


@cases((5,), (0,))
def total_of_pairs(n):
    return sum(i * j for i in range(n) if i % 2 for j in range(i) if j != 1)


@cases((4,), (0,))
def total_with_start(n):
    return sum((i + 0.5 for i in range(n)), 10.0)


@cases((np.array([0.0, 1.0, 0.0]),), (np.zeros(3),), (np.zeros(0),))
def any_and_all(a):
    return any(x > 0 for x in a), all(x == 0 for x in a), any(x for x in a), all(x < 1 and x >= 0 for x in a)


@cases((0,), (3,), (7,))
def stops_at_the_first(n):
    return any(10 // (n - i) == 10 for i in range(10)), all(5 // (9 - i) >= 0 for i in range(n))


@cases((4,), (0,))
def extremes(n):
    return min(i * (7 - i) for i in range(n)), max(-i for i in range(n))


@cases((5,), (0,))
def lists(n):
    return list(i * 2 for i in range(n)), list((i, 0.5) for i in range(n + 1) if i != 2)


@cases((4,))
def sets(n):
    return len(set(i // 2 for i in range(n)))


@cases((3,))
def variables_are_its_own(n):
    i = 100
    t = sum(i for i in range(n))
    return i, t


@cases((3, 2))
def nested(n, m):
    return sum(max(i * j for j in range(m)) for i in range(n))


@cases((0,), (3,))
def in_a_try(n):
    x = 5
    try:
        x = sum(6 // (i - n) for i in range(2))
        x = sum(6 // i for i in range(n))
    except ZeroDivisionError:
        return x, -1
    return x, 0


@cases((np.ones((2, 3)),))
def of_rows(a):
    return sum(row.sum() for row in a)


test_same_as_the_interpreter = cases.test()


def shadowed(n):
    return max(i for i in range(n))


def test_a_function_of_the_name_of_a_builtin():
    shadowed.__globals__["max"] = njit(lambda x: 7)
    try:
        with pytest.raises(UnsupportedError, match="`max` is not Python's: a generator expression cannot be passed to it"):
            njit(shadowed)(3)
    finally:
        del shadowed.__globals__["max"]
    assert njit(shadowed)(3) == 2

"""Corners of the built-in functions and of `math`: emptiness, NaN, mixed types, the end of 64 bits."""

import cmath
import math
import operator
from collections import namedtuple

import numpy as np
import pytest
from differential import Cases, compiled

cases = Cases()
NAN = float("nan")
INF = float("inf")
Point = namedtuple("Point", "x y")


@cases((np.array([3.0, NAN, 1.0]),), (np.array([NAN, 1.0]),), (np.zeros(0),), (np.arange(10.0)[::-2],))
def least_and_greatest_with_nan(a):
    return min(a), max(a)


@cases((np.zeros(0),), (np.array([2.0, 1.0]),))
def with_default(a):
    return min(a, default=7.5), max(a, default=-1.0)


@cases((0, 10, 3), (10, 0, -3), (0, 0, 1), (5, 2, 1))
def least_and_greatest_of_range(start, stop, step):
    return min(range(start, stop, step)), max(range(start, stop, step))


@cases((0, 10, 3), (10, 0, -3), (0, 0, 1), (1, 4, 1))
def reductions_of_range(start, stop, step):
    return sum(range(start, stop, step)), any(range(start, stop, step)), all(range(start, stop, step))


@cases((Point(1, 2.5),))
def named_tuple(p):
    return isinstance(p, tuple), isinstance(p, Point), max(p), sum(p), hash(p), len(p), p.count(1), p.index(2.5)


@cases((1, 2.5), (2, 2), (5, 1))
def tuple_methods_and_order(a, b):
    t = (1, 2, 2, 3)
    return t.count(a), min((a, b), (2, 2)), t.index(a)


@cases((0.75,), (-10.0,), (INF,), (NAN,))
def ratio(x):
    return x.as_integer_ratio()


@cases((2, -1, 7), (2, -1, 4), (5, 3, 0), (True, 2, 3))
def power_modulo(a, b, m):
    return pow(a, b, m)


@cases((0j, -1), (1 + 2j, -3), (1 + 2j, 0), (1j, 0.5), (0j, 2.5), (0j, 1 + 1j), ulp=2)
def complex_power(a, b):
    return a**b


@cases((1.5, 2.5, -1.0), (INF, 0.0, 1.0))
def over_many_numbers(a, b, c):
    return math.fsum((a, b, c)), math.prod((a, b, c)), math.hypot(a, b, c), math.dist((a, b), (c, c))


@cases((np.array([0.1] * 10),), (np.arange(10.0)[::2],), (np.zeros(0),), (np.array([1e16, 1.0, 1e-16]),))
def exact_sum(a):
    return math.fsum(a)


@cases((-1.0,), (1.0,))
def tolerance(x):
    return math.isclose(1.0, 1.1, rel_tol=x)


@cases((8.0, 1.0), (8.0, 2.0), ulp=1)
def log_to_base(x, base):
    return math.log(x, base)


@cases((5,))
def slices_and_constant_ranges(n):
    s = slice(1, n)
    return s.start, s.stop, s.step, tuple(range(3)), sum(tuple(range(1, 10, 3))) + n


@cases((1, 0), (1.0, 0), (7.5, -2))
def quotient_and_remainder(a, b):
    return divmod(a, b)


@cases((3, (1, 2, 3)), (5, (1, 2, 3)))
def operator_on_tuples(x, t):
    return operator.contains(t, x), operator.concat(t, (x,))


@cases((np.uint64(2**64 - 1),), (np.uint64(5),))
def unsigned(x):
    return int(x), hash(x), float(x)


@cases((1 + 2j,), (0j,), ulp=2)
def polar_form(z):
    return cmath.log(z + 3, 2), cmath.polar(z), cmath.rect(abs(z), cmath.phase(z))


@cases((5.0, 3))
def parts_of_floats(x, n):
    return math.nextafter(x, 10.0), math.ulp(x), math.ldexp(x, n), math.frexp(x), math.modf(-x / 3)


test_number_functions = cases.test()


def factorial(n):
    return math.factorial(n)


def gcd(a, b):
    return math.gcd(a, b)


def lcm(a, b):
    return math.lcm(a, b)


@pytest.mark.parametrize(
    ("function", "args"),
    [(factorial, (21,)), (gcd, (-(2**63), 0)), (lcm, (2**62, 3)), (ratio, (1e-5,)), (ratio, (1e300,))],
)
def test_beyond_64_bits(function, args):
    """The interpreter's ints have no end; ours say so when they do."""
    with pytest.raises(OverflowError, match="does not fit a 64-bit integer"):
        compiled(function)(*args)


def hash_of(a):
    return hash(a)


def test_hash_of_nan_is_zero():
    """The interpreter's is an address."""
    assert compiled(hash_of)(NAN) == 0

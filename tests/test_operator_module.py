"""The functions of `operator`, called by attribute and passed as values."""

import operator

import numpy as np
import pytest
from differential import Cases, check
from rumba import njit
from rumba.errors import TypingError

cases = Cases()


@cases((7, 3), (-7, 3), (7.5, 2), (1, 2 + 1j), (True, 5))
def arithmetic(a, b):
    return operator.add(a, b), operator.sub(a, b), operator.mul(a, b), operator.truediv(a, b)


@cases((7, 3), (-7, 3), (7, -3), (7.5, 2.0), (7, 0))
def division(a, b):
    return operator.floordiv(a, b), operator.mod(a, b)


@cases((7, 3), (-7, 3), (0, 0))
def bits(a, b):
    return (
        operator.and_(a, b),
        operator.or_(a, b),
        operator.xor(a, b),
        operator.lshift(a, b),
        operator.rshift(a, b),
        operator.invert(a),
        operator.inv(b),
    )


@cases((7, 3), (2.5, 2.5), (3, 7.5))
def comparison(a, b):
    return (
        operator.eq(a, b),
        operator.ne(a, b),
        operator.lt(a, b),
        operator.le(a, b),
        operator.gt(a, b),
        operator.ge(a, b),
    )


@cases((7,), (-2.5,), (1 - 2j,))
def unary(a):
    return operator.neg(a), operator.pos(a), operator.abs(a), operator.not_(a), operator.truth(a)


@cases((2, 10), (2.5, 2), (0, 0))
def power(a, b):
    return operator.pow(a, b), operator.ipow(a, b)


@cases((7, 3), (100, 5))
def in_place(a, b):
    return (
        operator.iadd(a, b),
        operator.isub(a, b),
        operator.imul(a, b),
        operator.ifloordiv(a, b),
        operator.imod(a, b),
        operator.itruediv(a, b),
        operator.iand(a, b),
        operator.ior(a, b),
        operator.ixor(a, b),
        operator.ilshift(a, b),
        operator.irshift(a, b),
    )


@cases(((1, 2, 3), 1), (np.array([1.5, 2.5]), -1))
def get_item(x, i):
    return operator.getitem(x, i)


@cases((np.zeros(3), 1, 2.5), (np.zeros(3), 5, 2.5))
def set_item(a, i, value):
    operator.setitem(a, i, value)
    return a[i]


@cases(((1, 2, 3), 2), ((1, 2, 3), 5))
def contains(t, x):
    return operator.contains(t, x)


@cases((None,), (3,))
def identity(x):
    return operator.is_(x, None), operator.is_not(x, None)


@cases((5,), (True,))
def index(x):
    return operator.index(x)


test_operator = cases.test()


@njit
def fold(function, values, start):
    result = start
    for x in values:
        result = function(result, x)
    return result



def test_passed_as_values():
    def folds(values):
        return fold(operator.add, values, 0.0), fold(operator.mul, values, 1.0)

    values = np.array([1.5, 2.5, 4.0])
    assert njit(folds)(values) == (8.0, 15.0)


def test_assigned_to_a_name():
    def by_name(a, b):
        combine = operator.sub
        return combine(a, b)

    check(by_name, 7, 3)


def test_index_of_a_float_is_refused():
    with pytest.raises(TypingError):
        njit(index)(2.5)

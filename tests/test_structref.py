"""Structs whose fields are of the types that they are made with."""

import copy
import gc
import pickle

import numpy as np
import pytest
from rumba import _core, errors, extending, njit, typed, typeof, types
from rumba.experimental import structref


@structref.register
class PairType(types.StructRef):
    def preprocess_fields(self, fields):
        return tuple((name, types.unliteral(ty)) for name, ty in fields)


@njit
def first_of(self):
    return self.first


@njit
def set_first(self, value):
    self.first = value


class Pair(structref.StructRefProxy):
    def __new__(cls, first, second):
        return structref.StructRefProxy.__new__(cls, first, second)

    @property
    def first(self):
        return first_of(self)

    @first.setter
    def first(self, value):
        set_first(self, value)

    @property
    def second(self):
        return second_of(self)


@njit
def second_of(self):
    return self.second


structref.define_proxy(Pair, PairType, ["first", "second"])


def test_from_the_interpreter():
    pair = Pair("name", np.arange(3.0))
    assert pair.first == "name"
    np.testing.assert_array_equal(pair.second, [0, 1, 2])
    pair.first = "other"
    assert pair.first == "other"
    assert isinstance(pair, Pair)
    assert str(typeof(pair)) == "PairType(first: str, second: array(float64, 1d, C))"
    assert typeof(pair) != typeof(Pair(1, 2))
    assert isinstance(typeof(pair), PairType)
    assert not isinstance(types.int64, PairType)
    assert Pair(1, 2.5).second == 2.5
    with pytest.raises(TypeError):
        Pair(1)


def test_made_in_compiled_code():
    @njit
    def swapped(pair):
        return Pair(pair.second, pair.first)

    @njit
    def nested(n):
        pair = Pair(0, Pair(n, "inner"))
        for i in range(n):
            pair.first += i
        pair.second.first *= 2
        return pair

    pair = swapped(Pair(1, "two"))
    assert (pair.first, pair.second) == ("two", 1)
    assert swapped(pair).first == 1
    made = nested(4)
    assert (made.first, made.second.first, made.second.second) == (6, 8, "inner")
    assert made.second is made.second


def test_identity():
    @njit
    def look(a, b):
        return a is b, a is not b, isinstance(a, Pair), a == a

    a, b = Pair(1, 2), Pair(1, 2)
    assert look(a, a) == (True, False, True, True)
    assert look(a, b) == (False, True, True, True)

    @njit
    def same(a):
        return [a, a]

    assert same(a)[0] is a


def test_new():
    point_type = PairType([("first", types.float64), ("second", types.ListType(types.int64))])

    @njit
    def make(x):
        new = structref.new(point_type)
        new.first = x
        new.second = [1, 2]
        new.second.append(3)
        return new

    assert make(1).first == 1.0
    assert sum(make(1).second) == 6
    assert typeof(make(1)) == point_type

    @njit
    def unset():
        return structref.new(point_type).second

    with pytest.raises(AttributeError, match="'second' of 'PairType' has not been set"):
        unset()


def test_methods_by_overload():
    @extending.overload_method(PairType, "total")
    def pair_total(pair, factor):
        def total(pair, factor):
            return (pair.first + pair.second) * factor

        return total

    @extending.overload_attribute(PairType, "half")
    def pair_half(pair):
        def half(pair):
            return pair.first / 2

        return half

    @njit
    def ask(pair):
        return pair.total(2), pair.half

    assert ask(Pair(1, 2.5)) == (7.0, 0.5)

    @njit
    def unknown(pair):
        return pair.totl(2)

    with pytest.raises(errors.TypingError, match="PairType has no attribute `totl`"):
        unknown(Pair(1, 2))


def test_nothing_leaks():
    @njit
    def work(n):
        pairs = [Pair(str(i), np.ones(i)) for i in range(n)]
        pairs[0].first = pairs[1].first
        return pairs[2]

    work(3)
    gc.collect()
    before = _core.live_allocations()
    work(20)
    gc.collect()
    assert _core.live_allocations() == before


def test_in_containers_and_copies():
    pair = Pair(1, 2.0)
    items = typed.List([pair])
    assert items[0] is pair
    for other in (copy.copy(pair), copy.deepcopy(pair), pickle.loads(pickle.dumps(pair))):
        assert (other.first, other.second) == (1, 2.0)
        other.first = 5
        assert pair.first == 1
    assert pickle.loads(pickle.dumps(typeof(pair))) == typeof(pair)


def test_mistakes():
    @njit
    def third(pair):
        return pair.third

    with pytest.raises(errors.TypingError, match="its fields are first, second"):
        third(Pair(1, 2))

    @njit
    def short():
        return Pair(1)

    with pytest.raises(errors.TypingError, match="takes its fields by position: first, second"):
        short()

    with pytest.raises(TypeError, match=r"inherits from types\.StructRef"):
        structref.register(int)
    with pytest.raises(ValueError, match="StructRefProxy"):
        structref.define_boxing(PairType, int)

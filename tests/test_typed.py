"""`rumba.typed`: containers that the interpreter and compiled code share."""

import pickle

import numpy as np
import pytest
import rumba
from hypothesis import given, settings
from hypothesis import strategies as st
from rumba import _core, int64, njit, types
from rumba.errors import TypingError
from rumba.experimental import jitclass
from rumba.typed import Dict, List, Set


def test_a_list_as_the_interpreter_has_it():
    items = List([3, 1, 2])
    assert len(items) == 3 and items[0] == 3 and items[-1] == 2 and list(items) == [3, 1, 2]
    assert items[1:] == [1, 2] and type(items[1:]) is List and items[::-1] == [2, 1, 3]
    assert 1 in items and 7 not in items and items.index(2) == 2 and items.count(3) == 1
    items.append(5)
    items.insert(0, 9)
    items.insert(-100, 8)
    items[1] = 7
    items.extend([4, 4])
    assert items == [8, 7, 3, 1, 2, 5, 4, 4]
    assert items.pop() == 4 and items.pop(0) == 8
    del items[0]
    del items[1:3]
    items.remove(4)
    assert items == [3, 5] and repr(items) == "List([3, 5])"
    items.reverse()
    items[0:1] = [1, 1]
    items.sort(reverse=True)
    assert items == [3, 1, 1] and items + [2] == [3, 1, 1, 2]
    copied = items.copy()
    items.clear()
    assert not items and copied == [3, 1, 1]
    with pytest.raises(IndexError, match="list index out of range"):
        items[0]
    with pytest.raises(IndexError, match="pop from empty list"):
        items.pop()


def test_a_dict_as_the_interpreter_has_it():
    prices = Dict.empty(types.unicode_type, types.float64)
    prices["tea"] = 2.5
    prices.update({"milk": 1, "日本": 3.0})
    assert len(prices) == 3 and prices["milk"] == 1.0 and prices.get("x") is None and prices.get("x", 4) == 4
    assert list(prices) == ["tea", "milk", "日本"] and list(prices.values()) == [2.5, 1.0, 3.0]
    assert "tea" in prices and "x" not in prices and 3 not in prices
    prices["tea"] = 9.0
    del prices["milk"]
    assert prices == {"tea": 9.0, "日本": 3.0} and prices.pop("tea") == 9.0 and prices.setdefault("a", 0.5) == 0.5
    assert prices.popitem() == ("a", 0.5) and repr(prices) == "Dict({'日本': 3.0})"
    with pytest.raises(KeyError, match="nothing"):
        prices["nothing"]
    with pytest.raises(TypeError, match="x is of type str, not float64"):
        prices["b"] = "x"
    with pytest.raises(TypeError, match="3 is of type int64, not str"):
        prices[3] = 1.0
    prices.clear()
    assert not prices


def test_a_set_as_the_interpreter_has_it():
    items = Set([1, 2, 2])
    items.add(3)
    items.discard(7)
    items.remove(1)
    assert len(items) == 2 and 3 in items and items == {2, 3} and items | {9} == {2, 3, 9} and items & [2] == {2}
    assert items <= {2, 3, 4} and not items.isdisjoint([2]) and items.copy() == items
    with pytest.raises(KeyError):
        items.remove(100)


def test_compiled_code_works_with_the_same_container():
    @njit
    def change(items, prices, seen):
        items.append(len(items))
        prices["sum"] = 1.5
        seen.add(4)
        return items

    items, prices, seen = List([7]), Dict.empty(types.unicode_type, types.float64), Set([1])
    result = change(items, prices, seen)
    result.append(3)
    assert items == [7, 1, 3] and prices == {"sum": 1.5} and seen == {1, 4}


def test_made_in_compiled_code():
    @njit
    def make(n):
        items = List()
        for i in range(n):
            items.append(i * 0.5)
        names = Dict.empty(types.int64, types.unicode_type)
        names[n] = "n"
        return items, names, List.empty_list(types.float64), Set([n]), Dict()

    items, names, empty, one, nothing = make(3)
    assert type(items) is List and items == [0.0, 0.5, 1.0]
    assert type(names) is Dict and names == {3: "n"}
    assert type(empty) is List and rumba.typeof(empty) == types.ListType(types.float64)
    assert type(one) is Set and one == {3} and type(nothing) is Dict


def test_nested():
    outer = List()
    outer.append(List([1, 2]))
    inner = List([3])
    outer.append(inner)
    inner.append(4)
    assert outer == [List([1, 2]), List([3, 4])] and outer[1][1] == 4
    njit(lambda xs: xs[0].append(xs[1][0]))(outer)
    assert outer[0] == [1, 2, 3]
    with pytest.raises(TypeError, match=r"put a container of rumba.typed here"):
        outer.append([1])


def test_arrays_and_texts_are_kept_alive():
    items = Dict.empty(types.unicode_type, types.float64[::1])
    items["".join(["a", "b"])] = np.arange(3.0)
    items["c"] = np.ones(2)
    np.testing.assert_array_equal(items["ab"], [0, 1, 2])

    @njit
    def total(items):
        t = 0.0
        for a in items.values():
            t += a.sum()
        items["new"] = np.zeros(3)
        return t

    assert total(items) == 5.0 and len(items["new"]) == 3


def test_types():
    assert rumba.typeof(List([1.5])) == types.ListType(types.float64) == types.List(types.float64)
    assert rumba.typeof(Dict({"a": 1})) == types.DictType(types.unicode_type, types.int64)
    assert njit("float64(ListType(float64))")(lambda xs: sum(xs))(List([1.0, 2.0])) == 3.0
    assert njit("int64(dict(str, int64))")(lambda d: d["a"])({"a": 1}) == 1
    with pytest.raises(TypingError, match="of which it is not known yet what it will hold"):
        njit(lambda xs: len(xs))(List())
    with pytest.raises(TypeError, match=r"list\(int64\) is no type of keys"):
        types.DictType(types.ListType(types.int64), types.int64)


@pytest.mark.parametrize("value", [List([1, 2]), List(), Dict({"a": (1, 2.0)}), Dict(), Set(["x"]), List.empty_list(types.float64)])
def test_pickles(value):
    copied = pickle.loads(pickle.dumps(value))
    assert type(copied) is type(value) and copied == value and repr(copied) == repr(value)


def test_nothing_leaks():
    def use():
        names = List(["a" * 3, "b"])
        names[0] = "c" * 2
        names.pop()
        del names[0]
        d = Dict.empty(types.unicode_type, types.ListType(types.unicode_type))
        d["x"] = List(["1"])
        d["x"] = List(["2"])
        del d["x"]
        d["y"] = List(["3"])
        njit(lambda d: d["y"].append("z" + d["y"][0]))(d)

    use()
    before = _core.live_allocations()
    for _ in range(3):
        use()
    assert _core.live_allocations() == before


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(-6, 6), st.integers(0, 50))))
def test_random_operations(steps):
    actual, expected = List.empty_list(types.int64), []
    for what, position, value in steps:
        if what == 0:
            actual.append(value), expected.append(value)
        elif what == 1:
            actual.insert(position, value), expected.insert(position, value)
        elif -len(expected) <= position < len(expected):
            if what == 2:
                assert actual.pop(position) == expected.pop(position)
            elif what == 3:
                actual[position] = expected[position] = value
            elif what == 4:
                del actual[position], expected[position]
            elif what == 5:
                assert actual[position:] == expected[position:]
        elif what == 6:
            actual.reverse(), expected.reverse()
    assert list(actual) == expected


def test_types_pickle():
    for ty in (
        types.int64,
        types.unicode_type,
        types.float64[:, ::1],
        types.Tuple([types.int8, types.ListType(types.boolean)]),
        types.DictType(types.unicode_type, types.Optional(types.float32)),
        types.Set(types.int64),
    ):
        assert pickle.loads(pickle.dumps(ty)) == ty


def test_classes_of_given_types():
    a, b, c = List[int64](), Dict[str, float]({"a": 1}), Set[int]((1, 2))
    a.append(3)
    assert (list(a), dict(b), sorted(c)) == ([3], {"a": 1.0}, [1, 2])
    assert types.ListType(int64) == rumba.typeof(a) and type(b["a"]) is float
    assert list(List[float]((1, 2))) == [1.0, 2.0]

    @jitclass
    class Holder:
        """Says the types of its fields by these classes."""

        items: List[int]
        table: Dict[str, float]

        def __init__(self, items, table):
            self.items = items
            self.table = table

    assert Holder(a, b).items[0] == 3 and Holder(a, b).table["a"] == 1.0

"""The prelude: functions of Python's library that Rumba has in Python, compared with the interpreter's."""

import bisect
import collections
import copy
import dataclasses
import functools
import gc
import heapq
import math
import operator
import random
import statistics
import sys
import traceback
from operator import itemgetter

import numpy as np
import pytest
from differential import Cases, difference
from rumba import _core, njit
from rumba.errors import TypingError, UnsupportedError

cases = Cases()


@cases((0,), (1,), (2,), (50,))
def sorted_by_heap(n):
    heap = []
    for i in range(n):
        heapq.heappush(heap, (i * 7919) % 101)
    return [heapq.heappop(heap) for _ in range(n)], heap


@cases(([1.5],), ([3.0, 1.0, 2.0, 9.0, -4.0, 1.0],))
def heaps_as_they_come_out(values):
    heapq.heapify(values)
    heapq.heappush(values, 2.5)
    smallest = heapq.heappop(values)
    return values, smallest, heapq.heappushpop(values, 7.0), heapq.heappushpop(values, -7.0)


@cases(([(2, "b"), (1, "x"), (2, "a")],))
def heaps_of_tuples(values):
    heapq.heapify(values)
    return heapq.heapreplace(values, (3, "c")), values, heapq.heappop(values)


@cases(([5, 1, 4, 2, 3], 2), ([5, 1, 4, 2, 3], 0), ([5, 1, 4, 2, 3], -1), ([5, 1, 4, 2, 3], 9))
def best_of(values, n):
    return (
        heapq.nsmallest(n, values),
        heapq.nlargest(n, values),
        heapq.nlargest(n, values, key=lambda x: x % 3),
        heapq.nsmallest(n, iterable=values, key=lambda x: -(x % 3)),
        heapq.nsmallest(n, range(4)),
    )


@cases(([1],))
def heappop_of_nothing(values):
    heapq.heappop(values)
    return heapq.heappop(values)


@cases(([],))
def heapreplace_of_nothing(values):
    return heapq.heapreplace(values, 1)


@cases(([3, 1, 2, 2, 5],), ([],))
def sorted_by_insertion(values):
    found = []
    for x in values:
        bisect.insort(found, x)
    bisect.insort_left(found, 2, lo=0)
    bisect.insort_right(found, 2, 0, len(found), key=lambda x: x)
    return found


@cases(([1.0, 2.0, 2.0, 3.0], 2.0), ((1, 2, 2, 3), 2), (range(7), 9), ("abbc", "b"), (np.arange(5), -1))
def places(a, x):
    return (
        bisect.bisect(a, x),
        bisect.bisect_left(a, x),
        bisect.bisect_right(a, x, 2),
        bisect.bisect_left(a, x, hi=1),
        bisect.bisect_left(a, x, lo=1, hi=3),
    )


@cases(([(1, "a"), (3, "b")], 3))
def places_by_key(a, x):
    return bisect.bisect_left(a, x, key=lambda item: item[0]), bisect.bisect_right(a, x, key=itemgetter(0))


@cases(([1], -1))
def place_from_below_zero(a, lo):
    return bisect.bisect(a, 1, lo)


@cases(([1, 2, 3],), ((1, 2, 3),), ({4},), (np.arange(1, 5),), (range(4),), ("abc",), ((5,),))
def reduced(a):
    return functools.reduce(lambda x, y: x + y, a)


@cases(([1.0, 2.0],), ((1, 2.5, 3),), ({1, 2},), ((),))
def reduced_from(a):
    return functools.reduce(lambda x, y: x * 2 + y, a, 1.5)


@cases()
def reduced_tuple_of_several_types():
    return functools.reduce(lambda x, y: (x, y), (1, 2.5, "x"))


@cases((range(3, 3),), ((),))
def reduced_nothing(a):
    return functools.reduce(lambda x, y: x + y, a)


@cases((1, 2.5))
def partly_applied(x, y):
    function = functools.partial(lambda a, b, c=3, d=4: (a, b, c, d), x, y)
    largest = functools.partial(max, x)
    by_keyword = functools.partial(lambda a, b=1, *, c: (a, b, c), c=y)
    again = functools.partial(by_keyword, x, b=7)
    return (
        (function(), function(5), function(5, 6), function(d=6), largest(y), largest(-1, 0)),
        (by_keyword(x), by_keyword(x, c=0.5), by_keyword(b=x, a=y), again(), again(b=2)),
        sorted([3, 1, 2], key=functools.partial(lambda sign, x: sign * x, -1)),
        functools.reduce(functools.partial(lambda by, x, y: x + by * y, 10), [1, 2, 3]),
    )


@cases((np.arange(6.0).reshape(2, 3),))
def partly_applied_functions_of_numpy(a):
    return functools.partial(np.sum, axis=0)(a), functools.partial(np.full, (2,), dtype=np.int8)(a[1, 0])


@cases((np.arange(3),))
def copies(array):
    lists = [[1], [2, 3]]
    table = {"a": [1]}
    shallow, deep = copy.copy(lists), copy.deepcopy(lists)
    array_copy, table_copy, table_deep = copy.copy(array), copy.copy(table), copy.deepcopy(table)
    pair = copy.deepcopy((lists, array, 1))
    lists[0].append(9)
    lists.append([7])
    array[0] = 5
    table["a"].append(2)
    table["b"] = [0]
    return shallow, deep, array_copy, table_copy, table_deep, pair


@cases((1, "x", (2.5, "y")))
def copies_of_what_cannot_change(a, b, c):
    return copy.copy(a), copy.deepcopy(b), copy.copy(c), copy.deepcopy(c), copy.deepcopy(None)


@cases(([(1, 5.0), (2, 3.0)],))
def got_items(pairs):
    return (
        sorted(pairs, key=operator.itemgetter(1)),
        itemgetter(1, 0)(pairs[0]),
        itemgetter(0, 2, 1, 0)((1, "x", 2.5)),
        operator.itemgetter(-1)(pairs),
        operator.itemgetter(slice(0, 1))(pairs),
    )


@cases(([4, 5, 6], 2), ([4, 5, 6], -3))
def got_items_at_run_time(values, i):
    return operator.itemgetter(i)(values), operator.itemgetter(i, 0)(values)


Segment = collections.namedtuple("Segment", ["start", "stop"])


@dataclasses.dataclass
class Named:
    name: str
    segment: Segment

    @property
    def length(self):
        return self.segment.stop - self.segment.start


@cases((Segment(1, 2.5), np.zeros((2, 3))))
def attributes_by_name(segment, a):
    named = Named("x", segment)
    return (
        (getattr(segment, "stop"), getattr(a, "shape"), getattr(named, "length"), getattr(math, "pi")),
        (getattr(segment, "step", 1), getattr(segment, "start", None), getattr(a, "nothing", (1, 2))),
        (hasattr(segment, "start"), hasattr(segment, "step"), hasattr(named, "name"), hasattr(named, "names")),
        (operator.attrgetter("stop")(segment), operator.attrgetter("name", "segment.start", "length")(named)),
        sorted([Segment(3, 1), Segment(2, 2)], key=operator.attrgetter("start")),
        getattr([3, 1], "count")(3),
        1 if hasattr(segment, "upper") else segment.stop,
    )


test_same_as_the_interpreter = cases.test()


EXACT = "mean fmean median median_low median_high mode multimode quantiles".split()
#: CPython rounds the exact value once; here the sum is rounded before it is divided.
WITHIN_ONE_ULP = "variance pvariance stdev pstdev geometric_mean harmonic_mean".split()


def statistic(name):
    function = getattr(statistics, name)

    def compute(data):
        return function(data)

    return njit(compute)


@pytest.mark.parametrize("name", [*EXACT, *WITHIN_ONE_ULP])
def test_statistics(name):
    compute = statistic(name)
    numbers = random.Random(7)
    bound = name in WITHIN_ONE_ULP
    for n in [2, 3, 4, 10, 31] * 10:
        scale = 10.0 ** numbers.randint(-8, 8)
        data = [numbers.uniform(0.1, 1.0) * scale + numbers.choice([0, 1e6]) for _ in range(n)]
        data += data[:1]
        expected = compute.py_func(data)
        for argument in (data, tuple(data), np.array(data)):
            found = compute(argument)
            for a, e in zip(found, expected) if isinstance(expected, list) else [(found, expected)]:
                assert difference(a, e, bound) is None, (n, scale)


@pytest.mark.parametrize("name", [*EXACT, *WITHIN_ONE_ULP])
def test_statistics_of_ints(name):
    compute = statistic(name)
    for data in [[3, 1, 2, 2], [1, 7], [5, 5, 6]]:
        assert compute(data) == compute.py_func(data)


@pytest.mark.parametrize("name", [name for name in [*EXACT, *WITHIN_ONE_ULP] if name != "multimode"])
def test_statistics_of_nothing(name):
    compute = statistic(name)
    with pytest.raises(statistics.StatisticsError) as expected:
        compute.py_func([])
    with pytest.raises(statistics.StatisticsError) as caught:
        compute(np.zeros(0))
    # Later versions say it in other words.
    if sys.version_info < (3, 13):
        assert str(caught.value) == str(expected.value)


def test_statistics_with_options():
    @njit
    def f(data, weights):
        return (
            statistics.fmean(data, weights),
            statistics.variance(data, 2.0),
            statistics.pstdev(data, mu=1),
            statistics.quantiles(data, n=7, method="inclusive"),
            statistics.quantiles(data, n=3),
            statistics.covariance(data, weights),
            statistics.correlation(data, weights),
        )

    data, weights = [1.0, 2.0, 4.0, 8.5], [3.0, 1.0, 7.0, 2.0]
    for found, expected in zip(f(data, weights), f.py_func(data, weights)):
        # As those of WITHIN_ONE_ULP: the interpreter computes some of them in fractions, we in pairs of floats.
        assert found == pytest.approx(expected, rel=4e-16, abs=0)
    for name, says in [("covariance", "same number"), ("correlation", "same number")]:
        function = getattr(statistics, name)
        with pytest.raises(statistics.StatisticsError, match=says):
            njit(lambda x, y: function(x, y))([1.0], [1.0, 2.0])


def test_statistics_of_modes():
    @njit
    def f(words):
        return statistics.mode(words), statistics.multimode(words)

    words = ["b", "a", "c", "a", "b"]
    assert f(words) == f.py_func(words)


def test_what_is_infinite_or_not_a_number():
    mean = statistic("mean")
    assert mean([np.inf, 1.0]) == np.inf
    assert np.isnan(mean([np.nan, 1.0]))
    assert np.isnan(statistic("variance")([np.inf, 1.0]))


def test_random_operations_on_heaps():
    @njit
    def step(heap, operation, x):
        if operation == 0:
            heapq.heappush(heap, x)
            return x
        if operation == 1:
            return heapq.heappop(heap)
        if operation == 2:
            return heapq.heappushpop(heap, x)
        if operation == 3:
            return heapq.heapreplace(heap, x)
        heapq.heapify(heap)
        return 0

    numbers = random.Random(3)
    ours, theirs = [1], [1]
    for _ in range(2000):
        operation, x = numbers.choice([0, 0, 0, 1, 2, 3, 4]), numbers.randint(0, 20)
        if len(theirs) == 1 and operation == 1:
            continue
        assert step(ours, operation, x) == step.py_func(theirs, operation, x)
        assert ours == theirs


def test_tracebacks_end_at_the_users_call():
    @njit
    def pop(heap):
        heap.clear()
        return heapq.heappop(heap)

    with pytest.raises(IndexError, match="index out of range") as caught:
        pop([1])
    assert [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)][1:] == ["pop"]


def test_mistakes_are_reported_at_the_users_call():
    @njit
    def push(heap):
        heapq.heappush(heap, "x")

    with pytest.raises(TypingError, match=r"heappush: list\(int64\) would have to be list\(str\)") as caught:
        push([1])
    assert 'heapq.heappush(heap, "x")\n' in str(caught.value)
    assert "heapq_.py" not in str(caught.value)
    with pytest.raises(TypingError, match="T0305.*heapq.heappush: a heap is a list"):
        njit(lambda x: heapq.heappush(x, 1))(1)
    with pytest.raises(TypingError, match="partial.* needs a function"):
        njit(lambda x: functools.partial(func=x))(1)
    with pytest.raises(TypingError, match="int64 cannot be called"):
        njit(lambda x: functools.partial(x, 1)())(1)
    with pytest.raises(TypingError, match="takes a list, a tuple, a set or an array of numbers"):
        njit(lambda x: statistics.mean(x))(["a"])
    with pytest.raises(UnsupportedError, match="`functools.cmp_to_key` is not supported yet"):
        njit(lambda f: functools.cmp_to_key(f))(njit(lambda x, y: x - y))
    with pytest.raises(TypingError, match="the name of an attribute is a constant here"):
        njit(lambda x, name: getattr(x, name))(1, "real")
    with pytest.raises(TypingError, match="the names of attributes are constants"):
        njit(lambda name: operator.attrgetter(name))("real")
    with pytest.raises(TypingError, match="int64 has no attribute `foo`"):
        njit(lambda x: getattr(x, "foo"))(1)
    with pytest.raises(TypingError, match="takes|missing"):
        njit(lambda x: bisect.bisect(x))([1])


def test_memory():
    @njit
    def f(words):
        heap = []
        for word in words:
            heapq.heappush(heap, (len(word), word + "!"))
        best = heapq.nsmallest(2, heap)
        return copy.deepcopy(best), functools.reduce(lambda x, y: x + y, words), statistics.multimode(words)

    gc.collect()
    before = _core.live_allocations()
    result = f(["ab", "a", "abc"])
    assert result == f.py_func(["ab", "a", "abc"])
    del result
    gc.collect()
    assert _core.live_allocations() == before


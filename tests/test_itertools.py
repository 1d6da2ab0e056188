"""`itertools`, `map` and `filter`, compared with the interpreter's."""

import heapq
import itertools
import operator

import numpy as np
import pytest
from differential import Cases
from rumba import njit
from rumba.errors import TypingError

cases = Cases()


def total(x, y):
    return x + y


@cases((0,), (3,))
def counted(n):
    found = []
    for i in itertools.count(10, 2):
        if i > 10 + n:
            break
        found.append(i)
    for x in itertools.count(0.5):
        if x > n:
            break
    return found, x, [i for i, _ in zip(itertools.count(), range(n))]


@cases(([1, 2],), ((1.5,),), ([],))
def repeated(items):
    found = []
    for x in itertools.cycle(items):
        found.append(x)
        if len(found) == 5:
            break
    again = 0
    for _ in itertools.repeat("a"):
        again += 1
        if again == 3:
            break
    return found, list(itertools.repeat(2.5, 3)), list(itertools.repeat(1, times=0)), again


@cases(([3, 1, 2],), ((1.5, 2.0),), (np.arange(4),), ([],), (range(3),))
def accumulated(items):
    return (
        list(itertools.accumulate(items)),
        list(itertools.accumulate(items, lambda x, y: x * y + 1)),
        list(itertools.accumulate(items, initial=10.0)),
        list(itertools.accumulate(items, max, initial=2)),
    )


@cases(([3, 1], (2.5,)), (np.arange(2), range(2)), ([], [1]))
def chained(a, b):
    return (
        list(itertools.chain(a)),
        list(itertools.chain(a, b)),
        sum(itertools.chain(a, b, a, b)),
        list(itertools.chain.from_iterable([[1, 2], [], [3]])),
        list(itertools.chain.from_iterable(("ab", "c"))),
    )


@cases(([1, 4, 6, 3, 8],), (range(5),), ((),))
def filtered(items):
    return (
        list(itertools.compress(items, [True, False, True])),
        list(itertools.takewhile(lambda x: x < 5, items)),
        list(itertools.dropwhile(lambda x: x < 5, items)),
        list(itertools.filterfalse(lambda x: x % 2, items)),
        list(itertools.filterfalse(None, items)),
        list(filter(lambda x: x % 2, items)),
        list(filter(None, items)),
        list(map(lambda x: x * 0.5, items)),
        list(map(lambda x, y: (x, y), items, "abc")),
        list(map(operator.add, items, itertools.count(1))),
        list(itertools.starmap(lambda x, y: x - y, zip(items, range(3)))),
    )


@cases(([3, 1, 2, 5, 4],), (range(9),), ("abcdef",), ([1],))
def sliced(items):
    return (
        list(itertools.islice(items, 2)),
        list(itertools.islice(items, 0)),
        list(itertools.islice(items, None)),
        list(itertools.islice(items, 1, None)),
        list(itertools.islice(items, 1, 3)),
        list(itertools.islice(items, None, None, 2)),
        list(itertools.islice(items, 1, 8, 3)),
        list(itertools.pairwise(items)),
    )


@cases((-1, 3, 1), (0, -2, 1), (0, 2, 0))
def sliced_wrongly(start, stop, step):
    return list(itertools.islice(range(3), start, stop, step))


@cases()
def sliced_generators_are_not_asked_too_often():
    asked = []

    def numbers():
        for i in range(10):
            asked.append(i)
            yield i

    first = list(itertools.islice(numbers(), 1, 4, 2))
    n_first = len(asked)
    second = list(itertools.islice(numbers(), 2))
    return first, n_first, second, len(asked) - n_first


@cases((["a", "b", "c"],), ("abcd",), ((1, 2, 3),), (range(1),), ([1.5, 2.5],))
def arranged(items):
    return (
        list(itertools.permutations(items, 2)),
        list(itertools.permutations(items, 1)),
        list(itertools.permutations(items, 0)),
        list(itertools.permutations(items, 3)),
        list(itertools.combinations(items, 2)),
        list(itertools.combinations(items, 3)),
        list(itertools.combinations(items, 0)),
        list(itertools.combinations_with_replacement(items, 2)),
        list(itertools.combinations_with_replacement(items, 3)),
    )


@cases(((1, 2, 3),), ((1.5,),))
def arranged_tuples(items):
    return list(itertools.permutations(items))


@cases(([1, 2], "ab"), (range(3), (0.5,)), ([], [1]))
def multiplied(a, b):
    return (
        list(itertools.product(a)),
        list(itertools.product(a, b)),
        list(itertools.product(a, b, a)),
        list(itertools.product(a, repeat=3)),
        list(itertools.product(a, b, repeat=2)),
        list(itertools.product()),
    )


@cases(([1, 2, 3], [4]), ((1,), (2, 3)))
def zipped(a, b):
    return list(itertools.zip_longest(a, b, fillvalue=-1))


@cases(([1, 1, 2, 3, 3, 1],), ("aabca",), ([],), ((2.5,),))
def grouped(items):
    return (
        [(key, list(group)) for key, group in itertools.groupby(items)],
        [(key, len(list(group))) for key, group in itertools.groupby(items, lambda x: x > items[0])],
    )


@cases(([1, 3, 5], (2, 3), range(4)), ([], (1,), range(0)))
def merged(a, b, c):
    backwards = [x * 1.0 for x in b][::-1]
    return (
        list(heapq.merge(a, b, c)),
        list(heapq.merge(a, [0.5, 4.5])),
        list(heapq.merge(backwards, [3.0, 1.5], reverse=True)),
        list(heapq.merge(a, c, key=lambda x: x % 3)),
        list(heapq.merge([3, 1], [2, 2, 0], a, (x for x in c))),
    )


@cases(([1, 2, 3],), ("abc",), (np.arange(3),))
def stepped(items):
    iterator = iter(items)
    first = next(iterator)
    rest = [x for x in iterator]
    return first, rest, next(iterator, first), [x for x in iter(iter(items))]


@cases((6,))
def nested(n):
    return sum(
        x * y for x, y in itertools.combinations(itertools.takewhile(lambda i: i < n, map(lambda i: i * i, itertools.count())), 2)
    )


test_same_as_the_interpreter = cases.test()


def test_mistakes():
    with pytest.raises(TypingError, match="T0305.*how many items are taken has to be a constant"):
        njit(lambda items, n: list(itertools.combinations(items, n)))([1, 2], 2)
    with pytest.raises(TypingError, match="T0305.*how many items are taken has to be a constant"):
        njit(lambda items: list(itertools.permutations(items)))([1, 2])
    with pytest.raises(TypingError, match="T0305.*map"):
        njit(lambda f: list(map(f)))(njit(lambda x: x))

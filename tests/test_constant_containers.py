"""Lists, dicts and sets of the module around a function, and of functions around it: constants that are read."""

import heapq
from collections import Counter, OrderedDict, defaultdict, deque

import numpy as np
import pytest
from differential import Cases
from mistakes import Mistakes, check_mistake
from rumba import njit

cases = Cases()
mistake = Mistakes()

NUMBERS = [3, 1, 2]
WORDS = ["pear", "fig", "apple"]
PRICES = {"pear": 1.5, "fig": 2.5}
BY_NUMBER = {1: "one", 2: "two"}
PRIMES = {2, 3, 5}
GRID = [[1, 2], [3], []]
PAIRS = [("a", 1), ("b", 2)]
GROUPS = {"x": [1, 2], "y": []}
BOTH = ([1, 2], {"a": 0.5})
ARRAYS = [np.arange(3.0), np.ones(2)]
QUEUE = deque([1, 2, 3], maxlen=3)
ORDERED = OrderedDict([("b", 1), ("a", 2)])
COUNTS = Counter("abca")
LISTS = defaultdict(list, {1: [2]})
FROZEN = frozenset([1, 2])
EMPTY = []


@cases((0,), (-1,), (3,))
def items_and_slices(i):
    return NUMBERS[i], NUMBERS[1:], len(NUMBERS), NUMBERS + [i], NUMBERS * 2, NUMBERS[::-1]


@cases((1,), (7,))
def membership(x):
    return x in NUMBERS, x not in PRIMES, x in BY_NUMBER, x in FROZEN, [x, 2] in GRID


@cases()
def loops():
    total = 0
    for i, x in enumerate(NUMBERS):
        total += i * x
    for row in GRID:
        for x in row:
            total += x
    text = ""
    for name, price in PRICES.items():
        text += name + str(price)
    for word, n in PAIRS:
        text += word * n
    return total, text, [k for k in BY_NUMBER], sorted(PRIMES), [w.upper() for w in WORDS if "p" in w]


@cases()
def functions_of_containers():
    return (
        sum(NUMBERS), min(WORDS), max(NUMBERS), sorted(WORDS), list(reversed(NUMBERS)), list(zip(NUMBERS, WORDS)),
        list(PRICES.values()), dict(PRICES), set(NUMBERS), tuple(PAIRS[0]), any(NUMBERS), ", ".join(WORDS),
    )


@cases(("pear",), ("plum",))
def keys(name):
    return PRICES.get(name, 0.0), PRICES[name] if name in PRICES else -1.0, GROUPS["x"][1], len(GROUPS["y"])


@cases()
def comparisons():
    return NUMBERS == [3, 1, 2], GRID == [[1, 2], [3], []], PRICES == {"fig": 2.5}, PRIMES >= {2}, GRID[0] < GRID[1]


@cases()
def text():
    return str(NUMBERS), f"{WORDS}", repr(PAIRS), str(PRICES)


@cases((True,), (False,))
def truth(choose):
    return bool(NUMBERS), not PRICES, not EMPTY, len(EMPTY), (NUMBERS if choose else [7, 8])[0]


@cases()
def copies_are_written_to():
    a, b, c, d = list(NUMBERS), NUMBERS[:], NUMBERS.copy(), dict(PRICES)
    a.append(4)
    b[0] = 9
    c.sort()
    d["plum"] = 0.5
    e = [*NUMBERS, 5]
    e.pop()
    return a, b, c, d, e, {**PRICES, "x": 1.0}, NUMBERS


@cases()
def unpacking():
    a, b, c = NUMBERS
    first, *rest = WORDS
    return a, b, c, first, rest


@cases()
def tuples_of_containers():
    return BOTH[0][1], BOTH[1]["a"], len(BOTH[0])


@cases()
def containers_of_collections():
    return QUEUE[0], len(QUEUE), ORDERED["a"], list(ORDERED), COUNTS["a"], COUNTS["q"], len(LISTS), LISTS.get(1)


@cases()
def arrays():
    total = 0.0
    for a in ARRAYS:
        total += a.sum()
    return total, np.array(NUMBERS).sum(), np.array(GRID[:1]).sum(), np.zeros(3)[NUMBERS[1]]


def inner_total(items):
    total = 0
    for x in items:
        total += x
    return total


compiled_total = njit(inner_total)


def test_passed_to_functions_and_captured():
    weights = [1, 2, 4]
    table = {"a": weights}

    def f(n):
        def scaled(items):
            return [n * x for x in items]

        return compiled_total(weights), scaled(weights), scaled(table["a"]), compiled_total(GRID[0])

    assert njit(f)(3) == (7, [3, 6, 12], [3, 6, 12], 3)


def test_constants_are_what_they_were_when_compiled():
    table = [1, 2]
    f = njit(lambda i: table[i])
    assert f(0) == 1
    table[0] = 5
    assert f(0) == 1


def test_a_constant_that_is_handed_back_is_the_object():
    assert njit(lambda: NUMBERS)() is NUMBERS


def test_as_default():
    def f(x, weights=[2, 3]):  # noqa: B006
        return x * weights[1]

    @njit
    def g(x):
        return compiled(x)

    compiled = njit(f)
    assert g(2) == 6


def test_kept_by_what_outlives_the_call():
    @njit
    def f():
        rows = [NUMBERS, [9]]
        rows.append(NUMBERS)
        return rows

    for _ in range(3):
        assert f() == [NUMBERS, [9], NUMBERS]


def test_items_of_several_types_are_refused():
    mixed = [1, "a"]
    check_mistake(lambda: mixed[0], (), "a list whose element 1 is a str")


@njit
def extend(items):
    items.append(1)


@mistake(says="the list is a constant")
def store():
    NUMBERS[0] = 1


@mistake(says="the dict is a constant")
def store_key():
    PRICES["x"] = 1.0


@mistake(says="the list is a constant")
def remove():
    del NUMBERS[0]


@mistake(says="the list is a constant")
def call_method():
    NUMBERS.append(1)


@mistake(says="the set is a constant")
def add():
    PRIMES.add(7)


@mistake(says="the deque is a constant")
def push():
    QUEUE.append(7)


@mistake(says="the list is a constant")
def change_in_place():
    items = NUMBERS
    items += [1]
    return items


@mistake(says="the list is a constant")
def change_inner():
    GRID[0].append(1)


@mistake(says="the list is a constant")
def change_inner_of_loop():
    for row in GRID:
        row.append(1)


@mistake(says="the list is a constant")
def change_value():
    for group in GROUPS.values():
        group.clear()


@mistake(says="the list is a constant")
def change_in_function():
    extend(NUMBERS)


@mistake(says="the list is a constant")
def change_one_of_two(choose=True):
    items = NUMBERS if choose else [1]
    items.append(1)


@mistake(says="the list is a constant")
def push_on_heap():
    heapq.heappush(NUMBERS, 1)


@mistake(says="the defaultdict is a constant")
def make_missing():
    return len(LISTS[5])


test_constants = cases.test()


@pytest.mark.parametrize(("function", "args", "says"), mistake)
def test_mistake(function, args, says):
    check_mistake(function, args, says)

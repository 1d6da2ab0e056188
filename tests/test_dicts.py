"""Dicts and sets: compared with the interpreter's, also in what a call leaves behind in its arguments."""

import numpy as np
import pytest
from differential import Cases, check
from hypothesis import given, settings
from hypothesis import strategies as st
from rumba import _core, njit
from rumba.errors import TypingError

cases = Cases()


@cases((["a", "b", "a", "日本", "b", "a"],), ([1, 2, 1],), ([0.5, -0.0, 0.0, 0.5],), ([True, False, True],))
def counts(items):
    d = {}
    for x in items:
        if x in d:
            d[x] += 1
        else:
            d[x] = 1
    return d, len(d)


@cases(([3, 1, 3, 2],))
def counts_by_get(items):
    d = {}
    for x in items:
        d[x] = d.get(x, 0) + 1
    total = 0
    for k, v in d.items():
        total += k * v
    for k in d:
        total += k
    for v in d.values():
        total += 100 * v
    return d, total, list(d), list(d.keys()), list(d.values()), list(d.items())


@cases((10,))
def groups(n):
    g = {}
    for i in range(n):
        if i % 3 not in g:
            g[i % 3] = []
        g[i % 3].append(i)
    for i in range(n):
        g.setdefault(i % 2 + 5, []).append(i)
    return g


@cases(({"x": 1.0, "y": 2.0}, "z"), ({"x": 1.0}, "x"))
def changes_its_argument(d, k):
    d[k] = 2.5
    del d["x"]
    return d.pop("y", -1.0), len(d), "z" in d


@cases(({"a": 1}, "b"), ({"a": 1}, "a"), ({1: 2}, 3), ({(1, "x"): 2.0}, (1, "y")), ({(1, "x"): 2.0}, (1, "x")))
def missing_key(d, k):
    return d[k]


@cases(({"a": 1}, "b"), ({"a": 1}, "a"))
def pops(d, k):
    return d.pop(k), d


@cases(({"a": 1, "b": 2},), ({"a": 1},), ({},))
def pops_items(d):
    k, v = d.popitem()
    return k, v, d.popitem()


@cases(({"a": 1, "b": 2}, {"b": 3, "c": 4}))
def joins(a, b):
    c = a | b
    a.update(b)
    d = {**b, "z": 5}
    e = a.copy()
    e.clear()
    return c, a, d, len(e), a == c, a != b, a == {"a": 1}, dict(b) == b, dict([("q", 1)]), dict(zip("ab", (1, 2)))


@cases((5,))
def comprehensions(n):
    return {i: i * i for i in range(n) if i != 2}, {i % 3 for i in range(n)}, {(i, "x"): [i] for i in range(n)}


@cases(({"a": None, "b": None},))
def values_of_none(d):
    return d.get("a", None), len(d)


@cases(({"a": 1},), ({"b": 2},))
def get_without_default(d):
    x = d.get("a")
    if x is None:
        return -1
    return x + 1


@cases(({1: "one", 2: "two"}, "drei"))
def texts_as_values(d, word):
    d[3] = word
    d[1] = d[1] + d[3]
    out = []
    for k in d:
        out.append(d[k])
    return out


@cases(({1: 1, 2: 2},))
def changes_while_iterated(d):
    for k in d:
        d[k + 10] = 0
    return 0


@cases(({1: 1, 2: 2},))
def values_may_change_while_iterated(d):
    for k in d:
        d[k] = d[k] * 10
    return d


@cases((20,), (0,))
def sets(n):
    s = set()
    for i in range(n):
        s.add(i % 7)
    s.discard(3)
    s.discard(100)
    t = {1, 2, 50}
    return s, s | t, s & t, s - t, s ^ t, s.union(t), s.intersection([1, 5]), len(s), 3 in s, 1 not in s


@cases(({1, 2, 3}, {2, 3, 4}), ({1, 2}, {1, 2}), ({4}, {1}))
def sets_change_in_place(a, b):
    first, second, third, fourth = a.copy(), a.copy(), a.copy(), a.copy()
    same = (first, second, third, fourth)
    first |= b
    second &= b
    third -= b
    fourth ^= b
    updated = a.copy()
    updated.intersection_update([2, 3, 3])
    n = len(updated)
    updated.symmetric_difference_update((3, 9))
    updated.difference_update(b)
    a |= b
    b -= b
    return same, updated, n, a, b


@cases((["a", "b"], "c"))
def sets_of_text_change_in_place(words, word):
    s = set(words)
    t = s
    s |= {word * 3}
    s -= {"a"}
    s ^= {"b", "x"}
    return t


@cases(({"a": 1, "b": 2}, {"b": 3, "c": 4}))
def dicts_change_in_place(a, b):
    same = a
    a |= b
    return a, same, b


@cases(({1, 2}, {1, 2, 3}), ({1, 2}, {1, 2}), ({4}, {1}))
def compared(a, b):
    return (a == b, a != b, a < b, a <= b, a > b, a >= b, a.issubset(b), a.issuperset(b), a.isdisjoint(b))


@cases(({1, 2}, 1), ({1, 2}, 5))
def removes(s, x):
    s.remove(x)
    s.update([7, 8])
    s.symmetric_difference({7})
    return s, bool(s), len(s.copy())


@cases((["a", "b", "a"],))
def unique_words(words):
    return set(words), len({"a", "b"})


@cases((0,))
def pops_of_an_empty_set(x):
    s = {x}
    s.pop()
    return s.pop()


test_dicts = cases.test()


def test_a_dict_that_is_two_things():
    @njit
    def wrong(x):
        d = {1: 2}
        d["a"] = 3
        return d

    with pytest.raises(TypingError, match=r"dict\(int64, int64\) would have to be dict\(str, int64\)"):
        wrong(1)


def test_lists_are_no_keys():
    @njit
    def wrong(x):
        d = {}
        d[[x]] = 3
        return d

    with pytest.raises(TypingError, match=r"list\(int64\) is no key"):
        wrong(1)


def test_looked_up_by_another_type():
    @njit
    def wrong(d):
        return d["a"]

    with pytest.raises(TypingError, match=r"the keys of dict\(int64, int64\) are not of type str"):
        wrong({1: 2})


def test_values_of_several_types():
    @njit
    def length(d):
        return len(d)

    with pytest.raises(TypingError, match="a dict whose value 1 is a float"):
        length({1: 1, 2: 2.5})


def test_arrays_as_values():
    @njit
    def total(names, a):
        d = {}
        for name in names:
            d[name] = a[: len(name)] * 2
        return d, sum([d[name].sum() for name in names])

    a = np.arange(5.0)
    d, t = total(["x", "yyy"], a)
    assert list(d) == ["x", "yyy"]
    np.testing.assert_array_equal(d["yyy"], [0, 2, 4])
    assert t == 6


def test_an_argument_outlives_the_call_in_what_it_was_put_into():
    @njit
    def collect(names, a):
        return {name: a[1:] for name in names}

    d = collect(["x" * 3, "y"], np.arange(3.0))
    np.testing.assert_array_equal(d["xxx"], [1, 2])


def leaves(function, *args):
    """The allocations that repeated calls leave behind."""
    function(*args)
    before = _core.live_allocations()
    for _ in range(5):
        function(*args)
    return _core.live_allocations() - before


def test_nothing_leaks():
    @njit
    def churn(words, n):
        d = {}
        for i in range(n):
            for w in words:
                d[w + w] = [w * i]
            d[words[0]] = [words[1]]
            d.pop(words[0])
            d[words[1]] = d.pop(words[1] * 2)
            del d[words[0] * 2]
        s = {w + "x" for w in words} | set(words)
        s.discard("a")
        e = d.copy()
        e.update(d)
        return d, s, e, e.setdefault("new", [""]), e.get("none"), e.popitem()

    assert leaves(churn, ["a", "b"], 9) == 0

    @njit
    def fails(words):
        d = {w: [w + w] for w in words}
        return d["missing"]

    def try_it(words):
        with pytest.raises(KeyError, match="missing"):
            fails(words)

    assert leaves(try_it, ["ab", "c"]) == 0


@njit
def replay(d, operations, keys, values):
    """Operations on a dict, by their numbers."""
    seen = []
    for op, k, v in zip(operations, keys, values):
        if op == 0:
            d[k] = v
        elif op == 1:
            seen.append(d.get(k, -1))
        elif op == 2:
            if k in d:
                del d[k]
        elif op == 3:
            seen.append(d.pop(k, -2))
        elif op == 4:
            seen.append(d.setdefault(k, v))
        elif op == 5 and len(d) > 0:
            seen.append(d.popitem()[1])
        elif op == 6 and v == 0:
            d.clear()
        elif op == 7:
            total = 0
            for x in d.values():
                total += x
            seen.append(total)
        elif op == 8:
            d.update({k: v, v: v} if v > 5 else {k: v})
    return seen


number = st.integers(-3, 12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), number, number), min_size=1, max_size=300))
def test_random_operations(steps):
    operations, keys, values = map(list, zip(*steps))
    actual, expected = {100: 1}, {100: 1}
    assert replay(actual, operations, keys, values) == replay.py_func(expected, operations, keys, values)
    assert list(actual.items()) == list(expected.items())


def test_many_keys():
    @njit
    def fill(n):
        d = {}
        for i in range(n):
            d[i * 7919 % 100003] = i
        for i in range(0, n, 2):
            del d[i * 7919 % 100003]
        s = 0
        for k, v in d.items():
            s += k * v
        return len(d), s

    assert fill(50000) == fill.py_func(50000)


def test_texts_of_other_widths_are_the_same_keys():
    check(lambda text: {text[1:]: 1, "abc": 2}, "日abc")
    check(lambda text: ("abc" in {text[1:]: 1}, text[1:] in {"abc"}), "😀abc")


grouped = Cases()


@grouped((3,))
def set_default_of_an_empty_list(n):
    g = {}
    for i in range(n):
        g.setdefault(i % 2, []).append(i)
    return g


@grouped((3,))
def got_and_filled(n):
    g = {0: []}
    g[0].append(n)
    g.get(0, []).append(n + 1)
    h = {0: g}
    h[0].setdefault(5, []).append(n)
    last = g.pop(0)
    last.append(7)
    return g, h, last


@grouped((3,))
def popped_and_filled(n):
    rows = [[], []]
    row = rows.pop()
    row.append(n)
    rows.append(row)
    rows[0].append(2)
    return rows, row


test_grouped = grouped.test()

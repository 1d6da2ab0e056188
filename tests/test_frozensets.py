"""Frozensets: compared with the interpreter's."""

import pickle

import pytest
from differential import Cases, check
from hypothesis import given, settings
from hypothesis import strategies as st
from rumba import njit, typeof
from rumba.errors import TypingError

cases = Cases()


@cases(([3, 1, 3],), (["a", "日本", "a"],), ([(1, "x"), (1, "x")],), ([],))
def made(items):
    s = frozenset(items)
    t = frozenset(s)
    return s, t, len(s), s == t, s == set(items), isinstance(s, frozenset), isinstance(s, set), bool(s), s.copy()


@cases((frozenset([1, 2, 3]), frozenset([2, 5])), (frozenset([1, 2]), frozenset([1, 2])), (frozenset(["a"]), frozenset(["a", "b"])))
def operators(a, b):
    return a | b, a & b, a - b, a ^ b, a == b, a != b, a <= b, a < b, a >= b, a > b


@cases((frozenset([1, 2, 3]), {2, 5}), ({1, 2}, frozenset([1, 2])))
def mixed(a, b):
    return a | b, a & b, a - b, a ^ b, a == b, a <= b, b > a


@cases((frozenset([1, 2, 3]), [2, 5]), (frozenset([1, 2]), [1, 2, 7]))
def methods(a, b):
    return (
        a.union(b),
        a.intersection(b),
        a.difference(b),
        a.symmetric_difference(b),
        a.issubset(b),
        a.issuperset(b),
        a.isdisjoint(b),
        sorted(a),
        2 in a,
        9 in a,
    )


@cases((frozenset([1, 2]),))
def in_place_makes_another(a):
    b = a
    b |= frozenset([9])
    b -= frozenset([1])
    c = {1, 5}
    c |= a
    return a, b, c


@cases((frozenset([1, 2]), frozenset([2, 1])), (frozenset([1, 2]), frozenset([3])))
def keys(a, b):
    d = {a: "first"}
    d[b] = "second"
    s = {a, b}
    nested = frozenset([a, b])
    return d, len(d), d[a], a in s, s, nested, frozenset([2, 1]) in nested, {(a, 1): 2.5}[(frozenset([1, 2]), 1)]


@cases(({frozenset([1]): 1.5}, frozenset([1])), ({frozenset([1]): 1.5, frozenset([2, 3]): 2.0}, frozenset([3, 2])))
def keys_of_an_argument(d, k):
    d[frozenset([7, 8])] = 9.0
    return d[k], k in d, d, list(d.values())


@cases((frozenset(),), (frozenset([1, 2, -5]),), (frozenset(["a", "b"]),), (frozenset([frozenset([1]), frozenset([2, 3])]),), (frozenset([0.5, (2**61) * 1.0]),))
def hashes(s):
    return hash(s), hash((s, 1))


@cases((5,))
def subsets(n):
    seen = {frozenset([0])}
    work = [frozenset([0])]
    while len(work) > 0:
        s = work.pop()
        for i in range(n):
            t = s | frozenset([i])
            if t not in seen:
                seen.add(t)
                work.append(t)
    return len(seen), seen


@cases((frozenset(["a"]),))
def as_text(s):
    return repr(s), str(s), f"{s}"


test_frozensets = cases.test()


def test_a_frozenset_does_not_change():
    @njit
    def add(s):
        s.add(1)

    with pytest.raises(TypingError, match="no attribute `add`"):
        add(frozenset([2]))


def test_types_and_results_pickle():
    same = njit(lambda s: s)
    assert pickle.loads(pickle.dumps(same(frozenset([1])))) == {1}
    assert pickle.loads(pickle.dumps(typeof(frozenset([1])))) == typeof(frozenset([2]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.frozensets(st.integers(-(2**62), 2**62), min_size=1, max_size=8), min_size=1, max_size=12))
def test_any_frozensets(sets):
    check(_play, sets)


def _play(sets):
    counts = {}
    union = sets[0]
    for s in sets:
        counts[s] = counts.get(s, 0) + 1
        union = union | s if len(union) < 20 else union & s
    return counts, union, [hash(s) for s in sets], sorted(union)

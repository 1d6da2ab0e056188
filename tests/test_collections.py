"""`collections`: compared with the interpreter's classes, also in what a call leaves behind in its arguments."""

import pickle
import resource
from collections import Counter, OrderedDict, defaultdict, deque

import numpy as np
import pytest
from differential import Cases, check
from hypothesis import given, settings
from hypothesis import strategies as st
from rumba import njit
from rumba.errors import TypingError
from rumba.extending import register_jitable

cases = Cases()


@cases((10,), (0,))
def groups(n):
    d = defaultdict(list)
    for i in range(n):
        d[i % 3].append(i)
    return d, len(d), 1 in d, d.get(7)


@cases((10,))
def groups_of_each_factory(n):
    ints, floats, texts, sets = defaultdict(int), defaultdict(float), defaultdict(str), defaultdict(set)
    dicts, truths = defaultdict(dict), defaultdict(bool)
    for i in range(n):
        ints[i % 3] += i
        floats[i % 3, str(i)] += 0.5 * i
        texts[str(i % 2)] += "x"
        sets[i % 4].add(str(i))
        dicts[i % 2][i] = str(i)
        truths[i % 2] |= i > 5
    return ints, floats, texts, dicts, truths, {k: len(v) for k, v in sets.items()}


@cases((12,))
def nested(n):
    d = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for i in range(n):
        d[i % 3][i % 2][str(i % 5)] += i
    total = 0
    for a, inner in d.items():
        for b, innermost in inner.items():
            for k, v in innermost.items():
                total += (a + 1) * (b + 1) * (len(k) + v)
    return total, len(d), d[1][1]["4"], len(d[9]), len(d)


def two_zeros():
    return np.zeros(2)


@cases((6,))
def made_by_a_function(n):
    d = defaultdict(lambda: (0, "none"))
    d[1] = (5, "five")
    pairs = [d[i] for i in range(n)]
    lists = defaultdict(lambda: [1.5])
    for i in range(n):
        lists[i % 2].append(i / 2)
    return pairs, len(d), list(lists.items())


@cases((defaultdict(list, {1: [2]}), 5), (defaultdict(list, {5: [2]}), 5))
def changes_an_argument(d, k):
    d[k].append(3)
    return d, d[k], d.default_factory is None


@cases((defaultdict(int, a=1, b=2), "b"), (defaultdict(int, a=1, b=2), "c"), (defaultdict(None, a=1), "c"))
def methods_of_defaultdict(d, k):
    c = d.copy()
    first = c[k]
    c.update({"z": first + 5})
    return c, d, d.get(k, -1), d.setdefault(k, 7), c.pop(k), list(d.items()), d == c, dict(d), c | {"q": 1}


@cases(())
def without_factory():
    d = defaultdict()
    d[1] = "one"
    e = defaultdict(None, [(1, "one")])
    return d == e, d[1], e[2]


@cases((defaultdict(list, {1: [1.0], 2: [0.5, 2.0]}),))
def iterates(d):
    total = 0.0
    for values in d.values():
        for value in values:
            total += value
    return total, [k for k in d], repr(d), str(d)


@cases((3,))
def grows_during_iteration(n):
    d = defaultdict(int)
    d[0] += 1
    for k in d:
        d[k + n] += 1
    return d


@register_jitable
def adds(d, k):
    d[k].append(1.5)


@cases((4,))
def filled_by_another(n):
    d = defaultdict(list)
    for i in range(n):
        adds(d, i % 2)
    return d


@cases((list("abracadabra"),), ([3, 1, 3],), ([],))
def counts(items):
    c = Counter(items)
    d = Counter()
    for x in items:
        d[x] += 1
    return c, d, c == d, len(c), c.total(), c.most_common(2), c.most_common(), list(c.elements()), repr(c)


@cases((Counter("abcab"), Counter("bccd")), (Counter(a=-2, b=0), Counter(a=1, c=-1)), (Counter(a=1, b=0), Counter(a=1)))
def operators_of_counters(a, b):
    return a + b, a - b, a | b, a & b, +a, -a, a == b, a != b, a <= b, a < b, a >= b, a > b, a, b


@cases((Counter("abcab"), Counter("bccd")), (Counter(a=3, b=-1), Counter(a=1, q=4)))
def operators_in_place(a, b):
    c, d, e, f = a.copy(), a.copy(), a.copy(), a.copy()
    c += b
    d -= b
    e |= b
    f &= b
    a.update(b)
    a.update(["q", "q"])
    a.subtract(b)
    a.subtract("qx")
    a.update()
    del a["nothing"]
    return a, c, d, e, f


@cases((Counter("aab"), "b"), (Counter("aab"), "z"))
def missing_counts(c, k):
    before = c[k], k in c, c.get(k), len(c)
    c[k] += 2
    del c["a"]
    return before, c, dict(c), c.pop(k), c.most_common(0), c.most_common(-1)


@cases((6,))
def weights(n):
    c = Counter()
    for i in range(n):
        c[i % 2] += 0.5 * i
    return c, c.total(), c.most_common(1), Counter(c) == c


@cases((Counter({(1, "a"): 2}),), (Counter({1: 2, 2: 3}),))
def counter_of_other_keys(c):
    total = 0
    for key, count in c.items():
        total += count
    return total, c + c, [k for k in c], sorted(c.values())


def moved():
    d = OrderedDict(a=1, b=2, c=3)
    d.move_to_end("a")
    return d


@cases((moved(), "b"), (moved(), "a"), (moved(), "nothing"))
def moves(d, k):
    items = list(d.items())
    d["z"] = 9
    d.move_to_end(k)
    after = list(d)
    d.move_to_end("z", last=False)
    return items, after, d, d.popitem(), d.popitem(last=False), list(d.values()), repr(d)


@cases((4, True), (4, False), (0, True), (0, False))
def pops(n, last):
    d = OrderedDict()
    for i in range(n):
        d[i] = i * 0.5
    found = []
    while True:
        found.append(d.popitem(last))
        if len(d) == 1:
            d.popitem(last)
            return found, d


@cases(
    (OrderedDict(a=1, b=2), OrderedDict(b=2, a=1)),
    (OrderedDict(a=1, b=2), OrderedDict(a=1, b=2)),
    (OrderedDict(a=1, b=2), {"b": 2, "a": 1}),
    ({"b": 2, "a": 1}, OrderedDict(a=1, b=2)),
    (Counter(a=1), {"a": 1}),
    (defaultdict(int, a=1), {"a": 1}),
)
def equal(a, b):
    return a == b, a != b


@cases((OrderedDict(a=1), {"b": 2}), ({"a": 1}, OrderedDict(b=2)), ({"a": 1}, defaultdict(int, b=2)), (OrderedDict(a=1), OrderedDict(a=2)))
def unites(a, b):
    c = a | b
    c["c"] = 3
    a |= b
    return c, a


@cases((Counter("abb"),))
def conversions(c):
    return dict(c), OrderedDict(c), OrderedDict([(1, 2.0)]), isinstance(c, dict), isinstance(c, Counter), isinstance(c, OrderedDict)


@cases((5, None), (5, 3), (5, 0), (0, None))
def fills_a_deque(n, maxlen):
    d = deque(maxlen=maxlen)
    for i in range(n):
        d.append(1.0 * i)
    for i in range(n):
        d.appendleft(-0.5 * i)
    e = d.copy()
    e.extend([7.0, 8.0])
    e.extendleft([1.0, 2.0, 3.0])
    e.extend(e)
    return d, e, len(d), d.maxlen, e.maxlen, 7.0 in e, bool(d), repr(d), list(d), [x for x in reversed(e)]


@cases((6,), (1,), (0,))
def walks_in_breadth(n):
    seen = {0}
    queue = deque([(0, 0)])
    order = []
    while queue:
        node, depth = queue.popleft()
        order.append((node, depth))
        for other in (2 * node + 1, 2 * node + 2):
            if other < 2 * n and other not in seen:
                seen.add(other)
                queue.append((other, depth + 1))
    return order


@cases((deque("abcab"), "b"), (deque("abcab", 5), "b"), (deque("aa"), "b"))
def methods_of_deque(d, x):
    e = d.copy()
    n = e.count(x)
    e.reverse()
    e.rotate()
    e.rotate(-3)
    e.rotate(12)
    found = e.index("a")
    if x in e:
        e.remove(x)
    e.insert(1, "q")
    e.insert(-1, "r")
    e[0] = "z"
    del e[-1]
    return d, e, n, found, e[0], e[-1], d == e, d < e, d != d.copy()


@cases((deque([1, 2, 3]),), (deque([1, 2, 3], 4),), (deque([1, 2, 3], 3),))
def operators_of_deques(d):
    e = d + deque([9])
    f = d * 2
    g = 2 * d
    h = d.copy()
    h += [4, 5]
    i = d.copy()
    i *= 0
    j = d.copy()
    j *= 3
    return e, f, g, h, i, j, d == deque([1, 2, 3]), d == [1, 2, 3], d < deque([1, 3]), d >= e, isinstance(d, deque), isinstance(d, list)


@cases((deque([1, 2, 3]), 5), (deque([1, 2, 3]), -4), (deque([1, 2, 3]), 2))
def deque_index(d, i):
    return d[i]


@cases((deque([1, 2, 3]), 5), (deque([1, 2, 3]), 2))
def deque_search(d, x):
    return d.index(x, 1), d.index(x, -2, 3)


@cases((deque([1, 2, 3]), 5), (deque([1, 2, 3]), 2))
def deque_remove(d, x):
    d.remove(x)
    return d


@cases((deque([1, 2], 2),), (deque([1, 2], 3),))
def deque_insert(d):
    d.insert(1, 7)
    return d


@cases((deque([1.5]), True), (deque([1.5]), False))
def deque_empty(d, left):
    first = d.popleft() if left else d.pop()
    return first, d.popleft() if left else d.pop()


@cases((deque([1, 2, 3]), 0), (deque([1, 2, 3]), 1), (deque([1, 2, 3], 3), 2), (deque([1, 2, 3]), 3), (deque([1, 2, 3]), 4))
def deque_mutated(d, what):
    total = 0
    for x in d:
        total += x
        if what == 0:
            d.append(1)
        elif what == 1:
            d.popleft()
        elif what == 2:
            d.append(5)
        elif what == 3:
            d[0] = 7
        elif x == 3:
            d.clear()
    return total, d


@cases((deque([[1], [2]]),))
def nested_deques(d):
    d.appendleft([])
    d[0].append(5)
    groups = defaultdict(deque)
    for i in range(5):
        groups[i % 2].appendleft(str(i))
    return d, groups, {"a": deque([1.5])}, [deque([1]), deque([2, 3])], deque([(1, "x")])


@cases((-1,))
def negative_maxlen(n):
    return deque([1], n)


test_collections = cases.test()


def test_the_object_of_an_argument_comes_back():
    @njit
    def same(d):
        d[3] = 4
        return d

    for d in (defaultdict(int, {1: 2}), OrderedDict({1: 2}), Counter({1: 2})):
        assert same(d) is d
        assert d == {1: 2, 3: 4}


def test_a_factory_is_compiled():
    @njit
    def read(d):
        return d[5]

    factory = njit(lambda: 7)
    d = defaultdict(factory, {1: 2})
    assert read(d) == 7
    assert d == {1: 2, 5: 7}
    with pytest.raises(TypingError, match="decorate the factory"):
        read(defaultdict(lambda: 7, {1: 2}))


def test_a_factory_that_raises_leaves_nothing_behind():
    def factory():
        raise ValueError("no value")

    @njit
    def read(d, k):
        try:
            d[k] += 1
        except ValueError:
            return len(d)

    d = defaultdict(njit(factory), {1: 2})
    assert read(d, 1) is None
    assert read(d, 4) == 1
    assert d == {1: 3}


def test_a_factory_has_no_state():
    @njit
    def make(n):
        return defaultdict(lambda: n)[1]

    with pytest.raises(TypingError, match="cannot be the factory"):
        make(3)


def test_results_pickle():
    @njit
    def make():
        d = defaultdict(list)
        d[1].append(2)
        return d, Counter("aab"), OrderedDict([(1, 2)])

    assert pickle.loads(pickle.dumps(make())) == make.py_func()


operations = st.lists(
    st.tuples(st.sampled_from("isgpudmlax"), st.integers(0, 6), st.integers(-3, 3)), max_size=60
)


def _play_defaultdict(operations):
    d = defaultdict(int)
    log = [0]
    for what, k, v in operations:
        if what == "i":
            d[k] += v
        elif what == "s":
            d[k] = v
        elif what == "g":
            log.append(d.get(k, -1))
        elif what == "p":
            log.append(d.pop(k, 99))
        elif what == "u":
            d.update({k: v, v: k})
        elif what == "d" and k in d:
            del d[k]
        elif what == "l":
            log.append(len(d))
        elif what == "a":
            log.append(d.setdefault(k, v))
        else:
            log.append(d[k])
    return d, log


def _play_counter(operations):
    c, other = Counter(), Counter()
    log = [0]
    for what, k, v in operations:
        if what == "i":
            c[k] += v
        elif what == "s":
            other[k] = v
        elif what == "g":
            log.append(c[k])
        elif what == "p":
            c += other
        elif what == "u":
            c.update(other)
        elif what == "d":
            del c[k]
        elif what == "m":
            c -= other
        elif what == "l":
            log.append(1 if c <= other else 0)
            log.append(1 if c == other else 0)
        elif what == "a":
            c = c | other
        else:
            c = c & other
    return c, other, log, c.most_common()


def _play_ordered(operations):
    d = OrderedDict()
    log = [(0, 0)]
    for what, k, v in operations:
        if what == "i" or what == "s" or what == "u":
            d[k] = v
        elif what == "p" and len(d) > 0:
            log.append(d.popitem())
        elif what == "x" and len(d) > 0:
            log.append(d.popitem(last=False))
        elif what == "d" and k in d:
            del d[k]
        elif what == "m" and k in d:
            d.move_to_end(k)
        elif what == "a" and k in d:
            d.move_to_end(k, last=False)
        else:
            log.append((k, len(d)))
    return d, log, list(d.items())


def _play_deque(operations):
    d = deque([0])
    bounded = deque([0], maxlen=5)
    log = [0]
    for what, k, v in operations:
        if what == "i":
            d.append(v)
            bounded.append(v)
        elif what == "s":
            d.appendleft(v)
            bounded.appendleft(v)
        elif what == "p" and len(d) > 0:
            log.append(d.pop())
        elif what == "x" and len(d) > 0:
            log.append(d.popleft())
        elif what == "u":
            d.extend(bounded)
        elif what == "d" and k < len(d):
            del d[k]
        elif what == "m":
            d.rotate(v)
            bounded.rotate(k)
        elif what == "a":
            d.insert(v, k)
        elif what == "l":
            bounded.extendleft(d)
        elif k < len(d):
            d[k] = v
        log.append(len(d))
    return d, bounded, log, d == bounded, d < bounded


def test_a_queue_of_either_direction_keeps_its_memory():
    @njit
    def run(n, left):
        d = deque(range(100))
        total = 0
        for i in range(n):
            if left:
                d.appendleft(i)
                total += d.pop()
            else:
                d.append(i)
                total += d.popleft()
        return total, len(d)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for left in (False, True):
        assert run(3_000_000, left)[1] == 100
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8_000


def test_a_dict_is_emptied_from_either_end_in_linear_time():
    @njit
    def drain(n, last):
        d = OrderedDict()
        for i in range(n):
            d[i] = i
        total = 0
        while len(d) > 1:
            key, value = d.popitem(last=last)
            total += key
        d[n] = n
        return total, list(d.items()), d.popitem(last=False), d.popitem(last)

    # Quadratic time would be hours.
    n = 1_000_000
    assert drain(n, True) == (n * (n - 1) // 2, [(0, 0), (n, n)], (0, 0), (n, n))
    assert drain(n, False) == ((n - 1) * (n - 2) // 2, [(n - 1, n - 1), (n, n)], (n - 1, n - 1), (n, n))


def test_a_deque_cannot_be_sliced():
    @njit
    def tail(d):
        return d[1:]

    with pytest.raises(TypingError, match="cannot be sliced"):
        tail(deque([1, 2]))


@pytest.mark.parametrize("play", [_play_deque, _play_defaultdict, _play_counter, _play_ordered])
def test_any_operations(play):
    @settings(max_examples=100, deadline=None)
    @given(operations)
    def run(operations):
        check(play, operations or [("l", 0, 0)])

    run()

"""Lists: compared with the interpreter's, also in what a call leaves behind in its arguments."""

import random

import numpy as np
import pytest
from differential import Cases, check
from hypothesis import given, settings
from hypothesis import strategies as st
from rumba import _core, njit
from rumba.errors import TypingError
from rumba.extending import register_jitable
from rumba.typed import List

cases = Cases()


@cases((0,), (1,), (7,))
def filled_by_append(n):
    out = []
    for i in range(n):
        out.append(i * 0.5)
    return out


@register_jitable
def fill(items, numbers, table, x, depth):
    if depth > 0:
        fill(items, numbers, table, x, depth - 1)
    items.append(x)
    numbers.add(depth)
    table[depth] = x
    return len(items)


@cases((4,), (2.5,))
def containers_that_other_functions_fill(x):
    items = []
    numbers = set()
    table = {}
    n = fill(items, numbers, table, x, 3)
    items.append(0.5)
    return items, numbers, table, n


@register_jitable
def take_ints(items, ends):
    items.extend([1, 2])
    ends.append(len(items))


@register_jitable
def take_numbers(items, ends):
    take_ints(items, ends)
    items.extend([0.5])
    ends.append(len(items))
    take_ints(items, ends)


@register_jitable
def put_at_even(items, n):
    if n > 0:
        items.append(n)
        put_at_odd(items, n - 1)


@register_jitable
def put_at_odd(items, n):
    if n > 0:
        put_at_even(items, n - 1)
        items.append(n * 0.5)


@cases((0,), (5,))
def containers_that_functions_fill_which_call_each_other(n):
    items = []
    put_at_even(items, n)
    return items


@cases()
def containers_that_are_filled_with_ints_and_floats_by_functions_of_functions():
    items = []
    ends = []
    take_numbers(items, ends)
    return items, ends


@cases((0,), (4,))
def containers_that_inner_functions_fill(n):
    found = []
    sizes = {}

    def visit(depth):
        if depth == 0:
            return
        found.append(depth * 0.5)
        sizes[depth] = len(found)
        visit(depth - 1)
        again = lambda x: found.append(x)
        again(-1.0)

    visit(n)
    for i in range(n):
        visit(i)
    return found, sizes


@register_jitable
def put_half(items):
    items.append(0.5)


@cases((3,))
def ints_that_another_function_joins_by_floats(n):
    items = [1.0 * n]
    put_half(items)
    more = [n]
    more.clear()
    return items, more


@cases((3,))
def ints_and_floats_meet(n):
    out = [0]
    for i in range(n):
        out.append(1)
    out.append(0.5)
    return out[n] / 2, out[-1], len(out)


@cases((0,), (1,), (4,))
def lists_of_lists(n):
    rows = []
    for i in range(n):
        rows.append([])
    for i in range(n):
        for j in range(i):
            rows[i].append(j + 0.25)
    return rows


@cases((3,))
def rows_are_shared(n):
    row = []
    rows = [row, row]
    for i in range(n):
        rows[0].append(i)
    return rows[1], len(row)


@cases((5,))
def made_on_two_paths(n):
    if n > 3:
        a = []
    else:
        a = [1.5]
    b = a
    b.append(2.5)
    return a


@cases(([1, 2, 3],), ([-5],))
def changes_its_argument(xs):
    total = 0
    for x in xs:
        total += x
    xs.append(total)
    xs[0] = 100
    xs.insert(1, -1)
    xs.insert(-100, 7)
    xs.insert(100, 8)
    return total, len(xs), xs[-1], xs[-len(xs)]


@cases(([1, 2, 3, 2],), ([2],))
def removes(xs):
    xs.remove(2)
    xs.append(9)
    last = xs.pop()
    xs.append(4)
    first = xs.pop(0)
    del xs[-1]
    return first, last, xs


@cases((["a", "bcd", "äö"],), (["", "日本"],))
def of_text(words):
    words.append("new" + words[0])
    words.reverse()
    for w in words:
        if len(w) == 2:
            return w
    return words[0]


@cases(([1, 2, 3, 4, 5, 6], 1, 5, 2), ([1, 2, 3], None, None, -1), ([1, 2, 3], -2, None, 1))
def slices(xs, start, stop, step):
    ys = xs[start:stop:step]
    ys.append(100)
    return ys, xs[1:], xs[:-1]


@cases(([1, 2], [3], 3), ([1], [2, 3], 0), ([1], [1], -1))
def joined(a, b, n):
    c = a + b
    c += a
    a.extend(b)
    a.extend(a)
    a.extend((7, 8))
    return c, a, a * n, n * b, len(a)


@cases(
    ([1, 2, 3, 4, 5], 1, 3, None, [9]),
    ([1, 2, 3, 4, 5], 1, 3, None, [9, 8, 7]),
    ([1, 2, 3, 4, 5], 3, 1, None, [9, 8]),
    ([1, 2, 3, 4, 5], 1, 4, 1, []),
    ([1, 2, 3, 4, 5], None, None, None, [0, 0]),
    ([1, 2, 3, 4, 5], -99, 99, 1, [6]),
    ([1, 2, 3, 4, 5], 5, None, None, [6, 7]),
    ([1, 2, 3, 4, 5], None, None, 2, [7, 8, 9]),
    ([1, 2, 3, 4, 5], None, None, -2, [7, 8, 9]),
    ([1, 2, 3, 4, 5], 4, 1, -1, [7, 8, 9]),
    ([1, 2, 3, 4, 5], 1, 4, -1, []),
    ([1, 2, 3, 4, 5], None, None, 2, [7, 8]),
    ([1, 2, 3, 4, 5], None, None, -1, []),
    ([1, 2, 3], None, None, 2**62, [9]),
    ([1, 2, 3], None, None, 0, [9]),
    (["a", "bc", "d"], 0, 2, None, ["x" * 40, "y", "z"]),
    (["a", "bc", "d"], None, None, -1, ["x" * 40, "y", "z"]),
)
def assigns_to_a_slice(xs, start, stop, step, ys):
    same = xs
    xs[start:stop:step] = ys
    return xs, same, ys


@cases(([1, 2, 3, 4],), ([1],))
def assigns_itself_to_its_slice(xs):
    xs[1:2] = xs
    xs[::-1] = xs
    xs[len(xs) :] = xs
    return xs


@cases((4,))
def assigns_other_iterables_to_a_slice(n):
    xs = [0.5] * n
    xs[1:2] = range(n)
    xs[:1] = (1, 2.5)
    xs[-1:] = np.arange(3)
    xs[2:2] = {7: 1}
    xs[:0] = (x * x for x in xs)
    words = ["a"]
    words[:0] = "xyz"
    empty = []
    empty[3:5] = [n]
    empty[:] = [x + 0.5 for x in empty]
    return xs, words, empty


@cases((3,))
def assigns_lists_to_a_slice(n):
    rows = [[i] for i in range(n)]
    first = rows[0]
    rows[1:] = [first, [9], rows[2]]
    first.append(5)
    rows[::2] = [[1], first]
    return rows


@cases(
    ([1, 2, 3, 4, 5, 6, 7], 1, 3, None),
    ([1, 2, 3, 4, 5, 6, 7], 3, 1, None),
    ([1, 2, 3, 4, 5, 6, 7], None, None, 2),
    ([1, 2, 3, 4, 5, 6, 7], None, None, -2),
    ([1, 2, 3, 4, 5, 6, 7], 5, 1, -3),
    ([1, 2, 3, 4, 5, 6, 7], 1, 5, 3),
    ([1, 2, 3, 4, 5, 6, 7], 1, 5, 2**62),
    ([1, 2, 3, 4, 5, 6, 7], 5, 1, -(2**63)),
    ([1, 2, 3, 4, 5, 6, 7], None, None, -1),
    ([1, 2, 3], 0, 2, 0),
    (["a", "b" * 30, "c", "d"], None, None, 2),
    (["a", "b" * 30, "c", "d"], None, None, -3),
)
def deletes_a_slice(xs, start, stop, step):
    same = xs
    del xs[start:stop:step]
    return xs, same


@cases((5,))
def deletes_slices_of_lists(n):
    rows = [[i] for i in range(n)]
    kept = rows[1]
    del rows[::2]
    kept.append(7)
    del rows[-1:]
    return rows


@cases(
    ([1, 2], [1, 2]),
    ([1, 2], [1, 3]),
    ([1, 2], [1]),
    ([2], [1, 5]),
    ([], [1]),
    ([], []),
    ([0.5, float("nan")], [0.5, 1.0]),
    ([0.5, float("nan")], [0.5]),
    ([1, 2], [1.5]),
    (["a", "b"], ["a", "bc"]),
    ([(1, "a")], [(1, "b")]),
    ([[1], [2]], [[1], [1, 5]]),
)
def ordered(xs, ys):
    return xs < ys, xs <= ys, xs > ys, xs >= ys, xs == ys, max([xs, xs])


@cases(([1, 2], [3]), ([0.5], []), (["a"], ["b", "c"]))
def joined_in_place(xs, ys):
    same = xs
    xs += ys
    xs += xs
    return xs, same, ys


@cases(([1, 2], 3), ([1, 2], 1), (["a" * 30], 0), (["a" * 30], -1), (["a" * 30, "b"], 4))
def repeated_in_place(xs, n):
    same = xs
    xs *= n
    return xs, same


@cases((3,))
def other_iterables_joined_in_place(n):
    xs = []
    for i in range(n):
        xs += [i]
        xs += (i, 0.5)
    xs += range(n)
    rows = [[1]]
    rows[0] += [2]
    words = ["a"]
    words += "bc"
    return xs, rows, words


@cases(([1, 2, 3], 2), ([1.5, 2.5], 9.0))
def searched(xs, x):
    return x in xs, xs.count(x), xs == [x], xs != xs[:], xs == xs


@cases(([1, 2, 3], 2), ([1, 2, 3], 4), ([1], 1))
def position(xs, x):
    return xs.index(x)


@cases(([1], 1), ([1], -2), ([1, 2], 0))
def index_out_of_range(xs, i):
    return xs[i]


@cases(([1], 5))
def stores_out_of_range(xs, i):
    xs[0] = 3
    xs[i] = 4
    return 0


@cases(([],), ([1],))
def pops(xs):
    if len(xs) > 0:
        xs.pop()
    return xs.pop()


@cases((6,), (0,))
def comprehension(n):
    return [x * y for x in range(n) for y in range(x) if y % 2 if x != 3]


@cases((4,))
def comprehension_has_variables_of_its_own(n):
    x = 10
    squares = [x * x for x in range(n)]
    nested = [[x + y for y in range(x)] for x in range(n)]
    pairs = [a + b for a, b in zip(squares, squares)]
    return x, squares, nested, pairs


@cases((4,))
def comprehension_reads_the_first_iterable_outside(x):
    return [x for x in range(x)]


@cases((5,))
def as_a_stack(n):
    stack = [n]
    n_steps = 0
    while stack:
        top = stack.pop()
        n_steps += 1
        if top > 0:
            stack.append(top - 1)
            stack.append(top - 2)
    return n_steps


@cases(([[1, 2], [3]],), ([[5], [6]],))
def nested_argument(rows):
    rows[0].append(10)
    rows.append([7])
    return len(rows), rows[1]


@cases(([1, 2, 3],), ([0.5],))
def built_in_functions(xs):
    return sum(xs), min(xs), max(xs), any(xs), all(xs), [x for x in reversed(xs)] == xs


@cases(([1, 2, 3, 4],))
def shrinks_while_iterated(xs):
    seen = 0
    for x in reversed(xs):
        seen = seen * 10 + x
        xs.clear()
    for x in xs:
        seen += 1000
    xs.extend(range(4))
    for x in xs:
        seen = seen * 10 + xs.pop()
    return seen, xs


test_lists = cases.test()


def test_the_argument_is_returned_itself():
    @njit
    def same(xs):
        xs.append(1)
        return xs

    xs = [5]
    assert same(xs) is xs
    assert xs == [5, 1]


def test_an_unchanged_argument_keeps_its_objects():
    @njit
    def total(xs):
        return sum(xs)

    big = 10**15 + 1
    xs = [big]
    assert total(xs) == big
    assert xs[0] is big


def test_changes_are_seen_after_an_exception():
    @njit
    def fails(xs):
        xs.append(3)
        raise ValueError("as asked")

    xs = [1]
    with pytest.raises(ValueError, match="as asked"):
        fails(xs)
    assert xs == [1, 3]


def test_a_list_that_is_two_things():
    @njit
    def wrong(x):
        out = [1]
        out.append("a")
        return out

    with pytest.raises(TypingError, match=r"list\(int64\) would have to be list\(str\)"):
        wrong(1)


def test_elements_of_several_types():
    @njit
    def total(xs):
        return sum(xs)

    with pytest.raises(TypingError, match="a list whose element 2 is a float"):
        total([1, 2, 2.5])


def test_nothing_leaks():
    @njit
    def churn(words, n):
        rows = []
        for i in range(n):
            row = [w + "x" for w in words]
            rows.append(row)
            if i % 3 == 0:
                rows.pop(0)
            if len(rows) > 4:
                del rows[1]
            words[0] = row[-1]
        rows[1][0] = "last"
        rows.reverse()
        return rows

    def leaves(function, *args):
        function(*args)
        before = _core.live_allocations()
        for _ in range(5):
            function(*args)
        return _core.live_allocations() - before

    assert leaves(churn, ["a", "b"], 9) == 0

    @njit
    def cuts(words, n):
        rows = [[w + "x"] for w in words]
        rows += [[w + "y"] for w in words]
        rows[1:3] = [[words[0] * i] for i in range(n)]
        rows[::2] = rows[::-2]
        del rows[::3]
        del rows[1:2]
        rows *= 2
        rows[0] += ["last"]
        words[:1] = ["first" * n, "second"]
        return rows, rows < rows[1:]

    assert leaves(cuts, ["a", "b", "c"], 6) == 0
    assert leaves(cuts, ["a", "b", "c"], 2) == 0

    @njit
    def fails(words):
        kept = [words, [words[0] * 2]]
        return kept[5]

    def try_it(words):
        with pytest.raises(IndexError):
            fails(words)

    assert leaves(try_it, ["ab", "c"]) == 0


def test_a_slice_of_what_cannot_be_ordered_or_put_in():
    @njit
    def wrong(xs):
        xs[1:] = ["a"]

    with pytest.raises(TypingError, match=r"list\(int64\) would have to be list\(str\)"):
        wrong([1, 2])

    @njit
    def number(xs):
        xs[1:] = 3

    with pytest.raises(TypingError, match="not iterable"):
        number([1, 2])


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_random_slices(data):
    part = st.none() | st.integers(-7, 7)
    xs = data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=6))
    ys = data.draw(st.lists(st.integers(10, 19), min_size=1, max_size=6))
    start, stop, step = data.draw(part), data.draw(part), data.draw(part)
    check(assigns_to_a_slice, xs, start, stop, step, ys)
    check(deletes_a_slice, xs, start, stop, step)


def changes(xs, what, a, b, c, ys):
    if what == 0:
        xs[a:b] = ys
    elif what == 1:
        del xs[a:b:c]
    elif what == 2:
        xs += ys
    elif what == 3:
        xs *= a
    elif what == 4:
        xs[a:b:c] = ys
    elif what == 5:
        xs[a:b] = xs[::c]
    return xs < ys


@pytest.mark.parametrize("make", [lambda rng: "w" * rng.randrange(40), lambda rng: rng.randrange(5)])
def test_random_changes_of_a_shared_list(make):
    compiled = njit(changes)

    def outcome(function, *args):
        try:
            return function(*args)
        except ValueError as error:
            return str(error)

    rng = random.Random(3)
    ours = List([make(rng)])
    expected = list(ours)
    for _ in range(3000):
        args = (
            rng.randrange(6) if len(expected) < 60 else 1,
            rng.randrange(-6, 3),
            rng.randrange(-6, 7) if len(expected) < 60 else 60,
            rng.choice([-3, -2, -1, 1, 2, 3]) if len(expected) < 60 else 1,
            [make(rng) for _ in range(rng.randrange(1, 5))],
        )
        assert outcome(compiled, ours, *args) == outcome(changes, expected, *args)
        assert list(ours) == expected


def test_a_comprehension_over_an_empty_argument():
    check(lambda xs: [x + 1 for x in xs], [])


def as_numpy_takes_them(a, xs, rows, n):
    b = np.concatenate([a, a[:1]])
    c = np.array([1, 2.5, 3]), np.array([[1, 2], [3, 4]]), np.zeros([2, 3]), np.mean([1, 2, 3])
    d = a[[0, 1, -1]], a[xs], c[1][[1], :], c[1][:, [True, False]]
    e = np.array(xs), np.array(rows), np.sum(xs), np.median(xs), np.array(xs, dtype=np.float32)
    f = np.array([i * 0.5 for i in range(n)]), np.array([(i, i) for i in range(n)]), np.stack([a, a], axis=1)
    a[[0, 1]] = 9.0
    a[xs] += 0.5
    return b, c, d, e, f, [a.sum(), 2.0], np.array([[i, j] for i in range(n) for j in range(2)])


@pytest.mark.parametrize("n", [0, 1, 3])
def test_where_numpy_takes_an_array(n):
    def args():
        return np.arange(4.0), [1, 3, 2], [[1.5, 2.5], [3.0, 4.0]], n

    def compare(actual, expected):
        if isinstance(expected, (tuple, list)):
            assert len(actual) == len(expected)
            for one, other in zip(actual, expected):
                compare(one, other)
        elif np.shape(expected) != (0,):  # of which the interpreter does not know how many axes are meant
            assert np.array_equal(actual, expected), (actual, expected)
            if isinstance(actual, np.ndarray):
                assert actual.dtype == expected.dtype

    compare(njit(as_numpy_takes_them)(*args()), as_numpy_takes_them(*args()))


def test_lists_of_other_lengths_are_no_array():
    with pytest.raises(ValueError, match="inhomogeneous shape"):
        njit(lambda rows: np.array(rows))([[1, 2], [3]])


ordered = Cases()


@ordered(([3, 1, 2, 3],), ([0.5, -1.0, 0.0],), (["b", "ä", "a", "日本", "ab"],), ([(2, "x"), (1, "z"), (1, "y")],), ([True, False],))
def sorts(xs):
    ys = sorted(xs)
    zs = sorted(xs, reverse=True)
    xs.sort()
    return ys, zs, xs, min(xs), max(xs)


@ordered((["ccc", "a", "bb", "dd"],), ([],), (["x"],))
def sorts_by_length(words):
    shortest = min(words, key=len, default="none")
    longest = max(words, key=lambda w: (len(w), w), default="none")
    words.sort(key=lambda w: -len(w))
    return sorted(words, key=len, reverse=True), shortest, longest, words


@ordered(([3, -1, 2],), ([1, -1],))
def sorts_any_iterable(xs):
    return sorted(range(5), key=lambda x: x % 3), sorted("hello"), sorted({5, 1}), sorted(tuple((3, 1))), sorted({2: 0, 1: 0})


@ordered(([3, -3, 2],), ([1, -1],))
def extremes_by_key(xs):
    k = 10
    return min(xs, key=abs), max(xs, key=lambda x: (x - k) ** 2), max(1, -5, 3, key=abs)


@ordered(([],))
def extreme_of_nothing(xs):
    return max(xs, key=lambda x: -x)


test_sorting = ordered.test()


@pytest.mark.parametrize(
    "function",
    [
        lambda xs: 3 in xs,
        lambda xs: xs.count(1) + len(xs),
        lambda xs: xs == [1],
        lambda xs: (sum([x + 1 for x in xs]), any(xs), all(xs)),
        lambda xs: sorted(xs, key=lambda x: x.real),
        lambda xs: max(xs, default=3),
        lambda xs: max(xs, default="none", key=lambda x: -x),
        lambda xs: max(xs),
        lambda xs: xs[0],
        lambda xs: xs.pop(),
        lambda xs: xs.index(3),
        lambda xs: xs.remove(3),
        lambda xs: (set(xs), [x for x in reversed(xs)], list(enumerate(xs)), xs[1:], xs * 3, xs + [1]),
        lambda xs: {x: 1 for x in xs},
        lambda xs: [(x, y) for x, y in zip(xs, xs)],
        lambda xs: [x + y for x, y in xs],
    ],
)
def test_an_empty_argument(function):
    check(function, [])


@pytest.mark.parametrize(
    "function",
    [
        lambda d: (3 in d, len(d), list(d), list(d.items()), d == {1: 2}, d.get(3, "none"), d.copy()),
        lambda d: d[3],
        lambda d: d.pop(3),
        lambda d: d.pop(3, -1),
        lambda d: d.popitem(),
        lambda d: {k: v for k, v in d.items()},
        lambda d: sum(d.values()),
        lambda d: d | {1: 2},
    ],
)
def test_an_empty_dict(function):
    check(function, {})


def test_lists_that_are_bound_together_get_their_types():
    @njit
    def split(values):
        low, high = [], []
        names, table = [], {}
        for x in values:
            (low if x < 1.0 else high).append(x)
        names.append("n")
        table[1] = low
        return low, high, names, table

    assert split(np.array([0.5, 1.5])) == ([0.5], [1.5], ["n"], {1: [0.5]})

"""Lists: compared with the interpreter's, also in what a call leaves behind in its arguments."""

import numpy as np
import pytest
from differential import Cases, check
from rumba import _core, njit
from rumba.errors import TypingError
from rumba.extending import register_jitable

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
    def fails(words):
        kept = [words, [words[0] * 2]]
        return kept[5]

    def try_it(words):
        with pytest.raises(IndexError):
            fails(words)

    assert leaves(try_it, ["ab", "c"]) == 0


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

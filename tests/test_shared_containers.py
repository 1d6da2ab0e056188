"""Containers of `rumba.typed` in several threads: what is read is shared, what is changed belongs to one thread at a time."""

import collections
import contextlib
import functools
import heapq
import itertools
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from rumba import deferred_type, njit, optional, typed, types
from rumba.experimental import jitclass
from subprocesses import output_of

IN_USE = "a container of rumba.typed is in use: a compiled function in another thread"


@njit(nogil=True)
def add_for(items, flag, n):
    """Says that it runs, and adds items until it is told to stop."""
    flag[0] = 1
    added = 0
    while flag[1] == 0:
        if added < n:
            items.append(added)
            added += 1
    return added


@njit(nogil=True)
def read_for(items, flag):
    flag[0] = 1
    n = 0
    while flag[1] == 0:
        n = 0
        for x in items:
            n += 1
    return n


@njit(nogil=True)
def total_of(items):
    total = 0
    for x in items:
        total += x
    return total


@njit(nogil=True)
def append_to(items, x):
    items.append(x)


@njit
def append_with_lock(items, x):
    items.append(x)


class Running:
    """A function that runs in a thread of its own until the end of the block."""

    def __init__(self, function, items, *args):
        self.flag = np.zeros(2, dtype=np.int64)
        self.result = None

        def target():
            self.result = function(items, self.flag, *args)

        self.thread = threading.Thread(target=target)

    def __enter__(self):
        self.thread.start()
        while self.flag[0] == 0:
            assert self.thread.is_alive()
            time.sleep(0.001)
        return self

    def __exit__(self, *_):
        self.flag[1] = 1
        self.thread.join()


def numbers(n=3):
    items = typed.List.empty_list(types.int64)
    for i in range(n):
        items.append(i)
    return items


def refused(function, *args):
    with pytest.raises(RuntimeError, match=IN_USE):
        function(*args)


def test_others_read_what_is_read():
    items = numbers()
    with Running(read_for, items) as running:
        assert total_of(items) == 3 and items[1] == 1 and list(items) == [0, 1, 2] and 2 in items
        refused(append_to, items, 1)
        refused(append_with_lock, items, 1)
        refused(items.append, 1)
        refused(items.__setitem__, 0, 1)
        refused(items.__delitem__, 0)
        refused(items.insert, 0, 1)
        refused(items.pop)
        refused(items.clear)
    assert running.result == 3
    append_to(items, 7)
    items.append(8)
    assert list(items) == [0, 1, 2, 7, 8]


def test_nobody_reads_what_is_changed():
    items = numbers()
    with Running(add_for, items, 1000) as running:
        refused(total_of, items)
        refused(append_with_lock, items, 1)
        refused(items.__getitem__, 0)
        refused(list, items)
        refused(items.append, 1)
        refused(repr, items)
        append_to(numbers(), 1)  # another one
    assert len(items) == 3 + running.result
    assert total_of(items) == 3 + sum(range(running.result))


def test_dicts_and_sets():
    @njit(nogil=True)
    def fill(d, flag):
        flag[0] = 1
        i = 0
        while flag[1] == 0:
            d[i % 1000] = i
            i += 1

    @njit(nogil=True)
    def fill_set(s, flag):
        flag[0] = 1
        i = 0
        while flag[1] == 0:
            s.add(i % 1000)
            i += 1

    @njit
    def look_up(d, key):
        return key in d

    d = typed.Dict.empty(types.int64, types.int64)
    d[1] = 1
    with Running(fill, d):
        refused(d.__getitem__, 1)
        refused(d.__setitem__, 1, 1)
        refused(d.__delitem__, 1)
        refused(d.__contains__, 1)
        refused(d.get, 1)
        refused(d.clear)
        refused(list, d)
        refused(look_up, d, 1)
    s = typed.Set.empty(types.int64)
    s.add(1)
    with Running(fill_set, s):
        refused(s.add, 1)
        refused(s.__contains__, 1)
        refused(list, s)
        refused(look_up, s, 1)
    assert look_up(d, 1) and look_up(s, 1)


def test_what_a_container_holds():
    @njit(nogil=True)
    def add_to_first(rows, flag):
        flag[0] = 1
        i = 0
        while flag[1] == 0:
            if i < 1000:
                rows[0].append(i)
                i += 1

    inner = numbers()
    rows = typed.List()
    rows.append(inner)
    with Running(add_to_first, rows):
        refused(inner.append, 1)
        refused(total_of, inner)
        refused(rows.__getitem__, 0)
    by_name = typed.Dict()
    by_name["a"] = inner

    @njit(nogil=True)
    def add_to_all(pair, flag):
        flag[0] = 1
        i = 0
        while flag[1] == 0:
            if i < 1000:
                for row in pair[1].values():
                    row.append(i)
                i += 1

    with Running(add_to_all, (1, by_name)):
        refused(inner.append, 1)
        refused(by_name.__getitem__, "a")


@jitclass([("rows", types.ListType(types.int64)), ("n", types.int64)])
class Rows:
    def __init__(self, rows):
        self.rows = rows
        self.n = 0


def test_fields_of_instances():
    @njit(nogil=True)
    def count(rows, flag):
        flag[0] = 1
        while flag[1] == 0:
            rows.n = len(rows.rows)  # changes no container
        return rows.n

    @njit(nogil=True)
    def add(rows, flag):
        flag[0] = 1
        while flag[1] == 0:
            if len(rows.rows) < 1000:
                rows.rows.append(1)

    @njit(nogil=True)
    def replace(rows, items):
        rows.rows = items

    items = numbers()
    first, second = Rows(items), Rows(items)
    with Running(count, first):
        assert total_of(items) == 3 and items[0] == 0
        with Running(count, second):
            pass
        refused(append_to, items, 1)
        refused(add, second, np.ones(2, dtype=np.int64))
    with Running(add, (1, first)[1]):
        refused(items.__getitem__, 0)
        refused(count, second, np.ones(2, dtype=np.int64))
    replace(first, numbers(0))
    items.append(1)
    assert len(first.rows) == 0


def test_instances_in_a_circle():
    node = deferred_type()

    @jitclass([("items", types.ListType(types.int64)), ("next", optional(node))])
    class Node:
        def __init__(self, items):
            self.items = items
            self.next = None

    node.define(Node.class_type.instance_type)

    @njit(nogil=True)
    def add_to_next(node, flag):
        flag[0] = 1
        while flag[1] == 0:
            if len(node.items) < 1000:
                node.next.items.append(1)
                node.items.append(1)

    first, second = Node(numbers()), Node(numbers())
    first.next = second
    second.next = first
    with Running(add_to_next, first):
        refused(second.items.append, 1)
    assert len(first.items) == len(second.items)
    first.next = None


@njit
def doubled(items):
    for x in items:
        yield 2 * x


@njit
def emptied(items):
    while len(items) > 0:
        yield items.pop()


def test_generators():
    items = numbers()
    with Running(read_for, items):
        assert list(doubled(items)) == [0, 2, 4]
        emptying = emptied(items)
        refused(next, emptying)
    doubling = doubled(items)
    with Running(add_for, items, 0):
        refused(next, emptying)
        refused(next, doubling)
        refused(doubled, items)
        refused(doubling.throw, KeyError())
    assert next(doubling) == 0 and list(emptying) == [2, 1, 0]
    items.append(1)


def test_one_container_twice():
    @njit(nogil=True)
    def both(a, b, flag):
        flag[0] = 1
        a.append(len(b))
        b.append(len(a))
        return len(a)

    items, flag = numbers(), np.zeros(2, dtype=np.int64)
    assert both(items, items, flag) == 5
    assert list(items) == [0, 1, 2, 3, 4]
    items.append(5)


def test_constants_are_read():
    items = numbers(2)

    @njit(nogil=True)
    def read(flag):
        flag[0] = 1
        while flag[1] == 0:
            flag[2] += items[0] + items[1]
        return len(items)

    @njit(nogil=True)
    def call_reading(flag):
        return read(flag)

    for function in (read, call_reading):
        flag = np.zeros(3, dtype=np.int64)
        with ThreadPoolExecutor(1) as pool:
            result = pool.submit(function, flag)
            while flag[0] == 0:
                time.sleep(0.001)
            refused(append_to, items, 1)
            flag[1] = 1
            assert result.result() == 2


def test_python_code_in_between_may_use_the_container():
    items = numbers(1)

    class Printed:
        """What a compiled function prints runs Python code."""

        def write(self, text):
            if text.strip():
                items.append(int(text))
                append_to(items, 10)
                append_with_lock(items, 20)

        def flush(self):
            pass

    def printing(items):
        print(5)
        items.append(len(items))

    for options in ({}, {"nogil": True}):
        items.clear()
        items.append(0)
        with contextlib.redirect_stdout(Printed()):
            njit(**options)(printing)(items)
        assert list(items) == [0, 5, 10, 20, 4]


def test_a_function_that_waits_for_python_code_has_its_containers():
    """It goes on with what it found: nobody may be at work without the lock then."""
    items = numbers(1)
    waits, goes_on = threading.Event(), threading.Event()

    class Waiting:
        def write(self, text):
            waits.set()
            assert goes_on.wait(60)

        def flush(self):
            pass

    @njit
    def printing(items):
        print("x")
        items.append(1)

    with contextlib.redirect_stdout(Waiting()):
        thread = threading.Thread(target=printing, args=(items,))
        thread.start()
        assert waits.wait(60)
        refused(append_to, items, 1)
        refused(total_of, items)
        append_with_lock(items, 7)
        items.append(8)
        goes_on.set()
        thread.join()
    assert list(items) == [0, 7, 8, 1]
    append_to(items, 9)


def test_a_function_that_fails_holds_nothing_any_more():
    @njit(nogil=True)
    def failing(items):
        items.append(1)
        raise ValueError("x")

    items = numbers(0)
    with pytest.raises(ValueError, match="x"):
        failing(items)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(append_to, items, 2).result()
    assert list(items) == [1, 2]


READING = [
    lambda x: x.copy(), lambda x: x[1:], lambda x: sorted(x), lambda x: list(x), lambda x: [*x, 1], lambda x: x + x,
    lambda x: x * 2, lambda x: x == x, lambda x: x.index(1), lambda x: x.count(1), lambda x: 1 in x, lambda x: sum(x),
    lambda x: max(x), lambda x: str(x), lambda x: np.array(x).sum(), lambda x: x[0] + len(x), lambda x: set(x),
    lambda x: [i for i in map(lambda i: i + x[0], x)], lambda x: list(filter(lambda i: i > x[0], x)),
    lambda x: list(itertools.accumulate(x)), lambda x: list(itertools.chain(x, x)), lambda x: sum(i * i for i in x),
    lambda x: collections.Counter(x), lambda x: functools.reduce(lambda a, b: a + b, x), lambda x: (x, 1)[0][0],
    lambda x: [i for i in reversed(x)], lambda x: {i: 0 for i in x}, lambda x: [(i, j) for i, j in zip(x, x)],
]  # fmt: skip
READING_DICTS = [
    lambda d: d.copy(), lambda d: d["a"], lambda d: d.get("b", 0), lambda d: list(d), lambda d: sorted(d.values()),
    lambda d: dict(d), lambda d: "a" in d, lambda d: [k for k, v in d.items()], lambda d: d == d, lambda d: len(d),
    lambda d: ",".join(list(d)), lambda d: str(d), lambda d: {k + "x": v for k, v in d.items()},
]  # fmt: skip
READING_SETS = [
    lambda s: s | s, lambda s: s & s, lambda s: s - s, lambda s: s ^ s, lambda s: s <= s, lambda s: s.copy(),
    lambda s: sorted(s), lambda s: len(s), lambda s: s.union([5]), lambda s: s.isdisjoint(s), lambda s: 1 in s,
]  # fmt: skip
CHANGING = [
    lambda x: x.append(1), lambda x: x.extend([1]), lambda x: x.extend(x), lambda x: x.insert(0, 1), lambda x: x.pop(),
    lambda x: x.remove(1), lambda x: x.clear(), lambda x: x.reverse(), lambda x: x.sort(),
]  # fmt: skip


@njit(nogil=True)
def set_first(x):
    x[0] = 5


@njit(nogil=True)
def delete_first(x):
    del x[0]


@njit(nogil=True)
def set_slice(x):
    x[1:] = [8, 9]


@njit(nogil=True)
def in_place(x):
    x += [1]


@njit(nogil=True)
def through_a_call(x):
    append_to(x, 1)


@njit(nogil=True)
def same(x):
    return x


@njit(nogil=True)
def through_a_result(x):
    same(x).append(1)


@njit(nogil=True)
def through_another_container(x):
    [x][0].append(1)


@njit(nogil=True)
def through_a_variable(x):
    y = x
    for i in range(2):
        if i == 1:
            y.append(1)


@njit(nogil=True)
def through_an_inner_function(x):
    def inner():
        x.append(1)

    inner()


@njit(nogil=True)
def through_a_generator(x):
    def items():
        x.append(1)
        yield 1

    for _ in items():
        pass


CHANGING = [
    *(njit(nogil=True)(function) for function in CHANGING),
    set_first, delete_first, set_slice, in_place, through_a_call, through_a_result, through_another_container,
    through_a_variable, through_an_inner_function, through_a_generator,
]  # fmt: skip


@njit(nogil=True)
def shuffle(x):
    random.seed(4)
    for _ in range(3):
        random.shuffle(x)


@njit(nogil=True)
def push_on_heap(x):
    heapq.heappush(x, 1)


@njit(nogil=True)
def set_text(d):
    d["a"] += 1


@njit(nogil=True)
def delete_text(d):
    del d["a"]


@njit(nogil=True)
def hand_over(generator, items):
    generator.send(items)


@njit(nogil=True)
def through_what_is_sent(x):
    def taking():
        got = [0]
        while True:
            sent = yield got
            if sent is not None:
                sent.append(1)

    generator = taking()
    next(generator)
    hand_over(generator, x)


CHANGING += [shuffle, push_on_heap, through_what_is_sent]
CHANGING_DICTS = [
    lambda d: d.pop("a"), lambda d: d.popitem(), lambda d: d.clear(), lambda d: d.update({"c": 1}), lambda d: d.update(c=1),
    lambda d: d.setdefault("c", 1),
]  # fmt: skip
CHANGING_SETS = [
    lambda s: s.add(2), lambda s: s.discard(1), lambda s: s.remove(1), lambda s: s.pop(), lambda s: s.clear(),
    lambda s: s.update([2]), lambda s: s.difference_update([1]), lambda s: s.intersection_update([2]),
    lambda s: s.symmetric_difference_update([1]), lambda s: s.update(s | {2}),
]  # fmt: skip


def texts():
    d = typed.Dict.empty(types.unicode_type, types.int64)
    d["a"], d["b"] = 1, 2
    return d


def int_set():
    s = typed.Set.empty(types.int64)
    s.add(1)
    return s


@pytest.mark.parametrize(
    "make, functions",
    [(numbers, READING), (texts, READING_DICTS), (int_set, READING_SETS)],
    ids=["list", "dict", "set"],
)
def test_what_reads_runs_next_to_what_reads(make, functions):
    items = make()
    before = repr(items)
    with Running(read_for, items):
        for function in functions:
            njit(nogil=True)(function)(items)
    assert repr(items) == before


def three_numbers():
    return typed.List([3, 1, 2])


CHANGES = [
    *((three_numbers, function) for function in CHANGING),
    *((texts, njit(nogil=True)(function)) for function in CHANGING_DICTS),
    (texts, set_text),
    (texts, delete_text),
    *((int_set, njit(nogil=True)(function)) for function in CHANGING_SETS),
]


@pytest.mark.parametrize("idx", range(len(CHANGES)))
def test_what_changes_does_not(idx):
    make, function = CHANGES[idx]
    items = make()
    before = repr(items)
    with Running(read_for, items):
        refused(function, items)
    assert repr(items) == before
    function(items)
    assert repr(items) != before


@pytest.mark.parametrize("kind", ["list", "dict", "set", "texts"])
def test_many_threads(kind, tmp_path):
    """Every call either does all of its work, or is refused and does nothing."""
    output_of(STRESS.replace("KIND", repr(kind)), file=tmp_path / "stress.py")


STRESS = '''
import random, sys, threading
from rumba import njit, typed, types
sys.setswitchinterval(1e-5)
kind = KIND

@njit(nogil=True)
def write_list(items, n):
    for i in range(n):
        items.append(i)
    while len(items) > 2000:
        items.pop()
    return n

@njit(nogil=True)
def read_list(items, n):
    total = 0
    for x in items:
        total += x
    return total

@njit(nogil=True)
def write_dict(d, n):
    for i in range(n):
        d[i * 7 % 1000] = i
        if i % 3 == 0 and i in d:
            del d[i]
    return n

@njit(nogil=True)
def read_dict(d, n):
    total = 0
    for k, v in d.items():
        total += k + v
    return total + (n in d)

@njit(nogil=True)
def write_set(s, n):
    for i in range(n):
        s.add(i * 7 % 1000)
        s.discard(i)
    return n

@njit(nogil=True)
def write_texts(d, n):
    for i in range(n):
        d[str(i % 50)] = "x" * (i % 30)
    return n

@njit(nogil=True)
def read_texts(d, n):
    total = 0
    for k, v in d.items():
        total += len(k) + len(v)
    return total

make, write, read, poke = {
    "list": (lambda: typed.List.empty_list(types.int64), write_list, read_list, lambda c: (c.append(1), c[0], c.pop())),
    "dict": (lambda: typed.Dict.empty(types.int64, types.int64), write_dict, read_dict, lambda c: (c.__setitem__(1, 2), c[1], list(c))),
    "set": (lambda: typed.Set.empty(types.int64), write_set, read_list, lambda c: (c.add(1), list(c))),
    "texts": (lambda: typed.Dict.empty(types.unicode_type, types.unicode_type), write_texts, read_texts, lambda c: (c.__setitem__("a", "b"), c["a"])),
}[kind]
c = make()
for function in (write, read):
    function(c, 1)
done, refused = [0] * 4, [0] * 4

def work(idx):
    rng = random.Random(idx)
    for _ in range(400):
        try:
            rng.choice([lambda: write(c, 300), lambda: read(c, 3), lambda: read(c, 3), lambda: poke(c)])()
            done[idx] += 1
        except RuntimeError as error:
            assert "in use" in str(error), error
            refused[idx] += 1
        except (IndexError, KeyError):
            done[idx] += 1  # between two steps of another thread

threads = [threading.Thread(target=work, args=(idx,)) for idx in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert sum(done) + sum(refused) == 1600 and sum(done) > 0
read(c, 1); write(c, 10); repr(c)
'''

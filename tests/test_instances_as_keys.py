"""Instances of classes as keys of dicts and items of sets, and the comparisons of lists and tuples that hold them."""

import gc
import sys
from dataclasses import dataclass, field

import numpy as np
import pytest
from differential import check
from rumba import errors, int64, njit, types
from rumba.experimental import jitclass
from rumba.typed import Dict


@dataclass(frozen=True)
class Point:
    """Numbers."""

    x: int
    y: float


@dataclass(frozen=True)
class Named:
    """Fields that lie in memory in several ways, and another instance."""

    on: bool
    name: str
    data: bytes
    pair: tuple[int, str]
    small: np.int8
    point: Point
    note: str = field(compare=False, default="")


@dataclass(eq=False)
class Distinct:
    """Each is equal to itself only."""

    x: int


@dataclass(unsafe_hash=True)
class Cell:
    """Another hash than comparison."""

    row: int
    column: int = field(hash=False)


@dataclass
class Mutable:
    """Has no hash."""

    x: int


@jitclass([("x", int64)])
class Node:
    """Each is equal to itself only."""

    def __init__(self, x):
        self.x = x


@jitclass([("x", int64)])
class Compared:
    """Decides itself what it is equal to."""

    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return self.x == other.x

    def __hash__(self):
        return self.x


def make(n):
    return Named(n > 1, "n" * n, b"\0" * n, (n, "é"), np.int8(n), Point(n, -0.0), "ignored")


def counts(n):
    table = {}
    for i in range(n):
        key = Point(i % 7, i % 3 / 2)
        table[key] = table.get(key, 0) + 1
    return list(table.values()), table[Point(0, 0.0)], Point(0, -0.0) in table, Point(7, 0.0) in table, len(table)


def removed(n):
    table = {Point(i, 0.5): i for i in range(n)}
    del table[Point(1, 0.5)]
    popped = table.pop(Point(0, 0.5))
    return popped, table.pop(Point(0, 0.5), -1), [key.x for key in table], table.setdefault(Point(9, 9.0), 5)


def missing(n):
    return {Point(n, 0.5): 1}[Point(n, 1.5)]


def sets(n):
    a = {Point(i, 0.5) for i in range(n)}
    b = {Point(i, 0.5) for i in range(2, n + 2)}
    both = sorted([p.x for p in a & b])
    return len(a | b), both, len(a ^ b), a - b == {Point(0, 0.5), Point(1, 0.5)}, a <= b, a.isdisjoint(b), Point(3, 0.5) in a


def in_tuples(n):
    table = {(Point(n, 0.5), "a"): 1, (Point(n, 0.5), "b"): 2}
    table[Point(n, 0.5), "a"] += 5
    return table[Point(n, 0.5), "a"], len(table), frozenset({Point(n, 0.5)}) == frozenset([Point(n, 0.5)])


def without_hash_of_a_field(n):
    table = {Cell(1, 2): "a", Cell(1, 3): "b"}
    return table[Cell(1, 2)], table[Cell(1, 3)], Cell(1, 4) in table, hash(Cell(1, 2)) == hash(Cell(1, 3)), n


def distinct(n):
    a, b = Distinct(n), Distinct(n)
    table = {a: 1, b: 2}
    return table[a], table[b], len({a, b, a}), Distinct(n) in table


def compared(n):
    points = [Point(i, 0.5) for i in range(n)]
    same = [Point(i, 0.5) for i in range(n)]
    mutable = [Mutable(1), Mutable(n)]
    return (
        points == same,
        points != same,
        points == same[1:],
        (Point(1, 0.5), n) == (Point(1, 0.5), 3),
        mutable == [Mutable(1), Mutable(3)],
        {"a": Point(n, 0.5)} == {"a": Point(n, 0.5)},
        (Distinct(1),) == (Distinct(1),),
        (Point(1, 1.0),) == (Cell(1, 1),),
    )


def hashed(n):
    return hash((Point(n, 0.5), 3)), hash(Point(n, 0.5)), hash(((Point(n, 2.0),), "")) == hash(((Point(n, 2.0),), ""))


@pytest.mark.parametrize(
    "function", [counts, removed, missing, sets, in_tuples, without_hash_of_a_field, distinct, compared, hashed]
)
def test_programs(function):
    check(function, 3)
    check(function, 20)


def test_arguments_and_results():
    table = {make(i): i for i in range(4)}

    @njit
    def look(table, key):
        table[key] += 10
        return table[key], key in table

    assert look(table, make(2)) == (12, True)
    assert table == {make(0): 0, make(1): 1, make(2): 12, make(3): 3}

    @njit
    def built(keys):
        return {key: i for i, key in enumerate(keys)}, {keys[0], keys[0]}

    keys = [make(1), make(2), make(1)]
    made = built(keys)
    assert made == ({make(1): 2, make(2): 1}, {make(1)})
    assert [type(key) for key in made[0]] == [Named, Named]


def test_shared_instances():
    nodes = [Node(i) for i in range(3)]

    @njit
    def look(table, node):
        table[node] = table.get(node, 0) + 1
        return Node(1) in table, [key.x for key in table]

    table = {nodes[0]: 5, nodes[1]: 6}
    assert look(table, nodes[1]) == (False, [0, 1])
    assert look(table, nodes[2]) == (False, [0, 1, 2])
    assert table == {nodes[0]: 5, nodes[1]: 7, nodes[2]: 1}

    @njit
    def visited(start):
        seen = {start}
        seen.add(start)
        seen.add(Node(0))
        return seen

    assert nodes[0] in visited(nodes[0]) and len(visited(nodes[0])) == 2


@dataclass
class Table:
    """Keys in a field."""

    entries: dict[Named, int]
    names: set[Named]


@dataclass(frozen=True)
class Group:
    """Keys in a key."""

    members: frozenset[Point]


def test_keys_in_fields():
    @njit
    def add(table, key):
        table.entries[key] += 1
        table.names.add(key)
        return Table({key: 1}, {key}), Group(frozenset({key.point})), key in table.names

    table = Table({make(i): i for i in range(3)}, {make(5)})
    made = add(table, make(2))
    assert made == (Table({make(2): 1}, {make(2)}), Group(frozenset({Point(2, 0.0)})), True)
    assert table == Table({make(0): 0, make(1): 1, make(2): 3}, {make(2), make(5)})

    @njit
    def look(groups, group):
        return groups[group], Group(frozenset({Point(1, 0.5), Point(2, 0.5)})) in groups

    groups = {Group(frozenset({Point(i, 0.5), Point(i + 1, 0.5)})): i for i in range(3)}
    assert look(groups, Group(frozenset({Point(3, 0.5), Point(2, 0.5)}))) == (2, True)


@dataclass(frozen=True)
class Partial:
    """Sets its field only sometimes."""

    point: Point

    def __init__(self, x):
        if x > 0:
            object.__setattr__(self, "point", Point(x, 0.5))


def test_fields_that_are_not_set():
    @njit
    def f(x):
        return len({Partial(x): 1, Partial(-x): 2, Partial(-2 * x): 3, Partial(x + 0): 4})

    assert f(5) == 2


def test_typed_dicts():
    table = Dict.empty(Node.class_type.instance_type, types.int64)
    node = Node(1)
    table[node] = 4

    @njit
    def look(table, node):
        return table[node]

    assert look(table, node) == 4 and table[node] == 4 and Node(1) not in table


def test_instances_that_are_indices():
    @jitclass([("i", int64)])
    class Index:
        """An index."""

        def __init__(self, i):
            self.i = i

        def __index__(self):
            return self.i

    @njit
    def f(items, i):
        items[Index(i)] = 7
        return items[Index(i)], {Index(i): 2}.get(Index(i))

    assert f([1, 2, 3], 1) == (7, None)


def test_nothing_leaks():
    keys = [make(i) for i in range(4)]

    @njit
    def count(keys):
        table = {}
        for key in keys:
            table[key] = table.get(key, 0) + 1
            table[Named(True, "a" + key.name, b"", (1, key.name), np.int8(3), key.point)] = 1
        return len(table)

    count(keys)
    gc.collect()
    before = [sys.getrefcount(key) for key in keys]
    assert count(keys * 3) == 8
    gc.collect()
    assert [sys.getrefcount(key) for key in keys] == before


@pytest.mark.parametrize(
    ("function", "args"),
    [(lambda x: {Mutable(x): 1}, (1,)), (lambda x: {Compared(x)}, (1,)), (lambda table: len(table), ({Compared(1): 2},))],
)
def test_what_is_no_key(function, args):
    with pytest.raises(errors.TypingError, match=r"(Mutable|Compared|Compared, int64\)) is no key|dict\(Compared, int64\)"):
        njit(function)(*args)


@dataclass(frozen=True)
class Branch:
    """Refers to others of its class."""

    items: "list[Branch]"


@dataclass(frozen=True)
class Loop:
    """Could only hold itself."""

    inner: "Loop"


def test_classes_that_refer_to_themselves():
    with pytest.raises(errors.TypingError, match="instances of Branch refer to others, which `==` cannot follow"):
        njit(lambda a: (a,) == (a,))(Branch([]))

    @njit
    def f(loop):
        return {loop: 1}

    loop = Loop(None)
    object.__setattr__(loop, "inner", loop)
    with pytest.raises(errors.TypingError, match="Loop is no key|Loop in an instance, 16 deep"):
        f(loop)

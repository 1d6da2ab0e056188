"""Dataclasses: made in compiled code, passed in and out, changed in place; expected is what the interpreter does."""

import copy
import dataclasses
import gc
from dataclasses import InitVar, dataclass, field

import numpy as np
import pytest
from rumba import _core, errors, njit, typeof, types
from rumba.experimental import jitclass


@dataclass
class Point:
    x: float
    y: float = 0.5

    def norm(self):
        return (self.x * self.x + self.y * self.y) ** 0.5

    @property
    def total(self):
        return self.x + self.y

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)


@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int = 0
    tag: str = "final"

    def bump(self):
        return Version(self.major, self.minor + 1, tag="next")


@dataclass
class Segment:
    start: Point
    end: Point
    label: str = "s"
    weights: list[float] = field(default_factory=list)
    marks: list[int] = field(default_factory=lambda: [1, 2])
    length: float = field(init=False, default=0.0)
    scale: int = field(default=3, kw_only=True)
    note: str = field(default="", repr=False, compare=False)

    def __post_init__(self):
        self.length = self.length_of()

    def length_of(self):
        return self.end.x - self.start.x


@dataclass
class Untyped:
    values: np.ndarray
    anything: object = 2


@dataclass(slots=True)
class Slotted:
    n: int
    text: str


@dataclass(eq=False)
class Identical:
    n: int


@dataclass
class Base:
    a: int
    kind = "base"

    def describe(self):
        return self.a * 10 + self.more()

    def more(self):
        return 1


@dataclass
class Derived(Base):
    b: int = 4

    def more(self):
        return self.b + super().more()


@dataclass
class Tree:
    key: int
    left: "Tree | None" = None
    right: "Tree | None" = None

    def insert(self, key):
        if key < self.key:
            if self.left is None:
                self.left = Tree(key)
            else:
                self.left.insert(key)
        elif self.right is None:
            self.right = Tree(key)
        else:
            self.right.insert(key)

    def total(self):
        left = 0 if self.left is None else self.left.total()
        return self.key + left + (0 if self.right is None else self.right.total())


@dataclass(frozen=True)
class Normalised:
    x: float
    y: float
    length: float = field(init=False, default=0.0)

    def __post_init__(self):
        length = (self.x**2 + self.y**2) ** 0.5
        object.__setattr__(self, "length", length)
        object.__setattr__(self, "x", self.x / length)


@dataclass
class Leg:
    start: Point
    end: Point | None = None


@dataclass
class Scaled:
    x: float
    factor: InitVar[float]
    y: float = 1.0
    more: InitVar[int] = 2

    def __post_init__(self, factor, more):
        self.x *= factor
        self.y += more


CASES = []


def case(*inputs):
    """Registers a function with its inputs; those are compared afterwards, too."""

    def register(function):
        CASES.extend(pytest.param(function, args, id=f"{function.__name__}-{n}") for n, args in enumerate(inputs))
        return function

    return register


def outcome(function, args):
    args = copy.deepcopy(args)
    try:
        return function(*args), args
    except Exception as error:  # noqa: BLE001
        return (type(error), str(error)), args


@pytest.mark.parametrize(("function", "args"), CASES)
def test_cases(function, args):
    compiled = njit(function)
    expected = outcome(function, args)
    assert_same(outcome(compiled, args), expected)
    gc.collect()
    before = _core.live_allocations()
    assert_same(outcome(compiled, args), expected)
    gc.collect()
    assert _core.live_allocations() == before


def assert_same(value, expected):
    if dataclasses.is_dataclass(expected) and not isinstance(expected, type):
        assert type(value) is type(expected)
        for f in dataclasses.fields(expected):
            assert_same(getattr(value, f.name), getattr(expected, f.name))
    elif isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(value, expected)
    elif isinstance(expected, (tuple, list)):
        assert type(value) is type(expected)
        assert len(value) == len(expected)
        for part, other in zip(value, expected, strict=True):
            assert_same(part, other)
    elif isinstance(expected, dict):
        assert_same(list(value.items()), list(expected.items()))
    else:
        assert value == expected
        kinds = [type(v.item() if isinstance(v, np.generic) else v) for v in (value, expected)]
        assert kinds[0] is kinds[1]


@case((1.5,), (-2.0,))
def made_inside(x):
    p = Point(x)
    q = Point(y=x, x=2.0)
    p.x += 1.0
    s = p + q
    return p, q, s, s.norm(), s.total, p == q, p == Point(x + 1.0, 0.5), p != q


@case((Point(1.0, 2.0), 3.0))
def changed(p, by):
    p.x += by
    return p.x


@case((Point(1.0, 2.0),))
def returned(p):
    p.y = 7.0
    return p


@case((Point(1.0, 2.0),))
def changed_before_an_exception(p):
    p.x = 5.0
    raise ValueError("so")


@case(([Point(1.0, 2.0), Point(3.0, 4.0)], 2.0))
def in_a_list(points, factor):
    for p in points:
        p.x *= factor
    points.append(Point(0.5))
    return sum([p.total for p in points])


@case(((Point(1.0, 2.0), 3.0), {"a": Point(0.0)}))
def in_tuples_and_dicts(pair, table):
    pair[0].x += pair[1]
    table["a"].y = 9.0
    table["b"] = pair[0]
    return table["b"].x


@case((Version(1, 2),), (Version(3, 0, "rc"),))
def frozen(v):
    w = v.bump()
    return w, v < w, v <= v, v > w, w >= v, v == w, w == Version(v.major, v.minor + 1, "next"), str(v), repr(w), f"{w}"


@case((Version(1, 2),))
def hashed(v):
    return hash(v) == hash(Version(v.major, v.minor, v.tag)), hash(v) == hash((v.major, v.minor, v.tag))


@case((2.0,))
def nested(x):
    s = Segment(Point(0.0, 1.0), Point(x), scale=4)
    s.weights.append(x)
    s.start.x = 1.0
    t = Segment(Point(0.0, 1.0), Point(x), "t", [1.0, 2.0], note="n")
    u = Segment(Point(0.0, 1.0), Point(x), "t", [1.0, 2.0])
    return s, t, s.length, s.length_of(), s == t, t == u, s.start == Point(1.0, 1.0), len(t.weights), repr(s)


@case((Segment(Point(0.0), Point(2.0), weights=[1.0]),))
def nested_argument(s):
    s.end.x = 8.0
    s.weights.append(2.0)
    s.label = s.label + "!"
    s.start = Point(5.0, 6.0)
    return s.length_of(), s.label


@case((Untyped(np.arange(3.0)), 5), (Untyped(np.arange(3), "text"), 5), (Untyped(np.ones((2, 2)), 1.5), 5))
def types_of_values(u, n):
    u.values[0] = n
    return u.anything, u.values.sum() * 2


@case((Slotted(3, "abc"),))
def with_slots(s):
    s.n += len(s.text)
    s.text = "x" + s.text
    return Slotted(s.n, s.text)


@case((Derived(1, 2),), (Derived(5),))
def inherited(d):
    return d.describe(), Derived(a=3).describe(), Base(2).describe(), d.kind, isinstance(d, Base), isinstance(d, Point)


@case((4,))
def compared_by_identity(n):
    a, b = Identical(n), Identical(n)
    c = a
    return a == b, a == c, a != b, a is b


@case((3,), (0,))
def optional_instance(n):
    found = None
    for i in range(n):
        found = Point(i * 1.0, 2.0)
    if found is None:
        return 0.0
    return found.total


@case((Tree(5, Tree(3), Tree(8, None, Tree(9))), [4, 1, 7]))
def tree(root, keys):
    for key in keys:
        root.insert(key)
    other = Tree(1)
    other.insert(2)
    return root.total(), other, root.left.left.key


@case((2.0,))
def parameters_of_init(x):
    return Scaled(x, 3.0), Scaled(x, 2.0, 5.0, 7), Scaled(x, more=1, factor=0.5)


@case((Leg(Point(1.0)), Leg(Point(1.0), Point(2.0))))
def compared_where_something_is_missing(a, b):
    c = Leg(Point(1.0), Point(2.0))
    same = Leg(Point(1.0))
    return a == b, b == c, a == same, a != b, a.end == b.end, b.end == c.end, a.end != same.end, b.end == Point(2.0), a.end == Point(0.0)


@case((Version(1, 2), Segment(Point(0.0), Point(2.0))))
def replaced(v, s):
    t = dataclasses.replace(s, end=Point(5.0), label="t")
    return dataclasses.replace(v, minor=7), t, t.length, t.start is s.start, dataclasses.replace(v)


@case((3.0,))
def frozen_and_set_by_itself(x):
    return Normalised(x, 4.0)


def test_long_chains():
    @njit
    def total(node):
        result = 0
        while node is not None:
            result += node.key
            node.key = 0
            node = node.right
        return result

    def chain(n):
        node = None
        for i in range(n):
            node = Tree(i, None, node)
        return node

    node = chain(100_000)
    assert total(node) == sum(range(100_000))
    assert node.right.right.key == 0

    @njit
    def turned(node):
        before = None
        while node is not None:
            node.right, before, node = before, node, node.right
        return before

    last = turned(node)
    assert node.right is None
    n = 0
    while last is not None:
        last, n = last.right, n + 1
    assert n == 100_000

    @njit
    def made(n):
        node = None
        for i in range(n):
            node = Tree(i, node)
        return node

    assert made(100_000).left.left.key == 99_997


def test_an_annotation_that_does_not_hold():
    @njit
    def read(tree):
        return tree.key

    with pytest.raises(TypeError, match="in field 'key' of Tree is no int64"):
        read(Tree(1, Tree("text")))


def test_trees_are_not_compared():
    @njit
    def same(a, b):
        return a == b

    with pytest.raises(errors.TypingError, match="instances of Tree refer to others, which `==` cannot follow"):
        same(Tree(1), Tree(1))


@dataclass
class Ring:
    inner: "Ring"


def test_a_ring_has_no_text():
    @njit
    def text(ring):
        return str(ring)

    ring = Ring(None)
    ring.inner = ring
    with pytest.raises(errors.TypingError, match="instances of Ring refer to others, which `repr` cannot follow"):
        text(ring)


def test_a_circle():
    @njit
    def turn(node, n):
        for _ in range(n):
            node.key += 1
            node = node.right
        return node

    a, b = Tree(0), Tree(10)
    a.right, b.right = b, a
    assert turn(a, 3) is b
    assert (a.key, b.key) == (2, 11)


def test_an_argument_is_one_instance():
    @njit
    def change(a, b):
        a.x = 9.0
        return b.x, a is b

    p = Point(1.0)
    assert change(p, p) == (9.0, True)
    assert change(p, Point(2.0)) == (2.0, False)


def test_what_is_not_changed_stays():
    @njit
    def read(p):
        return p.x

    p = Point(1, 2)
    assert read(p) == 1.0
    assert type(p.x) is int


def test_types():
    assert str(typeof(Point(1.0))) == "Point(x: float64, y: float64)"
    assert typeof(Point(1)) == typeof(Point(2.0))
    assert typeof(Untyped(np.zeros(2))) != typeof(Untyped(np.zeros(2), 1.5))


def test_many_instances():
    @njit
    def double(points):
        for p in points:
            p.x *= 2.0

    points = [Point(float(i)) for i in range(20_000)]
    double(points)
    assert points[7].x == 14.0


def test_a_frozen_instance_is_not_assigned():
    @njit
    def change(v):
        v.major = 2

    with pytest.raises(errors.TypingError, match="Version is frozen"):
        change(Version(1))


def test_what_cannot_be_replaced():
    @njit
    def change(p):
        return dataclasses.replace(p, z=1.0)

    with pytest.raises(errors.TypingError, match="cannot change this of Point"):
        change(Point(1.0))


def test_a_field_without_a_type():
    @njit
    def read(u):
        return u.anything

    with pytest.raises(errors.RumbaError, match="an instance of Untyped with"):
        read(Untyped(np.zeros(1), object()))


def test_instances_without_end():
    @dataclass
    class Loop:
        inner: object = None

    loop = Loop()
    loop.inner = loop
    with pytest.raises(errors.RumbaError, match="16 deep"):
        typeof(loop)


def test_text_that_a_shared_instance_keeps():
    @jitclass([("names", types.ListType(types.unicode_type))])
    class Keeper:
        def __init__(self):
            self.names = [""]

        def keep(self, names):
            self.names = names

    keeper = Keeper()

    def fill():
        names = [f"name {i} of many" for i in range(50)]
        keeper.keep(names)
        names.clear()

    fill()
    gc.collect()
    assert [f"other {i} of all" for i in range(500)]

    @njit
    def longest(keeper):
        return max([len(name) for name in keeper.names]), keeper.names[7] + "!"

    assert longest(keeper) == (15, "name 7 of many!")

"""Classes: each program runs with the class as it is, with the jitclass in the interpreter, and compiled."""

import copy
import gc
import pickle

import numpy as np
import pytest
from differential import check
from hypothesis import given
from hypothesis import strategies as st
from rumba import _core, deferred_type, errors, float64, from_dtype, int64, njit, optional, typed, typeof, types
from rumba.experimental import jitclass

PROGRAMS = []


def program(*inputs):
    """Registers a function that defines a class by a given decorator, and gives a program that uses it."""

    def register(make):
        PROGRAMS.extend(pytest.param(make, args, id=f"{make.__name__}-{n}") for n, args in enumerate(inputs))
        return make

    return register


def plain(spec=None):
    return lambda cls: cls


def outcome(function, args):
    try:
        return function(*copy.deepcopy(args))
    except Exception as error:  # noqa: BLE001
        return type(error), str(error)


@pytest.mark.parametrize(("make", "args"), PROGRAMS)
def test_programs(make, args):
    expected = outcome(make(plain), args)
    assert_same(outcome(make(jitclass), args), expected)
    compiled = njit(make(jitclass))
    assert_same(outcome(compiled, args), expected)
    gc.collect()
    before = _core.live_allocations()
    assert_same(outcome(compiled, args), expected)
    gc.collect()
    assert _core.live_allocations() == before


def assert_same(value, expected):
    if isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(value, expected)
    elif isinstance(expected, tuple):
        assert isinstance(value, tuple)
        assert len(value) == len(expected)
        for part, other in zip(value, expected, strict=True):
            assert_same(part, other)
    else:
        assert value == expected
        # Compiled code gives Python's numbers where NumPy gives scalars.
        kinds = [type(v.item() if isinstance(v, np.generic) else v) for v in (value, expected)]
        assert kinds[0] is kinds[1]


@program((3.0, 5), (0.5, 0))
def counter(decorate):
    @decorate([("total", float64), ("calls", int64)])
    class Counter:
        def __init__(self, total, calls=0):
            self.total = total
            self.calls = calls

        def add(self, amount=1.0):
            self.total += amount
            self.calls += 1
            return self.total

    def run(start, n):
        counter = Counter(start)
        for i in range(n):
            counter.add(i * 0.5)
            counter.add(amount=2.0)
        counter.add()
        other = Counter(calls=7, total=1.0)
        return counter.total, counter.calls, other.calls

    return run


@program((6,), (0,))
def particle(decorate):
    @decorate([("position", float64[:]), ("velocity", float64[:]), ("time", float64)])
    class Particle:
        def __init__(self, n):
            self.position = np.zeros(n)
            self.velocity = np.arange(n) * 1.0
            self.time = 0.0

        def step(self, dt):
            for i in range(self.position.shape[0]):
                self.position[i] += self.velocity[i] * dt
            self.time += dt

    def run(n):
        particle = Particle(n)
        for _ in range(10):
            particle.step(0.25)
        for i in range(n):
            particle.position[i] *= 2.0
        return particle.position, particle.position.sum(), particle.time

    return run


@program((1,), (1000,))
def linked_list(decorate):
    node_type = deferred_type()

    @decorate([("value", int64), ("next", optional(node_type))])
    class Node:
        def __init__(self, value):
            self.value = value
            self.next = None

        def prepend(self, value):
            new = Node(value)
            new.next = self
            return new

    if hasattr(Node, "class_type"):
        node_type.define(Node.class_type.instance_type)

    def run(n):
        head = Node(0)
        for i in range(1, n):
            head = head.prepend(i)
        total, count, node = 0, 0, head
        while node is not None:
            total += node.value * count
            count += 1
            node = node.next
        return total, count, head.value

    return run


@program(([5, 3, 8, 1, 4, 7, 9, 2, 6],), ([1],))
def tree(decorate):
    tree_type = deferred_type()

    @decorate({"key": int64, "left": optional(tree_type), "right": optional(tree_type)})
    class Tree:
        def __init__(self, key):
            self.key = key
            self.left = None
            self.right = None

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

        def __contains__(self, key):
            node = self
            while node is not None:
                if node.key == key:
                    return True
                node = node.left if key < node.key else node.right
            return False

        def depth(self):
            left = 0 if self.left is None else self.left.depth()
            right = 0 if self.right is None else self.right.depth()
            return 1 + max(left, right)

    if hasattr(Tree, "class_type"):
        tree_type.define(Tree.class_type.instance_type)

    def run(keys):
        root = Tree(keys[0])
        for key in keys[1:]:
            root.insert(key)
        return root.depth(), 4 in root, 10 in root, 10 not in root

    return run


@program((1.5, -2.0))
def arithmetic(decorate):
    @decorate([("x", float64), ("y", float64)])
    class Vector:
        def __init__(self, x, y):
            self.x = x
            self.y = y

        def __add__(self, other):
            return Vector(self.x + other.x, self.y + other.y)

        def __sub__(self, other):
            return Vector(self.x - other.x, self.y - other.y)

        def __mul__(self, factor):
            return Vector(self.x * factor, self.y * factor)

        def __rmul__(self, factor):
            return Vector(factor * self.x, factor * self.y)

        def __matmul__(self, other):
            return self.x * other.x + self.y * other.y

        def __truediv__(self, divisor):
            return Vector(self.x / divisor, self.y / divisor)

        def __rtruediv__(self, dividend):
            return Vector(dividend / self.x, dividend / self.y)

        def __floordiv__(self, divisor):
            return Vector(self.x // divisor, self.y // divisor)

        def __mod__(self, divisor):
            return Vector(self.x % divisor, self.y % divisor)

        def __pow__(self, exponent):
            return Vector(self.x**exponent, self.y**exponent)

        def __iadd__(self, other):
            self.x += other.x
            self.y += other.y
            return self

        def __neg__(self):
            return Vector(-self.x, -self.y)

        def __pos__(self):
            return Vector(+self.x, +self.y)

        def __abs__(self):
            return (self.x**2 + self.y**2) ** 0.5

        def __eq__(self, other):
            return self.x == other.x and self.y == other.y

        def __lt__(self, other):
            return abs(self) < abs(other)

        def __le__(self, other):
            return abs(self) <= abs(other)

    def run(a, b):
        v, w = Vector(a, b), Vector(2 * b, a)
        both = v + w
        v += w
        s = 2.0 * (v - w) * 3
        q = s / 2.0 // 0.75 % 2.0
        r = 1.0 / v
        p = (-v) ** 2
        v -= w
        return (
            (both.x, both.y, v.x, v.y, s.x, s.y, q.x, q.y, r.x, r.y, p.x, p.y, (+p).x, abs(v), v @ w),
            (v == w, v != w, v == v, v < w, v > w, v <= w, v >= w),
        )

    return run


@program((12, 10))
def bits(decorate):
    @decorate([("bits", int64)])
    class Bits:
        def __init__(self, bits):
            self.bits = bits

        def __and__(self, other):
            return Bits(self.bits & other.bits)

        def __or__(self, other):
            return Bits(self.bits | other.bits)

        def __xor__(self, other):
            return Bits(self.bits ^ other.bits)

        def __lshift__(self, n):
            return Bits(self.bits << n)

        def __rshift__(self, n):
            return Bits(self.bits >> n)

        def __rlshift__(self, n):
            return n << self.bits

        def __ilshift__(self, n):
            self.bits <<= n
            return self

        def __invert__(self):
            return Bits(~self.bits)

        def __int__(self):
            return self.bits

        def __index__(self):
            return self.bits

        def __float__(self):
            return self.bits + 0.5

        def __complex__(self):
            return self.bits + 0.5j

        def __bool__(self):
            return self.bits != 0

        def __hash__(self):
            return hash(self.bits)

        def __len__(self):
            return self.bits % 7

        def __str__(self):
            return "bits " + str(self.bits)

        def __call__(self, n):
            return self.bits + n

    def run(a, b):
        x, y = Bits(a), Bits(b)
        z = (x & y) | (x ^ y) << 2 >> 1
        x <<= 1
        items = [10, 20, 30, 40, 50]
        truth = (1 if z else 0) + (2 if not Bits(0) else 0)
        return (
            (z.bits, x.bits, (~x).bits, 1 << y, int(x), float(x), complex(x), truth, hash(y), len(x)),
            (str(z), f"{y}", z(5), items[Bits(3)], bool(x), bool(Bits(0))),
        )

    return run


@program((4,))
def container(decorate):
    @decorate([("data", float64[::1]), ("size", int64)])
    class Stack:
        def __init__(self, capacity):
            self.data = np.empty(capacity)
            self.size = 0

        def push(self, value):
            if self.size == len(self.data):
                raise OverflowError("full")
            self.data[self.size] = value
            self.size += 1

        def __len__(self):
            return self.size

        def __getitem__(self, index):
            if index >= self.size:
                raise IndexError("no such item")
            return self.data[index]

        def __setitem__(self, index, value):
            self.data[index] = value

        def __contains__(self, value):
            for i in range(self.size):
                if self.data[i] == value:
                    return True
            return False

        def __iter__(self):
            for i in range(self.size):
                yield self.data[i]

        def pairs(self, factor):
            for i in range(self.size):
                yield i, self.data[i] * factor

    def run(n):
        stack = Stack(n)
        for i in range(n):
            stack.push(i + 0.5)
        stack[0] = 9.0
        stack[1] += 1.0
        caught = 0
        try:
            stack.push(1.0)
        except OverflowError:
            caught += 1
        try:
            stack[n]
        except IndexError:
            caught += 2
        total = 0.0
        for item in stack:
            total += item
        for i, item in stack.pairs(3.0):
            total += i * item
        return len(stack), stack[0], stack[1], total, sum([x for x in stack]), 9.0 in stack, 10.0 not in stack, caught

    return run


@program((2.0,))
def properties(decorate):
    @decorate([("_radius", float64), ("__hidden", int64)])
    class Circle:
        SCALE = 4
        NAMES = ("a", "b")

        def __init__(self, radius):
            self._radius = radius
            self.__hidden = 3

        @property
        def radius(self):
            return self._radius

        @radius.setter
        def radius(self, value):
            if value < 0:
                raise ValueError("negative")
            self._radius = value

        @property
        def hidden(self):
            return self.__hidden * self.SCALE

        @staticmethod
        def double(x):
            return x * 2

        def scaled(self):
            return self.double(self._radius) + Circle.double(1.0) + Circle.SCALE + len(self.NAMES)

    def run(radius):
        circle = Circle(radius)
        circle.radius = radius + 1
        circle.radius += 0.5
        caught = False
        try:
            circle.radius = -1.0
        except ValueError:
            caught = True
        return circle.radius, circle.hidden, circle.scaled(), Circle.double(3), caught

    return run


@program((5,))
def class_methods(decorate):
    @decorate([("n", int64)])
    class Made:
        STEP = 3

        def __init__(self, n):
            self.n = n

        @classmethod
        def step(cls, n):
            return cls.STEP * n

        def go(self):
            return self.step(self.n) + Made.step(1)

    def run(n):
        return Made(n).go(), Made.step(2), Made(1).step(4)

    return run


@program((3,))
def mixins(decorate):
    class Named:
        def describe(self):
            return self.size() * 10

    class Sized(Named):
        def size(self):
            return 1

    @decorate([("n", int64)])
    class Thing(Sized):
        def __init__(self, n):
            self.n = n

        def size(self):
            return self.n

    def run(n):
        return Thing(n).describe(), Thing(n).size()

    return run


@program(("ab", 3), ("", 0))
def fields_of_all_types(decorate):
    @decorate(
        [
            ("name", types.unicode_type),
            ("items", types.ListType(float64)),
            ("counts", types.DictType(types.unicode_type, int64)),
            ("seen", types.Set(int64)),
            ("pair", types.Tuple([int64, types.unicode_type])),
            ("maybe", optional(float64)),
            ("small", types.int8),
            ("flag", types.boolean),
            ("z", types.complex128),
        ]
    )
    class Everything:
        def __init__(self, name, n):
            self.name = name + "!"
            self.items = []
            self.counts = {}
            self.seen = {1, 2}
            self.pair = (n, name)
            self.maybe = None
            self.small = n
            self.flag = n > 1
            self.z = n + 1j
            for i in range(n):
                self.items.append(i)
                self.counts[name + str(i)] = i
                self.seen.add(i * 3)
                self.maybe = i * 0.5

    def run(name, n):
        e = Everything(name, n)
        e.items.append(7.5)
        e.name += "?"
        total = 0.0
        for item in e.items:
            total += item
        maybe = -1.0 if e.maybe is None else e.maybe
        return e.name, total, len(e.counts), len(e.seen), e.pair[0], e.pair[1], maybe, e.small, e.flag, e.z

    return run


@program((5,))
def classes_in_containers(decorate):
    @decorate([("weight", float64), ("count", int64)])
    class Item:
        def __init__(self, weight):
            self.weight = weight
            self.count = 0

        def use(self):
            self.count += 1
            return self

    def run(n):
        items = [Item(i * 0.5) for i in range(n)]
        by_name = {"a": items[0], "b": items[1]}
        pair = (items[1], items[2])
        for item in items:
            item.use().use()
        by_name["b"].use()
        pair[0].use()
        items.reverse()
        first = items.pop()
        del items[0]
        same = by_name["b"] is pair[0], first is by_name["a"], first is items[0], first is not pair[1]
        return sum([item.count for item in items]), by_name["b"].count, first.count, same

    return run


@program((2.0,))
def classes_in_classes(decorate):
    @decorate([("value", float64)])
    class Inner:
        def __init__(self, value):
            self.value = value

    @decorate([("inner", Inner.class_type.instance_type if hasattr(Inner, "class_type") else None), ("n", int64)])
    class Outer:
        def __init__(self, value):
            self.inner = Inner(value)
            self.n = 1

        def swap(self, other):
            self.inner, other.inner = other.inner, self.inner

    def run(value):
        a, b = Outer(value), Outer(value * 3)
        a.swap(b)
        a.inner.value += 1
        inner = a.inner
        a.inner = Inner(0.0)
        return a.inner.value, b.inner.value, inner.value

    return run


@program((0,), (1,), (2,))
def exceptions_while_made(decorate):
    @decorate([("text", types.unicode_type), ("values", float64[:])])
    class Checked:
        def __init__(self, n):
            self.text = str(n)
            self.values = np.ones(n)
            if n == 1:
                raise ValueError("one")
            self.values[0] = 2.0

    def run(n):
        return Checked(n).values.sum()

    return run


@program((3,))
def equality_without_a_method(decorate):
    @decorate([("n", int64)])
    class Plain:
        def __init__(self, n):
            self.n = n

        def __enter_nothing__(self):
            return 0

    def run(n):
        a, b = Plain(n), Plain(n)
        c = a
        none = None
        return a == b, a != b, a == c, a is c, a is b, a == none, a != none, 1 if a else 0

    return run


# From the interpreter.


@jitclass([("x", float64), ("n", int64), ("name", types.unicode_type), ("data", float64[:]), ("flag", types.boolean)])
class Sample:
    """A sample."""

    def __init__(self, x, n=2):
        self.x = x
        self.n = n
        self.name = "sample"
        self.data = np.zeros(n)

    def grow(self, by):
        self.x += by
        return self

    def __eq__(self, other):
        return self.x == other.x

    def __repr__(self):
        return f"Sample({self.x})"


ring_type = deferred_type()


@jitclass([("value", int64), ("next", optional(ring_type))])
class Ring:
    def __init__(self, value):
        self.value = value


ring_type.define(Ring.class_type.instance_type)


def test_attributes():
    sample = Sample(1)
    assert (sample.x, sample.n, sample.name, sample.flag) == (1.0, 2, "sample", False)
    assert type(sample.x) is float
    sample.x = 3
    sample.n = 2.75
    sample.name = "other"
    sample.data = np.arange(4.0)
    sample.flag = True
    assert (sample.x, sample.n, sample.name, sample.flag) == (3.0, 2, "other", True)
    np.testing.assert_array_equal(sample.data, [0, 1, 2, 3])
    with pytest.raises(TypeError, match="'x' of 'Sample'"):
        sample.x = "text"
    with pytest.raises(TypeError, match="'data' of 'Sample'"):
        sample.data = np.arange(4)
    with pytest.raises(AttributeError):
        sample.y = 1
    with pytest.raises(AttributeError):
        sample.y  # noqa: B018
    with pytest.raises(AttributeError):
        del sample.x
    assert sample.x == 3.0


def test_objects():
    sample = Sample(1.5, n=3)
    assert isinstance(sample, Sample)
    assert repr(sample) == "Sample(1.5)"
    assert sample.grow(1.0) is sample
    assert sample == Sample(2.5)
    assert Sample.__doc__ == "A sample."
    assert str(typeof(sample)) == "Sample"
    assert pickle.loads(pickle.dumps(typeof(sample))) == typeof(sample)
    assert list(Sample.class_type.struct) == ["x", "n", "name", "data", "flag"]
    with pytest.raises(TypeError):
        Sample()
    with pytest.raises(TypeError):
        _core.Instance()


def test_copies():
    sample = Sample(1.5, n=3)
    for other in (copy.copy(sample), copy.deepcopy(sample), pickle.loads(pickle.dumps(sample))):
        assert other is not sample
        assert (other.x, other.n, other.name) == (1.5, 3, "sample")
        other.x = 7.0
        assert sample.x == 1.5


def test_copies_of_a_circle():
    a, b = Ring(1), Ring(2)
    a.next, b.next = b, a
    for other in (copy.deepcopy(a), pickle.loads(pickle.dumps(a))):
        assert other.next.next is other
        assert (other.value, other.next.value) == (1, 2)
        other.next = None
    a.next = None


SHARED = Ring(5)


def test_a_global_instance():
    @njit
    def count():
        SHARED.value += 1
        return SHARED

    assert count() is SHARED
    count()
    assert SHARED.value == 7


def test_an_instance_is_one_object():
    keep = []
    sample = Sample(1.0)

    @njit
    def same(a, b):
        return a, b, (a, [a])

    a, b, (c, d) = same(sample, sample)
    assert a is b is c is d[0] is sample
    keep.append(same(Sample(2.0), sample)[0])
    assert keep[0].x == 2.0


def test_instances_are_shared():
    @njit
    def change(samples, by):
        for sample in samples:
            sample.grow(by)
            sample.data[0] = by

    samples = [Sample(float(i)) for i in range(3)]
    data = samples[1].data
    change(samples, 2.0)
    assert [sample.x for sample in samples] == [2.0, 3.0, 4.0]
    assert data[0] == 2.0
    items = typed.List.empty_list(Sample.class_type.instance_type)
    items.append(samples[0])
    change(items, 1.0)
    assert samples[0].x == 3.0
    assert items[0] is samples[0]


def test_containers_in_fields_are_shared():
    @jitclass([("items", types.ListType(int64)), ("table", types.DictType(int64, float64))])
    class Holder:
        def __init__(self):
            self.items = [1]
            self.table = {1: 2.0}

        def total(self):
            return sum(self.items) + len(self.table)

    holder = Holder()
    holder.items.append(5)
    holder.table[7] = 1.0
    assert holder.total() == 8
    assert isinstance(holder.items, typed.List)
    holder.items = typed.List([1, 2, 3])
    assert holder.total() == 8
    with pytest.raises(TypeError, match=r"rumba\.typed"):
        holder.items = [1, 2]


def test_fields_of_rare_types_that_are_not_set():
    record = np.dtype([("a", "f4"), ("b", "i8")])
    fields = {
        "empty": types.Tuple([]),
        "pair": types.Tuple([types.unicode_type, float64[:]]),
        "record": from_dtype(record),
        "records": from_dtype(record)[:],
        "time": types.NPDatetime("s"),
        "nothing": types.none,
        "maybe": optional(types.ListType(int64)),
        "generator": typeof(np.random.default_rng(0)),
        "number": float64[...],
    }

    @jitclass(fields)
    class Rare:
        def __init__(self):
            pass

        def get_record(self):
            return self.record.a

        def get_number(self):
            return self.number[()]

        def size(self):
            return len(self.pair[0]) + len(self.pair[1]) + len(self.records)

    rare = Rare()
    assert (rare.empty, rare.nothing, rare.maybe, rare.size()) == ((), None, None, 0)
    assert rare.time == np.datetime64(0, "s")
    assert rare.pair[0] == ""
    for name in ("record", "generator", "number"):
        with pytest.raises(AttributeError, match=f"'{name}' of 'Rare' has not been set"):
            getattr(rare, name)
    for method in (rare.get_record, rare.get_number):
        with pytest.raises(AttributeError, match="has not been set"):
            method()
    rare.record = np.ones(2, record)[1]
    rare.number = np.array(2.5)
    assert (rare.get_record(), rare.get_number()) == (1.0, 2.5)


def test_fields_that_are_not_set():
    @jitclass([("x", float64), ("data", float64[:]), ("name", types.unicode_type), ("items", types.ListType(int64))])
    class Unset:
        def __init__(self):
            pass

        def size(self):
            return self.data.sum() + len(self.name) + self.x

        def first(self):
            return self.items[0]

    unset = Unset()
    assert (unset.x, len(unset.data), unset.name, unset.size()) == (0.0, 0, "", 0.0)
    with pytest.raises(AttributeError, match="'items' of 'Unset' has not been set"):
        unset.items  # noqa: B018
    with pytest.raises(AttributeError, match="'items' of 'Unset' has not been set"):
        unset.first()
    assert copy.copy(unset).x == 0.0


def test_annotations():
    @jitclass
    class Annotated:
        x: float
        n: int
        items: list[float]
        table: dict[str, int]
        maybe: float | None
        sample: Sample
        data: float64[:]

        def __init__(self, n):
            self.n = n
            self.x = n
            self.items = [0.5]
            self.table = {"a": n}
            self.maybe = None
            self.sample = Sample(1.0)
            self.data = np.ones(n)

    annotated = Annotated(3)
    assert annotated.x == 3.0
    assert annotated.maybe is None
    annotated.maybe = 2
    assert annotated.maybe == 2.0
    assert annotated.items[0] == 0.5
    assert annotated.table["a"] == 3
    assert annotated.sample.name == "sample"


def test_inheritance_from_a_jitclass():
    @jitclass([("x", float64)])
    class Base:
        def __init__(self, x):
            self.x = x

        def twice(self):
            return 2 * self.value()

        def value(self):
            return self.x

    @jitclass([("y", float64)])
    class Derived(Base):
        def __init__(self, x, y):
            self.x = x
            self.y = y

        def value(self):
            return self.x + self.y

    @njit
    def ask(thing):
        return thing.twice(), isinstance(thing, Base), isinstance(thing, Derived)

    derived = Derived(1.0, 2.0)
    assert derived.twice() == 6.0
    assert ask(derived) == (6.0, True, True)
    assert ask(Base(4.0)) == (8.0, True, False)
    assert isinstance(derived, Base)


def inheritance(decorate):
    class Mixin:
        def __init__(self, scale):
            super().__init__()
            self.scale = scale

        def area(self):
            return self.scale * 100.0

        @property
        def label(self):
            return "mixin"

    @decorate([("scale", float64), ("x", float64)])
    class Shape(Mixin):
        def __init__(self, x, scale=2.0):
            super().__init__(scale)
            self.x = x

        def area(self):
            return super().area() + self.x

        @property
        def label(self):
            return super().label + "/shape"

    @decorate([("y", float64)])
    class Box(Shape):
        def __init__(self, x, y):
            super().__init__(x, scale=3.0)
            self.y = y

        def area(self):
            return super().area() * self.y

        @property
        def label(self):
            return super().label + "/box"

    def run(x, y):
        shape, box = Shape(x), Box(x, y)
        return shape.area(), box.area(), shape.label, box.label, box.scale

    return run


def test_super():
    expected = inheritance(plain)(1.5, 2.0)
    assert expected == (201.5, 603.0, "mixin/shape", "mixin/shape/box", 3.0)
    assert inheritance(jitclass)(1.5, 2.0) == expected
    assert njit(inheritance(jitclass))(1.5, 2.0) == expected


def test_specs_that_are_refused():
    with pytest.raises(TypeError, match="`x` of Clash is a field, and something else"):

        @jitclass([("x", float64)])
        class Clash:
            def x(self):
                return 1

    with pytest.raises(TypeError, match="is no type"):

        @jitclass([("x", 3)])
        class NoType:
            pass

    with pytest.raises(TypeError, match="pairs"):

        @jitclass(["x"])
        class NoPair:
            pass

    with pytest.raises(TypeError, match="the annotation of `x`"):

        @jitclass
        class NoTypeInAnnotation:
            x: object


def test_a_type_that_stays_deferred():
    later = deferred_type()

    @jitclass([("next", optional(later))])
    class Unfinished:
        def __init__(self):
            self.next = None

    with pytest.raises(TypeError, match="not defined yet"):
        Unfinished()


MISTAKES = []


def mistake(code, text):
    def register(function):
        MISTAKES.append(pytest.param(function, code, text, id=function.__name__))
        return function

    return register


@mistake("T0006", "did you mean `name`?")
def misspelt_field(sample):
    return sample.nmae


@mistake("T0006", "Sample has no field `y`")
def field_that_is_not_declared(sample):
    sample.y = 1.0


@mistake("", "field `x` of Sample is of type float64, not str")
def field_of_another_type(sample):
    sample.x = "text"


@mistake("", "Sample has no method `__add__`")
def operator_without_method(sample):
    return sample + 1


@mistake("", "grow() is missing the argument 'by'")
def missing_argument(sample):
    return sample.grow()


@mistake("", "its class has no method `__getitem__`")
def no_items(sample):
    return sample[0]


@pytest.mark.parametrize(("function", "code", "text"), MISTAKES)
def test_mistakes(function, code, text):
    with pytest.raises(errors.RumbaError) as caught:
        njit(function)(Sample(1.0))
    assert text in str(caught.value)


# Random programs: each number is an operation on a list of nodes, whose links lead to nodes of smaller numbers only.


def graphs(decorate):
    node_type = deferred_type()

    @decorate([("n", int64), ("shares", int64)])
    class Payload:
        def __init__(self, n):
            self.n = n
            self.shares = 0

    payload_type = Payload.class_type.instance_type if hasattr(Payload, "class_type") else None

    @decorate(
        [
            ("number", int64),
            ("next", optional(node_type)),
            ("payload", payload_type),
            ("data", float64[:]),
            ("name", types.unicode_type),
            ("items", types.ListType(int64)),
            ("pair", types.Tuple([types.unicode_type, int64])),
        ]
    )
    class Node:
        def __init__(self, number):
            self.number = number
            self.next = None
            self.payload = Payload(number)
            self.data = np.zeros(3)
            self.name = "n" + str(number)
            self.items = [number]
            self.pair = (self.name, number)

    if hasattr(Node, "class_type"):
        node_type.define(Node.class_type.instance_type)

    def run(operations):
        nodes = [Node(0)]
        count = 1
        for operation, a, b in operations:
            x, y = nodes[a % len(nodes)], nodes[b % len(nodes)]
            if operation == 0:
                nodes.append(Node(count))
                count += 1
            elif operation == 1:
                if x.number > y.number:
                    x.next = y
            elif operation == 2:
                x.next = None
            elif operation == 3:
                x.data = np.ones(b % 5)
            elif operation == 4:
                old = x.data
                x.data = y.data
                if len(old) > 0:
                    old[0] += b
                    x.data = old
            elif operation == 5:
                nodes[a % len(nodes)], nodes[b % len(nodes)] = y, x
            elif operation == 6:
                if len(nodes) > 1:
                    nodes.pop(a % len(nodes))
            elif operation == 7:
                x.items.append(b)
            elif operation == 8:
                x.items = y.items
            elif operation == 9:
                x.name = y.pair[0] + x.name[:3]
            elif operation == 10:
                if x.next is not None:
                    nodes[a % len(nodes)] = x.next
            elif operation == 11:
                x.payload, y.payload = y.payload, Payload(b)
                x.payload.shares += 1
            elif operation == 12:
                x.pair = (x.name, y.payload.n)
            elif x.next is not None and x.next.next is not None:
                x.next.next.name = x.next.name
                x.next = x.next.next
        total, text, depth = 0.0, "", 0
        for node in nodes:
            total += node.data.sum() + sum(node.items) + node.payload.n * node.payload.shares + node.pair[1]
            text += node.name + node.pair[0] + ","
            while node is not None:
                depth += node.number
                node = node.next
        return total, text, depth

    return run


GRAPHS = graphs(plain), njit(graphs(jitclass))


@given(st.lists(st.tuples(st.integers(0, 13), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=60))
def test_random_graphs(operations):
    in_the_interpreter, compiled = GRAPHS
    expected = in_the_interpreter(operations)
    assert compiled(operations) == expected
    before = _core.live_allocations()
    assert compiled(operations) == expected
    assert _core.live_allocations() == before


@jitclass([("n", int64)])
class Countdown:
    """Is iterated by a generator."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        for i in range(self.n, 0, -1):
            yield i


def unpacked(n):
    a, b = Countdown(n)
    first, *rest = Countdown(n + 2)
    return a, b, first, rest, [0, *Countdown(n), 9], sorted({*Countdown(n), 7})


@pytest.mark.parametrize("n", [2, 3, 1])
def test_items_of_instances_are_unpacked(n):
    check(unpacked, n)


def test_types_of_instances_in_compiled_code():
    @njit
    def f(n):
        items = typed.List.empty_list(Countdown.class_type.instance_type)
        for i in range(n):
            items.append(Countdown(i))
        return [item.n for item in items]

    assert f(3) == [0, 1, 2]

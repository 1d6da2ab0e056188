"""A line for each operation of typed containers, of compiled classes, and of functions that are values."""

import copy
import pickle

import numpy as np
import pytest
from rumba import cfunc, deferred_type, float64, int64, njit, optional, types
from rumba.experimental import jitclass, structref
from rumba.extending import overload_method
from rumba.typed import Dict, List, Set

ROWS = []


def row(name, *inputs):
    """Registers a program that gives plain values: it runs in the interpreter and compiled, with the same result."""

    def register(function):
        ROWS.append(pytest.param(function, inputs or [()], id=name))
        return function

    return register


def run(function, inputs):
    compiled = njit(function)
    for args in inputs:
        expected = outcome(function, copy.deepcopy(args))
        assert outcome(compiled, copy.deepcopy(args)) == expected
        assert outcome(compiled, copy.deepcopy(args)) == expected


def outcome(function, args):
    try:
        return function(*args)
    except Exception as error:  # noqa: BLE001
        return type(error), str(error)


# Typed lists


@row("typed list: List(), List(iterable)", (3,))
def _(n):
    a = List()
    a.append(n)
    b = List(range(n))
    return list(a), list(b), list(List((0.5, 1.5)))


@row("typed list: empty_list", (3,))
def _(n):
    a = List.empty_list(float64)
    b = List.empty_list(int64, 10)
    a.append(0.5)
    b.append(n)
    return list(a), list(b)


@row("typed list: append, extend, insert, pop, remove", (3,))
def _(n):
    a = List([1, 2])
    a.append(n)
    a.extend((7, 8))
    a.insert(0, 9)
    x = a.pop()
    y = a.pop(0)
    a.remove(2)
    return list(a), x, y


@row("typed list: what is not there", (0,), (1,), (2,))
def _(n):
    a = List([1])
    if n == 0:
        a.remove(5)
    elif n == 1:
        return a.index(5)
    else:
        a.pop(3)
    return 0


@row("typed list: clear, copy, count, index, reverse", (3,))
def _(n):
    a = List([1, 2, 1])
    b = a.copy()
    b.reverse()
    a.clear()
    return len(a), list(b), b.count(1), b.index(2)


@row("typed list: sort", (3,))
def _(n):
    a = List([3, -1, 2])
    b = a.copy()
    a.sort()
    b.sort(reverse=True)
    return list(a), list(b)


@row("typed list: in, ==, <, len", (3,))
def _(n):
    a, b = List([1, 2]), List([1, n])
    return 1 in a, 5 in a, a == b, a != b, a < b, a <= b, a > b, len(a)


@row("typed list: items, slices, deletion, iteration", (1,))
def _(i):
    a = List([1, 2, 3, 4, 5])
    a[i] = 9
    b = list(a[1:3])
    a[:2] = List([7])
    del a[0]
    del a[-1:]
    return list(a), b, [x * 2 for x in a], a[-1]


def test_typed_list_sort_by_key():
    @njit
    def f(a):
        a.sort(key=lambda x: x * x)
        return a

    assert list(f(List([3, -1, 2]))) == [-1, 2, 3]
    a = List([3, -1, 2])
    a.sort(key=lambda x: -x)
    assert list(a) == [3, 2, -1]


def test_typed_list_of_a_type_by_subscript():
    a = List[int64]()
    a.append(3)
    assert list(a) == [3]


def test_typed_list_getitem_unchecked():
    @njit
    def f(a):
        return a.getitem_unchecked(1)

    assert f(List([1, 2])) == 2


def test_typed_list_of_lists_arrays_text_functions():
    @njit
    def one(x):
        return x + 1

    @njit
    def f():
        nested = List()
        nested.append(List([1, 2]))
        arrays = List()
        arrays.append(np.ones(3))
        words = List(["a", "b"])
        functions = List()
        functions.append(one)
        return nested[0][1], arrays[0].sum(), words[1], functions[0](5)

    assert f() == (2, 3.0, "b", 6)


def test_typed_list_in_the_interpreter_and_pickled():
    a = List([1, 2])
    a += [3]
    assert a == [1, 2, 3] and len(a) == 3 and a[-1] == 3 and list(reversed(a)) == [3, 2, 1]
    assert pickle.loads(pickle.dumps(a)) == a

    @njit
    def grow(a):
        a.append(7)

    grow(a)
    assert list(a) == [1, 2, 3, 7]


# Typed dicts and sets


@row("typed dict: Dict(), Dict.empty, Dict(pairs)", (3,))
def _(n):
    a = Dict()
    a[n] = 0.5
    b = Dict.empty(int64, float64)
    b[1] = 2.5
    c = Dict(zip("ab", (1, 2)))
    return dict(a), dict(b), dict(c)


@row("typed dict: get, setdefault, pop, popitem, update", (3,))
def _(n):
    d = Dict()
    d[1] = 0.5
    a = d.get(1, -1.0), d.get(9, -1.0), d.setdefault(n, 2.5)
    d.update({7: 8.5})
    last = d.popitem()
    return a, last, d.pop(1), d.pop(99, 0.0), dict(d)


@row("typed dict: keys, values, items, copy, clear, in, del, ==", (3,))
def _(n):
    d = Dict()
    d["a"] = n
    d["b"] = 2
    e = d.copy()
    same = d == e
    del d["a"]
    found = list(d.keys()), list(d.values()), list(d.items()), "a" in d, "b" in d, len(d), [k for k in d]
    d.clear()
    return found, same, len(d), dict(e)


@row("typed dict: what is not there", (3,))
def _(n):
    d = Dict()
    d[1] = 2
    return d[n]


def test_typed_dict_in_the_interpreter_and_compiled():
    d = Dict.empty(types.unicode_type, types.float64[:])
    d["a"] = np.ones(3)

    @njit
    def f(d):
        d["b"] = np.zeros(2)
        return d["a"].sum() + len(d)

    assert f(d) == 5.0
    assert sorted(d) == ["a", "b"]
    assert Dict({1: 2})[1] == 2
    assert list(pickle.loads(pickle.dumps(Dict({1: 2}))).items()) == [(1, 2)]


def test_typed_dict_casts_what_is_stored():
    d = Dict.empty(int64, float64)
    d[1] = 2
    assert type(d[1]) is float

    @njit
    def f(d):
        d[2] = 3
        return d[2]

    assert type(f(d)) is float


def test_typed_dict_of_lists_dicts_tuples():
    @njit
    def f():
        a = Dict()
        a[1] = List([1, 2])
        b = Dict()
        b["x"] = (1, 2.5)
        return a[1][0], b["x"][1]

    assert f() == (1, 2.5)


def test_typed_dict_of_a_dict_that_is_filled_later():
    @njit
    def f():
        a, c = Dict(), Dict()
        a[1] = List([1, 2])
        c[1] = a
        return c[1][1][1]

    assert f() == 2



@row("typed set: add, discard, copy, in, ==, len, iteration", (3,))
def _(n):
    s = Set()
    s.add(n)
    s.add(5)
    t = s.copy()
    s.discard(n)
    return sorted(s), sorted(t), n in s, n in t, s == t, len(t)


def test_typed_set_empty_and_in_the_interpreter():
    s = Set.empty(int64)
    s.add(3)

    @njit
    def f(s):
        s.add(4)
        return len(s)

    assert f(s) == 2 and sorted(s) == [3, 4]


def test_the_first_use_gives_the_type():
    @njit
    def f(x):
        a, b, c, d = List(), Dict(), [], {}
        a.append(x)
        b[x] = x
        c.append(x)
        d[x] = x
        return a[0], b[x], c[0], d[x]

    assert f(2) == (2, 2, 2, 2)
    assert f("a") == ("a", "a", "a", "a")


# Compiled classes

node_type = deferred_type()


@jitclass([("value", int64), ("next", optional(node_type))])
class Node:
    """An item of a chain."""

    def __init__(self, value, next):
        self.value = value
        self.next = next


node_type.define(Node.class_type.instance_type)


@jitclass({"x": float64, "items": types.ListType(int64), "table": types.DictType(types.unicode_type, int64)})
class Holder:
    """Fields of all sorts."""

    name: str
    data: float64[:]
    inner: Node

    def __init__(self, x, name):
        self.x = x
        self.items = List.empty_list(int64)
        self.table = Dict.empty(types.unicode_type, int64)
        self.name = name
        self.data = np.ones(3)
        self.inner = Node(7, None)


@row("jitclass: fields of numbers, containers, text, arrays, classes", (2.5,))
def _(x):
    h = Holder(x, "n")
    h.items.append(5)
    h.table["k"] = 1
    h.data[0] = 4.0
    return h.x, list(h.items), h.table["k"], h.name, h.data.sum(), h.inner.value


@row("jitclass: refers to itself", (3,))
def _(n):
    head = Node(0, None)
    for i in range(n):
        head = Node(i, head)
    total = 0
    node = head
    while node is not None:
        total += node.value
        node = node.next
    return total


class Named:
    """A plain class whose methods are inherited."""

    def doubled(self):
        return self.value * 2


@jitclass([("value", float64), ("_Account__secret", int64)])
class Account(Named):
    """Members of all sorts."""

    LIMIT = 100

    def __init__(self, value, secret=3):
        self.value = value
        self.__secret = secret

    def add(self, x=1.0):
        self.value += x
        return self.value

    @property
    def half(self):
        return self.value / 2

    @half.setter
    def half(self, x):
        self.value = x * 2

    @staticmethod
    def scale(x):
        return x * 10

    @classmethod
    def of(cls, x):
        return cls(x)

    def secret(self):
        return self.__secret

    def steps(self, n):
        for i in range(n):
            yield self.value + i


@row("jitclass: methods, defaults, keywords", (2.5,))
def _(x):
    a = Account(x)
    a.add()
    a.add(2.0)
    return a.add(x=0.5), Account(value=1.0, secret=9).secret(), Account(x, 4).secret()


@row("jitclass: properties", (2.5,))
def _(x):
    a = Account(x)
    h = a.half
    a.half = 7.0
    a.half += 1.0
    return h, a.value, a.half


@row("jitclass: static and class methods, constants of the class", (2.5,))
def _(x):
    return Account(x).scale(2), Account.scale(3), Account.of(x).value, Account.LIMIT, Account(x).LIMIT


@row("jitclass: inherited methods, private names, generator methods", (2.5,))
def _(x):
    a = Account(x)
    return a.doubled(), a.secret(), list(a.steps(3))


@row("jitclass: isinstance, is", (2.5,))
def _(x):
    a = Account(x)
    b = a
    return isinstance(a, Account), isinstance(a, Node), a is b, a is Account(x), a is not b


def test_jitclass_in_the_interpreter():
    a = Account(2.0)
    assert a.add() == 3.0 and a.half == 1.5 and Account.scale(2) == 20
    a.value = 9
    assert a.value == 9.0 and isinstance(a, Account)
    assert pickle.loads(pickle.dumps(a)).value == 9.0
    assert copy.copy(a).value == 9.0

    @njit
    def change(a):
        a.value = 1.5
        return a

    assert change(a) is a and a.value == 1.5


@jitclass([("items", types.ListType(float64))])
class Everything:
    """Every special method that operators and built-in functions call."""

    def __init__(self, x):
        self.items = List.empty_list(float64)
        self.items.append(x)

    @property
    def x(self):
        return self.items[0]

    def __abs__(self):
        return abs(self.x)

    def __bool__(self):
        return self.x > 0

    def __complex__(self):
        return complex(self.x, 1.0)

    def __contains__(self, x):
        return x == self.x

    def __float__(self):
        return self.x

    def __getitem__(self, i):
        return self.x * i

    def __setitem__(self, i, x):
        self.items[0] = x + i

    def __hash__(self):
        return int(self.x)

    def __index__(self):
        return int(self.x)

    def __int__(self):
        return int(self.x) + 1

    def __len__(self):
        return 5

    def __str__(self):
        return "everything"

    def __eq__(self, other):
        return self.x == other.x

    def __ne__(self, other):
        return self.x != other.x

    def __lt__(self, other):
        return self.x < other.x

    def __le__(self, other):
        return self.x <= other.x

    def __gt__(self, other):
        return self.x > other.x

    def __ge__(self, other):
        return self.x >= other.x

    def __neg__(self):
        return -self.x

    def __pos__(self):
        return +self.x

    def __invert__(self):
        return ~int(self.x)

    def __call__(self, y):
        return self.x * y

    def __iter__(self):
        for i in range(3):
            yield self.x + i


@row("jitclass: abs, bool, complex, float, int, len, str, hash", (2.5,), (-1.0,))
def _(x):
    e = Everything(x)
    return abs(e), bool(e), complex(e), float(e), int(e), len(e), str(e), hash(e), 1 if e else 0


@row("jitclass: items, in, index", (2.0,))
def _(x):
    e = Everything(x)
    a = e[3]
    e[1] = 7.0
    return a, e.x, 8.0 in e, 1.0 in e, [10, 20, 30, 40, 50, 60, 70, 80, 90][e], list(range(20))[e]


@row("jitclass: comparison", (1.0, 2.0), (2.0, 2.0))
def _(x, y):
    a, b = Everything(x), Everything(y)
    return a == b, a != b, a < b, a <= b, a > b, a >= b


@row("jitclass: unary operators, calls, iteration", (2.0,))
def _(x):
    e = Everything(x)
    total = 0.0
    for y in e:
        total += y
    return -e, +e, ~e, e(3.0), total


@row("jitclass: list, sum, max, sorted of an instance that is iterated", (2.0,))
def _(x):
    e = Everything(x)
    return list(e), sum(e), max(e), sorted(e, reverse=True), 3.0 in list(e)



OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "matmul": "@",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "lshift": "<<",
    "rshift": ">>",
    "and": "&",
    "or": "|",
    "xor": "^",
}


@pytest.mark.parametrize("name", OPERATORS)
def test_jitclass_operator(name, tmp_path):
    sign = OPERATORS[name]
    source = f"""
class Number:
    def __init__(self, x):
        self.x = x

    def __{name}__(self, other):
        return self.x + 10 * other

    def __r{name}__(self, other):
        return self.x + 100 * other

    def __i{name}__(self, other):
        self.x += 1000 * other
        return self


def program(Number):
    def run(x):
        n = Number(x)
        a = n {sign} 2
        b = 3 {sign} n
        n {sign}= 4
        return a, b, n.x

    return run
"""
    path = tmp_path / f"operator_{name}.py"
    path.write_text(source)
    scope = {}
    exec(compile(source, str(path), "exec"), scope)
    Number = scope["Number"]
    expected = scope["program"](Number)(5)
    compiled = jitclass([("x", int64)])(Number)
    assert scope["program"](compiled)(5) == expected
    assert njit(scope["program"](compiled))(5) == expected


@jitclass([("x", int64)])
class Base:
    """A class that others inherit from."""

    def __init__(self, x):
        self.x = x

    def value(self):
        return self.x


@jitclass([("y", int64)])
class Derived(Base):
    """Calls what it inherits."""

    def __init__(self, x, y):
        super().__init__(x)
        self.y = y

    def value(self):
        return super().value() + self.y


@row("jitclass: inheritance and super()", (3,))
def _(n):
    d = Derived(n, 10)
    return d.value(), d.x, isinstance(d, Base)


@row("jitclass: instances in lists, tuples and dicts", (3,))
def _(n):
    items = [Base(i) for i in range(n)]
    table = {"a": Base(7)}
    pair = (Base(1), 2)
    total = 0
    for item in items:
        total += item.value()
    return total, table["a"].x, pair[0].x


# Structs


@structref.register
class PairType(types.StructRef):
    """The type of a pair of anything."""

    def preprocess_fields(self, fields):
        return tuple((name, types.unliteral(ty)) for name, ty in fields)


class Pair(structref.StructRefProxy):
    """A pair as the interpreter sees it."""

    @property
    def a(self):
        return _a_of(self)


@njit
def _a_of(self):
    return self.a


structref.define_proxy(Pair, PairType, ["a", "b"])


@overload_method(PairType, "total")
def _total(self):
    return lambda self: self.a + self.b


def test_structref():
    pair = Pair(2, 3.5)

    @njit
    def f(pair):
        pair.a = 7
        other = pair
        new = Pair(1, "x")
        return pair.total(), other is pair, new.b

    assert f(pair) == (10.5, True, "x")
    assert pair.a == 7


# Functions as values


@njit
def double(x):
    return x * 2


@njit
def square(x):
    return x * x


@njit
def fail(x):
    raise ValueError("failed")


@row("functions: as arguments of compiled functions", (3,), (2.5,))
def _(x):
    def apply(f, x):
        return f(f(x))

    return apply(double, x), apply(square, x), apply(lambda y: y - 1, x)


@row("functions: as results, chosen while it runs", (0,), (1,))
def _(n):
    def choose(n):
        return double if n else square

    f = double if n else square
    return f(5), choose(n)(7)


@row("functions: in tuples and lists, by index", (0,), (1,), (2,))
def _(n):
    table = (double, square)
    items = [double, square]
    total = 0
    for f in items:
        total += f(3)
    return table[n](3), items[n](4), total


@row("functions: what they raise", (0,), (1,))
def _(n):
    f = fail if n else double
    return f(3)


@row("functions: None instead of one", (0,), (1,))
def _(n):
    f = double if n else None
    if f is None:
        return -1
    return f(3)


def test_functions_from_the_interpreter():
    @njit
    def apply(f, x):
        return f(x)

    @njit
    def both(functions, x):
        total = 0
        for f in functions:
            total += f(x)
        return total

    assert apply(double, 3) == 6 and apply(square, 3) == 9
    assert both((double, square), 3) == 15
    assert both([double, square], 3) == 15

    @njit
    def choose(n):
        return double if n else square

    assert choose(1)(5) == 10


def test_cfuncs_as_functions():
    @cfunc(float64(float64))
    def half(x):
        return x / 2

    @njit
    def apply(f, x):
        return f(x) + half(x)

    assert apply(half, 3.0) == 3.0


def test_functions_in_typed_containers_and_fields():
    @njit
    def f(n):
        table = Dict()
        table["d"] = double
        return table["d"](n)

    assert f(4) == 8


def test_factories():
    def make(n, g):
        @njit
        def f(x):
            return g(x) + n

        return f

    functions = [make(n, g) for n in (1, 2) for g in (double, square)]
    assert [f(3) for f in functions] == [7, 10, 8, 11]


def test_closures_returned_within_compiled_code():
    @njit
    def make(n):
        def add(x):
            return x + n

        return add

    @njit
    def f(n):
        return make(n)(1), make(0.5)(n)

    assert f(3) == (4, 3.5)


@row("functions: recursion through an argument", (4,))
def _(n):
    def count(f, n):
        return 0 if n == 0 else f(n) + count(f, n - 1)

    return count(double, n)


@pytest.mark.parametrize(("function", "inputs"), ROWS)
def test_row(function, inputs):
    run(function, inputs)

"""`match` on mappings and on classes with parts, against the interpreter."""

import enum
import typing
from dataclasses import dataclass

import numpy as np
import pytest
from differential import Cases, compiled
from rumba import errors, int64, njit
from rumba.experimental import jitclass

cases = Cases()


@dataclass
class Point:
    x: int
    y: int


@dataclass
class Circle:
    center: Point
    radius: float


class Pair(typing.NamedTuple):
    first: int
    second: float


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Limits(enum.IntEnum):
    LOW = 3
    HIGH = 9


@cases((Point(0, 0),), (Point(0, 5),), (Point(4, 0),), (Point(2, 2),), (Point(1, 2),))
def by_keyword(p):
    match p:
        case Point(x=0, y=0):
            return "origin"
        case Point(x=0, y=yy):
            return f"on y at {yy}"
        case Point(x=xx, y=0):
            return f"on x at {xx}"
        case Point(x=a, y=b) if a == b:
            return "diagonal"
        case Point():
            return "elsewhere"
    return "no point"


@cases((Point(0, 7),), (Point(1, 7),), (Point(3, 1),), (3,), ((0, 7),))
def by_position(p):
    match p:
        case Point(0, y):
            return y
        case Point(1, y=y) | Point(y, 1):
            return -y
        case Point(x, y):
            return x * y
        case _:
            return -100


@cases((Circle(Point(1, 2), 0.5),), (Circle(Point(0, 2), 1.5),))
def nested(shape):
    match shape:
        case Circle(Point(0, y), r):
            return y * r
        case Circle(center=Point(x=x) as center, radius=r):
            return x + center.y + r


@cases((Pair(1, 2.5),), (Pair(0, 2.5),), ((1, 2.5),), (Point(1, 2),))
def named_tuples(value):
    match value:
        case Pair(0, second):
            return second
        case Pair(first=first):
            return first * 10.0
        case (a, b):
            return a + b
        case _:
            return -1.0


@cases((1,), (0,), (2.5,), (True,), ("text",), ("",), ((1, 2),), ([1, 2],))
def builtin_classes(value):
    match value:
        case bool(b):
            return f"bool {b}"
        case int(0):
            return "zero"
        case int(x):
            return f"int {x + 1}"
        case float(x):
            return f"float {x}"
        case str("" as s) | str(s):
            return "str " + s
        case tuple(t):
            return f"tuple {t}"
        case list([1, x]):
            return f"list {x}"
        case _:
            return "other"


@cases((3,), (9,), (4,))
def values_by_attribute(n):
    match n:
        case Limits.LOW:
            return "low"
        case Limits.HIGH:
            return "high"
        case _:
            return "between"


@cases((1,), (2,))
def members(n):
    color = Color.RED if n == 1 else Color.RED
    match color:
        case Color.BLUE:
            return "blue"
        case Color.RED:
            return "red"


@cases((Point(1, 2),), (Pair(1, 2.0),), (3,))
def absent_attributes(value):
    match value:
        case Point(z=z) | Pair(z=z):
            return z
        case Point(x=x) | Pair(first=x):
            return x
        case object(imag=i):
            return i - 5


@cases(({"a": 1, "b": 2, "c": 3},), ({"a": 1},), ({"b": 5},), ({},), ({"a": 0, "b": 7},), (3,))
def mappings(d):
    match d:
        case {"a": 0, "b": b}:
            return b
        case {"a": a, "b": b, **rest}:
            return a + b * 10 + sum(rest.values()) * 100 + len(d) * 1000
        case {"b": b}:
            return -b
        case {}:
            return len(d)
        case _:
            return -100


@cases((1,), (2,), (9,))
def own_dict(n):
    d = {3: 1.5, 9: 2.5}
    match d:
        case {Limits.LOW: low, 9: high} if n > 1:
            d[n] = 0.0
            return low + high, len(d)
        case {3: 1.5, **rest}:
            rest[50] = 1.0
            return float(len(rest)), len(d)
    return 0.0, 0


@cases(({"p": Point(1, 2)},), ({"p": Point(0, 2)},), ({"q": Point(0, 2)},))
def parts_in_mappings(d):
    match d:
        case {"p": Point(0, y)}:
            return y
        case {"p": Point(x=x)}:
            return x * 100
    return -1


test_patterns = cases.test()


def test_the_dict_itself_is_left_alone():
    given = {"a": 1, "b": 2}
    compiled(mappings)(given)
    assert given == {"a": 1, "b": 2}


def test_a_match_args_of_a_jitclass():
    @jitclass
    class Interval:
        __match_args__ = ("start", "length")
        start: int64
        stop: int64

        def __init__(self, start, stop):
            self.start = start
            self.stop = stop

        @property
        def length(self):
            return self.stop - self.start

    @njit
    def of(start, stop):
        match Interval(start, stop):
            case Interval(0, length):
                return length
            case Interval(first, stop=last):
                return first * 100 + last
        return -1

    assert of(0, 7) == 7
    assert of(2, 7) == 207


def test_too_many_patterns_by_position():
    @njit
    def three(p):
        match p:
            case Point(a, b, c):
                return a + b + c
        return 0

    with pytest.raises(errors.TypingError, match="accepts 2 patterns by position, but 3 are given"):
        three(Point(1, 2))

    @njit
    def of_array(a):
        match a:
            case np.ndarray(x):
                return x
        return a

    with pytest.raises(errors.TypingError, match="accepts no patterns by position, but 1 are given"):
        of_array(np.zeros(3))


lists = Cases()


@lists(([1, 2, 3],), ([1, 2],), ([0],), ([],), ([5, 6, 7, 8],), ((1, 2),))
def list_patterns(values):
    match values:
        case [1, x]:
            return x
        case [first, *middle, last] if len(middle) > 0:
            return first * 100 + len(middle) * 10 + last
        case [only]:
            return -only
        case []:
            return -50
        case _:
            return -100


@lists(([1, 2],), ([1],), ([1, 2, 3],))
def unpacked_list(values):
    a, b = values
    return a, b


@lists(([1, 2],), ([1],), ([1, 2, 3, 4],))
def unpacked_list_with_star(values):
    a, *middle, b = values
    return a, len(middle), b


@lists((1,), (2,))
def literal_keywords(n):
    def inner(a, b=5, *, c=7):
        return a * 100 + b * 10 + c

    return inner(**{"a": n}), inner(n, **{"c": 1, **{"b": n}}), inner(n, c=2, **{})


test_lists_and_keywords = lists.test()

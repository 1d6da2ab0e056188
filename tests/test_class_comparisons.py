"""Instances that their methods compare: sorted, smallest and largest ones, found in lists; operators that give `NotImplemented`."""

import dataclasses
import functools

import numpy as np
import pytest
from differential import check
from mistakes import check_mistake
from rumba import njit
from rumba.experimental import jitclass


@jitclass
class Version:
    major: int
    minor: int

    def __init__(self, major, minor):
        self.major = major
        self.minor = minor

    def __lt__(self, other):
        return self.major < other.major

    def __gt__(self, other):
        return self.major > other.major

    def __eq__(self, other):
        return self.major == other.major and self.minor == other.minor


@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int


@dataclasses.dataclass
class Named:
    name: str
    rank: int

    def __lt__(self, other):
        return self.rank < other.rank


class Length:
    """With numbers and others of its kind."""

    def __init__(self, metres):
        self.metres = metres

    def __add__(self, other):
        if isinstance(other, Length):
            return Length(self.metres + other.metres)
        if isinstance(other, (int, float)):
            return Length(self.metres + other)
        return NotImplemented

    def __radd__(self, other):
        if isinstance(other, (int, float)):
            return Length(other + self.metres)
        return NotImplemented

    def __eq__(self, other):
        if isinstance(other, Length):
            return self.metres == other.metres
        return NotImplemented

    def __lt__(self, other):
        if isinstance(other, Length):
            return self.metres < other.metres
        return NotImplemented


class Rod:
    def __init__(self, metres):
        self.metres = metres

    def __radd__(self, other):
        return other.metres + self.metres

    def __gt__(self, other):
        return other.metres < self.metres

    def __eq__(self, other):
        return other.metres == self.metres


Length = jitclass([("metres", "float64")])(Length)
Rod = jitclass([("metres", "float64")])(Rod)


def pairs(seed, n):
    generator = np.random.default_rng(seed)
    return [(int(a), i) for i, a in enumerate(generator.integers(0, 1 + n // 3, n))]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 17, 64, 100])
@pytest.mark.parametrize("reverse", [False, True])
def test_sorting_is_stable(n, reverse):
    @njit
    def ours(pairs, reverse):
        versions = [Version(a, b) for a, b in pairs]
        again = sorted(versions, reverse=reverse)
        versions.sort(reverse=reverse)
        return [(v.major, v.minor) for v in versions], [(v.major, v.minor) for v in again]

    given = pairs(n, n) or [(0, 0)]
    expected = sorted(given, key=lambda pair: pair[0], reverse=reverse)
    assert ours(given, reverse) == (expected, expected)


def test_sorting_by_a_key_that_is_an_instance():
    @njit
    def f(numbers):
        return sorted(numbers, key=lambda n: Version(n % 3, 0))

    assert f([5, 4, 3, 2, 1, 0]) == sorted([5, 4, 3, 2, 1, 0], key=lambda n: n % 3)


def test_dataclasses():
    def f(n):
        points = [Point(3, n), Point(1, 5), Point(1, 2)]
        names = [Named("b", 2), Named("a", 1)]
        ordered = sorted(points)
        return (
            [(p.x, p.y) for p in ordered],
            min(points).y,
            max(points).x,
            min(Point(2, n), Point(2, 0)).y,
            [one.name for one in sorted(names)],
            max(points, key=lambda p: p.y).y,
        )

    assert njit(f)(7) == f(7)


def test_extremes_give_the_first_of_several():
    @njit
    def f():
        versions = [Version(2, 0), Version(1, 1), Version(1, 2), Version(2, 3)]
        least, largest = min(versions), max(versions)
        return least.minor, largest.minor, min(Version(1, 5), Version(1, 6)).minor

    assert f() == (1, 0, 5)


def test_found_in_lists():
    @njit
    def f(n):
        versions = [Version(1, 0), Version(2, 1), Version(1, 0)]
        wanted = Version(1, 0)
        counted = versions.count(wanted), versions.index(wanted), versions.index(wanted, 1), versions.index(wanted, -2)
        found = wanted in versions, Version(n, n) in versions, Version(n, n) not in versions
        versions.remove(Version(2, 1))
        return counted, found, len(versions)

    assert f(9) == ((2, 0, 2, 2), (True, False, True), 2)


def test_what_is_not_in_the_list():
    @njit
    def index(n):
        return [Version(1, 0)].index(Version(n, n))

    @njit
    def remove(n):
        [Version(1, 0)].remove(Version(n, n))

    for function in index, remove:
        with pytest.raises(ValueError, match="not in list"):
            function(5)


def test_not_implemented_leads_to_the_other_operand():
    @njit
    def f(x):
        return (
            (Length(x) + Length(1.0)).metres,
            (Length(x) + 2).metres,
            (2.5 + Length(x)).metres,
            Length(x) + Rod(3.0),
            Length(x) == Length(x),
            Length(x) == Rod(x),
            Length(x) != Rod(x),
            Length(x) < Rod(x + 1),
            Length(x) == 1.5,
        )

    assert f(1.5) == (2.5, 3.5, 4.0, 4.5, True, True, False, True, False)


def test_neither_operand_knows_the_other():
    def f():
        return Length(1.0) + "text"

    check_mistake(f, (), r"`\+` is not defined for")


def test_not_implemented_is_a_value():
    @njit
    def f():
        return NotImplemented

    assert f() is NotImplemented


def test_tuples_of_instances():
    def f(x, y):
        a, b = (Version(x, 0), 1, "a"), (Version(y, 0), 1, "a")
        return a == b, a != b, a == (Version(x, 0), 2, "a")

    check(f, 1, 1)
    check(f, 1, 2)


def test_total_ordering():
    @functools.total_ordering
    @dataclasses.dataclass(eq=False)
    class Grade:
        value: int

        def __lt__(self, other):
            return self.value < other.value

        def __eq__(self, other):
            return self.value == other.value

    def f(n):
        a, b = Grade(n), Grade(2)
        return a < b, a <= b, a > b, a >= b, a == b, a != b, max([a, b]).value

    for n in (1, 2, 3):
        assert njit(f)(n) == f(n)

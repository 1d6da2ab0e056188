"""A line for each function of Python's library that compiled code calls, by module."""

import bisect
import cmath
import collections
import copy
import ctypes
import ctypes.util
import functools
import heapq
import itertools
import math
import operator
import random
import statistics
import string
import sys

import numpy as np
import pytest
from differential import check
from rows import Rows
from rumba import carray, cfunc, farray, njit, types

row = Rows()

NUMBERS = [(0.5,), (-0.5,), (0.0,), (1.0,), (-1.0,), (3.7,), (math.inf,), (math.nan,)]
INSIDE = [(0.5,), (0.25,), (1.0,)]


def _defined(function, inputs):
    """Those inputs for which CPython does not raise: compiled functions of floats give nan or inf there."""
    kept = []
    for args in inputs:
        try:
            function(*args)
            kept.append(args)
        except (ValueError, OverflowError):
            pass
    return kept


OF_A_FLOAT = (
    "acos acosh asin asinh atan atanh cbrt ceil cos cosh degrees erf erfc exp exp2 expm1 fabs floor gamma isfinite isinf "
    "isnan lgamma log log10 log1p log2 radians sin sinh sqrt tan tanh trunc frexp modf ulp"
).split()


@pytest.mark.parametrize("name", OF_A_FLOAT)
def test_math_of_a_float(name):
    function = getattr(math, name)

    def program(x):
        return function(x)

    inputs = _defined(function, NUMBERS)
    assert inputs
    for args in inputs:
        # CPython's own logarithm of gamma is off by 2.95 units in the last place at 0.5: test_math_module asks mpmath.
        check(program, *args, ulp=4 if name == "lgamma" else 2)
    if name not in ("acosh",):
        for args in _defined(function, [(1,), (0,), (True,)]):
            check(program, *args, ulp=2)


OF_TWO_FLOATS = "atan2 copysign fmod hypot nextafter pow remainder dist".split()


@pytest.mark.parametrize("name", [n for n in OF_TWO_FLOATS if n != "dist"])
def test_math_of_two_floats(name):
    function = getattr(math, name)

    def program(x, y):
        return function(x, y)

    for args in _defined(function, [(3.5, 2.0), (-3.5, 2.0), (0.0, -0.0), (math.inf, 1.0), (5, 3)]):
        check(program, *args, ulp=1)


@row("math: ldexp", (0.5, 3), (1.0, -1074), (0.0, 5))
def _(x, n):
    return math.ldexp(x, n)


@row("math: log with a base", (8.0, 2.0), (100, 10), ulp=2)
def _(x, base):
    return math.log(x, base)


@row("math: gcd, lcm", (12, 18), (-4, 6), (0, 0))
def _(a, b):
    return math.gcd(a, b), math.lcm(a, b), math.gcd(), math.gcd(a, b, 3), math.lcm(a)


@row("math: comb, perm, factorial, isqrt", (5, 2), (2, 5), (0, 0))
def _(a, b):
    return math.comb(a, b), math.perm(a, b), math.factorial(a), math.isqrt(a), math.perm(a)


@row("math: factorial of a negative number", (-1,))
def _(n):
    return math.factorial(n)


@row("math: isclose", (1.0, 1.0 + 1e-10), (1.0, 2.0), (math.inf, math.inf))
def _(a, b):
    return math.isclose(a, b), math.isclose(a, b, rel_tol=0.9), math.isclose(a, b, abs_tol=2.0)


@row("math: fsum, prod, dist, hypot of several", ([0.1] * 10,), ([1e300, 1.0, -1e300],), ulp=1)
def _(values):
    return math.fsum(values), math.prod(values), math.prod([2, 3], start=4), math.dist((1.0, 2.0), (4.0, 6.0)), math.hypot(1.0, 2.0, 2.0)


@row("math: constants")
def _():
    return math.pi, math.e, math.tau, math.inf, math.isnan(math.nan)


COMPLEX = [(0.5 + 0.25j,), (-1.5 + 2j,), (1 - 0j,), (0j,)]


@pytest.mark.parametrize("name", "acos acosh asin asinh atan atanh cos cosh exp log log10 sin sinh sqrt tan tanh".split())
def test_cmath_of_a_complex_number(name):
    function = getattr(cmath, name)

    def program(z):
        return function(z)

    for args in _defined(function, COMPLEX):
        check(program, *args, ulp=4)


@row("cmath: phase, polar, rect", (1 + 2j,), (-1 - 0j,), (0j,), ulp=2)
def _(z):
    r, phi = cmath.polar(z)
    return cmath.phase(z), r, phi, cmath.rect(2.0, 0.5)


@row("cmath: isfinite, isinf, isnan, isclose", (1 + 2j,), (complex(math.nan, 1),), (complex(math.inf, 1),))
def _(z):
    return cmath.isfinite(z), cmath.isinf(z), cmath.isnan(z), cmath.isclose(z, z), cmath.isclose(z, 1 + 2.5j, rel_tol=0.5)


@row("cmath: log with a base, constants", (2 + 1j,), ulp=4)
def _(z):
    return cmath.log(z, 2.0), cmath.pi, cmath.infj


RANDOM = {
    "betavariate": (2.0, 3.0),
    "expovariate": (1.5,),
    "gammavariate": (2.0, 1.5),
    "gauss": (0.0, 1.0),
    "getrandbits": (13,),
    "lognormvariate": (0.0, 1.0),
    "normalvariate": (0.0, 1.0),
    "paretovariate": (3.0,),
    "randint": (1, 6),
    "random": (),
    "randrange": (2, 50, 3),
    "triangular": (0.0, 1.0, 0.3),
    "uniform": (2.0, 5.0),
    "vonmisesvariate": (0.5, 2.0),
    "weibullvariate": (1.0, 2.0),
}


@pytest.mark.parametrize("name", RANDOM)
def test_random(name):
    function = getattr(random, name)
    args = RANDOM[name]

    def program(seed):
        random.seed(seed)
        return function(*args), function(*args), function(*args)

    for seed in (0, 42):
        expected = program(seed)
        np.testing.assert_allclose(njit(program)(seed), expected, rtol=1e-14)


def test_random_shuffle_choice_choices_sample():
    def shuffled(seed, values):
        random.seed(seed)
        random.shuffle(values)
        return values

    for seed in (1, 2):
        assert njit(shuffled)(seed, np.arange(9)).tolist() == shuffled(seed, list(range(9)))

    def drawn(seed, values):
        random.seed(seed)
        return random.choice(values), random.choices(values, k=3), random.sample(values, 3)

    for seed in (1, 2):
        assert njit(drawn)(seed, [3, 1, 4, 1, 5]) == drawn(seed, [3, 1, 4, 1, 5])


@pytest.mark.skipif(sys.version_info < (3, 12), reason="binomialvariate is new in CPython 3.12")
def test_random_binomialvariate():
    def drawn(seed):
        random.seed(seed)
        return random.binomialvariate(10, 0.3)

    assert njit(drawn)(3) == drawn(3)


@row("operator: arithmetic", (7, 3), (-7.5, 2.0))
def _(a, b):
    return (
        operator.add(a, b),
        operator.sub(a, b),
        operator.mul(a, b),
        operator.truediv(a, b),
        operator.floordiv(a, b),
        operator.mod(a, b),
        operator.pow(a, 2),
        operator.neg(a),
        operator.pos(a),
        operator.abs(a),
    )


@row("operator: bits", (12, 5))
def _(a, b):
    return (
        operator.and_(a, b),
        operator.or_(a, b),
        operator.xor(a, b),
        operator.invert(a),
        operator.lshift(a, b),
        operator.rshift(a, b),
        operator.inv(a),
        operator.index(a),
    )


@row("operator: comparison and truth", (1, 2), (2, 2))
def _(a, b):
    return (
        operator.eq(a, b),
        operator.ne(a, b),
        operator.lt(a, b),
        operator.le(a, b),
        operator.gt(a, b),
        operator.ge(a, b),
        operator.not_(a),
        operator.truth(a),
        operator.is_(None, None),
        operator.is_not(None, None),
    )


@row("operator: in place", (12, 5))
def _(a, b):
    return (
        operator.iadd(a, b),
        operator.isub(a, b),
        operator.imul(a, b),
        operator.itruediv(a, b),
        operator.ifloordiv(a, b),
        operator.imod(a, b),
        operator.ipow(a, 2),
        operator.iand(a, b),
        operator.ior(a, b),
        operator.ixor(a, b),
        operator.ilshift(a, b),
        operator.irshift(a, b),
    )


@row("operator: items of containers", ([1, 2, 3],))
def _(items):
    operator.setitem(items, 0, 9)
    operator.delitem(items, 1)
    return operator.getitem(items, 0), operator.contains(items, 3), items, operator.concat(items, [5]), operator.countOf(items, 9), operator.indexOf(items, 3)


@row("operator: matmul, imatmul", (np.arange(4.0).reshape(2, 2), np.eye(2)))
def _(a, b):
    c = operator.matmul(a, b)
    return operator.imatmul(c, b)


@row("operator: itemgetter, attrgetter", ([(1, "b"), (2, "a")],))
def _(items):
    return sorted(items, key=operator.itemgetter(1)), operator.attrgetter("real")(2.5)


@row("operator: call, length_hint", (-3,))
def _(n):
    return operator.call(abs, n), operator.call(lambda a, b=1: a - b, n, b=2), operator.length_hint([n]), operator.length_hint((n, 2))


@row("operator: methodcaller", ("a,b",))
def _(text):
    return operator.methodcaller("upper")(text), operator.methodcaller("replace", "a", "b")(text)



@row("functools: reduce", ([1, 2, 3],))
def _(items):
    return functools.reduce(lambda a, b: a * 10 + b, items), functools.reduce(operator.add, items, 0.5)


@row("functools: partial", (3,))
def _(n):
    f = functools.partial(pow, 2)
    return f(n), functools.partial(lambda a, b: a - b, b=1)(n)


@row("heapq: heapify, heappush, heappop", ([5, 1, 4, 2],))
def _(items):
    heapq.heapify(items)
    heapq.heappush(items, 3)
    a = heapq.heappop(items)
    return a, items, heapq.heappop(items)


@row("heapq: heappop of nothing", ([],))
def _(items):
    own = [1]
    own.pop()
    return heapq.heappop(own)


@row("heapq: heappushpop, heapreplace", ([1, 3, 5],))
def _(items):
    return heapq.heappushpop(items, 2), heapq.heapreplace(items, 9), items


@row("heapq: nlargest, nsmallest, merge", ([5, 1, 4],))
def _(items):
    return heapq.nlargest(2, items), heapq.nsmallest(2, items), heapq.nsmallest(1, items, key=lambda x: -x), list(heapq.merge([1, 4], [2, 3]))


@row("heapq: of tuples", (4,))
def _(n):
    heap = [(0.5, 0)]
    for i in range(n):
        heapq.heappush(heap, (1.0 / (i + 1), i))
    return [heapq.heappop(heap) for _ in range(n)]


Point = collections.namedtuple("Point", "x y")


@row("collections: namedtuple made outside", (1, 2.5))
def _(a, b):
    p = Point(a, y=b)
    return p, p.x, p[1]


@row("collections: Counter, defaultdict, deque, OrderedDict", ("abca",))
def _(text):
    counts = collections.Counter(text)
    groups = collections.defaultdict(list)
    queue = collections.deque([1, 2])
    ordered = collections.OrderedDict()
    for i, c in enumerate(text):
        groups[c].append(i)
        ordered[c] = i
    queue.appendleft(0)
    return counts["a"], len(groups), queue.popleft(), list(ordered.items())


@row("collections: keywords", (3,))
def _(n):
    return collections.OrderedDict(a=1, b=n), collections.Counter(a=1, b=n), collections.defaultdict(int, a=n)



@row("bisect: bisect_left, bisect_right, insort", ([1, 2, 2, 5], 2), ([3], 1), ([1], 9))
def _(items, x):
    a = bisect.bisect_left(items, x), bisect.bisect_right(items, x), bisect.bisect(items, x)
    bisect.insort(items, x)
    return a, items


@row("itertools: accumulate, chain, repeat, takewhile, dropwhile", ([1, 2, 3],))
def _(items):
    return (
        list(itertools.accumulate(items)),
        list(itertools.accumulate(items, operator.mul)),
        list(itertools.chain(items, (9,), range(2))),
        list(itertools.repeat(7, 2)),
        list(itertools.takewhile(lambda x: x < 3, items)),
        list(itertools.dropwhile(lambda x: x < 2, items)),
        list(itertools.filterfalse(lambda x: x < 2, items)),
        list(itertools.starmap(pow, [(2, 3), (3, 2)])),
    )


@row("itertools: product, combinations, permutations", ([1, 2, 3],))
def _(items):
    return (
        list(itertools.product(items, "ab")),
        list(itertools.combinations(items, 2)),
        list(itertools.permutations(items, 2)),
        list(itertools.combinations_with_replacement(items, 2)),
    )


@row("itertools: count, cycle, islice, compress, pairwise, groupby, zip_longest, batched", ([1, 2, 2],))
def _(items):
    counted = [x for x, _ in zip(itertools.count(5, 2), items)]
    cycled = [x for x, _ in zip(itertools.cycle(items), range(5))]
    return (
        counted,
        cycled,
        list(itertools.islice(items, 1, 3)),
        list(itertools.islice(items, 2)),
        list(itertools.compress(items, [True, False, True])),
        list(itertools.pairwise(items)),
        [(k, len(list(g))) for k, g in itertools.groupby(items)],
        list(itertools.zip_longest(items, [9], fillvalue=0)),
    )


@row("itertools: zip_longest of several, tee", ([1, 2, 2],), ([],))
def _(items):
    a, b = itertools.tee(items)
    first = next(a, 0)
    three = [list(it) for it in itertools.tee((x * 2 for x in items), 3)]
    return list(itertools.zip_longest(items, [9], (4, 5), fillvalue=0)), first, list(a), list(b), three


@row("itertools: chain.from_iterable", ([[1], [2, 3]],))
def _(lists):
    return list(itertools.chain.from_iterable(lists))


@row("statistics: mean, median, variance, stdev, mode", ([1.0, 2.5, 2.5, 4.0],), ulp=2)
def _(values):
    return (
        statistics.mean(values),
        statistics.fmean(values),
        statistics.median(values),
        statistics.variance(values),
        statistics.pvariance(values),
        statistics.stdev(values),
        statistics.mode(values),
    )


@row("copy: copy, deepcopy", ([[1], [2]],))
def _(items):
    a = copy.copy(items)
    b = copy.deepcopy(items)
    items[0].append(9)
    return a, b


@row("constants: sys.maxsize, string.ascii_letters, string.digits")
def _():
    return sys.maxsize, string.ascii_letters, len(string.digits), sys.byteorder


def test_functions_of_ctypes():
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    cosine = library.cos
    cosine.restype = ctypes.c_double
    cosine.argtypes = [ctypes.c_double]

    @njit
    def f(x):
        return cosine(x)

    for x in (0.0, 0.5, -3.0):
        assert f(x) == cosine(x)


def test_carray_and_farray():
    for view, order in ((carray, "C"), (farray, "F")):

        @cfunc(types.float64(types.CPointer(types.float64), types.int32, types.int32))
        def second_row(pointer, n, m):
            a = view(pointer, (n, m))
            return a[1].sum()

        memory = (ctypes.c_double * 6)(*range(6))
        expected = np.arange(6.0).reshape((2, 3), order=order)[1].sum()
        assert second_row.ctypes(memory, 2, 3) == expected


def test_random_shuffle_of_a_list():
    def shuffled(seed, values):
        random.seed(seed)
        random.shuffle(values)
        return values

    assert njit(shuffled)(1, list(range(9))) == shuffled(1, list(range(9)))


def test_time_counters():
    import time

    def f():
        a = time.perf_counter()
        b = time.perf_counter()
        c = time.monotonic()
        d = time.monotonic()
        return b >= a, d >= c, time.time() > 1.6e9, time.perf_counter_ns() > 0, time.time_ns() > 0

    assert njit(f)() == (True, True, True, True, True)


test_row = row.test()

"""All of `math` and `cmath`, special values included, against the interpreter.

What is exact in the interpreter is exact here. Elsewhere the bound is one unit in the last place of the *exact*
result, computed with mpmath: the interpreter's own library may be off by about as much.

As in Numba, a function from floats to floats never raises: where the interpreter has a domain or range error, the
result is the nan or infinity that IEEE 754 gives.
"""

import cmath
import itertools
import math

import mpmath
import numpy as np
import pytest
from differential import Cases, check, compiled
from hypothesis import given
from hypothesis import strategies as st

INF, NAN = math.inf, math.nan
SPECIAL = [0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308]
ORDINARY = [0.1, -0.1, 0.5, -0.5, 0.7, 1.5, -1.5, 2.0, 2.5, 3.0, -3.7, 10.0, 25.3, -100.5, 709.5, -745.0, 1e-10, 1e10, 1e22]
INTEGERS = [0, 1, -1, 2, 3, 7, -7, 10, 100]

TO_INT = "ceil floor trunc".split()
EXACT_ONE = "fabs isfinite isinf isnan sqrt radians degrees frexp modf ulp".split()
CLOSE_ONE = (
    "acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp exp2 expm1 gamma lgamma log log10 log1p log2 sin sinh "
    "tan tanh"
).split()
EXACT_TWO = "copysign fmod remainder nextafter".split()
CLOSE_TWO = "atan2 hypot pow".split()
MPMATH = {
    "acos": mpmath.acos, "acosh": mpmath.acosh, "asin": mpmath.asin, "asinh": mpmath.asinh, "atan": mpmath.atan,
    "atanh": mpmath.atanh, "cbrt": lambda x: mpmath.cbrt(x) if x >= 0 else -mpmath.cbrt(-x), "cos": mpmath.cos,
    "cosh": mpmath.cosh, "erf": mpmath.erf, "erfc": mpmath.erfc, "exp": mpmath.exp, "exp2": lambda x: mpmath.mpf(2) ** x,
    "expm1": mpmath.expm1, "gamma": mpmath.gamma, "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))),
    "log": mpmath.log, "log10": mpmath.log10, "log1p": mpmath.log1p, "log2": lambda x: mpmath.log(x, 2),
    "sin": mpmath.sin, "sinh": mpmath.sinh, "tan": mpmath.tan, "tanh": mpmath.tanh,
}  # fmt: skip
# The gamma functions go through a longer computation everywhere; the interpreter promises less for them, too.
ULPS_ALLOWED = {"gamma": 10.0, "lgamma": 10.0}


def make(source):
    """A function made from text, with its source where tracebacks and compilers look for it."""
    import linecache

    name = f"<math {len(linecache.cache)} {source}>"
    text = f"def function{source}\n"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    namespace = {"math": math, "cmath": cmath}
    exec(compile(text, name, "exec"), namespace)
    return namespace["function"]


FUNCTIONS = {
    (module.__name__, name, arity): make(f"({', '.join('ab'[:arity])}): return {module.__name__}.{name}({', '.join('ab'[:arity])})")
    for module, names, arity in (
        (math, [n for n in TO_INT + EXACT_ONE + CLOSE_ONE if hasattr(math, n)], 1),
        (math, EXACT_TWO + CLOSE_TWO, 2),
        (cmath, [n for n in dir(cmath) if callable(getattr(cmath, n)) and not n.startswith("_")], 1),
    )
    for name in names
}  # fmt: skip


def ulps_off(value, exact):
    """How many units in the last place `value` is from the exact result."""
    rounded = float(exact)
    if math.isinf(rounded) or math.isinf(value):
        return 0.0 if rounded == value else abs(exact) / mpmath.mpf(math.ulp(1.7976931348623157e308))
    return float(abs(mpmath.mpf(value) - exact) / mpmath.mpf(math.ulp(rounded)))


def check_float(function, *args, ulp=0):
    """As `check`, for a function that never raises."""
    try:
        function(*args)
    except (ValueError, OverflowError):
        result = compiled(function)(*args)
        assert not cmath.isfinite(result), f"{result!r} where the interpreter raises, for {args}"
    else:
        check(function, *args, ulp=ulp)


def check_close(name, x):
    """Special results as the interpreter's, others within an ulp of the exact one."""
    function = FUNCTIONS["math", name, 1]
    try:
        expected = function(x)
    except (ValueError, OverflowError):
        check_float(function, x)
        return
    if not math.isfinite(expected) or expected == 0.0 or not math.isfinite(x):
        check(function, x)
        return
    actual = compiled(function)(x)
    assert type(actual) is float
    with mpmath.workprec(2200 if abs(x) > 1e5 else 300):
        assert ulps_off(actual, MPMATH[name](mpmath.mpf(x))) <= ULPS_ALLOWED.get(name, 1.0), (name, x, actual, expected)


@pytest.mark.parametrize("name", EXACT_ONE)
def test_exact(name):
    for x in SPECIAL + ORDINARY + INTEGERS + [True, np.float64(2.5)]:
        check_float(FUNCTIONS["math", name, 1], x)


@pytest.mark.parametrize("name", TO_INT)
def test_to_int(name):
    for x in SPECIAL + ORDINARY + INTEGERS + [True, np.float64(2.5)]:
        if not (2**62 < abs(x) < INF):
            check(FUNCTIONS["math", name, 1], x)


@pytest.mark.parametrize("name", TO_INT)
@pytest.mark.parametrize("x", [1e19, -1e19, 1.7976931348623157e308])
def test_too_large_for_an_integer(name, x):
    with pytest.raises(OverflowError):
        compiled(FUNCTIONS["math", name, 1])(x)


@pytest.mark.parametrize("name", [name for name in CLOSE_ONE if hasattr(math, name)])
def test_close(name):
    for x in SPECIAL + ORDINARY + INTEGERS:
        check_close(name, x)


@given(st.floats(allow_nan=True), st.sampled_from([n for n in CLOSE_ONE if n not in ("gamma", "lgamma", "erfc")]))
def test_close_anywhere(x, name):
    # mpmath has no hurry far out; the interpreter says there what the special value is.
    if hasattr(math, name) and not (name in ("sin", "cos", "tan") and abs(x) > 1e200):
        check_close(name, x)


@pytest.mark.parametrize("name", EXACT_TWO)
def test_exact_of_two(name):
    for a, b in itertools.product(SPECIAL + [2.5, -3.5, 7.0], repeat=2):
        check_float(FUNCTIONS["math", name, 2], a, b)


@pytest.mark.parametrize("name", CLOSE_TWO)
def test_close_of_two(name):
    for a, b in itertools.product(SPECIAL + [0.5, 2.5, -3.0, 3.0, 1e10], repeat=2):
        # One ulp for us and one for the interpreter's library.
        check_float(FUNCTIONS["math", name, 2], a, b, ulp=2)


@pytest.mark.parametrize("x", SPECIAL + [1e300, 2.5])
@pytest.mark.parametrize("n", [0, 1, -1, 60, -1100, 3000])
def test_ldexp(x, n):
    check_float(ldexp, x, n)


def ldexp(x, n):
    return math.ldexp(x, n)


cases = Cases()


@cases((12, 18), (0, 5), (-12, 18), (0, 0), (2**62, 2**61))
def gcd_of_two(a, b):
    return math.gcd(a, b)


@cases((12, 18, 30))
def gcd_and_lcm_of_three(a, b, c):
    return math.gcd(a, b, c), math.lcm(a, b, c), math.gcd(), math.lcm(), math.gcd(a)


@cases((4, 6), (0, 5), (-4, 6), (7, 1))
def lcm_of_two(a, b):
    return math.lcm(a, b)


@cases(*[(n,) for n in (0, 1, 2, 3, 4, 15, 16, 17, 2**52, 2**62, 2**63 - 1, -1)])
def isqrt(n):
    return math.isqrt(n)


@cases(*[(n,) for n in (0, 1, 5, 20, -1)])
def factorial(n):
    return math.factorial(n)


@cases((5, 2), (5, 0), (5, 7), (60, 30), (-1, 2), (5, -2))
def comb_and_perm(n, k):
    return math.comb(n, k), math.perm(n, k) if n < 20 else 0


@cases((1.0, 1.0 + 1e-10), (1.0, 1.1), (INF, INF), (NAN, NAN), (0.0, 1e-12))
def isclose(a, b):
    return math.isclose(a, b), math.isclose(a, b, rel_tol=1e-3), math.isclose(a, b, abs_tol=0.5)


@cases((100.0, 10.0), (8, 2), (2.0, 4.0), (1e-300, 0.5), (INF, 2.0), (NAN, 2.0), ulp=2)
def log_with_base(x, base):
    return math.log(x, base)


@cases((3.0, 4.0, 12.0))
def hypot_of_three(a, b, c):
    return math.hypot(a, b, c), math.hypot(a), math.hypot()


@cases(((1.0, 2.0), (4.0, 6.0)))
def dist(p, q):
    return math.dist(p, q)


@cases(((0.1, 0.2, 0.3, 1e300, -1e300),))
def exact_sum_and_product(t):
    return math.fsum(t), math.prod((1, 2, 3)), math.prod((1.5, 2.0), start=2)


@cases((1,))
def constants(x):
    return math.pi * x, math.e, math.tau, math.inf, math.nan, cmath.pi, cmath.infj, cmath.nanj


@cases((2,), (True,), (np.float64(0.5),), (np.uint8(3),))
def integer_arguments(x):
    return math.floor(x), math.sqrt(x), math.isnan(x), math.ceil(x)


@cases((3.0, -4.0), (-0.0, 0.0), (INF, NAN))
def polar_and_rect(a, b):
    z = complex(a, b)
    return cmath.phase(z), cmath.isfinite(z), cmath.isinf(z), cmath.isnan(z), z.conjugate()


@cases((1.0 + 1e-12j, 1.0 + 0j), (1 + 2j, 1.1 + 2j))
def complex_isclose(a, b):
    return cmath.isclose(a, b), cmath.isclose(a, b, rel_tol=0.5)


test_other_functions = cases.test()

COMPLEX_PARTS = [0.0, -0.0, 0.5, -1.5, 2.0, INF, -INF, NAN]
COMPLEX_FUNCTIONS = "acos acosh asin asinh atan atanh cos cosh exp log log10 sin sinh sqrt tan tanh polar phase".split()


@pytest.mark.parametrize("name", COMPLEX_FUNCTIONS + ["isfinite", "isinf", "isnan"])
def test_cmath(name):
    for real, imag in itertools.product(COMPLEX_PARTS, repeat=2):
        # Compositions of real functions, each of which may be off by one from the interpreter's.
        check_float(FUNCTIONS["cmath", name, 1], complex(real, imag), ulp=4)


def rect(r, phi):
    return cmath.rect(r, phi)


def test_rect():
    for r, phi in itertools.product(COMPLEX_PARTS, repeat=2):
        check_float(rect, r, phi, ulp=2)


def test_float32_stays_within_one_ulp():
    """A float32 argument may be computed in float32; it must then be right in float32."""
    for name in ("exp", "log", "sin", "cos", "tanh", "sqrt"):
        function = compiled(FUNCTIONS["math", name, 1])
        for x in np.array([0.1, 0.5, 1.0, 2.5, 10.0], dtype=np.float32):
            exact = getattr(mpmath, name)(mpmath.mpf(float(x)))
            error = abs(mpmath.mpf(function(x)) - exact) / mpmath.mpf(float(np.spacing(np.float32(abs(exact)))))
            assert error <= 1.0, (name, x)

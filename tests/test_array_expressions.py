"""Whole-array expressions: operators and ufuncs on arrays, broadcasting, fusion, stores into views."""

import numpy as np
import pytest
import rumba
from differential import Cases, check
from hypothesis import given
from hypothesis import strategies as st
from library.records import compiled
from rumba import njit
from rumba.errors import TypingError

DTYPES = [np.dtype(letter) for letter in "?bBhHiIlLfdFD"]
#: NumPy's ufuncs of numbers, element by element; `isnat` is of dates.
UFUNCS = [
    ufunc
    for ufunc in vars(np).values()
    if isinstance(ufunc, np.ufunc) and ufunc.nin <= 2 and ufunc.signature is None and ufunc is not np.isnat
]


def numbers(dtype, shape, seed=0):
    """Numbers of either sign, zeros, and for floats the special ones."""
    rng = np.random.default_rng(seed)
    values = rng.integers(-9, 10, shape)
    with np.errstate(all="ignore"):
        if dtype.kind in "fc":
            values = values + rng.integers(0, 4, shape) / 4
            special = rng.choice([np.nan, np.inf, -np.inf, -0.0, 0.0], shape)
            # Functions of complex numbers differ from one C library to the next where these come in.
        if dtype.kind == "f":
            values = np.where(rng.random(shape) < 0.2, special, values)
        values = values.astype(dtype)
        if dtype.kind == "c":
            values = values + 1j * rng.integers(-2, 3, shape).astype(values.real.dtype)
        return values.astype(dtype)


cases = Cases()

A, B = np.arange(6.0).reshape(2, 3), np.array([[0.5], [-2.0]])
ROW = np.array([1.0, 10.0, 100.0])


@cases((A, A), (A, B), (A, ROW), (ROW, A), (A.T, B.T), (A.T, A.T), (A[::-1, ::-2], B), (A, 2.0), (2, A), (A, np.float64(3)))
def arithmetic(a, b):
    return a + b, a - b, a * b, a / b, a // b, a % b


@cases((A, A), (A, B), (A, ROW), (A[:, :0], ROW[:0]), (A, 1.0), (1, A))
def comparisons(a, b):
    return a == b, a != b, a < b, a <= b, a > b, a >= b


@cases((np.array([1, 2, 3]), np.array([3, 0, 5])), (np.array([True, False]), np.array([True, True])), (np.array([7, 8]), 3))
def bits(a, b):
    return a & b, a | b, a ^ b, ~a


@cases((np.array([1, 2, 3]), 2), (np.array([1, -2], np.int8), np.array([3, 1], np.int8)))
def shifts(a, b):
    return a << b, a >> b


@cases((A,), (A.T,), (A[::-1],), (np.array(3.0),), (np.zeros((2, 0)),), (np.array([1, -2]),))
def signs(a):
    return -a, +a, abs(a), np.abs(a), a.T - a.T


@cases((A,), (np.array([3, 4]),), (np.array([1.5, 2.5], np.float32),))
def powers(a):
    return a**2, a**3, a**1, a**0.5, a**2.0, 2**a, a ** (a + 1)


@cases((A, ROW))
def locals_are_fused(a, b):
    t = a * b
    u = t + 1.0
    return (u - b).sum(), u.shape[0]


@cases((A, ROW))
def temporaries_used_twice(a, b):
    t = a * b
    return t, t + 1.0, (t * t).sum()


@cases((A.copy(), ROW))
def reads_before_writes(a, b):
    t = a + b
    a[0, 0] = 100.0
    return t * 2.0, a


@cases((A.copy(),))
def loops_over_expressions(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[0]):
            total += np.sqrt(((a[i] - a[j]) ** 2).sum())
    return total


@cases((A.copy(), ROW), (A.copy().T, ROW[:2]), (A.copy()[:, ::-1], 2.0), (A.copy(), B))
def in_place(a, b):
    before = a
    a += b
    a *= 2
    a -= a
    return before is a, a


@cases((np.arange(9.0),), (np.arange(3.0),), (np.arange(18.0)[::2],), (np.arange(9.0)[::-1],))
def overlapping_stencil(a):
    a[1:-1] = 0.5 * (a[:-2] + a[2:])
    return a


@cases((np.arange(9.0), 1), (np.arange(9.0), -1), (np.arange(9.0), 2))
def overlapping_shift(a, by):
    if by > 0:
        a[by:] = a[:-by] + 1.0
    else:
        a[:by] = a[-by:] + 1.0
    return a


@cases((np.arange(9.0).reshape(3, 3),))
def overlapping_transpose(a):
    a[:] = a.T + a
    a += a.T
    return a


@cases((np.arange(9.0).reshape(3, 3),))
def row_of_itself(a):
    a[:] = a[1] * a
    a[0] = a[:, 0] - a[2]
    return a


@cases((np.zeros((2, 3)), A), (np.zeros((2, 3)), ROW), (np.zeros((2, 3), np.float32), A), (np.zeros((2, 3)), A[:1]))
def stores(a, b):
    a[...] = b
    a[:, 1:] = b[..., 1:] * 2
    a[1] = b[-1]
    return a


@cases((np.zeros((2, 3)), A[None, None]),)
def surplus_axes(a, b):
    a[:] = b
    return a


@cases((A, ROW, np.zeros((2, 3))), (A, ROW, np.zeros((3, 2)).T))
def out(a, b, c):
    result = np.add(a, b, c)
    np.multiply(a, b, out=c, where=a > 2.0)
    np.sqrt(c, out=c)
    return result is c, c


@cases((A,))
def two_results(a):
    quotient, remainder = np.divmod(a, 2.0)
    fraction, whole = np.modf(a / 4)
    return quotient, remainder, fraction, whole


@cases((A, 2), (A.astype(np.float32), 2), (A.astype(np.int8), 3))
def scalar_variables(a, n):
    return a * n, n - a, a + n * 0.5


test_same_as_the_interpreter = cases.test()


def test_layout_of_results():
    @njit
    def add(a, b):
        return a + b

    f = np.asfortranarray(A)
    assert add(f, f).flags.f_contiguous and not add(f, f).flags.c_contiguous
    assert add(f, A).flags.c_contiguous
    assert add(A[:, ::2], A[:, ::2]).flags.c_contiguous


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_ufuncs_of_every_dtype(ufunc):
    operands = "a, b" if ufunc.nin == 2 else "a"
    rules = {letters.split("->")[0] for letters in ufunc.types}
    for dtype in DTYPES:
        if dtype.char * ufunc.nin not in rules and not (ufunc.__name__ == "ldexp" and dtype.char in "fd"):
            continue
        a, b = numbers(dtype, (5, 7)), numbers(dtype, (7,), seed=1)
        if ufunc.__name__ == "ldexp":
            b = numbers(np.dtype(np.int64), (7,), seed=1)
        if ufunc.__name__ in ("power", "left_shift", "right_shift") and dtype.kind in "iu":
            b = np.abs(b) % 8
        args = (a, b) if ufunc.nin == 2 else (a,)
        compute = compiled(operands, f"np.{ufunc.__name__}({operands})")
        with np.errstate(all="ignore"):
            expected = ufunc(*args)
            if "power" in ufunc.__name__ and dtype.kind == "c":
                # NumPy's own results are off by some tens of units: the logarithm is multiplied by the exponent.
                expected = ufunc(*(arg.astype(complex) for arg in args)).astype(expected.dtype)
        for actual, wanted in zip(as_tuple(compute(*args)), as_tuple(expected)):
            assert actual.dtype == wanted.dtype, dtype
            assert_close(actual, wanted, n_ulp=64 if "power" in ufunc.__name__ else 8)


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


def assert_close(actual, expected, n_ulp):
    """Equal for exact dtypes; elementary functions of NumPy are themselves off by some units in the last place."""
    if expected.dtype.kind in "fc":
        real = expected.real.dtype
        np.testing.assert_allclose(actual, expected, rtol=n_ulp * np.finfo(real).eps, atol=n_ulp * np.finfo(real).tiny)
    else:
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("right", DTYPES, ids=str)
@pytest.mark.parametrize("left", DTYPES, ids=str)
def test_dtypes_of_arithmetic(left, right):
    @njit
    def compute(a, b):
        return a + b, a * b, a == b, np.maximum(a, b)

    a, b = numbers(left, 9), numbers(right, 9, seed=1)
    with np.errstate(all="ignore"):
        expected = a + b, a * b, a == b, np.maximum(a, b)
    for actual, wanted in zip(compute(a, b), expected):
        assert actual.dtype == wanted.dtype
        np.testing.assert_array_equal(actual, wanted)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_python_numbers_take_the_kind_of_the_array(dtype):
    @njit
    def compute(a, i, x, z):
        return a + 1, a * 2.0, a - i, a / x, a + z, a < 3, a == 2.5

    a = numbers(dtype, 9)
    with np.errstate(all="ignore"):
        expected = a + 1, a * 2.0, a - 3, a / 0.25, a + 2j, a < 3, a == 2.5
    for actual, wanted in zip(compute(a, 3, 0.25, 2j), expected):
        assert actual.dtype == wanted.dtype
        np.testing.assert_array_equal(actual, wanted)


def test_an_int_that_does_not_fit_the_dtype():
    @njit
    def add(a, n):
        return a + n

    small = np.arange(3, dtype=np.uint8)
    np.testing.assert_array_equal(add(small, 255), small + 255)
    for n in (256, -1):
        with pytest.raises(OverflowError, match=f"Python integer {n} out of bounds for uint8"):
            add(small, n)
    with pytest.raises(TypingError, match="the integer 300 is out of bounds for uint8"):
        njit(lambda a: a + 300)(small)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float32, np.complex128], ids=str)
def test_arrays_without_axes_are_of_their_dtype(dtype):
    """Unlike Python's numbers, which take the kind of what they meet."""
    single = np.array(3, dtype)
    for other in (np.arange(3, dtype=np.int8), np.arange(3, dtype=np.float32), np.float32(2), 2, 2.5):
        for expression in ("a + b", "b * a", "np.fmax(a, b)", "np.where(a > b, a, b)", "np.dot(a, b)", "np.clip(b, None, a)"):
            if "clip" in expression and dtype == np.complex128:
                continue
            result, expected = compiled("a, b", expression)(single, other), eval(expression, {"np": np, "a": single, "b": other})
            if isinstance(result, np.ndarray):
                assert result.dtype == expected.dtype, (expression, other)
            np.testing.assert_array_equal(result, expected)


def test_dtypes_that_a_ufunc_does_not_compute_in():
    a = np.array([1.5, 2.5])
    for expression in (
        "np.cos(a, dtype=np.bool_)",
        "np.equal(a, a, dtype=np.float64)",
        "np.add(a, a, dtype=np.int64)",
        "np.frexp(a, dtype=np.float64)",
        "np.isnan(a, dtype=np.int8)",
    ):
        with pytest.raises(TypeError):
            eval(expression, {"np": np, "a": a})
        with pytest.raises(TypingError):
            compiled("a", expression)(a)
    assert compiled("a", "np.add(a, 1, dtype=np.complex64)")(a).dtype == np.complex64
    assert compiled("a", "np.equal(a, a, dtype=np.bool_)")(a).tolist() == [True, True]


def test_there_is_no_axis_in_an_array_without_axes():
    for expression in ("np.any(a, axis=b)", "np.argmax(a, b)", "np.nanmedian(a, axis=b)", "np.minimum.reduce(a, axis=b)", "a.std(b)"):
        with pytest.raises(TypingError, match="has no axis"):
            compiled("a, b", expression)(np.array(1.0), 3)
    with pytest.raises(TypingError, match="dimension 0"):
        compiled("a", "np.unravel_index(a, ())")(np.array([0]))


def test_orders_that_need_another_array():
    for expression in ("np.eye(2, order='K')", "np.full(3, 1.5, order='A')", "np.zeros(3, order='K')"):
        with pytest.raises(ValueError, match="only 'C' or 'F' order is permitted"):
            eval(expression, {"np": np})
        with pytest.raises(TypingError, match="only 'C' or 'F' order is permitted"):
            compiled("", expression)()


def test_what_only_looks_like_a_constant():
    """Numbers that are constants when code is emitted, but have no literal type."""

    @njit
    def sort(a):
        return np.sort(a, np.int64(5))

    @njit
    def square(a):
        return a ** np.float64(2.0)

    @njit
    def add(a):
        return a + np.int64(300)

    @njit
    def derive(a):
        return np.polyder(a, np.int64(0)), np.polyint(a, np.int64(0))

    ints = np.arange(3)
    with pytest.raises(np.exceptions.AxisError, match="axis 5 is out of bounds for array of dimension 1"):
        sort(ints)
    assert square(ints).dtype == np.float64
    with pytest.raises(OverflowError, match="Python integer 300 out of bounds for uint8"):
        add(ints.astype(np.uint8))
    for result in derive(ints):
        np.testing.assert_array_equal(result, ints)


def test_shapes_that_do_not_fit():
    def add(a, b):
        return a + b

    def store(a, b):
        a[:] = b

    def in_place(a, b):
        a += b

    for function in (add, store, in_place):
        for a, b in [(np.zeros(3), np.zeros(4)), (np.zeros((2, 3)), np.zeros((3, 2))), (np.zeros(3), np.zeros((2, 3)))]:
            if function is add and b.shape == (2, 3):
                continue
            with pytest.raises(ValueError) as expected:
                function(a.copy(), b)
            with pytest.raises(ValueError) as actual:
                njit(function)(a.copy(), b)
            if function is not in_place:
                assert str(actual.value) == str(expected.value)


def test_what_is_refused():
    ints, floats = np.arange(3), np.arange(3.0)

    def in_place(a, b):
        a += b

    with pytest.raises(TypingError, match="float64, which is not stored into an array of int64"):
        njit(in_place)(ints, floats)
    frozen = floats.copy()
    frozen.flags.writeable = False
    with pytest.raises(TypingError, match="read-only"):
        njit(in_place)(frozen, floats)
    with pytest.raises(TypingError, match="np.subtract.. is not defined for"):
        njit(lambda a: a - a)(np.array([True]))
    with pytest.raises(TypingError, match="`where` needs `out`"):
        njit(lambda a: np.sqrt(a, where=a > 0))(floats)
    with pytest.raises(TypingError, match="takes numbers and arrays"):
        njit(lambda a: np.sqrt({1: a}))(floats)


def test_powers_with_negative_exponents_raise():
    @njit
    def power(a, b):
        return a**b

    with pytest.raises(ValueError, match="Integers to negative integer powers are not allowed"):
        power(np.array([1, 2]), np.array([1, -1]))


def test_nothing_leaks():
    @njit
    def work(a, b, fail):
        t = a + b
        t[1:] = t[:-1] * 2.0
        u = (t - a) * b
        if fail:
            a[: b.shape[0] + 1] = b
        return u

    a, b = np.zeros(100), np.ones(100)
    before = rumba._core.live_allocations()
    for n in range(1000):
        work(a, b, False)
        with pytest.raises(ValueError):
            work(a, b[:7], n % 2 == 0)
    assert rumba._core.live_allocations() == before


def test_a_fused_chain_allocates_only_its_result():
    @njit
    def chain(a, b):
        t = a * b
        u = t + 1.0
        return np.sqrt(u) - a

    chain(A, ROW)
    (text,) = chain.inspect_llvm().values()
    assert text.count("call i32 @rumba_array_allocate") == 1

    @njit
    def total(a, b):
        return (a * b + 1.0).sum()

    total(A, ROW)
    (text,) = total.inspect_llvm().values()
    assert "rumba_array_allocate" not in text


views = st.tuples(
    st.lists(st.sampled_from([slice(None), slice(None, None, -1), slice(None, None, 2), slice(1, None), slice(0, 1)]), min_size=3, max_size=3),
    st.permutations(range(3)),
)


@given(views, views, st.integers(0, 3), st.integers(0, 3))
def test_expressions_over_views(left, right, left_rank, right_rank):
    """Any two views whose shapes broadcast, or do not."""
    memory = np.arange(4 * 5 * 6, dtype=np.float64).reshape(4, 5, 6)

    def view(spec, rank):
        slices, axes = spec
        result = memory[tuple(slices)].transpose(axes)
        return result[(0,) * (3 - rank)]

    a, b = view(left, left_rank), view(right, right_rank)
    if a.ndim == b.ndim == 0:
        return
    check(product_and_sum, a, b)


def product_and_sum(a, b):
    return a * b + a


@given(views, views, st.integers(0, 30), st.integers(0, 30), st.integers(1, 3))
def test_stores_between_views_of_the_same_memory(target, source, target_start, source_start, rank):
    def run(function):
        memory = np.arange(400.0)

        def view(spec, start):
            slices, axes = spec
            block = memory[start : start + 125].reshape(5, 5, 5)[tuple(slices)].transpose(axes)
            return block[(0,) * (3 - rank)]

        a, b = view(target, target_start), view(source, source_start)
        try:
            function(a, b)
        except ValueError:
            return "does not fit"
        return memory

    expected, actual = run(store_expression), run(jitted_store)
    if isinstance(expected, str):
        assert actual == expected if isinstance(actual, str) else False
    else:
        np.testing.assert_array_equal(actual, expected)


def store_expression(a, b):
    a[...] = b * 2.0 + a


jitted_store = njit(store_expression)

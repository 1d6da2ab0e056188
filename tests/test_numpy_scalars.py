"""NumPy's ufuncs, scalar classes and dtypes in compiled code, called on numbers, against NumPy itself."""

import warnings

import numpy as np
import pytest
from rumba import njit
from rumba.errors import TypingError

INTEGERS = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
FLOATS = [np.float32, np.float64]
COMPLEX = [np.complex64, np.complex128]

REAL_VALUES = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, 3.7, -7.25, 1e-3, 40.0, np.inf, -np.inf, np.nan]
COMPLEX_VALUES = [0j, 1 + 0j, 1j, -1 + 0.5j, 0.3 - 0.7j, -2.5 - 3j, 4 + 1e-3j]

# Elementary functions of either library are within 1 ulp of the true value.
ELEMENTARY = """
    exp exp2 expm1 log log2 log10 log1p cbrt sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh
    arctan2 hypot power float_power logaddexp logaddexp2 sqrt absolute sign degrees rad2deg radians deg2rad reciprocal
""".split()

NOT_OF_NUMBERS = {"isnat", "matmul", "matvec", "vecdot", "vecmat"}
UFUNCS = sorted(
    {f.__name__: f for f in vars(np).values() if isinstance(f, np.ufunc) and f.__name__ not in NOT_OF_NUMBERS}.values(),
    key=lambda f: f.__name__,
)


def values_of(dtype):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return np.array(
            [0, 1, 2, 3, 7, 100, info.max, info.max // 2, info.min, max(info.min, -1), max(info.min, -5)], dtype
        )
    return np.array(REAL_VALUES if dtype.kind == "f" else COMPLEX_VALUES, dtype)


def map_unary(ufunc):
    @njit
    def mapped(x):
        first = ufunc(x[0])
        out = np.empty(len(x), np.array(first).dtype)
        for i in range(len(x)):
            out[i] = ufunc(x[i])
        return out

    return mapped


def map_binary(ufunc):
    @njit
    def mapped(x, y):
        first = ufunc(x[0], y[0])
        out = np.empty(len(x), np.array(first).dtype)
        for i in range(len(x)):
            out[i] = ufunc(x[i], y[i])
        return out

    return mapped


def map_unary_to_two(ufunc):
    @njit
    def mapped(x):
        a, b = ufunc(x[0])
        first = np.empty(len(x), np.array(a).dtype)
        second = np.empty(len(x), np.array(b).dtype)
        for i in range(len(x)):
            first[i], second[i] = ufunc(x[i])
        return first, second

    return mapped


def map_binary_to_two(ufunc):
    @njit
    def mapped(x, y):
        a, b = ufunc(x[0], y[0])
        first = np.empty(len(x), np.array(a).dtype)
        second = np.empty(len(x), np.array(b).dtype)
        for i in range(len(x)):
            first[i], second[i] = ufunc(x[i], y[i])
        return first, second

    return mapped


MAPPERS = {(1, 1): map_unary, (2, 1): map_binary, (1, 2): map_unary_to_two, (2, 2): map_binary_to_two}


def expected_of(ufunc, operands):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        results = ufunc(*operands)
        if any(r.dtype == np.float16 for r in np.atleast_1d(results)) or (
            isinstance(results, tuple) and results[0].dtype == np.float16
        ):
            # There is no float16 here: float32 is the narrowest float.
            results = ufunc(*(o.astype(np.float32) if o.dtype.itemsize == 1 else o for o in operands))
    return results if isinstance(results, tuple) else (results,)


def assert_same(name, actual, expected, operands):
    assert actual.dtype == expected.dtype, f"{name}: {actual.dtype}, expected {expected.dtype}"
    # NumPy multiplies complex numbers in arrays with fused operations, other than one by one.
    if (
        name in ELEMENTARY
        and expected.dtype.kind in "fc"
        or name in ("multiply", "square")
        and expected.dtype.kind == "c"
    ):
        eps = np.finfo(expected.dtype).eps
        tolerance = (4 if expected.dtype.kind == "f" else 16) * eps
        np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * (expected.dtype.kind == "c"))
    else:
        same = (actual == expected) | ((actual != actual) & (expected != expected))
        assert same.all(), f"{name}: {actual[~same]}, expected {expected[~same]} for {[o[~same] for o in operands]}"


def check(ufunc, operands):
    try:
        expected = expected_of(ufunc, operands)
    except TypeError:
        with pytest.raises(TypingError):
            MAPPERS[ufunc.nin, ufunc.nout](ufunc)(*operands)
        return
    actual = MAPPERS[ufunc.nin, ufunc.nout](ufunc)(*operands)
    actual = actual if isinstance(actual, tuple) else (actual,)
    for a, e in zip(actual, expected, strict=True):
        assert_same(ufunc.__name__, a, e, operands)


UNARY = [f for f in UFUNCS if f.nin == 1]
BINARY = [f for f in UFUNCS if f.nin == 2 and f is not np.ldexp]


@pytest.mark.parametrize("dtype", [np.bool_, *INTEGERS, *FLOATS, *COMPLEX], ids=lambda d: d.__name__)
@pytest.mark.parametrize("ufunc", UNARY, ids=lambda f: f.__name__)
def test_unary(ufunc, dtype):
    check(ufunc, [values_of(dtype)])


PAIRS = [
    (np.bool_, np.bool_),
    (np.int8, np.int8),
    (np.uint8, np.uint8),
    (np.int8, np.uint8),
    (np.int32, np.int32),
    (np.int64, np.int64),
    (np.uint64, np.uint64),
    (np.int64, np.uint64),
    (np.bool_, np.int16),
    (np.float32, np.float32),
    (np.float64, np.float64),
    (np.float32, np.float64),
    (np.int16, np.float32),
    (np.int64, np.float32),
    (np.complex64, np.complex64),
    (np.complex128, np.complex128),
    (np.float64, np.complex64),
]


@pytest.mark.parametrize("dtypes", PAIRS, ids=lambda p: "-".join(d.__name__ for d in p))
@pytest.mark.parametrize("ufunc", BINARY, ids=lambda f: f.__name__)
def test_binary(ufunc, dtypes):
    x, y = (grid.ravel() for grid in np.meshgrid(values_of(dtypes[0]), values_of(dtypes[1])))
    if ufunc in (np.power, np.float_power):
        # Negative powers of integers raise; infinite ones of complex numbers have no agreed value.
        keep = ~(y < 0) if np.result_type(x, y).kind in "iu" else np.isfinite(x) & np.isfinite(y) & (x != 0)
        x, y = x[keep], y[keep]
    if ufunc is np.divide and np.result_type(x, y).kind == "c":
        keep = y != 0
        x, y = x[keep], y[keep]
    check(ufunc, [x, y])


@pytest.mark.parametrize("exponent", [np.int32, np.int64])
@pytest.mark.parametrize("dtype", FLOATS)
def test_ldexp(dtype, exponent):
    x, n = np.meshgrid(values_of(dtype), np.array([0, 1, -1, 30, -30, -149, 127, 1000, -1074, 2000, -2200], exponent))
    check(np.ldexp, [x.ravel(), n.ravel()])


@pytest.mark.parametrize("exponent", [1 + 2j, 2 - 1j, 1j, -1j, -2 + 0.5j, -2j - 2, 0j, 2.5 + 0j])
def test_powers_of_complex_zero(exponent):
    @njit
    def power(x, y):
        return np.power(x, y)

    np.testing.assert_equal(power(0j, exponent), complex(np.power(0j, exponent)))


def test_negative_integer_power_raises():
    @njit
    def power(x, y):
        return np.power(x, y)

    with pytest.raises(ValueError, match="Integers to negative integer powers are not allowed."):
        power(2, -1)


def test_aliases():
    @njit
    def aliases(x):
        return np.abs(x), np.atan(x), np.true_divide(x, 2), np.mod(x, 0.3), np.conj(x), np.bitwise_not(3), np.pow(x, 2)

    assert aliases(1.0) == (1.0, 0.7853981633974483, 0.5, 1.0 % 0.3, 1.0, -4, 1.0)


@pytest.mark.parametrize("target", [np.bool_, *INTEGERS, *FLOATS, *COMPLEX], ids=lambda d: d.__name__)
@pytest.mark.parametrize("source", [np.bool_, *INTEGERS, *FLOATS, *COMPLEX], ids=lambda d: d.__name__)
def test_scalar_classes_convert_as_astype(source, target):
    @njit
    def convert(x):
        out = np.empty(len(x), target)
        for i in range(len(x)):
            out[i] = target(x[i])
        return out

    x = values_of(source)
    if np.dtype(source).kind in "fc" and np.dtype(target).kind in "iu":
        x = x[np.isfinite(x)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = x.astype(target)
    np.testing.assert_array_equal(convert(x), expected)


def test_scalar_class_of_an_array_is_refused():
    @njit
    def convert(a):
        return np.float32(a)

    with pytest.raises(TypingError, match="astype"):
        convert(np.zeros(3))


def test_dtypes_as_values():
    @njit
    def facts(a):
        d = a.dtype
        return d.itemsize, d.kind == "f", d == np.float32, d == "float32", np.dtype("i2").itemsize, d.type == np.float32

    assert facts(np.zeros(2, np.float32)) == (4, True, True, True, 2, True)
    assert facts(np.zeros(2, np.int64)) == (8, False, False, False, 2, False)


def test_shape_ndim_size():
    @njit
    def facts(a):
        return np.shape(a), np.ndim(a), np.size(a)

    assert facts(np.zeros((2, 3))) == ((2, 3), 2, 6)
    assert facts(1.5) == ((), 0, 1)


@pytest.mark.parametrize("dtype", INTEGERS, ids=lambda d: d.__name__)
def test_iinfo(dtype):
    @njit
    def facts(x):
        info = np.iinfo(dtype)
        return info.min, info.max, info.bits, np.iinfo(x).max

    info = np.iinfo(dtype)
    assert facts(np.int32(1)) == (info.min, info.max, info.bits, 2**31 - 1)


@pytest.mark.parametrize("dtype", FLOATS + COMPLEX, ids=lambda d: d.__name__)
def test_finfo(dtype):
    names = (
        "eps epsneg max min tiny smallest_normal smallest_subnormal resolution bits nmant nexp iexp precision".split()
    )

    @njit
    def facts():
        f = np.finfo(dtype)
        return (
            f.eps,
            f.epsneg,
            f.max,
            f.min,
            f.tiny,
            f.smallest_normal,
            f.smallest_subnormal,
            f.resolution,
            f.bits,
            f.nmant,
            f.nexp,
            f.iexp,
            f.precision,
        )

    info = np.finfo(dtype)
    assert facts() == tuple(getattr(info, name) for name in names)


def test_parts_of_numbers():
    @njit
    def parts(z, x):
        return np.real(z), np.imag(z), np.real(x), np.imag(x)

    assert parts(1 + 2j, 3) == (1.0, 2.0, 3, 0)


def test_bools_compare_with_large_unsigned_integers():
    large = np.uint64(2**63)

    @njit
    def compare(x, y):
        return x < y, x > y, x == y, y < x

    assert compare(True, large) == (True, False, False, False)
    assert compare(large, True) == (False, True, False, True)
    assert compare(True, np.uint64(1)) == (False, False, True, False)

"""Arithmetic on numbers: signs, limits, wrap-around, conversion and promotion.

Integers are computed in 64 bits and wrap around, as Numba's do; everything else is the interpreter's.
"""

import itertools
import math

import numpy as np
import pytest
from differential import Cases, check, compiled, wrap
from hypothesis import given
from hypothesis import strategies as st
from rumba import njit
from rumba.errors import TypingError

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
INF, NAN = math.inf, math.nan
INTS = [0, 1, -1, 2, 3, -3, 7, -7, 10, 2**31, -(2**31), 2**32 + 1, 2**62, INT_MAX, INT_MIN]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.1, 2.5, -2.5, 7.25, -7.25, 1e300, -1e300, 5e-324, INF, -INF, NAN]
COMPLEX = [0j, 1j, 1 + 2j, -1.5 - 0.5j, complex(-0.0, 0.0), complex(INF, 1), complex(NAN, 1)]

# --- int with int ---------------------------------------------------------------------------------------------------


def add(a, b):
    return a + b


def subtract(a, b):
    return a - b


def multiply(a, b):
    return a * b


def floor_divide(a, b):
    return a // b


def modulo(a, b):
    return a % b


def true_divide(a, b):
    return a / b


def power(a, b):
    return a**b


def bit_and(a, b):
    return a & b


def bit_or(a, b):
    return a | b


def bit_xor(a, b):
    return a ^ b


def shift_left(a, n):
    return a << n


def shift_right(a, n):
    return a >> n


def compare(a, b):
    return a < b, a <= b, a == b, a != b, a > b, a >= b


def compare_equality(a, b):
    return a == b, a != b


def negative(a):
    return -a


def invert(a):
    return ~a


RING = [add, subtract, multiply, bit_and, bit_or, bit_xor]
DIVISIONS = [floor_divide, modulo, true_divide]


@pytest.mark.parametrize("function", [*RING, *DIVISIONS, compare])
def test_int_with_int(function):
    for a, b in itertools.product(INTS, repeat=2):
        check(function, a, b, wraps=True)


@pytest.mark.parametrize("function", [negative, invert])
def test_int_alone(function):
    for a in INTS:
        check(function, a, wraps=True)


@given(st.integers(INT_MIN, INT_MAX), st.integers(INT_MIN, INT_MAX), st.sampled_from([*RING, *DIVISIONS, compare]))
def test_int_with_int_anywhere(a, b, function):
    check(function, a, b, wraps=True)


@pytest.mark.parametrize("base", [0, 1, -1, 2, -2, 3, 10, -7, 2**31, INT_MAX, INT_MIN])
def test_int_power(base):
    for exponent in (0, 1, 2, 3, 5, 31, 62, 63, 64, 65):
        check(power, base, exponent, wraps=True)


def test_shifts():
    for a in INTS:
        for n in (0, 1, 5, 31, 32, 62, 63):
            check(shift_left, a, n, wraps=True)
            check(shift_right, a, n)


def constant_expressions(x):
    return 7 // -2, -7 % 3, 2**10, 1 << 40, -(2**62), 0x7FFFFFFFFFFFFFFF, x + 0


def powers_with_constants(x):
    return x**0, x**1, x**2, x**3, x**7, 2**x


def float_powers_with_constants(x):
    return x**0, x**1, x**2, x**0.5, x**-1


def test_constants():
    check(constant_expressions, 1)
    check(powers_with_constants, 5)
    check(powers_with_constants, 0)
    check(float_powers_with_constants, 2.25)


# --- float and complex ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [add, subtract, multiply, *DIVISIONS, compare])
def test_float_with_float(function):
    for a, b in itertools.product(FLOATS, repeat=2):
        check(function, a, b)


@given(st.floats(), st.floats(), st.sampled_from([add, subtract, multiply, *DIVISIONS, compare]))
def test_float_with_float_anywhere(a, b, function):
    check(function, a, b)


@pytest.mark.parametrize("function", [add, subtract, multiply, *DIVISIONS, compare])
def test_int_with_float(function):
    ints = [0, 1, -1, 3, -7, 2**53 + 1]
    for a, b in itertools.product(ints, FLOATS):
        if function is compare and abs(a) > 2**53:
            continue  # compared as floats; see test_large_int_compared_with_float
        check(function, a, b)
        check(function, b, a)


def test_float_power():
    for a, b in itertools.product(FLOATS, FLOATS):
        try:
            expected = power(a, b)
        except (ZeroDivisionError, OverflowError):
            continue
        if not isinstance(expected, complex):
            check(power, a, b, ulp=1)


def test_negative_to_a_fraction_is_nan():
    # The interpreter changes to complex numbers; a compiled function has one result type.
    assert math.isnan(njit(power)(-8.0, 1 / 3))


@pytest.mark.parametrize("function", [add, subtract, compare_equality])
def test_complex_with_complex(function):
    for a, b in itertools.product(COMPLEX, repeat=2):
        check(function, a, b)


@pytest.mark.parametrize("function", [multiply, true_divide])
def test_complex_products(function):
    for a, b in itertools.product(COMPLEX, repeat=2):
        if all(map(np.isfinite, (a, b))):
            check(function, a, b, ulp=2)


@pytest.mark.parametrize("other", [2, -3, 2.5, True])
def test_complex_with_real(other):
    for z in (1 + 2j, -1.5 - 0.5j, 0j):
        for function in (add, subtract, multiply, true_divide, compare_equality):
            if function is not true_divide:
                check(function, other, z, ulp=1)
            check(function, z, other, ulp=1)


def test_complex_power():
    for z, n in itertools.product((1 + 2j, -1.5 - 0.5j, 2 + 0j, 1j), (0, 1, 2, 3, -1, 0.5, 1 + 1j)):
        expected = power(z, n)
        # The parts may cancel, so the error is measured against the whole number.
        assert abs(compiled(power)(z, n) - expected) <= 8 * math.ulp(abs(expected)), (z, n)


def test_complex_has_no_order():
    with pytest.raises(TypingError):
        njit(compare)(1j, 2j)


# --- bool -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [add, subtract, multiply, true_divide, floor_divide, compare])
def test_bool_arithmetic(function):
    for a, b in itertools.product((True, False), (True, 3, 2.5)):
        check(function, a, b)


@pytest.mark.parametrize("function", [bit_and, bit_or, bit_xor])
def test_bool_bits(function):
    for a, b in itertools.product((True, False), repeat=2):
        check(function, a, b)
        check(function, a, 6)


def test_inverted_bool_is_a_bool():
    # NumPy's rule and Numba's; Python's `~True` is -2 and deprecated.
    assert njit(invert)(True) is False and njit(invert)(False) is True


# --- division by zero -----------------------------------------------------------------------------------------------

zero_cases = Cases()


@zero_cases((1, 0), (1.0, 0), (1, 0.0), (0.0, 0.0), (1j, 0j), (1j, 0), (True, False))
def divide_by_zero(a, b):
    return a / b


@zero_cases((1, 0), (1.0, 0.0), (-1.0, 0))
def floor_divide_by_zero(a, b):
    return a // b


@zero_cases((1, 0), (1.0, 0.0), (0, 0))
def modulo_by_zero(a, b):
    return a % b


@zero_cases((0.0, -1.0))
def zero_to_a_negative(a, b):
    return a**b


test_division_by_zero = zero_cases.test()


def test_error_model_numpy():
    divide = njit(error_model="numpy")(true_divide)
    assert divide(1.0, 0.0) == INF and divide(-1.0, 0.0) == -INF and math.isnan(divide(0.0, 0.0))
    assert divide(1, 0) == INF
    assert math.isnan(njit(error_model="numpy")(modulo)(1.0, 0.0))
    assert njit(error_model="numpy")(floor_divide)(1, 0) == 0


# --- NumPy scalars as arguments -------------------------------------------------------------------------------------

SMALL_INTS = [np.int8, np.int16, np.int32, np.int64]
UNSIGNED = [np.uint8, np.uint16, np.uint32, np.uint64]


@pytest.mark.parametrize("left", [*SMALL_INTS, *UNSIGNED])
@pytest.mark.parametrize("right", [*SMALL_INTS, *UNSIGNED])
def test_integers_are_computed_in_64_bits(left, right):
    """int8(100) + int8(100) is 200; a result is unsigned only where both operands are."""
    a, b = left(np.iinfo(left).max), right(np.iinfo(right).max - 1)
    unsigned = left in UNSIGNED and right in UNSIGNED
    for function in (add, subtract, multiply, floor_divide, modulo):
        if unsigned:
            expected = function(int(a), int(b)) % 2**64
        else:
            # An unsigned 64-bit operand meets a signed one as signed.
            expected = wrap(function(wrap(int(a)), wrap(int(b))))
        result = compiled(function)(a, b)
        assert (type(result), result) == (int, expected), (function.__name__, a, b)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.uint8, np.uint16, np.int32, np.int64, np.uint32, np.uint64])
def test_float32_with_integers(dtype):
    """As Numba: int8, int16 and uint8 leave it a float32; any other makes the result a float64."""
    a, b = np.float32(0.1), dtype(3)
    if dtype in (np.int8, np.int16, np.uint8):
        expected = float(np.float32(0.1) * np.float32(3))
    else:
        expected = float(np.float32(0.1)) * 3.0
    assert compiled(multiply)(a, b) == expected
    assert compiled(multiply)(b, a) == expected


def test_float32_stays_float32():
    a, b = np.float32(0.1), np.float32(0.7)
    for function in (add, subtract, multiply, true_divide):
        check(function, a, b)
    assert compiled(add)(a, 0.7) == float(a) + 0.7
    assert compiled(add)(np.complex64(0.1), b) == complex(np.complex64(0.1) + b)
    assert compiled(true_divide)(np.int8(1), np.int8(3)) == 1 / 3


@pytest.mark.parametrize(
    "value",
    [np.bool_(True), np.int8(-5), np.uint64(2**64 - 1), np.float32(0.1), np.float64(0.1), np.complex64(0.1j), 2**63, True],
    ids=lambda v: type(v).__name__,
)
def test_identity_keeps_the_value(value):
    check(identity, value)


def identity(x):
    return x


def conversions(x):
    return np.int8(x), np.uint8(x), np.int32(x), np.uint64(x), np.float32(x), np.float64(x), np.complex64(x), np.bool_(x)


def test_scalar_constructors():
    check(conversions, 5)
    check(conversions, True)
    check(conversions, 100.75)


def narrow(x):
    return np.int8(x), np.uint8(x), np.int16(x), np.uint32(x)


@pytest.mark.parametrize("x", [300, -1, 2**40 + 5, -(2**40) - 200])
def test_narrowing_keeps_the_low_bits(x):
    bits = [x & 0xFF, x & 0xFF, x & 0xFFFF, x & 0xFFFFFFFF]
    expected = (bits[0] - 256 * (bits[0] > 127), bits[1], bits[2] - 65536 * (bits[2] > 32767), bits[3])
    assert njit(narrow)(x) == expected


def test_unsigned_shift_right_brings_in_zeros():
    assert compiled(shift_right)(np.uint64(2**64 - 1), np.uint64(60)) == 15
    assert compiled(shift_right)(np.int64(-1), np.int64(60)) == -1


def test_unsigned_comparison():
    assert compiled(compare)(np.uint64(2**64 - 1), np.uint64(1)) == (False, False, False, True, True, True)
    # Signed with unsigned compares the numbers, not the bits.
    assert compiled(compare)(np.int64(-1), np.uint64(2**64 - 1)) == (True, True, False, True, False, False)


# --- integers at the boundary ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 10**30])
def test_int_that_does_not_fit_is_an_overflow_error(value):
    with pytest.raises(OverflowError):
        njit(identity)(value)


def test_int_that_fits_unsigned():
    f = njit(identity)
    assert f(2**63) == 2**63 and f(2**64 - 1) == 2**64 - 1 and f(5) == 5


def test_result_types_are_python_types():
    f = njit(identity)
    for value, type_ in [(np.int8(1), int), (np.float32(1), float), (np.complex64(1), complex), (np.bool_(1), bool)]:
        assert type(f(value)) is type_


# --- mixed arithmetic in the large ----------------------------------------------------------------------------------


def mixed(a, b, c):
    x = a * b + c
    y = (a - c) / (b + 2)
    return x, y, x > y, a // 2 + b % 3, -a**2


@given(st.integers(-1000, 1000), st.integers(0, 1000), st.floats(-1e3, 1e3))
def test_mixed(a, b, c):
    check(mixed, a, b, c)


def polynomial_hash(a, b, n):
    h = a
    for i in range(n):
        h = (h * 6364136223846793005 + b + i) ^ (h >> 17)
    return h


@given(st.integers(INT_MIN, INT_MAX), st.integers(INT_MIN, INT_MAX))
def test_wrapping_in_a_loop(a, b):
    h = a
    for i in range(20):
        h = wrap((h * 6364136223846793005 + b + i) ^ (h >> 17))
    assert compiled(polynomial_hash)(a, b, 20) == h


def too_large_constant():
    return 2**70


def too_large_shift():
    return 1 << 64


def largest_constants():
    return 2**64 - 1, -(2**63), 1 << 63, (1 << 62) >> 200


def test_constants_beyond_64_bits():
    for function in (too_large_constant, too_large_shift):
        with pytest.raises(TypingError, match="does not fit 64 bits"):
            njit(function)()
    check(largest_constants)

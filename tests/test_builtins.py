"""Built-in functions over numbers, tuples, ranges and arrays, and the methods of numbers."""

import numpy as np
import pytest
from differential import Cases, check
from rumba import njit
from rumba.errors import TypingError

cases = Cases()
NAN = float("nan")
INF = float("inf")
RANGES = [(0, 5, 1), (5, 0, -1), (0, 10, 3), (10, 0, -3), (3, 3, 1), (5, 0, 1), (0, 5, -1), (-7, 8, 4), (2, 3, 100)]


@cases(*RANGES)
def range_loop(start, stop, step):
    total = 0
    n = 0
    for i in range(start, stop, step):
        total = total * 7 + i
        n += 1
    return total, n


@cases((5,), (0,), (-3,))
def range_forms(n):
    a = b = 0
    for i in range(n):
        a += i
    for i in range(-2, n):
        b += i
    return a, b


@cases((0, 5, 0))
def range_zero_step(start, stop, step):
    for i in range(start, stop, step):
        return i
    return -1


@cases(*RANGES)
def range_attributes(start, stop, step):
    r = range(start, stop, step)
    return r.start, r.stop, r.step, len(r), 3 in r, 4 in r


@cases((np.int32(5),), (np.uint8(200),), (True,))
def range_of_numpy_scalars(n):
    total = 0
    for i in range(n):
        total += i
    return total


@cases(((1, 2, 3),), ((),), ((1, 2.5),), (np.zeros((3, 4)),), (np.zeros(0),))
def length(x):
    return len(x)


@cases((0,), (5,), (-5,), (2.5,), (-2.5,), (-0.0,), (NAN,), (-INF,), (3 + 4j,), (-1e200 - 1e200j,), (True,), (np.int8(-128),))
def absolute(x):
    return abs(x)


@cases((1, 2), (2, 1), (2, 2), (1.5, 2.5), (-0.0, 0.0), (NAN, 1.0), (1.0, NAN), (True, False))
def least_and_greatest_of_two(a, b):
    return min(a, b), max(a, b)


@cases((3, 1, 2), (1.5, 0.5, 2.5))
def least_and_greatest_of_three(a, b, c):
    return min(a, b, c), max(a, b, c)


@cases(((3, 1, 2),), ((2.5, 1.5),), ((7,),))
def least_and_greatest_of_tuple(t):
    return min(t), max(t)


@cases((np.array([3.0, 1.0, 2.0]),), (np.array([3, -1, 2]),), (np.array([5], dtype=np.uint8),))
def least_and_greatest_of_array(a):
    return min(a), max(a)


@cases(((1, 2, 3),), ((),), ((1, 2.5),), (np.array([1.5, 2.5]),), (np.array([1, 2, 3]),))
def total(x):
    return sum(x)


@cases(((1, 2, 3), 10), ((), 10), ((1.5,), 10))
def total_from(x, start):
    return sum(x, start)


@cases((10,))
def total_of_range(n):
    return sum(range(n))


@cases(((True, False),), ((True, True),), ((),), ((0, 0),), ((0, 5),), ((0.0, NAN),), (np.array([0, 0, 3]),), (np.zeros(0),))
def any_and_all(x):
    return any(x), all(x)


@cases(
    *[(x,) for x in (0.5, 1.5, 2.5, -0.5, -1.5, 2.4999999999999996, 0.49999999999999994, -0.0, 1e15, 7, -7, True)]
)
def round_to_int(x):
    return round(x)


@cases(*[(x,) for x in (NAN, INF, -INF)])
def round_not_finite(x):
    return round(x)


@cases((2.55, 1), (2.675, 2), (1234.5678, -2), (-2.5, 0), (0.5, 0), (1e300, 5), (NAN, 1), (INF, 2), (5e-324, 400), (1.5, -400))
def round_float_digits(x, n):
    return round(x, n)


@cases((1250, -2), (1350, -2), (-1250, -2), (15, -1), (25, -1), (7, 2), (7, 0), (7, -5))
def round_int_digits(x, n):
    return round(x, n)


@cases(*[(a, b) for a in (7, -7, 0) for b in (3, -3, 7)], (7.5, 2), (-7.5, 2), (7.5, -2.0), (0.0, -1.0), (5, 0), (5.0, 0.0))
def quotient_and_remainder(a, b):
    return divmod(a, b)


@cases((2, 10), (2.0, 0.5), (-2, 3), (0, 0), (2.0, -1), (-8.0, 3.0), (1 + 1j, 2), (0.0, 5), ulp=1)
def power(a, b):
    return pow(a, b), a**b


@cases((3, 5, 7), (3, 0, 1), (2, 62, 1_000_003), (-3, 5, 7), (3, 5, -7), (123456789, 987654321, 998244353))
def power_modulo(a, b, m):
    return pow(a, b, m)


@cases(*[(x,) for x in (0.0, 1.9, -1.9, 1e15, -1e15, True, 5, -5, np.float32(2.75), np.uint8(255), np.int64(-1))])
def to_int(x):
    return int(x)


@cases((NAN,), (INF,), (-INF,))
def to_int_not_finite(x):
    return int(x)


@cases((1,), (True,), (2.5,), (np.float32(0.1),), (2**53 + 1,), (np.uint64(2**64 - 1),))
def to_float(x):
    return float(x)


@cases((1, 2), (1.5, -0.0), (0, NAN), (True, 2))
def to_complex(a, b):
    return complex(a), complex(a, b), complex(a * 1j)


@cases((0,), (1,), (0.0,), (NAN,), (0j,), (1j,), (True,), (np.float32(0),))
def to_bool(x):
    return bool(x)


@cases((1,))
def no_arguments(x):
    return int(), float(), complex(), bool(), tuple()


@cases((np.array([1.5, 2.5, 3.5]),))
def enumerated(a):
    result = 0.0
    for i, x in enumerate(a):
        result += i * x
    return result


@cases((np.array([1.5, 2.5, 3.5]), 10), ((1, 2, 3), -1))
def enumerated_from(a, start):
    result = 0.0
    for i, x in enumerate(a, start):
        result += i * x
    for i, x in enumerate(a, start=start + 1):
        result += i * x
    return result


@cases((np.array([1, 2, 3]), (1.5, 2.5)), (np.zeros(0), (1.0, 2.0)))
def zipped(a, b):
    result = 0.0
    n = 0
    for x, y in zip(a, b):
        result += x * y
        n += 1
    return result, n


@cases((4,))
def zipped_three(n):
    result = 0
    for i, (x, y, z) in enumerate(zip(range(n), range(10, 20), (1, 2, 3))):
        result = result * 3 + i + x * y + z
    return result


@cases((np.arange(3), (1, 2, 3)), (np.arange(3), (1, 2)), (np.arange(2), (1, 2, 3)), (np.arange(0), (1,)))
def zipped_strictly(a, xs):
    total = 0
    for x, y in zip(a, xs, strict=True):
        total = total * 10 + x * y
    return total


@cases((3, 3), (2, 3), (3, 2), (4, 3), (3, 4))
def three_zipped_strictly(n, m):
    total = 0
    try:
        for x, y, z in zip(range(3), (i for i in range(n)), range(m), strict=True):
            total = total * 10 + x + y + z
    except ValueError as e:
        return str(e), total
    return "", total


@cases((np.array([1.0, 2.0, 3.0]),), ((1, 2, 3),))
def reverse(a):
    result = 0.0
    for x in reversed(a):
        result = result * 10 + x
    return result


@cases((0, 10, 3), (5, 0, -2), (3, 3, 1))
def reverse_range(start, stop, step):
    result = 0
    for i in reversed(range(start, stop, step)):
        result = result * 10 + i
    return result


@cases(((1, 2.5),))
def tuple_of_tuple(t):
    return tuple(t), tuple((1, 2)) + t


@cases((1,), (1.5,), (1j,), (True,), ((1, 2),), (None,))
def is_instance(x):
    return (
        isinstance(x, int),
        isinstance(x, float),
        isinstance(x, complex),
        isinstance(x, bool),
        isinstance(x, tuple),
        isinstance(x, (int, float)),
    )


@cases((1,), (1.5,), ((1, 2),))
def is_instance_prunes(x):
    if isinstance(x, tuple):
        return x[0] + x[1]
    elif isinstance(x, int):
        return x << 2
    else:
        return x * 0.5


@cases(
    *[(x,) for x in (0, 1, -1, -2, 2**61 - 1, 2**61, -(2**61), 2**62, 0.0, -0.0, 1.0, 1.5, -2.75, 1e300, INF, -INF, 0.1)],
    (1j,), (1.5 - 2j,), (True,), (False,), ((),), ((1, 2),), ((1, (2.5, True)),),
)  # fmt: skip
def hashed(x):
    return hash(x)


@cases((0,), (1,), (-1,), (255,), (-256,), (2**62,), (-(2**63),), (2**63 - 1,))
def int_methods(x):
    return x.bit_length(), x.bit_count(), x.conjugate(), x.real, x.imag, x.numerator, x.denominator


@cases((2.0,), (2.5,), (-0.0,), (1e300,), (INF,), (NAN,))
def float_methods(x):
    return x.is_integer(), x.real, x.imag, x.conjugate()


@cases((1.5 - 2j,), (0j,))
def complex_methods(x):
    return x.real, x.imag, x.conjugate()


@cases((1, 2.5))
def shadowed(a, b):
    len = a
    return len + b


test_builtins = cases.test()


@pytest.mark.parametrize("values", [(), np.zeros(0)], ids=["tuple", "array"])
def test_least_of_nothing_is_an_error(values):
    # The empty tuple is known when the function is compiled, so the error may come then; the array is not.
    with pytest.raises((ValueError, TypingError)):
        njit(least_and_greatest_of_array)(values)


def printing(i, x, z, t, flag):
    print(i, x, z, flag)
    print(t)
    print()
    print("text", i)
    print(None, -0.0, 1e22, 1e-7)


def test_print(capfd):
    args = (7, 2.5, 1 - 2j, (1, 2.5), True)
    printing(*args)
    expected = capfd.readouterr().out
    njit(printing)(*args)
    assert capfd.readouterr().out == expected


def printing_options(a, b):
    print(a, b, sep="-", end="|\n")


def test_print_options(capfd):
    njit(printing_options)(1, 2.5)
    assert capfd.readouterr().out == "1-2.5|\n"


def printing_array(a):
    print(a)


def test_print_array(capfd):
    njit(printing_array)(np.arange(6.0).reshape(2, 3))
    assert capfd.readouterr().out == "[[0. 1. 2.]\n [3. 4. 5.]]\n"


def test_int_out_of_range_of_64_bits():
    # Python's int has no end; ours must not be silently something else.
    for function in (to_int, round_to_int):
        with pytest.raises(OverflowError):
            njit(function)(1e300)


def test_sum_of_many():
    check(total, np.arange(1000.0))

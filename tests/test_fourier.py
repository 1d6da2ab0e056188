"""Fourier transforms: how exact they are, mistakes in their arguments, what they store into, and that nothing leaks.

The records compare them with NumPy: `tests/library/fourier.py`.
"""

import gc

import numpy as np
import pytest
from mistakes import Mistakes, check_mistake
from rumba import _core, njit
from rumba.errors import TypingError

# Powers of two, products of small primes, primes, and a length that is worked on in several parts.
LENGTHS = [1, 2, 3, 8, 10, 97, 100, 1000, 1009, 4096, 5040, 7919, 2**17, 100_003]


@njit
def transform(a):
    return np.fft.fft(a)


@njit
def inverse(a):
    return np.fft.ifft(a)


@njit
def half(a):
    return np.fft.rfft(a)


@njit
def whole(a, n):
    return np.fft.irfft(a, n)


@njit
def along(a, axis):
    return np.fft.fft(a, axis=axis)


@njit
def grid(a):
    return np.fft.fft2(a)


@njit
def transform_into(a, out):
    return np.fft.fft(a, axis=0, out=out)


@njit
def half_grid_into(a, out):
    return np.fft.rfftn(a, out=out)


def numbers(shape, seed=0):
    random = np.random.default_rng([seed, *np.atleast_1d(shape)])
    return random.normal(size=shape) + 1j * random.normal(size=shape)


def exact(array, **options):
    """NumPy's transform in extended precision, whose error is less than a thousandth of one in double precision."""
    assert np.finfo(np.longdouble).eps < 1e-18
    return np.fft.fft(array.astype(np.clongdouble), **options)


def check(result, expected, n, precision):
    """The error grows with the logarithm of the length; the constant is that of three transforms one after the other, as
    prime lengths need them."""
    error = np.linalg.norm((result - expected).astype(np.complex128))
    bound = 4 * np.finfo(precision).eps * (1 + np.log2(n))
    assert error <= bound * np.linalg.norm(expected.astype(np.complex128))


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_errors_grow_with_the_logarithm_of_the_length(n, dtype):
    signal = numbers(n).astype(dtype)
    precision = np.finfo(dtype).dtype
    spectrum = exact(signal)
    check(transform(signal), spectrum, n, precision)
    check(inverse(signal) * n, spectrum[-np.arange(n)], n, precision)
    signal = np.ascontiguousarray(signal.real)
    spectrum = exact(signal)
    check(transform(signal), spectrum, n, precision)
    check(half(signal), spectrum[: n // 2 + 1], n, precision)
    check(whole(spectrum[: n // 2 + 1].astype(dtype), n), signal, n, precision)


def test_many_lines_at_once():
    for shape in [(3000, 8), (8, 3000), (2, 5000, 3), (100, 100)]:
        signal = numbers(shape)
        last = transform(signal)
        expected = exact(signal)
        check(last, expected, shape[-1], np.float64)
        out = np.zeros(shape, np.complex128)
        assert transform_into(signal, out) is out
        check(out, exact(signal, axis=0), shape[0], np.float64)


def test_a_shifted_impulse_has_known_transforms():
    n = 24
    for position in range(n):
        impulse = np.zeros(n)
        impulse[position] = 1.0
        expected = np.exp(-2j * np.pi * (np.arange(n) * position % n) / n)
        assert np.abs(transform(impulse) - expected).max() < 4e-16 * np.log2(n)


def test_real_signals_have_symmetric_transforms():
    spectrum = transform(numbers(101).real.copy())
    assert spectrum[0].imag == 0.0
    assert np.array_equal(spectrum[1:], spectrum[:0:-1].conj())


def test_results_are_stored_into_out():
    signal = numbers((4, 6))
    out = np.zeros((8, 6), np.complex128)[::2]
    assert transform_into(signal, out) is out
    np.testing.assert_allclose(out, np.fft.fft(signal, axis=0), rtol=0, atol=1e-14)
    # The transform of an array into itself.
    transform_into(signal, signal)
    np.testing.assert_allclose(signal, out, rtol=0, atol=1e-14)
    out = np.zeros((4, 4), np.complex64)
    assert half_grid_into(np.ones((4, 6)), out) is out
    np.testing.assert_allclose(out, np.fft.rfftn(np.ones((4, 6))), rtol=0, atol=1e-14)
    with pytest.raises(ValueError):
        transform_into(numbers((4, 6)), np.zeros((4, 7), np.complex128))
    with pytest.raises(TypingError, match="not stored into an array of float64"):
        transform_into(numbers((4, 6)), np.zeros((4, 6)))


def test_an_axis_that_there_is_not():
    for axis in [2, -3]:
        with pytest.raises(IndexError):
            along(numbers((2, 3)), axis)


def test_lines_without_elements():
    # NumPy leaves what it has not computed.
    assert np.array_equal(whole(np.zeros((3, 0)), 6), np.zeros((3, 6)))


def test_a_length_of_zero():
    with pytest.raises(ValueError, match=r"Invalid number of FFT data points \(0\) specified"):
        transform(np.zeros(0))
    with pytest.raises(ValueError, match=r"Invalid number of FFT data points \(-2\) specified"):
        whole(np.zeros(3), -2)


mistake = Mistakes()


@mistake(np.zeros(4, np.complex64), says=r"np.fft.rfft\(\) transforms real numbers, not complex64")
def real_transform_of_complex_numbers(a):
    return np.fft.rfft(a)


@mistake(np.zeros(4), says="axis 1 is out of bounds")
def unknown_axis(a):
    return np.fft.fft(a, axis=1)


@mistake(np.zeros(4), says="an array of 2 or more dimensions is needed")
def two_axes_of_one(a):
    return np.fft.fft2(a)


@mistake(np.zeros((4, 4)), says="Shape and axes have different lengths")
def too_few_lengths(a):
    return np.fft.fft2(a, s=(3,))


@mistake(np.zeros((4, 4)), 1, says="an axis must be a constant here")
def run_time_axes(a, axis):
    return np.fft.fftn(a, axes=(axis,))


@mistake(np.zeros(4), says="`norm` is one of the constants 'backward', 'ortho' and 'forward', or None")
def unknown_norm(a):
    return np.fft.fft(a, norm="sideways")


@mistake(np.zeros(4), says="`n` must be an integer|n must be an integer")
def float_length(a):
    return np.fft.fft(a, 3.0)


@mistake(3.0, says="an array with at least one axis")
def transform_of_a_number(a):
    return np.fft.fft(a)


@mistake(np.zeros((4, 4)), says="`axes` is a tuple of ints")
def no_axes(a):
    return np.fft.fftn(a, axes=())


@pytest.mark.parametrize("function, args, says", mistake)
def test_mistakes(function, args, says):
    check_mistake(function, args, says)


def test_nothing_leaks():
    def use():
        signal = numbers((6, 10))
        transform(signal)
        grid(signal)
        grid(signal.real.copy())
        half(signal.real)
        whole(signal, 7)
        with pytest.raises(ValueError):
            whole(signal, 0)

    use()
    gc.collect()
    before = _core.live_allocations()
    for _ in range(10):
        use()
    gc.collect()
    assert _core.live_allocations() == before

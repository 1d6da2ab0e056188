"""Roots and fits of polynomials, by what defines them. The rest is in `tests/library/polynomials.py`."""

import numpy as np
import pytest
from mistakes import Mistakes, check_mistake
from rumba import njit


@njit
def roots(p):
    return np.roots(p)


@njit
def roots_of_series(c):
    return np.polynomial.polynomial.polyroots(c)


@njit
def fit(x, y, degree):
    return np.polyfit(x, y, degree)


@njit
def weighted_fit(x, y, w):
    return np.polyfit(x, y, 2, w=w)


@njit
def fit_series(x, y):
    return np.polynomial.polynomial.polyfit(x, y, 3)


POLYNOMIALS = [[1, -6, 11, -6], [1, 0, 1], [2.5, -1], [1, 0, -2, 0, 0], [0, 0, 3, 6], [1j, 2, -1], [4.0], [0.0, 0.0], []]


@pytest.mark.parametrize("coefficients", POLYNOMIALS, ids=str)
def test_roots_are_where_the_polynomial_is_zero(coefficients):
    for dtype in [np.float64, np.float32, np.complex128]:
        if dtype != np.complex128 and np.iscomplexobj(coefficients):
            continue
        p = np.array(coefficients, dtype)
        result, expected = roots(p), np.roots(p)
        assert result.dtype == (np.complex64 if dtype == np.float32 else np.complex128)
        assert result.shape == expected.shape
        # The error of simple roots is that of the coefficients times their condition, which is small here.
        bound = 100 * np.finfo(dtype).eps
        for root in result:
            assert np.abs(expected - root).min() <= bound * max(1.0, abs(root))


def test_roots_of_series_are_sorted():
    c = np.array([-6.0, 11.0, -6.0, 1.0])
    np.testing.assert_allclose(roots_of_series(c), [1, 2, 3], rtol=0, atol=1e-13)
    np.testing.assert_allclose(roots_of_series(np.array([1.0, 0.0, 1.0])), [-1j, 1j], rtol=0, atol=1e-15)
    assert roots_of_series(np.array([5.0])).shape == (0,)
    with pytest.raises(np.linalg.LinAlgError):
        roots(np.array([1.0, np.nan, 1.0]))


def test_fits():
    x = np.linspace(-2, 3, 40)
    y = 3 * x**3 - x + 0.5
    np.testing.assert_allclose(fit(x, y, 3), [3, 0, -1, 0.5], rtol=0, atol=1e-13)
    np.testing.assert_allclose(fit_series(x, y), [0.5, -1, 0, 3], rtol=0, atol=1e-13)
    noisy = y + np.sin(40 * x)
    for degree in [0, 1, 5]:
        np.testing.assert_allclose(fit(x, noisy, degree), np.polyfit(x, noisy, degree), rtol=0, atol=1e-11)
    w = 1 / (1 + x * x)
    np.testing.assert_allclose(weighted_fit(x, noisy, w), np.polyfit(x, noisy, 2, w=w), rtol=0, atol=1e-12)
    np.testing.assert_allclose(fit(np.arange(4), np.array([1, 3, 5, 7j]), 1), np.polyfit(np.arange(4), np.array([1, 3, 5, 7j]), 1), atol=1e-14)


def test_what_cannot_be_fitted():
    for function in [fit, fit.py_func]:
        with pytest.raises(ValueError, match="deg >= 0"):
            function(np.zeros(3), np.zeros(3), -1)
        with pytest.raises(TypeError, match="same length"):
            function(np.zeros(3), np.zeros(4), 1)
        with pytest.raises(TypeError, match="non-empty"):
            function(np.zeros(0), np.zeros(0), 1)


mistake = Mistakes()


@mistake(np.zeros((2, 2)), says="the coefficients are an array of one axis")
def matrix_of_coefficients(a):
    return np.polynomial.polynomial.polyadd(a, a)


@mistake(np.zeros(4), True, says="`cov` is a constant|must be a constant|constant")
def fit_with_covariance_perhaps(a, cov):
    return np.polyfit(a, a, 1, cov=cov)


@pytest.mark.parametrize("function, args, says", mistake)
def test_mistakes(function, args, says):
    check_mistake(function, args, says)

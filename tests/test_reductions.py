"""Reductions, scans and statistics: mistakes in their arguments, what they store into, and that nothing leaks.

What they compute is in the records: `tests/library/reductions.py`, `scans.py` and `statistics.py`.
"""

import gc

import numpy as np
import pytest
from mistakes import Mistakes, check_mistake
from rumba import _core, njit
from rumba.errors import TypingError

MATRIX = np.arange(12.0).reshape(3, 4)


@njit
def sum_along(a, axis):
    return a.sum(axis)


@njit
def sum_into(a, out):
    return np.sum(a, axis=0, out=out)


@njit
def mean_into(a, out):
    return np.mean(a, axis=1, keepdims=True, out=out)


@njit
def cumsum_into(a, out):
    return np.cumsum(a, axis=0, out=out)


@njit
def argmax_into(a, out):
    return np.argmax(a, axis=0, out=out)


def test_an_axis_that_there_is_not():
    with pytest.raises(np.exceptions.AxisError, match="axis 2 is out of bounds for array of dimension 2"):
        sum_along(MATRIX, 2)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16, np.complex128])
def test_results_are_stored_into_out(dtype):
    for function in [sum_into, argmax_into]:
        if function is argmax_into:
            dtype = np.int64
        out, expected = np.zeros(4, dtype), np.zeros(4, dtype)
        assert function(MATRIX, out) is out
        function.py_func(MATRIX, expected)
        assert np.array_equal(out, expected)


def test_results_are_stored_into_views():
    out, expected = np.zeros((3, 6)), np.zeros((3, 6))
    mean_into(MATRIX, out[:, 4:2:-2])
    mean_into.py_func(MATRIX, expected[:, 4:2:-2])
    assert np.array_equal(out, expected)
    out, expected = np.zeros((4, 3)), np.zeros((4, 3))
    cumsum_into(MATRIX, out.T)
    cumsum_into.py_func(MATRIX, expected.T)
    assert np.array_equal(out, expected)


@pytest.mark.parametrize("function", [sum_into, cumsum_into])
def test_out_of_another_shape(function):
    out = np.zeros(5) if function is sum_into else np.zeros((3, 5))
    for call in [function, function.py_func]:
        with pytest.raises(ValueError):
            call(MATRIX, out)


mistake = Mistakes()


@mistake(MATRIX, says="axis 2 is out of bounds")
def constant_axis(a):
    return np.max(a, axis=(0, 2))


@mistake(MATRIX, says="duplicate value in 'axis'")
def repeated_axis(a):
    return np.max(a, axis=(0, -2))


@mistake(MATRIX, 0, says="an axis must be a constant here")
def run_time_axes(a, axis):
    return np.max(a, axis=(axis, 1))


@mistake(MATRIX, True, says="`keepdims` must be a constant")
def run_time_keepdims(a, keep):
    return np.max(a, keepdims=keep)


@mistake(MATRIX, says="`where` of max\\(\\) needs `initial`")
def masked_without_initial(a):
    return np.max(a, where=a > 2)


@mistake(MATRIX, says="`where` is a bool")
def numbers_as_mask(a):
    return np.sum(a, where=a)


@mistake(MATRIX, says="`initial` is a number")
def array_as_initial(a):
    return np.sum(a, initial=a)


@mistake(MATRIX, np.zeros(3), says="`out` has 1 axes, the result has 2")
def out_of_another_rank(a, out):
    return np.sum(a, axis=0, keepdims=True, out=out)


@mistake(MATRIX, np.zeros(4), says="positions are stored into an array of int64")
def floats_for_positions(a, out):
    return np.argmin(a, axis=0, out=out)


@mistake(MATRIX, says="the axis of argmax\\(\\) is an int")
def several_axes_of_argmax(a):
    return a.argmax((0, 1))


@mistake(MATRIX, says="cannot make an array")
def not_an_array(a):
    return np.sum("text")


@mistake(MATRIX, says="`method` is a constant string")
def unknown_method(a):
    return np.quantile(a, 0.5, method="best")


@mistake(MATRIX, says="for the method .inverted_cdf.")
def weighted_quantile(a):
    return np.quantile(a, 0.5, weights=a)


@mistake(MATRIX, says="not a valid estimator")
def automatic_bins(a):
    return np.histogram(a, bins="automatic")


@pytest.mark.parametrize("function, args, says", mistake)
def test_mistakes_are_found_before_running(function, args, says):
    check_mistake(function, args, says)


def test_read_only_out():
    out = np.zeros(4)
    out.flags.writeable = False
    with pytest.raises(TypingError, match="read-only"):
        sum_into(MATRIX, out)


@njit
def a_chain(a, b):
    return (a * b + 1.0).sum(), np.max(np.abs(a - b)), np.any(a > b), (a * b).mean()


def test_reductions_fuse_with_what_computes_their_elements():
    random = np.random.default_rng(0)
    for shape in [(1000,), (33, 41), (0,)][:2]:
        a, b = random.normal(size=shape), random.normal(size=shape)
        assert a_chain(a, b) == a_chain.py_func(a, b)


@njit
def of_all_sorts(a):
    return a.sum(), a.max(), a.argmax(), np.positive(a).min(), a.std(), np.median(a), np.cumsum(a)


@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.complex64])
def test_elements_that_are_not_aligned(dtype):
    memory = np.zeros(24 * np.dtype(dtype).itemsize + 1, np.uint8)
    a = memory[1:].view(dtype)
    a[:] = np.random.default_rng(1).normal(size=24) * 9
    assert not a.flags.aligned
    for view in [a, a[::-2], a.reshape(4, 6)]:
        *numbers, sums = of_all_sorts(view)
        *expected, expected_sums = of_all_sorts.py_func(view)
        assert numbers == expected
        assert np.array_equal(sums, expected_sums)


@njit
def everything(a, weights):
    s = a.sum(axis=0).sum() + np.cumsum(a).sum() + np.median(a) + np.diff(a, axis=0).sum()
    counts, edges = np.histogram(a, bins=4)
    s += counts.sum() + edges.sum() + np.cov(a).sum() + np.gradient(a, axis=0).sum()
    s += np.nanmean(a, axis=1).sum() + a.std(axis=1).sum() + np.percentile(a, (10, 20)).sum()
    s += np.average(a, axis=0, weights=weights).sum() + np.bincount((1, 2, 2)).sum()
    return s


@njit
def failing(a):
    return np.max(a[:0] * 2.0, axis=0)


def test_nothing_leaks():
    weights = np.ones(3)
    everything(MATRIX, weights)
    with pytest.raises(ValueError):
        failing(MATRIX)
    gc.collect()
    before = _core.live_allocations()
    for _ in range(50):
        everything(MATRIX, weights)
        with pytest.raises(ValueError, match="zero-size array to reduction operation maximum which has no identity"):
            failing(MATRIX)
    gc.collect()
    assert _core.live_allocations() == before

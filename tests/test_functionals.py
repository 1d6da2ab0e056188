"""Functions of NumPy that call functions, and loops by `np.nditer`."""

import gc

import numpy as np
import pytest
from mistakes import Mistakes, check_mistake
from rumba import _core, njit


@njit
def spread(line):
    return line.max() - line.min()


@njit
def spreads(a):
    return np.apply_along_axis(spread, 0, a), np.apply_along_axis(spread, -1, a)


@njit
def sorted_lines(a):
    return np.apply_along_axis(np.sort, 1, a)


@njit
def scaled_lines(a, factor):
    return np.apply_along_axis(lambda line, by: line[::2] * by + factor, 0, a, 10)


@njit
def outer_lines(a):
    return np.apply_along_axis(lambda line: np.outer(line, line), 1, a)


@njit
def sum_of_line(a):
    return np.apply_along_axis(np.sum, 0, a)


@njit
def growing_lines(a):
    return np.apply_along_axis(lambda line: line[: int(line[0])], 1, a)


@njit
def over_axes(a):
    return np.apply_over_axes(np.sum, a, (0, -1))


@njit
def table(n):
    return np.fromfunction(lambda i, j: i * 10 + j, (n, 3), dtype=np.int64)


@njit
def number_of_positions():
    return np.fromfunction(lambda i: i.size, (7,))


@njit
def pieces(x):
    return np.piecewise(x, (x < 0, x >= 2), (-1, lambda v: v * v, lambda v: v + 0.5))


@njit
def two_pieces(x, k):
    return np.piecewise(x, (x < 0, x >= 0), (lambda v, k: v.min() * k, 7), k)


@njit
def masked(n, k):
    return np.mask_indices(n, np.triu, k)


@njit
def total(a):
    sum = 0.0
    for x in np.nditer(a):
        sum += x.item()
    return sum


@njit
def order(a):
    out = np.empty(a.size)
    i = 0
    for x in np.nditer(a):
        out[i] = x[()] * 2 + x
        i += 1
    return out


@njit
def of_two(a, b):
    sum = 0.0
    for x, y in np.nditer((a, b)):
        sum = sum * 0.5 + x.item() * y.item()
    return sum


def same(function, *args):
    result, expected = function(*args), function.py_func(*args)
    for one, other in zip(result, expected) if isinstance(expected, tuple) else [(result, expected)]:
        assert np.asarray(one).dtype == np.asarray(other).dtype
        assert np.array_equal(one, other), (one, other)


@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.float64])
def test_lines(dtype):
    for shape in [(3, 4), (5, 1), (2, 3, 4)]:
        a = (np.random.default_rng(1).normal(size=shape) * 50).astype(dtype)
        for array in [a, a[::-1], np.asfortranarray(a), a.swapaxes(0, 1)]:
            for function in [sorted_lines, outer_lines, over_axes]:
                same(function, array)
            same(scaled_lines, array, 3)
            assert all(np.array_equal(one, other) for one, other in zip(spreads(array), spreads.py_func(array)))
            np.testing.assert_allclose(sum_of_line(array), sum_of_line.py_func(array), rtol=1e-5)


def test_a_single_line():
    same(sum_of_line, np.arange(5))
    same(spreads, np.arange(5.0))


def test_lines_that_cannot_be():
    for function in [sorted_lines, sorted_lines.py_func]:
        with pytest.raises(ValueError, match="any iteration dimensions are 0"):
            function(np.zeros((0, 3)))
    for function in [spreads, spreads.py_func]:
        with pytest.raises(ValueError, match="zero-size array"):
            function(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="several shapes"):
        growing_lines(np.array([[1, 2, 3], [2, 3, 4]]))


def test_functions_of_positions():
    for n in [0, 1, 4]:
        same(table, n)
    assert number_of_positions() == 7


def test_pieces():
    for x in [np.arange(-3.0, 5.0), np.arange(12.0).reshape(3, 4) - 5, np.zeros(0), np.ones(3)]:
        same(pieces, x)
        same(two_pieces, x, 3.0)
    same(pieces, np.arange(-3, 5))


def test_masks():
    for n, k in [(4, 0), (3, 1), (3, -1), (0, 0)]:
        same(masked, n, k)


def test_nditer():
    a = np.arange(12.0).reshape(3, 4)
    for array in [a, a[::2, 1:], np.asfortranarray(a), a[0], a[1, 1]]:
        array = np.asarray(array)
        assert total(array) == array.sum()
        assert np.array_equal(order(array), [3 * x.item() for x in np.nditer(array)])
    for b in [np.arange(4.0), np.ones((3, 1)), a + 1]:
        expected = 0.0
        for x, y in zip(a.ravel(), np.broadcast_to(b, (3, 4)).ravel()):
            expected = expected * 0.5 + x * y
        assert of_two(a, b) == expected
    for function in [total, total.py_func]:
        with pytest.raises(ValueError, match="zero-sized operands"):
            function(np.zeros((0, 3)))


mistake = Mistakes()


@mistake(np.zeros((2, 2)), 0, says="an axis must be a constant here")
def run_time_axis(a, axis):
    return np.apply_along_axis(spread, axis, a)


@mistake(np.zeros((2, 2)), says="neither a number nor an array")
def lines_to_tuples(a):
    return np.apply_along_axis(lambda line: (1, 2), 0, a)


@mistake(np.zeros(3), says="one function for each condition")
def too_few_functions(x):
    return np.piecewise(x, (x < 0, x > 0, x == 0), (1, 2))


@mistake(np.zeros(3), says="cannot be called")
def not_a_function(a):
    return np.apply_along_axis(3, 0, a)


@mistake(np.zeros(3), says="read-only")
def written_while_looping(a):
    for x in np.nditer(a):
        x[()] = 1.0


@pytest.mark.parametrize("function, args, says", mistake)
def test_mistakes(function, args, says):
    check_mistake(function, args, says)


def test_nothing_leaks():
    def use():
        a = np.arange(12.0).reshape(3, 4)
        for function in [spreads, sorted_lines, outer_lines, over_axes, pieces, total, order]:
            function(a)
        table(3)
        with pytest.raises(ValueError):
            growing_lines(np.array([[1, 2, 3], [2, 3, 4]]))

    use()
    gc.collect()
    before = _core.live_allocations()
    for _ in range(10):
        use()
    gc.collect()
    assert _core.live_allocations() == before

"""Loops over a short last axis: what is compiled for the extent of the first call does as Python does for every extent.

Each function is compiled for arrays whose last axis has `first` elements, and then meets arrays of other shapes.
"""

import re

import numpy as np
import pytest
from rumba import njit

from tests.differential import check

EXTENTS = [0, 1, 2, 3, 4, 5, 8, 9]
N_ROWS = 40


def mixed():
    def function(left, right, out):
        height, width, n_channels = left.shape
        for y in range(height):
            for x in range(width):
                weight = min(max((x / width - 0.25) * 2.0, 0.0), 1.0)
                for channel in range(n_channels):
                    value = left[y, x, channel] * (1.0 - weight) + right[y, x, channel] * weight
                    out[y, x, channel] = int(value + 0.5)

    return function


def sum_of_squares():
    def function(a, limit):
        n_small, last = 0, -1.0
        for i in range(a.shape[0]):
            squared = 0.0
            for axis in range(a.shape[1]):
                squared += a[i, axis] * a[i, axis]
            if squared < limit:
                n_small += 1
                last = squared
        return n_small, last

    return function


def left_early():
    def function(a, out):
        n_found = 0
        for i in range(a.shape[0]):
            for axis in range(a.shape[1]):
                if a[i, axis] < 0.2:
                    continue
                if a[i, axis] > 0.9:
                    out[i] = axis
                    break
                n_found += axis
            else:
                out[i] = -1
            if n_found > 150:
                break
        return n_found, i

    return function


def returned_early():
    def function(a, limit):
        total = 0.0
        for i in range(a.shape[0]):
            for axis in range(a.shape[1]):
                total += a[i, axis]
                if total > limit:
                    return i, axis, total
        return -1, -1, total

    return function


def two_loops():
    def function(a, b):
        i = 0
        while i < len(a):
            for axis in range(a.shape[1]):
                b[i, axis] = 2.0 * a[i, axis]
            total = 0.0
            for axis in range(b.shape[1]):
                total += b[i, axis]
            b[i, 0] = total
            i += 1

    return function


def over_elements():
    def function(a):
        total, n_rows = 0.0, 0
        for row in a:
            for value in row:
                total = total * 0.5 + value
            n_rows += 1
        return total, n_rows

    return function


def raises():
    def function(a, out, limit):
        for i in range(len(a)):
            for axis in range(a.shape[1]):
                if a[i, axis] > limit:
                    raise ValueError("too large")
                out[i, axis] = a[i, axis]

    return function


def floats(*shape):
    return np.random.default_rng(7).random(shape)


def first_and_others(first):
    return [first, *(extent for extent in EXTENTS if extent != first)]


@pytest.mark.parametrize("first", [1, 2, 3, 4])
class TestEveryExtent:
    def test_mixed(self, first):
        function = mixed()
        for extent in first_and_others(first):
            left, right = (np.random.default_rng(seed).integers(0, 256, (3, N_ROWS, extent), np.uint8) for seed in (1, 2))
            check(function, left, right, np.zeros_like(left))

    def test_sum_of_squares(self, first):
        function = sum_of_squares()
        for extent in first_and_others(first):
            check(function, floats(N_ROWS, extent), 0.5)
        check(function, floats(0, first), 0.5)

    def test_left_early(self, first):
        function = left_early()
        for extent in first_and_others(first):
            check(function, floats(N_ROWS, extent), np.zeros(N_ROWS, dtype=np.int64))

    def test_returned_early(self, first):
        function = returned_early()
        for extent in first_and_others(first):
            for limit in (0.0, 5.0, 7.7, 1000.0):
                check(function, floats(N_ROWS, extent), limit)

    def test_two_loops(self, first):
        function = two_loops()
        for extent in first_and_others(first):
            for other in {extent, first, 3}:
                check(function, floats(N_ROWS, extent), np.zeros((N_ROWS, other)))

    def test_over_elements(self, first):
        function = over_elements()
        for extent in first_and_others(first):
            check(function, floats(N_ROWS, extent))

    def test_raises(self, first):
        function = raises()
        for extent in first_and_others(first):
            for limit in (0.5, 0.97, 2.0):
                check(function, floats(N_ROWS, extent), np.zeros((N_ROWS, extent)), limit)


@pytest.mark.parametrize("extent", [2, 3, 4])
@pytest.mark.parametrize("shape", [(N_ROWS, 1), (N_ROWS, 2), (N_ROWS, 3), (17, 2), (17, 3), (17, 4), (0, 3), (1, 9)])
def test_an_index_error_leaves_what_was_written_before(extent, shape):
    def function(a, out):
        for i in range(a.shape[0]):
            for axis in range(a.shape[1]):
                out[i, axis] = 2.0 * a[i, axis]

    check(function, floats(N_ROWS, extent), np.zeros((N_ROWS, extent)))
    check(function, floats(N_ROWS, extent), np.zeros(shape))


@pytest.mark.parametrize("transform", [np.asfortranarray, lambda a: a[::-1], lambda a: a[:, ::-1], lambda a: a[::2]])
def test_layouts(transform):
    function = sum_of_squares()
    for extent in (3, 2, 5):
        check(function, transform(floats(2 * N_ROWS, extent)), 0.5)


def test_an_array_may_be_another_one_in_every_turn():
    def function(a, b):
        total = 0.0
        for i in range(40):
            for axis in range(a.shape[1]):
                total += a[i, axis] * (axis + 1)
            a, b = b, a
        return total

    for shapes in [((40, 3), (40, 3)), ((40, 3), (40, 2)), ((40, 2), (40, 5))]:
        check(function, *(floats(*shape) for shape in shapes))


def transformed():
    def function(matrix, points, out):
        for i in range(points.shape[0]):
            for row in range(3):
                total = 0.0
                for column in range(matrix.shape[1]):
                    total += matrix[row, column] * points[i, column]
                out[i, row] = total
            for row in range(1, 3):
                out[i, row] -= out[i, row - 1]

    return function


@pytest.mark.parametrize("first", [2, 3])
def test_loops_of_known_counts(first):
    function = transformed()
    for extent in first_and_others(first):
        for n_rows in (3, 2):
            check(function, floats(n_rows, extent), floats(N_ROWS, extent), np.zeros((N_ROWS, 3)))
        check(function, floats(3, extent), floats(N_ROWS, extent), np.zeros((N_ROWS, 2)))


def mentions_extent(jitted):
    (text,) = jitted.inspect_llvm().values()
    return re.search(r"icmp eq i64 %\d+, 3\n", text) is not None


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((N_ROWS, 3), True), ((3, 3), False), ((N_ROWS, 300), False)],
    ids=["short", "small in all axes", "long"],
)
def test_the_first_call_says_which_axes_are_short(shape, expected):
    jitted = njit(sum_of_squares())
    jitted(floats(*shape), 0.5)
    assert mentions_extent(jitted) == expected
    jitted.recompile()
    assert mentions_extent(jitted) == expected


def test_rows_of_a_nested_loop():
    def function(a, b):
        total = 0.0
        for i in range(a.shape[0]):
            for j in range(b.shape[0]):
                for axis in range(a.shape[1]):
                    total += (a[i, axis] - b[j, axis]) ** 2
        return total

    for extents in [(3, 3), (3, 4), (2, 2), (3, 2)]:
        check(function, *(floats(N_ROWS, extent) for extent in extents))


@pytest.mark.parametrize("value", [0.0, 1e18, -9e18, np.inf, -np.inf, np.nan])
def test_an_int_of_a_float_that_may_be_too_large(value):
    def function(a, out, factor):
        for i in range(a.shape[0]):
            for axis in range(a.shape[1]):
                out[i, axis] = int(a[i, axis] * factor)

    check(function, np.ones((N_ROWS, 3), np.uint8), np.zeros((N_ROWS, 3), np.int64), 2.0)
    check(function, np.ones((N_ROWS, 3), np.uint8), np.zeros((N_ROWS, 3), np.int64), value)

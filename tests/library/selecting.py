"""Choosing by conditions and positions, diagonals and triangles."""

import numpy as np

from .records import ALL, INTEGERS, Arrays, Record, layouts, values

SHAPES = ((1,), (7,), (4, 5), (3, 4, 5))
EMPTY = ((0,), (0, 3), (3, 0))
WITH_EMPTY = SHAPES + EMPTY


def with_positions(n_axes=None, low=-3, high=3):
    """Arrays of every dtype and layout, and positions of every integer dtype and several shapes."""

    def make():
        for dtype in ALL:
            for shape in SHAPES[1:]:
                if n_axes in (None, len(shape)):
                    for view in layouts(values(dtype, shape)):
                        yield view, np.array([0, 1, -1])
        array = values(np.float64, (4, 5, 4)[: n_axes or 2])
        empty = np.zeros((0, 3, 3)[: n_axes or 2])
        for dtype in INTEGERS:
            yield array, np.array([2, 0, 1], dtype)
        for positions in layouts(np.arange(low, high).repeat(4).reshape(6, 4)):
            yield array, positions
        yield array, np.zeros((2, 0), np.int64)
        yield array, np.array([0, 99])
        yield array, np.array([-99, 0])
        yield empty, np.array([], np.int64)
        yield empty, np.array([0])

    return make


def pairs(other):
    """Arrays of every dtype and layout, each with another of its shape."""

    def make():
        for dtype in ALL:
            for shape in WITH_EMPTY:
                array = values(dtype, shape)
                for view in layouts(array):
                    yield view, other(view)

    return make


def mask_of(array):
    return values(np.bool_, array.shape, seed=3)


def reversed_numbers(array):
    return values(np.float64, array.shape, seed=4)[..., ::-1]


def fixed(*inputs):
    return lambda: inputs


MATRIX = values(np.float64, (3, 4))
THREE_AXES = values(np.int32, (2, 3, 4))
NUMBERS = np.array([0, 1, 1, 0])

RECORDS = [
    # Indexing by arrays.
    Record("a[i]", with_positions(), "a, i"),
    Record("a[i, ...]", with_positions(), "a, i"),
    Record("a[..., i]", with_positions(), "a, i"),
    Record("a[:, i]", with_positions(2), "a, i"),
    Record("a[1:, i]", with_positions(2), "a, i"),
    Record("a[::-1, None, i]", with_positions(2), "a, i"),
    Record("a[i, None, i]", with_positions(2), "a, i"),
    Record("a[i, -1]", with_positions(2), "a, i"),
    Record("a[i, :, 1]", with_positions(3), "a, i"),
    Record("a[1, :, i]", with_positions(3), "a, i"),
    Record("a[:, 1, i]", with_positions(3), "a, i"),
    Record("a[:, i, i]", with_positions(3), "a, i"),
    Record("a[i, :2, i]", with_positions(3), "a, i"),
    Record("a[i[:, None], i]", fixed((MATRIX, np.array([0, 2, 1])), (THREE_AXES, np.array([1, 0]))), "a, i"),
    Record("a[m]", pairs(mask_of), "a, m"),
    Record("a[m, ...]", pairs(mask_of), "a, m"),
    Record("a[m]", fixed((MATRIX, np.array([True, False, True])), (THREE_AXES, THREE_AXES[:, :, 0] > 0)), "a, m"),
    Record("a[:, m]", fixed((MATRIX, MATRIX[0] > 0), (THREE_AXES, THREE_AXES[0] > 0), (MATRIX, np.array([True]))), "a, m"),
    Record("a[m, 1:]", fixed((MATRIX, MATRIX[:, 0] > 0), (MATRIX, np.zeros(3, np.bool_))), "a, m"),
    Record("a[m, i]", fixed((MATRIX, MATRIX[:, 0] > 0, np.array([1])), (MATRIX, np.ones(3, np.bool_), np.arange(3))), "a, m, i"),
    Record("a[m]", fixed((MATRIX, True), (MATRIX, False), (np.array(3.0), True), (MATRIX, np.array(True))), "a, m"),
    Record("a[m, 1]", fixed((MATRIX, True), (MATRIX, False)), "a, m"),
    Record("a[np.ix_(i, j)]", fixed((MATRIX, np.array([0, 2]), np.array([1, 3, 3])), (MATRIX, MATRIX[:, 0] > 0, MATRIX[0] > 0)), "a, i, j"),
    Record("np.ix_((0, 2), i)", fixed((np.array([1, 2]),), (np.array([], np.int64),)), "i"),
    Record("a[np.nonzero(a)]", Arrays(shapes=WITH_EMPTY)),
    # Conditions.
    Record("np.where(a)", Arrays(shapes=WITH_EMPTY)),
    Record("np.where(m, a, a[..., ::-1])", pairs(mask_of), "a, m"),
    Record("np.where(a, a, b)", pairs(reversed_numbers), "a, b"),
    Record("np.where(a, a, 0)", Arrays(shapes=WITH_EMPTY)),
    Record("np.where(a, 1, 2.5)", Arrays(shapes=WITH_EMPTY)),
    Record("np.where(m, a, b)", fixed((True, MATRIX, 1.0), (MATRIX > 0, MATRIX, np.arange(4)), (MATRIX > 0, MATRIX, np.arange(3))), "m, a, b"),
    Record("np.nonzero(a)", Arrays(shapes=(*WITH_EMPTY, (1000,)))),
    Record("a.nonzero()", Arrays(shapes=SHAPES)),
    Record("np.flatnonzero(a)", Arrays(shapes=(*WITH_EMPTY, (), (1000,)))),
    Record("np.argwhere(a)", Arrays(shapes=(*WITH_EMPTY, ()))),
    Record("np.extract(m, a)", pairs(mask_of), "a, m"),
    Record("np.compress(m, a)", fixed((MATRIX, np.array([True, False, True])), (MATRIX, np.zeros(13, np.bool_)), (MATRIX, np.ones(13, np.bool_))), "a, m"),
    Record("np.compress(m, a, axis=x)", fixed((np.array([0, 2]), MATRIX, 1), (np.array([0, 2]), MATRIX, 0), (np.array([0, 0, 0, 1]), MATRIX, 0)), "m, a, x"),
    Record("a.compress((True, False, True), 0)", fixed((MATRIX,), (MATRIX.T,))),
    Record("np.select((a > 3, a > 1), (a, a * 2.5))", Arrays([np.int64, np.float64, np.float32], WITH_EMPTY)),
    Record("np.select((a > 3, a[0] > 1), (7, a), default=-1)", Arrays([np.int8, np.float64], ((4, 5),), special=False)),
    Record("np.choose(i, (a, a[::-1] * 2.5))", fixed((NUMBERS, np.arange(4)), (NUMBERS, MATRIX), (NUMBERS + 2, np.arange(4)), (NUMBERS[:3], MATRIX)), "i, a"),
    Record("np.choose(i, (a, a + 1, 0), mode='wrap')", fixed((NUMBERS - 1, np.arange(4)), (NUMBERS + 5, MATRIX)), "i, a"),
    Record("i.choose((a, a + 1), mode='clip')", fixed((NUMBERS - 1, np.arange(4)), (NUMBERS + 5, MATRIX)), "i, a"),
    Record("np.choose(i, a)", fixed((NUMBERS, MATRIX), (np.array([[0], [1]]), MATRIX), (NUMBERS + 9, MATRIX), (NUMBERS, np.arange(3)), (1, MATRIX)), "i, a"),
    # Positions.
    Record("np.take(a, i)", with_positions(), "a, i"),
    Record("a.take(i, 0)", with_positions(), "a, i"),
    Record("np.take(a, i, axis=-1)", with_positions(), "a, i"),
    Record("np.take(a, i, axis=x)", fixed((MATRIX, np.array([1]), 0), (MATRIX, np.array([1]), -1), (MATRIX, np.array([1]), 2)), "a, i, x"),
    Record("np.take(a, i, mode='wrap')", with_positions(), "a, i"),
    Record("np.take(a, i, 0, mode='clip')", with_positions(), "a, i"),
    Record("np.take(a, 1)", Arrays(shapes=SHAPES)),
    Record("np.take(a, 0, axis=0)", Arrays(shapes=SHAPES)),
    Record("np.take(a, ((0, 1), (1, 0)))", Arrays(shapes=SHAPES[1:])),
    Record("np.take(a, i, out=np.zeros(i.shape))", fixed((MATRIX, np.array([1, 2])), (MATRIX, np.array([[1, 2]]))), "a, i"),
    Record("np.take(a, i, out=np.zeros(3))", fixed((MATRIX, np.array([1, 2]))), "a, i"),
    Record("np.take_along_axis(a, np.argsort(a, axis=0, kind='stable'), 0)", Arrays(shapes=((7,), (4, 5), (3, 4, 5)))),
    Record("np.take_along_axis(a, i, -1)", fixed((MATRIX, np.array([[1, 2]])), (MATRIX[:1], np.zeros((3, 2), np.int8)), (MATRIX, np.array([[9]])), (MATRIX, np.zeros((2, 2), np.int64))), "a, i"),
    Record("np.take_along_axis(a, i, None)", fixed((MATRIX, np.array([11, -1]))), "a, i"),
    Record("np.ravel_multi_index((i, j), (3, 4))", fixed((np.array([0, 2]), np.array([3, 0])), (np.array([[0], [1]]), 2), (1, 2), (1, 4), (np.array([-1]), np.array([0]))), "i, j"),
    Record("np.ravel_multi_index((i, j), (3, 4), 'wrap', 'F')", fixed((np.array([-1, 10]), np.array([9, -9]))), "i, j"),
    Record("np.ravel_multi_index((i, j), (3, 4), mode='clip')", fixed((np.array([-1, 10]), np.array([9, -9]))), "i, j"),
    Record("np.ravel_multi_index(a, (3, 4))", fixed((np.array([[0, 1], [2, 3]]),), (np.array([[0, 1]]),))),
    Record("np.unravel_index(i, (3, 4))", fixed((np.array([0, 5, 11]),), (np.array([[0, 5]], np.uint8),), (7,), (12,), (np.array([0, -1]),)), "i"),
    Record("np.unravel_index(i, (2, 2, 3), order='F')", fixed((np.array([0, 5, 11]),)), "i"),
    Record("np.unravel_index(i, 12)", fixed((np.array([0, 5, 11]),), (7,)), "i"),
    # Diagonals and triangles.
    Record("np.diagonal(a)", Arrays(shapes=((4, 5), (3, 4, 5), (0, 3)), special=False)),
    Record("np.diagonal(a, k)", lambda: [(MATRIX, k) for k in (-9, -1, 0, 2, 9)], "a, k"),
    Record("a.diagonal(1, 0, -1)", Arrays(shapes=((4, 5), (3, 4, 5)), special=False)),
    Record("np.tril(a)", Arrays(shapes=((4,), (4, 5), (3, 4, 5), (0, 3)))),
    Record("np.triu(a, k)", lambda: [(MATRIX, k) for k in (-9, -1, 0, 2, 9)] + [(THREE_AXES.T, 1)], "a, k"),
    Record("np.tril_indices(n, k, m)", lambda: [(n, k, m) for n in (0, 1, 4) for k in (-2, 0, 7) for m in (0, 2, 5)], "n, k, m"),
    Record("np.triu_indices(n, k)", lambda: [(n, k) for n in (0, 1, 4) for k in (-2, 0, 7)], "n, k"),
    Record("np.tril_indices_from(a, 1)", fixed((MATRIX,))),
    Record("np.triu_indices_from(a)", fixed((MATRIX,))),
    Record("np.diag_indices(n)", fixed((0,), (3,)), "n"),
    Record("np.diag_indices(n, 3)", fixed((3,)), "n"),
    Record("np.diag_indices_from(a)", fixed((MATRIX,), (MATRIX[:, :3],))),
]

"""What the records of joining, splitting and rearranging do not say: errors, views, memory."""

import numpy as np
import pytest
import rumba
from rumba import njit

MATRIX = np.arange(12.0).reshape(3, 4)


def test_blocks_in_nested_tuples():
    @njit
    def f(a, b):
        return np.block(((a, a[:, :1]), (b, 7))), np.block((b[0], 1, 2.5)), np.block(a)

    row = np.arange(4)[None] * 2
    result = f(MATRIX, row)
    np.testing.assert_array_equal(result[0], np.block([[MATRIX, MATRIX[:, :1]], [row, np.array([[7]])]]))
    np.testing.assert_array_equal(result[1], np.block([row[0], 1, 2.5]))
    np.testing.assert_array_equal(result[2], MATRIX)
    assert not np.shares_memory(result[2], MATRIX)


def test_parts_are_views():
    @njit
    def f(a):
        top, bottom = np.vsplit(a, (1,))
        top[0, 0] = -1
        np.flip(bottom)[0, 0] = -2
        np.rot90(a)[0, 0] = -3

    a = MATRIX.copy()
    f(a)
    expected = MATRIX.copy()
    expected[0, 0], expected[2, 3], expected[0, 3] = -1, -2, -3
    np.testing.assert_array_equal(a, expected)


def test_axis_out_of_bounds_at_run_time():
    @njit
    def f(a, axis):
        return np.split(a, 2, axis)

    with pytest.raises(IndexError):
        f(MATRIX, 2)


def test_what_types_decide_is_refused_when_compiling():
    a, b = MATRIX, MATRIX[0]
    for f, args in [
        (lambda a, b: np.concatenate((a, b)), (a, b)),
        (lambda a, b: np.concatenate(()), (a, b)),
        (lambda a, b: np.concatenate(a), (a, b)),
        (lambda a, b: np.stack((a, b)), (a, b)),
        (lambda a, b: np.stack((a, a), axis=3), (a, b)),
        (lambda a, b: np.split(a, len(b)), (a, b)),
        (lambda a, b: np.split(a, 0), (a, b)),
        (lambda a, b: np.vsplit(b, 2), (a, b)),
        (lambda a, b: np.repeat(a, b), (a, b)),
        (lambda a, b: np.insert(b, 0, a), (a, b)),
        (lambda a, b: np.delete(a, 1.5), (a, b)),
        (lambda a, b: np.fliplr(b), (a, b)),
        (lambda a, b: np.rot90(b), (a, b)),
        (lambda a, b: np.rot90(a, axes=(0, 0)), (a, b)),
        (lambda a, b: np.pad(a, 1, "spiral"), (a, b)),
        (lambda a, b: np.concatenate((a, a), dtype=np.int64), (a, b)),
        (lambda a, b: np.round(a > 0), (a, b)),
        (lambda a, b: np.clip(a, 1), (a, b)),
        (lambda a, b: np.clip(a.astype(np.uint8), 300, None), (a, b)),
        (lambda a, b: np.isposinf(a + 1j), (a, b)),
        (lambda a, b: np.convolve(a, b), (a, b)),
        (lambda a, b: np.convolve(b, b, "other"), (a, b)),
        (lambda a, b: np.unwrap(a > 0), (a, b)),
        (lambda a, b: np.meshgrid(b, b, indexing="x"), (a, b)),
        (lambda a, b: np.geomspace(1, 2j), (a, b)),
        (lambda a, b: np.moveaxis(a, 0, 2), (a, b)),
        (lambda a, b: a[:, ::2].ravel("K"), (a, b)),
        (lambda a, b: np.diag(a[None]), (a, b)),
    ]:
        with pytest.raises(rumba.TypingError):
            njit(f)(*args)


def test_in_place_of_a_read_only_array():
    a = MATRIX.copy()
    a.flags.writeable = False
    for f in (lambda a: np.nan_to_num(a, copy=False), lambda a: np.clip(a, 0, 1, out=a), lambda a: np.round(a, out=a)):
        with pytest.raises(rumba.TypingError):
            njit(f)(a)


def test_in_place():
    @njit
    def f(a):
        return np.nan_to_num(a, copy=False)

    a = np.array([1.0, np.nan, np.inf])
    result = f(a)
    assert np.shares_memory(a, result)
    np.testing.assert_array_equal(a, [1.0, 0.0, np.finfo(float).max])


def test_widths_beyond_any_array():
    @njit
    def f(a, n):
        return np.pad(a, n)

    with pytest.raises(ValueError):
        f(MATRIX, 2**62)


def test_results_own_their_memory():
    @njit
    def f(a):
        total = 0.0
        for _ in range(20):
            b = np.concatenate((a, np.roll(a, 1)))
            c = np.insert(np.delete(b, 1, axis=0), 2, 7.0, axis=0)
            d, e = np.split(np.tile(np.pad(c, 1), 2), 2, axis=1)
            total += d[0, 0] + e[-1, -1]
        return total

    f(MATRIX)
    before = rumba._core.live_allocations()
    f(MATRIX)
    assert rumba._core.live_allocations() == before

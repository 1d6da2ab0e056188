"""Sorting, searching what is sorted, and sets."""

import numpy as np

from .records import ALL, Arrays, Record, layouts, values

SHAPES = ((1,), (7,), (1000,), (4, 5), (150, 3), (3, 4, 5))
EMPTY = ((0,), (0, 3), (3, 0))
FEW = ((1,), (30,), (4, 5))


def few_values(dtype, shape, seed=0):
    """As `values`, with many that are equal."""
    array = values(dtype, shape, seed)
    return np.round(array / 20 if np.dtype(dtype).kind != "b" else array).astype(dtype)


def repeating(*shapes, nans=True):
    def make():
        for dtype in ALL:
            for shape in shapes:
                yield from ((view,) for view in layouts(few_values(dtype, shape)))
            if nans and np.dtype(dtype).kind in "fc":
                array = few_values(dtype, (20,))
                array[::4] = np.nan
                yield (array,)
                if np.dtype(dtype).kind == "c":
                    array[1], array[2] = complex(np.nan, 1), complex(1, np.nan)
                    yield (array,)

    return make


def two_sets():
    for dtype in ALL:
        for other in (dtype, np.int16, np.float64):
            # Beyond 2**53 NumPy compares integers of 64 bits as floats, with themselves, too.
            yield few_values(dtype, (30,)), few_values(other, (20,), seed=1)
        yield few_values(dtype, (4, 5)), few_values(dtype, (0,))
    yield np.array([1.0, np.nan, np.nan, 2.0]), np.array([np.nan, 2.0])
    yield np.array([10**9, 5, -(10**9)]), np.array([5, 10**12])


def distinct_sets():
    for first, second in two_sets():
        if not (first.dtype.kind == "f" and np.isnan(first).any()):
            yield np.unique(first)[::-1].copy(), np.unique(second)


def searched():
    for dtype in ALL:
        array = np.sort(few_values(dtype, (30,)))
        yield array, few_values(dtype, (4, 5), seed=2)
        yield array, values(np.float64, (7,))
        yield array, array[3]
        yield array, 3
        yield array[::2], array[:0]
        yield array[:0], array
    yield np.array([1.0, 2.0, np.nan]), np.array([0.0, 2.0, 5.0, np.nan])


def partitioned():
    for dtype in ALL:
        for shape in ((1,), (30,), (4, 5), (3, 4, 5)):
            for view in layouts(values(dtype, shape)):
                if view.shape[-1]:
                    yield view, -1
                    yield view, view.shape[-1] // 2
    yield np.array([3.0, np.nan, 1.0, np.nan]), 1
    yield np.array([3.0, 1.0]), 2


RECORDS = [
    Record("np.sort(a)", Arrays(shapes=SHAPES + EMPTY)),
    Record("np.sort(a, kind='stable')", Arrays(shapes=SHAPES)),
    Record("np.sort(a, axis=0)", Arrays(shapes=SHAPES)),
    Record("np.sort(a, axis=None)", Arrays(shapes=SHAPES)),
    Record("np.sort(a)", repeating(*FEW)),
    Record("np.argsort(a, kind='stable')", Arrays(shapes=SHAPES + EMPTY)),
    Record("np.argsort(a, kind='mergesort')", repeating(*FEW)),
    Record("a.argsort(0, stable=True)", repeating(*FEW)),
    Record("np.argsort(a, axis=None, stable=True)", repeating(*FEW)),
    Record("np.sort_complex(a)", repeating(*FEW)),
    Record("np.lexsort((a, b))", lambda: [(array, few_values(np.float32, array.shape, seed=5)) for (array,) in repeating(*FEW)()], "a, b"),
    Record("np.lexsort(a)", repeating((4, 5), (3, 4, 5), nans=False)),
    Record("np.lexsort((a, b), axis=0)", lambda: [(few_values(np.int8, (5, 4)), few_values(np.uint8, (5, 4), 1)), (np.arange(3), np.arange(4))], "a, b"),
    # What sorting does not move, and that the rest is what is smaller and larger.
    Record("np.partition(a, k)[..., k]", partitioned, "a, k"),
    Record("np.sort(np.partition(a, k)[..., :k])", partitioned, "a, k"),
    Record("np.take_along_axis(a, np.argpartition(a, k), -1)[..., k]", partitioned, "a, k"),
    Record("np.sort(a.argpartition(k))", partitioned, "a, k"),
    Record("np.partition(a, (1, 3))[1:4:2]", lambda: [(np.array([5, 3, 8, 1, 9.0]),), (np.array([2, 1]),)]),
    Record("np.searchsorted(a, v)", searched, "a, v"),
    Record("a.searchsorted(v, 'right')", searched, "a, v"),
    Record("np.searchsorted(a, v, sorter=s)", lambda: [(np.array([3, 1, 2]), np.array([0, 2, 9]), np.array([1, 2, 0])), (np.array([3, 1]), np.array([0]), np.array([0])), (np.array([3, 1]), np.array([0]), np.array([0, 9]))], "a, v, s"),
    Record("np.unique(a)", repeating(*FEW, *EMPTY)),
    Record("np.unique(a)", Arrays(shapes=SHAPES)),
    Record("np.unique(a, return_index=True)", repeating(*FEW, *EMPTY)),
    Record("np.unique(a, False, True)", repeating(*FEW, *EMPTY)),
    Record("np.unique(a, return_counts=True)", repeating(*FEW, *EMPTY)),
    Record("np.unique(a, True, True, True)", repeating(*FEW)),
    Record("np.unique(a, equal_nan=False)", repeating(*FEW)),
    Record("np.unique(a, axis=0)", repeating((30, 2), (3, 4, 2), (0, 3), nans=False)),
    Record("np.unique(a, True, True, True, axis=-1)", repeating((2, 30), (2, 2, 9), nans=False)),
    Record("np.sort(np.unique_values(a))", repeating(*FEW, nans=False)),
    Record("np.union1d(a, b)", two_sets, "a, b"),
    Record("np.intersect1d(a, b)", two_sets, "a, b"),
    Record("np.intersect1d(a, b, return_indices=True)", two_sets, "a, b"),
    Record("np.intersect1d(a, b, assume_unique=True)", distinct_sets, "a, b"),
    Record("np.setxor1d(a, b)", two_sets, "a, b"),
    Record("np.setxor1d(a, b, True)", distinct_sets, "a, b"),
    Record("np.setdiff1d(a, b)", two_sets, "a, b"),
    Record("np.setdiff1d(a, b, assume_unique=True)", distinct_sets, "a, b"),
    Record("np.isin(a, b)", two_sets, "a, b"),
    Record("np.isin(a, b, invert=True)", two_sets, "a, b"),
    Record("np.isin(a, (1, 2, 3))", repeating((4, 5))),
]

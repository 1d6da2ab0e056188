"""Joining, splitting, rearranging, reshaping."""

import numpy as np

from .records import ALL, COMPLEX, FLOATS, INTEGERS, ROUNDED, Arrays, Record, layouts, values

EMPTY = ((0,), (0, 3), (3, 0))
WITH_AXES = Arrays(shapes=((1,), (7,), (4, 5), (3, 4, 5)) + EMPTY)
ONE_AXIS = Arrays(shapes=((1,), (7,), (0,)))
TWO_AXES = Arrays(shapes=((4, 6), (3, 1), (0, 3), (3, 0)), special=False)
THREE_AXES = Arrays(shapes=((3, 4, 5), (2, 0, 3)), special=False)
EVERYTHING = Arrays(shapes=((), (1,), (7,), (4, 5), (3, 4, 5)) + EMPTY)


def pairs(*shapes):
    """Two arrays of these shapes, of every dtype and in every layout, and of two dtypes."""

    def make():
        for dtype in ALL:
            for shape, other in shapes:
                for a in layouts(values(dtype, shape)):
                    yield a, values(dtype, other, seed=2)
                yield values(dtype, shape), values(np.int16, other, seed=2)
                yield values(dtype, shape), values(np.float32, other[::-1], seed=2).T

    return make


def fixed(*inputs):
    return lambda: inputs


MATRIX = values(np.float64, (3, 4))
BLOCKS = values(np.int32, (2, 3, 4))
LINE = values(np.int64, (6,))
COMPUTING = ("maximum", "minimum", "mean", "median", "linear_ramp")
SUMMED = "means are summed in double precision, in order"
POWERS = "elementary functions of another library"

JOINING = [
    Record("np.concatenate((a, b))", pairs(((4,), (3,)), ((4, 5), (2, 5)), ((0,), (3,))), "a, b"),
    Record("np.concatenate((a, b, a))", pairs(((4,), (3,)), ((4, 5), (2, 5)), ((3, 0), (2, 0))), "a, b"),
    Record("np.concatenate((a, b), axis=1)", pairs(((4, 5), (4, 1)), ((4, 5, 2), (4, 0, 2))), "a, b"),
    Record("np.concatenate((a, b), axis=-1)", pairs(((4, 5), (4, 1)), ((2, 3, 4), (2, 3, 2))), "a, b"),
    Record("np.concatenate((a, b), axis=None)", pairs(((4, 5), (3,)), ((0,), (2, 2)), ((), (2,))), "a, b"),
    Record("np.concatenate((a, b), k)", fixed((MATRIX, MATRIX, 0), (MATRIX, MATRIX, -1), (MATRIX, MATRIX, 2)), "a, b, k"),
    Record("np.concatenate((a, b), dtype=np.float64, casting='unsafe')", pairs(((4,), (3,)),), "a, b"),
    Record("np.concat((a, b))", pairs(((4,), (3,))), "a, b"),
    Record("np.concatenate((a, a[1:]), out=np.zeros(11, np.complex128))", fixed((LINE,), (LINE * 1.5,))),
    Record("np.concatenate((a, a), out=np.zeros(11))", fixed((LINE,),)),
    Record("np.concatenate((a, (1, 2.5)))", ONE_AXIS),
    Record("np.stack((a, b))", pairs(((4,), (4,)), ((4, 5), (4, 5)), ((), ()), ((0,), (0,)), ((2,), (3,))), "a, b"),
    Record("np.stack((a, b), axis=-1)", pairs(((4,), (4,)), ((4, 5), (4, 5)), ((), ())), "a, b"),
    Record("np.stack((a, b), 1)", pairs(((4,), (4,)), ((4, 5), (4, 5))), "a, b"),
    Record("np.vstack((a, b))", pairs(((4,), (4,)), ((4,), (3, 4)), ((2, 4), (3, 4)), ((2, 3, 4), (1, 3, 4))), "a, b"),
    Record("np.hstack((a, b))", pairs(((4,), (3,)), ((2, 4), (2, 3)), ((), (3,))), "a, b"),
    Record("np.hstack((a, 1, 2.5))", ONE_AXIS),
    Record("np.dstack((a, b))", pairs(((4,), (4,)), ((2, 4), (2, 4)), ((2, 3, 4), (2, 3, 1)), ((), ())), "a, b"),
    Record("np.column_stack((a, b))", pairs(((4,), (4,)), ((4,), (4, 3)), ((4, 2), (4, 3))), "a, b"),
    Record("np.append(a, b)", pairs(((4,), (3,)), ((4, 5), (2,)), ((), ())), "a, b"),
    Record("np.append(a, 1.5)", EVERYTHING),
    Record("np.append(a, b, axis=0)", pairs(((4,), (3,)), ((4, 5), (2, 5)), ((4, 5), (2, 4))), "a, b"),
    Record("np.append(a, b, axis=1)", pairs(((4, 5), (4, 2))), "a, b"),
    Record("np.resize(a, (3, 4))", EVERYTHING),
    Record("np.resize(a, 11)", EVERYTHING),
    Record("np.resize(a, n)", fixed((LINE, 0), (LINE, 3), (LINE, -1)), "a, n"),
]

SPLITTING = [
    Record("np.split(a, 2)", WITH_AXES),
    Record("np.split(a, 2, axis=-1)", WITH_AXES),
    Record("np.split(a, 3, k)", fixed((MATRIX, 0), (MATRIX, 1), (MATRIX, -2)), "a, k"),
    Record("np.split(a, (1, 3, 2, -1, 99))", WITH_AXES),
    Record("np.split(a, (i, j), axis=1)", fixed(*[(MATRIX, i, j) for i in (-9, 0, 2, 9) for j in (-1, 1, 3)]), "a, i, j"),
    Record("np.array_split(a, 3)", WITH_AXES),
    Record("np.array_split(a, 3, 1)", TWO_AXES),
    Record("np.hsplit(a, 2)", WITH_AXES),
    Record("np.vsplit(a, 2)", TWO_AXES),
    Record("np.dsplit(a, (2,))", THREE_AXES),
]

REARRANGING = [
    Record("np.repeat(a, 3)", EVERYTHING),
    Record("a.repeat(2, axis=0)", WITH_AXES),
    Record("np.repeat(a, 2, axis=-1)", WITH_AXES),
    Record("np.repeat(a, (1, 0, 2), 0)", Arrays(shapes=((3,), (3, 4), (3, 0)), special=False)),
    Record("np.repeat(a, n, 1)", fixed(*[(MATRIX, n) for n in (np.array([1, 2, 0, 3]), np.array([2]), np.array([1, 2]), np.array([1, -1, 0, 0]))]), "a, n"),
    Record("np.repeat(a, n, k)", fixed((MATRIX, 2, 0), (MATRIX, 0, 1), (MATRIX, -1, 0), (MATRIX, 2, 2)), "a, n, k"),
    Record("np.tile(a, 2)", EVERYTHING),
    Record("np.tile(a, (2, 3))", EVERYTHING),
    Record("np.tile(a, (2, 1, 2, 1))", EVERYTHING),
    Record("np.tile(a, n)", fixed((LINE, 0), (LINE, 5), (MATRIX, 1)), "a, n"),
    Record("np.roll(a, 2)", EVERYTHING),
    Record("np.roll(a, -1, axis=0)", WITH_AXES),
    Record("np.roll(a, (1, -2), axis=(0, 1))", TWO_AXES),
    Record("np.roll(a, 1, axis=(0, 2))", THREE_AXES),
    Record("np.roll(a, (1, 2), axis=(1, 1))", TWO_AXES),
    Record("np.roll(a, n, k)", fixed(*[(BLOCKS, n, k) for n in (-99, -1, 0, 1, 5) for k in (0, 1, -1, 3)]), "a, n, k"),
    Record("np.flip(a)", EVERYTHING),
    Record("np.flip(a, 0)", WITH_AXES),
    Record("np.flip(a, axis=(0, -1))", TWO_AXES),
    Record("np.flip(a, k)", fixed((BLOCKS, 0), (BLOCKS, 1), (BLOCKS, -1), (BLOCKS, 3)), "a, k"),
    Record("np.flipud(a)", WITH_AXES),
    Record("np.fliplr(a)", TWO_AXES),
    *[Record(f"np.rot90(a, {k})", TWO_AXES) for k in (-1, 0, 1, 2, 3)],
    Record("np.rot90(a, k, axes=(2, 0))", fixed(*[(BLOCKS, k) for k in range(-2, 6)]), "a, k"),
    Record("np.delete(a, 0)", WITH_AXES),
    Record("np.delete(a, -1, axis=0)", WITH_AXES),
    Record("np.delete(a, slice(None, None, 2), axis=-1)", WITH_AXES),
    Record("np.delete(a, slice(3, 0, -1))", WITH_AXES),
    Record("np.delete(a, n)", fixed(*[(LINE, np.array(n, dtype)) for dtype in INTEGERS for n in ([0, 2], [1, 1], [], [5], [6])], (LINE, -6), (LINE, -7), (LINE, LINE > 0), (LINE, LINE[1:] > 0)), "a, n"),
    Record("np.delete(a, n, k)", fixed(*[(MATRIX, np.array([0, -1]), k) for k in (0, 1, -1, 2)], (MATRIX, 1, 1)), "a, n, k"),
    Record("np.insert(a, 1, 5)", Arrays(shapes=((1,), (7,), (4, 5)))),
    Record("np.insert(a, -1, 5, axis=0)", Arrays(shapes=((1,), (7,), (4, 5), (3, 4, 5)))),
    Record("np.insert(a, 2, b, axis=1)", fixed((MATRIX, np.arange(3)), (MATRIX, 1.5), (MATRIX, np.array([7])), (MATRIX, np.arange(4))), "a, b"),
    Record("np.insert(a, 2, b, axis=1)", fixed((BLOCKS, np.arange(8).reshape(2, 4)), (BLOCKS, np.arange(24).reshape(3, 2, 4))), "a, b"),
    Record("np.insert(a, (1, 3), b, axis=0)", fixed((MATRIX, np.arange(4)), (MATRIX, 2), (MATRIX, np.arange(8.0).reshape(2, 4)), (MATRIX, np.arange(3))), "a, b"),
    Record("np.insert(a, n, b)", fixed(*[(LINE, np.array(n), b) for n in ([0, 2], [2, 0, 2], [6, 6], [-1, -1], [1], [6], [9], [-9], [-6, 3]) for b in (5, 2.7, np.array([1, 2]), np.array([1, 2, 3]))]), "a, n, b"),
    Record("np.insert(a, slice(1, 4), 9)", ONE_AXIS),
    Record("np.insert(a, a > 0, 9)", fixed((LINE,),)),
    Record("np.pad(a, 2)", WITH_AXES),
    *[Record(f"np.pad(a, (3, 1), '{mode}')", WITH_AXES) for mode in ("edge", "wrap", "reflect", "symmetric")],
    *[Record(f"np.pad(a, ((1, 0), (9, 13)), '{mode}')", TWO_AXES) for mode in ("edge", "wrap", "reflect", "symmetric")],
    *[Record(f"np.pad(a, {widths}, '{mode}', reflect_type='odd')", WITH_AXES) for mode in ("reflect", "symmetric") for widths in ("2", "(9, 13)", "(0, 1)")],
    Record("np.pad(a, ((1, 0), (9, 13)), 'reflect', reflect_type='odd')", TWO_AXES),
    Record("np.pad(a, ((1, 2), (0, 3)), constant_values=((1, 2), (3, 4)))", TWO_AXES),
    Record("np.pad(a, (1, 2), 'constant', constant_values=(1, 2))", WITH_AXES),
    *[Record(f"np.pad(a, (3, 1), '{mode}')", Arrays(ALL, ((1,), (7,), (4, 5), (3, 4, 5)), special=False), ulps=ROUNDED, reason=SUMMED) for mode in COMPUTING],
    *[Record(f"np.pad(a, ((1, 0), (9, 13)), '{mode}', stat_length=2)", TWO_AXES, ulps=ROUNDED, reason=SUMMED) for mode in COMPUTING[:4]],
    *[Record(f"np.pad(a, 2, '{mode}', stat_length=((1, 3), (2, 50)))", TWO_AXES, ulps=ROUNDED, reason=SUMMED) for mode in COMPUTING[:4]],
    *[Record(f"np.pad(a, 2, '{mode}')", fixed((np.zeros((0, 3)),), (np.array([1.0, np.nan, -2.0]),), (np.array([[1, 2]]),))) for mode in COMPUTING],
    *[Record(f"np.pad(a, 2, '{mode}', stat_length=n)", fixed((LINE, -1), (LINE, 1), (LINE, 3)), "a, n") for mode in COMPUTING[:4]],
    Record("np.pad(a, 2, 'maximum', stat_length=0)", fixed((LINE,))),
    Record("np.pad(a, (3, 4), 'linear_ramp', end_values=(7, -2.5))", Arrays(FLOATS + INTEGERS[::2] + COMPLEX, ((1,), (7,), (4, 5), (3, 4, 5)), special=False), ulps=4, reason="complex numbers are divided in parts"),
    Record("np.pad(a, n)", fixed((LINE, 3), (LINE, 0), (LINE, -1)), "a, n"),
    *[Record(f"np.trim_zeros(a, '{trim}')", fixed(*[(np.array(a),) for a in ([0, 0, 1, 0, 2, 0], [0, 0], [1], [0.0, -0.0, np.nan, 0.0])])) for trim in ("fb", "f", "b")],
]

RESHAPING = [
    *[Record(f"a.ravel('{order}'), a.flatten('{order}'), np.ravel(a, order='{order}')", WITH_AXES) for order in "CFA"],
    Record("a.ravel('K')", fixed((MATRIX,), (np.asfortranarray(MATRIX),), (LINE[::2],))),
    Record("a.reshape((-1, 2), order='F')", TWO_AXES),
    Record("np.reshape(a, (5, 2, 6), order='F')", Arrays(shapes=((3, 4, 5),), special=False)),
    Record("a.reshape(2, n, order='F')", fixed((MATRIX, -1), (MATRIX, 6), (MATRIX, 5)), "a, n"),
    Record("np.reshape(a, (4, 3), order='A')", fixed((MATRIX,), (np.asfortranarray(MATRIX),))),
    Record("np.atleast_1d(a), np.atleast_2d(a), np.atleast_3d(a)", EVERYTHING),
    Record("np.atleast_2d(a, 1, a)", EVERYTHING),
    Record("np.moveaxis(a, 0, -1)", WITH_AXES),
    Record("np.moveaxis(a, (0, 2), (1, 0))", THREE_AXES),
    Record("np.rollaxis(a, 2), np.rollaxis(a, 0, 3), np.rollaxis(a, 1, 1), np.rollaxis(a, -1, 1)", THREE_AXES),
    Record("np.matrix_transpose(a), a.mT", THREE_AXES),
    Record("np.matrix_transpose(a), a.mT", TWO_AXES),
    Record("np.broadcast_arrays(a, b)", pairs(((4,), (3, 1)), ((), (2,)), ((2, 3), (2, 1))), "a, b"),
    Record("np.broadcast_arrays(a, 1)", EVERYTHING),
    Record("np.broadcast_shapes((a, 1), (1, b), 3)", fixed((2, 3), (2, 1), (0, 3), (2, 4)), "a, b"),
    Record("np.lib.stride_tricks.sliding_window_view(a, 3)", fixed((LINE,), (LINE[::-2],), (LINE[:2],))),
    Record("np.lib.stride_tricks.sliding_window_view(a, (2, n))", fixed((MATRIX, 2), (MATRIX.T, 3), (MATRIX, 5), (MATRIX, -1)), "a, n"),
    Record("np.lib.stride_tricks.sliding_window_view(a, 2, axis=1)", THREE_AXES),
]

CREATION = [
    Record("np.array((a, a))", EVERYTHING),
    Record("np.array(((a, 1 * a), (a, a[::-1])))", ONE_AXIS),
    Record("np.array((a, (1, 2, 3), b))", pairs(((3,), (3,))), "a, b"),
    Record("np.array((a, a), dtype=np.complex128, order='F')", ONE_AXIS),
    Record("np.diag(a), np.diag(a, 1), np.diag(a, -2)", ONE_AXIS),
    Record("np.diag(a), np.diag(a, 1), np.diag(a, -2), np.diag(a, 9)", TWO_AXES),
    Record("np.diagflat(a), np.diagflat(a, 2)", EVERYTHING),
    Record("np.tri(n), np.tri(n, 4), np.tri(n, 4, 1), np.tri(n, 4, -1, dtype=np.int32)", fixed((0,), (1,), (3,), (5,)), "n"),
    Record("np.vander(a)", Arrays(shapes=((4,), (1,), (0,)), special=False), ulps=4, reason="powers one after the other"),
    Record("np.vander(a, 3), np.vander(a, 4, increasing=True), np.vander(a, n)", fixed((LINE, 0), (LINE, 1), (LINE[::2], 2), (LINE, -1)), "a, n"),
    Record("np.indices((2, n)), np.indices((n,)), np.indices((3, n, 2), np.float32)", fixed((0,), (1,), (4,)), "n"),
    Record("np.meshgrid(a, a[:1])", ONE_AXIS),
    Record("np.meshgrid(a, b)", pairs(((3,), (4,)), ((1,), (0,))), "a, b"),
    Record("np.meshgrid(a, b, b, indexing='ij')", pairs(((3,), (4,))), "a, b"),
    Record("np.meshgrid(a, b, b, sparse=True)", pairs(((3,), (4,))), "a, b"),
    Record("np.meshgrid(a, 1)", ONE_AXIS),
    Record("np.logspace(0.5, 2)", fixed((0,)), ulps=16, reason=POWERS),
    Record("np.logspace(a, 2, n, endpoint=False, base=b)", fixed((0, 5, 2), (-1.5, 1, 3.5), (0, 0, 2), (1, 7, 0.5)), "a, n, b", ulps=16, reason=POWERS),
    Record("np.logspace(0, 3, 4, dtype=np.int64)", fixed((0,))),
    Record("np.geomspace(a, b, n)", fixed((1, 1000, 4), (2.5, 0.1, 7), (-1, -1000, 3), (1, 2, 1), (1, 2, 0), (0, 1, 3), (1, 0, 3), (1, 2, -1)), "a, b, n", ulps=16, reason=POWERS),
    Record("np.geomspace(a, b, 5, endpoint=False)", fixed((1, 1000), (3.0, 3.0)), "a, b", ulps=16, reason=POWERS),
    Record("np.bartlett(n), np.blackman(n), np.hamming(n), np.hanning(n)", fixed((0,), (1,), (2,), (9,), (-3,), (10,)), "n", ulps=16, reason=POWERS),
    Record("np.kaiser(n, b)", fixed((0, 3.5), (1, 2), (9, 14.0), (10, 0)), "n, b", ulps=16, reason=POWERS),
    Record("np.i0(a)", Arrays(dtypes=(np.float64, np.int32), shapes=((7,), (4, 5), (0,)), special=False), ulps=16, reason=POWERS),
]

RECORDS = [*RESHAPING, *CREATION, *JOINING, *SPLITTING, *REARRANGING]
